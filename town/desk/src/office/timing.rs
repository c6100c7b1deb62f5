//! A request for a room that came without a time, by letter or too late, gets one: an agent picks it on the planning, and
//! it is booked by the rules of every other request.

use std::collections::HashMap;

use beffroi_calendar::{
    booking::{self, Booking, NotHad, PLANNING, State},
    clock,
    tariff::Price,
};
use beffroi_cases::{
    Right,
    case::{self, Case},
};
use beffroi_core::{Cents, Day, Lang, calendar::civil_day};
use beffroi_forms::{Answers, CompiledForm, Environment, Field, Picked};
use beffroi_people::Town;
use beffroi_store::Tx;
use beffroi_web::{Page, Result};
use serde_json::{Map, Value};

use super::{Office, action::Wrong};
use crate::{
    booked::{self, Picking, Shown},
    priced::{self, Reckoned},
    procedure::Lists,
    retention, submission,
    visit::case_error,
};

/// The control that names what an agent holds for the case.
pub(super) const HELD: &str = "creneau";

/// Whether a case waits for a time: its procedure books something, and nothing is booked for it, or what it asked for was
/// taken already when it came.
pub(super) fn is_wanted(form: &CompiledForm, case: &Case, booked: Option<&Booking>) -> bool {
    form.procedure().booking.is_some()
        && case.state.is_open()
        && booked.is_none_or(|it| it.state == State::Overtaken)
}

/// What an agent holds for a case, and what it would cost.
pub(super) struct Timed {
    picking: Picking,
    /// The answers of the case, as they are once it is booked; and what they said before where that is something else.
    answers: Map<String, Value>,
    asked: Map<String, Value>,
    price: Option<Reckoned>,
}

impl Timed {
    /// What is held under this name for this case; `None` where its procedure books nothing.
    pub(super) fn load(
        tx: &mut Tx<'_>,
        (form, case): (&CompiledForm, &Case),
        named: &str,
        town: &Town,
    ) -> beffroi_store::Result<Option<Self>> {
        let Some(picking) = Picking::of_agent(tx, form, named, town.zone())? else { return Ok(None) };
        let before = case.answers.as_object().cloned().unwrap_or_default();
        let (mut answers, mut asked) = answered(before, &picking);
        let environment = Environment {
            today: civil_day(tx.now(), town.zone()),
            channel: case.channel,
            references: &Lists,
            files: &HashMap::new(),
        };
        recompute(form, (&mut answers, &mut asked), &environment);
        let price = match &picking.booking {
            Some(held) => priced::reckon(tx, form, &answers, held, town)?,
            None => None,
        };
        Ok(Some(Self { picking, answers, asked, price }))
    }
}

/// The answers once they say what was picked, and those that said something else.
fn answered(mut answers: Map<String, Value>, picking: &Picking) -> (Map<String, Value>, Map<String, Value>) {
    let mut asked = Map::new();
    for (field, picked, said) in picking.said() {
        let said = match picked {
            Picked::People => said.parse::<u32>().ok().map(Value::from),
            _ => Some(said).filter(|said| !said.is_empty()).map(Value::from),
        };
        let before = match said.clone() {
            Some(said) => answers.insert(field.to_owned(), said),
            None => answers.remove(field),
        };
        if let Some(before) = before.filter(|before| Some(before) != said.as_ref()) {
            asked.insert(field.to_owned(), before);
        }
    }
    (answers, asked)
}

/// What the form computes, by the answers as they are now: an amount to be paid depends on the hours that were found.
fn recompute(
    form: &CompiledForm,
    (answers, asked): (&mut Map<String, Value>, &mut Map<String, Value>),
    environment: &Environment<'_>,
) {
    let fields = form.procedure().form.pages.iter().flat_map(|page| &page.fields);
    let computed: Vec<&Field> = fields.filter(|field| field.compute.is_some()).collect();
    if computed.is_empty() {
        return;
    }
    let whole = Value::Object(answers.clone());
    let Ok(typed) = Answers::from_json(&form.procedure().form, &whole) else { return };
    let outcome = form.evaluate(&typed, environment);
    for field in computed {
        let Some(now) = outcome.answers.get(&field.id) else { continue };
        let before = answers.insert(field.id.clone(), now.clone());
        if let Some(before) = before.filter(|before| before != now) {
            asked.insert(field.id.clone(), before);
        }
    }
}

/// The box of a case that waits for a time.
pub(super) struct TimeBox {
    /// Where a time is picked, from the day that was asked for.
    pub(super) planning: String,
    /// What is held; its name is `""` where nothing is yet.
    pub(super) held: Shown,
    /// What it costs, a line each, and for whom that was reckoned.
    pub(super) price: Vec<String>,
    pub(super) priced_for: String,
}

impl TimeBox {
    /// As the page of the case shows it.
    pub(super) fn of(page: &Page, form: &CompiledForm, case: &Case, timed: Option<&Timed>) -> Self {
        let carried = format!("dossier={}", case.id);
        let day = asked_day(form, case).map(|day| format!("&jour={day}")).unwrap_or_default();
        let held = timed.map(|it| it.picking.shown(page)).filter(|it| !it.name.is_empty());
        let held = held.map(|it| Shown { at: format!("{}&{carried}", it.at), ..it });
        let price = timed.and_then(|it| it.price.as_ref()).map(|it| &it.price);
        Self {
            planning: format!("{PLANNING}?{carried}{day}"),
            held: held.unwrap_or_default(),
            price: price.map(|price| priced::lines(page, price)).unwrap_or_default(),
            priced_for: price.map(|price| priced::whom(page, price)).unwrap_or_default(),
        }
    }
}

/// The day that was asked for, as the letter says it.
fn asked_day(form: &CompiledForm, case: &Case) -> Option<Day> {
    let first = form.procedure().booking.as_ref()?;
    let (field, _) = first.answers.iter().find(|(_, picked)| **picked == Picked::Day)?;
    case.answers.get(field)?.as_str()?.parse().ok()
}

/// Books for a case what an agent holds for it, and tells the requester; or what stands against it.
pub(super) fn book(
    office: &Office,
    tx: &mut Tx<'_>,
    case: &Case,
    named: &str,
    town: &Town,
) -> Result<Option<Wrong>> {
    office.access.permit(Right::Handle, case).map_err(case_error)?;
    let form = office.form(tx, case)?;
    let before = booked::of_case(tx, &form, case.id)?;
    // Clicked twice.
    if before.as_ref().is_some_and(|it| it.state == State::Asked && it.id.to_string() == named) {
        return Ok(None);
    }
    if !is_wanted(&form, case, before.as_ref()) {
        return Ok(Some(Wrong::of(HELD, "office-time-given")));
    }
    let Some(timed) = Timed::load(tx, (&form, case), named, town)? else { return Ok(None) };
    let Some(held) = &timed.picking.booking else {
        return Ok(Some(Wrong::of(HELD, "office-time-gone")));
    };
    match booking::confirm(tx, held, town) {
        Ok(()) => {}
        Err(NotHad::Store(error)) => return Err(error.into()),
        Err(NotHad::Taken) => return Ok(Some(Wrong::of(HELD, "office-time-taken"))),
        Err(NotHad::Unfit(_)) => return Ok(Some(Wrong::of(HELD, "office-time-unfit"))),
    }
    booking::take_place(tx, held.id, ("case", case.id.uuid()))?;
    if let Some(it) = &timed.price {
        let body = it.body.as_ref().map(|(body, name)| (body.as_str(), name.as_str()));
        booking::set_price(tx, held, &it.price, body, town)?;
    }
    let answers = Value::Object(timed.answers.clone());
    let asked = Value::Object(timed.asked.clone());
    case::give_time(tx, &office.access, case.id, &answers, &asked).map_err(case_error)?;
    // It is kept until so long after the day on which it takes place.
    retention::note_received(tx, case.id, form.procedure().retention.as_ref(), &answers)?;
    let lang = submission::reach(tx, case.id)?.map(|reach| reach.lang).unwrap_or_default();
    let when = clock::when_all(held.dates(), town.zone(), lang);
    let name = held.resource.details.name.read_in(lang);
    let words = words(lang, (name, &when), timed.price.as_ref().map(|it| &it.price));
    office.tell_whole(tx, case, &words, &[])?;
    Ok(None)
}

/// What the requester is told: what is kept for them, what it costs, and that it is not granted yet.
fn words(lang: Lang, (name, when): (&str, &str), price: Option<&Price>) -> String {
    let mut said = vec![match lang {
        Lang::Fr => format!("Un créneau est retenu pour votre demande\u{a0}: {name}, {when}."),
        Lang::En => format!("A time is kept for your request: {name}, {when}."),
    }];
    if let Some(price) = price {
        said.push(match (lang, price.due) {
            (Lang::Fr, Cents(0)) => "Ce sera gratuit si la demande est acceptée.".to_owned(),
            (Lang::Fr, due) => format!("Le prix sera de {due} si la demande est acceptée."),
            (Lang::En, Cents(0)) => "It will be free if the request is granted.".to_owned(),
            (Lang::En, due) => format!("The price will be {} if the request is granted.", due.read_in(lang)),
        });
        if price.deposit > Cents(0) {
            said.push(match lang {
                Lang::Fr => format!(
                    "Une caution de {} sera à remettre avant la remise des clés. Elle n’est pas encaissée.",
                    price.deposit
                ),
                Lang::En => format!(
                    "A deposit of {} will be asked for before the keys are handed over. It is not cashed.",
                    price.deposit.read_in(lang)
                ),
            });
        }
    }
    said.push(match lang {
        Lang::Fr => {
            "Il vous est gardé jusqu’à la réponse de la mairie. S’il ne vous convient pas, dites-le-nous au plus vite."
        }
        Lang::En => {
            "It is kept for you until the town hall answers. If it does not suit you, tell us as soon as you can."
        }
    }
    .to_owned());
    said.join("\n\n")
}

#[cfg(test)]
mod tests {
    use beffroi_core::Channel;
    use beffroi_forms::Procedure;
    use serde_json::json;

    use super::*;

    const FILE: &str = r#"
        slug = "essai"
        version = 1
        title = "Essai"
        summary = "Essai"
        sector = "general"
        who = "Tous"
        delay = "Un jour"
        cost = "Selon le nombre"
        outcome = "Une réponse"
        [[form.page]]
        id = "demande"
        title = "La demande"
        [[form.page.field]]
        id = "personnes"
        kind = "number"
        label = "Personnes"
        [[form.page.field]]
        id = "redevance"
        kind = "money"
        label = "Redevance"
        compute = "personnes * 150"
    "#;

    #[test]
    fn what_the_form_computes_follows_from_what_was_found() {
        let form = CompiledForm::compile(Procedure::from_toml(FILE).unwrap()).unwrap();
        let files = HashMap::new();
        let environment = Environment {
            today: "2026-06-03".parse().unwrap(),
            channel: Channel::Paper,
            references: &Lists,
            files: &files,
        };
        let found = json!({ "personnes": 60, "redevance": 3_000 });
        let (mut answers, mut asked) = (found.as_object().cloned().unwrap(), Map::new());
        recompute(&form, (&mut answers, &mut asked), &environment);
        assert_eq!(Value::Object(answers.clone()), json!({ "personnes": 60, "redevance": 9_000 }));
        assert_eq!(Value::Object(asked.clone()), json!({ "redevance": 3_000 }));
        recompute(&form, (&mut answers, &mut asked), &environment);
        assert_eq!(asked.len(), 1, "what stays the same is told once");
    }
}
