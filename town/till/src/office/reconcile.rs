//! The page on which a statement of the Treasury is laid beside the ledger. What somebody keeps of it opens again where it
//! was left: what was reconciled, when and by whom, and what still differs.

use askama::Template;
use axum::{
    extract::{Path, Query, Request},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_core::{
    Cents, Day, Lang,
    calendar::{long_date, long_moment},
};
use beffroi_payments::{
    Regie,
    comparison::{self, Comparison, KeptLine},
    ledger::{self, Cursor, Line},
    permission::{ReadLedger, SettlePayments},
};
use beffroi_people::{Permit, SignedIn};
use beffroi_store::Tx;
use beffroi_web::{
    CommuneOf, FormLimits, FormPost, FormReader, Page, Problem, Result, Visitor, WebError, page::render_as,
};
use chrono_tz::Tz;
use futures_util::StreamExt;
use serde::Deserialize;

use super::{STATEMENT_AT_MOST, asked_days, days, regie_for, today};
use crate::reconcile::{self, Difference, LINES_AT_MOST, Outcome, Unread};

/// Lines of the ledger that are read at once.
const AT_ONCE: u32 = 1_000;
/// Reconciled lines that the page names; the others are counted.
const NAMED: usize = 200;

struct Differs {
    reference: String,
    what: String,
    theirs: String,
    ours: String,
}

/// A line that was reconciled.
struct Reconciled {
    reference: String,
    amount: String,
    day: String,
    when: String,
    who: String,
}

/// A comparison that was kept.
struct Past {
    when: String,
    who: String,
    days: String,
    href: String,
    same: String,
    left: u32,
}

#[derive(Template)]
#[template(path = "till_reconcile.html")]
struct Compared {
    page: Page,
    id: String,
    name: String,
    from: String,
    until: String,
    done: String,
    text: String,
    problems: Vec<Problem>,
    /// Whether there is something to tell: what was compared now, or what was kept.
    is_done: bool,
    /// Whether it was compared now, and may be kept.
    is_new: bool,
    summary: String,
    totals: String,
    differences: Vec<Differs>,
    heads: Vec<String>,
    reconciled: Vec<Reconciled>,
    /// How many more there are; `""` for none.
    more: String,
    reconciled_heads: Vec<String>,
    past: Vec<Past>,
    past_heads: Vec<String>,
}

impl Compared {
    fn error(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    depuis: String,
    jusque: String,
    fait: String,
}

/// What is known of a régie and some days.
struct Known {
    regie: Regie,
    days: (Day, Day),
    zone: Tz,
    /// The ledger; `None` where it is too long.
    lines: Option<Vec<Line>>,
    kept: Vec<KeptLine>,
    past: Vec<Comparison>,
}

impl Known {
    fn read(tx: &mut Tx<'_>, who: &SignedIn, id: &str, (from, until): (&str, &str)) -> Result<Self> {
        let (regie, permit) = regie_for::<ReadLedger>(tx, who, id)?;
        let (today, zone) = today(tx)?;
        let (from, until) = asked_days(from, until, today);
        let lines = all_lines(tx, &permit, &regie, days(from, until, zone))?;
        let kept = comparison::lines(tx, &permit, regie.id, (from, until))?;
        let past = comparison::list(tx, &permit, regie.id)?;
        Ok(Self { regie, days: (from, until), zone, lines, kept, past })
    }

    /// Where these days were left; `None` where nothing of them was kept.
    fn left(&self) -> Option<Outcome> {
        let ours = self.lines.as_ref()?;
        let stated = reconcile::from_kept(self.kept.iter().map(|it| &it.line), ours, self.days);
        (!stated.is_empty()).then(|| reconcile::compare(&stated, ours))
    }
}

pub(super) async fn blank(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result {
    let who = visitor.require()?.clone();
    let done = if asked.fait.is_empty() { "" } else { page.t("till-office-reconcile-kept") }.to_owned();
    let known = commune
        .read(visitor.by, move |tx| Known::read(tx, &who, &id, (&asked.depuis, &asked.jusque)))
        .await?;
    let told = known.left().map_or(Told::Nothing, Told::Left);
    answer(page, &known, ("", done), told, Vec::new())
}

/// What the page tells.
enum Told {
    Nothing,
    /// Where it was left.
    Left(Outcome),
    /// What was compared now.
    New(Outcome),
}

/// What came of reading and comparing.
enum Came {
    Compared(Outcome),
    Unread(Unread),
    Kept,
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

/// Compares, and keeps it where that is wished.
fn judged(
    tx: &mut Tx<'_>,
    who: &SignedIn,
    id: &str,
    typed: &FormPost,
    (text, keeps): (&str, bool),
) -> Result<(Known, Came)> {
    let known = Known::read(tx, who, id, (typed.text("du"), typed.text("au")))?;
    let stated = match reconcile::read(text) {
        Ok(stated) => stated,
        Err(unread) => return Ok((known, Came::Unread(unread))),
    };
    let Some(ours) = &known.lines else { return Ok((known, Came::Unread(Unread::TooLong))) };
    let outcome = reconcile::compare(&stated, ours);
    if !keeps {
        return Ok((known, Came::Compared(outcome)));
    }
    let (regie, permit) = regie_for::<SettlePayments>(tx, who, id)?;
    let new = reconcile::to_keep(&stated, ours, &outcome, known.days, known.zone);
    comparison::keep(tx, &permit, regie.id, &new)?;
    Ok((known, Came::Kept))
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
    let (known, came) = if typed.text("garder") == "oui" {
        commune.write(visitor.by, move |tx| judged(tx, &who, &id, &typed, (&asked, true))).await?
    } else {
        commune.read(visitor.by, move |tx| judged(tx, &who, &id, &typed, (&asked, false))).await?
    };
    match came {
        Came::Kept => {
            let (from, until) = known.days;
            let to = format!("{}?depuis={from}&jusque={until}&fait=garde", address(&known.regie));
            Ok(Redirect::to(&to).into_response())
        }
        Came::Compared(outcome) => {
            answer(page, &known, (&pasted, String::new()), Told::New(outcome), Vec::new())
        }
        Came::Unread(unread) => {
            let message = match unread {
                Unread::Empty => page.t("till-office-unread-empty").to_owned(),
                Unread::TooLong => page.t("till-office-unread-long").to_owned(),
                Unread::NoColumns => page.t("till-office-unread-columns").to_owned(),
                Unread::Amount(line) => page.tr("till-office-unread-amount", &[("line", line.into())]),
            };
            let problems = vec![Problem { field: "releve".to_owned(), message }];
            answer(page, &known, (&pasted, String::new()), Told::Nothing, problems)
        }
    }
}

fn address(regie: &Regie) -> String {
    format!("/agents/caisse/{}/rapprochement", regie.id)
}

/// A file as text: French spreadsheets write UTF-8, or the alphabet of Western Europe (ISO/IEC 8859-1).
fn in_utf8(file: &[u8]) -> String {
    match std::str::from_utf8(file) {
        Ok(text) => text.to_owned(),
        Err(_) => file.iter().map(|byte| char::from(*byte)).collect(),
    }
}

fn told(cents: Cents) -> String {
    cents.read_in(Lang::Fr)
}

fn differs(page: &Page, difference: &Difference) -> Differs {
    match difference {
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
    }
}

impl Past {
    fn of(page: &Page, it: &Comparison, regie: &Regie, zone: Tz) -> Self {
        let (from, until) = it.days;
        let day = |day: Day| long_date(day, Lang::Fr);
        Self {
            when: long_moment(it.made_at, zone, Lang::Fr),
            who: it.who.clone(),
            days: page.tr("till-office-covers", &[("from", day(from).into()), ("until", day(until).into())]),
            href: format!("{}?depuis={from}&jusque={until}", address(regie)),
            same: page
                .tr("till-office-counted", &[("n", it.same.0.into()), ("amount", told(it.same.1).into())]),
            left: it.differences,
        }
    }
}

fn answer(
    page: Page,
    known: &Known,
    (text, done): (&str, String),
    what: Told,
    problems: Vec<Problem>,
) -> Result {
    let is_new = matches!(what, Told::New(_));
    let (is_done, outcome) = match what {
        Told::Nothing => (false, Outcome::default()),
        Told::Left(outcome) | Told::New(outcome) => (true, outcome),
    };
    let (count, cents) = outcome.same;
    let heads = |names: &[&str]| -> Vec<String> {
        names.iter().map(|head| page.t(&format!("till-office-head-{head}")).to_owned()).collect()
    };
    let (from, until) = known.days;
    // Those of other days are not told here.
    let same = known.kept.iter().filter(|it| it.line.same && from <= it.line.day && it.line.day <= until);
    let more = same.clone().count().saturating_sub(NAMED);
    let reconciled = same.take(NAMED).map(|it| Reconciled {
        reference: it.line.reference.clone(),
        amount: told(it.line.cents),
        day: long_date(it.line.day, Lang::Fr),
        when: long_moment(it.at, known.zone, Lang::Fr),
        who: it.who.clone(),
    });
    let shown = Compared {
        id: known.regie.id.to_string(),
        name: known.regie.name.clone(),
        from: from.to_string(),
        until: until.to_string(),
        done,
        text: text.to_owned(),
        is_done,
        is_new,
        summary: page.tr("till-office-same", &[("n", count.into()), ("amount", told(cents).into())]),
        totals: page.tr(
            "till-office-both",
            &[("theirs", told(outcome.theirs).into()), ("ours", told(outcome.ours).into())],
        ),
        differences: outcome.differences.iter().map(|it| differs(&page, it)).collect(),
        heads: heads(&["reference", "difference", "theirs", "ours"]),
        reconciled: reconciled.collect(),
        more: match more {
            0 => String::new(),
            n => page.tr("till-office-reconciled-more", &[("n", n.into())]),
        },
        reconciled_heads: heads(&["reference", "amount", "when", "kept-at", "kept-by"]),
        past: known.past.iter().map(|it| Past::of(&page, it, &known.regie, known.zone)).collect(),
        past_heads: heads(&["kept-at", "kept-by", "period", "same", "left"]),
        problems,
        page,
    };
    let status = if shown.problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    render_as(status, &shown)
}
