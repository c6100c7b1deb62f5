//! The day of a site: who is expected when, by whom, and what became of it.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use axum::extract::Query;
use beffroi_calendar::spans::Span;
use beffroi_core::{
    Day, Id,
    calendar::{long_date_with_weekday, start_of_day},
};
use beffroi_people::{SignedIn, permission::Scope};
use beffroi_store::Tx;
use beffroi_web::{Choice, CommuneOf, Page, Result, Visitor, render};
use serde::Deserialize;

use super::receives;
use crate::{
    appointment::{self, Appointment, Come, Mark, State},
    clock::{self, Now, capital},
    coordination,
    motive::{self, Motive, MotiveDetails},
    permission,
    site::{self, Desk, Site},
    ticket::{self, Ticket},
};

/// What an agent may ask of a day.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    lieu: String,
    jour: String,
    fait: String,
}

struct Line {
    id: String,
    time: String,
    until: String,
    motive: String,
    name: String,
    desk: String,
    state: String,
    look: &'static str,
    /// Whether another town hall gives an appointment for the same numbers.
    elsewhere: bool,
    actions: Vec<(&'static str, String)>,
}

struct Figure {
    count: usize,
    label: String,
}

#[derive(Template)]
#[template(path = "appointments_agenda.html")]
struct Agenda {
    page: Page,
    done: String,
    sites: Vec<Choice>,
    day: String,
    title: String,
    heads: Vec<String>,
    lines: Vec<Line>,
    figures: Vec<Figure>,
    previous: String,
    next: String,
    manages: bool,
    has_queue: bool,
    has_sites: bool,
}

/// How a state looks as a tag.
pub(super) const fn look(state: State) -> &'static str {
    match state {
        State::Booked => "new",
        State::Arrived => "active",
        State::Received => "granted",
        State::Missed => "late",
        State::Held => "waiting",
        State::Cancelled => "closed",
    }
}

/// What may be written down of it now, with the words of its buttons.
pub(super) fn actions(page: &Page, it: &Appointment, now: &Now) -> Vec<(&'static str, String)> {
    let come = Come::of(it.span.start(), now);
    [State::Arrived, State::Received, State::Missed, State::Booked]
        .into_iter()
        .filter(|next| it.state.may_become(*next, come))
        .map(|next| {
            (next.as_str(), page.t(&format!("appointments-office-mark-{}", next.as_str())).to_owned())
        })
        .collect()
}

/// All that is read of a day.
struct Read {
    scope: Scope,
    sites: Vec<Site>,
    site: Option<Site>,
    day: Day,
    now: Now,
    all: Vec<Appointment>,
    /// Those for whose numbers another town hall gives one too.
    elsewhere: BTreeSet<Id<Mark>>,
    tickets: Vec<Ticket>,
    motives: BTreeMap<Id<Motive>, MotiveDetails>,
    desks: Vec<Desk>,
}

impl Read {
    fn of(tx: &mut Tx<'_>, who: &SignedIn, asked: &Asked) -> Result<Self> {
        let scope = receives(tx, who)?;
        let now = Now::read(tx)?;
        let day: Day = asked.jour.parse().unwrap_or(now.today);
        let sites = site::sites(tx)?;
        let site =
            sites.iter().find(|site| site.resource.details.slug == asked.lieu).or(sites.first()).cloned();
        let after = day.succ_opt().unwrap_or(day);
        let within = Span::new(start_of_day(day, now.zone), start_of_day(after, now.zone));
        let all = match site.as_ref().zip(within) {
            Some((site, within)) => appointment::of_day(tx, site.resource.id, within)?,
            None => Vec::new(),
        };
        let ids: Vec<Id<Mark>> = all.iter().filter(|it| it.state == State::Booked).map(|it| it.id).collect();
        let elsewhere = coordination::some_elsewhere(tx, &ids)?;
        let tickets = match &site {
            Some(site) => ticket::of_day(tx, site.resource.id, day)?,
            None => Vec::new(),
        };
        let motives = motive::list(tx)?.into_iter().map(|motive| (motive.id, motive.details)).collect();
        let desks = site::desks(tx)?;
        Ok(Self { scope, sites, site, day, now, all, elsewhere, tickets, motives, desks })
    }

    /// What the agent sees of it, and how many there are in each state.
    fn lines(&self, page: &Page) -> (Vec<Line>, Vec<Figure>) {
        let Self { now, tickets, motives, desks, scope, .. } = self;
        let lang = page.language();
        let word = |state: State| page.t(&format!("appointments-state-{}", state.as_str())).to_owned();
        let mut lines = Vec::new();
        let mut states: BTreeMap<State, usize> = BTreeMap::new();
        for it in &self.all {
            let Some(motive) = motives.get(&it.motive).filter(|motive| scope.contains(motive.department))
            else {
                continue;
            };
            // What was held and forgotten tells nothing.
            if it.state == State::Held && it.expires_at.is_none_or(|at| at <= now.at) {
                continue;
            }
            *states.entry(it.state).or_default() += 1;
            let desk = desks.iter().find(|desk| desk.resource.id == it.desk);
            let persons = page.tr("appointments-persons", &[("n", it.persons.into())]);
            let name = motive.sheet.name.read_in(lang);
            lines.push(Line {
                id: it.id.to_string(),
                time: clock::time(it.span.start(), now.zone, lang),
                until: clock::time(it.span.end(), now.zone, lang),
                motive: if it.persons > 1 { format!("{name} ({persons})") } else { name.to_owned() },
                name: match it.contact.name.as_str() {
                    "" => page.t("appointments-office-nobody-yet").to_owned(),
                    name => name.to_owned(),
                },
                desk: desk.map_or("", |desk| desk.resource.details.name.read_in(lang)).to_owned(),
                state: match tickets.iter().find(|ticket| ticket.appointment == Some(it.id)) {
                    Some(ticket) if it.state == State::Arrived => {
                        format!("{}, {}", word(it.state), ticket.label())
                    }
                    _ => word(it.state),
                },
                look: look(it.state),
                elsewhere: self.elsewhere.contains(&it.id),
                actions: actions(page, it, now),
            });
        }
        let figures = states.into_iter().map(|(state, count)| Figure { count, label: word(state) });
        (lines, figures.collect())
    }
}

pub(super) async fn show(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Query(asked): Query<Asked>,
) -> Result {
    let who = visitor.require()?.clone();
    let manages = who.may_somewhere(permission::MANAGE);
    let wanted = asked.clone();
    let read = commune.read(visitor.by, move |tx| Read::of(tx, &who, &wanted)).await?;
    let lang = page.language();
    let (lines, figures) = read.lines(&page);
    let Read { sites, site, day, .. } = read;
    let slug = site.map(|site| site.resource.details.slug).unwrap_or_default();
    let link = |day: Option<Day>| {
        day.map(|day| format!("/agents/rendez-vous?lieu={slug}&jour={day}")).unwrap_or_default()
    };
    let heads = ["time", "motive", "who", "desk", "state", "actions"];
    let choices = sites.iter().map(|site| {
        let details = &site.resource.details;
        Choice::new(&details.slug, details.name.read_in(lang), details.slug == slug)
    });
    let done = match asked.fait.as_str() {
        "annule" => page.t("appointments-office-cancelled-agent").to_owned(),
        "rendu" => page.t("appointments-office-given-up").to_owned(),
        _ => String::new(),
    };
    render(&Agenda {
        done,
        has_sites: !sites.is_empty(),
        has_queue: sites.iter().any(|site| site.sheet.tickets),
        sites: choices.collect(),
        day: day.to_string(),
        title: capital(&long_date_with_weekday(day, lang)),
        heads: heads.map(|head| page.t(&format!("appointments-office-head-{head}")).to_owned()).into(),
        lines,
        figures,
        previous: link(day.pred_opt()),
        next: link(day.succ_opt()),
        manages,
        page,
    })
}
