//! Agents who come in with ProConnect: those whom the commune knows, and nobody else.

use axum::http::StatusCode;
use beffroi_core::Id;
use beffroi_people::{
    Account, AccountKind, Role,
    account::{self, AccountError, NewAccount},
    identity::ProviderKind,
    permission::{ManageAccounts, permit_system},
};
use beffroi_store::By;

use crate::{
    support::{AGENT_PASSWORD, Hall},
    vouching::vouched,
};

const PRO: ProviderKind = ProviderKind::ProConnect;
const NADIA: &str = "nadia.benali@example.org";

/// An agent who was invited and has not come yet.
async fn invite(hall: &Hall<'_>) -> Id<Account> {
    let new = NewAccount {
        email: NADIA.to_owned(),
        display_name: "Nadia Benali".to_owned(),
        kind: AccountKind::Agent,
        password: None,
    };
    let invited = hall.fixture.commune.write(By::SYSTEM, move |tx| -> Result<_, AccountError> {
        let permit = permit_system::<ManageAccounts>(tx).unwrap();
        account::create(tx, &permit, &new)
    });
    invited.await.unwrap()
}

#[test]
fn an_invited_agent_comes_in_with_two_factors_shown_there() {
    vouched(async |hall, providers| {
        providers.set(hall, PRO).await;
        let id = invite(hall).await;
        hall.grant(id, Role::Administrator).await;
        let browser = hall.browser();
        browser.get("/connexion").await.says("S’identifier avec ProConnect");
        let there = browser.depart("/connexion/proconnect").await;
        assert!(there.contains("claims="), "how the agent was authenticated is asked for: {there}");
        let back = providers.walk(PRO, &there, "nadia-deux-facteurs", "eidas1");
        browser.arrive(&back).await.leads_to("/admin");
        browser.get("/admin/commune").await.says("La commune");
        browser.get("/compte/sessions").await.says("<dd>ProConnect</dd>");
        let again = hall.browser();
        again.vouch(providers, PRO, "nadia-deux-facteurs", "eidas1").await.leads_to("/admin");
    });
}

#[test]
fn a_single_factor_there_needs_another_here() {
    vouched(async |hall, providers| {
        providers.set(hall, PRO).await;
        let id = invite(hall).await;
        hall.grant(id, Role::Administrator).await;
        let browser = hall.browser();
        browser.vouch(providers, PRO, "nadia", "eidas1").await.leads_to("/compte/second-facteur");
        browser.get("/admin/commune").await.leads_to("/compte/second-facteur?retour=%2Fadmin%2Fcommune");
        let other = hall.browser();
        // eIDAS substantial is two factors by definition.
        other.vouch(providers, PRO, "nadia", "eidas2").await.leads_to("/admin");
        other.get("/admin/commune").await.says("La commune");
        browser.enrol(hall).await;
        let third = hall.browser();
        third.vouch(providers, PRO, "nadia", "eidas1").await.leads_to("/connexion/code");
    });
}

#[test]
fn nobody_comes_in_whom_the_commune_did_not_invite() {
    vouched(async |hall, providers| {
        providers.set(hall, PRO).await;
        let stranger = hall.browser().vouch(providers, PRO, "nadia", "eidas1").await;
        assert_eq!(stranger.status, StatusCode::FORBIDDEN);
        stranger.says("La mairie ne vous connaît pas encore");
        invite(hall).await;
        let elsewhere = hall.browser().vouch(providers, PRO, "nadia-ailleurs", "eidas1").await;
        assert_eq!(elsewhere.status, StatusCode::FORBIDDEN);
        elsewhere.says("Vous ne travaillez pas pour cette commune");
        // Without the commune's number an address does not open anything.
        providers.set_with(hall, PRO, |provider| provider.siret.clear()).await;
        let unsure = hall.browser().vouch(providers, PRO, "nadia", "eidas1").await;
        assert_eq!(unsure.status, StatusCode::FORBIDDEN);
        providers.set_with(hall, PRO, |provider| provider.idps = vec!["idp-prefecture".to_owned()]).await;
        let other = hall.browser().vouch(providers, PRO, "nadia", "eidas1").await;
        assert_eq!(other.status, StatusCode::FORBIDDEN);
        other.says("Ce fournisseur d’identité n’est pas accepté");
    });
}

#[test]
fn an_account_that_is_in_use_is_proven_first() {
    vouched(async |hall, providers| {
        providers.set(hall, PRO).await;
        hall.account(NADIA, "Nadia Benali", AccountKind::Agent).await;
        let browser = hall.browser();
        browser.vouch(providers, PRO, "nadia", "eidas2").await.leads_to("/connexion/rattachement");
        let asked = browser.get("/connexion/rattachement").await;
        assert!(!asked.body.contains("Ouvrir un autre compte"), "nobody makes an agent of themselves");
        browser.post("/connexion/rattachement", &[]).await.says("Il n’y a rien à rattacher");
        browser.get("/compte").await.leads_to("/connexion?retour=%2Fcompte");

        browser.vouch(providers, PRO, "nadia", "eidas2").await.leads_to("/connexion/rattachement");
        browser.enter(NADIA, AGENT_PASSWORD).await.leads_to("/compte/second-facteur");
        browser.post("/compte/rattachement", &[]).await.leads_to("/compte/connexions?fait=rattachee");
        let other = hall.browser();
        other.vouch(providers, PRO, "nadia", "eidas2").await.leads_to("/compte");
        let later = other.get("/compte/connexions").await;
        later.says("Substantiel");
    });
}
