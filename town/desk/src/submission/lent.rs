//! What a request borrows of the town's store: pieces are taken as the request is received, by whatever door it comes, so
//! that two cannot be given the same.

use std::collections::{BTreeMap, BTreeSet};

use beffroi_calendar::{
    booking::Extra,
    claims::ClaimError,
    lending::{self, Loan},
    resource::{Name, Resource},
    spans::Span,
    stock,
};
use beffroi_cases::case::Case;
use beffroi_core::{Channel, Day, Id, calendar::start_of_day};
use beffroi_forms::{Borrowed, CompiledForm, Fault, Reason, Text};
use beffroi_people::Town;
use beffroi_store::{StoreError, Tx};
use chrono_tz::Tz;
use serde_json::{Map, Value};

use super::{Submission, SubmitError};

/// What is borrowed.
pub(super) struct Lent {
    span: Span,
    things: Vec<Extra>,
    /// What was taken; `None` where a letter asks for what others have: it is received, and nothing is taken.
    taken: Option<Id<Loan>>,
}

impl Lent {
    /// Says for which case it is.
    pub(super) fn keep(&self, tx: &mut Tx<'_>, case: Id<Case>) -> Result<(), StoreError> {
        let owner = ("case", case.uuid());
        match self.taken {
            Some(id) => lending::ask(tx, id, owner, self.span, &self.things),
            None => lending::note_overtaken(tx, owner, self.span, &self.things).map(drop),
        }
    }
}

/// A thing that a request asks for.
struct Asked {
    thing: Extra,
    /// The questions that ask for it.
    paths: Vec<String>,
}

/// What answers ask for, and for which days; `None` where nothing is borrowed. What is not in the store is for an agent to
/// see.
fn wished(
    tx: &mut Tx<'_>,
    form: &CompiledForm,
    answers: &Map<String, Value>,
    zone: Tz,
) -> Result<Option<(Span, Vec<Asked>)>, StoreError> {
    let Some(loan) = &form.procedure().loan else { return Ok(None) };
    let day = |name: &str| answers.get(name).and_then(Value::as_str).and_then(|day| day.parse::<Day>().ok());
    let (Some(first), Some(last)) = (day(&loan.from), day(&loan.until)) else { return Ok(None) };
    let end = last.succ_opt().map(|after| start_of_day(after, zone));
    let Some(span) = end.and_then(|end| Span::new(start_of_day(first, zone), end)) else { return Ok(None) };
    Ok(Some((span, of_store(tx, loan.borrowed(answers))?)))
}

/// What answers ask for and others have, told beside each question that asks for it; nothing is taken.
///
/// # Errors
/// Those of the store.
pub(crate) fn lacking(
    tx: &mut Tx<'_>,
    form: &CompiledForm,
    answers: &Map<String, Value>,
    town: &Town,
) -> Result<Vec<Fault>, StoreError> {
    let Some((span, asked)) = wished(tx, form, answers, town.zone())? else { return Ok(Vec::new()) };
    let ids: Vec<Id<Resource>> = asked.iter().map(|it| it.thing.resource).collect();
    let left = stock::left(tx, &ids, span, None)?;
    let enough = |it: &&Asked| it.thing.count <= left.get(&it.thing.resource).copied().unwrap_or_default();
    let lacking = asked.iter().filter(|it| !enough(it)).map(|it| it.thing.resource).collect();
    Ok(faults(&asked, &lacking, &left))
}

/// Whether it came by post: then it is received whatever it asks for.
fn is_written(tx: &Tx<'_>) -> bool {
    matches!(tx.by().channel, Channel::Paper | Channel::Email)
}

/// Where something is booked as well: refuses what is not to be had as long as what was picked is only held, so that
/// whoever is told of it has that still.
///
/// # Errors
/// [`SubmitError::Faults`], as [`asked`].
pub(super) fn before_booking(tx: &mut Tx<'_>, submission: &Submission<'_>) -> Result<(), SubmitError> {
    if submission.form.procedure().booking.is_none() || is_written(tx) {
        return Ok(());
    }
    let answers = &submission.judged.outcome.answers;
    let lacking = lacking(tx, submission.form, answers, submission.town)?;
    if lacking.is_empty() { Ok(()) } else { Err(SubmitError::Faults(lacking)) }
}

/// Takes what a request borrows, before anything of it is written; `None` where it borrows nothing.
///
/// # Errors
/// [`SubmitError::Faults`], beside each question that asks for more than is left. A letter and an e-mail are received
/// whatever they ask for.
pub(super) fn asked(tx: &mut Tx<'_>, submission: &Submission<'_>) -> Result<Option<Lent>, SubmitError> {
    let answers = &submission.judged.outcome.answers;
    let wished = wished(tx, submission.form, answers, submission.town.zone())?;
    let Some((span, asked)) = wished else { return Ok(None) };
    let things: Vec<Extra> = asked.iter().map(|it| it.thing.clone()).collect();
    let lacking: BTreeSet<Id<Resource>> = match lending::take(tx, span, &things) {
        Ok(id) => return Ok(Some(Lent { span, things, taken: Some(id) })),
        Err(ClaimError::Store(error)) => return Err(error.into()),
        Err(ClaimError::Taken(refused)) => refused.into_iter().map(|it| it.resource).collect(),
        Err(ClaimError::Unknown(_) | ClaimError::TooMany) => things.iter().map(|it| it.resource).collect(),
    };
    if is_written(tx) {
        return Ok(Some(Lent { span, things, taken: None }));
    }
    let ids: Vec<Id<Resource>> = things.iter().map(|thing| thing.resource).collect();
    let left = stock::left(tx, &ids, span, None)?;
    Err(SubmitError::Faults(faults(&asked, &lacking, &left)))
}

/// What of it is in the store, each thing once.
fn of_store(tx: &mut Tx<'_>, borrowed: Vec<Borrowed>) -> Result<Vec<Asked>, StoreError> {
    let items = lending::items(tx)?;
    let mut asked: Vec<Asked> = Vec::new();
    for it in borrowed {
        let Some(item) = items.asked_by(&it.what) else { continue };
        if let Some(known) = asked.iter_mut().find(|known| known.thing.resource == item.resource.id) {
            known.thing.count = known.thing.count.saturating_add(it.count);
            known.paths.push(it.path);
            continue;
        }
        let name = item.resource.details.name.clone();
        let thing = Extra { resource: item.resource.id, name, count: it.count };
        asked.push(Asked { thing, paths: vec![it.path] });
    }
    Ok(asked)
}

/// What is told beside the questions that ask for more than is left.
fn faults(
    asked: &[Asked],
    lacking: &BTreeSet<Id<Resource>>,
    left: &BTreeMap<Id<Resource>, u32>,
) -> Vec<Fault> {
    let mut faults = Vec::new();
    for it in asked.iter().filter(|it| lacking.contains(&it.thing.resource)) {
        let left = left.get(&it.thing.resource).copied().unwrap_or_default();
        let told = told(&it.thing.name, left.min(it.thing.count.saturating_sub(1)));
        let fault = |path: &String| Fault { path: path.clone(), reason: Reason::Said(told.clone()) };
        faults.extend(it.paths.iter().map(fault));
    }
    faults
}

fn told(name: &Name, left: u32) -> Text {
    let (fr, en) = (&name.fr, if name.en.is_empty() { &name.fr } else { &name.en });
    let (fr, en) = match left {
        0 => (
            format!(
                "{fr}\u{a0}: il n’en reste pas à ces dates. Choisissez d’autres dates, ou retirez cette ligne."
            ),
            format!("{en}: none is left for these days. Choose other days, or take this line out."),
        ),
        left => (
            format!(
                "{fr}\u{a0}: il en reste {left} à ces dates. Demandez-en moins, ou choisissez d’autres dates."
            ),
            format!("{en}: {left} left for these days. Ask for fewer, or choose other days."),
        ),
    };
    Text { fr, en: Some(en), plain: None }
}

#[cfg(test)]
mod tests {
    use beffroi_core::Lang;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn who_asks_for_more_than_is_left_is_told_how_many_there_are() {
        let resource: Id<Resource> = Id::from_uuid(Uuid::from_u128(7));
        let name = Name { fr: "Tables".to_owned(), en: "Tables".to_owned() };
        let asked = |count| {
            let thing = Extra { resource, name: name.clone(), count };
            [Asked { thing, paths: vec!["materiel.0.quantite".to_owned(), "materiel.2.quantite".to_owned()] }]
        };
        let (left, lacking) = (BTreeMap::from([(resource, 12)]), BTreeSet::from([resource]));
        assert!(faults(&asked(13), &BTreeSet::new(), &left).is_empty());
        let told = faults(&asked(13), &lacking, &left);
        assert_eq!(told.len(), 2);
        assert!(told[0].reason.text(Lang::Fr).contains("il en reste 12"));
        let none = faults(&asked(1), &lacking, &BTreeMap::new());
        assert!(none[0].reason.text(Lang::Fr).contains("il n’en reste pas"));
    }
}
