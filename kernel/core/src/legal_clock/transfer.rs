//! A request that was sent to the wrong administration: handed over to the competent one, and what that does to the
//! clock (CRPA, art. L114-2 and L114-3).

use super::{ClockError, Incomplete, Regime, Silence, compute};
use crate::{Day, Lang, calendar::Holidays, calendar::long_date};

/// The clock of a request that was handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AfterTransfer {
    /// What silence means, and after how long.
    pub regime: Regime,
    /// The day from which the term runs: the first receipt where silence refuses, the receipt by the competent
    /// administration where it grants; `None` while that one is not known, and where silence means nothing.
    pub runs_from: Option<Day>,
    /// The day on which the request is deemed decided; `None` likewise.
    pub deemed_on: Option<Day>,
}

/// The clock of a request received on `received`, and by the competent administration on `received_there`, if that is
/// known. What it does with missing documents afterwards is its own.
///
/// # Errors
/// Those of [`compute`].
pub fn after_transfer(
    regime: Regime,
    received: Day,
    incompletes: &[Incomplete],
    received_there: Option<Day>,
    today: Day,
    holidays: Holidays,
) -> Result<AfterTransfer, ClockError> {
    let (runs_from, incompletes) = match regime.silence {
        // « court à compter de la date de réception de la demande par l’administration initialement saisie »
        Silence::Refuses => (Some(received), incompletes),
        // « ne court qu’à compter de la date de réception de la demande par l’administration compétente »
        Silence::Grants => (received_there, [].as_slice()),
        Silence::None => (None, [].as_slice()),
    };
    let deemed_on = match runs_from {
        Some(from) => compute(regime, from, incompletes, today.max(from), holidays)?.deemed_on,
        None => None,
    };
    Ok(AfterTransfer { regime, runs_from, deemed_on })
}

impl AfterTransfer {
    /// What becomes of the request, in one plain sentence with its article.
    pub fn sentence(&self, lang: Lang) -> String {
        let term = self.regime.term.map(|term| term.text(lang)).unwrap_or_default();
        let of_term = self.regime.term.map(|term| term.of_text(lang)).unwrap_or_default();
        let day = |day: Option<Day>| day.map(|day| long_date(day, lang)).unwrap_or_default();
        let (from, deemed) = (day(self.runs_from), day(self.deemed_on));
        match (lang, self.regime.silence, self.runs_from) {
            (Lang::Fr, Silence::Refuses, _) => format!(
                "Sans réponse de cette administration, votre demande sera réputée refusée le {deemed}\u{a0}: le délai {of_term} court depuis sa réception à la mairie, le {from} (CRPA, art.\u{a0}L114-3)."
            ),
            (Lang::Fr, Silence::Grants, Some(_)) => format!(
                "Sans réponse de cette administration, votre demande sera réputée acceptée le {deemed}\u{a0}: le délai {of_term} court depuis qu’elle l’a reçue, le {from} (CRPA, art.\u{a0}L114-3)."
            ),
            (Lang::Fr, Silence::Grants, None) => format!(
                "Sans réponse de cette administration, votre demande sera réputée acceptée {term} après le jour où elle l’aura reçue (CRPA, art.\u{a0}L114-3)."
            ),
            (Lang::Fr, Silence::None, _) => {
                "Le silence de cette administration ne vaudra ni accord ni refus.".to_owned()
            }
            (Lang::En, Silence::Refuses, _) => format!(
                "Without an answer from that administration, your request will be deemed refused on {deemed}: the term of {term} runs from its receipt by the town hall on {from} (CRPA, art. L114-3)."
            ),
            (Lang::En, Silence::Grants, Some(_)) => format!(
                "Without an answer from that administration, your request will be deemed granted on {deemed}: the term of {term} runs from the day on which it received it, {from} (CRPA, art. L114-3)."
            ),
            (Lang::En, Silence::Grants, None) => format!(
                "Without an answer from that administration, your request will be deemed granted {term} after the day on which it receives it (CRPA, art. L114-3)."
            ),
            (Lang::En, Silence::None, _) => {
                "The silence of that administration will neither grant nor refuse it.".to_owned()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn clock(silence: Silence, there: Option<&str>) -> AfterTransfer {
        let regime = Regime { silence, term: (silence != Silence::None).then(|| "2m".parse().unwrap()) };
        let there = there.map(day);
        after_transfer(regime, day("2026-05-15"), &[], there, day("2026-06-01"), Holidays::Metropole).unwrap()
    }

    #[test]
    fn a_refusal_runs_from_the_first_receipt_whoever_is_competent() {
        let clock = clock(Silence::Refuses, Some("2026-06-01"));
        assert_eq!(clock.deemed_on, Some(day("2026-07-16")));
        assert!(
            clock.sentence(Lang::Fr).contains("réputée refusée le 16 juillet 2026"),
            "{}",
            clock.sentence(Lang::Fr)
        );
    }

    #[test]
    fn an_acceptance_runs_from_the_receipt_by_the_competent_administration() {
        assert_eq!(clock(Silence::Grants, None).deemed_on, None);
        let known = clock(Silence::Grants, Some("2026-06-01"));
        assert_eq!((known.runs_from, known.deemed_on), (Some(day("2026-06-01")), Some(day("2026-08-02"))));
    }

    #[test]
    fn silence_that_means_nothing_means_nothing_there_either() {
        assert_eq!(clock(Silence::None, Some("2026-06-01")).deemed_on, None);
    }
}
