//! A season of rooms for associations: the town opens a round, takes wishes for some weeks, gives out times by a published
//! rule, changes by hand what people know better, and publishes (docs/calendars.md). A request of a round is no case
//! (docs/decisions/seasons-are-no-cases.md).

mod allotment;
mod api;
mod asking;
pub(crate) mod bill;
mod board;
mod contract;
mod doors;
mod form;
mod granted;
mod kept;
mod letter;
mod mine;
mod office;
mod prices;
mod proposal;
mod public;
mod publication;
mod request;
mod round;
mod shown;
mod slot;
mod told;
mod typed;

use axum::{
    Extension, Router,
    routing::{get, post},
};
use beffroi_core::calendar::civil_day;
use beffroi_people::Town;
use beffroi_store::{Result, Tx};
use beffroi_web::{
    App,
    personal::{PersonalEntry, Teller},
};
use uuid::Uuid;

pub use allotment::Allotment;
use asking::Door;
pub(crate) use contract::ContractsHandler;
pub(crate) use granted::{given, of_requests};
pub(crate) use letter::LetterHandler;
pub use proposal::{
    Advice, Basis, ByHand, Kept, Obstacle, Placed, Proposed, Reason, keep, place, propose, take_back,
};
pub use publication::{Published, publish};
pub use request::{Body, Contact, NewRequest, NotTaken, Request, SUBJECT, Wished, hand_in};
pub(crate) use request::{erase_account, of_numbers};
pub use round::{Days, Round, Sheet, State, by_slug, close, create, open};
pub(crate) use told::write;

use crate::deposit::{self, Deposit, Origin};

/// The requests of an account.
///
/// # Errors
/// Those of the store.
pub(crate) fn requests_of_account(tx: &mut Tx<'_>, account: Uuid) -> Result<Vec<Uuid>> {
    Ok(request::of_account(tx, account)?.into_iter().map(|request| request.id.uuid()).collect())
}

/// What programs may ask of seasons.
#[derive(utoipa::OpenApi)]
#[openapi(paths(api::seasons, api::season))]
pub(crate) struct Description;

pub(crate) fn routes() -> Router<App> {
    let own = Router::new()
        .route("/salles/saison/{round}/demande", get(doors::blank).post(doors::send))
        .route("/salles/saison/{round}/demande/{request}", get(doors::one).post(doors::change))
        .route("/salles/saison/{round}/demande/{request}/retirer", post(doors::withdraw))
        .route("/salles/saison/{round}/demande/{request}/creneaux/{allotment}/rendre", post(doors::give_back))
        .route("/salles/saison/{round}/demande/{request}/cautions/{booking}", post(kept::answer))
        .route("/salles/saison/{round}/demande/{request}/documents/{document}", get(kept::paper))
        .layer(Extension(Door::Public));
    let counter = Router::new()
        .route("/agents/planning/saisons/{round}/demande", get(doors::blank).post(doors::send))
        .route("/agents/planning/saisons/{round}/demandes/{request}", get(doors::one).post(doors::change))
        .route("/agents/planning/saisons/{round}/demandes/{request}/retirer", post(doors::withdraw))
        .route(
            "/agents/planning/saisons/{round}/demandes/{request}/creneaux/{allotment}/rendre",
            post(doors::give_back),
        )
        .route("/agents/planning/saisons/{round}/demandes/{request}/documents/{document}", get(kept::paper))
        .layer(Extension(Door::Counter));
    Router::new()
        .route("/salles/saisons", get(public::list))
        .route("/salles/saison/{round}", get(public::one))
        .route("/agents/planning/saisons", get(office::list))
        .route("/agents/planning/saisons/nouvelle", get(office::blank).post(office::keep))
        .route("/agents/planning/saisons/{round}", get(board::show))
        .route("/agents/planning/saisons/{round}/reglages", get(office::show).post(office::keep))
        .route("/agents/planning/saisons/{round}/etape", post(board::step))
        .route("/agents/planning/saisons/{round}/creneau", get(slot::new).post(slot::give))
        .route("/agents/planning/saisons/{round}/creneaux/{allotment}", get(slot::show).post(slot::shift))
        .route("/agents/planning/saisons/{round}/creneaux/{allotment}/retirer", post(slot::remove))
        .route("/api/v1/seasons", get(api::seasons))
        .route("/api/v1/seasons/{round}", get(api::season))
        .merge(own)
        .merge(counter)
}

/// Closes rounds whose window is over, ends seasons that are, and forgets whom to reach for those of long ago; how many.
/// Run it hourly.
pub(crate) fn sweep(tx: &mut Tx<'_>) -> Result<u64> {
    let today = civil_day(tx.now(), Town::load(tx)?.zone());
    Ok(round::sweep(tx, today)? + request::forget(tx)?)
}

/// What is kept of an account: the requests that it has handed in.
pub(crate) fn personal(tx: &mut Tx<'_>, account: Uuid, teller: Teller<'_>) -> Result<Vec<PersonalEntry>> {
    let rounds = round::list(tx)?;
    let requests = request::of_account(tx, account)?;
    let ids: Vec<Uuid> = requests.iter().map(|request| request.id.uuid()).collect();
    let deposits = deposit::of_requests(tx, &ids)?;
    let entry = |request: Request| {
        let own: Vec<&Deposit> =
            deposits.iter().filter(|it| it.origin == Origin::Season(request.id)).collect();
        let round = rounds.iter().find(|round| round.id == request.round);
        let season =
            round.map(|round| round.sheet.name.read_in(teller.lang()).to_owned()).unwrap_or_default();
        let title = [("body", request.body.name.clone().into()), ("season", season.clone().into())];
        let activities: Vec<String> = request.wishes.iter().map(|it| it.activity.clone()).collect();
        let facts = [
            ("rooms-season-reference", request.reference.clone()),
            ("rooms-season-contact", request.contact.name.clone()),
            ("rooms-season-email", request.contact.email.clone()),
            ("rooms-season-phone", request.contact.phone.clone()),
            ("rooms-season-address", request.contact.address.clone()),
            ("rooms-season-wishes", activities.join("\n")),
            (
                "rooms-season-deposits",
                own.iter().map(|it| told_of(it, teller)).collect::<Vec<_>>().join("\n"),
            ),
        ];
        PersonalEntry {
            sector: None,
            title: teller.tr("rooms-season-personal", &title),
            href: round.map(|round| told::page_of(round, &request)).unwrap_or_default(),
            facts: facts
                .into_iter()
                .filter(|(_, value)| !value.is_empty())
                .map(|(key, value)| (teller.t(key), value))
                .collect(),
            data: serde_json::json!({
                "reference": request.reference,
                "season": season,
                "association": request.body.name,
                "number": request.body.number,
                "contact": request.contact.name,
                "email": request.contact.email,
                "phone": request.contact.phone,
                "address": request.contact.address,
                "wishes": request.wishes,
                "deposits": own.iter().map(|it| serde_json::json!({
                    "cents": it.amount,
                    "state": it.state,
                    "means": it.means,
                    "reference": it.reference,
                    "held_on": it.held_on,
                    "withheld_cents": it.withheld,
                    "reason": it.reason,
                    "answer": it.answer,
                    "kept_cents": it.kept,
                })).collect::<Vec<_>>(),
            }),
        }
    };
    Ok(requests.into_iter().map(entry).collect())
}

/// A deposit in a line: how much, and how far it has come.
fn told_of(it: &Deposit, teller: Teller<'_>) -> String {
    let state = teller.t(&format!("rooms-season-deposit-state-{}", it.state.as_str()));
    format!("{}, {state}", it.amount.read_in(teller.lang()))
}
