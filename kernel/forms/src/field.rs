//! What a form is made of: pages, fields, and for each field its kind, its conditions and its checks.

use serde::{Deserialize, Serialize};

use crate::{Text, fetch::Fetch};

/// A form: its pages in order, and the checks that look at several answers.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    /// The pages.
    #[serde(default, rename = "page")]
    pub pages: Vec<Page>,
    /// Checks upon the whole; each says at which field its fault is told.
    #[serde(default, rename = "check", skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<Check>,
}

impl Form {
    /// Reads a part of a form that is kept by itself, such as a list of fields.
    ///
    /// # Errors
    /// With line and column, what is not TOML or not that part.
    pub fn part_from_toml<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, toml::de::Error> {
        toml::from_str(text)
    }

    /// The file of such a part.
    ///
    /// # Errors
    /// None in practice; the writer's own.
    pub fn part_to_toml(part: &impl Serialize) -> Result<String, toml::ser::Error> {
        toml::to_string_pretty(part)
    }
}

/// One page.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Page {
    /// Its short name, as in its address.
    pub id: String,
    /// Its title.
    pub title: Text,
    /// What is said first.
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub intro: Text,
    /// Shown only when this is true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub show: Option<String>,
    /// Its fields.
    #[serde(default, rename = "field")]
    pub fields: Vec<Field>,
}

/// A condition that an answer must meet, and what is said when it does not.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// True when the answer is right (CEL).
    pub when: String,
    /// What is said when it is not.
    pub message: Text,
    /// The field where it is said; a field's own check needs none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

/// Whether an answer is needed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(untagged, expecting = "true, false or a condition")]
pub enum Requirement {
    /// Always, or never.
    Fixed(bool),
    /// When this is true (CEL).
    When(String),
}

impl Default for Requirement {
    fn default() -> Self {
        Self::Fixed(true)
    }
}

impl Requirement {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// One of the answers that may be chosen.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// What is kept.
    pub value: String,
    /// What is read.
    pub label: Text,
    /// A word of help.
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub hint: Text,
}

/// A list kept outside the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// The communes of France, by INSEE code.
    Communes,
    /// The countries, by ISO 3166-1 code of two letters.
    Countries,
}

/// One question, or a text between questions.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Field {
    /// Its name in answers and conditions: letters, digits and `_`.
    pub id: String,
    /// The question.
    pub label: Text,
    /// A word of help.
    pub hint: Text,
    /// What kind of answer is awaited.
    pub kind: Kind,
    /// Whether an answer is needed when the question is asked.
    pub required: Requirement,
    /// Asked only when this is true (CEL).
    pub show: Option<String>,
    /// Conditions on the answer.
    pub checks: Vec<Check>,
    /// Not asked but computed (CEL).
    pub compute: Option<String>,
    /// What an account fills in: `given_name`, `family_name`, `name`, `email`, `phone`, `address`.
    pub prefill: Option<String>,
    /// It tells for whom is asked, where that is not the requester: a person (`identity`), or an organisation by its
    /// name (`text`) and its number (`siret`, `rna`).
    pub beneficiary: bool,
    /// The block from which it was copied, where it was.
    pub block: Option<BlockOrigin>,
    /// What the State is asked for at the person's wish, with a button beside this field.
    pub fetch: Option<Fetch>,
}

/// From which block of the commune a field was copied: a block that changes is offered again.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct BlockOrigin {
    /// The block's name.
    pub name: String,
    /// Its revision when it was copied.
    pub revision: u32,
    /// What the field is called in the block.
    pub field: String,
}

/// What kind of answer is awaited.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the members say what the variant's sentence says")]
pub enum Kind {
    /// One line of text.
    Text { max_chars: u32 },
    /// Several lines of text.
    LongText { max_chars: u32 },
    /// An e-mail address.
    Email,
    /// A telephone number, kept in the international form.
    Phone,
    /// A number, with so many decimals at most.
    Number { decimals: u8, min: Option<f64>, max: Option<f64>, unit: Text },
    /// An amount, kept in cents.
    Money { min: Option<i64>, max: Option<i64> },
    /// A civil day.
    Date { birth: bool },
    /// A time of day, in minutes.
    Time,
    /// Yes or no.
    YesNo,
    /// One of a few.
    OneOf { choices: Vec<Choice> },
    /// Several of a few.
    ManyOf { choices: Vec<Choice>, max: Option<u32> },
    /// One of many, found by searching: the form's own list, or one kept outside.
    List { choices: Vec<Choice>, from: Option<Source> },
    /// An address, found as it is typed or written freely; with `postal`, one to which a letter can be sent.
    Address { postal: bool },
    /// Who somebody is; with `birth`, also when and where they were born.
    Identity { birth: bool },
    /// The number of an establishment (14 digits).
    Siret,
    /// The number of an association (W and nine characters).
    Rna,
    /// A bank account.
    Iban,
    /// Files.
    File { max_files: u32 },
    /// A statement to be sworn.
    Sworn,
    /// Questions that may be answered several times.
    Group { fields: Vec<Field>, min_rows: u32, max_rows: u32, row: Text },
    /// A place on the map.
    Point,
    /// A heading between questions.
    Heading,
    /// A text between questions.
    Note,
}

impl Kind {
    /// The word of the file.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Text { .. } => "text",
            Self::LongText { .. } => "long-text",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Number { .. } => "number",
            Self::Money { .. } => "money",
            Self::Date { .. } => "date",
            Self::Time => "time",
            Self::YesNo => "yes-no",
            Self::OneOf { .. } => "one-of",
            Self::ManyOf { .. } => "many-of",
            Self::List { .. } => "list",
            Self::Address { .. } => "address",
            Self::Identity { .. } => "identity",
            Self::Siret => "siret",
            Self::Rna => "rna",
            Self::Iban => "iban",
            Self::File { .. } => "file",
            Self::Sworn => "sworn",
            Self::Group { .. } => "group",
            Self::Point => "point",
            Self::Heading => "heading",
            Self::Note => "note",
        }
    }

    /// Whether it is answered at all.
    pub const fn is_question(&self) -> bool {
        !matches!(self, Self::Heading | Self::Note)
    }

    /// The parts of which the answer is made, each a control of its own: `nom-given_name`.
    pub const fn parts(&self) -> &'static [&'static str] {
        match self {
            Self::Date { .. } => &["day", "month", "year"],
            Self::Identity { birth: false } => &["family_name", "usual_name", "given_names"],
            Self::Identity { birth: true } => &[
                "family_name",
                "usual_name",
                "given_names",
                "birth-day",
                "birth-month",
                "birth-year",
                "birth_place",
            ],
            Self::Address { .. } => &["key"],
            Self::Point => &["lat", "lon"],
            _ => &[],
        }
    }
}

/// How many rows of a group must be answered: one at least where an answer is needed, whatever the file says; none
/// where it is not.
pub const fn rows_at_least(required: bool, min_rows: u32) -> u32 {
    match (required, min_rows) {
        (false, _) => 0,
        (true, 0) => 1,
        (true, least) => least,
    }
}

/// A field as it stands in a file: every kind's members, few of which suit any one kind.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
struct Written {
    id: String,
    kind: String,
    #[serde(skip_serializing_if = "Text::is_empty")]
    label: Text,
    #[serde(skip_serializing_if = "Text::is_empty")]
    hint: Text,
    #[serde(skip_serializing_if = "Requirement::is_default")]
    required: Requirement,
    #[serde(skip_serializing_if = "Option::is_none")]
    show: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    compute: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prefill: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    beneficiary: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    block: Option<BlockOrigin>,
    fetch: Option<Fetch>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_chars: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decimals: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    min: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max: Option<f64>,
    #[serde(skip_serializing_if = "Text::is_empty")]
    unit: Text,
    #[serde(skip_serializing_if = "Option::is_none")]
    min_cents: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_cents: Option<i64>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    birth: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    postal: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_choices: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<Source>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_files: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    min_rows: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_rows: Option<u32>,
    #[serde(skip_serializing_if = "Text::is_empty")]
    row: Text,
    #[serde(rename = "choice", skip_serializing_if = "Vec::is_empty")]
    choices: Vec<Choice>,
    #[serde(rename = "check", skip_serializing_if = "Vec::is_empty")]
    checks: Vec<Check>,
    #[serde(rename = "field", skip_serializing_if = "Vec::is_empty")]
    fields: Vec<Field>,
}

/// What a line of text holds at most where the file says nothing.
const LINE: u32 = 200;
/// What a text area holds at most where the file says nothing.
const LINES: u32 = 2_000;

impl TryFrom<Written> for Field {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let mut rest = written.clone();
        let kind = match written.kind.as_str() {
            "text" => Kind::Text { max_chars: rest.max_chars.take().unwrap_or(LINE) },
            "long-text" => Kind::LongText { max_chars: rest.max_chars.take().unwrap_or(LINES) },
            "email" => Kind::Email,
            "phone" => Kind::Phone,
            "number" => Kind::Number {
                decimals: rest.decimals.take().unwrap_or(0),
                min: rest.min.take(),
                max: rest.max.take(),
                unit: std::mem::take(&mut rest.unit),
            },
            "money" => Kind::Money { min: rest.min_cents.take(), max: rest.max_cents.take() },
            "date" => Kind::Date { birth: std::mem::take(&mut rest.birth) },
            "time" => Kind::Time,
            "yes-no" => Kind::YesNo,
            "one-of" => Kind::OneOf { choices: std::mem::take(&mut rest.choices) },
            "many-of" => {
                Kind::ManyOf { choices: std::mem::take(&mut rest.choices), max: rest.max_choices.take() }
            }
            "list" => Kind::List { choices: std::mem::take(&mut rest.choices), from: rest.from.take() },
            "address" => Kind::Address { postal: std::mem::take(&mut rest.postal) },
            "identity" => Kind::Identity { birth: std::mem::take(&mut rest.birth) },
            "siret" => Kind::Siret,
            "rna" => Kind::Rna,
            "iban" => Kind::Iban,
            "file" => Kind::File { max_files: rest.max_files.take().unwrap_or(1) },
            "sworn" => Kind::Sworn,
            "group" => Kind::Group {
                fields: std::mem::take(&mut rest.fields),
                min_rows: rest.min_rows.take().unwrap_or(1),
                max_rows: rest.max_rows.take().unwrap_or(20),
                row: std::mem::take(&mut rest.row),
            },
            "point" => Kind::Point,
            "heading" => Kind::Heading,
            "note" => Kind::Note,
            other => return Err(format!("field `{}`: `{other}` is not a kind of field", written.id)),
        };
        if let Some(member) = rest.first_left() {
            return Err(format!(
                "field `{}`: `{member}` does not suit the kind `{}`",
                written.id,
                kind.word()
            ));
        }
        let Written {
            id,
            label,
            hint,
            required,
            show,
            compute,
            prefill,
            beneficiary,
            block,
            fetch,
            checks,
            ..
        } = written;
        Ok(Self {
            id,
            label,
            hint,
            kind,
            required,
            show,
            checks,
            compute,
            prefill,
            beneficiary,
            block,
            fetch,
        })
    }
}

impl Written {
    /// The first member that no kind has taken.
    fn first_left(&self) -> Option<&'static str> {
        [
            ("max_chars", self.max_chars.is_some()),
            ("decimals", self.decimals.is_some()),
            ("min", self.min.is_some()),
            ("max", self.max.is_some()),
            ("unit", !self.unit.is_empty()),
            ("min_cents", self.min_cents.is_some()),
            ("max_cents", self.max_cents.is_some()),
            ("birth", self.birth),
            ("postal", self.postal),
            ("max_choices", self.max_choices.is_some()),
            ("from", self.from.is_some()),
            ("max_files", self.max_files.is_some()),
            ("min_rows", self.min_rows.is_some()),
            ("max_rows", self.max_rows.is_some()),
            ("row", !self.row.is_empty()),
            ("choice", !self.choices.is_empty()),
            ("field", !self.fields.is_empty()),
        ]
        .into_iter()
        .find_map(|(name, left)| left.then_some(name))
    }
}

impl From<Field> for Written {
    fn from(field: Field) -> Self {
        let Field {
            id,
            label,
            hint,
            kind,
            required,
            show,
            checks,
            compute,
            prefill,
            beneficiary,
            block,
            fetch,
        } = field;
        let mut written = Self {
            id,
            kind: kind.word().to_owned(),
            label,
            hint,
            required,
            show,
            checks,
            compute,
            prefill,
            beneficiary,
            block,
            fetch,
            ..Self::default()
        };
        match kind {
            Kind::Text { max_chars } => written.max_chars = (max_chars != LINE).then_some(max_chars),
            Kind::LongText { max_chars } => written.max_chars = (max_chars != LINES).then_some(max_chars),
            Kind::Number { decimals, min, max, unit } => {
                written.decimals = (decimals != 0).then_some(decimals);
                (written.min, written.max, written.unit) = (min, max, unit);
            }
            Kind::Money { min, max } => (written.min_cents, written.max_cents) = (min, max),
            Kind::Date { birth } | Kind::Identity { birth } => written.birth = birth,
            Kind::Address { postal } => written.postal = postal,
            Kind::OneOf { choices } => written.choices = choices,
            Kind::ManyOf { choices, max } => (written.choices, written.max_choices) = (choices, max),
            Kind::List { choices, from } => (written.choices, written.from) = (choices, from),
            Kind::File { max_files } => written.max_files = Some(max_files),
            Kind::Group { fields, min_rows, max_rows, row } => {
                written.fields = fields;
                (written.min_rows, written.max_rows, written.row) = (Some(min_rows), Some(max_rows), row);
            }
            Kind::Email
            | Kind::Phone
            | Kind::Time
            | Kind::YesNo
            | Kind::Siret
            | Kind::Rna
            | Kind::Iban
            | Kind::Sworn
            | Kind::Point
            | Kind::Heading
            | Kind::Note => {}
        }
        written
    }
}
