//! Getting an account, coming in, going out.

use axum::http::StatusCode;
use beffroi_people::{AccountKind, LinkPurpose};
use chrono::TimeDelta;

use crate::support::{AGENT_PASSWORD, CITIZEN_PASSWORD, code_of, journey};

#[test]
fn somebody_registers_follows_the_link_signs_in_and_out() {
    journey(async |hall| {
        let browser = hall.browser();
        let form = [("name", "Léa Martin"), ("email", "Lea@Example.org")];
        let asked = browser.post("/inscription", &form).await;
        assert_eq!(asked.status, StatusCode::OK);
        asked.says("Consultez votre messagerie");
        let early = browser.enter("lea@example.org", CITIZEN_PASSWORD).await;
        assert_eq!(early.status, StatusCode::UNPROCESSABLE_ENTITY);
        let letter = hall.mailed().await;
        assert_eq!(letter.purpose, LinkPurpose::Verify);
        let link = letter.secret.unwrap();
        for _ in 0..2 {
            let page = browser.get(&format!("/mot-de-passe/nouveau?lien={link}")).await;
            page.says("Choisissez votre mot de passe");
            page.says("Au moins 8 caractères");
            assert_eq!(page.between("name=\"lien\" value=\"", "\""), link, "looking does not use it up");
        }
        let weak = browser.post("/mot-de-passe/nouveau", &[("lien", &link), ("password", "lea")]).await;
        weak.says("Choisissez votre mot de passe");
        weak.says("trop court");
        let chosen = [("lien", link.as_str()), ("password", CITIZEN_PASSWORD)];
        browser.post("/mot-de-passe/nouveau", &chosen).await.says("Votre compte est prêt");
        let again = browser.post("/mot-de-passe/nouveau", &chosen).await;
        assert_eq!(again.status, StatusCode::NOT_FOUND);
        again.says("Ce lien ne sert plus");

        browser.get("/compte").await.leads_to("/connexion?retour=%2Fcompte");
        browser.enter("lea@example.org", CITIZEN_PASSWORD).await.leads_to("/mon-compte");
        let account = browser.get("/compte").await;
        account.says("Léa Martin");
        account.says("lea@example.org");
        account.says("href=\"/compte/demarches\"");
        browser.get("/connexion").await.leads_to("/mon-compte");
        browser.post("/deconnexion", &[]).await.leads_to("/");
        browser.get("/compte").await.leads_to("/connexion?retour=%2Fcompte");
        // Whoever signed out knows it; whose session has ended is told.
        let told = "Votre session a pris fin";
        assert!(!browser.get("/connexion?retour=%2Fcompte").await.body.contains(told));
        browser.cookies.borrow_mut().insert("beffroi".to_owned(), "0".repeat(64));
        browser.get("/compte").await.leads_to("/connexion?retour=%2Fcompte");
        browser.get("/connexion?retour=%2Fcompte").await.says(told);
        assert!(!browser.get("/connexion").await.body.contains(told));
    });
}

#[test]
fn an_address_is_its_owners_whoever_asked_for_the_account() {
    journey(async |hall| {
        let stranger = hall.browser();
        let form = [("name", "Léa"), ("email", "lea@example.org"), ("password", "Tempete-4-rochers!")];
        stranger.post("/inscription", &form).await.says("Consultez votre messagerie");
        let link = hall.mailed().await.secret.unwrap();
        let owner = hall.browser();
        let chosen = [("lien", link.as_str()), ("password", CITIZEN_PASSWORD)];
        owner.post("/mot-de-passe/nouveau", &chosen).await.says("Votre compte est prêt");
        let guessed = stranger.enter("lea@example.org", "Tempete-4-rochers!").await;
        assert_eq!(guessed.status, StatusCode::UNPROCESSABLE_ENTITY);
        owner.enter("lea@example.org", CITIZEN_PASSWORD).await.leads_to("/mon-compte");
    });
}

#[test]
fn nobody_learns_whether_an_address_has_an_account() {
    journey(async |hall| {
        hall.account("lea@example.org", "Léa", AccountKind::Citizen).await;
        let browser = hall.browser();
        let register = async |email: &str| {
            let form = [("name", "Léa"), ("email", email)];
            let answer = browser.post("/inscription", &form).await;
            (answer.status, answer.body)
        };
        assert_eq!(register("lea@example.org").await, register("nobody@example.org").await);
        assert_eq!(hall.mails().await, 2, "the owner is told, and so is whoever is new");
        let reset = async |email: &str| {
            let answer = browser.post("/mot-de-passe", &[("email", email)]).await;
            (answer.status, answer.body)
        };
        assert_eq!(reset("lea@example.org").await, reset("unknown@example.org").await);
        let known = browser.enter("lea@example.org", "wrong").await;
        let unknown = browser.enter("unknown@example.org", "wrong").await;
        assert_eq!(known.body.replace("lea@", "unknown@"), unknown.body);
    });
}

#[test]
fn what_was_typed_stays_but_for_the_password() {
    journey(async |hall| {
        let browser = hall.browser();
        let form = [("name", "Léa <b>"), ("email", "lea@")];
        let answer = browser.post("/inscription", &form).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        answer.says("Il reste des points à corriger");
        answer.says("value=\"lea@\"");
        answer.says("href=\"#email\"");
        answer.says("id=\"email-error\"");
        assert!(!answer.body.contains("<b>"));
        let wrong = browser.enter("lea@example.org", "court").await;
        wrong.says("value=\"lea@example.org\"");
        assert!(!wrong.body.contains("court\""));
        let empty = browser.post("/connexion", &[]).await;
        empty.says("Indiquez votre adresse électronique.");
        empty.says("Indiquez votre mot de passe.");
    });
}

#[test]
fn guessing_a_password_costs_time() {
    journey(async |hall| {
        hall.account("lea@example.org", "Léa", AccountKind::Citizen).await;
        let browser = hall.browser();
        for _ in 0..5 {
            let wrong = browser.enter("lea@example.org", "Mauvais-7-mot!").await;
            assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
            wrong.says("L’adresse ou le mot de passe n’est pas le bon.");
            wrong.says("value=\"lea@example.org\"");
        }
        let even_right = browser.enter("lea@example.org", CITIZEN_PASSWORD).await;
        assert_eq!(
            (even_right.status, even_right.retry_after.as_str()),
            (StatusCode::TOO_MANY_REQUESTS, "61")
        );
        even_right.says("réessayez dans 2 minutes.");
        hall.fixture.clock.advance(TimeDelta::seconds(61));
        browser.enter("lea@example.org", CITIZEN_PASSWORD).await.leads_to("/mon-compte");
    });
}

#[test]
fn one_comes_back_to_where_one_was_and_nowhere_else() {
    journey(async |hall| {
        hall.account("lea@example.org", "Léa", AccountKind::Citizen).await;
        let enter = async |back: &str| {
            let browser = hall.browser();
            let form = [("email", "lea@example.org"), ("password", CITIZEN_PASSWORD), ("retour", back)];
            browser.post("/connexion", &form).await
        };
        enter("/demarches/acte?etape=2").await.leads_to("/demarches/acte?etape=2");
        for forged in
            ["https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example", "/a\r\nb"]
        {
            enter(forged).await.leads_to("/mon-compte");
        }
        let browser = hall.browser();
        let shown = browser.get("/connexion?retour=%2F%2Fevil.example").await;
        shown.says("name=\"retour\" value=\"\"");
        browser.get("/connexion?retour=%2Fsuivi").await.says("value=\"/suivi\"");
        enter("/suivi").await;
        browser.enter("lea@example.org", CITIZEN_PASSWORD).await;
        browser.get("/connexion?retour=%2F%2Fevil.example").await.leads_to("/mon-compte");
    });
}

#[test]
fn an_agent_is_led_to_a_second_factor_and_must_give_it() {
    journey(async |hall| {
        hall.account("agent@example.org", "Noé", AccountKind::Agent).await;
        let browser = hall.browser();
        browser.enter("agent@example.org", AGENT_PASSWORD).await.leads_to("/compte/second-facteur");
        browser.get("/compte/second-facteur").await.says("protégez votre compte");
        let begun = browser.post("/compte/second-facteur", &[("retour", "/agents/courrier")]).await;
        begun.says("src=\"data:image/svg+xml,");
        let address = begun.between("name=\"address\" value=\"", "\"").replace("&#38;", "&");
        let wrong = [("address", address.as_str()), ("code", "000000"), ("retour", "/agents/courrier")];
        let again = browser.post("/compte/second-facteur/confirmation", &wrong).await;
        assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(again.between("<strong>", "</strong>"), begun.between("<strong>", "</strong>"));
        let secret = address.split_once("secret=").unwrap().1.split('&').next().unwrap().to_owned();
        let code = code_of(hall, &secret);
        let right = [("address", address.as_str()), ("code", code.as_str()), ("retour", "/agents/courrier")];
        let done = browser.post("/compte/second-facteur/confirmation", &right).await;
        done.says("href=\"/agents/courrier\"");
        let (_, codes) = done.body.split_once("id=\"codes\"").unwrap();
        let first = codes.split_once("<li>").unwrap().1.split("</li>").next().unwrap().to_owned();

        for (step, given) in [(1, None), (2, Some(first.as_str()))] {
            hall.fixture.clock.advance(TimeDelta::seconds(30 * step));
            let other = hall.browser();
            other.enter("agent@example.org", AGENT_PASSWORD).await.leads_to("/connexion/code");
            other.get("/compte").await.leads_to("/connexion?retour=%2Fcompte");
            other.get("/connexion?retour=%2Fcompte").await.leads_to("/connexion/code?retour=%2Fcompte");
            let wrong = other.post("/connexion/code", &[("code", "000000")]).await;
            assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
            let code = given.map_or_else(|| code_of(hall, &secret), str::to_owned);
            let form = [("code", code.as_str()), ("retour", "/compte")];
            other.post("/connexion/code", &form).await.leads_to("/compte");
            other.get("/compte").await.says("Espace des agents");
            assert_eq!(other.post("/connexion/code", &form).await.status, StatusCode::SEE_OTHER);
        }
    });
}

#[test]
fn whoever_finds_a_browser_open_does_not_replace_its_second_factor() {
    journey(async |hall| {
        hall.account("agent@example.org", "Noé", AccountKind::Agent).await;
        let browser = hall.browser();
        browser.enter("agent@example.org", AGENT_PASSWORD).await;
        let secret = browser.enrol(hall).await;
        hall.fixture.clock.advance(TimeDelta::seconds(60));
        browser.get("/compte/second-facteur").await.says("name=\"code\"");
        let replace = async |code: &str| browser.post("/compte/second-facteur", &[("code", code)]).await;
        for wrong in ["", "000000", "000000", "000000", "000000"] {
            let refused = replace(wrong).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
            refused.says("id=\"code-error\"");
            assert!(!refused.body.contains("otpauth"));
        }
        assert_eq!(replace(&code_of(hall, &secret)).await.status, StatusCode::TOO_MANY_REQUESTS);
        hall.fixture.clock.advance(TimeDelta::seconds(61));
        replace(&code_of(hall, &secret)).await.says("name=\"address\" value=\"otpauth:");
        assert_eq!(
            replace(&code_of(hall, &secret)).await.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "a code serves once"
        );
    });
}
