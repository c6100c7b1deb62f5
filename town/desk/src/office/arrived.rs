//! An item of the mail room that an agent turns into a request: what of it the form begins with, and what becomes of
//! it once the request is sent.

use beffroi_cases::{
    case::{self, Case},
    exchange,
};
use beffroi_core::{Channel, Day, Id};
use beffroi_documents::{self as documents, State as Scanned};
use beffroi_mailroom::{
    Item, Source,
    item::{self, State},
};
use beffroi_people::{NewPerson, SignedIn};
use beffroi_store::{StoreError, Tx};
use beffroi_web::Result;

use crate::{mailroom, submission::SubmitError};

/// Files of an item that the form names.
const NAMED_AT_MOST: u32 = 50;

/// A file of an item, as the form shows it.
#[derive(Clone)]
pub(crate) struct MailFile {
    /// Where it is read; `""` where it cannot be.
    pub(super) href: String,
    pub(super) name: String,
    /// How it is shown beside the form: in a frame, as a picture, or not.
    pub(super) shown: &'static str,
}

/// What an item gives to the form.
pub(crate) struct Carried {
    pub(super) id: Id<Item>,
    pub(super) door: Channel,
    pub(crate) arrived_on: Day,
    pub(super) sender: NewPerson,
    /// Its files.
    pub(super) files: Vec<MailFile>,
    /// By which way it came.
    pub(super) source: Source,
    /// What was written.
    words: String,
}

/// The item that waits under this id, if the agent may sort it.
pub(crate) fn carried(tx: &mut Tx<'_>, who: &SignedIn, id: &str) -> Result<Option<Carried>> {
    let Some((item, door)) = mailroom::carried(tx, who, id)? else { return Ok(None) };
    let details = &item.details;
    let (given, family) = match details.sender_name.rsplit_once(' ') {
        Some((given, family)) => (given.to_owned(), family.to_owned()),
        None => (String::new(), details.sender_name.clone()),
    };
    let files = documents::of_owner(tx, "mail_item", item.id.uuid(), NAMED_AT_MOST)?;
    Ok(Some(Carried {
        id: item.id,
        door,
        arrived_on: details.arrived_on,
        sender: NewPerson {
            family_name: family,
            given_names: given,
            email: details.sender_email.clone(),
            ..NewPerson::default()
        },
        files: files
            .into_iter()
            .map(|file| {
                let clean = file.state == Scanned::Clean;
                let href = format!("/agents/courrier-arrivee/{}/documents/{}", item.id, file.id);
                MailFile {
                    href: if clean { href } else { String::new() },
                    shown: if clean { mailroom::shown_as(file.media_type.mime()) } else { "" },
                    name: file.name,
                }
            })
            .collect(),
        source: details.source,
        words: mailroom::words_of(&item),
    }))
}

/// The item has become a case: its files and its words go with it. A case that is sealed keeps no file, and nothing of
/// the item stays beside it.
pub(crate) fn became(
    tx: &mut Tx<'_>,
    mail: &Carried,
    case: Id<Case>,
    who: &SignedIn,
) -> std::result::Result<(), SubmitError> {
    if !item::settle(tx, mail.id, State::Became, Some(case.uuid()), "", who.account.uuid())? {
        return Err(StoreError::Invalid("a colleague has settled this item".to_owned()).into());
    }
    let sealed = case::find(tx, case)?.is_some_and(|case| case.sealed);
    if !sealed {
        documents::hand_over(tx, ("mail_item", mail.id.uuid()), ("case", case.uuid()))?;
    }
    if !mail.words.is_empty() {
        exchange::record_at_receipt(tx, case, &mail.words)?;
    }
    if sealed {
        mailroom::seal(tx, mail.id)?;
    }
    Ok(())
}
