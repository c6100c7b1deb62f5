//! Trials of a procedure that grows: what somebody filled in once is filled in further, not thrown away; and what agents
//! did then with the case is done again at every publication.

use beffroi_documents::Gate;
use beffroi_forms::Procedure;

use crate::{
    browser::{Answer, Browser, Hall, journey},
    builder::{ROOT, TOWN, asked, begun, described},
};

/// Presses a button of the page of a rehearsal, with what travels with the page.
async fn pressed(browser: &Browser<'_>, path: &str, page: &Answer, fields: &[(&str, &str)]) -> Answer {
    let [turns, files] = ["r:turns", "r:files"].map(|name| {
        let kept = page.between(&format!("name=\"{name}\" value=\""), "\"");
        kept.replace("&#34;", "\"").replace("&quot;", "\"").replace("&#38;", "&").replace("&amp;", "&")
    });
    let mut all = vec![("r:turns", turns.as_str()), ("r:files", files.as_str())];
    all.extend_from_slice(fields);
    browser.post(path, &all).await
}

#[test]
fn a_trial_is_filled_in_further_where_a_question_has_come_since() {
    journey(Gate::Open, async |hall: &Hall<'_>| {
        let (_, manager) = hall.signed_in("direction@lunel.example", TOWN).await;
        let base = begun(&manager, "Réserver une salle").await;
        described(&manager, &base).await;
        asked(&manager, &base).await;
        let typed = [
            ("here", "votre-demande"),
            ("shown", "usage"),
            ("shown", "courriel"),
            ("usage", "reunion"),
            ("courriel", "awa@example.org"),
            ("record", "1"),
        ];
        let named = [&typed[..], &[("trial_name", "Une réunion")]].concat();
        let screen = format!("{base}/apercu/ecran?essai=oui");
        manager.post(&screen, &named).await.is(303);
        let page = format!("{base}/pages/votre-demande");
        let trials = format!("{base}/essais");
        manager
            .get(&trials)
            .await
            .says("Formulaire valable.")
            .says("Résultat attendu")
            .is_silent_about("Compléter l’essai");
        manager.post(&page, &[("label", "Combien de chaises"), ("kind", "number")]).await.is(303);
        manager
            .get(&format!("{base}/verification"))
            .await
            .says("«\u{a0}Combien de chaises\u{a0}»\u{a0}: nouvelle question, sans réponse dans l’essai.")
            .is_silent_about("alors qu’elle était acceptée");
        let told = manager.get(&trials).await;
        let id = told.says("Compléter l’essai").between("reprendre=", "\"");
        let further = format!("{screen}&reprendre={id}");
        manager.get(&further).await.is(200).says("value=\"awa@example.org\"").says("Une réunion");
        let chairs = [&typed[..], &[("shown", "combien_de_chaises"), ("combien_de_chaises", "12")]].concat();
        manager.post(&further, &chairs).await.leads_to(&format!("{trials}?fait=enregistre"));
        let again = manager.get(&trials).await;
        again.says("Résultat attendu").is_silent_about("Compléter l’essai");
        assert_eq!(again.body.matches("Une réunion").count(), told.body.matches("Une réunion").count() - 1);
        manager.get(&format!("{screen}&reprendre=01985f0e-0000-7000-8000-000000000000")).await.is(404);
    });
}

#[test]
fn what_agents_do_with_the_case_of_a_trial_is_done_again_and_nothing_is_sent() {
    journey(Gate::Open, async |hall: &Hall<'_>| {
        let (_, manager) = hall.signed_in("direction@lunel.example", TOWN).await;
        let mails = hall.mails().await.len();
        let offered = format!("{ROOT}/offertes/occupation-domaine-public");
        let base = manager.post(&format!("{offered}/brouillon"), &[]).await.location;
        let trials = format!("{base}/essais");
        let id = manager.get(&trials).await.says("Jouer les étapes").between("/essais/", "/etapes");
        let path = format!("{trials}/{id}/etapes");
        let received = manager.get(&path).await;
        received
            .is(200)
            .says("Le dossier est reçu, le 3 juin 2026")
            .says("Rien n’est envoyé")
            // The visit is offered once somebody found that it is of use.
            .is_silent_about("value=\"visite\"");
        pressed(&manager, &path, &received, &[("r:do", "move")])
            .await
            .is(422)
            .explains("r:step", "Choisissez l’étape.");
        pressed(&manager, &path, &received, &[("r:do", "wait"), ("r:days", "0")])
            .await
            .is(422)
            .explains("r:days", "de 1 à 732");
        let asked = pressed(&manager, &path, &received, &[("r:do", "move"), ("r:step", "avis")]).await;
        asked
            .is(200)
            .says("le dossier arrive à l’étape «\u{a0}Avis des services techniques\u{a0}»")
            .says("press:services-techniques")
            .is_silent_about("press:departement");
        // A button of another moment.
        pressed(&manager, &path, &asked, &[("r:do", "press:departement")])
            .await
            .is(409)
            .says("Ce n’est plus possible à ce moment du dossier.");
        let filled =
            pressed(&manager, &path, &asked, &[("r:do", "fill"), ("route_departementale", "true")]).await;
        filled.is(200).says("press:departement");
        let told = pressed(&manager, &path, &filled, &[("r:do", "press:departement")]).await;
        told.is(200).says("un avis est demandé à «\u{a0}Département, direction des routes\u{a0}»");
        let waited = pressed(&manager, &path, &told, &[("r:do", "wait"), ("r:days", "14")]).await;
        waited.is(200).says("un rappel est envoyé aux agents").says("17 juin 2026");
        let order = pressed(&manager, &path, &waited, &[("r:do", "move"), ("r:step", "arrete")]).await;
        let decided = pressed(&manager, &path, &order, &[("r:do", "decide:granted")]).await;
        decided
            .is(200)
            .says("la demande est acceptée par l’arrêté")
            .says("Le dossier est terminé.")
            .is_silent_about("decide:granted");
        pressed(&manager, &path, &decided, &[("r:do", "record")])
            .await
            .leads_to(&format!("{trials}?fait=etapes"));
        manager
            .get(&trials)
            .await
            .says("Puis 6 gestes d’agent.")
            .says("Revoir les étapes")
            .is_silent_about("Résultat différent");
        assert_eq!(hall.mails().await.len(), mails, "nothing is sent");

        // A button that agents pressed then is gone: the trial says so, and is gone through again from there.
        let file = manager.get(&format!("{base}/demarche.toml")).await.body;
        let mut less = Procedure::from_toml(&file).unwrap();
        less.step_mut("avis").unwrap().actions.retain(|action| action.id != "departement");
        let change = "UPDATE desk_workshop SET definition = $1";
        hall.execute(change, &less.to_toml().unwrap()).await;
        manager
            .get(&trials)
            .await
            .says("Résultat différent")
            .says("ce n’est pas possible à ce moment du dossier")
            .is_silent_about("Accepter le nouveau résultat");
        let accept = format!("accept:{id}");
        manager.post(&trials, &[("do", accept.as_str())]).await.is(409);
        let again = manager.get(&path).await;
        again.is(200).says("questions remplies").is_silent_about("un avis est demandé");
        let undone = pressed(&manager, &path, &again, &[("r:do", "undo")]).await;
        undone.is(200).is_silent_about("questions remplies");
        pressed(&manager, &path, &undone, &[("r:do", "record")]).await.is(303);
        manager.get(&trials).await.says("Puis 1 geste d’agent.").is_silent_about("Résultat différent");
        manager.get(&format!("{trials}/01985f0e-0000-7000-8000-000000000000/etapes")).await.is(404);
        let (_, agent) = hall.signed_in("agent@lunel.example", None).await;
        agent.get(&path).await.is(404);
    });
}
