//! The values that cross the border to a database, the same for both engines.

use beffroi_core::{Cents, Day, Id, Instant};
use uuid::Uuid;

use crate::{Result, StoreError};

/// A value as both engines know it. Instants are milliseconds, days and ids are text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Value {
    /// Nothing.
    #[default]
    Null,
    /// A truth value (0 or 1 in SQLite).
    Bool(bool),
    /// A 64-bit integer: counts, cents, milliseconds since 1970.
    Int(i64),
    /// Text.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
}

/// What can be given as a parameter.
pub trait ToValue {
    /// The value to store.
    fn to_value(&self) -> Value;
}

/// What can be read from a column.
pub trait FromValue: Sized {
    /// What the reader expects, for the error.
    const EXPECTED: &'static str;
    /// The typed value, or the value back where it is of another kind.
    fn from_value(value: Value) -> std::result::Result<Self, Value>;
}

/// One row of an answer. Each column is taken once, by rank.
#[derive(Debug)]
pub struct Row {
    values: Vec<Value>,
}

impl Row {
    pub(crate) const fn new(values: Vec<Value>) -> Self {
        Self { values }
    }

    /// Takes the column at `rank` (from 0). A second taking finds NULL.
    pub fn get<T: FromValue>(&mut self, rank: usize) -> Result<T> {
        let value = self.values.get_mut(rank).map(std::mem::take).unwrap_or_default();
        T::from_value(value).map_err(|found| StoreError::Column {
            column: rank,
            expected: T::EXPECTED,
            found: match found {
                Value::Null => "NULL".to_owned(),
                Value::Bool(_) => "a truth value".to_owned(),
                Value::Int(_) => "an integer".to_owned(),
                Value::Text(_) => "a text of another form".to_owned(),
                Value::Blob(_) => "bytes".to_owned(),
            },
        })
    }

    pub(crate) fn into_values(self) -> Vec<Value> {
        self.values
    }
}

macro_rules! value {
    ($type:ty, $expected:literal, $self:ident => $to:expr, $($pattern:pat => $from:expr),+) => {
        impl ToValue for $type {
            fn to_value(&self) -> Value {
                let $self = self;
                $to
            }
        }
        impl FromValue for $type {
            const EXPECTED: &'static str = $expected;
            fn from_value(value: Value) -> std::result::Result<Self, Value> {
                match value {
                    $($pattern => $from,)+
                    other => Err(other),
                }
            }
        }
    };
}

value!(i64, "an integer", it => Value::Int(*it), Value::Int(n) => Ok(n));
value!(u32, "a small whole number", it => Value::Int(i64::from(*it)),
    Value::Int(n) => u32::try_from(n).map_err(|_| Value::Int(n)));
value!(bool, "a truth value", it => Value::Bool(*it),
    Value::Bool(b) => Ok(b), Value::Int(n @ (0 | 1)) => Ok(n == 1));
value!(String, "text", it => Value::Text(it.clone()), Value::Text(text) => Ok(text));
value!(Vec<u8>, "bytes", it => Value::Blob(it.clone()), Value::Blob(bytes) => Ok(bytes));
value!(Cents, "an amount in cents", it => Value::Int(it.0), Value::Int(n) => Ok(Cents(n)));
value!(Instant, "an instant", it => Value::Int(it.timestamp_millis()),
    Value::Int(n) => Instant::from_timestamp_millis(n).ok_or(Value::Int(n)));
value!(Day, "a day", it => Value::Text(it.format("%Y-%m-%d").to_string()),
    Value::Text(text) => text.parse().map_err(|_| Value::Text(text)));
value!(Uuid, "a UUID", it => Value::Text(it.to_string()),
    Value::Text(text) => text.parse().map_err(|_| Value::Text(text)));
value!(serde_json::Value, "JSON", it => Value::Text(it.to_string()),
    Value::Text(text) => serde_json::from_str(&text).map_err(|_| Value::Text(text)));

impl<T> ToValue for Id<T> {
    fn to_value(&self) -> Value {
        Value::Text(self.to_string())
    }
}
impl<T> FromValue for Id<T> {
    const EXPECTED: &'static str = "an id";
    fn from_value(value: Value) -> std::result::Result<Self, Value> {
        Uuid::from_value(value).map(Self::from_uuid)
    }
}
impl ToValue for str {
    fn to_value(&self) -> Value {
        Value::Text(self.to_owned())
    }
}
impl ToValue for [u8] {
    fn to_value(&self) -> Value {
        Value::Blob(self.to_owned())
    }
}
impl<const N: usize> ToValue for [u8; N] {
    fn to_value(&self) -> Value {
        Value::Blob(self.to_vec())
    }
}
impl ToValue for Value {
    fn to_value(&self) -> Value {
        self.clone()
    }
}
impl<T: ToValue + ?Sized> ToValue for &T {
    fn to_value(&self) -> Value {
        (**self).to_value()
    }
}
impl<T: ToValue> ToValue for Option<T> {
    fn to_value(&self) -> Value {
        self.as_ref().map_or(Value::Null, ToValue::to_value)
    }
}
impl<T: FromValue> FromValue for Option<T> {
    const EXPECTED: &'static str = T::EXPECTED;
    fn from_value(value: Value) -> std::result::Result<Self, Value> {
        if value == Value::Null { Ok(None) } else { T::from_value(value).map(Some) }
    }
}

/// The marks of `count` parameters from `$first` on, for a list: `$2, $3, $4`.
pub fn marks(first: usize, count: usize) -> String {
    (first..first + count).map(|rank| format!("${rank}")).collect::<Vec<_>>().join(", ")
}
