//! The loans that are asked for, out, or late: who has what, and until when.

use std::collections::HashMap;

use askama::Template;
use beffroi_calendar::lending::{self, Loan, State};
use beffroi_core::Instant;
use beffroi_people::{SignedIn, Town, permission::permit_somewhere};
use beffroi_store::Tx;
use beffroi_web::{CommuneOf, Page, Result, Visitor, render};
use chrono::TimeDelta;
use chrono_tz::Tz;
use uuid::Uuid;

use super::{href, known::period};
use crate::{
    LendEquipment,
    permission::hidden,
    premises::{Whose, those_within_reach},
};

/// Days that a loan is listed whose return nobody has noted.
const LATE_DAYS: i64 = 90;
/// Loans that are listed, at most.
const LISTED: u32 = 500;

struct Line {
    href: String,
    requester: String,
    reference: String,
    period: String,
    things: Vec<String>,
    state: String,
    look: &'static str,
}

#[derive(Template)]
#[template(path = "loans.html")]
struct Loans {
    page: Page,
    heads: Vec<String>,
    lines: Vec<Line>,
}

/// What the list is made of.
struct Listed {
    loans: Vec<Loan>,
    whose: HashMap<Uuid, Whose>,
    now: Instant,
    zone: Tz,
}

fn listed(tx: &mut Tx<'_>, who: &SignedIn) -> Result<Listed> {
    hidden(permit_somewhere::<LendEquipment>(tx, who))?;
    let (now, zone) = (tx.now(), Town::load(tx)?.zone());
    let loans = lending::out(tx, now - TimeDelta::days(LATE_DAYS), LISTED)?;
    let owners = loans.iter().map(|it| it.owner.clone()).collect();
    let whose = those_within_reach::<LendEquipment>(tx, who, &owners)?;
    Ok(Listed { loans, whose, now, zone })
}

pub(super) async fn show(page: Page, commune: CommuneOf, visitor: Visitor) -> Result {
    let who = visitor.require()?.clone();
    let listed = commune.read(visitor.by, move |tx| listed(tx, &who)).await?;
    let lines = listed.loans.iter().filter_map(|it| line(&page, &listed, it)).collect();
    let heads = ["who", "when", "what", "state"];
    render(&Loans {
        heads: heads.map(|head| page.t(&format!("planning-lending-head-{head}")).to_owned()).into(),
        lines,
        page,
    })
}

fn line(page: &Page, listed: &Listed, it: &Loan) -> Option<Line> {
    let whose = listed.whose.get(&it.owner.1)?;
    let over = it.span.end() <= listed.now;
    // What was asked for and never answered is over without having been lent.
    if over && it.state != State::Firm {
        return None;
    }
    let (word, look) = match it.state {
        State::Firm if over => ("late", "late"),
        State::Firm if it.span.start() <= listed.now => ("out", "active"),
        State::Firm => ("firm", "granted"),
        State::Overtaken => ("overtaken", "late"),
        _ => ("asked", "waiting"),
    };
    Some(Line {
        href: href(it.id),
        requester: whose.holder().to_owned(),
        reference: whose.reference().to_owned(),
        period: period(it.span, listed.zone, page.language()),
        things: it.things.iter().map(|thing| format!("{} × {}", thing.count, thing.name.fr)).collect(),
        state: page.t(&format!("planning-lending-state-{word}")).to_owned(),
        look,
    })
}
