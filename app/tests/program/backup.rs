//! Backup and restore, of one commune or all, as an administrator does both.

use std::path::{Path, PathBuf};

use beffroi_store::{Engine, NewCommune};
use serde_json::{Value, json};

use super::support::{House, error_of};

/// A commune with rows and a document.
fn settle(house: &House, slug: &str) {
    house.json(&["commune", "create", slug, "--name", "Lunel", "--host", &format!("{slug}.example")]);
    let streets = house.beside("streets.csv");
    let text = "cle_interop;commune_insee;commune_nom;voie_nom;numero;suffixe;position;long;lat\n\
                34145_0010_00001;34145;Lunel;Rue des Caladons;1;;entrée;4.1329;43.6780\n";
    std::fs::write(&streets, text).unwrap();
    house.json(&["addresses", "import", streets.to_str().unwrap(), "--commune", slug]);
    let agent = ["--email", "sam@lunel.example", "--name", "Sam", "--kind", "agent", "--administrator"];
    house.json(&[&["account", "create", "--commune", slug], agent.as_slice()].concat());
    let documents = house.data().join("communes").join(slug).join("documents/kept/ab");
    std::fs::create_dir_all(&documents).unwrap();
    std::fs::write(documents.join("abcd"), format!("a document of {slug}")).unwrap();
}

fn back_up(house: &House, more: &[&str]) -> Value {
    let to = house.beside("backups");
    std::fs::create_dir_all(&to).unwrap();
    house.json(&[&["backup", "--to", to.to_str().unwrap()], more].concat())
}

fn document(house: &House, slug: &str) -> String {
    let file = house.data().join("communes").join(slug).join("documents/kept/ab/abcd");
    std::fs::read_to_string(file).unwrap()
}

fn agents(house: &House, slug: &str) -> Value {
    house.json(&["account", "list", "--commune", slug])
}

/// Changes one letter of a document within an archive.
fn damage(archive: &Path) {
    let mut bytes = std::fs::read(archive).unwrap();
    let place = bytes.windows(10).position(|it| it == b"a document").unwrap();
    *bytes.get_mut(place).unwrap() = b'A';
    std::fs::write(archive, bytes).unwrap();
}

#[test]
fn a_lost_machine_comes_back_from_its_archive_with_its_names() {
    House::on_both(|engine, house| {
        settle(house, "lunel");
        let saved = back_up(house, &[]);
        let archive = saved[0]["archive"].as_str().unwrap();
        assert_eq!(
            (saved[0]["documents"].clone(), saved[0]["hosts"].clone()),
            (json!(1), json!(["lunel.example"]))
        );

        let other = House::on(engine).unwrap();
        let restored = other.json(&["restore", archive]);
        assert_eq!(restored["commune"], "lunel");
        assert_eq!((&restored["rows"], &restored["hosts"]), (&saved[0]["rows"], &json!(["lunel.example"])));
        assert_eq!(document(&other, "lunel"), "a document of lunel");
        assert_eq!(agents(&other, "lunel"), agents(house, "lunel"));
        assert_eq!(other.json(&["journal", "verify"]), house.json(&["journal", "verify"]));
    });
}

#[test]
fn a_copy_takes_no_name_from_the_living() {
    House::on_both(|_, house| {
        settle(house, "lunel");
        let saved = back_up(house, &["--commune", "lunel"]);
        let archive = saved[0]["archive"].as_str().unwrap();
        let there = error_of(&house.output(&["restore", archive, "--no-host"]));
        assert!(there.contains("already exists: lunel"), "{there}");
        assert_eq!(document(house, "lunel"), "a document of lunel", "what lives is left alone");
        let taken = error_of(&house.output(&["restore", archive, "--as", "copie"]));
        assert!(taken.contains("lunel.example already leads to the commune lunel"), "{taken}");
        let copy = house.json(&["restore", archive, "--as", "copie", "--host", "copie.example"]);
        assert_eq!(copy["hosts"], json!(["copie.example"]));
        let silent = house.json(&["restore", archive, "--as", "muette", "--no-host"]);
        assert_eq!((&silent["hosts"], &silent["rows"]), (&json!([]), &saved[0]["rows"]));
        assert_eq!(house.json(&["commune", "list"]), json!(["copie", "lunel", "muette"]));
    });
}

#[test]
fn a_restore_that_was_cut_off_is_begun_again_and_one_under_way_is_left_alone() {
    House::on_both(|engine, house| {
        settle(house, "lunel");
        let archive = back_up(house, &[])[0]["archive"].as_str().unwrap().to_owned();
        let other = House::on(engine).unwrap();
        // As a restore that was killed leaves it: registered, without names, half filled.
        let half = NewCommune { slug: "lunel".parse().unwrap(), name: "Half".to_owned(), hosts: vec![] };
        other.platform().create(&half).unwrap();
        let half = other.data().join("communes/lunel/documents/kept/ab");
        std::fs::create_dir_all(&half).unwrap();
        std::fs::write(half.join("abcd"), "half").unwrap();
        let there = error_of(&other.output(&["restore", &archive]));
        assert!(there.contains("already exists: lunel"), "it may be anything: {there}");

        let mark = other.data().join("communes/lunel.restoring");
        let held = std::fs::File::create(&mark).unwrap();
        held.lock().unwrap();
        let held_up = error_of(&other.output(&["restore", &archive]));
        assert!(held_up.contains("lunel is being restored"), "{held_up}");
        drop(held);
        let restored = other.json(&["restore", &archive]);
        assert_eq!(restored["hosts"], json!(["lunel.example"]));
        assert_eq!(document(&other, "lunel"), "a document of lunel");
        assert!(!mark.exists());

        // Whatever left its mark: what a name leads to lives.
        std::fs::File::create(&mark).unwrap();
        let lives = error_of(&other.output(&["restore", &archive]));
        assert!(lives.contains("already exists: lunel"), "{lives}");
        assert_eq!(document(&other, "lunel"), "a document of lunel");
    });
}

#[test]
fn what_is_damaged_or_no_backup_is_refused_and_leaves_nothing() {
    House::on_both(|engine, house| {
        settle(house, "lunel");
        let archive = back_up(house, &[])[0]["archive"].as_str().unwrap().to_owned();
        damage(Path::new(&archive));
        let other = House::on(engine).unwrap();
        let refused = error_of(&other.output(&["restore", &archive]));
        assert!(refused.contains("the document kept/ab/abcd is damaged"), "{refused}");
        assert_eq!(other.json(&["commune", "list"]), json!([]));

        let foreign = house.beside("foreign");
        std::fs::write(&foreign, "not an archive, and it holds a secret ".repeat(100)).unwrap();
        let refused = error_of(&other.output(&["restore", foreign.to_str().unwrap(), "--as", "bad"]));
        assert!(refused.contains("no manifest") && !refused.contains("secret"), "the file is not quoted");
        assert_eq!(other.json(&["commune", "list"]), json!([]));
    });
}

#[test]
fn a_folder_restores_every_commune_and_says_which_it_could_not() {
    House::on_both(|engine, house| {
        for slug in ["lunel", "marsillargues", "saturargues"] {
            settle(house, slug);
        }
        let saved = back_up(house, &[]);
        let archive = |rank: usize| PathBuf::from(saved[rank]["archive"].as_str().unwrap());
        damage(&archive(2));
        std::fs::write(house.beside("backups/cut.tar"), "half").unwrap();
        std::fs::write(house.beside("backups/lunel.tar.part"), "half").unwrap();
        let folder = house.beside("backups");
        let folder = folder.to_str().unwrap();

        let other = House::on(engine).unwrap();
        settle(&other, "lunel");
        let output = other.output(&["restore", folder, "--json"]);
        assert_eq!(output.status.code(), Some(1), "not all of them came back");
        let outcome: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(outcome["restored"].as_array().unwrap().len(), 1);
        assert_eq!(outcome["restored"][0]["commune"], "marsillargues");
        let refused = outcome["refused"].as_array().unwrap();
        let told: String = refused.iter().map(|it| it["error"].as_str().unwrap()).collect();
        assert_eq!(refused.len(), 3, "{told}");
        for reason in ["already exists: lunel", "ab/abcd is damaged", "no manifest"] {
            assert!(told.contains(reason), "{reason}: {told}");
        }
        assert_eq!(other.json(&["commune", "list"]), json!(["lunel", "marsillargues"]));

        let whole = House::on(engine).unwrap();
        std::fs::remove_file(archive(2)).unwrap();
        std::fs::remove_file(house.beside("backups/cut.tar")).unwrap();
        assert_eq!(whole.json(&["restore", folder])["restored"].as_array().unwrap().len(), 2);
        error_of(&whole.output(&["restore", folder, "--as", "one"]));
    });
}

#[test]
fn an_archive_from_before_names_were_kept_still_comes_back() {
    let house = House::on(Engine::Sqlite).unwrap();
    settle(&house, "lunel");
    let archive = PathBuf::from(back_up(&house, &[])[0]["archive"].as_str().unwrap());
    // The same archive, with the names taken out of what it says of itself.
    let mut older = tar::Builder::new(std::fs::File::create(house.beside("older.tar")).unwrap());
    let mut archive = tar::Archive::new(std::fs::File::open(archive).unwrap());
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let path = entry.path().unwrap().into_owned();
        let mut bytes = Vec::new();
        std::io::copy(&mut entry, &mut bytes).unwrap();
        if path == Path::new("manifest.json") {
            let mut manifest: Value = serde_json::from_slice(&bytes).unwrap();
            manifest.as_object_mut().unwrap().remove("hosts").unwrap();
            bytes = serde_json::to_vec(&manifest).unwrap();
        }
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        older.append_data(&mut header, path, bytes.as_slice()).unwrap();
    }
    older.into_inner().unwrap();
    let other = House::on(Engine::Sqlite).unwrap();
    let older = house.beside("older.tar");
    let restored = other.json(&["restore", older.to_str().unwrap()]);
    assert_eq!((&restored["commune"], &restored["hosts"]), (&json!("lunel"), &json!([])));
}

#[test]
fn a_commune_that_cannot_be_saved_holds_up_no_other() {
    House::on_both(|_, house| {
        for slug in ["avignon", "lunel", "nimes"] {
            settle(house, slug);
        }
        let kept = house.data().join("communes/lunel/documents/kept");
        std::fs::remove_dir_all(&kept).unwrap();
        std::fs::write(&kept, "no folder").unwrap();
        let to = house.beside("backups");
        std::fs::create_dir_all(&to).unwrap();
        let output = house.output(&["backup", "--to", to.to_str().unwrap(), "--json"]);
        assert_eq!(output.status.code(), Some(1));
        let saved: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert!(saved[1]["error"].as_str().unwrap().contains("documents"), "{saved}");
        assert_eq!((&saved[0]["commune"], &saved[2]["commune"]), (&json!("avignon"), &json!("nimes")));
        let archives: Vec<PathBuf> = std::fs::read_dir(&to).unwrap().map(|it| it.unwrap().path()).collect();
        assert_eq!(archives.len(), 2, "what is not complete is not there: {archives:?}");
        for archive in archives {
            let mode = std::os::unix::fs::PermissionsExt::mode(&archive.metadata().unwrap().permissions());
            assert_eq!(mode & 0o777, 0o600, "an archive holds everything");
        }
    });
}
