//! A house with the till alone, a régie of a department, a PayFiP of this machine, and somebody at a browser.

use std::{sync::Arc, time::Duration};

use axum::extract::Request;
use beffroi_core::{Cents, Id, Sector, Targets};
use beffroi_payments::{
    About, Mode, NewOrder, NewRegie, Order, OrderLine, PayFip, Payer, Regie, order, permission::ManageRegies,
    reach, regie, testing::StandIn,
};
use beffroi_people::{
    Account, AccountKind, Grant, Role, Town as Settings,
    account::{self, NewAccount},
    department::{self, DepartmentDetails},
    password::{Strength, hash_password},
    permission::{self, permit_system},
    sign_on::{self, Credentials, Directory, LocalPasswords, SignIn},
};
use beffroi_store::{
    By, StoreError, Tx,
    background::{Workers, run_due},
    testing::{TestCommune, on_both_engines},
};
use beffroi_till::{Till, TillConfig};
use beffroi_typeset::Pool;
pub use beffroi_web::testing::{Answer, Browser};
use beffroi_web::{App, House, Service, Site, WebConfig};
use chrono::TimeDelta;
use uuid::Uuid;

const PASSWORD: &str = "girafe violette mange sept pommes sous orage";

/// A town with a régie that lets rooms.
pub struct Town<'a> {
    pub fixture: &'a TestCommune,
    pub bank: StandIn,
    pub regie: Id<Regie>,
    site: Site,
    workers: Arc<Workers>,
    services: Vec<Arc<dyn Service>>,
}

fn department(slug: &str) -> DepartmentDetails {
    DepartmentDetails {
        slug: slug.to_owned(),
        parent: None,
        name: slug.to_owned(),
        phone: "04 65 71 00 20".to_owned(),
        email: "salles@lunel.example".to_owned(),
        postal_address: "12 rue Sadi-Carnot".to_owned(),
        hours: "Du lundi au vendredi, de 9 h à 12 h".to_owned(),
        sector: Sector::General,
    }
}

fn settle(tx: &mut Tx<'_>) -> Result<Id<Regie>, StoreError> {
    let town = Settings { name: "Lunel".to_owned(), password_suffices: true, ..Settings::load(tx)? };
    let permit = permit_system(tx).unwrap();
    town.save(tx, &permit).unwrap();
    let permit = permit_system(tx).unwrap();
    let places =
        ["salles", "cantine"].map(|slug| department::create(tx, &permit, &department(slug)).unwrap());
    let permit = permit_system::<ManageRegies>(tx).unwrap();
    let typed = NewRegie {
        name: "Régie des salles".to_owned(),
        client_number: StandIn::CLIENT.to_owned(),
        mode: Mode::Production,
        online: true,
        department: Some(places[0]),
        closed: false,
    };
    regie::create(tx, &permit, &regie::to_keep(&typed).unwrap())
}

/// Runs a journey on each engine.
#[expect(clippy::needless_pass_by_value, reason = "a closure written where it is called")]
pub fn in_a_town(test: impl AsyncFn(&Town<'_>)) {
    let migrations = [beffroi_people::MIGRATIONS, beffroi_payments::MIGRATIONS].concat();
    on_both_engines(&migrations, |fixture| {
        let bank = StandIn::start();
        let payfip = PayFip::at(Targets::Private, &bank.service, &bank.page).patient(Duration::from_secs(5));
        let till = Till::new(TillConfig {
            payfip: Arc::new(payfip),
            pool: Arc::new(Pool::in_process()),
            origin: Box::new(|_| Ok(Some("https://lunel.example".to_owned()))),
            stand_in: None,
        });
        let services: Vec<Arc<dyn Service>> = vec![Arc::new(till)];
        let house =
            House::new(Arc::clone(&fixture.platform), services.clone(), WebConfig::default()).unwrap();
        let workers = Arc::new(house.workers());
        let regie = fixture.commune.write_blocking(By::SYSTEM, settle).unwrap();
        let town = Town { fixture, bank, regie, site: Site::new(house), workers, services };
        tokio::runtime::Runtime::new().unwrap().block_on(test(&town));
    })
    .unwrap();
}

/// A room at fifty euros.
pub fn room(regie: Id<Regie>) -> NewOrder {
    NewOrder {
        regie,
        payer: Payer { name: "Awa Diop".to_owned(), mail: "awa.diop@lunel.example".to_owned() },
        account: None,
        about: About { kind: "booking".to_owned(), id: Uuid::from_u128(7) },
        lines: vec![
            OrderLine { label: "Salle des fêtes, 12 décembre".to_owned(), cents: Cents(6_000) },
            OrderLine { label: "Réduction d’habitant".to_owned(), cents: Cents(-1_000) },
        ],
        deliberation: "DCM 2026-42 du 12 mars 2026".to_owned(),
        due_at: None,
        lapses: false,
    }
}

impl Town<'_> {
    /// The house itself.
    pub fn house(&self) -> App {
        App::clone(self.site.app())
    }

    /// Somebody at a browser.
    pub fn browser(&self) -> Browser<'_> {
        Browser::at(&self.site)
    }

    /// An order, changed as the test says: itself and the address of its page.
    pub async fn order(&self, change: impl FnOnce(&mut NewOrder)) -> (Order, String) {
        let mut new = room(self.regie);
        change(&mut new);
        let made = self.fixture.commune.write(By::SYSTEM, move |tx| -> Result<_, StoreError> {
            let made = order::create(tx, &new).unwrap();
            let page = reach::page(tx, made.id)?.unwrap();
            Ok((made, page))
        });
        made.await.unwrap()
    }

    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> T {
        self.fixture.commune.read(By::SYSTEM, work).await.unwrap()
    }

    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> T {
        self.fixture.commune.write(By::SYSTEM, work).await.unwrap()
    }

    /// How many things a statement counts.
    pub async fn count(&self, sql: &'static str) -> i64 {
        self.read(move |tx| tx.query_one(sql, &[], |row| row.get::<i64>(0))).await
    }

    /// An account, signed in; an agent where there is a role.
    pub async fn account(
        &self,
        email: &str,
        role: Option<(Role, Option<&str>)>,
    ) -> (Id<Account>, Browser<'_>) {
        let new = NewAccount {
            email: email.to_owned(),
            display_name: "Awa Diop".to_owned(),
            kind: if role.is_some() { AccountKind::Agent } else { AccountKind::Citizen },
            password: Some(hash_password(PASSWORD, Strength::Administrator, &[]).unwrap()),
        };
        let role = role.map(|(role, place)| (role, place.map(str::to_owned)));
        let made = self.write(move |tx| {
            let permit = permit_system(tx).unwrap();
            let id = account::create(tx, &permit, &new).unwrap();
            if let Some((role, place)) = role {
                let department = match place {
                    Some(slug) => department::by_slug(tx, &slug)?.map(|found| found.id),
                    None => None,
                };
                permission::grant(tx, &permit, id, Grant { role, department }).unwrap();
            }
            Ok(id)
        });
        let id = made.await;
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
        (id, Browser::signed_in(&self.site, token.reveal()))
    }

    pub async fn agent(&self, email: &str, role: Role, department: &str) -> Browser<'_> {
        self.account(email, Some((role, Some(department)))).await.1
    }

    /// Does the work that waits.
    pub async fn work(&self) {
        let (commune, workers) = (Arc::clone(&self.fixture.commune), Arc::clone(&self.workers));
        tokio::task::spawn_blocking(move || run_due(&commune, &workers)).await.unwrap().unwrap();
    }

    /// Time goes by, and what is due then is done.
    pub async fn later(&self, by: TimeDelta) {
        self.fixture.clock.advance(by);
        self.work().await;
    }

    /// What the service does each hour.
    pub async fn hour(&self) {
        let (commune, services) = (Arc::clone(&self.fixture.commune), self.services.clone());
        let round = move || services.iter().map(|service| service.hourly(&commune).unwrap()).sum::<u64>();
        tokio::task::spawn_blocking(round).await.unwrap();
        self.work().await;
    }

    /// PayFiP says that there is something to ask for, as it does: by a form, from no page of ours.
    pub async fn notified(&self, body: &str) -> Answer {
        let request = Request::post("/paiements/payfip/avis")
            .header("content-type", "application/x-www-form-urlencoded");
        self.browser().ask(request, body.to_owned()).await
    }

    /// Somebody goes from the page of an order to the page of payment: PayFiP's name of the attempt, and where they come
    /// back to.
    pub async fn goes(&self, page: &str) -> (String, String) {
        let sent = self.browser().post(&format!("{page}/payer"), &[]).await;
        sent.is(303);
        let attempt = self.bank.last();
        assert_eq!(sent.location, format!("{}?idop={}", self.bank.page, attempt.idop));
        let back = attempt.urlredirect.strip_prefix("https://lunel.example").unwrap().to_owned();
        (attempt.idop, back)
    }

    /// They come back, and see this.
    pub async fn back(&self, back: &str) -> Answer {
        let sent = self.browser().get(back).await;
        sent.is(303);
        self.browser().get(&sent.location).await
    }
}

/// The key of a form that does a thing once.
pub fn key_of(answer: &Answer) -> String {
    let rest = answer.body.split("name=\"idempotency_key\" value=\"").nth(1).unwrap();
    rest.split('"').next().unwrap().to_owned()
}
