//! A step as a form: what it is called, who acts, how long it should take, what may follow.

use beffroi_forms::{CaseStep, DECISION, Hand, Procedure};
use beffroi_web::Page;

use crate::builder::{
    fill::{Control, Desk, Filled, Shape},
    parts::put,
};

/// What the form shows of a step.
pub fn fill(step: &CaseStep) -> Filled {
    let mut filled = Filled::default();
    filled.set("label", &step.label.fr);
    filled.set("department", step.department.clone().unwrap_or_default());
    filled.set(
        "role",
        match step.role {
            None => "any",
            Some(Hand::Agent) => "agent",
            Some(Hand::Head) => "head",
        },
    );
    filled.set_number("days", step.days);
    for next in &step.next {
        filled.set("next", next);
    }
    filled.set("id", &step.id);
    filled
}

/// A department that is chosen stays to be chosen, also where the town does not have it.
pub fn departments(known: &[(String, String)], chosen: &str, none: &str) -> Vec<(String, String)> {
    let mut choices = vec![(String::new(), none.to_owned())];
    choices.extend(known.iter().cloned());
    if !choices.iter().any(|(slug, _)| slug == chosen) {
        choices.push((chosen.to_owned(), chosen.to_owned()));
    }
    choices
}

/// The other steps of a procedure: name and label.
pub fn others(procedure: &Procedure, id: &str) -> Vec<(String, String)> {
    let others = procedure.steps.iter().filter(|step| step.id != id);
    others.map(|step| (step.id.clone(), step.label.fr.clone())).collect()
}

/// The controls of the form.
pub fn controls(
    page: &Page,
    filled: &Filled,
    (procedure, id): (&Procedure, &str),
    known: &[(String, String)],
) -> Vec<Control> {
    let desk = Desk { page, filled, part: "step" };
    let none = page.t("office-builder-step-department-none");
    let departments = departments(known, filled.text("department"), none);
    let roles: &[&str] =
        if filled.text("role") == "agent" { &["any", "agent", "head"] } else { &["any", "head"] };
    let mut following = others(procedure, id);
    following.push((DECISION.to_owned(), page.t("office-steps-decision").to_owned()));
    vec![
        desk.line("label"),
        desk.control("department", Shape::Select(desk.labelled("department", departments))).optional(),
        desk.control("role", Shape::Radios(desk.choices("role", roles))),
        desk.short("days", "3").optional(),
        desk.control("next", Shape::Boxes(desk.labelled("next", following))).optional(),
        desk.short("id", "20"),
    ]
}

/// Writes what was filled in into a step; its name is written by whoever knows the others.
pub fn read(filled: &mut Filled, step: &mut CaseStep) {
    put(&mut step.label, filled.text("label"));
    if step.label.is_empty() {
        filled.wrong("label", "office-builder-wrong-step-label");
    }
    step.department = Some(filled.text("department").to_owned()).filter(|slug| !slug.is_empty());
    step.role = match filled.text("role") {
        "head" => Some(Hand::Head),
        "agent" => Some(Hand::Agent),
        _ => None,
    };
    step.days = filled.number("days");
    // The order of the file says nothing: what is chosen already stays where it is.
    let chosen: Vec<String> = filled.all("next").map(str::to_owned).collect();
    step.next.retain(|next| chosen.contains(next));
    for next in chosen {
        if !step.next.contains(&next) {
            step.next.push(next);
        }
    }
}

/// Whether a step may bear this name.
pub fn name_fault(procedure: &Procedure, from: &str, name: &str) -> Option<&'static str> {
    let letters = |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'-';
    if name == from {
        None
    } else if name.is_empty() || name == DECISION || !name.bytes().all(letters) {
        Some("office-builder-wrong-step-name")
    } else if procedure.step(name).is_some() {
        Some("office-builder-wrong-step-taken")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_of_the_catalogue_is_read_back_as_it_was() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../catalogue/procedures");
        let mut count = 0;
        for entry in std::fs::read_dir(folder).unwrap() {
            let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
            let procedure = Procedure::from_toml(&text).unwrap();
            for step in &procedure.steps {
                let mut again = step.clone();
                let mut filled = fill(step);
                read(&mut filled, &mut again);
                assert_eq!(&again, step, "{}: {}", procedure.slug, step.id);
                assert!(filled.is_right(), "{}: {:?}", step.id, filled.problems);
                count += 1;
            }
        }
        assert!(count > 5);
    }
}
