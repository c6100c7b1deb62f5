//! An address as a form keeps it and as a reader expects it.

use std::fmt;

use beffroi_core::Id;
use beffroi_store::{Result, Row, Tx};
use serde::{Deserialize, Serialize};

/// A point on the globe (WGS 84), in millionths of a degree: about eleven centimetres.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Point {
    /// East of Greenwich.
    pub lon: i64,
    /// North of the equator.
    pub lat: i64,
}

/// An address of the commune's address file, or a street of it as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Address {
    /// Which one. It stays the same when the file is imported again.
    pub id: Id<Address>,
    /// The number in the street; `None` for the street as a whole.
    pub number: Option<u32>,
    /// What follows the number: `bis`, `a`.
    pub suffix: Option<String>,
    /// The street, square or hamlet.
    pub street: String,
    /// The place within the commune, where the file tells one.
    pub locality: Option<String>,
    /// The postcode, where the commune has only one.
    pub postcode: Option<String>,
    /// The commune's name.
    pub city: String,
    /// The commune's INSEE code.
    pub insee: String,
    /// Where it is, where the file tells it.
    pub point: Option<Point>,
}

/// On one line: `12 bis rue de la Paix, 34400 Lunel`.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(number) = self.number {
            write!(f, "{number} ")?;
        }
        if let Some(suffix) = &self.suffix {
            write!(f, "{suffix} ")?;
        }
        write!(f, "{}, ", self.street)?;
        if let Some(postcode) = &self.postcode {
            write!(f, "{postcode} ")?;
        }
        f.write_str(&self.city)
    }
}

/// The columns of a street that is offered as a whole.
pub(crate) const STREET: &str =
    "s.id, NULL, '', s.name, s.locality, s.postcode, s.city, s.insee, s.lon, s.lat";
/// The columns of an address, joined to its street.
pub(crate) const NUMBERED: &str =
    "a.id, a.number, a.suffix, s.name, s.locality, s.postcode, s.city, s.insee, a.lon, a.lat";

pub(crate) fn read(row: &mut Row) -> Result<Address> {
    let filled = |text: String| (!text.is_empty()).then_some(text);
    Ok(Address {
        id: row.get(0)?,
        number: row.get(1)?,
        suffix: filled(row.get(2)?),
        street: row.get(3)?,
        locality: filled(row.get(4)?),
        postcode: row.get(5)?,
        city: row.get(6)?,
        insee: row.get(7)?,
        point: row
            .get::<Option<i64>>(8)?
            .zip(row.get::<Option<i64>>(9)?)
            .map(|(lon, lat)| Point { lon, lat }),
    })
}

/// The address (or street) of that id, if the present file still has it.
pub fn find(tx: &mut Tx<'_>, id: Id<Address>) -> Result<Option<Address>> {
    let sql = format!("SELECT {NUMBERED} FROM address a JOIN street s ON s.id = a.street_id WHERE a.id = $1");
    if let Some(address) = tx.query_opt(&sql, &[&id], read)? {
        return Ok(Some(address));
    }
    tx.query_opt(&format!("SELECT {STREET} FROM street s WHERE s.id = $1"), &[&id], read)
}
