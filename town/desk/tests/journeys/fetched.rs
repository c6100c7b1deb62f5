//! What the State knows is asked for with a button, filled in, corrected, and marked; when the State is away, the
//! request goes on.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use axum::{
    Router,
    extract::{Query, State},
    http::StatusCode,
    routing::get,
};
use beffroi_core::Assurance;
use beffroi_documents::Gate;
use beffroi_forms::Procedure;
use beffroi_once_only::{Access, Api};
use beffroi_people::{
    Role,
    identity::{self, Claims, Provider, ProviderKind},
    permission::permit_system,
};
use beffroi_store::{By, StoreError};

use crate::{
    browser::{Browser, Hall, journey},
    identification::vouch_for,
};

const FORM: &str = "/demarches/tarif-de-cantine/demande";

const PROCEDURE: &str = r#"
slug = "tarif-de-cantine"
version = 1
title = "Tarif de la cantine"
summary = "Payer selon son quotient familial."
sector = "school-family"
who = "Les parents."
delay = "Deux semaines."
cost = "Gratuit."
outcome = "Un tarif."
ways = ["online", "counter"]

[regime]
silence = "none"
basis = "Aucun texte"
[regime.receipt]
not-due = "Simple calcul"
[contact]
department = "education"
[retention]
months = 12
then = "erase"
basis = "Essai"
[[legal_basis]]
text = "Code des relations entre le public et l’administration, article L114-8"

[[form.page]]
id = "vous"
title = "Vous"
[[form.page.field]]
id = "parent"
kind = "identity"
birth = true
label = "Vous"
prefill = "name"
[[form.page.field]]
id = "courriel"
kind = "email"
label = "Courriel"
prefill = "email"
[[form.page.field]]
id = "sexe"
kind = "one-of"
label = "Sexe inscrit à l’état civil"
[[form.page.field.choice]]
value = "F"
label = "Féminin"
[[form.page.field.choice]]
value = "M"
label = "Masculin"
[[form.page.field]]
id = "ne_a"
kind = "list"
from = "communes"
label = "Commune de naissance"

[[form.page]]
id = "ressources"
title = "Vos ressources"
[[form.page.field]]
id = "quotient"
kind = "number"
label = "Quotient familial"
[form.page.field.fetch]
source = "api-particulier/quotient-familial"
with = { identity = "parent", sex = "sexe", birth_commune = "ne_a" }
fills = { quotient = "quotient", caisse = "fund" }
[[form.page.field]]
id = "caisse"
kind = "text"
required = false
label = "Caisse"
[[form.page.field]]
id = "motif"
kind = "text"
label = "Pourquoi ce quotient"
show = "quotient != null && !fetched_quotient"
"#;

/// The State's own fictional answers, where they lie beside the project; a family of ours otherwise.
fn answers() -> BTreeMap<String, (u16, String)> {
    let ours = r#"{"data":{"quotient_familial":{"fournisseur":"MSA","valeur":150,"annee":2023,"mois":5},"enfants":[]}}"#;
    let mut known = BTreeMap::from([
        ("roux".to_owned(), (200, ours.to_owned())),
        ("inconnu".to_owned(), (404, r#"{"errors":[]}"#.to_owned())),
        ("refus".to_owned(), (401, r#"{"errors":[]}"#.to_owned())),
        ("quota".to_owned(), (429, r#"{"errors":[]}"#.to_owned())),
        ("panne".to_owned(), (502, "<html>".to_owned())),
        ("charabia".to_owned(), (200, "{\"data\":".to_owned())),
    ]);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(
        "../../../shared/data/api-particulier-staging/payloads/api_particulier_v3_cnav_quotient_familial_with_civility",
    );
    match std::fs::read_to_string(folder.join("200-couple-2_enfants-qf_msa_150_mai23.yaml")) {
        Ok(text) => {
            let (_, payload) = text.split_once("payload: |-\n").unwrap();
            known.insert("roux".to_owned(), (200, payload.to_owned()));
        }
        Err(_) => eprintln!("the State's fictional answers are not at hand: one of ours stands for them"),
    }
    known
}

struct Standing {
    answers: BTreeMap<String, (u16, String)>,
    asked: parking_lot::Mutex<Vec<String>>,
}

/// A stand-in for API Particulier.
async fn state() -> (String, Arc<Standing>) {
    let standing = Arc::new(Standing { answers: answers(), asked: parking_lot::Mutex::default() });
    let judge = |State(standing): State<Arc<Standing>>, Query(told): Query<Vec<(String, String)>>| async move {
        let name = told
            .iter()
            .find(|(name, _)| name == "nomNaissance")
            .map(|(_, name)| name.to_lowercase())
            .unwrap_or_default();
        standing
            .asked
            .lock()
            .push(told.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&"));
        let (status, body) = standing.answers.get(&name).cloned().unwrap_or((404, String::new()));
        (StatusCode::from_u16(status).unwrap(), body)
    };
    let router = Router::new()
        .route("/v3/dss/quotient_familial/identite", get(judge))
        .with_state(Arc::clone(&standing));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (address, standing)
}

/// Signs a browser in as somebody of this name, whom FranceConnect vouches for.
async fn vouched(hall: &Hall<'_>, browser: &Browser<'_>, family_name: &str) {
    let claims = Claims {
        family_name: family_name.to_owned(),
        given_names: "Jeanne Stéphanie".to_owned(),
        gender: "female".to_owned(),
        birth_date: "1987-06-27".to_owned(),
        birth_place: "08480".to_owned(),
        birth_country: "99100".to_owned(),
        ..Claims::default()
    };
    vouch_for(hall, browser, Assurance::Eidas1, claims).await;
}

async fn settle(hall: &Hall<'_>, address: Option<String>) {
    let procedure = Procedure::from_toml(PROCEDURE).unwrap();
    let findings = procedure.check();
    assert!(findings.is_empty(), "{findings:?}");
    let settled = hall.fixture.commune.write(By::SYSTEM, move |tx| -> Result<(), StoreError> {
        beffroi_desk::procedure::publish(tx, &procedure).unwrap();
        let provider = Provider {
            enabled: true,
            issuer: "https://oidc.example.fr".to_owned(),
            client_id: "lunel".to_owned(),
            ..Provider::unset(ProviderKind::FranceConnect)
        };
        let permit = permit_system(tx).unwrap();
        identity::save(tx, &permit, &provider, "secret").unwrap();
        if let Some(address) = address {
            let permit = permit_system(tx).unwrap();
            let access = Access {
                api: Api::Particulier,
                address,
                token: "jeton".to_owned(),
                recipient: "13002526500013".to_owned(),
                purpose: "Tarification de la cantine".to_owned(),
                changed_at: tx.now(),
            };
            beffroi_once_only::save(tx, &permit, &access)?;
        }
        Ok(())
    });
    settled.await.unwrap();
    beffroi_once_only::client().forget(hall.fixture.commune.slug(), Api::Particulier);
}

async fn answer(browser: &Browser<'_>, page: &str, fields: &[(&str, &str)]) -> crate::browser::Answer {
    let mut sent: Vec<(&str, &str)> = Vec::new();
    for (name, value) in fields {
        sent.push(("shown", name.split('-').next().unwrap()));
        sent.push((name, value));
    }
    browser.post(&format!("{FORM}/{page}"), &sent).await
}

async fn you(browser: &Browser<'_>, family_name: &str) {
    let fields = [
        ("parent-family_name", family_name),
        ("parent-given_names", "Jeanne Stéphanie"),
        ("parent-birth-day", "27"),
        ("parent-birth-month", "6"),
        ("parent-birth-year", "1987"),
        ("parent-birth_place", "Vouziers"),
        ("courriel", "jeanne@example.org"),
        ("sexe", "F"),
        ("ne_a", "34145"),
    ];
    answer(browser, "vous", &fields).await.leads_to(&format!("{FORM}/ressources"));
}

const FETCH: [(&str, &str); 3] = [("quotient", ""), ("caisse", ""), ("fetch", "quotient")];

#[test]
fn a_quotient_is_fetched_corrected_and_told_to_agents() {
    journey(Gate::Open, async |hall| {
        let (address, standing) = state().await;
        settle(hall, Some(address)).await;
        let browser = hall.browser();
        vouched(hall, &browser, "Roux").await;
        // Whatever is typed, the State is asked about whoever is vouched for.
        you(&browser, "Inconnu").await;
        browser
            .get(&format!("{FORM}/ressources"))
            .await
            .says("Récupérer mon quotient familial")
            .says("article L114-8");
        answer(&browser, "ressources", &FETCH).await.leads_to(&format!("{FORM}/ressources#caisse"));
        let asked = standing.asked.lock().clone();
        assert_eq!(asked.len(), 1);
        for told in [
            "nomNaissance=Roux",
            "prenoms[]=Stéphanie",
            "codeCogInseeCommuneNaissance=08480",
            "recipient=13002526500013",
        ] {
            assert!(asked[0].contains(told), "{asked:?}");
        }
        browser
            .get(&format!("{FORM}/ressources"))
            .await
            .says("value=\"150\"")
            .says("value=\"MSA\"")
            .says("Donné par la CAF ou la MSA le 3")
            .is_silent_about("Pourquoi ce quotient")
            .is_silent_about("MONTORGUEIL");
        // What was changed is the person's own, and is to be explained.
        answer(&browser, "ressources", &[("quotient", "100"), ("caisse", "MSA")])
            .await
            .leads_to(&format!("{FORM}/ressources#motif"));
        browser
            .get(&format!("{FORM}/ressources"))
            .await
            .says("puis modifié par la personne")
            .says("Pourquoi ce quotient");
        answer(
            &browser,
            "ressources",
            &[("quotient", "100"), ("caisse", "MSA"), ("motif", "Séparés en mai")],
        )
        .await
        .leads_to(&format!("{FORM}/recapitulatif"));
        browser.post(&format!("{FORM}/recapitulatif"), &[]).await.leads_to("/suivi?envoyee");
        let kept: i64 = hall.value("SELECT COUNT(*) FROM desk_fetched", "").await;
        assert_eq!(kept, 2);
        let drafts: i64 = hall.value("SELECT COUNT(*) FROM desk_draft", "").await;
        assert_eq!(drafts, 0, "nothing stays beside the case");
        let case: String =
            hall.value("SELECT CAST(case_id AS TEXT) FROM desk_fetched WHERE field = $1", "caisse").await;
        let (_, agent) = hall.signed_in("agent@lunel.example", Some(("education", Role::Agent))).await;
        agent
            .get(&format!("/agents/dossiers/{case}"))
            .await
            .is(200)
            .says("100 – Donné par la CAF ou la MSA le 3")
            .says("puis modifié par la personne")
            .says("MSA – Donné par la CAF ou la MSA");
    });
}

#[test]
fn when_the_state_says_nothing_the_person_goes_on() {
    journey(Gate::Open, async |hall| {
        let (address, _) = state().await;
        settle(hall, Some(address)).await;
        for (name, said) in [
            ("Inconnu", "ne trouve personne"),
            ("Quota", "trop souvent"),
            ("Refus", "ne répond pas"),
            ("Charabia", "ne répond pas"),
            ("Panne", "ne répond pas"),
        ] {
            beffroi_once_only::client().forget(hall.fixture.commune.slug(), Api::Particulier);
            let browser = hall.browser();
            vouched(hall, &browser, name).await;
            you(&browser, name).await;
            answer(&browser, "ressources", &FETCH)
                .await
                .is(422)
                .explains("quotient", said)
                .says("Récupérer mon quotient");
            let on = answer(&browser, "ressources", &[("quotient", "700"), ("caisse", "CAF")]).await;
            on.leads_to(&format!("{FORM}/ressources#motif"));
        }
        let wishes: i64 = hall.value("SELECT COUNT(*) FROM journal WHERE kind = $1", "request.fetched").await;
        assert_eq!(wishes, 5, "each wish is written down");
    });
}

#[test]
fn nobody_asks_about_a_person_by_typing_a_name_nor_without_a_key() {
    journey(Gate::Open, async |hall| {
        settle(hall, None).await;
        let browser = hall.browser();
        vouched(hall, &browser, "Roux").await;
        you(&browser, "Roux").await;
        browser.get(&format!("{FORM}/ressources")).await.is(200).is_silent_about("name=\"fetch\"");
        let (address, standing) = state().await;
        settle_key(hall, address).await;
        // An account that anybody can open proves no name.
        let (_, account) = hall.signed_in("jeanne@example.org", None).await;
        for asker in [&hall.browser(), &account] {
            you(asker, "Roux").await;
            asker
                .get(&format!("{FORM}/ressources"))
                .await
                .says("/connexion/franceconnect?retour=")
                .says("S’identifier avec FranceConnect")
                .is_silent_about("name=\"fetch\"");
            answer(asker, "ressources", &FETCH)
                .await
                .is(422)
                .explains("quotient", "identifiez-vous avec FranceConnect");
            assert!(standing.asked.lock().is_empty(), "the State was not asked");
            answer(asker, "ressources", &[("quotient", ""), ("fetch", "caisse")]).await.is(400);
            // What is typed goes on.
            answer(asker, "ressources", &[("quotient", "700"), ("caisse", "CAF")])
                .await
                .leads_to(&format!("{FORM}/ressources#motif"));
        }
    });
}

#[test]
fn an_account_asks_a_few_times_a_day() {
    journey(Gate::Open, async |hall| {
        let (address, standing) = state().await;
        settle(hall, Some(address)).await;
        let browser = hall.browser();
        vouched(hall, &browser, "Roux").await;
        you(&browser, "Roux").await;
        for _ in 0..8 {
            answer(&browser, "ressources", &FETCH).await.leads_to(&format!("{FORM}/ressources#caisse"));
        }
        answer(&browser, "ressources", &FETCH).await.is(422).explains("quotient", "Réessayez demain");
        assert_eq!(standing.asked.lock().len(), 8);
        hall.fixture.clock.advance(chrono::TimeDelta::hours(25));
        vouched(hall, &browser, "Roux").await;
        answer(&browser, "ressources", &FETCH).await.leads_to(&format!("{FORM}/ressources#caisse"));
    });
}

async fn settle_key(hall: &Hall<'_>, address: String) {
    let settled = hall.fixture.commune.write(By::SYSTEM, move |tx| -> Result<(), StoreError> {
        let permit = permit_system(tx).unwrap();
        let access = Access {
            api: Api::Particulier,
            address,
            token: "jeton".to_owned(),
            recipient: "13002526500013".to_owned(),
            purpose: "Tarification de la cantine".to_owned(),
            changed_at: tx.now(),
        };
        beffroi_once_only::save(tx, &permit, &access)
    });
    settled.await.unwrap();
}
