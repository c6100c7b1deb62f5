//! What a procedure costs whoever asks, and when that is due: a price that is the same for all, or an amount that the form
//! computes or an agent fills in. What it comes to is always fixed by a deliberation (CGCT L2121-29).

use beffroi_core::Cents;
use serde::{Deserialize, Serialize};

use crate::{
    CompiledForm, Field, Flaw, Kind, Known, Procedure,
    check::{Finding, require},
};

/// Letters of the words that name a deliberation, at most: an order at the till has room for so many.
const DELIBERATION_AT_MOST: usize = 200;

/// When a fee is due.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FeeDue {
    /// Once what was asked is granted: of a refusal nobody pays (for public space, CGPPP L2125-1).
    #[default]
    Grant,
    /// As soon as the request is received; it stays due where the town refuses.
    Filing,
}

impl FeeDue {
    /// Its word in files and in the names of texts.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Grant => "grant",
            Self::Filing => "filing",
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_usual(due: &FeeDue) -> bool {
    *due == FeeDue::Grant
}

/// What a procedure costs whoever asks. `cost` says it in words; this says what fixes it, and what is collected.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Fee {
    /// The price, where it is the same for all.
    #[serde(default, rename = "amount_cents", skip_serializing_if = "Option::is_none")]
    pub amount: Option<Cents>,
    /// The question of the form that computes it, or what agents fill in in a step (`arrete.redevance`): an amount, nothing
    /// where that is not above zero. Where neither this nor a price is given, `cost` explains it and nothing is collected
    /// here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// When it is due.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub on: FeeDue,
    /// The council's deliberation that fixes it: « Délibération du 12 mars 2026 » (CGCT L2121-29).
    #[serde(default)]
    pub deliberation: String,
}

impl Fee {
    /// Whether an order asks for it; else `cost` alone tells of it.
    pub const fn is_collected(&self) -> bool {
        self.amount.is_some() || self.field.is_some()
    }

    /// Whether an agent fills it in.
    pub fn is_filled_in(&self) -> bool {
        self.field.as_ref().is_some_and(|field| field.contains('.'))
    }

    /// Whether its amount is read from a field of one of these names.
    pub(crate) fn is_read_from(&self, names: &[String]) -> bool {
        self.field.as_ref().is_some_and(|field| names.contains(field))
    }

    pub(crate) fn rename(&mut self, from: &str, to: &str) {
        if self.field.as_deref() == Some(from) {
            self.field = Some(to.to_owned());
        }
    }

    /// Writes the new name of a step; `from`: the old one, in its two spellings.
    pub(crate) fn rename_step(&mut self, from: [&str; 2], to: &str) {
        if let Some((step, field)) = self.field.as_deref().and_then(|name| name.split_once('.'))
            && from.contains(&step)
        {
            self.field = Some(format!("{to}.{field}"));
        }
    }
}

/// What is wrong with a fee.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeeFlaw {
    Twice,
    Field,
    TooEarly,
    Sealed,
    Booked,
    Long,
}

impl From<FeeFlaw> for Flaw {
    fn from(flaw: FeeFlaw) -> Self {
        Self::Fee(flaw)
    }
}

impl FeeFlaw {
    pub(crate) const fn english(self) -> &'static str {
        match self {
            Self::Twice => "either `amount_cents` or `field` says what is paid",
            Self::Field => {
                "names a question for an amount (`kind = \"money\"`) that is computed, or one that agents fill in in a step"
            }
            Self::TooEarly => "what an agent fills in is not known when the request is received",
            Self::Sealed => "an order at the till stands beside what is sealed",
            Self::Booked => "what is booked has its own price, which is collected already",
            Self::Long => "the words that name a deliberation are 200 letters at most, in one line",
        }
    }

    pub(crate) const fn french(self) -> &'static str {
        match self {
            Self::Twice => "Choisissez\u{a0}: un montant fixe, ou un montant calculé, pas les deux.",
            Self::Field => {
                "Choisissez la question qui donne le montant\u{a0}: une question de type montant, calculée par le formulaire ou remplie par un agent dans une étape."
            }
            Self::TooEarly => {
                "Un montant que l’agent remplit n’est pas connu au dépôt\u{a0}: il se paie quand la demande est acceptée."
            }
            Self::Sealed => {
                "Ce qui est à payer figure à la caisse\u{a0}: une démarche confidentielle n’y demande rien."
            }
            Self::Booked => {
                "Ce qui est réservé a déjà son prix, demandé avec la réservation\u{a0}: ne le demandez pas une seconde fois."
            }
            Self::Long => "Nommez la délibération en une ligne de 200\u{a0}caractères au plus.",
        }
    }
}

fn is_amount(field: &Field) -> bool {
    matches!(field.kind, Kind::Money { .. })
}

impl Procedure {
    /// What may tell the amount of a fee: questions that compute one, and what agents fill in in steps. Each with its name
    /// and what it is called.
    pub fn amounts(&self) -> Vec<(String, String)> {
        let asked = self.form.pages.iter().flat_map(|page| &page.fields);
        let computed = asked.filter(|field| is_amount(field) && field.compute.is_some());
        let computed = computed.map(|field| (field.id.clone(), field.label.fr.clone()));
        let filled = self.steps.iter().flat_map(|step| {
            let amounts = step.fields.iter().filter(|field| is_amount(field));
            amounts.map(move |field| {
                let called = format!("{}\u{a0}: {}", step.label.fr, field.label.fr);
                (format!("{}.{}", step.id, field.id), called)
            })
        });
        computed.chain(filled).collect()
    }

    fn tells_amount(&self, name: &str) -> bool {
        match name.split_once('.') {
            None => self.amounts().iter().any(|(known, _)| known == name),
            Some((step, id)) => {
                let steps = self.steps.iter().filter(|it| it.id == step || it.variable() == step);
                steps.flat_map(|it| &it.fields).any(|field| field.id == id && is_amount(field))
            }
        }
    }

    pub(crate) fn check_fee(&self, findings: &mut Vec<Finding>) {
        let Some(fee) = &self.fee else { return };
        let amount = fee.amount.is_none_or(|amount| amount.0 > 0);
        require(findings, amount, "fee.amount_cents", Flaw::FeeNegative);
        let deliberation = fee.deliberation.trim();
        require(findings, !deliberation.is_empty(), "fee.deliberation", Flaw::FeeDeliberation);
        let short = deliberation.chars().count() <= DELIBERATION_AT_MOST
            && !deliberation.chars().any(char::is_control);
        require(findings, short, "fee.deliberation", FeeFlaw::Long);
        let one = fee.amount.is_none() || fee.field.is_none();
        require(findings, one, "fee.field", FeeFlaw::Twice);
        if let Some(name) = &fee.field {
            require(findings, self.tells_amount(name), "fee.field", FeeFlaw::Field);
            let known = !fee.is_filled_in() || fee.on == FeeDue::Grant;
            require(findings, known, "fee.on", FeeFlaw::TooEarly);
        }
        let priced = self.booking.as_ref().is_some_and(|booking| booking.price.is_some());
        require(findings, !fee.is_collected() || !self.sealed, "fee", FeeFlaw::Sealed);
        require(findings, !fee.is_collected() || !priced, "fee", FeeFlaw::Booked);
    }
}

impl CompiledForm {
    /// What is to be paid for a request, whenever that is due; `None` where nothing is, or not yet known.
    pub fn fee_owed(&self, known: Known<'_>) -> Option<Cents> {
        let fee = self.procedure.fee.as_ref()?;
        let cents = match (fee.amount, fee.field.as_deref()) {
            (Some(amount), _) => amount.0,
            (None, Some(name)) => self.amount_at(name, known)?,
            (None, None) => return None,
        };
        (cents > 0).then_some(Cents(cents))
    }

    fn amount_at(&self, name: &str, known: Known<'_>) -> Option<i64> {
        match name.split_once('.') {
            None => known.answers.get(name)?.as_i64(),
            Some((step, field)) => {
                let step = self.procedure.steps.iter().find(|it| it.id == step || it.variable() == step)?;
                known.steps.get(&step.id)?.get(field)?.as_i64()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::*;

    const FILE: &str = r#"
        slug = "essai"
        version = 1
        title = "Essai"
        summary = "Essai"
        sector = "general"
        who = "Tous"
        delay = "Un jour"
        cost = "Selon la surface"
        outcome = "Une réponse"
        [fee]
        field = "redevance"
        deliberation = "délibération du 12 mars 2026"
        [[step]]
        id = "avis-technique"
        label = "Avis"
        next = ["decision"]
        [[step.field]]
        id = "montant"
        kind = "money"
        label = "Montant retenu"
        [[form.page]]
        id = "lieu"
        title = "Le lieu"
        [[form.page.field]]
        id = "surface"
        kind = "number"
        label = "Surface"
        [[form.page.field]]
        id = "caution"
        kind = "money"
        label = "Caution"
        [[form.page.field]]
        id = "redevance"
        kind = "money"
        label = "Redevance"
        compute = "surface * 150"
    "#;

    fn procedure(change: impl FnOnce(&mut Fee)) -> Procedure {
        let mut procedure = Procedure::from_toml(FILE).unwrap();
        change(procedure.fee.as_mut().unwrap());
        procedure
    }

    fn wrong(procedure: &Procedure) -> Vec<(String, Flaw)> {
        let mut findings = Vec::new();
        procedure.check_fee(&mut findings);
        findings.into_iter().map(|finding| (finding.at, finding.flaw)).collect()
    }

    fn at(place: &str, flaw: impl Into<Flaw>) -> Vec<(String, Flaw)> {
        vec![(place.to_owned(), flaw.into())]
    }

    #[test]
    fn nothing_is_asked_for_without_the_deliberation_that_fixes_it() {
        assert_eq!(wrong(&procedure(|_| ())), []);
        let unsaid = procedure(|fee| fee.deliberation = " ".to_owned());
        assert_eq!(wrong(&unsaid), at("fee.deliberation", Flaw::FeeDeliberation));
        let file = FILE.replace("deliberation = \"délibération du 12 mars 2026\"", "");
        assert_eq!(
            wrong(&Procedure::from_toml(&file).unwrap()),
            at("fee.deliberation", Flaw::FeeDeliberation)
        );
    }

    #[test]
    fn the_amount_is_one_and_comes_from_a_computation_or_from_an_agent() {
        assert_eq!(wrong(&procedure(|fee| fee.amount = Some(Cents(100)))), at("fee.field", FeeFlaw::Twice));
        let named = |name: &str| procedure(|fee| fee.field = Some(name.to_owned()));
        assert_eq!(wrong(&named("avis-technique.montant")), []);
        assert_eq!(wrong(&named("avis_technique.montant")), []);
        for other in ["caution", "surface", "lune", "avis-technique.lune", "lune.montant"] {
            assert_eq!(wrong(&named(other)), at("fee.field", FeeFlaw::Field), "{other}");
        }
        let early = procedure(|fee| {
            fee.field = Some("avis-technique.montant".to_owned());
            fee.on = FeeDue::Filing;
        });
        assert_eq!(wrong(&early), at("fee.on", FeeFlaw::TooEarly));
        let mut sealed = procedure(|_| ());
        sealed.sealed = true;
        assert_eq!(wrong(&sealed), at("fee", FeeFlaw::Sealed));
        let amounts: Vec<String> = sealed.amounts().into_iter().map(|(name, _)| name).collect();
        assert_eq!(amounts, ["redevance", "avis-technique.montant"]);
    }

    #[test]
    fn what_is_owed_is_read_where_the_procedure_says() {
        let owed = |procedure: Procedure, answers: &Value, steps: &Value| {
            let known = |value: &Value| value.as_object().cloned().unwrap_or_default();
            let (answers, steps): (Map<String, Value>, Map<String, Value>) = (known(answers), known(steps));
            let form = CompiledForm::compile(procedure).unwrap();
            form.fee_owed(Known { answers: &answers, steps: &steps })
        };
        let none = json!({});
        let fixed = procedure(|fee| (fee.amount, fee.field) = (Some(Cents(1_200)), None));
        assert_eq!(owed(fixed, &none, &none), Some(Cents(1_200)));
        let computed = || procedure(|_| ());
        assert_eq!(owed(computed(), &json!({ "redevance": 3_000 }), &none), Some(Cents(3_000)));
        assert_eq!(owed(computed(), &json!({ "redevance": 0 }), &none), None, "it is free");
        assert_eq!(owed(computed(), &none, &none), None);
        let filled = procedure(|fee| fee.field = Some("avis-technique.montant".to_owned()));
        let steps = json!({ "avis-technique": { "montant": 4_500 } });
        assert_eq!(owed(filled, &none, &steps), Some(Cents(4_500)));
        let told = procedure(|fee| fee.field = None);
        assert!(!told.fee.as_ref().unwrap().is_collected());
        assert_eq!(owed(told, &json!({ "redevance": 3_000 }), &none), None, "it is told, not collected");
    }

    #[test]
    fn a_new_name_is_followed() {
        let field = |procedure: &Procedure| procedure.fee.as_ref().unwrap().field.clone().unwrap();
        let mut computed = procedure(|_| ());
        assert!(computed.mentions("redevance").contains(&"fee".to_owned()));
        computed.rename_field("redevance", "somme");
        assert_eq!(field(&computed), "somme");
        let mut filled = procedure(|fee| fee.field = Some("avis_technique.montant".to_owned()));
        filled.rename_step("avis-technique", "visite");
        assert_eq!(field(&filled), "visite.montant");
        filled.rename_field("visite.montant", "prix");
        assert_eq!(field(&filled), "visite.prix");
    }
}
