//! Somebody was called.

use axum::{
    extract::Path,
    response::{IntoResponse, Redirect},
};
use beffroi_core::Id;
use beffroi_web::{CommuneOf, Result, Visitor, WebError};

use crate::{permission, registration, series, tell};

pub(super) async fn done(visitor: Visitor, commune: CommuneOf, Path(id): Path<String>) -> Result {
    let who = visitor.require()?.clone();
    commune
        .write(visitor.by, move |tx| {
            let scope = permission::advised(tx, &who)?;
            let id: Id<tell::Call> = id.parse().map_err(|_| WebError::not_found())?;
            let waiting = tell::calls_waiting(tx)?;
            let Some(call) = waiting.iter().find(|call| call.id == id) else { return Ok(()) };
            let it = registration::find(tx, call.registration)?.ok_or_else(WebError::not_found)?;
            let series = series::find(tx, it.series)?.ok_or_else(WebError::not_found)?;
            if !scope.contains(Some(series.department)) {
                return Err(WebError::not_found());
            }
            tell::call_done(tx, id)?;
            Ok::<_, WebError>(())
        })
        .await?;
    Ok(Redirect::to("/agents/ateliers?fait=appele").into_response())
}
