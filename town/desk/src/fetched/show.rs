//! What a page shows of what can be fetched, and of what was.

use beffroi_core::{Instant, calendar};
use beffroi_forms::{CompiledForm, FetchSource};
use beffroi_once_only::Api;
use beffroi_people::identity::ProviderKind;
use beffroi_web::Page;
use chrono_tz::Tz;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::Mark;
use crate::control::Control;

/// The end of a source's keys.
fn key(source: FetchSource) -> String {
    source.as_str().replace('/', "-")
}

/// What is known where a page is shown.
pub(crate) struct Shown<'s> {
    /// The form.
    pub(crate) form: &'s CompiledForm,
    /// What was typed and fetched.
    pub(crate) answers: &'s beffroi_forms::Answers,
    /// The doors through which the commune may ask.
    pub(crate) doors: &'s [Api],
    /// Whether a provider vouches for the reader.
    pub(crate) identified: bool,
    /// The provider that would.
    pub(crate) identified_by: Option<ProviderKind>,
    /// Where the commune is.
    pub(crate) zone: Tz,
    /// The address of the page.
    pub(crate) here: &'s str,
}

/// Gives the controls their buttons, and says which answers were fetched.
pub(crate) fn dress(page: &Page, controls: &mut [Control], shown: &Shown<'_>) {
    for control in controls {
        let Some(field) = shown.form.field(&control.id) else { continue };
        if let Some(fetched) = shown.answers.fetched().get(&field.id) {
            let at = fetched.at.parse::<Instant>().ok();
            let kept = shown.answers.is_as_fetched(&field.id);
            control.fetched = said(page, fetched.source, at, kept, shown.zone);
        }
        let Some(fetch) = &field.fetch else { continue };
        let api = Api::of(fetch.source);
        if !shown.doors.contains(&api) {
            continue;
        }
        let key = key(fetch.source);
        let about = page.t(&format!("desk-fetch-about-{key}")).to_owned();
        if api == Api::Entreprise || shown.identified {
            control.fetch_about = about;
            page.t(&format!("desk-fetch-do-{key}")).clone_into(&mut control.fetch);
        } else if let Some(provider) = shown.identified_by {
            let name = [("name", provider.name().into())];
            control.fetch_about = format!("{about} {}", page.tr("desk-fetch-identify-about", &name));
            control.fetch_sign_in = page.tr("desk-fetch-identify", &name);
            let back = utf8_percent_encode(shown.here, NON_ALPHANUMERIC);
            control.fetch_at = format!("/connexion/{}?retour={back}", provider.as_str());
        }
    }
}

fn said(page: &Page, source: FetchSource, at: Option<Instant>, kept: bool, zone: Tz) -> String {
    let day =
        at.map(|at| calendar::long_date(calendar::civil_day(at, zone), page.language())).unwrap_or_default();
    let from = page.t(&format!("desk-fetch-from-{}", key(source))).to_owned();
    let variables = [("day", day.into()), ("from", from.into())];
    page.tr(if kept { "desk-fetched" } else { "desk-fetched-changed" }, &variables)
}

impl Mark {
    /// What agents read beside the answer.
    pub(crate) fn words(&self, page: &Page, zone: Tz) -> String {
        self.source.map(|source| said(page, source, Some(self.at), self.kept, zone)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use beffroi_core::Lang;

    use super::*;

    #[test]
    fn each_source_has_its_words_in_both_languages() {
        let words =
            [include_str!("../../locales/fr/fetched.ftl"), include_str!("../../locales/en/fetched.ftl")];
        for (source, lang) in
            FetchSource::ALL.into_iter().flat_map(|source| [(source, Lang::Fr), (source, Lang::En)])
        {
            for begin in ["about", "do", "from"] {
                let line = format!("desk-fetch-{begin}-{} =", key(source));
                assert!(words[usize::from(lang == Lang::En)].contains(&line), "{line} {lang:?}");
            }
        }
    }
}
