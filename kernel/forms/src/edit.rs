//! A procedure taken apart and put together: its pages and fields moved, copied, renamed and removed, its expressions
//! found by where they stand, its texts visited. What makes no sense is left as it was; whether the whole is right,
//! [`Procedure::check`] says.

use crate::{Check, Choice, Field, Form, Kind, Page, Procedure, Requirement, Text};

/// Where something may be moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// One place up.
    Up,
    /// One place down.
    Down,
}

/// Where an expression stands.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the members say what the variant's sentence says")]
pub enum Spot {
    /// Whether a page is shown.
    PageShow(String),
    /// Whether a question is asked.
    Show(String),
    /// Whether it must be answered.
    Required(String),
    /// What is computed.
    Compute(String),
    /// A condition on its answer.
    Check { field: String, rank: usize },
    /// A condition on several answers.
    FormCheck(usize),
    /// When a limit counts.
    LimitWhen(usize),
    /// How many it allows.
    LimitMost(usize),
}

impl Spot {
    /// The spot as an address names it: `question.duree.show`.
    pub fn word(&self) -> String {
        match self {
            Self::PageShow(page) => format!("page.{page}.show"),
            Self::Show(field) => format!("question.{field}.show"),
            Self::Required(field) => format!("question.{field}.required"),
            Self::Compute(field) => format!("question.{field}.compute"),
            Self::Check { field, rank } => format!("question.{field}.check.{rank}"),
            Self::FormCheck(rank) => format!("form.check.{rank}"),
            Self::LimitWhen(rank) => format!("limit.{rank}.when"),
            Self::LimitMost(rank) => format!("limit.{rank}.at_most"),
        }
    }

    /// The spot that such an address names.
    pub fn from_word(word: &str) -> Option<Self> {
        let parts: Vec<&str> = word.split('.').collect();
        Some(match parts.as_slice() {
            ["page", page, "show"] => Self::PageShow((*page).to_owned()),
            ["question", field, "show"] => Self::Show((*field).to_owned()),
            ["question", field, "required"] => Self::Required((*field).to_owned()),
            ["question", field, "compute"] => Self::Compute((*field).to_owned()),
            ["question", field, "check", rank] => {
                Self::Check { field: (*field).to_owned(), rank: rank.parse().ok()? }
            }
            ["form", "check", rank] => Self::FormCheck(rank.parse().ok()?),
            ["limit", rank, "when"] => Self::LimitWhen(rank.parse().ok()?),
            ["limit", rank, "at_most"] => Self::LimitMost(rank.parse().ok()?),
            _ => return None,
        })
    }

    /// The question to which it belongs, if it is one's.
    pub fn field(&self) -> Option<&str> {
        match self {
            Self::Show(field) | Self::Required(field) | Self::Compute(field) | Self::Check { field, .. } => {
                Some(field)
            }
            _ => None,
        }
    }
}

/// Where a field stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FieldPlace<'p> {
    /// Its page.
    pub page: &'p Page,
    /// The group in which it is, if it is in one.
    pub group: Option<&'p Field>,
    /// Itself.
    pub field: &'p Field,
}

impl FieldPlace<'_> {
    /// The place as findings write it: `form.page[objet].field[duree]`.
    pub fn at(&self) -> String {
        let group = self.group.map(|group| format!(".field[{}]", group.id)).unwrap_or_default();
        format!("form.page[{}]{group}.field[{}]", self.page.id, self.field.id)
    }
}

impl Form {
    /// Every field with its place, those of groups after their group.
    pub fn places(&self) -> impl Iterator<Item = FieldPlace<'_>> {
        self.pages.iter().flat_map(|page| {
            page.fields.iter().flat_map(move |field| {
                let inner = match &field.kind {
                    Kind::Group { fields, .. } => fields.as_slice(),
                    _ => &[],
                };
                std::iter::once(FieldPlace { page, group: None, field }).chain(
                    inner.iter().map(move |inner| FieldPlace { page, group: Some(field), field: inner }),
                )
            })
        })
    }

    /// A field by its id, wherever it stands.
    pub fn place(&self, id: &str) -> Option<FieldPlace<'_>> {
        self.places().find(|place| place.field.id == id)
    }

    /// A page by its id.
    pub fn page_mut(&mut self, id: &str) -> Option<&mut Page> {
        self.pages.iter_mut().find(|page| page.id == id)
    }

    /// A field by its id, wherever it stands.
    pub fn field_mut(&mut self, id: &str) -> Option<&mut Field> {
        let (list, rank) = self.list_of(id)?;
        list.get_mut(rank)
    }

    /// The list in which a field stands, and its rank there.
    fn list_of(&mut self, id: &str) -> Option<(&mut Vec<Field>, usize)> {
        for page in &mut self.pages {
            if let Some(rank) = page.fields.iter().position(|field| field.id == id) {
                return Some((&mut page.fields, rank));
            }
            for field in &mut page.fields {
                if let Kind::Group { fields, .. } = &mut field.kind
                    && let Some(rank) = fields.iter().position(|field| field.id == id)
                {
                    return Some((fields, rank));
                }
            }
        }
        None
    }

    /// Moves a field among those beside it; at the end of its page, to the next page.
    pub fn move_field(&mut self, id: &str, step: Step) {
        let Some(page) = self.pages.iter().position(|page| page.fields.iter().any(|field| field.id == id))
        else {
            // One of a group moves within it.
            if let Some((list, rank)) = self.list_of(id) {
                shift(list, rank, step);
            }
            return;
        };
        let Some((list, rank)) = self.list_of(id) else { return };
        if shift(list, rank, step) {
            return;
        }
        let target = match step {
            Step::Up => page.checked_sub(1),
            Step::Down => Some(page + 1).filter(|next| *next < self.pages.len()),
        };
        let Some(target) = target else { return };
        let Some(field) = self.pages.get_mut(page).map(|page| page.fields.remove(rank)) else { return };
        if let Some(page) = self.pages.get_mut(target) {
            let at = if step == Step::Up { page.fields.len() } else { 0 };
            page.fields.insert(at, field);
        }
    }

    /// Moves a page.
    pub fn move_page(&mut self, id: &str, step: Step) {
        if let Some(rank) = self.pages.iter().position(|page| page.id == id) {
            shift(&mut self.pages, rank, step);
        }
    }

    /// Copies a field under names of its own, beside it. Gives the copy's id.
    pub fn copy_field(&mut self, id: &str) -> Option<String> {
        let mut copy = self.place(id)?.field.clone();
        self.name_anew(&mut copy);
        let name = copy.id.clone();
        let (list, rank) = self.list_of(id)?;
        list.insert(rank + 1, copy);
        Some(name)
    }

    /// Copies a page with its fields, after it. Gives the copy's id.
    pub fn copy_page(&mut self, id: &str) -> Option<String> {
        let rank = self.pages.iter().position(|page| page.id == id)?;
        let mut copy = self.pages.get(rank)?.clone();
        copy.id = free_name(&copy.id, '-', |name| self.pages.iter().any(|page| page.id == name));
        let name = copy.id.clone();
        let fields = std::mem::take(&mut copy.fields);
        self.pages.insert(rank + 1, copy);
        for mut field in fields {
            self.name_anew(&mut field);
            if let Some(page) = self.pages.get_mut(rank + 1) {
                page.fields.push(field);
            }
        }
        Some(name)
    }

    /// Gives a field, and those in it, ids that no other field of the form has.
    pub fn name_anew(&self, field: &mut Field) {
        let mut taken: std::collections::HashSet<String> =
            self.places().map(|place| place.field.id.clone()).collect();
        let mut anew = |field: &mut Field| {
            field.id = free_name(&field.id, '_', |name| taken.contains(name));
            taken.insert(field.id.clone());
        };
        anew(field);
        if let Kind::Group { fields, .. } = &mut field.kind {
            fields.iter_mut().for_each(anew);
        }
    }

    /// Takes a field away.
    pub fn remove_field(&mut self, id: &str) -> Option<Field> {
        let (list, rank) = self.list_of(id)?;
        Some(list.remove(rank))
    }
}

/// Moves an item among others; false where it stands at the end already.
fn shift<T>(list: &mut [T], rank: usize, step: Step) -> bool {
    let other = match step {
        Step::Up => rank.checked_sub(1),
        Step::Down => Some(rank + 1).filter(|next| *next < list.len()),
    };
    if let Some(other) = other {
        list.swap(rank, other);
    }
    other.is_some()
}

/// `duree`, `duree_2`, `duree_3`, … : the first that is free, short enough for a name.
fn free_name(name: &str, joint: char, taken: impl Fn(&str) -> bool) -> String {
    let stem = name.trim_end_matches(|letter: char| letter.is_ascii_digit()).trim_end_matches(joint);
    let stem: String = if stem.is_empty() { name } else { stem }.chars().take(34).collect();
    let mut number = 1_u32;
    loop {
        let candidate = if number == 1 { stem.clone() } else { format!("{stem}{joint}{number}") };
        if !taken(&candidate) {
            return candidate;
        }
        number += 1;
    }
}

/// A short name made of a label: `Date de début` gives `date_de_debut`.
pub fn name_of_label(label: &str, joint: char) -> String {
    let mut name = String::new();
    for letter in label.chars().flat_map(char::to_lowercase) {
        let plain = match letter {
            'a'..='z' | '0'..='9' => Some(letter),
            'à' | 'â' | 'ä' | 'á' => Some('a'),
            'é' | 'è' | 'ê' | 'ë' => Some('e'),
            'î' | 'ï' => Some('i'),
            'ô' | 'ö' | 'œ' => Some('o'),
            'ù' | 'û' | 'ü' => Some('u'),
            'ç' => Some('c'),
            'ÿ' => Some('y'),
            _ => None,
        };
        match plain {
            Some(letter) => name.push(letter),
            None if !name.is_empty() && !name.ends_with(joint) => name.push(joint),
            None => {}
        }
        if letter == 'œ' {
            name.push('e');
        }
    }
    let short: String = name.chars().take(30).collect();
    let short = short.trim_end_matches(joint);
    if short.starts_with(|letter: char| letter.is_ascii_digit()) || short.is_empty() {
        return format!("q{}", if short.is_empty() { String::new() } else { format!("{joint}{short}") });
    }
    short.to_owned()
}

/// A name for something new with this label, that nothing else has.
pub fn new_name(label: &str, joint: char, taken: impl Fn(&str) -> bool) -> String {
    let name = name_of_label(label, joint);
    free_name(&name, joint, |name| taken(name) || (joint == '_' && !crate::is_field_name(name)))
}

impl Procedure {
    /// The expression at a spot, where there is one.
    pub fn expression(&self, spot: &Spot) -> Option<&str> {
        let field = |id: &str| self.form.place(id).map(|place| place.field);
        match spot {
            Spot::PageShow(page) => self.form.pages.iter().find(|found| found.id == *page)?.show.as_deref(),
            Spot::Show(id) => field(id)?.show.as_deref(),
            Spot::Compute(id) => field(id)?.compute.as_deref(),
            Spot::Required(id) => match &field(id)?.required {
                Requirement::When(source) => Some(source),
                Requirement::Fixed(_) => None,
            },
            Spot::Check { field: id, rank } => field(id)?.checks.get(*rank).map(|check| check.when.as_str()),
            Spot::FormCheck(rank) => self.form.checks.get(*rank).map(|check| check.when.as_str()),
            Spot::LimitWhen(rank) => self.limits.get(*rank)?.when.as_deref(),
            Spot::LimitMost(rank) => self.limits.get(*rank).map(|limit| limit.at_most.as_str()),
        }
    }

    /// Writes an expression at a spot; without one, what it stood for is always so (a check that never fails goes).
    /// False where there is no such spot.
    pub fn set_expression(&mut self, spot: &Spot, source: Option<String>) -> bool {
        let source = source.filter(|source| !source.trim().is_empty());
        match spot {
            Spot::PageShow(page) => match self.form.page_mut(page) {
                Some(page) => page.show = source,
                None => return false,
            },
            Spot::Show(id) | Spot::Compute(id) | Spot::Required(id) => {
                let Some(field) = self.form.field_mut(id) else { return false };
                match spot {
                    Spot::Show(_) => field.show = source,
                    Spot::Compute(_) => field.compute = source,
                    _ => field.required = source.map_or(Requirement::Fixed(true), Requirement::When),
                }
            }
            Spot::Check { field, rank } => {
                let Some(field) = self.form.field_mut(field) else { return false };
                return set_check(&mut field.checks, *rank, source);
            }
            Spot::FormCheck(rank) => return set_check(&mut self.form.checks, *rank, source),
            Spot::LimitWhen(rank) => match self.limits.get_mut(*rank) {
                Some(limit) => limit.when = source,
                None => return false,
            },
            Spot::LimitMost(rank) => match (self.limits.get_mut(*rank), source) {
                (Some(limit), Some(source)) => limit.at_most = source,
                _ => return false,
            },
        }
        true
    }

    /// Where findings tell of the expression at a spot.
    pub fn place_of(&self, spot: &Spot) -> String {
        let field = |id: &str| self.form.place(id).map(|place| place.at()).unwrap_or_default();
        match spot {
            Spot::PageShow(page) => format!("form.page[{page}].show"),
            Spot::Show(id) => format!("{}.show", field(id)),
            Spot::Required(id) => format!("{}.required", field(id)),
            Spot::Compute(id) => format!("{}.compute", field(id)),
            Spot::Check { field: id, rank } => format!("{}.check[{rank}]", field(id)),
            Spot::FormCheck(rank) => format!("form.check[{rank}]"),
            Spot::LimitWhen(rank) => format!("limit[{rank}].when"),
            Spot::LimitMost(rank) => format!("limit[{rank}].at_most"),
        }
    }

    /// Every expression with its spot, in the order of the form.
    pub fn expressions(&self) -> Vec<(Spot, &str)> {
        let mut found: Vec<(Spot, &str)> = Vec::new();
        for page in &self.form.pages {
            found.extend(page.show.as_deref().map(|source| (Spot::PageShow(page.id.clone()), source)));
        }
        for field in self.form.places().map(|place| place.field) {
            let id = || field.id.clone();
            found.extend(field.show.as_deref().map(|source| (Spot::Show(id()), source)));
            if let Requirement::When(source) = &field.required {
                found.push((Spot::Required(id()), source.as_str()));
            }
            found.extend(field.compute.as_deref().map(|source| (Spot::Compute(id()), source)));
            for (rank, check) in field.checks.iter().enumerate() {
                found.push((Spot::Check { field: id(), rank }, check.when.as_str()));
            }
        }
        for (rank, check) in self.form.checks.iter().enumerate() {
            found.push((Spot::FormCheck(rank), check.when.as_str()));
        }
        for (rank, limit) in self.limits.iter().enumerate() {
            found.extend(limit.when.as_deref().map(|source| (Spot::LimitWhen(rank), source)));
            found.push((Spot::LimitMost(rank), limit.at_most.as_str()));
        }
        found
    }

    /// Every text that a reader may see, with where it stands.
    pub fn texts(&mut self) -> Vec<(String, &mut Text)> {
        let mut texts: Vec<(String, &mut Text)> = vec![
            ("title".to_owned(), &mut self.title),
            ("summary".to_owned(), &mut self.summary),
            ("who".to_owned(), &mut self.who),
        ];
        texts.extend(
            self.prepare.iter_mut().enumerate().map(|(rank, text)| (format!("prepare[{rank}]"), text)),
        );
        texts.push(("delay".to_owned(), &mut self.delay));
        texts.push(("cost".to_owned(), &mut self.cost));
        texts.push(("outcome".to_owned(), &mut self.outcome));
        if let Some(there) = &mut self.elsewhere {
            texts.push(("elsewhere.name".to_owned(), &mut there.name));
            texts.push(("elsewhere.otherwise".to_owned(), &mut there.otherwise));
        }
        for (rank, step) in self.steps.iter_mut().enumerate() {
            texts.push((format!("step[{rank}].label"), &mut step.label));
        }
        for (rank, limit) in self.limits.iter_mut().enumerate() {
            texts.push((format!("limit[{rank}].message"), &mut limit.message));
        }
        for page in &mut self.form.pages {
            let at = format!("form.page[{}]", page.id);
            texts.push((format!("{at}.title"), &mut page.title));
            texts.push((format!("{at}.intro"), &mut page.intro));
            for field in &mut page.fields {
                texts_of(field, &at, &mut texts);
            }
        }
        for (rank, check) in self.form.checks.iter_mut().enumerate() {
            texts.push((format!("form.check[{rank}].message"), &mut check.message));
        }
        texts.retain(|(_, text)| !text.is_empty());
        texts
    }

    /// The same procedure in plain words, where somebody wrote them.
    #[must_use]
    pub fn in_plain_words(&self) -> Self {
        let mut plain = self.clone();
        for (_, text) in plain.texts() {
            *text = text.in_plain_words();
        }
        plain
    }

    /// Whether any of its texts is written in plain words, too.
    pub fn has_plain_words(&self) -> bool {
        self.clone().texts().iter().any(|(_, text)| text.plain.is_some())
    }
}

fn set_check(checks: &mut Vec<Check>, rank: usize, source: Option<String>) -> bool {
    let count = checks.len();
    match (checks.get_mut(rank), source) {
        (Some(check), Some(source)) => check.when = source,
        (Some(_), None) => {
            checks.remove(rank);
        }
        (None, Some(source)) if rank == count => {
            checks.push(Check { when: source, message: Text::default(), field: None });
        }
        (None, _) => return false,
    }
    true
}

fn texts_of<'f>(field: &'f mut Field, at: &str, texts: &mut Vec<(String, &'f mut Text)>) {
    let at = format!("{at}.field[{}]", field.id);
    texts.push((format!("{at}.label"), &mut field.label));
    texts.push((format!("{at}.hint"), &mut field.hint));
    let of_choices = |choices: &'f mut Vec<Choice>, texts: &mut Vec<(String, &'f mut Text)>| {
        for choice in choices {
            let at = format!("{at}.choice[{}]", choice.value);
            texts.push((format!("{at}.label"), &mut choice.label));
            texts.push((format!("{at}.hint"), &mut choice.hint));
        }
    };
    match &mut field.kind {
        Kind::OneOf { choices } | Kind::ManyOf { choices, .. } | Kind::List { choices, .. } => {
            of_choices(choices, texts);
        }
        Kind::Number { unit, .. } => texts.push((format!("{at}.unit"), unit)),
        Kind::Group { fields, row, .. } => {
            texts.push((format!("{at}.row"), row));
            for field in fields {
                texts_of(field, &at, texts);
            }
        }
        _ => {}
    }
    for (rank, check) in field.checks.iter_mut().enumerate() {
        texts.push((format!("{at}.check[{rank}].message"), &mut check.message));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn procedure() -> Procedure {
        let file =
            concat!(env!("CARGO_MANIFEST_DIR"), "/../../catalogue/procedures/occupation-domaine-public.toml");
        Procedure::from_toml(&std::fs::read_to_string(file).unwrap()).unwrap()
    }

    #[test]
    fn names_are_made_of_labels() {
        for (label, name) in [
            ("Date de début", "date_de_debut"),
            ("Êtes-vous majeur ?", "etes_vous_majeur"),
            ("2e enfant", "q_2e_enfant"),
            ("Nœud n° 1", "noeud_n_1"),
            ("…", "q"),
        ] {
            assert_eq!(name_of_label(label, '_'), name);
            assert!(crate::is_field_name(name), "{name}");
        }
        assert_eq!(new_name("Today", '_', |_| false), "today_2", "a word of the language is no name");
        assert_eq!(new_name("Durée", '_', |name| name == "duree"), "duree_2");
    }

    #[test]
    fn a_copied_page_asks_the_same_under_other_names() {
        let mut copied = procedure();
        let first = copied.form.pages[0].clone();
        let name = copied.form.copy_page(&first.id).unwrap();
        assert_ne!(name, first.id);
        assert_eq!(copied.form.pages[1].fields.len(), first.fields.len());
        let ids: Vec<_> = copied.form.places().map(|place| place.field.id.clone()).collect();
        let apart: std::collections::HashSet<_> = ids.iter().collect();
        assert_eq!(apart.len(), ids.len(), "{ids:?}");
    }

    #[test]
    fn a_question_moves_within_its_page_and_then_to_the_next() {
        let mut form = procedure().form;
        let (page, id) = (form.pages[0].fields.len(), form.pages[0].fields[0].id.clone());
        for _ in 1..page {
            form.move_field(&id, Step::Down);
        }
        assert_eq!(form.pages[0].fields.last().unwrap().id, id);
        form.move_field(&id, Step::Down);
        assert_eq!(form.pages[1].fields[0].id, id);
        form.move_field(&id, Step::Up);
        assert_eq!(form.pages[0].fields.last().unwrap().id, id);
        let last = form.pages.len() - 1;
        let end = form.pages[last].fields.last().unwrap().id.clone();
        let before = form.clone();
        form.move_field(&end, Step::Down);
        assert_eq!(form, before, "nothing lies below the last");
    }

    #[test]
    fn every_expression_is_found_where_it_stands() {
        let mut procedure = procedure();
        let written: Vec<Spot> = procedure.expressions().into_iter().map(|(spot, _)| spot).collect();
        assert!(written.len() > 10);
        let before = procedure.clone();
        for spot in &written {
            assert_eq!(Spot::from_word(&spot.word()).as_ref(), Some(spot));
            let source = procedure.expression(spot).map(str::to_owned);
            assert!(procedure.set_expression(spot, source), "{spot:?}");
        }
        assert_eq!(procedure, before);
    }
}
