//! What whoever has a room is told of its money: when it is given back, and when what was paid for it is paid back.

use beffroi_calendar::{booking::Canceller, clock};
use beffroi_core::{Cents, Lang};
use beffroi_payments::{
    Order, OrderState,
    refund::{Refund, RefundHow},
};
use beffroi_store::{Result, Tx};

use super::{coming_back, current, due_on, owed};
use crate::{
    deposit::{self, State as DepositState},
    premises::{Granted, tell, words},
};

/// What a message says of the money.
struct Money {
    /// What is to be paid still.
    rest: Cents,
    /// What the town keeps of what was paid.
    kept: Cents,
    /// What is paid back.
    back: Cents,
}

impl Money {
    fn of(tx: &mut Tx<'_>, found: &Granted) -> Result<Self> {
        let Some(order) = current(tx, found)? else {
            return Ok(Self { rest: Cents(0), kept: Cents(0), back: Cents(0) });
        };
        let back = coming_back(tx, &order)?;
        let kept = Cents(order.paid.0 - order.refunded.0 - back.0);
        let rest = match order.state {
            OrderState::Due => Cents((owed(found).0 - kept.0).max(0)),
            _ => Cents(0),
        };
        Ok(Self { rest, kept, back })
    }

    fn is_nothing(&self) -> bool {
        [self.rest, self.kept, self.back].iter().all(|cents| *cents <= Cents(0))
    }

    /// In words, a paragraph each.
    fn told(&self, lang: Lang) -> Result<Vec<String>> {
        let mut told = Vec::new();
        for (key, cents) in
            [("rooms-told-rest", self.rest), ("rooms-told-kept", self.kept), ("rooms-told-back", self.back)]
        {
            if cents > Cents(0) {
                told.push(words(lang, key, &[("amount", cents.read_in(lang).into())])?);
            }
        }
        Ok(told)
    }
}

/// What is to be paid for a room that was granted.
pub(crate) struct ToPay(Order);

/// What is to be paid for a room; `None` where nothing is, or not yet: an order of which money is given back gives way
/// first.
pub(crate) fn to_pay(tx: &mut Tx<'_>, found: &Granted) -> Result<Option<ToPay>> {
    let Some(order) = current(tx, found)?.filter(|it| it.state == OrderState::Due) else { return Ok(None) };
    Ok((coming_back(tx, &order)? == Cents(0)).then_some(ToPay(order)))
}

impl ToPay {
    /// How much, until when and where, in words. The page of the order is reached from that of the request: its address opens
    /// it to whoever has it, and stands in no message.
    pub(crate) fn told(&self, lang: Lang, found: &Granted) -> Result<String> {
        let variables = [
            ("amount", self.0.remaining().read_in(lang).into()),
            ("day", due_on(&self.0, found, lang).into()),
        ];
        words(lang, "rooms-told-pay", &variables)
    }
}

/// What is to be paid for a room that is granted again.
pub(super) fn asked_again(tx: &mut Tx<'_>, found: &Granted) -> Result<()> {
    let Some(due) = to_pay(tx, found)? else { return Ok(()) };
    tell(tx, found, None, &[], |lang| due.told(lang, found))
}

/// That a booking is given back, what is kept of its price and what is paid back. Where the town took it back, or the decision
/// that granted it, it has written why already: what is said here is what that means for the money.
pub(super) fn cancelled(tx: &mut Tx<'_>, found: &Granted) -> Result<()> {
    let money = Money::of(tx, found)?;
    let deposit = deposit::find(tx, found.booking.id)?;
    let held = deposit.is_some_and(|it| matches!(it.state, DepositState::Held | DepositState::Withheld));
    let by_town = found.booking.cancelled.as_ref().is_none_or(|it| it.by == Canceller::Town);
    if by_town && money.is_nothing() && !held {
        return Ok(());
    }
    tell(tx, found, None, &[], |lang| {
        let variables = [
            ("name", found.booking.resource.details.name.read_in(lang).to_owned().into()),
            ("when", clock::when_all(found.booking.dates(), found.zone(), lang).into()),
        ];
        let key = if by_town { "rooms-told-cancelled-by-town" } else { "rooms-told-cancelled" };
        let mut told = vec![words(lang, key, &variables)?];
        told.extend(money.told(lang)?);
        if held {
            told.push(words(lang, "rooms-told-deposit-back", &[])?);
        }
        Ok(told.join("\n\n"))
    })
}

/// What it means for the price that some dates of a booking are given back; nothing where it means nothing.
pub(super) fn returned(tx: &mut Tx<'_>, found: &Granted) -> Result<()> {
    let money = Money::of(tx, found)?;
    // What is kept of the whole price is no news.
    let news = Money { kept: Cents(0), ..money };
    if news.is_nothing() {
        return Ok(());
    }
    tell(tx, found, None, &[], |lang| {
        let name = found.booking.resource.details.name.read_in(lang).to_owned();
        let mut told = vec![words(lang, "rooms-told-returned", &[("name", name.into())])?];
        told.extend(news.told(lang)?);
        Ok(told.join("\n\n"))
    })
}

/// That what was paid for a room is paid back, wholly or in part, and how.
pub(super) fn refunded(tx: &mut Tx<'_>, found: &Granted, refund: &Refund) -> Result<()> {
    let how = refund.how.map_or("transfer", RefundHow::as_str);
    tell(tx, found, None, &[], |lang| {
        let variables = [
            ("amount", refund.cents.read_in(lang).into()),
            ("name", found.booking.resource.details.name.read_in(lang).to_owned().into()),
            ("when", clock::when_all(found.booking.dates(), found.zone(), lang).into()),
        ];
        words(lang, &format!("rooms-told-refunded-{how}"), &variables)
    })
}
