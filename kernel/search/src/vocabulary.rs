//! The words of a commune: how many documents each stands in, which ones begin so, which ones are spelt nearly so.

use std::collections::{BTreeMap, BTreeSet};

use beffroi_store::{Result, Tx, Value};

use crate::sql;

/// Shorter words are not corrected: too many are a letter away.
const SHORTEST_CORRECTED: usize = 4;
/// Longer ones are no words that somebody mistypes.
const LONGEST_CORRECTED: usize = 24;
/// From this length on, two letters may be wrong.
const TWO_WRONG_FROM: usize = 8;
/// Words that one misspelt word may stand for.
const TAKEN_FOR: usize = 6;
/// Words looked at for those that begin so, and how many are taken: those that stand in most documents.
const BEGINNINGS_SEEN: u32 = 2_000;
const BEGINNINGS_TAKEN: u32 = 24;

/// A word that may be meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Meant {
    /// The word, folded.
    pub(crate) word: String,
    /// As people write it.
    pub(crate) shown: String,
    /// How many documents it stands in.
    pub(crate) docs: i64,
}

/// Adds to the counts of words, or takes away; a word that stands nowhere any more is forgotten.
pub(crate) fn count(tx: &mut Tx<'_>, changes: &BTreeMap<String, (i64, String)>) -> Result<()> {
    let names: Vec<Value> = changes.keys().cloned().map(Value::Text).collect();
    let known = sql::query_in(
        tx,
        "SELECT word, shown, docs FROM search_word WHERE word IN ({})",
        &[],
        &names,
        |row| Ok((row.get::<String>(0)?, (row.get::<String>(1)?, row.get::<i64>(2)?))),
    )?;
    let known: BTreeMap<_, _> = known.into_iter().collect();
    let (mut kept, mut fresh, mut gone) = (Vec::new(), Vec::new(), Vec::new());
    for (word, (by, shown)) in changes.iter().filter(|(_, (by, _))| *by != 0) {
        let (shown, before) = known.get(word).map_or((shown, 0), |(shown, docs)| (shown, *docs));
        let docs = before + by;
        if docs > 0 {
            kept.push(vec![Value::Text(word.clone()), Value::Text(shown.clone()), Value::Int(docs)]);
            if before == 0 {
                fresh.extend(
                    without_a_letter(word)
                        .into_iter()
                        .map(|near| vec![Value::Text(near), Value::Text(word.clone())]),
                );
            }
        } else if before > 0 {
            gone.push(word.clone());
        }
    }
    sql::insert(
        tx,
        "INSERT INTO search_word (word, shown, docs)",
        "ON CONFLICT (word) DO UPDATE SET docs = excluded.docs",
        &kept,
    )?;
    sql::insert(tx, "INSERT INTO search_near (near, word)", "ON CONFLICT (near, word) DO NOTHING", &fresh)?;
    let nears: Vec<Value> = gone.iter().flat_map(|word| without_a_letter(word)).map(Value::Text).collect();
    let gone: Vec<Value> = gone.into_iter().map(Value::Text).collect();
    sql::execute_in(tx, "DELETE FROM search_word WHERE word IN ({})", &[], &gone)?;
    for word in gone {
        sql::execute_in(tx, "DELETE FROM search_near WHERE word = $1 AND near IN ({})", &[word], &nears)?;
    }
    Ok(())
}

/// A word without each of its letters, where it is one that is corrected.
fn without_a_letter(word: &str) -> BTreeSet<String> {
    let letters: Vec<char> = word.chars().collect();
    if !(SHORTEST_CORRECTED..=LONGEST_CORRECTED).contains(&letters.len()) {
        return BTreeSet::new();
    }
    let without = |left_out: usize| {
        letters.iter().enumerate().filter(|(rank, _)| *rank != left_out).map(|(_, letter)| *letter).collect()
    };
    (0..letters.len()).map(without).collect()
}

/// The word itself, if it is known.
pub(crate) fn known(tx: &mut Tx<'_>, word: &str) -> Result<Option<Meant>> {
    tx.query_opt("SELECT word, shown, docs FROM search_word WHERE word = $1", &[&word], |row| {
        Ok(Meant { word: row.get(0)?, shown: row.get(1)?, docs: row.get(2)? })
    })
}

/// The words that are spelt nearly so, the likeliest first; never the word itself.
pub(crate) fn near(tx: &mut Tx<'_>, word: &str) -> Result<Vec<Meant>> {
    let mut keys: Vec<Value> = without_a_letter(word).into_iter().map(Value::Text).collect();
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    keys.push(Value::Text(word.to_owned()));
    let read =
        |row: &mut beffroi_store::Row| Ok(Meant { word: row.get(0)?, shown: row.get(1)?, docs: row.get(2)? });
    let mut found = sql::query_in(
        tx,
        "SELECT w.word, w.shown, w.docs FROM search_near n JOIN search_word w ON w.word = n.word \
         WHERE n.near IN ({})",
        &[],
        &keys,
        read,
    )?;
    let sql = "SELECT word, shown, docs FROM search_word WHERE word IN ({})";
    found.extend(sql::query_in(tx, sql, &[], &keys, read)?);
    let allowed = if word.chars().count() >= TWO_WRONG_FROM { 2 } else { 1 };
    let mut near: Vec<(usize, Meant)> = found
        .into_iter()
        .map(|meant| (strsim::osa_distance(word, &meant.word), meant))
        .filter(|(distance, _)| (1..=allowed).contains(distance))
        .collect();
    near.sort_by(|(a, x), (b, y)| a.cmp(b).then(y.docs.cmp(&x.docs)).then(x.word.cmp(&y.word)));
    near.dedup_by(|(_, a), (_, b)| a.word == b.word);
    Ok(near.into_iter().take(TAKEN_FOR).map(|(_, meant)| meant).collect())
}

/// The words that begin so, those that stand in most documents first.
pub(crate) fn beginning(tx: &mut Tx<'_>, beginning: &str) -> Result<Vec<Meant>> {
    let end = format!("{beginning}\u{10FFFF}");
    tx.query(
        "SELECT word, shown, docs FROM (SELECT word, shown, docs FROM search_word WHERE word >= $1 AND word < $2 \
         ORDER BY word LIMIT $3) AS seen ORDER BY docs DESC, word LIMIT $4",
        &[&beginning, &end, &BEGINNINGS_SEEN, &BEGINNINGS_TAKEN],
        |row| Ok(Meant { word: row.get(0)?, shown: row.get(1)?, docs: row.get(2)? }),
    )
}
