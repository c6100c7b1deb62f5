//! The reference lists that forms use: communes and countries.

use beffroi_core::Lang;
use beffroi_forms::{References, Source};
use beffroi_places::reference;

/// The lists of the house.
#[derive(Clone, Copy, Debug)]
pub struct Lists;

/// « Lunel (34400) », or « Lunel (34) » where there are several postcodes.
fn commune_name(commune: &reference::Commune) -> String {
    format!("{} ({})", commune.name, commune.only_postcode().unwrap_or(commune.department))
}

impl References for Lists {
    fn find(&self, source: Source, typed: &str) -> Option<String> {
        match source {
            Source::Communes => {
                if let Some(commune) = reference::commune(typed) {
                    return Some(commune.code.to_owned());
                }
                let name = typed.split('(').next().unwrap_or(typed).trim();
                let found = reference::search_communes(name, 50);
                let same = |commune: &&&reference::Commune| commune.name.eq_ignore_ascii_case(name);
                let exact = found.iter().find(|commune| commune_name(commune) == typed);
                // A name that one commune alone bears needs no postcode.
                let alone =
                    || (found.iter().filter(same).count() == 1).then(|| found.iter().find(same)).flatten();
                exact.or_else(alone).map(|commune| commune.code.to_owned())
            }
            Source::Countries => {
                let code = typed.to_ascii_uppercase();
                if let Some(country) = reference::country(&code) {
                    return Some(country.code.to_owned());
                }
                let typed = typed.to_lowercase();
                reference::all_countries()
                    .find(|country| country.fr.to_lowercase() == typed || country.en.to_lowercase() == typed)
                    .map(|country| country.code.to_owned())
            }
        }
    }

    fn name(&self, source: Source, code: &str, lang: Lang) -> Option<String> {
        match source {
            Source::Communes => reference::commune(code).map(commune_name),
            Source::Countries => reference::country(code).map(|country| country.name(lang).to_owned()),
        }
    }
}

/// What a name typed so far may mean: label and code, the likeliest first.
pub fn suggestions(source: Source, typed: &str, lang: Lang, limit: usize) -> Vec<(String, String)> {
    match source {
        Source::Communes => reference::search_communes(typed, limit)
            .into_iter()
            .map(|commune| (commune_name(commune), commune.code.to_owned()))
            .collect(),
        Source::Countries => reference::search_countries(typed, limit)
            .into_iter()
            .map(|country| (country.name(lang).to_owned(), country.code.to_owned()))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commune_is_found_by_what_people_write() {
        let code = |typed: &str| Lists.find(Source::Communes, typed);
        assert_eq!(code("34145"), Some("34145".to_owned()));
        assert_eq!(code("Lunel (34400)"), Some("34145".to_owned()));
        assert_eq!(code("lunel"), Some("34145".to_owned()));
        // Several communes are called so: the postcode must tell.
        assert_eq!(code("Saint-Aubin"), None);
        assert_eq!(Lists.find(Source::Countries, "Espagne"), Some("ES".to_owned()));
    }
}
