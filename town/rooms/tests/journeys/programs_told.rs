//! Other programs are told how far a deposit has come, and not whose it is.

use axum::http::StatusCode;
use beffroi_people::Role;
use beffroi_rooms::deposit::DepositEvents;
use beffroi_store::{By, Seq, StoreError, journal};
use beffroi_webhooks::Source;
use serde_json::{Value, json};

use crate::{
    handed::granted,
    support::{Town, in_a_town},
};

/// What programs would be told now of all that happened, in its order.
async fn told(town: &Town<'_>) -> Vec<(&'static str, Value)> {
    let told = town.fixture.commune.read(By::SYSTEM, |tx| -> Result<_, StoreError> {
        let source = DepositEvents;
        let mut told = Vec::new();
        for entry in journal::of_kinds(tx, source.kinds(), Seq(0), 100)? {
            told.extend(source.event(tx, &entry)?.map(|event| (event.name, event.data)));
        }
        Ok(told)
    });
    told.await.unwrap()
}

#[test]
fn programs_are_told_of_a_deposit_that_is_asked_for_held_and_given_back() {
    in_a_town(async |town| {
        let booked = granted(town, 3).await;
        let agent = town.agent(Role::Agent).await;
        let cookie = format!("beffroi={agent}");
        town.work().await;
        let promised = told(town).await;
        let [(name, data)] = promised.as_slice() else { panic!("{promised:?}") };
        assert_eq!(*name, "deposit.promised");
        assert_eq!(data.get("booking"), Some(&json!(booked.id)));
        assert_eq!(data.get("amount_cents"), Some(&json!(40_000)));
        assert_eq!((data.get("state"), data.get("held_on")), (Some(&json!("promised")), Some(&Value::Null)));
        let page = format!("/agents/reservations/{}/caution", booked.id);
        let today = town.today().to_string();
        let take =
            [("faire", "recevoir"), ("moyen", "cheque"), ("reference", "7654321"), ("le", today.as_str())];
        let held = town.post(&page, &cookie, &take).await;
        assert_eq!(held.status, StatusCode::SEE_OTHER, "{}", held.body);
        let held = told(town).await;
        let (name, data) = held.last().unwrap();
        assert_eq!((*name, data.get("held_on")), ("deposit.held", Some(&json!(today))));
        let back = town.post(&page, &cookie, &[("faire", "rendre")]).await;
        assert_eq!(back.status, StatusCode::SEE_OTHER, "{}", back.body);
        let all = told(town).await;
        let names: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["deposit.promised", "deposit.held", "deposit.released"]);
        assert_eq!(all.last().unwrap().1.get("state"), Some(&json!("released")));
        let words = format!("{all:?}");
        for word in ["Karim", "Galtier", "7654321", "Loto"] {
            assert!(!words.contains(word), "{word}: {words}");
        }
        town.work().await;
    });
}
