//! What a procedure says in French, and beside it in English and in plain words; what lacks them comes first.

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::StatusCode,
};
use beffroi_forms::Procedure;
use beffroi_web::{FormPost, Page, Result, WebError, page::render_as, render};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::{base, commands, open, to, words};
use crate::visit::Visit;

/// Texts of one page.
const ROWS: usize = 25;

struct Row {
    /// The beginning of its controls' names.
    key: String,
    place: String,
    fr: String,
    en: String,
    plain: String,
}

#[derive(Template)]
#[template(path = "builder/translations.html")]
struct Translations {
    page: Page,
    base: String,
    procedure: String,
    rows: Vec<Row>,
    missing: String,
    only_missing: bool,
    all_href: String,
    missing_href: String,
    previous: String,
    next: String,
    action: String,
    overtaken: String,
}

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    manquants: String,
    #[serde(default)]
    depuis: usize,
}

/// A text's name in the form: what it says and where it stands, so that what was typed for another is not kept for it.
fn key(at: &str, fr: &str) -> String {
    let digest = Sha256::digest(format!("{at}\n{fr}"));
    format!("t{}", hex::encode(digest).chars().take(16).collect::<String>())
}

fn rows(page: &Page, procedure: &Procedure, typed: Option<&FormPost>) -> Vec<Row> {
    let mut copy = procedure.clone();
    copy.texts()
        .into_iter()
        .map(|(at, text)| {
            let key = key(&at, &text.fr);
            let value = |kind: &str, kept: &Option<String>| {
                typed
                    .and_then(|typed| typed.get(&format!("{key}-{kind}")))
                    .map_or_else(|| kept.clone().unwrap_or_default(), str::to_owned)
            };
            Row {
                place: words::place(page, procedure, &at),
                en: value("en", &text.en),
                plain: value("plain", &text.plain),
                fr: text.fr.clone(),
                key,
            }
        })
        .collect()
}

fn view(
    page: Page,
    base: String,
    procedure: &Procedure,
    asked: &Asked,
    typed: Option<&FormPost>,
) -> Translations {
    let missing = i64::try_from(procedure.untranslated().len()).unwrap_or_default();
    let mut rows = rows(&page, procedure, typed);
    let only_missing = !asked.manquants.is_empty();
    if only_missing {
        rows.retain(|row| row.en.trim().is_empty());
    }
    let here = format!("{base}/traductions");
    let filter = if only_missing { "manquants=oui&" } else { "" };
    let previous = if asked.depuis > 0 {
        format!("{here}?{filter}depuis={}", asked.depuis.saturating_sub(ROWS))
    } else {
        String::new()
    };
    let next = if rows.len() > asked.depuis + ROWS {
        format!("{here}?{filter}depuis={}", asked.depuis + ROWS)
    } else {
        String::new()
    };
    let rows = rows.into_iter().skip(asked.depuis).take(ROWS).collect();
    Translations {
        missing: page.tr("office-builder-translations-missing", &[("n", missing.into())]),
        all_href: here.clone(),
        missing_href: format!("{here}?manquants=oui"),
        action: format!("{here}?{filter}depuis={}", asked.depuis),
        procedure: procedure.title.fr.clone(),
        overtaken: String::new(),
        only_missing,
        previous,
        next,
        rows,
        base,
        page,
    }
}

pub(super) async fn show(
    Visit { commune, visitor, page, .. }: Visit,
    Path(draft): Path<String>,
    Query(asked): Query<Asked>,
) -> Result {
    let who = visitor.require()?.clone();
    let open = commune.read(visitor.by, move |tx| open(tx, &who, &draft)).await?;
    render(&view(page, base(open.kept.id), &open.procedure, &asked, None))
}

pub(super) async fn save(
    Visit { commune, visitor, page, .. }: Visit,
    Path(draft): Path<String>,
    Query(asked): Query<Asked>,
    form: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let sent = form.clone();
    let (open, lost) = commune
        .write(visitor.by, move |tx| {
            let open = open(tx, &who, &draft)?;
            let mut next = open.procedure.clone();
            let mut known = 0;
            for (at, text) in next.texts() {
                let key = key(&at, &text.fr);
                let Some(en) = sent.get(&format!("{key}-en")) else { continue };
                let plain = sent.text(&format!("{key}-plain")).to_owned();
                known += 1;
                text.en = Some(en.trim().to_owned()).filter(|en| !en.is_empty());
                text.plain = Some(plain).filter(|plain| !plain.is_empty());
            }
            let typed = sent.pairs().iter().filter(|(name, _)| name.ends_with("-en")).count();
            if typed > known {
                // A text was changed or removed meanwhile: nothing is written over, and what was typed is shown again.
                return Ok((open, true));
            }
            commands::change(tx, &open.permit, &open.kept, &next)?;
            Ok::<_, WebError>((open, false))
        })
        .await?;
    let base = base(open.kept.id);
    if lost {
        let mut view = view(page, base, &open.procedure, &asked, Some(&form));
        let words: Vec<&str> = form
            .pairs()
            .iter()
            .filter(|(name, value)| {
                name.starts_with('t')
                    && !value.trim().is_empty()
                    && !view.rows.iter().any(|row| name.starts_with(&row.key))
            })
            .map(|(_, value)| value.as_str())
            .collect();
        view.overtaken = format!("{} {}", view.page.t("office-builder-overtaken-texts"), words.join(" / "));
        return render_as(StatusCode::CONFLICT, &view);
    }
    Ok(to(&base))
}
