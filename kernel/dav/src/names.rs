//! Names of properties, reports and errors: a namespace and a word.

/// The namespaces that are spoken here.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Space {
    /// WebDAV (RFC 4918).
    Dav,
    /// CalDAV (RFC 4791).
    CalDav,
    /// What Apple's server added, and everybody asks for.
    Server,
    /// Our own: why something is refused, in words.
    Own,
    /// Any other.
    Other(String),
}

impl Space {
    /// Those with a prefix of their own.
    pub(crate) const OURS: [Self; 4] = [Self::Dav, Self::CalDav, Self::Server, Self::Own];

    /// Its address.
    pub fn uri(&self) -> &str {
        match self {
            Self::Dav => "DAV:",
            Self::CalDav => "urn:ietf:params:xml:ns:caldav",
            Self::Server => "http://calendarserver.org/ns/",
            Self::Own => "urn:beffroi:caldav",
            Self::Other(uri) => uri,
        }
    }

    /// What stands for it in an answer.
    pub(crate) const fn prefix(&self) -> &'static str {
        match self {
            Self::Dav => "D",
            Self::CalDav => "C",
            Self::Server => "S",
            Self::Own => "B",
            Self::Other(_) => "X",
        }
    }

    fn of(uri: &str) -> Self {
        let ours = Self::OURS.into_iter().find(|space| space.uri() == uri);
        ours.unwrap_or_else(|| Self::Other(uri.to_owned()))
    }
}

/// The name of a property, of a report or of an error.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name {
    /// Where the word is from.
    pub space: Space,
    /// The word.
    pub word: String,
}

impl Name {
    /// A name of WebDAV.
    pub fn dav(word: &str) -> Self {
        Self { space: Space::Dav, word: word.to_owned() }
    }

    /// A name of CalDAV.
    pub fn caldav(word: &str) -> Self {
        Self { space: Space::CalDav, word: word.to_owned() }
    }

    /// A name that Apple's server made known.
    pub fn server(word: &str) -> Self {
        Self { space: Space::Server, word: word.to_owned() }
    }

    /// A name of our own.
    pub fn own(word: &str) -> Self {
        Self { space: Space::Own, word: word.to_owned() }
    }

    /// The name of an element that was read.
    pub(crate) fn of(node: roxmltree::Node<'_, '_>) -> Self {
        let tag = node.tag_name();
        Self { space: Space::of(tag.namespace().unwrap_or_default()), word: tag.name().to_owned() }
    }

    pub(crate) fn is(&self, space: &Space, word: &str) -> bool {
        self.space == *space && self.word == word
    }
}
