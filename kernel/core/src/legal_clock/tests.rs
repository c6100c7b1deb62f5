//! The clock against the examples of the facts, and against what a neighbour would expect.

use super::*;
use crate::Lang;

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn regime(silence: &str, term: &str) -> Regime {
    Regime { silence: silence.parse().unwrap(), term: Some(term.parse().unwrap()) }
}

fn dates(
    regime: Regime,
    received: &str,
    incompletes: &[&str],
    today: &str,
) -> Result<LegalDates, ClockError> {
    let incompletes: Vec<Incomplete> = incompletes.iter().map(|text| text.parse().unwrap()).collect();
    compute(regime, day(received), &incompletes, day(today), Holidays::Metropole)
}

/// The day on which silence decides, long after everything has arrived.
fn deemed(silence: &str, term: &str, received: &str, incompletes: &[&str]) -> String {
    let dates = dates(regime(silence, term), received, incompletes, "2030-01-01").unwrap();
    dates.deemed_on.unwrap().to_string()
}

fn names(dates: &LegalDates) -> Vec<&'static str> {
    dates.steps.iter().map(Step::name).collect()
}

#[test]
fn two_months_from_15_may_end_on_16_july() {
    for silence in ["grants", "refuses"] {
        assert_eq!(deemed(silence, "2m", "2026-05-15", &[]), "2026-07-16");
    }
}

#[test]
fn months_are_clamped_to_their_end() {
    for (received, expected) in [
        ("2023-12-28", "2024-02-29"),
        ("2023-12-29", "2024-02-29"),
        ("2023-12-30", "2024-02-29"),
        ("2023-12-31", "2024-03-01"),
        ("2024-12-27", "2025-02-28"),
        ("2024-12-28", "2025-02-28"),
        ("2024-12-29", "2025-02-28"),
        ("2024-12-30", "2025-02-28"),
        ("2024-12-31", "2025-03-01"),
        ("2026-06-30", "2026-09-01"),
        ("2026-07-30", "2026-09-30"),
    ] {
        assert_eq!(deemed("grants", "2m", received, &[]), expected, "received on {received}");
    }
    assert_eq!(deemed("refuses", "12m", "2024-02-28", &[]), "2025-02-28");
    assert_eq!(deemed("refuses", "1m", "2026-03-30", &[]), "2026-04-30");
}

#[test]
fn days_and_weeks_are_counted_one_by_one() {
    assert_eq!(deemed("refuses", "30d", "2026-05-15", &[]), "2026-06-15");
    assert_eq!(deemed("refuses", "8w", "2026-05-15", &[]), "2026-07-11");
    assert_eq!(deemed("grants", "1d", "2024-02-28", &[]), "2024-03-01");
    assert_eq!(deemed("grants", "1d", "2025-02-28", &[]), "2025-03-02");
}

#[test]
fn registering_takes_one_working_day_and_acknowledging_ten() {
    let by = |received| {
        let dates = dates(regime("grants", "2m"), received, &[], received).unwrap();
        (dates.register_by.to_string(), dates.acknowledge_by.to_string())
    };
    let pair = |register: &str, acknowledge: &str| (register.to_owned(), acknowledge.to_owned());
    assert_eq!(by("2026-05-15"), pair("2026-05-18", "2026-06-01"), "a Friday; Whit Monday between");
    assert_eq!(by("2026-05-13"), pair("2026-05-15", "2026-05-29"), "the eve of Ascension");
    assert_eq!(by("2026-12-24"), pair("2026-12-28", "2027-01-11"), "Christmas Eve");
    assert_eq!(by("2026-09-05"), pair("2026-09-07", "2026-09-18"), "a Saturday");
    let strasbourg =
        compute(regime("grants", "2m"), day("2025-12-24"), &[], day("2025-12-24"), Holidays::AlsaceMoselle);
    assert_eq!(strasbourg.unwrap().register_by, day("2025-12-29"), "Thursday 25 and Friday 26 are both kept");
}

#[test]
fn where_silence_grants_a_complete_file_starts_the_term_afresh() {
    // Complete on 10 June: as if received on that day, whatever the time given was.
    assert_eq!(deemed("grants", "2m", "2026-05-15", &["2026-06-01..2026-06-10"]), "2026-08-11");
    assert_eq!(deemed("grants", "2m", "2026-05-15", &["2026-06-01..2026-06-10/2026-06-05"]), "2026-08-11");
    // Twice incomplete: the last arrival counts.
    assert_eq!(
        deemed("grants", "2m", "2026-05-15", &["2026-06-01..2026-06-10", "2026-07-20..2026-07-31"]),
        "2026-10-01"
    );
    // Two requests at once: the file is complete when the slower one is answered.
    assert_eq!(
        deemed("grants", "2m", "2026-05-15", &["2026-06-01..2026-06-20", "2026-06-05..2026-06-10"]),
        "2026-08-21"
    );
    // Clamped like a receipt: complete on 30 December.
    assert_eq!(deemed("grants", "2m", "2023-12-01", &["2023-12-10..2023-12-30"]), "2024-02-29");
}

#[test]
fn where_silence_refuses_the_term_is_suspended() {
    // 1 to 10 June, both included: ten days.
    assert_eq!(deemed("refuses", "2m", "2026-05-15", &["2026-06-01..2026-06-10"]), "2026-07-26");
    // The time given ended first, on the 5th: five days.
    assert_eq!(deemed("refuses", "2m", "2026-05-15", &["2026-06-01..2026-06-10/2026-06-05"]), "2026-07-21");
    // The documents came first.
    assert_eq!(deemed("refuses", "2m", "2026-05-15", &["2026-06-01..2026-06-10/2026-06-30"]), "2026-07-26");
    // Asked and answered on one day of the term: one day.
    assert_eq!(deemed("refuses", "2m", "2026-05-15", &["2026-06-01..2026-06-01"]), "2026-07-17");
    // Suspended days come after the clamping: 29 February, then ten days more.
    assert_eq!(deemed("refuses", "2m", "2023-12-30", &["2024-01-01..2024-01-10"]), "2024-03-10");
}

#[test]
fn overlapping_suspensions_count_once() {
    let once = deemed("refuses", "2m", "2026-05-15", &["2026-06-01..2026-06-10"]);
    for split in [
        ["2026-06-01..2026-06-10", "2026-06-01..2026-06-10"],
        ["2026-06-01..2026-06-06", "2026-06-03..2026-06-10"],
        ["2026-06-01..2026-06-05", "2026-06-06..2026-06-10"],
        ["2026-06-04..2026-06-05", "2026-06-01..2026-06-10"],
    ] {
        assert_eq!(deemed("refuses", "2m", "2026-05-15", &split), once);
    }
    assert_eq!(
        deemed("refuses", "2m", "2026-05-15", &["2026-06-01..2026-06-04", "2026-06-06..2026-06-10"]),
        "2026-07-25",
        "the 5th ran"
    );
}

#[test]
fn the_day_of_receipt_is_no_day_of_the_term_to_suspend() {
    assert_eq!(deemed("refuses", "2m", "2026-05-15", &["2026-05-15..2026-05-15"]), "2026-07-16");
    // Suspended from 16 to 20 May: the whole term lies after, from 21 May to 20 July.
    assert_eq!(deemed("refuses", "2m", "2026-05-15", &["2026-05-15..2026-05-20"]), "2026-07-21");
}

#[test]
fn a_request_for_documents_after_the_term_moves_nothing() {
    for silence in ["grants", "refuses"] {
        for late in ["2026-07-16..2026-07-20", "2026-08-01..2026-08-02", "2026-09-01.."] {
            assert_eq!(deemed(silence, "2m", "2026-05-15", &[late]), "2026-07-16", "{silence}, {late}");
        }
    }
    // On the last day of the term there is still something to move.
    assert_eq!(deemed("refuses", "2m", "2026-05-15", &["2026-07-15..2026-07-15"]), "2026-07-17");
    assert_eq!(deemed("grants", "2m", "2026-05-15", &["2026-07-15..2026-07-15"]), "2026-09-16");
    // A first suspension makes room for a second one that would else have come too late.
    let twice = ["2026-07-10..2026-07-19", "2026-07-20..2026-07-20"];
    assert_eq!(deemed("refuses", "2m", "2026-05-15", &twice), "2026-07-27");
    let dates =
        dates(regime("refuses", "2m"), "2026-05-15", &["2026-07-16..2026-07-20"], "2026-08-01").unwrap();
    assert_eq!(
        names(&dates),
        ["received", "register_by", "acknowledge_by", "asked_too_late", "deemed", "arrived"]
    );
}

#[test]
fn what_is_missing_counts_as_if_it_arrived_today() {
    let on = |silence, text: &str, today| {
        dates(regime(silence, "2m"), "2026-05-15", &[text], today).unwrap().deemed_on.unwrap().to_string()
    };
    assert_eq!(on("grants", "2026-06-01..", "2026-06-10"), "2026-08-11");
    assert_eq!(on("refuses", "2026-06-01..", "2026-06-10"), "2026-07-26");
    assert_eq!(on("refuses", "2026-06-01..", "2026-06-01"), "2026-07-17");
    assert_eq!(
        on("refuses", "2026-06-01../2026-06-15", "2026-06-10"),
        "2026-07-26",
        "the time given still runs"
    );
    assert_eq!(
        on("refuses", "2026-06-01../2026-06-15", "2026-09-10"),
        "2026-07-31",
        "it ended: fifteen days"
    );
    assert_eq!(
        on("grants", "2026-06-01../2026-06-15", "2026-09-10"),
        "2026-11-11",
        "only the documents count"
    );
}

#[test]
fn silence_may_mean_nothing() {
    let none = Regime { silence: Silence::None, term: None };
    let dates = dates(none, "2026-05-15", &["2026-05-20..2026-05-22"], "2026-06-01").unwrap();
    assert_eq!(dates.deemed_on, None);
    assert_eq!(dates.acknowledge_by, day("2026-06-01"));
    assert_eq!(names(&dates), ["received", "register_by", "asked", "arrived", "acknowledge_by"]);
}

#[test]
fn contradictions_are_refused_by_name() {
    let two_months = regime("refuses", "2m");
    let error = |text: &str| dates(two_months, "2026-05-15", &[text], "2026-06-10").unwrap_err();
    let asked = day("2026-06-01");
    assert_eq!(
        error("2026-05-14..2026-06-10"),
        ClockError::AskedBeforeReceived { asked: day("2026-05-14"), received: day("2026-05-15") }
    );
    assert_eq!(
        error("2026-06-01..2026-05-31"),
        ClockError::ArrivedBeforeAsked { asked, arrived: day("2026-05-31") }
    );
    assert_eq!(
        error("2026-06-01../2026-05-31"),
        ClockError::DeadlineBeforeAsked { asked, deadline: day("2026-05-31") }
    );
    assert_eq!(
        error("2026-06-11.."),
        ClockError::AskedAfterToday { asked: day("2026-06-11"), today: day("2026-06-10") }
    );
    let with =
        |term| dates(Regime { silence: Silence::Grants, term }, "2026-05-15", &[], "2026-05-15").unwrap_err();
    assert_eq!(with(None), ClockError::TermMissing);
    assert_eq!(with(Some(Term::Days(0))), ClockError::TermOutOfRange(Term::Days(0)));
    assert_eq!(with(Some(Term::Months(u16::MAX))), ClockError::TermOutOfRange(Term::Months(u16::MAX)));
    let end = compute(two_months, Day::MAX, &[], Day::MAX, Holidays::Metropole);
    assert_eq!(end.unwrap_err(), ClockError::OutOfCalendar);
}

#[test]
fn a_suspended_term_explains_itself() {
    let dates =
        dates(regime("refuses", "2m"), "2026-05-15", &["2026-06-02..2026-06-20/2026-06-11"], "2026-07-01")
            .unwrap();
    let told: Vec<_> =
        dates.steps.iter().map(|step| step.sentence(Lang::Fr).replace('\u{a0}', " ")).collect();
    assert_eq!(
        told,
        [
            "Demande reçue le 15 mai 2026 : le délai de 2 mois court à partir du 16 mai 2026 (CRPA, art. L231-4).",
            "La demande est enregistrée au plus tard le lundi 18 mai 2026, soit 1 jour ouvré après sa réception \
             (CRPA, art. L112-11).",
            "L’accusé de réception est envoyé au plus tard le lundi 1er juin 2026, soit 10 jours ouvrés après la \
             réception, jours fériés non comptés : lundi de Pentecôte (CRPA, art. L112-11).",
            "Des pièces manquantes sont demandées le 2 juin 2026 : le délai est suspendu à partir de ce jour \
             (CRPA, art. L114-5).",
            "Le temps laissé pour fournir les pièces demandées le 2 juin 2026 prend fin le 11 juin 2026, et la \
             suspension avec lui (CRPA, art. L114-5).",
            "Le délai reprend le 12 juin 2026, après 10 jours de suspension qui s’ajoutent à sa fin (CRPA, art. L114-5).",
            "Les pièces demandées le 2 juin 2026 arrivent le 20 juin 2026 (CRPA, art. L114-5).",
            "Sans réponse de la commune d’ici là, la demande est réputée refusée le 26 juillet 2026 (CRPA, art. L231-4).",
        ]
    );
}

#[test]
fn a_restarted_term_explains_itself_in_english() {
    let dates = dates(regime("grants", "2m"), "2026-09-01", &["2026-09-10.."], "2026-09-20").unwrap();
    let told: Vec<_> =
        dates.steps.iter().map(|step| step.sentence(Lang::En).replace('\u{a0}', " ")).collect();
    assert_eq!(
        told,
        [
            "Request received on 1 September 2026: the term of 2 months runs from 2 September 2026 (CRPA, art. L231-1).",
            "The request is registered by Wednesday 2 September 2026 at the latest, 1 working day after its receipt \
             (CRPA, art. L112-11).",
            "Missing documents are asked for on 10 September 2026: the term only runs once the file is complete \
             (CRPA, art. L114-5).",
            "The acknowledgement is sent by Tuesday 15 September 2026 at the latest, 10 working days after the receipt \
             (CRPA, art. L112-11).",
            "The documents asked for on 10 September 2026 are still missing: the computation takes them to arrive on \
             20 September 2026 (CRPA, art. L114-5).",
            "The file is complete: the whole term of 2 months starts afresh on 21 September 2026 (CRPA, art. L114-5).",
            "Without an answer from the commune by then, the request is deemed granted on 21 November 2026 \
             (CRPA, art. L231-1).",
        ]
    );
}

#[test]
fn a_program_reads_the_dates_as_json() {
    let dates = dates(regime("grants", "2m"), "2026-05-15", &[], "2026-05-15").unwrap();
    let json = serde_json::to_value(&dates).unwrap();
    assert_eq!(json["register_by"], "2026-05-18");
    assert_eq!(json["acknowledge_by"], "2026-06-01");
    assert_eq!(json["deemed_on"], "2026-07-16");
    let last = json["steps"].as_array().unwrap().last().unwrap();
    assert_eq!(last["day"], "2026-07-16");
    assert_eq!(last["step"], "deemed");
    assert_eq!(last["article"], "L231-1");
    assert!(last["sentence"].as_str().unwrap().contains("réputée acceptée le 16 juillet 2026"));
}

#[test]
fn a_regime_is_read_from_a_procedure_file() {
    let read = |json: &str| serde_json::from_str::<Regime>(json);
    assert_eq!(read(r#"{"silence":"refuses","term":"2m"}"#).unwrap(), regime("refuses", "2m"));
    assert_eq!(read(r#"{"silence":"none"}"#).unwrap(), Regime { silence: Silence::None, term: None });
    assert!(read(r#"{"silence":"maybe","term":"2m"}"#).is_err());
    assert!(
        read(r#"{"silence":"grants","term":"deux mois"}"#).unwrap_err().to_string().contains("such as 2m")
    );
}

#[test]
fn a_date_is_written_down_only_once_it_is_certain() {
    let certain = |silence, incompletes: &[&str]| {
        let incompletes: Vec<Incomplete> = incompletes.iter().map(|text| text.parse().unwrap()).collect();
        certain_deemed_on(regime(silence, "2m"), day("2026-05-15"), &incompletes, Holidays::Metropole)
            .unwrap()
            .map(|day| day.to_string())
    };
    assert_eq!(certain("grants", &[]).as_deref(), Some("2026-07-16"));
    assert_eq!(certain("refuses", &[]).as_deref(), Some("2026-07-16"));
    // Where silence grants, the term waits for the documents, however long.
    assert_eq!(certain("grants", &["2026-06-02../2026-06-11"]), None);
    assert_eq!(certain("grants", &["2026-06-02..2026-06-20"]).as_deref(), Some("2026-08-21"));
    // Where it refuses, the time given bounds the suspension.
    assert_eq!(certain("refuses", &["2026-06-02../2026-06-11"]).as_deref(), Some("2026-07-26"));
    assert_eq!(certain("refuses", &["2026-06-02.."]), None);
    // What is asked too late stops nothing any more.
    assert_eq!(certain("grants", &["2026-07-20.."]).as_deref(), Some("2026-07-16"));
    assert_eq!(certain("none", &["2026-06-02.."]), None);
}

#[test]
fn a_request_that_pends_again_is_neither_registered_nor_acknowledged_again() {
    let again = dates(regime("refuses", "2m"), "2026-07-03", &[], "2026-07-03").unwrap().pending_again();
    let names: Vec<&str> = again.steps.iter().map(Step::name).collect();
    assert_eq!(names, ["pending_again", "deemed"]);
    assert_eq!(again.deemed_on, Some(day("2026-09-04")));
    let said = again.steps.first().map(|step| step.sentence(Lang::Fr)).unwrap_or_default();
    assert!(said.contains("Refus retiré le 3 juillet 2026") && said.contains("L231-4"), "{said}");
}
