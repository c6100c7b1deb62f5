//! Makes any text drawable: a PDF/UA document may not hold a character without a glyph.

use serde_json::Value;

use crate::render::FONTS;

/// How much of what was typed is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rigour {
    /// All that the fonts can draw.
    Drawable,
    /// Latin letters and common punctuation alone.
    Latin,
}

/// Stands for what cannot be drawn.
const UNDRAWABLE: char = '?';
/// Letters without a break after which a line may still be cut (an address, a hash, a long cry).
const LONGEST_RUN: usize = 40;
/// Allows a line to be cut, and shows nothing.
const BREAK_HERE: char = '\u{200b}';

/// Cleans all strings of `value`, in place.
pub(crate) fn clean(value: &mut Value, rigour: Rigour) {
    match value {
        Value::String(text) => *text = drawable(text, rigour),
        Value::Array(items) => items.iter_mut().for_each(|item| clean(item, rigour)),
        Value::Object(fields) => fields.values_mut().for_each(|item| clean(item, rigour)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn drawable(text: &str, rigour: Rigour) -> String {
    let mut out = String::with_capacity(text.len());
    let mut run = 0;
    for c in text.replace("\r\n", "\n").chars() {
        let Some(c) = kept(c, rigour) else { continue };
        if c.is_whitespace() {
            run = 0;
        } else if run == LONGEST_RUN {
            out.push(BREAK_HERE);
            run = 1;
        } else {
            run += 1;
        }
        out.push(c);
    }
    out
}

/// The character to draw, or none when it draws nothing by nature.
fn kept(c: char, rigour: Rigour) -> Option<char> {
    match c {
        '\n' | '\r' | '\u{2028}' | '\u{2029}' | '\u{85}' => Some('\n'),
        '\t' => Some(' '),
        // Invisible: controls, joiners, direction marks, variation selectors, tags.
        '\u{ad}'
        | '\u{61c}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}'
        | '\u{fff0}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e0fff}' => None,
        _ if c.is_control() => None,
        // Private use: each font draws what it likes.
        '\u{e000}'..='\u{f8ff}' | '\u{f0000}'.. => Some(UNDRAWABLE),
        '\u{20}'..='\u{17f}' | '\u{2010}'..='\u{2026}' | '\u{202f}' | '\u{20ac}' if FONTS.draws(c) => Some(c),
        _ if rigour == Rigour::Drawable && FONTS.draws(c) => Some(c),
        _ => Some(UNDRAWABLE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn french_is_left_as_typed() {
        let text = "L’œuvre « Forêt » : 12\u{202f}€, n°\u{a0}3 – Haÿ…";
        assert_eq!(drawable(text, Rigour::Drawable), text);
        assert_eq!(drawable("a\r\nb", Rigour::Latin), "a\nb");
    }

    #[test]
    fn what_no_font_draws_is_replaced() {
        assert_eq!(drawable("Oui 👍\u{fe0f}\u{0}", Rigour::Drawable), "Oui ?");
        assert_eq!(drawable("Ελένη", Rigour::Drawable), "Ελένη");
        assert_eq!(drawable("Ε", Rigour::Latin), "?");
    }

    #[test]
    fn a_cry_without_spaces_can_be_cut() {
        let cry = drawable(&"a".repeat(100), Rigour::Drawable);
        assert_eq!(cry.chars().filter(|c| *c == BREAK_HERE).count(), 2);
    }
}
