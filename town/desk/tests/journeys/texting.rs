//! Text messages: the administrator sets and tries the gateway, and who has a telephone and no e-mail address is told by
//! it that there is news, beside their letter.

use beffroi_desk::procedure;
use beffroi_documents::Gate;
use beffroi_forms::{Carrier, Deed, Moment, StepAction};
use beffroi_people::Role;
use beffroi_sms::testing::StandIn;
use beffroi_store::By;
use beffroi_web::{Report, Severity};
use chrono::TimeDelta;

use crate::{
    browser::{Browser, Hall, journey, removal},
    counter::{COUNTER, KEY, TODAY, entered},
    support::catalogued,
};

const SETTINGS: &str = "/admin/sms";

async fn administrator<'h>(hall: &'h Hall<'h>) -> Browser<'h> {
    hall.signed_in("admin@lunel.example", Some(("", Role::Administrator))).await.1
}

/// What the page sends to set OVHcloud.
fn settings<'f>(address: &'f str, cap: &'f str) -> Vec<(&'f str, &'f str)> {
    vec![
        ("passerelle", "ovh"),
        ("adresse", address),
        ("compte", "sms-ab12345-1"),
        ("cle_application", "7kbG7Bk7S9Nt7ZSV"),
        ("secret", "EXEgWIz07P0HYwtQDs7cNIqCiQaWSuHF"),
        ("cle_consommateur", "MtSwSrPpNjqfVSmJhLbPyr2i45lSwPU1"),
        ("expediteur", "LUNEL"),
        ("plafond", cap),
    ]
}

/// The same fields with another value of one.
fn but<'f>(fields: &[(&'f str, &'f str)], name: &'f str, value: &'f str) -> Vec<(&'f str, &'f str)> {
    fields.iter().map(|(known, kept)| (*known, if *known == name { value } else { *kept })).collect()
}

/// Somebody without e-mail at the counter, with that telephone: the case's page.
async fn entered_with(hall: &Hall<'_>, phone: &str) -> String {
    let (_, typist) = hall.signed_in("samira@lunel.example", Some(("etat-civil", Role::Agent))).await;
    let fields = entered(KEY, "counter", TODAY);
    let sent = typist.send(COUNTER, &but(&fields, "telephone", phone), &[]).await;
    assert_eq!(sent.status, 303, "{}", sent.body);
    let reference: String = hall.value("SELECT reference FROM cases", "").await;
    format!("/agents/dossiers/{}", hall.case(&reference).await)
}

async fn letters(hall: &Hall<'_>) -> i64 {
    hall.value("SELECT COUNT(*) FROM letter", "").await
}

fn health(hall: &Hall<'_>) -> Option<Report> {
    tokio::task::block_in_place(|| hall.check("sms").look(&hall.fixture.commune))
}

#[test]
fn an_administrator_sets_the_gateway_and_tries_it() {
    journey(Gate::Open, async |hall| {
        let stand_in = StandIn::start();
        let admin = administrator(hall).await;
        let page = admin.get(SETTINGS).await;
        page.is(200).says("<h1 class=\"govuk-heading-l\">SMS</h1>").is_silent_about("message d’essai");
        assert_eq!(health(hall), None, "nobody has set one");
        let right = settings(&stand_in.address, "500");
        for (field, value, message) in [
            ("compte", "", "Donnez le nom du service SMS"),
            ("secret", "", "Donnez le secret ou la clé API"),
            ("expediteur", "Ville de Lunel", "Écrivez de 3 à 11 lettres"),
            ("plafond", "beaucoup", "Écrivez un nombre entre"),
            ("adresse", "http://sms.example.org", "L’adresse doit commencer par https://."),
        ] {
            admin.post(SETTINGS, &but(&right, field, value)).await.is(422).explains(field, message);
        }
        admin.post("/admin/sms/essai", &[("numero", "0612345678")]).await.is(404);
        admin.post(SETTINGS, &right).await.leads_to("/admin/sms?fait=oui");
        assert_eq!(health(hall).unwrap().severity, Severity::Good);
        let page = admin.get(SETTINGS).await;
        page.says("Aucun SMS n’est encore parti.").says("value=\"sms-ab12345-1\"");
        page.is_silent_about("EXEgWIz07P0HYwtQDs7cNIqCiQaWSuHF").is_silent_about("MtSwSrPpNjqf");
        // The keys stay where nothing else is said, and go nowhere else.
        let again = but(&but(&right, "secret", ""), "cle_consommateur", "");
        admin.post(SETTINGS, &but(&again, "plafond", "200")).await.leads_to("/admin/sms?fait=oui");
        let elsewhere = admin.post(SETTINGS, &but(&again, "compte", "sms-zz99999-1")).await;
        elsewhere.is(422).explains("secret", "Il est à redonner").explains("cle_consommateur", "à redonner");

        let attempt = "/admin/sms/essai";
        admin
            .post(attempt, &[("numero", "04 65 71 12 34")])
            .await
            .is(422)
            .explains("numero", "Écrivez un numéro de mobile français.")
            .says("value=\"04 65 71 12 34\"");
        assert!(stand_in.texts().is_empty());
        stand_in.answers(403, "{}");
        let refused = admin.post(attempt, &[("numero", "06 12 34 56 78")]).await;
        refused.is(422).explains("numero", "La passerelle refuse les clés").says("En panne depuis le");
        let seen = health(hall).unwrap();
        assert_eq!((seen.severity, seen.said), (Severity::Wrong, "office-sms-refused"));
        stand_in.texts();
        admin.post(attempt, &[("numero", "06 12 34 56 78")]).await.leads_to("/admin/sms?fait=essai");
        assert_eq!(stand_in.texts().len(), 1);
        let page = admin.get(SETTINGS).await;
        page.says("Le dernier SMS est parti le").says("1 SMS compté ce mois-ci, sur 200");
        assert_eq!(health(hall).unwrap().said, "office-health-sms-works");
        let told: i64 = hall.value("SELECT COUNT(*) FROM journal WHERE kind = $1", "sms_gateway.tried").await;
        assert_eq!(told, 2);
        let numbers: i64 = hall
            .value("SELECT COUNT(*) FROM journal WHERE CAST(payload AS TEXT) LIKE $1", "%612345678%")
            .await;
        assert_eq!(numbers, 0, "the journal tells neither to whom nor what");

        let (_, agent) = hall.signed_in("tom@lunel.example", Some(("domaine-public", Role::Agent))).await;
        agent.get(SETTINGS).await.is(404);
        agent.post(SETTINGS, &right).await.is(404);
        agent.post(attempt, &[("numero", "0612345678")]).await.is(404);
        agent.post("/admin/sms/retirer", &[]).await.is(404);
        admin.post("/admin/sms/retirer", &[]).await.leads_to("/admin/sms?fait=retrait");
        assert_eq!(health(hall), None);
    });
}

#[test]
fn who_has_no_address_is_told_by_telephone_beside_the_letter() {
    journey(Gate::Open, async |hall| {
        let stand_in = StandIn::start();
        let admin = administrator(hall).await;
        admin.post(SETTINGS, &settings(&stand_in.address, "500")).await;
        let base = entered_with(hall, "06 12 34 56 78").await;
        hall.work();
        hall.work();
        let texts = stand_in.texts();
        let [text] = texts.as_slice() else { panic!("{texts:?}") };
        assert!(text.contains("est enregistrée. Suivi : https://lunel.example/suivi"), "{text}");
        assert!(!text.contains("Galtier") && !text.contains("domaine"), "never what is asked: {text}");
        assert_eq!(letters(hall).await, 1, "the letter goes as before");
        let (_, agent) = hall.signed_in("tom@lunel.example", Some(("domaine-public", Role::Agent))).await;
        agent.get(&base).await.is(200).says("SMS envoyé");
        let numbers: i64 = hall
            .value("SELECT COUNT(*) FROM journal WHERE CAST(payload AS TEXT) LIKE $1", "%612345678%")
            .await;
        let kept: i64 =
            hall.value("SELECT COUNT(*) FROM short_message WHERE recipient <> '' OR words <> ''", "").await;
        assert_eq!((numbers, kept), (0, 0), "neither the journal nor the queue keeps the number");

        // Papers are asked for: the same rule.
        agent.post(&format!("{base}/prendre"), &[]).await;
        agent
            .post(&format!("{base}/pieces"), &[("pieces", "Plan des lieux")])
            .await
            .leads_to(&format!("{base}?fait=pieces"));
        hall.work();
        hall.work();
        let texts = stand_in.texts();
        let [text] = texts.as_slice() else { panic!("{texts:?}") };
        assert!(text.contains("du nouveau pour votre demande") && !text.contains("Plan"), "{text}");
        assert_eq!(letters(hall).await, 2);

        // The gateway refuses: it is told, and the letter goes all the same.
        stand_in.answers(402, "{}");
        agent.post(&format!("{base}/message"), &[("message", "Merci.")]).await;
        hall.work();
        hall.work();
        agent.get(&base).await.says("Le SMS n’a pas pu partir");
        assert_eq!(letters(hall).await, 3);
    });
}

#[test]
fn a_second_silence_is_told_by_letter_and_telephone_as_the_first_was() {
    journey(Gate::Open, async |hall| {
        let stand_in = StandIn::start();
        let admin = administrator(hall).await;
        admin.post(SETTINGS, &settings(&stand_in.address, "500")).await;
        let base = entered_with(hall, "06 12 34 56 78").await;
        hall.work();
        hall.work();
        stand_in.texts();
        let told_by_silence = async || {
            let before = letters(hall).await;
            hall.fixture.clock.advance(TimeDelta::days(63));
            tokio::task::block_in_place(|| hall.hour()).unwrap();
            hall.work();
            hall.work();
            (letters(hall).await - before, stand_in.texts().len())
        };
        assert_eq!(told_by_silence().await, (1, 1), "refused by silence");

        // The town refuses, then withdraws its refusal: the request pends again, and silence refuses once more.
        let (_, agent) = hall.signed_in("tom@lunel.example", Some(("domaine-public", Role::Agent))).await;
        agent.post(&format!("{base}/prendre"), &[]).await;
        let refusal = [("outcome", "refused"), ("reasons", "La rue est étroite.")];
        agent.post(&format!("{base}/decision"), &refusal).await.is(303);
        hall.work();
        hall.work();
        let act = [("regle", "withdrawn-unlawful"), ("motifs", "La largeur avait été mal mesurée.")];
        agent.post(&format!("{base}/retrait"), &act).await.is(303);
        hall.work();
        hall.work();
        stand_in.texts();
        assert_eq!(told_by_silence().await, (1, 1), "refused by silence again");
    });
}

#[test]
fn a_house_telephone_is_not_written_to_and_nothing_leaves_beyond_the_months_number() {
    journey(Gate::Open, async |hall| {
        let stand_in = StandIn::start();
        let admin = administrator(hall).await;
        admin.post(SETTINGS, &settings(&stand_in.address, "1")).await;
        let base = entered_with(hall, "04 65 71 12 34").await;
        hall.work();
        hall.work();
        let queued: i64 = hall.value("SELECT COUNT(*) FROM short_message", "").await;
        assert_eq!((queued, letters(hall).await), (0, 1));

        hall.execute("UPDATE desk_reach SET phone = $1", &"+33612345678".to_owned()).await;
        let (_, agent) = hall.signed_in("tom@lunel.example", Some(("domaine-public", Role::Agent))).await;
        for words in ["Un.", "Deux.", "Trois."] {
            agent.post(&format!("{base}/message"), &[("message", words)]).await;
            hall.work();
            hall.work();
        }
        assert_eq!(stand_in.texts().len(), 1);
        agent.get(&base).await.says("SMS envoyé").says("Le SMS n’a pas pu partir");
        let mails = hall.mails().await;
        let told: Vec<_> = mails.iter().filter(|mail| mail.subject == "Plus de SMS ce mois-ci").collect();
        assert_eq!(told.len(), 1, "{mails:?}");
        assert_eq!(told[0].to, "admin@lunel.example");
        assert_eq!(letters(hall).await, 4, "each letter went");
    });
}

#[test]
fn a_step_writes_by_the_ways_that_it_names_and_a_sealed_request_never_by_telephone() {
    journey(Gate::Open, async |hall| {
        let stand_in = StandIn::start();
        let admin = administrator(hall).await;
        admin.post(SETTINGS, &settings(&stand_in.address, "500")).await;
        let mut changed = catalogued("occupation-domaine-public");
        changed.version += 1;
        let action = StepAction {
            id: "prevenir".to_owned(),
            label: "Prévenir".into(),
            kind: Deed::Message,
            on: Moment::Enter,
            text: "Le service passe voir les lieux demain.".to_owned(),
            by: vec![Carrier::Sms],
            ..StepAction::default()
        };
        changed.steps.first_mut().unwrap().actions.insert(0, action);
        assert!(changed.check().is_empty(), "{:?}", changed.check());
        hall.fixture.commune.write(By::SYSTEM, move |tx| procedure::publish(tx, &changed)).await.unwrap();
        let base = entered_with(hall, "06 12 34 56 78").await;
        hall.work();
        hall.work();
        stand_in.texts();
        let (_, agent) = hall.signed_in("tom@lunel.example", Some(("domaine-public", Role::Agent))).await;
        agent.post(&format!("{base}/prendre"), &[]).await;
        let moved = [("vue", ""), ("etape", "avis")];
        agent.post(&format!("{base}/etapes/passer"), &moved).await.is(303);
        hall.work();
        hall.work();
        assert_eq!(stand_in.texts(), ["Le service passe voir les lieux demain."]);
        assert_eq!(letters(hall).await, 1, "the acknowledgement alone: the step names no letter");
        agent.get(&base).await.says("Le service passe voir les lieux demain.");

        // That somebody's home is empty must not stand on a screen.
        let (_, police) =
            hall.signed_in("police@lunel.example", Some(("police-municipale", Role::HeadOfDepartment))).await;
        let away = [
            ("idempotency_key", "fedcba9876543210fedcba9876543210"),
            ("door", "counter"),
            ("recue-day", "3"),
            ("recue-month", "6"),
            ("recue-year", "2026"),
            ("depart-day", "1"),
            ("depart-month", "7"),
            ("depart-year", "2026"),
            ("retour-day", "20"),
            ("retour-month", "7"),
            ("retour-year", "2026"),
            ("logement", "4 rue Zyxt, 34400 Lunel"),
            ("genre", "maison"),
            ("alarme", "false"),
            ("demandeur-family_name", "Zyxt"),
            ("demandeur-given_names", "Anaïs"),
            ("telephone", "06 12 34 56 78"),
            ("courriel", ""),
        ];
        let sent = police.send("/agents/guichet/surveillance-pendant-absence", &away, &[]).await;
        assert_eq!(sent.status, 303, "{}", sent.body);
        let sealed: uuid::Uuid =
            hall.value("SELECT id FROM cases WHERE procedure = $1", "surveillance-pendant-absence").await;
        let sealed = format!("/agents/dossiers/{sealed}");
        police.post(&format!("{sealed}/message"), &[("message", "Bonjour.")]).await.is(303);
        hall.work();
        hall.work();
        assert!(stand_in.texts().is_empty());
    });
}

#[test]
fn who_has_an_account_may_wish_text_messages_beside_the_mail() {
    journey(Gate::Open, async |hall| {
        let stand_in = StandIn::start();
        let (account, own) = hall.signed_in("gaspard@example.org", None).await;
        own.get("/mon-compte/sms").await.is(404);
        own.get("/mon-compte").await.is_silent_about("/mon-compte/sms");
        let admin = administrator(hall).await;
        admin.post(SETTINGS, &settings(&stand_in.address, "500")).await;
        own.get("/mon-compte").await.says("/mon-compte/sms");
        let wrong = own.post("/mon-compte/sms", &[("telephone", "04 65 71 12 34")]).await;
        wrong.is(422).explains("telephone", "Écrivez un numéro de téléphone mobile");
        own.post("/mon-compte/sms", &[("telephone", "06 12 34 56 78")]).await.leads_to("/mon-compte/sms");
        own.get("/mon-compte/sms").await.says("06\u{a0}12\u{a0}34\u{a0}56\u{a0}78").says("Code reçu par SMS");
        let told = hall.told(account).await;
        assert!(told.entries.iter().all(|entry| entry.data["phone"].is_null()), "not proven yet");
        hall.work();
        let code = code_of(&stand_in.texts().pop().unwrap());
        let wrong = own.post("/mon-compte/sms/code", &[("code", "12")]).await;
        wrong.is(422).explains("code", "Ce n’est pas le code");
        own.post("/mon-compte/sms/code", &[("code", &code)]).await.leads_to("/mon-compte/sms?fait=oui");
        own.get("/mon-compte/sms?fait=oui").await.says("La mairie vous préviendra aussi par SMS");
        own.post("/mon-compte/sms/code", &[("code", &code)]).await.is(422);
        let told = hall.told(account).await;
        assert!(told.entries.iter().any(|entry| entry.data["phone"] == "+33612345678"));

        let sent = own.deposits("occupation-domaine-public", &removal("gaspard@example.org")).await;
        assert_eq!(sent.status, 201, "{}", sent.body);
        hall.execute("UPDATE desk_reach SET account = $1", &account).await;
        hall.work();
        hall.work();
        assert_eq!(stand_in.texts().len(), 1, "the news, after the code that was read");
        assert!(hall.mails().await.iter().any(|mail| mail.to == "gaspard@example.org"), "the mail goes too");
        assert_eq!(letters(hall).await, 0);

        own.post("/mon-compte/sms/fin", &[]).await.leads_to("/mon-compte/sms?fait=fin");
        own.post("/mon-compte/sms", &[("telephone", "06 12 34 56 78")]).await;
        hall.work();
        let code = code_of(&stand_in.texts().pop().unwrap());
        own.post("/mon-compte/sms/code", &[("code", &code)]).await.leads_to("/mon-compte/sms?fait=oui");
        hall.erased(account).await;
        for count in ["SELECT COUNT(*) FROM desk_sms_wish", "SELECT COUNT(*) FROM desk_sms_proof"] {
            let left: i64 = hall.value(count, "").await;
            assert_eq!(left, 0, "{count}");
        }
    });
}

fn code_of(text: &str) -> String {
    let digits = text.split(|letter: char| !letter.is_ascii_digit());
    digits.into_iter().find(|part| part.len() == 6).unwrap().to_owned()
}

#[test]
fn a_number_is_proven_by_its_code_within_five_tries_and_five_codes_a_day() {
    journey(Gate::Open, async |hall| {
        let stand_in = StandIn::start();
        let (_, own) = hall.signed_in("gaspard@example.org", None).await;
        administrator(hall).await.post(SETTINGS, &settings(&stand_in.address, "500")).await;
        let number = [("telephone", "06 12 34 56 78")];
        own.post("/mon-compte/sms", &number).await.leads_to("/mon-compte/sms");
        hall.work();
        let code = code_of(&stand_in.texts().pop().unwrap());
        // What cannot be a code is a slip of the finger, and costs no try.
        for _ in 0..6 {
            own.post("/mon-compte/sms/code", &[("code", "12")]).await.is(422).says("Ce n’est pas le code");
        }
        let wrong = if code == "000000" { "000001" } else { "000000" };
        for _ in 0..4 {
            own.post("/mon-compte/sms/code", &[("code", wrong)]).await.is(422).says("Ce n’est pas le code");
        }
        own.post("/mon-compte/sms/code", &[("code", wrong)]).await.is(422).says("Ce code ne sert plus");
        own.post("/mon-compte/sms/code", &[("code", &code)]).await.is(422).says("Ce code ne sert plus");
        for _ in 0..4 {
            own.post("/mon-compte/sms", &number).await.leads_to("/mon-compte/sms");
        }
        let refused = own.post("/mon-compte/sms", &number).await;
        refused.is(422).explains("telephone", "cinq codes aujourd’hui");
        let wishes: i64 = hall.value("SELECT COUNT(*) FROM desk_sms_wish", "").await;
        assert_eq!(wishes, 0);
    });
}
