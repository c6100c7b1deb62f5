//! What advisers know of the owner of an account, in their own words for their copy. Who wrote it is not told.

use beffroi_core::{
    Id,
    calendar::{civil_day, long_date},
};
use beffroi_people::{Town, account};
use beffroi_store::{Result, Tx};
use beffroi_web::personal::{PersonalEntry, Teller};
use uuid::Uuid;

use crate::followup;

/// Needs at the first meeting, and notes since, one entry for each department that follows them.
pub(crate) fn followed(tx: &mut Tx<'_>, owner: Uuid, teller: Teller<'_>) -> Result<Vec<PersonalEntry>> {
    let Some(owner) = account::find(tx, Id::from_uuid(owner))? else { return Ok(Vec::new()) };
    let known = followup::of_owner(tx, &owner)?;
    let (zone, lang) = (Town::load(tx)?.zone(), teller.lang());
    let entry = |(it, notes): (followup::Followup, Vec<followup::Note>)| {
        let needs = it.levels.iter().map(|(theme, level)| {
            let theme = teller.t(&format!("workshops-need-{}", theme.as_str()));
            let level = teller.t(&format!("workshops-autonomy-{}", level.as_str()));
            teller.tr("workshops-own-line", &[("what", theme.into()), ("told", level.into())])
        });
        let needs: Vec<String> = needs.collect();
        let written = notes.iter().map(|note| {
            let day = long_date(civil_day(note.at, zone), lang);
            teller.tr("workshops-own-line", &[("what", day.into()), ("told", note.text.clone().into())])
        });
        let written: Vec<String> = written.collect();
        let facts = [
            ("workshops-fact-name", it.name.clone()),
            ("workshops-fact-needs", needs.join("\n")),
            ("workshops-fact-written", written.join("\n")),
        ];
        let told = notes.iter().map(|note| serde_json::json!({ "at": note.at, "text": note.text }));
        let told: Vec<serde_json::Value> = told.collect();
        PersonalEntry {
            title: teller.t("workshops-own-followup"),
            facts: facts
                .into_iter()
                .filter(|(_, value)| !value.is_empty())
                .map(|(key, value)| (teller.t(key), value))
                .collect(),
            data: serde_json::json!({
                "name": it.name,
                "needs": it.levels,
                "first_met_at": it.made_at,
                "changed_at": it.changed_at,
                "notes": told,
            }),
            ..PersonalEntry::default()
        }
    };
    Ok(known.into_iter().map(entry).collect())
}
