//! One field of Publik as a field of a procedure: its kind, and the checks that its settings amount to.

use beffroi_forms::{Check, Choice, Kind, Source, Text};
use unicode_normalization::UnicodeNormalization;

use crate::{names::Type, translate::quoted, xml::RawField};

/// Up to here, choices are shown one below the other; beyond, they are searched.
const SHOWN_AT_MOST: usize = 12;
/// Letters of one line, at most.
const LINE: u32 = 200;
/// Letters of a long text, at most.
const LINES: u32 = 2_000;

/// A kind, and what goes with it.
pub struct Kinded {
    pub kind: Kind,
    pub known: Type,
    pub choices: Vec<String>,
    pub checks: Vec<Check>,
    /// What has no counterpart.
    pub remarks: Vec<String>,
}

impl Kinded {
    fn of(kind: Kind, known: Type) -> Self {
        Self { kind, known, choices: Vec::new(), checks: Vec::new(), remarks: Vec::new() }
    }

    fn remark(mut self, text: impl Into<String>) -> Self {
        self.remarks.push(text.into());
        self
    }

    fn check(&mut self, when: String, message: &str) {
        self.checks.push(Check { when, message: Text::from(message), field: None });
    }
}

/// A name of small letters, digits and `between`.
pub fn slug(text: &str, between: char, longest: usize) -> String {
    let mut slug = String::new();
    let bare = text.nfd().filter(char::is_ascii).map(|letter| letter.to_ascii_lowercase());
    for letter in bare {
        if letter.is_ascii_alphanumeric() {
            slug.push(letter);
        } else if !slug.is_empty() && !slug.ends_with(between) {
            slug.push(between);
        }
        if slug.len() >= longest {
            break;
        }
    }
    slug.trim_end_matches(between).to_owned()
}

/// The kind of a field that asks something, groups left out. `id`: what it is called, for its checks.
pub fn kind(raw: &RawField, id: &str) -> Kinded {
    let truth = |name: &str| raw.setting(name).eq_ignore_ascii_case("true");
    let whole = |name: &str| raw.setting(name).trim().parse::<u32>().ok();
    match raw.kind.as_str() {
        "string" => line(raw, id),
        "text" => {
            let max_chars = whole("maxlength").filter(|most| *most > 0).unwrap_or(LINES).min(50_000);
            Kinded::of(Kind::LongText { max_chars }, Type::Text)
        }
        "email" => Kinded::of(Kind::Email, Type::Text),
        "date" => day(raw, id),
        // What must be ticked is a statement; what may be is a question.
        "bool" if required(raw) => Kinded::of(Kind::Sworn, Type::Truth),
        "bool" => Kinded::of(Kind::YesNo, Type::Truth),
        "item" => one_of(raw),
        "items" => many_of(raw, id),
        "ranked-items" => many_of(raw, id).remark("the order in which choices are ranked is not asked for"),
        "file" => {
            let many = truth("multiple") || truth("allow_multiple");
            let max_files = whole("max_files").unwrap_or(if many { 10 } else { 1 }).clamp(1, 20);
            let mut found = Kinded::of(Kind::File { max_files }, Type::Files);
            for (setting, about) in [("max_file_size", "the largest size"), ("document_type", "the kind")] {
                if !raw.setting(setting).is_empty() {
                    let value = raw.setting(setting);
                    found =
                        found.remark(format!("{about} of a file ({value}) is the town’s own for all forms"));
                }
            }
            found
        }
        "map" => Kinded::of(Kind::Point, Type::Opaque),
        "numeric" => {
            let number = |name: &str| {
                raw.setting(name).replace(',', ".").parse::<f64>().ok().filter(|it| it.is_finite())
            };
            let restricted = raw.setting("restrict_to_integers").is_empty() || truth("restrict_to_integers");
            let decimals = if restricted { 0 } else { 2 };
            let kind = Kind::Number {
                decimals,
                min: number("min_value"),
                max: number("max_value"),
                unit: Text::default(),
            };
            Kinded::of(kind, if restricted { Type::Whole } else { Type::Decimal })
        }
        "time" => Kinded::of(Kind::Time, Type::Time),
        "password" => Kinded::of(Kind::Text { max_chars: LINE }, Type::Text)
            .remark("a password is asked for in a form: ask for it at sign-in; here it is a plain text"),
        "time-range" => Kinded::of(Kind::Text { max_chars: LINE }, Type::Text)
            .remark("a slot of a calendar is asked for: calendars are set up apart; here it is a plain text"),
        other => Kinded::of(Kind::LongText { max_chars: LINES }, Type::Text)
            .remark(format!("a field of the kind `{other}` has no counterpart: it is kept as a text")),
    }
}

/// Whether an answer is needed.
pub fn required(raw: &RawField) -> bool {
    !matches!(raw.setting("required").to_ascii_lowercase().as_str(), "false" | "no" | "optional")
}

fn line(raw: &RawField, id: &str) -> Kinded {
    let max_chars =
        raw.setting("maxlength").trim().parse().ok().filter(|most| *most > 0).unwrap_or(LINE).min(2_000);
    let mut found = Kinded::of(Kind::Text { max_chars }, Type::Text);
    let Some((kind, value)) = &raw.validation else { return found };
    let said = raw.setting("error_message");
    let message = |usual: &'static str| if said.is_empty() { usual.to_owned() } else { said.to_owned() };
    match kind.as_str() {
        "phone" | "phone-fr" => Kinded::of(Kind::Phone, Type::Text),
        "siret-fr" => Kinded::of(Kind::Siret, Type::Text),
        "iban" => Kinded::of(Kind::Iban, Type::Text),
        "time" => Kinded::of(Kind::Time, Type::Time),
        "digits" => {
            found.check(format!("{id}.matches('^[0-9]+$')"), &message("N’écrivez que des chiffres."));
            found
        }
        "zipcode-fr" => {
            let usual = "Écrivez un code postal de cinq chiffres.";
            found.check(format!("{id}.matches('^[0-9]{{5}}$')"), &message(usual));
            found
        }
        "siren-fr" => {
            let usual = "Écrivez un numéro SIREN de neuf chiffres.";
            found.check(format!("{id}.matches('^[0-9]{{3}} ?[0-9]{{3}} ?[0-9]{{3}}$')"), &message(usual));
            found.remark("the check digit of a SIREN number is not looked at")
        }
        "url" => {
            let usual = "Écrivez une adresse qui commence par https://.";
            found.check(format!("{id}.matches('^https?://.+')"), &message(usual));
            found
        }
        "regex" if !value.is_empty() => {
            let whole = format!("^(?:{value})$");
            if whole.len() <= 400 && regex::RegexBuilder::new(&whole).size_limit(1 << 16).build().is_ok() {
                let usual = "Cette réponse n’a pas la forme attendue.";
                found.check(format!("{id}.matches({})", quoted(&whole)), &message(usual));
                found
            } else {
                found.remark(format!("the pattern `{value}` cannot be used"))
            }
        }
        "" => found,
        other => found.remark(format!("the check `{other}` has no counterpart{}", of_value(value))),
    }
}

fn of_value(value: &str) -> String {
    if value.is_empty() { String::new() } else { format!(": `{value}`") }
}

fn day(raw: &RawField, id: &str) -> Kinded {
    let truth = |name: &str| raw.setting(name).eq_ignore_ascii_case("true");
    let mut found = Kinded::of(Kind::Date { birth: false }, Type::Day);
    let today_too = truth("date_can_be_today");
    if truth("minimum_is_future") {
        let (sign, message) = if today_too {
            (">=", "Indiquez la date d’aujourd’hui ou une date à venir.")
        } else {
            (">", "Indiquez une date à venir.")
        };
        found.check(format!("{id} {sign} today"), message);
    }
    if truth("date_in_the_past") {
        let (sign, message) = if today_too {
            ("<=", "Indiquez la date d’aujourd’hui ou une date passée.")
        } else {
            ("<", "Indiquez une date passée.")
        };
        found.check(format!("{id} {sign} today"), message);
    }
    for (setting, sign, message) in [
        ("minimum_date", ">=", "Cette date est trop tôt."),
        ("maximum_date", "<=", "Cette date est trop tard."),
    ] {
        let written = raw.setting(setting);
        if written.is_empty() {
            continue;
        }
        match crate::values::day(written) {
            Some(day) => found.check(format!("{id} {sign} {}", quoted(&day)), message),
            None => found.remarks.push(format!("the bound `{written}` of the date is not understood")),
        }
    }
    found
}

/// What may be chosen, where the form itself says it.
fn choices(raw: &RawField) -> (Vec<String>, Vec<String>) {
    let mut remarks = Vec::new();
    let mut texts: Vec<String> = raw.items.clone();
    if let Some((kind, value)) = &raw.source {
        match kind.as_str() {
            "jsonvalue" => match listed(value) {
                Some(listed) => texts = listed,
                None => {
                    remarks.push(format!("the list is computed, and is not taken over: `{}`", short(value)));
                }
            },
            "json" | "jsonp" | "geojson" | "wcs:users" => {
                remarks.push(format!("the list comes from elsewhere ({kind}): `{}`", short(value)));
            }
            "" => {}
            // Old forms name a list; it is in another file.
            named => remarks.push(format!("the list `{named}` is kept in Publik: write its choices here")),
        }
    }
    let mut seen = std::collections::HashSet::new();
    texts.retain(|text| !text.trim().is_empty() && seen.insert(text.trim().to_owned()));
    (texts.into_iter().map(|text| text.trim().to_owned()).collect(), remarks)
}

fn short(text: &str) -> String {
    text.chars().take(120).collect()
}

/// A list that is written out: texts, or objects with a text.
fn listed(value: &str) -> Option<Vec<String>> {
    let list: Vec<serde_json::Value> = serde_json::from_str(value).ok()?;
    list.iter()
        .take(5_000)
        .map(|item| {
            let text =
                item.as_str().or_else(|| item.get("text")?.as_str()).or_else(|| item.get("id")?.as_str());
            text.map(str::to_owned)
        })
        .collect()
}

fn as_choices(texts: &[String]) -> Vec<Choice> {
    texts
        .iter()
        .map(|text| Choice { value: text.clone(), label: Text::from(text.as_str()), hint: Text::default() })
        .collect()
}

fn one_of(raw: &RawField) -> Kinded {
    let (texts, remarks) = choices(raw);
    let kind = match texts.len() {
        0 => Kind::Text { max_chars: LINE },
        few if few <= SHOWN_AT_MOST => Kind::OneOf { choices: as_choices(&texts) },
        _ => Kind::List { choices: as_choices(&texts), from: None::<Source> },
    };
    let mut found = Kinded::of(kind, Type::Text);
    if texts.is_empty() {
        found.remarks.push("nothing to choose from is in the file: it is kept as a text".to_owned());
    }
    found.choices = texts;
    found.remarks.extend(remarks);
    found
}

fn many_of(raw: &RawField, id: &str) -> Kinded {
    let (texts, remarks) = choices(raw);
    let whole = |name: &str| raw.setting(name).trim().parse::<u32>().ok().filter(|most| *most > 0);
    if texts.is_empty() {
        let mut found = Kinded::of(Kind::Text { max_chars: LINE }, Type::Text)
            .remark("nothing to choose from is in the file: it is kept as a text");
        found.remarks.extend(remarks);
        return found;
    }
    let kind = Kind::ManyOf { choices: as_choices(&texts), max: whole("max_choices") };
    let mut found = Kinded::of(kind, Type::Texts);
    if let Some(least) = whole("min_choices") {
        let message = format!("Choisissez au moins {least} réponses.");
        found.check(format!("size({id}) >= {least}"), &message);
    }
    found.choices = texts;
    found.remarks.extend(remarks);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_of_titles() {
        assert_eq!(slug("Date de début (prévue)", '_', 40), "date_de_debut_prevue");
        assert_eq!(slug("L’élève", '-', 40), "leleve");
        assert_eq!(slug("…", '-', 40), "");
        assert_eq!(slug(&"a-".repeat(60), '-', 40).len(), 39);
    }

    #[test]
    fn a_list_that_is_written_out_is_taken_over() {
        let mut raw = RawField { kind: "item".to_owned(), ..RawField::default() };
        raw.source = Some(("jsonvalue".to_owned(), r#"[{"id": "1", "text": "Un"}, "Deux"]"#.to_owned()));
        assert_eq!(one_of(&raw).choices, ["Un", "Deux"]);
        raw.source = Some(("jsonvalue".to_owned(), "[{% for a in b %}…".to_owned()));
        let found = one_of(&raw);
        assert!(matches!(found.kind, Kind::Text { .. }) && found.remarks.len() == 2);
    }
}
