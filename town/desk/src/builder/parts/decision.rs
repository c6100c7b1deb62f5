//! What the decision is written with: an order with its articles, or the paragraphs of a letter.

use beffroi_forms::{Article, Decision, Procedure};
use beffroi_web::Page;

use crate::builder::fill::{Control, Desk, Filled, Shape};

pub fn fill(procedure: &Procedure, filled: &mut Filled) {
    let decision = &procedure.decision;
    filled.set("form", if decision.formal { "order" } else { "letter" });
    filled.set("title", &decision.title);
    filled.set("visas", decision.visas.join("\n"));
    for (rank, article) in decision.articles.iter().enumerate() {
        filled.set(&format!("article-{rank}-title"), &article.title);
        filled.set(&format!("article-{rank}-text"), &article.text);
    }
    filled.set("granted", decision.granted.join("\n\n"));
    filled.set("refused", decision.refused.join("\n\n"));
    filled.set("closing", &decision.closing);
}

pub fn controls(page: &Page, filled: &Filled) -> Vec<Control> {
    let desk = Desk { page, filled, part: "decision" };
    vec![
        desk.control("form", Shape::Radios(desk.choices("form", &["letter", "order"]))),
        desk.area("granted", 5).optional(),
        desk.area("refused", 5).optional(),
        desk.line("closing").optional(),
        desk.title("order"),
        desk.line("title").optional(),
        desk.area("visas", 4).optional(),
        desk.list("article", &[("title", false), ("text", true)]).optional(),
    ]
}

pub fn read(filled: &Filled, procedure: &mut Procedure) {
    let articles = (0..filled.rows("article"))
        .map(|row| Article {
            title: filled.cell("article", row, "title").to_owned(),
            text: filled.cell("article", row, "text").to_owned(),
        })
        .filter(|article| !article.title.is_empty() || !article.text.is_empty())
        .collect();
    procedure.decision = Decision {
        formal: filled.text("form") == "order",
        title: filled.text("title").to_owned(),
        visas: filled.lines("visas"),
        articles,
        granted: filled.paragraphs("granted"),
        refused: filled.paragraphs("refused"),
        closing: filled.text("closing").to_owned(),
    };
}
