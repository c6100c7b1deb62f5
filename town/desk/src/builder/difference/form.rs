//! What differs in what is asked: pages, questions, checks, limits.

use std::collections::BTreeMap;

use beffroi_forms::{
    Check, Choice, Field, FieldPlace, Home, Kind, Limit, Page as FormPage, Procedure, Requirement, Spot, Text,
};

use super::{Differ, or_nothing};
use crate::builder::words;

/// Where a question stands: its page or its step, and its group.
fn whereabouts(place: &FieldPlace<'_>) -> String {
    let home = match place.home {
        Home::Page(page) => &page.title.fr,
        Home::Step(step) => &step.label.fr,
    };
    place.group.map_or_else(|| home.clone(), |group| format!("{home}, {}", group.label.fr))
}

/// Whether two places are in the same page or step, and group.
fn same_home(one: &FieldPlace<'_>, other: &FieldPlace<'_>) -> bool {
    let home = |place: &FieldPlace<'_>| match place.home {
        Home::Page(page) => page.id.clone(),
        Home::Step(step) => step.id.clone(),
    };
    let group = |place: &FieldPlace<'_>| place.group.map(|group| group.id.clone());
    home(one) == home(other) && group(one) == group(other)
}

const fn choices(kind: &Kind) -> &[Choice] {
    match kind {
        Kind::OneOf { choices } | Kind::ManyOf { choices, .. } | Kind::List { choices, .. } => {
            choices.as_slice()
        }
        _ => &[],
    }
}

/// Choices by their values, with their labels.
fn named(choices: &[Choice]) -> Vec<(&str, String)> {
    choices.iter().map(|choice| (choice.value.as_str(), choice.label.fr.clone())).collect()
}

/// The words of a kind that are no label: the unit of a number, what a row is called.
const fn own_words(kind: &Kind) -> Option<(&'static str, &Text)> {
    match kind {
        Kind::Number { unit, .. } => Some(("office-builder-question-unit", unit)),
        Kind::Group { row, .. } => Some(("office-builder-question-row", row)),
        _ => None,
    }
}

impl<'p> Differ<'p> {
    pub(super) fn form(&mut self) {
        let (before, after) = (self.before, self.after);
        let pages: BTreeMap<&str, &FormPage> =
            before.form.pages.iter().map(|page| (page.id.as_str(), page)).collect();
        for page in &after.form.pages {
            self.at(words::of_page(self.page, page));
            match pages.get(page.id.as_str()) {
                None => self.say("office-builder-diff-page-new", "", ""),
                Some(old) => {
                    self.words("office-builder-page-title", &old.title, &page.title);
                    self.words("office-builder-page-intro", &old.intro, &page.intro);
                    let spot = Spot::PageShow(page.id.clone());
                    let sources = (old.show.as_deref(), page.show.as_deref());
                    self.condition("office-builder-diff-shown", (&spot, &spot), sources);
                }
            }
        }
        let gone =
            before.form.pages.iter().filter(|page| !after.form.pages.iter().any(|kept| kept.id == page.id));
        for page in gone {
            self.at(words::of_page(self.page, page));
            self.say("office-builder-diff-page-gone", "", "");
        }
        let old: Vec<FieldPlace<'p>> = before.form.places().collect();
        let new: Vec<FieldPlace<'p>> = after.form.places().collect();
        self.questions(&old, &new);
        self.at(self.page.t("office-builder-form").to_owned());
        let titles = |procedure: &'p Procedure| -> Vec<(&'p str, String)> {
            procedure.form.pages.iter().map(|page| (page.id.as_str(), page.title.fr.clone())).collect()
        };
        self.order("office-builder-diff-pages-order", &titles(before), &titles(after));
    }

    /// The questions of the form, or of a step.
    pub(super) fn questions(&mut self, old: &[FieldPlace<'p>], new: &[FieldPlace<'p>]) {
        let known: BTreeMap<&str, &FieldPlace<'p>> =
            old.iter().map(|place| (place.field.id.as_str(), place)).collect();
        for place in new {
            self.at(words::of_field(self.page, place.field));
            match known.get(place.field.id.as_str()) {
                None => self.say("office-builder-diff-question-new", "", ""),
                Some(was) => {
                    if !same_home(was, place) {
                        self.say("office-builder-diff-moved", whereabouts(was), whereabouts(place));
                    }
                    self.field(was, place);
                }
            }
        }
        for place in old.iter().filter(|place| !new.iter().any(|kept| kept.field.id == place.field.id)) {
            self.at(words::of_field(self.page, place.field));
            self.say("office-builder-diff-question-gone", "", "");
        }
        let labels = |places: &[FieldPlace<'p>]| -> Vec<(&'p str, String)> {
            places.iter().map(|place| (place.field.id.as_str(), place.field.label.fr.clone())).collect()
        };
        self.at(self.page.t("office-builder-form").to_owned());
        self.order("office-builder-diff-order", &labels(old), &labels(new));
    }

    fn field(&mut self, was: &FieldPlace<'p>, is: &FieldPlace<'p>) {
        let (old, new) = (was.field, is.field);
        let (name, named) = (was.name(), is.name());
        self.words("office-builder-question-label", &old.label, &new.label);
        self.words("office-builder-question-hint", &old.hint, &new.hint);
        let kind = |field: &Field| words::kind(self.page, field.kind.word());
        let (one, other) = (kind(old), kind(new));
        self.text("office-builder-question-kind", &one, &other);
        if old.required != new.required {
            let told = |procedure: &Procedure, name: &str, field: &Field| match &field.required {
                Requirement::Fixed(true) => self.page.t("office-builder-diff-required").to_owned(),
                Requirement::Fixed(false) => self.page.t("office-builder-diff-optional").to_owned(),
                Requirement::When(source) => {
                    words::condition_at(self.page, procedure, &Spot::Required(name.to_owned()), source)
                }
            };
            let (one, other) = (told(self.before, &name, old), told(self.after, &named, new));
            self.say("office-builder-question-required", one, other);
        }
        let spots = (&Spot::Show(name.clone()), &Spot::Show(named.clone()));
        self.condition("office-builder-diff-asked", spots, (old.show.as_deref(), new.show.as_deref()));
        let of = |text: &Option<String>| or_nothing(text.as_ref());
        self.text("office-builder-question-compute", &of(&old.compute), &of(&new.compute));
        let prefill = |field: &Field| {
            let word = field.prefill.as_deref().unwrap_or("none");
            self.page.t(&format!("office-builder-question-prefill-{word}")).to_owned()
        };
        let (one, other) = (prefill(old), prefill(new));
        if old.prefill != new.prefill {
            self.say("office-builder-question-prefill", one, other);
        }
        self.truth("office-builder-question-beneficiary", old.beneficiary, new.beneficiary);
        let block = |field: &Field| {
            let origin = field.block.as_ref();
            origin.map(|it| format!("{} {} ({})", it.name, it.revision, it.field)).unwrap_or_default()
        };
        self.text("office-builder-block", &block(old), &block(new));
        self.fetch(old, new);
        self.checks((name.as_str(), old.checks.as_slice()), (named.as_str(), new.checks.as_slice()));
        self.members(old, new);
    }

    /// What the State is asked for.
    fn fetch(&mut self, old: &Field, new: &Field) {
        if old.fetch == new.fetch {
            return;
        }
        let told = |field: &Field| {
            let Some(fetch) = &field.fetch else {
                return self.page.t("office-builder-question-fetch-none").to_owned();
            };
            let word = fetch.source.as_str();
            let short = word.rsplit('/').next().unwrap_or(word);
            let mut told = vec![self.page.t(&format!("office-builder-question-fetch-{short}")).to_owned()];
            let mut pair = |key: String, field: &str| {
                told.push(format!("{}\u{a0}: {field}", self.page.t(&key)));
            };
            for (name, field) in &fetch.with {
                pair(format!("office-builder-question-fetch_with_{name}"), field);
            }
            for (field, fact) in &fetch.fills {
                pair(format!("office-builder-question-fetch_fills_{fact}"), field);
            }
            told.join(", ")
        };
        let (one, other) = (told(old), told(new));
        self.say("office-builder-question-fetch", one, other);
    }

    /// The checks of one question.
    fn checks(&mut self, (name, old): (&str, &'p [Check]), (named, new): (&str, &'p [Check])) {
        for rank in 0..old.len().max(new.len()) {
            let spot = |name: &str| Spot::Check { field: name.to_owned(), rank };
            let spots = (&spot(name), &spot(named));
            self.check(spots, "office-builder-question-checks", old.get(rank), new.get(rank));
        }
    }

    fn check(
        &mut self,
        (was, is): (&Spot, &Spot),
        key: &str,
        old: Option<&'p Check>,
        new: Option<&'p Check>,
    ) {
        let told = |procedure: &Procedure, spot: &Spot, check: Option<&Check>| {
            check.map_or_else(String::new, |check| {
                let condition = words::condition_at(self.page, procedure, spot, &check.when);
                format!("{condition}\u{a0}; sinon\u{a0}: «\u{a0}{}\u{a0}»", check.message.fr)
            })
        };
        if let (Some(old), Some(new)) = (old, new) {
            self.condition(key, (was, is), (Some(&old.when), Some(&new.when)));
            self.words("office-builder-message", &old.message, &new.message);
            let beside = |check: &Check| or_nothing(check.field.as_ref());
            self.text("office-builder-beside", &beside(old), &beside(new));
        } else {
            let (one, other) = (told(self.before, was, old), told(self.after, is, new));
            self.say(key, one, other);
        }
    }

    fn members(&mut self, old: &Field, new: &Field) {
        self.choices(choices(&old.kind), choices(&new.kind));
        if let (Some((key, one)), Some((other_key, other))) = (own_words(&old.kind), own_words(&new.kind))
            && key == other_key
        {
            // Their French stands among the bounds.
            let french = |text: &Text| Text { fr: String::new(), ..text.clone() };
            self.words(key, &french(one), &french(other));
        }
        let (one, other) = (words::bounds(self.page, &old.kind), words::bounds(self.page, &new.kind));
        self.text("office-builder-diff-bounds", &one, &other);
    }

    fn choices(&mut self, old: &[Choice], new: &[Choice]) {
        let known =
            |choices: &[Choice], value: &str| choices.iter().find(|choice| choice.value == value).cloned();
        for choice in new {
            match known(old, &choice.value) {
                None => self.say("office-builder-diff-choice-new", "", choice.label.fr.as_str()),
                Some(before) => {
                    self.words("office-builder-diff-choice", &before.label, &choice.label);
                    self.words("office-builder-diff-choice-hint", &before.hint, &choice.hint);
                }
            }
        }
        for choice in old {
            if known(new, &choice.value).is_none() {
                self.say("office-builder-diff-choice-gone", choice.label.fr.as_str(), "");
            }
        }
        self.order("office-builder-diff-choices-order", &named(old), &named(new));
    }

    pub(super) fn rules(&mut self) {
        let (before, after) = (self.before, self.after);
        self.at(self.page.t("office-builder-form").to_owned());
        for rank in 0..before.form.checks.len().max(after.form.checks.len()) {
            let spot = Spot::FormCheck(rank);
            let (old, new) = (before.form.checks.get(rank), after.form.checks.get(rank));
            self.check((&spot, &spot), "office-builder-form-checks", old, new);
        }
        self.at(self.page.t("office-builder-limits").to_owned());
        for (rank, limit) in after.limits.iter().enumerate() {
            let known = before.limits.iter().position(|known| known.id == limit.id);
            match known.and_then(|was| Some((was, before.limits.get(was)?))) {
                None => self.say("office-builder-limit", "", limit.id.as_str()),
                Some((was, old)) => self.limit((was, old), (rank, limit)),
            }
        }
        for limit in &before.limits {
            if !after.limits.iter().any(|kept| kept.id == limit.id) {
                self.say("office-builder-limit", limit.id.as_str(), "");
            }
        }
        let names = |procedure: &'p Procedure| -> Vec<(&'p str, String)> {
            procedure.limits.iter().map(|limit| (limit.id.as_str(), limit.id.clone())).collect()
        };
        self.order("office-builder-diff-limits-order", &names(before), &names(after));
    }

    fn limit(&mut self, (was, old): (usize, &Limit), (is, new): (usize, &Limit)) {
        self.text("office-builder-limit-who", &old.who, &new.who);
        self.text("office-builder-limit-day", &old.day, &new.day);
        self.text("office-builder-limit-at_most", &old.at_most, &new.at_most);
        self.words("office-builder-limit-message", &old.message, &new.message);
        let spots = (&Spot::LimitWhen(was), &Spot::LimitWhen(is));
        self.condition("office-builder-limit-condition", spots, (old.when.as_deref(), new.when.as_deref()));
    }
}
