//! What people find, on both engines: by each word, by plurals and without accents, with a letter wrong, by numbers;
//! within what they may see; and nothing of what was taken out.

use beffroi_search::{
    Document, Facet, Found, Key, MIGRATIONS, Order, Wanted, clear, done, due, find, marked, put, remove,
    waiting,
};
use beffroi_store::{By, StoreError, Tx, testing::on_both_engines};
use proptest::{collection::vec, prelude::*, test_runner::TestRunner};
use uuid::Uuid;

fn case(number: u128, called: &[&str], said: &[&str], department: &str, clock: &str) -> Document {
    Document {
        subject: Uuid::from_u128(number),
        called: called.iter().map(|text| (*text).to_owned()).collect(),
        said: said.iter().map(|text| (*text).to_owned()).collect(),
        facets: vec![
            Facet::new("kind", "case"),
            Facet::new("department", department),
            Facet::new("clock", clock),
        ],
    }
}

fn town(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    put(
        tx,
        &[
            case(
                1,
                &["2026-7QK4MRT", "Anaïs Teissier"],
                &["Déménagement au 3 rue Haute", "anais.teissier@example.org", "+33465711234"],
                "voirie",
                "2026-08-01",
            ),
            case(
                2,
                &["2026-AAAAAAA", "Marius Peyron"],
                &["Stationnement d’une benne, voisine : Mme Teissier", "12345678900012"],
                "voirie",
                "2026-07-01",
            ),
            case(
                3,
                &["2026-BBBBBBB", "Zoé Ben Salah"],
                &["Acte de naissance, trois copies"],
                "etat-civil",
                "2026-07-15",
            ),
        ],
    )
}

fn page(tx: &mut Tx<'_>, text: &str, departments: &[&str]) -> Result<Found, StoreError> {
    let inside = departments.iter().map(|slug| Facet::new("department", *slug)).collect();
    find(tx, &Wanted { text, facets: vec![inside], limit: 10, ..Wanted::default() })
}

fn numbers(found: &Found) -> Vec<u128> {
    found.subjects.iter().map(Uuid::as_u128).collect()
}

const EVERYWHERE: [&str; 2] = ["voirie", "etat-civil"];

#[test]
fn what_was_said_is_found_however_it_is_typed() {
    on_both_engines(MIGRATIONS, |fixture| {
        fixture.commune.write_blocking(By::SYSTEM, town).unwrap();
        let found = |text: &'static str| {
            numbers(&fixture.commune.read_blocking(By::SYSTEM, |tx| page(tx, text, &EVERYWHERE)).unwrap())
        };
        assert_eq!(found("demenagements"), [1], "accents and plurals");
        assert_eq!(found("DÉMÉNAGEMENT rue haute"), [1], "several words");
        assert_eq!(found("stationement"), [2], "a letter is missing");
        assert_eq!(found("déménagemnet"), [1], "two letters changed places");
        assert_eq!(found("Peiron"), [2], "a letter is another");
        assert_eq!(found("naiss"), [3], "the beginning of the last word");
        assert_eq!(found("naiss "), Vec::<u128>::new(), "which is over when a space follows");
        assert_eq!(found("2026-7qk4mrt"), [1], "a reference");
        assert_eq!(found("7QK4MRT"), [1], "its end");
        assert_eq!(found("2026-7QK"), [1], "its beginning");
        assert_eq!(found("04 65 71 12 34"), [1], "a telephone number");
        assert_eq!(found("anais.teissier@example.org"), [1], "a mail address");
        assert_eq!(found("123 456 789"), [2], "the company of an establishment");
        assert_eq!(found("Teissier"), [1, 2], "whose case it is, before who is named in it");
        assert_eq!(found("Zoé Teissier"), Vec::<u128>::new(), "all words must stand in it");
        assert_eq!(found("de la"), Vec::<u128>::new(), "words that tell nothing find nothing");
        assert_eq!(found("!teissier .x kind:case =z"), Vec::<u128>::new(), "signs are no language");
    })
    .unwrap();
}

#[test]
fn nobody_finds_what_is_elsewhere_and_the_clock_sorts() {
    on_both_engines(MIGRATIONS, |fixture| {
        fixture.commune.write_blocking(By::SYSTEM, town).unwrap();
        fixture
            .commune
            .read_blocking(By::SYSTEM, |tx| {
                assert_eq!(numbers(&page(tx, "naissance", &["voirie"])?), Vec::<u128>::new());
                assert_eq!(numbers(&page(tx, "naissance", &["etat-civil"])?), [3]);
                assert_eq!(numbers(&page(tx, "", &EVERYWHERE)?), [3, 2, 1], "with no word: the newest first");
                let mut wanted = Wanted {
                    facets: vec![vec![Facet::new("kind", "case")]],
                    order: Order::Clock,
                    limit: 2,
                    ..Wanted::default()
                };
                let first = find(tx, &wanted)?;
                assert_eq!(numbers(&first), [2, 3], "what presses first");
                wanted.after = Key::from_text(&first.next.unwrap().to_text());
                let last = find(tx, &wanted)?;
                assert_eq!((numbers(&last), last.next), (vec![1], None));
                Ok::<_, StoreError>(())
            })
            .unwrap();
    })
    .unwrap();
}

#[test]
fn a_misspelt_word_is_told_and_a_better_one_proposed() {
    on_both_engines(MIGRATIONS, |fixture| {
        fixture.commune.write_blocking(By::SYSTEM, town).unwrap();
        fixture
            .commune
            .read_blocking(By::SYSTEM, |tx| {
                let found = page(tx, "demenagemant", &EVERYWHERE)?;
                let correction = found.reading.corrections.first().unwrap();
                assert_eq!((&*correction.typed, &*correction.meant), ("demenagemant", "déménagement"));
                let pieces = marked("Un déménagement lundi", &found.reading);
                let said: Vec<_> =
                    pieces.iter().filter(|piece| piece.found).map(|piece| &*piece.text).collect();
                assert_eq!(said, ["déménagement"]);
                Ok::<_, StoreError>(())
            })
            .unwrap();
        let proposed = fixture.commune.write_blocking(By::SYSTEM, |tx| {
            // Each word is known, and they stand nowhere together.
            put(tx, &[case(9, &["Teisier"], &["Rien"], "voirie", "2026-09-01")])?;
            page(tx, "teisier haute", &EVERYWHERE)
        });
        assert_eq!(proposed.unwrap().proposal.as_deref(), Some("teissier haute"));
    })
    .unwrap();
}

#[test]
fn what_changes_is_found_anew_and_what_is_taken_out_leaves_nothing_behind() {
    on_both_engines(MIGRATIONS, |fixture| {
        fixture.commune.write_blocking(By::SYSTEM, town).unwrap();
        fixture
            .commune
            .write_blocking(By::SYSTEM, |tx| {
                put(
                    tx,
                    &[case(1, &["2026-7QK4MRT", "Anaïs Teissier"], &["Clôture"], "etat-civil", "2026-08-01")],
                )?;
                assert_eq!(numbers(&page(tx, "cloture", &["etat-civil"])?), [1]);
                assert_eq!(numbers(&page(tx, "demenagement", &EVERYWHERE)?), Vec::<u128>::new());
                assert_eq!(numbers(&page(tx, "anais", &["voirie"])?), Vec::<u128>::new());
                due(tx, Uuid::from_u128(7))?;
                due(tx, Uuid::from_u128(7))?;
                assert_eq!(waiting(tx, 10)?, [Uuid::from_u128(7)]);
                done(tx, &[Uuid::from_u128(7)])?;
                assert!(waiting(tx, 10)?.is_empty());
                remove(tx, &[1, 2, 3, 4].map(Uuid::from_u128))?;
                for table in ["search_doc", "search_posting", "search_word", "search_near"] {
                    let left: i64 =
                        tx.query_one(&format!("SELECT COUNT(*) FROM {table}"), &[], |row| row.get(0))?;
                    assert_eq!(left, 0, "{table}");
                }
                town(tx)?;
                clear(tx)?;
                assert_eq!(numbers(&page(tx, "teissier", &EVERYWHERE)?), Vec::<u128>::new());
                Ok::<_, StoreError>(())
            })
            .unwrap();
    })
    .unwrap();
}

#[test]
fn pages_follow_one_another_without_gap_or_repetition_across_blocks() {
    on_both_engines(MIGRATIONS, |fixture| {
        let all: Vec<Document> = (1..=9_000_u32)
            .map(|n| {
                let called = if n % 3_000 == 0 { "Rare Dupont" } else { "Claude Dupont" };
                let name = if n % 2 == 0 { called } else { "Dominique Martin" };
                let said = if n % 1_500 == 0 { "voisin Dupont" } else { "arbre" };
                case(u128::from(n), &[name], &[said], "voirie", &format!("2026-07-{:02}", n % 28 + 1))
            })
            .collect();
        for part in all.chunks(3_000) {
            let part = part.to_vec();
            fixture.commune.write_blocking(By::SYSTEM, move |tx| put(tx, &part)).unwrap();
        }
        fixture
            .commune
            .read_blocking(By::SYSTEM, |tx| {
                for (text, order, expected) in [
                    ("dupont", Order::Best, 4_500),
                    ("rare", Order::Best, 3),
                    ("arbre", Order::Clock, 8_994),
                    ("voisin dupont", Order::Clock, 6),
                ] {
                    let mut wanted = Wanted {
                        text,
                        facets: vec![vec![Facet::new("department", "voirie")]],
                        order,
                        limit: 200,
                        ..Wanted::default()
                    };
                    let mut seen = Vec::new();
                    loop {
                        let found = find(tx, &wanted)?;
                        seen.extend(numbers(&found));
                        match found.next {
                            Some(next) => wanted.after = Key::from_text(&next.to_text()),
                            None => break,
                        }
                    }
                    let count = seen.len();
                    seen.sort_unstable();
                    seen.dedup();
                    assert_eq!((count, seen.len()), (expected, expected), "{text}");
                }
                Ok::<_, StoreError>(())
            })
            .unwrap();
    })
    .unwrap();
}

#[test]
fn every_word_of_a_document_finds_it_in_the_plural_without_accents_and_with_a_letter_wrong() {
    on_both_engines(MIGRATIONS, |fixture| {
        let word = "[a-zéèêàçôû]{9,14}";
        let mut runner = TestRunner::new(ProptestConfig { cases: 24, ..ProptestConfig::default() });
        runner
            .run(&(vec(word, 1..5), 0_usize..9), |(words, wrong)| {
                let outcome = fixture.commune.write_blocking(By::SYSTEM, move |tx| {
                    clear(tx)?;
                    put(tx, &[case(1, &[], &[&words.join(", ")], "voirie", "2026-08-01")])?;
                    for word in &words {
                        let mut typo: Vec<char> = word.chars().collect();
                        typo[wrong] = 'w';
                        let typo: String = typo.into_iter().collect();
                        let typed = [word.clone(), word.to_uppercase(), format!("{word}s"), typo];
                        for typed in typed {
                            let inside = vec![vec![Facet::new("department", "voirie")]];
                            let wanted =
                                Wanted { text: &typed, facets: inside, limit: 5, ..Wanted::default() };
                            assert_eq!(numbers(&find(tx, &wanted)?), [1], "{typed} among {words:?}");
                        }
                    }
                    Ok::<_, StoreError>(())
                });
                outcome.map_err(|error| TestCaseError::fail(error.to_string()))
            })
            .unwrap();
    })
    .unwrap();
}
