//! A procedure in words, for whoever builds it: its places, its conditions, its bounds.

use beffroi_calendar::booking::ROOMS;
use beffroi_core::calendar::long_date;
use beffroi_forms::{
    CaseStep, ConditionLine, Field, Kind, Lines, Operand, Operator, Page as FormPage, Procedure, Source,
    Spot, StepAction, Subject, Way,
};
use beffroi_web::Page;

use super::{fill::in_euros, parts::Part, report};

/// What a part is called.
pub fn part(page: &Page, part: Part) -> String {
    page.t(&format!("office-builder-part-{}", part.word())).to_owned()
}

/// What a kind of question is called.
pub fn kind(page: &Page, word: &str) -> String {
    page.t(&format!("office-builder-kind-{word}")).to_owned()
}

/// What a way is called.
pub fn way(page: &Page, way: Way) -> String {
    let key = match way {
        Way::Online => "office-builder-ways-ways-online",
        Way::Counter => "office-builder-ways-ways-counter",
        Way::Phone => "office-builder-ways-ways-phone",
        Way::Paper => "office-builder-ways-ways-paper",
    };
    page.t(key).to_owned()
}

/// What is called nothing yet is called by its name.
pub fn or_id(text: &str, id: &str) -> String {
    if text.trim().is_empty() { id.to_owned() } else { text.to_owned() }
}

/// What is picked at an address before it is asked for.
pub fn booked_at(page: &Page, at: Option<&str>) -> String {
    match at {
        None => page.t("office-builder-booking-at-none").to_owned(),
        Some(ROOMS) => page.t("office-builder-booking-at-rooms").to_owned(),
        Some(other) => other.to_owned(),
    }
}

/// Whether something is lent.
pub fn lends(page: &Page, lends: bool) -> String {
    page.t(if lends { "office-builder-loan-lends-yes" } else { "office-builder-loan-lends-no" }).to_owned()
}

/// A place within a sentence: « la question « Durée » ».
pub fn within(place: &str) -> String {
    let mut letters = place.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// « Page « Objet » ».
pub fn of_page(page: &Page, of: &FormPage) -> String {
    page.tr("office-builder-place-page", &[("name", or_id(&of.title.fr, &of.id).into())])
}

/// « Question « Durée » ».
pub fn of_field(page: &Page, field: &Field) -> String {
    page.tr("office-builder-place-question", &[("name", or_id(&field.label.fr, &field.id).into())])
}

/// « Étape « Visite » ».
pub fn of_step(page: &Page, step: &CaseStep) -> String {
    page.tr("office-builder-place-step", &[("name", or_id(&step.label.fr, &step.id).into())])
}

/// « Action « Prévenir le demandeur » ».
pub fn of_action(page: &Page, action: &StepAction) -> String {
    page.tr("office-builder-place-action", &[("name", or_id(&action.label.fr, &action.id).into())])
}

/// A place in steps in words: the action or the question, with its step.
fn in_steps(page: &Page, procedure: &Procedure, at: &str) -> String {
    let Some(step) = report::step_at(procedure, at) else {
        return page.t("office-builder-steps").to_owned();
    };
    let inner = report::action_at(at).and_then(|id| step.actions.iter().find(|action| action.id == id));
    let inner = inner.map(|action| of_action(page, action)).or_else(|| {
        let name = report::field_at(at)?;
        procedure.place(&name).map(|place| of_field(page, place.field))
    });
    match inner {
        Some(inner) => format!("{}, {inner}", of_step(page, step)),
        None => of_step(page, step),
    }
}

/// A place in words.
pub fn place(page: &Page, procedure: &Procedure, at: &str) -> String {
    if let Some(found) = Part::of_place(at) {
        let part = part(page, found);
        return match Part::label_at(page, at) {
            Some(label) => {
                page.tr("office-builder-place-control", &[("part", part.into()), ("label", label.into())])
            }
            None => part,
        };
    }
    if at.starts_with("requester") {
        return page.t("office-builder-requester").to_owned();
    }
    if at == "translations" {
        return page.t("office-builder-translations").to_owned();
    }
    if let Some(name) = at.strip_prefix("trial.") {
        return page.tr("office-builder-place-trial", &[("name", name.to_owned().into())]);
    }
    if at.starts_with("limit") {
        return page.t("office-builder-limits").to_owned();
    }
    if at.starts_with("step") {
        return in_steps(page, procedure, at);
    }
    if let Some(field) = report::field_at(at) {
        return match procedure.place(&field) {
            Some(place) => of_field(page, place.field),
            None => page.tr("office-builder-place-question", &[("name", field.into())]),
        };
    }
    match report::page_at(at).and_then(|id| procedure.form.pages.iter().find(|page| page.id == id)) {
        Some(found) => of_page(page, found),
        None => page.t("office-builder-form").to_owned(),
    }
}

/// What a subject is called: its question, or what is always known.
pub fn subject(page: &Page, subject: &Subject) -> String {
    match subject.name.as_str() {
        "self_service" => page.t("office-builder-subject-self_service").to_owned(),
        "channel" => page.t("office-builder-subject-channel").to_owned(),
        _ => or_id(&subject.label.fr, &subject.name),
    }
}

/// A condition in words, where it is made of lines; else as it is written.
pub fn condition(page: &Page, procedure: &Procedure, source: &str) -> String {
    told(page, &procedure.all_subjects(), source)
}

/// A condition in words, as a reader of the form may meet it; nothing where only its author can read it.
pub(crate) fn spoken(page: &Page, procedure: &Procedure, source: &str) -> Option<String> {
    let subjects = procedure.all_subjects();
    Lines::of(source, &subjects).map(|lines| in_words(page, &lines, &subjects))
}

/// The same, of a condition at a spot: one in a step knows what agents fill in there by its own names.
pub fn condition_at(page: &Page, procedure: &Procedure, spot: &Spot, source: &str) -> String {
    match spot.step() {
        Some(_) => told(page, &procedure.subjects(spot), source),
        None => condition(page, procedure, source),
    }
}

fn told(page: &Page, subjects: &[Subject], source: &str) -> String {
    match Lines::of(source, subjects) {
        Some(lines) => in_words(page, &lines, subjects),
        None => source.to_owned(),
    }
}

/// Lines in words: « Statut » est « Association » et « Durée » est au moins 3.
pub fn in_words(page: &Page, lines: &Lines, subjects: &[Subject]) -> String {
    let joint = if lines.all { "office-builder-and" } else { "office-builder-or" };
    let joint = format!(" {} ", page.t(joint));
    lines.lines.iter().map(|line| one(page, line, subjects)).collect::<Vec<_>>().join(&joint)
}

fn one(page: &Page, line: &ConditionLine, subjects: &[Subject]) -> String {
    let Some(about) = subjects.iter().find(|subject| subject.name == line.subject) else {
        return line.subject.clone();
    };
    let values: Vec<String> =
        line.operands.iter().map(|operand| value(page, about, line.operator, operand, subjects)).collect();
    let name = subject(page, about);
    let operator = page.t(&format!("office-builder-operator-{}", line.operator.word())).to_owned();
    let told = format!("«\u{a0}{name}\u{a0}» {operator}");
    if values.is_empty() { told } else { format!("{told} {}", values.join(", ")) }
}

fn value(
    page: &Page,
    about: &Subject,
    operator: Operator,
    operand: &Operand,
    subjects: &[Subject],
) -> String {
    match operand {
        Operand::Name(name) if name == "today" => page.t("office-builder-today").to_owned(),
        Operand::Name(name) => {
            let other = subjects.iter().find(|subject| subject.name == *name);
            format!("«\u{a0}{}\u{a0}»", other.map_or_else(|| name.clone(), |other| subject(page, other)))
        }
        Operand::Value(value) => {
            if !operator.compares()
                && !operator.takes_several()
                && !matches!(operator, Operator::Holds | Operator::HoldsNot)
            {
                return value.clone();
            }
            match about.nature {
                beffroi_forms::Nature::Cents => value
                    .parse()
                    .map_or_else(|_| value.clone(), |cents| format!("{}\u{a0}€", in_euros(cents))),
                beffroi_forms::Nature::Day => {
                    value.parse().map_or_else(|_| value.clone(), |day| long_date(day, beffroi_core::Lang::Fr))
                }
                _ => {
                    let choice = about.choices.iter().find(|choice| choice.value == *value);
                    match choice {
                        Some(choice) => format!("«\u{a0}{}\u{a0}»", or_id(&choice.label.fr, value)),
                        None => value.clone(),
                    }
                }
            }
        }
    }
}

/// The bounds of an answer in words: « 200 caractères au plus ».
pub fn bounds(page: &Page, kind: &Kind) -> String {
    let mut told: Vec<String> = Vec::new();
    let mut say = |key: &str, value: Option<String>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            told.push(format!("{}\u{a0}: {value}", page.t(key)));
        }
    };
    match kind {
        Kind::Text { max_chars } | Kind::LongText { max_chars } => {
            say("office-builder-question-max_chars", Some(max_chars.to_string()));
        }
        Kind::Number { decimals, min, max, unit } => {
            say("office-builder-question-decimals", (*decimals > 0).then(|| decimals.to_string()));
            say("office-builder-question-min", min.map(|min| min.to_string()));
            say("office-builder-question-max", max.map(|max| max.to_string()));
            say("office-builder-question-unit", Some(unit.fr.clone()));
        }
        Kind::Money { min, max } => {
            say("office-builder-question-min", min.map(in_euros));
            say("office-builder-question-max", max.map(in_euros));
        }
        Kind::Date { birth } | Kind::Identity { birth } => {
            say("office-builder-question-birth", birth.then(|| "oui".to_owned()));
        }
        Kind::Address { postal } => {
            say("office-builder-question-postal", postal.then(|| "oui".to_owned()));
        }
        Kind::ManyOf { max, .. } => {
            say("office-builder-question-max_choices", max.map(|max| max.to_string()));
        }
        Kind::List { from, .. } => say(
            "office-builder-question-from",
            from.map(|from| match from {
                Source::Communes => page.t("office-builder-question-from-communes").to_owned(),
                Source::Countries => page.t("office-builder-question-from-countries").to_owned(),
            }),
        ),
        Kind::File { max_files } => say("office-builder-question-max_files", Some(max_files.to_string())),
        Kind::Group { min_rows, max_rows, row, .. } => {
            say("office-builder-question-min_rows", Some(min_rows.to_string()));
            say("office-builder-question-max_rows", Some(max_rows.to_string()));
            say("office-builder-question-row", Some(row.fr.clone()));
        }
        _ => {}
    }
    told.join(", ")
}
