//! Addresses, as programs write them and as they are written to them.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// What stands in an address as it is (RFC 3986: unreserved).
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// Letters of one part of an address, at most.
const PART_AT_MOST: usize = 255;
/// Parts of an address, at most.
const PARTS_AT_MOST: usize = 8;

/// The parts of an address, with or without its scheme and host; nothing where no such address is ours: a part that is no
/// UTF-8, is too long, or would be read as another place.
pub fn segments(address: &str) -> Option<Vec<String>> {
    let path = match address.split_once("://") {
        Some((_, rest)) => rest.split_once('/').map_or("", |(_, path)| path),
        None => address,
    };
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let mut parts = Vec::new();
    for part in path.split('/').filter(|part| !part.is_empty()) {
        let part = percent_decode_str(part).decode_utf8().ok()?.into_owned();
        let strange = part.len() > PART_AT_MOST
            || part == "."
            || part == ".."
            || part.chars().any(|letter| letter == '/' || letter == '\\' || letter.is_control());
        if strange || parts.len() >= PARTS_AT_MOST {
            return None;
        }
        parts.push(part);
    }
    Some(parts)
}

/// A part of an address as it is written.
pub fn encoded(part: &str) -> String {
    utf8_percent_encode(part, PLAIN).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_whichever_way_a_program_writes_it() {
        let read = |address| segments(address).unwrap().join("|");
        assert_eq!(read("/caldav/salles/castel/a%20b.ics"), "caldav|salles|castel|a b.ics");
        assert_eq!(read("https://lunel.example:8443/caldav//salles/?x=1"), "caldav|salles");
        assert_eq!(read("/%C3%A9t%C3%A9.ics"), "été.ics");
        assert_eq!(encoded("a b/é@x.ics"), "a%20b%2F%C3%A9%40x.ics");
        for strange in ["/a/%2e%2e/b", "/a%2Fb", "/%FF", "/%00", "/a/b/c/d/e/f/g/h/i"] {
            assert_eq!(segments(strange), None, "{strange}");
        }
        assert_eq!(segments(&"x".repeat(300)), None);
    }
}
