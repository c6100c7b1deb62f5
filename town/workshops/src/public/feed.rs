//! Sessions as calendars to subscribe to (RFC 5545): all of them, those of one series, one's own.

use axum::{
    extract::Path,
    http::header,
    response::{IntoResponse, Response},
};
use beffroi_calendar::{
    ics::{self, Event, Status, When},
    now::Now,
};
use beffroi_store::By;
use beffroi_web::{CommuneOf, Page, Result, WebError};

use super::{mine, one};
use crate::{
    place,
    series::{self, Kept},
    session::{self, Session, SessionState},
    shown::Shown,
};

fn event(shown: &Shown<'_>, series: &Kept, it: &Session, is_private: bool) -> Event {
    let place = [shown.place(it), shown.address(it)];
    let place = place.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", ");
    let lang = shown.page.language();
    Event {
        uid: format!("{}@beffroi", it.id),
        changed_at: it.changed_at,
        changes: it.changes,
        when: When::Time(it.span),
        summary: series.sheet.title.read_in(lang).to_owned(),
        description: series.sheet.summary.read_in(lang).to_owned(),
        place,
        url: None,
        status: if it.state == SessionState::Cancelled { Status::Cancelled } else { Status::Confirmed },
        is_private,
        is_busy: true,
    }
}

fn answer(page: &Page, now: Now, name: &str, events: &[Event]) -> Response {
    let name = format!("{name} – {}", page.commune.name);
    let text = ics::write(&ics::Calendar { name: &name, zone: now.zone, events });
    let headers = [
        (header::CONTENT_TYPE, "text/calendar; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"ateliers.ics\""),
        (header::CACHE_CONTROL, "private, no-store"),
    ];
    (headers, text).into_response()
}

/// All sessions to come.
pub(super) async fn all(page: Page, commune: CommuneOf) -> Result {
    let (series, sessions, places, now) = commune
        .read(By::VISITOR, |tx| {
            let now = Now::read(tx)?;
            Ok::<_, WebError>((series::list(tx)?, session::future(tx, now.at)?, place::list(tx)?, now))
        })
        .await?;
    let shown = Shown { page: &page, now, places: &places };
    let events: Vec<Event> = sessions
        .iter()
        .filter_map(|it| {
            let series = series.iter().find(|series| series.id == it.series && series.published)?;
            Some(event(&shown, series, it, false))
        })
        .collect();
    Ok(answer(&page, now, page.t("workshops-title"), &events))
}

/// Those of one series.
pub(super) async fn series(page: Page, commune: CommuneOf, Path(slug): Path<String>) -> Result {
    let seen = commune.read(By::VISITOR, move |tx| one::Seen::read(tx, &slug)).await?;
    let shown = seen.shown(&page);
    let events: Vec<Event> = seen.sessions.iter().map(|it| event(&shown, &seen.series, it, false)).collect();
    Ok(answer(&page, seen.now, seen.series.sheet.title.read_in(page.language()), &events))
}

/// Those in which one has a seat.
pub(super) async fn mine(page: Page, commune: CommuneOf, Path(code): Path<String>) -> Result {
    let seen = commune.read(By::VISITOR, move |tx| mine::Seen::by_code(tx, &code)).await?;
    let shown = seen.shown(&page);
    let own = seen.seats.iter().filter(|(seat, _)| seat.state == crate::registration::SeatState::Seated);
    let events: Vec<Event> = own.map(|(_, it)| event(&shown, &seen.series, it, true)).collect();
    Ok(answer(&page, seen.now, seen.series.sheet.title.read_in(page.language()), &events))
}
