//! The figures: as a table for people, as JSON for programs.

use std::fmt;

use anyhow::Result;
use serde::Serialize;

/// On which side of the target a figure is good.
#[derive(Clone, Copy)]
pub enum Target {
    /// The more the better.
    AtLeast(f64),
    /// The less the better.
    AtMost(f64),
}

/// One figure, against its target.
#[derive(Serialize)]
pub struct Figure {
    name: String,
    value: f64,
    target: f64,
    met: bool,
    unit: &'static str,
    yardstick: String,
    #[serde(skip)]
    sign: char,
}

impl Figure {
    /// A figure. `yardstick` says against what it was measured; `unit` is `ratio` for most.
    pub fn new(name: &str, value: f64, unit: &'static str, target: Target, yardstick: &str) -> Self {
        let (sign, target, met) = match target {
            Target::AtLeast(least) => ('≥', least, value >= least),
            Target::AtMost(most) => ('≤', most, value <= most),
        };
        let (name, yardstick) = (name.to_owned(), yardstick.to_owned());
        Self { name, value: (value * 1_000.0).round() / 1_000.0, target, met, unit, yardstick, sign }
    }
}

/// All that was measured in one run.
#[derive(Default)]
pub struct Report {
    figures: Vec<Figure>,
}

impl Report {
    /// Adds what one group measured.
    pub fn add(&mut self, figures: Vec<Figure>) {
        self.figures.extend(figures);
    }

    /// Whether every target was met.
    pub fn all_met(&self) -> bool {
        self.figures.iter().all(|figure| figure.met)
    }

    /// A list of `{"name","value","target","met","unit","yardstick"}`.
    pub fn to_json(&self) -> Result<String> {
        Ok(serde_json::to_string_pretty(&self.figures)? + "\n")
    }
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widest = |of: fn(&Figure) -> &str| {
            self.figures.iter().map(|figure| of(figure).chars().count()).max().unwrap_or_default()
        };
        let (names, yardsticks) = (widest(|figure| &figure.name), widest(|figure| &figure.yardstick));
        writeln!(out, "{:names$}  {:>8}  {:>8}  {:5}  met", "figure", "value", "target", "unit")?;
        writeln!(out, "{}", "-".repeat(names + yardsticks.min(40)))?;
        for figure in &self.figures {
            let Figure { name, value, target, met, unit, yardstick, sign } = figure;
            let met = if *met { "yes" } else { "NO" };
            let target = format!("{sign} {target}");
            writeln!(
                out,
                "{name:names$}  {value:>8.3}  {target:>8}  {unit:5}  {met:3}  against {yardstick}"
            )?;
        }
        Ok(())
    }
}
