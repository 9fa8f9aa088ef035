//! Step 3: a signed ping to every webhook that hears the account, and the same with a wrong signature.

use super::Test;
use super::step::Step;
use crate::ending::Stop;
use crate::out;
use quittance_core::Lang;
use quittance_server::doctor::ping::{Pong, ping};
use quittance_server::transport::{HttpTransport, TransportError};
use serde_json::{Value, json};

/// What the endpoints said.
pub struct Joined {
    /// By name.
    pongs: Vec<(String, Pong)>,
}

/// Pings them. That the server took the API key was seen before: it told of the account's orders.
///
/// # Errors
/// Where nothing can be sent from this machine.
pub async fn join(test: &Test<'_>) -> Result<Joined, Stop> {
    let transport = HttpTransport::new(test.clock.clone());
    let transport = transport.map_err(|error| Stop::unable(error.to_string()))?;
    let mut pongs = Vec::new();
    for (name, webhook) in test.about.webhooks() {
        let pong = ping(&transport, &*test.clock, webhook).await;
        pongs.push((name.to_owned(), pong));
    }
    Ok(Joined { pongs })
}

impl Joined {
    /// Whether there are any, and all took what is signed.
    pub fn passed(&self) -> bool {
        !self.pongs.is_empty() && self.pongs.iter().all(|(_, pong)| pong.taken())
    }

    /// For people.
    pub fn told(&self, lang: Lang) -> String {
        let key = lang.pick(
            "✓ API key: the server takes it for this account",
            "✓ API 密钥：服务已接受，可用于此账户",
        );
        let mut lines = vec![key.to_owned()];
        if self.pongs.is_empty() {
            lines.push(lang.pick(
                "✗ No webhook hears this account: add a [[webhooks]] section to the settings, with the shop's address and a secret that both share.",
                "✗ 没有 webhook 接收此账户的事件：请在设置中添加 [[webhooks]] 小节，填写商城地址和双方共用的密钥。",
            ).to_owned());
        }
        for (name, pong) in &self.pongs {
            lines.push(signed(name, pong, lang));
            lines.extend(forged(name, pong, lang));
        }
        lines.join("\n")
    }

    /// For programs.
    pub fn value(&self, test: &Test<'_>) -> Value {
        let lang = test.lang;
        let status = |answer: &Result<u16, TransportError>| answer.as_ref().ok().copied();
        let webhooks: Vec<Value> = self
            .pongs
            .iter()
            .map(|(name, pong)| {
                json!({
                    "name": name,
                    "taken": pong.taken(),
                    "signed": status(&pong.signed),
                    "wrongly_signed": pong.forged.as_ref().and_then(status),
                    "takes_anything": pong.takes_anything(),
                })
            })
            .collect();
        let warned = self.pongs.iter().filter(|(_, pong)| pong.takes_anything());
        let warnings: Vec<String> = warned.map(|(name, _)| gullible(name, lang)).collect();
        json!({
            "account": test.about.account.name,
            "step": Step::Joined.number(),
            "passed": self.passed(),
            "api_key": true,
            "webhooks": webhooks,
            "warnings": warnings,
        })
    }
}

fn signed(name: &str, pong: &Pong, lang: Lang) -> String {
    match (&pong.signed, lang) {
        (Ok(status @ 200..=299), Lang::En) => {
            format!("✓ webhook {name}: a signed ping was answered {status}")
        }
        (Ok(status @ 200..=299), Lang::Zh) => {
            format!("✓ webhook {name}：带签名的 ping 应答 {status}")
        }
        (Ok(status), Lang::En) => format!(
            "✗ webhook {name}: a signed ping was answered {status}, not 2xx: check that the shop verifies with the secret of the settings, answers 2xx to types that it does not know, and look into its log."
        ),
        (Ok(status), Lang::Zh) => format!(
            "✗ webhook {name}：带签名的 ping 应答 {status}，不是 2xx：请检查商城验签所用密钥与设置一致、对未知类型也应答 2xx，并查看商城日志。"
        ),
        (Err(error), Lang::En) => format!(
            "✗ webhook {name}: a signed ping got no answer ({error}): check url in the settings, and that the shop runs; quittance doctor --online tells more."
        ),
        (Err(error), Lang::Zh) => format!(
            "✗ webhook {name}：带签名的 ping 无应答（{error}）：请检查设置中的 url 以及商城是否运行；quittance doctor --online 可进一步检查。"
        ),
    }
}

/// What became of the ping with a wrong signature, where one was sent.
fn forged(name: &str, pong: &Pong, lang: Lang) -> Option<String> {
    let answer = pong.forged.as_ref()?;
    let text = match (pong.takes_anything(), answer, lang) {
        (true, _, _) => format!("! {}", gullible(name, lang)),
        (false, Ok(status), Lang::En) => {
            format!("✓ webhook {name}: a wrongly signed ping was refused ({status})")
        }
        (false, Ok(status), Lang::Zh) => {
            format!("✓ webhook {name}：签名错误的 ping 被拒绝（{status}）")
        }
        (false, Err(error), Lang::En) => {
            format!(
                "! webhook {name}: a wrongly signed ping got no answer ({error}): answer it with 401"
            )
        }
        (false, Err(error), Lang::Zh) => {
            format!("! webhook {name}：签名错误的 ping 无应答（{error}）：请应答 401")
        }
    };
    Some(out::plain(&text))
}

/// The warning about an endpoint that takes what nobody signed.
fn gullible(name: &str, lang: Lang) -> String {
    match lang {
        Lang::En => format!(
            "The webhook {name} takes a ping with a wrong signature too: whoever knows its address can tell the shop that an order is paid. Let the shop verify webhook-signature before it reads anything."
        ),
        Lang::Zh => format!(
            "webhook {name} 也接受签名错误的 ping：知道地址的人都可以谎称订单已付款。请让商城先验证 webhook-signature，再读取内容。"
        ),
    }
}
