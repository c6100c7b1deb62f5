//! What a procedure costs is told before, asked for when it is due, and given back where nothing is owed any more.

use std::sync::Arc;

use beffroi_core::{Cents, Id, legal_clock::Silence};
use beffroi_desk::procedure;
use beffroi_documents::Gate;
use beffroi_forms::{Fee, FeeDue, Field, Procedure};
use beffroi_payments::{
    About, Mode, NewRegie, Order, OrderState, order,
    payment::Means,
    permission::{ManageRegies, SettlePayments, TakeMoney},
    receipt::{self, Taking},
    refund::{self, Refund, RefundHow},
    regie,
};
use beffroi_people::{Role, department, permission::permit_system};
use beffroi_store::{By, Commune, StoreError};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    browser::{Browser, Hall, journey, removal},
    builder::{ROOT, TOWN},
    counter::{COUNTER, KEY, TODAY, entered},
    hall,
    support::catalogued,
};

const SLUG: &str = "occupation-domaine-public";
const DELIBERATION: &str = "délibération n° 2025-118 du 11 décembre 2025";

/// The department that answers has a régie.
async fn collects(commune: &Arc<Commune>) {
    let made = commune.write(By::SYSTEM, |tx| {
        let permit = permit_system::<ManageRegies>(tx).unwrap();
        let new = NewRegie {
            name: "Régie du domaine public".to_owned(),
            client_number: String::new(),
            mode: Mode::Test,
            online: false,
            department: department::by_slug(tx, "domaine-public")?.map(|found| found.id),
            closed: false,
        };
        regie::create(tx, &permit, &new)
    });
    made.await.unwrap();
}

/// The order for public space, with a fee of fifty cents for a square metre and a day; nothing of an association.
fn with_computed() -> Procedure {
    let mut procedure = catalogued(SLUG);
    procedure.version += 1;
    let field: Field = serde_json::from_value(json!({
        "id": "redevance",
        "kind": "money",
        "label": "Redevance",
        "compute": "statut == 'association' ? 0 : int(surface * 50.0 * double(days_between(debut, fin) + 1))",
    }))
    .unwrap();
    procedure.form.pages.iter_mut().find(|page| page.id == "vous").unwrap().fields.push(field);
    procedure.fee = Some(Fee {
        field: Some("redevance".to_owned()),
        deliberation: DELIBERATION.to_owned(),
        ..Fee::default()
    });
    assert_eq!(procedure.check(), []);
    procedure
}

/// The same, with twelve euros for each request, due at once.
fn with_filing() -> Procedure {
    let mut procedure = catalogued(SLUG);
    procedure.version += 1;
    procedure.fee = Some(Fee {
        amount: Some(Cents(1_200)),
        on: FeeDue::Filing,
        deliberation: DELIBERATION.to_owned(),
        ..Fee::default()
    });
    assert_eq!(procedure.check(), []);
    procedure
}

async fn offers(commune: &Arc<Commune>, procedure: Procedure) {
    let published = commune.write(By::SYSTEM, move |tx| procedure::publish(tx, &procedure));
    published.await.unwrap();
}

/// The orders of a case that were made, the oldest first.
async fn orders(hall: &Hall<'_>, case: &str) -> Vec<Order> {
    let about = About { kind: "case".to_owned(), id: case.parse().unwrap() };
    let read = hall.fixture.commune.read(By::SYSTEM, move |tx| order::of_subject(tx, &about, 10));
    read.await.unwrap()
}

/// Somebody pays all of an order, by cheque at the counter.
async fn pays(hall: &Hall<'_>, order: &Order) {
    let (id, cents) = (order.id, order.total);
    let paid = hall.fixture.commune.write(By::SYSTEM, move |tx| {
        let permit = permit_system::<TakeMoney>(tx).unwrap();
        let taking = Taking { means: Means::Cheque, cents, detail: "0045871".to_owned() };
        receipt::take(tx, &permit, id, &taking).unwrap();
        Ok::<_, StoreError>(())
    });
    paid.await.unwrap();
    hall.work();
}

async fn refunds(hall: &Hall<'_>, order: Id<Order>) -> Vec<Refund> {
    hall.fixture.commune.read(By::SYSTEM, move |tx| refund::of_order(tx, order)).await.unwrap()
}

/// Takes the case up and decides it so.
async fn decides(hall: &Hall<'_>, agent: &Browser<'_>, base: &str, outcome: &str) {
    agent.post(&format!("{base}/prendre"), &[]).await.is(303);
    let decision = [("outcome", outcome), ("reasons", "Le passage reste libre.")];
    agent.post(&format!("{base}/decision"), &decision).await.is(303);
    hall.work();
}

async fn agent<'h>(hall: &'h Hall<'h>, email: &str) -> Browser<'h> {
    hall.signed_in(email, Some(("domaine-public", Role::Agent))).await.1
}

#[test]
fn what_is_granted_is_asked_for_and_given_back_where_it_is_withdrawn() {
    journey(Gate::Open, async |hall| {
        collects(&hall.fixture.commune).await;
        offers(&hall.fixture.commune, with_computed()).await;
        let sheet = hall.browser().get(&format!("/demarches/{SLUG}")).await;
        sheet.says("se calcule d’après vos réponses").says(DELIBERATION);
        let (reference, code) = hall.deposit("gaspard@example.org").await;
        hall.work();
        let (case, citizen) = (hall.case(&reference).await, hall.browser());
        citizen.follow(&code).await.says("10,00\u{a0}€ à payer si la demande est acceptée.");
        let english = hall.browser();
        english.follow(&code).await.is(200);
        english.get("/suivi?lang=en").await.says("€10.00 to be paid if the request is granted.");
        assert!(orders(hall, &case).await.is_empty(), "nothing is due before it is granted");
        let worker = agent(hall, "agent@lunel.example").await;
        let base = format!("/agents/dossiers/{case}");
        // The order that is about to leave says what is to be paid.
        worker.post(&format!("{base}/prendre"), &[]).await.is(303);
        let granted = [("outcome", "granted"), ("reasons", "")];
        let proof = worker.post(&format!("{base}/decision/projet"), &granted).await;
        proof.says("donne lieu au paiement de 10,00\u{a0}€").says(DELIBERATION);
        worker.post(&format!("{base}/decision"), &granted).await.is(303);
        hall.work();
        let [due] = &orders(hall, &case).await[..] else { panic!("one order") };
        assert_eq!(
            (due.total, due.state, due.deliberation.as_str()),
            (Cents(1_000), OrderState::Due, DELIBERATION)
        );
        let mails = hall.mails().await;
        let told = mails.iter().find(|mail| mail.subject.contains("décision a été prise")).unwrap();
        assert!(told.text.contains("10,00\u{a0}€"), "{}", told.text);
        citizen.get("/suivi").await.says("10,00\u{a0}€ à payer avant le").says("/paiements/");
        worker.get(&base).await.says(&format!("/agents/caisse/commandes/{}", due.id)).says("Encaisser");
        pays(hall, due).await;
        citizen.get("/suivi").await.says("10,00\u{a0}€\u{a0}: c’est payé.");

        // Whoever loses by it is heard, then the decision is withdrawn.
        let page = format!("{base}/retrait");
        let invited = [
            ("observations-motif", "La largeur qui reste est de 90 cm."),
            ("observations-day", "18"),
            ("observations-month", "6"),
            ("observations-year", "2026"),
        ];
        worker.post(&format!("{page}/observations"), &invited).await.is(303);
        hall.fixture.clock.advance(TimeDelta::days(16));
        let worker = agent(hall, "relais@lunel.example").await;
        let act = [
            ("regle", "withdrawn-unlawful"),
            ("entendu", "invited"),
            ("motifs", "La largeur avait été mal mesurée."),
        ];
        worker.post(&page, &act).await.is(303);
        hall.work();
        let [back] = &refunds(hall, due.id).await[..] else { panic!("one refund") };
        assert_eq!(back.cents, Cents(1_000));
        citizen.follow(&code).await.says("10,00\u{a0}€ vous seront remboursés. Vous recevrez un message");
        worker.get(&base).await.says("10,00\u{a0}€ à rembourser.");
        let id = back.id;
        let done = hall.fixture.commune.write(By::SYSTEM, move |tx| {
            let permit = permit_system::<SettlePayments>(tx).unwrap();
            refund::done(tx, &permit, id, RefundHow::Transfer, "").unwrap();
            Ok::<_, StoreError>(())
        });
        done.await.unwrap();
        hall.work();
        citizen.get("/suivi").await.says("vous sont remboursés par virement");
        // Granted anew, it is asked for anew.
        worker.post(&format!("{base}/decision"), &granted).await.is(303);
        hall.work();
        let all = orders(hall, &case).await;
        let states: Vec<OrderState> = all.iter().map(|it| it.state).collect();
        assert_eq!(states, [OrderState::Refunded, OrderState::Due]);
    });
}

#[test]
fn what_silence_grants_is_paid_as_well() {
    journey(Gate::Open, async |hall| {
        collects(&hall.fixture.commune).await;
        let mut procedure = with_computed();
        procedure.regime.as_mut().unwrap().silence = Silence::Grants;
        offers(&hall.fixture.commune, procedure).await;
        let (reference, _) = hall.deposit("gaspard@example.org").await;
        hall.work();
        hall.fixture.clock.advance(TimeDelta::days(63));
        tokio::task::block_in_place(|| hall.hour()).unwrap();
        hall.work();
        let [due] = &orders(hall, &hall.case(&reference).await).await[..] else { panic!("one order") };
        assert_eq!((due.total, due.state), (Cents(1_000), OrderState::Due));
        let mails = hall.mails().await;
        let told = mails.iter().find(|mail| mail.text.contains("votre demande est acceptée depuis")).unwrap();
        assert!(told.text.contains("paiement de 10,00\u{a0}€"), "{}", told.text);
    });
}

#[test]
fn what_is_repealed_was_due_until_then() {
    journey(Gate::Open, async |hall| {
        collects(&hall.fixture.commune).await;
        offers(&hall.fixture.commune, with_computed()).await;
        let (reference, code) = hall.deposit("gaspard@example.org").await;
        let case = hall.case(&reference).await;
        let base = format!("/agents/dossiers/{case}");
        let worker = agent(hall, "agent@lunel.example").await;
        decides(hall, &worker, &base, "granted").await;
        let [due] = &orders(hall, &case).await[..] else { panic!("one order") };
        let asked =
            [("regle", "repealed-beneficiary"), ("motifs", "Le chantier est annulé."), ("tiers", "oui")];
        worker.post(&format!("{base}/retrait"), &asked).await.is(303);
        hall.work();
        let [kept] = &orders(hall, &case).await[..] else { panic!("one order") };
        assert_eq!((kept.id, kept.state), (due.id, OrderState::Due));
        worker.get(&base).await.says("CGPPP, article L2125-6");
        hall.browser().follow(&code).await.says("à payer avant le").is_silent_about("L2125-6");
        // That a refusal follows, and is withdrawn, makes nothing of it undue.
        let refused = [("outcome", "refused"), ("reasons", "Le chantier est terminé.")];
        worker.post(&format!("{base}/decision"), &refused).await.is(303);
        hall.work();
        let withdrawn = [("regle", "withdrawn-unlawful"), ("motifs", "Le chantier continue.")];
        worker.post(&format!("{base}/retrait"), &withdrawn).await.is(303);
        hall.work();
        let [still] = &orders(hall, &case).await[..] else { panic!("one order") };
        assert_eq!((still.id, still.state), (due.id, OrderState::Due));
    });
}

#[test]
fn of_what_is_refused_or_free_nothing_is_asked() {
    journey(Gate::Open, async |hall| {
        collects(&hall.fixture.commune).await;
        offers(&hall.fixture.commune, with_computed()).await;
        let worker = agent(hall, "agent@lunel.example").await;
        let mut club = removal("club@example.org");
        let answers = club.as_object_mut().unwrap();
        answers.insert("statut".to_owned(), json!("association"));
        answers.insert("organisme".to_owned(), json!("Boule des Platanes"));
        answers.insert("rna".to_owned(), json!("W341002345"));
        for (answers, outcome) in [(club, "granted"), (removal("gaspard@example.org"), "refused")] {
            let (reference, code) = hall.deposit_for(SLUG, &answers).await;
            let case = hall.case(&reference).await;
            decides(hall, &worker, &format!("/agents/dossiers/{case}"), outcome).await;
            assert!(orders(hall, &case).await.is_empty(), "{outcome}");
            hall.browser().follow(&code).await.is_silent_about("/paiements/");
        }
    });
}

#[test]
fn what_is_due_at_once_is_taken_at_the_counter_and_stays_where_the_town_refuses() {
    journey(Gate::Open, async |hall| {
        collects(&hall.fixture.commune).await;
        offers(&hall.fixture.commune, with_filing()).await;
        hall.browser().get(&format!("/demarches/{SLUG}")).await.says("12,00\u{a0}€, à payer dès l’envoi");
        let english = hall.browser().get(&format!("/demarches/{SLUG}?lang=en")).await;
        english.says("€12.00, to be paid as soon as");
        let worker = agent(hall, "agent@lunel.example").await;
        let sent = worker.send(COUNTER, &entered(KEY, "counter", TODAY), &[]).await;
        assert_eq!(sent.status, 303, "{}", sent.body);
        // Nothing is to be waited for: the receipt says what is due, and leads to the till.
        let receipt = worker.get(&sent.location).await;
        receipt.says("paiement de 12,00\u{a0}€, dû dès maintenant").says("/agents/caisse/commandes/");
        let case = sent.location.rsplit('/').next().unwrap().to_owned();
        let [due] = &orders(hall, &case).await[..] else { panic!("one order") };
        assert_eq!((due.total, due.state), (Cents(1_200), OrderState::Due));
        // A form that is refused in place takes nothing off the page.
        let unsaid = worker.post(&format!("/agents/dossiers/{case}/note"), &[("note", "")]).await;
        unsaid.is(422).says("/agents/caisse/commandes/");
        pays(hall, due).await;
        worker.get(&sent.location).await.is_silent_about("/agents/caisse/commandes/");
        decides(hall, &worker, &format!("/agents/dossiers/{case}"), "refused").await;
        assert!(refunds(hall, due.id).await.is_empty(), "the town has worked on it");
        assert_eq!(orders(hall, &case).await.len(), 1);
    });
}

#[test]
fn whoever_gives_their_request_up_pays_no_more_for_it() {
    journey(Gate::Open, async |hall| {
        collects(&hall.fixture.commune).await;
        offers(&hall.fixture.commune, with_filing()).await;
        let (reference, code) = hall.deposit("gaspard@example.org").await;
        hall.work();
        let acknowledged = hall.mails().await;
        assert!(acknowledged.iter().any(|mail| mail.text.contains("12,00\u{a0}€, dû dès maintenant")));
        let case = hall.case(&reference).await;
        let citizen = hall.browser();
        citizen.follow(&code).await.says("12,00\u{a0}€ à payer avant le 3 juillet 2026");
        citizen.post("/suivi/retrait", &[("sur", "oui")]).await.is(303);
        hall.work();
        let [gone] = &orders(hall, &case).await[..] else { panic!("one order") };
        assert_eq!(gone.state, OrderState::Cancelled);
        citizen.get("/suivi").await.says("ne sont plus à payer").is_silent_about("/paiements/");
    });
}

#[test]
fn where_nobody_collects_agents_are_told() {
    journey(Gate::Open, async |hall| {
        offers(&hall.fixture.commune, with_filing()).await;
        let worker = agent(hall, "agent@lunel.example").await;
        let (reference, _) = hall.deposit("gaspard@example.org").await;
        let case = hall.case(&reference).await;
        worker.get(&format!("/agents/dossiers/{case}")).await.says("aucune régie n’est ouverte");
    });
}

#[test]
fn of_what_was_granted_while_nobody_collected_nothing_is_promised() {
    journey(Gate::Open, async |hall| {
        offers(&hall.fixture.commune, with_computed()).await;
        let (reference, code) = hall.deposit("gaspard@example.org").await;
        let case = hall.case(&reference).await;
        let base = format!("/agents/dossiers/{case}");
        let worker = agent(hall, "agent@lunel.example").await;
        decides(hall, &worker, &base, "granted").await;
        worker.get(&base).await.says("aucune régie n’est ouverte");
        collects(&hall.fixture.commune).await;
        hall.fixture.clock.advance(TimeDelta::days(1));
        let worker = agent(hall, "relais@lunel.example").await;
        worker.get(&base).await.says("aucune régie n’était ouverte ce jour-là");
        let citizen = hall.browser();
        citizen.follow(&code).await.says("la mairie vous dira comment").is_silent_about("/paiements/");
    });
}

#[test]
fn of_what_is_paid_to_others_the_sheet_says_what_fixes_it_and_not_when_it_is_due() {
    journey(Gate::Open, async |hall| {
        let mut procedure = catalogued("carte-d-identite-et-passeport");
        procedure.version += 1;
        procedure.fee = Some(Fee {
            amount: Some(Cents(8_600)),
            deliberation: "code général des impôts, article 953".to_owned(),
            ..Fee::default()
        });
        offers(&hall.fixture.commune, procedure).await;
        let sheet = hall.browser().get("/demarches/carte-d-identite-et-passeport").await;
        sheet.says("code général des impôts, article 953").is_silent_about("une fois la demande acceptée");
    });
}

#[test]
fn the_builder_asks_for_the_deliberation_and_for_what_gives_the_amount() {
    journey(Gate::Open, async |hall| {
        let (_, manager) = hall.signed_in("direction@lunel.example", TOWN).await;
        offers(&hall.fixture.commune, with_computed()).await;
        let base = manager.post(&format!("{ROOT}/offertes/{SLUG}/brouillon"), &[]).await.location;
        let page = format!("{base}/partie/tarif");
        let shown = manager.get(&page).await;
        shown.says("Redevance").says(DELIBERATION).says("Quand la demande est acceptée");
        let seen = shown.between("name=\"seen\" value=\"", "\"");
        let none =
            [("seen", seen.as_str()), ("fee", "field"), ("field", ""), ("on", "grant"), ("cost", "Voir")];
        manager
            .post(&page, &none)
            .await
            .is(422)
            .explains("field", "Choisissez la question qui donne le montant");
        let unsaid = [
            ("seen", seen.as_str()),
            ("fee", "field"),
            ("field", "redevance"),
            ("on", "filing"),
            ("deliberation", ""),
            ("cost", "Selon la surface"),
        ];
        manager.post(&page, &unsaid).await.is(303);
        manager.get(&page).await.says("Nommez la délibération qui fixe le tarif");
        // Nobody collects yet: what is asked for would be asked by nobody.
        manager.get(&format!("{base}/verification")).await.says("Aucune régie n’est ouverte pour ce service");
        collects(&hall.fixture.commune).await;
        manager.get(&format!("{base}/verification")).await.is_silent_about("Aucune régie");
        let told = manager.get(&format!("{base}/differences")).await;
        told.says("Dès le dépôt de la demande").says("Délibération qui fixe le tarif");
    });
}

#[test]
fn programs_are_told_what_is_paid() {
    hall::journey(async |hall| {
        collects(&hall.fixture.commune).await;
        offers(&hall.fixture.commune, with_filing()).await;
        let told = hall.get(&format!("/api/v1/procedures/{SLUG}"), &[]).await.json();
        let fee =
            json!({ "amount_cents": 1_200, "field": null, "on": "filing", "deliberation": DELIBERATION });
        assert_eq!(told["fee"], fee);
        let sent = hall.deposit(&hall::removal(), None).await.json();
        let text = |name: &str| sent.get(name).and_then(Value::as_str).unwrap().to_owned();
        let (reference, code) = (text("reference"), text("tracking_code"));
        let path = format!("/api/v1/cases/{reference}");
        let payment = hall.get(&path, &[("tracking-code", code.as_str())]).await.json()["payment"].clone();
        assert_eq!(payment["state"], "due");
        assert_eq!(payment["remaining_cents"], 1_200);
        assert!(payment["page"].as_str().unwrap().starts_with("/paiements/"));
    });
}
