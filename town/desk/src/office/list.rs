//! What the lists of cases share, inbox and search: labels, kept views, and what can be done to ticked cases.

use beffroi_cases::label::Label;
use beffroi_web::{FormPost, Page};
use uuid::Uuid;

use super::inbox::Choice;
use crate::{daily::saved::View, permission::Place, problem::Problem};

/// A view that the agent keeps, as lists of links show it.
pub(super) struct Kept {
    pub(super) name: String,
    pub(super) href: String,
}

impl Kept {
    pub(super) fn all(views: &[View]) -> Vec<Self> {
        views.iter().map(|view| Self { name: view.name.clone(), href: view.href() }).collect()
    }
}

/// A label as screens show it.
pub(super) struct Tag {
    pub(super) colour: &'static str,
    pub(super) name: String,
}

impl Tag {
    pub(super) fn all(labels: Option<&Vec<Label>>) -> Vec<Self> {
        let labels = labels.into_iter().flatten();
        labels.map(|label| Self { colour: label.colour.as_str(), name: label.name.clone() }).collect()
    }
}

/// The heads of a list of cases.
pub(super) fn heads(page: &Page, handles: bool) -> Vec<String> {
    let shown = [
        "desk-reference",
        "office-requester",
        "desk-procedure",
        "desk-received",
        "desk-state",
        "office-clock",
        "office-assignee",
    ];
    let tick = handles.then_some("office-batch-tick");
    shown.into_iter().chain(tick).map(|key| page.t(key).to_owned()).collect()
}

/// What was sent to be done to ticked cases and could not be: what is wrong, and what was ticked and typed.
#[derive(Default)]
pub(super) struct Returned {
    pub(super) problem: Option<Problem>,
    pub(super) form: FormPost,
}

impl Returned {
    /// Whether a case was ticked.
    pub(super) fn ticked(&self, id: &str) -> bool {
        self.form.all("dossier").any(|ticked| ticked == id)
    }
}

/// What can be done, by the words of the form.
const DEEDS: [&str; 9] =
    ["prendre", "moi", "attribuer", "etiqueter", "transmettre", "message", "pieces", "recues", "archiver"];

/// What can be done to ticked cases.
pub(super) struct Options {
    /// Whether anything can.
    pub(super) shown: bool,
    pub(super) deeds: Vec<Choice>,
    pub(super) agents: Vec<Choice>,
    pub(super) labels: Vec<Choice>,
    pub(super) places: Vec<Choice>,
    /// The key that makes a second click harmless.
    pub(super) key: String,
    /// The message to all of them, as it was typed.
    pub(super) text: String,
    /// Whether the message is to be seen: it was typed, or is lacking.
    pub(super) writes: bool,
    /// The documents that are asked for, and within how many days, as they were typed.
    pub(super) pieces: String,
    pub(super) days: String,
    /// Whether they are to be seen.
    pub(super) asks: bool,
    problem: Option<Problem>,
}

impl Options {
    pub(super) fn new(
        page: &Page,
        shown: bool,
        agents: &[(Uuid, String)],
        labels: &[Label],
        places: &[Place],
        returned: &Returned,
    ) -> Self {
        let form = &returned.form;
        let (agent, label, place) =
            (form.text("lot-agent"), form.text("lot-etiquette"), form.text("lot-vers"));
        let of = |value: &str, name: &str, chosen: &str| Choice::of(value, name, value == chosen);
        let nobody = Choice::of("", page.t("office-nobody"), agent.is_empty());
        Self {
            shown,
            deeds: DEEDS
                .iter()
                .map(|word| {
                    let chosen = form.text("lot-action") == *word;
                    Choice::of(word, page.t(&format!("office-batch-do-{word}")), chosen)
                })
                .collect(),
            agents: std::iter::once(nobody)
                .chain(agents.iter().map(|(id, name)| of(&id.to_string(), name, agent)))
                .collect(),
            labels: labels.iter().map(|it| of(&it.id.to_string(), &it.name, label)).collect(),
            places: places.iter().map(|it| of(&it.slug, &it.name, place)).collect(),
            key: beffroi_web::new_idempotency_key(),
            text: form.text("lot-texte").to_owned(),
            writes: form.text("lot-action") == "message",
            pieces: form.text("lot-pieces").to_owned(),
            days: form.text("lot-jours").to_owned(),
            asks: form.text("lot-action") == "pieces",
            problem: returned.problem.clone(),
        }
    }

    /// What is wrong with a field; `""` where nothing is.
    pub(super) fn error(&self, field: &str) -> &str {
        let own = self.problem.as_ref().filter(|problem| problem.field == field);
        own.map(|problem| problem.message.as_str()).unwrap_or_default()
    }

    /// What is wrong, for the summary at the head of the page.
    pub(super) fn problems(&self) -> &[Problem] {
        self.problem.as_slice()
    }
}
