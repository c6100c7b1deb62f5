//! One message to one receiver, over hyper: the name is looked up here, so that what it leads to is known before a
//! connection is made; no redirection is followed, and little of the answer is read.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use beffroi_store::words;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Method, Request, client::conn::http1, header};
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, RootCertStore, pki_types::ServerName};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;
use url::Url;

use crate::Targets;

/// How long a receiver may take in all; the specification wants 15 to 30 seconds.
const WITHIN: Duration = Duration::from_secs(15);
/// How long a connection may take.
const CONNECTED_WITHIN: Duration = Duration::from_secs(5);
/// Bytes of an answer that are kept, of a receiver of messages.
const KEPT: usize = 1_024;
/// What messages are made of.
const JSON: &str = "application/json";
/// Bytes of an answer's head.
const LONGEST_HEAD: usize = 16 * 1_024;

/// What a receiver answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// The beginning of its body.
    pub text: String,
    /// The seconds that it asks us to wait.
    pub retry_after: Option<i64>,
}

words! {
    /// Why there is no answer, for the page that shows it.
    NoAnswer {
        /// The address is not accepted any more.
        Address = "address",
        /// Its name is not known.
        Name = "name",
        /// Its name leads to a private network.
        Private = "private",
        /// Nobody listens there.
        Connection = "connection",
        /// Its certificate is not right.
        Certificate = "certificate",
        /// It takes too long.
        Slow = "slow",
        /// It does not speak HTTP, or hung up.
        Protocol = "protocol",
    }
}

/// Sends a message; or says why there is no answer.
///
/// # Errors
/// Why there is none.
pub async fn post(
    targets: Targets,
    url: &Url,
    headers: &[(&'static str, String)],
    body: String,
) -> Result<Answer, NoAnswer> {
    post_as(targets, url, (JSON, KEPT), headers, body).await
}

/// [`post`] of another media type, and with so many bytes of the answer kept, for whoever has to read it.
///
/// # Errors
/// Why there is none.
pub async fn post_as(
    targets: Targets,
    url: &Url,
    kinds: (&'static str, usize),
    headers: &[(&'static str, String)],
    body: String,
) -> Result<Answer, NoAnswer> {
    let (media_type, kept) = kinds;
    let message = Message { method: Method::POST, media_type: Some(media_type), headers, body, kept };
    bounded(targets, url, message).await
}

/// A question that its address says whole, without a body, with so many bytes of the answer kept.
///
/// # Errors
/// Why there is no answer.
pub async fn ask(
    targets: Targets,
    method: Method,
    url: &Url,
    headers: &[(&'static str, String)],
    kept: usize,
) -> Result<Answer, NoAnswer> {
    let message = Message { method, media_type: None, headers, body: String::new(), kept };
    bounded(targets, url, message).await
}

/// What is sent, and how much of the answer is kept.
struct Message<'a> {
    method: Method,
    media_type: Option<&'static str>,
    headers: &'a [(&'static str, String)],
    body: String,
    kept: usize,
}

async fn bounded(targets: Targets, url: &Url, message: Message<'_>) -> Result<Answer, NoAnswer> {
    let sent = tokio::time::timeout(WITHIN, send(targets, url, message));
    sent.await.unwrap_or(Err(NoAnswer::Slow))
}

async fn send(targets: Targets, url: &Url, message: Message<'_>) -> Result<Answer, NoAnswer> {
    let host = url.host_str().ok_or(NoAnswer::Address)?;
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let port = url.port_or_known_default().ok_or(NoAnswer::Address)?;
    let found = tokio::net::lookup_host((bare, port)).await;
    let found: Vec<SocketAddr> = found.map_err(|_| NoAnswer::Name)?.collect();
    if found.is_empty() {
        return Err(NoAnswer::Name);
    }
    // One inside among others outside is a trap.
    if found.iter().any(|address| !targets.allows(address.ip())) {
        return Err(NoAnswer::Private);
    }
    let stream = connect(&found).await?;
    let authority = match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    };
    let path = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    let Message { method, media_type, headers, body, kept } = message;
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, authority)
        .header(header::USER_AGENT, concat!("Beffroi/", env!("CARGO_PKG_VERSION")));
    if let Some(media_type) = media_type {
        request = request.header(header::CONTENT_TYPE, media_type);
    }
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    let request = request.body(Full::new(Bytes::from(body))).map_err(|_| NoAnswer::Address)?;
    if url.scheme() == "http" {
        return exchange(stream, request, kept).await;
    }
    let name = ServerName::try_from(bare.to_owned()).map_err(|_| NoAnswer::Name)?;
    let stream = tls()?.connect(name, stream).await.map_err(|_| NoAnswer::Certificate)?;
    exchange(stream, request, kept).await
}

async fn connect(addresses: &[SocketAddr]) -> Result<TcpStream, NoAnswer> {
    for address in addresses {
        if let Ok(Ok(stream)) = tokio::time::timeout(CONNECTED_WITHIN, TcpStream::connect(address)).await {
            return Ok(stream);
        }
    }
    Err(NoAnswer::Connection)
}

/// Certificates are checked against Mozilla's list, compiled in, as for map tiles.
fn tls() -> Result<TlsConnector, NoAnswer> {
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.into() };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| NoAnswer::Certificate)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

async fn exchange<S>(stream: S, request: Request<Full<Bytes>>, kept: usize) -> Result<Answer, NoAnswer>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let handshake = http1::Builder::new().max_buf_size(LONGEST_HEAD).handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = handshake.map_err(|_| NoAnswer::Protocol)?;
    let connection = tokio::spawn(connection);
    let answer = sender.send_request(request).await.map_err(|_| NoAnswer::Protocol);
    let answer = match answer {
        Ok(answer) => answer,
        Err(reason) => {
            connection.abort();
            return Err(reason);
        }
    };
    let (parts, body) = answer.into_parts();
    let retry_after = parts.headers.get(header::RETRY_AFTER);
    let retry_after =
        retry_after.and_then(|value| value.to_str().ok()).and_then(|text| text.trim().parse().ok());
    let text = beginning(body, kept).await;
    connection.abort();
    Ok(Answer { status: parts.status.as_u16(), text, retry_after })
}

/// The beginning of an answer, as text that a page can show. An answer that is cut is one all the same.
async fn beginning(mut body: hyper::body::Incoming, kept: usize) -> String {
    let mut bytes: Vec<u8> = Vec::new();
    while bytes.len() < kept {
        match body.frame().await {
            Some(Ok(frame)) => bytes.extend_from_slice(frame.data_ref().map_or(&[][..], Bytes::as_ref)),
            _ => break,
        }
    }
    bytes.truncate(kept);
    String::from_utf8_lossy(&bytes).chars().filter(|letter| !letter.is_control() || *letter == '\n').collect()
}
