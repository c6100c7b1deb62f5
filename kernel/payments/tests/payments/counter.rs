//! Money at the counter, its receipts, and what annuls them.

use beffroi_core::{Cents, Id, Instant};
use beffroi_payments::{
    OrderState, Receipt,
    payment::Means,
    receipt::{self, ReceiptError},
    refund,
    regie::Mode,
};
use beffroi_store::By;

use crate::support::{Town, create_regie, in_a_town, settler, taker};

fn annul(town: &Town<'_>, id: Id<Receipt>, reason: &'static str) -> Result<Receipt, ReceiptError> {
    town.fixture.commune.write_blocking(By::SYSTEM, move |tx| receipt::annul(tx, &taker(tx), id, reason))
}

#[test]
fn an_order_is_paid_in_parts_each_with_its_receipt() {
    in_a_town(|town| {
        let order = town.order(|_| {});
        let cash = town.take(&order, Means::Cash, 2_000).unwrap();
        assert_eq!((cash.year, cash.number, cash.cents), (2026, 1, Cents(2_000)));
        assert_eq!(town.find(&order).remaining(), Cents(3_000));
        assert!(matches!(town.take(&order, Means::Cash, 3_001), Err(ReceiptError::Amount)));
        assert!(matches!(town.take(&order, Means::Cash, 0), Err(ReceiptError::Amount)));
        assert!(matches!(town.take(&order, Means::Card, 3_000), Err(ReceiptError::Means)));
        let cheque = town.take(&order, Means::Cheque, 3_000).unwrap();
        assert_eq!((cheque.number, cheque.detail.as_str()), (2, "BNP 0012345"));
        assert_eq!(town.find(&order).state, OrderState::Paid);
        assert!(matches!(town.take(&order, Means::Cash, 1), Err(ReceiptError::NotDue)));
        assert_eq!(town.told(&order), ["order.created", "order.paid"]);
        // Another régie counts for itself.
        let other = create_regie(town.fixture, "Régie du théâtre", Mode::Production);
        let elsewhere = town.order(|new| new.regie = other);
        assert_eq!(town.take(&elsewhere, Means::Terminal, 5_000).unwrap().number, 1);
    });
}

#[test]
fn a_receipt_is_annulled_by_another_and_the_order_is_to_be_paid_again() {
    in_a_town(|town| {
        let order = town.order(|_| {});
        let receipt = town.take(&order, Means::Cheque, 5_000).unwrap();
        assert!(matches!(annul(town, receipt.id, " "), Err(ReceiptError::Words)), "the law wants a reason");
        let counter = annul(town, receipt.id, "Chèque sans provision").unwrap();
        assert_eq!((counter.number, counter.cents, counter.annuls), (2, Cents(-5_000), Some(receipt.id)));
        assert!(matches!(annul(town, receipt.id, "Encore"), Err(ReceiptError::Annulled)));
        assert!(matches!(annul(town, counter.id, "Encore"), Err(ReceiptError::Annulled)));
        let reopened = town.find(&order);
        assert_eq!((reopened.state, reopened.paid_at), (OrderState::Due, None));
        assert_eq!(reopened.remaining(), Cents(5_000));
        assert_eq!(town.told(&order), ["order.created", "order.paid", "order.reopened"]);
        town.take(&order, Means::Cash, 5_000).unwrap();
        let numbers: Vec<_> = town
            .read(|tx| receipt::register(tx, town.regie, 2026, 0, 10))
            .into_iter()
            .map(|it| (it.number, it.cents.0))
            .collect();
        assert_eq!(numbers, [(1, 5_000), (2, -5_000), (3, 5_000)], "nothing was removed");
        let kinds: Vec<_> =
            town.journal("receipt", receipt.id.uuid()).into_iter().map(|entry| entry.kind).collect();
        assert_eq!(kinds, ["receipt.given", "receipt.annulled"]);
    });
}

#[test]
fn money_that_is_to_be_given_back_is_not_annulled_too() {
    in_a_town(|town| {
        let order = town.order(|_| {});
        let receipt = town.take(&order, Means::Cash, 5_000).unwrap();
        let payment = receipt.payment;
        let refund =
            town.write(move |tx| Ok(refund::ask(tx, &settler(tx), payment, Cents(100), "Geste").unwrap()));
        assert!(matches!(annul(town, receipt.id, "Erreur"), Err(ReceiptError::Refunded)));
        town.write(move |tx| Ok(refund::withdraw(tx, &settler(tx), refund.id).unwrap()));
        annul(town, receipt.id, "Erreur").unwrap();
        let left = town
            .fixture
            .commune
            .write_blocking(By::SYSTEM, move |tx| refund::ask(tx, &settler(tx), payment, Cents(1), "Geste"));
        assert!(matches!(left, Err(refund::RefundError::NotPaid)));
    });
}

#[test]
fn numbers_begin_again_with_the_towns_own_year() {
    in_a_town(|town| {
        let order = town.order(|_| {});
        assert_eq!(town.take(&order, Means::Cash, 100).unwrap().number, 1);
        // 31 December in London is already the new year in Paris.
        let eve: Instant = "2026-12-31T23:30:00Z".parse().unwrap();
        town.fixture.clock.advance(eve - town.fixture.commune.now());
        let first = town.take(&order, Means::Cash, 100).unwrap();
        assert_eq!((first.year, first.number), (2027, 1));
        assert_eq!(town.order(|_| {}).number, "2027-000001");
        let counter = annul(town, first.id, "Erreur").unwrap();
        assert_eq!((counter.year, counter.number), (2027, 2));
    });
}
