//! The mail room: letters and e-mails become cases or join one, with the legal day of their arrival; and every door
//! gives the same receipt.

use beffroi_documents::Gate;
use beffroi_mailroom::{Nature, NewItem, Source, item};
use beffroi_people::Role;
use beffroi_store::{By, StoreError};

use crate::{
    browser::{Browser, Hall, PDF, journey, removal},
    counter::{COUNTER, KEY, entered},
};

const ROOM: &str = "/agents/courrier-arrivee";

async fn agent<'h>(hall: &'h Hall<'h>, email: &str, department: &str) -> Browser<'h> {
    hall.signed_in(email, Some((department, Role::Agent))).await.1
}

/// An e-mail that was fetched.
async fn mail(hall: &Hall<'_>, subject: &str, body: &str, day: &str) -> String {
    let new = NewItem {
        source: Source::Email,
        department: "domaine-public".to_owned(),
        mailbox: None,
        sender_name: "Gaspard Peyron".to_owned(),
        sender_email: "gaspard@example.org".to_owned(),
        subject: subject.to_owned(),
        body: body.to_owned(),
        nature: Nature::Ordinary,
        arrived_on: day.parse().unwrap(),
        entered_by: None,
    };
    let kept =
        hall.fixture.commune.write(By::SYSTEM, move |tx| -> Result<_, StoreError> { item::keep(tx, &new) });
    kept.await.unwrap().to_string()
}

#[test]
fn a_scanned_letter_becomes_a_case_of_the_day_on_which_it_came() {
    journey(Gate::Open, async |hall| {
        let own = agent(hall, "tom@lunel.example", "domaine-public").await;
        own.get(ROOM).await.is(200).says("Rien n’attend");
        own.send(ROOM, &[("recue-day", "20"), ("recue-month", "5"), ("recue-year", "2026")], &[])
            .await
            .is(422)
            .explains("lettre", "Choisissez au moins un fichier.");
        let files =
            [("lettre", "galtier.pdf", PDF), ("lettre", "autre.pdf", b"%PDF-1.7\nx\n%%EOF\n" as &[u8])];
        let scan = [
            ("recue-day", "20"),
            ("recue-month", "5"),
            ("recue-year", "2026"),
            ("lettres", "chacun"),
            ("expediteur", "Augustine Galtier"),
        ];
        own.send(ROOM, &scan, &files).await.leads_to(&format!("{ROOM}?fait=lettre"));
        let list = own.get(ROOM).await;
        list.says("2 courriers attendent.").says("galtier.pdf").says("20 mai 2026");
        // Both came at the same moment: the one is told from the other by its name.
        let before = list.body.split("galtier.pdf").next().unwrap();
        let item = before.rsplit(&format!("{ROOM}/")).next().unwrap().split('"').next().unwrap();
        let page = format!("{ROOM}/{item}");
        own.get(&page).await.is(200).says("galtier.pdf");
        own.post(&format!("{page}/demarche"), &[])
            .await
            .is(422)
            .explains("demarche", "Choisissez la démarche.");
        let begun = own.post(&format!("{page}/demarche"), &[("demarche", "occupation-domaine-public")]).await;
        begun.leads_to(&format!("{COUNTER}?courrier={item}"));
        let blank = own.get(&begun.location).await;
        blank
            .is(200)
            .says("value=\"Galtier\"")
            .says("galtier.pdf")
            .says("value=\"20\"")
            .says("name=\"courrier\"")
            // The scan is at hand, in a tab of its own, while it is typed.
            .says(&format!("href=\"{ROOM}/{item}/documents/"));

        let mut typed = entered(KEY, "paper", ["20", "5", "2026"]);
        typed.push(("courrier", item));
        let sent = own.send(COUNTER, &typed, &[]).await;
        assert_eq!(sent.status, 303, "{}", sent.body);
        let received: String = hall.value("SELECT received_on FROM cases WHERE channel = $1", "paper").await;
        assert_eq!(received, "2026-05-20");
        let case: uuid::Uuid = hall.value("SELECT id FROM cases", "").await;
        own.get(&format!("/agents/dossiers/{case}")).await.says("galtier.pdf");
        own.get(&page).await.is(200).says("Devenu une demande").is_silent_about("Joindre au dossier");
        own.get(ROOM).await.says("Un courrier attend.");
        // Again, the same click makes nothing more; another page finds that it is settled.
        own.send(COUNTER, &typed, &[]).await.leads_to(&sent.location);
        let mut late = entered("fedcba9876543210fedcba9876543210", "paper", ["20", "5", "2026"]);
        late.push(("courrier", item));
        own.send(COUNTER, &late, &[]).await.is(409);
    });
}

#[test]
fn a_mail_joins_the_case_that_it_names_and_completes_it() {
    journey(Gate::Open, async |hall| {
        let (reference, code) = hall.deposit("gaspard@example.org").await;
        let own = agent(hall, "tom@lunel.example", "domaine-public").await;
        let case = hall.case(&reference).await;
        let asked = [("pieces", "Plan"), ("deadline-day", ""), ("deadline-month", ""), ("deadline-year", "")];
        own.post(&format!("/agents/dossiers/{case}/pieces"), &asked).await;
        let subject = format!("Re: votre demande {}", reference.to_lowercase());
        let item = mail(hall, &subject, "Voici le plan.", "2026-06-03").await;
        let page = format!("{ROOM}/{item}");
        own.get(&page).await.is(200).says(&format!("value=\"{reference}\"")).says("Voici le plan.");
        own.post(&format!("{page}/dossier"), &[("autre", "2026-2222222")])
            .await
            .is(422)
            .explains("autre", "Aucun dossier de vos services");
        let joined =
            own.post(&format!("{page}/dossier"), &[("dossier", &reference), ("complet", "true")]).await;
        joined.leads_to(&format!("{page}?fait=dossier"));
        assert_eq!(hall.state(&reference).await, "instruction");
        hall.browser().follow(&code).await.says("Voici le plan.");
        let again = own.post(&format!("{page}/dossier"), &[("dossier", &reference)]).await;
        again.is(422).says("Un collègue vient de traiter ce courrier.");
        // By the sender's address alone, without a reference.
        hall.execute(
            "UPDATE department SET sector = $1 WHERE slug = 'domaine-public'",
            &"town-planning".to_owned(),
        )
        .await;
        let other = mail(hall, "Bonjour", "Une question.", "2026-06-03").await;
        own.get(&format!("{ROOM}/{other}")).await.says(&format!("value=\"{reference}\""));
    });
}

#[test]
fn a_letter_joins_a_case_that_is_found_by_name_and_counts_from_the_day_on_which_it_came() {
    journey(Gate::Open, async |hall| {
        let (reference, _) = hall.deposit("gaspard@example.org").await;
        let own = agent(hall, "tom@lunel.example", "domaine-public").await;
        let case = hall.case(&reference).await;
        own.post(&format!("/agents/dossiers/{case}/prendre"), &[]).await;
        let asked = [("pieces", "Plan"), ("deadline-day", ""), ("deadline-month", ""), ("deadline-year", "")];
        own.post(&format!("/agents/dossiers/{case}/pieces"), &asked).await;
        hall.execute("UPDATE cases SET received_on = $1", &"2026-05-20".to_owned()).await;
        hall.execute("UPDATE document_request SET asked_on = $1", &"2026-05-26".to_owned()).await;
        // The index reads what is new a few seconds later.
        hall.work();
        hall.fixture.clock.advance(chrono::TimeDelta::seconds(4));
        hall.work();
        let scan = [("recue-day", "29"), ("recue-month", "5"), ("recue-year", "2026"), ("lettres", "chacun")];
        own.send(ROOM, &scan, &[("lettre", "scan0001.pdf", PDF)])
            .await
            .leads_to(&format!("{ROOM}?fait=lettre"));
        let item: uuid::Uuid = hall.value("SELECT id FROM mail_item", "").await;
        let page = format!("{ROOM}/{item}");
        // What it is, and the paper itself beside the forms.
        let shown = own.get(&page).await;
        shown.says("Lettre numérisée (scan0001.pdf)").says("<iframe class=\"scan\"");
        let join = format!("{page}/dossier");
        own.post(&join, &[("autre", "Nessuno"), ("chercher", "1")])
            .await
            .is(422)
            .explains("autre", "Aucun dossier de vos services");
        let found = own.post(&join, &[("autre", "peyron"), ("chercher", "1"), ("complet", "true")]).await;
        found
            .is(200)
            .says("Dossiers trouvés")
            .says(&format!("name=\"trouve\" type=\"radio\" value=\"{reference}\""));
        assert!(found.between("name=\"complet\"", ">").contains("checked"), "what was ticked stays");
        // A name alone joins nothing: the case is chosen.
        own.post(&join, &[("autre", "peyron")]).await.is(422).explains("trouve", "Choisissez le dossier");
        let elsewhere = agent(hall, "samira@lunel.example", "etat-civil").await;
        elsewhere.post(&join, &[("autre", "peyron"), ("chercher", "1")]).await.is(404);
        let joined = own.post(&join, &[("autre", ""), ("trouve", &reference), ("complet", "true")]).await;
        joined.leads_to(&format!("{page}?fait=dossier"));
        assert_eq!(hall.state(&reference).await, "instruction");
        let arrived: String = hall.value("SELECT CAST(arrived_on AS TEXT) FROM document_request", "").await;
        assert_eq!(arrived, "2026-05-29", "the day of the letter, not of the click");
    });
}

#[test]
fn what_comes_once_a_case_is_decided_is_joined_and_moves_nothing() {
    journey(Gate::Open, async |hall| {
        let (reference, code) = hall.deposit("gaspard@example.org").await;
        let own = agent(hall, "tom@lunel.example", "domaine-public").await;
        let base = format!("/agents/dossiers/{}", hall.case(&reference).await);
        own.post(&format!("{base}/prendre"), &[]).await;
        let granted = [("outcome", "granted"), ("reasons", "Le lieu convient.")];
        own.post(&format!("{base}/decision"), &granted).await.leads_to(&format!("{base}?fait=decision"));
        let clock: String = hall.value("SELECT deemed_on FROM cases WHERE reference = $1", &reference).await;
        let scan = [
            ("recue-day", "3"),
            ("recue-month", "6"),
            ("recue-year", "2026"),
            ("lettres", "chacun"),
            ("objet", "Recours"),
        ];
        own.send(ROOM, &scan, &[("lettre", "recours.pdf", PDF)]).await;
        let letter: uuid::Uuid = hall.value("SELECT id FROM mail_item", "").await;
        let message = mail(hall, "Recours", "Je conteste cette décision.", "2026-06-03").await;
        for item in [letter.to_string(), message] {
            let page = format!("{ROOM}/{item}");
            let joined =
                own.post(&format!("{page}/dossier"), &[("autre", &reference), ("complet", "true")]).await;
            joined.leads_to(&format!("{page}?fait=dossier-decide"));
            own.get(&joined.location).await.says("Le délai ne change pas.");
        }
        own.get(&base).await.says("recours.pdf").says("Je conteste cette décision.");
        hall.browser().follow(&code).await.says("Je conteste cette décision.");
        assert_eq!(hall.state(&reference).await, "decided");
        let after: String = hall.value("SELECT deemed_on FROM cases WHERE reference = $1", &reference).await;
        assert_eq!(clock, after);
        // Withdrawn, a case takes nothing; and the item waits.
        let (gone, code) = hall.deposit("gaspard@example.org").await;
        let requester = hall.browser();
        requester.follow(&code).await;
        hall.execute("UPDATE cases SET state = 'withdrawn', is_open = FALSE WHERE reference = $1", &gone)
            .await;
        let late = mail(hall, "Bonjour", "Trop tard.", "2026-06-03").await;
        let page = format!("{ROOM}/{late}");
        own.post(&format!("{page}/dossier"), &[("autre", &gone)]).await.is(422);
        own.get(&page).await.says("Joindre au dossier");
    });
}

#[test]
fn a_message_is_taken_like_a_letter_on_its_day_however_old_and_when_the_procedure_is_closed() {
    journey(Gate::Open, async |hall| {
        let mut procedure = crate::support::catalogued("occupation-domaine-public");
        procedure.version += 1;
        procedure.closes = Some("2026-01-31".parse().unwrap());
        let published = hall
            .fixture
            .commune
            .write(By::SYSTEM, move |tx| beffroi_desk::procedure::publish(tx, &procedure));
        published.await.unwrap();
        let own = agent(hall, "tom@lunel.example", "domaine-public").await;
        let item = mail(hall, "Benne", "Je demande une place.", "2026-02-12").await;
        let blank = own.get(&format!("{COUNTER}?courrier={item}")).await;
        blank.is(200).says("value=\"12\"");
        let mut typed = entered(KEY, "email", ["12", "2", "2026"]);
        typed.push(("courrier", &item));
        let sent = own.send(COUNTER, &typed, &[]).await;
        assert_eq!(sent.status, 303, "{}", sent.body);
        let received: String = hall.value("SELECT received_on FROM cases WHERE channel = $1", "email").await;
        assert_eq!(received, "2026-02-12");
        // At the counter it is closed.
        let counter = entered("fedcba9876543210fedcba9876543210", "counter", crate::counter::TODAY);
        own.send(COUNTER, &counter, &[]).await.is(422).says("Cette démarche est fermée.");
    });
}

#[test]
fn each_department_sorts_its_own_mail() {
    journey(Gate::Open, async |hall| {
        let own = agent(hall, "tom@lunel.example", "domaine-public").await;
        let elsewhere = agent(hall, "samira@lunel.example", "etat-civil").await;
        let item = mail(hall, "Acte de naissance", "Bonjour", "2026-06-03").await;
        let page = format!("{ROOM}/{item}");
        elsewhere.get(&page).await.is(404);
        elsewhere.post(&format!("{page}/classement"), &[("raison", "Publicité")]).await.is(404);
        own.post(&format!("{page}/service"), &[("service", "nulle-part")])
            .await
            .is(422)
            .explains("service", "");
        own.post(&format!("{page}/service"), &[("service", "etat-civil")])
            .await
            .leads_to(&format!("{ROOM}?fait=service"));
        own.get(&page).await.is(404);
        elsewhere.get(ROOM).await.says("Acte de naissance");
        elsewhere
            .post(&format!("{page}/classement"), &[])
            .await
            .is(422)
            .explains("raison", "Dites en quelques mots");
        elsewhere
            .post(&format!("{page}/classement"), &[("raison", "Publicité")])
            .await
            .leads_to(&format!("{ROOM}?fait=classement"));
        elsewhere.get(&page).await.says("Publicité");
        let citizen = hall.signed_in("citoyen@example.org", None).await.1;
        citizen.get(ROOM).await.is(404);
        citizen.get("/admin/boites").await.is(404);
        own.get("/admin/boites").await.is(404);
    });
}

#[test]
fn the_administrator_sets_mailboxes_and_learns_what_is_wrong() {
    journey(Gate::Open, async |hall| {
        let admin = hall.signed_in("ines@lunel.example", Some(("", Role::Administrator))).await.1;
        admin.get("/admin/boites").await.is(200).says("Ajouter une boîte");
        admin
            .post("/admin/boites", &[("nom", "Accueil")])
            .await
            .is(422)
            .explains("serveur", "Donnez le nom du serveur");
        let set = [
            ("nom", "Accueil"),
            ("service", "accueil"),
            ("serveur", "127.0.0.1"),
            ("port", "1"),
            ("securite", "tls"),
            ("identifiant", "ville"),
            ("mot_de_passe", "soleil"),
            ("dossier", "INBOX"),
            ("range", ""),
            ("active", "true"),
        ];
        let added = admin.post("/admin/boites", &set).await;
        assert_eq!(added.status, 303, "{}", added.body);
        let page = added.location.split('?').next().unwrap().to_owned();
        admin.get(&page).await.is(200).says("N’a pas encore été relevée").is_silent_about("soleil");
        admin
            .post(&format!("{page}/verifier"), &[])
            .await
            .is(422)
            .explains("serveur", "Le serveur ne répond pas.");
        hall.work();
        admin.get(&page).await.says("En panne depuis");
        // The password goes to no other door than the one that it was given for.
        for (field, value) in
            [("serveur", "192.0.2.9"), ("port", "993"), ("securite", "starttls"), ("identifiant", "autre")]
        {
            let mut elsewhere = set.to_vec();
            elsewhere.retain(|(name, _)| *name != "mot_de_passe" && *name != field);
            elsewhere.push((field, value));
            let told = admin.post(&page, &elsewhere).await;
            told.is(422).explains("mot_de_passe", "Donnez de nouveau le mot de passe");
            let kept: String = hall.value("SELECT host FROM mailbox", "").await;
            assert_eq!(kept, "127.0.0.1");
        }
        let mut folder = set.to_vec();
        folder.retain(|(name, _)| !["mot_de_passe", "dossier"].contains(name));
        folder.push(("dossier", "Mairie"));
        admin.post(&page, &folder).await.leads_to(&format!("{page}?fait=change"));
        hall.execute("UPDATE mailbox SET left_behind = $1", &2_i64).await;
        admin.get(&page).await.says("2 messages n’ont pas pu être repris");
        admin.get("/admin/boites").await.says("2 messages n’ont pas pu être repris");
        admin.post(&format!("{page}/retirer"), &[]).await.leads_to("/admin/boites?fait=retrait");
        admin.get(&page).await.is(404);
    });
}

/// What an acknowledgement must say, as its mail says it, without what differs by nature: the reference and the code.
fn told(text: &str, reference: &str, code: &str) -> String {
    text.replace(reference, "REFERENCE").replace(code, "CODE")
}

#[test]
fn doors_are_equal() {
    journey(Gate::Open, async |hall| {
        let own = agent(hall, "tom@lunel.example", "domaine-public").await;
        let mut receipts = Vec::new();
        // From a program.
        let (reference, code) = hall.deposit("gaspard@example.org").await;
        receipts.push(("api", reference, code));
        // Typed by an agent, at each of their doors.
        for (rank, door) in ["counter", "phone", "paper", "email"].into_iter().enumerate() {
            let key = format!("{rank:0>32}");
            let mut fields = vec![("idempotency_key", key.as_str()), ("door", door)];
            fields.extend([("recue-day", "3"), ("recue-month", "6"), ("recue-year", "2026")]);
            fields.extend(typed());
            let sent = own.send(COUNTER, &fields, &[]).await;
            assert_eq!(sent.status, 303, "{door}: {}", sent.body);
            let receipt = own.get(&sent.location).await;
            let code = receipt.between("<p class=\"code\">", "</p>");
            let case = sent.location.rsplit('/').next().unwrap().to_owned();
            let reference: String = hall.value("SELECT reference FROM cases WHERE id = $1", &case).await;
            receipts.push((door, reference, code));
        }
        // Online.
        let browser = hall.browser();
        crate::account::begin(&browser).await;
        crate::account::send(&browser).await;
        let sent = browser.get("/suivi?envoyee").await;
        let code = sent.between("<p class=\"code\">", "</p>");
        let reference: String = hall.value("SELECT reference FROM cases WHERE channel = $1", "online").await;
        receipts.push(("online", reference, code));

        let bodies: Vec<(String, String)> = {
            let sql = "SELECT body FROM mail WHERE about_id = $1 ORDER BY id LIMIT 1";
            // The mail bears the code until it is sent: it is queued first, read, then sent.
            hall.work();
            let mut bodies = Vec::new();
            for (door, reference, code) in &receipts {
                let case = hall.case(reference).await;
                let body: String = hall.value(sql, &case).await;
                bodies.push(((*door).to_owned(), told(&body, reference, code)));
            }
            bodies
        };
        let (_, first) = bodies.first().unwrap().clone();
        assert!(first.contains("CODE") && first.contains("REFERENCE"));
        for (door, body) in bodies {
            let by = |text: &str| {
                text.lines().filter(|line| !line.contains("reçue")).collect::<Vec<_>>().join("\n")
            };
            assert_eq!(by(&body), by(&first), "{door}");
        }
        // Everywhere the same legal dates and the same answers.
        let dates: i64 = hall
            .value("SELECT COUNT(*) FROM (SELECT DISTINCT received_on, acknowledge_by, deemed_on, procedure_version FROM cases) AS d", "")
            .await;
        assert_eq!(dates, 1);
        // And the same refusal of the same mistake.
        let mut wrong = removal("gaspard@example.org");
        *wrong.get_mut("fin").unwrap() = serde_json::json!("2026-07-01");
        let api = hall.refused_for("occupation-domaine-public", &wrong).await;
        let key = "00000000000000000000000000000099";
        for door in ["counter", "phone", "paper", "email"] {
            let mut fields = vec![("idempotency_key", key), ("door", door)];
            fields.extend([("recue-day", "3"), ("recue-month", "6"), ("recue-year", "2026")]);
            fields.extend(
                typed()
                    .into_iter()
                    .map(|(name, value)| if name == "fin-day" { (name, "1") } else { (name, value) }),
            );
            own.send(COUNTER, &fields, &[]).await.is(422);
        }
        assert!(api.body.contains("fin"), "{}", api.body);
    });
}

/// The same removal as the API's and the form's.
fn typed() -> Vec<(&'static str, &'static str)> {
    vec![
        ("objet", "demenagement"),
        ("circulation", "false"),
        ("lieu", "3 rue Haute, 34400 Lunel"),
        ("surface", "20"),
        ("debut-day", "20"),
        ("debut-month", "7"),
        ("debut-year", "2026"),
        ("fin-day", "20"),
        ("fin-month", "7"),
        ("fin-year", "2026"),
        ("heure_debut", "08:00"),
        ("heure_fin", "12:00"),
        ("statut", "particulier"),
        ("demandeur-family_name", "Peyron"),
        ("demandeur-given_names", "Gaspard"),
        ("adresse", "3 rue Haute, 34400 Lunel"),
        ("courriel", "gaspard@example.org"),
        ("telephone", "0465711234"),
        ("engagement", "true"),
    ]
}
