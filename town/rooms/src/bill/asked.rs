//! What somebody is asked to pay at the till: an order, made, brought down or given back.

use beffroi_core::{Cents, Id, Instant};
use beffroi_payments::{
    About, NewOrder, Order, OrderLine, OrderState, Payer, Regie,
    order::{self, CancelError, CancelReason, OrderError},
    refund::{self, RefundError, RefundState},
    regie,
};
use beffroi_people::{Account, Department};
use beffroi_store::{Result, Tx};

/// Characters of a line, at most.
const LABEL_AT_MOST: usize = 180;

/// Who collects for a department: its own régie, else one of the whole town. `None` where none is open.
pub(crate) fn collects_for(tx: &mut Tx<'_>, own: Option<Id<Department>>) -> Result<Option<Id<Regie>>> {
    let open: Vec<Regie> = regie::list(tx)?.into_iter().filter(|it| !it.closed).collect();
    let of = |department| open.iter().find(|it| it.department == department).map(|it| it.id);
    Ok(own.and_then(|own| of(Some(own))).or_else(|| of(None)))
}

/// What is asked for: of whom, for what and until when.
pub(crate) struct Bill {
    pub(crate) about: About,
    pub(crate) regie: Id<Regie>,
    pub(crate) payer: Payer,
    pub(crate) account: Option<Id<Account>>,
    pub(crate) deliberation: String,
    pub(crate) due_at: Instant,
}

impl Bill {
    /// Makes the order; `false` where it cannot be made: the pages tell agents that nothing is asked for.
    pub(crate) fn ask(self, tx: &mut Tx<'_>, mut lines: Vec<OrderLine>) -> Result<bool> {
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
    pub(crate) fn bring_to(
        self,
        tx: &mut Tx<'_>,
        open: &Order,
        lines: Vec<OrderLine>,
        why: &str,
    ) -> Result<()> {
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
