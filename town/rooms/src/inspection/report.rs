//! The report of an inspection: laid out once it is closed, kept with the case, and sent to whoever has the room.

use std::{io::Read as _, sync::Arc};

use beffroi_calendar::clock;
use beffroi_core::{Id, Lang, calendar::civil_day};
use beffroi_documents::{self as documents, Cleared, Document, Gate, NewDocument, picture};
use beffroi_store::{
    By, Commune, Result, StoreError, Tx,
    background::JobHandler,
    jobs::{Job, JobError},
};
use beffroi_typeset::{
    self as typeset, Fact, InspectedPhoto, InspectedPlace, InspectedThing, InspectionReport,
    InspectionSignature, Meta, Pool, Recipient,
};
use serde::Deserialize;

use super::{
    form::places,
    rules::{Difference, Holder, Item, Kind, State, differences},
    store::{self, Inspection, Photo},
};
use crate::premises::{self, Granted, Whose, words};

/// The job that lays a report out.
pub(super) const REPORT: &str = "rooms.inspection_report";
/// Bytes of photographs that a report holds, at most: a worker takes no more.
const PHOTO_BYTES: usize = 5_000_000;

#[derive(Deserialize)]
struct ReportOrder {
    inspection: Id<Inspection>,
}

/// What is worse than on the way in, a sentence each.
///
/// # Errors
/// The texts cannot be read.
pub(crate) fn differences_in_words(found: &[Difference]) -> Result<Vec<String>> {
    let condition =
        |it: super::Condition| words(Lang::Fr, &format!("premises-condition-{}", it.as_str()), &[]);
    let mut told = Vec::with_capacity(found.len());
    for it in found {
        let mut parts = Vec::new();
        if let Some((before, now)) = it.fewer {
            let numbers = [("now", now.into()), ("before", before.into())];
            parts.push(words(Lang::Fr, "premises-difference-fewer", &numbers)?);
        }
        if let Some((before, now)) = it.worse {
            let states = [("before", condition(before)?.into()), ("now", condition(now)?.into())];
            parts.push(words(Lang::Fr, "premises-difference-worse", &states)?);
        }
        let place = if it.place.is_empty() { String::new() } else { format!(" ({})", it.place) };
        let remark = if it.remark.is_empty() { String::new() } else { format!(" {}", it.remark) };
        told.push(format!("{}{place}\u{a0}: {}.{remark}", it.name, parts.join(", ")));
    }
    Ok(told)
}

/// Lays reports out.
pub(crate) struct ReportHandler(pub(crate) Arc<Pool>);

/// What is read for a report.
struct Read {
    it: Inspection,
    found: Granted,
    items: Vec<Item>,
    photos: Vec<(Photo, Option<Cleared>)>,
    drawn: [Vec<u8>; 2],
}

fn read(tx: &mut Tx<'_>, id: Id<Inspection>) -> Result<Option<Read>> {
    let Some(it) = store::find(tx, id)?.filter(|it| it.state == State::Closed && it.report.is_none()) else {
        return Ok(None);
    };
    let Some(found) = Granted::of_booking(tx, it.booking)? else { return Ok(None) };
    let (items, photos, drawn) = (store::items_of(tx, id)?, store::photos(tx, id)?, store::drawn(tx, id)?);
    let ids: Vec<Id<Document>> = photos.iter().map(|photo| photo.small).collect();
    let files = documents::cleared_of(tx, &ids)?;
    let file = |photo: &Photo| files.iter().find(|file| file.document().id == photo.small).cloned();
    let photos = photos.into_iter().map(|photo| (photo.clone(), file(&photo))).collect();
    Ok(Some(Read { it, found, items, photos, drawn }))
}

impl JobHandler for ReportHandler {
    fn kind(&self) -> &'static str {
        REPORT
    }

    fn steps_back(&self) -> bool {
        true
    }

    fn run(&self, commune: &Arc<Commune>, job: &Job) -> std::result::Result<(), JobError> {
        let ReportOrder { inspection: id } =
            serde_json::from_value(job.payload.clone()).map_err(|error| JobError::Fail(error.to_string()))?;
        let Some(read) = commune.read_blocking(By::SYSTEM, |tx| read(tx, id))? else { return Ok(()) };
        // A photograph that the virus gate has yet to see waits a little; in the end the report goes without it.
        if read.photos.iter().any(|(_, file)| file.is_none()) && !job.last && job.attempts < 3 {
            return Err(JobError::Retry("a photograph waits for the virus gate".to_owned()));
        }
        let meta = Meta { title: title(&read)?, date: day(&read) };
        let layout = typeset::Job::new(&laid_out(commune, &read)?, meta);
        let pdf = layout.and_then(|layout| self.0.render(&layout)).map_err(|error| {
            if job.last { JobError::Fail(error.to_string()) } else { JobError::Retry(error.to_string()) }
        })?;
        let way = if read.it.kind == Kind::In { "entree" } else { "sortie" };
        let name = format!("etat-des-lieux-{way}-{}.pdf", read.found.whose.reference());
        let file = documents::store_generated(commune, &name, &pdf)?;
        commune.write_blocking(By::SYSTEM, move |tx| {
            let waits = store::find(tx, id)?.is_some_and(|it| it.report.is_none());
            if !waits {
                return Ok::<_, StoreError>(());
            }
            let kind = read.it.kind.as_str();
            let purpose = format!("inspection-{kind}");
            let (owner_kind, owner_id) = read.found.whose.owner();
            let new = NewDocument { file: &file, owner_kind, owner_id, purpose: &purpose };
            let report = Document::create(tx, Gate::Open, &new)?.id;
            store::set_report(tx, id, report)?;
            let (it, found) = (&read.it, &read.found);
            premises::tell(tx, found, Some(it.made_by), &[report], |lang| {
                let date = found.booking.dates().iter().find(|date| date.start() == it.starts_at);
                let when = date.map(|date| clock::when(*date, found.zone(), lang)).unwrap_or_default();
                let name = found.booking.resource.details.name.read_in(lang).to_owned();
                let variables = [("name", name.into()), ("when", when.into())];
                match &found.whose {
                    Whose::Case(_) => words(lang, &format!("rooms-told-inspection-{kind}"), &variables),
                    Whose::Season { .. } => {
                        words(lang, &format!("rooms-told-season-inspection-{kind}"), &variables)
                    }
                }
            })
        })?;
        Ok(())
    }
}

fn title(read: &Read) -> Result<String> {
    words(Lang::Fr, &format!("premises-inspection-{}", read.it.kind.as_str()), &[])
}

fn day(read: &Read) -> beffroi_core::Day {
    civil_day(read.it.closed_at.unwrap_or(read.found.now), read.found.zone())
}

fn laid_out(commune: &Commune, read: &Read) -> Result<InspectionReport> {
    let Read { it, found, items, photos, drawn } = read;
    let (zone, lang) = (found.zone(), Lang::Fr);
    let text = |key: &str| words(lang, key, &[]);
    let fact = |key: &str, value: String| Ok::<_, StoreError>(Fact { label: text(key)?, value });
    let moment = |at| clock::moment(at, zone, lang);
    let date = found.booking.dates().iter().find(|date| date.start() == it.starts_at);
    let when = date.map(|date| clock::when(*date, zone, lang)).unwrap_or_default();
    let closed = it.closed_at.map(moment).unwrap_or_default();
    let mut laid_places = Vec::new();
    for (place, items) in places(items) {
        let mut things = Vec::with_capacity(items.len());
        for item in items {
            things.push(InspectedThing {
                name: item.name.clone(),
                expected: item.expected.to_string(),
                found: item.found.map(|found| found.to_string()).unwrap_or_default(),
                state: match item.condition {
                    Some(condition) => text(&format!("premises-condition-{}", condition.as_str()))?,
                    None => String::new(),
                },
                remark: item.remark.clone(),
            });
        }
        let name = if place.is_empty() { text("premises-whole")? } else { place.to_owned() };
        laid_places.push(InspectedPlace { name, things });
    }
    let mut meters = Vec::new();
    for (word, value) in it.meters.each().into_iter().filter(|(_, value)| !value.is_empty()) {
        meters.push(fact(&format!("premises-meter-{word}"), value.to_owned())?);
    }
    let shown = pictures(commune, photos, items)?;
    let mut facts = vec![
        fact("premises-fact-room", found.booking.resource.details.name.fr.clone())?,
        fact("premises-fact-when", when)?,
        fact("premises-fact-holder", found.person().to_owned())?,
        fact("premises-fact-closed", closed)?,
    ];
    facts.extend(left_out(photos.len().saturating_sub(shown.len()))?);
    Ok(InspectionReport {
        letterhead: beffroi_stationery::letterhead(&found.town, found.department.as_ref()),
        recipient: Recipient { lines: vec![found.person().to_owned()] },
        reference: found.whose.reference().to_owned(),
        title: title(read)?,
        facts,
        differences: differences_in_words(&differences(items))?,
        compares: items.iter().any(|item| item.before.is_some()),
        places: laid_places,
        meters,
        remarks: it.remarks.clone(),
        photos: shown,
        signatures: signatures(it, drawn)?,
        hash: it.hash.clone(),
    })
}

/// The photographs, each with what it is of; where they are too much for a report, they are made smaller.
fn pictures(
    commune: &Commune,
    photos: &[(Photo, Option<Cleared>)],
    items: &[Item],
) -> Result<Vec<InspectedPhoto>> {
    let (mut captions, mut contents) = (Vec::new(), Vec::new());
    for (rank, (photo, file)) in photos.iter().enumerate() {
        let Some(file) = file else { continue };
        let mut content = Vec::new();
        file.open(commune)?.read_to_end(&mut content).map_err(StoreError::io("read a photograph"))?;
        let of = items.iter().find(|item| Some(item.id) == photo.item);
        let name = match of {
            Some(item) => item.name.clone(),
            None => words(Lang::Fr, "premises-whole", &[])?,
        };
        let caption =
            words(Lang::Fr, "premises-photo-alt", &[("n", (rank + 1).into()), ("name", name.into())])?;
        captions.push(caption);
        contents.push(content);
    }
    let fit = picture::fitting(contents, PHOTO_BYTES);
    let shown = captions.into_iter().zip(fit);
    Ok(shown.filter_map(|(caption, bytes)| Some(InspectedPhoto { caption, bytes: bytes? })).collect())
}

/// That so many photographs are kept with the case and do not stand in the report; nothing where all do.
fn left_out(count: usize) -> Result<Option<Fact>> {
    if count == 0 {
        return Ok(None);
    }
    let label = words(Lang::Fr, "premises-fact-photos", &[])?;
    let value = words(Lang::Fr, "premises-photos-left-out", &[("n", count.into())])?;
    Ok(Some(Fact { label, value }))
}

fn signatures(it: &Inspection, [town, holder]: &[Vec<u8>; 2]) -> Result<Vec<InspectionSignature>> {
    let Some(signed) = &it.signatures else { return Ok(Vec::new()) };
    let approved = |name: &str| words(Lang::Fr, "premises-approved-by", &[("name", name.to_owned().into())]);
    let holder_text = match &signed.holder {
        Holder::Signed { name, .. } => approved(name)?,
        Holder::Absent { why } => words(Lang::Fr, "premises-absent", &[("why", why.clone().into())])?,
    };
    Ok(vec![
        InspectionSignature {
            side: words(Lang::Fr, "premises-sign-town", &[])?,
            text: approved(&signed.town)?,
            drawn: town.clone(),
        },
        InspectionSignature {
            side: words(Lang::Fr, "premises-sign-holder", &[])?,
            text: holder_text,
            drawn: holder.clone(),
        },
    ])
}

#[cfg(test)]
mod tests {
    use super::left_out;

    #[test]
    fn what_does_not_stand_in_the_report_is_told() {
        assert!(left_out(0).unwrap().is_none());
        let one = left_out(1).unwrap().unwrap();
        assert_eq!(one.label, "Photographies");
        assert_eq!(one.value, "Une photographie est conservée au dossier sans figurer ici.");
        let many = left_out(12).unwrap().unwrap().value;
        assert_eq!(many, "12\u{a0}photographies sont conservées au dossier sans figurer ici.");
    }
}
