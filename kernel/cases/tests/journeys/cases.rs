//! A case from its receipt to its decision, on both engines.

use beffroi_cases::{
    Access, CaseError, Right,
    case::{self, NewCase, Received, State},
    decision::{self, Outcome},
    exchange, figures,
    inbox::{self, Filter, LateOn},
    missing,
    step::{self, Arrival},
    tracking::{self, TrackingCode},
};
use beffroi_core::{Channel, legal_clock::Silence};
use beffroi_store::{
    By, StoreError, journal,
    testing::{TestCommune, on_both_engines},
};
use chrono::TimeDelta;
use serde_json::json;

use crate::support::{AGENT, PARIS, day, new_case, receive, refusal, roads, tables};

#[test]
fn a_reference_that_is_taken_is_drawn_again() {
    let drawn = std::cell::RefCell::new(Vec::new());
    on_both_engines(&tables(), |fixture| {
        let first = receive(fixture, "roads", Silence::Refuses).case;
        let second = receive(fixture, "roads", Silence::Refuses).case;
        drawn.borrow_mut().push((first.reference, second.reference));
    })
    .unwrap();
    let (first_drawn, second_drawn) = drawn.take().remove(0);
    // The same seed draws the same letters, and the first case is given what the second would be called.
    on_both_engines(&tables(), |fixture| {
        let first = receive(fixture, "roads", Silence::Refuses).case;
        assert_eq!(first.reference, first_drawn);
        let (id, taken) = (first.id, second_drawn.clone());
        let renamed = fixture.commune.write_blocking(By::SYSTEM, move |tx| {
            tx.execute("UPDATE cases SET reference = $1 WHERE id = $2", &[&taken, &id])
        });
        assert_eq!(renamed.unwrap(), 1);
        let second = receive(fixture, "roads", Silence::Refuses).case;
        assert_ne!(second.reference, second_drawn);
        let (kept, asked) = (second.id, second.reference);
        let found =
            fixture.commune.read_blocking(By::SYSTEM, |tx| tracking::by_reference(tx, &asked)).unwrap();
        assert_eq!(found.map(|case| case.id), Some(kept));
    })
    .unwrap();
}

fn stands(fixture: &TestCommune, code: &TrackingCode) -> case::Case {
    let code = code.clone();
    fixture.commune.read_blocking(By::VISITOR, |tx| tracking::open(tx, &code)).unwrap().unwrap()
}

#[test]
fn a_request_is_received_with_its_legal_dates_and_opened_by_its_code() {
    on_both_engines(&tables(), |fixture| {
        let received = receive(fixture, "roads", Silence::Refuses);
        assert_eq!(received.case.received_on, day("2026-06-03"));
        assert_eq!(received.case.register_by, day("2026-06-04"));
        assert_eq!(received.case.acknowledge_by, day("2026-06-17"));
        assert_eq!(received.case.deemed_on, Some(day("2026-08-04")));
        let found = stands(fixture, &received.code);
        assert_eq!((found.id, found.state), (received.case.id, State::Received));
        assert_eq!(found.answers, json!({ "kind": "skip" }));
        let guessed = TrackingCode::parse("2222-2222-2222").unwrap();
        let none = fixture.commune.read_blocking(By::VISITOR, |tx| tracking::open(tx, &guessed)).unwrap();
        assert!(none.is_none());
    })
    .unwrap();
}

#[test]
fn asking_for_documents_suspends_the_clock_where_silence_refuses() {
    on_both_engines(&tables(), |fixture| {
        let Received { case, code } = receive(fixture, "roads", Silence::Refuses);
        let (id, access) = (case.id, roads(Right::Handle));
        fixture.clock.advance(TimeDelta::days(7));
        fixture
            .commune
            .write_blocking(By::account(AGENT, Channel::Online), move |tx| {
                missing::ask(tx, &access, id, "Un plan coté", Some(day("2026-06-30")), PARIS)
            })
            .unwrap();
        let waiting = stands(fixture, &code);
        assert_eq!(waiting.state, State::Waiting);
        // The time given bounds the suspension: 10 to 30 June, 21 days after 4 August.
        assert_eq!(waiting.deemed_on, Some(day("2026-08-25")));
        fixture.clock.advance(TimeDelta::days(5));
        let sent = code.clone();
        fixture.commune.write_blocking(By::VISITOR, move |tx| missing::arrive(tx, &sent, PARIS)).unwrap();
        let now = stands(fixture, &code);
        assert_eq!(now.state, State::Instruction);
        // 10 to 15 June, both included: six days after 4 August.
        assert_eq!(now.deemed_on, Some(day("2026-08-10")));
    })
    .unwrap();
}

#[test]
fn the_clock_starts_afresh_where_silence_grants() {
    on_both_engines(&tables(), |fixture| {
        let Received { case, code } = receive(fixture, "roads", Silence::Grants);
        let (id, access) = (case.id, roads(Right::Handle));
        fixture
            .commune
            .write_blocking(By::SYSTEM, move |tx| missing::ask(tx, &access, id, "Les statuts", None, PARIS))
            .unwrap();
        assert_eq!(stands(fixture, &code).deemed_on, None, "no term runs while documents are awaited");
        fixture.clock.advance(TimeDelta::days(12));
        let sent = code.clone();
        fixture.commune.write_blocking(By::VISITOR, move |tx| missing::arrive(tx, &sent, PARIS)).unwrap();
        assert_eq!(stands(fixture, &code).deemed_on, Some(day("2026-08-16")));
    })
    .unwrap();
}

#[test]
fn a_case_that_waits_is_not_late_until_its_term_has_run() {
    on_both_engines(&tables(), |fixture| {
        for silence in [Silence::Grants, Silence::Refuses] {
            let (id, access) = (receive(fixture, "roads", silence).case.id, roads(Right::Handle));
            let until = Some(day("2026-06-30"));
            fixture
                .commune
                .write_blocking(By::SYSTEM, move |tx| missing::ask(tx, &access, id, "Un plan", until, PARIS))
                .unwrap();
        }
        let late = |today: &str| {
            let (access, today) = (roads(Right::Read), day(today));
            fixture
                .commune
                .read_blocking(By::SYSTEM, move |tx| {
                    let counted = figures::late(tx, &access, &["roads".to_owned()], today)?;
                    let late = inbox::late(tx, &access, &["roads"], LateOn::of(today, PARIS.zone))?;
                    Ok::<_, CaseError>((late, counted.values().sum::<i64>()))
                })
                .unwrap()
        };
        // Received on 3 June, suspended from that day to 30 June, resumed on 1 July for two months.
        assert_eq!(late("2026-08-04"), (0, 0));
        assert_eq!(late("2026-08-30"), (0, 0));
        // Months later only the term that the time given had merely suspended has run.
        assert_eq!(late("2026-12-01"), (1, 1));
    })
    .unwrap();
}

#[test]
fn a_case_under_instruction_keeps_the_step_that_it_has_reached() {
    on_both_engines(&tables(), |fixture| {
        let Received { case, code } = receive(fixture, "roads", Silence::Refuses);
        let id = case.id;
        let reach = |right, step: &'static str| {
            let access = roads(right);
            let by = By::account(AGENT, Channel::Online);
            fixture.commune.write_blocking(by, move |tx| {
                step::enter(tx, &access, id, None, Arrival { step, acting: None, timers: &[] }, PARIS.zone)
            })
        };
        assert!(matches!(reach(Right::Handle, "opinion"), Err(CaseError::WrongState(State::Received))));
        let access = roads(Right::Handle);
        fixture.commune.write_blocking(By::SYSTEM, move |tx| case::take_up(tx, &access, id, AGENT)).unwrap();
        assert!(matches!(reach(Right::Read, "opinion"), Err(CaseError::Forbidden)));
        reach(Right::Handle, "opinion").unwrap();
        assert_eq!(stands(fixture, &code).step.as_deref(), Some("opinion"));
    })
    .unwrap();
}

#[test]
fn two_agents_who_decide_at_once_do_not_both_decide() {
    on_both_engines(&tables(), |fixture| {
        let Received { case, code } = receive(fixture, "roads", Silence::Refuses);
        let id = case.id;
        let decide = || {
            let access = roads(Right::Decide);
            fixture.commune.write_blocking(By::account(AGENT, Channel::Online), move |tx| {
                decision::decide(tx, &access, id, &refusal(), PARIS.zone)
            })
        };
        assert_eq!(decide().unwrap().number.as_deref(), Some("2026-ODP-0001"));
        assert!(matches!(decide(), Err(CaseError::WrongState(State::Decided))));
        let opened = code.clone();
        let told =
            fixture.commune.write_blocking(By::VISITOR, move |tx| decision::open(tx, &opened)).unwrap();
        assert_eq!(told.outcome, Outcome::Refused);
        assert!(told.read_at.is_some(), "the first reading is the proof of notification");
        let late = fixture.commune.write_blocking(By::VISITOR, move |tx| case::withdraw(tx, &code));
        assert!(matches!(late, Err(CaseError::WrongState(State::Decided))));
    })
    .unwrap();
}

#[test]
fn a_decision_that_fails_leaves_no_gap_in_the_numbers() {
    on_both_engines(&tables(), |fixture| {
        let numbers: Vec<_> = (0..3)
            .map(|n| {
                let id = receive(fixture, "roads", Silence::Refuses).case.id;
                let decide = move |fails: bool| {
                    fixture.commune.write_blocking(By::SYSTEM, move |tx| {
                        let access = roads(Right::Decide);
                        let decided = decision::decide(tx, &access, id, &refusal(), PARIS.zone)?;
                        if fails {
                            Err(StoreError::Invalid("power cut".to_owned()).into())
                        } else {
                            Ok(decided)
                        }
                    })
                };
                if n == 1 {
                    let failed: Result<_, CaseError> = decide(true);
                    assert!(failed.is_err());
                }
                decide(false).unwrap().number.unwrap()
            })
            .collect();
        assert_eq!(numbers, ["2026-ODP-0001", "2026-ODP-0002", "2026-ODP-0003"]);
    })
    .unwrap();
}

#[test]
fn whoever_may_not_know_of_a_case_is_told_that_there_is_none() {
    on_both_engines(&tables(), |fixture| {
        let id = receive(fixture, "civil-status", Silence::None).case.id;
        let elsewhere = roads(Right::Decide);
        let read = fixture.commune.read_blocking(By::SYSTEM, |tx| case::read(tx, &elsewhere, id));
        assert!(matches!(read, Err(CaseError::NotFound)));
        let decided = fixture.commune.write_blocking(By::SYSTEM, move |tx| {
            decision::decide(tx, &roads(Right::Decide), id, &refusal(), PARIS.zone)
        });
        assert!(matches!(decided, Err(CaseError::NotFound)));
        let reader = Access::default().with(Some("civil-status"), Right::Read);
        let taken =
            fixture.commune.write_blocking(By::SYSTEM, move |tx| case::take_up(tx, &reader, id, AGENT));
        assert!(matches!(taken, Err(CaseError::Forbidden)));
        let inbox = fixture.commune.read_blocking(By::SYSTEM, |tx| {
            inbox::page(tx, &roads(Right::Read), "civil-status", &Filter::default(), None, 20)
        });
        assert!(matches!(inbox, Err(CaseError::NotFound)));
    })
    .unwrap();
}

#[test]
fn the_inbox_shows_first_what_presses_page_after_page() {
    on_both_engines(&tables(), |fixture| {
        for silence in [Silence::None, Silence::Refuses, Silence::Grants, Silence::Refuses, Silence::None] {
            receive(fixture, "roads", silence);
            fixture.clock.advance(TimeDelta::days(1));
        }
        let access = roads(Right::Decide);
        let mut after = None;
        let mut seen = Vec::new();
        loop {
            let read = access.clone();
            let page = fixture
                .commune
                .read_blocking(By::SYSTEM, |tx| inbox::page(tx, &read, "roads", &Filter::default(), after, 2))
                .unwrap();
            assert!(page.cases.len() <= 2);
            seen.extend(page.cases.iter().map(|case| case.deemed_on));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        let expected = ["2026-08-05", "2026-08-06", "2026-08-07"].map(|text| Some(day(text)));
        assert_eq!(seen[..3], expected);
        assert_eq!(seen[3..], [None, None], "what has no term comes last");

        let late = fixture
            .commune
            .read_blocking(By::SYSTEM, |tx| {
                inbox::late(tx, &access, &["roads"], LateOn::of(day("2026-08-06"), PARIS.zone))
            })
            .unwrap();
        assert_eq!(late, 2);
    })
    .unwrap();
}

#[test]
fn the_inboxes_of_several_departments_are_one_list() {
    on_both_engines(&tables(), |fixture| {
        for (number, silence) in
            [Silence::Refuses, Silence::None, Silence::Grants, Silence::Refuses].iter().enumerate()
        {
            receive(fixture, if number % 2 == 0 { "roads" } else { "parks" }, *silence);
            receive(fixture, "civil-status", *silence);
            fixture.clock.advance(TimeDelta::days(1));
        }
        let access = roads(Right::Read).with(Some("parks"), Right::Read);
        let read = |departments: &'static [&'static str], after| {
            let access = access.clone();
            fixture.commune.read_blocking(By::SYSTEM, move |tx| {
                inbox::page_of(tx, &access, departments, &Filter::default(), after, 3)
            })
        };
        let first = read(&["roads", "parks"], None).unwrap();
        let second = read(&["roads", "parks"], first.next).unwrap();
        let seen: Vec<_> = first
            .cases
            .iter()
            .chain(&second.cases)
            .map(|case| (case.department.as_str(), case.deemed_on))
            .collect();
        let expected = [
            ("roads", Some(day("2026-08-04"))),
            ("roads", Some(day("2026-08-06"))),
            ("parks", Some(day("2026-08-07"))),
            ("parks", None),
        ];
        assert_eq!((seen.as_slice(), second.next), (expected.as_slice(), None));
        assert!(matches!(read(&["roads", "civil-status"], None), Err(CaseError::NotFound)));
        assert!(read(&[], None).unwrap().cases.is_empty());
    })
    .unwrap();
}

#[test]
fn filters_and_counts_follow_the_cases() {
    on_both_engines(&tables(), |fixture| {
        let first = receive(fixture, "roads", Silence::Refuses).case.id;
        let second = receive(fixture, "roads", Silence::Refuses).case.id;
        receive(fixture, "roads", Silence::Refuses);
        fixture
            .commune
            .write_blocking(By::SYSTEM, move |tx| {
                case::take_up(tx, &roads(Right::Handle), first, AGENT)?;
                case::route(tx, &roads(Right::Handle), second, "parks")
            })
            .unwrap();
        let show = |filter: Filter| {
            fixture
                .commune
                .read_blocking(By::SYSTEM, |tx| {
                    inbox::page(tx, &roads(Right::Read), "roads", &filter, None, 20)
                })
                .unwrap()
                .cases
        };
        assert_eq!(show(Filter::default()).len(), 2);
        let mine = show(Filter { assignees: vec![AGENT], ..Filter::default() });
        assert_eq!(mine.iter().map(|case| case.id).collect::<Vec<_>>(), [first]);
        let either = show(Filter { assignees: vec![uuid::Uuid::from_u128(9), AGENT], ..Filter::default() });
        assert_eq!(
            either.iter().map(|case| case.id).collect::<Vec<_>>(),
            [first],
            "of several agents together"
        );
        let followed = fixture
            .commune
            .read_blocking(By::SYSTEM, |tx| {
                inbox::followed(tx, &roads(Right::Read), &["roads"], &[uuid::Uuid::from_u128(9), AGENT])
            })
            .unwrap();
        assert_eq!(followed.into_iter().collect::<Vec<_>>(), [(AGENT, 1)]);
        let filter = Filter {
            state: Some(State::Received),
            procedure: Some("occupation-domaine-public".to_owned()),
            ..Filter::default()
        };
        assert_eq!(show(filter).len(), 1);
        let counts = fixture
            .commune
            .read_blocking(By::SYSTEM, |tx| inbox::counts(tx, &roads(Right::Read), &["roads"]))
            .unwrap();
        let counts: Vec<_> = counts.iter().map(|count| (count.state.as_str(), count.cases)).collect();
        assert_eq!(counts, [("instruction", 1), ("received", 1)]);
    })
    .unwrap();
}

#[test]
fn figures_are_those_of_the_departments_that_one_may_read() {
    on_both_engines(&tables(), |fixture| {
        let ids = [(); 3].map(|()| receive(fixture, "roads", Silence::Refuses).case.id);
        receive(fixture, "parks", Silence::Refuses);
        fixture.clock.advance(TimeDelta::days(10));
        for id in &ids[..2] {
            let id = *id;
            fixture
                .commune
                .write_blocking(By::SYSTEM, move |tx| {
                    case::take_up(tx, &roads(Right::Handle), id, AGENT)?;
                    decision::decide(tx, &roads(Right::Decide), id, &refusal(), PARIS.zone).map(drop)
                })
                .unwrap();
        }
        let access = roads(Right::Read);
        let both = ["parks".to_owned(), "roads".to_owned()];
        let (counts, late) = fixture
            .commune
            .read_blocking(By::SYSTEM, |tx| -> Result<_, StoreError> {
                Ok((
                    figures::counts(tx, &access, &both)?,
                    figures::late(tx, &access, &both, day("2027-01-01"))?,
                ))
            })
            .unwrap();
        assert_eq!(counts.keys().collect::<Vec<_>>(), ["roads"]);
        assert_eq!(counts["roads"].iter().map(|count| count.cases).sum::<i64>(), 3);
        let place = ("roads".to_owned(), "occupation-domaine-public".to_owned());
        assert_eq!(late.into_iter().collect::<Vec<_>>(), [(place, 1)]);
    })
    .unwrap();
}

#[test]
fn the_requester_reads_messages_and_never_notes() {
    on_both_engines(&tables(), |fixture| {
        let Received { case, code } = receive(fixture, "roads", Silence::Refuses);
        let id = case.id;
        fixture
            .commune
            .write_blocking(By::account(AGENT, Channel::Online), move |tx| {
                exchange::write(tx, &roads(Right::Handle), id, AGENT, "Votre demande est à l’étude.")?;
                exchange::note(tx, &roads(Right::Handle), id, AGENT, "Voir avec la police municipale.")
            })
            .unwrap();
        let empty = fixture.commune.write_blocking(By::VISITOR, {
            let code = code.clone();
            move |tx| exchange::reply(tx, &code, "   ")
        });
        assert!(matches!(empty, Err(CaseError::Text(_))));
        fixture.commune.write_blocking(By::VISITOR, move |tx| exchange::reply(tx, &code, "Merci !")).unwrap();
        let (seen, all, latest) = fixture
            .commune
            .read_blocking(By::SYSTEM, |tx| {
                Ok::<_, CaseError>((
                    exchange::messages(tx, id, 50)?,
                    exchange::everything(tx, &roads(Right::Read), id, 50)?,
                    exchange::messages(tx, id, 1)?,
                ))
            })
            .unwrap();
        assert_eq!(
            latest.iter().map(|one| one.id).collect::<Vec<_>>(),
            [seen[1].id],
            "the newest is never lost"
        );
        let words: Vec<_> = seen.iter().map(|one| one.words.as_str()).collect();
        assert_eq!(words, ["Votre demande est à l’étude.", "Merci !"]);
        assert_eq!(all.len(), 3);
    })
    .unwrap();
}

#[test]
fn the_journal_tells_who_did_what_and_holds_no_secret() {
    on_both_engines(&tables(), |fixture| {
        let Received { case, code } = receive(fixture, "roads", Silence::Refuses);
        let id = case.id;
        fixture
            .commune
            .write_blocking(By::account(AGENT, Channel::Counter), move |tx| {
                case::take_up(tx, &roads(Right::Handle), id, AGENT)
            })
            .unwrap();
        let history = fixture
            .commune
            .read_blocking(By::SYSTEM, |tx| journal::of_subject(tx, "case", id.uuid(), 50))
            .unwrap();
        let kinds: Vec<_> = history.iter().map(|entry| (entry.kind.as_str(), entry.channel)).collect();
        assert_eq!(kinds, [("case.received", Channel::Online), ("case.taken_up", Channel::Counter)]);
        let told = format!("{history:?}");
        assert!(!told.contains(&code.to_string()) && !told.contains("Bénézet"));
    })
    .unwrap();
}

#[test]
fn the_term_of_a_letter_runs_from_the_day_on_which_it_came() {
    on_both_engines(&tables(), |fixture| {
        let typed = |received_on| {
            let new = NewCase { received_on, ..new_case("roads", Silence::Refuses) };
            fixture.commune.write_blocking(By::SYSTEM, move |tx| case::receive(tx, new)).unwrap().case
        };
        // Typed on 3 June, as the clock of the tests stands.
        let letter = typed(Some(day("2026-05-20")));
        assert_eq!((letter.received_on, letter.deemed_on), (day("2026-05-20"), Some(day("2026-07-21"))));
        assert_eq!(letter.received_at.to_rfc3339(), "2026-05-20T10:00:00+00:00", "noon in Paris");
        assert_eq!(letter.register_by, day("2026-05-21"));
        let today = typed(None);
        assert_eq!((today.received_on, today.deemed_on), (day("2026-06-03"), Some(day("2026-08-04"))));
        assert_eq!(typed(Some(day("2026-06-04"))).received_on, day("2026-06-03"), "nothing comes tomorrow");
        let kept =
            fixture.commune.read_blocking(By::SYSTEM, |tx| case::find(tx, letter.id)).unwrap().unwrap();
        assert_eq!((kept.received_on, kept.received_at), (letter.received_on, letter.received_at));
    })
    .unwrap();
}
