//! The decisions of a case that were taken back, as its page tells them to agents.

use beffroi_cases::{case::State, decision::Outcome, reversal::Effect};
use beffroi_core::calendar::long_date;
use beffroi_web::Page;

use super::{dossier_parts::Paper, dossier_read::Dossier};
use crate::{enclosure::To, public::when, words};

/// A decision that was taken back.
pub(super) struct Reversed {
    /// What became of which decision, when and by which article.
    pub(super) said: String,
    pub(super) reasons: String,
    pub(super) signed: String,
    /// What proves that the requester was told.
    pub(super) proof: String,
    /// What had been joined to the decision.
    pub(super) joined: Vec<Paper>,
}

/// Whether a decision stands that can be taken back: as `beffroi_cases::reversal::standing` finds it, of a case that does
/// not leave.
pub(super) fn is_reversible(found: &Dossier) -> bool {
    let granted = found.implied.as_ref().is_some_and(|implied| implied.outcome == Outcome::Granted);
    let ended = matches!(found.case.state, State::Decided | State::Archived);
    ended && !found.leaving && (found.decision.is_some() || granted)
}

/// All of them, the latest first.
pub(super) fn lines(page: &Page, found: &Dossier, base: &str) -> Vec<Reversed> {
    let at = |instant| when(instant, found.stationery.town.zone(), page.language()).into();
    let line = |act: &beffroi_cases::reversal::Reversal| {
        let key = match act.effect {
            Effect::Withdrawn => "office-reversed-withdrawn",
            Effect::Repealed => "office-reversed-repealed",
        };
        let told = [
            ("day", long_date(act.past.taken_on, page.language()).into()),
            ("on", long_date(act.acted_on, page.language()).into()),
            ("article", act.article.clone().into()),
        ];
        let was = match act.past.outcome {
            Outcome::Granted => "office-reversed-was-granted",
            Outcome::Refused => "office-reversed-was-refused",
            Outcome::Closed => "office-reversed-was-closed",
        };
        let number = act.number.as_ref();
        let number = number.map(|it| page.tr("office-reversed-number", &[("number", it.clone().into())]));
        let said = [page.tr(key, &told), page.t(was).to_owned(), number.unwrap_or_default()];
        Reversed {
            said: said.join(" ").trim_end().to_owned(),
            reasons: act.reasons.clone(),
            signed: words::signs(&act.signatory_name, &act.signatory_quality, &act.signatory_delegation),
            proof: match (act.sent_at, act.read_at) {
                (_, Some(read)) => page.tr("office-reversed-read", &[("when", at(read))]),
                (Some(sent), None) => page.tr("office-reversed-sent", &[("when", at(sent))]),
                (None, None) => page.t("office-reversed-unsent").to_owned(),
            },
            joined: found.joined_to(page, To::Past(act.id), base),
        }
    };
    found.reversals.iter().rev().map(line).collect()
}
