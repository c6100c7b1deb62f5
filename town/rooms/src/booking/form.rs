//! The form on which a time is picked, as a page shows it, and refusals in words.

use beffroi_calendar::{clock, resource::Kept, spans::Span};
use beffroi_core::calendar::long_date_with_weekday;
use beffroi_web::{Choice, Page, Problem, form::new_idempotency_key};
use chrono::TimeDelta;

use super::{
    around::Around,
    commands::Series,
    rules::{Refusal, Repeats, Typed, day},
    views::carried,
};
use crate::tariff::{Prices, prices};

/// Something that may be booked along.
pub(super) struct Along {
    pub(super) id: String,
    pub(super) label: String,
    pub(super) value: String,
    pub(super) error: String,
}

/// A time, and where it is filled in.
pub(super) struct Time {
    pub(super) href: String,
    pub(super) label: String,
}

/// All that the page shows, for whichever door.
pub(super) struct Form {
    pub(super) action: String,
    pub(super) key: String,
    /// What an agent holds for somebody and this would take the place of; `""` for nothing.
    pub(super) before: String,
    /// The case for which a time is looked for; `""` for none.
    pub(super) case: String,
    pub(super) day: String,
    pub(super) from: String,
    pub(super) until: String,
    pub(super) last_day: String,
    pub(super) people: String,
    pub(super) people_hint: String,
    pub(super) layouts: Vec<Choice>,
    pub(super) extras: Vec<Along>,
    pub(super) problems: Vec<Problem>,
    /// What is free on the day that was chosen, in words; and whether there is such a day.
    pub(super) told: String,
    pub(super) times: Vec<Time>,
    /// The free times that are nearest to one that cannot be had.
    pub(super) nearest: Vec<Time>,
    pub(super) lengths: String,
    /// What is held already, in words; `""` for nothing.
    pub(super) held: String,
    /// How it may come again; nothing where it may not.
    pub(super) repeats: Vec<Choice>,
    pub(super) repeats_until: String,
    /// The dates that can be had, where some cannot.
    pub(super) free: Vec<String>,
    /// Those that cannot, and why.
    pub(super) lost: Vec<(String, String)>,
    /// What it costs on that day, where the council has voted that.
    pub(super) prices: Option<Prices>,
}

/// What was typed, and what came of it.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) typed: &'a Typed,
    /// The name of what an agent holds for somebody.
    pub(super) before: &'a str,
    /// The name of the case for which an agent looks for a time.
    pub(super) case: &'a str,
    pub(super) refused: &'a [Refusal],
    /// The dates of what comes again, where some cannot be had.
    pub(super) series: Option<&'a Series>,
    /// Whether it may come again.
    pub(super) repeats: bool,
}

impl Form {
    /// The form as it is shown.
    pub(super) fn new(page: &Page, action: String, around: &Around, asked: &Asked<'_>) -> Self {
        let Asked { typed, before, case, refused, series, repeats } = *asked;
        let lang = page.language();
        let zone = around.zone;
        let terms = &around.room.resource.details.terms;
        let problems: Vec<Problem> = refused
            .iter()
            .map(|refusal| Problem { field: refusal.field(), message: words(page, &around.extras, refusal) })
            .collect();
        let layouts = terms.layouts.iter().enumerate().map(|(rank, layout)| Choice {
            value: rank.to_string(),
            label: layout.name.read_in(lang).to_owned(),
            hint: page.tr("rooms-people", &[("n", layout.people.into())]),
            chosen: typed.layout == rank.to_string(),
        });
        let extras = around.extras.iter().map(|kept| {
            let id = format!("materiel-{}", kept.details.slug);
            let name = kept.details.name.read_in(lang).to_owned();
            let typed = typed.extras.iter().find(|(slug, _)| *slug == kept.details.slug);
            Along {
                label: page
                    .tr("rooms-pick-extra", &[("name", name.into()), ("n", kept.details.stock.into())]),
                value: typed.map(|(_, value)| value.clone()).unwrap_or_default(),
                error: Problem::beside(&problems, &id),
                id,
            }
        });
        let kept = format!("{}{}", kept(typed, around, before), carried(case));
        let time = |span: &Span, label: String| Time {
            href: format!("{action}?{}{kept}", clock::query(*span, zone)),
            label,
        };
        let (told, times) = match &around.day {
            None => (String::new(), Vec::new()),
            Some((day, free, why)) => {
                let named = long_date_with_weekday(*day, lang);
                let key = if free.is_empty() { "rooms-pick-none" } else { "rooms-pick-free" };
                let mut told = page.tr(key, &[("day", named.into())]);
                if free.is_empty() && !why.is_empty() {
                    told = format!("{told} {why}.");
                }
                let cut = |span: &Span| {
                    let span = longest(*span, terms.longest_minutes);
                    time(&span, clock::hours(span, zone, lang))
                };
                (told, free.iter().map(cut).collect())
            }
        };
        let minutes = |count: u32| clock::long_length(TimeDelta::minutes(i64::from(count)), lang);
        let (shortest, longest) = (minutes(terms.shortest_minutes), minutes(terms.longest_minutes));
        Self {
            key: new_idempotency_key(),
            before: before.to_owned(),
            case: case.to_owned(),
            day: typed.day.clone(),
            from: typed.from.clone(),
            until: typed.until.clone(),
            last_day: typed.last_day.clone(),
            people: typed.people.clone(),
            people_hint: terms
                .people()
                .map(|most| page.tr("rooms-pick-at-most", &[("n", most.into())]))
                .unwrap_or_default(),
            layouts: layouts.collect(),
            extras: extras.collect(),
            told,
            times,
            nearest: around.nearest.iter().map(|span| time(span, clock::when(*span, zone, lang))).collect(),
            lengths: page.tr("rooms-pick-lengths", &[("from", shortest.into()), ("until", longest.into())]),
            held: around
                .own
                .as_ref()
                .map(|own| page.tr("rooms-pick-held", &[("when", clock::when(own.span, zone, lang).into())]))
                .unwrap_or_default(),
            repeats: if repeats { choices_of(page, typed) } else { Vec::new() },
            repeats_until: typed.repeats_until.clone(),
            free: series
                .iter()
                .flat_map(|series| &series.free)
                .map(|date| clock::when(*date, zone, lang))
                .collect(),
            lost: series
                .iter()
                .flat_map(|series| &series.refused)
                .map(|(date, why)| (clock::when(*date, zone, lang), words(page, &around.extras, why)))
                .collect(),
            prices: around.tariff.as_ref().map(|tariff| prices(page, tariff)),
            problems,
            action,
        }
    }

    pub(super) fn problem(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

/// How something may come again.
fn choices_of(page: &Page, typed: &Typed) -> Vec<Choice> {
    let words = std::iter::once("").chain(Repeats::ALL.iter().map(|it| it.as_str()));
    let choice = |word: &str| {
        let key = format!("rooms-repeats-{}", if word.is_empty() { "once" } else { word });
        Choice::new(word, page.t(&key), typed.repeats == word)
    };
    words.map(choice).collect()
}

/// What was typed beside the time, for the address that proposes another one.
fn kept(typed: &Typed, around: &Around, before: &str) -> String {
    let (people, layout) = (digits(&typed.people), digits(&typed.layout));
    let mut kept = vec![format!("&personnes={people}&disposition={layout}")];
    for extra in &around.extras {
        let slug = &extra.details.slug;
        if let Some((_, value)) = typed.extras.iter().find(|(known, _)| known == slug) {
            kept.push(format!("&materiel-{slug}={}", digits(value)));
        }
    }
    if Repeats::from_word(&typed.repeats).is_some() {
        let until = day(&typed.repeats_until).map(|until| until.to_string()).unwrap_or_default();
        kept.push(format!("&repete={}&jusquau={until}", typed.repeats));
    }
    if !before.is_empty() {
        kept.push(format!("&avant={before}"));
    }
    kept.concat()
}

/// A free stretch, cut where the longest booking would end.
fn longest(span: Span, minutes: u32) -> Span {
    let end = span.start() + TimeDelta::minutes(i64::from(minutes));
    Span::new(span.start(), span.end().min(end)).unwrap_or(span)
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).take(6).collect()
}

/// A refusal in the reader's words.
pub(crate) fn words(page: &Page, extras: &[Kept], refusal: &Refusal) -> String {
    use beffroi_calendar::resource::Unfit;
    let lang = page.language();
    let minutes = |count: u32| clock::long_length(TimeDelta::minutes(i64::from(count)), lang);
    let name = |slug: &str| {
        let kept = extras.iter().find(|kept| kept.details.slug == slug);
        kept.map_or(slug, |kept| kept.details.name.read_in(lang)).to_owned()
    };
    let key = format!("rooms-refused-{}", refusal.code());
    match refusal {
        Refusal::Unfit(Unfit::TooShort(count) | Unfit::TooLong(count)) => {
            page.tr(&key, &[("length", minutes(*count).into())])
        }
        Refusal::Unfit(Unfit::TooSoon(count)) => {
            let days = count / (24 * 60);
            if days > 0 {
                page.tr("rooms-refused-soon-days", &[("n", days.into())])
            } else {
                page.tr(&key, &[("length", minutes(*count).into())])
            }
        }
        Refusal::Unfit(Unfit::TooFarAhead(days)) => page.tr(&key, &[("n", (*days).into())]),
        Refusal::Closed(why) if !why.is_empty() => {
            page.tr("rooms-refused-closed-why", &[("why", why.as_str().into())])
        }
        Refusal::Held(most)
        | Refusal::RepeatsTooOften(most)
        | Refusal::People(most)
        | Refusal::PeopleInAll(most) => page.tr(&key, &[("n", (*most).into())]),
        Refusal::Stock(slug, stock) => page.tr(&key, &[("name", name(slug).into()), ("n", (*stock).into())]),
        Refusal::ExtraTaken(slug) => page.tr(&key, &[("name", name(slug).into())]),
        _ => page.t(&key).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use beffroi_calendar::local;
    use chrono::NaiveDateTime;
    use chrono_tz::Europe::Paris;

    use super::*;

    fn span(from: &str, until: &str) -> Span {
        let at = |text| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap();
        Span::new(local::earliest(at(from), Paris), local::earliest(at(until), Paris)).unwrap()
    }

    #[test]
    fn what_the_address_proposes_is_read_as_it_was_meant() {
        let terms = beffroi_calendar::resource::Terms { longest_minutes: 10_000, ..Default::default() };
        for wish in [
            span("2026-12-04 09:00", "2026-12-04 12:30"),
            span("2026-12-04 20:00", "2026-12-05 00:00"),
            span("2026-12-04 20:00", "2026-12-05 02:00"),
            span("2026-12-04 20:00", "2026-12-06 12:00"),
        ] {
            let query = clock::query(wish, Paris);
            let part = |name: &str| {
                let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
                pairs.into_iter().find(|(found, _)| *found == name).map(|(_, value)| value.to_owned())
            };
            let typed = Typed {
                day: part("jour").unwrap(),
                from: part("de").unwrap(),
                until: part("a").unwrap(),
                last_day: part("fin").unwrap_or_default(),
                people: "1".to_owned(),
                ..Typed::default()
            };
            assert_eq!(typed.read(&terms, &[], Paris).unwrap().span, wish, "{query}");
        }
    }
}
