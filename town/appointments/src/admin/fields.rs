//! What the pages of motives, sites and counters share: fields that come back as they were typed, with what is wrong.

use beffroi_calendar::resource::Name;
use beffroi_core::Id;
use beffroi_people::{Department, permission::Scope};
use beffroi_web::{Choice, FormPost, Page, Problem, Wrong};

/// The fields of a page, as they are or as they were typed.
pub(super) struct Fields {
    pub(super) form: FormPost,
    pub(super) problems: Vec<Problem>,
}

impl Fields {
    pub(super) fn new(page: &Page, form: FormPost, wrong: &[Wrong]) -> Self {
        Self { form, problems: Problem::keyed(page, wrong) }
    }

    pub(super) fn text(&self, name: &str) -> &str {
        self.form.text(name)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.form.get(name).is_some()
    }

    pub(super) fn error(&self, name: &str) -> String {
        Problem::beside(&self.problems, name)
    }

    /// Which boxes of a name are ticked.
    pub(super) fn ticked(&self, name: &str, value: &str) -> bool {
        self.form.all(name).any(|typed| typed == value)
    }
}

/// A text in French and, beside it, in English.
pub(super) fn name(form: &FormPost, field: &str) -> Name {
    Name { fr: form.text(field).to_owned(), en: form.text(&format!("{field}_en")).to_owned() }
}

/// The largest place in a list.
const LAST_RANK: u32 = 1_000;

/// A place in lists; what is wrong with it else.
pub(super) fn rank(form: &FormPost, wrong: &mut Vec<Wrong>) -> u32 {
    number(form, LAST_RANK, ("rang", "appointments-office-admin-wrong-rank"), wrong)
}

/// A number of at most `most` in the field of a fault; that fault else.
pub(super) fn number(form: &FormPost, most: u32, fault: Wrong, wrong: &mut Vec<Wrong>) -> u32 {
    let read = form.text(fault.0).parse().ok().filter(|it| *it <= most);
    read.unwrap_or_else(|| {
        wrong.push(fault);
        0
    })
}

/// The department that was chosen, of those that the agent answers for; what is wrong with it else.
pub(super) fn department(
    form: &FormPost,
    (all, scope): (&[Department], &Scope),
    wrong: &mut Vec<Wrong>,
) -> Option<Id<Department>> {
    let typed = form.text("service");
    let found = all.iter().find(|it| it.details.slug == typed).map(|it| it.id);
    if !scope.contains(found) || (found.is_none() && !typed.is_empty()) {
        wrong.push(("service", "appointments-office-admin-wrong-department"));
    }
    found
}

/// The departments to choose from; the whole town too, for whoever answers for it.
pub(super) fn departments(page: &Page, all: &[Department], scope: &Scope, chosen: &str) -> Vec<Choice> {
    let town = Choice::new("", page.t("appointments-office-admin-whole-town"), chosen.is_empty());
    let each = all.iter().map(|it| {
        let slug = &it.details.slug;
        Choice::new(slug, &it.details.name, slug == chosen)
    });
    (*scope == Scope::All).then_some(town).into_iter().chain(each).collect()
}

/// The short name of a department.
pub(super) fn slug_of(all: &[Department], id: Option<Id<Department>>) -> String {
    let found = all.iter().find(|it| Some(it.id) == id);
    found.map(|it| it.details.slug.clone()).unwrap_or_default()
}

/// Whether a short name can stand in an address of these pages.
pub(super) fn is_slug(typed: &str) -> bool {
    (1..=60).contains(&typed.len())
        && typed.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        && typed != "nouveau"
}
