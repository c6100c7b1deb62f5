//! The certificate that somebody took part: a paper of the town, laid out for whoever asks an adviser for it.

use beffroi_calendar::clock;
use beffroi_core::{Lang, calendar::civil_day};
use beffroi_store::{Result, Tx};
use beffroi_typeset::{Letter, Meta, Recipient, Signatory};

use crate::{
    registration::{self, Presence, Registration, SeatState},
    session,
    tell::{Stationery, letterhead, text},
};

/// What the paper says; `None` where they did not come to any session.
pub(crate) fn of(tx: &mut Tx<'_>, it: &Registration) -> Result<Option<(Letter, Meta)>> {
    let Some(stationery) = Stationery::load(tx, it.series, "")? else { return Ok(None) };
    let seats = registration::seats_of(tx, &[it.id])?;
    let came: Vec<_> = seats
        .iter()
        .filter(|seat| seat.state == SeatState::Seated && seat.presence == Presence::Present)
        .map(|seat| seat.session)
        .collect();
    let sessions = session::some(tx, &came)?;
    if sessions.is_empty() {
        return Ok(None);
    }
    let (zone, lang) = (stationery.town.zone(), Lang::Fr);
    let lines: Vec<String> = sessions
        .iter()
        .map(|it| {
            let place = stationery.places.iter().find(|place| place.id == it.place);
            let place = place.map(|place| place.sheet.name.fr.as_str()).unwrap_or_default();
            format!("– {}, {place}", clock::when(it.span, zone, lang))
        })
        .collect();
    let minutes: i64 = sessions.iter().map(|it| it.span.length().num_minutes()).sum();
    let facts = [
        ("name", it.person.name.clone().into()),
        ("title", stationery.series.sheet.title.fr.clone().into()),
        ("n", sessions.len().into()),
        ("hours", length(minutes).into()),
    ];
    let subject = text(lang, "workshops-paper-subject", &[])?;
    let signs = &stationery.town.signatory;
    let signatory = Signatory {
        first_name: signs.given_name.clone(),
        name: signs.family_name.clone(),
        quality: signs.quality.clone(),
        delegation: None,
        handwritten: true,
    };
    let letter = Letter {
        letterhead: letterhead(&stationery),
        recipient: Recipient { lines: vec![it.person.name.clone()] },
        reference: Some(it.reference.clone()),
        subject: subject.clone(),
        opening: String::new(),
        paragraphs: vec![
            text(lang, "workshops-paper-text", &facts)?,
            lines.join("\n"),
            text(lang, "workshops-paper-end", &facts)?,
        ],
        pieces: Vec::new(),
        until: None,
        department: None,
        closing: None,
        signatory: Some(signatory),
        enclosures: Vec::new(),
        appeals: None,
    };
    let date = civil_day(tx.now(), zone);
    Ok(Some((letter, Meta { title: subject, date })))
}

/// `6 heures`, `1 heure 30`.
fn length(minutes: i64) -> String {
    let (hours, rest) = (minutes / 60, minutes % 60);
    let word = if hours > 1 { "heures" } else { "heure" };
    if rest == 0 { format!("{hours}\u{a0}{word}") } else { format!("{hours}\u{a0}{word}\u{a0}{rest}") }
}

#[cfg(test)]
mod tests {
    use super::length;

    #[test]
    fn lengths_are_written_out() {
        assert_eq!([120, 90, 60].map(length), ["2\u{a0}heures", "1\u{a0}heure\u{a0}30", "1\u{a0}heure"]);
    }
}
