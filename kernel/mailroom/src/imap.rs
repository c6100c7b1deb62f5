//! One conversation with a mail server (IMAP, RFC 3501): TLS always, each step within its time, no mail whole in memory
//! that is larger than what is taken.

use std::{fmt::Debug, net::SocketAddr, sync::Arc, time::Duration};

use async_imap::{Client, Session, types::Fetch};
use beffroi_core::{Instant, Targets};
use beffroi_store::words;
use chrono::Utc;
use futures_util::TryStreamExt;
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, lookup_host},
    time::timeout,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use crate::{
    MailboxDetails, Security,
    bounded::{Allowance, Bounded},
};

/// How long one step may take.
const STEP: Duration = Duration::from_secs(20);
/// The largest mail that is read whole.
pub(crate) const LARGEST_MAIL: u32 = 30 << 20;
/// The largest head of a mail that is read.
const LARGEST_HEAD: u64 = 1 << 20;
/// The largest answer to anything else, beside the bytes of a mail.
const LARGEST_ANSWER: u64 = 4 << 20;
/// Mails of one round; the next one takes the rest.
pub(crate) const AT_ONCE: usize = 50;
/// Names another authority beside the public ones, for tests and for servers of a private network.
const AUTHORITY: &str = "BEFFROI_IMAP_AUTHORITY";

/// Why a mailbox cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ImapError {
    /// The name leads to the town's own network, which the operator has not opened.
    #[error("the server is in a private network")]
    Private,
    /// No server answers there.
    #[error("the server does not answer: {0}")]
    Away(String),
    /// The connection cannot be kept secret.
    #[error("no secure connection: {0}")]
    Tls(String),
    /// The server does not know this name and password.
    #[error("the server refuses this name and password")]
    SignIn,
    /// There is no such folder.
    #[error("no such folder: {0}")]
    Folder(String),
    /// The server says something else than what was asked.
    #[error("the server fails: {0}")]
    Protocol(String),
}

words! {
    /// The kinds of trouble that a mailbox can have.
    TroubleKind {
        /// Its server is in the town's own network.
        Private = "private",
        /// No server answers.
        Away = "away",
        /// The connection cannot be kept secret.
        Insecure = "insecure",
        /// The name or the password is refused.
        Refused = "refused",
        /// There is no such folder.
        NoFolder = "no-folder",
        /// The server answers something else than what was asked.
        Protocol = "protocol",
    }
}

impl ImapError {
    /// Of what kind it is.
    pub const fn kind(&self) -> TroubleKind {
        match self {
            Self::Private => TroubleKind::Private,
            Self::Away(_) => TroubleKind::Away,
            Self::Tls(_) => TroubleKind::Insecure,
            Self::SignIn => TroubleKind::Refused,
            Self::Folder(_) => TroubleKind::NoFolder,
            Self::Protocol(_) => TroubleKind::Protocol,
        }
    }
}

/// A mail, as far as it is read.
pub(crate) struct Content {
    /// Its bytes; those of its head, where it is too large.
    pub(crate) raw: Vec<u8>,
    /// Whether it is too large to be read whole.
    pub(crate) too_large: bool,
    /// When it came to the server.
    pub(crate) arrived_at: Option<Instant>,
}

/// An open folder.
pub(crate) struct Open {
    session: Session<Bounded<TlsStream<TcpStream>>>,
    allowance: Allowance,
    pub(crate) validity: u32,
    pub(crate) exists: u32,
}

async fn step<T, E: std::fmt::Display>(
    work: impl Future<Output = Result<T, E>>,
    wrong: impl FnOnce(String) -> ImapError,
) -> Result<T, ImapError> {
    match timeout(STEP, work).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => Err(wrong(error.to_string())),
        Err(_) => Err(ImapError::Away("too slow".to_owned())),
    }
}

fn connector() -> Result<TlsConnector, ImapError> {
    let mut roots = RootCertStore::empty();
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    if let Some(file) = std::env::var_os(AUTHORITY) {
        let read = CertificateDer::pem_file_iter(&file).map_err(|error| ImapError::Tls(error.to_string()))?;
        for certificate in read {
            let certificate = certificate.map_err(|error| ImapError::Tls(error.to_string()))?;
            roots.add(certificate).map_err(|error| ImapError::Tls(error.to_string()))?;
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| ImapError::Tls(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

fn client<S: AsyncRead + AsyncWrite + Unpin + Debug + Send>(stream: S) -> Client<S> {
    Client::new(stream)
}

/// Connects to the server, if its name leads to where the operator allows: looked up here, so that what it leads to is
/// known before there is a connection.
async fn connect(host: &str, port: u16, targets: Targets) -> Result<TcpStream, ImapError> {
    let found = step(lookup_host((host, port)), ImapError::Away).await?;
    let found: Vec<SocketAddr> = found.collect();
    // One inside among others outside is a trap.
    if found.iter().any(|address| !targets.allows(address.ip())) {
        return Err(ImapError::Private);
    }
    step(TcpStream::connect(found.as_slice()), ImapError::Away).await
}

/// Signs in and opens the folder.
pub(crate) async fn open(
    mailbox: &MailboxDetails,
    password: &str,
    targets: Targets,
) -> Result<Open, ImapError> {
    let port = u16::try_from(mailbox.port).map_err(|_| ImapError::Away("no such port".to_owned()))?;
    let name =
        ServerName::try_from(mailbox.host.clone()).map_err(|error| ImapError::Tls(error.to_string()))?;
    let connector = connector()?;
    let tcp = connect(&mailbox.host, port, targets).await?;
    let tcp = if mailbox.security == Security::StartTls {
        let mut plain = client(tcp);
        step(greeting(&mut plain), ImapError::Protocol).await?;
        step(plain.run_command_and_check_ok("STARTTLS", None), ImapError::Tls).await?;
        plain.into_inner()
    } else {
        tcp
    };
    let tls = step(connector.connect(name, tcp), ImapError::Tls).await?;
    let allowance = Allowance::default();
    allowance.set(LARGEST_ANSWER);
    let mut client = client(Bounded::new(tls, allowance.clone()));
    if mailbox.security == Security::Tls {
        step(greeting(&mut client), ImapError::Protocol).await?;
    }
    let signed_in = timeout(STEP, client.login(&mailbox.user_name, password)).await;
    let mut session = match signed_in {
        Ok(Ok(session)) => session,
        Ok(Err((async_imap::error::Error::No(_) | async_imap::error::Error::Bad(_), _))) => {
            return Err(ImapError::SignIn);
        }
        Ok(Err((error, _))) => return Err(ImapError::Protocol(error.to_string())),
        Err(_) => return Err(ImapError::Away("too slow".to_owned())),
    };
    let folder = step(session.select(&mailbox.folder), ImapError::Folder).await?;
    let validity = folder.uid_validity.ok_or_else(|| ImapError::Protocol("no UIDVALIDITY".to_owned()))?;
    Ok(Open { session, allowance, validity, exists: folder.exists })
}

async fn greeting<S: AsyncRead + AsyncWrite + Unpin + Debug + Send>(
    client: &mut Client<S>,
) -> Result<(), String> {
    match client.read_response().await {
        Ok(Some(_)) => Ok(()),
        Ok(None) => Err("the server said nothing".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

impl Open {
    /// The numbers of the mails whose number is higher, the lowest first, as many as one round takes.
    pub(crate) async fn after(&mut self, uid: u32) -> Result<Vec<u32>, ImapError> {
        if self.exists == 0 {
            return Ok(Vec::new());
        }
        let from = uid.saturating_add(1);
        self.allowance.set(LARGEST_ANSWER);
        // `5:*` always names the last one, though its number is lower (RFC 3501, 6.4.8).
        let numbers = step(self.session.uid_search(format!("UID {from}:*")), ImapError::Protocol).await?;
        let mut numbers: Vec<u32> = numbers.into_iter().filter(|number| *number > uid).collect();
        numbers.sort_unstable();
        numbers.truncate(AT_ONCE);
        Ok(numbers)
    }

    /// A mail whole; only its head, where it is too large. Reading it changes nothing on the server. The size that the
    /// server tells spares a download, and is not believed: no more is asked for, nor read, than what is taken.
    pub(crate) async fn content(&mut self, uid: u32) -> Result<Content, ImapError> {
        let about = self.fetch(uid, "(UID RFC822.SIZE INTERNALDATE)", 0).await?;
        let arrived_at = about.internal_date().map(|at| at.with_timezone(&Utc));
        let taken = u64::from(LARGEST_MAIL);
        if about.size.is_none_or(|size| size <= LARGEST_MAIL) {
            let query = format!("(UID BODY.PEEK[]<0.{}>)", taken + 1);
            let fetch = self.fetch(uid, &query, taken + 1).await?;
            let raw = fetch.body().map(<[u8]>::to_vec);
            let raw = raw.ok_or_else(|| ImapError::Protocol("a mail without its text".to_owned()))?;
            if raw.len() as u64 <= taken {
                return Ok(Content { raw, too_large: false, arrived_at });
            }
        }
        let query = format!("(UID BODY.PEEK[HEADER]<0.{LARGEST_HEAD}>)");
        let fetch = self.fetch(uid, &query, LARGEST_HEAD).await?;
        let raw = fetch.header().map(<[u8]>::to_vec);
        let raw = raw.ok_or_else(|| ImapError::Protocol("a mail without its head".to_owned()))?;
        Ok(Content { raw, too_large: true, arrived_at })
    }

    /// What the server tells of one mail, of which so many bytes are asked for. It was just listed: where the server now
    /// tells nothing of it, it cannot give it; one that was taken away meanwhile is not listed the next time.
    async fn fetch(&mut self, uid: u32, query: &str, bytes: u64) -> Result<Fetch, ImapError> {
        self.allowance.set(bytes + LARGEST_ANSWER);
        let read = async {
            let fetched = self.session.uid_fetch(uid.to_string(), query).await?;
            fetched.try_collect::<Vec<_>>().await
        };
        let read = match timeout(6 * STEP, read).await {
            Ok(read) => read.map_err(|error| ImapError::Protocol(error.to_string()))?,
            Err(_) => return Err(ImapError::Away("too slow".to_owned())),
        };
        let found = read.into_iter().find(|fetch| fetch.uid == Some(uid));
        found.ok_or_else(|| ImapError::Protocol("a mail that is listed is not given".to_owned()))
    }

    /// Marks mails that are kept as read, and moves them where there is a folder for it.
    pub(crate) async fn done(&mut self, uids: &[u32], folder: &str) -> Result<(), ImapError> {
        if uids.is_empty() {
            return Ok(());
        }
        self.allowance.set(LARGEST_ANSWER);
        let set = uids.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
        let mark = async {
            let stored = self.session.uid_store(&set, "+FLAGS (\\Seen)").await?;
            stored.try_collect::<Vec<_>>().await
        };
        step(mark, ImapError::Protocol).await?;
        if folder.is_empty() {
            return Ok(());
        }
        // It may be there already; whether it is, moving tells.
        let _ = step(self.session.create(folder), ImapError::Folder).await;
        step(self.session.uid_mv(&set, folder), ImapError::Folder).await
    }

    /// Says goodbye.
    pub(crate) async fn close(mut self) {
        let _ = step(self.session.logout(), ImapError::Protocol).await;
    }
}

/// Signs in, opens the folder and leaves: « Vérifier ». Tells how many mails lie there.
///
/// # Errors
/// What stands in the way.
pub async fn check(mailbox: &MailboxDetails, password: &str, targets: Targets) -> Result<u32, ImapError> {
    let open = open(mailbox, password, targets).await?;
    let exists = open.exists;
    open.close().await;
    Ok(exists)
}
