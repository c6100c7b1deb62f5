//! A rehearsal follows the rules of real cases: the same turns, taken by agents on a case and played without one, bring
//! about the same, step by step and action by action.

use std::collections::{BTreeSet, HashMap};

use beffroi_core::{Channel, Day, legal_clock::Term};
use beffroi_desk::procedure::{Lists, publish};
use beffroi_documents::Gate;
use beffroi_forms::{
    Answers, Came, CompiledForm, Deed, Environment, Moment, Procedure, Rehearsal, StepAction, Turn,
};
use beffroi_people::Role;
use beffroi_store::{By, StoreError, journal};
use chrono::TimeDelta;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    browser::{Answer, Browser, Hall, journey, removal},
    support::catalogued,
};

/// What an agent does, on a case as in a rehearsal.
#[derive(Clone, Copy, Debug)]
enum Act {
    To(&'static str),
    Fill(&'static str, &'static [(&'static str, &'static str)]),
    Press(&'static str, &'static str),
    Wait(u16),
    Decide(bool),
}

impl Act {
    fn turn(self) -> Turn {
        match self {
            Self::To(step) => Turn::Move { to: step.to_owned() },
            Self::Fill(step, typed) => {
                Turn::Fill { step: step.to_owned(), typed: Answers::from_pairs(typed.iter().copied()) }
            }
            Self::Press(step, action) => Turn::Press { step: step.to_owned(), action: action.to_owned() },
            Self::Wait(days) => Turn::Wait { days },
            Self::Decide(granted) => Turn::Decide { granted },
        }
    }
}

/// A case, and who works on it.
struct AtWork<'h> {
    hall: &'h Hall<'h>,
    reference: String,
    id: Uuid,
    department: &'static str,
    agent: Browser<'h>,
}

impl AtWork<'_> {
    /// Takes a turn; what came back of the page, but of time that passes.
    async fn take(&self, act: Act) -> Option<Answer> {
        let base = format!("/agents/dossiers/{}", self.id);
        let steps = format!("{base}/etapes");
        let answer = match act {
            Act::To(step) => {
                let stands = self.stands().await;
                let fields = [("vue", stands.as_str()), ("etape", step)];
                self.agent.post(&format!("{steps}/passer"), &fields).await
            }
            Act::Fill(step, typed) => {
                let revision: i64 = self
                    .hall
                    .value("SELECT COALESCE(MAX(revision), 0) FROM case_step WHERE step = $1", step)
                    .await;
                let revision = revision.to_string();
                let mut fields = vec![("etape", step), ("revision", revision.as_str())];
                fields.extend_from_slice(typed);
                self.agent.send(&format!("{steps}/remplir"), &fields, &[]).await
            }
            Act::Press(step, action) => {
                // Who is asked for an opinion may have no address in the procedure: the agent gives one.
                let beside = [("expert", "Préfecture"), ("courriel", "avis@prefecture.example")];
                let fields = [&[("vue", step), ("action", action)][..], &beside].concat();
                self.agent.post(&format!("{steps}/action"), &fields).await
            }
            Act::Decide(granted) => {
                let outcome = if granted { "granted" } else { "refused" };
                let fields = [("outcome", outcome), ("reasons", "La rue est étroite.")];
                self.agent.post(&format!("{base}/decision"), &fields).await
            }
            Act::Wait(days) => {
                for _ in 0..days {
                    self.hall.fixture.clock.advance(TimeDelta::days(1));
                    tokio::task::block_in_place(|| self.hall.hour()).unwrap();
                }
                return None;
            }
        };
        Some(answer)
    }

    async fn stands(&self) -> String {
        self.hall.value("SELECT COALESCE(step, '') FROM cases WHERE reference = $1", &self.reference).await
    }

    /// What the journal tells of it since a rank, and the last rank.
    async fn since(&self, rank: i64) -> (Vec<String>, i64) {
        let id = self.id;
        let read = self.hall.fixture.commune.read(By::SYSTEM, move |tx| -> Result<_, StoreError> {
            journal::of_subject(tx, "case", id, 500)
        });
        let mut entries = read.await.unwrap();
        entries.retain(|entry| entry.seq.0 > rank);
        let last = entries.last().map_or(rank, |entry| entry.seq.0);
        let told = entries.into_iter().filter_map(|entry| {
            let payload = entry.payload.unwrap_or_default();
            let said = |name: &str| payload.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            match entry.kind.as_str() {
                "case.step_reached" => Some(format!("reached {}", said("step"))),
                "case.step_filled" => Some(format!("filled {}", said("step"))),
                "case.step-action" => {
                    let done = payload.get("done").and_then(Value::as_bool).unwrap_or_default();
                    let how = if done { "done" } else { "not done" };
                    Some(format!("{how} {}.{}", said("step"), said("action")))
                }
                // What a step closes is told as its action.
                "case.decided" if said("outcome") != "closed" => Some(format!("decided {}", said("outcome"))),
                _ => None,
            }
        });
        (told.collect(), last)
    }

    /// Somebody else comes to work: nobody stays signed in for days.
    async fn relieved(&mut self, name: &str) {
        let email = format!("{name}@lunel.example");
        self.agent = self.hall.signed_in(&email, Some((self.department, Role::Agent))).await.1;
    }
}

/// What a rehearsal tells, in the same words.
fn told(came: &[Came]) -> Vec<String> {
    let told = came.iter().map(|it| match it {
        Came::Reached { step } => format!("reached {step}"),
        Came::Done { step, action, .. } => format!("done {step}.{action}"),
        Came::NotDone { step, action } => format!("not done {step}.{action}"),
        Came::Filled { step } => format!("filled {step}"),
        Came::Refused { field, .. } => format!("refused {field}"),
        Came::Decided { granted: true, .. } => "decided granted".to_owned(),
        Came::Decided { granted: false, .. } => "decided refused".to_owned(),
        Came::Impossible => "impossible".to_owned(),
    });
    told.collect()
}

/// What was begun and then not done was not done.
fn settled(told: Vec<String>) -> Vec<String> {
    let undone: BTreeSet<String> =
        told.iter().filter_map(|it| it.strip_prefix("not ")).map(str::to_owned).collect();
    told.into_iter().filter(|it| !undone.contains(it)).collect()
}

/// Takes these turns on a case and in a rehearsal, and compares what comes of each.
fn alike(procedure: &Procedure, department: &'static str, answers: &Value, acts: &[Act]) {
    journey(Gate::Open, async |hall: &Hall<'_>| {
        let offered = procedure.clone();
        hall.fixture.commune.write(By::SYSTEM, move |tx| publish(tx, &offered)).await.unwrap();
        let (reference, _) = hall.deposit_for(&procedure.slug, answers).await;
        let id: Uuid = hall.case(&reference).await.parse().unwrap();
        let (_, agent) = hall.signed_in("agent@lunel.example", Some((department, Role::Agent))).await;
        agent.post(&format!("/agents/dossiers/{id}/prendre"), &[]).await.is(303);
        let mut work = AtWork { hall, reference, id, department, agent };

        let reference = &work.reference;
        let kept: Value = hall.value("SELECT answers FROM cases WHERE reference = $1", reference).await;
        let today: Day = hall.value("SELECT received_on FROM cases WHERE reference = $1", reference).await;
        let channel: String = hall.value("SELECT channel FROM cases WHERE reference = $1", reference).await;
        let form = CompiledForm::compile(procedure.clone()).unwrap();
        let files = HashMap::new();
        let channel = Channel::from_word(&channel).unwrap();
        let environment = Environment { today, channel, references: &Lists, files: &files };
        let mut rehearsal = Rehearsal::new(&form, kept.as_object().unwrap(), environment);

        let (_, mut rank) = work.since(0).await;
        for (turn, act) in acts.iter().copied().enumerate() {
            let expected = settled(told(&rehearsal.turn(&act.turn())));
            let answer = work.take(act).await;
            let (mut came, last) = work.since(rank).await;
            rank = last;
            match answer.as_ref().map_or(303, |answer| answer.status) {
                303 => {}
                404 | 409 => came.push("impossible".to_owned()),
                422 => {
                    let body = answer.map(|answer| answer.body).unwrap_or_default();
                    let named = |told: &&String| {
                        let field = told.strip_prefix("refused ").unwrap_or_default();
                        body.contains(&format!("<a href=\"#{field}\">"))
                    };
                    came.extend(expected.iter().filter(named).cloned());
                }
                status => panic!("{act:?}: {status}"),
            }
            assert_eq!(settled(came), expected, "{}, turn {turn}, {act:?}", procedure.slug);
            if !rehearsal.is_over() {
                let stands = rehearsal.stands().map_or("", |step| step.id.as_str());
                assert_eq!(work.stands().await, stands, "{}, turn {turn}, {act:?}", procedure.slug);
            }
            if let Act::Wait(_) = act {
                work.relieved(&format!("agent-{turn}")).await;
            }
        }
    });
}

/// The answers of a procedure that its trials bear.
fn recorded(slug: &str) -> Value {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../catalogue/trials");
    let text = std::fs::read_to_string(format!("{folder}/{slug}.json")).unwrap();
    let recorded: Value = serde_json::from_str(&text).unwrap();
    recorded.get("right").cloned().unwrap()
}

#[test]
fn a_van_in_the_street_goes_the_same_way_with_opinions_reminders_and_a_refusal() {
    let acts = [
        // The visit is offered, and the département asked, only where the first step found them of use.
        Act::To("visite"),
        Act::To("avis"),
        Act::To("avis"),
        Act::Press("avis", "departement"),
        Act::Fill("avis", &[("route_departementale", "true")]),
        Act::Press("avis", "departement"),
        Act::Wait(13),
        Act::Wait(1),
        Act::To("lune"),
        Act::Fill("arrete", &[("montant", "12,50")]),
        Act::To("arrete"),
        Act::Press("avis", "departement"),
        Act::Fill("arrete", &[("montant", "12,50")]),
        // Silence refuses on 4 August: agents are reminded fifteen days before, and not a day sooner.
        Act::Wait(32),
        Act::Wait(1),
        Act::Decide(false),
        Act::To("avis"),
    ];
    let procedure = catalogued("occupation-domaine-public");
    alike(&procedure, "domaine-public", &removal("gaspard@example.org"), &acts);
}

#[test]
fn a_visit_that_is_half_told_is_refused_the_same_way() {
    let acts = [
        Act::To("avis"),
        Act::Fill("avis", &[("visite_utile", "true")]),
        Act::To("visite"),
        Act::Fill("visite", &[("passage", "1,5"), ("constat", "Trottoir large.")]),
        Act::Fill(
            "visite",
            &[
                ("date-day", "5"),
                ("date-month", "6"),
                ("date-year", "2026"),
                ("passage", "1,5"),
                ("constat", "Trottoir large."),
            ],
        ),
        Act::To("arrete"),
        Act::Decide(true),
        Act::Press("arrete", "panneaux"),
    ];
    let procedure = catalogued("occupation-domaine-public");
    alike(&procedure, "domaine-public", &removal("gaspard@example.org"), &acts);
}

#[test]
fn departments_are_told_of_a_new_address_the_same_way() {
    let acts = [
        Act::To("prevenir"),
        Act::Press("prevenir", "ecole"),
        Act::Press("prevenir", "voirie"),
        Act::Wait(7),
        Act::Decide(true),
    ];
    let procedure = catalogued("changement-d-adresse");
    alike(&procedure, "accueil", &recorded(&procedure.slug), &acts);
}

#[test]
fn a_march_is_prepared_the_same_way() {
    let acts = [
        Act::To("consultation"),
        Act::Press("consultation", "police"),
        Act::Wait(1),
        Act::Wait(1),
        Act::To("preparation"),
        Act::Fill("preparation", &[("dispositif", "Une voie reste libre.")]),
        Act::Press("consultation", "secours"),
    ];
    let procedure = catalogued("manifestation-voie-publique");
    alike(&procedure, "domaine-public", &recorded(&procedure.slug), &acts);
}

/// The occupation of the street, whose steps also move cases, ask for documents, and close.
fn moving() -> Procedure {
    let mut procedure = catalogued("occupation-domaine-public");
    procedure.version += 1;
    procedure.regime.as_mut().unwrap().term = Some(Term::Days(30));
    let action = |id: &str, kind: Deed, on: Moment| StepAction {
        id: id.to_owned(),
        label: "Suite".into(),
        kind,
        on,
        ..StepAction::default()
    };
    let avis = &mut procedure.step_mut("avis").unwrap().actions;
    avis.push(StepAction {
        to: "visite".to_owned(),
        after_days: Some(3),
        ..action("bascule", Deed::Move, Moment::Time)
    });
    avis.push(StepAction { to: "arrete".to_owned(), ..action("suite", Deed::Move, Moment::Button) });
    avis.push(StepAction {
        name: "avis-quitte".to_owned(),
        ..action("quitte", Deed::Webhook, Moment::Leave)
    });
    let arrete = &mut procedure.step_mut("arrete").unwrap().actions;
    arrete.push(StepAction {
        text: "Un plan".to_owned(),
        within_days: Some(5),
        ..action("pieces", Deed::AskDocuments, Moment::Button)
    });
    arrete.push(StepAction {
        text: "La demande est sans objet.".to_owned(),
        after_days: Some(25),
        ..action("fin", Deed::Close, Moment::Time)
    });
    procedure
}

#[test]
fn what_moves_suspends_and_closes_a_case_does_it_the_same_way() {
    let acts = [
        Act::To("avis"),
        // The visit, to which it would go by itself, is not offered.
        Act::Wait(3),
        Act::Press("avis", "suite"),
        // Silence would refuse on 4 July; six days of waiting for the plan make it the 10th.
        Act::Press("arrete", "pieces"),
        Act::Wait(18),
        Act::Wait(1),
        Act::Wait(6),
        Act::Press("arrete", "pieces"),
    ];
    alike(&moving(), "domaine-public", &removal("gaspard@example.org"), &acts);
}
