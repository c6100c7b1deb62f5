//! The page on which a statement of the Treasury is laid beside the ledger.

use askama::Template;
use axum::{
    extract::{Path, Request},
    http::StatusCode,
};
use beffroi_core::{Cents, Day, Lang};
use beffroi_payments::{
    Regie,
    ledger::{self, Cursor, Line},
    permission::ReadLedger,
};
use beffroi_people::{Permit, SignedIn};
use beffroi_store::Tx;
use beffroi_web::{
    CommuneOf, FormLimits, FormPost, FormReader, Page, Problem, Result, Visitor, WebError, page::render_as,
};
use futures_util::StreamExt;

use super::{STATEMENT_AT_MOST, asked_days, days, regie_for, today};
use crate::reconcile::{self, Difference, LINES_AT_MOST, Outcome, Unread};

/// Lines of the ledger that are read at once.
const AT_ONCE: u32 = 1_000;

struct Differs {
    reference: String,
    what: String,
    theirs: String,
    ours: String,
}

#[derive(Template)]
#[template(path = "till_reconcile.html")]
struct Compared {
    page: Page,
    id: String,
    name: String,
    from: String,
    until: String,
    text: String,
    problems: Vec<Problem>,
    /// Whether something was compared.
    is_done: bool,
    summary: String,
    totals: String,
    differences: Vec<Differs>,
    heads: Vec<String>,
}

impl Compared {
    fn error(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

pub(super) async fn blank(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Path(id): Path<String>,
) -> Result {
    let who = visitor.require()?.clone();
    let (regie, (from, until)) = commune
        .read(visitor.by, move |tx| {
            let (regie, _) = regie_for::<ReadLedger>(tx, &who, &id)?;
            let (today, _) = today(tx)?;
            Ok::<_, WebError>((regie, asked_days("", "", today)))
        })
        .await?;
    answer(page, &regie, (from, until), "", None, Vec::new())
}

/// What came of reading and comparing.
enum Came {
    Compared(Outcome),
    Unread(Unread),
}

/// Every line of a period, at most as many as a statement has.
fn all_lines(
    tx: &mut Tx<'_>,
    permit: &Permit<ReadLedger>,
    regie: &Regie,
    period: ledger::Period,
) -> Result<Option<Vec<Line>>> {
    let mut all: Vec<Line> = Vec::new();
    while all.len() <= LINES_AT_MOST {
        let after = all.last().map(|line| Cursor { at: line.at, id: line.id });
        let lines = ledger::lines(tx, permit, regie.id, period, after, AT_ONCE)?;
        let last = lines.len() < usize::try_from(AT_ONCE).unwrap_or(usize::MAX);
        all.extend(lines);
        if last {
            return Ok(Some(all));
        }
    }
    Ok(None)
}

fn judged(
    tx: &mut Tx<'_>,
    who: &SignedIn,
    id: &str,
    typed: &FormPost,
    text: &str,
) -> Result<(Regie, (Day, Day), Came)> {
    let (regie, permit) = regie_for::<ReadLedger>(tx, who, id)?;
    let (today, zone) = today(tx)?;
    let (from, until) = asked_days(typed.text("du"), typed.text("au"), today);
    let came = match reconcile::read(text) {
        Err(unread) => Came::Unread(unread),
        Ok(stated) => match all_lines(tx, &permit, &regie, days(from, until, zone))? {
            Some(lines) => Came::Compared(reconcile::compare(&stated, &lines)),
            None => Came::Unread(Unread::TooLong),
        },
    };
    Ok((regie, (from, until), came))
}

pub(super) async fn compare(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Path(id): Path<String>,
    request: Request,
) -> Result {
    let who = visitor.require()?.clone();
    let limits = FormLimits { files: 1, bytes: STATEMENT_AT_MOST, ..FormLimits::default() };
    let mut form = FormReader::new(request, limits).await?;
    let mut file = Vec::new();
    while let Some(mut part) = form.next_file().await? {
        while let Some(piece) = part.next().await {
            file.extend_from_slice(&piece.map_err(|error| WebError::bad_request().log(error))?);
        }
    }
    let typed = form.finish();
    // A file comes before what was pasted: whoever chose one means it.
    let text =
        if file.is_empty() { typed.get("releve").unwrap_or_default().to_owned() } else { in_utf8(&file) };
    let (asked, pasted) = (text.clone(), text);
    let (regie, period, came) =
        commune.read(visitor.by, move |tx| judged(tx, &who, &id, &typed, &asked)).await?;
    match came {
        Came::Compared(outcome) => answer(page, &regie, period, &pasted, Some(outcome), Vec::new()),
        Came::Unread(unread) => {
            let message = match unread {
                Unread::Empty => page.t("till-office-unread-empty").to_owned(),
                Unread::TooLong => page.t("till-office-unread-long").to_owned(),
                Unread::NoColumns => page.t("till-office-unread-columns").to_owned(),
                Unread::Amount(line) => page.tr("till-office-unread-amount", &[("line", line.into())]),
            };
            answer(page, &regie, period, &pasted, None, vec![Problem { field: "releve".to_owned(), message }])
        }
    }
}

/// A file as text: French spreadsheets write UTF-8, or the alphabet of Western Europe (ISO/IEC 8859-1).
fn in_utf8(file: &[u8]) -> String {
    match std::str::from_utf8(file) {
        Ok(text) => text.to_owned(),
        Err(_) => file.iter().map(|byte| char::from(*byte)).collect(),
    }
}

fn answer(
    page: Page,
    regie: &Regie,
    (from, until): (Day, Day),
    text: &str,
    outcome: Option<Outcome>,
    problems: Vec<Problem>,
) -> Result {
    let told = |cents: Cents| cents.read_in(Lang::Fr);
    let is_done = outcome.is_some();
    let outcome = outcome.unwrap_or_default();
    let differs = |difference: &Difference| match difference {
        Difference::OnlyTheirs(it) => Differs {
            reference: it.reference.clone(),
            what: page.t("till-office-only-theirs").to_owned(),
            theirs: told(it.cents),
            ours: String::new(),
        },
        Difference::OnlyOurs { reference, cents } => Differs {
            reference: reference.clone(),
            what: page.t("till-office-only-ours").to_owned(),
            theirs: String::new(),
            ours: told(*cents),
        },
        Difference::Amounts { reference, theirs, ours } => Differs {
            reference: reference.clone(),
            what: page.t("till-office-amounts").to_owned(),
            theirs: told(*theirs),
            ours: told(*ours),
        },
        Difference::Repeated { reference, times } => Differs {
            reference: reference.clone(),
            what: page.tr("till-office-repeated", &[("n", (*times).into())]),
            theirs: String::new(),
            ours: String::new(),
        },
    };
    let (count, cents) = outcome.same;
    let heads = ["reference", "difference", "theirs", "ours"];
    let shown = Compared {
        id: regie.id.to_string(),
        name: regie.name.clone(),
        from: from.to_string(),
        until: until.to_string(),
        text: text.to_owned(),
        is_done,
        summary: page.tr("till-office-same", &[("n", count.into()), ("amount", told(cents).into())]),
        totals: page.tr(
            "till-office-both",
            &[("theirs", told(outcome.theirs).into()), ("ours", told(outcome.ours).into())],
        ),
        differences: outcome.differences.iter().map(differs).collect(),
        heads: heads.map(|head| page.t(&format!("till-office-head-{head}")).to_owned()).into(),
        problems,
        page,
    };
    let status = if shown.problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    render_as(status, &shown)
}
