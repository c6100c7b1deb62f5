//! An action of a step as a form: what it does, when, and what its kind needs to do it.

use beffroi_forms::{Carrier, CaseStep, Deed, Moment, Procedure, StepAction};
use beffroi_typeset::HouseTemplate;
use beffroi_web::Page;

use super::step;
use crate::builder::{
    fill::{Control, Desk, Filled, Shape},
    parts::put,
};

/// The words of when an action is done. `time` has two: counted from the step, or towards the day on which silence
/// decides.
const MOMENTS: [&str; 5] = ["button", "enter", "leave", "after", "before"];

/// What the form shows of an action.
pub fn fill(action: &StepAction) -> Filled {
    let mut filled = Filled::default();
    filled.set("label", &action.label.fr);
    filled.set("kind", action.kind.as_str());
    filled.set("on", moment(action));
    filled.set_number("days", action.after_days.or(action.before_deemed_days));
    filled.set("title", &action.title);
    // The form always has one chosen: what is not said is the letter.
    filled.set("template", template(action));
    filled.set("text", &action.text);
    filled.set("department", &action.department);
    filled.set("body", &action.body);
    filled.set("email", &action.email);
    for carrier in &action.by {
        filled.set("by", carrier.as_str());
    }
    for shared in &action.share {
        filled.set("share", shared);
    }
    filled.set_number("within_days", action.within_days);
    filled.set("to", &action.to);
    filled.set("limit", &action.limit);
    filled.set("name", &action.name);
    filled.set("id", &action.id);
    filled
}

/// The template of a document: the letter where nothing is said.
fn template(action: &StepAction) -> &str {
    if action.template.is_empty() { HouseTemplate::Letter.slug() } else { &action.template }
}

/// The word of when it is done.
pub const fn moment(action: &StepAction) -> &'static str {
    match action.on {
        Moment::Button => "button",
        Moment::Enter => "enter",
        Moment::Leave => "leave",
        Moment::Time if action.before_deemed_days.is_some() => "before",
        Moment::Time => "after",
    }
}

/// What the controls may choose from.
pub struct Around<'p> {
    pub procedure: &'p Procedure,
    /// The step of the action.
    pub step: &'p CaseStep,
    /// The departments of the town: short name and name.
    pub departments: &'p [(String, String)],
    /// The templates that documents may be laid out by: short name and name.
    pub templates: &'p [(String, String)],
}

/// What agents fill in in these steps, as texts name it: `visite.constat`, with its question.
pub fn filled_in(steps: &[CaseStep]) -> impl Iterator<Item = (String, String)> {
    let places = steps.iter().flat_map(|step| step.places().map(move |place| (step, place)));
    let asked = places.filter(|(_, place)| place.group.is_none() && place.field.kind.is_question());
    asked.map(|(step, place)| (place.name(), format!("{}\u{a0}– {}", step.label.fr, place.field.label.fr)))
}

impl Around<'_> {
    /// What was filled in up to this step.
    fn filled_in(&self) -> impl Iterator<Item = (String, String)> {
        let until = self.procedure.steps.iter().position(|step| step.id == self.step.id);
        filled_in(self.procedure.steps.get(..=until.unwrap_or(0)).unwrap_or_default())
    }

    /// What texts may quote: name and question.
    pub fn marks(&self) -> Vec<(String, String)> {
        let answers = self.procedure.quotable();
        let answers = answers.iter().map(|field| (field.id.clone(), field.label.fr.clone()));
        answers.chain(self.filled_in()).collect()
    }

    /// What an expert may be shown.
    fn shareable(&self) -> Vec<(String, String)> {
        let pages = self.procedure.form.pages.iter().flat_map(|page| &page.fields);
        let questions = pages.filter(|field| field.kind.is_question());
        let questions = questions.map(|field| (field.id.clone(), field.label.fr.clone()));
        questions.chain(self.filled_in()).collect()
    }
}

/// Whether a kind has a use for a member.
fn suits(kind: Deed, member: &str) -> bool {
    kind.needs().contains(&member) || kind.takes().contains(&member)
}

/// Whether what it does is written in texts that may quote answers.
pub fn is_written(kind: Deed) -> bool {
    suits(kind, "text")
}

/// The controls that suit the kind that is chosen.
pub fn controls(page: &Page, filled: &Filled, around: &Around<'_>) -> Vec<Control> {
    let desk = Desk { page, filled, part: "action" };
    let kind = Deed::from_word(filled.text("kind")).unwrap_or_default();
    let mut controls = vec![
        desk.line("label"),
        desk.control("kind", Shape::Select(desk.labelled("kind", kinds(page)))),
        desk.control("on", Shape::Radios(desk.choices("on", &MOMENTS))),
        desk.short("days", "3").optional(),
    ];
    for member in kind.needs().iter().chain(kind.takes()) {
        let control = one(&desk, member, around);
        controls.push(if kind.needs().contains(member) { control } else { control.optional() });
    }
    controls.push(desk.short("id", "20"));
    controls
}

/// The kinds of actions, to choose from.
pub fn kinds(page: &Page) -> Vec<(String, String)> {
    let label = |deed: Deed| page.t(&format!("office-builder-deed-{}", deed.as_str())).to_owned();
    Deed::ALL.map(|deed| (deed.as_str().to_owned(), label(deed))).into()
}

/// The control of a member.
fn one(desk: &Desk<'_>, member: &str, around: &Around<'_>) -> Control {
    let choose = (String::new(), desk.page.t("office-builder-choose").to_owned());
    let chosen = |id: &str, values: Vec<(String, String)>| {
        desk.control(id, Shape::Select(desk.labelled(id, std::iter::once(choose.clone()).chain(values))))
    };
    match member {
        "text" => desk.area("text", 5),
        "department" => {
            let none = desk.page.t("office-builder-choose");
            let known = step::departments(around.departments, desk.filled.text("department"), none);
            desk.control("department", Shape::Select(desk.labelled("department", known)))
        }
        "share" => {
            let mut known = around.shareable();
            for shared in desk.filled.all("share") {
                if !known.iter().any(|(name, _)| name == shared) {
                    known.push((shared.to_owned(), shared.to_owned()));
                }
            }
            desk.control("share", Shape::Boxes(desk.labelled("share", known)))
        }
        "by" => {
            let words = Carrier::ALL.map(Carrier::as_str);
            desk.control("by", Shape::Boxes(desk.choices("by", &words)))
        }
        "template" => {
            let mut known = around.templates.to_vec();
            let chosen = desk.filled.text("template");
            // One that was retired, or that there is not here, stays until another is chosen.
            if !chosen.is_empty() && !known.iter().any(|(slug, _)| slug == chosen) {
                known.push((chosen.to_owned(), chosen.to_owned()));
            }
            desk.control("template", Shape::Select(desk.labelled("template", known)))
        }
        "within_days" => desk.short("within_days", "3"),
        "to" => chosen("to", step::others(around.procedure, &around.step.id)),
        "limit" => {
            let limits = around.procedure.limits.iter();
            chosen("limit", limits.map(|limit| (limit.id.clone(), limit.id.clone())).collect())
        }
        other => desk.line(other),
    }
}

/// Writes what was filled in into an action. What its kind has no use for goes; what the form did not show yet, because
/// the kind is new, comes next.
pub fn read(filled: &mut Filled, action: &mut StepAction) {
    put(&mut action.label, filled.text("label"));
    if action.label.is_empty() {
        filled.wrong("label", "office-builder-wrong-action-label");
    }
    let before = action.kind;
    action.kind = Deed::from_word(filled.text("kind")).unwrap_or(before);
    let days = filled.number::<u16>("days");
    let word = filled.text("on").to_owned();
    let timed = matches!(word.as_str(), "after" | "before");
    if timed && days.is_none() && filled.error("days").is_empty() {
        filled.wrong("days", "office-builder-wrong-number");
    }
    action.on = match word.as_str() {
        "enter" => Moment::Enter,
        "leave" => Moment::Leave,
        _ if timed => Moment::Time,
        _ => Moment::Button,
    };
    action.after_days = days.filter(|_| word == "after");
    action.before_deemed_days = days.filter(|_| word == "before");
    let kind = action.kind;
    let text = |filled: &Filled, member: &str, kept: &str| {
        let shown = suits(before, member);
        match (suits(kind, member), shown) {
            (true, true) => filled.text(member).replace('\r', ""),
            (true, false) => kept.to_owned(),
            (false, _) => String::new(),
        }
    };
    for (member, kept) in [
        ("title", &mut action.title),
        ("template", &mut action.template),
        ("text", &mut action.text),
        ("department", &mut action.department),
        ("body", &mut action.body),
        ("email", &mut action.email),
        ("to", &mut action.to),
        ("limit", &mut action.limit),
        ("name", &mut action.name),
    ] {
        *kept = text(filled, member, kept);
    }
    if action.template == HouseTemplate::Letter.slug() {
        action.template.clear();
    }
    if !suits(kind, "within_days") {
        action.within_days = None;
    } else if suits(before, "within_days") {
        action.within_days = filled.number("within_days");
    }
    if !suits(kind, "by") {
        action.by.clear();
    } else if suits(before, "by") {
        // The order of the file says nothing, and stays where nothing changed.
        let chosen: Vec<Carrier> = filled.all("by").filter_map(Carrier::from_word).collect();
        action.by.retain(|carrier| chosen.contains(carrier));
        for carrier in chosen {
            if !action.by.contains(&carrier) {
                action.by.push(carrier);
            }
        }
    }
    if !suits(kind, "share") {
        action.share.clear();
    } else if suits(before, "share") {
        // The order of the file says nothing: what is shared already stays where it is.
        let chosen: Vec<String> = filled.all("share").map(str::to_owned).collect();
        action.share.retain(|shared| chosen.contains(shared));
        for shared in chosen {
            if !action.share.contains(&shared) {
                action.share.push(shared);
            }
        }
    }
}

/// Whether an action may bear this name in its step.
pub fn name_fault(step: &CaseStep, from: &str, name: &str) -> Option<&'static str> {
    let letters = |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'-';
    if name == from {
        None
    } else if name.is_empty() || !name.bytes().all(letters) {
        Some("office-builder-wrong-slug")
    } else if step.actions.iter().any(|action| action.id == name) {
        Some("office-builder-wrong-action-taken")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_of_the_catalogue_is_read_back_as_it_was() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../catalogue/procedures");
        let mut kinds = std::collections::BTreeSet::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
            let procedure = Procedure::from_toml(&text).unwrap();
            for action in procedure.steps.iter().flat_map(|step| &step.actions) {
                let mut again = action.clone();
                let mut filled = fill(action);
                read(&mut filled, &mut again);
                assert_eq!(&again, action, "{}: {}", procedure.slug, action.id);
                assert!(filled.is_right(), "{}: {:?}", action.id, filled.problems);
                kinds.insert(action.kind.as_str());
            }
        }
        assert!(kinds.len() > 3, "{kinds:?}");
    }

    /// What the check says of a member is what its control is called.
    #[test]
    fn what_is_needed_is_named_by_its_label() {
        let words = include_str!("../../../locales/fr/builder.ftl");
        for kind in Deed::ALL {
            let mut procedure = crate::builder::start::blank().unwrap();
            let action = StepAction { id: "a".to_owned(), label: "A".into(), kind, ..StepAction::default() };
            let step = CaseStep { id: "s".to_owned(), actions: vec![action], ..CaseStep::default() };
            procedure.steps.push(step);
            for member in kind.needs() {
                let at = format!("step[s].action[a].{member}");
                let label = words.split(&format!("\noffice-builder-action-{member} = ")).nth(1).unwrap();
                let label = label.lines().next().unwrap();
                let told = crate::builder::report::flaws_at(&procedure, &at).join(" ");
                assert!(told.contains(label), "{at}: {told}");
            }
        }
    }

    #[test]
    fn a_message_goes_by_the_ways_that_are_ticked() {
        let mut action = StepAction {
            id: "prevenir".to_owned(),
            label: "Prévenir".into(),
            text: "Prêt.".to_owned(),
            by: vec![Carrier::Sms, Carrier::Mail],
            ..StepAction::default()
        };
        let mut filled = fill(&action);
        let before = action.clone();
        read(&mut filled, &mut action);
        assert_eq!(action, before, "the order of the file stays");
        let mut changed = Filled::default();
        for (name, value) in
            [("label", "Prévenir"), ("kind", "message"), ("text", "Prêt."), ("by", "mail"), ("by", "letter")]
        {
            changed.set(name, value);
        }
        read(&mut changed, &mut action);
        assert_eq!(action.by, [Carrier::Mail, Carrier::Letter]);
        let mut closing = Filled::default();
        for (name, value) in [("label", "Clore"), ("kind", "close"), ("text", "Prêt."), ("by", "mail")] {
            closing.set(name, value);
        }
        read(&mut closing, &mut action);
        assert!(action.by.is_empty(), "only a message has ways");
    }

    #[test]
    fn another_kind_keeps_what_both_use_and_loses_the_rest() {
        let mut action = StepAction {
            id: "avis".to_owned(),
            label: "Avis".into(),
            kind: Deed::Opinion,
            text: "Qu’en pensez-vous ?".to_owned(),
            body: "Préfecture".to_owned(),
            within_days: Some(5),
            share: vec!["lieu".to_owned()],
            ..StepAction::default()
        };
        let mut filled = fill(&action);
        let at = "kind";
        let mut changed = Filled::default();
        changed.set(at, "task");
        for name in ["label", "on", "days", "text", "body", "within_days"] {
            changed.set(name, filled.value(name));
        }
        filled = changed;
        read(&mut filled, &mut action);
        assert_eq!((action.kind, action.within_days), (Deed::Task, Some(5)));
        assert_eq!(action.text, "Qu’en pensez-vous ?");
        assert!(action.body.is_empty() && action.share.is_empty());
    }
}
