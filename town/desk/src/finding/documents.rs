//! What of a case can be found: what it is called (reference, names, number of its decision) and what it says (answers
//! as they are shown, messages, notes, reasons, names of its documents). What is sworn and what files hold is left out.

use std::{collections::HashMap, sync::Arc};

use beffroi_cases::{case::Case, decision, exchange, label};
use beffroi_core::Lang;
use beffroi_documents as papers;
use beffroi_forms::{CompiledForm, Kind};
use beffroi_search::{Document, Facet};
use beffroi_store::{Result, Tx};
use chrono::Datelike;
use uuid::Uuid;

use crate::{
    procedure::{Lists, Shelf},
    retention::NOBODY,
};

/// Days that mean « never » in the order by the clock are no days of the calendar.
const NEVER: &str = "9999-12-31";

/// The documents of these cases, in their order; a case that was erased, or whose procedure keeps its cases out of
/// every search, has none.
pub(crate) fn documents(tx: &mut Tx<'_>, shelf: &Shelf, cases: &[Case]) -> Result<Vec<Document>> {
    let ids: Vec<Uuid> = cases.iter().map(|case| case.id.uuid()).collect();
    let mut words = exchange::words_of(tx, &ids)?;
    let mut decisions = decision::texts_of(tx, &ids)?;
    let mut names = papers::names_of(tx, "case", &ids)?;
    let labels = label::of_cases(tx, &ids)?;
    let mut forms: HashMap<(String, u32), Option<Arc<CompiledForm>>> = HashMap::new();
    let mut found = Vec::with_capacity(cases.len());
    for case in cases {
        let key = (case.procedure.clone(), case.procedure_version);
        let form = if let Some(form) = forms.get(&key) {
            form.clone()
        } else {
            let form = shelf.version(tx, &case.procedure, case.procedure_version)?;
            forms.insert(key, form.clone());
            form
        };
        if is_hidden(case, form.as_deref()) {
            continue;
        }
        let subject = case.id.uuid();
        let (number, reasons) = decisions.remove(&subject).unwrap_or_default();
        let mut called =
            vec![case.reference.clone(), case.requester_name.clone(), case.beneficiary_name.clone()];
        called.extend(number);
        let mut said = form.as_deref().map(|form| answers(case, form)).unwrap_or_default();
        said.extend(words.remove(&subject).unwrap_or_default());
        said.push(reasons);
        said.extend(names.remove(&subject).unwrap_or_default());
        let mut facets = facets(case);
        let stuck = labels.get(&subject).into_iter().flatten();
        facets.extend(stuck.map(|label| Facet::new("label", label.id.to_string())));
        called.retain(|text| !text.is_empty());
        said.retain(|text| !text.is_empty());
        found.push(Document { subject, called, said, facets });
    }
    Ok(found)
}

/// Whether a case is found by nobody.
fn is_hidden(case: &Case, form: Option<&CompiledForm>) -> bool {
    case.requester_name == NOBODY || case.sealed || form.is_some_and(|form| form.procedure().sealed)
}

/// What was asked for and what was answered, as it is shown.
fn answers(case: &Case, form: &CompiledForm) -> Vec<String> {
    let mut said = vec![form.procedure().title.fr.clone()];
    let Some(answers) = case.answers.as_object() else { return said };
    let lines = form.sections(answers, None, Lang::Fr, &Lists).into_iter().flat_map(|section| section.lines);
    said.extend(
        lines
            .filter(|line| line.files.is_empty())
            .filter(|line| {
                let kind = form.field(&line.path).map(|field| &field.kind);
                !matches!(kind, Some(Kind::Sworn | Kind::YesNo | Kind::Point))
            })
            .map(|line| line.value),
    );
    said
}

/// What a case can be narrowed to.
fn facets(case: &Case) -> Vec<Facet> {
    let received = case.received_on;
    let assignee = case.assignee.map_or_else(|| "nobody".to_owned(), |agent| agent.to_string());
    let mut facets = vec![
        Facet::new("kind", "case"),
        Facet::new("department", case.department.as_str()),
        Facet::new("procedure", case.procedure.as_str()),
        Facet::new("state", case.state.as_str()),
        Facet::new("channel", case.channel.as_str()),
        Facet::new("assignee", assignee),
        Facet::new("year", received.year().to_string()),
        Facet::new("month", received.format("%Y-%m").to_string()),
        Facet::new("day", received.to_string()),
    ];
    if case.state.is_open() {
        facets.push(Facet::new("open", "yes"));
        facets.push(Facet::new("clock", case.deemed_on.map_or(NEVER.to_owned(), |on| on.to_string())));
    }
    facets
}
