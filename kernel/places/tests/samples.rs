//! The loader on address files that others made: examples of the national validator (BAL 1.1 to 1.5) and of
//! the national address base. They are read where they lie; where that folder is absent, the test says so.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{fs, path::Path};

use beffroi_places::{ImportError, MIGRATIONS, import, search};
use beffroi_store::{
    By,
    testing::{TestCommune, on_both_engines},
};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/bal");

/// What becomes of a file.
#[derive(Debug, PartialEq, Eq)]
enum Fate {
    /// It comes in: streets and addresses.
    In(usize, usize),
    /// It is refused, for these lines.
    Refused(Vec<u64>),
    /// The database failed: never.
    Failed(String),
}

/// What each file ought to become, counted by hand. Those about the identifiers of the national base hold one
/// address, right or wrong in what the loader does not need.
fn expected(name: &str) -> Fate {
    match name {
        "generic__junk.ascii.csv"
        | "generic__locales.csv"
        | "generic__without-voie_nom-nor-toponyme.csv"
        | "generic__without_row.csv" => Fate::Refused(vec![1]),
        // No INSEE code, neither in a column nor in the key; no number.
        "generic__sample.csv" => Fate::Refused(vec![2, 16]),
        cocorico if cocorico.starts_with("adresses-21286_cocorico") => Fate::In(19, 21),
        _ => Fate::In(1, 1),
    }
}

fn fate(fixture: &TestCommune, file: &Path) -> Fate {
    let bytes = fs::read(file).unwrap();
    match fixture.commune.write_blocking(By::SYSTEM, move |tx| import(tx, &bytes)) {
        Ok(imported) => Fate::In(imported.streets, imported.addresses),
        Err(ImportError::Lines(faults)) => {
            let mut lines: Vec<u64> = faults.iter().map(|it| it.line).collect();
            lines.dedup();
            Fate::Refused(lines)
        }
        Err(error) => Fate::Failed(error.to_string()),
    }
}

#[test]
fn files_that_others_made_come_in_or_are_refused_line_by_line() {
    let folders = ["exemples-validateur", "exemples-ban-plateforme"].map(|name| Path::new(FOLDER).join(name));
    if folders.iter().any(|folder| !folder.is_dir()) {
        println!("skipped: the sample address files are not at hand ({FOLDER})");
        return;
    }
    on_both_engines(MIGRATIONS, |fixture| {
        let mut seen = 0;
        for entry in folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap()) {
            let file = entry.unwrap().path();
            let name = file.file_name().unwrap().to_str().unwrap().to_owned();
            if file.extension().is_none_or(|it| it != "csv") {
                continue;
            }
            assert_eq!(fate(fixture, &file), expected(&name), "{name}");
            seen += 1;
        }
        assert!(seen > 25, "{seen} files");
        let found =
            fixture.commune.read_blocking(By::VISITOR, |tx| search(tx, "rue des 3 places 9", 5)).unwrap();
        assert!(found.iter().any(|it| it.to_string().contains("Rue des 3 Places")), "{found:?}");
    })
    .unwrap();
}
