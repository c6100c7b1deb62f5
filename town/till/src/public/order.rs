//! The page of an order: what is to be paid, how, and what became of it; the way to PayFiP, and back.

use std::sync::Arc;

use askama::Template;
use axum::{
    Extension,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_core::{
    Cents, Id, Instant, Lang,
    calendar::{long_date, long_moment},
    text,
};
use beffroi_payments::{
    BeginError, Begun, Mode, ONLINE, Order, OrderLine, Pages, Payment, Regie, begin, look,
    order::{self, CancelReason},
    payment, reach, refund, regie,
};
use beffroi_people::{Department, Town, department};
use beffroi_store::{By, Tx};
use beffroi_web::{
    App, Area, CommuneOf, Fact, FormPost, LeadsTo, Page, Problem, Purpose, Result, Visitor, WebError, Wrong,
    page::render_as,
};
use serde::Deserialize;

use super::PAY;
use crate::{
    Parts, paper,
    standing::{self, Standing},
};

/// Attempts of an order that its page looks at, at most.
const ATTEMPTS_AT_MOST: u32 = 200;

/// An order with all that its pages tell.
pub(crate) struct Known {
    pub(crate) order: Order,
    pub(crate) lines: Vec<OrderLine>,
    pub(crate) payments: Vec<Payment>,
    /// What is asked to be given back, and is not yet.
    pub(crate) coming_back: Cents,
    pub(crate) regie: Regie,
    pub(crate) department: Option<Department>,
    pub(crate) town: Town,
    pub(crate) now: Instant,
}

impl Known {
    pub(crate) fn of(tx: &mut Tx<'_>, order: Order) -> beffroi_store::Result<Option<Self>> {
        let Some(regie) = regie::find(tx, order.regie)? else { return Ok(None) };
        let department = match regie.department {
            Some(id) => department::find(tx, id)?,
            None => None,
        };
        Ok(Some(Self {
            lines: order::lines(tx, order.id)?,
            payments: payment::of_order(tx, order.id, ATTEMPTS_AT_MOST)?,
            coming_back: refund::asked_of(tx, &[order.id])?.get(&order.id).copied().unwrap_or_default(),
            department,
            town: Town::load(tx)?,
            now: tx.now(),
            order,
            regie,
        }))
    }

    fn by_link(tx: &mut Tx<'_>, link: &str) -> Result<Self> {
        let order = reach::by_link(tx, link)?.ok_or_else(WebError::not_found)?;
        Self::of(tx, order)?.ok_or_else(WebError::not_found)
    }

    /// What it is for, as in the journal.
    pub(crate) fn thing(&self) -> (&str, uuid::Uuid) {
        (self.order.about.kind.as_str(), self.order.about.id)
    }

    pub(crate) fn standing(&self) -> Standing {
        Standing::of(&self.order, &self.payments, self.coming_back, self.now)
    }

    /// Whether it can be paid online at all; who has no address types one.
    fn is_online(&self) -> bool {
        self.regie.online && !self.regie.closed && ONLINE.contains(&self.order.remaining())
    }

    fn day(&self, at: Option<Instant>, lang: Lang) -> String {
        at.map(|at| long_moment(at, self.town.zone(), lang)).unwrap_or_default()
    }
}

/// A line of what is to be paid.
pub(crate) struct Line {
    pub(crate) label: String,
    pub(crate) amount: String,
}

pub(crate) fn lines(known: &Known, lang: Lang) -> Vec<Line> {
    known
        .lines
        .iter()
        .map(|line| Line { label: line.label.clone(), amount: line.cents.read_in(lang) })
        .collect()
}

/// What is told of an order besides its number, to whoever pays it and to the till.
pub(crate) fn facts(page: &Page, known: &Known) -> Vec<Fact> {
    let lang = page.language();
    let order = &known.order;
    let some = |cents: Cents| if cents == Cents(0) { String::new() } else { cents.read_in(lang) };
    let partly = order.paid > Cents(0) && order.remaining() > Cents(0);
    Fact::all(
        page,
        vec![
            ("till-fact-regie", known.regie.name.clone()),
            (
                "till-fact-due",
                if order.remaining() > Cents(0) { known.day(order.due_at, lang) } else { String::new() },
            ),
            ("till-fact-already-paid", if partly { some(order.paid) } else { String::new() }),
            ("till-fact-remaining", if partly { some(order.remaining()) } else { String::new() }),
            ("till-fact-paid-at", known.day(order.paid_at, lang)),
            ("till-fact-coming-back", some(known.coming_back)),
            ("till-fact-refunded", some(order.refunded)),
            ("till-fact-cancelled-at", known.day(order.cancelled_at, lang)),
            (
                "till-fact-cancelled-why",
                match order.cancelled_why {
                    Some(CancelReason::GivenUp) => page.t("till-why-given-up").to_owned(),
                    Some(CancelReason::Lapsed) => page.t("till-why-lapsed").to_owned(),
                    None => String::new(),
                },
            ),
            ("till-fact-deliberation", order.deliberation.clone()),
        ],
    )
}

/// Where one pays in somebody's hand.
struct Counter {
    name: String,
    address: Vec<String>,
    hours: Vec<String>,
    phone: String,
}

impl Counter {
    fn of(known: &Known) -> Self {
        let town = &known.town;
        let details = known.department.as_ref().map(|it| &it.details);
        let own = |text: Option<&String>, town: &str| {
            text.filter(|text| !text.trim().is_empty()).map_or_else(|| town.to_owned(), String::clone)
        };
        let split = |text: String| text.lines().map(str::to_owned).collect();
        Self {
            name: own(details.map(|it| &it.name), ""),
            address: split(own(details.map(|it| &it.postal_address), &town.postal_address)),
            hours: split(own(details.map(|it| &it.hours), &town.opening_hours)),
            phone: own(details.map(|it| &it.phone), &town.phone),
        }
    }
}

#[derive(Template)]
#[template(path = "till_order.html")]
#[expect(clippy::struct_excessive_bools, reason = "each shows a part of the page")]
struct Shown {
    page: Page,
    code: String,
    problems: Vec<Problem>,
    /// Said at the head: what became of it.
    word: String,
    look: &'static str,
    state: String,
    /// What to do, in a sentence.
    about: String,
    /// Whether it has just been paid.
    just_paid: bool,
    surplus: String,
    /// Whether no money is taken: a demonstration, or a régie that is tried.
    trial: String,
    total: String,
    lines: Vec<Line>,
    rows: Vec<Fact>,
    online: bool,
    pay: String,
    asks_mail: bool,
    mail: String,
    /// Where its owner finds what is paid for; `""` for anybody else.
    subject: String,
    why_offline: String,
    counter: Option<Counter>,
    again: String,
    has_paper: bool,
    phone: String,
}

impl Shown {
    fn error(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

/// Whether somebody comes from the page of payment.
#[derive(Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    retour: String,
}

pub(super) async fn shown(
    State(app): State<App>,
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Extension(parts): Extension<Arc<Parts>>,
    Path(code): Path<String>,
    Query(asked): Query<Asked>,
) -> Result {
    let link = code.clone();
    let who = visitor.member().map(|(who, _)| who.clone());
    let reader = who.clone();
    let (known, subject) = commune
        .read(By::VISITOR, move |tx| {
            let known = Known::by_link(tx, &link)?;
            // The link may have been handed on to whoever pays: what it is for is shown to its owner alone.
            let subject = match &reader {
                Some(who) => app.shows(tx, known.thing(), who, Area::Own)?,
                None => None,
            };
            Ok::<_, WebError>((known, subject))
        })
        .await?;
    let back = !asked.retour.is_empty();
    // Whoever is signed in need not type their address.
    let mail = who.map(|who| who.email).unwrap_or_default();
    let subject = subject.unwrap_or_default();
    answer(page, &parts, code, &known, (StatusCode::OK, &[]), (back, &mail, &subject))
}

fn answer(
    page: Page,
    parts: &Parts,
    code: String,
    known: &Known,
    (status, wrong): (StatusCode, &[Wrong]),
    (back, mail, subject): (bool, &str, &str),
) -> Result {
    let lang = page.language();
    let order = &known.order;
    let standing = known.standing();
    let word = standing.word();
    let remaining = order.remaining().read_in(lang);
    let payable = standing.is_payable();
    let online = payable && known.is_online();
    let surplus = standing::waits_to_be_settled(&known.payments);
    let last = known.payments.iter().rev().find(|it| it.order == order.id && it.token.is_some());
    let counter = Counter::of(known);
    let contact = |town: &str| {
        if town.is_empty() {
            String::new()
        } else {
            page.tr("till-phone", &[("phone", text::phone(town).into())])
        }
    };
    let why_offline = match (payable, known.is_online(), known.regie.online && !known.regie.closed) {
        (true, false, true) => page.t("till-offline-amount"),
        (true, false, false) => page.t("till-offline"),
        _ => "",
    };
    let mut rows = Fact::all(&page, vec![("till-fact-number", order.number.clone())]);
    rows.extend(facts(&page, known));
    let told = [("amount", remaining.clone().into()), ("back", known.coming_back.read_in(lang).into())];
    let shown = Shown {
        problems: Problem::keyed(&page, wrong),
        word: page.tr(&format!("till-standing-{word}"), &told),
        look: standing.look(),
        state: page.t(&format!("till-tag-{word}")).to_owned(),
        about: page.tr(&format!("till-about-{word}"), &told),
        just_paid: back && standing == Standing::Paid,
        surplus: if surplus == Cents(0) {
            String::new()
        } else {
            page.tr("till-surplus", &[("amount", surplus.read_in(lang).into())])
        },
        trial: if parts.config.stand_in.is_some() {
            page.t("till-trial-demo").to_owned()
        } else if known.regie.mode == Mode::Test && online {
            page.t("till-trial-test").to_owned()
        } else {
            String::new()
        },
        total: order.total.read_in(lang),
        lines: lines(known, lang),
        rows,
        online,
        pay: page.tr(
            if standing == Standing::UnderWay { "till-pay-again" } else { "till-pay" },
            &[("amount", remaining.into())],
        ),
        asks_mail: online && !order.has_mail(),
        mail: mail.to_owned(),
        subject: subject.to_owned(),
        why_offline: why_offline.to_owned(),
        phone: contact(&counter.phone),
        counter: Some(counter).filter(|_| payable && !known.regie.closed),
        again: match last {
            Some(last) if matches!(standing, Standing::UnderWay | Standing::Asking) => {
                format!("/paiements/{code}/retour/{}", last.id)
            }
            _ => String::new(),
        },
        has_paper: order.paid > Cents(0),
        code,
        page,
    };
    let mut response = render_as(status, &shown)?;
    if let Some(site) = parts.config.payfip.site() {
        response.extensions_mut().insert(LeadsTo(site.to_owned()));
    }
    Ok(response)
}

/// What is told of why nothing was begun, and with which status; anything else is no fault of the page.
fn refused(error: BeginError) -> Result<(StatusCode, Wrong)> {
    let key = match error {
        BeginError::NotThere => return Err(WebError::not_found()),
        BeginError::Store(error) => return Err(error.into()),
        BeginError::NotDue => "till-wrong-not-due",
        BeginError::Offline => "till-wrong-offline",
        BeginError::Amount => "till-wrong-online-amount",
        BeginError::Mail => return Ok((StatusCode::UNPROCESSABLE_ENTITY, ("courriel", "till-wrong-mail"))),
        BeginError::TooOften => {
            return Ok((StatusCode::TOO_MANY_REQUESTS, ("payer", "till-wrong-too-often")));
        }
        BeginError::NotOpened(fault) => {
            tracing::warn!(%fault, "a page of payment could not be opened");
            let key = if fault.is_passing() { "till-wrong-away" } else { "till-wrong-not-opened" };
            return Ok((StatusCode::SERVICE_UNAVAILABLE, ("payer", key)));
        }
    };
    Ok((StatusCode::UNPROCESSABLE_ENTITY, ("payer", key)))
}

/// Goes to the page of payment.
pub(super) async fn pay(
    State(app): State<App>,
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Extension(parts): Extension<Arc<Parts>>,
    Path(code): Path<String>,
    fields: FormPost,
) -> Result {
    visitor.limit(&app, PAY)?;
    let (link, mail) = (code.clone(), fields.text("courriel").to_owned());
    let typed = mail.clone();
    let (order, comes_back) = commune
        .write(visitor.by, move |tx| {
            let known = Known::by_link(tx, &link)?;
            if !known.order.has_mail() && !mail.is_empty() && known.standing().is_payable() {
                order::reach_payer_at(tx, known.order.id, &mail)?;
            }
            let comes_back = known.coming_back > Cents(0) && known.order.remaining() > Cents(0);
            Ok::<_, WebError>((known.order.id, comes_back))
        })
        .await?;
    // Of an order of which money is given back nothing is to be paid meanwhile: its page says so.
    if comes_back {
        return Ok(Redirect::to(&format!("/paiements/{code}")).into_response());
    }
    let own = format!("{}{}/{code}", parts.site(&commune).await?, reach::PAGES);
    let pages = Pages {
        notify_at: format!("{}{}", parts.site(&commune).await?, super::notify::PATH),
        back_under: format!("{own}/retour"),
    };
    let begun = begin(&commune, visitor.by, parts.config.payfip.as_ref(), order, &pages).await;
    match begun {
        Ok(Begun::Page { url, .. }) => Ok(Redirect::to(&url).into_response()),
        Ok(Begun::Paid | Begun::Counter) => {
            Ok(Redirect::to(&format!("/paiements/{code}?retour=oui")).into_response())
        }
        Err(error) => {
            let (status, wrong) = refused(error)?;
            let link = code.clone();
            let known = commune.read(By::VISITOR, move |tx| Known::by_link(tx, &link)).await?;
            answer(page, &parts, code, &known, (status, &[wrong]), (false, &typed, ""))
        }
    }
}

/// The payer comes back from the page of payment, or wants to know: PayFiP is asked, whatever the browser says.
pub(super) async fn back(
    State(app): State<App>,
    visitor: Visitor,
    commune: CommuneOf,
    Extension(parts): Extension<Arc<Parts>>,
    Path((code, payment)): Path<(String, String)>,
) -> Result {
    visitor.limit(&app, PAY)?;
    let id: Id<Payment> = payment.parse().map_err(|_| WebError::not_found())?;
    let link = code.clone();
    let found = commune
        .read(By::VISITOR, move |tx| {
            let order = reach::by_link(tx, &link)?.ok_or_else(WebError::not_found)?;
            let payment = payment::find(tx, id)?.filter(|payment| payment.order == order.id);
            payment.ok_or_else(WebError::not_found)
        })
        .await?;
    // That PayFiP does not answer is told by the page, and a job goes on asking.
    let _ = look(&commune, parts.config.payfip.as_ref(), found).await?;
    Ok(Redirect::to(&format!("/paiements/{code}?retour=oui")).into_response())
}

/// What was paid, as a paper to keep.
pub(super) async fn paper(
    State(app): State<App>,
    visitor: Visitor,
    commune: CommuneOf,
    Extension(parts): Extension<Arc<Parts>>,
    Path(code): Path<String>,
) -> Result {
    visitor.limit(&app, Purpose::PAPER)?;
    let (known, entries) = commune
        .read(By::VISITOR, move |tx| {
            let known = Known::by_link(tx, &code)?;
            let entries = paper::entries(tx, &known)?;
            Ok::<_, WebError>((known, entries))
        })
        .await?;
    if known.order.paid == Cents(0) {
        return Err(WebError::not_found());
    }
    let name = format!("paiement-{}.pdf", known.order.number);
    paper::answer(&parts, paper::of_order(&parts, &known, entries), &name).await
}

impl Known {
    /// The day on which it was made.
    pub(crate) fn made_on(&self, lang: Lang) -> String {
        long_date(beffroi_core::calendar::civil_day(self.order.created_at, self.town.zone()), lang)
    }
}
