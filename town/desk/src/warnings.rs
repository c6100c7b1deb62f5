//! Before silence decides, and before the month for the reasons of an implied refusal ends, those who can still answer are
//! warned: the agent who follows the case and the heads of its department and of the one that acts, ten days before and
//! two, in one mail with all that presses. Where that is nobody, those who handle its cases are; else its own address.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use beffroi_cases::{
    case::Case,
    decision::Outcome,
    silence::{self, Pressing},
};
use beffroi_core::{
    Day, Id, Lang,
    calendar::{civil_day, long_date},
};
use beffroi_notify::{
    About, mail,
    messages::{self, Message},
};
use beffroi_people::{
    Account, AccountState, Department, Town, account, department,
    permission::{Action, holders},
};
use beffroi_store::{By, Commune, Result, Tx};

use crate::{
    Parts,
    daily::absence,
    papers::Stationery,
    permission::{AnswerForCases, HandleCases},
};

/// How many days before silence decides, the nearest first: who is warned late is not warned twice.
const DAYS_BEFORE: [u32; 2] = [2, 10];
/// Cases told in one round; the next hour takes the rest.
const A_ROUND: u32 = 500;
/// Cases that one mail names.
const NAMED_AT_MOST: usize = 50;

/// What cases press for.
#[derive(Clone, Copy)]
enum For {
    /// An answer, before silence decides.
    Answer,
    /// The reasons of what silence has refused.
    Reasons,
}

/// Warns those who can still answer in cases that press, and tells how many cases there were. Blocks; run it every hour:
/// a case is told once at each distance.
///
/// # Errors
/// Those of the store.
pub fn sweep(commune: &Commune, parts: &Arc<Parts>) -> Result<u64> {
    let mut told = 0;
    for what in [For::Answer, For::Reasons] {
        if commune.read_blocking(By::SYSTEM, |tx| pressing(tx, what, 1))?.is_empty() {
            continue;
        }
        let origin = (parts.origin)(commune.slug());
        let parts = Arc::clone(parts);
        told += commune.write_blocking(By::SYSTEM, move |tx| warn(tx, &parts, what, &origin))?;
    }
    Ok(told)
}

/// What presses, each with its distance.
fn pressing(tx: &mut Tx<'_>, what: For, limit: u32) -> Result<Vec<(u32, Pressing)>> {
    let today = civil_day(tx.now(), Town::load(tx)?.zone());
    let departments: Vec<String> =
        department::list(tx)?.into_iter().map(|department| department.details.slug).collect();
    let mut found: Vec<(u32, Pressing)> = Vec::new();
    for days in DAYS_BEFORE {
        let cases = match what {
            For::Answer => silence::pressing(tx, &departments, today, days, limit)?,
            For::Reasons => silence::reasons_pressing(tx, &departments, today, days, limit)?,
        };
        for case in cases {
            if found.iter().all(|(_, known)| known.id != case.id) {
                found.push((days, case));
            }
        }
    }
    Ok(found)
}

/// Somebody who is warned.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Reader {
    /// An agent.
    Agent(uuid::Uuid),
    /// A department, by its short name, at its own address.
    Department(String),
}

fn warn(tx: &mut Tx<'_>, parts: &Parts, what: For, origin: &str) -> Result<u64> {
    let town = Town::load(tx)?;
    let today = civil_day(tx.now(), town.zone());
    let found = pressing(tx, what, A_ROUND)?;
    let titles: HashMap<String, String> = parts
        .shelf
        .offered(tx)?
        .iter()
        .map(|form| (form.procedure().slug.clone(), form.procedure().title.fr.clone()))
        .collect();
    let named = found
        .iter()
        .flat_map(|(_, case)| std::iter::once(case.department.as_str()).chain(case.acting.as_deref()))
        .collect();
    let readers = Readers::load(tx, &named, today)?;
    let mut by_reader: BTreeMap<Reader, Vec<&Pressing>> = BTreeMap::new();
    for (days, case) in &found {
        let places = [Some(case.department.as_str()), case.acting.as_deref()];
        for reader in readers.of(&places, case.assignee) {
            by_reader.entry(reader).or_default().push(case);
        }
        match what {
            For::Answer => silence::warned(tx, case, *days)?,
            For::Reasons => silence::reasons_warned(tx, case, *days)?,
        }
    }
    let contact =
        [town.phone.as_str(), &town.email].into_iter().find(|it| !it.is_empty()).unwrap_or_default();
    for (reader, cases) in by_reader {
        let Some((to, about)) = readers.address(&reader, &town) else { continue };
        let lines = lines(&cases, what, &titles, today, origin);
        let sender = Stationery::sender(&town, contact);
        let Message { subject, text } = match what {
            For::Answer => messages::silence_near(sender, cases.len(), &lines),
            For::Reasons => messages::reasons_near(sender, &lines),
        };
        let new = mail::NewMail { to: &to, subject: &subject, text: &text, html: None, secret: false, about };
        // An agent's address was checked when the account was made.
        if let Err(error) = mail::queue(tx, &new) {
            tracing::warn!(%error, "a warning could not be queued");
        }
    }
    Ok(found.len() as u64)
}

/// Tells those who follow a case what its requester has done, as they are warned: by mail.
///
/// # Errors
/// Those of the store.
pub(crate) fn tell(
    tx: &mut Tx<'_>,
    case: &Case,
    write: impl Fn(messages::Sender<'_>) -> Message,
) -> Result<()> {
    let town = Town::load(tx)?;
    let places = [Some(case.department.as_str()), case.acting.as_deref()];
    let named = places.iter().flatten().copied().collect();
    let readers = Readers::load(tx, &named, civil_day(tx.now(), town.zone()))?;
    let contact =
        [town.phone.as_str(), &town.email].into_iter().find(|it| !it.is_empty()).unwrap_or_default();
    for reader in readers.of(&places, case.assignee) {
        let Some((to, about)) = readers.address(&reader, &town) else { continue };
        let Message { subject, text } = write(Stationery::sender(&town, contact));
        let new = mail::NewMail { to: &to, subject: &subject, text: &text, html: None, secret: false, about };
        // An agent's address was checked when the account was made.
        if let Err(error) = mail::queue(tx, &new) {
            tracing::warn!(%error, "agents could not be told");
        }
    }
    Ok(())
}

/// Who can be warned of the cases of one round.
struct Readers {
    /// Who answers for the departments of these cases, and who handles their cases.
    heads: HashMap<String, Vec<Id<Account>>>,
    handlers: HashMap<String, Vec<Id<Account>>>,
    away: absence::Away,
    agents: HashMap<Id<Account>, Account>,
    departments: HashMap<String, Department>,
}

impl Readers {
    /// `named`: the departments of the cases.
    fn load(tx: &mut Tx<'_>, named: &BTreeSet<&str>, today: Day) -> Result<Self> {
        let mut departments = department::list(tx)?;
        departments.retain(|department| named.contains(department.details.slug.as_str()));
        let mut agents = account::agents(tx)?;
        agents.retain(|account| account.state == AccountState::Active);
        Ok(Self {
            heads: of_each::<AnswerForCases>(tx, &departments)?,
            handlers: of_each::<HandleCases>(tx, &departments)?,
            away: absence::away(tx, today)?,
            agents: agents.into_iter().map(|account| (account.id, account)).collect(),
            departments: departments.into_iter().map(|it| (it.details.slug.clone(), it)).collect(),
        })
    }

    /// Those who are warned of a case: of its department and the one that acts, and the agent who follows it.
    fn of(&self, places: &[Option<&str>], assignee: Option<uuid::Uuid>) -> BTreeSet<Reader> {
        let places = || places.iter().flatten().copied();
        let of = |held: &HashMap<String, Vec<Id<Account>>>| -> Vec<Id<Account>> {
            places().filter_map(|place| held.get(place)).flatten().copied().collect()
        };
        let mut first = of(&self.heads);
        first.extend(assignee.map(Id::from_uuid));
        let readers = self.present(&first);
        if !readers.is_empty() {
            return readers;
        }
        let handlers = self.present(&of(&self.handlers));
        if !handlers.is_empty() {
            return handlers;
        }
        places().map(|place| Reader::Department(place.to_owned())).collect()
    }

    /// Of these agents, those who are there; whoever is away is not there to answer: who stands in is warned.
    fn present(&self, agents: &[Id<Account>]) -> BTreeSet<Reader> {
        agents
            .iter()
            .map(|agent| self.away.acting_for(agent.uuid()))
            .filter(|agent| self.agents.contains_key(&Id::from_uuid(*agent)))
            .map(Reader::Agent)
            .collect()
    }

    /// Where a reader is written to: an agent, a department or, where that one has no address, the town.
    fn address(&self, reader: &Reader, town: &Town) -> Option<(String, About<'static>)> {
        match reader {
            Reader::Agent(id) => {
                let account = self.agents.get(&Id::from_uuid(*id))?;
                Some((account.email.clone(), About { kind: "account", id: *id }))
            }
            Reader::Department(slug) => {
                let department = self.departments.get(slug)?;
                let own = &department.details.email;
                let to = if own.is_empty() { &town.email } else { own };
                let about = About { kind: "department", id: department.id.uuid() };
                (!to.is_empty()).then(|| (to.clone(), about))
            }
        }
    }
}

/// The agents who hold a permission in each of these departments.
fn of_each<A: Action>(
    tx: &mut Tx<'_>,
    departments: &[Department],
) -> Result<HashMap<String, Vec<Id<Account>>>> {
    let mut held = HashMap::new();
    for department in departments {
        held.insert(department.details.slug.clone(), holders::<A>(tx, department.id)?);
    }
    Ok(held)
}

/// One line for each case, as many as a mail can show.
fn lines(
    cases: &[&Pressing],
    what: For,
    titles: &HashMap<String, String>,
    today: Day,
    origin: &str,
) -> Vec<String> {
    cases
        .iter()
        .take(NAMED_AT_MOST)
        .map(|case| {
            let title = titles.get(&case.procedure).unwrap_or(&case.procedure);
            let means = if case.outcome == Outcome::Granted { "acceptée" } else { "refusée" };
            let left = match (case.deemed_on - today).num_days() {
                0 => "aujourd’hui".to_owned(),
                1 => "demain".to_owned(),
                days => format!("dans {days}\u{a0}jours"),
            };
            let day = long_date(case.deemed_on, Lang::Fr);
            let presses = match what {
                For::Answer => format!("{means} par le silence le {day} ({left})"),
                For::Reasons => format!("motifs à communiquer au plus tard le {day} ({left})"),
            };
            format!("{}, {title}\u{a0}: {presses}\n{origin}/agents/dossiers/{}", case.reference, case.id)
        })
        .collect()
}
