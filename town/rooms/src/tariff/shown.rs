//! A tariff in the reader's words.

use beffroi_calendar::tariff::{Applicant, Rate, Tariff, Unit, When};
use beffroi_web::Page;

/// What a page shows of a tariff.
pub(crate) struct Prices {
    /// By which deliberation, in words.
    pub cited: String,
    /// Each rate: for whom and when, and how much.
    pub rates: Vec<(String, String)>,
    /// What is deposited against damage; `""` for nothing.
    pub deposit: String,
    /// What is kept where somebody cancels.
    pub retained: Vec<String>,
    /// How often an association has it for nothing; `""` for never.
    pub free: String,
}

/// A tariff as a page shows it.
pub(crate) fn prices(page: &Page, tariff: &Tariff) -> Prices {
    let mut retained: Vec<_> = tariff.retained.iter().filter(|step| step.percent > 0).collect();
    retained.sort_by_key(|step| std::cmp::Reverse(step.days));
    Prices {
        cited: tariff.deliberation.cited(page.language()),
        rates: tariff.rates.iter().map(|it| (whom(page, it), amount(page, it))).collect(),
        deposit: if tariff.deposit.0 == 0 {
            String::new()
        } else {
            page.tr("rooms-tariff-deposit", &[("amount", tariff.deposit.read_in(page.language()).into())])
        },
        retained: retained
            .into_iter()
            .map(|it| {
                page.tr("rooms-tariff-retained", &[("n", it.days.into()), ("percent", it.percent.into())])
            })
            .collect(),
        free: if tariff.free_uses == 0 {
            String::new()
        } else {
            page.tr("rooms-tariff-free", &[("n", tariff.free_uses.into())])
        },
    }
}

/// `Association de la commune, du lundi au vendredi, 5 heures au plus`.
fn whom(page: &Page, rate: &Rate) -> String {
    let who = rate.applicant.map_or("all", Applicant::as_str);
    let place = match rate.resident {
        _ if rate.applicant.is_some_and(Applicant::is_of_town) => "",
        Some(true) => "-here",
        Some(false) => "-elsewhere",
        None => "",
    };
    let mut parts = vec![page.t(&format!("rooms-tariff-who-{who}{place}")).to_owned()];
    if rate.when != When::Always {
        parts.push(page.t(&format!("rooms-tariff-when-{}", rate.when.as_str())).to_owned());
    }
    parts.extend(rate.up_to_hours.map(|hours| page.tr("rooms-tariff-up-to", &[("n", hours.into())])));
    parts.join(", ")
}

fn amount(page: &Page, rate: &Rate) -> String {
    if rate.amount.0 == 0 {
        return page.t("rooms-tariff-nothing").to_owned();
    }
    let amount = rate.amount.read_in(page.language());
    match rate.unit {
        Unit::Booking => amount,
        unit => page.tr(&format!("rooms-tariff-per-{}", unit.as_str()), &[("amount", amount.into())]),
    }
}
