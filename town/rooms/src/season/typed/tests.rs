//! What an association types is read as people write it, or each fault is told at its field.

use beffroi_core::{Channel, Lang};
use chrono::DateTime;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::season::round::{Days, Sheet, State};

fn room(number: u128) -> Id<Resource> {
    Id::from_uuid(Uuid::from_u128(number))
}

fn round() -> Round {
    let day = |text: &str| text.parse().unwrap();
    Round {
        id: Id::from_uuid(Uuid::nil()),
        slug: "saison".to_owned(),
        state: State::Open,
        days: Days {
            first: day("2026-09-07"),
            last: day("2027-06-30"),
            opens: day("2026-05-01"),
            closes: day("2026-06-15"),
        },
        sheet: Sheet { rooms: vec![room(1), room(2)], ..Sheet::default() },
        seed: String::new(),
        published_at: None,
    }
}

fn form(changes: &[(&str, &str)]) -> FormPost {
    let (first, second) = (room(1).to_string(), room(2).to_string());
    let usual = [
        ("association", "Pas à pas"),
        ("numero", "W341 005 678"),
        ("contact", "Lila Nouri"),
        ("courriel", "Lila@Example.org"),
        ("telephone", ""),
        ("adherents", "40"),
        ("habitants", "31"),
        ("jeunes", "12"),
        ("activite-0", "Cours de danse"),
        ("fois-0", "2"),
        ("duree-0", "90"),
        ("personnes-0", "18"),
        ("salle-0", first.as_str()),
        ("salle2-0", second.as_str()),
        ("jour-0-0", "2"),
        ("de-0-0", "18:00"),
        ("a-0-0", "22h"),
        ("jour-0-1", "4"),
        ("de-0-1", "19h30"),
        ("a-0-1", "0:30"),
        ("priorite-0", "1"),
    ];
    let is_other = |name: &str| changes.iter().any(|(known, _)| *known == name);
    let usual = usual.iter().filter(|(name, _)| !is_other(name));
    usual.chain(changes).fold(FormPost::default(), |form, (name, value)| form.with(name, (*value).to_owned()))
}

#[track_caller]
fn wrong(changes: &[(&str, &str)]) -> Vec<String> {
    read(&form(changes), &round(), false).unwrap_err().into_iter().map(|(field, _)| field).collect()
}

#[test]
fn what_is_typed_is_what_is_wished() {
    let found = read(&form(&[]), &round(), false).unwrap();
    assert_eq!(
        (found.body.number.as_str(), found.contact.email.as_str()),
        ("W341005678", "lila@example.org")
    );
    let wish = &found.wishes[0].wish;
    assert_eq!((wish.times, wish.minutes, wish.people), (2, 90, 18));
    assert_eq!(wish.rooms, [room(1), room(2)]);
    let hours: Vec<String> =
        wish.ranges.iter().map(|it| format!("{} {}-{}", it.weekday, it.from, it.until)).collect();
    assert_eq!(hours, ["Tue 18:00-22:00", "Thu 19:30-24:30"]);
}

#[test]
fn each_fault_is_told_at_its_field() {
    assert_eq!(wrong(&[("association", ""), ("numero", "W34")]), ["association", "numero"]);
    assert_eq!(wrong(&[("numero", "732 829 321")]), ["numero"]);
    assert_eq!(wrong(&[("habitants", "41")]), ["habitants"], "no more of them than there are");
    assert_eq!(wrong(&[("courriel", "lila")]), ["courriel"]);
    assert_eq!(wrong(&[("salle-0", ""), ("salle2-0", "")]), ["salle-0"]);
    assert_eq!(wrong(&[("fois-0", "3")]), ["fois-0"], "three times a week need three days");
    assert_eq!(wrong(&[("a-0-0", "19:00")]), ["a-0-0"], "an hour does not hold an hour and a half");
    assert_eq!(wrong(&[("de-0-0", "tôt")]), ["de-0-0"]);
    assert_eq!(wrong(&[("debut-0", "2026-08-01")]), ["debut-0"]);
    assert_eq!(wrong(&[("debut-0", "2027-02-01"), ("fin-0", "2027-01-01")]), ["fin-0"]);
    assert_eq!(wrong(&[("activite-1", "Gala")]).first().map(String::as_str), Some("fois-1"));
    let blank = read(&FormPost::default(), &round(), false).unwrap_err();
    assert!(blank.len() >= 4);
    assert_eq!(blank.last().unwrap().1, "rooms-season-wrong-none", "what lacks is told at once");
    let mut words: Vec<&str> = blank.iter().map(|(_, key)| *key).collect();
    words.sort_unstable();
    words.dedup();
    assert_eq!(words.len(), blank.len(), "no two faults read alike");
    // At the counter somebody may have a telephone alone.
    assert!(read(&form(&[("courriel", ""), ("telephone", "0467711234")]), &round(), true).is_ok());
    assert_eq!(read(&form(&[("courriel", "")]), &round(), true).unwrap_err()[0].0, "telephone");
    assert!(read(&form(&[("numero", "732 829 320")]), &round(), false).is_ok(), "a SIREN will do");
}

#[test]
fn the_order_is_that_of_the_priorities() {
    let first = room(1).to_string();
    let more = [
        ("priorite-0", "2"),
        ("activite-1", "Stage"),
        ("fois-1", "1"),
        ("duree-1", "60"),
        ("personnes-1", "10"),
        ("salle-1", first.as_str()),
        ("jour-1-0", "6"),
        ("de-1-0", "9:00"),
        ("a-1-0", "12:00"),
        ("priorite-1", "1"),
    ];
    let found = read(&form(&more), &round(), false).unwrap();
    let named: Vec<&str> = found.wishes.iter().map(|it| it.activity.as_str()).collect();
    assert_eq!(named, ["Stage", "Cours de danse"]);
}

#[test]
fn what_is_kept_fills_the_form_again() {
    let found = read(&form(&[]), &round(), false).unwrap();
    let request = Request {
        id: Id::from_uuid(Uuid::nil()),
        round: round().id,
        reference: "SA-7K2M-9QTA".to_owned(),
        body: found.body,
        contact: found.contact,
        wishes: found.wishes,
        account: None,
        channel: Channel::Online,
        lang: Lang::Fr,
        changed_at: DateTime::from_timestamp(0, 0).unwrap(),
    };
    let again = read(&fields(&request), &round(), false).unwrap();
    assert_eq!((again.body, again.contact, again.wishes), (request.body, request.contact, request.wishes));
}

proptest! {
    #[test]
    fn whatever_is_typed_is_read_or_refused(
        number in ".{0,20}", hours in ".{0,8}", until in ".{0,8}", count in ".{0,6}", lines in ".{0,6}"
    ) {
        let typed = [
            ("numero", number.as_str()),
            ("de-0-0", hours.as_str()),
            ("a-0-0", until.as_str()),
            ("fois-0", count.as_str()),
            ("lignes", lines.as_str()),
        ];
        let form = form(&typed);
        prop_assert!((1..=WISHES_AT_MOST).contains(&rows(&form)));
        if let Ok(found) = read(&form, &round(), false) {
            for wished in found.wishes {
                prop_assert!(wished.wish.ranges.iter().all(|range| range.from < range.until));
            }
        }
    }
}
