//! The form of a draft, filled in for real by the same engine; what is typed travels with the page and is kept nowhere,
//! unless it is recorded as a trial.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::{Path, Query, Request},
    http::StatusCode,
};
use beffroi_core::{Channel, Day, Id, Lang, calendar::civil_day};
use beffroi_forms::{Answers, CompiledForm, Home, Outcome, Procedure};
use beffroi_people::Town;
use beffroi_web::{FormLimits, FormPost, FormReader, Page, Result, WebError, page::render_as};
use futures_util::StreamExt;

use super::{
    base, commands,
    fill::Filled,
    open,
    preview::{Reader, as_citizen, compiled, framed},
    question, store, to,
    trials::{self, Expected, Joined, Trial, files},
};
use crate::{
    control::{Control, View},
    map::Map,
    problem::Problem,
    procedure::Lists,
    public::{newly_shown, wrong_among},
    visit::Visit,
};

/// What travels with the page begins so.
const KEPT: &str = "k:";
/// The files that were joined: name and size.
const FILE: &str = "f:";
/// What a file of a trial may weigh, in bytes: it is counted and let go.
const BYTES_AT_MOST: usize = 20 << 20;

/// Where somebody is in the form.
#[derive(Clone, Debug, Default)]
struct State {
    answers: Answers,
    files: BTreeMap<String, Joined>,
}

impl State {
    fn of(form: &FormPost) -> Self {
        let kept =
            form.pairs().iter().filter_map(|(name, value)| Some((name.strip_prefix(KEPT)?, value.as_str())));
        let files = form.pairs().iter().filter_map(|(name, value)| {
            let id = name.strip_prefix(FILE)?;
            let (bytes, name) = value.split_once(':')?;
            Some((id.to_owned(), Joined { name: name.to_owned(), bytes: bytes.parse().ok()? }))
        });
        Self { answers: Answers::from_pairs(kept), files: files.collect() }
    }

    /// What travels with the page.
    fn pairs(&self) -> Vec<(String, String)> {
        let files = self
            .files
            .iter()
            .map(|(id, file)| (format!("{FILE}{id}"), format!("{}:{}", file.bytes, file.name)));
        let answers =
            self.answers.to_pairs().into_iter().map(|(name, value)| (format!("{KEPT}{name}"), value));
        answers.chain(files).collect()
    }
}

struct Part {
    title: String,
    rows: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "builder/screen.html")]
struct Screen {
    page: Page,
    procedure: String,
    title: String,
    intro: String,
    step: usize,
    of: usize,
    action: String,
    kept: Vec<(String, String)>,
    here: String,
    controls: Vec<Control>,
    problems: Vec<Problem>,
    map: Map,
    /// The answers once more, on the last page.
    parts: Vec<Part>,
    last: bool,
    recording: bool,
    name: String,
    name_error: String,
    /// Whether a trial that has its name already is filled in further.
    resumed: bool,
}

/// A trial that is filled in further.
struct Resumed {
    id: Id<store::Trial>,
    name: String,
    trial: Trial,
}

struct Loaded {
    base: String,
    form: std::sync::Arc<CompiledForm>,
    today: Day,
    map: Map,
    title: String,
    resumed: Option<Resumed>,
}

/// Opens the form of a draft, with a change to it that nobody keeps.
async fn load(
    visit: &Visit,
    draft: String,
    reader: &Reader,
    change: impl FnOnce(&mut Procedure) + Send + 'static,
) -> Result<Loaded> {
    let who = visit.visitor.require()?.clone();
    let resumed = reader.resumed();
    let (mut open, today, map, resumed) = visit
        .commune
        .read(visit.visitor.by, move |tx| {
            let open = open(tx, &who, &draft)?;
            let town = Town::load(tx)?;
            let today = civil_day(tx.now(), town.zone());
            let map = Map::load(tx, &town)?;
            let resumed = match resumed {
                Some(id) => {
                    let kept = store::trials(tx, &open.kept.slug)?;
                    let kept = kept.into_iter().find(|kept| kept.id == id).ok_or_else(WebError::not_found)?;
                    let trial = trials::read(&kept).ok_or_else(WebError::conflict)?;
                    Some(Resumed { id, name: kept.name, trial })
                }
                None => None,
            };
            Ok::<_, WebError>((open, today, map, resumed))
        })
        .await?;
    // Conditions that look at today give what they gave.
    let today = resumed.as_ref().map_or(today, |resumed| resumed.trial.day);
    change(&mut open.procedure);
    let form = compiled(&open.procedure, reader).ok_or_else(WebError::conflict)?;
    let title = open.procedure.title.text(reader.lang()).to_owned();
    Ok(Loaded { base: base(open.kept.id), form, today, map, title, resumed })
}

fn channel(reader: &Reader) -> Channel {
    if reader.porte == "counter" { Channel::Counter } else { Channel::Online }
}

impl Loaded {
    fn judge(&self, state: &State, reader: &Reader) -> Outcome {
        let trial = Trial {
            day: self.today,
            channel: channel(reader),
            typed: state.answers.clone(),
            files: state.files.clone(),
            expected: Expected::default(),
            steps: Vec::new(),
        };
        trial.run(&self.form)
    }

    fn screen(
        self,
        page: Page,
        reader: &Reader,
        state: &State,
        outcome: &Outcome,
        (rank, tell): (Option<usize>, bool),
    ) -> Screen {
        let lang = reader.lang();
        let pages = &self.form.procedure().form.pages;
        let known = files(&state.files);
        let view = View { form: &self.form, typed: &state.answers, outcome, files: &known, lang, tell };
        let shown: Vec<usize> =
            outcome.pages.iter().enumerate().filter(|(_, shown)| **shown).map(|(rank, _)| rank).collect();
        let definition = rank.and_then(|rank| pages.get(rank));
        let mut controls = rank.map(|rank| view.page(rank)).unwrap_or_default();
        for control in &mut controls {
            control.marked = control.id == reader.question;
        }
        let problems = match rank {
            Some(rank) if tell => view.problems(rank),
            _ => Vec::new(),
        };
        let step = rank.and_then(|rank| shown.iter().position(|page| *page == rank)).unwrap_or(shown.len());
        let parts = if rank.is_none() { parts(&page, &self.form, outcome, lang) } else { Vec::new() };
        Screen {
            procedure: self.title.clone(),
            title: match definition {
                Some(page) => page.title.text(lang).to_owned(),
                None => page.t("desk-summary-title").to_owned(),
            },
            intro: definition.map(|page| page.intro.text(lang).to_owned()).unwrap_or_default(),
            step: step + 1,
            of: shown.len() + 1,
            action: format!(
                "{}/apercu/ecran{}",
                self.base,
                Some(reader.query()).filter(|query| query != "?").unwrap_or_default()
            ),
            kept: state.pairs(),
            here: definition.map(|page| page.id.clone()).unwrap_or_default(),
            last: rank.is_none(),
            recording: !reader.essai.is_empty(),
            resumed: self.resumed.is_some(),
            name: self.resumed.map(|resumed| resumed.name).unwrap_or_default(),
            name_error: String::new(),
            map: self.map,
            controls,
            problems,
            parts,
            page: as_citizen(page.in_words_of(lang)),
        }
    }
}

fn parts(page: &Page, form: &CompiledForm, outcome: &Outcome, lang: Lang) -> Vec<Part> {
    let none = page.t("desk-no-answer");
    let sections = form.sections(&outcome.answers, Some(&outcome.states), lang, &Lists);
    let row = |line: beffroi_forms::Line| {
        (line.label, if line.value.is_empty() { none.to_owned() } else { line.value })
    };
    sections
        .into_iter()
        .map(|section| Part { title: section.title, rows: section.lines.into_iter().map(row).collect() })
        .collect()
}

pub(super) async fn show(visit: Visit, Path(draft): Path<String>, Query(reader): Query<Reader>) -> Result {
    let loaded = load(&visit, draft, &reader, |_| {}).await?;
    let page = reader.page.clone();
    untouched(visit, &reader, loaded, &page)
}

/// A page of the form before anything is typed, or with what a trial said; the first one where that page is not there.
fn untouched(visit: Visit, reader: &Reader, loaded: Loaded, page: &str) -> Result {
    let state = loaded.resumed.as_ref().map_or_else(State::default, |resumed| State {
        answers: resumed.trial.typed.clone(),
        files: resumed.trial.files.clone(),
    });
    let outcome = loaded.judge(&state, reader);
    let asked = loaded.form.procedure().form.pages.iter().position(|it| it.id == page);
    let first = asked.or_else(|| outcome.pages.iter().position(|shown| *shown));
    let screen = loaded.screen(visit.page, reader, &state, &outcome, (first, false));
    framed(beffroi_web::render(&screen))
}

/// The page of a question as it will be seen with what is being typed about it, which is not kept. 409 where the form
/// cannot be shown so.
pub(super) async fn live(
    visit: Visit,
    Path((draft, question)): Path<(String, String)>,
    form: FormPost,
) -> Result {
    let mut filled = Filled::of(&form);
    let name = question.clone();
    let mut reader = Reader::default();
    let loaded = load(&visit, draft, &reader, move |procedure| {
        if let Some(field) = procedure.field_mut(&name) {
            question::read(&mut filled, field);
        }
    })
    .await?;
    let place = loaded.form.procedure().place(&question).ok_or_else(WebError::not_found)?;
    let page = match place.home {
        Home::Page(page) => page.id.clone(),
        Home::Step(_) => return Err(WebError::not_found()),
    };
    place.group.map_or(&place.field.id, |group| &group.id).clone_into(&mut reader.question);
    untouched(visit, &reader, loaded, &page)
}

/// What a page sent; of files, names and sizes.
pub(super) async fn receive(request: Request) -> Result<(FormPost, Vec<(String, Joined)>)> {
    let mut reader = FormReader::new(request, FormLimits::default()).await?;
    let mut joined = Vec::new();
    while let Some(mut file) = reader.next_file().await? {
        let (field, name) = (file.field().to_owned(), file.name().to_owned());
        let mut bytes = 0;
        while let Some(chunk) = file.next().await {
            bytes += chunk.map_err(|error| WebError::bad_request().log(error))?.len();
            if bytes > BYTES_AT_MOST {
                return Err(WebError::too_large());
            }
        }
        let name = name.replace(['/', '\\'], "_");
        joined.push((field, Joined { name, bytes: u64::try_from(bytes).unwrap_or(u64::MAX) }));
    }
    Ok((reader.finish(), joined))
}

/// Does what a button asks of the answers; true where the page stays.
pub(super) fn wish(answers: &mut Answers, form: &FormPost) -> bool {
    if let Some(group) = form.get("add_row") {
        answers.add_row(group);
        return true;
    }
    if let Some((group, number)) = form.get("remove_row").and_then(|row| row.split_once('.')) {
        if let Ok(number) = number.parse() {
            answers.remove_row(group, number);
        }
        return true;
    }
    if let Some((field, file)) = form.get("remove_file").and_then(|file| file.rsplit_once(':')) {
        answers.remove(field, file);
        return true;
    }
    form.get("refresh").is_some()
}

pub(super) async fn answer(
    visit: Visit,
    Path(draft): Path<String>,
    Query(reader): Query<Reader>,
    request: Request,
) -> Result {
    visit.visitor.require()?;
    let (form, joined) = receive(request).await?;
    let loaded = load(&visit, draft.clone(), &reader, |_| {}).await?;
    let mut state = State::of(&form);
    let rank = loaded.form.procedure().form.pages.iter().position(|page| page.id == form.text("here"));
    let shown: Vec<String> = form.all("shown").map(str::to_owned).collect();
    if let Some(page) = rank.and_then(|rank| loaded.form.procedure().form.pages.get(rank)) {
        let own = form.pairs().iter().filter(|(name, _)| !name.starts_with(KEPT) && !name.starts_with(FILE));
        let sent = Answers::from_pairs(own.map(|(name, value)| (name.as_str(), value.as_str())));
        let shown: Vec<&str> = shown.iter().map(String::as_str).collect();
        state.answers.replace_shown(&page.fields, &shown, &sent);
    }
    for (field, file) in joined {
        let id = format!("essai-{}", state.files.len() + 1);
        state.answers.add(&field, &id);
        state.files.insert(id, file);
    }
    let stay = wish(&mut state.answers, &form);
    let outcome = loaded.judge(&state, &reader);
    if form.get("record").is_some() {
        return record(visit, draft, &reader, loaded, (&form, &state, &outcome, rank)).await;
    }
    if form.get("back").is_some() {
        let before =
            outcome.pages.iter().enumerate().take(rank.unwrap_or(usize::MAX)).filter(|(_, shown)| **shown);
        let before = before.map(|(rank, _)| rank).next_back();
        let screen = loaded.screen(visit.page, &reader, &state, &outcome, (before.or(rank), false));
        return framed(beffroi_web::render(&screen));
    }
    let (next, tell) = match rank {
        Some(rank) if stay => (Some(rank), false),
        Some(rank) => {
            let new = newly_shown(&loaded.form, &outcome, rank, &shown);
            if wrong_among(&loaded.form, &outcome, rank, &new) {
                (Some(rank), true)
            } else if new.is_empty() {
                let after = outcome.pages.iter().enumerate().skip(rank + 1).find(|(_, shown)| **shown);
                (after.map(|(rank, _)| rank), false)
            } else {
                (Some(rank), false)
            }
        }
        None => (None, false),
    };
    let status = if tell { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    framed(render_as(status, &loaded.screen(visit.page, &reader, &state, &outcome, (next, tell))))
}

/// Letters of a trial's name, at most.
const NAME_AT_MOST: usize = 120;

/// Keeps what was filled in as a trial: from now on every version must do the same.
async fn record(
    visit: Visit,
    draft: String,
    reader: &Reader,
    loaded: Loaded,
    (form, state, outcome, rank): (&FormPost, &State, &Outcome, Option<usize>),
) -> Result {
    let name: String = form.text("trial_name").chars().take(NAME_AT_MOST).collect();
    if name.is_empty() && loaded.resumed.is_none() {
        let message = visit.page.t("office-builder-wrong-trial-name").to_owned();
        let mut screen = loaded.screen(visit.page, reader, state, outcome, (rank, false));
        screen.problems = Problem::alone("trial_name", &message);
        screen.name_error = message;
        return framed(render_as(StatusCode::UNPROCESSABLE_ENTITY, &screen));
    }
    let trial = Trial {
        day: loaded.today,
        channel: channel(reader),
        typed: state.answers.clone(),
        files: state.files.clone(),
        expected: Expected::of(&loaded.form, outcome),
        // What was done with its case is done again with the answers as they are now.
        steps: loaded.resumed.as_ref().map(|resumed| resumed.trial.steps.clone()).unwrap_or_default(),
    };
    let content = serde_json::to_value(&trial).map_err(WebError::internal)?;
    let who = visit.visitor.require()?.clone();
    let base = loaded.base;
    visit
        .commune
        .write(visit.visitor.by, move |tx| {
            let open = open(tx, &who, &draft)?;
            if let Some(resumed) = loaded.resumed {
                return Ok(commands::accept_trial(tx, &open.permit, &open.kept, (resumed.id, &content))?);
            }
            if u32::try_from(store::trials(tx, &open.kept.slug)?.len())
                .is_ok_and(|count| count >= store::TRIALS_AT_MOST)
            {
                return Err(WebError::conflict());
            }
            Ok(commands::record_trial(tx, &open.permit, &open.kept, &name, &content)?)
        })
        .await?;
    Ok(to(&format!("{base}/essais?fait=enregistre")))
}
