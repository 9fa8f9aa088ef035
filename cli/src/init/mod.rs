//! `init`: a settings file that says beside each setting where its value is found, with fresh secrets beside it.

mod files;
mod plan;
mod questions;
mod template;

use crate::context::Context;
use crate::demo::settings::Secrets;
use crate::ending::Stop;
use crate::out;
use crate::sandbox::{KEY, PARTNER};
use clap::{Args, ValueEnum};
use plan::{Place, Plan};
use questions::Asked;
use quittance_core::Lang;
use quittance_server::clock::SystemClock;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

/// Where `quittance sandbox` listens.
const SANDBOX_URL: &str = "http://127.0.0.1:8090/gateway.do";
/// Where `quittance serve` listens.
const LOCAL_URL: &str = "http://127.0.0.1:8080";
/// The files of secrets, beside the settings.
const API_KEY: &str = "secrets/api.key";
const WEBHOOK: &str = "secrets/webhook.secret";
const SANDBOX_KEY: &str = "secrets/sandbox.key";

const EXAMPLE: &str = "\
Examples:
  quittance init --sandbox                             then `quittance sandbox` and `quittance serve` work at once
  quittance init                                       asks for what is missing; Enter leaves a place for later
  quittance init --partner 2088… --charset gbk --public-url https://pay.example.com --key-file alipay.key
  quittance init --config /etc/quittance/quittance.toml --secrets env

It never overwrites settings without --force, and secrets never. The comments are in the language of --lang.";

/// Options of `init`.
#[derive(Args)]
#[command(after_help = EXAMPLE)]
pub struct Init {
    /// The gateway of the account
    #[arg(long, value_parser = ["alipay"], default_value = "alipay")]
    gateway: String,
    /// For the sandbox gateway, where no money moves: nothing has to be filled in
    #[arg(long, conflicts_with_all = ["partner", "key_file", "key_env"])]
    sandbox: bool,
    /// The partner id (PID): 16 digits beginning 2088
    #[arg(long, value_name = "ID")]
    partner: Option<String>,
    /// The file that holds the security key of the contract (chmod 600)
    #[arg(long, value_name = "FILE", conflicts_with = "key_env")]
    key_file: Option<PathBuf>,
    /// The environment variable that holds it; ALIPAY_KEY where neither is said
    #[arg(long, value_name = "NAME")]
    key_env: Option<String>,
    /// The charset of the shop's pages: utf-8, gbk or gb2312
    #[arg(long, value_name = "CHARSET")]
    charset: Option<String>,
    /// The address at which the gateway and buyers reach this server
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// The login of the payee, if that is not the partner
    #[arg(long, value_name = "LOGIN")]
    seller_email: Option<String>,
    /// Where your shop is told what happened
    #[arg(long, value_name = "URL")]
    webhook_url: Option<String>,
    /// Where the fresh secrets go: into files beside the settings, or onto the terminal for the environment
    #[arg(long, value_enum, default_value_t = Keeping::Files)]
    secrets: Keeping,
    /// Replace settings that are there already
    #[arg(long)]
    force: bool,
}

/// Where fresh secrets go.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Keeping {
    /// Files beside the settings
    Files,
    /// The environment
    Env,
}

impl Init {
    /// Writes the settings.
    ///
    /// # Errors
    /// Settings that are there already, a value that the server would refuse, or a folder that cannot be written.
    pub fn run(self, context: &Context) -> Result<(), Stop> {
        let (lang, config) = (context.lang, &context.config);
        if !self.force && config.exists() {
            return Err(exists(config, lang));
        }
        let folder = config.parent().unwrap_or(Path::new(""));
        let secrets = Secrets::draw(&SystemClock::new());
        let mut plan = self.plan(folder)?;
        self.admit(&plan, folder, &secrets, lang)?;
        if std::io::stdin().is_terminal() {
            let mut asked = Asked {
                answers: &mut std::io::stdin().lock(),
                screen: &mut std::io::stderr(),
                folder,
                secrets: &secrets,
                lang,
            };
            asked.fill(&mut plan)?;
        }
        let text = plan.text(lang)?;
        let kept = self.keep(folder, &secrets, lang)?;
        if !files::write(config, &text, self.force, lang)? {
            return Err(exists(config, lang));
        }
        self.report(&plan, context, &secrets, &kept);
        Ok(())
    }

    /// What the options say.
    fn plan(&self, folder: &Path) -> Result<Plan, Stop> {
        let outside = |file: &str, name: &str| match self.secrets {
            Keeping::Files => Place::File(file.to_owned()),
            Keeping::Env => Place::Env(name.to_owned()),
        };
        let default = |given: &Option<String>, of_sandbox: &str| {
            given
                .clone()
                .or(self.sandbox.then(|| of_sandbox.to_owned()))
        };
        let key = match (&self.key_file, &self.key_env) {
            (Some(file), _) => Place::File(beside(folder, file)?),
            (None, Some(name)) => Place::Env(name.clone()),
            (None, None) if self.sandbox => outside(SANDBOX_KEY, "ALIPAY_KEY"),
            (None, None) => Place::Env("ALIPAY_KEY".to_owned()),
        };
        Ok(Plan {
            public_url: default(&self.public_url, LOCAL_URL),
            partner: default(&self.partner, PARTNER),
            charset: default(&self.charset, "utf-8"),
            key,
            api_key: outside(API_KEY, "QUITTANCE_API_KEY"),
            webhook_secret: outside(WEBHOOK, "SHOP_WEBHOOK_SECRET"),
            gateway_url: self.sandbox.then(|| SANDBOX_URL.to_owned()),
            seller_email: self.seller_email.clone(),
            webhook_url: self.webhook_url.clone(),
        })
    }

    /// A value that the server would refuse is refused here, before anything is written.
    fn admit(&self, plan: &Plan, folder: &Path, secrets: &Secrets, lang: Lang) -> Result<(), Stop> {
        let problems = plan.problems(folder, secrets)?;
        if problems.is_empty() {
            return Ok(());
        }
        let heading = lang.pick(
            "Nothing was written: the server would not start with these values.",
            "没有写入任何文件：用这些值服务无法启动。",
        );
        let said = problems.iter().map(|problem| problem.say(lang));
        let lines: Vec<String> = std::iter::once(heading.to_owned()).chain(said).collect();
        Err(Stop::unable(lines.join("\n")))
    }

    /// Writes the secrets' files. A secret that is there already is in use somewhere: it stays. Gives the files, and
    /// whether each is new.
    fn keep(
        &self,
        folder: &Path,
        secrets: &Secrets,
        lang: Lang,
    ) -> Result<Vec<(&'static str, bool)>, Stop> {
        if self.secrets == Keeping::Env {
            return Ok(Vec::new());
        }
        let mut all = vec![
            (API_KEY, secrets.api_key.as_str()),
            (WEBHOOK, &secrets.webhook),
        ];
        if self.sandbox {
            all.push((SANDBOX_KEY, KEY));
        }
        let write = |(file, secret): (&'static str, &str)| {
            let new = files::write(&folder.join(file), &format!("{secret}\n"), false, lang)?;
            Ok((file, new))
        };
        all.into_iter().map(write).collect()
    }

    fn report(&self, plan: &Plan, context: &Context, secrets: &Secrets, kept: &[(&str, bool)]) {
        let (lang, config) = (context.lang, &context.config);
        let folder = config.parent().unwrap_or(Path::new(""));
        let mut lines = vec![match lang {
            Lang::En => format!("Written: {} (only you can read it).", config.display()),
            Lang::Zh => format!("已写入 {}（仅您本人可读）。", config.display()),
        }];
        for (file, new) in kept {
            let file = folder.join(file);
            let how = match new {
                true => lang.pick("fresh secret:", "新密钥："),
                false => lang.pick("kept as it was:", "已存在，未改动："),
            };
            lines.push(format!("  {how} {}", file.display()));
        }
        let open = plan.open();
        if !open.is_empty() {
            let heading = lang.pick(
                "Still to fill in, where the file has < and >:",
                "以下各项还需填写（文件中带 < > 处）：",
            );
            lines.push(format!("{heading} {}", open.join(", ")));
        }
        lines.push(lang.pick("Next:", "下一步：").to_owned());
        lines.extend(
            self.next(plan, config, secrets, lang)
                .iter()
                .map(|step| format!("  {step}")),
        );
        out::line(lines.join("\n"));
    }

    /// The commands that come next.
    fn next(&self, plan: &Plan, config: &Path, secrets: &Secrets, lang: Lang) -> Vec<String> {
        let mut steps = Vec::new();
        if self.secrets == Keeping::Env {
            // The only place where they are shown, and only because nothing else keeps them.
            steps.push(format!("export QUITTANCE_API_KEY={}", secrets.api_key));
            if plan.webhook_url.is_some() {
                steps.push(format!("export SHOP_WEBHOOK_SECRET={}", secrets.webhook));
            }
        }
        match &plan.key {
            Place::Env(name) if self.sandbox => steps.push(format!("export {name}={KEY}")),
            Place::Env(name) => steps.push(format!(
                "export {name}=…    # {}",
                lang.pick(
                    "the security key from the merchant centre",
                    "商家服务中心里的安全校验码"
                )
            )),
            Place::File(_) => {}
        }
        let named = match config == Path::new("quittance.toml") {
            true => String::new(),
            false => format!(" --config {}", config.display()),
        };
        if self.sandbox {
            steps.push(format!(
                "quittance sandbox    # {}",
                lang.pick("in a terminal of its own", "另开一个终端")
            ));
        }
        steps.push(format!("quittance serve{named}"));
        steps.push(format!(
            "quittance order create{named} --account main --subject tea --amount 0.01"
        ));
        steps
    }
}

/// A file as the settings have to name it: relative paths in them begin at their own folder.
fn beside(folder: &Path, file: &Path) -> Result<String, Stop> {
    let path = match folder == Path::new("") {
        true => file.to_owned(),
        false => std::path::absolute(file).map_err(|error| Stop::unable(error.to_string()))?,
    };
    Ok(path.display().to_string())
}

fn exists(config: &Path, lang: Lang) -> Stop {
    let config = config.display();
    Stop::unable(match lang {
        Lang::En => format!(
            "{config} is there already, and was left as it is.\n  To do: name another file with --config, or replace it with --force."
        ),
        Lang::Zh => format!(
            "{config} 已存在，未作改动。\n  处理办法：用 --config 指定其他文件，或用 --force 覆盖。"
        ),
    })
}
