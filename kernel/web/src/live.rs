//! Pages that follow what happens: a stream of server-sent events that tells when the commune's journal
//! advances. It says that something changed, never what: the page asks again, with its permissions.

use std::{
    collections::{HashMap, HashSet},
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::response::{
    IntoResponse, Response,
    sse::{Event, KeepAlive, Sse},
};
use beffroi_store::{By, Commune, Seq, StoreError, journal};
use futures_util::{StreamExt, stream};
use parking_lot::Mutex;
use tokio::sync::{Notify, watch};
use uuid::Uuid;

use crate::{App, CommuneOf, Purpose, Visitor, WebError};

/// How often the journal is looked at for what other processes and the background wrote, while
/// somebody watches.
const LOOKED_AT_EVERY: Duration = Duration::from_secs(2);
/// Streams open at once, at most: each holds a connection.
const READERS_AT_MOST: usize = 1_000;
/// A stream ends now and then: the browser opens it again, and proves again who it is.
const LASTS: Duration = Duration::from_mins(10);

/// Entries that are looked through for whom they concern; where there are more, each reader looks for itself.
const LOOKED_THROUGH: u32 = 500;

/// How far the journal of a commune has come.
#[derive(Clone, Default)]
pub(crate) struct News {
    /// Where it stood before.
    from: Seq,
    /// Where it stands.
    head: Seq,
    /// The things that something happened to in between; `None` where they are not known.
    things: Option<Arc<HashSet<Uuid>>>,
}

impl News {
    /// Whether nothing happened to this thing, for who knows all up to `seen`.
    fn spares(&self, thing: Uuid, seen: Seq) -> bool {
        self.from <= seen && self.things.as_ref().is_some_and(|things| !things.contains(&thing))
    }
}

struct Topic {
    news: watch::Sender<News>,
    stirred: Arc<Notify>,
}

/// Who watches which commune.
#[derive(Default)]
pub struct Live {
    topics: Arc<Mutex<HashMap<String, Topic>>>,
    closed: AtomicBool,
}

impl Live {
    /// Streams open now.
    pub(crate) fn readers(&self) -> usize {
        self.topics.lock().values().map(|topic| topic.news.receiver_count()).sum()
    }

    /// Something may have been written: look now rather than at the next round.
    pub(crate) fn stir(&self, commune: &str) {
        if let Some(topic) = self.topics.lock().get(commune) {
            topic.stirred.notify_one();
        }
    }

    /// Ends every stream: the process stops.
    pub(crate) fn close(&self) {
        let mut topics = self.topics.lock();
        self.closed.store(true, Ordering::Relaxed);
        for (_, topic) in topics.drain() {
            topic.stirred.notify_one();
        }
    }

    /// Watches a commune's journal from now on.
    pub(crate) async fn watch(&self, commune: &Arc<Commune>) -> Result<watch::Receiver<News>, WebError> {
        if self.readers() >= READERS_AT_MOST {
            return Err(WebError::unavailable().log("too many live pages"));
        }
        let now = commune.journal_position().await?;
        let mut topics = self.topics.lock();
        // A stream opened now would hold up the stop.
        if self.closed.load(Ordering::Relaxed) {
            return Err(WebError::unavailable());
        }
        if let Some(topic) = topics.get(commune.slug()) {
            return Ok(topic.news.subscribe());
        }
        let (news, reader) = watch::channel(News { from: now, head: now, things: None });
        let stirred = Arc::new(Notify::new());
        let follower = Follower {
            commune: Arc::clone(commune),
            news: news.clone(),
            stirred: Arc::clone(&stirred),
            topics: Arc::clone(&self.topics),
        };
        topics.insert(commune.slug().to_owned(), Topic { news, stirred });
        drop(topics);
        tokio::spawn(follower.follow());
        Ok(reader)
    }
}

struct Follower {
    commune: Arc<Commune>,
    news: watch::Sender<News>,
    stirred: Arc<Notify>,
    topics: Arc<Mutex<HashMap<String, Topic>>>,
}

impl Follower {
    /// Looks at the journal while somebody watches.
    async fn follow(self) {
        loop {
            tokio::select! {
                () = self.stirred.notified() => {}
                () = tokio::time::sleep(LOOKED_AT_EVERY) => {}
            }
            {
                let mut topics = self.topics.lock();
                if self.news.receiver_count() == 0 {
                    topics.remove(self.commune.slug());
                    return;
                }
                if !topics.contains_key(self.commune.slug()) {
                    return;
                }
            }
            match self.commune.journal_position().await {
                Ok(head) => self.tell(head).await,
                Err(error) => tracing::warn!(commune = self.commune.slug(), %error, "not looked at"),
            }
        }
    }

    /// Tells the readers that the journal has come to `head`, and whom that concerns: looked up once for all of them.
    async fn tell(&self, head: Seq) {
        let from = self.news.borrow().head;
        if head == from {
            return;
        }
        let few = u32::try_from(head.0 - from.0).is_ok_and(|entries| entries <= LOOKED_THROUGH);
        let found: Result<Vec<Uuid>, StoreError> = if few {
            self.commune.read(By::SYSTEM, move |tx| journal::subjects_after(tx, from, LOOKED_THROUGH)).await
        } else {
            Ok(Vec::new())
        };
        let things = found.ok().filter(|_| few).map(|things| Arc::new(things.into_iter().collect()));
        self.news.send_replace(News { from, head, things });
    }
}

/// The stream for one reader: an event each time the journal advances. A service's route answers with
/// it, once it knows that the reader may see the page.
pub async fn events(app: &App, commune: &CommuneOf, visitor: &Visitor) -> Result<Response, WebError> {
    open(app, commune, visitor, Watched::Everything).await
}

/// The same for the reader of one thing, by its kind and id: an event each time something happens to it, and none
/// for what happens elsewhere in the commune.
pub async fn events_of(
    app: &App,
    commune: &CommuneOf,
    visitor: &Visitor,
    subject: (&'static str, Uuid),
) -> Result<Response, WebError> {
    open(app, commune, visitor, Watched::Thing(Arc::clone(commune), subject)).await
}

/// What a reader wants to hear of.
enum Watched {
    Everything,
    Thing(Arc<Commune>, (&'static str, Uuid)),
}

impl Watched {
    const fn thing(&self) -> Option<Uuid> {
        match self {
            Self::Everything => None,
            Self::Thing(_, (_, id)) => Some(*id),
        }
    }

    /// The last that happened, where the journal stands at `head`.
    async fn last(&self, head: Seq) -> Result<i64, StoreError> {
        match self {
            Self::Everything => Ok(head.0),
            Self::Thing(commune, (kind, id)) => {
                let (kind, id) = (*kind, *id);
                Ok(commune.read(By::SYSTEM, move |tx| journal::last_of(tx, kind, id)).await?.0)
            }
        }
    }
}

async fn open(
    app: &App,
    commune: &CommuneOf,
    visitor: &Visitor,
    watched: Watched,
) -> Result<Response, WebError> {
    visitor.limit(app, Purpose::LIVE)?;
    let mut reader = app.live.watch(commune).await?;
    let until = tokio::time::Instant::now() + LASTS;
    let head = reader.borrow_and_update().head;
    let now = watched.last(head).await?;
    // Who comes back is told at once of what happened in between. Who comes first is given the position
    // alone, which browsers remember without calling it news.
    let first = Event::default().id(now.to_string());
    let first =
        if visitor.heard.is_some_and(|heard| heard != now) { first.data(now.to_string()) } else { first };
    let later = stream::unfold((reader, watched, now, head), move |state| async move {
        let (mut reader, watched, told, mut seen) = state;
        loop {
            let changed = tokio::time::timeout_at(until, reader.changed()).await;
            if !matches!(changed, Ok(Ok(()))) {
                return None;
            }
            let news = reader.borrow_and_update().clone();
            let spared = watched.thing().is_some_and(|thing| news.spares(thing, seen));
            seen = news.head;
            if spared {
                continue;
            }
            let last = watched.last(news.head).await.ok()?;
            if last != told {
                let news = last.to_string();
                return Some((Event::default().id(&news).data(&news), (reader, watched, last, seen)));
            }
        }
    });
    let events = stream::once(async { first }).chain(later).map(Ok::<_, Infallible>);
    let mut response = Sse::new(events).keep_alive(KeepAlive::default()).into_response();
    // A proxy that gathers the stream would hold the news back.
    response.headers_mut().insert("x-accel-buffering", axum::http::HeaderValue::from_static("no"));
    Ok(response)
}

#[cfg(test)]
mod tests {
    use beffroi_store::{Engine, Entry, testing::TestCommune};

    use super::*;

    #[tokio::test]
    async fn a_reader_hears_of_what_is_journaled_and_of_the_end() {
        let fixture = TestCommune::on(Engine::Sqlite, &[]).unwrap().unwrap();
        let live = Live::default();
        let mut reader = live.watch(&fixture.commune).await.unwrap();
        assert_eq!(live.readers(), 1);
        let written = fixture.commune.write(By::SYSTEM, |tx| {
            tx.journal(&Entry {
                kind: "case.received",
                subject_kind: "case",
                subject_id: tx.new_id::<()>().uuid(),
                payload: serde_json::json!({}),
            })
        });
        let seq = written.await.unwrap();
        live.stir(fixture.commune.slug());
        reader.changed().await.unwrap();
        assert_eq!(reader.borrow_and_update().head, seq);
        live.close();
        assert!(reader.changed().await.is_err());
        assert!(live.watch(&fixture.commune).await.is_err(), "nothing is opened while the house closes");
    }
}
