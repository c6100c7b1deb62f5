//! Equipment of a room, and what the town lends, as those who manage it keep it.

use axum::http::StatusCode;
use beffroi_people::Role;

use crate::support::in_a_town;

const KEYS: [&str; 3] = [
    "0123456789abcdef0123456789abcdef",
    "fedcba9876543210fedcba9876543210",
    "00112233445566778899aabbccddeeff",
];
const OF_ROOM: &str = "/admin/salles/salle-brassens/materiel";

#[test]
fn equipment_of_a_room_is_added_changed_and_withdrawn() {
    in_a_town(async |town| {
        let head = town.agent(Role::Manager).await;
        let cookie = format!("beffroi={head}");
        town.get_as(&head, "/admin/salles/salle-brassens").await.says(OF_ROOM);
        town.get_as(&head, OF_ROOM).await.says("Grilles").says("10 en tout");
        let new = |key, count| {
            [
                ("idempotency_key", key),
                ("designation", "Micros sans fil"),
                ("designation_en", "Wireless microphones"),
                ("nombre", count),
            ]
        };
        // What is wrong is told in its place, with what was typed.
        for count in ["", "0", "beaucoup", "1001"] {
            let wrong = town.post(OF_ROOM, &cookie, &new(KEYS[0], count)).await;
            assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{count}");
            wrong.says("Indiquez un nombre").says("value=\"Micros sans fil\"");
        }
        let added = town.post(OF_ROOM, &cookie, &new(KEYS[0], "2")).await;
        assert_eq!(added.location, format!("{OF_ROOM}?fait=ajoute"), "{}", added.body);
        // A second click adds nothing.
        town.post(OF_ROOM, &cookie, &new(KEYS[0], "2")).await;
        let page = town.get_as(&head, &added.location).await;
        page.says("Le matériel est ajouté").says("Micros sans fil").is_silent_about("micros-sans-fil-2");
        // It is offered to whoever books the room, in their language.
        let pick = "/salles/salle-brassens/reserver";
        town.get(pick).await.says("materiel-micros-sans-fil");
        let day = town.open_day(3).to_string();
        let fields = [
            ("idempotency_key", KEYS[1]),
            ("jour", day.as_str()),
            ("de", "14:00"),
            ("a", "16:00"),
            ("personnes", "12"),
            ("materiel-micros-sans-fil", "2"),
        ];
        let kept = town.post("/agents/planning/salle-brassens/reserver", &cookie, &fields).await;
        assert!(kept.location.starts_with("/agents/guichet/"), "{}", kept.body);
        town.get_as(&head, OF_ROOM).await.says("Au plus 2 demandés ou promis à la fois");
        // One is broken: what was promised stays so, and it is told.
        let one = format!("{OF_ROOM}/micros-sans-fil");
        town.get_as(&head, &one).await.says("value=\"Wireless microphones\"").says("checked");
        let fewer = [("designation", "Micros sans fil"), ("nombre", "1"), ("en_service", "true")];
        let changed = town.post(&one, &cookie, &fewer).await;
        assert_eq!(changed.location, format!("{OF_ROOM}?fait=garde"), "{}", changed.body);
        town.get_as(&head, OF_ROOM).await.says("1 en tout").says("Il en manquera 1");
        let wrong = town.post(&one, &cookie, &[("designation", ""), ("nombre", "1")]).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        // Withdrawn, it is offered to nobody.
        town.post(&one, &cookie, &fewer[..2]).await;
        town.get_as(&head, OF_ROOM).await.says("Retiré");
        town.get(pick).await.is_silent_about("materiel-micros-sans-fil");
        // Whoever does not manage rooms does not know of it.
        assert_eq!(town.get_as(&head, &format!("{OF_ROOM}/inconnu")).await.status, 404);
        let auditor = town.agent(Role::JournalReader).await;
        let own = format!("beffroi={auditor}");
        assert_eq!(town.get_as(&auditor, OF_ROOM).await.status, 404);
        assert_eq!(town.post(OF_ROOM, &own, &new(KEYS[2], "2")).await.status, 404);
        assert_eq!(town.post(&one, &own, &fewer).await.status, 404);
    });
}

#[test]
fn the_store_of_the_town_is_kept_apart_from_the_rooms() {
    in_a_town(async |town| {
        let head = town.agent(Role::Manager).await;
        let cookie = format!("beffroi={head}");
        let store = "/admin/materiel";
        town.get_as(&head, "/admin/salles").await.says(store);
        town.get_as(&head, store).await.says("Aucun matériel").is_silent_about("Grilles");
        let new = |key, choice| {
            [("idempotency_key", key), ("designation", "Barnum"), ("nombre", "2"), ("choix", choice)]
        };
        // No form of this town asks for it by that choice.
        let wrong = town.post(store, &cookie, &new(KEYS[0], "barnum")).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        wrong.says("Choisissez un choix de la liste");
        let added = town.post(store, &cookie, &new(KEYS[0], "")).await;
        assert_eq!(added.location, format!("{store}?fait=ajoute"), "{}", added.body);
        town.get_as(&head, store).await.says("Barnum").says("2 en tout");
        town.get_as(&head, &format!("{store}/barnum")).await.says("value=\"Barnum\"");
        town.get_as(&head, OF_ROOM).await.is_silent_about("2 en tout");
        assert_eq!(town.get_as(&head, &format!("{store}/grilles")).await.status, 404);
    });
}
