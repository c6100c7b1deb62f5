//! What the forms of the page of a case’s steps ask for. What cannot be done is told on the page, with all that was
//! typed.

use axum::{
    extract::{Path, Request},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_cases::{
    CaseError, LONGEST_TEXT, Right,
    advice::{self, Asked, Opinion, Shared},
    case::{self, Case},
    task::{self, NewTask, Task},
    transfer,
};
use beffroi_core::{Day, Id, calendar::civil_day};
use beffroi_forms::Answers;
use beffroi_people::Town;
use beffroi_store::Tx;
use beffroi_web::{FormPost, Result, WebError};
use chrono::Days;

use super::{
    case_page::{self, Told},
    commands::STEP_FILES,
    engine::{Beside, Course, Hindrance},
    found::Found,
};
use crate::{
    daily::absence,
    office::{
        Office,
        action::day_of,
        entitled,
        typed::{answers_of, change},
    },
    problem::Problem,
    public::{Posted, known_files, receive, take},
    visit::{Visit, case_error},
};

/// Letters of a name or an address.
const LONGEST_NAME: usize = 200;

/// Why a form was not done.
enum Refused {
    /// Something is missing or wrong: the control, and the key of what is said.
    Wrong(Vec<(&'static str, &'static str)>),
    /// Something stands against it.
    Hindered(Hindrance),
    /// The answers of the step’s fields are wrong, or a button asked for one more row.
    Fields(Box<(Answers, beffroi_forms::Outcome, bool)>),
}

impl From<Hindrance> for Refused {
    fn from(hindrance: Hindrance) -> Self {
        Self::Hindered(hindrance)
    }
}

type Outcome = Result<std::result::Result<(), Refused>>;

/// Does what a form of the page asks for.
pub(super) async fn act(visit: Visit, Path((id, word)): Path<(String, String)>, request: Request) -> Result {
    let Visit { desk, commune, visitor, page, .. } = visit;
    let who = visitor.require()?.clone();
    let id: Id<Case> = id.parse().map_err(|_| WebError::not_found())?;
    // Whoever may not know of the case sends nothing to it.
    let asks = who.clone();
    commune
        .read(visitor.by, move |tx| {
            let (access, _) = entitled(tx, &asks)?;
            case::read(tx, &access, id).map(drop).map_err(case_error)
        })
        .await?;
    let posted = receive(request, &commune, visitor.lang).await?;
    let origin = desk.site(&commune).await?;
    let (asked, lang) = (word.clone(), visitor.lang);
    let typed = posted.fields.clone();
    let refusals = Problem::each(&posted.refused);
    let came = commune
        .write(visitor.by, move |tx| {
            let (access, _) = entitled(tx, &who)?;
            let case = case::read(tx, &access, id).map_err(case_error)?;
            let town = Town::load(tx)?;
            let office = Office { desk, access, agent: who.account.uuid(), origin };
            let done = office.step_form(tx, &case, &asked, &posted, &town, lang)?;
            if done.is_ok() {
                office.stood_in(tx, &case, &town)?;
            }
            let case = case::find(tx, id).map_err(case_error)?.ok_or_else(WebError::not_found)?;
            let reads = office.access.permit(Right::Read, &case).is_ok();
            match done {
                Ok(()) => Ok::<_, WebError>(Ok(reads)),
                Err(refused) => {
                    let found = Found::load(tx, &office.desk, &office.access, case)?;
                    Ok(Err((refused, Box::new(found))))
                }
            }
        })
        .await?;
    let (refused, found) = match came {
        Ok(true) => {
            return Ok(Redirect::to(&format!("/agents/dossiers/{id}/etapes?fait={word}")).into_response());
        }
        Ok(false) => return Ok(Redirect::to("/agents?fait=transmettre").into_response()),
        Err(refused) => refused,
    };
    let limit = [("limit", LONGEST_TEXT.into())];
    let mut told =
        Told { form: word, step: typed.text("etape").to_owned(), problems: refusals, ..Told::default() };
    let status = match refused {
        Refused::Wrong(wrong) => {
            let wrong = wrong.into_iter();
            told.problems.extend(
                wrong.map(|(field, key)| Problem { field: field.to_owned(), message: page.tr(key, &limit) }),
            );
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Refused::Hindered(hindrance) => {
            told.problems.extend(Problem::alone("etat", page.t(hindrance.key())));
            if told.form == "remplir" {
                let form = found.course.form.step_form(&told.step);
                let typed = answers_of(&typed);
                let environment = found.course.environment(&found.case, found.files());
                let known = found.course.known();
                let outcome = found.course.form.judge_step(&told.step, &typed, known, &environment);
                told.answers = form.and(outcome).map(|outcome| (typed, outcome));
            }
            StatusCode::CONFLICT
        }
        Refused::Fields(fields) => {
            let (typed, outcome, tell) = *fields;
            if !tell {
                told.form = String::new();
            }
            let status = if tell { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
            told.answers = Some((typed, outcome));
            status
        }
    };
    told.typed = typed;
    case_page::render(page, status, &found, told)
}

/// Reads a text of a form, and notes what is wrong with it.
struct Reader<'f> {
    form: &'f FormPost,
    wrong: Vec<(&'static str, &'static str)>,
}

impl Reader<'_> {
    fn text(&mut self, field: &'static str, missing: &'static str, at_most: usize) -> String {
        let text = self.form.text(field);
        if text.is_empty() {
            self.wrong.push((field, missing));
        } else if text.chars().count() > at_most {
            self.wrong.push((field, "office-too-long"));
        }
        text.to_owned()
    }

    /// The day that three controls tell; `usual` days from `today` where they are empty.
    fn day(&mut self, field: &'static str, today: Day, usual: Days) -> Day {
        let [day, month, year] =
            ["day", "month", "year"].map(|part| self.form.text(&format!("{field}-{part}")));
        let usual = today.checked_add_days(usual).unwrap_or(today);
        if [day, month, year].iter().all(|part| part.is_empty()) {
            return usual;
        }
        let given = day_of(day, month, year).filter(|day| *day > today);
        if given.is_none() {
            self.wrong.push((field, "office-missing-deadline"));
        }
        given.unwrap_or(usual)
    }
}

impl Office {
    fn step_form(
        &self,
        tx: &mut Tx<'_>,
        case: &Case,
        word: &str,
        posted: &Posted,
        town: &Town,
        lang: beffroi_core::Lang,
    ) -> Outcome {
        let form = &posted.fields;
        let today = civil_day(tx.now(), town.zone());
        let seen = form.text("vue");
        let which = |field: &str| form.text(field).to_owned();
        let hindered = |done: std::result::Result<(), Hindrance>| Ok(done.map_err(Refused::from));
        match word {
            "passer" => {
                let to = which("etape");
                if to.is_empty() {
                    return Ok(Err(Refused::Wrong(vec![("etape", "office-missing-step")])));
                }
                if !case.state.is_under_instruction() {
                    return hindered(Err(Hindrance::Overtaken));
                }
                hindered(self.move_to(tx, case, &to, Some(seen), town)?)
            }
            "action" => {
                if !case.state.is_under_instruction() {
                    return hindered(Err(Hindrance::Overtaken));
                }
                let beside = Beside { expert: which("expert"), email: which("courriel") };
                hindered(self.press(tx, case, &which("action"), seen, &beside, town)?)
            }
            "remplir" => self.fill_in(tx, case, posted, town, lang),
            "avis" => self.opinion_form(tx, case, form, today, town),
            "avis-annuler" => {
                let opinion: Id<Opinion> = which("avis").parse().map_err(|_| WebError::not_found())?;
                settled(advice::cancel(tx, &self.access, case.id, opinion))
            }
            "avis-rappeler" => {
                let opinion: Id<Opinion> = which("avis").parse().map_err(|_| WebError::not_found())?;
                self.remind_of(tx, case, opinion, today)?;
                Ok(Ok(()))
            }
            "tache" => self.task_form(tx, case, form, today),
            "tache-faite" | "tache-reprise" => {
                let task: Id<Task> = which("tache").parse().map_err(|_| WebError::not_found())?;
                let known = task::find(tx, task)?.filter(|known| known.case == case.id);
                let known = known.ok_or_else(WebError::not_found)?;
                // What is done for whoever follows the case is written down for every form.
                if known.assignee != case.assignee {
                    absence::acted_in_place(tx, (case.id.uuid(), known.assignee), self.agent, today)?;
                }
                settled(if word == "tache-faite" {
                    task::finish(tx, &self.access, task, self.agent).map(drop)
                } else {
                    task::reopen(tx, &self.access, task).map(drop)
                })
            }
            "transmise" => {
                let mut reader = Reader { form, wrong: Vec::new() };
                let body = reader.text("organisme", "office-missing-body", LONGEST_NAME);
                let reasons = reader.text("raisons", "office-missing-reasons", LONGEST_TEXT);
                if !reader.wrong.is_empty() {
                    return Ok(Err(Refused::Wrong(reader.wrong)));
                }
                if !case.state.is_open() {
                    return hindered(Err(Hindrance::Overtaken));
                }
                self.transfer_out(tx, case, (&body, form.text("contact"), &reasons), town)?;
                Ok(Ok(()))
            }
            "transmise-recue" => {
                let [day, month, year] =
                    ["day", "month", "year"].map(|part| form.text(&format!("recue-{part}")));
                let Some(day) = day_of(day, month, year) else {
                    return Ok(Err(Refused::Wrong(vec![("recue", "office-transfer-day")])));
                };
                match transfer::received(tx, &self.access, case.id, day, town.zone()) {
                    Err(CaseError::Day) => Ok(Err(Refused::Wrong(vec![("recue", "office-transfer-day")]))),
                    other => settled(other),
                }
            }
            _ => Err(WebError::not_found()),
        }
    }

    /// Keeps what an agent filled in in a step.
    fn fill_in(
        &self,
        tx: &mut Tx<'_>,
        case: &Case,
        posted: &Posted,
        town: &Town,
        lang: beffroi_core::Lang,
    ) -> Outcome {
        let fields = &posted.fields;
        let step = fields.text("etape");
        let course = match self.to_fill(tx, case, step, town)? {
            Ok(course) => course,
            Err(hindrance) => return Ok(Err(hindrance.into())),
        };
        let form = course.form.step_form(step).ok_or_else(WebError::not_found)?;
        let owner = (STEP_FILES, case.id.uuid());
        let mut typed = answers_of(fields);
        change(&mut typed, fields);
        let mut known = known_files(tx, owner)?;
        let full = take(tx, (self.desk.gate, lang), form, &mut typed, &posted.files, owner, &mut known)?;
        if !full.is_empty() {
            return Ok(Err(Refused::Wrong(vec![("etat", "desk-too-many-files")])));
        }
        let environment = course.environment(case, &known.files);
        let outcome = course.form.judge_step(step, &typed, course.known(), &environment);
        let outcome = outcome.ok_or_else(WebError::not_found)?;
        let turned = ["add_row", "remove_row", "remove_file", "refresh"];
        if turned.iter().any(|button| fields.get(button).is_some()) {
            return Ok(Err(Refused::Fields(Box::new((typed, outcome, false)))));
        }
        if !outcome.faults.is_empty() || !posted.refused.is_empty() {
            return Ok(Err(Refused::Fields(Box::new((typed, outcome, true)))));
        }
        let seen = fields.text("revision").parse().unwrap_or_default();
        let done = self.keep_filled(tx, case, &course, (step, seen), (typed, outcome.answers), &known)?;
        Ok(done.map_err(Refused::from))
    }

    fn opinion_form(
        &self,
        tx: &mut Tx<'_>,
        case: &Case,
        form: &FormPost,
        today: Day,
        town: &Town,
    ) -> Outcome {
        if case.sealed {
            return Ok(Err(Hindrance::Sealed.into()));
        }
        let mut reader = Reader { form, wrong: Vec::new() };
        let question = reader.text("question", "office-missing-question", LONGEST_TEXT);
        let due = reader.day("echeance", today, Days::new(21));
        let asked = if form.text("a") == "service" {
            Asked::Department(reader.text("service", "office-missing-department", LONGEST_NAME))
        } else {
            let name = reader.text("expert", "office-missing-expert", LONGEST_NAME);
            let email = reader.text("courriel", "office-missing-email", LONGEST_NAME);
            if !email.is_empty() && beffroi_people::account::normalise_email(&email).is_none() {
                reader.wrong.push(("courriel", "office-missing-email"));
            }
            Asked::Expert { name, email }
        };
        let course = Course::load(tx, &self.desk, case, today)?;
        // Only what the page offers can be shared.
        let fields =
            form.all("partage").filter(|name| course.form.called(name, beffroi_core::Lang::Fr).is_some());
        let shared = Shared {
            fields: fields.map(str::to_owned).collect(),
            documents: form.all("document").filter_map(|id| id.parse().ok()).collect(),
        };
        if shared == Shared::default() {
            reader.wrong.push(("partage", "office-missing-shared"));
        }
        if !reader.wrong.is_empty() {
            return Ok(Err(Refused::Wrong(reader.wrong)));
        }
        if !case.state.is_under_instruction() {
            return Ok(Err(Hindrance::Overtaken.into()));
        }
        let done = self.ask_opinion(tx, case, (asked, &question, shared, due), town)?;
        Ok(done.map_err(Refused::from))
    }

    fn task_form(&self, tx: &mut Tx<'_>, case: &Case, form: &FormPost, today: Day) -> Outcome {
        if case.sealed {
            return Ok(Err(Hindrance::Sealed.into()));
        }
        let mut reader = Reader { form, wrong: Vec::new() };
        let words = reader.text("tache", "office-missing-task", LONGEST_TEXT);
        let due_on = reader.day("pour", today, Days::new(7));
        let department = reader.text("service", "office-missing-department", LONGEST_NAME);
        let chosen = form.text("agent");
        let assignee = chosen.parse().ok();
        let handlers = Self::handlers(tx, &department)?;
        if (!chosen.is_empty() && assignee.is_none())
            || assignee.is_some_and(|assignee| !handlers.contains(&assignee))
        {
            reader.wrong.push(("agent", "office-task-agent-elsewhere"));
        }
        if beffroi_people::department::by_slug(tx, &department)?.is_none() && !department.is_empty() {
            reader.wrong.push(("service", "office-steps-no-department"));
        }
        if !reader.wrong.is_empty() {
            return Ok(Err(Refused::Wrong(reader.wrong)));
        }
        if !case.state.is_open() {
            return Ok(Err(Hindrance::Overtaken.into()));
        }
        let new = NewTask { words, department, assignee, due_on };
        task::add(tx, &self.access, case.id, self.who(), new, &handlers).map_err(case_error)?;
        Ok(Ok(()))
    }
}

/// Done; or told on the page where somebody else was faster.
fn settled(done: std::result::Result<(), CaseError>) -> Outcome {
    match done {
        Ok(()) => Ok(Ok(())),
        Err(CaseError::WrongState(_) | CaseError::Overtaken) => Ok(Err(Hindrance::Overtaken.into())),
        Err(error) => Err(case_error(error)),
    }
}
