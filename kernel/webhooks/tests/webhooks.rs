//! Messages to a receiver of the test, on both engines: signed as another implementation checks it, tried again, told
//! again, stopped.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    sync::{Arc, Mutex},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use beffroi_core::Id;
use beffroi_people::permission::permit_system;
use beffroi_store::{
    By, Entry, JournalEntry, Migration, Result, StoreError, Tx,
    background::Workers,
    testing::{TestCommune, on_both_engines},
};
use beffroi_webhooks::{
    self as webhooks, Attempt, DeliverHandler, Delivery, DeliveryState, Endpoint, EndpointError,
    EndpointState, Event, Follower, NewEndpoint, ReplayHandler, Source, Sources, Targets, UrlFault,
};
use chrono::TimeDelta;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

/// What happens in the test's town.
#[derive(Default)]
struct Bells {
    disabled: Mutex<Vec<String>>,
}

impl Source for Bells {
    fn kinds(&self) -> &'static [&'static str] {
        &["bell.rung", "bell.cracked"]
    }

    fn names(&self) -> &'static [&'static str] {
        &["bell.rung", "bell.cracked"]
    }

    fn event(&self, _: &mut Tx<'_>, entry: &JournalEntry) -> Result<Option<Event>> {
        let name = if entry.kind == "bell.rung" { "bell.rung" } else { "bell.cracked" };
        Ok(Some(Event { name, data: json!({ "id": entry.subject_id }) }))
    }

    fn disabled(&self, _: &mut Tx<'_>, endpoint: &Endpoint) -> Result<()> {
        self.disabled.lock().unwrap().push(endpoint.url.clone());
        Ok(())
    }
}

/// What the town's clock does: another service's events, whose journal says more than is told.
struct Clocks;

impl Source for Clocks {
    fn kinds(&self) -> &[&'static str] {
        &["clock.struck", "clock.wound"]
    }

    fn names(&self) -> &[&'static str] {
        &["clock.struck"]
    }

    fn event(&self, _: &mut Tx<'_>, entry: &JournalEntry) -> Result<Option<Event>> {
        let struck = entry.kind == "clock.struck";
        Ok(struck.then(|| Event { name: "clock.struck", data: json!({}) }))
    }
}

/// What a receiver was sent.
#[derive(Clone, Debug)]
struct Received {
    line: String,
    headers: HashMap<String, String>,
    body: String,
}

impl Received {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// The signatures that hold for this secret, as the specification's text has it, without its library.
    fn signed_with(&self, secret: &str) -> usize {
        let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        let signed =
            format!("{}.{}.{}", self.headers["webhook-id"], self.headers["webhook-timestamp"], self.body);
        let given = self.headers["webhook-signature"].split(' ');
        given
            .filter(|signature| {
                let (version, signature) = signature.split_once(',').unwrap();
                let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&key).unwrap();
                mac.update(signed.as_bytes());
                version == "v1" && mac.verify_slice(&STANDARD.decode(signature).unwrap()).is_ok()
            })
            .count()
    }
}

/// A receiver that answers as it is told, then 204.
struct Receiver {
    url: String,
    answers: Arc<Mutex<Vec<String>>>,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Receiver {
    fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/hooks?town=lunel", listener.local_addr().unwrap());
        let open = Self { url, answers: Arc::default(), received: Arc::default() };
        let (answers, received) = (Arc::clone(&open.answers), Arc::clone(&open.received));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                let mut line = String::new();
                reader.read_line(&mut line).unwrap();
                let mut headers = HashMap::new();
                loop {
                    let mut header = String::new();
                    reader.read_line(&mut header).unwrap();
                    let Some((name, value)) = header.trim().split_once(": ") else { break };
                    headers.insert(name.to_lowercase(), value.to_owned());
                }
                let mut body = vec![0; headers["content-length"].parse().unwrap()];
                reader.read_exact(&mut body).unwrap();
                let body = String::from_utf8(body).unwrap();
                received.lock().unwrap().push(Received { line: line.trim().to_owned(), headers, body });
                let mut answers = answers.lock().unwrap();
                let answer = if answers.is_empty() { "204 No Content".to_owned() } else { answers.remove(0) };
                let (head, text) = answer.split_once('|').unwrap_or((&answer, ""));
                let length = text.len();
                let _ = write!(
                    stream,
                    "HTTP/1.1 {head}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{text}"
                );
            }
        });
        open
    }

    fn answers(&self, answers: &[&str]) {
        *self.answers.lock().unwrap() = answers.iter().map(|it| (*it).to_owned()).collect();
    }

    /// What came since the last time.
    fn came(&self) -> Vec<Received> {
        std::mem::take(&mut *self.received.lock().unwrap())
    }
}

fn migrations() -> Vec<Migration> {
    [beffroi_people::MIGRATIONS, webhooks::MIGRATIONS].concat()
}

/// A town, its bells, and a receiver.
struct Town<'t> {
    fixture: &'t TestCommune,
    bells: Arc<Bells>,
    workers: Arc<Workers>,
    receiver: Receiver,
}

impl<'t> Town<'t> {
    fn of(fixture: &'t TestCommune) -> Self {
        let bells = Arc::new(Bells::default());
        let all: Vec<Arc<dyn Source>> = vec![Arc::clone(&bells) as Arc<dyn Source>, Arc::new(Clocks)];
        let source: Arc<dyn Source> = Arc::new(Sources::new(all));
        let workers = Workers {
            subscribers: vec![Arc::new(Follower(Arc::clone(&source)))],
            handlers: vec![
                Arc::new(DeliverHandler::new(Arc::clone(&source), Targets::Private)),
                Arc::new(ReplayHandler(source)),
            ],
        };
        Self { fixture, bells, workers: Arc::new(workers), receiver: Receiver::open() }
    }

    fn write<T: Send + 'static>(&self, work: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static) -> T {
        self.fixture.commune.write_blocking(By::SYSTEM, work).unwrap()
    }

    fn read<T>(&self, work: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> T {
        self.fixture.commune.read_blocking(By::SYSTEM, work).unwrap()
    }

    /// An endpoint of the receiver, and its secret.
    fn endpoint(&self, events: &[&str]) -> (Id<Endpoint>, String) {
        let (bells, url) = (Arc::clone(&self.bells), self.receiver.url.clone());
        let events = events.iter().map(|it| (*it).to_owned()).collect();
        let made = self.fixture.commune.write_blocking(By::SYSTEM, move |tx| {
            let permit = permit_system(tx).unwrap();
            let new = NewEndpoint { url, description: "Logiciel métier".to_owned(), events };
            webhooks::create(tx, &permit, &new, Targets::Private, bells.as_ref())
        });
        let (id, secret) = made.unwrap();
        (id, secret.reveal())
    }

    fn ring(&self, kind: &'static str) {
        self.write(move |tx| {
            let subject_id = tx.new_id::<()>().uuid();
            tx.journal(&Entry { kind, subject_kind: "bell", subject_id, payload: json!({}) })
        });
    }

    fn settle(&self) {
        self.fixture.settle(&self.workers).unwrap();
    }

    fn later(&self, time: TimeDelta) {
        self.fixture.clock.advance(time);
        self.settle();
    }

    fn deliveries(&self, endpoint: Id<Endpoint>) -> Vec<Delivery> {
        self.read(move |tx| webhooks::deliveries(tx, endpoint, None, 100))
    }

    fn attempts(&self, delivery: Id<Delivery>) -> Vec<Attempt> {
        self.read(move |tx| webhooks::attempts(tx, delivery))
    }

    fn get(&self, endpoint: Id<Endpoint>) -> Endpoint {
        self.read(move |tx| webhooks::get(tx, endpoint)).unwrap()
    }
}

fn in_town(test: impl Fn(&Town<'_>)) {
    on_both_engines(&migrations(), |fixture| test(&Town::of(fixture))).unwrap();
}

#[test]
fn an_event_is_told_once_signed_as_the_specification_says() {
    in_town(|town| {
        town.ring("bell.rung");
        let (endpoint, secret) = town.endpoint(&["bell.rung"]);
        town.settle();
        town.ring("bell.cracked");
        town.ring("bell.rung");
        town.settle();
        town.settle();
        let came = town.receiver.came();
        // What happened before the endpoint was there, and what it does not want, is not told.
        let [message] = came.as_slice() else { panic!("{came:?}") };
        assert_eq!(message.line, "POST /hooks?town=lunel HTTP/1.1");
        assert_eq!(message.headers["content-type"], "application/json");
        assert_eq!(message.signed_with(&secret), 1);
        assert_eq!(message.json()["type"], "bell.rung");
        assert_eq!(message.json()["timestamp"], "2026-06-03T08:00:00.000Z");
        assert_eq!(message.headers["webhook-timestamp"], "1780473600");
        let mut changed = message.clone();
        changed.body.push(' ');
        assert_eq!(changed.signed_with(&secret), 0, "a body that was changed on the way is known");
        let [delivery] = &town.deliveries(endpoint)[..] else { panic!() };
        assert_eq!((delivery.state, delivery.attempts), (DeliveryState::Delivered, 1));
        assert_eq!(delivery.message, message.headers["webhook-id"]);
        // What is kept opens nothing to who reads the tables.
        let kept: Vec<u8> =
            town.read(|tx| tx.query_one("SELECT secret FROM webhook_endpoint", &[], |row| row.get(0)));
        let plain = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        assert!(!kept.windows(plain.len()).any(|window| window == plain));
    });
}

#[test]
fn the_events_of_several_services_go_by_one_endpoint_in_their_order() {
    in_town(|town| {
        town.endpoint(&[]);
        for kind in ["bell.rung", "clock.wound", "clock.struck", "bell.cracked"] {
            town.ring(kind);
            town.settle();
        }
        let came: Vec<Value> = town.receiver.came().iter().map(|it| it.json()["type"].clone()).collect();
        assert_eq!(came, ["bell.rung", "clock.struck", "bell.cracked"]);
        let all = Sources::new(vec![Arc::new(Clocks)]).and(vec![Arc::new(Bells::default())]);
        assert_eq!(all.kinds(), ["bell.cracked", "bell.rung", "clock.struck", "clock.wound"]);
        assert_eq!(all.names(), ["bell.cracked", "bell.rung", "clock.struck"]);
    });
}

#[test]
fn a_message_that_is_not_taken_is_tried_again_and_known_again() {
    in_town(|town| {
        let (endpoint, secret) = town.endpoint(&[]);
        let long = format!("500 Internal Server Error|{}", "x".repeat(5_000));
        town.receiver.answers(&[
            &long,
            "302 Found\r\nlocation: http://127.0.0.1/",
            "503 Busy\r\nretry-after: 3600",
        ]);
        town.ring("bell.rung");
        town.settle();
        town.settle();
        assert_eq!(town.receiver.came().len(), 1, "not before five seconds");
        town.later(TimeDelta::seconds(6));
        town.later(TimeDelta::minutes(6));
        assert_eq!(town.receiver.came().len(), 2, "a redirection is not followed");
        town.later(TimeDelta::minutes(50));
        assert_eq!(town.receiver.came().len(), 0, "the receiver asked for an hour");
        town.later(TimeDelta::minutes(11));
        let last = town.receiver.came().pop().unwrap();
        assert_eq!(last.signed_with(&secret), 1);
        let [delivery] = &town.deliveries(endpoint)[..] else { panic!() };
        assert_eq!((delivery.state, delivery.attempts), (DeliveryState::Delivered, 4));
        assert_eq!(delivery.message, last.headers["webhook-id"]);
        let attempts = town.attempts(delivery.id);
        let statuses: Vec<_> = attempts.iter().map(|attempt| attempt.status).collect();
        assert_eq!(statuses, [Some(204), Some(503), Some(302), Some(500)]);
        let longest = attempts.iter().map(|attempt| attempt.answer.len()).max();
        assert_eq!(longest, Some(1_024), "no more of an answer is kept");
        assert_eq!(town.get(endpoint).failing_since, None);
    });
}

#[test]
fn an_endpoint_that_takes_nothing_for_days_is_disabled_and_the_town_is_told() {
    in_town(|town| {
        let (endpoint, _) = town.endpoint(&[]);
        town.receiver.answers(&["500 No"; 100]);
        for _ in 0..11 {
            town.ring("bell.rung");
            town.settle();
            town.later(TimeDelta::hours(12));
        }
        let found = town.get(endpoint);
        assert_eq!(found.state, EndpointState::Disabled);
        assert_eq!(*town.bells.disabled.lock().unwrap(), [found.url]);
        town.receiver.came();
        town.ring("bell.rung");
        town.later(TimeDelta::days(2));
        assert_eq!(town.receiver.came().len(), 0);
        // Mended, it is sent what still waited, and what happens from now on.
        town.receiver.answers(&[]);
        town.write(move |tx| {
            let permit = permit_system(tx).unwrap();
            webhooks::resume(tx, &permit, endpoint)
        });
        town.settle();
        assert!(!town.receiver.came().is_empty());
        assert_eq!(town.get(endpoint).failing_since, None);
    });
}

#[test]
fn an_endpoint_that_says_that_it_is_gone_is_believed() {
    in_town(|town| {
        let (endpoint, _) = town.endpoint(&[]);
        town.receiver.answers(&["410 Gone"]);
        town.ring("bell.rung");
        town.settle();
        assert_eq!(town.get(endpoint).state, EndpointState::Disabled);
        assert_eq!(town.deliveries(endpoint)[0].state, DeliveryState::GivenUp);
    });
}

#[test]
fn while_a_secret_changes_both_serve() {
    in_town(|town| {
        let (endpoint, old) = town.endpoint(&[]);
        let new = town
            .write(move |tx| {
                let permit = permit_system(tx).unwrap();
                webhooks::rotate(tx, &permit, endpoint)
            })
            .unwrap()
            .reveal();
        town.ring("bell.rung");
        town.settle();
        let message = town.receiver.came().pop().unwrap();
        assert_eq!((message.signed_with(&old), message.signed_with(&new)), (1, 1));
        town.later(TimeDelta::hours(25));
        town.write(webhooks::sweep);
        town.ring("bell.rung");
        town.settle();
        let message = town.receiver.came().pop().unwrap();
        assert_eq!((message.signed_with(&old), message.signed_with(&new)), (0, 1));
    });
}

#[test]
fn what_happened_is_told_again_from_the_journal() {
    in_town(|town| {
        for _ in 0..3 {
            town.ring("bell.cracked");
        }
        town.fixture.clock.advance(TimeDelta::hours(1));
        let since = town.fixture.commune.now();
        for _ in 0..450 {
            town.ring("bell.rung");
        }
        let (endpoint, secret) = town.endpoint(&["bell.rung"]);
        town.settle();
        assert_eq!(town.receiver.came().len(), 0);
        town.write(move |tx| {
            let permit = permit_system(tx).unwrap();
            webhooks::replay_since(tx, &permit, endpoint, since)
        });
        for _ in 0..20 {
            town.later(TimeDelta::minutes(1));
        }
        let came = town.receiver.came();
        assert_eq!(came.len(), 450);
        assert!(
            came.iter()
                .all(|message| message.signed_with(&secret) == 1 && message.json()["type"] == "bell.rung")
        );
        // One of them once more: receivers know it by its id.
        let delivery = town.deliveries(endpoint).pop().unwrap();
        let id = delivery.id;
        town.write(move |tx| {
            let permit = permit_system(tx).unwrap();
            webhooks::again(tx, &permit, id)
        });
        town.settle();
        let again = town.receiver.came();
        assert_eq!(again.len(), 1);
        assert_eq!(again[0].headers["webhook-id"], delivery.message);
        assert_eq!(again[0].body, delivery.body);
        // A test is sent whatever the endpoint wants.
        town.write(move |tx| {
            let permit = permit_system(tx).unwrap();
            webhooks::test(tx, &permit, endpoint)
        });
        town.settle();
        assert_eq!(town.receiver.came()[0].json()["type"], "webhook.test");
    });
}

#[test]
fn what_is_stopped_waits_and_what_is_old_is_forgotten() {
    in_town(|town| {
        let (endpoint, _) = town.endpoint(&[]);
        town.receiver.answers(&["500 No"]);
        town.ring("bell.rung");
        town.settle();
        town.write(move |tx| {
            let permit = permit_system(tx).unwrap();
            webhooks::stop(tx, &permit, endpoint)
        });
        town.later(TimeDelta::hours(2));
        assert_eq!(town.receiver.came().len(), 1);
        town.write(move |tx| {
            let permit = permit_system(tx).unwrap();
            webhooks::resume(tx, &permit, endpoint)
        });
        town.settle();
        assert_eq!(town.receiver.came().len(), 1);
        town.fixture.clock.advance(TimeDelta::days(31));
        assert_eq!(town.write(webhooks::sweep), 1);
        assert!(town.deliveries(endpoint).is_empty());
        town.write(move |tx| {
            let permit = permit_system(tx).unwrap();
            webhooks::remove(tx, &permit, endpoint)
        });
        assert!(town.read(webhooks::list).is_empty());
    });
}

#[test]
fn an_address_inside_the_town_is_refused_when_it_is_kept_and_when_it_is_used() {
    on_both_engines(&migrations(), |fixture| {
        let bells: Arc<dyn Source> = Arc::new(Bells::default());
        let receiver = Receiver::open();
        let source = Arc::clone(&bells);
        let new = |url: &str| NewEndpoint {
            url: url.to_owned(),
            description: "Essai".to_owned(),
            events: Vec::new(),
        };
        let inside = new("https://10.0.0.8/");
        let refused = fixture.commune.write_blocking(By::SYSTEM, move |tx| {
            let permit = permit_system(tx).unwrap();
            webhooks::create(tx, &permit, &inside, Targets::Public, source.as_ref())
        });
        assert!(matches!(refused, Err(EndpointError::Url(UrlFault::Private))));
        // Kept while the operator allowed it, and refused once they do not any more.
        let (source, kept) = (Arc::clone(&bells), new(&receiver.url));
        let made = fixture.commune.write_blocking(By::SYSTEM, move |tx| {
            let permit = permit_system(tx).unwrap();
            webhooks::create(tx, &permit, &kept, Targets::Private, source.as_ref())
        });
        let (endpoint, _) = made.unwrap();
        let workers = Arc::new(Workers {
            subscribers: vec![Arc::new(Follower(Arc::clone(&bells)))],
            handlers: vec![Arc::new(DeliverHandler::new(bells, Targets::Public))],
        });
        fixture
            .commune
            .write_blocking(By::SYSTEM, move |tx| {
                let permit = permit_system(tx).unwrap();
                webhooks::test(tx, &permit, endpoint).map(drop)
            })
            .unwrap();
        fixture.settle(&workers).unwrap();
        assert!(receiver.came().is_empty());
        let told = fixture.commune.read_blocking(By::SYSTEM, |tx| {
            let delivery = webhooks::deliveries(tx, endpoint, None, 1)?.remove(0);
            Ok::<_, StoreError>(webhooks::attempts(tx, delivery.id)?.remove(0))
        });
        assert_eq!(told.unwrap().status, None);
    })
    .unwrap();
}
