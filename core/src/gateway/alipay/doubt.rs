//! Why the gateway did not say `true` when it was asked about a callback: the third value of the guide, `responseTxt`
//! (seed 001 5.2 1E, 3A; note 3.1). In the guide's order: the partner, the way to the gateway, the minute.

use crate::gateway::Opinion;
use crate::gateway::beijing;
use crate::gateway::inspection::{Doubt, Mistake};
use crate::params::Params;
use jiff::Timestamp;

/// The gateway says `true` within this time of sending a callback.
const WINDOW_SECS: i64 = 60;

/// The likely cause; `None` where it did say `true`.
pub(super) fn read(doubt: &Doubt<'_>) -> Option<Mistake> {
    match doubt.opinion {
        Opinion::True => None,
        Opinion::False => Some(of_false(doubt)),
        Opinion::Unknown => Some(match doubt.answer.is_some_and(is_invalid) {
            true => invalid(),
            false => silent(),
        }),
    }
}

fn is_invalid(answer: &[u8]) -> bool {
    answer.trim_ascii().starts_with(b"invalid")
}

fn invalid() -> Mistake {
    Mistake {
        code: "opinion_invalid",
        cause: (
            "the gateway answered `invalid`: it does not know the partner that was asked for, or got none",
            "网关回答 invalid：它不认识请求中的 partner，或 partner 为空",
        )
            .into(),
        fix: (
            "set `partner` to the 16 digits of the contract that the key belongs to",
            "请把 partner 设为密钥所属签约的 16 位数字",
        )
            .into(),
    }
}

fn silent() -> Mistake {
    Mistake {
        code: "opinion_silent",
        cause: (
            "the gateway gave no answer in time that can be read",
            "网关没有及时给出可读的回答",
        )
            .into(),
        fix: (
            "run `quittance doctor --online`: first gateway-dns, then gateway-reach (port 443), then the firewall; the order is asked about meanwhile",
            "请运行 `quittance doctor --online`：先看 gateway-dns，再看 gateway-reach（443 端口），再查防火墙；其间会主动查询订单",
        )
            .into(),
    }
}

fn of_false(doubt: &Doubt<'_>) -> Mistake {
    let token = value(doubt.wire, "notify_id");
    let same = |wire: &[u8]| token.is_some() && value(wire, "notify_id") == token;
    if let Some((seq, _)) = doubt.confirmed.iter().find(|(_, wire)| same(wire)) {
        return Mistake {
            code: "opinion_used",
            cause: (
                format!("the gateway says `true` once, and said so already for entry {seq}, which has the same notify_id"),
                format!("网关只回答一次 true，且已就第 {seq} 条记录（notify_id 相同）回答过"),
            )
                .into(),
            fix: (
                "nothing has to be done: what it claims stands already. Somebody may be sending old messages again",
                "无需处理：其内容已经计入。可能有人在重放旧消息",
            )
                .into(),
        };
    }
    if let Some(age) = age(doubt).filter(|age| *age > WINDOW_SECS) {
        return Mistake {
            code: "opinion_late",
            cause: (
                format!("it came {age} seconds after the gateway had made it, and the gateway says `true` for one minute only"),
                format!("它在网关生成 {age} 秒后才到达，而网关只在一分钟内回答 true"),
            )
                .into(),
            fix: (
                "a return whose address was opened late, or again, is such: the order is asked about. For a notify look for what holds it up, and at the clock",
                "同步返回的链接打开得太晚或被再次打开时会这样，服务会主动查询。若是异步通知，请查找延迟的原因，并核对系统时钟",
            )
                .into(),
        };
    }
    Mistake {
        code: "opinion_false",
        cause: (
            "the gateway does not know its notify_id for this partner: it was meant for another partner, or made up",
            "网关不认识该 partner 的这个 notify_id：它属于另一个 partner，或是伪造的",
        )
            .into(),
        fix: (
            "compare `partner` with the merchant page, and give each account a notify address of its own",
            "请与商家后台核对 partner，并为每个账户使用各自的通知地址",
        )
            .into(),
    }
}

fn value(wire: &[u8], name: &str) -> Option<Vec<u8>> {
    let params = Params::parse(wire).ok()?;
    let value = params.get(name).filter(|value| !value.is_empty())?;
    Some(value.to_vec())
}

/// How many seconds after its `notify_time` it came.
fn age(doubt: &Doubt<'_>) -> Option<i64> {
    let told = value(doubt.wire, "notify_time")?;
    let sent: Timestamp = beijing::read(std::str::from_utf8(&told).ok()?)?;
    Some(doubt.at.duration_since(sent).as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIRE: &[u8] = b"notify_id=n1&notify_time=2026-01-31+20%3A00%3A00&out_trade_no=A-1";

    fn check(
        opinion: Opinion,
        answer: Option<&[u8]>,
        at: &str,
        confirmed: &[(u64, &[u8])],
    ) -> String {
        let doubt = Doubt {
            opinion,
            answer,
            wire: WIRE,
            at: at.parse().unwrap(),
            confirmed,
        };
        let cause = read(&doubt);
        cause.map_or_else(String::new, |cause| {
            format!("{} {}", cause.code, cause.cause.en)
        })
    }

    #[test]
    fn the_cause_comes_in_the_order_of_the_guide() {
        let (soon, late) = ("2026-01-31T12:00:05Z", "2026-01-31T12:05:00Z");
        let earlier: &[(u64, &[u8])] = &[(7, WIRE)];
        let other: &[(u64, &[u8])] = &[(7, b"notify_id=n2")];
        assert_eq!(check(Opinion::True, Some(b"true"), late, earlier), "");
        for (opinion, answer, at, confirmed, expected) in [
            (
                Opinion::Unknown,
                Some(&b"invalid"[..]),
                soon,
                other,
                "opinion_invalid the gateway",
            ),
            (
                Opinion::Unknown,
                Some(&b"invalid partner\n"[..]),
                late,
                earlier,
                "opinion_invalid",
            ),
            (
                Opinion::Unknown,
                Some(&b"<html>"[..]),
                soon,
                other,
                "opinion_silent",
            ),
            (Opinion::Unknown, None, late, earlier, "opinion_silent"),
            (
                Opinion::False,
                Some(b"false"),
                late,
                earlier,
                "opinion_used the gateway says `true` once, and said so already for entry 7",
            ),
            (
                Opinion::False,
                Some(b"false"),
                late,
                other,
                "opinion_late it came 300 seconds",
            ),
            (Opinion::False, Some(b"false"), soon, other, "opinion_false"),
        ] {
            let told = check(opinion, answer, at, confirmed);
            assert!(told.starts_with(expected), "{told}");
        }
    }
}
