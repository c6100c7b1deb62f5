//! A limit: how often the same person or body may ask in a year, in a month, in so many days, or ever.

use axum::{extract::Path, http::StatusCode};
use beffroi_forms::{Field, Flaw, Kind, Limit, Period, Procedure, Text};
use beffroi_web::{FormPost, Page, Result, WebError, page::render_as, render};

use super::{
    base, commands,
    fill::{Desk, Filled, Shape},
    open,
    part_page::{PartPage, gaps_at},
    parts::put,
    report, to,
};
use crate::visit::Visit;

fn fill(limit: Option<&Limit>) -> Filled {
    let mut filled = Filled::default();
    if let Some(limit) = limit {
        filled.set("id", &limit.id);
        filled.set("who", &limit.who);
        filled.set("day", &limit.day);
        filled.set("at_most", &limit.at_most);
        let (per, days) = match limit.per {
            Period::Year => ("year", String::new()),
            Period::Month => ("month", String::new()),
            Period::Ever => ("ever", String::new()),
            Period::Days(days) => ("days", days.to_string()),
        };
        filled.set("per", per);
        filled.set("days", &days);
        filled.set("message", &limit.message.fr);
    }
    filled
}

fn view(
    page: Page,
    base: &str,
    procedure: &Procedure,
    rank: usize,
    filled: &Filled,
    seen: String,
) -> PartPage {
    let asked = |wanted: fn(&Field) -> bool| -> Vec<(String, String)> {
        procedure
            .form
            .pages
            .iter()
            .flat_map(|page| &page.fields)
            .filter(|field| wanted(field))
            .map(|field| (field.id.clone(), field.label.fr.clone()))
            .collect()
    };
    let controls = {
        let desk = Desk { page: &page, filled, part: "limit" };
        let who = asked(|field| {
            matches!(
                field.kind,
                Kind::Text { .. }
                    | Kind::Email
                    | Kind::Phone
                    | Kind::Siret
                    | Kind::Rna
                    | Kind::OneOf { .. }
                    | Kind::Identity { birth: true }
            )
        });
        let mut day = vec![(String::new(), page.t("office-builder-limit-day-none").to_owned())];
        day.extend(asked(|field| matches!(field.kind, Kind::Date { .. })));
        vec![
            desk.control("who", Shape::Select(desk.labelled("who", who))),
            desk.control("per", Shape::Select(desk.choices("per", &["year", "month", "days", "ever"]))),
            desk.short("days", "5").optional(),
            desk.control("day", Shape::Select(desk.labelled("day", day))).optional(),
            desk.line("at_most"),
            desk.area("message", 3),
            desk.short("id", "20"),
        ]
    };
    let exists = rank < procedure.limits.len();
    let mut links = Vec::new();
    if exists {
        links.push((
            format!("{base}/condition?lieu=limit.{rank}.when"),
            page.t("office-builder-limit-condition").to_owned(),
        ));
        links.push((
            format!("{base}/supprimer?quoi=limite&nom={rank}"),
            page.t("office-builder-remove").to_owned(),
        ));
    }
    PartPage {
        controls,
        title: page.t("office-builder-limit").to_owned(),
        text: page.t("office-builder-limit-text").to_owned(),
        procedure: procedure.title.fr.clone(),
        back: format!("{base}#regles"),
        gaps: gaps_at(&page, procedure, &format!("limit[{rank}]")),
        problems: filled.problems.clone(),
        seen,
        overtaken: String::new(),
        marks: Vec::new(),
        links,
        page,
    }
}

pub(super) async fn show(
    Visit { commune, visitor, page, .. }: Visit,
    Path((draft, rank)): Path<(String, String)>,
) -> Result {
    let who = visitor.require()?.clone();
    let rank: usize = rank.parse().map_err(|_| WebError::not_found())?;
    let open = commune.read(visitor.by, move |tx| open(tx, &who, &draft)).await?;
    if rank > open.procedure.limits.len() {
        return Err(WebError::not_found());
    }
    let filled = fill(open.procedure.limits.get(rank));
    let seen = filled.fingerprint();
    render(&view(page, &base(open.kept.id), &open.procedure, rank, &filled, seen))
}

pub(super) async fn save(
    Visit { commune, visitor, page, .. }: Visit,
    Path((draft, rank)): Path<(String, String)>,
    form: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let rank: usize = rank.parse().map_err(|_| WebError::not_found())?;
    let mut filled = Filled::of(&form);
    let seen = form.text("seen").to_owned();
    let (open, mut filled, done, overtaken) = commune
        .write(visitor.by, move |tx| {
            let open = open(tx, &who, &draft)?;
            let limits = &open.procedure.limits;
            if rank > limits.len() || fill(limits.get(rank)).fingerprint() != seen {
                return Ok((open, filled, false, true));
            }
            let before = limits.get(rank).cloned();
            let was = before.as_ref().map(|limit| limit.id.clone()).unwrap_or_default();
            let mut limit = before.unwrap_or_else(|| Limit {
                id: String::new(),
                who: String::new(),
                day: String::new(),
                per: Period::Year,
                when: None,
                at_most: String::new(),
                message: Text::default(),
            });
            for (name, member) in [
                ("id", &mut limit.id),
                ("who", &mut limit.who),
                ("day", &mut limit.day),
                ("at_most", &mut limit.at_most),
            ] {
                filled.text(name).clone_into(member);
            }
            limit.per = match filled.text("per") {
                "month" => Period::Month,
                "ever" => Period::Ever,
                "days" => Period::Days(filled.number("days").unwrap_or_default()),
                _ => Period::Year,
            };
            put(&mut limit.message, filled.text("message"));
            if limit.message.is_empty() {
                filled.wrong("message", "office-builder-wrong-message");
            }
            let mut next = open.procedure.clone();
            // What looks at the limit follows its name.
            for action in next.steps.iter_mut().flat_map(|step| &mut step.actions) {
                if !was.is_empty() && action.limit == was {
                    limit.id.clone_into(&mut action.limit);
                }
            }
            match next.limits.get_mut(rank) {
                Some(kept) => *kept = limit,
                None => next.limits.push(limit),
            }
            for finding in next.check() {
                let Some(member) = finding.at.strip_prefix(&format!("limit[{rank}]")) else { continue };
                let control = match member {
                    _ if finding.flaw == Flaw::LimitDays => "days",
                    ".id" => "id",
                    ".at_most" => "at_most",
                    ".when" => continue,
                    _ if next
                        .limits
                        .get(rank)
                        .is_some_and(|limit| limit.day.is_empty() && limit.per != Period::Ever) =>
                    {
                        "day"
                    }
                    _ => "who",
                };
                filled.wrong(control, report::Obstacle::of(finding).text);
            }
            if !filled.is_right() {
                return Ok((open, filled, false, false));
            }
            commands::change(tx, &open.permit, &open.kept, &next)?;
            Ok::<_, WebError>((open, filled, true, false))
        })
        .await?;
    let base = base(open.kept.id);
    if done {
        return Ok(to(&format!("{base}#regles")));
    }
    filled.tell(&page);
    let now = fill(open.procedure.limits.get(rank)).fingerprint();
    let told = page.t("office-builder-overtaken-here").to_owned();
    let seen = if overtaken { now } else { form.text("seen").to_owned() };
    let mut view = view(page, &base, &open.procedure, rank, &filled, seen);
    view.gaps.clear();
    if overtaken {
        view.overtaken = told;
    }
    render_as(if overtaken { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY }, &view)
}
