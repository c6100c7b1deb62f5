//! What a procedure costs, collected for its cases: reckoned as the version of each case says, asked for when it is due, told
//! with the acknowledgement or the decision (docs/payments.md).

mod bill;
mod panel;
mod told;

use beffroi_cases::{case::Case, decision::Outcome, step};
use beffroi_core::{Cents, Lang};
use beffroi_forms::{CompiledForm, Fee, FeeDue, Known, Procedure};
use beffroi_store::{Result, Tx};
use beffroi_web::Page;
use serde_json::{Map, Value};

pub(crate) use bill::{Fees, KIND, file, orders};
pub(crate) use panel::{panels, till};

/// What is to be paid for a case, now or once it is granted.
#[derive(Clone, Debug)]
pub(crate) struct Owed {
    /// How much.
    pub(crate) cents: Cents,
    /// When it is due.
    pub(crate) on: FeeDue,
    /// What fixes it.
    pub(crate) deliberation: String,
}

impl Owed {
    /// Whether a decision with this outcome makes it due.
    pub(crate) fn is_due_by(&self, outcome: Outcome) -> bool {
        self.on == FeeDue::Grant && outcome == Outcome::Granted
    }

    /// What is to be paid, what fixes it, and how it is paid: a paragraph for a message.
    pub(crate) fn told(&self, lang: Lang) -> String {
        told::to_pay(self, lang)
    }

    /// The same, as an article of an order.
    pub(crate) fn article(&self) -> String {
        told::article(self)
    }
}

/// What is said of it with a decision, a paragraph each; nothing where that does not make it due.
pub(crate) fn told_with(owed: Option<&Owed>, outcome: Outcome, lang: Lang) -> Vec<String> {
    owed.filter(|owed| owed.is_due_by(outcome)).map(|owed| owed.told(lang)).into_iter().collect()
}

/// What a procedure collects; `None` where nothing is, or somebody else does.
fn collected(procedure: &Procedure) -> Option<&Fee> {
    procedure.fee.as_ref().filter(|fee| fee.is_collected())
}

/// What is to be paid for a case, by its answers and what agents filled in; `None` where nothing is.
pub(crate) fn owed_by(form: &CompiledForm, case: &Case, steps: &Map<String, Value>) -> Option<Owed> {
    let fee = collected(form.procedure())?;
    let empty = Map::new();
    let answers = case.answers.as_object().unwrap_or(&empty);
    let cents = form.fee_owed(Known { answers, steps })?;
    Some(Owed { cents, on: fee.on, deliberation: fee.deliberation.trim().to_owned() })
}

/// The same, where what agents filled in is still to be read.
pub(crate) fn owed(tx: &mut Tx<'_>, form: &CompiledForm, case: &Case) -> Result<Option<Owed>> {
    let filled_in = collected(form.procedure()).is_some_and(Fee::is_filled_in);
    let steps = if filled_in { step::filled(tx, case.id)? } else { Map::new() };
    Ok(owed_by(form, case, &steps))
}

/// What the sheet of a procedure says of its price beside its words, a line each: how much, when it is due, what fixes it.
pub(crate) fn sheet(page: &Page, procedure: &Procedure) -> Vec<String> {
    let Some(fee) = &procedure.fee else { return Vec::new() };
    let mut lines = Vec::new();
    let how = match (fee.amount, &fee.field) {
        (Some(_), _) => Some("fixed"),
        (None, Some(_)) if fee.is_filled_in() => Some("filled"),
        (None, Some(_)) => Some("computed"),
        (None, None) => None,
    };
    if let Some(how) = how {
        let amount = fee.amount.map(|amount| amount.read_in(page.language())).unwrap_or_default();
        let key = format!("desk-fee-{how}-{}", fee.on.as_str());
        lines.push(page.tr(&key, &[("amount", amount.into())]));
    }
    let deliberation = fee.deliberation.trim();
    if !deliberation.is_empty() {
        lines.push(page.tr("desk-fee-by", &[("text", deliberation.to_owned().into())]));
    }
    lines
}

/// What is said before a request is sent, by its answers: how much it comes to, when that is due and what fixes it.
pub(crate) fn before(page: &Page, form: &CompiledForm, answers: &Map<String, Value>) -> Vec<String> {
    let procedure = form.procedure();
    let Some(fee) = collected(procedure).filter(|fee| !fee.is_filled_in()) else {
        return sheet(page, procedure);
    };
    let Some(cents) = form.fee_owed(Known { answers, steps: &Map::new() }) else {
        return vec![page.t("desk-fee-nothing").to_owned()];
    };
    let key = format!("desk-fee-fixed-{}", fee.on.as_str());
    vec![
        page.tr(&key, &[("amount", cents.read_in(page.language()).into())]),
        page.tr("desk-fee-by", &[("text", fee.deliberation.trim().to_owned().into())]),
    ]
}
