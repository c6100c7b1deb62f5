//! The page of payment, on which somebody who tries the program chooses what comes of it.

use std::{net::TcpStream, sync::Mutex};

use quick_xml::escape::escape;

use super::{Inner, field, notify, send};

const HTML: &str = "text/html; charset=utf-8";

pub fn show(stream: &TcpStream, inner: &Mutex<Inner>, target: &str) {
    let query = target.split_once('?').map_or("", |(_, query)| query);
    let idop = field(query, "idop").unwrap_or_default();
    let found = inner.lock().unwrap().attempts.iter().find(|attempt| attempt.idop == idop).cloned();
    let Some(attempt) = found else {
        return send(stream, "404 Not Found", HTML, "", "<p>Ce paiement n’est pas connu.</p>");
    };
    let cents: u64 = attempt.montant.parse().unwrap_or_default();
    let choices = [
        ("P", "Payer par carte bancaire"),
        ("V", "Payer par prélèvement"),
        ("R", "Simuler un refus de la banque"),
        ("A", "Abandonner"),
    ]
    .map(|(letter, label)| format!("<p><button name=\"resultrans\" value=\"{letter}\">{label}</button></p>"))
    .concat();
    let body = format!(
        "<!doctype html><html lang=\"fr\"><head><meta charset=\"utf-8\"><title>Paiement d’essai</title></head>\
         <body><main><h1>Paiement d’essai</h1><p>Cette page remplace celle de PayFiP\u{a0}: aucun argent n’est \
         débité.</p><dl><dt>Objet</dt><dd>{}</dd><dt>Référence</dt><dd>{}</dd><dt>Montant</dt>\
         <dd>{},{:02}\u{a0}€</dd></dl><form method=\"post\" action=\"/tpa/paiementws.web\">\
         <input type=\"hidden\" name=\"idop\" value=\"{}\">{choices}</form></main></body></html>",
        escape(&attempt.objet),
        escape(&attempt.refdet),
        cents / 100,
        cents % 100,
        escape(&attempt.idop),
    );
    send(stream, "200 OK", HTML, "", &body);
}

/// Notes what was chosen, notifies the town hall, and sends the payer back.
pub fn choose(stream: &TcpStream, inner: &Mutex<Inner>, form: &str) {
    let idop = field(form, "idop").unwrap_or_default();
    let chosen = field(form, "resultrans").and_then(|word| word.chars().next());
    let concluded = {
        let mut inner = inner.lock().unwrap();
        inner.attempts.iter_mut().find(|attempt| attempt.idop == idop).and_then(|attempt| {
            let letter = chosen.filter(|letter| "PVRZA".contains(*letter))?;
            // A page is used once, unless the bank refused.
            if attempt.resultrans.is_none_or(|before| "RZA".contains(before)) {
                attempt.conclude(letter);
            }
            Some(attempt.clone())
        })
    };
    let Some(attempt) = concluded else {
        return send(stream, "400 Bad Request", HTML, "", "<p>Ce paiement n’est pas connu.</p>");
    };
    notify(&attempt);
    let back = format!("location: {}\r\n", attempt.urlredirect.replace(['\r', '\n'], ""));
    send(stream, "303 See Other", HTML, &back, "");
}
