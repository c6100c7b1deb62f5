//! What the administrators' page tells of the mailboxes that are read and of the other programs that are told.

use beffroi_documents::Gate;
use beffroi_mailroom::{MailboxDetails, Security, mailbox};
use beffroi_people::permission::permit_system;
use beffroi_store::{By, StoreError};
use beffroi_web::{Report, Severity};
use chrono::TimeDelta;

use crate::browser::{Hall, journey};

/// What is seen of something now.
fn seen(hall: &Hall<'_>, name: &str) -> Option<Report> {
    tokio::task::block_in_place(|| hall.check(name).look(&hall.fixture.commune))
}

#[test]
fn a_mailbox_that_is_not_read_is_seen() {
    journey(Gate::Open, async |hall| {
        assert_eq!(seen(hall, "mailboxes"), None, "nobody has set one");
        let set = hall.fixture.commune.write(By::SYSTEM, |tx| -> Result<(), StoreError> {
            let permit = permit_system(tx).unwrap();
            let details = MailboxDetails {
                name: "Accueil".to_owned(),
                department: "accueil".to_owned(),
                host: "imap.lunel.example".to_owned(),
                port: 993,
                security: Security::Tls,
                user_name: "accueil".to_owned(),
                folder: "INBOX".to_owned(),
                done_folder: String::new(),
                is_active: true,
            };
            mailbox::add(tx, &permit, &details, "soleil").map(drop)
        });
        set.await.unwrap();
        assert_eq!(seen(hall, "mailboxes").unwrap().severity, Severity::Good, "not read yet");
        hall.execute("UPDATE mailbox SET trouble = $1", &"the password is refused".to_owned()).await;
        let troubled = seen(hall, "mailboxes").unwrap();
        assert_eq!(
            (troubled.severity, troubled.detail.as_str()),
            (Severity::Wrong, "Accueil: the password is refused")
        );
        let now = hall.fixture.commune.now();
        hall.execute("UPDATE mailbox SET trouble = NULL, fetched_at = $1", &now).await;
        assert_eq!(seen(hall, "mailboxes").unwrap().severity, Severity::Good);
        hall.fixture.clock.advance(TimeDelta::hours(4));
        let late = seen(hall, "mailboxes").unwrap();
        assert_eq!((late.severity, late.since), (Severity::Weak, Some(now)), "nobody reads it any more");
    });
}

#[test]
fn a_program_that_is_told_no_more_is_seen() {
    journey(Gate::Open, async |hall| {
        assert_eq!(seen(hall, "webhooks"), None, "there is none");
        let (_, admin) =
            hall.signed_in("maire@lunel.example", Some(("", beffroi_people::Role::Administrator))).await;
        let new = [("url", "http://127.0.0.1:9/hooks"), ("description", "Archivage"), ("tout", "true")];
        assert_eq!(admin.post("/admin/webhooks/nouveau", &new).await.status, 200);
        assert_eq!(seen(hall, "webhooks").unwrap().severity, Severity::Good);
        hall.execute("UPDATE webhook_endpoint SET state = $1", &"disabled".to_owned()).await;
        let disabled = seen(hall, "webhooks").unwrap();
        assert_eq!((disabled.severity, disabled.detail.as_str()), (Severity::Weak, "Archivage"));
    });
}
