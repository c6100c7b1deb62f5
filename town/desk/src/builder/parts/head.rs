//! What the sheet of a procedure says, how it is found, the ways to ask, the price.

use beffroi_core::{Cents, Sector};
use beffroi_forms::{Fee, FeeDue, Procedure, Way};
use beffroi_web::Page;

use super::{Around, put, texts};
use crate::{
    builder::fill::{Control, Desk, Filled, Shape, in_euros},
    public::LIFE_EVENTS,
};

const WAYS: [(Way, &str); 4] =
    [(Way::Online, "online"), (Way::Counter, "counter"), (Way::Phone, "phone"), (Way::Paper, "paper")];

pub fn fill(procedure: &Procedure, filled: &mut Filled) {
    filled.set("title", &procedure.title.fr);
    filled.set("slug", &procedure.slug);
    filled.set("summary", &procedure.summary.fr);
    filled.set("who", &procedure.who.fr);
    let prepare: Vec<&str> = procedure.prepare.iter().map(|text| text.fr.as_str()).collect();
    filled.set("prepare", prepare.join("\n"));
    filled.set("delay", &procedure.delay.fr);
    filled.set("outcome", &procedure.outcome.fr);
    filled.set("sector", procedure.sector.as_str());
}

pub fn controls(page: &Page, filled: &Filled, around: &Around) -> Vec<Control> {
    let desk = Desk { page, filled, part: "head" };
    let sectors = Sector::ALL.map(Sector::as_str);
    let mut controls = vec![desk.line("title")];
    if !around.offered {
        controls.push(desk.line("slug"));
    }
    controls.extend([
        desk.area("summary", 2),
        desk.area("who", 2),
        desk.area("prepare", 4).optional(),
        desk.line("delay"),
        desk.line("outcome"),
        desk.control("sector", Shape::Select(desk.choices("sector", &sectors))),
    ]);
    controls
}

pub fn read(filled: &mut Filled, procedure: &mut Procedure) {
    put(&mut procedure.title, filled.text("title"));
    put(&mut procedure.summary, filled.text("summary"));
    put(&mut procedure.who, filled.text("who"));
    procedure.prepare = texts(filled.lines("prepare"), &procedure.prepare);
    put(&mut procedure.delay, filled.text("delay"));
    put(&mut procedure.outcome, filled.text("outcome"));
    if let Some(sector) = Sector::from_word(filled.text("sector")) {
        procedure.sector = sector;
    }
    if procedure.title.is_empty() {
        filled.wrong("title", "office-builder-wrong-title");
    }
    // The name of what is offered is not asked for.
    let slug = filled.text("slug").to_owned();
    let right = slug.len() <= 80
        && slug
            .bytes()
            .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'-');
    if !right {
        filled.wrong("slug", "office-builder-wrong-slug");
    } else if !slug.is_empty() {
        procedure.slug = slug;
    }
}

pub fn fill_finding(procedure: &Procedure, filled: &mut Filled) {
    filled.set("keywords", procedure.keywords.join("\n"));
    for event in &procedure.life_events {
        filled.set("life_events", event);
    }
}

pub fn finding(page: &Page, filled: &Filled) -> Vec<Control> {
    let desk = Desk { page, filled, part: "finding" };
    let events =
        LIFE_EVENTS.map(|event| (event.to_owned(), page.t(&format!("desk-life-{event}")).to_owned()));
    vec![
        desk.area("keywords", 5).optional(),
        desk.control("life_events", Shape::Boxes(desk.labelled("life_events", events))).optional(),
    ]
}

pub fn read_finding(filled: &Filled, procedure: &mut Procedure) {
    procedure.keywords = filled.lines("keywords");
    procedure.life_events = filled.all("life_events").map(str::to_owned).collect();
}

pub fn fill_ways(procedure: &Procedure, filled: &mut Filled) {
    for (way, word) in WAYS {
        if procedure.ways.contains(&way) {
            filled.set("ways", word);
        }
    }
    filled.set_number("opens", procedure.opens);
    filled.set_number("closes", procedure.closes);
}

pub fn ways(page: &Page, filled: &Filled) -> Vec<Control> {
    let desk = Desk { page, filled, part: "ways" };
    let ways = desk.choices("ways", &WAYS.map(|(_, word)| word));
    vec![
        desk.control("ways", Shape::Boxes(ways)),
        desk.title("opening"),
        desk.day("opens").optional(),
        desk.day("closes").optional(),
    ]
}

pub fn read_ways(filled: &mut Filled, procedure: &mut Procedure) {
    let chosen: Vec<Way> =
        WAYS.iter().filter(|(_, word)| filled.holds("ways", word)).map(|(way, _)| *way).collect();
    // The order of the file says nothing: one that asks the same stays as it is.
    let same = chosen.len() == procedure.ways.len() && chosen.iter().all(|way| procedure.ways.contains(way));
    if !same {
        procedure.ways = chosen;
    }
    procedure.opens = filled.day("opens");
    procedure.closes = filled.day("closes");
}

pub fn fill_fee(procedure: &Procedure, filled: &mut Filled) {
    filled.set("cost", &procedure.cost.fr);
    let kind = match &procedure.fee {
        None => "free",
        Some(Fee { amount: Some(_), .. }) => "amount",
        Some(Fee { field: Some(_), .. }) => "field",
        Some(_) => "reckoned",
    };
    filled.set("fee", kind);
    let fee = procedure.fee.clone().unwrap_or_default();
    filled.set("amount", fee.amount.map(|amount| in_euros(amount.0)).unwrap_or_default());
    filled.set("field", fee.field.unwrap_or_default());
    filled.set("on", fee.on.as_str());
    filled.set("deliberation", fee.deliberation);
}

pub fn fee(page: &Page, filled: &Filled, around: &Around) -> Vec<Control> {
    let desk = Desk { page, filled, part: "fee" };
    let mut amounts = vec![(String::new(), page.t("office-builder-fee-field-none").to_owned())];
    amounts.extend(around.amounts.iter().cloned());
    // A question that is gone, or gives no amount any more, is shown as it is named: the check tells of it.
    let chosen = filled.text("field");
    if !amounts.iter().any(|(name, _)| name == chosen) {
        amounts.push((chosen.to_owned(), chosen.to_owned()));
    }
    vec![
        desk.control("fee", Shape::Radios(desk.choices("fee", &["free", "amount", "field", "reckoned"]))),
        desk.short("amount", "10").optional(),
        desk.control("field", Shape::Select(desk.labelled("field", amounts))).optional(),
        desk.control("on", Shape::Radios(desk.choices("on", &["grant", "filing"]))),
        desk.line("deliberation").optional(),
        desk.line("cost"),
    ]
}

pub fn read_fee(filled: &mut Filled, procedure: &mut Procedure) {
    let amount = filled.cents("amount").map(Cents);
    let deliberation = filled.text("deliberation").to_owned();
    let on = if filled.text("on") == FeeDue::Filing.as_str() { FeeDue::Filing } else { FeeDue::Grant };
    procedure.fee = match filled.text("fee") {
        "amount" => {
            if amount.is_none() && filled.error("amount").is_empty() {
                filled.wrong("amount", "office-builder-wrong-amount");
            }
            Some(Fee { amount, field: None, on, deliberation })
        }
        "field" => {
            let field = Some(filled.text("field").to_owned()).filter(|name| !name.is_empty());
            if field.is_none() {
                filled.wrong("field", "office-builder-wrong-amount-field");
            }
            Some(Fee { amount: None, field, on, deliberation })
        }
        "reckoned" => Some(Fee { deliberation, ..Fee::default() }),
        _ => None,
    };
    put(&mut procedure.cost, filled.text("cost"));
    if procedure.cost.is_empty() {
        let said = match &procedure.fee {
            None => "Gratuit".to_owned(),
            Some(Fee { amount: Some(amount), .. }) => amount.to_string(),
            Some(_) => String::new(),
        };
        put(&mut procedure.cost, &said);
    }
}
