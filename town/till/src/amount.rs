//! Amounts as people read and type them.

use beffroi_core::{Cents, Lang};

/// An amount in the reader's language: `1 234,50 €`, `€1,234.50`.
pub fn told(cents: Cents, lang: Lang) -> String {
    if lang == Lang::Fr {
        return cents.to_string();
    }
    let french = cents.to_string();
    let figures: String = french
        .chars()
        .filter_map(|letter| match letter {
            '\u{202f}' => Some(','),
            ',' => Some('.'),
            letter if letter.is_ascii_digit() => Some(letter),
            _ => None,
        })
        .collect();
    let sign = if cents.0 < 0 { "-" } else { "" };
    format!("{sign}€{figures}")
}

/// An amount above nothing, as somebody types or a file writes it: `50`, `50,5`, `1 234,50 €`, `1234.50`. `None` where it
/// is none, or is beyond a million euros.
pub fn typed(text: &str) -> Option<Cents> {
    let plain: String = text
        .chars()
        .filter(|letter| !matches!(letter, ' ' | '\u{a0}' | '\u{202f}' | '€'))
        .map(|letter| if letter == ',' { '.' } else { letter })
        .collect();
    let (euros, cents) = plain.split_once('.').unwrap_or((&plain, ""));
    let digits = |part: &str| part.bytes().all(|it| it.is_ascii_digit());
    if euros.is_empty() || euros.len() > 7 || cents.len() > 2 || !digits(euros) || !digits(cents) {
        return None;
    }
    let euros: i64 = euros.parse().ok()?;
    let cents: i64 = if cents.is_empty() { 0 } else { format!("{cents:0<2}").parse().ok()? };
    let all = Cents(euros * 100 + cents);
    (Cents(1)..=Cents(100_000_000)).contains(&all).then_some(all)
}

/// As it stands in a box that somebody may change: `50,00`.
pub fn in_box(cents: Cents) -> String {
    format!("{},{:02}", cents.0 / 100, cents.0 % 100)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn people_type_amounts_as_they_speak_of_them() {
        for (text, cents) in [
            ("50", 5_000),
            ("50,5", 5_050),
            ("50,05", 5_005),
            ("1\u{202f}234,50\u{a0}€", 123_450),
            (" 0.01 ", 1),
            ("1234.50", 123_450),
        ] {
            assert_eq!(typed(text), Some(Cents(cents)), "{text}");
        }
        for text in ["", "0", "-5", "5,123", "cinq", "1,2,3", "99999999", "٣", ",5", "1e3"] {
            assert_eq!(typed(text), None, "{text}");
        }
    }

    #[test]
    fn an_amount_is_told_in_the_readers_language() {
        assert_eq!(told(Cents(123_450), Lang::En), "€1,234.50");
        assert_eq!(told(Cents(-5), Lang::En), "-€0.05");
        assert_eq!(told(Cents(123_450), Lang::Fr), "1\u{202f}234,50\u{a0}€");
    }

    proptest! {
        #[test]
        fn what_stands_in_a_box_is_read_back(cents in 1_i64..100_000_000) {
            prop_assert_eq!(typed(&in_box(Cents(cents))), Some(Cents(cents)));
            prop_assert_eq!(typed(&told(Cents(cents), Lang::Fr)), Some(Cents(cents)));
        }

        #[test]
        fn whatever_is_typed_is_an_amount_or_none(text in ".{0,20}") {
            if let Some(Cents(cents)) = typed(&text) {
                prop_assert!(cents > 0);
            }
        }
    }
}
