//! The parts of a procedure that are filled in as one form each: what is there, which controls show it, and what comes
//! back from them.

mod access;
mod booking;
mod decision;
mod gap;
mod head;
mod law;
mod loan;

use beffroi_forms::{Field, Procedure, Text};
use beffroi_web::Page;

pub use gap::Gap;

use super::fill::{Control, Filled};

/// A part of a procedure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// What the sheet says.
    Head,
    /// How it is found.
    Finding,
    /// The ways to ask and the days on which one may.
    Ways,
    /// What it costs.
    Fee,
    /// What silence means, and the texts.
    Law,
    /// How long cases are kept.
    Retention,
    /// Who answers for it.
    Contact,
    /// What the decision is written with.
    Decision,
    /// How sure the town must be of who asks online.
    SignIn,
    /// Whether what is asked is sealed.
    Sealed,
    /// Who answers in the town's place.
    Elsewhere,
    /// What is picked before it is asked for.
    Booking,
    /// What of the town's store is lent.
    Loan,
}

/// What controls may choose from beyond the procedure itself.
#[derive(Clone, Debug, Default)]
pub struct Around {
    /// The departments of the town: short name and name.
    pub departments: Vec<(String, String)>,
    /// Whether an earlier version is offered: its name stays.
    pub offered: bool,
    /// The questions whose answer is a day: name and question.
    pub days: Vec<(String, String)>,
    /// What may give the amount of a fee: name and question.
    pub amounts: Vec<(String, String)>,
    /// The questions of the form, outside of groups.
    pub questions: Vec<Field>,
}

impl Part {
    /// Every part, in the order of the overview.
    pub const ALL: [Self; 13] = [
        Self::Head,
        Self::Finding,
        Self::Ways,
        Self::Fee,
        Self::Law,
        Self::Retention,
        Self::Contact,
        Self::Booking,
        Self::Loan,
        Self::Decision,
        Self::SignIn,
        Self::Sealed,
        Self::Elsewhere,
    ];

    /// Its word in addresses.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Head => "presentation",
            Self::Finding => "recherche",
            Self::Ways => "acces",
            Self::Fee => "tarif",
            Self::Law => "droit",
            Self::Retention => "conservation",
            Self::Contact => "service",
            Self::Decision => "decision",
            Self::SignIn => "identification",
            Self::Sealed => "confidentialite",
            Self::Elsewhere => "ailleurs",
            Self::Booking => "reservation",
            Self::Loan => "pret",
        }
    }

    /// The part of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.word() == word)
    }

    /// What the form shows of a procedure.
    pub fn fill(self, procedure: &Procedure) -> Filled {
        let mut filled = Filled::default();
        match self {
            Self::Head => head::fill(procedure, &mut filled),
            Self::Finding => head::fill_finding(procedure, &mut filled),
            Self::Ways => head::fill_ways(procedure, &mut filled),
            Self::Fee => head::fill_fee(procedure, &mut filled),
            Self::Law => law::fill(procedure, &mut filled),
            Self::Retention => law::fill_retention(procedure, &mut filled),
            Self::Contact => law::fill_contact(procedure, &mut filled),
            Self::Decision => decision::fill(procedure, &mut filled),
            Self::SignIn => access::fill_sign_in(procedure, &mut filled),
            Self::Sealed => access::fill_sealed(procedure, &mut filled),
            Self::Elsewhere => access::fill_elsewhere(procedure, &mut filled),
            Self::Booking => booking::fill(procedure, &mut filled),
            Self::Loan => loan::fill(procedure, &mut filled),
        }
        filled
    }

    /// The controls of the form.
    pub fn controls(self, page: &Page, filled: &Filled, around: &Around) -> Vec<Control> {
        match self {
            Self::Head => head::controls(page, filled, around),
            Self::Finding => head::finding(page, filled),
            Self::Ways => head::ways(page, filled),
            Self::Fee => head::fee(page, filled, around),
            Self::Law => law::controls(page, filled),
            Self::Retention => law::retention(page, filled, around),
            Self::Contact => law::contact(page, filled, around),
            Self::Decision => decision::controls(page, filled),
            Self::SignIn => access::sign_in(page, filled),
            Self::Sealed => access::sealed(page, filled),
            Self::Elsewhere => access::elsewhere(page, filled),
            Self::Booking => booking::controls(page, filled, around),
            Self::Loan => loan::controls(page, filled, around),
        }
    }

    /// Does what a button asks of a list; false where none was pressed.
    pub fn arrange(self, filled: &mut Filled) -> bool {
        match self {
            Self::Law => filled.arrange(&[("basis", &["text", "url"])]),
            Self::Decision => filled.arrange(&[("article", &["title", "text"])]),
            Self::Booking => filled.arrange(booking::LISTS),
            _ => false,
        }
    }

    /// Writes what was filled in into the procedure. What cannot be read is marked; what is missing may come later.
    pub fn read(self, filled: &mut Filled, procedure: &mut Procedure) {
        match self {
            Self::Head => head::read(filled, procedure),
            Self::Finding => head::read_finding(filled, procedure),
            Self::Ways => head::read_ways(filled, procedure),
            Self::Fee => head::read_fee(filled, procedure),
            Self::Law => law::read(filled, procedure),
            Self::Retention => law::read_retention(filled, procedure),
            Self::Contact => law::read_contact(filled, procedure),
            Self::Decision => decision::read(filled, procedure),
            Self::SignIn => access::read_sign_in(filled, procedure),
            Self::Sealed => access::read_sealed(filled, procedure),
            Self::Elsewhere => access::read_elsewhere(filled, procedure),
            Self::Booking => booking::read(filled, procedure),
            Self::Loan => loan::read(filled, procedure),
        }
    }

    /// The part to which a finding belongs.
    pub fn of_place(at: &str) -> Option<Self> {
        let first = at.split(['.', '[']).next().unwrap_or(at);
        Some(match first {
            "slug" | "version" | "title" | "summary" | "who" | "prepare" | "delay" | "outcome" | "sector" => {
                Self::Head
            }
            "keywords" | "life_events" => Self::Finding,
            "ways" | "opens" | "closes" => Self::Ways,
            "cost" | "fee" => Self::Fee,
            "regime" | "legal_basis" | "acknowledgement" => Self::Law,
            "retention" => Self::Retention,
            "contact" => Self::Contact,
            "decision" => Self::Decision,
            "sign_in" => Self::SignIn,
            "sealed" => Self::Sealed,
            "elsewhere" => Self::Elsewhere,
            "booking" => Self::Booking,
            "loan" => Self::Loan,
            _ => return None,
        })
    }
}

/// Writes the French of a text; what it is in other words stays.
pub fn put(text: &mut Text, fr: &str) {
    fr.clone_into(&mut text.fr);
    if text.is_empty() {
        *text = Text::default();
    }
}

/// A list of texts: those that stay keep their translations, wherever they stand now.
fn texts(lines: Vec<String>, before: &[Text]) -> Vec<Text> {
    let same_count = lines.len() == before.len();
    lines
        .into_iter()
        .enumerate()
        .map(|(rank, fr)| {
            let kept = before.iter().find(|text| text.fr == fr);
            let kept = kept.or_else(|| before.get(rank).filter(|_| same_count));
            let mut text = kept.cloned().unwrap_or_default();
            text.fr = fr;
            text
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_stays_keeps_its_translation() {
        let text = |fr: &str, en: &str| Text { en: Some(en.to_owned()), ..Text::from(fr) };
        let before = [text("Un plan", "A map"), text("Un devis", "A quote")];
        let lines = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
        assert_eq!(texts(lines(&["Un devis", "Un plan"]), &before), [before[1].clone(), before[0].clone()]);
        assert_eq!(texts(lines(&["Un plan coté", "Un devis"]), &before)[0].en.as_deref(), Some("A map"));
        assert_eq!(texts(lines(&["Une photo"]), &before), [Text::from("Une photo")]);
    }

    #[test]
    fn every_part_is_read_back_as_it_was() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../catalogue/procedures");
        let mut count = 0;
        for entry in std::fs::read_dir(folder).unwrap() {
            let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
            let procedure = Procedure::from_toml(&text).unwrap();
            for part in Part::ALL {
                let mut again = procedure.clone();
                let mut filled = part.fill(&procedure);
                part.read(&mut filled, &mut again);
                assert_eq!(again, procedure, "{}: {part:?}", procedure.slug);
                assert!(filled.is_right(), "{}: {part:?}: {:?}", procedure.slug, filled.problems);
                count += 1;
            }
        }
        assert!(count >= 15 * Part::ALL.len());
    }
}
