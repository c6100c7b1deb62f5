//! Photographs and the plan of a room: added with words in both languages, put in order, shown to the public.

use axum::http::StatusCode;
use beffroi_people::Role;

use crate::{
    handed::{JPEG, PDF},
    support::in_a_town,
};

const PAGE: &str = "/admin/salles/salle-brassens/photos";

#[test]
fn photographs_are_told_in_both_languages_put_in_order_and_shown() {
    in_a_town(async |town| {
        let manager = town.agent(Role::Manager).await;
        let cookie = format!("beffroi={manager}");
        town.get_as(&manager, PAGE).await.says("Aucune photo");
        let photo = |bytes: &[u8]| [("photo", "scene.jpg", bytes.to_vec())];
        // Without words, or what is no picture: nothing is kept, and what was typed stays.
        let silent = town.send_files(PAGE, &cookie, &[("alt", "La scène")], &photo(JPEG)).await;
        assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
        silent.says("Décrivez en anglais").says("value=\"La scène\"");
        let words = |fr, en| [("alt", fr), ("alt_en", en)];
        let odd = town.send_files(PAGE, &cookie, &words("La scène", "The stage"), &photo(b"MZ\x90\0")).await;
        assert_eq!(odd.status, StatusCode::UNPROCESSABLE_ENTITY);
        odd.says("Ce type de fichier n’est pas accepté");
        for (fr, en) in [("La scène", "The stage"), ("Le bar", "The bar")] {
            let sent = town.send_files(PAGE, &cookie, &words(fr, en), &photo(JPEG)).await;
            assert_eq!(sent.location, format!("{PAGE}?fait=ajoutee"), "{}", sent.body);
        }
        let public = town.get("/salles/salle-brassens").await;
        public.says("alt=\"La scène\"").says("width=\"64\" height=\"48\"").says("loading=\"lazy\"");
        town.get("/salles").await.says("alt=\"La scène\"");
        let src = public.body.split("<img class=\"photos__image\" src=\"").nth(1).unwrap();
        let src = src.split('"').next().unwrap().to_owned();
        let (caching, bytes) = town.get_bytes(&src).await;
        assert!(caching.contains("immutable"), "{caching}");
        assert!(bytes.starts_with(b"\xff\xd8\xff"));
        // The second goes first.
        let page = town.get_as(&manager, PAGE).await;
        let actions: Vec<&str> = page.body.split(&format!("action=\"{PAGE}/")).skip(1).collect();
        let second = actions[1].split('"').next().unwrap();
        town.post(&format!("{PAGE}/{second}"), &cookie, &[("faire", "monter")]).await;
        town.get("/salles").await.says("alt=\"Le bar\"").is_silent_about("alt=\"La scène\"");
        let (fr, en) = (format!("alt-{second}"), format!("alt_en-{second}"));
        let emptied = town.post(&format!("{PAGE}/{second}"), &cookie, &[(&fr, ""), (&en, "The bar")]).await;
        assert_eq!(emptied.status, StatusCode::UNPROCESSABLE_ENTITY);
        town.post(&format!("{PAGE}/{second}"), &cookie, &[("faire", "retirer")]).await;
        town.get("/salles").await.says("alt=\"La scène\"");
    });
}

#[test]
fn a_plan_is_linked_and_nobody_else_sends_one() {
    in_a_town(async |town| {
        let manager = town.agent(Role::Manager).await;
        let cookie = format!("beffroi={manager}");
        let plan = "/admin/salles/salle-brassens/plan";
        let none = town.send_files(plan, &cookie, &[], &[]).await;
        assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(town.get("/salles/salle-brassens/plan").await.status, StatusCode::NOT_FOUND);
        town.send_files(plan, &cookie, &[], &[("plan", "plan.pdf", PDF.to_vec())]).await;
        town.get("/salles/salle-brassens")
            .await
            .says("href=\"/salles/salle-brassens/plan\"")
            .says("Plan de la salle");
        let (caching, bytes) = town.get_bytes("/salles/salle-brassens/plan").await;
        assert!(caching.contains("max-age"), "{caching}");
        assert!(bytes.starts_with(b"%PDF-"));
        town.send_files(plan, &cookie, &[("faire", "retirer")], &[]).await;
        assert_eq!(town.get("/salles/salle-brassens/plan").await.status, StatusCode::NOT_FOUND);
        let agent = town.agent(Role::Agent).await;
        let sent =
            town.send_files(plan, &format!("beffroi={agent}"), &[], &[("plan", "p.pdf", PDF.to_vec())]).await;
        assert_eq!(sent.status, StatusCode::NOT_FOUND);
    });
}
