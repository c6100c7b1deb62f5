//! Lists of values in statements, in few sizes only, so that the engines keep the statements prepared.

use beffroi_store::{Result, Row, ToValue, Tx, Value, marks};

/// The sizes of lists.
const SIZES: [usize; 4] = [1, 8, 32, 128];

/// Asks with a list of values, as many statements as it takes: `{}` in the statement is where the list stands, after
/// the `before` values.
pub(crate) fn query_in<T>(
    tx: &mut Tx<'_>,
    sql: &str,
    before: &[Value],
    list: &[Value],
    mut map: impl FnMut(&mut Row) -> Result<T>,
) -> Result<Vec<T>> {
    let mut out = Vec::new();
    for part in list.chunks(128) {
        let padded = padded(part);
        let sql = sql.replace("{}", &marks(before.len() + 1, padded.len()));
        let params: Vec<&dyn ToValue> =
            before.iter().chain(&padded).map(|value| value as &dyn ToValue).collect();
        out.extend(tx.query(&sql, &params, &mut map)?);
    }
    Ok(out)
}

/// Changes with a list of values, like [`query_in`].
pub(crate) fn execute_in(tx: &mut Tx<'_>, sql: &str, before: &[Value], list: &[Value]) -> Result<()> {
    for part in list.chunks(128) {
        let padded = padded(part);
        let sql = sql.replace("{}", &marks(before.len() + 1, padded.len()));
        let params: Vec<&dyn ToValue> =
            before.iter().chain(&padded).map(|value| value as &dyn ToValue).collect();
        tx.execute(&sql, &params)?;
    }
    Ok(())
}

/// A list as long as the next size: the last value again does no harm.
fn padded(part: &[Value]) -> Vec<Value> {
    let size = SIZES.iter().copied().find(|size| *size >= part.len()).unwrap_or(part.len());
    let mut padded = part.to_vec();
    if let Some(last) = part.last() {
        padded.resize(size, last.clone());
    }
    padded
}

/// Writes rows: `head` is all that comes before `VALUES`, `tail` what follows the rows.
pub(crate) fn insert(tx: &mut Tx<'_>, head: &str, tail: &str, rows: &[Vec<Value>]) -> Result<()> {
    let mut rest = rows;
    while let Some(first) = rest.first() {
        let size = SIZES.iter().copied().rev().find(|size| *size <= rest.len()).unwrap_or(1);
        let (part, after) = rest.split_at_checked(size).unwrap_or((rest, &[]));
        rest = after;
        let width = first.len();
        let values: Vec<String> =
            (0..part.len()).map(|row| format!("({})", marks(row * width + 1, width))).collect();
        let sql = format!("{head} VALUES {} {tail}", values.join(", "));
        let params: Vec<&dyn ToValue> = part.iter().flatten().map(|value| value as &dyn ToValue).collect();
        tx.execute(&sql, &params)?;
    }
    Ok(())
}
