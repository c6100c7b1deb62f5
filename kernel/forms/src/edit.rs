//! A procedure taken apart and put together: its pages, fields, steps and actions found, moved, copied and removed, its
//! texts visited. What makes no sense is left as it was; whether the whole is right,
//! [`Procedure::check`] says.

use std::collections::HashSet;

use crate::{CaseStep, Choice, Field, Form, Kind, Page, Procedure, StepAction, Text};

/// Where something may be moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// One place up.
    Up,
    /// One place down.
    Down,
}

/// In what a field stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Home<'p> {
    /// A page of the form.
    Page(&'p Page),
    /// A step of the cases.
    Step(&'p CaseStep),
}

/// Where a field stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FieldPlace<'p> {
    /// Its page, or its step.
    pub home: Home<'p>,
    /// The group in which it is, if it is in one.
    pub group: Option<&'p Field>,
    /// Itself.
    pub field: &'p Field,
}

impl FieldPlace<'_> {
    /// The place as findings write it: `form.page[objet].field[duree]`.
    pub fn at(&self) -> String {
        let home = match self.home {
            Home::Page(page) => format!("form.page[{}]", page.id),
            Home::Step(step) => format!("step[{}]", step.id),
        };
        let group = self.group.map(|group| format!(".field[{}]", group.id)).unwrap_or_default();
        format!("{home}{group}.field[{}]", self.field.id)
    }

    /// Its name in the procedure: `duree`; in a step, with the step’s: `avis.favorable`.
    pub fn name(&self) -> String {
        match self.home {
            Home::Page(_) => self.field.id.clone(),
            Home::Step(step) => format!("{}.{}", step.id, self.field.id),
        }
    }
}

/// Fields with their places, those of groups after their group.
fn places_in<'p>(home: Home<'p>, fields: &'p [Field]) -> impl Iterator<Item = FieldPlace<'p>> {
    fields.iter().flat_map(move |field| {
        let inner = match &field.kind {
            Kind::Group { fields, .. } => fields.as_slice(),
            _ => &[],
        };
        std::iter::once(FieldPlace { home, group: None, field })
            .chain(inner.iter().map(move |inner| FieldPlace { home, group: Some(field), field: inner }))
    })
}

/// The list in which a field stands, and its rank there.
fn list_in<'f>(fields: &'f mut Vec<Field>, id: &str) -> Option<(&'f mut Vec<Field>, usize)> {
    if let Some(rank) = fields.iter().position(|field| field.id == id) {
        return Some((fields, rank));
    }
    for field in fields {
        if let Kind::Group { fields, .. } = &mut field.kind
            && let Some(rank) = fields.iter().position(|field| field.id == id)
        {
            return Some((fields, rank));
        }
    }
    None
}

impl Form {
    /// Every field with its place, those of groups after their group.
    pub fn places(&self) -> impl Iterator<Item = FieldPlace<'_>> {
        self.pages.iter().flat_map(|page| places_in(Home::Page(page), &page.fields))
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
        self.pages.iter_mut().find_map(|page| list_in(&mut page.fields, id))
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
        let mut taken: HashSet<String> = self.places().map(|place| place.field.id.clone()).collect();
        name_among(&mut taken, field);
    }

    /// Takes a field away.
    pub fn remove_field(&mut self, id: &str) -> Option<Field> {
        let (list, rank) = self.list_of(id)?;
        Some(list.remove(rank))
    }
}

/// Gives a field, and those in it, ids that are not taken.
fn name_among(taken: &mut HashSet<String>, field: &mut Field) {
    let mut anew = |field: &mut Field| {
        field.id = free_name(&field.id, '_', |name| taken.contains(name));
        taken.insert(field.id.clone());
    };
    anew(field);
    if let Kind::Group { fields, .. } = &mut field.kind {
        fields.iter_mut().for_each(anew);
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

/// Letters of a short name that is made of a label, at most.
const NAME_AT_MOST: usize = 30;
/// Words at which a name does not end where it is cut.
const LINKS: [&str; 18] = [
    "a", "au", "aux", "d", "de", "des", "du", "en", "et", "l", "la", "le", "les", "ou", "par", "pour", "sur",
    "un",
];

/// The first words of a name, as many as it may have; a longer word is cut.
fn cut(name: &str, joint: char) -> &str {
    let Some((end, _)) = name.char_indices().nth(NAME_AT_MOST) else { return name };
    let (head, rest) = name.split_at(end);
    let mut short = match head.rfind(joint) {
        Some(at) if !rest.starts_with(joint) => head.get(..at).unwrap_or(head),
        _ => head,
    };
    while let Some((before, last)) = short.rsplit_once(joint) {
        if !LINKS.contains(&last) {
            break;
        }
        short = before;
    }
    short
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
    let short = cut(name.trim_end_matches(joint), joint);
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

impl CaseStep {
    /// Every field with its place, those of groups after their group.
    pub fn places(&self) -> impl Iterator<Item = FieldPlace<'_>> {
        places_in(Home::Step(self), &self.fields)
    }
}

impl Procedure {
    /// A field by its name, of the form (`duree`) or of a step (`avis.favorable`).
    pub fn place(&self, name: &str) -> Option<FieldPlace<'_>> {
        match name.split_once('.') {
            None => self.form.place(name),
            Some((step, id)) => self.step(step)?.places().find(|place| place.field.id == id),
        }
    }

    /// The same, to be changed.
    pub fn field_mut(&mut self, name: &str) -> Option<&mut Field> {
        let (list, rank) = self.list_of(name)?;
        list.get_mut(rank)
    }

    fn list_of(&mut self, name: &str) -> Option<(&mut Vec<Field>, usize)> {
        match name.split_once('.') {
            None => self.form.list_of(name),
            Some((step, id)) => list_in(&mut self.step_mut(step)?.fields, id),
        }
    }

    /// Moves a field among those beside it; one of the form goes on to the next page.
    pub fn move_field(&mut self, name: &str, step: Step) {
        if !name.contains('.') {
            self.form.move_field(name, step);
        } else if let Some((list, rank)) = self.list_of(name) {
            shift(list, rank, step);
        }
    }

    /// Copies a field under names of its own, beside it. Gives the copy’s name.
    pub fn copy_field(&mut self, name: &str) -> Option<String> {
        let place = self.place(name)?;
        let mut copy = place.field.clone();
        let own = match place.home {
            Home::Page(_) => None,
            Home::Step(step) => Some(step.id.clone()),
        };
        let mut taken = self.names_taken(own.as_deref());
        name_among(&mut taken, &mut copy);
        let id = copy.id.clone();
        let (list, rank) = self.list_of(name)?;
        list.insert(rank + 1, copy);
        Some(own.map_or_else(|| id.clone(), |step| format!("{step}.{id}")))
    }

    /// Takes a field away.
    pub fn remove_field(&mut self, name: &str) -> Option<Field> {
        let (list, rank) = self.list_of(name)?;
        Some(list.remove(rank))
    }

    /// The names that a new field cannot have: in the form, or in a step. Steps may use the same names, but none of a
    /// question’s; and what agents fill in is known by its step’s.
    pub fn names_taken(&self, step: Option<&str>) -> HashSet<String> {
        let mut taken: HashSet<String> = self.form.places().map(|place| place.field.id.clone()).collect();
        taken.extend(self.steps.iter().map(CaseStep::variable));
        let steps = self.steps.iter().filter(|it| step.is_none_or(|step| it.id == step));
        taken.extend(steps.flat_map(CaseStep::places).map(|place| place.field.id.clone()));
        taken
    }

    /// A step by its name.
    pub fn step(&self, id: &str) -> Option<&CaseStep> {
        self.steps.iter().find(|step| step.id == id)
    }

    /// The same, to be changed.
    pub fn step_mut(&mut self, id: &str) -> Option<&mut CaseStep> {
        self.steps.iter_mut().find(|step| step.id == id)
    }

    /// Moves a step.
    pub fn move_step(&mut self, id: &str, step: Step) {
        if let Some(rank) = self.steps.iter().position(|step| step.id == id) {
            shift(&mut self.steps, rank, step);
        }
    }

    /// An action by its step and its name.
    pub fn action(&self, step: &str, action: &str) -> Option<&StepAction> {
        self.step(step)?.actions.iter().find(|it| it.id == action)
    }

    /// The same, to be changed.
    pub fn action_mut(&mut self, step: &str, action: &str) -> Option<&mut StepAction> {
        self.step_mut(step)?.actions.iter_mut().find(|it| it.id == action)
    }

    /// Moves an action within its step.
    pub fn move_action(&mut self, step: &str, action: &str, way: Step) {
        if let Some(step) = self.step_mut(step)
            && let Some(rank) = step.actions.iter().position(|it| it.id == action)
        {
            shift(&mut step.actions, rank, way);
        }
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
        texts.push(("acknowledgement.closing".to_owned(), &mut self.acknowledgement.closing));
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
        let apart: HashSet<_> = ids.iter().collect();
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
    fn a_long_label_gives_a_name_that_ends_at_a_word() {
        assert_eq!(name_of_label("Inscription à la fête des voisins", '-'), "inscription-a-la-fete");
        assert_eq!(name_of_label("Date de début", '_'), "date_de_debut");
        assert_eq!(name_of_label("Autorisation d’occupation temporaire", '_'), "autorisation_d_occupation");
        assert_eq!(
            name_of_label("Anticonstitutionnellement-vôtre-et-plus", '_'),
            "anticonstitutionnellement"
        );
        let word = "abcdefghijklmnopqrstuvwxyzabcdefghijkl";
        assert_eq!(name_of_label(word, '_').len(), 30, "one word is cut");
    }
}
