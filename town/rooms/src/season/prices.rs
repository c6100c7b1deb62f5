//! What the times of a season cost, as anything that is booked: by the tariff of the room, and the free uses that an
//! association has left that year, in the order in which the times were given.

use std::collections::BTreeMap;

use beffroi_calendar::{
    resource::Resource,
    spans::Span,
    tariff::{self, Applicant, Asked, InForce, Price},
};
use beffroi_core::{Cents, Id, calendar::civil_day};
use beffroi_people::Town;
use beffroi_store::{Result, Tx};
use chrono::Datelike;

use super::request::Request;

/// What prices are reckoned from.
pub(super) struct Prices<'t> {
    town: &'t Town,
    tariffs: BTreeMap<Id<Resource>, Vec<InForce>>,
    /// How many free uses each association has had in each year, those of this season included as they are reckoned.
    used: BTreeMap<(String, i32), u32>,
}

impl<'t> Prices<'t> {
    /// Reads it, by two questions.
    pub(super) fn load(
        tx: &mut Tx<'_>,
        town: &'t Town,
        rooms: &[Id<Resource>],
        requests: &[Request],
    ) -> Result<Self> {
        let bodies: Vec<String> = requests.iter().map(|request| request.body.key()).collect();
        Ok(Self { town, tariffs: tariff::of_each(tx, rooms)?, used: tariff::used_each(tx, &bodies)? })
    }

    /// What some dates of a room cost an association; `None` where the room has no tariff that day, or none that fits.
    pub(super) fn of(&mut self, request: &Request, room: Id<Resource>, dates: &[Span]) -> Option<Price> {
        let zone = self.town.zone();
        let first = civil_day(dates.first()?.start(), zone);
        let in_force = |it: &&InForce| it.1 <= first && it.2.is_none_or(|last| last >= first);
        let (id, _, _, tariff) = self.tariffs.get(&room)?.iter().find(in_force)?;
        let resident = !request.body.elsewhere;
        let used = self.used.entry((request.body.key(), first.year())).or_default();
        // Those of the commune alone have any.
        let free_uses = resident.then_some(*used);
        let asked = Asked { applicant: Applicant::Association, resident, dates, free_uses };
        let price = tariff.price(*id, &asked, zone, self.town.holidays())?;
        *used += u32::from(price.free.is_some());
        Some(price)
    }
}

/// What the times of one request come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sum {
    /// What is to be paid.
    pub(super) due: Cents,
    /// How many times are had for nothing by the free uses of the year.
    pub(super) free: u32,
    /// What those are worth.
    pub(super) value: Cents,
    /// By which deliberation; that of the first.
    pub(super) deliberation: String,
    /// What is deposited against damage for each room, once for the season.
    pub(super) deposits: BTreeMap<Id<Resource>, Cents>,
}

impl Sum {
    /// Adds one.
    pub(super) fn add(&mut self, price: &Price, room: Id<Resource>, lang: beffroi_core::Lang) {
        if price.deposit > Cents(0) {
            let known = self.deposits.entry(room).or_default();
            *known = price.deposit.max(*known);
        }
        self.due = self.due + price.due;
        if price.free.is_some() {
            self.free += 1;
            self.value = self.value + price.value;
        }
        if self.deliberation.is_empty() {
            self.deliberation = price.deliberation.cited(lang);
        }
    }
}
