//! Several papers as one file, to print in one go. What screen readers need is left behind: the papers
//! themselves keep it.

use lopdf::{Dictionary, Document, LoadOptions, Object, ObjectId, dictionary};

use crate::job::{Job, TypesetError};

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

/// Pages that a paper of somebody else may have to be stacked.
const PAGES_AT_MOST: usize = 100;
/// What one stream of it may come to while it is read, in bytes.
const UNPACKED_AT_MOST: usize = 64 << 20;
/// What draws nothing on a page.
const UNDRAWN: [&[u8]; 2] = [b"Link", b"Popup"];

/// The pages of a paper that somebody else made, as one that can be stacked.
///
/// Errors: it cannot be read, it is encrypted, broken or endless, or something is drawn over its pages (a form that was filled in,
/// a stamp), which would be left behind.
pub(crate) fn copied(job: &Job) -> Result<Vec<u8>, TypesetError> {
    let refused = |why: &str| TypesetError::Layout(why.to_owned());
    let paper =
        job.data.as_str().and_then(|told| hex::decode(told).ok()).ok_or_else(|| refused("no bytes"))?;
    let options = LoadOptions { max_decompressed_size: Some(UNPACKED_AT_MOST), ..LoadOptions::default() };
    let one = Document::load_mem_with_options(&paper, options).map_err(unreadable)?;
    if one.is_encrypted() || one.was_encrypted() {
        return Err(refused("it is encrypted"));
    }
    if one.xref_recovery.is_some() {
        return Err(refused("it is broken: a page may be missing"));
    }
    let pages = one.get_pages();
    if pages.is_empty() || pages.len() > PAGES_AT_MOST {
        return Err(refused("it has no pages, or too many"));
    }
    for id in pages.into_values() {
        let page = one.get_dictionary(id).map_err(unreadable)?;
        if inherited(&one, page, b"MediaBox").is_none() {
            return Err(refused("a page has no size"));
        }
        if is_drawn_over(&one, page) {
            return Err(refused("something is drawn over a page"));
        }
    }
    stack(&[paper], Sides::One)
}

/// Whether a page bears annotations that are printed with it.
fn is_drawn_over(document: &Document, page: &Dictionary) -> bool {
    let followed = |object: &'_ Object| match object {
        Object::Reference(id) => document.get_object(*id).ok().cloned(),
        other => Some(other.clone()),
    };
    let all = page.get(b"Annots").ok().and_then(followed);
    let all = all.as_ref().and_then(|all| all.as_array().ok()).into_iter().flatten();
    all.filter_map(followed).any(|one| {
        let kind = one.as_dict().ok().and_then(|it| it.get(b"Subtype").ok()?.as_name().ok());
        !kind.is_some_and(|kind| UNDRAWN.contains(&kind))
    })
}

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
