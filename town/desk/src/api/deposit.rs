//! Sending a request and following it, for programs.

use std::{collections::HashMap, sync::Arc};

use axum::{
    Json,
    body::Bytes,
    extract::Path,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use beffroi_calendar::booking::Booking;
use beffroi_cases::{
    case::Case,
    decision, exchange,
    missing::{self, DocumentRequest},
    reversal, silence,
    tracking::{self, TrackingCode},
};
use beffroi_core::{Channel, Day, Id, Lang, calendar::civil_day};
use beffroi_documents::Document;
use beffroi_forms::{Answers, CompiledForm, Fault, ShapeFault};
use beffroi_people::{SignedIn, Town, throttle};
use beffroi_store::{By, Tx};
use beffroi_web::{FieldError, Purpose, Result, Visitor, WebError, once::Key};

use super::{
    body::{body, wrong},
    handling::listed,
    model::{Asked, Decided, Deposit, Deposited, FollowedCase, Implied, Message, Reversed},
    payment,
};
use crate::{
    booked::Picking,
    enclosure::{self, Joined},
    office::{
        arrived::{self, Carried},
        counter::{self, DOORS},
        received::arrived as legal_day,
        reception::store::{self as visits, Stay},
    },
    procedure::current_for,
    public::{acknowledgement_of, awaits_signed, given, known_files, stream},
    submission::{self, Submission, SubmitError},
    visit::{Visit, case_error},
};

pub(super) fn shape(fault: ShapeFault) -> FieldError {
    FieldError {
        pointer: format!("#/answers{}", fault.pointer),
        code: "shape".to_owned(),
        detail: fault.message,
    }
}

pub(super) fn fault(fault: &Fault, lang: Lang) -> FieldError {
    let code = format!("{:?}", fault.reason);
    let code = code.split(|letter: char| !letter.is_alphanumeric()).next().unwrap_or_default().to_lowercase();
    FieldError { pointer: format!("#/answers{}", fault.pointer()), code, detail: fault.reason.text(lang) }
}

/// What an agent’s program says of the door through which a request came, once it is checked as the counter’s page
/// checks it.
#[derive(Clone, Copy)]
struct Entry {
    door: Channel,
    /// The day that was given.
    arrived_on: Option<Day>,
    /// The item of the mail room that becomes a case.
    mail: Option<uuid::Uuid>,
    /// The visit of the person for whom it is entered.
    visit: Option<uuid::Uuid>,
}

impl Entry {
    fn read(deposit: &Deposit) -> Result<Option<Self>> {
        let Some(word) = &deposit.channel else {
            let without = [
                ("#/arrived_on", deposit.arrived_on.is_some()),
                ("#/by_letter", deposit.by_letter),
                ("#/seen", !deposit.seen.is_empty()),
                ("#/mail", deposit.mail.is_some()),
                ("#/visit", deposit.visit.is_some()),
            ];
            return match without.into_iter().find(|(_, given)| *given) {
                Some((place, _)) => Err(wrong(place, "value", "only with `channel`")),
                None => Ok(None),
            };
        };
        let door = DOORS.iter().map(|(door, _)| *door).find(|door| door.as_str() == word);
        let door = door.ok_or_else(|| wrong("#/channel", "value", "counter, phone, paper or email"))?;
        if deposit.mail.is_some() && deposit.visit.is_some() {
            return Err(wrong(
                "#/visit",
                "value",
                "a letter is not the visit of whoever stands at the counter",
            ));
        }
        let Deposit { arrived_on, mail, visit, .. } = *deposit;
        Ok(Some(Self { door, arrived_on, mail, visit }))
    }

    /// The item of the mail room that becomes a case, and the visit that is open for whom it is entered.
    fn with(self, tx: &mut Tx<'_>, who: &SignedIn) -> Result<(Option<Carried>, Option<Stay>)> {
        let mail = match self.mail {
            Some(item) => arrived::carried(tx, who, &item.to_string())?,
            None => None,
        };
        let stay = match self.visit {
            Some(visit) => {
                let open = visits::current(tx, who.account.uuid())?;
                let open = open.filter(|stay| stay.id.uuid() == visit);
                Some(open.ok_or_else(|| wrong("#/visit", "value", "no visit that you have open"))?)
            }
            None => None,
        };
        Ok((mail, stay))
    }

    /// The legal day of receipt; of an item of the mail room, the day that is noted with it where none is given.
    fn received_on(self, today: Day, noted: Option<Day>) -> Result<Day> {
        let waits = matches!(self.door, Channel::Paper | Channel::Email);
        let given = self.arrived_on.or(noted.filter(|_| waits));
        legal_day(given, self.door, today, noted).map_err(|why| {
            wrong(
                "#/arrived_on",
                "value",
                match why {
                    "office-received-missing" => "a letter or a mail came on a day: tell which",
                    "office-received-future" => "a day that is past, or today, is expected",
                    "office-received-same-day" => "at the counter and on the telephone it is today",
                    _ => "sixty days ago at most",
                },
            )
        })
    }
}

/// Sends a request. The same checks as everywhere; the same key again gives the same answer.
///
/// With an agent’s token and a `channel`, as the agent enters it at the counter.
#[utoipa::path(
    post, path = "/api/v1/procedures/{slug}/cases",
    params(("slug" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = Deposit,
    security((), ("token" = ["case.handle"])),
    responses(
        (status = 201, body = Deposited),
        (status = 404, description = "No such procedure"),
        (status = 409, description = "The key was used for another request, or what was held for it is somebody else’s"),
        (status = 422, description = "RFC 9457 problem document: `errors` names each field"),
        (status = 429, description = "Too many requests"),
    )
)]
pub(super) async fn deposit(
    Visit { app, desk, commune, visitor, headers, .. }: Visit,
    Path(slug): Path<String>,
    bytes: Bytes,
) -> Result {
    visitor.limit(&app, Purpose::SUBMIT)?;
    // A session that lacks its second factor is nobody's yet.
    if visitor.signed_in.as_ref().is_some_and(|who| who.second_factor.is_lacking()) {
        return Err(WebError::sign_in_required());
    }
    let key = Arc::new(Key::of(&headers, &visitor, "deposit", &slug, &bytes)?);
    let deposit: Deposit = body(&bytes)?;
    let lang = deposit.lang.as_deref().and_then(Lang::from_tag).unwrap_or_default();
    let (upload, by_letter) = (deposit.upload, deposit.by_letter);
    if deposit.channel.is_some() {
        let who = visitor.require()?.clone();
        let parts = Arc::clone(&desk);
        // What is wrong with an entry concerns nobody but who may make one.
        commune.read(visitor.by, move |tx| counter::procedures(tx, &parts, &who).map(drop)).await?;
    }
    let entry = Entry::read(&deposit)?;
    let by = By { channel: entry.map_or(visitor.by.channel, |entry| entry.door), ..visitor.by };
    let (parts, asked, secret) = (Arc::clone(&desk), Arc::clone(&key), deposit.booking.clone());
    // Who enters it, where it comes with a channel.
    let clerk = visitor.signed_in.clone().filter(|_| entry.is_some());
    let enters = clerk.clone();
    let found = commune
        .glance(By::VISITOR, move |tx| {
            if let Some(before) = asked.answered(tx)? {
                return Ok(Found::Before(before));
            }
            let form = current_for(tx, &parts.shelf, &slug)?;
            let town = Town::load(tx)?;
            let today = civil_day(tx.now(), town.zone());
            let files = match upload {
                Some(upload) => known_files(tx, ("upload", upload))?.files,
                None => HashMap::new(),
            };
            let noted = match entry.zip(enters.as_ref()) {
                Some((entry, who)) => entry.with(tx, who)?.0.map(|mail| mail.arrived_on),
                None => None,
            };
            let picking = Picking::load(tx, &form, secret.as_deref(), None, town.zone())?;
            Ok::<_, WebError>(Found::New(form, Box::new(town), (today, noted), files, picking.map(Box::new)))
        })
        .await?;
    let (form, town, (today, noted), files, picking) = match found {
        Found::New(form, town, days, files, picking) => (form, town, days, files, picking),
        Found::Before(deposited) => return made(deposited),
    };
    let mut answers = Answers::from_json(&form.procedure().form, &deposit.answers)
        .map_err(|faults| WebError::unprocessable(faults.into_iter().map(shape).collect()))?;
    let booking = booked(picking.as_deref(), &deposit, by.channel)?;
    if let Some(picking) = &picking {
        picking.answer(&mut answers);
    }
    let received_on = entry.map(|entry| entry.received_on(today, noted)).transpose()?;
    // A letter is judged as it stood on the day on which it came.
    let mut judged = submission::judge(&form, &answers, by.channel, received_on.unwrap_or(today), &files);
    judged.outcome.expected_files.retain(|path| !deposit.seen.contains(path));
    let spoken = visitor.lang;
    if !judged.outcome.faults.is_empty() {
        let faults = judged.outcome.faults.iter().map(|found| fault(found, spoken)).collect();
        return Err(WebError::unprocessable(faults));
    }
    let account = visitor
        .signed_in
        .as_ref()
        .filter(|who| who.kind == beffroi_people::AccountKind::Citizen)
        .map(|who| who.account);
    let typed_by = visitor.signed_in.as_ref().filter(|_| account.is_none()).map(|who| who.account.uuid());
    let deposited = commune
        .write(by, move |tx| {
            // An item of the mail room that it used up is gone when it is asked again.
            if clerk.is_some()
                && let Some(before) = key.answered(tx)?
            {
                return Ok(before);
            }
            let (mail, stay) = match entry.zip(clerk.as_ref()) {
                Some((entry, who)) => entry.with(tx, who)?,
                None => (None, None),
            };
            let whom = match &clerk {
                Some(who) => counter::whom(stay.as_ref(), &form, who),
                None => submission::Whom::default(),
            };
            let submission = Submission {
                form: &form,
                judged: &judged,
                town: &town,
                account,
                typed_by,
                lang,
                received_on,
                by_letter,
                files: upload.map(|upload| ("upload", upload)),
                draft: None,
                booking,
                whom,
            };
            key.once(tx, |tx| {
                let sent = sent(tx, &submission, mail.as_ref().zip(clerk.as_ref()), stay.as_ref());
                sent.map_err(|error| refused(error, spoken))
            })
        })
        .await?;
    made(deposited)
}

/// Sends a request: into the visit that it is entered in, and in the place of the item of the mail room that it was.
fn sent(
    tx: &mut Tx<'_>,
    submission: &Submission<'_>,
    mail: Option<(&Carried, &SignedIn)>,
    stay: Option<&Stay>,
) -> std::result::Result<Deposited, SubmitError> {
    let sent = submission::submit(tx, submission)?;
    if let Some(stay) = stay {
        visits::add(tx, stay, sent.case)?;
    }
    if let Some((mail, who)) = mail {
        arrived::became(tx, mail, sent.case, who)?;
    }
    Ok(Deposited {
        acknowledgement_url: format!("/api/v1/cases/{}/acknowledgement.pdf", sent.reference),
        reference: sent.reference,
        tracking_code: sent.code.to_string(),
    })
}

/// What is held for a request. What must be held and is not is told before the answers are judged.
fn booked(picking: Option<&Picking>, deposit: &Deposit, channel: Channel) -> Result<Option<Id<Booking>>> {
    let at = "#/booking";
    let Some(picking) = picking else {
        return match &deposit.booking {
            Some(_) => Err(wrong(at, "value", "nothing is booked for this procedure")),
            None => Ok(None),
        };
    };
    match &picking.booking {
        Some(booking) => Ok(Some(booking.id)),
        None if deposit.booking.is_none() && matches!(channel, Channel::Paper | Channel::Email) => Ok(None),
        None => Err(wrong(at, "value", "the token of a booking that is held is expected")),
    }
}

/// Why a request was not taken.
fn refused(error: SubmitError, lang: Lang) -> WebError {
    match error {
        SubmitError::Faults(faults) => {
            WebError::unprocessable(faults.iter().map(|found| fault(found, lang)).collect())
        }
        SubmitError::Taken => WebError::conflict().say(match lang {
            Lang::Fr => {
                "Ce créneau n’est plus gardé, et quelqu’un d’autre l’a pris depuis. Rien n’a été reçu."
            }
            Lang::En => {
                "This time is no longer held, and somebody else has taken it since. Nothing was received."
            }
        }),
        SubmitError::Unfit => WebError::conflict().say(match lang {
            Lang::Fr => "Ce créneau n’est plus gardé, et il ne peut plus être réservé. Rien n’a été reçu.",
            Lang::En => "This time is no longer held, and it can no longer be booked. Nothing was received.",
        }),
        other => other.into(),
    }
}

/// What a deposit finds.
enum Found {
    /// It was made before, under the same key.
    Before(Deposited),
    /// What it is judged by; the days are today and the one that the mail room noted.
    New(Arc<CompiledForm>, Box<Town>, (Day, Option<Day>), submission::Files, Option<Box<Picking>>),
}

/// The answer to a deposit, the first time and each time after.
fn made(deposited: Deposited) -> Result {
    let location = HeaderValue::from_str(&format!("/api/v1/cases/{}", deposited.reference))
        .map_err(WebError::internal)?;
    let mut response = (StatusCode::CREATED, Json(deposited)).into_response();
    response.headers_mut().insert(header::LOCATION, location);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// The code in the header, which must open the case of this reference. Guesses are counted.
async fn opened(
    app: &beffroi_web::App,
    commune: &beffroi_web::CommuneOf,
    visitor: &Visitor,
    headers: &HeaderMap,
    reference: &str,
) -> Result<(Case, TrackingCode)> {
    let code = headers.get("tracking-code").and_then(|code| code.to_str().ok()).and_then(TrackingCode::parse);
    let key = throttle::Key::tracking_code(&format!("{:?}", visitor.source));
    let (asked, waits) = (code.clone(), key.clone());
    let (case, waits) = commune
        .read(visitor.by, move |tx| {
            let case = asked.map(|code| tracking::open(tx, &code)).transpose()?.flatten();
            Ok::<_, WebError>((case, throttle::waits_until(tx, &waits)?))
        })
        .await?;
    if waits.is_some() {
        return Err(WebError::too_many(std::time::Duration::from_mins(1)));
    }
    if let (Some(case), Some(code)) = (case.filter(|case| case.reference == reference), code) {
        return Ok((case, code));
    }
    visitor.limit(app, Purpose::TRACKING)?;
    commune.write(visitor.by, move |tx| throttle::failed(tx, &key)).await?;
    Err(WebError::not_found())
}

/// Where a request stands.
#[utoipa::path(
    get, path = "/api/v1/cases/{reference}", params(("reference" = String, Path)),
    security(("tracking_code" = [])),
    responses((status = 200, body = FollowedCase), (status = 404, description = "No such case, or another code"))
)]
pub(super) async fn follow(
    Visit { app, commune, visitor, headers, .. }: Visit,
    Path(reference): Path<String>,
) -> Result {
    let (case, _) = opened(&app, &commune, &visitor, &headers, &reference).await?;
    let id = case.id;
    let (requests, messages, taken, taken_by_silence, acts, mut joined, unsigned, payment) = commune
        .read(visitor.by, move |tx| {
            Ok::<_, WebError>((
                missing::of_case(tx, id).map_err(case_error)?,
                exchange::messages(tx, id, 200).map_err(case_error)?,
                decision::of_case(tx, id).map_err(case_error)?,
                silence::of_case(tx, id).map_err(case_error)?,
                reversal::of_case(tx, id)?,
                enclosure::of_case(tx, id, &[])?,
                awaits_signed(tx, id)?,
                payment::of_case(tx, id, true)?,
            ))
        })
        .await?;
    if unsigned {
        joined.remove(&id.uuid());
    }
    let followed = FollowedCase {
        procedure: case.procedure,
        state: case.state.as_str(),
        step: case.step,
        received_on: case.received_on,
        deemed_on: case.deemed_on,
        document_requests: requests.into_iter().map(asked).collect(),
        messages: messages.into_iter().map(|found| message(found, &mut joined)).collect(),
        decision: taken.map(|taken| decided(taken, joined.remove(&id.uuid()))),
        implied_decision: taken_by_silence.as_ref().map(implied),
        reversals: acts.into_iter().map(reversed).collect(),
        payment,
        reference: case.reference,
    };
    Ok(private(Json(followed)))
}

/// The acknowledgement of a request, as PDF.
#[utoipa::path(
    get, path = "/api/v1/cases/{reference}/acknowledgement.pdf", params(("reference" = String, Path)),
    security(("tracking_code" = [])),
    responses((status = 200, content_type = "application/pdf", body = Vec<u8>), (status = 404, description = "No such case"))
)]
pub(super) async fn acknowledgement(
    Visit { app, desk, commune, visitor, headers, .. }: Visit,
    Path(reference): Path<String>,
) -> Result {
    let (case, code) = opened(&app, &commune, &visitor, &headers, &reference).await?;
    acknowledgement_of(desk, &commune, (&app, &visitor), case, Some(code)).await
}

/// One document of a request, once the virus scanner has let it pass: what the town joined, or what was sent with it.
#[utoipa::path(
    get, path = "/api/v1/cases/{reference}/documents/{document}",
    params(("reference" = String, Path), ("document" = String, Path)), security(("tracking_code" = [])),
    responses(
        (status = 200, content_type = "*/*", body = Vec<u8>, description = "The document, in its own type"),
        (status = 404, description = "No such case or document, another code, or not checked yet"),
    )
)]
pub(super) async fn document(
    Visit { app, commune, visitor, headers, .. }: Visit,
    Path((reference, document)): Path<(String, String)>,
) -> Result {
    let (case, _) = opened(&app, &commune, &visitor, &headers, &reference).await?;
    let id: Id<Document> = document.parse().map_err(|_| WebError::not_found())?;
    let found = commune.read(visitor.by, move |tx| given(tx, case.id, id)).await?;
    stream(&commune, found).await
}

/// An answer that nobody may keep.
pub(super) fn private(answer: impl IntoResponse) -> Response {
    let mut response = answer.into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

pub(super) fn asked(request: DocumentRequest) -> Asked {
    let DocumentRequest { pieces, asked_on, deadline, arrived_on, .. } = request;
    Asked { pieces, asked_on, deadline, arrived_on }
}

/// A message with what was joined to it.
pub(super) fn message(found: exchange::Exchange, joined: &mut Joined) -> Message {
    let from = match found.kind {
        exchange::Kind::FromRequester => "requester",
        exchange::Kind::ToRequester => "town",
        exchange::Kind::Note => "note",
    };
    let documents = joined.remove(&found.id.uuid()).unwrap_or_default();
    Message { from, at: found.at, text: found.words, documents: documents.into_iter().map(listed).collect() }
}

pub(super) fn implied(it: &silence::ImpliedDecision) -> Implied {
    Implied { outcome: it.outcome.as_str(), deemed_on: it.deemed_on }
}

/// A decision that was taken back.
pub(super) fn reversed(act: reversal::Reversal) -> Reversed {
    Reversed {
        effect: act.effect.as_str(),
        article: act.article,
        number: act.number,
        reasons: act.reasons,
        acted_on: act.acted_on,
        outcome: act.past.outcome.as_str(),
        decision_number: act.past.number,
        decided_on: act.past.taken_on,
        by_silence: act.past.of_silence,
    }
}

/// A decision with what was joined to it.
pub(super) fn decided(taken: decision::Decision, joined: Option<Vec<Document>>) -> Decided {
    Decided {
        outcome: taken.outcome.as_str(),
        number: taken.number,
        reasons: taken.reasons,
        decided_on: taken.decided_on,
        documents: joined.unwrap_or_default().into_iter().map(listed).collect(),
    }
}
