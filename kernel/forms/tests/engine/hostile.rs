//! Definitions that nobody would write, or only somebody who means harm: deep, long, wide, or simply broken. Each is
//! refused with its place, or works within its bounds; nothing panics.

use std::{collections::HashMap, fmt::Write as _};

use beffroi_core::{Channel, Lang};
use beffroi_forms::{Answers, CompiledForm, Environment, NoReferences, Procedure};
use proptest::prelude::*;

const HEAD: &str = "slug = \"essai\"\nversion = 1\ntitle = \"Essai\"\nsummary = \"Essai\"\nsector = \"general\"\n\
                    who = \"Tous\"\ndelay = \"Un jour\"\ncost = \"Rien\"\noutcome = \"Rien\"\n";

/// A form of one page with these fields.
fn with(fields: &str) -> String {
    format!("{HEAD}[[form.page]]\nid = \"une\"\ntitle = \"Une\"\n{fields}")
}

fn field(id: &str, members: &str) -> String {
    format!("[[form.page.field]]\nid = \"{id}\"\nkind = \"number\"\nlabel = \"Combien\"\n{members}\n")
}

/// Reads, checks, compiles and answers; whatever comes of it, it comes.
fn tried(file: &str, typed: &[(String, String)]) -> bool {
    let Ok(procedure) = Procedure::from_toml(file) else { return false };
    let _ = procedure.check();
    let Ok(form) = CompiledForm::compile(procedure) else { return false };
    let typed = Answers::from_pairs(typed.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let files = HashMap::new();
    let today = "2026-11-26".parse().unwrap();
    let outcome = form.evaluate(
        &typed,
        &Environment { today, channel: Channel::Online, references: &NoReferences, files: &files },
    );
    let _ = form.sections(&outcome.answers, None, Lang::Fr, &NoReferences);
    let _ = form.json_schema(Lang::Fr);
    true
}

#[test]
fn what_nests_too_deep_or_is_too_long_is_refused_with_its_place() {
    for expression in [
        "(".repeat(20_000),
        format!("{}true", "!".repeat(5_000)),
        format!("{}true{}", "(".repeat(400), ")".repeat(400)),
        format!("{}1{} == 1", "[".repeat(300), "]".repeat(300)),
        format!("a == 1{}", " || a == 1".repeat(2_000)),
        format!("a{} == 1", ".b".repeat(450)),
        format!("[{}1].size() > 0", "1,".repeat(5_000)),
        "[1].map(x, [1].map(y, [1].map(z, x + y + z))).size() > 0".to_owned(),
    ] {
        let file = with(&format!("{}{}", field("a", ""), field("b", &format!("show = \"{expression}\""))));
        let procedure = Procedure::from_toml(&file).unwrap();
        let problems = CompiledForm::compile(procedure).expect_err("it is not taken");
        assert!(
            problems.iter().any(|problem| problem.at == "form.page[une].field[b].show"),
            "{}: {problems:?}",
            expression.chars().take(30).collect::<String>()
        );
    }
}

#[test]
fn groups_in_groups_and_numbers_beyond_reason_are_refused() {
    let mut path = "form.page.field".to_owned();
    let mut fields = String::new();
    for depth in 0..40 {
        write!(fields, "[[{path}]]\nid = \"g{depth}\"\nkind = \"group\"\nlabel = \"Groupe\"\n").unwrap();
        path.push_str(".field");
    }
    write!(fields, "[[{path}]]\nid = \"fin\"\nkind = \"text\"\nlabel = \"Fin\"\n").unwrap();
    let deep = with(&fields);
    assert!(!tried(&deep, &[]), "a group stands in no group");
    let many = with(
        "[[form.page.field]]\nid = \"g\"\nkind = \"group\"\nlabel = \"G\"\nmax_rows = 4000000000\n[[form.page.field.field]]\nid = \"t\"\nkind = \"text\"\nlabel = \"T\"\n",
    );
    assert!(!tried(&many, &[]));
}

#[test]
fn a_very_long_form_costs_as_much_as_it_is_long() {
    let fields: String = (0..2_000)
        .map(|rank| {
            let before = if rank == 0 {
                String::new()
            } else {
                format!("show = \"c{} == null || c{} > 0\"", rank - 1, rank - 1)
            };
            field(&format!("c{rank}"), &format!("{before}\nrequired = false"))
        })
        .collect();
    let typed: Vec<_> = (0..2_000).map(|rank| (format!("c{rank}"), "3".to_owned())).collect();
    assert!(tried(&with(&fields), &typed));
    let mut wide = "[[form.page.field]]\nid = \"l\"\nkind = \"list\"\nlabel = \"Liste\"\n".to_owned();
    for rank in 0..5_000 {
        write!(wide, "[[form.page.field.choice]]\nvalue = \"{rank}\"\nlabel = \"Choix {rank}\"\n").unwrap();
    }
    assert!(tried(&with(&wide), &[("l".to_owned(), "4999".to_owned())]));
}

/// Words of which hostile expressions are made.
const WORDS: [&str; 34] = [
    "a",
    "b",
    "g",
    "today",
    "channel",
    "null",
    "true",
    "1",
    "9223372036854775807",
    "-9223372036854775808",
    "0",
    "1.5e308",
    "'x'",
    "''",
    "==",
    "!=",
    "<",
    ">=",
    "&&",
    "||",
    "!",
    "+",
    "-",
    "*",
    "/",
    "%",
    "?",
    ":",
    "(",
    ")",
    "[",
    "]",
    ".size()",
    ".all(x, x)",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn no_expression_makes_it_panic(words in prop::collection::vec(prop::sample::select(WORDS.to_vec()), 1..14), typed in "-?[0-9]{0,20}") {
        let expression = words.join(" ");
        for member in ["show", "required", "compute"] {
            let file = with(&format!("{}{}", field("a", ""), field("b", &format!("{member} = \"{expression}\""))));
            tried(&file, &[("a".to_owned(), typed.clone()), ("b".to_owned(), typed.clone())]);
        }
        let check = format!("[[form.page.field.check]]\nwhen = \"{expression}\"\nmessage = \"Non\"");
        tried(&with(&field("a", &check)), &[("a".to_owned(), typed)]);
    }

    #[test]
    fn functions_of_days_hold_whatever_they_are_given(
        days in prop::collection::vec(prop::sample::select(vec!["today", "'2026-02-31'", "'0000-00-00'", "'99999-01-01'", "''", "'x'", "'9999-12-31'"]), 4),
        count in any::<i64>(),
    ) {
        for expression in [
            format!("add_days({}, {count}) != ''", days[0]),
            format!("add_months({}, {count}) != ''", days[0]),
            format!("days_between({}, {}) > {count}", days[0], days[1]),
            format!("years_between({}, {}) > {count}", days[0], days[1]),
            format!("weekday({}) > {count}", days[2]),
            format!("hours_between({}, {}, {}, {}) > 0", days[0], days[1], days[2], days[3]),
        ] {
            tried(&with(&format!("{}{}", field("a", ""), field("b", &format!("show = \"{expression}\"")))), &[("a".to_owned(), "1".to_owned())]);
        }
    }

    #[test]
    fn no_file_makes_it_panic(text in "[\\[\\]=\"'{}a-z0-9.\n_ -]{0,300}") {
        tried(&text, &[]);
        tried(&with(&text), &[]);
    }
}
