//! The way to providers: https alone, but for this machine; no redirection, no cookie, a few seconds and a few
//! kilobytes.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use p256::SecretKey;

use crate::jwe;

/// How long one answer may take. Somebody waits before a white page.
const WITHIN: Duration = Duration::from_secs(8);
/// The largest answer: the keys and the certificates of a federation stay well below.
const AT_MOST: usize = 256 * 1024;

/// Why there is no answer. What was sent is not in it.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum HttpError {
    #[error("{0} is not an https address")]
    NotSecure(String),
    #[error("{0} did not answer within 8 seconds")]
    Slow(String),
    #[error("{0} cannot be reached: {1}")]
    Unreachable(String, String),
    #[error("the answer of {0} is cut or larger than 256 kB")]
    Cut(String),
    #[error("an answer of {0} that was encrypted cannot be read: {1}")]
    Sealed(String, String),
}

pub(crate) struct Http(Client<HttpsConnector<HttpConnector>, Full<Bytes>>);

impl Http {
    pub(crate) fn new() -> Self {
        let connector =
            HttpsConnectorBuilder::new().with_webpki_roots().https_or_http().enable_http1().build();
        let client = Client::builder(TokioExecutor::new())
            .pool_idle_timeout(Duration::from_secs(30))
            .pool_max_idle_per_host(4)
            .build(connector);
        Self(client)
    }

    /// Sends a request and reads the whole answer.
    pub(crate) async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let host = request.uri().authority().map(ToString::to_string).unwrap_or_default();
        if !is_safe(request.uri()) {
            return Err(HttpError::NotSecure(host));
        }
        let (mut parts, body) = request.into_parts();
        parts.headers.insert(
            http::header::USER_AGENT,
            http::HeaderValue::from_static(concat!("Beffroi/", env!("CARGO_PKG_VERSION"))),
        );
        let request = http::Request::from_parts(parts, Full::new(Bytes::from(body)));
        let answered = tokio::time::timeout(WITHIN, async {
            let answer = self
                .0
                .request(request)
                .await
                .map_err(|error| HttpError::Unreachable(host.clone(), cause(&error)))?;
            let (parts, body) = answer.into_parts();
            let body = Limited::new(body, AT_MOST).collect().await;
            let body = body.map_err(|_| HttpError::Cut(host.clone()))?.to_bytes();
            Ok(HttpResponse::from_parts(parts, body.to_vec()))
        });
        answered.await.map_err(|_| HttpError::Slow(host.clone()))?
    }
}

/// The same, as the library wants it. With the town's key, what was encrypted for the town is opened on its way: the
/// library knows signed tokens only.
pub(crate) struct Asking {
    pub(crate) http: Arc<Http>,
    pub(crate) key: Option<SecretKey>,
}

impl<'c> AsyncHttpClient<'c> for Asking {
    type Error = HttpError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let host = request.uri().host().unwrap_or_default().to_owned();
            let answer = self.http.send(request).await?;
            let Some(key) = &self.key else { return Ok(answer) };
            let (parts, body) = answer.into_parts();
            let body = opened(body, key).map_err(|error| HttpError::Sealed(host, error.to_string()))?;
            Ok(HttpResponse::from_parts(parts, body))
        })
    }
}

/// An answer whose encrypted tokens are replaced by the signed ones within.
fn opened(body: Vec<u8>, key: &SecretKey) -> Result<Vec<u8>, jwe::JweError> {
    let Ok(text) = std::str::from_utf8(&body) else { return Ok(body) };
    if text.starts_with("ey") && jwe::is_jwe(text.trim()) {
        return Ok(jwe::open(text, key)?.into_bytes());
    }
    let Ok(serde_json::Value::Object(mut members)) = serde_json::from_slice(&body) else { return Ok(body) };
    let sealed = members.get("id_token").and_then(|token| token.as_str()).filter(|token| jwe::is_jwe(token));
    let Some(sealed) = sealed.map(str::to_owned) else { return Ok(body) };
    members.insert("id_token".to_owned(), jwe::open(&sealed, key)?.into());
    Ok(serde_json::Value::Object(members).to_string().into_bytes())
}

/// Secrets and identities travel encrypted, or do not leave this machine.
pub(crate) fn is_safe(uri: &http::Uri) -> bool {
    match (uri.scheme_str(), uri.host()) {
        (Some("https"), Some(_)) => true,
        (Some("http"), Some(host)) => ["127.0.0.1", "localhost", "[::1]"].contains(&host),
        _ => false,
    }
}

/// The innermost reason: « connection refused » rather than « client error ».
fn cause(error: &dyn std::error::Error) -> String {
    let mut last = error;
    while let Some(inner) = last.source() {
        last = inner;
    }
    last.to_string()
}

#[cfg(test)]
mod tests {
    use super::is_safe;

    #[test]
    fn only_this_machine_is_spoken_to_in_the_clear() {
        for right in
            ["https://auth.example.fr/x", "http://127.0.0.1:4011/x", "http://localhost", "http://[::1]:1/"]
        {
            assert!(is_safe(&right.parse().unwrap()), "{right}");
        }
        for wrong in ["http://auth.example.fr", "http://127.0.0.1.example.fr", "/x"] {
            assert!(!is_safe(&wrong.parse().unwrap()), "{wrong}");
        }
    }
}
