//! A refund: asked for, then done outside of this program by the accountant and written down here, or withdrawn.

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_core::{Id, Lang, calendar::long_moment};
use beffroi_payments::{
    Order, Refund, order, payment,
    permission::{SettlePayments, permit_for},
    refund::{self, RefundError, RefundHow, RefundState},
};
use beffroi_people::{Permit, SignedIn, Town};
use beffroi_store::Tx;
use beffroi_web::{
    Choice, CommuneOf, Fact, FormPost, Page, Problem, Result, Visitor, WebError, Wrong, page::render_as,
};
use serde::Deserialize;

use super::{consulted, hidden, somewhere};

/// Where a refund stands, in words.
pub(super) fn refund_word(page: &Page, refund: &Refund) -> String {
    page.t(&format!("till-office-refund-{}", refund.state.as_str())).to_owned()
}

#[derive(Template)]
#[template(path = "till_refund.html")]
struct Shown {
    page: Page,
    id: String,
    back: String,
    done: bool,
    rows: Vec<Fact>,
    open: bool,
    ways: Vec<Choice>,
    detail: String,
    problems: Vec<Problem>,
}

impl Shown {
    fn error(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

struct Seen {
    refund: Refund,
    order: Id<Order>,
    number: String,
    payer: String,
    reference: String,
    zone: chrono_tz::Tz,
}

fn seen(tx: &mut Tx<'_>, who: &SignedIn, id: &str) -> Result<(Seen, Permit<SettlePayments>)> {
    let _ = somewhere::<SettlePayments>(tx, who)?;
    let id: Id<Refund> = id.parse().map_err(|_| WebError::not_found())?;
    let refund = refund::find(tx, id)?.ok_or_else(WebError::not_found)?;
    let permit = hidden(permit_for::<SettlePayments>(tx, who, refund.regie))?;
    let payment = payment::find(tx, refund.payment)?.ok_or_else(WebError::not_found)?;
    let order = order::find(tx, payment.order)?.ok_or_else(WebError::not_found)?;
    let payer = order.payer.map(|payer| payer.name).unwrap_or_default();
    let zone = Town::load(tx)?.zone();
    let (order, number) = (order.id, order.number);
    Ok((Seen { refund, order, number, payer, reference: payment.reference, zone }, permit))
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
    let seen = commune
        .write(visitor.by, move |tx| {
            let (seen, _) = seen(tx, &who, &id)?;
            if !seen.payer.is_empty() {
                consulted(tx, &who, seen.order)?;
            }
            Ok::<_, WebError>(seen)
        })
        .await?;
    answer(page, &seen, !just.fait.is_empty(), &FormPost::default(), &[])
}

fn answer(page: Page, seen: &Seen, done: bool, typed: &FormPost, wrong: &[Wrong]) -> Result {
    let it = &seen.refund;
    let how = it.how.map(|how| page.t(&format!("till-office-way-{}", how.as_str())).to_owned());
    let rows = vec![
        ("till-fact-number", seen.number.clone()),
        ("till-fact-payer", seen.payer.clone()),
        ("till-office-head-reference", seen.reference.clone()),
        ("till-office-head-amount", it.cents.read_in(Lang::Fr)),
        ("till-office-reason", it.reason.clone()),
        ("till-office-head-state", refund_word(&page, it)),
        ("till-office-way", how.unwrap_or_default()),
        ("till-office-refund-detail", it.detail.clone()),
        ("till-office-refund-asked-at", long_moment(it.asked_at, seen.zone, Lang::Fr)),
        (
            if it.state == RefundState::Done {
                "till-office-refund-done-at"
            } else {
                "till-office-refund-withdrawn-at"
            },
            it.done_at.map(|at| long_moment(at, seen.zone, Lang::Fr)).unwrap_or_default(),
        ),
    ];
    let chosen = typed.text("moyen");
    let shown = Shown {
        id: it.id.to_string(),
        back: format!("/agents/caisse/paiements/{}", it.payment),
        done,
        rows: Fact::all(&page, rows),
        open: it.state == RefundState::Asked,
        ways: RefundHow::ALL
            .iter()
            .map(|how| {
                let label = page.t(&format!("till-office-way-{}", how.as_str())).to_owned();
                Choice::new(how.as_str(), &label, how.as_str() == chosen)
            })
            .collect(),
        detail: typed.text("detail").to_owned(),
        problems: Problem::keyed(&page, wrong),
        page,
    };
    render_as(if wrong.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY }, &shown)
}

pub(super) async fn settle(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Path((id, action)): Path<(String, String)>,
    fields: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let done = Redirect::to(&format!("/agents/caisse/remboursements/{id}?fait=oui"));
    let typed = fields.clone();
    let (seen, wrong) = commune
        .write(visitor.by, move |tx| {
            let (seen, permit) = seen(tx, &who, &id)?;
            let settled = match action.as_str() {
                "fait" => match RefundHow::from_word(typed.text("moyen")) {
                    Some(how) => refund::done(tx, &permit, seen.refund.id, how, typed.text("detail")),
                    None => return Ok((seen, Some(("moyen", "till-office-wrong-way")))),
                },
                "retirer" => refund::withdraw(tx, &permit, seen.refund.id),
                _ => return Err(WebError::not_found()),
            };
            let wrong = match settled {
                Ok(_) => None,
                Err(RefundError::Store(error)) => return Err(error.into()),
                Err(RefundError::Words) => Some(("detail", "till-office-wrong-words")),
                Err(_) => Some(("moyen", "till-office-wrong-settled")),
            };
            Ok::<_, WebError>((seen, wrong))
        })
        .await?;
    match wrong {
        None => Ok(done.into_response()),
        Some(wrong) => answer(page, &seen, false, &fields, &[wrong]),
    }
}
