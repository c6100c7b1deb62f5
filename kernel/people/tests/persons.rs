//! Those whom cases are about: persons sealed by sector, organisations known by their number, and mandates to act
//! for them, on both engines.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use beffroi_core::{Day, Id, Lang, Sector};
use beffroi_people::{
    Account, AccountKind, MIGRATIONS, NewOrganisation, NewPerson, OrganisationKind, PostalAddress,
    account::{self, NewAccount},
    finding::{self, Likeness, Sought},
    mandate::{self, ConsentError, Helped, Helper, NewMandate, Proof, Scope, Sight, Term},
    merging::{self, MergeError, Moved},
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

fn mandate_for(account: Id<Account>, scope: Scope, days: u32, proof: Proof) -> NewMandate {
    NewMandate {
        account,
        helper: Helper::Relative,
        helper_name: "Inès".to_owned(),
        helped: Helped {
            family_name: "Durand".to_owned(),
            given_names: "Léa".to_owned(),
            email: "lea@example.org".to_owned(),
            ..Helped::default()
        },
        person: None,
        scope,
        term: Term::of_days(days).unwrap(),
        proof,
        copies: true,
        lang: Lang::Fr,
    }
}

#[test]
fn a_mandate_serves_once_the_helped_person_has_given_the_code() {
    on_both_engines(MIGRATIONS, |fixture| {
        let account = helper(fixture);
        let covered = |slug: &'static str, on: &str| {
            let on = day(on);
            !write(fixture, move |tx| mandate::covering(tx, account, slug, Sector::CivilStatus, on))
                .is_empty()
        };
        let scope = Scope::Procedures(vec!["acte-de-naissance".to_owned()]);
        let asked = write(fixture, move |tx| mandate::ask(tx, &mandate_for(account, scope, 31, Proof::Code)));
        assert!(!covered("acte-de-naissance", "2026-06-03"), "nobody has consented");
        let id = asked.id;
        let give = |code: String| {
            write(fixture, move |tx| mandate::consent_by_code(tx, id, &code, day("2026-06-03")))
        };
        assert!(matches!(give("ABCD-2345".to_owned()), Err(ConsentError::WrongCode)));
        give(asked.code.unwrap().to_lowercase().replace('-', " ")).unwrap();
        assert!(covered("acte-de-naissance", "2026-06-03") && covered("acte-de-naissance", "2026-07-03"));
        assert!(!covered("acte-de-naissance", "2026-07-04"), "its time is over");
        assert!(!covered("acte-de-deces", "2026-06-10"), "it names another procedure");

        assert!(write(fixture, move |tx| mandate::end(tx, id, mandate::By::Helped)));
        assert!(!covered("acte-de-naissance", "2026-06-10"), "it was ended");
        assert!(!write(fixture, move |tx| mandate::end(tx, id, mandate::By::Helper)), "it is over already");
        let kinds: Vec<String> =
            write(fixture, move |tx| mandate::history(tx, id, 50)).into_iter().map(|it| it.kind).collect();
        assert_eq!(kinds, ["mandate.asked", "mandate.granted", "mandate.revoked"]);
    })
    .unwrap();
}

#[test]
fn a_code_is_guessed_five_times_at_most() {
    on_both_engines(MIGRATIONS, |fixture| {
        let account = helper(fixture);
        let asked =
            write(fixture, move |tx| mandate::ask(tx, &mandate_for(account, Scope::All, 1, Proof::Code)));
        let id = asked.id;
        let give = |code: String| {
            write(fixture, move |tx| mandate::consent_by_code(tx, id, &code, day("2026-06-03")))
        };
        for _ in 0..4 {
            assert!(matches!(give("ABCD-2345".to_owned()), Err(ConsentError::WrongCode)));
        }
        assert!(matches!(give("ABCD-2345".to_owned()), Err(ConsentError::UsedUp)));
        assert!(matches!(give(asked.code.unwrap()), Err(ConsentError::UsedUp)), "the right one too");
        // The link beside it still serves, and once.
        let link = asked.link.reveal().to_owned();
        let (again, on) = (link.clone(), day("2026-06-03"));
        fixture
            .commune
            .write_blocking(By::SYSTEM, move |tx| mandate::consent_by_link(tx, &link, None, on))
            .unwrap();
        let twice = fixture
            .commune
            .write_blocking(By::SYSTEM, move |tx| mandate::consent_by_link(tx, &again, None, on));
        assert!(matches!(twice, Err(ConsentError::NotWaiting)));
    })
    .unwrap();
}

#[test]
fn a_signed_paper_begins_a_mandate_once_an_agent_has_seen_it() {
    on_both_engines(MIGRATIONS, |fixture| {
        let account = helper(fixture);
        let asked =
            write(fixture, move |tx| mandate::ask(tx, &mandate_for(account, Scope::All, 365, Proof::Paper)));
        assert!(asked.code.is_none());
        let id = asked.id;
        // Told on the day on which it is asked for, whatever becomes of it.
        let since = write(fixture, |tx| Ok(tx.now() - chrono::TimeDelta::days(1)));
        assert_eq!(write(fixture, move |tx| mandate::asked_by(tx, account, since)), 1);
        let helped = mandate_for(account, Scope::All, 1, Proof::Paper).helped;
        let helped = Helped { email: " LEA@example.org".to_owned(), ..helped };
        assert_eq!(write(fixture, move |tx| mandate::asked_of(tx, &helped, since)), 1);
        let approve = move |tx: &mut Tx<'_>| {
            let permit = permit_system::<ManageMandates>(tx).unwrap();
            mandate::approve(tx, &permit, id, day("2026-06-03"))
        };
        fixture.commune.write_blocking(By::SYSTEM, approve).unwrap();
        assert!(fixture.commune.write_blocking(By::SYSTEM, approve).is_err(), "it runs already");
        assert!(!write(fixture, move |tx| mandate::refuse(tx, id, mandate::By::Town)), "what runs is ended");
        assert_eq!(write(fixture, |tx| mandate::named(tx, "DURAND l", 10)).len(), 1);
        // A year after its end nothing of it is left.
        fixture.clock.advance(chrono::TimeDelta::days(365 * 2 + 2));
        assert_eq!(write(fixture, |tx| mandate::sweep(tx, day("2028-06-04"))), [id]);
        let history = write(fixture, move |tx| mandate::history(tx, id, 10));
        assert!(history.iter().all(|entry| entry.payload.is_none()));
    })
    .unwrap();
}

#[test]
fn a_person_is_found_in_ones_own_sectors_however_the_name_is_typed() {
    on_both_engines(MIGRATIONS, |fixture| {
        let id = write(fixture, |tx| person::create(tx, Sector::CivilStatus, &lea()));
        let married = NewPerson { used_name: "Lefèvre-Martin".to_owned(), ..lea() };
        let other = write(fixture, move |tx| person::create(tx, Sector::CivilStatus, &married));
        write(fixture, |tx| person::create(tx, Sector::Social, &lea()));
        let found = |sought: Sought| {
            let page =
                write(fixture, move |tx| finding::find_like(tx, &[Sector::CivilStatus], &sought, None, 10));
            page.persons.into_iter().map(|person| person.id).collect::<Vec<_>>()
        };
        let name = |name: &str| Sought { name: name.to_owned(), ..Sought::default() };
        for typed in ["durand", "Lea DURAND", "durand léa", "dur le"] {
            assert_eq!(found(name(typed)), [id, other], "{typed}");
        }
        assert_eq!(found(name("lefevre")), [other]);
        assert_eq!(found(name("durand paul")), []);
        assert_eq!(found(Sought { birth_date: Some(day("1990-02-04")), ..Sought::default() }).len(), 2);
        assert_eq!(found(Sought { birth_date: Some(day("1991-02-04")), ..name("durand") }), []);
        assert_eq!(found(name("d")), [], "one letter is a fishing net");
        let page = write(fixture, move |tx| {
            finding::find_like(
                tx,
                &[Sector::CivilStatus],
                &Sought { name: "durand".to_owned(), ..Sought::default() },
                None,
                1,
            )
        });
        assert_eq!(page.next, Some(id));
        let next = write(fixture, move |tx| {
            finding::find_like(
                tx,
                &[Sector::CivilStatus],
                &Sought { name: "durand".to_owned(), ..Sought::default() },
                page.next,
                1,
            )
        });
        assert_eq!((next.persons.first().map(|it| it.id), next.next), (Some(other), None));
        let typed = NewPerson { given_names: "LEA".to_owned(), family_name: "DURAND".to_owned(), ..lea() };
        let alike = write(fixture, move |tx| finding::alike(tx, &[Sector::Social], &typed, None));
        assert_eq!(alike.iter().map(|(_, why)| *why).collect::<Vec<_>>(), [Likeness::NamesAndBirth]);
    })
    .unwrap();
}

#[test]
fn two_records_become_one_within_a_sector_and_apart_again_for_a_month() {
    on_both_engines(MIGRATIONS, |fixture| {
        let make = |sector| write(fixture, move |tx| person::create(tx, sector, &lea()));
        let (kept, gone, elsewhere) =
            (make(Sector::CivilStatus), make(Sector::CivilStatus), make(Sector::Social));
        let by = helper(fixture).uuid();
        let merge = move |pair: (Id<_>, Id<_>)| {
            move |tx: &mut Tx<'_>| merging::merge(tx, Sector::CivilStatus, pair, &Moved::default(), by)
        };
        let across = fixture.commune.write_blocking(By::SYSTEM, merge((kept, elsewhere)));
        assert!(matches!(across, Err(MergeError::NotFound)), "never across sectors");
        let id = fixture.commune.write_blocking(By::SYSTEM, merge((kept, gone))).unwrap();
        assert!(fixture.commune.write_blocking(By::SYSTEM, merge((kept, gone))).is_err(), "it is gone");
        let found = || {
            let sought = Sought { name: "durand".to_owned(), ..Sought::default() };
            write(fixture, move |tx| finding::find_like(tx, &[Sector::CivilStatus], &sought, None, 10))
                .persons
                .len()
        };
        assert_eq!(found(), 1);
        let undo = move |sector, of| move |tx: &mut Tx<'_>| merging::undo(tx, &[sector], of, id);
        assert!(write(fixture, undo(Sector::Social, kept)).is_none(), "another sector's agent");
        assert!(write(fixture, undo(Sector::CivilStatus, gone)).is_none(), "from another record's page");
        assert!(write(fixture, undo(Sector::CivilStatus, kept)).is_some());
        assert_eq!(found(), 2);
        fixture.commune.write_blocking(By::SYSTEM, merge((kept, gone))).unwrap();
        fixture.clock.advance(chrono::TimeDelta::days(31));
        write(fixture, beffroi_people::sweep);
        assert!(write(fixture, move |tx| person::find(tx, Sector::CivilStatus, gone)).is_none());
    })
    .unwrap();
}

#[test]
fn an_agent_looks_into_the_mandates_of_their_own_sectors() {
    on_both_engines(MIGRATIONS, |fixture| {
        let account = helper(fixture);
        let scopes = ["*", "sector:social", "sector:finance", "acte-de-naissance", "aide acte-de-deces"];
        let ids: Vec<_> = scopes
            .into_iter()
            .map(|scope| {
                let new = mandate_for(account, Scope::parse(scope).unwrap(), 31, Proof::Paper);
                write(fixture, move |tx| mandate::ask(tx, &new)).id
            })
            .collect();
        let seen = |sight: Sight| {
            let listed = write(fixture, {
                let sight = sight.clone();
                move |tx| mandate::asked(tx, &sight, None, 10)
            });
            let listed: Vec<_> = listed.into_iter().map(|it| it.id).collect();
            // The list and the page agree.
            for (rank, id) in ids.iter().enumerate() {
                let id = *id;
                let one = write(fixture, move |tx| mandate::find(tx, id)).unwrap();
                assert_eq!(sight.sees(&one), listed.contains(&id), "{}", scopes[rank]);
            }
            let places = listed.iter().map(|id| ids.iter().position(|it| it == id).unwrap());
            // Ids of one instant come in no order.
            places.collect::<std::collections::BTreeSet<_>>()
        };
        let other = Id::from_uuid(uuid::Uuid::nil());
        let sight = |sectors: &[Sector], procedures: &[&str]| Sight {
            account: other,
            sectors: sectors.to_vec(),
            procedures: procedures.iter().map(|slug| (*slug).to_owned()).collect(),
        };
        assert_eq!(seen(sight(&[], &[])), [].into());
        assert_eq!(seen(sight(&[Sector::Social], &["aide"])), [0, 1, 4].into());
        assert_eq!(
            seen(sight(&[Sector::CivilStatus], &["acte-de-naissance", "acte-de-deces"])),
            [0, 3, 4].into()
        );
        assert_eq!(seen(sight(&[Sector::CivilStatus], &["acte", "naissance"])), [0].into());
        assert_eq!(seen(Sight { account, ..sight(&[], &[]) }), [0, 1, 2, 3, 4].into());
    })
    .unwrap();
}
