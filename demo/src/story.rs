//! The last months of the town, day by day: requests come in by every door, agents handle them, some are late.

use std::{
    collections::{BinaryHeap, HashMap},
    sync::Arc,
};

use beffroi_cases::{
    Access, Right,
    case::{self, Case, State},
    decision::{self, NewDecision, Outcome},
    exchange,
    missing::{self, LocalCalendar},
    tracking::TrackingCode,
};
use beffroi_core::{Channel, Day, Id, Instant, Lang, ManualClock, calendar::civil_day};
use beffroi_desk::{
    DeskService,
    daily::signatory,
    submission::{self, Submission, SubmitError},
};
use beffroi_documents::{Document, Gate, NewDocument, StoredFile};
use beffroi_forms::{Answers, FileInfo};
use beffroi_people::{Account, Town};
use beffroi_store::{By, Commune, Tx};
use beffroi_typeset::{Letter, Letterhead, Meta, Pool, Recipient};
use chrono::{Days, TimeDelta};
use rand::{SeedableRng, rngs::StdRng};

use crate::{
    ACCOUNTS, DemoError, Plan,
    answers::{Asker, answers, throw},
    failed, office_words,
    people::Agents,
    steps::{self, Scene},
};

/// How long the story lasts.
pub(crate) const LASTS: TimeDelta = TimeDelta::days(150);

/// What happens.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Comes { procedure: &'static str, channel: u8 },
    TakenUp,
    Noted(u8),
    Asked,
    Answered,
    Written,
    Replied,
    Decided(u8),
    Read,
    Withdrawn,
    Archived,
    OnItsWay(Scene),
}

/// What happens when, to which request; the heap gives the earliest first.
type Planned = std::cmp::Reverse<(Instant, usize, Event)>;

struct Story<'t> {
    commune: &'t Arc<Commune>,
    desk: &'t DeskService,
    agents: &'t Agents,
    /// How many requests, the first ones, are those of the inhabitant who has an account.
    own: usize,
    paper: StoredFile,
    known: HashMap<usize, (Id<Case>, TrackingCode, &'static str)>,
}

/// Lives the story.
pub(crate) fn live(
    commune: &Arc<Commune>,
    clock: &ManualClock,
    desk: &DeskService,
    agents: &Agents,
    plan: &Plan<'_>,
) -> Result<(), DemoError> {
    let mut dice = StdRng::seed_from_u64(0x4c55_4e45_4c34);
    let mut heap: BinaryHeap<Planned> = BinaryHeap::new();
    let start = plan.now - LASTS;
    let minutes = LASTS.num_minutes() - 60;
    let count = i64::try_from(plan.cases).unwrap_or(1).max(1);
    let own = own_fates(plan.now);
    let own_count = own.len();
    let mut own = own.into_iter();
    for number in 0..plan.cases {
        let rank = i64::try_from(number).unwrap_or_default();
        let at = start + TimeDelta::minutes(minutes * (rank + 1) / count - i64::from(throw(&mut dice, 40)));
        let fate = own.next().unwrap_or_else(|| fate(&mut dice, at.max(start)));
        for (at, event) in fate {
            if at <= plan.now {
                heap.push(std::cmp::Reverse((at, number, event)));
            }
        }
    }
    // What shows the steps has dice of its own: the rest of the story stays as it was.
    let mut apart = StdRng::seed_from_u64(0x4156_4953);
    for (number, fate) in (plan.cases..).zip(step_fates(plan.now)) {
        heap.extend(fate.into_iter().map(|(at, event)| std::cmp::Reverse((at, number, event))));
    }
    let paper = paper(commune, start)?;
    let mut story = Story { commune, desk, agents, own: own_count, paper, known: HashMap::new() };
    while let Some(std::cmp::Reverse((at, number, event))) = heap.pop() {
        clock.set(at);
        let dice = if number < plan.cases { &mut dice } else { &mut apart };
        story.happens(dice, number, &event)?;
    }
    let named = |name: &str| named(commune, plan.now, name);
    let paper = (&named("carte-d-identite.pdf")?, &named("facture-d-eau.pdf")?);
    crate::space::furnish(commune, clock, agents, paper, plan.now)
}

/// The requests of the inhabitant who has an account: one that is settled, one that waits for her, one with
/// a message to read.
fn own_fates(now: Instant) -> [Vec<(Instant, Event)>; 3] {
    let ago = |days: i64| now - TimeDelta::days(days);
    let comes = |procedure| Event::Comes { procedure, channel: 0 };
    [
        vec![
            (ago(101), comes("acte-de-naissance")),
            (ago(100), Event::TakenUp),
            (ago(98), Event::Decided(0)),
            (ago(97), Event::Read),
        ],
        vec![(ago(9), comes("occupation-domaine-public")), (ago(7), Event::TakenUp), (ago(6), Event::Asked)],
        vec![(ago(3), comes("acte-de-naissance")), (ago(2), Event::TakenUp), (ago(1), Event::Written)],
    ]
}

/// The requests that show what lies between receipt and decision.
fn step_fates(now: Instant) -> [Vec<(Instant, Event)>; 4] {
    let ago = |days: i64| now - TimeDelta::days(days) - TimeDelta::minutes(7);
    let on_its_way = |came: i64, scenes: &[(i64, Scene)]| {
        let comes = Event::Comes { procedure: "occupation-domaine-public", channel: 0 };
        let mut fate = vec![(ago(came), comes), (ago(came - 1), Event::TakenUp)];
        fate.extend(scenes.iter().map(|(days, scene)| (ago(*days), Event::OnItsWay(*scene))));
        fate
    };
    [
        on_its_way(8, &[(6, Scene::Asked)]),
        on_its_way(36, &[(33, Scene::Asked), (27, Scene::Answered)]),
        on_its_way(20, &[(17, Scene::Visiting), (11, Scene::Visited), (4, Scene::Prepared)]),
        on_its_way(29, &[(26, Scene::HandedOver)]),
    ]
}

/// What becomes of a request that comes in at this instant.
fn fate(dice: &mut StdRng, mut at: Instant) -> Vec<(Instant, Event)> {
    let (procedure, pace) = match throw(dice, 20) {
        0..=10 => ("acte-de-naissance", 3),
        11..=16 => ("occupation-domaine-public", 16),
        _ => ("debit-de-boissons-temporaire", 11),
    };
    let channel = match throw(dice, 50) {
        0..=30 => 0,
        31..=40 => 1,
        41..=46 => 2,
        _ => 3,
    };
    let later = |dice: &mut StdRng, from: Instant, days: u32| {
        from + TimeDelta::hours(i64::from(throw(dice, days * 24 + 1)) + 4)
    };
    let mut events = vec![(at, Event::Comes { procedure, channel })];
    // Some lie forgotten, and some are taken back: a desk that has neither would be a lie.
    if throw(dice, 20) == 0 {
        return events;
    }
    if throw(dice, 20) == 0 {
        at = later(dice, at, 3);
        events.push((at, Event::Withdrawn));
        if throw(dice, 2) == 0 {
            events.push((later(dice, at, 20), Event::Archived));
        }
        return events;
    }
    at = later(dice, at, 3);
    events.push((at, Event::TakenUp));
    if throw(dice, 5) == 0 {
        let which = u8::try_from(throw(dice, 3)).unwrap_or_default();
        at = later(dice, at, 1);
        events.push((at, Event::Noted(which)));
    }
    if throw(dice, 6) == 0 {
        at = later(dice, at, 2);
        events.push((at, Event::Asked));
        if throw(dice, 4) == 0 {
            return events;
        }
        at = later(dice, at, 12);
        events.push((at, Event::Answered));
    }
    if throw(dice, 8) == 0 {
        at = later(dice, at, 2);
        events.push((at, Event::Written));
        at = later(dice, at, 2);
        events.push((at, Event::Replied));
    }
    at = later(dice, at, pace);
    let outcome = match throw(dice, 20) {
        0..=16 => 0,
        17..=18 => 1,
        _ => 2,
    };
    events.push((at, Event::Decided(outcome)));
    if throw(dice, 3) > 0 {
        at = later(dice, at, 4);
        events.push((at, Event::Read));
    }
    // What is settled leaves daily work after some weeks.
    if throw(dice, 2) == 0 {
        events.push((later(dice, at + TimeDelta::days(21), 20), Event::Archived));
    }
    events
}

/// The paper that stands for every attachment.
fn paper(commune: &Commune, at: Instant) -> Result<StoredFile, DemoError> {
    named(commune, at, "piece.pdf")
}

/// The same, under another name.
fn named(commune: &Commune, at: Instant, name: &str) -> Result<StoredFile, DemoError> {
    let letter = Letter {
        letterhead: Letterhead {
            commune: "Pièce de démonstration".to_owned(),
            place: "Lunel".to_owned(),
            department: None,
            address: Vec::new(),
            phone: None,
            email: None,
        },
        recipient: Recipient { lines: vec!["Mairie de Lunel".to_owned()] },
        reference: None,
        subject: "pièce fictive".to_owned(),
        opening: "Madame, Monsieur,".to_owned(),
        paragraphs: vec![
            "Cette page tient lieu de pièce jointe dans la commune de démonstration.".to_owned(),
        ],
        pieces: Vec::new(),
        until: None,
        department: None,
        closing: None,
        signatory: None,
        enclosures: Vec::new(),
        appeals: None,
    };
    let meta = Meta { title: "Pièce de démonstration".to_owned(), date: at.date_naive() };
    let job = beffroi_typeset::Job::new(&letter, meta).map_err(failed)?;
    let pdf = Pool::in_process().render(&job).map_err(failed)?;
    Ok(beffroi_documents::store_generated(commune, name, &pdf)?)
}

/// What agents note for one another.
const NOTES: [&str; 3] = [
    "Appelé ce matin, sans réponse. Je rappelle demain.",
    "Même demande l’an dernier, accordée sans difficulté.",
    "Vu avec la police municipale\u{a0}: pas d’objection à ces dates.",
];

const CHANNELS: [Channel; 4] = [Channel::Online, Channel::Counter, Channel::Phone, Channel::Paper];

fn department(procedure: &str) -> &'static str {
    match procedure {
        "acte-de-naissance" => "etat-civil",
        "occupation-domaine-public" => "domaine-public",
        _ => "vie-associative",
    }
}

impl Story<'_> {
    fn happens(&mut self, dice: &mut StdRng, number: usize, event: &Event) -> Result<(), DemoError> {
        if let Event::Comes { procedure, channel } = *event {
            return self.comes(dice, number, procedure, channel);
        }
        // A request that a limit refused never became a case.
        let Some((id, code, procedure)) = self.known.get(&number).cloned() else { return Ok(()) };
        let agent = self.agents.of(department(procedure))?;
        match event {
            Event::Answered | Event::Replied | Event::Read | Event::Withdrawn => self.citizen(&code, event),
            _ => {
                if number < self.own {
                    crate::space::looked(self.commune, agent, id.uuid(), department(procedure))?;
                }
                self.agent(agent, department(procedure), id, event)
            }
        }
    }

    fn comes(
        &mut self,
        dice: &mut StdRng,
        number: usize,
        procedure: &'static str,
        channel: u8,
    ) -> Result<(), DemoError> {
        let channel = CHANNELS.get(usize::from(channel)).copied().unwrap_or(Channel::Online);
        let online = channel == Channel::Online;
        let account = (number < self.own).then_some(self.agents.inhabitant);
        let typist = self.agents.of(department(procedure))?.uuid();
        let by = match account {
            Some(account) => By::account(account.uuid(), channel),
            None if online => By { channel, ..By::VISITOR },
            None => By::account(typist, channel),
        };
        let (paper, desk) = (self.paper.clone(), self.desk);
        let mut draws = StdRng::seed_from_u64(u64::from(throw(dice, u32::MAX)));
        let offered = self.commune.read_blocking(By::SYSTEM, |tx| desk.shelf().current(tx, procedure))?;
        let form = offered.ok_or_else(|| failed(format!("{procedure} is not offered")))?;
        let sent = self.commune.write_blocking(by, move |tx| {
            let town = Town::load(tx)?;
            let today = civil_day(tx.now(), town.zone());
            let owner = uuid::Uuid::from_bytes(tx.random::<16>());
            let new =
                NewDocument { file: &paper, owner_kind: "entry", owner_id: owner, purpose: "attachment" };
            let document = Document::create(tx, Gate::Open, &new)?.id.to_string();
            let asker = account.and_then(|_| ACCOUNTS.last()).map(Asker::of);
            let typed = answers(&mut draws, procedure, asker, today, online, &document);
            let typed = Answers::from_json(&form.procedure().form, &typed)
                .map_err(|faults| failed(format!("{faults:?}")))?;
            let info = FileInfo { name: paper.name().to_owned(), bytes: paper.bytes() };
            let files = HashMap::from([(document, info)]);
            let mut judged = submission::judge(&form, &typed, channel, today, &files);
            // At the counter the agent looks at the papers; by telephone and by post they are asked for.
            if channel == Channel::Counter {
                judged.outcome.expected_files.clear();
            }
            let submission = Submission {
                form: &form,
                judged: &judged,
                town: &town,
                account,
                typed_by: (!online).then_some(typist),
                lang: Lang::Fr,
                received_on: None,
                by_letter: false,
                files: Some(("entry", owner)),
                draft: None,
                booking: None,
                whom: submission::Whom::default(),
            };
            match submission::submit(tx, &submission) {
                Ok(sent) => Ok(Some((sent.case, sent.code))),
                // The yearly limit of an association: it tried once too often.
                Err(SubmitError::Faults(faults)) if faults.iter().all(|fault| fault.path == "rna") => {
                    Ok(None)
                }
                Err(SubmitError::Faults(faults)) => Err(failed(format!("{procedure}: {faults:?}"))),
                Err(error) => Err(failed(error)),
            }
        })?;
        if let Some((case, code)) = sent {
            self.known.insert(number, (case, code, procedure));
        }
        Ok(())
    }

    fn citizen(&self, code: &TrackingCode, event: &Event) -> Result<(), DemoError> {
        let (code, event) = (code.clone(), event.clone());
        self.commune.write_blocking(By { channel: Channel::Online, ..By::VISITOR }, move |tx| {
            let done = match event {
                Event::Answered => {
                    let town = Town::load(tx)?;
                    let calendar = LocalCalendar { zone: town.zone(), holidays: town.holidays() };
                    missing::arrive(tx, &code, calendar).map(drop)
                }
                Event::Replied => {
                    exchange::reply(tx, &code, "Merci. Je confirme, et je reste joignable l’après-midi.")
                }
                Event::Withdrawn => case::withdraw(tx, &code),
                _ => decision::open(tx, &code).map(drop),
            };
            done.map_err(failed)
        })
    }

    fn agent(&self, agent: Id<Account>, place: &str, id: Id<Case>, event: &Event) -> Result<(), DemoError> {
        let event = event.clone();
        let access = Access::default().with(Some(place), Right::Decide);
        let office = self.desk.office(access.clone(), agent.uuid(), "http://localhost:8080".to_owned());
        self.commune.write_blocking(By::account(agent.uuid(), Channel::Online), move |tx| {
            let case = case::read(tx, &access, id).map_err(failed)?;
            let town = Town::load(tx)?;
            let words = office_words::of(&case.procedure);
            match event {
                Event::TakenUp if case.state == State::Waiting => {
                    let calendar = LocalCalendar { zone: town.zone(), holidays: town.holidays() };
                    missing::record_arrival(tx, &access, id, calendar).map_err(failed)?;
                    case::assign(tx, &access, id, Some(agent.uuid()), &[agent.uuid()]).map_err(failed)
                }
                Event::TakenUp => case::take_up(tx, &access, id, agent.uuid()).map_err(failed),
                Event::Noted(which) => {
                    let words = NOTES.get(usize::from(which)).copied().unwrap_or_default();
                    exchange::note(tx, &access, id, agent.uuid(), words).map_err(failed)
                }
                Event::OnItsWay(scene) => steps::play(tx, &office, (&access, agent), &case, scene, &town),
                Event::Archived => case::archive(tx, &access, id).map_err(failed),
                Event::Asked => {
                    let until = today(tx)?.checked_add_days(Days::new(30));
                    office.ask(tx, &case, words.missing, until, &town).map_err(refused)
                }
                Event::Written => office.write(tx, &case, words.message, &[]).map_err(refused),
                Event::Decided(outcome) => {
                    let (outcome, reasons) = match outcome {
                        0 => (
                            Outcome::Granted,
                            "Le dossier est complet et la demande respecte les règles applicables.",
                        ),
                        1 => (Outcome::Refused, words.refusal),
                        _ => (Outcome::Closed, "La demande est devenue sans objet."),
                    };
                    let signs = signatory::who_sign(tx, &case.department, &town)?.into_iter().next();
                    let signs = signs.ok_or_else(|| failed("nobody signs"))?;
                    let new = NewDecision {
                        outcome,
                        reasons: reasons.to_owned(),
                        signatory_name: signs.name,
                        signatory_quality: signs.quality,
                        signatory_delegation: signs.delegation,
                        series: None,
                    };
                    office.decide(tx, &case, new, &[], &town).map_err(refused)
                }
                _ => Ok(()),
            }
        })
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it stands in `map_err`")]
fn refused(error: beffroi_web::WebError) -> DemoError {
    failed(format!("{error:?}"))
}

fn today(tx: &mut Tx<'_>) -> Result<Day, DemoError> {
    Ok(civil_day(tx.now(), Town::load(tx)?.zone()))
}
