//! A room as the fields of its page, and back. Pure.

use std::num::NonZeroU16;

use beffroi_calendar::{
    free::Starts,
    openings::Openings,
    resource::{Kind, Layout, Name, ResourceDetails, Terms},
};
use beffroi_web::FormPost;

use super::lengths;
use crate::room::{Access, Sheet};

/// Rows for layouts that stand empty.
const SPARE: usize = 2;
/// Rows of layouts, at most.
const ROWS_AT_MOST: usize = 60;

/// What is wrong: the control, and the key of its words.
pub type Wrong = (String, &'static str);

/// A room as it is filled in.
pub struct Filled {
    /// What is bookable.
    pub details: ResourceDetails,
    /// What the public reads.
    pub sheet: Sheet,
    /// Whether it does.
    pub published: bool,
}

/// A room that nobody has described yet.
pub fn blank() -> Filled {
    let details = ResourceDetails {
        slug: String::new(),
        kind: Kind::Room,
        parent: None,
        name: Name::default(),
        stock: 1,
        active: true,
        terms: Terms { shortest_minutes: 60, openings: Some(Openings::default()), ..Terms::default() },
    };
    let sheet = Sheet { procedure: "reservation-de-salle".to_owned(), ..Sheet::default() };
    Filled { details, sheet, published: false }
}

/// The fields of a room.
pub fn fields(filled: &Filled) -> FormPost {
    let Filled { details, sheet, published } = filled;
    let terms = &details.terms;
    let mut form = FormPost::default();
    let mut put = |name: &str, value: String| form = std::mem::take(&mut form).with(name, value);
    put("nom", details.name.fr.clone());
    put("nom_en", details.name.en.clone());
    put("adresse_web", details.slug.clone());
    put("resume", sheet.summary.fr.clone());
    put("resume_en", sheet.summary.en.clone());
    put("texte", sheet.about.fr.clone());
    put("texte_en", sheet.about.en.clone());
    put("adresse", sheet.address.clone());
    put("demarche", sheet.procedure.clone());
    for access in &sheet.access {
        put("acces", access.as_str().to_owned());
    }
    let lines = |names: fn(&Name) -> &str| sheet.equipment.iter().map(names).collect::<Vec<_>>().join("\n");
    put("equipement", lines(|name| &name.fr));
    put("equipement_en", lines(|name| &name.en));
    for (rank, layout) in terms.layouts.iter().enumerate() {
        put(&format!("disposition-{rank}"), layout.name.fr.clone());
        put(&format!("disposition_en-{rank}"), layout.name.en.clone());
        put(&format!("places-{rank}"), layout.people.to_string());
    }
    put("avant", lengths::written(terms.before_minutes));
    put("apres", lengths::written(terms.after_minutes));
    put("minimum", lengths::written(terms.shortest_minutes));
    put("maximum", lengths::written(terms.longest_minutes));
    put("delai", (terms.ahead_minutes / (24 * 60)).to_string());
    put("horizon", terms.ahead_days.to_string());
    if let Starts::Every(every) = &terms.starts {
        put("pas", lengths::written(u32::from(every.get())));
    }
    if *published {
        put("publiee", "true".to_owned());
    }
    if details.active {
        put("active", "true".to_owned());
    }
    form
}

/// How many rows of a kind a page shows: those that are filled in, and some to spare.
pub fn rows(form: &FormPost, name: &str) -> usize {
    let filled = (0..ROWS_AT_MOST).rev().find(|rank| !form.text(&format!("{name}-{rank}")).is_empty());
    (filled.map_or(0, |rank| rank + 1) + SPARE).min(ROWS_AT_MOST)
}

/// What is filled in, upon what was there; what no field says stays.
///
/// # Errors
/// All that is wrong.
pub fn read(form: &FormPost, before: &Filled) -> Result<Filled, Vec<Wrong>> {
    let mut wrong: Vec<Wrong> = Vec::new();
    let text = |name: &str| form.text(name).to_owned();
    let name = |name: &str| Name { fr: text(name), en: text(&format!("{name}_en")) };
    let mut read = |name: &str, (least, most): (u32, u32), typed: Option<u32>, key: &'static str| {
        typed.filter(|it| (least..=most).contains(it)).unwrap_or_else(|| {
            wrong.push((name.to_owned(), key));
            least
        })
    };
    let mut length = |name: &str, least: u32, most: u32| {
        read(name, (least, most), lengths::read(form.text(name)), "rooms-admin-wrong-length")
    };
    let mut terms = before.details.terms.clone();
    terms.before_minutes = length("avant", 0, 24 * 60);
    terms.after_minutes = length("apres", 0, 24 * 60);
    terms.shortest_minutes = length("minimum", 1, 31 * 24 * 60);
    terms.longest_minutes = length("maximum", 1, 31 * 24 * 60);
    if matches!(terms.starts, Starts::Every(_)) {
        let every = length("pas", 5, 24 * 60);
        terms.starts =
            Starts::Every(u16::try_from(every).ok().and_then(NonZeroU16::new).unwrap_or(NonZeroU16::MIN));
    }
    let mut number = |name: &str, least: u32, most: u32| {
        read(name, (least, most), form.text(name).parse().ok(), "rooms-admin-wrong-number")
    };
    let days = number("delai", 0, 365);
    // Hours that a page of days does not show stay as they are.
    if days != before.details.terms.ahead_minutes / (24 * 60) {
        terms.ahead_minutes = days * 24 * 60;
    }
    terms.ahead_days = number("horizon", 1, 1_000);
    if terms.shortest_minutes > terms.longest_minutes {
        wrong.push(("maximum".to_owned(), "rooms-admin-wrong-lengths"));
    }
    terms.layouts = layouts(form, &mut wrong);
    let details = ResourceDetails {
        slug: if before.details.slug.is_empty() { text("adresse_web") } else { before.details.slug.clone() },
        name: name("nom"),
        active: form.get("active").is_some(),
        terms,
        ..before.details.clone()
    };
    let equipment_en: Vec<&str> = form.text("equipement_en").lines().map(str::trim).collect();
    let equipment = form.text("equipement").lines().map(str::trim).enumerate();
    let equipment = equipment.filter(|(_, line)| !line.is_empty()).map(|(rank, line)| Name {
        fr: line.to_owned(),
        en: equipment_en.get(rank).map(|line| (*line).to_owned()).unwrap_or_default(),
    });
    let sheet = Sheet {
        summary: name("resume"),
        about: name("texte"),
        address: text("adresse"),
        access: form.all("acces").filter_map(Access::from_word).collect(),
        equipment: equipment.collect(),
        procedure: text("demarche"),
    };
    if wrong.is_empty() {
        Ok(Filled { details, sheet, published: form.get("publiee").is_some() })
    } else {
        Err(wrong)
    }
}

fn layouts(form: &FormPost, wrong: &mut Vec<Wrong>) -> Vec<Layout> {
    let mut layouts = Vec::new();
    for rank in 0..ROWS_AT_MOST {
        let at = |name: &str| format!("{name}-{rank}");
        let (fr, people) = (form.text(&at("disposition")), form.text(&at("places")));
        if fr.is_empty() && people.is_empty() {
            continue;
        }
        match people.parse::<u32>().ok().filter(|people| *people > 0 && !fr.is_empty()) {
            Some(people) => {
                let name = Name { fr: fr.to_owned(), en: form.text(&at("disposition_en")).to_owned() };
                layouts.push(Layout { name, people });
            }
            None => wrong.push((at("places"), "rooms-admin-wrong-layout")),
        }
    }
    layouts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_of_the_fields_of_a_room_is_the_room() {
        let mut room = blank();
        room.details.slug = "salle".to_owned();
        room.details.name.fr = "Salle".to_owned();
        room.sheet.summary.fr = "Une salle.".to_owned();
        room.details.terms.layouts =
            vec![Layout { name: Name { fr: "Assis".to_owned(), en: "Seated".to_owned() }, people: 40 }];
        room.sheet.equipment = vec![Name { fr: "Tables".to_owned(), en: "Tables".to_owned() }];
        room.sheet.access = vec![Access::Lift, Access::Parking];
        let read = read(&fields(&room), &room).unwrap_or_else(|wrong| panic!("{wrong:?}"));
        assert_eq!((read.details, read.sheet, read.published), (room.details, room.sheet, false));
    }

    #[test]
    fn what_is_wrong_is_told_at_its_field() {
        let form = fields(&blank());
        let form = FormPost::default()
            .with("avant", "beaucoup".to_owned())
            .with("disposition-0", "Assis".to_owned())
            .with("minimum", "120".to_owned())
            .with("maximum", "60".to_owned())
            .with("apres", form.text("apres").to_owned())
            .with("delai", "0".to_owned())
            .with("horizon", "10".to_owned())
            .with("pas", "15".to_owned());
        let wrong = read(&form, &blank()).err().unwrap();
        let at: Vec<&str> = wrong.iter().map(|(at, _)| at.as_str()).collect();
        assert_eq!(at, ["avant", "maximum", "places-0"]);
    }
}
