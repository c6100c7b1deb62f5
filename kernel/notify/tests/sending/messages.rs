//! Short messages, by whichever provider knows their way: once each, forgotten once they have left.

use std::sync::{Arc, Mutex};

use beffroi_notify::{
    MIGRATIONS,
    messenger::{self, Handed, Messenger, MessengerError, NewShortMessage, ShortMessage, ShortState},
};
use beffroi_store::{
    By, Commune, StoreError, jobs,
    testing::{TestCommune, on_both_engines},
};
use chrono::TimeDelta;

use super::support::{CASE, told, workers};

/// A provider that answers what it is told to, and remembers what it was given.
#[derive(Default)]
struct Sms {
    given: Mutex<Vec<(String, String)>>,
    answers: Mutex<Vec<MessengerError>>,
}

impl Messenger for Sms {
    fn way(&self) -> &'static str {
        "sms"
    }
    fn send(&self, _: &Arc<Commune>, message: &ShortMessage) -> Result<Handed, MessengerError> {
        self.given.lock().unwrap().push((message.to.clone(), message.text.clone()));
        self.answers.lock().unwrap().pop().map_or(Ok(Handed::Sent), Err)
    }
}

fn queue(fixture: &TestCommune, way: &'static str, once: Option<&'static str>) -> bool {
    fixture
        .commune
        .write_blocking::<_, StoreError>(By::SYSTEM, move |tx| {
            let new = NewShortMessage { way, to: "+33600000000", text: "Prêt", about: CASE, once };
            Ok(messenger::queue(tx, &new)?.is_some())
        })
        .unwrap()
}

fn kept(fixture: &TestCommune) -> Vec<ShortMessage> {
    fixture.commune.read_blocking(By::SYSTEM, |tx| messenger::of_subject(tx, CASE, 10)).unwrap()
}

fn work(fixture: &TestCommune, sms: &Arc<Sms>) {
    let handler = messenger::SendHandler::new(vec![Arc::clone(sms) as Arc<dyn Messenger>]);
    fixture.settle(&workers(handler)).unwrap();
}

#[test]
fn a_short_message_goes_by_the_provider_of_its_way_and_is_forgotten() {
    on_both_engines(MIGRATIONS, |fixture| {
        let sms = Arc::new(Sms::default());
        assert!(queue(fixture, "sms", Some("case/7/news")));
        assert!(!queue(fixture, "sms", Some("case/7/news")), "told once");
        fixture.clock.advance(TimeDelta::seconds(1));
        assert!(queue(fixture, "push", None));
        work(fixture, &sms);
        assert_eq!(*sms.given.lock().unwrap(), [("+33600000000".to_owned(), "Prêt".to_owned())]);
        let kept = kept(fixture);
        let states: Vec<ShortState> = kept.iter().map(|it| it.state).collect();
        assert_eq!(states, [ShortState::Sent, ShortState::Failed], "nobody serves the other way");
        assert!(kept.iter().all(|it| it.to.is_empty() && it.text.is_empty()), "{kept:?}");
        let mut told = told(fixture);
        told.sort();
        assert_eq!(told, ["push.failed", "sms.sent"]);
        fixture.commune.write_blocking(By::SYSTEM, |tx| messenger::forget_about(tx, CASE)).unwrap();
        assert_eq!(fixture.commune.read_blocking(By::SYSTEM, |tx| jobs::failed(tx, 10)).unwrap().len(), 0);
    })
    .unwrap();
}

#[test]
fn a_provider_that_is_away_is_asked_again_and_one_that_refuses_is_not() {
    on_both_engines(MIGRATIONS, |fixture| {
        let sms = Arc::new(Sms::default());
        *sms.answers.lock().unwrap() = vec![MessengerError::Away("away".to_owned())];
        queue(fixture, "sms", None);
        work(fixture, &sms);
        assert_eq!(kept(fixture)[0].state, ShortState::Queued);
        fixture.clock.advance(TimeDelta::hours(1));
        work(fixture, &sms);
        assert_eq!(sms.given.lock().unwrap().len(), 2, "again, once it is back");
        assert_eq!(kept(fixture)[0].state, ShortState::Sent);

        *sms.answers.lock().unwrap() = vec![MessengerError::Refused("credit".to_owned())];
        fixture.clock.advance(TimeDelta::seconds(1));
        queue(fixture, "sms", None);
        work(fixture, &sms);
        assert_eq!(sms.given.lock().unwrap().len(), 3);
        let refused = kept(fixture).pop().unwrap();
        assert_eq!((refused.state, refused.error.as_deref()), (ShortState::Failed, Some("credit")));
        assert_eq!(told(fixture), ["sms.sent", "sms.failed"]);
    })
    .unwrap();
}

#[test]
fn what_may_have_left_is_not_sent_twice() {
    on_both_engines(MIGRATIONS, |fixture| {
        let sms = Arc::new(Sms::default());
        queue(fixture, "sms", None);
        // The program was stopped while it handed the message over.
        fixture
            .commune
            .write_blocking(By::SYSTEM, |tx| tx.execute("UPDATE short_message SET state = 'sending'", &[]))
            .unwrap();
        work(fixture, &sms);
        assert!(sms.given.lock().unwrap().is_empty());
        let kept = kept(fixture).pop().unwrap();
        assert_eq!((kept.state, kept.error.as_deref()), (ShortState::Failed, Some("interrupted")));
        assert_eq!(told(fixture), ["sms.failed"]);
    })
    .unwrap();
}
