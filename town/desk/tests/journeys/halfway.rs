//! A session that still lacks the code of its second factor, and a program's token, open nothing that is a resident's: for
//! the pages that are open to everybody they are strangers.

use beffroi_documents::Gate;

use crate::{
    account::{FORM, begin, send},
    browser::{journey, removal},
    hall,
};

#[test]
fn a_session_without_its_second_factor_opens_nothing_and_is_a_stranger() {
    journey(Gate::Open, async |hall| {
        let (_, owner) = hall.signed_in("gaspard@example.org", None).await;
        begin(&owner).await;
        send(&owner).await;
        begin(&owner).await;
        let list = owner.get("/compte/demarches").await;
        let page = format!("/compte/demarches/{}", list.between("href=\"/compte/demarches/", "\""));
        let draft = list.between("name=\"draft\" value=\"", "\"");
        owner.get(&page).await.is(200);

        // As a session stands whose password was right, and whose code is still missing.
        hall.execute("UPDATE session SET second_factor = $1", &"pending".to_owned()).await;
        let half = owner.elsewhere();
        for path in [
            "/compte/demarches",
            &page,
            &format!("{page}/accuse-de-reception.pdf"),
            &format!("{page}/flux"),
            "/mon-compte",
            "/mon-compte/donnees",
            "/mon-compte/mandats",
            "/mon-compte/mandats/nouveau",
            "/demarches/occupation-domaine-public/pour",
        ] {
            let led = half.get(path).await;
            assert!(led.location.starts_with("/connexion"), "{path}: {} {}", led.status, led.location);
        }
        for path in [
            "/compte/demarches/brouillon",
            &format!("{page}/message"),
            &format!("{page}/retrait"),
            "/mon-compte/mandats/nouveau",
            "/demarches/occupation-domaine-public/pour",
        ] {
            // What was typed is kept on the page that asks to sign in.
            let asked = half.post(path, &[("draft", &draft), ("message", "Bonjour"), ("sur", "true")]).await;
            assert_eq!(asked.status, 401, "{path}");
        }

        // The form knows nothing of the account, and what is sent is not the account's.
        half.get(&format!("{FORM}/vous")).await.is(200).is_silent_about("gaspard@example.org");
        begin(&half).await;
        send(&half).await;
        let reached = "SELECT COUNT(*) FROM desk_reach WHERE account IS NOT NULL";
        assert_eq!(hall.value::<i64>(reached, "").await, 1);
        let drafts = "SELECT COUNT(*) FROM desk_draft WHERE account IS NOT NULL";
        assert_eq!(hall.value::<i64>(drafts, "").await, 1, "the one that was begun before");
        let sent = half.deposits("occupation-domaine-public", &removal("gaspard@example.org")).await;
        assert_eq!(sent.status, 401, "{}", sent.body);
    });
}

#[test]
fn a_token_is_nobody_at_home() {
    hall::journey(async |hall| {
        let token = hall.token("domaine-public", &["case.read", "case.handle"]).await;
        let shown = [("authorization", token.as_str())];
        for path in ["/compte/demarches", "/mon-compte", "/mon-compte/mandats", "/mon-compte/mandats/nouveau"]
        {
            assert_eq!(hall.get(path, &shown).await.status, 403, "{path}");
        }
        let form = hall.get(&format!("{FORM}/vous"), &shown).await;
        assert_eq!(form.status, 200);
        assert!(!form.text().contains("value=\"Diop\""), "{}", form.text());
    });
}
