//! The ledger of a régie and a period as a spreadsheet.

use axum::extract::{Path, Query};
use beffroi_payments::{
    ledger::{self, Cursor, Line, LineCell},
    permission::ReadLedger,
};
use beffroi_sheets::{Book, Cell, Kind, Sheet, SheetError};
use beffroi_web::{CommuneOf, Result, Visitor, WebError};
use tempfile::NamedTempFile;

use super::{asked_days, days, ledger::Asked, regie_for, today};

/// Lines read at once.
const AT_ONCE: u32 = 1_000;

fn failed(error: SheetError) -> WebError {
    match error {
        SheetError::TooLarge => WebError::too_large(),
        error => WebError::internal(error),
    }
}

/// Amounts are exact in a spreadsheet's numbers up to far beyond what a town takes.
#[expect(clippy::cast_precision_loss, reason = "an amount of less than 2^53 cents")]
fn cell(cell: LineCell) -> Cell {
    match cell {
        LineCell::Words(words) => Cell::text(words),
        LineCell::Day(day) => Cell::Day(day),
        LineCell::Amount(cents) => Cell::Number(cents.0 as f64 / 100.0),
    }
}

pub(super) async fn download(
    visitor: Visitor,
    commune: CommuneOf,
    Path((id, file)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Result {
    let who = visitor.require()?.clone();
    let kind = file.strip_prefix("livre.").and_then(Kind::from_extension);
    let (book, name, kind): (NamedTempFile, String, Kind) = commune
        .read(visitor.by, move |tx| {
            let (regie, permit) = regie_for::<ReadLedger>(tx, &who, &id)?;
            let kind = kind.ok_or_else(WebError::not_found)?;
            let (today, zone) = today(tx)?;
            let (from, until) = asked_days(&asked.du, &asked.au, today);
            let period = days(from, until, zone);
            let sheet = Sheet { name: regie.name, columns: Line::HEADS.map(str::to_owned).into() };
            let mut book = Book::create(kind, &std::env::temp_dir(), &[sheet]).map_err(failed)?;
            let mut after = None;
            // A piece of the ledger at a time: a year of a large town does not stand in memory.
            loop {
                let lines = ledger::lines(tx, &permit, regie.id, period, after, AT_ONCE)?;
                for line in &lines {
                    book.row(0, &line.cells(zone).map(cell)).map_err(failed)?;
                }
                after = lines.last().map(|line| Cursor { at: line.at, id: line.id });
                if lines.len() < usize::try_from(AT_ONCE).unwrap_or(usize::MAX) {
                    break;
                }
            }
            let book = book.finish().map_err(failed)?;
            Ok::<_, WebError>((book, format!("livre-{from}-{until}.{}", kind.extension()), kind))
        })
        .await?;
    beffroi_web::download(book.path(), &name, kind.media_type()).await
}
