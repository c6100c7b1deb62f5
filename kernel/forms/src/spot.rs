//! Where the expressions of a procedure stand: each has a spot, by which it is found, written and named in addresses.

use crate::{Check, FieldPlace, Procedure, Requirement, Text};

/// Where an expression stands.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the members say what the variant's sentence says")]
pub enum Spot {
    /// Whether a page is shown.
    PageShow(String),
    /// Whether a question is asked.
    Show(String),
    /// Whether it must be answered.
    Required(String),
    /// What is computed.
    Compute(String),
    /// A condition on its answer.
    Check { field: String, rank: usize },
    /// A condition on several answers.
    FormCheck(usize),
    /// When a limit counts.
    LimitWhen(usize),
    /// How many it allows.
    LimitMost(usize),
    /// Whether a step is offered.
    StepWhen(String),
    /// Whether an action of a step is open.
    ActionWhen { step: String, action: String },
}

impl Spot {
    /// The spot as an address names it: `question.duree.show`.
    pub fn word(&self) -> String {
        match self {
            Self::PageShow(page) => format!("page.{page}.show"),
            Self::Show(field) => format!("question.{field}.show"),
            Self::Required(field) => format!("question.{field}.required"),
            Self::Compute(field) => format!("question.{field}.compute"),
            Self::Check { field, rank } => format!("question.{field}.check.{rank}"),
            Self::FormCheck(rank) => format!("form.check.{rank}"),
            Self::LimitWhen(rank) => format!("limit.{rank}.when"),
            Self::LimitMost(rank) => format!("limit.{rank}.at_most"),
            Self::StepWhen(step) => format!("step.{step}.when"),
            Self::ActionWhen { step, action } => format!("step.{step}.action.{action}.when"),
        }
    }

    /// The spot that such an address names.
    pub fn from_word(word: &str) -> Option<Self> {
        let parts: Vec<&str> = word.split('.').collect();
        let of_field = |name: String, rest: &[&str]| {
            Some(match rest {
                ["show"] => Self::Show(name),
                ["required"] => Self::Required(name),
                ["compute"] => Self::Compute(name),
                ["check", rank] => Self::Check { field: name, rank: rank.parse().ok()? },
                _ => return None,
            })
        };
        Some(match parts.as_slice() {
            ["page", page, "show"] => Self::PageShow((*page).to_owned()),
            // A question of a step is named with it.
            ["question", field, rest @ ..] => {
                let whole = of_field((*field).to_owned(), rest);
                let (inner, rest) = rest.split_first()?;
                whole.or_else(|| of_field(format!("{field}.{inner}"), rest))?
            }
            ["form", "check", rank] => Self::FormCheck(rank.parse().ok()?),
            ["limit", rank, "when"] => Self::LimitWhen(rank.parse().ok()?),
            ["limit", rank, "at_most"] => Self::LimitMost(rank.parse().ok()?),
            ["step", step, "when"] => Self::StepWhen((*step).to_owned()),
            ["step", step, "action", action, "when"] => {
                Self::ActionWhen { step: (*step).to_owned(), action: (*action).to_owned() }
            }
            _ => return None,
        })
    }

    /// The step in which it stands, if it is in one.
    pub fn step(&self) -> Option<&str> {
        match self {
            Self::StepWhen(step) | Self::ActionWhen { step, .. } => Some(step),
            _ => self.field()?.split_once('.').map(|(step, _)| step),
        }
    }

    /// The question to which it belongs, if it is one's: `duree`, or `avis.favorable` in a step.
    pub fn field(&self) -> Option<&str> {
        match self {
            Self::Show(field) | Self::Required(field) | Self::Compute(field) | Self::Check { field, .. } => {
                Some(field)
            }
            _ => None,
        }
    }
}

impl Procedure {
    /// The expression at a spot, where there is one.
    pub fn expression(&self, spot: &Spot) -> Option<&str> {
        let field = |name: &str| self.place(name).map(|place| place.field);
        match spot {
            Spot::PageShow(page) => self.form.pages.iter().find(|found| found.id == *page)?.show.as_deref(),
            Spot::Show(id) => field(id)?.show.as_deref(),
            Spot::Compute(id) => field(id)?.compute.as_deref(),
            Spot::Required(id) => match &field(id)?.required {
                Requirement::When(source) => Some(source),
                Requirement::Fixed(_) => None,
            },
            Spot::Check { field: id, rank } => field(id)?.checks.get(*rank).map(|check| check.when.as_str()),
            Spot::FormCheck(rank) => self.form.checks.get(*rank).map(|check| check.when.as_str()),
            Spot::LimitWhen(rank) => self.limits.get(*rank)?.when.as_deref(),
            Spot::LimitMost(rank) => self.limits.get(*rank).map(|limit| limit.at_most.as_str()),
            Spot::StepWhen(step) => self.step(step)?.when.as_deref(),
            Spot::ActionWhen { step, action } => self.action(step, action)?.when.as_deref(),
        }
    }

    /// Writes an expression at a spot; without one, what it stood for is always so (a check that never fails goes).
    /// False where there is no such spot.
    pub fn set_expression(&mut self, spot: &Spot, source: Option<String>) -> bool {
        let source = source.filter(|source| !source.trim().is_empty());
        match spot {
            Spot::PageShow(page) => match self.form.page_mut(page) {
                Some(page) => page.show = source,
                None => return false,
            },
            Spot::Show(id) | Spot::Compute(id) | Spot::Required(id) => {
                let Some(field) = self.field_mut(id) else { return false };
                match spot {
                    Spot::Show(_) => field.show = source,
                    Spot::Compute(_) => field.compute = source,
                    _ => field.required = source.map_or(Requirement::Fixed(true), Requirement::When),
                }
            }
            Spot::Check { field, rank } => {
                let Some(field) = self.field_mut(field) else { return false };
                return set_check(&mut field.checks, *rank, source);
            }
            Spot::FormCheck(rank) => return set_check(&mut self.form.checks, *rank, source),
            Spot::LimitWhen(rank) => match self.limits.get_mut(*rank) {
                Some(limit) => limit.when = source,
                None => return false,
            },
            Spot::LimitMost(rank) => match (self.limits.get_mut(*rank), source) {
                (Some(limit), Some(source)) => limit.at_most = source,
                _ => return false,
            },
            Spot::StepWhen(step) => match self.step_mut(step) {
                Some(step) => step.when = source,
                None => return false,
            },
            Spot::ActionWhen { step, action } => match self.action_mut(step, action) {
                Some(action) => action.when = source,
                None => return false,
            },
        }
        true
    }

    /// Where findings tell of the expression at a spot.
    pub fn place_of(&self, spot: &Spot) -> String {
        let field = |name: &str| self.place(name).map(|place| place.at()).unwrap_or_default();
        match spot {
            Spot::PageShow(page) => format!("form.page[{page}].show"),
            Spot::Show(id) => format!("{}.show", field(id)),
            Spot::Required(id) => format!("{}.required", field(id)),
            Spot::Compute(id) => format!("{}.compute", field(id)),
            Spot::Check { field: id, rank } => format!("{}.check[{rank}]", field(id)),
            Spot::FormCheck(rank) => format!("form.check[{rank}]"),
            Spot::LimitWhen(rank) => format!("limit[{rank}].when"),
            Spot::LimitMost(rank) => format!("limit[{rank}].at_most"),
            Spot::StepWhen(step) => format!("step[{step}].when"),
            Spot::ActionWhen { step, action } => format!("step[{step}].action[{action}].when"),
        }
    }

    /// Every expression with its spot, in the order of the form.
    pub fn expressions(&self) -> Vec<(Spot, &str)> {
        let mut found: Vec<(Spot, &str)> = Vec::new();
        for page in &self.form.pages {
            found.extend(page.show.as_deref().map(|source| (Spot::PageShow(page.id.clone()), source)));
        }
        self.form.places().for_each(|place| expressions_of(place, &mut found));
        for (rank, check) in self.form.checks.iter().enumerate() {
            found.push((Spot::FormCheck(rank), check.when.as_str()));
        }
        for (rank, limit) in self.limits.iter().enumerate() {
            found.extend(limit.when.as_deref().map(|source| (Spot::LimitWhen(rank), source)));
            found.push((Spot::LimitMost(rank), limit.at_most.as_str()));
        }
        for step in &self.steps {
            found.extend(step.when.as_deref().map(|source| (Spot::StepWhen(step.id.clone()), source)));
            step.places().for_each(|place| expressions_of(place, &mut found));
            for action in &step.actions {
                let spot = || Spot::ActionWhen { step: step.id.clone(), action: action.id.clone() };
                found.extend(action.when.as_deref().map(|source| (spot(), source)));
            }
        }
        found
    }
}

/// The expressions of one field.
fn expressions_of<'p>(place: FieldPlace<'p>, found: &mut Vec<(Spot, &'p str)>) {
    let field = place.field;
    let name = || place.name();
    found.extend(field.show.as_deref().map(|source| (Spot::Show(name()), source)));
    if let Requirement::When(source) = &field.required {
        found.push((Spot::Required(name()), source.as_str()));
    }
    found.extend(field.compute.as_deref().map(|source| (Spot::Compute(name()), source)));
    for (rank, check) in field.checks.iter().enumerate() {
        found.push((Spot::Check { field: name(), rank }, check.when.as_str()));
    }
}

fn set_check(checks: &mut Vec<Check>, rank: usize, source: Option<String>) -> bool {
    let count = checks.len();
    match (checks.get_mut(rank), source) {
        (Some(check), Some(source)) => check.when = source,
        (Some(_), None) => {
            checks.remove(rank);
        }
        (None, Some(source)) if rank == count => {
            checks.push(Check { when: source, message: Text::default(), field: None });
        }
        (None, _) => return false,
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn catalogued(name: &str) -> Procedure {
        let file = format!("{}/../../catalogue/procedures/{name}.toml", env!("CARGO_MANIFEST_DIR"));
        Procedure::from_toml(&std::fs::read_to_string(file).unwrap()).unwrap()
    }

    #[test]
    fn every_expression_is_found_where_it_stands() {
        let mut procedure = catalogued("occupation-domaine-public");
        let written: Vec<Spot> = procedure.expressions().into_iter().map(|(spot, _)| spot).collect();
        assert!(written.len() > 10);
        let before = procedure.clone();
        for spot in &written {
            assert_eq!(Spot::from_word(&spot.word()).as_ref(), Some(spot));
            let source = procedure.expression(spot).map(str::to_owned);
            assert!(procedure.set_expression(spot, source), "{spot:?}");
        }
        assert_eq!(procedure, before);
    }

    #[test]
    fn the_expressions_of_steps_are_found_as_those_of_the_form() {
        let steps = r#"
            [[step]]
            id = "visite"
            label = "Visite"
            when = "surface > 10"
            [[step.field]]
            id = "favorable"
            kind = "yes-no"
            label = "Favorable"
            required = "surface > 20"
            [[step.field.check]]
            when = "favorable"
            message = "Dites pourquoi."
            [[step.action]]
            id = "message"
            label = "Écrire"
            kind = "message"
            text = "Bonjour"
            when = "visite.favorable"
        "#;
        let mut procedure = catalogued("ecrire-a-la-mairie");
        let file = format!("{}\n{steps}", procedure.to_toml().unwrap());
        procedure = Procedure::from_toml(&file).unwrap();
        let spots: Vec<(Spot, String)> = procedure
            .expressions()
            .into_iter()
            .filter(|(spot, _)| spot.step().is_some())
            .map(|(spot, source)| (spot, source.to_owned()))
            .collect();
        let words: Vec<String> = spots.iter().map(|(spot, _)| spot.word()).collect();
        assert_eq!(
            words,
            [
                "step.visite.when",
                "question.visite.favorable.required",
                "question.visite.favorable.check.0",
                "step.visite.action.message.when"
            ]
        );
        let places: Vec<String> = spots.iter().map(|(spot, _)| procedure.place_of(spot)).collect();
        assert_eq!(
            places,
            [
                "step[visite].when",
                "step[visite].field[favorable].required",
                "step[visite].field[favorable].check[0]",
                "step[visite].action[message].when"
            ]
        );
        for (spot, source) in spots {
            assert_eq!(Spot::from_word(&spot.word()).as_ref(), Some(&spot));
            assert!(procedure.set_expression(&spot, Some(format!("{source} "))), "{spot:?}");
            assert_eq!(procedure.expression(&spot), Some(format!("{source} ").as_str()));
        }
    }
}
