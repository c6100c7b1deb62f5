//! Journeys through the pages of accounts, on both engines.

#[cfg(test)]
mod account;
#[cfg(test)]
mod agenda;
#[cfg(test)]
mod door;
#[cfg(test)]
mod franceconnect;
#[cfg(test)]
mod health;
#[cfg(test)]
mod leaving;
#[cfg(test)]
mod letters;
#[cfg(test)]
mod office;
#[cfg(test)]
mod particulars;
#[cfg(test)]
mod passkeys;
#[cfg(test)]
mod proconnect;
#[cfg(test)]
mod providers;
#[cfg(test)]
mod state_services;
#[cfg(test)]
mod support;
#[cfg(test)]
mod vouching;

/// What only administrators of the town read.
#[cfg(test)]
const FRENCH_ONLY: [&str; 3] = ["accounts-health-", "accounts-job-", "accounts-state-"];

#[test]
fn all_texts_are_there_in_both_languages() {
    beffroi_web::l10n_check::of_crate(env!("CARGO_MANIFEST_DIR"), beffroi_accounts::LOCALES, &FRENCH_ONLY)
        .unwrap();
}
