//! What is missing in a case, until when, and what that does to its clock, as the acknowledgement has to say
//! (CRPA, art. L114-5).

use beffroi_cases::{
    case::Case,
    missing::{self, DocumentRequest},
};
use beffroi_core::{
    Day, Lang,
    calendar::{Holidays, long_date},
    legal_clock::Silence,
};

/// What is awaited of the requester.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Awaited {
    /// The pieces, as the requester reads them.
    pub pieces: Vec<String>,
    /// The last day on which some of them were asked for.
    pub asked_on: Day,
    /// The last day given to send them.
    pub until: Option<Day>,
    /// The day on which they are taken to arrive: the one on which they were asked for, or the later one on which this
    /// is told.
    pub if_on: Day,
    /// What the date of the implied decision is if they arrive on that day: it moves with every day that they are late.
    pub deemed_on: Option<Day>,
}

impl Awaited {
    /// What is awaited in a case, as it is told on `today`; on the day on which it was asked for where that is `None`.
    /// Nothing where all has come, or where the case is over.
    pub fn of(
        case: &Case,
        requests: &[DocumentRequest],
        today: Option<Day>,
        holidays: Holidays,
    ) -> Option<Self> {
        let open = || requests.iter().filter(|request| request.arrived_on.is_none() && case.state.is_open());
        let asked_on = open().map(|request| request.asked_on).max()?;
        let if_on = today.map_or(asked_on, |today| today.max(asked_on));
        let dates = missing::dates_if_complete(case, requests, if_on, holidays);
        Some(Self {
            pieces: open()
                .flat_map(|request| request.pieces.lines())
                .map(|piece| piece.trim().to_owned())
                .filter(|piece| !piece.is_empty())
                .collect(),
            asked_on,
            if_on,
            until: open().filter_map(|request| request.deadline).max(),
            deemed_on: dates.map_or(case.deemed_on, |dates| dates.deemed_on),
        })
    }

    /// Which pieces, and until when.
    pub(super) fn list(&self, lang: Lang) -> String {
        let until = self.until.map(|day| long_date(day, lang));
        match lang {
            Lang::Fr => {
                let pieces = self.pieces.join("\u{a0}; ");
                let until = until.map(|day| format!(" au plus tard le {day}")).unwrap_or_default();
                format!(
                    "Il manque à votre dossier\u{a0}: {pieces}. Merci de nous envoyer ou de déposer à la mairie ce qui manque{until}."
                )
            }
            Lang::En => {
                let pieces = self.pieces.join("; ");
                let until = until.map(|day| format!(" by {day}")).unwrap_or_default();
                format!(
                    "Your file lacks: {pieces}. Please send what is missing, or bring it to the town hall,{until}."
                )
                .replace(",.", ".")
            }
        }
    }

    /// What silence means meanwhile.
    pub(super) fn silence(&self, silence: Silence, lang: Lang) -> Option<String> {
        let day = long_date(self.deemed_on?, lang);
        let asked = long_date(self.if_on, lang);
        if let Some(until) = self.until.filter(|until| *until < self.if_on && silence == Silence::Refuses) {
            let until = long_date(until, lang);
            return Some(match lang {
                Lang::Fr => format!(
                    "Le temps donné pour envoyer ce qui manque a pris fin le {until}, et le délai a repris. Sans réponse de notre part, votre demande devra être considérée comme refusée le {day} (article L114-5 du code des relations entre le public et l’administration)."
                ),
                Lang::En => format!(
                    "The time given to send what is missing ended on {until}, and the term has resumed. If we do not answer, your request must be considered refused on {day} (article L114-5, Code des relations entre le public et l’administration)."
                ),
            });
        }
        Some(match (silence, lang) {
            (Silence::None, _) => return None,
            (Silence::Grants, Lang::Fr) => format!(
                "Sans réponse de notre part, votre demande sera acceptée le {day} si ce qui manque nous parvient le {asked}. Le délai ne court qu’à compter de cette réception\u{a0}: plus tard elle a lieu, plus cette date recule (article L114-5 du code des relations entre le public et l’administration)."
            ),
            (Silence::Grants, Lang::En) => format!(
                "If we do not answer, your request will be granted on {day}, provided that what is missing reaches us on {asked}. The time runs only from that receipt: the later it is, the later this day (article L114-5, Code des relations entre le public et l’administration)."
            ),
            (Silence::Refuses, Lang::Fr) => format!(
                "Sans réponse de notre part, votre demande devra être considérée comme refusée le {day} si ce qui manque nous parvient le {asked}. Le délai est suspendu jusqu’à cette réception{}\u{a0}: cette date recule d’autant (article L114-5 du code des relations entre le public et l’administration).",
                self.until
                    .map(|day| format!(", au plus tard jusqu’au {}", long_date(day, lang)))
                    .unwrap_or_default()
            ),
            (Silence::Refuses, Lang::En) => format!(
                "If we do not answer, your request must be considered refused on {day}, if what is missing reaches us on {asked}. The time stands still until then{}: this day moves as much (article L114-5, Code des relations entre le public et l’administration).",
                self.until
                    .map(|day| format!(", until {} at the latest", long_date(day, lang)))
                    .unwrap_or_default()
            ),
        })
    }
}
