//! Texts of Publik's forms: HTML and templates become plain words.

use std::collections::BTreeMap;

/// Letters of a text that are kept.
const LETTERS_AT_MOST: usize = 4_000;

/// What became of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plain {
    /// The words.
    pub text: String,
    /// The templates that could not be filled in.
    pub templates: Vec<String>,
}

/// The words of an HTML text; `{{ form_option_… }}` is filled in from the form's options.
pub fn plain(source: &str, options: &BTreeMap<String, String>) -> Plain {
    let mut plain = Plain::default();
    let filled = fill(source, options, &mut plain.templates);
    let words = words(&filled);
    plain.text = words.chars().take(LETTERS_AT_MOST).collect();
    plain
}

fn fill(source: &str, options: &BTreeMap<String, String>, left: &mut Vec<String>) -> String {
    let mut filled = String::with_capacity(source.len());
    let mut rest = source;
    loop {
        let next = [("{{", "}}"), ("{%", "%}")]
            .into_iter()
            .filter_map(|(open, close)| Some((rest.find(open)?, open, close)))
            .min();
        let Some((at, open, close)) = next else { break };
        let (before, from) = rest.split_at(at);
        filled.push_str(before);
        let inner = from.strip_prefix(open).unwrap_or_default();
        let Some((inner, after)) = inner.split_once(close) else {
            rest = from;
            break;
        };
        let name = inner.trim();
        if open == "{{" {
            let first = name.split('|').next().unwrap_or_default().trim();
            match first.strip_prefix("form_option_").and_then(|option| options.get(option)) {
                Some(value) if !value.is_empty() => filled.push_str(value),
                _ => {
                    left.push(name.to_owned());
                    filled.push('…');
                }
            }
        } else {
            left.push(name.to_owned());
        }
        rest = after;
    }
    filled.push_str(rest);
    filled
}

/// The words between the tags, entities read; links keep their address.
fn words(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut address: Option<String> = None;
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let (before, from) = rest.split_at(at);
        text.push_str(before);
        let tag_begins = from.chars().nth(1).is_some_and(|c| c.is_ascii_alphabetic() || c == '/' || c == '!');
        let end = from.find('>').filter(|_| tag_begins);
        let Some(end) = end else {
            text.push('<');
            rest = from.get(1..).unwrap_or_default();
            continue;
        };
        let tag = from.get(1..end).unwrap_or_default();
        let name: String =
            tag.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
        match (name.to_ascii_lowercase().as_str(), tag.starts_with('/')) {
            ("a", false) => address = href(tag),
            ("a", true) => {
                if let Some(address) = address.take().filter(|address| address.starts_with("http")) {
                    text.push_str(" (");
                    text.push_str(&address);
                    text.push(')');
                }
            }
            ("li", false) => text.push_str("\n- "),
            ("br" | "hr", _)
            | ("p" | "div" | "h1" | "h2" | "h3" | "h4" | "ul" | "ol" | "tr" | "table", true) => {
                text.push('\n');
            }
            _ => {}
        }
        rest = from.get(end + 1..).unwrap_or_default();
    }
    text.push_str(rest);
    let text = html_escape::decode_html_entities(&text);
    let lines = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    let mut kept = lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n");
    kept.retain(|letter| letter == '\n' || !letter.is_control());
    kept
}

fn href(tag: &str) -> Option<String> {
    let (_, after) = tag.split_once("href=")?;
    let quote = after.chars().next().filter(|quote| *quote == '"' || *quote == '\'')?;
    after.get(1..)?.split(quote).next().map(|address| html_escape::decode_html_entities(address).into_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_links_and_options_stay_and_tags_go() {
        let options = BTreeMap::from([("ville".to_owned(), "Lunel".to_owned())]);
        let html = "<p>Bienvenue &agrave;&nbsp;{{ form_option_ville }}&#160;!</p>\n<ul><li>Lire <a href=\"https://a.example/r?x=1&amp;y=2\">le règlement</a></li></ul>2 < 3";
        let read = plain(html, &options);
        assert_eq!(
            read.text,
            "Bienvenue à Lunel !\n- Lire le règlement (https://a.example/r?x=1&y=2)\n2 < 3"
        );
        assert!(read.templates.is_empty());
        let unknown = plain("{% if a %}{{ form_var_nom }}{% endif %}", &options);
        assert_eq!((unknown.text.as_str(), unknown.templates.len()), ("…", 3));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(source in "[<>a/&;#{%}\"' éà\n]{0,80}") {
            let _ = plain(&source, &BTreeMap::new());
        }
    }
}
