//! What is free: three hours in any of forty rooms within ninety days, against PostgreSQL's own multiranges over the same
//! claims; and one room with ten years of history, against one.

use std::{
    collections::BTreeMap,
    num::NonZeroU16,
    sync::Arc,
    time::{Duration, Instant as Stopwatch},
};

use anyhow::{Context, Result, anyhow, ensure};
use beffroi_calendar::{
    MIGRATIONS,
    availability::{self, Available},
    claims::{self, HowMuch, Wish},
    free::Starts,
    local::Moment,
    openings::{Hours, OnHolidays, Openings, Rule, Season, Weeks, Year},
    resource::{self, Kind, Name, Resource, ResourceDetails, Terms},
    school::SchoolHolidays,
    spans::Span,
};
use beffroi_core::{Id, Instant, SystemClock, calendar::Holidays};
use beffroi_store::{
    By, Commune, Database, NewCommune, Platform, PlatformConfig, Randomness, StoreError, Tx,
};
use chrono::{DateTime, TimeDelta, Weekday};
use chrono_tz::Europe::Paris;

use crate::{
    Bench,
    report::{Figure, Target},
    sample::median,
    town::{Engine, SLUG, Tables, Town},
};

const ROOMS: usize = 40;
const DAYS: i64 = 90;
const CLAIMS: usize = 50_000;
const THREE_HOURS: TimeDelta = TimeDelta::hours(3);
const ROUNDS: usize = 21;
/// Questions for one room that are timed together: one alone is too short.
const REPEATED: u32 = 50;
/// Midnight in Paris, on 1 January 2029: whatever the clock of the machine says, it is ahead.
const BEGINNING: i64 = 1_861_916_400;
const DAY: i64 = 86_400;
/// Wishes of one claim.
const AT_ONCE: usize = 1_000;

/// Gaps of three hours against multiranges; ten years of history against one, on both engines.
pub fn measure(bench: &Bench) -> Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let Some(town) = bench.program.town(engine)? else { continue };
        let home = Home::of(&town)?;
        if engine == Engine::Postgres {
            figures.extend(gaps(&home, &town)?);
        }
        figures.push(history(&home, engine)?);
    }
    Ok(figures)
}

/// Communes with nothing but a calendar, inside this process.
struct Home {
    platform: Arc<Platform>,
}

impl Home {
    fn of(town: &Town<'_>) -> Result<Self> {
        let database = match town.database_url() {
            None => Database::Sqlite,
            Some(url) => Database::Postgres(url.to_owned()),
        };
        let platform = Platform::open(PlatformConfig {
            folder: town.folder().to_owned(),
            database,
            open_at_most: 4,
            migrations: MIGRATIONS.to_vec(),
            clock: Arc::new(SystemClock),
            randomness: Randomness::seeded(1),
        })?;
        Ok(Self { platform })
    }

    fn commune(&self, slug: &str) -> Result<Arc<Commune>> {
        let new =
            NewCommune { slug: slug.parse()?, name: slug.to_owned(), hosts: vec![format!("{slug}.example")] };
        Ok(self.platform.create(&new)?)
    }
}

/// Every gap of three hours, by our engine and by multiranges.
fn gaps(home: &Home, town: &Town<'_>) -> Result<Vec<Figure>> {
    let commune = home.commune(SLUG)?;
    let rooms = rooms(&commune, ROOMS)?;
    let mut random = Lcg(7);
    let wishes: Vec<Wish> = (0..CLAIMS)
        .map(|rank| {
            let (room, day) = (rank % ROOMS, i64::try_from(rank / ROOMS).unwrap_or(0) % DAYS);
            let turn = i64::try_from(rank / ROOMS / usize::try_from(DAYS).unwrap_or(1)).unwrap_or(0);
            wish(rooms.get(room).copied(), day, turn, &mut random)
        })
        .collect::<Option<_>>()
        .context("a wish")?;
    take(&commune, &wishes)?;
    let Tables::Postgres(mut tables) = town.tables()? else { return Err(anyhow!("no PostgreSQL")) };
    tables.batch_execute(YARDSTICK_TABLES)?;
    let asked: Vec<(Id<Resource>, HowMuch)> = rooms.iter().map(|id| (*id, HowMuch::Whole)).collect();
    let within = stretch(0, DAYS).context("ninety days")?;
    let school = SchoolHolidays::default();
    let year = Year { zone: Paris, holidays: Holidays::Metropole, school: &school };
    let (mut of_algebra, mut of_all) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let begun = Stopwatch::now();
        let rows = tables.query(YARDSTICK, &[])?;
        let yardstick = begun.elapsed().as_secs_f64();
        let begun = Stopwatch::now();
        let gathered = read(&commune, |tx| availability::gather(tx, &asked, within))?;
        let asked_for = begun.elapsed().as_secs_f64();
        let begun = Stopwatch::now();
        let found = fitting(&gathered.available(&year));
        let algebra = begun.elapsed().as_secs_f64();
        ensure!(found.len() == rows.len(), "{} gaps, and by multiranges {}", found.len(), rows.len());
        let seconds: i64 = found.iter().map(|gap| gap.length().num_seconds()).sum();
        let expected: i64 = rows.iter().map(|row| row.get::<_, i64>(0)).sum();
        ensure!(seconds == expected, "the gaps are not the same");
        of_algebra.push(yardstick / algebra);
        of_all.push(yardstick / (asked_for + algebra));
    }
    let yardstick = "multiranges of PostgreSQL over the same 50 000 claims";
    let figure =
        |name, ratios, least| Figure::new(name, median(ratios), "ratio", Target::AtLeast(least), yardstick);
    Ok(vec![
        figure("gaps of 3 hours, 40 rooms, 90 days, claims at hand", of_algebra, 20.0),
        figure("gaps of 3 hours, 40 rooms, 90 days, claims asked for", of_all, 1.0),
    ])
}

fn fitting(available: &BTreeMap<Id<Resource>, Available>) -> Vec<Span> {
    available.values().flat_map(|room| room.free.at_least(THREE_HOURS)).collect()
}

/// What is free of one room, the month that comes, after ten years and after one.
fn history(home: &Home, engine: Engine) -> Result<Figure> {
    let mut asked = Vec::new();
    for (slug, years) in [("one-year", 1), ("ten-years", 10)] {
        let commune = home.commune(slug)?;
        let room = *rooms(&commune, 1)?.first().context("a room")?;
        let mut random = Lcg(11);
        let days = (-years * 365..40).flat_map(|day| (0..10).map(move |turn| (day, turn)));
        let wishes =
            days.map(|(day, turn)| wish(Some(room), day, turn, &mut random)).collect::<Option<Vec<_>>>();
        take(&commune, &wishes.context("a wish")?)?;
        asked.push((commune, room));
    }
    let month = stretch(0, 31).context("a month")?;
    let school = SchoolHolidays::default();
    let year = Year { zone: Paris, holidays: Holidays::Metropole, school: &school };
    let took = |(commune, room): &(Arc<Commune>, Id<Resource>)| -> Result<Duration> {
        let begun = Stopwatch::now();
        for _ in 0..REPEATED {
            let wanted = [(*room, HowMuch::Whole)];
            let found = read(commune, |tx| availability::availability(tx, &wanted, month, &year))?;
            ensure!(found.values().all(|room| room.taken.as_slice().len() > 30), "nothing is taken");
        }
        Ok(begun.elapsed())
    };
    let [one, ten] = asked.as_slice() else { return Err(anyhow!("two towns")) };
    let mut ratios = Vec::new();
    for _ in 0..ROUNDS {
        let alone = took(one)?.as_secs_f64();
        ratios.push(took(ten)?.as_secs_f64() / alone);
    }
    let name = format!("a room with ten years of history, {}", engine.name());
    Ok(Figure::new(&name, median(ratios), "ratio", Target::AtMost(1.2), "one year of history"))
}

fn read<T>(commune: &Commune, work: impl FnOnce(&mut Tx<'_>) -> Result<T, StoreError>) -> Result<T> {
    Ok(commune.read_blocking(By::SYSTEM, work)?)
}

/// So many rooms of one building, which is open every day from eight in the morning to ten at night.
fn rooms(commune: &Commune, count: usize) -> Result<Vec<Id<Resource>>> {
    let building = details("building", Kind::Building, None)?;
    let rooms = (0..count)
        .map(|rank| details(&format!("room-{rank}"), Kind::Room, None))
        .collect::<Result<Vec<_>>>()?;
    let made = commune.write_blocking(By::SYSTEM, move |tx| -> Result<_, resource::ResourceError> {
        let building = resource::create(tx, &building)?;
        rooms
            .into_iter()
            .map(|room| {
                let terms = Terms { openings: None, ..room.terms };
                resource::create(tx, &ResourceDetails { parent: Some(building), terms, ..room })
            })
            .collect::<Result<Vec<_>, _>>()
    });
    Ok(made?)
}

fn details(slug: &str, kind: Kind, parent: Option<Id<Resource>>) -> Result<ResourceDetails> {
    let moment = |text| Moment::parse(text).context("a moment");
    let hours = Hours::new(moment("08:00")?, moment("22:00")?)?;
    let weekdays = vec![
        Weekday::Mon,
        Weekday::Tue,
        Weekday::Wed,
        Weekday::Thu,
        Weekday::Fri,
        Weekday::Sat,
        Weekday::Sun,
    ];
    let rule = Rule {
        weekdays,
        weeks: Weeks::Every,
        hours: vec![hours],
        season: Season::AllYear,
        public_holidays: OnHolidays::Same,
        school_holidays: OnHolidays::Same,
    };
    let terms = Terms {
        openings: Some(Openings { rules: vec![rule], ..Openings::default() }),
        starts: Starts::Every(NonZeroU16::MIN.saturating_add(29)),
        ..Terms::default()
    };
    let name = Name { fr: slug.to_owned(), en: String::new() };
    Ok(ResourceDetails { slug: slug.to_owned(), kind, parent, name, stock: 1, active: true, terms })
}

/// A booking of a quarter of an hour to half of one, in one of the fourteen hours of a day; now and then much of the day
/// is left alone.
fn wish(room: Option<Id<Resource>>, day: i64, turn: i64, random: &mut Lcg) -> Option<Wish> {
    let minutes = 15 + i64::from(random.below(4)) * 5;
    // What comes at the same turn of a day lies in the same hour: no two meet. Half of the days are crowded at one end.
    let minute = if day % 2 == 0 { 480 + turn * 60 } else { 480 + turn * 30 };
    let start = at(day)? + TimeDelta::minutes(minute);
    let span = Span::new(start, start + TimeDelta::minutes(minutes))?;
    Some(Wish { resource: room?, much: HowMuch::Whole, span })
}

fn at(day: i64) -> Option<Instant> {
    DateTime::from_timestamp(BEGINNING + day * DAY, 0)
}

fn stretch(from: i64, until: i64) -> Option<Span> {
    Span::new(at(from)?, at(until)?)
}

/// Claims all of it, a thousand at once.
fn take(commune: &Commune, wishes: &[Wish]) -> Result<()> {
    for part in wishes.chunks(AT_ONCE) {
        let part = part.to_vec();
        let done = commune.write_blocking(By::SYSTEM, move |tx| {
            let booking: Id<Wish> = tx.new_id();
            claims::claim(tx, booking, &part, None)
        });
        done.map_err(|error| anyhow!("claims: {error}"))?;
    }
    Ok(())
}

/// Numbers that look like chance, and are the same each time.
struct Lcg(u64);

impl Lcg {
    fn below(&mut self, most: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from(self.0 >> 33).unwrap_or(0) % most
    }
}

/// The same claims as PostgreSQL would best have them, and when each room is open.
const YARDSTICK_TABLES: &str = "\
    CREATE TEMPORARY TABLE taken AS \
        SELECT claim.low / 17179869184 AS room, \
            tstzrange(to_timestamp(claim.low % 17179869184), to_timestamp(claim.high % 17179869184)) AS during \
        FROM calendar_claim AS claim; \
    CREATE INDEX taken_during ON taken USING gist (during); \
    CREATE TEMPORARY TABLE opened AS \
        SELECT atom.line AS room, tstzrange( \
            (timestamp '2029-01-01 08:00' + day * interval '1 day') AT TIME ZONE 'Europe/Paris', \
            (timestamp '2029-01-01 22:00' + day * interval '1 day') AT TIME ZONE 'Europe/Paris') AS during \
        FROM calendar_atom AS atom JOIN calendar_resource AS resource ON resource.id = atom.resource, \
            generate_series(0, 89) AS day WHERE resource.kind = 'room'; \
    ANALYZE taken; ANALYZE opened;";

const YARDSTICK: &str = "\
    WITH open AS (SELECT room, range_agg(during) AS during FROM opened GROUP BY room), \
        busy AS (SELECT room, range_agg(during) AS during FROM taken \
            WHERE during && tstzrange(to_timestamp(1861916400), to_timestamp(1861916400 + 90 * 86400)) GROUP BY room), \
        gap AS (SELECT unnest(open.during - COALESCE(busy.during, '{}')) AS during FROM open LEFT JOIN busy USING (room)) \
    SELECT CAST(EXTRACT(EPOCH FROM upper(during) - lower(during)) AS BIGINT) FROM gap \
    WHERE upper(during) - lower(during) >= interval '3 hours'";
