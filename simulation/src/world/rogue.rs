//! People who want goods without paying, and what they send.

use super::World;
use super::contract::Contract;
use super::signing::{Side, signed_anew};
use crate::fault::Fault;
use quittance_core::facts::Proof;
use quittance_core::params::Params;
use std::sync::Arc;
use std::time::Duration;

/// A key of their own.
const ROGUE_KEY: &str = "rogue-rogue-rogue-rogue-rogue-00";
/// How the notify ids begin that somebody with our own key made up.
const MADE_UP: &str = "made-up-";
/// So often one message is hammered in.
const HAMMERED: u32 = 40;
const HAMMER_GAP: Duration = Duration::from_millis(200);

impl World {
    /// Somebody has seen a genuine notify: it may come again, and serve as a pattern.
    pub fn remember(self: &Arc<World>, contract: &Contract, path: &str, body: &[u8]) {
        for fault in [
            Fault::BadSignature,
            Fault::WrongKey,
            Fault::Foreign,
            Fault::Recut,
            Fault::RecutTwice,
            Fault::Hammered,
            Fault::KeyLeaked,
            Fault::Replayed,
        ] {
            if !self.fates.strikes(fault) {
                continue;
            }
            let (world, contract) = (self.clone(), contract.clone());
            let (path, body) = (path.to_owned(), body.to_vec());
            let wait = self.with_dice(|dice| {
                dice.wide_wait(Duration::from_millis(1), Duration::from_secs(60 * 3_600))
            });
            self.spawn(async move {
                world.clock.sleep(wait).await;
                world.attack(fault, &contract, &path, &body).await;
            });
        }
    }

    async fn attack(&self, fault: Fault, contract: &Contract, path: &str, body: &[u8]) {
        match fault {
            Fault::BadSignature => {
                let text = String::from_utf8_lossy(body);
                let sign =
                    self.with_dice(|dice| format!("sign={:032x}", dice.from_to(0, u64::MAX)));
                let forged = match text.find("&sign=") {
                    Some(at) => format!("{}&{sign}&sign_type=MD5", &text[..at]),
                    None => sign,
                };
                self.tell(contract.account, path, forged.as_bytes()).await;
            }
            Fault::WrongKey => {
                let forged = signed_anew(body, ROGUE_KEY);
                self.tell(contract.account, path, &forged).await;
            }
            Fault::Foreign => {
                for other in self
                    .contracts
                    .iter()
                    .filter(|other| other.partner != contract.partner)
                {
                    let path = format!("/notify/{}", other.account);
                    self.tell(other.account, &path, body).await;
                }
            }
            Fault::Recut => {
                if let Some(forged) = self.cut_anew(contract) {
                    self.tell(contract.account, path, &forged).await;
                }
            }
            Fault::RecutTwice => {
                if let Some(forged) = self.named_twice(contract) {
                    self.tell(contract.account, path, &forged).await;
                }
            }
            Fault::Hammered => {
                let Some(forged) = self.cut_anew(contract) else {
                    return;
                };
                for _ in 0..HAMMERED {
                    self.tell(contract.account, path, &forged).await;
                    self.clock.sleep(HAMMER_GAP).await;
                }
            }
            // Where the signature alone counts, or makes us ask and say yes, whoever has the key is the gateway.
            Fault::KeyLeaked if contract.require == Proof::Confirmed => {
                if let Some(forged) = self.made_up(contract) {
                    self.tell(contract.account, path, &forged).await;
                }
            }
            Fault::KeyLeaked => {}
            _ => {
                self.tell(contract.account, path, body).await;
            }
        }
    }

    /// One cent is paid for something of a third program of the merchant, whose title the buyer chose; the same string
    /// is cut so that it tells the whole amount of an order of ours (SEC-001).
    fn cut_anew(&self, contract: &Contract) -> Option<Vec<u8>> {
        let (order_no, amount) = self.dearest_unpaid(contract.account)?;
        let (now, trade) = (
            self.clock.now(),
            self.with_dice(|dice| dice.from_to(1, 999_999)),
        );
        let common = [
            ("buyer_id", "2088000000000101".to_owned()),
            ("notify_id", format!("cut-{trade}")),
            ("notify_time", beijing(now)),
            ("notify_type", "trade_status_sync".to_owned()),
            ("out_trade_no", order_no),
            ("payment_type", "1".to_owned()),
            ("seller_id", contract.partner.to_owned()),
        ];
        let trade_no = format!("2026010100001000010000{trade:06}");
        let tail = format!("x&total_fee=0.01&trade_no={trade_no}&trade_status=TRADE_SUCCESS");
        // The gateway stands by the notify id, which was the cent's.
        self.gateway.vouch(&format!("cut-{trade}"));
        let cut = fields(
            common
                .iter()
                .map(|(name, value)| (*name, value.as_str()))
                .chain([
                    ("subject", "a cent"),
                    ("total_fee", &amount),
                    ("trade_no", &trade_no),
                    ("trade_status", "TRADE_SUCCESS"),
                    ("tz", &tail),
                ]),
        )?;
        Some(contract.signed(Side::Gateway, cut))
    }

    /// As before, but the buyer's text is a field of its own, which then stands there twice: once with the whole amount,
    /// once with the cent. Sorted by name, the string is the one that the gateway signed (SEC-075).
    fn named_twice(&self, contract: &Contract) -> Option<Vec<u8>> {
        let (order_no, amount) = self.dearest_unpaid(contract.account)?;
        let (now, trade) = (
            self.clock.now(),
            self.with_dice(|dice| dice.from_to(1, 999_999)),
        );
        let (notify_id, time) = (format!("twice-{trade}"), beijing(now));
        let trade_no = format!("2026010100001000020000{trade:06}");
        let before = [
            ("buyer_id", "2088000000000101"),
            ("notify_id", &notify_id),
            ("notify_time", &time),
            ("notify_type", "trade_status_sync"),
            ("out_trade_no", &order_no),
            ("payment_type", "1"),
            ("seller_id", contract.partner),
        ];
        let after = [
            ("total_fee", "0.01"),
            ("trade_no", &trade_no),
            ("trade_status", "TRADE_SUCCESS"),
        ];
        let title = format!("S&total_fee={amount}");
        let of_gateway = fields(
            before
                .into_iter()
                .chain([("subject", title.as_str())])
                .chain(after),
        )?;
        let (sign, kind) = contract.signature(Side::Gateway, &of_gateway);
        self.gateway.vouch(&notify_id);
        let forged = before
            .into_iter()
            .chain([("subject", "S"), ("total_fee", amount.as_str())])
            .chain(after)
            .chain([("sign", sign.as_str()), ("sign_type", kind)]);
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        Some(body.extend_pairs(forged).finish().into_bytes())
    }

    /// A payment of an order of ours that never was, signed with our own key. The gateway knows nothing of its id.
    fn made_up(&self, contract: &Contract) -> Option<Vec<u8>> {
        let (order_no, amount) = self.dearest_unpaid(contract.account)?;
        let trade = self.with_dice(|dice| dice.from_to(1, 999_999));
        let (notify_id, time) = (format!("{MADE_UP}{trade}"), beijing(self.clock.now()));
        let made_up = fields([
            ("buyer_id", "2088000000000101"),
            ("notify_id", &notify_id),
            ("notify_time", &time),
            ("notify_type", "trade_status_sync"),
            ("out_trade_no", &order_no),
            ("payment_type", "1"),
            ("seller_id", contract.partner),
            ("subject", "something"),
            ("total_fee", &amount),
            ("trade_no", &format!("2026010100001000030000{trade:06}")),
            ("trade_status", "TRADE_SUCCESS"),
        ])?;
        Some(contract.signed(Side::Gateway, made_up))
    }

    /// Money of which the gateway tells, and which does not fit: for another payee, or a trade that is told again.
    pub async fn misdirected(&self, contract: &Contract, fault: Fault, told: &Told<'_>) {
        let notify_id = self.with_dice(|dice| format!("odd-{:016x}", dice.from_to(0, u64::MAX)));
        let now = beijing(self.clock.now());
        let seller = match fault {
            Fault::PayeeWrong => "2088999999999999",
            _ => contract.partner,
        };
        let currency = (fault == Fault::CurrencyWrong).then_some(("currency", "USD"));
        let plain = [
            ("buyer_id", "2088000000000101"),
            ("gmt_payment", now.as_str()),
            ("notify_id", notify_id.as_str()),
            ("notify_time", now.as_str()),
            ("notify_type", "trade_status_sync"),
            ("out_trade_no", told.order_no),
            ("payment_type", "1"),
            ("seller_id", seller),
            ("subject", "something"),
            ("total_fee", told.amount),
            ("trade_no", told.trade_no),
            ("trade_status", "TRADE_SUCCESS"),
        ];
        let Some(odd) = fields(plain.into_iter().chain(currency)) else {
            return;
        };
        let body = contract.signed(Side::Gateway, odd);
        self.gateway.vouch(&notify_id);
        self.gateway.sends(contract.account, &body);
        let path = format!("/notify/{}", contract.account);
        // The gateway asks until it is heard, as with any notify.
        for wait in [1, 120, 600, 600, 3_600, 7_200] {
            let answer = self.tell(contract.account, &path, &body).await;
            if answer.is_some_and(|answer| answer.body == b"success") {
                break;
            }
            self.gateway.vouch(&notify_id);
            self.clock.sleep(Duration::from_secs(wait)).await;
        }
        self.gateway.drop_word(&notify_id);
    }
}

/// What a notify tells.
pub struct Told<'a> {
    /// The order.
    pub order_no: &'a str,
    /// The trade.
    pub trade_no: &'a str,
    /// How much.
    pub amount: &'a str,
}

/// Whether somebody with our own key made this up.
#[must_use]
pub fn is_made_up(body: &[u8]) -> bool {
    url::form_urlencoded::parse(body)
        .any(|(name, value)| name == "notify_id" && value.starts_with(MADE_UP))
}

fn fields<'a>(of: impl IntoIterator<Item = (&'a str, &'a str)>) -> Option<Params> {
    let mut fields = Params::new();
    for (name, value) in of {
        fields.push(name, value.as_bytes()).ok()?;
    }
    Some(fields)
}

/// The gateway's way to write a time: Beijing's, to the second.
#[must_use]
pub fn beijing(at: jiff::Timestamp) -> String {
    at.to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(8)))
        .strftime("%Y-%m-%d %H:%M:%S")
        .to_string()
}
