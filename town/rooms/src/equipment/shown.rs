//! Equipment as its pages show it.

use std::collections::BTreeMap;

use askama::Template;
use axum::http::StatusCode;
use beffroi_calendar::{
    clock,
    lending::Item,
    resource::{Kept, Resource},
    stock::Busiest,
};
use beffroi_core::Id;
use beffroi_web::{
    Choice, FormPost, Page, Problem, Result, Wrong, diary::Named, new_idempotency_key, page::render_as,
};
use chrono_tz::Tz;

/// What the pages know of a place.
pub(super) struct Known {
    /// The room; `None` for the town's store.
    pub(super) room: Option<Kept>,
    /// What is kept there.
    pub(super) items: Vec<Item>,
    /// What is booked along with the room from the places that it lies in.
    pub(super) above: Vec<Kept>,
    /// When most of each is promised.
    pub(super) promised: BTreeMap<Id<Resource>, Busiest>,
    /// The choices of forms by which something is asked for.
    pub(super) choices: Vec<Named>,
    pub(super) zone: Tz,
}

impl Known {
    /// Where the page of the place is.
    pub(super) fn base(&self) -> String {
        match &self.room {
            Some(room) => format!("/admin/salles/{}/materiel", room.details.slug),
            None => "/admin/materiel".to_owned(),
        }
    }

    fn title(&self, page: &Page) -> String {
        match &self.room {
            Some(room) => page.tr("rooms-admin-stock-of", &[("name", room.details.name.fr.clone().into())]),
            None => page.t("rooms-admin-stock-store").to_owned(),
        }
    }

    fn choices(&self, page: &Page, chosen: &str) -> Vec<Choice> {
        if self.room.is_some() {
            return Vec::new();
        }
        let none = Choice::new("", page.t("rooms-admin-stock-choice-none"), chosen.is_empty());
        let known = self.choices.iter().map(|it| Choice::new(&it.slug, &it.fr, it.slug == chosen));
        // The form may have lost the choice since.
        let is_other = !chosen.is_empty() && self.choices.iter().all(|it| it.slug != chosen);
        let other = is_other.then(|| Choice::new(chosen, chosen, true));
        std::iter::once(none).chain(known).chain(other).collect()
    }

    /// How many there are, by which choice it is asked for, and when most of it is promised.
    fn facts(&self, page: &Page, item: &Item) -> Vec<String> {
        let details = &item.resource.details;
        let mut facts = vec![page.tr("rooms-admin-stock-pieces", &[("n", details.stock.into())])];
        if let Some(choice) = self.choices.iter().find(|it| it.slug == item.answer && !item.answer.is_empty())
        {
            facts.push(page.tr("rooms-admin-stock-asked-by", &[("choice", choice.fr.clone().into())]));
        }
        if let Some(most) = self.promised.get(&item.resource.id) {
            let when = clock::moment(most.at, self.zone, page.language());
            let args = [("n", most.count.into()), ("when", when.into())];
            facts.push(page.tr("rooms-admin-stock-promised", &args));
        }
        facts
    }

    /// What an agent must see to; `""` for nothing.
    fn warning(&self, page: &Page, item: &Item) -> String {
        let details = &item.resource.details;
        match self.promised.get(&item.resource.id) {
            Some(most) if most.count > details.stock => {
                let when = clock::moment(most.at, self.zone, page.language());
                let lack = most.count - details.stock;
                page.tr("rooms-admin-stock-short", &[("n", lack.into()), ("when", when.into())])
            }
            Some(_) if !details.active => page.t("rooms-admin-stock-withdrawn-promised").to_owned(),
            _ => String::new(),
        }
    }
}

struct Line {
    href: String,
    name: String,
    facts: Vec<String>,
    active: bool,
    warning: String,
}

#[derive(Template)]
#[template(path = "admin_equipment.html")]
struct ListPage {
    page: Page,
    title: String,
    about: String,
    back: String,
    base: String,
    done: String,
    lines: Vec<Line>,
    /// What is booked along from elsewhere, in words.
    above: Vec<String>,
    form: FormPost,
    choices: Vec<Choice>,
    key: String,
    problems: Vec<Problem>,
}

#[derive(Template)]
#[template(path = "admin_equipment_one.html")]
struct OnePage {
    page: Page,
    title: String,
    back: String,
    action: String,
    facts: Vec<String>,
    warning: String,
    form: FormPost,
    choices: Vec<Choice>,
    problems: Vec<Problem>,
}

impl ListPage {
    fn text(&self, name: &str) -> &str {
        self.form.text(name)
    }

    fn problem(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

impl OnePage {
    fn text(&self, name: &str) -> &str {
        self.form.text(name)
    }

    fn has(&self, name: &str) -> bool {
        self.form.get(name).is_some()
    }

    fn problem(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

fn status(wrong: &[Wrong]) -> StatusCode {
    if wrong.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY }
}

/// All that is kept in a place, with what was typed to add something.
pub(super) fn list(page: Page, known: &Known, form: FormPost, wrong: &[Wrong], done: &str) -> Result {
    let base = known.base();
    let line = |item: &Item| Line {
        href: format!("{base}/{}", item.resource.details.slug),
        name: item.resource.details.name.fr.clone(),
        facts: known.facts(&page, item),
        active: item.resource.details.active,
        warning: known.warning(&page, item),
    };
    let lines = known.items.iter().map(line).collect();
    let above = known.above.iter().map(|kept| {
        let n = page.tr("rooms-admin-stock-pieces", &[("n", kept.details.stock.into())]);
        format!("{}, {n}", kept.details.name.fr)
    });
    let (about, back) = match &known.room {
        Some(room) => ("rooms-admin-stock-about", format!("/admin/salles/{}", room.details.slug)),
        None => ("rooms-admin-stock-store-about", "/admin/salles".to_owned()),
    };
    let done = match done {
        "ajoute" | "garde" => page.t(&format!("rooms-admin-stock-done-{done}")).to_owned(),
        _ => String::new(),
    };
    let template = ListPage {
        title: known.title(&page),
        about: page.t(about).to_owned(),
        back,
        base,
        done,
        lines,
        above: above.collect(),
        choices: known.choices(&page, form.text("choix")),
        form,
        key: new_idempotency_key(),
        problems: Problem::keyed(&page, wrong),
        page,
    };
    render_as(status(wrong), &template)
}

/// One kind of equipment, with what was typed to change it.
pub(super) fn one(page: Page, known: &Known, item: &Item, form: FormPost, wrong: &[Wrong]) -> Result {
    let base = known.base();
    let template = OnePage {
        title: item.resource.details.name.fr.clone(),
        action: format!("{base}/{}", item.resource.details.slug),
        back: base,
        facts: known.facts(&page, item),
        warning: known.warning(&page, item),
        choices: known.choices(&page, form.text("choix")),
        form,
        problems: Problem::keyed(&page, wrong),
        page,
    };
    render_as(status(wrong), &template)
}
