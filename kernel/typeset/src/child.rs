//! One worker process and the thread that speaks with it.

use std::ffi::OsString;
use std::io;
use std::process::{ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use parking_lot::Mutex;

use crate::job::TypesetError;
use crate::wire::{Hello, PDF, REFUSAL, receive, send};

/// A job as JSON.
pub(crate) type Order = Vec<u8>;

/// A running worker. Dropped, it is killed and reaped.
#[derive(Debug)]
pub(crate) struct Child {
    process: Arc<Mutex<std::process::Child>>,
    orders: Sender<Order>,
    answers: Receiver<io::Result<Vec<u8>>>,
    jobs: u32,
}

impl Child {
    /// Starts a worker that may use `memory` bytes and ends after `idle` without an order.
    pub(crate) fn start(command: &[OsString], memory: u64, idle: Duration) -> Result<Self, TypesetError> {
        let (program, arguments) = command
            .split_first()
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "no worker command"))?;
        let hello = serde_json::to_vec(&Hello { memory })?;
        let mut process = Command::new(program)
            .args(arguments)
            // Each thread reserves address space: one thread keeps the bound meaningful.
            .env("RAYON_NUM_THREADS", "1")
            .env("MALLOC_ARENA_MAX", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()?;
        let (Some(stdin), Some(stdout)) = (process.stdin.take(), process.stdout.take()) else {
            return Err(TypesetError::Crashed);
        };
        let process = Arc::new(Mutex::new(process));
        let (orders, inbox) = channel();
        let (outbox, answers) = channel();
        let watched = Arc::clone(&process);
        thread::Builder::new().name("typeset".to_owned()).spawn(move || {
            converse(stdin, stdout, &hello, &inbox, &outbox, idle);
            end(&watched);
        })?;
        Ok(Self { process, orders, answers, jobs: 0 })
    }

    /// Documents this worker was asked for.
    pub(crate) fn jobs(&self) -> u32 {
        self.jobs
    }

    /// Whether the process still runs.
    pub(crate) fn is_alive(&self) -> bool {
        matches!(self.process.lock().try_wait(), Ok(None))
    }

    /// Lays out one document; past the deadline the worker is killed.
    pub(crate) fn run(&mut self, order: Order, deadline: Duration) -> Result<Vec<u8>, TypesetError> {
        self.jobs += 1;
        self.orders.send(order).map_err(|_| TypesetError::Crashed)?;
        let mut answer = match self.answers.recv_timeout(deadline) {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) if error.kind() == io::ErrorKind::FileTooLarge => {
                return Err(TypesetError::TooLarge);
            }
            Ok(Err(_)) | Err(RecvTimeoutError::Disconnected) => return Err(TypesetError::Crashed),
            Err(RecvTimeoutError::Timeout) => {
                end(&self.process);
                return Err(TypesetError::Deadline);
            }
        };
        match answer.first() {
            Some(&PDF) => {
                answer.remove(0);
                Ok(answer)
            }
            Some(&REFUSAL) => {
                answer.remove(0);
                Err(TypesetError::Layout(String::from_utf8_lossy(&answer).into_owned()))
            }
            _ => Err(TypesetError::Crashed),
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        end(&self.process);
    }
}

/// Kills and reaps. Harmless on a process that has already ended.
fn end(process: &Mutex<std::process::Child>) {
    let mut process = process.lock();
    let _ = process.kill();
    let _ = process.wait();
}

/// Passes orders to the process and answers back, until one side leaves or nothing is asked.
fn converse(
    mut stdin: ChildStdin,
    mut stdout: ChildStdout,
    hello: &[u8],
    inbox: &Receiver<Order>,
    outbox: &Sender<io::Result<Vec<u8>>>,
    idle: Duration,
) {
    if send(&mut stdin, &[hello]).is_err() {
        return;
    }
    while let Ok(order) = inbox.recv_timeout(idle) {
        let answer = send(&mut stdin, &[&order])
            .and_then(|()| receive(&mut stdout))
            .and_then(|frame| frame.ok_or_else(|| io::ErrorKind::UnexpectedEof.into()));
        let failed = answer.is_err();
        if outbox.send(answer).is_err() || failed {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_without_work_ends() {
        let child = Child::start(&["cat".into()], 0, Duration::ZERO).unwrap();
        while child.is_alive() {
            thread::yield_now();
        }
    }

    #[test]
    fn a_worker_that_has_gone_is_told_apart_from_a_slow_one() {
        let mut child = Child::start(&["true".into()], 0, Duration::from_mins(1)).unwrap();
        let answer = child.run(b"{}".to_vec(), Duration::from_mins(1));
        assert!(matches!(answer, Err(TypesetError::Crashed)));
    }
}
