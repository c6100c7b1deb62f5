//! Whatever comes from outside, however it comes: notifications of nobody, of hostile hands, without end; a PayFiP that is
//! away, answers by halves, or says anything.

use beffroi_payments::testing::BadDay;
use chrono::TimeDelta;

use crate::support::in_a_town;

#[test]
fn whoever_rings_learns_nothing_and_writes_nothing() {
    in_a_town(async |town| {
        let (_, page) = town.order(|_| {}).await;
        let (_, _) = town.goes(&page).await;
        let before = town.count("SELECT COUNT(*) FROM journal").await;
        let jobs = town.count("SELECT COUNT(*) FROM job").await;
        let bomb =
            "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY b \"b\"><!ENTITY c \"&b;&b;\">]><idop>&c;</idop>";
        for body in [
            "",
            "idop=",
            "idop=0b8a2c1e-0000-11ea-0000-000000000000",
            "idop=%00%ff%fe&idop=2",
            "idop='; DROP TABLE payment; --",
            bomb,
            &"&".repeat(4_000),
            &format!("idop={}", "a".repeat(4_000)),
        ] {
            let answer = town.notified(body).await;
            assert_eq!((answer.status, answer.body.as_str()), (200, "OK"), "{body:.40}");
        }
        town.notified(&format!("idop={}", "a".repeat(100_000))).await.is(413);
        assert_eq!(town.count("SELECT COUNT(*) FROM journal").await, before);
        assert_eq!(town.count("SELECT COUNT(*) FROM job").await, jobs);
        assert_eq!(town.bank.questions(), 1, "nothing was asked");
    });
}

#[test]
fn where_payfip_is_away_the_payer_is_told_and_comes_back_later() {
    in_a_town(async |town| {
        let (_, page) = town.order(|_| {}).await;
        for day in [BadDay::Unavailable, BadDay::Failing, BadDay::CutOff, BadDay::Says("<html>".to_owned())] {
            town.bank.has(day);
            let sent = town.browser().post(&format!("{page}/payer"), &[]).await;
            sent.is(503).says("ne répond pas").says("Rien n’a été débité");
        }
        town.browser().get(&page).await.says("n’a pas pu s’ouvrir").says("Payer 50,00\u{a0}€ en ligne");
        let (idop, back) = town.goes(&page).await;
        town.bank.pays(&idop);
        town.back(&back).await.says("Votre paiement est reçu");
    });
}

#[test]
fn an_answer_that_is_lost_is_asked_for_again_and_the_money_is_found() {
    in_a_town(async |town| {
        let (_, page) = town.order(|_| {}).await;
        let (idop, back) = town.goes(&page).await;
        town.bank.pays(&idop);
        town.bank.has(BadDay::CutOff);
        town.back(&back).await.is(200).says("Un paiement est en cours");
        // Without anybody: the job asks, in vain at first.
        town.bank.has(BadDay::Failing);
        town.later(TimeDelta::minutes(6)).await;
        town.browser().get(&page).await.is_silent_about("Tout est payé");
        town.later(TimeDelta::minutes(30)).await;
        town.browser().get(&page).await.says("Tout est payé");
    });
}

#[test]
fn an_attempt_that_the_program_began_and_did_not_live_to_open_is_over() {
    in_a_town(async |town| {
        let (order, page) = town.order(|_| {}).await;
        let (_, _) = town.goes(&page).await;
        // As after a kill between the writing down and the answer: there is no name for it.
        town.write(move |tx| {
            tx.execute(
                "UPDATE payment SET token = NULL, ask_at = NULL WHERE payment_order = $1",
                &[&order.id],
            )?;
            Ok(())
        })
        .await;
        town.browser().get(&page).await.says("n’a pas pu s’ouvrir").says("Payer 50,00\u{a0}€ en ligne");
        town.fixture.clock.advance(TimeDelta::hours(1));
        town.hour().await;
        assert_eq!(town.count("SELECT COUNT(*) FROM payment WHERE closed_why = 'not-opened'").await, 1);
        let (idop, back) = town.goes(&page).await;
        town.bank.pays(&idop);
        town.back(&back).await.says("Votre paiement est reçu");
    });
}

#[test]
fn hostile_answers_are_no_answers() {
    in_a_town(async |town| {
        let (_, page) = town.order(|_| {}).await;
        let (idop, back) = town.goes(&page).await;
        town.bank.pays(&idop);
        let deep = format!("{}{}", "<a>".repeat(5_000), "</a>".repeat(5_000));
        for text in [
            "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><a>&b;</a>".to_owned(),
            "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY b \"bbbbbbbbbb\"><!ENTITY c \"&b;&b;&b;&b;\">]><a>&c;</a>".to_owned(),
            deep,
            "x".repeat(60_000),
            String::new(),
        ] {
            // Who reloads within five seconds has nothing asked.
            town.fixture.clock.advance(TimeDelta::seconds(6));
            town.bank.has(BadDay::Says(text));
            town.back(&back).await.is(200).says("Un paiement est en cours").is_silent_about("root:");
        }
        town.fixture.clock.advance(TimeDelta::seconds(6));
        town.back(&back).await.says("Votre paiement est reçu");
    });
}

#[test]
fn what_nobody_tells_for_a_week_is_looked_for_by_an_agent() {
    in_a_town(async |town| {
        let (_, page) = town.order(|_| {}).await;
        let (_, back) = town.goes(&page).await;
        town.later(TimeDelta::hours(2)).await;
        town.back(&back).await.says("Nous attendons la réponse du Trésor public");
        town.fixture.clock.advance(TimeDelta::days(8));
        town.back(&back).await.says("Ne payez pas une seconde fois").is_silent_about("en ligne</button>");
    });
}
