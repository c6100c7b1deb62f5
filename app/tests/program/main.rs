//! The program as its administrators, systemd and their scripts use it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod backup;
mod command_line;
mod demonstration;
mod kill_nine;
mod moving_in;
mod rivals;
mod serving;
mod support;
