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
    /// Not at all, because a small count could be found with it, or because it is small and must not be told from such.
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

/// The parts of a whole that is told too. Where the small ones could be computed, the smallest of the others is withheld
/// with them; where there is no other, all are withheld, and the whole must be: see [`is_whole_told`].
pub fn parts(counts: &[u32]) -> Vec<Shown> {
    if !are_found(counts) {
        return counts.iter().map(|count| Shown::of(*count)).collect();
    }
    let larger = counts.iter().enumerate().filter(|(_, count)| **count >= SMALLEST);
    let next = larger.min_by_key(|(_, count)| **count).map(|(rank, _)| rank);
    let shown = |(rank, count): (usize, &u32)| {
        let told = next.is_some_and(|next| next != rank) && !is_small(*count);
        if told { Shown::Count(*count) } else { Shown::Withheld }
    };
    counts.iter().enumerate().map(shown).collect()
}

/// Whether the whole may be told of which these are the parts, as they are told.
pub fn is_whole_told(parts: &[Shown]) -> bool {
    parts.iter().any(|part| *part != Shown::Withheld)
}

/// Whether the small ones of the parts of a whole could be computed, all others being told: as one alone, as nothing but
/// ones, or as nothing but the largest that is small. A whole that is small is not told itself.
fn are_found(counts: &[u32]) -> bool {
    let (mut number, mut sum) = (0_u32, 0_u32);
    for count in counts.iter().filter(|count| is_small(**count)) {
        (number, sum) = (number + 1, sum + count);
    }
    if is_small(counts.iter().sum()) {
        return number == SMALLEST - 1;
    }
    number > 0 && (number == 1 || sum == number || sum == number * (SMALLEST - 1))
}

/// How many had a seat at a place, and which of them came, did not come, and excused themselves.
pub type Row = [u32; 4];

/// A row or a column: each is an equation between its counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Line {
    Row(usize),
    Column(usize),
}

#[derive(Clone, Copy)]
struct Cell {
    row: usize,
    column: usize,
    count: u32,
    told: bool,
    /// Whether it is a sum: the whole of its row, or a count of all places (the whole of all places is neither, or both).
    sums: bool,
}

impl Cell {
    const fn ends(&self) -> [Line; 2] {
        [Line::Row(self.row), Line::Column(self.column)]
    }

    /// From which line to which one more of this count moves what the equations miss: a sum the other way than a part.
    const fn upwards(&self) -> (Line, Line) {
        let [row, column] = self.ends();
        if self.sums { (column, row) } else { (row, column) }
    }

    /// Whether it is one of those that are shown: nobody sees of how many nothing was written down.
    const fn is_seen(&self) -> bool {
        self.column < 4
    }

    /// Whether it might be one more, for all that is seen of it alone: « few » are four at most.
    const fn may_rise(&self, few: bool) -> bool {
        let most = few && self.is_seen() && self.count + 1 == SMALLEST;
        !self.told && !most
    }

    /// Whether it might be one less: what is not told of the counts that are shown is not zero.
    const fn may_fall(&self) -> bool {
        let least = self.is_seen() && self.count == 1;
        !self.told && !least
    }
}

/// The lines to which a difference can be moved from one, by counts that might be one more or one less; one count is left
/// aside.
fn reached(cells: &[Cell], few: bool, from: Line, aside: usize) -> BTreeSet<Line> {
    let mut found = BTreeSet::from([from]);
    loop {
        let before = found.len();
        for (_, cell) in cells.iter().enumerate().filter(|(rank, _)| *rank != aside) {
            let (tail, head) = cell.upwards();
            if cell.may_rise(few) && found.contains(&tail) {
                found.insert(head);
            }
            if cell.may_fall() && found.contains(&head) {
                found.insert(tail);
            }
        }
        if found.len() == before {
            return found;
        }
    }
}

/// The lines that a small count reaches over others, where it could be computed; `None` where it might be another.
fn open_at(cells: &[Cell], few: bool, rank: usize, cell: &Cell) -> Option<BTreeSet<Line>> {
    let (tail, head) = cell.upwards();
    let (ahead, behind) = (reached(cells, few, head, rank), reached(cells, few, tail, rank));
    let varies = (cell.may_rise(few) && ahead.contains(&tail)) || (cell.may_fall() && behind.contains(&head));
    (!varies).then(|| ahead.union(&behind).copied().collect())
}

/// The first small count that could be computed, and the lines that it reaches.
fn open(cells: &[Cell], few: bool) -> Option<(usize, BTreeSet<Line>)> {
    let small = |(_, cell): &(usize, &Cell)| cell.is_seen() && is_small(cell.count);
    let mut all = cells.iter().enumerate().filter(small);
    all.find_map(|(rank, cell)| Some((rank, open_at(cells, few, rank, cell)?)))
}

/// These cells with one more withheld.
fn without(cells: &[Cell], rank: usize) -> Vec<Cell> {
    let hidden = |(own, cell): (usize, &Cell)| Cell { told: cell.told && own != rank, ..*cell };
    cells.iter().enumerate().map(hidden).collect()
}

/// The cells of a table, row by row. Those of whom nothing was written down are in no column that is told, but make up the
/// whole with the others: where there are any, they are an unknown more.
fn cells(rows: &[Row]) -> Vec<Cell> {
    let with_rest = |row: &Row| {
        let [whole, present, absent, excused] = *row;
        [whole, present, absent, excused, whole.saturating_sub(present + absent + excused)]
    };
    let last = rows.len().saturating_sub(1);
    let cell = |(row, counts): (usize, [u32; 5])| {
        counts.into_iter().enumerate().map(move |(column, count)| Cell {
            row,
            column,
            count,
            told: if column < 4 { !is_small(count) } else { count == 0 },
            sums: (column == 0) != (row == last),
        })
    };
    rows.iter().map(with_rest).enumerate().flat_map(cell).collect()
}

/// The rows of places, and at the end that of all places together, as they are told.
///
/// A count that is not told can be computed where no others might be one more or one less together with it, so that all sums
/// stay as they are. « Few » tells at most how many: where any could be computed so, small ones are told as withheld ones
/// are, so that nobody sees which is which. One that can still be computed is linked to others by withholding the smallest
/// count that does so: of a place rather than of all places.
pub fn table(places: &[Row]) -> Vec<[Shown; 4]> {
    let mut rows = places.to_vec();
    let sum = |all: Row, row: &Row| {
        let [whole, present, absent, excused] = all;
        let [whole_here, present_here, absent_here, excused_here] = *row;
        [whole + whole_here, present + present_here, absent + absent_here, excused + excused_here]
    };
    rows.push(places.iter().fold([0; 4], sum));
    let mut cells = cells(&rows);
    let few = open(&cells, true).is_none();
    while let Some((found, lines)) = open(&cells, few) {
        let links = |rank: usize, cell: &Cell| {
            if !cell.ends().iter().any(|end| lines.contains(end)) {
                return 2;
            }
            let tried = without(&cells, rank);
            let still = tried.get(found).is_some_and(|it| open_at(&tried, few, found, it).is_some());
            i32::from(still)
        };
        let others = cells.iter().enumerate().filter(|(_, cell)| cell.told && cell.count > 0);
        let next =
            others.min_by_key(|(rank, cell)| (links(*rank, cell), cell.row == places.len(), cell.count));
        match next.map(|(rank, _)| rank) {
            Some(next) => cells = without(&cells, next),
            None => break,
        }
    }
    let shown = |cell: &Cell| match (cell.told, few) {
        (true, _) => Shown::Count(cell.count),
        (false, true) => Shown::Few,
        (false, false) => Shown::Withheld,
    };
    let row = |row: &[Cell]| {
        let mut shown = row.iter().map(shown);
        std::array::from_fn(|_| shown.next().unwrap_or(Shown::Withheld))
    };
    cells.chunks(5).map(row).collect()
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
        assert_eq!(parts(&[20, 3, 9, 0]), [Count(20), Withheld, Withheld, Count(0)]);
        assert_eq!(parts(&[20, 3, 2, 9]), [Count(20), Few, Few, Count(9)]);
        assert_eq!(parts(&[6, 7]), [Count(6), Count(7)]);
        assert_eq!(parts(&[3]), [Few]);
        // Of a whole of six, 5 and « few » would be 5 and 1; five parts of a whole of five are ones; two of eight are fours.
        assert_eq!(parts(&[1, 5]), [Withheld, Withheld]);
        assert_eq!(parts(&[1, 1, 9, 7]), [Withheld, Withheld, Count(9), Withheld]);
        assert_eq!(parts(&[1, 1, 1, 1, 1, 0]), [Withheld; 6]);
        assert_eq!(parts(&[4, 4, 0]), [Withheld; 3]);
        assert!(is_whole_told(&parts(&[3, 2, 0])) && !is_whole_told(&parts(&[1, 1, 1, 1, 1, 0])));
    }

    #[test]
    fn all_places_together_are_told_and_what_one_place_has_few_of_is_not_found_with_them() {
        // Where nothing is small, all is told.
        let told = table(&[[20, 15, 5, 0], [30, 25, 0, 5]]);
        assert!(told.iter().flatten().all(|it| it.is_told()));
        assert_eq!(told[2], [Count(50), Count(40), Count(5), Count(5)]);
        // The other place is withheld with it, and the whole is told.
        let told = table(&[[3, 3, 0, 0], [30, 30, 0, 0]]);
        assert_eq!(told[0], [Withheld, Withheld, Count(0), Count(0)]);
        assert_eq!(told[1], [Withheld, Withheld, Count(0), Count(0)]);
        assert_eq!(told[2], [Count(33), Count(33), Count(0), Count(0)]);
        // Two small ones in a row are found through their columns.
        let told = table(&[[20, 15, 3, 2], [30, 25, 5, 0]]);
        assert_eq!(told[0], [Count(20), Count(15), Withheld, Withheld]);
        assert_eq!(told[1], [Count(30), Count(25), Count(5), Count(0)]);
        assert_eq!(told[2], [Count(50), Count(40), Withheld, Withheld]);
        // One place alone.
        assert_eq!(table(&[[20, 17, 3, 0]])[0], [Count(20), Withheld, Withheld, Count(0)]);
        assert_eq!(table(&[[7, 3, 2, 2]])[0], [Count(7), Few, Few, Few]);
        // What « few » would give away: 1 of 6 with 5, twice 4 of 8, and that each of five places had one.
        assert_eq!(table(&[[6, 5, 1, 0]])[0], [Count(6), Withheld, Withheld, Count(0)]);
        assert_eq!(table(&[[8, 4, 4, 0]])[0], [Count(8), Withheld, Withheld, Count(0)]);
        assert_eq!(table(&[[1, 1, 0, 0]; 5])[5], [Withheld, Withheld, Count(0), Count(0)]);
        assert!(table(&[])[0].iter().all(|it| *it == Count(0)));
    }

    /// What a count might be, as it is told alone.
    fn range(shown: Shown, least: u32) -> Vec<u32> {
        match shown {
            Count(count) => vec![count],
            Few => (1..SMALLEST).collect(),
            Withheld => (least..10).collect(),
        }
    }

    /// Every way to choose one of each.
    fn ways(ranges: &[Vec<u32>]) -> Vec<Vec<u32>> {
        ranges.iter().fold(vec![Vec::new()], |begun, range| {
            let with = |way: &Vec<u32>| {
                let way = way.clone();
                range.iter().map(move |count| [way.clone(), vec![*count]].concat())
            };
            begun.iter().flat_map(with).collect()
        })
    }

    /// Whether each small count might be another, by what fits all that is told.
    fn is_safe(counts: &[u32], fitting: &[Vec<u32>]) -> bool {
        assert!(fitting.iter().any(|way| way == counts));
        let varies = |(rank, count): (usize, &u32)| fitting.iter().any(|way| way[rank] != *count);
        counts.iter().enumerate().filter(|(_, count)| is_small(**count)).all(varies)
    }

    #[test]
    fn whatever_is_small_among_parts_might_be_another_number() {
        let counts = [0, 1, 4, 5].to_vec();
        for all in (1..=4).flat_map(|number| ways(&vec![counts.clone(); number])) {
            let told = parts(&all);
            let whole = is_whole_told(&told).then(|| Shown::of(all.iter().sum()));
            let ranges: Vec<_> = told.iter().map(|it| range(*it, u32::from(whole.is_some()))).collect();
            let mut fitting = ways(&ranges);
            fitting.retain(|way| whole.is_none_or(|whole| Shown::of(way.iter().sum()) == whole));
            assert!(is_safe(&all, &fitting), "{all:?} {told:?}");
        }
    }

    /// The counts of a table by those of its places that are no sums, row by row.
    fn summed(inner: &[u32]) -> Vec<Row> {
        let row = |three: &[u32]| [three.iter().sum::<u32>(), three[0], three[1], three[2]];
        inner.chunks(3).map(row).collect()
    }

    /// All counts of a table, with those of all places.
    fn flat(places: &[Row]) -> Vec<u32> {
        let all = (0..4).map(|column| places.iter().map(|row| row[column]).sum::<u32>());
        places.iter().flatten().copied().chain(all).collect()
    }

    /// Whether each small count of a table might be another.
    fn is_table_safe(inner: &[u32]) -> bool {
        let places = summed(inner);
        let told = table(&places);
        let ranges: Vec<_> =
            told[..places.len()].iter().flat_map(|row| &row[1..]).map(|it| range(*it, 1)).collect();
        let fits = |way: &Vec<u32>| {
            let mut counts = way.iter().zip(told.iter().flatten());
            counts.all(|(count, shown)| match shown {
                Count(told) => count == told,
                Few => is_small(*count),
                Withheld => *count > 0,
            })
        };
        let fitting: Vec<_> = ways(&ranges).iter().map(|way| flat(&summed(way))).filter(fits).collect();
        is_safe(&flat(&places), &fitting)
    }

    #[test]
    fn whatever_is_small_in_a_table_might_be_another_number() {
        let counts = [0, 1, 4, 6].to_vec();
        // One place with all there is to count; two places with two counts each; three with one.
        for all in ways(&vec![counts.clone(); 3]) {
            assert!(is_table_safe(&all), "{all:?}");
            let [first, second, third] = [0, 1, 2].map(|rank| all[rank]);
            assert!(is_table_safe(&[first, 0, 0, second, 0, 0, third, 0, 0]), "{all:?}");
        }
        for all in ways(&vec![counts.clone(); 4]) {
            assert!(is_table_safe(&[all[0], all[1], 0, all[2], all[3], 0]), "{all:?}");
        }
    }

    #[test]
    fn no_line_leaves_one_small_count_alone_to_be_computed() {
        let counts = [0, 1, 3, 6, 20];
        for seed in 0..3_125_usize {
            let pick = |rank: u32| counts[(seed / 5_usize.pow(rank)) % 5];
            let places = [[0, 1, 2], [3, 4, 1]].map(|ranks| {
                let [present, absent, excused] = ranks.map(pick);
                [present + absent + excused, present, absent, excused]
            });
            let (told, known) = (table(&places), flat(&places));
            let alone = |line: Vec<usize>| {
                let mut hidden = line.into_iter().filter(|rank| !told[rank / 4][rank % 4].is_told());
                let first = hidden.next();
                first.is_some_and(|rank| is_small(known[rank])) && hidden.next().is_none()
            };
            for row in 0..3 {
                assert!(!alone((row * 4..row * 4 + 4).collect()), "{places:?} {told:?}");
            }
            for column in 0..4 {
                assert!(!alone((column..12).step_by(4).collect()), "{places:?} {told:?}");
            }
        }
    }
}
