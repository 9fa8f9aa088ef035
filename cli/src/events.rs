//! `events`: what the shop is told, and the endpoints that it is told at.

use crate::client::Reach;
use crate::context::Context;
use crate::ending::Stop;
use crate::out::{self, field, items};
use clap::{Args, Subcommand};
use quittance_core::Lang;
use serde_json::{Value, json};

const EXAMPLE: &str = "\
Examples:
  quittance events list --limit 20
  quittance events redeliver evt_ovriwi457b4bdoynxegoh2sljn
  quittance events endpoint list
  quittance events endpoint enable shop";

/// Options of `events`.
#[derive(Args)]
#[command(after_help = EXAMPLE)]
pub struct Events {
    #[command(flatten)]
    reach: Reach,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Lists events, oldest first
    #[command(after_help = "Example:\n  quittance events list --after CURSOR --wait 30 --json")]
    List {
        /// Behind this cursor: `next` of the answer before
        #[arg(long, value_name = "CURSOR")]
        after: Option<String>,
        /// At most so many
        #[arg(long)]
        limit: Option<u32>,
        /// Where there is nothing, wait so many seconds
        #[arg(long, value_name = "SECONDS")]
        wait: Option<u64>,
    },
    /// Delivers an event again to every endpoint that was told of it
    #[command(after_help = "Example:\n  quittance events redeliver evt_ovriwi457b4bdoynxegoh2sljn")]
    Redeliver {
        /// The event's id
        id: String,
    },
    /// The endpoints of the settings
    #[command(after_help = "Example:\n  quittance events endpoint list")]
    Endpoint {
        #[command(subcommand)]
        command: Endpoint,
    },
}

#[derive(Subcommand)]
enum Endpoint {
    /// Lists them
    #[command(after_help = "Example:\n  quittance events endpoint list --json")]
    List,
    /// Switches one on; what was held is then delivered
    #[command(after_help = "Example:\n  quittance events endpoint enable shop")]
    Enable {
        /// Its name in the settings
        name: String,
    },
    /// Switches one off; what it would be told is held
    #[command(after_help = "Example:\n  quittance events endpoint disable shop")]
    Disable {
        /// Its name in the settings
        name: String,
    },
}

impl Events {
    /// Does what was asked for.
    ///
    /// # Errors
    /// What the server, or the way to it, says.
    pub async fn run(self, context: &Context) -> Result<(), Stop> {
        let (lang, as_json) = (context.lang, self.reach.json);
        let client = self.reach.client(context)?;
        let (answer, text) = match self.command {
            Command::List { after, limit, wait } => {
                let asked = [
                    ("after", after),
                    ("limit", limit.map(|limit| limit.to_string())),
                    ("wait", wait.map(|secs| secs.to_string())),
                ];
                let query: Vec<(&str, String)> = asked
                    .into_iter()
                    .filter_map(|(name, value)| Some((name, value?)))
                    .collect();
                let page = client.get(&["events"], &query).await;
                let page = page.map_err(|error| error.stop(lang))?;
                let text = listed(&page, lang);
                (page, text)
            }
            Command::Redeliver { id } => {
                let done = client.post(&["events", &id, "redeliver"], &[], None).await;
                done.map_err(|error| error.stop(lang))?;
                let text = lang.pick("The event is due again.", "该事件将再次投递。");
                (json!({"id": id, "redelivered": true}), text.to_owned())
            }
            Command::Endpoint {
                command: Endpoint::List,
            } => {
                let page = client.get(&["endpoints"], &[]).await;
                let page = page.map_err(|error| error.stop(lang))?;
                let text = endpoints(&page, lang);
                (page, text)
            }
            Command::Endpoint {
                command: Endpoint::Enable { name },
            } => switch(&client, name, true, lang).await?,
            Command::Endpoint {
                command: Endpoint::Disable { name },
            } => switch(&client, name, false, lang).await?,
        };
        match as_json {
            true => out::json(&answer),
            false => out::line(text),
        }
        Ok(())
    }
}

async fn switch(
    client: &crate::client::Client,
    name: String,
    enabled: bool,
    lang: Lang,
) -> Result<(Value, String), Stop> {
    let body = json!({"enabled": enabled});
    let done = client.post(&["endpoints", &name], &[], Some(&body)).await;
    done.map_err(|error| error.stop(lang))?;
    let text = match enabled {
        true => lang.pick(
            "The endpoint is on; what was held is due.",
            "端点已启用，暂存的事件将投递。",
        ),
        false => lang.pick(
            "The endpoint is off; what it would be told is held.",
            "端点已停用，事件将暂存。",
        ),
    };
    let answer = json!({"name": name, "enabled": enabled});
    Ok((answer, text.to_owned()))
}

fn listed(page: &Value, lang: Lang) -> String {
    let row = |event: &Value| {
        let order = event.pointer("/data/order").cloned().unwrap_or_default();
        let name = match order.is_null() {
            true => String::new(),
            false => format!("{}/{}", field(&order, "account"), field(&order, "order_no")),
        };
        vec![
            field(event, "timestamp").chars().take(19).collect(),
            field(event, "type"),
            name,
            field(event, "sequence"),
            field(event, "id"),
        ]
    };
    let rows: Vec<Vec<String>> = items(page, "items").iter().map(row).collect();
    let heading = match lang {
        Lang::En => ["time (UTC)", "type", "order", "sequence", "id"],
        Lang::Zh => ["时间（UTC）", "类型", "订单", "序号", "编号"],
    };
    let table = match rows.is_empty() {
        true => lang
            .pick("There is nothing new.", "没有新的事件。")
            .to_owned(),
        false => out::table(&heading, &rows),
    };
    let go_on = lang.pick("go on with:", "继续：");
    format!("{table}\n{go_on} --after {}", field(page, "next"))
}

fn endpoints(page: &Value, lang: Lang) -> String {
    let row = |endpoint: &Value| {
        let on = endpoint.get("enabled") == Some(&Value::Bool(true));
        let state = match on {
            true => lang.pick("on", "启用"),
            false => lang.pick("off", "停用"),
        };
        vec![
            field(endpoint, "name"),
            state.to_owned(),
            field(endpoint, "url"),
        ]
    };
    let rows: Vec<Vec<String>> = items(page, "items").iter().map(row).collect();
    if rows.is_empty() {
        return lang
            .pick(
                "The settings have no endpoint: add a [[webhooks]] section.",
                "设置中没有端点，请添加 [[webhooks]] 小节。",
            )
            .to_owned();
    }
    let heading = match lang {
        Lang::En => ["name", "state", "address"],
        Lang::Zh => ["名称", "状态", "地址"],
    };
    out::table(&heading, &rows)
}
