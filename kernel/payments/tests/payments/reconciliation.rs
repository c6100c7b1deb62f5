//! What the accountant sees: each line, the totals, and a file of them.

use beffroi_core::{Cents, Instant};
use beffroi_payments::{
    OrderState,
    ledger::{self, Cursor, EntryKind, Line, LineCell, Period, Totals},
    payment::Means,
    receipt,
    refund::{self, RefundHow},
    regie::Mode,
    testing::StandIn,
};
use chrono::TimeDelta;
use chrono_tz::Europe::Paris;

use crate::support::{Town, create_regie, in_a_town, reader, settler, taker};

fn june() -> Period {
    let at = |text: &str| text.parse::<Instant>().unwrap();
    Period { from: at("2026-05-31T22:00:00Z"), until: at("2026-06-30T22:00:00Z") }
}

fn lines(town: &Town<'_>, page: u32) -> Vec<Line> {
    let mut all: Vec<Line> = Vec::new();
    loop {
        let after = all.last().map(|line| Cursor { at: line.at, id: line.id });
        let found = town.read(|tx| {
            let permit = reader(tx);
            ledger::lines(tx, &permit, town.regie, june(), after, page)
        });
        if found.is_empty() {
            return all;
        }
        all.extend(found);
    }
}

fn totals(town: &Town<'_>) -> Totals {
    town.read(|tx| {
        let permit = reader(tx);
        ledger::totals(tx, &permit, town.regie, june())
    })
}

/// A month in the life of a régie.
fn live(town: &Town<'_>) {
    let later = |minutes| town.later(TimeDelta::minutes(minutes));
    let paid = town.order(|_| {});
    let (_, idop) = town.sent(&paid);
    town.bank.pays(&idop);
    town.notified(&idop);
    later(30);
    let debited = town.order(|_| {});
    let (_, idop) = town.sent(&debited);
    town.bank.debits(&idop);
    town.notified(&idop);
    later(30);
    let refused = town.order(|_| {});
    let (_, idop) = town.sent(&refused);
    town.bank.refuses(&idop);
    town.notified(&idop);
    later(30);
    town.take(&refused, Means::Cash, 2_000).unwrap();
    later(1);
    let cheque = town.take(&refused, Means::Cheque, 3_000).unwrap();
    later(1);
    town.write(move |tx| Ok(receipt::annul(tx, &taker(tx), cheque.id, "Chèque non signé").unwrap()));
    later(1);
    town.take(&refused, Means::Terminal, 3_000).unwrap();
    later(1);
    // Paid twice.
    let twice = town.order(|_| {});
    let ((_, one), (_, two)) = (town.sent(&twice), town.sent(&twice));
    town.bank.pays(&one);
    town.bank.pays(&two);
    town.notified(&one);
    later(1);
    town.notified(&two);
    later(30);
    let paid = paid.id;
    let refunds =
        town.write(move |tx| Ok(refund::claim(tx, paid, Cents(1_500), "Salle non chauffée").unwrap()));
    let id = refunds[0].id;
    town.write(move |tx| Ok(refund::done(tx, &settler(tx), id, RefundHow::Transfer, "Mandat 118").unwrap()));
}

#[test]
fn each_line_is_there_once_however_small_the_pages() {
    in_a_town(|town| {
        live(town);
        let whole = lines(town, 100);
        let kinds: Vec<_> = whole.iter().map(|line| (line.kind, line.told.map(|cents| cents.0))).collect();
        assert_eq!(
            kinds,
            [
                (EntryKind::Online, Some(5_000)),
                (EntryKind::Online, Some(5_000)),
                (EntryKind::Online, None),
                (EntryKind::Receipt, Some(2_000)),
                (EntryKind::Receipt, Some(3_000)),
                (EntryKind::Annulment, Some(-3_000)),
                (EntryKind::Receipt, Some(3_000)),
                (EntryKind::Online, Some(5_000)),
                (EntryKind::Online, Some(5_000)),
                (EntryKind::Refund, Some(-1_500)),
            ]
        );
        for page in [1, 2, 3, 7] {
            assert_eq!(lines(town, page), whole, "{page}");
        }
        let needs = town.needs();
        assert_eq!(needs.len(), 1);
        let after = town.read(|tx| {
            let permit = reader(tx);
            beffroi_payments::attention::list(tx, &permit, town.regie, Some(needs[0].cursor()), 10)
        });
        assert!(after.is_empty());
    });
}

#[test]
fn the_totals_are_those_of_the_lines() {
    in_a_town(|town| {
        live(town);
        let totals = totals(town);
        assert_eq!(totals.asked, (5, Cents(25_000)));
        let came: Vec<_> = totals
            .came
            .iter()
            .map(|it| (it.adapter.as_str(), it.means.as_str(), it.count, it.cents.0))
            .collect();
        assert_eq!(
            came,
            [
                ("payfip", "card", 3, 15_000),
                ("payfip", "direct-debit", 1, 5_000),
                ("counter", "cash", 1, 2_000),
                ("counter", "cheque", 2, 0),
                ("counter", "terminal", 1, 3_000),
            ]
        );
        assert_eq!((totals.annulled, totals.refunded), ((1, Cents(3_000)), (1, Cents(1_500))));
        assert_eq!(totals.uncounted, (1, Cents(5_000)), "what was paid twice is not the town's to keep");
        let told: i64 = lines(town, 100).iter().filter_map(|line| line.told).map(|cents| cents.0).sum();
        assert_eq!(totals.balance(), Cents(told));
        // Another régie, and another month, have nothing of it.
        let other = create_regie(town.fixture, "Régie du théâtre", Mode::Production);
        let july = Period { from: june().until, until: june().until + TimeDelta::days(31) };
        for (regie, period) in [(other, june()), (town.regie, july)] {
            let empty = town.read(|tx| {
                let permit = reader(tx);
                ledger::totals(tx, &permit, regie, period)
            });
            assert_eq!((empty.asked.0, empty.came.len(), empty.balance()), (0, 0, Cents(0)));
        }
    });
}

#[test]
fn a_file_says_it_in_french() {
    in_a_town(|town| {
        live(town);
        let said = |cell: LineCell| match cell {
            LineCell::Words(words) => words,
            LineCell::Day(day) => day.to_string(),
            LineCell::Amount(cents) => cents.0.to_string(),
        };
        let rows: Vec<String> = lines(town, 100)
            .iter()
            .map(|line| {
                let mut cells = line.cells(Paris).map(said);
                // Its end is by chance.
                if line.kind != EntryKind::Receipt && line.kind != EntryKind::Annulment {
                    cells[4].truncate(12);
                }
                cells.join(";")
            })
            .collect();
        let awaited = [
            "Date;Heure;Opération;Commande;Référence;Autorisation ou détail;État;Moyen de paiement;Montant demandé;Montant encaissé;À régler",
            "2026-06-03;10:00;Paiement en ligne;2026-000001;202600000101;100016-ess;Encaissé;Carte bancaire;5000;5000;",
            "2026-06-03;10:30;Paiement en ligne;2026-000002;202600000201;100016-ess;Encaissé;Prélèvement;5000;5000;",
            "2026-06-03;11:00;Paiement en ligne;2026-000003;202600000301;;Refusé;;5000;;",
            "2026-06-03;11:30;Quittance;2026-000003;2026-1;BNP 0012345;Encaissé;Espèces;;2000;",
            "2026-06-03;11:31;Quittance;2026-000003;2026-2;BNP 0012345;Encaissé;Chèque;;3000;",
            "2026-06-03;11:32;Annulation de quittance;2026-000003;2026-3;Chèque non signé;Annulé;Chèque;;-3000;",
            "2026-06-03;11:33;Quittance;2026-000003;2026-4;BNP 0012345;Encaissé;Carte bancaire au guichet;;3000;",
            "2026-06-03;11:34;Paiement en ligne;2026-000004;202600000401;100016-ess;Encaissé;Carte bancaire;5000;5000;",
            "2026-06-03;11:35;Paiement en ligne;2026-000004;202600000402;100016-ess;Encaissé;Carte bancaire;5000;5000;Payé deux fois",
            "2026-06-03;12:05;Remboursement;2026-000001;202600000101;Mandat 118;Remboursé;Virement;;-1500;",
        ];
        assert_eq!([Line::HEADS.join(";")].into_iter().chain(rows).collect::<Vec<_>>(), awaited);
    });
}

#[test]
fn trials_are_shown_while_a_regie_is_tried_and_are_no_money_afterwards() {
    in_a_town(|town| {
        let trial = create_regie(town.fixture, "Régie neuve", Mode::Test);
        let order = town.order(|new| new.regie = trial);
        let (_, idop) = town.sent(&order);
        town.bank.pays(&idop);
        town.notified(&idop);
        assert_eq!(town.find(&order).state, OrderState::Paid);
        let seen = |town: &Town<'_>| {
            town.read(|tx| {
                let permit = reader(tx);
                let lines = ledger::lines(tx, &permit, trial, june(), None, 10)?;
                Ok((lines.len(), ledger::totals(tx, &permit, trial, june())?.balance()))
            })
        };
        assert_eq!(seen(town), (1, Cents(5_000)));
        town.write(move |tx| {
            let new = beffroi_payments::NewRegie {
                name: "Régie neuve".to_owned(),
                client_number: StandIn::CLIENT.to_owned(),
                mode: Mode::Production,
                online: true,
                department: None,
                closed: false,
            };
            let permit = beffroi_people::permission::permit_system(tx).unwrap();
            beffroi_payments::regie::change(tx, &permit, trial, &new)
        });
        assert_eq!(seen(town), (0, Cents(0)));
    });
}
