//! What is free: openings without what is taken and what is set up and cleaned around it, and where something of a
//! length fits. Pure.

use std::{collections::BTreeSet, num::NonZeroU16, ops::Range};

use beffroi_core::{Day, Instant, calendar::civil_day};
use chrono::{LocalResult, NaiveTime, TimeDelta, TimeZone};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::{
    local::{self, Moment},
    spans::{Span, Spans},
};

/// What is needed around a booking, nobody else being there: setting up before, cleaning after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Buffers {
    /// Before.
    pub before: TimeDelta,
    /// After.
    pub after: TimeDelta,
}

impl Buffers {
    /// Nothing.
    pub const NONE: Self = Self { before: TimeDelta::zero(), after: TimeDelta::zero() };

    /// What a booking takes with all that it needs around it.
    pub fn around(self, booking: Span) -> Span {
        booking.widened(self.before, self.after)
    }

    /// Where a booking with these needs may lie: within the openings, and far enough from what is taken. What is set up
    /// and cleaned may lie outside of the openings.
    pub fn free(self, open: &Spans, taken: &Spans) -> Spans {
        if self == Self::NONE {
            return open.minus(taken);
        }
        // Whoever comes after something that is taken sets up first; whoever comes before cleans.
        let kept_off: Spans =
            taken.as_slice().iter().map(|span| span.widened(self.after, self.before)).collect();
        open.minus(&kept_off)
    }
}

/// At which moments of the day a booking may begin, as the clocks show them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Starts {
    /// Every so many minutes since midnight.
    Every(NonZeroU16),
    /// At these: the morning, the afternoon, the evening.
    At(BTreeSet<Moment>),
}

impl Starts {
    /// The minutes of a day in a range of them.
    pub(crate) fn minutes(&self, within: Range<u16>) -> Vec<u16> {
        match self {
            Self::Every(every) => {
                let first = within.start.next_multiple_of(every.get());
                (first..within.end).step_by(usize::from(every.get())).collect()
            }
            Self::At(moments) => {
                moments.iter().map(|it| it.minutes()).filter(|minute| within.contains(minute)).collect()
            }
        }
    }
}

/// What is looked for.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'s> {
    /// How long; at least a second.
    pub length: TimeDelta,
    /// Beginning when.
    pub starts: &'s Starts,
    /// Where the clocks are.
    pub zone: Tz,
}

/// Minutes by which clocks are put forward or back at once, at most (two hours, in Antarctica), and one more.
const CHANGE: i64 = 121;

impl<'s> Wanted<'s> {
    /// Every time at which it may begin, in order.
    pub fn times(self, free: &'s Spans) -> impl Iterator<Item = Span> + 's {
        free.at_least(self.length).flat_map(move |gap| self.within(gap))
    }

    /// Whether it may begin at an instant, as far as the clocks are concerned.
    pub fn may_begin(self, at: Instant) -> bool {
        let second = Span::new(at, at + TimeDelta::seconds(1));
        second.is_some_and(|second| self.marks(civil_day(at, self.zone), second).contains(&at))
    }

    /// The times at which it may begin in a gap.
    fn within(self, gap: Span) -> impl Iterator<Item = Span> {
        let (first, last) = (civil_day(gap.start(), self.zone), civil_day(gap.end(), self.zone));
        let begins =
            first.iter_days().take_while(move |day| *day <= last).flat_map(move |day| self.marks(day, gap));
        begins
            .map_while(move |begin| Span::new(begin, begin.checked_add_signed(self.length)?))
            .take_while(move |wish| wish.end() <= gap.end())
    }

    /// The instants of a gap that the clocks mark on a day, in order. A mark that they show twice counts both times, one
    /// that they leave out never.
    fn marks(self, day: Day, gap: Span) -> Vec<Instant> {
        let midnight = local::earliest(day.and_time(NaiveTime::MIN), self.zone);
        let minute = |at: Instant, slack: i64| {
            let since = (at - midnight).num_minutes() + slack;
            u16::try_from(since.clamp(0, i64::from(Moment::END.minutes()))).unwrap_or(0)
        };
        let minutes = self.starts.minutes(minute(gap.start(), -CHANGE)..minute(gap.end(), CHANGE));
        let mut marks: Vec<Instant> = minutes
            .into_iter()
            .filter_map(|minute| day.and_hms_opt(u32::from(minute / 60), u32::from(minute % 60), 0))
            .flat_map(|shown| match self.zone.from_local_datetime(&shown) {
                LocalResult::Single(at) => [Some(at.to_utc()), None],
                LocalResult::Ambiguous(first, second) => [Some(first.to_utc()), Some(second.to_utc())],
                LocalResult::None => [None, None],
            })
            .flatten()
            .filter(|at| gap.holds(*at))
            .collect();
        marks.sort_unstable();
        marks
    }

    /// The free times that are nearest to one that is not, in order: what is proposed to whoever comes too late.
    pub fn nearest(self, free: &Spans, wished: Instant, count: usize) -> Vec<Span> {
        let far = |time: &Span| ((time.start() - wished).abs(), time.start());
        let mut nearest: Vec<Span> = Vec::with_capacity(count + 1);
        for time in self.times(free) {
            let full = nearest.len() >= count;
            if full && nearest.last().is_none_or(|worst| far(&time) >= far(worst)) {
                // Those that come before what is wished for draw nearer; those after it only go away.
                if time.start() > wished {
                    break;
                }
                continue;
            }
            let rank = nearest.partition_point(|it| far(it) < far(&time));
            nearest.insert(rank, time);
            nearest.truncate(count);
        }
        nearest.sort_unstable();
        nearest
    }
}

#[cfg(test)]
mod tests {
    use chrono::{NaiveDateTime, Timelike};
    use chrono_tz::Europe::Paris;
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Instant {
        local::earliest(NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap(), Paris)
    }

    fn span(from: &str, until: &str) -> Span {
        Span::new(at(from), at(until)).unwrap()
    }

    fn shown(spans: impl IntoIterator<Item = Span>) -> Vec<String> {
        spans.into_iter().map(|it| it.start().with_timezone(&Paris).format("%H:%M%z").to_string()).collect()
    }

    const HALVES: Starts = Starts::Every(NonZeroU16::new(30).unwrap());
    const HALF_HOURS: Wanted<'static> =
        Wanted { length: TimeDelta::minutes(60), starts: &HALVES, zone: Paris };

    #[test]
    fn what_is_cleaned_and_set_up_keeps_bookings_apart() {
        let buffers = Buffers { before: TimeDelta::minutes(30), after: TimeDelta::minutes(60) };
        let open = Spans::from(span("2026-05-04 08:00", "2026-05-04 18:00"));
        // A meeting from ten to eleven, with what it takes around itself.
        let taken = Spans::from(buffers.around(span("2026-05-04 10:00", "2026-05-04 11:00")));
        let free = buffers.free(&open, &taken);
        assert_eq!(
            free.as_slice(),
            [span("2026-05-04 08:00", "2026-05-04 08:30"), span("2026-05-04 12:30", "2026-05-04 18:00")]
        );
        for gap in free.as_slice() {
            assert!(taken.and(&Spans::from(buffers.around(*gap))).is_empty());
        }
    }

    #[test]
    fn bookings_begin_at_marks_of_the_clocks() {
        let free = Spans::from(span("2026-05-04 09:10", "2026-05-04 11:30"));
        assert_eq!(shown(HALF_HOURS.times(&free)), ["09:30+0200", "10:00+0200", "10:30+0200"]);
        let short = Spans::from(span("2026-05-04 09:10", "2026-05-04 10:00"));
        assert_eq!(HALF_HOURS.times(&short).count(), 0);
        let midnight = Spans::from(span("2026-05-04 23:40", "2026-05-05 01:10"));
        assert_eq!(shown(HALF_HOURS.times(&midnight)), ["00:00+0200"]);
    }

    #[test]
    fn bookings_may_begin_at_a_few_moments_alone() {
        let starts =
            Starts::At(["09:00", "14:00", "19:00"].iter().filter_map(|it| Moment::parse(it)).collect());
        let wanted = Wanted { length: TimeDelta::hours(4), starts: &starts, zone: Paris };
        let free = Spans::from(span("2026-05-04 09:00", "2026-05-05 13:00"));
        assert_eq!(shown(wanted.times(&free)), ["09:00+0200", "14:00+0200", "19:00+0200", "09:00+0200"]);
        assert!(wanted.may_begin(at("2026-05-04 14:00")));
        assert!(!wanted.may_begin(at("2026-05-04 14:15")));
        assert!(!wanted.may_begin(at("2026-05-04 14:00") + TimeDelta::seconds(1)));
    }

    #[test]
    fn marks_are_right_in_the_nights_when_the_clocks_change() {
        let spring = Spans::from(span("2026-03-29 01:00", "2026-03-29 04:30"));
        assert_eq!(
            shown(HALF_HOURS.times(&spring)),
            ["01:00+0100", "01:30+0100", "03:00+0200", "03:30+0200"]
        );
        let autumn = Spans::from(span("2026-10-25 02:00", "2026-10-25 04:00"));
        assert_eq!(
            shown(HALF_HOURS.times(&autumn)),
            ["02:00+0200", "02:30+0200", "02:00+0100", "02:30+0100", "03:00+0100"]
        );
    }

    #[test]
    fn whoever_comes_too_late_is_offered_what_is_nearest() {
        let free: Spans = [
            span("2026-05-04 08:00", "2026-05-04 09:00"),
            span("2026-05-04 12:00", "2026-05-04 13:30"),
            span("2026-05-05 08:00", "2026-05-05 18:00"),
        ]
        .into_iter()
        .collect();
        let nearest = HALF_HOURS.nearest(&free, at("2026-05-04 10:00"), 2);
        assert_eq!(shown(nearest), ["08:00+0200", "12:00+0200"]);
        assert_eq!(HALF_HOURS.nearest(&free, at("2026-05-04 10:00"), 0), []);
    }

    fn gaps() -> impl Strategy<Value = Spans> {
        // Three days around each change of the clocks, by minutes.
        let day = prop::sample::select(vec!["2026-03-28 00:00", "2026-10-24 00:00", "2026-07-01 00:00"]);
        let one = (0..4_000_i64, 1..900_i64);
        (day, prop::collection::vec(one, 0..6)).prop_map(|(from, gaps)| {
            let minute = |after| at(from) + TimeDelta::minutes(after);
            gaps.into_iter()
                .filter_map(|(begin, length)| Span::new(minute(begin), minute(begin + length)))
                .collect()
        })
    }

    proptest! {
        #[test]
        fn every_time_that_fits_is_found_and_none_else(
            free in gaps(), length in 1..600_i64, every in 1..200_u16, wished in 0..4_000_i64, count in 0..8_usize
        ) {
            let starts = Starts::Every(NonZeroU16::new(every).unwrap());
            let wanted = Wanted { length: TimeDelta::minutes(length), starts: &starts, zone: Paris };
            let mut expected = Vec::new();
            for gap in free.as_slice() {
                let mut begin = gap.start();
                while begin < gap.end() {
                    let shown = begin.with_timezone(&Paris);
                    let time = Span::new(begin, begin + TimeDelta::minutes(length)).unwrap();
                    if (shown.hour() * 60 + shown.minute()).is_multiple_of(u32::from(every)) && gap.covers(time) {
                        expected.push(time);
                    }
                    begin += TimeDelta::minutes(1);
                }
            }
            prop_assert_eq!(wanted.times(&free).collect::<Vec<_>>(), expected.clone());
            prop_assert!(expected.iter().all(|time| wanted.may_begin(time.start())));
            let wished = at("2026-03-28 00:00") + TimeDelta::minutes(wished);
            let nearest = wanted.nearest(&free, wished, count);
            expected.sort_by_key(|time| ((time.start() - wished).abs(), time.start()));
            expected.truncate(count);
            expected.sort_unstable();
            prop_assert_eq!(nearest, expected);
        }
    }
}
