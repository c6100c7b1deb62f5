//! What only real connections show: stopping in good order, keeping a connection, refusing a large body.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use beffroi_web::{WebConfig, serve};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
};

use crate::support::{Hall, journey};

struct Running {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    served: JoinHandle<bool>,
}

async fn run(hall: &Hall<'_>) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let site = Arc::clone(&hall.site);
    let served = tokio::spawn(serve(site, listener, async {
        stopped.await.ok();
    }));
    Running { address, stop, served }
}

async fn send(address: SocketAddr, request: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

async fn rest(mut stream: TcpStream) -> String {
    let mut text = Vec::new();
    stream.read_to_end(&mut text).await.unwrap();
    String::from_utf8_lossy(&text).into_owned()
}

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n")
}

#[test]
fn what_was_accepted_is_answered_before_the_house_closes() {
    journey(&WebConfig::default(), async |hall| {
        let running = run(hall).await;
        let slow = send(running.address, &get("/essai/lent")).await;
        hall.bench.entered.notified().await;
        let mut live = send(running.address, &get("/essai/direct")).await;
        let mut head = [0; 15];
        live.read_exact(&mut head).await.unwrap();
        assert_eq!(&head, b"HTTP/1.1 200 OK");
        running.stop.send(()).unwrap();
        let ended = rest(live).await;
        assert!(ended.ends_with("0\r\n\r\n"), "the stream is ended, not cut: {ended:?}");
        assert!(TcpStream::connect(running.address).await.is_err(), "nobody new comes in");
        hall.bench.go.notify_one();
        let answer = rest(slow).await;
        assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("the whole answer"), "{answer}");
        assert!(running.served.await.unwrap(), "all were finished in time");
    });
}

#[test]
fn whoever_does_not_end_is_left_behind_at_the_deadline() {
    let config = WebConfig { shutdown_deadline: Duration::from_millis(20), ..WebConfig::default() };
    journey(&config, async |hall| {
        let running = run(hall).await;
        let _slow = send(running.address, &get("/essai/lent")).await;
        hall.bench.entered.notified().await;
        running.stop.send(()).unwrap();
        assert!(!running.served.await.unwrap());
    });
}

#[test]
fn a_sender_who_falls_silent_is_not_waited_for() {
    let config = WebConfig { silence: Duration::from_millis(20), ..WebConfig::default() };
    journey(&config, async |hall| {
        let running = run(hall).await;
        let cut = "POST /essai/corps HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50\r\n\r\nonly this";
        let answer = rest(send(running.address, cut).await).await;
        assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
    });
}

#[test]
fn a_connection_serves_one_request_after_another_even_after_a_fault() {
    journey(&WebConfig::default(), async |hall| {
        let running = run(hall).await;
        let three = get("/essai/casse")
            + &get("/nulle-part")
            + &get("/healthz").replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
        let answers = rest(send(running.address, &three).await).await;
        let statuses: Vec<_> = answers.matches("HTTP/1.1 ").collect();
        assert_eq!(statuses.len(), 3, "{answers}");
        assert!(answers.starts_with("HTTP/1.1 500") && answers.ends_with("ok\n"), "{answers}");
    });
}

#[test]
fn whoever_sends_too_much_can_read_why_it_was_refused() {
    journey(&WebConfig::default(), async |hall| {
        let running = run(hall).await;
        let body = "x".repeat(3 << 20);
        let large = format!(
            "POST /essai/corps HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        let answer = rest(send(running.address, &large).await).await;
        assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
        assert!(answer.contains("C’est trop volumineux"));
    });
}
