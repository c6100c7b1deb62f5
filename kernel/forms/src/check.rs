//! What a procedure lacks before it may be published: what the law asks it to say, and what a reader who
//! cannot see needs.

use std::collections::HashSet;

use beffroi_core::legal_clock::Silence;

use crate::{
    Choice, CompiledForm, Disposal, Elsewhere, Field, Flaw, Kind, Problem, Procedure, Text,
    procedure::Receipt,
};

/// What is wrong with a procedure, and where.
pub type Finding = Problem;

/// Fields of a form at most, groups included: a longer form is a book.
const FIELDS_AT_MOST: usize = 2_000;

impl Procedure {
    /// Everything that stands against publication, in the order of the file.
    pub fn check(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        self.check_identity(&mut findings);
        self.check_law(&mut findings);
        self.check_labels(&mut findings);
        if let Err(problems) = CompiledForm::compile(self.clone()) {
            findings.extend(problems);
        }
        findings
    }

    fn check_identity(&self, findings: &mut Vec<Finding>) {
        require(findings, is_slug(&self.slug), "slug", Flaw::Slug);
        require(findings, self.version > 0, "version", Flaw::FirstVersion);
        for (name, text) in [
            ("title", &self.title),
            ("summary", &self.summary),
            ("who", &self.who),
            ("delay", &self.delay),
            ("cost", &self.cost),
            ("outcome", &self.outcome),
        ] {
            require(findings, !text.is_empty(), name, Flaw::NothingSaid);
        }
        if let (Some(opens), Some(closes)) = (self.opens, self.closes) {
            require(findings, opens <= closes, "closes", Flaw::OpeningOrder);
        }
        self.check_fee(findings);
        if let Some(elsewhere) = &self.elsewhere {
            self.check_elsewhere(elsewhere, findings);
            return;
        }
        require(findings, !self.ways.is_empty(), "ways", Flaw::NoWay);
        self.check_sign_in(findings);
        self.check_booking(findings);
        self.check_loan(findings);
        self.check_steps(findings);
        self.check_limits(findings);
        self.check_sealed(findings);
        require(findings, !self.form.pages.is_empty(), "form", Flaw::NothingAsked);
    }

    /// What is sealed at rest leaves nothing beside it in clear: no file, no count of who asked, and nothing for the
    /// archives, which keep no key.
    fn check_sealed(&self, findings: &mut Vec<Finding>) {
        if !self.sealed {
            return;
        }
        require(findings, self.limits.is_empty(), "limit", Flaw::SealedCounted);
        let plain = self.steps.iter().all(|step| step.fields.is_empty() && step.actions.is_empty());
        require(findings, plain, "step", Flaw::SealedSteps);
        let ends = self.retention.as_ref().is_none_or(|it| it.then != Disposal::Archive);
        require(findings, ends, "retention.then", Flaw::SealedArchive);
        for page in &self.form.pages {
            for field in &page.fields {
                let at = format!("form.page[{}].field[{}]", page.id, field.id);
                require(findings, !asks_for_a_file(field), &at, Flaw::SealedFile);
            }
        }
    }

    /// Where somebody else answers, the town explains and leads, and collects nothing.
    fn check_elsewhere(&self, elsewhere: &Elsewhere, findings: &mut Vec<Finding>) {
        let secure = elsewhere.url.starts_with("https://") && elsewhere.url.len() > "https://".len();
        require(findings, secure, "elsewhere.url", Flaw::HttpsExpected);
        require(findings, !elsewhere.name.is_empty(), "elsewhere.name", Flaw::NothingSaid);
        require(findings, !elsewhere.otherwise.is_empty(), "elsewhere.otherwise", Flaw::ElsewhereOtherwise);
        let nothing = self.form.pages.is_empty() && self.form.checks.is_empty() && self.limits.is_empty();
        require(findings, nothing, "form", Flaw::ElsewhereAsked);
    }

    fn check_limits(&self, findings: &mut Vec<Finding>) {
        let mut seen = HashSet::new();
        for (rank, limit) in self.limits.iter().enumerate() {
            let at = format!("limit[{rank}].id");
            require(findings, is_slug(&limit.id), &at, Flaw::Slug);
            require(findings, seen.insert(&limit.id), &at, Flaw::LimitsAlike);
        }
    }

    fn check_law(&self, findings: &mut Vec<Finding>) {
        self.check_texts(findings);
        if self.elsewhere.is_none() {
            self.check_requester(findings);
            self.check_handling(findings);
        }
    }

    fn check_texts(&self, findings: &mut Vec<Finding>) {
        require(findings, !self.legal_basis.is_empty(), "legal_basis", Flaw::NoBasis);
        for (rank, basis) in self.legal_basis.iter().enumerate() {
            require(
                findings,
                !basis.text.trim().is_empty(),
                &format!("legal_basis[{rank}].text"),
                Flaw::NothingSaid,
            );
        }
        let contact = self.contact.as_ref().is_some_and(|contact| !contact.department.trim().is_empty());
        require(findings, contact, "contact", Flaw::NoDepartment);
    }

    fn check_handling(&self, findings: &mut Vec<Finding>) {
        match &self.regime {
            None => add(findings, "regime", Flaw::NoRegime),
            Some(regime) => {
                if let Err(error) = regime.clock().running_term() {
                    add(findings, "regime.term", Flaw::Term(error.to_string()));
                }
                require(findings, !regime.basis.trim().is_empty(), "regime.basis", Flaw::NoText);
                if let Receipt::NotDue(reason) = &regime.receipt {
                    require(findings, !reason.is_empty(), "regime.receipt", Flaw::NoReason);
                    let allowed = regime.silence == Silence::None;
                    require(findings, allowed, "regime.receipt", Flaw::ReceiptDue);
                }
            }
        }
        match &self.retention {
            None => add(findings, "retention", Flaw::NoRetention),
            Some(retention) => {
                require(findings, retention.months > 0, "retention.months", Flaw::RetentionShort);
                let day = retention.after.as_ref().is_none_or(|after| {
                    let mut fields = self.form.pages.iter().flat_map(|page| &page.fields);
                    fields.any(|field| field.id == *after && matches!(field.kind, Kind::Date { .. }))
                });
                require(findings, day, "retention.after", Flaw::RetentionDay);
                require(findings, !retention.basis.trim().is_empty(), "retention.basis", Flaw::NoText);
            }
        }
        if self.decision.formal {
            require(findings, !self.decision.title.trim().is_empty(), "decision.title", Flaw::OrderTitle);
            require(findings, !self.decision.visas.is_empty(), "decision.visas", Flaw::OrderVisas);
            require(findings, !self.decision.articles.is_empty(), "decision.article", Flaw::OrderArticles);
        }
    }

    fn check_labels(&self, findings: &mut Vec<Finding>) {
        let mut count = 0;
        for page in &self.form.pages {
            let at = format!("form.page[{}]", page.id);
            require(findings, !page.title.is_empty(), &format!("{at}.title"), Flaw::NoTitle);
            require(findings, !page.fields.is_empty(), &at, Flaw::PageEmpty);
            for field in &page.fields {
                check_field(findings, field, &at, &mut count);
            }
        }
        require(findings, count <= FIELDS_AT_MOST, "form", Flaw::TooManyFields);
    }
}

fn asks_for_a_file(field: &Field) -> bool {
    match &field.kind {
        Kind::File { .. } => true,
        Kind::Group { fields, .. } => fields.iter().any(asks_for_a_file),
        _ => false,
    }
}

fn check_field(findings: &mut Vec<Finding>, field: &Field, at: &str, count: &mut usize) {
    *count += 1;
    let at = format!("{at}.field[{}]", field.id);
    require(findings, labelled(&field.label), &format!("{at}.label"), Flaw::NoLabel);
    let tells_somebody =
        matches!(field.kind, Kind::Identity { .. } | Kind::Text { .. } | Kind::Siret | Kind::Rna);
    require(findings, !field.beneficiary || tells_somebody, &format!("{at}.beneficiary"), Flaw::Beneficiary);
    match &field.kind {
        Kind::OneOf { choices } | Kind::ManyOf { choices, .. } => check_choices(findings, choices, &at),
        Kind::List { choices, from } => {
            require(findings, from.is_some() == choices.is_empty(), &at, Flaw::ListOrigin);
            if from.is_none() {
                check_choices(findings, choices, &at);
            }
        }
        Kind::Group { fields, .. } => {
            require(findings, !fields.is_empty(), &at, Flaw::GroupEmpty);
            for field in fields {
                check_field(findings, field, &at, count);
            }
        }
        Kind::File { max_files } => {
            require(findings, (1..=20).contains(max_files), &format!("{at}.max_files"), Flaw::FilesCount);
        }
        _ => {}
    }
}

fn check_choices(findings: &mut Vec<Finding>, choices: &[Choice], at: &str) {
    let mut seen = HashSet::new();
    require(findings, choices.len() >= 2, &format!("{at}.choice"), Flaw::NothingToChoose);
    for choice in choices {
        let at = format!("{at}.choice[{}]", choice.value);
        require(findings, !choice.value.is_empty() && seen.insert(&choice.value), &at, Flaw::ChoicesAlike);
        require(findings, labelled(&choice.label), &format!("{at}.label"), Flaw::NoLabel);
    }
}

pub(crate) fn is_slug(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'-')
}

/// A label that can be read aloud: letters, not only a star or a number.
pub(crate) fn labelled(text: &Text) -> bool {
    text.fr.chars().any(char::is_alphabetic)
}

pub(crate) fn require(findings: &mut Vec<Finding>, right: bool, at: &str, flaw: impl Into<Flaw>) {
    if !right {
        add(findings, at, flaw);
    }
}

pub(crate) fn add(findings: &mut Vec<Finding>, at: &str, flaw: impl Into<Flaw>) {
    findings.push(Problem::new(at, flaw));
}
