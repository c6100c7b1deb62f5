//! A coordination service of this machine, for tests and the demonstration: what it is told it knows, and it has its bad
//! days. Nothing is asked of the State.
#![expect(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a stand-in that cannot speak has failed"
)]

use std::{
    collections::{BTreeMap, VecDeque},
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::{Value, json};
use url::form_urlencoded;

/// How long it waits for whoever connects.
const PATIENCE: Duration = Duration::from_secs(10);

/// What it does with a question instead of answering it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadDay {
    /// It is out of order, and says so.
    Failing,
    /// It answers nothing, and does not hang up.
    Silent,
    /// It answers what nobody understands.
    Garbled,
}

/// An appointment as somebody has declared it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared {
    /// The number of the pre-request.
    pub number: String,
    /// Where.
    pub place: String,
    /// Which site that is, for whoever declared it.
    pub point: String,
    /// When, as it was said.
    pub at: String,
    /// Where it is moved or given back.
    pub manage: String,
}

#[derive(Default)]
struct Inner {
    standings: BTreeMap<String, &'static str>,
    declared: Vec<Declared>,
    days: VecDeque<BadDay>,
    is_away: bool,
    held: Vec<TcpStream>,
    questions: usize,
}

/// The stand-in. It ends with the program.
pub struct StandIn {
    /// Where it is.
    pub address: String,
    inner: Arc<Mutex<Inner>>,
}

impl StandIn {
    /// The token that it takes; it takes no other.
    pub const TOKEN: &'static str = "jeton-de-demonstration";
    /// A number whose file was handed in, for the demonstration.
    pub const CONSUMED: &'static str = "UTILISEE01";
    /// A number that nobody has given out, for the demonstration.
    pub const UNKNOWN: &'static str = "INCONNUE01";
    /// A number with an appointment at another town hall, for the demonstration.
    pub const ELSEWHERE: &'static str = "AILLEURS01";

    /// Begins to listen, on a free port of this machine. It knows every number, but for those that it is told of.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/api", listener.local_addr().unwrap());
        let inner = Arc::<Mutex<Inner>>::default();
        let shared = Arc::clone(&inner);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let inner = Arc::clone(&shared);
                std::thread::spawn(move || attend(stream, &inner));
            }
        });
        Self { address, inner }
    }

    /// One that knows the numbers of the demonstration; the appointment elsewhere is on that day (`2026-06-10`).
    pub fn of_demonstration(day: &str) -> Self {
        let it = Self::start();
        it.knows(Self::CONSUMED, "consumed");
        it.knows(Self::UNKNOWN, "unknown");
        it.elsewhere(Self::ELSEWHERE, "Mairie de Sommières", &format!("{day}T10:30:00"));
        it
    }

    /// How a number stands: `validated` where nothing is said of it.
    pub fn knows(&self, number: &str, standing: &'static str) {
        self.inner.lock().unwrap().standings.insert(number.to_owned(), standing);
    }

    /// Another town hall has declared an appointment.
    pub fn elsewhere(&self, number: &str, place: &str, at: &str) {
        let declared = Declared {
            number: number.to_owned(),
            place: place.to_owned(),
            point: "1".to_owned(),
            at: at.to_owned(),
            manage: "https://rendez-vous.example/gerer".to_owned(),
        };
        self.inner.lock().unwrap().declared.push(declared);
    }

    /// What it does with the next question that nothing is said of yet.
    pub fn has(&self, day: BadDay) {
        self.inner.lock().unwrap().days.push_back(day);
    }

    /// Whether it is out of order, until that is over.
    pub fn is_away(&self, is_away: bool) {
        self.inner.lock().unwrap().is_away = is_away;
    }

    /// What is declared for a number.
    pub fn declared(&self, number: &str) -> Vec<Declared> {
        let all = self.inner.lock().unwrap().declared.clone();
        all.into_iter().filter(|it| it.number == number).collect()
    }

    /// How many questions came.
    pub fn questions(&self) -> usize {
        self.inner.lock().unwrap().questions
    }
}

/// A request, as far as it matters here.
struct Request {
    method: String,
    path: String,
    pairs: Vec<(String, String)>,
    token: String,
}

impl Request {
    fn one(&self, name: &str) -> String {
        let found = self.pairs.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    }
}

fn attend(stream: TcpStream, inner: &Mutex<Inner>) {
    let _ = stream.set_read_timeout(Some(PATIENCE));
    let Some(request) = receive(&stream) else { return };
    let mut inner = inner.lock().unwrap();
    inner.questions += 1;
    let day = inner.days.pop_front().or(inner.is_away.then_some(BadDay::Failing));
    match day {
        Some(BadDay::Failing) => send(&stream, "503 Service Unavailable", "away"),
        Some(BadDay::Garbled) => send(&stream, "200 OK", "<p>Bonjour</p>"),
        Some(BadDay::Silent) => inner.held.push(stream),
        None => {
            let (status, answer) = inner.answer(&request);
            send(&stream, status, &answer.to_string());
        }
    }
}

impl Inner {
    fn answer(&mut self, request: &Request) -> (&'static str, Value) {
        if request.token != StandIn::TOKEN {
            return ("401 Unauthorized", json!({ "detail": "X-RDV-OPT-AUTH-TOKEN header invalid" }));
        }
        let new = Declared {
            number: request.one("application_id"),
            place: request.one("meeting_point"),
            point: request.one("meeting_point_id"),
            at: request.one("appointment_date"),
            manage: request.one("management_url"),
        };
        match (request.method.as_str(), request.path.as_str()) {
            ("GET", "/api/status") => {
                let numbers = request.pairs.iter().filter(|(name, _)| name == "application_ids");
                let told = numbers.map(|(_, number)| (number.clone(), self.told(number)));
                ("200 OK", Value::Object(told.collect()))
            }
            ("POST", "/api/appointments") => {
                let takes = self.standing(&new.number) == "validated" && !new.at.is_empty();
                if takes && !self.declared.contains(&new) {
                    self.declared.push(new);
                }
                ("200 OK", json!({ "success": takes }))
            }
            ("DELETE", "/api/appointments") => {
                let before = self.declared.len();
                let same = |it: &Declared| {
                    (&it.number, &it.place, &it.point, &it.at)
                        == (&new.number, &new.place, &new.point, &new.at)
                };
                self.declared.retain(|it| !same(it));
                ("200 OK", json!({ "rowcount": before - self.declared.len() }))
            }
            _ => ("404 Not Found", json!({ "detail": "Not Found" })),
        }
    }

    fn standing(&self, number: &str) -> &'static str {
        self.standings.get(number).copied().unwrap_or("validated")
    }

    fn told(&self, number: &str) -> Value {
        let declared = self.declared.iter().filter(|it| it.number == number);
        let appointments: Vec<Value> = declared
            .map(|it| {
                json!({
                    "management_url": it.manage,
                    "meeting_point": it.place,
                    "meeting_point_id": it.point,
                    "appointment_date": it.at,
                })
            })
            .collect();
        json!({ "status": self.standing(number), "appointments": appointments })
    }
}

fn receive(stream: &TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut first = String::new();
    reader.read_line(&mut first).ok()?;
    let mut words = first.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut token = String::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        if line.trim_end().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("x-rdv-opt-auth-token")
        {
            value.trim().clone_into(&mut token);
        }
    }
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let pairs = form_urlencoded::parse(query.as_bytes());
    let pairs = pairs.map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
    Some(Request { method, path: path.to_owned(), pairs, token })
}

fn send(mut stream: &TcpStream, status: &str, body: &str) {
    let length = body.len();
    let _ = write!(
        stream,
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    );
}
