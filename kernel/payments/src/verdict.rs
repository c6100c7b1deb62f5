//! For what money counts that came. Pure: the same for PayFiP and for the counter.

use beffroi_core::Cents;

use crate::{
    adapter::Money,
    order::{Order, OrderState},
    payment::PaymentTrouble,
};

/// Why money does not count for the order for which it was asked; `None` where it does. It is kept in any case.
pub fn trouble(order: &Order, asked: Cents, money: &Money) -> Option<PaymentTrouble> {
    if !money.matches {
        return Some(PaymentTrouble::Mismatch);
    }
    match order.state {
        OrderState::Cancelled => Some(PaymentTrouble::Late),
        OrderState::Paid | OrderState::PartlyRefunded | OrderState::Refunded => Some(PaymentTrouble::Second),
        OrderState::Due if money.cents != asked || money.cents > order.remaining() => {
            Some(PaymentTrouble::Amount)
        }
        OrderState::Due => None,
    }
}

#[cfg(test)]
mod tests {
    use beffroi_core::{Id, Instant};
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::{
        order::{About, state_of},
        payment::Means,
    };

    fn order(total: i64) -> Order {
        Order {
            id: Id::from_uuid(Uuid::nil()),
            number: "2026-000001".to_owned(),
            regie: Id::from_uuid(Uuid::nil()),
            payer: None,
            about: About { kind: "booking".to_owned(), id: Uuid::nil() },
            deliberation: String::new(),
            total: Cents(total),
            state: OrderState::Due,
            due_at: None,
            lapses: false,
            created_at: Instant::UNIX_EPOCH,
            paid_at: None,
            cancelled_at: None,
            cancelled_why: None,
            paid: Cents(0),
            refunded: Cents(0),
        }
    }

    fn money(cents: i64) -> Money {
        Money { cents: Cents(cents), means: Means::Card, authorisation: None, at: None, matches: true }
    }

    #[test]
    fn money_counts_where_it_is_what_was_asked_for_and_nowhere_else() {
        let due = order(5_000);
        assert_eq!(trouble(&due, Cents(5_000), &money(5_000)), None);
        assert_eq!(trouble(&due, Cents(5_000), &money(4_999)), Some(PaymentTrouble::Amount));
        assert_eq!(trouble(&due, Cents(5_000), &money(5_001)), Some(PaymentTrouble::Amount));
        let foreign = Money { matches: false, ..money(5_000) };
        assert_eq!(trouble(&due, Cents(5_000), &foreign), Some(PaymentTrouble::Mismatch));
        // The counter took twenty euros meanwhile.
        let partly = Order { paid: Cents(2_000), ..order(5_000) };
        assert_eq!(trouble(&partly, Cents(5_000), &money(5_000)), Some(PaymentTrouble::Amount));
        for (state, awaited) in [
            (OrderState::Paid, PaymentTrouble::Second),
            (OrderState::PartlyRefunded, PaymentTrouble::Second),
            (OrderState::Refunded, PaymentTrouble::Second),
            (OrderState::Cancelled, PaymentTrouble::Late),
        ] {
            let order = Order { state, paid: Cents(5_000), ..order(5_000) };
            assert_eq!(trouble(&order, Cents(5_000), &money(5_000)), Some(awaited));
        }
    }

    proptest! {
        /// However money comes, what counts for an order never exceeds what it comes to, and it is paid exactly where
        /// as much counts.
        #[test]
        fn what_counts_is_never_more_than_what_was_to_be_paid(
            total in 1_i64..100_000,
            comings in prop::collection::vec((1_i64..60_000, -2_i64..3, any::<bool>()), 0..12),
        ) {
            let mut order = order(total);
            for (asked, more, matches) in comings {
                let came = Money { matches, ..money(asked + more) };
                if trouble(&order, Cents(asked), &came).is_none() {
                    prop_assert!(matches && more == 0);
                    order.paid = order.paid + came.cents;
                    order.state = state_of(&order);
                }
                prop_assert!(order.paid <= order.total);
                prop_assert_eq!(order.state == OrderState::Paid, order.paid == order.total);
                prop_assert_eq!(order.remaining().0, total - order.paid.0);
            }
        }
    }
}
