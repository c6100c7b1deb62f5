//! Procedures, for programs.

use axum::{Json, extract::Path};
use beffroi_forms::{CompiledForm, Way};
use beffroi_store::By;
use beffroi_web::WebError;

use super::{
    model::{ProcedureDetail, ProcedureSummary},
    payment::FeeDetail,
};
use crate::{procedure::current_for, visit::Visit};

fn ways(form: &CompiledForm) -> Vec<&'static str> {
    let word = |way: &Way| match way {
        Way::Online => "online",
        Way::Counter => "counter",
        Way::Phone => "phone",
        Way::Paper => "paper",
    };
    let ways = &form.procedure().ways;
    if form.procedure().elsewhere.is_some() { Vec::new() } else { ways.iter().map(word).collect() }
}

/// The procedures that the commune offers.
#[utoipa::path(get, path = "/api/v1/procedures", responses((status = 200, body = Vec<ProcedureSummary>)))]
pub(super) async fn list(
    Visit { desk, commune, visitor, .. }: Visit,
) -> Result<Json<Vec<ProcedureSummary>>, WebError> {
    let forms = commune.read(By::VISITOR, move |tx| desk.shelf.offered(tx)).await?;
    let list = forms
        .iter()
        .map(|form| ProcedureSummary {
            slug: form.procedure().slug.clone(),
            version: form.procedure().version,
            title: form.procedure().title.text(visitor.lang).to_owned(),
            summary: form.procedure().summary.text(visitor.lang).to_owned(),
            ways: ways(form),
            elsewhere: form.procedure().elsewhere.as_ref().map(|there| there.url.clone()),
        })
        .collect();
    Ok(Json(list))
}

/// A procedure, with the JSON Schema of its answers.
#[utoipa::path(
    get, path = "/api/v1/procedures/{slug}", params(("slug" = String, Path)),
    responses((status = 200, body = ProcedureDetail), (status = 404, description = "No such procedure"))
)]
pub(super) async fn read(
    Visit { desk, commune, visitor, .. }: Visit,
    Path(slug): Path<String>,
) -> Result<Json<ProcedureDetail>, WebError> {
    let form = commune.read(By::VISITOR, move |tx| current_for(tx, &desk.shelf, &slug)).await?;
    let lang = visitor.lang;
    let procedure = form.procedure();
    let regime = procedure.regime.as_ref();
    Ok(Json(ProcedureDetail {
        slug: procedure.slug.clone(),
        version: procedure.version,
        title: procedure.title.text(lang).to_owned(),
        summary: procedure.summary.text(lang).to_owned(),
        ways: ways(&form),
        who: procedure.who.text(lang).to_owned(),
        delay: procedure.delay.text(lang).to_owned(),
        cost: procedure.cost.text(lang).to_owned(),
        fee: procedure.fee.as_ref().map(FeeDetail::of),
        silence: regime.map_or("none", |regime| regime.silence.as_str()).to_owned(),
        term: regime.and_then(|regime| regime.term).map(|term| term.to_string()),
        schema: form.json_schema(lang),
    }))
}
