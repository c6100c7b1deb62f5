//! Finding a person's record: by names in any order, without accents or capitals, by day of birth, e-mail or
//! telephone; and the records that may be of the same person. Never outside the sectors that are given (CNIL RU-030).

use std::fmt::Write as _;

use beffroi_core::{Day, Id, Sector, text::fold};
use beffroi_store::{Result, ToValue, Tx};

use crate::{
    NewPerson, Person,
    person::{COLUMNS, read},
};

/// Words of a name that are looked at.
const WORDS_AT_MOST: usize = 5;
/// Letters that a name needs to be looked for by.
const LETTERS_AT_LEAST: usize = 2;
/// Records that are compared with a new one.
const COMPARED_AT_MOST: u32 = 200;
/// Duplicates that are proposed.
const PROPOSED_AT_MOST: usize = 10;

/// What is known of whom one looks for; what is empty does not count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sought {
    /// Names, in any order; the first letters of each suffice, the family name or the name in use among them.
    pub name: String,
    /// Day of birth.
    pub birth_date: Option<Day>,
    /// E-mail.
    pub email: String,
    /// Telephone, as people write it.
    pub phone: String,
}

impl Sought {
    /// Whether there is enough to look by.
    pub fn suffices(&self) -> bool {
        !self.words().is_empty()
            || self.birth_date.is_some()
            || !self.email.trim().is_empty()
            || phone_forms(&self.phone).is_some()
    }

    fn words(&self) -> Vec<String> {
        let folded = fold(&self.name);
        let words: Vec<String> =
            folded.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect();
        let enough = words.iter().any(|word| word.chars().count() >= LETTERS_AT_LEAST);
        if enough { words.into_iter().take(WORDS_AT_MOST).collect() } else { Vec::new() }
    }
}

/// A page of records, by name.
#[derive(Clone, Debug)]
pub struct PersonPage {
    /// The records.
    pub persons: Vec<Person>,
    /// After which one the next page begins, if there is one.
    pub next: Option<Id<Person>>,
}

/// Gathers the parts of a statement with their parameters.
#[derive(Default)]
struct Asked {
    params: Vec<Box<dyn ToValue>>,
}

impl Asked {
    fn mark(&mut self, value: impl ToValue + 'static) -> String {
        self.params.push(Box::new(value));
        format!("${}", self.params.len())
    }

    fn params(&self) -> Vec<&dyn ToValue> {
        self.params.iter().map(|param| &**param as &dyn ToValue).collect()
    }
}

/// The records of these sectors that are like what is sought, by name, at most `limit`, after the one where the page
/// before ended. Nothing where too little is known.
pub fn find_like(
    tx: &mut Tx<'_>,
    sectors: &[Sector],
    sought: &Sought,
    after: Option<Id<Person>>,
    limit: u32,
) -> Result<PersonPage> {
    let none = PersonPage { persons: Vec::new(), next: None };
    if sectors.is_empty() || !sought.suffices() {
        return Ok(none);
    }
    let after: Option<(String, Id<Person>)> = match after {
        Some(id) => tx.query_opt("SELECT search_name, id FROM person WHERE id = $1", &[&id], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?,
        None => None,
    };
    let mut asked = Asked::default();
    let candidates = candidates(&mut asked, sectors, sought);
    let mut conditions = String::new();
    for word in sought.words() {
        let mark = asked.mark(format!("% {word}%"));
        let _ = write!(conditions, " AND (' ' || search_name) LIKE {mark}");
    }
    if let Some(day) = sought.birth_date {
        let mark = asked.mark(day);
        // A record that does not know the day may be the one.
        let _ = write!(conditions, " AND (birth_date IS NULL OR birth_date = {mark})");
    }
    if let Some((name, id)) = after {
        let (name, id) = (asked.mark(name), asked.mark(id));
        let _ = write!(conditions, " AND (search_name, id) > ({name}, {id})");
    }
    let fetched = asked.mark(limit.saturating_add(1));
    let sql = format!(
        "SELECT {COLUMNS} FROM person WHERE id IN ({candidates}) AND merged_into IS NULL{conditions} \
         ORDER BY search_name, id LIMIT {fetched}"
    );
    let mut persons = tx.query(&sql, &asked.params(), read)?;
    let more = persons.len() > limit as usize;
    persons.truncate(limit as usize);
    let next = persons.last().filter(|_| more).map(|person| person.id);
    Ok(PersonPage { persons, next })
}

/// The ids that an index gives for what is known best: the names, else the ways to reach the person, else the day of
/// birth.
fn candidates(asked: &mut Asked, sectors: &[Sector], sought: &Sought) -> String {
    let words = sought.words();
    let mut parts = Vec::new();
    for sector in sectors {
        let sector = asked.mark(sector.as_str());
        let mut by = |condition: &str| {
            parts.push(format!("SELECT id FROM person WHERE sector = {sector} AND {condition}"));
        };
        if !words.is_empty() {
            for word in &words {
                let (from, to) = (asked.mark(word.clone()), asked.mark(format!("{word}\u{10ffff}")));
                by(&format!("search_name >= {from} AND search_name < {to}"));
                by(&format!("search_used <> '' AND search_used >= {from} AND search_used < {to}"));
            }
            continue;
        }
        let email = sought.email.trim().to_lowercase();
        if !email.is_empty() {
            let email = asked.mark(email);
            by(&format!("email <> '' AND LOWER(email) = {email}"));
        }
        if let Some([international, national]) = phone_forms(&sought.phone) {
            let (international, national) = (asked.mark(international), asked.mark(national));
            by(&format!("phone <> '' AND phone IN ({international}, {national})"));
        }
        if let (Some(day), true) = (sought.birth_date, sought.email.is_empty() && sought.phone.is_empty()) {
            let day = asked.mark(day);
            by(&format!("birth_date IS NOT NULL AND birth_date = {day}"));
        }
    }
    parts.join(" UNION ")
}

/// A French number as forms keep it and as people write it; other numbers as they are.
fn phone_forms(typed: &str) -> Option<[String; 2]> {
    let digits: String = typed.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
    let national = digits.strip_prefix("+33").or_else(|| digits.strip_prefix('0'));
    match national.map(|rest| rest.trim_start_matches('0')) {
        Some(rest) if rest.len() == 9 => Some([format!("+33{rest}"), format!("0{rest}")]),
        _ if digits.len() >= 8 => Some([digits.clone(), digits]),
        _ => None,
    }
}

/// Why two records may be of one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Likeness {
    /// Same names, same day of birth.
    NamesAndBirth,
    /// Same e-mail or telephone, and a name that sounds alike.
    Reach,
    /// Same day of birth, and names that sound alike.
    SoundAndBirth,
    /// Same names, while one of the two records knows no day of birth.
    Names,
}

/// Whether two folded names count as one.
type Alike = fn(&str, &str) -> bool;

/// How a record resembles another, if it does.
pub fn likeness(new: &NewPerson, known: &NewPerson) -> Option<Likeness> {
    let same = |a: &str, b: &str| !a.is_empty() && fold(a) == fold(b);
    let family = |person: &NewPerson| [fold(&person.family_name), fold(&person.used_name)];
    let shares = |alike: Alike| {
        family(new)
            .iter()
            .any(|a| !a.is_empty() && family(known).iter().any(|b| !b.is_empty() && alike(a, b)))
    };
    let first = |names: &str| fold(names).split(' ').next().unwrap_or_default().to_owned();
    let given = |alike: Alike| {
        let (a, b) = (first(&new.given_names), first(&known.given_names));
        !a.is_empty() && !b.is_empty() && alike(&a, &b)
    };
    let equal: Alike = |a, b| a == b;
    let sounds: Alike = |a, b| sound(a) == sound(b);
    let names = shares(equal) && given(equal);
    let born = match (new.birth_date, known.birth_date) {
        (Some(a), Some(b)) => Some(a == b),
        _ => None,
    };
    let phone = phone_forms(&new.phone).zip(phone_forms(&known.phone)).is_some_and(|(a, b)| a == b);
    let reach = same(&new.email, &known.email) || phone;
    match born {
        Some(true) if names => Some(Likeness::NamesAndBirth),
        // Father and daughter share a telephone and a name, not a day of birth.
        Some(false) => None,
        _ if reach && shares(sounds) && given(sounds) => Some(Likeness::Reach),
        Some(true) if shares(sounds) && given(sounds) => Some(Likeness::SoundAndBirth),
        None if names => Some(Likeness::Names),
        _ => None,
    }
}

/// How a French name sounds, roughly: `Thibault` and `Tibo`, `Philippe` and `Filipe` are alike. Folded letters in.
pub fn sound(folded: &str) -> String {
    let mut sounded = folded.replace(' ', "");
    for (written, heard) in [
        ("ph", "f"),
        ("eaux", "o"),
        ("eau", "o"),
        ("aux", "o"),
        ("au", "o"),
        ("ault", "o"),
        ("qu", "k"),
        ("ck", "k"),
        ("ch", "sh"),
        ("ç", "s"),
        ("y", "i"),
        ("ain", "in"),
        ("ein", "in"),
        ("ei", "e"),
        ("ai", "e"),
        ("h", ""),
        ("w", "v"),
        ("z", "s"),
        ("oo", "o"),
    ] {
        sounded = sounded.replace(written, heard);
    }
    let mut kept = String::new();
    for c in sounded.chars() {
        let c = if c == 'c' || c == 'q' { 'k' } else { c };
        if !kept.ends_with(c) {
            kept.push(c);
        }
    }
    // What is written at the end and not heard.
    let heard = kept.trim_end_matches(['t', 'd', 's', 'x', 'e', 'l']);
    if heard.len() < 2 { kept } else { heard.to_owned() }
}

/// The records of these sectors that may be of the same person as `new`, the likeliest first. `but`: a record that
/// is not compared with itself.
pub fn alike(
    tx: &mut Tx<'_>,
    sectors: &[Sector],
    new: &NewPerson,
    but: Option<Id<Person>>,
) -> Result<Vec<(Person, Likeness)>> {
    if sectors.is_empty() {
        return Ok(Vec::new());
    }
    let mut asked = Asked::default();
    let sought = [
        Sought { name: new.family_name.clone(), ..Sought::default() },
        Sought { name: new.used_name.clone(), ..Sought::default() },
        Sought { email: new.email.clone(), phone: new.phone.clone(), ..Sought::default() },
        Sought { birth_date: new.birth_date, ..Sought::default() },
    ];
    let parts: Vec<String> = sought
        .iter()
        .filter(|sought| sought.suffices())
        .map(|sought| candidates(&mut asked, sectors, sought))
        .collect();
    if parts.is_empty() {
        return Ok(Vec::new());
    }
    let limit = asked.mark(COMPARED_AT_MOST);
    let first = asked.mark(format!("%{}%", fold(&new.given_names).split(' ').next().unwrap_or_default()));
    let sql = format!(
        "SELECT {COLUMNS} FROM person WHERE id IN ({}) AND merged_into IS NULL \
         ORDER BY CASE WHEN search_name LIKE {first} THEN 0 ELSE 1 END, id DESC LIMIT {limit}",
        parts.join(" UNION ")
    );
    let found = tx.query(&sql, &asked.params(), read)?;
    let mut alike: Vec<(Person, Likeness)> = found
        .into_iter()
        .filter(|person| Some(person.id) != but)
        .filter_map(|person| likeness(new, &person.details).map(|likeness| (person, likeness)))
        .collect();
    alike.sort_by_key(|(_, likeness)| *likeness);
    alike.truncate(PROPOSED_AT_MOST);
    Ok(alike)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn person(family: &str, given: &str, birth: Option<&str>, email: &str, phone: &str) -> NewPerson {
        NewPerson {
            family_name: family.to_owned(),
            given_names: given.to_owned(),
            birth_date: birth.map(|day| day.parse().unwrap()),
            email: email.to_owned(),
            phone: phone.to_owned(),
            ..NewPerson::default()
        }
    }

    #[test]
    fn the_same_person_is_known_again_however_it_is_written() {
        let lea = person("Lefèvre", "Léa Marie", Some("1940-02-29"), "lea@example.org", "+33465711234");
        let typed = person("LEFEVRE", "lea", Some("1940-02-29"), "", "");
        assert_eq!(likeness(&typed, &lea), Some(Likeness::NamesAndBirth));
        let phoned = person("Lefèbvre", "Léa", None, "", "04 65 71 12 34");
        assert_eq!(likeness(&phoned, &lea), None, "another name that does not sound alike");
        let phoned = person("Lefevre", "Léa", None, "", "04 65 71 12 34");
        assert_eq!(likeness(&phoned, &lea), Some(Likeness::Reach));
        let heard = person("Lefaivre", "Léha", Some("1940-02-29"), "", "");
        assert_eq!(likeness(&heard, &lea), Some(Likeness::SoundAndBirth));
        let unknown = person("Lefevre", "Lea", None, "", "");
        assert_eq!(likeness(&unknown, &lea), Some(Likeness::Names));
    }

    #[test]
    fn relatives_are_not_one_person() {
        let mother = person("Durand", "Marie", Some("1950-01-01"), "famille@example.org", "0465711234");
        let daughter = person("Durand", "Marie", Some("1980-01-01"), "famille@example.org", "0465711234");
        let brother = person("Durand", "Paul", None, "famille@example.org", "0465711234");
        assert_eq!(likeness(&daughter, &mother), None);
        assert_eq!(likeness(&brother, &mother), None);
    }

    #[test]
    fn names_that_sound_alike_are_alike() {
        for (a, b) in [("thibault", "tibo"), ("philippe", "filipe"), ("moreau", "moro"), ("kevin", "quevin")]
        {
            assert_eq!(sound(a), sound(b), "{a}, {b}");
        }
        for (a, b) in [("durand", "dupond"), ("martin", "morin"), ("paul", "pol")] {
            assert_eq!(sound(a) == sound(b), a == "paul", "{a}, {b}");
        }
    }

    #[test]
    fn a_number_is_the_same_in_both_ways_of_writing_it() {
        assert_eq!(phone_forms("04 65 71 12 34"), phone_forms("+33 4 65 71 12 34"));
        assert_eq!(phone_forms("+33 (0)4 65 71 12 34"), phone_forms("0465711234"));
        assert_eq!(phone_forms("12"), None);
        assert!(
            !Sought { name: "é".to_owned(), ..Sought::default() }.suffices(),
            "one letter is a fishing net"
        );
    }

    proptest! {
        #[test]
        fn whoever_has_names_and_a_birthday_resembles_themselves(
            family in "[A-Za-zÀ-ÿ]{2,12}", given in "[A-Za-zÀ-ÿ]{2,12}", year in 1900..2026,
        ) {
            let day = Day::from_ymd_opt(year, 5, 4);
            let one = NewPerson { birth_date: day, ..person(&family, &given, None, "", "") };
            let shouted = NewPerson {
                family_name: family.to_uppercase(), given_names: given.to_lowercase(), ..one.clone()
            };
            // Letters such as ÷ are none: there is then no name to compare.
            prop_assume!(!fold(&family).is_empty() && !fold(&given).is_empty());
            prop_assert_eq!(likeness(&shouted, &one), Some(Likeness::NamesAndBirth));
        }
    }
}
