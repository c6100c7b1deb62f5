//! The service: what it looks at, in which order, and how it answers.

use std::{
    io::Write,
    net::{Shutdown, TcpStream},
    sync::Mutex,
};

use quick_xml::escape::escape;

use super::{Attempt, BadDay, Inner, StandIn, new_idop, send};
use crate::payfip::{NAMESPACE, xml};

const MEDIA_TYPE: &str = "text/xml;charset=utf-8";

pub fn answer(stream: TcpStream, inner: &Mutex<Inner>, body: &str, day: Option<BadDay>) {
    let usual = |inner: &Mutex<Inner>| told(&mut inner.lock().unwrap(), body);
    match day {
        None => {
            let (status, text) = usual(inner);
            send(&stream, status, MEDIA_TYPE, "", &text);
        }
        Some(BadDay::Failing) => {
            let text = fault("TechDysfonctionnementErreur", "999", "Dysfonctionnement technique");
            send(&stream, "500 Internal Server Error", MEDIA_TYPE, "", &text);
        }
        Some(BadDay::Unavailable) => {
            send(&stream, "503 Service Unavailable", "text/html", "", "<html><body>503</body></html>");
        }
        // Held, so that it is not closed either.
        Some(BadDay::Silent) => inner.lock().unwrap().held.push(stream),
        Some(BadDay::CutOff) => {
            let (status, text) = usual(inner);
            let half = text.get(..text.len() / 2).unwrap_or_default();
            let mut stream = stream;
            let _ = write!(
                stream,
                "HTTP/1.1 {status}\r\ncontent-type: {MEDIA_TYPE}\r\ncontent-length: {}\r\n\r\n{half}",
                text.len()
            );
            let _ = stream.shutdown(Shutdown::Both);
        }
        Some(BadDay::Says(text)) => send(&stream, "200 OK", MEDIA_TYPE, "", &text),
    }
}

fn told(inner: &mut Inner, body: &str) -> (&'static str, String) {
    let answer = match xml::read(body) {
        Ok(question) => match question.name.as_str() {
            "creerPaiementSecurise" => create(inner, &question),
            "recupererDetailPaiementSecurise" => detail(inner, &question),
            "recupererDetailClient" => client(&question),
            _ => Err(("S0", "Opération inconnue.")),
        },
        Err(_) => Err(("S0", "Requête illisible.")),
    };
    match answer {
        Ok(text) => ("200 OK", text),
        Err((code, label)) => ("500 Internal Server Error", fault("FonctionnelleErreur", code, label)),
    }
}

type Told = Result<String, (&'static str, &'static str)>;

fn create(inner: &mut Inner, question: &xml::Envelope) -> Told {
    let of = |name: &str| question.text(name).unwrap_or_default().to_owned();
    let attempt = Attempt {
        idop: new_idop(),
        numcli: of("numcli"),
        exer: of("exer"),
        refdet: of("refdet"),
        objet: of("objet"),
        montant: of("montant"),
        mel: of("mel"),
        saisie: of("saisie"),
        urlnotif: of("urlnotif"),
        urlredirect: of("urlredirect"),
        resultrans: None,
        numauto: String::new(),
        transacted: None,
    };
    let plain = |text: &str| text.bytes().all(|it| it.is_ascii_alphanumeric());
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    if !digits(&attempt.numcli) || attempt.numcli.len() != 6 {
        return Err(("T1", "Le numéro de client est incorrect."));
    }
    if attempt.numcli != StandIn::CLIENT {
        return Err(("T2", "Le numéro de client est inconnu."));
    }
    if !["T", "X", "W"].contains(&attempt.saisie.as_str()) {
        return Err(("S1", "Le mode de saisie est incorrect."));
    }
    if !digits(&attempt.exer) || attempt.exer.len() != 4 {
        return Err(("E1", "L’exercice est incorrect."));
    }
    if !plain(&attempt.refdet) || !(6..=30).contains(&attempt.refdet.len()) {
        return Err(("R3", "Le format du paramètre REFDET n’est pas conforme."));
    }
    if !attempt.objet.bytes().all(|it| it.is_ascii_alphanumeric() || it == b' ') || attempt.objet.len() > 100
    {
        return Err(("O1", "L’objet est incorrect."));
    }
    if !digits(&attempt.montant) || attempt.montant.len() > 11 {
        return Err(("M1", "Le format du montant est incorrect."));
    }
    match attempt.montant.parse::<u64>() {
        Ok(100..=9_999_999) => {}
        Ok(0..100) => return Err(("M3", "Le montant est inférieur à un euro.")),
        _ => return Err(("M5", "Le montant est trop élevé.")),
    }
    if !(6..=80).contains(&attempt.mel.len()) || !attempt.mel.contains('@') {
        return Err(("A2", "Adresse de messagerie incorrecte."));
    }
    let address =
        |text: &str| text.len() < 250 && (text.starts_with("http://") || text.starts_with("https://"));
    if !address(&attempt.urlnotif) {
        return Err(("N1", "L’adresse de notification est incorrecte."));
    }
    if !address(&attempt.urlredirect) {
        return Err(("D1", "L’adresse de retour est incorrecte."));
    }
    let idop = attempt.idop.clone();
    inner.attempts.push(attempt);
    Ok(response("creerPaiementSecurise", &format!("<idOp>{idop}</idOp>")))
}

fn detail(inner: &Inner, question: &xml::Envelope) -> Told {
    let asked = question.text("idOp").unwrap_or_default();
    let found = inner.attempts.iter().find(|attempt| attempt.idop == asked);
    let attempt = found.ok_or(("P1", "IdOp incorrect."))?;
    let result = attempt.resultrans.ok_or(("P5", "Résultat de la transaction non connu."))?;
    let (day, time) = attempt.transacted.clone().unwrap_or_default();
    let fields = [
        ("dattrans", day.as_str()),
        ("exer", &attempt.exer),
        ("heurtrans", &time),
        ("idOp", &attempt.idop),
        ("mel", &attempt.mel),
        ("montant", &attempt.montant),
        ("numauto", &attempt.numauto),
        ("numcli", &attempt.numcli),
        ("objet", &attempt.objet),
        ("refdet", &attempt.refdet),
        ("resultrans", &result.to_string()),
        ("saisie", &attempt.saisie),
    ]
    .map(|(name, value)| match value {
        "" => format!("<{name}/>"),
        value => format!("<{name}>{}</{name}>", escape(value)),
    })
    .concat();
    Ok(response("recupererDetailPaiementSecurise", &fields))
}

fn client(question: &xml::Envelope) -> Told {
    if question.text("numCli") != Some(StandIn::CLIENT) {
        return Err(("T2", "Le numéro de client est inconnu."));
    }
    let fields = format!("<libelleN1>Commune</libelleN1><numcli>{}</numcli>", StandIn::CLIENT);
    Ok(response("recupererDetailClient", &fields))
}

fn enveloped(body: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><S:Envelope xmlns:S=\"http://schemas.xmlsoap.org/soap/envelope/\">\
         <S:Body>{body}</S:Body></S:Envelope>"
    )
}

fn response(operation: &str, fields: &str) -> String {
    enveloped(&format!(
        "<ns1:{operation}Response xmlns:ns1=\"{NAMESPACE}\"><return>{fields}</return></ns1:{operation}Response>"
    ))
}

fn fault(kind: &str, code: &str, label: &str) -> String {
    enveloped(&format!(
        "<S:Fault><faultcode>S:Server</faultcode>\
         <faultstring>fr.gouv.finances.cp.tpa.webservice.exceptions.{kind}</faultstring>\
         <detail><ns1:{kind} xmlns:ns1=\"{NAMESPACE}\"><code>{code}</code><descriptif/><libelle>{label}</libelle>\
         <severite>2</severite></ns1:{kind}></detail></S:Fault>"
    ))
}
