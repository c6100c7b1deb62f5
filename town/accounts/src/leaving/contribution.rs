//! What the account itself tells of its owner.

use beffroi_core::{Id, calendar::civil_day, calendar::long_date};
use beffroi_people::{Account, Town, account, feed, identity, mandate, passkey, session};
use beffroi_store::{Result, Tx};
use beffroi_web::personal::{PersonalData, PersonalEntry, Teller};
use serde_json::json;
use uuid::Uuid;

/// Name, address, where the account is open, and on whose behalf it may act.
pub fn personal_data(tx: &mut Tx<'_>, id: Uuid, teller: Teller<'_>) -> Result<PersonalData> {
    let id = Id::<Account>::from_uuid(id);
    let Some(account) = account::find(tx, id)? else { return Ok(PersonalData::default()) };
    let zone = Town::load(tx)?.zone();
    let sessions = session::list(tx, id)?;
    let mut mandates = mandate::held_by(tx, id)?;
    mandates.extend(mandate::given_by(tx, id)?);
    let mandates: Vec<_> = mandates
        .iter()
        .map(|mandate| {
            json!({
                "helper": mandate.details.helper_name,
                "helped": mandate.details.helped.full_name(),
                "scope": mandate.details.scope.to_text(),
                "days": mandate.days,
                "state": mandate.state,
            })
        })
        .collect();
    let identities: Vec<_> = identity::of_account(tx, id)?
        .into_iter()
        .map(|it| {
            json!({ "provider": it.provider, "claims": it.claims, "level": it.assurance, "linked_at": it.linked_at })
        })
        .collect();
    let passkeys: Vec<_> = passkey::list(tx, id)?
        .into_iter()
        .map(|it| json!({ "name": it.name, "created_at": it.created_at, "last_used_at": it.last_used_at }))
        .collect();
    let calendar = feed::of_account(tx, id)?
        .map(|it| json!({ "made_at": it.made_at, "used_on": it.used_on, "added": it.chosen }));
    let since = long_date(civil_day(account.created_at, zone), teller.lang());
    let facts = vec![
        (teller.t("accounts-name"), account.display_name.clone()),
        (teller.t("accounts-email"), account.email.clone()),
        (teller.t("accounts-since"), since),
    ];
    let entry = PersonalEntry {
        sector: None,
        title: teller.t("accounts-known-account"),
        href: "/compte".to_owned(),
        facts,
        data: json!({
            "kind": "account",
            "name": account.display_name,
            "email": account.email,
            "email_verified_at": account.email_verified_at,
            "language": account.language.tag(),
            "created_at": account.created_at,
            "sessions": sessions,
            "identities": identities,
            "passkeys": passkeys,
            "mandates": mandates,
            "calendar_address": calendar,
        }),
    };
    Ok(PersonalData { entries: vec![entry], files: Vec::new() })
}
