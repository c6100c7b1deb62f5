//! Where inventories are kept.

use beffroi_calendar::resource::Resource;
use beffroi_core::{Id, money::Cents};
use beffroi_people::Permit;
use beffroi_store::{Entry, Result, ToValue, Tx, Value, marks};
use serde_json::json;

use super::THINGS_AT_MOST;
use crate::ManageRooms;

/// Something that is found in a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thing {
    /// Where in the room: the kitchen, the stage.
    pub place: String,
    /// What it is called.
    pub name: String,
    /// How many there should be.
    pub expected: u32,
    /// What one of them is worth; `None` where nobody said so.
    pub value: Option<Cents>,
}

/// What is found in a room, in order.
pub fn of_room(tx: &mut Tx<'_>, room: Id<Resource>) -> Result<Vec<Thing>> {
    tx.query(
        "SELECT place, name, expected, unit_value FROM rooms_inventory WHERE resource = $1 ORDER BY rank LIMIT 200",
        &[&room],
        |row| Ok(Thing { place: row.get(0)?, name: row.get(1)?, expected: row.get(2)?, value: row.get(3)? }),
    )
}

/// Keeps what is found in a room, in this order, in the place of what was known; the first hundred things.
pub fn keep(tx: &mut Tx<'_>, _: &Permit<ManageRooms>, room: Id<Resource>, things: &[Thing]) -> Result<()> {
    tx.execute("DELETE FROM rooms_inventory WHERE resource = $1", &[&room])?;
    let mut values: Vec<Value> = Vec::new();
    let mut rows: Vec<String> = Vec::new();
    for (rank, thing) in (1_i64..).zip(things.iter().take(THINGS_AT_MOST)) {
        rows.push(format!("({})", marks(values.len() + 1, 7)));
        let id: Id<Thing> = tx.new_id();
        values.push(id.to_value());
        values.push(room.to_value());
        values.push(rank.to_value());
        values.push(thing.place.to_value());
        values.push(thing.name.to_value());
        values.push(thing.expected.to_value());
        values.push(thing.value.to_value());
    }
    if !rows.is_empty() {
        let sql = format!(
            "INSERT INTO rooms_inventory (id, resource, rank, place, name, expected, unit_value) VALUES {}",
            rows.join(", ")
        );
        let params: Vec<&dyn ToValue> = values.iter().map(|value| value as &dyn ToValue).collect();
        tx.execute(&sql, &params)?;
    }
    tx.journal(&Entry {
        kind: "room.inventory_kept",
        subject_kind: "resource",
        subject_id: room.uuid(),
        payload: json!({ "things": rows.len() }),
    })
    .map(drop)
}
