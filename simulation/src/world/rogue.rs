//! People who want goods without paying, and what they send.

use super::World;
use super::contract::{Contract, With};
use super::shop::yuan;
use super::signing::Side;
use super::{alipay, codepay, dinpay};
use crate::fault::Fault;
use crate::truth::Name;
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
                let forged = match (contract.with, text.find("&sign=")) {
                    (With::CodePay { .. }, _) => codepay::resigned(body, &sign),
                    (_, Some(at)) => format!("{}&{sign}&sign_type=MD5", &text[..at]).into_bytes(),
                    (_, None) => sign.into_bytes(),
                };
                self.tell(contract.account, path, &forged).await;
            }
            Fault::WrongKey => {
                let forged = contract.signed_anew(body, ROGUE_KEY);
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

    /// What somebody forges about the order that he would most like to be paid.
    fn forgery(&self, contract: &Contract, begins: &str) -> Option<Forgery> {
        let (order_no, amount) = self.dearest_unpaid(contract.account)?;
        let number = self.with_dice(|dice| dice.from_to(1, 999_999));
        Some(Forgery {
            order_no,
            amount,
            number,
            notify_id: format!("{begins}{number}"),
            at: self.clock.now(),
        })
    }

    /// One cent is paid for something of a third program of the merchant, of which the buyer chose a text; the same string
    /// is cut so that it tells the whole amount of an order of ours (SEC-001).
    fn cut_anew(&self, contract: &Contract) -> Option<Vec<u8>> {
        let forgery = self.forgery(contract, "cut-")?;
        // The gateway stands by the notify id, which was the cent's.
        self.gateway.vouch(&forgery.notify_id);
        let cut = match contract.with {
            With::Alipay(_) => alipay::cut_anew(contract, &forgery),
            With::Dinpay => dinpay::cut_anew(contract, &forgery),
            With::CodePay { .. } => codepay::cut_anew(contract, &forgery),
        };
        Some(contract.signed(Side::Gateway, cut?))
    }

    /// As before, with a name that stands there twice (SEC-075). Dinpay signs no text of the buyer's right before the
    /// amount, so nothing can be cut that way there.
    fn named_twice(&self, contract: &Contract) -> Option<Vec<u8>> {
        let forgery = self.forgery(contract, "twice-")?;
        let forged = match contract.with {
            With::Alipay(_) => alipay::named_twice(contract, &forgery),
            With::Dinpay => None,
            With::CodePay { .. } => codepay::named_twice(contract, &forgery),
        }?;
        self.gateway.vouch(&forgery.notify_id);
        Some(forged)
    }

    /// A payment of an order of ours that never was, signed with our own key. The gateway knows nothing of its id.
    fn made_up(&self, contract: &Contract) -> Option<Vec<u8>> {
        let forgery = self.forgery(contract, MADE_UP)?;
        let told = Told {
            order_no: &forgery.order_no,
            trade_no: &forgery.long_trade_no(3),
            amount: &forgery.amount,
            notify_id: &forgery.notify_id,
            at: forgery.at,
        };
        let made_up = contract.notify(&told, contract.partner)?;
        Some(contract.signed(Side::Gateway, made_up))
    }

    /// Money of which the gateway tells, and which does not fit: for another payee, or a trade that is told again.
    pub async fn misdirected(
        &self,
        contract: &Contract,
        fault: Fault,
        name: &Name,
        trade_no: &str,
        minor: i64,
    ) {
        let notify_id = self.with_dice(|dice| format!("odd-{:016x}", dice.from_to(0, u64::MAX)));
        let payee = match fault {
            Fault::PayeeWrong => contract.other_payee(),
            _ => contract.partner,
        };
        let told = Told {
            order_no: &name.order_no,
            trade_no,
            amount: &yuan(minor),
            notify_id: &notify_id,
            at: self.clock.now(),
        };
        let foreign = fault == Fault::CurrencyWrong;
        let odd = match contract.with {
            With::CodePay { .. } if foreign => codepay::notify(&told, payee, "USD"),
            _ => contract.notify(&told, payee),
        };
        let Some(mut odd) = odd else {
            return;
        };
        let signs_all = matches!(contract.with, With::Alipay(_));
        if foreign && signs_all {
            // The name is a new one, so it goes in.
            let _ = odd.push("currency", b"USD");
        }
        let mut body = contract.signed(Side::Gateway, odd);
        if foreign && contract.with == With::Dinpay {
            // Of a name that is none of its own, Dinpay signs nothing.
            body.extend_from_slice(b"&currency=USD");
        }
        self.gateway.vouch(&notify_id);
        self.gateway.sends(contract.account, &body);
        let path = format!("/notify/{}", contract.account);
        // The gateway asks until it is heard, as with any notify.
        for wait in [1, 120, 600, 600, 3_600, 7_200] {
            let answer = self.tell(contract.account, &path, &body).await;
            if answer.is_some_and(|answer| answer.body == contract.ack().as_bytes()) {
                break;
            }
            self.gateway.vouch(&notify_id);
            self.clock.sleep(Duration::from_secs(wait)).await;
        }
        self.gateway.drop_word(&notify_id);
    }
}

/// What is forged about an order.
pub struct Forgery {
    /// The order.
    pub order_no: String,
    /// Its whole amount.
    pub amount: String,
    /// What tells one forgery from another.
    pub number: u64,
    /// The id that the notify shall have.
    pub notify_id: String,
    /// When.
    pub at: jiff::Timestamp,
}

impl Forgery {
    /// A trade number of 28 digits that no house gives out; `kind` is the forgery's.
    pub fn long_trade_no(&self, kind: u8) -> String {
        format!("20260101000010000{kind}0000{:06}", self.number)
    }

    /// One of ten digits.
    pub fn short_trade_no(&self) -> String {
        format!("1000{:06}", self.number)
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
    /// The id of the notify.
    pub notify_id: &'a str,
    /// When.
    pub at: jiff::Timestamp,
}

/// Whether somebody with our own key made this up.
#[must_use]
pub fn is_made_up(body: &[u8]) -> bool {
    url::form_urlencoded::parse(body)
        .any(|(name, value)| name == "notify_id" && value.starts_with(MADE_UP))
}

/// These fields; `None` where one comes twice.
pub fn fields<'a>(of: impl IntoIterator<Item = (&'a str, &'a str)>) -> Option<Params> {
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
