//! The form on paper: the same questions, for a pen.

use beffroi_core::Lang;
use beffroi_forms::{Choice, CompiledForm, Field, Kind, Requirement};
use beffroi_typeset::{BlankField, BlankForm, FieldKind, FormPage, Piece};

use super::Stationery;
use crate::words::lasting;

/// Rows that a repeated group has on paper.
const ROWS_ON_PAPER: u32 = 3;
/// Choices that are printed as boxes; a longer list is answered on a line.
const BOXES_AT_MOST: usize = 12;

/// Tells a condition in words, where that can be done.
pub type Told<'t> = &'t dyn Fn(&str) -> Option<String>;

/// The blank form of a procedure.
pub fn blank_form(form: &CompiledForm, stationery: &Stationery, told: Told<'_>) -> BlankForm {
    let procedure = form.procedure();
    let mut attachments = Vec::new();
    let pages = procedure.form.pages.iter().map(|page| {
        let condition = page.show.as_ref().map(|show| match told(show) {
            Some(words) => format!("À remplir seulement si {words}."),
            None => "À remplir si vous êtes concerné.".to_owned(),
        });
        let intro = Some(page.intro.fr.clone()).filter(|text| !text.is_empty());
        let mut fields = Vec::new();
        for field in &page.fields {
            match &field.kind {
                Kind::File { .. } => attachments.push(piece(field, told)),
                Kind::Group { fields: inner, max_rows, .. } => {
                    for number in 1..=ROWS_ON_PAPER.min(*max_rows) {
                        let row = crate::row_name(field);
                        let note = (number == 1).then(|| note(field, told)).flatten();
                        fields.push(heading(&format!("{row}\u{a0}{number}"), note));
                        for inner in inner {
                            let asked = match &inner.kind {
                                Kind::Identity { birth } => identity(inner, *birth, told),
                                _ => question(inner, told).into_iter().collect(),
                            };
                            fields.extend(asked.into_iter().map(|on_paper| BlankField {
                                required: on_paper.required && number == 1,
                                ..on_paper
                            }));
                        }
                    }
                }
                Kind::Identity { birth } => fields.extend(identity(field, *birth, told)),
                Kind::Heading => fields.push(heading(&field.label.fr, note(field, told))),
                _ => fields.extend(question(field, told)),
            }
        }
        let conditional = condition.is_some();
        let page = FormPage {
            title: page.title.fr.clone(),
            introduction: match (intro, condition) {
                (Some(intro), Some(condition)) => Some(format!("{intro} {condition}")),
                (intro, condition) => intro.or(condition),
            },
            fields,
        };
        (conditional, page)
    });
    let mut pages: Vec<(bool, FormPage)> = pages.collect();
    pages.retain(|(_, page)| !page.fields.is_empty());
    // What only some declare stays under the condition that says so.
    let conditional = pages.last().is_some_and(|(conditional, _)| *conditional);
    let mut pages: Vec<FormPage> = pages.into_iter().map(|(_, page)| page).collect();
    let (introduction, declared) = if conditional { (None, Vec::new()) } else { declared(&mut pages) };
    pages.push(signature(introduction, declared));
    let months = procedure.retention.as_ref().map(|retention| retention.months).unwrap_or_default();
    let retention = lasting(months.into(), Lang::Fr);
    BlankForm {
        letterhead: stationery.letterhead(),
        title: procedure.title.fr.clone(),
        introduction: format!("{} {}", procedure.summary.fr, procedure.who.fr),
        pages,
        attachments,
        return_to: stationery.contact(),
        privacy: Some(format!(
            "La commune de {} traite ces données pour instruire votre demande et les garde {retention} après sa décision. Vous pouvez les consulter et les faire corriger en vous adressant au délégué à la protection des données{}.",
            stationery.town.name,
            if stationery.town.dpo.email.is_empty() {
                String::new()
            } else {
                format!(" ({})", stationery.town.dpo.email)
            }
        )),
    }
}

/// What the last page has declared at its end, taken from it: it stands above the signature. With the introduction of
/// that page, where nothing else is left of it.
fn declared(pages: &mut Vec<FormPage>) -> (Option<String>, Vec<BlankField>) {
    let Some(last) = pages.last_mut() else { return (None, Vec::new()) };
    let other = |field: &BlankField| !matches!(field.kind, FieldKind::Statement);
    let from = last.fields.iter().rposition(other).map_or(0, |rank| rank + 1);
    let declared = last.fields.split_off(from);
    if !last.fields.is_empty() {
        return (None, declared);
    }
    let introduction = last.introduction.take();
    pages.pop();
    (introduction, declared)
}

fn signature(introduction: Option<String>, declared: Vec<BlankField>) -> FormPage {
    let title = if declared.is_empty() { "Date et signature" } else { "Déclaration, date et signature" };
    let field = |label: &str, kind: FieldKind| BlankField {
        label: label.to_owned(),
        hint: None,
        required: true,
        kind,
    };
    let mut fields = declared;
    fields.extend([field("Fait le", FieldKind::Date), field("Signature", FieldKind::Signature)]);
    FormPage { title: title.to_owned(), introduction, fields }
}

fn piece(field: &Field, told: Told<'_>) -> Piece {
    Piece { name: field.label.fr.clone(), reason: note(field, told) }
}

/// A title between questions.
fn heading(label: &str, hint: Option<String>) -> BlankField {
    BlankField { label: label.to_owned(), hint, required: true, kind: FieldKind::Heading }
}

/// What is said under a question: its help, and when it is asked.
fn note(field: &Field, told: Told<'_>) -> Option<String> {
    let note = [hint(field), condition(field, told)].into_iter().flatten().collect::<Vec<_>>().join(" ");
    Some(note).filter(|note| !note.is_empty())
}

/// What helps to answer; the formats and the size of files say nothing on paper.
fn hint(field: &Field) -> Option<String> {
    let sentences = field.hint.fr.split_inclusive(". ").filter(|it| !it.contains("Mo au plus"));
    Some(sentences.collect::<String>().trim().to_owned()).filter(|hint| !hint.is_empty())
}

/// On paper nothing hides: a question that depends on another says so.
fn condition(field: &Field, told: Told<'_>) -> Option<String> {
    field.show.as_ref().map(|show| match told(show) {
        Some(words) => format!("Seulement si {words}."),
        None => "Si vous êtes concerné.".to_owned(),
    })
}

fn question(field: &Field, told: Told<'_>) -> Option<BlankField> {
    if field.compute.is_some() {
        return None;
    }
    let kind = match &field.kind {
        Kind::Heading | Kind::Note | Kind::Point | Kind::File { .. } | Kind::Group { .. } => return None,
        Kind::LongText { .. } => FieldKind::Lines { count: 4 },
        Kind::Address { .. } => FieldKind::Lines { count: 2 },
        Kind::Date { .. } => FieldKind::Date,
        Kind::YesNo => {
            FieldKind::Choice { options: vec!["Oui".to_owned(), "Non".to_owned()], several: false }
        }
        Kind::ManyOf { choices, .. } => boxes(choices, true),
        Kind::OneOf { choices } | Kind::List { choices, from: None } => boxes(choices, false),
        Kind::Siret => FieldKind::Boxes { count: 14 },
        Kind::Iban => FieldKind::Boxes { count: 27 },
        Kind::Phone | Kind::Rna => FieldKind::Boxes { count: 10 },
        Kind::Sworn => FieldKind::Statement,
        _ => FieldKind::Line,
    };
    Some(BlankField {
        label: field.label.text(Lang::Fr).to_owned(),
        hint: note(field, told),
        required: field.required == Requirement::Fixed(true) && field.show.is_none(),
        kind,
    })
}

fn boxes(choices: &[Choice], several: bool) -> FieldKind {
    if choices.len() > BOXES_AT_MOST {
        return FieldKind::Line;
    }
    FieldKind::Choice { options: choices.iter().map(|choice| choice.label.fr.clone()).collect(), several }
}

/// Who somebody is: a title, then a line for each part.
fn identity(field: &Field, birth: bool, told: Told<'_>) -> Vec<BlankField> {
    let required = field.required == Requirement::Fixed(true) && field.show.is_none();
    let part = |name: &str, required: bool, kind: FieldKind| BlankField {
        label: name.to_owned(),
        hint: None,
        required,
        kind,
    };
    let mut parts = vec![
        heading(&field.label.fr, note(field, told)),
        part("Nom de naissance", required, FieldKind::Line),
        part("Nom d’usage", false, FieldKind::Line),
        part("Prénoms", required, FieldKind::Line),
    ];
    if birth {
        parts.push(part("Date de naissance", required, FieldKind::Date));
        parts.push(part("Lieu de naissance", required, FieldKind::Line));
    }
    parts
}
