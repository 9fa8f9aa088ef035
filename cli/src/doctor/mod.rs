//! `doctor`: finds out why an order does not update.

mod bundle;
mod scrub;
mod text;

use crate::context::{Context, account};
use crate::ending::Stop;
use crate::out;
use clap::Args;
use quittance_core::Lang;
use quittance_server::clock::{Clock, SystemClock};
use quittance_server::config::Warning;
use quittance_server::doctor::{self, Line, Report, SystemNet};
use quittance_server::http::doctor::DoctorReport;
use quittance_server::setup::Setup;
use quittance_server::transport::HttpTransport;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

const EXAMPLE: &str = "\
Examples:
  quittance doctor                        settings, machine, journal: nobody is called
  quittance doctor --online               and the gateways, our own addresses from outside, the shop's endpoints
  quittance doctor --online --account main
  quittance doctor --online --bundle report.json      a file to send to who helps: no secrets, no buyers
  quittance doctor --json

The server may be running or not. What is told first is the likely reason of what follows.
It ends with 0 if nothing failed, 1 if something did.";

/// Options of `doctor`.
#[derive(Args)]
#[command(after_help = EXAMPLE)]
pub struct Doctor {
    /// Call the gateways, our own addresses and the shop as well; no trade comes of it
    #[arg(long)]
    online: bool,
    /// Only this account, and what concerns all of them
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    /// Write what a helper has to see into this file: the report, the settings and the newest entries of the journal, without
    /// secrets and personal data
    #[arg(long, value_name = "FILE")]
    bundle: Option<PathBuf>,
    /// JSON for scripts
    #[arg(long)]
    json: bool,
}

impl Doctor {
    /// Looks.
    ///
    /// # Errors
    /// What failed.
    pub async fn run(self, context: &Context) -> Result<(), Stop> {
        let lang = context.lang;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        let now = clock.wall();
        let (setup, report) = match context.read() {
            Ok((setup, warnings)) => {
                let report = self.looked(&setup, &warnings, &clock, lang).await?;
                (Some(setup), report)
            }
            Err(error) => (None, Report::new(now, doctor::refused(&error))),
        };
        if let Some(file) = &self.bundle {
            bundle::write(file, &report, &context.config, setup.as_ref(), lang)?;
        }
        self.tell(&report, lang)
    }

    async fn looked(
        &self,
        setup: &Setup,
        warnings: &[Warning],
        clock: &Arc<dyn Clock>,
        lang: Lang,
    ) -> Result<Report, Stop> {
        let only = match &self.account {
            Some(name) => Some(BTreeSet::from([account(setup, name, lang)?.name.clone()])),
            None => None,
        };
        let transport =
            HttpTransport::new(clock.clone()).map_err(|error| Stop::unable(error.to_string()))?;
        let net = SystemNet::new(clock.clone());
        let line = Line {
            clock: &**clock,
            transport: &transport,
            net: &net,
        };
        let line = self.online.then_some(&line);
        let report = doctor::report((setup, warnings), only.as_ref(), clock.wall(), line);
        Ok(report.await)
    }

    fn tell(&self, report: &Report, lang: Lang) -> Result<(), Stop> {
        match self.json {
            true => {
                let value = serde_json::to_value(DoctorReport::of(report));
                out::json(&value.unwrap_or_default());
            }
            false => out::line(text::told(report, self.online, lang)),
        }
        match report.ok() {
            true => Ok(()),
            false => Err(Stop::wrong("")),
        }
    }
}
