//! The steps of cases, made by people who write no programs: who acts, what agents fill in, what is done and when.

use beffroi_documents::Gate;

use crate::{
    browser::{Browser, Hall, journey},
    builder::{TOWN, asked, begun, described, filled, published},
};

/// A first step with a question and an action, as a button of the page makes them.
async fn visit(browser: &Browser<'_>, base: &str) {
    let step = format!("{base}/etapes/visite-technique");
    browser.post(&format!("{base}/etapes"), &[("step", "Visite technique")]).await.leads_to(&step);
    let question = format!("{base}/questions/visite-technique.avis_favorable");
    browser
        .post(&format!("{step}/questions"), &[("question", "Avis favorable"), ("kind", "yes-no")])
        .await
        .leads_to(&format!("{question}?nouvelle=oui"));
    let said =
        [("label", "Avis favorable"), ("kind", "yes-no"), ("required", "always"), ("id", "avis_favorable")];
    assert_eq!(filled(browser, &question, &said).await, format!("{step}#questions"));
    browser
        .post(&format!("{step}/actions"), &[("action", "Prévenir"), ("deed", "message")])
        .await
        .leads_to(&format!("{step}/actions/prevenir"));
}

#[test]
#[expect(clippy::too_many_lines, reason = "one morning's work, told in its order")]
fn steps_are_made_by_clicking_and_published() {
    journey(Gate::Open, async |hall: &Hall<'_>| {
        let (_, manager) = hall.signed_in("direction@lunel.example", TOWN).await;
        let base = begun(&manager, "Réserver une salle").await;
        described(&manager, &base).await;
        asked(&manager, &base).await;
        manager.get(&base).await.says("Aucune étape").is_silent_about("<svg class=\"diagram\"");
        visit(&manager, &base).await;
        let step = format!("{base}/etapes/visite-technique");
        let action = format!("{step}/actions/prevenir");
        manager
            .post(&format!("{step}/questions"), &[("question", " "), ("kind", "text")])
            .await
            .is(422)
            .explains("question", "Écrivez la question.");
        manager
            .post(&format!("{step}/actions"), &[("action", ""), ("deed", "message")])
            .await
            .is(422)
            .explains("action", "Dites ce que fait l’action.");

        // What is missing is told in French, and leads to where it is said.
        manager
            .get(&format!("{base}/verification"))
            .await
            .says("Étape «\u{a0}Visite technique\u{a0}», Action «\u{a0}Prévenir\u{a0}»")
            .says("Ce genre d’action en a besoin")
            .says(&format!("href=\"{action}\""));
        let text = "{nombre_d_invites} invités. {visite-technique.avis_favorable}";
        let said = [("label", "Prévenir"), ("on", "enter"), ("text", text), ("id", "prevenir")];
        let mut message = vec![("kind", "message")];
        message.extend(said);
        manager.get(&action).await.says("visite-technique.avis_favorable");
        assert_eq!(filled(&manager, &action, &message).await, format!("{step}#actions"));

        // Another kind needs more: its controls come next, and what it cannot read comes back.
        let mut opinion = vec![("kind", "opinion")];
        opinion.extend(said.map(|(name, value)| if name == "on" { (name, "button") } else { (name, value) }));
        assert_eq!(filled(&manager, &action, &opinion).await, action);
        let seen = manager.get(&action).await.between("name=\"seen\" value=\"", "\"");
        let mut wrong = opinion.clone();
        wrong.extend([("seen", seen.as_str()), ("body", "Préfecture"), ("within_days", "deux")]);
        manager
            .post(&action, &wrong)
            .await
            .is(422)
            .explains("within_days", "Écrivez un nombre.")
            .says("value=\"Préfecture\"");
        opinion.extend([("body", "Préfecture"), ("within_days", "5")]);
        opinion.extend([("share", "usage"), ("share", "visite-technique.avis_favorable")]);
        filled(&manager, &action, &opinion).await;

        // Conditions of steps and actions are clicked together as any other.
        let spot = format!("{base}/condition?lieu=step.visite-technique.action.prevenir.when");
        let line = [("line-0-subject", "visite_technique.avis_favorable"), ("line-0-operator", "yes")];
        assert_eq!(filled(&manager, &spot, &line).await, action);
        let spot = format!("{base}/condition?lieu=step.visite-technique.when");
        let line = [("line-0-subject", "usage"), ("line-0-operator", "is"), ("line-0-value", "fete")];
        assert_eq!(filled(&manager, &spot, &line).await, step);
        manager.get(&step).await.says("«\u{a0}Usage\u{a0}» est «\u{a0}Fête\u{a0}»");

        // A second step; the first one leads to it, under another name that is written everywhere.
        manager.post(&format!("{base}/etapes"), &[("step", "Accord du maire")]).await.is(303);
        let second = format!("{base}/etapes/accord-du-maire");
        let said = [
            ("label", "Accord du maire"),
            ("department", "domaine-public"),
            ("role", "head"),
            ("days", "3"),
            ("next", "decision"),
            ("id", "visite-technique"),
        ];
        let seen = manager.get(&second).await.between("name=\"seen\" value=\"", "\"");
        let mut taken = said.to_vec();
        taken.push(("seen", seen.as_str()));
        manager
            .post(&second, &taken)
            .await
            .is(422)
            .explains("id", "Une autre étape porte déjà ce nom court.");
        let mut right = said.to_vec();
        right.retain(|(name, _)| *name != "id");
        right.push(("id", "accord"));
        assert_eq!(filled(&manager, &second, &right).await, format!("{base}#etapes"));
        let first = [("label", "Visite technique"), ("role", "any"), ("next", "accord"), ("id", "visite")];
        filled(&manager, &step, &first).await;
        let file = manager.get(&format!("{base}/demarche.toml")).await;
        file.says("when = \"visite.avis_favorable == true\"")
            .says("visite.avis_favorable")
            .says("role = \"head\"")
            .says("next = [\"accord\"]")
            .is_silent_about("visite-technique")
            .is_silent_about("visite_technique");
        let overview = manager.get(&base).await;
        overview
            .says("<svg class=\"diagram\"")
            .says("proposée si «\u{a0}Usage\u{a0}» est «\u{a0}Fête\u{a0}»");

        // In another order the second leads nowhere near the first, which is told with the place.
        let moved = [("do", "etape:down:visite")];
        manager.post(&format!("{base}/actions"), &moved).await.leads_to(&format!("{base}#etapes"));
        manager
            .get(&format!("{base}/verification"))
            .await
            .says("Aucune autre étape ne mène à celle-ci")
            .says(&format!("href=\"{base}/etapes/visite\""));
        manager.post(&format!("{base}/actions"), &[("do", "etape:up:visite")]).await.is(303);
        published(&manager, &base).await;
        manager
            .get("/agents/demarches/reserver-une-salle/etapes")
            .await
            .is(200)
            .says("Visite technique")
            .says("Accord du maire");
    });
}

#[test]
fn a_renamed_question_is_renamed_in_the_steps() {
    journey(Gate::Open, async |hall: &Hall<'_>| {
        let (_, manager) = hall.signed_in("direction@lunel.example", TOWN).await;
        let base = begun(&manager, "Réserver une salle").await;
        asked(&manager, &base).await;
        visit(&manager, &base).await;
        let action = format!("{base}/etapes/visite-technique/actions/prevenir");
        let text = "Courriel {courriel}, avis {visite-technique.avis_favorable}";
        let said = [
            ("label", "Prévenir"),
            ("kind", "message"),
            ("on", "button"),
            ("text", text),
            ("id", "prevenir"),
        ];
        filled(&manager, &action, &said).await;
        let question = format!("{base}/questions/courriel");
        let mut renamed =
            vec![("label", "Courriel"), ("kind", "email"), ("required", "always"), ("id", "adresse")];
        let seen = manager.get(&question).await.between("name=\"seen\" value=\"", "\"");
        let mut alone = renamed.clone();
        alone.push(("seen", seen.as_str()));
        manager.post(&question, &alone).await.is(422).says("Étape «\u{a0}Visite technique\u{a0}», Action");
        renamed.push(("rename", "true"));
        filled(&manager, &question, &renamed).await;
        // What agents fill in as well, by the same page.
        let question = format!("{base}/questions/visite-technique.avis_favorable");
        let renamed = [
            ("label", "Avis"),
            ("kind", "yes-no"),
            ("required", "always"),
            ("id", "avis"),
            ("rename", "true"),
        ];
        filled(&manager, &question, &renamed).await;
        manager
            .get(&format!("{base}/demarche.toml"))
            .await
            .says("Courriel {adresse}, avis {visite-technique.avis}");
    });
}

#[test]
fn the_second_of_two_agents_at_a_step_is_told() {
    journey(Gate::Open, async |hall: &Hall<'_>| {
        let (_, first) = hall.signed_in("direction@lunel.example", TOWN).await;
        let (_, second) = hall.signed_in("adjointe@lunel.example", TOWN).await;
        let base = begun(&first, "Réserver une salle").await;
        visit(&first, &base).await;
        let step = format!("{base}/etapes/visite-technique");
        let action = format!("{step}/actions/prevenir");
        for (path, fields) in [
            (&step, [("label", "Visite"), ("role", "any"), ("id", "visite-technique")].as_slice()),
            (&action, &[("label", "Écrire"), ("kind", "message"), ("on", "button"), ("id", "prevenir")]),
        ] {
            let seen = second.get(path).await.between("name=\"seen\" value=\"", "\"");
            filled(&first, path, fields).await;
            let mut typed = fields.to_vec();
            typed.retain(|(name, _)| *name != "label");
            typed.extend([("seen", seen.as_str()), ("label", "Mon nom")]);
            second.post(path, &typed).await.is(409).says("Awa Diop a modifié").says("value=\"Mon nom\"");
        }
    });
}

#[test]
fn a_step_and_an_action_are_removed_after_what_speaks_of_them_was_told() {
    journey(Gate::Open, async |hall: &Hall<'_>| {
        let (_, manager) = hall.signed_in("direction@lunel.example", TOWN).await;
        let base = begun(&manager, "Réserver une salle").await;
        visit(&manager, &base).await;
        manager.post(&format!("{base}/etapes"), &[("step", "Suite")]).await.is(303);
        manager
            .post(&format!("{base}/etapes/suite/actions"), &[("action", "Revenir"), ("deed", "move")])
            .await
            .is(303);
        let back = format!("{base}/etapes/suite/actions/revenir");
        let said = [
            ("label", "Revenir"),
            ("kind", "move"),
            ("on", "button"),
            ("to", "visite-technique"),
            ("id", "revenir"),
        ];
        filled(&manager, &back, &said).await;
        manager
            .get(&format!("{base}/supprimer?quoi=etape&nom=visite-technique"))
            .await
            .says("D’autres endroits en parlent encore")
            .says(&back);
        let remove = format!("{base}/supprimer");
        manager
            .post(&remove, &[("quoi", "action"), ("nom", "suite.revenir")])
            .await
            .leads_to(&format!("{base}/etapes/suite#actions"));
        manager
            .post(&remove, &[("quoi", "etape"), ("nom", "visite-technique")])
            .await
            .leads_to(&format!("{base}#etapes"));
        manager
            .get(&format!("{base}/demarche.toml"))
            .await
            .says("id = \"suite\"")
            .is_silent_about("avis_favorable")
            .is_silent_about("revenir");
        manager.get(&format!("{base}/etapes/visite-technique")).await.is(404);
    });
}
