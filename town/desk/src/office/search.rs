//! The agents' search: words and filters over all the cases that they may read, with the words marked where they stand.

use std::collections::HashMap;

use askama::Template;
use axum::{extract::Query, http::StatusCode};
use beffroi_cases::{
    Right,
    case::{Case, State},
    label::{self, Label},
    missing::{self, Waiting},
};
use beffroi_core::{
    Channel, Day,
    calendar::{civil_day, long_date},
};
use beffroi_people::{Town, account};
use beffroi_search::{Document, Key, Piece, Reading, excerpt, marked};
use beffroi_web::{Page, Result, WebError, page::render_as};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    entitled,
    inbox::{self, Choice, Clock, name_of},
    list::{Kept, Options, Returned, Tag, heads},
};
use crate::{
    daily::saved::{self, View},
    finding::{self, Answer, Followed, Question, Sorting},
    permission::Place,
    visit::{Visit, case_error},
};

/// Rows of a page.
const ROWS: usize = 25;

/// What the address asks for.
#[derive(Clone, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    q: String,
    #[serde(default)]
    service: String,
    #[serde(default)]
    demarche: String,
    #[serde(default)]
    etat: String,
    #[serde(default)]
    canal: String,
    #[serde(default)]
    du: String,
    #[serde(default)]
    au: String,
    #[serde(default)]
    etiquette: String,
    #[serde(default)]
    agent: String,
    #[serde(default)]
    tri: String,
    #[serde(default)]
    apres: String,
    /// `tout`: every case of the page is ticked, for whoever has no scripts.
    #[serde(default)]
    cocher: String,
}

/// The word of the address for all open cases.
const OPEN: &str = "ouverts";
/// The word of the address for cases that nobody follows.
const NOBODY: &str = "personne";
/// The word of the address for one's own cases.
const ME: &str = "moi";
/// The word of the address for the order by the legal clock.
const BY_CLOCK: &str = "delai";

impl Asked {
    /// What it means, for this agent.
    fn question(&self, me: Uuid) -> Question {
        let some = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        Question {
            text: self.q.trim_start().to_owned(),
            department: some(&self.service),
            procedure: some(&self.demarche),
            state: State::from_word(&self.etat),
            open: self.etat == OPEN,
            channel: Channel::from_word(&self.canal),
            from: self.du.parse().ok(),
            until: self.au.parse().ok(),
            label: self.etiquette.parse().ok(),
            followed: match self.agent.as_str() {
                NOBODY => Some(Followed::ByNobody),
                ME => Some(Followed::By(me)),
                other => other.parse().ok().map(Followed::By),
            },
            sorting: if self.tri == BY_CLOCK { Sorting::Clock } else { Sorting::Best },
            after: Key::from_text(&self.apres),
        }
    }

    /// The address of this search with another text, or another page.
    fn address(&self, text: &str, after: &str) -> String {
        let pairs = [
            ("q", text),
            ("service", &self.service),
            ("demarche", &self.demarche),
            ("etat", &self.etat),
            ("canal", &self.canal),
            ("du", &self.du),
            ("au", &self.au),
            ("etiquette", &self.etiquette),
            ("agent", &self.agent),
            ("tri", &self.tri),
            ("apres", after),
        ];
        let pairs: Vec<String> = pairs
            .iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)))
            .collect();
        format!("/agents/recherche?{}", pairs.join("&"))
    }

    /// Whether anything is asked beside the words.
    fn narrows(&self) -> bool {
        [
            &self.service,
            &self.demarche,
            &self.etat,
            &self.canal,
            &self.du,
            &self.au,
            &self.etiquette,
            &self.agent,
        ]
        .iter()
        .any(|value| !value.is_empty())
    }
}

/// What a kept view asks, of the search or of the inbox.
pub(super) fn question_of(view: &View, me: Uuid) -> Option<Question> {
    /// What the inbox's address tells beside what the search's does.
    #[derive(Deserialize)]
    struct Inbox {
        #[serde(default)]
        miens: String,
        #[serde(default)]
        retard: String,
        #[serde(default)]
        remplace: String,
    }
    let address: axum::http::Uri = format!("/?{}", view.query).parse().ok()?;
    let Query(mut asked) = Query::<Asked>::try_from_uri(&address).ok()?;
    if view.path == "/agents" {
        let Query(inbox) = Query::<Inbox>::try_from_uri(&address).ok()?;
        // The index does not know which cases are late: such a view bears no number.
        if inbox.retard == "1" {
            return None;
        }
        // Nor for how long somebody is away.
        if !inbox.remplace.is_empty() {
            return None;
        }
        if inbox.miens == "1" {
            ME.clone_into(&mut asked.agent);
        }
        if asked.etat.is_empty() {
            OPEN.clone_into(&mut asked.etat);
        }
    }
    asked.apres = String::new();
    Some(asked.question(me))
}

struct Row {
    id: String,
    ticked: bool,
    href: String,
    plain_reference: String,
    reference: Vec<Piece>,
    name: Vec<Piece>,
    procedure: Vec<Piece>,
    excerpt: Vec<Piece>,
    tags: Vec<Tag>,
    department: String,
    received: String,
    look: &'static str,
    state: String,
    clock: Clock,
    assignee: String,
    late: bool,
}

#[derive(Template)]
#[template(path = "office/search.html")]
#[expect(clippy::struct_excessive_bools, reason = "each shows a part of the page")]
struct SearchPage {
    page: Page,
    q: String,
    heading: String,
    /// Nothing is asked yet.
    blank: bool,
    /// The words that were typed tell nothing.
    empty_words: bool,
    /// Whether the filters are open.
    narrowed: bool,
    several: bool,
    corrected: String,
    /// The query with better known words, and where it leads.
    proposal: Option<(String, String)>,
    /// The same words without filters.
    wider: String,
    places: Vec<Choice>,
    procedures: Vec<Choice>,
    states: Vec<Choice>,
    channels: Vec<Choice>,
    labels: Vec<Choice>,
    agents: Vec<Choice>,
    orders: Vec<Choice>,
    from: String,
    until: String,
    rows: Vec<Row>,
    next: String,
    views: Vec<Kept>,
    /// This search, to be kept.
    query: String,
    back: String,
    batch: Options,
    heads: Vec<String>,
}

/// What the page is made of.
struct Loaded {
    places: Vec<Place>,
    today: Day,
    /// Those of the cases that wait for documents.
    waiting: HashMap<Uuid, Waiting>,
    answer: Option<Answer>,
    documents: Vec<Document>,
    tags: HashMap<Uuid, Vec<Label>>,
    labels: Vec<Label>,
    titles: Vec<(String, String)>,
    agents: Vec<(Uuid, String)>,
    views: Vec<View>,
    handles: bool,
}

pub(super) async fn show(visit: Visit, Query(asked): Query<Asked>) -> Result {
    again(visit, asked, StatusCode::OK, Returned::default()).await
}

/// The list, with what was ticked in it where something is wrong with what was to be done.
pub(super) async fn again(
    Visit { desk, commune, visitor, page, .. }: Visit,
    asked: Asked,
    status: StatusCode,
    returned: Returned,
) -> Result {
    let who = visitor.require()?.clone();
    let lang = page.language();
    let me = who.account.uuid();
    let question = asked.question(me);
    let sought = question.clone();
    let found = commune
        .read(visitor.by, move |tx| {
            let (access, places) = entitled(tx, &who)?;
            let town = Town::load(tx)?;
            let today = civil_day(tx.now(), town.zone());
            let slugs: Vec<String> = places.iter().map(|place| place.slug.clone()).collect();
            let answer = if sought.is_empty() {
                None
            } else {
                Some(finding::ask(tx, &access, &slugs, &sought, ROWS)?)
            };
            let cases = answer.as_ref().map(|answer| answer.cases.as_slice()).unwrap_or_default();
            let ids: Vec<Uuid> = cases.iter().map(|case| case.id.uuid()).collect();
            let wants_excerpts = answer.as_ref().is_some_and(|answer| answer.found.reading.has_words());
            let documents =
                if wants_excerpts { finding::documents(tx, &desk.shelf, cases)? } else { Vec::new() };
            let waiting = missing::waiting(tx, cases, today, town.holidays()).map_err(case_error)?;
            let tags = label::of_cases(tx, &ids)?;
            let slugs: Vec<&str> = slugs.iter().map(String::as_str).collect();
            let labels = label::of_departments(tx, &slugs)?;
            let titles = desk
                .shelf
                .offered(tx)?
                .iter()
                .map(|form| (form.procedure().slug.clone(), form.procedure().title.text(lang).to_owned()))
                .collect();
            let agents =
                account::agents(tx)?.into_iter().map(|agent| (agent.id.uuid(), agent.display_name)).collect();
            let views = saved::of(tx, me, &slugs)?;
            let handles = places.iter().any(|place| access.allows(Right::Handle, &place.slug));
            Ok::<_, WebError>(Loaded {
                places,
                today,
                waiting,
                answer,
                documents,
                tags,
                labels,
                titles,
                agents,
                views,
                handles,
            })
        })
        .await?;
    render_as(status, &view(page, &asked, &question, &found, &returned))
}

fn view(page: Page, asked: &Asked, question: &Question, found: &Loaded, returned: &Returned) -> SearchPage {
    let nothing = Reading::default();
    let reading = found.answer.as_ref().map_or(&nothing, |answer| &answer.found.reading);
    let cases = found.answer.as_ref().map(|answer| answer.cases.as_slice()).unwrap_or_default();
    let rows: Vec<Row> = cases
        .iter()
        .map(|case| {
            let ticked = asked.cocher == "tout" || returned.ticked(&case.id.to_string());
            Row { ticked, ..row(&page, case, reading, found) }
        })
        .collect();
    let next = found.answer.as_ref().and_then(|answer| answer.found.next.as_ref());
    let corrections: Vec<String> = reading
        .corrections
        .iter()
        .map(|it| {
            let words = [("typed", it.typed.as_str().into()), ("meant", it.meant.as_str().into())];
            page.tr("office-search-corrected", &words)
        })
        .collect();
    let proposal = found.answer.as_ref().and_then(|answer| answer.found.proposal.clone());
    let count = rows.len();
    let heading = match (&found.answer, next.is_some() || question.after.is_some()) {
        (None, _) => String::new(),
        (Some(_), true) => page.tr("office-search-page", &[("n", count.into())]),
        (Some(_), false) => page.tr("office-search-count", &[("n", count.into())]),
    };
    let text = asked.q.trim();
    SearchPage {
        heading,
        blank: found.answer.is_none(),
        empty_words: found.answer.is_some() && !text.is_empty() && !reading.has_words() && rows.is_empty(),
        narrowed: asked.narrows(),
        several: found.places.len() > 1,
        corrected: corrections.join(" "),
        proposal: proposal.map(|text| (asked.address(&text, ""), text)),
        wider: if asked.narrows() && !text.is_empty() {
            Asked { q: text.to_owned(), ..Asked::default() }.address(text, "")
        } else {
            String::new()
        },
        places: places(&page, asked, found),
        procedures: with_all(
            page.t("office-all-procedures"),
            &asked.demarche,
            found.titles.iter().map(|(slug, title)| (slug.clone(), title.clone())),
        ),
        states: states(&page, asked),
        channels: with_all(
            page.t("office-search-any-channel"),
            &asked.canal,
            Channel::ALL.iter().filter(|channel| **channel != Channel::System).map(|channel| {
                let word = channel.as_str();
                (word.to_owned(), page.t(&format!("office-channel-{word}")).to_owned())
            }),
        ),
        labels: with_all(
            page.t("office-search-any-label"),
            &asked.etiquette,
            found.labels.iter().map(|label| (label.id.to_string(), label.name.clone())),
        ),
        agents: with_all(
            page.t("office-search-anybody"),
            &asked.agent,
            [(ME, "office-search-me"), (NOBODY, "office-nobody")]
                .iter()
                .map(|(word, key)| ((*word).to_owned(), page.t(key).to_owned()))
                .chain(found.agents.iter().map(|(id, name)| (id.to_string(), name.clone()))),
        ),
        orders: [("", "office-search-best"), (BY_CLOCK, "office-search-by-clock")]
            .iter()
            .map(|(word, key)| Choice::of(word, page.t(key), asked.tri == *word))
            .collect(),
        from: question.from.map(|day| day.to_string()).unwrap_or_default(),
        until: question.until.map(|day| day.to_string()).unwrap_or_default(),
        next: next.map(|key| asked.address(text, &key.to_text())).unwrap_or_default(),
        q: text.to_owned(),
        views: Kept::all(&found.views),
        query: address_query(&asked.address(text, "")),
        back: asked.address(text, ""),
        batch: Options::new(&page, found.handles, &found.agents, &found.labels, &found.places, returned),
        heads: heads(&page, found.handles),
        rows,
        page,
    }
}

/// What follows the question mark.
fn address_query(address: &str) -> String {
    address.split_once('?').map(|(_, query)| query.to_owned()).unwrap_or_default()
}

/// Choices, and first the one that leaves all of them.
fn with_all(all: &str, chosen: &str, choices: impl Iterator<Item = (String, String)>) -> Vec<Choice> {
    std::iter::once(Choice::of("", all, chosen.is_empty()))
        .chain(choices.map(|(value, label)| Choice::of(&value, &label, value == chosen)))
        .collect()
}

fn places(page: &Page, asked: &Asked, found: &Loaded) -> Vec<Choice> {
    let known = found.places.iter().map(|place| (place.slug.clone(), place.name.clone()));
    with_all(page.t("office-search-any-department"), &asked.service, known)
}

fn states(page: &Page, asked: &Asked) -> Vec<Choice> {
    let known = State::ALL.iter().map(|state| {
        let key = format!("office-count-{}", state.as_str());
        (state.as_str().to_owned(), page.t(&key).to_owned())
    });
    let open = (OPEN.to_owned(), page.t("office-all-open").to_owned());
    with_all(page.t("office-search-any-state"), &asked.etat, std::iter::once(open).chain(known))
}

fn row(page: &Page, case: &Case, reading: &Reading, found: &Loaded) -> Row {
    let waiting = found.waiting.get(&case.id.uuid());
    let (look, state) = inbox::state(page, case, waiting);
    let clock = inbox::clock(page, case, found.today, waiting);
    let title = found.titles.iter().find(|(slug, _)| *slug == case.procedure);
    let title = title.map_or(case.procedure.as_str(), |(_, title)| title.as_str());
    let name = name_of(page, case);
    let document = found.documents.iter().find(|document| document.subject == case.id.uuid());
    // What the row shows already needs no excerpt.
    let mut said = document.into_iter().flat_map(|document| &document.said).filter(|text| *text != title);
    let excerpt = said.find_map(|text| excerpt(text, reading)).unwrap_or_default();
    let department = found.places.iter().find(|place| place.slug == case.department);
    Row {
        id: case.id.to_string(),
        ticked: false,
        href: format!("/agents/dossiers/{}", case.id),
        plain_reference: case.reference.clone(),
        reference: marked(&case.reference, reading),
        name: marked(&name, reading),
        procedure: marked(title, reading),
        excerpt,
        tags: Tag::all(found.tags.get(&case.id.uuid())),
        department: department.map(|place| place.name.clone()).unwrap_or_default(),
        received: long_date(case.received_on, page.language()),
        late: clock.look == "late",
        look,
        state,
        clock,
        assignee: case
            .assignee
            .and_then(|id| found.agents.iter().find(|(known, _)| *known == id))
            .map(|(_, name)| name.clone())
            .unwrap_or_default(),
    }
}
