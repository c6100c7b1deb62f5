//! The journal, for the data protection officer: who did what, when, through which door; of one case, of one kind,
//! of some days.

use askama::Template;
use axum::extract::Query;
use beffroi_cases::case;
use beffroi_core::{Day, calendar::start_of_day};
use beffroi_people::{
    Town, account,
    permission::{ReadJournal, permit},
};
use beffroi_store::{
    JournalEntry, Seq, Tx,
    journal::{self, Wanted},
};
use beffroi_web::{Page, Result, WebError, render};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use uuid::Uuid;

use crate::{control::Choosable, problem::Problem, public::when, visit::Visit, words};

/// Entries of a page.
const ROWS: u32 = 100;

/// What is asked of the journal, as the address says it.
#[derive(Clone, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(super) struct Asked {
    avant: Option<i64>,
    dossier: String,
    genre: String,
    du_day: String,
    du_month: String,
    du_year: String,
    au_day: String,
    au_month: String,
    au_year: String,
}

/// A day in three fields: `None` where nothing is asked, else the day, if it is one.
fn day(parts: [&str; 3]) -> Option<Result<Day, ()>> {
    let [day, month, year] = parts.map(str::trim);
    if [day, month, year].iter().all(|part| part.is_empty()) {
        return None;
    }
    let known = match (year.parse(), month.parse(), day.parse()) {
        (Ok(year), Ok(month), Ok(day)) => Day::from_ymd_opt(year, month, day),
        _ => None,
    };
    Some(known.filter(|day| (1..=9_998).contains(&chrono::Datelike::year(day))).ok_or(()))
}

impl Asked {
    fn from(&self) -> Option<Result<Day, ()>> {
        day([&self.du_day, &self.du_month, &self.du_year])
    }

    fn until(&self) -> Option<Result<Day, ()>> {
        day([&self.au_day, &self.au_month, &self.au_year])
    }

    /// What is wanted; else the name of the field that is wrong.
    fn wanted(&self, tx: &mut Tx<'_>, town: &Town) -> Result<std::result::Result<Wanted, &'static str>> {
        let (Ok(from), Ok(until)) = (self.from().transpose(), self.until().transpose()) else {
            return Ok(Err(if matches!(self.from(), Some(Err(()))) { "du" } else { "au" }));
        };
        let reference = self.dossier.trim();
        let subject = match reference {
            "" => None,
            reference => match case::called(tx, &reference.to_uppercase())? {
                Some(id) => Some(("case".to_owned(), id)),
                None => return Ok(Err("dossier")),
            },
        };
        let zone = town.zone();
        Ok(Ok(Wanted {
            subject,
            kind: Some(self.genre.clone()).filter(|kind| !kind.is_empty()),
            from: from.map(|day| start_of_day(day, zone)),
            until: until.and_then(|day| day.succ_opt()).map(|day| start_of_day(day, zone)),
        }))
    }

    /// The address of the page before this rank, with the same wishes.
    fn address(&self, before: Seq) -> String {
        let pairs = [
            ("dossier", self.dossier.trim()),
            ("genre", &self.genre),
            ("du-day", &self.du_day),
            ("du-month", &self.du_month),
            ("du-year", &self.du_year),
            ("au-day", &self.au_day),
            ("au-month", &self.au_month),
            ("au-year", &self.au_year),
        ];
        let wished = pairs.iter().filter(|(_, value)| !value.is_empty());
        let start = format!("/agents/journal?avant={}", before.0);
        wished.fold(start, |address, (name, value)| {
            format!("{address}&{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC))
        })
    }
}

struct Row {
    rank: i64,
    when: String,
    who: String,
    what: String,
    subject: String,
    channel: String,
}

#[derive(Template)]
#[template(path = "office/journal.html")]
struct Journal {
    page: Page,
    asked: Asked,
    kinds: Vec<Choosable>,
    problems: Vec<Problem>,
    rows: Vec<Row>,
    searched: String,
    next: String,
}

impl Journal {
    /// What is wrong with one field; nothing where it is right.
    fn wrong(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

pub(super) async fn show(Visit { commune, visitor, page, .. }: Visit, Query(asked): Query<Asked>) -> Result {
    let who = visitor.require()?.clone();
    let wishes = asked.clone();
    let (found, references, agents, town) = commune
        .read(visitor.by, move |tx| {
            // Whoever may not read the journal is not told that there is a page for it.
            permit::<ReadJournal>(tx, &who, None).map_err(|refused| match refused {
                beffroi_people::Refused::NotPermitted(_) => WebError::not_found(),
                other => other.into(),
            })?;
            let town = Town::load(tx)?;
            let found = match wishes.wanted(tx, &town)? {
                Ok(wanted) => Ok(journal::page(tx, &wanted, wishes.avant.map(Seq), ROWS)?),
                Err(field) => Err(field),
            };
            let cases: Vec<Uuid> = found
                .iter()
                .flat_map(|page| &page.entries)
                .filter(|entry| entry.subject_kind == "case")
                .map(|entry| entry.subject_id)
                .collect();
            let references = case::references(tx, &cases)?;
            Ok::<_, WebError>((found, references, account::agents(tx)?, town))
        })
        .await?;
    let zone = town.zone();
    let wrong = found.as_ref().err().copied().unwrap_or_default();
    let problems = match wrong {
        "" => Vec::new(),
        "dossier" => Problem::alone(wrong, page.t("office-journal-no-case")),
        _ => Problem::alone(wrong, page.t("office-journal-no-day")),
    };
    let (entries, next) = found.map(|found| (found.entries, found.next)).unwrap_or_default();
    let rows = entries
        .iter()
        .map(|entry| {
            let actor = entry.actor_id.or_else(|| whose_session(entry));
            let agent = agents.iter().find(|agent| Some(agent.id.uuid()) == actor);
            Row {
                rank: entry.seq.0,
                when: when(entry.at, zone, page.language()),
                who: agent.map_or_else(
                    || words::actor(&page, entry).to_owned(),
                    |agent| agent.display_name.clone(),
                ),
                what: words::recorded(&page, &entry.kind),
                subject: words::subject(&page, entry, references.get(&entry.subject_id).map(String::as_str)),
                channel: page.t(&format!("office-channel-{}", entry.channel.as_str())).to_owned(),
            }
        })
        .collect::<Vec<_>>();
    let searched = match (rows.is_empty() && wrong.is_empty(), next) {
        (true, Some(_)) => page.t("office-journal-none-yet"),
        (true, None) => page.t("office-journal-none"),
        _ => "",
    };
    render(&Journal {
        kinds: kinds(&page, &asked.genre),
        searched: searched.to_owned(),
        next: next.map(|before| asked.address(before)).unwrap_or_default(),
        asked,
        problems,
        rows,
        page,
    })
}

/// What may have happened, as it is called, in the order of the alphabet.
fn kinds(page: &Page, chosen: &str) -> Vec<Choosable> {
    let mut kinds: Vec<Choosable> = page
        .journal_kinds()
        .map(|kind| Choosable {
            value: kind.to_owned(),
            label: words::recorded(page, kind),
            hint: String::new(),
            chosen: kind == chosen,
        })
        .collect();
    kinds.sort_by(|one, other| one.label.cmp(&other.label));
    let all = Choosable {
        value: String::new(),
        label: page.t("office-journal-all-kinds").to_owned(),
        hint: String::new(),
        chosen: chosen.is_empty(),
    };
    kinds.insert(0, all);
    kinds
}

/// Whoever signs in acts as nobody yet: the entry names the account.
fn whose_session(entry: &JournalEntry) -> Option<Uuid> {
    let account = entry.payload.as_ref().filter(|_| entry.kind == "session.opened")?.get("account")?;
    account.as_str()?.parse().ok()
}
