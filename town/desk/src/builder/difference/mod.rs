//! What differs between two versions of a procedure, in words: « Question « Durée » : obligatoire → facultative ». Every
//! member is compared; the lines of the file that differ stand beside it, so that nobody approves what they did not see.

mod booking;
mod form;
mod head;
mod law;
pub mod lines;
mod loan;
mod steps;

use beffroi_forms::{Procedure, Spot, Text};
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
    before: &'p Procedure,
    after: &'p Procedure,
    place: String,
    changes: Vec<Change>,
}

/// What differs, in the order of the later one. The number of the version is none of it.
pub fn between(page: &Page, before: &Procedure, after: &Procedure) -> Vec<Change> {
    let mut differ = Differ { page, before, after, place: String::new(), changes: Vec::new() };
    differ.head();
    differ.law();
    differ.booking();
    differ.loan();
    differ.form();
    differ.rules();
    differ.steps();
    differ.changes
}

fn list(texts: &[String]) -> String {
    texts.join("\u{a0}; ")
}

const fn yes_no(truth: bool) -> &'static str {
    if truth { "oui" } else { "non" }
}

fn or_nothing(text: Option<&String>) -> String {
    text.cloned().unwrap_or_default()
}

fn number(number: Option<u16>) -> String {
    number.map(|number| number.to_string()).unwrap_or_default()
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

    /// A list of texts: told where one differs, or their order.
    fn list(&mut self, key: &str, before: &[String], after: &[String]) {
        if before != after {
            self.say(key, list(before), list(after));
        }
    }

    /// A member that is there or not.
    fn truth(&mut self, key: &str, before: bool, after: bool) {
        self.text(key, yes_no(before), yes_no(after));
    }

    /// A text with its translations.
    fn words(&mut self, key: &str, before: &Text, after: &Text) {
        self.text(key, &before.fr, &after.fr);
        for (language, one, other) in [
            ("office-builder-diff-english", &before.en, &after.en),
            ("office-builder-diff-plain", &before.plain, &after.plain),
        ] {
            if one != other {
                let what = format!("{} ({})", self.page.t(key), self.page.t(language));
                let (before, after) = (or_nothing(one.as_ref()), or_nothing(other.as_ref()));
                self.changes.push(Change { place: self.place.clone(), what, before, after });
            }
        }
    }

    /// The same of a text that may not be there.
    fn may_say(&mut self, key: &str, before: Option<&Text>, after: Option<&Text>) {
        let nothing = Text::default();
        self.words(key, before.unwrap_or(&nothing), after.unwrap_or(&nothing));
    }

    /// A list of texts with their translations.
    fn each(&mut self, key: &str, before: &[Text], after: &[Text]) {
        let french = |texts: &[Text]| texts.iter().map(|text| text.fr.clone()).collect::<Vec<_>>();
        if before.len() == after.len() && french(before) == french(after) {
            for (one, other) in before.iter().zip(after) {
                self.words(key, one, other);
            }
        } else {
            self.list(key, &french(before), &french(after));
        }
    }

    /// An expression at its spots in both.
    fn condition(
        &mut self,
        key: &str,
        (was, is): (&Spot, &Spot),
        (one, other): (Option<&str>, Option<&str>),
    ) {
        if one != other {
            let always = self.page.t("office-builder-diff-always");
            let told = |procedure: &Procedure, spot: &Spot, source: Option<&str>| match source {
                Some(source) => words::condition_at(self.page, procedure, spot, source),
                None => always.to_owned(),
            };
            let (before, after) = (told(self.before, was, one), told(self.after, is, other));
            // What means the same in words may be written otherwise.
            if before == after {
                self.say(key, or_nothing(one.map(str::to_owned).as_ref()), other.unwrap_or_default());
            } else {
                self.say(key, before, after);
            }
        }
    }

    /// What both have, in another order; told by what each is called.
    fn order(&mut self, key: &str, before: &[(&str, String)], after: &[(&str, String)]) {
        let kept = |these: &[(&str, String)], those: &[(&str, String)]| -> Vec<(String, String)> {
            let common = these.iter().filter(|(id, _)| those.iter().any(|(other, _)| other == id));
            common.map(|(id, label)| ((*id).to_owned(), label.clone())).collect()
        };
        let (one, other) = (kept(before, after), kept(after, before));
        let ids = |these: &[(String, String)]| these.iter().map(|(id, _)| id.clone()).collect::<Vec<_>>();
        if ids(&one) != ids(&other) {
            let labels =
                |these: &[(String, String)]| these.iter().map(|(_, label)| label.clone()).collect::<Vec<_>>();
            self.say(key, list(&labels(&one)), list(&labels(&other)));
        }
    }
}
