//! XLSX, by `rust_xlsxwriter` in its mode of constant memory.

use std::path::Path;

use rust_xlsxwriter::{Format, FormatAlign, Workbook};
use tempfile::NamedTempFile;

use crate::{Cell, Result, Sheet, SheetError, cut};

/// Wide enough for a day and for most words.
const WIDTH: f64 = 18.0;

pub struct Writer {
    book: Workbook,
    file: NamedTempFile,
    day: Format,
    words: Format,
}

impl Writer {
    pub fn create(folder: &Path, sheets: &[Sheet]) -> Result<Self> {
        let mut book = Workbook::new();
        book.set_tempdir(folder)?;
        let head = Format::new().set_bold().set_text_wrap().set_align(FormatAlign::Top);
        for sheet in sheets {
            let page = book.add_worksheet_with_constant_memory();
            let page = page?;
            page.set_name(&sheet.name)?;
            page.set_freeze_panes(1, 0)?;
            for (column, title) in (0..).zip(&sheet.columns) {
                page.set_column_width(column, WIDTH)?;
                page.write_string_with_format(0, column, title, &head)?;
            }
        }
        Ok(Self {
            book,
            file: NamedTempFile::new_in(folder)?,
            day: Format::new().set_num_format("dd/mm/yyyy").set_align(FormatAlign::Top),
            words: Format::new().set_align(FormatAlign::Top),
        })
    }

    pub fn row(&mut self, sheet: usize, row: u32, cells: &[Cell]) -> Result<()> {
        let page = self.book.worksheet_from_index(sheet).map_err(|_| SheetError::NoSheet(sheet))?;
        for (column, cell) in (0..).zip(cells) {
            match cell {
                Cell::Empty => {}
                Cell::Text(text) => {
                    page.write_string_with_format(row, column, cut(text), &self.words)?;
                }
                Cell::Number(number) => {
                    page.write_number_with_format(row, column, *number, &self.words)?;
                }
                Cell::Day(day) => {
                    page.write_datetime_with_format(row, column, day, &self.day)?;
                }
            }
        }
        Ok(())
    }

    pub fn finish(mut self) -> Result<NamedTempFile> {
        self.book.save(self.file.path())?;
        Ok(self.file)
    }
}
