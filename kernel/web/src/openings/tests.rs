//! Openings that are filled in come out as they were typed, and what is wrong is told where it is.

use beffroi_calendar::{
    local::Moment,
    openings::{Hours, MonthDay, Season},
};

use super::*;

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn hours(from: &str, until: &str) -> Hours {
    Hours::new(Moment::parse(from).unwrap(), Moment::parse(until).unwrap()).unwrap()
}

/// One of everything that openings can say.
fn rich() -> Openings {
    let mut rules: Vec<Rule> = Vec::new();
    let seasons = [
        Season::AllYear,
        Season::Yearly(MonthDay { month: 9, day: 1 }, MonthDay { month: 6, day: 30 }),
        Season::Yearly(MonthDay { month: 11, day: 15 }, MonthDay { month: 2, day: 28 }),
        Season::Between(day("2026-09-01"), day("2027-06-30")),
    ];
    for ((rank, (weeks, _)), season) in WEEKS.into_iter().enumerate().zip(seasons.into_iter().cycle()) {
        let (on, _) = HOLIDAYS[rank % 3];
        rules.push(Rule {
            weekdays: [WEEK[rank % 7], Weekday::Sun].into_iter().take(1 + rank % 2).collect(),
            weeks,
            hours: vec![hours("09:00", "12:00"), hours("20:00", "26:00")],
            season,
            public_holidays: on,
            school_holidays: HOLIDAYS[(rank + 1) % 3].0,
        });
    }
    Openings {
        rules,
        closures: vec![
            Closure {
                first: day("2026-08-01"),
                last: day("2026-08-16"),
                hours: None,
                why: "Congés".to_owned(),
            },
            Closure {
                first: day("2026-08-17"),
                last: day("2026-08-17"),
                hours: Some(hours("12:00", "14:00")),
                why: String::new(),
            },
        ],
        exceptions: vec![
            Exception { day: day("2026-08-15"), hours: vec![hours("18:00", "26:00")], why: "Bal".to_owned() },
            Exception { day: day("2026-08-18"), hours: Vec::new(), why: String::new() },
        ],
    }
}

#[test]
fn all_that_the_calendar_holds_is_shown_and_read_back() {
    for lang in [Lang::Fr, Lang::En] {
        assert_eq!(read(&fields(&rich(), FormPost::default(), OnHolidays::Same, lang), None), Ok(rich()));
    }
    let none = fields(&Openings::default(), FormPost::default(), OnHolidays::Not, Lang::Fr);
    assert_eq!(read(&none, None), Ok(Openings::default()), "a row that is empty says nothing");
    assert_eq!(rows(&none, RULE).count(), 1);
    assert_eq!(none.text("feries-0"), "not");
}

#[test]
fn rows_are_added_and_taken_away_and_nothing_that_was_typed_is_lost() {
    let form =
        fields(&rich(), FormPost::default(), OnHolidays::Not, Lang::Fr).with("nom", "Salle".to_owned());
    assert_eq!(asked(&form, OnHolidays::Not), Asked::Keep);
    assert_eq!(asked(&form.clone().with("apercu", "oui".to_owned()), OnHolidays::Not), Asked::Preview);
    let Asked::Rows(more) = asked(&form.clone().with("ajouter", "fermeture".to_owned()), OnHolidays::Not)
    else {
        panic!("no row was added")
    };
    assert_eq!(rows(&more, CLOSURE).collect::<Vec<_>>(), ["0", "1", "2"]);
    assert_eq!(read(&more, None), Ok(rich()));
    assert_eq!(more.text("nom"), "Salle");
    let Asked::Rows(fewer) = asked(&form.with("retirer", "fermeture-0".to_owned()), OnHolidays::Not) else {
        panic!("no row was taken away")
    };
    assert_eq!(rows(&fewer, CLOSURE).collect::<Vec<_>>(), ["1"]);
    let mut left = rich();
    left.closures.remove(0);
    assert_eq!(read(&fewer, None), Ok(left));
}

#[test]
fn what_is_wrong_is_told_at_its_control() {
    let typed = [
        ("regle", "0"),
        ("horaires-0", "midi"),
        ("du-0", "septembre"),
        ("regle", "1"),
        ("jours-1", "6"),
        ("horaires-1", "9 h - 12 h"),
        ("semaines-1", "6"),
        ("fermeture", "0"),
        ("ferme_du-0", "2026-12-31"),
        ("ferme_au-0", "2026-12-01"),
        ("fermeture", "1"),
        ("ferme_raison-1", "Travaux"),
        ("fermeture", "2"),
        ("ferme_du-2", "2026-05-01"),
        ("ferme_heures-2", "9-12, 14-18"),
        ("jour", "0"),
        ("jour_date-0", "2026-12-24"),
        ("jour", "1"),
        ("jour_date-1", "2026-12-24"),
        ("jour_heures-1", "9-12"),
    ];
    let form =
        typed.into_iter().fold(FormPost::default(), |form, (name, value)| form.with(name, value.to_owned()));
    let wrong = read(&form, Some(day("2026-06-01"))).unwrap_err();
    let wrong: Vec<(&str, &str)> = wrong.iter().map(|(field, key)| (field.as_str(), *key)).collect();
    assert_eq!(
        wrong,
        [
            ("jours-0", "openings-wrong-days"),
            ("horaires-0", "openings-wrong-hours"),
            ("du-0", "openings-wrong-season"),
            ("semaines-1", "openings-wrong-choice"),
            ("ferme_au-0", "openings-wrong-last"),
            ("ferme_du-1", "openings-wrong-day"),
            ("ferme_au-2", "openings-wrong-over"),
            ("ferme_heures-2", "openings-wrong-stretch"),
            ("jour_date-1", "openings-wrong-twice"),
        ]
    );
}
