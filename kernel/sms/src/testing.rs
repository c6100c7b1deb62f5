//! A gateway that stands in for the real ones in tests.
#![expect(clippy::unwrap_used, clippy::missing_panics_doc, reason = "a test that cannot speak has failed")]

use std::{
    collections::VecDeque,
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    sync::{Arc, Mutex},
};

use serde_json::Value;

/// What OVHcloud says of a message that it takes; Brevo is content with the status.
const TAKEN: &str =
    r#"{"totalCreditsRemoved":1,"invalidReceivers":[],"ids":[1],"validReceivers":["+33612345678"]}"#;

/// A gateway that answers what it is told to, and keeps what came: the head of each request, and its body.
pub struct StandIn {
    /// Where it is.
    pub address: String,
    came: Arc<Mutex<Vec<(String, Value)>>>,
    answers: Arc<Mutex<VecDeque<(u16, &'static str)>>>,
}

impl StandIn {
    /// Begins to listen, on a free port of this machine; it ends with the program.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let (came, answers) = (Arc::<Mutex<Vec<_>>>::default(), Arc::<Mutex<VecDeque<_>>>::default());
        let (kept, told) = (Arc::clone(&came), Arc::clone(&answers));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                let (mut head, mut length) = (String::new(), 0);
                loop {
                    let mut line = String::new();
                    reader.read_line(&mut line).unwrap();
                    if line.trim_end().is_empty() {
                        break;
                    }
                    if let Some(value) = line.to_lowercase().strip_prefix("content-length: ") {
                        length = value.trim_end().parse().unwrap();
                    }
                    head.push_str(&line);
                }
                let mut body = vec![0; length];
                reader.read_exact(&mut body).unwrap();
                kept.lock().unwrap().push((head, serde_json::from_slice(&body).unwrap()));
                let (status, text) = told.lock().unwrap().pop_front().unwrap_or((200, TAKEN));
                let length = text.len();
                let _ = write!(
                    stream,
                    "HTTP/1.1 {status} Told\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{text}"
                );
            }
        });
        Self { address, came, answers }
    }

    /// What it answers to the next request that has no answer yet.
    pub fn answers(&self, status: u16, text: &'static str) {
        self.answers.lock().unwrap().push_back((status, text));
    }

    /// How many requests came.
    pub fn count(&self) -> usize {
        self.came.lock().unwrap().len()
    }

    /// The last request.
    pub fn last(&self) -> (String, Value) {
        self.came.lock().unwrap().last().cloned().unwrap()
    }

    /// The texts that came since this was asked last (Brevo and OVHcloud both name them `message` or `content`).
    pub fn texts(&self) -> Vec<String> {
        let came = std::mem::take(&mut *self.came.lock().unwrap());
        let text =
            |body: &Value| body.get("message").or_else(|| body.get("content"))?.as_str().map(str::to_owned);
        came.iter().filter_map(|(_, body)| text(body)).collect()
    }
}
