//! The seasons, for programs: rounds, and who has what once that is published.

use axum::{Json, extract::Path, response::IntoResponse};
use beffroi_core::{Day, calendar::civil_day};
use beffroi_people::Town;
use beffroi_store::By;
use beffroi_web::{CommuneOf, Result, WebError};
use serde::Serialize;

use super::{
    public::{Known, activity},
    round::{self, Round},
    shown,
    typed::weekday_word,
};

/// A round for a season.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct SeasonRound {
    /// Its name in addresses.
    #[schema(example = "saison-2026-2027")]
    slug: String,
    #[schema(example = "Saison 2026-2027")]
    name: String,
    /// `open`, `closed`, `proposed`, `published` or `ended`.
    #[schema(example = "open")]
    state: &'static str,
    #[schema(value_type = String, format = Date)]
    first_day: Day,
    #[schema(value_type = String, format = Date)]
    last_day: Day,
    /// The first day on which wishes are taken.
    #[schema(value_type = String, format = Date)]
    opens_on: Day,
    /// The last one.
    #[schema(value_type = String, format = Date)]
    closes_on: Day,
    /// Whether wishes are taken today.
    takes_wishes: bool,
    /// What lots are drawn with: SHA-256 of the seed, a colon and the reference. Empty while wishes are taken.
    seed: String,
}

/// A time of the week that an association has.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct SeasonTime {
    /// The short name of the room.
    #[schema(example = "salle-brassens")]
    resource: String,
    /// From 1, Monday, to 7.
    #[schema(example = 2)]
    weekday: u32,
    #[schema(example = "18:00")]
    start: String,
    /// How long, in minutes.
    #[schema(example = 120)]
    minutes: u32,
    association: String,
    activity: String,
    #[schema(value_type = String, format = Date)]
    first_day: Day,
    #[schema(value_type = String, format = Date)]
    last_day: Day,
}

/// An association that asked.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct SeasonAssociation {
    name: String,
    /// What its lot was drawn by.
    reference: String,
    /// Minutes a week that it wished.
    wished_minutes: u32,
    /// Minutes a week that it has.
    given_minutes: u32,
}

/// A round with its results, which are empty before they are published.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct SeasonResults {
    season: SeasonRound,
    /// What puts one before another, in order: `fewest`, `kept`, `residents`, `young`.
    criteria: Vec<String>,
    times: Vec<SeasonTime>,
    associations: Vec<SeasonAssociation>,
}

fn told(round: &Round, today: Day) -> SeasonRound {
    SeasonRound {
        slug: round.slug.clone(),
        name: round.sheet.name.fr.clone(),
        state: round.state.as_str(),
        first_day: round.days.first,
        last_day: round.days.last,
        opens_on: round.days.opens,
        closes_on: round.days.closes,
        takes_wishes: round.takes_wishes(today),
        seed: round.seed.clone(),
    }
}

/// The rounds that are public, the latest season first.
#[utoipa::path(get, path = "/api/v1/seasons", responses((status = 200, body = Vec<SeasonRound>)))]
pub(crate) async fn seasons(commune: CommuneOf) -> Result {
    let rounds = commune
        .read(By::VISITOR, |tx| {
            let today = civil_day(tx.now(), Town::load(tx)?.zone());
            let rounds = round::list(tx)?.into_iter().filter(Round::is_public);
            Ok::<_, WebError>(rounds.map(|round| told(&round, today)).collect::<Vec<_>>())
        })
        .await?;
    Ok(Json(rounds).into_response())
}

/// A round, with who has what once that is published. Associations are named, persons are not.
#[utoipa::path(
    get, path = "/api/v1/seasons/{round}",
    params(("round" = String, Path)),
    responses((status = 200, body = SeasonResults), (status = 404, description = "No such round"))
)]
pub(crate) async fn season(commune: CommuneOf, Path(slug): Path<String>) -> Result {
    let known = commune.read(By::VISITOR, move |tx| Known::load(tx, &slug)).await?;
    let round = &known.round;
    let time = |it: &super::Allotment| SeasonTime {
        resource: known.names.slug(it.slot.room),
        weekday: weekday_word(it.slot.weekday).parse().unwrap_or_default(),
        start: shown::typed(it.slot.from),
        minutes: it.slot.minutes,
        association: known.names.body(it.request),
        activity: activity(&known.requests, it),
        first_day: it.first.unwrap_or(round.days.first),
        last_day: it.last.unwrap_or(round.days.last),
    };
    let association = |request: &super::Request| SeasonAssociation {
        name: request.body.name.clone(),
        reference: request.reference.clone(),
        wished_minutes: request.wished(),
        given_minutes: known.minutes(request),
    };
    let results = SeasonResults {
        season: told(round, known.today),
        criteria: round.sheet.criteria.iter().map(|it| it.as_str().to_owned()).collect(),
        times: known.given.iter().map(time).collect(),
        associations: known.requests.iter().map(association).collect(),
    };
    Ok(Json(results).into_response())
}
