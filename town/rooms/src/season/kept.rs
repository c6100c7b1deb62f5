//! What an association reads on the page of its request once it has rooms: their deposits, the reports of inspections, a
//! quote; and its answer, where a part of a deposit is to be kept.

use axum::{
    Extension,
    extract::Path,
    response::{IntoResponse, Redirect},
};
use beffroi_calendar::booking::Booking;
use beffroi_core::{
    Id,
    calendar::{civil_day, long_date},
};
use beffroi_documents::{self as documents, Document, State as Scan};
use beffroi_people::{SignedIn, department, permission::permit};
use beffroi_store::{Result as StoreResult, Tx};
use beffroi_web::{CommuneOf, FormPost, Page, Problem, Result, Visitor, WebError};
use chrono_tz::Tz;

use super::{
    asking::{Door, Who, known},
    mine::{self, Mine},
    request::{Request, SUBJECT},
    round::Round,
};
use crate::{
    InspectRooms, ManageDeposits,
    deposit::{self, Deposit, DepositFault, Origin, State},
    permission::hidden,
    premises,
    serve::{self, Kept},
};

/// What papers of a request are for that its association reads.
const READ: [&str; 3] = ["inspection-in", "inspection-out", "quote"];
/// Papers of a request that are looked through, at most.
const PAPERS_AT_MOST: u32 = 500;

/// What of the premises whoever reads a request sees to, as an agent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sees {
    /// Keys and the state of the rooms.
    pub(super) premises: bool,
    /// Deposits.
    pub(super) deposits: bool,
}

impl Sees {
    /// What somebody sees to who came through a door.
    pub(super) fn of(tx: &mut Tx<'_>, door: Door, who: &SignedIn, round: &Round) -> StoreResult<Self> {
        if door == Door::Public {
            return Ok(Self::default());
        }
        let place = department::by_slug(tx, &round.sheet.department)?.map(|department| department.id);
        Ok(Self {
            premises: permit::<InspectRooms>(tx, who, place).is_ok(),
            deposits: permit::<ManageDeposits>(tx, who, place).is_ok(),
        })
    }
}

/// The papers of a request that the virus gate has let pass, the latest first.
pub(super) fn papers(tx: &mut Tx<'_>, request: &Request) -> StoreResult<Vec<Document>> {
    let mut all = documents::of_owner(tx, SUBJECT, request.id.uuid(), PAPERS_AT_MOST)?;
    all.retain(|it| READ.contains(&it.purpose.as_str()) && it.state == Scan::Clean);
    all.reverse();
    Ok(all)
}

/// A deposit, as it is told.
pub(super) struct DepositLine {
    pub(super) lines: Vec<String>,
    /// Where an agent sees to it; `""` for whoever does not.
    pub(super) href: String,
    /// Where it is answered; `""` where there is nothing to answer, or for an agent.
    pub(super) action: String,
    /// The field of the answer.
    pub(super) id: String,
    pub(super) label: String,
    pub(super) value: String,
    pub(super) error: String,
}

/// The field in which an answer is typed.
fn field(booking: impl std::fmt::Display) -> String {
    format!("reponse-{booking}")
}

/// What is told of a deposit of a room; nothing of one that was never given and is not asked for any more.
pub(super) fn told(
    page: &Page,
    it: &Deposit,
    (room, base, zone): (&str, &str, Tz),
    (door, sees): (Door, Sees),
    (form, problems): (&FormPost, &[Problem]),
) -> Option<DepositLine> {
    if it.state == State::Released && it.means.is_none() {
        return None;
    }
    let lang = page.language();
    let kept = it.kept.or(it.withheld).map(|kept| kept.read_in(lang)).unwrap_or_default();
    let until = it.answer_by.map(|day| long_date(day, lang)).unwrap_or_default();
    let ended = it.ended_at.map(|at| long_date(civil_day(at, zone), lang)).unwrap_or_default();
    let variables = [
        ("room", room.to_owned().into()),
        ("amount", it.amount.read_in(lang).into()),
        ("kept", kept.into()),
        ("rest", it.rest().read_in(lang).into()),
        ("reason", it.reason.clone().into()),
        ("until", until.into()),
        ("day", ended.into()),
        ("answer", it.answer.clone().into()),
    ];
    let mut lines = vec![page.tr(&format!("rooms-season-deposit-{}", it.state.as_str()), &variables)];
    if !it.reason.is_empty() {
        lines.push(page.tr("rooms-season-deposit-reason", &variables));
    }
    let answered = !it.answer.is_empty();
    if answered {
        lines.push(page.tr("rooms-season-deposit-answer", &variables));
    }
    let open = it.state == State::Withheld && !answered;
    if open {
        lines.push(page.tr("rooms-season-deposit-until", &variables));
    }
    let id = field(it.booking);
    Some(DepositLine {
        lines,
        href: if sees.deposits { format!("{}/caution", premises::href(it.booking)) } else { String::new() },
        action: if open && door == Door::Public {
            format!("{base}/cautions/{}", it.booking)
        } else {
            String::new()
        },
        label: page.tr("rooms-season-deposit-answer-label", &variables),
        value: form.text(&id).to_owned(),
        error: Problem::beside(problems, &id),
        id,
    })
}

/// A paper of a request.
pub(super) async fn paper(
    Extension(door): Extension<Door>,
    commune: CommuneOf,
    visitor: Visitor,
    Path((slug, id, document)): Path<(String, String, String)>,
) -> Result {
    let who = Who::of(door, &visitor)?;
    let document = commune
        .read(visitor.by, move |tx| {
            let known = known(tx, &who, &slug, Some(&id))?;
            if door == Door::Counter {
                let own = department::by_slug(tx, &known.round.sheet.department)?;
                hidden(permit::<InspectRooms>(tx, &who.signed_in, own.map(|department| department.id)))?;
            }
            let request = known.request.ok_or_else(WebError::not_found)?;
            let asked: Id<Document> = document.parse().map_err(|_| WebError::not_found())?;
            let known = papers(tx, &request)?.iter().any(|it| it.id == asked);
            if known { Ok(asked) } else { Err(WebError::not_found()) }
        })
        .await?;
    serve::document(&commune, document, Kept::ByNobody).await
}

/// What an association answers, where a part of its deposit is to be kept.
pub(super) async fn answer(
    Extension(door): Extension<Door>,
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Path((slug, id, booking)): Path<(String, String, String)>,
    form: FormPost,
) -> Result {
    let who = Who::of(door, &visitor)?;
    let typed = form.clone();
    let came = commune
        .write(visitor.by, move |tx| {
            let known = known(tx, &who, &slug, Some(&id))?;
            let request = known.request.clone().ok_or_else(WebError::not_found)?;
            let booking: Id<Booking> = booking.parse().map_err(|_| WebError::not_found())?;
            let own = |it: &Deposit| it.origin == Origin::Season(request.id);
            let it = deposit::find(tx, booking)?.filter(own).ok_or_else(WebError::not_found)?;
            match deposit::answer_of_season(tx, request.id, &it, typed.text(&field(it.booking)))? {
                Ok(()) => Ok(Ok((known, request))),
                // Somebody has seen to it meanwhile.
                Err(DepositFault::State(_)) => Err(WebError::conflict()),
                Err(_) => {
                    let mine = Mine::load(tx, (&known.town, &known.round), &request, Sees::default())?;
                    Ok(Err(Box::new((known, request, mine, it.booking))))
                }
            }
        })
        .await?;
    match came {
        Ok((known, request)) => {
            let target = format!("{}?fait=reponse", door.request(&known.round.slug, Some(request.id)));
            Ok(Redirect::to(&target).into_response())
        }
        Err(wrong) => {
            let (known, request, mine, booking) = *wrong;
            let problems = Problem::alone(&field(booking), page.t("rooms-season-deposit-answer-wrong"));
            let base = door.request(&known.round.slug, Some(request.id));
            let at = (String::new(), base, door.round(&known.round.slug), String::new());
            mine::render(page, door, (&known.round, &request), &mine, at, (&form, problems))
        }
    }
}
