//! The little XML that PayFiP's service speaks (SOAP 1.1): its answers are flat, and whatever is not is refused. No
//! document type, no entity but those that XML has by itself, nothing deep, nothing long, and nothing said twice.

use quick_xml::{Reader, XmlVersion, events::Event};

/// Bytes of an answer, at most: those that we know have two thousand.
pub const LONGEST: usize = 32 * 1_024;
/// Elements within one another, at most.
const DEEPEST: usize = 12;
/// Elements, at most.
const MOST: usize = 200;

/// The answer is not one that PayFiP gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable;

/// What an envelope holds: the first element of its body, and the texts of the innermost elements therein, by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// The first element of the body.
    pub name: String,
    texts: Vec<(String, String)>,
    names: Vec<String>,
}

impl Envelope {
    /// The text of that name; `None` where it is absent or empty.
    pub fn text(&self, name: &str) -> Option<&str> {
        let found = self.texts.iter().find(|(known, _)| known == name);
        found.map(|(_, text)| text.as_str()).filter(|text| !text.is_empty())
    }

    /// Whether there is an element of that name.
    pub fn has(&self, name: &str) -> bool {
        self.names.iter().any(|known| known == name)
    }
}

/// Reads an envelope.
///
/// # Errors
/// It is none, or none that we would take.
pub fn read(text: &str) -> Result<Envelope, Unreadable> {
    if text.len() >= LONGEST {
        return Err(Unreadable);
    }
    let mut reader = Reader::from_str(text);
    let mut path: Vec<String> = Vec::new();
    let mut names: Vec<String> = Vec::new();
    let mut texts: Vec<(String, String)> = Vec::new();
    let (mut said, mut innermost, mut first) = (String::new(), false, None);
    let mut ended = false;
    loop {
        match reader.read_event().map_err(|_| Unreadable)? {
            Event::Start(start) => {
                let name = start.local_name().into_inner().to_owned();
                let in_place = match path.len() {
                    0 => name == "Envelope" && !ended,
                    1 => name == "Body" || name == "Header",
                    _ => true,
                };
                if !in_place || path.len() >= DEEPEST || names.len() >= MOST {
                    return Err(Unreadable);
                }
                if path.len() == 2 && path.get(1).is_some_and(|it| it == "Body") {
                    // A body has one element.
                    if first.replace(name.clone()).is_some() {
                        return Err(Unreadable);
                    }
                }
                names.push(name.clone());
                path.push(name);
                said.clear();
                innermost = true;
            }
            Event::End(_) => {
                let name = path.pop().ok_or(Unreadable)?;
                if innermost && path.len() > 2 {
                    // Said twice, one of them would be believed.
                    if texts.iter().any(|(known, _)| *known == name) {
                        return Err(Unreadable);
                    }
                    texts.push((name, said.trim().to_owned()));
                }
                said.clear();
                innermost = false;
                ended |= path.is_empty();
            }
            Event::Empty(empty) => {
                if path.is_empty() || names.len() >= MOST {
                    return Err(Unreadable);
                }
                names.push(empty.local_name().into_inner().to_owned());
                innermost = false;
            }
            Event::Text(text) => said.push_str(&text.xml_content(XmlVersion::Implicit1_0)),
            Event::CData(text) => said.push_str(&text.xml_content(XmlVersion::Implicit1_0)),
            Event::GeneralRef(reference) => {
                let resolved = reference.resolve_char_ref().map_err(|_| Unreadable)?;
                said.push(match (resolved, &*reference) {
                    (Some(letter), _) => letter,
                    (None, "amp") => '&',
                    (None, "lt") => '<',
                    (None, "gt") => '>',
                    (None, "quot") => '"',
                    (None, "apos") => '\'',
                    (None, _) => return Err(Unreadable),
                });
            }
            Event::Decl(_) | Event::Comment(_) => {}
            Event::DocType(_) | Event::PI(_) => return Err(Unreadable),
            Event::Eof => break,
        }
    }
    match first {
        Some(name) if ended && path.is_empty() => Ok(Envelope { name, texts, names }),
        _ => Err(Unreadable),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn enveloped(body: &str) -> String {
        format!(
            r#"<?xml version="1.0" encoding="UTF-8"?><S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"><S:Body>{body}</S:Body></S:Envelope>"#
        )
    }

    #[test]
    fn a_flat_answer_is_read_whatever_its_prefixes() {
        let read = read(&enveloped(
            "<ns2:r xmlns:ns2=\"urn:x\"><return><idOp>a-b</idOp><objet>Caf\u{e9} &amp; th&#xE9;</objet>\
             <numauto/><mel> a@b.fr </mel></return></ns2:r>",
        ))
        .unwrap();
        assert_eq!(read.name, "r");
        assert_eq!(read.text("idOp"), Some("a-b"));
        assert_eq!(read.text("objet"), Some("Café & thé"));
        assert_eq!((read.text("numauto"), read.text("mel")), (None, Some("a@b.fr")));
        assert!(read.has("return") && !read.has("Fault"));
    }

    #[test]
    fn what_is_made_to_harm_is_refused() {
        let bomb = r#"<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><S:Envelope xmlns:S="u"><S:Body><r><return><idOp>&b;</idOp></return></r></S:Body></S:Envelope>"#;
        let deep = enveloped(&("<a>".repeat(2_000) + &"</a>".repeat(2_000)));
        let many = enveloped(&format!("<r>{}</r>", "<a>1</a>".repeat(500)));
        let long = enveloped(&format!("<r><a>{}</a></r>", "x".repeat(LONGEST)));
        for (what, text) in [
            ("a bomb of entities", bomb.to_owned()),
            ("an unknown entity", enveloped("<r><a>&file;</a></r>")),
            (
                "a file from outside",
                r#"<!DOCTYPE x SYSTEM "file:///etc/passwd"><Envelope><Body><r><a>1</a></r></Body></Envelope>"#
                    .to_owned(),
            ),
            ("depth", deep),
            ("number", many),
            ("length", long),
            ("something said twice", enveloped("<r><x><resultrans>R</resultrans><resultrans>P</resultrans></x></r>")),
            ("two bodies' worth", enveloped("<r><a>1</a></r><r><a>2</a></r>")),
            ("an instruction", enveloped("<?php x ?><r><a>1</a></r>")),
            ("a cut", enveloped("<r><a>1</a></r>").replace("</S:Envelope>", "")),
            ("a cut within", "<S:Envelope><S:Body><r><resultrans>P</resu".to_owned()),
            ("more behind", enveloped("<r><a>1</a></r>") + "<Envelope><Body><r/></Body></Envelope>"),
            ("a page", "<!doctype html><html><body>Maintenance</body></html>".to_owned()),
            ("no body", "<Envelope></Envelope>".to_owned()),
            ("nothing", String::new()),
        ] {
            assert_eq!(read(&text), Err(Unreadable), "{what}");
        }
    }

    proptest! {
        #[test]
        fn nothing_that_is_sent_breaks_it(text in ".{0,400}", tags in "(<[/a-zA-Z:&;!?\\[\\]-]{0,12}>|&[a-z#0-9x]{0,6};?|[a-z]{0,4}){0,40}") {
            let _ = read(&text);
            let _ = read(&tags);
            let _ = read(&enveloped(&tags));
        }
    }
}
