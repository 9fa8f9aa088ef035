//! The demo's three programs in one process: server, sandbox gateway, shop. They meet over real sockets only.

use super::settings::{self, Secrets};
use super::shop::{self, Book, Shop};
use crate::client::Client;
use crate::ending::Stop;
use crate::sandbox::{EMAIL, MERCHANT_CODE, PARTNER, TERMINAL, codepay, reached, seed};
use crate::serve::{bind, node};
use quittance_core::Lang;
use quittance_core::webhook::Secret;
use quittance_sandbox::{
    CodePaySettings, DinpaySettings, Handle, Merchant, SandboxSettings, dinpay,
};
use quittance_server::clock::{Clock, SystemClock};
use quittance_server::{log, serve};
use secrecy::SecretString;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// How long the sandbox and the shop may take to end; the server has limits of its own.
const STOP_LIMIT: Duration = Duration::from_secs(5);

/// The name of the shop's book in the demo's folder.
const BOOK: &str = "shop.db";

/// Where a demo runs.
pub struct Place {
    /// Where the server listens.
    pub listen: SocketAddr,
    /// Journal, log, settings, the shop's book.
    pub data: PathBuf,
    /// How many times faster notifies are sent again.
    pub speed: u32,
}

/// A running demo.
pub struct World {
    /// Time, for those who wait.
    pub clock: Arc<dyn Clock>,
    /// The server's address.
    pub server_url: String,
    /// The sandbox's address.
    pub sandbox_url: String,
    /// The shop's address.
    pub shop_url: String,
    /// The page that plays the counter's terminal.
    pub terminal_url: String,
    /// The merchant API.
    pub api: Client,
    /// Its key.
    pub api_key: String,
    /// What the sandbox and the server sign with.
    pub gateway_key: SecretString,
    /// The gateway's ledger of truth.
    pub sandbox: Handle,
    /// The shop.
    pub shop: Arc<Shop>,
    server: Group,
    others: Group,
}

/// Tasks that are asked to stop together.
struct Group {
    tasks: JoinSet<()>,
    stop: watch::Sender<bool>,
}

impl World {
    /// Starts everything; when this returns, all three answer.
    ///
    /// # Errors
    /// An address or a folder that cannot be used.
    pub async fn start(place: &Place, lang: Lang) -> Result<World, Stop> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        let secrets = Secrets::draw(&*clock);
        let listener = bind(place.listen, lang).await?;
        let at_sandbox = beside(place.listen, 1, lang).await?;
        let at_shop = beside(place.listen, 2, lang).await?;
        let server_url = url_of(&listener)?;
        let (sandbox_url, shop_url) = (url_of(&at_sandbox)?, url_of(&at_shop)?);

        settings::make_folder(&place.data)?;
        let listen = address_of(&listener)?.to_string();
        let text = settings::text(&listen, &server_url, &sandbox_url, &shop_url, &secrets);
        let setup = settings::read(&text, &place.data, lang)?;
        log::start(&setup.log).map_err(|problem| Stop::unable(problem.say(lang)))?;
        let node = node(setup, &clock, lang).await?;
        // Not before the folder is ours: another demo may be running on it.
        settings::write(&text, &place.data)?;
        let mut server = Group::new();
        let stopped = server.stopped();
        server
            .tasks
            .spawn(async move { serve::serve(node, listener, stopped).await });

        let gateway_key = SecretString::from(secrets.gateway_key);
        let at_codepay = codepay::usual(lang)?;
        let sandbox = sandbox(&sandbox_url, &gateway_key, at_codepay, place.speed, &*clock);
        let mut others = Group::new();
        let (served, stopped) = (sandbox.clone(), others.stopped());
        others.tasks.spawn(async move {
            let time = Arc::new(quittance_sandbox::SystemClock);
            if let Err(error) = quittance_sandbox::serve(at_sandbox, served, time, stopped).await {
                tracing::error!(%error, "the sandbox ended");
            }
        });

        let api_key = secrets.api_key;
        let api = Client::new(&server_url, api_key.as_str().into(), lang)?;
        let webhook = Secret::parse(&SecretString::from(secrets.webhook))
            .map_err(|error| Stop::unable(error.to_string()))?;
        let book = open_book(&place.data, lang)?;
        let terminal_url = format!("{sandbox_url}/terminal/{TERMINAL}");
        let urls = shop::Urls {
            server: server_url.clone(),
            shop: shop_url.clone(),
            terminal: terminal_url.clone(),
        };
        let shop = Arc::new(Shop::new(api.clone(), webhook, clock.clone(), urls, book));
        let (served, stopped) = (shop.clone(), others.stopped());
        others.tasks.spawn(shop::serve(at_shop, served, stopped));
        Ok(World {
            clock,
            server_url,
            sandbox_url,
            shop_url,
            terminal_url,
            api,
            api_key,
            gateway_key,
            sandbox,
            shop,
            server,
            others,
        })
    }

    /// Resolves when one of the programs has ended by itself.
    pub async fn ended(&mut self) {
        tokio::select! {
            biased;
            _ = self.server.tasks.join_next() => {}
            _ = self.others.tasks.join_next() => {}
        }
    }

    /// Stops the server first: what it still delivers finds the shop.
    pub async fn stop(mut self) {
        self.server.stop().await;
        if self
            .clock
            .within(STOP_LIMIT, self.others.stop())
            .await
            .is_none()
        {
            tracing::warn!("the sandbox or the shop still had connections; they are cut");
        }
    }
}

impl Group {
    fn new() -> Group {
        Group {
            tasks: JoinSet::new(),
            stop: watch::Sender::new(false),
        }
    }

    /// Resolves when the group is asked to stop.
    fn stopped(&self) -> impl Future<Output = ()> + Send + 'static {
        let mut asked = self.stop.subscribe();
        async move {
            // A sender that is gone asks for the same.
            let _ = asked.wait_for(|stop| *stop).await;
        }
    }

    async fn stop(&mut self) {
        self.stop.send_replace(true);
        while self.tasks.join_next().await.is_some() {}
    }
}

fn sandbox(
    url: &str,
    key: &SecretString,
    at_codepay: CodePaySettings,
    speed: u32,
    clock: &dyn Clock,
) -> Handle {
    let merchant = Merchant {
        partner: PARTNER.to_owned(),
        key: key.clone().into(),
        email: EMAIL.to_owned(),
        advanced: true,
    };
    let at_dinpay = dinpay::Merchant {
        merchant_code: MERCHANT_CODE.to_owned(),
        key: dinpay::Key::Md5(key.clone()),
        without: BTreeSet::new(),
        habits: dinpay::Habits::default(),
    };
    let mut settings = SandboxSettings::new(vec![merchant], url);
    settings.dinpay = DinpaySettings {
        merchants: vec![at_dinpay],
        ..DinpaySettings::default()
    };
    settings.codepay = at_codepay;
    settings.speed = speed;
    // The journal of an earlier demo may remember trade numbers: no sandbox gives them out twice.
    settings.seed = seed(clock);
    Handle::new(settings)
}

/// The shop's own book lies beside the server's journal, and neither reads the other's.
fn open_book(folder: &Path, lang: Lang) -> Result<Book, Stop> {
    let path = folder.join(BOOK);
    Book::open(&path).map_err(|error| {
        let path = path.display();
        Stop::unable(match lang {
            Lang::En => format!(
                "The demo shop's book {path} cannot be opened: {error}.\n  To do: make it writable, remove it, or name another folder with --data."
            ),
            Lang::Zh => format!(
                "演示商城的账簿 {path} 无法打开：{error}。\n  处理办法：确认该文件可写，或删除它，或用 --data 指定其他目录。"
            ),
        })
    })
}

/// A port behind the server's, or any that is free.
async fn beside(listen: SocketAddr, behind: u16, lang: Lang) -> Result<TcpListener, Stop> {
    let wanted = match listen.port() {
        0 => 0,
        port => port.checked_add(behind).unwrap_or(0),
    };
    match TcpListener::bind(SocketAddr::new(listen.ip(), wanted)).await {
        Ok(listener) => Ok(listener),
        Err(_) => bind(SocketAddr::new(listen.ip(), 0), lang).await,
    }
}

fn address_of(listener: &TcpListener) -> Result<SocketAddr, Stop> {
    listener
        .local_addr()
        .map_err(|error| Stop::unable(error.to_string()))
}

fn url_of(listener: &TcpListener) -> Result<String, Stop> {
    address_of(listener).map(reached)
}
