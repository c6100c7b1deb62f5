//! A tariff as the fields of its page. Pure.

use beffroi_calendar::tariff::{Applicant, Deliberation, Rate, Retained, Tariff, Unit, When};
use beffroi_core::{Day, money::Cents};
use beffroi_web::FormPost;

use crate::booking::day;

/// Rows for rates.
pub const RATES: usize = 12;
/// Rows for what is kept.
pub const STEPS: usize = 4;

/// What is wrong: the control, and the key of its words.
pub type Wrong = (String, &'static str);

/// A tariff, and from which day to which it is in force.
pub type Filled = (Tariff, Day, Option<Day>);

/// What is filled in.
///
/// # Errors
/// All that is wrong.
pub fn read(form: &FormPost) -> Result<Filled, Vec<Wrong>> {
    let mut wrong: Vec<Wrong> = Vec::new();
    let mut fault = |name: &str, key| wrong.push((name.to_owned(), key));
    let voted = day(form.text("vote"));
    if form.text("numero").is_empty() {
        fault("numero", "rooms-admin-tariff-wrong-number");
    }
    if voted.is_none() {
        fault("vote", "rooms-refused-day");
    }
    let first = day(form.text("du"));
    if first.is_none() {
        fault("du", "rooms-refused-day");
    }
    let last = match form.text("au") {
        "" => None,
        typed => {
            let last = day(typed);
            if last.is_none() {
                fault("au", "rooms-refused-last-day");
            }
            last
        }
    };
    let mut rates = Vec::new();
    for rank in 0..RATES {
        let name = |part: &str| format!("{part}-{rank}");
        let typed = form.text(&name("montant")).to_owned();
        if typed.is_empty() {
            continue;
        }
        let Some(amount) = Cents::parse(&typed) else {
            fault(&name("montant"), "rooms-admin-tariff-wrong-amount");
            continue;
        };
        let hours = form.text(&name("heures")).to_owned();
        let up_to_hours = hours.parse().ok().filter(|hours: &u32| (1..=24).contains(hours));
        if up_to_hours.is_none() && !hours.is_empty() {
            fault(&name("heures"), "rooms-admin-wrong-number");
        }
        rates.push(Rate {
            applicant: Applicant::from_word(form.text(&name("qui"))),
            resident: match form.text(&name("habitant")) {
                "oui" => Some(true),
                "non" => Some(false),
                _ => None,
            },
            when: When::from_word(form.text(&name("quand"))).unwrap_or(When::Always),
            up_to_hours,
            unit: Unit::from_word(form.text(&name("unite"))).unwrap_or(Unit::Booking),
            amount,
        });
    }
    if rates.is_empty() {
        fault("montant-0", "rooms-admin-tariff-wrong-none");
    }
    let mut retained = Vec::new();
    for rank in 0..STEPS {
        let (days, percent) = (format!("jours-{rank}"), format!("part-{rank}"));
        match (form.text(&days), form.text(&percent)) {
            ("", "") => {}
            (left, kept) => match (left.parse(), kept.parse()) {
                (Ok(days @ 1..=366_u32), Ok(percent @ 0..=100_u32)) => {
                    retained.push(Retained { days, percent });
                }
                _ => fault(&days, "rooms-admin-tariff-wrong-step"),
            },
        }
    }
    let deposit = match form.text("caution") {
        "" => Some(Cents(0)),
        typed => Cents::parse(typed),
    };
    if deposit.is_none() {
        fault("caution", "rooms-admin-tariff-wrong-amount");
    }
    let free_uses = match form.text("gratuites") {
        "" => Some(0),
        typed => typed.parse().ok().filter(|count: &u32| *count <= 366),
    };
    if free_uses.is_none() {
        fault("gratuites", "rooms-admin-wrong-number");
    }
    match (voted, first, deposit, free_uses) {
        (Some(voted), Some(first), Some(deposit), Some(free_uses)) if wrong.is_empty() => {
            let deliberation = Deliberation { number: form.text("numero").to_owned(), day: voted };
            Ok((Tariff { deliberation, rates, deposit, retained, free_uses }, first, last))
        }
        _ => Err(wrong),
    }
}
