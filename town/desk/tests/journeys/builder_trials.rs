//! Trials of a procedure that grows: what somebody filled in once is filled in further, not thrown away.

use beffroi_documents::Gate;

use crate::{
    browser::{Hall, journey},
    builder::{TOWN, asked, begun, described},
};

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
