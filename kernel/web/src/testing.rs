//! A browser for the journeys of tests: it asks a site without a network in between, keeps its cookies and sends forms.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a test that cannot go on has failed"
)]

use std::{collections::BTreeMap, fmt::Write as _};

use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::{Response, request::Builder},
};
use parking_lot::Mutex;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::Site;

/// From where it comes.
const ADDRESS: &str = "192.0.2.7";
/// What stands between the fields of a form that may hold files.
const CUT: &str = "cut";

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Where it leads; `""` where it leads nowhere.
    pub location: String,
    /// Its media type.
    pub kind: String,
    /// What it lets a browser load.
    pub policy: String,
    /// The body as it came.
    pub bytes: Vec<u8>,
    /// The body as a text.
    pub body: String,
}

impl Answer {
    async fn read(response: Response<Body>) -> Self {
        let header =
            |name: &str| response.headers().get(name).map_or("", |it| it.to_str().unwrap()).to_owned();
        let status = response.status().as_u16();
        let (location, kind, policy) =
            (header("location"), header("content-type"), header("content-security-policy"));
        let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec();
        let body = String::from_utf8_lossy(&bytes).into_owned();
        Self { status, location, kind, policy, bytes, body }
    }

    /// Has this status.
    #[track_caller]
    pub fn is(&self, status: u16) -> &Self {
        assert_eq!(self.status, status, "{}", self.body);
        self
    }

    /// Has this in its body.
    #[track_caller]
    pub fn says(&self, text: &str) -> &Self {
        assert!(self.body.contains(text), "{text:?} is not in {} {}", self.status, self.body);
        self
    }

    /// Has nothing of this in its body.
    #[track_caller]
    pub fn is_silent_about(&self, text: &str) -> &Self {
        assert!(!self.body.contains(text), "{text:?} is in {} {}", self.status, self.body);
        self
    }

    /// What stands between two texts.
    #[track_caller]
    pub fn between(&self, before: &str, after: &str) -> String {
        let rest = self.body.split(before).nth(1);
        let rest = rest.unwrap_or_else(|| panic!("{before:?} is not in {}", self.body));
        rest.split(after).next().unwrap().to_owned()
    }

    /// The values that the buttons and fields of this name send, in their order.
    pub fn sent(&self, name: &str) -> Vec<String> {
        let before = format!("name=\"{name}\" value=\"");
        let parts = self.body.split(&before).skip(1);
        parts.map(|part| part.split('"').next().unwrap().replace("&#38;", "&")).collect()
    }

    /// Its body as JSON.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// Somebody at a browser.
pub struct Browser<'a> {
    site: &'a Site,
    cookies: Mutex<BTreeMap<String, String>>,
}

impl<'a> Browser<'a> {
    /// Somebody who comes for the first time.
    pub fn at(site: &'a Site) -> Self {
        Self { site, cookies: Mutex::default() }
    }

    /// Somebody who has signed in: the token of their session.
    pub fn signed_in(site: &'a Site, token: &str) -> Self {
        let cookies = BTreeMap::from([("beffroi".to_owned(), token.to_owned())]);
        Self { site, cookies: Mutex::new(cookies) }
    }

    /// Asks for a page.
    pub async fn get(&self, path: &str) -> Answer {
        self.ask(Request::get(path), String::new()).await
    }

    /// Sends a form.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let body: Vec<String> =
            fields.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        let request = Request::post(path).header("content-type", "application/x-www-form-urlencoded");
        self.ask(request, body.join("&")).await
    }

    /// Sends a form that may hold files, without one.
    pub async fn send(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut body = String::new();
        for (name, value) in fields {
            let head = format!("--{CUT}\r\nContent-Disposition: form-data; name=\"{name}\"");
            let _ = write!(body, "{head}\r\n\r\n{value}\r\n");
        }
        let _ = write!(body, "--{CUT}--\r\n");
        let kind = format!("multipart/form-data; boundary={CUT}");
        self.ask(Request::post(path).header("content-type", kind), body).await
    }

    /// Sends anything else.
    pub async fn ask(&self, request: Builder, body: String) -> Answer {
        let held = |(name, value): (&String, &String)| format!("{name}={value}");
        let cookies: Vec<String> = self.cookies.lock().iter().map(held).collect();
        let request = request
            .header("host", "localhost")
            .header("accept-language", "fr")
            .header("cookie", cookies.join("; "))
            .body(Body::from(body))
            .unwrap();
        let response = self.site.respond(request, ADDRESS.parse().unwrap()).await;
        for set in response.headers().get_all("set-cookie") {
            let pair = set.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.lock().insert(name.to_owned(), value.to_owned());
        }
        Answer::read(response).await
    }
}
