//! What is kept and what goes, for agents: cases whose time comes, slips for the archives, proofs of what was erased.

pub(crate) mod archives;
pub(crate) mod longer;
mod proofs;

use axum::{
    Router,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use beffroi_web::{App, Result, WebError};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/agents/conservation", get(longer::list))
        .route("/agents/conservation/{id}", get(longer::show).post(longer::keep))
        .route("/agents/archives", get(archives::list).post(archives::make))
        .route("/agents/archives/{slip}", get(archives::show))
        .route("/agents/archives/{slip}/bordereau.csv", get(archives::csv))
        .route("/agents/archives/{slip}/dossiers.zip", get(archives::cases))
        .route("/agents/archives/{slip}/visa", post(archives::sign))
        .route("/agents/archives/{slip}/abandon", post(archives::drop_slip))
        .route("/agents/suppressions", get(proofs::show))
        .route("/agents/suppressions.csv", get(proofs::csv))
}

/// Whoever may not do this is not told that there is a page for it.
pub(crate) fn hidden(refused: beffroi_people::Refused) -> WebError {
    match refused {
        beffroi_people::Refused::NotPermitted(_) => WebError::not_found(),
        other => other.into(),
    }
}

/// A table to download, as spreadsheets read it: semicolons, and a mark that tells its letters.
fn table(name: &str, heads: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> Result<Response> {
    let mut text = String::from("\u{feff}");
    line(&mut text, heads.iter().copied());
    for row in rows {
        line(&mut text, row.iter().map(String::as_str));
    }
    let mut response = text.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    let disposition = format!("attachment; filename=\"{name}.csv\"");
    headers.insert(header::CONTENT_DISPOSITION, disposition.parse().map_err(WebError::internal)?);
    Ok(response)
}

/// One line: a cell is quoted, and one that a spreadsheet would take for a formula begins with an apostrophe.
fn line<'c>(text: &mut String, cells: impl Iterator<Item = &'c str>) {
    for (rank, cell) in cells.enumerate() {
        if rank > 0 {
            text.push(';');
        }
        let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
        text.push('"');
        if formula {
            text.push('\'');
        }
        text.push_str(&cell.replace('"', "\"\""));
        text.push('"');
    }
    text.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn a_cell_is_never_a_formula() {
        let mut text = String::new();
        line(&mut text, ["a;b", "dit \"oui\"", "=1+1"].into_iter());
        assert_eq!(text, "\"a;b\";\"dit \"\"oui\"\"\";\"'=1+1\"\r\n");
    }
}
