//! The words of a registration, and who may be told about it. Pure.

pub use beffroi_core::text::phone as shown_phone;
use beffroi_core::{sms, text::fold};
use beffroi_people::account::normalise_email;
use beffroi_store::words;
use beffroi_web::Wrong;

/// Letters of a name, of a note, of a line of an address, at most.
const NAME_AT_MOST: usize = 100;
const NOTE_AT_MOST: usize = 500;
const LINE_AT_MOST: usize = 100;

words! {
    /// How somebody wishes to be told.
    Way {
        /// By e-mail.
        Mail = "mail",
        /// By text message.
        Sms = "sms",
        /// By letter.
        Letter = "letter",
        /// By a telephone call of an agent.
        Call = "call",
        /// Not at all: they come and ask.
        Nothing = "nothing",
    }
}

words! {
    /// How old somebody is, where they say so: for figures alone.
    AgeBand {
        /// Younger than 26.
        Under26 = "under-26",
        /// 26 to 59.
        Under60 = "26-59",
        /// 60 to 74.
        Under75 = "60-74",
        /// 75 and older.
        Older = "75",
    }
}

words! {
    /// What somebody has of a session.
    SeatState {
        /// A seat.
        Seated = "seated",
        /// A turn in the waiting list.
        Waiting = "waiting",
        /// A seat that was given back, for as long as they may take it.
        Offered = "offered",
        /// Nothing: they gave it up, or did not answer.
        GivenUp = "given-up",
        /// Nothing: the session was called off.
        CalledOff = "called-off",
    }
}

impl SeatState {
    /// Whether they have something, or may have.
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Seated | Self::Waiting | Self::Offered)
    }
}

words! {
    /// Whether somebody came.
    Presence {
        /// Nothing is known yet.
        Unknown = "unknown",
        /// They came.
        Present = "present",
        /// They did not come, and nobody said so.
        Absent = "absent",
        /// They did not come, and said so.
        Excused = "excused",
    }
}

/// Who takes part, and how they or whoever registers them are told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// Name and first name of whoever takes part.
    pub name: String,
    /// Who registers them; `""` where they do so themselves.
    pub registrant: String,
    /// An address of e-mail, or `""`.
    pub email: String,
    /// A telephone number, or `""`.
    pub phone: String,
    /// Street and number, postcode and town, line by line; nothing where no letter is wished for.
    pub address: Vec<String>,
    /// How they are told; `None` where nothing fitting was chosen.
    pub way: Option<Way>,
    /// How old they are.
    pub band: Option<AgeBand>,
    /// What the adviser should know.
    pub note: String,
}

impl Person {
    /// What was typed, judged; all that is wrong with it at once. `ways`: those among which one may choose here.
    ///
    /// # Errors
    /// The fields and what is wrong with them.
    pub fn judged(self, ways: &[Way], relative: bool) -> Result<Self, Vec<Wrong>> {
        let mut wrong = Vec::new();
        let letters = |text: &str| text.chars().count();
        if self.name.is_empty() {
            wrong.push(("nom", "workshops-wrong-name"));
        } else if letters(&self.name) > NAME_AT_MOST {
            wrong.push(("nom", "workshops-wrong-long"));
        }
        if relative && self.registrant.is_empty() {
            wrong.push(("declarant", "workshops-wrong-registrant"));
        } else if letters(&self.registrant) > NAME_AT_MOST {
            wrong.push(("declarant", "workshops-wrong-long"));
        }
        let way = self.way.filter(|way| ways.contains(way));
        if way.is_none() {
            wrong.push(("moyen", "workshops-wrong-way"));
        }
        let (email, phone) = (normalise_email(&self.email), phone(&self.phone));
        if email.is_none() && (!self.email.is_empty() || way == Some(Way::Mail)) {
            wrong.push(("courriel", "workshops-wrong-email"));
        }
        if phone.is_none() && (!self.phone.is_empty() || way == Some(Way::Call)) {
            wrong.push(("telephone", "workshops-wrong-phone"));
        } else if way == Some(Way::Sms) && sms::mobile(&self.phone, true).is_none() {
            wrong.push(("telephone", "workshops-wrong-mobile"));
        }
        if self.address.iter().any(|line| letters(line) > LINE_AT_MOST) {
            wrong.push(("adresse", "workshops-wrong-long"));
        } else if way == Some(Way::Letter) && self.address.len() < 2 {
            wrong.push(("adresse", "workshops-wrong-address"));
        }
        if letters(&self.note) > NOTE_AT_MOST {
            wrong.push(("precisions", "workshops-wrong-note"));
        }
        if wrong.is_empty() {
            let (email, phone) = (email.unwrap_or_default(), phone.unwrap_or_default());
            Ok(Self { email, phone, way, ..self })
        } else {
            Err(wrong)
        }
    }

    /// By what a name is known again, in whichever order and with whichever accents it is typed.
    pub fn name_key(&self) -> String {
        let folded = fold(&self.name);
        let mut words: Vec<&str> = folded.split(' ').collect();
        words.sort_unstable();
        words.join(" ")
    }

    /// By what an address is known again.
    pub fn address_key(&self) -> String {
        fold(&self.address.join(" "))
    }
}

/// A telephone number in one form for all ways of typing it; `None` where it is none.
fn phone(typed: &str) -> Option<String> {
    let digits: String = typed.chars().filter(|c| !" .-()/\u{a0}\u{202f}".contains(*c)).collect();
    let national =
        digits.strip_prefix("+33").or_else(|| digits.strip_prefix("0033")).map(|rest| format!("0{rest}"));
    let digits = national.unwrap_or(digits);
    let bare = digits.strip_prefix('+').unwrap_or(&digits);
    let fits = (6..=15).contains(&bare.len()) && bare.bytes().all(|c| c.is_ascii_digit());
    fits.then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONLINE: [Way; 3] = [Way::Mail, Way::Sms, Way::Letter];

    fn typed(name: &str, email: &str, phone: &str, way: Way) -> Person {
        let [name, email, phone] = [name, email, phone].map(str::to_owned);
        Person { name, email, phone, way: Some(way), ..Person::default() }
    }

    fn fields(person: Person, relative: bool) -> Vec<&'static str> {
        person.judged(&ONLINE, relative).unwrap_err().into_iter().map(|(field, _)| field).collect()
    }

    #[test]
    fn whoever_is_told_by_a_way_can_be_reached_by_it() {
        assert!(typed("Jeanne Roux", "jeanne@example.org", "", Way::Mail).judged(&ONLINE, false).is_ok());
        assert!(typed("Jeanne Roux", "", "06 12 34 56 78", Way::Sms).judged(&ONLINE, false).is_ok());
        assert_eq!(fields(typed("Jeanne Roux", "", "04 65 71 00 20", Way::Sms), false), ["telephone"]);
        assert_eq!(fields(typed("Jeanne Roux", "", "", Way::Letter), false), ["adresse"]);
        assert_eq!(fields(typed("", "jeanne", "", Way::Mail), true), ["nom", "declarant", "courriel"]);
        // An agent may promise a call; the site does not.
        let call = typed("Jeanne Roux", "", "04 65 71 00 20", Way::Call);
        assert_eq!(fields(call.clone(), false), ["moyen"]);
        assert_eq!(call.judged(Way::ALL, false).unwrap().phone, "0465710020");
    }

    #[test]
    fn somebody_is_known_again_however_their_name_is_typed() {
        let key = |name: &str| typed(name, "", "", Way::Nothing).name_key();
        assert_eq!(key("Émilie  ROUX-Vidal"), key("roux vidal emilie"));
        assert_ne!(key("Émilie Roux"), key("Émile Roux"));
    }
}
