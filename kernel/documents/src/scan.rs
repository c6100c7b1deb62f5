//! The virus gate: a job has each content checked, again and again while the scanner is away.

use std::{
    fs::File,
    io::{self, Read},
    net::{Shutdown, TcpStream, ToSocketAddrs},
    path::Path,
    sync::Arc,
    time::Duration,
};

use beffroi_store::{
    By, Commune, StoreError,
    background::JobHandler,
    jobs::{self, Job, JobError},
};
use clamav_client::TransportProtocol;

use crate::{
    State,
    blobs::Blobs,
    document::{self, SCAN, order, scan_key},
};

/// How long the scanner may take to answer a connection, and between two answers.
const PATIENCE: Duration = Duration::from_mins(1);
/// How much goes to the scanner at once.
const CHUNK: usize = 64 * 1024;

/// What a scanner says of a content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing was found.
    Clean,
    /// This was found.
    Infected(String),
}

/// Why a scanner said nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoVerdict {
    /// It cannot be reached now: ask again later.
    #[error("the virus scanner is away: {0}")]
    Away(String),
    /// It was reached, and did not come to an end with this content: ask again later with this one.
    #[error("the virus scanner did not finish: {0}")]
    Later(String),
    /// There is no such file.
    #[error("the file to be checked is missing")]
    Missing,
    /// It will not judge this content (larger than its own limit): the administrator must act.
    #[error("the virus scanner refused: {0}")]
    Refused(String),
}

/// Something that finds viruses.
pub trait Scanner: Send + Sync {
    /// Checks one file. Blocks.
    fn scan(&self, file: &Path) -> Result<Verdict, NoVerdict>;
}

/// ClamAV's daemon, over TCP. The file is streamed to it: it needs no access to the town's disk.
#[derive(Clone, Debug)]
pub struct Clamd {
    /// Host and port: `127.0.0.1:3310`.
    pub address: String,
}

impl Clamd {
    /// Whether the daemon answers. Blocks.
    pub fn ping(&self) -> Result<(), NoVerdict> {
        let answer = clamav_client::ping(self).map_err(|error| NoVerdict::Away(error.to_string()))?;
        if answer == clamav_client::PONG {
            return Ok(());
        }
        Err(NoVerdict::Refused(String::from_utf8_lossy(&answer).into_owned()))
    }
}

impl TransportProtocol for &Clamd {
    type Stream = TcpStream;
    fn connect(&self) -> io::Result<TcpStream> {
        let mut refusal = io::Error::new(io::ErrorKind::NotFound, "the address has no host");
        for address in self.address.to_socket_addrs()? {
            match TcpStream::connect_timeout(&address, PATIENCE) {
                Ok(stream) => {
                    stream.set_read_timeout(Some(PATIENCE))?;
                    stream.set_write_timeout(Some(PATIENCE))?;
                    return Ok(stream);
                }
                Err(error) => refusal = error,
            }
        }
        Err(refusal)
    }
}

/// A connection that is open already.
struct Open(TcpStream);

impl TransportProtocol for Open {
    type Stream = TcpStream;
    fn connect(&self) -> io::Result<TcpStream> {
        self.0.try_clone()
    }
}

impl Scanner for Clamd {
    fn scan(&self, file: &Path) -> Result<Verdict, NoVerdict> {
        let later = |error: io::Error| NoVerdict::Later(error.to_string());
        match File::open(file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(NoVerdict::Missing),
            opened => opened.map_err(later)?,
        };
        let mut stream =
            TransportProtocol::connect(&self).map_err(|error| NoVerdict::Away(error.to_string()))?;
        let open = Open(stream.try_clone().map_err(later)?);
        match clamav_client::scan_file(file, open, Some(CHUNK)) {
            Ok(answer) => verdict(&answer),
            Err(error) => {
                // What is above its own limit it refuses while the file is still on its way, and then it closes. That
                // half a file is clean says nothing.
                let mut answer = Vec::new();
                let _ = stream.shutdown(Shutdown::Write);
                let _ = stream.read_to_end(&mut answer);
                match verdict(&answer) {
                    Ok(Verdict::Clean) | Err(NoVerdict::Later(_)) => Err(later(error)),
                    told => told,
                }
            }
        }
    }
}

/// `stream: OK`, `stream: Eicar-Test-Signature FOUND`, `INSTREAM size limit exceeded. ERROR`.
fn verdict(answer: &[u8]) -> Result<Verdict, NoVerdict> {
    let answer = String::from_utf8_lossy(answer);
    let answer = answer.trim_matches(|c: char| c == '\0' || c.is_whitespace());
    if answer == "stream: OK" {
        return Ok(Verdict::Clean);
    }
    if let Some(found) = answer.strip_prefix("stream: ").and_then(|it| it.strip_suffix(" FOUND")) {
        return Ok(Verdict::Infected(found.to_owned()));
    }
    if answer.is_empty() {
        return Err(NoVerdict::Later("it closed without an answer".to_owned()));
    }
    Err(NoVerdict::Refused(answer.to_owned()))
}

/// Does the job `document.scan`.
pub struct ScanHandler {
    scanner: Option<Arc<dyn Scanner>>,
}

impl ScanHandler {
    /// With that scanner.
    pub fn new(scanner: Arc<dyn Scanner>) -> Self {
        Self { scanner: Some(scanner) }
    }

    /// Where no scanner is configured any more: what still waits is let through, as what comes now is. What was
    /// condemned stays so.
    pub fn without_scanner() -> Self {
        Self { scanner: None }
    }
}

impl JobHandler for ScanHandler {
    fn kind(&self) -> &'static str {
        SCAN
    }

    /// Nobody can read the content before it is checked.
    fn outwaits(&self) -> bool {
        true
    }

    fn run(&self, commune: &Arc<Commune>, job: &Job) -> Result<(), JobError> {
        let sha256 = job
            .payload
            .get("sha256")
            .and_then(serde_json::Value::as_str)
            .ok_or_else(|| JobError::Fail("the job does not say which content".to_owned()))?
            .to_owned();
        let blobs = Blobs::of(commune)?;
        let state = commune.read_blocking(By::SYSTEM, |tx| document::state_of(tx, &sha256))?;
        match state {
            // Condemned before, and sent again: out of reach again.
            Some(State::Infected) => return Ok(blobs.quarantine(&sha256)?),
            Some(State::Received) => {}
            Some(State::Clean) | None => return Ok(()),
        }
        let hash = sha256.clone();
        let Some(scanner) = &self.scanner else {
            let unchecked = Some("let through unchecked: no virus scanner is configured");
            return Ok(commune.write_blocking(By::SYSTEM, move |tx| {
                document::settle(tx, &hash, State::Clean, unchecked)
            })?);
        };
        let verdict = scanner.scan(&blobs.file(&sha256)?).map_err(|error| match error {
            NoVerdict::Away(_) => JobError::Away(error.to_string()),
            NoVerdict::Later(_) => JobError::Retry(error.to_string()),
            NoVerdict::Missing | NoVerdict::Refused(_) => JobError::Fail(error.to_string()),
        })?;
        match verdict {
            Verdict::Clean => commune
                .write_blocking(By::SYSTEM, move |tx| document::settle(tx, &hash, State::Clean, None))?,
            Verdict::Infected(found) => {
                // Told first, moved after: should the program stop between the two, the content is
                // already unreadable, and the job, which comes again, moves it.
                commune.write_blocking::<_, StoreError>(By::SYSTEM, move |tx| {
                    document::settle(tx, &hash, State::Infected, Some(&found))
                })?;
                blobs.quarantine(&sha256)?;
            }
        }
        Ok(())
    }
}

/// Asks again for the check of every content that still waits for one: its job may have been given up, because the
/// scanner refused or the disk failed, and the administrator has put things right since. Blocks; run it daily.
///
/// # Errors
/// Those of the database.
pub fn sweep_unchecked(commune: &Commune) -> Result<(), StoreError> {
    let mut after = String::new();
    loop {
        let page = commune.read_blocking(By::SYSTEM, |tx| document::unchecked(tx, &after))?;
        let Some(last) = page.last() else { return Ok(()) };
        after.clone_from(last);
        commune.write_blocking(By::SYSTEM, move |tx| {
            let now = tx.now();
            page.iter()
                .try_for_each(|sha256| jobs::ask_again(tx, SCAN, &order(sha256), now, &scan_key(sha256)))
        })?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_clear_yes_is_clean() {
        assert_eq!(verdict(b"stream: OK\0"), Ok(Verdict::Clean));
        assert_eq!(verdict(b"stream: Eicar FOUND\0"), Ok(Verdict::Infected("Eicar".to_owned())));
        assert!(matches!(verdict(b""), Err(NoVerdict::Later(_))));
        assert!(matches!(verdict(b"INSTREAM size limit exceeded. ERROR\0"), Err(NoVerdict::Refused(_))));
        assert!(matches!(verdict(b"stream: OK FOUND OK"), Err(NoVerdict::Refused(_))));
    }
}
