//! The State's services as they answer, and as they fail: a stand-in gives the State's own fictional answers, where they
//! lie beside the project, and faults of ours.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use beffroi_core::Instant;
use beffroi_forms::FetchSource;
use beffroi_once_only::{Access, Api, Client, Fact, Inquiry, Person, Told, Trouble, inquiry};

struct StandIn {
    address: String,
    calls: Arc<AtomicU32>,
}

impl StandIn {
    /// Answers each call by its rank.
    async fn new(answer: impl Fn(u32, &str) -> Response + Clone + Send + Sync + 'static) -> Self {
        let calls = Arc::new(AtomicU32::new(0));
        let serve = move |State(calls): State<Arc<AtomicU32>>, request: Request| {
            let answer = answer.clone();
            async move {
                let rank = calls.fetch_add(1, Ordering::SeqCst);
                if request.uri().path().ends_with("/99999999999999") {
                    std::future::pending::<()>().await;
                }
                answer(rank, request.uri().path())
            }
        };
        let router = Router::new().fallback(serve).with_state(Arc::clone(&calls));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, calls }
    }

    fn access(&self, api: Api) -> Access {
        Access {
            api,
            address: self.address.clone(),
            token: "jeton".to_owned(),
            recipient: "13002526500013".to_owned(),
            purpose: "Essai".to_owned(),
            changed_at: Instant::UNIX_EPOCH,
        }
    }

    fn calls(&self) -> u32 {
        self.calls.load(Ordering::SeqCst)
    }
}

const NOW: Instant = Instant::UNIX_EPOCH;

fn client() -> Client {
    Client::patient(Duration::from_millis(300), Duration::from_millis(500))
}

fn siret(number: &str, access: &Access) -> Inquiry {
    inquiry(
        FetchSource::Establishment,
        &Told::Number(number.to_owned()),
        access,
        "2026-11-26".parse().unwrap(),
    )
    .unwrap()
}

#[tokio::test]
async fn each_failure_is_told_apart() {
    for (status, body, trouble, calls) in [
        (404, "", Trouble::Unknown, 1),
        (422, "", Trouble::Unfit, 1),
        (401, "", Trouble::Refused(401), 1),
        (403, "", Trouble::Refused(403), 1),
        (429, "", Trouble::Quota, 1),
        (200, "{", Trouble::Unreadable, 1),
        (200, "{}", Trouble::Unreadable, 1),
        (302, "", Trouble::Away("it answered 302 Found".to_owned()), 2),
        (502, "", Trouble::Away("it answered 502 Bad Gateway".to_owned()), 2),
    ] {
        let stand_in =
            StandIn::new(move |_, _| (StatusCode::from_u16(status).unwrap(), body).into_response()).await;
        let access = stand_in.access(Api::Entreprise);
        let told = client().ask("lunel", &access, &siret("30613890001294", &access), NOW).await;
        assert_eq!(told, Err(trouble), "{status}");
        assert_eq!(stand_in.calls(), calls, "{status}: one more try where it may help, and no more");
    }
}

#[tokio::test]
async fn a_slow_a_huge_and_an_absent_service_hold_nobody_up() {
    let huge = StandIn::new(|_, _| Body::from(vec![b' '; 4 << 20]).into_response()).await;
    let access = huge.access(Api::Entreprise);
    assert_eq!(
        client().ask("lunel", &access, &siret("30613890001294", &access), NOW).await,
        Err(Trouble::Unreadable)
    );
    let slow = siret("99999999999999", &access);
    let told = client().ask("lunel", &access, &slow, NOW).await;
    assert_eq!(told, Err(Trouble::Away("no answer in time".to_owned())));
    let bound = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = Access { address: format!("http://{}", bound.local_addr().unwrap()), ..access };
    drop(bound);
    let told = client().ask("lunel", &nobody, &siret("30613890001294", &nobody), NOW).await;
    assert_eq!(told, Err(Trouble::Away("it cannot be reached".to_owned())));
}

#[tokio::test]
async fn one_bad_moment_is_overcome_and_a_long_one_is_spared() {
    let good =
        r#"{"data":{"unite_legale":{"personne_morale_attributs":{"raison_sociale":"COMITÉ DES FÊTES"}}}}"#;
    let hiccup =
        StandIn::new(
            move |rank, _| {
                if rank == 0 { StatusCode::BAD_GATEWAY.into_response() } else { good.into_response() }
            },
        )
        .await;
    let access = hiccup.access(Api::Entreprise);
    let client = client();
    let facts = client.ask("lunel", &access, &siret("30613890001294", &access), NOW).await.unwrap();
    assert_eq!(facts["name"], Fact::Text("COMITÉ DES FÊTES".to_owned()));
    assert_eq!(client.standing("lunel", Api::Entreprise).failing_since, None);
    let down = StandIn::new(|_, _| StatusCode::SERVICE_UNAVAILABLE.into_response()).await;
    let access = down.access(Api::Entreprise);
    for _ in 0..10 {
        assert!(client.ask("lunel", &access, &siret("30613890001294", &access), NOW).await.is_err());
    }
    assert_eq!(down.calls(), 6, "three questions of two tries; then it rests");
    let standing = client.standing("lunel", Api::Entreprise);
    assert_eq!((standing.failing_since, standing.reason.contains("503")), (Some(NOW), true));
    assert_eq!(client.standing("autre", Api::Entreprise).failing_since, None, "each commune has its own");
    client.forget("lunel", Api::Entreprise);
    assert!(client.ask("lunel", &access, &siret("30613890001294", &access), NOW).await.is_err());
    assert_eq!(down.calls(), 8, "new settings are tried at once");
}

#[tokio::test]
async fn a_key_is_tried_without_asking_about_anybody() {
    for (status, right) in [(422, true), (404, true), (200, true), (401, false), (429, false), (500, false)] {
        let stand_in =
            StandIn::new(move |_, _| (StatusCode::from_u16(status).unwrap(), "{}").into_response()).await;
        let checked = client().check("lunel", &stand_in.access(Api::Particulier), NOW).await;
        assert_eq!(checked.is_ok(), right, "{status}: {checked:?}");
    }
}

/// The State's fictional answers of one service: file, status, answer.
fn payloads(folder: &str) -> Vec<(PathBuf, u16, String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data/api-particulier-staging/payloads")
        .join(folder);
    let Ok(entries) = std::fs::read_dir(&folder) else {
        eprintln!("the State's fictional answers are not at {}: nothing is tried", folder.display());
        return Vec::new();
    };
    let files = entries.flatten().map(|entry| entry.path());
    let yaml = files.filter(|path| path.extension().is_some_and(|kind| kind == "yaml" || kind == "yml"));
    yaml.map(|path| {
        let text = std::fs::read_to_string(&path).unwrap().replace("\r\n", "\n");
        let (head, payload) = text.split_once("payload: |-\n").unwrap_or((&text, ""));
        let status = head.lines().find_map(|line| line.strip_prefix("status: ")).unwrap_or("200");
        (path, status.trim().parse().unwrap(), head.to_owned(), payload.to_owned())
    })
    .collect()
}

async fn told(
    status: u16,
    payload: &str,
    source: FetchSource,
    told: &Told,
) -> Result<beffroi_once_only::Facts, Trouble> {
    let payload = payload.to_owned();
    let stand_in =
        StandIn::new(move |_, _| (StatusCode::from_u16(status).unwrap(), payload.clone()).into_response())
            .await;
    let access = stand_in.access(Api::of(source));
    let asked = inquiry(source, told, &access, "2026-11-26".parse().unwrap()).unwrap();
    client().ask("lunel", &access, &asked, NOW).await
}

fn somebody() -> Person {
    Person {
        family_name: "Roux".to_owned(),
        given_names: "Jeanne".to_owned(),
        birth_date: "1987-06-27".parse().ok(),
        sex: "F".to_owned(),
        birth_commune: "08480".to_owned(),
        birth_country: String::new(),
    }
}

#[tokio::test]
async fn the_states_own_answers_are_read() {
    let cases = [
        (
            "api_particulier_v3_cnav_quotient_familial_with_civility",
            FetchSource::FamilyQuotient,
            Told::Person(somebody()),
            "quotient",
        ),
        (
            "api_particulier_v3_men_scolarites_with_civility",
            FetchSource::Schooling,
            Told::Pupil(somebody(), "0132634T".to_owned()),
            "enrolled",
        ),
        (
            "api_entreprise_v3_insee_etablissements",
            FetchSource::Establishment,
            Told::Number("30613890001294".to_owned()),
            "name",
        ),
        (
            "api_entreprise_v4_mi_unites_legales_open_data",
            FetchSource::Association,
            Told::Number("W301000624".to_owned()),
            "name",
        ),
    ];
    for (folder, source, about, fact) in cases {
        for (path, status, _, payload) in payloads(folder) {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let outcome = told(status, &payload, source, &about).await;
            match (status, outcome) {
                (200, Ok(facts)) => assert!(facts.contains_key(fact), "{name}: {facts:?}"),
                (200, Err(Trouble::Private)) => assert!(name.contains("non-diffusible"), "{name}"),
                (404, outcome) => assert_eq!(outcome, Err(Trouble::Unknown), "{name}"),
                (429, outcome) => assert_eq!(outcome, Err(Trouble::Quota), "{name}"),
                (_, Err(Trouble::Away(_) | Trouble::Unfit | Trouble::Refused(_))) => {}
                (status, outcome) => panic!("{name}: {status} {outcome:?}"),
            }
        }
    }
}
