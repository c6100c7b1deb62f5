//! Appointments as cases know them: what may be proposed to a requester, what a case has, and who is received when a
//! case is opened at an appointment.

use beffroi_calendar::resource::Name;
use beffroi_core::Id;
use beffroi_people::{SignedIn, permission::Scope};
use beffroi_store::{Result, Tx};
use beffroi_web::{
    diary::{Appointed, Diary, Named, Received, Standing},
    panel::Reader,
};
use uuid::Uuid;

use crate::{
    appointment::{self, Mark, State},
    motive::{self, MotiveDetails},
    permission,
    proposal::{self, Proposal},
    site, slots,
};

/// What the desk asks of appointments.
#[derive(Clone, Copy, Debug, Default)]
pub struct AppointmentDiary;

fn named(slug: &str, name: &Name) -> Named {
    Named { slug: slug.to_owned(), fr: name.fr.clone(), en: name.en.clone() }
}

fn named_motive(motive: &MotiveDetails) -> Named {
    named(&motive.slug, &motive.sheet.name)
}

const fn standing(state: State) -> Standing {
    match state {
        State::Held | State::Booked => Standing::Booked,
        State::Arrived => Standing::Arrived,
        State::Received => Standing::Received,
        State::Missed => Standing::Missed,
        State::Cancelled => Standing::Cancelled,
    }
}

/// The motives that may be proposed.
fn proposable(tx: &mut Tx<'_>) -> Result<Vec<motive::Kept>> {
    let desks = site::desks(tx)?;
    let mut motives = motive::list(tx)?;
    motives.retain(|it| {
        it.details.active && it.details.sheet.online && !slots::places(&desks, it.id).is_empty()
    });
    Ok(motives)
}

/// To where those who read a case are led from what it has of appointments.
struct Leads {
    /// Where the agent receives; `None` for the requester.
    scope: Option<Scope>,
    /// The requester's links.
    links: Vec<(Id<Proposal>, String)>,
}

impl Leads {
    fn of(tx: &mut Tx<'_>, case: Uuid, reader: Reader<'_>) -> Result<Self> {
        Ok(match reader {
            Reader::Requester => Self { scope: None, links: proposal::links_of(tx, case)? },
            Reader::Agent(who) => Self { scope: Some(permission::received(tx, who)?), links: Vec::new() },
        })
    }

    fn href(&self, it: &Proposal, motive: &MotiveDetails, stands: Standing) -> String {
        let Some(scope) = &self.scope else {
            let open = !matches!(stands, Standing::Withdrawn | Standing::Arrived | Standing::Received);
            let link = self.links.iter().find(|(id, _)| open && *id == it.id);
            return link.map(|(_, link)| proposal::path(link)).unwrap_or_default();
        };
        match it.appointment {
            _ if !scope.contains(motive.department) || stands == Standing::Withdrawn => String::new(),
            Some(appointment) => format!("/agents/rendez-vous/{appointment}"),
            None => format!("/agents/rendez-vous/nouveau?motif={}&propose={}", motive.slug, it.id),
        }
    }
}

impl Diary for AppointmentDiary {
    fn motives(&self, tx: &mut Tx<'_>) -> Result<Vec<Named>> {
        Ok(proposable(tx)?.iter().map(|it| named_motive(&it.details)).collect())
    }

    fn propose(&self, tx: &mut Tx<'_>, case: Uuid, motive: &str) -> Result<Option<(Named, String)>> {
        let found = proposable(tx)?.into_iter().find(|it| it.details.slug == motive);
        let Some(motive) = found else { return Ok(None) };
        let link = proposal::make(tx, case, &motive)?;
        Ok(Some((named_motive(&motive.details), proposal::path(&link))))
    }

    fn withdraw(&self, tx: &mut Tx<'_>, case: Uuid, proposal: Uuid) -> Result<bool> {
        proposal::withdraw(tx, case, Id::from_uuid(proposal))
    }

    fn of_case(&self, tx: &mut Tx<'_>, case: Uuid, reader: Reader<'_>) -> Result<Vec<Appointed>> {
        let proposals = proposal::of_case(tx, case)?;
        if proposals.is_empty() {
            return Ok(Vec::new());
        }
        let leads = Leads::of(tx, case, reader)?;
        let ids: Vec<Id<Mark>> = proposals.iter().filter_map(|it| it.appointment).collect();
        let agreed = appointment::some(tx, &ids)?;
        let (motives, sites) = (motive::list(tx)?, site::sites(tx)?);
        let told = |it: Proposal| {
            let motive = &motives.iter().find(|motive| motive.id == it.motive)?.details;
            let agreed = agreed.iter().find(|agreed| Some(agreed.id) == it.appointment);
            let stands = match agreed {
                Some(agreed) => standing(agreed.state),
                None if it.withdrawn => Standing::Withdrawn,
                None => Standing::Proposed,
            };
            let place = agreed.and_then(|agreed| sites.iter().find(|site| site.resource.id == agreed.site));
            Some(Appointed {
                id: it.id.uuid(),
                name: named_motive(motive),
                standing: stands,
                starts_at: agreed.map(|agreed| agreed.span.start()),
                place: place
                    .map(|site| named(&site.resource.details.slug, &site.resource.details.name))
                    .unwrap_or_default(),
                href: leads.href(&it, motive, stands),
            })
        };
        Ok(proposals.into_iter().filter_map(told).collect())
    }

    fn received(
        &self,
        tx: &mut Tx<'_>,
        who: &SignedIn,
        appointment: &str,
        procedure: &str,
    ) -> Result<Option<Received>> {
        let Ok(id) = appointment.parse::<Id<Mark>>() else { return Ok(None) };
        let Some(it) = appointment::find(tx, id)? else { return Ok(None) };
        let stands = matches!(it.state, State::Booked | State::Arrived | State::Received);
        let motive = motive::find(tx, it.motive)?.filter(|it| it.details.sheet.procedure == procedure);
        let scope = permission::received(tx, who)?;
        let motive = motive.filter(|it| stands && scope.contains(it.details.department));
        Ok(motive.map(|motive| Received {
            appointment: it.id.uuid(),
            name: named_motive(&motive.details),
            starts_at: it.span.start(),
            who: it.contact.name,
            email: it.contact.email,
            phone: it.contact.phone,
        }))
    }

    fn opened(&self, tx: &mut Tx<'_>, appointment: Uuid, case: Uuid) -> Result<()> {
        match appointment::find(tx, Id::from_uuid(appointment))? {
            Some(it) => proposal::opened(tx, &it, case),
            None => Ok(()),
        }
    }
}
