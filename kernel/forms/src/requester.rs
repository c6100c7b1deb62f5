//! Who asks: which questions tell their name and how to reach them, and what follows where none does.
//!
//! A question says by `prefill` what of the requester it tells: the account fills it in, and the case takes it from
//! there. A form without such questions makes cases that nobody's name is on, and answers that reach nobody.

use crate::{
    Field, Flaw, Kind, Procedure, Requirement, Way,
    check::{Finding, require},
};

/// Where the check tells that nobody is named.
pub const NAME: &str = "requester.name";
/// Where it tells that nobody can be reached.
pub const REACH: &str = "requester.reach";

/// What tells a name.
const NAMES: [&str; 2] = ["name", "family_name"];
/// What lets the town write; a telephone takes no acknowledgement.
const WAYS: [&str; 2] = ["email", "address"];

impl Field {
    /// Whether it tells one of these of the requester.
    fn tells(&self, what: &[&str]) -> bool {
        self.prefill.as_deref().is_some_and(|word| what.contains(&word))
    }

    /// What of the requester a question of its kind tells, where it tells any.
    const fn usual_prefill(&self) -> Option<&'static str> {
        Some(match self.kind {
            Kind::Identity { .. } => "name",
            Kind::Email => "email",
            Kind::Phone => "phone",
            Kind::Address { .. } => "address",
            _ => return None,
        })
    }
}

impl Procedure {
    /// The questions that may tell who asks: repeated ones tell nobody in particular.
    fn alone(&self) -> impl Iterator<Item = &Field> {
        self.form.pages.iter().flat_map(|page| &page.fields)
    }

    /// What of the requester a question of the form tells, unless it is said otherwise: its name, its addresses or its
    /// telephone, where no other question tells it yet.
    pub fn prefill_for(&self, field: &Field) -> Option<&'static str> {
        let word = field.usual_prefill()?;
        let alone = [word];
        let same: &[&str] = if word == "name" { &NAMES } else { &alone };
        let told = self.alone().any(|other| other.id != field.id && other.tells(same));
        (!told && field.compute.is_none() && !field.beneficiary).then_some(word)
    }

    /// Who asks online must be named, and the acknowledgement that the law owes them must reach them (CRPA L112-3).
    pub(crate) fn check_requester(&self, findings: &mut Vec<Finding>) {
        if !self.ways.contains(&Way::Online) || self.form.pages.is_empty() {
            return;
        }
        let answered = |field: &Field| field.required != Requirement::Fixed(false);
        let named = self.alone().any(|field| field.tells(&NAMES));
        let reached = self.alone().any(|field| field.tells(&WAYS) && answered(field));
        require(findings, named, NAME, Flaw::NobodyNamed);
        require(findings, reached, REACH, Flaw::NobodyReached);
    }

    /// Where what is missing of the requester is said: the question that could tell it, else the first page.
    pub fn requester_spot(&self, at: &str) -> Option<RequesterSpot<'_>> {
        let what: &[&str] = if at == NAME { &NAMES } else { &WAYS };
        let asked = self.alone().find(|field| {
            field.tells(what)
                || (field.prefill.is_none() && field.usual_prefill().is_some_and(|word| what.contains(&word)))
        });
        asked
            .map(|field| RequesterSpot::Question(&field.id))
            .or_else(|| self.form.pages.first().map(|page| RequesterSpot::Page(&page.id)))
    }
}

/// Where it can be said who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequesterSpot<'p> {
    /// A question that could tell it.
    Question(&'p str),
    /// A page where such a question can be added.
    Page(&'p str),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn procedure() -> Procedure {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../catalogue/procedures/ecrire-a-la-mairie.toml");
        Procedure::from_toml(&std::fs::read_to_string(file).unwrap()).unwrap()
    }

    fn field(kind: &str) -> Field {
        toml::from_str(&format!("id = \"nouvelle\"\nkind = \"{kind}\"\nlabel = \"Nouvelle\"")).unwrap()
    }

    fn unbound() -> Procedure {
        let mut procedure = procedure();
        procedure.form.pages.iter_mut().flat_map(|page| &mut page.fields).for_each(|it| it.prefill = None);
        procedure
    }

    #[test]
    fn who_asks_online_has_a_name_and_can_be_reached() {
        let told = |procedure: &Procedure| {
            procedure.check().into_iter().map(|finding| finding.at).collect::<Vec<_>>()
        };
        assert_eq!(told(&procedure()), Vec::<String>::new());
        let mut nobody = unbound();
        assert_eq!(told(&nobody), [NAME, REACH]);
        assert_eq!(nobody.requester_spot(NAME), Some(RequesterSpot::Question("demandeur")));
        nobody.ways.retain(|way| *way != Way::Online);
        assert_eq!(told(&nobody), Vec::<String>::new(), "an agent sees to it at the counter");
        let mut free = procedure();
        for field in free.form.pages.iter_mut().flat_map(|page| &mut page.fields) {
            if field.tells(&WAYS) {
                field.required = Requirement::Fixed(false);
            }
        }
        assert_eq!(told(&free), [REACH], "a telephone, and addresses that nobody must give");
    }

    #[test]
    fn the_first_question_that_can_tell_the_requester_does() {
        let nobody = unbound();
        for (kind, word) in
            [("identity", "name"), ("email", "email"), ("phone", "phone"), ("address", "address")]
        {
            assert_eq!(nobody.prefill_for(&field(kind)), Some(word));
            assert_eq!(procedure().prefill_for(&field(kind)), None, "another question tells it");
        }
        assert_eq!(nobody.prefill_for(&field("text")), None);
    }
}
