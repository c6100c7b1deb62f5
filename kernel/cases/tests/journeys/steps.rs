//! Steps, opinions, tasks and transfers of a case, on both engines.

use beffroi_cases::{
    Access, CaseError, Right,
    advice::{self, Asked, NewOpinion, Shared, View},
    case::{self, Received, State},
    decision, erasure,
    step::{self, Arrival, Due, Timer},
    task::{self, NewTask, Whose},
    transfer,
};
use beffroi_core::{Channel, Id, legal_clock::Silence};
use beffroi_store::{
    By, Tx,
    testing::{TestCommune, on_both_engines},
};
use chrono::TimeDelta;
use serde_json::json;

use crate::support::{AGENT, PARIS, day, receive, refusal, roads, tables};

/// A colleague who has no tasks; and the same where they stand in for the agent.
const COLLEAGUE: &[uuid::Uuid] = &[uuid::Uuid::from_u128(9)];
const TOGETHER: &[uuid::Uuid] = &[uuid::Uuid::from_u128(9), AGENT];

fn act<T: Send + 'static>(
    fixture: &TestCommune,
    work: impl FnOnce(&mut Tx<'_>) -> Result<T, CaseError> + Send + 'static,
) -> Result<T, CaseError> {
    fixture.commune.write_blocking(By::account(AGENT, Channel::Online), work)
}

fn taken_up(fixture: &TestCommune) -> Received {
    let received = receive(fixture, "roads", Silence::Refuses);
    let id = received.case.id;
    act(fixture, move |tx| case::take_up(tx, &roads(Right::Handle), id, AGENT)).unwrap();
    received
}

#[test]
fn who_saw_another_step_or_other_answers_is_told() {
    on_both_engines(&tables(), |fixture| {
        let id = taken_up(fixture).case.id;
        let enter = |seen: Option<&'static str>, to: &'static str| {
            act(fixture, move |tx| {
                let arrival = Arrival { step: to, acting: None, timers: &[] };
                step::enter(tx, &roads(Right::Handle), id, seen, arrival, PARIS.zone)
            })
        };
        assert!(enter(Some(""), "opinion").unwrap());
        assert!(!enter(None, "opinion").unwrap(), "it stands there already");
        assert!(matches!(enter(Some(""), "visit"), Err(CaseError::Overtaken)));
        let fill = |seen: u32, width: i32| {
            act(fixture, move |tx| {
                step::fill(tx, &roads(Right::Handle), id, "opinion", seen, &json!({ "width": width }))
            })
        };
        fill(0, 3).unwrap();
        assert!(matches!(fill(0, 4), Err(CaseError::Overtaken)));
        fill(1, 5).unwrap();
        assert!(enter(Some("opinion"), "visit").unwrap());
        let known = act(fixture, move |tx| Ok(step::filled(tx, id)?)).unwrap();
        assert_eq!(known.get("opinion"), Some(&json!({ "width": 5 })));
        let never = act(fixture, move |tx| step::fill(tx, &roads(Right::Handle), id, "order", 0, &json!({})));
        assert!(matches!(never, Err(CaseError::WrongState(State::Instruction))));
    })
    .unwrap();
}

#[test]
fn the_department_that_acts_handles_the_case_and_no_more_for_as_long_as_that_lasts() {
    on_both_engines(&tables(), |fixture| {
        let id = taken_up(fixture).case.id;
        let water = || Access::default().with(Some("water"), Right::Decide);
        let reads = || act(fixture, move |tx| case::read(tx, &water(), id).map(drop));
        assert!(matches!(reads(), Err(CaseError::NotFound)));
        let enter = |acting: Option<&'static str>, to: &'static str| {
            act(fixture, move |tx| {
                let arrival = Arrival { step: to, acting, timers: &[] };
                step::enter(tx, &roads(Right::Handle), id, None, arrival, PARIS.zone)
            })
            .unwrap()
        };
        enter(Some("water"), "pipes");
        reads().unwrap();
        let decided = act(fixture, move |tx| decision::decide(tx, &water(), id, &refusal(), PARIS.zone));
        assert!(matches!(decided, Err(CaseError::Forbidden)));
        let listed = act(fixture, move |tx| Ok(step::acting(tx, &water(), &["water".to_owned()])?)).unwrap();
        assert_eq!(listed.len(), 1);
        enter(None, "order");
        assert!(matches!(reads(), Err(CaseError::NotFound)));
    })
    .unwrap();
}

#[test]
fn what_is_due_is_found_on_its_day_and_taken_once() {
    on_both_engines(&tables(), |fixture| {
        let received = taken_up(fixture);
        let (id, deemed) = (received.case.id, received.case.deemed_on.unwrap());
        act(fixture, move |tx| {
            let timers = [
                Timer { action: "later".to_owned(), due: Due::after(day("2026-06-03"), 10) },
                Timer { action: "before".to_owned(), due: Due::DaysBeforeDeemed(15) },
            ];
            let arrival = Arrival { step: "opinion", acting: None, timers: &timers };
            step::enter(tx, &roads(Right::Handle), id, None, arrival, PARIS.zone)
        })
        .unwrap();
        let due = |on| act(fixture, move |tx| Ok(step::due(tx, on, 10)?)).unwrap();
        assert_eq!(due(day("2026-06-12")).len(), 0);
        let found = due(day("2026-06-13"));
        assert_eq!(found.iter().map(|it| it.action.as_str()).collect::<Vec<_>>(), ["later"]);
        let near = deemed - TimeDelta::days(15);
        assert_eq!(due(near - TimeDelta::days(1)).len(), 1);
        assert_eq!(due(near).len(), 2);
        let later = found.into_iter().next().unwrap();
        let again = later.clone();
        assert!(act(fixture, move |tx| step::take(tx, &later)).unwrap().is_some());
        assert!(act(fixture, move |tx| step::take(tx, &again)).unwrap().is_none());
        assert_eq!(due(near).len(), 1);
    })
    .unwrap();
}

fn question(asked: Asked) -> NewOpinion {
    NewOpinion {
        asked,
        question: "La rue est-elle libre ?".to_owned(),
        shared: Shared { fields: vec!["kind".to_owned()], documents: Vec::new() },
        due_on: day("2026-06-20"),
    }
}

#[test]
fn a_link_serves_one_opinion_until_it_is_over_and_is_kept_as_a_hash() {
    on_both_engines(&tables(), |fixture| {
        let id = taken_up(fixture).case.id;
        let expert = Asked::Expert { name: "SDIS".to_owned(), email: "sdis@example.org".to_owned() };
        let (opinion, secret) = act(fixture, move |tx| {
            advice::ask(tx, &roads(Right::Handle), id, Some(AGENT), question(expert), PARIS.zone)
        })
        .unwrap();
        let secret = secret.unwrap().reveal().to_owned();
        assert_eq!(secret.len(), 64);
        let kept = secret.clone();
        let told: i64 = act(fixture, move |tx| {
            Ok(tx.query_one(
                "SELECT COUNT(*) FROM advice_link WHERE secret_hash = $1",
                &[&kept.as_bytes()],
                |row| row.get(0),
            )?)
        })
        .unwrap();
        assert_eq!(told, 0, "the secret itself is kept nowhere");
        let open = |presented: &str| {
            let presented = presented.to_owned();
            act(fixture, move |tx| advice::open(tx, &presented)).unwrap().map(|(found, _)| found.id)
        };
        assert_eq!(open(&secret), Some(opinion.id));
        assert_eq!(open("guessed"), None);
        fixture.clock.advance(TimeDelta::days(40));
        assert_eq!(open(&secret), Some(opinion.id), "late is better than never");
        fixture.clock.advance(TimeDelta::days(40));
        assert_eq!(open(&secret), None);
    })
    .unwrap();
}

#[test]
fn an_opinion_is_given_once_and_by_whom_it_was_asked_of() {
    on_both_engines(&tables(), |fixture| {
        let id = taken_up(fixture).case.id;
        let (asked, _) = act(fixture, move |tx| {
            let of = question(Asked::Department("water".to_owned()));
            advice::ask(tx, &roads(Right::Handle), id, Some(AGENT), of, PARIS.zone)
        })
        .unwrap();
        let answer = |access: Access, view, words: &'static str| {
            act(fixture, move |tx| advice::answer_inside(tx, &access, asked.id, AGENT, view, words).map(drop))
        };
        let water = |right| Access::default().with(Some("water"), right);
        assert!(matches!(answer(roads(Right::Decide), View::Favourable, ""), Err(CaseError::NotFound)));
        assert!(matches!(answer(water(Right::Read), View::Favourable, ""), Err(CaseError::Forbidden)));
        assert!(matches!(answer(water(Right::Handle), View::Unfavourable, " "), Err(CaseError::Text(_))));
        answer(water(Right::Handle), View::Favourable, "").unwrap();
        assert!(matches!(answer(water(Right::Handle), View::Favourable, ""), Err(CaseError::WrongState(_))));
    })
    .unwrap();
}

#[test]
fn tasks_are_listed_by_their_day_page_by_page() {
    on_both_engines(&tables(), |fixture| {
        let id = taken_up(fixture).case.id;
        for (number, on) in ["2026-06-20", "2026-06-10", "2026-06-15"].into_iter().enumerate() {
            act(fixture, move |tx| {
                let new = NewTask {
                    words: format!("Tâche {number}"),
                    department: "roads".to_owned(),
                    assignee: (number == 2).then_some(AGENT),
                    due_on: day(on),
                };
                task::add(tx, &roads(Right::Handle), id, Some(AGENT), new, &[AGENT])
            })
            .unwrap();
        }
        let page = |whose, after| {
            act(fixture, move |tx| {
                Ok(task::open_page(tx, &roads(Right::Handle), &["roads".to_owned()], whose, after, 2)?)
            })
            .unwrap()
        };
        let words = |page: &task::TaskPage| {
            page.tasks.iter().map(|(task, ..)| task.words.clone()).collect::<Vec<_>>()
        };
        let first = page(Whose::All, None);
        assert_eq!(words(&first), ["Tâche 1", "Tâche 2"]);
        let second = page(Whose::All, first.next);
        assert_eq!((words(&second), second.next), (vec!["Tâche 0".to_owned()], None));
        let other = page(Whose::Of(COLLEAGUE), None);
        assert_eq!(words(&other), ["Tâche 1", "Tâche 0"], "not those of a colleague");
        let both = page(Whose::Of(TOGETHER), None);
        assert_eq!(words(&both), ["Tâche 1", "Tâche 2"], "those of whom they stand in for, too");
    })
    .unwrap();
}

#[test]
fn a_case_that_was_handed_over_is_over_and_what_was_said_in_its_steps_is_erased_with_it() {
    on_both_engines(&tables(), |fixture| {
        let id = taken_up(fixture).case.id;
        act(fixture, move |tx| {
            let arrival = Arrival { step: "opinion", acting: None, timers: &[] };
            step::enter(tx, &roads(Right::Handle), id, None, arrival, PARIS.zone)?;
            step::fill(tx, &roads(Right::Handle), id, "opinion", 0, &json!({ "note": "secret" }))?;
            let of =
                question(Asked::Expert { name: "SDIS".to_owned(), email: "sdis@example.org".to_owned() });
            advice::ask(tx, &roads(Right::Handle), id, Some(AGENT), of, PARIS.zone)?;
            let new = NewTask {
                words: "Appeler M. Peyron".to_owned(),
                department: "roads".to_owned(),
                assignee: None,
                due_on: day("2026-06-20"),
            };
            task::add(tx, &roads(Right::Handle), id, Some(AGENT), new, &[]).map(drop)
        })
        .unwrap();
        let hand = |right| {
            act(fixture, move |tx| {
                let words = ("Le département", "03 00", "La route est départementale.");
                transfer::out(tx, &roads(right), id, words, PARIS.zone).map(drop)
            })
        };
        assert!(matches!(hand(Right::Handle), Err(CaseError::Forbidden)));
        hand(Right::Decide).unwrap();
        assert!(matches!(hand(Right::Decide), Err(CaseError::WrongState(State::Transferred))));
        let received = |on| {
            act(fixture, move |tx| transfer::received(tx, &roads(Right::Handle), id, day(on), PARIS.zone))
        };
        assert!(matches!(received("2026-06-01"), Err(CaseError::Day)));
        received("2026-06-03").unwrap();
        act(fixture, move |tx| erasure::erase(tx, id, "Effacé").map(drop)).unwrap();
        for table in ["case_step", "advice", "advice_link", "task", "case_timer"] {
            let sql = format!("SELECT COUNT(*) FROM {table}");
            let left: i64 = act(fixture, move |tx| Ok(tx.query_one(&sql, &[], |row| row.get(0))?)).unwrap();
            assert_eq!(left, 0, "{table}");
        }
        let out = act(fixture, move |tx| transfer::of_case(tx, id)).unwrap().unwrap();
        assert_eq!((out.body.as_str(), out.reasons.as_str()), ("Le département", ""));
        let _: Id<case::Case> = id;
    })
    .unwrap();
}
