//! A citizen's account, from the first mail to the session, on both engines.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use beffroi_core::{Instant, Lang};
use beffroi_people::{
    AccountKind, Grant, MIGRATIONS, Refused, Role, SignedIn, Town,
    account::{self, AccountError, NewAccount},
    password::{self, Strength},
    permission::{self, GrantError, ManageTown, Permit, permit, permit_system},
    second_factor::{self, Begun, Code},
    session::{self, SecondFactor},
    sign_on::{self, Credentials, Directory, LocalPasswords, SignIn},
};
use beffroi_store::{
    By, Tx,
    journal::{self, Wanted},
    testing::{TestCommune, on_both_engines},
};
use chrono::TimeDelta;

const PASSWORD: &str = "Tramontane-7-cigales!";
const AGENT_PASSWORD: &str = "girafe violette mange sept pommes sous orage";

fn register(fixture: &TestCommune) {
    fixture
        .commune
        .write_blocking(By::VISITOR, |tx| account::register(tx, "Anais@Example.org", "Anaïs", Lang::Fr))
        .unwrap();
}

/// The owner of the mailbox follows a link and chooses a password.
fn choose(fixture: &TestCommune, link: &str, password: &str) -> Result<(), AccountError> {
    let hashed = password::hash_password(password, Strength::Citizen, &[]).unwrap();
    let link = link.to_owned();
    fixture
        .commune
        .write_blocking(By::VISITOR, move |tx| account::choose_password(tx, &link, &hashed).map(drop))
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
    let proof = LocalPasswords.authenticate(&fixture.commune, &credentials).unwrap();
    fixture.commune.write_blocking(By::VISITOR, move |tx| sign_on::conclude(tx, &proof, "Firefox")).unwrap()
}

#[test]
fn a_citizen_registers_chooses_a_password_behind_the_mailed_link_and_signs_in() {
    on_both_engines(MIGRATIONS, |fixture| {
        register(fixture);
        assert_eq!(enter(fixture, PASSWORD), SignIn::Refused, "there is no password yet");
        let secret = secret_of_the_mail(fixture);
        choose(fixture, &secret, PASSWORD).unwrap();
        let again = choose(fixture, &secret, "Mistral-9-lavandes!");
        assert!(matches!(again, Err(AccountError::NotEntitled)), "a link serves once");

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
fn whoever_asks_for_an_account_with_somebody_elses_address_never_gets_into_it() {
    on_both_engines(MIGRATIONS, |fixture| {
        register(fixture);
        let mine = secret_of_the_mail(fixture);
        // A stranger asks again: only a fresh link comes of it, in the owner's mailbox.
        register(fixture);
        let (fresh, strangers) = (secret_of_the_mail(fixture), "Tempete-4-rochers!");
        assert_ne!(fresh, mine);
        assert!(
            matches!(choose(fixture, &mine, PASSWORD), Err(AccountError::NotEntitled)),
            "it was replaced"
        );
        assert_eq!(enter(fixture, strangers), SignIn::Refused);
        fixture.clock.advance(TimeDelta::minutes(6));
        let forgotten = |tx: &mut Tx<'_>| account::request_reset(tx, "anais@example.org");
        fixture.commune.write_blocking(By::VISITOR, forgotten).unwrap();
        let reset = secret_of_the_mail(fixture);
        choose(fixture, &fresh, PASSWORD).unwrap();
        assert!(matches!(enter(fixture, PASSWORD), SignIn::Open { .. }));
        let late = choose(fixture, &reset, strangers);
        assert!(matches!(late, Err(AccountError::NotEntitled)), "the other links went with the first");
    })
    .unwrap();
}

#[test]
fn a_password_that_was_chosen_before_the_address_was_shown_no_longer_counts() {
    on_both_engines(MIGRATIONS, |fixture| {
        register(fixture);
        let chosen = fixture.commune.write_blocking(By::SYSTEM, |tx| {
            tx.execute("UPDATE account SET password_hash = 'a hash', password_strength = 1", &[])
        });
        assert_eq!(chosen.unwrap(), 1);
        let kept = fixture.commune.write_blocking(By::SYSTEM, |tx| {
            tx.execute(MIGRATIONS[2].sql, &[])?;
            tx.query_one("SELECT COUNT(*) FROM account WHERE password_hash IS NOT NULL", &[], |row| {
                row.get::<i64>(0)
            })
        });
        assert_eq!(kept.unwrap(), 0);
    })
    .unwrap();
}

/// What asking for a mail leaves behind, beside the mail.
fn left_behind(fixture: &TestCommune) -> (i64, Option<i64>, Option<Instant>) {
    let left = fixture.commune.read_blocking(By::SYSTEM, |tx| {
        let counted = "SELECT (SELECT COUNT(*) FROM account), CAST(SUM(failures) AS BIGINT), MAX(failed_at) \
                       FROM throttle";
        tx.query_one(counted, &[], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
    });
    left.unwrap()
}

#[test]
fn whether_an_address_has_an_account_is_not_told_by_what_is_written() {
    on_both_engines(MIGRATIONS, |fixture| {
        register(fixture);
        fixture.clock.advance(TimeDelta::hours(25));
        let emails = ["anais@example.org", "nobody@example.org"];
        for email in emails {
            let reset = || {
                let before = left_behind(fixture);
                let asked = move |tx: &mut Tx<'_>| account::request_reset(tx, email);
                fixture.commune.write_blocking(By::VISITOR, asked).unwrap();
                left_behind(fixture) != before
            };
            let told: Vec<bool> = (0..5).map(|_| reset()).collect();
            assert_eq!(told, [true, true, true, false, false], "{email}");
        }
        let register = |email: &'static str| {
            let before = left_behind(fixture);
            let asked = move |tx: &mut Tx<'_>| account::register(tx, email, "Anaïs", Lang::Fr);
            fixture.commune.write_blocking(By::VISITOR, asked).unwrap();
            left_behind(fixture) != before
        };
        assert_eq!(emails.map(register), [false, false], "both have had their messages");
        fixture.clock.advance(TimeDelta::hours(25));
        assert_eq!(emails.map(register), [true, true]);
    })
    .unwrap();
}

#[test]
fn guessing_a_password_is_slowed_down_and_leaves_no_secret_behind() {
    on_both_engines(MIGRATIONS, |fixture| {
        register(fixture);
        let waited = (0..20).any(|_| matches!(enter(fixture, "wrong"), SignIn::Wait(_)));
        assert!(waited, "twenty wrong passwords in the same instant were all examined");
        let everything = Wanted::default();
        let all = fixture.commune.read_blocking(By::SYSTEM, |tx| journal::page(tx, &everything, None, 100));
        let told = format!("{:?}", all.unwrap());
        assert!(!told.contains("example.org") && !told.contains(PASSWORD) && !told.contains("argon2"));
    })
    .unwrap();
}

/// An agent who may change the town's settings.
fn agent(fixture: &TestCommune) {
    let hashed = password::hash_password(AGENT_PASSWORD, Strength::Administrator, &[]).unwrap();
    let new = NewAccount {
        email: "anais@example.org".to_owned(),
        display_name: "Anaïs".to_owned(),
        kind: AccountKind::Agent,
        password: Some(hashed),
    };
    let made = fixture.commune.write_blocking(By::SYSTEM, move |tx| -> Result<_, AccountError> {
        let permit = permit_system(tx).unwrap();
        account::create(tx, &permit, &new)
    });
    let account = made.unwrap();
    let granted = fixture.commune.write_blocking(By::SYSTEM, move |tx| -> Result<_, GrantError> {
        let permit = permit_system(tx).unwrap();
        permission::grant(tx, &permit, account, Grant { role: Role::Administrator, department: None })
    });
    granted.unwrap();
}

/// Whoever just signed in.
fn entered(fixture: &TestCommune) -> SignedIn {
    let SignIn::Open { token, .. } = enter(fixture, AGENT_PASSWORD) else { panic!("not signed in") };
    fixture.commune.read_blocking(By::VISITOR, |tx| session::find(tx, token.reveal())).unwrap().unwrap()
}

fn may_change_the_town(fixture: &TestCommune, who: &SignedIn) -> Result<Permit<ManageTown>, Refused> {
    fixture.commune.read_blocking(By::VISITOR, |tx| permit::<ManageTown>(tx, who, None))
}

#[test]
fn an_agent_may_do_nothing_before_a_second_factor_is_set() {
    on_both_engines(MIGRATIONS, |fixture| {
        agent(fixture);
        let who = entered(fixture);
        assert_eq!(who.second_factor, SecondFactor::Due);
        assert!(matches!(may_change_the_town(fixture, &who), Err(Refused::SecondFactorMissing)));
        let enrolled = who.clone();
        let code = fixture.commune.write_blocking(By::VISITOR, move |tx| {
            let Begun::Drawn(begun) = second_factor::begin(tx, &enrolled, "", "Lunel")? else {
                panic!("there was no code to give")
            };
            let secret = totp_rs::Secret::try_from_base32(&begun.secret).unwrap();
            let totp = totp_rs::Builder::new().with_secret(secret).build().unwrap();
            let code = totp.generate(u64::try_from(tx.now().timestamp()).unwrap()).to_string();
            second_factor::confirm(tx, &enrolled, &code).map(|(code, _)| code)
        });
        assert_eq!(code.unwrap(), Code::Right);
        let done = SignedIn { second_factor: SecondFactor::Done, ..who };
        assert!(may_change_the_town(fixture, &done).is_ok());
    })
    .unwrap();
}

#[test]
fn a_town_may_let_its_agents_work_with_a_password_alone() {
    on_both_engines(MIGRATIONS, |fixture| {
        agent(fixture);
        let town = Town { name: "Lunel".to_owned(), password_suffices: true, ..Town::default() };
        fixture
            .commune
            .write_blocking(By::SYSTEM, move |tx| {
                let permit = permit_system(tx).unwrap();
                town.save(tx, &permit)
            })
            .unwrap();
        let who = entered(fixture);
        assert_eq!(who.second_factor, SecondFactor::NotSet);
        assert!(may_change_the_town(fixture, &who).is_ok());
    })
    .unwrap();
}
