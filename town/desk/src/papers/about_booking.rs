//! What mails say of something that was booked: what was granted or refused and what it costs; and, once it is over, the
//! question how it went.

use std::sync::Arc;

use beffroi_calendar::{booking::State, clock};
use beffroi_cases::{case::Case, decision::Outcome};
use beffroi_core::{Cents, Id, Instant, Lang};
use beffroi_notify::messages::{self, Booked, CaseRef, Message, Sender};
use beffroi_store::{
    By, Commune, StoreError, Tx,
    background::JobHandler,
    jobs::{self, Job, JobError},
};
use serde_json::json;

use super::jobs::{CaseOrder, Dossier, Told, read};
use crate::{Parts, fee, figures::ask_opinion, submission};

/// The job that asks for an opinion once what was booked is over.
const ASK_WHEN_OVER: &str = "desk.ask_when_over";

/// A decision on something that was booked, for a mail.
pub(super) struct Decided {
    lang: Lang,
    name: String,
    when: String,
    granted: bool,
    /// What it costs, a paragraph each.
    money: Vec<String>,
}

/// The decision of a case for which something was booked; `None` of any other, and where nothing was decided on it.
pub(super) fn decided(dossier: &Dossier, outcome: Outcome) -> Option<Decided> {
    let booking = dossier.booking.as_ref()?;
    let granted = match outcome {
        Outcome::Granted => true,
        Outcome::Refused => false,
        Outcome::Closed => return None,
    };
    let lang = dossier.reach.lang;
    let mut money = Vec::new();
    if let Some(price) = booking.price.as_ref().filter(|_| granted) {
        money.push(match (lang, price.due) {
            (Lang::Fr, Cents(0)) => "C’est gratuit.".to_owned(),
            (Lang::Fr, due) => {
                format!(
                    "Le prix est de {due}\u{a0}: la page de votre demande dit comment et jusqu’à quand payer."
                )
            }
            (Lang::En, Cents(0)) => "It is free.".to_owned(),
            (Lang::En, due) => {
                let due = due.read_in(lang);
                format!("The price is {due}: the page of your request says how and until when to pay.")
            }
        });
        if price.deposit > Cents(0) {
            money.push(match lang {
                Lang::Fr => format!(
                    "Une caution de {} est à remettre avant la remise des clés. Elle n’est pas encaissée.",
                    price.deposit
                ),
                Lang::En => format!(
                    "A deposit of {} is to be given before the keys are handed over. It is not cashed.",
                    price.deposit.read_in(lang)
                ),
            });
        }
    }
    money.extend(fee::told_with(dossier.owed.as_ref(), outcome, lang));
    Some(Decided {
        lang,
        name: booking.resource.details.name.read_in(lang).to_owned(),
        when: clock::when_all(booking.dates(), dossier.stationery.town.zone(), lang),
        granted,
        money,
    })
}

impl Decided {
    /// The mail, with so many documents joined.
    pub(super) fn write(&self, sender: Sender<'_>, case: CaseRef<'_>, joined: usize) -> Message {
        let booked = Booked { name: &self.name, when: &self.when };
        messages::booking_decided(sender, self.lang, case, booked, (self.granted, joined), &self.money)
    }
}

/// When what was granted is over; `None` where nothing was, or it is.
pub(super) fn over_at(dossier: &Dossier, outcome: Outcome, now: Instant) -> Option<Instant> {
    let booking = dossier.booking.as_ref().filter(|_| outcome == Outcome::Granted)?;
    Some(booking.whole().end()).filter(|end| *end > now)
}

/// Asks how it went once it is over.
pub(super) fn ask_when_over(tx: &mut Tx<'_>, case: Id<Case>, over: Instant) -> Result<(), StoreError> {
    let key = format!("{ASK_WHEN_OVER}/{case}");
    jobs::enqueue(tx, ASK_WHEN_OVER, &json!({ "case": case }), over, Some(&key))
}

/// Asks for an opinion of what was booked and is over; of what was given back, nobody is asked.
pub struct OverHandler(pub Arc<Parts>);

impl JobHandler for OverHandler {
    fn kind(&self) -> &'static str {
        ASK_WHEN_OVER
    }

    fn run(&self, commune: &Arc<Commune>, job: &Job) -> Result<(), JobError> {
        let CaseOrder { case } = read(job)?;
        let parts = &self.0;
        let found = commune.read_blocking(By::SYSTEM, |tx| {
            // Of a case that was erased meanwhile nobody is left to be asked.
            match submission::reach(tx, case)? {
                Some(reach) if !reach.email.is_empty() => Dossier::load(tx, parts, case).map(Some),
                _ => Ok(None),
            }
        })?;
        let Some(dossier) = found else { return Ok(()) };
        let Some(booking) = dossier.booking.as_ref().filter(|it| it.state == State::Firm) else {
            return Ok(());
        };
        let lang = dossier.reach.lang;
        let origin = (parts.origin)(commune.slug());
        let asked = ask_opinion(commune, case, lang, &origin)?;
        if asked.is_empty() {
            return Ok(());
        }
        let when = clock::when_all(booking.dates(), dossier.stationery.town.zone(), lang);
        let what = Booked { name: booking.resource.details.name.read_in(lang), when: &when };
        let title = dossier.form.procedure().title.text(lang);
        let told = Told {
            stationery: &dossier.stationery,
            title,
            reference: &dossier.case.reference,
            origin: &origin,
        };
        let message = told.write(|sender, about| messages::booking_over(sender, lang, about, what));
        let message = message.with_end(&asked);
        commune.write_blocking(By::SYSTEM, move |tx| dossier.mail(tx, &message, false).map(drop))
    }
}
