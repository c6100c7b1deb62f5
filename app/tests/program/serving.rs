//! The program as systemd runs it: configured, serving, stopped; and the commands around it.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Child, Output, Stdio},
};

use beffroi_store::By;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::support::{House, beffroi, command, error_of, json_of};

fn with_commune(folder: &Path) -> std::path::PathBuf {
    let data = folder.join("data");
    json_of(&beffroi(
        &data,
        &["commune", "create", "lunel", "--name", "Lunel", "--host", "localhost", "--json"],
    ));
    data
}

/// The program at work, ended with the test whatever happens.
struct Serving {
    child: Child,
    address: String,
}

impl Serving {
    fn start(data: &Path, more: &[&str]) -> Self {
        let mut arguments = vec!["serve", "--listen", "127.0.0.1:0"];
        arguments.extend(more);
        let mut child =
            command(data, &arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("http://").unwrap_or_default().to_owned();
        Self { child, address }
    }

    fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_house_answers_and_ends_well_when_it_is_told_to() {
    let folder = tempfile::tempdir().unwrap();
    let data = with_commune(folder.path());
    for signal in [Signal::TERM, Signal::INT] {
        let mut house = Serving::start(&data, &[]);
        assert!(house.get("/healthz").starts_with("HTTP/1.1 200 "));
        assert!(house.get("/readyz").starts_with("HTTP/1.1 200 "));
        house.signal(signal);
        assert_eq!(house.child.wait().unwrap().code(), Some(0));
    }
}

#[test]
fn the_house_opens_again_after_it_was_killed() {
    let folder = tempfile::tempdir().unwrap();
    let data = with_commune(folder.path());
    let mut house = Serving::start(&data, &[]);
    assert!(house.get("/readyz").starts_with("HTTP/1.1 200 "));
    house.child.kill().unwrap();
    house.child.wait().unwrap();
    assert!(Serving::start(&data, &[]).get("/readyz").starts_with("HTTP/1.1 200 "));
    let verified = json_of(&beffroi(&data, &["journal", "verify", "--commune", "lunel", "--json"]));
    assert_eq!(verified["broken"], Value::Null);
}

#[test]
fn whoever_is_still_sending_when_the_house_ends_is_not_left_hanging() {
    let folder = tempfile::tempdir().unwrap();
    let mut house = Serving::start(&with_commune(folder.path()), &[]);
    let mut stream = TcpStream::connect(&house.address).unwrap();
    // The first answer shows that the house holds the connection; the next request has begun.
    write!(stream, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nGET /healthz HT").unwrap();
    let mut first = [0; 12];
    stream.read_exact(&mut first).unwrap();
    house.signal(Signal::TERM);
    // Nobody new comes in once it stops; the one who had begun is answered or let go, never left hanging.
    let _ = write!(stream, "TP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    let mut rest = String::new();
    let _ = stream.read_to_string(&mut rest);
    assert_eq!(house.child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_wrong_configuration_is_refused_with_its_file_and_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("beffroi.toml");
    let config = file.to_str().unwrap();
    std::fs::write(&file, "# The town hall.\nlisten = \"127.0.0.1:0\"\nhttsp = true\n").unwrap();
    let told = error_of(&beffroi(folder.path(), &["--config", config, "serve"]));
    assert!(told.contains("beffroi.toml:3: unknown field `httsp`"), "{told}");
    let told = error_of(&beffroi(folder.path(), &["serve", "--listen", "8080"]));
    assert!(told.contains("--listen: expected an address and a port"), "{told}");
    let told = error_of(&beffroi(folder.path(), &["serve", "--set", "pdf.workers=0"]));
    assert!(told.contains("--set pdf.workers: expected a number from 1 to 64"), "{told}");
    let told = error_of(&beffroi(folder.path(), &["--config", "/nowhere.toml", "serve"]));
    assert!(told.contains("/nowhere.toml: "), "{told}");
}

#[test]
fn an_administrator_and_a_token_are_made_from_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let data = with_commune(folder.path());
    // There is one commune: it need not be named.
    let create = ["account", "create", "--email", "Sam@lunel.example", "--name", "Sam", "--json"];
    let agent = [create.as_slice(), &["--kind", "agent", "--administrator"]].concat();
    let created = json_of(&beffroi(&data, &agent));
    assert_eq!(created["email"], "sam@lunel.example");
    assert!(created["password"].as_str().unwrap().len() >= 16, "long enough for an administrator");
    assert!(error_of(&beffroi(&data, &agent)).contains("an account has this address"));

    let nobody =
        error_of(&beffroi(&data, &[create.as_slice(), &["--kind", "citizen", "--administrator"]].concat()));
    assert!(nobody.contains("only agents"), "{nobody}");
    let listed = json_of(&beffroi(&data, &["account", "list", "--commune", "lunel", "--json"]));
    assert_eq!(listed[0]["roles"], serde_json::json!(["administrator"]));

    let of = ["--account", "sam@lunel.example", "--json"];
    let token = |arguments: &[&str]| beffroi(&data, &[&["token"], arguments, of.as_slice()].concat());
    let refused = error_of(&token(&["create", "--scope", "town.mange"]));
    assert!(refused.contains("expected one of") && refused.contains("town.manage"), "{refused}");
    let made = json_of(&token(&["create", "--scope", "town.manage,account.manage", "--scope", "case.read"]));
    assert_eq!(made["token"].as_str().unwrap().len(), 64);
    let tokens = json_of(&token(&["list"]));
    assert_eq!(tokens[0]["id"], made["id"]);
    assert_eq!(tokens[0]["scopes"], serde_json::json!(["town.manage", "account.manage", "case.read"]));
    assert!(!tokens.to_string().contains(made["token"].as_str().unwrap()), "its secret is not shown again");
    let id = made["id"].as_str().unwrap();
    assert_eq!(json_of(&token(&["revoke", id]))["revoked"], true);
    assert_eq!(token(&["revoke", id]).status.code(), Some(1), "it is gone already");
}

#[test]
fn a_password_is_read_from_the_standard_input_and_must_be_strong_enough() {
    let folder = tempfile::tempdir().unwrap();
    let data = with_commune(folder.path());
    let create = |password: &str| {
        let arguments = [
            "account",
            "create",
            "--commune",
            "lunel",
            "--email",
            "lea@example.org",
            "--name",
            "Léa",
            "--kind",
            "citizen",
            "--password-stdin",
        ];
        let mut child = command(&data, &arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        writeln!(child.stdin.take().unwrap(), "{password}").unwrap();
        child.wait_with_output().unwrap()
    };
    assert!(error_of(&create("lunel")).contains("too short"));
    let created = create("Onze-platanes-7");
    assert!(created.status.success());
    assert!(!String::from_utf8_lossy(&created.stdout).contains("platanes"), "what was typed is not shown");
}

fn states(output: &Output) -> Vec<(String, String)> {
    let findings: Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = |finding: &Value, name: &str| finding[name].as_str().unwrap().to_owned();
    findings.as_array().unwrap().iter().map(|it| (text(it, "check"), text(it, "state"))).collect()
}

#[test]
fn the_doctor_finds_a_sound_installation_sound() {
    let folder = tempfile::tempdir().unwrap();
    let data = with_commune(folder.path());
    let examined = beffroi(&data, &["doctor", "--deep", "--json"]);
    let found = states(&examined);
    for check in ["data", "privacy", "clock", "database", "journal", "pdf", "assets"] {
        assert!(found.contains(&(check.to_owned(), "good".to_owned())), "{check}: {found:?}");
    }
    // Without them a town hall works, but its administrator should know.
    for check in ["mail", "viruses", "law"] {
        assert!(found.contains(&(check.to_owned(), "warning".to_owned())), "{check}: {found:?}");
    }
    assert_eq!(examined.status.code(), Some(0));
}

#[test]
fn the_doctor_says_what_is_wrong_and_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = beffroi(&folder.path().join("nowhere"), &["doctor"]);
    assert_eq!(nowhere.status.code(), Some(1));
    let told = String::from_utf8_lossy(&nowhere.stdout).into_owned();
    assert!(told.contains("WRONG    data: ") && told.contains("-> make it"), "{told}");
    assert!(!folder.path().join("nowhere").exists(), "a doctor does not build the house");

    let data = with_commune(folder.path());
    std::fs::set_permissions(&data, std::fs::Permissions::from_mode(0o755)).unwrap();
    // Nobody listens on port 9 of this machine.
    let away = ["doctor", "--json", "--set", "clamd=127.0.0.1:9", "--set", "smtp.host=127.0.0.1", "--set"];
    let away = [away.as_slice(), &["smtp.from=a@lunel.example", "--set", "smtp.port=9"]].concat();
    let examined = beffroi(&data, &away);
    let found = states(&examined);
    for check in ["privacy", "mail", "viruses"] {
        assert!(found.contains(&(check.to_owned(), "wrong".to_owned())), "{check}: {found:?}");
    }
    assert_eq!(examined.status.code(), Some(1));
}

#[test]
fn the_doctor_tells_what_the_law_wants_and_which_procedures_reach_nobody() {
    House::on_both(|_, house| {
        house.json(&["commune", "create", "lunel", "--name", "Lunel", "--host", "localhost"]);
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../catalogue/procedures/acte-de-naissance.toml");
        let import = || house.output(&["procedure", "import", file, "--json"]);
        let refused = error_of(&import());
        assert!(refused.contains("there is no department called etat-civil"), "{refused}");
        assert!(refused.contains("there is none yet"), "{refused}");
        let create = |slug: &str| {
            let contact = ["--phone", "04 65 71 00 20", "--address", "1 place des Platanes"];
            let new =
                ["department", "create", slug, "--name", "Service", "--sector", "civil-status", "--json"];
            house.output(&[new.as_slice(), &contact].concat())
        };
        json_of(&create("voirie"));
        assert!(error_of(&import()).contains("there are voirie"));
        let made = json_of(&create("etat-civil"));
        assert_eq!((&made["slug"], &made["sector"]), (&"etat-civil".into(), &"civil-status".into()));
        assert!(error_of(&create("etat-civil")).contains("another department is called etat-civil"));
        json_of(&import());
        assert_eq!(house.json(&["department", "list"]).as_array().unwrap().len(), 2);

        let doctor = || String::from_utf8(house.output(&["doctor"]).stdout).unwrap();
        let told = doctor();
        for gap in ["no postal address", "no telephone", "no administrative court", "nobody who signs"] {
            assert!(told.contains(&format!("lunel: {gap}")), "{gap}: {told}");
        }
        assert!(!told.contains("reach nobody"), "{told}");
        let commune = house.platform().commune("lunel").unwrap();
        let renamed = commune.write_blocking(By::SYSTEM, |tx| {
            tx.execute("UPDATE department SET slug = 'population' WHERE slug = 'etat-civil'", &[])
        });
        assert_eq!(renamed.unwrap(), 1);
        let told = doctor();
        assert!(told.contains("no department called etat-civil: requests for acte-de-naissance"), "{told}");
    });
}

#[test]
fn every_command_explains_itself() {
    let folder = tempfile::tempdir().unwrap();
    let mut waiting: Vec<Vec<String>> = vec![Vec::new()];
    let mut seen = 0;
    while let Some(path) = waiting.pop() {
        let arguments: Vec<&str> = path.iter().map(String::as_str).chain(["--help"]).collect();
        let output = beffroi(folder.path(), &arguments);
        assert!(output.status.success(), "{path:?}");
        let help = String::from_utf8(output.stdout).unwrap();
        assert!(help.contains("Usage: beffroi"), "{path:?}");
        seen += 1;
        let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
        for line in listed.take_while(|line| !line.is_empty()) {
            let (name, about) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
            assert!(!about.is_empty(), "{path:?} {name} says what it does");
            if name != "help" {
                waiting.push(path.iter().cloned().chain([name.to_owned()]).collect());
            }
        }
    }
    assert!(seen > 15, "{seen}");
}
