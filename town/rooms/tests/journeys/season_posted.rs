//! Whoever has no e-mail has the results of a season by post.

use std::{
    io::{Read as _, Write as _},
    process::{Command, Stdio},
};

use axum::http::StatusCode;
use beffroi_core::{Id, Sector};
use beffroi_documents as documents;
use beffroi_notify::letter;
use beffroi_people::{
    Role,
    department::{self, DepartmentDetails},
    permission::permit_system,
};
use beffroi_store::{By, StoreError};
use chrono::TimeDelta;
use uuid::Uuid;

use crate::{
    season::{OFFICE, PUBLIC, ROUND, post, request, settings, step, with},
    support::{Town, in_a_town},
};

const TRAY: &str = "vie-associative";

async fn letters(town: &Town<'_>) -> Vec<letter::Letter> {
    let read = town.fixture.commune.read(By::SYSTEM, |tx| letter::waiting(tx, &[TRAY.to_owned()], 10));
    read.await.unwrap()
}

/// The words of a document.
async fn words_of(town: &Town<'_>, id: Uuid) -> String {
    let commune = &town.fixture.commune;
    let read = commune.read(By::SYSTEM, move |tx| documents::cleared(tx, Id::from_uuid(id)));
    let mut pdf = Vec::new();
    read.await.unwrap().unwrap().open(commune).unwrap().read_to_end(&mut pdf).unwrap();
    let mut reader = Command::new("pdftotext")
        .args(["-", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    reader.stdin.take().unwrap().write_all(&pdf).unwrap();
    let text = String::from_utf8(reader.wait_with_output().unwrap().stdout).unwrap();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn whoever_has_no_mail_has_the_results_by_post() {
    in_a_town(async |town| {
        let made = town.fixture.commune.write(By::SYSTEM, |tx| {
            let permit = permit_system(tx).unwrap();
            let details = DepartmentDetails {
                slug: TRAY.to_owned(),
                parent: None,
                name: "Vie associative".to_owned(),
                phone: String::new(),
                email: String::new(),
                postal_address: "240 avenue Victor-Hugo".to_owned(),
                hours: String::new(),
                sector: Sector::General,
            };
            department::create(tx, &permit, &details).unwrap();
            Ok::<_, StoreError>(())
        });
        made.await.unwrap();
        let manager = town.agent(Role::Manager).await;
        let hall = town.hall.to_string();
        town.get_as(&manager, &format!("{OFFICE}/nouvelle")).await.says("Service qui poste les résultats");
        let round = with(settings(&hall), "service", TRAY);
        let made = post(town, &manager, &format!("{OFFICE}/nouvelle"), &round).await;
        assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.body);
        assert_eq!(step(town, &manager, "ouvrir").await.status, StatusCode::SEE_OTHER);
        let asked = with(request(1, &hall, "Boule des Platanes", "", "20"), "courriel", "");
        let asked = with(asked, "adresse", "3 rue des Tamaris\n34400 Lunel");
        let taken = post(town, &manager, &format!("{ROUND}/demande"), &asked).await;
        assert_eq!(taken.status, StatusCode::SEE_OTHER, "{}", taken.body);
        // Another has a mail, and no letter.
        let other =
            with(request(2, &hall, "Pas à pas", "W341005678", "8"), "adresse", "1 rue Basse\n34400 Lunel");
        let taken = post(town, &manager, &format!("{ROUND}/demande"), &other).await;
        assert_eq!(taken.status, StatusCode::SEE_OTHER, "{}", taken.body);
        town.fixture.clock.set(town.now() + TimeDelta::days(13));
        let manager = town.sign_in("manager@lunel.example").await;
        assert_eq!(step(town, &manager, "proposer").await.status, StatusCode::SEE_OTHER);
        assert!(letters(town).await.is_empty(), "nothing is told before it is published");
        assert_eq!(step(town, &manager, "publier").await.status, StatusCode::SEE_OTHER);
        town.work().await;
        town.work().await;
        let [posted] = &letters(town).await[..] else { panic!("one letter") };
        assert_eq!(posted.recipient, "Boule des Platanes");
        assert_eq!(posted.lines, ["Lila Nouri", "3 rue des Tamaris", "34400 Lunel"]);
        let letter::Content::Document { id } = &posted.content else { panic!("a document") };
        // The contract goes in the same envelope, behind the letter that names it.
        let words = words_of(town, *id).await;
        assert!(words.contains("La convention d’occupation est jointe."), "{words}");
        assert!(words.contains("Convention d’occupation : Salle Brassens, première date"), "{words}");
        assert!(words.contains("Article 1"), "{words}");
        assert_eq!(town.get(PUBLIC).await.status, StatusCode::OK);
    });
}
