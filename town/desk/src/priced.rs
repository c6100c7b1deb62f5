//! What a booking costs: by the answers of its request and the tariff of what is booked, reckoned once, when it is asked
//! for, and told before.

use beffroi_calendar::{
    booking::{Booking, State},
    tariff::{self, Applicant, Asked, Price, Unit},
};
use beffroi_core::{Cents, Instant, calendar::civil_day, text::fold};
use beffroi_forms::{ApplicantKind, CompiledForm};
use beffroi_people::Town;
use beffroi_store::Tx;
use beffroi_web::Page;
use chrono::Datelike;
use chrono_tz::Tz;
use serde_json::{Map, Value};

/// What a booking costs.
#[derive(Clone, Debug)]
pub(crate) struct Reckoned {
    /// The price.
    pub(crate) price: Price,
    /// The association that asks, by which its free uses are counted, and its name.
    pub(crate) body: Option<(String, String)>,
}

/// What a booking costs by these answers; `None` where that is not known, or nothing is asked for.
pub(crate) fn reckon(
    tx: &mut Tx<'_>,
    form: &CompiledForm,
    answers: &Map<String, Value>,
    booking: &Booking,
    town: &Town,
) -> beffroi_store::Result<Option<Reckoned>> {
    let priced = form.procedure().booking.as_ref().and_then(|booking| booking.price.as_ref());
    let Some(by) = priced else { return Ok(None) };
    let text = |name: &String| answers.get(name).and_then(Value::as_str).unwrap_or_default().trim();
    let Some(kind) = by.kinds.get(text(&by.applicant)) else { return Ok(None) };
    let applicant = match kind {
        ApplicantKind::Person => Applicant::Person,
        ApplicantKind::Association => Applicant::Association,
        ApplicantKind::Company => Applicant::Company,
        ApplicantKind::Department => Applicant::Department,
        ApplicantKind::Official => Applicant::Official,
    };
    let resident = match &by.resident {
        // The town is nowhere but here.
        _ if applicant.is_of_town() => true,
        None => false,
        Some(name) => match answers.get(name).and_then(Value::as_bool) {
            Some(resident) => resident,
            None => return Ok(None),
        },
    };
    let zone = town.zone();
    let day = civil_day(booking.span.start(), zone);
    let Some((id, tariff)) = tariff::of_day(tx, booking.resource.id, day)? else { return Ok(None) };
    let named = || by.body.iter().map(text).filter(|text| !text.is_empty());
    let body = named().next().zip(named().next_back()).filter(|_| applicant == Applicant::Association);
    let body = body.map(|(number, name)| (fold(number), name.to_owned()));
    let free_uses = match &body {
        // Those of the commune alone have any.
        Some((body, _)) if resident => Some(tariff::used(tx, body, day.year())?),
        _ => None,
    };
    let asked = Asked { applicant, resident, dates: booking.dates(), free_uses };
    let price = tariff.price(id, &asked, zone, town.holidays());
    Ok(price.map(|price| Reckoned { price, body }))
}

/// A price in the reader's words, a line each: what is to be paid, why it is free, the deposit, and by which deliberation.
pub(crate) fn lines(page: &Page, price: &Price) -> Vec<String> {
    let amount = |cents: Cents| cents.read_in(page.language());
    let mut lines = vec![match price.free {
        Some(free) => page.tr(
            "desk-price-free",
            &[("rank", free.rank.into()), ("of", free.of.into()), ("value", amount(price.value).into())],
        ),
        None if price.applicant.is_of_town() && price.due == Cents(0) => match price.value {
            Cents(0) => page.t("desk-price-town-nothing").to_owned(),
            value => page.tr("desk-price-town", &[("value", amount(value).into())]),
        },
        None => page.tr("desk-price", &[("amount", amount(price.due).into())]),
    }];
    let even = price.rate.amount.0.saturating_mul(i64::from(price.count)) == price.value.0;
    if even && (price.count > 1 || price.rate.unit == Unit::Hour) {
        let args = [("n", price.count.into()), ("amount", amount(price.rate.amount).into())];
        lines.push(page.tr(&format!("desk-price-count-{}", price.rate.unit.as_str()), &args));
    }
    if price.deposit.0 > 0 {
        lines.push(page.tr("desk-price-deposit", &[("amount", amount(price.deposit).into())]));
    }
    lines.push(page.tr("desk-price-by", &[("cited", price.deliberation.cited(page.language()).into())]));
    lines
}

/// For whom a price was reckoned, as they said: for agents, who check it.
pub(crate) fn whom(page: &Page, price: &Price) -> String {
    let place = match (price.applicant.is_of_town(), price.resident) {
        (true, _) => "",
        (false, true) => "-here",
        (false, false) => "-elsewhere",
    };
    page.t(&format!("desk-price-who-{}{place}", price.applicant.as_str())).to_owned()
}

/// What is kept of a price: of what was cancelled, or where it were cancelled now; `""` where nothing can be.
pub(crate) fn kept(page: &Page, booking: &Booking, now: Instant, zone: Tz) -> String {
    let Some(price) = &booking.price else { return String::new() };
    let (key, nothing, kept) = match (booking.state, price.kept) {
        (State::Cancelled, Some(kept)) => ("desk-price-kept", "desk-price-kept-nothing", kept),
        (State::Firm, _) if booking.can_be_cancelled(now) => {
            let kept = booking.kept_if_cancelled(now, zone).unwrap_or_default();
            ("desk-price-would-keep", "desk-price-would-keep-nothing", kept)
        }
        _ => return String::new(),
    };
    match kept {
        _ if price.due == Cents(0) => String::new(),
        Cents(0) => page.t(nothing).to_owned(),
        kept => page.tr(key, &[("amount", kept.read_in(page.language()).into())]),
    }
}
