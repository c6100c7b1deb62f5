//! Every door of the house, tried by everybody: each route of the services, as a visitor, a citizen, an agent of
//! another department, the agent whose case it is, and an administrator who has yet to show the second factor (and is
//! led to it). The whole answer is one snapshot, so that
//! a door that opens to somebody else is seen as a difference.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod whole;

use std::{
    fmt::Write as _,
    net::{IpAddr, Ipv4Addr},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use axum::{body::Body, extract::Request};
use beffroi_core::{Sector, calendar::civil_day};
use beffroi_desk::{procedure, procedure::Shelf, submission};
use beffroi_forms::{Answers, Procedure};
use beffroi_people::{
    AccountKind, Grant, Role, Town,
    account::{self, NewAccount},
    department::{self, DepartmentDetails},
    password::{Strength, hash_password},
    permission::{self, permit_system},
};
use beffroi_store::{By, Engine, StoreError, testing::TestCommune};
use beffroi_web::{House, Site, WebConfig};
use serde_json::json;

const PASSWORD: &str = "girafe violette mange sept pommes sous orage";

/// Who tries, as the head of the table names them.
const PERSONAS: [&str; 5] = ["visitor", "citizen", "elsewhere", "agent", "admin"];

/// Doors that answer everybody alike, without looking whether there is anything behind them. The list may only
/// shrink.
const BLIND: [(&str, &str); 1] = [("GET", "/agents/dossiers/{id}/{action}")];

/// What stands in the place of a parameter.
struct Things {
    case: String,
    reference: String,
    account: String,
    department: String,
}

/// Two departments, three accounts of agents and one of a citizen, and a case of the first department.
fn settle(fixture: &TestCommune) -> Things {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../catalogue/procedures");
    let file = std::fs::read_to_string(format!("{folder}/occupation-domaine-public.toml")).unwrap();
    let definition = Procedure::from_toml(&file).unwrap();
    let hash = |strength| hash_password(PASSWORD, strength, &[]).unwrap();
    let (agents, citizens) = (hash(Strength::Administrator), hash(Strength::Citizen));
    let settled = fixture.commune.write_blocking(By::SYSTEM, move |tx| -> Result<Things, StoreError> {
        let town = json!({ "name": "Lunel", "password_suffices": true });
        tx.execute("INSERT INTO setting (name, value) VALUES ('town', $1)", &[&town])?;
        let permit = permit_system(tx).unwrap();
        let mut departments = Vec::new();
        for slug in ["domaine-public", "etat-civil"] {
            let details = DepartmentDetails {
                slug: slug.to_owned(),
                parent: None,
                name: slug.to_owned(),
                phone: "04 65 71 00 20".to_owned(),
                email: "service@lunel.example".to_owned(),
                postal_address: "1 place des Platanes".to_owned(),
                hours: String::new(),
                sector: Sector::General,
            };
            departments.push(department::create(tx, &permit, &details).unwrap());
        }
        let permit = permit_system(tx).unwrap();
        let grants = [
            ("elsewhere", Some((Role::Agent, departments.last().copied()))),
            ("agent", Some((Role::Agent, departments.first().copied()))),
            ("admin", Some((Role::Administrator, None))),
            ("citizen", None),
        ];
        let mut of_agent = None;
        for (name, grant) in grants {
            let new = NewAccount {
                email: format!("{name}@lunel.example"),
                display_name: format!("Awa {name}"),
                kind: if grant.is_some() { AccountKind::Agent } else { AccountKind::Citizen },
                password: Some(if grant.is_some() { agents.clone() } else { citizens.clone() }),
            };
            let account = account::create(tx, &permit, &new).unwrap();
            if let Some((role, department)) = grant {
                permission::grant(tx, &permit, account, Grant { role, department }).unwrap();
            }
            if name == "agent" {
                of_agent = Some(account);
            }
        }
        procedure::publish(tx, &definition).unwrap();
        let form = Shelf::default().current(tx, "occupation-domaine-public")?.unwrap();
        let answers = json!({
            "objet": "demenagement", "circulation": false, "lieu": "3 rue Haute, 34400 Lunel", "surface": 20,
            "debut": "2026-06-20", "fin": "2026-06-20", "heure_debut": "08:00", "heure_fin": "12:00",
            "statut": "particulier", "demandeur": { "family_name": "Peyron", "given_names": "Gaspard" },
            "adresse": "3 rue Haute, 34400 Lunel", "telephone": "0465711234", "engagement": true,
        });
        let typed = Answers::from_json(&form.procedure().form, &answers).unwrap();
        let town = Town::load(tx)?;
        let today = civil_day(tx.now(), town.zone());
        let judged = submission::judge(
            &form,
            &typed,
            beffroi_core::Channel::Counter,
            today,
            &submission::Files::new(),
        );
        let sent = submission::submit(
            tx,
            &submission::Submission {
                form: &form,
                judged: &judged,
                town: &town,
                account: None,
                typed_by: None,
                lang: beffroi_core::Lang::Fr,
                received_on: None,
                by_letter: false,
                files: None,
                draft: None,
                booking: None,
                whom: submission::Whom::default(),
            },
        )
        .unwrap();
        Ok(Things {
            case: sent.case.to_string(),
            reference: sent.reference,
            account: of_agent.unwrap().to_string(),
            department: departments.first().unwrap().to_string(),
        })
    });
    settled.unwrap()
}

fn filled(route: &str, things: &Things) -> String {
    let id = match route {
        _ if route.starts_with("/admin/comptes") => &things.account,
        _ if route.starts_with("/admin/services") => &things.department,
        _ => &things.case,
    };
    let nobody = "0197312a-0000-7000-8000-000000000000";
    route
        .replace("{slug}", "occupation-domaine-public")
        .replace("{page}", "lieu")
        .replace("{id}", id)
        .replace("{case}", &things.case)
        .replace("{reference}", &things.reference)
        .replace("{document}", nobody)
        .replace("{action}", "note")
        .replace("{step}", "avis")
        .replace("{opinion}", nobody)
        .replace("{proposal}", nobody)
        .replace("{label}", nobody)
        .replace("{file}", "chiffres.csv")
        .replace("{delivery}", nobody)
        .replace("{department}", "domaine-public")
        .replace("{token}", "0123456789abcdef0123456789abcdef")
        .replace("{secret}", "nobody")
        .replace("{provider}", "franceconnect")
        .replace("{api}", "api-particulier")
        .replace("{*rest}", "salles/")
        .replace("{booking}", nobody)
        .replace("{kind}", "cleaning")
        .replace("{round}", "saison")
        .replace("{request}", nobody)
        .replace("{allotment}", nobody)
        .replace("{item}", "tables")
        .replace("{loan}", nobody)
}

/// An address that nobody has come from yet, so that no try is refused for those before it.
fn address() -> IpAddr {
    static TRIES: AtomicU32 = AtomicU32::new(0);
    Ipv4Addr::from_bits(0x0a00_0001 + TRIES.fetch_add(1, Ordering::Relaxed)).into()
}

/// One try; the body is not waited for, since some never end.
async fn status(site: &Site, method: &str, path: &str, cookie: &str, body: &str) -> (u16, Option<String>) {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", "localhost")
        .header(
            "content-type",
            if path.starts_with("/api") { "application/json" } else { "application/x-www-form-urlencoded" },
        )
        .header("cookie", cookie)
        .body(Body::from(body.to_owned()))
        .unwrap();
    let response = site.respond(request, address()).await;
    let set = response.headers().get("set-cookie").and_then(|value| value.to_str().ok());
    let session = set.filter(|set| set.starts_with("beffroi=")).and_then(|set| set.split(';').next());
    (response.status().as_u16(), session.map(str::to_owned))
}

async fn sign_in(site: &Site, name: &str) -> String {
    let body = format!("email={name}%40lunel.example&password={}", PASSWORD.replace(' ', "+"));
    let (status, cookie) = status(site, "POST", "/connexion", "", &body).await;
    assert_eq!(status, 303, "{name}");
    cookie.unwrap()
}

#[test]
fn every_door_opens_to_whom_it_should() {
    let fixture = TestCommune::on(Engine::Sqlite, &whole::tables()).unwrap().unwrap();
    let things = settle(&fixture);
    let house = House::new(Arc::clone(&fixture.platform), whole::services(), WebConfig::default()).unwrap();
    let site = Site::new(house);
    let mut found = whole::routes();
    found.retain(|(route, _)| !route.starts_with("/_demo"));
    // What ends a session comes last, and reading comes before writing.
    let ends = |route: &str| ["/deconnexion", "/compte/sessions", "/mon-compte/de-nouveau"].contains(&route);
    let mut ordered: Vec<_> = found.iter().collect();
    ordered.sort_by_key(|(route, method)| (method != "GET", ends(route), route.clone()));
    assert!(ordered.len() > 80, "the routes were not found");

    let walked = async {
        let mut cookies = vec![String::new()];
        for name in &PERSONAS[1..] {
            cookies.push(sign_in(&site, name).await);
        }
        let (mut told, mut wrong) = (format!("{:<66}", ""), Vec::new());
        for name in PERSONAS {
            let _ = write!(told, "{name:<11}");
        }
        for (route, method) in ordered {
            let _ = write!(told, "\n{:<66}", format!("{method} {route}"));
            let path = filled(route, &things);
            let mut statuses = Vec::new();
            for cookie in &cookies {
                statuses.push(status(&site, method, &path, cookie, "").await.0);
            }
            for status in &statuses {
                let _ = write!(told, "{status:<11}");
            }
            assert!(statuses.iter().all(|status| *status < 500), "{method} {route}: {statuses:?}");
            let [visitor, citizen, elsewhere, ..] = statuses[..] else { unreachable!() };
            if BLIND.contains(&(method.as_str(), route.as_str())) {
                continue;
            }
            let office = ["/agents", "/admin", "/api/v1/agent"].iter().any(|area| route.starts_with(area));
            if office && (![303, 401].contains(&visitor) || citizen != 404) {
                wrong.push(format!("{method} {route}: a visitor gets {visitor}, a citizen {citizen}"));
            }
            let of_case = route.starts_with("/agents/dossiers") || route.starts_with("/api/v1/agent/cases/");
            if of_case && elsewhere != 404 {
                wrong.push(format!("{method} {route}: another department gets {elsewhere}"));
            }
        }
        (told, wrong)
    };
    let (told, wrong) = tokio::runtime::Runtime::new().unwrap().block_on(walked);
    insta::assert_snapshot!(told.lines().map(str::trim_end).collect::<Vec<_>>().join("\n"));
    assert_eq!(wrong, Vec::<String>::new(), "whoever may not know that a thing exists is told 404");
}
