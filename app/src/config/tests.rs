//! What an administrator is told of a configuration, right or wrong.

use super::*;

const EXAMPLE: &str = include_str!("../../../packaging/beffroi.toml");

fn load(text: &str, environment: &[(&str, &str)], given: &[(&str, &str)]) -> Result<Config, String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("beffroi.toml");
    std::fs::write(&file, text).unwrap();
    let given: Vec<_> = given
        .iter()
        .map(|(key, value)| Given { flag: "--set", key: (*key).to_owned(), value: (*value).to_owned() })
        .collect();
    let variable = |name: &str| {
        environment.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
    };
    Config::load(Some(&file), variable, &given)
        .map_err(|error| error.to_string().replace(&format!("{}/", folder.path().display()), ""))
}

#[test]
fn the_example_is_the_default_and_names_every_key() {
    assert_eq!(load(EXAMPLE, &[], &[]).unwrap(), Config::default());
    // A setting of the example is commented out with `#` and no space; a remark has a space.
    let shown: String = EXAMPLE
        .lines()
        .map(|line| line.strip_prefix('#').filter(|it| !it.starts_with(' ')).unwrap_or(line))
        .fold(String::new(), |text, line| text + line + "\n");
    assert_eq!(load(&shown, &[], &[]).unwrap(), Config::default());
    let table: toml::Table = toml::from_str(&shown).unwrap();
    let mut named: Vec<String> = Vec::new();
    for (key, value) in &table {
        match value.as_table() {
            Some(section) => named.extend(section.keys().map(|name| format!("{key}.{name}"))),
            None => named.push(key.clone()),
        }
    }
    assert_eq!(named, KEYS.iter().map(|(key, _)| (*key).to_owned()).collect::<Vec<_>>());
}

#[test]
fn the_nearer_word_counts() {
    let file = "listen = \"127.0.0.1:1\"\n[pdf]\nworkers = 3\nseconds = 4\n";
    let of_file = load(file, &[], &[]).unwrap();
    assert_eq!((of_file.listen.port(), of_file.pdf.workers), (1, 3));
    let environment = [("BEFFROI_LISTEN", "127.0.0.1:2"), ("BEFFROI_PDF_WORKERS", "5"), ("BEFFROI_LOG", "")];
    let of_environment = load(file, &environment, &[]).unwrap();
    assert_eq!((of_environment.listen.port(), of_environment.pdf.workers), (2, 5));
    assert_eq!((of_environment.pdf.seconds, of_environment.log.as_str()), (4, "info"));
    let flags = [("listen", "[::1]:3"), ("https", "true"), ("trusted_proxies", "10.0.0.1, ::1")];
    let of_flags = load(file, &environment, &flags).unwrap();
    assert_eq!((of_flags.listen.port(), of_flags.https, of_flags.trusted_proxies.len()), (3, true, 2));
}

#[test]
fn what_is_wrong_is_told_with_its_place_and_what_was_expected() {
    let refused = |text: &str| load(text, &[], &[]).unwrap_err();
    let unknown = refused("data = \"x\"\nlissen = \"127.0.0.1:1\"\n");
    assert!(
        unknown.starts_with("beffroi.toml:2: unknown field `lissen`, expected one of `data`"),
        "{unknown}"
    );
    assert_eq!(
        refused("\n\nlisten = \"8080\"\n"),
        "beffroi.toml:3: expected an address and a port, such as 127.0.0.1:8080, not \"8080\""
    );
    assert_eq!(refused("[pdf]\nworkers = 0\n"), "beffroi.toml:2: expected a number from 1 to 64, not 0");
    assert!(
        refused("https = \"yes\"")
            .starts_with("beffroi.toml:1: invalid type: string \"yes\", expected a boolean")
    );
    assert!(refused("data = \"x\"\n[smtp\n").starts_with("beffroi.toml:2: "));
    assert_eq!(
        refused("[smtp]\nsecurity = \"ssl\""),
        "beffroi.toml:2: expected \"starttls\", \"tls\" or \"none\", not \"ssl\""
    );
    assert_eq!(
        load("", &[("BEFFROI_HTTPS", "oui")], &[]).unwrap_err(),
        "BEFFROI_HTTPS: expected true or false, not \"oui\""
    );
    let flag = load("", &[], &[("smpt.host", "x")]).unwrap_err();
    assert!(flag.starts_with("--set smpt.host: unknown key, expected one of data, "), "{flag}");
    assert!(
        load("", &[], &[("log", "loud=very")]).unwrap_err().starts_with("--set log: expected error, warn")
    );
}

#[test]
fn values_that_need_one_another_come_together() {
    let refused = |text: &str| load(text, &[], &[]).unwrap_err();
    assert_eq!(refused("[smtp]\nhost = \"mail.example\""), "smtp: host and from go together");
    assert!(refused("[hosting]\nname = \"Hébergeur\"").starts_with("hosting: name, address and phone"));
    let user = "[smtp]\nhost = \"m.example\"\nfrom = \"a@m.example\"\nuser = \"a\"\n";
    assert!(refused(user).contains("one password"));
    assert!(refused("metrics_token = \"short\"").contains("16 characters"));
}

#[test]
fn the_password_of_the_mail_server_may_lie_in_a_file_and_is_never_printed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("password");
    std::fs::write(&file, "très secret\nignored\n").unwrap();
    let text = format!(
        "[smtp]\nhost = \"m.example\"\nfrom = \"Ville <a@m.example>\"\nuser = \"ville\"\npassword_file = {:?}\n",
        file.display().to_string()
    );
    let server = load(&text, &[], &[]).unwrap().mail_server().unwrap().unwrap();
    assert_eq!(server.credentials, Some(("ville".to_owned(), "très secret".to_owned())));
    let away = text.replace("password_file", "authority_file = \"/nowhere.pem\"\npassword_file");
    let told = load(&away, &[], &[]).unwrap().mail_server().unwrap_err().to_string();
    assert!(told.starts_with("smtp.authority_file /nowhere.pem: "), "{told}");
    let config = load("metrics_token = \"0123456789abcdef\"", &[], &[]).unwrap();
    assert!(!format!("{config:?}").contains("0123456789abcdef"));
    assert_eq!(config.mail_server().unwrap().map(|it| it.host), None);
}
