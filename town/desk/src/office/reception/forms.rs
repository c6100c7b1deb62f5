//! What the counter's forms about persons send, read and judged.

use beffroi_core::{Day, Lang, calendar::long_date};
use beffroi_forms::spaced_phone;
use beffroi_people::{NewPerson, PostalAddress, account::normalise_email, finding::Sought};
use beffroi_web::{FormPost, Page};
use chrono::Datelike;

use crate::{office::action::day_of, problem::Problem};

/// Letters of one name.
const LONGEST: usize = 100;

/// Why an agent looks for somebody: the word that is kept, and the key of what it is called.
pub(crate) const REASONS: [(&str, &str); 4] = [
    ("presence", "office-why-presence"),
    ("phone", "office-why-phone"),
    ("mail", "office-why-mail"),
    ("case", "office-why-case"),
];

/// The reason that a form or an address names; the first where it names none.
pub(crate) fn reason(word: &str) -> &'static str {
    given_reason(word).unwrap_or("presence")
}

/// The reason that a form gives; `None` where it gives none.
pub(crate) fn given_reason(word: &str) -> Option<&'static str> {
    REASONS.iter().map(|(known, _)| *known).find(|known| *known == word)
}

/// A choice of a form.
pub(crate) struct Choice {
    pub(crate) value: String,
    pub(crate) label: String,
    pub(crate) hint: String,
    pub(crate) chosen: bool,
}

impl Choice {
    pub(crate) fn new(value: &str, label: &str, chosen: bool) -> Self {
        Self { value: value.to_owned(), label: label.to_owned(), hint: String::new(), chosen }
    }
}

/// The reasons, as a form offers them.
pub(crate) fn reasons(page: &Page, chosen: &str) -> Vec<Choice> {
    REASONS.iter().map(|(word, key)| Choice::new(word, page.t(key), *word == chosen)).collect()
}

/// What is typed about a person, right or wrong.
#[derive(Clone, Debug, Default)]
pub(crate) struct Typed {
    pub(crate) family_name: String,
    pub(crate) given_names: String,
    pub(crate) used_name: String,
    pub(crate) birth: [String; 3],
    pub(crate) email: String,
    pub(crate) phone: String,
    pub(crate) address: String,
}

impl Typed {
    pub(crate) fn read(fields: &FormPost) -> Self {
        let text = |name: &str| fields.text(name).to_owned();
        Self {
            family_name: text("nom"),
            given_names: text("prenoms"),
            used_name: text("usage"),
            birth: ["naissance-day", "naissance-month", "naissance-year"].map(text),
            email: text("courriel"),
            phone: text("telephone"),
            address: text("adresse"),
        }
    }

    pub(crate) fn of(person: &NewPerson) -> Self {
        let birth = person
            .birth_date
            .map(|day| [day.day().to_string(), day.month().to_string(), day.year().to_string()]);
        Self {
            family_name: person.family_name.clone(),
            given_names: person.given_names.clone(),
            used_name: person.used_name.clone(),
            birth: birth.unwrap_or_default(),
            email: person.email.clone(),
            phone: spaced_phone(&person.phone),
            address: person.address.lines.join(", "),
        }
    }

    /// What was looked for, as the form of somebody new begins with it: names that were typed in one go are told apart
    /// as lists write them, the family name first.
    pub(crate) fn into_new(mut self) -> Self {
        if self.given_names.is_empty()
            && let Some((family, given)) = self.family_name.split_once(' ')
        {
            (self.given_names, self.family_name) = (given.trim().to_owned(), family.to_owned());
        }
        self
    }

    /// The fields, to be sent once more.
    pub(crate) fn pairs(&self) -> Vec<(&'static str, String)> {
        let [day, month, year] = self.birth.clone();
        vec![
            ("nom", self.family_name.clone()),
            ("prenoms", self.given_names.clone()),
            ("usage", self.used_name.clone()),
            ("naissance-day", day),
            ("naissance-month", month),
            ("naissance-year", year),
            ("courriel", self.email.clone()),
            ("telephone", self.phone.clone()),
            ("adresse", self.address.clone()),
        ]
    }

    /// The day of birth; an error where the parts tell none that has been.
    pub(crate) fn birth_date(&self, today: Day) -> Result<Option<Day>, &'static str> {
        let [day, month, year] = &self.birth;
        if self.birth.iter().all(String::is_empty) {
            return Ok(None);
        }
        let given = day_of(day, month, year).filter(|day| *day <= today && day.year() > 1890);
        given.map(Some).ok_or("desk-person-birth-wrong")
    }

    /// The person; or all that is wrong, with the key of each message.
    pub(crate) fn person(&self, today: Day) -> Result<NewPerson, Vec<(&'static str, &'static str)>> {
        let mut wrong = Vec::new();
        for (field, text, missing) in [
            ("nom", &self.family_name, "desk-person-name-missing"),
            ("prenoms", &self.given_names, "desk-person-given-missing"),
        ] {
            if text.is_empty() {
                wrong.push((field, missing));
            }
        }
        let all = [&self.family_name, &self.given_names, &self.used_name, &self.address];
        for (field, text) in ["nom", "prenoms", "usage", "adresse"].into_iter().zip(all) {
            let longest = if field == "adresse" { 3 * LONGEST } else { LONGEST };
            if text.chars().count() > longest {
                wrong.push((field, "desk-person-too-long"));
            }
        }
        let birth_date = self.birth_date(today).unwrap_or_else(|key| {
            wrong.push(("naissance", key));
            None
        });
        let email = if self.email.is_empty() { Some(String::new()) } else { normalise_email(&self.email) };
        if email.is_none() {
            wrong.push(("courriel", "desk-person-email-wrong"));
        }
        let digits = self.phone.chars().filter(char::is_ascii_digit).count();
        if !self.phone.is_empty() && !(8..=15).contains(&digits) {
            wrong.push(("telephone", "desk-person-phone-wrong"));
        }
        if !wrong.is_empty() {
            return Err(wrong);
        }
        Ok(NewPerson {
            family_name: self.family_name.clone(),
            given_names: self.given_names.clone(),
            used_name: self.used_name.clone(),
            birth_date,
            email: email.unwrap_or_default(),
            phone: self.phone.clone(),
            address: PostalAddress {
                lines: Some(self.address.clone()).filter(|line| !line.is_empty()).into_iter().collect(),
                ..PostalAddress::default()
            },
            ..NewPerson::default()
        })
    }

    /// What to look for; or what is wrong.
    pub(crate) fn sought(&self, today: Day) -> Result<Sought, Vec<(&'static str, &'static str)>> {
        let birth_date = self.birth_date(today).map_err(|key| vec![("naissance", key)])?;
        let sought = Sought {
            name: self.family_name.chars().take(LONGEST).collect(),
            birth_date,
            email: self.email.clone(),
            phone: self.phone.clone(),
        };
        if sought.suffices() { Ok(sought) } else { Err(vec![("nom", "office-person-too-little")]) }
    }
}

/// What is wrong, in words.
pub(crate) fn problems(page: &Page, wrong: &[(&'static str, &'static str)]) -> Vec<Problem> {
    wrong
        .iter()
        .map(|(field, key)| Problem { field: (*field).to_owned(), message: page.t(key).to_owned() })
        .collect()
}

/// A day of birth as lists show it; `""` where it is not known.
pub(crate) fn born(day: Option<Day>, lang: Lang) -> String {
    day.map(|day| long_date(day, lang)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(family: &str, given: &str, birth: [&str; 3]) -> Typed {
        Typed {
            family_name: family.to_owned(),
            given_names: given.to_owned(),
            birth: birth.map(str::to_owned),
            ..Typed::default()
        }
    }

    #[test]
    fn everything_wrong_is_told_at_once() {
        let today = "2026-06-03".parse().unwrap();
        let mut wrong = typed("", "Léa", ["31", "2", "1990"]);
        wrong.email = "lea".to_owned();
        wrong.phone = "12".to_owned();
        let told: Vec<&str> = wrong.person(today).unwrap_err().into_iter().map(|(field, _)| field).collect();
        assert_eq!(told, ["nom", "naissance", "courriel", "telephone"]);
        let right = typed("Durand", "Léa", ["4", "2", "1990"]).person(today).unwrap();
        assert_eq!(right.birth_date, "1990-02-04".parse().ok());
        assert!(typed("Durand", "Léa", ["4", "6", "2026"]).person(today).is_err(), "born tomorrow");
    }

    #[test]
    fn what_was_looked_for_begins_the_form_of_somebody_new() {
        let new = typed("Bonnafé Germaine Louise", "", ["4", "2", "1990"]).into_new();
        assert_eq!((new.family_name.as_str(), new.given_names.as_str()), ("Bonnafé", "Germaine Louise"));
        assert_eq!(new.birth, ["4", "2", "1990"]);
        let known = typed("De la Tour", "Léa", ["", "", ""]).into_new();
        assert_eq!((known.family_name.as_str(), known.given_names.as_str()), ("De la Tour", "Léa"));
    }

    #[test]
    fn one_does_not_look_for_everybody() {
        let today = "2026-06-03".parse().unwrap();
        assert!(typed("", "", ["", "", ""]).sought(today).is_err());
        assert!(typed("du", "", ["", "", ""]).sought(today).is_ok());
        assert!(typed("", "", ["4", "2", "1990"]).sought(today).is_ok());
    }
}
