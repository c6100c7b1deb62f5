//! Taking out of a form what the engine refuses: a condition, a check, a computation.

use beffroi_forms::{Field, Form, Kind};

/// Takes out what the engine names; says whether there was something.
pub fn take_out(form: &mut Form, at: &str) -> bool {
    if let Some(rank) = at.strip_prefix("form.check[") {
        let rank = rank.split(']').next().and_then(|rank| rank.parse::<usize>().ok());
        // Emptied here, and removed once the round is over: the ranks of the others stay.
        return rank.and_then(|rank| form.checks.get_mut(rank)).is_some_and(|check| {
            let was = !check.when.is_empty();
            check.when.clear();
            was
        });
    }
    let Some((page, rest)) = at.strip_prefix("form.page[").and_then(|rest| rest.split_once(']')) else {
        return false;
    };
    let Some(page) = form.pages.iter_mut().find(|found| found.id == page) else { return false };
    if rest == ".show" {
        return page.show.take().is_some();
    }
    out_of_fields(&mut page.fields, rest)
}

fn out_of_fields(fields: &mut Vec<Field>, at: &str) -> bool {
    let Some((id, rest)) = at.strip_prefix(".field[").and_then(|rest| rest.split_once(']')) else {
        return false;
    };
    let Some(rank) = fields.iter().position(|field| field.id == id) else { return false };
    let Some(field) = fields.get_mut(rank) else { return false };
    if let (Kind::Group { fields, .. }, true) = (&mut field.kind, rest.starts_with(".field[")) {
        return out_of_fields(fields, rest);
    }
    if rest == ".show" {
        return field.show.take().is_some();
    }
    if rest == ".compute" || field.compute.is_some() {
        // What cannot be computed is not asked either.
        fields.remove(rank);
        return true;
    }
    if !field.checks.is_empty() {
        field.checks.clear();
        return true;
    }
    false
}
