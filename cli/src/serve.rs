//! `serve`: the server, until somebody asks it to stop.

use crate::context::Context;
use crate::database::unusable;
use crate::ending::Stop;
use crate::out;
use crate::shutdown::Shutdown;
use clap::Args;
use quittance_core::Lang;
use quittance_server::clock::{Clock, SystemClock};
use quittance_server::node::Node;
use quittance_server::setup::Setup;
use quittance_server::store::{DatabaseStore, Genesis, Opening};
use quittance_server::transport::HttpTransport;
use quittance_server::view::Viewer;
use quittance_server::{log, serve};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;

/// The exit code when the disk fails under a running server: nothing may be answered after it.
const FATAL: i32 = 70;

const EXAMPLE: &str = "\
Example:
  quittance init
  quittance serve --config quittance.toml

SIGTERM or Ctrl-C: takes nothing new, ends what is under way, then exits.";

/// Options of `serve`: all of them are in the settings.
#[derive(Args)]
#[command(after_help = EXAMPLE)]
pub struct Serve {}

impl Serve {
    /// Serves.
    ///
    /// # Errors
    /// Settings, database or address that cannot be used.
    pub async fn run(self, context: &Context) -> Result<(), Stop> {
        let lang = context.lang;
        let (mut setup, warnings) = context.setup()?;
        log::start(&setup.log).map_err(|problem| Stop::unable(problem.say(lang)))?;
        for warning in &warnings {
            let (cause, fix) = (&warning.cause.en, &warning.fix.en);
            tracing::warn!(setting = warning.setting, cause, fix, "settings");
        }
        setup.warnings = warnings;
        let mut shutdown = Shutdown::listen()?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        let (listen, public_url) = (setup.listen, setup.public_url.clone());
        let database = setup.database.to_string();
        let node = node(setup, &clock, lang).await?;
        let listener = bind(listen, lang).await?;
        out::line(match lang {
            Lang::En => format!(
                "Quittance listens on http://{listen}, is reached at {public_url} and keeps its journal in {database}."
            ),
            Lang::Zh => format!(
                "Quittance 正在监听 http://{listen}，对外地址 {public_url}，账本位置 {database}。"
            ),
        });
        serve::serve(node, listener, async move { shutdown.asked().await }).await;
        out::line(lang.pick("Quittance has stopped.", "Quittance 已停止。"));
        Ok(())
    }
}

/// A node on its database, the machine's clock and the network.
///
/// # Errors
/// A database that cannot be opened.
pub async fn node(setup: Setup, clock: &Arc<dyn Clock>, lang: Lang) -> Result<Node, Stop> {
    let opening = Opening {
        render: Arc::new(Viewer {
            public_url: setup.public_url.clone(),
        }),
        genesis: Genesis::new(&**clock),
        fatal: Box::new(failed),
    };
    let unable = |error: &dyn std::fmt::Display| Stop::unable(error.to_string());
    let store =
        DatabaseStore::open(&setup.database, opening).map_err(|error| unusable(&error, lang))?;
    let transport = HttpTransport::new(clock.clone()).map_err(|e| unable(&e))?;
    Node::start(setup, clock.clone(), Arc::new(transport), Arc::new(store))
        .await
        .map_err(|e| unable(&e))
}

/// The disk failed: whether the last commit stands is unknown, so nobody may get an answer from this process again.
fn failed(what: &str) {
    tracing::error!(
        what,
        "the disk failed under the journal: the server ends at once"
    );
    std::process::exit(FATAL);
}

/// Takes an address.
///
/// # Errors
/// Where somebody else has it, with what to do.
pub async fn bind(listen: SocketAddr, lang: Lang) -> Result<TcpListener, Stop> {
    TcpListener::bind(listen).await.map_err(|error| {
        Stop::unable(match lang {
            Lang::En => format!(
                "The address {listen} cannot be listened on: {error}.\n  To do: stop what listens there, or choose another address."
            ),
            Lang::Zh => format!(
                "无法监听 {listen}：{error}。\n  处理办法：停止占用该地址的程序，或改用其他地址。"
            ),
        })
    })
}
