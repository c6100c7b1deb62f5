//! The page of payment of the stand-in, as a browser goes through it: the demonstration is paid there.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
};

use beffroi_payments::{Begun, OrderState, Pages, begin, hear, payment};
use beffroi_store::By;

use crate::support::{in_a_town, on_a_runtime};

fn ask(address: &str, method: &str, body: &str) -> String {
    let (host, path) = address.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    let length = body.len();
    write!(stream, "{method} /{path} HTTP/1.1\r\nhost: {host}\r\ncontent-length: {length}\r\n\r\n{body}")
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn a_payer_reads_what_they_pay_chooses_and_comes_back_while_the_town_is_notified() {
    in_a_town(|town| {
        let order = town.order(|_| {});
        // The town's door, which reads nothing of the notification but the name of the attempt.
        let door = TcpListener::bind("127.0.0.1:0").unwrap();
        let origin = format!("http://{}", door.local_addr().unwrap());
        let pages = Pages { notify_at: format!("{origin}/payfip"), back_under: format!("{origin}/retour") };
        let begun =
            on_a_runtime(begin(&town.fixture.commune, By::VISITOR, town.payfip.as_ref(), order.id, &pages));
        let Begun::Page { payment, url } = begun.unwrap() else { panic!() };
        let page = ask(&url, "GET", "");
        assert!(page.contains("50,00\u{a0}€") && page.contains("aucun argent"), "{page}");
        assert!(ask(&format!("{url}x"), "GET", "").starts_with("HTTP/1.1 404"));

        let token = town.payment(payment).token.unwrap();
        let form = format!("idop={token}&resultrans=P");
        let came = std::thread::scope(|scope| {
            let notice = scope.spawn(|| {
                let (mut stream, _) = door.accept().unwrap();
                let mut text = String::new();
                // The body comes in its own time; it has a name of 36 letters and no more.
                while text.split_once("idop=").is_none_or(|(_, idop)| idop.len() < 36) {
                    let mut bytes = [0; 2_048];
                    let count = stream.read(&mut bytes).unwrap();
                    assert!(count > 0, "{text}");
                    text.push_str(&String::from_utf8_lossy(&bytes[..count]));
                }
                let idop = text.rsplit_once("idop=").unwrap().1.to_owned();
                assert!(on_a_runtime(hear(&town.fixture.commune, &idop)).unwrap());
                stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").unwrap();
                text
            });
            let back = ask(&town.bank.page, "POST", &form);
            assert!(back.starts_with("HTTP/1.1 303"), "{back}");
            assert!(back.contains(&format!("location: {origin}/retour/{payment}")), "{back}");
            notice.join().unwrap()
        });
        assert!(came.starts_with("POST /payfip HTTP/1.1"), "{came}");
        town.work();
        assert_eq!(town.find(&order).state, OrderState::Paid);
        assert!(town.read(|tx| payment::find(tx, payment)).unwrap().notified_at.is_some());
        assert!(ask(&town.bank.page, "POST", "idop=nobody&resultrans=P").starts_with("HTTP/1.1 400"));
    });
}
