//! The waiting list: in order, with time to answer, and never at night.

use chrono::TimeDelta;

use crate::support::{Town, at, in_a_town};

/// Two have seats, two wait; the pages of all four.
async fn full(town: &Town<'_>) -> Vec<String> {
    let mut pages = Vec::new();
    for (name, email) in [
        ("Un", "un@example.org"),
        ("Deux", "deux@example.org"),
        ("Trois", "trois@example.org"),
        ("Quatre", "quatre@example.org"),
    ] {
        assert_eq!(town.registers(name, email).await.status, 303);
        pages.push(town.page_of(email).await);
    }
    pages
}

async fn gives_back(town: &Town<'_>, page: &str) {
    let answer = town.browser().post(&format!("{page}/annuler"), &[("place", "toutes")]).await;
    assert_eq!(answer.status, 303);
}

#[test]
fn a_seat_that_is_given_back_is_offered_in_order_and_goes_on_where_nobody_answers() {
    in_a_town(async |town| {
        let browser = town.browser();
        let pages = full(town).await;
        browser.get(&pages[2]).await.says("En liste d’attente");
        // The list is full too.
        let fifth = town.registers("Cinq", "cinq@example.org").await;
        assert_eq!(fifth.status, 422);
        fifth.says("liste d’attente comprise");
        gives_back(town, &pages[0]).await;
        let mail = town.mails_to("trois@example.org").await.remove(0);
        assert_eq!(mail.subject, "Une place s’est libérée\u{a0}: Premiers pas");
        assert!(mail.text.contains("gardée jusqu’au jeudi 4 juin 2026 à 10\u{a0}h"), "{}", mail.text);
        assert_eq!(town.mails_to("quatre@example.org").await.len(), 1);
        // A place in the list is free again; no seat is.
        let asked = town.registers("Cinq", "cinq@example.org").await;
        assert_eq!(asked.status, 303);
        assert_eq!(town.count("SELECT COUNT(*) FROM workshops_seat WHERE state = 'waiting'").await, 2);
        // Without an answer it goes on to the next.
        town.fixture.clock.advance(TimeDelta::hours(25));
        town.hour().await;
        browser.get(&pages[2]).await.says("Annulé");
        let page = browser.get(&pages[3]).await;
        page.says("Place proposée").says("Prendre la place");
        let seat = page.sent("place").remove(0);
        let taken = browser.post(&format!("{}/accepter", pages[3]), &[("place", &seat)]).await;
        browser.get(&taken.location).await.says("La place est à vous").says("Inscrit");
        assert_eq!(
            town.mails_to("quatre@example.org").await[0].subject,
            "Place confirmée\u{a0}: Premiers pas"
        );
        // Nobody takes what is not offered to them.
        let stolen = browser.post(&format!("{}/accepter", pages[2]), &[("place", &seat)]).await;
        assert_eq!(stolen.location, pages[2]);
        assert_eq!(town.count("SELECT taken FROM workshops_session ORDER BY starts_at LIMIT 1").await, 2);
    });
}

#[test]
fn those_who_wait_are_listed_in_the_order_in_which_a_seat_is_offered() {
    in_a_town(async |town| {
        full(town).await;
        let sheet =
            town.adviser().await.get(&format!("/agents/ateliers/seances/{}", town.things.session)).await;
        let place = |name: &str| sheet.body.find(&format!(">{name}</a>")).unwrap();
        // Those who have a seat are looked for by their name.
        assert!(place("Deux") < place("Un"));
        assert!(place("Trois") < place("Quatre"));
    });
}

#[test]
fn whoever_has_withdrawn_is_passed_over_and_a_refusal_goes_on_at_once() {
    in_a_town(async |town| {
        let pages = full(town).await;
        gives_back(town, &pages[2]).await;
        gives_back(town, &pages[0]).await;
        town.browser().get(&pages[3]).await.says("Place proposée");
        town.registers("Cinq", "cinq@example.org").await;
        let fifth = town.page_of("cinq@example.org").await;
        gives_back(town, &pages[3]).await;
        town.browser().get(&fifth).await.says("Place proposée");
    });
}

#[test]
fn nobody_is_told_at_night() {
    in_a_town(async |town| {
        let pages = full(town).await;
        town.fixture.clock.set(at(5, 22, 0));
        gives_back(town, &pages[0]).await;
        assert_eq!(town.mails_to("trois@example.org").await.len(), 1);
        // The seat is theirs meanwhile, and a stranger does not get it.
        assert_eq!(town.count("SELECT COUNT(*) FROM workshops_seat WHERE state = 'offered'").await, 1);
        town.fixture.clock.set(at(6, 7, 59));
        assert_eq!(town.mails_to("trois@example.org").await.len(), 1);
        town.fixture.clock.set(at(6, 8, 0));
        let mail = town.mails_to("trois@example.org").await.remove(0);
        assert!(mail.text.contains("gardée jusqu’au dimanche 7 juin 2026 à 8\u{a0}h"), "{}", mail.text);
    });
}

#[test]
fn so_late_that_nobody_could_answer_a_seat_is_for_whoever_comes() {
    in_a_town(async |town| {
        let pages = full(town).await;
        town.fixture.clock.set(at(10, 12, 0));
        gives_back(town, &pages[0]).await;
        assert_eq!(town.count("SELECT COUNT(*) FROM workshops_seat WHERE state = 'offered'").await, 0);
        assert_eq!(town.registers("Cinq", "cinq@example.org").await.status, 303);
        let fifth = town.page_of("cinq@example.org").await;
        town.browser().get(&fifth).await.says("Inscrit");
    });
}
