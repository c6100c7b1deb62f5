//! What the desk does for people and programs, on both engines.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod account;
mod acknowledgement;
mod acting;
mod api;
mod api_keeping;
mod api_reception;
mod api_reversal;
mod api_tools;
mod api_work;
mod booked;
mod browser;
mod builder;
mod builder_difference;
mod builder_offered;
mod builder_parts;
mod builder_requester;
mod builder_steps;
mod builder_trials;
mod catalogue;
mod codes;
mod counter;
mod daily;
mod decision;
mod elsewhere;
mod enclosures;
mod fee;
mod fetched;
mod figures;
mod grounds;
mod halfway;
mod hall;
mod health;
mod held;
mod hooks;
mod identification;
mod journal;
mod keeping;
mod lent;
mod limits;
mod mailroom;
mod mandate_offers;
mod mandates;
mod office;
mod pages;
mod priced;
mod proof;
mod reception;
mod refused;
mod rehearsed;
mod removed;
mod repeated;
mod retention;
mod reversal;
mod sealed;
mod search;
mod sectors;
mod silence;
mod space;
mod steps;
mod support;
mod templates;
mod texting;
mod timed;
mod tracking;
mod unpapered;
mod uploads;

#[test]
fn no_word_is_missing_nor_left_over() {
    beffroi_web::l10n_check::of_crate(env!("CARGO_MANIFEST_DIR"), beffroi_desk::LOCALES, &["office-"])
        .unwrap();
}
