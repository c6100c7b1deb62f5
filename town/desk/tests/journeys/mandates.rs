//! Acting for somebody: asked for from one's account, consented to by the helped person alone, used, read and ended;
//! and at the counter, with a signed paper.

use beffroi_core::{Id, Lang};
use beffroi_documents::Gate;
use beffroi_people::{
    Account, Role,
    mandate::{self, Helped, Helper, NewMandate, Proof, Scope, Term},
};
use beffroi_store::{By, StoreError};

use crate::{
    account::answer,
    browser::{Browser, Hall, PDF, journey},
    counter::{KEY, TODAY, entered},
    reception::sectors,
};

pub const NEW: &str = "/mon-compte/mandats/nouveau";
pub const PROCEDURE: &str = "/demarches/occupation-domaine-public";

pub fn asked<'f>(scope: &'f str, proof: &'f str) -> Vec<(&'f str, &'f str)> {
    vec![
        ("nom", "Galtier"),
        ("prenoms", "Augustine"),
        ("courriel", "augustine@example.org"),
        ("adresse", "7 impasse des Cigales, 34400 Lunel"),
        ("aidant", "relative"),
        ("portee", scope),
        ("demarches", "occupation-domaine-public"),
        ("duree", "31"),
        ("preuve", proof),
        ("copie", "true"),
    ]
}

/// The code and the private page that were mailed to the helped person.
pub async fn mailed(hall: &Hall<'_>) -> (String, String) {
    // What is secret is forgotten once it is sent: read before.
    let body: String = hall
        .value(
            "SELECT body FROM mail WHERE recipient = $1 AND secret = TRUE ORDER BY id DESC LIMIT 1",
            "augustine@example.org",
        )
        .await;
    let code = body.split("appelle\u{a0}: ").nth(1).and_then(|rest| rest.split_whitespace().next());
    let link = body.split("https://lunel.example").nth(1).and_then(|rest| rest.split_whitespace().next());
    (code.unwrap_or_default().to_owned(), link.unwrap().to_owned())
}

/// A mandate that runs: its page for the helper, and for the helped person.
pub async fn running(hall: &Hall<'_>, helper: &Browser<'_>, scope: &str) -> (String, String) {
    let sent = helper.post(NEW, &asked(scope, "code")).await;
    assert_eq!(sent.status, 303, "{}", sent.body);
    let page = sent.location.split('?').next().unwrap().to_owned();
    let (code, link) = mailed(hall).await;
    helper.post(&format!("{page}/code"), &[("code", &code)]).await.leads_to(&format!("{page}?fait=accord"));
    (page, link)
}

/// Fills in and sends a request of the procedure as whoever the first page says.
pub async fn send(helper: &Browser<'_>, whom: &str) -> crate::browser::Answer {
    let begun = helper.get(&format!("{PROCEDURE}/demande")).await;
    begun.leads_to(&format!("{PROCEDURE}/pour"));
    let chosen = helper.post(&format!("{PROCEDURE}/pour"), &[("pour", whom)]).await;
    chosen.leads_to(&format!("{PROCEDURE}/demande"));
    fill(helper).await;
    helper.post(&format!("{PROCEDURE}/demande/recapitulatif"), &[]).await
}

/// Answers every page; who asks is known already.
pub async fn fill(helper: &Browser<'_>) {
    begin(helper).await;
    let you = helper.get(&format!("{PROCEDURE}/demande/vous")).await;
    you.is(200).says("value=\"Galtier\"").says("Cigales");
    let you = [
        ("statut", "particulier"),
        ("demandeur-family_name", "Galtier"),
        ("demandeur-given_names", "Augustine"),
        ("adresse", "7 impasse des Cigales, 34400 Lunel"),
        // Whatever the helper types, the town writes to the helped person.
        ("courriel", "ines@example.org"),
        ("telephone", "04 65 71 12 34"),
    ];
    answer(helper, "vous", &you).await;
    answer(helper, "pieces", &[("engagement", "true")]).await;
}

/// The first pages of the form.
pub async fn begin(helper: &Browser<'_>) {
    answer(helper, "objet", &[("objet", "demenagement"), ("immatriculation", ""), ("circulation", "false")])
        .await;
    answer(helper, "lieu", &[("lieu", "3 rue Haute, 34400 Lunel"), ("surface", "20")]).await;
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
    answer(helper, "dates", &dates).await;
}

#[test]
fn nobody_acts_before_the_helped_person_has_consented() {
    journey(Gate::Open, async |hall| {
        let (_, helper) = hall.signed_in("ines@example.org", None).await;
        helper.get("/mon-compte/mandats").await.is(200).says("Vous n’aidez encore personne.");
        let mut own = asked("*", "code");
        own.retain(|(name, _)| *name != "courriel");
        helper.post(NEW, &own).await.is(422).explains("courriel", "Donnez son adresse électronique");
        own.push(("courriel", "ines@example.org"));
        helper.post(NEW, &own).await.is(422).explains("courriel", "C’est votre adresse");
        let sent = helper.post(NEW, &asked("*", "code")).await;
        let page = sent.location.split('?').next().unwrap().to_owned();
        helper.get(&page).await.is(200).says("Attend l’accord");
        // The question is not asked yet, and nobody else sees the page.
        let begun = helper.get(&format!("{PROCEDURE}/demande")).await;
        assert!(!begun.location.ends_with("/pour"), "{}", begun.location);
        let (_, stranger) = hall.signed_in("autre@example.org", None).await;
        stranger.get(&page).await.is(404);
        stranger.post(&format!("{page}/code"), &[("code", "ABCD-2345")]).await.is(404);
        helper
            .post(&format!("{page}/code"), &[("code", "ABCD-2345")])
            .await
            .is(422)
            .explains("code", "Ce n’est pas le code");
        let (_, link) = mailed(hall).await;
        let asked = hall.browser().get(&link).await;
        asked.is(200).says("demande à vous aider").says("J’accepte");
        hall.browser().get("/mandat/0000").await.is(404);
        hall.browser().post(&link, &[("reponse", "refus")]).await.leads_to(&format!("{link}?fait=refus"));
        helper.get(&page).await.says("Refusé");
        let (code, _) = mailed(hall).await;
        helper.post(&format!("{page}/code"), &[("code", &code)]).await.is(422).says("n’attend pas d’accord");
        assert!(helper.get(&format!("{page}/mandat.pdf")).await.bytes.starts_with(b"%PDF-"));
    });
}

#[test]
fn a_relative_sends_and_follows_while_the_mandate_runs() {
    journey(Gate::Open, async |hall| {
        let (_, helper) = hall.signed_in("ines@example.org", None).await;
        let (page, link) = running(hall, &helper, "choix").await;
        let id = page.rsplit('/').next().unwrap().to_owned();
        // Out of its scope the question is not asked.
        let other = helper.get("/demarches/acte-de-naissance/demande").await;
        assert!(!other.location.ends_with("/pour"));
        helper.post("/demarches/acte-de-naissance/pour", &[("pour", &id)]).await.is(404);
        helper
            .post(&format!("{PROCEDURE}/pour"), &[])
            .await
            .is(422)
            .explains("pour", "Dites pour qui est la demande.");

        let sent = send(&helper, &id).await;
        sent.leads_to(&format!("{page}?fait=envoyee"));
        let case: uuid::Uuid = hall.value("SELECT id FROM cases", "").await;
        let names: String =
            hall.value("SELECT requester_name || ' / ' || beneficiary_name FROM cases", "").await;
        assert_eq!(names, "Diop Awa / Galtier Augustine");
        let records: i64 = hall.value("SELECT COUNT(*) FROM cases WHERE requester <> beneficiary", "").await;
        assert_eq!(records, 1);
        let on_behalf: uuid::Uuid =
            hall.value("SELECT on_behalf FROM journal WHERE kind = $1", "case.received").await;
        assert_eq!(on_behalf.to_string(), id);
        // The acknowledgement with the code goes to the helped person; the helper learns that there is news.
        hall.work();
        let mails = hall.mails().await;
        let to = |address: &str| mails.iter().filter(|mail| mail.to == address).collect::<Vec<_>>();
        assert!(
            to("augustine@example.org").iter().any(|mail| mail.subject.contains("bien reçu votre demande"))
        );
        let told = to("ines@example.org");
        assert!(
            told.iter().all(|mail| !mail.text.contains("code de suivi")),
            "the code is the helped person’s"
        );
        assert!(told.iter().any(|mail| mail.text.contains("/compte/demarches/")), "{told:?}");

        // Both follow: the helper by the mandate, the helped person by the code.
        let own = format!("/compte/demarches/{case}");
        helper.get(&own).await.is(200).says("Galtier");
        helper
            .post(&format!("{own}/message"), &[("message", "Bonjour")])
            .await
            .leads_to(&format!("{own}?fait=message"));
        let (_, stranger) = hall.signed_in("autre@example.org", None).await;
        stranger.get(&own).await.is(404);
        let history = hall.browser().get(&link).await;
        history
            .is(200)
            .says("Demande envoyée")
            .says("Demande consultée")
            .says("Message écrit")
            .says("Awa Diop");

        // Ended in one click by the helped person: at once nothing opens any more.
        hall.browser().post(&link, &[("reponse", "fin")]).await.leads_to(&format!("{link}?fait=fin"));
        helper.get(&own).await.is(404);
        helper.post(&format!("{own}/message"), &[("message", "Encore")]).await.is(404);
        helper.get(&page).await.is(200).says("Arrêté").is_silent_about("/compte/demarches/");
        hall.browser().get(&link).await.says("Mandat arrêté");
    });
}

#[test]
fn a_mandate_ended_in_the_middle_sends_nothing() {
    journey(Gate::Open, async |hall| {
        let (_, helper) = hall.signed_in("ines@example.org", None).await;
        let (page, link) = running(hall, &helper, "*").await;
        let id = page.rsplit('/').next().unwrap().to_owned();
        helper.post(&format!("{PROCEDURE}/pour"), &[("pour", &id)]).await;
        fill(&helper).await;
        hall.browser().post(&link, &[("reponse", "fin")]).await;
        let refused = helper.post(&format!("{PROCEDURE}/demande/recapitulatif"), &[]).await;
        refused.is(403).says("Votre mandat est terminé");
        let cases: i64 = hall.value("SELECT COUNT(*) FROM cases", "").await;
        assert_eq!(cases, 0);
    });
}

#[test]
fn a_mandate_serves_no_longer_than_its_time() {
    journey(Gate::Open, async |hall| {
        let (_, helper) = hall.signed_in("ines@example.org", None).await;
        let (page, _) = running(hall, &helper, "*").await;
        let id = page.rsplit('/').next().unwrap().to_owned();
        send(&helper, &id).await.leads_to(&format!("{page}?fait=envoyee"));
        let case: uuid::Uuid = hall.value("SELECT id FROM cases", "").await;
        // The session of the test lasts less than the mandate: its day is set instead.
        hall.execute("UPDATE mandate SET until_day = $1", &"2026-06-02".to_owned()).await;
        helper.get(&format!("/compte/demarches/{case}")).await.is(404);
        let begun = helper.get(&format!("{PROCEDURE}/demande")).await;
        assert!(!begun.location.ends_with("/pour"), "{}", begun.location);
        helper.get(&page).await.says("Terminé le 2 juin 2026");
        helper.post(&format!("{page}/renouveler"), &[]).await;
        let open: i64 = hall.value("SELECT COUNT(*) FROM mandate WHERE state = $1", "asked").await;
        assert_eq!(open, 1, "the helped person is asked again");
    });
}

#[test]
fn a_signed_paper_is_seen_by_an_agent() {
    journey(Gate::Open, async |hall| {
        sectors(hall).await;
        let (_, helper) = hall.signed_in("ines@example.org", None).await;
        let sent = helper.post(NEW, &asked("sector:civil-status", "paper")).await;
        let page = sent.location.split('?').next().unwrap().to_owned();
        let id = page.rsplit('/').next().unwrap().to_owned();
        helper.send(&format!("{page}/papier"), &[], &[]).await.is(422);
        helper
            .send(&format!("{page}/papier"), &[], &[("papier", "mandat.pdf", PDF)])
            .await
            .leads_to(&format!("{page}?fait=papier"));
        let (_, agent) = hall.signed_in("samira@lunel.example", Some(("etat-civil", Role::Agent))).await;
        agent.get("/agents/mandats").await.is(200).says("Augustine Galtier");
        let seen = format!("/agents/mandats/{id}");
        agent.get(&seen).await.is(200).says("mandat.pdf");
        let answer = format!("{seen}/reponse");
        agent.post(&answer, &[("reponse", "papier")]).await.leads_to(&format!("{seen}?fait=accord"));
        helper.get(&page).await.says("En cours jusqu’au 3 juillet 2026");
        helper.get("/agents/mandats").await.is(404);
        // By telephone, the helped person has it ended.
        agent.post("/agents/mandats", &[("nom", "galt")]).await.says("Augustine Galtier");
        agent.post(&answer, &[("reponse", "fin")]).await.leads_to(&format!("{seen}?fait=fin"));
        helper.get(&page).await.says("Arrêté");
    });
}

#[test]
fn an_agent_helps_at_the_counter_with_the_signed_paper() {
    journey(Gate::Open, async |hall| {
        let (_, agent) = hall.signed_in("samira@lunel.example", Some(("domaine-public", Role::Agent))).await;
        let mut paper = asked("*", "paper");
        let new = "/agents/mandats/nouveau";
        // The word of the agent who becomes the helper shows no consent: the paper does.
        paper.push(("vu", "true"));
        agent.send(new, &paper, &[]).await.is(422).explains("papier", "Joignez le papier signé");
        let made = agent.send(new, &paper, &[("papier", "mandat.pdf", PDF)]).await;
        assert_eq!(made.status, 303, "{}", made.body);
        let page = made.location.split('?').next().unwrap().to_owned();
        let id = page.rsplit('/').next().unwrap().to_owned();
        agent.get(&page).await.is(200).says("Agir avec ce mandat");
        // The helped person has their page.
        let (_, link) = mailed(hall).await;
        hall.browser().get(&link).await.is(200).says("Awa Diop");
        agent.post("/agents/guichet/visite", &[("mandat", &id)]).await.leads_to("/agents/guichet/visite");
        agent.get("/agents/guichet/visite").await.says("Vous agissez avec le mandat");
        let counter = "/agents/guichet/occupation-domaine-public";
        agent.send(counter, &entered(KEY, "counter", TODAY), &[]).await.leads_to("/agents/guichet/visite");
        let names: String =
            hall.value("SELECT requester_name || ' / ' || beneficiary_name FROM cases", "").await;
        assert_eq!(names, "Diop Awa / Galtier Augustine");
        hall.browser().get(&link).await.says("Demande envoyée");
        // A colleague does not act by it.
        let (_, other) = hall.signed_in("tom@lunel.example", Some(("domaine-public", Role::Agent))).await;
        other.post("/agents/guichet/visite", &[("mandat", &id)]).await.is(404);
        // Ended, it sends nothing more.
        hall.browser().post(&link, &[("reponse", "fin")]).await;
        let refused =
            agent.send(counter, &entered("fedcba9876543210fedcba9876543210", "counter", TODAY), &[]).await;
        refused.is(403).says("Le mandat de cette personne");
        let cases: i64 = hall.value("SELECT COUNT(*) FROM cases", "").await;
        assert_eq!(cases, 1);
    });
}

#[test]
fn an_agent_looks_into_the_mandates_of_their_sectors_and_ends_any_by_its_names() {
    journey(Gate::Open, async |hall| {
        sectors(hall).await;
        let (_, helper) = hall.signed_in("ines@example.org", None).await;
        let sent = helper.post(NEW, &asked("choix", "paper")).await;
        let page = sent.location.split('?').next().unwrap().to_owned();
        let id = page.rsplit('/').next().unwrap().to_owned();
        helper.send(&format!("{page}/papier"), &[], &[("papier", "mandat.pdf", PDF)]).await;
        let document: uuid::Uuid =
            hall.value("SELECT id FROM document WHERE owner_kind = $1", "mandate").await;
        let (_, own) = hall.signed_in("tom@lunel.example", Some(("domaine-public", Role::Agent))).await;
        let (_, other) = hall.signed_in("samira@lunel.example", Some(("etat-civil", Role::Agent))).await;
        let seen = format!("/agents/mandats/{id}");
        let paper = format!("{seen}/documents/{document}");
        own.get("/agents/mandats").await.says("Augustine Galtier");
        own.get(&seen).await.is(200).says("mandat.pdf").says("impasse des Cigales");
        own.get(&paper).await.is(200);
        other.get("/agents/mandats").await.is(200).is_silent_about("Galtier");
        for address in [&seen, &format!("{seen}/mandat.pdf"), &paper] {
            other.get(address).await.is(404);
        }
        let answer = format!("{seen}/reponse");
        for word in ["papier", "refus", "lien", "code"] {
            other.post(&answer, &[("reponse", word)]).await.is(404);
        }
        // On the telephone, the names and how it stands are enough to end it.
        let found = other.post("/agents/mandats", &[("nom", "galtier")]).await;
        found.says("Augustine Galtier").says("Attend l’accord").says("D’un autre domaine");
        found.is_silent_about(&format!("href=\"{seen}\"")).is_silent_about("Occupation du domaine public");
        other.post(&answer, &[("reponse", "fin")]).await.leads_to("/agents/mandats?fait=fin");
        helper.get(&page).await.says("Arrêté");
        // What is over is refused no more, and nobody is told again.
        let mails = hall.mails().await.len();
        own.post(&answer, &[("reponse", "refus")]).await.is(422).says("n’attend pas d’accord");
        own.post(&answer, &[("reponse", "fin")]).await.leads_to(&format!("{seen}?fait=fin"));
        assert_eq!(hall.mails().await.len(), mails);
    });
}

/// A mandate of Augustine's to somebody, as the database has it.
fn new(account: Id<Account>, email: &str, address: &str) -> NewMandate {
    NewMandate {
        account,
        helper: Helper::Relative,
        helper_name: "Inès Diop".to_owned(),
        helped: Helped {
            family_name: "Galtier".to_owned(),
            given_names: "Augustine".to_owned(),
            email: email.to_owned(),
            address: address.to_owned(),
            ..Helped::default()
        },
        person: None,
        scope: Scope::All,
        term: Term::of_days(31).unwrap(),
        proof: Proof::Paper,
        copies: true,
        lang: Lang::Fr,
    }
}

async fn made(hall: &Hall<'_>, new: NewMandate) -> Id<mandate::Mandate> {
    let made = hall.fixture.commune.write(By::SYSTEM, move |tx| -> Result<_, StoreError> {
        mandate::ask(tx, &new).map(|asked| asked.id)
    });
    made.await.unwrap()
}

#[test]
fn nobody_is_asked_by_the_dozen() {
    journey(Gate::Open, async |hall| {
        let (ines, helper) = hall.signed_in("ines@example.org", None).await;
        let (autre, other) = hall.signed_in("autre@example.org", None).await;
        // Of one person three times a day, by whomever, and whatever became of it.
        let first = made(hall, new(ines, "Augustine@example.org", "")).await;
        hall.execute("UPDATE mandate SET state = 'ended' WHERE id = $1", &first).await;
        made(hall, new(autre, "augustine@example.org", "")).await;
        let sent = other.post(NEW, &asked("*", "code")).await;
        assert_eq!(sent.status, 303, "{}", sent.body);
        let refused = helper.post(NEW, &asked("*", "code")).await;
        refused.is(422).explains("nom", "Trop de demandes de mandat aujourd’hui");
        let page = format!("/mon-compte/mandats/{first}");
        helper.post(&format!("{page}/renouveler"), &[]).await.is(422).says("Trop de demandes de mandat");
        // By one account ten times.
        for number in 0..9 {
            let id = made(hall, new(ines, &format!("a{number}@example.org"), "")).await;
            hall.execute("UPDATE mandate SET state = 'refused' WHERE id = $1", &id).await;
        }
        let mut elsewhere = asked("*", "code");
        elsewhere.retain(|(name, _)| *name != "courriel");
        elsewhere.push(("courriel", "zelie@example.org"));
        helper.post(NEW, &elsewhere).await.is(422).explains("nom", "Trop de demandes de mandat aujourd’hui");
        let counted: i64 =
            hall.value("SELECT COUNT(*) FROM mail WHERE recipient = $1", "zelie@example.org").await;
        assert_eq!(counted, 0);
    });
}

#[test]
fn who_has_no_mail_is_told_by_letter() {
    journey(Gate::Open, async |hall| {
        let (_, helper) = hall.signed_in("ines@example.org", None).await;
        let mut paper = asked("*", "paper");
        paper.retain(|(name, _)| *name != "courriel");
        let letters = async || {
            hall.work();
            hall.value::<i64>("SELECT COUNT(*) FROM letter", "").await
        };
        let sent = helper.post(NEW, &paper).await;
        assert_eq!(sent.status, 303, "{}", sent.body);
        let page = sent.location.split('?').next().unwrap().to_owned();
        let id = page.rsplit('/').next().unwrap().to_owned();
        assert_eq!(letters().await, 1, "asked");
        let (_, agent) = hall.signed_in("tom@lunel.example", Some(("domaine-public", Role::Agent))).await;
        let seen = format!("/agents/mandats/{id}");
        let answer = format!("{seen}/reponse");
        agent.post(&answer, &[("reponse", "papier")]).await.leads_to(&format!("{seen}?fait=accord"));
        assert_eq!(letters().await, 2, "begun");
        let link: Vec<u8> = hall.value("SELECT link_hash FROM mandate", "").await;
        agent.post(&answer, &[("reponse", "lien")]).await.leads_to(&format!("{seen}?fait=lien"));
        assert_eq!(letters().await, 3, "a new link");
        let again: Vec<u8> = hall.value("SELECT link_hash FROM mandate", "").await;
        assert_ne!(link, again);
        helper.post(&format!("{page}/fin"), &[]).await;
        assert_eq!(letters().await, 4, "over");
        // Who has neither keeps the link that they have.
        let (ines, _) = hall.signed_in("noe@example.org", None).await;
        let nowhere = made(hall, new(ines, "", "")).await;
        let seen = format!("/agents/mandats/{nowhere}");
        let before: Vec<u8> =
            hall.value("SELECT link_hash FROM mandate WHERE id = $1", &nowhere.to_string()).await;
        let none = agent.post(&format!("{seen}/reponse"), &[("reponse", "lien")]).await;
        none.is(422).explains("lien", "n’a ni adresse électronique ni adresse postale");
        let after: Vec<u8> =
            hall.value("SELECT link_hash FROM mandate WHERE id = $1", &nowhere.to_string()).await;
        assert_eq!(before, after);
    });
}

#[test]
fn each_reads_of_a_mandate_in_their_own_language() {
    journey(Gate::Open, async |hall| {
        let (_, helper) = hall.signed_in("ines@example.org", None).await;
        helper.get("/mon-compte/mandats?lang=en").await.is(200).says("People I help");
        let sent = helper.post(NEW, &asked("*", "code")).await;
        assert_eq!(sent.status, 303, "{}", sent.body);
        let page = sent.location.split('?').next().unwrap().to_owned();
        let mail = |subject: &'static str| async move {
            let mails = hall.mails().await;
            mails
                .into_iter()
                .find(|mail| mail.to == "augustine@example.org" && mail.subject == subject)
                .unwrap()
        };
        let asks = mail("Awa Diop asks to help you with your requests").await;
        assert!(asks.text.contains("All procedures of the town hall"), "{}", asks.text);
        let code =
            asks.text.split("calls you: ").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
        helper.post(&format!("{page}/code"), &[("code", &code)]).await;
        let begun = mail("Mandate given to Awa Diop").await;
        assert!(begun.text.contains("can now make requests for Augustine Galtier"), "{}", begun.text);
        // The helper's account is in French.
        let told = hall.mails().await.into_iter().find(|mail| mail.to == "ines@example.org").unwrap();
        assert!(told.text.contains("peut maintenant faire des démarches"), "{}", told.text);
    });
}

#[test]
fn what_is_sent_by_a_mandate_is_among_the_cases_of_the_person_whom_the_counter_knows() {
    journey(Gate::Open, async |hall| {
        sectors(hall).await;
        hall.deposit("gaspard@example.org").await;
        let known: uuid::Uuid = hall.value("SELECT requester FROM cases", "").await;
        let known = known.to_string();
        let (_, agent) = hall.signed_in("tom@lunel.example", Some(("domaine-public", Role::Agent))).await;
        let mut paper = asked("*", "paper");
        paper.push(("personne", &known));
        let made = agent.send("/agents/mandats/nouveau", &paper, &[("papier", "mandat.pdf", PDF)]).await;
        assert_eq!(made.status, 303, "{}", made.body);
        let id = made.location.split(['/', '?']).nth(3).unwrap().to_owned();
        // By a mandate one acts for whoever gave it.
        hall.deposit("ailleurs@example.org").await;
        let other: uuid::Uuid = hall.value("SELECT requester FROM cases WHERE requester <> $1", &known).await;
        let wrong = [("mandat", id.as_str()), ("personne", &other.to_string())];
        agent.post("/agents/guichet/visite", &wrong).await.is(404);
        agent
            .post("/agents/guichet/visite", &[("mandat", &id), ("personne", &known)])
            .await
            .leads_to("/agents/guichet/visite");
        let counter = "/agents/guichet/occupation-domaine-public";
        let persons: i64 = hall.value("SELECT COUNT(*) FROM person", "").await;
        for key in [KEY, "fedcba9876543210fedcba9876543210"] {
            agent
                .send(counter, &entered(key, "counter", TODAY), &[])
                .await
                .leads_to("/agents/guichet/visite");
        }
        let theirs: i64 = hall.value("SELECT COUNT(*) FROM cases WHERE beneficiary = $1", &known).await;
        assert_eq!(theirs, 2);
        let more: i64 = hall.value("SELECT COUNT(*) FROM person", "").await;
        assert_eq!(more, persons + 2, "the helper of each, and nobody else");
        let page = agent.get(&format!("/agents/guichet/personne/{known}")).await;
        let reference: String =
            hall.value("SELECT reference FROM cases WHERE beneficiary = $1 LIMIT 1", &known).await;
        page.is(200).says(&reference);
    });
}

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
