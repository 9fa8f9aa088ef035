//! `demo --auto`: eleven stories over real HTTP, each with an end that is checked at the gateway, the server and the shop.

mod audit;
mod codepay;
mod forged;
mod paid;
mod refunded;
mod stage;

use super::world::World;
use crate::ending::Stop;
use crate::out::{self, items};
use crate::timeline::timeline;
use audit::End;
use quittance_core::Lang;
use stage::{Purchase, Stage};
use std::time::Duration;

/// The stories, in the order in which they are told.
const STORIES: [Story; 11] = [
    Story::PageClosed,
    Story::ReturnFirst,
    Story::NotifyLost,
    Story::AllLost,
    Story::TenAtOnce,
    Story::Forged,
    Story::Refunded,
    Story::Dinpay,
    Story::Counter,
    Story::Online,
    Story::CancelRace,
];

/// One way that a payment can go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Story {
    PageClosed,
    ReturnFirst,
    NotifyLost,
    AllLost,
    TenAtOnce,
    Forged,
    Refunded,
    Dinpay,
    Counter,
    Online,
    CancelRace,
}

/// What was seen at the end, in both languages.
struct Seen {
    en: String,
    zh: String,
}

/// A story's end: what was seen, or what went wrong.
type Told = Result<Seen, String>;

impl Seen {
    /// The end of a story that ended right.
    fn told(en: &str, zh: &str) -> Told {
        Ok(Seen {
            en: en.to_owned(),
            zh: zh.to_owned(),
        })
    }
}

impl Story {
    fn title(self, lang: Lang) -> &'static str {
        match self {
            Story::PageClosed => lang.pick("paid and the page closed", "付款后关闭页面"),
            Story::ReturnFirst => lang.pick("return before notify", "返回先于通知"),
            Story::NotifyLost => lang.pick("notify lost", "通知丢失"),
            Story::AllLost => lang.pick("all lost", "全部丢失"),
            Story::TenAtOnce => lang.pick("notify ten times at once", "同一通知同时到达十次"),
            Story::Forged => lang.pick("forged and re-cut", "伪造与重切签名串"),
            Story::Refunded => lang.pick("paid back", "退款"),
            Story::Dinpay => lang.pick("Dinpay, return lost", "智付：返回丢失"),
            Story::Counter => lang.pick("CodePay, at the counter", "CodePay：柜台付款"),
            Story::Online => lang.pick("CodePay, online", "CodePay：在线付款"),
            Story::CancelRace => lang.pick("CodePay, a cancel race", "CodePay：撤销与付款竞争"),
        }
    }

    /// How its orders end.
    fn end(self) -> End {
        match self {
            Story::Forged => End::Unpaid,
            Story::CancelRace => End::TakenBack,
            _ => End::Paid,
        }
    }

    async fn play(self, stage: &Stage<'_>, bought: &mut Vec<Purchase>) -> Told {
        match self {
            Story::PageClosed => paid::page_closed(stage, bought).await,
            Story::ReturnFirst => paid::return_first(stage, bought).await,
            Story::NotifyLost => paid::notify_lost(stage, bought).await,
            Story::AllLost => paid::all_lost(stage, bought).await,
            Story::TenAtOnce => paid::ten_at_once(stage, bought).await,
            Story::Forged => forged::forged(stage, bought).await,
            Story::Refunded => refunded::together(stage, bought).await,
            Story::Dinpay => paid::by_dinpay(stage, bought).await,
            Story::Counter => codepay::at_the_counter(stage, bought).await,
            Story::Online => codepay::online(stage, bought).await,
            Story::CancelRace => codepay::cancel_race(stage, bought).await,
        }
    }
}

/// Plays all stories, a line each, then counts what the shop was told.
///
/// # Errors
/// [`Stop::Wrong`] where a story ended wrong or an event came not exactly once.
pub async fn play(world: &World, lang: Lang) -> Result<(), Stop> {
    let stage = Stage::new(world).map_err(Stop::unable)?;
    out::line(lang.pick(
        "Eleven stories over real HTTP: shop, server, sandbox gateway, one buyer.",
        "十一个场景，全部经过真实 HTTP：商城、服务、沙箱网关、买家。",
    ));
    let began = world.clock.mono();
    let mut right = 0;
    let mut sold = Vec::new();
    for (story, number) in STORIES.into_iter().zip(1..) {
        let at = world.clock.mono();
        let mut bought = Vec::new();
        let told = story.play(&stage, &mut bought).await;
        let took = world.clock.mono().saturating_sub(at);
        let title = story.title(lang);
        match told {
            Ok(seen) => {
                right += 1;
                let text = lang.pick(&seen.en, &seen.zh);
                out::line(format!("✓ {number} {title}: {text} ({})", seconds(took)));
            }
            Err(why) => {
                out::line(format!("✗ {number} {title}: {why} ({})", seconds(took)));
                journals(&stage, &bought, lang).await;
            }
        }
        sold.extend(bought.into_iter().map(|purchase| (purchase, story.end())));
    }
    let counted = audit::receipts(&stage, &sold).await;
    let took = seconds(world.clock.mono().saturating_sub(began));
    match (&counted, right == STORIES.len()) {
        (Ok(events), true) => {
            out::line(match lang {
                Lang::En => format!(
                    "All eleven ended right, and each of {events} events reached the shop exactly once, in {took}."
                ),
                Lang::Zh => {
                    format!(
                        "十一个场景全部正确，{events} 个事件各送达商城恰好一次，共用时 {took}。"
                    )
                }
            });
            Ok(())
        }
        (Ok(_), false) => Err(Stop::wrong(match lang {
            Lang::En => format!("{right} of 11 stories ended right, in {took}."),
            Lang::Zh => format!("11 个场景中 {right} 个正确，共用时 {took}。"),
        })),
        (Err(why), _) => Err(Stop::wrong(format!(
            "{}: {why}",
            lang.pick(
                "The shop was not told exactly once",
                "商城收到的通知次数不对"
            )
        ))),
    }
}

/// What the journal knows of the orders of a story that ended wrong.
async fn journals(stage: &Stage<'_>, bought: &[Purchase], lang: Lang) {
    for purchase in bought {
        match stage.journal(purchase).await {
            Ok(page) => out::line(timeline(items(&page, "items"), lang)),
            Err(why) => out::line(why),
        }
    }
}

/// A span as people say it: `38 ms`, `5.1 s`.
fn seconds(span: Duration) -> String {
    match span.as_secs() {
        0 => format!("{} ms", span.as_millis()),
        secs => format!("{secs}.{} s", span.subsec_millis() / 100),
    }
}
