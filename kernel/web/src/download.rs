//! A large file of the disk as an answer, read in pieces as it goes.

use std::path::Path;

use axum::{
    body::Body,
    http::{HeaderValue, header},
    response::Response,
};
use futures_util::stream;
use tokio::io::AsyncReadExt as _;

use crate::{Result, WebError};

/// Bytes read at once.
const PART: usize = 64 * 1024;

/// The file, to be kept under this name; 404 where there is none. `kind`: its media type.
///
/// # Errors
/// The file is not there, or the disk refuses.
pub async fn download(path: &Path, name: &str, kind: &'static str) -> Result {
    let file = tokio::fs::File::open(path).await.map_err(|error| WebError::not_found().log(error))?;
    let bytes = file.metadata().await.map_err(WebError::internal)?.len();
    let parts = stream::unfold(Some(file), |file| async move {
        let mut file = file?;
        let mut part = vec![0; PART];
        match file.read(&mut part).await {
            Ok(0) => None,
            Ok(read) => {
                part.truncate(read);
                Some((Ok(part), Some(file)))
            }
            Err(error) => Some((Err(error), None)),
        }
    });
    let mut response = Response::new(Body::from_stream(parts));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(bytes));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let disposition = format!("attachment; filename=\"{name}\"");
    headers.insert(header::CONTENT_DISPOSITION, disposition.parse().map_err(WebError::internal)?);
    Ok(response)
}
