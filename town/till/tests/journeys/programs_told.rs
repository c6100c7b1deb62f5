//! Other programs are told of orders and of what is given back, and not of who pays.

use beffroi_core::Cents;
use beffroi_payments::{
    lower,
    order::{self, CancelReason},
    permission::SettlePayments,
    refund::{self, RefundHow},
};
use beffroi_people::{Role, permission::permit_system};
use beffroi_store::{Seq, journal};
use beffroi_till::OrderEvents;
use beffroi_webhooks::Source;
use serde_json::{Value, json};

use crate::support::{Town, in_a_town};

/// What programs would be told now of all that happened, in its order.
async fn told(town: &Town<'_>) -> Vec<(&'static str, Value)> {
    town.read(|tx| {
        let source = OrderEvents;
        let mut told = Vec::new();
        for entry in journal::of_kinds(tx, source.kinds(), Seq(0), 100)? {
            told.extend(source.event(tx, &entry)?.map(|event| (event.name, event.data)));
        }
        Ok(told)
    })
    .await
}

#[test]
fn programs_are_told_of_an_order_until_it_is_given_back_and_of_nobody() {
    in_a_town(async |town| {
        let head = town.agent("chef@lunel.example", Role::HeadOfDepartment, "salles").await;
        let (order, _) = town.order(|_| {}).await;
        let take = format!("/agents/caisse/commandes/{}/encaisser", order.id);
        head.post(&take, &[("montant", "50"), ("moyen", "cash")]).await.is(303);
        for cents in [2_000, 3_000] {
            let id = order.id;
            town.write(move |tx| {
                let asked = refund::claim(tx, id, Cents(cents), "Awa Diop a renoncé").unwrap();
                let permit = permit_system::<SettlePayments>(tx).unwrap();
                for it in asked {
                    refund::done(tx, &permit, it.id, RefundHow::Transfer, "Mandat 318").unwrap();
                }
                Ok(())
            })
            .await;
        }
        let (given_up, _) = town.order(|_| {}).await;
        town.write(move |tx| {
            order::cancel(tx, given_up.id, CancelReason::GivenUp).unwrap();
            Ok(())
        })
        .await;
        let (part, _) = town.order(|_| {}).await;
        let take = format!("/agents/caisse/commandes/{}/encaisser", part.id);
        head.post(&take, &[("montant", "20"), ("moyen", "cash")]).await.is(303);
        town.write(move |tx| lower(tx, part.id, Cents(3_000), "Awa Diop a rendu une date").map(drop)).await;
        let all = told(town).await;
        let names: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
        assert_eq!(
            names,
            [
                "order.created",
                "order.paid",
                "refund.asked",
                "refund.done",
                "order.partly-refunded",
                "refund.asked",
                "refund.done",
                "order.refunded",
                "order.created",
                "order.cancelled",
                "order.created",
                "order.lowered",
            ]
        );
        let mut of_order = all.iter().filter(|(name, _)| *name == "order.refunded");
        let (_, refunded) = of_order.next().unwrap();
        for (member, value) in [
            ("number", json!(order.number)),
            ("state", json!("refunded")),
            ("total_cents", json!(5_000)),
            ("paid_cents", json!(5_000)),
            ("refunded_cents", json!(5_000)),
        ] {
            assert_eq!(refunded.get(member), Some(&value), "{member}");
        }
        assert_eq!(refunded.pointer("/about/kind"), Some(&json!("booking")));
        let (_, lowered) = all.last().unwrap();
        assert_eq!(lowered.get("total_cents"), Some(&json!(3_000)));
        let mut of_refund = all.iter().filter(|(name, _)| *name == "refund.done");
        let (_, done) = of_refund.next().unwrap();
        assert_eq!((done.get("order"), done.get("cents")), (Some(&json!(order.number)), Some(&json!(2_000))));
        assert_eq!(done.get("how"), Some(&json!("transfer")));
        let words = format!("{all:?}");
        for word in ["Awa", "lunel.example", "Mandat", "renoncé", "Salle"] {
            assert!(!words.contains(word), "{word}: {words}");
        }
    });
}
