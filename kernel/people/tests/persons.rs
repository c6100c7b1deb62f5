//! Those whom cases are about: persons sealed by sector, organisations known by their number, and mandates to act
//! for them, on both engines.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use beffroi_core::{Day, Id, Sector};
use beffroi_people::{
    Account, AccountKind, MIGRATIONS, NewOrganisation, NewPerson, OrganisationKind, PostalAddress,
    account::{self, NewAccount},
    mandate::{self, ANY_SCOPE, NewMandate, Represented},
    organisation::{self, OrganisationError},
    permission::{ManageAccounts, ManageMandates, permit_system},
    person,
};
use beffroi_store::{
    By, StoreError, Tx,
    testing::{TestCommune, on_both_engines},
};

fn write<T: Send + 'static>(
    fixture: &TestCommune,
    work: impl FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
) -> T {
    fixture.commune.write_blocking(By::SYSTEM, work).unwrap()
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn lea() -> NewPerson {
    NewPerson {
        family_name: "Durand".to_owned(),
        given_names: "Léa".to_owned(),
        birth_date: Some(day("1990-02-04")),
        address: PostalAddress { lines: vec!["4 rue du Jasmin".to_owned()], ..PostalAddress::default() },
        ..NewPerson::default()
    }
}

fn judo(rna: &str) -> NewOrganisation {
    NewOrganisation {
        kind: OrganisationKind::Association,
        name: "Judo Club".to_owned(),
        siret: None,
        rna: Some(rna.to_owned()),
        email: String::new(),
        phone: String::new(),
        address: PostalAddress::default(),
    }
}

fn helper(fixture: &TestCommune) -> Id<Account> {
    let new = NewAccount {
        email: "aidante@example.org".to_owned(),
        display_name: "Inès".to_owned(),
        kind: AccountKind::Citizen,
        password: None,
    };
    fixture
        .commune
        .write_blocking(By::SYSTEM, move |tx| {
            let permit = permit_system::<ManageAccounts>(tx).unwrap();
            account::create(tx, &permit, &new)
        })
        .unwrap()
}

#[test]
fn a_record_is_found_from_within_its_sector_alone() {
    on_both_engines(MIGRATIONS, |fixture| {
        let id = write(fixture, |tx| person::create(tx, Sector::CivilStatus, &lea()));
        let found = write(fixture, move |tx| person::find(tx, Sector::CivilStatus, id)).unwrap();
        assert_eq!(found.details, lea());
        for sector in [Sector::Social, Sector::Finance] {
            assert_eq!(write(fixture, move |tx| person::find(tx, sector, id)), None);
        }
    })
    .unwrap();
}

#[test]
fn an_organisation_is_known_again_by_its_number() {
    on_both_engines(MIGRATIONS, |fixture| {
        let create = |rna: &'static str| {
            fixture.commune.write_blocking(By::SYSTEM, move |tx| organisation::create(tx, &judo(rna)))
        };
        let id = create("W341002345").unwrap();
        let Err(OrganisationError::RegistrationTaken(known)) = create("W341002345") else {
            panic!("the number was given twice")
        };
        assert_eq!(known, id);
        assert_ne!(create("W341009999").unwrap(), id);
        let found = write(fixture, |tx| organisation::by_registration(tx, "W341002345")).unwrap();
        assert_eq!((found.id, found.details), (id, judo("W341002345")));
    })
    .unwrap();
}

#[test]
fn a_mandate_covers_its_scope_from_its_first_day_to_its_last_unless_revoked() {
    on_both_engines(MIGRATIONS, |fixture| {
        let account = helper(fixture);
        let person = write(fixture, |tx| person::create(tx, Sector::CivilStatus, &lea()));
        let represented = Represented::Person(person);
        let grant = move |tx: &mut Tx<'_>, scope: &str, until: Option<Day>| {
            let permit = permit_system::<ManageMandates>(tx).unwrap();
            let new =
                NewMandate { account, represented, scope: scope.to_owned(), from: day("2026-06-03"), until };
            mandate::create(tx, &permit, &new)
        };
        let covered = |scope: &'static str, on: &str| {
            let on = day(on);
            write(fixture, move |tx| mandate::covering(tx, account, represented, scope, on)).is_some()
        };
        let narrow = write(fixture, move |tx| grant(tx, "acte-de-naissance", Some(day("2026-06-30"))));
        assert!(covered("acte-de-naissance", "2026-06-03") && covered("acte-de-naissance", "2026-06-30"));
        assert!(!covered("acte-de-naissance", "2026-06-02") && !covered("acte-de-naissance", "2026-07-01"));
        assert!(!covered("occupation-domaine-public", "2026-06-10"));

        write(fixture, move |tx| {
            let permit = permit_system::<ManageMandates>(tx).unwrap();
            mandate::revoke(tx, &permit, narrow)
        });
        assert!(!covered("acte-de-naissance", "2026-06-10"), "it was revoked");
        write(fixture, move |tx| grant(tx, ANY_SCOPE, None));
        assert!(covered("occupation-domaine-public", "2030-01-01"));
        // Nobody else is represented by it.
        let other = write(fixture, |tx| person::create(tx, Sector::CivilStatus, &NewPerson::default()));
        let elsewhere = write(fixture, move |tx| {
            mandate::covering(tx, account, Represented::Person(other), ANY_SCOPE, day("2026-06-10"))
        });
        assert_eq!(elsewhere, None);
    })
    .unwrap();
}
