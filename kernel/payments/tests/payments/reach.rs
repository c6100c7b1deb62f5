//! How an order is reached: by its secret link and from its payer's account; and when that is over.

use beffroi_core::Id;
use beffroi_payments::{
    order::{self, CancelReason},
    reach,
};
use chrono::TimeDelta;
use uuid::Uuid;

use crate::support::in_a_town;

#[test]
fn an_order_is_opened_by_its_link_alone() {
    in_a_town(|town| {
        let order = town.order(|_| {});
        let page = town.read(|tx| reach::page(tx, order.id)).unwrap();
        let link = page.strip_prefix("/paiements/").unwrap().to_owned();
        assert_eq!(link.len(), 32);
        assert_eq!(town.read(|tx| reach::by_link(tx, &link)).map(|it| it.id), Some(order.id));
        for wrong in ["", &link[1..], &format!("{link}0"), &"0".repeat(32), &"é".repeat(16)] {
            assert_eq!(town.read(|tx| reach::by_link(tx, wrong)), None, "{wrong}");
        }
        // The link itself stands nowhere in the clear.
        let kept = "SELECT COUNT(*) FROM payment_order WHERE link_sealed = $1";
        let clear: i64 = town.read(|tx| tx.query_one(kept, &[&link], |row| row.get(0)));
        assert_eq!(clear, 0);
    });
}

#[test]
fn an_account_finds_its_own_orders_page_by_page() {
    in_a_town(|town| {
        let (own, other) = (Id::from_uuid(Uuid::from_u128(1)), Id::from_uuid(Uuid::from_u128(2)));
        let first = town.order(|new| new.account = Some(own));
        town.order(|new| new.account = Some(other));
        let second = town.order(|new| new.account = Some(own));
        let ids = |after, limit| {
            let found = town.read(|tx| reach::of_account(tx, own, after, limit));
            found.into_iter().map(|(order, _)| order.id).collect::<Vec<_>>()
        };
        assert_eq!(ids(None, 10), [second.id, first.id]);
        assert_eq!(ids(Some(second.id), 10), [first.id]);
        town.write(move |tx| reach::erase_account(tx, own));
        assert_eq!(ids(None, 10), []);
        assert!(town.find(&first).payer.is_some(), "what is to be paid stays with the town");
    });
}

#[test]
fn whom_money_came_from_is_known_as_long_as_the_accounts_are() {
    in_a_town(|town| {
        let cancelled = town.order(|_| {});
        town.cancel(&cancelled);
        // Money came after it was cancelled: somebody has to give it back.
        let late = town.order(|_| {});
        let (payment, idop) = town.sent(&late);
        let id = late.id;
        town.write(move |tx| {
            order::cancel(tx, id, CancelReason::GivenUp).unwrap();
            Ok(())
        });
        town.bank.pays(&idop);
        town.comes_back(payment);
        let due = town.order(|_| {});
        town.fixture.clock.advance(reach::CANCELLED_KEPT + TimeDelta::days(1));
        assert_eq!(town.write(|tx| reach::forget(tx, 10)), 1);
        assert_eq!(town.find(&cancelled).payer, None);
        assert_eq!(town.read(|tx| reach::page(tx, cancelled.id)), None);
        assert!(town.find(&late).payer.is_some() && town.find(&due).payer.is_some());
        town.fixture.clock.advance(reach::KEPT);
        assert_eq!(town.write(|tx| reach::forget(tx, 10)), 2);
        assert_eq!(town.write(|tx| reach::forget(tx, 10)), 0);
        assert!(town.find(&due).payer.is_none());
    });
}
