//! Where an order stands for whoever pays it: what its page says first. Pure.

use beffroi_core::{Cents, Instant};
use beffroi_payments::{
    Order, OrderState, Payment, PaymentState,
    order::UNDER_WAY,
    payment::{AdapterKind, ClosedWhy},
};

/// What is said first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is to be paid.
    ToPay,
    /// It was not paid in time, and is about to be cancelled.
    Overdue,
    /// Somebody may be on the page of payment right now.
    UnderWay,
    /// PayFiP has not told yet what came of the last attempt.
    Asking,
    /// Nobody can tell what came of the last attempt: an agent looks.
    Lost,
    /// The bank refused.
    Refused,
    /// The payer gave it up.
    GivenUp,
    /// The page of payment could not be opened.
    NotOpened,
    /// Something that was paid is to be given back: nothing is to be paid meanwhile.
    ComingBack,
    /// It is paid.
    Paid,
    /// It was paid, and a part was given back.
    PartlyRefunded,
    /// It was paid, and all was given back.
    Refunded,
    /// Nobody is to pay it.
    Cancelled,
}

impl Standing {
    /// Of an order and all attempts to pay it, the oldest first. `coming_back`: what is asked to be given back of it.
    pub fn of(order: &Order, payments: &[Payment], coming_back: Cents, now: Instant) -> Self {
        if coming_back > Cents(0) {
            return Self::ComingBack;
        }
        match order.state {
            OrderState::Paid => return Self::Paid,
            OrderState::PartlyRefunded => return Self::PartlyRefunded,
            OrderState::Refunded => return Self::Refunded,
            OrderState::Cancelled => return Self::Cancelled,
            OrderState::Due if order.is_overdue(now) => return Self::Overdue,
            OrderState::Due => {}
        }
        let online = |it: &&Payment| it.adapter == AdapterKind::PayFip && it.order == order.id;
        let mut newest = payments.iter().rev().filter(online);
        if newest.clone().any(|it| it.state == PaymentState::Unknown && it.is_open_trouble()) {
            return Self::Lost;
        }
        let Some(last) = newest.next() else { return Self::ToPay };
        match last.state {
            PaymentState::Started if last.token.is_none() => Self::NotOpened,
            PaymentState::Started if now - last.started_at < UNDER_WAY => Self::UnderWay,
            PaymentState::Started => Self::Asking,
            PaymentState::Refused => Self::Refused,
            PaymentState::Cancelled if last.closed_why == Some(ClosedWhy::GivenUp) => Self::GivenUp,
            PaymentState::Cancelled if last.closed_why == Some(ClosedWhy::NotOpened) => Self::NotOpened,
            _ => Self::ToPay,
        }
    }

    /// The word of its texts.
    pub const fn word(self) -> &'static str {
        match self {
            Self::ToPay => "to-pay",
            Self::Overdue => "overdue",
            Self::UnderWay => "under-way",
            Self::Asking => "asking",
            Self::Lost => "lost",
            Self::Refused => "refused",
            Self::GivenUp => "given-up",
            Self::NotOpened => "not-opened",
            Self::ComingBack => "coming-back",
            Self::Paid => "paid",
            Self::PartlyRefunded => "partly-refunded",
            Self::Refunded => "refunded",
            Self::Cancelled => "cancelled",
        }
    }

    /// How it looks as a tag.
    pub const fn look(self) -> &'static str {
        match self {
            Self::ToPay | Self::GivenUp | Self::NotOpened => "new",
            Self::UnderWay | Self::Asking | Self::ComingBack => "waiting",
            Self::Overdue | Self::Lost => "late",
            Self::Refused => "refused",
            Self::Paid => "granted",
            Self::PartlyRefunded | Self::Refunded | Self::Cancelled => "closed",
        }
    }

    /// Whether it may be begun to pay now. Where nobody knows whether it is paid, nobody is asked to pay again.
    pub const fn is_payable(self) -> bool {
        matches!(
            self,
            Self::ToPay | Self::UnderWay | Self::Asking | Self::Refused | Self::GivenUp | Self::NotOpened
        )
    }
}

/// Money that came for an order, and that somebody of the régie has yet to settle: the payer is told that it is not lost.
pub fn waits_to_be_settled(payments: &[Payment]) -> Cents {
    payments
        .iter()
        .filter(|it| it.is_open_trouble() && it.state == PaymentState::Paid && it.counts_for.is_none())
        .filter_map(|it| it.told)
        .sum()
}
