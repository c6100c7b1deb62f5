//! Real OpenID providers that behave as the State's do (`scripts/with-oidc`), and somebody on the way to one.

use std::{
    io::{Read, Write},
    net::TcpStream,
};

use beffroi_identity::jwks;
use beffroi_people::{
    identity::{self, Provider, ProviderError, ProviderKind},
    permission::permit_system,
};
use beffroi_store::By;
use serde_json::{Value, json};

use crate::support::{Answer, Browser, Hall, journey_at};

/// Where the site of these journeys is.
pub const SITE: &str = "http://localhost";
/// The SIRET of the commune, for which the agents of the test provider work.
pub const SIRET: &str = "21340145600017";

/// The providers of the run.
pub struct Providers(Value);

/// Runs a journey on each engine, with the providers; says so where there are none.
#[expect(clippy::needless_pass_by_value, reason = "a closure written where it is called")]
pub fn vouched(test: impl AsyncFn(&Hall<'_>, &Providers)) {
    let Ok(told) = std::env::var("BEFFROI_TEST_OIDC") else {
        eprintln!("not run: BEFFROI_TEST_OIDC is not set (scripts/with-oidc)");
        return;
    };
    let providers = Providers(serde_json::from_str(&told).unwrap());
    journey_at(SITE, async |hall| test(hall, &providers).await);
}

impl Providers {
    /// The issuer of a provider.
    pub fn issuer(&self, kind: ProviderKind) -> &str {
        self.0[kind.as_str()].as_str().unwrap()
    }

    /// Registers the commune with a provider, and keeps what it gives.
    pub async fn set(&self, hall: &Hall<'_>, kind: ProviderKind) {
        self.set_with(hall, kind, |_| {}).await;
    }

    /// The same, with settings of its own.
    pub async fn set_with(&self, hall: &Hall<'_>, kind: ProviderKind, change: impl FnOnce(&mut Provider)) {
        let mut provider = Provider {
            enabled: true,
            issuer: self.issuer(kind).to_owned(),
            client_id: "to be registered".to_owned(),
            ..Provider::unset(kind)
        };
        if kind == ProviderKind::ProConnect {
            provider.siret = SIRET.to_owned();
        }
        change(&mut provider);
        // The town's key is drawn when the settings are first kept; its public half goes to the provider.
        save(hall, provider.clone(), "to be registered").await;
        let kept = hall.fixture.commune.read(By::SYSTEM, move |tx| identity::find(tx, kind)).await;
        let keys = jwks(&kept.unwrap().unwrap().secrets.decryption_key).unwrap();
        let at = |end: &str| format!("{SITE}/connexion/{}/{end}", kind.as_str());
        let mut client = json!({
            "redirect_uris": [at("retour")],
            "post_logout_redirect_uris": [at("deconnecte")],
            "token_endpoint_auth_method": "client_secret_post",
            "response_types": ["code"],
            "grant_types": ["authorization_code"],
            "id_token_signed_response_alg": "RS256",
            "userinfo_signed_response_alg": "RS256",
        });
        if kind == ProviderKind::FranceConnectPlus {
            client["jwks"] = keys;
            for what in ["id_token", "userinfo"] {
                client[format!("{what}_encrypted_response_alg")] = json!("ECDH-ES");
                client[format!("{what}_encrypted_response_enc")] = json!("A256GCM");
            }
        }
        let registered = send(self.issuer(kind), "/reg", &client);
        provider.client_id =
            registered["client_id"].as_str().unwrap_or_else(|| panic!("{registered}")).to_owned();
        save(hall, provider, registered["client_secret"].as_str().unwrap()).await;
    }

    /// What a browser that goes there is sent back with, after saying who it is.
    pub fn walk(&self, kind: ProviderKind, address: &str, persona: &str, acr: &str) -> String {
        let asked = json!({ "address": address, "persona": persona, "acr": acr });
        let walked = send(self.issuer(kind), "/test/walk", &asked);
        walked["location"].as_str().unwrap_or_else(|| panic!("{walked}")).to_owned()
    }

    /// Whoever asks for the keys next is told those of before.
    pub fn age_keys(&self, kind: ProviderKind) {
        send(self.issuer(kind), "/test/stale", &json!({}));
    }

    /// Makes the code of an address as one that has expired.
    pub fn spend(&self, kind: ProviderKind, back: &str) {
        let code = back.split_once("code=").unwrap().1.split('&').next().unwrap();
        send(self.issuer(kind), "/test/spend", &json!({ "code": code }));
    }
}

async fn save(hall: &Hall<'_>, provider: Provider, secret: &str) {
    let secret = secret.to_owned();
    let saved = hall.fixture.commune.write(By::SYSTEM, move |tx| -> Result<_, ProviderError> {
        let permit = permit_system(tx).unwrap();
        identity::save(tx, &permit, &provider, &secret)
    });
    saved.await.unwrap();
}

/// Sends JSON to a provider of the run, and reads the JSON of its answer.
pub fn send(issuer: &str, path: &str, body: &Value) -> Value {
    let host = issuer.strip_prefix("http://").unwrap();
    let body = body.to_string();
    let mut stream = TcpStream::connect(host).unwrap();
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    // Whoever closes the connection after each answer still sends it in chunks where it does not know its length.
    let body = if head.to_ascii_lowercase().contains("transfer-encoding: chunked") {
        body.split("\r\n").nth(1).unwrap()
    } else {
        body
    };
    serde_json::from_str(body).unwrap_or_else(|_| panic!("{answer}"))
}

impl Browser<'_> {
    /// The way there: the address at the provider.
    pub async fn depart(&self, path: &str) -> String {
        let departed = self.get(path).await;
        assert_eq!(departed.status, 303, "{}", departed.body);
        assert!(departed.location.starts_with("http://127.0.0.1:"), "{}", departed.location);
        departed.location
    }

    /// Back from the provider, with what it sent.
    pub async fn arrive(&self, back: &str) -> Answer {
        self.get(back.strip_prefix(SITE).unwrap()).await
    }

    /// There and back, as a persona at a level.
    pub async fn vouch(
        &self,
        providers: &Providers,
        kind: ProviderKind,
        persona: &str,
        level: &str,
    ) -> Answer {
        self.vouch_for(providers, kind, persona, level, "").await
    }

    /// The same, from a page.
    pub async fn vouch_for(
        &self,
        providers: &Providers,
        kind: ProviderKind,
        persona: &str,
        level: &str,
        query: &str,
    ) -> Answer {
        let there = self.depart(&format!("/connexion/{}{query}", kind.as_str())).await;
        self.arrive(&providers.walk(kind, &there, persona, level)).await
    }
}
