//! An agent at the page of a case: what cannot be done is explained, and nothing typed is lost.

use beffroi_documents::Gate;
use beffroi_people::Role;
use chrono::TimeDelta;

use crate::browser::{PDF, journey};

#[test]
fn what_a_decision_lacks_is_told_at_once_and_what_was_typed_stays() {
    journey(Gate::Open, async |hall| {
        let (reference, _) = hall.deposit("gaspard@example.org").await;
        let (_, agent) = hall.signed_in("agent@lunel.example", Some(("domaine-public", Role::Agent))).await;
        let base = format!("/agents/dossiers/{}", hall.case(&reference).await);
        agent.post(&format!("{base}/prendre"), &[]).await.leads_to(&format!("{base}?fait=prendre"));
        let decision = format!("{base}/decision");

        let half = [("reasons", "Le trottoir est trop étroit.")];
        let told = agent.post(&decision, &half).await;
        told.is(422).explains("outcome", "Choisissez une décision.");
        told.says(">Le trottoir est trop étroit.</textarea>").says("Camille Bastide, la maire");
        agent
            .post(&decision, &[])
            .await
            .explains("outcome", "Choisissez une décision.")
            .explains("reasons", "Donnez les motifs de la décision.");

        let long = "é".repeat(10_001);
        let told = agent.post(&decision, &[("outcome", "granted"), ("reasons", &long)]).await;
        told.is(422)
            .explains("reasons", "Écrivez 10\u{202f}000\u{a0}caractères au plus.")
            .says(&format!(">{long}</textarea>"));
        let told = agent.post(&format!("{base}/message"), &[("message", &long)]).await;
        told.is(422)
            .explains("message", "Écrivez 10\u{202f}000\u{a0}caractères au plus.")
            .says(&format!(">{long}</textarea>"));
        // The address of a form leads back to the case.
        agent.get(&decision).await.leads_to(&base);
        assert_eq!(hall.state(&reference).await, "instruction");
    });
}

#[test]
fn what_an_agent_wrote_until_the_session_ended_is_handed_back_and_can_be_sent_again() {
    journey(Gate::Open, async |hall| {
        let (reference, _) = hall.deposit("gaspard@example.org").await;
        let place = Some(("domaine-public", Role::Agent));
        let (_, agent) = hall.signed_in("agent@lunel.example", place).await;
        let base = format!("/agents/dossiers/{}", hall.case(&reference).await);
        agent.post(&format!("{base}/prendre"), &[]).await;
        let message = format!("{base}/message");
        let written = [("message", "Bonjour,\r\n\r\nVotre plan est <illisible>.")];
        hall.fixture.clock.advance(TimeDelta::minutes(16));
        let kept = agent.post(&message, &written).await;
        kept.is(401)
            .says("rien de ce que vous avez saisi n’est perdu")
            .says(&format!("action=\"{message}\""));
        kept.says("name=\"message\" value=\"Bonjour,\n\nVotre plan est &#60;illisible&#62;.\"");
        assert_eq!(kept.body.matches("Votre plan est &#60;illisible&#62;.").count(), 2, "to be read, too");
        // Nothing was sent to an address, and nothing typed leads as before to the door.
        agent.get(&base).await.is(303);
        agent.post(&message, &[]).await.is(303);

        // A page with a choice of files is read before it is known that nobody is signed in.
        let entered = crate::counter::entered(crate::counter::KEY, "counter", crate::counter::TODAY);
        let kept = agent.send(crate::counter::COUNTER, &entered, &[("plan", "plan.pdf", PDF)]).await;
        kept.is(401).says("value=\"Par lettre.\"").says("il faudra les choisir une nouvelle fois");

        let (_, back) = hall.signed_in("collegue@lunel.example", place).await;
        back.post(&message, &written).await.leads_to(&format!("{base}?fait=message"));
    });
}

#[test]
fn the_requester_sees_which_step_of_the_procedure_is_reached() {
    journey(Gate::Open, async |hall| {
        let (reference, code) = hall.deposit("gaspard@example.org").await;
        let (_, agent) = hall.signed_in("agent@lunel.example", Some(("domaine-public", Role::Agent))).await;
        let base = format!("/agents/dossiers/{}", hall.case(&reference).await);
        let step = format!("{base}/etape");
        // Nobody works on it yet, and no other step is known.
        agent.post(&step, &[("etape", "avis")]).await.is(409);
        agent.post(&format!("{base}/prendre"), &[]).await;
        agent.post(&step, &[("etape", "fin-du-monde")]).await.is(404);
        agent.post(&step, &[]).await.is(422).explains("etape", "Choisissez une étape.");
        agent.post(&step, &[("etape", "avis")]).await.leads_to(&format!("{base}?fait=etape"));
        agent.get(&base).await.says("<strong>Avis des services techniques</strong>");
        let page = hall.browser().follow(&code).await;
        page.says("Étape atteinte").says("Arrêté en préparation");
        assert!(page.between("stages__item--current", "</li>").contains("Avis des services techniques"));
    });
}

#[test]
fn a_request_for_documents_keeps_its_list_when_the_day_is_wrong() {
    journey(Gate::Open, async |hall| {
        let (reference, _) = hall.deposit("gaspard@example.org").await;
        let (_, agent) = hall.signed_in("agent@lunel.example", Some(("domaine-public", Role::Agent))).await;
        let base = format!("/agents/dossiers/{}", hall.case(&reference).await);
        agent.post(&format!("{base}/prendre"), &[]).await;
        let past = [
            ("pieces", "Contrat du déménageur"),
            ("deadline-day", "1"),
            ("deadline-month", "2"),
            ("deadline-year", "2026"),
        ];
        let told = agent.post(&format!("{base}/pieces"), &past).await;
        told.is(422).explains("deadline", "Donnez une date à venir.");
        told.says(">Contrat du déménageur</textarea>")
            .says("name=\"deadline-month\" type=\"text\" inputmode=\"numeric\" value=\"2\"");
        assert_eq!(hall.state(&reference).await, "instruction");
    });
}

#[test]
fn who_comes_second_sees_where_the_case_stands_and_keeps_the_words() {
    journey(Gate::Open, async |hall| {
        let (reference, _) = hall.deposit("gaspard@example.org").await;
        let (_, first) = hall.signed_in("agent@lunel.example", Some(("domaine-public", Role::Agent))).await;
        let (_, second) = hall.signed_in("autre@lunel.example", Some(("domaine-public", Role::Agent))).await;
        let base = format!("/agents/dossiers/{}", hall.case(&reference).await);
        let decided = [("outcome", "granted"), ("reasons", "Le passage reste libre.")];
        first.post(&format!("{base}/prendre"), &[]).await;
        first.post(&format!("{base}/decision"), &decided).await.leads_to(&format!("{base}?fait=decision"));
        let late = [("reasons", "Il manque un plan."), ("outcome", "refused")];
        let told = second.post(&format!("{base}/decision"), &late).await;
        told.is(409).says("Ce dossier a changé entre-temps").says("2026-ARR-0001").says("Il manque un plan.");
        second.post(&format!("{base}/pieces"), &[("pieces", "Plan")]).await.is(409).says("Plan</p>");
        // Another department is not told that there is a case.
        let (_, other) = hall.signed_in("etat@lunel.example", Some(("etat-civil", Role::Agent))).await;
        other.post(&format!("{base}/decision"), &late).await.is(404);
    });
}

#[test]
fn a_case_is_given_only_to_who_handles_those_of_its_department() {
    journey(Gate::Open, async |hall| {
        let (reference, _) = hall.deposit("gaspard@example.org").await;
        let (_, agent) = hall.signed_in("agent@lunel.example", Some(("domaine-public", Role::Agent))).await;
        let (colleague, _) =
            hall.signed_in("tom@lunel.example", Some(("domaine-public", Role::HeadOfDepartment))).await;
        let (reader, _) = hall.signed_in("dgs@lunel.example", Some(("domaine-public", Role::Manager))).await;
        let (stranger, _) = hall.signed_in("etat@lunel.example", Some(("etat-civil", Role::Agent))).await;
        let (everywhere, _) = hall.signed_in("maire@lunel.example", Some(("", Role::Agent))).await;
        let base = format!("/agents/dossiers/{}", hall.case(&reference).await);
        let page = agent.get(&base).await;
        let offered = page.between("<select class=\"govuk-select\" id=\"agent\"", "</select>");
        for (who, is_offered) in [(colleague, true), (everywhere, true), (reader, false), (stranger, false)] {
            assert_eq!(offered.contains(&who.to_string()), is_offered, "{who} {offered}");
            let told = agent.post(&format!("{base}/attribuer"), &[("agent", &who.to_string())]).await;
            if is_offered {
                told.leads_to(&format!("{base}?fait=attribuer"));
            } else {
                told.is(422).explains("agent", "Choisissez un agent qui traite les dossiers de ce service.");
            }
        }
        let given: uuid::Uuid =
            hall.value("SELECT assignee FROM cases WHERE reference = $1", &reference).await;
        assert_eq!(given, everywhere.uuid());
        agent.post(&format!("{base}/attribuer"), &[("agent", "")]).await.is(303);
        let free: i64 = hall.value("SELECT COUNT(*) FROM cases WHERE assignee IS NULL", "").await;
        assert_eq!(free, 1);
    });
}

#[test]
fn who_hands_a_case_over_to_a_department_of_others_comes_back_to_the_list() {
    journey(Gate::Open, async |hall| {
        let (reference, _) = hall.deposit("gaspard@example.org").await;
        let (_, agent) = hall.signed_in("agent@lunel.example", Some(("domaine-public", Role::Agent))).await;
        let (_, other) = hall.signed_in("etat@lunel.example", Some(("etat-civil", Role::Agent))).await;
        let base = format!("/agents/dossiers/{}", hall.case(&reference).await);
        let there = [("service", "etat-civil")];
        agent.post(&format!("{base}/transmettre"), &there).await.leads_to("/agents?fait=transmettre");
        agent.get("/agents?fait=transmettre").await.is(200).says("Le dossier est transmis.");
        agent.get("/agents?fait=autre").await.is(200).is_silent_about("Le dossier est transmis.");
        agent.get(&base).await.is(404);
        // Who may read it there stays with it.
        let (_, everywhere) = hall.signed_in("maire@lunel.example", Some(("", Role::Agent))).await;
        let there = [("service", "vie-associative")];
        everywhere
            .post(&format!("{base}/transmettre"), &there)
            .await
            .leads_to(&format!("{base}?fait=transmettre"));
        other.get(&base).await.is(404);
    });
}

#[test]
fn the_last_day_of_a_term_is_one_day() {
    journey(Gate::Open, async |hall| {
        hall.deposit("gaspard@example.org").await;
        let (_, agent) = hall.signed_in("agent@lunel.example", Some(("domaine-public", Role::Agent))).await;
        for (day, left) in
            [("2026-06-04", "1 jour, avant le 4 juin 2026"), ("2026-06-05", "2 jours, avant le 5 juin")]
        {
            hall.execute("UPDATE cases SET deemed_on = $1", &day.to_owned()).await;
            agent.get("/agents").await.says(left);
        }
    });
}

#[test]
fn who_sees_several_departments_sees_them_together_until_one_is_chosen() {
    journey(Gate::Open, async |hall| {
        let (removal, _) = hall.deposit("gaspard@example.org").await;
        let (written, _) = hall.deposit_for("ecrire-a-la-mairie", &letter()).await;
        let (_, manager) = hall.signed_in("dgs@lunel.example", Some(("", Role::Manager))).await;
        let page = manager.get("/agents").await;
        page.is(200)
            .says("Tous mes services</h1>")
            .says(&removal)
            .says(&written)
            .says("<strong>2</strong> À traiter")
            .says("<span class=\"quiet\">Service domaine-public</span>")
            .says("href=\"/agents?service=&#38;etat=received\"");
        manager.get("/agents?service=domaine-public").await.says(&removal).is_silent_about(&written);
        // A department that is not theirs is none.
        manager.get("/agents?service=rien").await.is(200).says(&removal).says(&written);
        let (_, agent) = hall.signed_in("agent@lunel.example", Some(("domaine-public", Role::Agent))).await;
        agent.get("/agents").await.is(200).says("Service domaine-public</h1>").is_silent_about(&written);
    });
}

#[test]
fn the_count_of_what_is_late_leads_to_what_is_late() {
    journey(Gate::Open, async |hall| {
        let (old, _) = hall.deposit("gaspard@example.org").await;
        // Received on 3 June, deemed refused on 4 August; the second one has until October.
        hall.fixture.clock.advance(TimeDelta::days(63));
        let (new, _) = hall.deposit_for("ecrire-a-la-mairie", &letter()).await;
        let place = Some(("accueil", Role::Agent));
        let (_, elsewhere) = hall.signed_in("accueil@lunel.example", place).await;
        elsewhere.get("/agents").await.says(&new).says("<strong>0</strong> en retard");
        elsewhere.get("/agents?retard=1").await.is(200).is_silent_about(&new).is_silent_about(&old);
        let (_, agent) = hall.signed_in("agent@lunel.example", Some(("domaine-public", Role::Agent))).await;
        let page = agent.get("/agents").await;
        page.says("href=\"/agents?service=domaine-public&#38;retard=1\"")
            .says("<strong>1</strong> en retard");
        let late = agent.get("/agents?service=domaine-public&retard=1").await;
        late.is(200).says(&old);
        assert!(late.between("retard=1\"", ">").contains("aria-current"), "{}", late.body);
        agent.get("/agents?service=domaine-public&retard=1&etat=decided").await.is_silent_about(&old);
    });
}

/// What anybody may write to the town.
fn letter() -> serde_json::Value {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../catalogue/trials/ecrire-a-la-mairie.json");
    let recorded: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    recorded.get("right").unwrap().clone()
}
