//! The demonstration on both engines: a town that looks alive, made by the same commands as a real one.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::Arc;

use beffroi_appointments::Appointments;
use beffroi_cases::case::State;
use beffroi_core::Channel;
use beffroi_demo::Plan;
use beffroi_desk::{DeskConfig, DeskService, procedure, submission};
use beffroi_documents::Gate;
use beffroi_forms::Procedure;
use beffroi_notify::{Transport, mail};
use beffroi_people::account;
use beffroi_store::{
    By, StoreError,
    background::{self, Workers},
    journal,
    testing::{TestCommune, on_both_engines},
};
use beffroi_typeset::Pool;
use beffroi_web::Service;
use beffroi_workshops::Workshops;

fn catalogue() -> Vec<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../catalogue/procedures");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.map(|file| std::fs::read_to_string(file).unwrap()).collect()
}

#[test]
fn the_town_lives() {
    let tables = [
        beffroi_desk::migrations(),
        beffroi_rooms::MIGRATIONS.to_vec(),
        beffroi_appointments::MIGRATIONS.to_vec(),
        beffroi_workshops::MIGRATIONS.to_vec(),
    ];
    on_both_engines(&tables.concat(), lives).unwrap();
}

fn lives(fixture: &TestCommune) {
    let now = "2026-11-24T09:00:00Z".parse().unwrap();
    let commune = &fixture.commune;
    let desk = DeskService::new(DeskConfig {
        pool: Arc::new(Pool::in_process()),
        gate: Gate::Open,
        origin: Box::new(|_| "http://localhost".to_owned()),
        demo: true,
    });
    let plan = Plan { procedures: &catalogue(), cases: 60, now };
    beffroi_demo::fill(commune, &fixture.clock, &desk, &plan).unwrap();
    let mut handlers = desk.job_handlers();
    let appointments = Appointments::new(|_| Ok(Some("http://localhost".to_owned())));
    handlers.extend(appointments.job_handlers());
    let bank = beffroi_payments::testing::StandIn::start();
    let private = beffroi_core::Targets::Private;
    let payfip = beffroi_payments::PayFip::at(private, &bank.service, &bank.page);
    handlers.push(Arc::new(beffroi_payments::AskHandler::new(vec![Arc::new(payfip)])));
    handlers.push(Arc::new(beffroi_payments::LapseHandler));
    let workshops = Workshops::new(|_| Ok(Some("http://localhost".to_owned())), Arc::new(Pool::in_process()));
    handlers.extend(workshops.job_handlers());
    let origin = |_: &str| Ok(Some("http://localhost".to_owned()));
    let rooms = beffroi_rooms::Rooms::new(Arc::new(Pool::in_process()), Gate::Open, origin);
    handlers.extend(rooms.job_handlers());
    handlers.push(Arc::new(mail::SendHandler::new(Transport::Kept)));
    let workers = Arc::new(Workers { subscribers: Vec::new(), handlers });
    background::run_due(commune, &workers).unwrap();

    let procedures: Vec<Procedure> =
        catalogue().iter().map(|text| Procedure::from_toml(text).unwrap()).collect();
    let unknown = commune.read_blocking(By::SYSTEM, move |tx| {
        procedures.iter().map(|it| procedure::unknown_departments(tx, it)).collect::<Result<Vec<_>, _>>()
    });
    assert_eq!(unknown.unwrap().concat(), [""; 0], "what procedures name is there");

    let count = |sql: &'static str| -> i64 {
        commune.read_blocking(By::SYSTEM, move |tx| tx.query_one(sql, &[], |row| row.get(0))).unwrap()
    };
    assert!(count("SELECT COUNT(*) FROM cases") >= 50);
    assert!(count("SELECT COUNT(*) FROM workshops_seat WHERE presence = 'present'") >= 20);
    assert!(count("SELECT COUNT(*) FROM workshops_seat WHERE state = 'waiting'") >= 1);
    assert!(count("SELECT COUNT(*) FROM workshops_seat WHERE state = 'offered'") >= 1);
    assert_eq!(count("SELECT COUNT(*) FROM workshops_session WHERE taken > seats"), 0);
    let words = |sql: &'static str| -> Vec<String> {
        commune.read_blocking(By::SYSTEM, move |tx| tx.query(sql, &[], |row| row.get(0))).unwrap()
    };
    let states = words("SELECT DISTINCT state FROM cases ORDER BY state");
    for state in State::ALL.iter().copied() {
        assert!(states.iter().any(|it| it == state.as_str()), "no case is {state:?}: {states:?}");
    }
    let channels = words("SELECT DISTINCT channel FROM cases ORDER BY channel");
    // By mail and by program, nobody wrote to this town.
    for channel in [Channel::Online, Channel::Counter, Channel::Phone, Channel::Paper] {
        assert!(
            channels.iter().any(|it| it == channel.as_str()),
            "no case came by {channel:?}: {channels:?}"
        );
    }
    let departments = words("SELECT DISTINCT department FROM cases ORDER BY department");
    assert_eq!(departments, ["domaine-public", "etat-civil", "vie-associative"]);
    let outcomes = words("SELECT DISTINCT outcome FROM decision ORDER BY outcome");
    assert!(outcomes.len() >= 2, "{outcomes:?}");
    let exchanges = words("SELECT DISTINCT kind FROM exchange ORDER BY kind");
    assert_eq!(exchanges, ["from_requester", "note", "to_requester"]);
    // The inhabitant who has an account finds her own requests: settled, waiting for her, under way.
    let marie = commune.read_blocking(By::SYSTEM, |tx| {
        let account = account::by_email(tx, "marie.durand@example.org")?.unwrap().id;
        let open = submission::cases_of_account(tx, account, true, None, 10)?;
        Ok::<_, StoreError>([open, submission::cases_of_account(tx, account, false, None, 10)?].concat())
    });
    let mut hers: Vec<State> = marie.unwrap().iter().map(|mine| mine.state).collect();
    hers.sort_by_key(|state| state.as_str());
    assert_eq!(hers, [State::Decided, State::Instruction, State::Waiting]);
    // Every case was acknowledged: a paper each, by mail or by letter.
    let acknowledged = "SELECT COUNT(*) FROM document WHERE purpose = 'acknowledgement'";
    assert_eq!(count(acknowledged), count("SELECT COUNT(*) FROM cases"));
    assert_eq!(count("SELECT COUNT(*) FROM job WHERE failed = TRUE"), 0);
    // The till has an order in each state, and something for somebody to settle.
    let orders = words("SELECT DISTINCT state FROM payment_order ORDER BY state");
    assert_eq!(orders, ["cancelled", "due", "paid", "refunded"]);
    let troubles = words(
        "SELECT DISTINCT trouble FROM payment WHERE settled_at IS NULL AND trouble IS NOT NULL ORDER BY trouble",
    );
    assert_eq!(troubles, ["second", "unanswered"]);
    // The workshop that costs something has been paid for, is yet to be, and is to be refunded to somebody.
    let sold =
        words("SELECT DISTINCT state FROM payment_order WHERE about_kind = 'registration' ORDER BY state");
    assert_eq!(sold, ["due", "paid"]);
    let refunds = "SELECT COUNT(*) FROM refund r JOIN payment_order o ON o.id = r.payment_order \
         WHERE o.about_kind = 'registration' AND r.state = 'asked'";
    assert!(count(refunds) >= 1);
    // Formal decisions are numbered without gaps.
    let numbers = count("SELECT COUNT(*) FROM decision WHERE number IS NOT NULL");
    let last = "SELECT COALESCE(CAST(SUM(last_number) AS BIGINT), 0) FROM number_series";
    assert!(numbers > 0);
    assert_eq!(numbers, count(last));
    assert!(!commune.read_blocking(By::SYSTEM, |tx| mail::recent(tx, None, 5)).unwrap().is_empty());
    commune.read_blocking(By::SYSTEM, journal::verify).unwrap();
}
