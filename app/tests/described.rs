//! The description of the API against the house: every call of every service is in it, with what whoever writes a program
//! needs, and it has no call that the house has not.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod whole;

use std::{
    collections::{BTreeMap, BTreeSet},
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};

use axum::{
    body::{Body, to_bytes},
    extract::Request,
};
use beffroi_store::{Engine, testing::TestCommune};
use beffroi_web::{House, Site, WebConfig};
use serde_json::Value;

/// What describes the others.
const ITSELF: &str = "/api/v1/openapi.json";
/// Calls that a body goes with, of the whole house, at least.
const BODIES: usize = 30;

/// The description as the house gives it.
fn described() -> Value {
    let fixture = TestCommune::on(Engine::Sqlite, &whole::tables()).unwrap().unwrap();
    let house = House::new(Arc::clone(&fixture.platform), whole::services(), WebConfig::default()).unwrap();
    let site = Site::new(house);
    let asked = Request::builder().uri(ITSELF).header("host", "localhost").body(Body::empty()).unwrap();
    let read = async {
        let answer = site.respond(asked, IpAddr::from(Ipv4Addr::LOCALHOST)).await;
        assert_eq!(answer.status().as_u16(), 200);
        to_bytes(answer.into_body(), 16 << 20).await.unwrap()
    };
    let bytes = tokio::runtime::Runtime::new().unwrap().block_on(read);
    serde_json::from_slice(&bytes).unwrap()
}

/// The calls of a description, by path and method.
fn calls(api: &Value) -> BTreeMap<(String, String), &Value> {
    let mut found = BTreeMap::new();
    for (path, item) in api["paths"].as_object().unwrap() {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            if let Some(call) = item.get(method.to_lowercase()) {
                found.insert((path.clone(), method.to_owned()), call);
            }
        }
    }
    found
}

#[test]
fn the_description_names_every_call_of_every_service_and_no_other() {
    let api = described();
    assert!(api["openapi"].as_str().unwrap().starts_with("3.1"));
    let mut routes = whole::routes();
    // What the State's search asks (`/api/ants/`) is described by the State.
    routes.retain(|(route, _)| route.starts_with("/api/v1/") && route != ITSELF);
    assert!(routes.len() > 80, "the routes were not found");
    // A calendar is a form of its room, at the room's address.
    let told: BTreeSet<(String, String)> =
        calls(&api).into_keys().map(|(path, method)| (path.replace("}.ics", "}"), method)).collect();
    let untold: Vec<_> = routes.difference(&told).collect();
    let unheard: Vec<_> = told.difference(&routes).collect();
    assert!(untold.is_empty(), "not in the description: {untold:?}");
    assert!(unheard.is_empty(), "described and not there: {unheard:?}");
}

#[test]
fn every_call_says_what_it_is_what_it_takes_and_what_it_answers() {
    let api = described();
    let (mut names, mut wrong, mut bodies) = (BTreeSet::new(), Vec::new(), 0);
    for ((path, method), call) in calls(&api) {
        let mut is_wrong = |what: &str| wrong.push(format!("{method} {path}: {what}"));
        let says = |member: &str| call[member].as_str().is_some_and(|text| !text.trim().is_empty());
        if !says("summary") && !says("description") {
            is_wrong("nobody says what it does");
        }
        if !names.insert(call["operationId"].as_str().unwrap_or_default()) {
            is_wrong("another call has its name");
        }
        let none = Vec::new();
        let given = call["parameters"].as_array().unwrap_or(&none);
        for name in path.split('{').skip(1).filter_map(|rest| rest.split('}').next()) {
            if !given.iter().any(|it| it["in"] == "path" && it["name"] == name) {
                is_wrong(&format!("{name} is not described"));
            }
        }
        if !call["responses"].as_object().unwrap().keys().any(|status| status.starts_with('2')) {
            is_wrong("it is never answered well");
        }
        if path.starts_with("/api/v1/agent/") && !call["security"].to_string().contains("\"token\"") {
            is_wrong("it does not say that it wants a token");
        }
        // Whoever reads it sees what a body looks like.
        let body = call.pointer("/requestBody/content/application~1json/schema/$ref");
        if let Some(name) = body.and_then(Value::as_str).and_then(|name| name.strip_prefix('#')) {
            bodies += 1;
            if api.pointer(name).is_none_or(|schema| schema.get("example").is_none()) {
                is_wrong("its body has no example");
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert!(bodies >= BODIES, "{bodies}");
}

#[test]
fn no_two_services_describe_the_same_thing() {
    let mut first: BTreeMap<String, Value> = BTreeMap::new();
    for part in whole::services().iter().filter_map(|service| service.api()) {
        let part = serde_json::to_value(part).unwrap();
        for (path, item) in part["paths"].as_object().unwrap() {
            assert!(first.insert(path.clone(), item.clone()).is_none(), "{path} is described twice");
        }
        let Some(schemas) = part.pointer("/components/schemas").and_then(Value::as_object) else { continue };
        for (name, schema) in schemas {
            // What all share (a problem, a day) may stand in each part, as long as it is the same.
            let known = first.insert(name.clone(), schema.clone());
            assert!(known.is_none_or(|known| known == *schema), "{name} is two things");
        }
    }
}
