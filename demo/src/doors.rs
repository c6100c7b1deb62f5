//! What the counter and the mail room show: somebody who helps a neighbour by a mandate, three items that wait.

use beffroi_core::{Day, calendar::civil_day};
use beffroi_mailroom::{Nature, NewItem, Source, item};
use beffroi_people::{
    Town, account,
    mandate::{self, Helped, Helper, NewMandate, Proof, Scope, Term},
};
use beffroi_store::{By, Commune, Tx};

use crate::{ACCOUNTS, DemoError, failed};

/// The inhabitant who has an account helps an elderly neighbour, who gave her the code from the letter.
pub(crate) fn settle(commune: &Commune) -> Result<(), DemoError> {
    commune.write_blocking(By::SYSTEM, |tx| {
        let email = ACCOUNTS.last().map(|account| account.email).unwrap_or_default();
        let helper = account::by_email(tx, email)?.ok_or_else(|| failed("nobody helps"))?;
        let new = NewMandate {
            account: helper.id,
            helper: Helper::Relative,
            helper_name: helper.display_name,
            helped: Helped {
                family_name: "Galtier".to_owned(),
                given_names: "Augustine".to_owned(),
                birth_date: Day::from_ymd_opt(1938, 4, 12),
                address: "7 impasse des Cigales, 34400 Lunel".to_owned(),
                phone: "+33465710099".to_owned(),
                ..Helped::default()
            },
            person: None,
            scope: Scope::All,
            term: Term::of_days(182).ok_or_else(|| failed("no such term"))?,
            proof: Proof::Code,
            copies: true,
            lang: beffroi_core::Lang::Fr,
        };
        let asked = mandate::ask(tx, &new)?;
        let today = civil_day(tx.now(), Town::load(tx)?.zone());
        let code = asked.code.unwrap_or_default();
        mandate::consent_by_code(tx, asked.id, &code, today)?.map_err(failed)?;
        arrives(tx, today)
    })
}

/// Three items of the mail room: a letter, an e-mail, an absence.
fn arrives(tx: &mut Tx<'_>, today: Day) -> Result<(), DemoError> {
    let letter = NewItem {
        source: Source::Scan,
        department: "etat-civil".to_owned(),
        mailbox: None,
        sender_name: "Zélie Bonafous".to_owned(),
        sender_email: String::new(),
        subject: "Demande d’acte de naissance".to_owned(),
        body: String::new(),
        nature: Nature::Ordinary,
        arrived_on: today,
        entered_by: None,
    };
    let mail = NewItem {
        source: Source::Email,
        sender_name: "Marie Durand".to_owned(),
        sender_email: "marie.durand@example.org".to_owned(),
        subject: "Le papier que vous m’avez demandé".to_owned(),
        body: "Bonjour,\n\nVoici le papier qui manquait à ma demande. Merci de me dire si tout est complet.\n\nMarie Durand".to_owned(),
        ..letter.clone()
    };
    let absence = NewItem {
        sender_name: "Cabinet Teissier".to_owned(),
        sender_email: "contact@teissier.example".to_owned(),
        subject: "Absence".to_owned(),
        body: "Bonjour, notre cabinet est fermé jusqu’à lundi.".to_owned(),
        nature: Nature::Automatic,
        ..mail.clone()
    };
    for item in [letter, mail, absence] {
        item::keep(tx, &item)?;
    }
    Ok(())
}
