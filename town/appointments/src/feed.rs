//! Appointments in calendar programs: one's own, and those of the counters that an agent has added. No name of anybody
//! else's: the calendar lies with whoever keeps it.

use std::collections::BTreeSet;

use beffroi_calendar::{
    ics::{Event, Status, When},
    resource::Resource,
};
use beffroi_core::{Id, Lang};
use beffroi_people::SignedIn;
use beffroi_store::{Result, Tx};
use beffroi_web::{
    feed::{Offered, Whose},
    personal::Teller,
};

use crate::{
    appointment::{self, Appointment, State},
    motive, permission,
    site::{self, Site},
};

/// What stands before the id of a counter in the word of what is added.
const DESK: &str = "desk:";
/// Appointments of counters that are told, at most.
const OF_DESKS: u32 = 3_000;

/// The counters of the departments in which an agent receives.
pub(crate) fn offered(tx: &mut Tx<'_>, who: &SignedIn, teller: Teller<'_>) -> Result<Vec<Offered>> {
    let scope = permission::received(tx, who)?;
    let mut desks = site::desks(tx)?;
    desks.retain(|desk| desk.is_open && scope.contains(desk.department));
    if desks.is_empty() {
        return Ok(Vec::new());
    }
    let (sites, lang) = (site::sites(tx)?, teller.lang());
    let told = desks.into_iter().map(|desk| {
        let name = desk.resource.details.name.read_in(lang);
        let place = sites.iter().find(|site| site.resource.id == desk.site);
        let place = place.map_or("", |site| site.resource.details.name.read_in(lang));
        Offered { key: format!("{DESK}{}", desk.resource.id), label: format!("{name} – {place}") }
    });
    Ok(told.collect())
}

/// One's own appointments, then those of the counters that were added, as far as their motives are still the agent's.
pub(crate) fn dated(tx: &mut Tx<'_>, whose: &Whose<'_>, teller: Teller<'_>) -> Result<Vec<Event>> {
    let mut own = appointment::for_account(tx, whose.who.account)?;
    own.retain(|it| it.state != State::Held && it.span.meets(whose.within));
    let added: BTreeSet<Id<Resource>> =
        whose.chosen.iter().filter_map(|key| key.strip_prefix(DESK)?.parse().ok()).collect();
    let scope = permission::received(tx, whose.who)?;
    let mut desks = if added.is_empty() { Vec::new() } else { site::desks(tx)? };
    desks.retain(|desk| added.contains(&desk.resource.id) && scope.contains(desk.department));
    if own.is_empty() && desks.is_empty() {
        return Ok(Vec::new());
    }
    let (motives, sites, lang) = (motive::list(tx)?, site::sites(tx)?, teller.lang());
    let mut events = Vec::new();
    for it in own {
        let Some(motive) = motives.iter().find(|motive| motive.id == it.motive) else { continue };
        let bring = motive.details.sheet.bring.iter().map(|thing| format!("- {}", thing.read_in(lang)));
        let lines: Vec<String> = std::iter::once(it.reference.clone()).chain(bring).collect();
        let name = motive.details.sheet.name.read_in(lang);
        events.push(event(&it, name, lines.join("\n"), (&sites, lang)));
    }
    let ids: Vec<Id<Resource>> = desks.iter().map(|desk| desk.resource.id).collect();
    for it in appointment::of_desks(tx, &ids, whose.within, OF_DESKS)? {
        let motive = motives.iter().find(|motive| motive.id == it.motive);
        let desk = desks.iter().find(|desk| desk.resource.id == it.desk);
        let Some((motive, desk)) = motive.zip(desk) else { continue };
        if !scope.contains(motive.details.department) {
            continue;
        }
        let (name, desk) = (&motive.details.sheet.name, &desk.resource.details.name);
        let summary = format!("{} – {}", name.read_in(lang), desk.read_in(lang));
        events.push(event(&it, &summary, it.reference.clone(), (&sites, lang)));
    }
    Ok(events)
}

fn event(it: &Appointment, summary: &str, description: String, (sites, lang): (&[Site], Lang)) -> Event {
    let site = sites.iter().find(|site| site.resource.id == it.site);
    let place = site.map(|site| {
        let parts = [site.resource.details.name.read_in(lang).to_owned(), site.sheet.line()];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
    });
    let is_off = it.state == State::Cancelled;
    Event {
        uid: format!("{}@beffroi", it.id),
        changed_at: it.changed_at,
        changes: it.changes,
        when: When::Time(it.span),
        summary: summary.to_owned(),
        description,
        place: place.unwrap_or_default(),
        url: None,
        status: if is_off { Status::Cancelled } else { Status::Confirmed },
        is_private: true,
        is_busy: !is_off,
    }
}
