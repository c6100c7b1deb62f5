//! The house at work: from the listening socket to the last accepted request.

use std::{process::ExitCode, sync::Arc, time::Duration};

use beffroi_store::{Platform, background::Background};
use beffroi_web::{App, House, Site};
use tokio::{
    net::TcpListener,
    signal::unix::{Signal, SignalKind, signal},
};

use crate::{
    cli::Failure,
    config::Config,
    house::{self, Parts},
    sweep::Sweeper,
};

/// How long threads that are still busy after the deadline are waited for.
const LAST_WAIT: Duration = Duration::from_secs(2);

/// Serves until SIGTERM or SIGINT, and finishes what was accepted. Prints the address that it listens
/// on, alone on one line of the standard output, once it answers.
///
/// Errors: the platform cannot be opened, the configuration not be used, the address not be had.
pub fn run(config: &Config, parts: &Parts) -> Result<ExitCode, Failure> {
    let services = house::services(parts);
    let platform = house::open_with(config, &services)?;
    let house = House::new(Arc::clone(&platform), services, config.web())?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::File("the runtime".to_owned(), error))?;
    let served = runtime.block_on(serve(config, parts, house, Arc::clone(&platform)));
    runtime.shutdown_timeout(LAST_WAIT);
    // Connections to PostgreSQL must be closed outside the runtime, so this hold outlives it.
    drop(platform);
    served
}

async fn serve(
    config: &Config,
    parts: &Parts,
    house: App,
    platform: Arc<Platform>,
) -> Result<ExitCode, Failure> {
    let address = |error| Failure::File(config.listen.to_string(), error);
    let stop = StopSignals::new().map_err(|error| Failure::File("signals".to_owned(), error))?;
    let listener = TcpListener::bind(config.listen).await.map_err(address)?;
    let bound = listener.local_addr().map_err(address)?;
    parts.addresses.serve(Arc::clone(&platform), bound.port());
    let workers = house::workers(config, &house, parts)?;
    let workers = Arc::new(workers);
    house.health.attended_by(&workers);
    let background = Background::start(Arc::clone(&platform), workers);
    let sweeper = Sweeper::start(platform, house.services.clone());
    tracing::info!(address = %bound, demo = parts.demo, gate = ?parts.gate, "serving");
    println!("http://{bound}");
    let whole = beffroi_web::serve(Arc::new(Site::new(house)), listener, stop.wait()).await;
    // Jobs are durable: what is not finished in time is found again at the next start.
    let settled = async {
        background.stop().await;
        sweeper.stop().await;
    };
    let settled = tokio::time::timeout(config.shutdown_deadline(), settled).await.is_ok();
    tracing::info!(whole, settled, "stopped");
    Ok(ExitCode::SUCCESS)
}

/// The orders to stop: from the system, or from the keyboard.
struct StopSignals {
    terminate: Signal,
    interrupt: Signal,
}

impl StopSignals {
    fn new() -> std::io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn wait(mut self) {
        let name = tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        };
        tracing::info!(signal = name, "stopping: what was accepted is finished first");
    }
}
