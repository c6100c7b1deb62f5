//! The pages of a decision to take back: what the law allows and who must be heard; and the act as it will leave.

use askama::Template;
use axum::http::StatusCode;
use beffroi_cases::reversal::{self, Effect, Hearing, Reversal, Rule};
use beffroi_core::{Day, calendar::long_date};
use beffroi_web::{FormPost, Page, Result, page::render_as, render};

use super::{
    super::{dossier_parts::Row, dossier_view::Choice},
    form::{self, Flaw},
    posts::Found,
};
use crate::{papers::Paper, problem::Problem, words};

/// What the form holds, and the page that shows the act hands on.
const FIELDS: [&str; 9] = [
    "regle",
    "tiers",
    "motifs",
    "entendu",
    "entendu-le-day",
    "entendu-le-month",
    "entendu-le-year",
    "entendu-comment",
    "signatory",
];

#[derive(Template)]
#[template(path = "office/reversal.html")]
struct ReversalPage {
    page: Page,
    problems: Vec<Problem>,
    typed: FormPost,
    base: String,
    reference: String,
    title: String,
    /// The decision that stands.
    standing: String,
    rules: Vec<Choice>,
    /// That the time for some of them is over; `""` while it is not.
    late: String,
    /// Whether its beneficiary can ask for it.
    beneficiary: bool,
    /// Whether it is said that nobody else is harmed.
    unharmed: bool,
    /// Whether they must be heard.
    due: bool,
    hearings: Vec<Choice>,
    /// That they were asked for observations, and until when; `""` where they were not.
    invited: String,
    signatories: Vec<Choice>,
    /// Who signs where nobody was appointed; `""` where nobody does.
    signs: String,
}

impl ReversalPage {
    fn problem(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }

    /// Whether something is wrong with the letter that asks for observations.
    fn mistaken(&self) -> bool {
        ["observations-motif", "observations"].iter().any(|field| !self.problem(field).is_empty())
    }

    fn typed(&self, field: &str) -> &str {
        self.typed.get(field).unwrap_or_default()
    }
}

fn said(page: &Page, key: &str, day: Day) -> String {
    page.tr(key, &[("day", long_date(day, page.language()).into())])
}

/// A way in which the decision can be taken back: what it comes to, the article and the last day.
fn choice(page: &Page, rule: &Rule, typed: &FormPost) -> Choice {
    let value = form::value(rule.effect, rule.ground);
    let article = page.tr("office-reversal-article", &[("article", rule.article.into())]);
    let until = rule.until.map(|last| said(page, "office-reversal-until", last)).unwrap_or_default();
    Choice {
        label: page.t(&format!("office-reversal-{value}")).to_owned(),
        hint: format!("{article} {until}").trim().to_owned(),
        chosen: typed.text("regle") == value,
        value,
    }
}

/// The ways to hear the person, or not to have to.
fn hearings(page: &Page, found: &Found, typed: &FormPost) -> Vec<Choice> {
    let open = |hearing: &Hearing| match hearing {
        Hearing::NotDue => false,
        Hearing::Invited => found.invited.is_some(),
        _ => true,
    };
    let shown = Hearing::ALL.iter().copied().filter(open);
    shown
        .map(|hearing| Choice {
            value: hearing.as_str().to_owned(),
            label: page.t(&format!("office-reversal-hearing-{}", hearing.as_str())).to_owned(),
            hint: String::new(),
            chosen: typed.text("entendu") == hearing.as_str(),
        })
        .collect()
}

/// The page, with what was typed and what is wrong.
pub(super) fn show(
    page: Page,
    status: StatusCode,
    found: &Found,
    typed: &FormPost,
    flaws: &[Flaw],
) -> Result {
    let (dossier, standing) = (&found.dossier, found.standing);
    let rules = reversal::possible(standing);
    let over = |rule: &&Rule| rule.until.is_some_and(|last| last < dossier.today);
    let late = rules.iter().find(over).and_then(|rule| rule.until);
    let key = match (standing.of_silence, standing.outcome.as_str()) {
        (true, _) => "office-reversal-standing-silence".to_owned(),
        (false, outcome) => format!("office-reversal-standing-{outcome}"),
    };
    let invited = found.invited.map(|it| {
        let told = [it.asked_on, it.until_on].map(|day| long_date(day, page.language()));
        let [asked, until] = told;
        page.tr("office-reversal-invited", &[("asked", asked.into()), ("until", until.into())])
    });
    let signatories = dossier.signatories.iter().filter(|it| !it.is_of_town());
    let template = ReversalPage {
        problems: flaws.iter().map(|flaw| flaw.problem(&page)).collect(),
        base: format!("/agents/dossiers/{}", dossier.case.id),
        reference: dossier.case.reference.clone(),
        title: dossier.form.procedure().title.text(page.language()).to_owned(),
        standing: said(&page, &key, standing.taken_on),
        late: late.map(|last| said(&page, "office-reversal-late", last)).unwrap_or_default(),
        beneficiary: standing.creates_rights(),
        unharmed: !typed.text("tiers").is_empty(),
        due: standing.hearing_due(),
        hearings: hearings(&page, found, typed),
        invited: invited.unwrap_or_default(),
        signatories: signatories
            .map(|it| {
                let id = it.id.to_string();
                Choice {
                    label: words::signs(&it.name, &it.quality, ""),
                    hint: it.delegation.clone(),
                    chosen: typed.text("signatory") == id || dossier.signatories.len() == 1,
                    value: id,
                }
            })
            .collect(),
        signs: dossier
            .signatories
            .iter()
            .find(|it| it.is_of_town())
            .map(|it| words::signs(&it.name, &it.quality, ""))
            .unwrap_or_default(),
        rules: rules.iter().filter(|rule| !over(rule)).map(|rule| choice(&page, rule, typed)).collect(),
        typed: typed.clone(),
        page,
    };
    render_as(status, &template)
}

#[derive(Template)]
#[template(path = "office/reversal_proof.html")]
struct ActPage {
    page: Page,
    base: String,
    reference: String,
    title: String,
    facts: Vec<Row>,
    letter: Vec<String>,
    /// What was typed and chosen, handed on.
    fields: Vec<(&'static str, String)>,
}

/// The act as it will leave.
pub(super) fn proof(
    page: Page,
    found: &Found,
    posted: &FormPost,
    (act, paper): (&Reversal, &Paper),
) -> Result {
    let dossier = &found.dossier;
    let row = |key: &str, value: String| Row { label: page.t(key).to_owned(), value, href: String::new() };
    let effect = match act.effect {
        Effect::Withdrawn => "office-reversal-effect-withdrawn",
        Effect::Repealed => "office-reversal-effect-repealed",
    };
    let then = if act.pends { "office-reversal-then-pends" } else { "office-reversal-then-stopped" };
    let way = match (dossier.reach.is_posted(), dossier.reach.email.is_empty()) {
        (true, _) => "office-proof-by-letter",
        (false, false) => "office-proof-by-mail",
        (false, true) => "office-proof-by-hand",
    };
    let signs = words::signs(&act.signatory_name, &act.signatory_quality, &act.signatory_delegation);
    let facts = vec![
        row("office-reversal-effect", page.t(effect).to_owned()),
        row("office-reversal-then", page.t(then).to_owned()),
        row("office-signs", signs),
        row("office-proof-way", page.t(way).to_owned()),
    ];
    render(&ActPage {
        base: format!("/agents/dossiers/{}", dossier.case.id),
        reference: dossier.case.reference.clone(),
        title: dossier.form.procedure().title.text(page.language()).to_owned(),
        facts,
        letter: paper.lines(),
        fields: FIELDS
            .into_iter()
            .filter_map(|name| posted.get(name).map(|value| (name, value.to_owned())))
            .collect(),
        page,
    })
}
