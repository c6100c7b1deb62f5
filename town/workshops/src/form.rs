//! The form that registers somebody: the same questions online and for an agent on the telephone.

use beffroi_core::Id;
use beffroi_people::SignedIn;
use beffroi_store::Tx;
use beffroi_web::{Choice, FormPost, Page, Problem, Wrong, new_idempotency_key};

use crate::{
    price,
    registration::{AgeBand, Person, Way, Whom, Wish},
    series::{Kept, Signup},
    session::Session,
    shown::Shown,
};

/// What stands for all sessions.
const ALL: &str = "toutes";

/// What was typed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Typed {
    /// The session, or [`ALL`].
    pub(crate) session: String,
    pub(crate) waits: bool,
    /// Whether the reduced price is asked for.
    pub(crate) reduced: bool,
    pub(crate) relative: bool,
    pub(crate) street: String,
    pub(crate) postcode: String,
    pub(crate) city: String,
    pub(crate) channel: String,
    pub(crate) person: Person,
}

impl Typed {
    pub(crate) fn read(fields: &FormPost) -> Self {
        let text = |name: &str| fields.text(name).to_owned();
        let relative = fields.text("pour") == "proche";
        let (street, postcode, city) = (text("adresse"), text("codepostal"), text("ville"));
        let town = format!("{postcode} {city}").trim().to_owned();
        let address = [street.clone(), town].into_iter().filter(|line| !line.is_empty()).collect();
        let person = Person {
            name: text("nom"),
            registrant: if relative { text("declarant") } else { String::new() },
            email: text("courriel"),
            phone: text("telephone"),
            address,
            way: Way::from_word(fields.text("moyen")),
            band: AgeBand::from_word(fields.text("age")),
            note: text("precisions"),
        };
        Self {
            session: text("seance"),
            waits: fields.text("attente") == "oui",
            reduced: fields.text("tarif") == "reduit",
            relative,
            street,
            postcode,
            city,
            channel: text("canal"),
            person,
        }
    }

    /// What is known of whoever is signed in, before anything is typed.
    pub(crate) fn known(who: Option<&SignedIn>) -> Self {
        let person = who.map(|who| Person {
            name: who.display_name.clone(),
            email: who.email.clone(),
            way: Some(Way::Mail),
            ..Person::default()
        });
        Self { person: person.unwrap_or_default(), ..Self::default() }
    }

    /// For what, if it is one of the sessions that there are.
    pub(crate) fn wish(&self, series: &Kept, open: &[Session]) -> Option<Wish> {
        if self.session == ALL {
            return (series.sheet.signup != Signup::Each).then_some(Wish::All);
        }
        let id: Id<_> = self.session.parse().ok()?;
        let whole = series.sheet.signup == Signup::Whole;
        (!whole && open.iter().any(|it| it.id == id)).then_some(Wish::One(id))
    }
}

/// The ways among which one may choose: with an agent, none too. Text messages where the town sends any.
pub(crate) fn ways(tx: &mut Tx<'_>, agent: bool) -> beffroi_store::Result<Vec<Way>> {
    let texts = beffroi_sms::kept(tx)?.is_some();
    let offered = |way: &Way| match way {
        Way::Sms => texts,
        Way::Mail | Way::Letter | Way::Call => true,
        Way::Nothing => agent,
    };
    Ok(Way::ALL.iter().copied().filter(offered).collect())
}

/// A session among which one chooses.
pub(crate) struct Offered {
    pub(crate) choice: Choice,
    /// Whether neither a seat nor a turn in its waiting list is left.
    pub(crate) full: bool,
}

/// The form as it is shown.
pub(crate) struct Form {
    /// Whether an agent fills it in, for somebody.
    pub(crate) agent: bool,
    pub(crate) sessions: Vec<Offered>,
    /// Whether one is asked if one would wait.
    pub(crate) may_wait: bool,
    pub(crate) whom: Vec<Choice>,
    pub(crate) ways: Vec<Choice>,
    pub(crate) bands: Vec<Choice>,
    pub(crate) channels: Vec<Choice>,
    /// What it costs; `""` where it is free.
    pub(crate) price: String,
    /// The two prices among which one chooses; nothing where there is but one.
    pub(crate) rates: Vec<Choice>,
    pub(crate) typed: Typed,
    pub(crate) key: String,
    pub(crate) problems: Vec<Problem>,
}

impl Form {
    pub(crate) fn new(
        shown: &Shown<'_>,
        (series, open): (&Kept, &[Session]),
        (ways, whom): (&[Way], Whom),
        typed: Typed,
        wrong: &[Wrong],
    ) -> Self {
        let page = shown.page;
        let agent = whom == Whom::Agent;
        let label = |key: String| page.t(&key).to_owned();
        let mut sessions = Vec::new();
        if series.sheet.signup != Signup::Each {
            let text = page.tr("workshops-all-sessions", &[("n", open.len().into())]);
            let mut all = Choice::new(ALL, &text, typed.session == ALL);
            all.chosen |= series.sheet.signup == Signup::Whole;
            sessions.push(Offered { choice: all, full: false });
        }
        if series.sheet.signup != Signup::Whole {
            sessions.extend(open.iter().map(|it| {
                let id = it.id.to_string();
                let full = it.free() + it.may_wait() == 0;
                let chosen = !full && (typed.session == id || open.len() == 1);
                let hint = format!("{} – {}", shown.place(it), shown.left(it));
                Offered { choice: Choice { hint, ..Choice::new(&id, &shown.when(it), chosen) }, full }
            }));
        }
        let whom = [("moi", false), ("proche", true)].map(|(word, is)| {
            let asked =
                if agent { format!("workshops-office-for-{word}") } else { format!("workshops-for-{word}") };
            Choice::new(word, page.t(&asked), typed.relative == is)
        });
        let waits = |it: &Session| it.free() == 0 && it.may_wait() > 0;
        let asked = wrong.iter().any(|(field, _)| *field == "attente");
        let way = |way: &Way| {
            let word = way.as_str();
            let chosen = typed.person.way == Some(*way);
            Choice::new(word, &label(format!("workshops-way-{word}")), chosen)
        };
        let band = |band: &AgeBand| {
            let word = band.as_str();
            Choice::new(word, &label(format!("workshops-age-{word}")), typed.person.band == Some(*band))
        };
        let channels = ["phone", "counter"].map(|word| {
            let chosen = typed.channel == word || (word == "phone" && typed.channel != "counter");
            Choice::new(word, &label(format!("workshops-office-channel-{word}")), chosen)
        });
        let sheet = &series.sheet;
        let wrong: Vec<Wrong> =
            wrong.iter().map(|&(field, key)| (field, if agent { to_agent(key) } else { key })).collect();
        Self {
            agent,
            sessions,
            may_wait: asked || typed.waits || open.iter().any(waits),
            price: sheet.asked(false).map(|_| price::each(page, sheet)).unwrap_or_default(),
            rates: price::choices(page, sheet, agent, typed.reduced),
            whom: whom.to_vec(),
            ways: ways.iter().map(way).collect(),
            bands: AgeBand::ALL.iter().map(band).collect(),
            channels: channels.to_vec(),
            typed,
            key: new_idempotency_key(),
            problems: Problem::keyed(page, &wrong),
        }
    }

    /// One of two keys: an agent is asked about somebody, everybody else about themselves.
    pub(crate) const fn either<'k>(&self, agent: &'k str, other: &'k str) -> &'k str {
        if self.agent { agent } else { other }
    }

    /// What stands beside a field.
    pub(crate) fn error(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }

    /// The title of its page: that something is wrong is told first.
    pub(crate) fn title(&self, page: &Page, title: &str) -> String {
        if self.problems.is_empty() {
            title.to_owned()
        } else {
            format!("{} {title}", page.t("error-prefix"))
        }
    }
}

/// What is wrong, as an agent is told it who fills the form in for somebody.
fn to_agent(key: &'static str) -> &'static str {
    match key {
        "workshops-wrong-registrant" => "workshops-office-wrong-registrant",
        "workshops-wrong-way" => "workshops-office-wrong-way",
        "workshops-wrong-full" => "workshops-office-wrong-all-full",
        _ => key,
    }
}
