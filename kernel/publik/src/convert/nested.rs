//! What holds other questions: blocks kept by themselves, and tables.

use std::collections::BTreeMap;

use beffroi_forms::{Field, Kind, Requirement, Text};

use super::{Converter, blank_field};
use crate::{
    fields::required,
    names::{Known, Type},
    text::plain,
    xml::RawField,
};

impl Converter<'_> {
    /// A block, as a group of its own.
    pub(super) fn block(&mut self, raw: &RawField, mut field: Field, at: &str, in_row: bool) -> Field {
        let name = raw.kind.strip_prefix("block:").unwrap_or_else(|| raw.setting("block_slug"));
        let blocks = self.blocks;
        let found = blocks.iter().find(|block| block.slug == name);
        field.required = Requirement::Fixed(required(raw));
        let (Some(block), false) = (found, in_row) else {
            let reason = if in_row {
                format!("the block `{name}` stands in another: it is kept as a text")
            } else {
                format!("the block `{name}` is in a file that was not given: it is kept as a text")
            };
            self.remark(at, reason);
            field.kind = Kind::LongText { max_chars: 2_000 };
            if field.label.is_empty() {
                field.label = Text::from(name);
            }
            self.fields.kept += 1;
            let (id, kind) = (field.id.clone(), Type::Text);
            self.learn(raw, Known { id, kind, choices: Vec::new(), rows: BTreeMap::new() }, None);
            return field;
        };
        let mut rows = BTreeMap::new();
        let mut inner = Vec::new();
        for raw in &block.fields {
            if raw.kind == "page" {
                continue;
            }
            if let Some(field) = self.field(raw, at, Some(&mut rows)) {
                inner.push(field);
            }
        }
        let most = raw.setting("max_items").trim();
        let max_rows = if most.is_empty() { 1 } else { most.parse().unwrap_or(20) };
        if most.parse::<u32>().is_err() && !most.is_empty() {
            self.remark(
                &format!("{at}.max_rows"),
                format!("how often it may be repeated was computed: `{most}`"),
            );
        }
        let max_rows = max_rows.clamp(1, 100);
        let min_rows = u32::from(required(raw));
        if field.label.is_empty() {
            field.label = Text::from(block.name.as_str());
        }
        field.kind = Kind::Group { fields: inner, min_rows, max_rows, row: Text::from(block.name.as_str()) };
        self.fields.kept += 1;
        let id = field.id.clone();
        self.learn(raw, Known { id, kind: Type::Rows, choices: Vec::new(), rows }, None);
        field
    }

    /// A table, as a group with a text a column.
    pub(super) fn table(&mut self, raw: &RawField, mut field: Field, at: &str, in_row: bool) -> Field {
        field.required = Requirement::Fixed(required(raw));
        self.fields.kept += 1;
        if in_row || raw.columns.is_empty() {
            self.remark(at, "a table is kept as a text");
            field.kind = Kind::LongText { max_chars: 2_000 };
        } else {
            self.remark(at, "a table is kept as a group that may be repeated, with a text a column");
            let mut inner = Vec::new();
            for column in &raw.columns {
                let column =
                    RawField { kind: "string".to_owned(), label: column.clone(), ..RawField::default() };
                let id = self.id(&column);
                let label = Text::from(plain(&column.label, self.options).text.as_str());
                inner.extend(blank_field(&id, &label).map(|blank| Field {
                    kind: Kind::Text { max_chars: 200 },
                    required: Requirement::Fixed(false),
                    ..blank
                }));
            }
            let min_rows = u32::from(required(raw));
            field.kind = Kind::Group { fields: inner, min_rows, max_rows: 50, row: Text::from("Ligne") };
        }
        if field.label.is_empty() {
            field.label = Text::from("Tableau");
        }
        let kind = if matches!(field.kind, Kind::Group { .. }) { Type::Rows } else { Type::Text };
        let id = field.id.clone();
        self.learn(raw, Known { id, kind, choices: Vec::new(), rows: BTreeMap::new() }, None);
        field
    }
}
