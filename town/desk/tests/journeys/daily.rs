//! The agents' tools of each day: labels, templates, absences, kept views, many cases at once, and the workload.

use beffroi_documents::Gate;
use beffroi_people::Role;
use chrono::TimeDelta;

use crate::browser::{Answer, Browser, Hall, journey};

const PLACE: Option<(&str, Role)> = Some(("domaine-public", Role::Agent));

/// The id that stands in an address of the page, after `before`.
fn id_after(page: &Answer, before: &str) -> String {
    page.between(before, "\"").split('/').next().unwrap().to_owned()
}

/// A label of the department, made on its page.
async fn label(agent: &Browser<'_>, hall: &Hall<'_>, name: &str) -> String {
    let made = agent.post("/agents/etiquettes", &[("nom", name), ("couleur", "blue")]).await;
    made.leads_to("/agents/etiquettes");
    let id: uuid::Uuid = hall.value("SELECT id FROM label WHERE name = $1", name).await;
    id.to_string()
}

fn indexed(hall: &Hall<'_>) {
    hall.work();
    hall.fixture.clock.advance(TimeDelta::seconds(4));
    hall.work();
}

#[test]
fn a_label_is_made_stuck_found_and_taken_off() {
    journey(Gate::Open, async |hall| {
        let (reference, code) = hall.deposit("gaspard@example.org").await;
        let (_, agent) = hall.signed_in("agent@lunel.example", PLACE).await;
        let base = format!("/agents/dossiers/{}", hall.case(&reference).await);
        agent.get("/agents/etiquettes").await.says("Aucune étiquette");
        agent.post("/agents/etiquettes", &[("nom", "")]).await.is(422).explains("nom", "Donnez un mot");
        let urgent = label(&agent, hall, "À voir en commission").await;
        agent
            .post("/agents/etiquettes", &[("nom", "À voir en commission")])
            .await
            .is(422)
            .explains("nom", "a déjà cette étiquette");

        let stick = format!("{base}/etiqueter");
        agent.post(&stick, &[("etiquette", &urgent)]).await.leads_to(&format!("{base}?fait=etiqueter"));
        agent.get(&base).await.says("label--blue\">À voir en commission").says("Étiquette collée");
        agent.get("/agents").await.says("label--blue\">À voir en commission");
        hall.browser().follow(&code).await.is_silent_about("commission");
        indexed(hall);
        let found = format!("/agents/recherche?etiquette={urgent}");
        agent.get(&found).await.says(&base);

        // Its word and its colour change, and the case keeps it.
        let (word, colour) = (format!("nom-{urgent}"), format!("couleur-{urgent}"));
        let change = format!("/agents/etiquettes/{urgent}");
        let wrong = [(word.as_str(), ""), (colour.as_str(), "red")];
        agent.post(&change, &wrong).await.is(422).explains(&word, "Donnez un mot");
        let right = [(word.as_str(), "En commission"), (colour.as_str(), "red")];
        agent.post(&change, &right).await.leads_to("/agents/etiquettes");
        agent.get(&base).await.says("label--red\">En commission");

        // Another department neither sees it nor uses it.
        let (_, other) = hall.signed_in("etat@lunel.example", Some(("etat-civil", Role::Agent))).await;
        other.get("/agents/etiquettes").await.is_silent_about("commission");
        other.post(&change, &right).await.is(404);
        other.post(&format!("/agents/etiquettes/{urgent}/retirer"), &[]).await.is(404);
        other.post(&stick, &[("etiquette", &urgent)]).await.is(404);

        agent.post(&format!("{base}/decoller"), &[("etiquette", &urgent)]).await;
        indexed(hall);
        agent.get(&found).await.is_silent_about(&base);
        agent.post(&format!("/agents/etiquettes/{urgent}/retirer"), &[]).await.leads_to("/agents/etiquettes");
        agent.get("/agents/etiquettes").await.says("Aucune étiquette");
    });
}

#[test]
fn a_reply_begins_with_a_template_that_the_case_fills() {
    journey(Gate::Open, async |hall| {
        let (reference, _) = hall.deposit("gaspard@example.org").await;
        let (_, agent) = hall.signed_in("agent@lunel.example", PLACE).await;
        let base = format!("/agents/dossiers/{}", hall.case(&reference).await);
        let wrong = [("nom", "Bonjour"), ("texte", "Bonjour {age}")];
        let told = agent.post("/agents/modeles", &wrong).await;
        told.is(422).explains("texte", "Repères inconnus").says(">Bonjour {age}</textarea>");
        let right =
            [("nom", "Bien reçu"), ("texte", "Bonjour {prénom},\r\nvotre demande {référence} avance.")];
        agent.post("/agents/modeles", &right).await.leads_to("/agents/modeles");
        agent.post("/agents/modeles", &right).await.is(422).explains("nom", "a déjà un modèle");
        let list = agent.get("/agents/modeles").await;
        let id = id_after(&list, "href=\"/agents/modeles/");
        agent.get(&base).await.says("Partir d’un modèle").says("Bien reçu");
        // Inserted after what is there: nothing that was typed is lost.
        let typed = [("modele", id.as_str()), ("message", "Déjà écrit.")];
        let begun = agent.post(&format!("{base}/modele"), &typed).await;
        begun
            .is(200)
            .says(&format!(">Déjà écrit.\n\nBonjour Gaspard,\nvotre demande {reference} avance.</textarea>"));

        let changed = [("nom", "Bien reçu"), ("texte", "Merci {nom}."), ("demarche", "acte-de-naissance")];
        agent.post(&format!("/agents/modeles/{id}"), &changed).await.leads_to("/agents/modeles");
        // It is for another procedure now.
        agent.get(&base).await.is_silent_about("Partir d’un modèle");
        let (_, other) = hall.signed_in("etat@lunel.example", Some(("etat-civil", Role::Agent))).await;
        other.get(&format!("/agents/modeles/{id}")).await.is(404);
        other.post(&format!("/agents/modeles/{id}"), &changed).await.is(404);
        other.post(&format!("/agents/modeles/{id}/retirer"), &[]).await.is(404);
        agent.post(&format!("/agents/modeles/{id}/retirer"), &[]).await.leads_to("/agents/modeles");
        agent.get("/agents/modeles").await.says("Aucun modèle");
    });
}

#[test]
fn what_is_given_to_somebody_who_is_away_goes_to_who_stands_in() {
    journey(Gate::Open, async |hall| {
        let (reference, _) = hall.deposit("gaspard@example.org").await;
        let (away, agent) = hall.signed_in("agent@lunel.example", PLACE).await;
        let (there, colleague) = hall.signed_in("collegue@lunel.example", PLACE).await;
        let there_id = there.to_string();
        let period = [
            ("du-day", "1"),
            ("du-month", "6"),
            ("du-year", "2026"),
            ("au-day", "30"),
            ("au-month", "6"),
            ("au-year", "2026"),
            ("remplacant", &there_id),
        ];
        agent.post("/agents/absences", &[("du-day", "31"), ("du-month", "2")]).await.is(422);
        agent.post("/agents/absences", &period).await.leads_to("/agents/absences");
        colleague
            .get("/agents/absences")
            .await
            .says("Sans remplaçant, vos dossiers restent à votre nom")
            .says("du 1er juin 2026")
            .is_silent_about("Annuler cette absence");
        // Whoever answers for the department says who stands in, where the agent named nobody or cannot any more.
        let place = Some(("domaine-public", Role::HeadOfDepartment));
        let (head_id, head) = hall.signed_in("chef@lunel.example", place).await;
        let list = head.get("/agents/absences").await;
        let absence = list.between("/agents/absences/", "/remplacant\"");
        let (named, path) =
            (format!("remplacant-{absence}"), format!("/agents/absences/{absence}/remplacant"));
        colleague.post(&path, &[(&named, &there_id)]).await.is(404);
        head.post(&path, &[(&named, &away.to_string())]).await.is(404);
        head.post(&path, &[(&named, &head_id.to_string())]).await.leads_to("/agents/absences");
        colleague.get("/agents/absences").await.is_silent_about("Changer le remplaçant");
        let delegate: uuid::Uuid =
            hall.value("SELECT delegate FROM desk_absence WHERE agent = $1", &away.to_string()).await;
        assert_eq!(delegate, head_id.uuid());
        head.post(&path, &[(&named, &there_id)]).await.leads_to("/agents/absences");
        let base = format!("/agents/dossiers/{}", hall.case(&reference).await);
        colleague.get(&base).await.says("absence jusqu’au 30 juin 2026");
        colleague.post(&format!("{base}/attribuer"), &[("agent", &away.to_string())]).await;
        let assignee = "SELECT assignee FROM cases WHERE reference = $1";
        let holds: uuid::Uuid = hall.value(assignee, &reference).await;
        assert_eq!(holds, there.uuid());
        // Those who follow a case are warned of what silence is about to decide: who is there, that is.
        hall.execute("UPDATE cases SET assignee = $1", &away.uuid()).await;
        hall.execute("UPDATE cases SET deemed_on = $1, clock_on = $1", &"2026-06-05".to_owned()).await;
        tokio::task::block_in_place(|| hall.hour()).unwrap();
        let warned: Vec<String> = hall.mails().await.into_iter().map(|mail| mail.to).collect();
        assert!(warned.contains(&"collegue@lunel.example".to_owned()), "{warned:?}");
        assert!(!warned.contains(&"agent@lunel.example".to_owned()), "{warned:?}");
        // Whoever came back has their cases again.
        let id = id_after(&agent.get("/agents/absences").await, "action=\"/agents/absences/");
        colleague.post(&format!("/agents/absences/{id}/retirer"), &[]).await.is(404);
        agent.post(&format!("/agents/absences/{id}/retirer"), &[]).await.leads_to("/agents/absences");
        colleague.post(&format!("{base}/attribuer"), &[("agent", &away.to_string())]).await;
        let holds: uuid::Uuid = hall.value(assignee, &reference).await;
        assert_eq!(holds, away.uuid());
    });
}

#[test]
fn what_somebody_who_is_away_has_open_is_brought_to_who_stands_in_until_they_are_back() {
    journey(Gate::Open, async |hall| {
        let (reference, _) = hall.deposit("gaspard@example.org").await;
        let (other, _) = hall.deposit("colette@example.org").await;
        let (away, agent) = hall.signed_in("agent@lunel.example", PLACE).await;
        let (there, colleague) = hall.signed_in("collegue@lunel.example", PLACE).await;
        let base = format!("/agents/dossiers/{}", hall.case(&reference).await);
        agent.post(&format!("{base}/prendre"), &[]).await.leads_to(&format!("{base}?fait=prendre"));
        colleague.get("/agents").await.is_silent_about("Vous remplacez");
        let there_id = there.to_string();
        let period = [
            ("du-day", "1"),
            ("du-month", "6"),
            ("du-year", "2026"),
            ("au-day", "30"),
            ("au-month", "6"),
            ("au-year", "2026"),
            ("remplacant", &there_id),
        ];
        agent.post("/agents/absences", &period).await.leads_to("/agents/absences");
        // Told at the head of the list, marked in it, and one click away.
        colleague
            .get("/agents")
            .await
            .says("Vous remplacez")
            .says("absence jusqu’au 30 juin 2026\u{a0}: 1 à traiter")
            .says("absence jusqu’au 30 juin 2026, remplacement")
            .says(&other);
        let theirs = format!("/agents?remplace={away}");
        colleague.get(&theirs).await.says(&reference).is_silent_about(&other);
        // Whoever does not stand in narrows nothing by it.
        let (_, third) = hall.signed_in("tiers@lunel.example", PLACE).await;
        third.get(&theirs).await.says(&other).is_silent_about("Vous remplacez");
        // What the one who stands in does is told as such, and the case stays whose it is.
        let note = [("note", "Vu avec la police municipale.")];
        colleague.post(&format!("{base}/note"), &note).await.leads_to(&format!("{base}?fait=note"));
        colleague.get(&base).await.says("Agi en remplacement");
        let stood: i64 = hall.value("SELECT COUNT(*) FROM journal WHERE kind = $1", "case.stood_in").await;
        assert_eq!(stood, 1);
        third.post(&format!("{base}/note"), &note).await;
        let stood: i64 = hall.value("SELECT COUNT(*) FROM journal WHERE kind = $1", "case.stood_in").await;
        assert_eq!(stood, 1, "a colleague who stands in for nobody acts for themself");
        let holds: uuid::Uuid =
            hall.value("SELECT assignee FROM cases WHERE reference = $1", &reference).await;
        assert_eq!(holds, away.uuid());
        // Tasks too.
        let away_id = away.to_string();
        let task =
            [("tache", "Rappeler le garage"), ("service", "domaine-public"), ("agent", away_id.as_str())];
        agent
            .post(&format!("{base}/etapes/tache"), &task)
            .await
            .leads_to(&format!("{base}/etapes?fait=tache"));
        colleague
            .get("/agents/taches")
            .await
            .says("Rappeler le garage")
            .says("absence jusqu’au 30 juin 2026");
        third.get("/agents/taches").await.is_silent_about("Rappeler le garage");
        // Back: everything is theirs alone again.
        let id = id_after(&agent.get("/agents/absences").await, "action=\"/agents/absences/");
        agent.post(&format!("/agents/absences/{id}/retirer"), &[]).await.leads_to("/agents/absences");
        colleague.get("/agents/taches").await.is_silent_about("Rappeler le garage");
        colleague.get(&theirs).await.is_silent_about("Vous remplacez").says(&other);
    });
}

#[test]
fn new_cases_go_to_the_agent_who_follows_the_fewest_where_the_head_wants_it() {
    journey(Gate::Open, async |hall| {
        let head_place = Some(("domaine-public", Role::HeadOfDepartment));
        let (head_id, head) = hall.signed_in("chef@lunel.example", head_place).await;
        let (agent_id, agent) = hall.signed_in("agent@lunel.example", PLACE).await;
        agent.get("/agents/charge").await.is(404);
        agent
            .post("/agents/charge", &[("service", "domaine-public"), ("regle-domaine-public", "fewest")])
            .await
            .is(404);
        let (first, _) = hall.deposit("un@example.org").await;
        hall.work();
        let nobody: Option<uuid::Uuid> =
            hall.value("SELECT assignee FROM cases WHERE reference = $1", &first).await;
        assert_eq!(nobody, None, "without a rule, somebody takes it up");
        head.get("/agents/charge").await.says("À personne encore (à attribuer)").says("En retard");
        let (_, direction) = hall.signed_in("direction@lunel.example", Some(("", Role::Manager))).await;
        let whole = direction.get("/agents/charge").await;
        whole.says("En retard").is_silent_about("regle-domaine-public");
        let rule = [("service", "domaine-public"), ("regle-domaine-public", "fewest")];
        direction.post("/agents/charge", &rule).await.is(404);
        head.post("/agents/charge", &rule).await.leads_to("/agents/charge");
        let mut given = Vec::new();
        for mail in ["deux@example.org", "trois@example.org"] {
            let (reference, _) = hall.deposit(mail).await;
            hall.work();
            given.push(
                hall.value::<uuid::Uuid>("SELECT assignee FROM cases WHERE reference = $1", &reference).await,
            );
        }
        given.sort_unstable();
        let mut both = [head_id.uuid(), agent_id.uuid()];
        both.sort_unstable();
        assert_eq!(given, both, "one each");
    });
}

#[test]
fn many_cases_are_done_at_once_and_each_tells_what_came_of_it() {
    journey(Gate::Open, async |hall| {
        let (_, agent) = hall.signed_in("agent@lunel.example", PLACE).await;
        let mut cases = Vec::new();
        for mail in ["un@example.org", "deux@example.org", "trois@example.org"] {
            let (reference, _) = hall.deposit(mail).await;
            cases.push(hall.case(&reference).await);
        }
        agent.post(&format!("/agents/dossiers/{}/prendre", cases[0]), &[]).await;
        let key = "0123456789abcdef0123456789abcdef";
        let mut form: Vec<(&str, &str)> =
            vec![("lot-action", "prendre"), ("idempotency_key", key), ("retour", "/agents?etat=received")];
        form.extend(cases.iter().map(|id| ("dossier", id.as_str())));
        let told = agent.post("/agents/lot", &form).await;
        told.is(200).says("2 sur 3\u{a0}dossiers traités").says("L’état du dossier ne le permet pas.");
        told.says("href=\"/agents?etat=received\"");
        // Sent twice, it tells what came of the first.
        agent.post("/agents/lot", &form).await.says("2 sur 3\u{a0}dossiers traités");

        let label = label(&agent, hall, "Lot").await;
        let mut stuck: Vec<(&str, &str)> = vec![("lot-action", "etiqueter"), ("lot-etiquette", &label)];
        stuck.extend(cases.iter().map(|id| ("dossier", id.as_str())));
        agent.post("/agents/lot", &stuck).await.says("3 sur 3");
        let mut written: Vec<(&str, &str)> =
            vec![("lot-action", "message"), ("lot-texte", "Bonjour {prénom}, la rue sera fermée.")];
        written.extend(cases.iter().map(|id| ("dossier", id.as_str())));
        agent.post("/agents/lot", &written).await.says("3 sur 3");
        let page = agent.get(&format!("/agents/dossiers/{}", cases[1])).await;
        page.says("Bonjour Gaspard, la rue sera fermée.").says("Lot");

        // What is wrong is said in the list itself, which keeps what was ticked and typed.
        let list = ("retour", "/agents?service=&etat=instruction");
        let told = agent.post("/agents/lot", &[("lot-action", "prendre"), list]).await;
        told.is(422).explains("tout-cocher", "Cochez au moins un dossier").says("name=\"lot-action\"");
        let told = agent.post("/agents/lot", &[("dossier", &cases[0]), list]).await;
        told.is(422).explains("lot-action", "Choisissez que faire");
        told.says(&format!("id=\"d-{}\" form=\"lot\" checked", cases[0]));
        let long = "é".repeat(10_001);
        let found = ("retour", "/agents/recherche?q=peyron&etat=ouverts");
        for back in [("retour", "/agents"), found] {
            let form = [("lot-action", "message"), ("lot-texte", &long), ("dossier", &cases[0]), back];
            agent.post("/agents/lot", &form).await.is(422);
        }
        let wrong = [("lot-action", "message"), ("lot-texte", &long), ("dossier", &cases[1])];
        let told = agent.post("/agents/lot", &wrong).await;
        told.explains("lot-texte", "Le message est trop long").says(&format!(">{long}</textarea>"));
        told.says(&format!("id=\"d-{}\" form=\"lot\" checked", cases[1]));
        told.is_silent_about(&format!("id=\"d-{}\" form=\"lot\" checked", cases[0]));
        // Without scripts a link ticks the page.
        let all = agent.get("/agents?cocher=tout").await;
        all.says(&format!("id=\"d-{}\" form=\"lot\" checked", cases[2])).says("Tout cocher");
        // What is not the agent's is not spoken of.
        let (_, other) = hall.signed_in("etat@lunel.example", Some(("etat-civil", Role::Agent))).await;
        let told = other.post("/agents/lot", &form).await;
        told.says("0 sur 0").is_silent_about("/agents/dossiers/");
        let evil =
            [("lot-action", "prendre"), ("dossier", cases[0].as_str()), ("retour", "https://evil.example")];
        agent.post("/agents/lot", &evil).await.is_silent_about("evil.example");
    });
}

/// A form for these cases.
fn ticked<'c>(fields: &[(&'c str, &'c str)], cases: &'c [String]) -> Vec<(&'c str, &'c str)> {
    fields.iter().copied().chain(cases.iter().map(|id| ("dossier", id.as_str()))).collect()
}

#[test]
fn documents_are_asked_for_in_many_cases_and_those_that_wait_go_on_together() {
    journey(Gate::Open, async |hall| {
        let (_, agent) = hall.signed_in("agent@lunel.example", PLACE).await;
        let (mut references, mut cases) = (Vec::new(), Vec::new());
        for mail in ["un@example.org", "deux@example.org", "trois@example.org"] {
            let (reference, _) = hall.deposit(mail).await;
            cases.push(hall.case(&reference).await);
            references.push(reference);
        }
        for case in &cases {
            agent.post(&format!("/agents/dossiers/{case}/prendre"), &[]).await;
        }
        let granted = [("outcome", "granted"), ("reasons", "Le passage reste libre.")];
        agent.post(&format!("/agents/dossiers/{}/decision", cases[2]), &granted).await.is(303);
        // What is wrong is told in the list, with what was typed.
        agent
            .post(
                "/agents/lot",
                &ticked(&[("lot-action", "pieces"), ("lot-pieces", ""), ("lot-jours", "12")], &cases),
            )
            .await
            .is(422)
            .explains("lot-pieces", "Nommez les documents qui manquent.")
            .says("value=\"12\"");
        agent
            .post(
                "/agents/lot",
                &ticked(&[("lot-action", "pieces"), ("lot-pieces", "Un plan"), ("lot-jours", "0")], &cases),
            )
            .await
            .is(422)
            .explains("lot-jours", "de 1 à 365");
        // The third is decided: it is left as it is.
        let asked = [("lot-action", "pieces"), ("lot-pieces", "Un plan coté\nUne attestation")];
        let told = agent.post("/agents/lot", &ticked(&asked, &cases)).await;
        told.is(200).says("2 sur 3\u{a0}dossiers traités").says("Documents demandés.");
        told.says("L’état du dossier ne le permet pas.");
        for (reference, state) in references.iter().zip(["waiting", "waiting", "decided"]) {
            assert_eq!(hall.state(reference).await, state);
        }
        agent
            .get(&format!("/agents/dossiers/{}", cases[0]))
            .await
            .says("Un plan coté")
            .says("Une attestation");
        let mails = hall.mails().await;
        assert!(mails.iter().any(|mail| mail.text.contains("Un plan coté")), "the requester is told");

        let told = agent.post("/agents/lot", &ticked(&[("lot-action", "recues")], &cases)).await;
        told.is(200).says("2 sur 3\u{a0}dossiers traités").says("Sorti de l’attente.");
        for (reference, state) in references.iter().zip(["instruction", "instruction", "decided"]) {
            assert_eq!(hall.state(reference).await, state);
        }
    });
}

#[test]
fn a_view_is_kept_counted_and_shared() {
    journey(Gate::Open, async |hall| {
        hall.deposit("un@example.org").await;
        let (_, agent) = hall.signed_in("agent@lunel.example", PLACE).await;
        let (_, colleague) = hall.signed_in("collegue@lunel.example", PLACE).await;
        indexed(hall);
        let own =
            [("page", "/agents/recherche"), ("adresse", "q=peyron&etat=ouverts"), ("nom", "Les Peyron")];
        agent.post("/agents/vues", &own).await.leads_to("/agents/recherche?q=peyron&etat=ouverts");
        let shared = [
            ("page", "/agents"),
            ("adresse", "service=domaine-public&etat=&demarche=&miens=1"),
            ("nom", "Nos suivis"),
            ("partage", "domaine-public"),
        ];
        agent.post("/agents/vues", &shared).await.is(303);
        let page = agent.get("/agents/vues").await;
        page.says("Les Peyron").says("Nos suivis").says("data-label=\"Dossiers\">1</td>");
        agent.get("/agents").await.says("Les Peyron");
        let theirs = colleague.get("/agents/vues").await;
        theirs.says("Nos suivis").is_silent_about("Les Peyron");
        theirs.is_silent_about("/retirer");
        // Nothing but our own pages is kept.
        let evil = [("page", "https://evil.example"), ("adresse", ""), ("nom", "x")];
        agent.post("/agents/vues", &evil).await.leads_to("/agents/vues");
        agent.get("/agents/vues").await.is_silent_about("evil");
        let other = [("page", "/agents"), ("adresse", ""), ("nom", "x"), ("partage", "etat-civil")];
        agent.post("/agents/vues", &other).await.is(404);
        let id = id_after(&page, "action=\"/agents/vues/");
        colleague.post(&format!("/agents/vues/{id}/retirer"), &[]).await.is(404);
        agent.post(&format!("/agents/vues/{id}/retirer"), &[]).await.leads_to("/agents/vues");
    });
}
