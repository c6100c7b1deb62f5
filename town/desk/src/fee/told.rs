//! The words of what is to be paid: in messages, letters and orders, and in those of what comes back.

use beffroi_core::{Cents, Lang};
use beffroi_forms::FeeDue;
use beffroi_payments::refund::{Refund, RefundHow};

use super::Owed;

/// What is to be paid, what fixes it, and how it is paid.
pub(super) fn to_pay(owed: &Owed, lang: Lang) -> String {
    let Owed { cents, deliberation, on } = owed;
    let cents = cents.read_in(lang);
    match (lang, on) {
        (Lang::Fr, FeeDue::Grant) => format!(
            "Cette décision donne lieu au paiement de {cents}. Tarif fixé par\u{a0}: {deliberation}. La page de suivi de votre demande dit comment payer\u{a0}; vous pouvez aussi payer à la mairie."
        ),
        (Lang::En, FeeDue::Grant) => format!(
            "With this decision {cents} is to be paid. Price fixed by: {deliberation}. The page of your request says how to pay; you can also pay at the town hall."
        ),
        (Lang::Fr, FeeDue::Filing) => format!(
            "Cette demande donne lieu au paiement de {cents}, dû dès maintenant. Tarif fixé par\u{a0}: {deliberation}. La page de suivi de votre demande dit comment payer\u{a0}; vous pouvez aussi payer à la mairie."
        ),
        (Lang::En, FeeDue::Filing) => format!(
            "For this request {cents} is to be paid now. Price fixed by: {deliberation}. The page of your request says how to pay; you can also pay at the town hall."
        ),
    }
}

/// The same, as an article of an order.
pub(super) fn article(owed: &Owed) -> String {
    format!(
        "La présente décision donne lieu au paiement de {}. Tarif fixé par\u{a0}: {}. Le paiement se fait comme l’indique la page de suivi de la demande, ou à la mairie.",
        owed.cents, owed.deliberation
    )
}

/// That what was asked for is not to be paid any more, and what was paid comes back; `None` where neither is so.
pub(super) fn given_back(unasked: Cents, back: Cents, lang: Lang) -> Option<String> {
    let mut told = Vec::new();
    if unasked > Cents(0) {
        let unasked = unasked.read_in(lang);
        told.push(match lang {
            Lang::Fr => format!("Les {unasked} qui vous étaient demandés ne sont plus à payer."),
            Lang::En => format!("The {unasked} that you were asked for is no longer to be paid."),
        });
    }
    if back > Cents(0) {
        let back = back.read_in(lang);
        told.push(match lang {
            Lang::Fr => {
                format!("{back} vous seront remboursés. Vous recevrez un message quand ce sera fait.")
            }
            Lang::En => {
                format!("{back} will be refunded to you. You will get a message when it is done.")
            }
        });
    }
    (!told.is_empty()).then(|| told.join("\n\n"))
}

/// That money was paid back, and how.
pub(super) fn refunded(refund: &Refund, reference: &str, lang: Lang) -> String {
    let cents = refund.cents.read_in(lang);
    let how = refund.how.unwrap_or(RefundHow::Transfer);
    match lang {
        Lang::Fr => {
            let how = match how {
                RefundHow::Transfer => "vous sont remboursés par virement",
                RefundHow::Cheque => "vous sont remboursés par chèque du Trésor public",
                RefundHow::Cash => "vous ont été remboursés en espèces",
                RefundHow::Card => "vous sont remboursés sur votre carte bancaire",
            };
            format!("{cents} {how}, pour votre demande {reference}.")
        }
        Lang::En => {
            let how = match how {
                RefundHow::Transfer => "is refunded to you by bank transfer",
                RefundHow::Cheque => "is refunded to you by a cheque of the Treasury",
                RefundHow::Cash => "was refunded to you in cash",
                RefundHow::Card => "is refunded to your bank card",
            };
            format!("{cents} {how}, for your request {reference}.")
        }
    }
}

/// Why money is given back, for whoever does it.
pub(super) fn why(reference: &str) -> String {
    format!("Rien n’est plus dû pour la demande {reference}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_as_their_reader_does_and_no_way_to_pay_is_promised_that_may_not_be() {
        let owed =
            Owed {
                cents: Cents(123_450), on: FeeDue::Grant, deliberation: "délibération n° 12".to_owned()
            };
        assert!(to_pay(&owed, Lang::Fr).contains("1\u{202f}234,50\u{a0}€"));
        assert!(to_pay(&owed, Lang::En).contains("€1,234.50 is to be paid"));
        // Not every régie is paid online.
        assert!(!article(&owed).contains("en ligne"), "{}", article(&owed));
        let back = given_back(Cents(1_200), Cents(50), Lang::En).unwrap();
        assert!(back.contains("The €12.00 that") && back.contains("€0.50 will be refunded"), "{back}");
    }
}
