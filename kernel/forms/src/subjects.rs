//! What conditions may speak of, by where they stand: the questions before them, what agents filled in, what is always
//! known.

use crate::{
    CaseStep, Choice, Field, Kind, Procedure, Spot, Text,
    lines::{Nature, Subject},
};

/// What is always known, with what it may be.
fn ambient() -> [Subject; 2] {
    let known = |name: &str, nature, choices| Subject {
        name: name.to_owned(),
        nature,
        label: Text::default(),
        choices,
    };
    [known("self_service", Nature::Truth, Vec::new()), known("channel", Nature::Choice, doors())]
}

fn doors() -> Vec<Choice> {
    let doors = [
        ("online", "En ligne", "Online"),
        ("counter", "Au guichet", "At the counter"),
        ("phone", "Par téléphone", "By telephone"),
        ("paper", "Sur papier", "On paper"),
        ("email", "Par courriel", "By e-mail"),
        ("api", "Par un logiciel", "By a program"),
    ];
    doors
        .into_iter()
        .map(|(value, fr, en)| Choice {
            value: value.to_owned(),
            label: Text { en: Some(en.to_owned()), ..Text::from(fr) },
            hint: Text::default(),
        })
        .collect()
}

/// What lines may ask of a field.
fn subjects_of(field: &Field) -> Vec<Subject> {
    let one = |nature, choices: &[Choice]| {
        vec![Subject {
            name: field.id.clone(),
            nature,
            label: field.label.clone(),
            choices: choices.to_vec(),
        }]
    };
    match &field.kind {
        Kind::YesNo | Kind::Sworn => one(Nature::Truth, &[]),
        Kind::OneOf { choices } | Kind::List { choices, from: None } => one(Nature::Choice, choices),
        Kind::ManyOf { choices, .. } => one(Nature::Choices, choices),
        Kind::Number { decimals: 0, .. } => one(Nature::Whole, &[]),
        Kind::Number { .. } => one(Nature::Decimal, &[]),
        Kind::Money { .. } => one(Nature::Cents, &[]),
        Kind::Date { .. } => one(Nature::Day, &[]),
        Kind::Time => one(Nature::Time, &[]),
        Kind::Text { .. }
        | Kind::LongText { .. }
        | Kind::Email
        | Kind::Phone
        | Kind::Siret
        | Kind::Rna
        | Kind::Iban
        | Kind::List { .. } => one(Nature::Words, &[]),
        Kind::File { .. } | Kind::Group { .. } => one(Nature::Several, &[]),
        Kind::Identity { birth } => {
            let mut subjects = one(Nature::Other, &[]);
            if *birth {
                let mut label = field.label.clone();
                label.fr.push_str("\u{a0}– date de naissance");
                label.en = label.en.map(|en| format!("{en} – date of birth"));
                let name = format!("{}.birth_date", field.id);
                subjects.push(Subject { name, nature: Nature::Day, label, choices: Vec::new() });
            }
            subjects
        }
        Kind::Address { .. } | Kind::Point => one(Nature::Other, &[]),
        Kind::Heading | Kind::Note => Vec::new(),
    }
}

impl Procedure {
    /// What a condition at a spot may speak of: the questions that come before, its own for a check, and what is always
    /// known. In a step, every question, and what was filled in in the steps before; an action also knows its own.
    pub fn subjects(&self, spot: &Spot) -> Vec<Subject> {
        let own = matches!(spot, Spot::Check { .. });
        let mut subjects = Vec::new();
        if let Some(id) = spot.step() {
            self.form
                .pages
                .iter()
                .flat_map(|page| &page.fields)
                .for_each(|it| subjects.extend(subjects_of(it)));
            let rank = self.steps.iter().position(|step| step.id == id).unwrap_or(0);
            let known = rank + usize::from(matches!(spot, Spot::ActionWhen { .. }));
            self.steps.iter().take(known).for_each(|step| subjects.extend(parts_of(step)));
            if let (Some(step), Some((_, field))) =
                (self.step(id), spot.field().and_then(|name| name.split_once('.')))
            {
                up_to(&step.fields, Some(field), own, &mut subjects);
            }
        } else {
            for page in &self.form.pages {
                let reached = matches!(spot, Spot::PageShow(id) if *id == page.id);
                if reached || up_to(&page.fields, spot.field(), own, &mut subjects) {
                    break;
                }
            }
        }
        subjects.extend(ambient());
        subjects
    }

    /// All that any condition of the procedure may speak of, wherever it stands: to tell a condition in words. A step’s
    /// own names are known within it alone ([`Procedure::subjects`]).
    pub fn all_subjects(&self) -> Vec<Subject> {
        let questions = self.form.places().flat_map(|place| subjects_of(place.field));
        questions.chain(self.steps.iter().flat_map(parts_of)).chain(ambient()).collect()
    }
}

/// The fields that come before one of a list, and itself where it is to be known; true where it is there. In a group,
/// what its row knows.
fn up_to(fields: &[Field], id: Option<&str>, own: bool, subjects: &mut Vec<Subject>) -> bool {
    for field in fields {
        if id == Some(field.id.as_str()) {
            if own {
                subjects.extend(subjects_of(field));
            }
            return true;
        }
        if let Kind::Group { fields, .. } = &field.kind
            && let Some(rank) = fields.iter().position(|inner| id == Some(inner.id.as_str()))
        {
            subjects.extend(fields.iter().take(rank + usize::from(own)).flat_map(subjects_of));
            return true;
        }
        subjects.extend(subjects_of(field));
    }
    false
}

/// What was filled in in a step, as conditions after it know it.
fn parts_of(step: &CaseStep) -> Vec<Subject> {
    let variable = step.variable();
    let mut parts: Vec<Subject> = step.fields.iter().flat_map(subjects_of).collect();
    // A part of a part is beyond what a line can say.
    parts.retain(|part| !part.name.contains('.'));
    for part in &mut parts {
        part.name = format!("{variable}.{}", part.name);
        part.label.fr = format!("{}\u{a0}– {}", step.label.fr, part.label.fr);
        part.label.en = None;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Lines;

    const FILE: &str = r#"
        slug = "essai"
        version = 1
        title = "Essai"
        summary = "Essai"
        sector = "general"
        who = "Tous"
        delay = "Un jour"
        cost = "Rien"
        outcome = "Une réponse"
        [[step]]
        id = "visite-technique"
        label = "Visite"
        [[step.field]]
        id = "favorable"
        kind = "yes-no"
        label = "Favorable"
        [[step.field]]
        id = "raison"
        kind = "text"
        label = "Raison"
        [[step]]
        id = "avis"
        label = "Avis"
        [[form.page]]
        id = "demande"
        title = "Demande"
        [[form.page.field]]
        id = "lieu"
        kind = "text"
        label = "Lieu"
    "#;

    #[test]
    fn a_condition_of_a_step_speaks_of_what_is_known_there() {
        let procedure = Procedure::from_toml(FILE).unwrap();
        let names = |spot: Spot| -> Vec<String> {
            let known = procedure.subjects(&spot).into_iter().map(|subject| subject.name);
            known.filter(|name| name != "self_service" && name != "channel").collect()
        };
        let first = || "visite-technique".to_owned();
        assert_eq!(names(Spot::StepWhen(first())), ["lieu"]);
        assert_eq!(names(Spot::Show("visite-technique.raison".to_owned())), ["lieu", "favorable"]);
        let check = Spot::Check { field: "visite-technique.raison".to_owned(), rank: 0 };
        assert_eq!(names(check), ["lieu", "favorable", "raison"]);
        let own = ["lieu", "visite_technique.favorable", "visite_technique.raison"];
        assert_eq!(names(Spot::ActionWhen { step: first(), action: "x".to_owned() }), own);
        assert_eq!(names(Spot::StepWhen("avis".to_owned())), own);
        assert_eq!(names(Spot::Show("lieu".to_owned())), Vec::<String>::new());
        let lines =
            Lines::of("visite_technique.favorable && lieu == 'a'", &procedure.all_subjects()).unwrap();
        let again = lines.to_cel(&procedure.all_subjects());
        assert_eq!(again.as_deref(), Ok("visite_technique.favorable == true && lieu == 'a'"));
    }
}
