//! What a service asks somebody to pay: an order, made, brought down or given back, with who collects it.

use beffroi_core::{Cents, Id, Instant};
use beffroi_people::{Account, Department};
use beffroi_store::{Result, Tx};

use crate::{
    About, NewOrder, Order, OrderLine, OrderState, Payer, Regie,
    order::{self, CancelError, CancelReason, OrderError},
    refund::{self, RefundError, RefundState},
    regie,
};

/// Characters of a line, at most.
const LABEL_AT_MOST: usize = 180;

/// Who collects for a department: its own régie, else one of the whole town. `None` where none is open.
///
/// # Errors
/// Those of the store.
pub fn collects_for(tx: &mut Tx<'_>, own: Option<Id<Department>>) -> Result<Option<Id<Regie>>> {
    let open: Vec<Regie> = regie::list(tx)?.into_iter().filter(|it| !it.closed).collect();
    let of = |department| open.iter().find(|it| it.department == department).map(|it| it.id);
    Ok(own.and_then(|own| of(Some(own))).or_else(|| of(None)))
}

/// What is asked for: of whom, for what and until when.
#[derive(Clone, Debug)]
pub struct Bill {
    /// The thing that is paid.
    pub about: About,
    /// Who collects.
    pub regie: Id<Regie>,
    /// Who pays.
    pub payer: Payer,
    /// Their account, where the order is found too.
    pub account: Option<Id<Account>>,
    /// The deliberation that fixes the tariff, as it is cited.
    pub deliberation: String,
    /// Until when it is to be paid.
    pub due_at: Instant,
}

impl Bill {
    /// Makes the order; `false` where it cannot be made: the pages tell agents that nothing is asked for.
    ///
    /// # Errors
    /// Those of the store.
    pub fn ask(self, tx: &mut Tx<'_>, mut lines: Vec<OrderLine>) -> Result<bool> {
        for line in &mut lines {
            line.label = line.label.chars().take(LABEL_AT_MOST).collect();
        }
        let new = NewOrder {
            regie: self.regie,
            payer: self.payer,
            account: self.account,
            about: self.about,
            lines,
            deliberation: self.deliberation,
            due_at: Some(self.due_at),
            lapses: false,
        };
        match order::create(tx, &new) {
            Ok(_) => Ok(true),
            Err(OrderError::Store(error)) => Err(error),
            Err(_) => Ok(false),
        }
    }

    /// Brings what is asked for down to these lines: an order that nobody has paid gives way to another, what was paid
    /// beyond it is given back. What was paid in part is given back whole: once that is done, and this is asked for again,
    /// the order gives way.
    ///
    /// # Errors
    /// Those of the store.
    pub fn bring_to(self, tx: &mut Tx<'_>, open: &Order, lines: Vec<OrderLine>, why: &str) -> Result<()> {
        let owed: Cents = lines.iter().map(|line| line.cents).sum();
        if open.paid == Cents(0) {
            if open.total == owed {
                return Ok(());
            }
            match order::cancel(tx, open.id, CancelReason::GivenUp) {
                Ok(()) => {}
                Err(CancelError::Store(error)) => return Err(error),
                Err(CancelError::NotThere | CancelError::Paid) => return Ok(()),
            }
            if owed > Cents(0) {
                self.ask(tx, lines)?;
            }
            return Ok(());
        }
        // What is asked for already is not asked for twice.
        let back = refund::of_order(tx, open.id)?;
        let back = back.iter().filter(|it| it.order == Some(open.id) && it.state != RefundState::Withdrawn);
        let left = open.paid.0 - back.map(|it| it.cents.0).sum::<i64>();
        let gives_way = open.state == OrderState::Due && open.total != owed;
        let beyond = Cents(if gives_way { left } else { left - owed.0 });
        if beyond > Cents(0)
            && let Err(RefundError::Store(error)) = refund::claim(tx, open.id, beyond, why)
        {
            return Err(error);
        }
        Ok(())
    }
}
