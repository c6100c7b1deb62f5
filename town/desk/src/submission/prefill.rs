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

/// The choice of a form by which the requester says that the person whom it is about is they themselves.
const THEMSELVES: &str = "elle-meme";

/// Fills in the person whom a request is about, once the requester says « C’est moi »: with the names that were typed
/// for the requester, else with what is known of them, and the birth that is known. What was typed there stays.
pub fn of_themselves(form: &CompiledForm, answers: &mut Answers, known: Option<&NewPerson>) {
    let says = |field: &beffroi_forms::Field| {
        matches!(field.kind, Kind::OneOf { .. }) && answers.get(&field.id) == Some(THEMSELVES)
    };
    if !form.fields().any(|(_, field)| says(field)) {
        return;
    }
    let fields = || form.fields().map(|(_, field)| field);
    let names = |field: &beffroi_forms::Field| field.prefill.as_deref() == Some("name");
    let requester = fields().find(|field| names(field) && matches!(field.kind, Kind::Identity { .. }));
    let part = |id: &str, part: &str| answers.get(&format!("{id}-{part}")).unwrap_or_default().to_owned();
    let typed = requester.map(|field| NewPerson {
        family_name: part(&field.id, "family_name"),
        given_names: part(&field.id, "given_names"),
        used_name: part(&field.id, "usual_name"),
        ..NewPerson::default()
    });
    let mut person = match typed.filter(|typed| !typed.family_name.is_empty()) {
        Some(typed) => typed,
        None => known.cloned().unwrap_or_default(),
    };
    if let Some(known) = known.filter(|known| known.is_called_like(&person)) {
        (person.birth_date, person.birth_place) = (known.birth_date, known.birth_place.clone());
    }
    let concerned = fields().find(|field| !names(field) && field.kind == Kind::Identity { birth: true });
    let Some(id) = concerned.map(|field| field.id.clone()) else { return };
    let empty = ["family_name", "given_names"].iter().all(|name| part(&id, name).is_empty());
    if !empty {
        return;
    }
    let [day, month, year] = person
        .birth_date
        .map(|day| [day.day().to_string(), day.month().to_string(), day.year().to_string()])
        .unwrap_or_default();
    for (name, value) in [
        ("family_name", person.family_name),
        ("given_names", person.given_names),
        ("usual_name", person.used_name),
        ("birth-day", day),
        ("birth-month", month),
        ("birth-year", year),
        ("birth_place", person.birth_place),
    ] {
        let control = format!("{id}-{name}");
        if !value.is_empty() && answers.get(&control).unwrap_or_default().is_empty() {
            answers.set(&control, value);
        }
    }
}
