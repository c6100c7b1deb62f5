//! A mandate that the helped person gives from their own account: whom they name, in what and for how long; the page behind
//! the helper's link, where it is taken or declined; and taking it back before.

use askama::Template;
use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_core::{
    Day, Id, Lang,
    calendar::{civil_day, long_date},
};
use beffroi_people::{
    SignedIn, Town, account,
    mandate::{self, Helper, NewOffer, Offer, OfferError},
};
use beffroi_store::Tx;
use beffroi_web::{FormPost, Page, Purpose, Result, WebError, page::render_as, render};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::{
    Titles,
    form::{Asked, Wrong},
    letters, scope_words, term_words, titles,
};
use crate::{
    office::reception::forms::{Choice, problems},
    problem::Problem,
    visit::{Visit, private},
};

/// Offers that one account makes in a day, and those that are made to one address, by whomever: each sends a mail.
const A_DAY: i64 = 10;
const TO_ONE_A_DAY: i64 = 3;
/// Letters of a helper's name.
const LONGEST: usize = 100;

/// An offer as the helped person's list shows it.
pub(super) struct Row {
    pub(super) id: String,
    pub(super) helper: String,
    pub(super) scope: String,
    pub(super) until: String,
}

impl Row {
    pub(super) fn new(page: &Page, offer: &Offer, zone: chrono_tz::Tz, titles: &Titles) -> Self {
        let Offer { id, details, serves_until } = offer;
        let until = long_date(civil_day(*serves_until, zone), page.language());
        Self {
            id: id.to_string(),
            helper: format!("{} ({})", details.helper_name, details.helper_email),
            scope: scope_words(|key| page.t(key).to_owned(), &details.scope, titles),
            until: page.tr("desk-offer-until", &[("until", until.into())]),
        }
    }
}

#[derive(Template)]
#[template(path = "mandates/give.html")]
struct Give {
    page: Page,
    asked: Asked,
    helper_name: String,
    helper_email: String,
    scopes: Vec<Choice>,
    procedures: Vec<Choice>,
    terms: Vec<Choice>,
    problems: Vec<Problem>,
}

impl Give {
    fn error(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

fn form(page: Page, asked: Asked, helper: (String, String), titles: &Titles, wrong: &[Wrong]) -> Result {
    let problems = problems(&page, wrong);
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let (helper_name, helper_email) = helper;
    let give = Give {
        scopes: asked.scopes(&page, titles),
        procedures: asked.procedures(titles),
        terms: asked.terms(&page),
        helper_name,
        helper_email,
        problems,
        asked,
        page,
    };
    if status == StatusCode::OK { render(&give) } else { render_as(status, &give) }
}

pub(super) async fn blank(Visit { desk, commune, visitor, page, .. }: Visit) -> Result {
    visitor.owner()?;
    let lang = page.language();
    let titles = commune.read(visitor.by, move |tx| titles(tx, &desk, lang)).await?;
    form(page, Asked::empty(), (String::new(), String::new()), &titles, &[])
}

/// What is offered; or all that is wrong.
fn read(
    asked: &Asked,
    who: &SignedIn,
    (name, email): (&str, &str),
    titles: &Titles,
    (today, lang): (Day, Lang),
) -> std::result::Result<NewOffer, Vec<Wrong>> {
    let mut wrong = Vec::new();
    match name.chars().count() {
        0 => wrong.push(("aidant-nom", "desk-offer-name-missing")),
        1..=LONGEST => {}
        _ => wrong.push(("aidant-nom", "desk-person-too-long")),
    }
    let helper_email = account::normalise_email(email);
    if helper_email.is_none() {
        wrong.push(("aidant-courriel", "desk-person-email-wrong"));
    } else if helper_email == account::normalise_email(&who.email) {
        wrong.push(("aidant-courriel", "desk-offer-email-own"));
    }
    // The consent is the session itself, and the town writes to the address of the account.
    let mut own = asked.clone();
    "code".clone_into(&mut own.proof);
    own.typed.email.clone_from(&who.email);
    let new = own.mandate((who.account, name), Helper::Relative, None, titles, (today, lang));
    match (new, helper_email) {
        (Ok(new), Some(helper_email)) if wrong.is_empty() => Ok(NewOffer {
            account: who.account,
            helper_name: name.to_owned(),
            helper_email,
            helped: new.helped,
            scope: new.scope,
            term: new.term,
            copies: new.copies,
            lang,
        }),
        (new, _) => {
            wrong.extend(new.err().into_iter().flatten());
            Err(wrong)
        }
    }
}

/// Offers it, and mails the link to the helper. The town looks nobody up for it.
pub(super) async fn give(Visit { app, desk, commune, visitor, page, .. }: Visit, fields: FormPost) -> Result {
    let who = visitor.owner()?.clone();
    visitor.limit(&app, Purpose::MAIL)?;
    let asked = Asked::read(&fields);
    let helper = (fields.text("aidant-nom").to_owned(), fields.text("aidant-courriel").to_owned());
    let (typed, named) = (asked.clone(), helper.clone());
    let origin = desk.site(&commune).await?;
    let lang = page.language();
    let wrong = commune
        .write(visitor.by, move |tx| {
            let titles = titles(tx, &desk, lang)?;
            let today = civil_day(tx.now(), Town::load(tx)?.zone());
            let new = match read(&typed, &who, (&named.0, &named.1), &titles, (today, lang)) {
                Ok(new) => new,
                Err(wrong) => return Ok(Some((titles, wrong))),
            };
            let since = tx.now() - chrono::TimeDelta::days(1);
            let (made, to_one) = mandate::offered_since(tx, new.account, &new.helper_email, since)?;
            if made >= A_DAY || to_one >= TO_ONE_A_DAY {
                // The same words for both: nobody learns what others have offered.
                return Ok(Some((titles, vec![("aidant-courriel", "desk-mandate-too-many-today")])));
            }
            let (id, link) = mandate::offer(tx, &new)?;
            letters::offer(tx, (id, &new), &link, &titles, &origin)?;
            Ok::<_, WebError>(None)
        })
        .await?;
    match wrong {
        None => Ok(Redirect::to("/mon-compte/mandats?fait=offre").into_response()),
        Some((titles, wrong)) => form(page, asked, helper, &titles, &wrong),
    }
}

/// The helped person takes an offer back before it is taken.
pub(super) async fn withdraw(Visit { commune, visitor, .. }: Visit, Path(id): Path<String>) -> Result {
    let account = visitor.owner()?.account;
    let id: Id<Offer> = id.parse().map_err(|_| WebError::not_found())?;
    let done = commune
        .write(visitor.by, move |tx| Ok::<_, WebError>(mandate::withdraw_offer(tx, account, id)?))
        .await?;
    if !done {
        return Err(WebError::not_found());
    }
    Ok(Redirect::to("/mon-compte/mandats?fait=offre-retiree").into_response())
}

#[derive(Template)]
#[template(path = "mandates/offered.html")]
struct Offered {
    page: Page,
    secret: String,
    problem: String,
    helped: String,
    scope: String,
    term: String,
    email: String,
    /// Where to sign in; `""` for whoever is.
    sign_in: String,
    /// Whether it is read by whom it would help, who cannot take it.
    own: bool,
}

fn found(tx: &mut Tx<'_>, secret: &str) -> Result<Offer> {
    mandate::offer_by_link(tx, secret)?.ok_or_else(WebError::not_found)
}

/// The page behind the helper's link.
pub(super) async fn show(visit: Visit, Path(secret): Path<String>) -> Result {
    offered(visit, secret, "").await
}

async fn offered(visit: Visit, secret: String, problem: &str) -> Result {
    let Visit { app, desk, commune, visitor, page, .. } = visit;
    visitor.limit(&app, Purpose::TRACKING)?;
    let (lang, asked) = (page.language(), secret.clone());
    let (offer, titles) = commune
        .read(visitor.by, move |tx| Ok::<_, WebError>((found(tx, &asked)?, titles(tx, &desk, lang)?)))
        .await?;
    let back = utf8_percent_encode(&format!("/mandat-offert/{secret}"), NON_ALPHANUMERIC).to_string();
    let details = offer.details;
    let own = visitor.member().is_some_and(|(who, _)| who.account == details.account);
    let template = Offered {
        helped: details.helped.full_name(),
        scope: scope_words(|key| page.t(key).to_owned(), &details.scope, &titles),
        term: term_words(&page, details.term.days()),
        email: details.helper_email,
        sign_in: match visitor.member() {
            Some(_) => String::new(),
            None => format!("/connexion?retour={back}"),
        },
        own,
        problem: if problem.is_empty() { String::new() } else { page.t(problem).to_owned() },
        secret,
        page,
    };
    if problem.is_empty() {
        return Ok(private(render(&template)?));
    }
    Ok(private(render_as(StatusCode::UNPROCESSABLE_ENTITY, &template)?))
}

/// Takes it, signed in, or declines it.
pub(super) async fn answer(visit: Visit, Path(secret): Path<String>, fields: FormPost) -> Result {
    visit.visitor.limit(&visit.app, Purpose::TRACKING)?;
    let link = secret.clone();
    if fields.text("reponse") == "refus" {
        let declined = visit
            .commune
            .write(visit.visitor.by, move |tx| Ok::<_, WebError>(mandate::decline_offer(tx, &link)?))
            .await?;
        return if declined {
            Ok(private(Redirect::to("/").into_response()))
        } else {
            Err(WebError::not_found())
        };
    }
    if fields.text("reponse") != "accord" {
        return Err(WebError::bad_request());
    }
    // Whoever holds no such link is not asked to sign in for it.
    let asked = secret.clone();
    visit.commune.read(visit.visitor.by, move |tx| found(tx, &asked).map(drop)).await?;
    let who = visit.visitor.owner()?.clone();
    let came = visit
        .commune
        .write(visit.visitor.by, move |tx| {
            let today = civil_day(tx.now(), Town::load(tx)?.zone());
            match mandate::take_offer(tx, &link, (who.account, &who.display_name), today) {
                Ok(made) => {
                    letters::begun(tx, made, None)?;
                    Ok(Ok(made))
                }
                Err(OfferError::Store(error)) => Err(WebError::from(error)),
                Err(OfferError::Gone) => Err(WebError::not_found()),
                Err(OfferError::Own) => Ok(Err("desk-offer-own")),
                Err(OfferError::Elsewhere) => Ok(Err("desk-offer-elsewhere")),
            }
        })
        .await?;
    match came {
        Ok(made) => Ok(Redirect::to(&format!("/mon-compte/mandats/{made}?fait=accord")).into_response()),
        Err(problem) => offered(visit, secret, problem).await,
    }
}
