//! The agents' search: two hundred questions as agents ask them, first page, with ten thousand cases and with a million.

use std::fmt::Write as _;

use anyhow::{Context, Result, ensure};

use super::inbox::Agent;
use crate::{
    Bench,
    report::{Figure, Target},
    sample::p95_seconds,
    town::{Engine, SLUG, Server, Tables, Town},
};

const FEW: u32 = 10_000;
/// The whole mix is asked so many times.
const TIMES: u32 = 3;
const QUESTIONS: usize = 200;
/// Questions of the mix that must show a case, else what is measured is how fast nothing is found.
const ANSWERED: usize = 180;
const DEPARTMENT: &str = "etat-civil";

const GIVEN: [&str; 40] = [
    "Marie",
    "Jean",
    "Pierre",
    "Michel",
    "Nathalie",
    "Isabelle",
    "Philippe",
    "Sylvie",
    "Catherine",
    "Laurent",
    "Christophe",
    "Martine",
    "Nicolas",
    "Stéphane",
    "Véronique",
    "Sandrine",
    "Sébastien",
    "Céline",
    "Frédéric",
    "Valérie",
    "Thomas",
    "Julien",
    "Aurélie",
    "Émilie",
    "Camille",
    "Léa",
    "Manon",
    "Chloé",
    "Hugo",
    "Inès",
    "Awa",
    "Mehdi",
    "Yasmine",
    "Karim",
    "Fatou",
    "Joséphine",
    "Augustin",
    "Éléonore",
    "Gaspard",
    "Zoé",
];
const FAMILY: [&str; 60] = [
    "Martin",
    "Bernard",
    "Thomas",
    "Petit",
    "Robert",
    "Richard",
    "Durand",
    "Dubois",
    "Moreau",
    "Laurent",
    "Simon",
    "Michel",
    "Lefebvre",
    "Leroy",
    "Roux",
    "David",
    "Bertrand",
    "Morel",
    "Fournier",
    "Girard",
    "Bonnet",
    "Dupont",
    "Lambert",
    "Fontaine",
    "Rousseau",
    "Vincent",
    "Muller",
    "Lefèvre",
    "Faure",
    "André",
    "Mercier",
    "Blanc",
    "Guérin",
    "Boyer",
    "Garnier",
    "Chevalier",
    "François",
    "Legrand",
    "Gauthier",
    "Garcia",
    "Perrin",
    "Robin",
    "Clément",
    "Morin",
    "Nicolas",
    "Henry",
    "Roussel",
    "Mathieu",
    "Gautier",
    "Masson",
    "Marchand",
    "Duval",
    "Denis",
    "Dumont",
    "Marie",
    "Lemaire",
    "Noël",
    "Meyer",
    "Dufour",
    "Meunier",
];
const STREETS: [&str; 20] = [
    "du Jasmin",
    "Haute",
    "des Platanes",
    "de la République",
    "Victor-Hugo",
    "des Écoles",
    "du Moulin",
    "de la Fontaine",
    "Jean-Jaurès",
    "du Stade",
    "des Lilas",
    "du Château",
    "Pasteur",
    "de la Gare",
    "des Vignes",
    "du Canal",
    "Gambetta",
    "de l’Église",
    "des Tilleuls",
    "du Marché",
];

/// The slow end of the search, with a million cases against ten thousand, on each engine at hand.
pub fn measure(bench: &Bench) -> Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let (Some(few), Some(many)) = (bench.program.town(engine)?, bench.program.town(engine)?) else {
            eprintln!("skipped: no PostgreSQL");
            continue;
        };
        let (few, many) = (filled(&few, FEW)?, filled(&many, bench.many)?);
        let ratio = bench.runtime.block_on(compare(&few, &many))?;
        let name = format!("search, p95, {}", engine.name());
        figures.push(Figure::new(
            &name,
            ratio,
            "ratio",
            Target::AtMost(3.0),
            "10 000 cases, where there are 1 000 000",
        ));
    }
    Ok(figures)
}

/// Both towns are asked in turn, so that what the machine does beside falls on both.
async fn compare(few: &Server, many: &Server) -> Result<f64> {
    let mut few = Agent::enter(few).await?;
    let mut many = Agent::enter(many).await?;
    let mix = mix();
    let mut answered = 0;
    for question in &mix {
        few.look(question).await?;
        answered += usize::from(many.cases(question).await? > 0);
    }
    ensure!(answered >= ANSWERED, "only {answered} of {} questions found a case", mix.len());
    let (mut few_times, mut many_times) = (Vec::new(), Vec::new());
    for _ in 0..TIMES {
        for question in &mix {
            few_times.push(few.look(question).await?);
            many_times.push(many.look(question).await?);
        }
    }
    let (few, many) = (p95_seconds(few_times), p95_seconds(many_times));
    eprintln!("  p95: {:.1} ms against {:.1} ms", many * 1e3, few * 1e3);
    Ok(many / few)
}

/// The demonstration commune, its civil-status department holding so many cases more, all of which can be found.
fn filled(town: &Town<'_>, cases: u32) -> Result<Server> {
    drop(town.serve_demonstration()?);
    let mut tables = town.tables()?;
    let list = |name: &str, words: &[&str]| {
        let rows: Vec<String> =
            words.iter().enumerate().map(|(n, word)| format!("({n}, '{word}')")).collect();
        format!(
            "CREATE TABLE bench_{name} (n BIGINT PRIMARY KEY, word TEXT); INSERT INTO bench_{name} VALUES {};",
            rows.join(", ")
        )
    };
    tables.run(&[list("given", &GIVEN), list("family", &FAMILY), list("street", &STREETS)].concat())?;
    let (id, hash, day) = match tables {
        Tables::Sqlite(_) => (
            "printf('01890000-0000-7000-8000-%012x', i)",
            "CAST(printf('%032x', i) AS BLOB)",
            "date('2024-01-01', (i * 1095 / {cases}) || ' days')",
        ),
        Tables::Postgres(_) => (
            "'01890000-0000-7000-8000-' || lpad(to_hex(i), 12, '0')",
            "decode(lpad(to_hex(i), 32, '0'), 'hex')",
            "to_char(date '2024-01-01' + (i * 1095 / {cases})::int, 'YYYY-MM-DD')",
        ),
    };
    let day = day.replace("{cases}", &cases.to_string());
    let (yes, no) = if matches!(tables, Tables::Sqlite(_)) { ("1", "0") } else { ("TRUE", "FALSE") };
    let (given, family, street) = (GIVEN.len(), FAMILY.len(), STREETS.len());
    let fill = format!(
        "WITH RECURSIVE counted(i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM counted WHERE i < {cases}) \
         INSERT INTO cases (id, reference, tracking_hash, procedure, procedure_version, department, sector, silence, \
             term, state, is_open, assignee, channel, typed_by, requester, beneficiary, requester_name, received_at, \
             received_on, register_by, acknowledge_by, deemed_on, clock_on, answers) \
         SELECT {id}, 'B-' || (i + 100000), {hash}, procedure, procedure_version, department, sector, silence, term, \
             CASE i % 10 WHEN 0 THEN 'received' WHEN 1 THEN 'received' WHEN 2 THEN 'instruction' \
                 WHEN 3 THEN 'waiting' ELSE 'decided' END, \
             CASE WHEN i % 10 < 4 THEN {yes} ELSE {no} END, \
             CASE WHEN i % 7 = 0 THEN (SELECT id FROM account WHERE email = 'samira.ziani@lunel.example') END, \
             channel, NULL, requester, beneficiary, g.word || ' ' || f.word, received_at, {day}, \
             register_by, acknowledge_by, {day}, {day}, \
             '{{\"demandeur\": {{\"family_name\": \"' || f.word || '\", \"given_names\": \"' || g.word || '\"}}, \
               \"adresse\": {{\"line\": \"' || (i % 150 + 1) || ' rue ' || s.word || ', 34400 Lunel\"}}, \
               \"courriel\": \"courrier.' || i || '@example.org\", \"copies\": 1}}' \
         FROM counted CROSS JOIN (SELECT * FROM cases WHERE department = '{DEPARTMENT}' ORDER BY id LIMIT 1) AS one \
         JOIN bench_given g ON g.n = (i * 7 + i / {family}) % {given} \
         JOIN bench_family f ON f.n = i % {family} \
         JOIN bench_street s ON s.n = (i / 11) % {street}"
    );
    tables.run(&fill).context("filling")?;
    tables.run(
        "DROP TABLE bench_given; DROP TABLE bench_family; DROP TABLE bench_street; DELETE FROM case_count; \
         INSERT INTO case_count (department, procedure, state, cases) \
         SELECT department, procedure, state, COUNT(*) FROM cases GROUP BY department, procedure, state",
    )?;
    tables.counted()?;
    let begun = std::time::Instant::now();
    town.run(&["search", "rebuild", "--commune", SLUG])?;
    eprintln!("  {cases} cases read for the search in {:.0} s", begun.elapsed().as_secs_f64());
    tables.counted()?;
    drop(tables);
    town.serve_demonstration()
}

/// Two hundred questions: 30 family names, 20 first names, 40 of both, 20 family names with a letter wrong, 20 beginnings
/// of names, 20 references, 15 words that stand in every case or in very many, 35 with filters or by the legal clock.
fn mix() -> Vec<String> {
    let family = |n: usize| FAMILY.get(n % FAMILY.len()).copied().unwrap_or_default();
    let given = |n: usize| GIVEN.get(n % GIVEN.len()).copied().unwrap_or_default();
    let street = |n: usize| STREETS.get(n % STREETS.len()).copied().unwrap_or_default();
    let mut mix: Vec<String> = Vec::with_capacity(QUESTIONS);
    mix.extend((0..30).map(family).map(str::to_owned));
    mix.extend((0..20).map(given).map(str::to_owned));
    mix.extend((0..40).map(|n| format!("{} {}", given(n * 3 + 1), family(n * 7 + 2))));
    mix.extend((0..20).map(|n| {
        // The third letter is left out.
        let name = family(n * 5 + 12);
        name.chars().enumerate().filter(|(at, _)| *at != 2).map(|(_, letter)| letter).collect()
    }));
    mix.extend((0..20).map(|n| family(n * 3).chars().take(4).collect()));
    mix.extend((0..20).map(|n| format!("B-{}", 100_001 + n * 487)));
    mix.extend(["naissance", "rue", "lunel", "acte de naissance", "rue haute"].map(str::to_owned));
    mix.extend((0..10).map(|n| format!("rue {}", street(n))));
    let mut questions: Vec<String> = mix.iter().map(|text| address(text, "")).collect();
    questions.extend((0..10).map(|n| address(family(n * 4), "&etat=received")));
    questions.extend((0..10).map(|n| address(given(n * 4), "&etat=ouverts&tri=delai")));
    questions.extend((0..5).map(|n| address(&format!("rue {}", street(n)), "&agent=moi")));
    questions.extend(
        (0..5).map(|n| address(family(n), &format!("&service={DEPARTMENT}&du=2025-02-01&au=2025-11-15"))),
    );
    questions.push(address("", "&etat=ouverts&tri=delai"));
    questions.push(address("", "&agent=moi&etat=instruction"));
    questions.push(address("", "&du=2025-03-03&au=2025-03-09"));
    questions.push(address("naissance", "&tri=delai"));
    questions.push(address("lunel", "&etat=waiting"));
    questions
}

fn address(text: &str, filters: &str) -> String {
    let mut typed = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || byte == b'-' {
            typed.push(char::from(byte));
        } else {
            // Writing into memory does not fail.
            let _ = write!(typed, "%{byte:02X}");
        }
    }
    format!("/agents/recherche?q={typed}{filters}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mix_is_what_is_said_of_it() {
        assert_eq!(mix().len(), QUESTIONS);
    }
}
