//! A time of the week that a request is given: where it is kept, and how its dates stand beside all others.

use std::collections::BTreeMap;

use beffroi_calendar::{
    booking::Booking,
    season::{Halls, Look, Season, Slot},
    spans::Span,
};
use beffroi_core::{Day, Id};
use beffroi_people::Town;
use beffroi_store::{Result, Row, ToValue, Tx, Value, marks};

use super::{request::Request, round::Round};

/// Times of a round, at most: more than forty rooms have hours in a week.
pub const ALLOTMENTS_AT_MOST: u32 = 4_000;
/// Rows of one statement.
const ROWS: usize = 80;
/// Columns of a row.
const COLUMNS_OF: usize = 10;

/// A time of the week that is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allotment {
    /// Which.
    pub id: Id<Self>,
    /// To which request.
    pub request: Id<Request>,
    /// For which of its wishes.
    pub wish: u32,
    /// In which turn; 0 where an agent gave it.
    pub turn: u32,
    /// Where it stands among all: whoever came before has the dates that both would have.
    pub rank: u32,
    /// Where and when.
    pub slot: Slot,
    /// From which day on; the first of the season where nothing is said.
    pub first: Option<Day>,
    /// Until which day; the last of the season where nothing is said.
    pub last: Option<Day>,
    /// What is booked for it, once that is published.
    pub booking: Option<Id<Booking>>,
}

impl Allotment {
    /// Such days of the week in its time.
    pub fn days(&self, season: &Season<'_>) -> Vec<Day> {
        season.days(self.slot.weekday, self.first, self.last)
    }
}

const COLUMNS: &str =
    "id, request, wish, turn, rank, slot, first_day, last_day, booking FROM rooms_allotment";

fn read(row: &mut Row) -> Result<Allotment> {
    Ok(Allotment {
        id: row.get(0)?,
        request: row.get(1)?,
        wish: row.get(2)?,
        turn: row.get(3)?,
        rank: row.get(4)?,
        slot: serde_json::from_value(row.get(5)?)?,
        first: row.get(6)?,
        last: row.get(7)?,
        booking: row.get(8)?,
    })
}

/// All that a round gives, in the order in which it was given.
pub fn of_round(tx: &mut Tx<'_>, round: Id<Round>) -> Result<Vec<Allotment>> {
    let sql = format!("SELECT {COLUMNS} WHERE round = $1 ORDER BY rank, id LIMIT $2");
    tx.query(&sql, &[&round, &ALLOTMENTS_AT_MOST], read)
}

/// What requests are given, in the order in which it was given.
pub fn of_requests(tx: &mut Tx<'_>, requests: &[Id<Request>]) -> Result<Vec<Allotment>> {
    if requests.is_empty() {
        return Ok(Vec::new());
    }
    let params: Vec<&dyn ToValue> = requests.iter().map(|id| id as &dyn ToValue).collect();
    let list = marks(1, params.len());
    let sql = format!(
        "SELECT {COLUMNS} WHERE request IN ({list}) ORDER BY request, rank, id LIMIT {ALLOTMENTS_AT_MOST}"
    );
    tx.query(&sql, &params, read)
}

/// Writes all that a round gives in the place of what it gave before.
pub(super) fn replace(tx: &mut Tx<'_>, round: Id<Round>, all: &[Allotment]) -> Result<()> {
    tx.execute("DELETE FROM rooms_allotment WHERE round = $1", &[&round])?;
    for part in all.chunks(ROWS) {
        let mut values: Vec<Value> = Vec::with_capacity(part.len() * COLUMNS_OF);
        for it in part {
            values.extend([
                it.id.to_value(),
                round.to_value(),
                it.request.to_value(),
                it.wish.to_value(),
                it.turn.to_value(),
                it.rank.to_value(),
                serde_json::to_value(it.slot)?.to_value(),
                it.first.to_value(),
                it.last.to_value(),
                it.booking.to_value(),
            ]);
        }
        let row = |rank: usize| format!("({})", marks(rank * COLUMNS_OF + 1, COLUMNS_OF));
        let rows: Vec<String> = (0..part.len()).map(row).collect();
        let sql = format!(
            "INSERT INTO rooms_allotment (id, round, request, wish, turn, rank, slot, first_day, last_day, booking) \
             VALUES {}",
            rows.join(", ")
        );
        let params: Vec<&dyn ToValue> = values.iter().map(|value| value as &dyn ToValue).collect();
        tx.execute(&sql, &params)?;
    }
    Ok(())
}

/// What a round gives, with how the dates of each stand beside all others.
pub struct Laid {
    /// The rooms, with all that is given.
    pub halls: Halls,
    /// How the dates of each stand, in the order of what is given.
    pub looks: Vec<Look>,
}

impl Laid {
    /// Lays out what is given, one after another; whose is told by its rank among the requests.
    pub fn out(
        tx: &mut Tx<'_>,
        (town, round): (&Town, &Round),
        requests: &[Request],
        allotments: &[Allotment],
    ) -> Result<Self> {
        let ranks: BTreeMap<Id<Request>, usize> =
            requests.iter().enumerate().map(|(rank, request)| (request.id, rank)).collect();
        round.season(town, |season| {
            let mut halls = Halls::load(tx, &round.sheet.rooms, season)?;
            let mut looks = Vec::with_capacity(allotments.len());
            for it in allotments {
                let look = halls.look(&it.slot, &it.days(season), &season.year);
                let whose = ranks.get(&it.request).copied().unwrap_or(usize::MAX);
                halls.give(it.slot.room, &look.free, whose);
                looks.push(look);
            }
            Ok(Self { halls, looks })
        })
    }
}

/// The dates that are left out, each with the word of why.
pub fn left_out(look: &Look) -> Vec<(Span, &'static str)> {
    let all = [(&look.closed, "closed"), (&look.booked, "taken"), (&look.given, "taken")];
    let mut left: Vec<(Span, &'static str)> =
        all.into_iter().flat_map(|(dates, why)| dates.iter().map(move |date| (*date, why))).collect();
    left.sort_unstable();
    left
}
