//! A room is handed over and comes back: keys, the state of the premises on a telephone, the deposit, and what whoever has
//! it is told.

use axum::http::StatusCode;
use beffroi_people::Role;
use beffroi_rooms::{deposit, inspection};
use beffroi_store::By;

use crate::{
    handed::{DRAWING, Granted, JPEG, PDF, granted},
    support::{Town, in_a_town},
};

/// Runs the background until nothing is left to do.
async fn rest(town: &Town<'_>) {
    town.work().await;
}

/// The inspection that a page begins, days before it is due: with a reason.
async fn begun(town: &Town<'_>, cookie: &str, booked: &Granted, way: &str) -> String {
    let start = booked.span.start().timestamp().to_string();
    let why = format!("pourquoi-{way}-{start}");
    let fields = [("sens", way), ("debut", start.as_str()), (why.as_str(), "Les clés sont déjà rendues.")];
    let sent = town.post(&format!("/agents/reservations/{}/etat", booked.id), cookie, &fields).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
    sent.location
}

/// The ids of the things on the page of an inspection, in order.
fn things(page: &str) -> Vec<String> {
    let parts = page.split("id=\"objet-").skip(1);
    parts.map(|part| part.split('"').next().unwrap().to_owned()).collect()
}

/// Both sign without scripts.
const SIGNED: [(&str, &str); 5] = [
    ("ville", "Awa Diop"),
    ("approuve-ville", "true"),
    ("present", "oui"),
    ("occupant", "Karim Galtier"),
    ("approuve-occupant", "true"),
];

/// On the way out two chairs are gone; whoever had the room draws, the agent ticks.
async fn taken_back(town: &Town<'_>, booked: &Granted, agent: &str, hub: &str) {
    let cookie = &format!("beffroi={agent}");
    let way_out = begun(town, cookie, booked, "out").await;
    let page = town.get_as(agent, &way_out).await;
    page.says("À l’entrée\u{a0}: 120, Bon");
    let mut out = things(&page.body).into_iter();
    let (chairs, oven) = (out.next().unwrap(), out.next().unwrap());
    let fields = [
        (format!("etat-{chairs}"), "good"),
        (format!("nombre-{chairs}"), "118"),
        (format!("etat-{oven}"), "worn"),
        (format!("nombre-{oven}"), "1"),
    ];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    let photo = format!("photos-{chairs}");
    let files = [(photo.as_str(), "chaises.jpg", JPEG.to_vec())];
    town.send_files(&way_out, cookie, &fields, &files).await;
    let sign = town.get_as(agent, &format!("{way_out}/signer")).await;
    sign.says("118 au lieu de 120").is_silent_about("Four");
    let drawn = [
        ("ville", "Awa Diop"),
        ("approuve-ville", "true"),
        ("present", "oui"),
        ("occupant", "Karim Galtier"),
        ("dessin-occupant", DRAWING),
    ];
    let closed = town.post(&format!("{way_out}/signer"), cookie, &drawn).await;
    assert_eq!(closed.status, StatusCode::SEE_OTHER, "{}", closed.body);
    let shown = town.get_as(agent, &way_out).await;
    shown.says("data:image/png;base64,").says("118 au lieu de 120").says(&format!("{hub}/caution"));
    rest(town).await;
    // Whoever decides on the deposit sees the damage there.
    let deposit = town.get_as(agent, &format!("{hub}/caution")).await;
    deposit.says("118 au lieu de 120").says("/photos/").says("Photo 1, Chaises");
}

#[test]
fn a_caretaker_notes_the_state_of_a_room_in_and_out() {
    in_a_town(async |town| {
        let booked = granted(town, 3).await;
        let agent = town.agent(Role::Agent).await;
        let cookie = format!("beffroi={agent}");
        let hub = format!("/agents/reservations/{}", booked.id);
        town.get_as(&agent, &format!("/agents/remises?jour={}", booked.day))
            .await
            .says("Salle Brassens")
            .says("Karim Galtier")
            .says("Entrée à faire")
            .says(&hub);
        let today = town.get_as(&agent, "/agents/remises").await;
        today.says("Aucune salle à remettre").says("Prochaine remise\u{a0}: Salle Brassens");
        today.says(&format!("/agents/remises?jour={}", booked.day));
        let page = town.get_as(&agent, &hub).await;
        page.says("Commencer l’état des lieux d’entrée")
            .says("href=\"/agents/remises\" aria-current=\"page\"");
        page.says("Karim Galtier").says("04\u{a0}67\u{a0}71\u{a0}12\u{a0}34").says("Loto de Noël");
        let way_in = begun(town, &cookie, &booked, "in").await;
        // Begun twice, it is the same.
        assert_eq!(begun(town, &cookie, &booked, "in").await, way_in);
        let page = town.get_as(&agent, &way_in).await;
        page.says("Chaises").says("120 attendus").says("Cuisine").says("Four");
        // What should be there stands in the fields; nothing was looked at for all that.
        page.says("value=\"120\"").says("Il reste 2 choses à regarder");
        page.says("Chaises (état et nombre), Four (état et nombre)");
        let seen = things(&page.body);
        assert_eq!(seen.len(), 2);
        // A wrong number keeps nothing else from being kept.
        let (chairs, oven) = (&seen[0], &seen[1]);
        let fields = [
            (format!("etat-{chairs}"), "good"),
            (format!("nombre-{chairs}"), "beaucoup"),
            (format!("etat-{oven}"), "worn"),
            (format!("nombre-{oven}"), "1"),
            (format!("remarque-{oven}"), "La porte ferme mal."),
        ];
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        let photo = format!("photos-{oven}");
        let files = [(photo.as_str(), "four.jpg", JPEG.to_vec())];
        let sent = town.send_files(&way_in, &cookie, &fields, &files).await;
        assert_eq!(sent.status, StatusCode::UNPROCESSABLE_ENTITY);
        sent.says("Indiquez un nombre en chiffres").says("value=\"beaucoup\"").says("La porte ferme mal.");
        sent.says("/photos/").says("width=\"64\" height=\"48\"");
        let kept = town.get_as(&agent, &way_in).await;
        kept.says("La porte ferme mal.").says("Il reste une chose à regarder\u{a0}: Chaises (nombre).");
        // The photograph is made anew: it says nothing of its telephone.
        let src = kept.body.split(" src=\"").find(|part| part.contains("/photos/")).unwrap();
        let shown = town.get_as_bytes(&agent, src.split('"').next().unwrap()).await;
        assert!(shown.1.starts_with(b"\xff\xd8\xff"), "{}", shown.0);
        assert!(!shown.1.windows(11).any(|window| window == b"TELEPHONE-X"));
        // It cannot be signed before everything is looked at.
        let early = town.post(&format!("{way_in}/signer"), &cookie, &SIGNED).await;
        assert_eq!(early.status, StatusCode::UNPROCESSABLE_ENTITY);
        early.says("Il reste des choses à regarder").says("value=\"Karim Galtier\"");
        let number = format!("nombre-{chairs}");
        let state = format!("etat-{chairs}");
        let oven_state = format!("etat-{oven}");
        let oven_number = format!("nombre-{oven}");
        let all = [
            (state.as_str(), "good"),
            (number.as_str(), "120"),
            (oven_state.as_str(), "worn"),
            (oven_number.as_str(), "1"),
            ("eau", "01234"),
            ("seul", "oui"),
        ];
        assert_eq!(town.post(&way_in, &cookie, &all).await.status, StatusCode::NO_CONTENT);
        let unsigned = town.post(&format!("{way_in}/signer"), &cookie, &[("ville", "Awa Diop")]).await;
        assert_eq!(unsigned.status, StatusCode::UNPROCESSABLE_ENTITY);
        let closed = town.post(&format!("{way_in}/signer"), &cookie, &SIGNED).await;
        assert_eq!(closed.location, format!("{way_in}?fait=clos"), "{}", closed.body);
        // Nothing changes any more.
        assert_eq!(town.post(&way_in, &cookie, &all).await.status, StatusCode::CONFLICT);
        let closed = town.get_as(&agent, &way_in).await;
        closed.says("01234").says("Karim Galtier").says("Dans la salle").says("Actualiser");
        rest(town).await;
        let report = town.get_as_bytes(&agent, &format!("{way_in}/rapport.pdf")).await;
        assert!(report.1.starts_with(b"%PDF-"), "{}", report.0);
        assert!(town.ordered(&booked).await.iter().any(|words| words.contains("L’état des lieux d’entrée")));

        taken_back(town, &booked, &agent, &hub).await;
        // The journal has what tells the content from any other.
        let booking = booked.id;
        let found = town.fixture.commune.read(By::SYSTEM, move |tx| inspection::of_booking(tx, booking));
        let found = found.await.unwrap();
        let hashes: Vec<String> = town.payloads("inspection.closed").await;
        for it in &found {
            assert!(hashes.iter().any(|payload| payload.contains(&it.hash)), "{}", it.hash);
        }
        rest(town).await;
    });
}

#[test]
fn the_state_of_a_room_is_noted_when_it_is_handed_over_and_not_weeks_before() {
    in_a_town(async |town| {
        let booked = granted(town, 9).await;
        let agent = town.agent(Role::Agent).await;
        let cookie = format!("beffroi={agent}");
        let hub = format!("/agents/reservations/{}", booked.id);
        let page = town.get_as(&agent, &hub).await;
        page.says("L’état des lieux d’entrée s’ouvre la veille");
        page.says("L’état des lieux de sortie s’ouvre quand la réservation a commencé");
        let start = booked.span.start().timestamp().to_string();
        for way in ["in", "out"] {
            let fields = [("sens", way), ("debut", start.as_str())];
            let early = town.post(&format!("{hub}/etat"), &cookie, &fields).await;
            assert_eq!(early.status, StatusCode::UNPROCESSABLE_ENTITY, "{way}");
            early.says("Indiquez pourquoi l’état des lieux commence plus tôt.");
        }
        let way_in = begun(town, &cookie, &booked, "in").await;
        town.get_as(&agent, &way_in).await.says("Les clés sont déjà rendues.");
        rest(town).await;
    });
}

#[test]
fn a_deposit_is_promised_held_and_kept_in_part_once_it_could_be_answered() {
    in_a_town(async |town| {
        let booked = granted(town, 3).await;
        let agent = town.agent(Role::Agent).await;
        let cookie = format!("beffroi={agent}");
        rest(town).await;
        let page = format!("/agents/reservations/{}/caution", booked.id);
        town.get_as(&agent, &page).await.says("400,00\u{a0}€").says("À recevoir");
        town.get_as(&agent, "/agents/cautions").await.says("À recevoir").says("Karim Galtier");
        // The contract was laid out, and tells of it.
        assert!(town.ordered(&booked).await.iter().any(|words| words.contains("caution de 400,00")));
        let today = town.today().to_string();
        let take = |reference| {
            [("faire", "recevoir"), ("moyen", "cheque"), ("reference", reference), ("le", today.as_str())]
        };
        let card = town.post(&page, &cookie, &take("4970 1012 3456 7890")).await;
        assert_eq!(card.status, StatusCode::UNPROCESSABLE_ENTITY);
        card.says("Le numéro d’une carte n’est jamais gardé");
        let held = town.post(&page, &cookie, &take("7654321")).await;
        assert_eq!(held.status, StatusCode::SEE_OTHER, "{}", held.body);
        // More than there is, without a quote, or too soon.
        let soon = [("montant", "500"), ("motif", "Deux chaises."), ("reponse-avant", today.as_str())];
        let refused = town.send_files(&format!("{page}/retenue"), &cookie, &soon, &[]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        refused.says("Joignez le devis").says("au plus 400,00\u{a0}€").says("Deux chaises.");
        let until = town.day_in(20).to_string();
        let fields =
            [("montant", "80,50"), ("motif", "Deux chaises manquent."), ("reponse-avant", until.as_str())];
        let files = [("devis", "devis.pdf", PDF.to_vec())];
        let told = town.send_files(&format!("{page}/retenue"), &cookie, &fields, &files).await;
        assert_eq!(told.status, StatusCode::SEE_OTHER, "{}", told.body);
        assert!(town.ordered(&booked).await.iter().any(|words| {
            words.contains("80,50") && words.contains("observations") && words.contains("telerecours")
        }));
        town.get_as(&agent, "/agents/cautions").await.says("retenue envisagée\u{a0}: 80,50\u{a0}€");
        // Whoever gave it may answer first.
        let settle = [("faire", "solder"), ("retenu", "80,50")];
        let early = town.post(&page, &cookie, &settle).await;
        assert_eq!(early.status, StatusCode::UNPROCESSABLE_ENTITY);
        early.says("peut répondre jusqu’au");
        town.post(&page, &cookie, &[("faire", "repondre"), ("reponse", "D’accord pour 60 euros.")]).await;
        let more = town.post(&page, &cookie, &[("faire", "solder"), ("retenu", "100")]).await;
        assert_eq!(more.status, StatusCode::UNPROCESSABLE_ENTITY, "never more than was told");
        more.says("au plus 80,50\u{a0}€");
        let settled = town.post(&page, &cookie, &[("faire", "solder"), ("retenu", "60")]).await;
        assert_eq!(settled.status, StatusCode::SEE_OTHER, "{}", settled.body);
        town.get_as(&agent, &page).await.says("60,00\u{a0}€").says("340,00\u{a0}€").says("Soldée");
        let again = town.post(&page, &cookie, &settle).await;
        assert_eq!(again.status, StatusCode::CONFLICT);
        let id = booked.id;
        let it = town.fixture.commune.read(By::SYSTEM, move |tx| deposit::find(tx, id)).await.unwrap();
        assert_eq!(it.unwrap().rest().0, 34_000);
        rest(town).await;
    });
}

#[test]
fn keys_are_handed_over_once_and_the_certificate_is_looked_at() {
    in_a_town(async |town| {
        let booked = granted(town, 3).await;
        let manager = town.agent(Role::Manager).await;
        let keys = "/admin/salles/salle-brassens/cles";
        let to = format!("beffroi={manager}");
        let nameless = town.post(keys, &to, &[("nom", "")]).await;
        assert_eq!(nameless.status, StatusCode::UNPROCESSABLE_ENTITY);
        town.post(keys, &to, &[("nom", "Porte d’entrée"), ("numero", "12")]).await;
        let agent = town.agent(Role::Agent).await;
        let cookie = format!("beffroi={agent}");
        let hub = format!("/agents/reservations/{}", booked.id);
        let page = town.get_as(&agent, &hub).await;
        page.says("Personne n’a encore noté").says("Porte d’entrée (n°\u{a0}12)");
        let short = booked.day.pred_opt().unwrap().to_string();
        town.post(&format!("{hub}/assurance"), &cookie, &[("assurance", &short)]).await;
        town.get_as(&agent, &hub).await.says("se termine avant la fin de la réservation");
        let good = town.day_in(60).to_string();
        town.post(&format!("{hub}/assurance"), &cookie, &[("assurance", &good)]).await;
        town.get_as(&agent, &hub).await.is_silent_about("se termine avant la fin de la réservation");
        let wrong = town.post(&format!("{hub}/assurance"), &cookie, &[("assurance", "bientôt")]).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        let key = page.body.split("<option value=\"").nth(2).unwrap().split('"').next().unwrap().to_owned();
        let handed = town.post(&format!("{hub}/cles"), &cookie, &[("cle", &key)]).await;
        assert_eq!(handed.location, format!("{hub}?fait=remise#cles"));
        // Nobody else gets it meanwhile.
        let again = town.post(&format!("{hub}/cles"), &cookie, &[("cle", &key)]).await;
        assert_eq!(again.location, format!("{hub}?fait=sans-cle#cles"));
        let list = town.get_as(&agent, "/agents/cles").await;
        list.says("Porte d’entrée").says("Karim Galtier");
        let back = list.body.split("action=\"/agents/cles/").nth(1).unwrap().split('"').next().unwrap();
        town.post(&format!("/agents/cles/{back}"), &cookie, &[("liste", "oui")]).await;
        town.get_as(&agent, "/agents/cles").await.says("Toutes les clés sont rendues");
        rest(town).await;
    });
}

#[test]
fn whoever_may_not_know_of_premises_is_told_of_none() {
    in_a_town(async |town| {
        let booked = granted(town, 3).await;
        let auditor = town.agent(Role::JournalReader).await;
        let cookie = format!("beffroi={auditor}");
        let hub = format!("/agents/reservations/{}", booked.id);
        for page in ["/agents/remises", "/agents/cautions", "/agents/cles", &hub, &format!("{hub}/caution")] {
            assert_eq!(town.get_as(&auditor, page).await.status, StatusCode::NOT_FOUND, "{page}");
            assert_eq!(town.get(page).await.status, StatusCode::SEE_OTHER, "{page}");
        }
        for form in ["etat", "cles", "assurance", "caution", "caution/retenue"] {
            let sent = town.post(&format!("{hub}/{form}"), &cookie, &[("sens", "in")]).await;
            assert_eq!(sent.status, StatusCode::NOT_FOUND, "{form}");
        }
        rest(town).await;
    });
}
