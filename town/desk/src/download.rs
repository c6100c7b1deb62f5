//! Texts that are taken along as files.

use axum::{
    http::{HeaderValue, header},
    response::IntoResponse,
};
use beffroi_web::{Result, WebError};

/// A text as a file to keep.
pub(crate) fn text(content: String, name: &str, kind: &'static str) -> Result {
    let mut response = content.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    let name = format!("attachment; filename=\"{name}\"");
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_str(&name).map_err(WebError::internal)?);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}
