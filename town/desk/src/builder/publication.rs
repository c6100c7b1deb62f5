//! The publication check, and publication itself: by one person, or by a second one where the commune wants it.

use askama::Template;
use axum::{extract::Path, http::StatusCode};
use beffroi_core::{Day, Lang, calendar::long_date};
use beffroi_forms::{Opening, Procedure};
use beffroi_people::{Town, permission::scope};
use beffroi_store::Tx;
use beffroi_web::{FormPost, Page, Result, WebError, page::render_as, render};

use super::{
    ROOT, base,
    commands::{self, PublicationError},
    entitled, open,
    part_page::colleague,
    report::{self, Obstacle, Remark},
    to,
};
use crate::{
    permission::{EditProcedures, PublishProcedures},
    problem::Problem,
    visit::Visit,
};

/// Whether a procedure may be asked for, where its calendar says otherwise than always; `""` where it is open.
pub(super) fn opening(page: &Page, procedure: &Procedure, today: Day) -> String {
    match procedure.opening(today) {
        Opening::Open => String::new(),
        Opening::From(day) => page.tr("office-builder-opens-on", &[("day", long_date(day, Lang::Fr).into())]),
        Opening::Until(day) => {
            page.tr("office-builder-closed-since", &[("day", long_date(day, Lang::Fr).into())])
        }
    }
}

/// What one may do with a draft that is ready.
#[derive(Clone, Debug, Default)]
struct Doors {
    by_two: bool,
    may_publish: bool,
    /// Who proposed it; `""` where nobody did.
    proposed_by: String,
    own_proposal: bool,
}

#[derive(Template)]
#[template(path = "builder/check.html")]
struct Check {
    page: Page,
    base: String,
    procedure: String,
    verdict: String,
    against: Vec<Remark>,
    advice: Vec<Remark>,
    revision: u32,
    version: u32,
    by_two: bool,
    may_publish: bool,
    proposed_by: String,
    own_proposal: bool,
    compare: String,
    overtaken: String,
    words: String,
    words_error: String,
    problems: Vec<Problem>,
}

struct Asked {
    open: super::Open,
    obstacles: Vec<Obstacle>,
    version: u32,
    doors: Doors,
}

fn load(tx: &mut Tx<'_>, page: &Page, who: &beffroi_people::SignedIn, draft: &str) -> Result<Asked> {
    let open = open(tx, who, draft)?;
    let obstacles = commands::obstacles(tx, &open.procedure)?;
    let version = commands::next_version(tx, &open.kept.slug)?;
    let me = commands::actor(tx).or(Some(who.account));
    let doors = Doors {
        by_two: Town::load(tx)?.procedures_by_two,
        may_publish: scope::<PublishProcedures>(tx, who)?.contains(None),
        own_proposal: open.kept.proposed_at.is_some() && open.kept.proposed_by == me,
        proposed_by: match open.kept.proposed_at {
            Some(_) => colleague(tx, page, open.kept.proposed_by)?,
            None => String::new(),
        },
    };
    Ok(Asked { open, obstacles, version, doors })
}

fn view(page: Page, asked: Asked) -> Check {
    let Asked { open, obstacles, version, doors } = asked;
    let base = base(open.kept.id);
    let n = i64::try_from(obstacles.len()).unwrap_or_default();
    let report = report::report(&page, &base, &open.procedure, obstacles);
    Check {
        verdict: page.tr("office-builder-against", &[("n", n.into())]),
        compare: if version > 1 { format!("{base}/differences") } else { String::new() },
        procedure: open.procedure.title.fr.clone(),
        against: report.against,
        advice: report.advice,
        revision: open.kept.revision,
        by_two: doors.by_two,
        may_publish: doors.may_publish,
        proposed_by: doors.proposed_by,
        own_proposal: doors.own_proposal,
        overtaken: String::new(),
        words: String::new(),
        words_error: String::new(),
        problems: Vec::new(),
        version,
        base,
        page,
    }
}

pub(super) async fn show(Visit { commune, visitor, page, .. }: Visit, Path(draft): Path<String>) -> Result {
    let who = visitor.require()?.clone();
    let frame = page.clone();
    let asked = commune.read(visitor.by, move |tx| load(tx, &frame, &who, &draft)).await?;
    render(&view(page, asked))
}

/// Words of a refusal, at most.
const WORDS_AT_MOST: usize = 2_000;

pub(super) async fn act(
    Visit { commune, visitor, page, .. }: Visit,
    Path(draft): Path<String>,
    form: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let frame = page.clone();
    let revision: u32 = form.text("revision").parse().unwrap_or_default();
    let (wish, words) = (form.text("do").to_owned(), form.text("words").to_owned());
    let back = format!("{ROOT}/brouillons/{draft}");
    let done = commune
        .write(visitor.by, move |tx| {
            // Whoever may only write is not told of what only others may do.
            let open = open(tx, &who, &draft)?;
            let done = match wish.as_str() {
                "publish" => {
                    let permit = entitled::<PublishProcedures>(tx, &who)?;
                    commands::publish(tx, &permit, &open.kept, revision)
                        .map(|_| format!("{ROOT}?fait=publiee&demarche={}", open.kept.slug))
                }
                "propose" => {
                    let permit = entitled::<EditProcedures>(tx, &who)?;
                    commands::propose(tx, &permit, &open.kept, revision)
                        .map(|()| format!("{back}?fait=proposee"))
                }
                "send-back" if words.is_empty() || words.len() > WORDS_AT_MOST => {
                    return Ok(Err((load(tx, &frame, &who, &draft)?, None)));
                }
                "send-back" => {
                    let permit = entitled::<PublishProcedures>(tx, &who)?;
                    commands::send_back(tx, &permit, &open.kept, &words)?;
                    Ok(format!("{back}?fait=renvoyee"))
                }
                _ => return Err(WebError::bad_request()),
            };
            match done {
                Ok(done) => Ok(Ok(done)),
                Err(PublicationError::Store(error)) => Err(error.into()),
                Err(error) => Ok::<_, WebError>(Err((load(tx, &frame, &who, &draft)?, Some(error)))),
            }
        })
        .await?;
    match done {
        Ok(next) => Ok(to(&next)),
        Err((asked, error)) => {
            let mut view = view(page, asked);
            let (status, told) = match error {
                None => {
                    form.text("words").clone_into(&mut view.words);
                    let message = view.page.t("office-builder-wrong-words").to_owned();
                    view.problems = Problem::alone("words", &message);
                    view.words_error = message;
                    (StatusCode::UNPROCESSABLE_ENTITY, "")
                }
                Some(PublicationError::SecondPerson) => {
                    (StatusCode::CONFLICT, "office-builder-second-person")
                }
                Some(PublicationError::Overtaken) => {
                    (StatusCode::CONFLICT, "office-builder-overtaken-publication")
                }
                Some(_) => (StatusCode::UNPROCESSABLE_ENTITY, ""),
            };
            if !told.is_empty() {
                view.overtaken = view.page.t(told).to_owned();
            }
            render_as(status, &view)
        }
    }
}
