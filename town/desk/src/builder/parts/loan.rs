//! What is lent of the town's store: which questions say what is borrowed, how many of it, and for which days.

use beffroi_forms::{Field, Kind, LentBy, LentPart, Procedure};
use beffroi_web::Page;

use super::{Around, booking::questions};
use crate::{
    builder::{
        fill::{Control, Desk, Filled, Shape},
        words,
    },
    control::Choosable,
};

/// Whether something is lent: the control, and its choices.
const LENDS: &str = "lends";
const NO: &str = "no";
const YES: &str = "yes";

/// The questions of a group; none of any other.
fn inside(field: &Field) -> &[Field] {
    if let Kind::Group { fields, .. } = &field.kind { fields } else { &[] }
}

/// Whether a question is one of a group.
fn holds(group: &Field, question: &str) -> bool {
    inside(group).iter().any(|field| field.id == question)
}

/// The group of the form in which a question stands.
fn group_of(procedure: &Procedure, question: &str) -> Option<String> {
    let mut fields = procedure.form.pages.iter().flat_map(|page| &page.fields);
    fields.find(|field| holds(field, question)).map(|group| group.id.clone())
}

pub fn fill(procedure: &Procedure, filled: &mut Filled) {
    let loan = procedure.loan.as_ref();
    filled.set(LENDS, if loan.is_some() { YES } else { NO });
    for part in LentPart::ALL {
        filled.set(part.as_str(), loan.map_or("", |loan| loan.question(part)));
    }
}

/// The questions of groups to choose from. Once it is said what is borrowed, how many is asked beside it, in its group; and
/// the one that is chosen stays, whether it suits or not: the check tells.
fn of_each(desk: &Desk<'_>, around: &Around, part: LentPart) -> Vec<Choosable> {
    let chosen = desk.filled.text(part.as_str());
    let what = desk.filled.text(LentPart::What.as_str());
    let groups: Vec<&Field> = around.questions.iter().filter(|field| !inside(field).is_empty()).collect();
    let narrowed = part != LentPart::What && groups.iter().any(|group| holds(group, what));
    let mut known = vec![(String::new(), desk.page.t("office-builder-loan-none").to_owned())];
    for group in groups {
        for field in inside(group) {
            let suits = part.suits(&field.kind) && (!narrowed || holds(group, what));
            if suits || field.id == chosen {
                let called = desk.page.tr(
                    "office-builder-loan-within",
                    &[
                        ("question", words::or_id(&field.label.fr, &field.id).into()),
                        ("group", words::or_id(&group.label.fr, &group.id).into()),
                    ],
                );
                known.push((field.id.clone(), called));
            }
        }
    }
    if !known.iter().any(|(name, _)| name == chosen) {
        known.push((chosen.to_owned(), chosen.to_owned()));
    }
    desk.labelled(part.as_str(), known)
}

pub fn controls(page: &Page, filled: &Filled, around: &Around) -> Vec<Control> {
    let desk = Desk { page, filled, part: "loan" };
    let mut controls =
        vec![desk.control(LENDS, Shape::Radios(desk.choices(LENDS, &[NO, YES]))), desk.title("questions")];
    for part in LentPart::ALL {
        let id = part.as_str();
        let known = if part.is_of_each() {
            of_each(&desk, around, part)
        } else {
            questions(&desk, around, (id, "office-builder-loan-none"), |kind| part.suits(kind))
        };
        controls.push(desk.control(id, Shape::Select(known)));
    }
    controls
}

/// The group is that of the question of what is borrowed; where there is no such question, it stays what it was.
pub fn read(filled: &Filled, procedure: &mut Procedure) {
    let before = procedure.loan.take();
    if filled.text(LENDS) != YES {
        return;
    }
    let named = |part: LentPart| filled.text(part.as_str()).to_owned();
    let what = named(LentPart::What);
    let group = group_of(procedure, &what).or_else(|| before.map(|loan| loan.group)).unwrap_or_default();
    procedure.loan = Some(LentBy {
        group,
        what,
        count: named(LentPart::Count),
        from: named(LentPart::From),
        until: named(LentPart::Until),
    });
}
