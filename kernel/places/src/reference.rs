//! Reference lists that forms choose from: the communes of France and the countries of the world.
//! Read once, kept in memory; where they come from is told in `catalogue/reference/SOURCES.md`.

use std::{collections::HashMap, sync::OnceLock};

use beffroi_core::Lang;

use crate::text;

static COMMUNES: OnceLock<List<Commune>> = OnceLock::new();
static COUNTRIES: OnceLock<List<Country>> = OnceLock::new();

/// A commune of today, by the Code officiel géographique.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commune {
    /// The INSEE code.
    pub code: &'static str,
    /// The name.
    pub name: &'static str,
    /// The department's code.
    pub department: &'static str,
    /// Its inhabitants.
    pub population: u32,
    /// Its postcodes.
    pub postcodes: Vec<&'static str>,
}

impl Commune {
    /// The postcode, where there is only one.
    pub fn only_postcode(&self) -> Option<&'static str> {
        if let [only] = self.postcodes.as_slice() { Some(only) } else { None }
    }
}

/// A country or territory, by ISO 3166-1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Country {
    /// The code of two letters.
    pub code: &'static str,
    /// The French name.
    pub fr: &'static str,
    /// The English name.
    pub en: &'static str,
}

impl Country {
    /// The name in a language.
    pub const fn name(&self, lang: Lang) -> &'static str {
        match lang {
            Lang::Fr => self.fr,
            Lang::En => self.en,
        }
    }
}

struct List<T> {
    /// Each entry with the folded names that find it, the heavier first.
    entries: Vec<(Vec<String>, T)>,
    by_code: HashMap<&'static str, usize>,
}

impl<T> List<T> {
    fn new(entries: Vec<(Vec<String>, T)>, code: impl Fn(&T) -> &'static str) -> Self {
        let by_code = entries.iter().enumerate().map(|(rank, (_, entry))| (code(entry), rank)).collect();
        Self { entries, by_code }
    }

    fn get(&self, code: &str) -> Option<&T> {
        self.by_code.get(code).and_then(|rank| self.entries.get(*rank)).map(|(_, entry)| entry)
    }

    /// The same name first, then names that start with it, then names of which a later word does.
    fn search(&self, typed: &str, limit: usize) -> Vec<&T> {
        let typed = text::fold(typed);
        if typed.is_empty() {
            return Vec::new();
        }
        let within = format!(" {typed}");
        let rank = |names: &[String]| {
            names
                .iter()
                .filter_map(|name| match name {
                    _ if *name == typed => Some(0),
                    _ if name.starts_with(&typed) => Some(1),
                    _ if name.contains(&within) => Some(2),
                    _ => None,
                })
                .min()
        };
        let mut found: Vec<_> =
            self.entries.iter().filter_map(|(names, entry)| Some((rank(names)?, entry))).collect();
        // Stable: among equals the heavier stays first.
        found.sort_by_key(|(rank, _)| *rank);
        found.into_iter().take(limit).map(|(_, entry)| entry).collect()
    }
}

/// The cells of one line; a cell that holds a comma stands between quotation marks.
fn cells(line: &'static str) -> impl Iterator<Item = &'static str> {
    let mut rest = Some(line);
    std::iter::from_fn(move || {
        let line = rest?;
        let (cell, after) = match line.strip_prefix('"').and_then(|quoted| quoted.split_once('"')) {
            Some((cell, after)) => (cell, after.strip_prefix(',')),
            None => line.split_once(',').map_or((line, None), |(cell, after)| (cell, Some(after))),
        };
        rest = after;
        Some(cell)
    })
}

fn communes() -> &'static List<Commune> {
    COMMUNES.get_or_init(|| {
        let read = |line: &'static str| {
            let mut cells = cells(line);
            let commune = Commune {
                code: cells.next()?,
                name: cells.next()?,
                department: cells.next()?,
                population: cells.next()?.parse().ok()?,
                postcodes: cells.next()?.split('|').filter(|it| !it.is_empty()).collect(),
            };
            let mut names = vec![spelled_out(commune.name)];
            names.extend(commune.postcodes.iter().map(|it| (*it).to_owned()));
            Some((names, commune))
        };
        let csv = include_str!("../../../catalogue/reference/communes.csv");
        let mut entries: Vec<_> = csv.lines().skip(1).filter_map(read).collect();
        entries.sort_by_key(|(_, commune)| std::cmp::Reverse(commune.population));
        List::new(entries, |commune| commune.code)
    })
}

fn countries() -> &'static List<Country> {
    COUNTRIES.get_or_init(|| {
        let read = |line: &'static str| {
            let mut cells = cells(line);
            let country = Country { code: cells.next()?, fr: cells.next()?, en: cells.next()? };
            Some((vec![text::fold(country.fr), text::fold(country.en)], country))
        };
        let csv = include_str!("../../../catalogue/reference/countries.csv");
        let mut entries: Vec<_> = csv.lines().skip(1).filter_map(read).collect();
        entries.sort_by_cached_key(|(names, _)| names.first().cloned());
        List::new(entries, |country| country.code)
    })
}

/// Folded, with `st` and `ste` written out, as communes are spelled.
fn spelled_out(name: &str) -> String {
    let folded = text::fold(name);
    let words: Vec<_> = folded
        .split(' ')
        .map(|word| match word {
            "st" => "saint",
            "ste" => "sainte",
            other => other,
        })
        .collect();
    words.join(" ")
}

/// The commune of an INSEE code.
pub fn commune(code: &str) -> Option<&'static Commune> {
    communes().get(code)
}

/// The communes that a name or postcode typed so far may mean, the likeliest first.
pub fn search_communes(typed: &str, limit: usize) -> Vec<&'static Commune> {
    communes().search(&spelled_out(typed), limit)
}

/// The country of an ISO code of two letters.
pub fn country(code: &str) -> Option<&'static Country> {
    countries().get(code)
}

/// The countries that a French or English name typed so far may mean, the likeliest first.
pub fn search_countries(typed: &str, limit: usize) -> Vec<&'static Country> {
    countries().search(typed, limit)
}

/// Every country, in the order of the French names.
pub fn all_countries() -> impl Iterator<Item = &'static Country> {
    countries().entries.iter().map(|(_, country)| country)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn communes_for(typed: &str) -> Vec<&'static str> {
        search_communes(typed, 5).into_iter().map(|it| it.name).collect()
    }

    #[test]
    fn every_commune_of_today_is_there() {
        assert_eq!(communes().entries.len(), 34_969);
        let lunel = commune("34145").unwrap();
        assert_eq!((lunel.name, lunel.population, lunel.only_postcode()), ("Lunel", 26_623, Some("34400")));
        assert_eq!(commune("75056").unwrap().only_postcode(), None);
        assert_eq!(commune("00000"), None);
    }

    #[test]
    fn a_commune_is_found_by_the_start_of_its_name_or_its_postcode() {
        assert_eq!(communes_for("lunel")[..2], ["Lunel", "Lunel-Viel"]);
        assert_eq!(communes_for("MONTPEL")[0], "Montpellier");
        assert_eq!(communes_for("st etienne")[0], "Saint-Étienne");
        assert!(communes_for("34400").contains(&"Lunel"));
        assert_eq!(communes_for("l'hay les r"), ["L'Haÿ-les-Roses"]);
        assert!(communes_for("zzzz").is_empty());
        assert!(communes_for("").is_empty());
    }

    #[test]
    fn a_country_is_found_in_both_languages() {
        let first = |typed: &str| search_countries(typed, 1).first().map(|it| it.code);
        assert_eq!(first("etats"), Some("US"));
        assert_eq!(first("Germany"), Some("DE"));
        assert_eq!(first("cote d'iv"), Some("CI"));
        assert_eq!(country("FR").unwrap().name(Lang::En), "France");
        assert_eq!(all_countries().count(), countries().by_code.len());
        assert!(all_countries().count() >= 245);
    }
}
