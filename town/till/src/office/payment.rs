//! One attempt to pay: what is known of it, and what is done about it: asking PayFiP, attaching money to an order, giving
//! it back, vouching for it, closing it.

use std::sync::Arc;

use askama::Template;
use axum::{
    Extension,
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_core::{
    Cents, Day, Id, Lang,
    calendar::{long_moment, start_of_day},
};
use beffroi_payments::{
    Payment, PaymentState, PaymentTrouble, Refund, look, order,
    payment::{self, AdapterKind, Means},
    permission::{SettlePayments, permit_for},
    refund::{self, RefundError, RefundState},
    settle::{self, SettleError},
};
use beffroi_people::{Permit, SignedIn, Town};
use beffroi_store::Tx;
use beffroi_web::{
    Choice, CommuneOf, Fact, FormPost, Page, Problem, Result, Visitor, WebError, Wrong, page::render_as,
};
use chrono_tz::Tz;
use serde::Deserialize;

use super::{
    day::means_word,
    hidden,
    order::{look_of, state_of},
    refund::refund_word,
    somewhere,
};
use crate::{Parts, amount};

/// Refunds of one payment that are shown.
const REFUNDS: u32 = 100;
/// By what PayFiP's money comes.
const ONLINE: [Means; 2] = [Means::Card, Means::DirectDebit];

struct Back {
    href: String,
    amount: String,
    reason: String,
    state: String,
}

#[derive(Template)]
#[template(path = "till_payment.html")]
#[expect(clippy::struct_excessive_bools, reason = "each shows a form of the page")]
struct Shown {
    page: Page,
    id: String,
    back: String,
    done: String,
    title: String,
    look: &'static str,
    state: String,
    what: String,
    rows: Vec<Fact>,
    refunds: Vec<Back>,
    asks: bool,
    attaches: bool,
    refundable: bool,
    vouches: bool,
    closes: bool,
    number: String,
    amount: String,
    reason: String,
    told: String,
    day: String,
    means: Vec<Choice>,
    problems: Vec<Problem>,
}

impl Shown {
    fn error(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

struct Seen {
    payment: Payment,
    /// The number of the order that it began with, and of the one for which it counts.
    number: String,
    counts_for: String,
    refunds: Vec<Refund>,
    zone: Tz,
}

/// A payment of a régie that the agent settles.
fn seen(tx: &mut Tx<'_>, who: &SignedIn, id: &str) -> Result<(Seen, Permit<SettlePayments>)> {
    let _ = somewhere::<SettlePayments>(tx, who)?;
    let id: Id<Payment> = id.parse().map_err(|_| WebError::not_found())?;
    let payment = payment::find(tx, id)?.ok_or_else(WebError::not_found)?;
    let permit = hidden(permit_for::<SettlePayments>(tx, who, payment.regie))?;
    let number = order::find(tx, payment.order)?.map(|order| order.number).unwrap_or_default();
    let counts_for = match payment.counts_for {
        Some(id) if id != payment.order => order::find(tx, id)?.map(|order| order.number),
        Some(_) => Some(number.clone()),
        None => None,
    };
    let refunds = refund::of_payment(tx, id, REFUNDS)?;
    let zone = Town::load(tx)?.zone();
    Ok((Seen { payment, number, counts_for: counts_for.unwrap_or_default(), refunds, zone }, permit))
}

impl Seen {
    /// What is left of the money that came.
    fn left(&self) -> Cents {
        let bound: Cents =
            self.refunds.iter().filter(|it| it.state != RefundState::Withdrawn).map(|it| it.cents).sum();
        Cents(self.payment.told.unwrap_or_default().0 - bound.0)
    }
}

#[derive(Default, Deserialize)]
pub(super) struct Just {
    #[serde(default)]
    fait: String,
}

pub(super) async fn show(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Path(id): Path<String>,
    Query(just): Query<Just>,
) -> Result {
    let who = visitor.require()?.clone();
    let (seen, _) = commune.read(visitor.by, move |tx| seen(tx, &who, &id)).await?;
    let done = match just.fait.as_str() {
        word @ ("rembourser" | "rattacher" | "clore" | "attester" | "interroger") => {
            page.t(&format!("till-office-done-{word}")).to_owned()
        }
        _ => String::new(),
    };
    answer(page, &seen, done, &FormPost::default(), &[])
}

fn answer(page: Page, seen: &Seen, done: String, typed: &FormPost, wrong: &[Wrong]) -> Result {
    let it = &seen.payment;
    let open = it.is_open_trouble();
    let left = seen.left();
    let came = it.state == PaymentState::Paid;
    let amount_of = |cents: Option<Cents>| cents.map(|cents| cents.read_in(Lang::Fr)).unwrap_or_default();
    let moment = |at: Option<beffroi_core::Instant>| {
        at.map(|at| long_moment(at, seen.zone, Lang::Fr)).unwrap_or_default()
    };
    let online = it.adapter == AdapterKind::PayFip;
    let rows = vec![
        ("till-fact-number", seen.number.clone()),
        ("till-office-head-reference", it.reference.clone()),
        (
            "till-office-mode",
            if online {
                page.t(&format!("till-office-mode-{}", it.mode.as_str())).to_owned()
            } else {
                String::new()
            },
        ),
        ("till-office-started", moment(Some(it.started_at))),
        ("till-office-told-at", moment(it.told_at)),
        ("till-office-notified", moment(it.notified_at)),
        ("till-office-asked-at", moment(it.asked_at)),
        ("till-office-next", moment(it.ask_at)),
        (
            "till-office-fault",
            it.fault
                .map(|fault| page.t(&format!("till-office-fault-{}", fault.as_str())).to_owned())
                .unwrap_or_default(),
        ),
        ("till-office-head-means", it.means.map(|means| means_word(&page, means)).unwrap_or_default()),
        ("till-office-authorisation", it.authorisation.clone().unwrap_or_default()),
        ("till-office-head-asked", amount_of(Some(it.asked))),
        ("till-office-head-came", amount_of(it.told)),
        ("till-office-counts-for", seen.counts_for.clone()),
        (
            "till-office-settled-how",
            it.settled_how
                .map(|how| page.t(&format!("till-office-settlement-{}", how.as_str())).to_owned())
                .unwrap_or_default(),
        ),
    ];
    let closes = open
        && matches!(
            it.trouble,
            Some(PaymentTrouble::Unanswered | PaymentTrouble::Contradiction | PaymentTrouble::Mismatch)
        );
    let what = match it.trouble.filter(|_| open) {
        Some(trouble) => page.t(&format!("till-office-do-{}", trouble.as_str())).to_owned(),
        None => String::new(),
    };
    let in_box = |name: &str, cents: Cents| match typed.get(name) {
        Some(text) => text.to_owned(),
        None => amount::in_box(cents),
    };
    let chosen = typed.text("moyen");
    let shown = Shown {
        id: it.id.to_string(),
        back: format!("/agents/caisse/commandes/{}", it.order),
        done,
        title: page.tr("till-office-payment-title", &[("reference", it.reference.clone().into())]),
        look: look_of(it),
        state: state_of(&page, it),
        what,
        rows: Fact::all(&page, rows),
        refunds: seen
            .refunds
            .iter()
            .map(|it| Back {
                href: format!("/agents/caisse/remboursements/{}", it.id),
                amount: it.cents.read_in(Lang::Fr),
                reason: it.reason.clone(),
                state: refund_word(&page, it),
            })
            .collect(),
        asks: online && it.token.is_some() && !came,
        attaches: open && came && it.counts_for.is_none() && left > Cents(0),
        refundable: came && left > Cents(0),
        vouches: it.state == PaymentState::Unknown,
        closes,
        number: typed.text("numero").to_owned(),
        amount: in_box("montant", left),
        reason: typed.text("motif").to_owned(),
        told: in_box("recu", it.asked),
        day: typed.text("jour").to_owned(),
        means: ONLINE
            .map(|means| Choice::new(means.as_str(), &means_word(&page, means), means.as_str() == chosen))
            .into(),
        problems: Problem::keyed(&page, wrong),
        page,
    };
    render_as(if wrong.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY }, &shown)
}

/// What is told where something is not settled.
fn refused(error: SettleError, field: &'static str) -> Result<Wrong> {
    Ok(match error {
        SettleError::Store(error) => return Err(error.into()),
        SettleError::NotThere | SettleError::Order => (field, "till-office-wrong-order"),
        SettleError::Amount => (field, "till-office-wrong-attach-amount"),
        SettleError::NothingToSettle => (field, "till-office-wrong-settled"),
    })
}

fn refund_refused(error: RefundError) -> Result<Wrong> {
    Ok(match error {
        RefundError::Store(error) => return Err(error.into()),
        RefundError::Words => ("motif", "till-office-wrong-reason"),
        RefundError::Amount => ("montant", "till-office-wrong-refund-amount"),
        RefundError::NotThere | RefundError::NotPaid | RefundError::Settled => {
            ("montant", "till-office-wrong-settled")
        }
    })
}

/// Does what the agent asks for, with this permit.
fn act(
    tx: &mut Tx<'_>,
    permit: &Permit<SettlePayments>,
    seen: &Seen,
    action: &str,
    typed: &FormPost,
) -> Result<Option<Wrong>> {
    let id = seen.payment.id;
    Ok(match action {
        "rattacher" => match order::of_number(tx, typed.text("numero"))? {
            None => Some(("numero", "till-office-wrong-order")),
            Some(order) => match settle::attach(tx, permit, id, order.id) {
                Ok(_) => None,
                Err(error) => Some(refused(error, "numero")?),
            },
        },
        "clore" => match settle::close(tx, permit, id) {
            Ok(_) => None,
            Err(error) => Some(refused(error, "clore")?),
        },
        "attester" => {
            let means = Means::from_word(typed.text("moyen")).filter(|means| ONLINE.contains(means));
            let (Some(means), Some(cents)) = (means, amount::typed(typed.text("recu"))) else {
                let missing =
                    if means.is_none() { "till-office-wrong-means" } else { "till-office-wrong-amount" };
                return Ok(Some((if means.is_none() { "moyen" } else { "recu" }, missing)));
            };
            let Ok(day) = typed.text("jour").parse::<Day>() else {
                return Ok(Some(("jour", "till-office-wrong-day")));
            };
            match settle::vouch(tx, permit, id, cents, means, start_of_day(day, seen.zone)) {
                Ok(_) => None,
                Err(error) => Some(refused(error, "recu")?),
            }
        }
        "rembourser" => {
            let Some(cents) = amount::typed(typed.text("montant")) else {
                return Ok(Some(("montant", "till-office-wrong-amount")));
            };
            match refund::ask(tx, permit, id, cents, typed.text("motif")) {
                Ok(_) => None,
                Err(error) => Some(refund_refused(error)?),
            }
        }
        _ => return Err(WebError::not_found()),
    })
}

pub(super) async fn settle(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Extension(parts): Extension<Arc<Parts>>,
    Path((id, action)): Path<(String, String)>,
    fields: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let done = Redirect::to(&format!("/agents/caisse/paiements/{id}?fait={action}"));
    if action == "interroger" {
        let (seen, _) = commune.read(visitor.by, move |tx| seen(tx, &who, &id)).await?;
        // Whatever comes of it, the page tells: the last asking, and why nothing was told.
        let _ = look(&commune, parts.config.payfip.as_ref(), seen.payment).await?;
        return Ok(done.into_response());
    }
    let typed = fields.clone();
    let (seen, wrong) = commune
        .write(visitor.by, move |tx| {
            let (seen, permit) = seen(tx, &who, &id)?;
            let wrong = act(tx, &permit, &seen, &action, &typed)?;
            Ok::<_, WebError>((seen, wrong))
        })
        .await?;
    match wrong {
        None => Ok(done.into_response()),
        Some(wrong) => answer(page, &seen, String::new(), &fields, &[wrong]),
    }
}
