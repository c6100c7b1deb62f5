//! The steps of the clock, each of which explains itself in one plain sentence.

use serde::{Serialize, Serializer, ser::SerializeStruct};

use super::{CONVENTION, Regime, Silence, Term};
use crate::{
    Day, Lang,
    calendar::{Holiday, Holidays, long_date, long_date_with_weekday},
};

/// One thing that the law attaches to one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The day.
    pub day: Day,
    /// What happens on it.
    pub kind: StepKind,
}

/// What happens on the day of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepKind {
    /// The request is received.
    Received {
        /// The procedure's regime.
        regime: Regime,
        /// The first day of the term; `None` where silence means nothing.
        starts: Option<Day>,
    },
    /// A refusal is withdrawn: the request pends again.
    PendingAgain {
        /// The procedure's regime.
        regime: Regime,
        /// The first day of the term; `None` where silence means nothing.
        starts: Option<Day>,
    },
    /// Last day to register the request.
    RegisterBy,
    /// Last day to acknowledge it.
    AcknowledgeBy {
        /// Public holidays on the way that would else have been working days.
        skipped: Vec<Holiday>,
    },
    /// The commune asks for missing documents.
    Asked {
        /// What that does to the term.
        effect: Effect,
    },
    /// The documents arrive.
    Arrived {
        /// The day on which they were asked for.
        asked: Day,
    },
    /// The time given for the documents ends without them, and the suspension with it.
    TimeGivenEnds {
        /// The day on which they were asked for.
        asked: Day,
    },
    /// Documents are missing still: the computation takes them to arrive on this day.
    StillMissing {
        /// The day on which they were asked for.
        asked: Day,
    },
    /// The term resumes after a suspension.
    Resumes {
        /// How many days of the term were suspended, and come on top.
        suspended: u64,
    },
    /// The file is complete: the whole term starts on this day.
    StartsAfresh {
        /// The term.
        term: Term,
    },
    /// Silence has decided.
    Deemed {
        /// What it means.
        silence: Silence,
    },
}

/// What a request for documents does to the term (CRPA, art. L114-5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Silence refuses: the term is suspended.
    Suspends,
    /// Silence grants: the term will start afresh once the file is complete.
    Restarts,
    /// The wait was over before the term began.
    SettledAtOnce,
    /// The term had run out.
    TooLate,
    /// Silence means nothing: no term runs.
    NoTerm,
}

impl Step {
    /// The step's name for a program.
    pub const fn name(&self) -> &'static str {
        match self.kind {
            StepKind::Received { .. } => "received",
            StepKind::PendingAgain { .. } => "pending_again",
            StepKind::RegisterBy => "register_by",
            StepKind::AcknowledgeBy { .. } => "acknowledge_by",
            StepKind::Asked { effect: Effect::Suspends } => "asked_suspends",
            StepKind::Asked { effect: Effect::Restarts } => "asked_restarts",
            StepKind::Asked { effect: Effect::SettledAtOnce } => "asked_settled_at_once",
            StepKind::Asked { effect: Effect::TooLate } => "asked_too_late",
            StepKind::Asked { effect: Effect::NoTerm } => "asked",
            StepKind::Arrived { .. } => "arrived",
            StepKind::TimeGivenEnds { .. } => "time_given_ends",
            StepKind::StillMissing { .. } => "still_missing",
            StepKind::Resumes { .. } => "resumes",
            StepKind::StartsAfresh { .. } => "starts_afresh",
            StepKind::Deemed { .. } => "deemed",
        }
    }

    /// The article of the Code des relations entre le public et l’administration that the step rests on;
    /// `None` where silence means nothing and no article need say so.
    pub const fn article(&self) -> Option<&'static str> {
        match self.kind {
            StepKind::Received { regime: Regime { silence, .. }, .. }
            | StepKind::PendingAgain { regime: Regime { silence, .. }, .. }
            | StepKind::Deemed { silence } => match silence {
                Silence::Grants => Some("L231-1"),
                Silence::Refuses => Some("L231-4"),
                Silence::None => None,
            },
            StepKind::RegisterBy | StepKind::AcknowledgeBy { .. } => Some("L112-11"),
            StepKind::Asked { .. }
            | StepKind::Arrived { .. }
            | StepKind::TimeGivenEnds { .. }
            | StepKind::StillMissing { .. }
            | StepKind::Resumes { .. }
            | StepKind::StartsAfresh { .. } => Some("L114-5"),
        }
    }

    /// The step in one plain sentence, with its article.
    pub fn sentence(&self, lang: Lang) -> String {
        let text = match lang {
            Lang::Fr => self.french(),
            Lang::En => self.english(),
        };
        match (self.article(), lang) {
            (None, _) => format!("{text}."),
            (Some(article), Lang::Fr) => format!("{text} (CRPA, art.\u{a0}{article})."),
            (Some(article), Lang::En) => format!("{text} (CRPA, art. {article})."),
        }
    }

    fn french(&self) -> String {
        let long = |day| long_date(day, Lang::Fr);
        let (day, full) = (long(self.day), long_date_with_weekday(self.day, Lang::Fr));
        match &self.kind {
            StepKind::Received { regime: Regime { term: Some(term), .. }, starts: Some(starts) } => format!(
                "Demande reçue le {day}\u{a0}: le délai {} court à partir du {}",
                term.of_text(Lang::Fr),
                long(*starts)
            ),
            StepKind::Received { .. } => {
                format!("Demande reçue le {day}\u{a0}: le silence de la commune ne vaut ni accord ni refus")
            }
            StepKind::PendingAgain { regime: Regime { term: Some(term), .. }, starts: Some(starts) } => {
                format!(
                    "Refus retiré le {day}\u{a0}: la mairie doit de nouveau répondre, et le délai {} court à partir du {}",
                    term.of_text(Lang::Fr),
                    long(*starts)
                )
            }
            StepKind::PendingAgain { .. } => {
                format!("Refus retiré le {day}\u{a0}: la mairie doit de nouveau répondre")
            }
            StepKind::RegisterBy => format!(
                "La demande est enregistrée au plus tard le {full}, soit {} après sa réception",
                working_days(CONVENTION.register_within, Lang::Fr)
            ),
            StepKind::AcknowledgeBy { skipped } => format!(
                "L’accusé de réception est envoyé au plus tard le {full}, soit {} après la réception{}",
                working_days(CONVENTION.acknowledge_within, Lang::Fr),
                not_counted(skipped, Lang::Fr)
            ),
            StepKind::Asked { effect } => match effect {
                Effect::Suspends => {
                    format!(
                        "Des pièces manquantes sont demandées le {day}\u{a0}: le délai est suspendu à partir de ce jour"
                    )
                }
                Effect::Restarts => format!(
                    "Des pièces manquantes sont demandées le {day}\u{a0}: le délai ne court qu’une fois le dossier complet"
                ),
                Effect::SettledAtOnce => format!(
                    "Des pièces manquantes sont demandées le {day}, et l’attente prend fin avant que le délai ne coure\u{a0}: \
                     il n’est pas suspendu"
                ),
                Effect::TooLate => format!(
                    "Des pièces sont demandées le {day}, une fois le délai écoulé\u{a0}: cela ne change plus rien au délai"
                ),
                Effect::NoTerm => format!("Des pièces manquantes sont demandées le {day}"),
            },
            StepKind::Arrived { asked } => {
                format!("Les pièces demandées le {} arrivent le {day}", long(*asked))
            }
            StepKind::TimeGivenEnds { asked } => format!(
                "Le temps laissé pour fournir les pièces demandées le {} prend fin le {day}, et la suspension avec lui",
                long(*asked)
            ),
            StepKind::StillMissing { asked } => format!(
                "Les pièces demandées le {} manquent encore\u{a0}: le calcul suppose qu’elles arrivent le {day}",
                long(*asked)
            ),
            StepKind::Resumes { suspended } => format!(
                "Le délai reprend le {day}, après {suspended}\u{a0}jour{} de suspension qui s’ajoute{} à sa fin",
                if *suspended > 1 { "s" } else { "" },
                if *suspended > 1 { "nt" } else { "" },
            ),
            StepKind::StartsAfresh { term } => {
                format!(
                    "Le dossier est complet\u{a0}: le délai {} repart en entier le {day}",
                    term.of_text(Lang::Fr)
                )
            }
            StepKind::Deemed { silence: Silence::Grants } => {
                format!("Sans réponse de la commune d’ici là, la demande est réputée acceptée le {day}")
            }
            StepKind::Deemed { .. } => {
                format!("Sans réponse de la commune d’ici là, la demande est réputée refusée le {day}")
            }
        }
    }

    fn english(&self) -> String {
        let long = |day| long_date(day, Lang::En);
        let (day, full) = (long(self.day), long_date_with_weekday(self.day, Lang::En));
        match &self.kind {
            StepKind::Received { regime: Regime { term: Some(term), .. }, starts: Some(starts) } => format!(
                "Request received on {day}: the term of {} runs from {}",
                term.text(Lang::En),
                long(*starts)
            ),
            StepKind::Received { .. } => {
                format!("Request received on {day}: the commune’s silence neither grants nor refuses it")
            }
            StepKind::PendingAgain { regime: Regime { term: Some(term), .. }, starts: Some(starts) } => {
                format!(
                    "Refusal withdrawn on {day}: the town hall owes an answer again, and the term of {} runs from {}",
                    term.text(Lang::En),
                    long(*starts)
                )
            }
            StepKind::PendingAgain { .. } => {
                format!("Refusal withdrawn on {day}: the town hall owes an answer again")
            }
            StepKind::RegisterBy => format!(
                "The request is registered by {full} at the latest, {} after its receipt",
                working_days(CONVENTION.register_within, Lang::En)
            ),
            StepKind::AcknowledgeBy { skipped } => format!(
                "The acknowledgement is sent by {full} at the latest, {} after the receipt{}",
                working_days(CONVENTION.acknowledge_within, Lang::En),
                not_counted(skipped, Lang::En)
            ),
            StepKind::Asked { effect } => match effect {
                Effect::Suspends => {
                    format!(
                        "Missing documents are asked for on {day}: the term is suspended from that day on"
                    )
                }
                Effect::Restarts => {
                    format!(
                        "Missing documents are asked for on {day}: the term only runs once the file is complete"
                    )
                }
                Effect::SettledAtOnce => format!(
                    "Missing documents are asked for on {day}, and the wait is over before the term begins: \
                     it is not suspended"
                ),
                Effect::TooLate => {
                    format!(
                        "Documents are asked for on {day}, after the term has run out: it does not move any more"
                    )
                }
                Effect::NoTerm => format!("Missing documents are asked for on {day}"),
            },
            StepKind::Arrived { asked } => {
                format!("The documents asked for on {} arrive on {day}", long(*asked))
            }
            StepKind::TimeGivenEnds { asked } => format!(
                "The time given for the documents asked for on {} ends on {day}, and the suspension with it",
                long(*asked)
            ),
            StepKind::StillMissing { asked } => format!(
                "The documents asked for on {} are still missing: the computation takes them to arrive on {day}",
                long(*asked)
            ),
            StepKind::Resumes { suspended } => format!(
                "The term resumes on {day}, after {suspended} suspended day{} added to its end",
                if *suspended > 1 { "s" } else { "" },
            ),
            StepKind::StartsAfresh { term } => {
                format!(
                    "The file is complete: the whole term of {} starts afresh on {day}",
                    term.text(Lang::En)
                )
            }
            StepKind::Deemed { silence: Silence::Grants } => {
                format!("Without an answer from the commune by then, the request is deemed granted on {day}")
            }
            StepKind::Deemed { .. } => {
                format!("Without an answer from the commune by then, the request is deemed refused on {day}")
            }
        }
    }
}

/// For a program and for the person who reads over its shoulder: the day, the step's name, its article, and
/// the sentence in French (`sentence`) and in English (`sentence_en`).
impl Serialize for Step {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut step = serializer.serialize_struct("Step", 5)?;
        step.serialize_field("day", &self.day)?;
        step.serialize_field("step", self.name())?;
        step.serialize_field("article", &self.article())?;
        step.serialize_field("sentence", &self.sentence(Lang::Fr))?;
        step.serialize_field("sentence_en", &self.sentence(Lang::En))?;
        step.end()
    }
}

/// The public holidays after `received` and before `reached` that kept offices shut on a day from Monday to
/// Friday.
pub(super) fn skipped(received: Day, reached: Day, holidays: Holidays) -> Vec<Holiday> {
    received
        .iter_days()
        .skip(1)
        .take_while(|day| *day < reached)
        .filter(|day| !matches!(chrono::Datelike::weekday(day), chrono::Weekday::Sat | chrono::Weekday::Sun))
        .filter_map(|day| holidays.holiday(day))
        .collect()
}

fn working_days(count: u16, lang: Lang) -> String {
    match (lang, count) {
        (Lang::Fr, 0..=1) => format!("{count}\u{a0}jour ouvré"),
        (Lang::Fr, _) => format!("{count}\u{a0}jours ouvrés"),
        (Lang::En, 1) => format!("{count} working day"),
        (Lang::En, _) => format!("{count} working days"),
    }
}

fn not_counted(skipped: &[Holiday], lang: Lang) -> String {
    if skipped.is_empty() {
        return String::new();
    }
    let names = skipped.iter().map(|holiday| holiday.name(lang)).collect::<Vec<_>>().join(", ");
    match lang {
        Lang::Fr => format!(", jours fériés non comptés\u{a0}: {names}"),
        Lang::En => format!(", public holidays not counted: {names}"),
    }
}
