//! Workshops that cost something: what is asked for a seat, what becomes of it where the seat is given back or the town calls
//! its session off; and no word of money where a workshop is free.

use beffroi_calendar::tariff::Deliberation;
use beffroi_core::{Cents, Id};
use beffroi_payments::{
    Mode, NewRegie, Order, OrderState, Refund,
    order::{self, CancelReason},
    payment::Means,
    permission::{ManageRegies, SettlePayments, TakeMoney},
    receipt::{self, Taking},
    refund::{self, RefundHow},
    regie,
};
use beffroi_people::{department, permission::permit_system};
use beffroi_store::{By, StoreError};
use beffroi_workshops::{
    AdviseWorkshops,
    price::{Fixed, Reduced},
    series::{self, SeriesSheet, Signup},
    session::{self, Mark as Session, SessionDetails},
};
use chrono::TimeDelta;

use crate::support::{Answer, Town, at, in_a_town, name, span};

/// « Atelier et tirage », 8 € or 4 €: these days of June, nine to eleven, with so many seats and two who may wait.
pub async fn sells(town: &Town<'_>, signup: Signup, days: &'static [u32], seats: u32) -> Vec<Id<Session>> {
    let club = town.things.club;
    let made = town.fixture.commune.write(By::SYSTEM, move |tx| -> Result<_, StoreError> {
        let department = department::by_slug(tx, "numerique")?.unwrap().id;
        let permit = permit_system::<ManageRegies>(tx).unwrap();
        let new = NewRegie {
            name: "Régie des animations".to_owned(),
            client_number: String::new(),
            mode: Mode::Test,
            online: false,
            department: Some(department),
            closed: false,
        };
        let regie = regie::create(tx, &permit, &new)?;
        let fixed = Fixed {
            deliberation: Deliberation { number: "2026-031".to_owned(), day: "2026-03-12".parse().unwrap() },
            regie,
            reduced: Some(Reduced { price: Cents(400), who: name("Pour les moins de 26 ans.") }),
        };
        let sheet = SeriesSheet {
            title: name("Atelier et tirage"),
            price: Cents(800),
            fixed: Some(fixed),
            signup,
            ..SeriesSheet::default()
        };
        let permit = permit_system::<AdviseWorkshops>(tx).unwrap();
        let series = series::keep(tx, &permit, None, department, (true, &sheet)).unwrap();
        let mut all = Vec::new();
        for day in days {
            let details = SessionDetails { place: club, span: span(*day, 9, 11), seats, waiting_places: 2 };
            all.push(session::plan(tx, &permit, series, details).unwrap());
        }
        Ok(all)
    });
    made.await.unwrap()
}

/// Registers somebody online; waits where it is full.
async fn registers(town: &Town<'_>, session: &str, who: &str, rate: &str) -> Answer {
    let email = format!("{who}@example.org");
    let fields = [
        ("seance", session),
        ("attente", "oui"),
        ("nom", who),
        ("moyen", "mail"),
        ("courriel", email.as_str()),
        ("tarif", rate),
    ];
    let answer = town.browser().post("/ateliers/atelier-et-tirage/inscription", &fields).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    // Who comes next comes later.
    town.fixture.clock.advance(TimeDelta::milliseconds(1));
    answer
}

/// The page of somebody's registration, as their first mail gives it.
async fn page_of(town: &Town<'_>, who: &str) -> String {
    let text = town.mails_to(&format!("{who}@example.org")).await.pop().unwrap().text;
    let code = text.split("https://lunel.example/ateliers/inscription/").nth(1).unwrap();
    format!("/ateliers/inscription/{}", code.split([' ', '\n', ')']).next().unwrap())
}

/// All orders, the oldest first.
async fn orders(town: &Town<'_>) -> Vec<Order> {
    let read = town.fixture.commune.read(By::SYSTEM, |tx| -> Result<_, StoreError> {
        let ids: Vec<Id<Order>> =
            tx.query("SELECT id FROM payment_order ORDER BY id LIMIT 50", &[], |row| row.get(0))?;
        ids.into_iter().map(|id| Ok(order::find(tx, id)?.unwrap())).collect::<Result<Vec<_>, _>>()
    });
    read.await.unwrap()
}

/// What is asked to be given back of an order.
async fn refunds(town: &Town<'_>, order: Id<Order>) -> Vec<Refund> {
    let read = town.fixture.commune.read(By::SYSTEM, move |tx| refund::of_order(tx, order));
    read.await.unwrap()
}

/// Somebody pays at the counter.
async fn pays(town: &Town<'_>, order: Id<Order>, cents: i64) {
    let paid = town.fixture.commune.write(By::SYSTEM, move |tx| {
        let permit = permit_system::<TakeMoney>(tx).unwrap();
        let taking = Taking { means: Means::Cheque, cents: Cents(cents), detail: "0045871".to_owned() };
        receipt::take(tx, &permit, order, &taking).unwrap();
        Ok::<_, StoreError>(())
    });
    paid.await.unwrap();
}

async fn gives_back(town: &Town<'_>, page: &str) {
    let given = town.browser().post(&format!("{page}/annuler"), &[("place", "toutes")]).await;
    assert!(given.location.ends_with("?fait=annule"), "{}", given.location);
}

#[test]
fn a_confirmed_seat_makes_an_order_that_is_paid_at_the_counter_and_agents_see_it() {
    in_a_town(async |town| {
        let browser = town.browser();
        let session = sells(town, Signup::Each, &[12], 4).await.remove(0).to_string();
        browser.get("/ateliers").await.says("8,00\u{a0}€ par personne et par séance");
        let page = browser.get("/ateliers/atelier-et-tirage").await;
        page.says("8,00\u{a0}€ par personne et par séance").says("Tarif réduit\u{a0}: 4,00\u{a0}€");
        page.says("Pour les moins de 26 ans.").says("Délibération n°\u{a0}2026-031");
        let form = browser.get("/ateliers/atelier-et-tirage/inscription").await;
        form.says("name=\"tarif\"").says("Montrez le justificatif à la première séance");
        let answer = registers(town, &session, "jeanne", "plein").await;
        browser.get(&answer.location).await.says("Cet atelier est payant").is_silent_about("jeanne");
        let [due] = &orders(town).await[..] else { panic!("one order") };
        assert_eq!((due.total, due.state), (Cents(800), OrderState::Due));
        assert_eq!(due.due_at, Some(at(12, 9, 0)));
        assert!(due.deliberation.contains("2026-031"), "{}", due.deliberation);
        let mail = town.mails_to("jeanne@example.org").await.remove(0);
        assert!(mail.text.contains("À payer\u{a0}: 8,00\u{a0}€"), "{}", mail.text);
        assert!(mail.text.contains("https://lunel.example/paiements/"), "{}", mail.text);
        let mine = page_of(town, "jeanne").await;
        browser.get(&mine).await.says("8,00\u{a0}€ à payer").says("href=\"/paiements/");
        let sheet = format!("/agents/ateliers/seances/{session}");
        let adviser = town.adviser().await;
        let page = adviser.get(&sheet).await;
        page.says("À payer");
        let one = page.body.split("/agents/ateliers/inscriptions/").nth(1).unwrap();
        let one = format!("/agents/ateliers/inscriptions/{}", one.split('"').next().unwrap());
        adviser.get(&one).await.says(&format!("/agents/caisse/commandes/{}", due.id));
        // The eve tells who has yet to pay; who has paid is reminded of the session alone.
        pays(town, due.id, 800).await;
        browser.get(&mine).await.says("c’est payé").is_silent_about("à payer");
        adviser.get(&sheet).await.says("Payé").is_silent_about("À payer");
        registers(town, &session, "paul", "plein").await;
        // What confirms it leaves first.
        town.mails().await;
        town.fixture.clock.set(at(11, 10, 0));
        let told = town.mails_to("paul@example.org").await.remove(0);
        assert!(told.subject.starts_with("Rappel"), "{}", told.subject);
        assert!(told.text.contains("À payer"), "{}", told.text);
        let told = town.mails_to("jeanne@example.org").await.remove(0);
        assert!(told.subject.starts_with("Rappel") && !told.text.contains("À payer"), "{}", told.text);
    });
}

#[test]
fn the_reduced_price_is_asked_for_by_whoever_has_it_also_at_the_counter() {
    in_a_town(async |town| {
        let session = sells(town, Signup::Each, &[12], 4).await.remove(0).to_string();
        registers(town, &session, "jeanne", "reduit").await;
        let [due] = &orders(town).await[..] else { panic!("one order") };
        assert_eq!(due.total, Cents(400));
        town.browser().get(&page_of(town, "jeanne").await).await.says("le justificatif est à montrer");
        let adviser = town.adviser().await;
        let register = format!("/agents/ateliers/seances/{session}/inscrire");
        adviser.get(&register).await.says("name=\"tarif\"");
        let fields = [
            ("canal", "counter"),
            ("seance", session.as_str()),
            ("nom", "Paul Roux"),
            ("moyen", "nothing"),
            ("tarif", "reduit"),
        ];
        assert_eq!(adviser.post(&register, &fields).await.status, 303);
        assert_eq!(orders(town).await.last().unwrap().total, Cents(400));
        assert_eq!(
            town.count("SELECT COUNT(*) FROM payment_order_line WHERE label LIKE '%(tarif réduit)%'").await,
            2
        );
    });
}

#[test]
fn whoever_waits_is_asked_for_nothing_until_they_take_the_seat() {
    in_a_town(async |town| {
        let browser = town.browser();
        let session = sells(town, Signup::Each, &[12], 1).await.remove(0).to_string();
        registers(town, &session, "jeanne", "plein").await;
        registers(town, &session, "paul", "plein").await;
        assert_eq!(orders(town).await.len(), 1);
        let (first, second) = (page_of(town, "jeanne").await, page_of(town, "paul").await);
        browser.get(&second).await.says("En liste d’attente").is_silent_about("Paiement");
        browser.get(&first).await.says("avant le début de la première séance ne coûte rien");
        let asked = browser.get(&format!("{first}/annuler")).await;
        asked.says("8,00\u{a0}€ restaient à payer\u{a0}: rien ne vous sera plus demandé");
        browser.get(&format!("{second}/annuler")).await.says("Confirmer").is_silent_about("€");
        gives_back(town, &first).await;
        // What was not paid is no longer asked for; an offer is asked for once it is taken.
        let [withdrawn] = &orders(town).await[..] else { panic!("one order") };
        assert_eq!(
            (withdrawn.state, withdrawn.cancelled_why),
            (OrderState::Cancelled, Some(CancelReason::GivenUp))
        );
        browser.get(&first).await.is_silent_about("Paiement");
        let seat = browser.get(&second).await.sent("place").remove(0);
        browser.post(&format!("{second}/accepter"), &[("place", &seat)]).await;
        let [_, due] = &orders(town).await[..] else { panic!("two orders") };
        assert_eq!((due.total, due.state), (Cents(800), OrderState::Due));
        let mail = town.mails_to("paul@example.org").await.remove(0);
        assert!(mail.subject.starts_with("Place confirmée"), "{}", mail.subject);
        assert!(mail.text.contains("À payer\u{a0}: 8,00\u{a0}€"), "{}", mail.text);
        // Taken twice, it is asked for once.
        browser.post(&format!("{second}/accepter"), &[("place", &seat)]).await;
        assert_eq!(orders(town).await.len(), 2);
    });
}

#[test]
fn what_was_paid_is_asked_back_where_the_seat_is_given_back_before_the_first_session() {
    in_a_town(async |town| {
        let session = sells(town, Signup::Each, &[12], 4).await.remove(0).to_string();
        registers(town, &session, "jeanne", "plein").await;
        let due = orders(town).await.remove(0).id;
        pays(town, due, 800).await;
        let mine = page_of(town, "jeanne").await;
        let asked = town.browser().get(&format!("{mine}/annuler")).await;
        asked.says("8,00\u{a0}€ vous seront remboursés").is_silent_about("payer");
        let asked = town.browser().get(&format!("{mine}/annuler?lang=en")).await;
        asked.says("€8.00 will be refunded to you");
        gives_back(town, &mine).await;
        let [back] = &refunds(town, due).await[..] else { panic!("one refund") };
        assert_eq!(back.cents, Cents(800));
        town.browser().get(&mine).await.says("8,00\u{a0}€ vous seront remboursés");
        let mail = town.mails_to("jeanne@example.org").await.remove(0);
        assert!(mail.text.contains("Le remboursement de 8,00\u{a0}€ est demandé"), "{}", mail.text);
    });
}

#[test]
fn what_was_paid_in_part_is_given_back_and_no_more_is_asked_for_then() {
    in_a_town(async |town| {
        let session = sells(town, Signup::Each, &[12], 4).await.remove(0).to_string();
        registers(town, &session, "jeanne", "plein").await;
        let due = orders(town).await.remove(0).id;
        pays(town, due, 300).await;
        gives_back(town, &page_of(town, "jeanne").await).await;
        let [back] = &refunds(town, due).await[..] else { panic!("one refund") };
        assert_eq!(back.cents, Cents(300));
        let id = back.id;
        let done = town.fixture.commune.write(By::SYSTEM, move |tx| {
            let permit = permit_system::<SettlePayments>(tx).unwrap();
            refund::done(tx, &permit, id, RefundHow::Transfer, "Mandat 2026-318").unwrap();
            Ok::<_, StoreError>(())
        });
        done.await.unwrap();
        town.work().await;
        let [order] = &orders(town).await[..] else { panic!("one order") };
        assert_eq!(order.state, OrderState::Cancelled);
    });
}

#[test]
fn what_was_paid_in_part_stays_and_no_more_is_asked_for_where_it_is_not_given_back() {
    in_a_town(async |town| {
        let session = sells(town, Signup::Each, &[12], 4).await.remove(0).to_string();
        registers(town, &session, "jeanne", "plein").await;
        let due = orders(town).await.remove(0).id;
        pays(town, due, 300).await;
        let mine = page_of(town, "jeanne").await;
        let adviser = town.adviser().await;
        let page = adviser.get(&format!("/agents/ateliers/seances/{session}")).await;
        let one = page.between("/agents/ateliers/inscriptions/", "\"");
        let asked = adviser.get(&format!("/agents/ateliers/inscriptions/{one}/annuler")).await;
        asked.says("3,00\u{a0}€ à rembourser").says("5,00\u{a0}€ restaient à payer");
        gives_back(town, &mine).await;
        let id = refunds(town, due).await.remove(0).id;
        let withdrawn = town.fixture.commune.write(By::SYSTEM, move |tx| {
            let permit = permit_system::<SettlePayments>(tx).unwrap();
            refund::withdraw(tx, &permit, id).unwrap();
            Ok::<_, StoreError>(())
        });
        withdrawn.await.unwrap();
        town.work().await;
        let [order] = &orders(town).await[..] else { panic!("one order") };
        assert_eq!((order.state, order.total, order.paid), (OrderState::Paid, Cents(300), Cents(300)));
        assert_eq!(refunds(town, due).await.len(), 1);
        town.browser().get(&mine).await.says("3,00\u{a0}€\u{a0}: c’est payé").is_silent_about("à payer");
    });
}

#[test]
fn a_seat_of_several_is_refunded_alone_and_nothing_once_the_first_session_has_begun() {
    in_a_town(async |town| {
        let browser = town.browser();
        let sessions = sells(town, Signup::Whole, &[12, 19, 26], 4).await;
        registers(town, "toutes", "jeanne", "plein").await;
        let due = orders(town).await.remove(0);
        assert_eq!(due.total, Cents(2_400));
        // What is not paid yet is ordered anew without the seat that was given back, and may be paid as long as before.
        let mine = page_of(town, "jeanne").await;
        let seat = browser.get(&mine).await.between("/annuler?place=", "\"");
        let asked = browser.get(&format!("{mine}/annuler?place={seat}")).await;
        asked.says("Pour les autres séances, 16,00\u{a0}€ restent à payer").is_silent_about("rembours");
        browser.post(&format!("{mine}/annuler"), &[("place", &seat)]).await;
        let [old, new] = &orders(town).await[..] else { panic!("two orders") };
        assert_eq!((old.state, new.state, new.total), (OrderState::Cancelled, OrderState::Due, Cents(1_600)));
        assert_eq!((old.due_at, new.due_at), (Some(at(12, 9, 0)), Some(at(12, 9, 0))));
        pays(town, new.id, 1_600).await;
        let seat = browser.get(&mine).await.between("/annuler?place=", "\"");
        let asked = browser.get(&format!("{mine}/annuler?place={seat}")).await;
        asked.says("8,00\u{a0}€ vous seront remboursés").is_silent_about("à payer");
        town.fixture.clock.set(at(19, 10, 0));
        browser.get(&mine).await.says("une annulation n’est plus remboursée automatiquement");
        let asked = browser.get(&format!("{mine}/annuler")).await;
        asked.says("une annulation n’est plus remboursée automatiquement").is_silent_about("vous seront");
        gives_back(town, &mine).await;
        assert!(refunds(town, new.id).await.is_empty());
        // What the town calls off it gives back all the same.
        let adviser = town.adviser().await;
        let off = format!("/agents/ateliers/seances/{}/annuler", sessions[2]);
        adviser.get(&off).await.says("le remboursement de ce qui est payé est demandé à la régie");
        adviser.post(&off, &[("pourquoi", "Le conseiller est malade.")]).await;
        let [back] = &refunds(town, new.id).await[..] else { panic!("one refund") };
        assert_eq!(back.cents, Cents(800));
    });
}

#[test]
fn sessions_that_the_town_calls_off_are_refunded_or_no_longer_asked_for() {
    in_a_town(async |town| {
        let sessions = sells(town, Signup::Each, &[12, 19], 4).await;
        registers(town, &sessions[0].to_string(), "jeanne", "plein").await;
        registers(town, &sessions[1].to_string(), "paul", "reduit").await;
        let [paid, due] = &orders(town).await[..] else { panic!("two orders") };
        pays(town, paid.id, 800).await;
        let adviser = town.adviser().await;
        for session in &sessions {
            let off = format!("/agents/ateliers/seances/{session}/annuler");
            assert_eq!(adviser.post(&off, &[("pourquoi", "L’imprimante est en panne.")]).await.status, 303);
        }
        let [back] = &refunds(town, paid.id).await[..] else { panic!("one refund") };
        assert_eq!(back.cents, Cents(800));
        assert!(refunds(town, due.id).await.is_empty());
        assert_eq!(orders(town).await[1].state, OrderState::Cancelled);
        let mail = town.mails_to("jeanne@example.org").await.remove(0);
        assert!(mail.text.contains("Le remboursement de 8,00\u{a0}€ est demandé"), "{}", mail.text);
    });
}

#[test]
fn a_workshop_that_is_free_says_no_word_of_money() {
    in_a_town(async |town| {
        let browser = town.browser();
        town.registers("Jeanne Roux", "jeanne@example.org").await;
        let mine = town.page_of("jeanne@example.org").await;
        let sheet = format!("/agents/ateliers/seances/{}", town.things.session);
        let adviser = town.adviser().await;
        let pages = [
            browser.get("/ateliers").await,
            browser.get("/ateliers/premiers-pas").await,
            browser.get("/ateliers/premiers-pas/inscription").await,
            browser.get("/ateliers/premiers-pas/recue?par=mail").await,
            browser.get(&mine).await,
            browser.get(&format!("{mine}/annuler")).await,
            adviser.get(&sheet).await,
            adviser.get(&format!("{sheet}/inscrire")).await,
            adviser.get(&format!("{sheet}/annuler")).await,
        ];
        for page in &pages {
            page.is_silent_about("€").is_silent_about("Paiement").is_silent_about("name=\"tarif\"");
            page.is_silent_about("payer").is_silent_about("rembours");
        }
        assert!(orders(town).await.is_empty());
        let mail = town.mails_to("jeanne@example.org").await.remove(0);
        assert!(!mail.text.contains("payer"), "{}", mail.text);
    });
}

#[test]
fn a_price_that_no_deliberation_fixes_is_refused_in_place() {
    in_a_town(async |town| {
        sells(town, Signup::Each, &[12], 4).await;
        let adviser = town.adviser().await;
        let new = "/agents/ateliers/series/nouvelle";
        let fields = [
            ("service", "numerique"),
            ("titre", "Un album"),
            ("niveau", "beginner"),
            ("prix", "2,50"),
            ("prix_reduit", "3"),
            ("inscription", "each"),
            ("publie", "true"),
        ];
        let refused = adviser.post(new, &fields).await;
        assert_eq!(refused.status, 422);
        refused.says("value=\"2,50\"").says("Indiquez le numéro de la délibération").says("date du vote");
        refused
            .says("Choisissez la régie")
            .says("Indiquez un prix plus bas")
            .says("Dites qui a le prix réduit");
        let options: Vec<&str> = refused.body.split("<option value=\"").skip(1).collect();
        let regie = options.iter().find(|part| part.contains("Régie des animations")).unwrap();
        let regie = regie.split('"').next().unwrap().to_owned();
        let right = [
            ("service", "numerique"),
            ("titre", "Un album"),
            ("niveau", "beginner"),
            ("prix", "2,50"),
            ("prix_reduit", ""),
            ("deliberation", "2026-031"),
            ("vote", "2026-03-12"),
            ("regie", regie.as_str()),
            ("inscription", "each"),
            ("publie", "true"),
        ];
        let made = adviser.post(new, &right).await;
        assert_eq!(made.status, 303, "{}", made.body);
        adviser.get(&made.location).await.says("2,50\u{a0}€ par personne et par séance");
        adviser.get(&format!("{}/modifier", made.location)).await.says("value=\"2026-031\"");
        town.browser().get("/ateliers/un-album").await.says("2,50\u{a0}€ par personne et par séance");
        let other = right.map(|(name, value)| (name, if name == "regie" { "" } else { value }));
        let kept = adviser.post(&format!("{}/modifier", made.location), &other).await;
        assert_eq!(kept.status, 422);
        kept.says("Choisissez la régie");
    });
}
