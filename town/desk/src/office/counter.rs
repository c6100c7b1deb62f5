//! The counter and the telephone: an agent enters the same form for somebody, in one page, with the same checks
//! and the same receipt.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, Query, Request},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_cases::case::Case;
use beffroi_core::{Channel, Day, Id, Lang, calendar::civil_day};
use beffroi_forms::{Answers, CompiledForm, Outcome};
use beffroi_people::{SignedIn, Town, mandate};
use beffroi_store::{
    By, Tx,
    idempotency::{self, Once},
};
use beffroi_web::{Framing, Page, Result, WebError, diary::Received as Appointed, page::render_as};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    arrived, entitled,
    pieces::{self, Due},
    receipt::{self, RECEIPT_COOKIE, RECEIPT_PATH},
    received::Received,
    reception::store::{self as visits, Stay},
    typed::{answers_of, change, picked},
};
use crate::{
    Parts, appointed,
    booked::{self, Picking, Proposal, Shown},
    control::{Control, View},
    mandates,
    map::Map,
    permission,
    problem::Problem,
    procedure::current_for,
    public::{Known, Posted, keep_named, known_files, receive, take, with_cookie},
    submission::{self, Submission, SubmitError},
    visit::Visit,
};

/// The doors that an agent answers, and what each is called.
pub(crate) const DOORS: [(Channel, &str); 4] = [
    (Channel::Counter, "office-channel-counter"),
    (Channel::Phone, "office-channel-phone"),
    (Channel::Paper, "office-channel-paper"),
    (Channel::Email, "office-channel-email"),
];

/// A procedure to choose.
pub(super) struct Card {
    pub(super) href: String,
    pub(super) title: String,
    pub(super) text: String,
}

/// One desk for all: whoever handles the cases of one department takes in requests for every other.
pub(crate) fn procedures(tx: &mut Tx<'_>, desk: &Parts, who: &SignedIn) -> Result<Vec<Arc<CompiledForm>>> {
    entitled(tx, who)?;
    if !permission::handles_somewhere(tx, who)? {
        return Err(WebError::not_found());
    }
    Ok(desk.shelf.handled(tx)?)
}

/// The procedures that can be entered.
pub(super) fn cards(tx: &mut Tx<'_>, desk: &Parts, who: &SignedIn, lang: Lang) -> Result<Vec<Card>> {
    let forms = procedures(tx, desk, who)?;
    let card = |form: &Arc<CompiledForm>| Card {
        href: format!("/agents/guichet/{}", form.procedure().slug),
        title: form.procedure().title.text(lang).to_owned(),
        text: form.procedure().summary.text(lang).to_owned(),
    };
    Ok(forms.iter().map(card).collect())
}

struct Choice {
    value: String,
    label: String,
    hint: String,
    chosen: bool,
}

struct Part {
    id: String,
    title: String,
    controls: Vec<Control>,
}

impl Part {
    /// The files that were received before, those in rows too: control and document.
    fn kept(&self) -> Vec<(&str, &str)> {
        let rows = self.controls.iter().flat_map(|control| &control.rows).flat_map(|row| &row.controls);
        let all = self.controls.iter().chain(rows);
        all.flat_map(|control| control.kept.iter().map(|file| (&*control.id, &*file.document))).collect()
    }
}

#[derive(Template)]
#[template(path = "office/entry.html")]
struct Entry {
    page: Page,
    title: String,
    action: String,
    key: String,
    doors: Vec<Choice>,
    /// Whose visit it is, if one is open; and where the page leads back to.
    visit: String,
    /// For whom the agent acts by a mandate; `""` where the person stands there.
    acting: String,
    back: &'static str,
    /// What was picked before it, where something is; and what is wrong with it.
    booked: Option<Shown>,
    booked_error: String,
    proposals: Vec<Proposal>,
    /// Whose appointment it is, and when; `""` where the request is opened at none. And which.
    appointment: String,
    rendez_vous: String,
    /// The item of the mail room that becomes a request, and its files.
    mail: String,
    mail_files: Vec<arrived::MailFile>,
    /// Whether the request will be sealed: then the files of the mail are kept nowhere.
    sealed: bool,
    received: (String, String, String),
    received_error: String,
    parts: Vec<Part>,
    problems: Vec<Problem>,
    pieces: Vec<Due>,
    by_letter: bool,
    map: Map,
}

/// The form as an agent has filled it in so far.
struct Typed {
    form: Arc<CompiledForm>,
    answers: Answers,
    known: Known,
    door: Channel,
    received: Received,
    seen: Vec<String>,
    by_letter: bool,
    key: String,
    /// The files that were refused, and why.
    refused: Vec<(String, String)>,
    town: Town,
    map: Map,
    /// The visit that is open.
    stay: Option<Stay>,
    /// The item of the mail room that becomes this request.
    mail: Option<arrived::Carried>,
    /// Whoever is received at the appointment at which it is opened.
    appointed: Option<Appointed>,
    /// What was picked before it, or must be.
    picking: Option<Picking>,
    /// Whether it came too late for what was picked, and the free times that are nearest to it.
    overtaken: Option<Vec<Proposal>>,
    /// Whether nobody else has what was picked, but it may not be booked any more.
    unfit: bool,
}

/// Why what was picked cannot be had; `""` where it can. `nothing`: whether nothing was picked.
fn not_had(page: &Page, typed: &Typed, nothing: bool) -> String {
    let key = match &typed.overtaken {
        None => return String::new(),
        Some(_) if nothing => "office-booked-none",
        Some(_) if typed.unfit => "office-booked-unfit",
        Some(_) => "office-booked-taken",
    };
    page.t(key).to_owned()
}

fn entry(page: Page, status: StatusCode, typed: &Typed, outcome: &Outcome, tell: bool) -> Result {
    let lang = page.language();
    let view =
        View { form: &typed.form, typed: &typed.answers, outcome, files: &typed.known.files, lang, tell };
    let pages = &typed.form.procedure().form.pages;
    let refusals = Problem::each(&typed.refused);
    let by_mandate = typed.stay.as_ref().filter(|stay| stay.mandate.is_some());
    let parts = pages
        .iter()
        .enumerate()
        .filter(|(rank, _)| outcome.pages.get(*rank).copied().unwrap_or_default())
        .map(|(rank, definition)| Part {
            id: format!("page-{}", definition.id),
            title: definition.title.text(lang).to_owned(),
            controls: {
                let mut controls = view.page(rank);
                Control::bear(&mut controls, &refusals);
                if let Some(picking) = typed.picking.as_ref().filter(|picking| picking.booking.is_some()) {
                    picking.hide(&mut controls);
                }
                if let Some(stay) = by_mandate {
                    mandates::in_the_name_of(&page, &stay.details.full_name(), &mut controls);
                }
                controls
            },
        })
        .collect();
    let mut problems = if tell { view.all_problems() } else { Vec::new() };
    problems.splice(0..0, refusals);
    let wrong_day = typed.received.day.as_ref().err().filter(|_| tell);
    let received_error = wrong_day.map(|key| page.t(key).to_owned()).unwrap_or_default();
    problems.splice(0..0, Problem::alone("recue", &received_error));
    let booked = typed.picking.as_ref().map(|picking| picking.shown(&page));
    let booked_error = not_had(&page, typed, booked.as_ref().is_some_and(|booked| booked.name.is_empty()));
    problems.splice(0..0, Problem::alone("creneau", &booked_error));
    let doors = DOORS.iter().map(|(door, key)| Choice {
        value: door.as_str().to_owned(),
        label: page.t(key).to_owned(),
        hint: String::new(),
        chosen: *door == typed.door,
    });
    let template = Entry {
        title: typed.form.procedure().title.text(lang).to_owned(),
        action: format!("/agents/guichet/{}", typed.form.procedure().slug),
        key: typed.key.clone(),
        doors: doors.collect(),
        visit: typed.stay.as_ref().map(|stay| stay.details.full_name()).unwrap_or_default(),
        acting: by_mandate
            .and_then(|stay| Some((stay, stay.mandate?)))
            .map(|(stay, mandate)| {
                let name = stay.details.full_name();
                let number = mandate::number(mandate);
                page.tr("desk-mandate-acting", &[("name", name.into()), ("number", number.into())])
            })
            .unwrap_or_default(),
        back: match (&typed.mail, &typed.stay) {
            (Some(_), _) => "/agents/courrier-arrivee",
            (None, Some(_)) => "/agents/guichet/visite",
            (None, None) => "/agents/guichet",
        },
        appointment: typed
            .appointed
            .as_ref()
            .map(|it| appointed::told(&page, it, typed.town.zone()))
            .unwrap_or_default(),
        rendez_vous: typed.appointed.as_ref().map(|it| it.appointment.to_string()).unwrap_or_default(),
        booked,
        booked_error,
        proposals: typed.overtaken.clone().unwrap_or_default(),
        mail: typed.mail.as_ref().map(|mail| mail.id.to_string()).unwrap_or_default(),
        mail_files: typed
            .mail
            .iter()
            .flat_map(|mail| mail.files.iter().map(|file| (mail.source, file)))
            .map(|(source, file)| arrived::MailFile {
                name: crate::mailroom::named(&page, source, &file.name),
                ..file.clone()
            })
            .collect(),
        sealed: typed.form.procedure().sealed,
        received: typed.received.typed.clone().into(),
        received_error,
        parts,
        problems,
        pieces: pieces::due(&typed.form, outcome, &typed.seen, lang),
        by_letter: typed.by_letter,
        map: typed.map.clone(),
        page,
    };
    let frames = template.mail_files.iter().any(|file| file.shown == "frame");
    let mut response = render_as(status, &template)?;
    if frames {
        response.extensions_mut().insert(Framing::Around);
    }
    Ok(response)
}

/// What the address of an empty form may name.
#[derive(Default, Deserialize)]
pub(super) struct From {
    /// The item of the mail room that becomes a request.
    #[serde(default)]
    courrier: String,
    /// What the agent has picked.
    #[serde(default)]
    creneau: String,
    /// The appointment at which it is opened.
    #[serde(default)]
    rendez_vous: String,
}

pub(super) async fn blank(
    Visit { desk, commune, visitor, page, .. }: Visit,
    Path(slug): Path<String>,
    Query(from): Query<From>,
) -> Result {
    let who = visitor.require()?.clone();
    let typed = commune
        .read(visitor.by, move |tx| {
            procedures(tx, &desk, &who)?;
            let form = current_for(tx, &desk.shelf, &slug)?;
            let town = Town::load(tx)?;
            let today = civil_day(tx.now(), town.zone());
            let map = Map::load(tx, &town)?;
            let mail = arrived::carried(tx, &who, &from.courrier)?;
            let appointed = appointed::received(tx, &desk, &who, (&from.rendez_vous, &slug))?;
            // A letter is not the visit of whoever stands at the counter; nor is an appointment.
            let apart = mail.is_some() || appointed.is_some();
            let stay = if apart { None } else { visits::current(tx, who.account.uuid())? };
            let person = appointed.as_ref().map(appointed::person);
            let known = mail.as_ref().map(|mail| &mail.sender).or(person.as_ref());
            let known = known.or(stay.as_ref().map(|stay| &stay.details));
            let mut answers = known.map(|known| submission::prefilled(&form, known)).unwrap_or_default();
            let picking = Picking::of_agent(tx, &form, &from.creneau, town.zone())?;
            if let Some(picking) = &picking {
                picking.answer(&mut answers);
            }
            let received = mail.as_ref().map_or(today, |mail| mail.arrived_on.min(today));
            Ok::<_, WebError>(Typed {
                form,
                answers,
                known: Known::default(),
                door: mail.as_ref().map_or(Channel::Counter, |mail| mail.door),
                received: Received::today(received),
                seen: Vec::new(),
                by_letter: stay.as_ref().is_some_and(|stay| stay.details.prefers_letter),
                key: beffroi_web::form::new_idempotency_key(),
                refused: Vec::new(),
                town,
                map,
                stay,
                mail,
                appointed,
                picking,
                overtaken: None,
                unfit: false,
            })
        })
        .await?;
    let day = typed.received.day.unwrap_or_else(|_| civil_day(commune.now(), typed.town.zone()));
    let judged = submission::judge(&typed.form, &typed.answers, typed.door, day, &typed.known.files);
    entry(page, StatusCode::OK, &typed, &judged.outcome, false)
}

/// The keys of this page.
const SCOPE: &str = "desk.counter";

/// A case that was just entered. The code is told once, on the receipt.
#[derive(Deserialize, Serialize)]
struct NewReceipt {
    case: Id<Case>,
    code: String,
    /// Whether it belongs to a visit, which goes on.
    #[serde(default)]
    visit: bool,
}

/// What came of an entry.
enum Entered {
    /// A case.
    Case(NewReceipt),
    /// A page to be shown again.
    Again(Box<Typed>, Box<Outcome>, bool),
}

pub(super) async fn enter(
    Visit { desk, commune, visitor, page, headers, .. }: Visit,
    Path(slug): Path<String>,
    request: Request,
) -> Result {
    let who = visitor.require()?.clone();
    // Nothing is received from whoever may enter nothing.
    let (shelf, asks) = (Arc::clone(&desk), who.clone());
    commune.read(visitor.by, move |tx| procedures(tx, &shelf, &asks).map(drop)).await?;
    let posted = receive(request, &commune, visitor.lang).await?;
    let key = posted.fields.idempotency_key().ok_or_else(WebError::bad_request)?.to_owned();
    let door = DOORS.iter().map(|(door, _)| *door).find(|door| door.as_str() == posted.fields.text("door"));
    let door = door.unwrap_or(Channel::Counter);
    let stays = ["add_row", "remove_row", "remove_file", "refresh", "lengthen"]
        .iter()
        .any(|name| posted.fields.get(name).is_some());
    let (cut, lang) = (posted.cut, visitor.lang);
    let what = fingerprint(&slug, &posted);
    let by = By { channel: door, ..visitor.by };
    let entered = commune
        .write(by, move |tx| {
            procedures(tx, &desk, &who)?;
            // Its files were used up: asked first, before they are looked for again.
            if let Some(before) = idempotency::before(tx, SCOPE, &key, &what)? {
                return as_entered(before);
            }
            let form = current_for(tx, &desk.shelf, &slug)?;
            let town = Town::load(tx)?;
            let today = civil_day(tx.now(), town.zone());
            // Until there is a case, its files belong to this entry, known by the page's key.
            let owner = uuid::Uuid::parse_str(&key).map_err(|_| WebError::bad_request())?;
            let has = ("entry", owner);
            let mut answers = answers_of(&posted.fields);
            let mut known = known_files(tx, has)?;
            let picking = picked(tx, &form, &posted.fields, &mut answers, &town)?;
            let full = take(tx, (desk.gate, lang), &form, &mut answers, &posted.files, has, &mut known)?;
            let refused = [posted.refused, full].concat();
            change(&mut answers, &posted.fields);
            let known = keep_named(tx, has, &answers, &known)?;
            let by_letter = posted.fields.get("by_letter").is_some();
            let map = Map::load(tx, &town)?;
            let mail = arrived::carried(tx, &who, posted.fields.text("courrier"))?;
            let arrived_on = mail.as_ref().map(|mail| mail.arrived_on);
            let received = Received::read(&posted.fields, door, today, arrived_on);
            // A letter is judged as it stood on the day on which it came.
            let day = received.day.unwrap_or(today);
            let seen = pieces::seen(&posted.fields);
            let named = posted.fields.text("rendez_vous");
            let appointed = appointed::received(tx, &desk, &who, (named, &slug))?;
            let apart = mail.is_some() || appointed.is_some();
            let stay = if apart { None } else { visits::current(tx, who.account.uuid())? };
            let known_of = stay.as_ref().filter(|stay| stay.mandate.is_none()).map(|stay| &stay.details);
            submission::themselves(&form, &mut answers, known_of);
            let typed = Typed {
                form,
                answers,
                known,
                door,
                received,
                seen,
                by_letter,
                key: key.clone(),
                refused,
                town,
                map,
                stay,
                mail,
                appointed,
                picking,
                overtaken: None,
                unfit: false,
            };
            let mut judged = submission::judge(&typed.form, &typed.answers, door, day, &typed.known.files);
            typed.known.explain(&mut judged.outcome, &typed.answers);
            if stays
                || !typed.refused.is_empty()
                || typed.received.day.is_err()
                || !judged.outcome.faults.is_empty()
            {
                // Where the end never came, what is not answered yet was not refused: it did not come.
                return Ok(Entered::Again(Box::new(typed), Box::new(judged.outcome), !stays && !cut));
            }
            judged.outcome.expected_files.retain(|path| !typed.seen.contains(path));
            send(tx, &desk, (typed, judged), &who, (owner, day), &what)
        })
        .await?;
    match entered {
        Entered::Case(new) => {
            let cookie = visitor.own_cookie(RECEIPT_COOKIE, &new.code, RECEIPT_PATH)?;
            let target = if new.visit {
                "/agents/guichet/visite".to_owned()
            } else {
                format!("{RECEIPT_PATH}/{}", new.case)
            };
            let response = with_cookie(Redirect::to(&target).into_response(), cookie);
            if !new.visit {
                return Ok(response);
            }
            // The visit's receipt tells every code that was given in it; they are kept in this browser alone.
            let codes = receipt::gathered(&headers, &new.code);
            let cookie = visitor.own_cookie(receipt::VISIT_COOKIE, &codes, receipt::VISIT_PATH)?;
            Ok(with_cookie(response, cookie))
        }
        Entered::Again(typed, outcome, tell) => {
            let right = !tell && typed.refused.is_empty();
            let status = if right { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
            entry(page, status, &typed, &outcome, tell)
        }
    }
}

/// What was typed and chosen, whatever its files were called when they were kept.
fn fingerprint(slug: &str, posted: &Posted) -> Vec<u8> {
    let files: Vec<_> = posted.files.iter().map(|(field, file)| (field, file.sha256())).collect();
    json!([slug, posted.fields.pairs(), files]).to_string().into_bytes()
}

fn as_entered(once: Once<NewReceipt>) -> Result<Entered> {
    match once {
        Once::Done(new) | Once::Again(new) => Ok(Entered::Case(new)),
        Once::Reused => Err(WebError::conflict()),
    }
}

/// Whose request it is that is entered in a visit.
pub(crate) fn whom(stay: Option<&Stay>, form: &CompiledForm, who: &SignedIn) -> submission::Whom {
    submission::Whom {
        person: stay.and_then(|stay| stay.record_in(form.procedure().sector)),
        known: stay.filter(|stay| stay.mandate.is_none()).map(|stay| stay.details.clone()),
        mandate: stay.and_then(|stay| stay.mandate).map(|mandate| {
            let helping = submission::Helping {
                account: who.account,
                name: who.display_name.clone(),
                email: who.email.clone(),
            };
            (mandate, helping)
        }),
    }
}

/// Sends what an agent has entered: once for one page, however often it is clicked.
fn send(
    tx: &mut Tx<'_>,
    desk: &Parts,
    (typed, judged): (Typed, submission::Judged),
    who: &SignedIn,
    (owner, received_on): (uuid::Uuid, Day),
    what: &[u8],
) -> Result<Entered> {
    let stay = typed.stay.as_ref();
    let whom = whom(stay, &typed.form, who);
    let submission = Submission {
        form: &typed.form,
        judged: &judged,
        town: &typed.town,
        account: None,
        typed_by: Some(who.account.uuid()),
        lang: Lang::Fr,
        received_on: Some(received_on),
        by_letter: typed.by_letter,
        files: Some(("entry", owner)),
        draft: None,
        booking: typed.picking.as_ref().and_then(|picking| picking.booking.as_ref()).map(|it| it.id),
        whom,
    };
    let sent = idempotency::once(tx, SCOPE, &typed.key, what, |tx| {
        let sent = submission::submit(tx, &submission)?;
        if let Some(stay) = stay {
            visits::add(tx, stay, sent.case)?;
            if !typed.form.procedure().sealed {
                visits::learn(tx, stay, &judged.requester.known(typed.by_letter))?;
            }
        }
        if let Some(mail) = &typed.mail {
            arrived::became(tx, mail, sent.case, who)?;
        }
        if let (Some(it), Some(diary)) = (&typed.appointed, &desk.diary) {
            diary.opened(tx, it.appointment, sent.case.uuid())?;
        }
        Ok::<_, SubmitError>(NewReceipt {
            case: sent.case,
            code: sent.code.to_string(),
            visit: stay.is_some(),
        })
    });
    match sent {
        Ok(once) => as_entered(once),
        Err(SubmitError::Faults(faults)) => {
            let mut outcome = judged.outcome;
            outcome.faults = faults;
            Ok(Entered::Again(Box::new(typed), Box::new(outcome), true))
        }
        Err(refused @ (SubmitError::Taken | SubmitError::Unfit)) => {
            let proposals = match &typed.picking {
                Some(picking) => booked::nearest(tx, picking, &typed.town, Lang::Fr)?,
                None => Vec::new(),
            };
            let unfit = matches!(refused, SubmitError::Unfit);
            let typed = Typed { overtaken: Some(proposals), unfit, ..typed };
            Ok(Entered::Again(Box::new(typed), Box::new(judged.outcome), true))
        }
        Err(SubmitError::Mandate) => {
            Err(WebError::forbidden().say("Le mandat de cette personne ne couvre pas cette démarche, ou il est terminé. Ouvrez une visite sans mandat si elle est devant vous."))
        }
        Err(error) => Err(error.into()),
    }
}
