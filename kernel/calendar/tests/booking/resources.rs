//! Resources: a tree whose places never move, names that are taken once, stocks that grow and shrink.

use beffroi_calendar::{
    MIGRATIONS,
    resource::{self, Kind, ResourceDetails, ResourceError, TermsFault},
};
use beffroi_core::Id;
use beffroi_store::{
    By, StoreError, Tx,
    journal::{self, Seq},
    testing::on_both_engines,
};
use uuid::Uuid;

use crate::support::{details, in_a_town, write};

/// Why a resource is refused.
fn refusal(tx: &mut Tx<'_>, new: &ResourceDetails) -> String {
    match resource::create(tx, new) {
        Ok(_) => "kept".to_owned(),
        Err(error) => format!("{error:?}"),
    }
}

#[test]
fn what_is_said_of_a_resource_is_kept_and_journaled() {
    in_a_town(|fixture, town| {
        write(fixture, move |tx| {
            let mut hall = resource::by_slug(tx, "salle")?.unwrap();
            assert_eq!(hall.id, town.hall);
            hall.details.name.en = "The hall".to_owned();
            hall.details.active = false;
            hall.details.terms.after_minutes = 45;
            resource::change(tx, town.hall, &hall.details).unwrap();
            assert_eq!(resource::find(tx, town.hall)?.unwrap(), hall);
            // Saved once more, it is no news.
            resource::change(tx, town.hall, &hall.details).unwrap();
            let entries = journal::of_kinds(tx, &["resource.changed"], Seq(0), 10)?;
            assert_eq!(entries.len(), 1);
            let names: Vec<String> = resource::list(tx)?.into_iter().map(|kept| kept.details.slug).collect();
            assert_eq!(names, ["salle", "salle-a", "salle-b", "salle-c", "site", "tablettes"]);
            let above = resource::with_those_above(tx, &[town.tablets, town.hall])?;
            assert_eq!(above.len(), 4);
            Ok(())
        });
    });
}

#[test]
fn what_cannot_be_kept_is_refused() {
    in_a_town(|fixture, town| {
        write(fixture, move |tx| {
            assert_eq!(refusal(tx, &details("salle", Kind::Room, None, 1)), "SlugTaken(\"salle\")");
            for slug in ["", "Salle", "une salle", &"x".repeat(61)] {
                assert!(refusal(tx, &details(slug, Kind::Room, None, 1)).starts_with("BadSlug"), "{slug}");
            }
            assert_eq!(refusal(tx, &details("deux", Kind::Room, None, 2)), "BadStock");
            assert_eq!(refusal(tx, &details("rien", Kind::Equipment, None, 0)), "BadStock");
            assert_eq!(refusal(tx, &details("trop", Kind::Equipment, None, 1_001)), "BadStock");
            // Nothing lies in a tablet, and nothing in what does not exist.
            assert_eq!(refusal(tx, &details("la", Kind::Room, Some(town.tablets), 1)), "BadParent");
            let nowhere = Id::from_uuid(Uuid::from_u128(1));
            assert_eq!(refusal(tx, &details("la", Kind::Room, Some(nowhere), 1)), "Unknown");
            let mut endless = details("long", Kind::Room, None, 1);
            endless.terms.longest_minutes = u32::MAX;
            assert_eq!(refusal(tx, &endless), format!("Terms({:?})", TermsFault::Lengths));
            let mut nameless = details("sans-nom", Kind::Room, None, 1);
            nameless.name.fr = " ".to_owned();
            assert_eq!(refusal(tx, &nameless), "Name");
            Ok(())
        });
    });
}

#[test]
fn places_lie_in_one_another_eight_deep_and_never_move() {
    on_both_engines(MIGRATIONS, |fixture| {
        fixture
            .commune
            .write_blocking(By::SYSTEM, |tx| -> Result<(), StoreError> {
                let mut parent = None;
                for depth in 0..8 {
                    let place = details(&format!("lieu-{depth}"), Kind::Room, parent, 1);
                    parent = Some(resource::create(tx, &place).unwrap());
                }
                assert_eq!(refusal(tx, &details("trop-bas", Kind::Room, parent, 1)), "BadParent");
                let deepest = parent.unwrap();
                let mut moved = resource::find(tx, deepest)?.unwrap().details;
                moved.parent = None;
                assert!(matches!(resource::change(tx, deepest, &moved), Err(ResourceError::Fixed)));
                moved.parent = resource::find(tx, deepest)?.unwrap().details.parent;
                moved.kind = Kind::Person;
                assert!(matches!(resource::change(tx, deepest, &moved), Err(ResourceError::Fixed)));
                // The outermost is taken with all that lies in it.
                let parts = "SELECT COUNT(*) FROM calendar_part AS part JOIN calendar_resource AS whose \
                             ON whose.id = part.resource WHERE whose.slug = $1";
                let count =
                    |tx: &mut Tx<'_>, slug: &str| tx.query_one(parts, &[&slug], |row| row.get::<i64>(0));
                assert_eq!(count(tx, "lieu-0")?, 8);
                assert_eq!(count(tx, "lieu-7")?, 1);
                Ok(())
            })
            .unwrap();
    })
    .unwrap();
}
