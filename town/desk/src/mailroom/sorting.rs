//! What becomes of an item: a new case, a part of one, another department's, or nothing.

use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_cases::{
    Right,
    case::State as CaseState,
    exchange,
    missing::{self, LocalCalendar},
    tracking,
};
use beffroi_core::{Channel, Id};
use beffroi_documents as documents;
use beffroi_mailroom::{
    Item, Source,
    item::{self, State},
};
use beffroi_people::{SignedIn, Town, department};
use beffroi_store::Tx;
use beffroi_web::{FormPost, Result, WebError};

use super::item::{Said, id_of, own, page_of};
use crate::{
    office::entitled,
    problem::Problem,
    retention,
    visit::{Visit, case_error},
};

/// Letters of a reason.
pub(crate) const LONGEST_REASON: usize = 500;

fn door(item: &Item) -> Channel {
    match item.details.source {
        Source::Scan => Channel::Paper,
        Source::Email => Channel::Email,
    }
}

/// To the form of a procedure, filled in with what is known of the sender.
pub(super) async fn begin(visit: Visit, Path(id): Path<String>, fields: FormPost) -> Result {
    let id = id_of(&id)?;
    let who = visit.visitor.require()?.clone();
    visit.commune.read(visit.visitor.by, move |tx| own(tx, &who, id).map(drop)).await?;
    let slug = fields.text("demarche");
    let fits = !slug.is_empty() && slug.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if !fits {
        let problems = Problem::alone("demarche", visit.page.t("office-post-procedure-missing"));
        let said = Said { problems, ..Said::default() };
        return page_of(visit, id, StatusCode::UNPROCESSABLE_ENTITY, said).await;
    }
    Ok(Redirect::to(&format!("/agents/guichet/{slug}?courrier={id}")).into_response())
}

/// What stands against joining.
pub(crate) enum Against {
    Unknown,
    Over,
    Settled,
}

/// How an item was joined, for the word that tells it.
pub(crate) enum Joined {
    Open,
    /// To a case that is decided: its clock stands as it stood.
    Late,
    /// To a case that is sealed: its words alone, and nothing of it stays in the mail room.
    Sealed,
}

impl Joined {
    const fn word(&self) -> &'static str {
        match self {
            Self::Open => "dossier",
            Self::Late => "dossier-decide",
            Self::Sealed => "dossier-confidentiel",
        }
    }
}

/// Joins an item to a case: its files, its words, and what was awaited, if all of it has come.
pub(super) async fn join(visit: Visit, Path(id): Path<String>, fields: FormPost) -> Result {
    let id = id_of(&id)?;
    let who = visit.visitor.require()?.clone();
    let typed = [fields.text("autre"), fields.text("trouve"), fields.text("dossier")];
    let typed = typed.into_iter().find(|text| !text.is_empty()).unwrap_or_default().to_owned();
    let reference = typed.to_uppercase();
    if fields.get("chercher").is_some() {
        let said = Said {
            sought: fields.text("autre").to_owned(),
            complete: fields.get("complet").is_some(),
            ..Said::default()
        };
        return page_of(visit, id, StatusCode::OK, said).await;
    }
    let complete = fields.get("complet").is_some();
    let asked = reference.clone();
    let agent = who.clone();
    let by = visit.visitor.by;
    let joined = visit.commune.write(by, move |tx| joined(tx, &agent, id, &asked, complete)).await?;
    let key = match joined {
        Ok(how) => {
            let word = how.word();
            return Ok(Redirect::to(&format!("/agents/courrier-arrivee/{id}?fait={word}")).into_response());
        }
        Err(Against::Unknown) => "office-post-case-unknown",
        Err(Against::Over) => "office-papers-over",
        Err(Against::Settled) => "office-post-settled-before",
    };
    let problems = Problem::alone("autre", visit.page.t(key));
    // What is no reference may be a name: the cases that it may mean are proposed.
    let sought = if key == "office-post-case-unknown" { typed.clone() } else { String::new() };
    let said = Said { problems, reference: typed, sought, complete, ..Said::default() };
    page_of(visit, id, StatusCode::UNPROCESSABLE_ENTITY, said).await
}

/// Joins an item to the case of a reference; `complete` where all that was awaited has come.
pub(crate) fn joined(
    tx: &mut Tx<'_>,
    who: &SignedIn,
    id: Id<Item>,
    reference: &str,
    complete: bool,
) -> Result<std::result::Result<Joined, Against>> {
    let (item, _) = own(tx, who, id)?;
    let (access, _) = entitled(tx, who)?;
    let Some(case) = tracking::by_reference(tx, reference)? else { return Ok(Err(Against::Unknown)) };
    // A case of another department is not told: it is as if the reference were wrong.
    if access.permit(Right::Handle, &case).is_err() {
        return Ok(Err(Against::Unknown));
    }
    // Once decided, a case still takes what is written about it, until it is erased.
    let late = case.state == CaseState::Decided;
    if (!case.state.is_open() && !late) || (late && retention::is_erased(tx, case.id)?) {
        return Ok(Err(Against::Over));
    }
    if item.state != State::Waiting
        || !item::settle(tx, id, State::Joined, Some(case.id.uuid()), "", who.account.uuid())?
    {
        return Ok(Err(Against::Settled));
    }
    // A file would lie open beside what is sealed.
    let handed = if case.sealed {
        0
    } else {
        documents::hand_over(tx, ("mail_item", id.uuid()), ("case", case.id.uuid()))?
    };
    let files = usize::try_from(handed).unwrap_or_default();
    if files > 0 && late {
        missing::record_late_documents(tx, &access, case.id, files).map_err(case_error)?;
    } else if files > 0 {
        missing::record_documents(tx, &access, case.id, files).map_err(case_error)?;
    }
    let words = words_of(&item);
    if !words.is_empty() {
        exchange::record(tx, &access, case.id, &words).map_err(case_error)?;
    }
    if case.sealed {
        super::seal(tx, id)?;
    }
    if complete && case.state == CaseState::Waiting {
        let town = Town::load(tx)?;
        let calendar = LocalCalendar { zone: town.zone(), holidays: town.holidays() };
        missing::record_arrival_on(tx, &access, case.id, item.details.arrived_on, calendar)
            .map_err(case_error)?;
    }
    let how = if case.sealed {
        Joined::Sealed
    } else if late {
        Joined::Late
    } else {
        Joined::Open
    };
    Ok(Ok(how))
}

/// The words of an item, as the exchange of a case takes them: a letter's are in its scan.
pub(crate) fn words_of(item: &Item) -> String {
    let (subject, body) = (item.details.subject.trim(), item.details.body.trim());
    if door(item) == Channel::Paper || body.is_empty() {
        return String::new();
    }
    let text = if subject.is_empty() { body.to_owned() } else { format!("{subject}\n\n{body}") };
    text.chars().take(beffroi_cases::LONGEST_TEXT).collect()
}

/// Hands an item to another department, in whose tray it waits; `false` where there is no such department.
pub(crate) fn routed(tx: &mut Tx<'_>, who: &SignedIn, id: Id<Item>, slug: &str) -> Result<bool> {
    own(tx, who, id)?;
    if department::by_slug(tx, slug)?.is_none() {
        return Ok(false);
    }
    if item::route(tx, id, slug)? { Ok(true) } else { Err(WebError::conflict()) }
}

pub(super) async fn route(visit: Visit, Path(id): Path<String>, fields: FormPost) -> Result {
    let id = id_of(&id)?;
    let who = visit.visitor.require()?.clone();
    let slug = fields.text("service").to_owned();
    let routed = visit.commune.write(visit.visitor.by, move |tx| routed(tx, &who, id, &slug)).await?;
    if routed {
        return Ok(Redirect::to("/agents/courrier-arrivee?fait=service").into_response());
    }
    let problems = Problem::alone("service", visit.page.t("office-missing-department"));
    page_of(visit, id, StatusCode::UNPROCESSABLE_ENTITY, Said { problems, ..Said::default() }).await
}

/// Nothing is to be done with an item: why is kept with it.
pub(crate) fn dropped(tx: &mut Tx<'_>, who: &SignedIn, id: Id<Item>, reason: &str) -> Result<()> {
    own(tx, who, id)?;
    let settled = item::settle(tx, id, State::Dropped, None, reason, who.account.uuid())?;
    if settled { Ok(()) } else { Err(WebError::conflict()) }
}

pub(super) async fn drop_it(visit: Visit, Path(id): Path<String>, fields: FormPost) -> Result {
    let id = id_of(&id)?;
    let who = visit.visitor.require()?.clone();
    let reason = fields.text("raison").to_owned();
    if reason.is_empty() || reason.chars().count() > LONGEST_REASON {
        let problems = Problem::alone("raison", visit.page.t("office-post-reason-missing"));
        let said = Said { problems, reason, ..Said::default() };
        return page_of(visit, id, StatusCode::UNPROCESSABLE_ENTITY, said).await;
    }
    visit.commune.write(visit.visitor.by, move |tx| dropped(tx, &who, id, &reason)).await?;
    Ok(Redirect::to("/agents/courrier-arrivee?fait=classement").into_response())
}

/// The item that an agent turns into a request, for the counter's form.
pub(crate) fn carried(tx: &mut Tx<'_>, who: &SignedIn, id: &str) -> Result<Option<(Item, Channel)>> {
    if id.is_empty() {
        return Ok(None);
    }
    let (item, _) = own(tx, who, id_of(id)?)?;
    if item.state != State::Waiting {
        return Err(WebError::conflict());
    }
    let door = door(&item);
    Ok(Some((item, door)))
}
