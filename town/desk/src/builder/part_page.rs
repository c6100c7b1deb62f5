//! One part of a procedure as a form of its own.

use askama::Template;
use axum::{extract::Path, http::StatusCode};
use beffroi_forms::{Kind, Procedure};
use beffroi_store::Tx;
use beffroi_web::{FormPost, Page, Result, WebError, page::render_as};

use super::{
    base, commands,
    commands::DraftError,
    fill::{Control, Filled, Shape},
    open,
    parts::{Around, Gap, Part},
    steps::action,
    store, to, words,
};
use crate::{problem::Problem, visit::Visit};

#[derive(Template)]
#[template(path = "builder/part.html")]
pub(super) struct PartPage {
    pub page: Page,
    pub back: String,
    /// The procedure.
    pub procedure: String,
    pub title: String,
    /// What this part is for.
    pub text: String,
    /// What stands against publication here.
    pub gaps: Vec<Gap>,
    pub controls: Vec<Control>,
    pub problems: Vec<Problem>,
    /// What was there when the form was shown.
    pub seen: String,
    /// Somebody else changed it in the meantime.
    pub overtaken: String,
    /// What `{…}` may quote: name and question.
    pub marks: Vec<(String, String)>,
    /// What else can be done here: address and label.
    pub links: Vec<(String, String)>,
}

fn around(tx: &mut Tx<'_>, slug: &str, procedure: &Procedure) -> Result<Around> {
    let offered = !store::versions(tx, slug)?.is_empty();
    let fields = procedure.form.pages.iter().flat_map(|page| &page.fields);
    let days = fields.filter(|field| matches!(field.kind, Kind::Date { .. }));
    let days = days.map(|field| (field.id.clone(), field.label.fr.clone())).collect();
    let questions = procedure.form.pages.iter().flat_map(|page| page.fields.iter().cloned()).collect();
    let amounts = procedure.amounts();
    Ok(Around { departments: commands::departments(tx)?, offered, days, amounts, questions })
}

impl PartPage {
    fn new(
        page: Page,
        base: &str,
        part: Part,
        (procedure, filled, around): (&Procedure, &Filled, &Around),
        seen: String,
    ) -> Self {
        let gaps = procedure
            .check()
            .into_iter()
            .filter(|finding| Part::of_place(&finding.at) == Some(part))
            .map(|finding| Gap::of(&page, &finding))
            .collect();
        let marks = if part == Part::Decision {
            let answers = procedure.quotable();
            let answers = answers.iter().map(|field| (field.id.clone(), field.label.fr.clone()));
            answers.chain(action::filled_in(&procedure.steps)).collect()
        } else {
            Vec::new()
        };
        Self {
            controls: part.controls(&page, filled, around),
            title: words::part(&page, part),
            text: page.t(&format!("office-builder-part-{}-text", part.word())).to_owned(),
            procedure: procedure.title.fr.clone(),
            back: base.to_owned(),
            gaps,
            problems: filled.problems.clone(),
            seen,
            overtaken: String::new(),
            marks,
            links: Vec::new(),
            page,
        }
    }
}

pub(super) async fn show(
    Visit { commune, visitor, page, .. }: Visit,
    Path((draft, part)): Path<(String, String)>,
) -> Result {
    let who = visitor.require()?.clone();
    let part = Part::from_word(&part).ok_or_else(WebError::not_found)?;
    let (kept, procedure, around) = commune
        .read(visitor.by, move |tx| {
            let open = open(tx, &who, &draft)?;
            let around = around(tx, &open.kept.slug, &open.procedure)?;
            Ok::<_, WebError>((open.kept, open.procedure, around))
        })
        .await?;
    let filled = part.fill(&procedure);
    let seen = filled.fingerprint();
    beffroi_web::render(&PartPage::new(page, &base(kept.id), part, (&procedure, &filled, &around), seen))
}

/// What became of a form.
pub(super) enum Verdict {
    Kept,
    Wrong,
    /// Somebody else changed the same in the meantime: who.
    Overtaken(Option<beffroi_core::Id<beffroi_people::Account>>),
}

/// Why a name cannot be taken, beside its control; any other refusal as it is.
pub(super) fn told(error: DraftError, filled: &mut Filled) -> Result<Verdict> {
    match error {
        DraftError::Taken(_) => filled.wrong("slug", "office-builder-wrong-slug-taken"),
        DraftError::NameFixed => filled.wrong("slug", "office-builder-wrong-slug-fixed"),
        DraftError::Overtaken => return Ok(Verdict::Overtaken(None)),
        other => return Err(other.into()),
    }
    Ok(Verdict::Wrong)
}

/// Who it is, as colleagues call them.
pub(crate) fn colleague(
    tx: &mut Tx<'_>,
    page: &Page,
    account: Option<beffroi_core::Id<beffroi_people::Account>>,
) -> beffroi_store::Result<String> {
    let name = match account {
        Some(account) => beffroi_people::account::find(tx, account)?.map(|account| account.display_name),
        None => None,
    };
    Ok(name.unwrap_or_else(|| page.t("office-builder-somebody").to_owned()))
}

pub(super) async fn save(
    Visit { commune, visitor, page, .. }: Visit,
    Path((draft, word)): Path<(String, String)>,
    form: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let part = Part::from_word(&word).ok_or_else(WebError::not_found)?;
    let mut filled = Filled::of(&form);
    let arranged = part.arrange(&mut filled);
    let seen = form.text("seen").to_owned();
    let told_page = page.clone();
    let (kept, procedure, around, mut filled, verdict, name) = commune
        .write(visitor.by, move |tx| {
            let open = open(tx, &who, &draft)?;
            let around = around(tx, &open.kept.slug, &open.procedure)?;
            let mut verdict = Verdict::Wrong;
            if !arranged {
                if part.fill(&open.procedure).fingerprint() == seen {
                    let mut next = open.procedure.clone();
                    part.read(&mut filled, &mut next);
                    if filled.is_right() {
                        verdict = match commands::change(tx, &open.permit, &open.kept, &next) {
                            Ok(()) => Verdict::Kept,
                            Err(error) => told(error, &mut filled)?,
                        };
                    }
                } else {
                    verdict = Verdict::Overtaken(open.kept.changed_by);
                }
            }
            let name = match &verdict {
                Verdict::Overtaken(who) => colleague(tx, &told_page, *who)?,
                _ => String::new(),
            };
            Ok::<_, WebError>((open.kept, open.procedure, around, filled, verdict, name))
        })
        .await?;
    let base = base(kept.id);
    let now = part.fill(&procedure).fingerprint();
    filled.tell(&page);
    let (status, seen, overtaken) = match verdict {
        Verdict::Kept => return Ok(to(&base)),
        Verdict::Wrong if arranged => (StatusCode::OK, form.text("seen").to_owned(), String::new()),
        Verdict::Wrong => (StatusCode::UNPROCESSABLE_ENTITY, form.text("seen").to_owned(), String::new()),
        Verdict::Overtaken(_) => {
            (StatusCode::CONFLICT, now, page.tr("office-builder-overtaken", &[("name", name.into())]))
        }
    };
    let mut template = PartPage::new(page, &base, part, (&procedure, &filled, &around), seen);
    template.overtaken = overtaken;
    template.gaps = Vec::new();
    render_as(status, &template)
}

/// Flaws of one place, for pages beside this one.
pub(super) fn gaps_at(page: &Page, procedure: &Procedure, begin: &str) -> Vec<Gap> {
    let found = procedure.check().into_iter().filter(|finding| finding.at.starts_with(begin));
    found.map(|finding| Gap::of(page, &finding)).collect()
}
