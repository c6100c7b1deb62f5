//! Whatever happens, in whatever order: no money is lost, none is counted twice, no receipt is missing, and the journal
//! holds.

use std::collections::BTreeSet;

use beffroi_core::{Cents, Id};
use beffroi_payments::{
    Begun, Order, OrderState, Payment, PaymentState,
    order::{self, CancelReason},
    payment::{self, AdapterKind, Means},
    receipt,
    refund::{self, RefundHow},
    settle,
    testing::BadDay,
};
use beffroi_store::{By, journal};
use chrono::TimeDelta;
use proptest::{prelude::*, test_runner::TestRunner};

use crate::support::{Town, in_a_town, settler, taker};

/// What can happen to one order.
#[derive(Clone, Copy, Debug)]
enum Event {
    Begin,
    BeginOnABadDay,
    /// The payer of one of the attempts pays, another amount perhaps.
    Pay(usize, i64),
    Refuse(usize),
    GiveUp(usize),
    Forget(usize),
    Notify(usize),
    ComeBack(usize),
    Wait(i64),
    Take(i64),
    Annul(usize),
    Cancel,
    AskBack(usize, i64),
    GiveBack,
    AttachToItself(usize),
    Round,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        3 => Just(Event::Begin),
        1 => Just(Event::BeginOnABadDay),
        4 => (0_usize..4, prop_oneof![4 => Just(0_i64), 1 => -1_500_i64..1_500]).prop_map(|(it, more)| Event::Pay(it, more)),
        1 => (0_usize..4).prop_map(Event::Refuse),
        1 => (0_usize..4).prop_map(Event::GiveUp),
        1 => (0_usize..4).prop_map(Event::Forget),
        4 => (0_usize..4).prop_map(Event::Notify),
        2 => (0_usize..4).prop_map(Event::ComeBack),
        3 => prop_oneof![1_i64..30, 60_i64..3_000].prop_map(Event::Wait),
        2 => (1_i64..6_000).prop_map(Event::Take),
        1 => (0_usize..3).prop_map(Event::Annul),
        1 => Just(Event::Cancel),
        1 => (0_usize..4, 1_i64..5_000).prop_map(|(it, cents)| Event::AskBack(it, cents)),
        1 => Just(Event::GiveBack),
        1 => (0_usize..4).prop_map(Event::AttachToItself),
        1 => Just(Event::Round),
    ]
}

struct Story<'a> {
    town: &'a Town<'a>,
    order: Order,
    /// The attempts that were opened, PayFiP's name for each, and what was paid on its page.
    opened: Vec<(Id<Payment>, String, Option<i64>)>,
    /// Refunds that are to be done.
    refunds: Vec<Id<refund::Refund>>,
}

impl Story<'_> {
    fn happens(&mut self, event: Event) {
        let town = self.town;
        let commune = &town.fixture.commune;
        let nth = |rank: usize| self.opened.get(rank).cloned();
        let all = || town.read(|tx| payment::of_order(tx, self.order.id, 100));
        match event {
            Event::Begin => {
                if let Ok(Begun::Page { payment, .. }) = town.begin(&self.order) {
                    let token = town.payment(payment).token.unwrap();
                    self.opened.push((payment, token, None));
                }
            }
            Event::BeginOnABadDay => {
                town.bank.has(BadDay::CutOff);
                if let Ok(Begun::Page { payment, .. }) = town.begin(&self.order) {
                    let token = town.payment(payment).token.unwrap();
                    self.opened.push((payment, token, None));
                }
            }
            Event::Pay(rank, more) => {
                let Some((payment, idop, paid)) = self.opened.get_mut(rank).filter(|it| it.2.is_none())
                else {
                    return;
                };
                // No page of payment stays open for a day.
                if commune.now() - town.payment(*payment).started_at > TimeDelta::hours(20) {
                    return;
                }
                let known = town.bank.attempts().into_iter().find(|attempt| attempt.idop == *idop);
                let Some(known) = known else { return };
                let cents = (known.montant.parse::<i64>().unwrap() + more).max(1);
                town.bank.pays(idop);
                town.bank.change(idop, |attempt| attempt.montant = cents.to_string());
                *paid = Some(cents);
            }
            Event::Refuse(rank) | Event::GiveUp(rank) | Event::Forget(rank) => {
                // The bank does not take back what it has taken.
                let Some((_, idop, None)) = nth(rank) else { return };
                if !town.bank.attempts().iter().any(|attempt| attempt.idop == idop) {
                    return;
                }
                match event {
                    Event::Refuse(_) => town.bank.refuses(&idop),
                    Event::GiveUp(_) => town.bank.cancels(&idop),
                    _ => town.bank.forgets(&idop),
                }
            }
            Event::Notify(rank) => {
                if let Some((_, idop, _)) = nth(rank) {
                    town.notified(&idop);
                }
            }
            Event::ComeBack(rank) => {
                if let Some((payment, ..)) = nth(rank) {
                    town.comes_back(payment);
                }
            }
            Event::Wait(minutes) => town.later(TimeDelta::minutes(minutes)),
            Event::Take(cents) => drop(town.take(&self.order, Means::Cash, cents)),
            Event::Annul(rank) => {
                let taken: Vec<_> =
                    all().into_iter().filter(|it| it.adapter == AdapterKind::Counter).collect();
                if let Some(payment) = taken.get(rank) {
                    let id = town.read(|tx| receipt::of_payment(tx, payment.id)).remove(0).id;
                    let annulled = commune
                        .write_blocking(By::SYSTEM, move |tx| receipt::annul(tx, &taker(tx), id, "Erreur"));
                    drop(annulled);
                }
            }
            Event::Cancel => {
                let id = self.order.id;
                drop(
                    commune
                        .write_blocking(By::SYSTEM, move |tx| order::cancel(tx, id, CancelReason::GivenUp)),
                );
            }
            Event::AskBack(rank, cents) => {
                if let Some(id) = all().get(rank).map(|payment| payment.id) {
                    let asked = commune.write_blocking(By::SYSTEM, move |tx| {
                        refund::ask(tx, &settler(tx), id, Cents(cents), "Geste")
                    });
                    self.refunds.extend(asked.ok().map(|refund| refund.id));
                }
            }
            Event::GiveBack => {
                if let Some(id) = self.refunds.pop() {
                    town.write(move |tx| {
                        Ok(refund::done(tx, &settler(tx), id, RefundHow::Transfer, "").unwrap())
                    });
                }
            }
            Event::AttachToItself(rank) => {
                if let Some(id) = all().get(rank).map(|payment| payment.id) {
                    let to = self.order.id;
                    let attached = commune
                        .write_blocking(By::SYSTEM, move |tx| settle::attach(tx, &settler(tx), id, to));
                    drop(attached);
                }
            }
            Event::Round => town.hourly(),
        }
    }

    /// What holds at every moment.
    fn holds(&self) {
        let order = self.town.find(&self.order);
        let net = order.paid.0 - order.refunded.0;
        assert!(order.refunded <= order.paid && net <= order.total.0, "{order:?}");
        assert!(order.remaining().0 >= 0);
        match order.state {
            OrderState::Due => assert!(order.paid < order.total && order.refunded == Cents(0), "{order:?}"),
            OrderState::Paid => assert!(order.paid >= order.total && order.refunded == Cents(0)),
            OrderState::PartlyRefunded => assert!(order.refunded > Cents(0) && net > 0),
            OrderState::Refunded => assert_eq!(net, 0),
            OrderState::Cancelled => assert_eq!(net, 0, "nobody's money hangs on it"),
        }
        // Whoever follows the journal knows as much.
        let told = match self.town.told(&order).last().map(String::as_str) {
            Some("order.created" | "order.reopened") => OrderState::Due,
            Some("order.paid") => OrderState::Paid,
            Some("order.partly_refunded") => OrderState::PartlyRefunded,
            Some("order.refunded") => OrderState::Refunded,
            Some("order.cancelled") => OrderState::Cancelled,
            other => panic!("{other:?}"),
        };
        assert_eq!(told, order.state);
        let payments = self.town.read(|tx| payment::of_order(tx, order.id, 100));
        let counted: i64 = payments.iter().map(|it| it.counts.0).sum();
        assert_eq!(counted, order.paid.0);
        for it in &payments {
            assert!(it.counts.0 <= it.told.unwrap_or_default().0);
            if it.state == PaymentState::Paid {
                assert!(it.counts_for.is_some() || it.trouble.is_some(), "money that nobody sees: {it:?}");
            } else {
                assert_eq!(it.counts, Cents(0));
            }
        }
    }

    /// Once everything was asked for, all that the bank took is known, to the cent.
    fn ends(&self) {
        for minutes in [30, 60, 600, 1_500] {
            self.town.later(TimeDelta::minutes(minutes));
            self.town.hourly();
        }
        self.holds();
        for (payment, _, paid) in &self.opened {
            let known = self.town.payment(*payment);
            match paid {
                Some(cents) => {
                    assert_eq!((known.state, known.told), (PaymentState::Paid, Some(Cents(*cents))));
                }
                None => assert_ne!(known.state, PaymentState::Paid),
            }
        }
    }
}

#[test]
fn no_money_is_lost_whatever_happens() {
    in_a_town(|town| {
        let mut runner = TestRunner::new(ProptestConfig {
            cases: 40,
            failure_persistence: None,
            ..ProptestConfig::default()
        });
        let stories = prop::collection::vec(event(), 1..25);
        runner
            .run(&stories, |events| {
                let order = town.order(|_| {});
                let mut story = Story { town, order, opened: Vec::new(), refunds: Vec::new() };
                for event in events {
                    story.happens(event);
                    story.holds();
                }
                story.ends();
                Ok(())
            })
            .unwrap();
        // Of all the stories together.
        let year = 2026;
        let register = town.read(|tx| receipt::register(tx, town.regie, year, 0, 5_000));
        let numbers: BTreeSet<_> = register.iter().map(|receipt| receipt.number).collect();
        assert_eq!(numbers.len(), register.len());
        assert_eq!(
            numbers.last().copied().unwrap_or_default() as usize,
            register.len(),
            "no number is missing"
        );
        assert_eq!(town.read(journal::verify).broken, None);
    });
}
