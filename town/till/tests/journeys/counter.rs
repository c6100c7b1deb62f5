//! The till: money taken in somebody's hand, its receipts, and who may do it.

use beffroi_people::Role;

use crate::support::{in_a_town, key_of};

#[test]
fn an_agent_takes_money_and_hands_a_receipt_over() {
    in_a_town(async |town| {
        let agent = town.agent("agent@lunel.example", Role::Agent, "salles").await;
        let (order, page) = town.order(|_| {}).await;
        let list = agent.get("/agents/caisse").await;
        list.is(200).says("Régie des salles");
        let found = agent.get(&format!("/agents/caisse?numero={}", order.number)).await;
        let at = format!("/agents/caisse/commandes/{}", order.id);
        assert_eq!((found.status, found.location.as_str()), (303, at.as_str()));
        agent.get("/agents/caisse?numero=2026-999999").await.says("Aucune commande");
        let seen = agent.get(&at).await;
        seen.says("Awa Diop").says("value=\"50,00\"");
        // Who opens an order reads who pays: that is written down.
        let looks = "SELECT COUNT(*) FROM journal WHERE kind = 'order.consulted'";
        assert_eq!(town.count(looks).await, 1);
        let take = format!("{at}/encaisser");
        let wrong =
            agent.post(&take, &[("montant", "60"), ("moyen", "cheque"), ("detail", "BNP 0012345")]).await;
        wrong.is(422).says("dépasse ce qui reste à payer").says("value=\"60\"").says("value=\"BNP 0012345\"");
        agent
            .post(&take, &[("montant", "cinq")])
            .await
            .is(422)
            .says("Choisissez un moyen")
            .says("value=\"cinq\"");
        // Pressed twice, it is taken once.
        let key = key_of(&seen);
        let fields =
            [("montant", "20,00"), ("moyen", "cash"), ("detail", ""), ("idempotency_key", key.as_str())];
        let first = agent.post(&take, &fields).await;
        let again = agent.post(&take, &fields).await;
        assert_eq!((first.status, &first.location), (303, &again.location));
        agent.get(&first.location).await.says("C’est encaissé").says("Quittance 2026-1").says("20,00\u{a0}€");
        town.browser().get(&page).await.says("Déjà payé").says("Payer 30,00\u{a0}€ en ligne");
        let rest =
            agent.post(&take, &[("montant", "30"), ("moyen", "cheque"), ("detail", "BNP 0012345")]).await;
        let receipt = rest.location.split('?').next().unwrap().to_owned();
        agent.get(&receipt).await.says("Quittance 2026-2").says("BNP 0012345");
        let paper = agent.get(&format!("{receipt}/quittance.pdf")).await;
        assert!(paper.bytes.starts_with(b"%PDF"), "{}", paper.status);
        town.browser().get(&page).await.says("Tout est payé");
        agent.post(&take, &[("montant", "1"), ("moyen", "cash")]).await.is(422).says("plus rien à payer");
        let day = agent.get(&format!("/agents/caisse/{}", town.regie)).await;
        day.says("Espèces").says("20,00\u{a0}€").says("Chèque").says("30,00\u{a0}€").says("50,00\u{a0}€");
    });
}

#[test]
fn a_receipt_is_annulled_by_another_and_the_order_is_due_again() {
    in_a_town(async |town| {
        let agent = town.agent("agent@lunel.example", Role::Agent, "salles").await;
        let (order, page) = town.order(|_| {}).await;
        let at = format!("/agents/caisse/commandes/{}", order.id);
        let taken = agent.post(&format!("{at}/encaisser"), &[("montant", "50"), ("moyen", "cheque")]).await;
        let receipt = taken.location.split('?').next().unwrap().to_owned();
        let annul = format!("{receipt}/annuler");
        agent.post(&annul, &[("motif", "")]).await.is(422).says("Indiquez le motif");
        let done = agent.post(&annul, &[("motif", "Chèque sans provision")]).await;
        agent
            .get(&done.location)
            .await
            .says("La quittance est annulée")
            .says("Annulation de quittance 2026-2")
            .says("Chèque sans provision");
        agent.post(&annul, &[("motif", "Encore")]).await.is(422).says("déjà annulée");
        agent.get(&receipt).await.says("Annulée par");
        town.browser().get(&page).await.says("Payer 50,00\u{a0}€ en ligne");
        let day = agent.get(&format!("/agents/caisse/{}", town.regie)).await;
        day.says("-50,00\u{a0}€").says("0,00\u{a0}€").says("Annulation");
    });
}

#[test]
fn what_came_online_on_a_day_is_told_with_what_was_taken_at_the_counter() {
    in_a_town(async |town| {
        let agent = town.agent("agent@lunel.example", Role::Agent, "salles").await;
        let (_, page) = town.order(|_| {}).await;
        let (idop, back) = town.goes(&page).await;
        town.bank.pays(&idop);
        town.back(&back).await.says("Tout est payé");
        let regie = format!("/agents/caisse/{}", town.regie);
        let day = agent.get(&regie).await;
        day.says("(PayFiP)").says("50,00\u{a0}€").says("Rien n’a été encaissé au guichet");
        let (order, _) = town.order(|_| {}).await;
        let take = format!("/agents/caisse/commandes/{}/encaisser", order.id);
        agent.post(&take, &[("montant", "20"), ("moyen", "cash")]).await.is(303);
        agent.get(&regie).await.says("Espèces").says("<strong>70,00\u{a0}€</strong>");
    });
}

#[test]
fn an_order_is_found_by_the_name_of_its_payer_too() {
    in_a_town(async |town| {
        let (order, _) = town.order(|_| {}).await;
        let agent = town.agent("agent@lunel.example", Role::Agent, "salles").await;
        agent.get("/agents/caisse?numero=diop+AWA").await.says(&order.number).says("Awa Diop");
        agent.get("/agents/caisse?numero=Durand").await.says("Aucune commande");
        let canteen = town.agent("cantine@lunel.example", Role::Agent, "cantine").await;
        canteen.get("/agents/caisse?numero=diop").await.is(200).is_silent_about(&order.number);
    });
}

#[test]
fn a_till_is_of_its_department_and_nobody_else_knows_of_it() {
    in_a_town(async |town| {
        let (order, _) = town.order(|_| {}).await;
        let canteen = town.agent("cantine@lunel.example", Role::Agent, "cantine").await;
        let own = town.agent("agent@lunel.example", Role::Agent, "salles").await;
        let dpo = town.account("dpo@lunel.example", Some((Role::Dpo, None))).await.1;
        let citizen = town.account("marie@example.org", None).await.1;
        let taken = own
            .post(
                &format!("/agents/caisse/commandes/{}/encaisser", order.id),
                &[("montant", "5"), ("moyen", "cash")],
            )
            .await;
        let receipt = taken.location.split('?').next().unwrap().to_owned();
        let none = canteen.get("/agents/caisse").await;
        none.is(200).is_silent_about("Régie des salles");
        // Whoever keeps no till finds nothing to search, and whom to ask.
        none.says("adressez-vous à l’administrateur").is_silent_about("name=\"numero\"");
        own.get("/agents/caisse").await.says("name=\"numero\"");
        let regie = format!("/agents/caisse/{}", town.regie);
        let order = format!("/agents/caisse/commandes/{}", order.id);
        for path in [regie.as_str(), order.as_str(), receipt.as_str(), &format!("{receipt}/quittance.pdf")] {
            canteen.get(path).await.is(404);
            dpo.get(path).await.is(404);
            citizen.get(path).await.is(404);
            town.browser().get(path).await.is(303);
        }
        canteen.post(&format!("{order}/encaisser"), &[("montant", "5"), ("moyen", "cash")]).await.is(404);
        canteen.post(&format!("{receipt}/annuler"), &[("motif", "non")]).await.is(404);
        // Whoever takes money does not read the ledger, unless they answer for the department.
        for page in ["livre", "livre/livre.csv", "a-regler", "rapprochement"] {
            own.get(&format!("{regie}/{page}")).await.is(404);
        }
        own.get(&regie).await.is_silent_about("Livre de caisse");
        let head = town.agent("chef@lunel.example", Role::HeadOfDepartment, "salles").await;
        head.get(&regie).await.says("Livre de caisse");
    });
}
