//! The one writer of a commune: takes queued commands in groups, a savepoint each, one durable commit
//! for the group. Whoever finds the queue unattended attends to it, so an idle commune costs no thread.

use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    time::{Duration, Instant},
};

use parking_lot::{Condvar, Mutex};
use tokio::sync::oneshot;

use crate::{
    By, Result, StoreError, Tx,
    commune::{Core, Purpose},
    engine::Connection,
    journal::{self, Head},
    tx::Effects,
};

/// How many commands share one commit at most: bounds the wait of the first and the loss of a bad group.
const GROUP: usize = 64;
/// How long a group waits until it has as much company as the last one had. Those who were just answered ask
/// again within that time; a commit for each of them alone would cost more than the wait.
const GATHERING: Duration = Duration::from_micros(150);

/// A command in the queue.
trait Queued: Send {
    /// Runs in a savepoint; `true` keeps what it did.
    fn run(&mut self, tx: &mut Tx<'_>) -> bool;
    fn by(&self) -> By;
    /// Tells the caller what became of it, once the group's commit is durable or lost.
    fn settle(self: Box<Self>, fate: Result<()>);
}

struct Command<F, T, E> {
    by: By,
    work: Option<F>,
    outcome: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<F, T, E> Queued for Command<F, T, E>
where
    F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send,
    T: Send,
    E: From<StoreError> + Send,
{
    fn run(&mut self, tx: &mut Tx<'_>) -> bool {
        let Some(work) = self.work.take() else { return false };
        let outcome = catch_unwind(AssertUnwindSafe(|| work(tx)))
            .unwrap_or_else(|_| Err(E::from(StoreError::Panicked)));
        let keep = outcome.is_ok();
        self.outcome = Some(outcome);
        keep
    }

    fn by(&self) -> By {
        self.by
    }

    fn settle(self: Box<Self>, fate: Result<()>) {
        let answer = match (self.outcome, fate) {
            // A refusal changed nothing, so it stands whatever became of the group.
            (Some(Err(refusal)), _) => Err(refusal),
            (Some(Ok(value)), Ok(())) => Ok(value),
            (_, Err(lost)) => Err(E::from(lost)),
            (None, Ok(())) => Err(E::from(StoreError::Panicked)),
        };
        // A caller that went away does not undo what it asked for.
        let _ = self.reply.send(answer);
    }
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Box<dyn Queued>>,
    attended: bool,
    /// How many commands the last group had, and the next one waits for.
    last: usize,
}

/// The queue of one commune, and its connection for writing while one is kept open.
#[derive(Default)]
pub(crate) struct Writer {
    queue: Mutex<Queue>,
    arrived: Condvar,
    /// SQLite's writing connection stays open; PostgreSQL's goes back to its pool after each group.
    kept: Mutex<Option<Connection>>,
}

impl Writer {
    /// Queues a command. The caller must see to [`Writer::attend`] if the answer is `true`.
    pub(crate) fn submit<F, T, E>(&self, by: By, work: F) -> (bool, oneshot::Receiver<Result<T, E>>)
    where
        F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let command = Command { by, work: Some(work), outcome: None, reply };
        let mut queue = self.queue.lock();
        queue.waiting.push_back(Box::new(command));
        let unattended = !queue.attended;
        queue.attended = true;
        // Woken once for the whole group, not once for each of it.
        let complete = queue.waiting.len() >= queue.last;
        drop(queue);
        if complete {
            self.arrived.notify_one();
        }
        (unattended, answer)
    }

    /// Runs groups until the queue is empty. Blocks: call it on a blocking thread.
    pub(crate) fn attend(&self, core: &Core) {
        while let Some(group) = self.next_group() {
            self.run_group(core, group);
        }
    }

    /// What shares the next commit; `None` leaves the queue unattended.
    fn next_group(&self) -> Option<Vec<Box<dyn Queued>>> {
        let mut queue = self.queue.lock();
        if queue.waiting.is_empty() {
            queue.attended = false;
            return None;
        }
        let until = Instant::now() + GATHERING;
        while queue.waiting.len() < queue.last {
            if self.arrived.wait_until(&mut queue, until).timed_out() {
                break;
            }
        }
        let size = queue.waiting.len().min(GROUP);
        queue.last = size;
        Some(queue.waiting.drain(..size).collect())
    }

    fn run_group(&self, core: &Core, mut group: Vec<Box<dyn Queued>>) {
        let mut kept = self.kept.lock();
        let fate = (|| {
            let begun = core.begin(kept.take(), Purpose::Write);
            let mut connection = begun.map_err(|error| StoreError::TransactionLost(error.to_string()))?;
            match run_in_transaction(core, &mut connection, &mut group) {
                Ok(effects) => {
                    if matches!(connection, Connection::Sqlite(_)) {
                        *kept = Some(connection);
                    }
                    Ok(effects)
                }
                Err(error) => {
                    // Where even this fails, the connection is closed with whatever state it is in.
                    let _ = connection.end("ROLLBACK");
                    Err(StoreError::TransactionLost(error.to_string()))
                }
            }
        })();
        drop(kept);
        core.waker.pressure.note(group.iter().filter(|command| command.by() != By::SYSTEM).count());
        if let Ok(effects) = &fate {
            core.committed(*effects);
        }
        for command in group {
            command.settle(fate.as_ref().map(|_| ()).map_err(Clone::clone));
        }
    }
}

fn run_in_transaction(
    core: &Core,
    connection: &mut Connection,
    group: &mut [Box<dyn Queued>],
) -> Result<Effects> {
    let mut head = journal::lock_head(connection)?;
    let before = head;
    let mut effects = Effects::default();
    for command in group.iter_mut() {
        connection.control("SAVEPOINT command")?;
        let head_before = head;
        let (keep, done) = run_one(core, connection, &mut head, command.as_mut());
        if let Connection::Sqlite(sqlite) = connection
            && sqlite.transaction_lost()
        {
            return Err(StoreError::TransactionLost("sqlite rolled back".to_owned()));
        }
        if keep {
            connection.control("RELEASE SAVEPOINT command")?;
            effects.merge(done);
        } else {
            head = head_before;
            connection.control("ROLLBACK TO SAVEPOINT command")?;
            connection.control("RELEASE SAVEPOINT command")?;
        }
    }
    if head != before {
        journal::store_head(connection, &head)?;
    }
    core.before_commit(effects)?;
    connection.end("COMMIT")?;
    Ok(effects)
}

fn run_one(
    core: &Core,
    connection: &mut Connection,
    head: &mut Head,
    command: &mut dyn Queued,
) -> (bool, Effects) {
    let mut tx = Tx {
        connection,
        commune: &core.info,
        by: command.by(),
        now: core.clock.now(),
        randomness: &core.randomness,
        ids: &core.ids,
        keys: &core.keys,
        head: Some(head),
        effects: Effects::default(),
    };
    let keep = command.run(&mut tx);
    (keep, tx.effects)
}
