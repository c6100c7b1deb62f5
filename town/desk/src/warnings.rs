//! Before silence decides, those who can still answer are warned: the agent who follows the case and the head of its
//! department, ten days before and two, in one mail with all that presses.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use beffroi_cases::{
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
use beffroi_people::{Account, Town, account, department, permission::holders};
use beffroi_store::{By, Commune, Result, Tx};

use crate::{Parts, daily::absence, papers::Stationery, permission::AnswerForCases};

/// How many days before silence decides, the nearest first: who is warned late is not warned twice.
const DAYS_BEFORE: [u32; 2] = [2, 10];
/// Cases told in one round; the next hour takes the rest.
const A_ROUND: u32 = 500;
/// Cases that one mail names.
const NAMED_AT_MOST: usize = 50;

/// Warns those who follow cases that silence is about to decide, and tells how many cases there were. Blocks; run it
/// every hour: a case is told once at each distance.
///
/// # Errors
/// Those of the store.
pub fn sweep(commune: &Commune, parts: &Arc<Parts>) -> Result<u64> {
    if commune.read_blocking(By::SYSTEM, |tx| pressing(tx, 1))?.is_empty() {
        return Ok(0);
    }
    let origin = (parts.origin)(commune.slug());
    let parts = Arc::clone(parts);
    commune.write_blocking(By::SYSTEM, move |tx| warn(tx, &parts, &origin))
}

/// What presses, each with its distance.
fn pressing(tx: &mut Tx<'_>, limit: u32) -> Result<Vec<(u32, Pressing)>> {
    let today = civil_day(tx.now(), Town::load(tx)?.zone());
    let departments: Vec<String> =
        department::list(tx)?.into_iter().map(|department| department.details.slug).collect();
    let mut found: Vec<(u32, Pressing)> = Vec::new();
    for days in DAYS_BEFORE {
        for case in silence::pressing(tx, &departments, today, days, limit)? {
            if found.iter().all(|(_, known)| known.id != case.id) {
                found.push((days, case));
            }
        }
    }
    Ok(found)
}

fn warn(tx: &mut Tx<'_>, parts: &Parts, origin: &str) -> Result<u64> {
    let town = Town::load(tx)?;
    let today = civil_day(tx.now(), town.zone());
    let found = pressing(tx, A_ROUND)?;
    let titles: HashMap<String, String> = parts
        .shelf
        .offered(tx)?
        .iter()
        .map(|form| (form.procedure().slug.clone(), form.procedure().title.fr.clone()))
        .collect();
    let heads = heads(tx, &found)?;
    let away = absence::away(tx, today)?;
    let mut by_reader: BTreeMap<Id<Account>, Vec<&Pressing>> = BTreeMap::new();
    for (days, case) in &found {
        let assignee = case.assignee.map(Id::from_uuid);
        let mut readers: Vec<Id<Account>> = heads.get(&case.department).cloned().unwrap_or_default();
        readers.extend(assignee);
        // Whoever is away is not there to answer: who stands in is warned.
        for reader in &mut readers {
            *reader = Id::from_uuid(away.acting_for(reader.uuid()));
        }
        readers.sort_unstable_by_key(|reader| reader.uuid());
        readers.dedup();
        for reader in readers {
            by_reader.entry(reader).or_default().push(case);
        }
        silence::warned(tx, case, *days)?;
    }
    let agents: HashMap<Id<Account>, Account> =
        account::agents(tx)?.into_iter().map(|account| (account.id, account)).collect();
    let contact =
        [town.phone.as_str(), &town.email].into_iter().find(|it| !it.is_empty()).unwrap_or_default();
    for (reader, cases) in by_reader {
        let Some(account) = agents.get(&reader) else { continue };
        let lines = lines(&cases, &titles, today, origin);
        let Message { subject, text } =
            messages::silence_near(Stationery::sender(&town, contact), cases.len(), &lines);
        let new = mail::NewMail {
            to: &account.email,
            subject: &subject,
            text: &text,
            html: None,
            secret: false,
            about: About { kind: "account", id: reader.uuid() },
        };
        // An agent's address was checked when the account was made.
        if let Err(error) = mail::queue(tx, &new) {
            tracing::warn!(%error, "a warning could not be queued");
        }
    }
    Ok(found.len() as u64)
}

/// Who answers for the departments of these cases.
fn heads(tx: &mut Tx<'_>, found: &[(u32, Pressing)]) -> Result<HashMap<String, Vec<Id<Account>>>> {
    let mut heads = HashMap::new();
    for department in department::list(tx)? {
        if found.iter().any(|(_, case)| case.department == department.details.slug) {
            heads.insert(department.details.slug, holders::<AnswerForCases>(tx, department.id)?);
        }
    }
    Ok(heads)
}

/// One line for each case, as many as a mail can show.
fn lines(cases: &[&Pressing], titles: &HashMap<String, String>, today: Day, origin: &str) -> Vec<String> {
    cases
        .iter()
        .take(NAMED_AT_MOST)
        .map(|case| {
            let title = titles.get(&case.procedure).unwrap_or(&case.procedure);
            let means = if case.outcome == Outcome::Granted { "acceptée" } else { "refusée" };
            let left = match (case.deemed_on - today).num_days() {
                1 => "demain".to_owned(),
                days => format!("dans {days}\u{a0}jours"),
            };
            format!(
                "{}, {title}\u{a0}: {means} par le silence le {} ({left})\n{origin}/agents/dossiers/{}",
                case.reference,
                long_date(case.deemed_on, Lang::Fr),
                case.id
            )
        })
        .collect()
}
