//! What a tariff is, and what a booking costs by it. Pure.

use beffroi_core::{
    Day, Id, Lang,
    calendar::{Holidays, civil_day, long_date},
    money::Cents,
};
use beffroi_store::words;
use chrono::{Datelike, Weekday};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::{clock, spans::Span};

/// Rates of a tariff, at most.
const RATES_AT_MOST: usize = 40;
/// Steps of what is kept, at most.
const STEPS_AT_MOST: usize = 6;
/// Cents of an amount, at most: a million euros.
const CENTS_AT_MOST: i64 = 100_000_000;

words! {
    /// Who asks.
    Applicant {
        /// Somebody for themselves.
        Person = "person",
        /// An association, a trade union or a political party.
        Association = "association",
        /// A company.
        Company = "company",
        /// A department of the town itself.
        Department = "department",
        /// An elected official of the town, for their office.
        Official = "official",
    }
}

impl Applicant {
    /// Whether the town itself asks: it pays nothing but what was voted for it by name.
    pub const fn is_of_town(self) -> bool {
        matches!(self, Self::Department | Self::Official)
    }
}

words! {
    /// On which days a rate holds.
    When {
        /// On every day.
        Always = "always",
        /// From Monday to Friday, but on public holidays.
        Week = "week",
        /// On Saturdays, Sundays and public holidays.
        Weekend = "weekend",
    }
}

words! {
    /// What an amount is for.
    Unit {
        /// The whole booking.
        Booking = "booking",
        /// Each day that has begun.
        Day = "day",
        /// Each hour that has begun.
        Hour = "hour",
    }
}

/// What fixes an amount: the council's deliberation (CGCT L2121-29, L2144-3).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deliberation {
    /// `2026-04-12`, as the town numbers them.
    pub number: String,
    /// The day of the vote.
    pub day: Day,
}

impl Deliberation {
    /// `délibération n° 2026-042 du 12 mars 2026`.
    pub fn cited(&self, lang: Lang) -> String {
        let day = long_date(self.day, lang);
        match lang {
            Lang::Fr => format!("délibération n°\u{a0}{} du {day}", self.number),
            Lang::En => format!("council decision no. {} of {day}", self.number),
        }
    }
}

/// An amount, and for whom and when it holds. The first that fits counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rate {
    /// Who asks; whoever does where nothing is said.
    pub applicant: Option<Applicant>,
    /// Whether they live or sit in the commune; wherever they do where nothing is said.
    pub resident: Option<bool>,
    /// On which days.
    pub when: When,
    /// The longest booking that it holds for, in hours; however long where nothing is said.
    pub up_to_hours: Option<u32>,
    /// What the amount is for.
    pub unit: Unit,
    /// The amount.
    pub amount: Cents,
}

/// A part of the price that is kept where somebody cancels late.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retained {
    /// Fewer days before it begins.
    pub days: u32,
    /// So much of the price, in hundredths.
    pub percent: u32,
}

/// What the council has voted for a resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tariff {
    /// By which deliberation.
    pub deliberation: Deliberation,
    /// The rates, in the order in which they are tried.
    pub rates: Vec<Rate>,
    /// What is deposited against damage.
    pub deposit: Cents,
    /// What is kept where somebody cancels.
    pub retained: Vec<Retained>,
    /// How often in a year an association has it for nothing.
    pub free_uses: u32,
}

/// What is wrong with a tariff.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TariffFault {
    /// The deliberation has no number.
    #[error("the deliberation has no number of 1 to 60 letters")]
    Deliberation,
    /// There is no rate, or too many.
    #[error("no rate, or more than {RATES_AT_MOST}")]
    Rates,
    /// An amount is negative, or too much.
    #[error("an amount is negative or beyond a million euros")]
    Amount,
    /// What is kept is more than all, or the same distance is told twice.
    #[error("more than all is kept, or a distance is told twice")]
    Retained,
    /// It ends before it begins.
    #[error("it ends before it begins")]
    Order,
    /// Another one is in force for some of that time.
    #[error("another tariff is in force for some of that time")]
    Overlap,
}

impl Tariff {
    /// Whether it can be kept.
    ///
    /// # Errors
    /// The first fault.
    pub fn check(&self) -> Result<(), TariffFault> {
        let number = self.deliberation.number.trim();
        if number.is_empty() || number.chars().count() > 60 {
            return Err(TariffFault::Deliberation);
        }
        if self.rates.is_empty() || self.rates.len() > RATES_AT_MOST {
            return Err(TariffFault::Rates);
        }
        let amounts = self.rates.iter().map(|rate| rate.amount).chain([self.deposit]);
        if amounts.into_iter().any(|amount| !(0..=CENTS_AT_MOST).contains(&amount.0)) {
            return Err(TariffFault::Amount);
        }
        let mut days: Vec<u32> = self.retained.iter().map(|step| step.days).collect();
        days.sort_unstable();
        days.dedup();
        let whole = self.retained.iter().all(|step| step.percent <= 100 && step.days > 0);
        if !whole || days.len() < self.retained.len() || days.len() > STEPS_AT_MOST {
            return Err(TariffFault::Retained);
        }
        Ok(())
    }

    /// What a booking costs, all of its dates together; `None` where no rate fits one of them. An association that has
    /// free uses left pays nothing, and what that is worth is told: what comes again is one use. The town itself pays
    /// nothing and deposits nothing, unless rates name it; what that is worth by the rates for anybody is told all the
    /// same.
    pub fn price(&self, id: Id<Tariff>, asked: &Asked<'_>, zone: Tz, holidays: Holidays) -> Option<Price> {
        let by = |rates: &[&Rate]| self.price_by(rates, id, asked, zone, holidays);
        if !asked.applicant.is_of_town() {
            return by(&self.rates.iter().collect::<Vec<_>>());
        }
        let nothing = Rate {
            applicant: None,
            resident: None,
            when: When::Always,
            up_to_hours: None,
            unit: Unit::Booking,
            amount: Cents(0),
        };
        // Of several dates those are paid for which that was voted, and no others.
        let named = self.rates.iter().filter(|rate| rate.applicant.is_some());
        let is_named = |date: &Span| named.clone().any(|rate| rate.fits(asked, *date, zone, holidays));
        if asked.dates.iter().any(is_named) {
            return by(&named.chain([&nothing]).collect::<Vec<_>>());
        }
        let all: Vec<&Rate> = self.rates.iter().chain([&nothing]).collect();
        Some(Price { due: Cents(0), deposit: Cents(0), ..by(&all)? })
    }

    fn price_by(
        &self,
        rates: &[&Rate],
        id: Id<Tariff>,
        asked: &Asked<'_>,
        zone: Tz,
        holidays: Holidays,
    ) -> Option<Price> {
        let (mut first, mut count, mut value) = (None, 0_u32, Cents(0));
        let mut each = Vec::with_capacity(asked.dates.len());
        for date in asked.dates {
            let rate = *rates.iter().find(|rate| rate.fits(asked, *date, zone, holidays))?;
            let units = rate.unit.count(*date, zone);
            count = count.saturating_add(units);
            each.push(Cents(rate.amount.0.saturating_mul(i64::from(units))));
            value = value + each.last().copied().unwrap_or_default();
            first.get_or_insert(rate);
        }
        let rate = first?;
        let used = asked.free_uses.filter(|used| *used < self.free_uses);
        let free = used.filter(|_| asked.applicant == Applicant::Association);
        let free = free.map(|used| FreeUse { rank: used + 1, of: self.free_uses });
        Some(Price {
            tariff: id,
            deliberation: self.deliberation.clone(),
            applicant: asked.applicant,
            resident: asked.resident,
            rate: rate.clone(),
            count,
            value,
            each,
            due: if free.is_some() { Cents(0) } else { value },
            free,
            deposit: self.deposit,
            retained: self.retained.clone(),
            kept: None,
        })
    }
}

/// Who asks for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked<'d> {
    /// Who.
    pub applicant: Applicant,
    /// Whether they live or sit in the commune.
    pub resident: bool,
    /// From when to when, each time.
    pub dates: &'d [Span],
    /// How many free uses they had that year; `None` where nobody can have any.
    pub free_uses: Option<u32>,
}

impl Rate {
    fn fits(&self, asked: &Asked<'_>, date: Span, zone: Tz, holidays: Holidays) -> bool {
        let day = civil_day(date.start(), zone);
        let rest = matches!(day.weekday(), Weekday::Sat | Weekday::Sun) || holidays.holiday(day).is_some();
        let hours = Unit::Hour.count(date, zone);
        self.applicant.is_none_or(|applicant| applicant == asked.applicant)
            && self.resident.is_none_or(|resident| resident == asked.resident)
            && self.up_to_hours.is_none_or(|most| hours <= most)
            && match self.when {
                When::Always => true,
                When::Week => !rest,
                When::Weekend => rest,
            }
    }
}

impl Unit {
    /// How many of them a booking has begun.
    fn count(self, span: Span, zone: Tz) -> u32 {
        let many = match self {
            Self::Booking => 1,
            // A night belongs to the day on which it began.
            Self::Day => {
                let first = civil_day(span.start(), zone);
                clock::last_day(span, zone).map_or(1, |last| (last - first).num_days() + 1)
            }
            Self::Hour => (span.length().num_minutes() + 59).div_euclid(60),
        };
        u32::try_from(many).unwrap_or(u32::MAX)
    }
}

/// The rank of a free use among those of its year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FreeUse {
    /// Which one.
    pub rank: u32,
    /// Of how many.
    pub of: u32,
}

/// What a booking costs, and how that was reckoned: it is kept as it was when it was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Price {
    /// By which tariff.
    pub tariff: Id<Tariff>,
    /// By which deliberation.
    pub deliberation: Deliberation,
    /// Who asked.
    pub applicant: Applicant,
    /// Whether they live or sit in the commune, as they said.
    pub resident: bool,
    /// The rate that fitted the first date.
    pub rate: Rate,
    /// How many units, of all dates.
    pub count: u32,
    /// What it is worth.
    pub value: Cents,
    /// What each of its dates is worth, in their order; nothing where that was not kept.
    #[serde(default)]
    pub each: Vec<Cents>,
    /// What is to be paid.
    pub due: Cents,
    /// That it is had for nothing.
    pub free: Option<FreeUse>,
    /// What is deposited against damage.
    pub deposit: Cents,
    /// What is kept where somebody cancels.
    pub retained: Vec<Retained>,
    /// What was kept when it was cancelled.
    pub kept: Option<Cents>,
}

impl Price {
    /// What is kept where somebody cancels on a day.
    pub fn kept_on(&self, today: Day, first: Day) -> Cents {
        let left = (first - today).num_days();
        let step =
            self.retained.iter().filter(|step| left < i64::from(step.days)).min_by_key(|step| step.days);
        let percent = step.map_or(0, |step| i64::from(step.percent));
        // Half a cent is rounded up.
        Cents((self.due.0.saturating_mul(percent).saturating_add(50)).div_euclid(100))
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDateTime;
    use chrono_tz::Europe::Paris;
    use uuid::Uuid;

    use super::*;
    use crate::local;

    fn span(from: &str, until: &str) -> Span {
        let at = |text| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap();
        Span::new(local::earliest(at(from), Paris), local::earliest(at(until), Paris)).unwrap()
    }

    fn rate(applicant: Option<Applicant>, resident: Option<bool>, when: When, amount: i64) -> Rate {
        Rate { applicant, resident, when, up_to_hours: None, unit: Unit::Day, amount: Cents(amount) }
    }

    fn tariff() -> Tariff {
        Tariff {
            deliberation: Deliberation { number: "2026-042".to_owned(), day: "2026-03-12".parse().unwrap() },
            rates: vec![
                Rate { up_to_hours: Some(5), unit: Unit::Hour, ..rate(None, None, When::Week, 1_250) },
                rate(Some(Applicant::Association), Some(true), When::Always, 8_000),
                rate(None, Some(true), When::Weekend, 30_000),
                rate(None, None, When::Always, 45_000),
            ],
            deposit: Cents(50_000),
            retained: vec![Retained { days: 30, percent: 25 }, Retained { days: 8, percent: 50 }],
            free_uses: 2,
        }
    }

    fn price(applicant: Applicant, resident: bool, free_uses: Option<u32>, span: Span) -> Price {
        let asked = Asked { applicant, resident, dates: &[span], free_uses };
        let id = Id::from_uuid(Uuid::from_u128(1));
        tariff().price(id, &asked, Paris, Holidays::of_commune("34145")).unwrap()
    }

    #[test]
    fn the_first_rate_that_fits_counts() {
        let saturday = span("2026-12-05 09:00", "2026-12-06 02:00");
        assert_eq!(price(Applicant::Person, true, None, saturday).due, Cents(30_000), "a night is no day");
        assert_eq!(price(Applicant::Person, false, None, saturday).due, Cents(45_000));
        assert_eq!(price(Applicant::Association, true, None, saturday).due, Cents(8_000));
        let weekend = span("2026-12-05 09:00", "2026-12-06 20:00");
        assert_eq!(price(Applicant::Company, true, None, weekend).due, Cents(60_000));
        // Two hours and a half of a Tuesday are three that have begun.
        let morning = price(Applicant::Company, false, None, span("2026-12-08 09:00", "2026-12-08 11:30"));
        assert_eq!((morning.count, morning.due), (3, Cents(3_750)));
        // Armistice Day is no working day.
        let armistice = span("2026-11-11 09:00", "2026-11-11 11:00");
        assert_eq!(price(Applicant::Person, true, None, armistice).due, Cents(30_000));
    }

    #[test]
    fn what_comes_again_costs_each_of_its_dates() {
        let dates =
            [span("2026-12-05 18:00", "2026-12-05 22:00"), span("2026-12-08 09:00", "2026-12-08 11:00")];
        let id = Id::from_uuid(Uuid::from_u128(1));
        let asked = Asked { applicant: Applicant::Person, resident: true, dates: &dates, free_uses: None };
        let price = tariff().price(id, &asked, Paris, Holidays::of_commune("34145")).unwrap();
        assert_eq!((price.value, price.count), (Cents(30_000 + 2 * 1_250), 3));
    }

    #[test]
    fn an_association_has_so_many_free_uses_and_their_worth_is_told() {
        let evening = span("2026-12-05 18:00", "2026-12-05 22:00");
        let second = price(Applicant::Association, true, Some(1), evening);
        assert_eq!((second.due, second.value), (Cents(0), Cents(8_000)));
        assert_eq!(second.free, Some(FreeUse { rank: 2, of: 2 }));
        let third = price(Applicant::Association, true, Some(2), evening);
        assert_eq!((third.due, third.free), (Cents(8_000), None));
        assert_eq!(price(Applicant::Company, true, Some(0), evening).free, None);
    }

    #[test]
    fn the_town_itself_pays_nothing_unless_that_was_voted() {
        let evening = span("2026-12-05 18:00", "2026-12-05 22:00");
        let free = price(Applicant::Department, true, None, evening);
        assert_eq!((free.due, free.deposit, free.value), (Cents(0), Cents(0), Cents(30_000)));
        assert_eq!(free.free, None, "what the town has itself is no help to an association");
        let id = Id::from_uuid(Uuid::from_u128(1));
        let dates = [evening];
        let asked = |applicant| Asked { applicant, resident: true, dates: &dates, free_uses: None };
        let of = |tariff: &Tariff, applicant| {
            tariff.price(id, &asked(applicant), Paris, Holidays::of_commune("34145"))
        };
        let mut voted = tariff();
        voted.rates.push(rate(Some(Applicant::Official), None, When::Always, 2_000));
        let official = of(&voted, Applicant::Official).unwrap();
        assert_eq!((official.due, official.deposit), (Cents(2_000), Cents(50_000)));
        assert_eq!(of(&voted, Applicant::Department).unwrap().due, Cents(0));
        // What was voted for some days is paid on these alone.
        voted.rates.push(rate(Some(Applicant::Department), None, When::Weekend, 3_000));
        let both = [evening, span("2026-12-07 18:00", "2026-12-07 22:00")];
        let asked_for = Asked { dates: &both, ..asked(Applicant::Department) };
        let price = voted.price(id, &asked_for, Paris, Holidays::of_commune("34145")).unwrap();
        assert_eq!((price.due, price.each), (Cents(3_000), vec![Cents(3_000), Cents(0)]));
        voted.rates.pop();
        // Where nothing holds for anybody, it is worth nothing, and free all the same.
        voted.rates.retain(|rate| rate.applicant == Some(Applicant::Association));
        assert_eq!(of(&voted, Applicant::Department).unwrap().value, Cents(0));
        assert_eq!(of(&voted, Applicant::Person), None);
    }

    #[test]
    fn the_later_somebody_cancels_the_more_is_kept() {
        let price = price(Applicant::Person, true, None, span("2026-12-05 09:00", "2026-12-05 20:00"));
        let kept = |today: &str| price.kept_on(today.parse().unwrap(), "2026-12-05".parse().unwrap());
        assert_eq!(kept("2026-11-05"), Cents(0));
        assert_eq!(kept("2026-11-06"), Cents(7_500));
        assert_eq!(kept("2026-11-27"), Cents(7_500));
        assert_eq!(kept("2026-11-28"), Cents(15_000));
        assert_eq!(kept("2026-12-05"), Cents(15_000));
    }

    #[test]
    fn a_tariff_that_nobody_voted_is_refused() {
        let fault = |change: fn(&mut Tariff)| {
            let mut tariff = tariff();
            change(&mut tariff);
            tariff.check()
        };
        assert_eq!(fault(|_| ()), Ok(()));
        assert_eq!(fault(|it| it.deliberation.number.clear()), Err(TariffFault::Deliberation));
        assert_eq!(fault(|it| it.rates.clear()), Err(TariffFault::Rates));
        assert_eq!(fault(|it| it.deposit = Cents(-1)), Err(TariffFault::Amount));
        assert_eq!(fault(|it| it.retained[0].percent = 101), Err(TariffFault::Retained));
        assert_eq!(fault(|it| it.retained[0].days = 8), Err(TariffFault::Retained));
    }
}
