//! Questions as lists show them, and new ones: what kinds there are, which names are free.

use beffroi_forms::{
    Choice, Field, FieldPlace, Home, Kind, Procedure, Requirement, Spot, Text, is_field_name, new_name,
};
use beffroi_web::{Page, Result, WebError};

use super::words;
use crate::control::Choosable;

/// The kinds of questions, the commonest first.
pub(super) const KINDS: [&str; 23] = [
    "text",
    "long-text",
    "yes-no",
    "one-of",
    "many-of",
    "list",
    "number",
    "money",
    "date",
    "time",
    "email",
    "phone",
    "identity",
    "address",
    "file",
    "sworn",
    "group",
    "point",
    "siret",
    "rna",
    "iban",
    "heading",
    "note",
];

/// A question in a list.
pub(super) struct QuestionRow {
    /// Its name in the procedure.
    pub id: String,
    pub href: String,
    pub label: String,
    /// Its kind, whether it must be answered, when it is asked.
    pub detail: String,
    pub gaps: usize,
}

/// The questions of a list as rows.
pub(super) fn rows(
    page: &Page,
    base: &str,
    procedure: &Procedure,
    places: &[FieldPlace<'_>],
) -> Vec<QuestionRow> {
    let findings = procedure.check();
    let row = |place: &FieldPlace<'_>| {
        let (field, name, at) = (place.field, place.name(), place.at());
        let told = |spot: Spot, source: &str| words::condition_at(page, procedure, &spot, source);
        let mut detail = vec![words::kind(page, field.kind.word())];
        if field.compute.is_some() {
            detail.push(page.t("office-builder-computed").to_owned());
        } else if field.kind.is_question() {
            match &field.required {
                Requirement::Fixed(true) => {}
                Requirement::Fixed(false) => detail.push(page.t("office-builder-diff-optional").to_owned()),
                Requirement::When(source) => detail.push(page.tr(
                    "office-builder-required-if",
                    &[("condition", told(Spot::Required(name.clone()), source).into())],
                )),
            }
        }
        if let Some(source) = &field.show {
            let condition = told(Spot::Show(name.clone()), source);
            detail.push(page.tr("office-builder-asked-if", &[("condition", condition.into())]));
        }
        QuestionRow {
            href: format!("{base}/questions/{name}"),
            label: if field.label.is_empty() { field.id.clone() } else { field.label.fr.clone() },
            detail: detail.join(", "),
            gaps: findings.iter().filter(|finding| finding.at.starts_with(&at)).count(),
            id: name,
        }
    };
    places.iter().map(row).collect()
}

/// The questions of a page, those of its groups left out.
pub(super) fn of_page<'p>(procedure: &'p Procedure, id: &str) -> Vec<FieldPlace<'p>> {
    let here = |home: Home<'_>| matches!(home, Home::Page(page) if page.id == id);
    procedure.form.places().filter(|place| place.group.is_none() && here(place.home)).collect()
}

/// The questions of a group.
pub(super) fn of_group<'p>(procedure: &'p Procedure, group: &FieldPlace<'p>) -> Vec<FieldPlace<'p>> {
    let within = |place: &FieldPlace<'p>| place.group.is_some_and(|it| it.id == group.field.id);
    match group.home {
        Home::Page(_) => procedure.form.places().filter(within).collect(),
        Home::Step(step) => step.places().filter(within).collect(),
    }
}

/// The kinds, to choose from.
pub(super) fn kinds(page: &Page, chosen: &str, in_group: bool) -> Vec<Choosable> {
    KINDS
        .iter()
        .filter(|kind| !in_group || **kind != "group")
        .map(|kind| Choosable {
            value: (*kind).to_owned(),
            label: words::kind(page, kind),
            hint: String::new(),
            chosen: *kind == chosen,
        })
        .collect()
}

/// A new question of this kind, for the form or for a step.
pub(super) fn new_question(
    procedure: &Procedure,
    step: Option<&str>,
    kind: &str,
    label: &str,
) -> Option<Field> {
    let kind = new_kind(kind)?;
    let taken = procedure.names_taken(step);
    Some(Field {
        id: new_name(label, '_', |name| taken.contains(name)),
        label: Text::from(label),
        hint: Text::default(),
        kind,
        required: Requirement::Fixed(true),
        show: None,
        checks: Vec::new(),
        compute: None,
        prefill: None,
        beneficiary: false,
        block: None,
        fetch: None,
    })
}

/// Puts a question at the end of a list, or of a group of the procedure.
pub(super) fn insert(
    procedure: &mut Procedure,
    list: impl FnOnce(&mut Procedure) -> Option<&mut Vec<Field>>,
    group: &str,
    field: Field,
) -> Result<()> {
    if group.is_empty() {
        list(procedure).ok_or_else(WebError::not_found)?.push(field);
        return Ok(());
    }
    match procedure.field_mut(group).map(|group| &mut group.kind) {
        Some(Kind::Group { fields, .. }) if !matches!(field.kind, Kind::Group { .. }) => fields.push(field),
        _ => return Err(WebError::not_found()),
    }
    Ok(())
}

/// A kind with what it usually holds.
pub(super) fn new_kind(word: &str) -> Option<Kind> {
    let none = Vec::<Choice>::new;
    Some(match word {
        "text" => Kind::Text { max_chars: 200 },
        "long-text" => Kind::LongText { max_chars: 2_000 },
        "email" => Kind::Email,
        "phone" => Kind::Phone,
        "number" => Kind::Number { decimals: 0, min: None, max: None, unit: Text::default() },
        "money" => Kind::Money { min: None, max: None },
        "date" => Kind::Date { birth: false },
        "time" => Kind::Time,
        "yes-no" => Kind::YesNo,
        "one-of" => Kind::OneOf { choices: none() },
        "many-of" => Kind::ManyOf { choices: none(), max: None },
        "list" => Kind::List { choices: none(), from: None },
        "address" => Kind::Address { postal: false },
        "identity" => Kind::Identity { birth: false },
        "siret" => Kind::Siret,
        "rna" => Kind::Rna,
        "iban" => Kind::Iban,
        "file" => Kind::File { max_files: 1 },
        "sworn" => Kind::Sworn,
        "group" => Kind::Group { fields: Vec::new(), min_rows: 1, max_rows: 10, row: Text::default() },
        "point" => Kind::Point,
        "heading" => Kind::Heading,
        "note" => Kind::Note,
        _ => return None,
    })
}

/// Whether a question, named as in the procedure, may take this name.
pub(super) fn name_fault(procedure: &Procedure, from: &str, name: &str) -> Option<&'static str> {
    let (step, own) = match from.split_once('.') {
        Some((step, id)) => (Some(step), id),
        None => (None, from),
    };
    if name == own {
        None
    } else if !is_field_name(name) {
        Some("office-builder-wrong-name")
    } else if procedure.names_taken(step).contains(name) {
        Some("office-builder-wrong-name-taken")
    } else {
        None
    }
}
