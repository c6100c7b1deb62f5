//! What is wrong with an answer, in the reader's words.

use beffroi_core::{Cents, Lang};

use crate::Text;

/// What is wrong, and where.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// The field: `nom`, or `enfants.0.nom` in a repeated group.
    pub path: String,
    /// What is wrong.
    pub reason: Reason,
}

impl Fault {
    /// The same place as a JSON pointer (RFC 6901) into the answers: `/enfants/0/nom`.
    pub fn pointer(&self) -> String {
        // Three controls ask for a day that is one member of the answer.
        let path = self.path.strip_suffix("-birth-day").map(|identity| format!("{identity}/birth_date"));
        format!("/{}", path.as_deref().unwrap_or(&self.path).replace(['.', '-'], "/"))
    }

    /// Whether it stands at this field, at a part of it or in one of its rows.
    pub fn is_at(&self, field: &str) -> bool {
        self.path.strip_prefix(field).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-']))
    }
}

/// Why an answer cannot be accepted.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the members say what the variant's sentence says")]
pub enum Reason {
    /// Nothing was answered.
    Missing,
    /// Nothing was chosen.
    NotChosen,
    /// No file was given.
    NoFile,
    /// The statement was not sworn.
    NotSworn,
    /// Too long.
    TooLong { max_chars: u32 },
    /// No e-mail address was given.
    NoEmail,
    /// No telephone number was given.
    NoPhone,
    /// No address was given.
    NoAddress,
    /// No day was given.
    NoDate,
    /// An address to which no letter would arrive.
    Postal,
    /// Not an e-mail address.
    Email,
    /// Not a telephone number.
    Phone,
    /// Not a number.
    Number { decimals: u8 },
    /// Too small.
    Below { min: String },
    /// Too great.
    Above { max: String },
    /// Not an amount.
    Money,
    /// Not a date.
    Date,
    /// A birth in the future, or before 1880.
    Birth,
    /// Not a time.
    Time,
    /// Not one of the choices.
    Choice,
    /// Too many chosen.
    TooManyChosen { max: u32 },
    /// Not in the list.
    NotListed,
    /// A part of who somebody is.
    FamilyName,
    /// The given names.
    GivenNames,
    /// The place of birth.
    BirthPlace,
    /// Not a SIRET number.
    Siret,
    /// Not an RNA number.
    Rna,
    /// Not an IBAN.
    Iban,
    /// A file that this form does not know.
    UnknownFile,
    /// Too many files.
    TooManyFiles { max: u32 },
    /// Not a place on the map.
    Point,
    /// Fewer rows than needed.
    TooFewRows { min: u32 },
    /// More rows than allowed.
    TooManyRows { max: u32 },
    /// What the form's author says.
    Said(Text),
}

/// Money as a reason says it.
pub(crate) fn euros(cents: i64) -> String {
    Cents(cents).to_string()
}

impl Reason {
    /// What to tell the person, beside the field.
    pub fn text(&self, lang: Lang) -> String {
        match lang {
            Lang::Fr => self.french(),
            Lang::En => self.english(),
        }
    }

    fn french(&self) -> String {
        match self {
            Self::Missing => "Répondez à cette question.".to_owned(),
            Self::NotChosen => "Choisissez une réponse.".to_owned(),
            Self::NoFile => "Joignez le document demandé.".to_owned(),
            Self::NotSworn => "Cochez cette case pour continuer.".to_owned(),
            Self::NoEmail => "Écrivez votre adresse électronique.".to_owned(),
            Self::NoPhone => "Écrivez un numéro de téléphone.".to_owned(),
            Self::NoAddress => "Écrivez l’adresse.".to_owned(),
            Self::NoDate => "Écrivez la date.".to_owned(),
            Self::Postal => {
                "Ajoutez le code postal et la ville, par exemple 4 rue du Jasmin, 34400 Lunel. À l’étranger, écrivez la rue, la ville et le pays, séparés par des virgules.".to_owned()
            }
            Self::TooLong { max_chars } => {
                format!("Écrivez {}\u{a0}caractères au plus.", thousands(*max_chars))
            }
            Self::Email => {
                "Écrivez une adresse électronique complète, par exemple nom@exemple.fr.".to_owned()
            }
            Self::Phone => {
                "Écrivez un numéro de téléphone, par exemple 06\u{a0}12\u{a0}34\u{a0}56\u{a0}78.".to_owned()
            }
            Self::Number { decimals: 0 } => "Écrivez un nombre entier.".to_owned(),
            Self::Number { decimals } => {
                format!(
                    "Écrivez un nombre, avec {decimals}\u{a0}chiffre{} après la virgule au plus.",
                    plural(*decimals)
                )
            }
            Self::Below { min } => format!("Écrivez au moins {min}."),
            Self::Above { max } => format!("Écrivez {max} au plus."),
            Self::Money => "Écrivez un montant en euros, par exemple 12,50.".to_owned(),
            Self::Date => "Écrivez une date qui existe, par exemple 27\u{a0}3\u{a0}1985.".to_owned(),
            Self::Birth => "Vérifiez l’année de naissance.".to_owned(),
            Self::Time => "Écrivez une heure, par exemple 18:30.".to_owned(),
            Self::Choice => "Choisissez une réponse dans la liste.".to_owned(),
            Self::TooManyChosen { max } => format!("Choisissez {max}\u{a0}réponse{} au plus.", plural(*max)),
            Self::NotListed => "Choisissez une proposition de la liste.".to_owned(),
            Self::FamilyName => "Écrivez le nom de naissance.".to_owned(),
            Self::GivenNames => "Écrivez les prénoms.".to_owned(),
            Self::BirthPlace => "Écrivez le lieu de naissance.".to_owned(),
            Self::Siret => "Vérifiez le numéro SIRET\u{a0}: il a 14\u{a0}chiffres.".to_owned(),
            Self::Rna => "Vérifiez le numéro RNA\u{a0}: un W suivi de 9\u{a0}chiffres.".to_owned(),
            Self::Iban => "Vérifiez l’IBAN\u{a0}: il y a sans doute une faute de frappe.".to_owned(),
            Self::UnknownFile => "Joignez ce document à nouveau.".to_owned(),
            Self::TooManyFiles { max } => format!("Joignez {max}\u{a0}fichier{} au plus.", plural(*max)),
            Self::Point => "Placez le repère sur la carte, ou écrivez deux nombres.".to_owned(),
            Self::TooFewRows { min } => format!("Il en faut au moins {min}."),
            Self::TooManyRows { max } => format!("Il n’en faut pas plus de {max}."),
            Self::Said(text) => text.text(Lang::Fr).to_owned(),
        }
    }

    fn english(&self) -> String {
        match self {
            Self::Missing => "Answer this question.".to_owned(),
            Self::NotChosen => "Choose an answer.".to_owned(),
            Self::NoFile => "Attach the document asked for.".to_owned(),
            Self::NotSworn => "Tick this box to go on.".to_owned(),
            Self::NoEmail => "Write your e-mail address.".to_owned(),
            Self::NoPhone => "Write a telephone number.".to_owned(),
            Self::NoAddress => "Write the address.".to_owned(),
            Self::NoDate => "Write the date.".to_owned(),
            Self::Postal => {
                "Add the postcode and the town, such as 4 rue du Jasmin, 34400 Lunel. Abroad, write the street, the town and the country, with commas between them.".to_owned()
            }
            Self::TooLong { max_chars } => format!("Write {max_chars}\u{a0}characters at most."),
            Self::Email => "Write a complete e-mail address, such as name@example.org.".to_owned(),
            Self::Phone => "Write a telephone number, such as 06\u{a0}12\u{a0}34\u{a0}56\u{a0}78.".to_owned(),
            Self::Number { decimals: 0 } => "Write a whole number.".to_owned(),
            Self::Number { decimals } => {
                format!("Write a number with {decimals}\u{a0}decimal{} at most.", plural(*decimals))
            }
            Self::Below { min } => format!("Write at least {min}."),
            Self::Above { max } => format!("Write {max} at most."),
            Self::Money => "Write an amount in euros, such as 12.50.".to_owned(),
            Self::Date => "Write a date that exists, such as 27\u{a0}3\u{a0}1985.".to_owned(),
            Self::Birth => "Check the year of birth.".to_owned(),
            Self::Time => "Write a time, such as 18:30.".to_owned(),
            Self::Choice => "Choose an answer from the list.".to_owned(),
            Self::TooManyChosen { max } => format!("Choose {max}\u{a0}answer{} at most.", plural(*max)),
            Self::NotListed => "Choose a suggestion from the list.".to_owned(),
            Self::FamilyName => "Write the birth name.".to_owned(),
            Self::GivenNames => "Write the first names.".to_owned(),
            Self::BirthPlace => "Write the place of birth.".to_owned(),
            Self::Siret => "Check the SIRET number: it has 14\u{a0}digits.".to_owned(),
            Self::Rna => "Check the RNA number: a W followed by 9\u{a0}digits.".to_owned(),
            Self::Iban => "Check the IBAN: there is probably a typing mistake.".to_owned(),
            Self::UnknownFile => "Attach this document again.".to_owned(),
            Self::TooManyFiles { max } => format!("Attach {max}\u{a0}file{} at most.", plural(*max)),
            Self::Point => "Place the marker on the map, or write two numbers.".to_owned(),
            Self::TooFewRows { min } => format!("At least {min} needed."),
            Self::TooManyRows { max } => format!("No more than {max}."),
            Self::Said(text) => text.text(Lang::En).to_owned(),
        }
    }
}

/// A number as it is read: from five figures on, the thousands stand apart.
fn thousands(count: u32) -> String {
    match (count / 1_000, count % 1_000) {
        (10.., _) => format!("{}\u{202f}{:03}", count / 1_000, count % 1_000),
        _ => count.to_string(),
    }
}

fn plural(count: impl Into<u32>) -> &'static str {
    if count.into() > 1 { "s" } else { "" }
}
