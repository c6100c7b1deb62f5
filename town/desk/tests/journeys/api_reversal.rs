//! A decision that a program takes back: by the rules of the page, with the same refusals.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    api_work::{Program, at_work},
    hall::journey,
};

fn act(hearing: &Value) -> Value {
    let mut act = json!({
        "effect": "withdrawn", "ground": "unlawful", "reasons": "La largeur avait été mal mesurée.",
        "signatory_name": "Camille Bastide", "signatory_quality": "La maire",
    });
    act.as_object_mut().unwrap().extend(hearing.as_object().unwrap().clone());
    act
}

async fn decided(case: &str, agent: &Program<'_>, outcome: &str) {
    let decision = json!({
        "outcome": outcome, "reasons": "Le passage reste libre.",
        "signatory_name": "Camille Bastide", "signatory_quality": "La maire",
    });
    assert_eq!(agent.post(&format!("{case}/decision"), decision).await.status, 204);
}

#[test]
fn a_right_is_withdrawn_by_a_program_once_its_beneficiary_was_heard() {
    journey(async |hall| {
        let (case, agent, other) = at_work(hall).await;
        let reversal = format!("{case}/reversal");
        assert_eq!(agent.get(&reversal).await.status, 409, "nothing is decided");
        decided(&case, &agent, "granted").await;
        let allowed = agent.get(&reversal).await.json();
        assert_eq!((&allowed["outcome"], &allowed["hearing_due"]), (&json!("granted"), &json!(true)));
        assert_eq!(
            allowed["ways"][0],
            json!({ "effect": "withdrawn", "ground": "unlawful", "article": "L242-1", "until": "2026-10-03" })
        );

        // Whoever may not know of the case knows of nothing, whoever may only read it changes nothing.
        let observed =
            act(&json!({ "hearing": "observed", "heard_on": "2026-06-03", "heard_how": "Au guichet." }));
        let asked = json!({ "why": "La largeur qui reste est de 90 cm.", "until": "2026-06-18" });
        assert_eq!(other.get(&reversal).await.status, 404);
        assert_eq!(other.post(&reversal, observed.clone()).await.status, 404);
        let reader = Program { hall, token: hall.token("domaine-public", &["case.read"]).await };
        assert_eq!(reader.get(&reversal).await.status, 403);
        assert_eq!(reader.post(&reversal, observed).await.status, 403);
        assert_eq!(reader.post(&format!("{case}/observation-requests"), asked.clone()).await.status, 403);

        // What is wrong is told at the member that it is about.
        for (changed, pointer) in [
            (json!({}), "#/hearing"),
            (json!({ "hearing": "not-due" }), "#/hearing"),
            (json!({ "hearing": "invited" }), "#/hearing"),
            (json!({ "hearing": "observed", "heard_how": "Au guichet." }), "#/heard_on"),
            (
                json!({ "hearing": "observed", "heard_on": "2026-06-02", "heard_how": "Au guichet." }),
                "#/heard_on",
            ),
            (json!({ "hearing": "observed", "heard_on": "2026-06-03" }), "#/heard_how"),
            (json!({ "hearing": "urgency" }), "#/heard_how"),
            (json!({ "hearing": "asked", "reasons": " " }), "#/reasons"),
            (json!({ "hearing": "asked", "effect": "burnt" }), "#/effect"),
            (json!({ "hearing": "asked", "ground": "any" }), "#/ground"),
            (json!({ "ground": "beneficiary" }), "#/nobody_else_harmed"),
            (json!({ "hearing": "asked", "signatory_name": "Paul Martin" }), "#/signatory_name"),
        ] {
            assert_eq!(agent.refused(&reversal, act(&changed)).await, pointer, "{changed}");
        }

        // The letter gives a time, before which nothing is withdrawn.
        let ask = format!("{case}/observation-requests");
        let late = json!({ "why": "La largeur.", "until": "2026-06-03" });
        assert_eq!(agent.refused(&ask, late).await, "#/until");
        assert_eq!(agent.post(&ask, asked).await.status, 204);
        assert_eq!(agent.get(&reversal).await.json()["observations_until"], "2026-06-18");
        let read = agent.get(&case).await.json();
        assert!(read["messages"][0]["text"].as_str().unwrap().contains("90 cm"), "{read}");
        let invited = act(&json!({ "hearing": "invited" }));
        assert_eq!(agent.refused(&reversal, invited.clone()).await, "#/hearing");
        hall.fixture.clock.advance(TimeDelta::days(16));
        assert_eq!(agent.post(&reversal, invited.clone()).await.status, 204);
        assert_eq!(agent.post(&reversal, invited).await.status, 409, "nothing is left to take back");
        let read = agent.get(&case).await.json();
        assert_eq!((&read["state"], &read["decision"]), (&json!("instruction"), &Value::Null));
        assert_eq!(read["reversals"][0]["effect"], "withdrawn");
        assert_eq!(read["reversals"][0]["acted_on"], "2026-06-19");
    });
}

#[test]
fn of_a_refusal_nobody_is_heard() {
    journey(async |hall| {
        let (case, agent, _) = at_work(hall).await;
        decided(&case, &agent, "refused").await;
        let allowed = agent.get(&format!("{case}/reversal")).await.json();
        assert_eq!(allowed["hearing_due"], false);
        let asked = json!({ "why": "La largeur.", "until": "2026-06-18" });
        assert_eq!(agent.post(&format!("{case}/observation-requests"), asked).await.status, 409);
        let repealed = act(&json!({ "effect": "repealed", "ground": "any" }));
        assert_eq!(agent.post(&format!("{case}/reversal"), repealed).await.status, 204);
        assert_eq!(agent.get(&case).await.json()["reversals"][0]["article"], "L243-1");
    });
}
