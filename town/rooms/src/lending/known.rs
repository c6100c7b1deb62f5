//! A loan with its case and what is left for its days: for the agents of that case's department alone.

use std::collections::BTreeMap;

use beffroi_calendar::{
    clock::{capital, from_to},
    lending::{self, Item, Loan},
    resource::Resource,
    spans::Span,
    stock,
};
use beffroi_cases::case::{self, Case};
use beffroi_core::{
    Day, Id, Instant, Lang,
    calendar::{civil_day, long_date_with_weekday},
};
use beffroi_people::{
    Permit, SignedIn, Town, department,
    permission::{permit, permit_somewhere},
};
use beffroi_store::Tx;
use beffroi_web::{Result, WebError};
use chrono::TimeDelta;
use chrono_tz::Tz;

use crate::{LendEquipment, permission::hidden, premises::stored};

/// A loan as the page of an agent knows it.
pub(super) struct Known {
    pub(super) loan: Loan,
    pub(super) case: Case,
    /// What the town lends, and what this loan has of what is withdrawn.
    pub(super) items: Vec<Item>,
    /// What others leave of it for the days of the loan.
    pub(super) left: BTreeMap<Id<Resource>, u32>,
    pub(super) now: Instant,
    pub(super) zone: Tz,
}

impl Known {
    /// Who borrows, as lists show the name: the association or the company, else the person who asked.
    pub(super) fn holder(&self) -> &str {
        let case = &self.case;
        if case.beneficiary_name.is_empty() { &case.requester_name } else { &case.beneficiary_name }
    }

    /// The loan of that id, for whoever lends in the department of its case. Whoever does not is not told of it.
    pub(super) fn load(tx: &mut Tx<'_>, who: &SignedIn, id: &str) -> Result<(Permit<LendEquipment>, Self)> {
        hidden(permit_somewhere::<LendEquipment>(tx, who))?;
        let id: Id<Loan> = id.parse().map_err(|_| WebError::not_found())?;
        let loan = lending::find(tx, id)?.ok_or_else(WebError::not_found)?;
        let case = match loan.owner.0.as_str() {
            "case" => case::find(tx, Id::from_uuid(loan.owner.1)).map_err(stored)?,
            _ => None,
        };
        let case = case.ok_or_else(WebError::not_found)?;
        let place = department::by_slug(tx, &case.department)?.map(|it| it.id);
        let permit = hidden(permit::<LendEquipment>(tx, who, place))?;
        let mut items = lending::items(tx)?.0;
        let is_lent =
            |id: Id<Resource>| loan.things.iter().any(|thing| thing.resource == id && thing.count > 0);
        items.retain(|item| item.resource.details.active || is_lent(item.resource.id));
        let left = left(tx, &items, loan.span, &loan)?;
        let (now, zone) = (tx.now(), Town::load(tx)?.zone());
        Ok((permit, Self { loan, case, items, left, now, zone }))
    }
}

/// What others leave of these for some days.
pub(super) fn left(
    tx: &mut Tx<'_>,
    items: &[Item],
    span: Span,
    loan: &Loan,
) -> beffroi_store::Result<BTreeMap<Id<Resource>, u32>> {
    let ids: Vec<Id<Resource>> = items.iter().map(|item| item.resource.id).collect();
    stock::left(tx, &ids, span, Some(loan.id.uuid()))
}

/// The first and the last day of a loan.
pub(super) fn days(span: Span, zone: Tz) -> (Day, Day) {
    (civil_day(span.start(), zone), civil_day(span.end() - TimeDelta::seconds(1), zone))
}

/// The days of a loan, in words: `Du vendredi 3 au lundi 6 juillet 2026`.
pub(super) fn period(span: Span, zone: Tz, lang: Lang) -> String {
    let (first, last) = days(span, zone);
    if first == last {
        return capital(&long_date_with_weekday(first, lang));
    }
    let (from, until) = from_to(first, last, lang);
    match lang {
        Lang::Fr => format!("Du {from} au {until}"),
        Lang::En => format!("From {from} to {until}"),
    }
}
