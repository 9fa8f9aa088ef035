//! What a gateway says to an account (seed 001 5.1).

use super::cashier::pay_request;
use super::check::Check;
use super::report::{Finding, Verdict};
use super::way::{dns, reach};
use super::{Case, Line};
use crate::setup::AccountSetup;
use quittance_core::codes::Explanation;
use quittance_core::gateway::{Answer, CheckoutCall};
use std::time::Duration;

/// How long an answer may take.
pub(super) const ANSWER_LIMIT: Duration = Duration::from_secs(10);

/// Where no buyer is: an address for documentation.
const NO_BUYER: &str = "203.0.113.1";

/// The checks of a gateway, each of which needs those before it.
const CHAIN: [Check; 5] = [
    Check::GatewayDns,
    Check::GatewayReach,
    Check::Query,
    Check::QueryTimestamp,
    Check::PayRequest,
];

/// Everything about one account's gateway. Behind a check that failed, those that need it are not made.
pub(super) async fn all(line: &Line<'_>, case: &Case<'_>, account: &AccountSetup) -> Vec<Finding> {
    let mut found = up_to_a_failure(line, case, account).await;
    let failed = |one: &&Finding| CHAIN.contains(&one.check) && one.verdict == Verdict::Fail;
    if let Some(missing) = found.iter().find(failed).map(|one| one.check) {
        let later = CHAIN.iter().skip_while(|check| **check != missing).skip(1);
        found.extend(later.map(|check| after(*check, missing)));
    }
    found.into_iter().map(|one| one.of(&account.name)).collect()
}

/// The checks in their order, up to the first that fails.
async fn up_to_a_failure(line: &Line<'_>, case: &Case<'_>, account: &AccountSetup) -> Vec<Finding> {
    let (mut found, clock) = way_and_clock(line, account).await;
    let fails = |found: &[Finding]| found.last().is_some_and(|one| one.verdict == Verdict::Fail);
    if fails(&found) {
        return found;
    }
    found.extend(clock);
    found.push(query(line, account).await);
    // A contract may lack queries and have payments; for everything else one refusal is enough.
    if fails(&found) {
        return found;
    }
    let (timestamp, token) = timestamp(line, case, account).await;
    found.push(timestamp);
    if !fails(&found) {
        found.push(pay_request(line, case, account, token).await);
    }
    found
}

/// The way to the account's gateway alone: its name, and whether it can be reached.
pub async fn way(line: &Line<'_>, account: &AccountSetup) -> Vec<Finding> {
    way_and_clock(line, account).await.0
}

/// The same, with what time it is there, where it was reached.
async fn way_and_clock(line: &Line<'_>, account: &AccountSetup) -> (Vec<Finding>, Option<Finding>) {
    let dns = dns(line, account).await;
    if dns.verdict == Verdict::Fail {
        return (vec![dns], None);
    }
    let (reach, clock) = reach(line, account).await;
    (vec![dns, reach], clock)
}

/// A check that another one has to pass before.
pub(super) fn after(check: Check, missing: Check) -> Finding {
    let name = missing.name();
    Finding::skip(
        check,
        (
            format!("put {name} right first"),
            format!("请先解决 {name}"),
        ),
    )
}

/// Asks about an order that nobody made. The right answer is that there is none: it shows that the gateway knows us and
/// that our signature is right.
async fn query(line: &Line<'_>, account: &AccountSetup) -> Finding {
    let gateway = account.account.gateway();
    let number = number(line);
    let request = match gateway.query(&number, line.clock.wall()) {
        Ok(request) => request,
        Err(error) => return Finding::not_done(Check::Query, &error),
    };
    let reply = match line.transport.send(request, ANSWER_LIMIT).await {
        Ok(reply) => reply,
        Err(error) => {
            let said = error.to_string();
            return Finding::fail(
                Check::Query,
                "no_answer",
                (
                    format!("the gateway gave no answer to a question: {said}"),
                    format!("网关没有回答查询：{said}"),
                ),
                (
                    "try again in a minute; payments stay unknown, never unpaid, while the gateway is silent",
                    "请一分钟后重试；网关没有回答期间，付款状态为未知，而不会被当作未付款",
                ),
            );
        }
    };
    let answered = gateway.read_query(&number, &reply);
    let said = answered.reason.unwrap_or_default();
    match answered.answer {
        Answer::NotFound => Finding::pass(
            Check::Query,
            (
                format!(
                    "a question about a made-up order was answered as it must be ({said}): ids, key and signature are right"
                ),
                format!("对虚构订单的查询得到了应有的回答（{said}）：商户号、密钥和签名无误"),
            ),
        ),
        Answer::Unknown => refused(Check::Query, account, &said),
        _ => Finding::fail(
            Check::Query,
            "answered_wrongly",
            (
                format!("the gateway says something of an order that nobody made ({said})"),
                format!("网关对一个不存在的订单给出了结果（{said}）"),
            ),
            (
                "see that gateway_url is the gateway's address and no test server's",
                "请确认 gateway_url 是网关的地址，而不是测试服务器",
            ),
        ),
    }
}

/// A code of the gateway, explained; the code itself is the cause for programs.
pub(super) fn refused(check: Check, account: &AccountSetup, said: &str) -> Finding {
    let codes = account.account.gateway().codes();
    let word = said.split([' ', ':', ',']).next().unwrap_or_default();
    let known: Option<&Explanation> = codes.get(said).or_else(|| codes.get(word));
    let Some(known) = known else {
        return Finding::fail(
            check,
            "unclear",
            (
                format!("the gateway's answer cannot be believed: {said}"),
                format!("网关的回答不可采信：{said}"),
            ),
            (
                "if it is about the signature, the gateway's key in the settings is not the gateway's: compare it with the merchant page; else see what answers at gateway_url",
                "若与签名有关，则设置中的网关公钥或密钥不对，请与商家后台核对；否则请查看 gateway_url 处是什么在应答",
            ),
        );
    };
    let cause = (
        format!("{word}: {} {}", known.meaning.en, known.cause.en),
        format!("{word}：{}{}", known.meaning.zh, known.cause.zh),
    );
    let fix = (known.fix.en, known.fix.zh);
    // Services that a contract leaves out are no fault of the settings.
    match codes.no_service.contains(&word) && check == Check::Query {
        true => Finding::warn(check, word, cause, fix),
        false => Finding::fail(check, word, cause, fix),
    }
}

/// Fetches the token of a checkout, where the account's checkouts need one.
async fn timestamp(
    line: &Line<'_>,
    case: &Case<'_>,
    account: &AccountSetup,
) -> (Finding, Option<String>) {
    let gateway = account.account.gateway();
    let call = call(line, case, account, None);
    let request = match gateway.checkout_token(&call) {
        Ok(Some(request)) => request,
        Ok(None) => {
            let why = (
                "the account's payment requests need none",
                "该账户的付款请求不需要",
            );
            return (Finding::skip(Check::QueryTimestamp, why), None);
        }
        Err(refusal) => {
            return (Finding::not_done(Check::QueryTimestamp, &refusal), None);
        }
    };
    let read = match line.transport.send(request, ANSWER_LIMIT).await {
        Ok(reply) => gateway.read_checkout_token(&reply),
        Err(error) => Err(error.to_string()),
    };
    match read {
        Ok(token) => {
            let seen = ("a token was given out", "已取得时间戳");
            (Finding::pass(Check::QueryTimestamp, seen), Some(token))
        }
        Err(said) => (refused(Check::QueryTimestamp, account, &said), None),
    }
}

pub(super) fn number(line: &Line<'_>) -> String {
    format!("doctor{}", line.clock.token())
}

pub(super) fn call(
    line: &Line<'_>,
    case: &Case<'_>,
    account: &AccountSetup,
    token: Option<String>,
) -> CheckoutCall {
    let public = &case.setup.public_url;
    CheckoutCall {
        notify_url: account.notify_address(public),
        return_url: account.return_address(public, "doctor"),
        client_ip: Some(NO_BUYER.to_owned()),
        token,
        via_get: true,
        now: line.clock.wall(),
    }
}
