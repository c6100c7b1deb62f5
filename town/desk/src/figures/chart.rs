//! A chart drawn by the server: bars that lie, one group a line, so that words stay readable on a telephone. Its numbers
//! stand in a table beneath it.

/// Width of the drawing, in its own units.
const WIDTH: i64 = 560;
/// Where bars begin: left of it stand the names.
const LEFT: i64 = 130;
/// Where the longest bar ends: right of it stands its number.
const RIGHT: i64 = 490;
/// Height of a bar.
const BAR: i64 = 16;
/// Height between two groups.
const GAP: i64 = 12;

/// One series of bars.
pub struct Series {
    /// What it is, for the legend.
    pub label: String,
    /// How it looks: `a` or `b`.
    pub look: &'static str,
}

/// One bar, laid out.
pub struct Bar {
    /// From the top.
    pub y: i64,
    /// Its length; a number that is not nothing can be seen.
    pub width: i64,
    /// How it looks.
    pub look: &'static str,
    /// Its number in words.
    pub text: String,
    /// Where the number begins.
    pub text_x: i64,
    /// The line of the number.
    pub text_y: i64,
}

/// A group of bars: a month, a door.
pub struct Group {
    /// Its name.
    pub label: String,
    /// The line of its name.
    pub label_y: i64,
    /// Its bars.
    pub bars: Vec<Bar>,
    /// The same numbers, for the table.
    pub values: Vec<String>,
}

/// A chart, laid out.
pub struct Chart {
    /// Its name in the page: what its title and table are found by.
    pub id: &'static str,
    /// What it shows.
    pub title: String,
    /// The series, in the order of each group's bars.
    pub series: Vec<Series>,
    /// What the first column of the table says.
    pub head: String,
    /// The groups.
    pub groups: Vec<Group>,
    /// Width of the drawing.
    pub width: i64,
    /// Height of the drawing.
    pub height: i64,
    /// Where bars begin.
    pub left: i64,
    /// Where names end.
    pub label_x: i64,
    /// The height of a bar.
    pub bar: i64,
}

impl Chart {
    /// Lays a chart out. Each group has a number for each series; `None` is drawn as nothing. `said`: a number in words.
    pub fn new(
        id: &'static str,
        title: &str,
        head: &str,
        series: Vec<Series>,
        groups: Vec<(String, Vec<Option<i64>>)>,
        said: impl Fn(Option<i64>) -> String,
    ) -> Self {
        let highest =
            groups.iter().flat_map(|(_, values)| values.iter().flatten()).copied().max().unwrap_or(0).max(1);
        let count = i64::try_from(series.len()).unwrap_or(1);
        let each = BAR * count + GAP;
        let height = each * i64::try_from(groups.len()).unwrap_or(0) + GAP;
        let groups = (0..)
            .zip(groups)
            .map(|(rank, (label, values))| {
                let top = GAP + each * rank;
                let bars = (0..)
                    .zip(values.iter().zip(&series))
                    .map(|(place, (value, series))| {
                        let number = value.unwrap_or_default().max(0);
                        let width = (number * (RIGHT - LEFT) / highest).max(i64::from(number > 0) * 2);
                        let y = top + BAR * place;
                        Bar {
                            y,
                            width,
                            look: series.look,
                            text: said(*value),
                            text_x: LEFT + width + 6,
                            text_y: y + BAR - 3,
                        }
                    })
                    .collect();
                let values = values.into_iter().map(&said).collect();
                Group { label, label_y: top + i64::midpoint(BAR * count, 10), bars, values }
            })
            .collect();
        Self {
            id,
            title: title.to_owned(),
            series,
            head: head.to_owned(),
            groups,
            width: WIDTH,
            height,
            left: LEFT,
            label_x: LEFT - 10,
            bar: BAR - 2,
        }
    }

    /// The heads of the table.
    pub fn heads(&self) -> Vec<String> {
        std::iter::once(self.head.clone())
            .chain(self.series.iter().map(|series| series.label.clone()))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(groups: Vec<(String, Vec<Option<i64>>)>) -> Chart {
        let series = ["a", "b"].map(|look| Series { label: look.to_owned(), look });
        Chart::new("essai", "Essai", "Mois", series.into(), groups, |it| {
            it.map_or("–".to_owned(), |n| n.to_string())
        })
    }

    #[test]
    fn the_longest_bar_fills_the_drawing_and_the_smallest_is_seen() {
        let chart = chart(vec![
            ("juin".to_owned(), vec![Some(1_000_000), Some(1)]),
            ("juillet".to_owned(), vec![Some(0), None]),
        ]);
        let widths: Vec<Vec<i64>> =
            chart.groups.iter().map(|group| group.bars.iter().map(|bar| bar.width).collect()).collect();
        assert_eq!(widths, [[360, 2], [0, 0]]);
        assert_eq!(chart.groups[1].values, ["0", "–"]);
        assert!(chart.groups.iter().flat_map(|group| &group.bars).all(|bar| bar.y + BAR <= chart.height));
        assert_eq!(chart.heads(), ["Mois", "a", "b"]);
    }

    #[test]
    fn nothing_at_all_is_a_chart_too() {
        let empty = chart(Vec::new());
        assert_eq!((empty.groups.len(), empty.height), (0, GAP));
    }
}
