//! The yearly limit of temporary bars (Code de la santé publique, art. L3334-2 and L3335-4), counted across
//! cases on both engines.

use beffroi_cases::{
    Access, Right, case,
    tracking::{self, TrackingCode},
};
use beffroi_store::{By, testing::on_both_engines};
use serde_json::{Value, json};

use crate::support::{enter, migrations, offered};

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
                Ok::<_, beffroi_store::StoreError>((names, records))
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
