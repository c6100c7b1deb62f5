//! The form of a request, as it is shown to an association or to an agent at the counter.

use beffroi_core::{Channel, Id};
use beffroi_web::{FormPost, Page, Problem, new_idempotency_key};

use super::{
    round::Round,
    shown::{self, Choice, Names},
    typed::{self, CHOICES, LENGTHS, RANGES, WEEK, Wrong},
};

/// Doors at which an agent takes a request.
pub(super) const DOORS: [Channel; 4] = [Channel::Counter, Channel::Phone, Channel::Paper, Channel::Email];

/// A control that is typed in.
pub(super) struct Field {
    pub(super) id: String,
    pub(super) value: String,
    pub(super) error: String,
}

/// A control in which something is chosen.
pub(super) struct Pick {
    pub(super) id: String,
    pub(super) label: String,
    pub(super) choices: Vec<Choice>,
    pub(super) error: String,
    pub(super) required: bool,
}

/// Where in a week a wish may lie.
pub(super) struct RangeRow {
    pub(super) day: Pick,
    pub(super) from: Field,
    pub(super) until: Field,
}

/// A wish.
pub(super) struct WishRow {
    pub(super) title: String,
    pub(super) activity: Field,
    pub(super) priority: Field,
    pub(super) times: Pick,
    pub(super) length: Pick,
    pub(super) people: Field,
    pub(super) rooms: Vec<Pick>,
    pub(super) ranges: Vec<RangeRow>,
    pub(super) first: Field,
    pub(super) last: Field,
}

/// The form.
pub(super) struct Form {
    pub(super) key: String,
    pub(super) problems: Vec<Problem>,
    pub(super) doors: Vec<Choice>,
    pub(super) rows: usize,
    pub(super) wishes: Vec<WishRow>,
    pub(super) may_add: bool,
    typed: FormPost,
}

impl Form {
    pub(super) fn new(
        page: &Page,
        (round, names): (&Round, &Names),
        typed: FormPost,
        wrong: &[Wrong],
        agent: bool,
    ) -> Self {
        let problems = wrong
            .iter()
            .map(|(field, key)| Problem { field: field.clone(), message: page.t(key).to_owned() })
            .collect();
        let chosen = match typed.text("canal") {
            "" => Channel::Counter.as_str(),
            word => word,
        };
        let door = |door: &Channel| {
            let word = door.as_str();
            Choice::new(word, page.t(&format!("planning-season-door-{word}")), word == chosen)
        };
        let doors = if agent { DOORS.iter().map(door).collect() } else { Vec::new() };
        let rows = typed::rows(&typed);
        let mut form = Self {
            key: new_idempotency_key(),
            problems,
            doors,
            rows,
            wishes: Vec::new(),
            may_add: rows < typed::WISHES_AT_MOST,
            typed,
        };
        form.wishes = (0..rows).map(|rank| form.wish(page, (round, names), rank)).collect();
        form
    }

    /// What was typed in a control.
    pub(super) fn text(&self, field: &str) -> String {
        self.typed.text(field).to_owned()
    }

    /// Whether a box is ticked.
    pub(super) fn has(&self, field: &str) -> bool {
        self.typed.get(field).is_some()
    }

    /// What stands beside a control.
    pub(super) fn error(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }

    fn field(&self, id: String) -> Field {
        Field { value: self.text(&id), error: self.error(&id), id }
    }

    fn pick(&self, id: String, label: &str, required: bool, choices: &[(String, String)]) -> Pick {
        let typed = self.typed.text(&id);
        let choices =
            choices.iter().map(|(value, label)| Choice::new(value, label, value == typed)).collect();
        Pick { label: label.to_owned(), choices, error: self.error(&id), required, id }
    }

    fn wish(&self, page: &Page, (round, names): (&Round, &Names), rank: usize) -> WishRow {
        let lang = page.language();
        let at = |name: &str| format!("{name}-{rank}");
        let times = (1..=RANGES).map(|n| {
            let label = page.tr("rooms-season-times-a-week", &[("n", n.into())]);
            (n.to_string(), label)
        });
        let lengths = LENGTHS.map(|minutes| (minutes.to_string(), shown::minutes(minutes, lang)));
        let rooms = || -> Vec<(String, String)> {
            let room = |id: &Id<_>| (id.to_string(), names.room(*id, lang));
            let none = (String::new(), page.t("rooms-season-no-room").to_owned());
            std::iter::once(none).chain(round.sheet.rooms.iter().map(room)).collect()
        };
        let pick_room = |(number, name): (usize, &&str)| {
            let label = page.t(&format!("rooms-season-room-{}", number + 1)).to_owned();
            self.pick(at(name), &label, number == 0, &rooms())
        };
        let range = |number: usize| {
            let at = |name: &str| format!("{name}-{rank}-{number}");
            let none = (String::new(), page.t("rooms-season-no-day").to_owned());
            let days = WEEK.map(|day| (typed::weekday_word(day), shown::weekday(day, lang)));
            let days = std::iter::once(none).chain(days).collect::<Vec<_>>();
            RangeRow {
                day: self.pick(at("jour"), page.t("rooms-season-day"), number == 0, &days),
                from: self.field(at("de")),
                until: self.field(at("a")),
            }
        };
        let mut priority = self.field(at("priorite"));
        if priority.value.is_empty() {
            priority.value = (rank + 1).to_string();
        }
        WishRow {
            title: page.tr("rooms-season-wish", &[("n", (rank + 1).into())]),
            activity: self.field(at("activite")),
            priority,
            times: self.pick(at("fois"), page.t("rooms-season-times"), true, &times.collect::<Vec<_>>()),
            length: self.pick(at("duree"), page.t("rooms-season-length"), true, &lengths),
            people: self.field(at("personnes")),
            rooms: CHOICES.iter().enumerate().map(pick_room).collect(),
            ranges: (0..RANGES).map(range).collect(),
            first: self.field(at("debut")),
            last: self.field(at("fin")),
        }
    }
}
