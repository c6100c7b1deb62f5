//! Text messages to requesters, and the page where the administrator sets the gateway.
//!
//! Who has a mobile telephone and no e-mail address is told by a text message that there is news, beside the letter that
//! the law asks for; who has an account may wish it beside the mail. The reference and where to read, never what. Of a
//! sealed request none leaves: that somebody has one must not stand on a screen that others may see.

mod admin;
mod own;
pub(crate) mod proof;
pub(crate) mod wish;

pub(crate) use admin::why;

use axum::{
    Router,
    routing::{get, post},
};
use beffroi_cases::case::Case;
use beffroi_core::{Lang, sms as parts};
use beffroi_forms::SMS_PARTS_AT_MOST;
use beffroi_notify::{
    About,
    messages::{request_news, request_received},
    messenger::{self, NewShortMessage},
};
use beffroi_people::Town;
use beffroi_sms as sms;
use beffroi_store::{Result, Tx};
use beffroi_web::App;

use crate::submission::{self, Reach};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/admin/sms", get(admin::show).post(admin::save))
        .route("/admin/sms/essai", post(admin::attempt))
        .route("/admin/sms/retirer", post(admin::remove))
        .route("/mon-compte/sms", get(own::show).post(own::keep))
        .route("/mon-compte/sms/code", post(own::prove))
        .route("/mon-compte/sms/fin", post(own::end))
}

/// What a text message tells by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told<'k> {
    /// That the request has arrived: once.
    Received,
    /// That there is news.
    News,
    /// The same, once for each of these words.
    NewsOnce(&'k str),
}

/// Tells somebody that there is something to read: who has no e-mail address, beside their letter; who has one, where
/// they wished it in their space. Whom no text message reaches is told by letter or mail alone.
pub(crate) fn tell(tx: &mut Tx<'_>, case: &Case, reach: &Reach, origin: &str, told: Told<'_>) -> Result<()> {
    if !may(tx, case)? {
        return Ok(());
    }
    let phone = match reach.account {
        Some(account) if !reach.email.is_empty() => wish::of_account(tx, account)?.unwrap_or_default(),
        None if !reach.email.is_empty() => String::new(),
        _ => reach.phone.clone(),
    };
    let Some(number) = sms::reaches(tx, &phone)? else { return Ok(()) };
    let link = format!("{origin}/suivi");
    let town = Town::load(tx)?.name;
    let write: fn(Lang, &str, &str, &str) -> String =
        if told == Told::Received { request_received } else { request_news };
    let text = write(reach.lang, &town, &case.reference, &link);
    let once = match told {
        Told::Received => Some("received"),
        Told::News => None,
        Told::NewsOnce(word) => Some(word),
    };
    let once = once.map(|word| format!("case/{}/{word}", case.id));
    queue(tx, case, &number, &text, once.as_deref())
}

/// Sends a requester the text of a message itself; `false` where no text message reaches them, or the text is too long
/// for one.
pub(crate) fn write(tx: &mut Tx<'_>, case: &Case, reach: &Reach, text: &str) -> Result<bool> {
    let size = parts::size(&parts::plain(text)).parts;
    if !(1..=SMS_PARTS_AT_MOST).contains(&size) {
        return Ok(false);
    }
    if !may(tx, case)? {
        return Ok(false);
    }
    let wished = match reach.account {
        Some(account) => wish::of_account(tx, account)?,
        None => None,
    };
    let phone = wished.unwrap_or_else(|| reach.phone.clone());
    let Some(number) = sms::reaches(tx, &phone)? else { return Ok(false) };
    queue(tx, case, &number, text, None)?;
    Ok(true)
}

/// Whether a text message may tell of a case at all: not of one that is sealed, and not of one that was sent by a mandate,
/// whose telephone is the helper's.
fn may(tx: &mut Tx<'_>, case: &Case) -> Result<bool> {
    Ok(!case.sealed && submission::mandate_of(tx, case.id)?.is_none())
}

fn queue(tx: &mut Tx<'_>, case: &Case, number: &str, text: &str, once: Option<&str>) -> Result<()> {
    let about = About { kind: "case", id: case.id.uuid() };
    let new = NewShortMessage { way: sms::WAY, to: number, text, about, once };
    messenger::queue(tx, &new).map(drop)
}
