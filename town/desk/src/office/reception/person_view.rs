//! The page of a person at the counter.

use askama::Template;
use axum::http::StatusCode;
use beffroi_cases::{Access, Right, case::State, decision::Outcome, missing};
use beffroi_core::{
    Day, Lang,
    calendar::{civil_day, long_date},
};
use beffroi_forms::spaced_phone;
use beffroi_people::{
    Person, SignedIn, Town,
    finding::{self, Likeness},
    mandate::{self, Mandate},
    merging::{self, Merge},
};
use beffroi_store::Tx;
use beffroi_web::{Page, Result, page::render_as};

use super::{forms::born, sector_name};
use crate::{
    Parts, mandates,
    permission::{self, MergePersons},
    problem::Problem,
    public::when,
    visit::case_error,
    words,
};

/// What is said on the page: what was done, what is wrong.
#[derive(Default)]
pub(super) struct Said {
    pub(super) done: String,
    pub(super) problems: Vec<Problem>,
    /// The case to which papers were being joined.
    pub(super) case: String,
}

struct CaseRow {
    id: String,
    title: String,
    reference: String,
    received: String,
    look: &'static str,
    state: String,
    asked: Vec<String>,
    open: bool,
}

/// A case of the person, with what the list tells of it.
struct OwnCase {
    case: beffroi_cases::case::Case,
    outcome: Option<Outcome>,
    title: String,
    asked: Vec<missing::DocumentRequest>,
    handled: bool,
}

/// What is known of a person, as this agent may see it.
pub(super) struct Known {
    person: Person,
    cases: Vec<OwnCase>,
    mandates: Vec<Mandate>,
    merges: Vec<(Merge, String)>,
    alike: Vec<(Person, Likeness)>,
    may_merge: bool,
    titles: mandates::Titles,
    today: Day,
    zone: chrono_tz::Tz,
}

impl Known {
    pub(super) fn load(
        tx: &mut Tx<'_>,
        desk: &Parts,
        access: &Access,
        who: &SignedIn,
        person: Person,
        lang: Lang,
    ) -> Result<Self> {
        let found = beffroi_cases::person::cases_of(tx, access, person.id.uuid()).map_err(case_error)?;
        let mut cases = Vec::new();
        for case in found {
            let form = desk.shelf.version(tx, &case.procedure, case.procedure_version)?;
            let title = form.map(|form| form.procedure().title.text(lang).to_owned()).unwrap_or_default();
            // Of the few that wait, what they wait for.
            let asked = if case.state == State::Waiting {
                missing::of_case(tx, case.id).map_err(case_error)?
            } else {
                Vec::new()
            };
            let outcome = if case.state == State::Decided {
                beffroi_cases::decision::of_case(tx, case.id).map_err(case_error)?.map(|taken| taken.outcome)
            } else {
                None
            };
            let handled = access.allows(Right::Handle, &case.department) && case.state.is_open();
            cases.push(OwnCase { case, outcome, title, asked, handled });
        }
        let town = Town::load(tx)?;
        let may_merge = permission::holds_somewhere::<MergePersons>(tx, who)?;
        let alike = if may_merge {
            finding::alike(tx, &[person.sector], &person.details, Some(person.id))?
        } else {
            Vec::new()
        };
        let mut merges = Vec::new();
        if may_merge {
            for merge in merging::of_person(tx, person.id)? {
                let gone = beffroi_people::person::find(tx, merge.sector, merge.gone)?;
                let name = gone.map(|gone| gone.details.list_name()).unwrap_or_default();
                merges.push((merge, name));
            }
        }
        let sight = mandates::sight(tx, desk, who)?;
        let mut held = mandate::of_person(tx, person.id)?;
        held.retain(|held| sight.sees(held));
        Ok(Self {
            mandates: held,
            titles: mandates::titles(tx, desk, lang)?,
            merges,
            alike,
            may_merge,
            cases,
            today: civil_day(tx.now(), town.zone()),
            zone: town.zone(),
            person,
        })
    }
}

struct Line {
    label: String,
    value: String,
    href: String,
}

struct Twin {
    id: String,
    name: String,
    detail: String,
    why: String,
}

struct Merged {
    id: String,
    name: String,
    until: String,
}

#[derive(Template)]
#[template(path = "office/reception/person.html")]
struct PersonPage<'p> {
    page: Page,
    id: String,
    name: String,
    lines: Vec<Line>,
    said: Said,
    cases: Vec<CaseRow>,
    joinable: Vec<super::forms::Choice>,
    mandates: Vec<mandates::Row>,
    twins: Vec<Twin>,
    merged: Vec<Merged>,
    known: &'p Known,
}

impl PersonPage<'_> {
    fn error(&self, field: &str) -> String {
        Problem::beside(&self.said.problems, field)
    }
}

pub(super) fn show(page: Page, status: StatusCode, known: &Known, said: Said) -> Result {
    let lang = page.language();
    let details = &known.person.details;
    let line = |key: &str, value: String| Line { label: page.t(key).to_owned(), value, href: String::new() };
    let lines = [
        line("office-person-birth-name", details.family_name.clone()),
        line("office-person-born", born(details.birth_date, lang)),
        line("desk-email", details.email.clone()),
        line("office-phone", spaced_phone(&details.phone)),
        line("office-address", details.address.lines.join(", ")),
        line("office-person-sector", sector_name(&page, known.person.sector)),
    ];
    let cases: Vec<CaseRow> = known
        .cases
        .iter()
        .map(|OwnCase { case, outcome, title, asked, handled }| {
            let (look, state) = words::state(&page, case.state, *outcome);
            let awaited = asked.iter().filter(|request| request.arrived_on.is_none());
            CaseRow {
                id: case.id.to_string(),
                title: title.clone(),
                reference: case.reference.clone(),
                received: long_date(case.received_on, lang),
                look,
                state,
                asked: awaited
                    .flat_map(|request| request.pieces.lines().map(str::to_owned).collect::<Vec<_>>())
                    .filter(|piece| !piece.trim().is_empty())
                    .collect(),
                open: *handled,
            }
        })
        .collect();
    let joinable = cases
        .iter()
        .filter(|case| case.open)
        .map(|case| {
            let label = format!("{} – {}", case.reference, case.title);
            super::forms::Choice::new(&case.id, &label, case.id == said.case || !case.asked.is_empty())
        })
        .collect();
    let twins = known.alike.iter().map(|(twin, like)| Twin {
        id: twin.id.to_string(),
        name: twin.details.list_name(),
        detail: [born(twin.details.birth_date, lang), twin.details.address.lines.join(", ")]
            .into_iter()
            .filter(|text| !text.is_empty())
            .collect::<Vec<_>>()
            .join(" – "),
        why: page
            .t(match like {
                Likeness::NamesAndBirth => "office-like-names-birth",
                Likeness::Reach => "office-like-reach",
                Likeness::SoundAndBirth => "office-like-sound",
                Likeness::Names => "office-like-names",
            })
            .to_owned(),
    });
    let merged = known.merges.iter().map(|(merge, name)| Merged {
        id: merge.id.to_string(),
        name: name.clone(),
        until: when(merge.final_after, known.zone, lang),
    });
    let rows = known
        .mandates
        .iter()
        .map(|mandate| mandates::Row::new(&page, mandate, known.today, &known.titles))
        .collect();
    let shown = PersonPage {
        id: known.person.id.to_string(),
        name: details.full_name(),
        lines: lines.into_iter().filter(|line| !line.value.is_empty()).collect(),
        cases,
        joinable,
        mandates: rows,
        twins: twins.collect(),
        merged: merged.collect(),
        said,
        known,
        page,
    };
    render_as(status, &shown)
}
