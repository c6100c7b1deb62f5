//! What is lent: who has it, until when, and what is overdue.

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_calendar::{now::Now, resource::Name};
use beffroi_core::{
    Day, Id,
    calendar::{civil_day, long_date},
};
use beffroi_people::{Department, SignedIn};
use beffroi_store::{
    Tx,
    idempotency::{self, Once},
};
use beffroi_web::{
    Choice, CommuneOf, FormPost, Page, Problem, Result, Visitor, WebError, Wrong, new_idempotency_key,
    page::render_as, render,
};
use chrono::Days;
use serde::Deserialize;

use super::series::departments;
use crate::{
    loan::{self, Equipment, Loan, LoanError, NewLoan},
    permission,
    public::Refused,
    registration::shown_phone,
};

/// Days for which something is lent where nothing else is said.
const USUAL_DAYS: u64 = 14;
/// Letters of a text, at most.
const LETTERS: usize = 200;

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    fait: String,
}

#[derive(Clone, Debug, Default)]
struct Typed {
    resource: String,
    name: String,
    phone: String,
    note: String,
    from: String,
    due: String,
    title: String,
    title_en: String,
    stock: String,
    department: String,
}

struct Line {
    id: String,
    name: String,
    phone: String,
    what: String,
    note: String,
    due: String,
    late: bool,
    /// From when on it is kept for somebody; `""` for what is out.
    from: String,
}

/// A kind of equipment.
struct Stock {
    href: String,
    name: String,
    left: String,
    active: bool,
}

#[derive(Template)]
#[template(path = "workshops_office_loans.html")]
struct View {
    page: Page,
    done: String,
    stocks: Vec<Stock>,
    heads: Vec<String>,
    lines: Vec<Line>,
    /// What is overdue; `""` where nothing is.
    late: String,
    equipment: Vec<Choice>,
    departments: Vec<Choice>,
    typed: Typed,
    key: String,
    problems: Vec<Problem>,
}

impl View {
    fn error(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

/// All that is read for the page.
struct Read {
    equipment: Vec<Equipment>,
    out: Vec<Loan>,
    departments: Vec<Department>,
    now: Now,
}

fn read(tx: &mut Tx<'_>, who: &SignedIn) -> Result<Read> {
    let scope = permission::advised(tx, who)?;
    let equipment = loan::equipment(tx, &scope)?;
    let mut out = loan::out(tx)?;
    out.retain(|it| equipment.iter().any(|own| own.resource.id == it.resource));
    Ok(Read { equipment, out, departments: departments(tx, &scope)?, now: Now::read(tx)? })
}

fn view(page: Page, read: &Read, done: String, typed: Typed, wrong: &[Wrong]) -> Result {
    let Read { equipment, out, departments, now } = read;
    let lang = page.language();
    let line = |it: &Loan| Line {
        id: it.id.to_string(),
        name: it.name.clone(),
        phone: shown_phone(&it.phone),
        what: equipment
            .iter()
            .find(|own| own.resource.id == it.resource)
            .map(|own| own.resource.details.name.fr.clone())
            .unwrap_or_default(),
        note: it.note.clone(),
        due: long_date(it.due, lang),
        late: it.due < now.today,
        from: if it.lent_at > now.at {
            let day = long_date(civil_day(it.lent_at, now.zone), lang);
            page.tr("workshops-office-reserved", &[("day", day.into())])
        } else {
            String::new()
        },
    };
    let lines: Vec<Line> = out.iter().map(line).collect();
    let stock = |it: &Equipment| {
        let is_out = |loan: &&Loan| loan.resource == it.resource.id && loan.lent_at <= now.at;
        let gone = out.iter().filter(is_out).count();
        let all = it.resource.details.stock;
        let left = usize::try_from(all).unwrap_or_default().saturating_sub(gone);
        let details = &it.resource.details;
        Stock {
            href: format!("/agents/ateliers/prets/materiel/{}", details.slug),
            name: details.name.fr.clone(),
            left: page.tr("workshops-office-stock", &[("n", left.into()), ("all", all.into())]),
            active: details.active,
        }
    };
    let lent: Vec<&Equipment> = equipment.iter().filter(|it| it.resource.details.active).collect();
    let choice = |it: &&Equipment| {
        let id = it.resource.id.to_string();
        let chosen = id == typed.resource || lent.len() == 1;
        Choice::new(&id, &it.resource.details.name.fr, chosen)
    };
    let department = |it: &Department| {
        let details = &it.details;
        let chosen = details.slug == typed.department || departments.len() == 1;
        Choice::new(&details.slug, &details.name, chosen)
    };
    let heads = ["who", "what", "due", "action"];
    let view = View {
        done,
        stocks: equipment.iter().map(stock).collect(),
        heads: heads.map(|head| page.t(&format!("workshops-office-head-{head}")).to_owned()).into(),
        late: match lines.iter().filter(|line| line.late).count() {
            0 => String::new(),
            late => page.tr("workshops-office-late", &[("n", late.into())]),
        },
        lines,
        equipment: lent.iter().map(choice).collect(),
        departments: departments.iter().map(department).collect(),
        typed,
        key: new_idempotency_key(),
        problems: Problem::keyed(&page, wrong),
        page,
    };
    if wrong.is_empty() { render(&view) } else { render_as(StatusCode::UNPROCESSABLE_ENTITY, &view) }
}

pub(super) async fn show(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Query(asked): Query<Asked>,
) -> Result {
    let who = visitor.require()?.clone();
    let read = commune.read(visitor.by, move |tx| read(tx, &who)).await?;
    let done = match asked.fait.as_str() {
        "prete" => page.t("workshops-office-done-lent").to_owned(),
        "rendu" => page.t("workshops-office-done-returned").to_owned(),
        "change" => page.t("workshops-office-done-changed").to_owned(),
        "ajoute" => page.t("workshops-office-done-added").to_owned(),
        _ => String::new(),
    };
    let due = read.now.today.checked_add_days(Days::new(USUAL_DAYS)).unwrap_or(read.now.today);
    let typed = Typed { due: due.to_string(), ..Typed::default() };
    view(page, &read, done, typed, &[])
}

impl From<LoanError> for Refused {
    fn from(error: LoanError) -> Self {
        match error {
            LoanError::NoneLeft => Self::Wrong(vec![("materiel", "workshops-office-wrong-none-left")]),
            LoanError::From => Self::Wrong(vec![("depart", "workshops-office-wrong-loan-from")]),
            LoanError::Due => Self::Wrong(vec![("retour", "workshops-office-wrong-due")]),
            LoanError::Unknown => Self::Wrong(vec![("materiel", "workshops-office-wrong-equipment")]),
            LoanError::Resource(_) => Self::Wrong(vec![("designation", "workshops-office-wrong-stock")]),
            LoanError::Store(error) => Self::Web(error.into()),
        }
    }
}

async fn settled(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    done: Result<(), Refused>,
    (just, typed): (&str, Typed),
) -> Result {
    match done {
        Ok(()) => Ok(Redirect::to(&format!("/agents/ateliers/prets?fait={just}")).into_response()),
        Err(Refused::Web(error)) => Err(error),
        Err(Refused::Wrong(wrong)) => {
            let who = visitor.require()?.clone();
            let read = commune.read(visitor.by, move |tx| read(tx, &who)).await?;
            view(page, &read, String::new(), typed, &wrong)
        }
    }
}

/// Lends a piece.
pub(super) async fn lend(page: Page, visitor: Visitor, commune: CommuneOf, fields: FormPost) -> Result {
    let who = visitor.require()?.clone();
    let text = |name: &str| fields.text(name).to_owned();
    let typed = Typed {
        resource: text("materiel"),
        name: text("nom"),
        phone: text("telephone"),
        note: text("remarque"),
        from: text("depart"),
        due: text("retour"),
        ..Typed::default()
    };
    let key = fields.idempotency_key().map_or_else(new_idempotency_key, str::to_owned);
    let request = serde_json::json!(fields.pairs()).to_string();
    let new = typed.clone();
    let done = commune
        .write(visitor.by, move |tx| {
            let read = read(tx, &who)?;
            let own = read.equipment.iter().find(|it| it.resource.id.to_string() == new.resource);
            let mut wrong: Vec<Wrong> = Vec::new();
            if own.is_none() {
                wrong.push(("materiel", "workshops-office-wrong-equipment"));
            }
            if new.name.is_empty() || new.name.chars().count() > LETTERS {
                wrong.push(("nom", "workshops-wrong-name"));
            }
            if new.phone.chars().count() > LETTERS || new.note.chars().count() > LETTERS {
                wrong.push(("remarque", "workshops-office-wrong-text"));
            }
            let from: Option<Day> = new.from.parse().ok();
            if from.is_none() && !new.from.is_empty() {
                wrong.push(("depart", "workshops-office-wrong-loan-from"));
            }
            let due: Option<Day> = new.due.parse().ok();
            if due.is_none() {
                wrong.push(("retour", "workshops-office-wrong-due"));
            }
            let (Some(own), Some(due), true) = (own, due, wrong.is_empty()) else {
                return Err(Refused::Wrong(wrong));
            };
            let permit = permission::advises(tx, &who, own.department)?;
            let once = idempotency::once(tx, "workshops.lend", &key, request.as_bytes(), |tx| {
                let Typed { name, phone, note, .. } = &new;
                let new = NewLoan { resource: own.resource.id, name, phone, note, from, due };
                loan::lend(tx, &permit, &new)?;
                Ok::<_, Refused>(())
            })?;
            if matches!(once, Once::Reused) { Err(Refused::Web(WebError::conflict())) } else { Ok(()) }
        })
        .await;
    settled(page, visitor, commune, done, ("prete", typed)).await
}

/// Adds a kind of equipment.
pub(super) async fn add(page: Page, visitor: Visitor, commune: CommuneOf, fields: FormPost) -> Result {
    let who = visitor.require()?.clone();
    let text = |name: &str| fields.text(name).to_owned();
    let typed = Typed {
        title: text("designation"),
        title_en: text("designation_en"),
        stock: text("nombre"),
        department: text("service"),
        ..Typed::default()
    };
    let key = fields.idempotency_key().map_or_else(new_idempotency_key, str::to_owned);
    let request = serde_json::json!(fields.pairs()).to_string();
    let new = typed.clone();
    let done = commune
        .write(visitor.by, move |tx| {
            let read = read(tx, &who)?;
            let own = read.departments.iter().find(|it| it.details.slug == new.department);
            let stock: Option<u32> = new.stock.parse().ok();
            let mut wrong: Vec<Wrong> = Vec::new();
            if own.is_none() {
                wrong.push(("service", "workshops-office-wrong-department"));
            }
            if stock.is_none() {
                wrong.push(("nombre", "workshops-office-wrong-stock"));
            }
            let (Some(own), Some(stock)) = (own, stock) else { return Err(Refused::Wrong(wrong)) };
            let permit = permission::advises(tx, &who, own.id)?;
            let name = Name { fr: new.title, en: new.title_en };
            let once = idempotency::once(tx, "workshops.equipment", &key, request.as_bytes(), |tx| {
                loan::add(tx, &permit, own.id, (&name, stock))?;
                Ok::<_, Refused>(())
            })?;
            if matches!(once, Once::Reused) { Err(Refused::Web(WebError::conflict())) } else { Ok(()) }
        })
        .await;
    settled(page, visitor, commune, done, ("ajoute", typed)).await
}

/// Something was brought back.
pub(super) async fn give_back(visitor: Visitor, commune: CommuneOf, Path(id): Path<String>) -> Result {
    let who = visitor.require()?.clone();
    commune
        .write(visitor.by, move |tx| {
            let scope = permission::advised(tx, &who)?;
            let id: Id<loan::Mark> = id.parse().map_err(|_| WebError::not_found())?;
            let it = loan::find(tx, id)?.ok_or_else(WebError::not_found)?;
            let own = loan::equipment(tx, &scope)?;
            let own =
                own.iter().find(|own| own.resource.id == it.resource).ok_or_else(WebError::not_found)?;
            let permit = permission::advises(tx, &who, own.department)?;
            loan::give_back(tx, &permit, &it)?;
            Ok::<_, WebError>(())
        })
        .await?;
    Ok(Redirect::to("/agents/ateliers/prets?fait=rendu").into_response())
}
