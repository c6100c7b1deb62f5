//! A department keeps its short name, on both engines.

use beffroi_core::Sector;
use beffroi_people::{
    Department, MIGRATIONS,
    department::{self, DepartmentDetails, DepartmentError},
    permission::permit_system,
};
use beffroi_store::{By, testing::on_both_engines};

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
