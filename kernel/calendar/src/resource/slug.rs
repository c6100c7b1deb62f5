//! Short names of resources, made of a name once and for all.

use beffroi_core::text::fold;
use beffroi_store::{Result, Tx};

/// Letters of a short name, at most, but for the number that tells it from another.
const LETTERS: usize = 50;
/// Others that begin alike, at most.
const ALIKE: u32 = 500;

/// The short name of something new, which nothing else has: `Tables rondes` is `tables-rondes`, the next of that name
/// `tables-rondes-2`.
pub fn free_slug(tx: &mut Tx<'_>, name: &str) -> Result<String> {
    let plain = plain(name);
    let sql = "SELECT slug FROM calendar_resource WHERE slug >= $1 AND slug < $2 ORDER BY slug LIMIT $3";
    let taken: Vec<String> = tx.query(sql, &[&plain, &format!("{plain}~"), &ALIKE], |row| row.get(0))?;
    let numbered = (2..=ALIKE + 1).map(|number| format!("{plain}-{number}"));
    let found = std::iter::once(plain.clone()).chain(numbered).find(|slug| !taken.contains(slug));
    Ok(found.unwrap_or(plain))
}

fn plain(name: &str) -> String {
    let folded = fold(name);
    let letters = folded.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).take(LETTERS);
    let plain: String = letters.collect();
    let plain = plain.trim_matches('-');
    if plain.is_empty() { "materiel".to_owned() } else { plain.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn a_name_becomes_a_short_name() {
        assert_eq!(plain("Grilles d’exposition"), "grilles-d-exposition");
        assert_eq!(plain("…"), "materiel");
        assert!(plain(&"très long ".repeat(20)).len() <= 50);
    }
}
