//! Who is asking, in which language, through which door.

use std::net::IpAddr;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderValue, Method, Uri, header, request::Parts},
};
use beffroi_core::{Channel, Id, Lang};
use beffroi_people::{
    SignedIn,
    session::{self, Session, Through},
    token,
};
use beffroi_store::{By, StoreError};

use crate::{App, CommuneOf, Purpose, Source, WebConfig, WebError};

const COOKIE: &str = "beffroi";
/// Browsers accept this name only when it is secure, of this host alone and for all of it.
const COOKIE_OVER_HTTPS: &str = "__Host-beffroi";
const LANGUAGE_COOKIE: &str = "lang";

/// What is known of a request before anything is asked of the database.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is read from a header of its own, none excludes another"
)]
pub(crate) struct Arrival {
    pub(crate) request_id: String,
    pub(crate) source: Source,
    /// Whether the network peer is this machine and speaks for itself.
    pub(crate) from_here: bool,
    pub(crate) https: bool,
    pub(crate) by_proxy: bool,
    pub(crate) lang: Lang,
    /// The language was asked for in the address: remember it.
    pub(crate) lang_chosen: bool,
    /// A program asks: answer problems as RFC 9457 documents.
    pub(crate) wants_json: bool,
    pub(crate) api: bool,
    session: Option<String>,
    bearer: Option<String>,
    /// The last news that the reader of a live stream had before the connection was lost.
    heard: Option<i64>,
    pub(crate) path: String,
    /// The address without its host, to come back to after signing in.
    pub(crate) target: String,
    /// Whether the same address may be asked for again: nothing was sent to it.
    pub(crate) repeatable: bool,
}

impl Arrival {
    pub(crate) fn read(
        config: &WebConfig,
        peer: IpAddr,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
    ) -> Self {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let by_proxy = config.trusted_proxies.contains(&peer.to_canonical());
        let address = if by_proxy { last_untrusted(config, headers).unwrap_or(peer) } else { peer };
        let https = config.https || (by_proxy && text("x-forwarded-proto") == Some("https"));
        let chosen = uri.query().and_then(asked_language);
        let lang = chosen
            .or_else(|| cookie(headers, LANGUAGE_COOKIE).and_then(Lang::from_tag))
            .or_else(|| text("accept-language").map(preferred))
            .unwrap_or_default();
        let path = uri.path().to_owned();
        let api = path == "/api" || path.starts_with("/api/");
        let accept = text("accept").unwrap_or_default();
        let json = accept.contains("application/json") || accept.contains("application/problem+json");
        Self {
            request_id: format!("{:016x}", rand::random::<u64>()),
            source: Source::of(address),
            from_here: peer.to_canonical().is_loopback() && text("x-forwarded-for").is_none(),
            https,
            by_proxy,
            lang,
            lang_chosen: chosen.is_some(),
            // What speaks CalDAV reads statuses, and no page.
            wants_json: api || is_caldav(&path) || (json && !accept.contains("text/html")),
            api,
            session: cookie(headers, cookie_name(https)).map(str::to_owned),
            bearer: text("authorization").and_then(bearer_of).map(str::to_owned),
            heard: text("last-event-id").and_then(|id| id.parse().ok()),
            path,
            target: uri.path_and_query().map_or("/", |target| target.as_str()).to_owned(),
            repeatable: method.is_safe(),
        }
    }

    /// The address of this page, open for one more pair: `/demarches?q=acte&` takes `lang=en`. Never another
    /// site's: a browser reads `//name` as one.
    pub(crate) fn again(&self) -> String {
        let query = self.target.split_once('?').map_or("", |(_, query)| query);
        let kept = query.split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("lang="));
        let path = self.path.trim_start_matches(['/', '\\']);
        kept.fold(format!("/{path}?"), |address, pair| address + pair + "&")
    }

    /// The door through which it came.
    const fn channel(&self) -> Channel {
        if self.api { Channel::Api } else { Channel::Online }
    }

    /// Whether nothing tells who is asking.
    pub(crate) const fn is_anonymous(&self) -> bool {
        self.session.is_none() && self.bearer.is_none()
    }

    /// Whether the request can only come from a program that knows a secret: no browser adds it by itself.
    pub(crate) const fn is_program(&self) -> bool {
        self.bearer.is_some() && self.session.is_none()
    }

    pub(crate) fn bearer(&self) -> Option<&str> {
        self.bearer.as_deref()
    }

    /// The cookie that remembers the language that was asked for.
    pub(crate) fn language_cookie(&self) -> Option<HeaderValue> {
        let secure = if self.https { "; Secure" } else { "" };
        let cookie = format!(
            "{LANGUAGE_COOKIE}={}; Path=/; Max-Age=15552000; SameSite=Lax; HttpOnly{secure}",
            self.lang.tag()
        );
        self.lang_chosen.then(|| HeaderValue::from_str(&cookie).ok()).flatten()
    }
}

/// Whoever is asking.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// The account, if somebody is signed in (or a program with a token).
    pub signed_in: Option<SignedIn>,
    /// The reader's language.
    pub lang: Lang,
    /// As the journal names them.
    pub by: By,
    /// The number under which the log speaks of this request.
    pub request_id: String,
    /// Where the request came from, for limits.
    pub source: Source,
    pub(crate) heard: Option<i64>,
    from_here: bool,
    https: bool,
    ended: bool,
}

impl Visitor {
    /// Whoever's device asks: it is a program.
    pub(crate) fn by_device(arrival: Arrival, who: SignedIn) -> Self {
        let by = who.by(Channel::Api);
        Self { by, ..Self::new(arrival, Some(who)) }
    }

    fn new(arrival: Arrival, signed_in: Option<SignedIn>) -> Self {
        let channel = arrival.channel();
        Self {
            ended: arrival.session.is_some() && signed_in.is_none(),
            by: signed_in.as_ref().map_or(By { channel, ..By::VISITOR }, |who| who.by(channel)),
            signed_in,
            lang: arrival.lang,
            request_id: arrival.request_id,
            source: arrival.source,
            heard: arrival.heard,
            from_here: arrival.from_here,
            https: arrival.https,
        }
    }

    /// Whoever reads a page that tells of a failure: nobody, where that cannot be known either.
    pub(crate) async fn of_failure(commune: &CommuneOf, arrival: &Arrival) -> Self {
        let signed_in = who_asks(commune, arrival).await.ok().flatten();
        Self::new(arrival.clone(), signed_in)
    }

    /// Whoever is signed in; else sends to the sign-in page, and back here after.
    pub fn require(&self) -> Result<&SignedIn, WebError> {
        self.signed_in.as_ref().ok_or_else(WebError::sign_in_required)
    }

    /// Whoever is signed in entirely, in a browser, and their session. A session that still lacks the code of its second
    /// factor is nobody's yet, and a program's token does what its scopes say and stands for nobody at home.
    pub fn member(&self) -> Option<(&SignedIn, Id<Session>)> {
        let who = self.signed_in.as_ref()?;
        who.own_session().map(|session| (who, session))
    }

    /// Whoever what is shown and done here belongs to: see [`Self::member`]. Else leads to the door, and back here
    /// after; a token is refused.
    pub fn owner(&self) -> Result<&SignedIn, WebError> {
        match (self.member(), &self.signed_in) {
            (Some((who, _)), _) => Ok(who),
            (None, Some(SignedIn { through: Through::Token { .. }, .. })) => Err(WebError::forbidden()),
            (None, _) => Err(WebError::sign_in_required()),
        }
    }

    /// Whether the browser shows a session that is none any more. Whoever signs out no longer shows it.
    pub const fn session_ended(&self) -> bool {
        self.ended
    }

    /// The same request, as a page takes it that is open to everybody: whoever is no [`Self::member`] is a stranger.
    #[must_use]
    pub fn or_stranger(mut self) -> Self {
        if self.signed_in.is_some() && self.member().is_none() {
            self.signed_in = None;
            self.by = By { channel: self.by.channel, ..By::VISITOR };
        }
        self
    }

    /// Whether the request came over https, or is answered as if it had.
    pub const fn came_by_https(&self) -> bool {
        self.https
    }

    /// Counts one more request of this purpose, or refuses with 429. The machine itself may send as much as it
    /// likes: whoever measures or migrates there is no stranger. What may be guessed is counted for everybody.
    pub fn limit(&self, app: &App, purpose: Purpose) -> Result<(), WebError> {
        if self.from_here && purpose.spares_the_machine() {
            return Ok(());
        }
        app.limits.take(purpose, self.source)
    }

    /// Whether the machine itself asks, which [`Self::limit`] spares.
    pub const fn is_the_machine(&self) -> bool {
        self.from_here
    }

    /// The `Set-Cookie` that signs this browser in.
    pub fn session_cookie(&self, token: &beffroi_people::secret::Secret) -> Result<HeaderValue, WebError> {
        set_cookie(self.https, token.reveal(), "")
    }

    /// A `Set-Cookie` for one part of the site, which ends with the browser; an empty value takes it away.
    pub fn own_cookie(&self, name: &str, value: &str, path: &str) -> Result<HeaderValue, WebError> {
        let secure = if self.https { "; Secure" } else { "" };
        let ends = if value.is_empty() { "; Max-Age=0" } else { "" };
        HeaderValue::from_str(&format!("{name}={value}; Path={path}; HttpOnly; SameSite=Lax{secure}{ends}"))
            .map_err(WebError::internal)
    }

    /// The `Set-Cookie` that signs this browser out.
    pub fn end_cookie(&self) -> Result<HeaderValue, WebError> {
        set_cookie(self.https, "", "; Max-Age=0")
    }
}

/// Whether calendar programs are answered there.
fn is_caldav(path: &str) -> bool {
    path.strip_prefix("/caldav").is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

impl FromRequestParts<App> for Visitor {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, WebError> {
        if let Some(visitor) = parts.extensions.get::<Self>() {
            return Ok(visitor.clone());
        }
        let arrival = parts.extensions.get::<Arrival>().ok_or_else(WebError::not_found)?.clone();
        let commune = CommuneOf::from_request_parts(parts, app).await?;
        let channel = arrival.channel();
        let signed_in = who_asks(&commune, &arrival).await?;
        // A wrong token is a mistake to be told; an ended session is only somebody who signed in yesterday.
        if arrival.bearer.is_some() && signed_in.is_none() {
            return Err(WebError::sign_in_required());
        }
        if let Some(who) = signed_in.clone().filter(|who| who.touch_due) {
            let by = who.by(channel);
            let touched = commune.write(by, move |tx| session::touch(tx, &who)).await;
            if let Err(error) = touched {
                let error: StoreError = error;
                tracing::warn!(%error, "a session's use was not written down");
            }
        }
        let visitor = Self::new(arrival, signed_in);
        parts.extensions.insert(visitor.clone());
        Ok(visitor)
    }
}

/// The account that a session or a token opens, if it opens one.
async fn who_asks(commune: &CommuneOf, arrival: &Arrival) -> Result<Option<SignedIn>, StoreError> {
    if arrival.is_anonymous() {
        return Ok(None);
    }
    let (session, bearer) = (arrival.session.clone(), arrival.bearer.clone());
    commune
        .glance(By::VISITOR, move |tx| match (session, bearer) {
            (_, Some(presented)) => token::find(tx, &presented),
            (Some(presented), None) => session::find(tx, &presented),
            (None, None) => Ok(None),
        })
        .await
}

const fn cookie_name(https: bool) -> &'static str {
    if https { COOKIE_OVER_HTTPS } else { COOKIE }
}

fn set_cookie(https: bool, value: &str, more: &str) -> Result<HeaderValue, WebError> {
    let secure = if https { "; Secure" } else { "" };
    HeaderValue::from_str(&format!(
        "{}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{more}",
        cookie_name(https)
    ))
    .map_err(WebError::internal)
}

/// The value of a cookie that the browser sent, if it is not absurdly long.
pub fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(found, value)| {
            (found == name && !value.is_empty() && value.len() <= 200).then_some(value)
        })
}

fn bearer_of(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    (scheme.eq_ignore_ascii_case("bearer") && token.len() <= 200).then(|| token.trim())
}

/// The nearest address that no trusted proxy has: what further hops say of themselves proves nothing.
fn last_untrusted(config: &WebConfig, headers: &HeaderMap) -> Option<IpAddr> {
    headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|hop| hop.trim().parse::<IpAddr>().ok().map(|hop| hop.to_canonical()))
        // What cannot be read is not passed over: behind it stands what the stranger wrote.
        .rfind(|hop| hop.is_none_or(|hop| !config.trusted_proxies.contains(&hop)))?
}

fn asked_language(query: &str) -> Option<Lang> {
    query.split('&').find_map(|pair| pair.strip_prefix("lang=")).and_then(Lang::from_tag)
}

/// The better liked of the two languages; French where neither is named.
fn preferred(accept: &str) -> Lang {
    let mut best = (Lang::Fr, 0.0_f32);
    for item in accept.split(',') {
        let mut parts = item.split(';').map(str::trim);
        let Some(lang) = parts.next().and_then(Lang::from_tag) else { continue };
        let weight = parts.find_map(|part| part.strip_prefix("q=")?.parse().ok()).unwrap_or(1.0);
        if weight > best.1 {
            best = (lang, weight);
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrival(config: &WebConfig, peer: &str, target: &str, headers: &[(&'static str, &str)]) -> Arrival {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        Arrival::read(config, peer.parse().unwrap(), &Method::GET, &target.parse().unwrap(), &map)
    }

    #[test]
    fn the_language_is_the_one_asked_for_then_kept_then_preferred() {
        let config = WebConfig::default();
        let english = [("accept-language", "de, en;q=0.8, fr;q=0.5")];
        assert_eq!(arrival(&config, "192.0.2.1", "/", &english).lang, Lang::En);
        let kept = [("accept-language", "en"), ("cookie", "a=b; lang=fr")];
        assert_eq!(arrival(&config, "192.0.2.1", "/", &kept).lang, Lang::Fr);
        let asked = arrival(&config, "192.0.2.1", "/?page=2&lang=en", &[("cookie", "lang=fr")]);
        assert_eq!((asked.lang, asked.lang_chosen), (Lang::En, true));
        assert_eq!(arrival(&config, "192.0.2.1", "/", &[("accept-language", "de")]).lang, Lang::Fr);
    }

    #[test]
    fn another_language_shows_the_same_page() {
        let config = WebConfig::default();
        let again = |target| arrival(&config, "192.0.2.1", target, &[]).again();
        assert_eq!(again("/suivi"), "/suivi?");
        assert_eq!(again("/demarches?lang=fr&q=acte%20de&page=2"), "/demarches?q=acte%20de&page=2&");
        assert_eq!(again("//evil.example/suivi"), "/evil.example/suivi?");
    }

    #[test]
    fn what_a_stranger_forwards_is_not_believed() {
        let config = WebConfig { trusted_proxies: vec!["10.0.0.1".parse().unwrap()], ..WebConfig::default() };
        let headers = [("x-forwarded-for", "203.0.113.9, 198.51.100.7"), ("x-forwarded-proto", "https")];
        let stranger = arrival(&config, "192.0.2.1", "/", &headers);
        assert_eq!((stranger.source, stranger.https), (Source::of("192.0.2.1".parse().unwrap()), false));
        let proxy = arrival(&config, "::ffff:10.0.0.1", "/", &headers);
        assert_eq!((proxy.source, proxy.https), (Source::of("198.51.100.7".parse().unwrap()), true));
        let unreadable = [("x-forwarded-for", "203.0.113.9, unknown")];
        let proxy = arrival(&config, "10.0.0.1", "/", &unreadable);
        assert_eq!(proxy.source, Source::of("10.0.0.1".parse().unwrap()));
    }

    #[test]
    fn over_https_only_the_host_bound_cookie_counts() {
        let config = WebConfig { https: true, ..WebConfig::default() };
        assert!(arrival(&config, "192.0.2.1", "/", &[("cookie", "beffroi=secret")]).is_anonymous());
        assert!(!arrival(&config, "192.0.2.1", "/", &[("cookie", "__Host-beffroi=secret")]).is_anonymous());
    }

    #[test]
    fn programs_are_answered_as_programs() {
        let config = WebConfig::default();
        assert!(arrival(&config, "192.0.2.1", "/api/v1/cases", &[]).wants_json);
        assert!(arrival(&config, "192.0.2.1", "/x", &[("accept", "application/json")]).wants_json);
        assert!(
            !arrival(&config, "192.0.2.1", "/apis", &[("accept", "text/html, application/json")]).wants_json
        );
    }
}
