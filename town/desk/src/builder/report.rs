//! The publication check as whoever builds a procedure reads it: what stands against publication, then what might be
//! better, each with the place to mend it.

use beffroi_calendar::booking::ROOMS;
use beffroi_core::Lang;
use beffroi_forms::{CaseStep, Fee, Finding, Kind, Procedure, RequesterSpot};
use beffroi_payments::bill::collects_for;
use beffroi_people::department;
use beffroi_store::{Result, Tx};
use beffroi_web::Page;

use super::{parts::Part, words};
use crate::{document_templates, papers::Stationery};

/// Something that stands against publication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obstacle {
    /// Where, as findings say it.
    pub at: String,
    /// What, in French.
    pub text: String,
}

impl Obstacle {
    /// A finding of the engine.
    pub fn of(finding: Finding) -> Self {
        Self { text: finding.flaw.text(Lang::Fr), at: finding.at }
    }
}

/// One line of the report.
#[derive(Clone, Debug)]
pub struct Remark {
    /// Where, in words: « Question « Durée » ».
    pub place: String,
    /// What.
    pub text: String,
    /// Where to mend it.
    pub href: String,
}

/// What the check says.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// What stands against publication.
    pub against: Vec<Remark>,
    /// What might be better.
    pub advice: Vec<Remark>,
}

/// What the department in charge lacks: it must exist, and tell its address and telephone (CRPA R112-5, 2°).
pub fn departments_of(tx: &mut Tx<'_>, procedure: &Procedure) -> Result<Vec<Obstacle>> {
    let Some(contact) = &procedure.contact else { return Ok(Vec::new()) };
    let obstacle = |text: &str| Obstacle { at: "contact".to_owned(), text: text.to_owned() };
    if department::by_slug(tx, &contact.department)?.is_none() {
        let text = format!(
            "Aucun service ne s’appelle «\u{a0}{}\u{a0}» dans cette commune\u{a0}: choisissez-en un.",
            contact.department
        );
        return Ok(vec![Obstacle { at: "contact".to_owned(), text }]);
    }
    let told = Stationery::load(tx, &contact.department)?.contact();
    let mut found = Vec::new();
    if told.phone.is_none() {
        found.push(obstacle(
            "Ni le service ni la mairie ne donne de téléphone\u{a0}: l’accusé de réception doit le dire (CRPA, article R112-5, 2°).",
        ));
    }
    if told.address.is_empty() {
        found.push(obstacle(
            "Ni le service ni la mairie ne donne d’adresse postale\u{a0}: l’accusé de réception doit la dire (CRPA, article R112-5, 2°).",
        ));
    }
    Ok(found)
}

/// What is booked must be shown somewhere: at another address nobody finds anything.
pub fn booked_of(procedure: &Procedure) -> Option<Obstacle> {
    let booking = procedure.booking.as_ref().filter(|booking| booking.at != ROOMS)?;
    let text = format!(
        "Rien ne se réserve à l’adresse «\u{a0}{}\u{a0}»\u{a0}: choisissez ce que l’habitant réserve.",
        booking.at
    );
    Some(Obstacle { at: "booking.at".to_owned(), text })
}

/// The templates that actions name and that are not offered here.
pub fn templates_of(tx: &mut Tx<'_>, procedure: &Procedure) -> Result<Vec<Obstacle>> {
    let unknown = document_templates::unknown_in(tx, procedure)?;
    let obstacle = |(at, template): (String, String)| Obstacle {
        at,
        text: format!(
            "Aucun modèle de document ne s’appelle «\u{a0}{template}\u{a0}» dans cette commune\u{a0}: choisissez-en un, ou créez-le."
        ),
    };
    Ok(unknown.into_iter().map(obstacle).collect())
}

/// That nobody collects the fee: what is asked for would be asked by nobody.
pub fn regies_of(tx: &mut Tx<'_>, procedure: &Procedure) -> Result<Vec<Obstacle>> {
    let collected = procedure.fee.as_ref().is_some_and(Fee::is_collected) && procedure.elsewhere.is_none();
    let Some(contact) = procedure.contact.as_ref().filter(|_| collected) else { return Ok(Vec::new()) };
    let own = department::by_slug(tx, &contact.department)?.map(|found| found.id);
    if collects_for(tx, own)?.is_some() {
        return Ok(Vec::new());
    }
    let text = "Aucune régie n’est ouverte pour ce service ni pour la ville\u{a0}: ouvrez-en une, ou dites que la mairie n’encaisse pas ici.";
    Ok(vec![Obstacle { at: "fee".to_owned(), text: text.to_owned() }])
}

/// How grave an obstacle is: what the law asks comes first, then what makes the form unusable, then what it says.
fn gravity(at: &str) -> u8 {
    match Part::of_place(at) {
        _ if at.starts_with("requester") => 0,
        Some(Part::Law) => 0,
        Some(Part::Contact) => 1,
        Some(Part::Retention) => 2,
        Some(Part::Decision) => 3,
        None if at.starts_with("form") || at.starts_with("limit") || at.starts_with("step") => 4,
        _ => 5,
    }
}

/// The report of a procedure, whose pages are below `base`.
pub fn report(page: &Page, base: &str, procedure: &Procedure, mut obstacles: Vec<Obstacle>) -> Report {
    obstacles.sort_by_key(|obstacle| gravity(&obstacle.at));
    let against = obstacles.into_iter().map(|obstacle| Remark {
        place: words::place(page, procedure, &obstacle.at),
        href: address(base, procedure, &obstacle.at),
        text: obstacle.text,
    });
    let advice = procedure.advice().into_iter().map(|advice| Remark {
        place: words::place(page, procedure, &advice.at),
        href: address(base, procedure, &advice.at),
        text: advice.hint.text(Lang::Fr),
    });
    Report { against: against.collect(), advice: advice.collect() }
}

/// The ids in `form.page[objet].field[duree].show`: the page, and the fields from the outermost in.
fn ids(at: &str) -> (Option<&str>, Vec<&str>) {
    let mut page = None;
    let mut fields = Vec::new();
    for part in at.split(']') {
        let Some((name, id)) = part.split_once('[') else { continue };
        match name.rsplit('.').next() {
            Some("page") => page = Some(id),
            Some("field") => fields.push(id),
            _ => {}
        }
    }
    (page, fields)
}

/// The last field that a place names, by its name in the procedure.
pub fn field_at(at: &str) -> Option<String> {
    let field = (*ids(at).1.last()?).to_owned();
    match step_id(at) {
        Some(step) => Some(format!("{step}.{field}")),
        None => Some(field),
    }
}

/// The name or the rank of the step that a place names.
fn step_id(at: &str) -> Option<&str> {
    at.strip_prefix("step[")?.split(']').next()
}

/// The step that a place names: by its name, or by its rank where it has none.
pub fn step_at<'p>(procedure: &'p Procedure, at: &str) -> Option<&'p CaseStep> {
    let id = step_id(at)?;
    procedure.step(id).or_else(|| procedure.steps.get(id.parse::<usize>().ok()?))
}

/// The action that a place names.
pub fn action_at(at: &str) -> Option<&str> {
    at.split_once(".action[")?.1.split(']').next()
}

/// Where a place in steps is mended. What has no name that an address could bear is mended in the text.
fn in_steps(base: &str, procedure: &Procedure, at: &str) -> String {
    let named = |id: &str| {
        let letters = |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'-';
        !id.is_empty() && id.bytes().all(letters)
    };
    if at == "step" {
        return format!("{base}#etapes");
    }
    let Some(step) = step_at(procedure, at).map(|step| step.id.as_str()).filter(|id| named(id)) else {
        return format!("{base}/texte");
    };
    match action_at(at) {
        Some(action) if named(action) && at.ends_with("].when") => {
            format!("{base}/condition?lieu=step.{step}.action.{action}.when")
        }
        Some(action) if named(action) => format!("{base}/etapes/{step}/actions/{action}"),
        Some(_) => format!("{base}/texte"),
        None if at.ends_with("].when") => format!("{base}/condition?lieu=step.{step}.when"),
        None => format!("{base}/etapes/{step}"),
    }
}

/// The page that a place names.
pub fn page_at(at: &str) -> Option<&str> {
    ids(at).0
}

/// Where a place is mended.
pub fn address(base: &str, procedure: &Procedure, at: &str) -> String {
    if let Some(part) = Part::of_place(at) {
        let control = Part::control_at(at).map(|id| format!("#{id}")).unwrap_or_default();
        return format!("{base}/partie/{}{control}", part.word());
    }
    if at == "translations" {
        return format!("{base}/traductions");
    }
    if at.starts_with("requester") {
        return match procedure.requester_spot(at) {
            Some(RequesterSpot::Question(id)) => format!("{base}/questions/{id}#prefill"),
            Some(RequesterSpot::Page(id)) => format!("{base}/pages/{id}"),
            None => base.to_owned(),
        };
    }
    if at.starts_with("trial") {
        return format!("{base}/essais");
    }
    if let Some(rank) = at.strip_prefix("limit[").and_then(|rest| rest.split(']').next()) {
        return format!("{base}/limites/{rank}");
    }
    if let Some(rank) = at.strip_prefix("form.check[").and_then(|rest| rest.split(']').next()) {
        return format!("{base}/condition?lieu=form.check.{rank}");
    }
    let Some(field) = field_at(at) else {
        if at.starts_with("step") {
            return in_steps(base, procedure, at);
        }
        return match page_at(at) {
            Some(id) => match at.rsplit('.').next() {
                Some("show") => format!("{base}/condition?lieu=page.{id}.show"),
                Some("title") => format!("{base}/pages/{id}/modifier"),
                _ => format!("{base}/pages/{id}"),
            },
            None => base.to_owned(),
        };
    };
    let tail = at.rsplit(']').next().unwrap_or_default().trim_start_matches('.');
    let check = at.rsplit_once(".check[").and_then(|(_, rest)| rest.split(']').next());
    let group = procedure.place(&field).is_some_and(|place| matches!(place.field.kind, Kind::Group { .. }));
    match (check, tail) {
        (Some(rank), _) => format!("{base}/condition?lieu=question.{field}.check.{rank}"),
        (None, "show" | "required") => format!("{base}/condition?lieu=question.{field}.{tail}"),
        _ if group => format!("{base}/questions/{field}#contenu"),
        _ => format!("{base}/questions/{field}"),
    }
}

/// What the flaws at a spot are, in French.
pub fn flaws_at(procedure: &Procedure, at: &str) -> Vec<String> {
    let found = procedure.check().into_iter().filter(|finding| finding.at == at);
    found.map(|finding| finding.flaw.text(Lang::Fr)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_leads_to_the_page_that_mends_it() {
        let procedure = Procedure::from_toml(
            &std::fs::read_to_string(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/../../catalogue/procedures/occupation-domaine-public.toml"
            ))
            .unwrap(),
        )
        .unwrap();
        let first = procedure.steps[0].id.clone();
        let label = format!("/b/etapes/{first}");
        for (at, href) in [
            ("step", "/b#etapes"),
            ("step[0].label", label.as_str()),
            ("sealed", "/b/partie/confidentialite"),
            ("booking.answers[from]", "/b/partie/reservation#from"),
            ("booking.price.kinds", "/b/partie/reservation#applicant"),
            ("loan.what", "/b/partie/pret#what"),
            ("loan", "/b/partie/pret"),
            ("elsewhere.url", "/b/partie/ailleurs"),
            ("sign_in.why", "/b/partie/identification"),
            ("title", "/b/partie/presentation#title"),
            ("regime.term", "/b/partie/droit#term"),
            ("legal_basis[1].text", "/b/partie/droit#basis-1-text"),
            ("legal_basis", "/b/partie/droit#basis"),
            ("form.page[objet]", "/b/pages/objet"),
            ("form.page[objet].title", "/b/pages/objet/modifier"),
            ("form.page[objet].show", "/b/condition?lieu=page.objet.show"),
            ("form.page[objet].field[duree].label", "/b/questions/duree"),
            ("form.page[objet].field[duree].choice[a].label", "/b/questions/duree"),
            ("form.page[objet].field[g].field[duree].show", "/b/condition?lieu=question.duree.show"),
            ("form.page[objet].field[duree].check[1]", "/b/condition?lieu=question.duree.check.1"),
            ("form.check[0]", "/b/condition?lieu=form.check.0"),
            ("limit[0].at_most", "/b/limites/0"),
            ("translations", "/b/traductions"),
            ("requester.name", "/b/questions/demandeur#prefill"),
        ] {
            assert_eq!(address("/b", &procedure, at), href, "{at}");
        }
    }
}
