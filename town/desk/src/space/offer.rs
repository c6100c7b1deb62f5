//! What a form is offered from one's space: somebody of the household to fill an identity in, a document to attach; and
//! at the end, what was sent to be kept. Ticking a document is the consent to use it for this procedure, and is
//! written down.

use std::collections::HashSet;

use beffroi_cases::case::Case;
use beffroi_core::{Day, Id, Lang};
use beffroi_documents::{
    Document, State,
    kept::{self, KeptDocument, Kind},
};
use beffroi_forms::{Answers, CompiledForm, FileInfo, Kind as FieldKind};
use beffroi_people::{
    Account, SignedIn,
    household::{self, Member},
    mandate::Helped,
};
use beffroi_store::{Result, Tx};
use beffroi_web::FormPost;
use uuid::Uuid;

use crate::{
    control::{self, Choosable, Control},
    mandates::AIDED,
    papers::purpose,
    public::Known,
};

/// What whoever fills a form in has in their space.
#[derive(Default)]
pub(crate) struct Own {
    account: Option<Id<Account>>,
    household: Vec<Member>,
    documents: Vec<KeptDocument>,
    /// For whom the form is filled in by a mandate: then nothing of the helper's own space is offered.
    aided: Option<Helped>,
}

fn has(form: &CompiledForm, wanted: impl Fn(&FieldKind) -> bool) -> bool {
    form.fields().any(|(_, field)| match &field.kind {
        FieldKind::Group { fields, .. } => fields.iter().any(|inner| wanted(&inner.kind)),
        kind => wanted(kind),
    })
}

impl Own {
    /// What this form may use of it. Nothing is read for whoever is not signed in.
    pub(crate) fn load(tx: &mut Tx<'_>, form: &CompiledForm, who: Option<&SignedIn>) -> Result<Self> {
        let Some(who) = who.filter(|who| who.own_session().is_some()) else {
            return Ok(Self::default());
        };
        let household = if has(form, |kind| matches!(kind, FieldKind::Identity { .. })) {
            household::of_account(tx, who.account)?
        } else {
            Vec::new()
        };
        let documents = if has(form, |kind| matches!(kind, FieldKind::File { .. })) {
            kept::of_account(tx, who.account.uuid())?
        } else {
            Vec::new()
        };
        Ok(Self { account: Some(who.account), household, documents, aided: None })
    }

    /// For a helped person: who they are, and nothing of the space of whoever helps.
    pub(crate) fn aided(helped: Helped) -> Self {
        Self { aided: Some(helped), ..Self::default() }
    }

    /// What is about to be sent and may be kept for the next time; nothing for whoever is not signed in, nor what came
    /// from the space itself.
    pub(crate) fn keepable(
        &self,
        form: &CompiledForm,
        answers: &Answers,
        known: &Known,
        lang: Lang,
    ) -> Vec<Choosable> {
        // What is sealed with its request is kept nowhere else.
        if self.account.is_none() || form.procedure().sealed {
            return Vec::new();
        }
        let pairs = answers.to_pairs().into_iter();
        pairs
            .filter_map(|(path, document)| {
                let file = known.files.get(&document)?;
                let field = form.field(&path).filter(|field| matches!(field.kind, FieldKind::File { .. }))?;
                let own = self.documents.iter().any(|kept| kept.document.name == file.name);
                (!own).then(|| Choosable {
                    value: format!("{path}:{document}"),
                    label: file.name.clone(),
                    hint: field.label.text(lang).to_owned(),
                    chosen: false,
                })
            })
            .take(kept::AT_MOST)
            .collect()
    }
}

/// Puts beside each question what the space has for it.
pub(crate) fn offer(controls: &mut [Control], own: &Own, lang: Lang) {
    for control in controls {
        match control.kind {
            "identity" if own.aided.is_some() => {
                control.people =
                    own.aided.iter().map(|helped| (AIDED.to_owned(), helped.full_name())).collect();
            }
            "identity" if !control.of_reader => {
                control.people = own
                    .household
                    .iter()
                    .map(|member| (member.id.to_string(), member.details.full_name()))
                    .collect();
            }
            "file" => control.own_documents = documents(control, own, lang),
            _ => {}
        }
        for row in &mut control.rows {
            offer(&mut row.controls, own, lang);
        }
    }
}

/// The documents that may be used for a question: those of the kind that it asks for first.
fn documents(control: &Control, own: &Own, lang: Lang) -> Vec<Choosable> {
    let asked = Kind::asked_by(&control.label);
    let mut usable: Vec<&KeptDocument> =
        own.documents.iter().filter(|kept| kept.document.state != State::Infected).collect();
    usable.sort_by_key(|kept| kept.kind != asked);
    usable
        .into_iter()
        .map(|kept| Choosable {
            value: format!("{}:{}", control.id, kept.document.id),
            label: kept.document.name.clone(),
            hint: control::size(u64::try_from(kept.document.bytes).unwrap_or_default(), lang),
            chosen: false,
        })
        .collect()
}

/// Fills an identity in with somebody of the household, or with the helped person, if a button asked for it: the control
/// that it fills.
pub(crate) fn fill(answers: &mut Answers, fields: &FormPost, own: &Own) -> Option<String> {
    let (control, member) = fields.get("fill")?.rsplit_once(':')?;
    if let Some(helped) = own.aided.as_ref().filter(|_| member == AIDED) {
        let names = [&helped.family_name, &helped.used_name, &helped.given_names];
        put(answers, control, names, helped.birth_date, "");
        return Some(control.to_owned());
    }
    let member = own.household.iter().find(|known| known.id.to_string() == member)?;
    let details = &member.details;
    let names = [&details.family_name, &details.used_name, &details.given_names];
    put(answers, control, names, details.birth_date, &details.birth_place);
    Some(control.to_owned())
}

/// Puts somebody in the place of whoever a control named: family name, usual name and given names.
fn put(answers: &mut Answers, control: &str, names: [&String; 3], born: Option<Day>, birth_place: &str) {
    let mut set = |part: &str, value: &str| {
        let path = format!("{control}-{part}");
        answers.clear(&path);
        answers.add(&path, value);
    };
    for (part, name) in ["family_name", "usual_name", "given_names"].into_iter().zip(names) {
        set(part, name);
    }
    if let Some(day) = born {
        set("birth-day", &day.format("%-d").to_string());
        set("birth-month", &day.format("%-m").to_string());
        set("birth-year", &day.format("%Y").to_string());
    }
    if !birth_place.is_empty() {
        set("birth_place", birth_place);
    }
}

/// Takes the documents of the space that were ticked into the answers, each as a copy of the request's own.
pub(crate) fn take_own(
    tx: &mut Tx<'_>,
    form: &CompiledForm,
    answers: &mut Answers,
    fields: &FormPost,
    (own, owner): (&Own, (&str, Uuid)),
    known: &mut Known,
) -> Result<()> {
    let Some(account) = own.account else { return Ok(()) };
    let mut taken = HashSet::new();
    for ticked in fields.all("own_document") {
        let Some((control, document)) = ticked.rsplit_once(':') else { continue };
        let Some(FieldKind::File { max_files }) = form.field(control).map(|field| &field.kind) else {
            continue;
        };
        let Ok(id) = document.parse::<Id<Document>>() else { continue };
        if !taken.insert((control, document)) || known.is_full() {
            continue;
        }
        let slug = &form.procedure().slug;
        let Some(copy) = kept::use_for(tx, account.uuid(), id, owner, purpose::ATTACHMENT, slug)? else {
            continue;
        };
        if *max_files == 1 {
            answers.clear(control);
        }
        let bytes = u64::try_from(copy.bytes).unwrap_or_default();
        known.files.insert(copy.id.to_string(), FileInfo { name: copy.name.clone(), bytes });
        answers.add(control, &copy.id.to_string());
    }
    Ok(())
}

/// Keeps a copy of what was sent, where its owner ticked that it should be kept for the next time. What there is no room
/// for is not kept: the request itself has it.
pub(crate) fn keep_sent(
    tx: &mut Tx<'_>,
    form: &CompiledForm,
    (account, case): (Id<Account>, Id<Case>),
    wanted: &[String],
) -> Result<()> {
    if form.procedure().sealed {
        return Ok(());
    }
    for ticked in wanted.iter().take(kept::AT_MOST) {
        let Some((control, document)) = ticked.rsplit_once(':') else { continue };
        let Some(field) = form.field(control) else { continue };
        let Ok(id) = document.parse::<Id<Document>>() else { continue };
        // Only what the request has just been given: whoever names another's document gets nothing.
        let of_case = |found: &Document| found.owner_kind == "case" && found.owner_id == case.uuid();
        let Some(found) = beffroi_documents::find(tx, id)?.filter(of_case) else { continue };
        match kept::keep_copy(tx, account.uuid(), &found, Kind::asked_by(&field.label.fr)) {
            Ok(_) | Err(kept::KeepError::TooMany | kept::KeepError::TooHeavy) => {}
            Err(kept::KeepError::Store(error)) => return Err(error),
        }
    }
    Ok(())
}
