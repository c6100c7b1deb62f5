//! Nothing acknowledged is ever lost: the process is killed while sixteen clients send requests, and started
//! again.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use beffroi_store::Engine;
use serde_json::{Value, json};

use super::support::House;

const CLIENTS: usize = 16;
/// Requests acknowledged before the process is killed.
const KILLED_AFTER: usize = 320;

impl House {
    pub(super) fn run(&self, arguments: &[&str]) {
        let output = self.output(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    pub(super) fn start(&self) -> (Child, String) {
        // Each client comes from an address of its own, as behind a proxy.
        let arguments = ["serve", "--listen", "127.0.0.1:0", "--set", "trusted_proxies=127.0.0.1"];
        let mut child =
            self.command(&arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("http://").unwrap().to_owned();
        (child, address)
    }
}

/// One request over a connection of its own; `None` where the connection broke.
pub(super) fn ask(address: &str, head: &str, body: &str) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(address).ok()?;
    write!(
        stream,
        "{head}\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let status = answer.split(' ').nth(1)?.parse().ok()?;
    let (_, body) = answer.split_once("\r\n\r\n")?;
    Some((status, body.to_owned()))
}

fn request(client: usize, number: usize) -> String {
    json!({ "answers": {
        "lieu": "ici", "document": "sans-filiation", "copies": 1, "remise": "poste", "lien": "autre", "attestation": true,
        "personne": { "family_name": "Teissier", "given_names": "Anaïs", "birth_date": "1990-02-04", "birth_place": "Lunel" },
        "demandeur": { "family_name": format!("Client {client}"), "given_names": format!("{number}") },
        "adresse": { "line": "4 rue du Jasmin, 34400 Lunel" },
        "courriel": format!("client{client}.{number}@example.org"),
    } })
    .to_string()
}

/// Sends requests until the connection breaks, and tells what was acknowledged.
fn send(address: &str, client: usize, count: &AtomicUsize) -> Vec<(String, String)> {
    let mut acknowledged = Vec::new();
    for number in 0.. {
        let from = format!("10.{client}.{}.{}", number / 250, number % 250 + 1);
        let head =
            format!("POST /api/v1/procedures/acte-de-naissance/cases HTTP/1.1\r\nX-Forwarded-For: {from}");
        match ask(address, &head, &request(client, number)) {
            Some((201, body)) => {
                let body: Value = serde_json::from_str(&body).unwrap();
                let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap().to_owned();
                acknowledged.push((text("reference"), text("tracking_code")));
                count.fetch_add(1, Ordering::SeqCst);
            }
            Some((status, body)) => {
                // A cut answer may lack its end; whatever is whole must be a success.
                assert!(body.is_empty() || status == 201, "{status}: {body}");
                return acknowledged;
            }
            None => return acknowledged,
        }
    }
    acknowledged
}

fn survives(engine: Engine) {
    let Some(house) = House::on(engine) else { return };
    house.run(&["commune", "create", "lunel", "--name", "Lunel", "--host", "localhost"]);
    house.run(&["department", "create", "etat-civil", "--name", "État civil", "--commune", "lunel"]);
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../catalogue/procedures/acte-de-naissance.toml");
    house.run(&["procedure", "import", file, "--commune", "lunel"]);
    let (child, address) = house.start();
    let child = Arc::new(Mutex::new(child));
    let count = Arc::new(AtomicUsize::new(0));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let (address, count, child) = (address.clone(), Arc::clone(&count), Arc::clone(&child));
            std::thread::spawn(move || {
                let killer = Arc::clone(&count);
                if client == 0 {
                    // One more thread, which kills (SIGKILL) in the middle of the work.
                    std::thread::spawn(move || {
                        while killer.load(Ordering::SeqCst) < KILLED_AFTER {
                            std::thread::yield_now();
                        }
                        child.lock().unwrap().kill().unwrap();
                    });
                }
                send(&address, client, &count)
            })
        })
        .collect();
    let acknowledged: Vec<(String, String)> =
        clients.into_iter().flat_map(|client| client.join().unwrap()).collect();
    child.lock().unwrap().wait().unwrap();
    assert!(acknowledged.len() >= KILLED_AFTER);

    let (mut child, address) = house.start();
    for (number, (reference, code)) in acknowledged.iter().enumerate() {
        let head = format!(
            "GET /api/v1/cases/{reference} HTTP/1.1\r\nTracking-Code: {code}\r\nX-Forwarded-For: 10.99.{}.{}",
            number / 250,
            number % 250 + 1
        );
        let (status, body) = ask(&address, &head, "").unwrap();
        assert_eq!(status, 200, "{reference}: {body}");
    }
    // Each has its entry in the journal and its acknowledgement on the way.
    let platform = house.platform();
    let commune = platform.commune("lunel").unwrap();
    let tell = |sql: &'static str| -> i64 {
        let by = beffroi_store::By::SYSTEM;
        commune.read_blocking(by, move |tx| tx.query_one(sql, &[], |row| row.get(0))).unwrap()
    };
    let cases = tell("SELECT COUNT(*) FROM cases");
    assert!(usize::try_from(cases).unwrap() >= acknowledged.len());
    assert_eq!(tell("SELECT COUNT(*) FROM journal WHERE kind = 'case.received'"), cases);
    // The mail is queued, or the order to write it stands: one that was being done when the process was killed
    // is done again once its lease has ended.
    let told = "SELECT (SELECT COUNT(*) FROM mail) + \
                (SELECT COUNT(*) FROM job WHERE kind = 'desk.acknowledge' AND failed = FALSE)";
    assert!(tell(told) >= cases, "{} of {cases}", tell(told));
    child.kill().unwrap();
    child.wait().unwrap();
    drop((commune, platform));
    house.run(&["journal", "verify", "--commune", "lunel"]);
}

#[test]
fn an_acknowledged_request_survives_on_sqlite() {
    survives(Engine::Sqlite);
}

#[test]
fn an_acknowledged_request_survives_on_postgresql() {
    survives(Engine::Postgres);
}
