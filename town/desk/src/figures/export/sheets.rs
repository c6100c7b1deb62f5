//! Cases as rows: what every case has, then an answer a column, in the words of the procedure; repeated groups on sheets
//! of their own, which name the case, or in files of their own where a file has one sheet.

use std::{collections::HashMap, path::Path, sync::Arc};

use beffroi_cases::{
    case::Case,
    listing::{self, Row},
    reversal::Effect,
};
use beffroi_core::{Day, Lang, calendar::civil_day};
use beffroi_forms::{CompiledForm, Field, Kind as Answer};
use beffroi_people::{Town, account, department};
use beffroi_sheets::{Book, Cell, Kind, Sheet, SheetError};
use beffroi_store::{Result, StoreError, Tx};
use serde_json::{Map, Value};
use tempfile::NamedTempFile;
use uuid::Uuid;

use super::Export;
use crate::{Parts, figures::titles, procedure::Lists};

/// Heads of the columns that every case has, in French as the whole office.
const HEADS: [&str; 17] = [
    "Référence",
    "Démarche",
    "Service",
    "Nom du service",
    "État",
    "Suivi par",
    "Échéance",
    "En retard",
    "Reçue le",
    "Reçue par",
    "Demandeur",
    "Pour le compte de",
    "Décision",
    "Décidée le",
    "Décision née du silence",
    "Dernière décision retirée ou abrogée",
    "Retirée ou abrogée le",
];

/// What rows are said with: what short names and numbers stand for.
struct Names {
    procedures: HashMap<String, String>,
    departments: HashMap<String, String>,
    agents: HashMap<Uuid, String>,
    today: Day,
}

impl Names {
    fn load(tx: &mut Tx<'_>, desk: &Parts) -> Result<Self> {
        let departments = department::list(tx)?;
        Ok(Self {
            procedures: titles(tx, desk, Lang::Fr)?,
            departments: departments.into_iter().map(|it| (it.details.slug, it.details.name)).collect(),
            agents: account::agents(tx)?.into_iter().map(|it| (it.id.uuid(), it.display_name)).collect(),
            today: civil_day(tx.now(), Town::load(tx)?.zone()),
        })
    }

    /// Who follows a case; whoever has left is not named any more.
    fn follower(&self, case: &Case) -> &str {
        case.assignee.map_or("", |agent| self.agents.get(&agent).map_or("Agent parti", String::as_str))
    }
}

/// Every version of a procedure whose cases may be taken out, the latest first.
pub fn versions(tx: &mut Tx<'_>, desk: &Parts, slug: &str) -> Result<Vec<Arc<CompiledForm>>> {
    desk.shelf.versions(tx, slug)
}

/// A repeated group: its sheet, and the columns of its fields.
struct Group {
    id: String,
    sheet: usize,
    columns: Vec<Field>,
}

/// How answers are laid out.
#[derive(Default)]
struct Layout {
    columns: Vec<Field>,
    groups: Vec<Group>,
    sheets: Vec<Sheet>,
}

impl Layout {
    /// The columns of all versions: those of the latest in its order, then what older ones asked.
    fn of(versions: &[Arc<CompiledForm>], first: Sheet) -> Self {
        let mut layout = Self { sheets: vec![first], ..Self::default() };
        for form in versions {
            for field in form.procedure().form.pages.iter().flat_map(|page| &page.fields) {
                layout.add(field);
            }
        }
        layout
    }

    fn add(&mut self, field: &Field) {
        if !field.kind.is_question() {
            return;
        }
        let Answer::Group { fields, .. } = &field.kind else {
            if self.columns.iter().all(|known| known.id != field.id) {
                if let Some(sheet) = self.sheets.first_mut() {
                    sheet.columns.push(field.label.fr.clone());
                }
                self.columns.push(field.clone());
            }
            return;
        };
        let known = self.groups.iter().position(|group| group.id == field.id);
        let rank = known.unwrap_or_else(|| {
            let heads = ["Référence", "Rang"].map(str::to_owned);
            self.sheets.push(Sheet { name: field.label.fr.clone(), columns: heads.into() });
            let sheet = self.sheets.len() - 1;
            self.groups.push(Group { id: field.id.clone(), sheet, columns: Vec::new() });
            self.groups.len() - 1
        });
        let Some(group) = self.groups.get_mut(rank) else { return };
        for inner in fields.iter().filter(|inner| inner.kind.is_question()) {
            if group.columns.iter().all(|known| known.id != inner.id) {
                if let Some(sheet) = self.sheets.get_mut(group.sheet) {
                    sheet.columns.push(inner.label.fr.clone());
                }
                group.columns.push(inner.clone());
            }
        }
    }
}

/// An export that was written.
pub struct Written {
    /// Its file.
    pub book: NamedTempFile,
    /// Where the file has one sheet alone: a file for each repeated group, with its short name and what it is called.
    pub beside: Vec<(String, String, NamedTempFile)>,
    /// How many cases are in it.
    pub cases: i64,
}

/// The sheets of an export, in one book; or where a book has one sheet alone, in a book each.
struct Shelf(Vec<Book>);

impl Shelf {
    fn create(kind: Kind, folder: &Path, sheets: &[Sheet]) -> Result<Self> {
        let apart = kind == Kind::Csv;
        let books: Vec<&[Sheet]> = if apart { sheets.chunks(1).collect() } else { vec![sheets] };
        let books = books.into_iter().map(|sheets| Book::create(kind, folder, sheets).map_err(sheet));
        Ok(Self(books.collect::<Result<_>>()?))
    }

    fn row(&mut self, rank: usize, cells: &[Cell]) -> Result<()> {
        let Self(books) = self;
        let (book, within) = if books.len() > 1 { (rank, 0) } else { (0, rank) };
        match books.get_mut(book) {
            Some(book) => book.row(within, cells).map_err(sheet),
            None => Err(sheet(SheetError::NoSheet(rank))),
        }
    }
}

/// Writes the files of an export.
pub fn write(tx: &mut Tx<'_>, desk: &Parts, export: &Export, folder: &Path) -> Result<Written> {
    let names = Names::load(tx, desk)?;
    let versions = match &export.listed.procedure {
        Some(slug) => versions(tx, desk, slug)?,
        None => Vec::new(),
    };
    let first = Sheet { name: "Demandes".to_owned(), columns: HEADS.map(str::to_owned).into() };
    let layout = Layout::of(&versions, first);
    let mut shelf = Shelf::create(export.kind, folder, &layout.sheets)?;
    let mut cases = 0;
    listing::visit(tx, &export.listed, |row| {
        let answers = row.case.answers.as_object().cloned().unwrap_or_default();
        let mut cells = base(&row, &names);
        cells.extend(layout.columns.iter().map(|field| cell(field, &answers)));
        shelf.row(0, &cells)?;
        for group in &layout.groups {
            let rows = answers.get(&group.id).and_then(Value::as_array);
            for (rank, inner) in rows.into_iter().flatten().filter_map(Value::as_object).enumerate() {
                let mut cells = vec![
                    Cell::text(row.case.reference.as_str()),
                    Cell::Number(f64::from(u32::try_from(rank + 1).unwrap_or(u32::MAX))),
                ];
                cells.extend(group.columns.iter().map(|field| cell(field, inner)));
                shelf.row(group.sheet, &cells)?;
            }
        }
        cases += 1;
        Ok::<_, StoreError>(())
    })?;
    let Shelf(books) = shelf;
    let mut books = books.into_iter().map(|book| book.finish().map_err(sheet));
    let book = books.next().ok_or_else(|| sheet(SheetError::NoSheet(0)))??;
    let mut beside = Vec::new();
    for (group, book) in layout.groups.iter().zip(books) {
        let title = layout.sheets.get(group.sheet).map(|sheet| sheet.name.clone()).unwrap_or_default();
        beside.push((group.id.clone(), title, book?));
    }
    Ok(Written { book, beside, cases })
}

fn sheet(error: SheetError) -> StoreError {
    match error {
        SheetError::Io(error) => StoreError::io("write an export")(error),
        other => StoreError::Invalid(other.to_string()),
    }
}

/// What every case has.
fn base(row: &Row, names: &Names) -> Vec<Cell> {
    let Row { case, ended, reversed } = row;
    let yes = |so: bool| Cell::text(if so { "Oui" } else { "Non" });
    vec![
        Cell::text(case.reference.as_str()),
        Cell::text(names.procedures.get(&case.procedure).unwrap_or(&case.procedure).as_str()),
        Cell::text(case.department.as_str()),
        Cell::text(names.departments.get(&case.department).map_or("", String::as_str)),
        Cell::text(state(case)),
        Cell::text(names.follower(case)),
        case.deemed_on.map_or(Cell::Empty, Cell::Day),
        yes(row.is_late(names.today)),
        Cell::Day(case.received_on),
        Cell::text(door(case)),
        Cell::text(case.requester_name.as_str()),
        Cell::text(case.beneficiary_name.as_str()),
        Cell::text(ended.map_or("", |end| match end.outcome {
            beffroi_cases::decision::Outcome::Granted => "Acceptée",
            beffroi_cases::decision::Outcome::Refused => "Refusée",
            beffroi_cases::decision::Outcome::Closed => "Sans suite",
        })),
        ended.map_or(Cell::Empty, |end| Cell::Day(end.on)),
        ended.map_or(Cell::Empty, |end| yes(end.by_silence)),
        Cell::text(reversed.map_or("", |(effect, _)| match effect {
            Effect::Withdrawn => "Retirée",
            Effect::Repealed => "Abrogée",
        })),
        reversed.map_or(Cell::Empty, |(_, on)| Cell::Day(on)),
    ]
}

fn state(case: &Case) -> &'static str {
    use beffroi_cases::case::State;
    match case.state {
        State::Received => "Reçue",
        State::Instruction => "En cours",
        State::Waiting => "En attente de pièces",
        State::Decided => "Décidée",
        State::Withdrawn => "Retirée",
        State::Transferred => "Transmise",
        State::Archived => "Archivée",
    }
}

fn door(case: &Case) -> &'static str {
    use beffroi_core::Channel;
    match case.channel {
        Channel::Online => "Internet",
        Channel::Counter => "Guichet",
        Channel::Phone => "Téléphone",
        Channel::Paper => "Courrier",
        Channel::Email => "Message électronique",
        Channel::Api => "Programme",
        Channel::System => "Mairie",
    }
}

/// An answer as a cell: a number is a number, a day a day, all else is said in words.
fn cell(field: &Field, answers: &Map<String, Value>) -> Cell {
    let Some(answer) = answers.get(&field.id) else { return Cell::Empty };
    match &field.kind {
        Answer::Number { .. } => answer.as_f64().map_or(Cell::Empty, Cell::Number),
        #[expect(clippy::cast_precision_loss, reason = "amounts of a form are far below 2^53 cents")]
        Answer::Money { .. } => {
            answer.as_i64().map_or(Cell::Empty, |cents| Cell::Number(cents as f64 / 100.0))
        }
        Answer::Date { .. } => {
            let day = answer.as_str().and_then(|text| text.parse::<Day>().ok());
            day.map_or_else(|| Cell::text(answer.as_str().unwrap_or_default()), Cell::Day)
        }
        _ => Cell::text(field.words(answer, Lang::Fr, &Lists)),
    }
}
