//! What a granted room costs is asked for at the till; what becomes of it where the booking is given back.

use beffroi_calendar::booking::{self, Canceller, GivenBack};
use beffroi_core::{Cents, Id, Lang, Sector};
use beffroi_payments::{
    About, Mode, NewRegie, Order, OrderState,
    order::{self, CancelReason},
    payment::Means,
    permission::{ManageRegies, SettlePayments, TakeMoney},
    reach,
    receipt::{self, Taking},
    refund::{self, Refund, RefundHow},
    regie,
};
use beffroi_people::{
    AccountKind, NewPerson,
    account::{self, NewAccount},
    permission::permit_system,
    person,
};
use beffroi_store::{By, Entry, StoreError};
use beffroi_web::panel::Reader;
use chrono_tz::Europe::Paris;
use serde_json::json;

use crate::{
    handed::{Granted, granted, granted_each_week},
    support::{Town, in_a_town},
};

/// The town has a régie for all of its rooms.
pub async fn collects(town: &Town<'_>) {
    let made = town.fixture.commune.write(By::SYSTEM, |tx| {
        let permit = permit_system::<ManageRegies>(tx).unwrap();
        let new = NewRegie {
            name: "Régie de la ville".to_owned(),
            client_number: String::new(),
            mode: Mode::Test,
            online: false,
            department: None,
            closed: false,
        };
        regie::create(tx, &permit, &new)
    });
    made.await.unwrap();
}

/// The orders of a booking, the newest first.
pub async fn orders(town: &Town<'_>, booked: &Granted) -> Vec<Order> {
    let about = About { kind: "booking".to_owned(), id: booked.id.uuid() };
    let read = town.fixture.commune.read(By::SYSTEM, move |tx| order::of_subject(tx, &about, 10));
    read.await.unwrap()
}

/// What the page of the case says of the booking to whoever has it.
pub async fn panel_lines(town: &Town<'_>, booked: &Granted) -> Vec<String> {
    let (house, case) = (town.house(), booked.case.uuid());
    let read = town
        .fixture
        .commune
        .read(By::SYSTEM, move |tx| house.case_panels(tx, case, Reader::Requester, Lang::Fr));
    read.await.unwrap().into_iter().flat_map(|panel| panel.lines).collect()
}

#[test]
fn an_order_is_found_in_the_account_of_whoever_asked() {
    in_a_town(async |town| {
        collects(town).await;
        let booked = granted(town, 3).await;
        let case = booked.case;
        let made = town.fixture.commune.write(By::SYSTEM, move |tx| {
            let permit = permit_system(tx).unwrap();
            let new = NewAccount {
                email: "karim@lunel.example".to_owned(),
                display_name: "Karim Galtier".to_owned(),
                kind: AccountKind::Citizen,
                password: None,
            };
            let account = account::create(tx, &permit, &new).unwrap();
            let record = NewPerson {
                account: Some(account),
                family_name: "Galtier".to_owned(),
                given_names: "Karim".to_owned(),
                ..NewPerson::default()
            };
            let person = person::create(tx, Sector::CommunityLife, &record)?;
            let sql = "UPDATE cases SET requester = $1, requester_name = 'Galtier Karim' WHERE id = $2";
            tx.execute(sql, &[&person, &case])?;
            Ok::<_, StoreError>(account)
        });
        let account = made.await.unwrap();
        town.work().await;
        let read = town.fixture.commune.read(By::SYSTEM, move |tx| reach::of_account(tx, account, None, 10));
        let own: Vec<Cents> = read.await.unwrap().iter().map(|(order, _)| order.total).collect();
        assert_eq!(own, [Cents(20_000)]);
        // Lists show « Galtier Karim »; what is printed of an order names him as people do.
        let payer = orders(town, &booked).await.remove(0).payer.unwrap();
        assert_eq!(payer.name, "Karim Galtier");
    });
}

/// Whoever has it gives it back.
async fn gives_back(town: &Town<'_>, booked: &Granted) {
    let case = booked.case;
    let done = town.fixture.commune.write(By::SYSTEM, move |tx| {
        assert!(booking::cancel(tx, ("case", case.uuid()), Canceller::Requester, "malade", Paris)?);
        let payload = json!({});
        let entry =
            Entry { kind: "case.booking_cancelled", subject_kind: "case", subject_id: case.uuid(), payload };
        tx.journal(&entry).map(drop)
    });
    done.await.unwrap();
    town.work().await;
}

/// Whoever has it gives one of its dates back; the tariff keeps nothing of it.
async fn gives_a_date_back(town: &Town<'_>, booked: &Granted, rank: usize) {
    let (id, case) = (booked.id, booked.case);
    let done = town.fixture.commune.write(By::SYSTEM, move |tx| {
        let found = booking::find(tx, id)?.unwrap();
        let starts = [found.dates().get(rank).unwrap().start().timestamp()];
        let given =
            GivenBack { starts: &starts, by: Canceller::Requester, why: "Tournoi", told: Some(Cents(0)) };
        booking::give_back_dates(tx, ("case", case.uuid()), &given, Paris).unwrap();
        let kind = "case.booking_dates_returned";
        let entry = Entry { kind, subject_kind: "case", subject_id: case.uuid(), payload: json!({}) };
        tx.journal(&entry).map(drop)
    });
    done.await.unwrap();
    town.work().await;
}

/// Somebody pays so much of an order, by cheque.
pub async fn pays(town: &Town<'_>, order: Id<Order>, cents: Cents) {
    let paid = town.fixture.commune.write(By::SYSTEM, move |tx| {
        let permit = permit_system::<TakeMoney>(tx).unwrap();
        let taking = Taking { means: Means::Cheque, cents, detail: "0045871".to_owned() };
        receipt::take(tx, &permit, order, &taking).unwrap();
        Ok::<_, StoreError>(())
    });
    paid.await.unwrap();
}

/// What is given back of an order, done or not.
pub async fn refunds(town: &Town<'_>, order: Id<Order>) -> Vec<Refund> {
    town.fixture.commune.read(By::SYSTEM, move |tx| refund::of_order(tx, order)).await.unwrap()
}

/// The accountant has given the money back by transfer.
pub async fn is_refunded(town: &Town<'_>, refund: Id<Refund>) {
    let done = town.fixture.commune.write(By::SYSTEM, move |tx| {
        let permit = permit_system::<SettlePayments>(tx).unwrap();
        refund::done(tx, &permit, refund, RefundHow::Transfer, "").unwrap();
        Ok::<_, StoreError>(())
    });
    done.await.unwrap();
    town.work().await;
}

#[test]
fn whoever_paid_a_part_is_told_that_it_is_paid_back() {
    in_a_town(async |town| {
        collects(town).await;
        let booked = granted(town, 3).await;
        town.work().await;
        let id = orders(town, &booked).await.first().unwrap().id;
        pays(town, id, Cents(5_000)).await;
        gives_back(town, &booked).await;
        let [back] = &refunds(town, id).await[..] else { panic!("one refund") };
        assert_eq!(back.cents, Cents(5_000));
        is_refunded(town, back.id).await;
        let told = town.ordered(&booked).await;
        let refunded = "50,00\u{a0}€ vous sont remboursés par virement";
        assert!(told.iter().any(|it| it.contains(refunded)), "{told:?}");
        // Nothing is owed any more, and nothing is asked for.
        let [it] = &orders(town, &booked).await[..] else { panic!("one order") };
        assert_eq!(it.state, OrderState::Cancelled);
        let silent = told.iter().all(|it| !it.contains("restent à payer"));
        assert!(silent, "{told:?}");
    });
}

/// The accountant says that the money is not given back after all.
async fn is_not_refunded(town: &Town<'_>, refund: Id<Refund>) {
    let done = town.fixture.commune.write(By::SYSTEM, move |tx| {
        let permit = permit_system::<SettlePayments>(tx).unwrap();
        refund::withdraw(tx, &permit, refund).unwrap();
        Ok::<_, StoreError>(())
    });
    done.await.unwrap();
    town.work().await;
}

#[test]
fn where_a_part_was_paid_and_is_not_given_back_nothing_more_is_asked_for_a_room_that_was_given_back() {
    in_a_town(async |town| {
        collects(town).await;
        let booked = granted(town, 3).await;
        town.work().await;
        let id = orders(town, &booked).await.first().unwrap().id;
        pays(town, id, Cents(5_000)).await;
        gives_back(town, &booked).await;
        is_not_refunded(town, refunds(town, id).await[0].id).await;
        let [it] = &orders(town, &booked).await[..] else { panic!("one order") };
        assert_eq!((it.state, it.total, it.paid), (OrderState::Paid, Cents(5_000), Cents(5_000)));
        assert_eq!(
            refunds(town, id).await.len(),
            1,
            "what the accountant has settled is not asked for again"
        );
        let lines = panel_lines(town, &booked).await;
        assert!(!lines.iter().any(|line| line.contains("à payer")), "{lines:?}");
    });
}

#[test]
fn where_a_part_was_paid_and_is_not_given_back_the_rest_of_what_still_stands_is_to_be_paid() {
    in_a_town(async |town| {
        collects(town).await;
        let booked = granted_each_week(town, 3, 3).await;
        town.work().await;
        let id = orders(town, &booked).await.first().unwrap().id;
        pays(town, id, Cents(5_000)).await;
        gives_a_date_back(town, &booked, 1).await;
        is_not_refunded(town, refunds(town, id).await[0].id).await;
        let [it] = &orders(town, &booked).await[..] else { panic!("one order") };
        assert_eq!((it.state, it.total, it.remaining()), (OrderState::Due, Cents(40_000), Cents(35_000)));
        let lines = panel_lines(town, &booked).await;
        assert!(lines.iter().any(|line| line.contains("350,00\u{a0}€ à payer")), "{lines:?}");
    });
}

#[test]
fn what_was_paid_in_part_gives_way_to_what_is_still_owed() {
    in_a_town(async |town| {
        collects(town).await;
        let booked = granted_each_week(town, 3, 3).await;
        town.work().await;
        let id = orders(town, &booked).await.first().unwrap().id;
        pays(town, id, Cents(5_000)).await;
        gives_a_date_back(town, &booked, 1).await;
        let [back] = &refunds(town, id).await[..] else { panic!("one refund") };
        assert_eq!(back.cents, Cents(5_000));
        let told = town.ordered(&booked).await;
        let news = told.iter().find(|it| it.contains("sont rendues")).unwrap();
        assert!(
            news.contains("400,00\u{a0}€ restent") && news.contains("50,00\u{a0}€ vous seront"),
            "{news}"
        );
        // Nobody is asked for the rest of an order that is about to go.
        let lines = panel_lines(town, &booked).await;
        assert!(lines.iter().any(|line| line == "50,00\u{a0}€ vous seront remboursés."), "{lines:?}");
        assert!(!lines.iter().any(|line| line.contains("à payer")), "{lines:?}");
        is_refunded(town, back.id).await;
        let all = orders(town, &booked).await;
        let due: Vec<Cents> =
            all.iter().filter(|it| it.state == OrderState::Due).map(Order::remaining).collect();
        assert_eq!((all.len(), due), (2, vec![Cents(40_000)]));
    });
}

#[test]
fn what_is_asked_for_follows_the_dates_that_are_given_back() {
    in_a_town(async |town| {
        collects(town).await;
        let booked = granted_each_week(town, 3, 3).await;
        town.work().await;
        let [it] = &orders(town, &booked).await[..] else { panic!("one order") };
        assert_eq!((it.total, it.state), (Cents(60_000), OrderState::Due));
        gives_a_date_back(town, &booked, 1).await;
        let all = orders(town, &booked).await;
        let open: Vec<&Order> = all.iter().filter(|it| it.state == OrderState::Due).collect();
        assert_eq!((all.len(), open.len(), open[0].total), (2, 1, Cents(40_000)));
        // What is said of the whole does not read as if it were of that date.
        let told = town.ordered(&booked).await;
        let rest = "Pour toute la réservation, 400,00\u{a0}€ restent à payer.";
        assert!(told.iter().any(|it| it.contains(rest)), "{told:?}");
        // Once it is paid, what was paid for a date comes back with it, and only once.
        let id = open[0].id;
        pays(town, id, Cents(40_000)).await;
        gives_a_date_back(town, &booked, 1).await;
        gives_back(town, &booked).await;
        let back: Vec<Cents> = refunds(town, id).await.iter().map(|it| it.cents).collect();
        assert_eq!(back, [Cents(20_000), Cents(20_000)]);
    });
}

#[test]
fn a_granted_room_is_asked_for_once_and_no_more_where_it_is_given_back() {
    in_a_town(async |town| {
        collects(town).await;
        let booked = granted(town, 3).await;
        town.work().await;
        town.work().await;
        let [it] = &orders(town, &booked).await[..] else { panic!("one order") };
        assert_eq!((it.total, it.state), (Cents(20_000), OrderState::Due));
        assert!(it.deliberation.contains("2025-118"), "{}", it.deliberation);
        assert!(it.due_at.unwrap() >= booked.span.start());
        // Whoever has it is told how much, until when, and where.
        let told = town.ordered(&booked).await;
        let pay = told.iter().find(|it| it.contains("200,00\u{a0}€ sont à payer avant le")).unwrap();
        assert!(!pay.contains("/paiements/") && pay.contains("Salle Brassens"), "{pay}");
        gives_back(town, &booked).await;
        let [it] = &orders(town, &booked).await[..] else { panic!("one order") };
        assert_eq!((it.state, it.cancelled_why), (OrderState::Cancelled, Some(CancelReason::GivenUp)));
    });
}

#[test]
fn what_was_paid_is_given_back_with_the_room() {
    in_a_town(async |town| {
        collects(town).await;
        let booked = granted(town, 3).await;
        town.work().await;
        let id = orders(town, &booked).await.first().unwrap().id;
        pays(town, id, Cents(20_000)).await;
        assert_eq!(orders(town, &booked).await.first().unwrap().state, OrderState::Paid);
        gives_back(town, &booked).await;
        let [back] = &refunds(town, id).await[..] else { panic!("one refund") };
        assert_eq!(back.cents, Cents(20_000));
        // Whoever paid is told what comes back, on the page and by a message, and once more when it has.
        let told = town.ordered(&booked).await;
        assert!(told.iter().any(|it| it.contains("est annulée") && it.contains("200,00\u{a0}€ vous seront")));
        let lines = panel_lines(town, &booked).await;
        assert!(lines.iter().any(|line| line == "200,00\u{a0}€ vous seront remboursés."), "{lines:?}");
        assert!(!lines.iter().any(|line| line.contains("est à remettre")), "{lines:?}");
        is_refunded(town, back.id).await;
        let told = town.ordered(&booked).await;
        assert!(told.iter().any(|it| it.contains("200,00\u{a0}€ vous sont remboursés par virement")));
        assert!(!panel_lines(town, &booked).await.iter().any(|line| line.contains("vous seront")));
    });
}

#[test]
fn where_nobody_collects_nothing_is_asked_for() {
    in_a_town(async |town| {
        let booked = granted(town, 3).await;
        town.work().await;
        assert!(orders(town, &booked).await.is_empty());
    });
}
