//! The body of a request, lent to whoever answers it. Where its sender turns out to be signed in no more, what was
//! typed is read all the same and handed back: an hour's writing does not end with a session.

use std::{
    pin::Pin,
    sync::{Arc, OnceLock},
    task::{Context, Poll},
};

use axum::{
    body::{Body, HttpBody},
    extract::Request,
    http::{HeaderValue, header},
};
use bytes::Bytes;
use http_body::Frame;
use parking_lot::Mutex;

use crate::{FormLimits, FormPost, FormReader};

/// What was typed, once it is read. It travels with the request.
#[derive(Clone, Default)]
pub(crate) struct Typed(Arc<OnceLock<FormPost>>);

impl Typed {
    /// Remembers what a form sent.
    pub(crate) fn keep(&self, post: &FormPost) {
        // Whoever reads a form twice reads the same.
        let _ = self.0.set(post.clone());
    }
}

/// What somebody typed who has to sign in first, and where it was going.
#[derive(Clone)]
pub(crate) struct Kept {
    pub(crate) post: FormPost,
    pub(crate) action: String,
    /// Whether files may have come along, which cannot be handed back.
    pub(crate) with_files: bool,
}

/// A request whose body may be taken back.
pub(crate) struct Lent {
    body: Shared,
    kind: Option<HeaderValue>,
    action: String,
    typed: Typed,
}

impl Lent {
    /// Lends the body of this request.
    pub(crate) fn of(request: Request) -> (Self, Request) {
        let (mut parts, body) = request.into_parts();
        let body = Shared(Arc::new(Mutex::new(body)));
        let typed = Typed::default();
        parts.extensions.insert(typed.clone());
        let lent = Self {
            body: body.clone(),
            kind: parts.headers.get(header::CONTENT_TYPE).cloned(),
            action: parts.uri.path_and_query().map_or("/", |target| target.as_str()).to_owned(),
            typed,
        };
        (lent, Request::from_parts(parts, Body::new(body)))
    }

    /// What was typed; `None` where it was nothing, or no form.
    pub(crate) async fn take_back(self) -> Option<Kept> {
        let kind = self.kind.as_ref()?;
        let with_files = kind.as_bytes().starts_with(b"multipart/");
        let post = if let Some(post) = self.typed.0.get() {
            post.clone()
        } else {
            let request = Request::post("/").header(header::CONTENT_TYPE, kind);
            let request = request.body(Body::new(self.body)).ok()?;
            let mut reader = FormReader::new(request, FormLimits::default()).await.ok()?;
            // As much as comes: a form that is cut off here is worth as much as it has brought.
            while let Ok(Some(_)) = reader.next_file().await {}
            reader.finish()
        };
        let kept = Kept { post, action: self.action, with_files };
        (!kept.post.pairs().is_empty()).then_some(kept)
    }
}

/// A body that two may read, one after the other.
#[derive(Clone)]
struct Shared(Arc<Mutex<Body>>);

impl HttpBody for Shared {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut *self.0.lock()).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.0.lock().is_end_stream()
    }

    fn size_hint(&self) -> http_body::SizeHint {
        self.0.lock().size_hint()
    }
}
