//! What must hold of the clock whatever the days are.

use proptest::{collection::vec, prelude::*};

use super::*;
use crate::Lang;

/// Days from 2000 to about 2050: full of leap years and month ends.
fn near() -> impl Strategy<Value = Day> {
    (0..18_262_u64).prop_map(|days| Day::from_ymd_opt(2000, 1, 1).unwrap() + Days::new(days))
}

/// Any day that the calendar knows, its two ends included.
fn wild() -> impl Strategy<Value = Day> {
    prop_oneof![
        3 => (-100_000_000..100_000_000_i32).prop_map(|days| Day::from_num_days_from_ce_opt(days).unwrap_or(Day::MAX)),
        3 => near(),
        1 => Just(Day::MIN),
        1 => Just(Day::MAX),
    ]
}

fn lawful_term() -> impl Strategy<Value = Term> {
    prop_oneof![
        (1..=12_u16).prop_map(Term::Months),
        (1..=200_u16).prop_map(Term::Days),
        (1..=30_u16).prop_map(Term::Weeks)
    ]
}

fn deciding() -> impl Strategy<Value = Silence> {
    prop_oneof![Just(Silence::Grants), Just(Silence::Refuses)]
}

/// Requests for documents: days after the receipt, days of wait, and days given where there are any.
fn requests() -> impl Strategy<Value = Vec<(u64, u64, Option<u64>)>> {
    vec((0..150_u64, 0..60_u64, prop::option::of(0..60_u64)), 0..6)
}

fn answered(received: Day, requests: &[(u64, u64, Option<u64>)]) -> Vec<Incomplete> {
    requests
        .iter()
        .map(|&(after, wait, given)| {
            let asked = received + Days::new(after);
            let arrived = Some(asked + Days::new(wait));
            Incomplete { asked, arrived, deadline: given.map(|days| asked + Days::new(days)) }
        })
        .collect()
}

fn deemed(silence: Silence, term: Term, received: Day, incompletes: &[Incomplete]) -> Day {
    let regime = Regime { silence, term: Some(term) };
    compute(regime, received, incompletes, received, Holidays::Metropole).unwrap().deemed_on.unwrap()
}

/// The rule for refusals as a clerk with a wall calendar would apply it: tick the days of the term one by
/// one, and for every day that is suspended put one more at the end.
fn ticked(term: Term, received: Day, incompletes: &[Incomplete]) -> Day {
    let starts = received.succ_opt().unwrap();
    let mut left = (term.after(starts).unwrap() - starts).num_days();
    let mut day = starts;
    while left > 0 {
        let awaited = |one: &Incomplete| {
            let arrived = one.arrived.unwrap();
            one.asked <= day && day <= one.deadline.map_or(arrived, |deadline| deadline.min(arrived))
        };
        if !incompletes.iter().any(awaited) {
            left -= 1;
        }
        day = day.succ_opt().unwrap();
    }
    day
}

proptest! {
    #[test]
    fn a_later_receipt_never_decides_earlier(
        silence in deciding(), term in lawful_term(), received in near(), later in 0..400_u64,
    ) {
        prop_assert!(deemed(silence, term, received, &[]) <= deemed(silence, term, received + Days::new(later), &[]));
    }

    #[test]
    fn a_request_for_documents_never_shortens_the_term(
        silence in deciding(), term in lawful_term(), received in near(), requests in requests(),
    ) {
        let plain = deemed(silence, term, received, &[]);
        prop_assert!(plain >= term.after(received).unwrap());
        let incompletes = answered(received, &requests);
        prop_assert!(deemed(silence, term, received, &incompletes) >= plain);
    }

    #[test]
    fn one_more_request_for_documents_never_decides_earlier(
        silence in deciding(), term in lawful_term(), received in near(), requests in requests(),
    ) {
        let incompletes = answered(received, &requests);
        let all = deemed(silence, term, received, &incompletes);
        if let Some((_, fewer)) = incompletes.split_first() {
            prop_assert!(deemed(silence, term, received, fewer) <= all);
        }
    }

    #[test]
    fn a_certain_date_holds_whenever_the_documents_come(
        silence in deciding(), term in lawful_term(), received in near(), requests in requests(),
        late in 0..400_u64,
    ) {
        let mut incompletes = answered(received, &requests);
        if let Some(last) = incompletes.last_mut() {
            last.arrived = None;
        }
        let regime = Regime { silence, term: Some(term) };
        let certain = certain_deemed_on(regime, received, &incompletes, Holidays::Metropole).unwrap();
        let awaited_for_ever = incompletes.last().is_some_and(|last| last.deadline.is_none());
        if let Some(certain) = certain {
            let last = incompletes.iter().flat_map(|it| [Some(it.asked), it.arrived, it.deadline]).flatten().max();
            let today = last.unwrap_or(received) + Days::new(late + 1);
            let dates = compute(regime, received, &incompletes, today, Holidays::Metropole).unwrap();
            prop_assert_eq!(dates.deemed_on, Some(certain));
        } else {
            prop_assert!(silence == Silence::Grants || awaited_for_ever);
        }
    }

    #[test]
    fn suspension_is_what_a_clerk_ticks_on_a_calendar(
        term in lawful_term(), received in near(), requests in requests(),
    ) {
        let incompletes = answered(received, &requests);
        prop_assert_eq!(deemed(Silence::Refuses, term, received, &incompletes), ticked(term, received, &incompletes));
    }

    #[test]
    fn only_the_days_covered_count_and_not_how_requests_cover_them(
        silence in deciding(), term in lawful_term(), received in near(), requests in requests(),
        cuts in vec(0..60_u64, 6),
    ) {
        let whole: Vec<Incomplete> = answered(received, &requests)
            .into_iter()
            .map(|incomplete| Incomplete { deadline: None, ..incomplete })
            .collect();
        // Each wait is cut in two that touch, told twice, and the last is told first.
        let mut pieces = Vec::new();
        for (incomplete, cut) in whole.iter().zip(cuts) {
            let cut = incomplete.asked + Days::new(cut);
            if Some(cut) < incomplete.arrived {
                pieces.push(Incomplete { arrived: Some(cut), ..*incomplete });
                pieces.push(Incomplete { asked: cut + Days::new(1), ..*incomplete });
            }
            pieces.push(*incomplete);
        }
        pieces.extend(pieces.clone());
        pieces.reverse();
        prop_assert_eq!(deemed(silence, term, received, &whole), deemed(silence, term, received, &pieces));
    }

    #[test]
    fn no_input_makes_it_panic(
        silence in prop_oneof![Just(Silence::Grants), Just(Silence::Refuses), Just(Silence::None)],
        term in prop::option::of(prop_oneof![
            any::<u16>().prop_map(Term::Months), any::<u16>().prop_map(Term::Days), any::<u16>().prop_map(Term::Weeks),
            lawful_term(),
        ]),
        received in wild(), today in wild(),
        incompletes in vec(
            (wild(), prop::option::of(wild()), prop::option::of(wild()))
                .prop_map(|(asked, arrived, deadline)| Incomplete { asked, arrived, deadline }),
            0..4,
        ),
    ) {
        if let Ok(dates) = compute(Regime { silence, term }, received, &incompletes, today, Holidays::AlsaceMoselle) {
            prop_assert!(dates.steps.is_sorted_by_key(|step| step.day));
            prop_assert!(dates.register_by <= dates.acknowledge_by);
            for step in &dates.steps {
                prop_assert!(step.sentence(Lang::Fr).ends_with('.') && step.sentence(Lang::En).ends_with('.'));
            }
        }
    }

    #[test]
    fn no_text_makes_the_parsers_panic(text in "\\PC*|[0-9./mdw-]{0,24}") {
        let _ = text.parse::<Term>();
        let _ = text.parse::<Silence>();
        let _ = text.parse::<Incomplete>();
    }
}
