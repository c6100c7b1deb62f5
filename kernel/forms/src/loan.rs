//! A request for equipment that the town lends: which questions say what is borrowed, how much of it, and for which days.
//! Nobody is promised what others have meanwhile.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Choice, Field, Finding, Flaw, Kind, Procedure};

/// Which questions say what is borrowed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LentBy {
    /// The group of questions that is answered once for each kind of thing.
    pub group: String,
    /// The question of that group that says what: one of a few choices.
    pub what: String,
    /// The question of that group that says how many.
    pub count: String,
    /// The question of the first day.
    pub from: String,
    /// The question of the last day.
    pub until: String,
}

/// What a question tells of a loan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LentPart {
    /// What is borrowed.
    What,
    /// How many of it.
    Count,
    /// From which day.
    From,
    /// To which day.
    Until,
}

impl LentPart {
    /// All of them, in the order in which they are told.
    pub const ALL: [Self; 4] = [Self::What, Self::Count, Self::From, Self::Until];

    /// Its word in a definition.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::What => "what",
            Self::Count => "count",
            Self::From => "from",
            Self::Until => "until",
        }
    }

    /// Whether its question is one of a group, asked once for each thing.
    pub const fn is_of_each(self) -> bool {
        matches!(self, Self::What | Self::Count)
    }

    /// Whether a question of this kind can tell it.
    pub const fn suits(self, kind: &Kind) -> bool {
        match self {
            Self::What => matches!(kind, Kind::OneOf { .. }),
            Self::Count => matches!(kind, Kind::Number { decimals: 0, .. }),
            Self::From | Self::Until => matches!(kind, Kind::Date { birth: false }),
        }
    }
}

/// Something that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Borrowed {
    /// The choice that names it.
    pub what: String,
    /// How many.
    pub count: u32,
    /// The question that says how many, as faults name it: `materiel.0.quantite`.
    pub path: String,
}

impl LentBy {
    /// The question that tells something of it.
    pub fn question(&self, part: LentPart) -> &str {
        match part {
            LentPart::What => &self.what,
            LentPart::Count => &self.count,
            LentPart::From => &self.from,
            LentPart::Until => &self.until,
        }
    }

    /// What these answers ask for, in their order; what is not answered is left out.
    pub fn borrowed(&self, answers: &Map<String, Value>) -> Vec<Borrowed> {
        let rows = answers.get(&self.group).and_then(Value::as_array);
        let each = rows.into_iter().flatten().enumerate();
        let borrowed = each.filter_map(|(rank, row)| {
            let what = row.get(&self.what)?.as_str()?.to_owned();
            let count = row.get(&self.count)?;
            let count = count.as_u64().or_else(|| whole(count.as_f64()?))?;
            let count = u32::try_from(count).unwrap_or(u32::MAX);
            Some(Borrowed { what, count, path: format!("{}.{rank}.{}", self.group, self.count) })
        });
        borrowed.collect()
    }

    /// Whether it speaks of a question.
    pub(crate) fn mentions(&self, field: &str) -> bool {
        [&self.group, &self.what, &self.count, &self.from, &self.until].into_iter().any(|name| name == field)
    }

    /// Calls a question by its new name.
    pub(crate) fn rename(&mut self, from: &str, to: &str) {
        let names = [&mut self.group, &mut self.what, &mut self.count, &mut self.from, &mut self.until];
        for name in names.into_iter().filter(|name| **name == from) {
            to.clone_into(name);
        }
    }
}

/// A number without a part after the point.
fn whole(number: f64) -> Option<u64> {
    // The form bounds what is typed; a million of anything is more than there is.
    let fits = number.fract() == 0.0 && (0.0..=1_000_000.0).contains(&number);
    fits.then(|| format!("{number:.0}")).and_then(|digits| digits.parse().ok())
}

impl Procedure {
    fn lent_fields(&self, loan: &LentBy) -> &[Field] {
        let mut fields = self.form.pages.iter().flat_map(|page| &page.fields);
        let group = fields.find(|field| field.id == loan.group).map(|field| &field.kind);
        if let Some(Kind::Group { fields, .. }) = group { fields } else { &[] }
    }

    /// The choices by which things are borrowed; nothing where nothing is lent.
    pub fn lent_choices(&self) -> &[Choice] {
        let Some(loan) = &self.loan else { return &[] };
        let what = self.lent_fields(loan).iter().find(|field| field.id == loan.what);
        if let Some(Kind::OneOf { choices }) = what.map(|field| &field.kind) { choices } else { &[] }
    }

    pub(crate) fn check_loan(&self, findings: &mut Vec<Finding>) {
        let Some(loan) = &self.loan else { return };
        let mut add = |at: &str, flaw: Flaw| findings.push(Finding::new(at, flaw));
        if self.lent_choices().is_empty() {
            add("loan.what", Flaw::LoanWhat);
        }
        let counts = |field: &Field| field.id == loan.count && LentPart::Count.suits(&field.kind);
        if !self.lent_fields(loan).iter().any(counts) {
            add("loan.count", Flaw::LoanCount);
        }
        for part in [LentPart::From, LentPart::Until] {
            let mut fields = self.form.pages.iter().flat_map(|page| &page.fields);
            if !fields.any(|field| field.id == loan.question(part) && part.suits(&field.kind)) {
                add(&format!("loan.{}", part.as_str()), Flaw::LoanDay);
            }
        }
        if self.sealed {
            add("loan", Flaw::LoanSealed);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn lending() -> Procedure {
        Procedure::from_toml(include_str!("../../../catalogue/procedures/pret-de-materiel.toml")).unwrap()
    }

    #[test]
    fn what_is_borrowed_is_read_from_the_answers() {
        let answers = json!({ "materiel": [
            { "article": "tables", "quantite": 20 },
            { "article": "barnum" },
            { "article": "chaises", "quantite": 80.0 },
        ] });
        let loan = lending().loan.unwrap();
        let read = loan.borrowed(answers.as_object().unwrap());
        let read: Vec<(&str, u32, &str)> =
            read.iter().map(|it| (it.what.as_str(), it.count, it.path.as_str())).collect();
        let expected = [("tables", 20, "materiel.0.quantite"), ("chaises", 80, "materiel.2.quantite")];
        assert_eq!(read, expected);
    }

    #[test]
    fn a_loan_depends_on_questions_that_there_are() {
        let sound = lending();
        let flawed = |change: fn(&mut LentBy)| {
            let mut procedure = sound.clone();
            change(procedure.loan.as_mut().unwrap());
            let found = procedure.check().into_iter().filter(|it| it.at.starts_with("loan"));
            found.map(|finding| finding.at).collect::<Vec<_>>()
        };
        assert!(flawed(|_| ()).is_empty());
        assert_eq!(flawed(|loan| loan.what = "lequel".to_owned()), ["loan.what"]);
        assert_eq!(flawed(|loan| loan.group = "dates".to_owned()), ["loan.what", "loan.count"]);
        assert_eq!(flawed(|loan| loan.until = "lieu".to_owned()), ["loan.until"]);
    }

    #[test]
    fn a_loan_knows_its_questions_by_their_new_names() {
        let mut procedure = lending();
        procedure.rename_field("retour", "rendu_le");
        assert_eq!(procedure.loan.as_ref().unwrap().until, "rendu_le");
        assert!(procedure.mentions("enlevement").contains(&"loan".to_owned()));
    }
}
