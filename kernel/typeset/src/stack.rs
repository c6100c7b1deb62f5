//! Several papers as one file, to print in one go. What screen readers need is left behind: the papers
//! themselves keep it.

use lopdf::{Dictionary, Document, Object, ObjectId, dictionary};

use crate::job::TypesetError;

/// How the printer uses its sheets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sides {
    /// Only the front of each sheet.
    One,
    /// Front and back: each paper begins on a new sheet, so that no letter stands on the back of another.
    Both,
}

/// What a page may have from the tree that it hung in (ISO 32000-1, 7.7.3.4).
const INHERITED: [&[u8]; 4] = [b"Resources", b"MediaBox", b"CropBox", b"Rotate"];
/// What would keep the former document's structure alive.
const LEFT_BEHIND: [&[u8]; 4] = [b"StructParents", b"Annots", b"Tabs", b"Metadata"];

/// Puts papers after one another.
///
/// Errors: one of them is no PDF.
pub fn stack(papers: &[Vec<u8>], sides: Sides) -> Result<Vec<u8>, TypesetError> {
    let mut whole = Document::with_version("1.7");
    let tree = whole.new_object_id();
    let mut pages: Vec<Object> = Vec::new();
    for paper in papers {
        let added = add(&mut whole, tree, paper).map_err(unreadable)?;
        let odd = added.len() % 2 == 1;
        let last = added.last().copied();
        pages.extend(added.into_iter().map(Object::Reference));
        if let (Sides::Both, true, Some(last)) = (sides, odd, last) {
            let size =
                whole.get_dictionary(last).and_then(|page| page.get(b"MediaBox")).map_err(unreadable)?;
            let blank = dictionary! {
                "Type" => "Page", "Parent" => tree, "MediaBox" => size.clone(), "Resources" => Dictionary::new(),
            };
            pages.push(whole.add_object(blank).into());
        }
    }
    let count = i64::try_from(pages.len()).unwrap_or(i64::MAX);
    whole.set_object(tree, dictionary! { "Type" => "Pages", "Kids" => pages, "Count" => count });
    let catalog = whole.add_object(dictionary! { "Type" => "Catalog", "Pages" => tree });
    whole.trailer.set("Root", catalog);
    whole.prune_objects();
    let mut bytes = Vec::new();
    whole.save_to(&mut bytes)?;
    Ok(bytes)
}

/// Hangs the pages of one paper under `tree`, and names them in their order.
fn add(whole: &mut Document, tree: ObjectId, paper: &[u8]) -> lopdf::Result<Vec<ObjectId>> {
    let mut one = Document::load_mem(paper)?;
    one.renumber_objects_with(whole.max_id + 1);
    let pages: Vec<ObjectId> = one.get_pages().into_values().collect();
    for id in &pages {
        let mut page = one.get_dictionary(*id)?.clone();
        for key in INHERITED {
            if let Some(value) = inherited(&one, &page, key) {
                page.set(key, value);
            }
        }
        for key in LEFT_BEHIND {
            page.remove(key);
        }
        page.set("Parent", tree);
        one.set_object(*id, page);
    }
    whole.max_id = one.max_id;
    whole.objects.append(&mut one.objects);
    Ok(pages)
}

/// The value of a key, of the page or of the nearest node above it.
fn inherited(document: &Document, page: &Dictionary, key: &[u8]) -> Option<Object> {
    let mut node = page;
    // A page tree is a few levels deep; a circle would be a broken file.
    for _ in 0..32 {
        if let Ok(value) = node.get(key) {
            return Some(value.clone());
        }
        node = document.get_dictionary(node.get(b"Parent").ok()?.as_reference().ok()?).ok()?;
    }
    None
}

#[expect(clippy::needless_pass_by_value, reason = "it stands in `map_err`")]
fn unreadable(error: lopdf::Error) -> TypesetError {
    TypesetError::Layout(error.to_string())
}
