//! What the law says of a procedure: what silence means, the texts, how long cases are kept, who answers.

use beffroi_core::legal_clock::{Silence, Term};
use beffroi_forms::{
    Contact, Disposal, LegalBasis, Procedure, Receipt, Regime, Retention, Text, USUAL_DAYS_FOR_PIECES,
};
use beffroi_web::Page;

use super::{Around, put};
use crate::builder::fill::{Control, Desk, Filled, Shape};

/// The text of the rule that holds where no other does.
const GENERAL_RULE: &str = "CRPA, art. L231-1";

pub fn fill(procedure: &Procedure, filled: &mut Filled) {
    if let Some(regime) = &procedure.regime {
        filled.set("silence", regime.silence.as_str());
        let (count, unit) = match regime.term {
            Some(Term::Days(days)) => (days.to_string(), "d"),
            Some(Term::Weeks(weeks)) => (weeks.to_string(), "w"),
            Some(Term::Months(months)) => (months.to_string(), "m"),
            None => (String::new(), "m"),
        };
        filled.set("term", count);
        filled.set("unit", unit);
        filled.set("basis_of_silence", &regime.basis);
        match &regime.receipt {
            Receipt::Due => filled.set("receipt", "due"),
            Receipt::NotDue(reason) => {
                filled.set("receipt", "not-due");
                filled.set("receipt_reason", &reason.fr);
            }
        }
        filled.set(
            "first_appeal",
            regime.first_appeal.as_ref().map(|text| text.fr.clone()).unwrap_or_default(),
        );
        filled.set("days_for_pieces", regime.days_for_pieces.to_string());
    } else {
        filled.set("unit", "m");
        filled.set("receipt", "due");
        filled.set("days_for_pieces", USUAL_DAYS_FOR_PIECES.to_string());
    }
    filled.set("receipt_closing", &procedure.acknowledgement.closing.fr);
    for (rank, basis) in procedure.legal_basis.iter().enumerate() {
        filled.set(&format!("basis-{rank}-text"), &basis.text);
        filled.set(&format!("basis-{rank}-url"), basis.url.clone().unwrap_or_default());
    }
}

pub fn controls(page: &Page, filled: &Filled) -> Vec<Control> {
    let desk = Desk { page, filled, part: "law" };
    vec![
        desk.control("silence", Shape::Radios(desk.choices("silence", &["refuses", "grants", "none"]))),
        desk.short("term", "3").optional(),
        desk.control("unit", Shape::Select(desk.choices("unit", &["m", "w", "d"]))),
        desk.line("basis_of_silence"),
        desk.control("receipt", Shape::Radios(desk.choices("receipt", &["due", "not-due"]))),
        desk.line("receipt_reason").optional(),
        desk.area("receipt_closing", 3).optional(),
        desk.line("first_appeal").optional(),
        desk.short("days_for_pieces", "3"),
        desk.list("basis", &[("text", false), ("url", false)]),
    ]
}

pub fn read(filled: &mut Filled, procedure: &mut Procedure) {
    let count = filled.number::<u16>("term");
    let term = count.map(|count| match filled.text("unit") {
        "d" => Term::Days(count),
        "w" => Term::Weeks(count),
        _ => Term::Months(count),
    });
    let days_for_pieces = filled.number("days_for_pieces").unwrap_or(USUAL_DAYS_FOR_PIECES);
    let silence = filled.text("silence").parse::<Silence>().ok();
    // What the law says where nothing else is said: two months, and a decision that grants (CRPA L231-1 and L231-4).
    let usual = filled.text("term").is_empty() && silence.is_some_and(|silence| silence != Silence::None);
    let term = if usual { Some(Term::Months(2)) } else { term };
    let general = silence == Some(Silence::Grants) && filled.text("basis_of_silence").is_empty();
    let rule = if general { GENERAL_RULE } else { filled.text("basis_of_silence") }.to_owned();
    let before = procedure.regime.take();
    procedure.regime = silence.map(|silence| {
        let mut receipt = Receipt::Due;
        if filled.text("receipt") == "not-due" {
            let mut reason = match before.as_ref().map(|regime| &regime.receipt) {
                Some(Receipt::NotDue(reason)) => reason.clone(),
                _ => Text::default(),
            };
            put(&mut reason, filled.text("receipt_reason"));
            receipt = Receipt::NotDue(reason);
        }
        let mut appeal = before.as_ref().and_then(|regime| regime.first_appeal.clone()).unwrap_or_default();
        put(&mut appeal, filled.text("first_appeal"));
        Regime {
            silence,
            term,
            basis: rule,
            receipt,
            first_appeal: Some(appeal).filter(|text| !text.is_empty()),
            days_for_pieces,
        }
    });
    put(&mut procedure.acknowledgement.closing, &filled.text("receipt_closing").replace('\r', ""));
    let mut bases = Vec::new();
    for row in 0..filled.rows("basis") {
        let (text, url) =
            (filled.cell("basis", row, "text").to_owned(), filled.cell("basis", row, "url").to_owned());
        if text.is_empty() && url.is_empty() {
            continue;
        }
        if !url.is_empty() && !url.starts_with("https://") {
            filled.wrong(&format!("basis-{row}-url"), "office-builder-wrong-address");
        }
        bases.push(LegalBasis { text, url: Some(url).filter(|url| !url.is_empty()) });
    }
    procedure.legal_basis = bases;
}

pub fn fill_retention(procedure: &Procedure, filled: &mut Filled) {
    let retention = procedure.retention.as_ref();
    filled.set_number("months", retention.map(|retention| retention.months));
    filled.set(
        "then",
        match retention.map(|retention| retention.then) {
            Some(Disposal::Archive) => "archive",
            Some(Disposal::Anonymise) => "anonymise",
            _ => "erase",
        },
    );
    filled.set("after", retention.and_then(|retention| retention.after.clone()).unwrap_or_default());
    filled.set("basis", retention.map(|retention| retention.basis.clone()).unwrap_or_default());
}

pub fn retention(page: &Page, filled: &Filled, around: &Around) -> Vec<Control> {
    let desk = Desk { page, filled, part: "retention" };
    let mut days = vec![(String::new(), page.t("office-builder-retention-after-decision").to_owned())];
    days.extend(around.days.iter().cloned());
    // A question that is gone, or asks for no day any more, is shown as it is named: the check tells of it.
    let chosen = filled.text("after");
    if !days.iter().any(|(name, _)| name == chosen) {
        days.push((chosen.to_owned(), chosen.to_owned()));
    }
    vec![
        desk.short("months", "3"),
        desk.control("after", Shape::Select(desk.labelled("after", days))),
        desk.control("then", Shape::Radios(desk.choices("then", &["erase", "anonymise", "archive"]))),
        desk.line("basis"),
    ]
}

pub fn read_retention(filled: &mut Filled, procedure: &mut Procedure) {
    let months = filled.number("months");
    let after = Some(filled.text("after").to_owned()).filter(|name| !name.is_empty());
    procedure.retention = months.map(|months| Retention {
        months,
        after,
        then: match filled.text("then") {
            "archive" => Disposal::Archive,
            "anonymise" => Disposal::Anonymise,
            _ => Disposal::Erase,
        },
        basis: filled.text("basis").to_owned(),
    });
}

pub fn fill_contact(procedure: &Procedure, filled: &mut Filled) {
    filled.set(
        "department",
        procedure.contact.as_ref().map(|contact| contact.department.clone()).unwrap_or_default(),
    );
}

pub fn contact(page: &Page, filled: &Filled, around: &Around) -> Vec<Control> {
    let desk = Desk { page, filled, part: "contact" };
    let departments = desk.labelled("department", around.departments.iter().cloned());
    vec![desk.control("department", Shape::Radios(departments))]
}

pub fn read_contact(filled: &Filled, procedure: &mut Procedure) {
    let department = filled.text("department").to_owned();
    procedure.contact = Some(department).filter(|it| !it.is_empty()).map(|department| Contact { department });
}
