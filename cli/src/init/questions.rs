//! What is asked at a terminal. An answer that the server would refuse is asked for again, in the reader's own words.

use super::plan::Plan;
use crate::demo::settings::Secrets;
use crate::ending::Stop;
use quittance_core::Lang;
use std::io::{BufRead, Write};
use std::path::Path;

/// After so many answers that do not fit the place stays open.
const TRIES_MAX: usize = 3;

/// The person at the terminal.
pub struct Asked<'a> {
    pub answers: &'a mut dyn BufRead,
    pub screen: &'a mut dyn Write,
    pub folder: &'a Path,
    pub secrets: &'a Secrets,
    pub lang: Lang,
}

type Slot = fn(&mut Plan) -> &mut Option<String>;

/// The settings with their questions.
const QUESTIONS: [(&str, &str, &str, Slot); 3] = [
    (
        "accounts.main.partner",
        "Partner id (PID), 16 digits beginning 2088; in the merchant centre (商家服务中心) under 技术服务",
        "合作者身份 ID（PID），以 2088 开头的 16 位数字；在“商家服务中心”→“技术服务”页面查询",
        |plan| &mut plan.partner,
    ),
    (
        "accounts.main.charset",
        "Charset of the shop's pages: utf-8, gbk or gb2312; the browser's encoding menu shows it",
        "商城页面的编码：utf-8、gbk 或 gb2312；可在网页上右键“编码”中查看",
        |plan| &mut plan.charset,
    ),
    (
        "public_url",
        "Address at which the gateway and buyers reach this server, such as https://pay.example.com",
        "网关和买家访问本服务的地址，例如 https://pay.example.com",
        |plan| &mut plan.public_url,
    ),
];

impl Asked<'_> {
    /// Asks for what is missing. An empty answer leaves the place open.
    ///
    /// # Errors
    /// A terminal that cannot be read.
    pub fn fill(&mut self, plan: &mut Plan) -> Result<(), Stop> {
        for (setting, en, zh, slot) in QUESTIONS {
            if slot(plan).is_some() {
                continue;
            }
            let later = self
                .lang
                .pick("Enter leaves it for later", "直接回车则以后再填");
            for _ in 0..TRIES_MAX {
                self.say(&format!("{} ({later}): ", self.lang.pick(en, zh)));
                let mut answer = String::new();
                let read = self.answers.read_line(&mut answer);
                read.map_err(|error| Stop::unable(error.to_string()))?;
                let answer = answer.trim();
                if answer.is_empty() {
                    break;
                }
                *slot(plan) = Some(answer.to_owned());
                let problems = plan.problems(self.folder, self.secrets)?;
                let Some(problem) = problems.iter().find(|problem| problem.setting == setting)
                else {
                    break;
                };
                *slot(plan) = None;
                self.say(&format!("{}\n", problem.say(self.lang)));
            }
        }
        Ok(())
    }

    fn say(&mut self, text: &str) {
        // Whoever closed the screen is asked in vain, and the places stay open.
        let _ = self
            .screen
            .write_all(text.as_bytes())
            .and_then(|()| self.screen.flush());
    }
}

#[cfg(test)]
mod tests {
    use super::super::plan::Place;
    use super::*;
    use quittance_server::clock::SystemClock;

    fn ask(typed: &str, lang: Lang) -> (Plan, String) {
        let env = |name: &str| Place::Env(name.to_owned());
        let mut plan = Plan {
            public_url: None,
            partner: None,
            charset: Some("gbk".to_owned()),
            key: env("K"),
            api_key: env("A"),
            webhook_secret: env("W"),
            gateway_url: None,
            seller_email: None,
            webhook_url: None,
        };
        let mut screen = Vec::new();
        let mut asked = Asked {
            answers: &mut typed.as_bytes(),
            screen: &mut screen,
            folder: Path::new(""),
            secrets: &Secrets::draw(&SystemClock::new()),
            lang,
        };
        asked.fill(&mut plan).unwrap();
        (plan, String::from_utf8(screen).unwrap())
    }

    #[test]
    fn only_what_is_missing_is_asked_for() {
        let (plan, screen) = ask("2088123412341234\nhttps://pay.example.com\n", Lang::En);
        assert_eq!(plan.partner.as_deref(), Some("2088123412341234"));
        assert_eq!(plan.public_url.as_deref(), Some("https://pay.example.com"));
        assert!(
            !screen.contains("Charset") && plan.open().is_empty(),
            "{screen}"
        );
    }

    #[test]
    fn a_wrong_answer_is_asked_for_again_and_no_answer_stays_open() {
        let (plan, screen) = ask("2088\n2088123412341234\n\n", Lang::Zh);
        assert_eq!(plan.partner.as_deref(), Some("2088123412341234"));
        assert!(screen.contains("处理办法："), "{screen}");
        assert_eq!(plan.open(), ["public_url"]);
        let (plan, _) = ask("1\n2\n3\n", Lang::En);
        assert_eq!(plan.open(), ["public_url", "accounts.main.partner"]);
        let (plan, _) = ask("", Lang::En);
        assert_eq!(plan.open().len(), 2);
    }
}
