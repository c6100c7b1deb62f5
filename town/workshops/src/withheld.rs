//! Which counts of a table are not told: the small ones, and so many of the others that nobody finds a small one by
//! subtraction. Pure.

use std::collections::BTreeSet;

/// Counts below this are not told: they might point at somebody.
pub const SMALLEST: u32 = 5;

/// A count as it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// As it is.
    Count(u32),
    /// From one to four.
    Few,
    /// Not at all, because a small count could be found with it.
    Withheld,
}

impl Shown {
    /// Alone: not told where it is small.
    pub const fn of(count: u32) -> Self {
        if is_small(count) { Self::Few } else { Self::Count(count) }
    }

    /// Whether it is told as it is.
    pub const fn is_told(self) -> bool {
        matches!(self, Self::Count(_))
    }
}

const fn is_small(count: u32) -> bool {
    count > 0 && count < SMALLEST
}

/// The parts of a whole that is told too: where one alone is small, the smallest of the others is withheld with it.
pub fn parts(counts: &[u32]) -> Vec<Shown> {
    let mut shown: Vec<Shown> = counts.iter().map(|count| Shown::of(*count)).collect();
    if shown.iter().filter(|it| **it == Shown::Few).count() == 1 {
        let others = counts.iter().zip(&mut shown).filter(|(count, it)| **count > 0 && it.is_told());
        if let Some((_, next)) = others.min_by_key(|(count, _)| **count) {
            *next = Shown::Withheld;
        }
    }
    shown
}

/// How many had a seat at a place, and which of them came, did not come, and excused themselves.
pub type Row = [u32; 4];

/// A row or a column: each is an equation between its counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Line {
    Row(usize),
    Column(usize),
}

struct Cell {
    row: usize,
    column: usize,
    count: u32,
    told: bool,
}

impl Cell {
    const fn ends(&self) -> [Line; 2] {
        [Line::Row(self.row), Line::Column(self.column)]
    }

    const fn shown(&self) -> Shown {
        match (self.told, is_small(self.count)) {
            (true, _) => Shown::Count(self.count),
            (false, true) => Shown::Few,
            (false, false) => Shown::Withheld,
        }
    }
}

/// What is linked to a line by counts that are not told, one of these left aside.
fn linked(cells: &[Cell], from: Line, aside: usize) -> BTreeSet<Line> {
    let mut found = BTreeSet::from([from]);
    loop {
        let before = found.len();
        let others = cells.iter().enumerate().filter(|(rank, cell)| !cell.told && *rank != aside);
        for (_, cell) in others {
            if cell.ends().iter().any(|end| found.contains(end)) {
                found.extend(cell.ends());
            }
        }
        if found.len() == before {
            return found;
        }
    }
}

/// The cells of a table, row by row. Those of whom nothing was written down are in no column that is told, but make up the
/// whole with the others: where there are any, they are an unknown more.
fn cells(rows: &[Row]) -> Vec<Cell> {
    let with_rest = |row: &Row| {
        let [whole, present, absent, excused] = *row;
        [whole, present, absent, excused, whole.saturating_sub(present + absent + excused)]
    };
    let cell = |(row, counts): (usize, [u32; 5])| {
        counts.into_iter().enumerate().map(move |(column, count)| Cell {
            row,
            column,
            count,
            told: if column < 4 { !is_small(count) } else { count == 0 },
        })
    };
    rows.iter().map(with_rest).enumerate().flat_map(cell).collect()
}

/// The rows of places, and at the end that of all places together, as they are told.
///
/// A count that is not told can be computed exactly where it alone links its row to its column; such counts are linked
/// once more, by withholding the smallest count that does so: of a place rather than of all places.
pub fn table(places: &[Row]) -> Vec<[Shown; 4]> {
    let mut rows = places.to_vec();
    let sum = |all: Row, row: &Row| {
        let [whole, present, absent, excused] = all;
        let [whole_here, present_here, absent_here, excused_here] = *row;
        [whole + whole_here, present + present_here, absent + absent_here, excused + excused_here]
    };
    rows.push(places.iter().fold([0; 4], sum));
    let mut cells = cells(&rows);
    while let Some((row, column)) = open(&cells) {
        let last = places.len();
        let links = |cell: &Cell| {
            let [across, down] = cell.ends();
            let closes = (row.contains(&across) && column.contains(&down))
                || (column.contains(&across) && row.contains(&down));
            let touches = cell.ends().iter().any(|end| row.contains(end) || column.contains(end));
            if closes {
                0
            } else if touches {
                1
            } else {
                2
            }
        };
        let others = cells.iter_mut().filter(|cell| cell.told && cell.count > 0);
        match others.min_by_key(|cell| (links(cell), cell.row == last, cell.count)) {
            Some(next) => next.told = false,
            None => break,
        }
    }
    let row = |row: &[Cell]| {
        let mut shown = row.iter().map(Cell::shown);
        std::array::from_fn(|_| shown.next().unwrap_or(Shown::Withheld))
    };
    cells.chunks(5).map(row).collect()
}

/// What is linked to the row and to the column of a small count that could be computed; `None` where there is none.
fn open(cells: &[Cell]) -> Option<(BTreeSet<Line>, BTreeSet<Line>)> {
    let small = |(_, cell): &(usize, &Cell)| cell.column < 4 && is_small(cell.count);
    cells.iter().enumerate().filter(small).find_map(|(rank, cell)| {
        let row = linked(cells, Line::Row(cell.row), rank);
        let down = Line::Column(cell.column);
        (!row.contains(&down)).then(|| (row, linked(cells, down, rank)))
    })
}

#[cfg(test)]
mod tests {
    use super::{
        Shown::{self, Count, Few, Withheld},
        *,
    };

    #[test]
    fn small_counts_are_hidden_and_cannot_be_found_by_subtraction() {
        assert_eq!([0, 1, 4, 5].map(Shown::of), [Count(0), Few, Few, Count(5)]);
        assert_eq!(parts(&[20, 3, 9, 0]), [Count(20), Few, Withheld, Count(0)]);
        assert_eq!(parts(&[20, 3, 2, 9]), [Count(20), Few, Few, Count(9)]);
        assert_eq!(parts(&[6, 7]), [Count(6), Count(7)]);
        assert_eq!(parts(&[3]), [Few]);
    }

    #[test]
    fn all_places_together_are_told_and_what_one_place_has_few_of_is_not_found_with_them() {
        // Where nothing is small, all is told.
        let told = table(&[[20, 15, 5, 0], [30, 25, 0, 5]]);
        assert!(told.iter().flatten().all(|it| it.is_told()));
        assert_eq!(told[2], [Count(50), Count(40), Count(5), Count(5)]);
        // The other place is withheld with it, and the whole is told.
        let told = table(&[[3, 3, 0, 0], [30, 30, 0, 0]]);
        assert_eq!(told[0], [Few, Few, Count(0), Count(0)]);
        assert_eq!(told[1], [Withheld, Withheld, Count(0), Count(0)]);
        assert_eq!(told[2], [Count(33), Count(33), Count(0), Count(0)]);
        // Two small ones in a row are found through their columns.
        let told = table(&[[20, 15, 3, 2], [30, 25, 5, 0]]);
        assert_eq!(told[0], [Count(20), Count(15), Few, Few]);
        assert_eq!(told[1], [Count(30), Count(25), Count(5), Count(0)]);
        assert_eq!(told[2], [Count(50), Count(40), Withheld, Few]);
        // One place alone.
        assert_eq!(table(&[[20, 17, 3, 0]])[0], [Count(20), Withheld, Few, Count(0)]);
        assert!(table(&[])[0].iter().all(|it| *it == Count(0)));
    }

    #[test]
    fn no_line_leaves_one_count_alone_to_be_computed() {
        let counts = [0, 1, 3, 6, 20];
        for seed in 0..3_125_usize {
            let pick = |rank: u32| counts[(seed / 5_usize.pow(rank)) % 5];
            let places = [[0, 1, 2], [3, 4, 1]].map(|ranks| {
                let [present, absent, excused] = ranks.map(pick);
                [present + absent + excused, present, absent, excused]
            });
            let told = table(&places);
            let alone = |line: Vec<Shown>| {
                let hidden: Vec<Shown> = line.into_iter().filter(|it| !it.is_told()).collect();
                hidden == [Few]
            };
            for row in &told {
                assert!(!alone(row.to_vec()), "{places:?} {told:?}");
            }
            for column in 0..4 {
                assert!(!alone(told.iter().map(|row| row[column]).collect()), "{places:?} {told:?}");
            }
        }
    }
}
