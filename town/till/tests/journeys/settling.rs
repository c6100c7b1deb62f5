//! What somebody settles: money that counts for nothing, attempts without an answer, refunds; the ledger, its files, and
//! its reconciliation with the Treasury's statement.

use axum::extract::Request;
use beffroi_core::{Cents, Lang};
use beffroi_payments::refund;
use beffroi_people::Role;
use chrono::TimeDelta;

use crate::support::{Browser, Town, in_a_town};

/// The first link that leads under an address.
fn link(body: &str, under: &str) -> String {
    let rest = body.split(&format!("href=\"{under}")).nth(1).unwrap_or_else(|| panic!("no link to {under}"));
    format!("{under}{}", rest.split('"').next().unwrap())
}

/// An order that is paid at the counter while the page of payment is open, and there as well.
async fn paid_twice(town: &Town<'_>, head: &Browser<'_>) -> String {
    let (order, page) = town.order(|_| {}).await;
    let (idop, back) = town.goes(&page).await;
    let take = format!("/agents/caisse/commandes/{}/encaisser", order.id);
    head.post(&take, &[("montant", "50"), ("moyen", "cash")]).await.is(303);
    town.bank.pays(&idop);
    town.back(&back).await.says("Tout est payé").says("Nous avons reçu 50,00\u{a0}€ de plus");
    page
}

#[test]
fn what_is_paid_twice_is_given_back_and_nothing_is_waved_away() {
    in_a_town(async |town| {
        let head = town.agent("chef@lunel.example", Role::HeadOfDepartment, "salles").await;
        let needs = format!("/agents/caisse/{}/a-regler", town.regie);
        head.get(&needs).await.says("il n’y a rien à régler");
        let page = paid_twice(town, &head).await;
        let list = head.get(&needs).await;
        list.says("Payé deux fois").says("Remboursez le payeur");
        let payment = link(&list.body, "/agents/caisse/paiements/");
        head.get(&payment).await.says("Payé deux fois").is_silent_about("value=\"clore\"");
        head.post(&format!("{payment}/clore"), &[]).await.is(422).says("déjà réglé");
        let wrong =
            head.post(&format!("{payment}/rembourser"), &[("montant", "60"), ("motif", "Trop perçu")]).await;
        wrong.is(422).says("dépasse ce qui peut être remboursé").says("value=\"Trop perçu\"");
        head.post(&format!("{payment}/rembourser"), &[("montant", "50"), ("motif", "Payé deux fois")])
            .await
            .is(303);
        let list = head.get(&needs).await;
        list.says("Remboursement à faire");
        let refund = link(&list.body, "/agents/caisse/remboursements/");
        head.post(&format!("{refund}/fait"), &[("detail", "Mandat 318")])
            .await
            .is(422)
            .says("comment l’argent a été rendu");
        let done = [("moyen", "transfer"), ("detail", "Mandat 318")];
        head.post(&format!("{refund}/fait"), &done).await.is(303);
        head.get(&refund).await.says("Mandat 318").says("Virement");
        // Who is paid back is told there: that is written down.
        assert_eq!(town.count("SELECT COUNT(*) FROM journal WHERE kind = 'order.consulted'").await, 1);
        head.post(&format!("{refund}/retirer"), &[]).await.is(422).says("déjà réglé");
        head.get(&needs).await.says("il n’y a rien à régler");
        town.browser().get(&page).await.says("Tout est payé").is_silent_about("de plus");
        // Of another department, none of it exists.
        let other = town.agent("cantine@lunel.example", Role::HeadOfDepartment, "cantine").await;
        for path in [&needs, &payment, &refund] {
            other.get(path).await.is(404);
        }
        other.post(&format!("{payment}/rembourser"), &[("montant", "1"), ("motif", "non")]).await.is(404);
    });
}

#[test]
fn another_amount_is_attached_to_an_order_that_it_fits() {
    in_a_town(async |town| {
        let head = town.agent("chef@lunel.example", Role::HeadOfDepartment, "salles").await;
        let (order, page) = town.order(|_| {}).await;
        let (idop, back) = town.goes(&page).await;
        town.bank.change(&idop, |attempt| "4000".clone_into(&mut attempt.montant));
        town.bank.pays(&idop);
        town.back(&back).await.says("Nous avons reçu 40,00\u{a0}€").is_silent_about("Tout est payé");
        let list = head.get(&format!("/agents/caisse/{}/a-regler", town.regie)).await;
        list.says("Montant différent").says("40,00\u{a0}€");
        let payment = link(&list.body, "/agents/caisse/paiements/");
        let attach = format!("{payment}/rattacher");
        let wrong = head.post(&attach, &[("numero", "2026-999999")]).await;
        wrong.is(422).says("Aucune commande à payer").says("value=\"2026-999999\"");
        head.post(&attach, &[("numero", &order.number)]).await.is(303);
        head.get(&payment).await.says("Rattaché à une commande");
        town.browser().get(&page).await.says("Payer 10,00\u{a0}€ en ligne");
    });
}

#[test]
fn money_of_which_nobody_told_is_vouched_for_from_the_statement() {
    in_a_town(async |town| {
        let (_, page) = town.order(|_| {}).await;
        let (_, back) = town.goes(&page).await;
        town.fixture.clock.advance(TimeDelta::hours(25));
        let head = town.agent("cheffe@lunel.example", Role::HeadOfDepartment, "salles").await;
        let needs = format!("/agents/caisse/{}/a-regler", town.regie);
        let list = head.get(&needs).await;
        list.says("Sans réponse depuis un jour");
        let payment = link(&list.body, "/agents/caisse/paiements/");
        head.post(&format!("{payment}/interroger"), &[]).await.is(303);
        town.fixture.clock.advance(TimeDelta::days(7));
        town.back(&back).await.is(200);
        let head = town.agent("adjointe@lunel.example", Role::HeadOfDepartment, "salles").await;
        head.get(&needs).await.says("Sans réponse depuis une semaine");
        let vouch = format!("{payment}/attester");
        head.post(&vouch, &[("recu", "50"), ("moyen", "card")]).await.is(422).says("Indiquez le jour");
        let told = [("recu", "50,00"), ("moyen", "card"), ("jour", "2026-06-03")];
        head.post(&vouch, &told).await.is(303);
        town.browser().get(&page).await.says("Tout est payé");
        head.get(&needs).await.says("il n’y a rien à régler");
    });
}

#[test]
fn the_ledger_of_a_period_is_read_taken_along_and_compared() {
    in_a_town(async |town| {
        let head = town.agent("chef@lunel.example", Role::HeadOfDepartment, "salles").await;
        paid_twice(town, &head).await;
        let reference = town.bank.last().refdet;
        let base = format!("/agents/caisse/{}/livre", town.regie);
        let ledger = head.get(&base).await;
        ledger
            .is(200)
            .says("Quittance")
            .says(&reference)
            .says("Payé deux fois")
            .says("Encaissé en ligne, à régler");
        head.get(&format!("{base}?du=2020-01-01&au=2020-01-31"))
            .await
            .says("Aucune opération dans cette période");
        let csv = head.get(&format!("{base}/livre.csv")).await;
        assert!(csv.kind.starts_with("text/csv"), "{}", csv.kind);
        csv.says("Montant encaissé").says(&reference).says("50");
        for end in ["xlsx", "ods"] {
            let file = head.get(&format!("{base}/livre.{end}")).await;
            assert!(file.is(200).bytes.starts_with(b"PK"), "{end}");
        }
        head.get(&format!("{base}/livre.exe")).await.is(404);

        let compare = format!("/agents/caisse/{}/rapprochement", town.regie);
        head.get(&compare).await.is(200).says("Comparer");
        let period = [("du", "2026-06-01"), ("au", "2026-06-30")];
        let same = format!("REFDET;MONTANT\n{reference};50,00");
        let pasted = head.post(&compare, &[period[0], period[1], ("releve", &same)]).await;
        pasted.is(200).says("1 opération concorde").says("Aucun écart");
        let other = format!("{reference};49,00\n202600009901ZZZZ;12,00");
        head.post(&compare, &[period[0], period[1], ("releve", &other)])
            .await
            .says("Montants différents")
            .says("Sur le relevé, et pas encaissé ici");
        let wrong = head.post(&compare, &[period[0], period[1], ("releve", "bonjour")]).await;
        wrong.is(422).says("Aucune ligne").says("bonjour");
        // The same from a file.
        let body = format!(
            "--x\r\nContent-Disposition: form-data; name=\"du\"\r\n\r\n2026-06-01\r\n--x\r\nContent-Disposition: form-data; name=\"au\"\r\n\r\n2026-06-30\r\n--x\r\nContent-Disposition: form-data; name=\"fichier\"; filename=\"releve.csv\"\r\nContent-Type: text/csv\r\n\r\nMontant;Reference\r\n50,00;{reference}\r\n--x--\r\n"
        );
        let request = Request::post(&compare).header("content-type", "multipart/form-data; boundary=x");
        head.ask(request, body).await.is(200).says("Aucun écart");
        let huge = format!("{};1", "9".repeat(3 << 20));
        let refused = head.post(&compare, &[("releve", &huge)]).await;
        assert_eq!(refused.status, 413);
    });
}

#[test]
fn a_reconciliation_that_is_kept_opens_where_it_was_left() {
    in_a_town(async |town| {
        let head = town.agent("chef@lunel.example", Role::HeadOfDepartment, "salles").await;
        paid_twice(town, &head).await;
        let reference = town.bank.last().refdet;
        let page = format!("/agents/caisse/{}/rapprochement", town.regie);
        head.get(&page).await.is(200).is_silent_about("Où en est cette période");
        let days = [("du", "2026-06-01"), ("au", "2026-06-30")];
        let june = format!("{page}?depuis=2026-06-01&jusque=2026-06-30");
        let first = format!("{reference};49,00\n202600009901ZZZZ;12,00");
        let seen = head.post(&page, &[days[0], days[1], ("releve", &first)]).await;
        seen.is(200).says("Garder ce rapprochement").says(&first);
        head.get(&june).await.is_silent_about("Rapprochements gardés");
        let keep = [days[0], days[1], ("releve", &first), ("garder", "oui")];
        let kept = head.post(&page, &keep).await;
        assert_eq!(kept.location, format!("{june}&fait=garde"), "{}", kept.body);
        head.get(&kept.location)
            .await
            .says("Le rapprochement est gardé")
            .says("Où en est cette période")
            .says("Montants différents")
            .says("Sur le relevé, et pas encaissé ici")
            .says("Rapprochements gardés")
            .is_silent_about("Opérations rapprochées");
        // The Treasury mends its statement: one line is reconciled, with who and when; the other is still left.
        let second = format!("{reference};50,00");
        head.post(&page, &[days[0], days[1], ("releve", &second), ("garder", "oui")]).await.is(303);
        let left = head.get(&june).await;
        left.says("1 opération concorde")
            .says("Opérations rapprochées")
            .says(&reference)
            .says("202600009901ZZZZ");
        left.is_silent_about("Montants différents");
        // What is left is told in its own days, and where it came; other days are still to be compared.
        head.get(&format!("{page}?depuis=2026-05-01&jusque=2026-05-31"))
            .await
            .is_silent_about("202600009901ZZZZ");
        assert_eq!(town.count("SELECT COUNT(*) FROM payment_comparison").await, 2);
        assert_eq!(town.count("SELECT COUNT(*) FROM journal WHERE kind = 'regie.reconciled'").await, 2);
        // Others neither see nor keep it.
        let other = town.agent("cantine@lunel.example", Role::HeadOfDepartment, "cantine").await;
        other.get(&june).await.is(404);
        other.post(&page, &keep).await.is(404);
    });
}

#[test]
fn what_is_coming_back_is_told_before_anything_else() {
    in_a_town(async |town| {
        let head = town.agent("chef@lunel.example", Role::HeadOfDepartment, "salles").await;
        let (account, _) = town.account("marie@example.org", None).await;
        for (paid, said) in [("50", "Tout est payé"), ("40", "Il reste à payer")] {
            let (order, page) = town.order(|new| new.account = Some(account)).await;
            let take = format!("/agents/caisse/commandes/{}/encaisser", order.id);
            head.post(&take, &[("montant", paid), ("moyen", "cash")]).await.is(303);
            town.browser().get(&page).await.says(said).is_silent_about("vous seront");
            let id = order.id;
            town.write(move |tx| {
                refund::claim(tx, id, Cents(3_000), "Annulation").unwrap();
                Ok(())
            })
            .await;
            let told = town.browser().get(&page).await;
            told.says("30,00\u{a0}€ vous seront remboursés").is_silent_about(said);
            told.is_silent_about("en ligne</button>");
            // Nor does a page that was open before lead to the page of payment, or the till take more.
            if paid == "40" {
                let before = town.browser().post(&format!("{page}/payer"), &[]).await;
                before.is(303);
                assert_eq!(before.location, page);
                assert_eq!(town.count("SELECT COUNT(*) FROM payment WHERE state = 'started'").await, 0);
            }
            let till = format!("/agents/caisse/commandes/{}", order.id);
            head.get(&till).await.says("Remboursement demandé").is_silent_about("name=\"montant\"");
            let english = town.browser().get(&format!("{page}?lang=en")).await;
            english.says("€30.00 will be refunded to you");
            let house = town.house();
            let awaited = town.read(move |tx| house.awaited(tx, account.uuid(), Lang::Fr)).await;
            assert!(awaited.is_empty(), "nothing is to be paid meanwhile");
        }
    });
}
