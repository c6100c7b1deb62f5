//! Asking the State for what a field wants to know, and putting what it tells into the answers.

use std::collections::BTreeMap;

use beffroi_core::{Day, Instant};
use beffroi_forms::{Answers, CompiledForm, FetchSource, Fetched, Field, Kind};
use beffroi_once_only::{Access, Api, Fact, Facts, NotAsked, Person, Told, Trouble, client, inquiry};
use beffroi_web::Page;
use serde_json::{Map, Value};

/// What is to be asked: the field that bears the button, and what its source is told.
pub(crate) struct Wanted {
    /// Of which source.
    pub(crate) source: FetchSource,
    /// The field that bears it.
    pub(crate) field: String,
    told: Told,
    /// Whether the State is asked about whoever asks, as a provider vouches for them.
    vouched: bool,
    fills: Vec<(String, String)>,
}

/// What a field asks for, with the answers that are right so far; `None` where it asks for nothing.
pub(crate) fn wanted(form: &CompiledForm, answers: &Map<String, Value>, field: &str) -> Option<Wanted> {
    let (_, bearer) = form.fields().find(|(_, found)| found.id == field)?;
    let fetch = bearer.fetch.as_ref()?;
    let answer = |name: &str| fetch.with.get(name).and_then(|field| answers.get(field));
    let text = |name: &str| answer(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let person = || {
        let part = |name: &str| {
            answer("identity").and_then(|it| it.get(name)?.as_str()).unwrap_or_default().to_owned()
        };
        Person {
            family_name: part("family_name"),
            given_names: part("given_names"),
            birth_date: part("birth_date").parse().ok(),
            sex: text("sex"),
            birth_commune: text("birth_commune"),
            birth_country: text("birth_country"),
        }
    };
    let told = match fetch.source {
        FetchSource::FamilyQuotient => Told::Person(person()),
        FetchSource::Schooling => Told::Pupil(person(), text("school")),
        FetchSource::Establishment => Told::Number(text("siret")),
        FetchSource::Association => Told::Number(text("number")),
    };
    let fills =
        fetch.filled(field).into_iter().map(|(field, fact)| (field.to_owned(), fact.to_owned())).collect();
    Some(Wanted { source: fetch.source, field: field.to_owned(), told, vouched: false, fills })
}

/// Why nothing came, in the reader's words: the request goes on all the same.
fn trouble_words(page: &Page, trouble: &Trouble) -> String {
    page.t(match trouble {
        Trouble::Unknown => "desk-fetch-unknown",
        Trouble::Unfit => "desk-fetch-unfit",
        Trouble::Quota => "desk-fetch-quota",
        Trouble::Private => "desk-fetch-private",
        Trouble::Refused(_) | Trouble::Away(_) | Trouble::Unreadable => "desk-fetch-away",
    })
    .to_owned()
}

fn missing_words(page: &Page, missing: NotAsked) -> String {
    page.t(match missing {
        NotAsked::Missing("sex") => "desk-fetch-missing-sex",
        NotAsked::Missing("birth_commune") => "desk-fetch-missing-birth-commune",
        NotAsked::Missing("school") => "desk-fetch-missing-school",
        NotAsked::Missing("siret" | "number") => "desk-fetch-missing-number",
        NotAsked::Missing(_) => "desk-fetch-missing-identity",
        NotAsked::Country => "desk-fetch-country",
    })
    .to_owned()
}

/// Asks, and gives what is to be filled in; else what to tell the person.
pub(crate) async fn ask(
    page: &Page,
    commune: &str,
    access: Option<Access>,
    wanted: &Wanted,
    (today, now): (Day, Instant),
) -> Result<Facts, String> {
    let Some(access) = access else { return Err(page.t("desk-fetch-away").to_owned()) };
    let asked = inquiry(wanted.source, &wanted.told, &access, today).map_err(|missing| match missing {
        // Nothing on the page would mend it.
        NotAsked::Missing(_) if wanted.vouched => page.t("desk-fetch-vouched-lacking").to_owned(),
        missing => missing_words(page, missing),
    })?;
    match client().ask(commune, &access, &asked, now).await {
        Ok(facts) => Ok(facts),
        Err(trouble) => {
            if trouble.is_the_service() {
                // Neither who was asked about nor what was answered: only that it failed, and why.
                tracing::warn!(commune, source = wanted.source.as_str(), %trouble, "nothing was fetched");
            }
            Err(trouble_words(page, &trouble))
        }
    }
}

impl Wanted {
    /// Puts what was told into the answers; gives the fields that were filled.
    pub(crate) fn fill(
        &self,
        form: &CompiledForm,
        answers: &mut Answers,
        facts: &Facts,
        now: Instant,
    ) -> Vec<String> {
        let mut filled = Vec::new();
        for (name, fact) in &self.fills {
            let field = form.fields().find(|(_, field)| field.id == *name).map(|(_, field)| field);
            let texts = field.and_then(|field| texts(field, facts.get(fact.as_str())?));
            if let (Some(field), Some(texts)) = (field, texts) {
                answers.fill(field, Fetched { source: self.source, at: now.to_rfc3339(), texts });
                filled.push(name.clone());
            }
        }
        filled
    }

    /// Whether the State is asked what it knows of a person: that concerns no stranger who knows their day of birth, so
    /// only somebody who is identified may ask.
    pub(crate) fn is_about_persons(&self) -> bool {
        Api::of(self.source) == Api::Particulier
    }

    /// Asks about this person, who asks and is vouched for, whatever was typed. A pupil is somebody else than whoever
    /// asks, and stays the one whose name was typed.
    pub(crate) fn vouched_for(&mut self, person: &Person) {
        if let Told::Person(asked) = &mut self.told {
            asked.clone_from(person);
            self.vouched = true;
        }
    }
}

/// What is typed into a field's controls for a fact.
fn texts(field: &Field, fact: &Fact) -> Option<BTreeMap<String, String>> {
    let text = match (fact, &field.kind) {
        (Fact::Text(text), Kind::Text { max_chars } | Kind::LongText { max_chars }) => {
            text.chars().take(usize::try_from(*max_chars).unwrap_or(usize::MAX)).collect()
        }
        (Fact::Text(text), Kind::Address { .. }) => text.clone(),
        (Fact::Whole(whole), Kind::Number { .. }) => whole.to_string(),
        (Fact::Truth(truth), Kind::YesNo) => truth.to_string(),
        _ => return None,
    };
    Some(BTreeMap::from([(field.id.clone(), text)]))
}
