//! What public space costs in the demonstration: the council has voted a tariff, the department has a régie, and a request that
//! was granted yesterday is to be paid.

use std::{collections::HashMap, sync::Arc};

use beffroi_cases::{
    Access, Right,
    case::{self, Case},
    decision::{NewDecision, Outcome},
};
use beffroi_core::{Channel, Id, Instant, Lang, ManualClock, calendar::civil_day};
use beffroi_desk::{
    DeskService,
    daily::signatory,
    procedure,
    submission::{self, Submission},
};
use beffroi_forms::{Answers, Fee, Field, Procedure};
use beffroi_payments::{Mode, NewRegie, permission::ManageRegies, regie, testing::StandIn};
use beffroi_people::{Town, department, permission::permit_system};
use beffroi_store::{By, Commune, Tx};
use chrono::{Days, TimeDelta};
use serde_json::json;
use uuid::Uuid;

use crate::{DemoError, failed, people::Agents};

const DEPARTMENT: &str = "domaine-public";
const PROCEDURE: &str = "occupation-domaine-public";
/// The page of the form on which the amount is reckoned: all that it depends on is answered by then.
const PAGE: &str = "vous";
const DELIBERATION: &str = "délibération n° 2025-119 du 12 décembre 2025";

/// Publishes the tariff, and has a request come in that is granted.
pub(crate) fn vote(
    commune: &Arc<Commune>,
    desk: &DeskService,
    agents: &Agents,
    clock: &ManualClock,
    now: Instant,
) -> Result<(), DemoError> {
    let clerk = agents.of(DEPARTMENT)?.uuid();
    clock.set(now - TimeDelta::days(3));
    let offered = commune.read_blocking(By::SYSTEM, |tx| desk.shelf().current(tx, PROCEDURE))?;
    let offered = offered.ok_or_else(|| failed("public space is not offered"))?;
    let priced = priced(offered.procedure())?;
    commune.write_blocking(By::SYSTEM, move |tx| {
        collects(tx)?;
        procedure::publish(tx, &priced).map_err(failed)
    })?;
    let case = ask(commune, desk, clerk)?;
    clock.set(now - TimeDelta::days(1));
    grant(commune, desk, clerk, case)?;
    clock.set(now);
    Ok(())
}

/// The next version, with a tariff by surface and time: forty cents for a square metre and a day; associations pay nothing.
fn priced(offered: &Procedure) -> Result<Procedure, DemoError> {
    let mut next = offered.clone();
    next.version += 1;
    next.cost.fr =
        "0,40 € par mètre carré et par jour ; gratuit pour les associations. La demande est gratuite."
            .replace(" €", "\u{a0}€")
            .replace(" ;", "\u{a0};");
    next.cost.en =
        Some("€0.40 for each square metre and day; nothing for associations. Asking is free.".to_owned());
    let amount: Field = serde_json::from_value(json!({
        "id": "redevance",
        "kind": "money",
        "label": { "fr": "Redevance à payer si la demande est acceptée", "en": "Fee to be paid if the request is granted" },
        "compute": "statut == 'association' ? 0 : int(surface * 40.0 * double(days_between(debut, fin) + 1))",
    }))
    .map_err(failed)?;
    let page = next.form.pages.iter_mut().find(|page| page.id == PAGE);
    page.ok_or_else(|| failed("the form has no such page"))?.fields.push(amount);
    next.fee = Some(Fee {
        field: Some("redevance".to_owned()),
        deliberation: DELIBERATION.to_owned(),
        ..Fee::default()
    });
    Ok(next)
}

/// The department has a régie of its own.
fn collects(tx: &mut Tx<'_>) -> Result<(), DemoError> {
    let permit = permit_system::<ManageRegies>(tx).map_err(failed)?;
    let typed = NewRegie {
        name: "Régie du domaine public".to_owned(),
        client_number: StandIn::CLIENT.to_owned(),
        mode: Mode::Test,
        online: true,
        department: department::by_slug(tx, DEPARTMENT)?.map(|it| it.id),
        closed: false,
    };
    let new = regie::to_keep(&typed).map_err(|_| failed("the régie is not right"))?;
    regie::create(tx, &permit, &new).map(drop).map_err(failed)
}

/// A shop asks for a skip before its door, at the counter.
fn ask(commune: &Commune, desk: &DeskService, clerk: Uuid) -> Result<Id<Case>, DemoError> {
    let offered = commune.read_blocking(By::SYSTEM, |tx| desk.shelf().current(tx, PROCEDURE))?;
    let form = offered.ok_or_else(|| failed("public space is not offered"))?;
    commune.write_blocking(By::account(clerk, Channel::Counter), move |tx| {
        let town = Town::load(tx)?;
        let today = civil_day(tx.now(), town.zone());
        let day = |after| today.checked_add_days(Days::new(after)).unwrap_or(today).to_string();
        let answers = json!({
            "objet": "benne",
            "circulation": false,
            "lieu": "4 rue des Potiers, 34400 Lunel",
            "surface": 12.0,
            "debut": day(9),
            "fin": day(13),
            "statut": "particulier",
            "demandeur": { "family_name": "Arnal", "given_names": "Odile" },
            "adresse": "4 rue des Potiers, 34400 Lunel",
            "courriel": "odile.arnal@example.org",
            "telephone": "0465711234",
            "engagement": true,
        });
        let typed = Answers::from_json(&form.procedure().form, &answers)
            .map_err(|faults| failed(format!("{faults:?}")))?;
        let mut judged = submission::judge(&form, &typed, Channel::Counter, today, &HashMap::new());
        // The agent looks at the plan.
        judged.outcome.expected_files.clear();
        let submission = Submission {
            form: &form,
            judged: &judged,
            town: &town,
            account: None,
            typed_by: Some(clerk),
            lang: Lang::Fr,
            received_on: None,
            by_letter: false,
            files: None,
            draft: None,
            booking: None,
            whom: submission::Whom::default(),
        };
        let sent = submission::submit(tx, &submission);
        sent.map(|sent| sent.case).map_err(|error| failed(format!("{error:?}")))
    })
}

fn grant(commune: &Commune, desk: &DeskService, clerk: Uuid, id: Id<Case>) -> Result<(), DemoError> {
    let access = Access::default().with(Some(DEPARTMENT), Right::Decide);
    let office = desk.office(access.clone(), clerk, "http://localhost:8080".to_owned());
    commune.write_blocking(By::account(clerk, Channel::Online), move |tx| {
        case::take_up(tx, &access, id, clerk).map_err(failed)?;
        let case = case::read(tx, &access, id).map_err(failed)?;
        let town = Town::load(tx)?;
        let signs = signatory::who_sign(tx, &case.department, &town)?.into_iter().next();
        let signs = signs.ok_or_else(|| failed("nobody signs"))?;
        let new = NewDecision {
            outcome: Outcome::Granted,
            reasons: String::new(),
            signatory_name: signs.name,
            signatory_quality: signs.quality,
            signatory_delegation: signs.delegation,
            series: None,
        };
        office.decide(tx, &case, new, &[], &town).map_err(|error| failed(format!("{error:?}")))
    })
}
