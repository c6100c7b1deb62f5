//! The headers that every answer bears, and the check that a write comes from our own pages.

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};

use crate::{host::without_port, visitor::Arrival};

/// No inline script or style, nothing from elsewhere, no frame around us.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                      font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; \
                      base-uri 'none'";

const HEADERS: [(HeaderName, &str); 7] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(self), microphone=(), payment=(), usb=()",
    ),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (header::X_FRAME_OPTIONS, "DENY"),
];

/// Adds the headers that do not depend on the request. A page that is stricter about one of them stays so.
pub(crate) fn dress(headers: &mut HeaderMap) {
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
}

/// A page that is shown in a frame of ours, or shows such a frame. Put into a response's extensions; any other page is
/// neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// It may stand in a frame of this site.
    Within,
    /// It shows pages of this site in frames.
    Around,
}

/// Lets a page into a frame of this site, or show one.
pub(crate) fn frame(framing: Framing, headers: &mut HeaderMap) {
    let (policy, options) = match framing {
        Framing::Within => {
            (POLICY.replace("frame-ancestors 'none'", "frame-ancestors 'self'"), Some("SAMEORIGIN"))
        }
        Framing::Around => (format!("{POLICY}; frame-src 'self'"), None),
    };
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    if let Some(options) = options {
        headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static(options));
    }
}

/// The site to which a form of a page leads in the end (a page of payment): browsers hold `form-action` against the
/// redirection that answers a form too. Put into the response's extensions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeadsTo(pub String);

/// Lets the forms of a page lead to that site as well.
pub(crate) fn let_lead(LeadsTo(site): &LeadsTo, headers: &mut HeaderMap) {
    let policy = POLICY.replace("form-action 'self'", &format!("form-action 'self' {site}"));
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
}

/// Adds those that do.
pub(crate) fn dress_for(arrival: &Arrival, headers: &mut HeaderMap) {
    if arrival.https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    if let Ok(id) = HeaderValue::from_str(&arrival.request_id) {
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
    if let Some(cookie) = arrival.language_cookie() {
        headers.append(header::SET_COOKIE, cookie);
    }
}

/// Whether a write may be believed to come from one of our pages, or from no browser at all.
///
/// Browsers say where a request comes from (`Sec-Fetch-Site`, else `Origin`) and no page can make them
/// lie. A client that says neither is a program: it holds no cookie that somebody else could ride on.
pub(crate) fn comes_from_here(method: &Method, host: &str, arrival: &Arrival, headers: &HeaderMap) -> bool {
    if method.is_safe() || arrival.is_program() {
        return true;
    }
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match (text("sec-fetch-site"), text("origin")) {
        (Some(site), _) => site == "same-origin" || site == "none",
        (None, Some(origin)) => origin
            .split_once("://")
            .map(|(_, authority)| without_port(authority))
            .is_some_and(|from| from.eq_ignore_ascii_case(host)),
        (None, None) => !headers.contains_key("sec-fetch-site") && !headers.contains_key("origin"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::WebConfig;

    fn post(pairs: &[(&'static str, &'static str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(*name, value.parse().unwrap());
        }
        let arrival = Arrival::read(
            &WebConfig::default(),
            "192.0.2.1".parse().unwrap(),
            &Method::POST,
            &"/x".parse().unwrap(),
            &headers,
        );
        comes_from_here(&Method::POST, "mairie.fr", &arrival, &headers)
    }

    #[test]
    fn a_form_on_another_site_writes_nothing_here() {
        assert!(!post(&[("sec-fetch-site", "cross-site"), ("origin", "https://mairie.fr")]));
        assert!(!post(&[("sec-fetch-site", "same-site")]));
        assert!(!post(&[("origin", "https://mairie.fr.evil.example")]));
        assert!(!post(&[("origin", "null")]));
    }

    #[test]
    fn our_own_pages_and_programs_write() {
        assert!(post(&[("sec-fetch-site", "same-origin")]));
        assert!(post(&[("origin", "https://mairie.fr:8443")]));
        assert!(post(&[]));
        assert!(post(&[("authorization", "Bearer abc"), ("origin", "https://elsewhere.example")]));
        assert!(!post(&[
            ("authorization", "Bearer abc"),
            ("cookie", "beffroi=x"),
            ("origin", "https://elsewhere.example")
        ]));
    }
}
