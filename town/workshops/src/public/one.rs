//! One series: what one learns there, for whom, and its sessions with what is left of them.

use askama::Template;
use axum::extract::Path;
use beffroi_calendar::now::Now;
use beffroi_people::{Town, department};
use beffroi_store::{By, Tx};
use beffroi_web::{CommuneOf, Fact, Page, Result, WebError, render_public};

use crate::{
    place::{self, Place},
    price,
    registration::shown_phone,
    series::{self, Kept, Signup},
    session::{self, Session},
    shown::Shown,
};

struct Line {
    when: String,
    place: String,
    left: String,
    look: &'static str,
    /// Where one registers; `""` where nobody can.
    href: String,
}

#[derive(Template)]
#[template(path = "workshops_one.html")]
struct One {
    page: Page,
    title: String,
    summary: String,
    learns: Vec<String>,
    rows: Vec<Fact>,
    bring: Vec<String>,
    heads: Vec<String>,
    lines: Vec<Line>,
    /// Where one registers for all sessions; `""` where nobody does.
    whole: String,
    feed: String,
    phone: String,
}

/// A series that the public sees, with its sessions to come.
pub(crate) struct Seen {
    pub(crate) series: Kept,
    pub(crate) sessions: Vec<Session>,
    pub(crate) places: Vec<Place>,
    pub(crate) now: Now,
    pub(crate) phone: String,
}

impl Seen {
    pub(crate) fn read(tx: &mut Tx<'_>, slug: &str) -> Result<Self> {
        let series = series::by_slug(tx, slug)?.filter(|it| it.published).ok_or_else(WebError::not_found)?;
        let now = Now::read(tx)?;
        let all = session::of_series(tx, series.id)?;
        let sessions = all.into_iter().filter(|it| it.span.start() > now.at).collect();
        let own = department::find(tx, series.department)?.map(|it| it.details.phone).unwrap_or_default();
        let town = Town::load(tx)?.phone;
        let phones = [series.sheet.phone.clone(), own, town];
        let phone = phones.into_iter().find(|phone| !phone.is_empty()).unwrap_or_default();
        let phone = shown_phone(&phone);
        Ok(Self { series, sessions, places: place::list(tx)?, now, phone })
    }

    /// The sessions for which somebody may register.
    pub(crate) fn open(&self) -> Vec<Session> {
        self.sessions.iter().filter(|it| it.is_to_come(self.now.at)).cloned().collect()
    }

    pub(crate) fn shown<'a>(&'a self, page: &'a Page) -> Shown<'a> {
        Shown { page, now: self.now, places: &self.places }
    }
}

/// What a text is, line by line.
pub(crate) fn lines(text: &str) -> Vec<String> {
    text.lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect()
}

pub(super) async fn show(page: Page, commune: CommuneOf, Path(slug): Path<String>) -> Result {
    let seen = commune.read(By::VISITOR, move |tx| Seen::read(tx, &slug)).await?;
    let lang = page.language();
    let shown = seen.shown(&page);
    let (sheet, slug) = (&seen.series.sheet, &seen.series.slug);
    let mut cost = price::lines(&page, sheet);
    if cost.is_empty() {
        cost.push(page.t("workshops-free").to_owned());
    }
    let mut where_to: Vec<String> = Vec::new();
    for place in &seen.places {
        if seen.sessions.iter().any(|it| it.place == place.id) {
            let texts = [place.sheet.line(), place.sheet.access.read_in(lang).to_owned()];
            let texts = texts.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(". ");
            where_to.push(format!("{}\u{a0}: {texts}", place.sheet.name.read_in(lang)));
        }
    }
    let rows = Fact::all(
        &page,
        [
            ("workshops-fact-audience", sheet.audience.read_in(lang).to_owned()),
            ("workshops-fact-level", page.t(&format!("workshops-level-{}", sheet.level.as_str())).to_owned()),
            ("workshops-fact-price", cost.join("\n")),
            ("workshops-fact-where", where_to.join("\n")),
            ("workshops-fact-contact", seen.phone.clone()),
        ],
    );
    let line = |it: &Session| Line {
        when: shown.when(it),
        place: shown.place(it),
        left: shown.left(it),
        look: shown.look(it),
        href: if it.is_to_come(seen.now.at) && sheet.signup != Signup::Whole && it.free() + it.may_wait() > 0
        {
            format!("/ateliers/{slug}/inscription?seance={}", it.id)
        } else {
            String::new()
        },
    };
    let heads = ["when", "where", "left", "action"];
    let view = One {
        title: sheet.title.read_in(lang).to_owned(),
        summary: sheet.summary.read_in(lang).to_owned(),
        learns: lines(sheet.learns.read_in(lang)),
        rows,
        bring: sheet.bring.iter().map(|thing| thing.read_in(lang).to_owned()).collect(),
        heads: heads.map(|head| page.t(&format!("workshops-head-{head}")).to_owned()).into(),
        lines: seen.sessions.iter().map(line).collect(),
        whole: if sheet.signup == Signup::Each || seen.open().is_empty() {
            String::new()
        } else {
            format!("/ateliers/{slug}/inscription?seance=toutes")
        },
        feed: format!("/ateliers/{slug}/seances.ics"),
        phone: match seen.phone.as_str() {
            "" => String::new(),
            phone => page.tr("workshops-by-phone", &[("phone", phone.to_owned().into())]),
        },
        page,
    };
    render_public(&view, &[])
}
