//! A page that follows its case: its reader is told when something happens to it, and asks again.

use beffroi_web::Result;

use super::holder::{Holder, opened};
use crate::visit::Visit;

/// The stream of the case that its holder opens.
pub(super) async fn changes(Visit { app, commune, visitor, .. }: Visit, holder: Holder) -> Result {
    let case = commune.read(visitor.by, move |tx| opened(tx, &holder)).await?;
    beffroi_web::live::events_of(&app, &commune, &visitor, ("case", case.id.uuid())).await
}
