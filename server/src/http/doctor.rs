//! `/v1/doctor`: what is wrong, for the console and other programs.

use super::auth::Caller;
use super::problem::Problem;
use super::{Json, Query};
use crate::app::App;
use crate::doctor::{self, Case, Finding, Line, Report, SystemNet};
use axum::extract::State;
use axum::http::StatusCode;
use quittance_core::lang;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// What is to be looked at.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Examine {
    /// Only this account.
    account: Option<String>,
    /// Call the gateways, our own addresses and the shop's endpoints as well: this takes seconds.
    #[serde(default)]
    online: bool,
}

/// A text in both languages.
#[derive(Serialize, ToSchema, Debug)]
pub struct Both {
    /// English.
    pub en: String,
    /// Chinese.
    pub zh: String,
}

impl From<&lang::Text> for Both {
    fn from(text: &lang::Text) -> Both {
        Both {
            en: text.en.clone(),
            zh: text.zh.clone(),
        }
    }
}

/// What the checks found.
#[derive(Serialize, ToSchema, Debug)]
pub struct DoctorReport {
    /// Whether nothing failed.
    pub ok: bool,
    /// When it was looked (UTC).
    pub at: String,
    /// Where to begin: the first of `findings` that failed, or, where none did, that warns; by its place from 0.
    pub first: Option<usize>,
    /// In the order of the checks: what causes other things comes before them.
    pub findings: Vec<DoctorFinding>,
}

/// What one check found.
#[derive(Serialize, ToSchema, Debug)]
pub struct DoctorFinding {
    /// The check's name.
    pub check: &'static str,
    /// What it is about.
    pub title: Both,
    /// Where the gateway's guide asks for it.
    pub guide: Option<&'static str>,
    /// The account, where it is about one.
    pub account: Option<String>,
    /// `pass`, `skip`, `warn` or `fail`.
    pub verdict: &'static str,
    /// The cause for programs: `ok`, `skipped`, a word of the check's own, or the gateway's code.
    pub code: String,
    /// What was seen; for a warning or a failure, the cause.
    pub detail: Both,
    /// What to do about it.
    pub fix: Option<Both>,
}

impl DoctorReport {
    /// The report as programs see it.
    #[must_use]
    pub fn of(report: &Report) -> DoctorReport {
        let first = report.first();
        let place = |one: &Finding| first.is_some_and(|first| std::ptr::eq(first, one));
        DoctorReport {
            ok: report.ok(),
            at: report.at.to_string(),
            first: report.findings.iter().position(place),
            findings: report.findings.iter().map(DoctorFinding::of).collect(),
        }
    }
}

impl DoctorFinding {
    fn of(finding: &Finding) -> DoctorFinding {
        let title = finding.check.title();
        DoctorFinding {
            check: finding.check.name(),
            title: Both {
                en: title.en.to_owned(),
                zh: title.zh.to_owned(),
            },
            guide: finding.check.guide(),
            account: finding.account.clone(),
            verdict: finding.verdict.word(),
            code: finding.code.clone(),
            detail: (&finding.detail).into(),
            fix: finding.fix.as_ref().map(Both::from),
        }
    }
}

/// Looks why orders do not update: what `quittance doctor` tells, but for the walk over the whole journal. A key that is
/// limited to accounts is told what concerns those.
#[utoipa::path(get, path = "/v1/doctor", params(Examine), security(("key" = [])), tag = "operations",
    responses((status = 200, body = DoctorReport),
        (status = 404, body = Problem),
        (status = 429, body = Problem, description = "`doctor_busy`: somebody else has the online checks made at this moment")))]
pub async fn examine(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(asked): Query<Examine>,
) -> Result<Json<DoctorReport>, Problem> {
    if let Some(account) = &asked.account
        && app.account(account).is_none()
    {
        return Err(Problem::unknown("account", account));
    }
    let only = caller.narrowed(asked.account.as_deref())?;
    let now = app.clock.wall();
    let examined = app.store.examine(now).await?;
    let case = Case {
        setup: &app.setup,
        warnings: &app.setup.warnings,
        examined: Some(&examined),
        only: only.as_ref(),
    };
    let mut findings = doctor::offline(&case, now);
    findings.push(doctor::projection(&examined));
    if asked.online {
        let turn = app.doctor.try_lock().map_err(|_| busy())?;
        let line = Line {
            clock: &*app.clock,
            transport: &*app.transport,
            net: &SystemNet::new(app.clock.clone()),
        };
        findings.extend(doctor::online(&case, &line).await);
        drop(turn);
    }
    if caller.accounts.is_some() {
        findings.retain(|finding| finding.account.is_some());
    }
    Ok(Json(DoctorReport::of(&Report::new(now, findings))))
}

fn busy() -> Problem {
    Problem::new(
        StatusCode::TOO_MANY_REQUESTS,
        "doctor_busy",
        "The online checks are being made already",
        "they call gateways and are made once at a time",
        "Ask again when the answer to the other request has come.",
    )
}
