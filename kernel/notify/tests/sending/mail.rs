//! Mail that needs no server: what is kept in a demonstration, and what cannot be sent.

use std::{
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::Arc,
};

use beffroi_notify::{
    MIGRATIONS, Security, SmtpConfig, Transport,
    mail::{self, MailError, State},
};
use beffroi_store::{
    By, Commune, Tx,
    background::JobHandler,
    jobs::{self, Job, JobError},
    testing::on_both_engines,
};
use chrono::TimeDelta;

use super::support::{CASE, queue, told, workers};

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

/// By the mail server at that port of this machine.
fn plainly_by(port: u16) -> Transport {
    let transport = Transport::smtp(&SmtpConfig {
        host: "127.0.0.1".to_owned(),
        port,
        security: Security::Plain,
        authority: None,
        credentials: None,
        from: "mairie@lunel.example".to_owned(),
    });
    transport.unwrap()
}

/// A mail server as they were before accents: it offers nothing, and answers this when it is told a recipient.
fn old_server(recipient: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            std::thread::spawn(move || receive(&stream.unwrap(), recipient));
        }
    });
    port
}

fn receive(mut stream: &TcpStream, recipient: &str) {
    let lines = BufReader::new(stream).lines();
    stream.write_all(b"220 old.example\r\n").unwrap();
    let mut in_text = false;
    for line in lines.map_while(Result::ok) {
        let answer = match line.get(..4).unwrap_or_default() {
            _ if in_text && line != "." => continue,
            "RCPT" => recipient,
            "DATA" => "354 go on",
            "QUIT" => "221 bye",
            _ => "250 well",
        };
        in_text = answer.starts_with("354");
        write!(stream, "{answer}\r\n").unwrap();
    }
}

#[test]
fn an_address_that_the_server_cannot_write_to_holds_up_no_other() {
    let port = old_server("250 well");
    on_both_engines(MIGRATIONS, |fixture| {
        let mails =
            ["josé@example.org", "lea@example.org"].map(|to| queue(fixture, to, "Reçu", false).unwrap());
        fixture.settle(&workers(mail::SendHandler::new(plainly_by(port)))).unwrap();
        let states = mails.map(|it| {
            fixture.commune.read_blocking(By::SYSTEM, move |tx| mail::find(tx, it.id)).unwrap().unwrap().state
        });
        assert_eq!(states, [State::Failed, State::Sent]);
    })
    .unwrap();
}

#[test]
fn what_was_refused_names_nobody_outside_of_the_mail_and_is_forgotten_with_it() {
    let port = old_server("550 <lea@example.org>: no such person");
    on_both_engines(MIGRATIONS, |fixture| {
        let id = queue(fixture, "lea@example.org", "Reçu", false).unwrap().id;
        fixture.settle(&workers(mail::SendHandler::new(plainly_by(port)))).unwrap();
        let mail = fixture.commune.read_blocking(By::SYSTEM, move |tx| mail::find(tx, id)).unwrap().unwrap();
        assert!(mail.error.unwrap().contains("lea@example.org"));
        let failed = || fixture.commune.read_blocking(By::SYSTEM, |tx| jobs::failed(tx, 10)).unwrap();
        let reasons: Vec<_> = failed().into_iter().map(|it| it.reason).collect();
        assert_eq!(reasons, ["the mail server answered 550"]);
        fixture.commune.write_blocking(By::SYSTEM, |tx| mail::forget_about(tx, CASE)).unwrap();
        assert!(failed().is_empty());
    })
    .unwrap();
}

/// Sends nothing: it panics, as a bug would make it.
struct Panics(mail::SendHandler);

impl JobHandler for Panics {
    fn kind(&self) -> &'static str {
        self.0.kind()
    }
    fn run(&self, _: &Arc<Commune>, job: &Job) -> Result<(), JobError> {
        assert!(job.payload.is_null(), "a bug");
        Ok(())
    }
    fn given_up(&self, tx: &mut Tx<'_>, job: &Job) -> beffroi_store::Result<()> {
        self.0.given_up(tx, job)
    }
}

#[test]
fn mail_that_a_bug_keeps_back_is_given_up_and_told_like_any_other() {
    on_both_engines(MIGRATIONS, |fixture| {
        let id = queue(fixture, "lea@example.org", "Reçu", true).unwrap().id;
        let workers = workers(Panics(mail::SendHandler::new(Transport::Kept)));
        fixture.settle(&workers).unwrap();
        assert!(told(fixture).is_empty());
        fixture.clock.advance(TimeDelta::days(3));
        fixture.settle(&workers).unwrap();
        let mail = fixture.commune.read_blocking(By::SYSTEM, move |tx| mail::find(tx, id)).unwrap().unwrap();
        assert_eq!((mail.state, mail.text.as_str(), mail.html), (State::Failed, "", None));
        assert_eq!(told(fixture), ["mail.failed"]);
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
fn mail_that_nobody_takes_for_days_is_given_up_and_its_secret_forgotten() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    on_both_engines(MIGRATIONS, |fixture| {
        let workers = workers(mail::SendHandler::new(plainly_by(nobody)));
        let mails = [true, false].map(|secret| queue(fixture, "lea@example.org", "Reçu", secret).unwrap());
        let kept = |rank: usize| {
            let id = mails[rank].id;
            fixture.commune.read_blocking(By::SYSTEM, move |tx| mail::find(tx, id)).unwrap().unwrap()
        };
        fixture.settle(&workers).unwrap();
        assert_eq!([kept(0).state, kept(1).state], [State::Queued, State::Queued]);
        assert_eq!(kept(0).attempts + kept(1).attempts, 1, "one attempt shows it");
        for _ in 0..40 {
            fixture.clock.advance(TimeDelta::hours(3));
            fixture.settle(&workers).unwrap();
        }
        assert_eq!((kept(0).state, kept(0).text.as_str(), kept(0).html), (State::Failed, "", None));
        assert_eq!(kept(1).state, State::Failed);
        assert!(kept(1).text.contains("votre demande"), "what is no secret is kept");
        assert_eq!(told(fixture), ["mail.failed", "mail.failed"]);
    })
    .unwrap();
}
