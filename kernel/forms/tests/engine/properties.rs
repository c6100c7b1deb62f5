//! Properties of the engine, over forms and answers that are made up: whatever a form asks, and whatever is
//! typed, what is kept is right, and what is wrong has its place.

use std::collections::{BTreeSet, HashMap};

use beffroi_core::{Channel, Lang};
use beffroi_forms::{Answers, CompiledForm, Environment, FileInfo, Outcome, Procedure, References, Source};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// One list outside the form, with one town in it.
struct Lists;

impl References for Lists {
    fn find(&self, _: Source, typed: &str) -> Option<String> {
        ["34145", "Lunel"].contains(&typed).then(|| "34145".to_owned())
    }
    fn name(&self, _: Source, code: &str, _: Lang) -> Option<String> {
        Some(code.to_owned())
    }
}

fn judged(form: &CompiledForm, typed: &Answers) -> Outcome {
    let files = HashMap::from([("d1".to_owned(), FileInfo { name: "plan.pdf".to_owned(), bytes: 9 })]);
    let today = "2026-06-03".parse().unwrap();
    form.evaluate(typed, &Environment { today, channel: Channel::Api, references: &Lists, files: &files })
}

/// A kind as a form's file writes it, what a condition may ask of it, and answers that it takes.
struct Sample {
    kind: &'static str,
    members: fn() -> Value,
    asks: &'static [&'static str],
    computes: &'static [&'static str],
    right: &'static [(&'static str, &'static str)],
}

fn nothing() -> Value {
    json!({})
}

fn choices() -> Value {
    let choice = |value: &str, label: &str| json!({ "value": value, "label": label });
    json!({ "choice": [choice("a", "b"), choice("b", "Le second"), choice("c", "Le dernier")] })
}

/// `@` stands for the field that is asked about.
const SAMPLES: &[Sample] = &[
    Sample {
        kind: "text",
        members: || json!({ "max_chars": 8 }),
        asks: &["@ != ''", "size(@) > 2", "@ == 'a'", "@.startsWith('a')"],
        computes: &["'prix : ' + string(1)", "add_days(today, 3)"],
        right: &[("", "a  b")],
    },
    Sample {
        kind: "long-text",
        members: nothing,
        asks: &["@ != ''"],
        computes: &[],
        right: &[("", "un\ndeux")],
    },
    Sample {
        kind: "email",
        members: nothing,
        asks: &["@.endsWith('.org')"],
        computes: &[],
        right: &[("", "lea@example.org")],
    },
    Sample {
        kind: "phone",
        members: nothing,
        asks: &["size(@) > 3"],
        computes: &[],
        right: &[("", "04 65 71 12 34")],
    },
    Sample {
        kind: "number",
        members: || json!({ "min": -1_000_000, "max": 1_000_000 }),
        asks: &["@ > 3", "10 / @ > 1", "@ * 1000000000000000 > 0", "weekday(add_days(today, @)) == 1"],
        computes: &["1 + 1", "int('12')", "9223372036854775807 + 1", "7 % 0"],
        right: &[("", "-7")],
    },
    Sample {
        kind: "number",
        members: || json!({ "decimals": 6 }),
        asks: &["@ < 2.5", "@ / 0.0 > 1.0"],
        computes: &["2.5 * 2.0", "0.0 / 0.0"],
        right: &[("", "0,000001")],
    },
    Sample {
        kind: "money",
        members: || json!({ "min_cents": 100 }),
        asks: &["@ >= 200"],
        computes: &["2 * 50"],
        right: &[("", "12,50 €")],
    },
    Sample {
        kind: "date",
        members: nothing,
        asks: &["@ > today", "days_between(today, @) > 3"],
        computes: &[],
        right: &[("-day", "3"), ("-month", "7"), ("-year", "2026")],
    },
    Sample {
        kind: "date",
        members: || json!({ "birth": true }),
        asks: &["years_between(@, today) >= 18"],
        computes: &[],
        right: &[("", "15/05/1990")],
    },
    Sample { kind: "time", members: nothing, asks: &["@ < '18:00'"], computes: &[], right: &[("", "18h30")] },
    Sample {
        kind: "yes-no",
        members: nothing,
        asks: &["@", "!@"],
        computes: &["today > '2026-01-01'"],
        right: &[("", "false")],
    },
    Sample { kind: "sworn", members: nothing, asks: &["@"], computes: &[], right: &[("", "on")] },
    Sample {
        kind: "one-of",
        members: choices,
        asks: &["@ == 'b'", "@ in ['a', 'c']"],
        computes: &[],
        right: &[("", "b")],
    },
    Sample {
        kind: "many-of",
        members: choices,
        asks: &["size(@) > 1", "'a' in @"],
        computes: &["['a', 'b']"],
        right: &[("", "c"), ("", "a")],
    },
    Sample {
        kind: "list",
        members: choices,
        asks: &["@ == 'c'"],
        computes: &[],
        right: &[("", "Le dernier")],
    },
    Sample {
        kind: "list",
        members: || json!({ "from": "communes" }),
        asks: &["@ != '34145'"],
        computes: &[],
        right: &[("", "Lunel")],
    },
    Sample {
        kind: "address",
        members: nothing,
        asks: &["@.line != ''", "@.key == ''"],
        computes: &[],
        right: &[("", "1 rue Haute")],
    },
    Sample {
        kind: "identity",
        members: nothing,
        asks: &["@.usual_name == ''"],
        computes: &[],
        right: &[("-family_name", "Peyron"), ("-given_names", "Léa")],
    },
    Sample {
        kind: "identity",
        members: || json!({ "birth": true }),
        asks: &["@.birth_date < today"],
        computes: &[],
        right: &[
            ("-family_name", "Peyron"),
            ("-given_names", "Léa"),
            ("-birth_place", "Lunel"),
            ("-birth-day", "3"),
            ("-birth-month", "4"),
            ("-birth-year", "1990"),
        ],
    },
    Sample {
        kind: "siret",
        members: nothing,
        asks: &["size(@) == 14"],
        computes: &[],
        right: &[("", "732 829 320 00074")],
    },
    Sample {
        kind: "rna",
        members: nothing,
        asks: &["@.startsWith('W')"],
        computes: &[],
        right: &[("", "w341002345")],
    },
    Sample {
        kind: "iban",
        members: nothing,
        asks: &["@.startsWith('FR')"],
        computes: &[],
        right: &[("", "FR7630006000011234567890189")],
    },
    Sample {
        kind: "file",
        members: || json!({ "max_files": 2 }),
        asks: &["size(@) < 2"],
        computes: &[],
        right: &[("", "d1")],
    },
    Sample {
        kind: "point",
        members: nothing,
        asks: &["@.lat > 43.0"],
        computes: &[],
        right: &[("-lat", "43.67"), ("-lon", "0.000001")],
    },
    Sample { kind: "heading", members: nothing, asks: &[], computes: &[], right: &[] },
    Sample { kind: "note", members: nothing, asks: &[], computes: &[], right: &[] },
];

/// What chance says of one field; what it comes to, [`Maker`] works out.
#[derive(Clone, Debug)]
struct Draw {
    sample: usize,
    /// Required, shown, checked, computed, and which names they look at.
    dice: [u8; 6],
    /// The fields of a repeated group; none where it is a plain field.
    rows: Vec<Draw>,
}

fn plain_draw() -> impl Strategy<Value = Draw> {
    (0..SAMPLES.len(), any::<[u8; 6]>()).prop_map(|(sample, dice)| Draw { sample, dice, rows: Vec::new() })
}

fn draw() -> impl Strategy<Value = Draw> {
    let rows = prop_oneof![3 => Just(0..1_usize), 1 => Just(1..5)]
        .prop_flat_map(|count| prop::collection::vec(plain_draw(), count));
    (plain_draw(), rows).prop_map(|(draw, rows)| Draw { rows, ..draw })
}

fn pages() -> impl Strategy<Value = Vec<(u8, Vec<Draw>)>> {
    prop::collection::vec((any::<u8>(), prop::collection::vec(draw(), 1..6)), 1..4)
}

/// A question as it may be answered.
#[derive(Clone, Debug)]
struct Question {
    path: String,
    sample: usize,
}

/// Makes a form of what chance said: names that exist, conditions that look at what comes before.
#[derive(Default)]
struct Maker {
    count: usize,
    /// What conditions may look at: an expression that is true or false.
    asks: Vec<String>,
    checks: bool,
    questions: Vec<Question>,
    groups: Vec<(String, Vec<Question>)>,
}

impl Maker {
    /// In a row no list is gone through: the cost would be the square of the answers.
    fn condition(&self, dice: u8, in_row: bool) -> String {
        let ambient = ["self_service", "today > '2027-01-01'", "true"];
        let pick = |die: usize| {
            let asks = self.asks.iter().map(String::as_str).filter(|ask| !in_row || !ask.contains(".all("));
            asks.chain(ambient).cycle().nth(die % 97).unwrap_or("true")
        };
        let (one, other) = (pick(usize::from(dice)), pick(usize::from(dice) * 7 + 3));
        match dice % 4 {
            0 => format!("{one} && {other}"),
            1 => format!("{one} || {other}"),
            2 => format!("!({one})"),
            _ => one.to_owned(),
        }
    }

    fn field(&mut self, draw: &Draw, in_row: bool) -> Value {
        self.count += 1;
        let id = format!("f{:03}", self.count);
        let Some(sample) = SAMPLES.get(draw.sample) else { return Value::Null };
        let [required, show, check, compute, which, look] = draw.dice;
        let mut field = json!({ "id": id, "label": "Une question" });
        let members = field.as_object_mut().unwrap();
        if show % 3 == 0 {
            members.insert("show".to_owned(), json!(self.condition(which, in_row)));
        }
        match required % 4 {
            0 => members.insert("required".to_owned(), json!(self.condition(look, in_row))),
            1 => members.insert("required".to_owned(), json!(false)),
            _ => None,
        };
        let asks: Vec<String>;
        if draw.rows.is_empty() {
            members.insert("kind".to_owned(), json!(sample.kind));
            members.extend((sample.members)().as_object().cloned().unwrap());
            let computed =
                sample.computes.iter().cycle().nth(usize::from(which)).filter(|_| compute % 4 == 0);
            match computed {
                Some(source) => drop(members.insert("compute".to_owned(), json!(source))),
                None => self.questions.push(Question { path: id.clone(), sample: draw.sample }),
            }
            asks = sample.asks.iter().map(|ask| ask.replace('@', &id)).collect();
        } else {
            // What is asked in rows is known there alone; all that came before is known in them too.
            let outer = (self.asks.len(), std::mem::take(&mut self.questions));
            let inner: Vec<Value> = draw.rows.iter().map(|draw| self.field(draw, true)).collect();
            let parts: Vec<String> = self.asks.split_off(outer.0);
            let rows = std::mem::replace(&mut self.questions, outer.1);
            let through = |ask: &String| {
                let of_row = inner.iter().filter_map(|field| field.get("id")?.as_str());
                of_row.fold(ask.clone(), |ask, part| ask.replace(part, &format!("r.{part}")))
            };
            asks = parts
                .iter()
                .map(|ask| format!("{id}.all(r, {})", through(ask)))
                .chain([format!("size({id}) < 3")])
                .collect();
            self.groups.push((id.clone(), rows));
            members.insert("kind".to_owned(), json!("group"));
            members.extend([
                ("min_rows".to_owned(), json!(1 + which % 2)),
                ("max_rows".to_owned(), json!(3)),
                ("field".to_owned(), Value::Array(inner)),
            ]);
        }
        let mut seen = asks.clone();
        if in_row {
            seen.retain(|ask| !ask.contains(".all("));
        }
        if self.checks
            && check % 2 == 0
            && let Some(when) = seen.iter().cycle().nth(usize::from(look))
        {
            members.insert("check".to_owned(), json!([{ "when": when, "message": "Non." }]));
        }
        self.asks.extend(seen);
        field
    }

    fn procedure(&mut self, pages: &[(u8, Vec<Draw>)]) -> CompiledForm {
        let mut shown = Vec::new();
        for (rank, (die, draws)) in pages.iter().enumerate() {
            let mut page = json!({ "id": format!("p{rank}"), "title": "Une page" });
            if die % 3 == 0 {
                page["show"] = json!(self.condition(*die, false));
            }
            page["field"] = draws.iter().map(|draw| self.field(draw, false)).collect();
            shown.push(page);
        }
        let first =
            shown.first().and_then(|page| page["field"][0]["id"].as_str()).unwrap_or_default().to_owned();
        let silent = shown.first().and_then(|page| page["field"][0]["kind"].as_str());
        let mut form = json!({ "page": shown });
        if self.checks && !matches!(silent, Some("heading" | "note")) {
            form["check"] =
                json!([{ "field": first, "when": self.condition(5, false), "message": "Non plus." }]);
        }
        let text = json!("Essai");
        let procedure: Procedure = serde_json::from_value(json!({
            "slug": "essai", "version": 1, "title": text, "summary": text, "sector": "general", "who": text,
            "delay": text, "cost": text, "outcome": text, "form": form,
        }))
        .unwrap();
        let written = procedure.to_toml().unwrap();
        assert_eq!(Procedure::from_toml(&written).unwrap(), procedure, "a form is written as it was read");
        CompiledForm::compile(procedure).map_err(|problems| format!("{problems:?}\n{written}")).unwrap()
    }

    /// Right answers to every question, two rows in each group.
    fn right(&self) -> Vec<(String, String)> {
        let of = |prefix: &str, question: &Question| {
            let sample = SAMPLES.get(question.sample).unwrap();
            let path = format!("{prefix}{}", question.path);
            sample
                .right
                .iter()
                .map(|(part, text)| (format!("{path}{part}"), (*text).to_owned()))
                .collect::<Vec<_>>()
        };
        let mut typed: Vec<(String, String)> =
            self.questions.iter().flat_map(|question| of("", question)).collect();
        for (group, questions) in &self.groups {
            for row in 0..2 {
                typed.push((format!("{group}.{row}.row"), "1".to_owned()));
                let prefix = format!("{group}.{row}.");
                typed.extend(questions.iter().flat_map(|question| of(&prefix, question)));
            }
        }
        typed
    }
}

fn answers(typed: &[(String, String)]) -> Answers {
    Answers::from_pairs(typed.iter().map(|(name, text)| (name.as_str(), text.as_str())))
}

/// The names under which something was kept.
fn kept(answers: &Map<String, Value>) -> BTreeSet<String> {
    let mut paths = BTreeSet::new();
    for (id, answer) in answers {
        paths.insert(id.clone());
        for (number, row) in answer.as_array().into_iter().flatten().enumerate() {
            let members =
                row.as_object().into_iter().flat_map(Map::keys).filter(|name| name.starts_with('f'));
            paths.extend(members.map(|name| format!("{id}.{number}.{name}")));
        }
    }
    paths
}

/// Whether a pointer leads to something that the schema knows.
fn leads_somewhere(schema: &Value, pointer: &str) -> bool {
    let mut at = schema;
    for token in pointer.split('/').skip(1) {
        let next = if token.bytes().all(|byte| byte.is_ascii_digit()) {
            at.get("items")
        } else {
            at.get("properties").and_then(|properties| properties.get(token))
        };
        match next {
            Some(next) => at = next,
            None => return false,
        }
    }
    pointer.starts_with('/')
}

/// What holds of every form and all answers.
fn hold(form: &CompiledForm, typed: &Answers) -> Result<Outcome, TestCaseError> {
    let outcome = judged(form, typed);
    prop_assert_eq!(&judged(form, typed), &outcome, "the same each time");
    for path in kept(&outcome.answers) {
        prop_assert!(outcome.state(&path).shown, "{} is kept and was not asked", path);
    }
    let schema = form.json_schema(Lang::Fr);
    for fault in &outcome.faults {
        let field = fault.path.split('-').next().unwrap_or_default();
        prop_assert!(outcome.state(field).shown, "{} is told beside nothing", fault.path);
        prop_assert!(form.field(field).is_some(), "{}", fault.path);
        prop_assert!(leads_somewhere(&schema, &fault.pointer()), "{} leads nowhere", fault.pointer());
    }
    let again = Answers::from_json(&form.procedure().form, &Value::Object(outcome.answers.clone()));
    let again = judged(form, &again.map_err(|faults| TestCaseError::fail(format!("{faults:?}")))?);
    prop_assert!(kept(&again.answers).is_subset(&kept(&outcome.answers)), "nothing comes of nothing");
    if outcome.faults.is_empty() {
        prop_assert_eq!(&again, &outcome, "what is right is right again");
        let validator = jsonschema::validator_for(&schema).unwrap();
        let answers = Value::Object(outcome.answers.clone());
        let errors: Vec<String> = validator
            .iter_errors(&answers)
            .map(|error| format!("{} {error}", error.instance_path()))
            .collect();
        prop_assert_eq!(errors, Vec::<String>::new(), "{}", answers);
    }
    Ok(outcome)
}

proptest! {
    /// Some of what is typed is right, some is missing, some is nonsense.
    #[test]
    fn whatever_a_form_asks_and_whatever_is_typed(
        pages in pages(),
        spoilt in prop::collection::vec((any::<prop::sample::Index>(), "\\PC{0,10}|[0-9,.: -]{0,9}|true|b|c|d1|2026-07-01"), 0..6),
        missing in prop::collection::vec(any::<prop::sample::Index>(), 0..4),
    ) {
        let mut maker = Maker { checks: true, ..Maker::default() };
        let form = maker.procedure(&pages);
        let mut typed = maker.right();
        for (index, text) in spoilt.iter().filter(|_| !maker.questions.is_empty()) {
            if let Some((_, typed)) = (!typed.is_empty()).then(|| index.get_mut(&mut typed)) {
                typed.clone_from(text);
            }
        }
        for index in missing {
            if typed.is_empty() { break }
            typed.remove(index.index(typed.len()));
        }
        typed.push(("inconnu.7.x".to_owned(), "1".to_owned()));
        hold(&form, &answers(&typed))?;
    }

    /// Where a form has no checks, right answers to all that it could ask are found right, whatever it hides.
    #[test]
    fn right_answers_are_found_right(pages in pages()) {
        let mut maker = Maker::default();
        let form = maker.procedure(&pages);
        let outcome = hold(&form, &answers(&maker.right()))?;
        prop_assert_eq!(outcome.faults, vec![]);
    }

    /// Controls that no form has, rows without end, texts of all letters: nothing panics.
    #[test]
    fn noise_is_judged_without_a_panic(
        pages in pages(),
        noise in prop::collection::vec(("f00[1-9](\\.[0-9]{1,3}\\.f00[1-9])?(-(day|key|lat|lon|birth-day|family_name))?", ".{0,12}"), 0..20),
    ) {
        let mut maker = Maker { checks: true, ..Maker::default() };
        let form = maker.procedure(&pages);
        hold(&form, &answers(&noise))?;
    }
}
