//! What any service of the house tells goes by the desk's webhooks: to a receiver of the test, on both engines.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    sync::{
        Arc,
        mpsc::{Receiver, channel},
    },
};

use beffroi_core::{Cents, Targets};
use beffroi_desk::{DeskConfig, DeskService};
use beffroi_documents::Gate;
use beffroi_payments::{
    About, Mode, NewOrder, NewRegie, OrderLine, Payer, order, permission::ManageRegies, regie,
    testing::StandIn,
};
use beffroi_people::permission::permit_system;
use beffroi_store::{By, StoreError, background::Workers, testing::on_both_engines};
use beffroi_till::OrderEvents;
use beffroi_typeset::Pool;
use beffroi_web::Service;
use beffroi_webhooks::{NewEndpoint, Source};
use serde_json::Value;
use uuid::Uuid;

/// A receiver that takes everything: its address, and what comes, head and body.
fn receiver() -> (String, Receiver<(String, String)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hooks", listener.local_addr().unwrap());
    let (sender, came) = channel();
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
                if let Some(value) = line.to_lowercase().trim_end().strip_prefix("content-length: ") {
                    length = value.parse().unwrap();
                }
                head.push_str(&line.to_lowercase());
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            // It is there before whoever sent it is answered.
            if sender.send((head, String::from_utf8(body).unwrap())).is_err() {
                return;
            }
            let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n");
        }
    });
    (url, came)
}

#[test]
fn an_order_that_is_made_is_told_by_the_desks_webhooks_without_who_pays() {
    let tables = beffroi_desk::migrations();
    on_both_engines(&tables, |fixture| {
        let desk = DeskService::new(DeskConfig {
            pool: Arc::new(Pool::in_process()),
            gate: Gate::Open,
            origin: Box::new(|_| "https://lunel.example".to_owned()),
            demo: false,
        })
        .with_private_webhooks(true)
        .with_events(vec![Arc::new(OrderEvents)]);
        let events: Arc<dyn Source> = desk.events();
        assert!(events.names().contains(&"case.received"), "the desk's own are told as before");
        let (url, came) = receiver();
        let made = fixture.commune.write_blocking(By::SYSTEM, move |tx| -> Result<_, StoreError> {
            let permit = permit_system(tx).unwrap();
            let wanted = vec!["order.created".to_owned()];
            let new = NewEndpoint { url, description: "Comptabilité".to_owned(), events: wanted };
            beffroi_webhooks::create(tx, &permit, &new, Targets::Private, events.as_ref()).unwrap();
            let permit = permit_system::<ManageRegies>(tx).unwrap();
            let typed = NewRegie {
                name: "Régie des salles".to_owned(),
                client_number: StandIn::CLIENT.to_owned(),
                mode: Mode::Production,
                online: true,
                department: None,
                closed: false,
            };
            let regie = regie::create(tx, &permit, &regie::to_keep(&typed).unwrap())?;
            let new = NewOrder {
                regie,
                payer: Payer { name: "Awa Diop".to_owned(), mail: "awa.diop@lunel.example".to_owned() },
                account: None,
                about: About { kind: "booking".to_owned(), id: Uuid::from_u128(7) },
                lines: vec![OrderLine { label: "Salle des fêtes".to_owned(), cents: Cents(5_000) }],
                deliberation: String::new(),
                due_at: None,
                lapses: false,
            };
            let order = order::create(tx, &new).unwrap();
            order::cancel(tx, order.id, order::CancelReason::GivenUp).unwrap();
            Ok(order)
        });
        let order = made.unwrap();
        let workers = Arc::new(Workers { subscribers: desk.subscribers(), handlers: desk.job_handlers() });
        fixture.settle(&workers).unwrap();
        let told: Vec<(String, String)> = came.try_iter().collect();
        assert_eq!(told.len(), 1, "what is not wanted is not told: {told:?}");
        let (head, body) = told.first().unwrap();
        assert!(head.contains("webhook-signature: v1,"), "{head}");
        let message: Value = serde_json::from_str(body).unwrap();
        assert_eq!(message["type"], "order.created");
        assert_eq!(message["data"]["number"], order.number.as_str());
        assert_eq!(message["data"]["total_cents"], 5_000);
        assert!(!body.contains("Awa") && !body.contains("Salle"), "{body}");
    })
    .unwrap();
}
