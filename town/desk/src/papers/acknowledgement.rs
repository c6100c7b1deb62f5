//! The acknowledgement (CRPA L112-3, L112-11, R112-5, R112-11-1): complete by construction from the procedure's
//! definition, on screen, by mail and on paper.

use std::sync::Arc;

use beffroi_cases::{
    CaseError,
    case::Case,
    missing::{self, DocumentRequest},
};
use beffroi_core::{
    Channel, Day, Lang,
    calendar::long_date,
    legal_clock::{LegalDates, Silence as Regime, Step, StepKind},
};
use beffroi_forms::{CompiledForm, FeeDue, Receipt};
use beffroi_people::Town;
use beffroi_store::Tx;
use beffroi_typeset::{Acknowledgement, Answer, AnswerGroup, Missing, Piece, Recipient, Silence};
use serde_json::Map;

use super::{Awaited, Stationery};
use crate::{
    Parts, booked, fee,
    procedure::Lists,
    submission::{self, Reach},
};

/// Everything that an acknowledgement says.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'f> {
    /// Who writes.
    pub stationery: &'f Stationery,
    /// The procedure.
    pub form: &'f CompiledForm,
    /// The case.
    pub case: &'f Case,
    /// Whom it is for.
    pub reach: &'f Reach,
    /// What was asked for in the case.
    pub requests: &'f [DocumentRequest],
    /// The day on which it is told; `None` for the acknowledgement, which tells how it stood at the receipt.
    pub today: Option<Day>,
    /// The day of what was booked for it, if anything was.
    pub event: Option<Day>,
}

/// What the acknowledgement of a case is made of: the case as it was received, however it stands now.
#[derive(Debug)]
pub struct AsReceived {
    stationery: Stationery,
    form: Arc<CompiledForm>,
    case: Case,
    reach: Reach,
    requests: Vec<DocumentRequest>,
    event: Option<Day>,
}

impl AsReceived {
    /// Reads it; `None` where the form or the address is gone.
    ///
    /// # Errors
    /// Those of the store and of the legal clock.
    pub fn load(tx: &mut Tx<'_>, parts: &Parts, case: &Case) -> Result<Option<Self>, CaseError> {
        let form = parts.shelf.version(tx, &case.procedure, case.procedure_version)?;
        let (Some(form), Some(reach)) = (form, submission::reach(tx, case.id)?) else { return Ok(None) };
        let town = Town::load(tx)?;
        let (case, requests) = missing::as_received(tx, case, town.holidays())?;
        let stationery = Stationery::load(tx, &case.department)?;
        let event = booked::event(booked::of_case(tx, &form, case.id)?.as_ref(), town.zone());
        Ok(Some(Self { stationery, form, case, reach, requests, event }))
    }

    /// What it says.
    pub fn facts(&self) -> Facts<'_> {
        let Self { stationery, form, case, reach, requests, event } = self;
        Facts { stationery, form, case, reach, requests, today: None, event: *event }
    }
}

/// Whether an acknowledgement is due; if not, why.
pub fn due(form: &CompiledForm) -> Result<(), &beffroi_forms::Text> {
    match form.procedure().regime.as_ref().map(|regime| &regime.receipt) {
        Some(Receipt::NotDue(reason)) => Err(reason),
        _ => Ok(()),
    }
}

/// How the dates of a case came about: what the law asks of an acknowledgement is left out where it asks for none.
pub fn told_steps<'d>(form: &CompiledForm, dates: &'d LegalDates) -> impl Iterator<Item = &'d Step> {
    let receipt = due(form).is_ok();
    dates.steps.iter().filter(move |step| receipt || step.article() != Some("L112-11"))
}

/// The same of a case that is over, on that day where the town decided it: silence decides nothing there any more, and
/// what would have moved its term since moves nothing.
pub fn told_steps_of_ended<'d>(
    form: &CompiledForm,
    dates: &'d LegalDates,
    ended_on: Option<Day>,
) -> impl Iterator<Item = &'d Step> {
    told_steps(form, dates).filter(move |step| match step.kind {
        StepKind::Deemed { .. } | StepKind::StillMissing { .. } => false,
        StepKind::TimeGivenEnds { .. } | StepKind::Resumes { .. } | StepKind::StartsAfresh { .. } => {
            ended_on.is_none_or(|ended| step.day <= ended)
        }
        _ => true,
    })
}

impl Facts<'_> {
    pub(super) fn first_appeal(&self, lang: Lang) -> Option<String> {
        let regime = self.form.procedure().regime.as_ref()?;
        regime.first_appeal.as_ref().map(|text| text.text(lang).to_owned())
    }

    /// The same, for screen and mail: one paragraph each.
    pub fn paragraphs(&self, lang: Lang) -> Vec<String> {
        let mut paragraphs = Vec::new();
        paragraphs.extend(self.sent_by(lang));
        paragraphs.push(self.in_charge(lang));
        if let Err(reason) = due(self.form) {
            paragraphs.push(not_due(reason.text(lang), lang));
        }
        let silence = self.case.regime.silence;
        let awaited = self.awaited();
        paragraphs.extend(awaited.as_ref().map(|awaited| awaited.list(lang)));
        let meaning = match &awaited {
            // Of a case that is over silence decides nothing any more.
            _ if !self.case.state.is_open() => None,
            Some(awaited) => awaited.silence(silence, lang),
            None => self.case.deemed_on.and_then(|on| meaning(silence, &long_date(on, lang), lang)),
        };
        if let Some(meaning) = meaning {
            paragraphs.push(meaning);
            match silence {
                Regime::Grants => paragraphs.push(certificate(lang)),
                Regime::Refuses => paragraphs.extend(self.contesting(lang)),
                Regime::None => {}
            }
        } else if self.case.state.is_open() {
            paragraphs.extend(stopped(self.case.regime.silence, lang).map(str::to_owned));
        }
        paragraphs.extend(self.closing(lang));
        paragraphs
    }

    /// That the town means to answer before the day of what was booked, what is to be paid, and what the procedure says last.
    fn closing(&self, lang: Lang) -> Option<String> {
        let closing = self.form.procedure().acknowledgement.closing.text(lang);
        let told: Vec<String> = self
            .before_event(lang)
            .into_iter()
            .chain(self.fee(lang))
            .chain(Some(closing.to_owned()).filter(|closing| !closing.is_empty()))
            .collect();
        Some(told.join(" ")).filter(|told| !told.is_empty())
    }

    /// The day of what was booked, where it comes before silence decides: what the law says of silence stays as it is.
    fn before_event(&self, lang: Lang) -> Option<String> {
        let event = self.event.filter(|_| self.case.state.is_open())?;
        if self.case.deemed_on.is_some_and(|on| on <= event) {
            return None;
        }
        let day = long_date(event, lang);
        Some(match lang {
            Lang::Fr => format!(
                "Votre réservation est prévue le {day}\u{a0}: la mairie s’efforce de vous répondre avant ce jour."
            ),
            Lang::En => {
                format!(
                    "Your booking is planned for {day}: the town hall means to answer you before that day."
                )
            }
        })
    }

    /// What is to be paid as soon as it is received.
    fn fee(&self, lang: Lang) -> Option<String> {
        let owed = fee::owed_by(self.form, self.case, &Map::new()).filter(|_| self.case.state.is_open())?;
        (owed.on == FeeDue::Filing).then(|| owed.told(lang))
    }

    fn awaited(&self) -> Option<Awaited> {
        Awaited::of(self.case, self.requests, self.today, self.stationery.town.holidays())
    }

    /// Who sent it, where somebody acts for the requester by a mandate.
    fn sent_by(&self, lang: Lang) -> Option<String> {
        let name = &self.reach.sent_by;
        if name.is_empty() {
            return None;
        }
        Some(match lang {
            Lang::Fr => format!("Demande faite par {name}, mandataire."),
            Lang::En => format!("Request made by {name}, who holds a mandate."),
        })
    }

    fn in_charge(&self, lang: Lang) -> String {
        let contact = self.stationery.contact();
        let mut lines = contact.address;
        lines.extend(contact.phone);
        lines.extend(contact.email);
        let mut who = contact.name;
        if !lines.is_empty() {
            who = format!("{who} – {}", lines.join(", "));
        }
        match lang {
            Lang::Fr => format!("Votre demande est instruite par\u{a0}: {who}."),
            Lang::En => format!("Your request is handled by: {who}."),
        }
    }

    /// The court to turn to, with its address where it is known.
    pub(super) fn court(&self, lang: Lang) -> String {
        let routes = self.stationery.appeals(None);
        match (routes.court_address.as_str(), lang) {
            ("", _) => routes.court,
            (address, Lang::Fr) => format!("{} ({address})", routes.court),
            (address, Lang::En) => format!("{}, {address}", routes.court),
        }
    }

    /// How an implied refusal is contested: where an appeal must come before the court, by that one alone.
    fn contesting(&self, lang: Lang) -> Vec<String> {
        let reasons = match lang {
            Lang::Fr => {
                "vous pourrez nous demander les motifs du refus\u{a0}: ils vous seront communiqués dans le mois (article L232-4 du code des relations entre le public et l’administration)."
            }
            Lang::En => {
                "you may ask for the reasons of the refusal: we will give them within a month (article L232-4, Code des relations entre le public et l’administration)."
            }
        };
        if let Some(first) = self.first_appeal(lang) {
            let within = match lang {
                Lang::Fr => "Dans les deux mois qui suivent ce refus,",
                Lang::En => "Within two months of that refusal",
            };
            return vec![first, format!("{within} {reasons}")];
        }
        let court = self.court(lang);
        vec![match lang {
            Lang::Fr => format!(
                "Vous pourrez alors, dans les deux mois, nous adresser un recours gracieux, ou saisir le {court}, par courrier, sur place ou sur www.telerecours.fr. Dans ce même délai, {reasons}"
            ),
            Lang::En => format!(
                "Within two months of that day you may ask us to reconsider, or bring the matter before the court ({court}), by post, on the spot or at www.telerecours.fr. Within the same time {reasons}"
            ),
        }]
    }

    /// The same, on paper.
    pub fn document(&self, tracking: Option<(&str, &str)>) -> Acknowledgement {
        let awaited = self.awaited();
        let deemed_on = awaited.as_ref().map_or(self.case.deemed_on, |awaited| awaited.deemed_on);
        let silence = match (self.case.regime.silence, deemed_on) {
            (Regime::Grants, Some(on)) => Silence::Grants { on },
            (Regime::Refuses, Some(on)) => {
                Silence::Refuses { on, appeals: self.stationery.appeals(self.first_appeal(Lang::Fr)) }
            }
            _ => Silence::Nothing,
        };
        let answers = self.case.answers.as_object().cloned().unwrap_or_default();
        let sections = self.form.sections(&answers, None, Lang::Fr, &Lists);
        let groups = sections.into_iter().map(|section| AnswerGroup {
            title: section.title,
            answers: section
                .lines
                .into_iter()
                .map(|line| Answer { label: line.label, value: line.value })
                .collect(),
        });
        Acknowledgement {
            letterhead: self.stationery.letterhead(),
            recipient: Recipient { lines: self.reach.letter_lines.clone() },
            reference: self.case.reference.clone(),
            tracking_code: tracking.map(|(code, _)| code.to_owned()),
            tracking_url: tracking.map(|(_, url)| url.to_owned()),
            subject: self.form.procedure().title.fr.clone(),
            received_on: self.case.received_on,
            received_by: Some(match self.reach.sent_by.as_str() {
                "" => received_by(self.case.channel).to_owned(),
                name => format!("{}, par {name}, mandataire", received_by(self.case.channel)),
            }),
            department: self.stationery.contact(),
            silence,
            missing: awaited.map(|awaited| Missing {
                pieces: awaited.pieces.into_iter().map(|name| Piece { name, reason: None }).collect(),
                asked_on: awaited.asked_on,
                until: awaited.until,
            }),
            answers: groups.collect(),
            not_due: due(self.form).err().map(|reason| not_due(&reason.fr, Lang::Fr)),
            closing: self.closing(Lang::Fr),
        }
    }
}

/// What silence means of a file to which nothing is known to be missing.
fn meaning(silence: Regime, day: &str, lang: Lang) -> Option<String> {
    Some(match (silence, lang) {
        (Regime::None, _) => return None,
        (Regime::Grants, Lang::Fr) => format!(
            "Sans réponse de notre part le {day}, et si votre dossier est complet, votre demande sera acceptée."
        ),
        (Regime::Grants, Lang::En) => format!(
            "If we have not answered by {day}, and if your file is complete, your request will be granted."
        ),
        (Regime::Refuses, Lang::Fr) => format!(
            "Sans réponse de notre part le {day}, et si votre dossier est complet, votre demande devra être considérée comme refusée."
        ),
        (Regime::Refuses, Lang::En) => format!(
            "If we have not answered by {day}, and if your file is complete, your request must be considered refused."
        ),
    })
}

fn certificate(lang: Lang) -> String {
    match lang {
        Lang::Fr => "Vous pourrez alors nous demander une attestation de cette acceptation (article L232-3 du code des relations entre le public et l’administration).".to_owned(),
        Lang::En => "You may then ask us for a certificate of this (article L232-3, Code des relations entre le public et l’administration).".to_owned(),
    }
}

/// What is said of the term while documents are awaited without which no date is certain (CRPA L114-5).
const fn stopped(silence: Regime, lang: Lang) -> Option<&'static str> {
    match (silence, lang) {
        (Regime::None, _) => None,
        (Regime::Grants, Lang::Fr) => Some(
            "Des pièces manquent\u{a0}: le délai au terme duquel votre demande sera acceptée courra en entier à partir du lendemain du jour où votre dossier sera complet.",
        ),
        (Regime::Grants, Lang::En) => Some(
            "Documents are missing: the time after which your request will be granted starts in full the day after your file is complete.",
        ),
        (Regime::Refuses, Lang::Fr) => {
            Some("Des pièces manquent\u{a0}: le délai est suspendu jusqu’à leur arrivée.")
        }
        (Regime::Refuses, Lang::En) => {
            Some("Documents are missing: the term is suspended until they arrive.")
        }
    }
}

fn not_due(reason: &str, lang: Lang) -> String {
    match lang {
        Lang::Fr => format!(
            "La loi ne prévoit pas d’accusé de réception pour cette demande\u{a0}: {reason} Nous vous confirmons quand même qu’elle nous est parvenue."
        ),
        Lang::En => format!(
            "The law asks for no acknowledgement of receipt here: {reason} We confirm all the same that your request has reached us."
        ),
    }
}

/// The end of the sentence « nous avons bien reçu votre demande … ».
const fn received_by(channel: Channel) -> &'static str {
    match channel {
        Channel::Counter => "au guichet",
        Channel::Phone => "par téléphone",
        Channel::Paper => "par courrier",
        Channel::Email => "par message électronique",
        Channel::Online | Channel::Api | Channel::System => "par voie électronique",
    }
}
