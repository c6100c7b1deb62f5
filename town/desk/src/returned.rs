//! Single dates of a booking that comes again, given back: what the form of either side says, and how it is shown again
//! with what is kept of the price before anything is done.

use beffroi_calendar::{
    booking::{Booking, Canceller, NotReturned},
    clock,
};
use beffroi_cases::cancellation::Dates;
use beffroi_core::{Cents, Instant};
use beffroi_web::{Choice, FormPost, Page};
use chrono_tz::Tz;

/// The boxes of the dates.
pub(crate) const DATES: &str = "rendre";
/// The control of the reason.
pub(crate) const WHY: &str = "motif-rendre";
/// The hidden control of what was told.
pub(crate) const TOLD: &str = "retenu";
/// The dates that are read, at most: a booking has fewer.
const READ_AT_MOST: usize = 1_000;

/// What somebody sent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Chosen {
    /// When each date begins, in seconds; what is no number is no date.
    pub(crate) starts: Vec<i64>,
    /// Why.
    pub(crate) why: String,
    /// What they were told is kept.
    pub(crate) told: Option<Cents>,
}

impl Chosen {
    /// What a form says.
    pub(crate) fn of(form: &FormPost) -> Self {
        let starts = form.all(DATES).take(READ_AT_MOST).map(|start| start.parse().unwrap_or(i64::MIN));
        Self {
            starts: starts.collect(),
            why: form.text(WHY).to_owned(),
            told: form.text(TOLD).parse().ok().map(Cents),
        }
    }

    /// The same for the command.
    pub(crate) fn dates(&self) -> Dates<'_> {
        Dates { starts: &self.starts, why: &self.why, told: self.told }
    }
}

/// The key of what stands against it; beside the dates. What is untold is no fault.
pub(crate) const fn key(refused: &NotReturned) -> &'static str {
    match refused {
        NotReturned::Nothing => "desk-returned-nothing-chosen",
        NotReturned::All => "desk-returned-all",
        NotReturned::NotThere | NotReturned::Gone | NotReturned::Untold(_) | NotReturned::Store(_) => {
            "desk-returned-gone"
        }
    }
}

/// The form, as a page shows it.
#[derive(Clone, Debug)]
pub(crate) struct Form {
    /// Each date that can be given back, with what is kept of it.
    pub(crate) dates: Vec<Choice>,
    /// The reason as it was typed.
    pub(crate) why: String,
    /// What is kept of those that were chosen, in words; `""` before it is told.
    pub(crate) kept: String,
    /// The same in cents.
    pub(crate) told: String,
    /// Whether something was chosen.
    pub(crate) open: bool,
}

impl Form {
    /// The form of a booking; `None` where no single date of it can be given back.
    pub(crate) fn of(
        page: &Page,
        booking: &Booking,
        chosen: &Chosen,
        now: Instant,
        zone: Tz,
    ) -> Option<Self> {
        let lang = page.language();
        let dates = booking.returnable(now);
        if dates.is_empty() {
            return None;
        }
        let choice = |date: &beffroi_calendar::spans::Span| {
            let start = date.start().timestamp();
            let kept = booking.kept_of_dates(std::slice::from_ref(date), now, zone);
            let hint = if kept > Cents(0) {
                page.tr("desk-returned-keeps", &[("amount", kept.read_in(lang).into())])
            } else {
                String::new()
            };
            Choice {
                value: start.to_string(),
                label: clock::when(*date, zone, lang),
                hint,
                chosen: chosen.starts.contains(&start),
            }
        };
        let kept = chosen.told.map(|told| match told {
            Cents(0) => page.t("desk-returned-free").to_owned(),
            told => page.tr("desk-returned-kept", &[("amount", told.read_in(lang).into())]),
        });
        Some(Self {
            dates: dates.iter().map(choice).collect(),
            why: chosen.why.clone(),
            kept: kept.unwrap_or_default(),
            told: chosen.told.map(|told| told.0.to_string()).unwrap_or_default(),
            open: !chosen.starts.is_empty() || !chosen.why.is_empty(),
        })
    }
}

/// The dates that were given back, each with by whom and why: a line, then the reason.
pub(crate) fn lines(page: &Page, booking: &Booking, zone: Tz) -> Vec<(String, String)> {
    let lang = page.language();
    let returned = booking.details.returned.iter().map(|it| {
        let by = match it.by {
            Canceller::Requester => "desk-returned-by-requester",
            Canceller::Town => "desk-returned-by-town",
        };
        let (when, on) = (clock::when(it.span, zone, lang), clock::moment(it.at, zone, lang));
        let mut line = page.tr(by, &[("when", when.into()), ("on", on.into())]);
        if it.kept > Cents(0) {
            let owed = page.tr("desk-returned-keeps", &[("amount", it.kept.read_in(lang).into())]);
            line = format!("{line} ({owed})");
        }
        (line, it.why.clone())
    });
    returned.collect()
}
