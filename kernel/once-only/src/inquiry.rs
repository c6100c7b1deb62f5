//! What is asked: the address of a question to the State, made of what a person has typed. Pure.

use beffroi_core::Day;
use beffroi_forms::FetchSource;
use chrono::Datelike;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::settings::{Access, Api};

/// What stays as it is in an address.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
/// France, in the Insee's list of countries.
const FRANCE: &str = "99100";
/// School years begin in that month.
const SCHOOL_BEGINS: u32 = 8;

/// Who is asked about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// The family name at birth.
    pub family_name: String,
    /// The given names, in order.
    pub given_names: String,
    /// The day of birth.
    pub birth_date: Option<Day>,
    /// `F` or `M`.
    pub sex: String,
    /// Where the person was born, by the Insee's code of the commune.
    pub birth_commune: String,
    /// In which country, by ISO 3166-1 or by the Insee's code; France where nothing is said.
    pub birth_country: String,
}

/// What a source is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// A person.
    Person(Person),
    /// A pupil, and the code of the school.
    Pupil(Person, String),
    /// The number of an establishment or an association.
    Number(String),
}

/// A question, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inquiry {
    /// Of which source.
    pub source: FetchSource,
    /// The path and the query; what follows the address of the service. Never logged: it tells who is asked about.
    pub(crate) target: String,
}

/// Why nothing can be asked yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotAsked {
    /// This is not answered.
    Missing(&'static str),
    /// Births in this country cannot be asked about.
    Country,
}

/// The question to a source; else what is missing.
///
/// # Errors
/// What must be answered first.
pub fn inquiry(source: FetchSource, told: &Told, access: &Access, today: Day) -> Result<Inquiry, NotAsked> {
    let mut query = Query::default();
    let path = match (source, told) {
        (FetchSource::FamilyQuotient, Told::Person(person)) => {
            query.person(person, true)?;
            "/v3/dss/quotient_familial/identite".to_owned()
        }
        (FetchSource::Schooling, Told::Pupil(person, school)) => {
            query.person(person, false)?;
            let school: String = school.chars().filter(|letter| !letter.is_whitespace()).collect();
            if school.is_empty() {
                return Err(NotAsked::Missing("school"));
            }
            let begun = if today.month() >= SCHOOL_BEGINS { today.year() } else { today.year() - 1 };
            query.add("codeEtablissement", &school.to_uppercase());
            query.add("anneeScolaire", &begun.to_string());
            "/v3/men/scolarites/identite".to_owned()
        }
        (FetchSource::Establishment, Told::Number(number)) => {
            let number = digits_and_letters(number);
            if number.len() != 14 || !number.bytes().all(|letter| letter.is_ascii_digit()) {
                return Err(NotAsked::Missing("siret"));
            }
            format!("/v3/insee/sirene/etablissements/{number}")
        }
        (FetchSource::Association, Told::Number(number)) => {
            let number = digits_and_letters(number).to_uppercase();
            // An association may be known by its SIRET number, of which the SIREN number is the beginning.
            let number =
                if number.len() == 14 { number.get(..9).unwrap_or_default().to_owned() } else { number };
            if number.is_empty() || number.len() > 10 {
                return Err(NotAsked::Missing("number"));
            }
            format!("/v4/djepva/api-association/associations/open_data/{number}")
        }
        (FetchSource::FamilyQuotient | FetchSource::Schooling, _) => {
            return Err(NotAsked::Missing("identity"));
        }
        (FetchSource::Establishment | FetchSource::Association, _) => {
            return Err(NotAsked::Missing("number"));
        }
    };
    query.who(access);
    Ok(Inquiry { source, target: format!("{path}?{}", query.0) })
}

/// A question that tells whether the service takes the key, and that concerns nobody: the State's own digital
/// directorate, or a person of whom nothing is said, which the service refuses once it has taken the key.
pub fn check_inquiry(access: &Access) -> Inquiry {
    let mut query = Query::default();
    query.who(access);
    let (source, path) = match access.api {
        Api::Particulier => (FetchSource::FamilyQuotient, "/v3/dss/quotient_familial/identite"),
        Api::Entreprise => (FetchSource::Establishment, "/v3/insee/sirene/etablissements/13002526500013"),
    };
    Inquiry { source, target: format!("{path}?{}", query.0) }
}

fn digits_and_letters(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).collect()
}

#[derive(Default)]
struct Query(String);

impl Query {
    fn add(&mut self, name: &str, value: &str) {
        if !self.0.is_empty() {
            self.0.push('&');
        }
        self.0.push_str(&utf8_percent_encode(name, PLAIN).to_string());
        self.0.push('=');
        self.0.push_str(&utf8_percent_encode(value.trim(), PLAIN).to_string());
    }

    /// Who asks, and for what: the services refuse whoever does not say.
    fn who(&mut self, access: &Access) {
        self.add("recipient", &access.recipient);
        if access.api == Api::Entreprise {
            self.add("context", &access.purpose);
            self.add("object", &access.purpose);
        }
    }

    fn person(&mut self, person: &Person, birth_place: bool) -> Result<(), NotAsked> {
        if person.family_name.trim().is_empty() || person.given_names.trim().is_empty() {
            return Err(NotAsked::Missing("identity"));
        }
        let birth = person.birth_date.ok_or(NotAsked::Missing("identity"))?;
        if !["F", "M"].contains(&person.sex.as_str()) {
            return Err(NotAsked::Missing("sex"));
        }
        self.add("nomNaissance", &person.family_name);
        for name in person.given_names.split([' ', ',']).filter(|name| !name.is_empty()).take(10) {
            self.add("prenoms[]", name);
        }
        self.add("anneeDateNaissance", &birth.year().to_string());
        self.add("moisDateNaissance", &birth.month().to_string());
        self.add("jourDateNaissance", &birth.day().to_string());
        self.add("sexeEtatCivil", &person.sex);
        if birth_place {
            let country = country(&person.birth_country).ok_or(NotAsked::Country)?;
            self.add("codeCogInseePaysNaissance", country);
            if country == FRANCE {
                if person.birth_commune.is_empty() {
                    return Err(NotAsked::Missing("birth_commune"));
                }
                self.add("codeCogInseeCommuneNaissance", &person.birth_commune);
            }
        }
        Ok(())
    }
}

/// The Insee's code of a country: what is one already, and that of the countries where most people were born who live in France and were born elsewhere
/// (code officiel géographique, pays et territoires étrangers).
fn country(said: &str) -> Option<&str> {
    const KNOWN: [(&str, &str); 44] = [
        ("AF", "99212"),
        ("DE", "99109"),
        ("DZ", "99352"),
        ("AM", "99252"),
        ("BE", "99131"),
        ("BR", "99416"),
        ("KH", "99234"),
        ("CM", "99322"),
        ("CA", "99401"),
        ("CN", "99216"),
        ("KM", "99397"),
        ("CG", "99324"),
        ("CD", "99312"),
        ("CI", "99326"),
        ("ES", "99134"),
        ("US", "99404"),
        ("FR", FRANCE),
        ("GE", "99255"),
        ("GN", "99330"),
        ("HT", "99410"),
        ("IN", "99223"),
        ("IT", "99127"),
        ("LB", "99205"),
        ("MG", "99333"),
        ("ML", "99335"),
        ("MA", "99350"),
        ("MU", "99390"),
        ("NL", "99135"),
        ("PL", "99122"),
        ("PT", "99139"),
        ("RO", "99114"),
        ("GB", "99132"),
        ("RU", "99123"),
        ("SN", "99341"),
        ("RS", "99121"),
        ("LK", "99235"),
        ("CH", "99140"),
        ("SY", "99206"),
        ("TN", "99351"),
        ("TR", "99208"),
        ("UA", "99155"),
        ("VN", "99243"),
        ("", FRANCE),
        ("BJ", "99327"),
    ];
    let said = said.trim();
    if said.len() == FRANCE.len() && said.starts_with("99") && said.bytes().all(|it| it.is_ascii_digit()) {
        return Some(said);
    }
    KNOWN.iter().find(|(known, _)| known.eq_ignore_ascii_case(said)).map(|(_, code)| *code)
}

#[cfg(test)]
mod tests {
    use beffroi_core::Instant;

    use super::*;

    fn access(api: Api) -> Access {
        Access {
            api,
            address: String::new(),
            token: String::new(),
            recipient: "13002526500013".to_owned(),
            purpose: "Prêt de matériel".to_owned(),
            changed_at: Instant::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_person_is_asked_about_as_the_service_wants_it() {
        let person = Person {
            family_name: "Roux".to_owned(),
            given_names: "Jeanne, Stéphanie".to_owned(),
            birth_date: "1987-06-27".parse().ok(),
            sex: "F".to_owned(),
            birth_commune: "08480".to_owned(),
            birth_country: String::new(),
        };
        let today = "2026-11-26".parse().unwrap();
        let ask = |person: &Person| {
            inquiry(
                FetchSource::FamilyQuotient,
                &Told::Person(person.clone()),
                &access(Api::Particulier),
                today,
            )
        };
        assert_eq!(
            ask(&person).unwrap().target,
            "/v3/dss/quotient_familial/identite?nomNaissance=Roux&prenoms%5B%5D=Jeanne&prenoms%5B%5D=St%C3%A9phanie\
             &anneeDateNaissance=1987&moisDateNaissance=6&jourDateNaissance=27&sexeEtatCivil=F\
             &codeCogInseePaysNaissance=99100&codeCogInseeCommuneNaissance=08480&recipient=13002526500013"
        );
        let nowhere = Person { birth_commune: String::new(), ..person.clone() };
        assert_eq!(ask(&nowhere), Err(NotAsked::Missing("birth_commune")));
        let abroad = Person { birth_country: "US".to_owned(), ..nowhere.clone() };
        assert!(ask(&abroad).unwrap().target.contains("PaysNaissance=99404&recipient"));
        let coded = Person { birth_country: "99352".to_owned(), ..nowhere.clone() };
        assert!(ask(&coded).unwrap().target.contains("PaysNaissance=99352&recipient"));
        assert_eq!(ask(&Person { birth_country: "AQ".to_owned(), ..nowhere }), Err(NotAsked::Country));
        assert_eq!(ask(&Person { sex: String::new(), ..person }), Err(NotAsked::Missing("sex")));
    }

    #[test]
    fn a_school_year_begins_in_august() {
        let person = Person {
            family_name: "Benali".to_owned(),
            given_names: "Amine".to_owned(),
            birth_date: "2015-12-11".parse().ok(),
            sex: "M".to_owned(),
            ..Person::default()
        };
        let told = Told::Pupil(person, "013 2634t".to_owned());
        for (today, year) in [("2026-07-31", "2025"), ("2026-08-01", "2026")] {
            let asked =
                inquiry(FetchSource::Schooling, &told, &access(Api::Particulier), today.parse().unwrap())
                    .unwrap();
            assert!(
                asked.target.contains(&format!("codeEtablissement=0132634T&anneeScolaire={year}&")),
                "{asked:?}"
            );
        }
    }

    #[test]
    fn a_number_says_for_what_it_is_asked() {
        let ask = |source, number: &str| {
            inquiry(
                source,
                &Told::Number(number.to_owned()),
                &access(Api::Entreprise),
                "2026-11-26".parse().unwrap(),
            )
        };
        assert_eq!(
            ask(FetchSource::Establishment, "306 138 900 01294").unwrap().target,
            "/v3/insee/sirene/etablissements/30613890001294?recipient=13002526500013\
             &context=Pr%C3%AAt%20de%20mat%C3%A9riel&object=Pr%C3%AAt%20de%20mat%C3%A9riel"
        );
        assert!(
            ask(FetchSource::Association, "w301000624").unwrap().target.contains("/open_data/W301000624?")
        );
        assert!(
            ask(FetchSource::Association, "38948624200032").unwrap().target.contains("/open_data/389486242?")
        );
        assert_eq!(ask(FetchSource::Establishment, "../v3"), Err(NotAsked::Missing("siret")));
    }
}
