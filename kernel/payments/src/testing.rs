//! A PayFiP of this machine, for tests and for a demonstration: its service, its page of payment, its notifications, and
//! its bad days. No money is moved. It looks at what it is told as the real one is known to.
#![expect(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a stand-in that cannot speak has failed"
)]

mod page;
mod soap;

use std::{
    collections::VecDeque,
    hash::{BuildHasher, RandomState},
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    time::Duration,
};

/// How long it waits for whoever connects, and for the town hall that it notifies.
const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes of a request, at most.
const LONGEST: usize = 64 * 1_024;

/// What it does with a question instead of answering it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BadDay {
    /// It is out of order, and says so as SOAP has it.
    Failing,
    /// What stands before it says that it is not there.
    Unavailable,
    /// It answers nothing, and does not hang up.
    Silent,
    /// It hangs up in the middle of its answer.
    CutOff,
    /// It answers this.
    Says(String),
}

/// What it knows of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Its name for it.
    pub idop: String,
    /// The régie's number.
    pub numcli: String,
    /// The year.
    pub exer: String,
    /// The reference.
    pub refdet: String,
    /// The subject.
    pub objet: String,
    /// How much, in cents.
    pub montant: String,
    /// The payer's address.
    pub mel: String,
    /// The mode.
    pub saisie: String,
    /// Where it notifies.
    pub urlnotif: String,
    /// Where it sends the payer back to.
    pub urlredirect: String,
    /// What came of it: P, V, R, Z or A; `None` as long as nothing did.
    pub resultrans: Option<char>,
    /// The bank's authorisation.
    pub numauto: String,
    /// When, as the real one tells it.
    pub transacted: Option<(String, String)>,
}

#[derive(Default)]
struct Inner {
    attempts: Vec<Attempt>,
    days: VecDeque<BadDay>,
    held: Vec<TcpStream>,
    questions: usize,
}

/// The stand-in. It ends with the program.
pub struct StandIn {
    /// The address of its service.
    pub service: String,
    /// The address of its page of payment.
    pub page: String,
    inner: Arc<Mutex<Inner>>,
}

impl StandIn {
    /// The number of a régie that it knows; it knows no other.
    pub const CLIENT: &'static str = "090909";

    /// Begins to listen, on a free port of this machine.
    pub fn start() -> Self {
        Self::listen(TcpListener::bind("127.0.0.1:0").unwrap())
    }

    /// Begins to listen there.
    pub fn listen(listener: TcpListener) -> Self {
        let address = format!("http://{}", listener.local_addr().unwrap());
        let inner = Arc::<Mutex<Inner>>::default();
        let shared = Arc::clone(&inner);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let inner = Arc::clone(&shared);
                std::thread::spawn(move || attend(stream, &inner));
            }
        });
        Self {
            service: format!("{address}/tpa/services/securite"),
            page: format!("{address}/tpa/paiementws.web"),
            inner,
        }
    }

    /// What it does with the next question that nothing is said of yet.
    pub fn has(&self, day: BadDay) {
        self.inner.lock().unwrap().days.push_back(day);
    }

    /// How many questions came.
    pub fn questions(&self) -> usize {
        self.inner.lock().unwrap().questions
    }

    /// What it was asked to open, the oldest first.
    pub fn attempts(&self) -> Vec<Attempt> {
        self.inner.lock().unwrap().attempts.clone()
    }

    /// The last that it was asked to open.
    pub fn last(&self) -> Attempt {
        self.inner.lock().unwrap().attempts.last().cloned().unwrap()
    }

    /// Changes what it knows of an attempt.
    pub fn change(&self, idop: &str, change: impl FnOnce(&mut Attempt)) {
        change(self.inner.lock().unwrap().attempts.iter_mut().find(|it| it.idop == idop).unwrap());
    }

    /// The payer pays by card.
    pub fn pays(&self, idop: &str) {
        self.change(idop, |attempt| attempt.conclude('P'));
    }

    /// The payer pays by direct debit.
    pub fn debits(&self, idop: &str) {
        self.change(idop, |attempt| attempt.conclude('V'));
    }

    /// The bank refuses.
    pub fn refuses(&self, idop: &str) {
        self.change(idop, |attempt| attempt.conclude('R'));
    }

    /// The payer gives up.
    pub fn cancels(&self, idop: &str) {
        self.change(idop, |attempt| attempt.conclude('A'));
    }

    /// The night after: it forgets an attempt of which nobody came to the page.
    pub fn forgets(&self, idop: &str) {
        self.inner.lock().unwrap().attempts.retain(|attempt| attempt.idop != idop);
    }

    /// Notifies the town hall of an attempt; the status that it answers.
    pub fn notifies(&self, idop: &str) -> Option<u16> {
        let found = self.attempts().into_iter().find(|attempt| attempt.idop == idop)?;
        notify(&found)
    }
}

impl Attempt {
    /// Something came of it.
    fn conclude(&mut self, resultrans: char) {
        self.resultrans = Some(resultrans);
        if matches!(resultrans, 'P' | 'V') {
            self.numauto = format!("{:06}-ess", 100_000 + self.refdet.len());
        }
    }
}

/// A name that nobody can guess and nobody used.
fn new_idop() -> String {
    let (a, b) = (RandomState::new().hash_one(1), RandomState::new().hash_one(2));
    format!("{:08x}-{:04x}-11ea-{:04x}-{:012x}", a >> 32, a & 0xffff, (a >> 16) & 0xffff, b >> 16)
}

/// A request, as far as it matters here.
struct Request {
    method: String,
    target: String,
    body: String,
}

fn attend(stream: TcpStream, inner: &Mutex<Inner>) {
    let _ = stream.set_read_timeout(Some(PATIENCE));
    let Some(request) = receive(&stream) else { return };
    let path = request.target.split('?').next().unwrap_or_default();
    match (request.method.as_str(), path) {
        ("POST", "/tpa/services/securite") => {
            let day = {
                let mut inner = inner.lock().unwrap();
                inner.questions += 1;
                inner.days.pop_front()
            };
            soap::answer(stream, inner, &request.body, day);
        }
        ("GET", "/tpa/paiementws.web") => page::show(&stream, inner, &request.target),
        ("POST", "/tpa/paiementws.web") => page::choose(&stream, inner, &request.body),
        _ => send(&stream, "404 Not Found", "text/plain", "", "nothing is here"),
    }
}

fn receive(stream: &TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut first = String::new();
    reader.read_line(&mut first).ok()?;
    let mut words = first.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        if line.trim_end().is_empty() {
            break;
        }
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
    }
    if length > LONGEST {
        return None;
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Request { method, target, body: String::from_utf8(body).ok()? })
}

fn send(mut stream: &TcpStream, status: &str, media_type: &str, more: &str, body: &str) {
    let length = body.len();
    let _ = write!(
        stream,
        "HTTP/1.1 {status}\r\ncontent-type: {media_type}\r\ncontent-length: {length}\r\nconnection: close\r\n{more}\r\n{body}"
    );
}

/// Tells the town hall that there is something to ask for. It follows no redirection.
fn notify(attempt: &Attempt) -> Option<u16> {
    let rest = attempt.urlnotif.strip_prefix("http://")?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let mut stream = TcpStream::connect(host).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    let body = format!("idop={}", attempt.idop);
    write!(
        stream,
        "POST /{path} HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
    .ok()?;
    let mut first = String::new();
    BufReader::new(stream).read_line(&mut first).ok()?;
    first.split(' ').nth(1)?.parse().ok()
}

/// A field of a form whose values need no decoding.
fn field<'a>(form: &'a str, name: &str) -> Option<&'a str> {
    form.split('&')
        .find_map(|pair| pair.split_once('=').filter(|(known, _)| *known == name))
        .map(|(_, it)| it)
}
