//! Amounts as people type them.

use beffroi_core::Cents;

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
    use beffroi_core::Lang;
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

    proptest! {
        #[test]
        fn what_stands_in_a_box_is_read_back(cents in 1_i64..100_000_000) {
            prop_assert_eq!(typed(&in_box(Cents(cents))), Some(Cents(cents)));
            prop_assert_eq!(typed(&Cents(cents).read_in(Lang::Fr)), Some(Cents(cents)));
        }

        #[test]
        fn whatever_is_typed_is_an_amount_or_none(text in ".{0,20}") {
            if let Some(Cents(cents)) = typed(&text) {
                prop_assert!(cents > 0);
            }
        }
    }
}
