//! `/pay/{token}/result`: what became of the payment, and "Payment completed".

use super::message::no_page;
use super::moment::Moment;
use super::state::Shows;
use super::{DRESS, Visit, find, payee, see_other, shown, text};
use crate::app::App;
use crate::asking;
use askama::Template;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::{Method, StatusCode};
use axum::response::Response;
use quittance_core::derived::{Derived, derive};
use quittance_core::facts::Claim;
use quittance_core::gateway::Answer;
use quittance_core::{Lang, Money, OrderState, Timestamp};
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;

/// A page that waits, in a browser without script, shows itself again after this many seconds …
const REFRESH_SECS: u32 = 2;
/// … and so often: a minute in all.
const REFRESHES_MAX: u32 = 30;
/// How long the first showing waits for the gateway: a blink, since the page updates by itself.
const FIRST_PATIENCE: Duration = Duration::from_millis(700);
/// How long the later showings do, and the button.
const PATIENCE: Duration = Duration::from_secs(3);

#[derive(Template)]
#[template(path = "pay/result.html")]
struct ResultPage<'a> {
    lang: Lang,
    switch: String,
    /// The order's page, without what follows its token.
    here: String,
    state: Shows,
    /// Whether a terminal asks for the payment.
    at_terminal: bool,
    payee: &'a str,
    amount: String,
    refunded: String,
    paid_at: Option<Moment>,
    refunded_at: Option<Moment>,
    order_no: &'a str,
    trade_no: Option<&'a str>,
    /// After how many seconds a browser without script shows which showing.
    refresh: Option<(u32, u32)>,
    /// Where the buyer goes on to: the order's own `return_to`, or the account's `orders_url`.
    onward: Option<&'a str>,
}

/// What our own links say of the showings before.
#[derive(Clone, Copy, Default, Deserialize)]
pub(super) struct Shown {
    /// How many there were.
    #[serde(default)]
    n: u32,
    /// Whether the buyer pressed the button.
    #[serde(default)]
    asked: bool,
    /// Whether the gateway said nothing then.
    #[serde(default)]
    unheard: bool,
}

/// What became of it. While nothing is known, the gateway is asked.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    method: Method,
    token: Result<Path<String>, PathRejection>,
    before: Result<Query<Shown>, QueryRejection>,
    Visit { lang }: Visit,
) -> Response {
    let token = text(token);
    // What is not as we wrote it into our own links is a first showing.
    let before = before.map(|Query(before)| before).unwrap_or_default();
    let Some((mut order, account)) = find(&app, &token).await else {
        return no_page(lang);
    };
    let waits = Shows::settled(&order.state).is_none();
    if waits && before.n < REFRESHES_MAX && method != Method::HEAD {
        let patience = if before.n == 0 {
            FIRST_PATIENCE
        } else {
            PATIENCE
        };
        let asked = asking::ask_now(&app, account, &order.state.order.key, asking::Why::Waits);
        app.clock.within(patience, asked).await;
        if let Some((again, _)) = find(&app, &token).await {
            order = again;
        }
    }
    let state = &order.state;
    let derived = derive(state);
    let shows = Shows::derived(state, &derived).unwrap_or(before.unsettled());
    let ordered = &state.order;
    let counted = derived.trades.iter().find(|trade| trade.counted);
    let page = ResultPage {
        lang,
        switch: before.switch(lang),
        here: format!("{}/pay/{token}", app.setup.folder()),
        state: shows,
        at_terminal: state.pushed_at.is_some(),
        payee: payee(account),
        amount: shown(ordered.amount),
        refunded: shown(Money::new(derived.refunded, ordered.amount.currency)),
        paid_at: state.paid_at.map(Moment::of),
        refunded_at: refunded_at(state, &derived).map(Moment::of),
        order_no: &ordered.key.order_no,
        trade_no: counted.map(|trade| trade.trade_no.as_str()),
        refresh: (shows == Shows::Checking).then(|| (REFRESH_SECS, before.n + 1)),
        onward: ordered
            .return_to
            .as_deref()
            .or(account.orders_url.as_deref()),
    };
    DRESS.html(StatusCode::OK, &page, "")
}

/// "Payment completed": asks the gateway now, then shows what is known.
pub(super) async fn completed(
    State(app): State<Arc<App>>,
    token: Result<Path<String>, PathRejection>,
) -> Response {
    let token = text(token);
    let Some((order, account)) = find(&app, &token).await else {
        // Beside this address: it says that there is no such page.
        return see_other("result");
    };
    let mut answer = None;
    if Shows::settled(&order.state).is_none() {
        let asked = asking::ask_now(&app, account, &order.state.order.key, asking::Why::Pressed);
        answer = app.clock.within(PATIENCE, asked).await.flatten();
    }
    let shown = Shown {
        n: REFRESHES_MAX,
        asked: true,
        unheard: matches!(answer, None | Some(Answer::Unknown)),
    };
    let (folder, query) = (app.setup.folder(), shown.query());
    see_other(&format!("{folder}/pay/{token}/result?{query}"))
}

impl Shown {
    /// What is said while the facts settle nothing.
    fn unsettled(self) -> Shows {
        match self {
            Shown { n, .. } if n < REFRESHES_MAX => Shows::Checking,
            Shown { unheard: true, .. } => Shows::Unheard,
            Shown { asked: true, .. } => Shows::NotYet,
            Shown { asked: false, .. } => Shows::TimedOut,
        }
    }

    /// The same showing in the other language.
    fn switch(self, lang: Lang) -> String {
        let lang = lang.other().word();
        match self {
            Shown { n: 0, .. } => format!("?lang={lang}"),
            Shown { .. } => format!("?{}&lang={lang}", self.query()),
        }
    }

    /// As our own links say it.
    fn query(self) -> String {
        let Shown { n, asked, unheard } = self;
        let unheard = if unheard { "&unheard=true" } else { "" };
        format!("n={n}&asked={asked}{unheard}")
    }
}

/// When we heard of the last refund that counts.
fn refunded_at(state: &OrderState, derived: &Derived) -> Option<Timestamp> {
    let of_refunds = |claim: &Claim| match claim {
        Claim::RefundItem { succeeded, .. } => *succeeded,
        Claim::RefundedSoFar { .. } => true,
        _ => false,
    };
    let told = state
        .facts
        .counting(state.order.require)
        .filter(|(claim, _)| of_refunds(claim));
    // A claim that was told again says nothing new: its first telling is its time.
    let first = told.filter_map(|(_, sightings)| sightings.values().map(|seen| seen.at).min());
    first.max().filter(|_| derived.refunded > 0)
}
