//! The decision that granted a room is withdrawn or repealed: the money, the deposit and whoever has the room follow.

use axum::http::StatusCode;
use beffroi_calendar::booking::{self, State};
use beffroi_cases::{
    Access, Right,
    decision::{self, NewDecision, Outcome},
    missing::LocalCalendar,
    reversal::{self, Effect, Ground, Hearing, NewReversal},
};
use beffroi_core::{Cents, Id, calendar::Holidays};
use beffroi_documents::{self as documents, Document};
use beffroi_payments::OrderState;
use beffroi_people::Role;
use beffroi_rooms::deposit;
use beffroi_store::{By, StoreError};
use chrono::TimeDelta;
use chrono_tz::Europe::Paris;

use crate::{
    bill::{collects, is_refunded, orders, panel_lines, pays, refunds},
    handed::{Granted, granted, granted_each_week},
    support::{Town, in_a_town},
};

/// The town takes the decision back, as whoever has the room asked, and what follows is done.
async fn takes_back(town: &Town<'_>, booked: &Granted, effect: Effect) {
    reverses(town, booked, effect).await;
    town.work().await;
}

/// The town takes the decision back.
async fn reverses(town: &Town<'_>, booked: &Granted, effect: Effect) {
    let case = booked.case;
    let done = town.fixture.commune.write(By::SYSTEM, move |tx| {
        let new = NewReversal {
            effect,
            ground: Ground::Beneficiary,
            reasons: "La grande salle est demandée à la place.".to_owned(),
            hearing: Hearing::Asked,
            heard_on: None,
            heard_how: String::new(),
            signatory_name: "Camille Bastide".to_owned(),
            signatory_quality: "La maire".to_owned(),
            signatory_delegation: String::new(),
            series: None,
        };
        let access = Access::default().with(None, Right::Decide);
        let calendar = LocalCalendar { zone: Paris, holidays: Holidays::Metropole };
        reversal::act(tx, &access, case, &new, calendar).unwrap();
        Ok::<_, StoreError>(())
    });
    done.await.unwrap();
}

/// The town grants it once more.
async fn grants_again(town: &Town<'_>, booked: &Granted) {
    let case = booked.case;
    let done = town.fixture.commune.write(By::SYSTEM, move |tx| {
        let new = NewDecision {
            outcome: Outcome::Granted,
            reasons: String::new(),
            signatory_name: "Camille Bastide".to_owned(),
            signatory_quality: "La maire".to_owned(),
            signatory_delegation: String::new(),
            series: None,
        };
        let access = Access::default().with(None, Right::Decide);
        decision::decide(tx, &access, case, &new, Paris).unwrap();
        Ok::<_, StoreError>(())
    });
    done.await.unwrap();
    town.work().await;
}

/// The deposit of a booking.
async fn deposit_of(town: &Town<'_>, booked: &Granted) -> deposit::Deposit {
    let id = booked.id;
    town.fixture.commune.read(By::SYSTEM, move |tx| deposit::find(tx, id)).await.unwrap().unwrap()
}

#[test]
fn what_was_paid_and_what_was_deposited_come_back_where_the_decision_is_withdrawn() {
    in_a_town(async |town| {
        collects(town).await;
        let booked = granted(town, 3).await;
        town.work().await;
        let id = orders(town, &booked).await.first().unwrap().id;
        pays(town, id, Cents(20_000)).await;
        let agent = town.agent(Role::Agent).await;
        let cookie = format!("beffroi={agent}");
        let page = format!("/agents/reservations/{}/caution", booked.id);
        let today = town.today().to_string();
        let held =
            [("faire", "recevoir"), ("moyen", "cheque"), ("reference", "7654321"), ("le", today.as_str())];
        let held = town.post(&page, &cookie, &held).await;
        assert_eq!(held.status, StatusCode::SEE_OTHER, "{}", held.body);
        takes_back(town, &booked, Effect::Withdrawn).await;
        let [back] = &refunds(town, id).await[..] else { panic!("one refund") };
        assert_eq!(back.cents, Cents(20_000));
        let told = town.ordered(&booked).await;
        let news: Vec<&String> = told.iter().filter(|it| it.contains("La mairie a annulé")).collect();
        assert_eq!(news.len(), 1, "{told:?}");
        assert!(news[0].contains("200,00\u{a0}€ vous seront remboursés") && news[0].contains("au guichet"));
        let lines = panel_lines(town, &booked).await;
        assert!(lines.iter().any(|line| line == "200,00\u{a0}€ vous seront remboursés."), "{lines:?}");
        // The agents still reach the deposit, and give it back.
        assert_eq!(town.get_as(&agent, &page).await.status, StatusCode::OK);
        let given = town.post(&page, &cookie, &[("faire", "rendre")]).await;
        assert_eq!(given.status, StatusCode::SEE_OTHER, "{}", given.body);
        assert_eq!(deposit_of(town, &booked).await.state, deposit::State::Released);
        is_refunded(town, back.id).await;
        let told = town.ordered(&booked).await;
        assert!(told.iter().any(|it| it.contains("200,00\u{a0}€ vous sont remboursés par virement")));
    });
}

#[test]
fn what_nobody_has_paid_is_asked_for_no_more_where_the_decision_is_withdrawn() {
    in_a_town(async |town| {
        collects(town).await;
        let booked = granted(town, 3).await;
        town.work().await;
        assert_eq!(deposit_of(town, &booked).await.state, deposit::State::Promised);
        takes_back(town, &booked, Effect::Withdrawn).await;
        let [it] = &orders(town, &booked).await[..] else { panic!("one order") };
        assert_eq!(it.state, OrderState::Cancelled);
        assert_eq!(deposit_of(town, &booked).await.state, deposit::State::Released);
        assert!(panel_lines(town, &booked).await.is_empty());
    });
}

#[test]
fn a_room_that_is_granted_again_is_asked_for_again() {
    in_a_town(async |town| {
        collects(town).await;
        let booked = granted(town, 3).await;
        town.work().await;
        let first = orders(town, &booked).await.first().unwrap().id;
        pays(town, first, Cents(20_000)).await;
        takes_back(town, &booked, Effect::Withdrawn).await;
        let [back] = &refunds(town, first).await[..] else { panic!("one refund") };
        town.fixture.clock.advance(TimeDelta::minutes(5));
        grants_again(town, &booked).await;
        let due = async || {
            let all = orders(town, &booked).await.into_iter();
            all.filter(|it| it.state == OrderState::Due).collect::<Vec<_>>()
        };
        let [second] = &due().await[..] else { panic!("one order is to be paid") };
        assert!(second.id != first && second.total == Cents(20_000));
        assert_eq!(deposit_of(town, &booked).await.state, deposit::State::Promised);
        let lines = panel_lines(town, &booked).await;
        assert!(lines.iter().any(|line| line.contains("à payer avant le")), "{lines:?}");
        let told = town.ordered(&booked).await;
        // Each of the two contracts tells of it, and nothing else does.
        let asked = "200,00\u{a0}€ sont à payer avant le";
        let telling: Vec<&String> = told.iter().filter(|it| it.contains(asked)).collect();
        assert_eq!(telling.len(), 2, "{told:?}");
        assert!(telling.iter().all(|it| it.contains("La convention d’occupation est jointe")), "{told:?}");
        // That the first money comes back changes nothing of it.
        is_refunded(town, back.id).await;
        let [still] = &due().await[..] else { panic!("one order is to be paid") };
        assert_eq!((still.id, still.total), (second.id, Cents(20_000)));
        // It is paid, and comes back, as before.
        pays(town, still.id, Cents(20_000)).await;
        takes_back(town, &booked, Effect::Withdrawn).await;
        let [again] = &refunds(town, still.id).await[..] else { panic!("one refund") };
        assert_eq!(again.cents, Cents(20_000));
        assert_eq!(deposit_of(town, &booked).await.state, deposit::State::Released);
    });
}

/// The papers of a case that are there for something.
async fn papers(town: &Town<'_>, booked: &Granted, purpose: &'static str) -> Vec<Id<Document>> {
    let case = booked.case.uuid();
    let read = town.fixture.commune.read(By::SYSTEM, move |tx| documents::of_owner(tx, "case", case, 50));
    read.await.unwrap().into_iter().filter(|it| it.purpose == purpose).map(|it| it.id).collect()
}

#[test]
fn a_room_that_is_granted_again_has_a_contract_of_its_own_and_the_first_stays_filed() {
    in_a_town(async |town| {
        let booked = granted(town, 3).await;
        town.work().await;
        let first = papers(town, &booked, "contract").await;
        assert_eq!(first.len(), 1);
        takes_back(town, &booked, Effect::Withdrawn).await;
        assert!(papers(town, &booked, "contract").await.is_empty());
        assert_eq!(papers(town, &booked, "past-contract").await, first);
        town.fixture.clock.advance(TimeDelta::minutes(5));
        grants_again(town, &booked).await;
        let second = papers(town, &booked, "contract").await;
        assert_eq!(second.len(), 1);
        assert_ne!(second, first);
        assert_eq!(papers(town, &booked, "past-contract").await, first);
        // It is sent as the first was.
        let told = town.ordered(&booked).await;
        let contracts = told.iter().filter(|it| it.contains("La convention d’occupation est jointe"));
        assert_eq!(contracts.count(), 2, "{told:?}");
    });
}

#[test]
fn a_room_that_is_granted_again_before_anybody_followed_has_a_contract_of_its_own() {
    in_a_town(async |town| {
        let booked = granted(town, 3).await;
        town.work().await;
        let first = papers(town, &booked, "contract").await;
        reverses(town, &booked, Effect::Withdrawn).await;
        town.fixture.clock.advance(TimeDelta::minutes(5));
        grants_again(town, &booked).await;
        assert_eq!(papers(town, &booked, "contract").await.len(), 1);
        assert_eq!(papers(town, &booked, "past-contract").await, first);
    });
}

#[test]
fn the_contract_of_what_has_begun_stays_where_the_decision_is_repealed() {
    in_a_town(async |town| {
        let booked = granted(town, 3).await;
        town.work().await;
        let first = papers(town, &booked, "contract").await;
        town.fixture.clock.set(booked.span.start());
        takes_back(town, &booked, Effect::Repealed).await;
        assert_eq!(papers(town, &booked, "contract").await, first);
    });
}

#[test]
fn of_a_series_that_has_begun_a_repeal_gives_back_the_dates_to_come() {
    in_a_town(async |town| {
        collects(town).await;
        let booked = granted_each_week(town, 3, 3).await;
        town.work().await;
        let id = orders(town, &booked).await.first().unwrap().id;
        pays(town, id, Cents(60_000)).await;
        town.fixture.clock.set(booked.span.end());
        takes_back(town, &booked, Effect::Repealed).await;
        let id_of = booked.id;
        let read = town.fixture.commune.read(By::SYSTEM, move |tx| booking::find(tx, id_of));
        let it = read.await.unwrap().unwrap();
        // The date that was had stays had, and paid.
        assert_eq!((it.state, it.dates()), (State::Firm, &[booked.span][..]));
        assert_eq!(it.details.returned.len(), 2);
        let back: Vec<Cents> = refunds(town, id).await.iter().map(|it| it.cents).collect();
        assert_eq!(back, [Cents(40_000)]);
        let told = town.ordered(&booked).await;
        let news: Vec<&String> = told.iter().filter(|it| it.contains("sont rendues")).collect();
        assert_eq!(news.len(), 1, "{told:?}");
        assert!(news[0].contains("400,00\u{a0}€ vous seront remboursés"), "{news:?}");
        assert!(!told.iter().any(|it| it.contains("La mairie a annulé")), "{told:?}");
    });
}

#[test]
fn what_has_begun_and_comes_once_stays_where_the_decision_is_repealed() {
    in_a_town(async |town| {
        collects(town).await;
        let booked = granted(town, 3).await;
        town.work().await;
        // The contract is laid out and told by now.
        town.work().await;
        let before = town.ordered(&booked).await.len();
        town.fixture.clock.set(booked.span.start());
        takes_back(town, &booked, Effect::Repealed).await;
        let [it] = &orders(town, &booked).await[..] else { panic!("one order") };
        assert_eq!(it.state, OrderState::Due);
        assert_eq!(town.ordered(&booked).await.len(), before, "nothing changes for them");
    });
}
