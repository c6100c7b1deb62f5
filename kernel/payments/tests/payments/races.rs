//! Several at once: nothing is counted twice, no number is lost, and none is given twice.

use std::{collections::BTreeSet, sync::Barrier, thread};

use beffroi_core::Cents;
use beffroi_payments::{
    OrderState, PaymentState, PaymentTrouble, hear, look, order,
    payment::{self, Means},
    receipt::{self, ReceiptError, Taking},
};
use beffroi_store::By;

use crate::support::{Town, in_a_town, new_order, on_a_runtime, taker};

fn at_once(count: usize, work: impl Fn(usize) + Sync) {
    let barrier = Barrier::new(count);
    thread::scope(|scope| {
        for rank in 0..count {
            let (barrier, work) = (&barrier, &work);
            scope.spawn(move || {
                barrier.wait();
                work(rank);
            });
        }
    });
}

#[test]
fn sixteen_at_the_counter_lose_no_number_even_where_every_third_is_undone() {
    in_a_town(|town| {
        let orders: Vec<_> = (0..16).map(|_| town.order(|_| {}).id).collect();
        at_once(16, |rank| {
            let order = orders[rank];
            for turn in 0..6 {
                let undone = (rank + turn) % 3 == 0;
                let taken = town.fixture.commune.write_blocking(By::SYSTEM, move |tx| {
                    let taking = Taking { means: Means::Cash, cents: Cents(100), detail: String::new() };
                    let receipt = receipt::take(tx, &taker(tx), order, &taking)?;
                    // Something that the same command does afterwards fails.
                    if undone { Err(ReceiptError::Means) } else { Ok(receipt) }
                });
                assert_eq!(taken.is_err(), undone);
            }
        });
        let register = town.read(|tx| receipt::register(tx, town.regie, 2026, 0, 200));
        let numbers: Vec<_> = register.iter().map(|receipt| receipt.number).collect();
        assert_eq!(numbers, (1..=64).collect::<Vec<_>>());
        assert_eq!(town.needs().len(), 0);
    });
}

#[test]
fn orders_made_at_once_have_each_their_number() {
    in_a_town(|town| {
        at_once(16, |_| {
            for _ in 0..4 {
                town.order(|_| {});
            }
        });
        let found: BTreeSet<_> = (1..=64)
            .filter_map(|number| town.read(|tx| order::of_number(tx, &format!("2026-{number:06}"))))
            .map(|order| order.id)
            .collect();
        assert_eq!(found.len(), 64);
        let _ = new_order(town.regie);
    });
}

#[test]
fn two_notifications_and_two_returns_at_once_pay_once() {
    in_a_town(|town| {
        let order = town.order(|_| {});
        let (payment, idop) = town.sent(&order);
        town.bank.pays(&idop);
        at_once(8, |rank| {
            if rank % 2 == 0 {
                on_a_runtime(hear(&town.fixture.commune, &idop)).unwrap();
                town.work();
            } else {
                let found = town.payment(payment);
                on_a_runtime(look(&town.fixture.commune, town.payfip.as_ref(), found)).unwrap().unwrap();
            }
        });
        town.work();
        assert_eq!(town.told(&order), ["order.created", "order.paid"]);
        assert_eq!(town.find(&order).paid, Cents(5_000));
        let kinds: Vec<_> =
            town.journal("payment", payment.uuid()).into_iter().map(|entry| entry.kind).collect();
        assert_eq!(kinds, ["payment.started", "payment.paid"]);
        assert!(town.needs().is_empty());
    });
}

#[test]
fn the_counter_and_payfip_at_once_pay_once_and_all_money_is_kept() {
    in_a_town(|town| {
        for _ in 0..6 {
            one_race(town);
        }
    });
}

fn one_race(town: &Town<'_>) {
    let order = town.order(|_| {});
    let (online, idop) = town.sent(&order);
    town.bank.pays(&idop);
    let taken = parking();
    at_once(2, |rank| {
        if rank == 0 {
            let took = town.take(&order, Means::Cash, 5_000);
            *taken.lock().unwrap() = Some(took);
        } else {
            let found = town.payment(online);
            on_a_runtime(look(&town.fixture.commune, town.payfip.as_ref(), found)).unwrap().unwrap();
        }
    });
    let paid = town.find(&order);
    assert_eq!((paid.state, paid.paid), (OrderState::Paid, Cents(5_000)), "once, whoever was first");
    let online = town.payment(online);
    assert_eq!((online.state, online.told), (PaymentState::Paid, Some(Cents(5_000))), "the money came");
    let took = taken.lock().unwrap().take().unwrap();
    match took {
        Ok(receipt) => {
            assert_eq!(online.trouble, Some(PaymentTrouble::Second));
            let cash = town.read(|tx| payment::find(tx, receipt.payment)).unwrap();
            assert_eq!(cash.counts_for, Some(order.id));
        }
        Err(ReceiptError::NotDue) => assert_eq!((online.trouble, online.counts_for), (None, Some(order.id))),
        Err(other) => panic!("{other}"),
    }
    assert_eq!(town.told(&order), ["order.created", "order.paid"]);
}

fn parking() -> std::sync::Mutex<Option<Result<beffroi_payments::Receipt, ReceiptError>>> {
    std::sync::Mutex::default()
}
