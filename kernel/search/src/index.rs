//! Keeping the index: what is put in, taken out, and what waits to be read again.

use std::collections::{BTreeMap, BTreeSet};

use beffroi_store::{Result, Tx, Value};
use uuid::Uuid;

use crate::{postings::Changes, sql, tokens, vocabulary};

/// Before the words that tell what a thing is called: they count more.
pub(crate) const CALLED: char = '!';
/// Before every word.
pub(crate) const SAID: char = '.';
/// Before the words of the vocabulary, in a document's own list.
const WRITTEN: char = '=';

/// What things can be narrowed to: `("state", "waiting")`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Facet {
    /// What it tells; lower-case letters only.
    pub name: &'static str,
    /// What it is.
    pub value: String,
}

impl Facet {
    /// A facet.
    pub fn new(name: &'static str, value: impl Into<String>) -> Self {
        Self { name, value: value.into() }
    }

    pub(crate) fn term(&self) -> String {
        let value: String = self.value.chars().map(|c| if c.is_whitespace() { '_' } else { c }).collect();
        format!("{}:{value}", self.name)
    }
}

/// A thing that can be found.
#[derive(Clone, Debug)]
pub struct Document {
    /// Which one.
    pub subject: Uuid,
    /// What it is called: its reference, the names of those concerned.
    pub called: Vec<String>,
    /// All else that it says.
    pub said: Vec<String>,
    /// What it can be narrowed to.
    pub facets: Vec<Facet>,
}

impl Document {
    /// All that it is found by, and how its words are written.
    fn terms(&self) -> (BTreeSet<String>, BTreeMap<String, String>) {
        let called: Vec<_> = self.called.iter().flat_map(|text| tokens::of_text(text)).collect();
        let said: Vec<_> = self.said.iter().flat_map(|text| tokens::of_text(text)).collect();
        let mut terms: BTreeSet<String> = self.facets.iter().map(Facet::term).collect();
        // A number is looked for under both signs, so that each is kept once; a word that names is said, too.
        for token in &called {
            terms.insert(format!("{CALLED}{}", token.stem()));
            if token.is_word() {
                terms.insert(format!("{SAID}{}", token.stem()));
            }
        }
        for token in &said {
            terms.insert(format!("{SAID}{}", token.stem()));
        }
        let words = tokens::words_of(called.iter().chain(&said));
        terms.extend(words.keys().map(|word| format!("{WRITTEN}{word}")));
        (terms, words)
    }
}

/// A document as it is kept.
struct Kept {
    doc: i64,
    terms: BTreeSet<String>,
}

fn kept(tx: &mut Tx<'_>, subjects: impl Iterator<Item = Uuid>) -> Result<BTreeMap<Uuid, Kept>> {
    let list: Vec<Value> = subjects.map(|subject| Value::Text(subject.to_string())).collect();
    let sql = "SELECT subject, doc, terms FROM search_doc WHERE subject IN ({})";
    let rows = sql::query_in(tx, sql, &[], &list, |row| {
        let terms: String = row.get(2)?;
        let terms = terms.split(' ').filter(|term| !term.is_empty()).map(str::to_owned).collect();
        Ok((row.get(0)?, Kept { doc: row.get(1)?, terms }))
    })?;
    Ok(rows.into_iter().collect())
}

/// What changes in the whole index, gathered.
#[derive(Default)]
struct Difference {
    postings: Changes,
    words: BTreeMap<String, (i64, String)>,
}

impl Difference {
    fn note(&mut self, term: &str, doc: i64, stands: bool, shown: Option<&String>) {
        if let Some(word) = term.strip_prefix(WRITTEN) {
            let shown = shown.cloned().unwrap_or_else(|| word.to_owned());
            self.words.entry(word.to_owned()).or_insert((0, shown)).0 += if stands { 1 } else { -1 };
        } else if stands {
            self.postings.add(term, doc);
        } else {
            self.postings.remove(term, doc);
        }
    }

    fn write(self, tx: &mut Tx<'_>) -> Result<()> {
        self.postings.write(tx)?;
        vocabulary::count(tx, &self.words)
    }
}

/// Puts documents in, or puts them right. Done twice, it changes nothing more.
pub fn put(tx: &mut Tx<'_>, documents: &[Document]) -> Result<()> {
    let before = kept(tx, documents.iter().map(|document| document.subject))?;
    let mut next: i64 =
        tx.query_one("SELECT COALESCE(MAX(doc), -1) + 1 FROM search_doc", &[], |row| row.get(0))?;
    let mut difference = Difference::default();
    // The last word about a thing counts.
    let latest: BTreeMap<Uuid, &Document> =
        documents.iter().map(|document| (document.subject, document)).collect();
    let mut rows = Vec::new();
    let mut seen = BTreeSet::new();
    for document in documents.iter().filter(|document| seen.insert(document.subject)) {
        let Some(document) = latest.get(&document.subject) else { continue };
        let (terms, words) = document.terms();
        let none = BTreeSet::new();
        let (doc, old) = if let Some(kept) = before.get(&document.subject) {
            (kept.doc, &kept.terms)
        } else {
            next += 1;
            (next - 1, &none)
        };
        if terms == *old {
            continue;
        }
        for term in terms.difference(old) {
            let shown = term.strip_prefix(WRITTEN).and_then(|word| words.get(word));
            difference.note(term, doc, true, shown);
        }
        for term in old.difference(&terms) {
            difference.note(term, doc, false, None);
        }
        let terms = terms.into_iter().collect::<Vec<_>>().join(" ");
        rows.push(vec![Value::Int(doc), Value::Text(document.subject.to_string()), Value::Text(terms)]);
    }
    sql::insert(
        tx,
        "INSERT INTO search_doc (doc, subject, terms)",
        "ON CONFLICT (subject) DO UPDATE SET terms = excluded.terms",
        &rows,
    )?;
    difference.write(tx)
}

/// Takes things out, and all their words that stand nowhere else.
pub fn remove(tx: &mut Tx<'_>, subjects: &[Uuid]) -> Result<()> {
    let gone = kept(tx, subjects.iter().copied())?;
    let mut difference = Difference::default();
    for kept in gone.values() {
        for term in &kept.terms {
            difference.note(term, kept.doc, false, None);
        }
    }
    let list: Vec<Value> = gone.keys().map(|subject| Value::Text(subject.to_string())).collect();
    sql::execute_in(tx, "DELETE FROM search_doc WHERE subject IN ({})", &[], &list)?;
    difference.write(tx)
}

/// Empties the index: it is about to be made anew.
pub fn clear(tx: &mut Tx<'_>) -> Result<()> {
    for table in ["search_posting", "search_doc", "search_word", "search_near", "search_due"] {
        tx.execute(&format!("DELETE FROM {table}"), &[])?;
    }
    Ok(())
}

/// Notes that something has changed.
pub fn due(tx: &mut Tx<'_>, subject: Uuid) -> Result<()> {
    tx.execute("INSERT INTO search_due (subject) VALUES ($1) ON CONFLICT (subject) DO NOTHING", &[&subject])
        .map(drop)
}

/// What has changed and waits to be read again, as many as `limit`.
pub fn waiting(tx: &mut Tx<'_>, limit: u32) -> Result<Vec<Uuid>> {
    tx.query("SELECT subject FROM search_due ORDER BY subject LIMIT $1", &[&limit], |row| row.get(0))
}

/// What was read again waits no longer.
pub fn done(tx: &mut Tx<'_>, subjects: &[Uuid]) -> Result<()> {
    let list: Vec<Value> = subjects.iter().map(|subject| Value::Text(subject.to_string())).collect();
    sql::execute_in(tx, "DELETE FROM search_due WHERE subject IN ({})", &[], &list)
}
