//! Short names in addresses, made of a title once and for all.

use beffroi_store::{Result, Tx, slug};

/// Letters of a short name, at most, but for the number that tells it from another.
const LETTERS: usize = 60;
/// Words that stand in the place of a series in addresses.
const RESERVED: [&str; 2] = ["inscription", "agenda"];

/// Of what it is the short name.
#[derive(Clone, Copy, Debug)]
pub enum Of {
    /// A place.
    Place,
    /// A series of workshops.
    Series,
}

/// The short name of a title that nothing else has: `Être à l’aise` is `etre-a-l-aise`.
pub fn free(tx: &mut Tx<'_>, of: Of, title: &str) -> Result<String> {
    let table = match of {
        Of::Place => "workshops_place",
        Of::Series => "workshops_series",
    };
    slug::free(tx, table, &slug::plain(title, LETTERS, "atelier"), &RESERVED)
}
