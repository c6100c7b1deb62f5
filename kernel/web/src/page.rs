//! What every page knows: language, texts, commune, menu, account. Templates that extend `layout.html`
//! hold one as `page`.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::FromRequestParts,
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use beffroi_core::Lang;
use beffroi_people::{AccountKind, Permission, SignedIn};

use crate::{
    App, Area, CommuneOf, MenuGroup, Result, Visitor, WebError, cache::PublicPage, l10n::FluentValue,
    visitor::Arrival,
};

/// The commune, as pages name it.
#[derive(Clone, Debug)]
pub struct PageCommune {
    /// Its name.
    pub name: String,
}

/// Whoever is signed in, as pages name them.
#[derive(Clone, Debug)]
pub struct PageAccount {
    /// What to call them.
    pub name: String,
    /// Where an agent’s office begins, found from every page; `""` where there is none for them.
    pub office: &'static str,
}

/// A menu of at most so many entries is one line of them; a longer one stands under the headings of its groups.
const SHORT_MENU: usize = 7;

/// An entry of the menu.
#[derive(Clone, Debug)]
pub struct NavItem {
    /// Where it leads.
    pub href: &'static str,
    /// What it stands under where the menu is long.
    pub group: Option<MenuGroup>,
    /// Its text.
    pub label: String,
    /// Whether the reader is there.
    pub current: bool,
}

/// What a service offers in the space of whoever is signed in.
#[derive(Clone, Debug)]
pub struct OwnItem {
    /// Where it leads.
    pub href: &'static str,
    /// Its text.
    pub label: String,
    /// What it is, in a sentence; `""` where that goes without saying.
    pub about: String,
}

/// A group of a long menu: those of its entries that the reader may use, one at least.
#[derive(Clone, Debug)]
pub struct NavGroup<'a> {
    /// Its heading.
    pub label: &'a str,
    /// Its entries.
    pub items: Vec<&'a NavItem>,
    /// Whether the reader is at one of them.
    pub current: bool,
}

/// The frame of a page. An extractor: ask for it in a handler, give it to the template.
#[derive(Clone)]
pub struct Page {
    /// The commune.
    pub commune: PageCommune,
    /// The menu.
    pub nav: Vec<NavItem>,
    /// Whoever is signed in.
    pub account: Option<PageAccount>,
    again: String,
    lang: Lang,
    app: App,
}

impl Page {
    pub(crate) fn new(
        app: &App,
        lang: Lang,
        arrival: Option<&Arrival>,
        commune: Option<&CommuneOf>,
        visitor: Option<&Visitor>,
    ) -> Self {
        let path = arrival.map_or("/", |arrival| &arrival.path);
        // Where something was sent, the same address may not be asked for: the beginning is the safe place.
        let again = arrival.filter(|arrival| arrival.repeatable || visitor.is_some());
        let again = again.map_or_else(|| "/?".to_owned(), Arrival::again);
        let signed_in = visitor.and_then(|visitor| visitor.signed_in.as_ref());
        let area = Area::of_path(path);
        let mut entries: Vec<_> = app
            .services
            .iter()
            .flat_map(|service| service.navigation())
            .filter(|entry| commune.is_some() && entry.area == area)
            .filter(|entry| {
                entry.permission.is_none_or(|needed| signed_in.is_some_and(|who| who.may_somewhere(needed)))
            })
            .collect();
        entries.sort_by_key(|entry| entry.rank);
        // The longest entry above this page is where the reader is: « /agents/courrier » is not « /agents ».
        let below = app.services.iter().flat_map(|service| service.below()).copied();
        let here = entries
            .iter()
            .map(|entry| (entry.href, entry.href))
            .chain(below.filter(|(_, href)| entries.iter().any(|entry| entry.href == *href)))
            .filter(|(address, _)| is_at_or_below(path, address))
            .max_by_key(|(address, _)| address.len())
            .map(|(_, href)| href);
        let nav = entries
            .into_iter()
            .map(|entry| NavItem {
                href: entry.href,
                group: entry.group,
                label: app.l10n.get(lang, entry.label).to_owned(),
                current: Some(entry.href) == here,
            })
            .collect();
        let name = commune.map_or_else(|| "Beffroi".to_owned(), |commune| commune.name().to_owned());
        Self {
            commune: PageCommune { name },
            again,
            nav,
            account: signed_in.map(|who| PageAccount {
                name: who.display_name.clone(),
                office: office_of(app, who).unwrap_or_default(),
            }),
            lang,
            app: App::clone(app),
        }
    }

    /// The kinds of entries that the services leave in the journal.
    pub fn journal_kinds(&self) -> impl Iterator<Item = &'static str> {
        self.app.services.iter().flat_map(|service| service.journal_kinds())
    }

    /// What the services offer in the space of whoever is signed in.
    pub fn own(&self) -> Vec<OwnItem> {
        let mut entries: Vec<_> = self.app.services.iter().flat_map(|service| service.navigation()).collect();
        entries.retain(|entry| entry.area == Area::Own);
        entries.sort_by_key(|entry| entry.rank);
        let about: BTreeMap<&str, &str> =
            self.app.services.iter().flat_map(|service| service.own_about()).copied().collect();
        let item = |entry: &crate::NavEntry| OwnItem {
            href: entry.href,
            label: self.t(entry.label).to_owned(),
            about: about.get(entry.href).map(|key| self.t(key).to_owned()).unwrap_or_default(),
        };
        entries.into_iter().map(item).collect()
    }

    /// The menu by its groups where it is long; empty where it is one short line, or has no groups.
    pub fn nav_groups(&self) -> Vec<NavGroup<'_>> {
        grouped(&self.nav, |key| self.app.l10n.get(self.lang, key))
    }

    /// Where somebody begins once they are signed in: a citizen in their space, an agent on the first page of the office
    /// that is open to one of their roles, and at their own account where none is.
    pub fn home_of(&self, who: &SignedIn) -> &'static str {
        match who.kind {
            AccountKind::Citizen => "/mon-compte",
            AccountKind::Agent => office_of(&self.app, who).unwrap_or("/compte"),
        }
    }

    /// The same frame for a page that stands in the place of another: its own address may not be asked for again.
    #[must_use]
    pub(crate) fn in_place_of(mut self, arrival: &Arrival) -> Self {
        if !arrival.repeatable {
            "/?".clone_into(&mut self.again);
        }
        self
    }

    /// The same frame in another language, for a page that is shown to somebody else's eyes.
    #[must_use]
    pub fn in_words_of(mut self, lang: Lang) -> Self {
        self.lang = lang;
        self
    }

    /// The address of this page in another language.
    pub fn in_language(&self, tag: &str) -> String {
        format!("{}lang={tag}", self.again)
    }

    /// The reader's language, as its tag: `fr` or `en`.
    pub const fn lang(&self) -> &'static str {
        self.lang.tag()
    }

    /// The reader's language.
    pub const fn language(&self) -> Lang {
        self.lang
    }

    /// A text without variables.
    pub fn t<'a>(&'a self, key: &'a str) -> &'a str {
        self.app.l10n.get(self.lang, key)
    }

    /// A text with variables: `page.tr("inbox-count", &[("n", 3.into())])`.
    pub fn tr(&self, key: &str, variables: &[(&str, FluentValue<'_>)]) -> String {
        self.app.l10n.format(self.lang, key, variables)
    }

    /// The address of a built asset.
    pub fn asset(&self, name: &str) -> String {
        self.app.assets.address(name)
    }
}

impl FromRequestParts<App> for Page {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, WebError> {
        let commune = CommuneOf::from_request_parts(parts, app).await?;
        let visitor = Visitor::from_request_parts(parts, app).await?;
        Ok(Self::new(app, visitor.lang, parts.extensions.get(), Some(&commune), Some(&visitor)))
    }
}

/// A long menu by its groups, each with the heading that `word` gives it. An entry without a group would be lost: then
/// the menu stays one line.
fn grouped<'a>(nav: &'a [NavItem], word: impl Fn(&'static str) -> &'a str) -> Vec<NavGroup<'a>> {
    if nav.len() <= SHORT_MENU || nav.iter().any(|item| item.group.is_none()) {
        return Vec::new();
    }
    let of = |group: MenuGroup| {
        let items: Vec<_> = nav.iter().filter(|item| item.group == Some(group)).collect();
        let current = items.iter().any(|item| item.current);
        (!items.is_empty()).then(|| NavGroup { label: word(group.label()), items, current })
    };
    MenuGroup::ALL.into_iter().filter_map(of).collect()
}

/// The first entry of the office's menu that one of an agent's roles opens. What their session still lacks is another
/// page's matter.
fn office_of(app: &App, who: &SignedIn) -> Option<&'static str> {
    let held = |needed: Permission| who.grants.iter().any(|grant| needed.is_held_by(grant.role));
    app.services
        .iter()
        .flat_map(|service| service.navigation())
        .filter(|entry| entry.area == Area::Office && entry.permission.is_some_and(held))
        .min_by_key(|entry| entry.rank)
        .map(|entry| entry.href)
}

fn is_at_or_below(path: &str, href: &str) -> bool {
    path.strip_prefix(href).is_some_and(|rest| rest.is_empty() || (href != "/" && rest.starts_with('/')))
}

/// Writes a page that is made for this reader alone, and that nobody may keep.
pub fn render(template: &impl Template) -> Result {
    render_as(StatusCode::OK, template)
}

/// [`render`], with another status: 422 for a form that comes back with its faults.
pub fn render_as(status: StatusCode, template: &impl Template) -> Result {
    Ok((status, html(template.render()?)).into_response())
}

/// Writes a page that is the same for everybody who is not signed in. It is kept until the commune's
/// journal moves on. `query`: the parameters on which the page depends; with any other it is not kept.
pub fn render_public(template: &impl Template, query: &'static [&'static str]) -> Result {
    let mut response = html(template.render()?);
    response.extensions_mut().insert(PublicPage { query });
    Ok(response)
}

/// Any other text that is the same for everybody, kept likewise.
pub(crate) fn public_text(text: String) -> Response {
    let mut response = text.into_response();
    response.extensions_mut().insert(PublicPage { query: &[] });
    response
}

fn html(text: String) -> Response {
    let mut response = text.into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    response
}

#[cfg(test)]
mod tests {
    use super::{NavItem, grouped, is_at_or_below};
    use crate::MenuGroup;

    fn item(href: &'static str, group: Option<MenuGroup>) -> NavItem {
        NavItem { href, group, label: href.to_owned(), current: href == "/admin" }
    }

    #[test]
    fn a_long_menu_stands_under_the_headings_of_its_groups_and_a_short_one_in_a_line() {
        let requests = ["/agents", "/agents/recherche", "/agents/guichet", "/agents/courrier"];
        let settings = ["/admin", "/admin/demarches", "/admin/sms", "/admin/webhooks"];
        let mut menu: Vec<_> = settings.map(|href| item(href, Some(MenuGroup::Administration))).into();
        menu.extend(requests.map(|href| item(href, Some(MenuGroup::Requests))));
        let groups = grouped(&menu, |key| key);
        let shown: Vec<_> =
            groups.iter().map(|group| (group.label, group.items.len(), group.current)).collect();
        // Nothing is said of the groups of which the reader may use nothing.
        assert_eq!(shown, [("menu-requests", 4, false), ("menu-administration", 4, true)]);
        assert!(grouped(&menu[1..], |key| key).is_empty(), "seven are one line");
        menu.push(item("/agents/nouveau", None));
        assert!(grouped(&menu, |key| key).is_empty(), "no entry is lost for want of a group");
    }

    #[test]
    fn the_menu_knows_where_the_reader_is() {
        assert!(is_at_or_below("/demarches/acte", "/demarches"));
        assert!(!is_at_or_below("/demarches-en-ligne", "/demarches"));
        assert!(is_at_or_below("/", "/"));
        assert!(!is_at_or_below("/suivi", "/"));
    }
}
