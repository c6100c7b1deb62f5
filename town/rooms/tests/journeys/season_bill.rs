//! What a season costs: who collects it, and what becomes of what was paid in part.

use axum::http::StatusCode;
use beffroi_core::{Cents, Id, Sector};
use beffroi_payments::{Mode, NewRegie, Order, OrderState, Regie, order, permission::ManageRegies, regie};
use beffroi_people::{
    Role,
    department::{self, DepartmentDetails},
    permission::permit_system,
};
use beffroi_store::{By, StoreError};
use chrono::TimeDelta;

use crate::{
    bill::{is_refunded, pays, refunds},
    season::{OFFICE, PUBLIC, ROUND, has_a_tariff, open, post, priced, request, settings, step, with},
    support::{Town, in_a_town},
};

const TRAY: &str = "vie-associative";

/// The orders for the seasons.
async fn orders(town: &Town<'_>) -> Vec<Order> {
    let read = town.fixture.commune.read(By::SYSTEM, |tx| {
        let sql = "SELECT id FROM payment_order WHERE about_kind = 'season-request' ORDER BY number";
        let ids: Vec<Id<Order>> = tx.query(sql, &[], |row| row.get(0))?;
        ids.into_iter()
            .map(|id| Ok::<_, StoreError>(order::find(tx, id)?.unwrap()))
            .collect::<Result<Vec<Order>, _>>()
    });
    read.await.unwrap()
}

/// An association from elsewhere asks for its Tuesdays, and has them once the season is published; the page of its request.
async fn published(town: &Town<'_>) -> String {
    let hall = town.hall.to_string();
    let away = with(request(1, &hall, "Boule de Mauguio", "W341002345", "2"), "ailleurs", "true");
    let own = post(town, &town.member("lila@example.org").await, &format!("{PUBLIC}/demande"), &away).await;
    assert_eq!(own.status, StatusCode::SEE_OTHER, "{}", own.body);
    town.fixture.clock.set(town.now() + TimeDelta::days(13));
    let manager = town.sign_in("manager@lunel.example").await;
    assert_eq!(step(town, &manager, "proposer").await.status, StatusCode::SEE_OTHER);
    assert_eq!(step(town, &manager, "publier").await.status, StatusCode::SEE_OTHER);
    town.work().await;
    own.location.split('?').next().unwrap().to_owned()
}

#[test]
fn what_was_paid_in_part_for_a_season_comes_back_and_the_rest_is_asked_for_no_more() {
    in_a_town(async |town| {
        priced(town).await;
        let manager = town.agent(Role::Manager).await;
        open(town, &manager).await;
        let own = published(town).await;
        let [it] = &orders(town).await[..] else { panic!("one order") };
        assert_eq!((it.total, it.state), (Cents(30_000), OrderState::Due));
        pays(town, it.id, Cents(5_000)).await;
        let member = town.sign_in("lila@example.org").await;
        let mine = town.get_as(&member, &own).await;
        let back = mine.body.split(&format!("action=\"{own}/creneaux/")).nth(1).unwrap();
        let back = format!("{own}/creneaux/{}", back.split('"').next().unwrap());
        assert_eq!(post(town, &member, &back, &[]).await.location, format!("{own}?fait=rendu"));
        town.work().await;
        let [refund] = &refunds(town, it.id).await[..] else { panic!("one refund") };
        assert_eq!(refund.cents, Cents(5_000));
        let mine = town.get_as(&member, &own).await;
        mine.says("50,00\u{a0}€ vous seront remboursés.").is_silent_about("Voir la commande et payer");
        is_refunded(town, refund.id).await;
        let [it] = &orders(town).await[..] else { panic!("one order") };
        assert_eq!(it.state, OrderState::Cancelled);
    });
}

/// The department « Vie associative », with a régie of its own.
async fn department_collects(town: &Town<'_>) -> Id<Regie> {
    let made = town.fixture.commune.write(By::SYSTEM, |tx| {
        let permit = permit_system(tx).unwrap();
        let details = DepartmentDetails {
            slug: TRAY.to_owned(),
            parent: None,
            name: "Vie associative".to_owned(),
            phone: String::new(),
            email: String::new(),
            postal_address: "240 avenue Victor-Hugo".to_owned(),
            hours: String::new(),
            sector: Sector::General,
        };
        let own = department::create(tx, &permit, &details).unwrap();
        let permit = permit_system::<ManageRegies>(tx).unwrap();
        let new = NewRegie {
            name: "Régie des salles".to_owned(),
            client_number: String::new(),
            mode: Mode::Test,
            online: false,
            department: Some(own),
            closed: false,
        };
        regie::create(tx, &permit, &new)
    });
    made.await.unwrap()
}

#[test]
fn the_regie_of_the_department_of_a_season_collects_for_it() {
    in_a_town(async |town| {
        has_a_tariff(town).await;
        let regie = department_collects(town).await;
        let manager = town.agent(Role::Manager).await;
        let round = with(settings(&town.hall.to_string()), "service", TRAY);
        let made = post(town, &manager, &format!("{OFFICE}/nouvelle"), &round).await;
        assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.body);
        assert_eq!(step(town, &manager, "ouvrir").await.status, StatusCode::SEE_OTHER);
        published(town).await;
        let [it] = &orders(town).await[..] else { panic!("one order") };
        assert_eq!((it.total, it.regie), (Cents(30_000), regie));
        let manager = town.sign_in("manager@lunel.example").await;
        town.get_as(&manager, ROUND).await.is_silent_about("rien n’est demandé");
    });
}

#[test]
fn agents_are_told_where_nobody_collects_for_a_season() {
    in_a_town(async |town| {
        has_a_tariff(town).await;
        let manager = town.agent(Role::Manager).await;
        open(town, &manager).await;
        published(town).await;
        assert!(orders(town).await.is_empty());
        let manager = town.sign_in("manager@lunel.example").await;
        let board = town.get_as(&manager, ROUND).await;
        board.says("300,00\u{a0}€ à payer, et rien n’est demandé");
        town.get(&format!("{PUBLIC}?lang=fr")).await.is_silent_about("rien n’est demandé");
    });
}
