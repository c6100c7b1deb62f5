//! What the inbox shows, read at once: its cases with what stands beside them, what is counted, and what may be done.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use beffroi_calendar::booking;
use beffroi_cases::{
    Right,
    case::State,
    inbox::{self, Count, Filter, LateOn},
    label::{self, Label},
    missing::{self, Waiting},
    silence::{self, Awaited},
};
use beffroi_core::{
    Day, Lang,
    calendar::{Holidays, civil_day},
};
use beffroi_forms::CompiledForm;
use beffroi_people::{Account, SignedIn, Town, account, department};
use beffroi_store::Tx;
use beffroi_web::Result;
use chrono_tz::Tz;
use uuid::Uuid;

use super::{Asked, key_of};
use crate::{
    Parts,
    daily::{
        absence::{self, Away},
        saved::{self, View},
    },
    office::{
        entitled,
        stand_in::{self, Absent},
    },
    permission::{self, Place},
    visit::case_error,
};

/// Rows of a page.
const ROWS: u32 = 50;

/// What the inbox shows.
pub(super) struct Found {
    /// What was asked for, without what no longer holds.
    pub(super) asked: Asked,
    /// The department that is shown; all of `places` where none is named.
    pub(super) place: Option<Place>,
    pub(super) places: Vec<Place>,
    pub(super) today: Day,
    pub(super) cases: inbox::Page,
    /// What waiting cases wait for.
    pub(super) waiting: HashMap<Uuid, Waiting>,
    /// The days of what cases ask for and nobody has answered.
    pub(super) events: BTreeMap<Uuid, Day>,
    pub(super) counts: Vec<Count>,
    pub(super) late: i64,
    /// The procedures that are offered, by their short names, with their titles.
    pub(super) titles: Vec<(String, String)>,
    agents: Vec<Account>,
    /// Requesters who wait for the reasons of a refusal.
    pub(super) awaited: Vec<Awaited>,
    /// The labels that stick to each case, and all that may.
    pub(super) stuck: HashMap<Uuid, Vec<Label>>,
    pub(super) labels: Vec<Label>,
    pub(super) views: Vec<View>,
    pub(super) handles: bool,
    /// Agents who may be given cases, and departments to which cases may go.
    pub(super) takers: Vec<(Uuid, String)>,
    pub(super) elsewhere: Vec<Place>,
    pub(super) away: Away,
    /// Those for whom the agent stands in.
    pub(super) absents: Vec<Absent>,
}

impl Found {
    pub(super) fn read(
        tx: &mut Tx<'_>,
        desk: &Parts,
        who: &SignedIn,
        lang: Lang,
        asked: Asked,
    ) -> Result<Self> {
        let mut asked = asked;
        let me = who.account.uuid();
        let (access, places) = entitled(tx, who)?;
        // All of them, unless the address names one.
        let place: Option<Place> = match places.as_slice() {
            [only] => Some(only.clone()),
            several => several.iter().find(|place| place.slug == asked.service).cloned(),
        };
        let slugs: Vec<&str> = places.iter().map(|place| place.slug.as_str()).collect();
        let shown = place.as_ref().map_or_else(|| slugs.clone(), |place| vec![place.slug.as_str()]);
        let (today, holidays, zone) = days(tx)?;
        let late_on = LateOn::of(today, zone);
        let away = absence::away(tx, today)?;
        let absents = stand_in::absents(tx, &access, &shown, &away, me)?;
        let mut assignees = stand_in::asked_for(&asked.remplace, &absents);
        if assignees.is_empty() {
            // Whoever is back has their cases again.
            asked.remplace.clear();
            assignees.extend((asked.miens == "1").then_some(me));
        } else {
            asked.miens.clear();
        }
        let filter = Filter {
            late_by: asked.is_late().then_some(late_on),
            state: State::from_word(&asked.etat),
            procedure: Some(asked.demarche.clone()).filter(|slug| !slug.is_empty()),
            assignees,
        };
        let cases =
            inbox::page_of(tx, &access, &shown, &filter, key_of(&asked.apres), ROWS).map_err(case_error)?;
        let ids: Vec<Uuid> = cases.cases.iter().map(|case| case.id.uuid()).collect();
        let within: Vec<String> = shown.iter().map(|slug| (*slug).to_owned()).collect();
        let agents = account::agents(tx)?;
        Ok(Self {
            waiting: missing::waiting(tx, &cases.cases, today, holidays).map_err(case_error)?,
            events: events(tx, &ids, zone)?,
            counts: inbox::counts(tx, &access, &shown).map_err(case_error)?,
            late: inbox::late(tx, &access, &shown, late_on).map_err(case_error)?,
            titles: titles(tx, desk, lang)?,
            awaited: silence::awaited(tx, &access, &within)?,
            stuck: label::of_cases(tx, &ids)?,
            labels: label::of_departments(tx, &shown)?,
            views: saved::of(tx, me, &slugs)?,
            handles: shown.iter().any(|slug| access.allows(Right::Handle, slug)),
            takers: takers(tx, &agents, place.as_ref())?,
            elsewhere: others(tx, place.as_ref().map_or("", |place| &place.slug))?,
            asked,
            place,
            places,
            today,
            cases,
            agents,
            away,
            absents,
        })
    }

    /// What a procedure is called.
    pub(super) fn title(&self, slug: &str) -> String {
        self.titles.iter().find(|(known, _)| known == slug).map_or(slug, |(_, title)| title).to_owned()
    }

    /// What an agent is called.
    pub(super) fn name(&self, id: Uuid) -> Option<String> {
        self.agents.iter().find(|agent| agent.id.uuid() == id).map(|agent| agent.display_name.clone())
    }
}

/// The procedures that are offered, by their short names, with their titles.
fn titles(tx: &mut Tx<'_>, desk: &Parts, lang: Lang) -> Result<Vec<(String, String)>> {
    let offered = desk.shelf.offered(tx)?;
    let title = |form: &Arc<CompiledForm>| {
        (form.procedure().slug.clone(), form.procedure().title.text(lang).to_owned())
    };
    Ok(offered.iter().map(title).collect())
}

/// The days of what these cases ask for, as long as nobody has answered.
fn events(tx: &mut Tx<'_>, cases: &[Uuid], zone: Tz) -> Result<BTreeMap<Uuid, Day>> {
    let begin = booking::unanswered(tx, "case", cases)?;
    Ok(begin.into_iter().map(|(case, at)| (case, civil_day(at, zone))).collect())
}

/// The departments to which cases of this one can go.
fn others(tx: &mut Tx<'_>, slug: &str) -> Result<Vec<Place>> {
    let all =
        department::list(tx)?.into_iter().map(|it| Place { slug: it.details.slug, name: it.details.name });
    Ok(all.filter(|place| place.slug != slug).collect())
}

/// Who may be given these cases; among several departments each case is told for itself.
fn takers(tx: &mut Tx<'_>, agents: &[Account], place: Option<&Place>) -> Result<Vec<(Uuid, String)>> {
    let handlers = place.map(|place| permission::handlers(tx, &place.slug)).transpose()?;
    let takers = agents.iter().filter(|agent| handlers.as_ref().is_none_or(|them| them.contains(&agent.id)));
    Ok(takers.map(|agent| (agent.id.uuid(), agent.display_name.clone())).collect())
}

/// Today, the holidays that the commune keeps, and where its clocks are.
fn days(tx: &mut Tx<'_>) -> Result<(Day, Holidays, Tz)> {
    let town = Town::load(tx)?;
    Ok((civil_day(tx.now(), town.zone()), town.holidays(), town.zone()))
}
