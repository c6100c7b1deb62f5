//! Reconciliation: what a statement of the Treasury says beside what is written here, and what differs. Pure;
//! `beffroi_payments::comparison` keeps what somebody wants kept.
//!
//! The form of PayFiP's own export is not known to us: any file with a column of references and one of amounts is read,
//! whatever separates them, whatever else it has.

use std::collections::{BTreeMap, BTreeSet};

use beffroi_core::{Cents, Day, calendar::civil_day};
use beffroi_payments::{
    PaymentState,
    comparison::{NewComparison, StatedLine},
    ledger::{EntryKind, Line},
};
use chrono_tz::Tz;

use crate::amount;

/// Lines of a statement, at most.
pub const LINES_AT_MOST: usize = 20_000;
/// Heads under which references stand, in lower case and without accents.
const REFERENCES: [&str; 5] = ["refdet", "reference", "ref", "reference de la dette", "numero de dette"];
/// Heads under which amounts stand.
const AMOUNTS: [&str; 4] = ["montant", "montant encaisse", "montant paye", "mt"];

/// One line of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stated {
    /// The reference that PayFiP was given.
    pub reference: String,
    /// How much came.
    pub cents: Cents,
}

/// Why a statement is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unread {
    /// It says nothing.
    Empty,
    /// It has too many lines.
    TooLong,
    /// No line has a reference and an amount.
    NoColumns,
    /// What stands in this line is no amount.
    Amount(usize),
}

/// What differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// The statement has it, and it is not among what came here in the period.
    OnlyTheirs(Stated),
    /// It came here, and the statement does not have it.
    OnlyOurs {
        /// The reference that was sent.
        reference: String,
        /// How much came.
        cents: Cents,
    },
    /// Both have it, with other amounts.
    Amounts {
        /// The reference.
        reference: String,
        /// What the statement says.
        theirs: Cents,
        /// What is written here.
        ours: Cents,
    },
    /// The statement has it more than once.
    Repeated {
        /// The reference.
        reference: String,
        /// How often.
        times: usize,
    },
}

/// What the comparison comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// How many lines are the same on both sides, and what they come to.
    pub same: (usize, Cents),
    /// What the statement comes to.
    pub theirs: Cents,
    /// What came here.
    pub ours: Cents,
    /// What differs, in the order of references.
    pub differences: Vec<Difference>,
}

/// A head or a word without accents, in lower case.
fn plain(text: &str) -> String {
    text.trim()
        .trim_start_matches('\u{feff}')
        .to_lowercase()
        .chars()
        .map(|letter| match letter {
            'é' | 'è' | 'ê' => 'e',
            'à' => 'a',
            'ô' => 'o',
            '_' | '-' => ' ',
            letter => letter,
        })
        .collect()
}

/// Whether a cell can be a reference (the DGFiP's `refdet`), where it stands in the column of references.
fn is_reference(cell: &str) -> bool {
    (6..=30).contains(&cell.len())
        && cell.bytes().all(|it| it.is_ascii_alphanumeric())
        && cell.bytes().any(|it| it.is_ascii_digit())
}

/// Whether a cell of any column is one: neither a date nor a régie's number is so long.
fn is_surely_reference(cell: &str) -> bool {
    cell.len() >= 12 && is_reference(cell)
}

fn separator(text: &str) -> u8 {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    // Amounts have commas: a comma parts cells only where nothing else does.
    for (letter, byte) in [(';', b';'), ('\t', b'\t'), ('|', b'|')] {
        if first.contains(letter) {
            return byte;
        }
    }
    b','
}

/// Reads a statement.
///
/// # Errors
/// Why it is not read.
pub fn read(text: &str) -> Result<Vec<Stated>, Unread> {
    if text.trim().is_empty() {
        return Err(Unread::Empty);
    }
    let separator = separator(text);
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut columns: Option<(usize, usize)> = None;
    let mut stated = Vec::new();
    for (rank, row) in reader.records().enumerate() {
        if rank >= LINES_AT_MOST {
            return Err(Unread::TooLong);
        }
        let Ok(row) = row else { continue };
        let cells: Vec<&str> = row.iter().map(str::trim).collect();
        let headed = |names: &[&str]| cells.iter().position(|cell| names.contains(&plain(cell).as_str()));
        if columns.is_none()
            && let (Some(reference), Some(amount)) = (headed(&REFERENCES), headed(&AMOUNTS))
        {
            columns = Some((reference, amount));
            continue;
        }
        // Without heads: the first cell that is a reference, and the last that is an amount.
        let guessed = || {
            let reference = cells.iter().position(|cell| is_surely_reference(cell));
            reference.zip(cells.iter().rposition(|cell| amount::typed(cell).is_some()))
        };
        let Some((reference, amount)) = columns.or_else(guessed) else { continue };
        let cell = |at: usize| cells.get(at).copied().unwrap_or_default();
        let reference = cell(reference);
        // A line of a total, or an empty one.
        if !is_reference(reference) {
            continue;
        }
        let cents = amount::typed(cell(amount)).ok_or(Unread::Amount(rank + 1))?;
        stated.push(Stated { reference: reference.to_owned(), cents });
    }
    if stated.is_empty() { Err(Unread::NoColumns) } else { Ok(stated) }
}

/// Compares a statement with the ledger of its period: with what came online.
pub fn compare(theirs: &[Stated], ours: &[Line]) -> Outcome {
    let mut stated: BTreeMap<&str, (Cents, usize)> = BTreeMap::new();
    for line in theirs {
        let kept = stated.entry(&line.reference).or_insert((Cents(0), 0));
        *kept = (kept.0 + line.cents, kept.1 + 1);
    }
    let came: BTreeMap<&str, Cents> =
        came(ours).filter_map(|line| Some((line.reference.as_str(), line.told?))).collect();
    let mut outcome = Outcome {
        theirs: theirs.iter().map(|line| line.cents).sum(),
        ours: came.values().copied().sum(),
        ..Outcome::default()
    };
    for (reference, (cents, times)) in &stated {
        let reference = (*reference).to_owned();
        if *times > 1 {
            outcome.differences.push(Difference::Repeated { reference: reference.clone(), times: *times });
        }
        match came.get(reference.as_str()) {
            Some(own) if own == cents => {
                outcome.same = (outcome.same.0 + 1, outcome.same.1 + *cents);
            }
            Some(own) => {
                outcome.differences.push(Difference::Amounts { reference, theirs: *cents, ours: *own });
            }
            None => outcome.differences.push(Difference::OnlyTheirs(Stated { reference, cents: *cents })),
        }
    }
    let only_ours = came.iter().filter(|(reference, _)| !stated.contains_key(*reference));
    outcome.differences.extend(only_ours.map(|(reference, cents)| Difference::OnlyOurs {
        reference: (*reference).to_owned(),
        cents: *cents,
    }));
    outcome
}

/// What a comparison leaves, to be kept: each reference of the statement once.
pub fn to_keep(
    theirs: &[Stated],
    ours: &[Line],
    outcome: &Outcome,
    (first, last): (Day, Day),
    zone: Tz,
) -> NewComparison {
    let came: BTreeMap<&str, (Cents, Day)> = came(ours)
        .filter_map(|line| Some((line.reference.as_str(), (line.told?, civil_day(line.at, zone)))))
        .collect();
    let mut lines: BTreeMap<&str, StatedLine> = BTreeMap::new();
    for stated in theirs {
        let line = lines.entry(&stated.reference).or_insert_with(|| StatedLine {
            reference: stated.reference.clone(),
            cents: Cents(0),
            times: 0,
            same: false,
            day: came.get(stated.reference.as_str()).map_or(last, |(_, day)| *day),
        });
        line.cents = line.cents + stated.cents;
        line.times = line.times.saturating_add(1);
    }
    for (reference, line) in &mut lines {
        line.same = came.get(reference).is_some_and(|(cents, _)| *cents == line.cents);
    }
    NewComparison {
        days: (first, last),
        same: outcome.same,
        theirs: outcome.theirs,
        ours: outcome.ours,
        differences: outcome.differences.len(),
        lines: lines.into_values().collect(),
    }
}

/// What was kept of statements, as one more of them: that of these days, and what was left of others where it came here
/// in them.
pub fn from_kept<'k>(
    kept: impl Iterator<Item = &'k StatedLine>,
    ours: &[Line],
    (first, last): (Day, Day),
) -> Vec<Stated> {
    let known: BTreeSet<&str> = came(ours).map(|line| line.reference.as_str()).collect();
    let of_days = |line: &&StatedLine| {
        (first <= line.day && line.day <= last) || known.contains(line.reference.as_str())
    };
    let whole = |line: &StatedLine| {
        // As often as it was said, and all of it once.
        let more = usize::try_from(line.times.saturating_sub(1)).unwrap_or(0).min(LINES_AT_MOST);
        let said = |cents| Stated { reference: line.reference.clone(), cents };
        std::iter::once(said(line.cents)).chain(std::iter::repeat_n(said(Cents(0)), more)).collect::<Vec<_>>()
    };
    kept.filter(of_days).flat_map(whole).collect()
}

/// What came online.
fn came(ours: &[Line]) -> impl Iterator<Item = &Line> {
    ours.iter().filter(|line| line.kind == EntryKind::Online && line.state == PaymentState::Paid)
}

#[cfg(test)]
mod tests {
    use beffroi_core::{Id, Instant};
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn line(reference: &str, cents: i64, state: PaymentState) -> Line {
        Line {
            at: Instant::UNIX_EPOCH,
            id: Uuid::nil(),
            kind: EntryKind::Online,
            order: Id::from_uuid(Uuid::nil()),
            number: String::new(),
            reference: reference.to_owned(),
            detail: String::new(),
            state,
            means: None,
            asked: None,
            told: Some(Cents(cents)),
            trouble: None,
        }
    }

    fn stated(reference: &str, cents: i64) -> Stated {
        Stated { reference: reference.to_owned(), cents: Cents(cents) }
    }

    #[test]
    fn a_statement_is_read_with_heads_in_any_order_and_without() {
        let wanted = vec![stated("202600004201XKQ7", 5_000), stated("202600004301ABCD", 123_450)];
        for text in [
            "Date;REFDET;Montant\n24/11/2026;202600004201XKQ7;50,00\n24/11/2026;202600004301ABCD;1 234,50 €\nTotal;;1284,50",
            "\u{feff}Montant encaissé\tRéférence\n50\t202600004201XKQ7\n1234.50\t202600004301ABCD\n",
            "202600004201XKQ7 ; 50,00\n\n202600004301ABCD ; 1234,5",
            "24/11/2026,202600004201XKQ7,\"50,00\"\n24/11/2026,202600004301ABCD,\"1234,50\"",
        ] {
            assert_eq!(read(text), Ok(wanted.clone()), "{text}");
        }
        assert_eq!(read(" \n"), Err(Unread::Empty));
        assert_eq!(read("bonjour"), Err(Unread::NoColumns));
        assert_eq!(read("REFDET;MONTANT\n202600004201XKQ7;cinq"), Err(Unread::Amount(2)));
    }

    #[test]
    fn what_differs_is_named_and_what_is_the_same_is_counted() {
        let ours = [
            line("SAME01", 5_000, PaymentState::Paid),
            line("OTHER1", 4_000, PaymentState::Paid),
            line("OURS01", 3_000, PaymentState::Paid),
            line("REFUSED1", 3_000, PaymentState::Refused),
        ];
        let theirs = [stated("SAME01", 5_000), stated("OTHER1", 4_100), stated("THEIRS1", 700)];
        let found = compare(&theirs, &ours);
        assert_eq!(found.same, (1, Cents(5_000)));
        assert_eq!((found.theirs, found.ours), (Cents(9_800), Cents(12_000)));
        assert_eq!(
            found.differences,
            [
                Difference::Amounts {
                    reference: "OTHER1".to_owned(),
                    theirs: Cents(4_100),
                    ours: Cents(4_000)
                },
                Difference::OnlyTheirs(stated("THEIRS1", 700)),
                Difference::OnlyOurs { reference: "OURS01".to_owned(), cents: Cents(3_000) },
            ]
        );
        let twice = [stated("SAME01", 2_500), stated("SAME01", 2_500)];
        let found = compare(&twice, &ours[..1]);
        assert_eq!(found.differences, [Difference::Repeated { reference: "SAME01".to_owned(), times: 2 }]);
    }

    #[test]
    fn a_comparison_that_was_kept_opens_where_it_was_left() {
        let day = |day| Day::from_ymd_opt(2026, 6, day).unwrap();
        let june = (day(1), day(30));
        // Of the beginning of the epoch, as `line` says: not in June.
        let ours = [line("SAME01", 5_000, PaymentState::Paid), line("OTHER1", 4_000, PaymentState::Paid)];
        let theirs = [
            stated("SAME01", 2_000),
            stated("SAME01", 3_000),
            stated("OTHER1", 4_100),
            stated("THEIRS1", 700),
        ];
        let found = compare(&theirs, &ours);
        let kept = to_keep(&theirs, &ours, &found, june, Tz::UTC);
        let told: Vec<_> = kept.lines.iter().map(|it| (it.reference.as_str(), it.times, it.same)).collect();
        assert_eq!(told, [("OTHER1", 1, false), ("SAME01", 2, true), ("THEIRS1", 1, false)]);
        assert_eq!(kept.lines[2].day, day(30), "nothing here tells its day");
        let again = compare(&from_kept(kept.lines.iter(), &ours, june), &ours);
        assert_eq!(again, found);
        // In July, what was left of June is told where it has come, and not otherwise.
        let july = (Day::from_ymd_opt(2026, 7, 1).unwrap(), Day::from_ymd_opt(2026, 7, 31).unwrap());
        let late = [line("THEIRS1", 700, PaymentState::Paid)];
        let opened = compare(&from_kept(kept.lines.iter(), &late, july), &late);
        assert_eq!((opened.same, opened.differences), ((1, Cents(700)), Vec::new()));
        assert!(from_kept(kept.lines.iter(), &[], july).is_empty());
    }

    proptest! {
        #[test]
        fn whatever_is_sent_is_read_or_refused(text in ".{0,400}") {
            if let Ok(lines) = read(&text) {
                prop_assert!(!lines.is_empty() && lines.iter().all(|line| line.cents > Cents(0)));
            }
        }
    }
}
