//! Who looked at one's requests, or at oneself at the counter, and why: the department and the function, not the name, of the last twelve months.

use std::collections::HashMap;

use askama::Template;
use axum::extract::Query;
use beffroi_people::{Department, Role, Town, department};
use beffroi_web::{Page, Result, WebError, l10n::FluentValue, personal::Teller, render};
use chrono::{Months, TimeDelta};
use serde::Deserialize;
use serde_json::Value;

use super::{
    owner,
    store::{self, Look},
};
use crate::{
    office::reception::forms::reason,
    public::{titles, when},
    visit::Visit,
};

const ROWS: u32 = 50;
/// How long looks are shown, and kept.
pub(super) const SHOWN_FOR: Months = Months::new(12);

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    avant: Option<i64>,
}

struct Row {
    when: String,
    title: String,
    href: String,
    who: String,
    why: String,
}

#[derive(Template)]
#[template(path = "space/looked.html")]
struct Looked {
    page: Page,
    rows: Vec<Row>,
    first: bool,
    next: String,
}

/// Twelve months ago.
pub(super) fn twelve_months_ago(now: beffroi_core::Instant) -> beffroi_core::Instant {
    now.checked_sub_months(SHOWN_FOR).unwrap_or_else(|| now - TimeDelta::days(365))
}

pub(super) async fn show(
    Visit { desk, commune, visitor, page, .. }: Visit,
    Query(asked): Query<Asked>,
) -> Result {
    let account = owner(&visitor)?;
    let lang = page.language();
    let (mut looks, departments, titles, town) = commune
        .read(visitor.by, move |tx| {
            let since = twelve_months_ago(tx.now());
            let before = asked.avant.unwrap_or(i64::MAX);
            let looks = store::looks(tx, account, since, before, ROWS + 1)?;
            let procedures =
                looks.iter().filter_map(|look| look.case.as_ref()).map(|it| it.procedure.clone());
            let titles = titles(tx, &desk, procedures, lang)?;
            Ok::<_, WebError>((looks, department::list(tx)?, titles, Town::load(tx)?))
        })
        .await?;
    let more = looks.len() > ROWS as usize;
    looks.truncate(ROWS as usize);
    let next =
        looks.last().filter(|_| more).map(|last| format!("/mon-compte/consultations?avant={}", last.seq));
    let rows = looks
        .iter()
        .map(|look| {
            let (title, href) = match &look.case {
                Some(case) => {
                    let title = titles.get(&case.procedure).map_or("", String::as_str);
                    (format!("{title} ({})", case.reference), format!("/compte/demarches/{}", case.id))
                }
                None => (page.t(thing(&look.kind)).to_owned(), "/mon-compte/donnees".to_owned()),
            };
            Row {
                when: when(look.at, town.zone(), lang),
                title,
                href,
                who: who(&page, look, &departments),
                why: why(&page, look),
            }
        })
        .collect();
    render(&Looked { page, rows, first: asked.avant.is_none(), next: next.unwrap_or_default() })
}

/// In whose words a look is told: those of a page, or of what somebody takes along.
pub(super) trait Says {
    /// A text without variables.
    fn say(&self, key: &str) -> String;
    /// A text with variables.
    fn say_of(&self, key: &str, variables: &[(&str, FluentValue<'_>)]) -> String;
}

impl Says for Page {
    fn say(&self, key: &str) -> String {
        self.t(key).to_owned()
    }

    fn say_of(&self, key: &str, variables: &[(&str, FluentValue<'_>)]) -> String {
        self.tr(key, variables)
    }
}

impl Says for Teller<'_> {
    fn say(&self, key: &str) -> String {
        self.t(key)
    }

    fn say_of(&self, key: &str, variables: &[(&str, FluentValue<'_>)]) -> String {
        self.tr(key, variables)
    }
}

fn text<'l>(look: &'l Look, name: &str) -> &'l str {
    look.payload.as_ref().and_then(|payload| payload.get(name)).and_then(Value::as_str).unwrap_or_default()
}

/// The department and the function of whoever looked.
pub(super) fn who(page: &impl Says, look: &Look, departments: &[Department]) -> String {
    let by_id: HashMap<String, &Department> = departments.iter().map(|it| (it.id.to_string(), it)).collect();
    let place = text(look, "department");
    let of_case =
        look.case.as_ref().and_then(|case| departments.iter().find(|it| it.details.slug == case.department));
    let department = match by_id.get(place) {
        Some(department) => department.details.name.clone(),
        None if place.is_empty() && !text(look, "role").is_empty() => page.say("desk-look-town-hall"),
        None => of_case.map_or_else(|| page.say("desk-look-town-hall"), |it| it.details.name.clone()),
    };
    match Role::from_word(text(look, "role")) {
        Some(role) => format!("{department}, {}", page.say(&format!("desk-look-role-{}", role.as_str()))),
        None => department,
    }
}

/// What was looked at outside of requests, as the key of its words.
pub(super) fn thing(kind: &str) -> &'static str {
    match kind {
        "appointment.consulted" => "desk-look-appointment",
        "registration.consulted" => "desk-look-registration",
        "followup.consulted" => "desk-look-followup",
        "order.consulted" => "desk-look-order",
        "booking.consulted" => "desk-look-room",
        _ => "desk-look-person",
    }
}

pub(super) fn why(page: &impl Says, look: &Look) -> String {
    match look.kind.as_str() {
        "case.listed_across" | "case.read_across" => {
            let key = if look.kind == "case.listed_across" { "desk-look-listed" } else { "desk-look-read" };
            page.say_of(
                key,
                &[("purpose", text(look, "purpose").into()), ("reason", text(look, "reason").into())],
            )
        }
        "person.consulted" => page.say(&format!("desk-look-counter-{}", reason(text(look, "why")))),
        "appointment.consulted" => page.say("desk-look-for-appointment"),
        "registration.consulted" | "followup.consulted" => page.say("desk-look-for-workshops"),
        "order.consulted" => page.say("desk-look-for-order"),
        "booking.consulted" => page.say("desk-look-for-booking"),
        _ => page.say("desk-look-handling"),
    }
}
