//! What validating costs as a form grows: the same group of fields, repeated.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use beffroi_core::Channel;
use beffroi_forms::{Answers, CompiledForm, Environment, NoReferences, Procedure};
use serde_json::{Value, json};

use crate::{
    Bench,
    report::{Figure, Target},
    sample::median,
};

/// Fields of one row of the group.
const FIELDS_A_ROW: usize = 10;
const FEW_FIELDS: usize = 100;
const MANY_FIELDS: usize = 1_000;
const ROUNDS: usize = 41;
/// Evaluations of a round of the smaller form: one alone is too short to time.
const REPEATED: u32 = 20;

/// The time to validate a thousand fields, against a hundred.
pub fn measure(_: &Bench) -> Result<Vec<Figure>> {
    let form = compiled()?;
    let (few, many) = (answers(&form, FEW_FIELDS)?, answers(&form, MANY_FIELDS)?);
    let mut ratios = Vec::new();
    for _ in 0..ROUNDS {
        let small = took(&form, &few, REPEATED)?.as_secs_f64() / f64::from(REPEATED);
        let large = took(&form, &many, 2)?.as_secs_f64() / 2.0;
        ratios.push(large / small);
    }
    let yardstick = "100 fields, where 1 000 are 10 × as many";
    Ok(vec![Figure::new("validating 1 000 fields", median(ratios), "ratio", Target::AtMost(11.0), yardstick)])
}

fn took(form: &CompiledForm, typed: &Answers, times: u32) -> Result<Duration> {
    let files = HashMap::new();
    let today = "2026-06-03".parse().context("a day")?;
    let environment =
        Environment { today, channel: Channel::Online, references: &NoReferences, files: &files };
    let begun = Instant::now();
    for _ in 0..times {
        let outcome = form.evaluate(std::hint::black_box(typed), &environment);
        ensure!(outcome.faults.is_empty(), "the answers are wrong: {:?}", outcome.faults.first());
    }
    Ok(begun.elapsed())
}

/// A family's children: names, dates, conditions, checks and a computed value in each row.
fn compiled() -> Result<CompiledForm> {
    let procedure = Procedure::from_toml(include_str!("form.toml")).context("the form")?;
    CompiledForm::compile(procedure).map_err(|faults| anyhow::anyhow!("the form: {faults:?}"))
}

fn answers(form: &CompiledForm, fields: usize) -> Result<Answers> {
    let children: Vec<Value> = (0..fields / FIELDS_A_ROW)
        .map(|rank| {
            json!({
                "nom": "Peyron", "prenom": format!("Enfant {rank}"), "naissance": "2019-04-12", "ecole": "maternelle",
                "classe": "moyenne section", "cantine": true, "allergies": "aucune", "jours": ["lundi", "jeudi"],
                "telephone": "+33465711234", "quotient": 842,
            })
        })
        .collect();
    let typed = json!({ "nombre": children.len(), "enfants": children });
    Answers::from_json(&form.procedure().form, &typed).map_err(|faults| anyhow::anyhow!("{faults:?}"))
}
