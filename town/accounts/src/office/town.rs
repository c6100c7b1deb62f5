//! The town's settings.

use askama::Template;
use axum::{
    Router,
    extract::Query,
    http::StatusCode,
    response::{IntoResponse, Redirect},
    routing::get,
};
use beffroi_people::{
    Town,
    permission::{ManageTown, permit},
    town::{Contact, SchoolZone, TownError, TownFault, Voice},
};
use beffroi_web::{App, CommuneOf, FormPost, Page, Result, Visitor, page::render_as, render};

use super::{Failed, Office, settle};
use crate::{
    back::Asked,
    fill::{Choice, Control, Filled, Line},
};

pub fn routes() -> Router<App> {
    Router::new().route("/admin/commune", get(show).post(save))
}

/// The zones of French communes, by the names that the two languages share.
const ZONES: [(&str, &str); 13] = [
    ("Europe/Paris", "Europe – Paris"),
    ("America/Guadeloupe", "Guadeloupe"),
    ("America/Martinique", "Martinique"),
    ("America/Cayenne", "Guyane"),
    ("Indian/Reunion", "La Réunion"),
    ("Indian/Mayotte", "Mayotte"),
    ("America/Miquelon", "Saint-Pierre-et-Miquelon"),
    ("America/St_Barthelemy", "Saint-Barthélemy"),
    ("America/Marigot", "Saint-Martin"),
    ("Pacific/Noumea", "Nouvelle-Calédonie"),
    ("Pacific/Tahiti", "Polynésie – Tahiti"),
    ("Pacific/Marquesas", "Polynésie – Marquises"),
    ("Pacific/Gambier", "Polynésie – Gambier"),
];

#[derive(Template)]
#[template(path = "town.html")]
struct TownPage {
    page: Page,
    filled: Filled,
    sections: Vec<Section>,
    done: bool,
}

/// A part of the page, under a title.
struct Section {
    title: String,
    text: String,
    lines: Vec<Line>,
}

async fn show(
    _: Office<ManageTown>,
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Query(asked): Query<Asked>,
) -> Result {
    let town = commune.read(visitor.by, Town::load).await?;
    render(&TownPage::new(page, fill(&town), !asked.fait.is_empty()))
}

async fn save(
    office: Office<ManageTown>,
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    form: FormPost,
) -> Result {
    let mut filled = Filled::of(&form);
    let population = form.text("population").replace([' ', '\u{a0}', '\u{202f}'], "");
    let population = if population.is_empty() { Ok(0) } else { population.parse::<u32>() };
    if population.is_err() {
        filled.wrong("population", page.t("accounts-town-wrong-population"));
    }
    let inhabitants = population.clone().unwrap_or_default();
    let done = commune.write(visitor.by, move |tx| -> Result<(), Failed<TownError>> {
        let permit = permit::<ManageTown>(tx, &office.who, None)?;
        let town = read(&form, inhabitants, Town::load(tx)?);
        let faults = town.faults();
        if population.is_err() || !faults.is_empty() {
            return Err(TownError::Wrong(faults).into());
        }
        Ok(town.save(tx, &permit)?)
    });
    match settle(done.await)? {
        Ok(()) => Ok(Redirect::to("/admin/commune?fait=oui").into_response()),
        Err(TownError::Store(error)) => Err(error.into()),
        Err(TownError::Wrong(faults)) => {
            for fault in faults {
                let (field, message) = worded(fault);
                filled.wrong(field, page.t(message));
            }
            render_as(StatusCode::UNPROCESSABLE_ENTITY, &TownPage::new(page, filled, false))
        }
    }
}

const fn worded(fault: TownFault) -> (&'static str, &'static str) {
    match fault {
        TownFault::Name => ("name", "accounts-town-wrong-name"),
        TownFault::Insee => ("insee", "accounts-town-wrong-insee"),
        TownFault::Siren => ("siren", "accounts-town-wrong-siren"),
        TownFault::Postcode => ("postcode", "accounts-town-wrong-postcode"),
        TownFault::Brand => ("brand", "accounts-town-wrong-brand"),
        TownFault::TimeZone => ("time-zone", "accounts-town-wrong-zone"),
        TownFault::MapTiles => ("map-tiles", "accounts-town-wrong-tiles"),
        TownFault::MapCreditLink => ("map-credit-link", "accounts-town-wrong-credit-link"),
    }
}

/// What agents show when they sign in: a password and the code of the second factor…
const BOTH: &str = "password-and-code";
/// … or the password alone.
const PASSWORD: &str = "password";

/// The controls of somebody who can be reached.
const DPO: [&str; 4] = ["dpo-name", "dpo-email", "dpo-phone", "dpo-address"];
const ACCESSIBILITY: [&str; 4] =
    ["accessibility-name", "accessibility-email", "accessibility-phone", "accessibility-address"];
const MEDIATOR: [&str; 4] = ["mediator-name", "mediator-email", "mediator-phone", "mediator-address"];

fn fill(town: &Town) -> Filled {
    let population = if town.population == 0 { String::new() } else { town.population.to_string() };
    let mut filled = Filled::with([
        ("name", &town.name),
        ("insee", &town.insee),
        ("siren", &town.siren),
        ("population", &population),
        ("postal-address", &town.postal_address),
        ("postcode", &town.postcode),
        ("phone", &town.phone),
        ("email", &town.email),
        ("opening-hours", &town.opening_hours),
        ("brand", &town.brand),
        ("time-zone", &town.time_zone),
        ("school-zone", town.school_zone.as_str()),
        ("agents-show", if town.password_suffices { PASSWORD } else { BOTH }),
        ("map-tiles", town.map_tiles.as_deref().unwrap_or_default()),
        ("map-credit", &town.map_credit),
        ("map-credit-link", &town.map_credit_link),
        ("signatory-given-name", &town.signatory.given_name),
        ("signatory-family-name", &town.signatory.family_name),
        ("signatory-quality", &town.signatory.quality),
        ("court-name", &town.court.name),
        ("court-address", &town.court.postal_address),
        ("mail-greeting", &town.voice.mail_greeting),
        ("mail-closing", &town.voice.mail_closing),
        ("mail-signature", &town.voice.mail_signature),
        ("letter-opening", &town.voice.letter_opening),
        ("letter-closing", &town.voice.letter_closing),
    ]);
    let nobody = Contact::default();
    let mediator = town.mediator.as_ref().unwrap_or(&nobody);
    for (ids, contact) in [(DPO, &town.dpo), (ACCESSIBILITY, &town.accessibility), (MEDIATOR, mediator)] {
        let values = [&contact.name, &contact.email, &contact.phone, &contact.postal_address];
        for (id, value) in ids.into_iter().zip(values) {
            filled.set(id, value.as_str());
        }
    }
    filled
}

/// The settings as the form gives them, over those that are kept.
fn read(form: &FormPost, population: u32, kept: Town) -> Town {
    let text = |name: &str| form.text(name).to_owned();
    let contact = |[name, email, phone, address]: [&str; 4]| Contact {
        name: text(name),
        email: text(email),
        phone: text(phone),
        postal_address: text(address),
    };
    let mut town = Town {
        name: text("name"),
        insee: text("insee").to_uppercase(),
        siren: text("siren").replace([' ', '\u{a0}', '\u{202f}'], ""),
        population,
        postal_address: text("postal-address"),
        postcode: text("postcode"),
        phone: text("phone"),
        email: text("email"),
        opening_hours: text("opening-hours"),
        brand: text("brand").to_lowercase(),
        time_zone: text("time-zone"),
        school_zone: SchoolZone::from_word(form.text("school-zone")).unwrap_or(kept.school_zone),
        dpo: contact(DPO),
        accessibility: contact(ACCESSIBILITY),
        mediator: Some(contact(MEDIATOR)).filter(|it| *it != Contact::default()),
        password_suffices: form.text("agents-show") == PASSWORD,
        map_tiles: Some(text("map-tiles")).filter(|address| !address.is_empty()),
        map_credit: text("map-credit"),
        map_credit_link: text("map-credit-link"),
        ..kept
    };
    town.signatory.given_name = text("signatory-given-name");
    town.signatory.family_name = text("signatory-family-name");
    town.signatory.quality = text("signatory-quality");
    town.court.name = text("court-name");
    town.court.postal_address = text("court-address");
    town.voice = Voice {
        mail_greeting: text("mail-greeting"),
        mail_closing: text("mail-closing"),
        mail_signature: text("mail-signature"),
        letter_opening: text("letter-opening"),
        letter_closing: text("letter-closing"),
    };
    town
}

impl TownPage {
    fn new(page: Page, filled: Filled, done: bool) -> Self {
        let sections = Self::sections(&page, &filled);
        Self { page, filled, sections, done }
    }

    fn sections(page: &Page, filled: &Filled) -> Vec<Section> {
        let line = |id, control| Line::new(page, filled, &format!("accounts-town-{id}"), id, control);
        let text = |id| line(id, Control::Line("text"));
        let reached = |ids: [&'static str; 4]| {
            let kinds = [Control::Line("text"), Control::Line("email"), Control::Line("tel"), Control::Lines];
            ids.into_iter().zip(kinds).map(|(id, kind)| line(id, kind)).collect()
        };
        let section = |name: &str, lines| Section {
            title: page.t(&format!("accounts-section-{name}")).to_owned(),
            text: page.t(&format!("accounts-section-{name}-text")).to_owned(),
            lines,
        };
        let identity = vec![text("name").required(), text("insee"), text("siren"), text("population")];
        let hall = vec![
            line("postal-address", Control::Lines),
            text("postcode"),
            line("phone", Control::Line("tel")),
            line("email", Control::Line("email")),
            line("opening-hours", Control::Lines),
        ];
        let site = vec![
            text("brand").required(),
            line("time-zone", Control::OneOf(zones(filled))).required(),
            line("school-zone", Control::OneOf(school_zones(page, filled))).required(),
            text("map-tiles"),
            text("map-credit"),
            text("map-credit-link"),
        ];
        let voice = vec![
            text("mail-greeting"),
            text("mail-closing"),
            line("mail-signature", Control::Lines),
            text("letter-opening"),
            line("letter-closing", Control::Lines),
        ];
        let signatory =
            vec![text("signatory-given-name"), text("signatory-family-name"), text("signatory-quality")];
        let shown = line("agents-show", Control::OneOf(shown_by_agents(page, filled))).required();
        vec![
            section("identity", identity),
            section("hall", hall),
            section("site", site),
            section("sign-in", vec![shown]),
            section("voice", voice),
            section("signatory", signatory),
            section("dpo", reached(DPO)),
            section("accessibility", reached(ACCESSIBILITY)),
            section("mediator", reached(MEDIATOR)),
            section("court", vec![text("court-name"), line("court-address", Control::Lines)]),
        ]
    }
}

fn zones(filled: &Filled) -> Vec<Choice> {
    let mut choices: Vec<Choice> =
        ZONES.iter().map(|(zone, name)| Choice::new(filled, "time-zone", *zone, *name)).collect();
    if !choices.iter().any(|choice| choice.chosen) {
        let other = filled.value("time-zone");
        choices.push(Choice::new(filled, "time-zone", other, other));
    }
    choices
}

fn shown_by_agents(page: &Page, filled: &Filled) -> Vec<Choice> {
    [BOTH, PASSWORD]
        .into_iter()
        .map(|shown| {
            Choice::new(filled, "agents-show", shown, page.t(&format!("accounts-agents-show-{shown}")))
        })
        .collect()
}

fn school_zones(page: &Page, filled: &Filled) -> Vec<Choice> {
    SchoolZone::ALL
        .iter()
        .map(|zone| {
            let label = page.t(&format!("accounts-school-zone-{}", zone.as_str())).to_owned();
            Choice::new(filled, "school-zone", zone.as_str(), label)
        })
        .collect()
}
