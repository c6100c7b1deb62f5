//! What the rooms of the demonstration look like, what is found in them, their keys and codes; and the first deposit.

use std::sync::Arc;

use beffroi_calendar::resource::{self, Name, Resource};
use beffroi_core::{Id, calendar::civil_day};
use beffroi_documents::{
    self as documents, Gate, Limits, MediaType, StoredFile,
    picture::{self, Picture},
};
use beffroi_people::{Town, permission::permit_system};
use beffroi_rooms::{
    InspectRooms, ManageDeposits, ManageRooms,
    deposit::{self, Means},
    insurance,
    inventory::{self, Thing},
    key, photo,
    premises::Granted,
};
use beffroi_store::{By, Commune, Tx};
use chrono::Days;

use crate::{DemoError, failed, people::Agents};

/// A photograph: of which room, the file, and what it shows in both languages.
const PHOTOS: [(&str, &[u8], &str, &str); 4] = [
    (
        "espace-vidourle",
        include_bytes!("../pictures/hall.jpg"),
        "La scène et son rideau rouge, vus du fond de la salle, avec les chaises en rangées",
        "The stage and its red curtain, seen from the back of the hall, with chairs in rows",
    ),
    (
        "espace-vidourle",
        include_bytes!("../pictures/kitchen.jpg"),
        "La cuisine, avec un four, deux meubles bas et un évier",
        "The kitchen, with an oven, two cupboards and a sink",
    ),
    (
        "espace-vidourle-centre",
        include_bytes!("../pictures/hall.jpg"),
        "La partie centrale, devant la scène",
        "The middle part, in front of the stage",
    ),
    (
        "salle-brassens",
        include_bytes!("../pictures/brassens.jpg"),
        "La salle claire, avec une petite scène et des chaises en rangées",
        "The bright room, with a small stage and chairs in rows",
    ),
];

/// What is found in the rooms: of which room, where in it, what, how many.
const THINGS: [(&str, &str, &str, u32); 9] = [
    ("salle-brassens", "", "Chaises", 120),
    ("salle-brassens", "", "Tables pliantes", 20),
    ("salle-brassens", "Scène", "Piano droit", 1),
    ("salle-brassens", "Scène", "Vidéoprojecteur", 1),
    ("espace-vidourle", "Grande salle", "Chaises", 420),
    ("espace-vidourle", "Grande salle", "Tables", 60),
    ("espace-vidourle", "Cuisine", "Four", 2),
    ("espace-vidourle", "Cuisine", "Réfrigérateur", 2),
    ("espace-vidourle", "Abords", "Portail", 1),
];

/// Keys: of which room, what each is called and its number.
const KEYS: [(&str, &str, &str); 4] = [
    ("salle-brassens", "Porte d’entrée", "12"),
    ("salle-brassens", "Badge de l’alarme", "B-7"),
    ("espace-vidourle", "Porte principale", "3"),
    ("espace-vidourle", "Cuisine", "4"),
];

/// The department that lets rooms.
const DEPARTMENT: &str = "vie-associative";

/// Furnishes the rooms.
pub(crate) fn furnish(commune: &Arc<Commune>, agents: &Agents) -> Result<(), DemoError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
    for (slug, file, fr, en) in PHOTOS {
        let [large, small] = picture::pictures(file, [1_600, 560]).map_err(failed)?;
        let sizes = [(large.width, large.height), (small.width, small.height)];
        let (large, small) = runtime.block_on(async {
            Ok::<_, DemoError>((received(commune, large).await?, received(commune, small).await?))
        })?;
        commune.write_blocking(By::SYSTEM, move |tx| {
            let permit = permit_system::<ManageRooms>(tx).map_err(failed)?;
            let room = room_of(tx, slug)?;
            let alt = Name { fr: fr.to_owned(), en: en.to_owned() };
            let [large_size, small_size] = sizes;
            let pair = ((&large, large_size), (&small, small_size));
            photo::add(tx, &permit, room, pair, &alt, Gate::Open)?.map(drop).map_err(failed)
        })?;
    }
    let clerk = agents.of(DEPARTMENT)?.uuid();
    commune.write_blocking(By::SYSTEM, move |tx| {
        let permit = permit_system::<ManageRooms>(tx).map_err(failed)?;
        for slug in ["salle-brassens", "espace-vidourle"] {
            let room = room_of(tx, slug)?;
            let own = THINGS.iter().filter(|(of, ..)| *of == slug);
            let things: Vec<Thing> = own
                .map(|(_, place, name, expected)| Thing {
                    place: (*place).to_owned(),
                    name: (*name).to_owned(),
                    expected: *expected,
                    value: None,
                })
                .collect();
            inventory::keep(tx, &permit, room, &things)?;
            for (_, label, number) in KEYS.iter().filter(|(of, ..)| *of == slug) {
                key::add(tx, &permit, room, (*label, *number))?;
            }
        }
        let today = civil_day(tx.now(), Town::load(tx)?.zone());
        let later = |days| today.checked_add_days(Days::new(days)).unwrap_or(today);
        let hall = room_of(tx, "espace-vidourle")?;
        key::set_code(tx, &permit, hall, (today, later(90)), "4815A")?;
        first_deposit(tx, clerk)
    })
}

/// The first booking that was granted: its deposit is there, and its certificate was looked at.
fn first_deposit(tx: &mut Tx<'_>, clerk: uuid::Uuid) -> Result<(), DemoError> {
    let sql = "SELECT id FROM calendar_booking WHERE state = 'firm' AND owner IS NOT NULL ORDER BY starts_at LIMIT 1";
    let first = tx.query_opt(sql, &[], |row| row.get(0))?;
    let Some(found) = first.map(|id| Granted::of_booking(tx, id)).transpose()?.flatten() else {
        return Ok(());
    };
    let (id, today) = (found.booking_id(), found.today());
    let permit = permit_system::<InspectRooms>(tx).map_err(failed)?;
    let until = today.checked_add_days(Days::new(200)).unwrap_or(today);
    insurance::note(tx, &permit, id, until, clerk)?;
    if !deposit::promise(tx, &found)? {
        return Ok(());
    }
    let Some(it) = deposit::find(tx, id)? else { return Ok(()) };
    let permit = permit_system::<ManageDeposits>(tx).map_err(failed)?;
    let given = (Means::Cheque, "Crédit agricole 0045912", today);
    deposit::hold(tx, &permit, &it, given, (clerk, today))?.map_err(failed)
}

fn room_of(tx: &mut Tx<'_>, slug: &str) -> Result<Id<Resource>, DemoError> {
    let found = resource::by_slug(tx, slug)?;
    found.map(|room| room.id).ok_or_else(|| failed(format!("{slug} is not there")))
}

async fn received(commune: &Arc<Commune>, picture: Picture) -> Result<StoredFile, DemoError> {
    let limits = Limits { types: vec![MediaType::Jpeg], ..Limits::default() };
    let content = futures_util::stream::iter([Ok::<_, std::io::Error>(picture.bytes.into())]);
    documents::receive(commune, content, "photo.jpg", &limits).await.map_err(failed)
}
