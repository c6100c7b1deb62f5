//! Reply templates: what a department often writes, with places that the case fills: « Bonjour {prénom} ».

use beffroi_cases::case::Case;
use beffroi_core::{Id, Lang, calendar::long_date};
use beffroi_forms::CompiledForm;
use beffroi_store::{Entry, Result, Row, ToValue, Tx, marks};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::submission::called;

/// The longest name, in characters.
pub(crate) const LONGEST_NAME: usize = 80;
/// Templates that one department may have.
pub(crate) const AT_MOST: i64 = 200;

/// What can stand in braces.
pub(crate) const PLACES: [&str; 7] =
    ["prénom", "nom", "référence", "démarche", "reçue le", "échéance", "service"];

/// A template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// Which one.
    pub id: Id<Self>,
    /// The department that uses it.
    pub department: String,
    /// The procedure that it is for; `""` for all.
    pub procedure: String,
    /// What agents call it.
    pub name: String,
    /// What is written, with places in braces.
    pub body: String,
}

/// What stands in braces and is no place that can be filled.
pub(crate) fn unknown_places(body: &str) -> Vec<String> {
    let mut unknown = Vec::new();
    each_place(body, |place| {
        if !PLACES.contains(&place) {
            unknown.push(place.to_owned());
        }
        None
    });
    unknown
}

/// A body with its places filled from a case.
pub(crate) fn fill(body: &str, case: &Case, form: Option<&CompiledForm>, service: &str) -> String {
    each_place(body, |place| {
        Some(match place {
            "prénom" => given_name(case),
            "nom" => form.map_or_else(|| case.requester_name.clone(), |form| called(form, case)),
            "référence" => case.reference.clone(),
            "démarche" => form.map(|form| form.procedure().title.fr.clone()).unwrap_or_default(),
            "reçue le" => long_date(case.received_on, Lang::Fr),
            "échéance" => case.deemed_on.map(|on| long_date(on, Lang::Fr)).unwrap_or_default(),
            "service" => service.to_owned(),
            _ => return None,
        })
    })
}

/// A text with what stands in braces replaced; what `filled` does not know stays as it is.
fn each_place(body: &str, mut filled: impl FnMut(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(body.len());
    let mut rest = body;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((place, after)) = after.split_once('}') else {
            rest = after;
            out.push('{');
            break;
        };
        match filled(place.trim()) {
            Some(text) => out.push_str(&text),
            None => out.extend(["{", place, "}"]),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// The requester's first name: of the answer that names them, or else the first word of the name.
fn given_name(case: &Case) -> String {
    let answers = case.answers.as_object();
    let named = answers.into_iter().flatten().find_map(|(_, answer)| {
        let text = |member: &str| answer.get(member).and_then(Value::as_str);
        let (given, family) = (text("given_names")?, text("family_name")?);
        let name = &case.requester_name;
        (name.contains(family) && name.contains(given))
            .then(|| given.split([' ', ',']).next().unwrap_or(given))
    });
    let first = case.requester_name.split(' ').next().unwrap_or_default();
    named.unwrap_or(first).to_owned()
}

const COLUMNS: &str = "id, department, procedure, name, body";

fn read(row: &mut Row) -> Result<Template> {
    Ok(Template {
        id: row.get(0)?,
        department: row.get(1)?,
        procedure: row.get(2)?,
        name: row.get(3)?,
        body: row.get(4)?,
    })
}

/// The templates of these departments, by name.
pub(crate) fn of_departments(tx: &mut Tx<'_>, departments: &[&str]) -> Result<Vec<Template>> {
    if departments.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT {COLUMNS} FROM desk_reply_template WHERE department IN ({}) ORDER BY department, name LIMIT 2000",
        marks(1, departments.len())
    );
    let params: Vec<&dyn ToValue> = departments.iter().map(|slug| slug as &dyn ToValue).collect();
    tx.query(&sql, &params, read)
}

/// One of them.
pub(crate) fn find(tx: &mut Tx<'_>, id: Id<Template>) -> Result<Option<Template>> {
    tx.query_opt(&format!("SELECT {COLUMNS} FROM desk_reply_template WHERE id = $1"), &[&id], read)
}

/// Keeps a template, new or changed; `false` where its department has another of that name, or too many. Whoever asks
/// was found to handle the cases of the department.
///
/// # Errors
/// Those of the store.
pub fn keep(tx: &mut Tx<'_>, template: &Template) -> Result<bool> {
    let Template { id, department, procedure, name, body } = template;
    let others: i64 = tx.query_one(
        "SELECT COUNT(*) FROM desk_reply_template WHERE department = $1 AND id <> $2",
        &[department, id],
        |row| row.get(0),
    )?;
    let taken = tx.query_opt(
        "SELECT id FROM desk_reply_template WHERE department = $1 AND name = $2 AND id <> $3",
        &[department, name, id],
        |row| row.get::<Uuid>(0),
    )?;
    if others >= AT_MOST || taken.is_some() {
        return Ok(false);
    }
    tx.execute(
        "INSERT INTO desk_reply_template (id, department, procedure, name, body) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (id) DO UPDATE SET procedure = excluded.procedure, name = excluded.name, body = excluded.body",
        &[id, department, procedure, name, body],
    )?;
    enter(tx, template, "template.kept")?;
    Ok(true)
}

/// Forgets a template.
pub(crate) fn forget(tx: &mut Tx<'_>, template: &Template) -> Result<()> {
    tx.execute("DELETE FROM desk_reply_template WHERE id = $1", &[&template.id])?;
    enter(tx, template, "template.removed")
}

fn enter(tx: &mut Tx<'_>, template: &Template, kind: &str) -> Result<()> {
    let payload = json!({ "department": template.department, "name": template.name });
    tx.journal(&Entry { kind, subject_kind: "template", subject_id: template.id.uuid(), payload })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_braces_is_filled_or_stays() {
        let filled = each_place("Bonjour {prénom}, {rien} et { service }{", |place| match place {
            "prénom" => Some("Zoé".to_owned()),
            "service" => Some("l’état civil".to_owned()),
            _ => None,
        });
        assert_eq!(filled, "Bonjour Zoé, {rien} et l’état civil{");
        assert_eq!(unknown_places("{prénom} {age} {nom}"), ["age"]);
        assert!(unknown_places("rien { de plus").is_empty());
    }
}
