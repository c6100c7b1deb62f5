//! The day's letters of a department: printed in one go, put into envelopes, ticked off, and put back where one was
//! ticked by mistake.

use std::collections::HashMap;

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_cases::{Right, case};
use beffroi_core::{Id, text::fold};
use beffroi_documents::{self as documents, Cleared, Document, State};
use beffroi_notify::letter::{self, Content, Letter};
use beffroi_people::{SignedIn, Town};
use beffroi_store::Tx;
use beffroi_web::{FormPost, Page, Result, WebError, page::render_as};
use chrono::TimeDelta;
use chrono_tz::Tz;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use uuid::Uuid;

use super::{consulted, enclosing::particulars, entitled, inbox::Choice};
use crate::{
    enclosure,
    papers::purpose,
    permission::Place,
    problem::Problem,
    public::{stream, when},
    visit::Visit,
};

/// Letters of one batch: what one sits down to fold.
pub(crate) const BATCH: u32 = 50;
/// Letters that are looked through for a name or a nature at once.
const SEARCHED: u32 = 1_000;
/// How long printed letters stay on the page, in case paper was jammed or lost.
const KEPT_IN_SIGHT: TimeDelta = TimeDelta::days(7);

/// What letters are, by the purpose of their papers.
const NATURES: [&str; 6] = [
    purpose::ACKNOWLEDGEMENT,
    purpose::DECISION,
    purpose::REVERSAL,
    purpose::PAST,
    purpose::PAST_ACT,
    purpose::LETTER,
];

struct Row {
    id: String,
    recipient: String,
    /// What it is: an acknowledgement, a decision, another letter.
    nature: String,
    address: String,
    reference: String,
    when: String,
    href: String,
    /// That the letters from here on go into one envelope; `""` where it is one letter, or said already.
    together: String,
    /// What goes in the same envelope: address, name, kind and size.
    joined: Vec<(String, String, String)>,
}

#[derive(Template)]
#[template(path = "office/letters.html")]
struct Letters {
    page: Page,
    count: String,
    problems: Vec<Problem>,
    /// The departments whose letters the agent prints, where there are several.
    places: Vec<Choice>,
    place: String,
    natures: Vec<Choice>,
    /// The one that is chosen; `""` for all.
    nature: &'static str,
    name: String,
    /// Whether only some of the letters are shown.
    narrowed: bool,
    /// Whether all of this page is ticked, and the address that ticks it.
    ticked: bool,
    tick: String,
    next: String,
    rows: Vec<Row>,
    printed: Vec<Row>,
}

/// The departments whose letters the agent prints: those whose cases they handle. Whoever prints none is not
/// told that there is a page.
fn handled(tx: &mut Tx<'_>, who: &SignedIn) -> Result<Vec<Place>> {
    let (access, places) = entitled(tx, who)?;
    let handled: Vec<Place> =
        places.into_iter().filter(|place| access.allows(Right::Handle, &place.slug)).collect();
    if handled.is_empty() { Err(WebError::not_found()) } else { Ok(handled) }
}

pub(crate) fn trays(tx: &mut Tx<'_>, who: &SignedIn) -> Result<Vec<String>> {
    Ok(handled(tx, who)?.into_iter().map(|place| place.slug).collect())
}

#[derive(Clone, Default, Deserialize)]
pub(super) struct Asked {
    /// One department's letters only.
    #[serde(default)]
    service: String,
    /// One kind of paper only.
    #[serde(default)]
    nature: String,
    /// Only letters whose addressee is called so.
    #[serde(default)]
    nom: String,
    /// The last letter of the page before.
    #[serde(default)]
    apres: String,
    /// Present where all of the page is to be ticked.
    #[serde(default)]
    tout: String,
}

/// What papers are for, by paper.
pub(crate) type Natures = HashMap<Uuid, String>;

/// What the page shows: the letters of this page, and what is told of them.
struct Found {
    places: Vec<Place>,
    count: u64,
    waiting: Vec<Letter>,
    /// The last one, where others follow.
    last: Option<Id<Letter>>,
    printed: Vec<Letter>,
    references: HashMap<Uuid, String>,
    natures: Natures,
    joined: enclosure::Joined,
    zone: Tz,
}

fn papers_of<'l>(letters: impl Iterator<Item = &'l Letter>) -> Vec<Id<Document>> {
    letters.filter_map(paper_of).collect()
}

/// What these papers are for, as far as they are checked.
pub(crate) fn natures(tx: &mut Tx<'_>, papers: &[Id<Document>]) -> Result<Natures> {
    let cleared = documents::cleared_of(tx, papers)?;
    let papers = cleared.iter().map(Cleared::document);
    Ok(papers.map(|paper| (paper.id.uuid(), paper.purpose.clone())).collect())
}

/// What a letter is, by the purpose of its paper.
pub(crate) fn nature_of(letter: &Letter, natures: &Natures) -> &'static str {
    let known = paper_of(letter).and_then(|paper| natures.get(&paper.uuid()));
    let known = NATURES.iter().copied().find(|one| Some(*one) == known.map(String::as_str));
    known.unwrap_or(purpose::LETTER)
}

pub(super) async fn list(visit: Visit, Query(asked): Query<Asked>) -> Result {
    shown(visit, asked, "").await
}

async fn shown(Visit { commune, visitor, page, .. }: Visit, asked: Asked, problem: &'static str) -> Result {
    let who = visitor.require()?.clone();
    let Asked { service, nature, nom, apres, tout } = asked;
    let nature = NATURES.iter().copied().find(|known| *known == nature).unwrap_or_default();
    let name = fold(nom.trim());
    let narrowed = !nature.is_empty() || !name.is_empty();
    let read_at_most = if narrowed { SEARCHED } else { BATCH } + 1;
    let (only, after) = (service.clone(), apres.parse::<Id<Letter>>().ok());
    let here = after.map(|id| id.to_string()).unwrap_or_default();
    let found = commune
        .read(visitor.by, move |tx| {
            let places = handled(tx, &who)?;
            let all = places.iter().map(|place| place.slug.clone());
            let trays: Vec<String> = all.filter(|slug| only.is_empty() || *slug == only).collect();
            let since = tx.now() - KEPT_IN_SIGHT;
            let mut waiting = match after {
                Some(after) => letter::waiting_after(tx, &trays, after, read_at_most)?,
                None => letter::waiting(tx, &trays, read_at_most)?,
            };
            let printed = letter::printed_since(tx, &trays, since, BATCH)?;
            let papers = papers_of(waiting.iter().chain(&printed));
            let natures = natures(tx, &papers)?;
            // Where not all of them could be looked through, the next page goes on from the last one that was.
            let searched = waiting.last().filter(|_| waiting.len() > SEARCHED as usize).map(|last| last.id);
            waiting.retain(|letter| {
                (nature.is_empty() || nature_of(letter, &natures) == nature)
                    && fold(&letter.recipient).contains(&name)
            });
            let more = waiting.len() > BATCH as usize;
            waiting.truncate(BATCH as usize);
            let last = waiting.last().filter(|_| more).map(|last| last.id).or(searched);
            // Of those that are shown alone it is read what goes with them.
            let shown = || waiting.iter().chain(&printed);
            let cases: Vec<Uuid> = shown().map(|letter| letter.about_id).collect();
            let papers = papers_of(shown());
            Ok::<_, WebError>(Found {
                references: case::references(tx, &cases)?,
                joined: enclosure::of_papers(tx, &papers)?,
                count: letter::count_waiting(tx, &trays)?,
                zone: Town::load(tx)?.zone(),
                places,
                waiting,
                last,
                printed,
                natures,
            })
        })
        .await?;
    let Found { places, count, waiting, last, printed, references, natures, mut joined, zone } = found;
    let mut row = |letter: Letter| {
        let reference = references.get(&letter.about_id).cloned().unwrap_or_default();
        let nature = match nature_of(&letter, &natures) {
            // A decision that leaves on paper bears no signature yet.
            purpose::DECISION if letter.printed_at.is_none() => "decision-unsigned",
            purpose::REVERSAL if letter.printed_at.is_none() => "reversal-unsigned",
            purpose::PAST if letter.printed_at.is_none() => "past-decision-unsigned",
            purpose::PAST_ACT if letter.printed_at.is_none() => "past-reversal-unsigned",
            known => known,
        };
        let nature = page.t(&format!("office-purpose-{nature}")).to_owned();
        let enclosed = paper_of(&letter).and_then(|paper| joined.remove(&paper.uuid())).unwrap_or_default();
        let enclosed = enclosed.iter().filter(|document| document.state == State::Clean).map(|document| {
            let href = format!("/agents/dossiers/{}/documents/{}", letter.about_id, document.id);
            (href, document.name.clone(), particulars(&page, document))
        });
        let joined = enclosed.collect();
        Row { joined, ..Row::new(&page, zone, letter, reference, nature) }
    };
    let service = Some(service).filter(|asked| places.iter().any(|it| it.slug == *asked)).unwrap_or_default();
    let typed = utf8_percent_encode(nom.trim(), NON_ALPHANUMERIC);
    let address = |after: &str, all: &str| {
        format!("/agents/courrier?service={service}&nature={nature}&nom={typed}&apres={after}{all}")
    };
    let next = last.map(|last| address(&last.to_string(), ""));
    let mut rows: Vec<Row> = by_envelope(waiting).into_iter().map(&mut row).collect();
    tell_envelopes(&page, &mut rows);
    let printed = printed.into_iter().map(row).collect();
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let count = page.tr("office-letters-count", &[("n", count.into()), ("batch", i64::from(BATCH).into())]);
    let problems = Problem::alone("letter", if problem.is_empty() { "" } else { page.t(problem) });
    let status = if problem.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let template = Letters {
        count,
        problems,
        places: tray_choices(&page, &places, &service),
        natures: kinds(&page, nature),
        nature,
        narrowed,
        ticked: !tout.is_empty(),
        tick: address(&here, if tout.is_empty() { "&tout=1" } else { "" }),
        next: next.unwrap_or_default(),
        place: service,
        name: nom.trim().to_owned(),
        rows,
        printed,
        page,
    };
    render_as(status, &template)
}

/// The departments whose letters may be looked at, where there are several.
fn tray_choices(page: &Page, places: &[Place], chosen: &str) -> Vec<Choice> {
    if places.len() < 2 {
        return Vec::new();
    }
    let all = Choice::of("", page.t("office-letters-everywhere"), chosen.is_empty());
    let each = places.iter().map(|it| Choice::of(&it.slug, &it.name, it.slug == chosen));
    std::iter::once(all).chain(each).collect()
}

/// What letters there are.
fn kinds(page: &Page, chosen: &str) -> Vec<Choice> {
    std::iter::once(("", "office-letters-every-nature".to_owned()))
        .chain(NATURES.iter().map(|word| (*word, format!("office-purpose-{word}"))))
        .map(|(word, key)| Choice::of(word, page.t(&key), word == chosen))
        .collect()
}

/// The letters with those of one addressee one after the other: they leave in one envelope.
pub(super) fn by_envelope(letters: Vec<Letter>) -> Vec<Letter> {
    let mut first: HashMap<(String, Vec<String>), usize> = HashMap::new();
    let mut placed: Vec<(usize, Letter)> = Vec::with_capacity(letters.len());
    for (rank, letter) in letters.into_iter().enumerate() {
        let place = *first.entry((fold(&letter.recipient), letter.lines.clone())).or_insert(rank);
        placed.push((place, letter));
    }
    placed.sort_by_key(|(place, _)| *place);
    placed.into_iter().map(|(_, letter)| letter).collect()
}

/// Says at the first letter of each addressee how many leave in one envelope.
fn tell_envelopes(page: &Page, rows: &mut [Row]) {
    for group in rows.chunk_by_mut(|a, b| fold(&a.recipient) == fold(&b.recipient) && a.address == b.address)
    {
        let count = i64::try_from(group.len()).unwrap_or(i64::MAX);
        if let [first, _, ..] = group {
            first.together = page.tr("office-letters-together", &[("n", count.into())]);
        }
    }
}

/// Puts a letter that was ticked by mistake, or lost, back among those to print.
pub(super) async fn put_back(Visit { commune, visitor, .. }: Visit, Path(id): Path<String>) -> Result {
    let who = visitor.require()?.clone();
    let id: Id<Letter> = id.parse().map_err(|_| WebError::not_found())?;
    commune.write(visitor.by, move |tx| back_among_waiting(tx, &who, id)).await?;
    Ok(Redirect::to("/agents/courrier").into_response())
}

/// The same, for whoever prints the letters of its tray.
pub(crate) fn back_among_waiting(tx: &mut Tx<'_>, who: &SignedIn, id: Id<Letter>) -> Result<()> {
    let trays = trays(tx, who)?;
    let since = tx.now() - KEPT_IN_SIGHT;
    if letter::put_back(tx, &trays, id, since)? { Ok(()) } else { Err(WebError::not_found()) }
}

impl Row {
    fn new(page: &Page, zone: Tz, letter: Letter, reference: String, nature: String) -> Self {
        Self {
            href: format!("/agents/courrier/{}", letter.id),
            id: letter.id.to_string(),
            recipient: letter.recipient,
            address: letter.lines.join(", "),
            reference,
            nature,
            together: String::new(),
            when: when(letter.printed_at.unwrap_or(letter.queued_at), zone, page.language()),
            joined: Vec::new(),
        }
    }
}

pub(super) async fn printed(visit: Visit, form: FormPost) -> Result {
    let ids: Vec<Id<Letter>> = chosen(form.all("letter"));
    if ids.is_empty() {
        let kept = |name: &str| form.text(name).to_owned();
        let asked =
            Asked { service: kept("service"), nature: kept("nature"), nom: kept("nom"), ..Asked::default() };
        return shown(visit, asked, "office-letters-none-chosen").await;
    }
    let Visit { commune, visitor, .. } = visit;
    let who = visitor.require()?.clone();
    commune
        .write(visitor.by, move |tx| -> Result<_> {
            let trays = trays(tx, &who)?;
            Ok(letter::mark_printed(tx, &trays, &ids)?)
        })
        .await?;
    Ok(Redirect::to("/agents/courrier").into_response())
}

/// The letters named in a form, no more than a batch.
pub(super) fn chosen<'a>(ids: impl Iterator<Item = &'a str>) -> Vec<Id<Letter>> {
    ids.filter_map(|id| id.parse().ok()).take(BATCH as usize).collect()
}

pub(crate) fn paper_of(letter: &Letter) -> Option<Id<Document>> {
    match letter.content {
        Content::Document { id } => Some(Id::from_uuid(id)),
        Content::Template { .. } => None,
    }
}

/// The paper of one letter.
pub(super) async fn paper(Visit { commune, visitor, .. }: Visit, Path(id): Path<String>) -> Result {
    let who = visitor.require()?.clone();
    let id: Id<Letter> = id.parse().map_err(|_| WebError::not_found())?;
    let document = commune.write(visitor.by, move |tx| paper_for(tx, &who, id)).await?;
    stream(&commune, document).await
}

/// The paper of a letter, for whoever prints those of its tray; that they looked is written down.
pub(crate) fn paper_for(tx: &mut Tx<'_>, who: &SignedIn, id: Id<Letter>) -> Result<Document> {
    let trays = trays(tx, who)?;
    let letter = letter::some(tx, &trays, &[id])?.pop().ok_or_else(WebError::not_found)?;
    let document = paper_of(&letter).ok_or_else(WebError::not_found)?;
    let document = documents::find(tx, document)?.ok_or_else(WebError::not_found)?;
    if letter.about_kind == "case" {
        consulted(tx, Id::from_uuid(letter.about_id), who)?;
    }
    Ok(document)
}
