//! Public pages, kept while the commune's journal stands still. A page is kept under the position at
//! which its making began, so that it can never show what the journal has overtaken.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};
use beffroi_core::Lang;
use beffroi_store::Seq;
use bytes::Bytes;
use parking_lot::Mutex;
use sha2::{Digest, Sha256};

use crate::compress;

/// Days and hours that a page shows move on although the journal does not.
const KEPT_AT_MOST: Duration = Duration::from_mins(5);

/// Says that an answer is the same for everybody who is not signed in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PublicPage {
    /// The parameters on which it depends.
    pub(crate) query: &'static [&'static str],
}

impl PublicPage {
    /// Whether the page depends on every parameter of this query.
    pub(crate) fn covers(self, query: Option<&str>) -> bool {
        query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty()).all(|pair| {
            let name = pair.split('=').next().unwrap_or_default();
            self.query.contains(&name)
        })
    }
}

/// Under what a page is kept.
pub(crate) fn key(commune: &str, lang: Lang, path_and_query: &str) -> String {
    let mut key = String::with_capacity(commune.len() + path_and_query.len() + 3);
    key.push_str(commune);
    key.push(' ');
    key.push_str(lang.tag());
    key.push_str(path_and_query);
    key
}

/// A page as it was made.
pub(crate) struct Kept {
    position: Seq,
    until: Instant,
    headers: HeaderMap,
    body: Bytes,
    gzip: Option<Bytes>,
}

impl Kept {
    /// `headers` are all those of the answer but the few that depend on the request.
    pub(crate) fn new(position: Seq, mut headers: HeaderMap, body: Bytes) -> Self {
        let digest = Sha256::digest(&body);
        let tag: String = hex::encode(digest).chars().take(24).collect();
        // Weak: the compressed answer says the same with other bytes.
        if let Ok(tag) = HeaderValue::from_str(&format!("W/\"{tag}\"")) {
            headers.insert(header::ETAG, tag);
        }
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
        headers.insert(header::VARY, HeaderValue::from_static("cookie, accept-language, accept-encoding"));
        headers.remove(header::CONTENT_LENGTH);
        let gzip = (body.len() >= compress::WORTH_IT).then(|| compress::best(&body));
        Self { position, until: Instant::now() + KEPT_AT_MOST, headers, body, gzip }
    }

    fn weight(&self) -> usize {
        self.body.len() + self.gzip.as_ref().map_or(0, Bytes::len) + 1_024
    }

    /// The answer to one reader, who may take gzip, and may have the page already.
    pub(crate) fn answer(&self, gzip: bool, had: Option<&HeaderValue>) -> Response {
        let tag = self.headers.get(header::ETAG).and_then(|tag| tag.to_str().ok());
        let had = had.and_then(|had| had.to_str().ok());
        let known = tag.is_some_and(|tag| had.is_some_and(|had| had.split(',').any(|one| one.trim() == tag)));
        let zipped = self.gzip.as_ref().filter(|_| gzip && !known);
        let mut response = Response::new(match (known, zipped) {
            (true, _) => Body::empty(),
            (false, Some(gzip)) => Body::from(gzip.clone()),
            (false, None) => Body::from(self.body.clone()),
        });
        *response.headers_mut() = self.headers.clone();
        if known {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        } else if zipped.is_some() {
            response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        response
    }
}

#[derive(Default)]
struct Shelves {
    fresh: HashMap<String, Arc<Kept>>,
    fresh_bytes: usize,
    old: HashMap<String, Arc<Kept>>,
}

/// The kept pages of all communes. When half the room is taken, what was not asked for since the last
/// time goes: no page costs more than a look-up to keep in order.
pub(crate) struct PublicCache {
    room: usize,
    shelves: Mutex<Shelves>,
}

impl PublicCache {
    /// A cache of at most `room` bytes.
    pub(crate) fn new(room: usize) -> Self {
        Self { room, shelves: Mutex::default() }
    }

    /// The page, if it was made at this position of the journal.
    pub(crate) fn find(&self, key: &str, position: Seq) -> Option<Arc<Kept>> {
        let mut shelves = self.shelves.lock();
        let current = |kept: &Arc<Kept>| kept.position == position && kept.until > Instant::now();
        if let Some(kept) = shelves.fresh.get(key) {
            return current(kept).then(|| Arc::clone(kept));
        }
        let kept = shelves.old.remove(key).filter(current)?;
        self.shelve(&mut shelves, key.to_owned(), Arc::clone(&kept));
        Some(kept)
    }

    /// Keeps a page.
    pub(crate) fn keep(&self, key: String, kept: Arc<Kept>) {
        if kept.weight() <= self.room / 8 {
            self.shelve(&mut self.shelves.lock(), key, kept);
        }
    }

    fn shelve(&self, shelves: &mut Shelves, key: String, kept: Arc<Kept>) {
        if shelves.fresh_bytes + kept.weight() > self.room / 2 {
            shelves.old = std::mem::take(&mut shelves.fresh);
            shelves.fresh_bytes = 0;
        }
        shelves.fresh_bytes += kept.weight();
        if let Some(before) = shelves.fresh.insert(key, kept) {
            shelves.fresh_bytes = shelves.fresh_bytes.saturating_sub(before.weight());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(position: i64, bytes: usize) -> Arc<Kept> {
        Arc::new(Kept::new(Seq(position), HeaderMap::new(), Bytes::from(vec![b'a'; bytes])))
    }

    #[test]
    fn a_page_is_shown_only_while_the_journal_stands_still() {
        let cache = PublicCache::new(1 << 20);
        cache.keep("a".to_owned(), kept(7, 10));
        assert!(cache.find("a", Seq(7)).is_some());
        assert!(cache.find("a", Seq(8)).is_none());
        assert!(cache.find("b", Seq(7)).is_none());
    }

    #[test]
    fn the_room_is_bounded_and_what_is_asked_for_stays() {
        let cache = PublicCache::new(100_000);
        cache.keep("home".to_owned(), kept(1, 1_000));
        for number in 0..1_000 {
            cache.keep(number.to_string(), kept(1, 1_000));
            assert!(cache.find("home", Seq(1)).is_some());
        }
        let shelves = cache.shelves.lock();
        let held: usize = shelves.fresh.values().chain(shelves.old.values()).map(|kept| kept.weight()).sum();
        assert!(held <= 100_000, "{held}");
    }

    #[test]
    fn parameters_that_a_page_does_not_depend_on_are_not_kept() {
        let page = PublicPage { query: &["q", "page"] };
        assert!(page.covers(None) && page.covers(Some("q=acte&page=2")));
        assert!(!page.covers(Some("q=acte&utm=1")));
    }

    #[test]
    fn a_reader_who_has_the_page_is_sent_nothing() {
        let page = kept(1, 5_000);
        let tag = page.answer(false, None).headers().get(header::ETAG).unwrap().clone();
        assert_eq!(page.answer(true, Some(&tag)).status(), StatusCode::NOT_MODIFIED);
        assert_eq!(page.answer(true, None).headers().get(header::CONTENT_ENCODING).unwrap(), "gzip");
    }
}
