//! What the desk keeps about the owner of an account: for them to read and to take along, and to be erased when the
//! account ends.

use std::collections::HashMap;

use beffroi_cases::{case::State, decision::Outcome, tracking};
use beffroi_core::{
    Id, Lang,
    calendar::{civil_day, long_date},
};
use beffroi_documents::kept;
use beffroi_forms::spaced_phone;
use beffroi_people::{Account, Town, department, household};
use beffroi_store::{Result, StoreError, Tx};
use beffroi_web::personal::{PersonalData, PersonalEntry, PersonalFile, Remaining, Teller};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    acting,
    store::{self, Said, Whole},
};
use crate::{Parts, draft, enclosure, mandates, procedure::Lists, texting};

/// Requests told at most, the last first.
const CASES: u32 = 500;
/// Messages and files told at most.
const DETAILS: u32 = 5_000;
/// Requests that get a new code when an account ends.
const CODES: u32 = 50;

/// A fact, where there is one.
pub(super) fn fact(facts: &mut Vec<(String, String)>, label: String, value: &str) {
    if !value.trim().is_empty() {
        facts.push((label, value.to_owned()));
    }
}

/// What the desk keeps.
pub(crate) fn personal_data(
    tx: &mut Tx<'_>,
    desk: &Parts,
    account: Uuid,
    teller: Teller<'_>,
) -> Result<PersonalData> {
    let account = Id::<Account>::from_uuid(account);
    let mut data = PersonalData::default();
    cases(tx, desk, account, teller, &mut data)?;
    records(tx, account, teller, &mut data)?;
    drafts(tx, desk, account, teller, &mut data)?;
    own(tx, account, teller, &mut data)?;
    acting::tell(tx, desk, account, teller, &mut data)?;
    Ok(data)
}

fn cases(
    tx: &mut Tx<'_>,
    desk: &Parts,
    account: Id<Account>,
    teller: Teller<'_>,
    data: &mut PersonalData,
) -> Result<()> {
    let lang = teller.lang();
    let zone = Town::load(tx)?.zone();
    let mut said: HashMap<String, Vec<Said>> = HashMap::new();
    for message in store::said(tx, account, DETAILS)? {
        said.entry(message.case.to_string()).or_default().push(message);
    }
    let mut joined = enclosure::of_account(tx, account, DETAILS)?;
    let unsigned = store::unsigned(tx, account, CASES)?;
    joined.retain(|to, _| !unsigned.contains(to));
    let names: HashMap<String, String> =
        department::list(tx)?.into_iter().map(|it| (it.details.slug, it.details.name)).collect();
    let mut references = HashMap::new();
    for case in store::whole(tx, account, CASES)? {
        references.insert(case.id.to_string(), case.reference.clone());
        let form = desk.shelf.version(tx, &case.procedure.0, case.procedure.1)?;
        let title = form
            .as_ref()
            .map_or_else(|| case.procedure.0.clone(), |form| form.procedure().title.text(lang).to_owned());
        let mut facts = Vec::new();
        fact(&mut facts, teller.t("desk-received"), &long_date(case.received_on, lang));
        let department = names.get(&case.department).map_or("", String::as_str);
        fact(&mut facts, teller.t("desk-known-department"), department);
        let outcome = match (case.outcome, case.state) {
            (Some(outcome), _) => outcome.as_str(),
            (None, State::Decided) => "closed",
            (None, state) => state.as_str(),
        };
        fact(&mut facts, teller.t("desk-state"), &teller.t(&format!("desk-state-{outcome}")));
        if let (Some(form), Some(answers)) = (&form, case.answers.as_object()) {
            for section in form.sections(answers, None, lang, &Lists) {
                for line in section.lines {
                    fact(&mut facts, line.label, &line.value);
                }
            }
        }
        // What is sealed at rest leaves its page in no copy.
        let sealed = case.answers.is_string();
        if sealed {
            fact(&mut facts, teller.t("desk-known-answers"), &teller.t("desk-known-only-there"));
        } else {
            fact(&mut facts, teller.t("desk-decision"), &case.reasons);
            let with = joined.get(&case.id.uuid()).map(|names| names.join(", ")).unwrap_or_default();
            fact(&mut facts, teller.t("desk-known-decision-joined"), &with);
        }
        let messages = said.remove(&case.id.to_string()).unwrap_or_default();
        for message in &messages {
            let who = if message.kind == "to_requester" { "desk-by-agent" } else { "desk-by-requester" };
            let label = format!("{}, {}", teller.t(who), long_date(civil_day(message.at, zone), lang));
            fact(&mut facts, label, &message.words);
            let with = joined.get(&message.id).map(|names| names.join(", ")).unwrap_or_default();
            fact(&mut facts, teller.t("desk-known-message-joined"), &with);
        }
        data.entries.push(PersonalEntry {
            sector: Some(case.sector),
            title: format!("{title} ({})", case.reference),
            href: format!("/compte/demarches/{}", case.id),
            facts,
            data: for_program(&case, &messages, &joined),
        });
    }
    let unposted = store::unposted(tx, account, DETAILS)?;
    for store::Kept { case, document, name, of_decision, past } in store::files(tx, account, DETAILS)? {
        if (of_decision && unsigned.contains(&case.uuid())) || (past && unposted.contains(&document)) {
            continue;
        }
        let reference = references.get(&case.to_string()).map_or("", String::as_str);
        data.files.push(PersonalFile { path: format!("demandes/{reference}/{name}"), document });
    }
    Ok(())
}

fn for_program(case: &Whole, messages: &[Said], joined: &HashMap<Uuid, Vec<String>>) -> Value {
    let sealed = case.answers.is_string();
    let with = |to: &Uuid| joined.get(to).cloned().unwrap_or_default();
    json!({
        "kind": "case",
        "reference": case.reference,
        "procedure": case.procedure.0,
        "version": case.procedure.1,
        "department": case.department,
        "state": case.state.as_str(),
        "outcome": case.outcome.map(Outcome::as_str),
        "received_on": case.received_on,
        "email": case.email,
        "phone": case.phone,
        "answers": if sealed { &Value::Null } else { &case.answers },
        "reasons": if sealed { "" } else { &case.reasons },
        "decision_documents": if sealed { Vec::new() } else { with(&case.id.uuid()) },
        "messages": messages.iter().map(|message| json!({
            "from": if message.kind == "to_requester" { "town" } else { "requester" },
            "at": message.at,
            "text": message.words,
            "documents": with(&message.id),
        })).collect::<Vec<_>>(),
    })
}

fn records(tx: &mut Tx<'_>, account: Id<Account>, teller: Teller<'_>, data: &mut PersonalData) -> Result<()> {
    let lang = teller.lang();
    for record in store::records(tx, account)? {
        let mut facts = Vec::new();
        fact(&mut facts, teller.t("desk-family-name"), &record.family_name);
        fact(&mut facts, teller.t("desk-usual-name"), &record.used_name);
        fact(&mut facts, teller.t("desk-given-names"), &record.given_names);
        let born = record.birth_date.map(|day| long_date(day, lang)).unwrap_or_default();
        fact(&mut facts, teller.t("desk-birth-date"), &born);
        fact(&mut facts, teller.t("desk-birth-place"), &record.birth_place);
        fact(&mut facts, teller.t("desk-known-email"), &record.email);
        fact(&mut facts, teller.t("desk-known-phone"), &record.phone);
        let lines = record.address.get("lines").and_then(Value::as_array);
        let lines: Vec<&str> = lines.into_iter().flatten().filter_map(Value::as_str).collect();
        fact(&mut facts, teller.t("desk-known-address"), &lines.join(", "));
        data.entries.push(PersonalEntry {
            sector: Some(record.sector),
            title: teller.t("desk-known-record"),
            href: String::new(),
            facts,
            data: json!({
                "kind": "person",
                "sector": record.sector.as_str(),
                "family_name": record.family_name,
                "used_name": record.used_name,
                "given_names": record.given_names,
                "birth_date": record.birth_date,
                "birth_place": record.birth_place,
                "email": record.email,
                "phone": record.phone,
                "address": record.address,
            }),
        });
    }
    Ok(())
}

fn drafts(
    tx: &mut Tx<'_>,
    desk: &Parts,
    account: Id<Account>,
    teller: Teller<'_>,
    data: &mut PersonalData,
) -> Result<()> {
    let lang = teller.lang();
    for draft in draft::of_account(tx, account)? {
        let form = desk.shelf.version(tx, &draft.procedure, draft.version)?;
        let title = form
            .as_ref()
            .map_or_else(|| draft.procedure.clone(), |form| form.procedure().title.text(lang).to_owned());
        let mut facts = Vec::new();
        fact(&mut facts, teller.t("desk-known-kept"), &long_date(draft.kept_until, lang));
        // What is sealed at rest leaves its page in no copy; of a procedure that is known no more, nobody knows.
        let open = form.as_ref().is_some_and(|form| !form.procedure().sealed);
        let answers = if open { draft.answers.to_pairs() } else { Vec::new() };
        if !open {
            fact(&mut facts, teller.t("desk-known-answers"), &teller.t("desk-known-only-there"));
        }
        data.entries.push(PersonalEntry {
            sector: form.map(|form| form.procedure().sector),
            title: format!("{title} ({})", teller.t("desk-known-draft")),
            href: String::new(),
            facts,
            data: json!({
                "kind": "draft",
                "procedure": draft.procedure,
                "version": draft.version,
                "kept_until": draft.kept_until,
                "answers": answers.into_iter().map(|(name, value)| json!([name, value]))
                    .collect::<Vec<_>>(),
            }),
        });
    }
    Ok(())
}

/// What belongs to the account alone: household and documents.
fn own(tx: &mut Tx<'_>, account: Id<Account>, teller: Teller<'_>, data: &mut PersonalData) -> Result<()> {
    let lang: Lang = teller.lang();
    for member in household::of_account(tx, account)? {
        let mut facts = Vec::new();
        let details = &member.details;
        let relation = teller.t(&format!("desk-relation-{}", details.relation.as_str()));
        fact(&mut facts, teller.t("desk-relation"), &relation);
        let born = details.birth_date.map(|day| long_date(day, lang)).unwrap_or_default();
        fact(&mut facts, teller.t("desk-birth-date"), &born);
        fact(&mut facts, teller.t("desk-birth-place"), &details.birth_place);
        data.entries.push(PersonalEntry {
            sector: None,
            title: format!("{} ({})", details.full_name(), teller.t("desk-known-member")),
            href: format!("/mon-compte/foyer/{}", member.id),
            facts,
            data: json!({ "kind": "household_member", "member": details }),
        });
    }
    if let Some(phone) = texting::wish::of_account(tx, account)? {
        let mut facts = Vec::new();
        fact(&mut facts, teller.t("desk-sms-wish-phone"), &spaced_phone(&phone));
        data.entries.push(PersonalEntry {
            sector: None,
            title: teller.t("desk-sms-wish"),
            href: "/mon-compte/sms".to_owned(),
            facts,
            data: json!({ "kind": "text_messages", "phone": phone }),
        });
    }
    for kept in kept::of_account(tx, account.uuid())? {
        let kind = teller.t(&format!("desk-document-kind-{}", kept.kind.as_str()));
        let mut facts = Vec::new();
        fact(&mut facts, teller.t("desk-document-kind"), &kind);
        let until = kept.good_until.map(|day| long_date(day, lang)).unwrap_or_default();
        fact(&mut facts, teller.t("desk-document-until"), &until);
        data.entries.push(PersonalEntry {
            sector: None,
            title: format!("{} ({})", kept.document.name, teller.t("desk-known-document")),
            href: format!("/mon-compte/documents/{}", kept.document.id),
            facts,
            data: json!({
                "kind": "kept_document",
                "name": kept.document.name,
                "proves": kept.kind.as_str(),
                "good_until": kept.good_until,
            }),
        });
        data.files.push(PersonalFile {
            path: format!("mes-documents/{}", kept.document.name),
            document: kept.document.id.uuid(),
        });
    }
    Ok(())
}

/// The mandates by which its owner acts for others end. The requests stay with the town; each gets a code that opens it
/// from now on, since its owner may never have kept the first one.
pub(crate) fn account_closes(
    tx: &mut Tx<'_>,
    desk: &Parts,
    account: Uuid,
    teller: Teller<'_>,
) -> Result<Vec<Remaining>> {
    let account = Id::<Account>::from_uuid(account);
    mandates::end_held(tx, account)?;
    let mut all = Vec::new();
    for store::Staying { id, procedure: (slug, version), reference } in store::remaining(tx, account, CODES)?
    {
        let form = desk.shelf.version(tx, &slug, version)?;
        let title =
            form.map_or_else(|| slug.clone(), |form| form.procedure().title.text(teller.lang()).to_owned());
        let code = tracking::renew(tx, id).map_err(|error| match error {
            beffroi_cases::CaseError::Store(error) => error,
            other => StoreError::Corrupt(other.to_string()),
        })?;
        all.push(Remaining { title, reference, code: code.to_string() });
    }
    Ok(all)
}

/// Nothing of the account is left at the desk: drafts and documents go, requests lead to it no longer.
pub(crate) fn erase_account(tx: &mut Tx<'_>, account: Uuid) -> Result<()> {
    let id = Id::<Account>::from_uuid(account);
    loop {
        let drafts = draft::of_account(tx, id)?;
        if drafts.is_empty() {
            break;
        }
        for draft in drafts {
            draft::discard(tx, draft.id)?;
        }
    }
    kept::forget_all(tx, account)?;
    texting::wish::forget(tx, id)?;
    store::let_go(tx, id)
}
