//! A worker on its own, for the tests of the pool.

fn main() -> std::process::ExitCode {
    beffroi_typeset::worker_main()
}
