//! What other services have to tell the requester of a case, which they reach through the desk.

use beffroi_cases::{case::Case, exchange};
use beffroi_core::Id;
use beffroi_documents::Gate;
use beffroi_store::By;

use crate::browser::journey;

const WORDS: (&str, &str) = ("Votre caution vous est rendue.", "Your deposit is given back.");

#[test]
fn what_another_service_has_to_tell_is_written_in_the_requesters_language_and_told_once() {
    journey(Gate::Open, async |hall| {
        let (reference, code) = hall.deposit("gaspard@example.org").await;
        hall.work();
        let mails = hall.mails().await.len();
        let case: Id<Case> = hall.case(&reference).await.parse().unwrap();
        let ordered = hall
            .fixture
            .commune
            .write(By::SYSTEM, move |tx| exchange::have_written(tx, case, None, WORDS, &[]));
        ordered.await.unwrap();
        hall.work();
        hall.work();
        assert_eq!(hall.mails().await.len(), mails + 1, "word that there is a message, once");
        let page = hall.browser().follow(&code).await;
        page.says(WORDS.0).is_silent_about(WORDS.1);
    });
}
