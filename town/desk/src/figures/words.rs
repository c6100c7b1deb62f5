//! Numbers, days and shares as they are read aloud.

use beffroi_cases::tally::Month;
use beffroi_core::{Lang, calendar::long_date};
use beffroi_web::Page;

/// What stands where there is no figure.
pub const NONE: &str = "–";

/// `12 345`, with narrow spaces.
pub fn number(count: i64) -> String {
    let digits = count.unsigned_abs().to_string();
    let mut grouped = String::with_capacity(digits.len() + 6);
    if count < 0 {
        grouped.push('−');
    }
    for (rank, digit) in digits.chars().enumerate() {
        if rank > 0 && (digits.len() - rank).is_multiple_of(3) {
            grouped.push('\u{202f}');
        }
        grouped.push(digit);
    }
    grouped
}

/// « juin 2026 ».
pub fn month(month: Month, lang: Lang) -> String {
    let day = long_date(month.first_day(), lang);
    day.split_once([' ', '\u{a0}']).map_or(day.clone(), |(_, rest)| rest.to_owned())
}

/// « 4 jours ».
pub fn days(page: &Page, days: Option<i64>) -> String {
    days.map_or_else(|| NONE.to_owned(), |days| page.tr("office-figures-days", &[("n", days.into())]))
}

/// « 12 % ».
pub fn share(percent: Option<i64>) -> String {
    percent.map_or_else(|| NONE.to_owned(), |percent| format!("{percent}\u{a0}%"))
}

/// How a count has changed: « +12 % ».
pub fn growth(now: i64, before: i64) -> String {
    if before <= 0 {
        return NONE.to_owned();
    }
    let change = beffroi_cases::summary::percent((now - before).abs(), before).unwrap_or_default();
    signed(if now < before { -change } else { change }, "\u{a0}%")
}

/// By how much a figure has changed, in its own unit.
pub fn difference(now: Option<i64>, before: Option<i64>, unit: &str) -> String {
    now.zip(before).map_or_else(|| NONE.to_owned(), |(now, before)| signed(now - before, unit))
}

fn signed(change: i64, unit: &str) -> String {
    match change {
        0 => "=".to_owned(),
        1.. => format!("+{}{unit}", number(change)),
        _ => format!("{}{unit}", number(change)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_written_as_they_are_read() {
        assert_eq!(number(1_234_567), "1\u{202f}234\u{202f}567");
        assert_eq!(number(-45), "−45");
        assert_eq!(month("2026-06".parse().unwrap(), Lang::Fr), "juin 2026");
        assert_eq!(month("2026-06".parse().unwrap(), Lang::En), "June 2026");
        assert_eq!(growth(112, 100), "+12\u{a0}%");
        assert_eq!(growth(0, 10), "−100\u{a0}%");
        assert_eq!((growth(3, 0).as_str(), growth(3, 3).as_str()), (NONE, "="));
        assert_eq!(difference(Some(4), Some(9), "\u{a0}jours"), "−5\u{a0}jours");
        assert_eq!(difference(None, Some(9), ""), NONE);
    }
}
