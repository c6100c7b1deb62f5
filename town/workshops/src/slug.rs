//! Short names in addresses, made of a title once and for all.

use beffroi_core::text::fold;
use beffroi_store::{Result, Tx};

/// Letters of a short name, at most, but for the number that tells it from another.
const LETTERS: usize = 60;
/// Others that begin alike, at most.
const ALIKE: u32 = 500;
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
    let plain = plain(title);
    let table = match of {
        Of::Place => "workshops_place",
        Of::Series => "workshops_series",
    };
    let sql = format!("SELECT slug FROM {table} WHERE slug >= $1 AND slug < $2 ORDER BY slug LIMIT $3");
    let taken: Vec<String> = tx.query(&sql, &[&plain, &format!("{plain}~"), &ALIKE], |row| row.get(0))?;
    let is_free = |name: &String| !taken.contains(name) && !RESERVED.contains(&name.as_str());
    let numbered = (2..=ALIKE + 1).map(|number| format!("{plain}-{number}"));
    let found = std::iter::once(plain.clone()).chain(numbered).find(is_free);
    Ok(found.unwrap_or(plain))
}

fn plain(title: &str) -> String {
    let folded = fold(title);
    let letters = folded.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).take(LETTERS);
    let plain: String = letters.collect();
    let plain = plain.trim_matches('-').to_owned();
    if plain.is_empty() { "atelier".to_owned() } else { plain }
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn a_title_becomes_an_address() {
        assert_eq!(plain("Être à l’aise avec son téléphone !"), "etre-a-l-aise-avec-son-telephone");
        assert_eq!(plain("…"), "atelier");
        assert!(plain(&"très long ".repeat(20)).len() <= 60);
    }
}
