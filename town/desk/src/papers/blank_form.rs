//! The form on paper: the same questions, for a pen.

use beffroi_core::Lang;
use beffroi_forms::{Choice, CompiledForm, Field, Kind, Requirement};
use beffroi_typeset::{BlankField, BlankForm, FieldKind, FormPage, Piece};

use super::Stationery;

/// Rows that a repeated group has on paper.
const ROWS_ON_PAPER: u32 = 3;
/// Choices that are printed as boxes; a longer list is answered on a line.
const BOXES_AT_MOST: usize = 12;

/// The blank form of a procedure.
pub fn blank_form(form: &CompiledForm, stationery: &Stationery) -> BlankForm {
    let procedure = form.procedure();
    let mut attachments = Vec::new();
    let pages = procedure.form.pages.iter().map(|page| {
        let condition = page.show.as_ref().map(|_| "À remplir si vous êtes concerné.".to_owned());
        let intro = Some(page.intro.fr.clone()).filter(|text| !text.is_empty());
        let mut fields = Vec::new();
        for field in &page.fields {
            match &field.kind {
                Kind::File { .. } => attachments.push(piece(field)),
                Kind::Group { fields: inner, max_rows, .. } => {
                    for number in 1..=ROWS_ON_PAPER.min(*max_rows) {
                        let row = crate::row_name(field);
                        fields.extend(inner.iter().filter_map(|inner| {
                            let mut on_paper = question(inner)?;
                            on_paper.label = format!("{row} {number}\u{a0}– {}", on_paper.label);
                            on_paper.required = on_paper.required && number == 1;
                            Some(on_paper)
                        }));
                    }
                }
                Kind::Identity { birth } => fields.extend(identity(field, *birth)),
                _ => fields.extend(question(field)),
            }
        }
        FormPage {
            title: page.title.fr.clone(),
            introduction: match (intro, condition) {
                (Some(intro), Some(condition)) => Some(format!("{intro} {condition}")),
                (intro, condition) => intro.or(condition),
            },
            fields,
        }
    });
    let mut pages: Vec<FormPage> = pages.collect();
    pages.retain(|page| !page.fields.is_empty());
    pages.push(signature());
    let retention = procedure.retention.as_ref().map(|retention| retention.months).unwrap_or_default();
    BlankForm {
        letterhead: stationery.letterhead(),
        title: procedure.title.fr.clone(),
        introduction: format!("{} {}", procedure.summary.fr, procedure.who.fr),
        pages,
        attachments,
        return_to: stationery.contact(),
        privacy: Some(format!(
            "La commune de {} traite ces données pour instruire votre demande et les garde {retention}\u{a0}mois après sa décision. Vous pouvez les consulter et les faire corriger en vous adressant au délégué à la protection des données{}.",
            stationery.town.name,
            if stationery.town.dpo.email.is_empty() {
                String::new()
            } else {
                format!(" ({})", stationery.town.dpo.email)
            }
        )),
    }
}

fn signature() -> FormPage {
    let field = |label: &str, kind: FieldKind| BlankField {
        label: label.to_owned(),
        hint: None,
        required: true,
        kind,
    };
    FormPage {
        title: "Date et signature".to_owned(),
        introduction: None,
        fields: vec![field("Fait le", FieldKind::Date), field("Signature", FieldKind::Signature)],
    }
}

fn piece(field: &Field) -> Piece {
    let reason = [hint(field), condition(field)].into_iter().flatten().collect::<Vec<_>>().join(" ");
    Piece { name: field.label.fr.clone(), reason: Some(reason).filter(|text| !text.is_empty()) }
}

fn hint(field: &Field) -> Option<String> {
    Some(field.hint.fr.clone()).filter(|hint| !hint.is_empty())
}

/// On paper nothing hides: a question that depends on another says so.
fn condition(field: &Field) -> Option<String> {
    field.show.as_ref().map(|_| "Si vous êtes concerné.".to_owned())
}

fn question(field: &Field) -> Option<BlankField> {
    if field.compute.is_some() {
        return None;
    }
    let kind = match &field.kind {
        Kind::Heading | Kind::Note | Kind::Point | Kind::File { .. } | Kind::Group { .. } => return None,
        Kind::LongText { .. } => FieldKind::Lines { count: 4 },
        Kind::Address => FieldKind::Lines { count: 2 },
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
    let note = [hint(field), condition(field)].into_iter().flatten().collect::<Vec<_>>().join(" ");
    Some(BlankField {
        label: field.label.text(Lang::Fr).to_owned(),
        hint: Some(note).filter(|note| !note.is_empty()),
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

fn identity(field: &Field, birth: bool) -> Vec<BlankField> {
    let required = field.required == Requirement::Fixed(true) && field.show.is_none();
    let part = |name: &str, required: bool, kind: FieldKind| BlankField {
        label: format!("{}\u{a0}– {name}", field.label.fr),
        hint: None,
        required,
        kind,
    };
    let mut parts = vec![
        part("nom de naissance", required, FieldKind::Line),
        part("nom d’usage", false, FieldKind::Line),
        part("prénoms", required, FieldKind::Line),
    ];
    if birth {
        parts.push(part("date de naissance", required, FieldKind::Date));
        parts.push(part("lieu de naissance", required, FieldKind::Line));
    }
    parts
}
