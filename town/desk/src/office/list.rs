//! What the lists of cases share, inbox and search: labels, kept views, and what can be done to ticked cases.

use beffroi_cases::label::Label;
use beffroi_web::Page;
use uuid::Uuid;

use super::inbox::Choice;
use crate::{daily::saved::View, permission::Place};

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

/// What can be done to ticked cases.
pub(super) struct Options {
    /// Whether anything can.
    pub(super) shown: bool,
    pub(super) agents: Vec<Choice>,
    pub(super) labels: Vec<Choice>,
    pub(super) places: Vec<Choice>,
    /// The key that makes a second click harmless.
    pub(super) key: String,
}

impl Options {
    pub(super) fn new(
        page: &Page,
        shown: bool,
        agents: &[(Uuid, String)],
        labels: &[Label],
        places: &[Place],
    ) -> Self {
        let nobody = Choice::of("", page.t("office-nobody"), true);
        Self {
            shown,
            agents: std::iter::once(nobody)
                .chain(agents.iter().map(|(id, name)| Choice::of(&id.to_string(), name, false)))
                .collect(),
            labels: labels.iter().map(|it| Choice::of(&it.id.to_string(), &it.name, false)).collect(),
            places: places.iter().map(|place| Choice::of(&place.slug, &place.name, false)).collect(),
            key: beffroi_web::new_idempotency_key(),
        }
    }
}
