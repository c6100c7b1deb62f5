//! A town with a régie, orders for rooms, and a PayFiP of this machine.

use std::{sync::Arc, time::Duration};

use beffroi_core::{Cents, Id, Targets};
use beffroi_payments::{
    About, AskHandler, BeginError, Begun, LapseHandler, NewOrder, NewRegie, Order, OrderLine, Pages, PayFip,
    Payer, Payment, Regie,
    attention::Need,
    begin, hear, look,
    order::{self, CancelReason},
    payment,
    permission::{ManageRegies, ReadLedger, SettlePayments, TakeMoney},
    receipt::{self, ReceiptError, Taking},
    regie::{self, Mode},
    round,
    testing::StandIn,
};
use beffroi_people::{Permit, permission::permit_system};
use beffroi_store::{
    By, JournalEntry, Migration, Result, StoreError, Tx,
    background::{JobHandler, Workers},
    testing::{TestCommune, on_both_engines},
};
use chrono::TimeDelta;
use uuid::Uuid;

pub fn migrations() -> Vec<Migration> {
    [beffroi_people::MIGRATIONS, beffroi_payments::MIGRATIONS].concat()
}

pub struct Town<'a> {
    pub fixture: &'a TestCommune,
    pub payfip: Arc<PayFip>,
    pub bank: StandIn,
    pub regie: Id<Regie>,
}

/// Runs a test in such a town on each engine.
pub fn in_a_town(test: impl Fn(&Town<'_>)) {
    on_both_engines(&migrations(), |fixture| test(&Town::new(fixture))).unwrap();
}

impl<'a> Town<'a> {
    fn new(fixture: &'a TestCommune) -> Self {
        let bank = StandIn::start();
        let payfip = PayFip::at(Targets::Private, &bank.service, &bank.page);
        let payfip = Arc::new(payfip.patient(Duration::from_secs(5)));
        let regie = create_regie(fixture, "Régie des salles", Mode::Production);
        Self { fixture, payfip, bank, regie }
    }

    pub fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> T {
        self.fixture.commune.write_blocking::<_, StoreError>(By::SYSTEM, work).unwrap()
    }

    pub fn read<T>(&self, work: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> T {
        self.fixture.commune.read_blocking::<_, StoreError>(By::SYSTEM, work).unwrap()
    }

    /// Orders a room at fifty euros, unless the test says otherwise.
    pub fn order(&self, change: impl FnOnce(&mut NewOrder)) -> Order {
        let mut new = new_order(self.regie);
        change(&mut new);
        self.write(move |tx| Ok(order::create(tx, &new).unwrap()))
    }

    pub fn find(&self, order: &Order) -> Order {
        self.read(|tx| order::find(tx, order.id)).unwrap()
    }

    pub fn payment(&self, id: Id<Payment>) -> Payment {
        self.read(|tx| payment::find(tx, id)).unwrap()
    }

    pub fn begin(&self, order: &Order) -> Result<Begun, BeginError> {
        self.begin_by(&self.payfip, order)
    }

    pub fn begin_by(&self, payfip: &PayFip, order: &Order) -> Result<Begun, BeginError> {
        on_a_runtime(begin(&self.fixture.commune, By::VISITOR, payfip, order.id, &pages()))
    }

    pub fn cancel(&self, order: &Order) {
        let id = order.id;
        let cancelled = self
            .fixture
            .commune
            .write_blocking(By::SYSTEM, move |tx| order::cancel(tx, id, CancelReason::GivenUp));
        cancelled.unwrap();
    }

    /// Sends the payer to the page of payment; the attempt, and PayFiP's name for it.
    pub fn sent(&self, order: &Order) -> (Id<Payment>, String) {
        match self.begin(order).unwrap() {
            Begun::Page { payment, .. } => (payment, self.payment(payment).token.unwrap()),
            other => panic!("{other:?}"),
        }
    }

    /// The payer comes back to the town's page.
    pub fn comes_back(&self, payment: Id<Payment>) -> Payment {
        let found = self.payment(payment);
        match on_a_runtime(look(&self.fixture.commune, self.payfip.as_ref(), found)).unwrap() {
            Ok(payment) => payment,
            Err(_) => self.payment(payment),
        }
    }

    /// PayFiP notifies, and what follows is done.
    pub fn notified(&self, idop: &str) {
        on_a_runtime(hear(&self.fixture.commune, idop)).unwrap();
        self.work();
    }

    pub fn workers(&self) -> Arc<Workers> {
        let handlers: Vec<Arc<dyn JobHandler>> =
            vec![Arc::new(AskHandler::new(vec![Arc::clone(&self.payfip) as _])), Arc::new(LapseHandler)];
        Arc::new(Workers { handlers, ..Workers::default() })
    }

    /// Does what is due.
    pub fn work(&self) {
        self.fixture.settle(&self.workers()).unwrap();
    }

    pub fn later(&self, by: TimeDelta) {
        self.fixture.clock.advance(by);
        self.work();
    }

    pub fn hourly(&self) {
        self.write(round);
        self.work();
    }

    pub fn take(
        &self,
        order: &Order,
        means: payment::Means,
        cents: i64,
    ) -> Result<receipt::Receipt, ReceiptError> {
        let (order, detail) = (order.id, "BNP 0012345".to_owned());
        let taking = Taking { means, cents: Cents(cents), detail };
        self.fixture.commune.write_blocking(By::SYSTEM, move |tx| {
            let permit = taker(tx);
            receipt::take(tx, &permit, order, &taking)
        })
    }

    /// The kinds of entries of an order and of its payments, the oldest first.
    pub fn told(&self, order: &Order) -> Vec<String> {
        let entries = self.journal("order", order.id.uuid());
        entries.into_iter().map(|entry| entry.kind).collect()
    }

    pub fn journal(&self, kind: &str, id: Uuid) -> Vec<JournalEntry> {
        self.read(|tx| beffroi_store::journal::of_subject(tx, kind, id, 500))
    }

    pub fn needs(&self) -> Vec<Need> {
        self.read(|tx| {
            let permit = permit_system::<ReadLedger>(tx).unwrap();
            beffroi_payments::attention::list(tx, &permit, self.regie, None, 100)
        })
    }
}

pub fn new_order(regie: Id<Regie>) -> NewOrder {
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

pub fn pages() -> Pages {
    Pages {
        notify_at: "https://lunel.example/paiement/payfip".to_owned(),
        back_under: "https://lunel.example/paiement/retour".to_owned(),
    }
}

pub fn create_regie(fixture: &TestCommune, name: &str, mode: Mode) -> Id<Regie> {
    let typed = NewRegie {
        name: name.to_owned(),
        client_number: StandIn::CLIENT.to_owned(),
        mode,
        online: true,
        department: None,
        closed: false,
    };
    fixture
        .commune
        .write_blocking::<_, StoreError>(By::SYSTEM, move |tx| {
            let permit = permit_system::<ManageRegies>(tx).unwrap();
            regie::create(tx, &permit, &regie::to_keep(&typed).unwrap())
        })
        .unwrap()
}

pub fn taker(tx: &Tx<'_>) -> Permit<TakeMoney> {
    permit_system(tx).unwrap()
}

pub fn settler(tx: &Tx<'_>) -> Permit<SettlePayments> {
    permit_system(tx).unwrap()
}

pub fn reader(tx: &Tx<'_>) -> Permit<ReadLedger> {
    permit_system(tx).unwrap()
}

pub fn on_a_runtime<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap().block_on(work)
}
