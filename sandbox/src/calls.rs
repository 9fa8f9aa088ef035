//! What merchants and browsers call at the gateways' own addresses, as it is kept.

use crate::asked::Asked;
use crate::exchange::{Exchange, Kind};
use crate::faults::QueryKind;
use crate::gateway::Gateway;
use crate::order::{Key, Order};
use crate::remark::Fault;
use crate::routes::Inbound;
use crate::sandbox::{Refused, Sandbox};
use crate::trade::Trade;
use jiff::SignedDuration;
use quittance_core::Timestamp;
use quittance_core::http::{Method, Reply};

/// How much of a refused call is kept.
const REFUSED_BYTES_MAX: usize = 8 * 1024;

impl Sandbox {
    /// Keeps a call about this order, and what was answered.
    pub(crate) fn remember(
        &mut self,
        now: Timestamp,
        kind: Kind,
        key: &Key,
        request: &Inbound,
        reply: &Reply,
        faults: Vec<Fault>,
    ) {
        self.remember_for(now, kind, std::slice::from_ref(key), request, reply, faults);
    }

    /// The same, where the call is about several orders.
    pub(crate) fn remember_for(
        &mut self,
        now: Timestamp,
        kind: Kind,
        keys: &[Key],
        request: &Inbound,
        reply: &Reply,
        faults: Vec<Fault>,
    ) {
        self.keep_for(keys, heard(now, kind, request, reply, faults));
    }

    /// What a query about this order is answered, and the faults in it: `write` tells a trade, `none` that there is
    /// none.
    pub(crate) fn answer_query(
        &self,
        now: Timestamp,
        key: &Key,
        write: impl FnOnce(&Asked, &Trade) -> Reply,
        none: impl FnOnce() -> Reply,
    ) -> (Reply, Vec<Fault>) {
        let faults = self.faults_of(key).query;
        let order = self.orders.get(key);
        let stands = |order: &Order| match (faults.kind, faults.secs) {
            (QueryKind::Stale, 0) => order.before_payment(),
            (QueryKind::Stale, secs) => {
                let then = now.checked_sub(SignedDuration::from_secs(i64::from(secs)));
                then.ok().and_then(|then| order.as_of(then))
            }
            _ => order.trade.clone(),
        };
        let told = order.and_then(|order| Some((&order.asked, stands(order)?)));
        let (reply, fault) = match (faults.kind, told) {
            (QueryKind::Down, _) => return (Reply::new(500, ""), vec![Fault::Down]),
            (QueryKind::Garbage, _) => return (garbage(), vec![Fault::Garbage]),
            (kind, told) => {
                let stale = (kind == QueryKind::Stale).then_some(Fault::Stale(faults.secs));
                let reply = match (told, faults.amount) {
                    (Some((asked, trade)), None) => write(asked, &trade),
                    (Some((asked, trade)), Some(other)) => {
                        write(&asked.clone().with_amount(other), &trade)
                    }
                    (None, _) => none(),
                };
                (reply, stale)
            }
        };
        let amount = faults.amount.map(Fault::Amount);
        (reply, fault.into_iter().chain(amount).collect())
    }

    /// A refused call, which is not kept yet. `field` is where a call names its service.
    pub(crate) fn refused(
        &mut self,
        now: Timestamp,
        (gateway, field): (Gateway, &str),
        code: &'static str,
        request: &Inbound,
    ) -> Refused {
        let body: &[u8] = match request.method {
            Method::Get => &[],
            Method::Post => &request.body,
        };
        let service = service(&request.query, field).or_else(|| service(body, field));
        let mut kept = request.target().into_bytes();
        if !body.is_empty() {
            kept.extend_from_slice(b"\n\n");
            kept.extend_from_slice(body);
        }
        kept.truncate(REFUSED_BYTES_MAX);
        Refused {
            number: self.count(),
            at: now,
            gateway,
            service: service.unwrap_or_default(),
            code,
            request: kept,
        }
    }
}

/// A call that came in, and what was answered.
pub(crate) fn heard(
    now: Timestamp,
    kind: Kind,
    request: &Inbound,
    reply: &Reply,
    faults: Vec<Fault>,
) -> Exchange {
    let body = match request.method {
        Method::Get => Vec::new(),
        Method::Post => request.body.clone(),
    };
    let mut exchange = Exchange::new(now, kind, request.method, request.target(), body);
    exchange.status = Some(reply.status);
    exchange.reply.clone_from(&reply.body);
    exchange.faults = faults;
    exchange
}

/// What a broken proxy or a maintenance page in front of a gateway answers.
pub(crate) fn garbage() -> Reply {
    let page =
        "<html><head><title>Error</title></head><body><h1>The system is busy</h1></body></html>";
    let mut reply = Reply::new(200, page);
    reply.headers = vec![("content-type".into(), "text/html".into())];
    reply
}

/// The service that a call names in this field, of a form or of a JSON object, read leniently: it only decides what the
/// refusal looks like.
fn service(wire: &[u8], field: &str) -> Option<String> {
    let json: Option<serde_json::Value> = serde_json::from_slice(wire).ok();
    if let Some(named) = json.as_ref().and_then(|json| json.get(field)?.as_str()) {
        return Some(plain(named.as_bytes()));
    }
    let named = |part: &[u8]| {
        let value = part.strip_prefix(field.as_bytes())?;
        value.strip_prefix(b"=").map(<[u8]>::to_vec)
    };
    let service = wire.split(|byte| *byte == b'&').find_map(named)?;
    Some(plain(&service))
}

/// The first bytes as they can be shown.
fn plain(service: &[u8]) -> String {
    let shown = |byte: &u8| match byte.is_ascii_graphic() {
        true => char::from(*byte),
        false => '?',
    };
    service.iter().take(40).map(shown).collect()
}
