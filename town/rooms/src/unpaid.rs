//! What whoever asks for a room has yet to pay the town, told to the agents who decide and take money for the régies that
//! ask for it. Nobody is refused a room for it by the program: an agent weighs it.

use std::collections::BTreeSet;

use beffroi_calendar::booking;
use beffroi_cases::{
    case::{self, Case},
    person::{for_whom, persons_of},
};
use beffroi_core::{
    Cents, Id,
    calendar::{civil_day, long_date},
};
use beffroi_payments::{Order, OrderState, Regie, order, permission::TakeMoney, reach, refund, regie};
use beffroi_people::{NewOrganisation, SignedIn, Town, organisation, permission::scope, person};
use beffroi_store::{Result, Tx};
use beffroi_web::{
    diary::CaseBook,
    panel::{Panel, PanelLink, Reader},
    personal::Teller,
};
use uuid::Uuid;

use crate::{bill, premises::stored, season};

/// Orders of an account, and other requests of an organisation, that are looked at, at most.
const LOOKED_AT: u32 = 200;
/// Orders that are told one by one, at most.
const TOLD: usize = 10;

/// What is unpaid, on the page of a request for a room that waits for its decision: for agents alone.
pub(crate) fn panel(
    tx: &mut Tx<'_>,
    id: Uuid,
    (reader, book): (Reader<'_>, Option<&dyn CaseBook>),
    teller: Teller<'_>,
) -> Result<Option<Panel>> {
    let Reader::Agent(who) = reader else { return Ok(None) };
    let known = regies(tx, who)?;
    if known.is_empty() {
        return Ok(None);
    }
    let Some(case) = case::find(tx, Id::from_uuid(id)).map_err(stored)? else { return Ok(None) };
    if !case.state.is_open() || !asks_for_a_room(tx, &case, book)? {
        return Ok(None);
    }
    let mut orders = of_requester(tx, &case)?;
    let now = tx.now();
    orders.retain(|it| {
        known.contains(&it.regie)
            && it.state == OrderState::Due
            && it.remaining() > Cents(0)
            && !it.is_overdue(now)
    });
    let ids: Vec<Id<Order>> = orders.iter().map(|it| it.id).collect();
    // Of an order of which money is given back nothing is to be paid meanwhile.
    let back = refund::asked_of(tx, &ids)?;
    orders.retain(|it| !back.contains_key(&it.id));
    orders.sort_by_key(|it| it.id);
    orders.dedup_by_key(|it| it.id);
    if orders.is_empty() {
        return Ok(None);
    }
    told(tx, &orders, teller).map(Some)
}

/// The régies for which the agent takes money: what others ask for is not theirs to know.
fn regies(tx: &mut Tx<'_>, who: &SignedIn) -> Result<BTreeSet<Id<Regie>>> {
    let within = scope::<TakeMoney>(tx, who)?;
    let all = regie::list(tx)?.into_iter();
    Ok(all.filter(|it| within.contains(it.department)).map(|it| it.id).collect())
}

/// Whether a case asks for a room: something is booked for it, or its procedure books rooms.
fn asks_for_a_room(tx: &mut Tx<'_>, case: &Case, book: Option<&dyn CaseBook>) -> Result<bool> {
    if booking::of_owner(tx, ("case", case.id.uuid()))?.is_some() {
        return Ok(true);
    }
    match book {
        Some(book) => Ok(book.booked_at(tx, booking::ROOMS)?.iter().any(|it| it.slug == case.procedure)),
        None => Ok(false),
    }
}

/// What is still to be paid of the account of whoever asks, and of the rooms that were had for the same organisation or by
/// the same person.
fn of_requester(tx: &mut Tx<'_>, case: &Case) -> Result<Vec<Order>> {
    let (requester, beneficiary) = persons_of(tx, case.id).map_err(stored)?;
    let Some(first) = requester.or(beneficiary) else { return Ok(Vec::new()) };
    let whose = beneficiary.unwrap_or(first);
    let mut orders = match person::account_of(tx, Id::from_uuid(first), Id::from_uuid(whose))? {
        Some(account) => reach::unpaid_of_account(tx, account, LOOKED_AT)?,
        None => Vec::new(),
    };
    let mut cases = for_whom(tx, whose, LOOKED_AT).map_err(stored)?;
    cases.retain(|it| *it != case.id.uuid());
    let booked = booking::of_owners(tx, "case", &cases)?;
    let booked: Vec<Uuid> = booked.iter().map(|it| it.id.uuid()).collect();
    orders.extend(order::of_subjects(tx, bill::KIND, &booked)?);
    // What an association had for a season is known by its number.
    if let Some(id) = beneficiary
        && let Some(body) = organisation::find(tx, Id::from_uuid(id))?
    {
        let requests = season::of_numbers(tx, &numbers(&body.details), LOOKED_AT)?;
        orders.extend(order::of_subjects(tx, season::SUBJECT, &requests)?);
    }
    Ok(orders)
}

/// The numbers that an association may have given for a season: RNA, SIRET, or the SIREN that begins it.
fn numbers(body: &NewOrganisation) -> Vec<String> {
    let siren = body.siret.as_deref().and_then(|siret| siret.get(..9)).map(str::to_owned);
    body.rna.iter().chain(&body.siret).cloned().chain(siren).collect()
}

fn told(tx: &mut Tx<'_>, orders: &[Order], teller: Teller<'_>) -> Result<Panel> {
    let (zone, lang, now) = (Town::load(tx)?.zone(), teller.lang(), tx.now());
    let shown = orders.get(..TOLD).unwrap_or(orders);
    let ids: Vec<Id<Order>> = shown.iter().map(|it| it.id).collect();
    let first = order::first_lines(tx, &ids)?;
    let mut panel = Panel { id: "impayes", title: teller.t("premises-unpaid"), ..Panel::default() };
    let all: Cents = orders.iter().map(Order::remaining).sum();
    let sum = [("n", orders.len().into()), ("amount", all.read_in(lang).into())];
    panel.warnings.push(teller.tr("premises-unpaid-sum", &sum));
    for it in shown {
        let label = first.get(&it.id).cloned().unwrap_or_default();
        let day = it.due_at.map(|at| long_date(civil_day(at, zone), lang)).unwrap_or_default();
        let key = match it.due_at {
            Some(at) if at <= now => "premises-unpaid-late",
            Some(_) => "premises-unpaid-due",
            None => "premises-unpaid-open",
        };
        let variables =
            [("label", label.into()), ("amount", it.remaining().read_in(lang).into()), ("day", day.into())];
        panel.lines.push(teller.tr(key, &variables));
        let label = teller.tr("premises-unpaid-see", &[("number", it.number.clone().into())]);
        panel.links.push(PanelLink { href: format!("/agents/caisse/commandes/{}", it.id), label });
    }
    panel.lines.push(teller.t("premises-unpaid-about"));
    Ok(panel)
}

#[cfg(test)]
mod tests {
    use beffroi_people::{OrganisationKind, PostalAddress};

    use super::*;

    #[test]
    fn an_association_is_known_by_whichever_number_it_gave() {
        let body = |siret: Option<&str>, rna: Option<&str>| NewOrganisation {
            kind: OrganisationKind::Association,
            name: "Boule des Platanes".to_owned(),
            siret: siret.map(str::to_owned),
            rna: rna.map(str::to_owned),
            email: String::new(),
            phone: String::new(),
            address: PostalAddress::default(),
        };
        assert_eq!(numbers(&body(None, None)), Vec::<String>::new());
        assert_eq!(numbers(&body(None, Some("W341002345"))), ["W341002345"]);
        let both = numbers(&body(Some("73282932000074"), Some("W341002345")));
        assert_eq!(both, ["W341002345", "73282932000074", "732829320"]);
    }
}
