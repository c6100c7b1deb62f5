//! Procedures of the catalogue, and requests that come in at the counter.

use std::{collections::HashMap, sync::Arc};

use beffroi_cases::tracking::TrackingCode;
use beffroi_core::{Channel, Lang, Sector, calendar::civil_day};
pub use beffroi_desk::migrations;
use beffroi_desk::{
    DeskConfig, DeskService,
    procedure::{self, Shelf},
    submission::{self, Submission, SubmitError},
};
use beffroi_documents::Gate;
use beffroi_forms::{Answers, CompiledForm, Procedure};
use beffroi_notify::{Transport, mail};
use beffroi_people::{
    Town,
    department::{self, DepartmentDetails},
    permission::permit_system,
    town::Signatory,
};
use beffroi_store::{By, Commune, StoreError, Tx, background::Workers, testing::TestCommune};
use beffroi_typeset::Pool;
use beffroi_web::Service;
use serde_json::Value;

/// The departments that handle the catalogue's procedures.
pub fn departments(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let signatory = Signatory {
        given_name: "Camille".to_owned(),
        family_name: "Bastide".to_owned(),
        quality: "La maire".to_owned(),
    };
    let town = Town::load(tx)?;
    if town.signatory != signatory {
        let permit = permit_system(tx).unwrap();
        Town { signatory, ..town }.save(tx, &permit).unwrap();
    }
    let permit = permit_system(tx).unwrap();
    for slug in
        ["etat-civil", "domaine-public", "vie-associative", "accueil", "education", "police-municipale"]
    {
        let details = DepartmentDetails {
            slug: slug.to_owned(),
            parent: None,
            name: format!("Service {slug}"),
            phone: "04 65 71 00 20".to_owned(),
            email: "service@lunel.example".to_owned(),
            postal_address: "1 place des Platanes".to_owned(),
            hours: String::new(),
            sector: Sector::General,
        };
        if department::by_slug(tx, slug)?.is_none() {
            department::create(tx, &permit, &details).unwrap();
        }
    }
    Ok(())
}

/// A procedure of the catalogue.
pub fn catalogued(slug: &str) -> Procedure {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../catalogue/procedures");
    Procedure::from_toml(&std::fs::read_to_string(format!("{folder}/{slug}.toml")).unwrap()).unwrap()
}

/// Publishes a procedure of the catalogue.
pub fn offered(fixture: &TestCommune, slug: &str) -> Arc<CompiledForm> {
    let procedure = catalogued(slug);
    let published = fixture.commune.write_blocking(By::SYSTEM, move |tx| {
        departments(tx)?;
        procedure::publish(tx, &procedure)
    });
    published.unwrap();
    let shelf = Shelf::default();
    fixture.commune.read_blocking(By::SYSTEM, |tx| shelf.current(tx, slug)).unwrap().unwrap()
}

/// Enters a request at the counter; the words of the refusal, if it is refused.
pub fn enter(
    fixture: &TestCommune,
    form: &Arc<CompiledForm>,
    answers: &Value,
) -> Result<TrackingCode, String> {
    enter_in(&fixture.commune, form, answers)
}

/// The same, in this commune.
pub fn enter_in(
    commune: &Commune,
    form: &Arc<CompiledForm>,
    answers: &Value,
) -> Result<TrackingCode, String> {
    enter_by(commune, form, answers, Channel::Counter)
}

/// The same, by this door.
pub fn enter_by(
    commune: &Commune,
    form: &Arc<CompiledForm>,
    answers: &Value,
    channel: Channel,
) -> Result<TrackingCode, String> {
    let typed = Answers::from_json(&form.procedure().form, answers).unwrap();
    let form = Arc::clone(form);
    let by = By { channel, ..By::SYSTEM };
    let sent = commune.write_blocking(by, move |tx| {
        let town = Town::load(tx)?;
        let today = civil_day(tx.now(), town.zone());
        let judged = submission::judge(&form, &typed, channel, today, &HashMap::new());
        let submission = Submission {
            form: &form,
            judged: &judged,
            town: &town,
            account: None,
            typed_by: None,
            lang: Lang::Fr,
            received_on: None,
            by_letter: false,
            files: None,
            draft: None,
            booking: None,
            whom: submission::Whom::default(),
        };
        submission::submit(tx, &submission)
    });
    match sent {
        Ok(sent) => Ok(sent.code),
        Err(SubmitError::Faults(faults)) => {
            let told = faults.iter().map(|fault| format!("{}: {}", fault.path, fault.reason.text(Lang::Fr)));
            Err(told.collect::<Vec<_>>().join("\n"))
        }
        Err(error) => panic!("{error}"),
    }
}

/// Departments and procedures.
pub fn settle(fixture: &TestCommune) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../catalogue/procedures");
    let procedures: Vec<Procedure> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| Procedure::from_toml(&std::fs::read_to_string(file.unwrap().path()).unwrap()).unwrap())
        .collect();
    let settled = fixture.commune.write_blocking(By::SYSTEM, move |tx| -> Result<(), StoreError> {
        departments(tx)?;
        for procedure in &procedures {
            procedure::publish(tx, procedure).unwrap();
        }
        Ok(())
    });
    settled.unwrap();
}

/// The desk of a town without a virus scanner, which lays papers out in this process.
pub fn desk() -> DeskService {
    desk_with(Pool::in_process())
}

/// The same, with another way to lay papers out.
pub fn desk_with(pool: Pool) -> DeskService {
    DeskService::new(DeskConfig {
        pool: Arc::new(pool),
        gate: Gate::Open,
        origin: Box::new(|_| "https://lunel.example".to_owned()),
        demo: false,
    })
}

/// Everybody who works in the background for that desk; mail is kept.
pub fn workers() -> Arc<Workers> {
    workers_of(&desk(), Transport::Kept)
}

/// Everybody who works in the background for a desk, with a way for its mail.
pub fn workers_of(desk: &DeskService, transport: Transport) -> Arc<Workers> {
    let mut handlers = desk.job_handlers();
    handlers.push(Arc::new(mail::SendHandler::new(transport)));
    Arc::new(Workers { subscribers: desk.subscribers(), handlers })
}
