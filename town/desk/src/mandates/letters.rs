//! What is written about mandates, each in the language of whoever reads it: the question to the helped person, by mail
//! or by letter, and word to both that something has changed.

use std::sync::LazyLock;

use beffroi_cases::case::Case;
use beffroi_core::{
    Id, Lang,
    calendar::{civil_day, long_date},
};
use beffroi_notify::{About, mail, messages};
use beffroi_people::{
    Town, account, department,
    mandate::{self, Asked, By, Mandate, NewMandate, NewOffer, Offer, Proof, Scope, Status},
    secret::Secret,
};
use beffroi_store::{Result, StoreError, Tx, jobs};
use beffroi_web::{
    L10n, Locale,
    l10n::{FluentValue, L10nError},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Titles;
use crate::{papers::Stationery, submission};

/// The job that lays out a letter about a mandate and puts it in the day's batch.
pub(super) const LETTER: &str = "desk.mandate_letter";
/// What of a letter tells of a person, or opens something: sealed until it is done, forgotten if it never is.
pub(super) const SECRETS: &[&str] = &["subject", "paragraphs"];

/// The texts of what is written away from any page.
static WORDS: LazyLock<std::result::Result<L10n, L10nError>> = LazyLock::new(|| {
    L10n::new(&[
        Locale { lang: Lang::Fr, ftl: include_str!("../../locales/fr/mandates.ftl") },
        Locale { lang: Lang::En, ftl: include_str!("../../locales/en/mandates.ftl") },
    ])
});

/// A text in a language.
pub(super) fn text(lang: Lang, key: &str, variables: &[(&str, FluentValue<'_>)]) -> Result<String> {
    match &*WORDS {
        Ok(words) => Ok(words.format(lang, key, variables)),
        Err(error) => Err(StoreError::Invalid(error.to_string())),
    }
}

/// What a letter tells.
#[derive(Deserialize, Serialize)]
pub(super) struct LetterOrder {
    pub(super) mandate: Id<Mandate>,
    /// The department that prints it.
    pub(super) tray: String,
    /// Which letter it is: done twice, it is printed once.
    #[serde(default)]
    pub(super) key: Uuid,
    #[serde(default)]
    pub(super) subject: String,
    pub(super) paragraphs: Vec<String>,
}

/// Something to be told.
struct Word {
    subject: String,
    paragraphs: Vec<String>,
    /// Whether it opens something.
    secret: bool,
}

/// In what a mandate serves, in words.
fn scope(lang: Lang, scope: &Scope, titles: &Titles) -> Result<String> {
    match scope {
        Scope::All => text(lang, "desk-mandate-scope-all", &[]),
        Scope::Sector(sector) => text(lang, &format!("desk-mandate-sector-{}", sector.as_str()), &[]),
        Scope::Procedures(slugs) => {
            let names = slugs.iter().map(|slug| titles.get(slug).unwrap_or(slug).as_str());
            Ok(names.collect::<Vec<_>>().join(", "))
        }
    }
}

fn question(new: &NewMandate, asked: &Asked, titles: &Titles, origin: &str) -> Result<Word> {
    let lang = new.lang;
    let helper = || ("helper", FluentValue::from(new.helper_name.clone()));
    let term = text(lang, &format!("desk-mandate-term-{}", new.term.days()), &[])?;
    let asks = [helper(), ("scope", scope(lang, &new.scope, titles)?.into()), ("term", term.into())];
    let mut paragraphs = vec![text(lang, "desk-mandate-mail-asks", &asks)?];
    if let Some(code) = &asked.code {
        paragraphs.push(text(lang, "desk-mandate-mail-code", &[("code", code.clone().into())])?);
        paragraphs.push(text(lang, "desk-mandate-mail-no-code", &[])?);
    }
    let link = format!("{origin}/mandat/{}", asked.link.reveal());
    paragraphs.push(text(lang, "desk-mandate-mail-page", &[("link", link.into())])?);
    let key = if new.proof == Proof::Code { "desk-mandate-asks-you" } else { "desk-mandate-helps-you" };
    Ok(Word { subject: text(lang, key, &[helper()])?, paragraphs, secret: true })
}

/// Asks the helped person. `false` where the town has no way to write to them.
pub(super) fn ask(
    tx: &mut Tx<'_>,
    new: &NewMandate,
    asked: &Asked,
    titles: &Titles,
    origin: &str,
    tray: Option<&str>,
) -> Result<bool> {
    let word = question(new, asked, titles, origin)?;
    tell_helped(tx, (asked.id, new), &word, tray)
}

/// Tells the helper that somebody offers them a mandate, with the link where they take it.
pub(super) fn offer(
    tx: &mut Tx<'_>,
    (id, new): (Id<Offer>, &NewOffer),
    link: &Secret,
    titles: &Titles,
    origin: &str,
) -> Result<()> {
    let lang = new.lang;
    let helped = || ("helped", FluentValue::from(new.helped.full_name()));
    let term = text(lang, &format!("desk-mandate-term-{}", new.term.days()), &[])?;
    let offers = [helped(), ("scope", scope(lang, &new.scope, titles)?.into()), ("term", term.into())];
    let link = format!("{origin}/mandat-offert/{}", link.reveal());
    let word = Word {
        subject: text(lang, "desk-offer-mail-subject", &[helped()])?,
        paragraphs: vec![
            text(lang, "desk-offer-mail-offers", &offers)?,
            text(lang, "desk-offer-mail-page", &[("link", link.into())])?,
        ],
        secret: true,
    };
    send(tx, &new.helper_email, lang, &word, Id::from_uuid(id.uuid()))
}

/// A new link to the helped person, who lost theirs.
pub(super) fn new_link(
    tx: &mut Tx<'_>,
    mandate: &Mandate,
    link: &Secret,
    origin: &str,
    tray: Option<&str>,
) -> Result<bool> {
    let lang = mandate.details.lang;
    let link = format!("{origin}/mandat/{}", link.reveal());
    let word = Word {
        subject: given(lang, &mandate.details)?,
        paragraphs: vec![text(lang, "desk-mandate-mail-new-link", &[("link", link.into())])?],
        secret: true,
    };
    tell_helped(tx, (mandate.id, &mandate.details), &word, tray)
}

/// Tells both that a mandate has begun.
pub(super) fn begun(tx: &mut Tx<'_>, id: Id<Mandate>, tray: Option<&str>) -> Result<()> {
    let Some(mandate) = mandate::find(tx, id)? else { return Ok(()) };
    let told = |lang: Lang| {
        let until = mandate.days.map(|(_, until)| long_date(until, lang)).unwrap_or_default();
        let [who, whom] = names(&mandate.details);
        text(lang, "desk-mandate-mail-begun", &[who, whom, ("until", until.into())])
    };
    tell(tx, &mandate, told, (true, true), tray)
}

/// Tells the other side that a mandate is over.
pub(super) fn over(tx: &mut Tx<'_>, mandate: &Mandate, by: By, tray: Option<&str>) -> Result<()> {
    let told = |lang: Lang| text(lang, "desk-mandate-mail-over", &names(&mandate.details));
    tell(tx, mandate, told, (by != By::Helper, by != By::Helped), tray)
}

fn names(details: &NewMandate) -> [(&'static str, FluentValue<'static>); 2] {
    [
        ("helper", FluentValue::from(details.helper_name.clone())),
        ("helped", FluentValue::from(details.helped.full_name())),
    ]
}

/// How what is written to the helped person is headed.
fn given(lang: Lang, details: &NewMandate) -> Result<String> {
    let [helper, _] = names(details);
    text(lang, "desk-mandate-mail-given", &[helper])
}

/// Tells the helper, the helped person, or both; plain: nothing in it opens anything.
fn tell(
    tx: &mut Tx<'_>,
    mandate: &Mandate,
    told: impl Fn(Lang) -> Result<String>,
    (to_helper, to_whom): (bool, bool),
    tray: Option<&str>,
) -> Result<()> {
    let details = &mandate.details;
    if to_helper && let Some(account) = account::find(tx, details.account)? {
        let lang = account.language;
        let [_, name] = names(details);
        let word = Word {
            subject: text(lang, "desk-mandate-mail-held", &[name])?,
            paragraphs: vec![told(lang)?],
            secret: false,
        };
        send(tx, &account.email, lang, &word, mandate.id)?;
    }
    if to_whom {
        let lang = details.lang;
        let word = Word { subject: given(lang, details)?, paragraphs: vec![told(lang)?], secret: false };
        tell_helped(tx, (mandate.id, details), &word, tray)?;
    }
    Ok(())
}

/// Writes to the helped person: by mail, or else by a letter, which this department prints. `false` where neither
/// reaches them.
fn tell_helped(
    tx: &mut Tx<'_>,
    (id, details): (Id<Mandate>, &NewMandate),
    word: &Word,
    tray: Option<&str>,
) -> Result<bool> {
    let helped = &details.helped;
    if !helped.email.is_empty() {
        send(tx, &helped.email, details.lang, word, id)?;
        return Ok(true);
    }
    if !helped.is_reachable() {
        return Ok(false);
    }
    let tray = match tray {
        Some(tray) => Some(tray.to_owned()),
        None => tray_of(tx, &details.scope)?,
    };
    let Some(tray) = tray else { return Ok(false) };
    let order = LetterOrder {
        mandate: id,
        tray,
        key: tx.new_id::<LetterOrder>().uuid(),
        subject: word.subject.clone(),
        paragraphs: word.paragraphs.clone(),
    };
    let payload = serde_json::to_value(&order).map_err(StoreError::from)?;
    jobs::enqueue_sealed(tx, LETTER, &payload, SECRETS, tx.now())?;
    Ok(true)
}

/// The department that prints what is written of a mandate where no agent is at work: one of its sector, or the front
/// desk, or the first.
fn tray_of(tx: &mut Tx<'_>, scope: &Scope) -> Result<Option<String>> {
    let all = department::list(tx)?;
    let of_sector = all.iter().find(|it| *scope == Scope::Sector(it.details.sector));
    let found = of_sector.or_else(|| all.iter().find(|it| it.details.slug == "accueil")).or(all.first());
    Ok(found.map(|found| found.details.slug.clone()))
}

fn send(tx: &mut Tx<'_>, to: &str, lang: Lang, word: &Word, id: Id<Mandate>) -> Result<()> {
    let town = Town::load(tx)?;
    let contact = [town.phone.as_str(), &town.email].into_iter().filter(|it| !it.is_empty());
    let contact = contact.collect::<Vec<_>>().join(", ");
    let sender = Stationery::sender(&town, &contact);
    let message = messages::plain(sender, lang, &word.subject, &word.paragraphs);
    let new = mail::NewMail {
        to,
        subject: &message.subject,
        text: &message.text,
        html: None,
        secret: word.secret,
        about: About { kind: "mandate", id: id.uuid() },
    };
    match mail::queue(tx, &new) {
        Ok(_) | Err(mail::MailError::Address) => Ok(()),
        Err(mail::MailError::Store(error)) => Err(error),
    }
}

/// Tells the helper that the town has written in a case of their mandate; nothing where there is none, where it runs no
/// more, or where the helped person wants it to themselves. What was written is read on the case's page.
pub(crate) fn copy(tx: &mut Tx<'_>, case: &Case, origin: &str) -> Result<()> {
    let Some((id, helper)) = submission::mandate_of(tx, case.id)? else { return Ok(()) };
    let today = civil_day(tx.now(), Town::load(tx)?.zone());
    let Some(found) = mandate::find(tx, id)? else { return Ok(()) };
    if found.status(today) != Status::Running || !found.details.copies {
        return Ok(());
    }
    let Some(helper) = account::find(tx, helper)? else { return Ok(()) };
    let lang = helper.language;
    let reference = || ("reference", FluentValue::from(case.reference.clone()));
    let [_, whom] = names(&found.details);
    let link = format!("{origin}/compte/demarches/{}", case.id);
    let word = Word {
        subject: text(lang, "desk-mandate-mail-news-subject", &[reference()])?,
        paragraphs: vec![text(lang, "desk-mandate-mail-news", &[reference(), whom, ("link", link.into())])?],
        secret: false,
    };
    send(tx, &helper.email, lang, &word, id)
}
