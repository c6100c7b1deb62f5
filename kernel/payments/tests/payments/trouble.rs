//! Money that comes twice, late, in another amount or under another reference: kept, shown, and settled by somebody.

use beffroi_core::{Cents, Id};
use beffroi_payments::{
    Order, OrderState, Payment, PaymentState, PaymentTrouble,
    attention::NeedKind,
    look, lower,
    order::{self, CancelError, CancelReason},
    payment::{self, Means, Settlement},
    receipt,
    refund::{self, RefundError, RefundHow},
    regie::Mode,
    settle::{self, SettleError},
};
use beffroi_store::By;
use chrono::TimeDelta;

use crate::support::{Town, create_regie, in_a_town, on_a_runtime, settler, taker};

fn kinds(town: &Town<'_>) -> Vec<(NeedKind, Option<PaymentTrouble>, Cents)> {
    town.needs().into_iter().map(|need| (need.kind, need.trouble, need.cents)).collect()
}

fn attach(town: &Town<'_>, payment: Id<Payment>, order: &Order) -> Result<Payment, SettleError> {
    let order = order.id;
    town.fixture
        .commune
        .write_blocking(By::SYSTEM, move |tx| settle::attach(tx, &settler(tx), payment, order))
}

fn give_back(town: &Town<'_>, payment: Id<Payment>, cents: i64) -> Result<refund::Refund, RefundError> {
    town.fixture.commune.write_blocking(By::SYSTEM, move |tx| {
        refund::ask(tx, &settler(tx), payment, Cents(cents), "Payé deux fois")
    })
}

fn is_given_back(town: &Town<'_>, refund: Id<refund::Refund>) -> Result<refund::Refund, RefundError> {
    town.fixture.commune.write_blocking(By::SYSTEM, move |tx| {
        refund::done(tx, &settler(tx), refund, RefundHow::Transfer, "Mandat 118")
    })
}

#[test]
fn what_is_paid_twice_is_kept_and_given_back() {
    in_a_town(|town| {
        let order = town.order(|_| {});
        let (first, one) = town.sent(&order);
        let (second, two) = town.sent(&order);
        town.bank.pays(&one);
        town.bank.pays(&two);
        town.notified(&one);
        town.notified(&two);
        assert_eq!(town.payment(first).trouble, None);
        let twice = town.payment(second);
        assert_eq!((twice.state, twice.told), (PaymentState::Paid, Some(Cents(5_000))));
        assert_eq!((twice.trouble, twice.counts_for), (Some(PaymentTrouble::Second), None));
        assert_eq!(town.find(&order).paid, Cents(5_000));
        assert_eq!(kinds(town), [(NeedKind::Trouble, Some(PaymentTrouble::Second), Cents(5_000))]);
        assert_eq!(town.told(&order), ["order.created", "order.paid"]);

        // It cannot be waved away.
        let closed = town
            .fixture
            .commune
            .write_blocking(By::SYSTEM, move |tx| settle::close(tx, &settler(tx), second));
        assert!(matches!(closed, Err(SettleError::NothingToSettle)));
        assert!(matches!(give_back(town, second, 5_001), Err(RefundError::Amount)));
        assert!(matches!(give_back(town, second, 0), Err(RefundError::Amount)));
        town.later(TimeDelta::minutes(1));
        let refund = give_back(town, second, 5_000).unwrap();
        assert_eq!(
            kinds(town),
            [
                (NeedKind::Trouble, Some(PaymentTrouble::Second), Cents(5_000)),
                (NeedKind::Refund, None, Cents(5_000)),
            ]
        );
        is_given_back(town, refund.id).unwrap();
        assert!(matches!(is_given_back(town, refund.id), Err(RefundError::Settled)), "not twice");
        assert!(matches!(give_back(town, second, 1), Err(RefundError::Amount)), "nothing is left");
        assert_eq!(town.payment(second).settled_how, Some(Settlement::Refunded));
        assert!(kinds(town).is_empty());
        assert_eq!(town.find(&order).state, OrderState::Paid, "the order was paid by the first");
    });
}

#[test]
fn what_is_paid_after_the_order_was_cancelled_counts_for_another() {
    in_a_town(|town| {
        let order = town.order(|_| {});
        let (payment, idop) = town.sent(&order);
        town.cancel(&order);
        town.bank.pays(&idop);
        town.notified(&idop);
        assert_eq!(town.payment(payment).trouble, Some(PaymentTrouble::Late));
        assert_eq!(town.find(&order).state, OrderState::Cancelled);
        assert_eq!(town.told(&order), ["order.created", "order.cancelled"]);

        let elsewhere = create_regie(town.fixture, "Régie du théâtre", Mode::Production);
        let foreign = town.order(|new| new.regie = elsewhere);
        assert!(matches!(attach(town, payment, &foreign), Err(SettleError::Order)));
        assert!(matches!(attach(town, payment, &order), Err(SettleError::Order)));
        let cheaper = town.order(|new| new.lines[0].cents = Cents(5_000));
        assert!(matches!(attach(town, payment, &cheaper), Err(SettleError::Amount)));
        let again = town.order(|_| {});
        let attached = attach(town, payment, &again).unwrap();
        assert_eq!((attached.counts_for, attached.settled_how), (Some(again.id), Some(Settlement::Attached)));
        assert_eq!(town.find(&again).state, OrderState::Paid);
        assert_eq!(town.told(&again), ["order.created", "order.paid"]);
        assert!(matches!(attach(town, payment, &again), Err(SettleError::NothingToSettle)), "not twice");
        assert!(kinds(town).is_empty());
        // Both orders show the money.
        let of = |order: &Order| town.read(|tx| payment::of_order(tx, order.id, 10)).len();
        assert_eq!((of(&order), of(&again)), (1, 1));
    });
}

#[test]
fn another_amount_than_was_asked_for_pays_nothing_by_itself() {
    in_a_town(|town| {
        let order = town.order(|_| {});
        let (payment, idop) = town.sent(&order);
        town.bank.pays(&idop);
        town.bank.change(&idop, |attempt| attempt.montant = "4000".to_owned());
        town.notified(&idop);
        let short = town.payment(payment);
        assert_eq!((short.told, short.trouble), (Some(Cents(4_000)), Some(PaymentTrouble::Amount)));
        assert_eq!((town.find(&order).state, town.find(&order).paid), (OrderState::Due, Cents(0)));
        // Somebody lets it count as a part.
        attach(town, payment, &order).unwrap();
        assert_eq!(town.find(&order).remaining(), Cents(1_000));
        town.take(&order, Means::Cash, 1_000).unwrap();
        assert_eq!(town.find(&order).state, OrderState::Paid);

        let order = town.order(|_| {});
        let (payment, idop) = town.sent(&order);
        town.bank.pays(&idop);
        town.bank.change(&idop, |attempt| attempt.montant = "6000".to_owned());
        town.notified(&idop);
        assert!(matches!(attach(town, payment, &order), Err(SettleError::Amount)));
        // What is too much is given back, and the rest counts.
        let refund = give_back(town, payment, 1_000).unwrap();
        attach(town, payment, &order).unwrap();
        is_given_back(town, refund.id).unwrap();
        let paid = town.find(&order);
        assert_eq!((paid.state, paid.paid, paid.refunded), (OrderState::Paid, Cents(5_000), Cents(0)));
        assert!(kinds(town).is_empty());
    });
}

#[test]
fn money_under_another_name_is_shown_and_counts_for_nothing() {
    in_a_town(|town| {
        let order = town.order(|_| {});
        let (payment, idop) = town.sent(&order);
        town.bank.pays(&idop);
        town.bank.change(&idop, |attempt| attempt.saisie = "T".to_owned());
        town.notified(&idop);
        assert_eq!(town.payment(payment).trouble, Some(PaymentTrouble::Mismatch));
        assert_eq!(town.find(&order).state, OrderState::Due);
        // No money at all: a trial. Somebody makes sure of it.
        town.write(move |tx| Ok(settle::close(tx, &settler(tx), payment).unwrap()));
        assert!(kinds(town).is_empty());
    });
}

#[test]
fn an_order_that_is_paid_is_refunded_and_not_cancelled() {
    in_a_town(|town| {
        let order = town.order(|_| {});
        town.take(&order, Means::Cheque, 2_000).unwrap();
        let id = order.id;
        let refused = town
            .fixture
            .commune
            .write_blocking(By::SYSTEM, move |tx| order::cancel(tx, id, CancelReason::GivenUp));
        assert!(matches!(refused, Err(CancelError::Paid)), "a part is paid");
        town.later(TimeDelta::minutes(1));
        let (_, idop) = town.sent(&order);
        assert_eq!(town.bank.last().montant, "3000", "what remains is asked for");
        town.bank.pays(&idop);
        town.notified(&idop);
        // The service's own rules give half of it back, of the last money first.
        let claim = move |cents: i64| {
            town.fixture.commune.write_blocking(By::SYSTEM, move |tx| {
                refund::claim(tx, id, Cents(cents), "Annulation à temps")
            })
        };
        assert!(matches!(claim(5_001), Err(RefundError::Amount)));
        let asked = claim(4_000).unwrap();
        let cents: Vec<_> = asked.iter().map(|refund| refund.cents).collect();
        assert_eq!(cents, [Cents(3_000), Cents(1_000)]);
        assert!(matches!(claim(1_001), Err(RefundError::Amount)), "what is asked for is not asked for again");
        assert_eq!(town.find(&order).state, OrderState::Paid, "nothing was given back yet");
        is_given_back(town, asked[0].id).unwrap();
        assert_eq!(town.find(&order).state, OrderState::PartlyRefunded);
        let second = asked[1].id;
        town.write(move |tx| Ok(refund::withdraw(tx, &settler(tx), second).unwrap()));
        for refund in claim(2_000).unwrap() {
            is_given_back(town, refund.id).unwrap();
        }
        let refunded = town.find(&order);
        assert_eq!((refunded.state, refunded.refunded), (OrderState::Refunded, Cents(5_000)));
        assert_eq!(
            town.told(&order),
            ["order.created", "order.paid", "order.partly_refunded", "order.refunded"]
        );
        assert!(kinds(town).is_empty());
    });
}

#[test]
fn what_is_told_later_never_makes_money_disappear() {
    in_a_town(|town| {
        let order = town.order(|_| {});
        let (payment, idop) = town.sent(&order);
        town.bank.refuses(&idop);
        let refused = town.comes_back(payment);
        town.bank.pays(&idop);
        // Two look at the same time: one has the older answer still in hand.
        assert_eq!(refused.state, PaymentState::Refused);
        town.notified(&idop);
        assert_eq!(town.find(&order).state, OrderState::Paid);
        town.later(TimeDelta::minutes(1));
        // The one with the older attempt in hand is told something else now.
        town.bank.refuses(&idop);
        let looked = on_a_runtime(look(&town.fixture.commune, town.payfip.as_ref(), refused));
        assert_eq!(looked.unwrap().unwrap().trouble, Some(PaymentTrouble::Contradiction));
        assert_eq!(kinds(town), [(NeedKind::Trouble, Some(PaymentTrouble::Contradiction), Cents(5_000))]);
        assert_eq!(
            (town.payment(payment).state, town.find(&order).state),
            (PaymentState::Paid, OrderState::Paid)
        );
        town.write(move |tx| Ok(settle::close(tx, &settler(tx), payment).unwrap()));
        // PayFiP has forgotten it, a year later.
        town.bank.forgets(&idop);
        town.later(TimeDelta::days(400));
        town.hourly();
        assert_eq!(
            (town.payment(payment).state, town.find(&order).state),
            (PaymentState::Paid, OrderState::Paid)
        );
    });
}

#[test]
fn what_is_given_back_before_an_order_is_paid_is_to_be_paid_again() {
    in_a_town(|town| {
        let order = town.order(|_| {});
        let cash = town.take(&order, Means::Cash, 2_000).unwrap();
        let refund = give_back(town, cash.payment, 2_000).unwrap();
        is_given_back(town, refund.id).unwrap();
        assert_eq!(town.find(&order).remaining(), Cents(5_000));
        town.take(&order, Means::Cheque, 5_000).unwrap();
        assert_eq!(town.told(&order), ["order.created", "order.paid"]);

        // A part is given back, and then the cheque is worth nothing: the whole is to be paid again.
        let order = town.order(|_| {});
        let cash = town.take(&order, Means::Cash, 2_000).unwrap();
        let second = town.take(&order, Means::Cheque, 3_000).unwrap();
        let refund = give_back(town, cash.payment, 500).unwrap();
        is_given_back(town, refund.id).unwrap();
        assert_eq!(town.find(&order).state, OrderState::PartlyRefunded);
        town.write(move |tx| Ok(receipt::annul(tx, &taker(tx), second.id, "Sans provision").unwrap()));
        let reopened = town.find(&order);
        assert_eq!((reopened.state, reopened.remaining()), (OrderState::Due, Cents(3_500)));
        town.take(&order, Means::Terminal, 3_500).unwrap();
        assert_eq!(
            town.told(&order),
            ["order.created", "order.paid", "order.partly_refunded", "order.reopened", "order.paid"]
        );
    });
}

#[test]
fn an_order_that_was_given_up_comes_to_what_was_paid_where_that_is_not_given_back() {
    in_a_town(|town| {
        let to = |order: &Order, cents: i64| {
            let id = order.id;
            town.write(move |tx| lower(tx, id, Cents(cents), "Réservation annulée"))
        };
        let order = town.order(|_| {});
        // Nothing was paid: it is cancelled instead.
        assert!(!to(&order, 0));
        town.take(&order, Means::Cash, 2_000).unwrap();
        let id = order.id;
        let asked = town.write(move |tx| Ok(refund::claim(tx, id, Cents(2_000), "Annulation").unwrap()));
        let refund = asked[0].id;
        town.write(move |tx| Ok(refund::withdraw(tx, &settler(tx), refund).unwrap()));
        // A part of it stands: what is left of that is to be paid.
        assert!(!to(&order, 5_000) && to(&order, 3_000));
        let found = town.find(&order);
        assert_eq!(
            (found.state, found.total, found.remaining()),
            (OrderState::Due, Cents(3_000), Cents(1_000))
        );
        // Nothing of it stands: what was paid stays, and nothing is to be paid.
        assert!(to(&order, 0) && !to(&order, 0));
        let found = town.find(&order);
        assert_eq!((found.state, found.total, found.paid), (OrderState::Paid, Cents(2_000), Cents(2_000)));
        let lines = town.read(|tx| order::lines(tx, id));
        let cents: Vec<i64> = lines.iter().map(|line| line.cents.0).collect();
        assert_eq!(cents, [6_000, -1_000, -2_000, -1_000]);
        assert!(matches!(town.take(&order, Means::Cash, 1), Err(receipt::ReceiptError::NotDue)));
        assert_eq!(town.told(&order), ["order.created", "order.lowered", "order.lowered", "order.paid"]);
        // The accountant can give it back after all.
        let asked = town.write(move |tx| Ok(refund::claim(tx, id, Cents(2_000), "Annulation").unwrap()));
        is_given_back(town, asked[0].id).unwrap();
        assert_eq!(town.find(&order).state, OrderState::Refunded);
    });
}
