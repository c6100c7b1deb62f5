//! A request of a round as it is typed, and what is wrong with it. Pure; nothing that is typed is lost.

use beffroi_calendar::{
    local::Moment,
    resource::Resource,
    season::{Range, Wish},
};
use beffroi_core::{Day, Id};
use beffroi_people::account::normalise_email;
use beffroi_web::FormPost;
use chrono::{Timelike, Weekday};

use super::{
    request::{Body, Contact, Request, Wished},
    round::Round,
    shown,
};
use crate::booking::{clock, day};

/// Wishes of a request, at most.
pub const WISHES_AT_MOST: usize = 10;
/// Ranges of a wish, at most.
pub const RANGES: usize = 4;
/// Rooms of a wish, at most: the first, the second and the third choice.
pub const CHOICES: [&str; 3] = ["salle", "salle2", "salle3"];
/// Minutes that may be wished at once.
pub const LENGTHS: [u32; 11] = [30, 45, 60, 75, 90, 120, 150, 180, 240, 300, 480];
/// Letters of a name, at most.
const NAME: usize = 120;
/// Lines of a postal address, at most.
const ADDRESS_LINES: usize = 5;
/// People of an association, at most.
const PEOPLE: u32 = 100_000;

/// Days of a week.
pub const WEEK: [Weekday; 7] =
    [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];

/// What is wrong: the control, and the key of its words.
pub type Wrong = (String, &'static str);

/// What is typed, once it is right.
#[derive(Clone, Debug)]
pub struct Read {
    /// Of whom.
    pub body: Body,
    /// Who is reached.
    pub contact: Contact,
    /// What is wished, the most important first.
    pub wishes: Vec<Wished>,
}

/// The fields of a request that there is.
pub fn fields(request: &Request) -> FormPost {
    let mut form = FormPost::default();
    let mut put = |name: &str, value: String| form = std::mem::take(&mut form).with(name, value);
    let (body, contact) = (&request.body, &request.contact);
    put("association", body.name.clone());
    put("numero", body.number.clone());
    put("contact", contact.name.clone());
    put("courriel", contact.email.clone());
    put("telephone", contact.phone.clone());
    put("adresse", contact.address.clone());
    put("adherents", body.members.to_string());
    put("habitants", body.residents.to_string());
    put("jeunes", body.young.to_string());
    if body.elsewhere {
        put("ailleurs", "true".to_owned());
    }
    put("canal", request.channel.as_str().to_owned());
    for (rank, Wished { activity, wish }) in request.wishes.iter().enumerate() {
        put(&format!("activite-{rank}"), activity.clone());
        put(&format!("priorite-{rank}"), (rank + 1).to_string());
        put(&format!("fois-{rank}"), wish.times.to_string());
        put(&format!("duree-{rank}"), wish.minutes.to_string());
        put(&format!("personnes-{rank}"), wish.people.to_string());
        for (name, room) in CHOICES.iter().zip(&wish.rooms) {
            put(&format!("{name}-{rank}"), room.to_string());
        }
        for (number, range) in wish.ranges.iter().enumerate() {
            put(&format!("jour-{rank}-{number}"), weekday_word(range.weekday));
            put(&format!("de-{rank}-{number}"), shown::typed(range.from));
            put(&format!("a-{rank}-{number}"), shown::typed(range.until));
        }
        let written = |day: Option<Day>| day.map(|day| day.to_string()).unwrap_or_default();
        put(&format!("debut-{rank}"), written(wish.first));
        put(&format!("fin-{rank}"), written(wish.last));
    }
    form
}

/// A day of the week as a control has it: from `1`, Monday, to `7`.
pub fn weekday_word(day: Weekday) -> String {
    day.number_from_monday().to_string()
}

/// The day of the week that a control names.
pub fn weekday(word: &str) -> Option<Weekday> {
    WEEK.into_iter().find(|day| weekday_word(*day) == word)
}

/// How many wishes a page shows: those that are filled in, and one more where that was asked for.
pub fn rows(form: &FormPost) -> usize {
    let filled = (0..WISHES_AT_MOST).rev().find(|rank| !is_blank(form, *rank)).map_or(0, |rank| rank + 1);
    let asked = form.text("lignes").parse::<usize>().unwrap_or_default();
    let more = usize::from(form.get("add").is_some());
    (asked.max(filled) + more).clamp(1, WISHES_AT_MOST)
}

fn is_blank(form: &FormPost, rank: usize) -> bool {
    let named = CHOICES.iter().all(|name| form.text(&format!("{name}-{rank}")).is_empty());
    let range = |number: usize| {
        ["jour", "de", "a"].iter().all(|name| form.text(&format!("{name}-{rank}-{number}")).is_empty())
    };
    form.text(&format!("activite-{rank}")).is_empty() && named && (0..RANGES).all(range)
}

/// What is typed; `agent` for whom somebody stands at the counter, who need have no mail.
///
/// # Errors
/// All that is wrong.
pub fn read(form: &FormPost, round: &Round, agent: bool) -> Result<Read, Vec<Wrong>> {
    let mut wrong: Vec<Wrong> = Vec::new();
    let body = body(form, &mut wrong);
    let contact = contact(form, agent, &mut wrong);
    let mut wishes: Vec<(u32, Wished)> = Vec::new();
    let asked: Vec<usize> = (0..WISHES_AT_MOST).filter(|rank| !is_blank(form, *rank)).collect();
    for rank in &asked {
        wishes.extend(wish(form, *rank, round, &mut wrong));
    }
    if asked.is_empty() {
        wrong.push(("activite-0".to_owned(), "rooms-season-wrong-none"));
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    wishes.sort_by_key(|(priority, _)| *priority);
    Ok(Read { body, contact, wishes: wishes.into_iter().map(|(_, wished)| wished).collect() })
}

fn body(form: &FormPost, wrong: &mut Vec<Wrong>) -> Body {
    let name = form.text("association").to_owned();
    if name.is_empty() || name.chars().count() > NAME {
        wrong.push(("association".to_owned(), "rooms-season-wrong-name"));
    }
    let typed = form.text("numero");
    let number = if typed.is_empty() { Some(String::new()) } else { registration(typed) };
    if number.is_none() {
        wrong.push(("numero".to_owned(), "rooms-season-wrong-number"));
    }
    let mut count = |field: &str, least: u32, most: u32, key: &'static str| {
        let read = form.text(field).parse::<u32>().ok().filter(|it| (least..=most).contains(it));
        if read.is_none() {
            wrong.push((field.to_owned(), key));
        }
        read.unwrap_or_default()
    };
    let members = count("adherents", 1, PEOPLE, "rooms-season-wrong-members");
    let most = if members == 0 { PEOPLE } else { members };
    let residents = count("habitants", 0, most, "rooms-season-wrong-residents");
    let young = count("jeunes", 0, most, "rooms-season-wrong-young");
    let elsewhere = form.get("ailleurs").is_some();
    Body { name, number: number.unwrap_or_default(), members, residents, young, elsewhere }
}

fn contact(form: &FormPost, agent: bool, wrong: &mut Vec<Wrong>) -> Contact {
    let text = |name: &str| form.text(name).chars().take(NAME).collect::<String>();
    let (name, phone) = (text("contact"), text("telephone"));
    if name.is_empty() {
        wrong.push(("contact".to_owned(), "rooms-season-wrong-contact"));
    }
    let typed = form.text("courriel");
    let email = normalise_email(typed);
    let missing = typed.is_empty() && agent;
    if email.is_none() && !missing {
        wrong.push(("courriel".to_owned(), "rooms-season-wrong-email"));
    }
    let lines: Vec<&str> =
        form.text("adresse").lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    if lines.len() > ADDRESS_LINES || lines.iter().any(|line| line.chars().count() > NAME) {
        wrong.push(("adresse".to_owned(), "rooms-season-wrong-address"));
    }
    let address = lines.join("\n");
    if missing && phone.is_empty() && address.is_empty() {
        wrong.push(("telephone".to_owned(), "rooms-season-wrong-reach"));
    }
    Contact { name, email: email.unwrap_or_default(), phone, address }
}

fn wish(form: &FormPost, rank: usize, round: &Round, wrong: &mut Vec<Wrong>) -> Option<(u32, Wished)> {
    let before = wrong.len();
    let at = |name: &str| format!("{name}-{rank}");
    let activity: String = form.text(&at("activite")).to_owned();
    if activity.is_empty() || activity.chars().count() > NAME {
        wrong.push((at("activite"), "rooms-season-wrong-activity"));
    }
    let number = |name: &str, least: u32, most: u32| {
        form.text(&at(name)).parse::<u32>().ok().filter(|it| (least..=most).contains(it))
    };
    let times = number("fois", 1, u32::try_from(RANGES).unwrap_or(1));
    let minutes = number("duree", 15, 24 * 60);
    let people = number("personnes", 1, PEOPLE);
    let priority = number("priorite", 1, 99);
    for (read, name, key) in [
        (times, "fois", "rooms-season-wrong-times"),
        (minutes, "duree", "rooms-season-wrong-length"),
        (people, "personnes", "rooms-season-wrong-people"),
    ] {
        if read.is_none() {
            wrong.push((at(name), key));
        }
    }
    let mut rooms: Vec<Id<Resource>> = Vec::new();
    for name in CHOICES {
        let room: Option<Id<Resource>> = form.text(&at(name)).parse().ok();
        rooms.extend(room.filter(|room| round.sheet.rooms.contains(room) && !rooms.contains(room)));
    }
    if rooms.is_empty() {
        wrong.push((at("salle"), "rooms-season-wrong-room"));
    }
    let ranges = ranges(form, rank, minutes.unwrap_or_default(), wrong);
    let mut days: Vec<Weekday> = Vec::new();
    for range in &ranges {
        if !days.contains(&range.weekday) {
            days.push(range.weekday);
        }
    }
    if wrong.len() == before && u32::try_from(days.len()).is_ok_and(|days| Some(days) < times) {
        wrong.push((at("fois"), "rooms-season-wrong-days"));
    }
    let (first, last) = (date(form, &at("debut"), round, wrong), date(form, &at("fin"), round, wrong));
    if first.zip(last).is_some_and(|(first, last)| last < first) {
        wrong.push((at("fin"), "rooms-season-wrong-order"));
    }
    let (Some(times), Some(minutes), Some(people)) = (times, minutes, people) else { return None };
    let wish = Wish { times, minutes, ranges, rooms, people, first, last };
    // Whoever says nothing means the order in which they wrote.
    let priority = priority.or_else(|| u32::try_from(rank + 1).ok()).unwrap_or(u32::MAX);
    (wrong.len() == before).then_some((priority, Wished { activity, wish }))
}

fn ranges(form: &FormPost, rank: usize, minutes: u32, wrong: &mut Vec<Wrong>) -> Vec<Range> {
    let mut ranges = Vec::new();
    let mut typed_any = false;
    for number in 0..RANGES {
        let at = |name: &str| format!("{name}-{rank}-{number}");
        let [day, from, until] = ["jour", "de", "a"].map(|name| form.text(&at(name)).to_owned());
        if day.is_empty() && from.is_empty() && until.is_empty() {
            continue;
        }
        typed_any = true;
        let Some(weekday) = weekday(&day) else {
            wrong.push((at("jour"), "rooms-season-wrong-weekday"));
            continue;
        };
        let Some((from, until)) = moments(&from, &until) else {
            wrong.push((at("de"), "rooms-season-wrong-hours"));
            continue;
        };
        if u32::from(until.minutes() - from.minutes()) < minutes {
            wrong.push((at("a"), "rooms-season-wrong-short"));
            continue;
        }
        ranges.push(Range { weekday, from, until });
    }
    if !typed_any {
        wrong.push((format!("jour-{rank}-0"), "rooms-season-wrong-range"));
    }
    ranges
}

/// From one moment of a day to a later one; until two in the morning is the night that follows.
pub fn moments(from: &str, until: &str) -> Option<(Moment, Moment)> {
    let minutes = |typed: &str| {
        let read = clock(typed)?;
        u16::try_from(read.hour() * 60 + read.minute()).ok()
    };
    let (from, until) = (minutes(from)?, minutes(until)?);
    let until = if until <= from { until + Moment::END.minutes() } else { until };
    // Nobody means a night that lasts until the morning.
    let late = Moment::END.minutes() + 6 * 60;
    if until > late {
        return None;
    }
    Some((Moment::new(from).ok()?, Moment::new(until).ok()?))
}

fn date(form: &FormPost, field: &str, round: &Round, wrong: &mut Vec<Wrong>) -> Option<Day> {
    let typed = form.text(field);
    if typed.is_empty() {
        return None;
    }
    let days = &round.days;
    let read = day(typed).filter(|day| (days.first..=days.last).contains(day));
    if read.is_none() {
        wrong.push((field.to_owned(), "rooms-season-wrong-date"));
    }
    read
}

/// An RNA number (`W` and nine signs), a SIREN or a SIRET (nine or fourteen digits under Luhn's sum), without spaces.
fn registration(typed: &str) -> Option<String> {
    let plain: String = typed.chars().filter(|c| !c.is_whitespace() && *c != '.').collect();
    let plain = plain.to_uppercase();
    if let Some(rest) = plain.strip_prefix('W') {
        let fits = rest.len() == 9
            && rest.bytes().all(|c| c.is_ascii_alphanumeric())
            && rest.bytes().skip(3).all(|c| c.is_ascii_digit());
        return fits.then_some(plain);
    }
    let digits = [9, 14].contains(&plain.len()) && plain.bytes().all(|c| c.is_ascii_digit());
    let luhn: u32 = plain
        .bytes()
        .rev()
        .map(|digit| u32::from(digit.saturating_sub(b'0')))
        .enumerate()
        .map(|(rank, figure)| match (rank % 2, figure * 2) {
            (0, _) => figure,
            (_, double) if double > 9 => double - 9,
            (_, double) => double,
        })
        .sum();
    (digits && luhn.is_multiple_of(10)).then_some(plain)
}

#[cfg(test)]
mod tests;
