//! What a program asks for, as the body of its request says it. Whatever is sent, reading it is bounded.

use roxmltree::{Document, Node, ParsingOptions};

use crate::{
    filter::{self, Filter, Range, elements, is},
    names::{Name, Space},
};

/// Bytes of a question, at most: some thousands of addresses.
pub const BODY_AT_MOST: usize = 256 * 1024;
/// Elements, texts and attributes of a question, at most.
const NODES_AT_MOST: u32 = 20_000;
/// Properties that are asked for at once, at most.
const PROPERTIES_AT_MOST: usize = 100;
/// Letters of a property's name, at most.
const NAME_AT_MOST: usize = 200;
/// Things that are asked for by their addresses, at most.
const ADDRESSES_AT_MOST: usize = 4_000;

/// Why a question is not understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It is too long, no XML, or none of these questions.
    #[error("it is no question of WebDAV")]
    Body,
    /// More is asked for at once than anybody needs.
    #[error("too much is asked for at once")]
    TooMuch,
    /// A filter that makes no sense.
    #[error("the filter makes no sense")]
    Filter,
    /// A filter that is not understood here.
    #[error("the filter is not understood here")]
    UnknownFilter,
    /// An order of letters that is not known here.
    #[error("the collation is not known here")]
    UnknownCollation,
}

impl Unreadable {
    /// The name of the error, where the standard has one.
    pub fn condition(self) -> Option<Name> {
        match self {
            Self::Body | Self::TooMuch => None,
            Self::Filter => Some(Name::caldav("valid-filter")),
            Self::UnknownFilter => Some(Name::caldav("supported-filter")),
            Self::UnknownCollation => Some(Name::caldav("supported-collation")),
        }
    }
}

/// Which properties are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Those that everybody should know, and these.
    All(Vec<Name>),
    /// Only which there are.
    Names,
    /// These.
    These(Vec<Name>),
}

/// A question about what is in a calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Report {
    /// The events that fit.
    Query {
        /// What of them.
        wanted: Wanted,
        /// Each time of them on its own, within a stretch.
        expand: Option<Range>,
        /// Which.
        filter: Filter,
    },
    /// The events at these addresses.
    Multiget {
        /// What of them.
        wanted: Wanted,
        /// Each time of them on its own, within a stretch.
        expand: Option<Range>,
        /// Where.
        addresses: Vec<String>,
    },
    /// What has changed since.
    Sync {
        /// What of it.
        wanted: Wanted,
        /// Since when; all of it where nothing is said.
        since: Option<String>,
        /// How many at most.
        limit: Option<usize>,
    },
    /// When somebody is busy.
    FreeBusy(Range),
    /// Something that is not answered here.
    Other(Name),
}

fn parsed(body: &[u8]) -> Result<Document<'_>, Unreadable> {
    if body.len() > BODY_AT_MOST {
        return Err(Unreadable::Body);
    }
    let text = std::str::from_utf8(body).map_err(|_| Unreadable::Body)?.trim_start_matches('\u{feff}');
    // A document type is refused: nothing that stands for more than itself is unfolded.
    let options =
        ParsingOptions { allow_dtd: false, nodes_limit: NODES_AT_MOST, ..ParsingOptions::default() };
    Document::parse_with_options(text, options).map_err(|_| Unreadable::Body)
}

/// Reads what a `PROPFIND` asks for; no body asks for everything.
///
/// # Errors
/// [`Unreadable`].
pub fn propfind(body: &[u8]) -> Result<Wanted, Unreadable> {
    if body.is_empty() {
        return Ok(Wanted::All(Vec::new()));
    }
    let document = parsed(body)?;
    let root = document.root_element();
    if is(root, &Space::Dav, "propfind") { wanted(root) } else { Err(Unreadable::Body) }
}

/// Reads which properties a `PROPPATCH` would change.
///
/// # Errors
/// [`Unreadable`].
pub fn proppatch(body: &[u8]) -> Result<Vec<Name>, Unreadable> {
    let document = parsed(body)?;
    let root = document.root_element();
    if !is(root, &Space::Dav, "propertyupdate") {
        return Err(Unreadable::Body);
    }
    let changes = elements(root).filter(|it| is(*it, &Space::Dav, "set") || is(*it, &Space::Dav, "remove"));
    let mut named = Vec::new();
    for prop in changes.flat_map(elements).filter(|it| is(*it, &Space::Dav, "prop")) {
        named.extend(names(prop)?);
    }
    if named.is_empty() || named.len() > PROPERTIES_AT_MOST { Err(Unreadable::Body) } else { Ok(named) }
}

/// Reads what a `REPORT` asks.
///
/// # Errors
/// [`Unreadable`].
pub fn report(body: &[u8]) -> Result<Report, Unreadable> {
    let document = parsed(body)?;
    let root = document.root_element();
    let child = |space: &Space, word: &str| elements(root).find(|it| is(*it, space, word));
    let name = Name::of(root);
    if name.is(&Space::CalDav, "calendar-query") {
        let filter = child(&Space::CalDav, "filter").ok_or(Unreadable::Filter)?;
        return Ok(Report::Query {
            wanted: wanted(root)?,
            expand: expand(root)?,
            filter: filter::filter(filter)?,
        });
    }
    if name.is(&Space::CalDav, "calendar-multiget") {
        let addresses = elements(root).filter(|it| is(*it, &Space::Dav, "href"));
        let addresses: Vec<String> =
            addresses.map(|it| it.text().unwrap_or_default().trim().to_owned()).collect();
        if addresses.len() > ADDRESSES_AT_MOST {
            return Err(Unreadable::TooMuch);
        }
        return Ok(Report::Multiget { wanted: wanted(root)?, expand: expand(root)?, addresses });
    }
    if name.is(&Space::Dav, "sync-collection") {
        let token = child(&Space::Dav, "sync-token").ok_or(Unreadable::Body)?;
        let since = token.text().map(str::trim).filter(|token| !token.is_empty()).map(str::to_owned);
        let mut limits = child(&Space::Dav, "limit").into_iter().flat_map(elements);
        let limit = limits.find_map(|it| it.text()?.trim().parse().ok());
        return Ok(Report::Sync { wanted: wanted(root)?, since, limit });
    }
    if name.is(&Space::CalDav, "free-busy-query") {
        let range = child(&Space::CalDav, "time-range").ok_or(Unreadable::Filter)?;
        return filter::range(range).map(Report::FreeBusy);
    }
    Ok(Report::Other(name))
}

/// The stretch within which each time is told on its own (RFC 4791, 9.6.5).
fn expand(root: Node<'_, '_>) -> Result<Option<Range>, Unreadable> {
    let props = elements(root).filter(|it| is(*it, &Space::Dav, "prop")).flat_map(elements);
    let data = props.filter(|it| is(*it, &Space::CalDav, "calendar-data")).flat_map(elements);
    let mut asked = data.filter(|it| is(*it, &Space::CalDav, "expand"));
    match asked.next() {
        Some(node) if node.has_attribute("start") && node.has_attribute("end") => {
            filter::range(node).map(Some)
        }
        Some(_) => Err(Unreadable::Filter),
        None => Ok(None),
    }
}

fn wanted(root: Node<'_, '_>) -> Result<Wanted, Unreadable> {
    let child = |word: &str| elements(root).find(|it| is(*it, &Space::Dav, word));
    if let Some(prop) = child("prop") {
        return names(prop).map(Wanted::These);
    }
    if child("propname").is_some() {
        return Ok(Wanted::Names);
    }
    child("include").map_or(Ok(Vec::new()), names).map(Wanted::All)
}

fn names(node: Node<'_, '_>) -> Result<Vec<Name>, Unreadable> {
    let mut named: Vec<Name> = elements(node).take(PROPERTIES_AT_MOST + 1).map(Name::of).collect();
    let long = |name: &Name| name.word.len() > NAME_AT_MOST || name.space.uri().len() > NAME_AT_MOST;
    if named.len() > PROPERTIES_AT_MOST || named.iter().any(long) {
        return Err(Unreadable::TooMuch);
    }
    named.sort();
    named.dedup();
    Ok(named)
}
