//! Spreadsheets are read back by a reader that is not ours.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::Path;

use beffroi_core::Day;
use beffroi_sheets::{Book, Cell, Kind, Sheet, SheetError};
use calamine::{Data, DataType, Reader, open_workbook_auto};
use proptest::prelude::*;

fn sheet(name: &str, columns: &[&str]) -> Sheet {
    Sheet { name: name.to_owned(), columns: columns.iter().map(|it| (*it).to_owned()).collect() }
}

/// The rows of each sheet, by its name.
fn read(kind: Kind, file: &Path) -> Vec<(String, Vec<Vec<Data>>)> {
    let folder = tempfile::tempdir().unwrap();
    let named = folder.path().join(format!("book.{}", kind.extension()));
    std::fs::copy(file, &named).unwrap();
    let mut book = open_workbook_auto(&named).unwrap();
    book.sheet_names()
        .into_iter()
        .map(|name| {
            let range = book.worksheet_range(&name).unwrap();
            (name, range.rows().map(<[Data]>::to_vec).collect())
        })
        .collect()
}

#[test]
fn sheets_that_are_written_in_turns_are_read_one_after_another() {
    let folder = tempfile::tempdir().unwrap();
    let day = Day::from_ymd_opt(2026, 6, 3).unwrap();
    for kind in [Kind::Xlsx, Kind::Ods] {
        let sheets =
            [sheet("Demandes", &["Référence", "Reçue le", "Surface"]), sheet("Enfants", &["Prénom"])];
        let mut book = Book::create(kind, folder.path(), &sheets).unwrap();
        book.row(0, &[Cell::text("2026-A"), Cell::Day(day), Cell::Number(12.5)]).unwrap();
        book.row(1, &[Cell::text("Zoé <& \"co\">")]).unwrap();
        book.row(0, &[Cell::text("=HYPERLINK(\"x\")"), Cell::Empty, Cell::Number(-3.0)]).unwrap();
        book.row(1, &[Cell::text("deux\nlignes")]).unwrap();
        let found = read(kind, book.finish().unwrap().path());
        assert_eq!(found.len(), 2, "{kind:?}");
        let (name, rows) = &found[0];
        assert_eq!((name.as_str(), rows.len()), ("Demandes", 3));
        assert_eq!(rows[0][1].as_string().unwrap(), "Reçue le");
        assert_eq!(rows[1][0].as_string().unwrap(), "2026-A");
        assert_eq!(rows[1][1].as_date().unwrap(), day, "{kind:?}");
        assert_eq!(rows[1][2].as_f64().unwrap().to_bits(), 12.5_f64.to_bits());
        assert_eq!(rows[2][0].as_string().unwrap(), "=HYPERLINK(\"x\")", "a text, not a formula");
        assert!(rows[2][1].is_empty());
        let (name, rows) = &found[1];
        assert_eq!((name.as_str(), rows[1][0].as_string().unwrap().as_str()), ("Enfants", "Zoé <& \"co\">"));
        assert_eq!(rows[2][0].as_string().unwrap(), "deux\nlignes", "{kind:?}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left behind");
}

#[test]
fn a_csv_is_opened_by_a_double_click() {
    let folder = tempfile::tempdir().unwrap();
    let mut book =
        Book::create(Kind::Csv, folder.path(), &[sheet("Demandes", &["Nom", "Surface", "Le"])]).unwrap();
    let day = Day::from_ymd_opt(2026, 6, 3).unwrap();
    book.row(0, &[Cell::text("Peyron ; Gaspard"), Cell::Number(1.5), Cell::Day(day)]).unwrap();
    book.row(0, &[Cell::text("=cmd|' /C calc'!A0")]).unwrap();
    let text = std::fs::read_to_string(book.finish().unwrap().path()).unwrap();
    let awaited =
        "\u{feff}Nom;Surface;Le\r\n\"Peyron ; Gaspard\";1,5;2026-06-03\r\n'=cmd|' /C calc'!A0;;\r\n";
    assert_eq!(text, awaited);
}

#[test]
fn a_sheet_that_no_spreadsheet_opens_is_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let wide = Sheet { name: String::new(), columns: vec![String::new(); 16_385] };
    assert!(matches!(Book::create(Kind::Xlsx, folder.path(), &[wide]), Err(SheetError::TooLarge)));
    let mut book = Book::create(Kind::Ods, folder.path(), &[sheet("A", &["a"])]).unwrap();
    assert!(matches!(book.row(1, &[]), Err(SheetError::NoSheet(1))));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Whatever somebody typed, the file opens and the text of a cell is what was typed, but for what XML cannot hold.
    #[test]
    fn any_text_comes_back(words in "\\PC{0,60}") {
        let folder = tempfile::tempdir().unwrap();
        for kind in [Kind::Xlsx, Kind::Ods] {
            let mut book = Book::create(kind, folder.path(), &[sheet("A", &["a", "b"])]).unwrap();
            book.row(0, &[Cell::text(words.clone()), Cell::text("fin")]).unwrap();
            let found = read(kind, book.finish().unwrap().path());
            let kept: String = words.chars().filter(|c| !matches!(c, '\u{fffe}' | '\u{ffff}')).collect();
            let cell = &found[0].1[1][0];
            let back = cell.as_string().unwrap_or_default();
            prop_assert_eq!(back, kept, "{:?}", kind);
            let last = found[0].1[1][1].as_string().unwrap();
            prop_assert_eq!(last, "fin");
        }
    }
}
