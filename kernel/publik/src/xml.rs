//! Publik's exchange format: forms, blocks of fields and workflows, one XML file each. Document types and entities of
//! one's own are refused, and everything is bounded.

use std::collections::BTreeMap;

use roxmltree::{Node, ParsingOptions};

use crate::expression::Language;

/// Bytes of a file, at most.
const BYTES_AT_MOST: usize = 8 << 20;
/// Parts of a file, at most.
const NODES_AT_MOST: u32 = 500_000;
/// Fields of a form, at most.
const FIELDS_AT_MOST: usize = 2_000;
/// Bytes of one text, at most.
const TEXT_AT_MOST: usize = 64 << 10;

/// Why a file is none of Publik's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It is too large to be one.
    #[error("the file is larger than 8 MiB")]
    TooLarge,
    /// It is not UTF-8.
    #[error("the file is not written in UTF-8")]
    NotUtf8,
    /// It is no XML, or one that defines entities.
    #[error("the file is no XML: {0}")]
    NotXml(String),
    /// It is XML of another kind.
    #[error("`{0}` is no form, block or workflow of Publik")]
    Unknown(String),
    /// It has too many fields.
    #[error("the form has more than 2000 fields")]
    TooLong,
}

/// One file.
#[derive(Clone, Debug)]
pub enum Document {
    /// A form.
    Form(FormFile),
    /// A block of fields that forms share.
    Block(BlockFile),
    /// What becomes of a request.
    Workflow(WorkflowFile),
}

/// A form.
#[derive(Clone, Debug, Default)]
pub struct FormFile {
    /// Its title.
    pub name: String,
    /// Its name in addresses.
    pub slug: String,
    /// The slug of its workflow.
    pub workflow: String,
    /// Its other plain settings, by name.
    pub settings: BTreeMap<String, String>,
    /// The settings of its workflow: `form_option_…`.
    pub options: BTreeMap<String, String>,
    /// The roles that may ask.
    pub roles: Vec<String>,
    /// Its fields, pages among them.
    pub fields: Vec<RawField>,
}

/// A block of fields.
#[derive(Clone, Debug, Default)]
pub struct BlockFile {
    /// Its title.
    pub name: String,
    /// Its name in forms.
    pub slug: String,
    /// Its fields.
    pub fields: Vec<RawField>,
}

/// A workflow.
#[derive(Clone, Debug, Default)]
pub struct WorkflowFile {
    /// Its title.
    pub name: String,
    /// Its statuses, in order.
    pub statuses: Vec<Status>,
    /// Its conditions, wherever they stand.
    pub conditions: Vec<Condition>,
}

impl WorkflowFile {
    /// Whether a form means this workflow by that short name: the one made of its title, as Publik makes it.
    pub fn goes_by(&self, slug: &str) -> bool {
        !slug.is_empty() && (self.name == slug || crate::fields::slug(&self.name, '-', 200) == slug)
    }
}

/// A status of a workflow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Whether a request ends there.
    pub ends: bool,
    /// What it does, each by the word of Publik.
    pub actions: Vec<String>,
}

/// A condition as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// In which language.
    pub language: Language,
    /// The words.
    pub source: String,
}

/// A field as it is written.
#[derive(Clone, Debug, Default)]
pub struct RawField {
    /// Its kind, in Publik's word.
    pub kind: String,
    /// The question, often HTML.
    pub label: String,
    /// Its name in conditions.
    pub varname: String,
    /// Asked only when this is true.
    pub condition: Option<Condition>,
    /// What must be true to leave a page, and what is said otherwise.
    pub post_conditions: Vec<(Condition, String)>,
    /// What may be chosen.
    pub items: Vec<String>,
    /// Where what may be chosen comes from: kind and value.
    pub source: Option<(String, String)>,
    /// What fills it in: kind and value.
    pub prefill: Option<(String, String)>,
    /// What a right answer is: kind and value.
    pub validation: Option<(String, String)>,
    /// The columns of a table.
    pub columns: Vec<String>,
    /// Its other plain settings, by name.
    pub settings: BTreeMap<String, String>,
}

impl RawField {
    /// A plain setting; `""` where there is none.
    pub fn setting(&self, name: &str) -> &str {
        self.settings.get(name).map_or("", String::as_str)
    }

    /// Whether it asks something: the others are texts, or are computed.
    pub fn asks(&self) -> bool {
        !matches!(self.kind.as_str(), "page" | "title" | "subtitle" | "comment" | "computed" | "")
    }
}

/// Reads one file.
///
/// # Errors
/// Why it is none of Publik's.
pub fn read(bytes: &[u8]) -> Result<Document, Unreadable> {
    if bytes.len() > BYTES_AT_MOST {
        return Err(Unreadable::TooLarge);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| Unreadable::NotUtf8)?;
    let text = text.trim_start_matches('\u{feff}');
    let options =
        ParsingOptions { allow_dtd: false, nodes_limit: NODES_AT_MOST, ..ParsingOptions::default() };
    let parsed = roxmltree::Document::parse_with_options(text, options)
        .map_err(|error| Unreadable::NotXml(error.to_string()))?;
    let root = parsed.root_element();
    match root.tag_name().name() {
        "formdef" => Ok(Document::Form(form(root)?)),
        "block" => Ok(Document::Block(BlockFile {
            name: said(root, "name"),
            slug: said(root, "slug"),
            fields: fields(root)?,
        })),
        "workflow" => Ok(Document::Workflow(workflow(root))),
        other => Err(Unreadable::Unknown(other.chars().take(40).collect())),
    }
}

fn form(root: Node<'_, '_>) -> Result<FormFile, Unreadable> {
    let mut options = BTreeMap::new();
    for option in child(root, "options").into_iter().flat_map(elements) {
        let name = option.attribute("varname").unwrap_or_default();
        if !name.is_empty() {
            options.insert(name.to_owned(), words(option));
        }
    }
    let mut roles: Vec<String> = Vec::new();
    for kind in ["roles", "user-roles"] {
        roles.extend(child(root, kind).into_iter().flat_map(elements).map(words));
    }
    let slug = [said(root, "url_name"), said(root, "slug")].into_iter().find(|slug| !slug.is_empty());
    Ok(FormFile {
        name: said(root, "name"),
        slug: slug.unwrap_or_default(),
        workflow: child(root, "workflow")
            .map(|it| it.attribute("slug").map_or_else(|| words(it), str::to_owned))
            .unwrap_or_default(),
        settings: settings(root),
        options,
        roles,
        fields: fields(root)?,
    })
}

fn workflow(root: Node<'_, '_>) -> WorkflowFile {
    let statuses = child(root, "possible_status").into_iter().flat_map(elements).take(200).map(|status| {
        let items = || child(status, "items").into_iter().flat_map(elements);
        let truth = |name: &str| said(status, name).eq_ignore_ascii_case("true");
        Status {
            id: said(status, "id"),
            name: said(status, "name"),
            ends: truth("forced_endpoint") || truth("endpoint"),
            actions: items().filter_map(|item| item.attribute("type")).map(str::to_owned).collect(),
        }
    });
    let statuses = statuses.collect();
    let conditions = root.descendants().filter(|node| node.has_tag_name("condition")).filter_map(condition);
    WorkflowFile { name: said(root, "name"), statuses, conditions: conditions.collect() }
}

fn fields(root: Node<'_, '_>) -> Result<Vec<RawField>, Unreadable> {
    let all: Vec<_> = child(root, "fields").into_iter().flat_map(elements).collect();
    if all.len() > FIELDS_AT_MOST {
        return Err(Unreadable::TooLong);
    }
    Ok(all.into_iter().map(field).collect())
}

fn field(node: Node<'_, '_>) -> RawField {
    let pair = |name: &str| {
        let found = child(node, name)?;
        let (kind, value) = (said(found, "type"), said(found, "value"));
        // Older files write the kind alone.
        if kind.is_empty() && value.is_empty() { None } else { Some((kind, value)) }
    };
    let conditions = child(node, "post_conditions").into_iter().flat_map(elements);
    let post_conditions = conditions
        .filter_map(|post| Some((condition(child(post, "condition")?)?, said(post, "error_message"))))
        .collect();
    let list = |name: &str| -> Vec<String> {
        child(node, name).into_iter().flat_map(elements).take(5_000).map(words).collect()
    };
    RawField {
        kind: said(node, "type"),
        label: said(node, "label"),
        varname: said(node, "varname"),
        condition: child(node, "condition").and_then(condition),
        post_conditions,
        items: list("items"),
        source: pair("data_source"),
        prefill: pair("prefill").filter(|(kind, _)| kind != "none"),
        validation: pair("validation"),
        columns: list("columns"),
        settings: settings(node),
    }
}

/// A condition; in older files its words alone, in Python.
fn condition(node: Node<'_, '_>) -> Option<Condition> {
    let (kind, value) = (said(node, "type"), said(node, "value"));
    let (language, source) = match kind.as_str() {
        "python" => (Language::Python, value),
        "" if value.is_empty() => (Language::Python, words(node)),
        _ => (Language::Django, value),
    };
    let source = source.trim().to_owned();
    (!source.is_empty()).then_some(Condition { language, source })
}

/// The plain members of a part: those that hold a text alone.
fn settings(node: Node<'_, '_>) -> BTreeMap<String, String> {
    elements(node)
        .filter(|member| !member.children().any(|inner| inner.is_element()))
        .take(500)
        .map(|member| (member.tag_name().name().to_owned(), words(member)))
        .filter(|(_, text)| !text.is_empty())
        .collect()
}

fn elements<'a, 'i>(node: Node<'a, 'i>) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children().filter(Node::is_element)
}

fn child<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
    elements(node).find(|child| child.tag_name().name() == name)
}

fn said(node: Node<'_, '_>, name: &str) -> String {
    child(node, name).map(words).unwrap_or_default()
}

fn words(node: Node<'_, '_>) -> String {
    let text = node.text().unwrap_or_default().trim();
    let mut end = text.len().min(TEXT_AT_MOST);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_of_the_older_kind_is_read_too() {
        let text = r#"<?xml version="1.0"?>
            <formdef id="1"><name>Essai</name><url_name>essai</url_name><fields>
              <field><label>Nom</label><type>string</type><required>True</required><varname>nom</varname>
                <condition>form_var_a == 'b'</condition></field>
              <field><label>Choix</label><type>item</type><items><item>Un</item><item>Deux</item></items>
                <condition/></field>
            </fields><options><option varname="lien">https://a.example</option></options></formdef>"#;
        let Document::Form(form) = read(text.as_bytes()).unwrap() else { panic!("a form") };
        assert_eq!((form.slug.as_str(), form.fields.len()), ("essai", 2));
        let condition = form.fields[0].condition.as_ref().unwrap();
        assert_eq!((condition.language, condition.source.as_str()), (Language::Python, "form_var_a == 'b'"));
        assert_eq!(form.fields[1].items, ["Un", "Deux"]);
        assert_eq!(form.fields[1].condition, None);
        assert_eq!(form.options["lien"], "https://a.example");
    }

    #[test]
    fn what_is_no_form_is_refused_with_its_reason() {
        let bomb = "<!DOCTYPE a [<!ENTITY b \"xxxxxxxx\"><!ENTITY c \"&b;&b;\">]><formdef><name>&c;</name></formdef>";
        assert!(matches!(read(bomb.as_bytes()), Err(Unreadable::NotXml(_))));
        assert!(matches!(read(b"\xff\xfe"), Err(Unreadable::NotUtf8)));
        assert!(matches!(read(b""), Err(Unreadable::NotXml(_))));
        assert!(matches!(read(b"<html/>"), Err(Unreadable::Unknown(_))));
        assert!(matches!(read(&vec![b' '; BYTES_AT_MOST + 1]), Err(Unreadable::TooLarge)));
        let deep = format!("<formdef>{}{}</formdef>", "<a>".repeat(50_000), "</a>".repeat(50_000));
        assert!(read(deep.as_bytes()).is_ok(), "depth alone harms nobody");
    }
}
