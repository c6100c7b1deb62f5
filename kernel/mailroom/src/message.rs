//! A mail as the mail room shows it: who, what, plain text and attachments. Nothing of it is run, shown as a page, or
//! fetched from elsewhere, and however hostile it is, its size is bounded.

use mail_parser::{Message, MessageParser, MimeHeaders, PartType};

use crate::Nature;

/// Letters of a text that are kept.
const LONGEST_TEXT: usize = 50_000;
/// Letters of a subject or a name.
const LONGEST_LINE: usize = 200;
/// Attachments of one mail that are kept; the text says how many more there were.
pub const ATTACHMENTS_AT_MOST: usize = 50;

/// A mail, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    /// The sender's name; `""` where there is none.
    pub sender_name: String,
    /// The sender's address; likewise.
    pub sender_email: String,
    /// The subject.
    pub subject: String,
    /// The text, of a page too.
    pub body: String,
    /// What the mail says of itself.
    pub nature: Nature,
    /// The attachments: name and content.
    pub attachments: Vec<(String, Vec<u8>)>,
    /// Attachments that there was no room for.
    pub left_out: usize,
}

impl Read {
    const fn empty() -> Self {
        Self {
            sender_name: String::new(),
            sender_email: String::new(),
            subject: String::new(),
            body: String::new(),
            nature: Nature::Ordinary,
            attachments: Vec::new(),
            left_out: 0,
        }
    }
}

/// Reads a mail (RFC 5322, MIME). What cannot be read as one is shown as its text.
pub fn read(raw: &[u8]) -> Read {
    let Some(message) = MessageParser::default().parse(raw) else {
        let body = bounded(&String::from_utf8_lossy(raw), LONGEST_TEXT);
        return Read { body, ..Read::empty() };
    };
    let sender = message.from().and_then(|from| from.first());
    let mut read = Read {
        sender_name: one_line(sender.and_then(|sender| sender.name()).unwrap_or_default()),
        sender_email: one_line(sender.and_then(|sender| sender.address()).unwrap_or_default()),
        subject: one_line(message.subject().unwrap_or_default()),
        body: text_of(&message),
        nature: nature(&message),
        ..Read::empty()
    };
    for (rank, part) in message.attachments().enumerate() {
        if rank >= ATTACHMENTS_AT_MOST {
            read.left_out += 1;
            continue;
        }
        if let PartType::Message(inner) = &part.body {
            // A mail within the mail is kept as its text.
            let subject = one_line(inner.subject().unwrap_or("message"));
            let text = format!("{subject}\n\n{}", text_of(inner));
            read.attachments.push((format!("{subject}.txt"), text.into_bytes()));
            continue;
        }
        let content = part.contents().to_vec();
        let name = part.attachment_name().map(one_line).filter(|name| !name.is_empty());
        read.attachments.push((name.unwrap_or_else(|| format!("fichier-{}", rank + 1)), content));
    }
    read
}

/// The plain text: what the mail gives as such, or else what its page says.
fn text_of(message: &Message<'_>) -> String {
    let mut text = String::new();
    for rank in 0..message.text_body_count().min(20) {
        let Some(part) = message.body_text(rank) else { continue };
        if !text.is_empty() {
            text.push_str("\n\n");
        }
        text.push_str(part.trim());
        if text.len() > 4 * LONGEST_TEXT {
            break;
        }
    }
    bounded(&text, LONGEST_TEXT)
}

/// Whether a program wrote it (RFC 3834), or the mail system itself (RFC 3464).
fn nature(message: &Message<'_>) -> Nature {
    let said = |name: &'static str| message.header_raw(name).unwrap_or_default().trim().to_ascii_lowercase();
    let report = message.content_type().is_some_and(|kind| {
        kind.ctype().eq_ignore_ascii_case("multipart")
            && kind.subtype().is_some_and(|subtype| subtype.eq_ignore_ascii_case("report"))
    });
    if report || said("Return-Path") == "<>" {
        return Nature::Bounce;
    }
    let automatic = said("Auto-Submitted");
    let answers = ["auto_reply", "auto-reply", "bulk", "junk", "list"].contains(&said("Precedence").as_str());
    let named = ["X-Autoreply", "X-Autorespond"].into_iter().any(|name| !said(name).is_empty());
    if (!automatic.is_empty() && automatic != "no") || answers || named {
        return Nature::Automatic;
    }
    Nature::Ordinary
}

fn one_line(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    bounded(line.trim(), LONGEST_LINE)
}

/// The text without what no page shows, cut to a length.
fn bounded(text: &str, longest: usize) -> String {
    let kept = text.chars().filter(|c| !c.is_control() || ['\n', '\t'].contains(c));
    kept.take(longest).collect()
}

/// The references of cases that stand in a text: `2026-7QK4MRT`, as people copy them.
pub fn references(text: &str) -> Vec<String> {
    const LETTERS: &str = "23456789ABCDEFGHJKLMNPQRSTVWXZ";
    let mut found = Vec::new();
    let folded = text.to_ascii_uppercase();
    let words = folded.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
    for word in words {
        let Some((year, letters)) = word.split_once('-') else { continue };
        let fits = year.len() == 4
            && year.starts_with("20")
            && year.bytes().all(|c| c.is_ascii_digit())
            && letters.len() == 7
            && letters.chars().all(|c| LETTERS.contains(c));
        let reference = word.to_owned();
        if fits && !found.contains(&reference) && found.len() < 10 {
            found.push(reference);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    #[test]
    fn a_plain_mail_is_read_with_its_accents() {
        let raw = b"From: =?utf-8?q?L=C3=A9a_Durand?= <lea@example.org>\r\nTo: mairie@lunel.example\r\n\
            Subject: =?iso-8859-1?q?Demande_2026-7qk4mrt_=E0_compl=E9ter?=\r\n\
            Content-Type: text/plain; charset=windows-1252\r\n\r\nVoil\xe0 mon papier.\r\n";
        let read = read(raw);
        assert_eq!(
            (read.sender_name.as_str(), read.sender_email.as_str()),
            ("Léa Durand", "lea@example.org")
        );
        assert_eq!(read.subject, "Demande 2026-7qk4mrt à compléter");
        assert_eq!(read.body, "Voilà mon papier.");
        assert_eq!(read.nature, Nature::Ordinary);
        assert_eq!(references(&read.subject), ["2026-7QK4MRT"]);
    }

    #[test]
    fn a_page_becomes_harmless_text() {
        let raw = b"From: a@example.org\r\nSubject: x\r\nContent-Type: text/html; charset=utf-8\r\n\r\n\
            <style>p{}</style><p>Bonjour <b>Madame</b></p><script>alert(1)</script>\
            <img src=\"https://example.com/pixel.gif\">\r\n";
        let body = read(raw).body;
        assert!(body.contains("Bonjour Madame"), "{body}");
        assert!(!body.contains('<') && !body.contains("alert") && !body.contains("pixel"), "{body}");
    }

    #[test]
    fn attachments_come_with_their_names() {
        let raw = b"From: a@example.org\r\nSubject: x\r\nMIME-Version: 1.0\r\n\
            Content-Type: multipart/mixed; boundary=cut\r\n\r\n--cut\r\nContent-Type: text/plain\r\n\r\nBonjour\r\n\
            --cut\r\nContent-Type: application/pdf; name=\"plan.pdf\"\r\nContent-Transfer-Encoding: base64\r\n\
            Content-Disposition: attachment; filename=\"plan.pdf\"\r\n\r\nJVBERi0xLjcK\r\n--cut--\r\n";
        let read = read(raw);
        assert_eq!(read.attachments, [("plan.pdf".to_owned(), b"%PDF-1.7\n".to_vec())]);
        assert_eq!(read.body, "Bonjour");
    }

    #[test]
    fn programs_and_bounces_are_known() {
        let of = |head: &str| {
            read(format!("From: a@example.org\r\n{head}\r\nSubject: x\r\n\r\ny\r\n").as_bytes()).nature
        };
        assert_eq!(of("Auto-Submitted: auto-replied"), Nature::Automatic);
        assert_eq!(of("Auto-Submitted: no"), Nature::Ordinary);
        assert_eq!(of("Precedence: bulk"), Nature::Automatic);
        assert_eq!(of("Return-Path: <>"), Nature::Bounce);
        assert_eq!(
            of("Content-Type: multipart/report; report-type=delivery-status; boundary=x"),
            Nature::Bounce
        );
    }

    #[test]
    fn what_is_hostile_is_bounded() {
        let deep = (0..2_000).fold(String::new(), |mut deep, rank| {
            let _ = write!(deep, "Content-Type: multipart/mixed; boundary=b{rank}\r\n\r\n--b{rank}\r\n");
            deep
        });
        let _ = read(format!("From: a@example.org\r\n{deep}").as_bytes());
        let long = read(
            format!("From: a@example.org\r\nSubject: {}\r\n\r\n{}", "s".repeat(9_000), "t".repeat(900_000))
                .as_bytes(),
        );
        assert!(long.subject.chars().count() <= 200 && long.body.chars().count() <= 50_000);
        let _ = read(&[0xff; 4_096]);
        let _ = read(b"");
    }

    #[test]
    fn a_reference_is_known_among_other_numbers() {
        assert_eq!(
            references("dossier n°2026-7QK4MRT, 2026-7qk4mrt. Tél. 04-65711234, 1999-7QK4MRT, 2026-OOOOOOO"),
            ["2026-7QK4MRT"]
        );
    }
}
