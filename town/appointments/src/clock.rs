//! Now, where the clocks of the town are; and the words of times, as every service writes them.

pub use beffroi_calendar::{
    clock::{capital, moment, time},
    town::{school, year},
};
use beffroi_core::{Day, Instant, calendar::civil_day};
use beffroi_people::Town;
use beffroi_store::Tx;
use chrono_tz::Tz;

/// Now, where the town's clocks are.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    /// The instant.
    pub at: Instant,
    /// The clocks.
    pub zone: Tz,
    /// The day that they show.
    pub today: Day,
}

impl Now {
    /// Of this transaction, in the town that it is in.
    pub fn read(tx: &mut Tx<'_>) -> beffroi_store::Result<Self> {
        let town = Town::load(tx)?;
        Ok(Self::of(tx, &town))
    }

    /// Of this transaction.
    pub fn of(tx: &Tx<'_>, town: &Town) -> Self {
        let (at, zone) = (tx.now(), town.zone());
        Self { at, zone, today: civil_day(at, zone) }
    }
}
