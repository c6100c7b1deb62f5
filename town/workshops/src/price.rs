//! What a session of a series costs one person, by which deliberation, and who collects it; and that in the reader's words.

use beffroi_calendar::{clock::capital, resource::Name, tariff::Deliberation};
use beffroi_core::{Cents, Id};
use beffroi_payments::Regie;
use beffroi_web::{Choice, Page};
use serde::{Deserialize, Serialize};

use crate::series::SeriesSheet;

/// A lower price, and who has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reduced {
    /// What a session costs them.
    pub price: Cents,
    /// Who they are, in a sentence.
    pub who: Name,
}

/// What fixes the price of a series, and who collects it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fixed {
    /// The council's vote.
    pub deliberation: Deliberation,
    /// Who collects.
    pub regie: Id<Regie>,
    /// A lower price, where there is one.
    pub reduced: Option<Reduced>,
}

/// What somebody is asked for each session, as it was when they were registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Price {
    /// So much for each session.
    pub cents: Cents,
    /// Whether that is the reduced price.
    pub reduced: bool,
    /// What fixes it.
    pub deliberation: Deliberation,
    /// Who collects it.
    pub regie: Id<Regie>,
}

/// What was typed, as a sentence that another may follow.
fn sentence(text: &str) -> String {
    let text = text.trim();
    if text.ends_with(['.', '!', '?', '…']) { text.to_owned() } else { format!("{text}.") }
}

/// What a session costs; `""` where it is free.
pub(crate) fn each(page: &Page, sheet: &SeriesSheet) -> String {
    match sheet.price {
        Cents(0) => String::new(),
        price => page.tr("workshops-price", &[("price", price.read_in(page.language()).into())]),
    }
}

/// All that is said of the price: what a session costs, who pays less, what fixes it; nothing where it is free.
pub(crate) fn lines(page: &Page, sheet: &SeriesSheet) -> Vec<String> {
    let lang = page.language();
    let mut lines: Vec<String> = Some(each(page, sheet)).into_iter().filter(|it| !it.is_empty()).collect();
    if let Some(fixed) = &sheet.fixed {
        if let Some(reduced) = &fixed.reduced {
            let who = sentence(reduced.who.read_in(lang));
            let facts = [("price", reduced.price.read_in(lang).into()), ("who", who.into())];
            lines.push(page.tr("workshops-price-reduced", &facts));
        }
        lines.push(capital(&fixed.deliberation.cited(lang)));
    }
    lines
}

/// The two prices among which whoever registers, or the agent who does it for them, chooses; nothing where there is but one.
pub(crate) fn choices(page: &Page, sheet: &SeriesSheet, agent: bool, reduced: bool) -> Vec<Choice> {
    let Some(lower) = sheet.fixed.as_ref().and_then(|fixed| fixed.reduced.as_ref()) else {
        return Vec::new();
    };
    let label = |key: &str, price: Cents| page.tr(key, &[("price", price.read_in(page.language()).into())]);
    let who = sentence(lower.who.read_in(page.language()));
    let proof = if agent { "workshops-office-rate-proof" } else { "workshops-rate-proof" };
    vec![
        Choice::new("plein", &label("workshops-rate-full", sheet.price), !reduced),
        Choice {
            hint: page.tr(proof, &[("who", who.into())]),
            ..Choice::new("reduit", &label("workshops-rate-reduced", lower.price), reduced)
        },
    ]
}
