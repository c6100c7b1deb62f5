//! Documents as answers.

use axum::{
    body::Body,
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use beffroi_core::Id;
use beffroi_documents::{self as documents, Document};
use beffroi_store::By;
use beffroi_web::{CommuneOf, Result, WebError};

/// Who may keep an answer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kept {
    /// Everybody, for ever: another picture has another address.
    ForEver,
    /// Everybody, for an hour.
    AnHour,
    /// Nobody.
    ByNobody,
}

/// A document that the virus gate has let pass; 404 where there is none.
pub(crate) async fn document(commune: &CommuneOf, id: Id<Document>, kept: Kept) -> Result {
    let cleared = commune.read(By::VISITOR, move |tx| documents::cleared(tx, id)).await?;
    let cleared = cleared.ok_or_else(WebError::not_found)?;
    let (mime, bytes) = (cleared.document().media_type.mime(), cleared.document().bytes);
    let content = cleared.content(commune).await?;
    let mut response = Body::from_stream(content).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(mime));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(bytes));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("inline"));
    let kept = match kept {
        Kept::ForEver => "public, max-age=31536000, immutable",
        Kept::AnHour => "public, max-age=3600",
        Kept::ByNobody => "no-store",
    };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(kept));
    Ok(response)
}

/// A paper that was laid out now.
pub(crate) fn paper(pdf: Vec<u8>, name: &str) -> Result<Response> {
    let mut response = pdf.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/pdf"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let disposition = format!("inline; filename=\"{name}\"");
    headers.insert(header::CONTENT_DISPOSITION, disposition.parse().map_err(WebError::internal)?);
    Ok(response)
}
