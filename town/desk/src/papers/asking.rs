//! The question how it went, on the decision of whoever has no e-mail address to be asked by, or on the letter that tells
//! them what silence has granted: a code to type, to scan, or to tell an agent.

use std::sync::Arc;

use beffroi_cases::{
    decision::Outcome,
    opinion::{self, Token},
};
use beffroi_store::{By, Commune, StoreError, jobs::JobError};
use beffroi_typeset::OpinionAsked;
use qrcode::{EcLevel, QrCode};

use super::{about_booking, jobs::Dossier};

/// What the paper that tells how a case ended asks; `None` of whoever is asked by mail, or has answered. Its code is in the
/// clear on the paper alone, as that of an acknowledgement is, and laying the paper out again draws another. Blocks.
pub(super) fn on_paper(
    commune: &Arc<Commune>,
    dossier: &Dossier,
    outcome: Outcome,
) -> Result<Option<OpinionAsked>, JobError> {
    if !dossier.reach.email.is_empty() {
        return Ok(None);
    }
    let case = dossier.case.id;
    let token = commune.write_blocking(By::SYSTEM, move |tx| {
        let token = Token::draw_for_paper(tx);
        Ok::<_, StoreError>(opinion::invite_on_paper(tx, case, &token)?.then_some(token))
    })?;
    let later = about_booking::over_at(dossier, outcome, commune.now()).is_some();
    Ok(token.map(|token| asked(&dossier.origin, token.reveal(), later)))
}

/// The question, with where to answer it.
fn asked(origin: &str, code: &str, later: bool) -> OpinionAsked {
    let typed = origin.trim_start_matches("https://").trim_start_matches("http://");
    OpinionAsked {
        address: format!("{typed}/avis"),
        code: code.to_owned(),
        square: square(&format!("{origin}/avis/{code}")),
        later,
    }
}

/// An address as a square to scan; empty where it is too long to be one.
fn square(address: &str) -> Vec<String> {
    let Ok(code) = QrCode::with_error_correction_level(address, EcLevel::M) else { return Vec::new() };
    let width = code.width();
    let dots: Vec<char> = code.to_colors().into_iter().map(|dot| dot.select('1', '0')).collect();
    dots.chunks(width).map(|row| row.iter().collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_short_enough_to_be_typed_and_its_square_is_one() {
        let asked = asked("https://lunel.example", "BX7K-29QM-4TRW", false);
        assert_eq!(asked.address, "lunel.example/avis");
        assert!(asked.square.len() >= 21, "{}", asked.square.len());
        assert!(asked.square.iter().all(|row| row.len() == asked.square.len()));
        // The mark that a telephone looks for in three of the corners.
        assert!(asked.square[0].starts_with("1111111") && asked.square[0].ends_with("1111111"));
        assert!(square(&"a".repeat(5_000)).is_empty());
    }
}
