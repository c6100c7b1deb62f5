//! A calendar that a program reads: each service tells its part of what somebody is expected for, and no page needs to
//! know a service for that.

use std::collections::BTreeMap;

use axum::{
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use beffroi_calendar::{
    ics::{self, Calendar, Event},
    spans::Span,
};
use beffroi_core::{Day, Lang, calendar::civil_day};
use beffroi_people::{SignedIn, Town, feed};
use beffroi_store::Tx;
use chrono::TimeDelta;
use sha2::{Digest, Sha256};

use crate::{House, personal::Teller};

/// Events of one calendar, at most.
const EVENTS_AT_MOST: usize = 5_000;

/// How far back a calendar goes.
const BACK: TimeDelta = TimeDelta::days(366);
/// How far ahead.
const AHEAD: TimeDelta = TimeDelta::days(550);

/// Whose calendar it is.
#[derive(Clone, Copy, Debug)]
pub struct Whose<'a> {
    /// Whose.
    pub who: &'a SignedIn,
    /// What they have added to it, by the keys of what services offer.
    pub chosen: &'a [String],
    /// Within which time something is told.
    pub within: Span,
}

/// Something that an agent may add to their calendar: a counter, a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offered {
    /// Its word, as it is kept.
    pub key: String,
    /// What it is called.
    pub label: String,
}

impl House {
    /// What an agent may add to their calendar.
    ///
    /// # Errors
    /// Those of the store.
    pub fn offered(
        &self,
        tx: &mut Tx<'_>,
        who: &SignedIn,
        lang: Lang,
    ) -> beffroi_store::Result<Vec<Offered>> {
        let teller = Teller::new(self, lang);
        let mut all = Vec::new();
        for service in &self.services {
            all.extend(service.offered(tx, who, teller)?);
        }
        Ok(all)
    }

    /// What somebody is expected for, of all services: each thing once, in an order that stays.
    ///
    /// # Errors
    /// Those of the store.
    fn dated(&self, tx: &mut Tx<'_>, whose: &Whose<'_>, lang: Lang) -> beffroi_store::Result<Vec<Event>> {
        let teller = Teller::new(self, lang);
        let mut all: BTreeMap<String, Event> = BTreeMap::new();
        for service in &self.services {
            for event in service.dated(tx, whose, teller)? {
                all.entry(event.uid.clone()).or_insert(event);
            }
        }
        Ok(all.into_values().take(EVENTS_AT_MOST).collect())
    }
}

/// What is told at a secret address.
#[derive(Clone, Debug)]
pub struct Told {
    /// Whose address it is.
    pub opened: feed::Opened,
    /// The town.
    pub town: Town,
    /// Today.
    pub today: Day,
    events: Vec<Event>,
}

impl House {
    /// What is told at the address with this secret, from a year ago to a year and a half ahead; `None` where there is none.
    ///
    /// # Errors
    /// Those of the store.
    pub fn told_at(&self, tx: &mut Tx<'_>, secret: &str) -> beffroi_store::Result<Option<Told>> {
        let scopes: Vec<String> = self
            .services
            .iter()
            .flat_map(|service| service.permissions())
            .map(|permission| permission.name.to_owned())
            .collect();
        let Some(opened) = feed::find(tx, secret, &scopes)? else { return Ok(None) };
        let (town, now) = (Town::load(tx)?, tx.now());
        let Some(within) = Span::new(now - BACK, now + AHEAD) else { return Ok(None) };
        let whose = Whose { who: &opened.who, chosen: &opened.feed.chosen, within };
        let events = self.dated(tx, &whose, opened.lang)?;
        let today = civil_day(now, town.zone());
        Ok(Some(Told { opened, town, today, events }))
    }
}

impl Told {
    /// The calendar, under a name.
    pub fn text(&self, name: &str) -> String {
        ics::write(&Calendar { name, zone: self.town.zone(), events: &self.events })
    }

    /// As a program subscribes to it (RFC 5545), under a name. Nothing but the word that it is the same, where that is
    /// what the program has.
    pub fn answer(&self, name: &str, asked: &HeaderMap) -> Response {
        let text = self.text(name);
        let tag = format!("\"{}\"", hex::encode(Sha256::digest(&text)));
        let had = asked.get(header::IF_NONE_MATCH).and_then(|had| had.to_str().ok()).unwrap_or_default();
        let is_same = had.split(',').map(|had| had.trim().trim_start_matches("W/")).any(|had| had == tag);
        let kept = [(header::ETAG, tag), (header::CACHE_CONTROL, "private, no-cache".to_owned())];
        if is_same {
            return (StatusCode::NOT_MODIFIED, kept).into_response();
        }
        (kept, [(header::CONTENT_TYPE, "text/calendar; charset=utf-8")], text).into_response()
    }
}
