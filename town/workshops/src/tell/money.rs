//! What is said of money where something is told of a registration that costs something.

use beffroi_store::{Result, Tx};

use super::{Word, text};
use crate::{
    bill::{self, Standing},
    registration::Registration,
};

/// What is still to be paid and where, or what is given back; nothing of what is free. `origin`: the address of the site.
pub(super) fn said(tx: &mut Tx<'_>, it: &Registration, word: Word, origin: &str) -> Result<Option<String>> {
    if it.price.is_none() {
        return Ok(None);
    }
    let Some(bill) = bill::of(tx, it)? else { return Ok(None) };
    let key = match (word, bill.standing) {
        // Also where something was given back, and something is left.
        (Word::Registered | Word::Seated | Word::Reminder | Word::GivenUp, Standing::Due) => {
            "workshops-mail-pay"
        }
        (Word::GivenUp | Word::Cancelled, Standing::Back) => "workshops-mail-back",
        _ => return Ok(None),
    };
    let page = bill.page(tx)?;
    let link = page.map(|page| format!("{origin}{page}")).unwrap_or_default();
    let facts = [("amount", bill.cents.read_in(it.lang).into()), ("link", link.into())];
    text(it.lang, key, &facts).map(Some)
}
