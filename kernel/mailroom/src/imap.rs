//! One conversation with a mail server (IMAP, RFC 3501): TLS always, each step within its time, no mail whole in memory
//! that is larger than what is taken.

use std::{fmt::Debug, sync::Arc, time::Duration};

use async_imap::{Client, Session};
use futures_util::TryStreamExt;
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use crate::{MailboxDetails, Security};

/// How long one step may take.
const STEP: Duration = Duration::from_secs(20);
/// The largest mail that is read whole.
pub(crate) const LARGEST_MAIL: u32 = 30 << 20;
/// Mails of one round; the next one takes the rest.
pub(crate) const AT_ONCE: usize = 50;
/// Names another authority beside the public ones, for tests and for servers of a private network.
const AUTHORITY: &str = "BEFFROI_IMAP_AUTHORITY";

/// Why a mailbox cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ImapError {
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

/// A mail on the server.
pub(crate) struct Found {
    pub(crate) uid: u32,
    pub(crate) size: u32,
}

/// An open folder.
pub(crate) struct Open {
    session: Session<TlsStream<TcpStream>>,
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

/// Signs in and opens the folder.
pub(crate) async fn open(mailbox: &MailboxDetails, password: &str) -> Result<Open, ImapError> {
    let port = u16::try_from(mailbox.port).map_err(|_| ImapError::Away("no such port".to_owned()))?;
    let name =
        ServerName::try_from(mailbox.host.clone()).map_err(|error| ImapError::Tls(error.to_string()))?;
    let connector = connector()?;
    let tcp = step(TcpStream::connect((mailbox.host.as_str(), port)), ImapError::Away).await?;
    let tcp = if mailbox.security == Security::StartTls {
        let mut plain = client(tcp);
        step(greeting(&mut plain), ImapError::Protocol).await?;
        step(plain.run_command_and_check_ok("STARTTLS", None), ImapError::Tls).await?;
        plain.into_inner()
    } else {
        tcp
    };
    let tls = step(connector.connect(name, tcp), ImapError::Tls).await?;
    let mut client = client(tls);
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
    Ok(Open { session, validity, exists: folder.exists })
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
    /// The mails whose number is higher, the lowest first, as many as one round takes.
    pub(crate) async fn after(&mut self, uid: u32) -> Result<Vec<Found>, ImapError> {
        if self.exists == 0 {
            return Ok(Vec::new());
        }
        let from = uid.saturating_add(1);
        // `5:*` always names the last one, though its number is lower (RFC 3501, 6.4.8).
        let numbers = step(self.session.uid_search(format!("UID {from}:*")), ImapError::Protocol).await?;
        let mut numbers: Vec<u32> = numbers.into_iter().filter(|number| *number > uid).collect();
        numbers.sort_unstable();
        numbers.truncate(AT_ONCE);
        if numbers.is_empty() {
            return Ok(Vec::new());
        }
        let set = numbers.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
        let sizes = async {
            let fetched = self.session.uid_fetch(set, "(UID RFC822.SIZE)").await?;
            fetched.try_collect::<Vec<_>>().await
        };
        let sizes = step(sizes, ImapError::Protocol).await?;
        let size_of = |uid: u32| {
            let found = sizes.iter().find(|fetch| fetch.uid == Some(uid));
            found.and_then(|fetch| fetch.size)
        };
        // One without a size was taken away meanwhile.
        Ok(numbers.into_iter().filter_map(|uid| size_of(uid).map(|size| Found { uid, size })).collect())
    }

    /// A mail whole; only its head, where it is too large. Reading it changes nothing on the server.
    pub(crate) async fn content(&mut self, found: &Found) -> Result<Option<Vec<u8>>, ImapError> {
        let large = found.size > LARGEST_MAIL;
        let query = if large { "(UID BODY.PEEK[HEADER])" } else { "(UID BODY.PEEK[])" };
        let read = async {
            let fetched = self.session.uid_fetch(found.uid.to_string(), query).await?;
            fetched.try_collect::<Vec<_>>().await
        };
        let read = match timeout(6 * STEP, read).await {
            Ok(read) => read.map_err(|error| ImapError::Protocol(error.to_string()))?,
            Err(_) => return Err(ImapError::Away("too slow".to_owned())),
        };
        let fetch = read.into_iter().find(|fetch| fetch.uid == Some(found.uid));
        Ok(fetch.and_then(|fetch| {
            let bytes = if large { fetch.header() } else { fetch.body() };
            bytes.map(<[u8]>::to_vec)
        }))
    }

    /// Marks mails that are kept as read, and moves them where there is a folder for it.
    pub(crate) async fn done(&mut self, uids: &[u32], folder: &str) -> Result<(), ImapError> {
        if uids.is_empty() {
            return Ok(());
        }
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
pub async fn check(mailbox: &MailboxDetails, password: &str) -> Result<u32, ImapError> {
    let open = open(mailbox, password).await?;
    let exists = open.exists;
    open.close().await;
    Ok(exists)
}
