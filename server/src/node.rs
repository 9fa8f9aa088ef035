//! One node: a router and its workers over the three seams. It makes no runtime, listener or thread, and spawns only
//! into its own task set, so that dropping it is a crash.

use crate::app::App;
use crate::clock::Clock;
use crate::rewired::Rewired;
use crate::setup::Setup;
use crate::store::{Store, StoreError};
use crate::transport::Transport;
use crate::{http, worker};
use axum::Router;
use quittance_core::entry::{Direction, Record, What};
use quittance_core::settings::Settings;
use std::sync::Arc;

/// A running server without its sockets.
pub struct Node {
    /// What answers requests: a tower service.
    pub router: Router,
    /// What its parts share.
    pub app: Arc<App>,
    /// Accounts whose charset or kind of signature this start changed under orders that are under way.
    pub rewired: Vec<Rewired>,
}

impl Node {
    /// Writes changed settings and the start into the journal, then starts the workers.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn start(
        setup: Setup,
        clock: Arc<dyn Clock>,
        transport: Arc<dyn Transport>,
        store: Arc<dyn Store>,
    ) -> Result<Node, StoreError> {
        let app = App::new(setup, clock, transport, store);
        let mut entries = Vec::new();
        let rewired = Rewired::find(&app.setup, &*app.store, app.clock.wall()).await?;
        for warning in rewired.iter().map(Rewired::warning) {
            let (cause, fix) = (&warning.cause.en, &warning.fix.en);
            tracing::warn!(setting = warning.setting, cause, fix, "settings");
        }
        let settings = app.setup.settings();
        if differ(&settings, &*app.store.settings().await?) {
            entries.push(app.entry(Record::new(Direction::Own, What::Settings(settings))));
        }
        let version = env!("CARGO_PKG_VERSION").to_owned();
        entries.push(app.entry(Record::new(Direction::Own, What::Started { version })));
        app.record(entries).await?;
        let node = app.clone();
        app.tasks.spawn(async move { worker::run(node).await });
        for account in app.setup.accounts.values() {
            if let Some(policy) = account.policy.statement {
                let (node, account) = (app.clone(), account.clone());
                app.tasks
                    .spawn(async move { worker::reading::run(node, account, policy).await });
            }
        }
        Ok(Node {
            router: http::router(&app),
            app,
            rewired,
        })
    }

    /// Takes nothing new and resolves when everything under way has ended.
    pub async fn stop(&self) {
        self.app.drain();
        self.app.tasks.drain().await;
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.app.tasks.abort();
    }
}

/// Whether the settings say anything that the journal does not know yet.
fn differ(settings: &Settings, journaled: &Settings) -> bool {
    let mut known = journaled.clone();
    known
        .accounts
        .retain(|name, _| settings.accounts.contains_key(name));
    for endpoint in known.endpoints.values_mut() {
        endpoint.disabled = false;
    }
    *settings != known
}
