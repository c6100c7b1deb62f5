//! What the form of a mandate asks for, read and judged.

use beffroi_core::{Day, Id, Lang, Sector};
use beffroi_people::{
    Account, Person,
    mandate::{Helped, Helper, NewMandate, Proof, Scope, TERMS, Term},
};
use beffroi_web::{FormPost, Page};

use super::{Titles, term_words};
use crate::office::reception::forms::{Choice, Typed};

/// What was typed, right or wrong.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    pub(crate) typed: Typed,
    pub(crate) scope: String,
    pub(crate) slugs: Vec<String>,
    pub(crate) days: u32,
    pub(crate) proof: String,
    pub(crate) organisation: bool,
    pub(crate) copies: bool,
}

/// A field and the key of what is wrong with it.
pub(crate) type Wrong = (&'static str, &'static str);

impl Asked {
    pub(super) fn empty() -> Self {
        // In what and for how long is agreed with the helped person: nothing is chosen beforehand.
        Self { proof: "code".to_owned(), copies: true, ..Self::default() }
    }

    pub(super) fn read(fields: &FormPost) -> Self {
        Self {
            typed: Typed::read(fields),
            scope: fields.text("portee").to_owned(),
            slugs: fields.all("demarches").map(str::to_owned).collect(),
            days: fields.text("duree").parse().unwrap_or_default(),
            proof: fields.text("preuve").to_owned(),
            organisation: fields.text("aidant") == "organisation",
            copies: fields.get("copie").is_some(),
        }
    }

    fn scope_of(&self, titles: &Titles) -> Option<Scope> {
        if self.scope != "choix" {
            return Scope::parse(&self.scope).filter(|scope| !matches!(scope, Scope::Procedures(_)));
        }
        let known = self.slugs.iter().filter(|slug| titles.contains_key(*slug)).cloned().collect::<Vec<_>>();
        Scope::parse(&known.join(" "))
    }

    /// The mandate; or all that is wrong.
    pub(super) fn mandate(
        &self,
        (account, name): (Id<Account>, &str),
        helper: Helper,
        person: Option<Id<Person>>,
        titles: &Titles,
        (today, lang): (Day, Lang),
    ) -> Result<NewMandate, Vec<Wrong>> {
        let mut wrong = Vec::new();
        let known = self.typed.person(today).map_err(|all| wrong.extend(all)).ok();
        let scope = self.scope_of(titles);
        if scope.is_none() {
            wrong.push(if self.scope == "choix" {
                ("demarches", "desk-mandate-missing-procedures")
            } else {
                ("portee", "desk-mandate-missing-scope")
            });
        }
        let term = Term::of_days(self.days);
        if term.is_none() {
            wrong.push(("duree", "desk-mandate-missing-term"));
        }
        // What was given from one’s own account is offered there, not asked for.
        let proof = Proof::from_word(&self.proof).filter(|proof| *proof != Proof::Account);
        if proof.is_none() {
            wrong.push(("preuve", "desk-mandate-missing-proof"));
        }
        let (Some(known), Some(scope), Some(term), Some(proof), true) =
            (known, scope, term, proof, wrong.is_empty())
        else {
            return Err(wrong);
        };
        Ok(NewMandate {
            account,
            helper,
            helper_name: name.to_owned(),
            helped: Helped {
                family_name: known.family_name,
                given_names: known.given_names,
                used_name: known.used_name,
                birth_date: known.birth_date,
                email: known.email,
                phone: known.phone,
                address: known.address.lines.join(", "),
            },
            person,
            scope,
            term,
            proof,
            copies: self.copies,
            lang,
        })
    }

    pub(super) fn scopes(&self, page: &Page, titles: &Titles) -> Vec<Choice> {
        let mut choices = vec![Choice::new("*", page.t("desk-mandate-scope-all"), self.scope == "*")];
        for sector in Sector::ALL {
            let value = format!("sector:{}", sector.as_str());
            let label = page.t(&format!("desk-mandate-sector-{}", sector.as_str())).to_owned();
            choices.push(Choice::new(&value, &label, self.scope == value));
        }
        if !titles.is_empty() {
            choices.push(Choice::new("choix", page.t("desk-mandate-scope-named"), self.scope == "choix"));
        }
        choices
    }

    pub(super) fn procedures(&self, titles: &Titles) -> Vec<Choice> {
        let mut choices: Vec<Choice> =
            titles.iter().map(|(slug, title)| Choice::new(slug, title, self.slugs.contains(slug))).collect();
        choices.sort_by(|one, other| one.label.cmp(&other.label));
        choices
    }

    pub(super) fn terms(&self, page: &Page) -> Vec<Choice> {
        TERMS
            .iter()
            .map(|days| Choice::new(&days.to_string(), &term_words(page, *days), *days == self.days))
            .collect()
    }

    pub(super) fn proofs(&self, page: &Page, hints: [&str; 2]) -> Vec<Choice> {
        let [code, paper] = hints;
        [("code", "desk-mandate-proof-code", code), ("paper", "desk-mandate-proof-paper", paper)]
            .into_iter()
            .map(|(value, key, hint)| Choice {
                hint: page.t(hint).to_owned(),
                ..Choice::new(value, page.t(key), self.proof == value)
            })
            .collect()
    }

    pub(super) fn helpers(&self, page: &Page) -> Vec<Choice> {
        vec![
            Choice::new("relative", page.t("desk-mandate-helper-relative"), !self.organisation),
            Choice::new("organisation", page.t("desk-mandate-helper-organisation"), self.organisation),
        ]
    }
}
