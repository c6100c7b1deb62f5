//! What is written to somebody for whose pre-request another town hall gives an appointment too, where that was found out
//! after theirs was agreed: both days and places, and how each is given back.

use beffroi_core::Lang;
use beffroi_store::Result;
use beffroi_web::l10n::FluentValue;

use super::tell::text;

/// Letters of another town hall's name in a text message, at most.
const SHORT: usize = 60;

/// An appointment of another town hall, as it is written of.
#[derive(Clone, Debug)]
pub(super) struct Twin {
    /// Where.
    pub(super) place: String,
    /// When, in the reader's words.
    pub(super) when: String,
    /// Where it is moved or given back; `""` where that is not known.
    pub(super) manage: String,
}

/// The paragraphs of a mail about these, one each.
pub(super) fn paragraphs(lang: Lang, others: &[Twin]) -> Result<Vec<String>> {
    let one = |it: &Twin| -> Result<String> {
        let words: [(&str, FluentValue<'_>); 2] =
            [("place", it.place.clone().into()), ("when", it.when.clone().into())];
        let said = text(lang, "appointments-mail-twin", &words)?;
        if it.manage.is_empty() {
            return Ok(said);
        }
        let manage = text(lang, "appointments-mail-twin-manage", &[("link", it.manage.clone().into())])?;
        Ok(format!("{said}\n{manage}"))
    };
    others.iter().map(one).collect()
}

/// The first of them in a text message; `""` where there is none.
pub(super) fn short(others: &[Twin]) -> String {
    let Some(first) = others.first() else { return String::new() };
    let place: String = first.place.chars().take(SHORT).collect();
    let said = format!("{}, {place}", first.when);
    if first.manage.is_empty() { said } else { format!("{said} {}", first.manage) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_appointment_elsewhere_is_named_with_its_day_place_and_the_way_to_give_it_back() {
        let there = Twin {
            place: "Mairie de Sommières".to_owned(),
            when: "mercredi 10 juin 2026 à 8\u{a0}h\u{a0}45".to_owned(),
            manage: "https://rdv.sommieres.example/1".to_owned(),
        };
        let unknown = Twin { manage: String::new(), ..there.clone() };
        for lang in [Lang::Fr, Lang::En] {
            let told = paragraphs(lang, &[there.clone(), unknown.clone()]).unwrap();
            assert_eq!(told.len(), 2);
            assert!(told.iter().all(|it| it.contains(&there.place) && it.contains(&there.when)), "{told:?}");
            assert!(told[0].ends_with(&there.manage) && !told[1].contains("http"), "{told:?}");
        }
        let short = short(&[there.clone(), unknown]);
        assert!([&there.place, &there.when, &there.manage].iter().all(|it| short.contains(*it)), "{short}");
    }
}
