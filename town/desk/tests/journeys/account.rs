//! Requests of an account: its owner opens them by being signed in, and no code that was given out is lost for it.

use beffroi_documents::Gate;

use crate::browser::{Browser, PDF, journey};

pub const FORM: &str = "/demarches/occupation-domaine-public/demande";

/// Answers one page of the form.
pub async fn answer(browser: &Browser<'_>, page: &str, fields: &[(&str, &str)]) {
    let mut sent: Vec<(&str, &str)> = Vec::new();
    for (name, value) in fields {
        sent.push(("shown", name.split('-').next().unwrap()));
        sent.push((name, value));
    }
    let answered = browser.post(&format!("{FORM}/{page}"), &sent).await;
    assert_eq!(answered.status, 303, "{page}: {}", answered.body);
}

/// All of the form but its last page.
pub async fn begin(browser: &Browser<'_>) {
    answer(browser, "objet", &[("objet", "demenagement"), ("immatriculation", ""), ("circulation", "false")])
        .await;
    answer(browser, "lieu", &[("lieu", "3 rue Haute, 34400 Lunel"), ("surface", "20")]).await;
    let dates = [
        ("debut-day", "20"),
        ("debut-month", "7"),
        ("debut-year", "2026"),
        ("fin-day", "20"),
        ("fin-month", "7"),
        ("fin-year", "2026"),
        ("heure_debut", "08:00"),
        ("heure_fin", "12:00"),
    ];
    answer(browser, "dates", &dates).await;
    let you = [
        ("statut", "particulier"),
        ("demandeur-family_name", "Peyron"),
        ("demandeur-given_names", "Gaspard"),
        ("adresse", "3 rue Haute, 34400 Lunel"),
        ("courriel", "gaspard@example.org"),
        ("telephone", "04 65 71 12 34"),
    ];
    answer(browser, "vous", &you).await;
}

pub async fn send(browser: &Browser<'_>) {
    answer(browser, "pieces", &[("engagement", "true")]).await;
    browser.post(&format!("{FORM}/recapitulatif"), &[]).await.leads_to("/suivi?envoyee");
}

#[test]
fn an_owner_opens_a_request_without_ending_its_code() {
    journey(Gate::Open, async |hall| {
        let (_, owner) = hall.signed_in("gaspard@example.org", None).await;
        begin(&owner).await;
        send(&owner).await;
        let sent = owner.get("/suivi?envoyee").await;
        let code = sent.between("<p class=\"code\">", "</p>");
        hall.work();
        assert!(hall.mails().await.iter().any(|mail| mail.text.contains(&code)), "the code is mailed");

        let list = owner.get("/compte/demarches").await;
        let page = format!("/compte/demarches/{}", list.between("href=\"/compte/demarches/", "\""));
        owner
            .get(&page)
            .await
            .is(200)
            .says("Accusé de réception")
            .is_silent_about(&code)
            .is_silent_about("/suivi/quitter");
        let pdf = owner.get(&format!("{page}/accuse-de-reception.pdf")).await;
        assert!(pdf.is(200).bytes.starts_with(b"%PDF-"));
        // The owner does there what a code does.
        owner
            .post(&format!("{page}/message"), &[("message", "Bonjour")])
            .await
            .leads_to(&format!("{page}?fait=message"));
        owner.get(&page).await.says("Bonjour").is_silent_about("Un agent de la mairie");
        owner
            .post(&format!("{page}/message"), &[])
            .await
            .is(422)
            .explains("message", "Écrivez un message ou choisissez un fichier.");
        owner
            .send(&format!("{page}/message"), &[], &[("file", "plan.pdf", PDF)])
            .await
            .leads_to(&format!("{page}?fait=documents"));
        let document = owner.get(&page).await.between(&format!("{page}/documents/"), "\"");
        assert_eq!(owner.get(&format!("{page}/documents/{document}")).await.bytes, PDF);

        // The code that was printed and mailed still opens it.
        hall.browser().follow(&code).await.is(200).says("Bonjour");

        // Another account is not told that there is such a request; nobody signed in is asked to sign in.
        let (_, other) = hall.signed_in("marie@example.org", None).await;
        other.get(&page).await.is(404);
        other.post(&format!("{page}/retrait"), &[("sur", "true")]).await.is(404);
        other.get(&format!("{page}/accuse-de-reception.pdf")).await.is(404);
        let stranger = hall.browser().get(&page).await;
        assert!(stranger.location.starts_with("/connexion"), "{} {}", stranger.status, stranger.location);

        owner
            .post(&format!("{page}/retrait"), &[("sur", "true")])
            .await
            .leads_to(&format!("{page}?fait=retrait"));
        owner.get(&page).await.says("Retirée");
    });
}

#[test]
fn a_draft_is_resumed_from_the_account_and_its_code_still_serves() {
    journey(Gate::Open, async |hall| {
        let (_, owner) = hall.signed_in("gaspard@example.org", None).await;
        begin(&owner).await;
        let noted = owner.get(&format!("{FORM}/code")).await.between("<p class=\"code\">", "</p>");

        // At another machine, signed in: the draft is there, where it was left.
        let (_, other) = hall.signed_in("marie@example.org", None).await;
        let id = owner.get("/compte/demarches").await.between("name=\"draft\" value=\"", "\"");
        other.post("/compte/demarches/brouillon", &[("draft", &id)]).await.is(404);
        let elsewhere = owner.elsewhere();
        elsewhere.post("/compte/demarches/brouillon", &[("draft", &id)]).await.leads_to(FORM);
        elsewhere.get(&format!("{FORM}/vous")).await.says("value=\"Peyron\"");

        // The code that was written down opens it too, and the first browser goes on.
        hall.browser().follow(&noted).await.is(200).says("pas encore envoyée");
        owner.get(&format!("{FORM}/lieu")).await.says("3 rue Haute");
        send(&elsewhere).await;
        elsewhere.get("/suivi").await.says("Gaspard");
        let drafts: i64 = hall.value("SELECT COUNT(*) FROM desk_draft_code", "").await;
        assert_eq!(drafts, 0);
    });
}
