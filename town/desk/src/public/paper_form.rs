//! The blank form of a procedure, on paper. It is laid out once for all who ask: two sheets that would say the
//! same are the same, whatever else has happened in the commune.

use std::collections::{HashMap, VecDeque};

use axum::extract::Path;
use beffroi_typeset::{Job, Meta};
use beffroi_web::{Purpose, Result, WebError};
use bytes::Bytes;
use parking_lot::Mutex;
use sha2::{Digest, Sha256};

use super::{portal::pdf_answer, sheet::load};
use crate::{builder::spoken, papers, visit::Visit};

/// Papers that are kept, and what they may weigh together.
const KEPT_AT_MOST: usize = 64;
const BYTES_AT_MOST: usize = 8 << 20;

/// What a paper says, in short.
type Fingerprint = [u8; 32];

/// Papers that were laid out lately, by what they say.
#[derive(Default)]
pub(crate) struct LaidOut(Mutex<Held>);

#[derive(Default)]
struct Held {
    papers: HashMap<Fingerprint, Bytes>,
    /// The oldest first.
    order: VecDeque<Fingerprint>,
    bytes: usize,
}

impl LaidOut {
    fn find(&self, says: &Fingerprint) -> Option<Bytes> {
        self.0.lock().papers.get(says).cloned()
    }

    fn keep(&self, says: Fingerprint, paper: Bytes) {
        let mut held = self.0.lock();
        let weight = paper.len();
        if weight > BYTES_AT_MOST || held.papers.insert(says, paper).is_some() {
            return;
        }
        held.order.push_back(says);
        held.bytes += weight;
        while held.order.len() > KEPT_AT_MOST || held.bytes > BYTES_AT_MOST {
            let Some(oldest) = held.order.pop_front() else { return };
            held.bytes -= held.papers.remove(&oldest).map_or(0, |paper| paper.len());
        }
    }
}

/// What a job says, as one number.
fn fingerprint(job: &Job) -> Result<Fingerprint> {
    Ok(Sha256::digest(serde_json::to_vec(job).map_err(WebError::internal)?).into())
}

/// The blank form. Only laying one out is counted: the sheet that is kept costs nothing.
pub(super) async fn blank(
    Visit { app, desk, commune, visitor, page, .. }: Visit,
    Path(slug): Path<String>,
) -> Result {
    let (form, stationery, _) = load(&desk, &commune, slug).await?;
    if form.procedure().elsewhere.is_some() {
        return Err(WebError::not_found());
    }
    let name = format!("{}.pdf", form.procedure().slug);
    let paper = papers::blank_form(&form, &stationery, &|source| spoken(&page, form.procedure(), source));
    let date = beffroi_core::calendar::civil_day(commune.now(), stationery.town.zone());
    let meta = Meta { title: paper.title.clone(), date };
    let job = Job::new(&paper, meta).map_err(WebError::internal)?;
    let says = fingerprint(&job)?;
    if let Some(kept) = desk.laid_out.find(&says) {
        return Ok(pdf_answer(kept, &name, true));
    }
    visitor.limit(&app, Purpose::PAPER)?;
    let pdf = Bytes::from(desk.lay_out(job).await?);
    desk.laid_out.keep(says, pdf.clone());
    Ok(pdf_answer(pdf, &name, true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_papers_make_room() {
        let kept = LaidOut::default();
        let name = |number: usize| Fingerprint::from(Sha256::digest(number.to_be_bytes()));
        for number in 0..200 {
            kept.keep(name(number), Bytes::from(vec![0; 100]));
        }
        assert_eq!((kept.find(&name(0)), kept.0.lock().order.len()), (None, KEPT_AT_MOST));
        assert!(kept.find(&name(199)).is_some());
        for number in 200..210 {
            kept.keep(name(number), Bytes::from(vec![0; BYTES_AT_MOST / 4]));
        }
        let held = kept.0.lock();
        assert!(held.bytes <= BYTES_AT_MOST);
        assert_eq!(held.bytes, held.papers.values().map(Bytes::len).sum::<usize>());
    }
}
