//! The till of the demonstration: a régie that lets rooms, and orders in every state. What is paid online is paid to the
//! stand-in for PayFiP: no money is taken, and every page says so.

use std::sync::Arc;

use beffroi_core::{Cents, Id, Instant, ManualClock, Targets};
use beffroi_payments::{
    About, Begun, Mode, NewOrder, NewRegie, Order, OrderLine, Pages, PayFip, Payer, Payment, Regie, begin,
    look,
    order::{self, CancelReason},
    payment::{self, Means},
    permission::{ManageRegies, SettlePayments, TakeMoney},
    receipt::{self, Taking},
    refund::{self, RefundHow},
    regie,
    testing::StandIn,
};
use beffroi_people::{Account, department, permission::permit_system};
use beffroi_store::{By, Commune};
use chrono::TimeDelta;

use crate::{DemoError, failed};

/// Days before the end of the story on which the till opens: long enough for an attempt that nobody ever told of.
const OPENED: TimeDelta = TimeDelta::days(9);

/// What is to be paid in the demonstration.
struct Story<'a> {
    room: &'a str,
    payer: (&'a str, &'a str),
    cents: i64,
    /// What an inhabitant is spared.
    reduction: i64,
    account: Option<Id<Account>>,
}

/// The town, its régie, and its PayFiP.
struct Town<'a> {
    commune: &'a Arc<Commune>,
    clock: &'a ManualClock,
    regie: Id<Regie>,
    bank: StandIn,
    payfip: PayFip,
    runtime: tokio::runtime::Runtime,
}

/// Opens the till, and lives its days.
pub(crate) fn open(
    commune: &Arc<Commune>,
    clock: &ManualClock,
    now: Instant,
    inhabitant: Id<Account>,
) -> Result<(), DemoError> {
    clock.set(now - OPENED);
    let regie = commune.write_blocking(By::SYSTEM, |tx| {
        let permit = permit_system::<ManageRegies>(tx).map_err(failed)?;
        let typed = NewRegie {
            name: "Régie de la location des salles".to_owned(),
            client_number: StandIn::CLIENT.to_owned(),
            mode: Mode::Test,
            online: true,
            department: department::by_slug(tx, "vie-associative")?.map(|it| it.id),
            closed: false,
        };
        let new = regie::to_keep(&typed).map_err(|_| failed("the régie is not right"))?;
        regie::create(tx, &permit, &new).map_err(failed)
    })?;
    let bank = StandIn::start();
    let payfip = PayFip::at(Targets::Private, &bank.service, &bank.page);
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().map_err(failed)?;
    let town = Town { commune, clock, regie, bank, payfip, runtime };
    town.live(now, inhabitant)?;
    clock.set(now);
    Ok(())
}

impl Town<'_> {
    fn live(&self, now: Instant, inhabitant: Id<Account>) -> Result<(), DemoError> {
        let story =
            |room, payer, cents: i64| Story { room, payer, cents, reduction: cents / 10, account: None };
        // Nobody ever told what came of this one.
        let lost = self.order(&story(
            "Salle Georges-Brassens, soirée",
            ("Comité des fêtes du Vidourle", "bureau@comite.example"),
            18_000,
        ))?;
        let (lost, _) = self.goes(lost)?;
        self.clock.set(now - TimeDelta::days(3));
        let online = self.order(&story(
            "Espace Vidourle, journée",
            ("Les Tréteaux du Castel", "contact@treteaux.example"),
            42_000,
        ))?;
        let (attempt, idop) = self.goes(online)?;
        self.bank.pays(&idop);
        self.comes_back(attempt)?;
        let given_up = self.order(&story(
            "Salle de réunion du Castel",
            ("Nadia Haddad", "nadia.haddad@example.org"),
            4_500,
        ))?;
        self.commune.write_blocking(By::SYSTEM, move |tx| {
            order::cancel(tx, given_up, CancelReason::GivenUp).map_err(failed)
        })?;
        let back = self.order(&story("Salle Georges-Brassens, matinée", ("Paul Espérandieu", ""), 9_000))?;
        self.takes(back, Means::Cheque, 9_000, "Crédit agricole 0045871")?;
        self.gives_back(back)?;
        self.clock.set(now - TimeDelta::days(1));
        // Paid at the counter while the page of payment was open, and there as well.
        let twice = self.order(&story(
            "Espace Vidourle, soirée",
            ("Boule des Platanes", "boule@platanes.example"),
            26_000,
        ))?;
        let (attempt, idop) = self.goes(twice)?;
        self.takes(twice, Means::Terminal, 26_000, "")?;
        self.bank.pays(&idop);
        self.comes_back(attempt)?;
        let refused = self.order(&story(
            "Salle de réunion du Castel, 14 h",
            ("Karim Belkacem", "karim.belkacem@example.org"),
            4_500,
        ))?;
        let (attempt, idop) = self.goes(refused)?;
        self.bank.refuses(&idop);
        self.comes_back(attempt)?;
        self.clock.set(now - TimeDelta::hours(2));
        self.comes_back(lost)?;
        let cash = self.order(&story(
            "Maison des associations, une année",
            ("Pas à pas", "bonjour@pasapas.example"),
            12_000,
        ))?;
        self.takes(cash, Means::Cash, 5_000, "")?;
        let cheque = self.order(&story("Vidéoprojecteur", ("Colette Vidal", ""), 3_000))?;
        self.takes(cheque, Means::Cheque, 3_000, "La Banque postale 1177204")?;
        let marie = Story {
            room: "Salle Georges-Brassens, fête de famille",
            payer: ("Marie Durand", "marie.durand@example.org"),
            // As the tariff of the room has it: a day at the week's end, half for whoever lives in the town.
            cents: 20_000,
            reduction: 20_000,
            account: Some(inhabitant),
        };
        self.order(&marie)?;
        Ok(())
    }

    fn order(&self, story: &Story<'_>) -> Result<Id<Order>, DemoError> {
        let reduction = story.reduction;
        let mut new = NewOrder {
            regie: self.regie,
            payer: Payer { name: story.payer.0.to_owned(), mail: story.payer.1.to_owned() },
            account: story.account,
            about: About { kind: "booking".to_owned(), id: uuid::Uuid::nil() },
            lines: vec![
                OrderLine { label: story.room.to_owned(), cents: Cents(story.cents + reduction) },
                OrderLine { label: "Réduction d’habitant".to_owned(), cents: Cents(-reduction) },
            ],
            deliberation: "délibération du 12 mars 2026".to_owned(),
            due_at: Some(self.commune.now() + TimeDelta::days(30)),
            lapses: false,
        };
        self.commune.write_blocking(By::SYSTEM, move |tx| {
            new.about.id = tx.new_id::<Order>().uuid();
            order::create(tx, &new).map(|order| order.id).map_err(failed)
        })
    }

    /// Somebody goes to the page of payment: the attempt, and its name there.
    fn goes(&self, order: Id<Order>) -> Result<(Id<Payment>, String), DemoError> {
        let pages = Pages {
            notify_at: "http://localhost/paiements/payfip/avis".to_owned(),
            back_under: "http://localhost/paiements".to_owned(),
        };
        let begun = self.runtime.block_on(begin(self.commune, By::VISITOR, &self.payfip, order, &pages));
        match begun.map_err(failed)? {
            Begun::Page { payment, .. } => Ok((payment, self.bank.last().idop)),
            Begun::Counter | Begun::Paid => Err(failed("nobody was sent to the page of payment")),
        }
    }

    fn comes_back(&self, id: Id<Payment>) -> Result<(), DemoError> {
        let found = self.commune.read_blocking(By::SYSTEM, |tx| payment::find(tx, id))?;
        let found = found.ok_or_else(|| failed("the payment is not there"))?;
        self.runtime.block_on(look(self.commune, &self.payfip, found))?.map(drop).map_err(failed)
    }

    fn takes(&self, order: Id<Order>, means: Means, cents: i64, detail: &str) -> Result<(), DemoError> {
        let taking = Taking { means, cents: Cents(cents), detail: detail.to_owned() };
        self.commune.write_blocking(By::SYSTEM, move |tx| {
            let permit = permit_system::<TakeMoney>(tx).map_err(failed)?;
            receipt::take(tx, &permit, order, &taking).map(drop).map_err(failed)
        })
    }

    fn gives_back(&self, order: Id<Order>) -> Result<(), DemoError> {
        self.commune.write_blocking(By::SYSTEM, move |tx| {
            let permit = permit_system::<SettlePayments>(tx).map_err(failed)?;
            let total = order::find(tx, order)?.map(|order| order.total).unwrap_or_default();
            for asked in refund::claim(tx, order, total, "Salle indisponible").map_err(failed)? {
                refund::done(tx, &permit, asked.id, RefundHow::Transfer, "Mandat 2026-318")
                    .map_err(failed)?;
            }
            Ok(())
        })
    }
}
