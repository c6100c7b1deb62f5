//! What is sent, and what is made of answers such as others have recorded of PayFiP.

use beffroi_core::Id;
use uuid::Uuid;

use super::*;
use crate::payment::Through;

fn attempt() -> Payment {
    let through = Through {
        adapter: AdapterKind::PayFip,
        mode: Mode::Test,
        client_number: "090909".to_owned(),
        reference: "EFEFAEFG".to_owned(),
    };
    let parties = (Id::from_uuid(Uuid::nil()), Id::from_uuid(Uuid::nil()));
    let begun =
        Payment::begun(Id::from_uuid(Uuid::nil()), parties, through, Cents(1_000), Instant::UNIX_EPOCH);
    Payment { token: Some("cc0cb210-1cd4-11ea-8cca-0213ad91a103".to_owned()), ..begun }
}

/// The values are those that eopayment's test `test_get_info_paiement_ok` expects of a recorded answer.
fn detail(change: impl Fn(&str) -> String) -> String {
    let fields = [
        ("dattrans", "12122019"),
        ("exer", "20"),
        ("heurtrans", "1311"),
        ("idOp", "cc0cb210-1cd4-11ea-8cca-0213ad91a103"),
        ("mel", "john.doe@example.com"),
        ("montant", "1000"),
        ("numauto", "112233445566-tip"),
        ("numcli", "090909"),
        ("objet", "coucou"),
        ("refdet", "EFEFAEFG"),
        ("resultrans", "V"),
        ("saisie", "T"),
    ]
    .map(|(name, value)| format!("<{name}>{value}</{name}>"))
    .concat();
    format!(
        "<S:Envelope xmlns:S=\"http://schemas.xmlsoap.org/soap/envelope/\"><S:Body>\
         <ns2:recupererDetailPaiementSecuriseResponse xmlns:ns2=\"{NAMESPACE}\"><return>{}</return>\
         </ns2:recupererDetailPaiementSecuriseResponse></S:Body></S:Envelope>",
        change(&fields)
    )
}

fn told(text: &str) -> Result<Outcome, Fault> {
    match judge("recupererDetailPaiementSecurise", text)? {
        Answer::Told(answer) => outcome(&answer, &attempt()),
        Answer::Fault(code) => panic!("{code}"),
    }
}

#[test]
fn a_request_names_the_operation_and_escapes_what_it_is_told() {
    let sent = request("recupererDetailPaiementSecurise", &[("idOp", "a<b&c")]);
    insta::assert_snapshot!(sent, @r#"<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:pai="http://securite.service.tpa.cp.finances.gouv.fr/services/mas_securite/contrat_paiement_securise/PaiementSecuriseService"><soapenv:Body><pai:recupererDetailPaiementSecurise><arg0><idOp>a&lt;b&amp;c</idOp></arg0></pai:recupererDetailPaiementSecurise></soapenv:Body></soapenv:Envelope>"#);
}

#[test]
fn a_detail_tells_how_much_came_when_and_for_what() {
    let Ok(Outcome::Paid(money)) = told(&detail(str::to_owned)) else { panic!("it was paid") };
    assert_eq!((money.cents, money.means, money.matches), (Cents(1_000), Means::DirectDebit, true));
    assert_eq!(money.authorisation.as_deref(), Some("112233445566-tip"));
    // 13:11 in Paris, in winter.
    assert_eq!(money.at.unwrap().to_rfc3339(), "2019-12-12T12:11:00+00:00");
    for (letter, awaited) in
        [("R", Outcome::Refused), ("Z", Outcome::Refused), ("A", Outcome::Cancelled(ClosedWhy::GivenUp))]
    {
        let text = detail(|fields| fields.replace("<resultrans>V", &format!("<resultrans>{letter}")));
        assert_eq!(told(&text), Ok(awaited), "{letter}");
    }
}

#[test]
fn money_of_another_reference_regie_mode_or_attempt_does_not_match() {
    for (from, to) in [
        ("EFEFAEFG", "EFEFAEFH"),
        ("<numcli>090909", "<numcli>090908"),
        ("<saisie>T", "<saisie>W"),
        ("cc0cb210", "cc0cb211"),
        ("<saisie>T</saisie>", ""),
    ] {
        let Ok(Outcome::Paid(money)) = told(&detail(|fields| fields.replace(from, to))) else { panic!() };
        assert!(!money.matches, "{to}");
    }
}

#[test]
fn an_answer_that_makes_no_sense_is_no_answer() {
    for (from, to) in [
        ("<resultrans>V", "<resultrans>Q"),
        ("<resultrans>V</resultrans>", ""),
        ("<montant>1000", "<montant>-1000"),
        ("<montant>1000", "<montant>10.00"),
        ("<montant>1000", "<montant>99999999999999999999"),
        ("<montant>1000</montant>", ""),
    ] {
        assert_eq!(told(&detail(|fields| fields.replace(from, to))), Err(Fault::Unreadable), "{to}");
    }
    let other = detail(str::to_owned).replace("recupererDetailPaiementSecurise", "creerPaiementSecurise");
    assert_eq!(told(&other), Err(Fault::Unreadable), "it is the answer to another question");
    // A day that no calendar has is left out; the money is told all the same.
    let Ok(Outcome::Paid(money)) = told(&detail(|fields| fields.replace("12122019", "31022019"))) else {
        panic!()
    };
    assert_eq!(money.at, None);
}

#[test]
fn codes_are_known_by_what_they_are_about() {
    for (code, fault) in [
        ("T2", Fault::Contract),
        ("S1", Fault::Contract),
        ("M3", Fault::Amount),
        ("A2", Fault::Mail),
        ("R3", Fault::Unfit),
        ("N1", Fault::Unfit),
        ("", Fault::Unfit),
    ] {
        assert_eq!(fault_of(code), fault);
    }
}
