//! What an agent looks at all day: the inbox, with ten thousand cases and with a million.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use hyper::{StatusCode, header};

use crate::{
    Bench,
    load::Client,
    report::{Figure, Target},
    requests,
    sample::p95_seconds,
    town::{Engine, Server, Tables, Town},
};

const FEW: u32 = 10_000;
const MANY: u32 = 1_000_000;
/// Each view of the inbox is asked for so many times.
const TIMES: u32 = 60;
/// The cases on a page of the inbox.
const PAGE: usize = 50;
const DEPARTMENT: &str = "etat-civil";
const AGENT: &str = "email=samira.ziani%40lunel.example&password=Lanterne-cerise-47-ponts";

/// The views: all that is open, one state, one procedure, the agent's own, and a page in the middle.
const VIEWS: [&str; 5] = [
    "/agents?service=etat-civil",
    "/agents?service=etat-civil&etat=instruction",
    "/agents?service=etat-civil&demarche=acte-de-naissance",
    "/agents?service=etat-civil&miens=1",
    "/agents?service=etat-civil&apres=2026-01-01_01890000-0000-7000-8000-000000000000",
];

/// The slow end of the inbox, with a million cases against ten thousand, on each engine at hand.
pub fn measure(bench: &Bench) -> Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let (Some(few), Some(many)) = (bench.program.town(engine)?, bench.program.town(engine)?) else {
            eprintln!("skipped: no PostgreSQL");
            continue;
        };
        let (few, many) = (filled(&few, FEW)?, filled(&many, MANY)?);
        let ratio = bench.runtime.block_on(compare(&few, &many))?;
        let name = format!("inbox, p95, {}", engine.name());
        figures.push(Figure::new(
            &name,
            ratio,
            "ratio",
            Target::AtMost(1.5),
            "10 000 cases, where there are 1 000 000",
        ));
    }
    Ok(figures)
}

/// The demonstration commune, its civil-status department holding so many cases more.
fn filled(town: &Town<'_>, cases: u32) -> Result<Server> {
    let server = town.serve_demonstration()?;
    let mut tables = town.tables()?;
    // Three years of requests, two in five still open: more than any town should have.
    let (id, hash, day) = match tables {
        Tables::Sqlite(_) => (
            "printf('01890000-0000-7000-8000-%012x', i)",
            "CAST(printf('%032x', i) AS BLOB)",
            "date('2024-01-01', (i * 1095 / {cases}) || ' days')",
        ),
        Tables::Postgres(_) => (
            "'01890000-0000-7000-8000-' || lpad(to_hex(i), 12, '0')",
            "decode(lpad(to_hex(i), 32, '0'), 'hex')",
            "to_char(date '2024-01-01' + (i::bigint * 1095 / {cases})::int, 'YYYY-MM-DD')",
        ),
    };
    let day = day.replace("{cases}", &cases.to_string());
    let fill = format!(
        "WITH RECURSIVE counted(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM counted WHERE i < {cases}) \
         INSERT INTO cases (id, reference, tracking_hash, procedure, procedure_version, department, sector, silence, \
             term, state, is_open, assignee, channel, typed_by, requester, beneficiary, requester_name, received_at, \
             received_on, register_by, acknowledge_by, deemed_on, clock_on, answers) \
         SELECT {id}, 'B-' || i, {hash}, procedure, procedure_version, department, sector, silence, term, \
             CASE i % 10 WHEN 0 THEN 'received' WHEN 1 THEN 'received' WHEN 2 THEN 'instruction' \
                 WHEN 3 THEN 'waiting' ELSE 'decided' END, \
             CASE WHEN i % 10 < 4 THEN {yes} ELSE {no} END, \
             CASE WHEN i % 7 = 0 THEN (SELECT id FROM account WHERE email = 'samira.ziani@lunel.example') END, \
             channel, NULL, requester, beneficiary, requester_name, received_at, received_on, \
             register_by, acknowledge_by, deemed_on, {day}, answers \
         FROM counted CROSS JOIN (SELECT * FROM cases WHERE department = '{DEPARTMENT}' ORDER BY id LIMIT 1) AS one",
        yes = if matches!(tables, Tables::Sqlite(_)) { "1" } else { "TRUE" },
        no = if matches!(tables, Tables::Sqlite(_)) { "0" } else { "FALSE" },
    );
    tables.run(&fill).context("filling")?;
    tables.run(
        "DELETE FROM case_count; \
         INSERT INTO case_count (department, procedure, state, cases) \
         SELECT department, procedure, state, COUNT(*) FROM cases GROUP BY department, procedure, state",
    )?;
    tables.counted()?;
    Ok(server)
}

/// Both towns are asked in turn, so that what the machine does beside falls on both.
async fn compare(few: &Server, many: &Server) -> Result<f64> {
    let mut few = Agent::enter(few).await?;
    let mut many = Agent::enter(many).await?;
    for view in VIEWS {
        few.check(view).await?;
        many.check(view).await?;
    }
    let (mut few_times, mut many_times) = (Vec::new(), Vec::new());
    for _ in 0..TIMES {
        for view in VIEWS {
            few_times.push(few.look(view).await?);
            many_times.push(many.look(view).await?);
        }
    }
    Ok(p95_seconds(many_times) / p95_seconds(few_times))
}

/// An agent who has signed in.
pub(super) struct Agent {
    client: Client,
    cookie: String,
    asked: u64,
}

impl Agent {
    pub(super) async fn enter(server: &Server) -> Result<Self> {
        let mut client = Client::connect(server.address).await?;
        let entered =
            client.ask(requests::form("/connexion", "", AGENT)?).await?.with_status(StatusCode::SEE_OTHER)?;
        let cookie = entered.headers.get(header::SET_COOKIE).context("no session")?.to_str()?;
        let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        Ok(Self { client, cookie, asked: 0 })
    }

    pub(super) async fn look(&mut self, view: &str) -> Result<Duration> {
        self.asked += 1;
        let begun = Instant::now();
        let request = requests::page_with(view, &self.cookie, self.asked)?;
        self.client.ask(request).await?.with_status(StatusCode::OK)?;
        Ok(begun.elapsed())
    }

    /// How many links to cases a page shows.
    pub(super) async fn cases(&mut self, view: &str) -> Result<usize> {
        let request = requests::page_unpacked(view, &self.cookie)?;
        let page = self.client.ask(request).await?.with_status(StatusCode::OK)?;
        Ok(String::from_utf8_lossy(&page.body).matches("/agents/dossiers/").count())
    }

    /// A view that showed no cases would be fast, and measure nothing.
    async fn check(&mut self, view: &str) -> Result<()> {
        let cases = self.cases(view).await?;
        ensure!(cases >= PAGE, "{view} shows {cases} cases");
        Ok(())
    }
}
