//! What a form sends: fields in the order of the page, and files as streams that are never whole in memory.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use axum::{
    extract::{FromRequest, Request},
    http::{StatusCode, header},
};
use bytes::Bytes;
use futures_util::Stream;
use multer::{Constraints, Field, Multipart, SizeLimit};
use percent_encoding::percent_decode_str;

use crate::{App, WebError, lent::Typed};

/// What a form may send, at most.
#[derive(Clone, Copy, Debug)]
pub struct FormLimits {
    /// Fields.
    pub fields: usize,
    /// Bytes of all fields together, files left out.
    pub text: usize,
    /// Files.
    pub files: usize,
    /// Bytes of everything.
    pub bytes: usize,
}

impl Default for FormLimits {
    fn default() -> Self {
        Self { fields: 5_000, text: 512 * 1024, files: 20, bytes: 120 << 20 }
    }
}

/// The fields of a form, in order. As an extractor it takes forms of both encodings, without their files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FormPost {
    pairs: Vec<(String, String)>,
}

impl FormPost {
    /// The same with one field more: what a page proposes before anything was typed.
    #[must_use]
    pub fn with(mut self, name: &str, value: String) -> Self {
        self.pairs.push((name.to_owned(), value));
        self
    }

    /// The first value of a field, without the blanks around it; `""` where there is none.
    pub fn text(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default().trim()
    }

    /// The first value of a field, as it was sent.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// Every value of a field: the boxes that were ticked.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.pairs.iter().filter(move |(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// Every field, in order.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.pairs
    }

    /// Takes back the last field of this name, which a form that was cut off had only begun.
    pub fn forget_last(&mut self, name: &str) -> Option<String> {
        let last = self.pairs.iter().rposition(|(found, _)| found == name)?;
        Some(self.pairs.remove(last).1)
    }

    /// The key that makes a second click on the same page harmless, if it is one of ours.
    pub fn idempotency_key(&self) -> Option<&str> {
        self.get("idempotency_key")
            .filter(|key| key.len() == 32 && key.bytes().all(|c| c.is_ascii_hexdigit()))
    }
}

/// A new key for the hidden field `idempotency_key` (macro `form::key`): one each time a form is shown.
pub fn new_idempotency_key() -> String {
    hex::encode(rand::random::<[u8; 16]>())
}

impl FromRequest<App> for FormPost {
    type Rejection = WebError;

    async fn from_request(request: Request, _: &App) -> Result<Self, WebError> {
        let limits = FormLimits { files: 0, bytes: 1 << 20, ..FormLimits::default() };
        let mut reader = FormReader::new(request, limits).await?;
        while reader.next_file().await?.is_some() {}
        Ok(reader.finish())
    }
}

/// Why a form could not be read to its end.
#[derive(Debug)]
pub enum ReadError {
    /// The sender stopped before the end. [`FormReader::finish`] still gives what came before.
    CutOff(String),
    /// It is refused as a whole: too much of it, or no form at all.
    Refused(WebError),
}

/// For whoever has no use for half a form.
impl From<ReadError> for WebError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::CutOff(reason) => Self::bad_request().log(reason),
            ReadError::Refused(error) => error,
        }
    }
}

impl From<WebError> for ReadError {
    fn from(error: WebError) -> Self {
        Self::Refused(error)
    }
}

/// Reads a form as it arrives: fields are gathered on the way from file to file.
///
/// ```ignore
/// let mut form = FormReader::new(request, FormLimits::default()).await?;
/// while let Some(file) = form.next_file().await? {
///     let (field, name) = (file.field().to_owned(), file.name().to_owned());
///     let stored = documents::receive(&commune, file, &name, &limits).await?;
/// }
/// let form = form.finish();
/// ```
pub struct FormReader {
    parts: Option<Multipart<'static>>,
    limits: FormLimits,
    post: FormPost,
    text: usize,
    files: usize,
    typed: Option<Typed>,
}

impl FormReader {
    /// Begins to read a form of either encoding.
    ///
    /// Errors: 415 for anything else, 413 beyond the limits, 400 for what is cut off.
    pub async fn new(request: Request, limits: FormLimits) -> Result<Self, WebError> {
        let kind = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|kind| kind.to_str().ok())
            .unwrap_or_default()
            .to_owned();
        let typed = request.extensions().get::<Typed>().cloned();
        let mut reader = Self { parts: None, limits, post: FormPost::default(), text: 0, files: 0, typed };
        if kind.starts_with("multipart/form-data") {
            let boundary = multer::parse_boundary(&kind).map_err(|error| refused(&error))?;
            let whole = SizeLimit::new().whole_stream(u64::try_from(limits.bytes).unwrap_or(u64::MAX));
            let stream = request.into_body().into_data_stream();
            let constraints = Constraints::new().size_limit(whole);
            reader.parts = Some(Multipart::with_constraints(stream, boundary, constraints));
        } else if kind.starts_with("application/x-www-form-urlencoded") || kind.is_empty() {
            // Percent signs triple a letter: what is counted is what it means.
            let body = axum::body::to_bytes(request.into_body(), limits.text.saturating_mul(3)).await;
            let body = body.map_err(|error| cut_or_large(&error))?;
            let body = String::from_utf8_lossy(&body);
            for pair in body.split('&').filter(|pair| !pair.is_empty()) {
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                reader.take(decode(name), &decode(value))?;
            }
        } else {
            return Err(WebError::status(StatusCode::UNSUPPORTED_MEDIA_TYPE));
        }
        Ok(reader)
    }

    /// The next file that somebody chose. A file field left empty is no file.
    ///
    /// Errors: see [`ReadError`]; after [`ReadError::CutOff`] there is nothing more to come.
    pub async fn next_file(&mut self) -> Result<Option<FilePart>, ReadError> {
        loop {
            let Some(parts) = self.parts.as_mut() else { return Ok(None) };
            let Some(mut part) = parts.next_field().await.map_err(|error| unread(&error))? else {
                self.parts = None;
                return Ok(None);
            };
            let field = part.name().unwrap_or_default().to_owned();
            match part.file_name().map(str::to_owned) {
                Some(name) if name.is_empty() || self.limits.files == 0 => {}
                Some(name) => {
                    self.files += 1;
                    if self.files > self.limits.files {
                        return Err(WebError::too_large().into());
                    }
                    return Ok(Some(FilePart { field, name, part }));
                }
                None => {
                    let mut value = Vec::new();
                    while let Some(chunk) = part.chunk().await.map_err(|error| unread(&error))? {
                        value.extend_from_slice(&chunk);
                        if self.text + value.len() > self.limits.text {
                            return Err(WebError::too_large().into());
                        }
                    }
                    self.take(field, &String::from_utf8_lossy(&value))?;
                }
            }
        }
    }

    /// The fields, once there is no file left to read, or as many as came before the end was cut off.
    pub fn finish(self) -> FormPost {
        if let Some(typed) = &self.typed {
            typed.keep(&self.post);
        }
        self.post
    }

    fn take(&mut self, name: String, value: &str) -> Result<(), WebError> {
        self.text += name.len() + value.len();
        if self.text > self.limits.text || self.post.pairs.len() >= self.limits.fields {
            return Err(WebError::too_large());
        }
        // Browsers end the lines of a text area as in 1990. U+0000 shows nowhere and no database takes it: what comes
        // along when somebody copies from a broken file must not cost them the form.
        self.post.pairs.push((name, value.replace("\r\n", "\n").replace('\0', "")));
        Ok(())
    }
}

/// A file on its way in: a stream of its bytes.
pub struct FilePart {
    field: String,
    name: String,
    part: Field<'static>,
}

impl FilePart {
    /// The field that it was chosen in.
    pub fn field(&self) -> &str {
        &self.field
    }

    /// The name that it has where it comes from. Never a path to be used.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl Stream for FilePart {
    type Item = std::io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut self.part).poll_next(context).map_err(std::io::Error::other)
    }
}

fn refused(error: &multer::Error) -> WebError {
    match error {
        multer::Error::StreamSizeExceeded { .. } | multer::Error::FieldSizeExceeded { .. } => {
            WebError::too_large()
        }
        _ => WebError::bad_request().log(error),
    }
}

fn unread(error: &multer::Error) -> ReadError {
    match error {
        multer::Error::IncompleteStream
        | multer::Error::IncompleteHeaders
        | multer::Error::IncompleteFieldData { .. }
        | multer::Error::StreamReadFailed(_) => ReadError::CutOff(error.to_string()),
        _ => refused(error).into(),
    }
}

fn cut_or_large(error: &axum::Error) -> WebError {
    let text = error.to_string();
    if text.contains("limit") { WebError::too_large() } else { WebError::bad_request().log(text) }
}

fn decode(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use futures_util::StreamExt;

    use super::*;

    fn request(kind: &str, body: &str) -> Request {
        Request::post("/").header("content-type", kind).body(Body::from(body.to_owned())).unwrap()
    }

    const MULTIPART: &str = "multipart/form-data; boundary=cut";

    fn part(name: &str, file: Option<&str>, content: &str) -> String {
        let file = file.map_or(String::new(), |file| format!("; filename=\"{file}\""));
        format!("--cut\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n{content}\r\n")
    }

    #[tokio::test]
    async fn fields_keep_their_order_and_their_letters() {
        let body = "name=Ang%C3%A8le+M.&day=1&day=2&empty=&note=a%0D%0Ab";
        let reader =
            FormReader::new(request("application/x-www-form-urlencoded", body), FormLimits::default()).await;
        let post = reader.unwrap().finish();
        assert_eq!(post.text("name"), "Angèle M.");
        assert_eq!(post.all("day").collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(post.get("note"), Some("a\nb"));
        assert_eq!((post.get("empty"), post.get("absent")), (Some(""), None));
    }

    #[tokio::test]
    async fn what_no_text_holds_is_left_out() {
        let plain = request("application/x-www-form-urlencoded", "name=Ang%00%C3%A8le%00");
        let reader = FormReader::new(plain, FormLimits::default()).await;
        assert_eq!(reader.unwrap().finish().text("name"), "Angèle");
        let body = part("name", None, "Ang\0èle") + "--cut--\r\n";
        let mut reader = FormReader::new(request(MULTIPART, &body), FormLimits::default()).await.unwrap();
        assert!(reader.next_file().await.unwrap().is_none());
        assert_eq!(reader.finish().text("name"), "Angèle");
    }

    #[tokio::test]
    async fn files_are_read_between_the_fields() {
        let body = part("before", None, "1")
            + &part("proof", Some("carte.pdf"), "%PDF-1.7")
            + &part("nothing", Some(""), "")
            + &part("after", None, "2")
            + "--cut--\r\n";
        let mut reader = FormReader::new(request(MULTIPART, &body), FormLimits::default()).await.unwrap();
        let mut seen = Vec::new();
        while let Some(mut file) = reader.next_file().await.unwrap() {
            let mut content = Vec::new();
            while let Some(chunk) = file.next().await {
                content.extend_from_slice(&chunk.unwrap());
            }
            seen.push((file.field().to_owned(), file.name().to_owned(), content));
        }
        assert_eq!(seen, [("proof".to_owned(), "carte.pdf".to_owned(), b"%PDF-1.7".to_vec())]);
        let post = reader.finish();
        assert_eq!((post.text("before"), post.text("after")), ("1", "2"));
    }

    #[tokio::test]
    async fn what_is_too_much_or_cut_off_is_refused() {
        let few = FormLimits { fields: 2, text: 20, files: 1, bytes: 300 };
        let post = |body: &str| request("application/x-www-form-urlencoded", body);
        let status = |error: WebError| error.status;
        let many = FormReader::new(post("a=1&b=2&c=3"), few).await;
        assert_eq!(many.err().map(status), Some(StatusCode::PAYLOAD_TOO_LARGE));
        let long = FormReader::new(post(&format!("a={}", "x".repeat(80))), few).await;
        assert_eq!(long.err().map(status), Some(StatusCode::PAYLOAD_TOO_LARGE));
        let cut = part("before", None, "1");
        let mut reader = FormReader::new(request(MULTIPART, &cut), few).await.unwrap();
        let error = reader.next_file().await.err().unwrap();
        assert!(matches!(error, ReadError::CutOff(_)), "{error:?}");
        assert_eq!(WebError::from(error).status, StatusCode::BAD_REQUEST, "half a form is none by default");
        let other = FormReader::new(request("text/xml", "<a/>"), few).await;
        assert_eq!(other.err().map(status), Some(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }

    #[tokio::test]
    async fn what_came_before_the_cut_is_still_there() {
        let cut = part("name", None, "Marie") + &part("proof", Some("carte.pdf"), "%PDF-1.7");
        let cut = cut.strip_suffix("7\r\n").unwrap();
        let mut reader = FormReader::new(request(MULTIPART, cut), FormLimits::default()).await.unwrap();
        let file = reader.next_file().await.unwrap().unwrap();
        assert_eq!(file.name(), "carte.pdf");
        let whole = file.all(|chunk| std::future::ready(chunk.is_ok())).await;
        assert!(!whole, "a file without an end is not whole");
        assert_eq!(reader.finish().text("name"), "Marie");
    }

    #[test]
    fn only_keys_that_we_made_count() {
        let with = |key: &str| FormPost { pairs: vec![("idempotency_key".to_owned(), key.to_owned())] };
        let key = new_idempotency_key();
        assert_eq!(with(&key).idempotency_key(), Some(key.as_str()));
        assert_eq!(with("1").idempotency_key(), None);
    }
}
