//! A procedure in the making as whoever asks will see it: its sheet, its form at two widths, its form on paper.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::{IntoResponse, Response},
};
use beffroi_core::{Id, Lang};
use beffroi_forms::{CompiledForm, Procedure};
use beffroi_typeset::{Job, Meta};
use beffroi_web::{Framing, Page, Purpose, Result, WebError, render};
use serde::Deserialize;

use super::{base, open, report::Remark, store};
use crate::{
    papers::{self, Stationery},
    public::{Begin, elsewhere_of, pdf_answer, sheet_of},
    visit::Visit,
};

/// In which words the preview speaks.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Reader {
    /// `en` for English.
    #[serde(default)]
    pub langue: String,
    /// `oui` for plain words.
    #[serde(default)]
    pub facile: String,
    /// `oui` where a trial is recorded.
    #[serde(default)]
    pub essai: String,
    /// The door: `counter`; online else.
    #[serde(default)]
    pub porte: String,
    /// The page at which the form opens; the first one else.
    #[serde(default)]
    pub page: String,
    /// The question that is marked on that page: the one that is being written.
    #[serde(default)]
    pub question: String,
    /// The trial that is filled in further.
    #[serde(default)]
    pub reprendre: String,
}

impl Reader {
    pub fn lang(&self) -> Lang {
        if self.langue == "en" { Lang::En } else { Lang::Fr }
    }

    /// The same, for addresses; begins with `?`.
    pub fn query(&self) -> String {
        let mut query = String::from("?");
        for (name, value, known) in [
            ("langue", &self.langue, &["en"][..]),
            ("facile", &self.facile, &["oui"]),
            ("essai", &self.essai, &["oui"]),
            ("porte", &self.porte, &["counter"]),
        ] {
            if known.contains(&value.as_str()) {
                query.extend([name, "=", value, "&"]);
            }
        }
        if let Some(trial) = self.resumed() {
            query.extend(["reprendre=", trial.to_string().as_str(), "&"]);
        }
        query.pop();
        query
    }

    /// The trial that is filled in further.
    pub fn resumed(&self) -> Option<Id<store::Trial>> {
        self.reprendre.parse().ok()
    }
}

/// The form of a draft, where it can be filled in; else what stands in the way.
pub(super) fn compiled(procedure: &Procedure, reader: &Reader) -> Option<Arc<CompiledForm>> {
    let procedure = if reader.facile.is_empty() { procedure.clone() } else { procedure.in_plain_words() };
    CompiledForm::compile(procedure).ok().map(Arc::new)
}

/// A page that may be shown in a frame of ours.
pub(super) fn framed(page: Result) -> Result {
    let mut response = page?;
    response.extensions_mut().insert(Framing::Within);
    Ok(response)
}

/// The frame of a citizen's page: no menu of agents, nobody signed in.
pub(super) fn as_citizen(mut page: Page) -> Page {
    page.nav = Vec::new();
    page.account = None;
    page
}

struct Choice {
    href: String,
    label: String,
    current: bool,
}

#[derive(Template)]
#[template(path = "builder/preview.html")]
struct Preview {
    page: Page,
    base: String,
    procedure: String,
    ready: bool,
    against: Vec<Remark>,
    readers: Vec<Choice>,
    things: Vec<Choice>,
    source: String,
    paper: String,
}

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    voir: String,
    #[serde(default)]
    langue: String,
    #[serde(default)]
    facile: String,
}

pub(super) async fn show(
    Visit { commune, visitor, page, .. }: Visit,
    Path(draft): Path<String>,
    Query(asked): Query<Asked>,
) -> Result {
    let who = visitor.require()?.clone();
    let open = commune.read(visitor.by, move |tx| open(tx, &who, &draft)).await?;
    let base = base(open.kept.id);
    let reader = Reader { langue: asked.langue, facile: asked.facile, ..Reader::default() };
    let problems = CompiledForm::compile(open.procedure.clone()).err().unwrap_or_default();
    let empty = open.procedure.form.pages.is_empty();
    let form = asked.voir == "formulaire";
    let here = |reader: &Reader, form: bool| {
        let query = reader.query();
        let joint = if query == "?" || query.is_empty() { "?" } else { "&" };
        let query = if query == "?" { String::new() } else { query };
        if form {
            format!("{base}/apercu{query}{joint}voir=formulaire")
        } else {
            format!("{base}/apercu{query}")
        }
    };
    let plain = Reader { facile: "oui".to_owned(), ..Reader::default() };
    let english = Reader { langue: "en".to_owned(), ..Reader::default() };
    let mut readers = Vec::new();
    for (other, key) in [
        (Reader::default(), "office-builder-preview-french"),
        (plain, "office-builder-preview-plain"),
        (english, "office-builder-preview-english"),
    ] {
        readers.push(Choice {
            href: here(&other, form),
            label: page.t(key).to_owned(),
            current: other.query() == reader.query(),
        });
    }
    let things = [(false, "office-builder-preview-sheet"), (true, "office-builder-preview-form")].map(
        |(of_form, key)| Choice {
            href: here(&reader, of_form),
            label: page.t(key).to_owned(),
            current: of_form == form,
        },
    );
    let obstacles = problems.into_iter().map(super::report::Obstacle::of).collect();
    let against = super::report::report(&page, &base, &open.procedure, obstacles).against;
    let query = Some(reader.query()).filter(|query| query != "?").unwrap_or_default();
    let response = render(&Preview {
        ready: against.is_empty() && !(form && empty),
        source: format!("{base}/apercu/{}{query}", if form { "ecran" } else { "fiche" }),
        paper: format!("{base}/apercu/formulaire.pdf"),
        procedure: open.procedure.title.fr.clone(),
        readers,
        things: things.into(),
        against,
        base,
        page,
    });
    around(response)
}

/// A page that may show one of ours in a frame.
pub(super) fn around(page: Result) -> Result {
    let mut response = page?;
    response.extensions_mut().insert(Framing::Around);
    Ok(response)
}

/// One page of the form as it will be seen, to be shown beside what is written, and opened at a question that is marked
/// there, where it is one that is written; `""` where it cannot be shown yet.
pub(super) fn beside(base: &str, procedure: &Procedure, page: &str, question: Option<&str>) -> String {
    let filled = procedure.form.pages.iter().any(|it| it.id == page && !it.fields.is_empty());
    if filled && CompiledForm::compile(procedure.clone()).is_ok() {
        let at = question.map(|id| format!("&question={id}#question-{id}")).unwrap_or_default();
        format!("{base}/apercu/ecran?page={page}{at}")
    } else {
        String::new()
    }
}

/// The draft with what papers and sheets need of the town.
async fn with_stationery(
    visit: &Visit,
    draft: String,
    reader: &Reader,
) -> Result<(Arc<CompiledForm>, Stationery)> {
    let who = visit.visitor.require()?.clone();
    let (procedure, stationery) = visit
        .commune
        .read(visit.visitor.by, move |tx| {
            let open = open(tx, &who, &draft)?;
            let contact = open.procedure.contact.as_ref();
            let department = contact.map(|contact| contact.department.clone()).unwrap_or_default();
            Ok::<_, WebError>((open.procedure, Stationery::load(tx, &department)?))
        })
        .await?;
    Ok((compiled(&procedure, reader).ok_or_else(WebError::conflict)?, stationery))
}

pub(super) async fn sheet(visit: Visit, Path(draft): Path<String>, Query(reader): Query<Reader>) -> Result {
    let (form, stationery) = with_stationery(&visit, draft, &reader).await?;
    let page = as_citizen(visit.page.in_words_of(reader.lang()));
    if let Some(there) = &form.procedure().elsewhere {
        return framed(render(&elsewhere_of(page, &form, there, &stationery)));
    }
    let today = beffroi_core::calendar::civil_day(visit.commune.now(), stationery.town.zone());
    framed(render(&sheet_of(page, &form, &stationery, today, false, Begin::default())))
}

/// The form on paper.
pub(super) async fn paper(visit: Visit, Path(draft): Path<String>) -> Result<Response> {
    let (form, stationery) = with_stationery(&visit, draft, &Reader::default()).await?;
    visit.visitor.limit(&visit.app, Purpose::PAPER)?;
    let told = |source: &str| super::spoken(&visit.page, form.procedure(), source);
    let paper = papers::blank_form(&form, &stationery, &told);
    let date = beffroi_core::calendar::civil_day(visit.commune.now(), stationery.town.zone());
    let job = Job::new(&paper, Meta { title: paper.title.clone(), date }).map_err(WebError::internal)?;
    let pdf = visit.desk.lay_out(job).await?;
    Ok(pdf_answer(pdf, &format!("{}.pdf", form.procedure().slug), false).into_response())
}
