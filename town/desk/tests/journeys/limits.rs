//! The yearly limit of temporary bars (Code de la santé publique, art. L3334-2 and L3335-4), counted across
//! cases on both engines.

use std::sync::Arc;

use beffroi_cases::{
    Access, Right,
    case::{self, NewCase},
    tracking::{self, TrackingCode},
};
use beffroi_core::Clock;
use beffroi_desk::procedure::{self, Shelf};
use beffroi_forms::{CompiledForm, Limit, Period, Text};
use beffroi_people::Town;
use beffroi_store::{
    By, Database, Migration, Platform, PlatformConfig, Randomness, StoreError,
    testing::{TestCommune, on_both_engines},
};
use serde_json::{Value, json};

use crate::support::{catalogued, departments, enter, enter_in, migrations, offered};

pub fn bar(rna: &str, day: &str, setting: &str) -> Value {
    json!({
        "association": "Boule des Platanes", "rna": rna, "cadre": setting, "manifestation": "Loto",
        "lieu": "1 place des Platanes, 34400 Lunel", "debut": day, "heure_debut": "17:00", "fin": day,
        "heure_fin": "23:30", "boissons": ["1"], "public": 120, "fonction": "président",
        "demandeur": { "family_name": "Galtier", "given_names": "Karim" },
        "adresse": "1 place des Platanes, 34400 Lunel", "telephone": "0465711234", "engagement": true,
    })
}

pub const RNA: &str = "W341002345";

#[test]
fn a_sixth_bar_of_one_association_in_one_year_is_refused() {
    on_both_engines(&migrations(), |fixture| {
        let form = offered(fixture, "debit-de-boissons-temporaire");
        let codes: Vec<TrackingCode> = (10..15)
            .map(|day| enter(fixture, &form, &bar(RNA, &format!("2026-07-{day}"), "manifestation")).unwrap())
            .collect();
        let refused = enter(fixture, &form, &bar(RNA, "2026-09-01", "manifestation")).unwrap_err();
        assert_eq!(
            refused,
            "rna: Cette association a déjà 5 autorisations de buvette pour ses fêtes cette année. La loi en permet 5."
        );
        // Another association, and another year, have their own five.
        enter(fixture, &form, &bar("W341009999", "2026-09-01", "manifestation")).unwrap();
        enter(fixture, &form, &bar(RNA, "2027-01-02", "manifestation")).unwrap();
        // What is taken back frees its place.
        let code = codes.into_iter().next().unwrap();
        fixture.commune.write_blocking(By::VISITOR, move |tx| case::withdraw(tx, &code)).unwrap();
        enter(fixture, &form, &bar(RNA, "2026-09-01", "manifestation")).unwrap();
    })
    .unwrap();
}

#[test]
fn a_case_tells_the_requester_from_the_association_for_which_is_asked() {
    on_both_engines(&migrations(), |fixture| {
        let form = offered(fixture, "debit-de-boissons-temporaire");
        for day in ["2026-07-10", "2026-07-11"] {
            enter(fixture, &form, &bar(RNA, day, "manifestation")).unwrap();
        }
        let (names, records) = fixture
            .commune
            .read_blocking(By::SYSTEM, |tx| {
                let names = tx.query(
                    "SELECT DISTINCT requester_name, beneficiary_name FROM cases ORDER BY 1 LIMIT 10",
                    &[],
                    |row| Ok((row.get::<String>(0)?, row.get::<String>(1)?)),
                )?;
                let records = tx.query(
                    "SELECT DISTINCT o.rna FROM cases c JOIN organisation o ON o.id = c.beneficiary LIMIT 10",
                    &[],
                    |row| row.get::<Option<String>>(0),
                )?;
                Ok::<_, StoreError>((names, records))
            })
            .unwrap();
        assert_eq!(names, [("Galtier Karim".to_owned(), "Boule des Platanes".to_owned())]);
        assert_eq!(records, [Some(RNA.to_owned())], "the association is known again by its number");
    })
    .unwrap();
}

#[test]
fn a_sports_club_has_ten() {
    on_both_engines(&migrations(), |fixture| {
        let form = offered(fixture, "debit-de-boissons-temporaire");
        for day in 10..20 {
            enter(fixture, &form, &bar(RNA, &format!("2026-07-{day}"), "sport")).unwrap();
        }
        let refused = enter(fixture, &form, &bar(RNA, "2026-08-01", "sport")).unwrap_err();
        assert!(refused.contains("La loi en permet 10"), "{refused}");
    })
    .unwrap();
}

#[test]
fn sports_and_parties_are_counted_apart() {
    on_both_engines(&migrations(), |fixture| {
        let form = offered(fixture, "debit-de-boissons-temporaire");
        for day in 10..16 {
            enter(fixture, &form, &bar(RNA, &format!("2026-07-{day}"), "sport")).unwrap();
        }
        for day in 10..15 {
            enter(fixture, &form, &bar(RNA, &format!("2026-08-{day}"), "manifestation")).unwrap();
        }
        let refused = enter(fixture, &form, &bar(RNA, "2026-09-01", "manifestation")).unwrap_err();
        assert!(refused.contains("La loi en permet 5"), "{refused}");
        for day in 10..14 {
            enter(fixture, &form, &bar(RNA, &format!("2026-09-{day}"), "sport")).unwrap();
        }
        enter(fixture, &form, &bar(RNA, "2026-10-01", "sport")).unwrap_err();
    })
    .unwrap();
}

#[test]
fn what_was_withdrawn_and_then_archived_does_not_count() {
    on_both_engines(&migrations(), |fixture| {
        let form = offered(fixture, "debit-de-boissons-temporaire");
        let codes: Vec<TrackingCode> = (10..15)
            .map(|day| enter(fixture, &form, &bar(RNA, &format!("2026-07-{day}"), "manifestation")).unwrap())
            .collect();
        let code = codes.into_iter().next().unwrap();
        let archived = fixture.commune.write_blocking(By::SYSTEM, move |tx| {
            let id = tracking::open(tx, &code)?.unwrap().id;
            case::withdraw(tx, &code)?;
            case::archive(tx, &Access::default().with(None, Right::Handle), id)
        });
        archived.unwrap();
        enter(fixture, &form, &bar(RNA, "2026-09-01", "manifestation")).unwrap();
        enter(fixture, &form, &bar(RNA, "2026-09-02", "manifestation")).unwrap_err();
    })
    .unwrap();
}

/// The tables as they were before limits had names.
fn unnamed() -> Vec<Migration> {
    migrations().into_iter().filter(|it| it.service != "desk" || it.number < 7).collect()
}

#[test]
fn what_was_counted_before_limits_had_names_still_counts() {
    const SLUG: &str = "debit-de-boissons-temporaire";
    on_both_engines(&unnamed(), |fixture| {
        // The procedure as it was published then, with four parties and nine matches of one association.
        let mut before = catalogued(SLUG);
        let regime = before.regime.as_ref().unwrap().clock();
        for limit in &mut before.limits {
            limit.id = String::new();
        }
        let definition = before.to_toml().unwrap();
        let kept = fixture.commune.write_blocking(By::SYSTEM, move |tx| -> Result<(), StoreError> {
            departments(tx)?;
            tx.execute(
                "INSERT INTO desk_procedure (slug, version, fingerprint, definition, is_current, published_at) \
                 VALUES ($1, 2, 'before', $2, TRUE, $3)",
                &[&SLUG, &definition, &tx.now()],
            )?;
            let town = Town::load(tx)?;
            for rank in [0_i64, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1] {
                let new = NewCase {
                    procedure: SLUG.to_owned(),
                    procedure_version: 2,
                    department: "vie-associative".to_owned(),
                    sector: before.sector,
                    regime,
                    received_on: None,
                    zone: town.zone(),
                    holidays: town.holidays(),
                    requester: None,
                    beneficiary: None,
                    requester_name: "Galtier Karim".to_owned(),
                    typed_by: None,
                    code: None,
                    answers: json!({}),
                    sealed_as: None,
                };
                let case = case::receive(tx, new).unwrap().case.id;
                tx.execute(
                    "INSERT INTO desk_tally (procedure, rank, who, year, case_id) VALUES ($1, $2, $3, 2026, $4)",
                    &[&SLUG, &rank, &RNA, &case],
                )?;
            }
            Ok(())
        });
        kept.unwrap();
        let platform = Platform::open(PlatformConfig {
            folder: fixture.folder().to_owned(),
            database: fixture.database_url().map_or(Database::Sqlite, Database::Postgres),
            open_at_most: 4,
            migrations: migrations(),
            clock: Arc::clone(&fixture.clock) as Arc<dyn Clock>,
            randomness: Randomness::seeded(2),
        });
        let commune = platform.unwrap().commune("lunel").unwrap();
        let shelf = Shelf::default();
        let form = commune.read_blocking(By::SYSTEM, |tx| shelf.current(tx, SLUG)).unwrap().unwrap();
        for (setting, message) in [("manifestation", "La loi en permet 5"), ("sport", "La loi en permet 10")] {
            enter_in(&commune, &form, &bar(RNA, "2026-07-10", setting)).unwrap();
            let refused = enter_in(&commune, &form, &bar(RNA, "2026-07-11", setting)).unwrap_err();
            assert!(refused.contains(message), "{refused}");
        }
    })
    .unwrap();
}

/// The same procedure, counted over another time.
fn counted_per(fixture: &TestCommune, per: Period, who: &str, at_most: &str) -> Arc<CompiledForm> {
    let mut procedure = catalogued("debit-de-boissons-temporaire");
    procedure.version += 1;
    for limit in &mut procedure.limits {
        (limit.per, limit.who, limit.at_most) = (per, who.to_owned(), at_most.to_owned());
        if per == Period::Ever {
            limit.day = String::new();
        }
    }
    let published = fixture.commune.write_blocking(By::SYSTEM, move |tx| {
        departments(tx)?;
        procedure::publish(tx, &procedure)
    });
    published.unwrap();
    let shelf = Shelf::default();
    fixture
        .commune
        .read_blocking(By::SYSTEM, |tx| shelf.current(tx, "debit-de-boissons-temporaire"))
        .unwrap()
        .unwrap()
}

#[test]
fn a_month_ends_with_its_last_day() {
    on_both_engines(&migrations(), |fixture| {
        let form = counted_per(fixture, Period::Month, "rna", "2");
        let party = |day: &str| enter(fixture, &form, &bar(RNA, day, "manifestation"));
        party("2026-07-01").unwrap();
        party("2026-07-31").unwrap();
        party("2026-07-15").unwrap_err();
        party("2026-08-01").unwrap();
    })
    .unwrap();
}

#[test]
fn no_ninety_days_in_a_row_hold_more_than_the_limit() {
    on_both_engines(&migrations(), |fixture| {
        let form = counted_per(fixture, Period::Days(90), "rna", "2");
        let party = |day: &str| enter(fixture, &form, &bar(RNA, day, "manifestation"));
        party("2026-07-01").unwrap();
        party("2026-09-28").unwrap();
        party("2026-09-01").unwrap_err();
        // From 28 September it is ninety days to 26 December; 1 July is past by then.
        party("2026-09-29").unwrap();
        party("2026-12-26").unwrap_err();
        party("2026-12-28").unwrap();
    })
    .unwrap();
}

#[test]
fn a_person_is_the_same_person_however_the_name_is_typed() {
    on_both_engines(&migrations(), |fixture| {
        let mut procedure = catalogued("acte-de-naissance");
        procedure.version += 1;
        procedure.limits = vec![Limit {
            id: "une-fois".to_owned(),
            who: "personne".to_owned(),
            day: String::new(),
            per: Period::Ever,
            when: None,
            at_most: "1".to_owned(),
            message: Text::from("Déjà {used} sur {at_most}."),
        }];
        let published = fixture.commune.write_blocking(By::SYSTEM, move |tx| {
            departments(tx)?;
            procedure::publish(tx, &procedure)
        });
        published.unwrap();
        let shelf = Shelf::default();
        let form = fixture
            .commune
            .read_blocking(By::SYSTEM, |tx| shelf.current(tx, "acte-de-naissance"))
            .unwrap()
            .unwrap();
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../catalogue/trials/acte-de-naissance.json");
        let recorded: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        let asked = |family: &str, given: &str, born: &str| {
            let mut answers = recorded["right"].clone();
            answers.as_object_mut().unwrap().remove("identite");
            let person = &mut answers["personne"];
            person["family_name"] = json!(family);
            person["given_names"] = json!(given);
            person["birth_date"] = json!(born);
            enter(fixture, &form, &answers)
        };
        asked("Lefèvre", "Anaïs", "1990-02-04").unwrap();
        let refused = asked("LEFEVRE", "Anais, Rose", "1990-02-04").unwrap_err();
        assert_eq!(refused, "personne: Déjà 1 sur 1.");
        asked("Lefèvre", "Anaïs", "1990-02-05").unwrap();
    })
    .unwrap();
}
