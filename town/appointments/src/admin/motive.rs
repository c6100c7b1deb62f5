//! A motive: its names, how long it takes, what to bring, how far ahead it is booked, and at which counters.

use std::collections::BTreeSet;

use askama::Template;
use axum::{
    Extension,
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_calendar::resource::{Name, Resource};
use beffroi_core::Id;
use beffroi_people::{Department, SignedIn, permission::Scope};
use beffroi_store::Tx;
use beffroi_web::{
    Choice, CommuneOf, FormPost, Page, Result, Visitor, WebError, Wrong, diary::Named, page::render_as,
};

use super::{
    allowed, departments,
    fields::{self, Fields},
    named, scope,
};
use crate::{
    Cases,
    motive::{self, AHEAD_AT_MOST, Motive, MotiveDetails, MotiveError, MotiveSheet, TitleReason},
    site::{self, Desk},
};

#[derive(Template)]
#[template(path = "appointments_admin_motive.html")]
struct MotivePage {
    page: Page,
    is_new: bool,
    title: String,
    action: String,
    fields: Fields,
    departments: Vec<Choice>,
    titles: Vec<Choice>,
    desks: Vec<Choice>,
    /// The procedures by which requests are opened; none where the house keeps no cases.
    procedures: Vec<Choice>,
}

/// All that is read of a motive and of what it is chosen from.
struct Read {
    before: MotiveDetails,
    id: Option<Id<Motive>>,
    scope: Scope,
    departments: Vec<Department>,
    /// The counters that the agent looks after, with the names of their sites.
    desks: Vec<(Desk, String)>,
    /// The procedures that the town offers.
    procedures: Vec<Named>,
}

impl Read {
    /// The motive of that short name, or a new one.
    fn of(tx: &mut Tx<'_>, who: &SignedIn, cases: &Cases, slug: Option<&str>) -> Result<Self> {
        let scope = scope(tx, who)?;
        let (id, before) = if let Some(slug) = slug {
            let found = motive::by_slug(tx, slug)?.filter(|it| scope.contains(it.details.department));
            let found = found.ok_or_else(WebError::not_found)?;
            (Some(found.id), found.details)
        } else {
            let sheet = MotiveSheet::default();
            (None, MotiveDetails { slug: String::new(), rank: 1, active: true, department: None, sheet })
        };
        let departments = departments(tx, &scope)?;
        let sites = site::sites(tx)?;
        let named = |desk: Desk| {
            let site = sites.iter().find(|site| site.resource.id == desk.site);
            let name = site.map(|site| site.resource.details.name.fr.clone()).unwrap_or_default();
            (desk, name)
        };
        let desks = site::desks(tx)?.into_iter().filter(|desk| scope.contains(desk.department));
        let desks = desks.map(named).collect();
        let procedures = match &cases.0 {
            Some(cases) => cases.procedures(tx)?,
            None => Vec::new(),
        };
        Ok(Self { before, id, scope, departments, desks, procedures })
    }

    fn form(&self) -> FormPost {
        let sheet = &self.before.sheet;
        let lines = |of: fn(&Name) -> &str| sheet.bring.iter().map(of).collect::<Vec<_>>().join("\n");
        let minutes = sheet.minutes.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
        let mut form = FormPost::default()
            .with("nom", sheet.name.fr.clone())
            .with("nom_en", sheet.name.en.clone())
            .with("adresse_web", self.before.slug.clone())
            .with("resume", sheet.summary.fr.clone())
            .with("resume_en", sheet.summary.en.clone())
            .with("service", fields::slug_of(&self.departments, self.before.department))
            .with("rang", self.before.rank.to_string())
            .with("durees", minutes)
            .with("apporter", lines(|name| &name.fr))
            .with("apporter_en", lines(|name| &name.en))
            .with("demarche", sheet.procedure.clone())
            .with("horizon", sheet.ahead_days.to_string())
            .with("delai", (sheet.ahead_minutes / 60).to_string());
        for (name, is_so) in [
            ("en_ligne", sheet.online),
            ("attente", sheet.waiting),
            ("suivi", sheet.followed),
            ("actif", self.before.active),
        ] {
            if is_so {
                form = form.with(name, "true".to_owned());
            }
        }
        for reason in &sheet.titles {
            form = form.with("titres", reason.as_str().to_owned());
        }
        let receiving =
            self.desks.iter().filter(|(desk, _)| self.id.is_some_and(|id| desk.motives.contains(&id)));
        for (desk, _) in receiving {
            form = form.with("guichets", desk.resource.details.slug.clone());
        }
        form
    }

    /// What is filled in, upon what was there.
    fn filled(&self, form: &FormPost) -> Result<MotiveDetails, Vec<Wrong>> {
        let mut wrong: Vec<Wrong> = Vec::new();
        let department = fields::department(form, (&self.departments, &self.scope), &mut wrong);
        let rank = fields::rank(form, &mut wrong);
        let ahead_days = fields::number(form, AHEAD_AT_MOST, fault(&MotiveError::Ahead), &mut wrong);
        let hours = fields::number(
            form,
            AHEAD_AT_MOST * 24,
            ("delai", "appointments-office-admin-wrong-hours"),
            &mut wrong,
        );
        let before = self.before.sheet.ahead_minutes;
        // Minutes that a page of hours does not show stay as they are.
        let ahead_minutes = if hours == before / 60 { before } else { hours * 60 };
        let typed = form.text("durees").split([',', ';', ' ', '\u{a0}']).filter(|part| !part.is_empty());
        let minutes: Vec<u32> = typed.map(|part| part.parse().unwrap_or_default()).collect();
        // As they were typed: an empty line stands for something that has no English name.
        let lines = |name| form.get(name).unwrap_or_default().lines().map(str::trim);
        let english: Vec<&str> = lines("apporter_en").collect();
        let bring = lines("apporter").enumerate();
        let bring = bring.filter(|(_, line)| !line.is_empty()).map(|(rank, line)| Name {
            fr: line.to_owned(),
            en: english.get(rank).map(|line| (*line).to_owned()).unwrap_or_default(),
        });
        let sheet = MotiveSheet {
            name: fields::name(form, "nom"),
            summary: fields::name(form, "resume"),
            bring: bring.collect(),
            minutes,
            ahead_minutes,
            ahead_days,
            online: form.get("en_ligne").is_some(),
            waiting: form.get("attente").is_some(),
            titles: form.all("titres").filter_map(TitleReason::from_word).collect(),
            // Where the house offers none, nothing is asked.
            procedure: match self.procedures.as_slice() {
                [] => self.before.sheet.procedure.clone(),
                _ => form.text("demarche").to_owned(),
            },
            followed: form.get("suivi").is_some(),
        };
        let slug =
            if self.id.is_none() { form.text("adresse_web").to_owned() } else { self.before.slug.clone() };
        match sheet.check() {
            Err(error) if !wrong.iter().any(|(field, _)| *field == fault(&error).0) => {
                wrong.push(fault(&error));
            }
            _ => {}
        }
        if wrong.is_empty() {
            Ok(MotiveDetails { slug, rank, active: form.get("actif").is_some(), department, sheet })
        } else {
            Err(wrong)
        }
    }

    fn shown(&self, page: Page, form: FormPost, wrong: &[Wrong]) -> Result {
        let fields = Fields::new(&page, form, wrong);
        let lang = page.language();
        let titles = TitleReason::ALL.iter().map(|reason| {
            let word = reason.as_str();
            let label =
                page.t(&format!("appointments-office-admin-title-{}", word.to_ascii_lowercase())).to_owned();
            Choice::new(word, &label, fields.ticked("titres", word))
        });
        let desks = self.desks.iter().map(|(desk, site)| {
            let details = &desk.resource.details;
            let label = format!("{}, {site}", details.name.read_in(lang));
            Choice::new(&details.slug, &label, fields.ticked("guichets", &details.slug))
        });
        let slug = &self.before.slug;
        let view = MotivePage {
            is_new: self.id.is_none(),
            title: match self.id {
                None => page.t("appointments-office-admin-motive-new").to_owned(),
                Some(_) => self.before.sheet.name.read_in(lang).to_owned(),
            },
            action: match self.id {
                None => "/admin/rendez-vous/motifs/nouveau".to_owned(),
                Some(_) => format!("/admin/rendez-vous/motifs/{slug}"),
            },
            departments: fields::departments(&page, &self.departments, &self.scope, fields.text("service")),
            titles: titles.collect(),
            desks: desks.collect(),
            procedures: self.procedures(&page, &fields),
            fields,
            page,
        };
        let status = if wrong.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        render_as(status, &view)
    }
}

impl Read {
    /// The procedures to choose from; one that is offered no more stays as long as nothing else is chosen.
    fn procedures(&self, page: &Page, fields: &Fields) -> Vec<Choice> {
        if self.procedures.is_empty() {
            return Vec::new();
        }
        let chosen = fields.text("demarche");
        let none = Choice::new("", page.t("appointments-office-admin-no-procedure"), chosen.is_empty());
        let known = self.procedures.iter().any(|it| it.slug == chosen);
        let gone = (!known && !chosen.is_empty()).then(|| Choice::new(chosen, chosen, true));
        let each = self.procedures.iter().map(|it| Choice::new(&it.slug, &it.fr, it.slug == chosen));
        std::iter::once(none).chain(gone).chain(each).collect()
    }
}

/// Where what the command refuses is told.
fn fault(error: &MotiveError) -> Wrong {
    match error {
        MotiveError::Slug => ("adresse_web", "appointments-office-admin-wrong-slug"),
        MotiveError::Summary => ("resume", "appointments-office-admin-wrong-summary"),
        MotiveError::Bring => ("apporter", "appointments-office-admin-wrong-bring"),
        MotiveError::Procedure => ("demarche", "appointments-office-admin-wrong-procedure"),
        MotiveError::Lengths => ("durees", "appointments-office-admin-wrong-lengths"),
        MotiveError::Ahead => ("horizon", "appointments-office-admin-wrong-ahead"),
        MotiveError::Delay => ("delai", "appointments-office-admin-wrong-delay"),
        MotiveError::Name | MotiveError::Unknown | MotiveError::Store(_) => {
            ("nom", "appointments-office-admin-wrong-name")
        }
    }
}

/// The motive of the address, or a blank one.
pub(super) async fn show(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Extension(cases): Extension<Cases>,
    slug: Option<Path<String>>,
) -> Result {
    let who = visitor.require()?.clone();
    let read = commune.read(visitor.by, move |tx| Read::of(tx, &who, &cases, named(slug.as_ref()))).await?;
    let form = read.form();
    read.shown(page, form, &[])
}

/// Keeps a new one, or what is said of one that there is.
pub(super) async fn keep(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Extension(cases): Extension<Cases>,
    slug: Option<Path<String>>,
    form: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let typed = form.clone();
    let outcome = commune
        .write(visitor.by, move |tx| {
            let read = Read::of(tx, &who, &cases, named(slug.as_ref()))?;
            let details = match read.filled(&typed) {
                Ok(details) => details,
                Err(wrong) => return Ok::<_, WebError>(Some((read, wrong))),
            };
            let permit = allowed(tx, &who, details.department)?;
            match motive::keep(tx, &permit, read.id, &details) {
                Ok(id) => {
                    let chosen: BTreeSet<&str> = typed.all("guichets").collect();
                    let own =
                        |(desk, _): &(Desk, String)| (desk.resource.id, desk.resource.details.slug.clone());
                    let desks: Vec<(Id<Resource>, bool)> = read
                        .desks
                        .iter()
                        .map(own)
                        .map(|(desk, slug)| (desk, chosen.contains(slug.as_str())))
                        .collect();
                    site::receive(tx, &permit, id, &desks)?;
                    Ok(None)
                }
                Err(MotiveError::Store(error)) => Err(error.into()),
                Err(error) => Ok(Some((read, vec![fault(&error)]))),
            }
        })
        .await?;
    match outcome {
        None => Ok(Redirect::to("/admin/rendez-vous?fait=enregistre").into_response()),
        Some((read, wrong)) => read.shown(page, form, &wrong),
    }
}
