//! A decision is taken back as the law lets it be, on both engines (CRPA, art. L240-1 to L243-4).

use std::sync::Arc;

use beffroi_calendar::{lending, spans::Span};
use beffroi_cases::{
    Access, CaseError, Right,
    case::{self, Case, State},
    decision::{self, NewDecision, Outcome},
    missing,
    reversal::{self, Barred, Effect, Ground, Hearing, NewReversal, Reversal},
    silence,
    tally::{self, Measure, Month, Tallies, Tally},
};
use beffroi_core::{
    Channel, Id,
    calendar::civil_day,
    legal_clock::{Silence, Step},
};
use beffroi_store::{
    By,
    background::Workers,
    testing::{TestCommune, on_both_engines},
};
use chrono::TimeDelta;

use crate::support::{AGENT, PARIS, day, receive, refusal, roads, tables};

fn decided(fixture: &TestCommune, id: Id<Case>, outcome: Outcome) {
    let new = NewDecision { outcome, ..refusal() };
    let by = By::account(AGENT, Channel::Online);
    fixture
        .commune
        .write_blocking(by, move |tx| decision::decide(tx, &roads(Right::Decide), id, &new, PARIS.zone))
        .unwrap();
}

fn unlawful(effect: Effect) -> NewReversal {
    NewReversal {
        effect,
        ground: Ground::Unlawful,
        reasons: "La largeur qui restait avait été mal mesurée.".to_owned(),
        hearing: Hearing::Observed,
        heard_on: None,
        heard_how: "Par courrier.".to_owned(),
        signatory_name: "Camille Roustan".to_owned(),
        signatory_quality: "Adjointe à la voirie".to_owned(),
        signatory_delegation: String::new(),
        series: Some("ODP".to_owned()),
    }
}

fn taken_back(fixture: &TestCommune, id: Id<Case>, new: NewReversal) -> Result<Reversal, CaseError> {
    let by = By::account(AGENT, Channel::Online);
    fixture.commune.write_blocking(by, move |tx| reversal::act(tx, &roads(Right::Decide), id, &new, PARIS))
}

fn stands(fixture: &TestCommune, id: Id<Case>) -> Case {
    fixture.commune.read_blocking(By::SYSTEM, |tx| case::find(tx, id)).unwrap().unwrap()
}

#[test]
fn a_refusal_that_is_withdrawn_pends_again_from_that_day_and_is_decided_anew() {
    on_both_engines(&tables(), |fixture| {
        let id = receive(fixture, "roads", Silence::Refuses).case.id;
        decided(fixture, id, Outcome::Refused);
        fixture.clock.advance(TimeDelta::days(30));
        let act = taken_back(fixture, id, unlawful(Effect::Withdrawn)).unwrap();
        assert!(act.pends && act.hearing == Hearing::NotDue);
        assert_eq!(act.article, "L243-3");
        assert_eq!(act.past.outcome, Outcome::Refused);
        // Received on 3 June, withdrawn on 3 July: two months from 4 July.
        let case = stands(fixture, id);
        assert_eq!((case.state, case.clock_from), (State::Instruction, day("2026-07-03")));
        assert_eq!((case.received_on, case.deemed_on), (day("2026-06-03"), Some(day("2026-09-04"))));
        let dates = fixture
            .commune
            .read_blocking(By::SYSTEM, |tx| missing::dates(tx, &case, day("2026-07-03"), PARIS.holidays));
        let steps: Vec<&str> = dates.unwrap().steps.iter().map(Step::name).collect();
        assert_eq!(steps, ["pending_again", "deemed"]);
        let taken = fixture.commune.read_blocking(By::SYSTEM, |tx| decision::of_case(tx, id)).unwrap();
        assert!(taken.is_none(), "it never was");
        decided(fixture, id, Outcome::Granted);
        assert_eq!(stands(fixture, id).state, State::Decided);
    })
    .unwrap();
}

#[test]
fn what_gives_a_right_is_taken_back_only_once_whoever_has_it_was_heard() {
    on_both_engines(&tables(), |fixture| {
        let id = receive(fixture, "roads", Silence::Refuses).case.id;
        decided(fixture, id, Outcome::Granted);
        let invited = NewReversal { hearing: Hearing::Invited, ..unlawful(Effect::Withdrawn) };
        let unheard = taken_back(fixture, id, invited.clone());
        assert!(matches!(unheard, Err(CaseError::Barred(Barred::Unheard))));
        let none = NewReversal { hearing: Hearing::NotDue, ..unlawful(Effect::Withdrawn) };
        assert!(matches!(taken_back(fixture, id, none), Err(CaseError::Barred(Barred::Unheard))));
        // When they gave observations must be told, and how.
        let sometime = taken_back(fixture, id, unlawful(Effect::Withdrawn));
        assert!(matches!(sometime, Err(CaseError::Barred(Barred::Day))));
        let by = By::account(AGENT, Channel::Online);
        fixture
            .commune
            .write_blocking(by, move |tx| {
                reversal::invite(tx, &roads(Right::Decide), id, day("2026-06-18"), PARIS.zone)
            })
            .unwrap();
        let soon = taken_back(fixture, id, invited.clone());
        assert!(matches!(soon, Err(CaseError::Barred(Barred::TooSoon(until))) if until == day("2026-06-18")));
        fixture.clock.advance(TimeDelta::days(16));
        let act = taken_back(fixture, id, invited.clone()).unwrap();
        assert_eq!((act.heard_on, act.pends), (Some(day("2026-06-03")), false));
        // Silence decides nothing any more, and nothing is left to take back.
        let case = stands(fixture, id);
        assert_eq!((case.deemed_on, case.state), (None, State::Instruction));
        assert!(matches!(taken_back(fixture, id, invited), Err(CaseError::WrongState(_))));
    })
    .unwrap();
}

/// The case borrows something for a week, from the day after tomorrow on.
fn borrows(fixture: &TestCommune, id: Id<Case>) {
    let start = fixture.commune.now() + TimeDelta::days(2);
    let span = Span::new(start, start + TimeDelta::days(7)).unwrap();
    fixture
        .commune
        .write_blocking(By::SYSTEM, move |tx| {
            let loan = lending::take(tx, span, &[]).unwrap();
            lending::ask(tx, loan, ("case", id.uuid()), span, &[])
        })
        .unwrap();
}

#[test]
fn what_is_lent_is_there_for_others_unless_it_is_out_already() {
    on_both_engines(&tables(), |fixture| {
        for (days, left) in [(1, lending::State::Released), (4, lending::State::Firm)] {
            let id = receive(fixture, "roads", Silence::Refuses).case.id;
            borrows(fixture, id);
            decided(fixture, id, Outcome::Granted);
            fixture.clock.advance(TimeDelta::days(days));
            let today = civil_day(fixture.commune.now(), PARIS.zone);
            let heard = NewReversal { heard_on: Some(today), ..unlawful(Effect::Withdrawn) };
            taken_back(fixture, id, heard).unwrap();
            let loan = fixture
                .commune
                .read_blocking(By::SYSTEM, |tx| lending::of_owner(tx, ("case", id.uuid())))
                .unwrap()
                .unwrap();
            assert_eq!(loan.state, left, "{days} days later");
        }
    })
    .unwrap();
}

#[test]
fn four_months_on_only_fraud_a_condition_or_its_beneficiary_take_a_right_back() {
    on_both_engines(&tables(), |fixture| {
        let id = receive(fixture, "roads", Silence::Refuses).case.id;
        decided(fixture, id, Outcome::Granted);
        fixture.clock.advance(TimeDelta::days(123));
        let late = NewReversal { hearing: Hearing::Asked, ..unlawful(Effect::Repealed) };
        let barred = taken_back(fixture, id, late.clone());
        assert!(matches!(barred, Err(CaseError::Barred(Barred::Late(last))) if last == day("2026-10-03")));
        let condition = NewReversal { ground: Ground::Condition, ..late };
        let act = taken_back(fixture, id, condition).unwrap();
        assert_eq!((act.effect, act.article.as_str()), (Effect::Repealed, "L242-2, 1°"));
    })
    .unwrap();
}

#[test]
fn what_silence_has_granted_is_withdrawn_like_a_decision() {
    on_both_engines(&tables(), |fixture| {
        let id = receive(fixture, "roads", Silence::Grants).case.id;
        fixture.clock.advance(TimeDelta::days(62));
        let today = civil_day(fixture.commune.now(), PARIS.zone);
        assert!(
            fixture
                .commune
                .write_blocking(By::SYSTEM, move |tx| silence::record(tx, id, PARIS.zone))
                .unwrap()
        );
        let heard = NewReversal { heard_on: Some(today), ..unlawful(Effect::Withdrawn) };
        let act = taken_back(fixture, id, heard).unwrap();
        assert!(act.past.of_silence && act.past.taken_on == day("2026-08-04"));
        let implied = fixture.commune.read_blocking(By::SYSTEM, |tx| silence::of_case(tx, id)).unwrap();
        assert!(implied.is_none(), "no certificate is given of it any more");
        // It is refused now, which silence would have barred.
        decided(fixture, id, Outcome::Refused);
        // Counted anew, the figures tell what silence had granted, the act and the refusal.
        fixture.commune.write_blocking(By::SYSTEM, tally::recount).unwrap();
        let whole = (Month::of(day("2026-01-01")), Month::of(day("2026-12-31")));
        let found = fixture.commune.read_blocking(By::SYSTEM, |tx| tally::of_town(tx, whole)).unwrap();
        for measure in [Measure::Silence, Measure::Reversed, Measure::InTime] {
            assert_eq!(found.iter().filter(|it| it.measure == measure).count(), 1, "{measure:?}");
        }
    })
    .unwrap();
}

fn counted(fixture: &TestCommune) -> Vec<Tally> {
    let whole = (Month::of(day("2026-01-01")), Month::of(day("2026-12-31")));
    fixture.commune.read_blocking(By::SYSTEM, |tx| tally::of_town(tx, whole)).unwrap()
}

#[test]
fn figures_that_lag_behind_count_each_decision_as_it_was() {
    on_both_engines(&tables(), |fixture| {
        let id = receive(fixture, "roads", Silence::Refuses).case.id;
        let other = receive(fixture, "roads", Silence::Grants).case.id;
        // Received on 3 June: the first is refused after its two months, the other granted by silence.
        fixture.clock.advance(TimeDelta::days(70));
        decided(fixture, id, Outcome::Refused);
        let recorded = fixture
            .commune
            .write_blocking(By::SYSTEM, move |tx| silence::record(tx, other, PARIS.zone))
            .unwrap();
        assert!(recorded);
        fixture.clock.advance(TimeDelta::days(1));
        taken_back(fixture, id, unlawful(Effect::Withdrawn)).unwrap();
        let heard = NewReversal { heard_on: Some(day("2026-08-13")), ..unlawful(Effect::Withdrawn) };
        taken_back(fixture, other, heard).unwrap();
        // What is asked for from then on belongs to the second decision alone.
        fixture.clock.advance(TimeDelta::days(1));
        let asked = fixture.commune.write_blocking(By::SYSTEM, move |tx| {
            let everywhere = Access::default().with(None, Right::Decide);
            missing::ask(tx, &everywhere, id, "Un plan", None, PARIS)?;
            missing::record_arrival(tx, &everywhere, id, PARIS).map(drop)
        });
        asked.unwrap();
        fixture.clock.advance(TimeDelta::days(1));
        decided(fixture, id, Outcome::Granted);
        decided(fixture, other, Outcome::Refused);
        // Only now is all of it counted.
        let workers = Arc::new(Workers { subscribers: vec![Arc::new(Tallies)], handlers: Vec::new() });
        fixture.settle(&workers).unwrap();
        let found = counted(fixture);
        let told = |measure: Measure| {
            let these = found.iter().filter(|it| it.measure == measure);
            these.map(|it| (it.value.as_str(), it.cases)).collect::<Vec<_>>()
        };
        assert_eq!(told(Measure::Late), [("70", 1)]);
        assert_eq!(told(Measure::InTime), [("73", 2)]);
        assert_eq!(told(Measure::Silence), [("granted", 1)]);
        assert_eq!(told(Measure::Reversed), [("withdrawn", 2)]);
        assert_eq!(told(Measure::Rounds), [("0", 3), ("1", 1)]);
        fixture.commune.write_blocking(By::SYSTEM, tally::recount).unwrap();
        assert_eq!(counted(fixture), found, "counted anew it is the same");
    })
    .unwrap();
}

#[test]
fn a_decision_counts_once_whether_it_is_counted_before_or_after_it_is_taken_back() {
    on_both_engines(&tables(), |fixture| {
        let workers = Arc::new(Workers { subscribers: vec![Arc::new(Tallies)], handlers: Vec::new() });
        let id = receive(fixture, "roads", Silence::Refuses).case.id;
        decided(fixture, id, Outcome::Refused);
        fixture.settle(&workers).unwrap();
        for _ in 0..2 {
            // The second decision is taken back before anybody counts it.
            fixture.clock.advance(TimeDelta::days(2));
            taken_back(fixture, id, unlawful(Effect::Withdrawn)).unwrap();
            fixture.clock.advance(TimeDelta::days(2));
            decided(fixture, id, Outcome::Refused);
        }
        fixture.settle(&workers).unwrap();
        let found = counted(fixture);
        let in_time = found.iter().filter(|it| it.measure == Measure::InTime);
        let in_time: Vec<_> = in_time.map(|it| (it.value.as_str(), it.cases)).collect();
        assert_eq!(in_time, [("0", 1), ("4", 1), ("8", 1)]);
        fixture.commune.write_blocking(By::SYSTEM, tally::recount).unwrap();
        assert_eq!(counted(fixture), found);
    })
    .unwrap();
}
