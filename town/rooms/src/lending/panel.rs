//! What the page of a case says of what it borrows: to agents, what is left for its days; to whoever asks, what is kept for
//! them.

use beffroi_calendar::{
    booking::Extra,
    lending::{self, State},
    resource::Resource,
    stock,
};
use beffroi_cases::case;
use beffroi_core::Id;
use beffroi_people::{Town, department, permission::permit};
use beffroi_store::Tx;
use beffroi_web::{
    panel::{Panel, PanelLink, Reader},
    personal::Teller,
};
use uuid::Uuid;

use super::{href, known::period};
use crate::{LendEquipment, premises::stored};

/// What is added to the page of this case; nothing where it borrows nothing.
pub(crate) fn panel(
    tx: &mut Tx<'_>,
    case: Uuid,
    reader: Reader<'_>,
    teller: Teller<'_>,
) -> beffroi_store::Result<Option<Panel>> {
    let Some(loan) = lending::of_owner(tx, ("case", case))? else { return Ok(None) };
    let (lang, zone) = (teller.lang(), Town::load(tx)?.zone());
    let mut panel = Panel { id: "materiel", ..Panel::default() };
    panel.lines.push(period(loan.span, zone, lang));
    let Reader::Agent(who) = reader else {
        // What is refused, or came back, the page of the case tells itself.
        if !loan.state.takes() || loan.things.is_empty() {
            return Ok(None);
        }
        panel.title = teller.t("rooms-lending");
        let name = |thing: &Extra| format!("{} × {}", thing.count, thing.name.read_in(lang));
        panel.lines.extend(loan.things.iter().map(name));
        panel.lines.push(teller.t(&format!("rooms-lending-{}", loan.state.as_str())));
        return Ok(Some(panel));
    };
    panel.title = teller.t("planning-lending");
    let ids: Vec<Id<Resource>> = loan.things.iter().map(|thing| thing.resource).collect();
    let left = stock::left(tx, &ids, loan.span, Some(loan.id.uuid()))?;
    for thing in &loan.things {
        let left = left.get(&thing.resource).copied().unwrap_or_default();
        let variables =
            [("name", thing.name.fr.clone().into()), ("n", thing.count.into()), ("left", left.into())];
        panel.lines.push(teller.tr("planning-lending-line", &variables));
    }
    if loan.things.is_empty() {
        panel.lines.push(teller.t("planning-lending-nothing"));
    }
    panel.lines.push(teller.t(&format!("planning-lending-state-{}", loan.state.as_str())));
    if loan.state == State::Overtaken {
        panel.warnings.push(teller.t("planning-lending-overtaken"));
    }
    let found = case::find(tx, Id::from_uuid(case)).map_err(stored)?;
    let place = match found {
        Some(case) => department::by_slug(tx, &case.department)?.map(|it| it.id),
        None => None,
    };
    if permit::<LendEquipment>(tx, who, place).is_ok() {
        let label = teller.t("planning-lending-see");
        panel.links.push(PanelLink { href: href(loan.id), label });
    }
    Ok(Some(panel))
}
