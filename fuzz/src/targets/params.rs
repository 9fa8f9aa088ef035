//! Forms and query strings: what is read is exactly what was sent, once (I2, SEC-075..079, SEC-095).

use crate::target::{Outcome, gist};
use crate::world::reference;
use quittance_core::params::{FIELDS_MAX, NAME_BYTES_MAX, Params, VALUE_BYTES_MAX};
use quittance_core::sign::presign;

pub(super) fn check(input: &[u8]) -> Outcome {
    let read = match Params::parse(input) {
        Ok(read) => read,
        Err(error) => return Outcome::refused(gist(&error.to_string())),
    };
    let fields = reference::fields(input).expect("what is accepted can be read in one way only");
    assert_eq!(read.len(), fields.len(), "nothing is left out");
    assert!(read.len() <= FIELDS_MAX);
    for (name, value) in read.iter() {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        assert!((1..=NAME_BYTES_MAX).contains(&name.len()) && name.bytes().all(plain));
        assert!(value.len() <= VALUE_BYTES_MAX && !value.contains(&0));
        assert_eq!(fields.get(name.as_bytes()).map(Vec::as_slice), Some(value));
        assert_eq!(
            read.get(name),
            Some(value),
            "the value is the one under its name"
        );
    }
    let wire = read.to_wire();
    let again = Params::parse(wire.as_bytes()).expect("what is written can be read");
    assert!(again == read || again.iter().eq(read.iter()));
    assert_eq!(again.to_wire(), wire);
    assert_eq!(presign(&again), presign(&read));
    let blank = read.iter().any(|(_, value)| value.is_empty());
    let escaped = input.contains(&b'%');
    Outcome::accepted((read.len().min(20), blank, escaped))
}
