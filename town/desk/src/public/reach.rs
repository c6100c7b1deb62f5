//! How the town hall is reached, as pages say it: a telephone number that one can press, and that no line cuts.

/// A telephone number of a page.
#[derive(Clone, Debug, Default)]
pub(crate) struct Phone {
    /// As it is read; `""` where there is none.
    pub(crate) shown: String,
    /// What dials it.
    pub(crate) href: String,
}

impl Phone {
    /// The number as the settings have it.
    pub(crate) fn of(number: &str) -> Self {
        let number = number.trim();
        if number.is_empty() {
            return Self::default();
        }
        let dialled: String = number.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
        Self { shown: number.replace(' ', "\u{a0}"), href: format!("tel:{dialled}") }
    }
}

/// Opening hours, where an hour keeps its minutes: `17 h 30` stays on one line.
pub(crate) fn hours(text: &str) -> String {
    let mut words = text.split(' ').peekable();
    let mut kept = String::with_capacity(text.len() + 8);
    let mut hour = false;
    let figure = |word: &str| word.starts_with(|c: char| c.is_ascii_digit());
    while let Some(word) = words.next() {
        kept.push_str(word);
        let Some(next) = words.peek() else { break };
        let before = figure(word) && next.trim_end_matches([',', '.', ';']) == "h";
        let after = hour && word == "h" && figure(next);
        hour = figure(word);
        kept.push(if before || after { '\u{a0}' } else { ' ' });
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_can_be_pressed_and_is_not_cut() {
        let phone = Phone::of("04 65 71 00 00");
        assert_eq!(phone.shown, "04\u{a0}65\u{a0}71\u{a0}00\u{a0}00");
        assert_eq!(phone.href, "tel:0465710000");
        assert_eq!(Phone::of(" ").href, "");
    }

    #[test]
    fn an_hour_keeps_its_minutes() {
        let said = hours("Du lundi au vendredi, de 8 h 30 à 12 h et de 13 h 30 à 17 h 30");
        assert_eq!(
            said.replace('\u{a0}', "_"),
            "Du lundi au vendredi, de 8_h_30 à 12_h et de 13_h_30 à 17_h_30"
        );
    }
}
