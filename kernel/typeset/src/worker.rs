//! The child process: reads jobs, answers PDF, ends when its input closes.

use std::io::{self, Read, Write};
use std::process::ExitCode;

use rustix::process::setpriority_process;

use crate::job::TypesetError;
use crate::render::render;
use crate::wire::{Hello, PDF, REFUSAL, receive, send};

/// How far a worker steps back before the rest of the house (`nice(2)`).
const NICENESS: i32 = 19;

/// The whole life of a worker process, between its standard input and output.
///
/// A program that owns a [`Pool`](crate::Pool) calls this from the command it gives to the pool.
pub fn worker_main() -> ExitCode {
    match serve(&mut io::stdin().lock(), &mut io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        // The pool has gone or the pipe broke: nobody is left to tell.
        Err(_) => ExitCode::FAILURE,
    }
}

fn serve(input: &mut impl Read, out: &mut impl Write) -> io::Result<()> {
    let Some(hello) = receive(input)? else { return Ok(()) };
    let Hello { memory } = serde_json::from_slice(&hello)?;
    rlimit::setrlimit(rlimit::Resource::AS, memory, memory)?;
    // Papers wait for a processor rather than visitors. A courtesy: where a sandbox forbids it, they are laid out
    // all the same.
    let _ = setpriority_process(None, NICENESS);
    while let Some(frame) = receive(input)? {
        let result = serde_json::from_slice(&frame).map_err(TypesetError::from).and_then(|job| render(&job));
        match result {
            Ok(pdf) => send(out, &[&[PDF], &pdf])?,
            // The other side wraps what is said of the template again.
            Err(TypesetError::Layout(told)) => send(out, &[&[REFUSAL], told.as_bytes()])?,
            Err(error) => send(out, &[&[REFUSAL], error.to_string().as_bytes()])?,
        }
    }
    Ok(())
}
