//! Short messages, by whichever provider knows their way.

use std::sync::{Arc, Mutex};

use beffroi_notify::{
    MIGRATIONS,
    messenger::{self, Messenger, MessengerError, ShortMessage},
};
use beffroi_store::{By, StoreError, jobs, testing::on_both_engines};

use super::support::workers;

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
