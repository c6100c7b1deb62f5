//! The names that conditions use, and what each is in the new form: fields, options, the day, the door.

use std::collections::BTreeMap;

/// What an answer is to a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// One text.
    Text,
    /// A day.
    Day,
    /// A time of day.
    Time,
    /// A whole number.
    Whole,
    /// A number with decimals.
    Decimal,
    /// Yes or no.
    Truth,
    /// Several of a few.
    Texts,
    /// The rows of a group.
    Rows,
    /// Files.
    Files,
    /// Something else, of which only is known whether it is there.
    Opaque,
}

/// A field, as conditions know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Its id in the new form.
    pub id: String,
    /// What it is.
    pub kind: Type,
    /// What may be chosen, where that is known.
    pub choices: Vec<String>,
    /// The fields of its rows, by their names in Publik.
    pub rows: BTreeMap<String, Known>,
}

/// Everything that a condition may look at where it stands.
#[derive(Clone, Copy, Debug)]
pub struct Names<'n> {
    /// The form's fields, by their names in Publik.
    pub fields: &'n BTreeMap<String, Known>,
    /// The fields of the row in which it stands.
    pub row: Option<&'n BTreeMap<String, Known>>,
    /// The options of the form.
    pub options: &'n BTreeMap<String, String>,
}

/// What a name stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning<'n> {
    /// A field of the form, or of the same row.
    Field(&'n Known),
    /// A field of one row of a group: the group, the row's number, the field.
    OfRow(&'n Known, usize, &'n Known),
    /// An option: a text that does not change.
    Option(&'n str),
    /// The day.
    Today,
    /// The moment, to be made a day of.
    Now,
    /// The door through which the answers come.
    Channel,
    /// Whether an agent types.
    ByAgent,
}

/// What comes after a field's name and changes nothing.
const SAME: [&str; 3] = ["_raw", "_display", "_html"];

impl<'n> Names<'n> {
    /// What a name stands for.
    ///
    /// # Errors
    /// Why nobody knows.
    pub fn find(&self, name: &str) -> Result<Meaning<'n>, String> {
        match name {
            "today" => return Ok(Meaning::Today),
            "now" => return Ok(Meaning::Now),
            "form_submission_channel" => return Ok(Meaning::Channel),
            "form_submission_backoffice" | "is_in_backoffice" => return Ok(Meaning::ByAgent),
            _ => {}
        }
        if let Some(option) = name.strip_prefix("form_option_") {
            // One that nobody has set is empty.
            return Ok(Meaning::Option(self.options.get(option).map_or("", String::as_str)));
        }
        if let Some(field) = name.strip_prefix("block_var_").and_then(|field| named(self.row?, field)) {
            return Ok(Meaning::Field(field));
        }
        let Some(field) = name.strip_prefix("form_var_").or_else(|| name.strip_prefix("var_")) else {
            return Err(match name {
                _ if name.starts_with("form_user") || name.starts_with("session_user") => {
                    "conditions do not look at the account of whoever asks".to_owned()
                }
                _ if name.starts_with("cards_") || name.starts_with("webservice_") => {
                    format!("`{name}` comes from elsewhere: cards and remote calls are not looked at")
                }
                _ => format!("there is nothing called `{name}`"),
            });
        };
        if let Some(found) = self.row.and_then(|row| named(row, field)).or_else(|| named(self.fields, field))
        {
            return Ok(Meaning::Field(found));
        }
        self.of_row(field).ok_or_else(|| format!("no field is called `{field}`"))
    }

    /// `enfants_0_nom`, `enfants_var_nom`: a field of a row of a group.
    fn of_row(&self, name: &str) -> Option<Meaning<'n>> {
        self.fields.iter().filter(|(_, known)| known.kind == Type::Rows).find_map(|(group, known)| {
            let rest = name.strip_prefix(group.as_str())?.strip_prefix('_')?;
            let (number, field) = match rest.split_once('_') {
                Some((number, field)) if number.bytes().all(|c| c.is_ascii_digit()) => {
                    (number.parse().ok()?, field)
                }
                Some(("var", field)) => (0, field),
                _ => (0, rest),
            };
            Some(Meaning::OfRow(known, number, named(&known.rows, field)?))
        })
    }
}

fn named<'n>(fields: &'n BTreeMap<String, Known>, name: &str) -> Option<&'n Known> {
    fields.get(name).or_else(|| {
        let bare = SAME.into_iter().find_map(|end| name.strip_suffix(end))?;
        fields.get(bare)
    })
}
