//! The button beside a question that asks the State: who may press it, and how often.

use std::sync::Arc;

use beffroi_once_only::Api;
use beffroi_people::throttle;
use beffroi_store::{Entry, StoreError};
use beffroi_web::{App, CommuneOf, Page, Purpose, Result, Visitor, WebError};
use serde_json::json;

use super::begun::Begun;
use crate::{draft, fetched, submission::Judged};

/// What the State is asked for: each question costs it something, and tells something of somebody.
const FETCH: Purpose = Purpose { name: "fetch", burst: 10, per_minute: 4 };

/// Asks the State for what a field wants, and keeps it in the draft; gives the fields that were filled, or what to tell
/// the person. Nothing is written while the State is asked.
pub(super) async fn fetch(
    (app, commune, visitor, page): (&App, &CommuneOf, &Visitor, &Page),
    begun: &Begun,
    judged: &Judged,
    field: &str,
) -> Result<Result<Vec<String>, String>> {
    let mut wanted =
        fetched::wanted(&begun.form, &judged.outcome.answers, field).ok_or_else(WebError::bad_request)?;
    // What the State knows of persons is told to whoever a provider vouches for, and to nobody who types a name.
    let mut asker = None;
    if wanted.is_about_persons() {
        let (Some(vouched), Some((who, _))) = (&begun.vouched, visitor.member()) else {
            return Ok(Err(page.t("desk-fetch-identify-first").to_owned()));
        };
        wanted.vouched_for(&vouched.person());
        asker = Some(throttle::Key::asked_of_the_state(&who.account.to_string()));
    }
    let Some((draft, code)) = begun.draft.clone() else { return Err(WebError::bad_request()) };
    visitor.limit(app, FETCH)?;
    let api = Api::of(wanted.source);
    let access = commune
        .write(visitor.by, move |tx| -> Result<_, StoreError> {
            if let Some(key) = &asker {
                if throttle::waits_until(tx, key)?.is_some() {
                    return Ok(None);
                }
                throttle::failed(tx, key)?;
            }
            beffroi_once_only::load(tx, api).map(Some)
        })
        .await?;
    let Some(access) = access else { return Ok(Err(page.t("desk-fetch-enough-today").to_owned())) };
    let now = commune.now();
    let facts = fetched::ask(page, commune.slug(), access, &wanted, (begun.today, now)).await;
    let (form, zone) = (Arc::clone(&begun.form), begun.town.zone());
    commune
        .write(visitor.by, move |tx| {
            // The page may have been sent once more meanwhile: what it said then stays.
            let current = draft::find(tx, &code)?.filter(|found| found.id == draft.id);
            let mut answers = current.map_or_else(|| draft.answers.clone(), |draft| draft.answers);
            let filled = match &facts {
                Ok(facts) => wanted.fill(&form, &mut answers, facts, now),
                Err(_) => Vec::new(),
            };
            let entry = Entry {
                kind: "request.fetched",
                subject_kind: "draft",
                subject_id: draft.id.uuid(),
                // The click on the button is the wish, and is told here; what was asked and answered is not.
                payload: json!({ "source": wanted.source.as_str(), "field": wanted.field, "wished": true, "filled": filled }),
            };
            tx.journal(&entry)?;
            if facts.is_ok() {
                draft::save(tx, &draft, &answers, form.procedure().sealed, zone)?;
            }
            Ok::<_, WebError>(facts.map(|_| filled))
        })
        .await
}
