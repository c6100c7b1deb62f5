//! Acting by a mandate is said on every page; whoever is helped finds it in their account, reads how they consented, and
//! is told when it ends.

use beffroi_documents::Gate;
use beffroi_notify::mail::Mail;
use chrono::TimeDelta;

use crate::{
    browser::{Browser, Hall, journey},
    mandates::{NEW, PROCEDURE, asked, begin, fill, mailed, running, send},
};

/// The address to which the mandate is sent.
const AUGUSTINE: &str = "augustine@example.org";

/// Asks for a mandate: its page for the helper, and its private page.
async fn ask(hall: &Hall<'_>, helper: &Browser<'_>) -> (String, String) {
    let sent = helper.post(NEW, &asked("*", "code")).await;
    assert_eq!(sent.status, 303, "{}", sent.body);
    let page = sent.location.split('?').next().unwrap().to_owned();
    let (_, link) = mailed(hall).await;
    (page, link)
}

#[test]
fn whoever_holds_a_mandate_asks_for_themselves_too() {
    journey(Gate::Open, async |hall| {
        let (_, helper) = hall.signed_in("ines@example.org", None).await;
        let (page, _) = running(hall, &helper, "*").await;
        let pour = format!("{PROCEDURE}/pour");
        // Whoever sets out for somebody finds them chosen once the procedure is; the question is printed once.
        let id = page.rsplit('/').next().unwrap().to_owned();
        let chosen = format!("value=\"{id}\" checked");
        helper.get(&pour).await.is(200).is_silent_about(&chosen);
        helper.get(&page).await.says(&format!("href=\"{page}/demarches\""));
        helper.get(&format!("{page}/demarches")).await.leads_to("/demarches");
        let asked = helper.get(&pour).await;
        asked.says(&chosen);
        assert_eq!(asked.between("<main", "</main>").matches("Pour qui faites-vous").count(), 1);
        hall.browser().get(&format!("{page}/demarches")).await.is(303);
        let begun = format!("{PROCEDURE}/demande?moi=oui");
        helper.get(&format!("{PROCEDURE}/demande")).await.leads_to(&pour);
        helper.post(&pour, &[("pour", "moi")]).await.leads_to(&begun);
        helper.get(&begun).await.leads_to(&format!("{PROCEDURE}/demande/objet"));
        helper.get(&format!("{PROCEDURE}/demande/objet")).await.is(200).is_silent_about("Vous agissez pour");
        // What was begun for somebody else does not become one's own.
        let id = page.rsplit('/').next().unwrap().to_owned();
        helper.post(&pour, &[("pour", &id)]).await.leads_to(&format!("{PROCEDURE}/demande"));
        helper.post(&pour, &[("pour", "moi")]).await.leads_to(&begun);
        helper.get(&begun).await.leads_to(&format!("{PROCEDURE}/demande/objet"));
        helper
            .get(&format!("{PROCEDURE}/demande/vous"))
            .await
            .is_silent_about("Galtier")
            .is_silent_about("Vous agissez pour");
    });
}

#[test]
fn who_acts_for_somebody_is_told_so_on_every_page() {
    journey(Gate::Open, async |hall| {
        let (_, helper) = hall.signed_in("ines@example.org", None).await;
        helper
            .post(
                "/mon-compte/foyer/ajout",
                &[("relation", "child"), ("family_name", "Diop"), ("given_names", "Moussa")],
            )
            .await
            .leads_to("/mon-compte/foyer?fait=ajout");
        let (page, _) = running(hall, &helper, "*").await;
        let id = page.rsplit('/').next().unwrap().to_owned();
        helper.post(&format!("{PROCEDURE}/pour"), &[("pour", &id)]).await;
        let number = id.replace('-', "").to_uppercase()[24..].to_owned();
        let banner =
            format!("Vous agissez pour Augustine Galtier, avec son accord (mandat n°\u{a0}{number}).");
        helper.get(&format!("{PROCEDURE}/demande/objet")).await.is(200).says(&banner);
        let you = helper.get(&format!("{PROCEDURE}/demande/vous")).await;
        you.is(200).says(&banner).is_silent_about("Moussa");
        // An emptied name is filled in again with the helped person's.
        you.says("value=\"demandeur:aidee\"")
            .says("la personne que vous aidez")
            .is_silent_about("de votre foyer");
        begin(&helper).await;
        let emptied = [
            ("shown", "demandeur"),
            ("demandeur-family_name", "Diop"),
            ("demandeur-given_names", "Awa"),
            ("fill", "demandeur:aidee"),
        ];
        helper
            .post(&format!("{PROCEDURE}/demande/vous"), &emptied)
            .await
            .leads_to(&format!("{PROCEDURE}/demande/vous#demandeur"));
        helper.get(&format!("{PROCEDURE}/demande/vous")).await.says("value=\"Galtier\"");
        fill(&helper).await;
        let sworn = ", au nom d’Augustine Galtier.";
        helper.get(&format!("{PROCEDURE}/demande/pieces")).await.says(&banner).says(sworn);
        helper.get(&format!("{PROCEDURE}/demande/code")).await.says(&banner);
        let summary = format!("{PROCEDURE}/demande/recapitulatif");
        helper.get(&summary).await.is(200).says(&banner).says(sworn);
        helper.get(&format!("{PROCEDURE}/demande/objet?lang=en")).await.says("You are acting for");
        helper.get(&format!("{PROCEDURE}/demande/objet?lang=fr")).await;
        helper.post(&summary, &[]).await.leads_to(&format!("{page}?fait=envoyee"));
        helper
            .get(&format!("{page}?fait=envoyee"))
            .await
            .says("La demande est envoyée pour Augustine Galtier")
            .says(&number);
        hall.work();
        let mails = hall.mails().await;
        let told = mails
            .iter()
            .find(|mail| mail.to == AUGUSTINE && mail.subject.contains("bien reçu votre demande"));
        assert!(told.unwrap().text.contains("Demande faite par Awa Diop, mandataire."), "{told:?}");
    });
}

#[test]
fn the_history_tells_how_the_consent_came() {
    journey(Gate::Open, async |hall| {
        let (_, helper) = hall.signed_in("ines@example.org", None).await;
        let (page, link) = ask(hall, &helper).await;
        // Signed in as somebody else, whoever holds the link is still who was sent it.
        let (_, other) = hall.signed_in("autre@example.org", None).await;
        other.post(&link, &[("reponse", "accord")]).await.leads_to(&format!("{link}?fait=accord"));
        let by_link = "Augustine Galtier, par le lien reçu";
        helper.get(&page).await.says(by_link);
        // Nor is the mandate among those that this other account gave.
        other.get(&page).await.is(404);
        other.post(&link, &[("reponse", "fin")]).await;
        assert_eq!(hall.browser().get(&link).await.body.matches(by_link).count(), 2);
        // The mail that comes after is the later one.
        hall.fixture.clock.advance(TimeDelta::minutes(1));
        let (page, _) = running(hall, &helper, "*").await;
        helper.get(&page).await.says("Augustine Galtier, par le code reçu, donné à Awa Diop");
    });
}

#[test]
fn whoever_has_the_address_answers_and_follows_from_their_account() {
    journey(Gate::Open, async |hall| {
        let (_, helper) = hall.signed_in("ines@example.org", None).await;
        let (page, _) = ask(hall, &helper).await;
        let id = page.rsplit('/').next().unwrap().to_owned();
        let (account, augustine) = hall.signed_in(AUGUSTINE, None).await;
        augustine.get("/mon-compte").await.is(200).says("Awa Diop demande à vous aider").says(&page);
        augustine.get("/mon-compte/mandats").await.says("Les personnes qui m’aident").says("Attend l’accord");
        augustine.get(&page).await.is(200).says("J’accepte");
        let reply = format!("{page}/reponse");
        // Nobody else agrees, least of all the helper.
        let (_, stranger) = hall.signed_in("autre@example.org", None).await;
        for nobody in [&helper, &stranger] {
            nobody.post(&reply, &[("reponse", "accord")]).await.is(404);
        }
        augustine.post(&reply, &[("reponse", "accord")]).await.leads_to(&format!("{page}?fait=accord"));
        augustine.get(&page).await.says("Augustine Galtier, depuis son compte");
        augustine.get("/mon-compte").await.is_silent_about("demande à vous aider");
        send(&helper, &id).await.leads_to(&format!("{page}?fait=envoyee"));
        let case: uuid::Uuid = hall.value("SELECT id FROM cases", "").await;
        let own = format!("/compte/demarches/{case}");
        augustine.get("/compte/demarches").await.says("Faite par Awa Diop en votre nom").says(&own);
        augustine.get(&own).await.is(200);
        augustine.get(&page).await.says(&own);
        stranger.get(&own).await.is(404);
        helper.get("/compte/demarches").await.is_silent_about(&own);
        helper.get(&own).await.is(200);
        // What the town knows of her has the request, and both know of the mandate.
        let told = hall.told(account).await;
        let kinds: Vec<_> = told.entries.iter().map(|entry| entry.data["kind"].clone()).collect();
        assert!(kinds.contains(&"case".into()) && kinds.contains(&"mandate".into()), "{kinds:?}");
        augustine.get("/mon-compte/donnees").await.is(200).says("Awa Diop").says("Mandat n°");
        helper.get("/mon-compte/donnees").await.is(200).says("Mandat n°");
        // Signed in, she ends it.
        augustine.post(&format!("{page}/fin"), &[]).await.leads_to("/mon-compte/mandats?fait=fin");
        helper.get(&own).await.is(404);
    });
}

#[test]
fn refused_from_the_account_it_begins_no_more() {
    journey(Gate::Open, async |hall| {
        let (_, helper) = hall.signed_in("ines@example.org", None).await;
        let (page, _) = ask(hall, &helper).await;
        let (_, augustine) = hall.signed_in(AUGUSTINE, None).await;
        let reply = format!("{page}/reponse");
        augustine.post(&reply, &[("reponse", "peut-être")]).await.is(400);
        augustine.post(&reply, &[("reponse", "refus")]).await.leads_to(&format!("{page}?fait=refus"));
        augustine.post(&reply, &[("reponse", "accord")]).await.leads_to(&page);
        helper.get(&page).await.says("Refusé");
    });
}

#[test]
fn with_the_account_of_the_helper_their_mandates_end_and_the_helped_are_told() {
    journey(Gate::Open, async |hall| {
        let (ines, helper) = hall.signed_in("ines@example.org", None).await;
        let (_, link) = running(hall, &helper, "*").await;
        hall.browser().get(&link).await.says("En cours jusqu’au");
        hall.closes(ines).await;
        hall.browser().get(&link).await.says("Arrêté").is_silent_about("En cours jusqu’au");
        let over = |mails: Vec<Mail>| {
            mails.iter().filter(|mail| mail.to == AUGUSTINE && mail.text.contains("est terminé")).count()
        };
        assert_eq!(over(hall.mails().await), 1);
        // Once.
        hall.closes(ines).await;
        assert_eq!(over(hall.mails().await), 1);
    });
}

#[test]
fn the_three_ways_are_told_before_anybody_signs_in() {
    journey(Gate::Open, async |hall| {
        let stranger = hall.browser();
        let ways = format!("{PROCEDURE}/pour-quelqu-un");
        stranger.get(PROCEDURE).await.says(&ways);
        let told = stranger.get(&ways).await;
        told.is(200).says("/mon-compte/mandats/nouveau").says(&format!("{PROCEDURE}/formulaire.pdf"));
        told.says("Au guichet ou par téléphone").is_silent_about(&format!("{PROCEDURE}/pour\""));
        stranger.get("/demarches/inconnue/pour-quelqu-un").await.is(404);
        let (_, helper) = hall.signed_in("ines@example.org", None).await;
        running(hall, &helper, "*").await;
        helper.get(&ways).await.says(&format!("{PROCEDURE}/pour\""));
        // In what and for how long, nobody has chosen yet.
        let blank = helper.get(NEW).await;
        for name in ["portee", "duree"] {
            let chosen = blank.body.split("<input").any(|input| {
                let input = input.split('>').next().unwrap_or_default();
                input.contains(&format!("name=\"{name}\"")) && input.contains("checked")
            });
            assert!(!chosen, "{name}: {}", blank.body);
        }
    });
}
