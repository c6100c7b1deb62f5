//! Letters wait in their department's tray until they are printed.

use beffroi_notify::{MIGRATIONS, letter};
use beffroi_store::{By, StoreError, testing::on_both_engines};
use uuid::Uuid;

use super::support::{CASE, told};

#[test]
fn letters_wait_for_the_batch_and_are_printed_once() {
    on_both_engines(MIGRATIONS, |fixture| {
        let id = fixture
            .commune
            .write_blocking(By::VISITOR, |tx| {
                letter::queue(
                    tx,
                    &letter::NewLetter {
                        tray: "etat-civil",
                        recipient: "Léa Martin",
                        lines: &["3 place de l’Église".to_owned(), "34400 Lunel".to_owned()],
                        content: &letter::Content::Document { id: Uuid::from_u128(9) },
                        about: CASE,
                    },
                )
            })
            .unwrap();
        let (own, other) = (["etat-civil".to_owned()], ["voirie".to_owned()]);
        let waiting = |trays: &[String]| {
            let read = fixture.commune.read_blocking(By::SYSTEM, |tx| -> Result<_, StoreError> {
                assert_eq!(
                    letter::count_waiting(tx, trays)?,
                    u64::try_from(letter::waiting(tx, trays, 10)?.len()).unwrap()
                );
                letter::waiting(tx, trays, 10)
            });
            read.unwrap()
        };
        assert_eq!(waiting(&own)[0].lines[1], "34400 Lunel");
        assert!(waiting(&other).is_empty() && waiting(&[]).is_empty(), "each department has its own letters");
        let print = |trays: &[String; 1]| {
            let trays = trays.clone();
            let printed = fixture
                .commune
                .write_blocking(By::SYSTEM, move |tx| letter::mark_printed(tx, &trays, &[id, id]));
            printed.unwrap()
        };
        assert_eq!((print(&other), print(&own), print(&own), waiting(&own).len()), (0, 1, 0, 0));
        assert_eq!(told(fixture), ["letter.printed"]);
        let printed = |trays: &[String]| {
            let since = fixture.commune.now();
            let read =
                fixture.commune.read_blocking(By::SYSTEM, |tx| letter::printed_since(tx, trays, since, 10));
            read.unwrap().len()
        };
        assert_eq!((printed(&own), printed(&other)), (1, 0));
    })
    .unwrap();
}
