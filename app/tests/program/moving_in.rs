//! Moving in from Publik by the command line: what is told, what is written, and how it ends.

use serde_json::Value;

use super::support::{beffroi, error_of};

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../kernel/publik/tests/fixtures");

#[test]
fn a_form_of_publik_becomes_a_file_to_be_completed() {
    let folder = tempfile::tempdir().unwrap();
    let broken = folder.path().join("broken.wcs");
    std::fs::write(&broken, "<formdef><name>Sans fin").unwrap();
    let form = format!("{FIXTURES}/form-salle-polyvalente.wcs");
    let output = folder.path().join("procedures");
    let arguments = |json: bool| {
        let mut arguments = vec!["procedure", "import", form.as_str(), broken.to_str().unwrap()];
        arguments.extend(["--output", output.to_str().unwrap()]);
        arguments.extend(json.then_some("--json"));
        arguments.into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let run = |json: bool| {
        let arguments = arguments(json);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        beffroi(folder.path(), &arguments)
    };
    let told = run(true);
    assert_eq!(told.status.code(), Some(1), "one file could not be taken over");
    let text = String::from_utf8(told.stdout).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2, "a line for each file");
    let first = &lines[0];
    assert_eq!(
        (first["status"].as_str(), first["fields"].as_u64()),
        (Some("converted with remarks"), Some(28))
    );
    let remarks = first["remarks"].as_array().unwrap();
    assert!(remarks.iter().all(|it| it["path"].is_string() && it["text"].is_string()));
    assert!(remarks.iter().any(|it| it["path"] == "regime"), "the law is left to fill in");
    assert_eq!((lines[1]["status"].as_str(), lines[1]["fields"].as_u64()), (Some("not converted"), Some(0)));
    assert!(lines[1]["remarks"][0]["text"].as_str().unwrap().contains("no XML"));

    // The block and the workflow lay beside the form; what was written is read again, and refused until it is complete.
    let written = output.join("reserver-la-salle-polyvalente.toml");
    let file = std::fs::read_to_string(&written).unwrap();
    assert!(file.contains("id = \"avis-du-gardien\"") && file.contains("id = \"tuteur\""), "{file}");
    assert!(file.starts_with("# Taken over from Publik."));
    let checked = beffroi(folder.path(), &["procedure", "check", written.to_str().unwrap()]);
    assert_eq!(checked.status.code(), Some(1));
    let said = String::from_utf8(checked.stdout).unwrap();
    assert!(said.contains("regime") && !said.contains(".show"), "{said}");

    let table = String::from_utf8(run(false).stdout).unwrap();
    let heads: Vec<&str> = table.lines().next().unwrap().split_whitespace().collect();
    assert_eq!(heads, ["file", "status", "fields", "conditions", "remarks"]);
    let columns: Vec<Option<usize>> =
        table.lines().take(3).map(|line| line.find("converted").or_else(|| line.find("status"))).collect();
    assert!(table.lines().nth(1).unwrap().contains("converted with remarks"), "{table}");
    assert_eq!(columns[0], columns[1], "{table}");
}

#[test]
fn kinds_of_files_do_not_mix_and_nothing_is_written_unasked() {
    let folder = tempfile::tempdir().unwrap();
    let form = format!("{FIXTURES}/form-salle-polyvalente.wcs");
    let toml = concat!(env!("CARGO_MANIFEST_DIR"), "/../catalogue/procedures/pret-de-materiel.toml");
    let mixed = beffroi(folder.path(), &["procedure", "import", &form, toml]);
    assert!(error_of(&mixed).contains("apart"));
    let lost = beffroi(folder.path(), &["procedure", "import", toml, "--output", "x"]);
    assert!(error_of(&lost).contains("--output goes with forms of Publik"));
    let told = beffroi(folder.path(), &["procedure", "import", &form]);
    assert!(told.status.success());
    assert!(String::from_utf8(told.stdout).unwrap().contains("Nothing was written"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
