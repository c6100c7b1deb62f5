//! A closed inspection, as agents read it: what was found, what differs, the photographs, both signatures.

use askama::Template;
use axum::extract::Path;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use beffroi_calendar::clock;
use beffroi_core::Id;
use beffroi_documents::Document;
use beffroi_web::{CommuneOf, Page, Result, Visitor, WebError, render};

use super::{
    form::{Known, Shot, caption, of, places, shots},
    report::differences_in_words,
    rules::{Holder, Item, Kind, differences},
    store,
};
use crate::{
    premises,
    serve::{self, Kept},
};

struct Line {
    name: String,
    expected: u32,
    found: String,
    state: String,
    remark: String,
    photos: Vec<Shot>,
}

struct Group {
    title: String,
    lines: Vec<Line>,
}

/// One side's signature.
struct Signature {
    side: String,
    text: String,
    /// What was drawn, as the address of a picture; `""` where nothing was.
    drawn: String,
}

#[derive(Template)]
#[template(path = "inspection_closed.html")]
struct Closed {
    page: Page,
    title: String,
    caption: String,
    back: String,
    done: bool,
    when: String,
    compares: bool,
    differences: Vec<String>,
    deposit: String,
    groups: Vec<Group>,
    meters: Vec<(String, String)>,
    remarks: String,
    photos: Vec<Shot>,
    signatures: Vec<Signature>,
    hash: String,
    /// Where its report is; `""` while it is laid out.
    report: String,
    /// This page, to be looked at again meanwhile.
    here: String,
}

pub(super) fn show(page: Page, known: &Known, drawn: &[Vec<u8>; 2], done: bool) -> Result {
    let it = &known.it;
    let lang = page.language();
    let line = |item: &Item| Line {
        name: item.name.clone(),
        expected: item.expected,
        found: item.found.map(|found| found.to_string()).unwrap_or_default(),
        state: item
            .condition
            .map(|condition| page.t(&format!("premises-condition-{}", condition.as_str())).to_owned())
            .unwrap_or_default(),
        remark: item.remark.clone(),
        photos: shots(&page, known, Some(item)),
    };
    let group = |(place, items): (&str, Vec<&Item>)| Group {
        title: if place.is_empty() { page.t("premises-no-place").to_owned() } else { place.to_owned() },
        lines: items.into_iter().map(line).collect(),
    };
    let groups = places(&known.items).into_iter().map(group).collect();
    let meters = it.meters.each().into_iter().filter(|(_, value)| !value.is_empty());
    let meters =
        meters.map(|(word, value)| (page.t(&format!("premises-meter-{word}")).to_owned(), value.to_owned()));
    let meters = meters.collect();
    let data = |drawn: &[u8]| {
        if drawn.is_empty() {
            String::new()
        } else {
            format!("data:image/png;base64,{}", STANDARD.encode(drawn))
        }
    };
    let [town, holder] = drawn;
    let mut signatures = Vec::new();
    if let Some(signed) = &it.signatures {
        signatures.push(Signature {
            side: page.t("premises-sign-town").to_owned(),
            text: signed.town.clone(),
            drawn: data(town),
        });
        signatures.push(Signature {
            side: page.t("premises-sign-holder").to_owned(),
            text: match &signed.holder {
                Holder::Signed { name, .. } => name.clone(),
                Holder::Absent { why } => page.tr("premises-absent", &[("why", why.clone().into())]),
            },
            drawn: data(holder),
        });
    }
    let closed = it.closed_at.map(|at| clock::moment(at, known.found.zone(), lang)).unwrap_or_default();
    let template = Closed {
        title: page.t(&format!("premises-inspection-{}", it.kind.as_str())).to_owned(),
        caption: caption(&page, known),
        back: premises::href(it.booking),
        done,
        when: page.tr("premises-closed-on", &[("when", closed.into())]),
        compares: known.items.iter().any(|item| item.before.is_some()),
        differences: differences_in_words(&differences(&known.items))?,
        deposit: if it.kind == Kind::Out {
            format!("{}/caution", premises::href(it.booking))
        } else {
            String::new()
        },
        groups,
        meters,
        remarks: it.remarks.clone(),
        photos: shots(&page, known, None),
        signatures,
        hash: it.hash.clone(),
        report: it
            .report
            .map(|_| format!("/agents/etats-des-lieux/{}/rapport.pdf", it.id))
            .unwrap_or_default(),
        here: format!("/agents/etats-des-lieux/{}", it.id),
        page,
    };
    render(&template)
}

/// A photograph of an inspection.
pub(super) async fn photo(
    commune: CommuneOf,
    visitor: Visitor,
    Path((id, document)): Path<(String, String)>,
) -> Result {
    let who = visitor.require()?.clone();
    let small = commune
        .read(visitor.by, move |tx| {
            let (_, it, _) = of(tx, &who, &id)?;
            let document: Id<Document> = document.parse().map_err(|_| WebError::not_found())?;
            let known = store::photos(tx, it.id)?;
            let known = known.iter().any(|photo| photo.small == document || photo.large == document);
            if known { Ok(document) } else { Err(WebError::not_found()) }
        })
        .await?;
    serve::document(&commune, small, Kept::ByNobody).await
}

/// The report, as it was sent.
pub(super) async fn report(commune: CommuneOf, visitor: Visitor, Path(id): Path<String>) -> Result {
    let who = visitor.require()?.clone();
    let report = commune
        .read(visitor.by, move |tx| {
            let (_, it, _) = of(tx, &who, &id)?;
            it.report.ok_or_else(WebError::not_found)
        })
        .await?;
    serve::document(&commune, report, Kept::ByNobody).await
}
