//! What is free: openings without what is taken and what is set up and cleaned around it, and where something of a
//! length fits. Pure.

use beffroi_core::{Instant, calendar::civil_day};
use chrono::TimeDelta;
use chrono_tz::Tz;

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
        // Whoever comes after something that is taken sets up first; whoever comes before cleans.
        let kept_off: Spans = taken.as_slice().iter().map(|span| span.widened(self.after, self.before)).collect();
        open.minus(&kept_off)
    }
}

/// What is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// How long.
    pub length: TimeDelta,
    /// Beginning at which moments: every so many minutes of the day, as the clocks show them.
    pub every_minutes: u16,
    /// Where the clocks are.
    pub zone: Tz,
}

impl Wanted {
    /// Every time at which it may begin, in order.
    pub fn times<'s>(self, free: &'s Spans) -> impl Iterator<Item = Span> + 's {
        free.at_least(self.length).flat_map(move |gap| self.within(gap))
    }

    /// The times at which it may begin in a gap.
    fn within(self, gap: Span) -> impl Iterator<Item = Span> {
        let first = self.next_mark(gap.start());
        std::iter::successors(first, move |begun| self.next_mark(*begun + TimeDelta::seconds(1)))
            .map_while(move |begin| Span::new(begin, begin.checked_add_signed(self.length)?))
            .take_while(move |wish| wish.end() <= gap.end())
    }

    /// The first mark of the clocks that is not before an instant.
    fn next_mark(self, from: Instant) -> Option<Instant> {
        let every = self.every_minutes.max(1);
        let day = civil_day(from, self.zone);
        // Two changes of clocks are never within a day: today's marks and tomorrow's first one are enough.
        let marks = (0..Moment::END.minutes()).step_by(usize::from(every));
        let elapsed = (from - local::earliest(day.and_hms_opt(0, 0, 0)?, self.zone)).num_minutes();
        // An hour earlier than what has passed, for the clocks may have been put back.
        let likely = u16::try_from((elapsed - 61).max(0)).unwrap_or(0) / every * every;
        let today = marks.skip_while(|minute| *minute < likely).find_map(|minute| {
            let shown = day.and_hms_opt(u32::from(minute / 60), u32::from(minute % 60), 0)?;
            // A mark that is shown twice counts both times, one that is left out never.
            let turns = [local::earliest(shown, self.zone), local::latest(shown, self.zone)];
            turns.into_iter().find(|at| *at >= from && at.with_timezone(&self.zone).naive_local() == shown)
        });
        today.or_else(|| Some(local::earliest(day.succ_opt()?.and_hms_opt(0, 0, 0)?, self.zone)))
    }

    /// The free times that are nearest to one that is not: what is proposed to whoever comes too late.
    pub fn nearest(self, free: &Spans, wished: Instant, count: usize) -> Vec<Span> {
        let mut times: Vec<Span> = self.times(free).collect();
        times.sort_by_key(|time| ((time.start() - wished).abs(), time.start()));
        times.truncate(count);
        times.sort_unstable();
        times
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDateTime;
    use chrono_tz::Europe::Paris;

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

    const HALF_HOURS: Wanted = Wanted { length: TimeDelta::minutes(60), every_minutes: 30, zone: Paris };

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
    }
}
