//! The templates that come with the house, for the documents of procedures. Each sees a [`Sheet`](crate::Sheet).

/// A template that comes with the house.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HouseTemplate {
    /// A letter to the requester.
    Letter,
    /// A certificate (attestation): a large title, the person, the facts, place, date and signature.
    Certificate,
    /// An order (arrêté): « Vu », « Considérant », « Article 1 ».
    Order,
    /// A permit of one page, to be read from afar: behind a windscreen, on a building site.
    Permit,
}

impl HouseTemplate {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::Letter, Self::Certificate, Self::Order, Self::Permit];

    /// The name by which procedures call it.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Letter => "letter",
            Self::Certificate => "certificate",
            Self::Order => "order",
            Self::Permit => "permit",
        }
    }

    /// The one that is called so.
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|template| template.slug() == slug)
    }

    /// Its source, in Typst: what a template of one's own begins with.
    pub const fn source(self) -> &'static str {
        match self {
            Self::Letter => include_str!("../templates/letter.typ"),
            Self::Certificate => include_str!("../templates/certificate.typ"),
            Self::Order => include_str!("../templates/order.typ"),
            Self::Permit => include_str!("../templates/permit.typ"),
        }
    }
}
