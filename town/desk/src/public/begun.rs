//! A request as it stands: what was begun, what is known of whoever asks, and what the page needs of the town.

use std::sync::Arc;

use axum::http::HeaderMap;
use beffroi_calendar::{booking, tariff::Price};
use beffroi_cases::tracking::TrackingCode;
use beffroi_core::{Channel, Day, calendar::civil_day};
use beffroi_forms::{Answers, CompiledForm, Kind};
use beffroi_once_only::Api;
use beffroi_people::{SignedIn, Town, identity::ProviderKind, person};
use beffroi_store::Tx;
use beffroi_typeset::Contact;
use beffroi_web::{CommuneOf, FormPost, Result, Visitor, WebError, visitor::cookie};
use uuid::Uuid;

use super::{DRAFT_COOKIE, code_in, sign_in, upload, vouched::Vouched};
use crate::{
    Parts,
    booked::{Picking, secret_in},
    draft::{self, Draft},
    fetched,
    mandates::Acting,
    map::Map,
    papers::Stationery,
    priced,
    space::Own,
    submission::{self, Judged},
};

/// The cookie of whoever reads the version that is easy to read.
pub(super) const PLAIN_COOKIE: &str = "facile";

/// A request as it stands.
pub(super) struct Begun {
    pub(super) form: Arc<CompiledForm>,
    pub(super) draft: Option<(Draft, TrackingCode)>,
    pub(super) answers: Answers,
    pub(super) known: upload::Known,
    pub(super) town: Town,
    pub(super) today: Day,
    pub(super) map: Map,
    /// The doors of the State at which this form may ask.
    pub(super) doors: Vec<Api>,
    /// The provider that identifies whoever wants the State to be asked about them, if the commune has one.
    pub(super) identified_by: Option<ProviderKind>,
    pub(super) own: Own,
    pub(super) vouched: Option<Vouched>,
    /// Who is in charge, and how they are reached.
    pub(super) contact: Contact,
    /// For whom it is filled in by a mandate.
    pub(super) acting: Option<Acting>,
    /// What was picked before it, or must be.
    pub(super) picking: Option<Picking>,
    /// What that costs, as far as the answers say.
    pub(super) price: Option<Price>,
    /// Whether it is shown in words that are easy to read.
    pub(super) plain: bool,
}

impl Begun {
    pub(super) fn load(
        tx: &mut Tx<'_>,
        desk: &Parts,
        slug: &str,
        (code, secret): (Option<TrackingCode>, Option<String>),
        who: Option<&SignedIn>,
    ) -> Result<Self> {
        let town = Town::load(tx)?;
        let today = civil_day(tx.now(), town.zone());
        let draft = match code {
            Some(code) => {
                draft::find(tx, &code)?.filter(|draft| draft.procedure == slug).map(|draft| (draft, code))
            }
            None => None,
        };
        let form = match &draft {
            Some((draft, _)) => desk.shelf.version(tx, slug, draft.version)?,
            None => desk.shelf.current(tx, slug)?,
        };
        let form = form.ok_or_else(WebError::not_found)?;
        let acting = Acting::of(tx, draft.as_ref().and_then(|(draft, _)| draft.mandate))?;
        // What a provider says of the helper is nothing of the helped person's.
        let vouched = if acting.is_some() { None } else { Vouched::of(tx, who)? };
        let (mut answers, known) = match &draft {
            Some((draft, _)) => (draft.answers.clone(), upload::known_files(tx, ("draft", draft.id.uuid()))?),
            None => (prefilled(tx, &form, who)?, upload::Known::default()),
        };
        if let Some(vouched) = &vouched {
            vouched.answer(&form, &mut answers);
            if draft.is_none() {
                vouched.suggest(&form, &mut answers);
            }
        }
        let owner = draft.as_ref().map(|(draft, _)| ("draft", draft.id.uuid()));
        let picking = Picking::load(tx, &form, secret.as_deref(), owner, town.zone())?;
        if let Some(picking) = &picking {
            picking.answer(&mut answers);
        }
        let map = Map::load(tx, &town)?;
        let mut doors = fetched::doors(tx, &form)?;
        if acting.is_some() {
            doors.retain(|door| *door != Api::Particulier);
        }
        let identified_by = if doors.contains(&Api::Particulier) { sign_in::citizens(tx)? } else { None };
        let own = match &acting {
            Some(acting) => Own::aided(acting.helped.clone()),
            None => Own::load(tx, &form, who)?,
        };
        let department = form.procedure().contact.as_ref().map_or("", |contact| contact.department.as_str());
        let contact = Stationery::load(tx, department)?.contact();
        let mut begun = Self {
            form,
            draft,
            answers,
            known,
            town,
            today,
            map,
            doors,
            identified_by,
            own,
            vouched,
            contact,
            acting,
            picking,
            price: None,
            plain: false,
        };
        begun.reckon(tx)?;
        Ok(begun)
    }

    /// Reckons what is booked costs by the answers that are there.
    fn reckon(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        let priced = self.form.procedure().booking.as_ref().is_some_and(|booking| booking.price.is_some());
        let held = self.picking.as_ref().and_then(|picking| picking.booking.clone());
        if let (true, Some(held)) = (priced, held) {
            let answers = self.judge().outcome.answers;
            let found = priced::reckon(tx, &self.form, &answers, &held, &self.town)?;
            self.price = found.map(|found| found.price);
        }
        Ok(())
    }

    /// Who has its files: its draft, which begins with what is kept first.
    pub(super) fn owner(&mut self, tx: &mut Tx<'_>, who: Option<&SignedIn>) -> Result<(&'static str, Uuid)> {
        let (draft, code) = if let Some(draft) = self.draft.take() {
            draft
        } else {
            let (procedure, zone) = (self.form.procedure(), self.town.zone());
            let account = who.map(|who| who.account);
            draft::start(tx, procedure, account, &self.answers, zone)?
        };
        let owner = ("draft", draft.id.uuid());
        // What this browser has picked since is the draft's from now on.
        if let Some(held) = self.picking.as_ref().and_then(|picking| picking.booking.as_ref())
            && held.owner.is_none()
        {
            booking::take_over(tx, held.id, owner)?;
        }
        self.draft = Some((draft, code));
        Ok(owner)
    }

    /// Keeps what was typed.
    pub(super) fn save(&self, tx: &mut Tx<'_>) -> Result<()> {
        let Some((draft, _)) = &self.draft else { return Ok(()) };
        let sealed = self.form.procedure().sealed;
        Ok(draft::save(tx, draft, &self.answers, sealed, self.town.zone())?)
    }

    /// Holds what was picked for longer, as often as anybody may.
    pub(super) fn lengthen(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        let Some(picking) = &mut self.picking else { return Ok(()) };
        if let Some(held) = picking.booking.take() {
            booking::lengthen(tx, held.id, &self.town)?;
            picking.booking = booking::find(tx, held.id)?;
        }
        Ok(())
    }

    pub(super) fn judge(&self) -> Judged {
        let mut judged =
            submission::judge(&self.form, &self.answers, Channel::Online, self.today, &self.known.files);
        self.known.explain(&mut judged.outcome, &self.answers);
        judged
    }

    /// Puts what a page sent in the place of what was answered on it before.
    pub(super) fn replace_shown(&mut self, rank: usize, fields: &FormPost) {
        let form = Arc::clone(&self.form);
        let asked = form.procedure().form.pages.get(rank).map_or(&[][..], |page| &page.fields);
        let sent =
            Answers::from_pairs(fields.pairs().iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let shown: Vec<&str> = fields.all("shown").collect();
        self.answers.replace_shown(asked, &shown, &sent);
        if let Some(vouched) = &self.vouched {
            vouched.answer(&form, &mut self.answers);
        }
        if let Some(picking) = &self.picking {
            picking.answer(&mut self.answers);
        }
    }

    pub(super) fn rank(&self, page: &str) -> Option<usize> {
        self.form.procedure().form.pages.iter().position(|found| found.id == page)
    }
}

/// What the account knows already: never more than the form asks, and always to be corrected.
pub(crate) fn prefilled(tx: &mut Tx<'_>, form: &CompiledForm, who: Option<&SignedIn>) -> Result<Answers> {
    let mut answers = Answers::default();
    let Some(who) = who else { return Ok(answers) };
    let known =
        person::latest_of_account(tx, who.account, form.procedure().sector)?.map(|person| person.details);
    let (given, family) = who.display_name.rsplit_once(' ').unwrap_or(("", &who.display_name));
    let of = |from: fn(&beffroi_people::NewPerson) -> String| {
        known.as_ref().map(from).filter(|text| !text.is_empty())
    };
    let family = of(|known| known.family_name.clone()).unwrap_or_else(|| family.to_owned());
    let given = of(|known| known.given_names.clone()).unwrap_or_else(|| given.to_owned());
    for (_, field) in form.fields() {
        let id = &field.id;
        match (field.prefill.as_deref(), &field.kind) {
            (Some("name"), Kind::Identity { .. }) => {
                answers.set(&format!("{id}-family_name"), family.clone());
                answers.set(&format!("{id}-given_names"), given.clone());
            }
            (Some("name"), _) => answers.set(id, who.display_name.clone()),
            (Some("family_name"), _) => answers.set(id, family.clone()),
            (Some("given_name"), _) => answers.set(id, given.clone()),
            (Some("email"), _) => answers.set(id, who.email.clone()),
            (Some("phone"), _) => answers.set(id, of(|known| known.phone.clone()).unwrap_or_default()),
            (Some("address"), _) => {
                answers.set(id, of(|known| known.address.lines.join(", ")).unwrap_or_default());
            }
            _ => {}
        }
    }
    Ok(answers)
}

pub(super) async fn load(
    desk: &Arc<Parts>,
    commune: &CommuneOf,
    visitor: &Visitor,
    headers: &HeaderMap,
    slug: &str,
) -> Result<Begun> {
    let who = visitor.member().map(|(who, _)| who.clone());
    let (desk, slug) = (Arc::clone(desk), slug.to_owned());
    let held = (code_in(headers, DRAFT_COOKIE), secret_in(headers));
    let mut begun =
        commune.read(visitor.by, move |tx| Begun::load(tx, &desk, &slug, held, who.as_ref())).await?;
    // Only what is shown: what is sent is worded as it always is.
    if cookie(headers, PLAIN_COOKIE).is_some() {
        begun.form = begun.form.plain();
        begun.plain = true;
    }
    Ok(begun)
}
