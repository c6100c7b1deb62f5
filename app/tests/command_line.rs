//! The command line, as the IT department and its scripts use it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{
    path::Path,
    process::{Command, Output},
};

use serde_json::{Value, json};

fn beffroi(data: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_beffroi"))
        .args(arguments)
        .env("BEFFROI_DATA", data)
        .env_remove("BEFFROI_DATABASE_URL")
        .output()
        .unwrap()
}

fn json_of(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn the_legal_clock_answers_a_program() {
    let folder = tempfile::tempdir().unwrap();
    let told = json_of(&beffroi(
        folder.path(),
        &[
            "legal-clock",
            "--silence",
            "refuses",
            "--term",
            "2m",
            "--received",
            "2026-05-15",
            "--incomplete",
            "2026-06-01..2026-06-10/2026-06-20",
            "--json",
        ],
    ));
    assert_eq!(told["register_by"], json!("2026-05-18"));
    assert_eq!(told["acknowledge_by"], json!("2026-06-01"));
    assert_eq!(told["deemed_on"], json!("2026-07-26"));
    assert_eq!(told["steps"].as_array().unwrap().len(), 7);
}

#[test]
fn documents_still_missing_count_as_if_they_came_today() {
    let folder = tempfile::tempdir().unwrap();
    let ask = ["legal-clock", "--silence", "grants", "--term", "2m", "--received", "2026-05-15", "--json"];
    let mut arguments = ask.to_vec();
    arguments.extend(["--incomplete", "2026-06-01..", "--today", "2026-06-12"]);
    assert_eq!(json_of(&beffroi(folder.path(), &arguments))["deemed_on"], json!("2026-08-13"));
}

#[test]
fn what_cannot_be_told_is_explained_and_fails() {
    let folder = tempfile::tempdir().unwrap();
    let refused =
        beffroi(folder.path(), &["legal-clock", "--silence", "grants", "--received", "2026-05-15", "--json"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("a term is needed"));
    let absurd = beffroi(folder.path(), &["legal-clock", "--silence", "none", "--received", "31 mai"]);
    assert_eq!(absurd.status.code(), Some(2));
}

#[test]
fn a_commune_is_created_backed_up_and_restored_under_another_name() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let run = |arguments: &[&str]| beffroi(&data, arguments);
    json_of(&run(&["commune", "create", "lunel", "--name", "Lunel", "--host", "lunel.example", "--json"]));
    let again = run(&["commune", "create", "lunel", "--name", "Lunel", "--host", "other.example"]);
    assert_eq!(again.status.code(), Some(2), "a commune is not created twice");

    let to = folder.path().to_str().unwrap();
    let saved = json_of(&run(&["backup", "--to", to, "--json"]));
    let archive = saved[0]["archive"].as_str().unwrap();
    let restored = json_of(&run(&["restore", archive, "--as", "copie", "--json"]));
    assert_eq!(restored["rows"], saved[0]["rows"]);
    let verified = json_of(&run(&["journal", "verify", "--commune", "copie", "--json"]));
    assert_eq!(verified, json!({ "entries": 0, "erased": 0, "broken": null }));

    let foreign = folder.path().join("foreign");
    std::fs::write(&foreign, "not an archive, and it holds a secret ".repeat(100)).unwrap();
    let refused = run(&["restore", foreign.to_str().unwrap(), "--as", "bad"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(!String::from_utf8_lossy(&refused.stderr).contains("secret"), "the file is not quoted");
    assert_eq!(json_of(&run(&["commune", "list", "--json"])), json!(["copie", "lunel"]));
}

#[test]
fn addresses_come_in_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    json_of(&beffroi(
        &data,
        &["commune", "create", "lunel", "--name", "Lunel", "--host", "l.example", "--json"],
    ));
    let import = |name: &str, text: &str| {
        let file = folder.path().join(name);
        std::fs::write(&file, text).unwrap();
        beffroi(&data, &["addresses", "import", file.to_str().unwrap(), "--commune", "lunel", "--json"])
    };
    let good = "cle_interop;commune_insee;commune_nom;voie_nom;numero;suffixe;position;long;lat;source;date_der_maj\n\
                34145_0010_00001;34145;Lunel;Rue des Caladons;1;;entrée;4.1329;43.6780;commune;2026-01-01\n";
    assert_eq!(json_of(&import("good.csv", good))["addresses"], json!(1));
    let bad = format!("{good}34145_0010_00002;34145;Lunel;Rue des Caladons;deux;;;;;;\n");
    let refused = import("bad.csv", &bad);
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("bad.csv:3:"), "the faulty line is told");
}

#[test]
fn a_commune_is_named_where_there_are_several() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let run = |arguments: &[&str]| beffroi(&data, arguments);
    let told = |output: &Output| String::from_utf8_lossy(&output.stderr).into_owned();
    let none = run(&["journal", "verify"]);
    assert!(none.status.code() == Some(2) && told(&none).contains("no commune yet"), "{}", told(&none));
    for (slug, name) in [("lunel", "Lunel"), ("marsillargues", "Marsillargues")] {
        let host = format!("{slug}.example");
        json_of(&run(&["commune", "create", slug, "--name", name, "--host", &host, "--json"]));
        json_of(&run(&["journal", "verify", "--json", "--commune", slug]));
        if slug == "lunel" {
            json_of(&run(&["journal", "verify", "--json"]));
        }
    }
    let exported = folder.path().join("exported");
    for command in [
        vec!["journal", "verify"],
        vec!["account", "list"],
        vec!["procedure", "export", exported.to_str().unwrap()],
        vec!["token", "list", "--account", "a@lunel.example"],
    ] {
        let refused = run(&command);
        assert_eq!(refused.status.code(), Some(2), "{command:?}");
        assert!(told(&refused).contains("--commune is needed: lunel, marsillargues"), "{}", told(&refused));
    }
}
