//! A helped person gives a mandate herself: from her own account, taken by the helper alone, ended by her at any time.

use beffroi_documents::Gate;

use crate::{
    browser::{Hall, journey},
    mandates::PROCEDURE,
};

/// The link that was mailed to the helper.
async fn offered(hall: &Hall<'_>) -> String {
    let body: String = hall
        .value(
            "SELECT body FROM mail WHERE recipient = $1 AND secret = TRUE ORDER BY id DESC LIMIT 1",
            "ines@example.org",
        )
        .await;
    let link = body.split("https://lunel.example").nth(1).and_then(|rest| rest.split_whitespace().next());
    link.unwrap().to_owned()
}

const GIVE: &str = "/mon-compte/mandats/donner";

const GIVEN: [(&str, &str); 8] = [
    ("aidant-nom", "Inès Vidal"),
    ("aidant-courriel", "Ines@example.org"),
    ("nom", "Galtier"),
    ("prenoms", "Augustine"),
    ("adresse", "7 impasse des Cigales, 34400 Lunel"),
    ("portee", "*"),
    ("duree", "31"),
    ("copie", "true"),
];

#[test]
fn a_helped_person_gives_a_mandate_from_her_own_account_and_ends_it() {
    journey(Gate::Open, async |hall| {
        let (_, augustine) = hall.signed_in("augustine@example.org", None).await;
        augustine.get(GIVE).await.is(200).says("vous donnez votre accord");
        // All that is wrong is told at once, with what was typed.
        let own = [("aidant-courriel", "augustine@example.org"), ("nom", "Galtier")];
        let told = augustine.post(GIVE, &own).await;
        told.is(422).explains("aidant-nom", "Donnez le nom de la personne qui vous aide.");
        told.explains("aidant-courriel", "C’est votre adresse").says("value=\"Galtier\"");
        told.explains("duree", "Choisissez la durée.");
        augustine.post(GIVE, &GIVEN).await.leads_to("/mon-compte/mandats?fait=offre");
        augustine.get("/mon-compte/mandats").await.says("Inès Vidal").says("Peut être accepté jusqu’au");
        let link = offered(hall).await;
        // Nobody takes it without signing in, nor its giver, nor whoever was forwarded the mail.
        let asked = hall.browser().get(&link).await;
        asked.is(200).says("Augustine Galtier vous propose").says("Se connecter pour accepter");
        asked.is_private().is_silent_about("J’accepte");
        hall.browser().get("/mandat-offert/0000").await.is(404);
        augustine.get(&link).await.says("votre propre proposition").is_silent_about("J’accepte");
        augustine.post(&link, &[("reponse", "accord")]).await.is(422).says("votre propre proposition");
        let (_, other) = hall.signed_in("autre@example.org", None).await;
        other.post(&link, &[("reponse", "accord")]).await.is(422).says("une autre adresse");
        let (_, ines) = hall.signed_in("ines@example.org", None).await;
        ines.get(&link).await.says("J’accepte");
        let taken = ines.post(&link, &[("reponse", "accord")]).await;
        let page = taken.is(303).location.split('?').next().unwrap().to_owned();
        ines.get(&link).await.is(404);
        // It runs at once, and its proof says whence it came.
        ines.get(&page).await.says("En cours jusqu’au").says("Augustine Galtier, depuis son compte");
        augustine.get(&page).await.says("Mandat donné et accepté");
        let proof: String = hall.value("SELECT proof FROM mandate", "").await;
        assert_eq!(proof, "account");
        let begun = ines.get(&format!("{PROCEDURE}/demande")).await;
        begun.leads_to(&format!("{PROCEDURE}/pour"));
        augustine.post(&format!("{page}/fin"), &[]).await.leads_to("/mon-compte/mandats?fait=fin");
        ines.get(&page).await.says("Arrêté");
    });
}

#[test]
fn an_offer_is_taken_back_or_declined_and_then_opens_nothing() {
    journey(Gate::Open, async |hall| {
        let (_, augustine) = hall.signed_in("augustine@example.org", None).await;
        augustine.post(GIVE, &GIVEN).await.is(303);
        let link = offered(hall).await;
        hall.browser().post(&link, &[("reponse", "refus")]).await.leads_to("/");
        hall.browser().get(&link).await.is(404);
        augustine.post(GIVE, &GIVEN).await.is(303);
        let link = offered(hall).await;
        let list = augustine.get("/mon-compte/mandats").await;
        let id = list.between("/mon-compte/mandats/offres/", "/retirer");
        let withdraw = format!("/mon-compte/mandats/offres/{id}/retirer");
        let (_, other) = hall.signed_in("autre@example.org", None).await;
        other.post(&withdraw, &[]).await.is(404);
        augustine.post(&withdraw, &[]).await.leads_to("/mon-compte/mandats?fait=offre-retiree");
        augustine.post(&withdraw, &[]).await.is(404);
        let (_, ines) = hall.signed_in("ines@example.org", None).await;
        ines.post(&link, &[("reponse", "accord")]).await.is(404);
        // To one address three times a day.
        augustine.post(GIVE, &GIVEN).await.is(303);
        let many = augustine.post(GIVE, &GIVEN).await;
        many.is(422).explains("aidant-courriel", "Trop de demandes de mandat aujourd’hui");
    });
}
