//! A real mailbox, on both engines: each mail is kept once, whatever happens on the way. Needs `scripts/with-imap`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use beffroi_core::{Id, Targets};
use beffroi_documents::Gate;
use beffroi_mailroom::{
    FetchHandler, ImapError, Item, Mailbox, MailboxDetails, Nature, Security, ask_for, check, item, mailbox,
};
use beffroi_people::permission::permit_system;
use beffroi_store::{
    By, Migration, StoreError, Tx,
    background::Workers,
    testing::{TestCommune, on_both_engines},
};

fn migrations() -> Vec<Migration> {
    [beffroi_people::MIGRATIONS, beffroi_documents::MIGRATIONS, beffroi_mailroom::MIGRATIONS].concat()
}

static USERS: AtomicU32 = AtomicU32::new(0);

/// A mailbox of its own on the server.
struct Server {
    folder: PathBuf,
    details: MailboxDetails,
    letters: std::cell::Cell<u32>,
}

fn open_to_all(path: &Path) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o777)).unwrap();
}

impl Server {
    /// `None` where no server is at hand.
    fn new() -> Option<Self> {
        let Ok(address) = std::env::var("BEFFROI_TEST_IMAP") else {
            eprintln!("skipped: BEFFROI_TEST_IMAP is not set");
            return None;
        };
        let (host, port) = address.split_once(':').unwrap();
        let user = format!("ville-{}-{}", std::process::id(), USERS.fetch_add(1, Ordering::Relaxed));
        let folder = Path::new(&std::env::var("BEFFROI_TEST_IMAP_MAILS").unwrap()).join(&user);
        std::fs::create_dir(&folder).unwrap();
        open_to_all(&folder);
        for part in ["new", "cur", "tmp"] {
            std::fs::create_dir(folder.join(part)).unwrap();
            open_to_all(&folder.join(part));
        }
        let details = MailboxDetails {
            name: "Accueil".to_owned(),
            department: "accueil".to_owned(),
            host: host.to_owned(),
            port: port.parse().unwrap(),
            security: Security::Tls,
            user_name: user,
            folder: "INBOX".to_owned(),
            done_folder: String::new(),
            is_active: true,
        };
        Some(Self { folder, details, letters: std::cell::Cell::new(0) })
    }

    fn arrives(&self, raw: &str) {
        let number = self.letters.get();
        self.letters.set(number + 1);
        let file = self.folder.join("new").join(format!("{number}.eml"));
        std::fs::write(&file, raw.replace('\n', "\r\n")).unwrap();
        open_to_all(&file);
    }

    fn add(&self, fixture: &TestCommune) -> Id<Mailbox> {
        let details = self.details.clone();
        write(fixture, move |tx| {
            let permit = permit_system(tx).unwrap();
            mailbox::add(tx, &permit, &details, "soleil")
        })
    }
}

fn write<T: Send + 'static>(
    fixture: &TestCommune,
    work: impl FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
) -> T {
    fixture.commune.write_blocking(By::SYSTEM, work).unwrap()
}

/// One round, as the job does it.
fn round(fixture: &TestCommune, id: Id<Mailbox>) {
    // The next minute, so that the round before does not stand for this one.
    fixture.clock.advance(chrono::TimeDelta::minutes(11));
    write(fixture, move |tx| {
        let mailbox = mailbox::find(tx, id)?.unwrap();
        ask_for(tx, &mailbox)
    });
    let workers = Workers {
        subscribers: Vec::new(),
        handlers: vec![Arc::new(FetchHandler { gate: Gate::Open, targets: Targets::Private })],
    };
    fixture.settle(&Arc::new(workers)).unwrap();
}

fn items(fixture: &TestCommune) -> Vec<Item> {
    write(fixture, |tx| item::waiting(tx, &["accueil".to_owned()], None, 500))
}

fn trouble(fixture: &TestCommune, id: Id<Mailbox>) -> Option<String> {
    write(fixture, move |tx| mailbox::find(tx, id)).unwrap().trouble
}

const LETTER: &str = "From: Léa Durand <lea@example.org>\nSubject: Dossier 2026-7QK4MRT\nMIME-Version: 1.0\n\
    Content-Type: multipart/mixed; boundary=cut\n\n--cut\nContent-Type: text/plain; charset=utf-8\n\nVoilà.\n\
    --cut\nContent-Type: application/pdf\nContent-Disposition: attachment; filename=plan.pdf\n\
    Content-Transfer-Encoding: base64\n\nJVBERi0xLjcKJSVFT0YK\n--cut\nContent-Type: application/x-msdownload\n\
    Content-Disposition: attachment; filename=virus.exe\nContent-Transfer-Encoding: base64\n\nTVqQAAMAAAAEAAAA\n--cut--\n";

#[test]
fn each_mail_is_kept_once_with_its_files() {
    on_both_engines(&migrations(), |fixture| {
        let Some(server) = Server::new() else { return };
        let id = server.add(fixture);
        server.arrives(LETTER);
        server.arrives(
            "From: absent@example.org\nAuto-Submitted: auto-replied\nSubject: Absence\n\nJe suis absent.\n",
        );
        round(fixture, id);
        assert_eq!(trouble(fixture, id), None);
        let kept = items(fixture);
        assert_eq!(kept.len(), 2);
        let letter = kept.iter().find(|item| item.details.nature == Nature::Ordinary).unwrap();
        assert_eq!(letter.details.sender_email, "lea@example.org");
        assert_eq!(letter.reference, "2026-7QK4MRT");
        assert!(letter.details.body.starts_with("Voilà."), "{}", letter.details.body);
        assert!(
            letter.details.body.contains("virus.exe"),
            "what is not taken is told: {}",
            letter.details.body
        );
        let id_of_letter = letter.id.uuid();
        let files = write(fixture, move |tx| beffroi_documents::of_owner(tx, "mail_item", id_of_letter, 10));
        assert_eq!(files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>(), ["plan.pdf"]);
        assert!(kept.iter().any(|item| item.details.nature == Nature::Automatic));

        round(fixture, id);
        assert_eq!(items(fixture).len(), 2, "nothing is fetched twice");
        server.arrives("From: b@example.org\nSubject: Encore\n\nBonjour\n");
        round(fixture, id);
        assert_eq!(items(fixture).len(), 3);
        // The server numbers all anew: what is known is known by its bytes.
        for name in std::fs::read_dir(&server.folder).unwrap() {
            let path = name.unwrap().path();
            if path.file_name().unwrap().to_string_lossy().starts_with("dovecot") {
                std::fs::remove_file(path).unwrap();
            }
        }
        round(fixture, id);
        assert_eq!((items(fixture).len(), trouble(fixture, id)), (3, None));
        // Read, and still there.
        let seen = std::fs::read_dir(server.folder.join("cur"))
            .unwrap()
            .filter(|file| file.as_ref().unwrap().file_name().to_string_lossy().ends_with('S'));
        assert_eq!(seen.count(), 3);
    })
    .unwrap();
}

#[test]
fn mails_go_to_their_folder_once_they_are_kept() {
    on_both_engines(&migrations(), |fixture| {
        let Some(mut server) = Server::new() else { return };
        server.details.done_folder = "Beffroi".to_owned();
        let id = server.add(fixture);
        for number in 0..60 {
            server.arrives(&format!("From: a@example.org\nSubject: {number}\n\nBonjour\n"));
        }
        round(fixture, id);
        assert_eq!(items(fixture).len(), 50, "one round takes so many");
        round(fixture, id);
        assert_eq!((items(fixture).len(), trouble(fixture, id)), (60, None));
        assert_eq!(std::fs::read_dir(server.folder.join("cur")).unwrap().count(), 0);
        assert_eq!(std::fs::read_dir(server.folder.join(".Beffroi/cur")).unwrap().count(), 60);
    })
    .unwrap();
}

#[test]
fn what_stands_in_the_way_is_told_and_the_next_round_tries_again() {
    on_both_engines(&migrations(), |fixture| {
        let Some(server) = Server::new() else { return };
        let id = server.add(fixture);
        let changed = |change: fn(&mut MailboxDetails), password: &'static str| {
            let mut details = server.details.clone();
            change(&mut details);
            write(fixture, move |tx| {
                let permit = permit_system(tx).unwrap();
                mailbox::change(tx, &permit, id, &details, Some(password))
            });
            round(fixture, id);
            trouble(fixture, id).unwrap_or_default()
        };
        assert!(changed(|_| {}, "pluie").contains("refuses this name and password"));
        assert!(changed(|it| it.folder = "Nulle part".to_owned(), "soleil").contains("no such folder"));
        assert!(changed(|it| it.port = 1, "soleil").contains("does not answer"));
        server.arrives("From: a@example.org\nSubject: x\n\nBonjour\n");
        assert_eq!(changed(|_| {}, "soleil"), "");
        assert_eq!(items(fixture).len(), 1);
    })
    .unwrap();
}

#[test]
fn a_mail_that_cannot_be_downloaded_does_not_hold_up_those_behind_it() {
    on_both_engines(&migrations(), |fixture| {
        let Some(server) = Server::new() else { return };
        let id = server.add(fixture);
        server.arrives("From: a@example.org\nSubject: un\n\nBonjour\n");
        let unreadable = server.folder.join("new").join("0.eml");
        std::fs::set_permissions(&unreadable, std::fs::Permissions::from_mode(0o000)).unwrap();
        server.arrives("From: b@example.org\nSubject: deux\n\nBonjour\n");
        let left = || write(fixture, move |tx| mailbox::find(tx, id)).unwrap().left_behind;
        round(fixture, id);
        assert!(trouble(fixture, id).is_some(), "it is tried again, and those behind it wait");
        assert_eq!((items(fixture).len(), left()), (0, 0));
        for _ in 0..6 {
            round(fixture, id);
        }
        let kept = items(fixture);
        assert_eq!(kept.iter().map(|item| item.details.subject.as_str()).collect::<Vec<_>>(), ["deux"]);
        assert_eq!((left(), trouble(fixture, id)), (1, None));
    })
    .unwrap();
}

#[test]
fn a_password_is_not_sent_to_another_server_than_the_one_that_it_was_given_for() {
    on_both_engines(&migrations(), |fixture| {
        let details = MailboxDetails {
            name: "Accueil".to_owned(),
            department: "accueil".to_owned(),
            host: "imap.example.org".to_owned(),
            port: 993,
            security: Security::Tls,
            user_name: "ville".to_owned(),
            folder: "INBOX".to_owned(),
            done_folder: String::new(),
            is_active: false,
        };
        let new = details.clone();
        let id = write(fixture, move |tx| {
            let permit = permit_system(tx).unwrap();
            mailbox::add(tx, &permit, &new, "soleil-levant")
        });
        let changed = |change: fn(&mut MailboxDetails), password: Option<&'static str>| {
            let mut details = details.clone();
            change(&mut details);
            fixture.commune.write_blocking(By::SYSTEM, move |tx| {
                let permit = permit_system(tx).unwrap();
                mailbox::change(tx, &permit, id, &details, password)
            })
        };
        assert!(changed(|it| it.folder = "Autre".to_owned(), None).unwrap());
        let others: [fn(&mut MailboxDetails); 4] = [
            |it| it.host = "imap.example.com".to_owned(),
            |it| it.port = 143,
            |it| it.security = Security::StartTls,
            |it| it.user_name = "autre".to_owned(),
        ];
        for change in others {
            assert!(matches!(changed(change, None), Err(StoreError::Invalid(_))));
            assert!(changed(change, Some("pluie")).unwrap());
            assert!(changed(|_| {}, Some("soleil-levant")).unwrap());
        }
    })
    .unwrap();
}

#[test]
fn a_mailbox_is_verified_over_both_kinds_of_tls() {
    let Some(mut server) = Server::new() else { return };
    server.arrives("From: a@example.org\nSubject: x\n\nBonjour\n");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    assert_eq!(runtime.block_on(check(&server.details, "soleil", Targets::Private)).unwrap(), 1);
    let wrong = runtime.block_on(check(&server.details, "pluie", Targets::Private));
    assert!(matches!(wrong, Err(ImapError::SignIn)), "{wrong:?}");
    let address = std::env::var("BEFFROI_TEST_IMAP_STARTTLS").unwrap();
    server.details.port = address.rsplit(':').next().unwrap().parse().unwrap();
    server.details.security = Security::StartTls;
    assert_eq!(runtime.block_on(check(&server.details, "soleil", Targets::Private)).unwrap(), 1);
    // A machine of the town's own network, where the operator has not allowed it.
    let inside = runtime.block_on(check(&server.details, "soleil", Targets::Public));
    assert!(matches!(inside, Err(ImapError::Private)), "{inside:?}");
    // The name that the certificate bears is another one.
    server.details.host = "localhost".to_owned();
    let elsewhere = runtime.block_on(check(&server.details, "soleil", Targets::Private));
    assert!(matches!(elsewhere, Err(ImapError::Tls(_))), "{elsewhere:?}");
}

#[test]
fn a_password_is_not_readable_in_the_database() {
    on_both_engines(&migrations(), |fixture| {
        let details = MailboxDetails {
            name: "Accueil".to_owned(),
            department: "accueil".to_owned(),
            host: "imap.example.org".to_owned(),
            port: 993,
            security: Security::Tls,
            user_name: "ville".to_owned(),
            folder: "INBOX".to_owned(),
            done_folder: String::new(),
            is_active: false,
        };
        let id = write(fixture, move |tx| {
            let permit = permit_system(tx).unwrap();
            mailbox::add(tx, &permit, &details, "soleil-levant")
        });
        let kept: Vec<u8> =
            write(fixture, |tx| tx.query_one("SELECT password FROM mailbox", &[], |row| row.get(0)));
        assert!(!kept.windows(6).any(|part| part == b"soleil"));
        assert_eq!(write(fixture, move |tx| mailbox::password(tx, id)), "soleil-levant");
    })
    .unwrap();
}

#[test]
fn what_was_settled_is_erased_after_six_months() {
    on_both_engines(&migrations(), |fixture| {
        let new = beffroi_mailroom::NewItem {
            source: beffroi_mailroom::Source::Scan,
            department: "accueil".to_owned(),
            mailbox: None,
            sender_name: "Léa Durand".to_owned(),
            sender_email: String::new(),
            subject: "Lettre".to_owned(),
            body: String::new(),
            nature: Nature::Ordinary,
            arrived_on: "2026-06-03".parse().unwrap(),
            entered_by: None,
        };
        let (settled, waits) = write(fixture, move |tx| Ok((item::keep(tx, &new)?, item::keep(tx, &new)?)));
        let agent = uuid::Uuid::from_u128(1);
        let drop =
            move |tx: &mut Tx<'_>| item::settle(tx, settled, item::State::Dropped, None, "publicité", agent);
        assert!(write(fixture, drop));
        assert!(!write(fixture, drop), "another was faster");
        fixture.clock.advance(chrono::TimeDelta::days(182));
        assert!(write(fixture, item::sweep).is_empty());
        fixture.clock.advance(chrono::TimeDelta::days(2));
        assert_eq!(write(fixture, item::sweep), [settled.uuid()]);
        assert_eq!(items(fixture).iter().map(|item| item.id).collect::<Vec<_>>(), [waits]);
    })
    .unwrap();
}
