//! The documents that were asked for in a case, one by one: which of them have come. The clock starts again once
//! each has (CRPA, art. L114-5), and both sides read what is still missing.

use beffroi_cases::{case::Case, missing::DocumentRequest};
use beffroi_core::Id;
use beffroi_documents::{Document, State};
use beffroi_store::{Result, Tx};

/// Files that answer requests, of one case.
const READ_AT_MOST: u32 = 500;

/// A document that was asked for.
#[derive(Debug)]
pub(crate) struct Piece {
    /// The request that asked for it.
    pub(crate) request: Id<DocumentRequest>,
    /// Its line in that request.
    pub(crate) rank: usize,
    /// As the agent named it.
    pub(crate) name: String,
    /// Whether it has come: a file with a virus has not.
    pub(crate) come: bool,
}

impl Piece {
    /// The control that takes its files.
    pub(crate) fn control(&self) -> String {
        format!("piece-{}-{}", self.request, self.rank)
    }
}

/// A file and the document that it was sent for.
pub(crate) struct Sent {
    document: Id<Document>,
    request: Id<DocumentRequest>,
    rank: i64,
}

/// Which files of a case were sent for which document.
pub(crate) fn sent(tx: &mut Tx<'_>, case: Id<Case>) -> Result<Vec<Sent>> {
    tx.query(
        "SELECT document, request, rank FROM desk_asked_piece WHERE case_id = $1 ORDER BY document LIMIT $2",
        &[&case, &READ_AT_MOST],
        |row| Ok(Sent { document: row.get(0)?, request: row.get(1)?, rank: row.get(2)? }),
    )
}

/// The documents that are asked for and not all there yet, in the order of the requests.
pub(crate) fn open(requests: &[DocumentRequest], sent: &[Sent], documents: &[Document]) -> Vec<Piece> {
    requests
        .iter()
        .filter(|request| request.arrived_on.is_none())
        .flat_map(|request| of_request(request, sent, documents))
        .collect()
}

/// The documents of one request.
pub(crate) fn of_request(request: &DocumentRequest, sent: &[Sent], documents: &[Document]) -> Vec<Piece> {
    let sound = |id| documents.iter().any(|document| document.id == id && document.state != State::Infected);
    let came = |rank: usize| {
        let here = |it: &&Sent| it.request == request.id && usize::try_from(it.rank) == Ok(rank);
        sent.iter().filter(here).any(|it| sound(it.document))
    };
    let lines = request.pieces.lines().map(str::trim).filter(|line| !line.is_empty());
    lines
        .enumerate()
        .map(|(rank, name)| Piece {
            request: request.id,
            rank,
            name: name.to_owned(),
            come: request.arrived_on.is_some() || came(rank),
        })
        .collect()
}

/// Writes down for which document a file was sent.
pub(crate) fn note(tx: &mut Tx<'_>, case: Id<Case>, document: Id<Document>, piece: &Piece) -> Result<()> {
    let rank = i64::try_from(piece.rank).unwrap_or(i64::MAX);
    tx.execute(
        "INSERT INTO desk_asked_piece (document, case_id, request, rank) VALUES ($1, $2, $3, $4)",
        &[&document, &case, &piece.request, &rank],
    )
    .map(drop)
}

/// Forgets which file answered what, with the case.
pub(crate) fn forget(tx: &mut Tx<'_>, case: Id<Case>) -> Result<()> {
    tx.execute("DELETE FROM desk_asked_piece WHERE case_id = $1", &[&case]).map(drop)
}
