//! `beffroi procedure import` for files of Publik: what was taken over, with what remarks, as a table or as lines of
//! JSON; the procedures themselves as files to be completed.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

use beffroi_publik::{BlockFile, Converted, Document, FormFile, Unreadable, WorkflowFile, convert, read};
use serde::Serialize;

use super::Failure;

/// Files beside a form that are looked at for its blocks and its workflow, at most.
const BESIDE_AT_MOST: usize = 2_000;
/// Bytes of a file that are read, at most: one more than may be.
const READ_AT_MOST: u64 = (8 << 20) + 1;

/// How a file was taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
enum Status {
    #[serde(rename = "converted")]
    Converted,
    #[serde(rename = "converted with remarks")]
    WithRemarks,
    #[serde(rename = "not converted")]
    Not,
}

impl Status {
    const fn words(self) -> &'static str {
        match self {
            Self::Converted => "converted",
            Self::WithRemarks => "converted with remarks",
            Self::Not => "not converted",
        }
    }
}

#[derive(Serialize)]
struct Told {
    path: String,
    text: String,
}

/// What is told of one file.
#[derive(Serialize)]
struct Line {
    file: String,
    status: Status,
    fields: usize,
    remarks: Vec<Told>,
    #[serde(skip)]
    conditions: String,
}

impl Line {
    fn not(file: &Path, reason: impl Into<String>) -> Self {
        let remarks = vec![Told { path: String::new(), text: reason.into() }];
        Self {
            file: file.display().to_string(),
            status: Status::Not,
            fields: 0,
            remarks,
            conditions: String::new(),
        }
    }

    fn part(file: &Path, fields: usize, text: String) -> Self {
        let remarks = vec![Told { path: String::new(), text }];
        let (file, status) = (file.display().to_string(), Status::WithRemarks);
        Self { file, status, fields, remarks, conditions: String::new() }
    }

    fn form(file: &Path, converted: &Converted) -> Self {
        let remarks: Vec<Told> = converted
            .remarks
            .iter()
            .map(|remark| Told { path: remark.path.clone(), text: remark.text.clone() })
            .collect();
        let status = if remarks.is_empty() { Status::Converted } else { Status::WithRemarks };
        let conditions = format!("{}/{}", converted.conditions.kept, converted.conditions.found);
        Self { file: file.display().to_string(), status, fields: converted.fields.kept, remarks, conditions }
    }
}

/// Whether a file comes from Publik: by its name, or by how it begins.
pub fn is_ours(file: &Path) -> bool {
    file.extension().is_some_and(|kind| kind.eq_ignore_ascii_case("wcs") || kind.eq_ignore_ascii_case("xml"))
}

fn bytes(file: &Path) -> std::io::Result<Vec<u8>> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    std::fs::File::open(file)?.take(READ_AT_MOST).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The blocks and the workflows of the files that were given, and of those beside them.
struct Parts {
    blocks: Vec<BlockFile>,
    workflows: Vec<WorkflowFile>,
}

impl Parts {
    fn add(&mut self, document: &Document) {
        match document {
            Document::Block(block) if !self.blocks.iter().any(|known| known.slug == block.slug) => {
                self.blocks.push(block.clone());
            }
            Document::Workflow(workflow) => self.workflows.push(workflow.clone()),
            Document::Block(_) | Document::Form(_) => {}
        }
    }

    /// Those that lie beside the files that were given: what was given counts more.
    fn beside(&mut self, given: &[PathBuf]) {
        let folders: BTreeSet<&Path> = given.iter().filter_map(|file| file.parent()).collect();
        for folder in folders {
            let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
            let Ok(entries) = std::fs::read_dir(folder) else { continue };
            for entry in entries.take(BESIDE_AT_MOST).flatten() {
                let path = entry.path();
                let name = entry.file_name().to_string_lossy().to_lowercase();
                let part = name.starts_with("block") || name.starts_with("workflow");
                if !part || !is_ours(&path) || given.contains(&path) {
                    continue;
                }
                // What lies there and is none of Publik's concerns nobody.
                if let Ok(document) = bytes(&path).map_err(drop).and_then(|bytes| read(&bytes).map_err(drop))
                {
                    self.add(&document);
                }
            }
        }
    }

    fn workflow(&self, form: &FormFile) -> Option<&WorkflowFile> {
        self.workflows.iter().find(|workflow| workflow.goes_by(&form.workflow))
    }
}

/// Takes these files over. The exit code is 1 where one could not be.
pub fn run(files: &[PathBuf], output: Option<&Path>, json: bool) -> Result<ExitCode, Failure> {
    let mut documents: Vec<(&Path, Result<Document, String>)> = Vec::new();
    for file in files {
        let bytes = bytes(file).map_err(|error| Failure::File(file.display().to_string(), error))?;
        documents.push((file, read(&bytes).map_err(|error: Unreadable| error.to_string())));
    }
    let mut parts = Parts { blocks: Vec::new(), workflows: Vec::new() };
    for (_, document) in &documents {
        if let Ok(document) = document {
            parts.add(document);
        }
    }
    parts.beside(files);
    if let Some(folder) = output {
        std::fs::create_dir_all(folder)
            .map_err(|error| Failure::File(folder.display().to_string(), error))?;
    }
    let mut taken = BTreeMap::new();
    let mut lines = Vec::new();
    for (file, document) in &documents {
        lines.push(match document {
            Err(reason) => Line::not(file, reason.as_str()),
            Ok(Document::Block(block)) => {
                let fields = block.fields.iter().filter(|field| field.asks()).count();
                Line::part(file, fields, "a block: it becomes a group in each form that names it".to_owned())
            }
            Ok(Document::Workflow(workflow)) => Line::part(
                file,
                0,
                format!(
                    "a workflow: its {} statuses become steps of the forms that name it",
                    workflow.statuses.len()
                ),
            ),
            Ok(Document::Form(form)) => one(file, form, &parts, output, &mut taken)?,
        });
    }
    if json {
        for line in &lines {
            println!("{}", serde_json::to_string(line)?);
        }
    } else {
        print!("{}", table(&lines, output));
    }
    let failed = lines.iter().any(|line| line.status == Status::Not);
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn one(
    file: &Path,
    form: &FormFile,
    parts: &Parts,
    output: Option<&Path>,
    taken: &mut BTreeMap<String, String>,
) -> Result<Line, Failure> {
    let converted = convert(form, &parts.blocks, parts.workflow(form));
    let Some(mut converted) = converted.filter(|it| !it.procedure.form.pages.is_empty()) else {
        return Ok(Line::not(file, "the form asks nothing and says nothing"));
    };
    // Two forms of one name must not overwrite each other.
    let slug = converted.procedure.slug.clone();
    let mut rank = 1;
    while taken.contains_key(&converted.procedure.slug) {
        rank += 1;
        converted.procedure.slug = format!("{slug}-{rank}");
    }
    taken.insert(converted.procedure.slug.clone(), file.display().to_string());
    if let Some(folder) = output {
        let to = folder.join(format!("{}.toml", converted.procedure.slug));
        let text = converted.procedure.to_toml().map_err(|error| Failure::Given(error.to_string()))?;
        std::fs::write(&to, commented(&text, &converted))
            .map_err(|error| Failure::File(to.display().to_string(), error))?;
    }
    Ok(Line::form(file, &converted))
}

/// The procedure's file, with what is to be looked at as comments at its head.
fn commented(text: &str, converted: &Converted) -> String {
    let mut file = String::from("# Taken over from Publik. To be completed and looked at:\n");
    for remark in &converted.remarks {
        let words = remark.text.split_whitespace().collect::<Vec<_>>().join(" ");
        let _ = writeln!(file, "# {}: {words}", remark.path);
    }
    file.push('\n');
    file.push_str(text);
    file
}

fn table(lines: &[Line], output: Option<&Path>) -> String {
    let name = |line: &Line| {
        Path::new(&line.file)
            .file_name()
            .map_or_else(|| line.file.clone(), |name| name.to_string_lossy().into_owned())
    };
    let widest = lines.iter().map(|line| name(line).chars().count()).max().unwrap_or(4).max(4);
    let mut text = String::new();
    let _ = writeln!(
        text,
        "{:widest$}  {:22}  {:>6}  {:>10}  {:>7}",
        "file", "status", "fields", "conditions", "remarks"
    );
    for line in lines {
        let Line { status, fields, remarks, conditions, .. } = line;
        let _ = writeln!(
            text,
            "{:widest$}  {:22}  {fields:>6}  {conditions:>10}  {:>7}",
            name(line),
            status.words(),
            remarks.len()
        );
    }
    for line in lines {
        for Told { path, text: said } in &line.remarks {
            let at = if path.is_empty() { String::new() } else { format!("{path}: ") };
            let _ = writeln!(text, "{}: {at}{said}", name(line));
        }
    }
    match output {
        Some(folder) => {
            let _ = writeln!(
                text,
                "The procedures are in {}; beffroi procedure check says what they lack.",
                folder.display()
            );
        }
        None => text.push_str("Nothing was written: --output FOLDER keeps the procedures as files.\n"),
    }
    text
}
