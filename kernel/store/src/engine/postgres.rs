//! PostgreSQL: one schema a commune, connections pooled by database address. The driver is opened,
//! used and dropped on blocking threads only, for it runs a little runtime of its own.

use std::{collections::HashMap, time::Duration};

use postgres::{
    Client, Statement,
    types::{IsNull, ToSql, Type, private::BytesMut, to_sql_checked},
};

use super::address::Address;
use crate::{Result, Row, StoreError, Value};

/// Connections kept to one database address, for all the communes that are there.
pub(crate) const CONNECTIONS: u32 = 16;
/// Prepared statements kept by one connection.
const STATEMENTS_KEPT: usize = 256;

/// A pool of connections to one database address.
pub(crate) struct Pool {
    /// There until it is dropped.
    connections: Option<r2d2::Pool<Manager>>,
    size: u32,
}

/// A connection lent by a [`Pool`].
pub(crate) type Pooled = r2d2::PooledConnection<Manager>;

impl Pool {
    /// At most `size` connections to the database at that address, opened when they are needed.
    pub(crate) fn new(url: &str, size: u32) -> Result<Self> {
        let mut address = Address::read(url)?;
        address.config.application_name("beffroi").connect_timeout(Duration::from_secs(5));
        let pool = r2d2::Pool::builder()
            .max_size(size)
            .min_idle(Some(0))
            .idle_timeout(Some(Duration::from_mins(1)))
            .connection_timeout(Duration::from_secs(10))
            .test_on_check_out(false)
            .build_unchecked(Manager(address));
        Ok(Self { connections: Some(pool), size })
    }

    pub(crate) fn connection(&self) -> Result<Pooled> {
        match &self.connections {
            Some(pool) => Ok(pool.get()?),
            None => Err(StoreError::Invalid("the pool is closed".to_owned())),
        }
    }

    /// A connection in the transaction that `sql` begins.
    pub(crate) fn begin(&self, sql: &str) -> Result<Pooled> {
        self.with(|connection| connection.begin(sql)).map(|(connection, ())| connection)
    }

    /// What one statement answers, in no transaction of ours: a single question that needs no company.
    pub(crate) fn ask(&self, sql: &str) -> Result<Vec<Row>> {
        let asked = self.with(|connection| {
            let mut rows = Vec::new();
            connection.query(sql, &[], &mut |row| {
                rows.push(row);
                Ok(())
            })?;
            Ok(rows)
        });
        asked.map(|(_, rows)| rows)
    }

    /// What is done first on a connection, with it. A server that was restarted has cut off those that wait in the pool;
    /// nothing has been done yet, so another one is taken until one holds.
    fn with<T>(&self, mut first: impl FnMut(&mut Connection) -> Result<T>) -> Result<(Pooled, T)> {
        let mut cut_off = 0;
        loop {
            let mut connection = self.connection()?;
            match first(&mut connection) {
                Ok(done) => return Ok((connection, done)),
                Err(error) if cut_off < self.size && is_cut_off(&error) => cut_off += 1,
                Err(error) => return Err(error),
            }
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        // A client says goodbye on its own runtime, which may not be done within another one.
        if let Some(pool) = self.connections.take() {
            std::thread::spawn(move || drop(pool));
        }
    }
}

/// Whether a connection is of no more use: it broke, or the server says farewell (class 08; 57P01 to 57P03).
fn is_cut_off(error: &StoreError) -> bool {
    let StoreError::Postgres(error) = error else { return false };
    error.as_db_error().is_none_or(|said| {
        let code = said.code().code();
        code.starts_with("08") || code.starts_with("57P")
    })
}

/// Opens connections for the pool.
pub(crate) struct Manager(Address);

impl r2d2::ManageConnection for Manager {
    type Connection = Connection;
    type Error = postgres::Error;

    fn connect(&self) -> std::result::Result<Connection, postgres::Error> {
        let mut client = self.0.config.connect(self.0.tls.clone())?;
        // Without a commune's schema every query must fail.
        client.batch_execute("SET search_path TO ''; SET client_min_messages TO warning")?;
        Ok(Connection { client, statements: HashMap::new(), in_transaction: false })
    }

    fn is_valid(&self, connection: &mut Connection) -> std::result::Result<(), postgres::Error> {
        connection.client.is_valid(Duration::from_secs(2))
    }

    fn has_broken(&self, connection: &mut Connection) -> bool {
        connection.in_transaction || connection.client.is_closed()
    }
}

/// A client with the statements that it has prepared.
pub(crate) struct Connection {
    client: Client,
    statements: HashMap<String, Statement>,
    /// Whether it may still be in a transaction: it is then not lent again.
    in_transaction: bool,
}

impl Connection {
    pub(crate) fn begin(&mut self, sql: &str) -> Result<()> {
        self.in_transaction = true;
        self.batch(sql)
    }

    pub(crate) fn end(&mut self, sql: &str) -> Result<()> {
        self.batch(sql)?;
        self.in_transaction = false;
        Ok(())
    }

    fn prepared(&mut self, sql: &str) -> Result<Statement> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        if self.statements.len() >= STATEMENTS_KEPT {
            self.statements.clear();
        }
        let statement = self.client.prepare(sql)?;
        self.statements.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }

    pub(crate) fn query(
        &mut self,
        sql: &str,
        params: &[Value],
        each: &mut dyn FnMut(Row) -> Result<()>,
    ) -> Result<()> {
        let statement = self.prepared(sql)?;
        for row in self.client.query(&statement, &dynamic(params))? {
            let mut values = Vec::with_capacity(row.len());
            for (rank, column) in row.columns().iter().enumerate() {
                values.push(read(&row, rank, column.type_())?);
            }
            each(Row::new(values))?;
        }
        Ok(())
    }

    pub(crate) fn execute(&mut self, sql: &str, params: &[Value]) -> Result<u64> {
        let statement = self.prepared(sql)?;
        Ok(self.client.execute(&statement, &dynamic(params))?)
    }

    pub(crate) fn batch(&mut self, sql: &str) -> Result<()> {
        Ok(self.client.batch_execute(sql)?)
    }
}

fn dynamic(params: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    params.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}

fn read(row: &postgres::Row, rank: usize, kind: &Type) -> Result<Value> {
    Ok(match *kind {
        Type::BOOL => row.try_get::<_, Option<bool>>(rank)?.map_or(Value::Null, Value::Bool),
        Type::INT8 => row.try_get::<_, Option<i64>>(rank)?.map_or(Value::Null, Value::Int),
        Type::INT4 => row.try_get::<_, Option<i32>>(rank)?.map_or(Value::Null, |n| Value::Int(i64::from(n))),
        Type::BYTEA => row.try_get::<_, Option<Vec<u8>>>(rank)?.map_or(Value::Null, Value::Blob),
        Type::TEXT | Type::VARCHAR | Type::NAME | Type::BPCHAR | Type::UNKNOWN => {
            row.try_get::<_, Option<String>>(rank)?.map_or(Value::Null, Value::Text)
        }
        ref other => {
            return Err(StoreError::Corrupt(format!("a column is of the foreign type {other}")));
        }
    })
}

impl ToSql for Value {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> std::result::Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match (self, kind) {
            (Self::Null, _) => Ok(IsNull::Yes),
            (Self::Bool(truth), _) => truth.to_sql(kind, out),
            // An archive keeps truth values as 0 and 1.
            (Self::Int(n), &Type::BOOL) => (*n != 0).to_sql(kind, out),
            (Self::Int(n), &Type::INT4) => i32::try_from(*n)?.to_sql(kind, out),
            (Self::Int(n), _) => n.to_sql(kind, out),
            (Self::Text(text), _) => text.to_sql(kind, out),
            (Self::Blob(bytes), _) => bytes.to_sql(kind, out),
        }
    }

    fn accepts(kind: &Type) -> bool {
        matches!(*kind, Type::BOOL | Type::INT8 | Type::INT4 | Type::TEXT | Type::VARCHAR | Type::BYTEA)
    }

    to_sql_checked!();
}
