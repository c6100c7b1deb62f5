//! Every document renders as accessible PDF, whatever was typed.
#![allow(clippy::unwrap_used, reason = "a test that cannot build its sample has failed")]

mod samples;

use beffroi_typeset::{
    Asking, BlankField, Complaint, Document, FieldKind, FormPage, HouseTemplate, Job, Pool, Sheet, Sides,
    Silence, TypesetError, stack,
};
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
    accessible("payment-receipt", &pdf(&samples::payment_receipt()));
    accessible("contract", &pdf(&samples::premises::contract()));
    accessible("inspection", &pdf(&samples::premises::inspection()));
    accessible("blank-form", &pdf(&samples::blank_form()));
}

#[test]
fn a_paper_asks_how_it_went_and_an_order_on_a_sheet_of_its_own() {
    let pages = |pdf: &[u8]| -> Vec<String> {
        let read = lopdf::Document::load_mem(pdf).unwrap();
        let numbers: Vec<u32> = read.get_pages().into_keys().collect();
        numbers.into_iter().map(|page| read.extract_text(&[page]).unwrap()).collect()
    };
    for later in [false, true] {
        let opinion = Some(samples::opinion_asked(later));
        let letter = pdf(&Asking { document: &samples::letter(), opinion: opinion.clone() });
        accessible(&format!("letter-asking-{later}"), &letter);
        assert!(pages(&letter).concat().contains("BX7K-29QM-4TRW"));
        let order = pdf(&Asking { document: &samples::decision(), opinion });
        accessible(&format!("decision-asking-{later}"), &order);
        let told = pages(&order);
        let asks: Vec<bool> = told.iter().map(|page| page.contains("BX7K-29QM-4TRW")).collect();
        assert_eq!(asks.iter().filter(|asks| **asks).count(), 1, "{told:?}");
        let last = told.last().unwrap();
        assert!(*asks.last().unwrap() && !last.contains("Article"), "{last}");
    }
    let mut silent = samples::opinion_asked(false);
    silent.square.clear();
    accessible(
        "letter-asking-no-square",
        &pdf(&Asking { document: &samples::letter(), opinion: Some(silent) }),
    );
    let same = pdf(&Asking { document: &samples::letter(), opinion: None });
    assert!(!pages(&same).concat().contains("Votre avis"));
}

/// A sheet laid out by a source.
fn written(source: &str, sheet: &Sheet) -> Result<Vec<u8>, TypesetError> {
    let job = Job::written(source, sheet, meta("Un document")).unwrap();
    Pool::in_process().render(&job)
}

/// The words of the first page, with single blanks between them.
fn words(pdf: &[u8]) -> String {
    let text = lopdf::Document::load_mem(pdf).unwrap().extract_text(&[1]).unwrap();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What each template of procedures is given to say here.
fn texts(template: HouseTemplate) -> Vec<String> {
    let text = match template {
        HouseTemplate::Letter => "Votre dossier est complet.",
        HouseTemplate::Certificate => "La maire certifie que cette personne habite la commune.",
        HouseTemplate::Order => {
            "Vu le code de la route ;\nConsidérant que la rue est étroite ;\nArticle 1er\nLe stationnement est interdit.\nArticle 2\nCet arrêté est affiché."
        }
        HouseTemplate::Permit => {
            "Lieu : 14, rue des Tisserands\nDu : 1er mars 2026\nÀ placer derrière le pare-brise."
        }
    };
    vec![text.into()]
}

#[test]
fn every_template_of_the_house_is_accessible_whatever_is_typed() {
    for template in HouseTemplate::ALL {
        let mut sheet = samples::sheet();
        sheet.letter.paragraphs = texts(template);
        let pdf = written(template.source(), &sheet).unwrap();
        accessible(template.slug(), &pdf);
        let said = words(&pdf);
        assert!(said.contains("Saint-Aubin"), "{}: {said}", template.slug());
        sheet.letter.subject = HOSTILE.into();
        sheet.letter.paragraphs = vec![HOSTILE.into(), "Vu #x".into(), "Article 1 : #y".into()];
        sheet.letter.reference = None;
        sheet.letter.signatory = None;
        sheet.letter.appeals = None;
        sheet.requester.name = HOSTILE.into();
        sheet.requester.address.clear();
        accessible(&format!("{}-hostile", template.slug()), &written(template.source(), &sheet).unwrap());
        sheet.letter.paragraphs.clear();
        written(template.source(), &sheet).unwrap();
    }
}

#[test]
fn an_order_takes_its_form_from_its_words() {
    let mut sheet = samples::sheet();
    sheet.letter.paragraphs = texts(HouseTemplate::Order);
    let said = words(&written(HouseTemplate::Order.source(), &sheet).unwrap());
    let places: Vec<_> =
        ["Considérant", "ARRÊTE", "Article 1er", "Article 2"].iter().map(|word| said.find(word)).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?} in {said}");
}

#[test]
fn a_template_reads_answers_and_writes_days_and_amounts_in_french() {
    let source = "#import \"theme.typ\": *\n#show: theme\n= Essai\n#day(data.answers.debut.value) et #short-day(data.answers.debut.value), #money(data.answers.redevance.value), #money(-5), #answer(\"debut\"), #filled(\"visite-technique\", \"constat\"), #data.step.visite-technique.constat.label, [#answer(\"inconnue\")], #data.requester.name, #data.commune.name, #data.case.reference";
    let said = words(&written(source, &samples::sheet()).unwrap());
    for word in ["01/03/2026", "234,50", "0,05", "Conforme", "Constat", "[]", "ECO-2026-0008"] {
        assert!(said.contains(word), "{word} in {said}");
    }
}

#[test]
fn what_is_wrong_with_a_template_is_told_with_its_line() {
    let head = "#import \"theme.typ\": *\n#show: theme\n";
    for (body, line, part) in [
        ("\n#inconnue", Some(4), "unknown variable"),
        ("#(1 +", Some(3), ""),
        ("#day(\"demain\")", Some(3), ""),
        ("#data.answers.rien", Some(3), "rien"),
        ("#read(\"/etc/passwd\")", Some(3), ""),
        ("#import \"@preview/cetz:0.3.0\": *", Some(3), ""),
        ("#while true { }", Some(3), ""),
        ("#let f() = f()\n#f()", None, ""),
        ("#image(\"http://example.org/x.png\")", Some(3), ""),
        ("#json(\"../../etc/passwd\")", Some(3), ""),
    ] {
        let error = written(&format!("{head}{body}"), &samples::sheet()).unwrap_err();
        let told = Complaint::of(&error);
        assert!(!told.is_empty(), "{body}: {error}");
        assert!(line.is_none() || told[0].line == line, "{body}: {told:?}");
        assert!(told[0].words.contains(part), "{body}: {told:?}");
        assert!(!told[0].words.contains("root:"), "{body}: {told:?}");
    }
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
fn a_blank_form_is_declared_dated_signed_and_sent_from_one_page_its_last() {
    let field =
        |label: &str, kind: FieldKind| BlankField { label: label.into(), hint: None, required: true, kind };
    for questions in (0..26).step_by(2) {
        let mut form = samples::blank_form();
        form.pages = vec![
            FormPage {
                title: "Vous".into(),
                introduction: None,
                fields: (0..questions)
                    .map(|rank| field(&format!("Question {rank}"), FieldKind::Line))
                    .collect(),
            },
            FormPage {
                title: "Date et signature".into(),
                introduction: None,
                fields: vec![
                    field("Je certifie que ces renseignements sont exacts.", FieldKind::Statement),
                    field("Fait le", FieldKind::Date),
                    field("Signature", FieldKind::Signature),
                ],
            },
        ];
        let paper = pdf(&form);
        let file = lopdf::Document::load_mem(&paper).unwrap();
        let last = u32::try_from(file.get_pages().len()).unwrap();
        let text = file.extract_text(&[last]).unwrap();
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        for said in ["Date et signature", "Je certifie", "Fait le", "Où envoyer ce formulaire"] {
            assert!(text.contains(said), "{questions}: {said} is not in {text}");
        }
    }
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
fn a_paper_of_somebody_else_is_copied_to_be_stacked_or_refused() {
    let letter = pdf(&samples::letter());
    let pool = Pool::in_process();
    let copy = pool.render(&Job::copied(&letter)).unwrap();
    let read = |pdf: &[u8]| lopdf::Document::load_mem(pdf).unwrap();
    assert_eq!(read(&copy).extract_text(&[1]).unwrap(), read(&letter).extract_text(&[1]).unwrap());
    assert!(stack(&[letter.clone(), copy], Sides::Both).is_ok());
    for torn in [&b"%PDF-1.7\n%%EOF\n"[..], b"no paper at all", &letter[..letter.len() / 3]] {
        assert!(matches!(pool.render(&Job::copied(torn)), Err(TypesetError::Layout(_))));
    }
    // What was filled in lies over the page, and would be left behind.
    let mut filled = read(&letter);
    let page = *filled.get_pages().get(&1).unwrap();
    let widget = lopdf::dictionary! { "Type" => "Annot", "Subtype" => "Widget" };
    let widget = filled.add_object(widget);
    let over: lopdf::Object = vec![lopdf::Object::Reference(widget)].into();
    filled.get_object_mut(page).unwrap().as_dict_mut().unwrap().set("Annots", over);
    let mut bytes = Vec::new();
    filled.save_to(&mut bytes).unwrap();
    assert!(matches!(pool.render(&Job::copied(&bytes)), Err(TypesetError::Layout(_))));
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
