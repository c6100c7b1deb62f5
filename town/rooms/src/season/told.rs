//! What associations are told by mail: that their request has come, what they are given, and what is given back.

use beffroi_calendar::{clock, season::Look, spans::Span};
use beffroi_core::{
    Cents,
    calendar::{civil_day, long_date},
};
use beffroi_notify::{
    About,
    mail::{self, MailError, NewMail},
    messages::{self, Sender, Voice},
};
use beffroi_people::Town;
use beffroi_store::{Result, Tx};

use super::{
    allotment::{Allotment, left_out},
    letter,
    prices::Sum,
    proposal::Advice,
    request::{Request, SUBJECT},
    round::Round,
    shown::{self, Names, Words, Written},
};

/// Dates that one mail lists for a time of the week, at most.
const DATES_LISTED: usize = 40;

/// The address of a page of a request.
pub(super) fn page_of(round: &Round, request: &Request) -> String {
    format!("/salles/saison/{}/demande/{}", round.slug, request.id)
}

/// That the request has come, or was changed.
pub(super) fn received(
    tx: &mut Tx<'_>,
    (town, round): (&Town, &Round),
    request: &Request,
    origin: &str,
) -> Result<()> {
    let words = Written(request.lang);
    let lang = request.lang;
    let name = round.sheet.name.read_in(lang).to_owned();
    let variables = [
        ("season", name.into()),
        ("body", request.body.name.clone().into()),
        ("reference", request.reference.clone().into()),
        ("n", request.wishes.len().into()),
        ("closes", long_date(round.days.closes, lang).into()),
    ];
    let subject = words.say("rooms-season-mail-received-subject", &variables);
    let mut paragraphs = vec![words.say("rooms-season-mail-received", &variables)];
    let wishes = request.wishes.iter().map(|wished| format!("- {}", wished.activity));
    paragraphs.push(wishes.collect::<Vec<_>>().join("\n"));
    paragraphs.push(words.say("rooms-season-mail-received-change", &variables));
    if request.account.is_some() {
        paragraphs.push(format!("{origin}{}", page_of(round, request)));
    }
    send(tx, town, request, (&subject, &paragraphs), origin)
}

/// What a request is given, in one mail: times, dates that are left out, and why what is not given is not.
pub(super) fn result(
    tx: &mut Tx<'_>,
    (town, round): (&Town, &Round),
    request: &Request,
    (given, advice, sum): (&[(&Allotment, &Look)], &[Advice], Option<&Sum>),
    names: &Names,
    origin: &str,
) -> Result<()> {
    let words = Written(request.lang);
    let name = round.sheet.name.read_in(request.lang).to_owned();
    let variables = [
        ("season", name.into()),
        ("body", request.body.name.clone().into()),
        ("reference", request.reference.clone().into()),
        ("n", given.len().into()),
    ];
    let subject = words.say("rooms-season-mail-result-subject", &variables);
    let mut paragraphs = vec![words.say("rooms-season-mail-result", &variables)];
    for (allotment, look) in given {
        paragraphs.push(one(&words, request, allotment, look, names, town));
    }
    for it in advice {
        paragraphs.push(refusal(&words, request, it, names));
    }
    paragraphs.extend(sum.into_iter().flat_map(|sum| costs(&words, sum, names)));
    paragraphs.push(words.say("rooms-season-mail-result-page", &[]));
    paragraphs.push(format!("{origin}/salles/saison/{}", round.slug));
    letter::order(tx, round, request, (&subject, &paragraphs))?;
    send(tx, town, request, (&subject, &paragraphs), origin)
}

/// What the times come to: what is to be paid, what is had for nothing by the free uses of the year, and what is deposited
/// for each room.
fn costs(words: &Written, sum: &Sum, names: &Names) -> Vec<String> {
    let variables = [
        ("amount", sum.due.read_in(words.0).into()),
        ("cited", sum.deliberation.clone().into()),
        ("n", sum.free.into()),
        ("value", sum.value.read_in(words.0).into()),
    ];
    let mut told = Vec::new();
    if sum.free > 0 {
        told.push(words.say("rooms-season-mail-free", &variables));
    }
    if sum.due > Cents(0) {
        told.push(words.say("rooms-season-mail-price", &variables));
    }
    for (room, amount) in &sum.deposits {
        let variables =
            [("amount", amount.read_in(words.0).into()), ("room", names.room(*room, words.lang()).into())];
        told.push(words.say("rooms-season-mail-deposit", &variables));
    }
    told
}

/// That a time was given back, by the town or by the association.
pub(super) fn given_back(
    tx: &mut Tx<'_>,
    (town, round): (&Town, &Round),
    request: &Request,
    (allotment, why, deposit_back): (&Allotment, &str, bool),
    names: &Names,
    origin: &str,
) -> Result<()> {
    let words = Written(request.lang);
    let variables = [
        ("season", round.sheet.name.read_in(request.lang).to_owned().into()),
        ("slot", shown::slot(&words, &allotment.slot).into()),
        ("room", names.room(allotment.slot.room, request.lang).into()),
    ];
    let subject = words.say("rooms-season-mail-back-subject", &variables);
    let mut paragraphs = vec![words.say("rooms-season-mail-back", &variables)];
    if !why.is_empty() {
        paragraphs.push(why.to_owned());
    }
    if deposit_back {
        paragraphs.push(words.say("rooms-season-mail-back-deposit", &variables));
    }
    letter::order(tx, round, request, (&subject, &paragraphs))?;
    send(tx, town, request, (&subject, &paragraphs), origin)
}

/// What becomes of a room that is had for the season: of its deposit, of the state in which it is found.
pub(crate) fn write(
    tx: &mut Tx<'_>,
    (town, round): (&Town, &Round),
    request: &Request,
    subject: &str,
    text: &str,
) -> Result<()> {
    let paragraphs: Vec<String> = text.split("\n\n").map(str::to_owned).collect();
    letter::order(tx, round, request, (subject, &paragraphs))?;
    send(tx, town, request, (subject, &paragraphs), &town.email)
}

fn one(
    words: &Written,
    request: &Request,
    allotment: &Allotment,
    look: &Look,
    names: &Names,
    town: &Town,
) -> String {
    let lang = words.lang();
    let rank = usize::try_from(allotment.wish).unwrap_or(usize::MAX);
    let activity = request.wishes.get(rank).map(|wished| wished.activity.clone()).unwrap_or_default();
    let day = |date: Option<&Span>| {
        date.map(|date| long_date(civil_day(date.start(), town.zone()), lang)).unwrap_or_default()
    };
    let variables = [
        ("activity", activity.into()),
        ("slot", shown::slot(words, &allotment.slot).into()),
        ("room", names.room(allotment.slot.room, lang).into()),
        ("first", day(look.free.first()).into()),
        ("last", day(look.free.last()).into()),
        ("n", look.free.len().into()),
    ];
    let mut text = words.say("rooms-season-mail-given", &variables);
    let left = left_out(look);
    if !left.is_empty() {
        text.push('\n');
        text.push_str(&words.say("rooms-season-mail-left-out", &[]));
        for (date, why) in left.iter().take(DATES_LISTED) {
            let why = words.say(&format!("rooms-season-left-{why}"), &[]);
            text.extend(["\n- ", &clock::when(*date, town.zone(), lang), " (", &why, ")"]);
        }
    }
    text
}

/// Why a wish was not granted, a line for each room.
pub(super) fn refusal(words: &impl Words, request: &Request, advice: &Advice, names: &Names) -> String {
    let activity = request.wishes.get(advice.wish).map(|wished| wished.activity.clone()).unwrap_or_default();
    let variables = [("activity", activity.into()), ("n", advice.missing.into())];
    let mut text = words.say("rooms-season-not-given", &variables);
    for reason in &advice.why {
        text.push_str("\n- ");
        text.push_str(&shown::reason(words, names, reason));
    }
    text
}

fn send(
    tx: &mut Tx<'_>,
    town: &Town,
    request: &Request,
    (subject, paragraphs): (&str, &[String]),
    origin: &str,
) -> Result<()> {
    if request.contact.email.is_empty() {
        return Ok(());
    }
    let contact = if town.phone.is_empty() { origin } else { town.phone.as_str() };
    let voice = Voice {
        greeting: &town.voice.mail_greeting,
        closing: &town.voice.mail_closing,
        signature: &town.voice.mail_signature,
    };
    let sender = Sender { commune: &town.name, contact, voice };
    let message = messages::plain(sender, request.lang, subject, paragraphs);
    let new = NewMail {
        to: &request.contact.email,
        subject: &message.subject,
        text: &message.text,
        html: None,
        secret: false,
        about: About { kind: SUBJECT, id: request.id.uuid() },
    };
    match mail::queue(tx, &new) {
        // An address that no server takes does not keep the others from being told.
        Ok(_) | Err(MailError::Address) => Ok(()),
        Err(MailError::Store(error)) => Err(error),
    }
}
