//! A report as people read it.

use crate::out::exact;
use quittance_core::Lang;
use quittance_server::doctor::{Finding, Report, Verdict};

/// A headline, where to begin, then everything else in its order.
pub fn told(report: &Report, online: bool, lang: Lang) -> String {
    let mut parts = vec![headline(report, lang)];
    let first = report.first();
    if let Some(first) = first {
        let heading = lang.pick("Begin here:", "请先看这一项：");
        parts.push(format!("{heading}\n{}", finding(first, lang)));
    }
    let rest = |one: &&Finding| first.is_none_or(|first| !std::ptr::eq(first, *one));
    let lines: Vec<String> = report
        .findings
        .iter()
        .filter(rest)
        .map(|one| finding(one, lang))
        .collect();
    parts.push(lines.join("\n"));
    if !online && report.ok() {
        parts.push(
            lang.pick(
                "Nobody was called. --online looks at the gateways, at our own addresses from outside and at the shop.",
                "以上未访问网络。加 --online 可检查网关、从外部访问本服务以及商户接收地址。",
            )
            .to_owned(),
        );
    }
    parts.join("\n\n")
}

fn headline(report: &Report, lang: Lang) -> String {
    let [fail, warn, pass, skip] = [Verdict::Fail, Verdict::Warn, Verdict::Pass, Verdict::Skip]
        .map(|verdict| report.count(verdict));
    match lang {
        Lang::En => format!("{fail} failed, {warn} to know, {pass} passed, {skip} not looked at."),
        Lang::Zh => format!("未通过 {fail} 项，提醒 {warn} 项，通过 {pass} 项，未检查 {skip} 项。"),
    }
}

fn finding(finding: &Finding, lang: Lang) -> String {
    let mark = match finding.verdict {
        Verdict::Fail => lang.pick("FAIL", "失败"),
        Verdict::Warn => lang.pick("warn", "提醒"),
        Verdict::Pass => lang.pick("ok  ", "通过"),
        Verdict::Skip => lang.pick("-   ", "未查"),
    };
    let title = finding.check.title();
    let (name, about) = (finding.check.name(), title.say(lang));
    let account = match &finding.account {
        Some(account) => format!(" [{account}]"),
        None => String::new(),
    };
    let bad = matches!(finding.verdict, Verdict::Fail | Verdict::Warn);
    let guide = match finding.check.guide().filter(|_| bad) {
        Some(guide) => format!(" ({} {guide})", lang.pick("guide", "指南")),
        None => String::new(),
    };
    let detail = exact(finding.detail.say(lang));
    let mut text = format!("{mark} {name}{account}: {about}{guide}\n       {detail}");
    if let Some(fix) = &finding.fix {
        let to_do = lang.pick("To do: ", "处理办法：");
        text.push_str(&format!("\n       {to_do}{}", exact(fix.say(lang))));
    }
    text
}
