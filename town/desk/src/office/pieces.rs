//! Pieces at the counter: what the requester has not brought is asked for in the acknowledgement; what the agent
//! has seen needs no copy.

use beffroi_core::Lang;
use beffroi_forms::{CompiledForm, Outcome};
use beffroi_web::FormPost;

use crate::submission;

/// A piece that is not there.
pub(super) struct Due {
    /// The field's path.
    pub(super) path: String,
    /// The control's id and name.
    pub(super) control: String,
    /// What it is called.
    pub(super) label: String,
    /// Whether it will be asked for.
    pub(super) asked: bool,
}

/// The pieces that are not there, in the order of the form.
pub(super) fn due(form: &CompiledForm, outcome: &Outcome, seen: &[String], lang: Lang) -> Vec<Due> {
    let piece = |path: &String| Due {
        label: submission::piece_name(form, path, lang),
        control: control(path),
        asked: !seen.contains(path),
        path: path.clone(),
    };
    outcome.expected_files.iter().map(piece).collect()
}

/// The pieces that the page told of, and that the agent unticked. One that the page had not told yet stays due.
pub(super) fn seen(fields: &FormPost) -> Vec<String> {
    let told = fields.all("due_told").map(str::to_owned);
    told.filter(|path| fields.get(&control(path)).is_none()).collect()
}

fn control(path: &str) -> String {
    format!("due-{path}")
}
