//! Taking everything along, and leaving: only who has just signed in; a link undoes it for a month; then nothing is left.

use std::{io::Read as _, sync::Arc};

use axum::http::StatusCode;
use beffroi_people::{AccountKind, AccountState, account, permission::permit_system};
use beffroi_store::{By, StoreError, journal};
use chrono::TimeDelta;

use crate::support::{AGENT_PASSWORD, CITIZEN_PASSWORD, Hall, journey};

async fn count(hall: &Hall<'_>, sql: &'static str) -> i64 {
    let found = hall
        .fixture
        .commune
        .read(By::SYSTEM, move |tx| -> Result<i64, StoreError> { tx.query_one(sql, &[], |row| row.get(0)) });
    found.await.unwrap()
}

#[test]
fn everything_is_taken_along_by_whoever_has_just_signed_in() {
    journey(async |hall| {
        hall.account("lea@example.org", "Léa Durand", AccountKind::Citizen).await;
        hall.account("max@example.org", "Max", AccountKind::Citizen).await;
        let (lea, max) = (hall.browser(), hall.browser());
        lea.enter("lea@example.org", CITIZEN_PASSWORD).await;
        lea.get("/mon-compte/export").await.says("Préparer ma copie");
        lea.post("/mon-compte/export", &[]).await.leads_to("/mon-compte/export?fait=demandee");
        lea.post("/mon-compte/export", &[]).await.leads_to("/mon-compte/export?fait=demandee");
        assert_eq!(count(hall, "SELECT COUNT(*) FROM account_export").await, 1, "one is under way");
        lea.get("/mon-compte/export").await.says("en préparation");
        let (subject, text) = hall.letter().await;
        assert_eq!(subject, "La copie de vos données est prête");
        assert!(text.contains("/mon-compte/export"), "{text}");
        let page = lea.get("/mon-compte/export").await;
        let file = format!("/mon-compte/export/{}", page.between("href=\"/mon-compte/export/", "\""));
        let taken = lea.get(&file).await;
        assert!(taken.status == StatusCode::OK && taken.body.starts_with("PK"), "{:?}", taken.status);
        let id = file.rsplit('/').next().unwrap();
        let path = hall.fixture.commune.folder().join("exports").join(format!("{id}.zip"));
        let mut zip = zip::ZipArchive::new(std::fs::File::open(&path).unwrap()).unwrap();
        let mut index = String::new();
        zip.by_name("index.html").unwrap().read_to_string(&mut index).unwrap();
        assert!(index.contains("Léa Durand") && index.contains("lang=\"fr\""), "{index}");
        let mut data = String::new();
        zip.by_name("donnees.json").unwrap().read_to_string(&mut data).unwrap();
        let data: serde_json::Value = serde_json::from_str(&data).unwrap();
        assert_eq!(data["entries"][0]["data"]["email"], "lea@example.org");
        // Nobody else's; and not from a session that has been open for a while.
        max.enter("max@example.org", CITIZEN_PASSWORD).await;
        assert_eq!(max.get(&file).await.status, StatusCode::NOT_FOUND);
        hall.fixture.clock.advance(TimeDelta::minutes(20));
        lea.get(&file).await.leads_to("/mon-compte/export");
        lea.get("/mon-compte/export").await.says("si vous venez de vous connecter");
        lea.post("/mon-compte/de-nouveau", &[("retour", "/mon-compte/export")])
            .await
            .leads_to("/connexion?retour=%2Fmon%2Dcompte%2Fexport");
        lea.enter("lea@example.org", CITIZEN_PASSWORD).await;
        assert_eq!(lea.get(&file).await.status, StatusCode::OK);
        assert_eq!(count(hall, "SELECT COUNT(*) FROM journal WHERE kind = 'account.export_taken'").await, 2);
        // After a week the file is gone.
        hall.fixture.clock.advance(TimeDelta::days(8));
        assert_eq!(hall.hour().await, 1);
        assert!(!path.exists());
        lea.enter("lea@example.org", CITIZEN_PASSWORD).await;
        assert_eq!(lea.get(&file).await.status, StatusCode::NOT_FOUND);
    });
}

#[test]
fn an_account_that_ends_may_be_given_back_for_a_month() {
    journey(async |hall| {
        hall.account("lea@example.org", "Léa Durand", AccountKind::Citizen).await;
        let (lea, elsewhere) = (hall.browser(), hall.browser());
        lea.enter("lea@example.org", CITIZEN_PASSWORD).await;
        elsewhere.enter("lea@example.org", CITIZEN_PASSWORD).await;
        let unsure = lea.post("/mon-compte/fermeture", &[]).await;
        assert_eq!(unsure.status, StatusCode::UNPROCESSABLE_ENTITY);
        unsure.says("Cochez la case");
        lea.post("/mon-compte/fermeture", &[("sur", "true")]).await.says("Il sera effacé le 3 juillet 2026");
        // Open nowhere any more, neither with the password.
        elsewhere.get("/compte").await.leads_to("/connexion?retour=%2Fcompte");
        let refused = lea.enter("lea@example.org", CITIZEN_PASSWORD).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        lea.post("/mot-de-passe", &[("email", "lea@example.org")]).await;
        let secret = hall.farewell().await;
        let (subject, _) = hall.letter().await;
        assert_eq!(subject, "Votre compte est fermé");
        let stranger = hall.browser();
        let forged = stranger.post("/compte-ferme", &[("lien", "00")]).await;
        assert_eq!(forged.status, StatusCode::NOT_FOUND);
        hall.fixture.clock.advance(TimeDelta::days(29));
        assert_eq!(hall.hour().await, 0);
        stranger.get(&format!("/compte-ferme?lien={secret}")).await.says("Rouvrir mon compte");
        stranger.post("/compte-ferme", &[("lien", &secret)]).await.says("Votre compte est rouvert");
        lea.enter("lea@example.org", CITIZEN_PASSWORD).await.leads_to("/mon-compte");
        hall.fixture.clock.advance(TimeDelta::days(10));
        assert_eq!(hall.hour().await, 0, "it ends no more");
    });
}

#[test]
fn what_was_locked_meanwhile_stays_locked() {
    journey(async |hall| {
        let id = hall.account("lea@example.org", "Léa Durand", AccountKind::Citizen).await;
        let lea = hall.browser();
        lea.enter("lea@example.org", CITIZEN_PASSWORD).await;
        lea.post("/mon-compte/fermeture", &[("sur", "true")]).await;
        let secret = hall.farewell().await;
        let locked = hall.fixture.commune.write(By::SYSTEM, move |tx| -> Result<(), StoreError> {
            let permit = permit_system(tx).unwrap();
            account::set_state(tx, &permit, id, AccountState::Locked)
        });
        locked.await.unwrap();
        let said = lea.post("/compte-ferme", &[("lien", &secret)]).await;
        said.says("Votre compte ne sera pas effacé");
        said.says("verrouillé");
        let refused = lea.enter("lea@example.org", CITIZEN_PASSWORD).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        hall.fixture.clock.advance(TimeDelta::days(40));
        assert_eq!(hall.hour().await, 0, "it is not erased either");
    });
}

#[test]
fn who_has_no_address_is_shown_the_link() {
    journey(async |hall| {
        let berthe = hall.browser();
        berthe.come_in_vouched().await;
        let closed = berthe.post("/mon-compte/fermeture", &[("sur", "true")]).await;
        closed.says("Votre compte n’a pas d’adresse électronique");
        let farewells = "SELECT COUNT(*) FROM job WHERE kind = 'account.farewell'";
        assert_eq!(count(hall, farewells).await, 0, "nothing is tried in vain");
        let link = closed.between("href=\"/compte-ferme?lien=", "\"");
        berthe.post("/compte-ferme", &[("lien", &link)]).await.says("Votre compte est rouvert");
        berthe.come_in_vouched().await;
        assert_eq!(berthe.get("/compte").await.status, StatusCode::OK);
        // Neither does the copy of everything fail for want of an address.
        berthe.post("/mon-compte/export", &[]).await.leads_to("/mon-compte/export?fait=demandee");
        hall.work().await;
        berthe.get("/mon-compte/export").await.says("Télécharger");
        assert_eq!(count(hall, "SELECT COUNT(*) FROM job").await, 0);
    });
}

#[test]
fn nothing_is_left_of_an_account_but_the_proof() {
    journey(async |hall| {
        let id = hall.account("lea@example.org", "Léa Durand", AccountKind::Citizen).await;
        let lea = hall.browser();
        lea.enter("lea@example.org", CITIZEN_PASSWORD).await;
        lea.post("/mon-compte/export", &[]).await;
        hall.letter().await;
        lea.post("/mon-compte/fermeture", &[("sur", "true")]).await;
        let secret = hall.farewell().await;
        hall.letter().await;
        hall.fixture.clock.advance(TimeDelta::days(31));
        assert_eq!(hall.hour().await, 2, "the copy, and the account");
        assert_eq!(hall.hour().await, 0);
        for sql in [
            "SELECT COUNT(*) FROM account WHERE email LIKE '%lea%' OR display_name <> '' OR password_hash IS NOT NULL",
            "SELECT COUNT(*) FROM journal WHERE payload LIKE '%lea%'",
            "SELECT COUNT(*) FROM mail WHERE recipient LIKE '%lea%'",
            "SELECT COUNT(*) FROM session",
            "SELECT COUNT(*) FROM account_closing",
            "SELECT COUNT(*) FROM account_export",
        ] {
            assert_eq!(count(hall, sql).await, 0, "{sql}");
        }
        assert_eq!(count(hall, "SELECT COUNT(*) FROM journal WHERE kind = 'account.erased'").await, 1);
        let subject = hall
            .fixture
            .commune
            .read(By::SYSTEM, move |tx| journal::first_of(tx, "account", id.uuid(), "account.erased"));
        assert!(subject.await.unwrap().is_some());
        let late = hall.browser().post("/compte-ferme", &[("lien", &secret)]).await;
        assert_eq!(late.status, StatusCode::NOT_FOUND);
        // The address is free again.
        hall.account("lea@example.org", "Léa Durand", AccountKind::Citizen).await;
        let verified = hall.fixture.commune.read(By::SYSTEM, journal::verify).await.unwrap();
        assert_eq!(verified.broken, None);
        let commune = Arc::clone(&hall.fixture.commune);
        let left = std::fs::read_dir(commune.folder().join("exports")).unwrap().count();
        assert_eq!(left, 0);
    });
}

#[test]
fn an_agent_does_not_leave_by_this_door() {
    journey(async |hall| {
        hall.account("awa@example.org", "Awa Diop", AccountKind::Agent).await;
        let agent = hall.browser();
        agent.enter("awa@example.org", AGENT_PASSWORD).await;
        assert_eq!(agent.get("/mon-compte/fermeture").await.status, StatusCode::NOT_FOUND);
        let closed = agent.post("/mon-compte/fermeture", &[("sur", "true")]).await;
        assert_eq!(closed.status, StatusCode::NOT_FOUND);
    });
}
