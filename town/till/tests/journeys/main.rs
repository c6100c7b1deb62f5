//! The till as payers, agents, administrators and PayFiP meet it, on both engines.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod admin;
mod counter;
mod payer;
mod programs_told;
mod settling;
mod support;
mod weather;

#[test]
fn all_texts_are_there_in_both_languages() {
    beffroi_web::l10n_check::of_crate(
        env!("CARGO_MANIFEST_DIR"),
        beffroi_till::LOCALES,
        &["till-office-", "till-admin-", "till-health"],
    )
    .unwrap();
}
