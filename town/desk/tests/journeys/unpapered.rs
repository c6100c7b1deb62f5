//! A paper that cannot be made: the requester is told by mail all the same, and the administrator learns of it.

use beffroi_documents::Gate;
use beffroi_notify::{Transport, mail};
use beffroi_people::Role;
use beffroi_store::{
    By, StoreError, jobs,
    testing::{TestCommune, on_both_engines},
};
use beffroi_typeset::{Pool, PoolConfig};
use chrono::TimeDelta;
use serde_json::json;

use crate::{
    browser::journey,
    support::{desk_with, enter, migrations, offered, settle, workers, workers_of},
};

/// A pool whose workers are this shell script.
fn pool(script: &str) -> Pool {
    Pool::new(PoolConfig::new(["sh", "-c", script].map(Into::into).to_vec()))
}

/// Five bytes: a refusal, and the reason « laid ».
const REFUSING: &str = "printf '\\000\\000\\000\\005\\001laid'; cat >/dev/null";

fn received(fixture: &TestCommune) {
    settle(fixture);
    let form = offered(fixture, "occupation-domaine-public");
    let answers = json!({
        "objet": "demenagement", "circulation": false, "lieu": "3 rue Haute, 34400 Lunel", "surface": 20,
        "debut": "2026-07-20", "fin": "2026-07-20", "heure_debut": "08:00", "heure_fin": "12:00",
        "statut": "particulier", "demandeur": { "family_name": "Peyron", "given_names": "Gaspard" },
        "adresse": "3 rue Haute, 34400 Lunel", "courriel": "gaspard@example.org", "telephone": "0465711234",
        "engagement": true,
    });
    enter(fixture, &form, &answers).unwrap();
}

/// Mails, papers, jobs given up, and entries that tell of a missing paper.
fn found(fixture: &TestCommune) -> (usize, i64, usize, i64) {
    let read = |tx: &mut beffroi_store::Tx<'_>| -> Result<_, StoreError> {
        let count = |tx: &mut beffroi_store::Tx<'_>, sql: &str| tx.query_one(sql, &[], |row| row.get(0));
        let mails = mail::recent(tx, None, 10)?;
        assert!(mails.iter().all(|mail| mail.text.contains("Sans réponse de notre part")));
        let papers = count(tx, "SELECT COUNT(*) FROM document WHERE purpose = 'acknowledgement'")?;
        let told = count(tx, "SELECT COUNT(*) FROM journal WHERE kind = 'case.paper_failed'")?;
        Ok((mails.len(), papers, jobs::failed(tx, 10)?.len(), told))
    };
    fixture.commune.read_blocking(By::SYSTEM, read).unwrap()
}

#[test]
fn a_paper_that_cannot_be_laid_out_is_given_up_at_once_and_the_mail_leaves() {
    on_both_engines(&migrations(), |fixture| {
        received(fixture);
        let refusing = pool(REFUSING);
        fixture.settle(&workers_of(&desk_with(refusing), Transport::Kept)).unwrap();
        assert_eq!(found(fixture), (1, 0, 1, 1));
    })
    .unwrap();
}

#[test]
fn while_workers_die_the_paper_waits_and_the_mail_does_not() {
    on_both_engines(&migrations(), |fixture| {
        received(fixture);
        let dying = workers_of(&desk_with(pool("exit 3")), Transport::Kept);
        fixture.settle(&dying).unwrap();
        assert_eq!(found(fixture), (1, 0, 0, 0));
        fixture.clock.advance(TimeDelta::minutes(1));
        fixture.settle(&dying).unwrap();
        assert_eq!(found(fixture), (1, 0, 0, 0), "one mail is enough");
        fixture.clock.advance(TimeDelta::minutes(5));
        fixture.settle(&workers()).unwrap();
        assert_eq!(found(fixture), (1, 1, 0, 0));
    })
    .unwrap();
}

#[test]
fn a_paper_that_ends_every_worker_is_given_up_in_the_end() {
    on_both_engines(&migrations(), |fixture| {
        received(fixture);
        let dying = workers_of(&desk_with(pool("exit 3")), Transport::Kept);
        for _ in 0..5 {
            fixture.settle(&dying).unwrap();
            fixture.clock.advance(TimeDelta::minutes(10));
        }
        assert_eq!(found(fixture), (1, 0, 1, 1));
    })
    .unwrap();
}

#[test]
fn a_decision_without_its_paper_is_told_to_the_agent_and_contested_all_the_same() {
    const SOON: &str = "rechargez cette page";
    journey(Gate::Open, async |hall| {
        let (reference, code) = hall.deposit("gaspard@example.org").await;
        hall.work();
        let (_, agent) = hall.signed_in("agent@lunel.example", Some(("domaine-public", Role::Agent))).await;
        let base = format!("/agents/dossiers/{}", hall.case(&reference).await);
        let decided = [("outcome", "refused"), ("reasons", "Le trottoir est trop étroit.")];
        agent.post(&format!("{base}/prendre"), &[]).await.is(303);
        agent.post(&format!("{base}/decision"), &decided).await.is(303);
        let citizen = hall.browser();
        let contested = [
            "Voies et délais de recours",
            "dans un délai de deux mois à compter de sa notification",
            "adresser un recours gracieux à Madame la maire",
            "former un recours contentieux devant le tribunal administratif",
            "Service domaine-public, 04 65 71 00 20",
        ];
        let page = citizen.follow(&code).await;
        page.says(SOON);
        for told in contested {
            page.says(told);
        }
        let warned = "«\u{a0}Décision\u{a0}» n’a pas pu être établi le 3 juin 2026";
        agent.get(&base).await.is_silent_about(warned);

        let refusing = workers_of(&desk_with(pool(REFUSING)), Transport::Kept);
        tokio::task::block_in_place(|| hall.fixture.settle(&refusing)).unwrap();
        let page = citizen.get("/suivi").await;
        page.is_silent_about(SOON).says("n’a pas pu être établi\u{a0}: appelez-nous");
        for told in contested {
            page.says(told);
        }
        agent.get(&base).await.says(warned);

        // Once it is archived, nobody works on it any more.
        agent.post(&format!("{base}/archiver"), &[]).await.is(303);
        agent.get(&base).await.is_silent_about(warned);
    });
}

#[test]
fn a_paper_that_the_disk_refuses_for_days_is_told_like_any_other_that_was_given_up() {
    on_both_engines(&migrations(), |fixture| {
        received(fixture);
        let documents = fixture.commune.folder().join("documents");
        std::fs::write(documents, "no folder").unwrap();
        fixture.settle(&workers()).unwrap();
        assert_eq!(found(fixture), (1, 0, 0, 0));
        for _ in 0..16 {
            fixture.clock.advance(TimeDelta::hours(6));
            fixture.settle(&workers()).unwrap();
        }
        assert_eq!(found(fixture), (1, 0, 1, 1));
    })
    .unwrap();
}
