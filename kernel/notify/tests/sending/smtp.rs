//! Mail by a real mail server, the one of `scripts/with-smtp`: what it took is read from its folder.

use std::{net::TcpListener, path::PathBuf};

use beffroi_notify::{MIGRATIONS, Security, SmtpConfig, Transport, TransportError, mail, mail::State};
use beffroi_store::{
    By, jobs,
    testing::{TestCommune, on_both_engines},
};

use super::support::{CASE, TEXT, queue, told, workers};

/// The mail server of this run, and how a town is let in by it.
struct Server {
    port: u16,
    mails: PathBuf,
    authority: Vec<u8>,
}

impl Server {
    /// The server that `scripts/with-smtp` started; without it the test has nothing to run on, and says so.
    fn at_hand() -> Option<Self> {
        let Ok(address) = std::env::var("BEFFROI_TEST_SMTP") else {
            eprintln!("skipped: BEFFROI_TEST_SMTP is not set; scripts/with-smtp sets it");
            return None;
        };
        let variable = |name: &str| PathBuf::from(std::env::var_os(name).unwrap());
        Some(Self {
            port: address.rsplit_once(':').unwrap().1.parse().unwrap(),
            mails: variable("BEFFROI_TEST_SMTP_MAILS"),
            authority: std::fs::read(variable("BEFFROI_TEST_SMTP_AUTHORITY")).unwrap(),
        })
    }

    /// Without any protection, as on one machine.
    fn plain(&self) -> SmtpConfig {
        SmtpConfig {
            host: "127.0.0.1".to_owned(),
            port: self.port,
            security: Security::Plain,
            authority: None,
            credentials: None,
            from: "Ville de Lunel <ne-pas-repondre@lunel.example>".to_owned(),
        }
    }

    /// Over TLS, with the certificate that it trusts, signed in with this password.
    fn signed_in(&self, password: &str) -> SmtpConfig {
        SmtpConfig {
            security: Security::StartTls,
            authority: Some(self.authority.clone()),
            credentials: Some(("ville".to_owned(), password.to_owned())),
            ..self.plain()
        }
    }

    /// The mail that came for somebody.
    fn took(&self, recipient: &str) -> Vec<String> {
        let files = std::fs::read_dir(&self.mails).unwrap().map(|entry| entry.unwrap().path());
        let mails = files.filter(|file| file.extension().is_some_and(|it| it == "eml"));
        let to = format!("\r\nTo: {recipient}\r\n");
        mails.map(|file| std::fs::read_to_string(file).unwrap()).filter(|mail| mail.contains(&to)).collect()
    }
}

/// Does what is due, by that way out.
fn settle(fixture: &TestCommune, config: &SmtpConfig) {
    let transport = Transport::smtp(config).unwrap();
    fixture.settle(&workers(mail::SendHandler::new(transport))).unwrap();
}

/// An address that no other test writes to, on no other engine.
fn address(fixture: &TestCommune, name: &str) -> String {
    let engine = if fixture.database_url().is_some() { "postgresql" } else { "sqlite" };
    format!("{name}-{engine}@example.org")
}

fn proof(fixture: &TestCommune) -> mail::Mail {
    fixture.commune.read_blocking(By::SYSTEM, |tx| mail::of_subject(tx, CASE, 10)).unwrap().pop().unwrap()
}

/// The text of the part whose type begins so, decoded: lettre chooses the encoding that fits.
fn part(mail: &str, kind: &str) -> String {
    let begins = mail.find(&format!("Content-Type: {kind}")).unwrap();
    let (head, body) = mail[begins..].split_once("\r\n\r\n").unwrap();
    assert!(head.contains("charset=utf-8"), "{head}");
    assert!(head.contains("Content-Transfer-Encoding: quoted-printable"), "{head}");
    let body = body.split("\r\n--").next().unwrap().replace("=\r\n", "");
    let mut bytes = Vec::new();
    let mut rest = body.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        if *first == b'=' {
            let (digits, after) = after.split_at(2);
            bytes.push(u8::from_str_radix(std::str::from_utf8(digits).unwrap(), 16).unwrap());
            rest = after;
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8(bytes).unwrap()
}

#[test]
fn a_mail_arrives_once_as_it_was_written_and_its_sending_is_proven() {
    let Some(server) = Server::at_hand() else { return };
    on_both_engines(MIGRATIONS, |fixture| {
        let to = address(fixture, "lea");
        let mail = queue(fixture, &to, "Reçu\r\nBcc: eve@example.org", false).unwrap();
        assert_eq!(proof(fixture).state, State::Queued);
        settle(fixture, &server.plain());
        let took = server.took(&to);
        let [took] = took.as_slice() else { panic!("{took:?}") };
        let (head, _) = took.split_once("\r\n\r\n").unwrap();
        for header in [
            format!("Message-ID: <{}@lunel.example>", mail.id),
            "From: \"Ville de Lunel\" <ne-pas-repondre@lunel.example>".to_owned(),
            "Date: Wed, 03 Jun 2026 08:00:00 +0000".to_owned(),
            // « Reçu » in UTF-8 (RFC 2047); what looks like a header stays in the subject.
            "Subject: =?utf-8?b?UmXDp3U=?= Bcc: eve@example.org".to_owned(),
            "MIME-Version: 1.0".to_owned(),
        ] {
            assert!(head.lines().any(|line| line == header), "{header} is not in {head}");
        }
        assert!(head.starts_with("Received: ") && head.contains("with ESMTP;"), "{head}");
        assert!(took.contains("format=flowed"), "{took}");
        assert_eq!(part(took, "text/plain").trim_end(), TEXT.replace('\n', "\r\n").trim_end());
        assert_eq!(part(took, "text/html").trim_end(), "<p>Bonjour Léa</p>");
        let sent = proof(fixture);
        assert_eq!(
            (sent.state, sent.attempts, sent.settled_at),
            (State::Sent, 1, Some(fixture.commune.now()))
        );
        assert_eq!(told(fixture), ["mail.sent"]);
        settle(fixture, &server.plain());
        assert_eq!(server.took(&to).len(), 1, "once");
    })
    .unwrap();
}

#[test]
fn a_server_that_asks_for_patience_gets_the_same_message_later() {
    let Some(server) = Server::at_hand() else { return };
    on_both_engines(MIGRATIONS, |fixture| {
        let to = address(fixture, "later");
        let mail = queue(fixture, &to, "Reçu", true).unwrap();
        settle(fixture, &server.plain());
        let waits = proof(fixture);
        assert_eq!((waits.state, waits.attempts), (State::Queued, 1));
        assert!(waits.error.unwrap().contains("Come back later"));
        assert!(told(fixture).is_empty() && server.took(&to).is_empty());
        fixture.clock.set("2026-06-03T09:00:00Z".parse().unwrap());
        settle(fixture, &server.plain());
        assert!(server.took(&to)[0].contains(&mail.id.to_string()));
        let sent = proof(fixture);
        assert_eq!(
            (sent.state, sent.attempts, sent.text.as_str(), sent.html),
            (State::Sent, 2, "", None),
            "a secret is forgotten"
        );
    })
    .unwrap();
}

#[test]
fn a_refused_mail_is_told() {
    let Some(server) = Server::at_hand() else { return };
    on_both_engines(MIGRATIONS, |fixture| {
        let to = address(fixture, "refuse");
        queue(fixture, &to, "Reçu", false).unwrap();
        settle(fixture, &server.plain());
        let failed = proof(fixture);
        assert_eq!((failed.state, told(fixture)), (State::Failed, vec!["mail.failed".to_owned()]));
        assert!(failed.error.unwrap().contains("No such person here"));
        let failed = fixture.commune.read_blocking(By::SYSTEM, |tx| jobs::failed(tx, 10)).unwrap();
        assert_eq!(failed.len(), 1);
        assert!(server.took(&to).is_empty());
    })
    .unwrap();
}

#[test]
fn mail_goes_over_tls_with_the_towns_own_name_and_password() {
    let Some(server) = Server::at_hand() else { return };
    on_both_engines(MIGRATIONS, |fixture| {
        let to = address(fixture, "tls");
        queue(fixture, &to, "Reçu", false).unwrap();
        settle(fixture, &server.signed_in("soleil"));
        assert!(server.took(&to)[0].contains("with ESMTPSA;"), "encrypted, and signed in");
        assert_eq!(proof(fixture).state, State::Sent);
    })
    .unwrap();
}

#[test]
fn a_password_that_has_changed_and_a_stranger_at_the_door_lose_no_mail() {
    let Some(server) = Server::at_hand() else { return };
    on_both_engines(MIGRATIONS, |fixture| {
        let to = address(fixture, "patient");
        queue(fixture, &to, "Reçu", false).unwrap();
        settle(fixture, &server.signed_in("lune"));
        assert!(proof(fixture).error.unwrap().contains("not the password"));
        fixture.clock.set("2026-06-03T09:00:00Z".parse().unwrap());
        settle(fixture, &SmtpConfig { authority: None, ..server.signed_in("soleil") });
        let waits = proof(fixture);
        assert_eq!((waits.state, waits.attempts), (State::Queued, 2), "nobody vouches for the certificate");
        assert!(server.took(&to).is_empty());
        fixture.clock.set("2026-06-03T12:00:00Z".parse().unwrap());
        settle(fixture, &server.signed_in("soleil"));
        assert_eq!((proof(fixture).state, server.took(&to).len()), (State::Sent, 1));
    })
    .unwrap();
}

#[test]
fn an_administrator_learns_whether_the_mail_server_lets_the_town_in() {
    let check = |config: &SmtpConfig| Transport::smtp(config).and_then(|transport| transport.check());
    assert_eq!(Transport::Kept.check(), Ok(()), "nothing to reach");
    let Some(server) = Server::at_hand() else { return };
    assert_eq!(check(&server.plain()), Ok(()));
    assert_eq!(check(&server.signed_in("soleil")), Ok(()));
    let refused = check(&server.signed_in("lune"));
    assert!(
        matches!(&refused, Err(TransportError::Away(why)) if why.text.contains("password")),
        "{refused:?}"
    );
    // A port that was free a moment ago: nobody listens there.
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    assert!(matches!(check(&SmtpConfig { port: free, ..server.plain() }), Err(TransportError::Away(_))));
    let nothing = SmtpConfig { authority: Some(b"no certificate".to_vec()), ..server.signed_in("soleil") };
    assert!(matches!(check(&nothing), Err(TransportError::Refused(_))));
}
