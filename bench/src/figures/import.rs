//! How much of real forms of Publik is taken over. They lie beside the project and are no part of it: where they are
//! not, nothing is measured, and that is said.

use std::path::Path;

use anyhow::{Context, Result};
use beffroi_publik::{BlockFile, Document, WorkflowFile, convert, read};

use crate::{
    Bench,
    report::{Figure, Target},
};

/// Where the forms lie, from the project's own folder.
const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/publik-forms");

/// The share of fields that ask something and are kept, and of conditions that are translated: those of workflows
/// count too, and none of them is.
pub fn measure(_: &Bench) -> Result<Vec<Figure>> {
    let Ok(entries) = std::fs::read_dir(Path::new(SAMPLES)) else {
        eprintln!("no forms of Publik at {SAMPLES}: nothing is measured");
        return Ok(Vec::new());
    };
    let mut documents = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|kind| kind == "wcs") {
            let bytes = std::fs::read(&path).with_context(|| path.display().to_string())?;
            documents.push(read(&bytes).with_context(|| path.display().to_string())?);
        }
    }
    let blocks: Vec<BlockFile> = documents.iter().filter_map(as_block).cloned().collect();
    let workflows: Vec<&WorkflowFile> = documents.iter().filter_map(as_workflow).collect();
    let (mut fields, mut kept) = (0_u32, 0_u32);
    let mut conditions = workflows.iter().map(|workflow| workflow.conditions.len()).sum::<usize>();
    let mut translated = 0;
    for document in &documents {
        let Document::Form(form) = document else { continue };
        let workflow = workflows.iter().find(|workflow| workflow.goes_by(&form.workflow)).copied();
        let converted = convert(form, &blocks, workflow).with_context(|| form.slug.clone())?;
        fields += u32::try_from(converted.fields.found)?;
        kept += u32::try_from(converted.fields.kept)?;
        conditions += converted.conditions.found;
        translated += converted.conditions.kept;
    }
    let share = |part: u32, of: u32| if of == 0 { 0.0 } else { 100.0 * f64::from(part) / f64::from(of) };
    Ok(vec![
        Figure::new(
            "Publik forms: fields kept",
            share(kept, fields),
            "%",
            Target::AtLeast(95.0),
            &format!("the {fields} fields that ask something"),
        ),
        Figure::new(
            "Publik forms: conditions translated",
            share(u32::try_from(translated)?, u32::try_from(conditions)?),
            "%",
            Target::AtLeast(80.0),
            &format!("the {conditions} conditions, those of workflows included"),
        ),
    ])
}

const fn as_block(document: &Document) -> Option<&BlockFile> {
    match document {
        Document::Block(block) => Some(block),
        _ => None,
    }
}

const fn as_workflow(document: &Document) -> Option<&WorkflowFile> {
    match document {
        Document::Workflow(workflow) => Some(workflow),
        _ => None,
    }
}
