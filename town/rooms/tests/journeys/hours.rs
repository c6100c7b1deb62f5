//! When a room is open, as whoever manages rooms says it: some weeks, seasons, closures, days that are otherwise.

use axum::http::StatusCode;
use beffroi_calendar::{
    booking::{self, Details, NewBooking, Series},
    openings::{MonthDay, OnHolidays, Openings, Season, Weeks},
    resource,
};
use beffroi_people::Role;
use beffroi_store::{By, StoreError};
use chrono_tz::Europe::Paris;
use uuid::Uuid;

use crate::support::{Town, hours_of, in_a_town};

const PAGE: &str = "/admin/salles/salle-brassens/horaires";
const MARKET: &str =
    "Le 1er samedi du mois, de 9\u{a0}h à 12\u{a0}h, de septembre à juin, sauf les jours fériés";

/// The openings of the hall as they are kept.
async fn kept(town: &Town<'_>) -> Option<Openings> {
    let hall = town.hall;
    let read = town.fixture.commune.read(By::SYSTEM, move |tx| {
        Ok::<_, StoreError>(resource::find(tx, hall)?.unwrap().details.terms.openings)
    });
    read.await.unwrap()
}

#[test]
fn openings_are_filled_in_told_in_words_and_kept() {
    in_a_town(async |town| {
        let manager = town.agent(Role::Manager).await;
        let cookie = format!("beffroi={manager}");
        town.get_as(&manager, PAGE)
            .await
            .says("Du lundi au samedi, de 9\u{a0}h à 12\u{a0}h et de 14\u{a0}h à 22\u{a0}h")
            .says("Travaux de peinture");
        let before = kept(town).await;
        let typed = [
            ("propres", "oui"),
            ("regle", "0"),
            ("jours-0", "6"),
            ("semaines-0", "1"),
            ("horaires-0", "9h-midi"),
            ("du-0", "septembre"),
            ("au-0", "juin"),
            ("feries-0", "not"),
            ("vacances-0", "same"),
        ];
        let with = |more: &[(&'static str, &'static str)]| [typed.as_slice(), more].concat();
        // A row more, a row less: nothing is kept, and nothing that was typed is lost.
        let more = town.post(PAGE, &cookie, &with(&[("ajouter", "jour")])).await;
        assert_eq!(more.status, StatusCode::OK);
        more.says("value=\"9h-midi\"").says("name=\"jour\" value=\"0\"");
        let fewer = town.post(PAGE, &cookie, &with(&[("jour", "0"), ("retirer", "jour-0")])).await;
        fewer.says("value=\"9h-midi\"").is_silent_about("name=\"jour\" value=\"0\"");
        // What is wrong is told in place.
        let wrong = town.post(PAGE, &cookie, &typed).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        wrong.says("href=\"#horaires-0\"").says("id=\"horaires-0-error\"").says("value=\"9h-midi\"");
        let mut right = with(&[("jour", "0"), ("jour_date-0", "2031-05-08"), ("jour_raison-0", "Fête")]);
        right[4] = ("horaires-0", "9 h - 12 h");
        // The preview says what the rules mean, and keeps nothing.
        let seen = town.post(PAGE, &cookie, &[right.as_slice(), &[("apercu", "oui")]].concat()).await;
        assert_eq!(seen.status, StatusCode::OK);
        seen.says(MARKET).says("Jeudi 8 mai 2031\u{a0}: fermé (Fête)");
        assert_eq!(kept(town).await, before);
        let sent = town.post(PAGE, &cookie, &right).await;
        assert_eq!(sent.location, format!("{PAGE}?fait=gardee"), "{}", sent.body);
        let openings = kept(town).await.unwrap();
        let rule = &openings.rules[0];
        assert_eq!((openings.rules.len(), rule.weeks), (1, Weeks::Nth(1)));
        assert_eq!(
            rule.season,
            Season::Yearly(MonthDay { month: 9, day: 1 }, MonthDay { month: 6, day: 30 })
        );
        assert_eq!((rule.public_holidays, rule.school_holidays), (OnHolidays::Not, OnHolidays::Same));
        assert!(openings.closures.is_empty(), "the works were taken away");
        assert!(openings.exceptions[0].hours.is_empty());
        town.get_as(&manager, "/admin/salles/salle-brassens").await.says(MARKET);
        // A room may follow the place that it lies in; and nobody else finds the page.
        let none = town.post(PAGE, &cookie, &[("propres", "non")]).await;
        assert_eq!(none.location, format!("{PAGE}?fait=gardee"));
        assert_eq!(kept(town).await, None);
        let agent = town.agent(Role::Agent).await;
        assert_eq!(town.get_as(&agent, PAGE).await.status, StatusCode::NOT_FOUND);
        let refused = town.post(PAGE, &format!("beffroi={agent}"), &right).await;
        assert_eq!(refused.status, StatusCode::NOT_FOUND);
    });
}

#[test]
fn a_booking_outside_of_new_hours_is_told_and_stays() {
    in_a_town(async |town| {
        let (day, hall) = (town.open_day(3), town.hall);
        let granted = town.fixture.commune.write(By::SYSTEM, move |tx| {
            let new = NewBooking { resource: hall, span: hours_of(day, 14, 16), details: Details::default() };
            let series = Series { new, owner: Uuid::from_u128(7), price: None, body: None };
            booking::grant_each(tx, "season-slot", &[series], Paris).map(drop)
        });
        granted.await.unwrap();
        let manager = town.agent(Role::Manager).await;
        let cookie = format!("beffroi={manager}");
        town.get_as(&manager, PAGE).await.is_silent_about("hors de ces horaires");
        let mut mornings = vec![("propres", "oui"), ("regle", "0"), ("horaires-0", "9h-12h")];
        mornings.extend(["1", "2", "3", "4", "5", "6"].map(|day| ("jours-0", day)));
        let sent = town.post(PAGE, &cookie, &mornings).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
        town.get_as(&manager, &sent.location)
            .await
            .says("Une réservation à venir tombe hors de ces horaires")
            .says("de 14\u{a0}h à 16\u{a0}h");
    });
}
