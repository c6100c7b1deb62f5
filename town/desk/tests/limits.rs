//! The yearly limit of temporary bars (Code de la santé publique, art. L3334-2 and L3335-4), counted across
//! cases on both engines; and the words of the desk, complete in both languages.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::{collections::HashMap, sync::Arc};

use beffroi_cases::{case, tracking::TrackingCode};
use beffroi_core::{Channel, Lang, calendar::civil_day};
use beffroi_desk::{
    procedure::{self, Shelf},
    submission::{self, Submission, SubmitError},
};
use beffroi_forms::{Answers, CompiledForm, Procedure};
use beffroi_people::Town;
use beffroi_store::{
    By, Migration,
    testing::{TestCommune, on_both_engines},
};
use serde_json::{Value, json};

fn migrations() -> Vec<Migration> {
    [
        beffroi_people::MIGRATIONS,
        beffroi_places::MIGRATIONS,
        beffroi_documents::MIGRATIONS,
        beffroi_notify::MIGRATIONS,
        beffroi_cases::MIGRATIONS,
        beffroi_desk::MIGRATIONS,
    ]
    .concat()
}

fn offered(fixture: &TestCommune) -> Arc<CompiledForm> {
    let file =
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../catalogue/procedures/debit-de-boissons-temporaire.toml");
    let bar = Procedure::from_toml(&std::fs::read_to_string(file).unwrap()).unwrap();
    let slug = bar.slug.clone();
    fixture.commune.write_blocking(By::SYSTEM, move |tx| procedure::publish(tx, &bar)).unwrap();
    let shelf = Shelf::default();
    fixture.commune.read_blocking(By::SYSTEM, move |tx| shelf.current(tx, &slug)).unwrap().unwrap()
}

fn bar(rna: &str, day: &str, setting: &str) -> Value {
    json!({
        "association": "Boule des Platanes", "rna": rna, "cadre": setting, "manifestation": "Loto",
        "lieu": "1 place des Platanes, 34400 Lunel", "debut": day, "heure_debut": "17:00", "fin": day,
        "heure_fin": "23:30", "boissons": ["1"], "public": 120, "fonction": "président",
        "demandeur": { "family_name": "Galtier", "given_names": "Karim" },
        "adresse": "1 place des Platanes, 34400 Lunel", "telephone": "0465711234", "engagement": true,
    })
}

/// Enters a request at the counter; the words of the refusal, if it is refused.
fn enter(fixture: &TestCommune, form: &Arc<CompiledForm>, answers: &Value) -> Result<TrackingCode, String> {
    let typed = Answers::from_json(&form.procedure().form, answers).unwrap();
    let form = Arc::clone(form);
    let by = By { channel: Channel::Counter, ..By::SYSTEM };
    let sent = fixture.commune.write_blocking(by, move |tx| {
        let today = civil_day(tx.now(), Town::load(tx)?.zone());
        let judged = submission::judge(&form, &typed, Channel::Counter, today, &HashMap::new());
        let submission = Submission {
            form: &form,
            judged: &judged,
            account: None,
            typed_by: None,
            lang: Lang::Fr,
            by_letter: false,
            draft: None,
        };
        submission::submit(tx, &submission)
    });
    match sent {
        Ok(sent) => Ok(sent.code),
        Err(SubmitError::Faults(faults)) => {
            let told = faults.iter().map(|fault| format!("{}: {}", fault.path, fault.reason.text(Lang::Fr)));
            Err(told.collect::<Vec<_>>().join("\n"))
        }
        Err(error) => panic!("{error}"),
    }
}

const RNA: &str = "W341002345";

#[test]
fn a_sixth_bar_of_one_association_in_one_year_is_refused() {
    on_both_engines(&migrations(), |fixture| {
        let form = offered(fixture);
        let codes: Vec<TrackingCode> = (10..15)
            .map(|day| enter(fixture, &form, &bar(RNA, &format!("2026-07-{day}"), "manifestation")).unwrap())
            .collect();
        let refused = enter(fixture, &form, &bar(RNA, "2026-09-01", "manifestation")).unwrap_err();
        assert_eq!(
            refused,
            "rna: Cette association a déjà 5 autorisations pour cette année. La loi en permet 5."
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
fn a_sports_club_has_ten() {
    on_both_engines(&migrations(), |fixture| {
        let form = offered(fixture);
        for day in 10..20 {
            enter(fixture, &form, &bar(RNA, &format!("2026-07-{day}"), "sport")).unwrap();
        }
        let refused = enter(fixture, &form, &bar(RNA, "2026-08-01", "sport")).unwrap_err();
        assert!(refused.contains("La loi en permet 10"), "{refused}");
    })
    .unwrap();
}

#[test]
fn no_word_is_missing_nor_left_over() {
    beffroi_web::l10n_check::of_crate(env!("CARGO_MANIFEST_DIR"), beffroi_desk::LOCALES, &["office-"])
        .unwrap();
}
