//! The screen of a waiting room: which numbers are called, and where to. No names. It asks for itself again by a header,
//! so that it works where no script runs.

use askama::Template;
use axum::{
    extract::Path,
    http::{HeaderName, HeaderValue},
};
use beffroi_calendar::resource;
use beffroi_store::By;
use beffroi_web::{CommuneOf, Page, Result, WebError, render};

use crate::{
    clock::{self, Now},
    site,
    ticket::{self, Stands, Ticket},
};

/// Numbers that were called before the last, as far as they are shown.
const SHOWN: usize = 6;
/// After how many seconds the screen asks for itself again.
const AGAIN: HeaderValue = HeaderValue::from_static("10");

struct Called {
    label: String,
    desk: String,
}

#[derive(Template)]
#[template(path = "appointments_room.html")]
struct Room {
    page: Page,
    place: String,
    time: String,
    last: Option<Called>,
    before: Vec<Called>,
    count: String,
}

pub(super) async fn room(page: Page, commune: CommuneOf, Path(slug): Path<String>) -> Result {
    let (site, tickets, desks, now) = commune
        .read(By::VISITOR, move |tx| {
            let found = resource::by_slug(tx, &slug)?.ok_or_else(WebError::not_found)?;
            let site = site::site(tx, found.id)?.filter(|site| site.sheet.tickets);
            let site = site.ok_or_else(WebError::not_found)?;
            let now = Now::read(tx)?;
            let tickets = ticket::of_day(tx, site.resource.id, now.today)?;
            Ok::<_, WebError>((site, tickets, site::desks(tx)?, now))
        })
        .await?;
    let lang = page.language();
    let waiting = tickets.iter().filter(|it| it.stands == Stands::Waiting).count();
    let mut called: Vec<&Ticket> = tickets.iter().filter(|it| it.called_at.is_some()).collect();
    called.sort_by_key(|it| std::cmp::Reverse(it.called_at));
    let mut shown = called.into_iter().take(SHOWN + 1).map(|it| {
        let desk = desks.iter().find(|desk| Some(desk.resource.id) == it.desk);
        let desk = desk.map_or("", |desk| desk.resource.details.name.read_in(lang)).to_owned();
        Called { label: it.label(), desk }
    });
    let last = shown.next();
    let view = Room {
        place: site.resource.details.name.read_in(lang).to_owned(),
        time: clock::time(now.at, now.zone, lang),
        last,
        before: shown.collect(),
        count: page.tr("appointments-waiting", &[("n", waiting.into())]),
        page,
    };
    let mut response = render(&view)?;
    response.headers_mut().insert(HeaderName::from_static("refresh"), AGAIN);
    Ok(response)
}
