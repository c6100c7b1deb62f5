//! What is learnt in a series of workshops: for whom, at which level, what to bring, what it costs, and how one registers.

use beffroi_calendar::resource::Name;
use beffroi_core::{Cents, Id};
use beffroi_payments::regie;
use beffroi_people::{Department, Permit};
use beffroi_store::{Entry, Result, Row, StoreError, Tx, words};
use serde::{Deserialize, Serialize};

use crate::{
    permission::AdviseWorkshops,
    price::{Fixed, Price},
    slug,
};

/// Series of a commune, at most.
const LISTED: u32 = 500;
/// Letters of the long text, at most.
const LEARNS_AT_MOST: usize = 2_000;
/// Letters of the other texts, at most.
const TEXT_AT_MOST: usize = 300;
/// Things to bring, at most.
const BRING_AT_MOST: usize = 20;
/// Letters of a deliberation's number, at most.
pub(crate) const NUMBER_AT_MOST: usize = 60;
/// The dearest workshop, in cents.
pub(crate) const PRICE_AT_MOST: i64 = 100_000;

/// A mark for series in [`Id`].
#[derive(Clone, Copy, Debug)]
pub enum Series {}

words! {
    /// What one must know before.
    Level {
        /// Nothing.
        Beginner = "beginner",
        /// A little.
        Improving = "improving",
        /// What most people do every week.
        Confident = "confident",
    }
}

words! {
    /// For what one registers.
    Signup {
        /// For one session.
        Each = "each",
        /// For all sessions that are to come.
        Whole = "whole",
        /// For either.
        Both = "both",
    }
}

/// What is said of a series.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SeriesSheet {
    /// Its title.
    pub title: Name,
    /// One sentence.
    pub summary: Name,
    /// What one learns.
    pub learns: Name,
    /// For whom it is.
    pub audience: Name,
    /// What one must know before.
    pub level: Level,
    /// What to bring.
    pub bring: Vec<Name>,
    /// What a session costs one person; nothing where it is free.
    pub price: Cents,
    /// What fixes that price, and who collects it.
    pub fixed: Option<Fixed>,
    /// Whom to call; the department's own number where it is empty.
    pub phone: String,
    /// For what one registers.
    pub signup: Signup,
}

impl Default for SeriesSheet {
    fn default() -> Self {
        Self {
            title: Name::default(),
            summary: Name::default(),
            learns: Name::default(),
            audience: Name::default(),
            level: Level::Beginner,
            bring: Vec::new(),
            price: Cents(0),
            fixed: None,
            phone: String::new(),
            signup: Signup::Each,
        }
    }
}

/// What is wrong with a series.
#[derive(Debug, thiserror::Error)]
pub enum SeriesError {
    /// It has no title, or one of more than 200 letters.
    #[error("a title is missing, or longer than 200 letters")]
    Title,
    /// A text is too long.
    #[error("a text is too long")]
    Text,
    /// The price is less than nothing, or more than a thousand euros.
    #[error("no such price")]
    Price,
    /// The reduced price is not lower, or nobody is said to have it.
    #[error("a reduced price is lower, and somebody has it")]
    Reduced,
    /// No deliberation fixes the price.
    #[error("a price is fixed by a deliberation, with a number of 1 to 60 letters")]
    Deliberation,
    /// Nobody collects the price.
    #[error("an open régie collects a price")]
    Regie,
    /// There is no such series.
    #[error("no such series")]
    Unknown,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl SeriesSheet {
    fn check(&self) -> Result<(), SeriesError> {
        if !self.title.is_fit() {
            return Err(SeriesError::Title);
        }
        let length = |text: &str| text.chars().count();
        let longest = |name: &Name| length(&name.fr).max(length(&name.en));
        let short = [&self.summary, &self.audience].into_iter().chain(&self.bring);
        let fits = short.map(longest).all(|letters| letters <= TEXT_AT_MOST)
            && longest(&self.learns) <= LEARNS_AT_MOST
            && length(&self.phone) <= 40
            && self.bring.len() <= BRING_AT_MOST;
        if !fits {
            return Err(SeriesError::Text);
        }
        if !(0..=PRICE_AT_MOST).contains(&self.price.0) {
            return Err(SeriesError::Price);
        }
        match &self.fixed {
            None if self.price == Cents(0) => Ok(()),
            None => Err(SeriesError::Deliberation),
            Some(_) if self.price == Cents(0) => Err(SeriesError::Price),
            Some(fixed) => {
                let number = length(fixed.deliberation.number.trim());
                let reduced = fixed.reduced.as_ref().is_none_or(|it| {
                    let said = !it.who.fr.trim().is_empty() && longest(&it.who) <= TEXT_AT_MOST;
                    said && (0..self.price.0).contains(&it.price.0)
                });
                match (reduced, (1..=NUMBER_AT_MOST).contains(&number)) {
                    (false, _) => Err(SeriesError::Reduced),
                    (true, false) => Err(SeriesError::Deliberation),
                    (true, true) => Ok(()),
                }
            }
        }
    }

    /// What somebody who registers now is asked for each session; `None` where it is free, or nothing fixes the price. The
    /// reduced price is had where there is one.
    pub fn asked(&self, reduced: bool) -> Option<Price> {
        let fixed = self.fixed.as_ref().filter(|_| self.price > Cents(0))?;
        let lower = fixed.reduced.as_ref().filter(|_| reduced);
        Some(Price {
            cents: lower.map_or(self.price, |it| it.price),
            reduced: lower.is_some(),
            deliberation: fixed.deliberation.clone(),
            regie: fixed.regie,
        })
    }
}

/// A series as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Which.
    pub id: Id<Series>,
    /// Its short name.
    pub slug: String,
    /// Whether the public sees it.
    pub published: bool,
    /// Whose it is.
    pub department: Id<Department>,
    /// What is said of it.
    pub sheet: SeriesSheet,
}

/// Keeps a series: a new one of this department, or what is said of one that there is. The department never changes.
///
/// # Errors
/// [`SeriesError`].
pub fn keep(
    tx: &mut Tx<'_>,
    _: &Permit<AdviseWorkshops>,
    id: Option<Id<Series>>,
    department: Id<Department>,
    (published, sheet): (bool, &SeriesSheet),
) -> Result<Id<Series>, SeriesError> {
    sheet.check()?;
    if let Some(fixed) = &sheet.fixed
        && regie::find(tx, fixed.regie)?.is_none_or(|regie| regie.closed)
    {
        return Err(SeriesError::Regie);
    }
    let text = serde_json::to_value(sheet).map_err(StoreError::from)?;
    let kept = if let Some(id) = id {
        let sql = "UPDATE workshops_series SET published = $3, sheet = $4 WHERE id = $1 AND department = $2";
        if tx.execute(sql, &[&id, &department, &published, &text])? == 0 {
            return Err(SeriesError::Unknown);
        }
        id
    } else {
        let id: Id<Series> = tx.new_id();
        let slug = slug::free(tx, slug::Of::Series, &sheet.title.fr)?;
        tx.execute(
            "INSERT INTO workshops_series (id, slug, published, department, sheet) \
                 VALUES ($1, $2, $3, $4, $5)",
            &[&id, &slug, &published, &department, &text],
        )?;
        id
    };
    tx.journal(&Entry {
        kind: "workshop.described",
        subject_kind: "workshop",
        subject_id: kept.uuid(),
        payload: serde_json::json!({
            "title": sheet.title.fr, "published": published, "price": sheet.price,
        }),
    })?;
    Ok(kept)
}

const COLUMNS: &str = "id, slug, published, department, sheet FROM workshops_series";

fn read(row: &mut Row) -> Result<Kept> {
    Ok(Kept {
        id: row.get(0)?,
        slug: row.get(1)?,
        published: row.get(2)?,
        department: row.get(3)?,
        sheet: serde_json::from_value(row.get(4)?)
            .map_err(|_| StoreError::Corrupt("the sheet of a series cannot be read".to_owned()))?,
    })
}

/// All series, by their short names; those that the public does not see too.
pub fn list(tx: &mut Tx<'_>) -> Result<Vec<Kept>> {
    tx.query(&format!("SELECT {COLUMNS} ORDER BY slug LIMIT $1"), &[&LISTED], read)
}

/// A series.
pub fn find(tx: &mut Tx<'_>, id: Id<Series>) -> Result<Option<Kept>> {
    tx.query_opt(&format!("SELECT {COLUMNS} WHERE id = $1"), &[&id], read)
}

/// A series by its short name.
pub fn by_slug(tx: &mut Tx<'_>, slug: &str) -> Result<Option<Kept>> {
    tx.query_opt(&format!("SELECT {COLUMNS} WHERE slug = $1"), &[&slug], read)
}

#[cfg(test)]
mod tests {
    use beffroi_calendar::tariff::Deliberation;
    use uuid::Uuid;

    use super::*;
    use crate::price::Reduced;

    #[test]
    fn a_series_has_a_title_and_costs_nothing_absurd() {
        let title = Name { fr: "Découvrir la tablette".to_owned(), en: String::new() };
        let sheet = SeriesSheet { title, ..SeriesSheet::default() };
        assert!(sheet.check().is_ok());
        assert!(matches!(SeriesSheet::default().check(), Err(SeriesError::Title)));
        for price in [-1, 100_001] {
            let dear = SeriesSheet { price: Cents(price), ..sheet.clone() };
            assert!(matches!(dear.check(), Err(SeriesError::Price)), "{price}");
        }
        let long = Name { fr: "a".repeat(2_001), en: String::new() };
        assert!(matches!(SeriesSheet { learns: long, ..sheet }.check(), Err(SeriesError::Text)));
    }

    #[test]
    fn a_price_is_fixed_by_a_deliberation_and_the_reduced_one_is_lower_and_somebodys() {
        let title = Name { fr: "Atelier et tirage".to_owned(), en: String::new() };
        let fixed = |number: &str, reduced: Option<(i64, &str)>| Fixed {
            deliberation: Deliberation {
                number: number.to_owned(),
                day: "2026-03-12".parse().unwrap_or_default(),
            },
            regie: Id::from_uuid(Uuid::from_u128(1)),
            reduced: reduced.map(|(cents, who)| Reduced {
                price: Cents(cents),
                who: Name { fr: who.to_owned(), en: String::new() },
            }),
        };
        let sheet = |price: i64, fixed: Option<Fixed>| SeriesSheet {
            title: title.clone(),
            price: Cents(price),
            fixed,
            ..SeriesSheet::default()
        };
        assert!(matches!(sheet(800, None).check(), Err(SeriesError::Deliberation)));
        assert!(matches!(sheet(800, Some(fixed(" ", None))).check(), Err(SeriesError::Deliberation)));
        for reduced in [(800, "Les moins de 26 ans"), (-1, "Les moins de 26 ans"), (400, " ")] {
            let sheet = sheet(800, Some(fixed("2026-031", Some(reduced))));
            assert!(matches!(sheet.check(), Err(SeriesError::Reduced)), "{reduced:?}");
        }
        let both = sheet(800, Some(fixed("2026-031", Some((400, "Les moins de 26 ans")))));
        assert!(both.check().is_ok());
        let asked = |reduced: bool| both.asked(reduced).map(|it| (it.cents, it.reduced));
        assert_eq!((asked(false), asked(true)), (Some((Cents(800), false)), Some((Cents(400), true))));
        // Where there is one price, everybody pays it.
        let one = sheet(800, Some(fixed("2026-031", None)));
        assert_eq!(one.asked(true).map(|it| (it.cents, it.reduced)), Some((Cents(800), false)));
        assert_eq!(sheet(0, None).asked(false), None);
    }
}
