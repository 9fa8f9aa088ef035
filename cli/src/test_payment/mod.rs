//! `test-payment`: the guide's test with one cent, in five steps (seed 001 4).
//!
//! Read it downwards: which step, its order, following it, its summary. What was passed is a note in a test order's journal.

mod about;
mod advice;
mod findings;
mod gap;
mod joined;
mod memory;
mod order;
mod qr;
mod show;
mod step;
mod text;
mod watch;

use crate::client::{Client, Reach};
use crate::context::{Context, account};
use crate::ending::Stop;
use crate::out::{self, field};
use about::About;
use clap::Args;
use memory::Memory;
use quittance_core::Lang;
use quittance_server::clock::{Clock, Mono, SystemClock};
use serde_json::{Value, json};
use show::Show;
use std::io::IsTerminal;
use std::sync::Arc;
use std::time::Duration;
use step::Step;

const EXAMPLE: &str = "\
Examples:
  quittance test-payment --account main              the first step that was not passed yet
  quittance test-payment --account main --step 2     the account alone, on the server, as far as the notify
  quittance test-payment --account main --step 3     pings the shop's webhook, signed and wrongly signed
  quittance test-payment --account main --from-shop  then buy something for 0.01 in the shop

The steps are those of the gateway's guide:
  1  the account alone, on this machine: cashier, return
  2  the account alone, on the server: cashier, return, notify
  3  the shop joined: its API key and its webhook
  4  an order of the shop, on this machine: as 1
  5  an order of the shop, on the server: as 2, and the webhook's 2xx

It talks to the running server. At a live account one cent of real money is paid. It ends with 0 if the step was passed,
1 if something is missing or wrong, 2 if it could not run.";

/// Options of `test-payment`.
#[derive(Args)]
#[command(after_help = EXAMPLE)]
pub struct TestPayment {
    #[command(flatten)]
    reach: Reach,
    /// The account of the settings to test
    #[arg(long, value_name = "NAME")]
    account: String,
    /// This step; the first that was not passed where it is left out
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=5))]
    step: Option<u8>,
    /// Steps 4 and 5, which wait for the next order of 0.01 that the shop makes
    #[arg(long)]
    from_shop: bool,
    /// The currency of the test order, where the account takes several
    #[arg(long, value_name = "CODE")]
    currency: Option<String>,
    /// How long to wait for all of it
    #[arg(long, value_name = "SECONDS", default_value_t = 600, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    timeout: u64,
    /// The QR code of the pay link even where no terminal is
    #[arg(long)]
    qr: bool,
}

/// A test under way.
struct Test<'a> {
    about: About<'a>,
    client: Client,
    clock: Arc<dyn Clock>,
    deadline: Mono,
    lang: Lang,
}

impl TestPayment {
    /// Runs one step.
    ///
    /// # Errors
    /// What is missing or wrong, or why it could not run.
    pub async fn run(self, context: &Context) -> Result<(), Stop> {
        let lang = context.lang;
        let client = self.reach.client(context)?;
        let (setup, _) = context.setup()?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        let test = Test {
            about: About {
                setup: &setup,
                account: account(&setup, &self.account, lang)?,
            },
            client,
            deadline: clock.mono() + Duration::from_secs(self.timeout),
            clock,
            lang,
        };
        let memory = Memory::read(&test.client, &self.account).await;
        let memory = memory.map_err(|error| error.stop(lang))?;
        let Some(step) = self.chosen(&memory, lang)? else {
            self.all_passed(lang);
            return Ok(());
        };
        out::error(&heading(step, lang));
        let passed = match step {
            Step::Joined => self.joined(&test, &memory).await?,
            _ => self.paid(&test, step, &memory).await?,
        };
        match passed {
            true => Ok(()),
            false => Err(Stop::wrong("")),
        }
    }

    /// The step that was asked for, or the first that was not passed. `None` where all were.
    fn chosen(&self, memory: &Memory, lang: Lang) -> Result<Option<Step>, Stop> {
        let asked = self.step.and_then(Step::of_number);
        if self.from_shop && asked.is_some_and(|step| !step.by_shop()) {
            return Err(Stop::unable(lang.pick(
                "--from-shop belongs to the steps 4 and 5: in the others no shop makes an order.\n  To do: leave it out, or choose --step 4 or --step 5.",
                "--from-shop 只用于步骤 4 和 5：其他步骤没有商城下单。\n  处理办法：去掉它，或选择 --step 4 或 --step 5。",
            )));
        }
        let next = match self.from_shop {
            true => Some(match memory.passed.contains(&Step::Shop) {
                true => Step::ShopOnServer,
                false => Step::Shop,
            }),
            false => memory.next(),
        };
        let step = asked.or(next);
        let homeless = matches!(step, Some(Step::Joined | Step::Shop | Step::ShopOnServer));
        if homeless && memory.newest.is_none() {
            return Err(Stop::unable(match lang {
                Lang::En => format!(
                    "The account {0} has no test order yet, in whose journal this step could be remembered.\n  To do: run step 1 first: quittance test-payment --account {0} --step 1",
                    self.account
                ),
                Lang::Zh => format!(
                    "账户 {0} 还没有测试订单，无处记录此步骤已通过。\n  处理办法：请先执行步骤 1：quittance test-payment --account {0} --step 1",
                    self.account
                ),
            }));
        }
        Ok(step)
    }

    fn all_passed(&self, lang: Lang) {
        if self.reach.json {
            let steps: Vec<u8> = Step::ALL.into_iter().map(Step::number).collect();
            out::json(&json!({"account": self.account, "passed": true, "passed_steps": steps}));
            return;
        }
        out::line(lang.pick(
            "All five steps were passed. --step N runs one again.",
            "五个步骤均已通过。可用 --step N 重新执行其中一步。",
        ));
    }

    async fn joined(&self, test: &Test<'_>, memory: &Memory) -> Result<bool, Stop> {
        let joined = joined::join(test).await?;
        match self.reach.json {
            true => out::json(&joined.value(test)),
            false => out::line(joined.told(test.lang)),
        }
        let passed = joined.passed();
        if let (true, Some(order_no)) = (passed, &memory.newest) {
            self.remember(test, order_no, Step::Joined, memory).await?;
        }
        Ok(passed)
    }

    async fn paid(&self, test: &Test<'_>, step: Step, memory: &Memory) -> Result<bool, Stop> {
        let lang = test.lang;
        if step.wants_delivery() && test.about.webhooks().next().is_none() {
            return Err(Stop::wrong(lang.pick(
                "No webhook hears this account, so that nothing can be delivered.\n  To do: add a [[webhooks]] section to the settings and run step 3.",
                "没有 webhook 接收此账户的事件，因此无法投递。\n  处理办法：请在设置中添加 [[webhooks]] 小节，然后执行步骤 3。",
            )));
        }
        let mut show = Show::new();
        show.line(test.notify_note(step));
        let order = match step.by_shop() {
            true => order::of_shop(test, &mut show).await?,
            false => order::make(test, self.currency.as_deref()).await?,
        };
        self.link(&order, lang);
        let seen = watch::watch(test, step, order, &mut show).await?;
        show.end();
        match self.reach.json {
            true => out::json(&text::value(test, step, &seen)),
            false => out::line(text::told(test, step, &seen)),
        }
        let passed = seen.gaps.is_empty();
        let own = field(&seen.order, "order_no");
        let kept = match step.by_shop() {
            true => memory.newest.clone(),
            false => Some(own),
        };
        if let (true, Some(order_no)) = (passed, kept) {
            self.remember(test, &order_no, step, memory).await?;
        }
        Ok(passed)
    }

    /// The link, and its picture where somebody can point a telephone at it.
    fn link(&self, order: &Value, lang: Lang) {
        let link = field(order, "pay_url");
        let text = format!("{}{link}", lang.pick("pay link: ", "付款链接："));
        // Standard output is the object alone where a program reads it.
        let say = |text: &str| match self.reach.json {
            true => out::error(text),
            false => out::line(text),
        };
        say(&text);
        let shown = std::io::stdout().is_terminal() && !self.reach.json;
        if let Some(picture) = qr::picture(&link).filter(|_| shown || self.qr) {
            say(&picture);
        }
    }

    async fn remember(
        &self,
        test: &Test<'_>,
        order_no: &str,
        step: Step,
        before: &Memory,
    ) -> Result<(), Stop> {
        let lang = test.lang;
        let noted = Memory::note(&test.client, &self.account, order_no, step).await;
        noted.map_err(|error| error.stop(lang))?;
        if self.reach.json {
            return Ok(());
        }
        let number = step.number();
        out::line(match lang {
            Lang::En => format!("✓ Step {number} is passed."),
            Lang::Zh => format!("✓ 步骤 {number} 已通过。"),
        });
        let passed = |other: &Step| *other == step || before.passed.contains(other);
        if let Some(next) = Step::ALL.into_iter().find(|other| !passed(other)) {
            let (number, title) = (next.number(), next.title(lang));
            out::line(match lang {
                Lang::En => format!("Next is step {number}: {title}."),
                Lang::Zh => format!("下一步是步骤 {number}：{title}。"),
            });
        }
        Ok(())
    }
}

impl Test<'_> {
    /// Whether the gateway's server can call here, said before anything is waited for.
    fn notify_note(&self, step: Step) -> &'static str {
        match (self.about.deaf(), self.about.account.live) {
            (true, _) if step.wants_notify() => self.lang.pick(
                "The gateway's server cannot call here: it is on the internet, and the notify address is not. This step belongs on the server.",
                "网关服务器无法访问此处：它在互联网上，而通知地址不在。此步骤应在服务器上执行。",
            ),
            (true, _) => self.lang.pick(
                "The notify cannot arrive here: the gateway is on the internet, and the notify address is not. This step does without it.",
                "异步通知无法到达此处：网关在互联网上，而通知地址不在。此步骤不需要它。",
            ),
            (false, false) => self.lang.pick(
                "The gateway is a sandbox beside this server: the notify can arrive here too.",
                "网关是本机或内网的沙箱：异步通知也能到达此处。",
            ),
            (false, true) => self.lang.pick(
                "The notify address is one that the internet may reach: the notify is told when it arrives.",
                "通知地址可能可从互联网访问：异步通知到达时会显示。",
            ),
        }
    }
}

fn heading(step: Step, lang: Lang) -> String {
    let (number, title) = (step.number(), step.title(lang));
    match lang {
        Lang::En => format!("Step {number} of 5: {title}"),
        Lang::Zh => format!("步骤 {number}/5：{title}"),
    }
}
