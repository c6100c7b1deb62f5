//! Steps of a case: what agents fill in, opinions by link and inside, tasks, what is done by itself, and a request that
//! is another administration's.

use beffroi_documents::Gate;
use beffroi_people::Role;
use chrono::TimeDelta;

use crate::browser::{Browser, Hall, PDF, journey};

const HERE: Option<(&str, Role)> = Some(("domaine-public", Role::Agent));

/// A case that an agent has taken up and moved to its first step: its page, its code.
async fn at_opinions(hall: &Hall<'_>, agent: &Browser<'_>) -> (String, String) {
    let (reference, code) = hall.deposit("gaspard@example.org").await;
    let base = format!("/agents/dossiers/{}", hall.case(&reference).await);
    agent.post(&format!("{base}/prendre"), &[]).await.leads_to(&format!("{base}?fait=prendre"));
    let steps = format!("{base}/etapes");
    agent
        .post(&format!("{steps}/passer"), &[("vue", ""), ("etape", "avis")])
        .await
        .leads_to(&format!("{steps}?fait=passer"));
    (base, code)
}

/// The personal link of the last mail to an expert.
async fn link(hall: &Hall<'_>, to: &str) -> String {
    let mails = hall.mails().await;
    let mail = mails.iter().find(|mail| mail.to == to).unwrap();
    let at = mail.text.find("/consultation/").unwrap();
    mail.text[at..].split_whitespace().next().unwrap().to_owned()
}

#[test]
fn an_expert_outside_sees_what_was_ticked_answers_once_and_nobody_else_learns_it() {
    journey(Gate::Open, async |hall| {
        let (_, agent) = hall.signed_in("agent@lunel.example", HERE).await;
        let (base, code) = at_opinions(hall, &agent).await;
        let steps = format!("{base}/etapes");
        agent.get(&steps).await.is(200).is_silent_about("name=\"action\" value=\"departement\"");

        // What the agent fills in opens the action.
        let filled = [("etape", "avis"), ("revision", "0"), ("route_departementale", "true")];
        agent
            .send(&format!("{steps}/remplir"), &filled, &[])
            .await
            .leads_to(&format!("{steps}?fait=remplir"));
        agent.get(&steps).await.says("name=\"action\" value=\"departement\"");
        let press = [("vue", "avis"), ("action", "departement"), ("expert", "Département de l’Hérault")];
        agent.post(&format!("{steps}/action"), &press).await.is(409).says("Donnez l’adresse électronique");
        let press = [&press[..], &[("courriel", "routes@herault.example")]].concat();
        agent.post(&format!("{steps}/action"), &press).await.leads_to(&format!("{steps}?fait=action"));

        let link = link(hall, "routes@herault.example").await;
        let expert = hall.browser();
        let page = expert.get(&link).await;
        page.is_private();
        page.is(200).says("3 rue Haute").says("Un déménagement").says("Département de l’Hérault");
        page.is_silent_about("Gaspard").is_silent_about("Peyron").is_silent_about("gaspard@example.org");
        expert.get(&format!("{link}0")).await.is(404);
        expert.post(&link, &[]).await.is(422).explains("sens", "Choisissez votre avis.");
        let wordless = [("sens", "with-reserves"), ("mots", "")];
        expert.post(&link, &wordless).await.is(422).explains("mots", "Écrivez vos réserves ou vos motifs.");
        let said = [("sens", "with-reserves"), ("mots", "Laisser une voie libre.")];
        let sent = expert.send(&link, &said, &[("fichiers", "plan.pdf", PDF)]).await;
        sent.leads_to(&format!("{link}?fait=avis"));
        // Whoever has answered needs the case no more, and cannot answer twice.
        expert.get(&format!("{link}?fait=avis")).await.says("Merci").is_silent_about("3 rue Haute");
        expert.send(&link, &said, &[]).await.is(409);

        hall.work();
        let page = agent.get(&steps).await;
        page.says("Favorable avec réserves").says("Laisser une voie libre.").says("plan.pdf");
        let file = format!("{steps}/documents/{}", page.between(&format!("{steps}/documents/"), "\""));
        assert_eq!(agent.get(&file).await.is(200).bytes, PDF);
        let (_, elsewhere) =
            hall.signed_in("ailleurs@lunel.example", Some(("etat-civil", Role::Agent))).await;
        elsewhere.get(&file).await.is(404);
        elsewhere.get(&steps).await.is(404);
        // The requester is told in neutral words.
        let page = hall.browser().follow(&code).await;
        page.says("Avis demandé").says("Avis rendu");
        page.is_silent_about("Laisser une voie libre").is_silent_about("Hérault").is_silent_about("plan.pdf");
        agent.get(&base).await.says("Demande d’avis ouverte par l’expert");
    });
}

#[test]
fn an_opinion_is_reminded_of_once_and_late_is_shown() {
    journey(Gate::Open, async |hall| {
        let (_, agent) = hall.signed_in("agent@lunel.example", HERE).await;
        let (base, _) = at_opinions(hall, &agent).await;
        let steps = format!("{base}/etapes");
        let ask = format!("{steps}/avis");
        let nothing = agent.post(&ask, &[("a", "expert"), ("question", "La rue est-elle libre ?")]).await;
        nothing.is(422).explains("expert", "Nommez la personne").says(">La rue est-elle libre ?</textarea>");
        let asked = [
            ("a", "expert"),
            ("expert", "Sapeurs-pompiers"),
            ("courriel", "sdis@herault.example"),
            ("question", "La rue est-elle libre ?"),
            ("partage", "lieu"),
            ("partage", "debut"),
        ];
        agent.post(&ask, &asked).await.leads_to(&format!("{steps}?fait=avis"));
        let first = link(hall, "sdis@herault.example").await;
        hall.work();
        hall.fixture.clock.advance(TimeDelta::days(19));
        tokio::task::block_in_place(|| hall.hour()).unwrap();
        tokio::task::block_in_place(|| hall.hour()).unwrap();
        let to_expert = |mails: Vec<beffroi_notify::mail::Mail>| {
            mails.into_iter().filter(|mail| mail.to == "sdis@herault.example").count()
        };
        assert_eq!(to_expert(hall.mails().await), 2, "the question, and one reminder");
        let second = link(hall, "sdis@herault.example").await;
        assert_ne!(first, second, "nobody here knows the first secret any more");
        hall.fixture.clock.advance(TimeDelta::days(5));
        let (_, agent) = hall.signed_in("collegue@lunel.example", HERE).await;
        agent.get(&steps).await.says("En retard");
        agent.get(&base).await.says("dont 1\u{a0}en retard");
        hall.browser().get(&first).await.is(200).says("En retard").says("3 rue Haute");
        // A question that is taken back is nobody's any more.
        let id = agent.get(&steps).await.between("name=\"avis\" value=\"", "\"");
        agent
            .post(&format!("{steps}/avis-annuler"), &[("avis", &id)])
            .await
            .leads_to(&format!("{steps}?fait=avis-annuler"));
        hall.browser().get(&second).await.is(404);
    });
}

#[test]
fn another_department_gives_its_opinion_without_seeing_the_case() {
    journey(Gate::Open, async |hall| {
        let (_, agent) = hall.signed_in("agent@lunel.example", HERE).await;
        let (_, other) = hall.signed_in("asso@lunel.example", Some(("vie-associative", Role::Agent))).await;
        let (base, _) = at_opinions(hall, &agent).await;
        let steps = format!("{base}/etapes");
        let asked = [
            ("a", "service"),
            ("service", "vie-associative"),
            ("question", "Une fête ce jour ?"),
            ("partage", "debut"),
        ];
        agent.post(&format!("{steps}/avis"), &asked).await.leads_to(&format!("{steps}?fait=avis"));
        let tasks = other.get("/agents/taches").await;
        tasks.says("Une fête ce jour ?");
        let page = format!("/agents/avis/{}", tasks.between("/agents/avis/", "\""));
        other
            .get(&page)
            .await
            .says("20 juillet 2026")
            .is_silent_about("Peyron")
            .is_silent_about("3 rue Haute");
        other.get(&base).await.is(404);
        agent.get(&page).await.is(404);
        let said = [("sens", "favourable"), ("mots", "")];
        other.post(&page, &said).await.leads_to("/agents/taches?fait=avis-rendu");
        other.post(&page, &said).await.is(409);
        agent.get(&steps).await.says("Favorable").says("Service vie-associative");
    });
}

#[test]
fn a_task_is_given_done_and_taken_up_again() {
    journey(Gate::Open, async |hall| {
        let (account, agent) = hall.signed_in("agent@lunel.example", HERE).await;
        let (base, _) = at_opinions(hall, &agent).await;
        let steps = format!("{base}/etapes");
        let give = format!("{steps}/tache");
        agent
            .post(&give, &[("service", "domaine-public")])
            .await
            .is(422)
            .explains("tache", "Dites ce qu’il y a à faire.");
        let wrong = [("tache", "Mesurer"), ("service", "etat-civil"), ("agent", &account.to_string())];
        agent.post(&give, &wrong).await.is(422).says(">Mesurer</textarea>");
        let given = [
            ("tache", "Mesurer le trottoir"),
            ("service", "domaine-public"),
            ("agent", &account.to_string()),
        ];
        agent.post(&give, &given).await.leads_to(&format!("{steps}?fait=tache"));
        let list = agent.get("/agents/taches").await;
        list.says("Mesurer le trottoir");
        let task = list.between("action=\"/agents/taches/", "\"");
        let (_, elsewhere) =
            hall.signed_in("ailleurs@lunel.example", Some(("etat-civil", Role::Agent))).await;
        elsewhere.get("/agents/taches?pour=service").await.is_silent_about("Mesurer");
        elsewhere.post(&format!("/agents/taches/{task}"), &[]).await.is(404);
        agent.post(&format!("/agents/taches/{task}"), &[]).await.leads_to("/agents/taches?fait=tache-faite");
        agent.get("/agents/taches").await.is_silent_about("Mesurer le trottoir");
        agent.get(&steps).await.says("Fait le");
        agent
            .post(&format!("{steps}/tache-reprise"), &[("tache", &task)])
            .await
            .leads_to(&format!("{steps}?fait=tache-reprise"));
        agent.get("/agents/taches").await.says("Mesurer le trottoir");
    });
}

#[test]
fn of_two_agents_one_wins_and_the_other_loses_nothing() {
    journey(Gate::Open, async |hall| {
        let (_, agent) = hall.signed_in("agent@lunel.example", HERE).await;
        let (base, _) = at_opinions(hall, &agent).await;
        let steps = format!("{base}/etapes");
        let (_, second) = hall.signed_in("collegue@lunel.example", HERE).await;
        let fill = format!("{steps}/remplir");
        let of = |answer| [("etape", "avis"), ("revision", "0"), ("route_departementale", answer)];
        agent.send(&fill, &of("true"), &[]).await.is(303);
        let told = second.send(&fill, &of("false"), &[]).await;
        told.is(409).says("a changé entre-temps");
        assert!(
            told.between("id=\"route_departementale-2\"", ">").contains("checked"),
            "what was typed stays"
        );
        // Both had the case before their eyes in the first step.
        agent.post(&format!("{steps}/passer"), &[("vue", "avis"), ("etape", "arrete")]).await.is(303);
        let late = second.post(&format!("{steps}/passer"), &[("vue", "avis"), ("etape", "arrete")]).await;
        late.is(409).says("a changé entre-temps");
        second.post(&format!("{steps}/action"), &[("vue", "avis"), ("action", "departement")]).await.is(409);
        // The step brought its task, once, with the answers put in.
        second.get(&steps).await.says("panneaux d’interdiction de stationner pour 3 rue Haute, 34400 Lunel");
        // A step whose condition is not met is not offered.
        second.get(&steps).await.is_silent_about("value=\"visite\"");
        let closed = second.post(&format!("{steps}/passer"), &[("vue", "arrete"), ("etape", "visite")]).await;
        closed.is(409).says("n’est pas ouverte");
        agent.post(&format!("{steps}/passer"), &[("vue", "arrete"), ("etape", "lune")]).await.is(404);
    });
}

#[test]
fn what_agents_filled_in_is_read_in_the_order() {
    journey(Gate::Open, async |hall| {
        let (_, agent) = hall.signed_in("agent@lunel.example", HERE).await;
        let (base, code) = at_opinions(hall, &agent).await;
        let steps = format!("{base}/etapes");
        let fill = format!("{steps}/remplir");
        agent
            .send(&fill, &[("etape", "avis"), ("revision", "0"), ("visite_utile", "true")], &[])
            .await
            .is(303);
        agent.post(&format!("{steps}/passer"), &[("vue", "avis"), ("etape", "visite")]).await.is(303);
        let half =
            [("etape", "visite"), ("revision", "0"), ("passage", "1,5"), ("constat", "Trottoir large.")];
        let told = agent.send(&fill, &half, &[("photos", "rue.pdf", PDF)]).await;
        told.is(422).says("<a href=\"#date\">").says(">Trottoir large.</textarea>").says("rue.pdf");
        let document = told.between("name=\"photos\" value=\"", "\"");
        let whole = [
            ("etape", "visite"),
            ("revision", "0"),
            ("date-day", "5"),
            ("date-month", "6"),
            ("date-year", "2026"),
            ("passage", "1,5"),
            ("constat", "Trottoir large."),
            ("prescriptions", "Un homme-trafic guide les piétons."),
            ("photos", document.as_str()),
        ];
        agent.send(&fill, &whole, &[]).await.leads_to(&format!("{steps}?fait=remplir"));
        hall.work();
        agent.post(&format!("{steps}/passer"), &[("vue", "visite"), ("etape", "arrete")]).await.is(303);
        let page = agent.get(&steps).await;
        page.says("Un homme-trafic guide les piétons.").says("1,5\u{a0}m").says("rue.pdf");
        agent.get(&format!("{steps}/documents/{document}")).await.is(200);
        // The requester does not read what agents note of a visit.
        let public = hall.browser();
        public
            .follow(&code)
            .await
            .says("Visite sur place")
            .is_silent_about("homme-trafic")
            .is_silent_about("rue.pdf");
        public.get(&format!("/suivi/documents/{document}")).await.is(404);
        let decision = [("outcome", "granted"), ("reasons", "Le trottoir est large.")];
        agent.post(&format!("{base}/decision"), &decision).await.leads_to(&format!("{base}?fait=decision"));
        hall.work();
        let paper = public.get("/suivi/decision.pdf").await;
        assert!(paper.is(200).bytes.starts_with(b"%PDF"));
    });
}

#[test]
fn what_is_done_by_itself_is_done_once() {
    journey(Gate::Open, async |hall| {
        let (_, agent) = hall.signed_in("agent@lunel.example", HERE).await;
        let (base, _) = at_opinions(hall, &agent).await;
        let reminders = |mails: Vec<beffroi_notify::mail::Mail>| {
            mails.into_iter().filter(|mail| mail.subject.starts_with("Rappel sur le dossier")).count()
        };
        tokio::task::block_in_place(|| hall.hour()).unwrap();
        assert_eq!(reminders(hall.mails().await), 0);
        hall.fixture.clock.advance(TimeDelta::days(14));
        tokio::task::block_in_place(|| hall.hour()).unwrap();
        tokio::task::block_in_place(|| hall.hour()).unwrap();
        assert_eq!(reminders(hall.mails().await), 1);
        let told = hall.mails().await;
        let told = told.iter().find(|mail| mail.subject.starts_with("Rappel sur le dossier")).unwrap();
        assert_eq!(told.to, "agent@lunel.example");
        assert!(told.text.contains(&format!("{base}/etapes")));
        let (_, agent) = hall.signed_in("collegue@lunel.example", HERE).await;
        agent.get(&base).await.says("les avis sont-ils arrivés");
        // What a step would have done is forgotten when the case leaves it.
        agent.post(&format!("{base}/etapes/passer"), &[("vue", "avis"), ("etape", "arrete")]).await.is(303);
        let waiting: i64 = hall.value("SELECT COUNT(*) FROM case_timer WHERE step = $1", "avis").await;
        assert_eq!(waiting, 0);
    });
}

#[test]
fn a_request_that_is_anothers_is_handed_over_and_its_clock_explained() {
    journey(Gate::Open, async |hall| {
        let (_, agent) = hall.signed_in("agent@lunel.example", HERE).await;
        let (base, code) = at_opinions(hall, &agent).await;
        let steps = format!("{base}/etapes");
        let out = format!("{steps}/transmise");
        let told = agent.post(&out, &[("organisme", "Département de l’Hérault")]).await;
        told.is(422).explains("raisons", "Donnez les motifs de la décision.");
        told.says("value=\"Département de l’Hérault\"");
        let words = [
            ("organisme", "Département de l’Hérault"),
            ("contact", "routes@herault.example"),
            ("raisons", "La route est départementale, hors agglomération."),
        ];
        agent.post(&out, &words).await.leads_to(&format!("{steps}?fait=transmise"));
        agent.post(&out, &words).await.is(409);
        agent.get(&steps).await.says("Transmise").says("réputée refusée le");
        agent
            .post(&format!("{steps}/tache"), &[("tache", "Trop tard"), ("service", "domaine-public")])
            .await
            .is(409);
        let public = hall.browser();
        let page = public.follow(&code).await;
        page.says("Transmise à l’administration compétente").says("Département de l’Hérault");
        page.says("hors agglomération").says("court depuis sa réception à la mairie").says("L114-3");
        let mails = hall.mails().await;
        assert!(
            mails.iter().any(|mail| mail.to == "gaspard@example.org" && mail.subject.contains("transmise"))
        );
        let day = [("recue-day", "1"), ("recue-month", "1"), ("recue-year", "2030")];
        agent
            .post(&format!("{steps}/transmise-recue"), &day)
            .await
            .is(422)
            .explains("recue", "Donnez un jour");
    });
}

#[test]
fn an_unreadable_agent_takes_a_case_from_nobody() {
    journey(Gate::Open, async |hall| {
        let (account, agent) = hall.signed_in("agent@lunel.example", HERE).await;
        let (base, _) = at_opinions(hall, &agent).await;
        let give = format!("{base}/attribuer");
        agent.post(&give, &[("agent", "personne-du-tout")]).await.is(422);
        let kept: uuid::Uuid = hall.value("SELECT assignee FROM cases", "").await;
        assert_eq!(kept, account.uuid());
        agent.post(&give, &[("agent", "")]).await.leads_to(&format!("{base}?fait=attribuer"));
        // Who is handed the case in another department begins without its agent, who may not read it there.
        agent.post(&give, &[("agent", &account.to_string())]).await.is(303);
        agent.post(&format!("{base}/transmettre"), &[("service", "etat-civil")]).await.is(303);
        let nobody: Option<uuid::Uuid> = hall.value("SELECT assignee FROM cases", "").await;
        assert_eq!(nobody, None);
    });
}

#[test]
fn the_way_of_a_procedure_is_drawn_and_told() {
    journey(Gate::Open, async |hall| {
        let (_, agent) = hall.signed_in("agent@lunel.example", HERE).await;
        let page = agent.get("/agents/demarches/occupation-domaine-public/etapes").await;
        page.is(200)
            .says("<svg class=\"diagram\"")
            .says("Visite sur place")
            .says("avant la décision implicite");
        page.says("Lire le parcours en texte").says("Ensuite\u{a0}: Arrêté en préparation");
        agent.get("/agents/demarches/nulle-part/etapes").await.is(404);
        let (_, citizen) = hall.signed_in("marie@example.org", None).await;
        citizen.get("/agents/demarches/occupation-domaine-public/etapes").await.is(404);
    });
}
