//! ODS: the few parts of OpenDocument 1.3 that a table needs, streamed. Each sheet's rows wait in a file of their own,
//! for they come in turns and stand one after another in the document.

use std::{
    fmt::Write as _,
    fs::File,
    io::{BufWriter, Seek, SeekFrom, Write},
    path::Path,
};

use tempfile::NamedTempFile;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use crate::{Cell, Result, Sheet, SheetError, cut, is_kept};

const MANIFEST: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.3"><manifest:file-entry manifest:full-path="/" manifest:version="1.3" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/><manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>"#;

const BEGIN: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0" xmlns:number="urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0" office:version="1.3"><office:automatic-styles><number:date-style style:name="days"><number:day number:style="long"/><number:text>/</number:text><number:month number:style="long"/><number:text>/</number:text><number:year number:style="long"/></number:date-style><style:style style:name="day" style:family="table-cell" style:data-style-name="days"/><style:style style:name="head" style:family="table-cell"><style:text-properties fo:font-weight="bold"/></style:style><style:style style:name="wide" style:family="table-column"><style:table-column-properties style:column-width="4cm"/></style:style></office:automatic-styles><office:body><office:spreadsheet>"#;

const END: &str = "</office:spreadsheet></office:body></office:document-content>";

pub struct Writer {
    /// Each sheet's beginning, then its rows.
    sheets: Vec<BufWriter<File>>,
    file: NamedTempFile,
}

impl Writer {
    pub fn create(folder: &Path, sheets: &[Sheet]) -> Result<Self> {
        let begin = |sheet: &Sheet| -> Result<BufWriter<File>> {
            let mut rows = BufWriter::new(tempfile::tempfile_in(folder)?);
            let mut text = format!(
                r#"<table:table table:name="{}"><table:table-column table:style-name="wide" table:number-columns-repeated="{}"/><table:table-header-rows><table:table-row>"#,
                escaped(&sheet.name),
                sheet.columns.len().max(1)
            );
            for head in &sheet.columns {
                text.push_str(r#"<table:table-cell table:style-name="head" office:value-type="string">"#);
                paragraphs(&mut text, head);
                text.push_str("</table:table-cell>");
            }
            if sheet.columns.is_empty() {
                text.push_str("<table:table-cell/>");
            }
            text.push_str("</table:table-row></table:table-header-rows>");
            rows.write_all(text.as_bytes())?;
            Ok(rows)
        };
        let sheets = sheets.iter().map(begin).collect::<Result<_>>()?;
        Ok(Self { sheets, file: NamedTempFile::new_in(folder)? })
    }

    pub fn row(&mut self, sheet: usize, cells: &[Cell]) -> Result<()> {
        let rows = self.sheets.get_mut(sheet).ok_or(SheetError::NoSheet(sheet))?;
        let mut text = String::from("<table:table-row>");
        for cell in cells {
            match cell {
                Cell::Empty => text.push_str("<table:table-cell/>"),
                Cell::Text(words) => {
                    text.push_str(r#"<table:table-cell office:value-type="string">"#);
                    paragraphs(&mut text, &cut(words));
                    text.push_str("</table:table-cell>");
                }
                Cell::Number(number) => {
                    let _ = write!(
                        text,
                        r#"<table:table-cell office:value-type="float" office:value="{number}"><text:p>{number}</text:p></table:table-cell>"#
                    );
                }
                Cell::Day(day) => {
                    let _ = write!(
                        text,
                        r#"<table:table-cell table:style-name="day" office:value-type="date" office:date-value="{day}"><text:p>{}</text:p></table:table-cell>"#,
                        day.format("%d/%m/%Y")
                    );
                }
            }
        }
        if cells.is_empty() {
            text.push_str("<table:table-cell/>");
        }
        text.push_str("</table:table-row>");
        Ok(rows.write_all(text.as_bytes())?)
    }

    pub fn finish(self) -> Result<NamedTempFile> {
        let mut archive = ZipWriter::new(BufWriter::new(self.file.reopen()?));
        // The first entry tells the kind of the document to whoever reads no further: not compressed (part 2, 3.3).
        let plain = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        archive.start_file("mimetype", plain)?;
        archive.write_all(crate::Kind::Ods.media_type().as_bytes())?;
        let packed =
            SimpleFileOptions::default().compression_method(CompressionMethod::Deflated).large_file(true);
        archive.start_file("META-INF/manifest.xml", packed.large_file(false))?;
        archive.write_all(MANIFEST.as_bytes())?;
        archive.start_file("content.xml", packed)?;
        archive.write_all(BEGIN.as_bytes())?;
        for rows in self.sheets {
            let mut rows = rows.into_inner().map_err(std::io::IntoInnerError::into_error)?;
            rows.seek(SeekFrom::Start(0))?;
            std::io::copy(&mut rows, &mut archive)?;
            archive.write_all(b"</table:table>")?;
        }
        archive.write_all(END.as_bytes())?;
        archive.finish()?.flush()?;
        Ok(self.file)
    }
}

/// A text of several lines, a paragraph each. Blanks in a row and at the ends would be read as one or none.
fn paragraphs(out: &mut String, words: &str) {
    for line in words.split('\n') {
        out.push_str("<text:p>");
        let mut after_blank = true;
        for letter in line.chars() {
            match letter {
                ' ' if after_blank => out.push_str("<text:s/>"),
                '\t' => out.push_str("<text:tab/>"),
                '\r' => {}
                letter => escape(out, letter),
            }
            after_blank = letter == ' ';
        }
        out.push_str("</text:p>");
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    text.chars().for_each(|letter| escape(&mut out, letter));
    out
}

fn escape(out: &mut String, letter: char) {
    match letter {
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        '"' => out.push_str("&quot;"),
        letter if is_kept(letter) => out.push(letter),
        _ => {}
    }
}
