//! From a job to PDF bytes, in this process.

use std::sync::LazyLock;

use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::ecow::EcoVec;
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{DiagSpan, FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World, WorldExt};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

use crate::complaint::Complaint;
use crate::house::HouseTemplate;
use crate::job::{Job, Layout, Template, TypesetError};
use crate::stack::copied;
use crate::text::{Rigour, clean};

const THEME: &str = include_str!("../templates/theme.typ");

/// The faces that the templates use: Libertinus for the page, DejaVu for rarer alphabets.
const FAMILIES: [&str; 2] = ["Libertinus Serif", "DejaVu Sans Mono"];

pub(crate) struct Fonts {
    book: LazyHash<FontBook>,
    faces: Vec<Font>,
}

impl Fonts {
    /// Whether some face can draw `c`; a character without a glyph would break PDF/UA-1.
    pub(crate) fn draws(&self, c: char) -> bool {
        self.faces.iter().any(|face| face.info().coverage.contains(u32::from(c)))
    }
}

pub(crate) static FONTS: LazyLock<Fonts> = LazyLock::new(|| {
    let faces: Vec<Font> = typst_assets::fonts()
        .flat_map(|data| Font::iter(Bytes::new(data)))
        .filter(|face| FAMILIES.contains(&face.info().family.as_str()))
        .collect();
    Fonts { book: LazyHash::new(FontBook::from_fonts(&faces)), faces }
});

static LIBRARY: LazyLock<LazyHash<Library>> = LazyLock::new(|| LazyHash::new(Library::default()));

/// Lays out one document as tagged PDF/UA-1.
///
/// It is bounded in neither time nor memory: requests go through a [`Pool`](crate::Pool).
///
/// # Errors
/// [`TypesetError::Layout`] when the template refuses the data.
pub fn render(job: &Job) -> Result<Vec<u8>, TypesetError> {
    if job.layout == Layout::Copied {
        return copied(job);
    }
    let result = attempt(job, Rigour::Drawable).or_else(|error| match error {
        // Rare marks may be drawable one by one and not together: better a letter with
        // replaced characters than no letter.
        TypesetError::Layout(_) => attempt(job, Rigour::Latin),
        other => Err(other),
    });
    // Memory must not grow from one document to the next.
    comemo::evict(0);
    result
}

fn attempt(job: &Job, rigour: Rigour) -> Result<Vec<u8>, TypesetError> {
    let world = Desk::new(job, rigour)?;
    let refused = |errors: EcoVec<SourceDiagnostic>| {
        if job.is_written() { complaints(&world, &errors) } else { layout_error(&errors) }
    };
    let document: PagedDocument = typst::compile(&world).output.map_err(refused)?;
    let standards = PdfStandards::new(&[PdfStandard::Ua_1, PdfStandard::A_2a])
        .map_err(|error| TypesetError::Layout(error.message().to_string()))?;
    let options = PdfOptions { standards, ..PdfOptions::default() };
    typst_pdf::pdf(&document, &options).map_err(refused)
}

fn layout_error(errors: &[SourceDiagnostic]) -> TypesetError {
    let messages: Vec<String> = errors
        .iter()
        .map(|error| {
            let hints = error.hints.iter().map(|hint| hint.v.as_str());
            std::iter::once(error.message.as_str()).chain(hints).collect::<Vec<_>>().join(" – ")
        })
        .collect();
    TypesetError::Layout(messages.join("; "))
}

/// What the compiler says of a template that whoever makes procedures has written: each with its line.
fn complaints(world: &Desk, errors: &[SourceDiagnostic]) -> TypesetError {
    let main = world.main.id();
    let line = |span: DiagSpan| {
        let range = (span.id() == Some(main)).then(|| world.range(span)).flatten()?;
        world.main.lines().byte_to_line(range.start).map(|line| line + 1)
    };
    let told = errors.iter().map(|error| {
        // What goes wrong in the theme is the fault of the line that called it.
        let line = line(error.span).or_else(|| error.trace.iter().find_map(|call| line(call.span.into())));
        let hints = error.hints.iter().map(|hint| hint.v.as_str());
        let words: Vec<&str> = std::iter::once(error.message.as_str()).chain(hints).collect();
        Complaint { line, words: words.join(" – ") }
    });
    TypesetError::Layout(Complaint::joined(told))
}

/// The only files a template can see: the theme, itself and the data.
struct Desk {
    main: Source,
    theme: Source,
    data: (FileId, Bytes),
}

impl Desk {
    fn new(job: &Job, rigour: Rigour) -> Result<Self, TypesetError> {
        let main = match &job.layout {
            Layout::House(Template::Acknowledgement) => include_str!("../templates/acknowledgement.typ"),
            Layout::House(Template::BlankForm) => include_str!("../templates/blank-form.typ"),
            Layout::House(Template::Decision) => include_str!("../templates/decision.typ"),
            Layout::House(Template::Letter) => HouseTemplate::Letter.source(),
            Layout::House(Template::PaymentReceipt) => include_str!("../templates/payment-receipt.typ"),
            Layout::House(Template::Contract) => include_str!("../templates/contract.typ"),
            Layout::House(Template::Inspection) => include_str!("../templates/inspection.typ"),
            Layout::Written(source) => source,
            // It is copied, not laid out.
            Layout::Copied => "",
        };
        let mut input = serde_json::json!({ "meta": job.meta, "data": job.data });
        clean(&mut input, rigour);
        Ok(Self {
            main: Source::new(file("/main.typ")?, main.to_owned()),
            theme: Source::new(file("/theme.typ")?, THEME.to_owned()),
            data: (file("/data.json")?, Bytes::new(serde_json::to_vec(&input)?)),
        })
    }
}

fn file(path: &str) -> Result<FileId, TypesetError> {
    let path = VirtualPath::new(path).map_err(|_| TypesetError::Layout(path.to_owned()))?;
    Ok(RootedPath::new(VirtualRoot::Project, path).intern())
}

impl World for Desk {
    fn library(&self) -> &LazyHash<Library> {
        &LIBRARY
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &FONTS.book
    }

    fn main(&self) -> FileId {
        self.main.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        [&self.main, &self.theme]
            .into_iter()
            .find(|source| source.id() == id)
            .cloned()
            .ok_or(FileError::AccessDenied)
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if id == self.data.0 { Ok(self.data.1.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn font(&self, index: usize) -> Option<Font> {
        FONTS.faces.get(index).cloned()
    }

    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        // The day comes with the job: a document laid out twice is the same document.
        None
    }
}
