//! Files on the page of a case: received before the message or the decision that they belong to, and shown again where that
//! is not taken yet. Nothing that was chosen is lost because something else is missing.

use axum::extract::{FromRequest, Request};
use beffroi_cases::{
    Right,
    case::{self, Case},
};
use beffroi_core::Id;
use beffroi_documents::{Document, Gate, State as Scan, StoredFile};
use beffroi_store::Tx;
use beffroi_web::{FormPost, Page, Result};

use super::{action::Wrong, dossier_read::Dossier, dossier_view::Choice, entitled};
use crate::{
    control::{Kept, size},
    enclosure::{self, Fault},
    problem::Problem,
    public::{Posted, receive},
    visit::{Visit, case_error},
};

/// What the controls of one form are called.
pub(super) struct Names {
    /// The field of files.
    pub(super) files: &'static str,
    /// The boxes of files that were received before.
    pub(super) kept: &'static str,
    /// The boxes of documents that the case has.
    pub(super) own: &'static str,
}

pub(super) const MESSAGE: Names = Names { files: "message-files", kept: "message-kept", own: "message-own" };
pub(super) const DECISION: Names =
    Names { files: "decision-files", kept: "decision-kept", own: "decision-own" };

/// The controls of the form of this word, where it takes files.
pub(super) fn names(word: &str) -> Option<&'static Names> {
    match word {
        "message" => Some(&MESSAGE),
        "decision" => Some(&DECISION),
        _ => None,
    }
}

/// What a form sent.
#[derive(Default)]
pub(super) struct Sent {
    pub(super) fields: FormPost,
    files: Vec<StoredFile>,
    /// What is said of files that were refused.
    refused: Vec<String>,
}

impl Sent {
    /// A form without files.
    pub(super) fn of(fields: FormPost) -> Self {
        Self { fields, ..Self::default() }
    }
}

/// Reads a form with its files. They are received from whoever may do to the case what the form is for.
pub(super) async fn sent(visit: &Visit, id: Id<Case>, right: Right, request: Request) -> Result<Sent> {
    let who = visit.visitor.require()?.clone();
    let sealed = visit
        .commune
        .read(visit.visitor.by, move |tx| {
            let (access, _) = entitled(tx, &who)?;
            let case = case::read(tx, &access, id).map_err(case_error)?;
            access.permit(right, &case).map_err(case_error)?;
            Ok::<_, beffroi_web::WebError>(case.sealed)
        })
        .await?;
    if sealed {
        // What is sealed keeps no file, which would lie open beside it: none is received.
        return Ok(Sent::of(FormPost::from_request(request, &visit.app).await?));
    }
    let Posted { fields, files, refused, .. } = receive(request, &visit.commune, visit.visitor.lang).await?;
    Ok(Sent {
        fields,
        files: files.into_iter().map(|(_, file)| file).collect(),
        refused: refused.into_iter().map(|(_, told)| told).collect(),
    })
}

/// Keeps the files aside, and names them among the boxes that are ticked; with what stands against joining all that is
/// chosen.
pub(super) fn keep(
    tx: &mut Tx<'_>,
    gate: Gate,
    case: Id<Case>,
    sent: Sent,
    names: &Names,
) -> Result<(FormPost, Vec<Wrong>)> {
    let Sent { mut fields, files, refused } = sent;
    let mut wrong: Vec<Wrong> = refused.into_iter().map(|told| Wrong::told(names.files, told)).collect();
    match enclosure::keep(tx, gate, case, &files)? {
        Ok(kept) => {
            for id in kept {
                fields = fields.with(names.kept, id.to_string());
            }
        }
        Err(fault) => wrong.push(why(names, fault)),
    }
    if let Err(fault) = enclosure::chosen(tx, case, &chosen(&fields, names))? {
        wrong.push(why(names, fault));
    }
    Ok((fields, wrong))
}

/// The documents that a form wants joined.
pub(super) fn chosen(form: &FormPost, names: &Names) -> Vec<Id<Document>> {
    form.all(names.kept).chain(form.all(names.own)).filter_map(|id| id.parse().ok()).collect()
}

/// What is said beside the field of files.
pub(super) fn why(names: &Names, fault: Fault) -> Wrong {
    match fault {
        Fault::Infected(files) => Wrong {
            field: names.files,
            key: "office-enclosure-infected",
            told: files.join(", "),
            untold: None,
        },
        Fault::Gone => Wrong::of(names.files, "office-enclosure-gone"),
        Fault::TooMany => Wrong::of(names.files, "office-enclosure-many"),
    }
}

/// The controls of one form, as they are shown.
pub(super) struct Controls {
    pub(super) names: &'static Names,
    pub(super) takes_files: bool,
    /// A field of files never shows those that it had: they have their boxes.
    pub(super) nothing: Vec<Kept>,
    pub(super) kept: Vec<Choice>,
    pub(super) own: Vec<Choice>,
    pub(super) error: String,
}

impl Controls {
    pub(super) fn new(
        page: &Page,
        names: &'static Names,
        found: &Dossier,
        typed: &FormPost,
        problems: &[Problem],
    ) -> Self {
        let ticked = chosen(typed, names);
        let choice = |document: &Document| Choice {
            value: document.id.to_string(),
            label: document.name.clone(),
            hint: particulars(page, document),
            chosen: ticked.contains(&document.id),
        };
        let kept = found.waiting.iter();
        let kept = kept.filter(|it| ticked.contains(&it.id) && it.state != Scan::Infected);
        let joinable =
            |document: &&Document| document.state == Scan::Clean && enclosure::is_joinable(document);
        Self {
            names,
            takes_files: !found.case.sealed,
            nothing: Vec::new(),
            kept: kept.map(choice).collect(),
            own: found.documents.iter().filter(joinable).map(choice).collect(),
            error: Problem::beside(problems, names.files),
        }
    }

    /// Whether a document of the case is ticked: then its list is open.
    pub(super) fn is_open(&self) -> bool {
        self.own.iter().any(|choice| choice.chosen)
    }
}

/// Its kind and its size.
pub(super) fn particulars(page: &Page, document: &Document) -> String {
    let bytes = u64::try_from(document.bytes).unwrap_or_default();
    format!("{}, {}", document.media_type.label(), size(bytes, page.language()))
}
