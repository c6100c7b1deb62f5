//! What a request borrows, as the agents of its department see to it.

use axum::http::StatusCode;
use beffroi_calendar::{
    booking::Extra,
    lending::{self, Loan, State},
    local,
    resource::{self, Kind, Name, Resource, ResourceDetails, Terms},
    spans::Span,
};
use beffroi_cases::{
    Access, Right,
    case::{self, Case, NewCase},
    decision::{self, NewDecision, Outcome},
};
use beffroi_core::{
    Day, Id, Lang, Sector,
    calendar::Holidays,
    legal_clock::{Regime, Silence},
};
use beffroi_people::{
    Role,
    department::{self, DepartmentDetails},
    permission::permit_system,
};
use beffroi_store::{By, StoreError, Tx};
use beffroi_web::panel::Reader;
use chrono_tz::Europe::Paris;
use serde_json::json;
use uuid::Uuid;

use crate::support::{Town, day_of, in_a_town};

/// Chairs that the town lends.
async fn chairs(town: &Town<'_>) -> Id<Resource> {
    let made = town.fixture.commune.write(By::SYSTEM, |tx| {
        let permit = permit_system(tx).unwrap();
        let details = DepartmentDetails {
            slug: "vie-associative".to_owned(),
            parent: None,
            name: "Vie associative".to_owned(),
            phone: String::new(),
            email: String::new(),
            postal_address: String::new(),
            hours: String::new(),
            sector: Sector::General,
        };
        department::create(tx, &permit, &details).unwrap();
        let details = ResourceDetails {
            slug: "chaises".to_owned(),
            kind: Kind::Equipment,
            parent: None,
            name: Name { fr: "Chaises".to_owned(), en: "Chairs".to_owned() },
            stock: 50,
            active: true,
            terms: Terms::default(),
        };
        let id = resource::create(tx, &details).unwrap();
        assert!(lending::keep(tx, id, "chaises")?);
        Ok::<_, StoreError>(id)
    });
    made.await.unwrap()
}

fn days(first: Day, last: Day) -> Span {
    let midnight = |day: Day| local::earliest(day.and_hms_opt(0, 0, 0).unwrap(), Paris);
    Span::new(midnight(first), midnight(last.succ_opt().unwrap())).unwrap()
}

fn received(tx: &mut Tx<'_>, name: &str) -> Id<Case> {
    let new = NewCase {
        procedure: "pret-de-materiel".to_owned(),
        procedure_version: 1,
        department: "vie-associative".to_owned(),
        sector: Sector::CommunityLife,
        regime: Regime { silence: Silence::None, term: None },
        received_on: None,
        zone: Paris,
        holidays: Holidays::Metropole,
        requester: None,
        beneficiary: None,
        requester_name: name.to_owned(),
        typed_by: None,
        code: None,
        answers: json!({}),
        sealed_as: None,
    };
    case::receive(tx, new).unwrap().case.id
}

/// An association asks for chairs.
async fn asked(
    town: &Town<'_>,
    name: &'static str,
    resource: Id<Resource>,
    (span, count): (Span, u32),
) -> (Id<Loan>, Id<Case>) {
    let made = town.fixture.commune.write(By::SYSTEM, move |tx| {
        let name_of = Name { fr: "Chaises".to_owned(), en: "Chairs".to_owned() };
        let things = [Extra { resource, name: name_of, count }];
        let loan = lending::take(tx, span, &things).unwrap();
        let case = received(tx, name);
        lending::ask(tx, loan, ("case", case.uuid()), span, &things)?;
        Ok::<_, StoreError>((loan, case))
    });
    made.await.unwrap()
}

async fn granted(town: &Town<'_>, case: Id<Case>) {
    let done = town.fixture.commune.write(By::SYSTEM, move |tx| {
        let access = Access::default().with(None, Right::Decide);
        case::take_up(tx, &access, case, Uuid::from_u128(42)).unwrap();
        let new = NewDecision {
            outcome: Outcome::Granted,
            reasons: String::new(),
            signatory_name: "Camille Bastide".to_owned(),
            signatory_quality: "La maire".to_owned(),
            signatory_delegation: String::new(),
            series: None,
        };
        decision::decide(tx, &access, case, &new, Paris).unwrap();
        Ok::<_, StoreError>(())
    });
    done.await.unwrap();
}

#[test]
fn an_agent_sees_what_is_left_lends_something_else_and_notes_what_came_back() {
    in_a_town(async |town| {
        let chairs = chairs(town).await;
        let (first, last) = (day_of(town.now(), 5), day_of(town.now(), 7));
        let (loan, case) = asked(town, "Boule des Platanes", chairs, (days(first, last), 30)).await;
        asked(town, "Comité des fêtes", chairs, (days(last, last), 15)).await;
        let agent = town.agent(Role::Agent).await;
        let cookie = format!("beffroi={agent}");
        let loans = "/agents/prets-de-materiel";
        town.get_as(&agent, "/agents/planning").await.says(loans);
        let all = town.get_as(&agent, loans).await;
        all.says("Boule des Platanes").says("30 × Chaises").says("Retenu jusqu’à la réponse");
        let page = format!("{loans}/{loan}");
        let shown = town.get_as(&agent, &page).await;
        shown.says("35 disponibles, ce prêt compris").says("value=\"30\"").says("Boule des Platanes");
        let (from, until) = (first.to_string(), last.to_string());
        let wish = |count| [("du", from.as_str()), ("au", until.as_str()), ("nombre-chaises", count)];
        // What others have is not lent: what is left is told, and nothing typed is lost.
        let short = town.post(&page, &cookie, &wish("36")).await;
        assert_eq!(short.status, StatusCode::CONFLICT);
        short.says("Chaises\u{a0}: il en reste 35 à ces dates").says("value=\"36\"");
        for count in ["beaucoup", "-1", "1001"] {
            let wrong = town.post(&page, &cookie, &wish(count)).await;
            assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{count}");
        }
        let backwards = [("du", until.as_str()), ("au", from.as_str()), ("nombre-chaises", "30")];
        assert_eq!(town.post(&page, &cookie, &backwards).await.status, 422);
        let kept = town.post(&page, &cookie, &wish("35")).await;
        assert_eq!(kept.location, format!("{page}?fait=garde"), "{}", kept.body);
        granted(town, case).await;
        town.get_as(&agent, loans).await.says("Accordé").says("35 × Chaises");
        // Whoever borrows reads what is kept for them.
        let (house, id) = (town.house(), case.uuid());
        let panels = town
            .fixture
            .commune
            .read(By::SYSTEM, move |tx| house.case_panels(tx, id, Reader::Requester, Lang::En));
        let lines: Vec<String> = panels.await.unwrap().into_iter().flat_map(|panel| panel.lines).collect();
        assert!(lines.contains(&"35 × Chairs".to_owned()), "{lines:?}");
        let returned = town.post(&format!("{page}/retour"), &cookie, &[]).await;
        assert_eq!(returned.location, format!("{page}?fait=rendu"), "{}", returned.body);
        assert_eq!(town.post(&format!("{page}/retour"), &cookie, &[]).await.status, 409);
        assert_eq!(town.post(&page, &cookie, &wish("1")).await.status, 409);
        let found = town.fixture.commune.read(By::SYSTEM, move |tx| lending::find(tx, loan)).await;
        assert_eq!(found.unwrap().unwrap().state, State::Returned);
        town.get_as(&agent, loans).await.is_silent_about("Boule des Platanes");
        town.get_as(&agent, &page).await.says("35 × Chaises").says("Rendu");
        // Who lends nothing does not know of it.
        let auditor = town.agent(Role::JournalReader).await;
        for address in [loans, page.as_str()] {
            assert_eq!(town.get_as(&auditor, address).await.status, 404, "{address}");
        }
        let own = format!("beffroi={auditor}");
        assert_eq!(town.post(&format!("{page}/retour"), &own, &[]).await.status, 404);
    });
}
