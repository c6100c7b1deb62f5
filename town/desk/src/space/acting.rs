//! What the town knows of whoever acts for somebody, or is helped: the mandates, with what was done by them; and who
//! looked at the account's requests.

use beffroi_core::{
    Id,
    calendar::{civil_day, long_date},
};
use beffroi_people::{
    Account, Town, department,
    mandate::{self, Mandate},
};
use beffroi_store::{Result, Tx};
use beffroi_web::personal::{PersonalData, PersonalEntry, Teller};
use serde_json::json;

use super::{contribution::fact, looked, store};
use crate::{Parts, mandates};

/// Steps of all mandates that are told, the last first.
const STEPS: u32 = 2_000;
/// Looks that are told at most, the last first.
const LOOKS: u32 = 1_000;
/// Looks that are told in words: a program reads them all.
const LOOKS_IN_WORDS: usize = 100;

/// Tells both.
pub(super) fn tell(
    tx: &mut Tx<'_>,
    desk: &Parts,
    account: Id<Account>,
    teller: Teller<'_>,
    data: &mut PersonalData,
) -> Result<()> {
    held_and_given(tx, desk, account, teller, data)?;
    looks(tx, account, teller, data)
}

fn held_and_given(
    tx: &mut Tx<'_>,
    desk: &Parts,
    account: Id<Account>,
    teller: Teller<'_>,
    data: &mut PersonalData,
) -> Result<()> {
    let lang = teller.lang();
    let today = civil_day(tx.now(), Town::load(tx)?.zone());
    let mut all = mandate::held_by(tx, account)?;
    all.extend(mandate::given_by(tx, account)?);
    if all.is_empty() {
        return Ok(());
    }
    let titles = mandates::titles(tx, desk, lang)?;
    let ids: Vec<Id<Mandate>> = all.iter().map(|mandate| mandate.id).collect();
    let steps = mandate::histories(tx, &ids, STEPS)?;
    for mandate in all {
        let details = &mandate.details;
        let scope = mandates::scope_words(|key| teller.t(key), &details.scope, &titles);
        let tr = |key: &str, until: String| teller.tr(key, &[("until", until.into())]);
        let status = mandates::status_words(tr, &mandate, (today, lang));
        let mut facts = Vec::new();
        fact(&mut facts, teller.t("desk-mandate-helper"), &details.helper_name);
        fact(&mut facts, teller.t("desk-mandate-person"), &details.helped.full_name());
        fact(&mut facts, teller.t("desk-mandate-scope"), &scope);
        fact(&mut facts, teller.t("desk-state"), &status);
        data.entries.push(PersonalEntry {
            sector: None,
            title: teller.tr("desk-known-mandate", &[("number", mandate.number().into())]),
            href: format!("/mon-compte/mandats/{}", mandate.id),
            facts,
            data: json!({
                "kind": "mandate",
                "number": mandate.number(),
                "helper": details.helper_name,
                "helped": details.helped,
                "scope": details.scope.to_text(),
                "state": mandate.state,
                "proof": details.proof,
                "asked_at": mandate.asked_at,
                "days": mandate.days,
                "ended_at": mandate.ended_at,
                "ended_by": mandate.ended_by,
                "history": steps.iter().filter(|step| step.subject_id == mandate.id.uuid()).map(|step| json!({
                    "at": step.at,
                    "kind": step.kind,
                    "details": step.payload,
                })).collect::<Vec<_>>(),
            }),
        });
    }
    Ok(())
}

/// Who looked, as one thing: each look with its day, the department and the function, and why.
fn looks(tx: &mut Tx<'_>, account: Id<Account>, teller: Teller<'_>, data: &mut PersonalData) -> Result<()> {
    let zone = Town::load(tx)?.zone();
    let since = looked::twelve_months_ago(tx.now());
    let all = store::looks(tx, account, since, i64::MAX, LOOKS)?;
    if all.is_empty() {
        return Ok(());
    }
    let departments = department::list(tx)?;
    let mut facts = Vec::new();
    let mut told = Vec::new();
    for look in &all {
        let who = looked::who(&teller, look, &departments);
        let why = looked::why(&teller, look);
        let reference = look.case.as_ref().map_or("", |case| case.reference.as_str());
        let what = match &look.case {
            Some(_) => String::new(),
            None => teller.t(looked::thing(&look.kind)),
        };
        if facts.len() < LOOKS_IN_WORDS {
            let words = [who.as_str(), what.as_str(), why.as_str(), reference]
                .into_iter()
                .filter(|part| !part.is_empty());
            let words = words.collect::<Vec<_>>().join(" – ");
            fact(&mut facts, long_date(civil_day(look.at, zone), teller.lang()), &words);
        }
        told.push(json!({ "at": look.at, "case": reference, "what": what, "who": who, "why": why }));
    }
    data.entries.push(PersonalEntry {
        sector: None,
        title: teller.t("desk-space-looks"),
        href: "/mon-compte/consultations".to_owned(),
        facts,
        data: json!({ "kind": "looks", "looks": told }),
    });
    Ok(())
}
