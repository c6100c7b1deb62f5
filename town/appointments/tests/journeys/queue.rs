//! Who waits at the counters: one entry each, in the order that is stated, called once a click.

use beffroi_people::Role;

use crate::support::{Browser, Town, at, in_a_town, time};

/// Calls the next at the first counter, from a page that shows who was called before.
async fn calls(agent: &Browser<'_>, shown: &str) -> String {
    let fields = [("lieu", "hotel-de-ville"), ("guichet", "guichet-1"), ("appele", shown)];
    let called = agent.post("/agents/rendez-vous/file/appel", &fields).await;
    assert_eq!(called.status, 303, "{}", called.body);
    called.location
}

/// The ticket that the first counter has called: its id, and its label.
async fn called(town: &Town<'_>) -> (String, String) {
    let sql = "SELECT id || ' ' || letter || number FROM appointments_ticket WHERE state = 'called' LIMIT 1";
    let found = town.texts(sql).await.pop().unwrap_or_default();
    let (id, label) = found.split_once(' ').unwrap_or_default();
    (id.to_owned(), label.to_owned())
}

async fn takes(agent: &Browser<'_>) {
    let fields = [("lieu", "hotel-de-ville"), ("motif", "titres")];
    assert_eq!(agent.post("/agents/rendez-vous/file", &fields).await.status, 303);
}

/// Books for a moment of today, and tells the id.
async fn books(town: &Town<'_>, who: &str, (hour, minute): (u32, u32)) -> String {
    let email = format!("{who}@example.org");
    town.books(&time(town.things.hall, at(3, hour, minute)), &[("nom", who), ("courriel", &email)]).await;
    town.texts("SELECT CAST(id AS TEXT) FROM appointments_appointment ORDER BY made_at DESC, id DESC LIMIT 1")
        .await
        .pop()
        .unwrap()
}

#[test]
fn numbers_are_called_in_their_order_and_name_nobody() {
    in_a_town(async |town| {
        let agent = town.agent("samira@lunel.example", "etat-civil", Role::Agent).await;
        agent.get("/agents/rendez-vous/file").await.says("Aucun lieu ne donne de tickets");
        assert_eq!(town.browser().get("/rendez-vous/salle/hotel-de-ville").await.status, 404);
        town.gives_tickets().await;
        agent.get("/agents/rendez-vous/file").await.says("Personne n’attend").says("d’abord les rendez-vous");
        let fields = [("lieu", "hotel-de-ville"), ("motif", "titres")];
        let taken = agent.post("/agents/rendez-vous/file", &fields).await;
        agent.get(&taken.location).await.says(">A1<");
        takes(&agent).await;
        // Somebody with an appointment arrives; their time has not come yet.
        let id = books(town, "Jeanne", (11, 0)).await;
        agent.post(&format!("/agents/rendez-vous/{id}/etat"), &[("etat", "arrived")]).await;
        agent.get("/agents/rendez-vous?lieu=hotel-de-ville").await.says("Arrivé, R1");
        calls(&agent, "").await;
        let screen = town.browser().get("/rendez-vous/salle/hotel-de-ville").await;
        // A screen on a wall leads nowhere.
        screen.is_silent_about("site-nav").is_silent_about("/connexion").is_silent_about("site-footer");
        screen.says(">A1<").says("guichet-1").says("2\u{20}personnes attendent").is_silent_about("Jeanne");
        // At eleven the appointment goes first.
        town.fixture.clock.set(at(3, 11, 0));
        let agent = town.agent("awa@lunel.example", "etat-civil", Role::Agent).await;
        let page = agent.get(&calls(&agent, &called(town).await.0).await).await;
        page.says(">R1<");
        town.browser().get("/rendez-vous/salle/hotel-de-ville").await.says(">R1<").says("Appelés avant");
        let ticket = called(town).await.0;
        let change = async |what: &str| {
            let fields = [("quoi", what), ("lieu", "hotel-de-ville"), ("guichet", "guichet-1")];
            agent.post(&format!("/agents/rendez-vous/file/{ticket}"), &fields).await.status
        };
        assert_eq!((change("rappeler").await, change("recu").await, change("autre").await), (303, 303, 400));
        agent.get("/agents/rendez-vous?lieu=hotel-de-ville").await.says("Corriger");
        calls(&agent, "").await;
        let nobody = calls(&agent, &called(town).await.0).await;
        agent.get(&nobody).await.says("Personne n’attend pour ce guichet");
        let stranger = town.agent("paul@lunel.example", "urbanisme", Role::Agent).await;
        assert_eq!(stranger.get(&format!("/agents/rendez-vous/file/{ticket}")).await.status, 404);
    });
}

#[test]
fn one_click_calls_one_person() {
    in_a_town(async |town| {
        town.gives_tickets().await;
        let agent = town.agent("samira@lunel.example", "etat-civil", Role::Agent).await;
        for _ in 0..3 {
            takes(&agent).await;
        }
        calls(&agent, "").await;
        calls(&agent, "").await;
        let first = called(town).await;
        assert_eq!(first.1, "A1");
        calls(&agent, &first.0).await;
        calls(&agent, &first.0).await;
        assert_eq!(called(town).await.1, "A2");
        let served = "SELECT COUNT(*) FROM appointments_ticket WHERE state = 'served'";
        assert_eq!(town.count(served).await, 1);
    });
}

#[test]
fn who_has_an_appointment_and_a_number_waits_once() {
    in_a_town(async |town| {
        town.gives_tickets().await;
        let agent = town.agent("samira@lunel.example", "etat-civil", Role::Agent).await;
        takes(&agent).await;
        takes(&agent).await;
        let id = books(town, "Jeanne", (11, 0)).await;
        let page = agent.get("/agents/rendez-vous/file?lieu=hotel-de-ville").await;
        page.says("11\u{a0}h, Jeanne");
        let second = "SELECT CAST(id AS TEXT) FROM appointments_ticket WHERE letter = 'A' AND number = 2";
        let second = town.texts(second).await.pop().unwrap();
        let fields = [("rendez_vous", id.as_str()), ("ticket", second.as_str()), ("lieu", "hotel-de-ville")];
        assert_eq!(agent.post("/agents/rendez-vous/file/arrivee", &fields).await.status, 303);
        // Noted on the day too: still one.
        agent.post(&format!("/agents/rendez-vous/{id}/etat"), &[("etat", "arrived")]).await;
        assert_eq!(agent.post("/agents/rendez-vous/file/arrivee", &fields).await.status, 303);
        agent.get("/agents/rendez-vous/file?lieu=hotel-de-ville").await.says("2\u{20}personnes attendent");
        agent.get("/agents/rendez-vous?lieu=hotel-de-ville").await.says("Arrivé, A2");
        // Their turn is that of the appointment.
        town.fixture.clock.set(at(3, 11, 0));
        let agent = town.agent("awa@lunel.example", "etat-civil", Role::Agent).await;
        calls(&agent, "").await;
        assert_eq!(called(town).await.1, "A2");
        // What is written down of the appointment ends the waiting.
        agent.post(&format!("/agents/rendez-vous/{id}/etat"), &[("etat", "received")]).await;
        assert_eq!(called(town).await.1, "");
        calls(&agent, "").await;
        assert_eq!(called(town).await.1, "A1");
        // Neither others' appointments nor others' tickets are there.
        let stranger = town.agent("paul@lunel.example", "urbanisme", Role::Agent).await;
        let page = stranger.get("/agents/rendez-vous/file?lieu=hotel-de-ville").await;
        page.is_silent_about("Jeanne").is_silent_about("Carte d’identité").says("Personne n’attend");
        assert_eq!(stranger.post("/agents/rendez-vous/file/arrivee", &fields).await.status, 404);
    });
}

#[test]
fn who_was_called_and_is_not_there_did_not_come() {
    in_a_town(async |town| {
        town.gives_tickets().await;
        let agent = town.agent("samira@lunel.example", "etat-civil", Role::Agent).await;
        let early = books(town, "Jeanne", (11, 0)).await;
        agent.post(&format!("/agents/rendez-vous/{early}/etat"), &[("etat", "arrived")]).await;
        let gone = async |agent: &Browser<'_>| {
            calls(agent, "").await;
            let fields = [("quoi", "absent"), ("lieu", "hotel-de-ville"), ("guichet", "guichet-1")];
            agent.post(&format!("/agents/rendez-vous/file/{}", called(town).await.0), &fields).await;
        };
        let states = "SELECT state FROM appointments_appointment";
        gone(&agent).await;
        assert_eq!(town.texts(states).await, ["booked"], "called before their time, they are expected still");
        agent.post(&format!("/agents/rendez-vous/{early}/etat"), &[("etat", "arrived")]).await;
        town.fixture.clock.set(at(3, 11, 10));
        let agent = town.agent("awa@lunel.example", "etat-civil", Role::Agent).await;
        gone(&agent).await;
        assert_eq!(town.texts(states).await, ["missed"]);
    });
}
