//! Short names of resources, made of a name once and for all.

use beffroi_store::{Result, Tx, slug};

/// Letters of a short name, at most, but for the number that tells it from another.
const LETTERS: usize = 50;

/// The short name of something new, which nothing else has: `Tables rondes` is `tables-rondes`, the next of that name
/// `tables-rondes-2`.
pub fn free_slug(tx: &mut Tx<'_>, name: &str) -> Result<String> {
    slug::free(tx, "calendar_resource", &slug::plain(name, LETTERS, "materiel"), &[])
}
