//! What is learnt in a series of workshops: for whom, at which level, what to bring, what it costs, and how one registers.

use beffroi_calendar::resource::Name;
use beffroi_core::{Cents, Id};
use beffroi_people::{Department, Permit};
use beffroi_store::{Entry, Result, Row, StoreError, Tx, words};
use serde::{Deserialize, Serialize};

use crate::{permission::AdviseWorkshops, slug};

/// Series of a commune, at most.
const LISTED: u32 = 500;
/// Letters of the long text, at most.
const LEARNS_AT_MOST: usize = 2_000;
/// Letters of the other texts, at most.
const TEXT_AT_MOST: usize = 300;
/// Things to bring, at most.
const BRING_AT_MOST: usize = 20;
/// The dearest workshop.
const PRICE_AT_MOST: i64 = 100_000;

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
    /// What a session costs.
    pub price: Cents,
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
        if (0..=PRICE_AT_MOST).contains(&self.price.0) { Ok(()) } else { Err(SeriesError::Price) }
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
        payload: serde_json::json!({ "title": sheet.title.fr, "published": published }),
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
    use super::*;

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
}
