//! Where to go afterwards: only to a page of this site, whatever the address says.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

/// What these pages are told in their address.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// Where to go afterwards.
    pub retour: String,
    /// The secret of a mailed link.
    pub lien: String,
    /// What has just been done, to be said at the top of the page.
    pub fait: String,
}

/// A path of this site, to be followed after signing in. Browsers take `//host` and `/\host` for
/// another site and leave tabs and line ends out, so none of these is let through.
pub fn local(path: &str) -> Option<&str> {
    let plain = path.len() <= 2_000 && path.bytes().all(|c| c.is_ascii_graphic() && c != b'\\');
    let here = path.starts_with('/') && !path.starts_with("//");
    // Coming back to the door would lead round and round.
    let door = ["/connexion", "/deconnexion"].iter().any(|door| path.starts_with(door));
    (plain && here && !door).then_some(path)
}

/// `to`, with the way back in its query if there is a proper one.
pub fn with_back(to: &str, back: &str) -> String {
    match local(back) {
        Some(back) => format!("{to}?retour={}", utf8_percent_encode(back, NON_ALPHANUMERIC)),
        None => to.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_comes_back_to_a_page_of_this_site_only() {
        assert_eq!(local("/demarches/acte?etape=2"), Some("/demarches/acte?etape=2"));
        for forged in [
            "",
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "/\t/evil.example",
            "/a\r\nset-cookie:x",
            "javascript:alert(1)",
            "compte",
            "/connexion?retour=/connexion",
            "/déjà",
        ] {
            assert_eq!(local(forged), None, "{forged:?}");
        }
    }

    #[test]
    fn the_way_back_is_carried_whole() {
        assert_eq!(with_back("/connexion/code", "/a?b=1&c=2"), "/connexion/code?retour=%2Fa%3Fb%3D1%26c%3D2");
        assert_eq!(with_back("/connexion/code", "//evil.example"), "/connexion/code");
    }
}
