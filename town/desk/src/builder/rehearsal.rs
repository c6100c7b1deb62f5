//! The case of a trial, rehearsed: agents’ buttons are pressed one after the other, and each page tells what came of it.
//! What was done travels with the page; it is kept where it is recorded, and nothing is ever sent.

use std::collections::{BTreeMap, HashMap};

use askama::Template;
use axum::{
    extract::{Path, Request},
    http::StatusCode,
};
use beffroi_core::{Id, Lang, calendar::long_date};
use beffroi_forms::{
    Answers, Came, CompiledForm, Environment, FileInfo, LONGEST_WAIT, Outcome, Rehearsal, Turn,
};
use beffroi_people::Town;
use beffroi_store::Tx;
use beffroi_web::{FormPost, Page, Result, WebError, page::render_as};

use super::{
    base, commands, open,
    played::{self, Played},
    screen::{receive, wish},
    store, to,
    trials::{self, Joined, Trial, files},
    words,
};
use crate::{
    control::{Choosable, Control, View},
    map::Map,
    problem::Problem,
    procedure::Lists,
    visit::Visit,
};

/// What belongs to the page, and to no question, is named so.
const OWN: &str = "r:";
/// Things that are done with one case, at most.
const TURNS_AT_MOST: usize = 60;

/// Something that was done, with what came of it.
struct Entry {
    turn: String,
    came: Vec<String>,
}

struct Button {
    value: String,
    label: String,
    what: String,
}

#[derive(Template)]
#[template(path = "builder/rehearsal.html")]
struct RehearsalPage {
    page: Page,
    back: String,
    action: String,
    procedure: String,
    name: String,
    /// The form is refused: there is no case.
    refused: bool,
    /// What travels with the page.
    turns: String,
    files: String,
    history: Vec<Entry>,
    /// Where the case stands, and on which day.
    stands: String,
    over: bool,
    /// As much was done as a trial keeps.
    full: bool,
    fields: Vec<Control>,
    fields_title: String,
    map: Map,
    buttons: Vec<Button>,
    moves: Vec<Choosable>,
    days: String,
    problems: Vec<Problem>,
}

impl RehearsalPage {
    fn problem(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

struct Loaded {
    base: String,
    form: CompiledForm,
    map: Map,
    id: Id<store::Trial>,
    name: String,
    trial: Trial,
}

/// A trial of a draft by its id.
fn trial_of(tx: &mut Tx<'_>, slug: &str, id: Id<store::Trial>) -> Result<(store::KeptTrial, Trial)> {
    let found = store::trials(tx, slug)?.into_iter().find(|kept| kept.id == id);
    let found = found.ok_or_else(WebError::not_found)?;
    let trial = trials::read(&found).ok_or_else(WebError::conflict)?;
    Ok((found, trial))
}

async fn load(visit: &Visit, draft: String, trial: &str) -> Result<Loaded> {
    let who = visit.visitor.require()?.clone();
    let id: Id<store::Trial> = trial.parse().map_err(|_| WebError::not_found())?;
    let (open, map, (kept, trial)) = visit
        .commune
        .read(visit.visitor.by, move |tx| {
            let open = open(tx, &who, &draft)?;
            let town = Town::load(tx)?;
            let map = Map::load(tx, &town)?;
            let found = trial_of(tx, &open.kept.slug, id)?;
            Ok::<_, WebError>((open, map, found))
        })
        .await?;
    let base = base(open.kept.id);
    let form = CompiledForm::compile(open.procedure).map_err(|_| WebError::conflict())?;
    Ok(Loaded { base, form, map, id, name: kept.name, trial })
}

/// What was done until now.
struct State {
    turns: Vec<Turn>,
    /// The files that agents join in the steps.
    files: BTreeMap<String, Joined>,
}

impl State {
    fn of(form: &FormPost) -> Result<Self> {
        let turns: Vec<Turn> =
            serde_json::from_str(form.text("r:turns")).map_err(|_| WebError::bad_request())?;
        let files = serde_json::from_str(form.text("r:files")).map_err(|_| WebError::bad_request())?;
        if turns.len() > TURNS_AT_MOST {
            return Err(WebError::bad_request());
        }
        Ok(Self { turns, files })
    }
}

/// What is shown again: what was typed in the fields, and what is wrong.
#[derive(Default)]
struct Told {
    answers: Option<(Answers, bool)>,
    days: String,
    problems: Vec<Problem>,
}

/// A trial with all that was done with its case; what came of it is still to be found.
fn with(trial: &Trial, state: &State) -> Trial {
    let mut trial = trial.clone();
    trial.files.extend(state.files.clone());
    let turns = state.turns.iter();
    trial.steps = turns.map(|turn| Played { turn: turn.clone(), came: Vec::new() }).collect();
    trial
}

impl Loaded {
    fn page(&self, page: Page, state: &State, told: Told) -> Result<RehearsalPage> {
        let trial = with(&self.trial, state);
        let outcome = trial.run(&self.form);
        let known = files(&trial.files);
        let environment =
            Environment { today: trial.day, channel: trial.channel, references: &Lists, files: &known };
        let mut rehearsal = Rehearsal::new(&self.form, &outcome.answers, environment);
        let procedure = self.form.procedure();
        let history = state.turns.iter().map(|turn| Entry {
            came: rehearsal.turn(turn).iter().map(|came| played::came(procedure, came)).collect(),
            turn: played::turn(procedure, turn),
        });
        let history = history.collect();
        let refused = !outcome.faults.is_empty();
        let full = state.turns.len() >= TURNS_AT_MOST;
        let open = !refused && !full && !rehearsal.is_over();
        let lang = page.language();
        let stands = rehearsal.stands();
        let day = long_date(rehearsal.today(), lang);
        let (controls, mut problems) =
            if open { fields(&rehearsal, &self.form, &told, &known, lang) } else { (Vec::new(), Vec::new()) };
        problems.extend(told.problems);
        let buttons = rehearsal.buttons().into_iter().filter(|_| open).map(|action| Button {
            value: format!("press:{}", action.id),
            label: words::or_id(&action.label.fr, &action.id),
            what: page.t(&format!("office-deed-{}", action.kind.as_str())).to_owned(),
        });
        let buttons = buttons.collect();
        let usual = stands.map(|step| step.next.as_slice()).unwrap_or_default();
        let moves = rehearsal.offered().into_iter().filter(|_| open).map(|step| Choosable {
            value: step.id.clone(),
            label: words::or_id(&step.label.fr, &step.id),
            hint: if usual.contains(&step.id) {
                page.t("office-steps-usual").to_owned()
            } else {
                String::new()
            },
            chosen: false,
        });
        let moves = moves.collect();
        let name = stands.map(|step| words::or_id(&step.label.fr, &step.id));
        Ok(RehearsalPage {
            back: format!("{}/essais", self.base),
            action: format!("{}/essais/{}/etapes", self.base, self.id),
            procedure: procedure.title.fr.clone(),
            name: self.name.clone(),
            turns: serde_json::to_string(&state.turns).map_err(WebError::internal)?,
            files: serde_json::to_string(&state.files).map_err(WebError::internal)?,
            stands: match &name {
                Some(step) => page.tr(
                    "office-builder-rehearsal-stands",
                    &[("step", step.clone().into()), ("day", day.into())],
                ),
                None => page.tr("office-builder-rehearsal-received", &[("day", day.into())]),
            },
            over: rehearsal.is_over(),
            fields_title: name.unwrap_or_default(),
            fields: controls,
            map: self.map.clone(),
            days: told.days,
            refused,
            full,
            history,
            buttons,
            moves,
            problems,
            page,
        })
    }

    /// What comes of the last thing that was done.
    fn last_came(&self, state: &State) -> Vec<Came> {
        with(&self.trial, state).replayed(&self.form).pop().map(|played| played.came).unwrap_or_default()
    }

    /// The step in which the case stands.
    fn stands(&self, state: &State) -> Option<String> {
        let played = with(&self.trial, state).replayed(&self.form);
        let mut reached = played.into_iter().flat_map(|played| played.came).filter_map(|came| match came {
            Came::Reached { step } => Some(step),
            _ => None,
        });
        reached.next_back()
    }
}

/// The fields of the step in which the case stands, with what was typed or is kept.
fn fields(
    rehearsal: &Rehearsal<'_>,
    form: &CompiledForm,
    told: &Told,
    known: &HashMap<String, FileInfo>,
    lang: Lang,
) -> (Vec<Control>, Vec<Problem>) {
    let nothing = (Vec::new(), Vec::new());
    let Some(step) = rehearsal.stands() else { return nothing };
    let Some(form) = form.step_form(&step.id) else { return nothing };
    let (typed, tell) = told.answers.clone().unwrap_or_else(|| {
        let kept = rehearsal.filled(&step.id).cloned().unwrap_or_default();
        (Answers::from_json(&form.procedure().form, &kept).unwrap_or_default(), false)
    });
    let outcome: Outcome = rehearsal.judge(&typed).unwrap_or_default();
    let view = View { form, typed: &typed, outcome: &outcome, files: known, lang, tell };
    let problems = if tell { view.all_problems() } else { Vec::new() };
    (view.page(0), problems)
}

pub(super) async fn show(visit: Visit, Path((draft, trial)): Path<(String, String)>) -> Result {
    let loaded = load(&visit, draft, &trial).await?;
    // What cannot be done any more is done anew from there.
    let goes_on = loaded.trial.goes_on(&loaded.form);
    let turns = loaded.trial.steps.iter().take(goes_on).map(|played| played.turn.clone()).collect();
    let state = State { turns, files: BTreeMap::new() };
    beffroi_web::render(&loaded.page(visit.page, &state, Told::default())?)
}

/// What the answers of a step become by what was sent.
fn typed(form: &FormPost, joined: Vec<(String, Joined)>, trial: &Trial, state: &mut State) -> Answers {
    let own = form.pairs().iter().filter(|(name, _)| !name.starts_with(OWN) && name != "shown");
    let mut answers = Answers::from_pairs(own.map(|(name, value)| (name.as_str(), value.as_str())));
    for (field, file) in joined {
        let free = |id: &String| !trial.files.contains_key(id) && !state.files.contains_key(id);
        let id = (1..=u32::MAX).map(|number| format!("etape-{number}")).find(free).unwrap_or_default();
        answers.add(&field, &id);
        state.files.insert(id, file);
    }
    answers
}

/// What a button asks for, or the field that is wrong and the key of why.
fn asked(
    form: &FormPost,
    answers: &Answers,
    stands: Option<String>,
) -> Result<std::result::Result<Turn, (&'static str, &'static str)>> {
    let stands = stands.unwrap_or_default();
    let (what, which) = form.text("r:do").split_once(':').unwrap_or((form.text("r:do"), ""));
    Ok(match what {
        "fill" => Ok(Turn::Fill { step: stands, typed: answers.clone() }),
        "press" => Ok(Turn::Press { step: stands, action: which.to_owned() }),
        "move" => match form.text("r:step") {
            "" => Err(("r:step", "office-builder-wrong-rehearsed-step")),
            step => Ok(Turn::Move { to: step.to_owned() }),
        },
        "wait" => match form.text("r:days").parse() {
            Ok(days) if (1..=LONGEST_WAIT).contains(&days) => Ok(Turn::Wait { days }),
            _ => Err(("r:days", "office-builder-wrong-rehearsed-days")),
        },
        "decide" => Ok(Turn::Decide { granted: which == "granted" }),
        _ => return Err(WebError::bad_request()),
    })
}

pub(super) async fn act(
    visit: Visit,
    Path((draft, trial)): Path<(String, String)>,
    request: Request,
) -> Result {
    visit.visitor.require()?;
    let (form, joined) = receive(request).await?;
    let loaded = load(&visit, draft.clone(), &trial).await?;
    let mut state = State::of(&form)?;
    if !loaded.trial.run(&loaded.form).faults.is_empty() {
        return Err(WebError::conflict());
    }
    let mut answers = typed(&form, joined, &loaded.trial, &mut state);
    match form.text("r:do") {
        "record" => return record(visit, draft, loaded.id, state).await,
        "undo" => {
            state.turns.pop();
            return beffroi_web::render(&loaded.page(visit.page, &state, Told::default())?);
        }
        "anew" => {
            state.turns.clear();
            return beffroi_web::render(&loaded.page(visit.page, &state, Told::default())?);
        }
        _ => {}
    }
    if wish(&mut answers, &form) {
        let told = Told { answers: Some((answers, false)), ..Told::default() };
        return beffroi_web::render(&loaded.page(visit.page, &state, told)?);
    }
    if state.turns.len() >= TURNS_AT_MOST {
        return Err(WebError::conflict());
    }
    let turn = match asked(&form, &answers, loaded.stands(&state))? {
        Ok(turn) => turn,
        Err((field, key)) => {
            let message = visit.page.tr(key, &[("most", i64::from(LONGEST_WAIT).into())]);
            let problems = Problem::alone(field, &message);
            let told = Told { problems, days: form.text("r:days").to_owned(), ..Told::default() };
            let page = loaded.page(visit.page, &state, told)?;
            return render_as(StatusCode::UNPROCESSABLE_ENTITY, &page);
        }
    };
    let filled = matches!(turn, Turn::Fill { .. });
    state.turns.push(turn);
    let came = loaded.last_came(&state);
    let (mut status, mut told) = (StatusCode::OK, Told::default());
    if came.iter().any(Came::stops) {
        // What is refused or cannot be done is no part of the trial.
        state.turns.pop();
        if filled && !came.contains(&Came::Impossible) {
            (status, told.answers) = (StatusCode::UNPROCESSABLE_ENTITY, Some((answers, true)));
        } else {
            let message = visit.page.t("office-builder-rehearsal-impossible");
            (status, told.problems) = (StatusCode::CONFLICT, Problem::alone("situation", message));
        }
    }
    let page = loaded.page(visit.page, &state, told)?;
    render_as(status, &page)
}

/// Keeps what was done with the case, and what came of it: from now on every version must do the same.
async fn record(visit: Visit, draft: String, id: Id<store::Trial>, state: State) -> Result {
    let who = visit.visitor.require()?.clone();
    let base = visit
        .commune
        .write(visit.visitor.by, move |tx| {
            let open = open(tx, &who, &draft)?;
            let (_, found) = trial_of(tx, &open.kept.slug, id)?;
            let form = CompiledForm::compile(open.procedure.clone()).map_err(|_| WebError::conflict())?;
            let mut trial = with(&found, &state);
            trial.steps = trial.replayed(&form);
            // A file that nothing names any more is forgotten.
            let named = serde_json::to_string(&(&trial.typed, &trial.steps)).map_err(WebError::internal)?;
            trial.files.retain(|file, _| named.contains(&format!("\"{file}\"")));
            let content = serde_json::to_value(&trial).map_err(WebError::internal)?;
            commands::accept_trial(tx, &open.permit, &open.kept, (id, &content))?;
            Ok::<_, WebError>(base(open.kept.id))
        })
        .await?;
    Ok(to(&format!("{base}/essais?fait=etapes")))
}
