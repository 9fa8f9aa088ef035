//! What callbacks tell: whether they verify, and whether their text is text (seed 001 5.2 1D, 3A; 4.4).

use super::check::Check;
use super::report::Finding;
use crate::setup::{AccountSetup, Setup};
use crate::store::Heard;
use quittance_core::charset::Charset;
use quittance_core::entry::What;
use quittance_core::flat::Flat;
use quittance_core::gateway::inspection::{Doubt, Exchange, Inspection, Mistake, Subject};
use quittance_core::gateway::{Opinion, Verdict};
use quittance_core::mojibake::mojibake;
use quittance_core::params::Params;
use quittance_core::{OrderState, Timestamp};

/// The probe text: the product's own name in Chinese.
const PROBE: &str = "收讫";

/// Whether the gateway's callbacks verify. Whoever scans the internet posts to notify addresses too, so a message that
/// fits no mistake is held against the settings only where nothing has ever fitted.
pub(super) fn signatures(
    setup: &Setup,
    account: &AccountSetup,
    heard: &[Heard],
    now: Timestamp,
) -> Finding {
    let verdict = |one: &&Heard| {
        matches!(one.record.what, What::Notify(_) | What::Return(_))
            .then_some(one.record.verdict)?
    };
    let callbacks: Vec<(&Heard, Verdict)> = heard
        .iter()
        .filter_map(|one| Some((one, verdict(&one)?)))
        .collect();
    let good = |verdict: Verdict| !matches!(verdict, Verdict::BadSignature | Verdict::Malformed);
    let fitted = callbacks.iter().filter(|(_, one)| good(*one)).count();
    let bad: Vec<&Heard> = callbacks
        .iter()
        .take_while(|(_, one)| !good(*one))
        .map(|(one, _)| *one)
        .collect();
    let all = callbacks.len();
    if callbacks.is_empty() {
        return Finding::skip(
            Check::Signatures,
            ("no callback came lately", "近期没有收到回调"),
        )
        .of(&account.name);
    }
    if let Some((one, verdict @ (Verdict::Ambiguous | Verdict::PayeeMismatch))) = callbacks.first()
    {
        let (seq, word) = (one.seq, verdict.word());
        let reason = one.record.reason.as_deref().unwrap_or(word);
        let name = &account.name;
        return Finding::fail(
            Check::Signatures,
            word,
            (
                format!("entry {seq} is signed rightly and is not believed: {reason}"),
                format!("第 {seq} 条记录签名正确但不予采信：{reason}"),
            ),
            (
                format!("`quittance inspect --account {name} --journal {seq}` shows the step that failed; give each account a notify address of its own"),
                format!("`quittance inspect --account {name} --journal {seq}` 会显示未通过的步骤；请为每个账户使用各自的通知地址"),
            ),
        )
        .of(name);
    }
    for one in &bad {
        let Some(found) = inspected(setup, account, one, now) else {
            continue;
        };
        if let Some(mistake) = found.mistakes.first() {
            let seq = one.seq;
            return Finding::fail(
                Check::Signatures,
                mistake.code,
                (
                    format!("entry {seq} does not verify: {}", mistake.cause.en),
                    format!("第 {seq} 条记录验证不通过：{}", mistake.cause.zh),
                ),
                mistake.fix.clone(),
            )
            .of(&account.name);
        }
    }
    let signed = bad.iter().find(|one| looks_signed(one));
    if let Some(one) = signed.filter(|_| fitted == 0) {
        let seq = one.seq;
        return Finding::fail(
            Check::Signatures,
            "none_verifies",
            (
                format!("none of the last {all} callbacks verifies, and no likely mistake explains them"),
                format!("最近 {all} 条回调全部验证不通过，且没有常见错误能解释"),
            ),
            (
                format!("compare the account's key, or gateway_public_key, with the gateway's merchant page; then `quittance inspect --account {} --journal {seq}`", account.name),
                format!("请与网关商家后台核对密钥或 gateway_public_key；再运行 `quittance inspect --account {} --journal {seq}`", account.name),
            ),
        )
        .of(&account.name);
    }
    let count = all - fitted;
    Finding::pass(
        Check::Signatures,
        (
            format!("equal for {fitted} of the last {all} callbacks; the other {count} look like strangers'"),
            format!("最近 {all} 条回调中 {fitted} 条相等；其余 {count} 条像是外人发来的"),
        ),
    )
    .of(&account.name)
}

/// Explains a journaled callback.
fn inspected(
    setup: &Setup,
    account: &AccountSetup,
    heard: &Heard,
    now: Timestamp,
) -> Option<Inspection> {
    let wire = heard.body.as_deref()?;
    let others = setup.others(&account.name);
    let exchange = match heard.record.what {
        What::Return(_) => Exchange::Return,
        _ => Exchange::Notify,
    };
    Some(account.account.gateway().inspect(&Subject {
        exchange,
        wire,
        now,
        others: &others,
    }))
}

/// Whether a message carries a signature at all, and a number of a trade or an order.
fn looks_signed(heard: &Heard) -> bool {
    let body = heard.body.as_deref().unwrap_or_default();
    let text = String::from_utf8_lossy(body);
    text.contains("sign") && (text.contains("trade_no") || text.contains("order_no"))
}

/// Whether the gateway says that callbacks are its own, when it is asked.
pub(super) fn opinions(account: &AccountSetup, heard: &[Heard]) -> Finding {
    let gateway = account.account.gateway();
    if !gateway.traits().second_opinion {
        return Finding::skip(
            Check::Opinions,
            (
                "the gateway cannot be asked about callbacks; their signature is the proof",
                "该网关不提供回调确认；以签名为证明",
            ),
        )
        .of(&account.name);
    }
    let newest = heard.iter().find_map(|one| match &one.record.what {
        What::Notify(callback) => Some((one, callback.opinion?)),
        _ => None,
    });
    let Some((newest, opinion)) = newest else {
        return Finding::skip(
            Check::Opinions,
            (
                "the gateway was not asked about any notify lately",
                "近期没有就异步通知询问过网关",
            ),
        )
        .of(&account.name);
    };
    let Some(Mistake { code, cause, fix }) = doubted(account, newest, opinion, heard) else {
        let seq = newest.seq;
        return Finding::pass(
            Check::Opinions,
            (
                format!("`true`, of the newest notify that it was asked about (entry {seq})"),
                format!("最近一条询问过的异步通知（第 {seq} 条记录）为 true"),
            ),
        )
        .of(&account.name);
    };
    let seq = newest.seq;
    let cause = (
        format!("entry {seq}: {}", cause.en),
        format!("第 {seq} 条记录：{}", cause.zh),
    );
    Finding::fail(Check::Opinions, code, cause, fix).of(&account.name)
}

/// Why the gateway did not say that a journaled callback is its own. `heard` are the entries around it, the newest
/// first: its second opinion is the one just before it.
#[must_use]
pub fn doubted(
    account: &AccountSetup,
    callback: &Heard,
    opinion: Opinion,
    heard: &[Heard],
) -> Option<Mistake> {
    let before = || heard.iter().filter(|one| one.seq < callback.seq);
    let answer = before().find(|one| {
        matches!(one.record.what, What::SecondOpinion { .. })
            && one.record.order_no == callback.record.order_no
    });
    account.account.gateway().doubted(&Doubt {
        opinion,
        answer: answer.and_then(|one| one.body.as_deref()),
        wire: callback.body.as_deref().unwrap_or_default(),
        at: callback.at,
        confirmed: &confirmed(before()),
    })
}

/// The callbacks of which the gateway said that they are its own, each with its number in the journal.
pub fn confirmed<'a>(heard: impl Iterator<Item = &'a Heard>) -> Vec<(u64, &'a [u8])> {
    let own = |one: &&Heard| match &one.record.what {
        What::Notify(callback) | What::Return(callback) => callback.opinion == Some(Opinion::True),
        _ => false,
    };
    heard
        .filter(own)
        .filter_map(|one| Some((one.seq, one.body.as_deref()?)))
        .collect()
}

/// Whether text arrives as it was sent: the account's charset, what the shop sends, and what the gateway sends.
pub(super) fn charset(account: &AccountSetup, orders: &[OrderState], heard: &[Heard]) -> Finding {
    let wire = account.account.gateway().wire();
    let ours = wire.charset;
    let garbled = orders
        .iter()
        .find_map(|order| Some((order, mojibake(&order.order.subject)?)));
    if let Some((order, found)) = garbled {
        let (key, read) = (&order.order.key, found.read);
        let written = found.written.map_or("another charset", Charset::label);
        return Finding::fail(
            Check::Charset,
            "shop_garbles",
            (
                format!("the shop's side is wrong: the title of {key} was written in {written} and read as {read} before it reached us: {:?}, meant: {:?}", order.order.subject, found.meant),
                format!("问题在商户一侧：{key} 的标题以 {written} 写成、按 {read} 读取后才传给本服务：{:?}，原意：{:?}", order.order.subject, found.meant),
            ),
            (
                "send JSON in UTF-8 to the API, whatever the shop's own pages are written in; convert where the shop reads its database or files",
                "无论商户页面使用何种编码，调用 API 时都要发送 UTF-8 的 JSON；请在商户读取数据库或文件处转换",
            ),
        )
        .of(&account.name);
    }
    // One whose text is none is not believed, rightly signed as it is.
    let signed = heard.iter().find(|one| {
        matches!(one.record.what, What::Notify(_))
            && matches!(
                one.record.verdict,
                Some(Verdict::Genuine | Verdict::Ambiguous)
            )
    });
    for value in signed.map(values).unwrap_or_default() {
        let told = match ours.decode(&value) {
            Ok(text) => mojibake(&text).map(|found| found.read.to_owned()),
            Err(_) => Some(format!("bytes that are no {}", ours.label())),
        };
        if let Some(read) = told {
            let seq = signed.map_or(0, |one| one.seq);
            let shown = ours.display(&value);
            return Finding::fail(
                Check::Charset,
                "callback_garbled",
                (
                    format!("the gateway's side does not fit the account: a value of entry {seq} reads {shown:?} in {} ({read})", ours.label()),
                    format!("网关一侧与账户不一致：第 {seq} 条记录中的值按 {} 读作 {shown:?}（{read}）", ours.label()),
                ),
                (
                    "set `charset` to what the orders were sent with (make a second account for the new one), and see that no proxy converts bodies",
                    "请把 charset 设为发单时的编码（新编码请另设账户），并确认代理没有转换正文",
                ),
            )
            .of(&account.name);
        }
    }
    let hex = |charset: Charset| {
        let bytes = charset.encode(PROBE).unwrap_or_default();
        let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
        digits.join(" ")
    };
    let (utf8, gbk) = (hex(Charset::Utf8), hex(Charset::Gbk));
    let shown = signed.and_then(|one| Some((one.seq, values(one).into_iter().next()?)));
    let (en, zh) = match shown {
        Some((seq, value)) => {
            let text = ours.display(&value);
            (
                format!("; the callback of entry {seq} reads {text:?}"),
                format!("；第 {seq} 条回调读作 {text:?}"),
            )
        }
        None => (String::new(), String::new()),
    };
    Finding::pass(
        Check::Charset,
        (
            format!("{} on the wire; {PROBE} is {utf8} in utf-8 and {gbk} in gbk; no title or callback is garbled{en}", ours.label()),
            format!("传输使用 {}；“{PROBE}”的 utf-8 为 {utf8}，gbk 为 {gbk}；标题与回调均无乱码{zh}", ours.label()),
        ),
    )
    .of(&account.name)
}

/// The values of a message that are not plain ASCII.
fn values(heard: &Heard) -> Vec<Vec<u8>> {
    let body = heard.body.as_deref().unwrap_or_default();
    let all: Vec<Vec<u8>> = match Params::parse(body) {
        Ok(params) => params.iter().map(|(_, value)| value.to_vec()).collect(),
        Err(_) => Flat::parse(body)
            .map(|flat| {
                flat.iter()
                    .map(|(_, value)| value.as_bytes().to_vec())
                    .collect()
            })
            .unwrap_or_default(),
    };
    all.into_iter().filter(|value| !value.is_ascii()).collect()
}
