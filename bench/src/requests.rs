//! What the clients send.

use anyhow::Result;
use bytes::Bytes;
use http_body_util::Full;
use hyper::{Method, Request, header, http::request::Builder};
use serde_json::{Value, json};

/// The head of a request as a browser sends it. Each number is a visitor of its own, so that the throttling of
/// one visitor is not what is measured.
pub fn head(method: Method, path: &str, number: u64) -> Builder {
    let [.., a, b, c] = number.to_be_bytes();
    Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, "localhost")
        .header(header::ACCEPT_LANGUAGE, "fr")
        .header(header::ACCEPT_ENCODING, "gzip, deflate")
        .header("x-forwarded-for", format!("10.{a}.{b}.{c}"))
}

/// A page.
pub fn page(path: &str, number: u64) -> Result<Request<Full<Bytes>>> {
    Ok(head(Method::GET, path, number).body(Full::default())?)
}

/// A page, for who shows these cookies.
pub fn page_with(path: &str, cookie: &str, number: u64) -> Result<Request<Full<Bytes>>> {
    Ok(head(Method::GET, path, number).header(header::COOKIE, cookie).body(Full::default())?)
}

/// A page as it is before the network packs it, to be read here.
pub fn page_unpacked(path: &str, cookie: &str) -> Result<Request<Full<Bytes>>> {
    let mut request = page_with(path, cookie, 0)?;
    request.headers_mut().remove(header::ACCEPT_ENCODING);
    Ok(request)
}

/// What the API tells the bearer of a token, not packed: it is read here.
pub fn get(path: &str, bearer: &str) -> Result<Request<Full<Bytes>>> {
    let head = head(Method::GET, path, 1).header(header::AUTHORIZATION, format!("Bearer {bearer}"));
    let mut request = head.body(Full::default())?;
    request.headers_mut().remove(header::ACCEPT_ENCODING);
    Ok(request)
}

/// A form, as a browser of ours sends it.
pub fn form(path: &str, cookie: &str, body: &'static str) -> Result<Request<Full<Bytes>>> {
    Ok(head(Method::POST, path, 0)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "same-origin")
        .header(header::COOKIE, cookie)
        .body(body.into())?)
}

/// A body for the API.
pub fn post(path: &str, bearer: Option<&str>, body: &Value, number: u64) -> Result<Request<Full<Bytes>>> {
    let mut head = head(Method::POST, path, number).header(header::CONTENT_TYPE, "application/json");
    if let Some(token) = bearer {
        head = head.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    Ok(head.body(Full::from(body.to_string()))?)
}

/// Asks for an extract of a birth certificate, each time for somebody else.
pub fn birth(number: u64) -> Result<Request<Full<Bytes>>> {
    let body = json!({ "answers": {
        "lieu": "ici", "document": "sans-filiation", "copies": 1, "remise": "poste", "lien": "autre", "attestation": true,
        "personne": { "family_name": "Teissier", "given_names": "Anaïs", "birth_date": "1990-02-04", "birth_place": "Lunel" },
        "demandeur": { "family_name": format!("Teissier {number}"), "given_names": "Marius" },
        "adresse": { "line": "4 rue du Jasmin, 34400 Lunel" },
        "courriel": format!("marius.{number}@example.org"),
    } });
    post("/api/v1/procedures/acte-de-naissance/cases", None, &body, number)
}

/// Asks to put a removal van in the street, a month from this day.
pub fn removal(day: chrono::NaiveDate) -> Result<Request<Full<Bytes>>> {
    let day = (day + chrono::Days::new(30)).to_string();
    let body = json!({ "answers": {
        "objet": "demenagement", "circulation": false, "lieu": { "line": "3 rue Haute, 34400 Lunel" },
        "surface": 20.5, "debut": day, "fin": day, "heure_debut": "08:00", "heure_fin": "12:00",
        "statut": "particulier", "demandeur": { "family_name": "Peyron", "given_names": "Gaspard" },
        "adresse": { "line": "3 rue Haute, 34400 Lunel" }, "courriel": "gaspard@example.org",
        "telephone": "+33465711234", "engagement": true,
    } });
    post("/api/v1/procedures/occupation-domaine-public/cases", None, &body, 1)
}
