//! Documents that a program sends before the request that names them.

use std::fmt::Write as _;

use axum::{Json, extract::Request, http::StatusCode};
use beffroi_web::{FieldError, Purpose, WebError, once::Key};

use super::model::{Upload, UploadedDocument};
use crate::{
    papers::purpose,
    public::{attach, receive},
    visit::Visit,
};

/// Receives documents (`multipart/form-data`). The upload is named in the request that follows.
#[utoipa::path(
    post, path = "/api/v1/uploads", params(("Idempotency-Key" = Option<String>, Header)),
    request_body(content_type = "multipart/form-data", content = Vec<u8>, description = "One part a file"),
    responses((status = 201, body = Upload), (status = 409, description = "The key was used for other documents"), (status = 422, description = "A file is of a forbidden type or too large"))
)]
pub(super) async fn upload(
    Visit { app, desk, commune, visitor, headers, .. }: Visit,
    request: Request,
) -> Result<(StatusCode, Json<Upload>), WebError> {
    visitor.limit(&app, Purpose::UPLOAD)?;
    let posted = receive(request, &commune, visitor.lang).await?;
    if !posted.refused.is_empty() {
        let fault = |(field, detail): &(String, String)| FieldError {
            pointer: format!("#/{field}"),
            code: "file".to_owned(),
            detail: detail.clone(),
        };
        return Err(WebError::unprocessable(posted.refused.iter().map(fault).collect()));
    }
    // A client that sends again draws the line between the parts anew: what the files hold is compared.
    let mut told = String::new();
    for (field, file) in &posted.files {
        let _ = writeln!(told, "{field} {} {}", file.sha256(), file.name());
    }
    let key = Key::of(&headers, &visitor, "upload", "", told.as_bytes())?;
    let upload = commune
        .write(visitor.by, move |tx| {
            key.once(tx, |tx| {
                // Not one of the ids that tell their time: whoever knows this one may use the documents.
                let upload = uuid::Builder::from_random_bytes(tx.random::<16>()).into_uuid();
                let documents =
                    attach(tx, desk.gate, &posted.files, ("upload", upload), purpose::ATTACHMENT)?;
                let names = posted.files.iter().map(|(_, file)| file.name().to_owned());
                let documents = documents
                    .into_iter()
                    .zip(names)
                    .map(|((_, document), name)| UploadedDocument { document, name })
                    .collect();
                Ok::<_, WebError>(Upload { upload, documents })
            })
        })
        .await?;
    Ok((StatusCode::CREATED, Json(upload)))
}
