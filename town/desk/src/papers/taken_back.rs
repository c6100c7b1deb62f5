//! Telling that a decision was taken back: the act on paper, and word of it by the ways by which decisions are told.

use std::sync::Arc;

use beffroi_cases::{case::Case, reversal};
use beffroi_core::Id;
use beffroi_notify::messages::{self, Message};
use beffroi_store::{
    By, Commune, StoreError, Tx,
    background::JobHandler,
    jobs::{Job, JobError},
};

use super::{
    Told, act_job, act_paper,
    jobs::{CaseOrder, Dossier, gone, lay_out, read, settle, unpaper},
    notice::{self, Tells},
    purpose,
};
use crate::Parts;

/// The job that tells that a decision was taken back.
pub const TELL_REVERSAL: &str = "desk.tell_reversal";

/// Tells that a decision was taken back, as [`super::TellHandler`] tells a decision.
pub struct ReversalHandler(pub Arc<Parts>);

impl JobHandler for ReversalHandler {
    fn kind(&self) -> &'static str {
        TELL_REVERSAL
    }

    fn run(&self, commune: &Arc<Commune>, job: &Job) -> Result<(), JobError> {
        let order: CaseOrder = read(job)?;
        let parts = &self.0;
        let found = commune.read_blocking(By::SYSTEM, |tx| {
            let last = reversal::of_case(tx, order.case)?.pop().ok_or_else(|| gone("the act"))?;
            let dossier = Dossier::load(tx, parts, order.case)?;
            let told = dossier.has(tx, purpose::REVERSAL)?;
            Ok::<_, JobError>((!told).then_some((dossier, last)))
        })?;
        let Some((dossier, last)) = found else { return Ok(()) };
        let Dossier { case, form, reach, stationery, .. } = &dossier;
        let laid_out = act_job(&act_paper(stationery, form, case, reach, &last), &last, &case.reference);
        let name = format!("retrait-{}.pdf", case.reference);
        let paper = lay_out(parts, commune, job, &name, laid_out, form.procedure().sealed);
        let message = reversal_message(parts, commune, &dossier);
        settle(commune, dossier, (Tells::Reversal, purpose::REVERSAL), (message, false), paper)
    }

    fn given_up(&self, tx: &mut Tx<'_>, job: &Job) -> Result<(), StoreError> {
        unpaper(tx, job, purpose::REVERSAL)
    }
}

/// The mail that tells that a decision was taken back.
fn reversal_message(parts: &Parts, commune: &Commune, dossier: &Dossier) -> Message {
    let Dossier { case, form, reach, stationery, .. } = dossier;
    let title = form.procedure().title.text(reach.lang);
    let origin = (parts.origin)(commune.slug());
    let told = Told { stationery, title, reference: &case.reference, origin: &origin };
    told.write(|sender, about| messages::decision_reversed(sender, reach.lang, about))
}

/// Tells of the act once its letter has left, signed: by mail or text message, to who has these too.
pub(super) fn tell_signed(parts: &Parts, commune: &Arc<Commune>, case: Id<Case>) -> Result<(), JobError> {
    let found = commune.read_blocking(By::SYSTEM, |tx| {
        let last = reversal::of_case(tx, case)?.pop().ok_or_else(|| gone("the act"))?;
        let told = notice::count(tx, case, Tells::Reversal)?;
        let dossier = Dossier::load(tx, parts, case)?;
        Ok::<_, JobError>(last.sent_at.is_some().then_some((dossier, told)))
    })?;
    let Some((dossier, told)) = found else { return Ok(()) };
    let message = reversal_message(parts, commune, &dossier);
    commune.write_blocking(By::SYSTEM, move |tx| {
        dossier.text_once(tx, purpose::REVERSAL)?;
        if told < 2
            && let Some(mailed) = dossier.mail(tx, &message, false)?
        {
            notice::record(tx, dossier.case.id, mailed, Tells::Reversal)?;
        }
        Ok(())
    })
}
