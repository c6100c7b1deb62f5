//! What a town knows of its year.

use beffroi_people::{Town, town::SchoolZone};

use crate::{
    openings::Year,
    school::{SchoolHolidays, Zone},
};

/// The holidays of the town's schools.
pub fn school(town: &Town) -> SchoolHolidays {
    match town.school_zone {
        SchoolZone::A => SchoolHolidays::of(Zone::A),
        SchoolZone::B => SchoolHolidays::of(Zone::B),
        SchoolZone::C => SchoolHolidays::of(Zone::C),
        SchoolZone::Other => SchoolHolidays::default(),
    }
}

/// What the town knows of its year.
pub fn year<'s>(town: &Town, school: &'s SchoolHolidays) -> Year<'s> {
    Year { zone: town.zone(), holidays: town.holidays(), school }
}
