//! A house with the desk, and people at their browsers: cookies are kept as browsers keep them, files are sent
//! as pages send them.

use std::{cell::RefCell, path::Path, sync::Arc};

use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::HeaderMap,
};
use beffroi_core::{Id, Targets};
use beffroi_desk::{DeskConfig, DeskService};
use beffroi_documents::{Gate, NoVerdict, ScanHandler, Scanner, Verdict};
use beffroi_notify::{
    Transport,
    mail::{self, Mail},
    messenger::{self, Messenger},
};
use beffroi_people::{
    Account, AccountKind, Grant, Role, Town,
    account::{self, NewAccount},
    department,
    password::{Strength, hash_password},
    permission::{self, permit_system},
    sign_on::{self, Credentials, Directory, LocalPasswords, SignIn},
};
use beffroi_sms::Sms;
use beffroi_store::{
    By, StoreError, ToValue,
    background::Workers,
    testing::{TestCommune, on_both_engines},
};
use beffroi_typeset::Pool;
use beffroi_web::{
    Check, House, Service, Site, WebConfig,
    personal::{PersonalData, Remaining},
};
use serde_json::{Value, json};

use crate::support::{migrations, settle};

/// Condemns what bears the mark of the test.
struct Nose;

/// What makes a file infected.
pub const VIRUS: &[u8] = b"%PDF-1.7\nEICAR\n%%EOF\n";
/// A file that is as it should be.
pub const PDF: &[u8] = b"%PDF-1.7\n%%EOF\n";

impl Scanner for Nose {
    fn scan(&self, file: &Path) -> Result<Verdict, NoVerdict> {
        let found = std::fs::read(file).unwrap() == VIRUS;
        Ok(if found { Verdict::Infected("Eicar-Test-Signature".to_owned()) } else { Verdict::Clean })
    }
}

/// The town hall.
pub struct Hall<'f> {
    pub fixture: &'f TestCommune,
    site: Site,
    workers: Arc<Workers>,
    services: Vec<Arc<dyn Service>>,
    house: Arc<House>,
}

/// Somebody at a browser.
pub struct Browser<'h> {
    hall: &'h Hall<'h>,
    /// Name, path, value.
    cookies: RefCell<Vec<(String, String, String)>>,
}

/// What came back.
pub struct Answer {
    pub status: u16,
    pub location: String,
    pub bytes: Vec<u8>,
    pub body: String,
    pub headers: HeaderMap,
}

impl Answer {
    #[track_caller]
    pub fn says(&self, text: &str) -> &Self {
        assert!(self.body.contains(text), "{text:?} is not in {} {}", self.status, self.body);
        self
    }

    #[track_caller]
    pub fn is_silent_about(&self, text: &str) -> &Self {
        assert!(!self.body.contains(text), "{text:?} is in {} {}", self.status, self.body);
        self
    }

    #[track_caller]
    pub fn leads_to(&self, location: &str) {
        assert_eq!((self.status, self.location.as_str()), (303, location), "{}", self.body);
    }

    #[track_caller]
    pub fn is(&self, status: u16) -> &Self {
        assert_eq!(self.status, status, "{}", self.body);
        self
    }

    /// The page of an address that is its own key.
    #[track_caller]
    pub fn is_private(&self) -> &Self {
        for (name, value) in
            [("referrer-policy", "no-referrer"), ("cache-control", "no-store"), ("x-robots-tag", "noindex")]
        {
            assert_eq!(self.headers.get(name).map(|it| it.to_str().unwrap()), Some(value), "{name}");
        }
        self
    }

    /// The text between two others.
    #[track_caller]
    pub fn between(&self, before: &str, after: &str) -> String {
        let (_, rest) = self.body.split_once(before).unwrap_or_else(|| panic!("{before:?}: {}", self.body));
        rest.split(after).next().unwrap().to_owned()
    }

    /// Whether the summary leads to this field and says this, and the field says it too.
    #[track_caller]
    pub fn explains(&self, field: &str, message: &str) -> &Self {
        self.says(&format!("<a href=\"#{field}\">"));
        self.says(&format!("id=\"{field}-error\""));
        assert!(self.body.matches(message).count() >= 2, "{message:?} once at most in {}", self.body);
        self
    }
}

/// A journey on each engine, with a virus scanner where `gate` is guarded.
#[expect(clippy::needless_pass_by_value, reason = "a closure written where it is called")]
pub fn journey(gate: Gate, test: impl AsyncFn(&Hall<'_>)) {
    on_both_engines(&migrations(), |fixture| {
        let desk = DeskService::new(DeskConfig {
            pool: Arc::new(Pool::in_process()),
            gate,
            origin: Box::new(|_| "https://lunel.example".to_owned()),
            demo: false,
        })
        .with_private_webhooks(true)
        .with_private_mailboxes(true);
        let mut handlers = desk.job_handlers();
        handlers.push(Arc::new(mail::SendHandler::new(Transport::Kept)));
        let sms: Arc<dyn Messenger> = Arc::new(Sms::new(Targets::Private, false));
        handlers.push(Arc::new(messenger::SendHandler::new(vec![sms])));
        handlers.push(Arc::new(ScanHandler::new(Arc::new(Nose))));
        let workers = Arc::new(Workers { subscribers: desk.subscribers(), handlers });
        let services: Vec<Arc<dyn Service>> = vec![Arc::new(desk)];
        let house =
            House::new(Arc::clone(&fixture.platform), services.clone(), WebConfig::default()).unwrap();
        let hall = Hall { fixture, site: Site::new(Arc::clone(&house)), workers, services, house };
        settle(fixture);
        tokio::runtime::Runtime::new().unwrap().block_on(test(&hall));
    })
    .unwrap();
}

/// What a removal van needs.
pub fn removal(email: &str) -> Value {
    json!({
        "objet": "demenagement", "circulation": false, "lieu": "3 rue Haute, 34400 Lunel", "surface": 20,
        "debut": "2026-07-20", "fin": "2026-07-20", "heure_debut": "08:00", "heure_fin": "12:00",
        "statut": "particulier", "demandeur": { "family_name": "Peyron", "given_names": "Gaspard" },
        "adresse": "3 rue Haute, 34400 Lunel", "courriel": email, "telephone": "0465711234",
        "engagement": true,
    })
}

impl Hall<'_> {
    pub fn browser(&self) -> Browser<'_> {
        Browser { hall: self, cookies: RefCell::default() }
    }

    /// Does all the background work.
    pub fn work(&self) {
        tokio::task::block_in_place(|| self.fixture.settle(&self.workers)).unwrap();
    }

    /// What every service does each hour; tells how many things.
    pub fn hour(&self) -> Result<u64, StoreError> {
        self.services.iter().map(|service| service.hourly(&self.fixture.commune)).sum()
    }

    /// What stays with the town when an account ends, as its services tell it.
    pub async fn closes(&self, account: Id<Account>) -> Vec<Remaining> {
        let house = Arc::clone(&self.house);
        let closed = self.fixture.commune.write(By::SYSTEM, move |tx| -> Result<_, StoreError> {
            house.account_closes(tx, account.uuid(), beffroi_core::Lang::Fr)
        });
        closed.await.unwrap()
    }

    /// What the services tell of an account, for its owner to take along.
    pub async fn told(&self, account: Id<Account>) -> PersonalData {
        let house = Arc::clone(&self.house);
        let told = self.fixture.commune.read(By::SYSTEM, move |tx| -> Result<_, StoreError> {
            house.personal_data(tx, account.uuid(), beffroi_core::Lang::Fr)
        });
        told.await.unwrap()
    }

    /// What is looked at of this name.
    pub fn check(&self, name: &str) -> Arc<dyn Check> {
        let mut all = self.services.iter().flat_map(|service| service.checks());
        all.find(|check| check.name() == name).unwrap()
    }

    /// Has the services erase what they keep of an account.
    pub async fn erased(&self, account: Id<Account>) {
        let house = Arc::clone(&self.house);
        let erased = self.fixture.commune.write(By::SYSTEM, move |tx| -> Result<_, StoreError> {
            house.erase_account(tx, account.uuid())
        });
        erased.await.unwrap();
    }

    /// A request sent by a program: its reference and code.
    pub async fn deposit(&self, email: &str) -> (String, String) {
        self.deposit_for("occupation-domaine-public", &removal(email)).await
    }

    /// The same, for a procedure.
    pub async fn deposit_for(&self, procedure: &str, answers: &Value) -> (String, String) {
        self.deposit_with(procedure, &json!({ "answers": answers })).await
    }

    /// The same, with all that a program may tell.
    pub async fn deposit_with(&self, procedure: &str, deposit: &Value) -> (String, String) {
        let answer = self.sent_for(procedure, deposit).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        let sent: Value = serde_json::from_str(&answer.body).unwrap();
        let text = |name: &str| sent.get(name).and_then(Value::as_str).unwrap().to_owned();
        (text("reference"), text("tracking_code"))
    }

    /// The same, where it is refused.
    pub async fn refused_for(&self, procedure: &str, answers: &Value) -> Answer {
        let answer = self.sent_for(procedure, &json!({ "answers": answers })).await;
        assert_eq!(answer.status, 422, "{}", answer.body);
        answer
    }

    async fn sent_for(&self, procedure: &str, deposit: &Value) -> Answer {
        let request = Request::post(format!("/api/v1/procedures/{procedure}/cases"))
            .header("host", "localhost")
            .header("content-type", "application/json")
            .body(Body::from(deposit.to_string()))
            .unwrap();
        let (parts, body) = self.site.respond(request, "192.0.2.7".parse().unwrap()).await.into_parts();
        let bytes = to_bytes(body, 1 << 20).await.unwrap().to_vec();
        Answer {
            status: parts.status.as_u16(),
            location: String::new(),
            body: String::from_utf8_lossy(&bytes).into_owned(),
            bytes,
            headers: parts.headers,
        }
    }

    /// One value of the database.
    pub async fn value<T: beffroi_store::FromValue + Send + 'static>(
        &self,
        sql: &'static str,
        param: &str,
    ) -> T {
        let param = param.to_owned();
        let found = self.fixture.commune.read(By::SYSTEM, move |tx| -> Result<T, StoreError> {
            let params: Vec<&dyn ToValue> = if sql.contains("$1") { vec![&param] } else { Vec::new() };
            tx.query_one(sql, &params, |row| row.get(0))
        });
        found.await.unwrap()
    }

    /// Changes what is kept, as no page can.
    pub async fn execute<V: ToValue + Clone + Send + Sync + 'static>(&self, sql: &'static str, param: &V) {
        let param = param.clone();
        let done = self.fixture.commune.write(By::SYSTEM, move |tx| tx.execute(sql, &[&param]).map(drop));
        done.await.unwrap();
    }

    /// The case of a reference, by its id.
    pub async fn case(&self, reference: &str) -> String {
        let id: uuid::Uuid = self.value("SELECT id FROM cases WHERE reference = $1", reference).await;
        id.to_string()
    }

    /// How a case stands.
    pub async fn state(&self, reference: &str) -> String {
        self.value("SELECT state FROM cases WHERE reference = $1", reference).await
    }

    /// The last mails, the newest first.
    pub async fn mails(&self) -> Vec<Mail> {
        self.fixture.commune.read(By::SYSTEM, |tx| mail::recent(tx, None, 50)).await.unwrap()
    }

    /// An account, signed in. An agent's has a role in a department.
    pub async fn signed_in(&self, email: &str, place: Option<(&str, Role)>) -> (Id<Account>, Browser<'_>) {
        const PASSWORD: &str = "girafe violette mange sept pommes sous orage";
        let kind = if place.is_some() { AccountKind::Agent } else { AccountKind::Citizen };
        let new = NewAccount {
            email: email.to_owned(),
            display_name: "Awa Diop".to_owned(),
            kind,
            password: Some(hash_password(PASSWORD, Strength::Administrator, &[]).unwrap()),
        };
        let place = place.map(|(department, role)| (department.to_owned(), role));
        let account = self.fixture.commune.write(By::SYSTEM, move |tx| -> Result<_, StoreError> {
            let permit = permit_system(tx).unwrap();
            let id = account::create(tx, &permit, &new).unwrap();
            if let Some((department, role)) = place {
                let department = department::by_slug(tx, &department)?.map(|found| found.id);
                permission::grant(tx, &permit, id, Grant { role, department }).unwrap();
            }
            let town = Town { password_suffices: true, ..Town::load(tx)? };
            let permit = permit_system(tx).unwrap();
            town.save(tx, &permit).unwrap();
            Ok(id)
        });
        let account = account.await.unwrap();
        let credentials = Credentials {
            email: email.to_owned(),
            password: PASSWORD.to_owned(),
            source: "192.0.2.7".to_owned(),
        };
        let commune = Arc::clone(&self.fixture.commune);
        let opened = tokio::task::spawn_blocking(move || {
            let proof = LocalPasswords.authenticate(&commune, &credentials).unwrap();
            commune.write_blocking(By::VISITOR, move |tx| sign_on::conclude(tx, &proof, "test")).unwrap()
        });
        let SignIn::Open { token, .. } = opened.await.unwrap() else { panic!("not signed in") };
        let browser = self.browser();
        browser.hold(token.reveal());
        (account, browser)
    }
}

/// A file of a form: its field, its name, its content.
pub type FileOf<'a> = (&'a str, &'a str, &'a [u8]);

impl Browser<'_> {
    pub async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, "application/x-www-form-urlencoded", Vec::new()).await
    }

    /// Sends a form.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body: Vec<String> =
            fields.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
        self.ask("POST", path, "application/x-www-form-urlencoded", body.join("&").into_bytes()).await
    }

    /// Sends a request as a program does, with this browser's cookies.
    pub async fn deposits(&self, procedure: &str, answers: &Value) -> Answer {
        self.deposits_with(procedure, &json!({ "answers": answers })).await
    }

    /// The same, with all that a program may tell.
    pub async fn deposits_with(&self, procedure: &str, deposit: &Value) -> Answer {
        let body = deposit.to_string().into_bytes();
        self.ask("POST", &format!("/api/v1/procedures/{procedure}/cases"), "application/json", body).await
    }

    /// Sends a form with files.
    pub async fn send(&self, path: &str, fields: &[(&str, &str)], files: &[FileOf<'_>]) -> Answer {
        let mut body = parts(fields, files);
        body.extend_from_slice(b"--cut--\r\n");
        self.ask("POST", path, "multipart/form-data; boundary=cut", body).await
    }

    /// Sends a form whose last file never ends.
    pub async fn send_cut(&self, path: &str, fields: &[(&str, &str)], files: &[FileOf<'_>]) -> Answer {
        let mut body = parts(fields, files);
        body.truncate(body.len() - 4);
        self.ask("POST", path, "multipart/form-data; boundary=cut", body).await
    }

    /// Opens a request with its code.
    pub async fn follow(&self, code: &str) -> Answer {
        self.post("/suivi", &[("code", code)]).await.leads_to("/suivi");
        self.get("/suivi").await
    }

    async fn ask(&self, method: &str, path: &str, kind: &str, body: Vec<u8>) -> Answer {
        let bare = path.split(['?', '#']).next().unwrap();
        let cookies: Vec<String> = self
            .cookies
            .borrow()
            .iter()
            .filter(|(_, scope, _)| {
                let rest = bare.strip_prefix(scope.trim_end_matches('/'));
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            })
            .map(|(name, _, value)| format!("{name}={value}"))
            .collect();
        let request = Request::builder()
            .method(method)
            .uri(path.split('#').next().unwrap())
            .header("host", "localhost")
            .header("accept-language", "fr")
            .header("content-type", kind)
            .header("cookie", cookies.join("; "))
            .body(Body::from(body))
            .unwrap();
        let (parts, body) = self.hall.site.respond(request, "192.0.2.7".parse().unwrap()).await.into_parts();
        for cookie in parts.headers.get_all("set-cookie") {
            self.keep(cookie.to_str().unwrap());
        }
        let location = parts.headers.get("location").map_or("", |it| it.to_str().unwrap()).to_owned();
        let bytes = to_bytes(body, 16 << 20).await.unwrap().to_vec();
        let body = String::from_utf8_lossy(&bytes).into_owned();
        Answer { status: parts.status.as_u16(), location, bytes, body, headers: parts.headers }
    }

    fn keep(&self, cookie: &str) {
        let mut members = cookie.split("; ");
        let (name, value) = members.next().unwrap().split_once('=').unwrap();
        let path = members.clone().find_map(|member| member.strip_prefix("Path=")).unwrap_or("/").to_owned();
        let mut cookies = self.cookies.borrow_mut();
        cookies.retain(|(kept, scope, _)| (kept.as_str(), scope.as_str()) != (name, path.as_str()));
        if !members.any(|member| member == "Max-Age=0") {
            cookies.push((name.to_owned(), path, value.to_owned()));
        }
    }

    /// Is signed in with this session.
    pub fn hold(&self, token: &str) {
        self.keep(&format!("beffroi={token}; Path=/"));
    }

    /// Carries what was picked on another page.
    pub fn carry(&self, secret: &str) {
        self.keep(&format!("{}={secret}; Path=/", beffroi_calendar::booking::COOKIE));
    }

    /// Another machine, where the same account is signed in.
    pub fn elsewhere(&self) -> Self {
        let session = self.cookies.borrow().iter().filter(|(name, ..)| name == "beffroi").cloned().collect();
        Browser { hall: self.hall, cookies: RefCell::new(session) }
    }
}

fn parts(fields: &[(&str, &str)], files: &[FileOf<'_>]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in fields {
        let part = format!("--cut\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend_from_slice(part.as_bytes());
    }
    for (field, name, content) in files {
        let head =
            format!("--cut\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(
            |byte| {
                if byte.is_ascii_alphanumeric() {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            },
        )
        .collect()
}
