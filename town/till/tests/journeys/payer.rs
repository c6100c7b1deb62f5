//! Whoever pays: the page of an order, the way to PayFiP and back, and what became of it.

use beffroi_core::{Cents, Lang};
use beffroi_payments::{OrderState, order, order::CancelReason, reach};
use chrono::TimeDelta;

use crate::support::in_a_town;

#[test]
fn the_page_says_what_is_to_be_paid_how_and_where() {
    in_a_town(async |town| {
        let (order, page) = town.order(|_| {}).await;
        let seen = town.browser().get(&page).await;
        seen.is(200)
            .says("Salle des fêtes, 12 décembre")
            .says("Réduction d’habitant")
            .says("50,00\u{a0}€")
            .says(&order.number)
            .says("DCM 2026-42")
            .says("Payer 50,00\u{a0}€ en ligne")
            .says("12 rue Sadi-Carnot")
            .says("de 9 h à 12 h");
        // Nobody but the payer needs their address; the page does not tell it to whoever has its link.
        seen.is_silent_about("awa.diop@lunel.example");
        let form = seen.policy.split(';').find(|it| it.contains("form-action")).unwrap().to_owned();
        let site = town.bank.page.strip_suffix("/tpa/paiementws.web").unwrap();
        assert!(form.ends_with(&format!("form-action 'self' {site}")), "{form}");
        let english = town.browser().get(&format!("{page}?lang=en")).await;
        english.says("Pay €50.00 online").says("Pay at the counter");
        // No order is told from another that is not there.
        for wrong in ["/paiements/nobody", &format!("/paiements/{}", "0".repeat(32)), &format!("{page}0")] {
            town.browser().get(wrong).await.is(404);
        }
        assert_eq!(
            town.browser().post(&format!("/paiements/{}/payer", "0".repeat(32)), &[]).await.status,
            404
        );
    });
}

#[test]
fn whoever_is_signed_in_is_not_asked_again_for_their_address() {
    in_a_town(async |town| {
        let (_, page) = town.order(|new| new.payer.mail = String::new()).await;
        let (_, marie) = town.account("marie@example.org", None).await;
        marie.get(&page).await.says("value=\"marie@example.org\"");
        town.browser().get(&page).await.says("name=\"courriel\"").is_silent_about("marie@example.org");
    });
}

#[test]
fn one_pays_online_comes_back_and_keeps_a_paper() {
    in_a_town(async |town| {
        let (made, page) = town.order(|_| {}).await;
        let (idop, back) = town.goes(&page).await;
        town.browser().get(&page).await.says("Un paiement est en cours").says("Recommencer le paiement");
        town.browser().get(&format!("{page}/justificatif.pdf")).await.is(404);
        town.bank.pays(&idop);
        town.back(&back).await.is(200).says("Votre paiement est reçu").says("Tout est payé");
        let paper = town.browser().get(&format!("{page}/justificatif.pdf")).await;
        assert_eq!((paper.status, paper.kind.as_str()), (200, "application/pdf"));
        assert!(paper.bytes.starts_with(b"%PDF"));
        // Whoever presses again pays nothing again.
        let again = town.browser().post(&format!("{page}/payer"), &[]).await;
        assert_eq!((again.status, again.location), (303, format!("{page}?retour=oui")));
        assert_eq!(town.bank.attempts().len(), 1);
        let found = town.read(move |tx| order::find(tx, made.id)).await.unwrap();
        assert_eq!((found.state, found.paid), (OrderState::Paid, Cents(5_000)));
    });
}

#[test]
fn the_notification_alone_suffices_and_so_does_the_job_alone() {
    in_a_town(async |town| {
        let (_, page) = town.order(|_| {}).await;
        let (idop, back) = town.goes(&page).await;
        town.bank.pays(&idop);
        // PayFiP rings twice; nothing of what it brings is believed.
        for body in [format!("idop={idop}&resultrans=R"), format!("idOp={idop}")] {
            town.notified(&body).await.is(200);
        }
        town.browser().get(&page).await.is_silent_about("Tout est payé");
        town.work().await;
        town.browser().get(&page).await.says("Tout est payé");
        let questions = town.bank.questions();
        town.notified(&format!("idop={idop}")).await.is(200);
        town.work().await;
        town.back(&back).await.says("Votre paiement est reçu");
        assert_eq!(town.bank.questions(), questions, "what is known is not asked");

        // Nobody rings, and nobody comes back: the job asks.
        let (_, page) = town.order(|_| {}).await;
        let (idop, _) = town.goes(&page).await;
        town.bank.pays(&idop);
        town.later(TimeDelta::minutes(6)).await;
        town.browser().get(&page).await.says("Tout est payé");
    });
}

#[test]
fn who_is_refused_or_gives_up_tries_again() {
    in_a_town(async |town| {
        let (_, page) = town.order(|_| {}).await;
        let (idop, back) = town.goes(&page).await;
        town.bank.refuses(&idop);
        town.back(&back).await.says("refusé par la banque").says("Payer 50,00\u{a0}€ en ligne");
        town.fixture.clock.advance(TimeDelta::seconds(30));
        let (idop, back) = town.goes(&page).await;
        town.bank.cancels(&idop);
        town.back(&back).await.says("Vous avez abandonné le paiement");
        town.fixture.clock.advance(TimeDelta::seconds(30));
        let (idop, back) = town.goes(&page).await;
        town.bank.debits(&idop);
        town.back(&back).await.says("Votre paiement est reçu");
    });
}

#[test]
fn a_payer_without_address_gives_one_and_what_was_typed_wrong_stays() {
    in_a_town(async |town| {
        let (_, page) = town.order(|new| new.payer.mail.clear()).await;
        town.browser().get(&page).await.says("Votre adresse électronique");
        let wrong = town.browser().post(&format!("{page}/payer"), &[("courriel", "awa@lunel")]).await;
        wrong.is(422).says("Indiquez une adresse électronique complète").says("value=\"awa@lunel\"");
        let sent = town.browser().post(&format!("{page}/payer"), &[("courriel", "awa@lunel.example")]).await;
        sent.is(303);
        assert_eq!(town.bank.last().mel, "awa@lunel.example");
        // Somebody who has the link cannot send another person's ticket elsewhere.
        let (_, page) = town.order(|_| {}).await;
        town.browser().post(&format!("{page}/payer"), &[("courriel", "eve@example.org")]).await.is(303);
        assert_eq!(town.bank.last().mel, "awa.diop@lunel.example");
    });
}

#[test]
fn what_is_cancelled_or_too_late_is_not_paid() {
    in_a_town(async |town| {
        let (made, page) = town.order(|_| {}).await;
        town.write(move |tx| {
            order::cancel(tx, made.id, CancelReason::GivenUp).unwrap();
            Ok(())
        })
        .await;
        town.browser()
            .get(&page)
            .await
            .says("Il n’y a plus rien à payer")
            .is_silent_about("en ligne</button>");
        town.browser().post(&format!("{page}/payer"), &[]).await.is(422).says("Il n’y a plus rien à payer");

        let due = town.fixture.commune.now() + TimeDelta::hours(1);
        let lapsing = town
            .order(|new| {
                new.due_at = Some(due);
                new.lapses = true;
            })
            .await;
        town.fixture.clock.advance(TimeDelta::hours(2));
        town.browser().get(&lapsing.1).await.says("Le délai pour payer est dépassé");
        town.work().await;
        town.browser().get(&lapsing.1).await.says("Non payé dans le délai");
    });
}

#[test]
fn an_account_finds_its_payments_until_it_ends() {
    in_a_town(async |town| {
        let (account, marie) = town.account("marie@example.org", None).await;
        marie.get("/mon-compte/paiements").await.is(200).says("Vous n’avez rien à payer");
        let (made, page) = town.order(|new| new.account = Some(account)).await;
        town.order(|_| {}).await;
        // Orders of one instant have no order.
        town.fixture.clock.advance(TimeDelta::seconds(1));
        let (due, house) = (town.fixture.commune.now() + TimeDelta::days(2), town.house());
        town.order(|new| {
            new.account = Some(account);
            new.due_at = Some(due);
        })
        .await;
        let awaited = town.read(move |tx| house.awaited(tx, account.uuid(), Lang::Fr)).await;
        let told: Vec<(&str, &str)> =
            awaited.iter().map(|it| (it.href.as_str(), it.title.as_str())).collect();
        assert_eq!((told.len(), told.last()), (2, Some(&(page.as_str(), "Salle des fêtes, 12 décembre"))));
        assert!(awaited[0].text.starts_with("50,00\u{a0}€ à payer avant le "), "{}", awaited[0].text);
        assert_eq!(awaited[1].text, "50,00\u{a0}€ à payer");
        let list = marie.get("/mon-compte/paiements").await;
        list.says(&page).says("Salle des fêtes, 12 décembre").says(&made.number).says("À payer");
        assert_eq!(list.body.matches("/paiements/").count(), 2, "somebody else's is not hers");
        town.browser().get("/mon-compte/paiements").await.is(303);
        town.write(move |tx| reach::erase_account(tx, account)).await;
        marie.get("/mon-compte/paiements").await.says("Vous n’avez rien à payer");
        town.browser().get(&page).await.is(200);
    });
}

#[test]
fn a_payer_is_forgotten_when_the_time_is_over_and_the_money_stays() {
    in_a_town(async |town| {
        let (made, page) = town.order(|_| {}).await;
        let (idop, back) = town.goes(&page).await;
        town.bank.pays(&idop);
        town.back(&back).await.is(200);
        let (gone, other) = town.order(|_| {}).await;
        town.write(move |tx| {
            order::cancel(tx, gone.id, CancelReason::GivenUp).unwrap();
            Ok(())
        })
        .await;
        town.fixture.clock.advance(reach::CANCELLED_KEPT + TimeDelta::days(1));
        town.hour().await;
        town.browser().get(&other).await.is(404);
        town.browser().get(&page).await.is(200);
        town.fixture.clock.advance(reach::KEPT);
        town.hour().await;
        town.browser().get(&page).await.is(404);
        let found = town.read(move |tx| order::find(tx, made.id)).await.unwrap();
        assert_eq!((found.payer, found.paid), (None, Cents(5_000)));
    });
}

#[test]
fn a_program_reads_an_order_by_its_link_and_learns_nobodys_name() {
    in_a_town(async |town| {
        let (made, page) = town.order(|_| {}).await;
        let code = page.rsplit('/').next().unwrap();
        let told = town.browser().get(&format!("/api/v1/orders/{code}")).await;
        let told: serde_json::Value = serde_json::from_str(&told.is(200).body).unwrap();
        assert_eq!(told["number"], made.number);
        assert_eq!((&told["state"], &told["remaining_cents"]), (&"due".into(), &5_000.into()));
        assert_eq!(told["lines"][1]["cents"], -1_000);
        assert!(!told.to_string().contains("Diop"));
        town.browser().get("/api/v1/orders/nobody").await.is(404);
    });
}
