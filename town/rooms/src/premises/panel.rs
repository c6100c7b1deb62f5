//! What the page of a case says of the premises: to agents, where they are seen to; to whoever has the room, what they must
//! know, and the code of the door from a day before until the end.

use beffroi_calendar::booking::State;
use beffroi_core::Id;
use beffroi_core::calendar::{civil_day, long_date};
use beffroi_people::permission::permit;
use beffroi_store::Tx;
use beffroi_web::{
    panel::{Panel, PanelLink, Reader},
    personal::Teller,
};
use uuid::Uuid;

use super::{Granted, href};
use crate::{
    InspectRooms, bill,
    deposit::{self, Deposit, State as DepositState},
    insurance,
    key::{self, Loan},
};

/// What is added to the page of this case; nothing where no room was granted for it.
pub(crate) fn panels(
    tx: &mut Tx<'_>,
    case: Uuid,
    reader: Reader<'_>,
    teller: Teller<'_>,
) -> beffroi_store::Result<Vec<Panel>> {
    let Some(found) = Granted::once_of_case(tx, Id::from_uuid(case))? else { return Ok(Vec::new()) };
    let bill = bill::panels(tx, &found, reader, teller)?;
    let deposit = deposit::find(tx, found.booking.id)?;
    let loans = key::loans_of(tx, found.booking.id)?;
    let panel = match reader {
        Reader::Requester => of_holder(tx, &found, deposit.as_ref(), &loans, teller)?,
        Reader::Agent(who) => {
            let place = found.department.as_ref().map(|department| department.id);
            if permit::<InspectRooms>(tx, who, place).is_err() {
                return Ok(bill.into_iter().collect());
            }
            of_agent(tx, &found, deposit.as_ref(), &loans, teller)?
        }
    };
    Ok(bill.into_iter().chain(panel).collect())
}

fn of_agent(
    tx: &mut Tx<'_>,
    found: &Granted,
    deposit: Option<&Deposit>,
    loans: &[Loan],
    teller: Teller<'_>,
) -> beffroi_store::Result<Option<Panel>> {
    let firm = found.booking.state == State::Firm;
    if !firm && deposit.is_none() && loans.is_empty() {
        return Ok(None);
    }
    let last = civil_day(found.booking.whole().end(), found.zone());
    let insured = insurance::good_until(tx, found.booking.id)?;
    let mut panel = Panel { id: "locaux", title: teller.t("premises-panel"), ..Panel::default() };
    if let Some(key) = insurance::fault(&found.booking, insured, last)
        .filter(|_| firm && last >= civil_day(found.now, found.zone()))
    {
        panel.warnings.push(teller.t(key));
    }
    if let Some(it) = deposit {
        let state = teller.t(&format!("premises-deposit-state-{}", it.state.as_str()));
        let variables = [("amount", it.amount.read_in(teller.lang()).into()), ("state", state.into())];
        panel.lines.push(teller.tr("premises-panel-deposit", &variables));
    }
    let out = loans.iter().filter(|loan| loan.returned_on.is_none()).count();
    if out > 0 {
        panel.lines.push(teller.tr("premises-day-keys", &[("n", out.into())]));
    }
    let base = href(found.booking.id);
    panel.links.push(PanelLink { href: base.clone(), label: teller.t("premises-panel-link") });
    if firm {
        let contract = format!("{base}/convention.pdf");
        panel.links.push(PanelLink { href: contract, label: teller.t("premises-contract-title") });
    }
    if deposit.is_some() {
        panel
            .links
            .push(PanelLink { href: format!("{base}/caution"), label: teller.t("premises-to-deposit") });
    }
    Ok(Some(panel))
}

fn of_holder(
    tx: &mut Tx<'_>,
    found: &Granted,
    deposit: Option<&Deposit>,
    loans: &[Loan],
    teller: Teller<'_>,
) -> beffroi_store::Result<Option<Panel>> {
    let lang = teller.lang();
    let mut panel = Panel { id: "locaux", title: teller.t("rooms-panel"), ..Panel::default() };
    if let Some(it) = deposit {
        let kept = it.kept.or(it.withheld).map(|kept| kept.read_in(lang)).unwrap_or_default();
        let until = it.answer_by.map(|day| long_date(day, lang)).unwrap_or_default();
        let variables = [
            ("amount", it.amount.read_in(lang).into()),
            ("kept", kept.into()),
            ("rest", it.rest().read_in(lang).into()),
            ("until", until.into()),
        ];
        let over = found.booking.state != State::Firm;
        let key = match it.state {
            // Nobody is asked for it any more, or was ever.
            DepositState::Promised if over => None,
            DepositState::Released if it.means.is_none() => None,
            DepositState::Held if over => Some("rooms-panel-deposit-held-cancelled".to_owned()),
            state => Some(format!("rooms-panel-deposit-{}", state.as_str())),
        };
        panel.lines.extend(key.map(|key| teller.tr(&key, &variables)));
    }
    for loan in loans.iter().filter(|loan| loan.returned_on.is_none()) {
        let variables =
            [("key", loan.key.label.clone().into()), ("day", long_date(loan.due_on, lang).into())];
        panel.lines.push(teller.tr("rooms-panel-key", &variables));
    }
    if found.booking.state == State::Firm
        && let Some(code) = key::shown_to_holder(tx, &found.booking, found.now, found.zone())?
    {
        panel.lines.push(teller.t("rooms-panel-code"));
        panel.secret = code;
    }
    Ok((!panel.lines.is_empty()).then_some(panel))
}
