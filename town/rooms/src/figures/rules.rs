//! How much of their open hours rooms were taken, month by month, and by what. Pure.

use std::collections::BTreeMap;

use beffroi_calendar::{
    booking::{Counted, State},
    resource::Resource,
    spans::{Span, Spans},
};
use beffroi_core::{Id, money::Cents};
use chrono::TimeDelta;

use crate::season;

/// By what a room is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// A request was granted.
    Request,
    /// A request of the town's own was granted: of a department, or an elected official.
    Own,
    /// An association has it for a season.
    Season,
    /// The town keeps it.
    Block,
}

impl What {
    /// Every one, in the order of the columns.
    pub const ALL: [Self; 4] = [Self::Request, Self::Own, Self::Season, Self::Block];

    fn of(counted: &Counted) -> Self {
        match (counted.state, counted.owner.as_deref()) {
            (State::Blocked, _) => Self::Block,
            (_, Some(season::SUBJECT)) => Self::Season,
            _ if counted.own.is_some() => Self::Own,
            _ => Self::Request,
        }
    }
}

/// The figures of a room in a month, or of some together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// How long it was open.
    pub open: TimeDelta,
    /// How long of that it was taken, by whatever, with the places that share it.
    pub taken: TimeDelta,
    /// How long it was had for requests, open or not.
    pub requests: TimeDelta,
    /// How long for requests of the town's own departments and elected officials, who pay nothing.
    pub own: TimeDelta,
    /// How long for a season.
    pub season: TimeDelta,
    /// How long the town kept it.
    pub blocks: TimeDelta,
    /// What was given back after it was granted.
    pub cancelled: u32,
    /// How often an association had it for nothing.
    pub free: u32,
    /// What that was worth.
    pub value: Cents,
    /// How often the town itself had it for nothing.
    pub own_uses: u32,
    /// What that was worth.
    pub own_value: Cents,
}

impl Line {
    /// How much of its open hours it was taken, in hundredths; nothing where it was never open.
    pub fn rate(&self) -> Option<u32> {
        let (open, taken) = (self.open.num_minutes(), self.taken.num_minutes());
        (open > 0).then(|| u32::try_from(taken.saturating_mul(100) / open).unwrap_or(100))
    }

    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            open: self.open + other.open,
            taken: self.taken + other.taken,
            requests: self.requests + other.requests,
            own: self.own + other.own,
            season: self.season + other.season,
            blocks: self.blocks + other.blocks,
            cancelled: self.cancelled.saturating_add(other.cancelled),
            free: self.free.saturating_add(other.free),
            value: self.value + other.value,
            own_uses: self.own_uses.saturating_add(other.own_uses),
            own_value: self.own_value + other.own_value,
        }
    }
}

/// What several rooms come to together, each told with whether it is a part of another of them. A hall's hours are those of
/// its parts already, so these add none; what is counted by the head belongs to each alone.
pub fn together<'l>(lines: impl IntoIterator<Item = (bool, &'l Line)>) -> Line {
    let of_all = |whole: Line, (is_part, line): (bool, &Line)| {
        if is_part {
            let (cancelled, free, value) = (line.cancelled, line.free, line.value);
            let (own_uses, own_value) = (line.own_uses, line.own_value);
            whole.and(Line { cancelled, free, value, own_uses, own_value, ..Line::default() })
        } else {
            whole.and(*line)
        }
    };
    lines.into_iter().fold(Line::default(), of_all)
}

/// The figures of a room, one for each month. `open`: when it is open; `share`: the places that it is taken with.
pub fn of_room(
    room: Id<Resource>,
    open: &Spans,
    counted: &BTreeMap<Id<Resource>, Vec<&Counted>>,
    share: impl Fn(Id<Resource>) -> bool,
    months: &[Span],
) -> Vec<Line> {
    let here = || counted.iter().filter(|(place, _)| share(**place)).flat_map(|(_, all)| all.iter().copied());
    let of = |what: What| -> Spans {
        let own = here().filter(|it| it.state != State::Cancelled && What::of(it) == what);
        own.flat_map(|it| it.dates.iter().copied()).collect()
    };
    let [requests, own_requests, season, blocks] = What::ALL.map(of);
    let taken = requests.or(&own_requests).or(&season).or(&blocks).and(open);
    // What is counted by the head belongs to the room alone, and to the month in which it begins.
    let own = counted.get(&room).map(Vec::as_slice).unwrap_or_default();
    let begins = |it: &&Counted, month: Span| it.dates.first().is_some_and(|date| month.holds(date.start()));
    let line = |month: &Span| {
        let within = |spans: &Spans| spans.and(&(*month).into()).length();
        let here = own.iter().copied().filter(|it| begins(it, *month));
        let (back, had): (Vec<&Counted>, Vec<&Counted>) = here.partition(|it| it.state == State::Cancelled);
        let free: Vec<Cents> = had.iter().filter_map(|it| it.free).collect();
        let of_town: Vec<Cents> = had.iter().filter_map(|it| it.own).collect();
        let count = |many: usize| u32::try_from(many).unwrap_or(u32::MAX);
        Line {
            open: within(open),
            taken: within(&taken),
            requests: within(&requests),
            own: within(&own_requests),
            season: within(&season),
            blocks: within(&blocks),
            cancelled: count(back.len()),
            free: count(free.len()),
            value: free.into_iter().sum(),
            own_uses: count(of_town.len()),
            own_value: of_town.into_iter().sum(),
        }
    };
    months.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use uuid::Uuid;

    use super::*;

    fn hours(from: i64, until: i64) -> Span {
        let at = |hour: i64| DateTime::from_timestamp(hour * 3_600, 0).unwrap();
        Span::new(at(from), at(until)).unwrap()
    }

    fn place(number: u128) -> Id<Resource> {
        Id::from_uuid(Uuid::from_u128(number))
    }

    fn counted(of: u128, state: State, owner: Option<&str>, dates: &[Span]) -> Counted {
        let owner = owner.map(str::to_owned);
        Counted { resource: place(of), state, owner, dates: dates.to_vec(), free: None, own: None }
    }

    fn lines(all: &[Counted], open: &[Span]) -> Vec<Line> {
        let mut by: BTreeMap<Id<Resource>, Vec<&Counted>> = BTreeMap::new();
        for it in all {
            by.entry(it.resource).or_default().push(it);
        }
        let open: Spans = open.iter().copied().collect();
        of_room(place(1), &open, &by, |other| other != place(9), &[hours(0, 100), hours(100, 200)])
    }

    #[test]
    fn hours_are_told_apart_by_what_they_are_for() {
        let all = [
            counted(1, State::Firm, Some("case"), &[hours(10, 14)]),
            counted(1, State::Firm, Some(season::SUBJECT), &[hours(20, 22), hours(120, 122)]),
            // The hall that it lies in.
            counted(2, State::Blocked, None, &[hours(13, 16)]),
            // Elsewhere, and given back.
            counted(9, State::Firm, None, &[hours(30, 40)]),
            counted(1, State::Cancelled, Some("case"), &[hours(50, 60)]),
        ];
        let lines = lines(&all, &[hours(8, 28), hours(108, 128)]);
        let first = lines.first().unwrap();
        let hours_of = |delta: TimeDelta| delta.num_hours();
        assert_eq!((hours_of(first.open), hours_of(first.taken)), (20, 8), "what overlaps counts once");
        assert_eq!((hours_of(first.requests), hours_of(first.season), hours_of(first.blocks)), (4, 2, 3));
        assert_eq!((first.rate(), first.cancelled), (Some(40), 1));
        assert_eq!((hours_of(lines[1].season), lines[1].cancelled), (2, 0));
        assert_eq!(first.and(lines[1]).rate(), Some(25));
    }

    #[test]
    fn the_hours_of_a_hall_and_its_part_are_counted_once() {
        let booked = [counted(1, State::Firm, Some("case"), &[hours(10, 14)])];
        let (hall, part) = (lines(&booked, &[hours(0, 100)]), lines(&booked, &[hours(0, 100)]));
        let whole = together([(false, &hall[0]), (true, &Line { cancelled: 2, ..part[0] })]);
        let hours_of = |delta: TimeDelta| delta.num_hours();
        assert_eq!((hours_of(whole.open), hours_of(whole.taken), whole.rate()), (100, 4, Some(4)));
        assert_eq!(whole.cancelled, 2, "what was given back of a part was no date of the hall");
    }

    #[test]
    fn a_room_that_is_never_open_has_no_rate() {
        let kept = [counted(1, State::Blocked, None, &[hours(10, 14)])];
        let lines = lines(&kept, &[]);
        assert_eq!((lines[0].rate(), lines[0].blocks.num_hours()), (None, 4));
        assert_eq!(lines[1], Line::default());
    }

    #[test]
    fn what_was_had_for_nothing_is_counted_with_its_worth() {
        let mut one = counted(1, State::Firm, Some("case"), &[hours(10, 14)]);
        one.free = Some(Cents(12_050));
        let lines = lines(&[one], &[hours(0, 100)]);
        assert_eq!((lines[0].free, lines[0].value), (1, Cents(12_050)));
    }

    #[test]
    fn what_the_town_has_itself_is_counted_apart() {
        let mut own = counted(1, State::Firm, Some("case"), &[hours(10, 14)]);
        own.own = Some(Cents(10_000));
        let other = counted(1, State::Firm, Some("case"), &[hours(20, 22)]);
        let lines = lines(&[own, other], &[hours(0, 100)]);
        let line = lines.first().unwrap();
        assert_eq!((line.own.num_hours(), line.requests.num_hours(), line.taken.num_hours()), (4, 2, 6));
        assert_eq!((line.own_uses, line.own_value, line.free), (1, Cents(10_000), 0));
    }
}
