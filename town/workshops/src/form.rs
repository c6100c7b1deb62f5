//! The form that registers somebody: the same questions online and for an agent on the telephone.

use beffroi_core::Id;
use beffroi_store::Tx;
use beffroi_web::{Choice, FormPost, Page, Problem, Wrong, new_idempotency_key};

use crate::{
    price,
    registration::{AgeBand, Person, Way, Wish},
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

/// The ways among which one may choose: online, those by which the town writes; with an agent, calls and none too. Text
/// messages where the town sends any.
pub(crate) fn ways(tx: &mut Tx<'_>, agent: bool) -> beffroi_store::Result<Vec<Way>> {
    let texts = beffroi_sms::kept(tx)?.is_some();
    let offered = |way: &Way| match way {
        Way::Sms => texts,
        Way::Mail | Way::Letter => true,
        Way::Call | Way::Nothing => agent,
    };
    Ok(Way::ALL.iter().copied().filter(offered).collect())
}

/// The form as it is shown.
pub(crate) struct Form {
    pub(crate) sessions: Vec<Choice>,
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
        ways: &[Way],
        typed: Typed,
        wrong: &[Wrong],
    ) -> Self {
        let page = shown.page;
        let label = |key: String| page.t(&key).to_owned();
        let mut sessions = Vec::new();
        if series.sheet.signup != Signup::Each {
            let text = page.tr("workshops-all-sessions", &[("n", open.len().into())]);
            let mut all = Choice::new(ALL, &text, typed.session == ALL);
            all.chosen |= series.sheet.signup == Signup::Whole;
            sessions.push(all);
        }
        if series.sheet.signup != Signup::Whole {
            sessions.extend(open.iter().map(|it| {
                let id = it.id.to_string();
                let chosen = typed.session == id || open.len() == 1;
                let hint = format!("{} – {}", shown.place(it), shown.left(it));
                Choice { hint, ..Choice::new(&id, &shown.when(it), chosen) }
            }));
        }
        let whom = [("moi", false), ("proche", true)].map(|(word, is)| {
            Choice::new(word, page.t(&format!("workshops-for-{word}")), typed.relative == is)
        });
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
        Self {
            sessions,
            price: sheet.asked(false).map(|_| price::each(page, sheet)).unwrap_or_default(),
            rates: price::choices(page, sheet, typed.reduced),
            whom: whom.to_vec(),
            ways: ways.iter().map(way).collect(),
            bands: AgeBand::ALL.iter().map(band).collect(),
            channels: channels.to_vec(),
            typed,
            key: new_idempotency_key(),
            problems: Problem::keyed(page, wrong),
        }
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
