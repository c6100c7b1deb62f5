//! What is told of an appointment, by e-mail and by text message: that it is agreed, moved or given back, and the day
//! before, that it is tomorrow. By jobs, once what is told is durable.

use std::{
    fmt::Write as _,
    sync::{Arc, LazyLock},
};

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
    twice::{self, Twin},
};
use crate::{
    Origin, clock,
    coordination::{self, Other},
    motive::{self, MotiveDetails},
    site::{self, Site},
};

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
        /// Another town hall gives one too for the same pre-request, which nobody knew when it was booked.
        Elsewhere = "elsewhere",
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
pub(crate) fn order(tx: &mut Tx<'_>, it: &Appointment, word: Word, why: &str) -> Result<()> {
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

pub(super) fn text(lang: Lang, key: &str, variables: &[(&str, FluentValue<'_>)]) -> Result<String> {
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
        Word::Booked | Word::Moved | Word::Reminder | Word::Elsewhere => State::Booked,
    };
    let is_late = matches!(order.word, Word::Reminder | Word::Elsewhere) && it.span.start() <= tx.now();
    // Whenever it is, there are two.
    let moved = it.span.start() != order.starts_at && order.word != Word::Elsewhere;
    if it.state != stands || moved || is_late {
        return Ok(());
    }
    let town = Town::load(tx)?;
    // The program was stopped when it was due: nobody is woken up for it.
    let awake = clock::awake(tx.now(), town.zone());
    if matches!(order.word, Word::Offered | Word::Reminder | Word::Elsewhere) && awake > tx.now() {
        order_at(tx, &it, order.word, awake)?;
        return Ok(());
    }
    let (Some(motive), Some(site)) = (motive::find(tx, it.motive)?, site::site(tx, it.site)?) else {
        return Ok(());
    };
    let Some(link) = store::link_of(tx, it.id)? else { return Ok(()) };
    let (lang, zone) = (it.lang, town.zone());
    let others = if order.word == Word::Elsewhere { others(tx, &it, zone)? } else { Vec::new() };
    if order.word == Word::Elsewhere && others.is_empty() {
        return Ok(());
    }
    let link = format!("{origin}/rendez-vous/mien/{link}");
    let when = clock::moment(it.span.start(), zone, lang);
    let place = site.resource.details.name.read_in(lang).to_owned();
    let there = twice::short(&others);
    let about = About { kind: "appointment", id: it.id.uuid() };
    if !it.contact.email.is_empty() {
        let matter = Matter { it: &it, motive: &motive.details, site: &site, zone, link: &link };
        let subject = matter.said(&format!("appointments-mail-{}-subject", order.word.as_str()))?;
        let paragraphs = matter.paragraphs(order, &others, origin)?;
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
            ("there", there.into()),
        ];
        let words = size::plain(&text(lang, &key, &variables)?);
        let mut once = format!(
            "appointments.{}.{}.{}.{}",
            order.word.as_str(),
            it.id,
            it.span.start().timestamp(),
            it.changes
        );
        // One more of them is one more thing to tell.
        if !others.is_empty() {
            let _ = write!(once, ".{}", others.len());
        }
        let message = NewShortMessage { way: sms::WAY, to: &number, text: &words, about, once: Some(&once) };
        messenger::queue(tx, &message)?;
    }
    Ok(())
}

/// What other town halls give for the numbers of an appointment, as it is written to its owner.
fn others(tx: &mut Tx<'_>, it: &Appointment, zone: Tz) -> Result<Vec<Twin>> {
    let twin = |other: Other| Twin {
        when: clock::moment(other.at(zone), zone, it.lang),
        place: other.place,
        manage: other.manage,
    };
    Ok(coordination::elsewhere(tx, it.id)?.into_iter().map(twin).collect())
}

/// What a mail is made of.
struct Matter<'a> {
    it: &'a Appointment,
    motive: &'a MotiveDetails,
    site: &'a Site,
    zone: Tz,
    /// The page of its owner: a secret of theirs.
    link: &'a str,
}

impl Matter<'_> {
    /// A text that names for what and when.
    fn said(&self, key: &str) -> Result<String> {
        let lang = self.it.lang;
        let name = self.motive.sheet.name.read_in(lang).to_owned();
        let when = clock::moment(self.it.span.start(), self.zone, lang);
        text(lang, key, &[("motive", name.into()), ("when", when.into())])
    }

    /// Where.
    fn place(&self) -> String {
        let name = self.site.resource.details.name.read_in(self.it.lang).to_owned();
        [name, self.site.sheet.line()].join("\n")
    }

    /// Where its owner moves it or gives it back.
    fn leads(&self) -> Result<String> {
        let words = [("link", self.link.to_owned().into()), ("reference", self.it.reference.clone().into())];
        text(self.it.lang, "appointments-mail-link", &words)
    }

    fn paragraphs(&self, order: &Order, others: &[Twin], origin: &str) -> Result<Vec<String>> {
        let lang = self.it.lang;
        let mut all = vec![self.said(&format!("appointments-mail-{}", order.word.as_str()))?];
        match order.word {
            Word::Cancelled => {
                if !order.why.is_empty() {
                    all.push(order.why.clone());
                }
                let link = format!("{origin}/rendez-vous/{}", self.motive.slug);
                all.push(text(lang, "appointments-mail-again", &[("link", link.into())])?);
            }
            Word::Offered => {
                all.push(self.place());
                let until = self.it.expires_at.map(|at| clock::moment(at, self.zone, lang));
                let until = until.unwrap_or_default();
                let words = [("until", until.into()), ("link", self.link.to_owned().into())];
                all.push(text(lang, "appointments-mail-take", &words)?);
            }
            Word::Elsewhere => {
                all.push(self.place());
                all.push(self.leads()?);
                all.extend(twice::paragraphs(lang, others)?);
            }
            Word::Booked | Word::Moved | Word::Reminder => {
                all.push(self.place());
                if !self.motive.sheet.bring.is_empty() {
                    let list = self.motive.sheet.bring.iter().map(|it| format!("- {}", it.read_in(lang)));
                    let bring = text(lang, "appointments-mail-bring", &[])?;
                    all.push(format!("{bring}\n{}", list.collect::<Vec<_>>().join("\n")));
                }
                all.push(self.leads()?);
            }
        }
        Ok(all)
    }
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
