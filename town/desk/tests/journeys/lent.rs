//! What associations borrow: two of them are never given the same marquee, by whatever door they ask.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use beffroi_calendar::{
    booking::{self, Details, Holding, NewBooking, State},
    lending,
    resource::{self, Kind, Name, ResourceDetails, Terms},
    spans::Span,
};
use beffroi_cases::case;
use beffroi_core::{Channel, Lang, calendar::civil_day};
use beffroi_desk::submission::{self, Submission, SubmitError};
use beffroi_documents::Gate;
use beffroi_forms::{Answers, BookingFirst, CompiledForm};
use beffroi_people::{Role, Town};
use beffroi_store::{
    By, StoreError,
    testing::{TestCommune, on_both_engines},
};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    booked::room,
    browser::{PDF, journey},
    support::{catalogued, enter, enter_by, migrations, offered},
};

const SLUG: &str = "pret-de-materiel";

/// The town has one marquee and thirty tables; what else is asked for it does not keep count of.
fn store(fixture: &TestCommune) {
    let kept = fixture.commune.write_blocking(By::SYSTEM, |tx| -> Result<(), StoreError> {
        for (slug, fr, answer, stock) in
            [("barnum-3x3", "Barnum", "barnum", 1), ("tables-pliantes", "Tables pliantes", "tables", 30)]
        {
            let details = ResourceDetails {
                slug: slug.to_owned(),
                kind: Kind::Equipment,
                parent: None,
                name: Name { fr: fr.to_owned(), en: String::new() },
                stock,
                active: true,
                terms: Terms::default(),
            };
            let id = resource::create(tx, &details).unwrap();
            assert!(lending::keep(tx, id, answer)?);
        }
        Ok(())
    });
    kept.unwrap();
}

/// What an association asks for: a marquee, twenty tables, and ballot boxes.
fn asked(name: &str, from: &str, until: &str) -> Value {
    let recorded: Value =
        serde_json::from_str(include_str!("../../../../catalogue/trials/pret-de-materiel.json")).unwrap();
    let mut answers = recorded.get("right").unwrap().clone();
    let fields = answers.as_object_mut().unwrap();
    fields.remove("assurance");
    fields.insert("association".to_owned(), json!(name));
    for (field, day) in [("enlevement", from), ("jour", from), ("retour", until)] {
        fields.insert(field.to_owned(), json!(day));
    }
    let things = json!([
        { "article": "tables", "quantite": 20 },
        { "article": "barnum", "quantite": 1 },
        { "article": "autre", "lequel": "urnes", "quantite": 2 },
    ]);
    fields.insert("materiel".to_owned(), things);
    answers
}

fn states(fixture: &TestCommune) -> Vec<String> {
    let sql = "SELECT state FROM calendar_loan ORDER BY id LIMIT 10";
    fixture.commune.read_blocking(By::SYSTEM, |tx| tx.query(sql, &[], |row| row.get(0))).unwrap()
}

#[test]
fn two_associations_are_not_given_the_same_marquee() {
    on_both_engines(&migrations(), |fixture| {
        let form = offered(fixture, SLUG);
        store(fixture);
        let first = enter(fixture, &form, &asked("Boule des Platanes", "2026-07-03", "2026-07-06")).unwrap();
        // The day of return is had whole.
        let refused = enter(fixture, &form, &asked("Comité des fêtes", "2026-07-06", "2026-07-08")).unwrap_err();
        assert_eq!(
            refused,
            "materiel.0.quantite: Tables pliantes\u{a0}: il en reste 10 à ces dates. Demandez-en moins, ou choisissez d’autres dates.\n\
             materiel.1.quantite: Barnum\u{a0}: il n’en reste pas à ces dates. Choisissez d’autres dates, ou retirez cette ligne."
        );
        assert_eq!(states(fixture), ["asked"], "nothing is left of what was refused");
        enter(fixture, &form, &asked("Comité des fêtes", "2026-07-07", "2026-07-08")).unwrap();
        // A letter is received, and nothing is kept for it.
        let letter = asked("Chorale", "2026-07-04", "2026-07-05");
        enter_by(&fixture.commune, &form, &letter, Channel::Paper).unwrap();
        assert_eq!(states(fixture), ["asked", "asked", "overtaken"]);
        // The telephone has no other rules than the counter.
        let call = asked("Club photo", "2026-07-04", "2026-07-05");
        assert!(enter_by(&fixture.commune, &form, &call, Channel::Phone).is_err());
        // What is withdrawn is there for others.
        fixture.commune.write_blocking(By::VISITOR, move |tx| case::withdraw(tx, &first)).unwrap();
        assert_eq!(states(fixture), ["released", "asked", "overtaken"]);
        enter_by(&fixture.commune, &form, &call, Channel::Phone).unwrap();
    })
    .unwrap();
}

#[test]
fn what_was_picked_is_still_held_where_something_else_is_not_to_be_had() {
    on_both_engines(&migrations(), |fixture| {
        let plain = offered(fixture, SLUG);
        store(fixture);
        enter(fixture, &plain, &asked("Boule des Platanes", "2026-07-03", "2026-07-06")).unwrap();
        // Another town lends the hall and the tables with one request.
        let mut procedure = catalogued(SLUG);
        procedure.booking =
            Some(BookingFirst { at: "/salles".to_owned(), answers: BTreeMap::new(), price: None });
        let form = Arc::new(CompiledForm::compile(procedure).unwrap());
        let answers = asked("Comité des fêtes", "2026-07-03", "2026-07-06");
        let typed = Answers::from_json(&form.procedure().form, &answers).unwrap();
        let by = By { channel: Channel::Counter, ..By::SYSTEM };
        let state = fixture.commune.write_blocking(by, move |tx| -> Result<_, StoreError> {
            let resource = room(tx, "salle-brassens");
            let start = tx.now() + TimeDelta::days(30);
            let span = Span::new(start, start + TimeDelta::hours(4)).unwrap();
            let new = NewBooking { resource, span, details: Details::default() };
            let (held, ..) = booking::hold(tx, &new, Holding { purpose: SLUG, holder: "agent" }).unwrap();
            let town = Town::load(tx)?;
            let today = civil_day(tx.now(), town.zone());
            let judged = submission::judge(&form, &typed, Channel::Counter, today, &HashMap::new());
            let submission = Submission {
                form: &form,
                judged: &judged,
                town: &town,
                account: None,
                typed_by: None,
                lang: Lang::Fr,
                received_on: None,
                by_letter: false,
                files: None,
                draft: None,
                booking: Some(held),
                whom: submission::Whom::default(),
            };
            // The doors tell what is wrong, and keep what was done until then.
            assert!(matches!(submission::submit(tx, &submission), Err(SubmitError::Faults(_))));
            Ok(booking::find(tx, held)?.unwrap().state)
        });
        assert_eq!(state.unwrap(), State::Held);
    })
    .unwrap();
}

#[test]
fn who_asks_online_is_told_before_sending_and_loses_nothing() {
    journey(Gate::Open, async |hall| {
        tokio::task::block_in_place(|| {
            let form = offered(hall.fixture, SLUG);
            store(hall.fixture);
            enter(hall.fixture, &form, &asked("Boule des Platanes", "2026-07-03", "2026-07-06")).unwrap();
        });
        let browser = hall.browser();
        let form = format!("/demarches/{SLUG}/demande");
        let page = |name: &str| format!("{form}/{name}");
        let shown = |names: &[&'static str]| names.iter().map(|name| ("shown", *name)).collect::<Vec<_>>();
        browser.get(&form).await.leads_to(&page("association"));
        let mut fields = shown(&["association", "rna", "manifestation", "lieu"]);
        fields.extend([
            ("association", "Comité des fêtes"),
            ("rna", "W341002345"),
            ("manifestation", "Bal d’été"),
            ("lieu", "1 place des Platanes, 34400 Lunel"),
        ]);
        browser.send(&page("association"), &fields, &[]).await.leads_to(&page("materiel"));
        let things = |count| {
            let mut fields = shown(&["materiel"]);
            fields.extend([("materiel.0.article", "tables"), ("materiel.0.quantite", count)]);
            fields
        };
        browser.send(&page("materiel"), &things("20"), &[]).await.leads_to(&page("dates"));
        let mut fields = shown(&["enlevement", "jour", "retour", "transport"]);
        fields.extend([
            ("enlevement-day", "3"),
            ("enlevement-month", "7"),
            ("enlevement-year", "2026"),
            ("jour-day", "4"),
            ("jour-month", "7"),
            ("jour-year", "2026"),
            ("retour-day", "6"),
            ("retour-month", "7"),
            ("retour-year", "2026"),
            ("transport", "association"),
        ]);
        browser.send(&page("dates"), &fields, &[]).await.leads_to(&page("vous"));
        let mut fields = shown(&[
            "demandeur",
            "fonction",
            "adresse",
            "courriel",
            "telephone",
            "assurance",
            "republique",
            "engagement",
        ]);
        fields.extend([
            ("demandeur-family_name", "Nouri"),
            ("demandeur-given_names", "Lila"),
            ("fonction", "présidente"),
            ("adresse", "1 place des Platanes, 34400 Lunel"),
            ("courriel", "lila@example.org"),
            ("telephone", ""),
            ("republique", "true"),
            ("engagement", "true"),
        ]);
        let paper: [(&str, &str, &[u8]); 1] = [("assurance", "attestation.pdf", PDF)];
        browser.send(&page("vous"), &fields, &paper).await.leads_to(&page("recapitulatif"));
        // Ten are left: that is told before anything is sent, at the line that asks for more.
        let told = browser.get(&page("recapitulatif")).await;
        told.is(422).says("il en reste 10 à ces dates").says("value=\"20\"");
        browser.send(&page("materiel"), &things("10"), &[]).await.is(303);
        browser.get(&page("recapitulatif")).await.is(200);
        // Where others are faster still, it is told on sending.
        tokio::task::block_in_place(|| {
            let form = offered(hall.fixture, SLUG);
            let mut faster = asked("Chorale", "2026-07-05", "2026-07-05");
            faster["materiel"] = json!([{ "article": "tables", "quantite": 5 }]);
            enter(hall.fixture, &form, &faster).unwrap();
        });
        let late = browser.post(&page("recapitulatif"), &[]).await;
        late.is(422).says("il en reste 5 à ces dates").says("value=\"10\"");
        browser.send(&page("materiel"), &things("5"), &[]).await.is(303);
        browser.post(&page("recapitulatif"), &[]).await.leads_to("/suivi?envoyee");
    });
}

#[test]
fn a_program_is_told_which_line_asks_for_too_much() {
    journey(Gate::Open, async |hall| {
        tokio::task::block_in_place(|| {
            let form = offered(hall.fixture, SLUG);
            store(hall.fixture);
            enter(hall.fixture, &form, &asked("Boule des Platanes", "2026-07-03", "2026-07-06")).unwrap();
        });
        let mut answers = asked("Comité des fêtes", "2026-07-03", "2026-07-06");
        answers["materiel"] = json!([{ "article": "barnum", "quantite": 1 }]);
        let (_, agent) = hall.signed_in("vie@lunel.example", Some(("vie-associative", Role::Agent))).await;
        let entered = json!({ "answers": answers, "channel": "counter" });
        let told = agent.deposits_with(SLUG, &entered).await;
        told.is(422).says("/materiel/0/quantite").says("il n’en reste pas");
    });
}
