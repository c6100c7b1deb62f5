//! Steps against what is known of a case: which are offered, what agents filled in, which actions are open.

use beffroi_core::Lang;
use cel::Value as Cel;
use serde_json::{Map, Value};

use crate::{
    Answers, CompiledForm, Environment, Outcome, References,
    evaluate::{context, known_as},
};

/// What is known of a case: the requester’s answers, and what agents filled in, by step.
#[derive(Clone, Copy, Debug)]
pub struct Known<'k> {
    /// The answers to the form.
    pub answers: &'k Map<String, Value>,
    /// By step, the answers to its fields.
    pub steps: &'k Map<String, Value>,
}

impl CompiledForm {
    /// The fields of a step as a form of their own, with one page; `None` where it has none.
    pub fn step_form(&self, step: &str) -> Option<&Self> {
        self.steps.get(self.rank_of(step)?)?.form.as_deref()
    }

    fn rank_of(&self, step: &str) -> Option<usize> {
        self.procedure.steps.iter().position(|known| known.id == step)
    }

    /// Judges what an agent filled in in a step; `None` where the step has no fields.
    pub fn judge_step(
        &self,
        step: &str,
        typed: &Answers,
        known: Known<'_>,
        environment: &Environment<'_>,
    ) -> Option<Outcome> {
        let rank = self.rank_of(step)?;
        let form = self.steps.get(rank)?.form.as_deref()?;
        Some(form.judge(typed, environment, self.variables(known, rank)))
    }

    /// Whether each step is offered, in the order of the file.
    pub fn steps_offered(&self, known: Known<'_>, environment: &Environment<'_>) -> Vec<bool> {
        let plans = self.steps.iter().enumerate();
        plans
            .map(|(rank, plan)| {
                plan.when.as_ref().is_none_or(|when| {
                    let mut context = context(environment);
                    for (name, value) in self.variables(known, rank) {
                        context.add_variable_from_value(name, value);
                    }
                    when.holds(&context)
                })
            })
            .collect()
    }

    /// Whether each action of a step is open, in the order of the file.
    pub fn actions_open(&self, step: &str, known: Known<'_>, environment: &Environment<'_>) -> Vec<bool> {
        let Some(rank) = self.rank_of(step) else { return Vec::new() };
        let Some(plan) = self.steps.get(rank) else { return Vec::new() };
        let mut context = context(environment);
        for (name, value) in self.variables(known, rank + 1) {
            context.add_variable_from_value(name, value);
        }
        plan.actions.iter().map(|when| when.as_ref().is_none_or(|when| when.holds(&context))).collect()
    }

    /// What conditions know before the step of this rank: every question, answered or not, and the steps before.
    fn variables(&self, known: Known<'_>, rank: usize) -> Vec<(String, Cel)> {
        let answers = self
            .fields()
            .filter(|(_, field)| field.kind.is_question())
            .map(|(_, field)| (field.id.clone(), known_as(field, known.answers.get(&field.id))));
        let steps = self.procedure.steps.iter().zip(&self.steps).take(rank);
        let steps = steps.filter_map(|(step, plan)| {
            let form = plan.form.as_deref()?;
            let filled = known.steps.get(&step.id);
            let parts = form.fields().filter(|(_, field)| field.kind.is_question()).map(|(_, field)| {
                let key = cel::objects::Key::String(std::sync::Arc::new(field.id.clone()));
                (key, known_as(field, filled.and_then(|filled| filled.get(&field.id))))
            });
            let map = std::sync::Arc::new(parts.collect());
            Some((step.variable(), Cel::Map(cel::objects::Map { map })))
        });
        answers.chain(steps).collect()
    }

    /// One thing that is known, in words: a question of the form, or `step.field`; `""` where it is not answered,
    /// `None` where there is no such thing.
    pub fn told(
        &self,
        name: &str,
        known: Known<'_>,
        lang: Lang,
        references: &dyn References,
    ) -> Option<String> {
        let empty = Map::new();
        match name.split_once('.') {
            None => self.field(name).map(|_| self.value(name, known.answers, lang, references)),
            Some((step, field)) => {
                let step = self.procedure.steps.iter().find(|it| it.id == step || it.variable() == step)?;
                let form = self.step_form(&step.id)?;
                form.field(field)?;
                let filled = known.steps.get(&step.id).and_then(Value::as_object).unwrap_or(&empty);
                Some(form.value(field, filled, lang, references))
            }
        }
    }

    /// What a question, or `step.field`, is called.
    pub fn called(&self, name: &str, lang: Lang) -> Option<String> {
        let field = match name.split_once('.') {
            None => self.field(name)?,
            Some((step, field)) => {
                let step = self.procedure.steps.iter().find(|it| it.id == step || it.variable() == step)?;
                self.step_form(&step.id)?.field(field)?
            }
        };
        Some(field.label.text(lang).to_owned())
    }

    /// A text in which `{field}` stands for an answer, and `{step.field}` for what an agent filled in. Another name
    /// stays as it is.
    pub fn fill_with(&self, text: &str, known: Known<'_>, references: &dyn References) -> String {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            let told = after
                .split_once('}')
                .and_then(|(name, after)| Some((self.told(name, known, Lang::Fr, references)?, after)));
            if let Some((told, after)) = told {
                filled.push_str(&told);
                rest = after;
            } else {
                filled.push('{');
                rest = after;
            }
        }
        filled.push_str(rest);
        filled
    }
}
