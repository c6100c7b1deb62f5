//! What publishing a long form costs: checked, compiled and written, against reading its file alone.

use std::{fmt::Write as _, time::Instant};

use anyhow::{Context, Result, ensure};
use beffroi_forms::{CompiledForm, Procedure};

use crate::{
    Bench,
    report::{Figure, Target},
    sample::median,
};

const FIELDS: usize = 700;
const CONDITIONS: usize = 200;
const FIELDS_A_PAGE: usize = 20;
const ROUNDS: usize = 15;

/// Checking, compiling and writing a form of 700 fields and 200 conditions, against parsing its TOML.
pub fn measure(_: &Bench) -> Result<Vec<Figure>> {
    let file = long_form()?;
    let mut ratios = Vec::new();
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        let procedure = Procedure::from_toml(std::hint::black_box(&file)).context("the form")?;
        let parsing = begun.elapsed();
        let begun = Instant::now();
        let findings = procedure.check();
        ensure!(findings.is_empty(), "the form is wrong: {:?}", findings.first());
        let advice = procedure.advice();
        let written = procedure.to_toml().context("the form")?;
        let form = CompiledForm::compile(procedure).map_err(|problems| anyhow::anyhow!("{problems:?}"))?;
        std::hint::black_box((advice, written, form));
        ratios.push(begun.elapsed().as_secs_f64() / parsing.as_secs_f64());
    }
    let yardstick = "reading its TOML";
    Ok(vec![Figure::new(
        "publishing 700 fields, 200 conditions",
        median(ratios),
        "ratio",
        Target::AtMost(50.0),
        yardstick,
    )])
}

/// A form of so many fields, of which some depend on the one before.
fn long_form() -> Result<String> {
    let mut file = String::from(include_str!("form.toml").split("[[form.page]]").next().unwrap_or_default());
    for rank in 0..FIELDS {
        if rank % FIELDS_A_PAGE == 0 {
            write!(file, "\n[[form.page]]\nid = \"page-{rank}\"\ntitle = \"Page {rank}\"\n")?;
        }
        write!(
            file,
            "\n[[form.page.field]]\nid = \"question_{rank}\"\nkind = \"number\"\nlabel = \"Question {rank}\"\nrequired = false\n"
        )?;
        if rank > 0 && rank % (FIELDS / CONDITIONS) == 0 && rank / (FIELDS / CONDITIONS) <= CONDITIONS {
            writeln!(file, "show = \"question_{} != null && question_{} > 3\"", rank - 1, rank - 1)?;
        }
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_is_as_long_as_it_says() {
        let procedure = Procedure::from_toml(&long_form().unwrap()).unwrap();
        assert_eq!(procedure.form.places().count(), FIELDS);
        assert_eq!(procedure.form.places().filter(|place| place.field.show.is_some()).count(), CONDITIONS);
    }
}
