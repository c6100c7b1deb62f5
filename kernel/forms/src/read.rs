//! From what was typed to the answer that is kept: one function per kind, forgiving of form (blanks, dots,
//! commas), strict about sense.

use std::str::FromStr;

use beffroi_core::Day;
use chrono::{Datelike, NaiveTime};
use serde_json::{Map, Number, Value, json};

use crate::{Answers, Choice, Environment, Field, Kind, Reason, fault::euros};

/// Births before this year are typing mistakes.
const OLDEST_BIRTH: i32 = 1880;

/// What was found wrong: the part of the answer (`""` for the whole), and why.
type Wrong = Vec<(&'static str, Reason)>;

/// Reads the answer to a question: `None` where nothing was typed.
pub(crate) fn answer(
    field: &Field,
    typed: &Answers,
    environment: &Environment<'_>,
) -> Result<Option<Value>, Wrong> {
    // Blanks and control characters alone are no answer.
    let blank = |letter: char| letter.is_whitespace() || letter.is_control();
    let text = typed.get(&field.id).map_or("", |text| text.trim_matches(blank));
    match &field.kind {
        Kind::Identity { birth } => return identity(&field.id, *birth, typed, environment),
        Kind::Date { birth } => return whole(date(&field.id, "", typed, *birth, environment.today)),
        Kind::Point => return whole(point(&field.id, typed)),
        Kind::File { max_files } => return whole(files(typed.all(&field.id), *max_files, environment)),
        Kind::ManyOf { choices, max } => return whole(many(typed.all(&field.id), choices, *max)),
        _ if text.is_empty() => return Ok(None),
        _ => {}
    }
    whole(one(field, text, typed, environment).map(Some))
}

fn whole(read: Result<Option<Value>, Reason>) -> Result<Option<Value>, Wrong> {
    read.map_err(|reason| vec![("", reason)])
}

fn one(field: &Field, text: &str, typed: &Answers, environment: &Environment<'_>) -> Result<Value, Reason> {
    match &field.kind {
        Kind::Text { max_chars } => bounded(&one_line(text), *max_chars),
        Kind::LongText { max_chars } => bounded(text, *max_chars),
        Kind::Email => email_address::EmailAddress::from_str(text)
            .ok()
            .filter(|address| address.domain().contains('.'))
            .map(|address| Value::from(address.to_string()))
            .ok_or(Reason::Email),
        Kind::Phone => phone(text).map(Value::from).ok_or(Reason::Phone),
        Kind::Number { decimals, min, max, .. } => number(text, *decimals, *min, *max),
        Kind::Money { min, max } => money(text, *min, *max),
        Kind::Time => time(text).map(Value::from).ok_or(Reason::Time),
        Kind::YesNo => truth(text).map(Value::from).ok_or(Reason::NotChosen),
        Kind::Sworn => truth(text).filter(|sworn| *sworn).map(Value::from).ok_or(Reason::NotSworn),
        Kind::OneOf { choices } => chosen(text, choices).map(Value::from).ok_or(Reason::Choice),
        Kind::List { choices, from } => match from {
            Some(source) => {
                environment.references.find(*source, text).map(Value::from).ok_or(Reason::NotListed)
            }
            None => chosen(text, choices).map(Value::from).ok_or(Reason::NotListed),
        },
        Kind::Address { postal } => {
            let key = typed.get(&format!("{}-key", field.id)).map_or("", str::trim);
            let key = uuid::Uuid::parse_str(key).map(|key| key.to_string()).unwrap_or_default();
            // The lines of an envelope, typed one under the other, are one line with commas.
            let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
            let line = one_line(&lines.join(", "));
            if *postal && !reaches(&line) {
                return Err(Reason::Postal);
            }
            Ok(json!({ "line": bounded(&line, 300)?, "key": key }))
        }
        Kind::Siret => siret(text).map(Value::from).ok_or(Reason::Siret),
        Kind::Rna => rna(text).map(Value::from).ok_or(Reason::Rna),
        Kind::Iban => {
            text.parse::<iban::Iban>().map(|iban| Value::from(iban.to_string())).map_err(|_| Reason::Iban)
        }
        Kind::Identity { .. }
        | Kind::Date { .. }
        | Kind::Point
        | Kind::File { .. }
        | Kind::ManyOf { .. }
        | Kind::Group { .. }
        | Kind::Heading
        | Kind::Note => Ok(Value::Null),
    }
}

/// Whether a letter would arrive there: a French address has a postcode and a town; one abroad ends with its country,
/// after the street and the town.
fn reaches(line: &str) -> bool {
    let words: Vec<&str> =
        line.split(|c: char| c.is_whitespace() || c == ',').filter(|it| !it.is_empty()).collect();
    let is_postcode = |word: &str| word.len() == 5 && word.bytes().all(|c| c.is_ascii_digit());
    let is_name = |word: &str| word.chars().any(char::is_alphabetic);
    let in_france =
        words.windows(2).any(|pair| matches!(pair, [code, town] if is_postcode(code) && is_name(town)));
    let parts: Vec<&str> = line.split(',').map(str::trim).filter(|part| !part.is_empty()).collect();
    let abroad = parts.len() >= 3
        && parts.last().is_some_and(|last| is_name(last) && !last.bytes().any(|c| c.is_ascii_digit()));
    in_france || abroad
}

fn bounded(text: &str, max_chars: u32) -> Result<Value, Reason> {
    let fits = text.chars().count() <= usize::try_from(max_chars).unwrap_or(usize::MAX);
    if fits { Ok(Value::from(text)) } else { Err(Reason::TooLong { max_chars }) }
}

/// Control characters and runs of blanks become one blank.
fn one_line(text: &str) -> String {
    text.split(|letter: char| letter.is_whitespace() || letter.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

fn truth(text: &str) -> Option<bool> {
    match text {
        "true" | "on" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

fn chosen(text: &str, choices: &[Choice]) -> Option<String> {
    let same = |choice: &&Choice| choice.value == text;
    let called = |choice: &&Choice| {
        choice.label.fr.eq_ignore_ascii_case(text)
            || choice.label.en.as_deref().is_some_and(|label| label.eq_ignore_ascii_case(text))
    };
    // The value goes first: another choice may be called by it.
    choices.iter().find(same).or_else(|| choices.iter().find(called)).map(|choice| choice.value.clone())
}

fn many(typed: &[String], choices: &[Choice], max: Option<u32>) -> Result<Option<Value>, Reason> {
    let typed: Vec<&str> = typed.iter().map(|text| text.trim()).filter(|text| !text.is_empty()).collect();
    if typed.is_empty() {
        return Ok(None);
    }
    if typed.iter().any(|text| !choices.iter().any(|choice| choice.value == *text)) {
        return Err(Reason::Choice);
    }
    // In the form's order, each once: two people who tick the same boxes answer the same.
    let kept: Vec<&str> =
        choices.iter().map(|choice| choice.value.as_str()).filter(|value| typed.contains(value)).collect();
    match max {
        Some(max) if kept.len() > usize::try_from(max).unwrap_or(usize::MAX) => {
            Err(Reason::TooManyChosen { max })
        }
        _ => Ok(Some(json!(kept))),
    }
}

fn phone(text: &str) -> Option<String> {
    let number = phonenumber::parse(Some(phonenumber::country::FR), text).ok()?;
    number.is_valid().then(|| number.format().mode(phonenumber::Mode::E164).to_string())
}

/// `1 234,5` and `1234.5` are the same number.
fn plain_number(text: &str) -> Option<f64> {
    let plain: String = text
        .chars()
        .filter(|letter| !letter.is_whitespace())
        .map(|letter| if letter == ',' { '.' } else { letter })
        .collect();
    let digits = plain.strip_prefix('-').unwrap_or(&plain);
    let right = digits.chars().all(|letter| letter.is_ascii_digit() || letter == '.') && digits.len() <= 18;
    plain.parse().ok().filter(|number: &f64| right && number.is_finite())
}

fn decimals_of(text: &str) -> usize {
    text.trim().rsplit_once([',', '.']).map_or(0, |(_, decimals)| decimals.len())
}

#[expect(clippy::cast_possible_truncation, reason = "whole and below 10^15, as checked")]
fn number(text: &str, decimals: u8, min: Option<f64>, max: Option<f64>) -> Result<Value, Reason> {
    let number = plain_number(text)
        .filter(|number| decimals_of(text) <= usize::from(decimals) && number.abs() < 1e15)
        .ok_or(Reason::Number { decimals })?;
    let spoken = |bound: f64| bound.to_string().replace('.', ",");
    match (min, max) {
        (Some(min), _) if number < min => Err(Reason::Below { min: spoken(min) }),
        (_, Some(max)) if number > max => Err(Reason::Above { max: spoken(max) }),
        _ if decimals == 0 => Ok(Value::from(number as i64)),
        _ => Number::from_f64(number).map(Value::Number).ok_or(Reason::Number { decimals }),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "rounded and below 10^15, as checked")]
fn money(text: &str, min: Option<i64>, max: Option<i64>) -> Result<Value, Reason> {
    let text = text.replace('€', "");
    let euros_typed = plain_number(&text)
        .filter(|_| decimals_of(&text) <= 2)
        .filter(|euros| euros.abs() < 1e12)
        .ok_or(Reason::Money)?;
    let cents = (euros_typed * 100.0).round() as i64;
    match (min, max) {
        (Some(min), _) if cents < min => Err(Reason::Below { min: euros(min) }),
        (_, Some(max)) if cents > max => Err(Reason::Above { max: euros(max) }),
        _ => Ok(Value::from(cents)),
    }
}

/// `18:30`, `18h30`, `18 h`.
fn time(text: &str) -> Option<String> {
    let spaced: String =
        text.chars().filter(|letter| !letter.is_whitespace()).collect::<String>().to_lowercase();
    let (hours, minutes) = spaced.split_once([':', 'h'])?;
    let minutes = if minutes.is_empty() { "0" } else { minutes };
    let time = NaiveTime::from_hms_opt(hours.parse().ok()?, minutes.parse().ok()?, 0)?;
    Some(time.format("%H:%M").to_string())
}

/// Three controls, or one text: `2026-05-15`, `15/05/2026`.
fn date(id: &str, part: &str, typed: &Answers, birth: bool, today: Day) -> Result<Option<Value>, Reason> {
    let id = if part.is_empty() { id.to_owned() } else { format!("{id}-{part}") };
    let of = |name: &str| typed.get(&format!("{id}-{name}")).map_or("", str::trim);
    let text = typed.get(&id).map_or("", str::trim);
    let parts = [of("day"), of("month"), of("year")];
    let day = if !text.is_empty() {
        Day::parse_from_str(text, "%Y-%m-%d").or_else(|_| Day::parse_from_str(text, "%d/%m/%Y")).ok()
    } else if parts.iter().all(|part| part.is_empty()) {
        return Ok(None);
    } else {
        let [day, month, year] = parts;
        match (day.parse(), month.parse(), year.parse()) {
            (Ok(day), Ok(month), Ok(year)) => Day::from_ymd_opt(year, month, day),
            _ => None,
        }
    };
    let day = day.filter(|day| (1000..=9999).contains(&day.year())).ok_or(Reason::Date)?;
    if birth && (day > today || day.year() < OLDEST_BIRTH) {
        return Err(Reason::Birth);
    }
    Ok(Some(Value::from(day.to_string())))
}

fn identity(
    id: &str,
    birth: bool,
    typed: &Answers,
    environment: &Environment<'_>,
) -> Result<Option<Value>, Wrong> {
    let part = |name: &str| one_line(typed.get(&format!("{id}-{name}")).unwrap_or_default());
    let born = if birth { date(id, "birth", typed, true, environment.today) } else { Ok(None) };
    let [family, usual, given] = ["family_name", "usual_name", "given_names"].map(part);
    let place = if birth { part("birth_place") } else { String::new() };
    let nothing = [&family, &usual, &given, &place].iter().all(|text| text.is_empty());
    if nothing && matches!(born, Ok(None)) {
        return Ok(None);
    }
    let mut wrong: Wrong = Vec::new();
    for (name, text, reason, needed) in [
        ("family_name", &family, Reason::FamilyName, true),
        ("usual_name", &usual, Reason::FamilyName, false),
        ("given_names", &given, Reason::GivenNames, true),
        ("birth_place", &place, Reason::BirthPlace, birth),
    ] {
        if needed && text.is_empty() {
            wrong.push((name, reason));
        } else if text.chars().count() > 100 {
            wrong.push((name, Reason::TooLong { max_chars: 100 }));
        }
    }
    let mut answer = Map::new();
    answer.insert("family_name".to_owned(), family.into());
    answer.insert("usual_name".to_owned(), usual.into());
    answer.insert("given_names".to_owned(), given.into());
    if birth {
        match born {
            Ok(Some(day)) => {
                answer.insert("birth_date".to_owned(), day);
            }
            Ok(None) => wrong.push(("birth-day", Reason::Date)),
            Err(reason) => wrong.push(("birth-day", reason)),
        }
        answer.insert("birth_place".to_owned(), place.into());
    }
    if wrong.is_empty() { Ok(Some(Value::Object(answer))) } else { Err(wrong) }
}

fn point(id: &str, typed: &Answers) -> Result<Option<Value>, Reason> {
    let of = |part: &str| typed.get(&format!("{id}-{part}")).map_or("", str::trim);
    let (lat, lon) = (of("lat"), of("lon"));
    if lat.is_empty() && lon.is_empty() {
        return Ok(None);
    }
    match (plain_number(lat), plain_number(lon)) {
        (Some(lat), Some(lon)) if lat.abs() <= 90.0 && lon.abs() <= 180.0 => {
            Ok(Some(json!({ "lat": lat, "lon": lon })))
        }
        _ => Err(Reason::Point),
    }
}

fn files(typed: &[String], max_files: u32, environment: &Environment<'_>) -> Result<Option<Value>, Reason> {
    let typed: Vec<&String> = typed.iter().filter(|id| !id.trim().is_empty()).collect();
    if typed.is_empty() {
        return Ok(None);
    }
    if typed.len() > usize::try_from(max_files).unwrap_or(usize::MAX) {
        return Err(Reason::TooManyFiles { max: max_files });
    }
    let files: Option<Vec<Value>> = typed
        .into_iter()
        .map(|id| {
            let file = environment.files.get(id)?;
            Some(json!({ "document": id, "name": file.name, "bytes": file.bytes }))
        })
        .collect();
    files.map(|files| Some(Value::Array(files))).ok_or(Reason::UnknownFile)
}

/// Fourteen digits under Luhn's sum; the establishments of La Poste (SIREN 356 000 000) are numbered
/// otherwise, and their digits add up to a multiple of five.
fn siret(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(|letter| !letter.is_whitespace() && *letter != '.').collect();
    if digits.len() != 14 || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let figures = digits.bytes().rev().map(|digit| u32::from(digit - b'0'));
    let luhn: u32 = figures
        .clone()
        .enumerate()
        .map(|(rank, figure)| match (rank % 2, figure * 2) {
            (0, _) => figure,
            (_, double) if double > 9 => double - 9,
            (_, double) => double,
        })
        .sum();
    let post = digits.starts_with("356000000") && figures.sum::<u32>().is_multiple_of(5);
    (luhn.is_multiple_of(10) || post).then_some(digits)
}

/// `W`, three characters of the sub-prefecture, six digits.
fn rna(text: &str) -> Option<String> {
    let number: String =
        text.chars().filter(|letter| !letter.is_whitespace()).collect::<String>().to_uppercase();
    let rest = number.strip_prefix('W').filter(|rest| rest.len() == 9 && rest.is_ascii())?;
    let (place, count) = rest.split_at_checked(3)?;
    let right = place.bytes().all(|letter| letter.is_ascii_alphanumeric())
        && count.bytes().all(|letter| letter.is_ascii_digit());
    right.then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_needs_a_postcode_and_a_town_or_a_country() {
        for line in [
            "4 rue du Jasmin, 34400 Lunel",
            "4 rue du Jasmin 34400 Lunel",
            "Bâtiment B, 4 rue du Jasmin, 34400 Saint-Just",
            "12 rue de la Liberté, 10000 Rabat, Maroc",
            "221B Baker Street, London NW1 6XE, Royaume-Uni",
        ] {
            assert!(reaches(line), "{line}");
        }
        for line in ["4 rue du Jasmin", "4 rue du Jasmin, Lunel", "34400", "4 rue du Jasmin, 34400", "Lunel"]
        {
            assert!(!reaches(line), "{line}");
        }
    }

    #[test]
    fn numbers_are_read_as_they_are_written_in_france() {
        assert_eq!(number("1\u{202f}234", 0, None, None), Ok(json!(1234)));
        assert_eq!(number("12,5", 1, None, None), Ok(json!(12.5)));
        assert_eq!(number("12,5", 0, None, None), Err(Reason::Number { decimals: 0 }));
        assert_eq!(number("1e9", 0, None, None), Err(Reason::Number { decimals: 0 }));
        assert_eq!(number("3", 0, Some(4.0), None), Err(Reason::Below { min: "4".to_owned() }));
        assert_eq!(money("1 234,50 €", None, None), Ok(json!(123_450)));
        assert_eq!(money("0,1", None, None), Ok(json!(10)));
        assert_eq!(money("1,234", None, None), Err(Reason::Money));
    }

    #[test]
    fn times_are_read_in_both_writings() {
        assert_eq!(time("18h"), Some("18:00".to_owned()));
        assert_eq!(time("8 h 05"), Some("08:05".to_owned()));
        assert_eq!(time("18:30"), Some("18:30".to_owned()));
        assert_eq!(time("25:00"), None);
    }

    #[test]
    fn registers_numbers_are_checked() {
        assert!(siret("552 100 554 00014").is_none());
        assert_eq!(siret("732 829 320 00074"), Some("73282932000074".to_owned()));
        assert!(siret("73282932000075").is_none());
        assert_eq!(rna("w341 002 345"), Some("W341002345".to_owned()));
        assert_eq!(rna("W2A1002345"), Some("W2A1002345".to_owned()));
        assert!(rna("341002345").is_none() && rna("W34100234").is_none());
    }

    #[test]
    fn telephone_numbers_are_kept_in_the_international_form() {
        assert_eq!(phone("06 12 34 56 78"), Some("+33612345678".to_owned()));
        assert_eq!(phone("+44 20 7946 0958"), Some("+442079460958".to_owned()));
        assert_eq!(phone("12"), None);
        assert_eq!(phone("téléphone"), None);
    }
}
