//! Finding an address while somebody types it.
//!
//! Each word is a prefix of a word of the street's name; a number may come first (`12 rue…`) or last
//! (`rue de la Paix 12`), or belong to the name (`rue du 8 mai 1945`). Plain tables of words serve both
//! engines alike.

use std::fmt::Write as _;

use beffroi_store::{Result, ToValue, Tx};

use crate::{
    Address,
    address::{NUMBERED, STREET, read},
    text,
};

/// Words looked at; what comes after them no longer narrows an address.
const WORDS_AT_MOST: usize = 8;
/// Past every word that starts with a prefix: no letter follows it.
const LAST_LETTER: char = '\u{10ffff}';
/// What may follow a number, as a word of its own.
const SUFFIXES: [&str; 4] = ["bis", "ter", "quater", "quinquies"];

/// A number, with what follows it, taken out of the words.
struct Typed<'a> {
    number: Option<(u32, Option<&'a str>)>,
    words: Vec<&'a str>,
}

/// At most `limit` addresses (or whole streets) for what was typed so far, best first.
///
/// Nothing is found for less than two letters. Where a number is typed that the street does not have,
/// the street is offered.
pub fn search(tx: &mut Tx<'_>, typed: &str, limit: u32) -> Result<Vec<Address>> {
    let folded = text::fold(typed);
    let mut found: Vec<Address> = Vec::new();
    if folded.chars().count() < 2 {
        return Ok(found);
    }
    let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
    for reading in readings(&folded) {
        for street in streets(tx, &reading.words, limit)? {
            let numbered = match reading.number {
                Some((number, suffix)) => numbered(tx, &street, number, suffix, limit)?,
                None => Vec::new(),
            };
            let offered = if numbered.is_empty() { vec![street] } else { numbered };
            for address in offered {
                if !found.iter().any(|it| it.id == address.id) {
                    found.push(address);
                }
            }
        }
        if !found.is_empty() && reading.number.is_some() {
            break;
        }
    }
    // A single street, and no number yet: its numbers come next.
    if let [street] = found.as_slice()
        && street.number.is_none()
        && !folded.starts_with(|c: char| c.is_ascii_digit())
    {
        let sql = format!(
            "SELECT {NUMBERED} FROM address a JOIN street s ON s.id = a.street_id WHERE a.street_id = $1 \
             ORDER BY a.number, a.suffix LIMIT $2"
        );
        let addresses = tx.query(&sql, &[&street.id, &limit], read)?;
        found.extend(addresses);
    }
    found.truncate(wanted);
    Ok(found)
}

/// What may be meant: a number first, a number last, or words only.
fn readings(folded: &str) -> Vec<Typed<'_>> {
    let all: Vec<&str> = folded.split(' ').collect();
    let mut readings = Vec::new();
    if let Some((first, rest)) = all.split_first()
        && let Some((number, glued)) = house_number(first)
    {
        let (suffix, rest) = match (glued, rest.split_first()) {
            (None, Some((next, after))) if SUFFIXES.contains(next) => (Some(*next), after),
            _ => (glued, rest),
        };
        readings.push(Typed { number: Some((number, suffix)), words: deciding(rest) });
    }
    if let [before @ .., number, suffix] = all.as_slice()
        && SUFFIXES.contains(suffix)
        && let Some((number, None)) = house_number(number)
    {
        readings.push(Typed { number: Some((number, Some(suffix))), words: deciding(before) });
    }
    if let Some((last, before)) = all.split_last()
        && let Some(number) = house_number(last)
    {
        readings.push(Typed { number: Some(number), words: deciding(before) });
    }
    // Last, because `8 mai` as words would otherwise hide number 8; yet a name may hold the number.
    readings.push(Typed { number: None, words: deciding(&all) });
    readings.retain(|it| !it.words.is_empty());
    readings
}

/// `12`, `12b`, `12bis`.
fn house_number(word: &str) -> Option<(u32, Option<&str>)> {
    let digits = word.bytes().take_while(u8::is_ascii_digit).count();
    let (number, suffix) = word.split_at_checked(digits)?;
    let number = number.parse().ok().filter(|it| *it < 99_999)?;
    let fits = suffix.chars().count() <= 1 || SUFFIXES.contains(&suffix);
    fits.then_some((number, (!suffix.is_empty()).then_some(suffix)))
}

fn deciding<'a>(words: &[&'a str]) -> Vec<&'a str> {
    let mut kept: Vec<&str> = words.iter().flat_map(|word| text::words(word)).collect();
    if kept.len() > 1 {
        // Alone, `la` says something; among other words it does not.
        let narrowed: Vec<&str> = kept.iter().copied().filter(|word| !is_small(word)).collect();
        if !narrowed.is_empty() {
            kept = narrowed;
        }
    }
    kept.truncate(WORDS_AT_MOST);
    kept
}

fn is_small(word: &str) -> bool {
    text::words(&format!("{word} rue")) == ["rue"]
}

fn streets(tx: &mut Tx<'_>, words: &[&str], limit: u32) -> Result<Vec<Address>> {
    let mut sql = format!("SELECT {STREET} FROM street s WHERE ");
    let mut params: Vec<String> = Vec::new();
    for (rank, word) in words.iter().enumerate() {
        if rank > 0 {
            sql.push_str(" AND ");
        }
        sql.push_str("s.id IN (SELECT street_id FROM street_token WHERE ");
        for (rank, prefix) in [Some(*word), text::written_out(word)].into_iter().flatten().enumerate() {
            if rank > 0 {
                sql.push_str(" OR ");
            }
            let (from, to) = (params.len() + 1, params.len() + 2);
            let _ = write!(sql, "(token >= ${from} AND token < ${to})");
            params.push(prefix.to_owned());
            params.push(format!("{prefix}{LAST_LETTER}"));
        }
        sql.push(')');
    }
    let _ = write!(sql, " ORDER BY s.folded, s.id LIMIT ${}", params.len() + 1);
    let mut values: Vec<&dyn ToValue> = params.iter().map(|it| it as &dyn ToValue).collect();
    values.push(&limit);
    tx.query(&sql, &values, read)
}

fn numbered(
    tx: &mut Tx<'_>,
    street: &Address,
    number: u32,
    suffix: Option<&str>,
    limit: u32,
) -> Result<Vec<Address>> {
    let sql = format!(
        "SELECT {NUMBERED} FROM address a JOIN street s ON s.id = a.street_id \
         WHERE a.street_id = $1 AND a.number = $2 AND a.suffix >= $3 AND a.suffix < $4 \
         ORDER BY a.suffix, a.id LIMIT $5"
    );
    let from = suffix.unwrap_or_default();
    tx.query(&sql, &[&street.id, &number, &from, &format!("{from}{LAST_LETTER}"), &limit], read)
}
