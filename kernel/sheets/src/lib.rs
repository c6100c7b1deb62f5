//! Spreadsheets written a row at a time: CSV, XLSX and ODS. Whatever their length, they cost little memory: rows go to
//! temporary files, and the file is put together at the end.

mod csv_text;
mod ods;
mod xlsx;

use std::path::Path;

use beffroi_core::Day;
use tempfile::NamedTempFile;

/// Characters of a cell, at most: what Excel keeps. A longer text is cut.
const LONGEST_TEXT: usize = 32_767;
/// Rows of a sheet, its head included, at most: what Excel keeps.
const LONGEST_SHEET: u32 = 1_048_576;
/// Columns of a sheet, at most: what Excel keeps.
const WIDEST_SHEET: usize = 16_384;
/// Characters of a sheet's name, at most: what Excel keeps.
const LONGEST_NAME: usize = 31;

/// The kinds of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Comma-separated values as French spreadsheets open them: UTF-8 with its mark, semicolons (RFC 4180 otherwise).
    /// It has one sheet, the first.
    Csv,
    /// Office Open XML (ISO/IEC 29500).
    Xlsx,
    /// OpenDocument (ISO/IEC 26300).
    Ods,
}

impl Kind {
    /// Every one, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::Ods, Self::Xlsx, Self::Csv];

    /// The end of its files' names, without a dot.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::Ods => "ods",
        }
    }

    /// The kind that the end of a name tells.
    pub fn from_extension(extension: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.extension() == extension)
    }

    /// Its media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Ods => "application/vnd.oasis.opendocument.spreadsheet",
        }
    }
}

/// What stands in a cell. A text is always a text: no spreadsheet takes it for a formula.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Cell {
    /// Nothing.
    #[default]
    Empty,
    /// Words.
    Text(String),
    /// A number.
    Number(f64),
    /// A day.
    Day(Day),
}

impl Cell {
    /// Words; an empty cell where there are none.
    pub fn text(words: impl Into<String>) -> Self {
        let words = words.into();
        if words.is_empty() { Self::Empty } else { Self::Text(words) }
    }
}

/// A sheet to write: its name and the heads of its columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// What its tab says.
    pub name: String,
    /// The heads of its columns.
    pub columns: Vec<String>,
}

/// Why a spreadsheet could not be written.
#[derive(Debug, thiserror::Error)]
pub enum SheetError {
    /// It has more rows or columns than spreadsheets keep.
    #[error("a sheet has more rows or columns than a spreadsheet keeps")]
    TooLarge,
    /// There is no sheet of that rank.
    #[error("there is no sheet {0}")]
    NoSheet(usize),
    /// The disk refused.
    #[error("the disk: {0}")]
    Io(#[from] std::io::Error),
    /// The writer of XLSX refused.
    #[error("xlsx: {0}")]
    Xlsx(#[from] rust_xlsxwriter::XlsxError),
    /// The writer of CSV refused.
    #[error("csv: {0}")]
    Csv(#[from] csv::Error),
    /// The archive could not be written.
    #[error("zip: {0}")]
    Zip(#[from] zip::result::ZipError),
}

type Result<T> = std::result::Result<T, SheetError>;

/// A spreadsheet that is being written.
pub struct Book {
    writer: Writer,
    /// Rows of each sheet so far, its head included.
    rows: Vec<u32>,
    widths: Vec<usize>,
}

enum Writer {
    Csv(Box<csv_text::Writer>),
    Xlsx(Box<xlsx::Writer>),
    Ods(ods::Writer),
}

impl Book {
    /// Begins a spreadsheet with these sheets; its temporary files lie in `folder`.
    ///
    /// # Errors
    /// There are too many columns, or the disk refuses.
    pub fn create(kind: Kind, folder: &Path, sheets: &[Sheet]) -> Result<Self> {
        if sheets.iter().any(|sheet| sheet.columns.len() > WIDEST_SHEET) {
            return Err(SheetError::TooLarge);
        }
        let names = names(sheets.iter().map(|sheet| sheet.name.as_str()));
        let sheets: Vec<Sheet> = names
            .into_iter()
            .zip(sheets)
            .map(|(name, sheet)| Sheet {
                name,
                columns: sheet.columns.iter().map(|head| cut(head)).collect(),
            })
            .collect();
        let writer = match kind {
            Kind::Csv => Writer::Csv(Box::new(csv_text::Writer::create(folder, &sheets)?)),
            Kind::Xlsx => Writer::Xlsx(Box::new(xlsx::Writer::create(folder, &sheets)?)),
            Kind::Ods => Writer::Ods(ods::Writer::create(folder, &sheets)?),
        };
        let widths = sheets.iter().map(|sheet| sheet.columns.len()).collect();
        Ok(Self { writer, rows: vec![1; sheets.len()], widths })
    }

    /// Writes the next row of a sheet. Cells beyond its columns are not written.
    ///
    /// # Errors
    /// The sheet is full, or the disk refuses.
    pub fn row(&mut self, sheet: usize, cells: &[Cell]) -> Result<()> {
        let (Some(row), Some(width)) = (self.rows.get_mut(sheet), self.widths.get(sheet)) else {
            return Err(SheetError::NoSheet(sheet));
        };
        if *row >= LONGEST_SHEET {
            return Err(SheetError::TooLarge);
        }
        let cells = cells.get(..(*width).min(cells.len())).unwrap_or_default();
        match &mut self.writer {
            Writer::Csv(writer) if sheet == 0 => writer.row(cells, *width)?,
            Writer::Csv(_) => {}
            Writer::Xlsx(writer) => writer.row(sheet, *row, cells)?,
            Writer::Ods(writer) => writer.row(sheet, cells)?,
        }
        *row += 1;
        Ok(())
    }

    /// Puts the file together. It is removed with what is given back, unless it is kept.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn finish(self) -> Result<NamedTempFile> {
        match self.writer {
            Writer::Csv(writer) => writer.finish(),
            Writer::Xlsx(writer) => writer.finish(),
            Writer::Ods(writer) => writer.finish(),
        }
    }
}

/// A text that a cell keeps.
fn cut(text: &str) -> String {
    text.chars().filter(|letter| is_kept(*letter)).take(LONGEST_TEXT).collect()
}

/// Whether a character may stand in XML 1.0 (section 2.2).
const fn is_kept(letter: char) -> bool {
    matches!(letter, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// Names of sheets that every spreadsheet takes: short, without the signs of references, each once.
fn names<'n>(wanted: impl Iterator<Item = &'n str>) -> Vec<String> {
    let mut given: Vec<String> = Vec::new();
    for (rank, name) in wanted.enumerate() {
        let plain: String = name
            .chars()
            .filter(|letter| is_kept(*letter) && !letter.is_control() && !"[]:*?/\\'".contains(*letter))
            .take(LONGEST_NAME)
            .collect();
        let plain = plain.trim().to_owned();
        let taken = |name: &str| given.iter().any(|known| known.to_lowercase() == name.to_lowercase());
        let name = if plain.is_empty() || taken(&plain) {
            let begin: String = plain.chars().take(LONGEST_NAME - 6).collect();
            format!("{begin} {}", rank + 1).trim().to_owned()
        } else {
            plain
        };
        given.push(name);
    }
    given
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sheets_have_names_that_every_spreadsheet_takes() {
        let wanted = ["Demandes", "demandes", "Enfants [a/b]", "", &"é".repeat(40)];
        let given = names(wanted.into_iter());
        assert_eq!(given, ["Demandes", "demandes 2", "Enfants ab", "4", &"é".repeat(31)]);
    }
}
