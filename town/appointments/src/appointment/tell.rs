//! What is told of an appointment, by e-mail and by text message: that it is agreed, moved or given back, and the day
//! before, that it is tomorrow. By jobs, once what is told is durable.

use std::sync::{Arc, LazyLock};

use beffroi_calendar::local;
use beffroi_core::{Id, Instant, Lang, calendar::civil_day, sms as size};
use beffroi_notify::{
    About,
    mail::{self, MailError, NewMail},
    messages::{self, Sender, Voice},
    messenger::{self, NewShortMessage},
};
use beffroi_people::Town;
use beffroi_sms as sms;
use beffroi_store::{
    By, Commune, Result, StoreError, Tx,
    background::JobHandler,
    jobs::{self, Job, JobError},
    words,
};
use beffroi_web::{L10n, Locale, l10n::FluentValue, l10n::L10nError};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::{
    held,
    rules::State,
    store::{self, Appointment, Mark},
};
use crate::{Origin, clock, motive, site};

/// The job that tells one thing.
const TELL: &str = "appointments.tell";
/// The job that moves an offer on which nobody has answered.
const EXPIRE: &str = "appointments.expire";
/// What an agent wrote to whoever the appointment was for: sealed while the job waits.
const WHY: &[&str] = &["why"];
/// At what hour somebody is reminded, the day before.
const REMINDED_AT: (u32, u32) = (10, 0);

words! {
    /// What is told.
    Word {
        /// It is agreed.
        Booked = "booked",
        /// It was moved.
        Moved = "moved",
        /// It was given back.
        Cancelled = "cancelled",
        /// It is tomorrow.
        Reminder = "reminder",
        /// A time was given back, and is offered to whoever wished for one.
        Offered = "offered",
    }
}

/// What a job is to tell.
#[derive(Debug, Deserialize, Serialize)]
struct Order {
    appointment: Id<Mark>,
    word: Word,
    /// For which time: what has been moved meanwhile is not told of.
    starts_at: Instant,
    /// Why the town gives it back.
    #[serde(default)]
    why: String,
}

/// Has a thing told, now.
pub(super) fn order(tx: &mut Tx<'_>, it: &Appointment, word: Word, why: &str) -> Result<()> {
    ordered(tx, it, (word, why), tx.now())
}

/// Has a thing told at an instant.
pub(super) fn order_at(tx: &mut Tx<'_>, it: &Appointment, word: Word, due_at: Instant) -> Result<()> {
    ordered(tx, it, (word, ""), due_at)
}

fn ordered(tx: &mut Tx<'_>, it: &Appointment, (word, why): (Word, &str), due_at: Instant) -> Result<()> {
    if it.contact.email.is_empty() && it.contact.phone.is_empty() {
        return Ok(());
    }
    let order = Order { appointment: it.id, word, starts_at: it.span.start(), why: why.to_owned() };
    jobs::enqueue_sealed(tx, TELL, &serde_json::to_value(&order)?, WHY, due_at)
}

/// Has an offer moved on where nobody has answered until then.
pub(super) fn expire(tx: &mut Tx<'_>, id: Id<Mark>, due_at: Instant) -> Result<()> {
    jobs::enqueue(tx, EXPIRE, &serde_json::json!({ "appointment": id }), due_at, None)
}

/// When somebody is reminded of a time: at ten in the morning of the day before. `None` where that has passed.
pub fn reminded_at(starts_at: Instant, zone: Tz, now: Instant) -> Option<Instant> {
    let (hour, minute) = REMINDED_AT;
    let eve = civil_day(starts_at, zone).pred_opt()?;
    let at = local::earliest(eve.and_hms_opt(hour, minute, 0)?, zone);
    (at > now).then_some(at)
}

/// Has somebody reminded, where the time for that is still to come.
pub(super) fn remind(tx: &mut Tx<'_>, it: &Appointment) -> Result<()> {
    if it.contact.email.is_empty() && it.contact.phone.is_empty() {
        return Ok(());
    }
    let zone = Town::load(tx)?.zone();
    let Some(due_at) = reminded_at(it.span.start(), zone, tx.now()) else { return Ok(()) };
    let order =
        Order { appointment: it.id, word: Word::Reminder, starts_at: it.span.start(), why: String::new() };
    let once = format!("appointments.reminder.{}.{}", it.id, it.span.start().timestamp());
    jobs::enqueue(tx, TELL, &serde_json::to_value(&order)?, due_at, Some(&once))
}

/// The texts of what is written away from any page.
static WORDS: LazyLock<std::result::Result<L10n, L10nError>> = LazyLock::new(|| {
    L10n::new(&[
        Locale { lang: Lang::Fr, ftl: include_str!("../../locales/fr/appointments.ftl") },
        Locale { lang: Lang::En, ftl: include_str!("../../locales/en/appointments.ftl") },
    ])
});

fn text(lang: Lang, key: &str, variables: &[(&str, FluentValue<'_>)]) -> Result<String> {
    match &*WORDS {
        Ok(words) => Ok(words.format(lang, key, variables)),
        Err(error) => Err(StoreError::Invalid(error.to_string())),
    }
}

/// Does the job: the mail and the text message are queued, and sent by jobs of their own. Done twice after a crash, it
/// writes the same mail twice, which harms nobody.
pub struct Teller(pub Arc<Origin>);

impl JobHandler for Teller {
    fn kind(&self) -> &'static str {
        TELL
    }

    fn secrets(&self) -> &'static [&'static str] {
        WHY
    }

    fn run(&self, commune: &Arc<Commune>, job: &Job) -> std::result::Result<(), JobError> {
        let order: Order = serde_json::from_value(job.payload.clone())
            .map_err(|_| JobError::Fail("the job tells of no appointment".to_owned()))?;
        let origin = (self.0)(commune.slug())?
            .ok_or_else(|| JobError::Fail("the commune has no host name".to_owned()))?;
        let told = commune.write_blocking(By::SYSTEM, move |tx| told(tx, &order, &origin));
        told.map_err(|error| match error {
            MailError::Address => JobError::Fail("the appointment has no mail address".to_owned()),
            MailError::Store(error) => error.into(),
        })
    }
}

/// Moves an offer on which nobody has answered.
pub struct Expirer;

impl JobHandler for Expirer {
    fn kind(&self) -> &'static str {
        EXPIRE
    }

    fn run(&self, commune: &Arc<Commune>, job: &Job) -> std::result::Result<(), JobError> {
        let id = job.payload.get("appointment").and_then(serde_json::Value::as_str);
        let id: Id<Mark> = id
            .and_then(|id| id.parse().ok())
            .ok_or_else(|| JobError::Fail("the job tells of no appointment".to_owned()))?;
        commune.write_blocking::<_, StoreError>(By::SYSTEM, move |tx| held::expire(tx, id))?;
        Ok(())
    }
}

fn told(tx: &mut Tx<'_>, order: &Order, origin: &str) -> std::result::Result<(), MailError> {
    let Some(it) = store::find(tx, order.appointment)? else { return Ok(()) };
    // Whoever moved it meanwhile is told of that.
    let stands = match order.word {
        Word::Cancelled => State::Cancelled,
        Word::Offered => State::Held,
        Word::Booked | Word::Moved | Word::Reminder => State::Booked,
    };
    let is_late = order.word == Word::Reminder && it.span.start() <= tx.now();
    if it.state != stands || it.span.start() != order.starts_at || is_late {
        return Ok(());
    }
    let town = Town::load(tx)?;
    // The program was stopped when it was due: nobody is woken up for it.
    let awake = clock::awake(tx.now(), town.zone());
    if matches!(order.word, Word::Offered | Word::Reminder) && awake > tx.now() {
        order_at(tx, &it, order.word, awake)?;
        return Ok(());
    }
    let (Some(motive), Some(site)) = (motive::find(tx, it.motive)?, site::site(tx, it.site)?) else {
        return Ok(());
    };
    let Some(link) = store::link_of(tx, it.id)? else { return Ok(()) };
    let lang = it.lang;
    let link = format!("{origin}/rendez-vous/mien/{link}");
    let when = clock::moment(it.span.start(), town.zone(), lang);
    let name = motive.details.sheet.name.read_in(lang).to_owned();
    let place = site.resource.details.name.read_in(lang).to_owned();
    let about = About { kind: "appointment", id: it.id.uuid() };
    if !it.contact.email.is_empty() {
        let variables: [(&str, FluentValue<'_>); 2] =
            [("motive", name.into()), ("when", when.clone().into())];
        let word = order.word.as_str();
        let subject = text(lang, &format!("appointments-mail-{word}-subject"), &variables)?;
        let mut paragraphs = vec![text(lang, &format!("appointments-mail-{word}"), &variables)?];
        if order.word == Word::Cancelled {
            if !order.why.is_empty() {
                paragraphs.push(order.why.clone());
            }
            let link = format!("{origin}/rendez-vous/{}", motive.details.slug);
            paragraphs.push(text(lang, "appointments-mail-again", &[("link", link.into())])?);
        } else if order.word == Word::Offered {
            paragraphs.push([place.clone(), site.sheet.line()].join("\n"));
            let until = it.expires_at.map(|at| clock::moment(at, town.zone(), lang)).unwrap_or_default();
            let variables = [("until", until.into()), ("link", link.clone().into())];
            paragraphs.push(text(lang, "appointments-mail-take", &variables)?);
        } else {
            paragraphs.push([place.clone(), site.sheet.line()].join("\n"));
            if !motive.details.sheet.bring.is_empty() {
                let list =
                    motive.details.sheet.bring.iter().map(|thing| format!("- {}", thing.read_in(lang)));
                let bring = text(lang, "appointments-mail-bring", &[])?;
                paragraphs.push(format!("{bring}\n{}", list.collect::<Vec<_>>().join("\n")));
            }
            let reference = it.reference.clone();
            let link = [("link", link.clone().into()), ("reference", reference.into())];
            paragraphs.push(text(lang, "appointments-mail-link", &link)?);
        }
        let message = messages::plain(sender(&town, origin), lang, &subject, &paragraphs);
        mail::queue(
            tx,
            &NewMail {
                to: &it.contact.email,
                subject: &message.subject,
                text: &message.text,
                html: None,
                secret: true,
                about,
            },
        )?;
    }
    if let Some(number) = sms::reaches(tx, &it.contact.phone)? {
        let key = format!("appointments-sms-{}", order.word.as_str());
        let variables = [
            ("town", town.name.clone().into()),
            ("when", when.into()),
            ("place", place.into()),
            ("link", link.into()),
        ];
        let words = size::plain(&text(lang, &key, &variables)?);
        let once = format!(
            "appointments.{}.{}.{}.{}",
            order.word.as_str(),
            it.id,
            it.span.start().timestamp(),
            it.changes
        );
        let message = NewShortMessage { way: sms::WAY, to: &number, text: &words, about, once: Some(&once) };
        messenger::queue(tx, &message)?;
    }
    Ok(())
}

/// The town as it writes; `otherwise` is told where it has neither telephone nor address.
fn sender<'a>(town: &'a Town, otherwise: &'a str) -> Sender<'a> {
    let contact = [&town.phone, &town.email].into_iter().find(|it| !it.is_empty());
    let voice = Voice {
        greeting: &town.voice.mail_greeting,
        closing: &town.voice.mail_closing,
        signature: &town.voice.mail_signature,
    };
    Sender { commune: &town.name, contact: contact.map_or(otherwise, String::as_str), voice }
}
