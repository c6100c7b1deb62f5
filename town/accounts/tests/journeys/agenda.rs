//! The secret address of a calendar: given once, renewed, ended, and gone with the account.

use axum::http::StatusCode;
use beffroi_people::AccountKind;
use chrono::TimeDelta;

use crate::support::{Answer, CITIZEN_PASSWORD, Hall, journey};

/// Where the address that a page shows leads, on this site.
fn path(shown: &Answer) -> String {
    let address = shown.between("id=\"adresse\" type=\"text\" value=\"", "\"");
    address.strip_prefix("https://lunel.example").unwrap().to_owned()
}

async fn status(hall: &Hall<'_>, path: &str) -> StatusCode {
    hall.subscribed(path, "").await.0
}

#[test]
fn an_address_is_told_once_and_ends_with_the_next_one() {
    journey(async |hall| {
        let visitor = hall.browser();
        assert_eq!(visitor.get("/mon-compte/agenda").await.status, StatusCode::SEE_OTHER);
        hall.account("anne@example.org", "Anne Lenoir", AccountKind::Citizen).await;
        let anne = hall.browser();
        anne.enter("anne@example.org", CITIZEN_PASSWORD).await;
        let page = anne.get("/mon-compte/agenda").await;
        page.says("Obtenir mon adresse");
        page.says("Qui connaît cette adresse lit votre agenda sans mot de passe");
        let made = anne.post("/mon-compte/agenda", &[]).await;
        made.says("elle ne sera plus affichée");
        made.says("webcal://lunel.example/agenda/");
        let first = path(&made);
        assert!(
            first.strip_prefix("/agenda/").is_some_and(|it| it.strip_suffix(".ics").is_some()),
            "{first}"
        );
        // The page shows it no more, and of the secret only a hash is kept.
        let page = anne.get("/mon-compte/agenda").await;
        page.says("Aucun logiciel ne l’a encore lue");
        assert!(!page.body.contains(&first));
        let (found, tag, text) = hall.subscribed(&first, "").await;
        assert_eq!(found, StatusCode::OK);
        assert!(text.starts_with("BEGIN:VCALENDAR\r\n") && text.ends_with("END:VCALENDAR\r\n"), "{text}");
        assert!(text.contains("Mes rendez-vous"), "{text}");
        anne.get("/mon-compte/agenda").await.says("Un logiciel l’a lue pour la dernière fois le");
        // What has not changed is not sent again.
        let (same, same_tag, nothing) = hall.subscribed(&first, &format!("W/{tag}, \"autre\"")).await;
        assert_eq!((same, same_tag, nothing.as_str()), (StatusCode::NOT_MODIFIED, tag, ""));
        // Another address is nobody's.
        assert_eq!(status(hall, "/agenda/0000.ics").await, StatusCode::NOT_FOUND);
        assert_eq!(status(hall, first.trim_end_matches(".ics")).await, StatusCode::NOT_FOUND);
        let second = path(&anne.post("/mon-compte/agenda", &[]).await);
        assert_eq!(status(hall, &first).await, StatusCode::NOT_FOUND);
        assert_eq!(status(hall, &second).await, StatusCode::OK);
        anne.post("/mon-compte/agenda/fin", &[]).await.leads_to("/mon-compte/agenda?fait=fin");
        assert_eq!(status(hall, &second).await, StatusCode::NOT_FOUND);
        let told = "SELECT COUNT(*) FROM journal WHERE kind IN ('feed.made', 'feed.ended')";
        assert_eq!(hall.count(told).await, 3);
    });
}

#[test]
fn an_address_serves_nobody_once_the_account_is_closed_and_is_forgotten_with_it() {
    journey(async |hall| {
        hall.account("anne@example.org", "Anne Lenoir", AccountKind::Citizen).await;
        let anne = hall.browser();
        anne.enter("anne@example.org", CITIZEN_PASSWORD).await;
        let address = path(&anne.post("/mon-compte/agenda", &[]).await);
        let closed = anne.post("/mon-compte/fermeture", &[("sur", "true")]).await;
        closed.says("Votre compte est fermé");
        assert_eq!(status(hall, &address).await, StatusCode::NOT_FOUND);
        hall.fixture.clock.advance(TimeDelta::days(60));
        hall.hour().await;
        assert_eq!(hall.count("SELECT COUNT(*) FROM account_feed").await, 0);
    });
}
