//! Which events a program asks for (RFC 4791, 9.7).

use beffroi_core::Instant;
use chrono::NaiveDateTime;
use roxmltree::Node;

use crate::{body::Unreadable, names::Space};

/// Conditions of one question, at most.
const CONDITIONS_AT_MOST: usize = 20;
/// Letters that are looked for, at most.
const TEXT_AT_MOST: usize = 200;

/// A stretch of time; open where nothing is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// From when.
    pub start: Instant,
    /// Until when.
    pub end: Instant,
}

/// Which events are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filter {
    /// All of them.
    Everything,
    /// None: what is kept here are events, without alarms, and something else is asked for.
    Nothing,
    /// Those that fit.
    Events {
        /// When they are.
        within: Option<Range>,
        /// What is said of them; all of it must fit.
        properties: Vec<Property>,
    },
}

/// What is asked of one property of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Property {
    /// Its name in capitals: `SUMMARY`.
    pub name: String,
    /// What.
    pub test: Test,
}

/// What a property must be like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// It is there.
    Defined,
    /// It is not.
    NotDefined,
    /// It holds these letters, capital or not; or it does not.
    Text {
        /// The letters, in small ones.
        text: String,
        /// Whether it must hold them.
        holds: bool,
    },
}

impl Test {
    /// Whether a value passes; `None` where the property is not there.
    pub fn passes(&self, value: Option<&str>) -> bool {
        match (self, value) {
            (Self::Defined, value) => value.is_some(),
            (Self::NotDefined, value) => value.is_none(),
            (Self::Text { .. }, None) => false,
            (Self::Text { text, holds }, Some(value)) => {
                value.to_ascii_lowercase().contains(text.as_str()) == *holds
            }
        }
    }
}

pub(crate) fn elements<'a, 'i>(node: Node<'a, 'i>) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children().filter(Node::is_element)
}

pub(crate) fn is(node: Node<'_, '_>, space: &Space, word: &str) -> bool {
    node.is_element() && node.tag_name().name() == word && node.tag_name().namespace() == Some(space.uri())
}

fn ours(node: Node<'_, '_>, word: &str) -> bool {
    is(node, &Space::CalDav, word)
}

/// Reads `<C:filter>`.
pub(crate) fn filter(node: Node<'_, '_>) -> Result<Filter, Unreadable> {
    let mut roots = elements(node);
    let (Some(root), None) = (roots.next(), roots.next()) else { return Err(Unreadable::Filter) };
    if !ours(root, "comp-filter") || root.attribute("name") != Some("VCALENDAR") {
        return Err(Unreadable::Filter);
    }
    let mut found = Filter::Everything;
    for (rank, condition) in elements(root).enumerate() {
        if rank >= CONDITIONS_AT_MOST || !ours(condition, "comp-filter") {
            return Err(Unreadable::UnknownFilter);
        }
        let absent = elements(condition).any(|inner| ours(inner, "is-not-defined"));
        let next = match (condition.attribute("name").unwrap_or_default(), absent) {
            ("VEVENT", false) => events(condition)?,
            ("VEVENT", true) | (_, false) => Filter::Nothing,
            (_, true) => Filter::Everything,
        };
        found = match (found, next) {
            (Filter::Everything, other) | (other, Filter::Everything) => other,
            (Filter::Nothing, _) | (_, Filter::Nothing) => Filter::Nothing,
            (Filter::Events { .. }, Filter::Events { .. }) => return Err(Unreadable::UnknownFilter),
        };
    }
    Ok(found)
}

fn events(node: Node<'_, '_>) -> Result<Filter, Unreadable> {
    let (mut within, mut properties, mut nothing) = (None, Vec::new(), false);
    for (rank, condition) in elements(node).enumerate() {
        if rank >= CONDITIONS_AT_MOST {
            return Err(Unreadable::UnknownFilter);
        }
        if ours(condition, "time-range") {
            within = Some(range(condition)?);
        } else if ours(condition, "prop-filter") {
            properties.push(property(condition)?);
        } else if ours(condition, "comp-filter") {
            // No alarm is kept.
            nothing |= !elements(condition).any(|inner| ours(inner, "is-not-defined"));
        } else {
            return Err(Unreadable::UnknownFilter);
        }
    }
    Ok(if nothing { Filter::Nothing } else { Filter::Events { within, properties } })
}

fn property(node: Node<'_, '_>) -> Result<Property, Unreadable> {
    let name = node.attribute("name").filter(|name| name.len() <= TEXT_AT_MOST);
    let name = name.ok_or(Unreadable::Filter)?.to_ascii_uppercase();
    let mut test = Test::Defined;
    for condition in elements(node) {
        test = match test {
            Test::Defined if ours(condition, "is-not-defined") => Test::NotDefined,
            Test::Defined if ours(condition, "text-match") => {
                let wanted = condition.text().unwrap_or_default();
                let known = ["i;ascii-casemap", "i;octet", "i;unicode-casemap"];
                if condition.attribute("collation").is_some_and(|collation| !known.contains(&collation)) {
                    return Err(Unreadable::UnknownCollation);
                }
                if wanted.len() > TEXT_AT_MOST {
                    return Err(Unreadable::UnknownFilter);
                }
                let holds = condition.attribute("negate-condition") != Some("yes");
                Test::Text { text: wanted.to_ascii_lowercase(), holds }
            }
            _ => return Err(Unreadable::UnknownFilter),
        };
    }
    Ok(Property { name, test })
}

/// Reads a stretch of time, as `<C:time-range>` and `<C:expand>` tell it.
pub(crate) fn range(node: Node<'_, '_>) -> Result<Range, Unreadable> {
    let read = |name: &str, unsaid: Instant| match node.attribute(name) {
        None => Ok(unsaid),
        Some(text) => instant(text).ok_or(Unreadable::Filter),
    };
    let (start, end) = (read("start", Instant::MIN_UTC)?, read("end", Instant::MAX_UTC)?);
    let told = node.has_attribute("start") || node.has_attribute("end");
    if told && start < end { Ok(Range { start, end }) } else { Err(Unreadable::Filter) }
}

fn instant(text: &str) -> Option<Instant> {
    let plain = text.strip_suffix('Z').filter(|plain| plain.len() == 15 && plain.is_ascii())?;
    NaiveDateTime::parse_from_str(plain, "%Y%m%dT%H%M%S").ok().map(|at| at.and_utc())
}
