//! Every hour: what steps do by themselves once its time has come, and reminders of opinions before their last day.

use std::sync::Arc;

use beffroi_cases::{advice, case, step};
use beffroi_core::calendar::civil_day;
use beffroi_people::Town;
use beffroi_store::{By, Commune, Result, StoreError, Tx};
use beffroi_web::WebError;
use chrono::Days;

use super::engine::told;
use crate::{Parts, office::Office};

/// Things done in one round of one commune; the next hour takes the rest.
const A_ROUND: u32 = 500;
/// Days before the last day of an opinion on which whoever is asked is reminded.
const REMINDED_BEFORE: Days = Days::new(3);

/// Does what is due, and tells how much it was. Blocks; run it every hour: each thing is done once.
///
/// # Errors
/// Those of the store; what was done until then stays done.
pub(crate) fn sweep(commune: &Commune, parts: &Arc<Parts>) -> Result<u64> {
    let (timers, opinions) = commune.read_blocking(By::SYSTEM, |tx| {
        let today = today(tx)?;
        let until = today.checked_add_days(REMINDED_BEFORE).unwrap_or(today);
        Ok::<_, StoreError>((step::due(tx, today, A_ROUND)?, advice::to_remind(tx, until, A_ROUND)?))
    })?;
    if timers.is_empty() && opinions.is_empty() {
        return Ok(0);
    }
    let office = Arc::new(Office::itself(parts, (parts.origin)(commune.slug())));
    let mut done = 0;
    for timer in timers {
        let (at_work, due) = (Arc::clone(&office), timer.clone());
        let tried = commune.write_blocking(By::SYSTEM, move |tx| {
            let Some(case) = step::take(tx, &due).map_err(crate::visit::case_error)? else {
                return Ok(Ok(()));
            };
            let town = Town::load(tx)?;
            at_work.due(tx, &case, &due.step, &due.action, &town)
        });
        done += 1;
        let undone = match tried {
            Ok(Ok(())) => continue,
            Ok(Err(hindrance)) => format!("{hindrance:?}"),
            Err(error) => format!("{error:?}"),
        };
        tracing::warn!(action = %timer.action, "a step could not do by itself what was due: {undone}");
        let at_work = Arc::clone(&office);
        // It is told in the case’s history, and not tried again every hour.
        commune.write_blocking(By::SYSTEM, move |tx| {
            step::take(tx, &timer).map_err(stored)?;
            let Some(case) = case::find(tx, timer.case).map_err(stored)? else { return Ok(()) };
            let form = at_work.form(tx, &case).map_err(|error| StoreError::Corrupt(format!("{error:?}")))?;
            let step = form.procedure().steps.iter().find(|step| step.id == timer.step);
            let action =
                step.and_then(|step| Some((step, step.actions.iter().find(|it| it.id == timer.action)?)));
            match action {
                Some((step, action)) => told(tx, &case, step, action, false)
                    .map_err(|error| StoreError::Corrupt(format!("{error:?}"))),
                None => Ok(()),
            }
        })?;
    }
    for asked in opinions {
        let at_work = Arc::clone(&office);
        let reminded = commune.write_blocking(By::SYSTEM, move |tx| {
            let today = today(tx)?;
            let found = advice::remind(tx, asked.id, today).map_err(crate::visit::case_error)?;
            let Some((opinion, secret)) = found else { return Ok(()) };
            let case = case::find(tx, opinion.case).map_err(crate::visit::case_error)?;
            let case = case.ok_or_else(WebError::not_found)?;
            at_work.mail_asked(tx, &case, &opinion, secret.as_ref(), true)
        });
        match reminded {
            Ok(()) => done += 1,
            Err(error) => tracing::warn!("an opinion could not be reminded of: {error:?}"),
        }
    }
    Ok(done)
}

fn today(tx: &mut Tx<'_>) -> Result<beffroi_core::Day> {
    Ok(civil_day(tx.now(), Town::load(tx)?.zone()))
}

fn stored(error: beffroi_cases::CaseError) -> StoreError {
    match error {
        beffroi_cases::CaseError::Store(error) => error,
        other => StoreError::Corrupt(other.to_string()),
    }
}
