//! The decisions of a request that were taken back, as its page tells them to its requester.

use beffroi_cases::{
    decision::Outcome,
    reversal::{Effect, Reversal},
};
use beffroi_core::calendar::long_date;
use beffroi_web::Page;

use super::tracking_view::{Dossier, Paper};
use crate::{
    enclosure::To,
    papers::{self, purpose},
};

/// A decision that was taken back.
pub(super) struct Reversed {
    /// What became of it, what it had decided, by which article, and what follows: a paragraph each.
    pub(super) paragraphs: Vec<String>,
    /// Why.
    pub(super) reasons: String,
    /// What had been joined to the decision.
    pub(super) joined: Vec<Paper>,
}

impl Dossier {
    /// Whether the last act is still to be signed by hand, on the letter that brings it.
    pub(super) fn act_is_unsigned(&self) -> bool {
        self.reversals.last().is_some_and(|act| papers::is_unsigned_act(act, &self.reach))
    }

    /// Whether the paper of the last act is there to be read.
    pub(super) fn has_act(&self) -> bool {
        !self.act_is_unsigned() && self.documents.iter().any(|document| document.purpose == purpose::REVERSAL)
    }

    /// All of them, the latest first.
    pub(super) fn reversed(&self, page: &Page) -> Vec<Reversed> {
        let last = self.reversals.last().map(|act| act.id);
        let line = |act: &Reversal| Reversed {
            paragraphs: paragraphs(page, act, last == Some(act.id) && self.decision.is_none()),
            reasons: papers::told_reasons(&act.reasons),
            joined: self.joined_to(To::Past(act.id), page.language()),
        };
        self.reversals.iter().rev().map(line).collect()
    }
}

/// `stands`: nothing was decided since.
fn paragraphs(page: &Page, act: &Reversal, stands: bool) -> Vec<String> {
    let day = |day| long_date(day, page.language()).into();
    let key = match act.effect {
        Effect::Withdrawn => "desk-reversed-withdrawn",
        Effect::Repealed => "desk-reversed-repealed",
    };
    let was = match (act.past.of_silence, act.past.outcome) {
        (true, _) => "desk-reversed-was-silence",
        (false, Outcome::Granted) => "desk-reversed-was-granted",
        (false, Outcome::Refused) => "desk-reversed-was-refused",
        (false, Outcome::Closed) => "desk-reversed-was-closed",
    };
    let then = if act.pends { "desk-reversed-pends" } else { "desk-reversed-stopped" };
    let became = page.tr(key, &[("day", day(act.past.taken_on)), ("on", day(act.acted_on))]);
    let mut said = vec![format!("{became} {}", page.t(was))];
    said.extend(stands.then(|| page.t(then).to_owned()));
    said.push(page.tr("desk-reversed-article", &[("article", act.article.clone().into())]));
    said
}
