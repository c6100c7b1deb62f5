//! Agents are found by name, on both engines.

use beffroi_people::{
    AccountKind, MIGRATIONS,
    account::{self, AccountError, NewAccount},
    permission::permit_system,
};
use beffroi_store::{By, testing::on_both_engines};

const NAMES: [&str; 4] = ["Élodie O’Hara-Noël", "Œdipe L'Haÿ", "Çelik DURAND", "Zoé Agathe"];

#[test]
fn names_are_in_the_order_of_the_alphabet_those_of_before_too() {
    on_both_engines(MIGRATIONS, |fixture| {
        let made = fixture.commune.write_blocking(By::SYSTEM, |tx| -> Result<_, AccountError> {
            let permit = permit_system(tx).unwrap();
            for (number, name) in NAMES.into_iter().enumerate() {
                let new = NewAccount {
                    email: format!("agent{number}@example.org"),
                    display_name: name.to_owned(),
                    kind: AccountKind::Agent,
                    password: None,
                };
                account::create(tx, &permit, &new)?;
            }
            Ok(())
        });
        made.unwrap();
        let kept = || {
            fixture.commune.read_blocking(By::SYSTEM, |tx| {
                tx.query("SELECT sort_name FROM account ORDER BY sort_name, id", &[], |row| {
                    row.get::<String>(0)
                })
            })
        };
        let folded = kept().unwrap();
        assert_eq!(folded, ["celik durand", "elodie o hara noel", "oedipe l hay", "zoe agathe"]);
        // The migration, for which the database folds, agrees with the program.
        let migration =
            MIGRATIONS[4].sql.split(';').find(|statement| statement.contains("UPDATE account")).unwrap();
        let again = fixture.commune.write_blocking(By::SYSTEM, move |tx| {
            tx.execute("UPDATE account SET sort_name = ''", &[])?;
            tx.execute(migration, &[])
        });
        assert_eq!((again.unwrap(), kept().unwrap()), (4, folded));
    })
    .unwrap();
}
