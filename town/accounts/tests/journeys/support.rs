//! A house with the accounts alone, and somebody at a browser.

use std::{cell::RefCell, collections::BTreeMap, sync::Arc};

use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::{StatusCode, header},
};
use beffroi_accounts::Accounts;
use beffroi_core::{Assurance, Id, Lang};
use beffroi_notify::{Transport, mail};
use beffroi_people::{
    Account, AccountKind, Grant, LinkToSend, Role,
    account::{self, AccountError, NewAccount},
    identity::{self, Attempt, Claims, Entered, Presented, Provider, ProviderKind},
    password::{Strength, hash_password},
    permission::{self, GrantError, ManageAccounts, permit_system},
};
use beffroi_store::{
    By, StoreError,
    background::{Workers, run_due},
    testing::{TestCommune, on_both_engines},
};
use beffroi_web::{House, Service, Site, WebConfig};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

pub const CITIZEN_PASSWORD: &str = "Onze-platanes-7!";
pub const AGENT_PASSWORD: &str = "girafe violette mange sept pommes sous orage";

/// The house, and the way to it.
pub struct Hall<'a> {
    pub fixture: &'a TestCommune,
    workers: Arc<Workers>,
    services: Vec<Arc<dyn Service>>,
    site: Arc<Site>,
}

/// A browser, with its cookies.
pub struct Browser<'a> {
    pub hall: &'a Hall<'a>,
    pub cookies: RefCell<BTreeMap<String, String>>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub location: String,
    pub retry_after: String,
    pub body: String,
}

impl Answer {
    /// The text between two others.
    pub fn between(&self, before: &str, after: &str) -> String {
        let (_, rest) = self.body.split_once(before).unwrap_or_else(|| panic!("{}", self.body));
        rest.split(after).next().unwrap().to_owned()
    }

    #[track_caller]
    pub fn says(&self, text: &str) {
        assert!(self.body.contains(text), "{text:?} is not in {:?} {}", self.status, self.body);
    }

    #[track_caller]
    pub fn leads_to(&self, location: &str) {
        assert_eq!((self.status, self.location.as_str()), (StatusCode::SEE_OTHER, location), "{}", self.body);
    }
}

/// Runs a journey on each engine.
pub fn journey(test: impl AsyncFn(&Hall<'_>)) {
    journey_at("https://lunel.example", test);
}

/// The same, in a house whose site is at this address.
#[expect(clippy::needless_pass_by_value, reason = "a closure written where it is called")]
pub fn journey_at(origin: &'static str, test: impl AsyncFn(&Hall<'_>)) {
    let migrations =
        [beffroi_people::MIGRATIONS, beffroi_notify::MIGRATIONS, beffroi_once_only::MIGRATIONS].concat();
    on_both_engines(&migrations, |fixture| {
        let at = move |_: &str| Ok(Some(origin.to_owned()));
        let services: Vec<Arc<dyn Service>> = vec![Arc::new(Accounts::new(at))];
        let house =
            House::new(Arc::clone(&fixture.platform), services.clone(), WebConfig::default()).unwrap();
        let mut workers = house.workers();
        workers.handlers.push(Arc::new(mail::SendHandler::new(Transport::Kept)));
        let workers = Arc::new(workers);
        house.health.attended_by(&workers);
        let hall = Hall { fixture, workers, services, site: Arc::new(Site::new(house)) };
        tokio::runtime::Runtime::new().unwrap().block_on(test(&hall));
    })
    .unwrap();
}

impl Hall<'_> {
    pub fn browser(&self) -> Browser<'_> {
        Browser { hall: self, cookies: RefCell::default() }
    }

    /// The secret of the link that was sent last.
    pub async fn mailed(&self) -> LinkToSend {
        let payload = self.fixture.commune.read(By::SYSTEM, |tx| -> Result<_, StoreError> {
            tx.query_one("SELECT payload FROM job ORDER BY id DESC LIMIT 1", &[], |row| {
                row.get::<serde_json::Value>(0)
            })
        });
        serde_json::from_value(payload.await.unwrap()).unwrap()
    }

    /// Does the work that waits.
    pub async fn work(&self) {
        let (commune, workers) = (Arc::clone(&self.fixture.commune), Arc::clone(&self.workers));
        tokio::task::spawn_blocking(move || run_due(&commune, &workers)).await.unwrap().unwrap();
    }

    /// The mail that leaves now: its subject, and its text.
    pub async fn letter(&self) -> (String, String) {
        self.work().await;
        let sent = self.fixture.commune.read(By::SYSTEM, |tx| mail::recent(tx, None, 1)).await.unwrap();
        (sent[0].subject.clone(), sent[0].text.clone())
    }

    /// The secret of the link that undoes the end of an account, and that waits to be sent.
    pub async fn farewell(&self) -> String {
        let payload = self.fixture.commune.read(By::SYSTEM, |tx| -> Result<_, StoreError> {
            tx.query_one("SELECT payload FROM job WHERE kind = 'account.farewell'", &[], |row| {
                row.get::<serde_json::Value>(0)
            })
        });
        let payload = payload.await.unwrap();
        payload.get("secret").and_then(serde_json::Value::as_str).unwrap().to_owned()
    }

    /// What every service does each hour; tells how many things.
    pub async fn hour(&self) -> u64 {
        let (commune, services) = (Arc::clone(&self.fixture.commune), self.services.clone());
        let round = move || services.iter().map(|service| service.hourly(&commune).unwrap()).sum::<u64>();
        tokio::task::spawn_blocking(round).await.unwrap()
    }

    /// What a calendar program reads at an address, having what this tag says: the status, the tag and the text.
    pub async fn subscribed(&self, path: &str, tag: &str) -> (StatusCode, String, String) {
        let request = Request::builder()
            .uri(path)
            .header("host", "localhost")
            .header("if-none-match", tag)
            .body(Body::empty())
            .unwrap();
        let (parts, body) = self.site.respond(request, "192.0.2.8".parse().unwrap()).await.into_parts();
        let tag = parts.headers.get("etag").map_or("", |tag| tag.to_str().unwrap()).to_owned();
        let body = to_bytes(body, 16 << 20).await.unwrap();
        (parts.status, tag, String::from_utf8_lossy(&body).into_owned())
    }

    /// How many rows a statement counts.
    pub async fn count(&self, sql: &'static str) -> i64 {
        let count = self.fixture.commune.read(By::SYSTEM, move |tx| -> Result<_, StoreError> {
            tx.query_one(sql, &[], |row| row.get::<i64>(0))
        });
        count.await.unwrap()
    }

    /// How many links wait to be sent.
    pub async fn mails(&self) -> i64 {
        let count = self.fixture.commune.read(By::SYSTEM, |tx| -> Result<_, StoreError> {
            tx.query_one("SELECT COUNT(*) FROM job", &[], |row| row.get::<i64>(0))
        });
        count.await.unwrap()
    }

    /// An account whose address is known.
    pub async fn account(&self, email: &str, name: &str, kind: AccountKind) -> Id<Account> {
        let new = NewAccount {
            email: email.to_owned(),
            display_name: name.to_owned(),
            kind,
            password: Some(match kind {
                AccountKind::Citizen => hash_password(CITIZEN_PASSWORD, Strength::Citizen, &[]).unwrap(),
                AccountKind::Agent => hash_password(AGENT_PASSWORD, Strength::Administrator, &[]).unwrap(),
            }),
        };
        let made = self.fixture.commune.write(By::SYSTEM, move |tx| -> Result<_, AccountError> {
            let permit = permit_system::<ManageAccounts>(tx).unwrap();
            account::create(tx, &permit, &new)
        });
        made.await.unwrap()
    }

    /// Gives a role for the whole town.
    pub async fn grant(&self, account: Id<Account>, role: Role) {
        let granted = self.fixture.commune.write(By::SYSTEM, move |tx| -> Result<_, GrantError> {
            let permit = permit_system::<ManageAccounts>(tx).unwrap();
            permission::grant(tx, &permit, account, Grant { role, department: None })
        });
        granted.await.unwrap();
    }

    /// An administrator at a browser, second factor given.
    pub async fn administrator(&self) -> (Id<Account>, Browser<'_>) {
        let id = self.account("maire@example.org", "Awa Diop", AccountKind::Agent).await;
        self.grant(id, Role::Administrator).await;
        let browser = self.browser();
        browser.enter("maire@example.org", AGENT_PASSWORD).await;
        browser.enrol(self).await;
        (id, browser)
    }
}

impl Browser<'_> {
    /// Comes in as an inhabitant whom FranceConnect vouches for, who has neither a password nor an address.
    pub async fn come_in_vouched(&self) {
        let kind = ProviderKind::FranceConnect;
        let presented = Presented {
            provider: kind,
            issuer: "https://oidc.example.fr".to_owned(),
            subject: "berthe".to_owned(),
            assurance: Assurance::Eidas1,
            two_factors: false,
            claims: Claims {
                family_name: "LENOIR".to_owned(),
                given_names: "Berthe".to_owned(),
                ..Claims::default()
            },
            id_token: "a.b.c".to_owned(),
        };
        let attempt = Attempt {
            provider: kind,
            back: String::new(),
            account: None,
            level: Assurance::Eidas1,
            lang: Lang::Fr,
        };
        let entered = self.hall.fixture.commune.write(By::VISITOR, move |tx| {
            identity::enter(tx, &presented, &attempt, &Provider::unset(kind), None, "test")
        });
        let entered: Result<Entered, StoreError> = entered.await;
        let Ok(Entered::Open { token, .. }) = entered else { panic!("{entered:?}") };
        self.cookies.borrow_mut().insert("beffroi".to_owned(), token.reveal().to_owned());
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, String::new()).await
    }

    /// Sends a form, its values percent-encoded here.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let body: Vec<String> =
            fields.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        self.ask("POST", path, body.join("&")).await
    }

    pub async fn enter(&self, email: &str, password: &str) -> Answer {
        self.post("/connexion", &[("email", email), ("password", password)]).await
    }

    /// Sets the second factor, and gives its secret.
    pub async fn enrol(&self, hall: &Hall<'_>) -> String {
        let begun = self.post("/compte/second-facteur", &[]).await;
        let address = begun.between("name=\"address\" value=\"", "\"").replace("&#38;", "&");
        let secret = address.split_once("secret=").unwrap().1.split('&').next().unwrap().to_owned();
        let code = code_of(hall, &secret);
        let done =
            self.post("/compte/second-facteur/confirmation", &[("address", &address), ("code", &code)]).await;
        done.says("Vos codes de secours");
        secret
    }

    fn cookie_header(&self) -> String {
        let cookies = self.cookies.borrow();
        cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    async fn ask(&self, method: &str, path: &str, body: String) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "localhost")
            .header("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("cookie", self.cookie_header())
            .body(Body::from(body))
            .unwrap();
        let (parts, body) = self.hall.site.respond(request, "192.0.2.7".parse().unwrap()).await.into_parts();
        let header = |name: &str| {
            parts.headers.get(name).map_or(String::new(), |value| value.to_str().unwrap().to_owned())
        };
        for set in parts.headers.get_all(header::SET_COOKIE) {
            let (name, value) = set.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            if value.is_empty() {
                self.cookies.borrow_mut().remove(name);
            } else {
                self.cookies.borrow_mut().insert(name.to_owned(), value.to_owned());
            }
        }
        assert_eq!(header("cache-control"), "no-store", "{path}");
        let body = to_bytes(body, 16 << 20).await.unwrap();
        Answer {
            status: parts.status,
            location: header("location"),
            retry_after: header("retry-after"),
            body: String::from_utf8_lossy(&body).into_owned(),
        }
    }
}

/// What an authenticator shows now.
pub fn code_of(hall: &Hall<'_>, secret: &str) -> String {
    let secret = totp_rs::Secret::try_from_base32(secret).unwrap();
    let totp = totp_rs::Builder::new().with_secret(secret).build().unwrap();
    let now = u64::try_from(hall.fixture.commune.now().timestamp()).unwrap();
    totp.generate(now).to_string()
}
