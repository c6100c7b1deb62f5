//! The addresses below `/caldav/`, and what each is.

use beffroi_dav::{encoded, segments};

/// Where everything begins.
pub const ROOT: &str = "/caldav/";
/// Whoever is signed in.
pub const OWNER: &str = "/caldav/moi/";
/// The calendars of rooms.
pub const ROOMS: &str = "/caldav/salles/";

/// What an address means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    Root,
    Owner,
    Rooms,
    /// The calendar of the room with that short name.
    Calendar(String),
    /// An event in it, by the last part of its address.
    Event(String, String),
}

impl Place {
    /// What an address means, with or without its host; nothing where it is not one of these.
    pub fn of(address: &str) -> Option<Self> {
        let parts = segments(address)?;
        let mut parts = parts.into_iter();
        if parts.next()? != "caldav" {
            return None;
        }
        match (parts.next().as_deref(), parts.next(), parts.next(), parts.next()) {
            (None, None, None, None) => Some(Self::Root),
            (Some("moi"), None, None, None) => Some(Self::Owner),
            (Some("salles"), None, None, None) => Some(Self::Rooms),
            (Some("salles"), Some(room), None, None) => Some(Self::Calendar(room)),
            (Some("salles"), Some(room), Some(event), None) => Some(Self::Event(room, event)),
            _ => None,
        }
    }

    /// Its address.
    pub fn address(&self) -> String {
        match self {
            Self::Root => ROOT.to_owned(),
            Self::Owner => OWNER.to_owned(),
            Self::Rooms => ROOMS.to_owned(),
            Self::Calendar(room) => format!("{ROOMS}{}/", encoded(room)),
            Self::Event(room, event) => format!("{ROOMS}{}/{}", encoded(room), encoded(event)),
        }
    }

    /// The methods that it knows.
    pub const fn methods(&self) -> &'static str {
        match self {
            Self::Root | Self::Owner | Self::Rooms | Self::Calendar(_) => {
                "OPTIONS, PROPFIND, PROPPATCH, REPORT"
            }
            Self::Event(..) => "OPTIONS, PROPFIND, PROPPATCH, REPORT, GET, HEAD, PUT, DELETE",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_comes_back_as_it_was() {
        let event = Place::Event("castel".to_owned(), "vote 1.ics".to_owned());
        for place in [Place::Root, Place::Owner, Place::Rooms, Place::Calendar("castel".to_owned()), event] {
            assert_eq!(Place::of(&place.address()), Some(place));
        }
        assert_eq!(Place::of("https://lunel.example/caldav"), Some(Place::Root));
        for nowhere in ["/", "/caldavs/", "/caldav/autre/", "/caldav/moi/x", "/caldav/salles/a/b/c"] {
            assert_eq!(Place::of(nowhere), None, "{nowhere}");
        }
    }
}
