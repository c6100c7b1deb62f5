//! Importing an address file: all of it, or nothing.

use std::collections::{BTreeSet, HashMap};

use beffroi_core::Id;
use beffroi_store::{Entry, StoreError, Tx};
use serde::Serialize;

use crate::{
    Address, LineError, Point,
    bal::{self, StreetKey},
    reference, text,
};

/// Why nothing was imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file has faulty lines.
    #[error("the address file has faulty lines (first: line {}: {})", .0.first().map_or(0, |it| it.line), .0.first().map_or("", |it| it.message.as_str()))]
    Lines(Vec<LineError>),
    /// The database refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What was imported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Imported {
    /// The INSEE codes of the communes that the file told, whose former addresses it replaced.
    pub communes: Vec<String>,
    /// Streets, squares, hamlets.
    pub streets: usize,
    /// Numbered addresses.
    pub addresses: usize,
}

/// Replaces the addresses of the communes that `file` tells by those it tells.
///
/// Streets and addresses that were there before keep their ids. Errors: see [`ImportError`]; the
/// transaction must then be abandoned (an error from its closure does so).
pub fn import(tx: &mut Tx<'_>, file: &[u8]) -> Result<Imported, ImportError> {
    let file = bal::read(file).map_err(ImportError::Lines)?;
    let communes: BTreeSet<_> = file.streets.iter().map(|(key, _)| key.insee.clone()).collect();
    let mut before = Before::default();
    for insee in &communes {
        before.take(tx, insee)?;
    }
    let mut addresses = 0;
    for (key, street) in &file.streets {
        let known = reference::commune(&key.insee);
        let city = match (street.city.as_str(), known) {
            ("", Some(commune)) => commune.name,
            (city, _) => city,
        };
        let postcode = known.and_then(reference::Commune::only_postcode);
        let id = before.streets.get(key).copied().unwrap_or_else(|| tx.new_id());
        let folded = text::fold(&key.name);
        let (lon, lat) = (street.point.map(|it| it.lon), street.point.map(|it| it.lat));
        tx.execute(
            "INSERT INTO street (id, insee, city, postcode, name, locality, folded, lon, lat) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            &[&id, &key.insee, &city, &postcode, &key.name, &key.locality, &folded, &lon, &lat],
        )?;
        for token in tokens(key) {
            tx.execute("INSERT INTO street_token (token, street_id) VALUES ($1, $2)", &[&token, &id])?;
        }
        for ((number, suffix), place) in &street.addresses {
            let numbered = (id, *number, suffix.clone());
            let address = before.addresses.get(&numbered).copied().unwrap_or_else(|| tx.new_id());
            let (lon, lat) = (place.point.map(|it| it.lon), place.point.map(|it| it.lat));
            tx.execute(
                "INSERT INTO address (id, street_id, number, suffix, lon, lat) VALUES ($1, $2, $3, $4, $5, $6)",
                &[&address, &id, number, suffix, &lon, &lat],
            )?;
        }
        addresses += street.addresses.len();
    }
    remember_centre(tx)?;
    let imported =
        Imported { communes: communes.into_iter().collect(), streets: file.streets.len(), addresses };
    let import = tx.new_id::<Imported>();
    tx.journal(&Entry {
        kind: "addresses.imported",
        subject_kind: "addresses",
        subject_id: import.uuid(),
        payload: serde_json::to_value(&imported).map_err(StoreError::from)?,
    })?;
    Ok(imported)
}

/// Keeps where the middle of the addresses is, so that a map opens there. Where the file tells neighbours too, the
/// commune with most addresses is the one whose file it is.
fn remember_centre(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let centre = tx.query_opt(
        "SELECT CAST(AVG(a.lon) AS BIGINT), CAST(AVG(a.lat) AS BIGINT) \
         FROM address a JOIN street s ON s.id = a.street_id WHERE a.lat IS NOT NULL AND a.lon IS NOT NULL \
         GROUP BY s.insee ORDER BY COUNT(*) DESC, s.insee LIMIT 1",
        &[],
        |row| Ok(Point { lon: row.get(0)?, lat: row.get(1)? }),
    )?;
    tx.execute(
        "INSERT INTO setting (name, value) VALUES ('centre', $1) \
         ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        &[&serde_json::to_value(centre).map_err(StoreError::from)?],
    )?;
    Ok(())
}

/// The middle of the commune's addresses, as their import found it; none where none is imported or placed.
pub fn centre(tx: &mut Tx<'_>) -> Result<Option<Point>, StoreError> {
    let kept = tx.query_opt("SELECT value FROM setting WHERE name = 'centre'", &[], |row| {
        row.get::<serde_json::Value>(0)
    })?;
    kept.map_or(Ok(None), |value| serde_json::from_value(value).map_err(StoreError::from))
}

/// The words that find a street, abbreviations written out.
fn tokens(key: &StreetKey) -> BTreeSet<String> {
    let name = text::fold(&format!("{} {}", key.name, key.locality));
    text::words(&name).into_iter().map(|word| text::written_out(word).unwrap_or(word).to_owned()).collect()
}

/// The ids that an earlier file gave.
#[derive(Default)]
struct Before {
    streets: HashMap<StreetKey, Id<Address>>,
    addresses: HashMap<(Id<Address>, u32, String), Id<Address>>,
}

impl Before {
    /// Remembers a commune's ids, and makes room for what comes.
    fn take(&mut self, tx: &mut Tx<'_>, insee: &str) -> Result<(), StoreError> {
        const PAGE: u32 = 5_000;
        let mut after = String::new();
        loop {
            let page = tx.query(
                "SELECT id, name, locality FROM street WHERE insee = $1 AND id > $2 ORDER BY id LIMIT $3",
                &[&insee, &after, &PAGE],
                |row| {
                    let id: Id<Address> = row.get(0)?;
                    Ok((id, StreetKey { insee: insee.to_owned(), name: row.get(1)?, locality: row.get(2)? }))
                },
            )?;
            let Some((last, _)) = page.last() else { break };
            after = last.to_string();
            self.streets.extend(page.into_iter().map(|(id, key)| (key, id)));
        }
        let mut after = String::new();
        loop {
            let page = tx.query(
                "SELECT a.id, a.street_id, a.number, a.suffix FROM address a JOIN street s ON s.id = a.street_id \
                 WHERE s.insee = $1 AND a.id > $2 ORDER BY a.id LIMIT $3",
                &[&insee, &after, &PAGE],
                |row| Ok((row.get::<Id<Address>>(0)?, (row.get(1)?, row.get(2)?, row.get(3)?))),
            )?;
            let Some((last, _)) = page.last() else { break };
            after = last.to_string();
            self.addresses.extend(page.into_iter().map(|(id, key)| (key, id)));
        }
        for table in ["street_token", "address"] {
            tx.execute(
                &format!("DELETE FROM {table} WHERE street_id IN (SELECT id FROM street WHERE insee = $1)"),
                &[&insee],
            )?;
        }
        tx.execute("DELETE FROM street WHERE insee = $1", &[&insee])?;
        Ok(())
    }
}
