//! Short names in addresses, made of a name once and for all.

use beffroi_core::text::fold;

use crate::{Result, StoreError, Tx};

/// Others that begin alike, at most.
const ALIKE: u32 = 500;

/// The short name of a name, of so many letters at most: `Être à l’aise` is `etre-a-l-aise`; `otherwise` where nothing is
/// left of it.
pub fn plain(name: &str, letters: usize, otherwise: &str) -> String {
    let folded = fold(name);
    let letters = folded.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).take(letters);
    let plain: String = letters.collect();
    match plain.trim_matches('-') {
        "" => otherwise.to_owned(),
        plain => plain.to_owned(),
    }
}

/// The first of `plain`, `plain-2`, `plain-3` and so on that no row of a table has as its `slug`, and that stands for
/// nothing else in addresses (`reserved`).
///
/// # Errors
/// [`StoreError::Invalid`] where too many begin alike.
pub fn free(tx: &mut Tx<'_>, table: &'static str, plain: &str, reserved: &[&str]) -> Result<String> {
    let sql = format!("SELECT slug FROM {table} WHERE slug >= $1 AND slug < $2 ORDER BY slug LIMIT $3");
    let taken: Vec<String> = tx.query(&sql, &[&plain, &format!("{plain}~"), &ALIKE], |row| row.get(0))?;
    let is_free = |slug: &String| !taken.contains(slug) && !reserved.contains(&slug.as_str());
    let numbered = (2..=ALIKE + 1).map(|number| format!("{plain}-{number}"));
    let found = std::iter::once(plain.to_owned()).chain(numbered).find(is_free);
    found.ok_or_else(|| StoreError::Invalid(format!("too many short names begin with {plain}")))
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn a_name_becomes_a_short_name() {
        assert_eq!(plain("Être à l’aise avec son téléphone !", 60, ""), "etre-a-l-aise-avec-son-telephone");
        assert_eq!(plain("Saison 2026-2027 des associations", 50, ""), "saison-2026-2027-des-associations");
        assert_eq!(plain("…", 50, "materiel"), "materiel");
        assert!(plain(&"très long ".repeat(20), 50, "").len() <= 50);
    }
}
