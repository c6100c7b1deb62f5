//! A file with a virus: the requester learns that nobody will read it, by mail or on paper.

use std::{path::Path, sync::Arc};

use beffroi_cases::{case, case::Case};
use beffroi_core::Id;
use beffroi_desk::{DeskConfig, DeskService};
use beffroi_documents::{
    self as documents, Document, Gate, Limits, NewDocument, NoVerdict, ScanHandler, Scanner, Verdict,
};
use beffroi_notify::{Transport, letter, mail};
use beffroi_store::{
    By, StoreError,
    background::Workers,
    testing::{TestCommune, on_both_engines},
};
use beffroi_typeset::Pool;
use beffroi_web::Service;
use serde_json::json;

use crate::support::{enter, migrations, offered, settle};

/// Condemns everything.
struct Severe;

impl Scanner for Severe {
    fn scan(&self, _: &Path) -> Result<Verdict, NoVerdict> {
        Ok(Verdict::Infected("Eicar-Test-Signature".to_owned()))
    }
}

/// Everything that works in the background of a town whose scanner condemns everything.
fn workers() -> Arc<Workers> {
    let desk = DeskService::new(DeskConfig {
        pool: Arc::new(Pool::in_process()),
        gate: Gate::Guarded,
        origin: Box::new(|_| "https://lunel.example".to_owned()),
        demo: false,
    });
    let mut handlers = desk.job_handlers();
    handlers.push(Arc::new(mail::SendHandler::new(Transport::Kept)));
    handlers.push(Arc::new(ScanHandler::new(Arc::new(Severe))));
    Arc::new(Workers { subscribers: desk.subscribers(), handlers })
}

/// A request with a file that waits for the scanner.
fn case_with_file(fixture: &TestCommune, email: &str) -> Id<Case> {
    settle(fixture);
    let form = offered(fixture, "occupation-domaine-public");
    let answers = json!({
        "objet": "demenagement", "circulation": false, "lieu": "3 rue Haute, 34400 Lunel", "surface": 20,
        "debut": "2026-07-20", "fin": "2026-07-20", "heure_debut": "08:00", "heure_fin": "12:00",
        "statut": "particulier", "demandeur": { "family_name": "Peyron", "given_names": "Gaspard" },
        "adresse": "3 rue Haute, 34400 Lunel", "courriel": email, "telephone": "0465711234",
        "engagement": true,
    });
    let code = enter(fixture, &form, &answers).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let content = futures_util::stream::iter([Ok::<_, std::io::Error>("%PDF-1.7\n%%EOF\n".into())]);
    let limits = Limits::default();
    let file = runtime.block_on(documents::receive(&fixture.commune, content, "plan.pdf", &limits)).unwrap();
    let attached = fixture.commune.write_blocking(By::VISITOR, move |tx| -> Result<_, StoreError> {
        let case = beffroi_cases::tracking::open(tx, &code)?.unwrap();
        let new =
            NewDocument { file: &file, owner_kind: "case", owner_id: case.id.uuid(), purpose: "attachment" };
        Document::create(tx, Gate::Guarded, &new)?;
        Ok(case.id)
    });
    attached.unwrap()
}

#[test]
fn who_sent_a_file_with_a_virus_is_told_and_the_request_stays() {
    on_both_engines(&migrations(), |fixture| {
        let id = case_with_file(fixture, "gaspard@example.org");
        fixture.settle(&workers()).unwrap();
        let mails = fixture.commune.read_blocking(By::SYSTEM, |tx| mail::recent(tx, None, 10)).unwrap();
        let told = mails.iter().find(|mail| mail.subject.contains("est refusé")).unwrap();
        assert_eq!(told.to, "gaspard@example.org");
        assert!(
            told.text.contains("«\u{a0}plan.pdf\u{a0}»") && told.text.contains("https://lunel.example/suivi")
        );
        let kept = fixture.commune.read_blocking(By::SYSTEM, |tx| case::find(tx, id)).unwrap();
        assert!(kept.is_some());
        // Once is enough.
        fixture.settle(&workers()).unwrap();
        let again = fixture.commune.read_blocking(By::SYSTEM, |tx| mail::recent(tx, None, 10)).unwrap();
        assert_eq!(again.len(), mails.len());
        let letters = fixture
            .commune
            .read_blocking(By::SYSTEM, |tx| letter::waiting(tx, &["domaine-public".to_owned()], 10));
        assert_eq!(letters.unwrap().len(), 0, "who has an address gets no paper");
    })
    .unwrap();
}
