//! Finding: a query read as sets of terms, and a page of the documents that are in all of them. Blocks are looked at
//! from the newest on, as far as the page asks; a page's cost does not grow with the number of documents found.

use std::collections::BTreeMap;

use beffroi_store::{Result, Tx, Value};
use uuid::Uuid;

use crate::{
    bits::{BLOCK, Bits, place},
    index::{CALLED, Facet, SAID},
    postings::{self, Blocks},
    sql,
    tokens::{self, Token},
    vocabulary,
};

/// Words of a query that count; nobody means more.
const MOST_WORDS: usize = 12;
/// Beginnings of so many letters are completed.
const SHORTEST_BEGINNING: usize = 3;
/// Identifiers that one beginning may stand for.
const IDENTIFIERS_TAKEN: u32 = 24;
/// The most of one page.
const LONGEST_PAGE: usize = 200;
/// Blocks looked at first; each further look takes four times as many.
const FIRST_LOOK: i64 = 8;
/// In so few blocks, a set is read block by block.
const FEW_BLOCKS: usize = 8;
/// Rows of the order by clock that are read at once.
const CLOCK_ROWS: u32 = 2_000;

/// In which order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// Those that are called so, then those that say so; the newest first.
    #[default]
    Best,
    /// Those whose `clock` facet is the earliest first; those without one are left out.
    Clock,
}

/// Where a page begins: after this document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    rank: String,
    doc: i64,
}

impl Key {
    /// The key in a text, for an address.
    pub fn to_text(&self) -> String {
        format!("{}_{}", self.rank, self.doc)
    }

    /// The key that a text tells.
    pub fn from_text(text: &str) -> Option<Self> {
        let (rank, doc) = text.split_once('_')?;
        let plain = rank.chars().all(|c| c.is_ascii_digit() || c == '-');
        Some(Self { rank: rank.to_owned(), doc: doc.parse().ok()? }).filter(|_| plain)
    }
}

/// What is looked for.
#[derive(Clone, Debug, Default)]
pub struct Wanted<'w> {
    /// What was typed.
    pub text: &'w str,
    /// One of each of these lists must hold.
    pub facets: Vec<Vec<Facet>>,
    /// In which order.
    pub order: Order,
    /// Where the page begins.
    pub after: Option<Key>,
    /// How many at most.
    pub limit: usize,
}

/// A word that was taken for another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correction {
    /// As it was typed.
    pub typed: String,
    /// As it was understood.
    pub meant: String,
}

/// How a query was understood.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    clauses: Vec<Clause>,
    /// Words that stand nowhere and were taken for others.
    pub corrections: Vec<Correction>,
}

/// One word of a query, and all that it may stand for.
#[derive(Clone, Debug)]
struct Clause {
    typed: Token,
    stems: Vec<String>,
}

impl Reading {
    /// Whether the query had any word that counts.
    pub fn has_words(&self) -> bool {
        !self.clauses.is_empty()
    }

    /// Whether a folded word is one that was sought.
    pub(crate) fn is_sought(&self, folded: &str) -> bool {
        let stem = tokens::stem(folded);
        self.clauses.iter().any(|clause| clause.stems.contains(&stem))
    }
}

/// One page of what was found.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// What was found.
    pub subjects: Vec<Uuid>,
    /// Where the next page begins.
    pub next: Option<Key>,
    /// How the query was understood.
    pub reading: Reading,
    /// Where nothing was found: the query with words that are known here.
    pub proposal: Option<String>,
}

/// A page of what is looked for.
pub fn find(tx: &mut Tx<'_>, wanted: &Wanted<'_>) -> Result<Found> {
    let reading = read(tx, wanted.text)?;
    if !reading.has_words() && !wanted.text.trim().is_empty() {
        return Ok(Found { reading, ..Found::default() });
    }
    // A word that stands nowhere: nothing can be found.
    let mut found = if reading.clauses.iter().any(|clause| clause.stems.is_empty()) {
        Found::default()
    } else {
        match wanted.order {
            Order::Best => by_rank(tx, wanted, &reading)?,
            Order::Clock => by_clock(tx, wanted, &reading)?,
        }
    };
    if found.subjects.is_empty() && wanted.after.is_none() {
        found.proposal = propose(tx, wanted.text, &reading)?;
    }
    Ok(Found { reading, ..found })
}

/// Understands a query.
fn read(tx: &mut Tx<'_>, text: &str) -> Result<Reading> {
    let mut tokens = tokens::of_query(text);
    tokens.truncate(MOST_WORDS);
    let unfinished = text.chars().last().is_some_and(char::is_alphanumeric);
    let last = tokens.len().saturating_sub(1);
    let mut reading = Reading::default();
    for (rank, typed) in tokens.into_iter().enumerate() {
        let beginning = rank == last && unfinished;
        let mut stems = Vec::new();
        match &typed {
            Token::Identifier(whole) => {
                stems.push(whole.clone());
                if beginning && whole.chars().count() >= SHORTEST_BEGINNING {
                    for sigil in [CALLED, SAID] {
                        let terms = postings::beginning(tx, &format!("{sigil}{whole}"), IDENTIFIERS_TAKEN)?;
                        stems.extend(
                            terms.iter().filter_map(|term| term.strip_prefix(sigil)).map(str::to_owned),
                        );
                    }
                }
            }
            Token::Word { folded, shown } => {
                let stem = tokens::stem(folded);
                let mut known = vocabulary::known(tx, folded)?.is_some();
                known = known || postings::exists(tx, &format!("{SAID}{stem}"))?;
                if known {
                    stems.push(stem);
                }
                if beginning && folded.chars().count() >= SHORTEST_BEGINNING {
                    let longer = vocabulary::beginning(tx, folded)?;
                    stems.extend(longer.iter().map(|meant| tokens::stem(&meant.word)));
                }
                if stems.is_empty() {
                    let near = vocabulary::near(tx, folded)?;
                    if let Some(first) = near.first() {
                        reading
                            .corrections
                            .push(Correction { typed: shown.clone(), meant: first.shown.clone() });
                    }
                    stems.extend(near.iter().map(|meant| tokens::stem(&meant.word)));
                }
            }
        }
        stems.sort_unstable();
        stems.dedup();
        reading.clauses.push(Clause { typed, stems });
    }
    Ok(reading)
}

/// The query with each of its words replaced by a better known one that is spelt nearly so.
fn propose(tx: &mut Tx<'_>, text: &str, reading: &Reading) -> Result<Option<String>> {
    let mut proposal = text.trim().to_lowercase();
    let mut changed = false;
    for clause in &reading.clauses {
        let Token::Word { folded, shown } = &clause.typed else { continue };
        if reading.corrections.iter().any(|correction| correction.typed == *shown) {
            continue;
        }
        let before = vocabulary::known(tx, folded)?.map_or(0, |meant| meant.docs);
        let better = vocabulary::near(tx, folded)?.into_iter().find(|meant| meant.docs > before);
        if let Some(better) = better {
            changed |= proposal.contains(shown.as_str());
            proposal = proposal.replacen(shown.as_str(), &better.shown, 1);
        }
    }
    Ok(changed.then_some(proposal))
}

/// What must hold: for each word its terms, and the facets.
fn conditions(wanted: &Wanted<'_>, reading: &Reading, sigil: char) -> Vec<Vec<String>> {
    let words = reading.clauses.iter().map(|clause| {
        let mut terms: Vec<String> = clause.stems.iter().map(|stem| format!("{sigil}{stem}")).collect();
        if sigil == SAID && !clause.typed.is_word() {
            terms.extend(clause.stems.iter().map(|stem| format!("{CALLED}{stem}")));
        }
        terms
    });
    let facets = wanted.facets.iter().map(|any| any.iter().map(Facet::term).collect());
    words.chain(facets).collect()
}

/// The documents of which all conditions hold, from block `low` to block `high`.
fn all(tx: &mut Tx<'_>, conditions: &[Vec<String>], low: i64, high: i64) -> Result<Blocks> {
    let mut found: Option<Blocks> = None;
    for terms in conditions {
        let Some(so_far) = &mut found else {
            found = Some(postings::any(tx, terms, low, high)?);
            continue;
        };
        let blocks: Vec<i64> = so_far.keys().copied().collect();
        let (Some(first), Some(last)) = (blocks.first(), blocks.last()) else { break };
        let these = if blocks.len() <= FEW_BLOCKS && terms.len() <= FEW_BLOCKS {
            postings::any_in(tx, terms, &blocks)?
        } else {
            postings::any(tx, terms, *first, *last)?
        };
        so_far.retain(|block, bits| match these.get(block) {
            Some(other) => {
                bits.and(other);
                !bits.is_empty()
            }
            None => false,
        });
    }
    match found {
        Some(found) => Ok(found),
        None => everything(tx, low, high),
    }
}

/// With no condition at all, every document there is.
fn everything(tx: &mut Tx<'_>, low: i64, high: i64) -> Result<Blocks> {
    let mut found = Blocks::new();
    tx.query(
        "SELECT doc FROM search_doc WHERE doc >= $1 AND doc < $2 ORDER BY doc DESC LIMIT 100000",
        &[&(low * BLOCK), &((high + 1) * BLOCK)],
        |row| {
            let (block, place) = place(row.get(0)?);
            found.entry(block).or_default().insert(place);
            Ok(())
        },
    )?;
    Ok(found)
}

fn last_block(tx: &mut Tx<'_>) -> Result<i64> {
    let last: i64 = tx.query_one("SELECT COALESCE(MAX(doc), -1) FROM search_doc", &[], |row| row.get(0))?;
    Ok(place(last).0)
}

/// Those that are called so, then those that say so; the newest first.
fn by_rank(tx: &mut Tx<'_>, wanted: &Wanted<'_>, reading: &Reading) -> Result<Found> {
    let limit = wanted.limit.clamp(1, LONGEST_PAGE);
    let said = conditions(wanted, reading, SAID);
    let called = reading.has_words().then(|| conditions(wanted, reading, CALLED));
    let (from_rank, from_doc) = match &wanted.after {
        Some(key) => (key.rank.parse::<i64>().unwrap_or_default(), key.doc),
        None => (0, i64::MAX),
    };
    let newest = last_block(tx)?;
    let mut docs: Vec<(i64, i64)> = Vec::new();
    for rank in from_rank..=1 {
        let conditions = match (rank, &called) {
            (0, Some(called)) => called,
            (0, None) => continue,
            _ => &said,
        };
        let before = if rank == from_rank { from_doc } else { i64::MAX };
        let mut high = if before == i64::MAX { newest } else { place(before).0.min(newest) };
        let mut look = FIRST_LOOK;
        while high >= 0 && docs.len() <= limit {
            let low = (high - look + 1).max(0);
            let mut found = all(tx, conditions, low, high)?;
            if let (1, Some(called)) = (rank, &called) {
                take_out(tx, &mut found, called)?;
            }
            let latest = found
                .iter()
                .rev()
                .flat_map(|(block, bits)| bits.latest().map(move |place| block * BLOCK + i64::from(place)));
            docs.extend(
                latest.filter(|doc| *doc < before).take(limit + 1 - docs.len()).map(|doc| (rank, doc)),
            );
            high = low - 1;
            look *= 4;
        }
        if docs.len() > limit {
            break;
        }
    }
    let more = docs.len() > limit;
    docs.truncate(limit);
    let next = docs.last().filter(|_| more).map(|(rank, doc)| Key { rank: rank.to_string(), doc: *doc });
    let numbers: Vec<i64> = docs.into_iter().map(|(_, doc)| doc).collect();
    Ok(Found { subjects: subjects(tx, &numbers)?, next, ..Found::default() })
}

/// Without those that were shown before, because they are called so.
fn take_out(tx: &mut Tx<'_>, found: &mut Blocks, called: &[Vec<String>]) -> Result<()> {
    let (Some(first), Some(last)) = (found.keys().next().copied(), found.keys().next_back().copied()) else {
        return Ok(());
    };
    let shown = all(tx, called, first, last)?;
    found.retain(|block, bits| {
        if let Some(shown) = shown.get(block) {
            bits.without(shown);
        }
        !bits.is_empty()
    });
    Ok(())
}

/// Those that press first: the days of the clock one after another, as far as the page asks.
fn by_clock(tx: &mut Tx<'_>, wanted: &Wanted<'_>, reading: &Reading) -> Result<Found> {
    let limit = wanted.limit.clamp(1, LONGEST_PAGE);
    let newest = last_block(tx)?;
    let matching = all(tx, &conditions(wanted, reading, SAID), 0, newest)?;
    let mut sought: usize = matching.values().map(Bits::len).sum();
    let (from_day, from_doc) = match &wanted.after {
        Some(key) => (key.rank.clone(), key.doc),
        None => (String::new(), i64::MAX),
    };
    let mut from = format!("clock:{from_day}");
    let mut docs: Vec<(String, i64)> = Vec::new();
    while docs.len() <= limit && sought > 0 {
        let rows = clock_rows(tx, &from)?;
        let full = rows.len() >= CLOCK_ROWS as usize;
        let mut days: BTreeMap<String, Blocks> = BTreeMap::new();
        for (term, block, bits) in rows {
            days.entry(term).or_default().insert(block, bits);
        }
        // The last day may have been cut off: it is read again with the next rows.
        let last = days.keys().next_back().cloned();
        let cut_off = last.clone().filter(|_| full && days.len() > 1);
        if let Some(last) = &cut_off {
            days.remove(last);
        }
        for (term, blocks) in days {
            let day = term.trim_start_matches("clock:").to_owned();
            for (block, bits) in blocks.iter().rev() {
                let Some(matched) = matching.get(block) else { continue };
                let mut both = bits.clone();
                both.and(matched);
                sought = sought.saturating_sub(both.len());
                docs.extend(
                    both.latest()
                        .map(|place| block * BLOCK + i64::from(place))
                        .filter(|doc| day != from_day || *doc < from_doc)
                        .map(|doc| (day.clone(), doc)),
                );
            }
            if docs.len() > limit {
                break;
            }
        }
        match last {
            Some(last) if full => from = cut_off.unwrap_or_else(|| format!("{last}~")),
            _ => break,
        }
    }
    let more = docs.len() > limit;
    docs.truncate(limit);
    let next = docs.last().filter(|_| more).map(|(day, doc)| Key { rank: day.clone(), doc: *doc });
    let numbers: Vec<i64> = docs.into_iter().map(|(_, doc)| doc).collect();
    Ok(Found { subjects: subjects(tx, &numbers)?, next, ..Found::default() })
}

fn clock_rows(tx: &mut Tx<'_>, from: &str) -> Result<Vec<(String, i64, Bits)>> {
    tx.query(
        "SELECT term, block, docs FROM search_posting WHERE term >= $1 AND term < 'clock;' \
         ORDER BY term, block LIMIT $2",
        &[&from, &CLOCK_ROWS],
        |row| Ok((row.get(0)?, row.get(1)?, Bits::from_bytes(&row.get::<Vec<u8>>(2)?)?)),
    )
}

/// What these documents are, in their order.
fn subjects(tx: &mut Tx<'_>, docs: &[i64]) -> Result<Vec<Uuid>> {
    let list: Vec<Value> = docs.iter().copied().map(Value::Int).collect();
    let sql = "SELECT doc, subject FROM search_doc WHERE doc IN ({})";
    let rows = sql::query_in(tx, sql, &[], &list, |row| Ok((row.get::<i64>(0)?, row.get::<Uuid>(1)?)))?;
    let known: BTreeMap<i64, Uuid> = rows.into_iter().collect();
    Ok(docs.iter().filter_map(|doc| known.get(doc).copied()).collect())
}
