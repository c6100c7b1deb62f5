//! A room that is granted to somebody, with a price, a deposit, an inventory, and what browsers send.

use axum::{
    body::{Body, to_bytes},
    extract::Request,
};
use beffroi_calendar::{
    booking::{self, Details, Holding, NewBooking},
    spans::Span,
    tariff::{Applicant, Asked, Deliberation, Rate, Tariff, Unit, When},
};
use beffroi_cases::{
    Access, Right,
    case::{self, Case, NewCase},
    decision::{self, NewDecision, Outcome},
};
use beffroi_core::{
    Day, Id, Sector,
    calendar::{Holidays, civil_day},
    legal_clock::{Regime, Silence},
    money::Cents,
};
use beffroi_people::{
    Town as Settings,
    department::{self, DepartmentDetails},
    permission::permit_system,
};
use beffroi_rooms::{
    ManageRooms,
    inventory::{self, Thing},
};
use beffroi_store::{By, Seq, StoreError, background::run_due, journal};
use chrono::Days;
use chrono_tz::Europe::Paris;
use serde_json::json;
use uuid::Uuid;

use crate::support::{Answer, Town, hours_of};

/// A photograph of 64 points by 48, in which its telephone says its name.
pub static JPEG: &[u8] = include_bytes!("photo.jpg");
/// A paper.
pub const PDF: &[u8] = b"%PDF-1.7\n%%EOF\n";
/// A line drawn with a finger.
pub const DRAWING: &str = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAHgAAAAoCAYAAAA16j4lAAAApklEQVR42u3UUQ5EUBREQT373zNbmESQ27fOvxeUdhySJEnvdG562CwHDeAdKw3g2aD585oAnrPQ3DgrgGes9O75ATwXdAV0BoG+fb8V0Fm60jXQAdoNnY9BJ/72RkHHSruhA7QbOg+AbkAdAx0r7YYO0G7oTPgKQT8DDLQAGmI5NOByaMDl0IDLoQGXQwMuhwZcDg24HPrnvY0pBmnRkiRJkiSt7gK8oSocbr1/6wAAAABJRU5ErkJggg==";

/// What was granted.
#[derive(Clone, Copy)]
pub struct Granted {
    pub id: Id<booking::Booking>,
    pub case: Id<Case>,
    pub span: Span,
    pub day: Day,
}

/// Grants an afternoon of the hall, some days from now, to Karim Galtier.
pub async fn granted(town: &Town<'_>, ahead: u64) -> Granted {
    granted_each_week(town, ahead, 1).await
}

/// The same, so many weeks in a row.
pub async fn granted_each_week(town: &Town<'_>, ahead: u64, weeks: u64) -> Granted {
    let day = town.open_day(ahead);
    let (hall, span) = (town.hall, hours_of(day, 14, 18));
    let week = |week: u64| hours_of(day.checked_add_days(Days::new(7 * week)).unwrap(), 14, 18);
    let dates: Vec<Span> = (0..weeks).filter(|_| weeks > 1).map(week).collect();
    let made = town.fixture.commune.write(By::SYSTEM, move |tx| {
        let permit = permit_system(tx).unwrap();
        let details = DepartmentDetails {
            slug: "vie-associative".to_owned(),
            parent: None,
            name: "Vie associative".to_owned(),
            phone: String::new(),
            email: String::new(),
            postal_address: "240 avenue Victor-Hugo".to_owned(),
            hours: String::new(),
            sector: Sector::General,
        };
        department::create(tx, &permit, &details).unwrap();
        let permit = permit_system::<ManageRooms>(tx).unwrap();
        let thing = |place: &str, name: &str, expected| Thing {
            place: place.to_owned(),
            name: name.to_owned(),
            expected,
            value: None,
        };
        let things = [thing("", "Chaises", 120), thing("Cuisine", "Four", 1)];
        inventory::keep(tx, &permit, hall, &things)?;
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
            beneficiary: None,
            requester_name: "Karim Galtier".to_owned(),
            typed_by: None,
            code: None,
            answers: json!({ "objet": "Loto de Noël", "telephone": "+33467711234" }),
            sealed_as: None,
        };
        let case = case::receive(tx, new).unwrap().case.id;
        let details = Details { people: Some(80), dates, ..Details::default() };
        let new = NewBooking { resource: hall, span, details };
        let holding = Holding { purpose: "reservation-de-salle", holder: "somebody" };
        let (id, ..) = booking::hold(tx, &new, holding).unwrap();
        let held = booking::find(tx, id)?.unwrap();
        let settings = Settings::default();
        booking::confirm(tx, &held, &settings).unwrap();
        booking::hand_over(tx, id, ("case", case.uuid()))?;
        let price = price(&held);
        booking::set_price(tx, &held, &price, None, &settings)?;
        let access = Access::default().with(None, Right::Decide);
        let agent = Uuid::from_u128(42);
        case::take_up(tx, &access, case, agent).unwrap();
        let new = NewDecision {
            outcome: Outcome::Granted,
            reasons: String::new(),
            signatory_name: "Camille Bastide".to_owned(),
            signatory_quality: "La maire".to_owned(),
            signatory_delegation: String::new(),
            series: None,
        };
        decision::decide(tx, &access, case, &new, Paris).unwrap();
        Ok::<_, StoreError>((id, case))
    });
    let (id, case) = made.await.unwrap();
    Granted { id, case, span, day }
}

/// Two hundred euros, and four hundred as a deposit.
fn price(held: &booking::Booking) -> beffroi_calendar::tariff::Price {
    let rate = Rate {
        applicant: None,
        resident: None,
        when: When::Always,
        up_to_hours: None,
        unit: Unit::Booking,
        amount: Cents(20_000),
    };
    let tariff = Tariff {
        deliberation: Deliberation { number: "2025-118".to_owned(), day: "2025-12-11".parse().unwrap() },
        rates: vec![rate],
        deposit: Cents(40_000),
        retained: Vec::new(),
        free_uses: 0,
    };
    let asked = Asked { applicant: Applicant::Person, resident: true, dates: held.dates(), free_uses: None };
    tariff.price(Id::from_uuid(Uuid::from_u128(9)), &asked, Paris, Holidays::Metropole).unwrap()
}

impl Town<'_> {
    /// Whoever works in the background does what is due.
    pub async fn work(&self) {
        let (commune, workers) = (std::sync::Arc::clone(&self.fixture.commune), self.workers());
        tokio::task::spawn_blocking(move || run_due(&commune, &workers)).await.unwrap().unwrap();
    }

    /// The day of today.
    pub fn today(&self) -> Day {
        civil_day(self.now(), Paris)
    }

    /// A day some days from now.
    pub fn day_in(&self, days: u64) -> Day {
        self.today().checked_add_days(Days::new(days)).unwrap()
    }

    /// Sends a form with files: the field, the name, the content of each.
    pub async fn send_files(
        &self,
        address: &str,
        cookie: &str,
        fields: &[(&str, &str)],
        files: &[(&str, &str, Vec<u8>)],
    ) -> Answer {
        let mut body = Vec::new();
        for (name, value) in fields {
            let part = format!("--cut\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend(part.into_bytes());
        }
        for (field, name, content) in files {
            let head = format!(
                "--cut\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\r\n"
            );
            body.extend(head.into_bytes());
            body.extend(content);
            body.extend(b"\r\n");
        }
        body.extend(b"--cut--\r\n");
        let request = Request::post(address)
            .header("host", "localhost")
            .header("content-type", "multipart/form-data; boundary=cut")
            .header("accept-language", "fr")
            .header("cookie", cookie);
        let response = self.respond(request.body(Body::from(body)).unwrap()).await;
        Answer::of(response).await
    }

    /// What an address gives: who may keep it, and the bytes.
    pub async fn get_bytes(&self, address: &str) -> (String, Vec<u8>) {
        self.get_as_bytes("", address).await
    }

    /// The same for somebody who is signed in.
    pub async fn get_as_bytes(&self, session: &str, address: &str) -> (String, Vec<u8>) {
        let request = Request::get(address).header("host", "localhost");
        let request = request.header("cookie", format!("beffroi={session}"));
        let response = self.respond(request.body(Body::empty()).unwrap()).await;
        let caching = response.headers().get("cache-control");
        let caching = caching.map(|it| it.to_str().unwrap().to_owned()).unwrap_or_default();
        let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (caching, bytes.to_vec())
    }

    /// What the requester of a case is to be told, in French.
    pub async fn ordered(&self, booked: &Granted) -> Vec<String> {
        let case = booked.case.uuid();
        let found =
            self.fixture.commune.read(By::SYSTEM, move |tx| journal::of_subject(tx, "case", case, 300));
        let found = found.await.unwrap();
        let words = found.iter().filter(|entry| entry.kind == "case.word_ordered");
        words.map(|entry| entry.payload.as_ref().unwrap()["fr"].as_str().unwrap().to_owned()).collect()
    }

    /// The particulars of what happened, as the journal has them.
    pub async fn payloads(&self, kind: &'static str) -> Vec<String> {
        let found =
            self.fixture.commune.read(By::SYSTEM, move |tx| journal::of_kinds(tx, &[kind], Seq(0), 100));
        let found = found.await.unwrap();
        found.into_iter().map(|entry| entry.payload.unwrap_or_default().to_string()).collect()
    }
}
