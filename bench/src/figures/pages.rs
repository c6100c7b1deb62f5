//! What a visitor waits for: the page of a procedure, and the page of a case.

use std::{net::SocketAddr, time::Duration};

use anyhow::{Context, Result, ensure};
use beffroi_core::SystemClock;
use hyper::StatusCode;
use serde_json::{Value, json};

use crate::{
    Bench,
    bare::Bare,
    load::{Answer, Client, Load},
    report::{Figure, Target},
    requests,
    sample::median,
    town::{Engine, SLUG, Town},
};

const ROUNDS: usize = 7;
const DURING: Duration = Duration::from_millis(1_500);
const CLIENTS: usize = 16;
const SHEET: &str = "/demarches/occupation-domaine-public";
pub(super) const HANDLER: &str = "a bare axum handler that answers the same bytes";

/// Requests a second of both pages, against a bare handler.
pub fn measure(bench: &Bench) -> Result<Vec<Figure>> {
    let town = bench.program.town(Engine::Sqlite)?.context("no SQLite")?;
    let server = town.serve_demonstration()?;
    let address = server.address;
    bench.runtime.block_on(async {
        let sheet = against_bare(&town, address, SHEET, "").await?;
        let cookie = followed_case(&town, address).await?;
        let tracking = against_bare(&town, address, "/suivi", &cookie).await?;
        let ratio = |name, value, least| Figure::new(name, value, "ratio", Target::AtLeast(least), HANDLER);
        Ok(vec![
            ratio("procedure page, requests/s", sheet, 0.7),
            ratio("tracking page, requests/s", tracking, 0.15),
        ])
    })
}

/// The middle of the ratios of rounds that alternate between the page and the bare handler.
pub(super) async fn against_bare(
    town: &Town<'_>,
    address: SocketAddr,
    path: &'static str,
    cookie: &str,
) -> Result<f64> {
    let cookie = cookie.to_owned();
    let request = move |number| requests::page_with(path, &cookie, number);
    let answer = Client::connect(address).await?.ask(request(0)?).await?.with_status(StatusCode::OK)?;
    let bare = Bare::answering(&answer, town.folder())?;
    let mut ratios = Vec::new();
    for _ in 0..ROUNDS {
        let load = |address| Load { address, clients: CLIENTS, during: DURING, expected: StatusCode::OK };
        let ours = load(address).run(request.clone()).await?;
        let theirs = load(bare.address).run(request.clone()).await?;
        ratios.push(ours / theirs);
    }
    Ok(median(ratios))
}

/// The cookie that follows a case with a clock, messages both ways and documents asked for.
async fn followed_case(town: &Town<'_>, address: SocketAddr) -> Result<String> {
    let mut client = Client::connect(address).await?;
    let today = beffroi_core::Clock::now(&SystemClock).date_naive();
    let made = body(&client.ask(requests::removal(today)?).await?.with_status(StatusCode::CREATED)?)?;
    let text = |body: &Value, name: &str| Some(body.get(name)?.as_str()?.to_owned());
    let (reference, code) = (text(&made, "reference"), text(&made, "tracking_code"));
    let (reference, code) = (reference.context("no reference")?, code.context("no code")?);

    let account = ["--commune", SLUG, "--account", "bastien.gleize@lunel.example"];
    let scopes = ["--scope", "case.read", "--scope", "case.handle"];
    let token = town.run(&[&["token", "create"], &account[..], &scopes].concat())?;
    let token = token.trim();
    let list = requests::get("/api/v1/agent/cases?department=domaine-public", token)?;
    let cases = body(&client.ask(list).await?.with_status(StatusCode::OK)?)?;
    let id = cases
        .get("cases")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .find(|case| text(case, "reference").as_ref() == Some(&reference))
        .and_then(|case| text(case, "id"))
        .with_context(|| format!("{reference} is not in the inbox"))?;
    for words in ["Nous avons bien reçu votre demande.", "Le camion peut-il se garer au numéro 5 ?"] {
        let path = format!("/api/v1/agent/cases/{id}/messages");
        let message = requests::post(&path, Some(token), &json!({ "text": words }), 1)?;
        ensure_done(&client.ask(message).await?)?;
    }
    let path = format!("/api/v1/agent/cases/{id}/document-requests");
    let asked = requests::post(&path, Some(token), &json!({ "pieces": "Le plan de la rue" }), 1)?;
    ensure_done(&client.ask(asked).await?)?;
    let cookie = format!("suivi={code}");
    let answer = requests::form("/suivi/message", &cookie, "message=Oui%2C+devant+le+portail.")?;
    client.ask(answer).await?.with_status(StatusCode::SEE_OTHER)?;
    // A tracking page that only asked for the code would be fast, and measure nothing.
    let page = client.ask(requests::page_unpacked("/suivi", &cookie)?).await?.with_status(StatusCode::OK)?;
    let page = String::from_utf8(page.body.to_vec())?;
    for shown in [reference.as_str(), "devant le portail", "numéro 5", "Le plan de la rue"] {
        ensure!(page.contains(shown), "the tracking page does not show “{shown}”");
    }
    Ok(cookie)
}

fn body(answer: &Answer) -> Result<Value> {
    Ok(serde_json::from_slice(&answer.body)?)
}

fn ensure_done(answer: &Answer) -> Result<()> {
    ensure!(answer.status.is_success(), "{}: {:?}", answer.status, answer.body);
    Ok(())
}
