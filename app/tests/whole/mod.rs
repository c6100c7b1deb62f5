//! The whole house as tests put it together: its services, their tables, and the routes as their sources write them.

use std::{collections::BTreeSet, path::Path, sync::Arc};

use beffroi_accounts::Accounts;
use beffroi_desk::{DeskConfig, DeskService};
use beffroi_documents::Gate;
use beffroi_store::Migration;
use beffroi_typeset::Pool;
use beffroi_web::Service;

/// The tables of all services.
pub fn tables() -> Vec<Migration> {
    [
        beffroi_desk::migrations(),
        beffroi_rooms::MIGRATIONS.to_vec(),
        beffroi_appointments::MIGRATIONS.to_vec(),
        beffroi_workshops::MIGRATIONS.to_vec(),
    ]
    .concat()
}

/// All services.
pub fn services() -> Vec<Arc<dyn Service>> {
    let desk = DeskService::new(DeskConfig {
        pool: Arc::new(Pool::in_process()),
        gate: Gate::Open,
        origin: Box::new(|_| "https://lunel.example".to_owned()),
        demo: false,
    });
    let accounts = Accounts::new(|_| Ok(Some("https://lunel.example".to_owned())));
    let appointments =
        beffroi_appointments::Appointments::new(|_| Ok(Some("https://lunel.example".to_owned())));
    let till = beffroi_till::Till::new(beffroi_till::TillConfig {
        payfip: Arc::new(beffroi_payments::PayFip::new(beffroi_core::Targets::Public)),
        pool: Arc::new(Pool::in_process()),
        origin: Box::new(|_| Ok(Some("https://lunel.example".to_owned()))),
        stand_in: None,
    });
    let workshops = beffroi_workshops::Workshops::new(
        |_| Ok(Some("https://lunel.example".to_owned())),
        Arc::new(Pool::in_process()),
    );
    let rooms = beffroi_rooms::Rooms::new(Arc::new(Pool::in_process()), Gate::Open, |_| {
        Ok(Some("https://lunel.example".to_owned()))
    });
    vec![
        Arc::new(desk),
        Arc::new(accounts),
        Arc::new(rooms),
        Arc::new(appointments),
        Arc::new(till),
        Arc::new(workshops),
    ]
}

/// Every route of the house: path and method.
pub fn routes() -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    for part in [
        "town/desk/src",
        "town/accounts/src",
        "town/appointments/src",
        "town/rooms/src",
        "town/till/src",
        "town/workshops/src",
        "kernel/web/src/api",
    ] {
        gather(&Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(part), &mut found);
    }
    found
}

/// The routes of a crate, as its source writes them: method and path.
fn gather(folder: &Path, found: &mut BTreeSet<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            gather(&path, found);
            continue;
        }
        let source = std::fs::read_to_string(&path).unwrap();
        for written in source.split(".route(").skip(1) {
            let head = written.trim_start();
            // What whoever holds a request finds under its page is written once for both its addresses.
            let (bases, head) = match head.strip_prefix("&under(\"") {
                Some(rest) => (["/suivi/", "/compte/demarches/{case}/"].as_slice(), rest),
                None => match head.strip_prefix('"') {
                    Some(rest) => ([""].as_slice(), rest),
                    None => continue,
                },
            };
            let (route, rest) = head.split_once('"').unwrap();
            let handlers = rest.split([';', '}']).next().unwrap();
            for (word, method) in [
                ("get(", "GET"),
                ("post(", "POST"),
                ("put(", "PUT"),
                ("delete(", "DELETE"),
                ("any(", "PROPFIND"),
            ] {
                if handlers.contains(word) {
                    found.extend(bases.iter().map(|base| (format!("{base}{route}"), method.to_owned())));
                }
            }
        }
    }
}
