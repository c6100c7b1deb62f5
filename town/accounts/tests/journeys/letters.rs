//! What the town writes about an account: the right link, in the reader's language.

use beffroi_people::AccountKind;
use chrono::TimeDelta;

use crate::support::{CITIZEN_PASSWORD, Hall, journey};

/// Past the pause between two messages to one address, and to a mail of its own second.
fn later(hall: &Hall<'_>) {
    hall.fixture.clock.advance(TimeDelta::hours(1));
}

/// The secret of the link in a text.
fn link(text: &str) -> String {
    let at = "https://lunel.example/mot-de-passe/nouveau?lien=";
    text.lines().find_map(|line| line.strip_prefix(at)).unwrap_or_else(|| panic!("{text}")).to_owned()
}

#[test]
fn whoever_asks_for_an_account_is_written_to_with_links_that_work() {
    journey(async |hall| {
        let browser = hall.browser();
        let form = [("name", "Léa"), ("email", "lea@example.org")];
        browser.post("/inscription", &form).await;
        let (subject, text) = hall.letter().await;
        assert_eq!(subject, "Confirmez votre adresse électronique");
        assert!(text.contains("dans les 24 heures"), "{text}");
        let chosen = [("lien", link(&text)), ("password", CITIZEN_PASSWORD.to_owned())];
        let chosen: Vec<_> = chosen.iter().map(|(name, value)| (*name, value.as_str())).collect();
        browser.post("/mot-de-passe/nouveau", &chosen).await.says("Votre compte est prêt");

        later(hall);
        browser.post("/inscription", &form).await;
        let (subject, text) = hall.letter().await;
        assert_eq!(subject, "Vous avez déjà un compte");
        assert!(text.contains("https://lunel.example/connexion"), "only the owner learns it: {text}");

        later(hall);
        browser.post("/mot-de-passe", &[("email", "lea@example.org")]).await;
        let (subject, text) = hall.letter().await;
        assert_eq!(subject, "Choisissez un nouveau mot de passe");
        assert_eq!(link(&text).len(), 64);
    });
}

#[test]
fn an_account_is_written_to_in_the_language_of_the_page_where_it_was_asked_for() {
    journey(async |hall| {
        let browser = hall.browser();
        browser.post("/inscription?lang=en", &[("name", "Lee"), ("email", "lee@example.org")]).await;
        let (subject, text) = hall.letter().await;
        assert_eq!(subject, "Confirm your e-mail address");
        assert_eq!(link(&text).len(), 64);
        later(hall);
        browser.post("/mot-de-passe", &[("email", "lee@example.org")]).await;
        assert_eq!(
            hall.letter().await.0,
            "Choose a new password",
            "whatever the page on which it is forgotten"
        );

        later(hall);
        hall.account("lea@example.org", "Léa", AccountKind::Citizen).await;
        browser.post("/inscription?lang=en", &[("name", "Lee"), ("email", "lea@example.org")]).await;
        assert_eq!(
            hall.letter().await.0,
            "Vous avez déjà un compte",
            "its owner’s language, not the stranger’s"
        );
    });
}
