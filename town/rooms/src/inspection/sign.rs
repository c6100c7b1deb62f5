//! Both sign, on the telephone that goes from hand to hand: with a finger where scripts run, by name and « lu et approuvé »
//! everywhere. Of whoever is not there, the agent says why.

use askama::Template;
use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use beffroi_documents::picture;
use beffroi_web::{CommuneOf, FormPost, Page, Problem, Result, Visitor, WebError, page::render_as};

use super::{
    commands,
    form::{Known, caption, known, left, of},
    report::differences_in_words,
    rules::{CloseFault, Holder, NAME_AT_MOST, Signatures, Signed, State, WHY_AT_MOST, differences, unseen},
};

/// What the hidden field of a drawing begins with.
const DRAWING: &str = "data:image/png;base64,";

struct Choice {
    value: String,
    label: String,
    hint: String,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "inspection_sign.html")]
struct Sign {
    page: Page,
    title: String,
    caption: String,
    action: String,
    left: String,
    /// What differs from the way in, where that is told.
    differences: Vec<String>,
    compares: bool,
    present: Vec<Choice>,
    form: FormPost,
    problems: Vec<Problem>,
}

impl Sign {
    fn text(&self, name: &str) -> &str {
        self.form.text(name)
    }

    fn has(&self, name: &str) -> bool {
        self.form.get(name).is_some()
    }

    fn problem(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

pub(super) async fn show(page: Page, commune: CommuneOf, visitor: Visitor, Path(id): Path<String>) -> Result {
    let who = visitor.require()?.clone();
    let name = who.display_name.clone();
    let known = commune
        .read(visitor.by, move |tx| {
            let (_, it, found) = of(tx, &who, &id)?;
            known(tx, it, found)
        })
        .await?;
    if known.it.state == State::Closed {
        return Ok(Redirect::to(&format!("/agents/etats-des-lieux/{}", known.it.id)).into_response());
    }
    let form = FormPost::default()
        .with("ville", name)
        .with("occupant", known.found.person().to_owned())
        .with("present", "oui".to_owned());
    shown(page, StatusCode::OK, &known, form, Vec::new())
}

/// What was drawn in a field; nothing where nothing was.
fn drawn(form: &FormPost, name: &str) -> Option<Vec<u8>> {
    let bytes = STANDARD.decode(form.text(name).strip_prefix(DRAWING)?).ok()?;
    picture::drawing(&bytes).ok()
}

/// What was signed: both signatures, and what was drawn of them.
type SignedBoth = (Signatures, [Option<Vec<u8>>; 2]);

/// Reads both signatures, or tells which fields lack what.
fn read(
    form: &FormPost,
    town: Option<Vec<u8>>,
    holder: Option<Vec<u8>>,
) -> std::result::Result<SignedBoth, Vec<(&'static str, &'static str)>> {
    let mut wrong = Vec::new();
    let name = |field: &str| form.text(field).chars().take(NAME_AT_MOST).collect::<String>();
    let way = |drawn: &Option<Vec<u8>>, tick: &str| match (drawn, form.get(tick)) {
        (Some(_), _) => Some(Signed::Drawn),
        (None, Some(_)) => Some(Signed::Typed),
        (None, None) => None,
    };
    let (town_name, town_way) = (name("ville"), way(&town, "approuve-ville"));
    if town_name.is_empty() {
        wrong.push(("ville", "premises-wrong-name"));
    }
    if town_way.is_none() {
        wrong.push(("approuve-ville", "premises-wrong-signature"));
    }
    let absent = form.text("present") == "non";
    let signed = if absent {
        let why: String = form.text("pourquoi").chars().take(WHY_AT_MOST).collect();
        if why.is_empty() {
            wrong.push(("pourquoi", "premises-wrong-absent"));
        }
        Some(Holder::Absent { why })
    } else {
        let (name, way) = (name("occupant"), way(&holder, "approuve-occupant"));
        if name.is_empty() {
            wrong.push(("occupant", "premises-wrong-name"));
        }
        if way.is_none() {
            wrong.push(("approuve-occupant", "premises-wrong-signature-holder"));
        }
        way.map(|way| Holder::Signed { name, way })
    };
    match (town_way, signed) {
        (Some(town_way), Some(signed)) if wrong.is_empty() => {
            let signatures = Signatures { town: town_name, town_way, holder: signed };
            Ok((signatures, [town, holder.filter(|_| !absent)]))
        }
        _ => Err(wrong),
    }
}

/// Closes it.
pub(super) async fn close(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Path(id): Path<String>,
    form: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let typed = form.clone();
    let drawn = tokio::task::spawn_blocking(move || {
        (drawn(&typed, "dessin-ville"), drawn(&typed, "dessin-occupant"))
    });
    let (town, holder) = drawn.await.map_err(WebError::internal)?;
    let read = read(&form, town, holder);
    let named = id.clone();
    let came = commune
        .write(visitor.by, move |tx| {
            let (permit, it, found) = of(tx, &who, &named)?;
            let wrong = match read {
                Err(wrong) => wrong,
                Ok((signatures, drawn)) => {
                    let [town, holder] = &drawn;
                    let drawn = [town.as_deref(), holder.as_deref()];
                    match commands::close(tx, &permit, &it, &signatures, drawn)? {
                        Ok(()) => return Ok::<_, WebError>(None),
                        Err(CloseFault::Closed) => return Err(WebError::conflict()),
                        Err(CloseFault::Unseen(_)) => vec![("etat", "premises-wrong-unseen")],
                        Err(CloseFault::Town | CloseFault::Holder) => {
                            vec![("approuve-ville", "premises-wrong-signature")]
                        }
                    }
                }
            };
            Ok(Some((known(tx, it, found)?, wrong)))
        })
        .await?;
    match came {
        None => Ok(Redirect::to(&format!("/agents/etats-des-lieux/{id}?fait=clos")).into_response()),
        Some((known, wrong)) => {
            let problems = Problem::keyed(&page, &wrong);
            shown(page, StatusCode::UNPROCESSABLE_ENTITY, &known, form, problems)
        }
    }
}

fn shown(page: Page, status: StatusCode, known: &Known, form: FormPost, problems: Vec<Problem>) -> Result {
    let there = if form.text("present") == "non" { "non" } else { "oui" };
    let present = ["oui", "non"].map(|word| Choice {
        value: word.to_owned(),
        label: page.t(&format!("premises-present-{word}")).to_owned(),
        hint: String::new(),
        chosen: word == there,
    });
    let is_whole = unseen(&known.items) == 0;
    let compares = known.items.iter().any(|item| item.before.is_some());
    let template = Sign {
        title: page.t("premises-sign-title").to_owned(),
        caption: caption(&page, known),
        action: format!("/agents/etats-des-lieux/{}", known.it.id),
        left: if is_whole { String::new() } else { left(&page, &known.items) },
        differences: differences_in_words(&differences(&known.items))?,
        compares,
        present: present.into(),
        form,
        problems,
        page,
    };
    render_as(status, &template)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(fields: &[(&str, &str)]) -> FormPost {
        fields.iter().fold(FormPost::default(), |form, (name, value)| form.with(name, (*value).to_owned()))
    }

    #[test]
    fn without_scripts_a_name_and_a_tick_sign() {
        let signed = form(&[
            ("ville", "Awa Diop"),
            ("approuve-ville", "true"),
            ("present", "oui"),
            ("occupant", "Karim Galtier"),
            ("approuve-occupant", "true"),
        ]);
        let (signatures, drawn) = read(&signed, None, None).unwrap();
        assert_eq!(signatures.town_way, Signed::Typed);
        assert_eq!(
            signatures.holder,
            Holder::Signed { name: "Karim Galtier".to_owned(), way: Signed::Typed }
        );
        assert_eq!(drawn, [None, None]);
    }

    #[test]
    fn who_is_not_there_is_noted_with_why() {
        let typed = [("ville", "Awa Diop"), ("approuve-ville", "true"), ("present", "non")];
        assert_eq!(read(&form(&typed), None, None), Err(vec![("pourquoi", "premises-wrong-absent")]));
        let told = form(&[&typed[..], &[("pourquoi", "Déjà parti.")]].concat());
        let (signatures, drawn) = read(&told, None, Some(vec![1])).unwrap();
        assert_eq!(signatures.holder, Holder::Absent { why: "Déjà parti.".to_owned() });
        assert_eq!(drawn, [None, None], "nobody who is absent has drawn");
    }

    #[test]
    fn nobody_signs_by_saying_nothing() {
        let wrong = read(&form(&[("ville", "Awa Diop"), ("occupant", "Karim")]), Some(vec![1]), None);
        assert_eq!(wrong, Err(vec![("approuve-occupant", "premises-wrong-signature-holder")]));
    }
}
