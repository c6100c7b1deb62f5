//! The lines of two files that differ, with the part in which they stand.

/// Lines that changed together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hunk {
    /// The part of the file: `[[form.page.field]]`.
    pub part: String,
    /// What is no longer there.
    pub gone: Vec<String>,
    /// What stands in its place.
    pub new: Vec<String>,
}

/// Comparisons beyond which what lies between the first and the last difference is shown as a whole.
const STEPS_AT_MOST: usize = 4_000_000;

/// The lines that differ, in the order of the file.
pub fn differing(before: &str, after: &str) -> Vec<Hunk> {
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let common = |pairs: &mut dyn Iterator<Item = (&&str, &&str)>| pairs.take_while(|(a, b)| a == b).count();
    let head = common(&mut old.iter().zip(&new));
    let rest = old.len().min(new.len()) - head;
    let tail = common(&mut old.iter().rev().zip(new.iter().rev()).take(rest));
    let (lead, middle) = (old.get(..head), old.get(head..old.len() - tail));
    let (lead, old, new) = (
        lead.unwrap_or_default(),
        middle.unwrap_or_default(),
        new.get(head..new.len() - tail).unwrap_or_default(),
    );
    let mut writer = Writer { part: part_of(lead), ..Writer::default() };
    if old.len().saturating_mul(new.len()) > STEPS_AT_MOST {
        for line in old {
            writer.gone(line);
        }
        for line in new {
            writer.came(line);
        }
    } else {
        walk(old, new, &mut writer);
    }
    writer.close();
    writer.hunks
}

/// The last part that begins in these lines.
fn part_of(lines: &[&str]) -> String {
    lines.iter().rev().find(|line| line.starts_with('[')).map_or_else(String::new, |line| (*line).to_owned())
}

/// Along the longest common lines.
fn walk(old: &[&str], new: &[&str], writer: &mut Writer) {
    let width = new.len() + 1;
    let mut longest = vec![0_u32; (old.len() + 1) * width];
    let at = |row: usize, column: usize| row * width + column;
    let read = |table: &[u32], row: usize, column: usize| table.get(at(row, column)).copied().unwrap_or(0);
    for (row, one) in old.iter().enumerate().rev() {
        for (column, other) in new.iter().enumerate().rev() {
            let best = if one == other {
                read(&longest, row + 1, column + 1) + 1
            } else {
                read(&longest, row + 1, column).max(read(&longest, row, column + 1))
            };
            if let Some(cell) = longest.get_mut(at(row, column)) {
                *cell = best;
            }
        }
    }
    let (mut row, mut column) = (0, 0);
    loop {
        match (old.get(row), new.get(column)) {
            (Some(one), Some(other)) if one == other => {
                writer.same(one);
                (row, column) = (row + 1, column + 1);
            }
            (Some(one), other)
                if other.is_none() || read(&longest, row + 1, column) >= read(&longest, row, column + 1) =>
            {
                writer.gone(one);
                row += 1;
            }
            (_, Some(other)) => {
                writer.came(other);
                column += 1;
            }
            _ => break,
        }
    }
}

#[derive(Default)]
struct Writer {
    part: String,
    open: Hunk,
    hunks: Vec<Hunk>,
}

impl Writer {
    fn same(&mut self, line: &str) {
        self.close();
        if line.starts_with('[') {
            line.clone_into(&mut self.part);
        }
    }

    fn gone(&mut self, line: &str) {
        if !line.trim().is_empty() {
            self.open.gone.push(line.to_owned());
        }
    }

    fn came(&mut self, line: &str) {
        if !line.trim().is_empty() {
            self.open.new.push(line.to_owned());
        }
    }

    fn close(&mut self) {
        let hunk = std::mem::take(&mut self.open);
        if !hunk.gone.is_empty() || !hunk.new.is_empty() {
            self.hunks.push(Hunk { part: self.part.clone(), ..hunk });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_differ_are_shown_with_their_part() {
        let before =
            "slug = \"a\"\n\n[regime]\nsilence = \"grants\"\nterm = \"2m\"\n\n[[step]]\nid = \"avis\"\n";
        let after = "slug = \"a\"\n\n[regime]\nsilence = \"grants\"\nterm = \"3m\"\nbasis = \"b\"\n\n[[step]]\nid = \"avis\"\ndays = 3\n";
        let hunks = differing(before, after);
        let told: Vec<(&str, Vec<&str>, Vec<&str>)> = hunks
            .iter()
            .map(|hunk| {
                (
                    hunk.part.as_str(),
                    hunk.gone.iter().map(String::as_str).collect(),
                    hunk.new.iter().map(String::as_str).collect(),
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                ("[regime]", vec!["term = \"2m\""], vec!["term = \"3m\"", "basis = \"b\""]),
                ("[[step]]", vec![], vec!["days = 3"]),
            ]
        );
        assert_eq!(differing(before, before), []);
        assert_eq!(differing("", "a\n")[0].new, ["a"]);
    }

    #[test]
    fn files_without_a_common_line_cost_no_more_than_their_length() {
        let file = |letter: char| format!("{letter}\n").repeat(5_000);
        let hunks = differing(&file('a'), &file('b'));
        assert_eq!((hunks[0].gone.len(), hunks[0].new.len()), (5_000, 5_000));
    }
}
