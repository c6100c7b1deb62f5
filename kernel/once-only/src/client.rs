//! Asking the State's services: bounded in time and size, one more try where that may help, and a rest for a service
//! that does not answer, so that nobody waits for it in vain.

use std::{
    collections::HashMap,
    sync::LazyLock,
    time::{Duration, Instant as Moment},
};

use beffroi_core::Instant;
use bytes::Bytes;
use http_body_util::{BodyExt, Empty, Limited};
use hyper::{Request, StatusCode, header};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client as Http, connect::HttpConnector},
    rt::TokioExecutor,
};
use parking_lot::Mutex;
use serde_json::Value;

use crate::{
    facts::{self, Facts},
    inquiry::Inquiry,
    settings::{Access, Api},
};

/// How long one question may take, both tries together: a person waits for it.
const WITHIN: Duration = Duration::from_secs(8);
/// How long one try may take.
const ONE_TRY: Duration = Duration::from_secs(5);
/// Bytes of an answer, at most: the largest are some tens of thousands.
const ANSWER_AT_MOST: usize = 512 * 1024;
/// Failures in a row after which a service is left alone.
const FAILURES: u32 = 3;
/// How long it is left alone.
const REST: Duration = Duration::from_mins(1);
/// Services whose standing is remembered, at most.
const REMEMBERED_AT_MOST: usize = 2_000;

/// Why nothing was told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// The State knows nobody of that description.
    #[error("nobody of that description is known")]
    Unknown,
    /// What was asked about is not of the shape that the service wants.
    #[error("the service does not take what it was told")]
    Unfit,
    /// The town's key is not taken, or does not allow this.
    #[error("the key is refused ({0})")]
    Refused(u16),
    /// The town has asked too often.
    #[error("the quota is used up")]
    Quota,
    /// The service is away, slow, or has failed.
    #[error("the service is away: {0}")]
    Away(String),
    /// It answered what nobody understands.
    #[error("the answer is not understood")]
    Unreadable,
    /// Who is asked about wants that to stay private.
    #[error("it is kept private")]
    Private,
}

impl Trouble {
    /// Whether it is the service's fault, so that it is to be seen by the administrator.
    pub const fn is_the_service(&self) -> bool {
        matches!(self, Self::Refused(_) | Self::Quota | Self::Away(_) | Self::Unreadable)
    }
}

/// How a service has fared since the program began.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// When it answered last.
    pub answered: Option<Instant>,
    /// Since when it fails.
    pub failing_since: Option<Instant>,
    /// Why, the last time.
    pub reason: String,
}

#[derive(Default)]
struct Known {
    standing: Standing,
    failures: u32,
    rests_until: Option<Moment>,
}

/// Whoever asks the State's services, for all communes.
pub struct Client {
    http: Http<HttpsConnector<HttpConnector>, Empty<Bytes>>,
    known: Mutex<HashMap<(String, Api), Known>>,
    one_try: Duration,
    within: Duration,
}

static CLIENT: LazyLock<Client> = LazyLock::new(Client::new);

/// The one of this process: a service that rests for one page rests for all.
pub fn client() -> &'static Client {
    &CLIENT
}

impl Client {
    fn new() -> Self {
        Self::patient(ONE_TRY, WITHIN)
    }

    /// One that waits so long for one try, and for both.
    pub fn patient(one_try: Duration, within: Duration) -> Self {
        // The settings accept plain http only to this machine.
        let connector =
            HttpsConnectorBuilder::new().with_webpki_roots().https_or_http().enable_http1().build();
        // A question now and then: no connection is kept for the next one.
        let http = Http::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(connector);
        Self { http, known: Mutex::default(), one_try, within }
    }

    /// How a commune's service has fared.
    pub fn standing(&self, commune: &str, api: Api) -> Standing {
        let known = self.known.lock();
        known.get(&(commune.to_owned(), api)).map(|known| known.standing.clone()).unwrap_or_default()
    }

    /// Forgets how it has fared: its settings have changed.
    pub fn forget(&self, commune: &str, api: Api) {
        self.known.lock().remove(&(commune.to_owned(), api));
    }

    /// Asks, and reads what is told.
    ///
    /// # Errors
    /// Why nothing was told.
    pub async fn ask(
        &self,
        commune: &str,
        access: &Access,
        inquiry: &Inquiry,
        now: Instant,
    ) -> Result<Facts, Trouble> {
        let key = (commune.to_owned(), access.api);
        if let Some(reason) = self.rests(&key) {
            return Err(Trouble::Away(reason));
        }
        let told = match self.answer(access, inquiry).await {
            Ok(answer) => facts::read(inquiry.source, &answer),
            Err(trouble) => Err(trouble),
        };
        self.note(key, told.as_ref().err(), now);
        told
    }

    /// Whether the service takes the key: what is asked concerns nobody.
    ///
    /// # Errors
    /// Why it does not.
    pub async fn check(&self, commune: &str, access: &Access, now: Instant) -> Result<(), Trouble> {
        let inquiry = crate::inquiry::check_inquiry(access);
        let checked = match self.answer(access, &inquiry).await {
            // It looks at the key first, and then at what it was told.
            Ok(_) | Err(Trouble::Unknown | Trouble::Unfit) => Ok(()),
            Err(trouble) => Err(trouble),
        };
        self.note((commune.to_owned(), access.api), checked.as_ref().err(), now);
        checked
    }

    fn rests(&self, key: &(String, Api)) -> Option<String> {
        let known = self.known.lock();
        let found = known.get(key)?;
        found.rests_until.filter(|until| Moment::now() < *until).map(|_| found.standing.reason.clone())
    }

    fn note(&self, key: (String, Api), trouble: Option<&Trouble>, now: Instant) {
        let mut known = self.known.lock();
        if known.len() >= REMEMBERED_AT_MOST && !known.contains_key(&key) {
            known.clear();
        }
        let found = known.entry(key).or_default();
        match trouble.filter(|trouble| trouble.is_the_service()) {
            None => {
                *found = Known {
                    standing: Standing { answered: Some(now), ..Standing::default() },
                    ..Known::default()
                };
            }
            Some(trouble) => {
                found.failures += 1;
                found.standing.failing_since.get_or_insert(now);
                found.standing.reason = trouble.to_string();
                // After a rest one question is let through; if it fails, the rest goes on.
                if matches!(trouble, Trouble::Away(_)) && found.failures >= FAILURES {
                    found.rests_until = Some(Moment::now() + REST);
                }
            }
        }
    }

    async fn answer(&self, access: &Access, inquiry: &Inquiry) -> Result<Value, Trouble> {
        let whole = async {
            let first = self.one_try(access, inquiry).await;
            match first {
                Err(Trouble::Away(_)) => self.one_try(access, inquiry).await,
                other => other,
            }
        };
        tokio::time::timeout(self.within, whole)
            .await
            .unwrap_or_else(|_| Err(Trouble::Away("no answer in time".to_owned())))
    }

    async fn one_try(&self, access: &Access, inquiry: &Inquiry) -> Result<Value, Trouble> {
        tokio::time::timeout(self.one_try, self.send(access, inquiry))
            .await
            .unwrap_or_else(|_| Err(Trouble::Away("no answer in time".to_owned())))
    }

    async fn send(&self, access: &Access, inquiry: &Inquiry) -> Result<Value, Trouble> {
        // Neither the address nor the answer may reach the log: both tell who is asked about.
        let request = Request::get(format!("{}{}", access.address, inquiry.target))
            .header(header::USER_AGENT, concat!("Beffroi/", env!("CARGO_PKG_VERSION")))
            .header(header::ACCEPT, "application/json")
            .header(header::AUTHORIZATION, format!("Bearer {}", access.token))
            .body(Empty::new())
            .map_err(|_| Trouble::Unfit)?;
        let away = |reason: &str| Trouble::Away(reason.to_owned());
        let answer = self.http.request(request).await.map_err(|error| {
            away(if error.is_connect() { "it cannot be reached" } else { "the connection broke" })
        })?;
        match answer.status() {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND | StatusCode::GONE => return Err(Trouble::Unknown),
            StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY | StatusCode::CONFLICT => {
                return Err(Trouble::Unfit);
            }
            status @ (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => {
                return Err(Trouble::Refused(status.as_u16()));
            }
            StatusCode::TOO_MANY_REQUESTS => return Err(Trouble::Quota),
            status => return Err(away(&format!("it answered {status}"))),
        }
        let body = Limited::new(answer.into_body(), ANSWER_AT_MOST);
        let bytes = body.collect().await.map_err(|_| Trouble::Unreadable)?.to_bytes();
        serde_json::from_slice(&bytes).map_err(|_| Trouble::Unreadable)
    }
}
