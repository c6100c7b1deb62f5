//! The first page of the counter: who is there? Looked for among the persons whom this agent may see, which is written
//! down; or entered as somebody new, beside those who may be the same.

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_core::{Id, Lang, Sector, calendar::civil_day};
use beffroi_people::{
    NewPerson, Person, SignedIn, Town,
    finding::{self, Likeness, PersonPage, Sought},
};
use beffroi_store::{Entry, Tx};
use beffroi_web::{FormPost, Page, Result, WebError, page::render_as, render};
use serde_json::json;
use uuid::Uuid;

use super::{
    forms::{Choice, Typed, born, given_reason, problems, reasons},
    receptionist, sector_name,
    store::{self, Stay},
};
use crate::{
    office::{
        counter::{self, Card},
        receipt,
    },
    problem::Problem,
    public::with_cookie,
    visit::Visit,
};

/// Persons on one page.
const PAGE: u32 = 20;

/// Somebody who was found.
struct Found {
    href: String,
    name: String,
    born: String,
    detail: String,
    sector: String,
    why: String,
}

impl Found {
    fn new(page: &Page, person: &Person, why: &str, like: Option<Likeness>) -> Self {
        let details = &person.details;
        let birth_name = if details.used_name.is_empty() { "" } else { &details.family_name };
        let nee = page.tr("office-person-nee", &[("name", birth_name.to_owned().into())]);
        let known =
            [if birth_name.is_empty() { String::new() } else { nee }, details.address.lines.join(", ")];
        let like = match like {
            None => "",
            Some(Likeness::NamesAndBirth) => page.t("office-like-names-birth"),
            Some(Likeness::Reach) => page.t("office-like-reach"),
            Some(Likeness::SoundAndBirth) => page.t("office-like-sound"),
            Some(Likeness::Names) => page.t("office-like-names"),
        };
        Self {
            href: format!("/agents/guichet/personne/{}?motif={why}", person.id),
            name: details.list_name(),
            born: born(details.birth_date, page.language()),
            detail: known.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" – "),
            sector: sector_name(page, person.sector),
            why: like.to_owned(),
        }
    }
}

/// The visit that is open.
pub(super) struct Open {
    pub(super) name: String,
    pub(super) count: String,
}

#[derive(Template)]
#[template(path = "office/reception/start.html")]
struct Start {
    page: Page,
    open: Option<Open>,
    typed: Typed,
    why: Vec<Choice>,
    problems: Vec<Problem>,
    cards: Vec<Card>,
    /// Whether somebody was looked for, and who was found.
    searched: bool,
    found: Vec<Found>,
    next: String,
    chosen: String,
}

impl Start {
    fn error(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

struct Looked {
    open: Option<Open>,
    cards: Vec<Card>,
    found: Vec<Person>,
    next: Option<Id<Person>>,
    wrong: Vec<(&'static str, &'static str)>,
}

pub(super) fn opened(tx: &mut Tx<'_>, agent: Uuid) -> Result<Option<Open>> {
    let Some(stay) = store::current(tx, agent)? else { return Ok(None) };
    let count = store::basket(tx, stay.id)?.len();
    Ok(Some(Open { name: stay.details.full_name(), count: count.to_string() }))
}

pub(super) async fn start(Visit { desk, commune, visitor, page, .. }: Visit) -> Result {
    let who = visitor.require()?.clone();
    let lang = page.language();
    let (open, cards) = commune
        .read(visitor.by, move |tx| {
            receptionist(tx, &who)?;
            let open = opened(tx, who.account.uuid())?;
            Ok::<_, WebError>((open, counter::cards(tx, &desk, &who, lang)?))
        })
        .await?;
    let looked = Looked { open, cards, found: Vec::new(), next: None, wrong: Vec::new() };
    show(page, looked, Typed::default(), "", false)
}

fn show(page: Page, looked: Looked, typed: Typed, why: &str, searched: bool) -> Result {
    let Looked { open, cards, found, next, wrong } = looked;
    let problems = problems(&page, &wrong);
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let start = Start {
        open,
        why: reasons(&page, why),
        searched: searched && problems.is_empty(),
        found: found.iter().map(|person| Found::new(&page, person, why, None)).collect(),
        next: next.map(|id| id.to_string()).unwrap_or_default(),
        chosen: why.to_owned(),
        problems,
        typed,
        cards,
        page,
    };
    if status == StatusCode::OK { render(&start) } else { render_as(status, &start) }
}

/// What was looked for is not in an address: the address of the form leads back.
pub(super) async fn back(visit: Visit) -> Result {
    let who = visit.visitor.require()?.clone();
    visit.commune.read(visit.visitor.by, move |tx| receptionist(tx, &who).map(drop)).await?;
    Ok(Redirect::to("/agents/guichet").into_response())
}

/// Looks for somebody. Looking is an act, and is written down with its reason and how many were shown; not what was
/// typed.
pub(crate) fn look_for(
    tx: &mut Tx<'_>,
    agent: Uuid,
    sectors: &[Sector],
    sought: &Sought,
    (why, after): (&str, Option<Id<Person>>),
) -> Result<PersonPage> {
    let found = finding::find_like(tx, sectors, sought, after, PAGE)?;
    shown(tx, agent, why, found.persons.len())?;
    Ok(found)
}

/// Writes down that persons were shown.
fn shown(tx: &mut Tx<'_>, agent: Uuid, why: &str, how_many: usize) -> Result<()> {
    let payload = json!({ "why": why, "shown": how_many });
    tx.journal(&Entry { kind: "person.searched", subject_kind: "account", subject_id: agent, payload })?;
    Ok(())
}

pub(super) async fn search(Visit { desk, commune, visitor, page, .. }: Visit, form: FormPost) -> Result {
    let who = visitor.require()?.clone();
    let typed = Typed::read(&form);
    let given = given_reason(form.text("motif"));
    let why = given.unwrap_or_default();
    let after: Option<Id<Person>> = form.text("apres").parse().ok();
    let asked = typed.clone();
    let lang = page.language();
    let looked = commune
        .write(visitor.by, move |tx| {
            let (_, sectors) = receptionist(tx, &who)?;
            let agent = who.account.uuid();
            let mut looked = Looked {
                open: opened(tx, agent)?,
                cards: counter::cards(tx, &desk, &who, lang)?,
                found: Vec::new(),
                next: None,
                wrong: Vec::new(),
            };
            let today = civil_day(tx.now(), Town::load(tx)?.zone());
            if given.is_none() {
                looked.wrong.push(("motif", "office-why-missing"));
            }
            match asked.sought(today) {
                Ok(_) if given.is_none() => {}
                Ok(sought) => {
                    let found = look_for(tx, agent, &sectors, &sought, (why, after))?;
                    (looked.found, looked.next) = (found.persons, found.next);
                }
                Err(wrong) => looked.wrong.splice(0..0, wrong).for_each(drop),
            }
            Ok::<_, WebError>(looked)
        })
        .await?;
    show(page, looked, typed, why, true)
}

#[derive(Template)]
#[template(path = "office/reception/new.html")]
struct New {
    page: Page,
    typed: Typed,
    problems: Vec<Problem>,
    alike: Vec<Found>,
}

impl New {
    fn error(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

pub(super) async fn blank(Visit { commune, visitor, page, .. }: Visit) -> Result {
    let who = visitor.require()?.clone();
    commune.read(visitor.by, move |tx| receptionist(tx, &who).map(drop)).await?;
    render(&New { page, typed: Typed::default(), problems: Vec::new(), alike: Vec::new() })
}

/// What came of a new person's form.
enum Came {
    Opened,
    Alike(Vec<(Person, Likeness)>),
    Wrong(Vec<(&'static str, &'static str)>),
}

/// A visit that was opened; or those who may be the same.
pub(crate) type Welcomed = std::result::Result<Id<Stay>, Vec<(Person, Likeness)>>;

/// Opens a visit for somebody new; those who may be the same are shown first, unless the agent is sure. No record is made
/// before a request needs one.
pub(crate) fn welcome(
    tx: &mut Tx<'_>,
    who: &SignedIn,
    sectors: &[Sector],
    person: NewPerson,
    sure: bool,
) -> Result<Welcomed> {
    let agent = who.account.uuid();
    if !sure {
        let alike = finding::alike(tx, sectors, &person, None)?;
        if !alike.is_empty() {
            shown(tx, agent, "presence", alike.len())?;
            return Ok(Err(alike));
        }
    }
    let person = NewPerson { language: Lang::Fr.tag().to_owned(), ..person };
    Ok(Ok(store::open(tx, agent, None, &person, None)?))
}

pub(super) async fn enter(Visit { commune, visitor, page, .. }: Visit, form: FormPost) -> Result {
    let who = visitor.require()?.clone();
    if form.get("commencer").is_some() {
        commune.read(visitor.by, move |tx| receptionist(tx, &who).map(drop)).await?;
        let typed = Typed::read(&form).into_new();
        return render(&New { page, typed, problems: Vec::new(), alike: Vec::new() });
    }
    let typed = Typed::read(&form);
    let sure = form.get("nouvelle").is_some();
    let asked = typed.clone();
    let came = commune
        .write(visitor.by, move |tx| {
            let (_, sectors) = receptionist(tx, &who)?;
            let today = civil_day(tx.now(), Town::load(tx)?.zone());
            let person = match asked.person(today) {
                Ok(person) => person,
                Err(wrong) => return Ok(Came::Wrong(wrong)),
            };
            Ok::<_, WebError>(match welcome(tx, &who, &sectors, person, sure)? {
                Ok(_) => Came::Opened,
                Err(alike) => Came::Alike(alike),
            })
        })
        .await?;
    let (status, problems, alike) = match came {
        Came::Opened => {
            // The codes of whoever came before are told to nobody else.
            let gone = visitor.own_cookie(receipt::VISIT_COOKIE, "", receipt::VISIT_PATH)?;
            return Ok(with_cookie(Redirect::to("/agents/guichet/visite").into_response(), gone));
        }
        Came::Alike(alike) => {
            let alike = alike
                .iter()
                .map(|(person, like)| Found::new(&page, person, "presence", Some(*like)))
                .collect();
            (StatusCode::OK, Vec::new(), alike)
        }
        Came::Wrong(wrong) => (StatusCode::UNPROCESSABLE_ENTITY, problems(&page, &wrong), Vec::new()),
    };
    let new = New { page, typed, problems, alike };
    if status == StatusCode::OK { render(&new) } else { render_as(status, &new) }
}
