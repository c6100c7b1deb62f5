//! A question as a form: what it says, what kind of answer it awaits, within which bounds.

use beffroi_forms::{Choice, Field, Home, Kind, Procedure, Requirement, Source, Text, name_of_label};
use beffroi_web::Page;

use super::{
    fetching,
    fill::{Control, Desk, Filled, Shape, in_euros},
    parts::put,
    questions,
};

/// What a question can tell of the requester, and their account fill in.
const PREFILLS: [&str; 6] = ["name", "family_name", "given_name", "email", "phone", "address"];

/// What of that suits a kind of answer.
fn prefills(kind: &str) -> &'static [&'static str] {
    match kind {
        "identity" => &["name"],
        "email" => &["email"],
        "phone" => &["phone"],
        "address" => &["address"],
        _ => &PREFILLS,
    }
}

fn shown(number: f64) -> String {
    number.to_string().replace('.', ",")
}

/// What the form shows of a question.
pub fn fill(field: &Field) -> Filled {
    let mut filled = Filled::default();
    filled.set("label", &field.label.fr);
    filled.set("hint", &field.hint.fr);
    filled.set("kind", field.kind.word());
    filled.set(
        "required",
        match field.required {
            Requirement::Fixed(true) => "always",
            Requirement::Fixed(false) => "never",
            Requirement::When(_) => "when",
        },
    );
    filled.set("compute", field.compute.clone().unwrap_or_default());
    filled.set("prefill", field.prefill.clone().unwrap_or_default());
    if field.beneficiary {
        filled.set("beneficiary", "true");
    }
    filled.set("id", &field.id);
    fetching::fill(field, &mut filled);
    match &field.kind {
        Kind::Text { max_chars } | Kind::LongText { max_chars } => {
            filled.set("max_chars", max_chars.to_string());
        }
        Kind::Number { decimals, min, max, unit } => {
            filled.set("decimals", decimals.to_string());
            filled.set("min", min.map(shown).unwrap_or_default());
            filled.set("max", max.map(shown).unwrap_or_default());
            filled.set("unit", &unit.fr);
        }
        Kind::Money { min, max } => {
            filled.set("min", min.map(in_euros).unwrap_or_default());
            filled.set("max", max.map(in_euros).unwrap_or_default());
        }
        Kind::Date { birth: true } | Kind::Identity { birth: true } => filled.set("birth", "true"),
        Kind::Address { postal: true } => filled.set("postal", "true"),
        Kind::OneOf { choices } => fill_choices(&mut filled, choices),
        Kind::ManyOf { choices, max } => {
            fill_choices(&mut filled, choices);
            filled.set_number("max_choices", *max);
        }
        Kind::List { choices, from } => {
            fill_choices(&mut filled, choices);
            filled.set(
                "from",
                match from {
                    None => "own",
                    Some(Source::Communes) => "communes",
                    Some(Source::Countries) => "countries",
                },
            );
        }
        Kind::File { max_files } => filled.set("max_files", max_files.to_string()),
        Kind::Group { min_rows, max_rows, row, .. } => {
            filled.set("min_rows", min_rows.to_string());
            filled.set("max_rows", max_rows.to_string());
            filled.set("row", &row.fr);
        }
        _ => {}
    }
    filled
}

fn fill_choices(filled: &mut Filled, choices: &[Choice]) {
    for (rank, choice) in choices.iter().enumerate() {
        filled.set(&format!("choice-{rank}-label"), &choice.label.fr);
        filled.set(&format!("choice-{rank}-hint"), &choice.hint.fr);
        filled.set(&format!("choice-{rank}-value"), &choice.value);
    }
}

/// The columns of the list of choices.
pub const CHOICE: [(&str, &[&str]); 1] = [("choice", &["label", "hint", "value"])];

/// What stands around a question.
#[derive(Clone, Debug, Default)]
pub struct Around<'p> {
    /// Whether it stands in a repeated group.
    pub in_group: bool,
    /// Whether agents fill it in, in a step.
    pub in_step: bool,
    /// The questions of its page, itself among them.
    pub page: Vec<&'p Field>,
    /// Those of the pages before.
    pub before: Vec<&'p Field>,
}

impl<'p> Around<'p> {
    /// What stands around the question of that name.
    pub fn of(procedure: &'p Procedure, name: &str) -> Self {
        let Some(place) = procedure.place(name) else { return Self::default() };
        let in_group = place.group.is_some();
        let Home::Page(page) = place.home else {
            return Self { in_group, in_step: true, ..Self::default() };
        };
        let before = procedure.form.pages.iter().take_while(|it| it.id != page.id);
        Self {
            in_group,
            in_step: false,
            page: page.fields.iter().collect(),
            before: before.flat_map(|it| &it.fields).collect(),
        }
    }

    /// Whether an account, or the State, may fill it in.
    pub const fn of_requester(&self) -> bool {
        !self.in_group && !self.in_step
    }
}

/// The controls that suit the kind that is chosen.
pub fn controls(page: &Page, filled: &Filled, around: &Around<'_>) -> Vec<Control> {
    let desk = Desk { page, filled, part: "question" };
    let kind = filled.text("kind").to_owned();
    let asked = !matches!(kind.as_str(), "heading" | "note");
    let mut controls = vec![
        if matches!(kind.as_str(), "note" | "sworn") { desk.area("label", 3) } else { desk.line("label") },
        desk.area("hint", 2).optional(),
        desk.control("kind", Shape::Select(questions::kinds(page, &kind, around.in_group))),
    ];
    if asked {
        let computed = !filled.text("compute").is_empty();
        if !computed {
            let required = desk.choices("required", &["always", "never", "when"]);
            controls.push(desk.control("required", Shape::Radios(required)));
        }
    }
    match kind.as_str() {
        "text" | "long-text" => controls.push(desk.short("max_chars", "5")),
        "number" => controls.extend([
            desk.short("decimals", "2"),
            desk.short("min", "10").optional(),
            desk.short("max", "10").optional(),
            desk.short("unit", "10").optional(),
        ]),
        "money" => controls.extend([desk.short("min", "10").optional(), desk.short("max", "10").optional()]),
        "date" | "identity" => controls.push(desk.tick("birth")),
        "address" => controls.push(desk.tick("postal")),
        "one-of" => controls.push(choices(&desk)),
        "many-of" => controls.extend([choices(&desk), desk.short("max_choices", "3").optional()]),
        "list" => {
            let from = desk.choices("from", &["own", "communes", "countries"]);
            controls.push(desk.control("from", Shape::Radios(from)));
            controls.push(choices(&desk).optional());
        }
        "file" => controls.push(desk.short("max_files", "3")),
        "group" => controls.extend([
            desk.line("row").optional(),
            desk.short("min_rows", "3"),
            desk.short("max_rows", "3"),
        ]),
        _ => {}
    }
    if matches!(kind.as_str(), "text" | "email" | "phone" | "address" | "identity") && around.of_requester() {
        let mut values = vec![(String::new(), page.t("office-builder-question-prefill-none").to_owned())];
        // What a file says stays to be chosen, whatever suits.
        let suits = |word: &&str| prefills(&kind).contains(word) || filled.text("prefill") == *word;
        values.extend(PREFILLS.into_iter().filter(suits).map(|word| {
            (word.to_owned(), page.t(&format!("office-builder-question-prefill-{word}")).to_owned())
        }));
        controls.push(desk.control("prefill", Shape::Select(desk.labelled("prefill", values))));
    }
    if matches!(kind.as_str(), "text" | "identity" | "siret" | "rna") && around.of_requester() {
        controls.push(desk.tick("beneficiary"));
    }
    if asked && matches!(kind.as_str(), "text" | "number" | "money" | "date" | "time" | "yes-no") {
        controls.push(desk.area("compute", 2).optional());
    }
    if around.of_requester() && fetching::suits(&kind, filled) {
        controls.extend(fetching::controls(&desk, around));
    }
    controls.push(desk.short("id", "20"));
    if filled.holds("confirm", "shown") {
        controls.push(desk.tick("rename"));
    }
    controls
}

fn choices(desk: &Desk<'_>) -> Control {
    desk.list("choice", &[("label", false), ("hint", false), ("value", false)])
}

/// Writes what was filled in into a question; its name is written by whoever knows the others.
pub fn read(filled: &mut Filled, field: &mut Field) {
    put(&mut field.label, filled.text("label"));
    put(&mut field.hint, filled.text("hint"));
    if field.label.is_empty() {
        filled.wrong("label", "office-builder-wrong-label");
    }
    if filled.text("kind") != field.kind.word()
        && let Some(kind) = questions::new_kind(filled.text("kind"))
    {
        field.kind = changed(&field.kind, kind);
    }
    match filled.text("required") {
        "always" => field.required = Requirement::Fixed(true),
        "never" => field.required = Requirement::Fixed(false),
        "when" if !matches!(field.required, Requirement::When(_)) => {
            // Nobody must answer until it is said when.
            field.required = Requirement::When("false".to_owned());
        }
        _ => {}
    }
    let asked = field.kind.is_question();
    field.compute = Some(filled.text("compute").to_owned()).filter(|source| !source.is_empty() && asked);
    field.prefill = Some(filled.text("prefill").to_owned()).filter(|word| PREFILLS.contains(&word.as_str()));
    field.beneficiary = filled.holds("beneficiary", "true");
    members(filled, &mut field.kind);
    fetching::read(filled, field);
}

/// Another kind keeps what both have: choices, lengths.
fn changed(before: &Kind, after: Kind) -> Kind {
    let kept = match before {
        Kind::OneOf { choices } | Kind::ManyOf { choices, .. } | Kind::List { choices, .. } => {
            choices.clone()
        }
        _ => Vec::new(),
    };
    match after {
        Kind::OneOf { .. } => Kind::OneOf { choices: kept },
        Kind::ManyOf { max, .. } => Kind::ManyOf { choices: kept, max },
        Kind::List { from, .. } => Kind::List { choices: kept, from },
        other => other,
    }
}

fn members(filled: &mut Filled, kind: &mut Kind) {
    match kind {
        Kind::Text { max_chars } | Kind::LongText { max_chars } => {
            if let Some(most) = filled.number::<u32>("max_chars") {
                *max_chars = most.clamp(1, 20_000);
            }
        }
        Kind::Number { decimals, min, max, unit } => {
            *decimals = filled.number::<u8>("decimals").unwrap_or(0).min(6);
            let finite = |number: Option<f64>| number.filter(|number| number.is_finite());
            *min = finite(filled.number("min"));
            *max = finite(filled.number("max"));
            put(unit, filled.text("unit"));
            if let (Some(least), Some(most)) = (*min, *max)
                && least > most
            {
                filled.wrong("max", "office-builder-wrong-order");
            }
        }
        Kind::Money { min, max } => {
            *min = filled.cents("min");
            *max = filled.cents("max");
            if let (Some(least), Some(most)) = (*min, *max)
                && least > most
            {
                filled.wrong("max", "office-builder-wrong-order");
            }
        }
        Kind::Date { birth } | Kind::Identity { birth } => *birth = filled.holds("birth", "true"),
        Kind::Address { postal } => *postal = filled.holds("postal", "true"),
        Kind::OneOf { choices } => *choices = read_choices(filled, choices),
        Kind::ManyOf { choices, max } => {
            *choices = read_choices(filled, choices);
            *max = filled.number("max_choices");
        }
        Kind::List { choices, from } => {
            *from = match filled.text("from") {
                "communes" => Some(Source::Communes),
                "countries" => Some(Source::Countries),
                _ => None,
            };
            *choices = if from.is_some() { Vec::new() } else { read_choices(filled, choices) };
        }
        Kind::File { max_files } => {
            if let Some(most) = filled.number("max_files") {
                *max_files = most;
            }
        }
        Kind::Group { min_rows, max_rows, row, .. } => {
            if let Some(least) = filled.number("min_rows") {
                *min_rows = least;
            }
            if let Some(most) = filled.number("max_rows") {
                *max_rows = most;
            }
            put(row, filled.text("row"));
            if *min_rows > *max_rows {
                filled.wrong("max_rows", "office-builder-wrong-order");
            }
        }
        _ => {}
    }
}

/// The choices as they were filled in: one without a value takes one from its label.
fn read_choices(filled: &mut Filled, before: &[Choice]) -> Vec<Choice> {
    let mut choices: Vec<Choice> = Vec::new();
    for row in 0..filled.rows("choice") {
        let (label, hint, value) = (
            filled.cell("choice", row, "label").to_owned(),
            filled.cell("choice", row, "hint").to_owned(),
            filled.cell("choice", row, "value").to_owned(),
        );
        if label.is_empty() && value.is_empty() {
            continue;
        }
        let value = if value.is_empty() { free_value(&label, &choices) } else { value };
        if choices.iter().any(|choice| choice.value == value) {
            filled.wrong(&format!("choice-{row}-value"), "office-builder-wrong-value-taken");
        }
        let kept = before.iter().find(|choice| choice.value == value);
        let mut choice =
            kept.cloned().unwrap_or_else(|| Choice { value, label: Text::default(), hint: Text::default() });
        put(&mut choice.label, &label);
        put(&mut choice.hint, &hint);
        choices.push(choice);
    }
    choices
}

fn free_value(label: &str, others: &[Choice]) -> String {
    let stem = name_of_label(label, '-');
    let mut value = stem.clone();
    let mut number = 2;
    while others.iter().any(|choice| choice.value == value) {
        value = format!("{stem}-{number}");
        number += 1;
    }
    value
}

#[cfg(test)]
mod tests {
    use beffroi_forms::Procedure;

    use super::*;

    #[test]
    fn every_question_of_the_catalogue_is_read_back_as_it_was() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../catalogue/procedures");
        let mut count = 0;
        for entry in std::fs::read_dir(folder).unwrap() {
            let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
            let procedure = Procedure::from_toml(&text).unwrap();
            for place in procedure.form.places() {
                let mut again = place.field.clone();
                let mut filled = fill(place.field);
                read(&mut filled, &mut again);
                assert_eq!(&again, place.field, "{}: {}", procedure.slug, place.field.id);
                assert!(filled.is_right(), "{}: {:?}", place.field.id, filled.problems);
                count += 1;
            }
        }
        assert!(count > 100);
    }

    #[test]
    fn a_choice_without_a_value_takes_one_from_its_label() {
        let mut field: Field = Procedure::from_toml(
            &std::fs::read_to_string(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/../../catalogue/procedures/occupation-domaine-public.toml"
            ))
            .unwrap(),
        )
        .unwrap()
        .form
        .place("objet")
        .unwrap()
        .field
        .clone();
        field.kind = Kind::OneOf { choices: Vec::new() };
        let mut filled = fill(&field);
        for (rank, label) in ["Étal", "Étal", ""].into_iter().enumerate() {
            filled.set(&format!("choice-{rank}-label"), label);
        }
        read(&mut filled, &mut field);
        let Kind::OneOf { choices } = &field.kind else { panic!() };
        let values: Vec<_> = choices.iter().map(|choice| choice.value.as_str()).collect();
        assert_eq!(values, ["etal", "etal-2"]);
    }
}
