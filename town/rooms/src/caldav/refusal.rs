//! Why a program is refused, as CalDAV tells it (RFC 4791, 5.3.2.1) and in words.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use beffroi_calendar::{
    clock,
    ics::{EventFault, NoObject},
    spans::Span,
};
use beffroi_core::{Lang, calendar::long_date_with_weekday};
use beffroi_dav::{Content, Name, Unreadable, error};
use beffroi_people::Refused;
use beffroi_store::StoreError;
use beffroi_web::{App, WebError};
use chrono_tz::Tz;

use super::place::Place;

/// Dates that are told of a series that is refused, at most.
const DATES_TOLD: usize = 20;

/// Why something is not done.
#[derive(Debug)]
pub enum Refusal {
    /// There is no such thing, or whoever asks may not know of it.
    NotFound,
    /// It may be read and not changed.
    ReadOnly,
    /// It has changed since, or is there already.
    Changed,
    /// The question is not understood.
    Question(Unreadable),
    /// A question that is not answered there.
    UnknownQuestion,
    /// Everything below is asked for at once.
    Infinite,
    /// What is known of what changed does not reach so far back.
    Mark,
    /// There is more than can be told at once.
    TooMany,
    /// The file is no `text/calendar`.
    Kind,
    /// The event cannot be kept.
    Object(NoObject),
    /// Another event has the same word.
    Uid(Place),
    /// It is over already.
    Past(Vec<Span>, Tz),
    /// It is too far ahead.
    Far,
    /// Somebody has the room then.
    Taken(Vec<Span>, Tz),
    /// Anything else.
    Web(WebError),
}

impl Refusal {
    /// For whoever may not know of it, there is nothing.
    pub fn hidden(refused: Refused) -> Self {
        match refused {
            Refused::NotPermitted(_) => Self::NotFound,
            other => Self::Web(other.into()),
        }
    }

    fn told(&self) -> Option<(StatusCode, Name, Content, &'static str)> {
        let none = Content::default;
        let forbidden = |name: Name, key| Some((StatusCode::FORBIDDEN, name, none(), key));
        match self {
            Self::NotFound | Self::Web(_) => None,
            Self::ReadOnly => forbidden(Name::dav("need-privileges"), "read-only"),
            Self::Changed => {
                Some((StatusCode::PRECONDITION_FAILED, Name::own("changed-meanwhile"), none(), "changed"))
            }
            Self::Question(fault) => match fault.condition() {
                Some(name) => forbidden(name, "question"),
                None => Some((StatusCode::BAD_REQUEST, Name::own("no-question"), none(), "question")),
            },
            Self::UnknownQuestion => forbidden(Name::dav("supported-report"), "question"),
            Self::Infinite => forbidden(Name::dav("propfind-finite-depth"), "question"),
            Self::Mark => forbidden(Name::dav("valid-sync-token"), "mark"),
            Self::TooMany => forbidden(Name::dav("number-of-matches-within-limits"), "too-many"),
            Self::Kind => forbidden(Name::caldav("supported-calendar-data"), "kind"),
            Self::Object(fault) => Some(of_object(fault)),
            Self::Uid(place) => {
                let other = Content::address(&place.address());
                Some((StatusCode::FORBIDDEN, Name::caldav("no-uid-conflict"), other, "uid"))
            }
            Self::Past(..) => forbidden(Name::caldav("min-date-time"), "past"),
            Self::Far => forbidden(Name::caldav("max-date-time"), "far"),
            Self::Taken(..) => Some((StatusCode::CONFLICT, Name::own("time-taken"), none(), "taken")),
        }
    }

    /// The answer.
    pub fn answer(self, app: &App) -> Response {
        let Some((status, name, content, key)) = self.told() else {
            return match self {
                Self::Web(error) => error.into_response(),
                _ => WebError::not_found().into_response(),
            };
        };
        let mut why = app.l10n.get(Lang::Fr, &format!("planning-dav-{key}")).to_owned();
        if let Self::Past(spans, zone) | Self::Taken(spans, zone) = &self {
            let told = spans.iter().take(DATES_TOLD).map(|span| when(*span, *zone));
            why = format!("{why} {}.", told.collect::<Vec<_>>().join("\u{a0}; "));
        }
        xml(status, error(&name, &content, &why))
    }
}

fn of_object(fault: &NoObject) -> (StatusCode, Name, Content, &'static str) {
    let (status, word, key) = match fault {
        NoObject::TooLong => (StatusCode::PAYLOAD_TOO_LARGE, "max-resource-size", "size"),
        NoObject::NoCalendar => (StatusCode::FORBIDDEN, "valid-calendar-data", "data"),
        NoObject::NoEvent => (StatusCode::FORBIDDEN, "supported-calendar-component", "no-event"),
        NoObject::NotOne | NoObject::Cancelled => {
            (StatusCode::FORBIDDEN, "valid-calendar-object-resource", "object")
        }
        NoObject::Fault(EventFault::Length) => (StatusCode::FORBIDDEN, "valid-calendar-data", "length"),
        NoObject::Fault(_) | NoObject::Never | NoObject::Lost => {
            (StatusCode::FORBIDDEN, "valid-calendar-data", "event")
        }
        NoObject::Endless => (StatusCode::FORBIDDEN, "max-instances", "endless"),
        NoObject::TooMany(_) => (StatusCode::FORBIDDEN, "max-instances", "instances"),
    };
    (status, Name::caldav(word), Content::default(), key)
}

fn when(span: Span, zone: Tz) -> String {
    let day = span.start().with_timezone(&zone).date_naive();
    format!("{} {}", long_date_with_weekday(day, Lang::Fr), clock::hours(span, zone, Lang::Fr))
}

/// An answer in XML.
pub fn xml(status: StatusCode, text: String) -> Response {
    let kind = (header::CONTENT_TYPE, HeaderValue::from_static("application/xml; charset=utf-8"));
    (status, [kind], text).into_response()
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Web(error.into())
    }
}

impl From<Unreadable> for Refusal {
    fn from(fault: Unreadable) -> Self {
        Self::Question(fault)
    }
}

impl From<NoObject> for Refusal {
    fn from(fault: NoObject) -> Self {
        Self::Object(fault)
    }
}
