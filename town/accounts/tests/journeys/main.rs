//! Journeys through the pages of accounts, on both engines.

#[cfg(test)]
mod account;
#[cfg(test)]
mod door;
#[cfg(test)]
mod franceconnect;
#[cfg(test)]
mod leaving;
#[cfg(test)]
mod letters;
#[cfg(test)]
mod office;
#[cfg(test)]
mod passkeys;
#[cfg(test)]
mod proconnect;
#[cfg(test)]
mod providers;
#[cfg(test)]
mod support;
#[cfg(test)]
mod vouching;

#[test]
fn all_texts_are_there_in_both_languages() {
    beffroi_web::l10n_check::of_crate(env!("CARGO_MANIFEST_DIR"), beffroi_accounts::LOCALES, &[]).unwrap();
}
