//! Files received, checked, read and refused, on both engines.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    io::{Read, Write},
    net::TcpListener,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use beffroi_core::Id;
use beffroi_documents::{
    Clamd, Document, Gate, Limits, MIGRATIONS, MediaType, NewDocument, NoVerdict, ScanHandler, Scanner,
    State, StoredFile, UploadError, Verdict, cleared, find, of_owner, receive, store_generated,
    sweep_incoming, sweep_unchecked,
};
use beffroi_store::{
    By,
    background::Workers,
    journal,
    testing::{TestCommune, on_both_engines},
};
use bytes::Bytes;
use chrono::TimeDelta;
use futures_util::{StreamExt, stream};
use uuid::Uuid;

const CASE: Uuid = Uuid::from_u128(7);

/// Finds what contains a word; can be away.
#[derive(Default)]
struct WordScanner {
    away: AtomicBool,
}
impl Scanner for WordScanner {
    fn scan(&self, file: &Path) -> Result<Verdict, NoVerdict> {
        if self.away.load(Ordering::Relaxed) {
            return Err(NoVerdict::Away("stopped".to_owned()));
        }
        let content = std::fs::read(file).map_err(|error| NoVerdict::Away(error.to_string()))?;
        let bad = content.windows(4).any(|word| word == b"EVIL");
        Ok(if bad { Verdict::Infected("Evil".to_owned()) } else { Verdict::Clean })
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

fn send(
    fixture: &TestCommune,
    chunks: Vec<Result<Bytes, String>>,
    limits: &Limits,
) -> Result<StoredFile, UploadError> {
    runtime().block_on(receive(&fixture.commune, stream::iter(chunks), "pièce.pdf", limits))
}

fn pdf(text: &str) -> Vec<Result<Bytes, String>> {
    vec![Ok(Bytes::from_static(b"%PDF-1.7\n")), Ok(Bytes::from(text.to_owned()))]
}

fn attach(fixture: &TestCommune, gate: Gate, file: &StoredFile) -> Document {
    let file = file.clone();
    fixture
        .commune
        .write_blocking(By::VISITOR, move |tx| {
            Document::create(
                tx,
                gate,
                &NewDocument { file: &file, owner_kind: "case", owner_id: CASE, purpose: "proof" },
            )
        })
        .unwrap()
}

fn state(fixture: &TestCommune, id: Id<Document>) -> State {
    fixture.commune.read_blocking(By::VISITOR, |tx| find(tx, id)).unwrap().unwrap().state
}

fn content(fixture: &TestCommune, id: Id<Document>) -> Option<Vec<u8>> {
    let cleared = fixture.commune.read_blocking(By::VISITOR, |tx| cleared(tx, id)).unwrap()?;
    Some(runtime().block_on(async {
        let chunks: Vec<_> = cleared.content(&fixture.commune).await.unwrap().collect().await;
        chunks.into_iter().flat_map(|chunk| chunk.unwrap().to_vec()).collect()
    }))
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    entries
        .flat_map(|entry| {
            let path = entry.unwrap().path();
            if path.is_dir() { files(&path) } else { vec![path] }
        })
        .collect()
}

fn on_disk(fixture: &TestCommune) -> Vec<std::path::PathBuf> {
    files(&fixture.commune.folder().join("documents"))
}

fn workers(scanner: &Arc<WordScanner>) -> Arc<Workers> {
    let handler = ScanHandler::new(Arc::clone(scanner) as Arc<dyn Scanner>);
    Arc::new(Workers { handlers: vec![Arc::new(handler)], ..Workers::default() })
}

fn told(fixture: &TestCommune) -> Vec<String> {
    let entries =
        fixture.commune.read_blocking(By::SYSTEM, |tx| journal::of_subject(tx, "case", CASE, 10)).unwrap();
    entries.into_iter().map(|it| it.kind).collect()
}

#[test]
fn without_a_scanner_a_file_is_readable_at_once() {
    on_both_engines(MIGRATIONS, |fixture| {
        let file = send(fixture, pdf("bonjour"), &Limits::default()).unwrap();
        assert_eq!((file.media_type(), file.bytes(), file.name()), (MediaType::Pdf, 16, "pièce.pdf"));
        let document = attach(fixture, Gate::Open, &file);
        assert_eq!(content(fixture, document.id).unwrap(), b"%PDF-1.7\nbonjour");
        let of_case =
            fixture.commune.read_blocking(By::VISITOR, |tx| of_owner(tx, "case", CASE, 10)).unwrap();
        assert_eq!(of_case, [document]);
    })
    .unwrap();
}

#[test]
fn nothing_is_readable_before_a_clean_answer() {
    on_both_engines(MIGRATIONS, |fixture| {
        let scanner = Arc::new(WordScanner::default());
        let workers = workers(&scanner);
        let document =
            attach(fixture, Gate::Guarded, &send(fixture, pdf("bonjour"), &Limits::default()).unwrap());
        assert_eq!(content(fixture, document.id), None);
        scanner.away.store(true, Ordering::Relaxed);
        fixture.settle(&workers).unwrap();
        assert_eq!((state(fixture, document.id), content(fixture, document.id)), (State::Received, None));
        scanner.away.store(false, Ordering::Relaxed);
        fixture.clock.set("2026-06-03T09:00:00Z".parse().unwrap());
        fixture.settle(&workers).unwrap();
        assert!(content(fixture, document.id).is_some());
        assert_eq!(told(fixture), ["document.cleared"]);
    })
    .unwrap();
}

#[test]
fn a_file_is_checked_however_long_the_scanner_was_away() {
    on_both_engines(MIGRATIONS, |fixture| {
        let scanner = Arc::new(WordScanner::default());
        let workers = workers(&scanner);
        let document =
            attach(fixture, Gate::Guarded, &send(fixture, pdf("bonjour"), &Limits::default()).unwrap());
        scanner.away.store(true, Ordering::Relaxed);
        for _ in 0..40 {
            fixture.settle(&workers).unwrap();
            fixture.clock.advance(TimeDelta::hours(6));
        }
        assert_eq!(state(fixture, document.id), State::Received);
        scanner.away.store(false, Ordering::Relaxed);
        fixture.settle(&workers).unwrap();
        assert!(content(fixture, document.id).is_some());
    })
    .unwrap();
}

/// Will judge nothing.
struct Refuser;
impl Scanner for Refuser {
    fn scan(&self, _: &Path) -> Result<Verdict, NoVerdict> {
        Err(NoVerdict::Refused("too large".to_owned()))
    }
}

#[test]
fn a_check_that_was_given_up_is_asked_for_again_the_next_day() {
    on_both_engines(MIGRATIONS, |fixture| {
        let file = send(fixture, pdf("bonjour"), &Limits::default()).unwrap();
        let document = attach(fixture, Gate::Guarded, &file);
        attach(fixture, Gate::Guarded, &file);
        let asked = || {
            let read = fixture.commune.read_blocking(By::SYSTEM, |tx| {
                tx.query("SELECT failed FROM job ORDER BY id LIMIT 10", &[], |row| row.get::<bool>(0))
            });
            read.unwrap()
        };
        sweep_unchecked(&fixture.commune).unwrap();
        assert_eq!(asked(), [false], "one check serves both, and waits already");
        let refusing =
            Workers { handlers: vec![Arc::new(ScanHandler::new(Arc::new(Refuser)))], ..Workers::default() };
        let refusing = Arc::new(refusing);
        for _ in 0..2 {
            fixture.settle(&refusing).unwrap();
            assert_eq!((asked(), state(fixture, document.id)), (vec![true], State::Received));
            sweep_unchecked(&fixture.commune).unwrap();
        }
        fixture.settle(&workers(&Arc::default())).unwrap();
        assert_eq!(asked(), [false; 0]);
        assert!(content(fixture, document.id).is_some());
        assert_eq!(told(fixture), ["document.cleared", "document.cleared"]);
        sweep_unchecked(&fixture.commune).unwrap();
        assert_eq!(asked(), [false; 0], "what is checked is not checked again");
    })
    .unwrap();
}

#[test]
fn what_waits_for_a_scanner_that_is_there_no_more_is_let_through_and_a_virus_is_not() {
    on_both_engines(MIGRATIONS, |fixture| {
        let scanner = Arc::new(WordScanner::default());
        let guarded = |text: &str| {
            attach(fixture, Gate::Guarded, &send(fixture, pdf(text), &Limits::default()).unwrap()).id
        };
        let condemned = guarded("EVIL");
        fixture.settle(&workers(&scanner)).unwrap();
        scanner.away.store(true, Ordering::Relaxed);
        let waiting = guarded("bonjour");
        fixture.settle(&workers(&scanner)).unwrap();
        assert_eq!((state(fixture, condemned), state(fixture, waiting)), (State::Infected, State::Received));

        let open = Workers { handlers: vec![Arc::new(ScanHandler::without_scanner())], ..Workers::default() };
        fixture.clock.set("2026-06-03T09:00:00Z".parse().unwrap());
        fixture.settle(&Arc::new(open)).unwrap();
        assert_eq!(content(fixture, waiting).unwrap(), b"%PDF-1.7\nbonjour");
        assert_eq!((state(fixture, condemned), content(fixture, condemned)), (State::Infected, None));
        assert_eq!(told(fixture), ["document.infected", "document.cleared"]);
    })
    .unwrap();
}

#[test]
fn a_virus_is_moved_aside_and_told_each_time_it_comes() {
    on_both_engines(MIGRATIONS, |fixture| {
        let workers = workers(&Arc::default());
        for _ in 0..2 {
            let document =
                attach(fixture, Gate::Guarded, &send(fixture, pdf("EVIL"), &Limits::default()).unwrap());
            assert_eq!(content(fixture, document.id), None);
            fixture.settle(&workers).unwrap();
            assert_eq!((state(fixture, document.id), content(fixture, document.id)), (State::Infected, None));
            let left = on_disk(fixture);
            assert!(left.len() == 1 && left[0].to_string_lossy().contains("quarantine"), "{left:?}");
        }
        assert_eq!(told(fixture), ["document.infected", "document.infected"]);
    })
    .unwrap();
}

#[test]
fn what_is_refused_leaves_nothing() {
    on_both_engines(MIGRATIONS, |fixture| {
        let small = Limits { bytes: 20, ..Limits::default() };
        let refused = |chunks, limits: &Limits| send(fixture, chunks, limits).unwrap_err();
        assert!(matches!(refused(pdf("beaucoup trop long"), &small), UploadError::TooLarge(20)));
        assert!(matches!(refused(vec![], &small), UploadError::Empty));
        let cut = vec![Ok(Bytes::from_static(b"%PDF-1.7\n")), Err("reset".to_owned())];
        assert!(matches!(refused(cut, &small), UploadError::CutOff(_)));
        let program = vec![Ok(Bytes::from_static(b"MZ\x90\0\x03"))];
        assert!(matches!(refused(program, &small), UploadError::Forbidden(_)));
        let hidden = vec![Ok(Bytes::from("texte ".repeat(4_000))), Ok(Bytes::from_static(b"\0\x01\x02"))];
        assert!(matches!(refused(hidden, &Limits::default()), UploadError::Forbidden(_)));
        let only_pictures = Limits { types: vec![MediaType::Png], ..Limits::default() };
        assert!(matches!(refused(pdf("x"), &only_pictures), UploadError::Forbidden(_)));
        assert_eq!(on_disk(fixture), Vec::<std::path::PathBuf>::new());
    })
    .unwrap();
}

#[test]
fn a_large_file_comes_back_as_it_was_and_twice_is_once() {
    on_both_engines(MIGRATIONS, |fixture| {
        let chunks = || {
            std::iter::once(Ok(Bytes::from_static(b"%PDF-1.7\n")))
                .chain((0..100_u8).map(|n| Ok(Bytes::from(vec![n; 30_000]))))
                .collect::<Vec<_>>()
        };
        let first = attach(fixture, Gate::Open, &send(fixture, chunks(), &Limits::default()).unwrap());
        let second = attach(fixture, Gate::Open, &send(fixture, chunks(), &Limits::default()).unwrap());
        assert_eq!(content(fixture, first.id).unwrap().len(), 3_000_009);
        assert_eq!((first.sha256, on_disk(fixture).len()), (second.sha256, 1));
    })
    .unwrap();
}

#[test]
fn what_the_town_made_needs_no_check() {
    on_both_engines(MIGRATIONS, |fixture| {
        let file = store_generated(&fixture.commune, "accuse.pdf", b"%PDF-1.7 accus\xe9").unwrap();
        let document = attach(fixture, Gate::Guarded, &file);
        assert_eq!(content(fixture, document.id).unwrap(), b"%PDF-1.7 accus\xe9");
    })
    .unwrap();
}

#[test]
fn clamd_finds_the_test_virus() {
    let Ok(address) = std::env::var("BEFFROI_TEST_CLAMD") else {
        eprintln!("skipped: BEFFROI_TEST_CLAMD is not set");
        return;
    };
    let clamd = Clamd { address };
    assert_eq!(clamd.ping(), Ok(()));
    let clamd: Arc<dyn Scanner> = Arc::new(clamd);
    let workers =
        Arc::new(Workers { handlers: vec![Arc::new(ScanHandler::new(clamd))], ..Workers::default() });
    on_both_engines(MIGRATIONS, |fixture| {
        // Put together here, so that no scanner takes this source for the virus.
        let eicar =
            ["X5O!P%@AP[4\\PZX54(P^)7CC)7}$", "EICAR-STANDARD-ANTIVIRUS", "-TEST-FILE!$H+H*"].concat();
        let bad = attach(
            fixture,
            Gate::Guarded,
            &send(fixture, vec![Ok(Bytes::from(eicar))], &Limits::default()).unwrap(),
        );
        let good =
            attach(fixture, Gate::Guarded, &send(fixture, pdf("bonjour"), &Limits::default()).unwrap());
        fixture.settle(&workers).unwrap();
        assert_eq!((state(fixture, bad.id), state(fixture, good.id)), (State::Infected, State::Clean));
    })
    .unwrap();
}

#[test]
fn a_scanner_that_is_away_is_told_from_one_that_refuses() {
    let nobody = Clamd { address: "127.0.0.1:1".to_owned() };
    let file = std::env::current_exe().unwrap();
    assert!(matches!(nobody.scan(&file), Err(NoVerdict::Away(_))));
}

/// A scanner that takes this much of what it is sent, says this, and closes.
fn closing(takes: usize, says: &'static [u8]) -> Clamd {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.read_exact(&mut vec![0; takes]).unwrap();
        stream.write_all(says).unwrap();
    });
    Clamd { address }
}

#[test]
fn a_file_that_one_scanner_will_not_hear_out_holds_up_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let large = folder.path().join("large");
    std::fs::write(&large, vec![b'a'; 20 << 20]).unwrap();
    let silent = closing(1_000, b"").scan(&large);
    assert!(matches!(silent, Err(NoVerdict::Later(_))), "{silent:?}");
    let hasty = closing(1_000, b"stream: OK\0").scan(&large);
    assert!(matches!(hasty, Err(NoVerdict::Later(_))), "half a file is no file: {hasty:?}");
    let limited = closing(1_000, b"INSTREAM size limit exceeded. ERROR\0").scan(&large);
    assert!(matches!(limited, Err(NoVerdict::Refused(_) | NoVerdict::Later(_))), "{limited:?}");
    let nobody = Clamd { address: "127.0.0.1:1".to_owned() };
    let missing = nobody.scan(&folder.path().join("missing"));
    assert!(matches!(missing, Err(NoVerdict::Missing)), "whoever else is away: {missing:?}");
    let folder_in_its_place = closing(0, b"").scan(folder.path());
    assert!(matches!(folder_in_its_place, Err(NoVerdict::Later(_))), "{folder_in_its_place:?}");
}

#[test]
fn what_a_crash_cut_off_goes_after_a_day_and_what_still_arrives_stays() {
    on_both_engines(MIGRATIONS, |fixture| {
        let now = fixture.commune.now();
        let day = TimeDelta::days(1);
        assert_eq!(sweep_incoming(&fixture.commune, now - day).unwrap(), 0, "nothing was ever received");
        let incoming = fixture.commune.folder().join("documents/incoming");
        std::fs::create_dir_all(&incoming).unwrap();
        for (name, at) in [("cut-off", now - day * 2), ("arriving", now)] {
            let file = std::fs::File::create(incoming.join(name)).unwrap();
            file.set_modified(at.into()).unwrap();
        }
        assert_eq!(sweep_incoming(&fixture.commune, now - day).unwrap(), 1);
        assert!(incoming.join("arriving").exists() && !incoming.join("cut-off").exists());
    })
    .unwrap();
}
