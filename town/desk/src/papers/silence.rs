//! What the town's silence has decided, in words: for the page, the mail and the letter; and the certificate of what it
//! granted (CRPA, art. L232-3).

use std::sync::Arc;

use beffroi_cases::{
    case::Case,
    decision::Outcome,
    silence::{self, ImpliedDecision},
};
use beffroi_core::{
    Day, Lang,
    calendar::{civil_day, long_date},
};
use beffroi_notify::messages;
use beffroi_store::{
    By, Commune, StoreError,
    background::JobHandler,
    jobs::{Job, JobError},
};
use beffroi_typeset::{self as typeset, Letter, Meta, Recipient, TypesetError};

use super::{
    Facts, LetterOrder, Told, about_booking,
    jobs::{CaseOrder, Dossier, gone, read},
    notice::{self, Tells},
};
use crate::{Parts, fee, figures::ask_opinion_in, submission};

/// The job that tells a requester what silence has decided.
pub const TELL_SILENCE: &str = "desk.tell_silence";

impl Facts<'_> {
    /// What silence has decided, one paragraph each, as it is to be told on `today`. Where an appeal must come before
    /// the court, that one is told in its place.
    pub fn silence(&self, implied: &ImpliedDecision, today: Day, lang: Lang) -> Vec<String> {
        let since = long_date(implied.deemed_on, lang);
        if implied.outcome == Outcome::Granted {
            return vec![match lang {
                Lang::Fr => format!(
                    "Nous ne vous avons pas répondu dans le délai prévu\u{a0}: votre demande est acceptée depuis le {since} (article L231-1 du code des relations entre le public et l’administration). Vous pouvez en télécharger l’attestation."
                ),
                Lang::En => format!(
                    "We did not answer within the time set: your request has been granted since {since} (article L231-1, Code des relations entre le public et l’administration). You can download the certificate."
                ),
            }];
        }
        let mut said = vec![match lang {
            Lang::Fr => format!(
                "Nous ne vous avons pas répondu dans le délai prévu\u{a0}: votre demande est considérée comme refusée depuis le {since}. Nous continuons de l’examiner et restons tenus de vous répondre."
            ),
            Lang::En => format!(
                "We did not answer within the time set: your request has been considered refused since {since}. We still work on it, and still owe you an answer."
            ),
        }];
        if let Some(until) = implied.reasons_until().filter(|until| *until >= today) {
            let until = long_date(until, lang);
            said.push(self.first_appeal(lang).unwrap_or_else(|| self.contesting_until(&until, lang)));
            said.push(reasons_until(&until, lang));
        }
        said
    }

    fn contesting_until(&self, until: &str, lang: Lang) -> String {
        let court = self.court(lang);
        match lang {
            Lang::Fr => format!(
                "Jusqu’au {until}, vous pouvez nous adresser un recours gracieux, ou saisir le {court}, par courrier, sur place ou sur www.telerecours.fr."
            ),
            Lang::En => format!(
                "Until {until} you may ask us to reconsider, or bring the matter before the court ({court}), by post, on the spot or at www.telerecours.fr."
            ),
        }
    }

    /// The certificate of what silence has granted, ready to be laid out.
    fn certificate(&self, implied: &ImpliedDecision, today: Day) -> Result<typeset::Job, TypesetError> {
        let day = |day| long_date(day, Lang::Fr);
        let (case, town) = (self.case, &self.stationery.town);
        let subject = "Attestation d’acceptation implicite".to_owned();
        let for_whom = match case.beneficiary_name.as_str() {
            "" => String::new(),
            name => format!(", pour {name}"),
        };
        let paragraphs = vec![
            format!(
                "La ville de {} atteste que la demande «\u{a0}{}\u{a0}» de {}{for_whom}, reçue le {} et enregistrée sous la référence {}, est acceptée depuis le {}.",
                town.name,
                self.form.procedure().title.fr,
                submission::called(self.form, case),
                day(case.received_on),
                case.reference,
                day(implied.deemed_on),
            ),
            "Cette acceptation résulte de l’absence de réponse de la mairie dans le délai prévu (article L231-1 du code des relations entre le public et l’administration).".to_owned(),
            "La présente attestation est délivrée à la demande de l’intéressé, en application de l’article L232-3 du même code.".to_owned(),
        ];
        let letter = Letter {
            letterhead: self.stationery.letterhead(),
            recipient: Recipient { lines: self.reach.letter_lines.clone() },
            reference: Some(case.reference.clone()),
            subject: subject.clone(),
            opening: town.voice.opening(),
            paragraphs,
            pieces: Vec::new(),
            until: None,
            department: Some(self.stationery.contact()),
            closing: None,
            signatory: None,
            enclosures: Vec::new(),
            appeals: None,
        };
        typeset::Job::new(&letter, Meta { title: format!("{subject} {}", case.reference), date: today })
    }
}

fn reasons_until(until: &str, lang: Lang) -> String {
    match lang {
        Lang::Fr => format!(
            "Jusqu’au {until}, vous pouvez aussi nous demander les motifs de ce refus\u{a0}: nous vous les communiquerons dans le mois (article L232-4 du code des relations entre le public et l’administration)."
        ),
        Lang::En => format!(
            "Until {until} you may also ask for the reasons of this refusal: we will give them within a month (article L232-4, Code des relations entre le public et l’administration)."
        ),
    }
}

/// The certificate as a PDF. Blocks.
///
/// # Errors
/// The paper could not be laid out.
pub fn certificate_pdf(
    parts: &Parts,
    facts: &Facts<'_>,
    implied: &ImpliedDecision,
    today: Day,
) -> Result<Vec<u8>, StoreError> {
    let failed = |error: TypesetError| StoreError::Corrupt(error.to_string());
    let layout = facts.certificate(implied, today).map_err(failed)?;
    parts.pool.render(&layout).map_err(failed)
}

/// Tells a requester what silence has decided: by mail, and by letter to who wants paper.
pub struct SilenceHandler(pub Arc<Parts>);

impl JobHandler for SilenceHandler {
    fn kind(&self) -> &'static str {
        TELL_SILENCE
    }

    fn steps_back(&self) -> bool {
        true
    }

    fn run(&self, commune: &Arc<Commune>, job: &Job) -> Result<(), JobError> {
        let order: CaseOrder = read(job)?;
        let parts = Arc::clone(&self.0);
        let origin = (parts.origin)(commune.slug());
        commune.write_blocking(By::SYSTEM, move |tx| {
            if notice::is_recorded(tx, order.case, Tells::Silence)? {
                return Ok(());
            }
            let implied = silence::of_case(tx, order.case).map_err(gone)?;
            let implied = implied.ok_or_else(|| gone("what silence decided"))?;
            let dossier = Dossier::load(tx, &parts, order.case)?;
            let Dossier { case, form, reach, stationery, .. } = &dossier;
            let facts = Facts { stationery, form, case, reach, requests: &[], today: None, event: None };
            let title = form.procedure().title.text(reach.lang);
            let told = Told { stationery, title, reference: &case.reference, origin: &origin };
            let today = civil_day(tx.now(), stationery.town.zone());
            // What silence grants is paid as what the town grants.
            let told_in = |lang: Lang| {
                let mut words = facts.silence(&implied, today, lang);
                words.extend(fee::told_with(dossier.owed.as_ref(), implied.outcome, lang));
                words
            };
            let words = told_in(reach.lang);
            let mut message =
                told.write(|sender, about| messages::silence(sender, reach.lang, about, &words));
            // What silence grants ends the case: how it went is asked, as of any decision. What it refuses does not: the
            // town still owes its answer, and the reasons to who asks for them. To ask those whom it left without a word
            // whether they were well served would be an affront, and they are asked but once: the decision that they
            // wait for does it.
            let asks = implied.outcome == Outcome::Granted;
            if asks && !reach.email.is_empty() {
                if let Some(over) = about_booking::over_at(&dossier, implied.outcome, tx.now()) {
                    about_booking::ask_when_over(tx, case.id, over)?;
                } else {
                    let asked = ask_opinion_in(tx, case.id, reach.lang, &origin)?;
                    message = message.with_end(&asked);
                }
            }
            let mailed = dossier.mail(tx, &message, false)?;
            dossier.text_once(tx, "silence")?;
            if reach.is_posted() {
                let order = LetterOrder {
                    case: case.id,
                    subject: format!("Votre demande {}", case.reference),
                    paragraphs: told_in(Lang::Fr),
                    pieces: Vec::new(),
                    until: None,
                    joined_to: None,
                    asks,
                };
                order.queue(tx)?;
            }
            // Who has no mail is told by the letter, or by the page: it is not tried again. Of a refusal that is withdrawn
            // silence may decide anew, which is told like the first time.
            let message = mailed.unwrap_or_else(|| tx.new_id::<Case>().uuid());
            notice::record(tx, case.id, message, Tells::Silence)?;
            Ok(())
        })
    }
}
