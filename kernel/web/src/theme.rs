//! The commune's colours. Whatever colour a commune chooses, its pages stay readable: contrasts are
//! computed as WCAG 2 does and repaired to at least 4.5:1.

use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::Response,
};
use beffroi_people::Town;
use beffroi_store::By;

use crate::{App, CommuneOf, Result, WebError, page::public_text};

/// WCAG 2.2, criterion 1.4.3, level AA.
const READABLE: f64 = 4.5;
/// The greyest paper on which brand-coloured text stands (`--wash`).
const WASH: Colour = Colour(0xf6, 0xf7, 0xf8);
const WHITE: Colour = Colour(255, 255, 255);
const BLACK: Colour = Colour(0, 0, 0);

/// A colour, as red, green and blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour(pub u8, pub u8, pub u8);

impl Colour {
    /// Reads `#rrggbb`.
    pub fn from_hex(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
        let part = |from: usize| u8::from_str_radix(digits.get(from..from + 2)?, 16).ok();
        Some(Self(part(0)?, part(2)?, part(4)?))
    }

    fn hex(self) -> String {
        format!("#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }

    /// Moves towards another colour; `share` is between 0 (stay) and 100 (be the other).
    fn towards(self, other: Self, share: u16) -> Self {
        let mix = |from: u8, to: u8| {
            let sum = u16::from(from) * (100 - share) + u16::from(to) * share;
            u8::try_from(sum / 100).unwrap_or(u8::MAX)
        };
        Self(mix(self.0, other.0), mix(self.1, other.1), mix(self.2, other.2))
    }

    fn luminance(self) -> f64 {
        let linear = |part: u8| {
            let share = f64::from(part) / 255.0;
            if share <= 0.040_45 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(self.0) + 0.7152 * linear(self.1) + 0.0722 * linear(self.2)
    }

    /// The contrast between two colours, from 1 to 21.
    pub fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance() + 0.05, other.luminance() + 0.05);
        if a > b { a / b } else { b / a }
    }
}

/// The colours that pages take from the commune.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Theme {
    /// The commune's colour, darkened until text in it is readable on the site's papers.
    pub brand: Colour,
    /// Text upon the brand colour.
    pub ink: Colour,
    /// A tint on which text in the brand colour is readable.
    pub soft: Colour,
}

impl Theme {
    /// The theme of a commune whose colour is `wanted`.
    pub fn of(wanted: Colour) -> Self {
        let brand = (0..=100)
            .step_by(2)
            .map(|share| wanted.towards(BLACK, share))
            .find(|colour| colour.contrast(WASH) >= READABLE && colour.contrast(WHITE) >= READABLE)
            .unwrap_or(BLACK);
        let soft = (91..=100)
            .map(|share| brand.towards(WHITE, share))
            .find(|tint| brand.contrast(*tint) >= READABLE)
            .unwrap_or(WHITE);
        Self { brand, ink: WHITE, soft }
    }

    fn css(self) -> String {
        format!(
            ":root{{--brand:{};--brand-ink:{};--brand-soft:{}}}\n",
            self.brand.hex(),
            self.ink.hex(),
            self.soft.hex()
        )
    }
}

/// `GET /theme.css`.
pub(crate) async fn serve(State(_): State<App>, commune: CommuneOf) -> Result<Response> {
    let town = commune.read(By::VISITOR, Town::load).await.map_err(WebError::from)?;
    let wanted = Colour::from_hex(&town.brand).or_else(|| Colour::from_hex(&Town::default().brand));
    let css = Theme::of(wanted.unwrap_or(BLACK)).css();
    let mut response = public_text(css);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/css; charset=utf-8"));
    Ok(response)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_readable_colour_is_left_alone() {
        let navy = Colour::from_hex("#1b4f9c").unwrap();
        assert_eq!(Theme::of(navy).brand, navy);
    }

    #[test]
    fn a_town_in_yellow_gets_a_readable_ochre() {
        let theme = Theme::of(Colour::from_hex("#ffd500").unwrap());
        assert!(theme.brand.contrast(WHITE) >= READABLE);
        assert!(theme.brand.0 > theme.brand.2, "still more yellow than blue: {:?}", theme.brand);
    }

    #[test]
    fn black_on_white_is_twenty_one() {
        assert!((BLACK.contrast(WHITE) - 21.0).abs() < 0.001);
        assert_eq!(Colour::from_hex("1b4f9c"), None);
        assert_eq!(Colour::from_hex("#1b4f9é"), None);
    }

    proptest! {
        #[test]
        fn whatever_the_colour_the_text_is_readable(red: u8, green: u8, blue: u8) {
            let theme = Theme::of(Colour(red, green, blue));
            for paper in [WHITE, WASH, theme.soft, theme.ink] {
                prop_assert!(theme.brand.contrast(paper) >= READABLE);
            }
        }
    }
}
