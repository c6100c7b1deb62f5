//! The registry and the communes: reachable, migrated, with journals that hold; and the assets of their pages.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};

use axum::{body::Body, extract::Request, http::StatusCode};
use beffroi_desk::procedure;
use beffroi_forms::Procedure;
use beffroi_people::{Town, department, town::Gap};
use beffroi_store::{
    By, Commune, Platform, StoreError, jobs,
    journal::{self, Wanted},
};
use beffroi_web::{House, Service, Site};
use chrono::TimeDelta;

use super::Finding;
use crate::{
    cli::every_slug,
    config::Config,
    house::{self, Parts},
};

/// What every page needs.
const ASSETS: [&str; 3] = ["beffroi.css", "beffroi.js", "text.woff2"];
/// Clocks of two machines may differ by this much.
const DRIFT: TimeDelta = TimeDelta::seconds(5);
/// Given-up jobs told at most.
const JOBS_TOLD: u32 = 100;

pub(super) fn examine(config: &Config, deep: bool) -> Vec<Finding> {
    let database = if config.database_url.get().is_some() { "PostgreSQL" } else { "SQLite" };
    let unreachable = |error: StoreError| {
        let remedy = match database {
            "SQLite" => "check that the disk is sound; else restore the last backup into a new folder",
            _ => "check database_url, and that the server runs and lets this machine in",
        };
        vec![Finding::wrong("database", format!("{database}: {error}"), remedy)]
    };
    let opened = Parts::new(config, false).and_then(|parts| {
        let services = house::services(&parts);
        Ok((house::open_with(config, &services)?, services))
    });
    let (platform, services) = match opened {
        Ok(opened) => opened,
        Err(error) => return unreachable(error),
    };
    let slugs = match every_slug(&platform) {
        Ok(slugs) => slugs,
        Err(error) => return unreachable(error),
    };
    let mut findings = Vec::new();
    if slugs.is_empty() {
        let found = format!("{database} answers; there is no commune yet");
        findings.push(Finding::warning("database", found, "beffroi commune create --help"));
    } else {
        findings.push(Finding::good("database", format!("{database} answers; communes: {}", slugs.len())));
    }
    for slug in &slugs {
        match commune(&platform, slug, deep) {
            Ok(told) => findings.extend(told),
            Err(error) => findings.push(Finding::wrong(
                "commune",
                format!("{slug}: {error}"),
                "run the program that last opened it, or restore its last backup under another name",
            )),
        }
    }
    findings.push(assets(&platform, services, config));
    findings
}

/// One commune: opening it brings its tables up to date.
fn commune(platform: &Platform, slug: &str, deep: bool) -> Result<Vec<Finding>, StoreError> {
    let commune = platform.commune(slug)?;
    let now = commune.now();
    let (position, last, verified, failed, mute) = commune.read_blocking(By::SYSTEM, |tx| {
        let last = journal::page(tx, &Wanted::default(), None, 1)?.entries.pop();
        let verified = if deep { Some(journal::verify(tx)?) } else { None };
        Ok::<_, StoreError>((
            journal::position(tx)?,
            last,
            verified,
            jobs::failed(tx, JOBS_TOLD)?,
            beffroi_webhooks::disabled(tx)?,
        ))
    })?;
    let mut findings = Vec::new();
    let broken = match verified {
        Some(found) => found.broken.map(|(seq, reason)| format!("broken at entry {}: {reason}", seq.0)),
        None if last.as_ref().map_or(0, |entry| entry.seq.0) == position.0 => None,
        None => Some("its end was cut off".to_owned()),
    };
    findings.push(match broken {
        None => Finding::good("journal", format!("{slug}: {} entries", position.0)),
        Some(reason) => Finding::wrong(
            "journal",
            format!("{slug}: {reason}"),
            format!(
                "somebody altered the database: keep it as it is, and compare with a backup; \
                 beffroi journal verify --commune {slug}"
            ),
        ),
    });
    if last.is_some_and(|entry| entry.at > now + DRIFT) {
        findings.push(Finding::wrong(
            "clock",
            format!("{slug}: the journal is ahead of the clock"),
            "set the clock, and keep it right with NTP",
        ));
    }
    findings.extend(lawful(&commune)?);
    if let Some(first) = failed.first() {
        findings.push(Finding::warning(
            "jobs",
            format!("{slug}: {} given up; {}: {}", failed.len(), first.kind, first.reason),
            "see the log for what went wrong",
        ));
    }
    if let Some(first) = mute.first() {
        findings.push(Finding::warning(
            "webhooks",
            format!("{slug}: {} told nothing any more; {}", mute.len(), first.description),
            "see /admin/webhooks for what they answered, and resume them once they are mended",
        ));
    }
    Ok(findings)
}

/// What acknowledgements and decisions must say, and nobody has told yet; procedures that reach nobody.
fn lawful(commune: &Commune) -> Result<Vec<Finding>, StoreError> {
    let (gaps, offered, departments) = commune.read_blocking(By::SYSTEM, |tx| {
        let departments: Vec<_> = department::list(tx)?.into_iter().map(|it| it.details.slug).collect();
        Ok::<_, StoreError>((Town::load(tx)?.gaps(), procedure::current(tx)?, departments))
    })?;
    let slug = commune.slug();
    let settings = "fill in /admin/commune: acknowledgements and decisions must say it";
    let missing = gaps.into_iter().map(|gap| {
        let found = match gap {
            Gap::Address => "no postal address with its postcode (CRPA R112-5)",
            Gap::Phone => "no telephone (CRPA R112-5)",
            Gap::Court => "no administrative court, or not its address (CJA R421-5)",
            Gap::Signatory => "nobody who signs, with first name, family name and quality (CRPA L212-1)",
        };
        Finding::warning("law", format!("{slug}: {found}"), settings)
    });
    let stray = offered.iter().filter_map(|definition| {
        let procedure = Procedure::from_toml(definition).ok()?;
        let department = procedure.contact?.department;
        (!departments.contains(&department)).then(|| {
            Finding::warning(
                "procedures",
                format!(
                    "{slug}: there is no department called {department}: requests for {} reach nobody",
                    procedure.slug
                ),
                format!("beffroi department create {department} --commune {slug}, or correct the procedure"),
            )
        })
    });
    let mut findings: Vec<_> = missing.chain(stray).collect();
    if findings.is_empty() {
        findings.push(Finding::good("law", format!("{slug}: the settings say what the law wants")));
    }
    Ok(findings)
}

/// The styles, the script and the font are in the program.
fn assets(platform: &Arc<Platform>, services: Vec<Arc<dyn Service>>, config: &Config) -> Finding {
    let remedy = "build the program again after make assets";
    let missing = House::new(Arc::clone(platform), services, config.web())
        .map_err(|error| error.to_string())
        .and_then(|house| missing_of(&Site::new(house)).map_err(|error| error.to_string()));
    match missing {
        Ok(missing) if missing.is_empty() => Finding::good("assets", "styles, script and font are there"),
        Ok(missing) => Finding::wrong("assets", format!("missing: {}", missing.join(", ")), remedy),
        Err(error) => Finding::wrong("assets", error, remedy),
    }
}

/// Asks the site itself, as a browser would.
fn missing_of(site: &Site) -> std::io::Result<Vec<&'static str>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut missing = Vec::new();
        for name in ASSETS {
            let mut request = Request::new(Body::empty());
            *request.uri_mut() = format!("/assets/any/{name}").parse().map_err(std::io::Error::other)?;
            let answer = site.respond(request, IpAddr::V4(Ipv4Addr::LOCALHOST)).await;
            if answer.status() != StatusCode::OK {
                missing.push(name);
            }
        }
        Ok(missing)
    })
}
