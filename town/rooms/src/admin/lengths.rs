//! Lengths of time as people write them: `17 h`, `1 h 30`, `45 min`. Pure.

/// A length as it is written: `17 h`, `1 h 30`, `45 min`.
pub fn written(minutes: u32) -> String {
    match (minutes / 60, minutes % 60) {
        (0, rest) => format!("{rest}\u{a0}min"),
        (hours, 0) => format!("{hours}\u{a0}h"),
        (hours, rest) => format!("{hours}\u{a0}h\u{a0}{rest:02}"),
    }
}

/// The minutes of a length as people write it: `17 h`, `1h30`, `2 heures`, `45 min`; a number alone is one of minutes.
pub fn read(typed: &str) -> Option<u32> {
    let plain: String = typed.chars().filter(|letter| !letter.is_whitespace()).collect();
    let mut plain = plain.to_lowercase();
    for (word, short) in [("heures", "h"), ("heure", "h"), ("minutes", ""), ("minute", ""), ("min", "")] {
        plain = plain.replace(word, short);
    }
    match plain.split_once('h') {
        Some((hours, rest)) => {
            let rest = if rest.is_empty() { Some(0) } else { rest.parse::<u32>().ok() };
            hours.parse::<u32>().ok()?.checked_mul(60)?.checked_add(rest.filter(|it| *it < 60)?)
        }
        None => plain.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_read_as_people_write_them() {
        for (typed, minutes) in [
            ("17 h", 1_020),
            ("1h30", 90),
            ("2 heures", 120),
            ("1 heure 15 minutes", 75),
            ("45 min", 45),
            ("90", 90),
        ] {
            assert_eq!(read(typed), Some(minutes), "{typed}");
            assert_eq!(read(&written(minutes)), Some(minutes), "{typed}");
        }
        assert_eq!(written(1_020), "17\u{a0}h");
        for wrong in ["", "beaucoup", "1 h 75", "h", "-5"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
