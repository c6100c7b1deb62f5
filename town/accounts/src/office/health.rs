//! The health of the house: everything on which the town's work depends, in words; the work that waits, and the work
//! that was given up, to be tried again.

use std::sync::Arc;

use askama::Template;
use axum::{
    Router,
    extract::{Query, State},
    response::{IntoResponse, Redirect},
    routing::{get, post},
};
use beffroi_core::Id;
use beffroi_people::{
    Town,
    permission::{ManageTown, permit},
};
use beffroi_store::{
    By, Commune, Entry, StoreError,
    background::Workers,
    jobs::{self, FailedJob, Job, Queue},
};
use beffroi_web::{
    App, Check, CheckWords, CommuneOf, FormPost, Page, Report, Result, Severity, Visitor, WebError,
    health::Seen, render,
};
use chrono::TimeDelta;
use chrono_tz::Tz;
use serde_json::json;

use super::{Failed, Never, Office, settle};
use crate::{back::Asked, words};

pub fn routes() -> Router<App> {
    Router::new().route("/admin/sante", get(show)).route("/admin/sante/reprise", post(retry))
}

/// Given-up work that is listed, and tried again at once, at most.
const LISTED_AT_MOST: u32 = 100;
/// Work that was tried in vain for this long is told of.
const LONG: TimeDelta = TimeDelta::minutes(30);

/// The work that goes on behind the pages.
pub struct Jobs;

impl Check for Jobs {
    fn name(&self) -> &'static str {
        "jobs"
    }

    fn words(&self) -> CheckWords {
        CheckWords {
            title: "accounts-health-jobs",
            meanwhile: "accounts-health-jobs-meanwhile",
            remedy: "accounts-health-jobs-remedy",
        }
    }

    fn of_commune(&self) -> bool {
        true
    }

    fn look(&self, commune: &Arc<Commune>) -> Option<Report> {
        let queues = match commune.read_blocking(By::SYSTEM, jobs::queues) {
            Ok(queues) => queues,
            Err(error) => return Some(Report::wrong("health-not-looked-at").detail(error.to_string())),
        };
        let sum = |count: fn(&Queue) -> i64| queues.iter().map(count).sum::<i64>();
        let (given_up, tried) = (sum(|queue| queue.given_up), sum(|queue| queue.tried));
        let since = queues.iter().filter_map(|queue| queue.since).min();
        Some(if given_up > 0 {
            Report::weak("accounts-health-jobs-given-up").with("count", given_up)
        } else if since.is_some_and(|since| since + LONG < commune.now()) {
            Report::weak("accounts-health-jobs-late").with("count", tried).since(since)
        } else {
            Report::good("accounts-health-jobs-good").with("count", sum(|queue| queue.waiting))
        })
    }
}

#[derive(Template)]
#[template(path = "health.html")]
struct HealthPage {
    page: Page,
    summary: String,
    things: Vec<Thing>,
    queues: Vec<QueueRow>,
    queue_heads: Vec<String>,
    given_up: Vec<GivenUp>,
    given_up_heads: Vec<String>,
    looked_at: String,
    done: String,
}

/// One thing on which the work depends.
struct Thing {
    name: &'static str,
    title: String,
    look: &'static str,
    state: String,
    said: String,
    since: String,
    troubled: bool,
    meanwhile: String,
    remedy: String,
    detail: String,
}

struct QueueRow {
    kind: String,
    waiting: i64,
    tried: i64,
    since: String,
    reason: String,
}

struct GivenUp {
    id: String,
    kind: String,
    reason: String,
    may_retry: bool,
}

/// What a kind of work is called.
fn kind_words(page: &Page, kind: &str) -> String {
    let key = format!("accounts-job-{}", kind.replace(['.', '_'], "-"));
    let words = page.t(&key);
    // Work that nobody named yet is told by its kind: better than not at all.
    if words == key { kind.to_owned() } else { words.to_owned() }
}

impl Thing {
    fn new(page: &Page, zone: Tz, seen: Seen) -> Self {
        let Seen { name, words, report, since, at_least, .. } = seen;
        let severity = report.as_ref().map(|report| report.severity);
        let (look, state) = match severity {
            Some(Severity::Good) => ("granted", "accounts-health-state-good"),
            Some(Severity::Weak) => ("waiting", "accounts-health-state-weak"),
            Some(Severity::Wrong) => ("refused", "accounts-health-state-wrong"),
            None => ("closed", "accounts-health-state-unknown"),
        };
        let own = report.as_ref().and_then(|report| report.own);
        let (meanwhile, remedy) =
            own.map_or((words.meanwhile, words.remedy), |own| (own.meanwhile, own.remedy));
        let when = words::moment(page, zone, since);
        let since = match (severity, at_least) {
            (None | Some(Severity::Good), _) => String::new(),
            (_, true) => page.tr("accounts-health-since-at-least", &[("when", when.into())]),
            (_, false) => page.tr("accounts-health-since", &[("when", when.into())]),
        };
        let said = report.as_ref().map_or_else(
            || page.t("accounts-health-looking").to_owned(),
            |report| {
                let figures: Vec<_> =
                    report.figures.iter().map(|(name, figure)| (*name, (*figure).into())).collect();
                page.tr(report.said, &figures)
            },
        );
        Self {
            name,
            title: page.t(words.title).to_owned(),
            look,
            state: page.t(state).to_owned(),
            said,
            since,
            troubled: matches!(severity, Some(Severity::Weak | Severity::Wrong)),
            meanwhile: page.t(meanwhile).to_owned(),
            remedy: page.t(remedy).to_owned(),
            detail: report.map(|report| report.detail).unwrap_or_default(),
        }
    }
}

/// Whether a kind of work can be tried again at all: somebody does it, and what it needs is not forgotten.
fn may_retry(workers: Option<&Arc<Workers>>, kind: &str) -> bool {
    workers.is_some_and(|workers| {
        workers.handlers.iter().any(|handler| handler.kind() == kind && handler.secrets().is_empty())
    })
}

async fn show(
    _: Office<ManageTown>,
    State(app): State<App>,
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Query(asked): Query<Asked>,
) -> Result {
    let seen = app.examine(&commune).await;
    let looked_at = seen.iter().map(|seen| seen.at).min();
    let read = commune.read(visitor.by, |tx| -> Result<_, StoreError> {
        Ok((Town::load(tx)?.zone(), jobs::queues(tx)?, jobs::failed(tx, LISTED_AT_MOST)?))
    });
    let (zone, queues, failed) = read.await?;
    let count = |severity| {
        i64::try_from(
            seen.iter()
                .filter(|seen| seen.report.as_ref().is_some_and(|report| report.severity == severity))
                .count(),
        )
        .unwrap_or_default()
    };
    let summary = match (count(Severity::Wrong), count(Severity::Weak)) {
        (0, 0) => page.t("accounts-health-all-well").to_owned(),
        (0, weak) => page.tr("accounts-health-some-weak", &[("count", weak.into())]),
        (wrong, _) => page.tr("accounts-health-some-wrong", &[("count", wrong.into())]),
    };
    let queues = queues.into_iter().filter(|queue| queue.waiting > 0).map(|queue| QueueRow {
        kind: kind_words(&page, &queue.kind),
        waiting: queue.waiting,
        tried: queue.tried,
        since: queue.since.map(|since| words::moment(&page, zone, since)).unwrap_or_default(),
        reason: queue.reason,
    });
    let queues = queues.collect();
    let workers = app.health.workers();
    let given_up = failed.into_iter().map(|FailedJob { id, kind, reason }| GivenUp {
        id: id.to_string(),
        may_retry: may_retry(workers, &kind),
        kind: kind_words(&page, &kind),
        reason,
    });
    let given_up = given_up.collect();
    let heads = |names: &[&str]| {
        names.iter().map(|name| page.t(&format!("accounts-health-{name}")).to_owned()).collect::<Vec<_>>()
    };
    let queue_heads = heads(&["kind", "waiting", "tried", "waiting-since", "reason"]);
    let given_up_heads = heads(&["kind", "reason", "action"]);
    let done = match asked.fait.as_str() {
        "reprise" => page.t("accounts-health-retried").to_owned(),
        "rien" => page.t("accounts-health-not-retried").to_owned(),
        _ => String::new(),
    };
    render(&HealthPage {
        summary,
        things: seen.into_iter().map(|seen| Thing::new(&page, zone, seen)).collect(),
        queues,
        queue_heads,
        given_up,
        given_up_heads,
        looked_at: looked_at
            .map(|at| {
                page.tr("accounts-health-looked-at", &[("when", words::moment(&page, zone, at).into())])
            })
            .unwrap_or_default(),
        done,
        page,
    })
}

/// Tries again what was given up: one piece of work, or all that is listed.
async fn retry(
    office: Office<ManageTown>,
    State(app): State<App>,
    visitor: Visitor,
    commune: CommuneOf,
    form: FormPost,
) -> Result {
    let one = match form.get("job") {
        Some(id) => Some(id.parse::<Id<Job>>().map_err(|_| WebError::bad_request())?),
        None => None,
    };
    let workers = app.health.workers().cloned();
    let done = commune.write(visitor.by, move |tx| -> Result<usize, Failed<Never>> {
        permit::<ManageTown>(tx, &office.who, None)?;
        let wanted = match one {
            Some(id) => vec![id],
            None => jobs::failed(tx, LISTED_AT_MOST)?.into_iter().map(|job| job.id).collect(),
        };
        let mut retried = 0;
        for id in wanted {
            let Some(job) = jobs::given_up(tx, id)? else { continue };
            let handlers = workers.iter().flat_map(|workers| &workers.handlers);
            let Some(handler) = handlers.into_iter().find(|handler| handler.kind() == job.kind) else {
                continue;
            };
            if handler.revived(tx, &job)? && jobs::try_again(tx, id)? {
                retried += 1;
                tx.journal(&Entry {
                    kind: "job.retried",
                    subject_kind: "job",
                    subject_id: id.uuid(),
                    payload: json!({ "kind": job.kind }),
                })?;
            }
        }
        Ok(retried)
    });
    let Ok(retried) = settle(done.await)?;
    let said = if retried > 0 { "reprise" } else { "rien" };
    Ok(Redirect::to(&format!("/admin/sante?fait={said}")).into_response())
}
