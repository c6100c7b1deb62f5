//! A case on the agent's desk, and what the agent does with it.

use std::sync::Arc;

use axum::{
    extract::{Path, Query},
    response::{IntoResponse, Redirect},
};
use beffroi_cases::{
    Access, Right,
    case::{self, Case},
    decision::{self, NewDecision, Outcome},
    exchange, missing,
    missing::LocalCalendar,
};
use beffroi_core::{
    Day, Id,
    calendar::{civil_day, long_date},
};
use beffroi_documents::{self as documents, Document};
use beffroi_forms::CompiledForm;
use beffroi_notify::{About, mail, messages};
use beffroi_people::Town;
use beffroi_store::{Tx, jobs};
use beffroi_web::{FormPost, Result, WebError};
use chrono::Days;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::{consulted, dossier_view, entitled};
use crate::{
    Parts,
    papers::{LETTER, LetterOrder, Stationery, TELL_DECISION, Told},
    public::stream,
    submission,
    visit::{Visit, case_error},
};

/// The time given for missing documents where the agent gives none (CRPA L114-5 leaves it to the town).
const DAYS_FOR_DOCUMENTS: Days = Days::new(30);

#[derive(Default, Deserialize)]
pub(super) struct Just {
    #[serde(default)]
    pub(super) fait: String,
    #[serde(default)]
    pub(super) erreur: String,
}

fn id_of(text: &str) -> Result<Id<Case>> {
    text.parse().map_err(|_| WebError::not_found())
}

/// Opens a case.
pub(super) async fn show(
    Visit { desk, commune, visitor, page, .. }: Visit,
    Path(id): Path<String>,
    Query(just): Query<Just>,
) -> Result {
    let who = visitor.require()?.clone();
    let id = id_of(&id)?;
    let found = commune
        .write(visitor.by, move |tx| {
            let (access, _) = entitled(tx, &who)?;
            let case = case::read(tx, &access, id).map_err(case_error)?;
            consulted(tx, id, &who)?;
            dossier_view::Dossier::load(tx, &desk, &access, case)
        })
        .await?;
    dossier_view::show(page, &found, &just)
}

pub(super) async fn document(
    Visit { commune, visitor, .. }: Visit,
    Path((id, document)): Path<(String, String)>,
) -> Result {
    let who = visitor.require()?.clone();
    let id = id_of(&id)?;
    let document: Id<Document> = document.parse().map_err(|_| WebError::not_found())?;
    let found = commune
        .read(visitor.by, move |tx| {
            let (access, _) = entitled(tx, &who)?;
            case::read(tx, &access, id).map_err(case_error)?;
            let found = documents::find(tx, document)?.filter(|found| found.owner_id == id.uuid());
            found.ok_or_else(WebError::not_found)
        })
        .await?;
    stream(&commune, found).await
}

/// What a form of the case page asks for.
enum Action {
    TakeUp,
    Assign(Option<Uuid>),
    Route(String),
    Write(String),
    Note(String),
    Ask(String, Option<Day>),
    Arrived,
    Decide(NewDecision),
    Archive,
}

/// Reads an action; the word is what the page says when something is missing.
fn action_of(word: &str, form: &FormPost, today: Day) -> Result<Action, &'static str> {
    let text = |name: &str, missing: &'static str| {
        let text = form.text(name);
        if text.is_empty() { Err(missing) } else { Ok(text.to_owned()) }
    };
    Ok(match word {
        "prendre" => Action::TakeUp,
        "attribuer" => Action::Assign(form.text("agent").parse().ok()),
        "transmettre" => Action::Route(text("service", "service")?),
        "message" => Action::Write(text("message", "message")?),
        "note" => Action::Note(text("note", "note")?),
        "pieces" => Action::Ask(text("pieces", "pieces")?, deadline(form, today)?),
        "recues" => Action::Arrived,
        "decision" => Action::Decide(NewDecision {
            outcome: Outcome::from_word(form.text("outcome")).ok_or("outcome")?,
            reasons: text("reasons", "reasons")?,
            signatory_name: text("signatory_name", "signatory_name")?,
            signatory_quality: text("signatory_quality", "signatory_quality")?,
            series: None,
        }),
        "archiver" => Action::Archive,
        _ => return Err("action"),
    })
}

fn deadline(form: &FormPost, today: Day) -> Result<Option<Day>, &'static str> {
    let [day, month, year] =
        ["day", "month", "year"].map(|part| form.text(&format!("deadline-{part}")).to_owned());
    if [&day, &month, &year].iter().all(|part| part.is_empty()) {
        return Ok(today.checked_add_days(DAYS_FOR_DOCUMENTS));
    }
    let number = |text: &str| text.parse::<u32>().ok();
    let parsed = match (year.parse(), number(&month), number(&day)) {
        (Ok(year), Some(month), Some(day)) => Day::from_ymd_opt(year, month, day),
        _ => None,
    };
    parsed.filter(|day| *day > today).map(Some).ok_or("deadline")
}

pub(super) async fn act(
    Visit { desk, commune, visitor, .. }: Visit,
    Path((id, word)): Path<(String, String)>,
    form: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let id = id_of(&id)?;
    let origin = desk.site(&commune).await?;
    let word_kept = word.clone();
    let done = commune
        .write(visitor.by, move |tx| {
            let (access, _) = entitled(tx, &who)?;
            let case = case::read(tx, &access, id).map_err(case_error)?;
            let town = Town::load(tx)?;
            let today = civil_day(tx.now(), town.zone());
            match action_of(&word, &form, today) {
                Ok(action) => {
                    let office = Office { desk, access, agent: who.account.uuid(), origin };
                    office.act(tx, &case, action, &town).map(|()| None)
                }
                Err("action") => Err(WebError::not_found()),
                Err(missing) => Ok(Some(missing)),
            }
        })
        .await?;
    let target = match done {
        None if word_kept == "archiver" => "/agents".to_owned(),
        None => format!("/agents/dossiers/{id}?fait={word_kept}"),
        Some(missing) => format!("/agents/dossiers/{id}?erreur={missing}#{word_kept}"),
    };
    Ok(Redirect::to(&target).into_response())
}

/// One agent at work.
pub struct Office {
    pub(crate) desk: Arc<Parts>,
    pub(crate) access: Access,
    pub(crate) agent: Uuid,
    pub(crate) origin: String,
}

impl Office {
    fn act(&self, tx: &mut Tx<'_>, case: &Case, action: Action, town: &Town) -> Result<()> {
        let (access, id) = (&self.access, case.id);
        match action {
            Action::TakeUp => case::take_up(tx, access, id, self.agent).map_err(case_error),
            Action::Assign(agent) => case::assign(tx, access, id, agent).map_err(case_error),
            Action::Route(department) => {
                let known = beffroi_people::department::by_slug(tx, &department)?;
                known.ok_or_else(WebError::not_found)?;
                case::route(tx, access, id, &department).map_err(case_error)
            }
            Action::Write(words) => self.write(tx, case, &words),
            Action::Note(words) => exchange::note(tx, access, id, self.agent, &words).map_err(case_error),
            Action::Ask(pieces, until) => self.ask(tx, case, &pieces, until, town),
            Action::Arrived => {
                let calendar = LocalCalendar { zone: town.zone(), holidays: town.holidays() };
                missing::record_arrival(tx, access, id, calendar).map(drop).map_err(case_error)
            }
            Action::Decide(new) => self.decide(tx, case, new, town),
            Action::Archive => case::archive(tx, access, id).map_err(case_error),
        }
    }

    /// Writes to the requester: on the page, with word by mail, or by letter.
    pub fn write(&self, tx: &mut Tx<'_>, case: &Case, words: &str) -> Result<()> {
        exchange::write(tx, &self.access, case.id, self.agent, words).map_err(case_error)?;
        self.tell(tx, case, messages::answer_received)?;
        let order = LetterOrder {
            case: case.id,
            subject: format!("Votre demande {}", case.reference),
            paragraphs: words.split("\n\n").map(str::to_owned).collect(),
            pieces: Vec::new(),
            until: None,
        };
        Self::by_letter(tx, &order)
    }

    /// Asks for documents; the clock reacts as the law says.
    pub fn ask(
        &self,
        tx: &mut Tx<'_>,
        case: &Case,
        pieces: &str,
        until: Option<Day>,
        town: &Town,
    ) -> Result<()> {
        let calendar = LocalCalendar { zone: town.zone(), holidays: town.holidays() };
        missing::ask(tx, &self.access, case.id, pieces, until, calendar).map_err(case_error)?;
        let list: Vec<&str> = pieces.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let by = until.unwrap_or_else(|| civil_day(tx.now(), town.zone()));
        self.tell(tx, case, |sender, lang, about| {
            messages::document_request(sender, lang, about, &list, by)
        })?;
        let order = LetterOrder {
            case: case.id,
            subject: format!("Votre demande {}\u{a0}: pièces à nous envoyer", case.reference),
            paragraphs: vec![format!(
                "Pour traiter votre demande {}, il nous manque les pièces ci-dessous. Vous pouvez nous les envoyer par courrier, les déposer au guichet ou les joindre sur la page de suivi.",
                case.reference
            )],
            pieces: list.into_iter().map(str::to_owned).collect(),
            until,
        };
        Self::by_letter(tx, &order)
    }

    /// Decides, with reasons; the paper and word of it follow in the background.
    pub fn decide(&self, tx: &mut Tx<'_>, case: &Case, mut new: NewDecision, town: &Town) -> Result<()> {
        let form = self.form(tx, case)?;
        if form.procedure().decision.formal && new.outcome != Outcome::Closed {
            new.series = Some("ARR".to_owned());
        }
        decision::decide(tx, &self.access, case.id, &new, town.zone()).map_err(case_error)?;
        jobs::enqueue(tx, TELL_DECISION, &json!({ "case": case.id }), tx.now(), None)?;
        Ok(())
    }

    fn form(&self, tx: &mut Tx<'_>, case: &Case) -> Result<Arc<CompiledForm>> {
        let form = self.desk.shelf.version(tx, &case.procedure, case.procedure_version)?;
        form.ok_or_else(WebError::not_found)
    }

    fn tell(
        &self,
        tx: &mut Tx<'_>,
        case: &Case,
        write: impl FnOnce(messages::Sender<'_>, beffroi_core::Lang, messages::CaseRef<'_>) -> messages::Message,
    ) -> Result<()> {
        let Some(reach) = submission::reach(tx, case.id)?.filter(|reach| !reach.email.is_empty()) else {
            return Ok(());
        };
        let form = self.form(tx, case)?;
        let stationery = Stationery::load(tx, &case.department)?;
        let title = form.procedure().title.text(reach.lang);
        let told = Told { stationery: &stationery, title, reference: &case.reference, origin: &self.origin };
        let message = told.write(|sender, about| write(sender, reach.lang, about));
        let new = mail::NewMail {
            to: &reach.email,
            subject: &message.subject,
            text: &message.text,
            html: None,
            secret: false,
            about: About { kind: "case", id: case.id.uuid() },
        };
        mail::queue(tx, &new).map(drop).map_err(WebError::internal)
    }

    fn by_letter(tx: &mut Tx<'_>, order: &LetterOrder) -> Result<()> {
        let wants = submission::reach(tx, order.case)?.is_some_and(|reach| reach.by_letter);
        if wants {
            let payload = serde_json::to_value(order).map_err(WebError::internal)?;
            jobs::enqueue(tx, LETTER, &payload, tx.now(), None)?;
        }
        Ok(())
    }
}

/// Whether the agent may do this to the case: what the page shows asks the same function as what is done.
pub(super) fn may(access: &Access, right: Right, case: &Case) -> bool {
    access.permit(right, case).is_ok()
}

/// The last day that is proposed for missing documents.
pub(super) fn proposed_deadline(today: Day, lang: beffroi_core::Lang) -> String {
    today.checked_add_days(DAYS_FOR_DOCUMENTS).map(|day| long_date(day, lang)).unwrap_or_default()
}
