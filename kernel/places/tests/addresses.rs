//! Addresses imported and found, on both engines.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use beffroi_places::{ImportError, Imported, MIGRATIONS, centre, find, import, search};
use beffroi_store::{
    By, StoreError,
    testing::{TestCommune, on_both_engines},
};

const FILE: &str = "cle_interop;commune_insee;voie_nom;numero;suffixe;commune_nom;position;long;lat
x;34145;Avenue du Général de Gaulle;1;;Lunel;entrée;4.135;43.676
x;34145;Avenue du Général de Gaulle;12;;Lunel;entrée;4.136;43.677
x;34145;Avenue du Général de Gaulle;12;bis;Lunel;entrée;4.1361;43.6771
x;34145;Rue du 8 Mai 1945;8;;Lunel;entrée;4.13;43.67
x;34145;Place de l'Église;3;;Lunel;entrée;4.13;43.67
x;34145;Boulevard Saint-Fructueux;7;;Lunel;entrée;;
x;34145;Les Garrigues;99999;;Lunel;segment;4.1;43.6
";

fn bring_in(fixture: &TestCommune, file: &'static str) -> Result<Imported, ImportError> {
    fixture.commune.write_blocking(By::SYSTEM, move |tx| import(tx, file.as_bytes()))
}

fn typed(fixture: &TestCommune, text: &str) -> Vec<String> {
    fixture
        .commune
        .read_blocking(By::VISITOR, |tx| search(tx, text, 5))
        .unwrap()
        .iter()
        .map(ToString::to_string)
        .collect()
}

#[test]
fn an_address_is_found_as_it_is_typed() {
    on_both_engines(MIGRATIONS, |fixture| {
        let imported = bring_in(fixture, FILE).unwrap();
        assert_eq!((imported.streets, imported.addresses), (5, 6));
        let gaulle = "12 Avenue du Général de Gaulle, 34400 Lunel";
        assert_eq!(typed(fixture, "12 av gen")[0], gaulle);
        assert_eq!(typed(fixture, "avenue général de gaulle 12")[0], gaulle);
        assert_eq!(
            typed(fixture, "12 bis AVENUE DE GAULLE"),
            ["12 bis Avenue du Général de Gaulle, 34400 Lunel"]
        );
        assert_eq!(typed(fixture, "12bis gaulle"), ["12 bis Avenue du Général de Gaulle, 34400 Lunel"]);
        assert_eq!(typed(fixture, "bd st fruc")[0], "Boulevard Saint-Fructueux, 34400 Lunel");
        assert_eq!(typed(fixture, "pl eglise 3"), ["3 Place de l'Église, 34400 Lunel"]);
        assert_eq!(typed(fixture, "rue du 8 mai")[0], "Rue du 8 Mai 1945, 34400 Lunel");
        assert_eq!(typed(fixture, "8 rue du 8 mai 1945")[0], "8 Rue du 8 Mai 1945, 34400 Lunel");
        assert_eq!(typed(fixture, "garrig"), ["Les Garrigues, 34400 Lunel"]);
        assert_eq!(
            typed(fixture, "99 place de l'église")[0],
            "Place de l'Église, 34400 Lunel",
            "a number the file lacks"
        );
        assert!(typed(fixture, "rue inconnue").is_empty());
        assert!(typed(fixture, "a").is_empty());
        assert!(typed(fixture, "'; DROP TABLE street; --").is_empty());
    })
    .unwrap();
}

#[test]
fn a_street_that_stands_alone_offers_its_numbers() {
    on_both_engines(MIGRATIONS, |fixture| {
        bring_in(fixture, FILE).unwrap();
        assert_eq!(
            typed(fixture, "gaulle"),
            [
                "Avenue du Général de Gaulle, 34400 Lunel",
                "1 Avenue du Général de Gaulle, 34400 Lunel",
                "12 Avenue du Général de Gaulle, 34400 Lunel",
                "12 bis Avenue du Général de Gaulle, 34400 Lunel"
            ]
        );
    })
    .unwrap();
}

#[test]
fn a_second_import_replaces_the_first_and_keeps_the_ids() {
    on_both_engines(MIGRATIONS, |fixture| {
        let one = |text: &str| {
            let text = text.to_owned();
            fixture.commune.read_blocking(By::VISITOR, |tx| search(tx, &text, 1)).unwrap().remove(0)
        };
        bring_in(fixture, FILE).unwrap();
        let (before, gone) = (one("3 place de l'église"), one("garrigues"));
        let without =
            FILE.split_inclusive('\n').filter(|line| !line.contains("Garrigues")).collect::<String>();
        bring_in(fixture, without.leak()).unwrap();
        assert_eq!(one("3 place de l'église"), before);
        let found = fixture
            .commune
            .read_blocking(By::VISITOR, |tx| Ok::<_, StoreError>((find(tx, before.id)?, find(tx, gone.id)?)));
        assert_eq!(found.unwrap(), (Some(before), None));
    })
    .unwrap();
}

#[test]
fn a_faulty_file_changes_nothing() {
    on_both_engines(MIGRATIONS, |fixture| {
        bring_in(fixture, FILE).unwrap();
        let faulty = "voie_nom;numero;commune_insee\nRue Neuve;1;34145\nRue Neuve;x;34145\n";
        let Err(ImportError::Lines(told)) = bring_in(fixture, faulty) else { panic!("it was imported") };
        assert_eq!(told[0].line, 3);
        assert!(typed(fixture, "rue neuve").is_empty());
        assert!(!typed(fixture, "gaulle").is_empty());
    })
    .unwrap();
}

#[test]
fn a_map_opens_in_the_middle_of_the_addresses() {
    on_both_engines(MIGRATIONS, |fixture| {
        let middle = |fixture: &TestCommune| fixture.commune.read_blocking(By::VISITOR, centre).unwrap();
        assert_eq!(middle(fixture), None);
        bring_in(fixture, FILE).unwrap();
        // Of the five addresses that have a place; a neighbour's few do not move it.
        let found = middle(fixture).unwrap();
        assert_eq!((found.lon, found.lat), (4_133_420, 43_674_020));
        let neighbour = "cle_interop;commune_insee;voie_nom;numero;suffixe;commune_nom;position;long;lat
x;34146;Rue Haute;1;;Lunel-Viel;entrée;4.09;43.68
";
        bring_in(fixture, neighbour).unwrap();
        assert_eq!(middle(fixture), Some(found));
    })
    .unwrap();
}
