//! Mail by a real SMTP conversation, letters and short messages, on both engines.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex, mpsc},
    thread,
};

use beffroi_notify::{
    About, MIGRATIONS, Security, SmtpConfig, Transport, TransportError, letter,
    mail::{self, MailError, NewMail, State},
    messenger::{self, Messenger, MessengerError, ShortMessage},
};
use beffroi_store::{
    By, StoreError,
    background::{JobHandler, Workers},
    jobs, journal,
    testing::{TestCommune, on_both_engines},
};
use uuid::Uuid;

const CASE: About<'static> = About { kind: "case", id: Uuid::from_u128(7) };

/// A small mail server: one answer to each `MAIL FROM`, and what it took.
struct Server {
    port: u16,
    took: mpsc::Receiver<String>,
}

impl Server {
    fn start(answers: &'static [&'static str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (send, took) = mpsc::channel();
        thread::spawn(move || {
            for answer in answers {
                let (stream, _) = listener.accept().unwrap();
                converse(stream, answer, &send);
            }
        });
        Self { port, took }
    }

    fn transport(&self) -> Transport {
        let config = SmtpConfig {
            host: "127.0.0.1".to_owned(),
            port: self.port,
            security: Security::Plain,
            credentials: None,
            from: "Ville de Lunel <ne-pas-repondre@lunel.example>".to_owned(),
        };
        Transport::smtp(&config).unwrap()
    }

    fn workers(&self) -> Arc<Workers> {
        workers(mail::SendHandler::new(self.transport()))
    }
}

fn converse(mut stream: TcpStream, answer: &str, took: &mpsc::Sender<String>) {
    let mut lines = BufReader::new(stream.try_clone().unwrap());
    let mut say = |text: &str| stream.write_all(format!("{text}\r\n").as_bytes()).unwrap();
    say("220 test");
    let mut line = String::new();
    while lines.read_line(&mut line).unwrap_or(0) > 0 {
        match line.split([' ', '\r']).next().unwrap_or_default() {
            "EHLO" => say("250-test\r\n250 8BITMIME"),
            "MAIL" => say(answer),
            "DATA" => {
                say("354 go on");
                let mut message = String::new();
                while !message.ends_with("\r\n.\r\n") {
                    lines.read_line(&mut message).unwrap();
                }
                took.send(message).unwrap();
                say("250 taken");
            }
            "QUIT" => {
                say("221 bye");
                return;
            }
            _ => say("250 ok"),
        }
        line.clear();
    }
}

fn workers(handler: impl JobHandler + 'static) -> Arc<Workers> {
    Arc::new(Workers { handlers: vec![Arc::new(handler)], ..Workers::default() })
}

fn queue(
    fixture: &TestCommune,
    to: &'static str,
    subject: &'static str,
    secret: bool,
) -> Result<mail::Mail, MailError> {
    fixture.commune.write_blocking(By::VISITOR, move |tx| {
        let new = NewMail {
            to,
            subject,
            text: "Bonjour,\n\nvotre demande est arrivée.\n",
            html: None,
            secret,
            about: CASE,
        };
        let id = mail::queue(tx, &new)?;
        Ok(mail::find(tx, id)?.unwrap())
    })
}

fn proof(fixture: &TestCommune) -> Vec<mail::Mail> {
    fixture.commune.read_blocking(By::SYSTEM, |tx| mail::of_subject(tx, CASE, 10)).unwrap()
}

fn told(fixture: &TestCommune) -> Vec<String> {
    let entries =
        fixture.commune.read_blocking(By::SYSTEM, |tx| journal::of_subject(tx, "case", CASE.id, 10)).unwrap();
    entries.into_iter().map(|it| it.kind).collect()
}

#[test]
fn a_mail_is_sent_once_and_its_sending_is_proven() {
    on_both_engines(MIGRATIONS, |fixture| {
        let server = Server::start(&["250 ok"]);
        let mail = queue(fixture, "lea@example.org", "Reçu\r\nBcc: eve@example.org", false).unwrap();
        assert_eq!(proof(fixture)[0].state, State::Queued);
        fixture.settle(&server.workers()).unwrap();
        let message = server.took.recv().unwrap();
        assert!(message.contains(&format!("Message-ID: <{}@lunel.example>\r\n", mail.id)), "{message}");
        assert!(
            message.contains("format=flowed") && message.contains("To: lea@example.org\r\n"),
            "{message}"
        );
        assert!(!message.contains("\r\nBcc:"), "{message}");
        let sent = &proof(fixture)[0];
        assert_eq!(
            (sent.state, sent.attempts, sent.settled_at),
            (State::Sent, 1, Some(fixture.commune.now()))
        );
        assert_eq!(told(fixture), ["mail.sent"]);
        fixture.settle(&server.workers()).unwrap();
        assert!(server.took.try_recv().is_err(), "once");
    })
    .unwrap();
}

#[test]
fn a_server_that_asks_for_patience_gets_the_same_message_later() {
    on_both_engines(MIGRATIONS, |fixture| {
        let server = Server::start(&["451 later", "250 ok"]);
        let mail = queue(fixture, "lea@example.org", "Reçu", true).unwrap();
        fixture.settle(&server.workers()).unwrap();
        assert_eq!((proof(fixture)[0].state, told(fixture).len()), (State::Queued, 0));
        fixture.clock.set("2026-06-03T09:00:00Z".parse().unwrap());
        fixture.settle(&server.workers()).unwrap();
        assert!(server.took.recv().unwrap().contains(&mail.id.to_string()));
        let sent = &proof(fixture)[0];
        assert_eq!(
            (sent.state, sent.attempts, sent.text.as_str()),
            (State::Sent, 2, ""),
            "a secret is forgotten"
        );
    })
    .unwrap();
}

#[test]
fn a_refused_mail_is_told() {
    on_both_engines(MIGRATIONS, |fixture| {
        let server = Server::start(&["550 no such user"]);
        queue(fixture, "lea@example.org", "Reçu", false).unwrap();
        fixture.settle(&server.workers()).unwrap();
        assert_eq!((proof(fixture)[0].state, told(fixture)), (State::Failed, vec!["mail.failed".to_owned()]));
        let failed = fixture.commune.read_blocking(By::SYSTEM, |tx| jobs::failed(tx, 10)).unwrap();
        assert_eq!(failed.len(), 1);
    })
    .unwrap();
}

#[test]
fn in_a_demonstration_mail_is_kept_and_listed() {
    on_both_engines(MIGRATIONS, |fixture| {
        let first = queue(fixture, "lea@example.org", "Un", true).unwrap();
        fixture.clock.set("2026-06-03T09:00:00Z".parse().unwrap());
        let second = queue(fixture, "lea@example.org", "Deux", true).unwrap();
        fixture.settle(&workers(mail::SendHandler::new(Transport::Kept))).unwrap();
        let page = |before| {
            fixture.commune.read_blocking(By::SYSTEM, move |tx| mail::recent(tx, before, 1)).unwrap()
        };
        assert_eq!((page(None)[0].id, page(None)[0].state), (second.id, State::Kept));
        assert!(page(None)[0].text.contains("votre demande"));
        assert_eq!(page(Some(second.id))[0].id, first.id);
    })
    .unwrap();
}

#[test]
fn what_is_no_address_is_refused() {
    on_both_engines(MIGRATIONS, |fixture| {
        for address in [
            "",
            "lea",
            "lea@example.org, eve@example.org",
            "lea@example.org\r\nBcc: e@e.fr",
            "Léa <lea@example.org>",
        ] {
            assert!(matches!(queue(fixture, address, "Reçu", false), Err(MailError::Address)), "{address:?}");
        }
    })
    .unwrap();
}

#[test]
fn letters_wait_for_the_batch_and_are_printed_once() {
    on_both_engines(MIGRATIONS, |fixture| {
        let id = fixture
            .commune
            .write_blocking(By::VISITOR, |tx| {
                letter::queue(
                    tx,
                    &letter::NewLetter {
                        tray: "etat-civil",
                        recipient: "Léa Martin",
                        lines: &["3 place de l’Église".to_owned(), "34400 Lunel".to_owned()],
                        content: &letter::Content::Document { id: Uuid::from_u128(9) },
                        about: CASE,
                    },
                )
            })
            .unwrap();
        let (own, other) = (["etat-civil".to_owned()], ["voirie".to_owned()]);
        let waiting = |trays: &[String]| {
            let read = fixture.commune.read_blocking(By::SYSTEM, |tx| -> Result<_, StoreError> {
                assert_eq!(
                    letter::count_waiting(tx, trays)?,
                    u64::try_from(letter::waiting(tx, trays, 10)?.len()).unwrap()
                );
                letter::waiting(tx, trays, 10)
            });
            read.unwrap()
        };
        assert_eq!(waiting(&own)[0].lines[1], "34400 Lunel");
        assert!(waiting(&other).is_empty() && waiting(&[]).is_empty(), "each department has its own letters");
        let print = |trays: &[String; 1]| {
            let trays = trays.clone();
            let printed = fixture
                .commune
                .write_blocking(By::SYSTEM, move |tx| letter::mark_printed(tx, &trays, &[id, id]));
            printed.unwrap()
        };
        assert_eq!((print(&other), print(&own), print(&own), waiting(&own).len()), (0, 1, 0, 0));
        assert_eq!(told(fixture), ["letter.printed"]);
        let printed = |trays: &[String]| {
            let since = fixture.commune.now();
            let read =
                fixture.commune.read_blocking(By::SYSTEM, |tx| letter::printed_since(tx, trays, since, 10));
            read.unwrap().len()
        };
        assert_eq!((printed(&own), printed(&other)), (1, 0));
    })
    .unwrap();
}

#[derive(Default)]
struct Sms(Mutex<Vec<ShortMessage>>);
impl Messenger for Sms {
    fn way(&self) -> &'static str {
        "sms"
    }
    fn send(&self, message: &ShortMessage) -> Result<(), MessengerError> {
        self.0.lock().unwrap().push(message.clone());
        Ok(())
    }
}

#[test]
fn a_short_message_goes_by_the_provider_of_its_way() {
    on_both_engines(MIGRATIONS, |fixture| {
        let sms = Arc::new(Sms::default());
        let message = |way: &str| ShortMessage {
            way: way.to_owned(),
            to: "+33600000000".to_owned(),
            text: "Prêt".to_owned(),
        };
        let (one, other) = (message("sms"), message("push"));
        let queued = one.clone();
        fixture
            .commune
            .write_blocking::<_, StoreError>(By::SYSTEM, move |tx| {
                messenger::queue(tx, &queued)?;
                messenger::queue(tx, &other)
            })
            .unwrap();
        fixture
            .settle(&workers(messenger::SendHandler::new(vec![Arc::clone(&sms) as Arc<dyn Messenger>])))
            .unwrap();
        assert_eq!(*sms.0.lock().unwrap(), [one]);
        assert_eq!(fixture.commune.read_blocking(By::SYSTEM, |tx| jobs::failed(tx, 10)).unwrap().len(), 1);
    })
    .unwrap();
}

#[test]
fn an_administrator_learns_whether_the_mail_server_lets_the_town_in() {
    let server = Server::start(&["250 ok"]);
    assert_eq!(server.transport().check(), Ok(()));
    assert!(server.took.recv().is_err(), "nothing was sent, and the server has ended");
    assert!(matches!(server.transport().check(), Err(TransportError::Away(_))));
    assert_eq!(Transport::Kept.check(), Ok(()), "nothing to reach");
}
