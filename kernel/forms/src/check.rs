//! What a procedure lacks before it may be published: what the law asks it to say, and what a reader who
//! cannot see needs.

use std::collections::HashSet;

use beffroi_core::legal_clock::Silence;

use crate::{Choice, CompiledForm, Elsewhere, Field, Kind, Problem, Procedure, Text, procedure::Receipt};

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
        require(findings, is_slug(&self.slug), "slug", "small letters, digits and hyphens are expected");
        require(findings, self.version > 0, "version", "the first version is 1");
        for (name, text) in [
            ("title", &self.title),
            ("summary", &self.summary),
            ("who", &self.who),
            ("delay", &self.delay),
            ("cost", &self.cost),
            ("outcome", &self.outcome),
        ] {
            require(findings, !text.is_empty(), name, "nothing is said");
        }
        if let Some(elsewhere) = &self.elsewhere {
            self.check_elsewhere(elsewhere, findings);
            return;
        }
        require(findings, !self.ways.is_empty(), "ways", "there must be a way to ask");
        self.check_steps(findings);
        self.check_limits(findings);
        self.check_sealed(findings);
        require(findings, !self.form.pages.is_empty(), "form", "there is nothing to answer");
    }

    /// What is sealed at rest leaves nothing beside it in clear: no file, and no count of who asked.
    fn check_sealed(&self, findings: &mut Vec<Finding>) {
        if !self.sealed {
            return;
        }
        require(findings, self.limits.is_empty(), "limit", "what is sealed is not counted by who asks");
        for page in &self.form.pages {
            for field in &page.fields {
                let at = format!("form.page[{}].field[{}]", page.id, field.id);
                require(findings, !asks_for_a_file(field), &at, "a sealed procedure asks for no file");
            }
        }
    }

    /// Where somebody else answers, the town explains and leads, and collects nothing.
    fn check_elsewhere(&self, elsewhere: &Elsewhere, findings: &mut Vec<Finding>) {
        let secure = elsewhere.url.starts_with("https://") && elsewhere.url.len() > "https://".len();
        require(findings, secure, "elsewhere.url", "an https address is expected");
        require(findings, !elsewhere.name.is_empty(), "elsewhere.name", "nothing is said");
        require(
            findings,
            !elsewhere.otherwise.is_empty(),
            "elsewhere.otherwise",
            "who cannot go there online must know whom to ask",
        );
        let nothing = self.form.pages.is_empty() && self.form.checks.is_empty() && self.limits.is_empty();
        require(findings, nothing, "form", "what another service answers is not asked here");
    }

    fn check_steps(&self, findings: &mut Vec<Finding>) {
        let mut seen = HashSet::new();
        for (rank, step) in self.steps.iter().enumerate() {
            let at = format!("step[{rank}]");
            require(
                findings,
                is_slug(&step.id),
                &format!("{at}.id"),
                "small letters, digits and hyphens are expected",
            );
            require(findings, seen.insert(&step.id), &format!("{at}.id"), "steps are told apart");
            require(
                findings,
                labelled(&step.label),
                &format!("{at}.label"),
                "a reader who cannot see needs a label",
            );
        }
    }

    fn check_limits(&self, findings: &mut Vec<Finding>) {
        let mut seen = HashSet::new();
        for (rank, limit) in self.limits.iter().enumerate() {
            let at = format!("limit[{rank}].id");
            require(findings, is_slug(&limit.id), &at, "small letters, digits and hyphens are expected");
            require(findings, seen.insert(&limit.id), &at, "limits are told apart");
        }
    }

    fn check_law(&self, findings: &mut Vec<Finding>) {
        self.check_texts(findings);
        if self.elsewhere.is_none() {
            self.check_handling(findings);
        }
    }

    fn check_texts(&self, findings: &mut Vec<Finding>) {
        require(
            findings,
            !self.legal_basis.is_empty(),
            "legal_basis",
            "no text is named on which the procedure stands",
        );
        for (rank, basis) in self.legal_basis.iter().enumerate() {
            require(
                findings,
                !basis.text.trim().is_empty(),
                &format!("legal_basis[{rank}].text"),
                "nothing is said",
            );
        }
        let contact = self.contact.as_ref().is_some_and(|contact| !contact.department.trim().is_empty());
        require(findings, contact, "contact", "no department answers for it (CRPA R112-5, 2°)");
    }

    fn check_handling(&self, findings: &mut Vec<Finding>) {
        match &self.regime {
            None => add(findings, "regime", "what silence means is not said (CRPA L231-1, L231-4)"),
            Some(regime) => {
                if let Err(error) = regime.clock().running_term() {
                    add(findings, "regime.term", &error.to_string());
                }
                require(findings, !regime.basis.trim().is_empty(), "regime.basis", "no text is named");
                if let Receipt::NotDue(reason) = &regime.receipt {
                    require(findings, !reason.is_empty(), "regime.receipt", "the reason is not said");
                    let allowed = regime.silence == Silence::None;
                    require(
                        findings,
                        allowed,
                        "regime.receipt",
                        "where silence means something, a receipt is due (CRPA R112-5)",
                    );
                }
            }
        }
        match &self.retention {
            None => add(findings, "retention", "how long cases are kept is not said (GDPR, article 5, 1, e)"),
            Some(retention) => {
                require(findings, retention.months > 0, "retention.months", "at least a month is expected");
                let day = retention.after.as_ref().is_none_or(|after| {
                    let mut fields = self.form.pages.iter().flat_map(|page| &page.fields);
                    fields.any(|field| field.id == *after && matches!(field.kind, Kind::Date { .. }))
                });
                require(findings, day, "retention.after", "a question for a date is expected");
                require(
                    findings,
                    !retention.basis.trim().is_empty(),
                    "retention.basis",
                    "no text or rule is named",
                );
            }
        }
        if self.decision.formal {
            require(
                findings,
                !self.decision.title.trim().is_empty(),
                "decision.title",
                "an order bears a title",
            );
            require(
                findings,
                !self.decision.visas.is_empty(),
                "decision.visas",
                "an order names the texts it applies",
            );
            require(
                findings,
                !self.decision.articles.is_empty(),
                "decision.article",
                "an order decides something",
            );
        }
    }

    fn check_labels(&self, findings: &mut Vec<Finding>) {
        let mut count = 0;
        for page in &self.form.pages {
            let at = format!("form.page[{}]", page.id);
            require(findings, !page.title.is_empty(), &format!("{at}.title"), "a page has a title");
            require(findings, !page.fields.is_empty(), &at, "the page is empty");
            for field in &page.fields {
                check_field(findings, field, &at, &mut count);
            }
        }
        require(findings, count <= FIELDS_AT_MOST, "form", "there are too many fields");
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
    require(
        findings,
        labelled(&field.label),
        &format!("{at}.label"),
        "a reader who cannot see needs a label",
    );
    let tells_somebody =
        matches!(field.kind, Kind::Identity { .. } | Kind::Text { .. } | Kind::Siret | Kind::Rna);
    require(
        findings,
        !field.beneficiary || tells_somebody,
        &format!("{at}.beneficiary"),
        "an identity, a text, a SIRET or an RNA number tells for whom is asked",
    );
    match &field.kind {
        Kind::OneOf { choices } | Kind::ManyOf { choices, .. } => check_choices(findings, choices, &at),
        Kind::List { choices, from } => {
            require(
                findings,
                from.is_some() == choices.is_empty(),
                &at,
                "a list has either `from` or its own choices",
            );
            if from.is_none() {
                check_choices(findings, choices, &at);
            }
        }
        Kind::Group { fields, .. } => {
            require(findings, !fields.is_empty(), &at, "the group is empty");
            for field in fields {
                check_field(findings, field, &at, count);
            }
        }
        Kind::File { max_files } => {
            require(
                findings,
                (1..=20).contains(max_files),
                &format!("{at}.max_files"),
                "between 1 and 20 files",
            );
        }
        _ => {}
    }
}

fn check_choices(findings: &mut Vec<Finding>, choices: &[Choice], at: &str) {
    let mut seen = HashSet::new();
    require(findings, choices.len() >= 2, &format!("{at}.choice"), "there is nothing to choose");
    for choice in choices {
        let at = format!("{at}.choice[{}]", choice.value);
        require(
            findings,
            !choice.value.is_empty() && seen.insert(&choice.value),
            &at,
            "values are told apart",
        );
        require(
            findings,
            labelled(&choice.label),
            &format!("{at}.label"),
            "a reader who cannot see needs a label",
        );
    }
}

fn is_slug(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'-')
}

/// A label that can be read aloud: letters, not only a star or a number.
fn labelled(text: &Text) -> bool {
    text.fr.chars().any(char::is_alphabetic)
}

fn require(findings: &mut Vec<Finding>, right: bool, at: &str, message: &str) {
    if !right {
        add(findings, at, message);
    }
}

fn add(findings: &mut Vec<Finding>, at: &str, message: &str) {
    findings.push(Problem { at: at.to_owned(), message: message.to_owned() });
}
