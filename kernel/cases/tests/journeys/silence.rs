//! What silence decides, on both engines (CRPA, art. L231-1, L231-4 and L232-4).

use beffroi_cases::{
    Access, CaseError, Right,
    case::{self, State},
    decision::{self, NewDecision, Outcome},
    exchange, silence,
    tracking::TrackingCode,
};
use beffroi_core::{Channel, calendar::civil_day, legal_clock::Silence};
use beffroi_store::{
    By,
    testing::{TestCommune, on_both_engines},
};
use chrono::TimeDelta;

use crate::support::{AGENT, PARIS, day, receive, refusal, roads, tables};

/// Goes on for so many days, and writes down what silence has decided meanwhile.
fn silence_lasts(fixture: &TestCommune, days: i64) -> usize {
    fixture.clock.advance(TimeDelta::days(days));
    let today = civil_day(fixture.commune.now(), PARIS.zone);
    let found = fixture
        .commune
        .read_blocking(By::SYSTEM, |tx| silence::overtaken(tx, &["roads".to_owned()], today, 10))
        .unwrap();
    let recorded = found.into_iter().filter(|id| {
        let id = *id;
        fixture.commune.write_blocking(By::SYSTEM, move |tx| silence::record(tx, id, PARIS.zone)).unwrap()
    });
    recorded.count()
}

#[test]
fn silence_grants_on_its_day_once_and_the_case_is_over() {
    on_both_engines(&tables(), |fixture| {
        let id = receive(fixture, "roads", Silence::Grants).case.id;
        assert_eq!(silence_lasts(fixture, 61), 0, "received on 3 June, deemed granted on 4 August");
        assert_eq!(silence_lasts(fixture, 1), 1);
        assert_eq!(silence_lasts(fixture, 1), 0, "written down once");
        let implied =
            fixture.commune.read_blocking(By::SYSTEM, |tx| silence::of_case(tx, id)).unwrap().unwrap();
        assert_eq!((implied.outcome, implied.deemed_on), (Outcome::Granted, day("2026-08-04")));
        assert!(!implied.reasons_can_be_asked(day("2026-08-05")), "there is nothing to explain");
        let case = fixture.commune.read_blocking(By::SYSTEM, |tx| case::find(tx, id)).unwrap().unwrap();
        assert_eq!(case.state, State::Decided);
        let late = fixture.commune.write_blocking(By::SYSTEM, move |tx| {
            decision::decide(tx, &roads(Right::Decide), id, &refusal(), PARIS.zone)
        });
        assert!(matches!(late, Err(CaseError::WrongState(State::Decided))), "what is granted is not refused");
    })
    .unwrap();
}

#[test]
fn silence_that_refuses_owes_its_reasons_within_a_month_and_the_decision_stays_due() {
    on_both_engines(&tables(), |fixture| {
        let received = receive(fixture, "roads", Silence::Refuses);
        let (id, code) = (received.case.id, received.code);
        let ask = |code: TrackingCode| {
            fixture.commune.write_blocking(By::VISITOR, move |tx| silence::ask_reasons(tx, &code, PARIS.zone))
        };
        assert!(matches!(ask(code.clone()), Err(CaseError::WrongState(_))), "nothing is refused yet");
        assert_eq!(silence_lasts(fixture, 62), 1);
        let case = fixture.commune.read_blocking(By::SYSTEM, |tx| case::find(tx, id)).unwrap().unwrap();
        assert!(case.state.is_open(), "the town still owes an answer");
        let asked = ask(code.clone()).unwrap();
        assert_eq!((asked.asked_on, asked.due_on), (day("2026-08-04"), day("2026-09-04")));
        assert_eq!(ask(code.clone()).unwrap(), asked, "asked twice, due the same day");

        let access = roads(Right::Decide);
        let awaited = |access: Access| {
            let found = fixture.commune.read_blocking(By::SYSTEM, |tx| {
                silence::awaited(tx, &access, &["roads".to_owned(), "parks".to_owned()])
            });
            found.unwrap()
        };
        assert_eq!(awaited(access.clone()).iter().map(|it| it.id).collect::<Vec<_>>(), [id]);
        assert!(awaited(Access::default().with(Some("parks"), Right::Decide)).is_empty());
        let give = |access: Access| {
            fixture.commune.write_blocking(By::account(AGENT, Channel::Online), move |tx| {
                silence::give_reasons(tx, &access, id, AGENT, "La chaussée est trop étroite.", PARIS.zone)
            })
        };
        assert!(matches!(give(roads(Right::Handle)), Err(CaseError::Forbidden)), "who may not decide");
        give(access.clone()).unwrap();
        assert!(matches!(give(access.clone()), Err(CaseError::WrongState(_))), "nobody waits any more");
        assert!(awaited(access.clone()).is_empty());
        let told = fixture.commune.read_blocking(By::SYSTEM, |tx| exchange::messages(tx, id, 10)).unwrap();
        assert_eq!(told.last().map(|it| it.words.as_str()), Some("La chaussée est trop étroite."));
        // The town may still grant what silence has refused.
        let decided = fixture.commune.write_blocking(By::SYSTEM, move |tx| {
            decision::decide(
                tx,
                &access,
                id,
                &NewDecision { outcome: Outcome::Granted, ..refusal() },
                PARIS.zone,
            )
        });
        assert_eq!(decided.unwrap().outcome, Outcome::Granted);
    })
    .unwrap();
}

#[test]
fn nobody_asks_or_waits_for_reasons_once_the_case_is_over() {
    on_both_engines(&tables(), |fixture| {
        let asking = receive(fixture, "roads", Silence::Refuses).code;
        let silent = receive(fixture, "roads", Silence::Refuses).code;
        assert_eq!(silence_lasts(fixture, 62), 2);
        let ask = |code: &TrackingCode| {
            let code = code.clone();
            fixture.commune.write_blocking(By::VISITOR, move |tx| silence::ask_reasons(tx, &code, PARIS.zone))
        };
        ask(&asking).unwrap();
        for code in [asking, silent.clone()] {
            fixture.commune.write_blocking(By::VISITOR, move |tx| case::withdraw(tx, &code)).unwrap();
        }
        assert!(matches!(ask(&silent), Err(CaseError::WrongState(State::Withdrawn))));
        let awaited = fixture
            .commune
            .read_blocking(By::SYSTEM, |tx| silence::awaited(tx, &roads(Right::Read), &["roads".to_owned()]));
        assert!(awaited.unwrap().is_empty());
    })
    .unwrap();
}

#[test]
fn reasons_are_asked_for_within_the_time_of_appeal() {
    on_both_engines(&tables(), |fixture| {
        let code = receive(fixture, "roads", Silence::Refuses).code;
        assert_eq!(silence_lasts(fixture, 62), 1);
        // Deemed refused on 4 August: the last day is 4 October.
        fixture.clock.advance(TimeDelta::days(62));
        let late = fixture
            .commune
            .write_blocking(By::VISITOR, move |tx| silence::ask_reasons(tx, &code, PARIS.zone));
        assert!(matches!(late, Err(CaseError::WrongState(_))));
    })
    .unwrap();
}
