//! What the whole house leaves in its journal can be asked for there, and has its words.

use std::{collections::BTreeSet, path::Path};

use beffroi_core::Lang;

use super::{Parts, services};
use crate::config::Config;

/// Literals of the shape of a kind, in files that write into the journal, which are none.
const OTHERS: [&str; 8] = [
    "booking.at",
    "session.id-token",
    "sms_gateway.secrets",
    "webhook.test",
    "desk.assignment",
    "appointments.cases",
    "appointments.coordination",
    "rooms.promises",
];

/// What the sources write into the journal: kinds of entries, and what they are about.
#[derive(Default)]
struct Written {
    kinds: BTreeSet<String>,
    subjects: BTreeSet<String>,
}

impl Written {
    fn gather(&mut self, folder: &Path) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                if !["tests", "testing", "target"].contains(&name.as_str()) {
                    self.gather(&path);
                }
            } else if path.extension().is_some_and(|it| it == "rs") && name != "tests.rs" {
                self.read(&std::fs::read_to_string(&path).unwrap());
            }
        }
    }

    fn read(&mut self, source: &str) {
        let source = source.split("#[cfg(test)]").next().unwrap_or_default();
        if !source.contains("journal(") {
            return;
        }
        for line in source.lines() {
            for literal in line.split('"').skip(1).step_by(2) {
                if is_kind(literal) {
                    self.kinds.insert(literal.to_owned());
                }
            }
            if let Some((_, rest)) = line.split_once("subject_kind: \"") {
                self.subjects.extend(rest.split('"').next().map(str::to_owned));
            }
        }
    }
}

/// `noun.verb`, and not the name of a file.
fn is_kind(literal: &str) -> bool {
    let word = |word: &str| {
        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || b"-_".contains(&byte))
    };
    let ends = ["html", "toml", "pdf", "zip", "eml", "csv", "ics", "json"];
    literal.split_once('.').is_some_and(|(noun, verb)| word(noun) && word(verb) && !ends.contains(&verb))
}

#[test]
fn every_entry_of_the_journal_can_be_asked_for_and_has_its_words() {
    let services = services(&Parts::new(&Config::default(), false).unwrap());
    let told: BTreeSet<&str> = services.iter().flat_map(|service| service.journal_kinds()).collect();
    let words: BTreeSet<&str> = services
        .iter()
        .flat_map(|service| service.locales())
        .filter(|locale| locale.lang == Lang::Fr)
        .flat_map(|locale| locale.ftl.lines())
        .filter_map(|line| line.split_once(" =").map(|(key, _)| key))
        .collect();
    let has = |prefix: &str, name: &str| words.contains(format!("{prefix}-{name}").as_str());

    let mut written = Written::default();
    for part in ["kernel", "town", "app/src"] {
        written.gather(&Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(part));
    }
    assert!(written.kinds.len() > 150, "the sources were not found");
    let permissions: BTreeSet<&str> =
        services.iter().flat_map(|service| service.permissions()).map(|permission| permission.name).collect();
    let mut wrong = Vec::new();
    for kind in &written.kinds {
        let is_job = has("accounts-job", &kind.replace(['.', '_'], "-"));
        let is_other = permissions.contains(kind.as_str()) || OTHERS.contains(&kind.as_str());
        if !is_job && !is_other && !told.contains(kind.as_str()) {
            wrong.push(format!("{kind} cannot be asked for"));
        }
    }
    for kind in &told {
        let key = kind.replace(['.', '_'], "-");
        if !["office-event", "office-steps-event", "desk-event"].iter().any(|prefix| has(prefix, &key)) {
            wrong.push(format!("{kind} has no words"));
        }
    }
    for subject in &written.subjects {
        if !has("office-subject", subject) {
            wrong.push(format!("the subject {subject} has no words"));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}
