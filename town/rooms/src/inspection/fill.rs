//! An inspection as the fields of its page, and back. Pure.

use beffroi_core::Id;
use beffroi_documents::Document;
use beffroi_web::FormPost;

use super::rules::{Change, Condition, Item, METER_AT_MOST, Meters, REMARK_AT_MOST, REMARKS_AT_MOST};
use crate::inventory::PIECES_AT_MOST;

/// What is wrong: the control, and the key of its words.
pub(super) type Wrong = (String, &'static str);

/// What is read of the fields: all that can be kept, and what cannot.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Read {
    pub(super) changes: Vec<Change>,
    pub(super) remarks: String,
    pub(super) meters: Meters,
    pub(super) removed: Vec<Id<Document>>,
    pub(super) wrong: Vec<Wrong>,
}

/// Reads what was noted. What is wrong in one field keeps nothing else from being kept.
pub(super) fn read(form: &FormPost, items: &[Item]) -> Read {
    let mut read = Read::default();
    for item in items {
        let at = |name: &str| format!("{name}-{}", item.id);
        let number = form.text(&at("nombre"));
        let found = match number {
            "" => None,
            typed => {
                let count = typed.parse::<u32>().ok().filter(|count| *count <= PIECES_AT_MOST);
                if count.is_none() {
                    read.wrong.push((at("nombre"), "premises-wrong-number"));
                }
                count.or(item.found)
            }
        };
        let condition = Condition::from_word(form.text(&at("etat")));
        let typed = form.text(&at("remarque"));
        let remark: String = typed.chars().take(REMARK_AT_MOST).collect();
        if remark.len() < typed.len() {
            read.wrong.push((at("remarque"), "premises-wrong-long"));
        }
        // Whoever says that it is missing need not count, nor empty the number that should be there.
        let untouched = found.is_none_or(|found| found == item.usual());
        let found = if condition == Some(Condition::Missing) && untouched { Some(0) } else { found };
        read.changes.push(Change { item: item.id, found, condition, remark });
    }
    let typed = form.text("remarques");
    read.remarks = typed.chars().take(REMARKS_AT_MOST).collect();
    if read.remarks.len() < typed.len() {
        read.wrong.push(("remarques".to_owned(), "premises-wrong-long"));
    }
    let meter = |name: &str| form.text(name).chars().take(METER_AT_MOST).collect::<String>();
    read.meters = Meters { water: meter("eau"), electricity: meter("electricite"), gas: meter("gaz") };
    read.removed = form.all("retirer").filter_map(|id| id.parse().ok()).collect();
    read
}

/// The item that a field of photographs is for; `None` for the whole.
pub(super) fn item_of(field: &str) -> Option<Id<Item>> {
    field.strip_prefix("photos-").and_then(|id| id.parse().ok())
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn item(rank: u128) -> Item {
        Item {
            id: Id::from_uuid(Uuid::from_u128(rank)),
            place: String::new(),
            name: "Chaises".to_owned(),
            expected: 40,
            found: None,
            condition: None,
            remark: String::new(),
            before: None,
        }
    }

    fn form(fields: &[(&str, u128, &str)]) -> FormPost {
        fields.iter().fold(FormPost::default(), |form, (name, rank, value)| {
            form.with(&format!("{name}-{}", Uuid::from_u128(*rank)), (*value).to_owned())
        })
    }

    #[test]
    fn a_wrong_number_keeps_nothing_else_from_being_kept() {
        let typed = form(&[
            ("nombre", 1, "beaucoup"),
            ("etat", 1, "worn"),
            ("nombre", 2, "38"),
            ("etat", 2, "good"),
            ("remarque", 2, " Deux manquent. "),
        ]);
        let read = read(&typed, &[item(1), item(2)]);
        let kept: Vec<_> = read.changes.iter().map(|it| (it.found, it.condition)).collect();
        assert_eq!(kept, [(None, Some(Condition::Worn)), (Some(38), Some(Condition::Good))]);
        assert_eq!(read.changes[1].remark, "Deux manquent.");
        assert_eq!(read.wrong.len(), 1);
    }

    #[test]
    fn what_is_missing_need_not_be_counted() {
        let read = read(&form(&[("etat", 1, "missing")]), &[item(1)]);
        assert_eq!(read.changes[0].found, Some(0));
        let prefilled = form(&[("etat", 1, "missing"), ("nombre", 1, "40")]);
        assert_eq!(super::read(&prefilled, &[item(1)]).changes[0].found, Some(0));
        let counted = form(&[("etat", 1, "missing"), ("nombre", 1, "3")]);
        assert_eq!(super::read(&counted, &[item(1)]).changes[0].found, Some(3));
    }

    #[test]
    fn a_photograph_is_of_the_item_of_its_field_or_of_the_whole() {
        let id = Uuid::from_u128(7);
        assert_eq!(item_of(&format!("photos-{id}")), Some(Id::from_uuid(id)));
        assert_eq!(item_of("photos"), None);
    }
}
