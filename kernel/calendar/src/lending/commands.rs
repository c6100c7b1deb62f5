//! What is done with loans. Each takes or gives back its claims in the transaction of whoever asks for it.

use beffroi_core::Id;
use beffroi_store::{Entry, Result, Tx};
use serde_json::json;

use super::{Loan, State, store, wishes};
use crate::{
    booking::{Extra, Owner},
    claims::{self, ClaimError},
    spans::Span,
};

/// Takes pieces without an end, before the request that they are for is written down: [`ask`] says for which it is, in the
/// same transaction.
///
/// # Errors
/// [`ClaimError`], with all that others have meanwhile; nothing is taken then.
pub fn take(tx: &mut Tx<'_>, span: Span, things: &[Extra]) -> Result<Id<Loan>, ClaimError> {
    let id = tx.new_id();
    claim(tx, id, span, things)?;
    Ok(id)
}

/// Says for which request pieces were taken: they wait for an answer.
pub fn ask(tx: &mut Tx<'_>, id: Id<Loan>, owner: Owner<'_>, span: Span, things: &[Extra]) -> Result<()> {
    store::insert(tx, id, owner, State::Asked, (span, things))?;
    note(tx, "lending.asked", id, span)
}

/// Keeps what a letter asks for although others have it: it is for an agent to see and to answer.
pub fn note_overtaken(tx: &mut Tx<'_>, owner: Owner<'_>, span: Span, things: &[Extra]) -> Result<Id<Loan>> {
    let id = tx.new_id();
    store::insert(tx, id, owner, State::Overtaken, (span, things))?;
    note(tx, "lending.asked", id, span)?;
    Ok(id)
}

/// Makes what a request borrows its own: it was granted. What silence had released, and what a letter asked for too late,
/// is taken where nobody has it by now.
///
/// # Errors
/// [`ClaimError::Taken`] where somebody has it since.
pub fn firm(tx: &mut Tx<'_>, owner: Owner<'_>) -> Result<(), ClaimError> {
    let Some(loan) = store::of_owner(tx, owner)? else { return Ok(()) };
    match loan.state {
        State::Firm | State::Returned => return Ok(()),
        State::Asked => {}
        State::Released | State::Overtaken => {
            if loan.span.end() > tx.now() {
                claim(tx, loan.id, loan.span, &loan.things)?;
            }
        }
    }
    store::set_state(tx, loan.id, State::Firm)?;
    note(tx, "lending.firm", loan.id, loan.span)?;
    Ok(())
}

/// Gives back what a request asked for or had: it was refused, withdrawn, taken back, or overtaken by silence.
pub fn release(tx: &mut Tx<'_>, owner: Owner<'_>) -> Result<()> {
    let Some(loan) = store::of_owner(tx, owner)? else { return Ok(()) };
    if matches!(loan.state, State::Released | State::Returned) {
        return Ok(());
    }
    claims::release(tx, loan.id)?;
    store::set_state(tx, loan.id, State::Released)?;
    note(tx, "lending.released", loan.id, loan.span)
}

/// Lends other pieces, or for other days; where others have them all is as it was. What a letter asked for too late is
/// taken now. `false` where nothing is to be changed any more.
///
/// # Errors
/// [`ClaimError`], with all that others have meanwhile.
pub fn change(tx: &mut Tx<'_>, loan: &Loan, span: Span, things: &[Extra]) -> Result<bool, ClaimError> {
    if matches!(loan.state, State::Released | State::Returned) {
        return Ok(false);
    }
    let wishes = wishes(span, things);
    if wishes.is_empty() {
        claims::release(tx, loan.id)?;
    } else if !claims::change(tx, loan.id, &wishes)? {
        claims::claim(tx, loan.id, &wishes, None)?;
    }
    store::set_things(tx, loan.id, (span, things))?;
    if loan.state == State::Overtaken {
        store::set_state(tx, loan.id, State::Asked)?;
    }
    note(tx, "lending.changed", loan.id, span)?;
    Ok(true)
}

/// All of it came back, or is needed no more: others may have it. `false` where nothing was taken.
pub fn give_back(tx: &mut Tx<'_>, loan: &Loan) -> Result<bool> {
    if !loan.state.takes() {
        return Ok(false);
    }
    claims::release(tx, loan.id)?;
    store::set_state(tx, loan.id, State::Returned)?;
    note(tx, "lending.returned", loan.id, loan.span)?;
    Ok(true)
}

/// Forgets for what something was lent, and gives it back.
pub fn forget(tx: &mut Tx<'_>, owner: Owner<'_>) -> Result<()> {
    let Some(loan) = store::of_owner(tx, owner)? else { return Ok(()) };
    claims::release(tx, loan.id)?;
    store::delete(tx, loan.id)
}

fn claim(tx: &mut Tx<'_>, id: Id<Loan>, span: Span, things: &[Extra]) -> Result<(), ClaimError> {
    let wishes = wishes(span, things);
    if wishes.is_empty() { Ok(()) } else { claims::claim(tx, id, &wishes, None) }
}

fn note(tx: &mut Tx<'_>, kind: &str, id: Id<Loan>, span: Span) -> Result<()> {
    tx.journal(&Entry {
        kind,
        subject_kind: "lending",
        subject_id: id.uuid(),
        payload: json!({ "from": span.start(), "until": span.end() }),
    })
    .map(drop)
}
