//! Text messages as telephones carry them: how many parts a text takes, and which numbers are mobile ones. Pure.
//!
//! A part holds 160 letters of the alphabet of GSM 03.38 (3GPP TS 23.038, 6.2.1), or 70 of UCS-2 as soon as one letter
//! is of no other alphabet. A text of several parts loses some of each to their numbering: 153 and 67 remain.

/// The letters of the basic alphabet, but for the escape.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?\
                     ¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/// Those of its extension, which take two places.
const EXTENDED: &str = "\u{c}^{}\\[~]|€";

/// How a text travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Whether every letter is of the alphabet of telephones.
    pub gsm: bool,
    /// The parts that it takes, each of which is billed. An empty text takes none.
    pub parts: usize,
}

/// How a text travels as it stands.
pub fn size(text: &str) -> Size {
    let septets = text.chars().try_fold(0_usize, |sum, letter| {
        let places = if BASIC.contains(letter) {
            1
        } else if EXTENDED.contains(letter) {
            2
        } else {
            return None;
        };
        Some(sum + places)
    });
    let (gsm, length, alone, each) = match septets {
        Some(septets) => (true, septets, 160, 153),
        None => (false, text.encode_utf16().count(), 70, 67),
    };
    let parts = if length <= alone { length.min(1) } else { length.div_ceil(each) };
    Size { gsm, parts }
}

/// The same text with the signs of a typewriter in the place of typographic ones, which would make a text more than
/// twice as dear and say nothing more. Letters stay as they are: `ê` is no `e`.
pub fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut inside = false;
    for letter in text.trim().chars() {
        match letter {
            '’' | '‘' | 'ʼ' => plain.push('\''),
            '“' | '”' => plain.push('"'),
            '«' => {
                plain.push('"');
                inside = true;
                continue;
            }
            '»' => {
                plain.truncate(plain.trim_end_matches(' ').len());
                plain.push('"');
            }
            // Inside French quotation marks stand spaces that plain ones do without.
            '\u{a0}' | '\u{202f}' if inside => {}
            '–' | '—' | '‑' | '−' => plain.push('-'),
            '…' => plain.push_str("..."),
            'œ' => plain.push_str("oe"),
            'Œ' => plain.push_str("OE"),
            '\u{a0}' | '\u{202f}' | '\u{2009}' | '\t' => plain.push(' '),
            '\r' | '\u{ad}' | '\u{200b}' => {}
            other => plain.push(other),
        }
        inside = false;
    }
    plain
}

/// The numbers of mobile telephones overseas in the French plan (ARCEP): as they are dialled there, the code abroad.
const OVERSEAS: [(&str, &str); 8] = [
    ("639", "262"),
    ("690", "590"),
    ("691", "590"),
    ("694", "594"),
    ("696", "596"),
    ("697", "596"),
    ("692", "262"),
    ("693", "262"),
];

/// A mobile number in the international form, `+33612345678`; `None` where the text is none, or is one that takes no
/// text message. French ones are told by their beginning; of another country (`abroad`) any number is believed.
pub fn mobile(text: &str, abroad: bool) -> Option<String> {
    let digits: String = text.chars().filter(|letter| !" .-()/\u{a0}\u{202f}".contains(*letter)).collect();
    let number = if let Some(rest) = digits.strip_prefix('+') {
        rest.to_owned()
    } else if let Some(rest) = digits.strip_prefix("00") {
        rest.to_owned()
    } else {
        format!("33{}", digits.strip_prefix('0')?)
    };
    if !number.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    if let Some(national) = number.strip_prefix("33") {
        // A number dialled as overseas is written with their code.
        let there = OVERSEAS.iter().find(|(begin, _)| national.starts_with(begin));
        let code = there.map_or("33", |(_, code)| code);
        let right = national.len() == 9 && national.starts_with(['6', '7']);
        return right.then(|| format!("+{code}{national}"));
    }
    if let Some((code, national)) = number.split_at_checked(3)
        && OVERSEAS.iter().any(|(_, known)| *known == code)
    {
        let right = OVERSEAS.iter().any(|(begin, of)| *of == code && national.starts_with(begin));
        return (right && national.len() == 9).then(|| format!("+{number}"));
    }
    let right = abroad && (7..=15).contains(&number.len()) && !number.starts_with('0');
    right.then(|| format!("+{number}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_counted_as_they_are_billed() {
        let parts = |letter: &str, times: usize| size(&letter.repeat(times));
        for (letter, times, gsm, awaited) in [
            ("a", 0, true, 0),
            ("a", 1, true, 1),
            ("é", 160, true, 1),
            ("a", 161, true, 2),
            ("a", 306, true, 2),
            ("a", 307, true, 3),
            ("€", 80, true, 1),
            ("€", 81, true, 2),
            ("ê", 70, false, 1),
            ("ê", 71, false, 2),
            ("ç", 134, false, 2),
            ("ç", 135, false, 3),
            // Two units of UTF-16 each.
            ("🏛", 35, false, 1),
            ("🏛", 36, false, 2),
        ] {
            assert_eq!(parts(letter, times), Size { gsm, parts: awaited }, "{times} {letter}");
        }
        assert_eq!(BASIC.chars().count(), 127, "all but the escape");
    }

    #[test]
    fn typography_costs_nothing() {
        let text = plain("Rendez-vous à l’état civil\u{a0}: «\u{a0}pièces\u{a0}»…");
        assert_eq!(text, "Rendez-vous à l'état civil : \"pièces\"...");
        assert!(size(&text).gsm);
        assert!(!size(&plain("Reçu")).gsm, "a letter is not taken away");
    }

    #[test]
    fn only_mobile_numbers_are_written_to() {
        for (text, number) in [
            ("06 12 34 56 78", "+33612345678"),
            ("+33 7 56 78 90 12", "+33756789012"),
            ("0033612345678", "+33612345678"),
            ("0690 12 34 56", "+590690123456"),
            ("+33690123456", "+590690123456"),
            ("+262 692 12 34 56", "+262692123456"),
            ("0639123456", "+262639123456"),
        ] {
            assert_eq!(mobile(text, false).as_deref(), Some(number), "{text}");
        }
        for text in [
            "",
            "04 65 71 12 34",
            "+33465711234",
            "0612",
            "+590590123456",
            "+41791234567",
            "6abc",
            "+33 6 12 34",
        ] {
            assert_eq!(mobile(text, false), None, "{text}");
        }
        assert_eq!(mobile("+41 79 123 45 67", true).as_deref(), Some("+41791234567"));
        assert_eq!(mobile("+33465711234", true), None, "a French landline stays one");
    }
}
