//! What the forms of a decision to take back hold, read from what was posted: all that is missing is told at once.

use beffroi_cases::{
    LONGEST_TEXT,
    reversal::{Barred, Effect, Ground, Hearing, NewReversal, Standing},
};
use beffroi_core::{Day, calendar::long_date};
use beffroi_web::{FormPost, Page};

use super::super::action::{Wrong, day_of};
use crate::{daily::signatory::Signatory, problem::Problem};

/// Something wrong in a form.
pub(super) enum Flaw {
    /// Beside a control.
    Typed(Wrong),
    /// What the law says against it.
    Law(Barred),
}

impl Flaw {
    fn of(field: &'static str, key: &'static str) -> Self {
        Self::Typed(Wrong::of(field, key))
    }

    /// What is wrong, in words, beside the control that bears it.
    pub(super) fn problem(&self, page: &Page) -> Problem {
        let day = |day: Day| [("day", long_date(day, page.language()).into())];
        let (field, message) = match self {
            Self::Typed(wrong) => (wrong.field, page.tr(wrong.key, &[("limit", LONGEST_TEXT.into())])),
            Self::Law(Barred::Ground) => ("regle", page.t("office-reversal-no-rule").to_owned()),
            Self::Law(Barred::Late(last)) => ("regle", page.tr("office-reversal-late", &day(*last))),
            Self::Law(Barred::Unheard) => ("entendu", page.t("office-reversal-unheard").to_owned()),
            Self::Law(Barred::TooSoon(until)) => ("entendu", page.tr("office-reversal-soon", &day(*until))),
            Self::Law(Barred::Day) => ("entendu-le", page.t("office-reversal-heard-day").to_owned()),
        };
        Problem { field: field.to_owned(), message }
    }
}

/// The value of a choice: what becomes of the decision, and on what ground.
pub(super) fn value(effect: Effect, ground: Ground) -> String {
    format!("{}-{}", effect.as_str(), ground.as_str())
}

fn rule(word: &str) -> Option<(Effect, Ground)> {
    let (effect, ground) = word.split_once('-')?;
    Some((Effect::from_word(effect)?, Ground::from_word(ground)?))
}

struct Reader<'f> {
    form: &'f FormPost,
    flaws: Vec<Flaw>,
}

impl Reader<'_> {
    fn text(&mut self, field: &'static str, missing: &'static str) -> String {
        let text = self.form.text(field);
        if text.is_empty() {
            self.flaws.push(Flaw::of(field, missing));
        } else if text.chars().count() > LONGEST_TEXT {
            self.flaws.push(Flaw::of(field, "office-too-long"));
        }
        text.to_owned()
    }

    fn day(&self, field: &str) -> Option<Day> {
        let [day, month, year] =
            ["day", "month", "year"].map(|part| self.form.text(&format!("{field}-{part}")));
        day_of(day, month, year)
    }

    /// How the person was heard, with the day and the words that this asks for.
    fn hearing(&mut self) -> (Hearing, Option<Day>, String) {
        let Some(hearing) = Hearing::from_word(self.form.text("entendu")) else {
            self.flaws.push(Flaw::of("entendu", "office-reversal-hearing-missing"));
            return (Hearing::NotDue, None, String::new());
        };
        match hearing {
            Hearing::Observed => {
                let on = self.day("entendu-le");
                if on.is_none() {
                    self.flaws.push(Flaw::Law(Barred::Day));
                }
                (hearing, on, self.text("entendu-comment", "office-reversal-how-missing"))
            }
            Hearing::Urgency | Hearing::PublicOrder | Hearing::OwnProcedure => {
                (hearing, None, self.text("entendu-comment", "office-reversal-why-missing"))
            }
            Hearing::Invited | Hearing::Asked | Hearing::NotDue => (hearing, None, String::new()),
        }
    }
}

/// The signatory who was chosen; the town’s own where there is nobody to choose.
fn chosen<'s>(form: &FormPost, signatories: &'s [Signatory]) -> Result<&'s Signatory, Flaw> {
    match signatories {
        [own] if own.is_of_town() => Ok(own),
        [] => Err(Flaw::of("signatory", "office-nobody-signs")),
        several => {
            let named = form.text("signatory");
            let found = several.iter().find(|it| it.id.to_string() == named);
            found.ok_or(Flaw::of("signatory", "office-missing-signatory-choice"))
        }
    }
}

/// Reads the form that takes a decision back.
pub(super) fn read(
    form: &FormPost,
    standing: Standing,
    signatories: &[Signatory],
    series: Option<String>,
) -> Result<NewReversal, Vec<Flaw>> {
    let mut reader = Reader { form, flaws: Vec::new() };
    let ruled = rule(form.text("regle"));
    if ruled.is_none() {
        reader.flaws.push(Flaw::of("regle", "office-reversal-rule-missing"));
    }
    let asked = ruled.is_some_and(|(_, ground)| ground == Ground::Beneficiary);
    if asked && form.text("tiers").is_empty() {
        reader.flaws.push(Flaw::of("tiers", "office-reversal-others-missing"));
    }
    let reasons = reader.text("motifs", "office-missing-reasons");
    let due = standing.hearing_due() && !asked;
    let (hearing, heard_on, heard_how) =
        if due { reader.hearing() } else { (Hearing::NotDue, None, String::new()) };
    let signs = chosen(form, signatories);
    match (signs, ruled) {
        (Ok(signs), Some((effect, ground))) if reader.flaws.is_empty() => Ok(NewReversal {
            effect,
            ground,
            reasons,
            hearing,
            heard_on,
            heard_how,
            signatory_name: signs.name.clone(),
            signatory_quality: signs.quality.clone(),
            signatory_delegation: signs.delegation.clone(),
            series,
        }),
        (signs, _) => {
            reader.flaws.extend(signs.err());
            Err(reader.flaws)
        }
    }
}

/// Reads the form that asks for observations: why the decision may be taken back, and the last day to answer.
pub(super) fn read_invitation(form: &FormPost, today: Day) -> Result<(String, Day), Vec<Flaw>> {
    let mut reader = Reader { form, flaws: Vec::new() };
    let why = reader.text("observations-motif", "office-reversal-invite-why-missing");
    let until = reader.day("observations").filter(|until| *until > today);
    if until.is_none() {
        reader.flaws.push(Flaw::of("observations", "office-reversal-invite-day"));
    }
    match until {
        Some(until) if reader.flaws.is_empty() => Ok((why, until)),
        _ => Err(reader.flaws),
    }
}
