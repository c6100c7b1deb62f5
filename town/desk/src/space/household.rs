//! « Mon foyer »: those for whom one answers, kept for the forms that one fills in.

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_core::{
    Day, Id,
    calendar::{civil_day, long_date},
};
use beffroi_people::{
    Town,
    household::{self, Member, NewMember, Relation},
};
use beffroi_web::{FormPost, Page, Result, WebError, page::render_as, render};
use serde::Deserialize;

use super::owner;
use crate::{control::Choosable, problem::Problem, visit::Visit};

/// Characters of a name.
const NAME_AT_MOST: usize = 100;
/// Nobody is older.
const OLDEST_DAYS: i64 = 130 * 366;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Just {
    fait: String,
}

struct Row {
    id: String,
    name: String,
    relation: String,
    born: String,
}

#[derive(Template)]
#[template(path = "space/household.html")]
struct List {
    page: Page,
    rows: Vec<Row>,
    room: bool,
    done: String,
}

/// What was typed of somebody.
#[derive(Default)]
struct Typed {
    relation: String,
    family_name: String,
    used_name: String,
    given_names: String,
    day: String,
    month: String,
    year: String,
    birth_place: String,
}

#[derive(Template)]
#[template(path = "space/member.html")]
struct One {
    page: Page,
    title: String,
    action: String,
    remove: String,
    relations: Vec<Choosable>,
    typed: Typed,
    problems: Vec<Problem>,
}

impl One {
    fn new(page: Page, member: Option<&Member>, typed: Typed, problems: Vec<Problem>) -> Self {
        let relations = Relation::ALL
            .iter()
            .map(|relation| Choosable {
                value: relation.as_str().to_owned(),
                label: page.t(&format!("desk-relation-{}", relation.as_str())).to_owned(),
                hint: String::new(),
                chosen: relation.as_str() == typed.relation,
            })
            .collect();
        Self {
            title: member
                .map_or_else(|| page.t("desk-household-add").to_owned(), |member| member.details.full_name()),
            action: member.map_or_else(
                || "/mon-compte/foyer/ajout".to_owned(),
                |member| format!("/mon-compte/foyer/{}", member.id),
            ),
            remove: member
                .map(|member| format!("/mon-compte/foyer/{}/retrait", member.id))
                .unwrap_or_default(),
            relations,
            typed,
            problems,
            page,
        }
    }

    fn problem(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

impl Typed {
    fn read(form: &FormPost) -> Self {
        let text = |name: &str| form.text(name).to_owned();
        Self {
            relation: text("relation"),
            family_name: text("family_name"),
            used_name: text("used_name"),
            given_names: text("given_names"),
            day: text("birth-day"),
            month: text("birth-month"),
            year: text("birth-year"),
            birth_place: text("birth_place"),
        }
    }

    fn of(member: &NewMember) -> Self {
        let part =
            |format: &str| member.birth_date.map(|day| day.format(format).to_string()).unwrap_or_default();
        Self {
            relation: member.relation.as_str().to_owned(),
            family_name: member.family_name.clone(),
            used_name: member.used_name.clone(),
            given_names: member.given_names.clone(),
            day: part("%-d"),
            month: part("%-m"),
            year: part("%Y"),
            birth_place: member.birth_place.clone(),
        }
    }

    /// What is said of somebody; else all that is wrong with it.
    fn judge(&self, page: &Page, today: Day) -> Result<NewMember, Vec<Problem>> {
        let mut problems = Vec::new();
        let relation = Relation::from_word(&self.relation);
        if relation.is_none() {
            problems.extend(Problem::alone("relation", page.t("desk-relation-missing")));
        }
        for (field, value, needed) in [
            ("family_name", &self.family_name, true),
            ("used_name", &self.used_name, false),
            ("given_names", &self.given_names, true),
            ("birth_place", &self.birth_place, false),
        ] {
            if needed && value.is_empty() {
                let key = if field == "family_name" {
                    "desk-member-family-missing"
                } else {
                    "desk-member-given-missing"
                };
                problems.extend(Problem::alone(field, page.t(key)));
            } else if value.chars().count() > NAME_AT_MOST {
                problems.extend(Problem::alone(field, page.t("desk-member-long")));
            }
        }
        let empty = [&self.day, &self.month, &self.year].iter().all(|part| part.is_empty());
        let day = match (self.year.parse(), self.month.parse(), self.day.parse()) {
            (Ok(year), Ok(month), Ok(day)) => Day::from_ymd_opt(year, month, day),
            _ => None,
        };
        let birth_date = day.filter(|day| (0..OLDEST_DAYS).contains(&(today - *day).num_days()));
        if !empty && birth_date.is_none() {
            problems.extend(Problem::alone("birth", page.t("desk-member-birth-wrong")));
        }
        match relation {
            Some(relation) if problems.is_empty() => Ok(NewMember {
                relation,
                family_name: self.family_name.clone(),
                used_name: self.used_name.clone(),
                given_names: self.given_names.clone(),
                birth_date,
                birth_place: self.birth_place.clone(),
            }),
            _ => Err(problems),
        }
    }
}

pub(super) async fn list(Visit { commune, visitor, page, .. }: Visit, Query(just): Query<Just>) -> Result {
    let account = owner(&visitor)?;
    let lang = page.language();
    let members = commune.read(visitor.by, move |tx| household::of_account(tx, account)).await?;
    let rows: Vec<Row> = members
        .into_iter()
        .map(|member| Row {
            id: member.id.to_string(),
            name: member.details.full_name(),
            relation: page.t(&format!("desk-relation-{}", member.details.relation.as_str())).to_owned(),
            born: member.details.birth_date.map(|day| long_date(day, lang)).unwrap_or_default(),
        })
        .collect();
    let done = match just.fait.as_str() {
        "ajout" => page.t("desk-household-added"),
        "modification" => page.t("desk-household-changed"),
        "retrait" => page.t("desk-household-removed"),
        _ => "",
    };
    render(&List { room: rows.len() < household::AT_MOST, rows, done: done.to_owned(), page })
}

pub(super) async fn blank(Visit { visitor, page, .. }: Visit) -> Result {
    owner(&visitor)?;
    render(&One::new(page, None, Typed::default(), Vec::new()))
}

fn id_of(text: &str) -> Result<Id<Member>> {
    text.parse().map_err(|_| WebError::not_found())
}

/// A member, and the day on which it is asked for.
async fn found(visit: &Visit, id: Id<Member>) -> Result<(Member, Day)> {
    let account = owner(&visit.visitor)?;
    visit
        .commune
        .read(visit.visitor.by, move |tx| {
            let member = household::of_account(tx, account)?.into_iter().find(|member| member.id == id);
            let today = civil_day(tx.now(), Town::load(tx)?.zone());
            Ok::<_, WebError>((member.ok_or_else(WebError::not_found)?, today))
        })
        .await
}

pub(super) async fn show(visit: Visit, Path(member): Path<String>) -> Result {
    owner(&visit.visitor)?;
    let (member, _) = found(&visit, id_of(&member)?).await?;
    let typed = Typed::of(&member.details);
    render(&One::new(visit.page, Some(&member), typed, Vec::new()))
}

pub(super) async fn add(Visit { commune, visitor, page, .. }: Visit, form: FormPost) -> Result {
    let account = owner(&visitor)?;
    let typed = Typed::read(&form);
    let today = commune
        .read(visitor.by, |tx| {
            let zone = Town::load(tx)?.zone();
            Ok::<_, WebError>(civil_day(tx.now(), zone))
        })
        .await?;
    let new = match typed.judge(&page, today) {
        Ok(new) => new,
        Err(problems) => {
            return render_as(StatusCode::UNPROCESSABLE_ENTITY, &One::new(page, None, typed, problems));
        }
    };
    if commune.write(visitor.by, move |tx| household::add(tx, account, &new)).await?.is_none() {
        let problems = Problem::alone("relation", page.t("desk-household-full"));
        return render_as(StatusCode::UNPROCESSABLE_ENTITY, &One::new(page, None, typed, problems));
    }
    Ok(Redirect::to("/mon-compte/foyer?fait=ajout").into_response())
}

pub(super) async fn change(visit: Visit, Path(member): Path<String>, form: FormPost) -> Result {
    let account = owner(&visit.visitor)?;
    let (member, today) = found(&visit, id_of(&member)?).await?;
    let typed = Typed::read(&form);
    match typed.judge(&visit.page, today) {
        Ok(new) => {
            let id = member.id;
            visit.commune.write(visit.visitor.by, move |tx| household::change(tx, account, id, &new)).await?;
            Ok(Redirect::to("/mon-compte/foyer?fait=modification").into_response())
        }
        Err(problems) => {
            render_as(StatusCode::UNPROCESSABLE_ENTITY, &One::new(visit.page, Some(&member), typed, problems))
        }
    }
}

pub(super) async fn remove(Visit { commune, visitor, .. }: Visit, Path(member): Path<String>) -> Result {
    let account = owner(&visitor)?;
    let id = id_of(&member)?;
    if !commune.write(visitor.by, move |tx| household::remove(tx, account, id)).await? {
        return Err(WebError::not_found());
    }
    Ok(Redirect::to("/mon-compte/foyer?fait=retrait").into_response())
}
