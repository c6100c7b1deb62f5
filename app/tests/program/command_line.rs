//! The command line, as the IT department and its scripts use it.

use serde_json::json;

use super::support::{House, beffroi, error_of, json_of};

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
fn the_holidays_are_those_of_the_place() {
    let folder = tempfile::tempdir().unwrap();
    let register = |place: &str| {
        let ask =
            ["legal-clock", "--silence", "none", "--received", "2026-05-26", "--holidays", place, "--json"];
        beffroi(folder.path(), &ask)
    };
    assert_eq!(json_of(&register("metropole"))["register_by"], json!("2026-05-27"));
    assert_eq!(json_of(&register("guadeloupe"))["register_by"], json!("2026-05-28"));
    assert!(error_of(&register("reims")).contains("expected one of metropole, alsace-moselle"));
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
fn a_commune_is_created_once_and_answers_at_its_names() {
    House::on_both(|_, house| {
        let create = |slug: &str, host: &str| {
            house.output(&["commune", "create", slug, "--name", "Lunel", "--host", host, "--json"])
        };
        json_of(&create("lunel", "lunel.example"));
        assert!(error_of(&create("lunel", "other.example")).contains("already exists: lunel"));
        let taken = error_of(&create("other", "Lunel.example"));
        assert!(taken.contains("lunel.example already leads to the commune lunel"), "{taken}");
        assert_eq!(house.json(&["commune", "list"]), json!(["lunel"]), "nothing of it was made");
        let led = house.json(&["commune", "add-host", "lunel", "www.lunel.example"]);
        assert_eq!(led["hosts"], json!(["lunel.example", "www.lunel.example"]));
        error_of(&house.output(&["commune", "add-host", "nowhere", "nowhere.example"]));
    });
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
fn a_procedure_is_checked_line_by_line_and_shown_as_a_schema() {
    let folder = tempfile::tempdir().unwrap();
    let catalogue = concat!(env!("CARGO_MANIFEST_DIR"), "/../catalogue/procedures/acte-de-naissance.toml");
    let schema = json_of(&beffroi(folder.path(), &["procedure", "schema", catalogue, "--lang", "en"]));
    assert_eq!(schema["type"], "object");
    assert!(schema["properties"]["personne"].is_object(), "{schema}");

    let text = std::fs::read_to_string(catalogue).unwrap();
    let line_of = |what: &str| text.lines().position(|line| line.starts_with(what)).unwrap() + 1;
    let check = |text: &str| {
        let file = folder.path().join("procedure.toml");
        std::fs::write(&file, text).unwrap();
        let output = beffroi(folder.path(), &["procedure", "check", file.to_str().unwrap(), "--json"]);
        assert_eq!(output.status.code(), Some(1));
        serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap()[0]["findings"][0].clone()
    };
    let version = check(&text.replacen("version = ", "version = 0 # ", 1));
    assert_eq!((&version["at"], &version["line"]), (&json!("version"), &json!(line_of("version"))));
    let torn = check(&text.replacen("version = ", "version = = ", 1));
    assert_eq!((&torn["at"], &torn["line"]), (&json!(""), &json!(line_of("version"))));
    let lawless: String = text.split_inclusive('\n').filter(|line| !line.starts_with("months")).collect();
    assert!(check(&lawless)["message"].as_str().unwrap().contains("months"), "what is missing is named");
}

#[test]
fn a_template_is_checked_published_and_written_out() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let run = |arguments: &[&str]| beffroi(&data, arguments);
    let host = ["commune", "create", "lunel", "--name", "Lunel", "--host", "lunel.example", "--json"];
    json_of(&run(&host));
    let path = folder.path().join("carte-de-salle.typ");
    let file = path.to_str().unwrap();
    let written = |body: &str| {
        std::fs::write(&path, format!("#import \"theme.typ\": *\n#show: theme\n= #data.subject\n{body}\n"))
            .unwrap();
    };
    written("#inconnue");
    let checked = run(&["template", "check", file, "--json"]);
    assert_eq!(checked.status.code(), Some(1));
    let told: serde_json::Value = serde_json::from_slice(&checked.stdout).unwrap();
    assert_eq!(told[0]["complaints"][0]["line"], json!(4), "{told}");
    assert_eq!(run(&["template", "publish", file]).status.code(), Some(2), "nothing faulty is taken");
    written("#data.commune.name");
    assert!(run(&["template", "check", file]).status.success());
    assert_eq!(json_of(&run(&["template", "publish", file, "--json"])), json!(["carte-de-salle"]));
    let exported = folder.path().join("exported");
    json_of(&run(&["template", "export", exported.to_str().unwrap(), "--json"]));
    let source = std::fs::read_to_string(exported.join("carte-de-salle.typ")).unwrap();
    assert_eq!(source, std::fs::read_to_string(&path).unwrap());
    // The names of the house's own are not for others.
    let letter = folder.path().join("letter.typ");
    std::fs::copy(&path, &letter).unwrap();
    assert_eq!(run(&["template", "publish", letter.to_str().unwrap()]).status.code(), Some(2));
}

#[test]
fn a_commune_is_named_where_there_are_several() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let run = |arguments: &[&str]| beffroi(&data, arguments);
    let told = |output: &std::process::Output| String::from_utf8_lossy(&output.stderr).into_owned();
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
