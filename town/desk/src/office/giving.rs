//! Some dates of what was granted are given back by an agent: for whoever has them, by the same rules, or for the town,
//! which keeps nothing of their price.

use beffroi_calendar::{
    booking::{self, Canceller, NotReturned},
    clock,
    spans::Span,
};
use beffroi_cases::{cancellation, case::Case};
use beffroi_core::{Cents, Lang};
use beffroi_people::Town;
use beffroi_store::Tx;
use beffroi_web::Result;

use super::{Office, action::Wrong};
use crate::{
    returned::{self, Chosen},
    submission,
    visit::case_error,
};

/// Gives them back, and tells the requester; or what stands against it.
pub(super) fn back(
    office: &Office,
    tx: &mut Tx<'_>,
    case: &Case,
    chosen: &Chosen,
    by: Canceller,
    town: &Town,
) -> Result<Option<Wrong>> {
    let zone = town.zone();
    let given_back = cancellation::dates_by_agent(tx, &office.access, case.id, chosen.dates(), by, zone);
    let dates = match given_back.map_err(case_error)? {
        Ok((_, dates)) => dates,
        Err(NotReturned::Untold(kept)) => return Ok(Some(Wrong::untold(kept))),
        Err(refused) => return Ok(Some(Wrong::of(returned::DATES, returned::key(&refused)))),
    };
    let Some(it) = booking::of_owner(tx, ("case", case.id.uuid()))? else { return Ok(None) };
    let lang = submission::reach(tx, case.id)?.map(|reach| reach.lang).unwrap_or_default();
    let when = |date: &Span| clock::when(*date, zone, lang);
    let all = dates.iter().map(when).collect::<Vec<_>>().join("\n");
    let name = it.resource.details.name.read_in(lang);
    let words = words(lang, by, name, &all, chosen);
    office.tell_whole(tx, case, &words, &[])?;
    Ok(None)
}

/// What the requester is told.
fn words(lang: Lang, by: Canceller, name: &str, dates: &str, chosen: &Chosen) -> String {
    let kept = chosen.told.unwrap_or_default();
    let why = chosen.why.as_str();
    let begins = match (lang, by) {
        (Lang::Fr, Canceller::Town) => "La mairie a repris ces dates de votre réservation\u{a0}:",
        (Lang::Fr, Canceller::Requester) => {
            "Comme vous l’avez demandé, ces dates de votre réservation sont rendues\u{a0}:"
        }
        (Lang::En, Canceller::Town) => "The town hall has taken back these dates of your booking:",
        (Lang::En, Canceller::Requester) => "As you asked, these dates of your booking are given back:",
    };
    let ends = match (lang, kept) {
        (Lang::Fr, Cents(0)) => "Rien ne reste dû pour elles.".to_owned(),
        (Lang::Fr, kept) => format!("Pour ces dates, {kept} restent dus."),
        (Lang::En, Cents(0)) => "Nothing remains due for them.".to_owned(),
        (Lang::En, kept) => format!("For these dates, {} remains due.", kept.read_in(lang)),
    };
    match lang {
        Lang::Fr => format!("{begins}\n\n{name}\n{dates}\n\nMotif\u{a0}: {why}\n\n{ends}"),
        Lang::En => format!("{begins}\n\n{name}\n{dates}\n\nReason: {why}\n\n{ends}"),
    }
}
