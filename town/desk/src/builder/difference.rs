//! What differs between two versions of a procedure, in words: « Question « Durée » : obligatoire → facultative ».

use std::collections::{BTreeMap, BTreeSet};

use beffroi_core::legal_clock::Silence;
use beffroi_forms::{Choice, Disposal, Field, Kind, Page as FormPage, Procedure, Receipt, Requirement, Text};
use beffroi_web::Page;

use super::{parts::Part, words};

/// What differs in one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Where, in words.
    pub place: String,
    /// What, with what was before and what is after where it can be shown.
    pub what: String,
    pub before: String,
    pub after: String,
}

struct Differ<'p> {
    page: &'p Page,
    place: String,
    changes: Vec<Change>,
}

/// What differs, in the order of the later one.
pub fn between(page: &Page, before: &Procedure, after: &Procedure) -> Vec<Change> {
    let mut differ = Differ { page, place: String::new(), changes: Vec::new() };
    differ.head(before, after);
    differ.law(before, after);
    differ.form(before, after);
    differ.rules(before, after);
    differ.changes
}

fn list(texts: &[String]) -> String {
    texts.join("\u{a0}; ")
}

impl Differ<'_> {
    fn at(&mut self, place: impl Into<String>) {
        self.place = place.into();
    }

    fn part(&mut self, part: Part) {
        let place = words::part(self.page, part);
        self.at(place);
    }

    fn say(&mut self, key: &str, before: impl Into<String>, after: impl Into<String>) {
        let what = self.page.t(key).to_owned();
        let change = Change { place: self.place.clone(), what, before: before.into(), after: after.into() };
        self.changes.push(change);
    }

    /// A member that is told as a text.
    fn text(&mut self, key: &str, before: &str, after: &str) {
        if before != after {
            self.say(key, before, after);
        }
    }

    /// A text with its translations.
    fn words(&mut self, key: &str, before: &Text, after: &Text) {
        self.text(key, &before.fr, &after.fr);
        let of = |text: &Option<String>| text.clone().unwrap_or_default();
        if before.en != after.en {
            self.say("office-builder-diff-english", of(&before.en), of(&after.en));
        }
        if before.plain != after.plain {
            self.say("office-builder-diff-plain", of(&before.plain), of(&after.plain));
        }
    }

    fn head(&mut self, before: &Procedure, after: &Procedure) {
        self.part(Part::Head);
        self.text("office-builder-head-slug", &before.slug, &after.slug);
        for (key, one, other) in [
            ("office-builder-head-title", &before.title, &after.title),
            ("office-builder-head-summary", &before.summary, &after.summary),
            ("office-builder-head-who", &before.who, &after.who),
            ("office-builder-head-delay", &before.delay, &after.delay),
            ("office-builder-head-outcome", &before.outcome, &after.outcome),
        ] {
            self.words(key, one, other);
        }
        let prepare = |procedure: &Procedure| {
            list(&procedure.prepare.iter().map(|text| text.fr.clone()).collect::<Vec<_>>())
        };
        self.text("office-builder-head-prepare", &prepare(before), &prepare(after));
        let sector = |procedure: &Procedure| {
            self.page.t(&format!("office-builder-head-sector-{}", procedure.sector.as_str())).to_owned()
        };
        let (one, other) = (sector(before), sector(after));
        self.text("office-builder-head-sector", &one, &other);
        self.part(Part::Finding);
        self.text("office-builder-finding-keywords", &list(&before.keywords), &list(&after.keywords));
        self.text(
            "office-builder-finding-life_events",
            &list(&before.life_events),
            &list(&after.life_events),
        );
        self.part(Part::Ways);
        let ways = |procedure: &Procedure| {
            let mut ways: Vec<String> =
                procedure.ways.iter().map(|way| words::way(self.page, *way)).collect();
            ways.sort();
            list(&ways)
        };
        let (one, other) = (ways(before), ways(after));
        self.text("office-builder-ways-ways", &one, &other);
        let day = |day: Option<beffroi_core::Day>| day.map(|day| day.to_string()).unwrap_or_default();
        self.text("office-builder-ways-opens", &day(before.opens), &day(after.opens));
        self.text("office-builder-ways-closes", &day(before.closes), &day(after.closes));
        self.part(Part::Fee);
        self.words("office-builder-fee-cost", &before.cost, &after.cost);
        let fee = |procedure: &Procedure| {
            procedure.fee.as_ref().map(|fee| {
                let amount = fee.amount.map(|amount| format!("{amount}, ")).unwrap_or_default();
                format!("{amount}{}", fee.deliberation)
            })
        };
        let (one, other) = (fee(before).unwrap_or_default(), fee(after).unwrap_or_default());
        self.text("office-builder-fee-fee", &one, &other);
    }

    fn law(&mut self, before: &Procedure, after: &Procedure) {
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
                    Receipt::NotDue(reason) => reason.fr.clone(),
                };
                [
                    page.t(silence).to_owned(),
                    regime.term.map(|term| term.text(beffroi_core::Lang::Fr)).unwrap_or_default(),
                    regime.basis.clone(),
                    receipt,
                    regime.first_appeal.as_ref().map(|text| text.fr.clone()).unwrap_or_default(),
                    regime.days_for_pieces.to_string(),
                ]
            })
        };
        let (one, other): ([String; 6], [String; 6]) = (regime(before), regime(after));
        let keys = [
            "office-builder-law-silence",
            "office-builder-law-term",
            "office-builder-law-basis_of_silence",
            "office-builder-law-receipt",
            "office-builder-law-first_appeal",
            "office-builder-law-days_for_pieces",
        ];
        for (key, (one, other)) in keys.into_iter().zip(one.iter().zip(&other)) {
            self.text(key, one, other);
        }
        let bases = |procedure: &Procedure| {
            let told = procedure.legal_basis.iter().map(|basis| match &basis.url {
                Some(url) => format!("{} ({url})", basis.text),
                None => basis.text.clone(),
            });
            list(&told.collect::<Vec<_>>())
        };
        self.text("office-builder-law-basis", &bases(before), &bases(after));
        self.part(Part::Retention);
        let retention = |procedure: &Procedure| {
            procedure.retention.as_ref().map_or_else(Default::default, |retention| {
                let then = match retention.then {
                    Disposal::Erase => "office-builder-retention-then-erase",
                    Disposal::Archive => "office-builder-retention-then-archive",
                    Disposal::Anonymise => "office-builder-retention-then-anonymise",
                };
                [retention.months.to_string(), page.t(then).to_owned(), retention.basis.clone()]
            })
        };
        let (one, other): ([String; 3], [String; 3]) = (retention(before), retention(after));
        let keys = [
            "office-builder-retention-months",
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
        self.part(Part::Decision);
        let decision = |procedure: &Procedure| {
            let decision = &procedure.decision;
            let form = if decision.formal {
                "office-builder-decision-form-order"
            } else {
                "office-builder-decision-form-letter"
            };
            let articles =
                decision.articles.iter().map(|article| format!("{} {}", article.title, article.text));
            [
                page.t(form).to_owned(),
                list(&decision.granted),
                list(&decision.refused),
                decision.title.clone(),
                list(&decision.visas),
                list(&articles.collect::<Vec<_>>()),
            ]
        };
        let keys = [
            "office-builder-decision-form",
            "office-builder-decision-granted",
            "office-builder-decision-refused",
            "office-builder-decision-title",
            "office-builder-decision-visas",
            "office-builder-decision-article",
        ];
        let (one, other) = (decision(before), decision(after));
        for (key, (one, other)) in keys.into_iter().zip(one.iter().zip(&other)) {
            self.text(key, one, other);
        }
    }

    fn form(&mut self, before: &Procedure, after: &Procedure) {
        let pages: BTreeMap<&str, &FormPage> =
            before.form.pages.iter().map(|page| (page.id.as_str(), page)).collect();
        let fields: BTreeMap<&str, (&Field, String)> = before
            .form
            .places()
            .map(|place| (place.field.id.as_str(), (place.field, whereabouts(place.page, place.group))))
            .collect();
        for page in &after.form.pages {
            self.at(words::of_page(self.page, page));
            match pages.get(page.id.as_str()) {
                None => self.say("office-builder-diff-page-new", "", ""),
                Some(old) => {
                    self.words("office-builder-page-title", &old.title, &page.title);
                    self.words("office-builder-page-intro", &old.intro, &page.intro);
                    self.condition(
                        "office-builder-diff-shown",
                        before,
                        after,
                        (old.show.as_deref(), page.show.as_deref()),
                    );
                }
            }
        }
        for place in after.form.places() {
            self.at(words::of_field(self.page, place.field));
            match fields.get(place.field.id.as_str()) {
                None => self.say("office-builder-diff-question-new", "", ""),
                Some((old, was)) => {
                    self.text("office-builder-diff-moved", was, &whereabouts(place.page, place.group));
                    self.field(before, after, old, place.field);
                }
            }
        }
        self.order(before, after);
        let kept: BTreeSet<&str> = after.form.pages.iter().map(|page| page.id.as_str()).collect();
        for page in before.form.pages.iter().filter(|page| !kept.contains(page.id.as_str())) {
            self.at(words::of_page(self.page, page));
            self.say("office-builder-diff-page-gone", "", "");
        }
        let kept: BTreeSet<&str> = after.form.places().map(|place| place.field.id.as_str()).collect();
        for place in before.form.places().filter(|place| !kept.contains(place.field.id.as_str())) {
            self.at(words::of_field(self.page, place.field));
            self.say("office-builder-diff-question-gone", "", "");
        }
    }

    /// Whether what both have is asked in another order.
    fn order(&mut self, before: &Procedure, after: &Procedure) {
        let ids = |procedure: &Procedure| -> Vec<String> {
            procedure.form.places().map(|place| place.field.id.clone()).collect()
        };
        let (one, other) = (ids(before), ids(after));
        let common: BTreeSet<&String> =
            one.iter().collect::<BTreeSet<_>>().intersection(&other.iter().collect()).copied().collect();
        let kept = |ids: &[String]| ids.iter().filter(|id| common.contains(id)).cloned().collect::<Vec<_>>();
        if kept(&one) != kept(&other) {
            let place = self.page.t("office-builder-form").to_owned();
            self.at(place);
            self.say("office-builder-diff-order", "", "");
        }
    }

    fn condition(
        &mut self,
        key: &str,
        before: &Procedure,
        after: &Procedure,
        (one, other): (Option<&str>, Option<&str>),
    ) {
        if one != other {
            let always = self.page.t("office-builder-diff-always").to_owned();
            let told = |procedure: &Procedure, source: Option<&str>| {
                source.map_or_else(|| always.clone(), |source| words::condition(self.page, procedure, source))
            };
            let (one, other) = (told(before, one), told(after, other));
            self.say(key, one, other);
        }
    }

    fn field(&mut self, before: &Procedure, after: &Procedure, old: &Field, new: &Field) {
        self.words("office-builder-question-label", &old.label, &new.label);
        self.words("office-builder-question-hint", &old.hint, &new.hint);
        let kind = |field: &Field| words::kind(self.page, field.kind.word());
        let (one, other) = (kind(old), kind(new));
        self.text("office-builder-question-kind", &one, &other);
        if old.required != new.required {
            let told = |procedure: &Procedure, field: &Field| match &field.required {
                Requirement::Fixed(true) => self.page.t("office-builder-diff-required").to_owned(),
                Requirement::Fixed(false) => self.page.t("office-builder-diff-optional").to_owned(),
                Requirement::When(source) => words::condition(self.page, procedure, source),
            };
            let (one, other) = (told(before, old), told(after, new));
            self.say("office-builder-question-required", one, other);
        }
        self.condition(
            "office-builder-diff-asked",
            before,
            after,
            (old.show.as_deref(), new.show.as_deref()),
        );
        let of = |text: &Option<String>| text.clone().unwrap_or_default();
        self.text("office-builder-question-compute", &of(&old.compute), &of(&new.compute));
        self.text("office-builder-question-prefill", &of(&old.prefill), &of(&new.prefill));
        if old.beneficiary != new.beneficiary {
            self.say("office-builder-question-beneficiary", yes_no(old.beneficiary), yes_no(new.beneficiary));
        }
        let checks = |field: &Field| {
            list(&field.checks.iter().map(|check| check.message.fr.clone()).collect::<Vec<_>>())
        };
        self.text("office-builder-question-checks", &checks(old), &checks(new));
        if checks(old) == checks(new) && old.checks != new.checks {
            self.say("office-builder-question-checks", "", "");
        }
        self.members(old, new);
    }

    fn members(&mut self, old: &Field, new: &Field) {
        if old.kind.word() != new.kind.word() {
            return;
        }
        match (&old.kind, &new.kind) {
            (Kind::OneOf { choices: one }, Kind::OneOf { choices: other })
            | (Kind::ManyOf { choices: one, .. }, Kind::ManyOf { choices: other, .. })
            | (Kind::List { choices: one, .. }, Kind::List { choices: other, .. })
                if one != other =>
            {
                self.choices(one, other);
            }
            (Kind::Group { .. }, Kind::Group { .. }) => {}
            (one, other) if one == other => {}
            _ => {}
        }
        let (one, other) = (words::bounds(self.page, &old.kind), words::bounds(self.page, &new.kind));
        self.text("office-builder-diff-bounds", &one, &other);
    }

    fn choices(&mut self, old: &[Choice], new: &[Choice]) {
        let label = |choices: &[Choice], value: &str| {
            choices.iter().find(|choice| choice.value == value).map(|choice| choice.label.fr.clone())
        };
        for choice in new {
            match label(old, &choice.value) {
                None => self.say("office-builder-diff-choice-new", "", choice.label.fr.as_str()),
                Some(before) => self.text("office-builder-diff-choice", &before, &choice.label.fr),
            }
        }
        for choice in old {
            if label(new, &choice.value).is_none() {
                self.say("office-builder-diff-choice-gone", choice.label.fr.as_str(), "");
            }
        }
    }

    fn rules(&mut self, before: &Procedure, after: &Procedure) {
        self.at(self.page.t("office-builder-form").to_owned());
        if before.form.checks != after.form.checks {
            let told = |procedure: &Procedure| {
                list(&procedure.form.checks.iter().map(|check| check.message.fr.clone()).collect::<Vec<_>>())
            };
            self.say("office-builder-form-checks", told(before), told(after));
        }
        if before.limits != after.limits {
            let told = |procedure: &Procedure| {
                let limits = procedure.limits.iter();
                list(
                    &limits.map(|limit| format!("{}\u{a0}: {}", limit.id, limit.at_most)).collect::<Vec<_>>(),
                )
            };
            self.say("office-builder-limits", told(before), told(after));
        }
        if before.steps != after.steps {
            let told = |procedure: &Procedure| {
                list(&procedure.steps.iter().map(|step| step.label.fr.clone()).collect::<Vec<_>>())
            };
            self.say("office-builder-steps", told(before), told(after));
        }
    }
}

fn yes_no(truth: bool) -> &'static str {
    if truth { "oui" } else { "non" }
}

fn whereabouts(page: &FormPage, group: Option<&Field>) -> String {
    group.map_or_else(|| page.title.fr.clone(), |group| format!("{}, {}", page.title.fr, group.label.fr))
}
