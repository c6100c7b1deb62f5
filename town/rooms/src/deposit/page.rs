//! The page of one deposit: how it stands, what may be done with it, and the damage that it may answer for.

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_calendar::{booking::Booking, clock};
use beffroi_core::{
    Day, Id,
    calendar::{civil_day, long_date},
    money::Cents,
};
use beffroi_documents::State as Scan;
use beffroi_people::{Permit, SignedIn};
use beffroi_store::Tx;
use beffroi_web::{CommuneOf, FormPost, Page, Problem, Result, Visitor, WebError, page::render_as};
use chrono::Days;
use serde::Deserialize;

use super::{
    DAYS_TO_ANSWER, commands,
    rules::{self, Deposit, DepositFault, Means, State},
    store,
};
use crate::{
    ManageDeposits,
    booking::day,
    inspection::{self, Inspection, Item, Kind, Photo, Shot},
    inventory,
    premises::{self, Granted, Whose, granted},
};

/// Inspections that the page names beside the one that it shows, at most.
const OTHERS_AT_MOST: usize = 40;

/// How it was given.
pub(super) fn means(page: &Page, it: &Deposit) -> String {
    let (Some(means), Some(on)) = (it.means, it.held_on) else { return String::new() };
    let means = page.t(&format!("premises-means-{}", means.as_str())).to_owned();
    let day = long_date(on, page.language());
    let variables =
        [("means", means.into()), ("reference", it.reference.clone().into()), ("day", day.into())];
    page.tr("premises-deposit-given", &variables)
}

struct Choice {
    value: String,
    label: String,
    hint: String,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "deposit.html")]
struct One {
    page: Page,
    title: String,
    caption: String,
    back: String,
    base: String,
    done: String,
    state: &'static str,
    tag: String,
    look: &'static str,
    facts: Vec<(String, String)>,
    /// What differs after the inspection of the way out, and where that is.
    differences: Vec<String>,
    /// Photographs of that, and of the whole.
    shots: Vec<Shot>,
    /// What is said of the amount that is proposed; `""` where none is.
    proposal: String,
    inspection: String,
    /// Which inspection that is, by its id; `""` where there is none.
    seen: String,
    /// The other inspections of the way out, where there are several: what each is called, and this page with it.
    others: Vec<(String, String)>,
    /// Where the quote is.
    quote: String,
    means: Vec<Choice>,
    form: FormPost,
    problems: Vec<Problem>,
}

impl One {
    fn text(&self, name: &str) -> &str {
        self.form.text(name)
    }

    fn problem(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

/// What the page knows.
pub(super) struct Known {
    pub(super) found: Granted,
    pub(super) it: Deposit,
    differences: Vec<String>,
    /// The things that differ, and the photographs.
    damaged: Vec<Item>,
    photos: Vec<(Photo, Scan)>,
    /// What the worth of what is lost comes to, by the inventory.
    proposed: Option<Cents>,
    inspection: Option<Inspection>,
    /// The others of the way out, the last first.
    others: Vec<Inspection>,
}

impl Known {
    /// Which inspection is looked at.
    pub(super) fn seen(&self) -> Option<Id<Inspection>> {
        self.inspection.as_ref().map(|seen| seen.id)
    }
}

/// The deposit that answers for a booking, for whoever manages those of its department. `seen`: the inspection that is
/// looked at, by its id; the one after which a part is kept, or else the last one, where that names none.
pub(super) fn known(
    tx: &mut Tx<'_>,
    who: &SignedIn,
    booking: &str,
    seen: &str,
) -> Result<(Permit<ManageDeposits>, Known)> {
    let (permit, found) = granted::<ManageDeposits>(tx, who, booking)?;
    let it = store::find(tx, found.booking.id)?.ok_or_else(WebError::not_found)?;
    let answered_for = store::answered_for(tx, &[it.booking])?;
    let bookings: Vec<Id<Booking>> = answered_for.into_iter().map(|(_, booking)| booking).collect();
    let mut others = inspection::of_bookings(tx, &bookings)?;
    others.retain(|seen| seen.kind == Kind::Out && seen.closed_at.is_some());
    others.sort_by_key(|seen| std::cmp::Reverse(seen.starts_at));
    let asked: Option<Id<Inspection>> = seen.parse().ok().or(it.inspection);
    let rank = others.iter().position(|seen| Some(seen.id) == asked).unwrap_or_default();
    let seen = (rank < others.len()).then(|| others.remove(rank));
    let (mut differences, mut damaged, mut photos) = (Vec::new(), Vec::new(), Vec::new());
    let mut proposed = None;
    if let Some(seen) = &seen {
        damaged = inspection::items_of(tx, seen.id)?;
        differences = inspection::differences_in_words(&inspection::differences(&damaged))?;
        damaged.retain(|item| !inspection::differences(std::slice::from_ref(item)).is_empty());
        photos = inspection::photos(tx, seen.id)?;
        let things = inventory::of_room(tx, found.booking.resource.id)?;
        proposed = rules::proposed(&damaged, &things, it.amount);
    }
    Ok((permit, Known { found, it, differences, damaged, photos, proposed, inspection: seen, others }))
}

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    fait: String,
    /// The inspection that is looked at, by its id.
    #[serde(default)]
    etat: String,
}

pub(super) async fn show(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Path(booking): Path<String>,
    Query(asked): Query<Asked>,
) -> Result {
    let who = visitor.require()?.clone();
    let seen = asked.etat;
    let (_, known) = commune.read(visitor.by, move |tx| known(tx, &who, &booking, &seen)).await?;
    let today = civil_day(known.found.now, known.found.zone());
    let until = today.checked_add_days(Days::new(u64::from(DAYS_TO_ANSWER))).unwrap_or(today);
    let form = FormPost::default()
        .with("le", today.to_string())
        .with("reponse-avant", until.to_string())
        .with("montant", known.proposed.map(Cents::typed).unwrap_or_default())
        .with("retenu", known.it.withheld.map(Cents::typed).unwrap_or_default());
    let done = match asked.fait.as_str() {
        word @ ("recue" | "rendue" | "retenue" | "reponse" | "soldee") => {
            page.t(&format!("premises-deposit-done-{word}")).to_owned()
        }
        _ => String::new(),
    };
    shown(page, StatusCode::OK, &known, form, Vec::new(), done)
}

/// What came of a form.
pub(super) type Came = std::result::Result<&'static str, (Box<Known>, DepositFault)>;

/// Does what a form asks for.
pub(super) async fn act(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Path(booking): Path<String>,
    form: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let (typed, named) = (form.clone(), booking.clone());
    let came: Came = commune
        .write(visitor.by, move |tx| {
            let (permit, known) = known(tx, &who, &named, typed.text("etat"))?;
            let agent = who.account.uuid();
            let Known { found, it, .. } = &known;
            let today = civil_day(found.now, found.zone());
            let (done, word) = match typed.text("faire") {
                "recevoir" => {
                    let means = Means::from_word(typed.text("moyen")).unwrap_or(Means::Cheque);
                    let on: Option<Day> = day(typed.text("le"));
                    let given = (means, typed.text("reference"), on.unwrap_or(Day::MAX));
                    (commands::hold(tx, &permit, it, given, (agent, today))?, "recue")
                }
                "rendre" => (commands::release(tx, &permit, (found, it), agent)?, "rendue"),
                "repondre" => (commands::answer(tx, &permit, it, typed.text("reponse"))?, "reponse"),
                "solder" => {
                    let kept = Cents::parse(typed.text("retenu")).unwrap_or(Cents(0));
                    (commands::settle(tx, &permit, (found, it), kept, agent)?, "soldee")
                }
                _ => return Err(WebError::not_found()),
            };
            Ok(match done {
                Ok(()) => Ok(word),
                Err(fault) => Err((Box::new(known), fault)),
            })
        })
        .await?;
    answered(page, &booking, came, form, Vec::new())
}

/// Back to the page, or the page with what is wrong.
pub(super) fn answered(
    page: Page,
    booking: &str,
    came: Came,
    form: FormPost,
    mut problems: Vec<Problem>,
) -> Result {
    let (known, fault) = match came {
        Ok(word) => {
            let to = format!("{}/caution?fait={word}", premises::href(booking));
            return Ok(Redirect::to(&to).into_response());
        }
        Err(wrong) => wrong,
    };
    let withholds = form.text("faire") == "retenir";
    problems.extend(said(&page, fault, &known.it, withholds));
    let status = if matches!(fault, DepositFault::State(_)) {
        StatusCode::CONFLICT
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    shown(page, status, &known, form, problems, String::new())
}

fn said(page: &Page, fault: DepositFault, it: &Deposit, withholds: bool) -> Option<Problem> {
    let (field, key) = match fault {
        DepositFault::State(_) => ("etat", "premises-deposit-wrong-state"),
        DepositFault::Reference => ("reference", "premises-deposit-wrong-reference"),
        DepositFault::Day => ("le", "premises-deposit-wrong-day"),
        DepositFault::Amount => {
            let most = if withholds { it.amount } else { it.withheld.unwrap_or(it.amount) };
            let message = page.tr("premises-deposit-wrong-amount", &[("most", most.to_string().into())]);
            let field = if withholds { "montant" } else { "retenu" };
            return Some(Problem { field: field.to_owned(), message });
        }
        DepositFault::Reason if withholds => ("motif", "premises-deposit-wrong-reason"),
        DepositFault::Reason => ("reponse", "premises-deposit-wrong-reason"),
        DepositFault::Term => ("reponse-avant", "premises-deposit-wrong-term"),
        // The field of the file says so already.
        DepositFault::Quote => return None,
        DepositFault::TooEarly(until) => {
            let day = long_date(until, page.language());
            let message = page.tr("premises-deposit-wrong-early", &[("day", day.into())]);
            return Some(Problem { field: "retenu".to_owned(), message });
        }
    };
    Some(Problem { field: field.to_owned(), message: page.t(key).to_owned() })
}

/// The page as it stands.
pub(super) fn shown(
    page: Page,
    status: StatusCode,
    known: &Known,
    form: FormPost,
    problems: Vec<Problem>,
    done: String,
) -> Result {
    let Known { found, it, differences, damaged, photos, proposed, inspection, others } = known;
    let (lang, zone) = (page.language(), found.zone());
    let state = it.state.as_str();
    let chosen = form.text("moyen");
    let means_choice = |means: &Means| Choice {
        value: means.as_str().to_owned(),
        label: page.t(&format!("premises-means-{}", means.as_str())).to_owned(),
        hint: String::new(),
        chosen: if chosen.is_empty() { *means == Means::Cheque } else { chosen == means.as_str() },
    };
    let choices = Means::ALL.iter().map(means_choice).collect();
    let mut facts = vec![
        (page.t("premises-deposit-amount").to_owned(), it.amount.to_string()),
        (page.t("premises-deposit-how").to_owned(), means(&page, it)),
    ];
    if let Some(withheld) = it.withheld {
        facts.push((page.t("premises-deposit-asked-to-keep").to_owned(), withheld.to_string()));
        facts.push((page.t("premises-deposit-reason").to_owned(), it.reason.clone()));
    }
    let until = it.answer_by.map(|day| long_date(day, lang)).unwrap_or_default();
    facts.push((page.t("premises-deposit-until").to_owned(), until));
    facts.push((page.t("premises-deposit-answer").to_owned(), it.answer.clone()));
    if let Some(kept) = it.kept {
        facts.push((page.t("premises-deposit-kept").to_owned(), kept.to_string()));
        facts.push((page.t("premises-deposit-rest").to_owned(), it.rest().to_string()));
    }
    let ended = it.ended_at.map(|at| clock::moment(at, zone, lang)).unwrap_or_default();
    facts.push((page.t("premises-deposit-ended").to_owned(), ended));
    facts.retain(|(_, value)| !value.is_empty());
    let shots = inspection.as_ref().map_or_else(Vec::new, |seen| {
        let things = damaged.iter().map(Some).chain([None]);
        things.flat_map(|item| inspection::shots_of(&page, seen.id, photos, item)).collect()
    });
    let when = match &found.whose {
        Whose::Case(_) => clock::when(found.booking.span, zone, lang),
        Whose::Season { .. } => found.whose.season(lang),
    };
    let base = format!("{}/caution", premises::href(found.booking.id));
    let other = |seen: &Inspection| {
        let when = clock::moment(seen.starts_at, zone, lang);
        (page.tr("premises-deposit-other", &[("when", when.into())]), format!("{base}?etat={}", seen.id))
    };
    let others = others.iter().take(OTHERS_AT_MOST).map(other).collect();
    let template = One {
        title: page.t("premises-deposit-title").to_owned(),
        caption: format!("{} · {when} · {}", found.booking.resource.details.name.fr, found.holder()),
        back: premises::href(found.booking.id),
        done,
        state,
        tag: clock::capital(page.t(&format!("premises-deposit-state-{state}"))),
        look: look(it.state),
        facts,
        differences: differences.clone(),
        shots,
        proposal: proposed.map(|_| page.t("premises-deposit-proposed").to_owned()).unwrap_or_default(),
        inspection: inspection
            .as_ref()
            .map(|seen| format!("/agents/etats-des-lieux/{}", seen.id))
            .unwrap_or_default(),
        seen: known.seen().map(|seen| seen.to_string()).unwrap_or_default(),
        others,
        quote: match (it.quote, found.case()) {
            (Some(quote), Some(case)) => format!("/agents/dossiers/{}/documents/{quote}", case.id),
            (Some(_), None) => format!("{base}/devis"),
            (None, _) => String::new(),
        },
        means: choices,
        base,
        form,
        problems,
        page,
    };
    render_as(status, &template)
}

/// The colour of a state's label.
pub(crate) const fn look(state: State) -> &'static str {
    match state {
        State::Promised => "yellow",
        State::Held => "blue",
        State::Withheld => "orange",
        State::Released => "green",
        State::Settled => "grey",
    }
}
