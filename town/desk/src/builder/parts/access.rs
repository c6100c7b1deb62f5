//! Who may ask online, what is kept from view, and who answers in the town's place.

use beffroi_core::Assurance;
use beffroi_forms::{Elsewhere, Procedure, SignIn};
use beffroi_web::Page;

use super::put;
use crate::builder::fill::{Control, Desk, Filled, Shape};

pub fn fill_sign_in(procedure: &Procedure, filled: &mut Filled) {
    filled.set("level", procedure.level().map_or("none", Assurance::as_str));
    let why = procedure.sign_in.as_ref().map(|sign_in| sign_in.why.fr.clone());
    filled.set("why", why.unwrap_or_default());
}

pub fn sign_in(page: &Page, filled: &Filled) -> Vec<Control> {
    let desk = Desk { page, filled, part: "sign-in" };
    let levels: Vec<&str> =
        std::iter::once("none").chain(Assurance::ALL.into_iter().map(Assurance::as_str)).collect();
    vec![desk.control("level", Shape::Radios(desk.choices("level", &levels))), desk.area("why", 2).optional()]
}

pub fn read_sign_in(filled: &mut Filled, procedure: &mut Procedure) {
    let Some(level) = Assurance::from_word(filled.text("level")) else {
        procedure.sign_in = None;
        return;
    };
    let mut why = procedure.sign_in.take().map(|before| before.why).unwrap_or_default();
    put(&mut why, filled.text("why"));
    if why.is_empty() {
        filled.wrong("why", "office-builder-wrong-why");
    }
    procedure.sign_in = Some(SignIn { level, why });
}

pub fn fill_sealed(procedure: &Procedure, filled: &mut Filled) {
    if procedure.sealed {
        filled.set("sealed", "true");
    }
}

pub fn sealed(page: &Page, filled: &Filled) -> Vec<Control> {
    vec![Desk { page, filled, part: "sealed" }.tick("sealed")]
}

pub fn read_sealed(filled: &Filled, procedure: &mut Procedure) {
    procedure.sealed = filled.holds("sealed", "true");
}

pub fn fill_elsewhere(procedure: &Procedure, filled: &mut Filled) {
    if let Some(elsewhere) = &procedure.elsewhere {
        filled.set("name", &elsewhere.name.fr);
        filled.set("url", &elsewhere.url);
        filled.set("otherwise", &elsewhere.otherwise.fr);
    }
}

pub fn elsewhere(page: &Page, filled: &Filled) -> Vec<Control> {
    let desk = Desk { page, filled, part: "elsewhere" };
    vec![desk.line("name").optional(), desk.line("url").optional(), desk.area("otherwise", 3).optional()]
}

pub fn read_elsewhere(filled: &mut Filled, procedure: &mut Procedure) {
    let before = procedure.elsewhere.take();
    let (name, url, otherwise) =
        (filled.text("name").to_owned(), filled.text("url").to_owned(), filled.text("otherwise").to_owned());
    if name.is_empty() && url.is_empty() && otherwise.is_empty() {
        return;
    }
    if !url.starts_with("https://") {
        filled.wrong("url", "office-builder-wrong-address");
    }
    let (mut called, mut whom) = before.map(|before| (before.name, before.otherwise)).unwrap_or_default();
    put(&mut called, &name);
    put(&mut whom, &otherwise);
    procedure.elsewhere = Some(Elsewhere { name: called, url, otherwise: whom });
}
