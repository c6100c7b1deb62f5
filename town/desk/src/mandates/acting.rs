//! Whoever fills a request in by a mandate is told so on every page, and what they are asked and what they swear is the
//! helped person's.

use beffroi_core::{Id, Lang, text::fold};
use beffroi_people::mandate::{self, Helped, Mandate};
use beffroi_store::{Result, Tx};
use beffroi_web::Page;

use crate::control::Control;

/// The word that stands for the helped person where an identity is filled in.
pub(crate) const AIDED: &str = "aidee";

/// For whom a request is filled in.
#[derive(Clone, Debug)]
pub(crate) struct Acting {
    number: String,
    /// Who is helped.
    pub(crate) helped: Helped,
}

impl Acting {
    /// By the mandate of a draft, if it has one. One that is over meanwhile is still told: nothing is sent by it.
    pub(crate) fn of(tx: &mut Tx<'_>, mandate: Option<Id<Mandate>>) -> Result<Option<Self>> {
        let Some(id) = mandate else { return Ok(None) };
        let found = mandate::find(tx, id)?;
        Ok(found.map(|found| Self { number: found.number(), helped: found.details.helped }))
    }

    /// « Vous agissez pour Josette Vidal, avec son accord (mandat n° …). »
    pub(crate) fn banner(&self, page: &Page) -> String {
        let name = self.helped.full_name();
        page.tr("desk-mandate-acting", &[("name", name.into()), ("number", self.number.clone().into())])
    }

    /// What is sworn is sworn in the helped person's name, and no browser fills their answers in with the helper's.
    pub(crate) fn dress(&self, page: &Page, controls: &mut [Control]) {
        let name = self.helped.full_name();
        in_the_name_of(page, &name, controls);
        for control in controls {
            control.of_reader = false;
        }
    }
}

/// The words of a sworn statement, by whoever swears it for somebody.
pub(crate) fn sworn(page: &Page, name: &str, statement: &str) -> String {
    let statement = statement.trim_end_matches(['.', ' ', '\u{a0}']).to_owned();
    page.tr(
        "desk-mandate-sworn",
        &[("statement", statement.into()), ("of", of(page.language(), name).into())],
    )
}

/// « de Josette », « d’Augustine ».
fn of(lang: Lang, name: &str) -> String {
    let vowel = fold(name).starts_with(['a', 'e', 'i', 'o', 'u', 'y']);
    match lang {
        Lang::Fr if vowel => format!("d’{name}"),
        Lang::Fr => format!("de {name}"),
        Lang::En => format!("of {name}"),
    }
}

/// Words the sworn statements of a page so that they are the helped person's.
pub(crate) fn in_the_name_of(page: &Page, name: &str, controls: &mut [Control]) {
    for control in controls {
        if control.kind == "sworn" {
            control.label = sworn(page, name, &control.label);
        }
        for row in &mut control.rows {
            in_the_name_of(page, name, &mut row.controls);
        }
    }
}
