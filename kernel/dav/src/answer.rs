//! How a question is answered: `multistatus` documents (RFC 4918, 13), and errors that say which rule was broken
//! (RFC 4918, 16).

use std::fmt::Write;

use http::StatusCode;
use quick_xml::escape::escape;

use crate::names::{Name, Space};

/// What stands in a property. Whatever text is given to it stays text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content(String);

impl Content {
    /// A text.
    pub fn text(text: &str) -> Self {
        Self(escape(plain(text)).into_owned())
    }

    /// An address.
    pub fn address(address: &str) -> Self {
        Self::default().with("href", address)
    }

    /// Elements without content, one after another.
    pub fn elements(names: &[Name]) -> Self {
        let mut content = Self::default();
        for name in names {
            content.0.push_str(&empty(name));
        }
        content
    }

    /// An element around some content.
    #[must_use]
    pub fn within(self, name: &Name) -> Self {
        Self(format!("{}{}{}", open(name), self.0, close(name)))
    }

    /// One content after another.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        self.0.push_str(&other.0);
        self
    }

    /// `<C:comp name="VEVENT"/>` and its like: an element of CalDAV with attributes.
    pub fn described(word: &str, attributes: &[(&str, &str)]) -> Self {
        let mut written = format!("<C:{word}");
        for (name, value) in attributes {
            let _ = write!(written, " {name}=\"{}\"", escape(plain(value)));
        }
        written.push_str("/>");
        Self(written)
    }

    fn with(mut self, word: &str, text: &str) -> Self {
        let _ = write!(self.0, "<D:{word}>{}</D:{word}>", escape(plain(text)));
        self
    }
}

/// A text without what XML cannot hold.
fn plain(text: &str) -> String {
    let fits = |letter: &char| {
        matches!(*letter, '\t' | '\n' | '\r')
            || (*letter >= ' ' && !matches!(*letter, '\u{fffe}' | '\u{ffff}'))
    };
    text.chars().filter(fits).collect()
}

fn open(name: &Name) -> String {
    let prefix = name.space.prefix();
    match &name.space {
        Space::Other(uri) => format!("<{prefix}:{} xmlns:{prefix}=\"{}\">", name.word, escape(plain(uri))),
        _ => format!("<{prefix}:{}>", name.word),
    }
}

fn close(name: &Name) -> String {
    format!("</{}:{}>", name.space.prefix(), name.word)
}

fn empty(name: &Name) -> String {
    match &name.space {
        // What has no namespace cannot be given a prefix.
        Space::Other(uri) if uri.is_empty() => format!("<{}/>", name.word),
        _ => {
            let mut written = open(name);
            written.pop();
            written + "/>"
        }
    }
}

fn begun(root: &str) -> String {
    let mut written = format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<D:{root}");
    for space in &Space::OURS {
        let _ = write!(written, " xmlns:{}=\"{}\"", space.prefix(), space.uri());
    }
    written + ">"
}

/// The answer about several things at once.
#[derive(Clone, Debug)]
pub struct Multistatus {
    written: String,
    minimal: bool,
}

impl Multistatus {
    /// An empty one; a `minimal` one does not name the properties that are not there.
    pub fn new(minimal: bool) -> Self {
        Self { written: begun("multistatus"), minimal }
    }

    /// Tells the properties of the thing at an address, and those that it has not.
    pub fn tell(&mut self, address: &str, found: &[(Name, Content)], missing: &[Name]) {
        self.begin(address);
        let missing = if self.minimal { &[] } else { missing };
        if !found.is_empty() || missing.is_empty() {
            self.written.push_str("<D:propstat><D:prop>");
            for (name, content) in found {
                if content.0.is_empty() {
                    self.written.push_str(&empty(name));
                } else {
                    let _ = write!(self.written, "{}{}{}", open(name), content.0, close(name));
                }
            }
            self.end_of_properties(StatusCode::OK);
        }
        if !missing.is_empty() {
            self.refuse_properties(missing, StatusCode::NOT_FOUND);
        }
        self.written.push_str("</D:response>");
    }

    /// Tells that none of these properties of a thing may be changed.
    pub fn refuse(&mut self, address: &str, properties: &[Name]) {
        self.begin(address);
        self.refuse_properties(properties, StatusCode::FORBIDDEN);
        self.written.push_str("</D:response>");
    }

    /// Tells how it stands with the whole thing: that it is not there (any more), say.
    pub fn tell_status(&mut self, address: &str, status: StatusCode) {
        self.begin(address);
        let _ = write!(self.written, "<D:status>{}</D:status></D:response>", line(status));
    }

    /// The document, with the mark of how far it goes where changes were asked for.
    pub fn finish(mut self, mark: Option<&str>) -> String {
        if let Some(mark) = mark {
            let _ = write!(self.written, "<D:sync-token>{}</D:sync-token>", escape(mark));
        }
        self.written + "</D:multistatus>"
    }

    fn begin(&mut self, address: &str) {
        let _ = write!(self.written, "<D:response><D:href>{}</D:href>", escape(plain(address)));
    }

    fn refuse_properties(&mut self, properties: &[Name], status: StatusCode) {
        self.written.push_str("<D:propstat><D:prop>");
        for name in properties {
            self.written.push_str(&empty(name));
        }
        self.end_of_properties(status);
    }

    fn end_of_properties(&mut self, status: StatusCode) {
        let _ = write!(self.written, "</D:prop><D:status>{}</D:status></D:propstat>", line(status));
    }
}

fn line(status: StatusCode) -> String {
    format!("HTTP/1.1 {} {}", status.as_u16(), status.canonical_reason().unwrap_or_default())
}

/// The body of a refusal: which rule was broken, with what the standard wants beside it, and why in words.
pub fn error(condition: &Name, content: &Content, why: &str) -> String {
    let mut written = begun("error");
    if content.0.is_empty() {
        written.push_str(&empty(condition));
    } else {
        let _ = write!(written, "{}{}{}", open(condition), content.0, close(condition));
    }
    if !why.is_empty() {
        let _ = write!(written, "<B:message>{}</B:message>", escape(plain(why)));
    }
    written + "</D:error>"
}
