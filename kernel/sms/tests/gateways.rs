//! Text messages to a gateway of the test, which takes them, refuses them or is away, on both engines.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{net::TcpListener, sync::Arc};

use beffroi_core::Targets;
use beffroi_notify::{
    About, mail,
    messenger::{self, Messenger, NewShortMessage, SendHandler, ShortState},
};
use beffroi_people::{
    AccountKind, Grant, Role,
    account::{self, NewAccount},
    permission::{self, permit_system},
};
use beffroi_sms::{Gateway, GatewayKind, Kept, Sms, Trouble, WAY, testing::StandIn};
use beffroi_store::{
    By, Migration, StoreError,
    background::Workers,
    testing::{TestCommune, on_both_engines},
};
use chrono::TimeDelta;
use uuid::Uuid;

const CASE: About<'static> = About { kind: "case", id: Uuid::from_u128(7) };

fn migrations() -> Vec<Migration> {
    [beffroi_people::MIGRATIONS, beffroi_notify::MIGRATIONS, beffroi_sms::MIGRATIONS].concat()
}

fn gateway(kind: GatewayKind, address: &str) -> Gateway {
    let typed = Gateway {
        kind,
        address: address.to_owned(),
        account: "sms-ab12345-1".to_owned(),
        app_key: "application".to_owned(),
        secret: "secret".to_owned(),
        consumer_key: "consumer".to_owned(),
        sender: "LUNEL".to_owned(),
        monthly_cap: 3,
        abroad: false,
    };
    beffroi_sms::to_keep(&typed, None).unwrap()
}

fn set(fixture: &TestCommune, gateway: &Gateway) {
    let gateway = gateway.clone();
    fixture
        .commune
        .write_blocking::<_, StoreError>(By::SYSTEM, move |tx| {
            let permit = permit_system(tx).unwrap();
            beffroi_sms::save(tx, &permit, &gateway)
        })
        .unwrap();
}

/// Queues a message, and does what is to be done; where it stands then, and why.
fn sent(fixture: &TestCommune, targets: Targets, to: &str, text: &str) -> (ShortState, Option<String>) {
    let (to, text) = (to.to_owned(), text.to_owned());
    // The order of what was queued in one instant says nothing.
    fixture.clock.advance(TimeDelta::seconds(1));
    fixture
        .commune
        .write_blocking::<_, StoreError>(By::SYSTEM, move |tx| {
            let new = NewShortMessage { way: WAY, to: &to, text: &text, about: CASE, once: None };
            messenger::queue(tx, &new).map(drop)
        })
        .unwrap();
    work(fixture, targets);
    last(fixture)
}

fn work(fixture: &TestCommune, targets: Targets) {
    let sms: Arc<dyn Messenger> = Arc::new(Sms::new(targets, false));
    let handlers: Vec<Arc<dyn beffroi_store::background::JobHandler>> =
        vec![Arc::new(SendHandler::new(vec![sms]))];
    fixture.settle(&Arc::new(Workers { handlers, ..Workers::default() })).unwrap();
}

fn last(fixture: &TestCommune) -> (ShortState, Option<String>) {
    let all = fixture.commune.read_blocking(By::SYSTEM, |tx| messenger::of_subject(tx, CASE, 100)).unwrap();
    let last = all.last().unwrap();
    (last.state, last.error.clone())
}

fn kept(fixture: &TestCommune) -> (Kept, u32) {
    fixture
        .commune
        .read_blocking::<_, StoreError>(By::SYSTEM, |tx| {
            Ok((beffroi_sms::kept(tx)?.unwrap(), beffroi_sms::used(tx)?))
        })
        .unwrap()
}

fn failed(trouble: Trouble) -> (ShortState, Option<String>) {
    (ShortState::Failed, Some(trouble.as_str().to_owned()))
}

#[test]
fn ovhcloud_is_asked_with_a_signature_and_its_refusals_are_told_by_kind() {
    on_both_engines(&migrations(), |fixture| {
        let stand_in = StandIn::start();
        assert_eq!(sent(fixture, Targets::Private, "+33612345678", "Prêt"), failed(Trouble::Off));
        set(fixture, &gateway(GatewayKind::Ovh, &stand_in.address));
        let (state, _) =
            sent(fixture, Targets::Private, "06 12 34 56 78", "Votre dossier est pr\u{e9}t\u{a0}!");
        assert_eq!(state, ShortState::Sent);
        let (head, body) = stand_in.last();
        let head = head.to_lowercase();
        assert!(head.starts_with("post /sms/sms-ab12345-1/jobs http/1.1"), "{head}");
        assert!(head.contains("x-ovh-application: application"), "{head}");
        assert!(head.contains("x-ovh-consumer: consumer"), "{head}");
        let timestamp = fixture.commune.now().timestamp();
        assert!(head.contains(&format!("x-ovh-timestamp: {timestamp}")), "{head}");
        assert!(head.contains("x-ovh-signature: $1$"), "{head}");
        assert!(!head.contains("secret") && !body.to_string().contains("secret"), "it only signs");
        assert_eq!(body["receivers"], serde_json::json!(["+33612345678"]));
        assert_eq!((body["sender"].as_str(), body["coding"].as_str()), (Some("LUNEL"), Some("7bit")));
        assert_eq!(body["message"], "Votre dossier est pr\u{e9}t !");
        assert_eq!(body["noStopClause"], true);
        let (fared, used) = kept(fixture);
        assert_eq!((fared.sent_at, fared.trouble, used), (Some(fixture.commune.now()), None, 1));

        // A number of a house is not written to, and nobody is asked.
        assert_eq!(sent(fixture, Targets::Private, "+33465711234", "Prêt"), failed(Trouble::Number));
        assert_eq!(sent(fixture, Targets::Private, "+41791234567", "Prêt"), failed(Trouble::Number));
        assert_eq!(stand_in.count(), 1);

        for (status, text, trouble) in [
            (403, r#"{"errorCode":"INVALID_CREDENTIAL"}"#, Trouble::Refused),
            (402, "{}", Trouble::Credit),
            (404, "{}", Trouble::Account),
            (200, r#"{"invalidReceivers":["+33612345678"],"validReceivers":[]}"#, Trouble::Number),
        ] {
            stand_in.answers(status, text);
            assert_eq!(sent(fixture, Targets::Private, "+33612345678", "Prêt"), failed(trouble));
        }
        let (fared, used) = kept(fixture);
        assert_eq!((fared.trouble, used), (Some(Trouble::Account), 1), "what did not leave is not counted");
        // Since the first of the four, a second each.
        assert_eq!(fared.troubled_since, Some(fixture.commune.now() - TimeDelta::seconds(3)));

        // Whether an answer in between means that it left is not known: it is counted, and not tried again.
        stand_in.answers(500, "");
        let asked = stand_in.count();
        assert_eq!(sent(fixture, Targets::Private, "+33612345678", "Prêt"), failed(Trouble::Doubtful));
        fixture.clock.advance(TimeDelta::hours(1));
        work(fixture, Targets::Private);
        assert_eq!((stand_in.count(), kept(fixture).1), (asked + 1, 2));
    })
    .unwrap();
}

#[test]
fn brevo_is_asked_with_its_key_and_again_when_it_is_away() {
    on_both_engines(&migrations(), |fixture| {
        let stand_in = StandIn::start();
        set(fixture, &gateway(GatewayKind::Brevo, &stand_in.address));
        stand_in.answers(503, "");
        let (state, why) = sent(fixture, Targets::Private, "+33612345678", "Reçu");
        assert_eq!((state, why.as_deref()), (ShortState::Queued, Some("failing")));
        assert_eq!(kept(fixture).0.trouble, Some(Trouble::Failing));
        stand_in.answers(201, r#"{"messageId":1511882900176220}"#);
        fixture.clock.advance(TimeDelta::hours(1));
        work(fixture, Targets::Private);
        assert_eq!((last(fixture).0, kept(fixture).1), (ShortState::Sent, 1));
        let (head, body) = stand_in.last();
        assert!(head.starts_with("POST /transactionalSMS/send HTTP/1.1"), "{head}");
        assert!(head.to_lowercase().contains("api-key: secret"), "{head}");
        assert_eq!(
            (body["recipient"].as_str(), body["type"].as_str()),
            (Some("33612345678"), Some("transactional"))
        );
        assert_eq!((body["content"].as_str(), body["unicodeEnabled"].as_bool()), (Some("Reçu"), Some(true)));
        assert_eq!(kept(fixture).0.trouble, None);

        stand_in.answers(429, "");
        let (state, why) = sent(fixture, Targets::Private, "+33612345678", "Prêt");
        assert_eq!((state, why.as_deref()), (ShortState::Queued, Some("limit")));
    })
    .unwrap();
}

#[test]
fn nobody_listens_or_the_address_leads_inside() {
    on_both_engines(&migrations(), |fixture| {
        // A port that was free a moment ago.
        let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        set(fixture, &gateway(GatewayKind::Brevo, &format!("http://{closed}")));
        let (state, why) = sent(fixture, Targets::Private, "+33612345678", "Prêt");
        assert_eq!((state, why.as_deref()), (ShortState::Queued, Some("away")));
        assert_eq!(kept(fixture).1, 0);
        // The operator has not allowed the town's own network.
        let stand_in = StandIn::start();
        set(fixture, &gateway(GatewayKind::Brevo, &stand_in.address));
        assert_eq!(sent(fixture, Targets::Public, "+33612345678", "Prêt"), failed(Trouble::Private));
        assert_eq!(stand_in.count(), 0);
    })
    .unwrap();
}

#[test]
fn beyond_the_months_number_nothing_leaves_and_administrators_are_told_once() {
    on_both_engines(&migrations(), |fixture| {
        let stand_in = StandIn::start();
        fixture
            .commune
            .write_blocking::<_, StoreError>(By::SYSTEM, |tx| {
                let permit = permit_system(tx).unwrap();
                let new = NewAccount {
                    email: "maire@lunel.example".to_owned(),
                    display_name: "Le maire".to_owned(),
                    kind: AccountKind::Agent,
                    password: None,
                };
                let id = account::create(tx, &permit, &new).unwrap();
                let permit = permit_system(tx).unwrap();
                permission::grant(tx, &permit, id, Grant { role: Role::Administrator, department: None })
                    .unwrap();
                Ok(())
            })
            .unwrap();
        set(fixture, &gateway(GatewayKind::Ovh, &stand_in.address));
        let to = "+33612345678";
        // Two parts, then one: that is what may leave.
        assert_eq!(sent(fixture, Targets::Private, to, &"a".repeat(161)).0, ShortState::Sent);
        assert_eq!(sent(fixture, Targets::Private, to, &"a".repeat(161)), failed(Trouble::Cap));
        assert_eq!(sent(fixture, Targets::Private, to, "a").0, ShortState::Sent);
        assert_eq!(sent(fixture, Targets::Private, to, "a"), failed(Trouble::Cap));
        assert_eq!((stand_in.count(), kept(fixture).1), (2, 3));
        assert_eq!(kept(fixture).0.trouble, None, "it is no trouble of the gateway");
        let mails = fixture.commune.read_blocking(By::SYSTEM, |tx| mail::recent(tx, None, 10)).unwrap();
        let subjects: Vec<&str> = mails.iter().map(|mail| mail.subject.as_str()).collect();
        assert_eq!(subjects, ["Plus de SMS ce mois-ci"]);
        // The next month begins anew.
        fixture.clock.advance(TimeDelta::days(31));
        assert_eq!(sent(fixture, Targets::Private, to, "a").0, ShortState::Sent);
        assert_eq!(kept(fixture).1, 1);
    })
    .unwrap();
}

#[test]
fn a_demonstration_sends_nothing() {
    on_both_engines(&migrations(), |fixture| {
        let stand_in = StandIn::start();
        set(fixture, &gateway(GatewayKind::Ovh, &stand_in.address));
        fixture
            .commune
            .write_blocking::<_, StoreError>(By::SYSTEM, |tx| {
                let new =
                    NewShortMessage { way: WAY, to: "0612345678", text: "Prêt", about: CASE, once: None };
                messenger::queue(tx, &new).map(drop)
            })
            .unwrap();
        let sms: Arc<dyn Messenger> = Arc::new(Sms::new(Targets::Private, true));
        let handlers: Vec<Arc<dyn beffroi_store::background::JobHandler>> =
            vec![Arc::new(SendHandler::new(vec![sms]))];
        fixture.settle(&Arc::new(Workers { handlers, ..Workers::default() })).unwrap();
        assert_eq!((last(fixture).0, stand_in.count()), (ShortState::Kept, 0));
    })
    .unwrap();
}
