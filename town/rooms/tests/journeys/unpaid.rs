//! Whoever decides on a room is told what its requester has yet to pay, where they may know it.

use beffroi_calendar::booking::{self, Details, Holding, NewBooking};
use beffroi_cases::case::{self, Case, NewCase};
use beffroi_core::{
    Assurance, Id, Lang, Sector,
    calendar::Holidays,
    legal_clock::{Regime, Silence},
};
use beffroi_payments::{
    OrderState,
    order::{self, CancelReason},
};
use beffroi_people::{
    Account, AccountKind, Grant, NewOrganisation, OrganisationKind, PostalAddress, Role, SignedIn,
    Town as Settings,
    account::{self, NewAccount},
    department, organisation,
    permission::{self, permit_system},
    session::{SecondFactor, Through},
};
use beffroi_store::{By, StoreError};
use beffroi_web::panel::{Panel, Reader};
use chrono_tz::Europe::Paris;
use serde_json::json;
use uuid::Uuid;

use crate::{
    bill::{collects, orders},
    handed::{Granted, granted},
    support::{Town, hours_of, in_a_town},
};

/// An agent of the whole town, or of the department of the rooms.
async fn agent(town: &Town<'_>, email: &'static str, role: Role, of_rooms: bool) -> SignedIn {
    let made = town.fixture.commune.write(By::SYSTEM, move |tx| {
        let place = if of_rooms { department::by_slug(tx, "vie-associative")? } else { None };
        let department = place.map(|it| it.id);
        let new = NewAccount {
            email: email.to_owned(),
            display_name: "Anaïs".to_owned(),
            kind: AccountKind::Agent,
            password: None,
        };
        let id: Id<Account> = account::create(tx, &permit_system(tx).unwrap(), &new).unwrap();
        permission::grant(tx, &permit_system(tx).unwrap(), id, Grant { role, department }).unwrap();
        Ok::<_, StoreError>((id, department))
    });
    let (account, department) = made.await.unwrap();
    SignedIn {
        account,
        kind: AccountKind::Agent,
        display_name: "Anaïs".to_owned(),
        email: email.to_owned(),
        grants: vec![Grant { role, department }],
        second_factor: SecondFactor::Done,
        through: Through::Session(Id::from_uuid(Uuid::nil())),
        assurance: Assurance::Account,
        identity: None,
        touch_due: false,
    }
}

/// The club that had a room asks for another, which waits for its answer.
async fn asks_again(town: &Town<'_>, before: &Granted) -> Id<Case> {
    let (first, hall, span) = (before.case, town.hall, hours_of(town.open_day(12), 9, 11));
    let made = town.fixture.commune.write(By::SYSTEM, move |tx| {
        let club = NewOrganisation {
            kind: OrganisationKind::Association,
            name: "Boule des Platanes".to_owned(),
            siret: None,
            rna: Some("W341002345".to_owned()),
            email: String::new(),
            phone: String::new(),
            address: PostalAddress::default(),
        };
        let club = organisation::create(tx, &club).unwrap().uuid();
        tx.execute("UPDATE cases SET beneficiary = $1 WHERE id = $2", &[&club, &first])?;
        let new = NewCase {
            procedure: "reservation-de-salle".to_owned(),
            procedure_version: 1,
            department: "vie-associative".to_owned(),
            sector: Sector::CommunityLife,
            regime: Regime { silence: Silence::None, term: None },
            received_on: None,
            zone: Paris,
            holidays: Holidays::Metropole,
            requester: None,
            beneficiary: Some((club, "Boule des Platanes".to_owned())),
            requester_name: "Lila Nouri".to_owned(),
            typed_by: None,
            code: None,
            answers: json!({ "objet": "Concours" }),
            sealed_as: None,
        };
        let case = case::receive(tx, new).unwrap().case.id;
        let new = NewBooking { resource: hall, span, details: Details::default() };
        let holding = Holding { purpose: "reservation-de-salle", holder: "somebody" };
        let (id, ..) = booking::hold(tx, &new, holding).unwrap();
        let held = booking::find(tx, id)?.unwrap();
        booking::confirm(tx, &held, &Settings::default()).unwrap();
        booking::hand_over(tx, id, ("case", case.uuid()))?;
        Ok::<_, StoreError>(case)
    });
    made.await.unwrap()
}

/// What an agent is told on the page of a case.
async fn told(town: &Town<'_>, case: Id<Case>, who: &SignedIn) -> Option<Panel> {
    let (house, who) = (town.house(), who.clone());
    let read = town
        .fixture
        .commune
        .read(By::SYSTEM, move |tx| house.case_panels(tx, case.uuid(), Reader::Agent(&who), Lang::Fr));
    read.await.unwrap().into_iter().find(|panel| panel.id == "impayes")
}

#[test]
fn what_an_organisation_owes_is_told_to_those_who_take_money_there() {
    in_a_town(async |town| {
        collects(town).await;
        let booked = granted(town, 3).await;
        town.work().await;
        let case = asks_again(town, &booked).await;
        let manager = agent(town, "regie@lunel.example", Role::Manager, false).await;
        let panel = told(town, case, &manager).await.unwrap();
        assert!(panel.warnings.concat().contains("200,00\u{a0}€"), "{panel:?}");
        assert!(panel.lines.concat().contains("Salle Brassens"), "{panel:?}");
        assert!(panel.lines.concat().contains("Rien n’est refusé d’office"), "{panel:?}");
        let order = orders(town, &booked).await.remove(0);
        assert_eq!(panel.links[0].href, format!("/agents/caisse/commandes/{}", order.id));
        // The régie is the whole town's: who takes money in one department alone does not know.
        let other = agent(town, "vie@lunel.example", Role::Agent, true).await;
        assert!(told(town, case, &other).await.is_none());
        // Of what is decided nothing more is told, and its own order is no debt beside it.
        assert!(told(town, booked.case, &manager).await.is_none());
        // Whoever asks is not told on this page.
        let house = town.house();
        let read = town
            .fixture
            .commune
            .read(By::SYSTEM, move |tx| house.case_panels(tx, case.uuid(), Reader::Requester, Lang::Fr));
        assert!(read.await.unwrap().iter().all(|panel| panel.id != "impayes"));
        // What nobody is to pay any more is no debt.
        let id = order.id;
        let done =
            town.fixture.commune.write(By::SYSTEM, move |tx| order::cancel(tx, id, CancelReason::GivenUp));
        done.await.unwrap();
        assert_eq!(orders(town, &booked).await.remove(0).state, OrderState::Cancelled);
        assert!(told(town, case, &manager).await.is_none());
    });
}
