//! How mail leaves: by the town's mail server, or not at all in a demonstration.

use std::time::{Duration, SystemTime};

use lettre::{
    Message, SmtpTransport, Transport as _,
    message::{Mailbox, MultiPart, SinglePart, header::ContentType},
    transport::smtp::{
        authentication::Credentials,
        client::{Certificate, Tls, TlsParameters},
        response::{Category, Code, Severity},
    },
};

use crate::mail::{Mail, State};

/// How long the mail server may take for one step.
const PATIENCE: Duration = Duration::from_secs(30);
/// Columns of a line of plain text (RFC 3676 §4.2 recommends at most 78).
const COLUMNS: usize = 72;
/// How a certificate begins in PEM (RFC 7468).
const PEM: &[u8] = b"-----BEGIN CERTIFICATE-----";

/// How the connection to the mail server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte (port 465).
    Tls,
    /// TLS after a greeting; without it nothing is sent (port 587).
    StartTls,
    /// Nothing: only for a mail server on the same machine.
    Plain,
}

/// The town's mail server.
#[derive(Clone, Debug)]
pub struct SmtpConfig {
    /// Its host name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
    /// Certificates (PEM) of those who vouch for it, where these are the town's own; they are believed
    /// beside the authorities that everybody knows.
    pub authority: Option<Vec<u8>>,
    /// Name and password, where it asks for them.
    pub credentials: Option<(String, String)>,
    /// Whom mail comes from: `Ville de Lunel <ne-pas-repondre@lunel.fr>`.
    pub from: String,
}

/// Why a mail did not leave.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// The server cannot be reached or does not let the town in: all mail waits for better days.
    #[error("the mail server is away: {0}")]
    Away(Cause),
    /// The server asks to come back later with this mail.
    #[error("the mail server asks for patience: {0}")]
    Later(Cause),
    /// This mail will never be taken; or the configuration cannot be used at all.
    #[error("the mail was refused: {0}")]
    Refused(Cause),
}

impl TransportError {
    pub(crate) const fn cause(&self) -> &Cause {
        match self {
            Self::Away(cause) | Self::Later(cause) | Self::Refused(cause) => cause,
        }
    }
}

/// What was said of a mail that did not leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// In the server's own words, which often repeat the recipient's address: they stay with the mail.
    pub text: String,
    /// Without them: for the log, and for the jobs.
    pub reason: String,
}

impl std::fmt::Display for Cause {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

impl From<String> for Cause {
    fn from(text: String) -> Self {
        Self { reason: text.clone(), text }
    }
}

impl From<&str> for Cause {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

impl From<&lettre::transport::smtp::Error> for Cause {
    fn from(error: &lettre::transport::smtp::Error) -> Self {
        let text = error.to_string();
        let reason = match error.status() {
            Some(code) => format!("the mail server answered {code}"),
            None if error.is_response() => "the mail server answered what nobody understands".to_owned(),
            None => text.clone(),
        };
        Self { text, reason }
    }
}

/// A way out for mail.
pub enum Transport {
    /// Nothing leaves; mail can be read in the demonstration's mail room.
    Kept,
    /// By the town's mail server.
    Smtp {
        /// The connection.
        server: Box<SmtpTransport>,
        /// Whom mail comes from.
        from: Mailbox,
    },
}

impl Transport {
    /// By that mail server.
    ///
    /// Errors: the sender's address or the host name cannot be used.
    pub fn smtp(config: &SmtpConfig) -> Result<Self, TransportError> {
        let from = config.from.parse().map_err(|error| {
            TransportError::Refused(format!("the sender {:?}: {error}", config.from).into())
        })?;
        let tls = match config.security {
            Security::Tls => Tls::Wrapper(protection(config)?),
            Security::StartTls => Tls::Required(protection(config)?),
            Security::Plain => Tls::None,
        };
        let mut server =
            SmtpTransport::builder_dangerous(&config.host).port(config.port).tls(tls).timeout(Some(PATIENCE));
        if let Some((name, password)) = &config.credentials {
            server = server.credentials(Credentials::new(name.clone(), password.clone()));
        }
        Ok(Self::Smtp { server: Box::new(server.build()), from })
    }

    /// Whether the mail server can be reached, protected as it should be, and lets the town in. Blocks.
    pub fn check(&self) -> Result<(), TransportError> {
        let Self::Smtp { server, .. } = self else { return Ok(()) };
        match server.test_connection() {
            Ok(true) => Ok(()),
            Ok(false) => Err(TransportError::Away("it closed the connection".into())),
            Err(error) => Err(why(&error)),
        }
    }

    /// Sends a mail, and says what became of it.
    pub(crate) fn send(&self, mail: &Mail) -> Result<State, TransportError> {
        let Self::Smtp { server, from } = self else { return Ok(State::Kept) };
        let message = compose(mail, from)?;
        server.send(&message).map(|_| State::Sent).map_err(|error| {
            // Nothing was sent: a server without SMTPUTF8 (RFC 6531) takes no such address, and stands open to others.
            if error.is_client() && !mail.to.is_ascii() {
                return TransportError::Refused(
                    "the mail server takes no address with accents (SMTPUTF8)".into(),
                );
            }
            why(&error)
        })
    }
}

/// Whom to believe that the server is the one it says it is.
fn protection(config: &SmtpConfig) -> Result<TlsParameters, TransportError> {
    let refused = |error: String| TransportError::Refused(error.into());
    let mut tls = TlsParameters::builder(config.host.clone());
    if let Some(pem) = &config.authority {
        if !pem.windows(PEM.len()).any(|window| window == PEM) {
            return Err(refused("no certificate in the file of the authority".to_owned()));
        }
        tls =
            tls.add_root_certificate(Certificate::from_pem(pem).map_err(|error| refused(error.to_string()))?);
    }
    tls.build().map_err(|error| refused(error.to_string()))
}

/// What an error means for the mail. A town that is not let in (RFC 4954: a password that has changed)
/// loses no mail: it leaves once the administrator has put things right.
fn why(error: &lettre::transport::smtp::Error) -> TransportError {
    let not_let_in = |code: Code| {
        code.severity == Severity::PermanentNegativeCompletion && code.category == Category::Unspecified3
    };
    if error.is_permanent() && !error.status().is_some_and(not_let_in) {
        TransportError::Refused(error.into())
    } else if error.is_transient() {
        TransportError::Later(error.into())
    } else {
        TransportError::Away(error.into())
    }
}

/// The message as it travels. Its Message-ID and date come from the mail, so that a second sending after
/// a crash is the same message.
fn compose(mail: &Mail, from: &Mailbox) -> Result<Message, TransportError> {
    let refused = |error: String| TransportError::Refused(error.into());
    let to = mail.to.parse().map_err(|_| refused("the address is none".to_owned()))?;
    let builder = Message::builder()
        .from(from.clone())
        .to(Mailbox::new(None, to))
        .subject(mail.subject.as_str())
        .date(SystemTime::from(mail.queued_at))
        .message_id(Some(format!("<{}@{}>", mail.id, from.email.domain())));
    let flowed = ContentType::parse("text/plain; charset=utf-8; format=flowed")
        .map_err(|error| refused(error.to_string()))?;
    let text = SinglePart::builder().header(flowed).body(flow(&mail.text));
    match &mail.html {
        Some(html) => builder
            .multipart(MultiPart::alternative().singlepart(text).singlepart(SinglePart::html(html.clone()))),
        None => builder.singlepart(text),
    }
    .map_err(|error| refused(error.to_string()))
}

/// Plain text in lines that flow (RFC 3676): a line that ends with a space goes on in the next one.
/// A word longer than a line, such as a link, stays whole.
fn flow(text: &str) -> String {
    let mut flowed = String::with_capacity(text.len() + text.len() / COLUMNS);
    for paragraph in text.lines() {
        let mut line = String::new();
        let mut columns = 0;
        for word in paragraph.split(' ') {
            let width = word.chars().count();
            if columns > 0 && columns + 1 + width > COLUMNS {
                flowed.push_str(&line);
                flowed.push_str(" \r\n");
                line.clear();
                columns = 0;
            }
            if columns > 0 {
                line.push(' ');
                columns += 1;
            }
            // Space-stuffing: what a mail reader would take for a quotation or a separator is not one.
            if columns == 0 && (word.starts_with('>') || word.starts_with("From ") || word == "From") {
                line.push(' ');
            }
            line.push_str(word);
            columns += width;
        }
        flowed.push_str(line.trim_end_matches(' '));
        flowed.push_str("\r\n");
    }
    flowed
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As a mail reader puts the lines together again.
    fn unflow(flowed: &str) -> String {
        flowed.replace(" \r\n", " ").replace("\r\n", "\n")
    }

    #[test]
    fn lines_are_short_and_paragraphs_come_back_whole() {
        let text =
            format!("{}\n\nAu revoir,\nla mairie\n", "Votre demande est bien arrivée. ".repeat(9).trim());
        let flowed = flow(&text);
        assert!(flowed.lines().all(|line| line.chars().count() <= COLUMNS + 1));
        assert_eq!(unflow(&flowed), text);
    }

    #[test]
    fn a_link_stays_whole() {
        let link = format!("https://mairie.example/{}", "a".repeat(150));
        assert!(flow(&format!("Ouvrez {link} aujourd’hui.")).contains(&link));
    }
}
