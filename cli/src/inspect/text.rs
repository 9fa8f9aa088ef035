//! An inspection as people read it, and as scripts do.

use super::opinion::Said;
use crate::out::{self, exact};
use quittance_core::facts::Claim;
use quittance_core::gateway::inspection::{Exchange, Inspection, Mistake, Outcome, Signing};
use quittance_core::gateway::{Account, Address, Evidence};
use quittance_core::{Lang, Money};
use quittance_server::setup::AccountSetup;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

/// An inspection with what it is of.
pub struct Told<'a> {
    /// The account.
    pub account: &'a AccountSetup,
    /// What kind of message it is.
    pub exchange: Exchange,
    /// What was found out.
    pub found: &'a Inspection,
    /// What the gateway said of it, where it was asked.
    pub said: Option<&'a Said>,
    /// Whether the signature that the account computes is shown.
    pub show: bool,
}

impl Told<'_> {
    /// For people.
    pub fn text(&self, lang: Lang) -> String {
        let (exchange, found) = (self.exchange, self.found);
        let account = &self.account.account;
        let mut parts = vec![headline(&self.account.name, exchange, found, lang)];
        if let Some(signing) = &found.signing {
            parts.push(signed(signing, account, lang));
            let asked = exchange != Exchange::Reply && account.gateway().traits().second_opinion;
            parts.push(self.values(signing, asked, lang));
        }
        let rows = found.steps.iter().map(|step| {
            let outcome = match step.outcome {
                Outcome::Passed => lang.pick("ok", "通过"),
                Outcome::Failed => lang.pick("FAILED", "未通过"),
                Outcome::NotReached => "-",
            };
            vec![
                step.name.to_owned(),
                outcome.to_owned(),
                step.detail.say(lang).to_owned(),
            ]
        });
        let heading = match lang {
            Lang::En => ["step", "", "what was seen"],
            Lang::Zh => ["步骤", "", "结果"],
        };
        parts.push(out::table(&heading, &rows.collect::<Vec<_>>()));
        parts.extend(claims(found, lang));
        parts.extend(explained(found, lang));
        parts.extend(self.doubted(lang));
        parts.join("\n\n")
    }

    /// Why the gateway did not say `true`.
    fn doubted(&self, lang: Lang) -> Option<String> {
        let said = self.said?;
        let cause = said.cause.as_ref()?;
        let heading = lang.pick("The gateway did not say `true`:", "网关没有回答 true：");
        let mut lines = vec![heading.to_owned(), mistake(cause, lang)];
        lines.extend(said.way.iter().map(|way| {
            let (check, word) = (way.check.name(), way.verdict.word());
            format!("  {check}: {word} - {}", exact(way.detail.say(lang)))
        }));
        Some(lines.join("\n"))
    }

    /// The three values of the gateway's guide. The third is where the gateway can be asked whether it sent the message.
    fn values(&self, signing: &Signing, asked: bool, lang: Lang) -> String {
        let mysign = match (&signing.mysign, self.found.signed()) {
        (None, _) => lang
            .pick(
                "only the gateway can make it (its private key); sign is verified with its public key",
                "只有网关能算出（需其私钥）；sign 用网关公钥（gateway_public_key）验证",
            )
            .to_owned(),
        (Some(mysign), _) if self.show => mysign.expose_secret().to_owned(),
        (Some(_), true) => lang.pick("equals sign", "与 sign 相等").to_owned(),
        (Some(_), false) => lang
            .pick(
                "differs from sign (--show-expected prints it)",
                "与 sign 不相等（加 --show-expected 可显示）",
            )
            .to_owned(),
    };
        let mut rows = vec![("mysign", mysign), ("sign", exact(&signing.sign))];
        if asked {
            let unknown = || {
                let words = lang.pick(
                "unknown here: only the gateway can say it, and only within a minute (notify_verify; --online asks)",
                "此处无从得知：须由网关在 1 分钟内答复（notify_verify；加 --online 立即询问）",
            );
                words.to_owned()
            };
            let said = self.said.map(|said| exact(&said.word));
            rows.push(("responseTxt", said.unwrap_or_else(unknown)));
        }
        out::pairs(&rows)
    }

    /// For scripts.
    pub fn value(&self, lang: Lang) -> Value {
        let steps = self.found.steps.iter().map(|step| {
            let ok = match step.outcome {
                Outcome::Passed => Some(true),
                Outcome::Failed => Some(false),
                Outcome::NotReached => None,
            };
            json!({"step": step.name, "ok": ok, "detail": step.detail.say(lang)})
        });
        let signing = self.found.signing.as_ref();
        let mistakes = self.found.mistakes.iter().map(|mistake| {
        json!({"code": mistake.code, "cause": mistake.cause.say(lang), "fix": mistake.fix.say(lang)})
    });
        json!({
            "ok": self.found.holds(),
            "account": self.account.name,
            "message": word(self.exchange, Lang::En),
            "signed": signing.map(|signing| &signing.text),
            "signed_by_sender": signing.and_then(|signing| signing.theirs.as_ref()),
            "mysign": signing.filter(|_| self.show).and_then(|signing| signing.mysign.as_ref()).map(ExposeSecret::expose_secret),
            "sign": signing.map(|signing| &signing.sign),
            "response_txt": self.said.map(|said| &said.word),
            "response_cause": self.said.and_then(|said| said.cause.as_ref()).map(|cause| json!({"code": cause.code, "cause": cause.cause.say(lang), "fix": cause.fix.say(lang)})),
            "way": self.said.map(|said| said.way.iter().map(|way| json!({"check": way.check.name(), "verdict": way.verdict.word(), "code": way.code, "detail": way.detail.say(lang)})).collect::<Vec<_>>()),
            "steps": steps.collect::<Vec<_>>(),
            "claims": self.found.evidence,
            "mistakes": mistakes.collect::<Vec<_>>(),
            "tried": self.found.tried,
        })
    }
}

fn headline(account: &str, exchange: Exchange, found: &Inspection, lang: Lang) -> String {
    let what = word(exchange, lang);
    match (lang, found.holds(), found.signed()) {
        (Lang::En, true, _) => {
            format!("This {what} verifies: the server believes it (account {account}).")
        }
        (Lang::En, false, true) => format!(
            "This {what} is signed rightly, and still not believed: see what failed (account {account})."
        ),
        (Lang::En, false, false) => format!("This {what} does not verify (account {account})."),
        (Lang::Zh, true, _) => format!("这条{what}验证通过，服务器会采信（账户 {account}）。"),
        (Lang::Zh, false, true) => {
            format!("这条{what}签名正确，但仍不采信，原因见未通过的步骤（账户 {account}）。")
        }
        (Lang::Zh, false, false) => format!("这条{what}验证不通过（账户 {account}）。"),
    }
}

fn word(exchange: Exchange, lang: Lang) -> &'static str {
    match exchange {
        Exchange::Notify => lang.pick("notify", "异步通知"),
        Exchange::Return => lang.pick("return", "同步返回"),
        Exchange::Reply => lang.pick("reply", "查询应答"),
    }
}

/// The signing string, alone on its line: it is meant to be copied and compared.
fn signed(signing: &Signing, account: &Account, lang: Lang) -> String {
    let heading = match (account, &*account.gateway().wire().sign_type) {
        (Account::Alipay(_), "MD5") => lang.pick(
            "The account signs this, with the key right behind it (never shown):",
            "本账户的待签名字符串（其后直接拼接 key，key 不显示）：",
        ),
        (Account::Dinpay(_), "MD5") => lang.pick(
            "The account signs this, with &key= and the key behind it (never shown):",
            "本账户的待签名字符串（其后拼接 &key= 和密钥，密钥不显示）：",
        ),
        _ => lang.pick(
            "The account signs this, and nothing behind it, with its private key:",
            "本账户的待签名字符串（其后不拼接任何内容，用商户私钥签名）：",
        ),
    };
    let mut text = format!("{heading}\n{}", exact(&signing.text));
    if let Some(theirs) = signing
        .theirs
        .as_ref()
        .filter(|theirs| **theirs != signing.text)
    {
        let heading = lang.pick("The other side signed this:", "对方签名用的字符串：");
        text.push_str(&format!("\n\n{heading}\n{}", exact(theirs)));
    }
    text
}

fn claims(found: &Inspection, lang: Lang) -> Option<String> {
    let lines: Vec<String> = found
        .evidence
        .iter()
        .map(|evidence| told_of(evidence, lang))
        .collect();
    if lines.is_empty() {
        return None;
    }
    let heading = match found.holds() {
        true => lang.pick("It claims:", "它声称："),
        false => lang.pick("It would claim, if it were believed:", "如果采信，它声称："),
    };
    Some(format!("{heading}\n{}", lines.join("\n")))
}

fn told_of(evidence: &Evidence, lang: Lang) -> String {
    let about = match &evidence.about {
        Address::OrderNo(number) => format!("{} {number}", lang.pick("order", "订单")),
        Address::TradeNo(number) => format!("{} {number}", lang.pick("trade", "交易")),
    };
    let what = claimed(&evidence.claim, lang);
    exact(&format!("  {about}: {what}"))
}

/// What is claimed, in words.
pub fn claimed(claim: &Claim, lang: Lang) -> String {
    let money = |amount: &Money| format!("{} {}", amount.decimal(), amount.currency);
    match claim {
        Claim::Payment {
            trade_no, amount, ..
        } => {
            format!(
                "{} {} ({} {trade_no})",
                lang.pick("payment of", "付款"),
                money(amount),
                lang.pick("trade", "交易")
            )
        }
        Claim::RefundItem {
            amount, succeeded, ..
        } => {
            let how = match succeeded {
                true => lang.pick("refund of", "退款"),
                false => lang.pick("failed refund of", "退款失败"),
            };
            format!("{how} {}", money(amount))
        }
        Claim::RefundedSoFar { amount, .. } => {
            format!(
                "{} {}",
                lang.pick("refunded so far", "累计已退款"),
                money(amount)
            )
        }
        Claim::RefundMarked { .. } => lang
            .pick("a refund, its amount unknown", "有退款，金额未知")
            .to_owned(),
        Claim::GatewayClosed { .. } => lang
            .pick("closed at the gateway", "网关已关闭交易")
            .to_owned(),
        Claim::GivenUp => lang.pick("given up", "已放弃").to_owned(),
    }
}

/// The mistakes, or that there is none that we know.
fn explained(found: &Inspection, lang: Lang) -> Option<String> {
    if found.mistakes.is_empty() {
        return (found.tried > 0).then(|| match lang {
            Lang::En => format!(
                "No likely mistake explains it; {} signatures were computed. It was changed on the way, signed with a key\nthat is not in these settings, or forged.\n  To do: compare the text above with what the other side signs; check the key on the gateway's merchant page.",
                found.tried
            ),
            Lang::Zh => format!(
                "没有常见错误能解释它（已试算 {} 个签名）：内容在途中被改动，或签名用的 key 不在这份设置中，或是伪造。\n  处理办法：与对方的待签名字符串逐字比较；到网关的商家后台核对密钥。",
                found.tried
            ),
        });
    }
    let heading = match found.mistakes.len() {
        1 => lang.pick("This explains it:", "原因："),
        _ => lang.pick("These together explain it:", "以下原因同时存在："),
    };
    let said = found.mistakes.iter().map(|one| mistake(one, lang));
    Some(
        std::iter::once(heading.to_owned())
            .chain(said)
            .collect::<Vec<_>>()
            .join("\n"),
    )
}

fn mistake(mistake: &Mistake, lang: Lang) -> String {
    let (cause, fix) = (exact(mistake.cause.say(lang)), exact(mistake.fix.say(lang)));
    match lang {
        Lang::En => format!("{} - {cause}.\n  To do: {fix}.", mistake.code),
        Lang::Zh => format!("{} - {cause}。\n  处理办法：{fix}。", mistake.code),
    }
}
