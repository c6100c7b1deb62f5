//! The town itself: settings, addresses, departments, procedures.

use std::fmt::Write;

use beffroi_core::Sector;
use beffroi_desk::procedure;
use beffroi_forms::Procedure;
use beffroi_people::{
    Town,
    department::{self, DepartmentDetails},
    permission::permit_system,
    town::{Contact, Court, SchoolZone, Signatory},
};
use beffroi_store::{By, Commune};

use crate::{DemoError, failed};

pub(crate) const STREETS: &str = include_str!("../data/streets.txt");
/// Numbers of a street, even and odd: short streets and long ones.
const NUMBERS: [u32; 4] = [18, 34, 52, 86];

fn settings() -> Town {
    let contact = |name: &str, email: &str, phone: &str| Contact {
        name: name.to_owned(),
        email: email.to_owned(),
        phone: phone.to_owned(),
        postal_address: "Hôtel de ville, 1 place des Platanes\n34400 Lunel".to_owned(),
    };
    Town {
        name: "Lunel".to_owned(),
        insee: "34145".to_owned(),
        siren: "213401458".to_owned(),
        population: 26_623,
        postal_address: "Hôtel de ville\n1 place des Platanes".to_owned(),
        postcode: "34400".to_owned(),
        // Numbers of this range are kept for fiction (ARCEP, décision 2018-0881).
        phone: "04 65 71 00 10".to_owned(),
        email: "mairie@lunel.example".to_owned(),
        opening_hours: "Du lundi au vendredi, de 8 h 30 à 12 h et de 13 h 30 à 17 h 30".to_owned(),
        signatory: Signatory {
            given_name: "Camille".to_owned(),
            family_name: "Bastide".to_owned(),
            quality: "La maire".to_owned(),
        },
        school_zone: SchoolZone::C,
        dpo: contact("Le délégué à la protection des données", "dpo@lunel.example", "04 65 71 00 14"),
        accessibility: contact("Le référent accessibilité", "accessibilite@lunel.example", "04 65 71 00 15"),
        court: Court {
            name: "tribunal administratif de Montpellier".to_owned(),
            postal_address: "6 rue Pitot\nCS 99002\n34063 Montpellier Cedex 02".to_owned(),
        },
        // So that the demonstration opens with the passwords it prints.
        password_suffices: true,
        ..Town::default()
    }
}

/// The address file of the town, in the format of the Base Adresse Locale.
fn addresses() -> String {
    let mut file =
        String::from("cle_interop;commune_insee;commune_nom;voie_nom;numero;suffixe;position;long;lat\n");
    for (rank, street) in STREETS.lines().enumerate() {
        let longest = NUMBERS.iter().cycle().nth(rank).copied().unwrap_or(20);
        for number in 1..=longest {
            // Streets lie side by side north of the canal; the numbers go east.
            let east = 4.118 + f64::from(number) * 0.000_16;
            let north = 43.668 + f64::from(u32::try_from(rank).unwrap_or_default()) * 0.000_31;
            let key = format!("34145_{:04}_{number:05}", rank + 10);
            let _ = writeln!(file, "{key};34145;Lunel;{street};{number};;entrée;{east:.6};{north:.6}");
        }
    }
    file
}

/// Departments: slug, name, telephone, e-mail, sector.
const DEPARTMENTS: [(&str, &str, &str, &str, Sector); 7] = [
    (
        "etat-civil",
        "Service de l’état civil",
        "04 65 71 00 20",
        "etat-civil@lunel.example",
        Sector::CivilStatus,
    ),
    (
        "domaine-public",
        "Service du domaine public",
        "04 65 71 00 21",
        "domaine-public@lunel.example",
        Sector::TownPlanning,
    ),
    (
        "vie-associative",
        "Maison des associations",
        "04 65 71 00 22",
        "associations@lunel.example",
        Sector::CommunityLife,
    ),
    (
        "education",
        "Service de l’éducation",
        "04 65 71 00 23",
        "education@lunel.example",
        Sector::SchoolFamily,
    ),
    (
        "police-municipale",
        "Police municipale",
        "04 65 71 00 24",
        "police-municipale@lunel.example",
        Sector::Safety,
    ),
    (
        "services-techniques",
        "Services techniques",
        "04 65 71 00 25",
        "services-techniques@lunel.example",
        Sector::TownPlanning,
    ),
    ("accueil", "Accueil de la mairie", "04 65 71 00 10", "mairie@lunel.example", Sector::General),
];

/// Settles the town.
pub(crate) fn settle(commune: &Commune, procedures: &[String]) -> Result<(), DemoError> {
    let mut read = Vec::new();
    for text in procedures {
        read.push(Procedure::from_toml(text).map_err(failed)?);
    }
    commune.write_blocking(By::SYSTEM, move |tx| {
        let permit = permit_system(tx).map_err(failed)?;
        settings().save(tx, &permit).map_err(failed)?;
        let permit = permit_system(tx).map_err(failed)?;
        for (slug, name, phone, email, sector) in DEPARTMENTS {
            let details = DepartmentDetails {
                slug: slug.to_owned(),
                parent: None,
                name: name.to_owned(),
                phone: phone.to_owned(),
                email: email.to_owned(),
                postal_address: String::new(),
                hours: String::new(),
                sector,
            };
            department::create(tx, &permit, &details).map_err(failed)?;
        }
        beffroi_places::import(tx, addresses().as_bytes()).map_err(failed)?;
        for procedure in &read {
            procedure::publish(tx, procedure).map_err(failed)?;
        }
        Ok(())
    })
}
