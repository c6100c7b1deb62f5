//! Acting for somebody: a relative from their own account, an agent at the counter. The helped person consents, reads
//! what was done, and ends it when they like.

mod acting;
mod answer;
mod choose;
mod form;
mod helped;
mod history;
mod jobs;
mod letters;
mod offer;
mod office;
mod own;
mod paper;
mod ways;

use std::collections::HashMap;

use axum::{
    Router,
    routing::{get, post},
};
use beffroi_cases::case::Case;
use beffroi_core::{Day, Id, Lang, calendar::long_date};
use beffroi_people::{
    Account, SignedIn, Town,
    mandate::{self, By, Mandate, Scope, Sight, Status},
};
use beffroi_store::Tx;
use beffroi_web::{App, Page, Result};

use crate::{
    Parts,
    office::reception,
    submission::{self, Mine},
    words,
};

pub(crate) use acting::{AIDED, Acting, in_the_name_of, sworn};
pub(crate) use answer::{Against, answered};
pub(crate) use choose::must_choose;
pub(crate) use form::Asked;
pub use jobs::LetterHandler;
pub(crate) use letters::copy;
pub(crate) use office::{Allowed, allowed, consulted, named, recorded, within};

/// Entries of a mandate's history that tell whether a case was read within the hour.
const READ_AGAIN: u32 = 100;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/demarches/{slug}/pour", get(choose::show).post(choose::choose))
        .route("/demarches/{slug}/pour-quelqu-un", get(ways::show))
        .route("/mon-compte/mandats", get(own::list))
        .route("/mon-compte/mandats/nouveau", get(own::blank).post(own::ask))
        .route("/mon-compte/mandats/donner", get(offer::blank).post(offer::give))
        .route("/mon-compte/mandats/offres/{id}/retirer", post(offer::withdraw))
        .route("/mandat-offert/{secret}", get(offer::show).post(offer::answer))
        .route("/mon-compte/mandats/{id}", get(own::show))
        .route("/mon-compte/mandats/{id}/demarches", get(choose::begin))
        .route("/mon-compte/mandats/{id}/reponse", post(own::reply))
        .route("/mon-compte/mandats/{id}/code", post(own::code))
        .route("/mon-compte/mandats/{id}/papier", post(own::paper))
        .route("/mon-compte/mandats/{id}/fin", post(own::end))
        .route("/mon-compte/mandats/{id}/renouveler", post(own::renew))
        .route("/mon-compte/mandats/{id}/mandat.pdf", get(own::pdf))
        .route("/mandat/{secret}", get(helped::show).post(helped::answer))
        .route("/agents/mandats", get(office::list).post(office::search))
        .route("/agents/mandats/nouveau", get(office::blank).post(office::record))
        .route("/agents/mandats/{id}", get(office::show))
        .route("/agents/mandats/{id}/reponse", post(answer::answer))
        .route("/agents/mandats/{id}/mandat.pdf", get(office::pdf))
        .route("/agents/mandats/{id}/documents/{document}", get(office::document))
}

/// The titles of the procedures that are offered, by their short names.
pub(crate) type Titles = HashMap<String, String>;

pub(crate) fn titles(tx: &mut Tx<'_>, desk: &Parts, lang: Lang) -> beffroi_store::Result<Titles> {
    let offered = desk.shelf.offered(tx)?;
    let title = |form: &std::sync::Arc<beffroi_forms::CompiledForm>| {
        (form.procedure().slug.clone(), form.procedure().title.text(lang).to_owned())
    };
    Ok(offered.iter().map(title).collect())
}

/// Which mandates an agent may look into.
pub(crate) fn sight(tx: &mut Tx<'_>, desk: &Parts, who: &SignedIn) -> Result<Sight> {
    let sectors = reception::sectors(tx, who)?;
    let offered = desk.shelf.offered(tx)?;
    let own = offered.iter().map(|form| form.procedure()).filter(|it| sectors.contains(&it.sector));
    let procedures = own.map(|procedure| procedure.slug.clone()).collect();
    Ok(Sight { account: who.account, sectors, procedures })
}

/// In what a mandate serves, in words of `t`.
pub(crate) fn scope_words(t: impl Fn(&str) -> String, scope: &Scope, titles: &Titles) -> String {
    match scope {
        Scope::All => t("desk-mandate-scope-all"),
        Scope::Sector(sector) => t(&format!("desk-mandate-sector-{}", sector.as_str())),
        Scope::Procedures(slugs) => {
            let names = slugs.iter().map(|slug| titles.get(slug).unwrap_or(slug).clone());
            names.collect::<Vec<_>>().join(", ")
        }
    }
}

/// How a mandate stands on a day, in words of `tr`, which are told until when it runs or ran.
pub(crate) fn status_words(
    tr: impl Fn(&str, String) -> String,
    mandate: &Mandate,
    (today, lang): (Day, Lang),
) -> String {
    let until = mandate.days.map(|(_, until)| long_date(until, lang)).unwrap_or_default();
    let key = match mandate.status(today) {
        Status::Asked => "desk-mandate-status-asked",
        Status::Running => "desk-mandate-status-running",
        Status::Expired => "desk-mandate-status-expired",
        Status::Refused => "desk-mandate-status-refused",
        Status::Ended => "desk-mandate-status-ended",
    };
    tr(key, until)
}

/// For how long, in words.
pub(crate) fn term_words(page: &Page, days: u32) -> String {
    page.t(&format!("desk-mandate-term-{days}")).to_owned()
}

/// A mandate as lists show it.
pub(crate) struct Row {
    pub(crate) id: String,
    /// What it is called aloud.
    pub(crate) number: String,
    pub(crate) helper: String,
    pub(crate) helped: String,
    pub(crate) scope: String,
    pub(crate) term: String,
    pub(crate) look: &'static str,
    pub(crate) status: String,
    /// Whether it may still be ended.
    pub(crate) open: bool,
    pub(crate) running: bool,
}

impl Row {
    pub(crate) fn new(page: &Page, mandate: &Mandate, today: Day, titles: &Titles) -> Self {
        let lang = page.language();
        let status = mandate.status(today);
        let look = match status {
            Status::Asked => "waiting",
            Status::Running => "granted",
            Status::Refused => "refused",
            Status::Expired | Status::Ended => "closed",
        };
        let tr = |key: &str, until: String| page.tr(key, &[("until", until.into())]);
        let words = status_words(tr, mandate, (today, lang));
        Self {
            id: mandate.id.to_string(),
            number: mandate.number(),
            helper: mandate.details.helper_name.clone(),
            helped: mandate.details.helped.full_name(),
            scope: scope_words(|key| page.t(key).to_owned(), &mandate.details.scope, titles),
            term: term_words(page, mandate.details.term.days()),
            look,
            status: words,
            open: !mandate.is_over(today),
            running: status == Status::Running,
        }
    }
}

/// A request that was sent by a mandate, as its page lists it.
pub(crate) struct CaseRow {
    /// Where the reader opens it; `""` where they do so by its code alone.
    pub(crate) href: String,
    pub(crate) title: String,
    pub(crate) reference: String,
    pub(crate) received: String,
    pub(crate) look: &'static str,
    pub(crate) state: String,
}

impl CaseRow {
    pub(crate) fn new(page: &Page, mine: Mine, titles: &Titles, href: String) -> Self {
        let (look, state) = words::state(page, mine.state, mine.outcome);
        Self {
            href,
            title: titles.get(&mine.procedure.0).cloned().unwrap_or_default(),
            received: long_date(mine.received_on, page.language()),
            reference: mine.reference,
            look,
            state,
        }
    }
}

/// Whether a helper may follow a case now: it was sent by a mandate of theirs that still runs and covers it.
pub(crate) fn may_follow(tx: &mut Tx<'_>, account: Id<Account>, case: &Case) -> beffroi_store::Result<bool> {
    let Some((id, helper)) = submission::mandate_of(tx, case.id)? else { return Ok(false) };
    if helper != account {
        return Ok(false);
    }
    let today = beffroi_core::calendar::civil_day(tx.now(), Town::load(tx)?.zone());
    let sector: String =
        tx.query_one("SELECT sector FROM cases WHERE id = $1", &[&case.id], |row| row.get(0))?;
    let sector = beffroi_core::Sector::from_word(&sector).unwrap_or(beffroi_core::Sector::General);
    let found = mandate::find(tx, id)?;
    Ok(found.is_some_and(|mandate| mandate.covers(&case.procedure, sector, today)))
}

/// Writes down, in the mandate's own history, what a helper does with a case; nothing where the account is not its
/// helper. Reading is written down once an hour.
pub(crate) fn note_use(
    tx: &mut Tx<'_>,
    account: Id<Account>,
    case: &Case,
    what: &'static str,
) -> beffroi_store::Result<()> {
    let Some((id, helper)) = submission::mandate_of(tx, case.id)? else { return Ok(()) };
    if helper != account {
        return Ok(());
    }
    if what == "read" {
        let since = tx.now() - chrono::TimeDelta::hours(1);
        let told = |name: &str, entry: &beffroi_store::JournalEntry| {
            let payload = entry.payload.as_ref();
            payload.and_then(|payload| payload.get(name)?.as_str().map(str::to_owned)).unwrap_or_default()
        };
        let read_before = mandate::history(tx, id, READ_AGAIN)?.iter().any(|entry| {
            entry.at > since && told("what", entry) == "read" && told("reference", entry) == case.reference
        });
        if read_before {
            return Ok(());
        }
    }
    mandate::note_use(tx, id, what, (case.id.uuid(), &case.reference))
}

/// The account ends: what it held ends with it, and each helped person is told.
pub(crate) fn end_held(tx: &mut Tx<'_>, account: Id<Account>) -> beffroi_store::Result<()> {
    for held in mandate::held_by(tx, account)? {
        if mandate::end(tx, held.id, By::Helper)? {
            letters::over(tx, &held, By::Helper, None)?;
        }
    }
    Ok(())
}

/// Forgets mandates that have been over for a year, with their papers. Run it daily.
pub(crate) fn sweep(tx: &mut Tx<'_>, today: Day) -> beffroi_store::Result<u64> {
    let gone = mandate::sweep(tx, today)?;
    let owners: Vec<uuid::Uuid> = gone.iter().map(|id| id.uuid()).collect();
    beffroi_documents::forget_of(tx, "mandate", &owners)?;
    Ok(u64::try_from(gone.len()).unwrap_or_default())
}
