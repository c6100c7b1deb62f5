//! CSV as French spreadsheets open it by a double click. What begins like a formula is marked as a text, for they would
//! compute it.

use std::{io::Write, path::Path};

use csv::{QuoteStyle, Terminator, WriterBuilder};
use tempfile::NamedTempFile;

use crate::{Cell, Result, Sheet, cut};

/// Without it, Excel takes UTF-8 for something else.
const MARK: &[u8] = "\u{feff}".as_bytes();
/// What a formula begins with, for one spreadsheet or another; blanks before it count for nothing.
const BEGINNINGS: [char; 7] = ['=', '+', '-', '@', '\t', '\r', '\n'];

pub struct Writer {
    writer: csv::Writer<NamedTempFile>,
}

impl Writer {
    pub fn create(folder: &Path, sheets: &[Sheet]) -> Result<Self> {
        let mut file = NamedTempFile::new_in(folder)?;
        file.write_all(MARK)?;
        let mut writer = WriterBuilder::new()
            .delimiter(b';')
            .quote_style(QuoteStyle::Necessary)
            .terminator(Terminator::CRLF)
            .from_writer(file);
        if let Some(first) = sheets.first() {
            writer.write_record(first.columns.iter().map(|head| harmless(head)))?;
        }
        Ok(Self { writer })
    }

    pub fn row(&mut self, cells: &[Cell], width: usize) -> Result<()> {
        let absent = width.saturating_sub(cells.len());
        let texts = cells.iter().map(text).chain(std::iter::repeat_n(String::new(), absent));
        Ok(self.writer.write_record(texts)?)
    }

    pub fn finish(self) -> Result<NamedTempFile> {
        let mut file = self.writer.into_inner().map_err(csv::IntoInnerError::into_error)?;
        file.flush()?;
        Ok(file)
    }
}

fn text(cell: &Cell) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(words) => harmless(&cut(words)),
        // French spreadsheets write a comma, and read a point as a text.
        Cell::Number(number) => number.to_string().replace('.', ","),
        Cell::Day(day) => day.to_string(),
    }
}

/// A text that no spreadsheet takes for a formula.
fn harmless(words: &str) -> String {
    let formula = words.starts_with(BEGINNINGS) || words.trim_start().starts_with(BEGINNINGS);
    if formula { format!("'{words}") } else { words.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_like_a_formula_is_a_text() {
        for formula in ["=1+1", "+33", "-2", "@SUM(A1)", "\t=1", "\r=1", "  =1", "\u{a0}=1"] {
            assert_eq!(harmless(formula), format!("'{formula}"));
        }
        for words in ["", "3 rue Haute", "a=b", "’=1"] {
            assert_eq!(harmless(words), words);
        }
        assert_eq!(text(&Cell::Number(-1.5)), "-1,5", "a number is one");
    }
}
