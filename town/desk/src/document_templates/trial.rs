//! A template tried out on an example: its PDF, or what is wrong with it, in a French frame around the compiler's words.

use std::sync::Arc;

use beffroi_core::{Day, calendar::civil_day};
use beffroi_forms::CompiledForm;
use beffroi_store::Tx;
use beffroi_typeset::{Complaint, Job, Meta, TypesetError};
use beffroi_web::{Page, Result, WebError};

use super::sheet;
use crate::{Parts, papers::Stationery, procedure::Shelf};

/// What an example is made of.
pub struct Example {
    stationery: Stationery,
    form: Option<Arc<CompiledForm>>,
    today: Day,
}

impl Example {
    /// With the questions of a procedure that is offered; without any where there is none of this name.
    pub fn load(tx: &mut Tx<'_>, shelf: &Shelf, procedure: &str) -> beffroi_store::Result<Self> {
        let form = if procedure.is_empty() { None } else { shelf.current(tx, procedure)? };
        let contact = form.as_ref().and_then(|form| form.procedure().contact.as_ref());
        let department = contact.map(|contact| contact.department.clone()).unwrap_or_default();
        let stationery = Stationery::load(tx, &department)?;
        let today = civil_day(tx.now(), stationery.town.zone());
        Ok(Self { stationery, form, today })
    }

    pub fn job(&self, source: &str, title: &str) -> std::result::Result<Job, TypesetError> {
        let sheet = sheet::example_of(&self.stationery, self.form.as_deref(), title, self.today);
        Job::written(source, &sheet, Meta { title: title.to_owned(), date: self.today })
    }
}

/// Tries a source out: its PDF, or what is wrong with it.
pub async fn run(
    desk: &Arc<Parts>,
    page: &Page,
    example: Example,
    (source, title): (&str, &str),
) -> Result<std::result::Result<Vec<u8>, String>> {
    let job = example.job(source, title).map_err(WebError::internal)?;
    let desk = Arc::clone(desk);
    let done = tokio::task::spawn_blocking(move || desk.pool.render(&job)).await;
    match done.map_err(WebError::internal)? {
        Ok(pdf) => Ok(Ok(pdf)),
        Err(error @ (TypesetError::Busy | TypesetError::Io(_) | TypesetError::Data(_))) => {
            Err(WebError::unavailable().log(error))
        }
        Err(error) => Ok(Err(refusal(page, &error))),
    }
}

/// What is wrong with a template, as whoever wrote it reads it.
pub fn refusal(page: &Page, error: &TypesetError) -> String {
    let key = match error {
        TypesetError::Deadline => "office-template-endless",
        TypesetError::Crashed => "office-template-hungry",
        TypesetError::TooLarge => "office-template-large",
        _ => {
            let told = Complaint::of(error).into_iter().map(|complaint| match complaint.line {
                Some(line) => page.tr(
                    "office-template-complaint",
                    &[("line", line.to_string().into()), ("words", complaint.words.into())],
                ),
                None => complaint.words,
            });
            let told: Vec<_> = told.collect();
            return page.tr("office-template-refused", &[("complaints", told.join(" ").into())]);
        }
    };
    page.t(key).to_owned()
}
