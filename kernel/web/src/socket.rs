//! What one visitor may take of the listening socket: so many connections, and so long to read what is sent.

use std::{
    collections::HashMap,
    io::{self, IoSlice},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use parking_lot::Mutex;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep},
};

use crate::limits::Source;

/// How many connections each source holds, at most so many.
pub(crate) struct Crowd {
    held: Mutex<HashMap<Source, usize>>,
    at_most: usize,
}

impl Crowd {
    pub(crate) fn new(at_most: usize) -> Arc<Self> {
        Arc::new(Self { held: Mutex::default(), at_most })
    }

    /// A place for one more connection from there, if there is one.
    pub(crate) fn enter(self: &Arc<Self>, source: Source) -> Option<Place> {
        let mut all = self.held.lock();
        let held = all.entry(source).or_default();
        if *held >= self.at_most {
            return None;
        }
        *held += 1;
        drop(all);
        Some(Place { crowd: Arc::clone(self), source })
    }
}

/// The place of one connection; free again once it is dropped.
pub(crate) struct Place {
    crowd: Arc<Crowd>,
    source: Source,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut all = self.crowd.held.lock();
        if let Some(held) = all.get_mut(&self.source) {
            *held -= 1;
            if *held == 0 {
                all.remove(&self.source);
            }
        }
    }
}

/// A stream whose other end must take what is written to it, a part at least within each `patience`.
pub(crate) struct Impatient<S> {
    stream: S,
    patience: Duration,
    /// Runs out while `waiting`.
    ends: Pin<Box<Sleep>>,
    waiting: bool,
}

impl<S> Impatient<S> {
    pub(crate) fn new(stream: S, patience: Duration) -> Self {
        Self { stream, patience, ends: Box::pin(tokio::time::sleep(patience)), waiting: false }
    }

    /// The outcome of a write; an error where the other end has kept it waiting for too long.
    fn within<T>(&mut self, context: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.waiting = false;
            return written;
        }
        if !self.waiting {
            self.waiting = true;
            self.ends.as_mut().reset(Instant::now() + self.patience);
        }
        ready!(self.ends.as_mut().poll(context));
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the client does not read")))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Impatient<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Impatient<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.within(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, parts);
        self.within(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(context);
        self.within(context, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let closed = Pin::new(&mut self.stream).poll_shutdown(context);
        self.within(context, closed)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    fn source(address: &str) -> Source {
        Source::of(address.parse().unwrap())
    }

    #[test]
    fn one_source_does_not_take_the_places_of_the_others() {
        let crowd = Crowd::new(2);
        let (one, other) = (source("192.0.2.1"), source("192.0.2.2"));
        let held = [crowd.enter(one), crowd.enter(one)];
        assert!(held.iter().all(Option::is_some));
        assert!(crowd.enter(one).is_none());
        assert!(crowd.enter(other).is_some());
        drop(held);
        assert!(crowd.enter(one).is_some());
        assert!(crowd.held.lock().is_empty(), "those who left are forgotten");
    }

    #[tokio::test]
    async fn a_client_that_does_not_read_is_cut_off_and_one_that_does_is_not() {
        let (here, mut there) = tokio::io::duplex(8);
        let mut here = Impatient::new(here, Duration::from_hours(1));
        let slow = tokio::spawn(async move {
            let mut letters = [0; 32];
            there.read_exact(&mut letters).await.unwrap();
            there
        });
        here.write_all(&[b'x'; 32]).await.unwrap();
        let _there = slow.await.unwrap();
        here.patience = Duration::ZERO;
        here.write_all(&[b'x'; 8]).await.unwrap();
        let cut = here.write_all(b"x").await.unwrap_err();
        assert_eq!(cut.kind(), io::ErrorKind::TimedOut);
    }
}
