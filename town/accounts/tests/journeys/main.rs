//! Journeys through the pages of accounts, on both engines.

#[cfg(test)]
mod account;
#[cfg(test)]
mod door;
#[cfg(test)]
mod leaving;
#[cfg(test)]
mod letters;
#[cfg(test)]
mod office;
#[cfg(test)]
mod support;

#[test]
fn all_texts_are_there_in_both_languages() {
    beffroi_web::l10n_check::of_crate(env!("CARGO_MANIFEST_DIR"), beffroi_accounts::LOCALES, &[]).unwrap();
}
