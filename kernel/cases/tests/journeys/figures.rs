//! What is counted as it happens is what is counted anew from the cases; opinions are given once and lead to nobody.

use std::sync::Arc;

use beffroi_cases::{
    Access, CaseError, Right,
    case::{self, Case},
    decision, missing,
    opinion::{self, Satisfaction, Token},
    silence,
    summary::Summary,
    tally::{self, Month, Tallies, Tally},
};
use beffroi_core::{Id, legal_clock::Silence};
use beffroi_store::{
    By, StoreError,
    background::Workers,
    journal,
    testing::{TestCommune, on_both_engines},
};
use chrono::TimeDelta;

use crate::support::{AGENT, PARIS, day, receive, refusal, roads, tables};

fn counting() -> Arc<Workers> {
    Arc::new(Workers { subscribers: vec![Arc::new(Tallies)], handlers: Vec::new() })
}

fn year() -> (Month, Month) {
    (Month::of(day("2026-01-01")), Month::of(day("2026-12-01")))
}

fn counted(fixture: &TestCommune, access: &Access) -> Vec<Tally> {
    let both = ["parks".to_owned(), "roads".to_owned()];
    let read = |tx: &mut beffroi_store::Tx<'_>| tally::of_departments(tx, access, &both, None, year());
    fixture.commune.read_blocking(By::SYSTEM, read).unwrap()
}

fn decide(fixture: &TestCommune, id: Id<Case>) {
    let decided = fixture.commune.write_blocking(By::SYSTEM, move |tx| {
        decision::decide(tx, &roads(Right::Decide), id, &refusal(), PARIS.zone)
    });
    decided.unwrap();
}

/// A year in the life of two departments.
fn live(fixture: &TestCommune) -> [Id<Case>; 6] {
    let cases: [_; 6] = std::array::from_fn(|_| receive(fixture, "roads", Silence::Grants).case.id);
    receive(fixture, "parks", Silence::Refuses);
    let routed = receive(fixture, "parks", Silence::Refuses).case.id;
    let [asked, second, third, late @ ..] = cases;
    let done = fixture.commune.write_blocking(By::SYSTEM, move |tx| {
        let everywhere = Access::default().with(None, Right::Decide);
        case::route(tx, &everywhere, routed, "roads")?;
        missing::ask(tx, &everywhere, asked, "Un plan", None, PARIS)?;
        missing::record_arrival(tx, &everywhere, asked, PARIS)?;
        missing::ask(tx, &everywhere, asked, "Un autre plan", None, PARIS)?;
        missing::record_arrival(tx, &everywhere, asked, PARIS).map(drop)
    });
    done.unwrap();
    fixture.clock.advance(TimeDelta::days(10));
    for id in [asked, second, third] {
        decide(fixture, id);
    }
    fixture.clock.advance(TimeDelta::days(60));
    // Nobody has decided these: silence grants them, and refuses the one that was handed over, which is then decided.
    for id in late.into_iter().chain([routed]) {
        fixture.commune.write_blocking(By::SYSTEM, move |tx| silence::record(tx, id, PARIS.zone)).unwrap();
    }
    decide(fixture, routed);
    cases
}

#[test]
fn what_is_counted_as_it_happens_is_what_the_cases_say() {
    on_both_engines(&tables(), |fixture| {
        let workers = counting();
        let everything = Access::default().with(None, Right::Read);
        let early = receive(fixture, "roads", Silence::Grants).case.id;
        fixture.settle(&workers).unwrap();
        decide(fixture, early);
        let cases = live(fixture);
        let id = cases[0];
        let given = fixture.commune.write_blocking(By::VISITOR, move |tx| {
            let case = case::find(tx, id)?.unwrap();
            opinion::give(tx, &case, Satisfaction::Fair, "")
        });
        assert!(given.unwrap());
        fixture.settle(&workers).unwrap();
        let as_it_happened = counted(fixture, &everything);
        let summary = Summary::of(&as_it_happened);
        assert_eq!((summary.received, summary.by_channel["online"]), (9, 9));
        assert_eq!((summary.decided(), summary.late), (5, 1));
        assert_eq!((summary.silence_granted, summary.silence_refused), (3, 1));
        assert_eq!((summary.ended, summary.rounds, summary.asked), (8, 2, 1));
        assert_eq!((summary.delays.within(50), summary.delays.within(90)), (Some(10), Some(70)));
        assert_eq!(summary.opinions, [0, 1, 0]);
        // The one that was handed over counts where it went.
        let parks = Access::default().with(Some("parks"), Right::Read);
        assert_eq!(Summary::of(&counted(fixture, &parks)).received, 1);
        assert_eq!(counted(fixture, &Access::default()), []);
        for _ in 0..2 {
            let counts = fixture.commune.write_blocking(By::SYSTEM, tally::recount).unwrap();
            assert!(counts > 0);
            fixture.settle(&workers).unwrap();
            assert_eq!(counted(fixture, &everything), as_it_happened);
        }
        // What comes after is counted once.
        receive(fixture, "roads", Silence::Grants);
        fixture.settle(&workers).unwrap();
        assert_eq!(Summary::of(&counted(fixture, &everything)).received, 10);
    })
    .unwrap();
}

#[test]
fn an_opinion_is_given_once_after_the_decision_and_leads_to_nobody() {
    on_both_engines(&tables(), |fixture| {
        let id = receive(fixture, "roads", Silence::Grants).case.id;
        let (token, other) = fixture
            .commune
            .read_blocking(By::SYSTEM, |tx| Ok::<_, StoreError>((Token::draw(tx), Token::draw(tx))))
            .unwrap();
        let give = |token: &Token, comment: &str| {
            let (token, comment) = (token.clone(), comment.to_owned());
            fixture.commune.write_blocking(By::VISITOR, move |tx| {
                let case = opinion::invited(tx, &token)?.ok_or(CaseError::NotFound)?;
                opinion::give(tx, &case, Satisfaction::Good, &comment)
            })
        };
        let (first, second) = (token.clone(), other.clone());
        let invited = fixture.commune.write_blocking(By::SYSTEM, move |tx| {
            Ok::<_, StoreError>((opinion::invite(tx, id, &first)?, opinion::invite(tx, id, &second)?))
        });
        assert_eq!(invited.unwrap(), (true, false));
        assert!(matches!(give(&token, ""), Err(CaseError::WrongState(_))), "nothing is decided yet");
        fixture
            .commune
            .write_blocking(By::SYSTEM, move |tx| case::take_up(tx, &roads(Right::Handle), id, AGENT))
            .unwrap();
        decide(fixture, id);
        assert!(matches!(give(&other, ""), Err(CaseError::NotFound)));
        assert!(matches!(give(&token, &"é".repeat(1_001)), Err(CaseError::Text(1_000))));
        assert!(give(&token, "Merci à Awa !").unwrap());
        assert!(!give(&token, "Encore").unwrap(), "once");
        let (comments, entries) = fixture
            .commune
            .read_blocking(By::SYSTEM, |tx| {
                let places = ["roads".to_owned()];
                let month = Month::of(day("2026-06-01"));
                let comments = opinion::comments(tx, &roads(Right::Read), &places, None, month, 10)?;
                Ok::<_, StoreError>((comments, journal::of_subject(tx, "case", id.uuid(), 100)?))
            })
            .unwrap();
        assert_eq!(comments[0].words, "Merci à Awa !");
        assert!(entries.iter().all(|entry| entry.kind != "opinion.given"), "no history tells who said what");
        let column = fixture.commune.read_blocking(By::SYSTEM, |tx| {
            let sql = "SELECT COUNT(*) FROM opinion WHERE id = $1";
            tx.query_one(sql, &[&id], |row| row.get::<i64>(0))
        });
        assert_eq!(column.unwrap(), 0);
        let later = Month::of(day("2027-07-01"));
        let gone = fixture.commune.write_blocking(By::SYSTEM, move |tx| opinion::forget_comments(tx, later));
        assert_eq!(gone.unwrap(), 1);
    })
    .unwrap();
}
