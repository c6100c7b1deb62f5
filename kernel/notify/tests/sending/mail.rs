//! Mail that needs no server: what is kept in a demonstration, and what cannot be sent.

use beffroi_notify::{
    MIGRATIONS, Transport,
    mail::{self, MailError, State},
};
use beffroi_store::{By, testing::on_both_engines};

use super::support::{queue, workers};

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
