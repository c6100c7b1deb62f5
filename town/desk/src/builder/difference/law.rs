//! What differs in what the law says of a procedure: silence, texts, keeping, who answers, the decision.

use beffroi_core::legal_clock::Silence;
use beffroi_forms::{Decision, Disposal, Procedure, Receipt};

use super::Differ;
use crate::builder::{parts::Part, words};

impl<'p> Differ<'p> {
    pub(super) fn law(&mut self) {
        let (before, after) = (self.before, self.after);
        self.part(Part::Law);
        let page = self.page;
        let regime = |procedure: &Procedure| {
            procedure.regime.as_ref().map_or_else(Default::default, |regime| {
                let silence = match regime.silence {
                    Silence::Grants => "office-builder-law-silence-grants",
                    Silence::Refuses => "office-builder-law-silence-refuses",
                    Silence::None => "office-builder-law-silence-none",
                };
                let receipt = match &regime.receipt {
                    Receipt::Due => page.t("office-builder-law-receipt-due").to_owned(),
                    Receipt::NotDue(_) => page.t("office-builder-law-receipt-not-due").to_owned(),
                };
                [
                    page.t(silence).to_owned(),
                    regime.term.map(|term| term.text(beffroi_core::Lang::Fr)).unwrap_or_default(),
                    regime.basis.clone(),
                    receipt,
                    regime.days_for_pieces.to_string(),
                ]
            })
        };
        let (one, other): ([String; 5], [String; 5]) = (regime(before), regime(after));
        let keys = [
            "office-builder-law-silence",
            "office-builder-law-term",
            "office-builder-law-basis_of_silence",
            "office-builder-law-receipt",
            "office-builder-law-days_for_pieces",
        ];
        for (key, (one, other)) in keys.into_iter().zip(one.iter().zip(&other)) {
            self.text(key, one, other);
        }
        let reason = |procedure: &'p Procedure| match procedure.regime.as_ref().map(|regime| &regime.receipt)
        {
            Some(Receipt::NotDue(reason)) => Some(reason),
            _ => None,
        };
        self.may_say("office-builder-law-receipt_reason", reason(before), reason(after));
        let appeal = |procedure: &'p Procedure| {
            procedure.regime.as_ref().and_then(|regime| regime.first_appeal.as_ref())
        };
        self.may_say("office-builder-law-first_appeal", appeal(before), appeal(after));
        let bases = |procedure: &Procedure| {
            let told = procedure.legal_basis.iter().map(|basis| match &basis.url {
                Some(url) => format!("{} ({url})", basis.text),
                None => basis.text.clone(),
            });
            told.collect::<Vec<_>>()
        };
        let closing = |procedure: &'p Procedure| &procedure.acknowledgement.closing;
        self.words("office-builder-law-receipt_closing", closing(before), closing(after));
        self.list("office-builder-law-basis", &bases(before), &bases(after));
        self.part(Part::Retention);
        let retention = |procedure: &Procedure| {
            procedure.retention.as_ref().map_or_else(Default::default, |retention| {
                let then = match retention.then {
                    Disposal::Erase => "office-builder-retention-then-erase",
                    Disposal::Archive => "office-builder-retention-then-archive",
                    Disposal::Anonymise => "office-builder-retention-then-anonymise",
                };
                let after = match retention.after.as_deref() {
                    None => page.t("office-builder-retention-after-decision").to_owned(),
                    Some(name) => procedure
                        .form
                        .place(name)
                        .map_or_else(|| name.to_owned(), |place| words::of_field(page, place.field)),
                };
                [retention.months.to_string(), after, page.t(then).to_owned(), retention.basis.clone()]
            })
        };
        let (one, other): ([String; 4], [String; 4]) = (retention(before), retention(after));
        let keys = [
            "office-builder-retention-months",
            "office-builder-retention-after",
            "office-builder-retention-then",
            "office-builder-retention-basis",
        ];
        for (key, (one, other)) in keys.into_iter().zip(one.iter().zip(&other)) {
            self.text(key, one, other);
        }
        self.part(Part::Contact);
        let department = |procedure: &Procedure| {
            procedure.contact.as_ref().map(|contact| contact.department.clone()).unwrap_or_default()
        };
        self.text("office-builder-contact-department", &department(before), &department(after));
        self.decision();
    }

    fn decision(&mut self) {
        let page = self.page;
        self.part(Part::Decision);
        let (one, other) = (&self.before.decision, &self.after.decision);
        let form = |decision: &Decision| {
            let form = if decision.formal { "order" } else { "letter" };
            page.t(&format!("office-builder-decision-form-{form}")).to_owned()
        };
        self.text("office-builder-decision-form", &form(one), &form(other));
        self.list("office-builder-decision-granted", &one.granted, &other.granted);
        self.list("office-builder-decision-refused", &one.refused, &other.refused);
        self.text("office-builder-decision-closing", &one.closing, &other.closing);
        self.text("office-builder-decision-title", &one.title, &other.title);
        self.list("office-builder-decision-visas", &one.visas, &other.visas);
        let articles = |decision: &Decision| {
            let articles = decision.articles.iter();
            articles.map(|it| format!("{}\u{a0}: {}", it.title, it.text)).collect::<Vec<_>>()
        };
        self.list("office-builder-decision-article", &articles(one), &articles(other));
    }
}
