//! Cursors: opaque to whoever gets them, checked when they come back.

use super::failure::Failure;
use data_encoding::BASE64URL_NOPAD;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A place in a list, as text.
pub(super) fn write<T: Serialize>(place: &T) -> Result<String, Failure> {
    let text = serde_json::to_vec(place).map_err(|error| Failure::Database(error.to_string()))?;
    Ok(BASE64URL_NOPAD.encode(&text))
}

/// A place in a list from its text.
pub(super) fn read<T: DeserializeOwned>(cursor: &str) -> Result<T, Failure> {
    let text = BASE64URL_NOPAD
        .decode(cursor.as_bytes())
        .map_err(|_| Failure::Cursor)?;
    serde_json::from_slice(&text).map_err(|_| Failure::Cursor)
}

/// A place in the event feed: `e` and its number.
pub(super) fn write_feed(pos: i64) -> String {
    format!("e{pos}")
}

/// A place in the event feed from its text. Only what [`write_feed`] writes is read.
pub(super) fn read_feed(cursor: &str) -> Result<i64, Failure> {
    let pos = cursor.strip_prefix('e').and_then(|text| text.parse().ok());
    pos.filter(|pos: &i64| *pos >= 0 && write_feed(*pos) == cursor)
        .ok_or(Failure::Cursor)
}
