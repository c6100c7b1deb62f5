//! What is told of each place: its properties.

use beffroi_calendar::{ics, ics::OBJECT_AT_MOST, resource::Kept, spans::Span};
use beffroi_core::Lang;
use beffroi_dav::{Content, Multistatus, Name, Wanted, encoded};
use beffroi_people::SignedIn;

use super::{
    calendar::{AHEAD, Asked, BACK, Member},
    commands::TIMES_AT_MOST,
    place::{OWNER, Place, ROOMS, ROOT},
    report,
};

/// A thing with properties.
pub enum Thing<'t> {
    Root,
    Owner,
    Rooms,
    Calendar(&'t Kept),
    Event(&'t Kept, &'t Member),
}

/// Who asks, for what.
pub struct Telling<'t> {
    pub asked: &'t Asked,
    pub who: &'t SignedIn,
    pub wanted: &'t Wanted,
    /// Each time on its own.
    pub expand: Option<Span>,
}

/// The properties that each thing of that kind has, but for `calendar-data`, which only reports tell.
fn names(thing: &Thing<'_>) -> Vec<Name> {
    let mut names: Vec<Name> =
        ["resourcetype", "displayname", "current-user-principal", "principal-collection-set", "owner"]
            .map(Name::dav)
            .into();
    names.push(Name::dav("current-user-privilege-set"));
    names.push(Name::dav("supported-report-set"));
    match thing {
        Thing::Root | Thing::Rooms => {}
        Thing::Owner => {
            names.push(Name::dav("principal-URL"));
            names.extend(["calendar-home-set", "calendar-user-address-set"].map(Name::caldav));
        }
        Thing::Calendar(_) => {
            names.push(Name::dav("sync-token"));
            names.push(Name::server("getctag"));
            names.extend(
                [
                    "calendar-description",
                    "calendar-timezone",
                    "supported-calendar-component-set",
                    "supported-calendar-data",
                    "max-resource-size",
                    "max-instances",
                    "min-date-time",
                    "max-date-time",
                ]
                .map(Name::caldav),
            );
        }
        Thing::Event(..) => {
            names.extend(["getetag", "getcontenttype", "getcontentlength", "getlastmodified"].map(Name::dav));
        }
    }
    names
}

impl Telling<'_> {
    /// Tells of a thing what is asked for.
    pub fn tell(&self, status: &mut Multistatus, thing: &Thing<'_>) {
        let address = address(thing);
        let all = names(thing);
        let wanted = match self.wanted {
            Wanted::These(wanted) => wanted.clone(),
            // What only CalDAV knows is told to whoever asks for it by name (RFC 4791, 5.2).
            Wanted::All(more) => {
                all.iter().filter(|name| **name == Name::dav(&name.word)).chain(more).cloned().collect()
            }
            Wanted::Names => {
                let named: Vec<_> = all.into_iter().map(|name| (name, Content::default())).collect();
                return status.tell(&address, &named, &[]);
            }
        };
        let (mut found, mut missing) = (Vec::new(), Vec::new());
        for name in wanted {
            match self.value(thing, &name) {
                Some(content) => found.push((name, content)),
                None => missing.push(name),
            }
        }
        status.tell(&address, &found, &missing);
    }

    fn value(&self, thing: &Thing<'_>, name: &Name) -> Option<Content> {
        let is_data = *name == Name::caldav("calendar-data");
        if let (true, Thing::Event(_, member)) = (is_data, thing) {
            let text = self.expand.map_or_else(|| member.text.clone(), |within| member.each(within));
            return Some(Content::text(&text));
        }
        if !names(thing).contains(name) {
            return None;
        }
        let number = |number: usize| Content::text(&number.to_string());
        let stamp = |at: beffroi_core::Instant| Content::text(&at.format("%Y%m%dT%H%M%SZ").to_string());
        let word = name.word.as_str();
        Some(match (word, thing) {
            ("resourcetype", _) => Content::elements(&kinds(thing)),
            ("displayname", _) => Content::text(&self.title(thing)),
            ("current-user-principal" | "principal-URL" | "owner", _) => Content::address(OWNER),
            ("principal-collection-set", _) => Content::address(ROOT),
            ("current-user-privilege-set", _) => self.privileges(thing),
            ("supported-report-set", _) => reports(thing),
            ("calendar-home-set", _) => Content::address(ROOMS),
            ("calendar-user-address-set", _) => Content::address(&format!("mailto:{}", self.who.email)),
            ("sync-token", _) => Content::text(&report::mark(self.asked.mark)),
            ("getctag", _) => Content::text(&self.asked.mark.0.to_string()),
            ("calendar-description", Thing::Calendar(room)) => {
                let about = self.asked.app.l10n.get(Lang::Fr, "planning-dav-about");
                Content::text(&format!("{}\u{a0}: {about}", room.details.name.fr))
            }
            ("calendar-timezone", _) => Content::text(&ics::clocks(self.asked.zone, self.asked.now)),
            ("supported-calendar-component-set", _) => Content::described("comp", &[("name", "VEVENT")]),
            ("supported-calendar-data", _) => {
                Content::described("calendar-data", &[("content-type", "text/calendar"), ("version", "2.0")])
            }
            ("max-resource-size", _) => number(OBJECT_AT_MOST),
            ("max-instances", _) => number(TIMES_AT_MOST),
            ("min-date-time", _) => stamp(self.asked.now - BACK),
            ("max-date-time", _) => stamp(self.asked.now + AHEAD),
            ("getetag", Thing::Event(_, member)) => Content::text(&member.tag),
            ("getcontenttype", _) => Content::text("text/calendar; charset=utf-8; component=VEVENT"),
            ("getcontentlength", Thing::Event(_, member)) => number(member.text.len()),
            ("getlastmodified", Thing::Event(_, member)) => Content::text(&http_date(member.changed_at())),
            _ => return None,
        })
    }

    fn title(&self, thing: &Thing<'_>) -> String {
        match thing {
            Thing::Root | Thing::Rooms => self.asked.app.l10n.get(Lang::Fr, "planning-title").to_owned(),
            Thing::Owner => self.who.display_name.clone(),
            Thing::Calendar(room) => room.details.name.fr.clone(),
            Thing::Event(_, member) => member.object.summary().to_owned(),
        }
    }

    fn privileges(&self, thing: &Thing<'_>) -> Content {
        let writes = self.asked.may_block;
        let mut held = vec!["read", "read-current-user-privilege-set"];
        match thing {
            Thing::Calendar(_) if writes => held.extend(["write-content", "bind", "unbind"]),
            Thing::Event(_, member) if writes && member.is_own() => held.extend(["write-content", "unbind"]),
            _ => {}
        }
        held.into_iter().fold(Content::default(), |content, word| {
            content.and(&Content::elements(&[Name::dav(word)]).within(&Name::dav("privilege")))
        })
    }
}

fn kinds(thing: &Thing<'_>) -> Vec<Name> {
    match thing {
        Thing::Root | Thing::Rooms => vec![Name::dav("collection")],
        Thing::Owner => vec![Name::dav("collection"), Name::dav("principal")],
        Thing::Calendar(_) => vec![Name::dav("collection"), Name::caldav("calendar")],
        Thing::Event(..) => Vec::new(),
    }
}

fn reports(thing: &Thing<'_>) -> Content {
    if !matches!(thing, Thing::Calendar(_)) {
        return Content::default();
    }
    let known = [
        Name::caldav("calendar-query"),
        Name::caldav("calendar-multiget"),
        Name::caldav("free-busy-query"),
        Name::dav("sync-collection"),
    ];
    known.into_iter().fold(Content::default(), |content, name| {
        let report = Content::elements(&[name]).within(&Name::dav("report"));
        content.and(&report.within(&Name::dav("supported-report")))
    })
}

fn address(thing: &Thing<'_>) -> String {
    match thing {
        Thing::Root => ROOT.to_owned(),
        Thing::Owner => OWNER.to_owned(),
        Thing::Rooms => ROOMS.to_owned(),
        Thing::Calendar(room) => Place::Calendar(room.details.slug.clone()).address(),
        Thing::Event(room, member) => {
            format!("{}{}", Place::Calendar(room.details.slug.clone()).address(), encoded(&member.name))
        }
    }
}

/// An instant as headers tell it (RFC 9110, 5.6.7).
pub fn http_date(at: beffroi_core::Instant) -> String {
    at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}
