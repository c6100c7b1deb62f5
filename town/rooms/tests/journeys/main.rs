//! Rooms as the public and its programs see them, on both engines.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod agenda;
mod bill;
mod booking;
mod caldav;
mod devices;
mod equipment;
mod figures;
mod handed;
mod hours;
mod lending;
mod moving;
mod photos;
mod planning;
mod premises;
mod programs_told;
mod public;
mod repeated;
mod season;
mod season_bill;
mod season_deposit;
mod season_large;
mod season_posted;
mod support;
mod taken_back;
mod tariffs;
mod tasks;
mod unpaid;

#[test]
fn all_texts_are_there_in_both_languages() {
    beffroi_web::l10n_check::of_crate(
        env!("CARGO_MANIFEST_DIR"),
        beffroi_rooms::LOCALES,
        &["planning-", "premises-", "rooms-admin-"],
    )
    .unwrap();
}
