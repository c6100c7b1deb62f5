//! The settings, for those who may touch them, and for nobody else.

use axum::http::StatusCode;
use beffroi_people::{
    AccountKind, Grant, LinkPurpose, Role, Town,
    account::{self, AccountError, NewAccount},
    permission::{self, ManageAccounts, permit_system},
};
use beffroi_store::By;

use crate::support::{AGENT_PASSWORD, CITIZEN_PASSWORD, journey};

const PAGES: [&str; 6] = [
    "/admin",
    "/admin/commune",
    "/admin/services",
    "/admin/services/nouveau",
    "/admin/comptes",
    "/admin/comptes/nouveau",
];

#[test]
fn for_a_citizen_and_an_agent_there_are_no_settings() {
    journey(async |hall| {
        let nobody = hall.browser();
        assert_eq!(nobody.get("/admin").await.location, "/connexion?retour=%2Fadmin");
        let citizen = hall.browser();
        hall.account("lea@example.org", "Léa", AccountKind::Citizen).await;
        citizen.enter("lea@example.org", CITIZEN_PASSWORD).await;
        let agent = hall.browser();
        let id = hall.account("agent@example.org", "Noé", AccountKind::Agent).await;
        hall.grant(id, Role::HeadOfDepartment).await;
        agent.enter("agent@example.org", AGENT_PASSWORD).await;
        agent.enrol(hall).await;
        let own = format!("/admin/comptes/{id}");
        let (roles, tokens) = (format!("{own}/roles"), format!("{own}/jetons"));
        for browser in [&citizen, &agent] {
            for page in PAGES.into_iter().chain([own.as_str(), tokens.as_str()]) {
                assert_eq!(browser.get(page).await.status, StatusCode::NOT_FOUND, "{page}");
            }
            for page in
                ["/admin/commune", "/admin/services/nouveau", "/admin/comptes/nouveau", &roles, &tokens]
            {
                let form = [("role", "administrator"), ("name", "Moi"), ("email", "moi@example.org")];
                assert_eq!(browser.post(page, &form).await.status, StatusCode::NOT_FOUND, "{page}");
            }
        }
    });
}

#[test]
fn a_manager_looks_after_departments_and_nothing_else() {
    journey(async |hall| {
        let id = hall.account("dgs@example.org", "Inès", AccountKind::Agent).await;
        hall.grant(id, Role::Manager).await;
        let browser = hall.browser();
        browser.enter("dgs@example.org", AGENT_PASSWORD).await;
        browser.get("/admin").await.leads_to("/compte/second-facteur?retour=%2Fadmin");
        browser.enrol(hall).await;
        let index = browser.get("/admin").await;
        index.says("href=\"/admin/services\"");
        index.says("aria-current=\"page\">Réglages");
        assert!(!index.body.contains("/admin/commune") && !index.body.contains("href=\"/admin/comptes\""));
        assert_eq!(browser.get("/admin/commune").await.status, StatusCode::NOT_FOUND);
        assert_eq!(browser.get("/admin/services").await.status, StatusCode::OK);
        assert_eq!(browser.get(&format!("/admin/comptes/{id}/jetons")).await.status, StatusCode::OK);
        let other = hall.account("agent@example.org", "Noé", AccountKind::Agent).await;
        assert_eq!(
            browser.get(&format!("/admin/comptes/{other}/jetons")).await.status,
            StatusCode::NOT_FOUND
        );
    });
}

#[test]
fn an_administrator_begins_with_the_settings_and_stays_signed_in_where_nothing_is() {
    journey(async |hall| {
        let (_, browser) = hall.administrator().await;
        browser.get("/connexion").await.leads_to("/admin");
        let lost = browser.get("/agents").await;
        assert_eq!(lost.status, StatusCode::NOT_FOUND);
        lost.says("Awa Diop");
        lost.says("<a class=\"menu__item\" href=\"/admin\">");
        lost.says("<a class=\"site-nav__link\" href=\"/admin\"");
        assert!(!lost.body.contains("href=\"/connexion\""), "{}", lost.body);

        // Whom no role was given yet has no office to be led to.
        hall.account("nouvelle@example.org", "Nina", AccountKind::Agent).await;
        let without = hall.browser();
        without.enter("nouvelle@example.org", AGENT_PASSWORD).await;
        without.enrol(hall).await;
        without.get("/connexion").await.leads_to("/compte");

        hall.account("lea@example.org", "Léa Martin", AccountKind::Citizen).await;
        let citizen = hall.browser();
        citizen.enter("lea@example.org", CITIZEN_PASSWORD).await;
        let lost = citizen.get("/nulle-part").await;
        assert_eq!(lost.status, StatusCode::NOT_FOUND);
        lost.says("Léa Martin");
        assert!(!lost.body.contains("href=\"/connexion\"") && !lost.body.contains("href=\"/admin\""));
        // What was sent there is not asked for again in another language.
        citizen.post("/nulle-part", &[]).await.says("href=\"/?lang=en\"");
        hall.browser().get("/nulle-part").await.says("href=\"/connexion\"");
    });
}

#[test]
fn a_department_is_created_and_a_wrong_name_refused() {
    journey(async |hall| {
        let (_, browser) = hall.administrator().await;
        browser.get("/admin/services").await.says("Aucun service pour l’instant.");
        let create = async |name: &str, slug: &str, parent: &str| {
            let form = [("name", name), ("slug", slug), ("parent", parent), ("sector", "town-planning")];
            browser.post("/admin/services/nouveau", &form).await
        };
        let wrong = create("Urbanisme", "Urbanisme & voirie", "").await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        wrong.says("Le nom court a de 1 à 60 minuscules");
        wrong.says("value=\"Urbanisme\"");
        create("", "urbanisme", "").await.says("Indiquez le nom du service.");
        create("Urbanisme", "urbanisme", "").await.leads_to("/admin/services?fait=oui");
        create("Autre", "urbanisme", "").await.says("Un autre service porte déjà ce nom court.");
        let list = browser.get("/admin/services").await;
        let id = list.between("href=\"/admin/services/", "\">Urbanisme");
        let id = id.rsplit('/').next().unwrap().to_owned();
        create("Permis", "permis", &id).await.leads_to("/admin/services?fait=oui");
        browser.get("/admin/services").await.says("Permis");
        let list = browser.get("/admin/services").await;
        let (before, _) = list.body.split_once("\">Permis").unwrap();
        let child = before.rsplit('/').next().unwrap().to_owned();
        let at = format!("/admin/services/{id}");
        let form = [("name", "Urbanisme"), ("parent", child.as_str()), ("sector", "general")];
        browser.post(&at, &form).await.says("ne peut pas dépendre");
        // Cases, letters and procedures know it by its short name, which nobody changes.
        let form = [("name", "Urbanisme et voirie"), ("slug", "voirie"), ("sector", "general")];
        browser.post(&at, &form).await.leads_to("/admin/services?fait=oui");
        let changed = browser.get(&at).await;
        changed.says("value=\"Urbanisme et voirie\"");
        changed.says("<dd>urbanisme</dd>");
        assert!(!changed.body.contains("name=\"slug\""));
        assert_eq!(browser.get("/admin/services/rien").await.status, StatusCode::NOT_FOUND);
    });
}

#[test]
fn every_wrong_setting_of_the_town_is_told_beside_its_field() {
    journey(async |hall| {
        let (_, browser) = hall.administrator().await;
        browser.get("/admin/commune").await.says("value=\"Lunel\"");
        let mut form = vec![
            ("name", "Lunel"),
            ("insee", "2a004"),
            ("siren", "213 401 450"),
            ("population", "beaucoup"),
            ("brand", "bleu"),
            ("time-zone", "Europe/Paris"),
            ("school-zone", "b"),
            ("dpo-name", "Centre de gestion"),
        ];
        let wrong = browser.post("/admin/commune", &form).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        for field in ["siren", "population", "brand"] {
            wrong.says(&format!("id=\"{field}-error\""));
            wrong.says(&format!("href=\"#{field}\""));
        }
        wrong.says("value=\"beaucoup\"");
        wrong.says("value=\"Centre de gestion\"");
        assert!(!wrong.body.contains("id=\"insee-error\""));
        form.retain(|(name, _)| !["siren", "population", "brand"].contains(name));
        form.extend([("mail-closing", "À bientôt,"), ("mail-signature", "Votre mairie")]);
        form.extend([("siren", "213 401 458"), ("population", "27 000"), ("brand", "#0B6E4F")]);
        browser.post("/admin/commune", &form).await.leads_to("/admin/commune?fait=oui");
        let kept = hall.fixture.commune.read(By::SYSTEM, Town::load).await.unwrap();
        assert_eq!(
            (kept.siren.as_str(), kept.population, kept.brand.as_str()),
            ("213401458", 27_000, "#0b6e4f")
        );
        assert_eq!((kept.insee.as_str(), kept.mediator), ("2A004", None));
        assert_eq!(kept.dpo.name, "Centre de gestion");
        assert_eq!(
            (kept.voice.mail_closing.as_str(), kept.voice.mail_signature.as_str()),
            ("À bientôt,", "Votre mairie")
        );
        browser.get("/admin/commune").await.says("value=\"À bientôt,\"");
    });
}

#[test]
fn an_agent_is_invited_given_roles_and_locked_out() {
    journey(async |hall| {
        let (own, browser) = hall.administrator().await;
        let invite = async |email: &str| {
            browser.post("/admin/comptes/nouveau", &[("name", "Noé Petit"), ("email", email)]).await
        };
        invite("noe@").await.says("Indiquez une adresse électronique complète");
        invite("maire@example.org").await.says("Un compte existe déjà avec cette adresse.");
        let invited = invite("noe@example.org").await;
        assert_eq!(invited.status, StatusCode::SEE_OTHER, "{}", invited.body);
        let at = invited.location.split('?').next().unwrap().to_owned();
        browser.get(&invited.location).await.says("L’invitation est envoyée.");
        let letter = hall.mailed().await;
        assert_eq!(letter.purpose, LinkPurpose::Invite);
        browser
            .post(&format!("{at}/roles"), &[("role", "agent")])
            .await
            .leads_to(&format!("{at}?fait=roles"));
        browser.get("/admin/comptes").await.says("Agent – Toute la commune");

        let agent = hall.browser();
        let link = letter.secret.unwrap();
        agent.get(&format!("/mot-de-passe/nouveau?lien={link}")).await.says("Au moins 12 caractères");
        let set = [("lien", link.as_str()), ("password", "Tramontane-7-figues!")];
        agent.post("/mot-de-passe/nouveau", &set).await.says("Votre compte est prêt");
        agent.enter("noe@example.org", "Tramontane-7-figues!").await.leads_to("/compte/second-facteur");
        agent.enrol(hall).await;
        browser.get(&at).await.says("Retirer la double authentification");
        browser.post(&format!("{at}/roles/retrait"), &[("role", "agent")]).await;
        browser.get(&at).await.says("Aucun rôle pour l’instant");
        browser
            .post(&format!("{at}/second-facteur/retrait"), &[])
            .await
            .leads_to(&format!("{at}?fait=facteur"));
        agent.get("/compte").await.leads_to("/connexion?retour=%2Fcompte");
        agent.enter("noe@example.org", "Tramontane-7-figues!").await.leads_to("/compte/second-facteur");
        browser
            .post(&format!("{at}/etat"), &[("state", "locked")])
            .await
            .leads_to(&format!("{at}?fait=etat"));
        agent.get("/compte").await.leads_to("/connexion?retour=%2Fcompte");
        let locked = agent.enter("noe@example.org", "Tramontane-7-figues!").await;
        assert_eq!(locked.status, StatusCode::UNPROCESSABLE_ENTITY);
        let self_harm = browser.post(&format!("/admin/comptes/{own}/etat"), &[("state", "closed")]).await;
        assert_eq!(self_harm.status, StatusCode::CONFLICT);
    });
}

#[test]
fn agents_are_listed_by_name_a_page_at_a_time_and_found_without_accents() {
    journey(async |hall| {
        let (_, browser) = hall.administrator().await;
        let made = hall.fixture.commune.write(By::SYSTEM, |tx| -> Result<_, AccountError> {
            let permit = permit_system::<ManageAccounts>(tx).unwrap();
            for number in 0..60 {
                let new = NewAccount {
                    email: format!("agent{number}@example.org"),
                    display_name: format!("Émile Agent {number:02}"),
                    kind: AccountKind::Agent,
                    password: None,
                };
                let account = account::create(tx, &permit, &new)?;
                for role in [Role::Agent, Role::Dpo] {
                    permission::grant(tx, &permit, account, Grant { role, department: None }).unwrap();
                }
            }
            Ok(())
        });
        made.await.unwrap();
        let first = browser.get("/admin/comptes").await;
        assert_eq!(first.body.matches("scope=\"row\"").count(), 50);
        first.says("Agent – Toute la commune, Délégué à la protection des données – Toute la commune");
        // Émile comes after Awa and before Zoé.
        assert!(first.body.find("Awa Diop").unwrap() < first.body.find("Émile Agent 00").unwrap());
        let next = first.between("href=\"/admin/comptes?q=&#38;apres=", "\"");
        let second = browser.get(&format!("/admin/comptes?q=&apres={next}")).await;
        assert_eq!(second.body.matches("scope=\"row\"").count(), 11);
        second.says("Émile Agent 59");
        assert!(!second.body.contains("rel=\"next\""), "it is the last page");
        let found = browser.get("/admin/comptes?q=EMILE-agent%2007").await;
        assert_eq!(found.body.matches("scope=\"row\"").count(), 1);
        found.says("Émile Agent 07");
        found.says("value=\"EMILE-agent 07\"");
        browser.get("/admin/comptes?q=%25").await.says("Awa Diop");
        browser.get("/admin/comptes?q=personne").await.says("Aucun compte à ce nom.");
    });
}

#[test]
fn an_administrator_revokes_anybodys_token_and_creates_nobody_elses() {
    journey(async |hall| {
        let (_, browser) = hall.administrator().await;
        let other = hall.account("noe@example.org", "Noé", AccountKind::Agent).await;
        hall.grant(other, Role::Manager).await;
        let at = format!("/admin/comptes/{other}/jetons");
        let form = [("name", "Comptabilité"), ("days", "30"), ("scopes", "department.manage")];
        assert_eq!(browser.post(&at, &form).await.status, StatusCode::FORBIDDEN);
        let shown = browser.get(&at).await;
        shown.says("Chacun crée ses propres jetons.");
        assert!(!shown.body.contains("name=\"scopes\"") && !shown.body.contains("Comptabilité"));

        let agent = hall.browser();
        agent.enter("noe@example.org", AGENT_PASSWORD).await;
        agent.enrol(hall).await;
        agent.post(&at, &form).await.says("id=\"token\" type=\"text\"");
        let list = browser.get(&at).await;
        list.says("Comptabilité");
        let token = list.between("name=\"token\" value=\"", "\"");
        browser.post(&format!("{at}/retrait"), &[("token", &token)]).await;
        assert!(!browser.get(&at).await.body.contains("Comptabilité"));
    });
}

#[test]
fn a_token_is_shown_once_and_revoked() {
    journey(async |hall| {
        let (own, browser) = hall.administrator().await;
        let at = format!("/admin/comptes/{own}/jetons");
        browser.get(&at).await.says("value=\"town.manage\"");
        let create = async |days: &str, scope: &str| {
            let form = [("name", "Comptabilité"), ("days", days), ("scopes", scope)];
            browser.post(&at, &form).await
        };
        create("400", "town.manage").await.says("Indiquez une durée de 1 à 366 jours.");
        create("", "town.manage").await.says("Indiquez une durée de 1 à 366 jours.");
        create("9223372036854775807", "town.manage").await.says("Indiquez une durée de 1 à 366 jours.");
        create("30", "journal.read").await.says("Choisissez au moins une action.");
        let made = create("30", "town.manage").await;
        let secret = made.between("id=\"token\" type=\"text\" value=\"", "\"");
        assert_eq!(secret.len(), 64);
        let list = browser.get(&at).await;
        list.says("Comptabilité");
        assert!(!list.body.contains(&secret));
        let token = list.between("name=\"token\" value=\"", "\"");
        let gone = browser.post(&format!("{at}/retrait"), &[("token", &token)]).await;
        gone.leads_to(&format!("{at}?fait=retrait"));
        assert!(!browser.get(&at).await.body.contains("Comptabilité"));
    });
}
