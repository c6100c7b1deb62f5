//! What an inspection is, when it can be closed, and what differs between two. Pure.

use beffroi_calendar::spans::Span;
use beffroi_core::{
    Id, Instant,
    calendar::{civil_day, start_of_day},
};
use beffroi_store::words;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Letters of a remark, at most.
pub const REMARK_AT_MOST: usize = 500;
/// Letters of what is noted of the whole, at most.
pub const REMARKS_AT_MOST: usize = 4_000;
/// Letters of a name, at most.
pub const NAME_AT_MOST: usize = 120;
/// Letters of why somebody is absent, at most.
pub const WHY_AT_MOST: usize = 300;
/// Letters of what a meter shows, at most.
pub const METER_AT_MOST: usize = 30;

words! {
    /// On which way.
    Kind {
        /// When the room is handed over.
        In = "in",
        /// When it comes back.
        Out = "out",
    }
}

words! {
    /// How far an inspection has come.
    State {
        /// It is being made.
        Draft = "draft",
        /// It is signed, and does not change any more.
        Closed = "closed",
    }
}

words! {
    /// In which state a thing is, from the best to the worst.
    Condition {
        /// As it should be.
        Good = "good",
        /// It has served.
        Worn = "worn",
        /// Broken, torn, stained.
        Damaged = "damaged",
        /// It is not there.
        Missing = "missing",
    }
}

words! {
    /// How somebody signs.
    Signed {
        /// With a finger or a pen on the screen.
        Drawn = "drawn",
        /// By name, with « lu et approuvé ».
        Typed = "typed",
    }
}

/// A thing that is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Which one.
    pub id: Id<Item>,
    /// Where in the room; `""` where nothing is said.
    pub place: String,
    /// What it is called.
    pub name: String,
    /// How many there should be.
    pub expected: u32,
    /// How many there are; `None` where nobody has counted yet.
    pub found: Option<u32>,
    /// In which state; `None` where nobody has looked yet.
    pub condition: Option<Condition>,
    /// What was noted.
    pub remark: String,
    /// How many there were on the way in, and in which state.
    pub before: Option<(u32, Condition)>,
}

/// What was noted of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Of which one.
    pub item: Id<Item>,
    /// How many there are.
    pub found: Option<u32>,
    /// In which state.
    pub condition: Option<Condition>,
    /// What else.
    pub remark: String,
}

/// What the meters show, as they show it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Meters {
    /// Water.
    pub water: String,
    /// Electricity.
    pub electricity: String,
    /// Gas.
    pub gas: String,
}

impl Meters {
    /// Each with its word, in the order in which they are shown.
    pub fn each(&self) -> [(&'static str, &str); 3] {
        [("water", &self.water), ("electricity", &self.electricity), ("gas", &self.gas)]
    }
}

/// Whoever has the room, when it is signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Holder {
    /// They were there, and signed.
    Signed {
        /// By what name.
        name: String,
        /// How.
        way: Signed,
    },
    /// They were not there, or did not sign: why.
    Absent {
        /// In the agent's words.
        why: String,
    },
}

/// Both signatures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signatures {
    /// By what name the agent signed.
    pub town: String,
    /// How.
    pub town_way: Signed,
    /// Whoever has the room.
    pub holder: Holder,
}

/// Why an inspection cannot be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CloseFault {
    /// So many things were not looked at.
    #[error("{0} things were not looked at")]
    Unseen(usize),
    /// The agent has not signed.
    #[error("the agent has not signed")]
    Town,
    /// Whoever has the room has not signed, and nobody says why.
    #[error("whoever has the room has not signed, and nobody says why")]
    Holder,
    /// It is closed already.
    #[error("it is closed already")]
    Closed,
}

impl Item {
    /// How many are to be found if nothing has changed: as many as on the way in, else as many as there should be.
    pub fn usual(&self) -> u32 {
        self.before.map_or(self.expected, |(found, _)| found)
    }

    /// Whether its state or its number is not noted yet.
    pub const fn lacks(&self) -> bool {
        self.condition.is_none() || self.found.is_none()
    }
}

/// The things that nobody has looked at yet.
pub fn unseen(items: &[Item]) -> usize {
    items.iter().filter(|item| item.lacks()).count()
}

/// Why an inspection is not begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BeginFault {
    /// The booking has no such date, or was given back.
    #[error("the booking has no such date, or was given back")]
    Gone,
    /// It is too early, and nobody says why.
    #[error("it may begin from {0} on, and nobody says why earlier")]
    Early(Instant),
}

/// From when on the inspection of a date may begin: on the way in from the day before, on the way out once whoever has
/// the room has begun to use it.
pub fn opens_at(kind: Kind, date: Span, zone: Tz) -> Instant {
    match kind {
        Kind::In => {
            let day = civil_day(date.start(), zone);
            start_of_day(day.pred_opt().unwrap_or(day), zone)
        }
        Kind::Out => date.start(),
    }
}

/// What is worse on the way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Where in the room.
    pub place: String,
    /// What it is called.
    pub name: String,
    /// How many there were, and are; `None` where none is missing.
    pub fewer: Option<(u32, u32)>,
    /// In which state it was, and is; `None` where it is no worse.
    pub worse: Option<(Condition, Condition)>,
    /// What was noted.
    pub remark: String,
}

/// What is worse than it was: fewer pieces, or a worse state. What was broken before is nobody's fault now, and what has
/// come back better is no matter.
pub fn differences(items: &[Item]) -> Vec<Difference> {
    let differs = |item: &Item| {
        let (found_before, condition_before) = item.before?;
        let fewer = item.found.filter(|found| *found < found_before).map(|found| (found_before, found));
        let worse = item.condition.filter(|now| *now > condition_before);
        let worse = worse.map(|now| (condition_before, now));
        (fewer.is_some() || worse.is_some()).then(|| Difference {
            place: item.place.clone(),
            name: item.name.clone(),
            fewer,
            worse,
            remark: item.remark.clone(),
        })
    };
    items.iter().filter_map(differs).collect()
}

/// A thing that was looked at: place, name, how many there should be and are, state, remark.
pub type Seen<'c> = (&'c str, &'c str, u32, Option<u32>, Option<Condition>, &'c str);

/// Everything that a closed inspection says, as its hash is reckoned: the order of the members never changes.
#[derive(Serialize)]
pub struct Content<'c> {
    /// Of which booking, and of its date that begins when.
    pub booking: String,
    /// When that date begins.
    pub starts_at: Instant,
    /// On which way.
    pub kind: Kind,
    /// When it was closed.
    pub closed_at: Instant,
    /// What was looked at.
    pub items: Vec<Seen<'c>>,
    /// What the meters show.
    pub meters: &'c Meters,
    /// What was noted of the whole.
    pub remarks: &'c str,
    /// The contents of the photographs, by their own hashes.
    pub photos: &'c [String],
    /// Both signatures.
    pub signatures: &'c Signatures,
    /// What was drawn, by its hash: the agent's, then the holder's; `""` for nothing.
    pub drawn: [String; 2],
}

impl Content<'_> {
    /// What tells it from any other: SHA-256 over its JSON, in hexadecimal.
    ///
    /// # Errors
    /// It cannot be written as JSON.
    pub fn hash(&self) -> Result<String, serde_json::Error> {
        Ok(hex::encode(Sha256::digest(serde_json::to_vec(self)?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(before: Option<(u32, Condition)>, found: u32, condition: Condition) -> Item {
        Item {
            id: Id::from_uuid(uuid::Uuid::from_u128(1)),
            place: "Cuisine".to_owned(),
            name: "Verres".to_owned(),
            expected: 40,
            found: Some(found),
            condition: Some(condition),
            remark: String::new(),
            before,
        }
    }

    #[test]
    fn only_what_is_worse_than_before_is_a_difference() {
        let items = [
            item(Some((40, Condition::Good)), 40, Condition::Good),
            item(Some((40, Condition::Good)), 38, Condition::Good),
            item(Some((40, Condition::Worn)), 40, Condition::Damaged),
            // Broken before, and better than before.
            item(Some((40, Condition::Damaged)), 40, Condition::Damaged),
            item(Some((38, Condition::Damaged)), 40, Condition::Worn),
            // On the way in there is nothing to compare with.
            item(None, 10, Condition::Missing),
        ];
        let told: Vec<_> = differences(&items).into_iter().map(|it| (it.fewer, it.worse)).collect();
        assert_eq!(told, [(Some((40, 38)), None), (None, Some((Condition::Worn, Condition::Damaged)))]);
    }

    #[test]
    fn what_nobody_has_looked_at_is_counted() {
        let mut items = [item(None, 1, Condition::Good), item(None, 1, Condition::Good)];
        assert_eq!(unseen(&items), 0);
        items[1].condition = None;
        assert_eq!(unseen(&items), 1);
    }

    #[test]
    fn as_many_are_to_be_found_as_on_the_way_in() {
        assert_eq!(item(None, 0, Condition::Good).usual(), 40);
        assert_eq!(item(Some((38, Condition::Good)), 0, Condition::Good).usual(), 38);
    }

    #[test]
    fn the_way_in_opens_the_day_before_and_the_way_out_once_it_has_begun() {
        let at = |text: &str| text.parse::<Instant>().unwrap();
        let date = Span::new(at("2026-12-10T17:00:00Z"), at("2026-12-10T20:00:00Z")).unwrap();
        let paris = chrono_tz::Europe::Paris;
        assert_eq!(opens_at(Kind::In, date, paris), at("2026-12-08T23:00:00Z"));
        assert_eq!(opens_at(Kind::Out, date, paris), at("2026-12-10T17:00:00Z"));
    }

    #[test]
    fn another_content_has_another_hash() {
        let meters = Meters::default();
        let signatures = Signatures {
            town: "Awa Diop".to_owned(),
            town_way: Signed::Typed,
            holder: Holder::Absent { why: "Parti.".to_owned() },
        };
        let content = |remarks| Content {
            booking: "b".to_owned(),
            starts_at: Instant::from_timestamp(0, 0).unwrap(),
            kind: Kind::In,
            closed_at: Instant::from_timestamp(60, 0).unwrap(),
            items: vec![("Cuisine", "Verres", 40, Some(40), Some(Condition::Good), "")],
            meters: &meters,
            remarks,
            photos: &[],
            signatures: &signatures,
            drawn: [String::new(), String::new()],
        };
        assert_eq!(content("Propre").hash().unwrap(), content("Propre").hash().unwrap());
        assert_ne!(content("Propre").hash().unwrap(), content("Sale").hash().unwrap());
    }
}
