//! Who may do what to a case, in each of its states: the whole policy as one readable snapshot, found by trying.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fmt::Write as _;

use beffroi_calendar::{
    booking::{self, Details, Holding, NewBooking},
    resource::{self, Kind, Name, ResourceDetails, Terms},
    spans::Span,
};
use beffroi_cases::{
    Access, CaseError, MIGRATIONS, Right,
    advice::{self, Asked, NewOpinion, Opinion, Shared, View},
    cancellation,
    case::{self, Case, NewCase, State},
    decision::{self, NewDecision, Outcome},
    exchange,
    missing::{self, LocalCalendar},
    reversal::{self, Effect, Ground, Hearing, NewReversal},
    silence,
    step::{self, Arrival},
    task::{self, NewTask, Task},
    tracking::TrackingCode,
    transfer,
};
use beffroi_core::{
    Id, Sector,
    calendar::Holidays,
    legal_clock::{Regime, Silence},
};
use beffroi_store::{By, Engine, StoreError, Tx, testing::TestCommune};
use uuid::Uuid;

const PARIS: LocalCalendar = LocalCalendar { zone: chrono_tz::Europe::Paris, holidays: Holidays::Metropole };
const AGENT: Uuid = Uuid::from_u128(42);

type Deed = fn(&mut Tx<'_>, &Access, Id<Case>) -> Result<(), CaseError>;

const DEEDS: [(&str, Deed); 27] = [
    ("read", |tx, access, id| case::read(tx, access, id).map(drop)),
    ("read exchange", |tx, access, id| exchange::everything(tx, access, id, 10).map(drop)),
    ("take up", |tx, access, id| case::take_up(tx, access, id, AGENT)),
    ("assign", |tx, access, id| case::assign(tx, access, id, Some(AGENT), &[AGENT])),
    ("assign wrongly", |tx, access, id| case::assign(tx, access, id, Some(AGENT), &[])),
    ("route", |tx, access, id| case::route(tx, access, id, "civil-status")),
    ("give time", |tx, access, id| {
        let nothing = serde_json::json!({});
        case::give_time(tx, access, id, &nothing, &nothing)
    }),
    ("write", |tx, access, id| exchange::write(tx, access, id, AGENT, "Bonjour").map(drop)),
    ("note", |tx, access, id| exchange::note(tx, access, id, AGENT, "À revoir")),
    ("ask documents", |tx, access, id| missing::ask(tx, access, id, "Plan", None, PARIS).map(drop)),
    ("record arrival", |tx, access, id| missing::record_arrival(tx, access, id, PARIS).map(drop)),
    ("record late documents", |tx, access, id| missing::record_late_documents(tx, access, id, 1).map(drop)),
    ("note that reasons are asked", |tx, access, id| {
        implied(tx, id, Outcome::Refused)?;
        silence::record_asked(tx, access, id, "2026-06-03".parse().unwrap(), PARIS.zone).map(drop)
    }),
    ("give the certificate", |tx, access, id| {
        implied(tx, id, Outcome::Granted)?;
        silence::certify_for(tx, access, id, PARIS.zone).map(drop)
    }),
    ("decide", |tx, access, id| decision::decide(tx, access, id, &refusal(), PARIS.zone).map(drop)),
    ("take decision back", |tx, access, id| reversal::act(tx, access, id, &repeal(), PARIS).map(drop)),
    ("ask for observations", |tx, access, id| {
        tx.execute("UPDATE decision SET outcome = 'granted' WHERE case_id = $1", &[&id])?;
        reversal::invite(tx, access, id, "2030-01-01".parse().unwrap(), PARIS.zone)
    }),
    ("archive", |tx, access, id| case::archive(tx, access, id)),
    ("cancel booking", |tx, access, id| {
        booked(tx, id)?;
        cancellation::by_town(tx, access, id, "Élections", PARIS.zone)
    }),
    ("enter step", |tx, access, id| step::enter(tx, access, id, None, VISIT, PARIS.zone).map(drop)),
    ("fill step", |tx, access, id| {
        entered(tx, id)?;
        step::fill(tx, access, id, "visit", 0, &serde_json::json!({ "width": 3 }))
    }),
    ("ask opinion", |tx, access, id| asked(tx, access, id).map(drop)),
    ("cancel opinion", |tx, access, id| {
        let all = Access::default().with(None, Right::Decide);
        let asked = asked(tx, &all, id)?;
        advice::cancel(tx, access, id, asked)
    }),
    ("give opinion", |tx, access, id| {
        let all = Access::default().with(None, Right::Decide);
        let asked = asked(tx, &all, id)?;
        advice::answer_inside(tx, access, asked, AGENT, View::Favourable, "").map(drop)
    }),
    ("give task", |tx, access, id| tasked(tx, access, id).map(drop)),
    ("do task", |tx, access, id| {
        let all = Access::default().with(None, Right::Decide);
        let task = tasked(tx, &all, id)?;
        task::finish(tx, access, task, AGENT).map(drop)
    }),
    ("transfer out", |tx, access, id| {
        transfer::out(tx, access, id, ("Le département", "", "La route est départementale."), PARIS.zone)
            .map(drop)
    }),
];

const VISIT: Arrival<'static> = Arrival { step: "visit", acting: None, timers: &[] };

/// Books a room for a case, as if that had been granted.
fn booked(tx: &mut Tx<'_>, id: Id<Case>) -> Result<(), CaseError> {
    let name = Name { fr: "Salle".to_owned(), en: String::new() };
    let (kind, terms) = (Kind::Room, Terms::default());
    let slug = "salle".to_owned();
    let details = ResourceDetails { slug, kind, parent: None, name, stock: 1, active: true, terms };
    let resource = resource::create(tx, &details).unwrap();
    let start = tx.now() + chrono::TimeDelta::days(3);
    let span = Span::new(start, start + chrono::TimeDelta::hours(2)).unwrap();
    let new = NewBooking { resource, span, details: Details::default() };
    let (held, ..) = booking::hold(tx, &new, Holding { purpose: "", holder: "" }).unwrap();
    let owner = ("case", id.uuid());
    booking::hand_over(tx, held, owner)?;
    booking::firm(tx, owner).unwrap();
    Ok(())
}

/// Writes down what silence has decided, as its hour does.
fn implied(tx: &mut Tx<'_>, id: Id<Case>, outcome: Outcome) -> Result<(), CaseError> {
    let day: beffroi_core::Day = "2026-06-01".parse().unwrap();
    tx.execute(
        "INSERT INTO implied_decision (case_id, outcome, deemed_on, recorded_at) VALUES ($1, $2, $3, $4)",
        &[&id, &outcome.as_str(), &day, &tx.now()],
    )?;
    Ok(())
}

/// Puts a case into a step, where it can be in one.
fn entered(tx: &mut Tx<'_>, id: Id<Case>) -> Result<(), CaseError> {
    let all = Access::default().with(None, Right::Decide);
    match step::enter(tx, &all, id, None, VISIT, PARIS.zone) {
        Ok(_) | Err(CaseError::WrongState(_)) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Asks the roads department for an opinion.
fn asked(tx: &mut Tx<'_>, access: &Access, id: Id<Case>) -> Result<Id<Opinion>, CaseError> {
    let new = NewOpinion {
        asked: Asked::Department("roads".to_owned()),
        question: "La rue est-elle assez large ?".to_owned(),
        shared: Shared::default(),
        due_on: "2026-06-20".parse().unwrap(),
    };
    advice::ask(tx, access, id, Some(AGENT), new, PARIS.zone).map(|(opinion, _)| opinion.id)
}

/// Gives the roads department something to do.
fn tasked(tx: &mut Tx<'_>, access: &Access, id: Id<Case>) -> Result<Id<Task>, CaseError> {
    let new = NewTask {
        words: "Mesurer la rue".to_owned(),
        department: "roads".to_owned(),
        assignee: None,
        due_on: "2026-06-20".parse().unwrap(),
    };
    task::add(tx, access, id, Some(AGENT), new, &[]).map(|task| task.id)
}

fn repeal() -> NewReversal {
    NewReversal {
        effect: Effect::Repealed,
        ground: Ground::Any,
        reasons: "La chaussée a été élargie.".to_owned(),
        hearing: Hearing::NotDue,
        heard_on: None,
        heard_how: String::new(),
        signatory_name: "Camille Roustan".to_owned(),
        signatory_quality: "Adjointe à la voirie".to_owned(),
        signatory_delegation: String::new(),
        series: None,
    }
}

fn refusal() -> NewDecision {
    NewDecision {
        outcome: Outcome::Refused,
        reasons: "La chaussée est trop étroite.".to_owned(),
        signatory_name: "Camille Roustan".to_owned(),
        signatory_quality: "Adjointe à la voirie".to_owned(),
        signatory_delegation: String::new(),
        series: None,
    }
}

fn personas() -> [(&'static str, Access); 7] {
    let of = |place, right| Access::default().with(place, right);
    [
        ("nobody", Access::default()),
        ("decides elsewhere", of(Some("civil-status"), Right::Decide)),
        ("reads here", of(Some("roads"), Right::Read)),
        ("handles here", of(Some("roads"), Right::Handle)),
        ("decides here", of(Some("roads"), Right::Decide)),
        ("reads everywhere", of(None, Right::Read)),
        (
            "reads everywhere, decides elsewhere",
            of(None, Right::Read).with(Some("civil-status"), Right::Decide),
        ),
    ]
}

/// A case that has come to this state.
fn case_in(fixture: &TestCommune, state: State) -> Id<Case> {
    let new = NewCase {
        procedure: "occupation-domaine-public".to_owned(),
        procedure_version: 1,
        department: "roads".to_owned(),
        sector: Sector::TownPlanning,
        regime: Regime { silence: Silence::Refuses, term: Some("2m".parse().unwrap()) },
        zone: PARIS.zone,
        holidays: PARIS.holidays,
        requester: None,
        beneficiary: None,
        requester_name: "Anaïs Bénézet".to_owned(),
        typed_by: None,
        code: None,
        answers: serde_json::json!({}),
        sealed_as: None,
        received_on: None,
    };
    let all = Access::default().with(None, Right::Decide);
    let made = fixture.commune.write_blocking(By::SYSTEM, move |tx| {
        let received = case::receive(tx, new)?;
        let (id, code): (Id<Case>, TrackingCode) = (received.case.id, received.code);
        match state {
            State::Received => {}
            State::Instruction => case::take_up(tx, &all, id, AGENT)?,
            State::Waiting => drop(missing::ask(tx, &all, id, "Plan", None, PARIS)?),
            State::Decided => drop(decision::decide(tx, &all, id, &refusal(), PARIS.zone)?),
            State::Withdrawn => case::withdraw(tx, &code)?,
            State::Transferred => {
                let words = ("Le département", "", "La route est départementale.");
                drop(transfer::out(tx, &all, id, words, PARIS.zone)?);
            }
            State::Archived => {
                case::withdraw(tx, &code)?;
                case::archive(tx, &all, id)?;
            }
        }
        Ok::<_, CaseError>(id)
    });
    made.unwrap()
}

/// How a try ended. As an error, so that nothing of it is kept.
struct Tried(&'static str);

impl From<StoreError> for Tried {
    fn from(error: StoreError) -> Self {
        unreachable!("{error}")
    }
}

fn tried(result: Result<(), CaseError>) -> Tried {
    Tried(match result {
        Ok(()) => "yes",
        Err(CaseError::NotFound) => "unknown",
        Err(CaseError::Forbidden) => "forbidden",
        Err(CaseError::WrongState(_)) => "not now",
        Err(error) => unreachable!("{error}"),
    })
}

#[test]
fn who_may_do_what_to_a_case_in_each_state() {
    let tables = [beffroi_calendar::MIGRATIONS, MIGRATIONS].concat();
    let fixture = TestCommune::on(Engine::Sqlite, &tables).unwrap().unwrap();
    let mut told = String::new();
    for state in State::ALL.iter().copied() {
        let id = case_in(&fixture, state);
        writeln!(told, "# {}", state.as_str()).unwrap();
        for (who, access) in personas() {
            writeln!(told, "{who}").unwrap();
            for (what, deed) in DEEDS {
                let held = access.clone();
                let end = fixture
                    .commune
                    .write_blocking(By::SYSTEM, move |tx| Err::<(), _>(tried(deed(tx, &held, id))));
                writeln!(told, "    {what:<15} {}", end.unwrap_err().0).unwrap();
            }
        }
    }
    insta::assert_snapshot!(told);
}
