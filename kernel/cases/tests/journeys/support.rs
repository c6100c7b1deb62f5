//! What the journeys begin with.

use beffroi_cases::{
    Access, Right,
    case::{self, NewCase, Received},
    decision::{NewDecision, Outcome},
    missing::LocalCalendar,
};
use beffroi_core::{
    Day, Sector,
    calendar::Holidays,
    legal_clock::{Regime, Silence},
};
use beffroi_store::{By, Migration, testing::TestCommune};
use serde_json::json;
use uuid::Uuid;

pub const PARIS: LocalCalendar =
    LocalCalendar { zone: chrono_tz::Europe::Paris, holidays: Holidays::Metropole };
pub const AGENT: Uuid = Uuid::from_u128(42);

/// The tables of cases, and of what they stand on.
pub fn tables() -> Vec<Migration> {
    [beffroi_calendar::MIGRATIONS, beffroi_cases::MIGRATIONS].concat()
}

pub fn new_case(department: &str, silence: Silence) -> NewCase {
    NewCase {
        procedure: "occupation-domaine-public".to_owned(),
        procedure_version: 3,
        department: department.to_owned(),
        sector: Sector::TownPlanning,
        regime: Regime { silence, term: (silence != Silence::None).then(|| "2m".parse().unwrap()) },
        received_on: None,
        zone: PARIS.zone,
        holidays: PARIS.holidays,
        requester: Some(Uuid::from_u128(7)),
        beneficiary: None,
        requester_name: "Anaïs Bénézet".to_owned(),
        typed_by: None,
        code: None,
        answers: json!({ "kind": "skip" }),
        sealed_as: None,
    }
}

pub fn receive(fixture: &TestCommune, department: &str, silence: Silence) -> Received {
    let new = new_case(department, silence);
    fixture.commune.write_blocking(By::VISITOR, |tx| case::receive(tx, new)).unwrap()
}

pub fn roads(right: Right) -> Access {
    Access::default().with(Some("roads"), right)
}

pub fn day(text: &str) -> Day {
    text.parse().unwrap()
}

pub fn refusal() -> NewDecision {
    NewDecision {
        outcome: Outcome::Refused,
        reasons: "La chaussée est trop étroite.".to_owned(),
        signatory_name: "Camille Roustan".to_owned(),
        signatory_quality: "Adjointe à la voirie".to_owned(),
        signatory_delegation: String::new(),
        series: Some("ODP".to_owned()),
    }
}
