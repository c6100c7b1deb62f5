//! What is to be paid for a case, or was, on the page of that case: for its requester and for agents.

use beffroi_cases::case::Case;
use beffroi_core::{
    Cents, Id,
    calendar::{civil_day, long_date},
};
use beffroi_forms::FeeDue;
use beffroi_payments::{
    Order, OrderState,
    permission::{TakeMoney, permit_for},
    reach, refund,
};
use beffroi_people::{SignedIn, Town};
use beffroi_store::{Result, Tx};
use beffroi_web::{
    panel::{Panel, PanelLink, Reader},
    personal::Teller,
};
use uuid::Uuid;

use super::bill::{Found, Standing, collects, orders};
use crate::Parts;

/// What is added to the page of this case; nothing where its procedure collects nothing.
pub(crate) fn panels(
    tx: &mut Tx<'_>,
    parts: &Parts,
    case: Uuid,
    reader: Reader<'_>,
    teller: Teller<'_>,
) -> Result<Vec<Panel>> {
    let Some(found) = Found::load(tx, parts, Id::from_uuid(case))? else { return Ok(Vec::new()) };
    let standing = Standing::of(tx, &found)?;
    let all = orders(tx, found.case.id)?;
    let panel = if all.is_empty() {
        unasked(tx, &found, &standing, reader, teller)?
    } else {
        asked(tx, &all, &standing, reader, teller)?
    };
    let says = !panel.lines.is_empty() || !panel.warnings.is_empty();
    Ok(if says { vec![panel] } else { Vec::new() })
}

fn titled(teller: Teller<'_>) -> Panel {
    Panel { id: "tarif", title: teller.t("desk-fee-title"), ..Panel::default() }
}

/// What is still to be asked for.
fn unasked(
    tx: &mut Tx<'_>,
    found: &Found,
    standing: &Standing,
    reader: Reader<'_>,
    teller: Teller<'_>,
) -> Result<Panel> {
    let mut panel = titled(teller);
    let is_agent = matches!(reader, Reader::Agent(_));
    let is_open = found.case.state.is_open();
    let Some(owed) = &found.owed else {
        if is_agent && found.filled_in && (is_open || standing.granted) {
            panel.lines.push(teller.t("office-fee-unfilled"));
        }
        return Ok(panel);
    };
    let amount = [("amount", owed.cents.read_in(teller.lang()).into())];
    let due = standing.owed && (found.on == FeeDue::Filing || standing.granted);
    if !due {
        if is_open && found.on == FeeDue::Grant {
            panel.lines.push(teller.tr("desk-fee-ahead", &amount));
        }
        return Ok(panel);
    }
    if !is_agent {
        panel.lines.push(teller.tr("desk-fee-soon", &amount));
    } else if collects(tx, &found.case)?.is_none() {
        panel.warnings.push(teller.tr("office-fee-none", &amount));
    } else if found.on == FeeDue::Filing {
        panel.warnings.push(teller.tr("office-fee-missed", &amount));
    } else {
        // The order is made a moment after the decision.
        panel.lines.push(teller.tr("office-fee-soon", &amount));
    }
    Ok(panel)
}

/// How it stands with what was asked for; the newest order first.
fn asked(
    tx: &mut Tx<'_>,
    all: &[Order],
    standing: &Standing,
    reader: Reader<'_>,
    teller: Teller<'_>,
) -> Result<Panel> {
    let mut panel = titled(teller);
    let Some(it) = all.first() else { return Ok(panel) };
    let is_agent = matches!(reader, Reader::Agent(_));
    let back = refund::asked_of(tx, &all.iter().map(|it| it.id).collect::<Vec<_>>())?;
    let own = back.get(&it.id).copied().unwrap_or_default();
    let back: Cents = back.into_values().sum();
    let zone = Town::load(tx)?.zone();
    let lang = teller.lang();
    let day = it.due_at.map(|at| long_date(civil_day(at, zone), lang)).unwrap_or_default();
    let variables = [
        ("amount", it.total.read_in(lang).into()),
        ("rest", it.remaining().read_in(lang).into()),
        ("refunded", it.refunded.read_in(lang).into()),
        ("back", back.read_in(lang).into()),
        ("day", day.into()),
    ];
    // Of an order that gives way nothing is to be paid meanwhile.
    let gives_way = it.state == OrderState::Due && own > Cents(0);
    if !gives_way {
        let paid = it.state == OrderState::Paid && own > Cents(0);
        let state = if paid { "was-paid" } else { it.state.as_str() };
        panel.lines.push(teller.tr(&format!("desk-fee-{state}"), &variables));
    }
    if back > Cents(0) {
        let key = if is_agent { "office-fee-back" } else { "desk-fee-back" };
        panel.lines.push(teller.tr(key, &variables));
    }
    if is_agent && standing.repealed {
        panel.warnings.push(teller.t("office-fee-repealed"));
    }
    if is_agent || !gives_way {
        panel.links.extend(link(tx, it, reader, teller)?);
    }
    Ok(panel)
}

/// Where an agent takes the money of an order, if they may.
fn counter(tx: &mut Tx<'_>, who: &SignedIn, it: &Order) -> Option<String> {
    let takes = permit_for::<TakeMoney>(tx, who, it.regie).is_ok();
    takes.then(|| format!("/agents/caisse/commandes/{}", it.id))
}

/// Where an agent takes what is due for a case; `""` where nothing is, or they may not.
pub(crate) fn till(tx: &mut Tx<'_>, case: Id<Case>, who: &SignedIn) -> Result<String> {
    let due = orders(tx, case)?.into_iter().find(|it| it.remaining() > Cents(0));
    Ok(due.and_then(|it| counter(tx, who, &it)).unwrap_or_default())
}

/// Where it is paid and read of; nothing for an agent who takes no money there.
fn link(tx: &mut Tx<'_>, it: &Order, reader: Reader<'_>, teller: Teller<'_>) -> Result<Option<PanelLink>> {
    let href = match reader {
        Reader::Requester => reach::page(tx, it.id)?,
        Reader::Agent(who) => counter(tx, who, it),
    };
    let key = match (reader, it.state) {
        (Reader::Agent(_), OrderState::Due) => "office-fee-take",
        (Reader::Requester, OrderState::Due) => "desk-fee-pay",
        _ => "desk-fee-see",
    };
    Ok(href.map(|href| PanelLink { href, label: teller.t(key) }))
}
