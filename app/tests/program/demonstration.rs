//! The demonstration commune: made once, begun again where it was cut off, never in the place of a real town.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Stdio},
};

use super::support::{House, error_of};

/// Cases of a demonstration that is quickly made.
const CASES: &str = "6";

/// A demonstration at work, ended with the test whatever happens.
struct Demo(Child);

impl Demo {
    fn start(house: &House, more: &[&str]) -> Self {
        let demo = ["demo", "--listen", "127.0.0.1:0", "--cases", CASES];
        let mut command = house.command(&[demo.as_slice(), more].concat());
        Self(command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap())
    }

    /// Its address, once it is served.
    fn address(&mut self) -> String {
        let mut line = String::new();
        BufReader::new(self.0.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        line.trim().strip_prefix("http://").unwrap_or_default().to_owned()
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn get(address: &str, host: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// How many entries its journal has: more than none, and a chain that holds.
fn entries(house: &House) -> i64 {
    let verified = house.json(&["journal", "verify", "--commune", "lunel"]);
    assert!(verified.get("broken").unwrap().is_null());
    verified.get("entries").and_then(serde_json::Value::as_i64).unwrap()
}

#[test]
fn a_demonstration_cut_off_while_it_is_made_is_begun_again() {
    House::on_both(|_, house| {
        let marker = house.data().join("demo");
        let mut cut_off = Demo::start(house, &[]);
        let half_made = || {
            std::fs::read_to_string(&marker).is_ok_and(|text| text == "making")
                && house.data().join("communes/lunel").exists()
        };
        while !half_made() {
            assert!(cut_off.0.try_wait().unwrap().is_none(), "it ended by itself");
            std::thread::yield_now();
        }
        drop(cut_off);
        assert_eq!(std::fs::read_to_string(&marker).unwrap(), "making", "it was cut off in time");

        let mut whole = Demo::start(house, &[]);
        let address = whole.address();
        assert!(get(&address, "localhost", "/demarches").contains("naissance"));
        assert_eq!(std::fs::read_to_string(&marker).unwrap(), "made");
        drop(whole);
        let made = entries(house);

        // What was done since is kept, and the demonstration can be given another name.
        house.json(&["account", "create", "--email", "a@lunel.example", "--name", "A", "--kind", "citizen"]);
        let mut kept = Demo::start(house, &["--host", "mairie.local"]);
        let address = kept.address();
        assert!(get(&address, "mairie.local", "/").starts_with("HTTP/1.1 200 "));
        assert!(get(&address, "elsewhere.local", "/").starts_with("HTTP/1.1 404 "));
        drop(kept);
        assert!(entries(house) > made);

        // And starting over forgets it, in the folder and in the database.
        let mut over = Demo::start(house, &["--reset"]);
        assert!(get(&over.address(), "localhost", "/").starts_with("HTTP/1.1 200 "));
        drop(over);
        let agents = house.json(&[
            "account",
            "create",
            "--email",
            "a@lunel.example",
            "--name",
            "A",
            "--kind",
            "citizen",
        ]);
        assert_eq!(agents["email"], "a@lunel.example", "nobody has that address any more");
    });
}

#[test]
fn a_real_town_is_never_taken_for_a_demonstration() {
    House::on_both(|_, house| {
        house.json(&["commune", "create", "lunel", "--name", "Lunel", "--host", "lunel.example"]);
        for more in [&["--reset"] as &[&str], &[]] {
            let demo = ["demo", "--listen", "127.0.0.1:0", "--cases", CASES];
            let refused = error_of(&house.output(&[demo.as_slice(), more].concat()));
            assert!(refused.contains("no demonstration"), "{refused}");
        }
        assert_eq!(house.json(&["commune", "list"]), serde_json::json!(["lunel"]));
    });
}

#[test]
fn a_demonstration_is_not_made_beside_a_real_town() {
    House::on_both(|_, house| {
        house.json(&["commune", "create", "nimes", "--name", "Nîmes", "--host", "nimes.example"]);
        let refused = error_of(&house.output(&["demo", "--listen", "127.0.0.1:0", "--cases", CASES]));
        assert!(refused.contains("nimes") && refused.contains("no demonstration"), "{refused}");
        assert_eq!(house.json(&["commune", "list"]), serde_json::json!(["nimes"]));
    });
}
