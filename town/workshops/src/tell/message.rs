//! The words of what is told, as a mail and as a text message.

use std::sync::LazyLock;

use beffroi_calendar::clock::{self, capital};
use beffroi_core::{Id, Lang, sms as size};
use beffroi_notify::{
    About,
    mail::{self, MailError, NewMail},
    messages::{self, Sender, Voice},
    messenger::{self, NewShortMessage},
};
use beffroi_people::{Department, Town, department};
use beffroi_sms as sms;
use beffroi_store::{Result, StoreError, Tx, jobs::Job};
use beffroi_web::{L10n, Locale, l10n::FluentValue, l10n::L10nError};

use super::{Order, Told, Word, money};
use crate::{
    place::{self, Place},
    registration::{self, SeatState},
    series::{self, Series},
    session::Session,
};

/// The texts of what is written away from any page.
static WORDS: LazyLock<std::result::Result<L10n, L10nError>> = LazyLock::new(|| {
    L10n::new(&[
        Locale { lang: Lang::Fr, ftl: include_str!("../../locales/fr/workshops.ftl") },
        Locale { lang: Lang::En, ftl: include_str!("../../locales/en/workshops.ftl") },
    ])
});

/// A text in a language.
pub(crate) fn text(lang: Lang, key: &str, variables: &[(&str, FluentValue<'_>)]) -> Result<String> {
    match &*WORDS {
        Ok(words) => Ok(words.format(lang, key, variables)),
        Err(error) => Err(StoreError::Invalid(error.to_string())),
    }
}

/// What all that is told of a series has in common.
pub(crate) struct Stationery {
    pub(crate) town: Town,
    pub(crate) department: Option<Department>,
    pub(crate) series: series::Kept,
    pub(crate) places: Vec<Place>,
    pub(crate) origin: String,
}

impl Stationery {
    /// Reads it; `None` where there is no such series.
    pub(crate) fn load(tx: &mut Tx<'_>, series: Id<Series>, origin: &str) -> Result<Option<Self>> {
        let Some(series) = series::find(tx, series)? else { return Ok(None) };
        Ok(Some(Self {
            town: Town::load(tx)?,
            department: department::find(tx, series.department)?,
            series,
            places: place::list(tx)?,
            origin: origin.to_owned(),
        }))
    }

    /// Whom to call.
    pub(crate) fn phone(&self) -> String {
        let own = self.department.as_ref().map_or("", |it| it.details.phone.as_str());
        let all = [self.series.sheet.phone.as_str(), own, &self.town.phone];
        all.into_iter().find(|phone| !phone.is_empty()).unwrap_or_default().to_owned()
    }

    fn place(&self, it: &Session, lang: Lang) -> String {
        let found = self.places.iter().find(|place| place.id == it.place);
        found.map(|place| place.sheet.name.read_in(lang).to_owned()).unwrap_or_default()
    }

    fn when(&self, it: &Session, lang: Lang) -> String {
        clock::when(it.span, self.town.zone(), lang)
    }

    fn variables(&self, it: &Told, lang: Lang) -> Vec<(&'static str, FluentValue<'static>)> {
        let session = it.seats.first().map(|(_, session)| session);
        let when = session.map(|it| self.when(it, lang)).unwrap_or_default();
        let place = session.map(|it| self.place(it, lang)).unwrap_or_default();
        vec![
            ("name", it.registration.person.name.clone().into()),
            ("title", self.series.sheet.title.read_in(lang).to_owned().into()),
            ("when", when.into()),
            ("place", place.into()),
            ("town", self.town.name.clone().into()),
        ]
    }

    /// What is told, with its subject. `code`: what opens the registration; `paid`: what is said of money.
    pub(super) fn words(
        &self,
        it: &Told,
        order: &Order,
        (code, paid): (&str, Option<String>),
    ) -> Result<(String, Vec<String>)> {
        let (lang, word) = (it.registration.lang, order.word);
        let variables = self.variables(it, lang);
        let key = word.as_str();
        let subject = text(lang, &format!("workshops-mail-{key}-subject"), &variables)?;
        let mut paragraphs = vec![text(lang, &format!("workshops-mail-{key}"), &variables)?];
        if matches!(word, Word::Registered | Word::Again) {
            let mut lines = Vec::with_capacity(it.seats.len());
            for (seat, session) in &it.seats {
                let line = format!("{}, {}", self.when(session, lang), self.place(session, lang));
                lines.push(match seat.state {
                    SeatState::Seated => format!("- {line}"),
                    state => {
                        let state = text(lang, &format!("workshops-seat-{}", state.as_str()), &[])?;
                        format!("- {line} – {state}")
                    }
                });
            }
            paragraphs.push(lines.join("\n"));
        }
        if word == Word::Cancelled && !order.why.is_empty() {
            paragraphs.push(order.why.clone());
        }
        let link = format!("{}/ateliers/inscription/{code}", self.origin);
        if word == Word::Offered {
            let until = it.seats.first().and_then(|(seat, _)| seat.expires_at);
            let until = until.map(|at| clock::moment(at, self.town.zone(), lang)).unwrap_or_default();
            paragraphs.push(text(lang, "workshops-mail-take", &[("until", until.into())])?);
        }
        let sheet = &self.series.sheet;
        let comes = matches!(word, Word::Registered | Word::Seated | Word::Reminder | Word::Moved);
        if comes && let Some((_, session)) = it.seats.first() {
            let found = self.places.iter().find(|place| place.id == session.place);
            let there = found.map(|it| [it.sheet.line(), it.sheet.access.read_in(lang).to_owned()]);
            let there = there.into_iter().flatten().filter(|line| !line.is_empty());
            let there = there.collect::<Vec<_>>().join("\n");
            if !there.is_empty() {
                paragraphs.push(there);
            }
            if !sheet.bring.is_empty() && word != Word::Moved {
                let list = sheet.bring.iter().map(|thing| format!("- {}", thing.read_in(lang)));
                let bring = text(lang, "workshops-mail-bring", &[])?;
                paragraphs.push(format!("{bring}\n{}", list.collect::<Vec<_>>().join("\n")));
            }
        }
        paragraphs.extend(paid);
        let end = [
            ("reference", it.registration.reference.clone().into()),
            ("link", link.into()),
            ("code", code.to_owned().into()),
            ("phone", self.phone().into()),
        ];
        paragraphs.push(text(lang, "workshops-mail-link", &end)?);
        Ok((capital(&subject), paragraphs))
    }

    /// The town as it writes.
    fn sender<'a>(&'a self, contact: &'a str) -> Sender<'a> {
        let voice = Voice {
            greeting: &self.town.voice.mail_greeting,
            closing: &self.town.voice.mail_closing,
            signature: &self.town.voice.mail_signature,
        };
        Sender { commune: &self.town.name, contact, voice }
    }
}

/// What these mails and messages are about.
pub(super) fn about(it: &Told) -> About<'static> {
    About { kind: "registration", id: it.registration.id.uuid() }
}

/// Queues the mail.
pub(super) fn mail(tx: &mut Tx<'_>, stationery: &Stationery, it: &Told, order: &Order) -> Result<()> {
    let Some(code) = registration::code_of(tx, it.registration.id)? else { return Ok(()) };
    let paid = money::said(tx, &it.registration, order.word, &stationery.origin)?;
    let (subject, paragraphs) = stationery.words(it, order, (&code, paid))?;
    let phone = stationery.phone();
    let contact = if phone.is_empty() { stationery.origin.as_str() } else { phone.as_str() };
    let message = messages::plain(stationery.sender(contact), it.registration.lang, &subject, &paragraphs);
    let new = NewMail {
        to: &it.registration.person.email,
        subject: &message.subject,
        text: &message.text,
        html: None,
        secret: true,
        about: about(it),
    };
    match mail::queue(tx, &new) {
        // An address that no server takes is the administrators' matter, not that of the others who are told.
        Ok(_) | Err(MailError::Address) => Ok(()),
        Err(MailError::Store(error)) => Err(error),
    }
}

/// Queues the text message; false where none reaches them.
pub(super) fn sms(
    tx: &mut Tx<'_>,
    stationery: &Stationery,
    it: &Told,
    order: &Order,
    job: Id<Job>,
) -> Result<bool> {
    let Some(number) = sms::reaches(tx, &it.registration.person.phone)? else { return Ok(false) };
    let Some(code) = registration::code_of(tx, it.registration.id)? else { return Ok(true) };
    let lang = it.registration.lang;
    let mut variables = stationery.variables(it, lang);
    let until = it.seats.first().and_then(|(seat, _)| seat.expires_at);
    let until = until.map(|at| clock::moment(at, stationery.town.zone(), lang)).unwrap_or_default();
    variables.push(("until", until.into()));
    variables.push(("n", it.seats.len().into()));
    variables.push(("link", format!("{}/ateliers/inscription/{code}", stationery.origin).into()));
    let words = text(lang, &format!("workshops-sms-{}", order.word.as_str()), &variables)?;
    let once = format!("workshops.{job}.{}", it.registration.id);
    let words = size::plain(&words);
    let message =
        NewShortMessage { way: sms::WAY, to: &number, text: &words, about: about(it), once: Some(&once) };
    messenger::queue(tx, &message)?;
    Ok(true)
}
