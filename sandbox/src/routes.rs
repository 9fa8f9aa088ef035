//! The addresses of the sandbox.

use crate::alipay;
use crate::codepay::{self, Ending, Press};
use crate::control::Action;
use crate::denied::Denied;
use crate::dinpay;
use crate::faults::{Faults, fee};
use crate::order::Key;
use crate::pages::{self, Coat, Filter};
use crate::sandbox::{Sandbox, TooMany};
use crate::trade::State;
use crate::way_back::Home;
use quittance_core::http::{Method, Reply};
use quittance_core::params::Params;
use quittance_core::{Lang, Timestamp};
use std::time::Duration;

/// Any payment password is right but none, and this one, so that people see what happens then.
const WRONG_PASSWORD: &[u8] = b"wrong";

/// A request that came in, from a merchant's server or a browser.
#[derive(Clone, Debug)]
pub struct Inbound {
    /// `GET` or `POST`.
    pub method: Method,
    /// The path, starting with a slash.
    pub path: String,
    /// The query string as it came, without the question mark.
    pub query: Vec<u8>,
    /// The body as it came; ignored for `GET`.
    pub body: Vec<u8>,
    /// What the sender reads.
    pub lang: Lang,
}

/// What a request is answered with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    /// The reply.
    pub reply: Reply,
    /// How long it is held back before it goes out.
    pub hold: Duration,
}

impl Answer {
    pub(crate) fn at_once(reply: Reply) -> Answer {
        Answer {
            reply,
            hold: Duration::ZERO,
        }
    }
}

impl Inbound {
    /// Path and query string.
    pub(crate) fn target(&self) -> String {
        match self.query.as_slice() {
            b"" => self.path.clone(),
            query => format!("{}?{}", self.path, String::from_utf8_lossy(query)),
        }
    }
}

impl Sandbox {
    /// Answers one request: an address of a gateway, or a page.
    pub fn handle(&mut self, now: Timestamp, request: &Inbound) -> Answer {
        self.expire(now);
        match request.path.as_str() {
            alipay::GATEWAY_PATH => self.gateway(now, request),
            dinpay::GATEWAY_PATH => Answer::at_once(self.dinpay_gateway(now, request)),
            dinpay::QUERY_PATH => Answer::at_once(self.dinpay_query(now, request)),
            path if codepay::is_entry(path) => self.codepay(now, request),
            _ => Answer::at_once(self.page(now, request)),
        }
    }

    fn page(&mut self, now: Timestamp, request: &Inbound) -> Reply {
        let mut segments = request.path.split('/').skip(1);
        let parts = (
            request.method,
            segments.next(),
            segments.next(),
            segments.next(),
            segments.next(),
        );
        let token = parts.2.unwrap_or_default();
        let found = match parts {
            (Method::Get, Some(""), None, None, None) => Some(self.show_list(now, request)),
            (Method::Post, Some("faults"), None, None, None) => Some(self.set_all(request)),
            (Method::Get, Some("refused"), Some(number), None, None) => {
                self.show_refused(number, request)
            }
            (Method::Get, Some("statements"), Some(number), None, None) => {
                self.show_statement(now, number, request)
            }
            (Method::Get, Some("cashier"), Some(_), None, None) => {
                self.show_cashier(now, token, request)
            }
            (Method::Post, Some("cashier"), Some(_), None, None) => {
                self.press_button(now, token, request)
            }
            (Method::Get, Some("left"), Some(_), None, None) => self.show_left(token, request),
            (Method::Get, Some("terminal"), Some(_), None, None) => {
                self.show_terminal(now, token, request)
            }
            (Method::Post, Some("terminal"), Some(_), None, None) => {
                self.press_at_terminal(now, token, request)
            }
            (Method::Get, Some("paid"), Some(_), None, None) => self.show_paid(now, token, request),
            (Method::Get, Some("back"), Some(_), None, None) => self.show_back(now, token, request),
            (Method::Get, Some("refunds"), Some(_), None, None) => {
                self.show_refunds(token, request, false)
            }
            (Method::Post, Some("refunds"), Some(_), None, None) => {
                self.answer_refunds(now, token, request)
            }
            (Method::Get, Some("refunds"), Some(_), Some("left"), None) => self
                .batches_by_token
                .contains_key(token)
                .then(|| pages::refunds_left(Coat::of(request), token)),
            (Method::Get, Some("trades"), Some(_), None, None) => {
                self.show_trade(now, token, request)
            }
            (Method::Post, Some("trades"), Some(_), None, None) => {
                self.act_on_trade(now, token, request)
            }
            (Method::Post, Some("trades"), Some(_), Some("faults"), None) => {
                self.set_own(token, request)
            }
            _ => None,
        };
        found.unwrap_or_else(|| pages::not_found(Coat::of(request)))
    }

    /// Opening the page is logging in: from then on the trade exists.
    fn show_cashier(&mut self, now: Timestamp, token: &str, request: &Inbound) -> Option<Reply> {
        let key = self.by_token.get(token).cloned()?;
        self.open(now, &key).ok()?;
        let order = self.orders.get(&key)?;
        if !order.asked.has_cashier() {
            return Some(pages::redirect(&order.place()));
        }
        let paid = order.paid_at().is_some() || order.ending().is_some();
        let coat = Coat::of(request);
        Some(match order.state() {
            Some(State::Waits | State::Paying | State::Failed) => {
                pages::cashier(coat, order, &self.payee(&key))
            }
            Some(State::Closed) if !paid => pages::closed(coat, order.asked.gateway()),
            Some(State::Held) => pages::held(coat, order.asked.gateway()),
            _ => pages::redirect(&format!("/paid/{token}")),
        })
    }

    fn press_button(&mut self, now: Timestamp, token: &str, request: &Inbound) -> Option<Reply> {
        let key = self.by_token.get(token).cloned()?;
        let form = Params::parse(&request.body).unwrap_or_default();
        match form.get("action") {
            Some(b"pay") => match self.pay_by(now, &key, form.get("bank")) {
                Ok(()) => Some(pages::redirect(&format!("/paid/{token}"))),
                // A second press of the button, or a page that was left open: the cashier says how things stand.
                Err(_) => self.show_cashier(now, token, request),
            },
            Some(b"decline") => match self.end(now, &key, Ending::Declined) {
                Ok(()) => Some(pages::redirect(&format!("/paid/{token}"))),
                Err(_) => self.show_cashier(now, token, request),
            },
            Some(b"leave") => Some(pages::redirect(&format!("/left/{token}"))),
            _ => None,
        }
    }

    /// The buyer walked away. CodePay's page knows where the shop is.
    fn show_left(&self, token: &str, request: &Inbound) -> Option<Reply> {
        let order = self.orders.get(self.by_token.get(token)?)?;
        Some(pages::left(Coat::of(request), order))
    }

    fn show_terminal(&self, now: Timestamp, terminal_sn: &str, request: &Inbound) -> Option<Reply> {
        let terminal = self.terminals.get(terminal_sn)?;
        Some(pages::terminal(
            Coat::of(request),
            self,
            now,
            terminal_sn,
            terminal,
        ))
    }

    /// A button of a terminal. Where the page is an old one, nothing is done to what stands on the screen now.
    fn press_at_terminal(
        &mut self,
        now: Timestamp,
        terminal_sn: &str,
        request: &Inbound,
    ) -> Option<Reply> {
        self.terminals.get(terminal_sn)?;
        let form = Params::parse(&request.body).ok()?;
        let text = |name| std::str::from_utf8(form.get(name).unwrap_or_default()).ok();
        let press = Press::of_word(text("action")?)?;
        let shown = text("order")
            .and_then(|token| self.by_token.get(token))
            .cloned();
        let page = format!("/terminal/{terminal_sn}");
        Some(match self.press(now, terminal_sn, press, shown.as_ref()) {
            Ok(()) => pages::redirect(&page),
            Err(denied) => pages::denied(Coat::leading_to(request, &page), denied, &page),
        })
    }

    /// The page that posts the return. Where nothing may go back yet, the success page says why.
    fn show_back(&mut self, now: Timestamp, token: &str, request: &Inbound) -> Option<Reply> {
        let key = self.by_token.get(token).cloned()?;
        Some(match self.go_home(now, &key) {
            Some(Home::Form(form)) => {
                let order = self.orders.get(&key)?;
                pages::back(Coat::of(request), order, &form)
            }
            Some(Home::Address(_)) | None => pages::redirect(&format!("/paid/{token}")),
        })
    }

    /// The page on which a batch of refunds is confirmed, or what became of it.
    fn show_refunds(&self, token: &str, request: &Inbound, wrong: bool) -> Option<Reply> {
        let batch = self.batches.get(self.batches_by_token.get(token)?)?;
        let coat = match request.method {
            Method::Get => Coat::of(request),
            Method::Post => Coat::leading_to(request, &format!("/refunds/{token}")),
        };
        Some(pages::refunds(coat, self, batch, wrong))
    }

    /// The operator's password confirms; the password itself is kept nowhere.
    fn answer_refunds(&mut self, now: Timestamp, token: &str, request: &Inbound) -> Option<Reply> {
        let id = self.batches_by_token.get(token).cloned()?;
        let form = Params::parse(&request.body).unwrap_or_default();
        let page = format!("/refunds/{token}");
        match form.get("action")? {
            b"confirm" => {
                let password = form.get("password").unwrap_or_default().trim_ascii();
                if password.is_empty() || password == WRONG_PASSWORD {
                    return self.show_refunds(token, request, true);
                }
                // A second press of the button, or a page that was left open: the page says how things stand.
                let _ = self.pay_back_all(now, &id);
                Some(pages::redirect(&page))
            }
            b"leave" => Some(pages::redirect(&format!("{page}/left"))),
            _ => None,
        }
    }

    fn show_paid(&mut self, now: Timestamp, token: &str, request: &Inbound) -> Option<Reply> {
        let key = self.by_token.get(token).cloned()?;
        let order = self.orders.get(&key)?;
        if !order.asked.has_cashier() || (order.paid_at().is_none() && order.ending().is_none()) {
            return Some(pages::redirect(&format!("/cashier/{token}")));
        }
        let way_back = self.way_back(now, &key);
        let order = self.orders.get(&key)?;
        let secs = self.settings.success_page_secs;
        let payee = self.payee(&key);
        Some(pages::paid(
            Coat::of(request),
            order,
            &payee,
            way_back,
            secs,
        ))
    }

    fn show_list(&self, now: Timestamp, request: &Inbound) -> Reply {
        pages::list(Coat::of(request), self, now, &Filter::of(&request.query))
    }

    fn show_refused(&self, number: &str, request: &Inbound) -> Option<Reply> {
        let number = number.parse::<u64>().ok()?;
        let refused = self.refusals.iter().find(|known| known.number == number)?;
        Some(pages::error(Coat::of(request), 200, refused))
    }

    fn show_statement(&self, now: Timestamp, number: &str, request: &Inbound) -> Option<Reply> {
        let number = number.parse::<u64>().ok()?;
        let mut known = self.questions.iter();
        let question = known.find(|known| known.exchange.number == number)?;
        Some(pages::statement(Coat::of(request), question, now))
    }

    fn show_trade(&self, now: Timestamp, token: &str, request: &Inbound) -> Option<Reply> {
        let key = self.by_token.get(token)?;
        let order = self.orders.get(key)?;
        Some(pages::trade(Coat::of(request), self, now, key, order))
    }

    fn act_on_trade(&mut self, now: Timestamp, token: &str, request: &Inbound) -> Option<Reply> {
        let key = self.by_token.get(token).cloned()?;
        let form = Params::parse(&request.body).ok()?;
        let word = std::str::from_utf8(form.get("action")?).ok()?;
        let action = Action::of_word(word)?;
        let sum = std::str::from_utf8(form.get("amount").unwrap_or_default());
        let page = format!("/trades/{token}");
        let done = match (action, sum.unwrap_or("?").trim()) {
            (Action::Refund(_), sum) if !sum.is_empty() => match fee(sum) {
                Some(sum) => self.act(now, &key, Action::Refund(Some(sum))),
                None => Err(Denied::BadSum),
            },
            (action, _) => self.act(now, &key, action),
        };
        Some(match done {
            Ok(()) => pages::redirect(&page),
            Err(denied) => pages::denied(Coat::leading_to(request, &page), denied, &page),
        })
    }

    fn set_all(&mut self, request: &Inbound) -> Reply {
        match wanted(request) {
            Ok(faults) => {
                self.set_faults(faults.unwrap_or_default());
                pages::redirect("/#faults")
            }
            Err(denied) => pages::denied(Coat::leading_to(request, "/"), denied, "/#faults"),
        }
    }

    fn set_own(&mut self, token: &str, request: &Inbound) -> Option<Reply> {
        let Key {
            partner,
            out_trade_no,
        } = self.by_token.get(token).cloned()?;
        let page = format!("/trades/{token}");
        let set = wanted(request).and_then(|faults| match faults {
            Some(faults) => self
                .set_own_faults(&partner, &out_trade_no, faults)
                .map_err(|TooMany| Denied::NoPlace),
            None => {
                self.clear_own_faults(&partner, &out_trade_no);
                Ok(())
            }
        });
        Some(match set {
            Ok(()) => pages::redirect(&format!("{page}#faults")),
            Err(denied) => pages::denied(Coat::leading_to(request, &page), denied, &page),
        })
    }
}

/// The faults that a form sets; `None` where it clears them.
fn wanted(request: &Inbound) -> Result<Option<Faults>, Denied> {
    let form = Params::parse(&request.body).map_err(|_| Denied::BadFault("?"))?;
    match form.get("do") {
        Some(b"clear") => Ok(None),
        _ => pages::read_faults(&form)
            .map(Some)
            .map_err(Denied::BadFault),
    }
}
