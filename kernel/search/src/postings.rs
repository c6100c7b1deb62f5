//! The postings: for each term and block, the documents in which it stands.

use std::collections::BTreeMap;

use beffroi_store::{Result, Tx, Value};

use crate::{
    bits::{Bits, place},
    sql,
};

/// Changes to postings, gathered so that each row is written once.
#[derive(Default)]
pub(crate) struct Changes {
    of: BTreeMap<(i64, String), Vec<(u16, bool)>>,
}

impl Changes {
    pub(crate) fn add(&mut self, term: &str, doc: i64) {
        self.note(term, doc, true);
    }

    pub(crate) fn remove(&mut self, term: &str, doc: i64) {
        self.note(term, doc, false);
    }

    fn note(&mut self, term: &str, doc: i64, stands: bool) {
        let (block, place) = place(doc);
        self.of.entry((block, term.to_owned())).or_default().push((place, stands));
    }

    /// Writes them down.
    pub(crate) fn write(self, tx: &mut Tx<'_>) -> Result<()> {
        let mut by_block: BTreeMap<i64, BTreeMap<String, Vec<(u16, bool)>>> = BTreeMap::new();
        for ((block, term), changes) in self.of {
            by_block.entry(block).or_default().insert(term, changes);
        }
        for (block, terms) in by_block {
            let names: Vec<Value> = terms.keys().cloned().map(Value::Text).collect();
            let known = sql::query_in(
                tx,
                "SELECT term, docs FROM search_posting WHERE block = $1 AND term IN ({})",
                &[Value::Int(block)],
                &names,
                |row| Ok((row.get::<String>(0)?, Bits::from_bytes(&row.get::<Vec<u8>>(1)?)?)),
            )?;
            let mut known: BTreeMap<String, Bits> = known.into_iter().collect();
            let (mut kept, mut gone) = (Vec::new(), Vec::new());
            for (term, changes) in terms {
                let mut bits = known.remove(&term).unwrap_or_default();
                for (place, stands) in changes {
                    if stands {
                        bits.insert(place);
                    } else {
                        bits.remove(place);
                    }
                }
                if bits.is_empty() {
                    gone.push(Value::Text(term));
                } else {
                    kept.push(vec![Value::Text(term), Value::Int(block), Value::Blob(bits.to_bytes())]);
                }
            }
            sql::insert(
                tx,
                "INSERT INTO search_posting (term, block, docs)",
                "ON CONFLICT (term, block) DO UPDATE SET docs = excluded.docs",
                &kept,
            )?;
            sql::execute_in(
                tx,
                "DELETE FROM search_posting WHERE block = $1 AND term IN ({})",
                &[Value::Int(block)],
                &gone,
            )?;
        }
        Ok(())
    }
}

/// Sets of documents, by block.
pub(crate) type Blocks = BTreeMap<i64, Bits>;

/// Where any of these terms stands, from block `low` to block `high`.
pub(crate) fn any(tx: &mut Tx<'_>, terms: &[String], low: i64, high: i64) -> Result<Blocks> {
    let mut found = Blocks::new();
    let names: Vec<Value> = terms.iter().cloned().map(Value::Text).collect();
    let sql = "SELECT block, docs FROM search_posting WHERE term IN ({}) AND block >= $1 AND block <= $2";
    sql::query_in(tx, sql, &[Value::Int(low), Value::Int(high)], &names, |row| {
        let bits = Bits::from_bytes(&row.get::<Vec<u8>>(1)?)?;
        found.entry(row.get(0)?).or_default().or(&bits);
        Ok(())
    })?;
    Ok(found)
}

/// The same in these blocks alone.
pub(crate) fn any_in(tx: &mut Tx<'_>, terms: &[String], blocks: &[i64]) -> Result<Blocks> {
    let mut found = Blocks::new();
    let blocks: Vec<Value> = blocks.iter().copied().map(Value::Int).collect();
    for term in terms {
        let sql = "SELECT block, docs FROM search_posting WHERE term = $1 AND block IN ({})";
        sql::query_in(tx, sql, &[Value::Text(term.clone())], &blocks, |row| {
            let bits = Bits::from_bytes(&row.get::<Vec<u8>>(1)?)?;
            found.entry(row.get(0)?).or_default().or(&bits);
            Ok(())
        })?;
    }
    Ok(found)
}

/// Whether a term stands anywhere.
pub(crate) fn exists(tx: &mut Tx<'_>, term: &str) -> Result<bool> {
    let found = tx.query("SELECT block FROM search_posting WHERE term = $1 LIMIT 1", &[&term], |_| Ok(()))?;
    Ok(!found.is_empty())
}

/// The terms that begin so, as many as `limit`.
pub(crate) fn beginning(tx: &mut Tx<'_>, beginning: &str, limit: u32) -> Result<Vec<String>> {
    let end = format!("{beginning}\u{10FFFF}");
    tx.query(
        "SELECT DISTINCT term FROM search_posting WHERE term >= $1 AND term < $2 ORDER BY term LIMIT $3",
        &[&beginning, &end, &limit],
        |row| row.get(0),
    )
}
