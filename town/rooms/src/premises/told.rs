//! What is written away from any page: the words of papers and of messages to whoever has a room.

use std::sync::LazyLock;

use beffroi_cases::exchange;
use beffroi_core::{Id, Lang};
use beffroi_documents::Document;
use beffroi_store::{Result, StoreError, Tx};
use beffroi_web::{
    L10n,
    l10n::{FluentValue, L10nError},
};
use uuid::Uuid;

use super::{Granted, Whose, known::stored};
use crate::{LOCALES, season};

static WORDS: LazyLock<std::result::Result<L10n, L10nError>> = LazyLock::new(|| L10n::new(LOCALES));

/// A text in a language.
pub(crate) fn words(lang: Lang, key: &str, variables: &[(&str, FluentValue<'_>)]) -> Result<String> {
    match &*WORDS {
        Ok(words) => Ok(words.format(lang, key, variables)),
        Err(error) => Err(StoreError::Invalid(error.to_string())),
    }
}

/// Has the requester told, in their language, what `write` says in each. `documents`, of the case, are joined; those of a
/// season are read on the page of its request.
pub(crate) fn tell(
    tx: &mut Tx<'_>,
    found: &Granted,
    agent: Option<Uuid>,
    documents: &[Id<Document>],
    write: impl Fn(Lang) -> Result<String>,
) -> Result<()> {
    match &found.whose {
        Whose::Case(case) => {
            let (french, english) = (write(Lang::Fr)?, write(Lang::En)?);
            let documents: Vec<Uuid> = documents.iter().map(|id| id.uuid()).collect();
            exchange::have_written(tx, case.id, agent, (&french, &english), &documents).map_err(stored)
        }
        Whose::Season { round, request } => {
            let lang = request.lang;
            let variables = [
                ("name", found.booking.resource.details.name.read_in(lang).to_owned().into()),
                ("season", found.whose.season(lang).into()),
            ];
            let subject = words(lang, "rooms-told-season-subject", &variables)?;
            season::write(tx, (&found.town, round), request, &subject, &write(lang)?)
        }
    }
}
