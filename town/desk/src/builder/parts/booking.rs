//! What is picked before it is asked for: what may be booked, which questions that answers, and which of them tell the
//! price.

use std::collections::BTreeMap;

use beffroi_calendar::booking::ROOMS;
use beffroi_forms::{ApplicantKind, BookingFirst, Choice, Kind, Picked, PricePart, PricedBy, Procedure};
use beffroi_web::Page;

use super::Around;
use crate::{
    builder::{
        fill::{Control, Desk, Filled, Shape},
        words,
    },
    control::Choosable,
};

/// The choice of whoever lets nothing be picked.
const NOTHING: &str = "none";
/// The rows of questions that name an association.
const BODY: &str = "body";
/// Their column.
const QUESTION: &str = "question";

/// The lists of rows, with their columns.
pub const LISTS: &[(&str, &[&str])] = &[(BODY, &[QUESTION])];

/// The control that tells what an answer of the question of who asks stands for.
fn kind_of(question: &str, rank: usize) -> String {
    format!("kind-{question}-{rank}")
}

/// The answers of a question with one choice; none of any other.
fn answers_of<'k>(mut kinds: impl Iterator<Item = (&'k str, &'k Kind)>, question: &str) -> &'k [Choice] {
    match kinds.find(|(name, _)| *name == question) {
        Some((_, Kind::OneOf { choices })) => choices,
        _ => &[],
    }
}

/// The answers of a question of the form, outside of groups.
fn choices<'p>(procedure: &'p Procedure, question: &str) -> &'p [Choice] {
    let fields = procedure.form.pages.iter().flat_map(|page| &page.fields);
    answers_of(fields.map(|field| (field.id.as_str(), &field.kind)), question)
}

pub fn fill(procedure: &Procedure, filled: &mut Filled) {
    let booking = procedure.booking.as_ref();
    filled.set("at", booking.map_or(NOTHING, |booking| booking.at.as_str()));
    for picked in Picked::ALL {
        let question = booking.and_then(|booking| booking.answered_by(picked).next());
        filled.set(picked.as_str(), question.unwrap_or_default());
    }
    let price = booking.and_then(|booking| booking.price.as_ref());
    filled.set("applicant", price.map(|price| price.applicant.clone()).unwrap_or_default());
    filled.set("resident", price.and_then(|price| price.resident.clone()).unwrap_or_default());
    let Some(price) = price else { return };
    for (rank, choice) in choices(procedure, &price.applicant).iter().enumerate() {
        let kind = price.kinds.get(&choice.value).map_or("", |kind| kind.as_str());
        filled.set(&kind_of(&price.applicant, rank), kind);
    }
    for (rank, question) in price.body.iter().enumerate() {
        filled.set(&format!("{BODY}-{rank}-{QUESTION}"), question);
    }
}

/// The questions to choose from: those that suit, and the one that is chosen whether it does or not: the check tells.
pub(super) fn questions(
    desk: &Desk<'_>,
    around: &Around,
    (id, none): (&str, &str),
    suits: impl Fn(&Kind) -> bool,
) -> Vec<Choosable> {
    let chosen = desk.filled.text(id);
    let mut known = vec![(String::new(), desk.page.t(none).to_owned())];
    let suiting = around.questions.iter().filter(|field| suits(&field.kind) || field.id == chosen);
    known.extend(suiting.map(|field| (field.id.clone(), words::or_id(&field.label.fr, &field.id))));
    if !known.iter().any(|(name, _)| name == chosen) {
        known.push((chosen.to_owned(), chosen.to_owned()));
    }
    desk.labelled(id, known)
}

pub fn controls(page: &Page, filled: &Filled, around: &Around) -> Vec<Control> {
    let desk = Desk { page, filled, part: "booking" };
    let told = |at: &str| (at.to_owned(), words::booked_at(page, Some(at).filter(|at| *at != NOTHING)));
    let mut places = vec![told(NOTHING), told(ROOMS)];
    let at = filled.text("at");
    if !at.is_empty() && !places.iter().any(|(place, _)| place == at) {
        places.push(told(at));
    }
    let mut controls =
        vec![desk.control("at", Shape::Radios(desk.labelled("at", places))), desk.title("questions")];
    for picked in Picked::ALL {
        let id = picked.as_str();
        let known = questions(&desk, around, (id, "office-builder-booking-none"), |kind| picked.suits(kind));
        let control = desk.control(id, Shape::Select(known));
        controls.push(if picked.is_needed() { control } else { control.optional() });
    }
    controls.push(desk.title("price"));
    controls.extend(price(&desk, around));
    controls
}

/// The controls of what the price depends on: who asks, what each answer stands for, and the rest.
fn price(desk: &Desk<'_>, around: &Around) -> Vec<Control> {
    let (page, filled) = (desk.page, desk.filled);
    let one = |id: &str, none: &str, part: PricePart| {
        let known = questions(desk, around, (id, none), |kind| part.suits(kind));
        desk.control(id, Shape::Select(known)).optional()
    };
    let mut controls = vec![one("applicant", "office-builder-booking-applicant-none", PricePart::Applicant)];
    let applicant = filled.text("applicant");
    let known = around.questions.iter().map(|field| (field.id.as_str(), &field.kind));
    for (rank, choice) in answers_of(known, applicant).iter().enumerate() {
        let id = kind_of(applicant, rank);
        let kinds = std::iter::once("none").chain(ApplicantKind::ALL.into_iter().map(ApplicantKind::as_str));
        let kinds = kinds.map(|word| {
            let label = page.t(&format!("office-builder-booking-kind-{word}")).to_owned();
            (if word == "none" { String::new() } else { word.to_owned() }, label)
        });
        let answer = words::or_id(&choice.label.fr, &choice.value);
        let label = page.tr("office-builder-booking-kind", &[("answer", answer.into())]);
        let control = desk.control(&id, Shape::Select(desk.labelled(&id, kinds)));
        controls.push(Control { label, ..control });
    }
    controls.push(one("resident", "office-builder-booking-resident-none", PricePart::Resident));
    let rows = desk.list_of_choices(BODY, QUESTION, |id| {
        questions(desk, around, (id, "office-builder-booking-none"), |kind| PricePart::Body.suits(kind))
    });
    controls.push(rows.optional());
    controls
}

pub fn read(filled: &mut Filled, procedure: &mut Procedure) {
    let at = filled.text("at").to_owned();
    if at.is_empty() || at == NOTHING {
        procedure.booking = None;
        return;
    }
    let mut answers = BTreeMap::new();
    for picked in Picked::ALL {
        let question = filled.text(picked.as_str()).to_owned();
        if !question.is_empty() && answers.insert(question, picked).is_some() {
            filled.wrong(picked.as_str(), "office-builder-wrong-booking-twice");
        }
    }
    let price = read_price(filled, procedure);
    procedure.booking = Some(BookingFirst { at, answers, price });
}

fn read_price(filled: &mut Filled, procedure: &Procedure) -> Option<PricedBy> {
    let applicant = filled.text("applicant").to_owned();
    if applicant.is_empty() {
        return None;
    }
    let choices = choices(procedure, &applicant);
    let mut kinds = BTreeMap::new();
    for (rank, choice) in choices.iter().enumerate() {
        if let Some(kind) = ApplicantKind::from_word(filled.text(&kind_of(&applicant, rank))) {
            kinds.insert(choice.value.clone(), kind);
        }
    }
    // Another question was chosen: its answers show now, and are said next.
    if kinds.is_empty() && !choices.is_empty() {
        filled.wrong(&kind_of(&applicant, 0), "office-builder-wrong-booking-kinds");
    }
    let mut body: Vec<String> = Vec::new();
    for row in 0..filled.rows(BODY) {
        let question = filled.cell(BODY, row, QUESTION).to_owned();
        if body.contains(&question) {
            filled.wrong(&format!("{BODY}-{row}-{QUESTION}"), "office-builder-wrong-booking-twice");
        } else if !question.is_empty() {
            body.push(question);
        }
    }
    let resident = Some(filled.text("resident").to_owned()).filter(|question| !question.is_empty());
    Some(PricedBy { applicant, kinds, resident, body })
}
