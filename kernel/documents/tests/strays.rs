//! What nobody names any more is erased; what somebody names, or is about to, stays.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::{Path, PathBuf};

use beffroi_core::{Id, Instant};
use beffroi_documents::{
    Document, Gate, Limits, MIGRATIONS, MediaType, NewDocument, StoredFile, cleared, forget_of, receive,
    store_generated, sweep_contents, sweep_quarantine, sweep_strays,
};
use beffroi_store::{
    By, StoreError,
    testing::{TestCommune, on_both_engines},
};
use bytes::Bytes;
use chrono::TimeDelta;
use futures_util::{StreamExt, stream};
use uuid::Uuid;

const DRAFT: Uuid = Uuid::from_u128(7);

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

fn upload(fixture: &TestCommune, text: &str) -> StoredFile {
    let limits = Limits { bytes: 1_000, types: vec![MediaType::Text] };
    let chunks = stream::iter([Ok::<_, std::io::Error>(Bytes::from(text.to_owned()))]);
    runtime().block_on(receive(&fixture.commune, chunks, "carte.txt", &limits)).unwrap()
}

fn attach(fixture: &TestCommune, file: &StoredFile) -> Id<Document> {
    let file = file.clone();
    let created = fixture.commune.write_blocking(By::VISITOR, move |tx| {
        let new = NewDocument { file: &file, owner_kind: "draft", owner_id: DRAFT, purpose: "proof" };
        Document::create(tx, Gate::Open, &new)
    });
    created.unwrap().id
}

fn forget(fixture: &TestCommune) {
    fixture.commune.write_blocking(By::SYSTEM, |tx| forget_of(tx, "draft", &[DRAFT])).unwrap();
}

fn readable(fixture: &TestCommune, id: Id<Document>) -> bool {
    let Some(cleared) = fixture.commune.read_blocking(By::VISITOR, |tx| cleared(tx, id)).unwrap() else {
        return false;
    };
    runtime().block_on(async {
        match cleared.content(&fixture.commune).await {
            Ok(content) => content.all(|chunk| std::future::ready(chunk.is_ok())).await,
            Err(_) => false,
        }
    })
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

fn kept(fixture: &TestCommune) -> Vec<PathBuf> {
    files(&fixture.commune.folder().join("documents/kept"))
}

/// As if all that is kept had arrived then.
fn arrived(fixture: &TestCommune, at: Instant) {
    for file in kept(fixture) {
        std::fs::File::options().write(true).open(file).unwrap().set_modified(at.into()).unwrap();
    }
}

fn contents(fixture: &TestCommune) -> i64 {
    let counted = fixture
        .commune
        .read_blocking(By::SYSTEM, |tx| tx.query_one("SELECT COUNT(*) FROM content", &[], |row| row.get(0)));
    counted.unwrap()
}

fn sweep(fixture: &TestCommune) -> u64 {
    let now = fixture.commune.now();
    let (day, month) = (now - TimeDelta::days(1), now - TimeDelta::days(30));
    let contents = sweep_contents(&fixture.commune, day).unwrap();
    contents
        + sweep_strays(&fixture.commune, day).unwrap()
        + sweep_quarantine(&fixture.commune, month).unwrap()
}

#[test]
fn what_nobody_names_goes_after_a_day_and_what_somebody_names_stays() {
    on_both_engines(MIGRATIONS, |fixture| {
        let now = fixture.commune.now();
        let named = attach(fixture, &upload(fixture, "named"));
        assert_eq!(sweep(fixture), 0, "there is nothing to do");
        let refused = upload(fixture, "of a request that was refused");
        arrived(fixture, now);
        assert_eq!(sweep(fixture), 0, "its request may still be under way");
        arrived(fixture, now - TimeDelta::days(2));
        assert_eq!(sweep(fixture), 1);
        assert_eq!((kept(fixture).len(), contents(fixture)), (1, 1));
        assert!(readable(fixture, named));
        forget(fixture);
        assert_eq!(sweep(fixture), 1);
        assert_eq!((kept(fixture).len(), contents(fixture)), (0, 0), "an abandoned draft leaves nothing");
        let again = attach(fixture, &upload(fixture, "of a request that was refused"));
        assert!(readable(fixture, again));
        assert_eq!(refused.bytes(), 29);
    })
    .unwrap();
}

#[test]
fn what_two_name_stays_until_both_are_gone() {
    on_both_engines(MIGRATIONS, |fixture| {
        attach(fixture, &upload(fixture, "shared"));
        let file = upload(fixture, "shared");
        let other = fixture.commune.write_blocking(By::VISITOR, move |tx| {
            let new = NewDocument { file: &file, owner_kind: "case", owner_id: DRAFT, purpose: "proof" };
            Document::create(tx, Gate::Open, &new)
        });
        forget(fixture);
        arrived(fixture, fixture.commune.now() - TimeDelta::days(2));
        assert_eq!(sweep(fixture), 0);
        assert!(readable(fixture, other.unwrap().id));
    })
    .unwrap();
}

#[test]
fn what_comes_again_while_its_old_content_is_erased_stays() {
    on_both_engines(MIGRATIONS, |fixture| {
        let old = fixture.commune.now() - TimeDelta::days(2);
        attach(fixture, &upload(fixture, "identity card"));
        forget(fixture);
        arrived(fixture, old);
        // It has arrived, and its request is under way.
        let file = upload(fixture, "identity card");
        assert_eq!(sweep(fixture), 0);
        assert!(readable(fixture, attach(fixture, &file)));
        forget(fixture);

        let generated = || store_generated(&fixture.commune, "carte.pdf", b"%PDF-1.7").unwrap();
        generated();
        arrived(fixture, old);
        let file = generated();
        sweep(fixture);
        assert!(readable(fixture, attach(fixture, &file)), "what was there already is young again");
    })
    .unwrap();
}

#[test]
fn more_than_a_page_goes_and_so_does_the_quarantine_after_a_month() {
    on_both_engines(MIGRATIONS, |fixture| {
        let now = fixture.commune.now();
        let kept_in = fixture.commune.folder().join("documents/kept/ab/cd");
        std::fs::create_dir_all(&kept_in).unwrap();
        std::fs::write(kept_in.join("abcd#1"), b"cut off").unwrap();
        for number in 0..450 {
            std::fs::write(kept_in.join(format!("abcd{number:060}")), b"x").unwrap();
        }
        let rows = fixture.commune.write_blocking(By::SYSTEM, |tx| {
            for number in 0..450 {
                tx.execute(
                    "INSERT INTO content (sha256, media_type, bytes, state) VALUES ($1, 'text/plain', 1, 'clean')",
                    &[&format!("ffff{number:060}")],
                )?;
            }
            Ok::<_, StoreError>(())
        });
        rows.unwrap();
        arrived(fixture, now - TimeDelta::days(2));
        let quarantine = fixture.commune.folder().join("documents/quarantine");
        std::fs::create_dir_all(&quarantine).unwrap();
        for (name, days) in [("old", 31), ("young", 29)] {
            let file = std::fs::File::create(quarantine.join(name)).unwrap();
            file.set_modified((now - TimeDelta::days(days)).into()).unwrap();
        }
        assert_eq!(sweep(fixture), 902);
        assert_eq!((kept(fixture).len(), contents(fixture)), (0, 0));
        assert!(quarantine.join("young").exists() && !quarantine.join("old").exists());
    })
    .unwrap();
}
