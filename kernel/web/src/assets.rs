//! What the browser gets beside pages: styles, scripts, icons, fonts, as `make assets` built them.
//!
//! Their address carries one version for the whole set, as a folder: `/assets/1f2e3d4c/beffroi.css`.
//! So a style sheet's `url("text.woff2")` and a script's `import` lead to the same version by themselves.

use std::{borrow::Cow, collections::HashMap, path::Path};

use axum::{
    extract::{Path as Captured, State},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use sha2::{Digest, Sha256};

use crate::{App, WebError, compress};

#[derive(rust_embed::RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../assets/dist"]
#[allow_missing = true]
struct Built;

struct Asset {
    content_type: HeaderValue,
    bytes: Bytes,
    gzip: Option<Bytes>,
}

/// The built assets, in memory.
pub(crate) struct Assets {
    version: String,
    files: HashMap<String, Asset>,
}

impl Assets {
    /// Reads the embedded assets, or those of a folder.
    pub(crate) fn load(folder: Option<&Path>) -> Self {
        let mut sources: Vec<(String, Bytes)> = Vec::new();
        match folder {
            Some(folder) => read_folder(folder, "", &mut sources),
            None => {
                for name in Built::iter() {
                    if let Some(file) = Built::get(&name) {
                        sources.push((name.into_owned(), Bytes::from(file.data.into_owned())));
                    }
                }
            }
        }
        sources.sort_by(|a, b| a.0.cmp(&b.0));
        let mut hasher = Sha256::new();
        for (name, bytes) in &sources {
            hasher.update(name.as_bytes());
            hasher.update(bytes);
        }
        let version = hex::encode(hasher.finalize()).chars().take(12).collect();
        let files =
            sources.into_iter().map(|(name, bytes)| (name.clone(), Asset::new(&name, bytes))).collect();
        Self { version, files }
    }

    /// The address of an asset, by its file name.
    pub(crate) fn address(&self, name: &str) -> String {
        format!("/assets/{}/{name}", self.version)
    }
}

impl Asset {
    fn new(name: &str, bytes: Bytes) -> Self {
        let mime = mime_guess::from_path(name).first_or_octet_stream();
        let text = mime.type_() == "text" || ["javascript", "json", "svg"].contains(&mime.subtype().as_str());
        let content_type: Cow<'_, str> =
            if text { format!("{mime}; charset=utf-8").into() } else { mime.as_ref().to_owned().into() };
        Self {
            content_type: HeaderValue::from_str(&content_type)
                .unwrap_or(HeaderValue::from_static("application/octet-stream")),
            gzip: text.then(|| compress::best(&bytes)).filter(|small| small.len() < bytes.len()),
            bytes,
        }
    }
}

fn read_folder(folder: &Path, prefix: &str, into: &mut Vec<(String, Bytes)>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            read_folder(&entry.path(), &format!("{name}/"), into);
        } else if let Ok(bytes) = std::fs::read(entry.path()) {
            into.push((name, bytes.into()));
        }
    }
}

/// `GET /assets/{version}/{file}`. An address of another version (a page from before an upgrade) still
/// answers, and is not kept.
pub(crate) async fn serve(
    State(app): State<App>,
    Captured((version, name)): Captured<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let asset = app.assets.files.get(&name).ok_or_else(WebError::not_found)?;
    let keep = if version == app.assets.version { "public, max-age=31536000, immutable" } else { "no-cache" };
    let (body, encoded) = match &asset.gzip {
        Some(gzip) if compress::accepted(&headers) => (gzip.clone(), true),
        _ => (asset.bytes.clone(), false),
    };
    let mut response = body.into_response();
    let head = response.headers_mut();
    head.insert(header::CONTENT_TYPE, asset.content_type.clone());
    head.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    head.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if encoded {
        head.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    Ok(response)
}
