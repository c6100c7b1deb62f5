//! What is known of a person, as answers: never more than the form asks, and always to be corrected.

use beffroi_forms::{Answers, CompiledForm, Kind};
use beffroi_people::NewPerson;
use chrono::Datelike;

/// The answers that tell the requester, from what is known of a person.
pub fn of_person(form: &CompiledForm, known: &NewPerson) -> Answers {
    let mut answers = Answers::default();
    let name = known.full_name();
    for (_, field) in form.fields() {
        let id = &field.id;
        let mut set = |control: &str, value: String| {
            if !value.is_empty() {
                answers.set(control, value);
            }
        };
        match (field.prefill.as_deref(), &field.kind) {
            (Some("name"), Kind::Identity { birth }) => {
                set(&format!("{id}-family_name"), known.family_name.clone());
                set(&format!("{id}-usual_name"), known.used_name.clone());
                set(&format!("{id}-given_names"), known.given_names.clone());
                if *birth {
                    if let Some(day) = known.birth_date {
                        set(&format!("{id}-birth-day"), day.day().to_string());
                        set(&format!("{id}-birth-month"), day.month().to_string());
                        set(&format!("{id}-birth-year"), day.year().to_string());
                    }
                    set(&format!("{id}-birth_place"), known.birth_place.clone());
                }
            }
            (Some("name"), _) => set(id, name.clone()),
            (Some("family_name"), _) => set(id, known.family_name.clone()),
            (Some("given_name"), _) => set(id, known.given_names.clone()),
            (Some("email"), _) => set(id, known.email.clone()),
            (Some("phone"), _) => set(id, known.phone.clone()),
            (Some("address"), _) => set(id, known.address.lines.join(", ")),
            _ => {}
        }
    }
    answers
}
