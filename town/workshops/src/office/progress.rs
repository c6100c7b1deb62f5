//! What the page of figures and its spreadsheet tell of follow-ups and loans.

use beffroi_web::Page;

use super::figures::told;
use crate::{
    followup::{Autonomy, Theme},
    progress::{Levels, Progress},
    withheld::{self, Shown},
};

/// What is told of follow-ups and loans.
pub(super) struct Told {
    /// A label and a count each.
    pub(super) counts: Vec<(String, String)>,
    /// The heads of the table of levels, its first column included.
    pub(super) heads: Vec<String>,
    /// A theme each, with what people could do at first and at last.
    pub(super) levels: Vec<(String, Vec<String>)>,
    pub(super) loans: Vec<(String, String)>,
    /// Whether nothing was done.
    pub(super) is_nothing: bool,
}

impl Told {
    /// The rows of the table of levels, each cell with its head.
    pub(super) fn rows(&self) -> Vec<(String, Vec<(String, String)>)> {
        let with_heads = |(theme, cells): &(String, Vec<String>)| {
            let cells = self.heads.iter().skip(1).cloned().zip(cells.iter().cloned());
            (theme.clone(), cells.collect())
        };
        self.levels.iter().map(with_heads).collect()
    }
}

/// What one theme tells: the parts of a whole, at first and at last. Both have the same whole, so that each is told as if
/// the whole was.
fn cells(page: &Page, first: Levels, last: Levels) -> Vec<String> {
    [first, last].iter().flat_map(|levels| withheld::parts(levels)).map(|shown| told(page, shown)).collect()
}

/// How often people were met: not told where it might point at one of few.
fn meetings(progress: &Progress) -> Shown {
    if Shown::of(progress.people).is_told() { Shown::of(progress.meetings) } else { Shown::Withheld }
}

pub(super) fn tell(page: &Page, progress: &Progress) -> Told {
    let t = |key: String| page.t(&key).to_owned();
    let stages = ["first", "last"];
    let head = |stage: &str, level: &Autonomy| {
        let words = [("level", t(format!("workshops-office-autonomy-{}", level.as_str())).into())];
        page.tr(&format!("workshops-office-head-{stage}"), &words)
    };
    let mut heads = vec![t("workshops-office-head-theme".to_owned())];
    heads.extend(
        stages
            .iter()
            .flat_map(|stage| Autonomy::ALL.iter().map(move |level| (*stage, level)))
            .map(|(stage, level)| head(stage, level)),
    );
    let levels = Theme::ALL.iter().filter_map(|theme| {
        let last = progress.last.get(theme)?;
        let first = progress.first.get(theme).copied().unwrap_or_default();
        Some((t(format!("workshops-office-theme-{}", theme.as_str())), cells(page, first, *last)))
    });
    let count = |key: &str, shown: Shown| (page.t(key).to_owned(), told(page, shown));
    Told {
        counts: vec![
            count("workshops-office-followed-people", Shown::of(progress.people)),
            count("workshops-office-followed-meetings", meetings(progress)),
        ],
        heads,
        levels: levels.collect(),
        loans: vec![
            count("workshops-office-loans-made", Shown::of(progress.lent)),
            count("workshops-office-loans-returned", Shown::of(progress.returned)),
        ],
        is_nothing: *progress == Progress::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_often_few_were_met_is_not_told() {
        let met = |people, meetings| super::meetings(&Progress { people, meetings, ..Progress::default() });
        assert_eq!(met(0, 0), Shown::Count(0));
        assert_eq!(met(4, 12), Shown::Withheld);
        assert_eq!(met(7, 12), Shown::Count(12));
    }

    #[test]
    fn one_who_has_learnt_something_is_not_found_between_the_first_and_the_last_meeting() {
        // Six could not at first; one of them can now.
        assert!(withheld::parts(&[6, 0, 0]).iter().all(|shown| shown.is_told()));
        let last = withheld::parts(&[5, 1, 0]);
        assert_eq!(last, [Shown::Withheld, Shown::Withheld, Shown::Count(0)]);
    }
}
