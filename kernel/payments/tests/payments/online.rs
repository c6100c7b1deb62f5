//! Paying online when all goes well, and when the payer or the bank says no.

use beffroi_core::Cents;
use beffroi_payments::{
    BeginError, Begun, Fault, NewRegie, OrderState, PaymentState,
    adapter::Counter,
    begin, is_under_way,
    order::{self, CancelReason, OrderError, about_of},
    payment::{ClosedWhy, Means},
    permission::ManageRegies,
    receipt::{self, ReceiptError},
    regie::{self, Mode},
};
use beffroi_people::permission::permit_system;
use beffroi_store::By;
use chrono::TimeDelta;

use crate::support::{in_a_town, new_order, on_a_runtime, pages, taker};

#[test]
fn an_order_is_paid_by_what_payfip_says_and_told_once() {
    in_a_town(|town| {
        let order = town.order(|_| {});
        assert_eq!((order.number.as_str(), order.total), ("2026-000001", Cents(5_000)));
        assert_eq!(town.read(|tx| order::lines(tx, order.id)).len(), 2);
        let (payment, idop) = town.sent(&order);
        assert!(town.read(|tx| is_under_way(tx, order.id)));

        let asked = town.bank.last();
        assert_eq!(
            (asked.numcli.as_str(), asked.exer.as_str(), asked.saisie.as_str()),
            ("090909", "2026", "W")
        );
        assert_eq!((asked.montant.as_str(), asked.mel.as_str()), ("5000", "awa.diop@lunel.example"));
        assert_eq!(asked.objet, "2026 000001 Salle des fetes 12 decembre");
        assert!(asked.refdet.starts_with("202600000101"), "{}", asked.refdet);
        assert_eq!(asked.urlnotif, "https://lunel.example/paiement/payfip");
        assert_eq!(asked.urlredirect, format!("https://lunel.example/paiement/retour/{payment}"));

        // The payer comes back before they have paid: what the browser does says nothing.
        assert_eq!(town.comes_back(payment).state, PaymentState::Started);
        assert_eq!(town.find(&order).state, OrderState::Due);

        town.bank.pays(&idop);
        town.bank.change(&idop, |attempt| {
            attempt.transacted = Some(("03062026".to_owned(), "1002".to_owned()));
        });
        town.later(TimeDelta::minutes(3));
        town.notified(&idop);
        town.notified(&idop);
        town.comes_back(payment);
        let paid = town.find(&order);
        assert_eq!((paid.state, paid.paid, paid.remaining()), (OrderState::Paid, Cents(5_000), Cents(0)));
        assert_eq!(paid.paid_at, Some(town.fixture.commune.now()));
        let payment = town.payment(payment);
        assert_eq!((payment.state, payment.means), (PaymentState::Paid, Some(Means::Card)));
        assert_eq!((payment.counts_for, payment.trouble, payment.ask_at), (Some(order.id), None, None));
        assert_eq!(payment.booked_at.to_rfc3339(), "2026-06-03T08:02:00+00:00", "10:02 in Paris");
        assert!(payment.authorisation.is_some() && payment.notified_at.is_some());

        assert_eq!(town.told(&order), ["order.created", "order.paid"]);
        let entries = town.journal("order", order.id.uuid());
        assert_eq!(
            entries.iter().filter_map(about_of).collect::<Vec<_>>(),
            [order.about.clone(), order.about]
        );
        for entry in &entries {
            let said = entry.payload.as_ref().unwrap().to_string();
            assert!(!said.contains("Awa") && !said.contains('@'), "{said}");
        }
        assert!(town.needs().is_empty());
    });
}

#[test]
fn a_direct_debit_is_money_too_and_somebody_unknown_notifies_nothing() {
    in_a_town(|town| {
        let order = town.order(|_| {});
        let (payment, idop) = town.sent(&order);
        town.bank.debits(&idop);
        let asked = town.bank.questions();
        for stranger in
            ["", "x", "cc0cb210-1cd4-11ea-8cca-0213ad91a103", "'; DROP TABLE payment", &"a".repeat(5_000)]
        {
            town.notified(stranger);
        }
        assert_eq!(town.bank.questions(), asked);
        town.notified(&idop);
        assert_eq!(town.payment(payment).means, Some(Means::DirectDebit));
    });
}

#[test]
fn who_was_refused_or_gave_up_can_begin_again_under_another_reference() {
    in_a_town(|town| {
        let order = town.order(|_| {});
        let (first, idop) = town.sent(&order);
        town.bank.refuses(&idop);
        assert_eq!(town.comes_back(first).state, PaymentState::Refused);
        let (second, other) = town.sent(&order);
        town.bank.cancels(&other);
        town.notified(&other);
        let cancelled = town.payment(second);
        assert_eq!(
            (cancelled.state, cancelled.closed_why),
            (PaymentState::Cancelled, Some(ClosedWhy::GivenUp))
        );
        let (third, last) = town.sent(&order);
        town.bank.pays(&last);
        town.notified(&last);
        assert_eq!(town.find(&order).state, OrderState::Paid);
        let references: Vec<_> = [first, second, third].map(|it| town.payment(it).reference).into();
        assert!(references[0] != references[1] && references[1] != references[2], "{references:?}");
    });
}

#[test]
fn who_gave_up_and_pays_all_the_same_on_the_page_that_is_still_open_is_heard() {
    in_a_town(|town| {
        let order = town.order(|_| {});
        let (payment, idop) = town.sent(&order);
        town.bank.cancels(&idop);
        assert_eq!(town.comes_back(payment).state, PaymentState::Cancelled);
        let asked = town.bank.questions();
        for _ in 0..5 {
            town.comes_back(payment);
        }
        assert_eq!(town.bank.questions(), asked, "who reloads the page does not have PayFiP asked each time");
        // The page is still open in the browser. Nothing notifies.
        town.bank.pays(&idop);
        town.later(TimeDelta::minutes(21));
        assert_eq!(
            (town.payment(payment).state, town.find(&order).state),
            (PaymentState::Paid, OrderState::Paid)
        );
    });
}

#[test]
fn nobody_pays_again_what_they_have_just_paid() {
    in_a_town(|town| {
        let order = town.order(|_| {});
        let (_, idop) = town.sent(&order);
        town.bank.pays(&idop);
        // The tab was closed, and no notification came; they begin again.
        assert_eq!(town.begin(&order).unwrap(), Begun::Paid);
        assert_eq!(town.bank.attempts().len(), 1);
        assert_eq!(town.find(&order).state, OrderState::Paid);
        assert!(!town.read(|tx| is_under_way(tx, order.id)));
    });
}

#[test]
fn what_cannot_be_paid_online_is_said_before_anybody_is_sent_anywhere() {
    in_a_town(|town| {
        let cheap = town.order(|new| new.lines = vec![line("Photocopie", 99)]);
        assert!(matches!(town.begin(&cheap), Err(BeginError::Amount)));
        let mute = town.order(|new| new.payer.mail = String::new());
        assert!(matches!(town.begin(&mute), Err(BeginError::Mail)));
        let given_up = town.order(|_| {});
        town.cancel(&given_up);
        assert!(matches!(town.begin(&town.find(&given_up)), Err(BeginError::NotDue)));
        let order = town.order(|_| {});
        let counter = on_a_runtime(begin(&town.fixture.commune, By::VISITOR, &Counter, order.id, &pages()));
        assert_eq!(counter.unwrap(), Begun::Counter);
        for _ in 0..10 {
            town.begin(&order).unwrap();
        }
        assert!(matches!(town.begin(&order), Err(BeginError::TooOften)));
        change_regie(town, |regie| regie.online = false);
        assert!(matches!(town.begin(&town.order(|_| {})), Err(BeginError::Offline)));
        change_regie(town, |regie| regie.closed = true);
        let new = new_order(town.regie);
        let refused = town.write(move |tx| Ok(order::create(tx, &new).err()));
        assert!(matches!(refused, Some(OrderError::Regie)));
        assert_eq!(town.bank.attempts().len(), 10);
    });
}

#[test]
fn orders_that_make_no_sense_are_not_made() {
    in_a_town(|town| {
        let make = |change: fn(&mut beffroi_payments::NewOrder)| {
            let mut new = new_order(town.regie);
            change(&mut new);
            town.write(move |tx| Ok(order::create(tx, &new).err()))
        };
        assert!(matches!(make(|new| new.lines.clear()), Some(OrderError::Lines)));
        assert!(matches!(make(|new| new.lines = vec![line(" ", 100)]), Some(OrderError::Lines)));
        assert!(matches!(make(|new| new.lines = vec![line("Rien", 0)]), Some(OrderError::Total)));
        assert!(matches!(make(|new| new.lines = vec![line("Trop", i64::MAX)]), Some(OrderError::Total)));
        assert!(matches!(make(|new| new.payer.name = String::new()), Some(OrderError::Words)));
        assert!(matches!(make(|new| new.lapses = true), Some(OrderError::Due)));
        assert_eq!(town.order(|_| {}).number, "2026-000001", "what was refused has taken no number");
    });
}

#[test]
fn an_order_that_lapses_waits_for_who_is_paying_and_its_payer_can_be_forgotten() {
    in_a_town(|town| {
        let due = town.fixture.commune.now() + TimeDelta::minutes(30);
        let idle = town.order(|new| (new.due_at, new.lapses) = (Some(due), true));
        let busy = town.order(|new| (new.due_at, new.lapses) = (Some(due), true));
        let partly = town.order(|new| (new.due_at, new.lapses) = (Some(due), true));
        let patient = town.order(|new| new.due_at = Some(due));
        town.take(&partly, Means::Cash, 100).unwrap();
        town.later(TimeDelta::minutes(25));
        town.sent(&busy);
        town.later(TimeDelta::minutes(5));
        assert_eq!(town.find(&idle).cancelled_why, Some(CancelReason::Lapsed));
        assert_eq!(town.find(&busy).state, OrderState::Due, "somebody is on the page of payment");
        assert!(matches!(town.begin(&busy), Err(BeginError::NotDue)), "nobody begins after its time");
        assert!(matches!(town.take(&busy, Means::Cash, 5_000), Err(ReceiptError::NotDue)));
        assert_eq!((town.find(&patient).state, town.find(&partly).state), (OrderState::Due, OrderState::Due));
        assert_eq!(town.told(&idle), ["order.created", "order.cancelled"]);
        for _ in 0..3 {
            town.later(TimeDelta::minutes(5));
        }
        assert_eq!(town.find(&busy).state, OrderState::Cancelled);
        // Of what was paid in part in time, the rest may still be paid.
        town.take(&partly, Means::Cash, 4_900).unwrap();
        assert_eq!(town.find(&partly).state, OrderState::Paid);

        // A job that was lost is the round's.
        let due = town.fixture.commune.now() + TimeDelta::minutes(30);
        let lost = town.order(|new| (new.due_at, new.lapses) = (Some(due), true));
        town.write(|tx| tx.execute("DELETE FROM job", &[]).map(drop));
        town.later(TimeDelta::minutes(40));
        assert_eq!(town.find(&lost).state, OrderState::Due);
        town.hourly();
        assert_eq!(town.find(&lost).state, OrderState::Cancelled);

        assert_eq!(town.find(&idle).payer.unwrap().name, "Awa Diop");
        assert!(town.write(move |tx| order::forget_payer(tx, idle.id)));
        let forgotten = town.find(&idle);
        assert_eq!((forgotten.payer, forgotten.total), (None, Cents(5_000)));
    });
}

#[test]
fn what_was_paid_and_is_to_be_paid_again_lapses_no_more() {
    in_a_town(|town| {
        let due = town.fixture.commune.now() + TimeDelta::minutes(30);
        let order = town.order(|new| (new.due_at, new.lapses) = (Some(due), true));
        let receipt = town.take(&order, Means::Cheque, 5_000).unwrap();
        assert_eq!(town.find(&order).state, OrderState::Paid);
        town.later(TimeDelta::minutes(40));
        town.write(move |tx| {
            let permit = taker(tx);
            receipt::annul(tx, &permit, receipt.id, "Chèque sans provision").unwrap();
            Ok(())
        });
        for _ in 0..3 {
            town.later(TimeDelta::minutes(5));
        }
        town.hourly();
        assert_eq!(town.find(&order).state, OrderState::Due, "the place is theirs until somebody cancels it");
        town.take(&order, Means::Cash, 5_000).unwrap();
        assert_eq!(town.find(&order).state, OrderState::Paid);
    });
}

#[test]
fn the_regie_is_asked_for_in_its_own_mode_and_its_number_can_be_tried() {
    in_a_town(|town| {
        assert_eq!(on_a_runtime(town.payfip.check("090909")), Ok(()));
        assert_eq!(on_a_runtime(town.payfip.check("123456")), Err(Fault::Contract));
        change_regie(town, |regie| regie.mode = Mode::Test);
        let order = town.order(|_| {});
        let (payment, idop) = town.sent(&order);
        assert_eq!(town.bank.last().saisie, "T");
        // The régie is opened while somebody is on the page: their trial stays one.
        change_regie(town, |regie| regie.mode = Mode::Production);
        town.bank.pays(&idop);
        town.notified(&idop);
        assert_eq!(town.payment(payment).mode, Mode::Test);
        assert_eq!(town.find(&order).state, OrderState::Paid);
        change_regie(town, |regie| regie.client_number = "123456".to_owned());
        let refused = town.begin(&town.order(|_| {}));
        assert!(matches!(refused, Err(BeginError::NotOpened(Fault::Contract))));
    });
}

fn line(label: &str, cents: i64) -> beffroi_payments::OrderLine {
    beffroi_payments::OrderLine { label: label.to_owned(), cents: Cents(cents) }
}

fn change_regie(town: &crate::support::Town<'_>, change: impl Fn(&mut NewRegie) + Send + 'static) {
    let id = town.regie;
    town.write(move |tx| {
        let found = regie::find(tx, id)?.unwrap();
        let mut new = NewRegie {
            name: found.name,
            client_number: found.client_number,
            mode: found.mode,
            online: found.online,
            department: found.department,
            closed: found.closed,
        };
        change(&mut new);
        let permit = permit_system::<ManageRegies>(tx).unwrap();
        regie::change(tx, &permit, id, &new)
    });
}
