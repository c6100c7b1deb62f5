//! A procedure: what a person may ask of the town, by which rules, and how the town answers.

use beffroi_core::{
    Day, Sector,
    legal_clock::{self, Silence, Term},
};
use chrono::{Datelike, Days, Months};
use serde::{Deserialize, Serialize};

use crate::{BookingFirst, CaseStep, Fee, Form, LentBy, SignIn, Text};

/// A procedure as its file says it. See `docs/forms.md`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Procedure {
    /// Its name in addresses.
    pub slug: String,
    /// Counts up with each change; a case keeps the version under which it came in.
    pub version: u32,
    /// Its name: « Copie d’un acte de naissance ».
    pub title: Text,
    /// One sentence that says what it is for.
    pub summary: Text,
    /// The sector whose persons it concerns: what it learns stays there.
    pub sector: Sector,
    /// Words under which people look for it.
    #[serde(default)]
    pub keywords: Vec<String>,
    /// The events of life in which it serves: `naissance`, `mariage`, `travaux`, …
    #[serde(default)]
    pub life_events: Vec<String>,
    /// Who may ask.
    pub who: Text,
    /// What to have at hand.
    #[serde(default)]
    pub prepare: Vec<Text>,
    /// How long it usually takes.
    pub delay: Text,
    /// What it costs.
    pub cost: Text,
    /// What comes of it.
    pub outcome: Text,
    /// The ways in which it may be asked for; all of them where nothing is said.
    #[serde(default = "every_way")]
    pub ways: Vec<Way>,
    /// Whether what is asked is so sensitive that it is sealed at rest, and stands in no list, search or export.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sealed: bool,
    /// The service that answers in the town's place, where the law sends people to one: then nothing is asked here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elsewhere: Option<Elsewhere>,
    /// How sure the town must be of who asks online; nobody need be signed in where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sign_in: Option<SignIn>,
    /// What is picked before it is asked for, where something is: a room and an evening.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub booking: Option<BookingFirst>,
    /// Which questions say what is borrowed from the town's store, where something is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loan: Option<LentBy>,
    /// The first day on which it may be asked for; at any time before `closes` where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opens: Option<Day>,
    /// The last day on which it may be asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closes: Option<Day>,
    /// What must be paid, where something must.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fee: Option<Fee>,
    /// What silence means, and after how long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub regime: Option<Regime>,
    /// Who answers for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<Contact>,
    /// How long cases are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention: Option<Retention>,
    /// What the acknowledgement says beyond what the law asks of it.
    #[serde(default, skip_serializing_if = "AcknowledgementTexts::is_empty")]
    pub acknowledgement: AcknowledgementTexts,
    /// What the decision is written with.
    #[serde(default)]
    pub decision: Decision,
    /// The texts on which it stands.
    #[serde(default)]
    pub legal_basis: Vec<LegalBasis>,
    /// What lies between the receipt and the decision of its cases, in the usual order; often nothing.
    #[serde(default, rename = "step", skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<CaseStep>,
    /// How often it may be asked for.
    #[serde(default, rename = "limit", skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<Limit>,
    /// What is asked.
    #[serde(default)]
    pub form: Form,
}

/// A service of somebody else, to which the town leads.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Elsewhere {
    /// Its name: « Service-Public.fr ».
    pub name: Text,
    /// Where it is.
    pub url: String,
    /// Who else can be asked, without a computer: « la préfecture », and how the town helps.
    pub otherwise: Text,
}

/// Where a procedure stands in its calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// It may be asked for.
    Open,
    /// Not before this day.
    From(Day),
    /// No more since the morrow of this day.
    Until(Day),
}

/// A way to ask. By law nobody can be held to one of them (CRPA L112-8 gives a right, not a duty).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// On this site.
    Online,
    /// At the counter.
    Counter,
    /// By telephone.
    Phone,
    /// On paper, by post.
    Paper,
}

fn every_way() -> Vec<Way> {
    vec![Way::Online, Way::Counter, Way::Phone, Way::Paper]
}

/// What the law says of the request.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Regime {
    /// What silence means.
    pub silence: Silence,
    /// After how long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub term: Option<Term>,
    /// The text that says so.
    pub basis: String,
    /// Whether an acknowledgement is due, and if not, why.
    #[serde(default)]
    pub receipt: Receipt,
    /// An appeal that must come before the judge: « recours préalable devant le préfet, dans les deux mois ».
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_appeal: Option<Text>,
    /// How many days a requester has to send what is missing (CRPA L114-5 leaves it to the town).
    #[serde(default = "usual_days_for_pieces", skip_serializing_if = "is_usual")]
    pub days_for_pieces: u16,
}

/// The time given for what is missing where a procedure says nothing, in days.
pub const USUAL_DAYS_FOR_PIECES: u16 = 30;

const fn usual_days_for_pieces() -> u16 {
    USUAL_DAYS_FOR_PIECES
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
const fn is_usual(days: &u16) -> bool {
    *days == USUAL_DAYS_FOR_PIECES
}

impl Regime {
    /// The same, as the legal clock reads it.
    pub const fn clock(&self) -> legal_clock::Regime {
        legal_clock::Regime { silence: self.silence, term: self.term }
    }
}

/// Whether an acknowledgement is due (CRPA L112-3, R112-5).
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Receipt {
    /// It is.
    #[default]
    Due,
    /// It is not, for this reason; a plain confirmation is sent all the same.
    NotDue(Text),
}

/// What a procedure adds to its acknowledgement. What the law asks of it (CRPA R112-5) stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct AcknowledgementTexts {
    /// What is said last: what comes next, what to have at hand meanwhile.
    #[serde(skip_serializing_if = "Text::is_empty")]
    pub closing: Text,
}

impl AcknowledgementTexts {
    fn is_empty(&self) -> bool {
        self.closing.is_empty()
    }
}

/// Who answers for a procedure.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    /// The short name of the department, whose address and telephone the commune keeps.
    pub department: String,
}

/// How long cases are kept, from the decision on, or from a day that was answered.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// Months.
    pub months: u16,
    /// The field with the day from which they are counted, where it is not that of the decision: « retour ».
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// What becomes of them then.
    pub then: Disposal,
    /// The text or the rule that says so.
    pub basis: String,
}

/// What becomes of a case once its time has come (Code du patrimoine, art. L212-2 and L212-3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Disposal {
    /// Erased: what it says goes; its reference, and the number of its decision, stay.
    Erase,
    /// Made anonymous: what it says goes, and so does all that leads to it; only the figures stay.
    Anonymise,
    /// Handed to the public archives.
    Archive,
}

/// What the decision is written with. `{field}` stands for an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Decision {
    /// Whether it is an order (arrêté), numbered and signed by the mayor; a plain letter otherwise.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub formal: bool,
    /// Its title: « Arrêté portant permis de stationnement ».
    #[serde(skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// The texts that it applies, without « Vu ».
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub visas: Vec<String>,
    /// What is decided when it is granted.
    #[serde(rename = "article", skip_serializing_if = "Vec::is_empty")]
    pub articles: Vec<Article>,
    /// What the letter says when it is granted, a paragraph each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub granted: Vec<String>,
    /// What it says when it is refused; the reasons follow.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<String>,
    /// The last sentence of the letter, in the place of the town's own.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub closing: String,
}

/// One article of an order.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Article {
    /// Its title.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// Its text.
    pub text: String,
}

/// A text on which a procedure stands.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LegalBasis {
    /// Its name: « Code de la santé publique, article L3334-2 ».
    pub text: String,
    /// Where it may be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// How often the same person or body may ask. It is counted across the commune's cases.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// Its name in counts: small letters, digits and hyphens. Procedures that were published before limits had names
    /// lack it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// The field that tells who asks: a text, such as an RNA number, or an identity with its birth.
    pub who: String,
    /// The field whose day tells which period is counted; none is needed where all of time is one period.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub day: String,
    /// Over what time.
    pub per: Period,
    /// Counted only when this is true (CEL): each setting has a count of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// How many at most (CEL, a whole number): it may depend on the answers.
    pub at_most: String,
    /// What is said beyond; `{used}` and `{at_most}` are replaced.
    pub message: Text,
}

/// The time over which a limit is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Period {
    /// A calendar year.
    Year,
    /// A calendar month.
    Month,
    /// All of time.
    Ever,
    /// So many days in a row, wherever they begin.
    Days(u16),
}

impl Period {
    /// The first and the last day of which something may stand in one period with this day.
    pub fn around(self, day: Day) -> (Day, Day) {
        let at = |year, month, of: u32| Day::from_ymd_opt(year, month, of).unwrap_or(day);
        // Years of four digits: their days sort as their texts do.
        let ever = (at(1, 1, 1), at(9999, 12, 31));
        match self {
            Self::Year => (at(day.year(), 1, 1), at(day.year(), 12, 31)),
            Self::Month => {
                let first = day.with_day(1).unwrap_or(day);
                let next = first.checked_add_months(Months::new(1)).and_then(|next| next.pred_opt());
                (first, next.unwrap_or(day))
            }
            Self::Ever => ever,
            Self::Days(days) => {
                let reach = Days::new(u64::from(days.saturating_sub(1)));
                let (first, last) = (day.checked_sub_days(reach), day.checked_add_days(reach));
                (first.unwrap_or(ever.0).max(ever.0), last.unwrap_or(ever.1).min(ever.1))
            }
        }
    }

    /// How many of these days stand in one period with this day: of the fullest one, where several hold it. The days
    /// lie [`around`](Self::around) it, in order.
    pub fn fullest(self, days: &[Day], day: Day) -> usize {
        let Self::Days(length) = self else { return days.len() };
        let reach = Days::new(u64::from(length.saturating_sub(1)));
        let begins = days.iter().copied().filter(|begin| *begin <= day).chain(std::iter::once(day));
        let held = begins.map(|begin| {
            let end = begin.checked_add_days(reach).unwrap_or(day);
            // A period that ends before the day does not hold it.
            if end < day { 0 } else { days.iter().filter(|it| (begin..=end).contains(it)).count() }
        });
        held.max().unwrap_or_default()
    }

    /// The period of this day, for agents: « 2026 », « 06/2026 », « 90 jours ».
    pub fn told(self, day: Day) -> String {
        match self {
            Self::Year => day.year().to_string(),
            Self::Month => day.format("%m/%Y").to_string(),
            Self::Ever => "toujours".to_owned(),
            Self::Days(days) => format!("{days}\u{a0}jours"),
        }
    }
}

/// The longest period of days that a limit may have: ten years.
pub(crate) const LONGEST_PERIOD: u16 = 3_660;

/// Why a file is not a procedure.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ProcedureError(#[from] toml::de::Error);

impl ProcedureError {
    /// The line of `text`, from 1, at which reading it failed, where the reader knows.
    pub fn line(&self, text: &str) -> Option<usize> {
        self.0.span().and_then(|span| crate::place::line_at(text, span.start))
    }
}

impl Procedure {
    /// Whether it may be asked for on a day of the commune.
    pub fn opening(&self, day: Day) -> Opening {
        match (self.opens, self.closes) {
            (Some(opens), _) if day < opens => Opening::From(opens),
            (_, Some(closes)) if day > closes => Opening::Until(closes),
            _ => Opening::Open,
        }
    }

    /// Reads a procedure. Whether it is a right one, [`Procedure::check`] says.
    ///
    /// # Errors
    /// With line and column, what is not TOML or not a member of a procedure.
    pub fn from_toml(text: &str) -> Result<Self, ProcedureError> {
        Ok(toml::from_str(text)?)
    }

    /// The file of this procedure: read again, it is the same.
    ///
    /// # Errors
    /// None in practice; the writer's own.
    pub fn to_toml(&self) -> Result<String, toml::ser::Error> {
        toml::to_string_pretty(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn a_period_is_written_as_a_word_or_as_so_many_days() {
        #[derive(Debug, PartialEq, Deserialize, Serialize)]
        struct Written {
            per: Period,
        }
        for (text, per) in [
            ("per = \"year\"", Period::Year),
            ("per = \"month\"", Period::Month),
            ("per = \"ever\"", Period::Ever),
            ("per = { days = 90 }", Period::Days(90)),
        ] {
            let read: Written = toml::from_str(text).unwrap();
            assert_eq!(read.per, per);
            assert_eq!(toml::from_str::<Written>(&toml::to_string(&read).unwrap()).unwrap(), read);
        }
    }

    #[test]
    fn a_period_reaches_as_far_as_it_says() {
        let around = |per: Period, day: &str| {
            let (first, last) = per.around(on(day));
            (first.to_string(), last.to_string())
        };
        let pair = |first: &str, last: &str| (first.to_owned(), last.to_owned());
        assert_eq!(around(Period::Year, "2026-06-03"), pair("2026-01-01", "2026-12-31"));
        assert_eq!(around(Period::Month, "2028-02-10"), pair("2028-02-01", "2028-02-29"));
        assert_eq!(around(Period::Month, "2026-12-31"), pair("2026-12-01", "2026-12-31"));
        assert_eq!(around(Period::Ever, "2026-06-03"), pair("0001-01-01", "9999-12-31"));
        assert_eq!(around(Period::Days(3), "2026-06-03"), pair("2026-06-01", "2026-06-05"));
        assert_eq!(around(Period::Days(1), "2026-06-03"), pair("2026-06-03", "2026-06-03"));
    }

    #[test]
    fn the_fullest_days_in_a_row_count() {
        let days: Vec<Day> = ["2026-06-01", "2026-06-02", "2026-06-05"].map(on).into();
        assert_eq!(Period::Days(3).fullest(&days, on("2026-06-03")), 2);
        assert_eq!(Period::Days(3).fullest(&days, on("2026-06-04")), 1);
        assert_eq!(Period::Days(5).fullest(&days, on("2026-06-03")), 3);
        assert_eq!(Period::Days(3).fullest(&[], on("2026-06-03")), 0);
        assert_eq!(Period::Year.fullest(&days, on("2026-06-03")), 3);
    }
}
