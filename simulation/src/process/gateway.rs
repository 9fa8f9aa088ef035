//! The gateway: a sandbox on a socket, and the buyers who pay there.

use super::Failed;
use super::ledger::Ledger;
use super::site::{KEY, PARTNER};
use crate::truth::{Name, Payment};
use quittance_core::Lang;
use quittance_core::http::Method;
use quittance_core::params::Params;
use quittance_sandbox::{Exchange, Faults, Handle, Inbound, SandboxSettings, SystemClock, serve};
use secrecy::SecretString;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// A hand on the gateway.
pub struct Gateway {
    handle: Handle,
    /// Its address.
    pub url: String,
}

impl Gateway {
    /// Starts it. Its own notifies are lost on the way: those that arrive are sent by the load.
    ///
    /// # Errors
    /// Where no address is free.
    pub async fn start(tasks: &mut JoinSet<()>) -> Result<Gateway, Failed> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let merchant = quittance_sandbox::Merchant {
            partner: PARTNER.to_owned(),
            key: SecretString::from(KEY).into(),
            email: "seller@example.com".to_owned(),
            advanced: true,
        };
        let handle = Handle::new(SandboxSettings::new(vec![merchant], url.clone()));
        let mut faults = Faults::default();
        faults.notify.lose = true;
        handle.with(|gateway| gateway.set_faults(faults));
        let served = handle.clone();
        tasks.spawn(async move {
            let clock = Arc::new(SystemClock);
            if let Err(error) = serve(listener, served, clock, std::future::pending()).await {
                eprintln!("the gateway ended: {error}");
            }
        });
        Ok(Gateway { handle, url })
    }

    /// The buyer's browser brings the signed request to the cashier.
    ///
    /// # Errors
    /// Where the gateway does not take it.
    pub fn visit(&self, ledger: &Ledger, address: &str) -> Result<(), Failed> {
        let query = address.split_once('?').map(|(_, query)| query);
        let inbound = Inbound {
            method: Method::Get,
            path: "/gateway.do".to_owned(),
            query: query.unwrap_or_default().as_bytes().to_vec(),
            body: Vec::new(),
            lang: Lang::En,
        };
        let now = ledger.clock.wall();
        let reply = self
            .handle
            .with(|gateway| gateway.handle(now, &inbound).reply);
        match reply.status {
            303 => Ok(()),
            status => Err(format!("the cashier answers {status}").into()),
        }
    }

    /// The buyer pays, once; gives the gateway's notify about it.
    ///
    /// # Errors
    /// Where the gateway knows no such order.
    pub fn pay(&self, ledger: &Ledger, name: &Name, amount: i64) -> Result<Vec<u8>, Failed> {
        let now = ledger.clock.wall();
        let notify = self.handle.with(|gateway| {
            gateway.buyer_pays(now, PARTNER, &name.order_no);
            gateway.genuine_notify(now, PARTNER, &name.order_no)
        });
        let body = notify.ok_or("the gateway knows no trade of the order")?;
        let trade_no = Params::parse(&body)
            .ok()
            .and_then(|params| Some(String::from_utf8_lossy(params.get("trade_no")?).into_owned()))
            .ok_or("the notify names no trade")?;
        ledger.with(|truth| {
            let at = truth.now;
            truth.payments.push(Payment {
                name: name.clone(),
                trade_no,
                amount,
                currency: "CNY".to_owned(),
                to_us: true,
                booked: false,
                at,
            });
        });
        Ok(body)
    }

    /// The notify again, with an id of its own.
    #[must_use]
    pub fn notify_again(&self, ledger: &Ledger, name: &Name) -> Option<Vec<u8>> {
        let now = ledger.clock.wall();
        self.handle
            .with(|gateway| gateway.genuine_notify(now, PARTNER, &name.order_no))
    }

    /// Where the buyer who paid is sent back to: path and query string, with a signature of its own.
    #[must_use]
    pub fn way_back(&self, ledger: &Ledger, name: &Name) -> Option<String> {
        let now = ledger.clock.wall();
        let back = self
            .handle
            .with(|gateway| gateway.buyer_returns(now, PARTNER, &name.order_no))?;
        let url = url::Url::parse(&back.url).ok()?;
        Some(format!("{}?{}", url.path(), url.query()?))
    }

    /// What the gateway was asked about an order, oldest first.
    #[must_use]
    pub fn asked(&self, name: &Name) -> Vec<Exchange> {
        self.handle
            .with(|gateway| gateway.exchanges(PARTNER, &name.order_no))
    }
}
