//! Every document renders as accessible PDF, whatever was typed.
#![allow(clippy::unwrap_used, reason = "a test that cannot build its sample has failed")]

mod samples;

use beffroi_typeset::{Document, Job, Pool, Sides, Silence, TypesetError, stack};
use samples::meta;

fn pdf<D: Document>(document: &D) -> Vec<u8> {
    let job = Job::new(document, meta("Un document")).unwrap();
    Pool::in_process().render(&job).unwrap()
}

fn holds(pdf: &[u8], needle: &str) -> bool {
    pdf.windows(needle.len()).any(|window| window == needle.as_bytes())
}

/// Tagged, in French, titled, and said to be PDF/UA-1 and PDF/A-2a. `name` keeps a copy for eyes.
fn accessible(name: &str, pdf: &[u8]) {
    assert!(pdf.starts_with(b"%PDF-"));
    for needle in ["/StructTreeRoot", "/Lang", "pdfuaid:part", "pdfaid:part", "Un document"] {
        assert!(holds(pdf, needle), "{name} lacks {needle}");
    }
    if let Some(folder) = option_env!("TYPESET_PREVIEW") {
        std::fs::write(format!("{folder}/{name}.pdf"), pdf).unwrap();
    }
}

const HOSTILE: &str = "#panic() ] } $x *gras* _i_ `c` @ref <a> \\ // /* \"«\u{0}\u{202e}\u{7}👩\u{200d}👧 e\u{301}\u{20dd} العربية 漢字 \u{e000}";

#[test]
fn every_document_is_accessible() {
    accessible("acknowledgement", &pdf(&samples::acknowledgement()));
    accessible("decision", &pdf(&samples::decision()));
    accessible("letter", &pdf(&samples::letter()));
    accessible("blank-form", &pdf(&samples::blank_form()));
}

#[test]
fn a_receipt_without_optional_parts_stays_whole() {
    let mut receipt = samples::acknowledgement();
    receipt.silence = Silence::Grants { on: samples::day(2026, 4, 2) };
    receipt.tracking_code = None;
    receipt.missing = None;
    receipt.answers.clear();
    receipt.department.agent = None;
    receipt.letterhead.department = None;
    accessible("acknowledgement-grants", &pdf(&receipt));
    receipt.silence = Silence::Nothing;
    receipt.recipient.lines.clear();
    receipt.letterhead.address.clear();
    receipt.department.address.clear();
    accessible("acknowledgement-empty", &pdf(&receipt));
}

#[test]
fn empty_lists_are_documents_too() {
    let mut decision = samples::decision();
    decision.recipient = None;
    decision.visas.clear();
    decision.reasons.clear();
    decision.articles.clear();
    decision.appeals = None;
    accessible("decision-empty", &pdf(&decision));
    let mut letter = samples::letter();
    letter.paragraphs.clear();
    letter.pieces.clear();
    letter.until = None;
    letter.department = None;
    letter.signatory = None;
    accessible("letter-empty", &pdf(&letter));
    let mut form = samples::blank_form();
    form.pages.clear();
    form.attachments.clear();
    form.privacy = None;
    accessible("blank-form-empty", &pdf(&form));
}

#[test]
fn what_a_citizen_types_is_never_markup() {
    let mut receipt = samples::acknowledgement();
    receipt.subject = HOSTILE.into();
    receipt.recipient.lines = vec![HOSTILE.into(); 3];
    receipt.answers[0].title = HOSTILE.into();
    receipt.answers[0].answers[0].label = HOSTILE.into();
    receipt.answers[0].answers[1].value = "anticonstitutionnellement".repeat(2000);
    receipt.answers[0].answers[2].value = format!("{HOSTILE}\n").repeat(40);
    accessible("acknowledgement-hostile", &pdf(&receipt));
    let mut letter = samples::letter();
    letter.subject = HOSTILE.into();
    letter.reference = Some(HOSTILE.into());
    letter.paragraphs = vec![HOSTILE.into(), "Hospitalo-universitaire ".repeat(2100)];
    accessible("letter-hostile", &pdf(&letter));
    let mut decision = samples::decision();
    decision.title = HOSTILE.into();
    decision.visas.push(HOSTILE.into());
    decision.articles[0].text = HOSTILE.into();
    decision.signatory.name = HOSTILE.into();
    accessible("decision-hostile", &pdf(&decision));
    let mut form = samples::blank_form();
    form.title = HOSTILE.into();
    form.pages[0].title = HOSTILE.into();
    form.pages[0].fields[0].label = HOSTILE.into();
    form.pages[0].fields[1].hint = Some(HOSTILE.into());
    accessible("blank-form-hostile", &pdf(&form));
}

#[test]
fn the_same_document_is_the_same_bytes() {
    assert_eq!(pdf(&samples::letter()), pdf(&samples::letter()));
}

#[test]
fn a_day_that_does_not_fit_the_template_is_an_error_and_not_a_panic() {
    let mut job = meta("Un document");
    job.date = samples::day(-40, 1, 1);
    let job = Job::new(&samples::letter(), job).unwrap();
    assert!(matches!(Pool::in_process().render(&job), Err(TypesetError::Layout(_))));
}

#[test]
fn letters_are_stacked_into_one_file_and_never_share_a_sheet() {
    let (letter, receipt) = (pdf(&samples::letter()), pdf(&samples::acknowledgement()));
    let pages = |pdf: &[u8]| lopdf::Document::load_mem(pdf).unwrap().get_pages().len();
    let papers = [letter.clone(), receipt.clone(), letter.clone()];
    let fronts = stack(&papers, Sides::One).unwrap();
    assert_eq!(pages(&fronts), 2 * pages(&letter) + pages(&receipt));
    let sheets = |pdf: &[u8]| pages(pdf).div_ceil(2) * 2;
    let both = stack(&papers, Sides::Both).unwrap();
    assert_eq!(pages(&both), 2 * sheets(&letter) + sheets(&receipt));
    // What is on the pages came along, and what was left behind weighs nothing.
    let text = |pdf: &[u8], page: u32| lopdf::Document::load_mem(pdf).unwrap().extract_text(&[page]).unwrap();
    assert!(!text(&letter, 1).trim().is_empty());
    assert_eq!(text(&fronts, 1), text(&letter, 1));
    assert!(!holds(&fronts, "/StructTreeRoot"));
    assert!(matches!(stack(&[b"%PDF-torn".to_vec()], Sides::One), Err(TypesetError::Layout(_))));
    if let Some(folder) = option_env!("TYPESET_PREVIEW") {
        std::fs::write(format!("{folder}/stack.pdf"), both).unwrap();
    }
}
