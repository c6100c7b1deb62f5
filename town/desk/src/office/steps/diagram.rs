//! The way of a case as a picture: receipt, steps, decision, with who acts, how long, and what moves by itself. Drawn
//! here as SVG, and told in a list that says the same.

use std::{collections::HashMap, fmt::Write as _};

use beffroi_core::Lang;
use beffroi_forms::{DECISION, Deed, Hand, Moment, Procedure, StepAction, transitions};
use beffroi_web::Page;

/// Where a case stands on its way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Here {
    /// Nobody’s case: the way alone.
    #[default]
    Nowhere,
    /// Received, and in no step yet.
    Received,
    /// In a step, by its name.
    In(String),
    /// Over.
    Over,
}

/// The picture, and what it says in words.
pub(crate) struct Diagram {
    /// The picture, ready to be put into a page.
    pub(crate) svg: String,
    /// The same as a list.
    pub(crate) nodes: Vec<Node>,
}

/// One place on the way.
pub(crate) struct Node {
    pub(crate) label: String,
    /// `done`, `current`, `next`, or `""` where there is no case.
    pub(crate) look: &'static str,
    /// Who acts, how long, on which condition.
    pub(crate) notes: Vec<String>,
    /// What leads on from here.
    pub(crate) ways: Vec<String>,
    /// What is done here.
    pub(crate) actions: Vec<String>,
}

/// Letters of a line of the picture.
const LINE: usize = 30;
const WIDTH: usize = 340;
const LEFT: usize = 8;
const BOX: usize = 268;
const LINE_HEIGHT: usize = 19;
const GAP: usize = 34;

/// Draws the way of a procedure’s cases. `names`: what departments are called, by their short name.
pub(crate) fn diagram(
    page: &Page,
    procedure: &Procedure,
    here: &Here,
    names: &HashMap<String, String>,
) -> Diagram {
    let lang = Lang::Fr;
    let steps = &procedure.steps;
    let label_of = |id: Option<&str>| match id {
        None => page.t("office-steps-decision").to_owned(),
        Some(id) => steps
            .iter()
            .find(|step| step.id == id)
            .map_or_else(|| id.to_owned(), |step| step.label.text(lang).to_owned()),
    };
    let name = |slug: &str| names.get(slug).cloned().unwrap_or_else(|| slug.to_owned());
    let standing = match here {
        Here::Nowhere => None,
        Here::Received => Some(0),
        Here::In(id) => steps.iter().position(|step| step.id == *id).map(|rank| rank + 1),
        Here::Over => Some(steps.len() + 1),
    };
    let look = |rank: usize| match standing {
        None => "",
        Some(at) if rank < at => "done",
        Some(at) if rank == at => "current",
        Some(_) => "next",
    };
    let contact = procedure.contact.as_ref().map(|contact| name(&contact.department)).unwrap_or_default();
    let mut nodes = vec![Node {
        label: page.t("office-steps-receipt").to_owned(),
        look: look(0),
        notes: vec![contact.clone()].into_iter().filter(|it| !it.is_empty()).collect(),
        ways: Vec::new(),
        actions: Vec::new(),
    }];
    for (rank, step) in steps.iter().enumerate() {
        let place = step.department.as_deref().map_or_else(|| contact.clone(), name);
        let mut said = vec![match step.role {
            Some(Hand::Head) => page.tr("office-steps-head-of", &[("place", place.into())]),
            _ => place,
        }];
        said.retain(|line| !line.is_empty());
        if let Some(days) = step.days {
            said.push(page.tr("office-steps-within", &[("days", days.into())]));
        }
        if step.when.is_some() {
            said.push(page.t("office-steps-conditional").to_owned());
        }
        nodes.push(Node {
            label: step.label.text(lang).to_owned(),
            look: look(rank + 1),
            notes: said,
            ways: Vec::new(),
            actions: step.actions.iter().map(|action| told(page, action, &label_of)).collect(),
        });
    }
    nodes.push(Node {
        label: page.t("office-steps-decision").to_owned(),
        look: look(steps.len() + 1),
        notes: Vec::new(),
        ways: Vec::new(),
        actions: Vec::new(),
    });
    let last = nodes.len() - 1;
    let rank_of = |id: Option<&str>, none: usize| match id {
        None => none,
        Some(id) => steps.iter().position(|step| step.id == id).map_or(none, |rank| rank + 1),
    };
    let mut arrows = Vec::new();
    for way in transitions(steps) {
        let from = rank_of(way.from.as_deref(), 0);
        let to = rank_of(way.to.as_deref(), last);
        let action = way.by.and_then(|(step, action)| steps.get(step)?.actions.get(action));
        if action.is_none()
            && let Some(node) = nodes.get_mut(from)
        {
            let step = label_of(way.to.as_deref());
            node.ways.push(page.tr("office-steps-leads-to", &[("step", step.into())]));
        }
        arrows.push((from, to, action.is_some_and(|action| action.on != Moment::Button)));
    }
    let svg = draw(page, procedure, &nodes, &arrows);
    Diagram { svg, nodes }
}

/// An action in words: « Relance, 10 jours après l’entrée dans l’étape ».
fn told(page: &Page, action: &StepAction, label_of: &dyn Fn(Option<&str>) -> String) -> String {
    let label = action.label.text(Lang::Fr);
    let when = match action.on {
        Moment::Button => page.t("office-steps-on-button").to_owned(),
        Moment::Enter => page.t("office-steps-on-enter").to_owned(),
        Moment::Leave => page.t("office-steps-on-leave").to_owned(),
        Moment::Time => match (action.after_days, action.before_deemed_days) {
            (Some(days), _) => page.tr("office-steps-after", &[("days", days.into())]),
            (None, Some(days)) => page.tr("office-steps-before", &[("days", days.into())]),
            (None, None) => String::new(),
        },
    };
    let to = match action.kind {
        Deed::Move if action.to != DECISION => format!(" → {}", label_of(Some(&action.to))),
        _ => String::new(),
    };
    format!("{label}{to} ({when})")
}

/// A text in lines of the picture.
fn lines(text: &str, at_most: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let Some(line) = lines.last_mut() else { continue };
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > at_most {
            lines.push(word.to_owned());
        } else {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The picture. A node is a box; what follows it in the file is reached straight down, the rest along the side.
fn draw(page: &Page, procedure: &Procedure, nodes: &[Node], arrows: &[(usize, usize, bool)]) -> String {
    let mut y = 8;
    let mut places = Vec::new();
    let mut boxes = String::new();
    for node in nodes {
        let label = lines(&node.label, LINE);
        let small: Vec<String> = node.notes.iter().flat_map(|note| lines(note, LINE + 4)).collect();
        let height = 18 + LINE_HEIGHT * (label.len() + small.len());
        let look = if node.look.is_empty() { "next" } else { node.look };
        let _ = write!(
            boxes,
            "<g class=\"diagram__node diagram__node--{look}\"><rect x=\"{LEFT}\" y=\"{y}\" width=\"{BOX}\" height=\"{height}\" rx=\"8\"/>"
        );
        let mut baseline = y + 23;
        for line in label {
            let x = LEFT + 16;
            let _ = write!(
                boxes,
                "<text class=\"diagram__label\" x=\"{x}\" y=\"{baseline}\">{}</text>",
                escaped(&line)
            );
            baseline += LINE_HEIGHT;
        }
        for line in small {
            let x = LEFT + 16;
            let _ = write!(
                boxes,
                "<text class=\"diagram__note\" x=\"{x}\" y=\"{baseline}\">{}</text>",
                escaped(&line)
            );
            baseline += LINE_HEIGHT;
        }
        boxes.push_str("</g>");
        places.push((y, height));
        y += height + GAP;
    }
    let height = y - GAP + 8;
    let mut ways = String::new();
    let mut lane = 0;
    for (from, to, by_itself) in arrows {
        let (Some((from_y, from_height)), Some((to_y, to_height))) = (places.get(*from), places.get(*to))
        else {
            continue;
        };
        let class = if *by_itself { "diagram__way diagram__way--itself" } else { "diagram__way" };
        if *to == from + 1 && !by_itself {
            let (x, start, end) = (LEFT + BOX / 2, from_y + from_height, to_y - 3);
            let _ = write!(ways, "<path class=\"{class}\" d=\"M{x} {start}V{end}\"/>");
            let _ = write!(ways, "<path class=\"diagram__head\" d=\"M{} {}l6 9l6 -9z\"/>", x - 6, end - 6);
            continue;
        }
        let out = LEFT + BOX + 14 + 11 * (lane % 4);
        lane += 1;
        let (right, start, end) = (LEFT + BOX, from_y + from_height / 2 + 6, to_y + to_height / 2 - 6);
        let _ = write!(ways, "<path class=\"{class}\" d=\"M{right} {start}H{out}V{end}H{}\"/>", right + 6);
        let _ = write!(ways, "<path class=\"diagram__head\" d=\"M{} {}l-9 6l9 6z\"/>", right + 10, end - 6);
    }
    let title =
        escaped(&page.tr("office-steps-diagram-of", &[("procedure", procedure.title.fr.clone().into())]));
    let described = escaped(page.t("office-steps-diagram-text"));
    format!(
        "<svg class=\"diagram\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" role=\"img\" \
         aria-labelledby=\"diagram-title diagram-desc\"><title id=\"diagram-title\">{title}</title>\
         <desc id=\"diagram-desc\">{described}</desc>{ways}{boxes}</svg>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_broken_between_words() {
        assert_eq!(
            lines("Avis des services techniques de la ville", 20),
            ["Avis des services", "techniques de la", "ville"]
        );
        assert_eq!(lines("", 20), [""]);
        assert_eq!(escaped("<b>&\""), "&lt;b&gt;&amp;&quot;");
    }
}
