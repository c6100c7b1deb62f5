//! The régies, as an administrator settles them.

use beffroi_payments::testing::{BadDay, StandIn};
use beffroi_people::Role;

use crate::support::in_a_town;

#[test]
fn an_administrator_makes_a_regie_and_asks_payfip_of_it() {
    in_a_town(async |town| {
        let admin = town.account("admin@lunel.example", Some((Role::Administrator, None))).await.1;
        admin.get("/admin/regies").await.is(200).says("Régie des salles").says("En ligne et au guichet");
        let fields =
            [("nom", " "), ("numero", "12"), ("mode", "test"), ("en-ligne", "true"), ("service", "")];
        let wrong = admin.post("/admin/regies/nouvelle", &fields).await;
        wrong.is(422).says("Donnez un nom").says("six chiffres").says("value=\"12\"");
        let fields = [
            ("nom", "Régie de la cantine"),
            ("numero", "111111"),
            ("mode", "test"),
            ("en-ligne", "true"),
            ("service", ""),
        ];
        let made = admin.post("/admin/regies/nouvelle", &fields).await;
        made.is(303);
        admin.get(&made.location).await.says("C’est enregistré").says("Régie de la cantine");
        let at = made.location.split('?').next().unwrap().to_owned();
        let check = format!("{at}/essai");
        admin.post(&check, &[]).await.says("PayFiP ne connaît pas ce numéro de client");
        let fields = [
            ("nom", "Régie de la cantine"),
            ("numero", StandIn::CLIENT),
            ("mode", "production"),
            ("service", ""),
        ];
        admin.post(&at, &fields).await.is(303);
        admin.post(&check, &[]).await.says("PayFiP connaît ce numéro de client");
        town.bank.has(BadDay::Unavailable);
        admin.post(&check, &[]).await.says("PayFiP est en panne");
        // A régie that is closed takes nothing more, at the counter neither.
        let closed =
            [("nom", "Régie de la cantine"), ("mode", "production"), ("close", "true"), ("service", "")];
        admin.post(&at, &closed).await.is(303);
        admin.get("/admin/regies").await.says("Fermée");
        let agent = town.agent("agent@lunel.example", Role::Agent, "salles").await;
        for path in ["/admin/regies", "/admin/regies/nouvelle", at.as_str()] {
            agent.get(path).await.is(404);
            town.browser().get(path).await.is(303);
        }
        agent.post(&at, &closed).await.is(404);
    });
}
