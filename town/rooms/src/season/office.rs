//! The rounds, for agents: their list, and what is said of one.

use askama::Template;
use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_calendar::{
    booking::PLANNING,
    resource::{self, Kept, Kind, Name},
    season::Criterion,
};
use beffroi_core::{
    Day,
    calendar::{civil_day, long_date},
    text::fold,
};
use beffroi_people::{Department, Permit, SignedIn, Town, department, permission::permit_somewhere};
use beffroi_store::Tx;
use beffroi_web::{CommuneOf, FormPost, Page, Problem, Result, Visitor, WebError, page::render_as, render};

use super::{
    form::Pick,
    public, request,
    round::{self, Days, ROOMS_AT_MOST, Round, Sheet, State},
    shown::Choice,
    typed::Wrong,
};
use crate::{ManageSeasons, SeePlanning, booking::day, permission::hidden};

/// Letters of a name, at most.
const NAME: usize = 120;
/// Letters of what associations should know, at most.
const ABOUT: usize = 5_000;

/// The address of a round's page for agents.
pub(super) fn address(slug: &str) -> String {
    format!("{PLANNING}/saisons/{slug}")
}

/// Whoever may manage seasons; for whoever may not, there is no such page.
pub(super) fn manager(tx: &mut Tx<'_>, who: &SignedIn) -> Result<Permit<ManageSeasons>> {
    hidden(permit_somewhere::<ManageSeasons>(tx, who))
}

/// The round of a short name, for agents; those that are prepared, for whoever manages them.
pub(super) fn known(tx: &mut Tx<'_>, who: &SignedIn, slug: &str) -> Result<(Round, bool)> {
    hidden(permit_somewhere::<SeePlanning>(tx, who))?;
    let manages = permit_somewhere::<ManageSeasons>(tx, who).is_ok();
    let round = round::by_slug(tx, slug)?.filter(|round| manages || round.is_public());
    Ok((round.ok_or_else(WebError::not_found)?, manages))
}

struct Card {
    href: String,
    title: String,
    lines: Vec<String>,
    tag: (&'static str, String),
}

#[derive(Template)]
#[template(path = "season_office_list.html")]
struct ListPage {
    page: Page,
    cards: Vec<Card>,
    prepare: String,
}

pub(super) async fn list(page: Page, commune: CommuneOf, visitor: Visitor) -> Result {
    let who = visitor.require()?.clone();
    let (rounds, counts, manages, today) = commune
        .read(visitor.by, move |tx| {
            hidden(permit_somewhere::<SeePlanning>(tx, &who))?;
            let manages = permit_somewhere::<ManageSeasons>(tx, &who).is_ok();
            let today = civil_day(tx.now(), Town::load(tx)?.zone());
            Ok::<_, WebError>((round::list(tx)?, request::counts(tx)?, manages, today))
        })
        .await?;
    let lang = page.language();
    let card = |round: &Round| {
        let (look, key) = public::state(round, today);
        let days = [
            ("first", long_date(round.days.first, lang).into()),
            ("last", long_date(round.days.last, lang).into()),
        ];
        let count = counts.get(&round.id).copied().unwrap_or_default();
        Card {
            href: address(&round.slug),
            title: round.sheet.name.fr.clone(),
            lines: vec![
                page.tr("rooms-season-from-to", &days),
                page.tr("planning-season-requests-count", &[("n", count.into())]),
            ],
            tag: (look, page.t(key).to_owned()),
        }
    };
    let cards = rounds.iter().filter(|round| manages || round.is_public()).map(card).collect();
    let prepare = if manages { format!("{PLANNING}/saisons/nouvelle") } else { String::new() };
    render(&ListPage { cards, prepare, page: page.clone() })
}

#[derive(Template)]
#[template(path = "season_office_round.html")]
struct SettingsPage {
    page: Page,
    title: String,
    back: String,
    action: String,
    problems: Vec<Problem>,
    form: FormPost,
    rooms: Vec<Choice>,
    criteria: Vec<Pick>,
    /// Who may post the results.
    departments: Vec<Choice>,
    /// Whether all of it may be changed: once wishes are taken, its season, rooms and criteria stay.
    all: bool,
    window: bool,
}

impl SettingsPage {
    fn text(&self, name: &str) -> String {
        self.form.text(name).to_owned()
    }

    fn has(&self, name: &str) -> bool {
        self.form.get(name).is_some()
    }

    fn problem(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

/// What a round may offer, and who may post its results.
struct Offered {
    /// The rooms, by their names.
    rooms: Vec<Kept>,
    departments: Vec<Department>,
}

fn offered(tx: &mut Tx<'_>) -> Result<Offered> {
    let mut rooms = resource::list(tx)?;
    rooms.retain(|kept| kept.details.kind == Kind::Room && kept.details.active);
    rooms.sort_by_cached_key(|kept| fold(&kept.details.name.fr));
    Ok(Offered { rooms, departments: department::list(tx)? })
}

fn fields(round: &Round) -> FormPost {
    let mut form = FormPost::default();
    let mut put = |name: &str, value: String| form = std::mem::take(&mut form).with(name, value);
    let (sheet, days) = (&round.sheet, &round.days);
    put("nom", sheet.name.fr.clone());
    put("nom_en", sheet.name.en.clone());
    put("texte", sheet.about.fr.clone());
    put("texte_en", sheet.about.en.clone());
    put("du", days.first.to_string());
    put("au", days.last.to_string());
    put("ouvre", days.opens.to_string());
    put("ferme", days.closes.to_string());
    put("service", sheet.department.clone());
    for room in &sheet.rooms {
        put("salles", room.to_string());
    }
    if sheet.without_school_holidays {
        put("vacances", "true".to_owned());
    }
    for (rank, criterion) in sheet.criteria.iter().enumerate() {
        put(&format!("critere-{rank}"), criterion.as_str().to_owned());
    }
    form
}

/// What is filled in, upon what stays of a round whose wishes are taken.
fn read(
    form: &FormPost,
    known: &Offered,
    before: Option<&Round>,
) -> std::result::Result<(Sheet, Days), Vec<Wrong>> {
    let mut wrong: Vec<Wrong> = Vec::new();
    let mut text = |name: &str, most: usize, key: &'static str| {
        let typed = form.text(name).to_owned();
        if typed.chars().count() > most || (typed.is_empty() && name == "nom") {
            wrong.push((name.to_owned(), key));
        }
        typed
    };
    let name = Name {
        fr: text("nom", NAME, "planning-season-wrong-name"),
        en: text("nom_en", NAME, "planning-season-wrong-name"),
    };
    let about = Name {
        fr: text("texte", ABOUT, "planning-season-wrong-long"),
        en: text("texte_en", ABOUT, "planning-season-wrong-long"),
    };
    let draft = before.is_none_or(|round| round.state == State::Draft);
    let mut date = |name: &str, kept: Option<Day>| match kept {
        Some(kept) => kept,
        None => day(form.text(name)).unwrap_or_else(|| {
            wrong.push((name.to_owned(), "planning-season-wrong-day"));
            Day::default()
        }),
    };
    let stays = |of: fn(&Days) -> Day| before.filter(|_| !draft).map(|round| of(&round.days));
    let days = Days {
        first: date("du", stays(|days| days.first)),
        last: date("au", stays(|days| days.last)),
        opens: date("ouvre", stays(|days| days.opens)),
        closes: date(
            "ferme",
            stays(|days| days.closes).filter(|_| before.is_some_and(|it| it.state != State::Open)),
        ),
    };
    let ticked: Vec<&str> = form.all("salles").collect();
    let offered = known.rooms.iter().filter(|kept| ticked.contains(&kept.id.to_string().as_str()));
    let rooms: Vec<_> = offered.map(|kept| kept.id).take(ROOMS_AT_MOST).collect();
    let mut criteria: Vec<Criterion> = Vec::new();
    for rank in 0..Criterion::ALL.len() {
        let typed = Criterion::from_word(form.text(&format!("critere-{rank}")));
        criteria.extend(typed.filter(|it| !criteria.contains(it)));
    }
    if draft && rooms.is_empty() {
        wrong.push(("salles".to_owned(), "planning-season-wrong-rooms"));
    }
    if wrong.is_empty() && !days.season_fits() {
        wrong.push(("au".to_owned(), "planning-season-wrong-season"));
    } else if wrong.is_empty() && !days.fit() {
        wrong.push(("ferme".to_owned(), "planning-season-wrong-window"));
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let without_school_holidays = form.get("vacances").is_some();
    let service = form.text("service");
    let known = known.departments.iter().any(|it| it.details.slug == service);
    let department = if known { service.to_owned() } else { String::new() };
    Ok((Sheet { name, about, rooms, without_school_holidays, criteria, department }, days))
}

/// What is wrong with a field; there are four days, and each is named.
fn of_day(page: &Page, field: &str, message: &str) -> String {
    let label = match field {
        "du" => "planning-season-first",
        "au" => "planning-season-last",
        "ouvre" => "planning-season-opens",
        "ferme" => "planning-season-closes",
        _ => return message.to_owned(),
    };
    page.tr("planning-season-wrong-of", &[("label", page.t(label).into()), ("message", message.into())])
}

fn settings(
    page: Page,
    status: StatusCode,
    (round, known): (Option<&Round>, &Offered),
    (form, wrong): (FormPost, &[Wrong]),
) -> Result {
    let ticked: Vec<String> = form.all("salles").map(str::to_owned).collect();
    let rooms = known.rooms.iter().map(|kept| {
        let id = kept.id.to_string();
        let chosen = ticked.contains(&id);
        Choice::new(&id, &kept.details.name.fr, chosen)
    });
    let none = |chosen: bool| Choice::new("", page.t("planning-season-criterion-none"), chosen);
    let pick = |rank: usize| {
        let id = format!("critere-{rank}");
        let typed = Criterion::from_word(form.text(&id));
        let each = Criterion::ALL.iter().map(|it| {
            let key = format!("rooms-season-criterion-{}", it.as_str());
            Choice::new(it.as_str(), page.t(&key), Some(*it) == typed)
        });
        Pick {
            label: page.tr("planning-season-criterion", &[("n", (rank + 1).into())]),
            choices: std::iter::once(none(typed.is_none())).chain(each).collect(),
            error: String::new(),
            required: false,
            id,
        }
    };
    let criteria = (0..Criterion::ALL.len()).map(pick).collect();
    let typed = form.text("service");
    let nobody = Choice::new("", page.t("planning-season-department-none"), typed.is_empty());
    let departments = known.departments.iter().map(|it| {
        let details = &it.details;
        Choice::new(&details.slug, &details.name, details.slug == typed)
    });
    let departments = std::iter::once(nobody).chain(departments).collect();
    let base = format!("{PLANNING}/saisons");
    let problems = wrong
        .iter()
        .map(|(field, key)| Problem { field: field.clone(), message: of_day(&page, field, page.t(key)) })
        .collect();
    let state = round.map_or(State::Draft, |round| round.state);
    let view = SettingsPage {
        title: page
            .t(if round.is_some() { "planning-season-settings" } else { "planning-season-prepare" })
            .to_owned(),
        back: round.map_or_else(|| base.clone(), |round| address(&round.slug)),
        action: round
            .map_or_else(|| format!("{base}/nouvelle"), |round| format!("{}/reglages", address(&round.slug))),
        problems,
        rooms: rooms.collect(),
        criteria,
        departments,
        all: state == State::Draft,
        window: matches!(state, State::Draft | State::Open),
        form,
        page,
    };
    render_as(status, &view)
}

pub(super) async fn blank(page: Page, commune: CommuneOf, visitor: Visitor) -> Result {
    let who = visitor.require()?.clone();
    let known = commune
        .read(visitor.by, move |tx| {
            manager(tx, &who)?;
            offered(tx)
        })
        .await?;
    let usual = [Criterion::Fewest, Criterion::Kept, Criterion::Residents];
    let form = usual.iter().enumerate().fold(FormPost::default(), |form, (rank, criterion)| {
        form.with(&format!("critere-{rank}"), criterion.as_str().to_owned())
    });
    let form = form.with("vacances", "true".to_owned());
    settings(page, StatusCode::OK, (None, &known), (form, &[]))
}

pub(super) async fn show(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Path(slug): Path<String>,
) -> Result {
    let who = visitor.require()?.clone();
    let (round, known) = commune
        .read(visitor.by, move |tx| {
            manager(tx, &who)?;
            let round = round::by_slug(tx, &slug)?.ok_or_else(WebError::not_found)?;
            Ok::<_, WebError>((round, offered(tx)?))
        })
        .await?;
    let form = fields(&round);
    settings(page, StatusCode::OK, (Some(&round), &known), (form, &[]))
}

/// What came of it.
enum Outcome {
    Kept(String),
    Wrong(Option<Box<Round>>, Offered, Vec<Wrong>),
}

/// Prepares a round, or changes what is said of one.
pub(super) async fn keep(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    slug: Option<Path<String>>,
    form: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let typed = form.clone();
    let outcome = commune
        .write(visitor.by, move |tx| {
            let permit = manager(tx, &who)?;
            let before = match &slug {
                Some(Path(slug)) => Some(round::by_slug(tx, slug)?.ok_or_else(WebError::not_found)?),
                None => None,
            };
            let known = offered(tx)?;
            let (sheet, days) = match read(&typed, &known, before.as_ref()) {
                Ok(read) => read,
                Err(wrong) => return Ok::<_, WebError>(Outcome::Wrong(before.map(Box::new), known, wrong)),
            };
            let slug = match before {
                Some(round) => {
                    round::change(tx, &permit, &round, &sheet, days)?;
                    round.slug
                }
                None => round::create(tx, &permit, &sheet, days)?.slug,
            };
            Ok(Outcome::Kept(slug))
        })
        .await?;
    match outcome {
        Outcome::Kept(slug) => {
            Ok(Redirect::to(&format!("{}?fait=enregistree", address(&slug))).into_response())
        }
        Outcome::Wrong(round, known, wrong) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            settings(page, status, (round.as_deref(), &known), (form, &wrong))
        }
    }
}
