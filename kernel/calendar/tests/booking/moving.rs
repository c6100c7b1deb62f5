//! A town that moves from one engine to the other takes its calendar along.

use beffroi_calendar::{MIGRATIONS, claims};
use beffroi_store::{
    Engine,
    backup::{back_up, restore},
    testing::TestCommune,
};

use crate::support::{Town, all_claims, booking, claim, pieces, span, whole, write};

#[test]
fn what_is_taken_is_taken_on_the_other_engine_too() {
    let Some(there) = TestCommune::on(Engine::Postgres, MIGRATIONS).unwrap() else {
        eprintln!("skipped: BEFFROI_TEST_POSTGRES is not set");
        return;
    };
    let here = TestCommune::on(Engine::Sqlite, MIGRATIONS).unwrap().unwrap();
    let town = write(&here, |tx| Ok(Town::found(tx)));
    let evening = span("2026-06-10 18:00", "2026-06-10 22:00");
    claim(&here, booking(1), &[whole(town.hall, evening), pieces(town.tablets, 7, evening)], None);
    let mut archive = Vec::new();
    let first = back_up(&here.platform, "lunel", &mut archive).unwrap();
    restore(&there.commune, archive.as_slice()).unwrap();
    let mut back = Vec::new();
    let second = back_up(&there.platform, "lunel", &mut back).unwrap();
    assert_eq!(first.tables, second.tables);
    let home = TestCommune::on(Engine::Sqlite, MIGRATIONS).unwrap().unwrap();
    restore(&home.commune, back.as_slice()).unwrap();
    for fixture in [&there, &home] {
        assert_eq!(all_claims(fixture), all_claims(&here));
        assert_eq!(claim(fixture, booking(2), &[whole(town.parts[1], evening)], None).len(), 1);
        assert_eq!(claim(fixture, booking(2), &[pieces(town.tablets, 4, evening)], None).len(), 1);
        write(fixture, |tx| claims::release(tx, booking(1)));
        assert_eq!(claim(fixture, booking(2), &[whole(town.parts[1], evening)], None), []);
    }
}
