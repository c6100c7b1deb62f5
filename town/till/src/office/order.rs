//! An order as the till sees it: what was paid, what is to be paid, and the taking of money at the counter.

use std::sync::Arc;

use askama::Template;
use axum::{
    Extension,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_core::{Cents, Id, Lang, calendar::long_moment};
use beffroi_payments::{
    Order, Payment, PaymentState, Receipt, Refund, order,
    payment::{AdapterKind, Means},
    permission::SettlePayments,
    reach,
    receipt::{self, ReceiptError, Taking},
    refund,
};
use beffroi_people::permission::scope;
use beffroi_store::idempotency::{self, Once};
use beffroi_web::{
    App, Area, Choice, CommuneOf, Fact, FormPost, Page, Problem, Result, Visitor, WebError, Wrong,
    new_idempotency_key, page::render_as,
};

use super::{consulted, day::means_word, order_for, refund::refund_word};
use crate::{
    Parts, amount,
    public::{Known, Line, facts, lines},
};

/// The means of a counter, in the order in which they are offered.
const MEANS: [Means; 3] = [Means::Cash, Means::Cheque, Means::Terminal];

struct Attempt {
    href: String,
    when: String,
    how: String,
    amount: String,
    state: String,
    look: &'static str,
    receipt: String,
    receipt_href: String,
}

struct Back {
    href: String,
    amount: String,
    reason: String,
    state: String,
}

#[derive(Template)]
#[template(path = "till_office_order.html")]
struct Shown {
    page: Page,
    id: String,
    regie_href: String,
    title: String,
    look: &'static str,
    state: String,
    rows: Vec<Fact>,
    total: String,
    lines: Vec<Line>,
    attempts: Vec<Attempt>,
    heads: Vec<String>,
    refunds: Vec<Back>,
    takes: bool,
    means: Vec<Choice>,
    amount: String,
    detail: String,
    key: String,
    own_page: String,
    /// Where the agent finds what is paid for; `""` where they may not see it.
    subject: String,
    settles: bool,
    problems: Vec<Problem>,
    trial: bool,
}

impl Shown {
    fn error(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

/// An order with what the till tells of it.
pub(super) struct Seen {
    known: Known,
    receipts: Vec<Receipt>,
    refunds: Vec<Refund>,
    own_page: Option<String>,
    subject: Option<String>,
    settles: bool,
}

fn seen(
    tx: &mut beffroi_store::Tx<'_>,
    app: &App,
    who: &beffroi_people::SignedIn,
    id: &str,
) -> Result<(Seen, beffroi_people::Permit<beffroi_payments::permission::TakeMoney>)> {
    let found = match id.parse::<Id<Order>>() {
        Ok(id) => order::find(tx, id)?,
        Err(_) => None,
    };
    let (known, permit) = order_for(tx, who, found)?;
    let id = known.order.id;
    let seen = Seen {
        receipts: receipt::of_order(tx, id)?,
        refunds: refund::of_order(tx, id)?,
        own_page: reach::page(tx, id)?,
        subject: app.shows(tx, known.thing(), who, Area::Office)?,
        settles: scope::<SettlePayments>(tx, who)?.contains(known.regie.department),
        known,
    };
    Ok((seen, permit))
}

/// Where an attempt stands, as a tag.
pub(super) fn look_of(payment: &Payment) -> &'static str {
    match payment.state {
        _ if payment.is_open_trouble() => "late",
        PaymentState::Started => "waiting",
        PaymentState::Paid => "granted",
        PaymentState::Refused => "refused",
        PaymentState::Cancelled => "closed",
        PaymentState::Unknown => "late",
    }
}

/// Where an attempt stands, in words.
pub(super) fn state_of(page: &Page, payment: &Payment) -> String {
    match payment.trouble.filter(|_| payment.is_open_trouble()) {
        Some(trouble) => page.t(&format!("till-office-trouble-{}", trouble.as_str())).to_owned(),
        None => page.t(&format!("till-office-payment-{}", payment.state.as_str())).to_owned(),
    }
}

pub(super) async fn show(
    State(app): State<App>,
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Extension(parts): Extension<Arc<Parts>>,
    Path(id): Path<String>,
) -> Result {
    let who = visitor.require()?.clone();
    let seen = commune
        .write(visitor.by, move |tx| {
            let (seen, _) = seen(tx, &app, &who, &id)?;
            // Who pays is told by it.
            if seen.known.order.payer.is_some() {
                consulted(tx, &who, seen.known.order.id)?;
            }
            Ok::<_, WebError>(seen)
        })
        .await?;
    let typed = FormPost::default().with("montant", amount::in_box(seen.known.order.remaining()));
    answer(page, &parts, &seen, &typed, &[])
}

fn attempts(page: &Page, seen: &Seen) -> Vec<Attempt> {
    let zone = seen.known.town.zone();
    let one = |it: &Payment| {
        let receipt =
            seen.receipts.iter().find(|receipt| receipt.payment == it.id && receipt.annuls.is_none());
        let how = match (it.adapter, it.means) {
            (_, Some(means)) => means_word(page, means),
            (AdapterKind::PayFip, None) => page.t("till-office-online").to_owned(),
            (AdapterKind::Counter, None) => String::new(),
        };
        Attempt {
            href: format!("/agents/caisse/paiements/{}", it.id),
            when: long_moment(it.booked_at, zone, Lang::Fr),
            how,
            amount: it.told.unwrap_or(it.asked).read_in(Lang::Fr),
            state: state_of(page, it),
            look: look_of(it),
            receipt: receipt.map(|it| format!("{}-{}", it.year, it.number)).unwrap_or_default(),
            receipt_href: receipt
                .map(|it| format!("/agents/caisse/quittances/{}", it.id))
                .unwrap_or_default(),
        }
    };
    seen.known.payments.iter().map(one).collect()
}

fn answer(page: Page, parts: &Parts, seen: &Seen, typed: &FormPost, wrong: &[Wrong]) -> Result {
    let known = &seen.known;
    let order = &known.order;
    let standing = known.standing();
    let mut rows = vec![
        ("till-fact-payer", order.payer.as_ref().map(|it| it.name.clone()).unwrap_or_default()),
        ("till-fact-mail", order.payer.as_ref().map(|it| it.mail.clone()).unwrap_or_default()),
        ("till-office-made", known.made_on(Lang::Fr)),
    ];
    if order.payer.is_none() {
        rows.push(("till-fact-payer", page.t("till-office-forgotten").to_owned()));
    }
    let mut rows = Fact::all(&page, rows);
    rows.extend(facts(&page, known));
    let heads = ["when", "means", "amount", "state", "receipt"];
    let chosen = typed.text("moyen");
    let shown = Shown {
        id: order.id.to_string(),
        regie_href: format!("/agents/caisse/{}", known.regie.id),
        title: order.number.clone(),
        look: standing.look(),
        state: page.t(&format!("till-tag-{}", standing.word())).to_owned(),
        rows,
        total: order.total.read_in(Lang::Fr),
        lines: lines(known, Lang::Fr),
        attempts: attempts(&page, seen),
        heads: heads.map(|head| page.t(&format!("till-office-head-{head}")).to_owned()).into(),
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
        takes: order.remaining() > Cents(0)
            && known.coming_back == Cents(0)
            && !order.is_overdue(known.now)
            && !known.regie.closed,
        means: MEANS
            .map(|means| Choice::new(means.as_str(), &means_word(&page, means), means.as_str() == chosen))
            .into(),
        amount: typed.text("montant").to_owned(),
        detail: typed.text("detail").to_owned(),
        key: typed.idempotency_key().map_or_else(new_idempotency_key, str::to_owned),
        own_page: seen.own_page.clone().unwrap_or_default(),
        subject: seen.subject.clone().unwrap_or_default(),
        settles: seen.settles,
        problems: Problem::keyed(&page, wrong),
        trial: parts.config.stand_in.is_some(),
        page,
    };
    render_as(if wrong.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY }, &shown)
}

fn taking(typed: &FormPost) -> std::result::Result<Taking, Vec<Wrong>> {
    let means = Means::from_word(typed.text("moyen")).filter(|means| MEANS.contains(means));
    let cents = amount::typed(typed.text("montant"));
    let mut wrong = Vec::new();
    if means.is_none() {
        wrong.push(("moyen", "till-office-wrong-means"));
    }
    if cents.is_none() {
        wrong.push(("montant", "till-office-wrong-amount"));
    }
    match (means, cents) {
        (Some(means), Some(cents)) => Ok(Taking { means, cents, detail: typed.text("detail").to_owned() }),
        _ => Err(wrong),
    }
}

/// What is told where nothing is taken.
fn refused(error: ReceiptError) -> Result<Wrong> {
    Ok(match error {
        ReceiptError::NotThere => return Err(WebError::not_found()),
        ReceiptError::Store(error) => return Err(error.into()),
        ReceiptError::Amount => ("montant", "till-office-wrong-too-much"),
        ReceiptError::Means => ("moyen", "till-office-wrong-means"),
        ReceiptError::Words => ("detail", "till-office-wrong-words"),
        ReceiptError::Closed => ("montant", "till-office-wrong-closed"),
        ReceiptError::NotDue | ReceiptError::Annulled | ReceiptError::Refunded => {
            ("montant", "till-office-wrong-not-due")
        }
    })
}

/// Takes money, once however often the button is pressed.
pub(super) async fn take(
    State(app): State<App>,
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Extension(parts): Extension<Arc<Parts>>,
    Path(id): Path<String>,
    fields: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let typed = fields.clone();
    let outcome = commune
        .write(visitor.by, move |tx| {
            let (seen, permit) = seen(tx, &app, &who, &id)?;
            let taking = match taking(&typed) {
                Ok(taking) => taking,
                Err(wrong) => return Ok::<_, WebError>(Err((seen, wrong))),
            };
            let order = seen.known.order.id;
            let work = |tx: &mut beffroi_store::Tx<'_>| {
                receipt::take(tx, &permit, order, &taking).map(|receipt| receipt.id)
            };
            let request = format!("{}|{}|{}", taking.means.as_str(), taking.cents.0, taking.detail);
            let taken = match typed.idempotency_key() {
                Some(key) => {
                    match idempotency::once(tx, &format!("till.take.{order}"), key, request.as_bytes(), work)
                    {
                        Ok(Once::Done(id) | Once::Again(id)) => Ok(id),
                        Ok(Once::Reused) => return Err(WebError::conflict()),
                        Err(error) => Err(error),
                    }
                }
                None => work(tx),
            };
            match taken {
                Ok(receipt) => Ok(Ok(receipt)),
                Err(error) => Ok(Err((seen, vec![refused(error)?]))),
            }
        })
        .await?;
    match outcome {
        Ok(receipt) => {
            Ok(Redirect::to(&format!("/agents/caisse/quittances/{receipt}?fait=encaisse")).into_response())
        }
        Err((seen, wrong)) => answer(page, &parts, &seen, &fields, &wrong),
    }
}
