//! A few child processes that lay documents out, each bounded in time and memory.

use std::ffi::OsString;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

use crate::child::{Child, Order};
use crate::job::{Job, TypesetError};
use crate::render::render;

/// How a pool starts and bounds its workers.
#[derive(Clone, Debug)]
pub struct PoolConfig {
    /// Program and arguments of a worker; it must call [`worker_main`](crate::worker_main).
    pub command: Vec<OsString>,
    /// Workers alive at once, at least one.
    pub workers: usize,
    /// Longest time one document may take before its worker is ended.
    pub deadline: Duration,
    /// The same for a document whose template is not the house's own: a loop in it must not hold a worker for long.
    pub written_deadline: Duration,
    /// Longest time a caller waits for a worker to be free.
    pub wait: Duration,
    /// Documents after which a worker is replaced, so that no leak lasts.
    pub max_jobs_per_worker: u32,
    /// Time without work after which a worker ends and gives its memory back.
    pub idle: Duration,
    /// Address space of one worker, in bytes.
    pub memory: u64,
}

impl PoolConfig {
    /// Bounds that suit a town hall on a small machine.
    pub fn new(command: Vec<OsString>) -> Self {
        Self {
            command,
            workers: 2,
            deadline: Duration::from_secs(20),
            written_deadline: Duration::from_secs(8),
            wait: Duration::from_mins(1),
            max_jobs_per_worker: 200,
            idle: Duration::from_mins(1),
            memory: 1024 * 1024 * 1024,
        }
    }
}

/// Lays documents out without letting one of them hold the house.
#[derive(Debug)]
pub struct Pool {
    /// None: documents are laid out in this process, without bounds.
    workers: Option<Workers>,
}

impl Pool {
    /// A pool of child processes, started when they are first needed.
    pub fn new(config: PoolConfig) -> Self {
        Self { workers: Some(Workers { config, seats: Mutex::new(Seats::default()), freed: Condvar::new() }) }
    }

    /// No child process: for tests and for commands that end after one document.
    pub fn in_process() -> Self {
        Self { workers: None }
    }

    /// Lays out one document. Blocks the thread until it is done or a bound is met.
    ///
    /// # Errors
    /// See [`TypesetError`].
    pub fn render(&self, job: &Job) -> Result<Vec<u8>, TypesetError> {
        match &self.workers {
            None => render(job),
            Some(workers) => workers.render(job),
        }
    }
}

#[derive(Debug)]
struct Workers {
    config: PoolConfig,
    seats: Mutex<Seats>,
    freed: Condvar,
}

#[derive(Debug, Default)]
struct Seats {
    taken: usize,
    idle: Vec<Child>,
}

/// The right to run one worker. Given back when dropped, whatever happened meanwhile.
struct Seat<'a>(&'a Workers);

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        self.0.seats.lock().taken -= 1;
        self.0.freed.notify_one();
    }
}

impl Workers {
    fn render(&self, job: &Job) -> Result<Vec<u8>, TypesetError> {
        let order = serde_json::to_vec(job)?;
        let deadline = if job.is_written() {
            self.config.deadline.min(self.config.written_deadline)
        } else {
            self.config.deadline
        };
        let seat = self.seat()?;
        let resting = self.seats.lock().idle.pop();
        let result = match resting {
            Some(child) => match self.run(child, order.clone(), deadline) {
                // It may have gone while it rested: the document is not to blame yet.
                Err(TypesetError::Crashed) => self.run(self.start()?, order, deadline),
                other => other,
            },
            None => self.run(self.start()?, order, deadline),
        };
        drop(seat);
        result
    }

    fn seat(&self) -> Result<Seat<'_>, TypesetError> {
        let until = Instant::now() + self.config.wait;
        let mut seats = self.seats.lock();
        while seats.taken >= self.config.workers.max(1) {
            if self.freed.wait_until(&mut seats, until).timed_out() {
                return Err(TypesetError::Busy);
            }
        }
        seats.taken += 1;
        Ok(Seat(self))
    }

    fn start(&self) -> Result<Child, TypesetError> {
        Child::start(&self.config.command, self.config.memory, self.config.idle)
    }

    fn run(&self, mut child: Child, order: Order, deadline: Duration) -> Result<Vec<u8>, TypesetError> {
        let result = child.run(order, deadline);
        let sound = matches!(result, Ok(_) | Err(TypesetError::Layout(_)));
        if sound && child.jobs() < self.config.max_jobs_per_worker {
            let mut seats = self.seats.lock();
            // The newest worker serves first, so that the others can rest and end.
            seats.idle.retain(Child::is_alive);
            seats.idle.push(child);
        }
        result
    }
}
