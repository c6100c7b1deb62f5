//! The demonstration commune: a town of 26 623 inhabitants with invented streets, people and requests, lived
//! through day by day on a clock of its own, by the same commands as a real one.

mod answers;
mod appointments;
mod bookings;
mod doors;
mod fees;
mod moving;
mod office_words;
mod opinions;
mod people;
mod premises;
mod procedures;
mod rooms;
mod season;
mod space;
mod steps;
mod story;
mod till;
mod tools;
mod town;
mod workshops;

use std::sync::Arc;

use beffroi_core::{Instant, ManualClock};
use beffroi_desk::DeskService;
use beffroi_store::{Commune, NewCommune, Platform, StoreError};

/// The commune's short name.
pub const SLUG: &str = "lunel";
/// The password of every demonstration account.
pub const PASSWORD: &str = "Lanterne-cerise-47-ponts";

/// An account of the demonstration.
#[derive(Clone, Copy, Debug)]
pub struct DemoAccount {
    /// The address to sign in with.
    pub email: &'static str,
    /// The name.
    pub name: &'static str,
    /// What the account shows, in French, for whoever tries the demonstration.
    pub shows: &'static str,
}

/// The accounts, in the order in which they are told; the last is an inhabitant's.
pub const ACCOUNTS: [DemoAccount; 9] = [
    DemoAccount {
        email: "samira.ziani@lunel.example", name: "Samira Ziani", shows: "agent de l’état civil"
    },
    DemoAccount {
        email: "bastien.gleize@lunel.example",
        name: "Bastien Gleize",
        shows: "agent du domaine public",
    },
    DemoAccount {
        email: "paloma.ortega@lunel.example",
        name: "Paloma Ortega",
        shows: "agent de la vie associative",
    },
    DemoAccount {
        email: "marius.fabre@lunel.example",
        name: "Marius Fabre",
        shows: "gardien des salles : remises, états des lieux, clés",
    },
    DemoAccount {
        email: "leonie.castan@lunel.example",
        name: "Léonie Castan",
        shows: "cheffe du domaine public : la charge de chacun, les signatures",
    },
    DemoAccount {
        email: "helene.maurin@lunel.example",
        name: "Hélène Maurin",
        shows: "direction : tous les dossiers, les chiffres",
    },
    DemoAccount {
        email: "dpo@lunel.example",
        name: "Théo Verdier",
        shows: "protection des données : le journal",
    },
    DemoAccount {
        email: "informatique@lunel.example",
        name: "Inès Cabanel",
        shows: "administration : réglages, services, comptes",
    },
    DemoAccount { email: "marie.durand@example.org", name: "Marie Durand", shows: "habitante" },
];

/// Why the demonstration could not be made.
#[derive(Debug, thiserror::Error)]
#[error("the demonstration could not be made: {0}")]
pub struct DemoError(pub(crate) String);

impl From<StoreError> for DemoError {
    fn from(error: StoreError) -> Self {
        Self(error.to_string())
    }
}

pub(crate) fn failed(error: impl std::fmt::Display) -> DemoError {
    DemoError(error.to_string())
}

/// What the demonstration is made of.
pub struct Plan<'p> {
    /// The procedures to offer, as files.
    pub procedures: &'p [String],
    /// How many requests.
    pub cases: usize,
    /// The day on which the story ends.
    pub now: Instant,
}

/// Makes the commune and lives its last months. The platform must have been opened with `clock`.
///
/// # Errors
/// The store's, or a procedure that does not take the demonstration's answers.
pub fn make(
    platform: &Arc<Platform>,
    clock: &ManualClock,
    desk: &DeskService,
    plan: &Plan<'_>,
) -> Result<Arc<Commune>, DemoError> {
    let hosts = ["localhost", "127.0.0.1"].map(str::to_owned).to_vec();
    let commune = platform.create(&NewCommune {
        slug: SLUG.parse().map_err(failed)?,
        name: "Lunel".to_owned(),
        hosts,
    })?;
    fill(&commune, clock, desk, plan)?;
    Ok(commune)
}

/// Lives the story in a commune that is there and empty, whose platform was opened with `clock`.
///
/// # Errors
/// As [`make`].
pub fn fill(
    commune: &Arc<Commune>,
    clock: &ManualClock,
    desk: &DeskService,
    plan: &Plan<'_>,
) -> Result<(), DemoError> {
    clock.set(plan.now - story::LASTS);
    town::settle(commune, plan.procedures)?;
    tools::appoint(commune)?;
    let agents = people::hire(commune)?;
    moving::hire(commune)?;
    story::live(commune, clock, desk, &agents, plan)?;
    clock.set(plan.now);
    opinions::give(commune)?;
    doors::settle(commune)?;
    rooms::open(commune)?;
    bookings::make(commune, desk, &agents, clock, plan.now)?;
    premises::furnish(commune, &agents)?;
    season::make(commune, clock, plan.now, agents.inhabitant)?;
    appointments::open(commune, clock, plan.now)?;
    till::open(commune, clock, plan.now, agents.inhabitant)?;
    fees::vote(commune, desk, &agents, clock, plan.now)?;
    workshops::open(commune, clock, plan.now)?;
    tools::furnish(commune, &agents)?;
    desk.rebuild_search(commune)?;
    procedures::prepare(commune)?;
    Ok(())
}
