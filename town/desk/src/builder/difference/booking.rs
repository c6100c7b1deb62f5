//! What differs in what is picked before a request: what, which questions that answers, and which tell the price.

use beffroi_forms::{Choice, Kind, Picked, PricedBy, Procedure};
use beffroi_web::Page;

use super::Differ;
use crate::builder::{parts::Part, words};

/// A question by what it is called.
pub(super) fn question(page: &Page, procedure: &Procedure, name: &str) -> String {
    procedure.form.place(name).map_or_else(|| name.to_owned(), |place| words::of_field(page, place.field))
}

/// What answers stand for: « Une association : association ».
fn kinds(page: &Page, procedure: &Procedure) -> Vec<String> {
    let Some(price) = price(procedure) else { return Vec::new() };
    let choices: &[Choice] = match procedure.form.place(&price.applicant).map(|place| &place.field.kind) {
        Some(Kind::OneOf { choices }) => choices,
        _ => &[],
    };
    let told = price.kinds.iter().map(|(value, kind)| {
        let label = choices.iter().find(|choice| choice.value == *value);
        let label = label.map_or_else(|| value.clone(), |choice| words::or_id(&choice.label.fr, value));
        format!("{label}\u{a0}: {}", page.t(&format!("office-builder-booking-kind-{}", kind.as_str())))
    });
    told.collect()
}

fn price(procedure: &Procedure) -> Option<&PricedBy> {
    procedure.booking.as_ref()?.price.as_ref()
}

impl Differ<'_> {
    pub(super) fn booking(&mut self) {
        let (page, before, after) = (self.page, self.before, self.after);
        self.part(Part::Booking);
        let at = |procedure: &Procedure| {
            words::booked_at(page, procedure.booking.as_ref().map(|booking| booking.at.as_str()))
        };
        self.text("office-builder-booking-at", &at(before), &at(after));
        for picked in Picked::ALL {
            let answered = |procedure: &Procedure| -> Vec<String> {
                let booking = procedure.booking.iter();
                let names = booking.flat_map(|booking| booking.answered_by(picked));
                names.map(|name| question(page, procedure, name)).collect()
            };
            let key = format!("office-builder-booking-{}", picked.as_str());
            self.list(&key, &answered(before), &answered(after));
        }
        let applicant = |procedure: &Procedure| {
            price(procedure).map(|price| question(page, procedure, &price.applicant)).unwrap_or_default()
        };
        self.text("office-builder-booking-applicant", &applicant(before), &applicant(after));
        self.list("office-builder-booking-kinds", &kinds(page, before), &kinds(page, after));
        let resident = |procedure: &Procedure| {
            let name = price(procedure).and_then(|price| price.resident.as_ref());
            name.map(|name| question(page, procedure, name)).unwrap_or_default()
        };
        self.text("office-builder-booking-resident", &resident(before), &resident(after));
        let body = |procedure: &Procedure| -> Vec<String> {
            let names = price(procedure).into_iter().flat_map(|price| &price.body);
            names.map(|name| question(page, procedure, name)).collect()
        };
        self.list("office-builder-booking-body", &body(before), &body(after));
    }
}
