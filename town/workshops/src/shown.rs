//! Sessions in the reader's words: when, where, and what is left of them.

use beffroi_calendar::{
    clock::{self, capital},
    now::Now,
};
use beffroi_web::Page;

use crate::{
    place::Place,
    session::{Session, SessionState},
};

/// What sessions are told with.
#[derive(Clone, Copy)]
pub(crate) struct Shown<'a> {
    pub(crate) page: &'a Page,
    pub(crate) now: Now,
    pub(crate) places: &'a [Place],
}

impl Shown<'_> {
    /// From when to when.
    pub(crate) fn when(&self, it: &Session) -> String {
        capital(&clock::when(it.span, self.now.zone, self.page.language()))
    }

    /// The name of its place.
    pub(crate) fn place(&self, it: &Session) -> String {
        let found = self.places.iter().find(|place| place.id == it.place);
        found.map(|place| place.sheet.name.read_in(self.page.language()).to_owned()).unwrap_or_default()
    }

    /// How one gets there.
    pub(crate) fn address(&self, it: &Session) -> String {
        let found = self.places.iter().find(|place| place.id == it.place);
        found.map(|place| place.sheet.line()).unwrap_or_default()
    }

    /// How one gets in.
    pub(crate) fn access(&self, it: &Session) -> String {
        let found = self.places.iter().find(|place| place.id == it.place);
        found.map(|place| place.sheet.access.read_in(self.page.language()).to_owned()).unwrap_or_default()
    }

    /// What is left of it.
    pub(crate) fn left(&self, it: &Session) -> String {
        let page = self.page;
        match it.state {
            SessionState::Planned if it.span.end() <= self.now.at => page.t("workshops-over").to_owned(),
            SessionState::Cancelled if it.why.is_empty() => page.t("workshops-called-off").to_owned(),
            SessionState::Cancelled => page.tr("workshops-called-off-why", &[("why", it.why.clone().into())]),
            SessionState::Planned if it.free() > 0 => {
                page.tr("workshops-seats-left", &[("n", it.free().into())])
            }
            SessionState::Planned if it.may_wait() > 0 => {
                page.tr("workshops-full-wait", &[("n", it.may_wait().into())])
            }
            SessionState::Planned => page.t("workshops-full").to_owned(),
        }
    }

    /// How it looks as a tag.
    pub(crate) fn look(&self, it: &Session) -> &'static str {
        match it.state {
            SessionState::Cancelled => "closed",
            SessionState::Planned if it.span.end() <= self.now.at => "closed",
            SessionState::Planned if it.free() > 0 => "granted",
            SessionState::Planned => "waiting",
        }
    }
}
