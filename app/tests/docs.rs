//! What the tables beside other systems point to is there: each page, each file and each test that `docs/desk.md` and
//! `docs/calendars.md` name. What they say of it is for a reader to judge; a path that has moved is not.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

const PAGES: [&str; 2] = ["docs/desk.md", "docs/calendars.md"];

/// Folders of the project whose files a book may name.
const FOLDERS: [&str; 9] = ["app", "bench", "catalogue", "demo", "docs", "e2e", "kernel", "scripts", "town"];

/// How a file's name ends, so that a word of code is not taken for one.
const ENDINGS: [&str; 7] = [".rs", ".mjs", ".md", ".csv", ".sql", ".toml", ".json"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every file below a folder, as the project names it.
fn files(folder: &str, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(root().join(folder)).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{folder}/{}", entry.file_name().to_string_lossy());
        match entry.file_type().unwrap() {
            kind if kind.is_dir() && !name.ends_with("/node_modules") => files(&name, found),
            kind if kind.is_file() => {
                found.insert(name);
            }
            _ => {}
        }
    }
}

fn is_source(file: &str) -> bool {
    Path::new(file).extension().is_some_and(|it| it == "rs")
}

/// The addresses that the services answer, as their sources write them.
fn routes(files: &BTreeSet<String>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let served = |file: &&String| {
        is_source(file)
            && file.contains("/src/")
            && (file.starts_with("town/") || file.starts_with("kernel/web/"))
    };
    for file in files.iter().filter(served) {
        let source = std::fs::read_to_string(root().join(file)).unwrap();
        for written in source.split(".route(").skip(1) {
            let head = written.trim_start();
            // What whoever holds a request finds under its page is written once for both its addresses.
            let (bases, head) = match head.strip_prefix("&under(\"") {
                Some(rest) => (["/suivi/", "/compte/demarches/{case}/"].as_slice(), rest),
                None => match head.strip_prefix('"') {
                    Some(rest) => ([""].as_slice(), rest),
                    None => continue,
                },
            };
            if let Some((route, _)) = head.split_once('"') {
                found.extend(bases.iter().map(|base| format!("{base}{route}")));
            }
        }
    }
    found
}

/// Whether an address of a book is one that is answered. `{…}` and `…` stand for any word; an address that begins with `…`
/// is the end of one.
fn is_answered(address: &str, routes: &BTreeSet<String>) -> bool {
    let (of_end, address) = match address.strip_prefix('…') {
        Some(rest) => (true, rest),
        None => (false, address),
    };
    let words: Vec<&str> = address.trim_matches('/').split('/').collect();
    let open = |word: &str| word.starts_with('{') || word == "…";
    let alike = |(&one, &other): (&&str, &&str)| open(one) || open(other) || one == other;
    routes.iter().any(|route| {
        let mut parts: Vec<&str> = route.trim_matches('/').split('/').collect();
        if of_end && parts.len() > words.len() {
            parts.drain(..parts.len() - words.len());
        }
        let anything_below = parts.last().is_some_and(|last| last.starts_with("{*"));
        if anything_below {
            parts.pop();
        }
        let fits = if anything_below { words.len() >= parts.len() } else { words.len() == parts.len() };
        fits && parts.iter().zip(&words).all(alike)
    })
}

/// Whether a file or folder of a book is there: `desk/steps.rs` is a test of the service, `bill.rs` any file of that name.
fn is_there(named: &str, files: &BTreeSet<String>) -> bool {
    let (head, rest) = named.split_once('/').unwrap_or((named, ""));
    let mut places = vec![named.to_owned()];
    if !rest.is_empty() {
        places.extend([
            format!("town/{head}/tests/journeys/{rest}"),
            format!("town/{head}/tests/{rest}"),
            format!("kernel/{head}/tests/{rest}"),
            format!("{head}/tests/{rest}"),
        ]);
    }
    let of_project = FOLDERS.contains(&head);
    places.iter().any(|place| {
        if let Some((begins, ends)) = place.split_once('*') {
            return files.iter().any(|file| file.starts_with(begins) && file.ends_with(ends));
        }
        let below = format!("{}/", place.trim_end_matches('/'));
        files.contains(place)
            || files.contains(&format!("{place}.rs"))
            || files.iter().any(|file| file.starts_with(&below))
    }) || (!of_project && files.iter().any(|file| file.ends_with(&format!("/{named}"))))
}

/// The words of a page that stand between backticks.
fn quoted(page: &str) -> impl Iterator<Item = &str> {
    page.lines().flat_map(|line| line.split('`').skip(1).step_by(2))
}

/// A name such as those of tests: a sentence.
fn is_a_sentence(word: &str) -> bool {
    word.matches('_').count() >= 4
        && word.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_')
}

#[test]
fn every_page_file_and_test_that_the_tables_name_is_there() {
    let mut all = BTreeSet::new();
    for folder in FOLDERS {
        files(folder, &mut all);
    }
    let answered = routes(&all);
    assert!(answered.len() > 80, "the routes were not found");
    let crates: BTreeSet<&str> = all
        .iter()
        .filter(|file| file.starts_with("town/") || file.starts_with("kernel/"))
        .filter_map(|file| file.split('/').nth(1))
        .collect();
    let tests: Vec<String> = all
        .iter()
        .filter(|file| is_source(file))
        .map(|file| std::fs::read_to_string(root().join(file)).unwrap())
        .collect();
    let mut missing = Vec::new();
    for page in PAGES {
        let text = std::fs::read_to_string(root().join(page)).unwrap();
        for word in quoted(&text) {
            let word = ["GET ", "POST ", "PUT ", "DELETE "]
                .iter()
                .find_map(|method| word.strip_prefix(method))
                .unwrap_or(word);
            let word = word.split(['?', '#']).next().unwrap_or_default();
            let head = word.split('/').next().unwrap_or_default();
            let found = if word.is_empty() || word.contains(' ') {
                true
            } else if word.starts_with('/') || word.starts_with("…/") {
                is_answered(word, &answered)
            } else if word.contains('…') {
                true
            } else if ENDINGS.iter().any(|ending| word.ends_with(ending) && word.len() > ending.len())
                || (word.contains('/') && (FOLDERS.contains(&head) || crates.contains(head)))
            {
                is_there(word, &all)
            } else if is_a_sentence(word) {
                tests.iter().any(|source| source.contains(&format!("fn {word}(")))
            } else {
                true
            };
            if !found {
                missing.push(format!("{page}: `{word}`"));
            }
        }
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = link.split('#').next().unwrap_or_default();
            let is_ours = !file.is_empty() && !file.contains("://");
            if is_ours && !root().join("docs").join(file).exists() {
                missing.push(format!("{page}: [{link}]"));
            }
        }
    }
    assert_eq!(missing, Vec::<String>::new());
}
