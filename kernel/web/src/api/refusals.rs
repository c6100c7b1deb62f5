//! What every call of the API may answer beside its own: written once, so that the description is complete.

use utoipa::{
    Modify, ToSchema,
    openapi::{
        ContentBuilder, HeaderBuilder, OpenApi, Ref, RefOr, Response, ResponseBuilder,
        path::{Operation, Parameter},
        schema::{ObjectBuilder, Schema, SchemaType, Type},
    },
};

/// One thing wrong in what was sent.
#[derive(ToSchema)]
#[expect(dead_code, reason = "described, never made here")]
pub(super) struct Fault {
    /// Where: a JSON pointer into the body (RFC 6901).
    pointer: String,
    /// What, for programs.
    code: String,
    /// What, for people.
    detail: String,
}

/// A problem document (RFC 9457), as `application/problem+json`.
#[derive(ToSchema)]
#[expect(dead_code, reason = "described, never made here")]
pub(super) struct Problem {
    /// `about:blank`: the status tells.
    r#type: String,
    /// What happened, in a few words, in the language that was asked for.
    title: String,
    /// The status.
    status: u16,
    /// What happened, and what to do.
    detail: String,
    /// To be quoted to whoever looks after the site.
    request_id: String,
    /// Each thing that is wrong in what was sent.
    errors: Option<Vec<Fault>>,
}

/// Adds the answers of the house to every call, and the form of a refusal to each.
pub(super) struct Refusals;

/// What any call may be refused with.
const ALWAYS: &[(&str, &str)] = &[
    ("400", "The request makes no sense: an address or a header that is none"),
    ("429", "Too many requests; `Retry-After` tells when to come back"),
    ("503", "Later it works again; `Retry-After` tells when"),
];
/// What a call with a body may be refused with.
const WITH_BODY: &[(&str, &str)] =
    &[("413", "The body is too large"), ("422", "`errors` names each thing that is wrong")];
/// What a call with a token may be refused with.
const WITH_TOKEN: &[(&str, &str)] = &[
    ("401", "No token, or one that serves no more"),
    ("403", "The token, or whoever holds it, may not do this"),
];

impl Modify for Refusals {
    fn modify(&self, api: &mut OpenApi) {
        for item in api.paths.paths.values_mut() {
            let calls = [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
            calls.into_iter().flatten().for_each(complete);
        }
    }
}

fn complete(call: &mut Operation) {
    let mut possible = ALWAYS.to_vec();
    if call.request_body.is_some() {
        possible.extend_from_slice(WITH_BODY);
    }
    if call
        .security
        .as_ref()
        .is_some_and(|all| serde_json::to_string(all).is_ok_and(|all| all.contains("\"token\"")))
    {
        possible.extend_from_slice(WITH_TOKEN);
    }
    let is_keyed = |it: &RefOr<Parameter>| matches!(it, RefOr::T(it) if it.name == "Idempotency-Key");
    if call.parameters.as_ref().is_some_and(|all| all.iter().any(is_keyed)) {
        possible.push(("409", "The key was used for another request, or somebody was faster"));
    }
    for (status, description) in possible {
        let known = &mut call.responses.responses;
        if !known.contains_key(status) {
            let response = ResponseBuilder::new().description(description).build();
            known.insert(status.to_owned(), RefOr::T(response));
        }
    }
    for (status, response) in &mut call.responses.responses {
        if let RefOr::T(response) = response
            && status.starts_with(['4', '5'])
            && response.content.is_empty()
        {
            refuse(status, response);
        }
    }
}

/// A refusal has the form of a problem document; one that passes tells when to come back.
fn refuse(status: &str, response: &mut Response) {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    response.content.insert("application/problem+json".to_owned(), RefOr::T(content));
    if status == "429" {
        let seconds =
            Schema::Object(ObjectBuilder::new().schema_type(SchemaType::Type(Type::String)).build());
        let header = HeaderBuilder::new().schema(Some(seconds)).description(Some("Seconds")).build();
        response.headers.insert("Retry-After".to_owned(), RefOr::T(header));
    }
}
