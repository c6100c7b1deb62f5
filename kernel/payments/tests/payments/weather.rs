//! PayFiP notifies nobody, is away, slow, cut off, out of order, or says what nobody would believe.

use std::{net::TcpListener, time::Duration};

use beffroi_core::{Cents, Targets};
use beffroi_payments::{
    BeginError, Fault, Order, OrderState, PayFip, PaymentState, PaymentTrouble,
    attention::NeedKind,
    payment::{ClosedWhy, Means, Settlement},
    settle,
    testing::BadDay,
};
use chrono::TimeDelta;

use crate::support::{Town, in_a_town, settler};

fn state(town: &Town<'_>, order: &Order) -> OrderState {
    town.find(order).state
}

#[test]
fn what_nobody_notifies_is_asked_for() {
    in_a_town(|town| {
        let order = town.order(|_| {});
        let (_, idop) = town.sent(&order);
        let asked = town.bank.questions();
        town.later(TimeDelta::minutes(4));
        assert_eq!(town.bank.questions(), asked, "there is time");
        town.later(TimeDelta::minutes(1));
        assert_eq!((town.bank.questions(), state(town, &order)), (asked + 1, OrderState::Due));
        town.bank.pays(&idop);
        town.later(TimeDelta::minutes(5));
        assert_eq!(state(town, &order), OrderState::Paid);
        let asked = town.bank.questions();
        town.later(TimeDelta::days(30));
        assert_eq!(town.bank.questions(), asked, "what is known is not asked for again");
    });
}

#[test]
fn a_job_that_was_lost_is_found_again_by_the_round() {
    in_a_town(|town| {
        let order = town.order(|_| {});
        let (_, idop) = town.sent(&order);
        town.write(|tx| tx.execute("DELETE FROM job", &[]).map(drop));
        town.bank.pays(&idop);
        town.later(TimeDelta::hours(1));
        assert_eq!(state(town, &order), OrderState::Due);
        town.hourly();
        assert_eq!(state(town, &order), OrderState::Paid);
    });
}

#[test]
fn a_page_to_which_nobody_came_is_forgotten_after_the_night() {
    in_a_town(|town| {
        let order = town.order(|_| {});
        let (payment, idop) = town.sent(&order);
        town.bank.forgets(&idop);
        town.later(TimeDelta::hours(2));
        assert_eq!(town.payment(payment).state, PaymentState::Started, "it may not be known yet");
        for _ in 0..8 {
            town.later(TimeDelta::hours(6));
        }
        let abandoned = town.payment(payment);
        assert_eq!(
            (abandoned.state, abandoned.closed_why),
            (PaymentState::Cancelled, Some(ClosedWhy::Abandoned))
        );
        assert_eq!(state(town, &order), OrderState::Due);
        assert!(town.needs().is_empty(), "nobody has to look");
    });
}

#[test]
fn what_nobody_can_tell_for_a_week_is_for_somebody_to_find_out() {
    in_a_town(|town| {
        let order = town.order(|_| {});
        let (payment, idop) = town.sent(&order);
        town.later(TimeDelta::hours(25));
        assert_eq!(town.needs()[0].kind, NeedKind::Slow);
        for _ in 0..40 {
            town.later(TimeDelta::hours(6));
        }
        let lost = town.payment(payment);
        assert_eq!((lost.state, lost.trouble), (PaymentState::Unknown, Some(PaymentTrouble::Unanswered)));
        assert_eq!(town.needs().len(), 1);
        let asked = town.bank.questions();
        town.later(TimeDelta::days(10));
        assert_eq!(town.bank.questions(), asked, "it is not asked for for ever");
        // It is told after all.
        town.bank.pays(&idop);
        town.notified(&idop);
        let told = town.payment(payment);
        assert_eq!((told.state, told.settled_how), (PaymentState::Paid, Some(Settlement::Told)));
        assert_eq!(state(town, &order), OrderState::Paid);
        assert!(town.needs().is_empty());

        // Or somebody reads it in the statement.
        let order = town.order(|_| {});
        let (payment, _) = town.sent(&order);
        for _ in 0..40 {
            town.later(TimeDelta::hours(6));
        }
        let at = town.fixture.commune.now() - TimeDelta::days(9);
        town.write(move |tx| {
            Ok(settle::vouch(tx, &settler(tx), payment, Cents(5_000), Means::Card, at).unwrap())
        });
        assert_eq!(state(town, &order), OrderState::Paid);
        assert_eq!(town.payment(payment).booked_at, at);
        assert!(town.needs().is_empty());
    });
}

#[test]
fn bad_days_end_no_payment() {
    let page = "<!doctype html><html><body>Maintenance</body></html>";
    let bomb = r#"<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><S:Envelope xmlns:S="u"><S:Body><recupererDetailPaiementSecuriseResponse><return><resultrans>&b;</resultrans></return></recupererDetailPaiementSecuriseResponse></S:Body></S:Envelope>"#;
    let deep = format!("<S:Envelope xmlns:S=\"u\"><S:Body>{}", "<a>".repeat(9_000));
    let huge = format!("<S:Envelope xmlns:S=\"u\"><S:Body><a>{}", "x".repeat(8_000_000));
    in_a_town(|town| {
        let impatient = (*town.payfip).clone().patient(Duration::from_millis(300));
        let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let away = PayFip::at(Targets::Private, &format!("http://{closed}/x"), "http://x");
        for (day, fault) in [
            (BadDay::Failing, Fault::Failing),
            (BadDay::Unavailable, Fault::Failing),
            (BadDay::Silent, Fault::Slow),
            (BadDay::CutOff, Fault::Unreadable),
            (BadDay::Says(page.to_owned()), Fault::Unreadable),
            (BadDay::Says(bomb.to_owned()), Fault::Unreadable),
            (BadDay::Says(deep.clone()), Fault::Unreadable),
            (BadDay::Says(huge.clone()), Fault::Unreadable),
            (BadDay::Says(String::new()), Fault::Unreadable),
        ] {
            let order = town.order(|_| {});
            town.bank.has(day.clone());
            match town.begin_by(&impatient, &order) {
                Err(BeginError::NotOpened(why)) => assert_eq!(why, fault),
                other => panic!("{other:?}"),
            }
            let ended = town.read(|tx| beffroi_payments::payment::of_order(tx, order.id, 10)).remove(0);
            assert_eq!(
                (ended.state, ended.closed_why),
                (PaymentState::Cancelled, Some(ClosedWhy::NotOpened))
            );
            assert_eq!(ended.fault, Some(fault));

            // It was opened on a good day, and is asked for on a bad one.
            let (payment, idop) = town.sent(&order);
            town.bank.pays(&idop);
            let patient = if day == BadDay::Silent { &impatient } else { town.payfip.as_ref() };
            town.bank.has(day);
            let found = town.payment(payment);
            let looked =
                crate::support::on_a_runtime(beffroi_payments::look(&town.fixture.commune, patient, found));
            assert_eq!(looked.unwrap().unwrap_err(), fault);
            let after = town.payment(payment);
            assert_eq!((after.state, after.fault), (PaymentState::Started, Some(fault)));
            town.later(TimeDelta::minutes(5));
            assert_eq!(state(town, &order), OrderState::Paid, "the next day is a good one");
            assert_eq!(town.payment(payment).fault, None);
        }
        let order = town.order(|_| {});
        assert!(matches!(town.begin_by(&away, &order), Err(BeginError::NotOpened(Fault::Away))));
        let outside = PayFip::at(Targets::Public, &town.bank.service, &town.bank.page);
        let asked = town.bank.questions();
        assert!(matches!(town.begin_by(&outside, &order), Err(BeginError::NotOpened(Fault::Private))));
        assert_eq!(town.bank.questions(), asked, "the operator has not allowed the town's own network");
        assert!(town.needs().is_empty());
    });
}

#[test]
fn a_notification_on_a_bad_day_is_remembered() {
    in_a_town(|town| {
        let order = town.order(|_| {});
        let (_, idop) = town.sent(&order);
        town.bank.pays(&idop);
        town.bank.has(BadDay::CutOff);
        town.notified(&idop);
        assert_eq!(state(town, &order), OrderState::Due);
        town.later(TimeDelta::minutes(6));
        assert_eq!(state(town, &order), OrderState::Paid);
    });
}

#[test]
fn an_attempt_that_a_crash_cut_off_before_anybody_was_sent_anywhere_is_ended() {
    in_a_town(|town| {
        let order = town.order(|_| {});
        let (payment, _) = town.sent(&order);
        town.write(move |tx| {
            tx.execute("UPDATE payment SET token = NULL, ask_at = NULL WHERE id = $1", &[&payment]).map(drop)
        });
        town.hourly();
        assert_eq!(town.payment(payment).state, PaymentState::Started, "it may just be opened");
        town.later(TimeDelta::minutes(21));
        town.hourly();
        assert_eq!(town.payment(payment).closed_why, Some(ClosedWhy::NotOpened));
    });
}

#[test]
fn two_attempts_of_one_name_are_not_taken_for_one_another() {
    in_a_town(|town| {
        let (first, idop) = town.sent(&town.order(|_| {}));
        let again = format!(
            "<S:Envelope xmlns:S=\"u\"><S:Body><creerPaiementSecuriseResponse><return><idOp>{idop}</idOp></return>\
             </creerPaiementSecuriseResponse></S:Body></S:Envelope>"
        );
        town.bank.has(BadDay::Says(again));
        let refused = town.begin(&town.order(|_| {}));
        assert!(matches!(refused, Err(BeginError::NotOpened(Fault::Unreadable))));
        assert_eq!(town.payment(first).token, Some(idop));
        // Nor is what would lead the payer elsewhere.
        let astray = "<S:Envelope xmlns:S=\"u\"><S:Body><creerPaiementSecuriseResponse><return><idOp>x&amp;y=//evil.example</idOp></return></creerPaiementSecuriseResponse></S:Body></S:Envelope>";
        town.bank.has(BadDay::Says(astray.to_owned()));
        assert!(matches!(town.begin(&town.order(|_| {})), Err(BeginError::NotOpened(Fault::Unreadable))));
    });
}

#[test]
fn a_last_look_on_a_bad_day_is_made_again() {
    in_a_town(|town| {
        let order = town.order(|_| {});
        let (payment, idop) = town.sent(&order);
        town.bank.cancels(&idop);
        town.comes_back(payment);
        town.bank.pays(&idop);
        for day in [BadDay::Failing, BadDay::CutOff, BadDay::Unavailable] {
            town.bank.has(day);
        }
        // After twenty minutes, and the day after.
        town.later(TimeDelta::minutes(21));
        town.later(TimeDelta::hours(24));
        assert_eq!(town.payment(payment).state, PaymentState::Cancelled);
        for _ in 0..3 {
            town.later(TimeDelta::hours(7));
        }
        assert_eq!(
            (town.payment(payment).state, state(town, &order)),
            (PaymentState::Paid, OrderState::Paid)
        );
    });
}
