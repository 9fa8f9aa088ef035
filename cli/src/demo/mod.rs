//! `demo`: a server, a sandbox gateway and a small shop, with nothing to configure.

mod buyer;
mod form;
pub mod settings;
mod shop;
mod stories;
mod world;

use crate::context::Context;
use crate::ending::Stop;
use crate::out;
use crate::shutdown::Shutdown;
use clap::Args;
use quittance_core::Lang;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use tokio::net::TcpListener;
use world::{Place, World};

/// Where the server of the demo listens if it can; the sandbox and the shop take the ports behind it, or any that are free.
const LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);
/// Where the demo keeps its journal, so that it can be looked at afterwards.
const DATA: &str = "quittance-data";
/// `--auto` sends notifies again so many times faster: two seconds instead of two minutes.
const SPEED_AUTO: u32 = 60;

const EXAMPLE: &str = "\
Examples:
  quittance demo                             then open the shop that it prints
  quittance demo --listen 192.168.1.5:8080   to try the pages on a telephone
  quittance demo --auto                      plays eleven stories and checks how each ends; under a minute";

/// Options of `demo`.
#[derive(Args)]
#[command(after_help = EXAMPLE)]
pub struct Demo {
    /// Play eleven stories over real HTTP, a line each; exit 0 only if all ended right
    #[arg(long)]
    auto: bool,
    /// Where the server listens: 127.0.0.1:8080 or, where that is taken, any free port; with --auto always a free one
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// The folder for journal and log: quittance-data, or with --auto a temporary one
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

impl Demo {
    /// Runs until somebody asks it to stop, or until the stories have been played.
    ///
    /// # Errors
    /// An address or folder that cannot be used; stories that ended wrong.
    pub async fn run(self, context: &Context) -> Result<(), Stop> {
        let lang = context.lang;
        let mut shutdown = Shutdown::listen()?;
        if !self.auto {
            let listen = match self.listen {
                Some(listen) => listen,
                None => usual().await,
            };
            let place = Place {
                listen,
                data: self.data.unwrap_or_else(|| DATA.into()),
                speed: 1,
            };
            let mut world = World::start(&place, lang).await?;
            out::line(greeting(&world, &place, lang));
            tokio::select! {
                biased;
                () = shutdown.asked() => {}
                () = world.ended() => {}
            }
            out::line(lang.pick("Stopping …", "正在停止……"));
            world.stop().await;
            return Ok(());
        }
        // Removed with all that is in it when this value is dropped, after the world has stopped.
        let temporary = tempfile::tempdir().map_err(|error| Stop::unable(error.to_string()))?;
        let place = Place {
            listen: self.listen.unwrap_or(SocketAddr::new(LISTEN.ip(), 0)),
            data: self.data.unwrap_or_else(|| temporary.path().to_owned()),
            speed: SPEED_AUTO,
        };
        let world = World::start(&place, lang).await?;
        let played = tokio::select! {
            biased;
            () = shutdown.asked() => Err(Stop::unable(lang.pick("Stopped before the end.", "未播放完即停止。"))),
            played = stories::play(&world, lang) => played,
        };
        world.stop().await;
        played
    }
}

/// The usual address, or any free port where something else listens there: the demo is to start without a question.
async fn usual() -> SocketAddr {
    match TcpListener::bind(LISTEN).await {
        Ok(_) => LISTEN,
        Err(_) => SocketAddr::new(LISTEN.ip(), 0),
    }
}

/// What to click on, and what to type.
fn greeting(world: &World, place: &Place, lang: Lang) -> String {
    let links = out::pairs(&[
        (lang.pick("shop", "商城"), world.shop_url.clone()),
        (lang.pick("sandbox", "沙箱网关"), world.sandbox_url.clone()),
        (
            lang.pick("terminal", "柜台终端"),
            world.terminal_url.clone(),
        ),
        (
            lang.pick("direct pay", "直接付款"),
            format!("{}/direct/main", world.server_url),
        ),
        (
            lang.pick("server", "服务"),
            format!("{}/openapi.json", world.server_url),
        ),
        (
            lang.pick("journal and log", "账本与日志"),
            place.data.display().to_string(),
        ),
    ]);
    let (url, key) = (&world.server_url, &world.api_key);
    let config = place.data.join(settings::FILE);
    let program = std::env::args().next().unwrap_or_default();
    let command = |rest: &str| format!("  {program} --config {} {rest}", config.display());
    [
        lang.pick(
            "Quittance is running, with a sandbox gateway and a demo shop. No money moves.",
            "Quittance 已启动，并附带沙箱网关和演示商城。不会产生真实交易。",
        ),
        "",
        &links,
        "",
        lang.pick("Make an order by API:", "通过 API 下单："),
        &format!("  curl {url}/v1/orders -H 'authorization: Bearer {key}' \\"),
        "    -H 'content-type: application/json' \\",
        r#"    -d '{"account":"main","subject":"Tea","amount":"0.01"}'"#,
        "",
        lang.pick("Look at it from another terminal:", "在另一个终端查看："),
        &command("order list"),
        &command("journal show"),
        "",
        lang.pick(
            "Ctrl-C stops it; what is under way ends first.",
            "按 Ctrl-C 停止，未完成的工作会先处理完。",
        ),
        "",
    ]
    .join("\n")
}
