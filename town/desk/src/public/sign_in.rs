//! Who must be identified to ask online, and how that is done: the page between the sheet and the form, with the other
//! ways to ask beside it. What was typed before is kept.

use askama::Template;
use axum::extract::Path;
use beffroi_core::Assurance;
use beffroi_forms::{CompiledForm, Way};
use beffroi_people::{
    AccountKind, SignedIn,
    identity::{self, Provider, ProviderKind},
};
use beffroi_store::{By, Tx};
use beffroi_web::{Page, Result, WebError, render};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::{draft_path, request::to};
use crate::visit::Visit;

/// Where somebody is led who is not identified well enough.
pub(super) fn path(slug: &str) -> String {
    format!("/demarches/{slug}/identification")
}

/// Whether whoever asks is identified well enough to ask online. A second factor that is still to be given is missing
/// from any level.
pub(super) fn suffices(form: &CompiledForm, who: Option<&SignedIn>) -> bool {
    let entirely = |who: &&SignedIn| who.own_session().is_some() && !who.second_factor.is_lacking();
    let assurance = who.filter(entirely).map(|who| who.assurance);
    form.procedure().lets_in(assurance)
}

/// The provider by which inhabitants identify themselves here, if there is one.
pub(super) fn citizens(tx: &mut Tx<'_>) -> beffroi_store::Result<Option<ProviderKind>> {
    let mut found = identity::list(tx)?.into_iter();
    let found = found.find(|it| it.enabled && it.kind.opens() == AccountKind::Citizen);
    Ok(found.map(|provider| provider.kind))
}

/// An identity provider, as a way to begin.
pub(crate) struct ProviderWay {
    /// Where its journey begins.
    pub(crate) href: String,
    pub(crate) name: &'static str,
    /// Its own page, where it is told what it is.
    pub(crate) about: &'static str,
}

/// The providers by which inhabitants reach a level, and come to the form of a procedure; any of them where no level is
/// asked for.
pub(super) fn provider_ways(saved: Vec<Provider>, slug: &str, level: Option<Assurance>) -> Vec<ProviderWay> {
    let back = utf8_percent_encode(&draft_path(slug), NON_ALPHANUMERIC).to_string();
    let asked = level.map(|level| format!("&niveau={}", level.as_str())).unwrap_or_default();
    let reaches = |kind: ProviderKind| {
        kind.opens() == AccountKind::Citizen && level.is_none_or(|level| kind.highest() >= level)
    };
    saved
        .into_iter()
        .filter(|provider| provider.enabled && reaches(provider.kind))
        .map(|provider| ProviderWay {
            href: format!("/connexion/{}?retour={back}{asked}", provider.kind.as_str()),
            name: provider.kind.name(),
            about: provider.kind.about(),
        })
        .collect()
}

/// Where an account is signed in to, before the form of a procedure.
pub(super) fn account_way(slug: &str) -> String {
    format!("/connexion?retour={}", utf8_percent_encode(&draft_path(slug), NON_ALPHANUMERIC))
}

#[derive(Template)]
#[template(path = "public/identification.html")]
struct Identification {
    page: Page,
    procedure: String,
    back: String,
    text: String,
    why: String,
    providers: Vec<ProviderWay>,
    /// Where an account is signed in to; empty where that does not suffice.
    account: String,
    /// Whether somebody is signed in whose session does not suffice.
    insufficient: bool,
    ways: Vec<String>,
}

pub(super) async fn show(
    Visit { desk, commune, visitor, page, .. }: Visit,
    Path(slug): Path<String>,
) -> Result {
    let name = slug.clone();
    let (form, providers) = commune
        .read(By::VISITOR, move |tx| {
            let form = desk.shelf.current(tx, &name)?.ok_or_else(WebError::not_found)?;
            Ok::<_, WebError>((form, identity::list(tx)?))
        })
        .await?;
    let who = visitor.member().map(|(who, _)| who);
    let Some(level) = form.procedure().level().filter(|_| !suffices(&form, who)) else {
        return Ok(to(&draft_path(&slug)));
    };
    let lang = page.language();
    let procedure = form.procedure();
    let ways = procedure.ways.iter().filter_map(|way| match way {
        Way::Online => None,
        Way::Counter => Some("desk-way-counter"),
        Way::Phone => Some("desk-way-phone"),
        Way::Paper => Some("desk-way-paper"),
    });
    let account = level == Assurance::Account && who.is_none();
    render(&Identification {
        procedure: procedure.title.text(lang).to_owned(),
        back: format!("/demarches/{slug}"),
        text: page.t(&format!("desk-level-{}", level.as_str())).to_owned(),
        why: procedure.sign_in.as_ref().map(|it| it.why.text(lang).to_owned()).unwrap_or_default(),
        providers: provider_ways(providers, &slug, Some(level)),
        account: if account { account_way(&slug) } else { String::new() },
        insufficient: who.is_some(),
        ways: ways.map(|key| page.t(key).to_owned()).collect(),
        page,
    })
}
