//! What is said of a room, and what may be said. Pure.

use beffroi_calendar::resource::Name;
use beffroi_store::words;
use serde::{Deserialize, Serialize};

/// Letters of a summary, at most.
pub const SUMMARY_AT_MOST: usize = 200;
/// Letters of what is told beyond it, at most.
pub const ABOUT_AT_MOST: usize = 4_000;
/// What is found in a room, at most so many things.
pub const EQUIPMENT_AT_MOST: usize = 60;

words! {
    /// What helps who moves, hears or sees with difficulty.
    Access {
        /// No step from the street to the room.
        StepFree = "step-free",
        /// A lift.
        Lift = "lift",
        /// Toilets for wheelchairs.
        Toilets = "toilets",
        /// A loop for hearing aids.
        HearingLoop = "hearing-loop",
        /// A place to park for disabled persons, near the door.
        Parking = "parking",
    }
}

/// What the public reads of a room.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sheet {
    /// One sentence.
    pub summary: Name,
    /// What else there is to know, paragraphs separated by blank lines.
    pub about: Name,
    /// Where it is, in one line.
    pub address: String,
    /// What helps whom.
    pub access: Vec<Access>,
    /// What is found in it: tables, chairs, a kitchen.
    pub equipment: Vec<Name>,
    /// The procedure by which it is booked; `""` where it is not booked here.
    pub procedure: String,
}

/// What is wrong with a sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SheetFault {
    /// The sentence is missing or too long.
    #[error("the summary is missing, or longer than {SUMMARY_AT_MOST} letters")]
    Summary,
    /// What is told is too long.
    #[error("what is told is longer than {ABOUT_AT_MOST} letters")]
    About,
    /// The address is too long.
    #[error("the address is longer than {SUMMARY_AT_MOST} letters")]
    Address,
    /// The procedure is no short name.
    #[error("the procedure is no short name")]
    Procedure,
    /// There is too much in it, or one thing without a name.
    #[error("more than {EQUIPMENT_AT_MOST} things, or one without a name")]
    Equipment,
}

impl Sheet {
    /// Whether it can be kept.
    ///
    /// # Errors
    /// The first fault.
    pub fn check(&self) -> Result<(), SheetFault> {
        let fits = |text: &str, most: usize| text.chars().count() <= most;
        let both = |name: &Name, most| fits(&name.fr, most) && fits(&name.en, most);
        if self.summary.fr.trim().is_empty() || !both(&self.summary, SUMMARY_AT_MOST) {
            return Err(SheetFault::Summary);
        }
        if !both(&self.about, ABOUT_AT_MOST) {
            return Err(SheetFault::About);
        }
        let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
        if !fits(&self.procedure, 100) || !self.procedure.chars().all(plain) {
            return Err(SheetFault::Procedure);
        }
        if !fits(&self.address, SUMMARY_AT_MOST) {
            return Err(SheetFault::Address);
        }
        let named = self.equipment.iter().all(Name::is_fit);
        if !named || self.equipment.len() > EQUIPMENT_AT_MOST {
            return Err(SheetFault::Equipment);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(fr: &str) -> Name {
        Name { fr: fr.to_owned(), en: String::new() }
    }

    #[test]
    fn a_room_is_told_in_a_sentence_at_least() {
        let sheet = Sheet { summary: name("Une grande salle avec une scène."), ..Sheet::default() };
        assert_eq!(sheet.check(), Ok(()));
        assert_eq!(Sheet::default().check(), Err(SheetFault::Summary));
        let long = Sheet { about: name(&"é".repeat(ABOUT_AT_MOST + 1)), ..sheet.clone() };
        assert_eq!(long.check(), Err(SheetFault::About));
        let nameless = Sheet { equipment: vec![name(" ")], ..sheet };
        assert_eq!(nameless.check(), Err(SheetFault::Equipment));
    }
}
