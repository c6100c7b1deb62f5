//! Appointments of cases: what was proposed to a requester and agreed with them, as the pages of a case tell it, and the
//! request that an agent opens for whoever is received. Whoever gives appointments is known by a trait of the house.

use std::sync::Arc;

use beffroi_calendar::clock;
use beffroi_cases::{
    CaseError,
    case::{self, Case},
};
use beffroi_core::{Id, Lang};
use beffroi_people::{NewPerson, SignedIn};
use beffroi_store::{StoreError, Tx};
use beffroi_web::{
    Page, Result,
    diary::{Appointed, CaseBook, Named, Received, Standing},
    panel::Reader,
};
use chrono_tz::Tz;
use uuid::Uuid;

use crate::{Office, Parts, permission, submission, visit::case_error};

/// Letters of what goes with the proposal of an appointment, at most: the whole is one message.
pub(crate) const WORDS_AT_MOST: usize = 2_000;

/// An appointment of a case, as its pages show it.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) id: String,
    pub(crate) name: String,
    /// When and where; `""` until that is agreed.
    pub(crate) facts: String,
    pub(crate) state: String,
    pub(crate) look: &'static str,
    /// Where its reader books, moves or sees it; `""` for none.
    pub(crate) href: String,
    /// Whether nobody has chosen a time yet.
    pub(crate) proposed: bool,
}

/// What a case has of appointments; nothing where the town gives none.
pub(crate) fn of_case(
    tx: &mut Tx<'_>,
    desk: &Parts,
    case: Id<Case>,
    reader: Reader<'_>,
) -> beffroi_store::Result<Vec<Appointed>> {
    match &desk.diary {
        Some(diary) => diary.of_case(tx, case.uuid(), reader),
        None => Ok(Vec::new()),
    }
}

/// What may be proposed to a requester.
pub(crate) fn motives(tx: &mut Tx<'_>, desk: &Parts) -> beffroi_store::Result<Vec<Named>> {
    match &desk.diary {
        Some(diary) => diary.motives(tx),
        None => Ok(Vec::new()),
    }
}

/// The same in the reader's words.
pub(crate) fn lines(page: &Page, all: &[Appointed], zone: Tz) -> Vec<Line> {
    let lang = page.language();
    let line = |it: &Appointed| {
        let when = it.starts_at.map(|at| clock::capital(&clock::moment(at, zone, lang)));
        let facts = [when.unwrap_or_default(), it.place.read_in(lang).to_owned()];
        let facts: Vec<String> = facts.into_iter().filter(|fact| !fact.is_empty()).collect();
        Line {
            id: it.id.to_string(),
            name: it.name.read_in(lang).to_owned(),
            facts: facts.join(", "),
            state: page.t(&format!("desk-appointment-state-{}", it.standing.as_str())).to_owned(),
            look: match it.standing {
                Standing::Proposed => "waiting",
                Standing::Booked => "new",
                Standing::Arrived => "active",
                Standing::Received => "granted",
                Standing::Missed => "late",
                Standing::Withdrawn | Standing::Cancelled => "closed",
            },
            href: it.href.clone(),
            proposed: it.standing == Standing::Proposed,
        }
    };
    all.iter().map(line).collect()
}

/// Whoever is received at the appointment that the address names, where the agent sees it.
pub(crate) fn received(
    tx: &mut Tx<'_>,
    desk: &Parts,
    who: &SignedIn,
    (named, procedure): (&str, &str),
) -> beffroi_store::Result<Option<Received>> {
    match &desk.diary {
        Some(diary) if !named.is_empty() => diary.received(tx, who, named, procedure),
        _ => Ok(None),
    }
}

/// What an appointment tells of a person: the last word of what they wrote is taken for the family name, unless others are
/// in capitals. The agent reads it and corrects it.
pub(crate) fn person(it: &Received) -> NewPerson {
    let words: Vec<&str> = it.who.split_whitespace().collect();
    let loud = |word: &&str| word.chars().count() > 1 && !word.chars().any(char::is_lowercase);
    let (family, given): (Vec<&str>, Vec<&str>) = if words.iter().any(loud) && !words.iter().all(loud) {
        words.iter().copied().partition(|word| loud(word))
    } else {
        let (given, family) = words.split_at(words.len().saturating_sub(1));
        (family.to_vec(), given.to_vec())
    };
    NewPerson {
        family_name: family.join(" "),
        given_names: given.join(" "),
        email: it.email.clone(),
        phone: it.phone.clone(),
        ..NewPerson::default()
    }
}

/// Whose appointment it is and when, as the page of the request says it.
pub(crate) fn told(page: &Page, it: &Received, zone: Tz) -> String {
    let lang = page.language();
    let words = [
        ("who", it.who.clone().into()),
        ("name", it.name.read_in(lang).to_owned().into()),
        ("when", clock::moment(it.starts_at, zone, lang).into()),
    ];
    page.tr("office-appointment-of", &words)
}

impl Office {
    /// Proposes an appointment to the requester, as [`Office::write`] writes to them. `false` where it is offered no more.
    ///
    /// # Errors
    /// Where the agent may not write to them, and those of the store.
    pub(crate) fn propose(&self, tx: &mut Tx<'_>, case: &Case, motive: &str, words: &str) -> Result<bool> {
        self.access.permit(beffroi_cases::Right::Handle, case).map_err(case_error)?;
        let Some(diary) = &self.desk.diary else { return Ok(false) };
        let Some((name, path)) = diary.propose(tx, case.id.uuid(), motive)? else { return Ok(false) };
        let lang = submission::reach(tx, case.id)?.map(|reach| reach.lang).unwrap_or_default();
        let (name, link) = (name.read_in(lang), format!("{}{path}", self.origin));
        let said = match lang {
            Lang::Fr => format!(
                "La mairie vous propose un rendez-vous\u{a0}: {name}.\n\nChoisissez le jour et l’heure ici\u{a0}: {link}\n\nCette adresse n’est que pour vous. Vous pouvez aussi nous appeler\u{a0}: nous prendrons ce rendez-vous avec vous."
            ),
            Lang::En => format!(
                "The town hall proposes an appointment: {name}.\n\nChoose the day and time here: {link}\n\nThis address is for you alone. You may also call us: we will make this appointment with you."
            ),
        };
        let said = if words.is_empty() { said } else { format!("{words}\n\n{said}") };
        self.write(tx, case, &said, &[])?;
        Ok(true)
    }

    /// Takes a proposal back that nobody has answered. `false` where there is none.
    pub(crate) fn take_back(&self, tx: &mut Tx<'_>, case: &Case, proposal: Uuid) -> Result<bool> {
        self.access.permit(beffroi_cases::Right::Handle, case).map_err(case_error)?;
        let Some(diary) = &self.desk.diary else { return Ok(false) };
        Ok(diary.withdraw(tx, case.id.uuid(), proposal)?)
    }
}

fn named(procedure: &beffroi_forms::Procedure) -> Named {
    Named {
        slug: procedure.slug.clone(),
        fr: procedure.title.text(Lang::Fr).to_owned(),
        en: procedure.title.text(Lang::En).to_owned(),
    }
}

/// Cases as appointments know them.
pub(crate) struct Book(pub(crate) Arc<Parts>);

impl CaseBook for Book {
    fn procedures(&self, tx: &mut Tx<'_>) -> beffroi_store::Result<Vec<Named>> {
        let forms = self.0.shelf.handled(tx)?;
        Ok(forms.iter().map(|form| named(form.procedure())).collect())
    }

    fn booked_at(&self, tx: &mut Tx<'_>, at: &str) -> beffroi_store::Result<Vec<Named>> {
        let forms = self.0.shelf.handled(tx)?;
        let all = forms.iter().map(|form| form.procedure());
        let booked = all.filter(|it| it.booking.as_ref().is_some_and(|first| first.at == at));
        Ok(booked.map(named).collect())
    }

    fn lent(&self, tx: &mut Tx<'_>) -> beffroi_store::Result<Vec<Named>> {
        let forms = self.0.shelf.handled(tx)?;
        let mut choices: Vec<Named> = Vec::new();
        for choice in forms.iter().flat_map(|form| form.procedure().lent_choices()) {
            if choices.iter().all(|known| known.slug != choice.value) {
                choices.push(Named {
                    slug: choice.value.clone(),
                    fr: choice.label.text(Lang::Fr).to_owned(),
                    en: choice.label.text(Lang::En).to_owned(),
                });
            }
        }
        Ok(choices)
    }

    fn reference(
        &self,
        tx: &mut Tx<'_>,
        who: &SignedIn,
        case: Uuid,
    ) -> beffroi_store::Result<Option<String>> {
        let (access, _) = permission::access(tx, who)?;
        match case::read(tx, &access, Id::from_uuid(case)) {
            Ok(case) => Ok(Some(case.reference)),
            Err(CaseError::NotFound | CaseError::Forbidden) => Ok(None),
            Err(CaseError::Store(error)) => Err(error),
            Err(error) => Err(StoreError::Invalid(error.to_string())),
        }
    }

    fn path(&self, case: Uuid) -> String {
        format!("/agents/dossiers/{case}")
    }

    fn entry(&self, procedure: &str, appointment: Uuid) -> String {
        format!("/agents/guichet/{procedure}?rendez_vous={appointment}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_cut_where_people_usually_cut_it() {
        let cut = |who: &str| {
            let it = Received {
                appointment: Uuid::nil(),
                name: Named::default(),
                starts_at: beffroi_core::Instant::UNIX_EPOCH,
                who: who.to_owned(),
                email: String::new(),
                phone: String::new(),
            };
            let person = person(&it);
            (person.given_names, person.family_name)
        };
        let named = |given: &str, family: &str| (given.to_owned(), family.to_owned());
        assert_eq!(cut("Jeanne Roux"), named("Jeanne", "Roux"));
        assert_eq!(cut("DE LA TOUR Marie Anne"), named("Marie Anne", "DE LA TOUR"));
        assert_eq!(cut("Roux"), named("", "Roux"));
        assert_eq!(cut(" "), named("", ""));
    }
}
