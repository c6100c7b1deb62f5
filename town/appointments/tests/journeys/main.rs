//! Appointments as the public, agents and programs meet them, on both engines.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod admin;
mod agents;
mod coordination;
mod programs;
mod programs_told;
mod public;
mod queue;
mod support;
mod waiting;

#[test]
fn all_texts_are_there_in_both_languages() {
    beffroi_web::l10n_check::of_crate(
        env!("CARGO_MANIFEST_DIR"),
        beffroi_appointments::LOCALES,
        &["appointments-office-"],
    )
    .unwrap();
}
