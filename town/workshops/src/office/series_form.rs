//! The form of a series: what was typed, what is meant by it, and what is wrong. A price comes with what fixes it.

use askama::Template;
use axum::http::StatusCode;
use beffroi_calendar::{resource::Name, tariff::Deliberation};
use beffroi_core::{Cents, Day};
use beffroi_payments::Regie;
use beffroi_people::Department;
use beffroi_web::{
    Choice, FormPost, Page, Problem, WebError, Wrong, new_idempotency_key, page::render_as, render,
};
use chrono::Datelike;

use crate::{
    price::{Fixed, Reduced},
    public::{Refused, lines},
    series::{Kept, Level, NUMBER_AT_MOST, PRICE_AT_MOST, SeriesError, SeriesSheet, Signup},
};

/// What was typed of a series.
#[derive(Clone, Debug, Default)]
pub(super) struct Typed {
    /// All but what it costs.
    sheet: SeriesSheet,
    bring: [String; 2],
    cost: Cost,
    pub(super) published: bool,
    /// The short name of its department.
    pub(super) department: String,
}

/// What was typed of what it costs.
#[derive(Clone, Debug, Default)]
struct Cost {
    price: String,
    reduced: String,
    who: Name,
    number: String,
    voted: String,
    /// The id of the régie.
    regie: String,
}

/// What is chosen among.
pub(super) struct Offered {
    /// Departments of a new series; nothing where it has one.
    pub(super) departments: Vec<Department>,
    /// Who may collect what it costs.
    pub(super) regies: Vec<Regie>,
}

/// An amount as it is typed again.
fn amount(cents: Cents) -> String {
    format!("{},{:02}", cents.0 / 100, cents.0 % 100)
}

/// A day as people and browsers write it.
fn day(text: &str) -> Option<Day> {
    let read = Day::parse_from_str(text, "%Y-%m-%d").or_else(|_| Day::parse_from_str(text, "%d/%m/%Y"));
    read.ok().filter(|day| (1970..=2200).contains(&day.year()))
}

impl Cost {
    fn of(sheet: &SeriesSheet) -> Self {
        let price = if sheet.price == Cents(0) { String::new() } else { amount(sheet.price) };
        let Some(fixed) = &sheet.fixed else { return Self { price, ..Self::default() } };
        let reduced = fixed.reduced.as_ref();
        Self {
            price,
            reduced: reduced.map(|it| amount(it.price)).unwrap_or_default(),
            who: reduced.map(|it| it.who.clone()).unwrap_or_default(),
            number: fixed.deliberation.number.clone(),
            voted: fixed.deliberation.day.to_string(),
            regie: fixed.regie.to_string(),
        }
    }

    /// What it costs, and what fixes that; or all that is wrong.
    fn judged(&self, regies: &[Regie]) -> Result<(Cents, Option<Fixed>), Vec<Wrong>> {
        let mut wrong: Vec<Wrong> = Vec::new();
        let price = if self.price.is_empty() { Some(Cents(0)) } else { Cents::parse(&self.price) };
        let Some(price) = price.filter(|price| price.0 <= PRICE_AT_MOST) else {
            return Err(vec![("prix", "workshops-office-wrong-price")]);
        };
        if price == Cents(0) {
            let free = self.reduced.is_empty();
            return if free { Ok((price, None)) } else { Err(vec![("prix", "workshops-office-wrong-full")]) };
        }
        let reduced = if self.reduced.is_empty() { None } else { Some(Cents::parse(&self.reduced)) };
        let lower = reduced.map(|it| it.filter(|it| *it < price));
        if lower == Some(None) {
            wrong.push(("prix_reduit", "workshops-office-wrong-reduced"));
        }
        if lower.is_some() && self.who.fr.is_empty() {
            wrong.push(("reduit_pour", "workshops-office-wrong-who"));
        }
        if self.number.is_empty() || self.number.chars().count() > NUMBER_AT_MOST {
            wrong.push(("deliberation", "workshops-office-wrong-deliberation"));
        }
        let voted = day(&self.voted);
        if voted.is_none() {
            wrong.push(("vote", "workshops-office-wrong-voted"));
        }
        let regie = regies.iter().find(|it| it.id.to_string() == self.regie).map(|it| it.id);
        if regie.is_none() {
            wrong.push(("regie", "workshops-office-wrong-regie"));
        }
        let (Some(day), Some(regie), true) = (voted, regie, wrong.is_empty()) else { return Err(wrong) };
        let deliberation = Deliberation { number: self.number.clone(), day };
        let reduced = lower.flatten().map(|price| Reduced { price, who: self.who.clone() });
        Ok((price, Some(Fixed { deliberation, regie, reduced })))
    }
}

impl Typed {
    pub(super) fn of(kept: &Kept, department: &str) -> Self {
        let sheet = kept.sheet.clone();
        let all = |of: fn(&Name) -> &str| sheet.bring.iter().map(of).collect::<Vec<_>>().join("\n");
        let bring = [all(|name| &name.fr), all(|name| &name.en)];
        let cost = Cost::of(&sheet);
        Self { bring, cost, published: kept.published, department: department.to_owned(), sheet }
    }

    pub(super) fn read(fields: &FormPost) -> Self {
        let name = |field: &str| Name {
            fr: fields.text(field).to_owned(),
            en: fields.text(&format!("{field}_en")).to_owned(),
        };
        let bring = ["apporter", "apporter_en"].map(|field| fields.text(field).to_owned());
        let [in_french, in_english] = &bring;
        let (fr, en) = (lines(in_french), lines(in_english));
        let pairs = fr
            .into_iter()
            .enumerate()
            .map(|(rank, fr)| Name { fr, en: en.get(rank).cloned().unwrap_or_default() });
        Self {
            sheet: SeriesSheet {
                title: name("titre"),
                summary: name("resume"),
                learns: name("apprend"),
                audience: name("public"),
                level: Level::from_word(fields.text("niveau")).unwrap_or(Level::Beginner),
                bring: pairs.collect(),
                phone: fields.text("telephone").to_owned(),
                signup: Signup::from_word(fields.text("inscription")).unwrap_or(Signup::Each),
                ..SeriesSheet::default()
            },
            bring,
            cost: Cost {
                price: fields.text("prix").to_owned(),
                reduced: fields.text("prix_reduit").to_owned(),
                who: name("reduit_pour"),
                number: fields.text("deliberation").to_owned(),
                voted: fields.text("vote").to_owned(),
                regie: fields.text("regie").to_owned(),
            },
            published: fields.text("publie") == "true",
            department: fields.text("service").to_owned(),
        }
    }

    /// What is meant; or all that is wrong with what it costs.
    pub(super) fn judged(&self, regies: &[Regie]) -> Result<SeriesSheet, Vec<Wrong>> {
        let (price, fixed) = self.cost.judged(regies)?;
        Ok(SeriesSheet { price, fixed, ..self.sheet.clone() })
    }
}

#[derive(Template)]
#[template(path = "workshops_office_series_form.html")]
struct Form {
    page: Page,
    title: String,
    heading: String,
    back: String,
    action: String,
    key: String,
    typed: Typed,
    departments: Vec<Choice>,
    levels: Vec<Choice>,
    signups: Vec<Choice>,
    regies: Vec<Choice>,
    problems: Vec<Problem>,
}

impl Form {
    fn error(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

/// The page of the form: of a new series, or of one that there is.
pub(super) fn form(
    page: Page,
    known: Option<&Kept>,
    offered: &Offered,
    typed: Typed,
    wrong: &[Wrong],
) -> beffroi_web::Result {
    let level = |it: &Level| {
        let word = it.as_str();
        Choice::new(word, page.t(&format!("workshops-level-{word}")), typed.sheet.level == *it)
    };
    let signup = |it: &Signup| {
        let word = it.as_str();
        Choice::new(word, page.t(&format!("workshops-office-signup-{word}")), typed.sheet.signup == *it)
    };
    let department = |it: &Department| {
        let details = &it.details;
        Choice::new(&details.slug, &details.name, details.slug == typed.department)
    };
    let regie = |it: &Regie| {
        let id = it.id.to_string();
        Choice::new(&id, &it.name, typed.cost.regie == id)
    };
    let heading = match known {
        Some(kept) => kept.sheet.title.fr.clone(),
        None => page.t("workshops-office-new-series").to_owned(),
    };
    let prefix = if wrong.is_empty() { String::new() } else { format!("{} ", page.t("error-prefix")) };
    let view = Form {
        title: format!("{prefix}{heading}"),
        heading,
        back: known.map_or("/agents/ateliers/series".to_owned(), |kept| {
            format!("/agents/ateliers/series/{}", kept.slug)
        }),
        action: known.map_or("/agents/ateliers/series/nouvelle".to_owned(), |kept| {
            format!("/agents/ateliers/series/{}/modifier", kept.slug)
        }),
        key: new_idempotency_key(),
        departments: offered.departments.iter().map(department).collect(),
        levels: Level::ALL.iter().map(level).collect(),
        signups: Signup::ALL.iter().map(signup).collect(),
        regies: offered.regies.iter().map(regie).collect(),
        problems: Problem::keyed(&page, wrong),
        typed,
        page,
    };
    if wrong.is_empty() { render(&view) } else { render_as(StatusCode::UNPROCESSABLE_ENTITY, &view) }
}

impl From<SeriesError> for Refused {
    fn from(error: SeriesError) -> Self {
        match error {
            SeriesError::Title => Self::Wrong(vec![("titre", "workshops-office-wrong-title")]),
            SeriesError::Text => Self::Wrong(vec![("apprend", "workshops-office-wrong-text")]),
            SeriesError::Price => Self::Wrong(vec![("prix", "workshops-office-wrong-price")]),
            SeriesError::Reduced => Self::Wrong(vec![("prix_reduit", "workshops-office-wrong-reduced")]),
            SeriesError::Deliberation => {
                Self::Wrong(vec![("deliberation", "workshops-office-wrong-deliberation")])
            }
            SeriesError::Regie => Self::Wrong(vec![("regie", "workshops-office-wrong-regie")]),
            SeriesError::Unknown => Self::Web(WebError::not_found()),
            SeriesError::Store(error) => Self::Web(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_is_read_as_it_is_typed_and_comes_with_what_fixes_it() {
        let cost = |text: &str| Cost { price: text.to_owned(), ..Cost::default() };
        for free in ["", "0", "0,00 €"] {
            assert_eq!(cost(free).judged(&[]), Ok((Cents(0), None)), "{free}");
        }
        for text in ["gratuit", "-5", "2,505", "2000", "1,-1"] {
            let wrong = cost(text).judged(&[]);
            assert_eq!(wrong, Err(vec![("prix", "workshops-office-wrong-price")]), "{text}");
        }
        // All that is missing is told at once.
        let fields = |cost: &Cost| -> Vec<&'static str> {
            cost.judged(&[]).unwrap_err().into_iter().map(|(field, _)| field).collect()
        };
        assert_eq!(fields(&cost("8")), ["deliberation", "vote", "regie"]);
        let both = Cost { reduced: "8".to_owned(), ..cost("8") };
        assert_eq!(fields(&both), ["prix_reduit", "reduit_pour", "deliberation", "vote", "regie"]);
        assert_eq!(fields(&Cost { reduced: "4".to_owned(), ..cost("") }), ["prix"]);
    }
}
