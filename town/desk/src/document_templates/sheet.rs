//! What a template sees: of a case, or of an example. `docs/templates.md` explains it member by member.

use std::collections::BTreeMap;

use beffroi_core::{Day, Lang};
use beffroi_forms::{CompiledForm, Field, Kind, Known};
use beffroi_typeset::{CaseFacts, CommuneFacts, Letter, Requester, Sheet, Told};
use serde_json::{Map, Value, json};

use crate::{papers::Stationery, procedure::Lists, submission};

/// What a document says of itself: its title, its paragraphs.
pub struct Words {
    pub title: String,
    pub paragraphs: Vec<String>,
}

/// Whose document it is.
pub struct About<'a> {
    pub reference: &'a str,
    pub received_on: Day,
    /// The lines of an envelope.
    pub lines: &'a [String],
}

/// An answer as it is told; what has none is there all the same, so that a template may ask.
fn told(field: &Field, answer: Option<&Value>) -> Told {
    let plain = !matches!(field.kind, Kind::File { .. });
    Told {
        label: field.label.fr.clone(),
        text: answer.map(|answer| field.words(answer, Lang::Fr, &Lists)).unwrap_or_default(),
        value: answer.filter(|_| plain).cloned().unwrap_or_default(),
    }
}

fn answers<'f>(
    fields: impl Iterator<Item = &'f Field>,
    known: Option<&Map<String, Value>>,
) -> BTreeMap<String, Told> {
    let asked = fields.filter(|field| field.kind.is_question());
    let answer = |field: &Field| known.and_then(|known| known.get(&field.id));
    asked.map(|field| (field.id.clone(), told(field, answer(field)))).collect()
}

/// The sheet of a case.
pub fn of_case(
    stationery: &Stationery,
    form: &CompiledForm,
    known: Known<'_>,
    about: &About<'_>,
    words: Words,
) -> Sheet {
    let procedure = form.procedure();
    let name = submission::Requester::of(form, known.answers).full_name();
    let step = procedure.steps.iter().map(|step| {
        let filled = known.steps.get(&step.id).and_then(Value::as_object);
        (step.id.clone(), answers(step.fields.iter(), filled))
    });
    let mut sheet = bare(stationery, &procedure.title.fr, about, words);
    sheet.answers = answers(form.fields().map(|(_, field)| field), Some(known.answers));
    sheet.step = step.collect();
    if !name.is_empty() {
        sheet.requester.name = name;
    }
    sheet
}

/// A sheet without answers.
fn bare(stationery: &Stationery, procedure: &str, about: &About<'_>, words: Words) -> Sheet {
    let town = &stationery.town;
    let authority = stationery.authority().replace("Madame la", "La").replace("Monsieur le", "Le");
    Sheet {
        letter: Letter {
            reference: Some(about.reference.to_owned()),
            closing: Some(
                town.voice
                    .closing("Nous vous prions d’agréer, Madame, Monsieur, nos salutations distinguées."),
            ),
            signatory: Some(stationery.signatory()),
            ..stationery.letter(about.lines.to_vec(), words.title, words.paragraphs)
        },
        authority: format!("{authority} de {}", town.name),
        requester: Requester {
            name: about.lines.first().cloned().unwrap_or_default(),
            address: about.lines.iter().skip(1).cloned().collect(),
        },
        answers: BTreeMap::new(),
        step: BTreeMap::new(),
        commune: CommuneFacts { name: town.name.clone(), postcode: town.postcode.clone() },
        case: CaseFacts {
            reference: about.reference.to_owned(),
            procedure: procedure.to_owned(),
            received_on: about.received_on,
        },
    }
}

/// An answer that fits a question, for an example.
fn example(field: &Field, today: Day) -> Value {
    match &field.kind {
        Kind::Date { .. } => json!(today),
        Kind::Time => json!("09:30"),
        Kind::Money { .. } => json!(123_450),
        Kind::Number { .. } => json!(12),
        Kind::YesNo | Kind::Sworn => json!(true),
        Kind::OneOf { choices } | Kind::List { choices, from: None } => {
            choices.first().map_or(Value::Null, |choice| json!(choice.value))
        }
        Kind::ManyOf { choices, .. } => {
            json!(choices.iter().take(2).map(|choice| choice.value.as_str()).collect::<Vec<_>>())
        }
        Kind::Address { .. } => json!({ "line": "12 rue des Tisserands, 34400 Lunel" }),
        Kind::Identity { .. } => json!({ "family_name": "Durand", "given_names": "Marie" }),
        Kind::Phone => json!("+33465711234"),
        Kind::Email => json!("marie.durand@example.org"),
        Kind::Siret => json!("12345678900012"),
        Kind::Rna => json!("W123456789"),
        Kind::Iban => json!("FR7630006000011234567890189"),
        Kind::Point => json!({ "lat": 43.674, "lon": 4.135 }),
        Kind::File { .. } | Kind::Group { .. } | Kind::Heading | Kind::Note => Value::Null,
        Kind::Text { .. } | Kind::LongText { .. } | Kind::List { .. } => {
            json!(format!("(réponse à «\u{a0}{}\u{a0}»)", field.label.fr))
        }
    }
}

fn examples<'f>(fields: impl Iterator<Item = &'f Field>, today: Day) -> Map<String, Value> {
    let given = fields.map(|field| (field.id.clone(), example(field, today)));
    given.filter(|(_, value)| !value.is_null()).collect()
}

/// The sheet of an example: with the questions of a procedure, or without any.
pub fn example_of(stationery: &Stationery, form: Option<&CompiledForm>, title: &str, today: Day) -> Sheet {
    let lines = ["Marie Durand", "12 rue des Tisserands", "34400 Lunel"].map(str::to_owned);
    let about = About { reference: "AAAA-2026-0001", received_on: today, lines: &lines };
    let words = Words {
        title: title.to_owned(),
        paragraphs: vec![
            "Voici un exemple de texte. Dans un dossier, ce sont les paragraphes de l’action.".to_owned(),
            "Lieu\u{a0}: 12 rue des Tisserands".to_owned(),
        ],
    };
    let Some(form) = form else { return bare(stationery, "Une démarche", &about, words) };
    let answers = examples(form.fields().map(|(_, field)| field), today);
    let steps = form.procedure().steps.iter();
    let steps =
        steps.map(|step| (step.id.clone(), Value::Object(examples(step.fields.iter(), today)))).collect();
    let mut sheet = of_case(stationery, form, Known { answers: &answers, steps: &steps }, &about, words);
    "Marie Durand".clone_into(&mut sheet.requester.name);
    sheet
}
