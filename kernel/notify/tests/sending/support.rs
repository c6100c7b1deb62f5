//! What the tests of this folder share.

use std::sync::Arc;

use beffroi_notify::{
    About,
    mail::{self, MailError, NewMail},
};
use beffroi_store::{
    By,
    background::{JobHandler, Workers},
    journal,
    testing::TestCommune,
};
use uuid::Uuid;

/// What everything here is about.
pub const CASE: About<'static> = About { kind: "case", id: Uuid::from_u128(7) };
/// The text of every mail.
pub const TEXT: &str = "Bonjour Léa,\n\nvotre demande « Acte » est arrivée à l’état civil.\n";

/// The house with one worker.
pub fn workers(handler: impl JobHandler + 'static) -> Arc<Workers> {
    Arc::new(Workers { handlers: vec![Arc::new(handler)], ..Workers::default() })
}

/// Queues a mail, and gives it as it was kept.
pub fn queue(
    fixture: &TestCommune,
    to: &str,
    subject: &'static str,
    secret: bool,
) -> Result<mail::Mail, MailError> {
    let to = to.to_owned();
    fixture.commune.write_blocking(By::VISITOR, move |tx| {
        let new =
            NewMail { to: &to, subject, text: TEXT, html: Some("<p>Bonjour Léa</p>"), secret, about: CASE };
        let id = mail::queue(tx, &new)?;
        Ok(mail::find(tx, id)?.unwrap())
    })
}

/// What was told in the history of the case.
pub fn told(fixture: &TestCommune) -> Vec<String> {
    let entries =
        fixture.commune.read_blocking(By::SYSTEM, |tx| journal::of_subject(tx, "case", CASE.id, 10)).unwrap();
    entries.into_iter().map(|it| it.kind).collect()
}
