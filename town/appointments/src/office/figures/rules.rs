//! How many people came, did not come, or gave their appointment back, added up. Pure.

use std::collections::BTreeMap;

use crate::appointment::{Counted, State};

/// What became of appointments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Line {
    /// Agreed, whatever became of them.
    pub(super) taken: u32,
    /// People were received.
    pub(super) received: u32,
    /// Nobody came.
    pub(super) missed: u32,
    /// Given back before.
    pub(super) cancelled: u32,
}

impl Line {
    fn add(&mut self, state: State, count: u32) {
        if state.is_expected() || state == State::Cancelled {
            self.taken += count;
        }
        match state {
            State::Received => self.received += count,
            State::Missed => self.missed += count,
            State::Cancelled => self.cancelled += count,
            State::Held | State::Booked | State::Arrived => {}
        }
    }

    /// Of those who were received or expected in vain, how many did not come, in hundredths; nothing where there is none.
    pub(super) fn rate(self) -> Option<u32> {
        let all = u64::from(self.received) + u64::from(self.missed);
        if all == 0 {
            return None;
        }
        u32::try_from((u64::from(self.missed) * 100 + all / 2) / all).ok()
    }
}

/// What became of all of these together.
pub(super) fn together<'c>(counted: impl IntoIterator<Item = &'c Counted>) -> Line {
    let mut line = Line::default();
    for it in counted {
        line.add(it.state, it.count);
    }
    line
}

/// What became of these, by what the key tells of each; what was never agreed is in none.
pub(super) fn by<'c, K: Ord>(
    counted: impl IntoIterator<Item = &'c Counted>,
    key: impl Fn(&Counted) -> K,
) -> BTreeMap<K, Line> {
    let mut lines: BTreeMap<K, Line> = BTreeMap::new();
    for it in counted {
        lines.entry(key(it)).or_default().add(it.state, it.count);
    }
    lines.retain(|_, line| line.taken > 0);
    lines
}

#[cfg(test)]
mod tests {
    use beffroi_core::{Channel, Id};
    use uuid::Uuid;

    use super::*;

    fn counted(stretch: usize, channel: Channel, state: State, count: u32) -> Counted {
        let (motive, site) = (Id::from_uuid(Uuid::from_u128(1)), Id::from_uuid(Uuid::from_u128(2)));
        Counted { stretch, motive, site, channel, state, count }
    }

    #[test]
    fn the_share_of_those_who_did_not_come_is_rounded() {
        let of = |received, missed| Line { received, missed, ..Line::default() }.rate();
        assert_eq!(of(0, 0), None);
        assert_eq!(of(7, 1), Some(13));
        assert_eq!(of(0, 3), Some(100));
    }

    #[test]
    fn appointments_are_added_up_by_month_and_by_door() {
        let all = [
            counted(0, Channel::Online, State::Received, 4),
            counted(0, Channel::Phone, State::Missed, 1),
            counted(1, Channel::Online, State::Missed, 2),
            counted(1, Channel::Online, State::Cancelled, 1),
            counted(1, Channel::Online, State::Booked, 1),
            counted(2, Channel::Online, State::Held, 5),
        ];
        let months = by(&all, |it| it.stretch);
        assert_eq!(months.keys().copied().collect::<Vec<_>>(), [0, 1], "what is only held is no appointment");
        assert_eq!(months[&0], Line { taken: 5, received: 4, missed: 1, cancelled: 0 });
        assert_eq!(months[&1], Line { taken: 4, received: 0, missed: 2, cancelled: 1 });
        assert_eq!(months[&0].rate(), Some(20));
        let doors = by(&all, |it| it.channel.as_str());
        assert_eq!(doors["phone"].rate(), Some(100));
        assert_eq!(together(&all), Line { taken: 9, received: 4, missed: 3, cancelled: 1 });
    }
}
