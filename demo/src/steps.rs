//! Cases on their way: opinions that are awaited, late and given, a visit, tasks, a request that was another
//! administration's.

use beffroi_cases::{
    Access, Right,
    advice::{self, Asked, NewOpinion, Shared, View},
    case::{self, Case},
    step,
    task::{self, NewTask},
    transfer,
};
use beffroi_core::{Id, calendar::civil_day};
use beffroi_desk::Office;
use beffroi_people::{Account, Town};
use beffroi_store::Tx;
use chrono::Days;
use serde_json::{Value, json};

use crate::{DemoError, failed};

/// One thing that happens to a case on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Scene {
    /// Opinions are asked of the county and of another department.
    Asked,
    /// The other department answers.
    Answered,
    /// Somebody shall look at the place.
    Visiting,
    /// Somebody did.
    Visited,
    /// The order is prepared, and there is work to do for it.
    Prepared,
    /// It is the county’s to decide.
    HandedOver,
}

/// Plays a scene in a case of the public domain.
pub(crate) fn play(
    tx: &mut Tx<'_>,
    office: &Office,
    (access, agent): (&Access, Id<Account>),
    case: &Case,
    scene: Scene,
    town: &Town,
) -> Result<(), DemoError> {
    let (id, who, zone) = (case.id, Some(agent.uuid()), town.zone());
    let today = civil_day(tx.now(), zone);
    let within = |days| today.checked_add_days(Days::new(days)).unwrap_or(today);
    let fill = |tx: &mut Tx<'_>, step: &str, answers: Value| {
        step::fill(tx, access, id, step, 0, &answers).map_err(failed)
    };
    let reach = |tx: &mut Tx<'_>, step: &str| {
        let now = case::find(tx, id).map_err(failed)?.ok_or_else(|| failed("the case is gone"))?;
        office.reach_step(tx, &now, step).map_err(|error| failed(format!("{error:?}")))
    };
    let shared = |fields: &[&str]| Shared {
        fields: fields.iter().map(|field| (*field).to_owned()).collect(),
        documents: Vec::new(),
    };
    match scene {
        Scene::Asked => {
            reach(tx, "avis")?;
            fill(tx, "avis", json!({ "route_departementale": true, "visite_utile": false }))?;
            let county = NewOpinion {
                asked: Asked::Expert {
                    name: "Département de l’Hérault, direction des routes".to_owned(),
                    email: "routes@herault.example".to_owned(),
                },
                question: "L’occupation se trouve sur une route départementale. Voyez-vous un obstacle, et quelles conditions posez-vous\u{a0}?".to_owned(),
                shared: shared(&["objet", "circulation", "lieu", "surface", "debut", "fin"]),
                due_on: within(21),
            };
            advice::ask(tx, access, id, who, county, zone).map_err(failed)?;
            let associations = NewOpinion {
                asked: Asked::Department("vie-associative".to_owned()),
                question: "Une fête ou un vide-greniers est-il prévu dans cette rue à ces dates\u{a0}?"
                    .to_owned(),
                shared: shared(&["lieu", "debut", "fin"]),
                due_on: within(10),
            };
            advice::ask(tx, access, id, who, associations, zone).map(drop).map_err(failed)
        }
        Scene::Answered => {
            let asked = advice::of_case(tx, id)?
                .into_iter()
                .find(|asked| asked.department.as_deref() == Some("vie-associative"));
            let Some(asked) = asked else { return Ok(()) };
            let theirs = Access::default().with(Some("vie-associative"), Right::Handle);
            let words = "Marché aux fleurs le dimanche matin\u{a0}: laisser libre le bout de la rue.";
            advice::answer_inside(tx, &theirs, asked.id, agent.uuid(), View::WithReserves, words)
                .map(drop)
                .map_err(failed)
        }
        Scene::Visiting => {
            reach(tx, "avis")?;
            fill(tx, "avis", json!({ "route_departementale": false, "visite_utile": true }))?;
            reach(tx, "visite")
        }
        Scene::Visited => fill(
            tx,
            "visite",
            json!({
                "date": today,
                "passage": 1.6,
                "constat": "Trottoir large devant le commerce, un banc à contourner.",
                "prescriptions": "Le passage le long de la façade reste libre sur toute sa largeur.",
            }),
        ),
        Scene::Prepared => {
            reach(tx, "arrete")?;
            let new = NewTask {
                words: "Vérifier avec la régie que les barrières sont libres ces jours-là.".to_owned(),
                department: case.department.clone(),
                assignee: who,
                due_on: within(2),
            };
            task::add(tx, access, id, who, new, &[agent.uuid()]).map(drop).map_err(failed)
        }
        Scene::HandedOver => {
            let words = (
                "Département de l’Hérault, direction des routes",
                "routes@herault.example",
                "La place demandée se trouve hors agglomération, sur une route départementale\u{a0}: c’est le département qui l’autorise.",
            );
            transfer::out(tx, access, id, words, zone).map(drop).map_err(failed)
        }
    }
}
