//! What is given back is offered in the order of wishes, and goes on where nobody answers.

use beffroi_people::Role;
use chrono::TimeDelta;

use crate::support::{Town, at, in_a_town, time};

async fn wishes(town: &Town<'_>, who: &str, days: (&str, &str)) -> String {
    let email = format!("{who}@example.org");
    let fields = [
        ("nom", who),
        ("courriel", email.as_str()),
        ("premier", days.0),
        ("dernier", days.1),
        ("personnes", "1"),
        ("lieu", ""),
    ];
    let made = town.browser().post("/rendez-vous/titres/attente", &fields).await;
    assert_eq!(made.status, 303, "{}", made.body);
    town.fixture.clock.advance(TimeDelta::seconds(1));
    made.location
}

const JUNE: (&str, &str) = ("2026-06-03", "2026-06-30");

/// To whom times are offered now, in the order of their names.
async fn offered(town: &Town<'_>) -> Vec<String> {
    town.texts("SELECT name FROM appointments_appointment WHERE state = 'held' AND wish IS NOT NULL ORDER BY name LIMIT 9")
        .await
}

/// To whom offers are written of which something is still known.
async fn written(town: &Town<'_>) -> Vec<String> {
    let mails = town.mails().await;
    let offers = mails.into_iter().filter(|mail| mail.subject.contains("Un horaire se libère"));
    let mut names: Vec<String> = offers.map(|mail| mail.to.split('@').next().unwrap().to_owned()).collect();
    names.sort();
    names
}

const JEANNE: &[(&str, &str)] = &[("nom", "Jeanne Roux"), ("courriel", "jeanne@example.org")];

/// The address that the offer which waits leads to; its mail is gone, and its link is told to nobody else.
async fn offer(town: &Town<'_>, who: &'static str) -> String {
    use beffroi_appointments::appointment;
    use beffroi_store::{By, StoreError};
    let link = town.fixture.commune.read(By::SYSTEM, move |tx| -> Result<_, StoreError> {
        let sql = "SELECT id, link_sealed FROM appointments_appointment WHERE state = 'held' AND name = $1";
        let (id, sealed): (beffroi_core::Id<appointment::Mark>, String) =
            tx.query_one(sql, &[&who], |row| Ok((row.get(0)?, row.get(1)?)))?;
        tx.unseal_text(&format!("appointments.link.{id}"), &sealed)
    });
    format!("/rendez-vous/mien/{}", link.await.unwrap())
}

#[test]
fn what_is_given_back_is_offered_to_the_first_who_wished_for_it_then_to_the_next() {
    in_a_town(async |town| {
        let slot = time(town.things.hall, at(9, 9, 0));
        let mine = town.books(&slot, JEANNE).await;
        town.browser().get("/rendez-vous/titres").await.says("liste d’attente");
        town.browser().get("/rendez-vous/titres/attente").await.says("S’inscrire sur la liste");
        let wrong = town
            .browser()
            .post("/rendez-vous/titres/attente", &[("premier", "2026-06-10"), ("dernier", "2026-06-01")])
            .await;
        assert_eq!(wrong.status, 422);
        wrong.says("2026-06-10").says("Indiquez votre nom").says("Indiquez un dernier jour");
        let early = wishes(town, "anne", JUNE).await;
        let other = wishes(town, "bruno", ("2026-06-20", "2026-06-30")).await;
        wishes(town, "chloe", JUNE).await;
        town.browser().get(&early).await.says("Vous êtes sur la liste d’attente");
        town.browser().post(&format!("{mine}/annuler"), &[]).await;
        assert_eq!(offered(town).await, ["anne"], "the first whose days it falls in");
        // Nobody else has it meanwhile.
        assert!(
            !town
                .browser()
                .get("/rendez-vous/titres?semaine=2026-06-09")
                .await
                .sent("creneau")
                .contains(&slot)
        );
        town.browser().get(&early).await.says("Un horaire vous est proposé");
        town.browser()
            .get(&offer(town, "anne").await)
            .await
            .says("anne@example.org")
            .says("Cet horaire vous est gardé");
        assert_eq!(written(town).await, ["anne"]);
        // No answer: the next, at once, and nothing more is known of who was offered it before.
        town.fixture.clock.advance(TimeDelta::hours(4));
        town.work().await;
        assert_eq!(offered(town).await, ["chloe"]);
        assert_eq!(written(town).await, ["chloe"]);
        town.browser().get(&early).await.says("Vous êtes sur la liste d’attente");
        let taken = town
            .browser()
            .post(&offer(town, "chloe").await, &[("nom", "Chloé"), ("courriel", "chloe@example.org")])
            .await;
        assert_eq!(taken.status, 303);
        assert_eq!(town.count("SELECT COUNT(*) FROM appointments_wish WHERE state = 'served'").await, 1);
        town.browser().get(&other).await.says("Vous êtes sur la liste d’attente");
        town.browser().post(&format!("{other}/retirer"), &[]).await;
        town.browser().get(&other).await.says("Votre inscription est close");
    });
}

#[test]
fn who_gives_an_offer_up_lets_the_next_have_it_and_nobody_waits_for_ever() {
    in_a_town(async |town| {
        let first = town.books(&time(town.things.hall, at(9, 9, 0)), JEANNE).await;
        let second = town.books(&time(town.things.hall, at(9, 9, 20)), JEANNE).await;
        let anne = wishes(town, "anne", JUNE).await;
        wishes(town, "bruno", JUNE).await;
        town.browser().post(&format!("{first}/annuler"), &[]).await;
        assert_eq!(offered(town).await, ["anne"]);
        town.browser().post(&format!("{}/annuler", offer(town, "anne").await), &[]).await;
        assert_eq!(offered(town).await, ["bruno"]);
        assert_eq!(written(town).await, ["bruno"]);
        // A second offer that is not taken ends the wish.
        town.browser().post(&format!("{second}/annuler"), &[]).await;
        assert_eq!(offered(town).await, ["anne", "bruno"]);
        town.browser().post(&format!("{}/annuler", offer(town, "anne").await), &[]).await;
        town.browser().get(&anne).await.says("Votre inscription est close");
        // What begins too soon is offered to nobody.
        let soon = town
            .books(
                &time(town.things.hall, at(3, 11, 20)),
                &[("nom", "Paul"), ("courriel", "paul@example.org")],
            )
            .await;
        wishes(town, "chloe", JUNE).await;
        town.browser().post(&format!("{soon}/annuler"), &[]).await;
        assert_eq!(town.count("SELECT COUNT(*) FROM appointments_appointment WHERE state = 'held' AND wish IS NOT NULL AND starts_at < 1780500000000").await, 0);
        for _ in 0..3 {
            wishes(town, "david", JUNE).await;
        }
        let fields = [
            ("nom", "david"),
            ("courriel", "david@example.org"),
            ("premier", "2026-06-03"),
            ("dernier", "2026-06-30"),
        ];
        town.browser().post("/rendez-vous/titres/attente", &fields).await.says("déjà inscrit(e) trois fois");
        town.fixture.clock.advance(TimeDelta::days(60));
        town.hour().await;
        assert_eq!(town.count("SELECT COUNT(*) FROM appointments_wish").await, 0);
    });
}

#[test]
fn nothing_is_offered_that_nobody_could_book() {
    in_a_town(async |town| {
        let hall = town.things.hall;
        // The town hall closes on the day; what is given back then is nobody's.
        let closed = town.books(&time(hall, at(9, 9, 0)), JEANNE).await;
        let agent = town.agent("samira@lunel.example", "etat-civil", Role::Agent).await;
        let kept = time(hall, at(10, 11, 0));
        let fields =
            [("motif", "titres"), ("personnes", "1"), ("canal", "phone"), ("creneau", kept.as_str())];
        let reserved = agent.post("/agents/rendez-vous/nouveau", &fields).await.location;
        agent.post(&reserved, &[("nom", "Paul"), ("telephone", "06 12 34 56 78")]).await;
        wishes(town, "anne", JUNE).await;
        town.closes(9).await;
        town.browser().post(&format!("{closed}/annuler"), &[]).await;
        assert!(offered(town).await.is_empty());
        // What is kept for the same day is not offered a week before.
        agent.post(&format!("{reserved}/annuler"), &[("pourquoi", "")]).await;
        assert!(offered(town).await.is_empty());
        // An offer that waits is not booked once its day is closed.
        let open = town.books(&time(hall, at(11, 9, 0)), JEANNE).await;
        town.browser().post(&format!("{open}/annuler"), &[]).await;
        assert_eq!(offered(town).await, ["anne"]);
        town.closes(11).await;
        let contact = [("nom", "Anne"), ("courriel", "anne@example.org")];
        let gone = town.browser().post(&offer(town, "anne").await, &contact).await;
        assert_eq!(gone.status, 422);
        gone.says("Cet horaire vient d’être pris").is_silent_about("Jeudi 11 juin 2026 à 9 h 20");
    });
}

#[test]
fn who_no_longer_wishes_keeps_no_time_from_the_next() {
    in_a_town(async |town| {
        let hall = town.things.hall;
        let mine = town.books(&time(hall, at(9, 9, 0)), JEANNE).await;
        let anne = wishes(town, "anne", JUNE).await;
        for who in ["bruno", "chloe"] {
            wishes(town, who, JUNE).await;
        }
        town.browser().post(&format!("{mine}/annuler"), &[]).await;
        assert_eq!(offered(town).await, ["anne"]);
        town.browser().post(&format!("{anne}/retirer"), &[]).await;
        assert_eq!(offered(town).await, ["bruno"]);
        // Bruno books another time by himself: the one that was offered goes on, and he wishes for nothing more.
        let contact = [("nom", "Bruno"), ("courriel", "bruno@example.org")];
        town.books(&time(hall, at(12, 9, 0)), &contact).await;
        assert_eq!(offered(town).await, ["chloe"]);
        assert_eq!(town.count("SELECT COUNT(*) FROM appointments_wish WHERE email LIKE 'bruno%'").await, 0);
        assert_eq!(town.count("SELECT COUNT(*) FROM calendar_claim").await, 2);
    });
}

#[test]
fn nobody_is_woken_up_for_an_offer() {
    in_a_town(async |town| {
        let mine = town.books(&time(town.things.hall, at(9, 9, 0)), JEANNE).await;
        for who in ["anne", "bruno"] {
            wishes(town, who, JUNE).await;
        }
        town.fixture.clock.set(at(3, 22, 30));
        town.browser().post(&format!("{mine}/annuler"), &[]).await;
        assert_eq!(offered(town).await, ["anne"], "it is kept through the night");
        assert!(written(town).await.is_empty());
        town.fixture.clock.set(at(4, 8, 0));
        assert_eq!(written(town).await, ["anne"]);
        // Four hours, from the morning on.
        town.fixture.clock.set(at(4, 11, 59));
        town.work().await;
        assert_eq!(offered(town).await, ["anne"]);
        town.fixture.clock.set(at(4, 12, 0));
        town.work().await;
        assert_eq!(offered(town).await, ["bruno"]);
    });
}

#[test]
fn where_a_motive_keeps_no_waiting_list_nobody_waits() {
    in_a_town(async |town| {
        use beffroi_appointments::{ManageAppointments, motive};
        use beffroi_people::permission::permit_system;
        use beffroi_store::{By, StoreError};
        let kept = town.fixture.commune.write(By::SYSTEM, |tx| -> Result<(), StoreError> {
            let permit = permit_system::<ManageAppointments>(tx).unwrap();
            let mut known = motive::by_slug(tx, "titres")?.unwrap();
            known.details.sheet.waiting = false;
            motive::keep(tx, &permit, Some(known.id), &known.details).unwrap();
            Ok(())
        });
        kept.await.unwrap();
        town.browser().get("/rendez-vous/titres").await.is_silent_about("liste d’attente");
        assert_eq!(town.browser().get("/rendez-vous/titres/attente").await.status, 404);
    });
}

/// What an agent notes of somebody on the telephone.
fn noted<'a>(name: &'a str, phone: &'a str) -> [(&'a str, &'a str); 8] {
    [
        ("motif", "titres"),
        ("canal", "phone"),
        ("personnes", "1"),
        ("lieu", ""),
        ("nom", name),
        ("telephone", phone),
        ("premier", JUNE.0),
        ("dernier", JUNE.1),
    ]
}

const LIST: &str = "/agents/rendez-vous/attente";

#[test]
fn an_agent_puts_somebody_on_the_list_who_is_called_back() {
    in_a_town(async |town| {
        let slot = time(town.things.hall, at(9, 9, 0));
        let mine = town.books(&slot, JEANNE).await;
        let agent = town.agent("samira@lunel.example", "etat-civil", Role::Agent).await;
        let page = agent.get("/agents/rendez-vous/nouveau?motif=titres").await;
        page.says("mettre la personne en liste d’attente");
        let make = format!("{LIST}/nouveau");
        agent.get(&format!("{make}?motif=titres")).await.says("2026-06-03");
        // The same bounds as online; what was typed stays.
        let wrong = agent.post(&make, &noted("Augustine Galtier", "")).await;
        assert_eq!(wrong.status, 422);
        wrong.says("Augustine Galtier").says("pour recevoir la confirmation");
        let first = agent.post(&make, &noted("Augustine Galtier", "04 65 71 00 20")).await;
        assert_eq!(first.location, format!("{LIST}?fait=inscrit"), "{}", first.body);
        town.fixture.clock.advance(TimeDelta::seconds(1));
        agent.post(&make, &noted("Paul Roux", "04 65 71 00 21")).await;
        let list = agent.get(&first.location).await;
        list.says("Augustine Galtier")
            .says("04\u{a0}65\u{a0}71\u{a0}00\u{a0}20")
            .says("Personne n’est à appeler");
        // What is given back is kept until the next evening, long enough to be called about.
        town.browser().post(&format!("{mine}/annuler"), &[]).await;
        assert_eq!(offered(town).await, ["Augustine Galtier"]);
        assert!(written(town).await.is_empty());
        agent.get(LIST).await.says("jeudi 4 juin 2026 à 18\u{a0}h");
        town.fixture.clock.advance(TimeDelta::hours(5));
        town.work().await;
        assert_eq!(offered(town).await, ["Augustine Galtier"]);
        let agent = town.agent("awa@lunel.example", "etat-civil", Role::Agent).await;
        let list = agent.get(LIST).await;
        let appointment =
            list.body.split("/agents/rendez-vous/").find(|it| it.contains("Augustine")).unwrap();
        let appointment = format!("/agents/rendez-vous/{}", appointment.split('"').next().unwrap());
        // Others learn neither who waits nor whom to call.
        let stranger = town.agent("paul@lunel.example", "urbanisme", Role::Agent).await;
        stranger.get(LIST).await.is_silent_about("Augustine").is_silent_about("Paul Roux");
        assert_eq!(stranger.get(&format!("{make}?motif=titres")).await.status, 404);
        // She does not want it: the next is to be called, at once.
        agent.post(&format!("{appointment}/annuler"), &[]).await;
        assert_eq!(offered(town).await, ["Paul Roux"]);
        let list = agent.get(LIST).await;
        let appointment = list.body.split("/agents/rendez-vous/").find(|it| it.contains("Paul")).unwrap();
        let appointment = format!("/agents/rendez-vous/{}", appointment.split('"').next().unwrap());
        agent.get(&appointment).await.says("Paul Roux");
        let fields = [("nom", "Paul Roux"), ("telephone", "04 65 71 00 21")];
        let booked = agent.post(&appointment, &fields).await;
        assert_eq!(booked.location, format!("{appointment}?fait=reserve"), "{}", booked.body);
        agent.get(&appointment).await.says("Par téléphone");
        assert_eq!(town.count("SELECT COUNT(*) FROM appointments_wish WHERE state = 'served'").await, 1);
        // Whoever waits no more is taken off.
        let list = agent.get(LIST).await;
        let id = list.body.split(&format!("{LIST}/")).nth(1).unwrap().split('/').next().unwrap().to_owned();
        assert_eq!(stranger.post(&format!("{LIST}/{id}/retirer"), &[]).await.status, 404);
        let gone = agent.post(&format!("{LIST}/{id}/retirer"), &[]).await;
        assert_eq!(gone.location, format!("{LIST}?fait=retire"));
        agent.get(LIST).await.is_silent_about("Augustine");
    });
}

#[test]
fn an_offer_that_nobody_could_be_called_about_goes_on_in_the_evening() {
    in_a_town(async |town| {
        let mine = town.books(&time(town.things.hall, at(9, 9, 0)), JEANNE).await;
        let agent = town.agent("samira@lunel.example", "etat-civil", Role::Agent).await;
        agent.post(&format!("{LIST}/nouveau"), &noted("Augustine Galtier", "04 65 71 00 20")).await;
        town.fixture.clock.advance(TimeDelta::seconds(1));
        wishes(town, "anne", JUNE).await;
        town.browser().post(&format!("{mine}/annuler"), &[]).await;
        assert_eq!(offered(town).await, ["Augustine Galtier"]);
        town.fixture.clock.set(at(4, 17, 59));
        town.work().await;
        assert_eq!(offered(town).await, ["Augustine Galtier"]);
        town.fixture.clock.set(at(4, 18, 0));
        town.work().await;
        assert_eq!(offered(town).await, ["anne"]);
    });
}

#[test]
fn a_long_time_that_is_given_back_serves_as_many_as_fit_in_their_order() {
    in_a_town(async |town| {
        let slot = time(town.things.hall, at(9, 9, 0));
        let browser = town.browser();
        let fields = [("creneau", slot.as_str()), ("personnes", "3")];
        let family = browser.post("/rendez-vous/titres/reserver", &fields).await.location;
        assert_eq!(browser.post(&family, JEANNE).await.status, 303);
        for who in ["anne", "bruno", "chloe"] {
            wishes(town, who, JUNE).await;
        }
        // Somebody who waits twice is offered one time.
        wishes(town, "anne", ("2026-06-08", "2026-06-10")).await;
        browser.post(&format!("{family}/annuler"), &[]).await;
        assert_eq!(offered(town).await, ["anne", "bruno", "chloe"]);
        let sql = "SELECT name FROM appointments_appointment WHERE state = 'held' AND wish IS NOT NULL \
             ORDER BY starts_at LIMIT 9";
        assert_eq!(town.texts(sql).await, ["anne", "bruno", "chloe"], "the first has the first time");
        assert_eq!(town.count("SELECT COUNT(*) FROM calendar_claim").await, 3);
    });
}

/// Somebody who can come on Tuesday 9 alone.
const TUESDAY: (&str, &str) = ("2026-06-09", "2026-06-09");

#[test]
fn an_absence_that_is_taken_back_is_offered_to_those_who_wait() {
    in_a_town(async |town| {
        let head = town.agent("leonie@lunel.example", "etat-civil", Role::HeadOfDepartment).await;
        let base = "/agents/rendez-vous/presences/guichet-1";
        let away = [("premier", "2026-06-09"), ("dernier", "2026-06-09"), ("raison", "Formation")];
        assert_eq!(head.post(&format!("{base}/absence"), &away).await.status, 303);
        for who in ["anne", "bruno"] {
            wishes(town, who, TUESDAY).await;
        }
        // On the days after, too many are free for anybody to be told of one.
        wishes(town, "chloe", ("2026-06-10", "2026-06-12")).await;
        town.work().await;
        assert!(offered(town).await.is_empty());
        let back = [("retirer", "2026-06-09/2026-06-09/")];
        assert_eq!(head.post(&format!("{base}/absence-retirer"), &back).await.status, 303);
        town.work().await;
        assert_eq!(offered(town).await, ["anne", "bruno"]);
        assert_eq!(written(town).await, ["anne", "bruno"]);
    });
}

#[test]
fn hours_that_are_added_and_a_site_that_opens_again_are_offered_to_those_who_wait() {
    in_a_town(async |town| {
        town.closes(9).await;
        wishes(town, "anne", TUESDAY).await;
        let manager = town.agent("leonie@lunel.example", "etat-civil", Role::HeadOfDepartment).await;
        // An afternoon of Wednesday 10, once a week: Bruno wished for that day; its morning was free before.
        wishes(town, "bruno", ("2026-06-10", "2026-06-10")).await;
        let base = "/agents/rendez-vous/presences/guichet-1";
        let day =
            [("premier", "2026-06-10"), ("de", "09:00"), ("a", "12:00"), ("de2", "14:00"), ("a2", "15:00")];
        assert_eq!(manager.post(&format!("{base}/jour"), &day).await.status, 303);
        town.work().await;
        assert_eq!(offered(town).await, ["bruno"]);
        let sql = "SELECT COUNT(*) FROM appointments_appointment WHERE state = 'held' AND starts_at = 1781092800000";
        assert_eq!(at(10, 14, 0).timestamp_millis(), 1_781_092_800_000);
        assert_eq!(town.count(sql).await, 1, "what has opened, and not what was free already");
        town.opens(9).await;
        town.work().await;
        assert_eq!(offered(town).await, ["anne", "bruno"]);
    });
}
