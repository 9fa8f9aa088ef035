//! The buyer's pages. They show state and amount only, in English and Chinese, and work without script.

mod confirm;
mod direct;
mod dress;
mod faults;
mod live;
mod message;
mod moment;
mod origin;
mod pace;
mod result;
mod state;
mod tiles;
mod watchers;

pub use dress::{Dress, Visit, remember_language};
pub use message::{Unreadable, not_readable};
pub use pace::Pace;
pub use watchers::Watchers;

use crate::app::App;
use crate::setup::AccountSetup;
use crate::store::Snapshot;
use axum::Router;
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use quittance_core::{Currency, Money};
use std::sync::{Arc, LazyLock};

/// The clothes of the buyer's pages.
static DRESS: LazyLock<Dress> = LazyLock::new(|| {
    Dress::new(
        concat!(
            include_str!("../../../../web/styles/tokens.css"),
            include_str!("../../../../web/styles/pay.css")
        ),
        include_str!("../../../../web/scripts/pay.js"),
    )
});

/// The routes of the buyer's pages.
pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/pay/{token}", get(confirm::show).post(confirm::choose))
        .route("/pay/{token}/checkout", post(confirm::send))
        .route("/pay/{token}/result", get(result::show))
        .route("/pay/{token}/completed", post(result::completed))
        .route("/pay/{token}/status", get(live::status))
        .route("/pay/{token}/stream", get(live::stream))
        .route("/direct/{account}", get(direct::show).post(direct::pay))
        .route("/unreadable/{why}", get(message::unreadable))
        .layer(middleware::from_fn(remember_language))
}

/// The name in an address. One that is no text leads to no page.
fn text(name: Result<Path<String>, PathRejection>) -> String {
    name.map(|Path(name)| name).unwrap_or_default()
}

async fn find<'a>(app: &'a App, token: &str) -> Option<(Snapshot, &'a AccountSetup)> {
    let order = app.store.order_by_token(token).await.ok().flatten()?;
    let account = app.account(&order.state.order.key.account)?;
    Some((order, account))
}

/// Who is paid, as buyers know him.
fn payee(account: &AccountSetup) -> &str {
    account
        .payee_name
        .as_deref()
        .unwrap_or(&account.policy.payee)
}

/// On to another page of ours, or of the cashier.
pub fn see_other(address: &str) -> Response {
    let location = HeaderValue::from_str(address).unwrap_or(HeaderValue::from_static("/"));
    (
        StatusCode::SEE_OTHER,
        [
            (header::LOCATION, location),
            (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        ],
    )
        .into_response()
}

/// The amount as people read it: thousands apart, the currency written out.
fn shown(amount: Money) -> String {
    let sign = if amount.currency == Currency::CNY {
        "¥"
    } else {
        ""
    };
    let decimal = amount.decimal();
    let whole = decimal.split('.').next().unwrap_or_default().len();
    let mut text = sign.to_owned();
    for (place, digit) in decimal.chars().enumerate() {
        if place > 0 && place < whole && (whole - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    format!("{text} {}", amount.currency)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_readable_however_large() {
        for (minor, expected) in [
            (1, "¥0.01 CNY"),
            (10_000, "¥100.00 CNY"),
            (123_456, "¥1,234.56 CNY"),
            (10_000_000_000, "¥100,000,000.00 CNY"),
        ] {
            assert_eq!(shown(Money::new(minor, Currency::CNY)), expected);
        }
        let yen = Currency::parse("JPY").unwrap();
        assert_eq!(shown(Money::new(1_234, yen)), "1,234 JPY");
    }
}
