//! A citizen's account, from the first mail to the session, on both engines.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

use beffroi_people::{
    MIGRATIONS, account,
    password::{self, Strength},
    session,
    sign_on::{Credentials, LocalPasswords, SignIn, sign_in},
};
use beffroi_store::{
    By, journal,
    testing::{TestCommune, on_both_engines},
};
use chrono::TimeDelta;

const PASSWORD: &str = "Tramontane-7-cigales!";

fn register(fixture: &TestCommune) {
    let hashed = password::hash_password(PASSWORD, Strength::Citizen, &[]).unwrap();
    fixture
        .commune
        .write_blocking(By::VISITOR, move |tx| account::register(tx, "Anais@Example.org", "Anaïs", &hashed))
        .unwrap();
}

fn secret_of_the_mail(fixture: &TestCommune) -> String {
    fixture
        .commune
        .read_blocking(By::SYSTEM, |tx| {
            tx.query_one("SELECT payload FROM job ORDER BY id DESC LIMIT 1", &[], |row| {
                row.get::<serde_json::Value>(0)
            })
        })
        .unwrap()["secret"]
        .as_str()
        .unwrap()
        .to_owned()
}

fn enter(fixture: &TestCommune, password: &str) -> SignIn {
    let credentials = Credentials {
        email: "anais@example.org".to_owned(),
        password: password.to_owned(),
        source: "192.0.2.7".to_owned(),
    };
    sign_in(&fixture.commune, &LocalPasswords, &credentials, "Firefox").unwrap()
}

#[test]
fn a_citizen_registers_verifies_the_address_and_signs_in() {
    on_both_engines(MIGRATIONS, |fixture| {
        register(fixture);
        assert_eq!(enter(fixture, PASSWORD), SignIn::Unverified);
        let secret = secret_of_the_mail(fixture);
        let used = secret.clone();
        fixture.commune.write_blocking(By::VISITOR, move |tx| account::verify_email(tx, &used)).unwrap();
        let again = fixture.commune.write_blocking(By::VISITOR, move |tx| account::verify_email(tx, &secret));
        assert!(again.is_err(), "a link serves once");

        let SignIn::Open { token, code_needed } = enter(fixture, PASSWORD) else { panic!("not signed in") };
        assert!(!code_needed);
        let found = |fixture: &TestCommune| {
            fixture.commune.read_blocking(By::VISITOR, |tx| session::find(tx, token.reveal())).unwrap()
        };
        assert!(found(fixture).is_some());
        fixture.clock.advance(TimeDelta::hours(13));
        assert!(found(fixture).is_none(), "a session does not outlive the day");
    })
    .unwrap();
}

#[test]
fn guessing_a_password_is_slowed_down_and_leaves_no_secret_behind() {
    on_both_engines(MIGRATIONS, |fixture| {
        register(fixture);
        let waited = (0..20).any(|_| matches!(enter(fixture, "wrong"), SignIn::Wait(_)));
        assert!(waited, "twenty wrong passwords in the same instant were all examined");
        let all = fixture.commune.read_blocking(By::SYSTEM, |tx| journal::before(tx, None, 100)).unwrap();
        let told = format!("{all:?}");
        assert!(!told.contains("example.org") && !told.contains(PASSWORD) && !told.contains("argon2"));
    })
    .unwrap();
}
