//! The description of the whole API (OpenAPI 3.1), put together from what each service says of its own part.

mod refusals;

use axum::{
    Router,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
    routing::get,
};
use utoipa::{
    Modify, OpenApi,
    openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
};

use self::refusals::Refusals;
use crate::{App, Service, WebError};

/// What the services have in common.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Beffroi",
        description = "The digital town hall of a French commune.",
        license(name = "EUPL-1.2")
    ),
    components(schemas(refusals::Problem, refusals::Fault))
)]
struct Common;

/// How a caller proves who it is.
struct Keys;

impl Modify for Keys {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        let components = api.components.get_or_insert_default();
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("An agent’s API token."))
            .build();
        components.add_security_scheme("token", SecurityScheme::Http(bearer));
        let code =
            ApiKey::Header(ApiKeyValue::with_description("Tracking-Code", "The case’s tracking code."));
        components.add_security_scheme("tracking_code", SecurityScheme::ApiKey(code));
    }
}

/// Gives each call a name of its own, for those who have a client written from the description: handlers of two services
/// may be called alike, calls may not.
struct Names;

impl Modify for Names {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        for (path, item) in &mut api.paths.paths {
            let path = path.strip_prefix("/api/v1/").unwrap_or(path);
            let words: Vec<&str> =
                path.split(|it: char| !it.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
            let calls = [
                ("get", &mut item.get),
                ("post", &mut item.post),
                ("put", &mut item.put),
                ("patch", &mut item.patch),
                ("delete", &mut item.delete),
            ];
            for (method, call) in calls {
                if let Some(call) = call {
                    call.operation_id = Some(format!("{method}_{}", words.join("_")));
                }
            }
        }
    }
}

/// The whole description, written once when the house is put together; `""` where it cannot be written.
pub(crate) fn described(services: &[std::sync::Arc<dyn Service>]) -> String {
    let mut api = Common::openapi();
    for part in services.iter().filter_map(|service| service.api()) {
        api.merge(part);
    }
    Keys.modify(&mut api);
    Refusals.modify(&mut api);
    Names.modify(&mut api);
    serde_json::to_string(&api).unwrap_or_default()
}

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/api/v1/openapi.json", get(read))
}

async fn read(State(app): State<App>) -> Result<Response, WebError> {
    if app.api.is_empty() {
        return Err(WebError::internal("the description of the API could not be written"));
    }
    let headers =
        [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "public, max-age=300")];
    Ok((headers, app.api.clone()).into_response())
}
