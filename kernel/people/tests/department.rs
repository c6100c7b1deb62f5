//! A department keeps its short name, and who works above it works in it, on both engines.

use beffroi_core::Sector;
use beffroi_people::{
    AccountKind, Department, Grant, MIGRATIONS, Role,
    account::{self, NewAccount},
    department::{self, DepartmentDetails, DepartmentError},
    permission::{self, permit_system},
};
use beffroi_store::{By, StoreError, testing::on_both_engines};

fn details(slug: &str, name: &str) -> DepartmentDetails {
    DepartmentDetails {
        slug: slug.to_owned(),
        parent: None,
        name: name.to_owned(),
        phone: String::new(),
        email: String::new(),
        postal_address: String::new(),
        hours: String::new(),
        sector: Sector::General,
    }
}

#[test]
fn a_department_is_renamed_for_people_and_keeps_its_short_name() {
    on_both_engines(MIGRATIONS, |fixture| {
        let write = |id: Option<_>, new: DepartmentDetails| {
            fixture.commune.write_blocking(By::SYSTEM, move |tx| -> Result<_, DepartmentError> {
                let permit = permit_system(tx).unwrap();
                match id {
                    None => department::create(tx, &permit, &new),
                    Some(id) => department::change(tx, &permit, id, &new).map(|()| id),
                }
            })
        };
        let id = write(None, details("voirie", "Voirie")).unwrap();
        let renamed = write(Some(id), details("routes", "Routes"));
        assert!(matches!(renamed, Err(DepartmentError::SlugFixed)), "its cases would be in nobody's inbox");
        write(Some(id), details("voirie", "Routes et chemins")).unwrap();
        let kept = fixture.commune.read_blocking(By::SYSTEM, |tx| department::by_slug(tx, "voirie"));
        let Department { id: found, details } = kept.unwrap().unwrap();
        assert_eq!((found, details.name.as_str()), (id, "Routes et chemins"));
    })
    .unwrap();
}

beffroi_people::actions! {
    /// Mend the roads.
    Mend = "road.mend" [Agent, HeadOfDepartment],
}

#[test]
fn a_permission_is_held_in_its_department_and_in_those_below_alone() {
    on_both_engines(MIGRATIONS, |fixture| {
        let found = fixture.commune.write_blocking(By::SYSTEM, |tx| -> Result<_, StoreError> {
            let permit = permit_system(tx).unwrap();
            let above =
                department::create(tx, &permit, &details("technique", "Services techniques")).unwrap();
            let roads = DepartmentDetails { parent: Some(above), ..details("voirie", "Voirie") };
            let roads = department::create(tx, &permit, &roads).unwrap();
            let lights = DepartmentDetails { parent: Some(roads), ..details("eclairage", "Éclairage") };
            let below = department::create(tx, &permit, &lights).unwrap();
            let mut told = Vec::new();
            for (name, role, place) in [
                ("everywhere", Role::Agent, None),
                ("above", Role::HeadOfDepartment, Some(above)),
                ("here", Role::Agent, Some(roads)),
                ("below", Role::Agent, Some(below)),
                ("without it", Role::Manager, Some(roads)),
                ("gone", Role::Agent, Some(roads)),
            ] {
                let new = NewAccount {
                    email: format!("{}@lunel.example", name.replace(' ', ".")),
                    display_name: name.to_owned(),
                    kind: AccountKind::Agent,
                    password: None,
                };
                let permit = permit_system(tx).unwrap();
                let id = account::create(tx, &permit, &new).unwrap();
                let permit = permit_system(tx).unwrap();
                permission::grant(tx, &permit, id, Grant { role, department: place }).unwrap();
                permission::grant(tx, &permit, id, Grant { role: Role::Dpo, department: None }).unwrap();
                if name == "gone" {
                    tx.execute("UPDATE account SET state = 'closed' WHERE id = $1", &[&id])?;
                }
                told.push((name, id));
            }
            let held = permission::holders::<Mend>(tx, roads)?;
            told.retain(|(_, id)| held.contains(id));
            Ok(told.into_iter().map(|(name, _)| name).collect::<Vec<_>>())
        });
        assert_eq!(found.unwrap(), ["everywhere", "above", "here"]);
    })
    .unwrap();
}
