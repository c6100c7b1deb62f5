//! Who there is: the town as an organisation, departments, persons, organisations, accounts, and how
//! accounts sign in and what they may do. A person is not an account, and an account is not a person:
//! requester, beneficiary and the agent who typed are three different things.

pub mod account;
pub mod attempt;
pub mod department;
pub mod device;
pub mod feed;
pub mod finding;
pub mod household;
pub mod identity;
pub mod leaving;
mod link;
pub mod look;
pub mod mandate;
pub mod merging;
pub mod organisation;
pub mod particulars;
pub mod passkey;
pub mod password;
pub mod permission;
pub mod person;
pub mod second_factor;
pub mod secret;
pub mod session;
pub mod sign_on;
pub mod throttle;
pub mod token;
pub mod town;
mod words;

pub use account::{Account, AccountKind, AccountState};
pub use department::Department;
pub use link::{LinkPurpose, LinkToSend, SEND_LINK};
pub use organisation::{NewOrganisation, Organisation, OrganisationKind};
pub use permission::{Grant, Permission, Permit, Refused, Role};
pub use person::{NewPerson, Person, PostalAddress};
pub use session::SignedIn;
pub use town::Town;

use beffroi_store::{Migration, Result, Tx};

/// The tables of this crate.
pub const MIGRATIONS: &[Migration] = &[
    Migration { service: "people", number: 1, sql: include_str!("../migrations/0001_people.sql") },
    Migration { service: "people", number: 2, sql: include_str!("../migrations/0002_owned_persons.sql") },
    Migration { service: "people", number: 3, sql: include_str!("../migrations/0003_chosen_passwords.sql") },
    Migration { service: "people", number: 4, sql: include_str!("../migrations/0004_account_language.sql") },
    Migration { service: "people", number: 5, sql: include_str!("../migrations/0005_sorted_names.sql") },
    Migration {
        service: "people",
        number: 6,
        sql: include_str!("../migrations/0006_mandates_by_person.sql"),
    },
    Migration { service: "people", number: 7, sql: include_str!("../migrations/0007_identities.sql") },
    Migration { service: "people", number: 8, sql: include_str!("../migrations/0008_passkeys.sql") },
    Migration { service: "people", number: 9, sql: include_str!("../migrations/0009_counter.sql") },
    Migration {
        service: "people",
        number: 10,
        sql: include_str!("../migrations/0010_household_and_leaving.sql"),
    },
    Migration { service: "people", number: 11, sql: include_str!("../migrations/0011_leaving.sql") },
    Migration { service: "people", number: 12, sql: include_str!("../migrations/0012_mandates_told.sql") },
    Migration { service: "people", number: 13, sql: include_str!("../migrations/0013_mandate_offers.sql") },
    Migration { service: "people", number: 20, sql: include_str!("../migrations/0020_feeds.sql") },
];

/// Forgets what no longer serves: ended sessions, expired links, failures older than a day. Run it
/// daily; it tells how many rows went.
pub fn sweep(tx: &mut Tx<'_>) -> Result<u64> {
    let begun = link::forget_expired(tx)? + attempt::forget_expired(tx)?;
    Ok(session::forget_ended(tx)? + begun + throttle::forget_old(tx)? + merging::finish(tx)?)
}
