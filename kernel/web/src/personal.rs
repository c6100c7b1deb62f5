//! What the services keep about the owner of an account: each tells its part, for the owner to read and to take along,
//! and erases it when the account ends. No service needs to know of another for that.

use beffroi_core::{Lang, Sector};
use beffroi_store::Tx;
use serde_json::Value;

use crate::{House, L10n, l10n::FluentValue};

/// The words in which a service tells its part.
#[derive(Clone, Copy)]
pub struct Teller<'a> {
    l10n: &'a L10n,
    lang: Lang,
}

impl<'a> Teller<'a> {
    /// Tells in this language.
    pub const fn new(house: &'a House, lang: Lang) -> Self {
        Self { l10n: &house.l10n, lang }
    }

    /// The reader's language.
    pub const fn lang(&self) -> Lang {
        self.lang
    }

    /// A text without variables.
    pub fn t(&self, key: &str) -> String {
        self.l10n.get(self.lang, key).to_owned()
    }

    /// A text with variables.
    pub fn tr(&self, key: &str, variables: &[(&str, FluentValue<'_>)]) -> String {
        self.l10n.format(self.lang, key, variables)
    }
}

/// One thing that a service keeps: a request, a draft, a record.
#[derive(Clone, Debug, Default)]
pub struct PersonalEntry {
    /// The sector that it belongs to; `None` for what belongs to the account alone.
    pub sector: Option<Sector>,
    /// What it is called: « Acte de naissance, 2026-7QK4MRT ».
    pub title: String,
    /// Where its owner finds it; `""` where nothing shows it.
    pub href: String,
    /// What is known, each with its name, in the reader's words.
    pub facts: Vec<(String, String)>,
    /// The same and more, for a program.
    pub data: Value,
}

/// A file that a service keeps.
#[derive(Clone, Debug)]
pub struct PersonalFile {
    /// Where it lies in the copy: `demandes/2026-7QK4MRT/piece.pdf`. Two of one name are told apart by a number.
    pub path: String,
    /// Which document it is.
    pub document: uuid::Uuid,
}

/// What one service keeps.
#[derive(Clone, Debug, Default)]
pub struct PersonalData {
    /// The things.
    pub entries: Vec<PersonalEntry>,
    /// Their files.
    pub files: Vec<PersonalFile>,
}

/// What stays with the town when an account ends.
#[derive(Clone, Debug)]
pub struct Remaining {
    /// What it is.
    pub title: String,
    /// What it is called aloud.
    pub reference: String,
    /// What opens it from now on, told once.
    pub code: String,
}

impl House {
    /// What all services keep about the owner of an account.
    ///
    /// # Errors
    /// Those of the store.
    pub fn personal_data(
        &self,
        tx: &mut Tx<'_>,
        account: uuid::Uuid,
        lang: Lang,
    ) -> beffroi_store::Result<PersonalData> {
        let teller = Teller::new(self, lang);
        let mut all = PersonalData::default();
        for service in &self.services {
            let part = service.personal_data(tx, account, teller)?;
            all.entries.extend(part.entries);
            all.files.extend(part.files);
        }
        Ok(all)
    }

    /// Tells all services that an account ends, and what stays with the town.
    ///
    /// # Errors
    /// Those of the store.
    pub fn account_closes(
        &self,
        tx: &mut Tx<'_>,
        account: uuid::Uuid,
        lang: Lang,
    ) -> beffroi_store::Result<Vec<Remaining>> {
        let teller = Teller::new(self, lang);
        let mut all = Vec::new();
        for service in &self.services {
            all.extend(service.account_closes(tx, account, teller)?);
        }
        Ok(all)
    }

    /// Has all services erase what they keep of an account alone.
    ///
    /// # Errors
    /// Those of the store.
    pub fn erase_account(&self, tx: &mut Tx<'_>, account: uuid::Uuid) -> beffroi_store::Result<()> {
        self.services.iter().try_for_each(|service| service.erase_account(tx, account))
    }
}
