//! A file that is too large, of a forbidden type, cut off on its way, or infected: said beside its field, and the
//! rest is kept. In the request form, on the page of a request, at the counter.

use beffroi_documents::Gate;
use beffroi_people::Role;

use crate::browser::{Browser, PDF, VIRUS, journey};

const PAGE: &str = "/demarches/occupation-domaine-public/demande/pieces";
const COUNTER: &str = "/agents/guichet/occupation-domaine-public";

const CUT: &str = "plan.pdf\u{a0}: L’envoi du fichier s’est interrompu.";
const FORBIDDEN: &str = "plan.exe\u{a0}: Ce type de fichier n’est pas accepté.";
const LARGE: &str = "lourd.pdf\u{a0}: Ce fichier est trop lourd\u{a0}: 10\u{a0}Mo au plus.";
const INFECTED: &str = "Un virus a été trouvé dans virus.pdf\u{a0}: nous ne pouvons pas le prendre.";

fn large() -> Vec<u8> {
    vec![b'%'; 10_000_001]
}

/// What the last page of the form sends beside the file.
const WRITTEN: [(&str, &str); 5] = [
    ("shown", "remarques"),
    ("remarques", "Devant le porche."),
    ("shown", "engagement"),
    ("engagement", "true"),
    ("shown", "plan"),
];

#[test]
fn the_form_explains_a_refused_file_and_keeps_what_was_written() {
    journey(Gate::Open, async |hall| {
        let citizen = hall.browser();
        let large = large();
        for (file, message) in [
            (("plan", "plan.exe", b"MZ\x90\x00".as_slice()), FORBIDDEN),
            (("plan", "lourd.pdf", large.as_slice()), LARGE),
        ] {
            let told = citizen.send(PAGE, &WRITTEN, &[file]).await;
            told.is(422).explains("plan", message).says(">Devant le porche.</textarea>");
        }
        // Saving does not hide a refusal either.
        let saving = [&WRITTEN[..], &[("save", "1")]].concat();
        citizen.send(PAGE, &saving, &[("plan", "plan.exe", b"MZ")]).await.is(422).explains("plan", FORBIDDEN);
        // One good and one bad: the good one is there.
        let both = [("plan", "bon.pdf", PDF), ("plan", "plan.exe", b"MZ".as_slice())];
        citizen.send(PAGE, &WRITTEN, &both).await.is(422).explains("plan", FORBIDDEN).says("bon.pdf");
    });
}

#[test]
fn what_came_before_a_cut_is_kept_in_the_draft() {
    journey(Gate::Open, async |hall| {
        let citizen = hall.browser();
        let told = citizen.send_cut(PAGE, &WRITTEN, &[("plan", "plan.pdf", PDF)]).await;
        told.is(422).explains("plan", CUT).says(">Devant le porche.</textarea>");
        told.is_silent_about("Répondez à cette question");
        citizen.get(PAGE).await.is(200).says(">Devant le porche.</textarea>").is_silent_about("plan.pdf");
        let kept: i64 = hall.value("SELECT COUNT(*) FROM document", "").await;
        assert_eq!(kept, 0, "half a file is none");
        // Cut in the middle of a text: what was known of that question stays.
        let again =
            [("shown", "engagement"), ("engagement", "true"), ("shown", "remarques"), ("remarques", "Deva")];
        let told = citizen.send_cut(PAGE, &again, &[]).await;
        told.is(422).says("L’envoi s’est interrompu.").says(">Devant le porche.</textarea>");
    });
}

#[test]
fn the_form_tells_of_a_virus_before_the_request_is_sent() {
    journey(Gate::Guarded, async |hall| {
        let citizen = hall.browser();
        citizen.send(PAGE, &WRITTEN, &[("plan", "virus.pdf", VIRUS)]).await.is(303);
        hall.work();
        let told = citizen.get(&format!("{PAGE}?voir=erreurs")).await;
        told.is(200).explains("plan", INFECTED).says(">Devant le porche.</textarea>");
        // Sent again without another file: it is told once more, and gone.
        citizen.send(PAGE, &WRITTEN, &[]).await.is(422).explains("plan", INFECTED);
        citizen.get(&format!("{PAGE}?voir=erreurs")).await.is(200).is_silent_about("virus");
        citizen.send(PAGE, &WRITTEN, &[("plan", "plan.pdf", PDF)]).await.is(303);
        citizen.get(PAGE).await.says("plan.pdf");
    });
}

#[test]
fn the_page_of_a_request_explains_what_was_cut_off_or_infected() {
    journey(Gate::Guarded, async |hall| {
        let (reference, code) = hall.deposit("gaspard@example.org").await;
        let citizen = hall.browser();
        citizen.follow(&code).await;
        let files = [("file", "bon.pdf", b"%PDF-1.7\nbon\n".as_slice()), ("file", "plan.pdf", PDF)];
        let told = citizen.send_cut("/suivi/message", &[], &files).await;
        told.is(422).explains("file", CUT).says("<span class=\"kept-files__name\">bon.pdf</span>");
        citizen.send("/suivi/message", &[], &[("file", "virus.pdf", VIRUS)]).await.is(303);
        hall.work();
        citizen.get("/suivi").await.says("refusé\u{a0}: un virus y a été trouvé");
        let told = hall.mails().await.into_iter().find(|mail| mail.text.contains("virus.pdf")).unwrap();
        assert_eq!(told.to, "gaspard@example.org");
        assert_eq!(hall.state(&reference).await, "received");
    });
}

async fn agent<'h>(hall: &'h crate::browser::Hall<'h>) -> Browser<'h> {
    hall.signed_in("agent@lunel.example", Some(("domaine-public", Role::Agent))).await.1
}

/// What the counter's page sends beside the file.
fn entered<'f>() -> Vec<(&'f str, &'f str)> {
    let mut fields = vec![("idempotency_key", "0123456789abcdef0123456789abcdef"), ("door", "paper")];
    fields.extend(WRITTEN);
    fields
}

#[test]
fn the_counter_explains_a_refused_file_and_keeps_what_was_typed() {
    journey(Gate::Open, async |hall| {
        let agent = agent(hall).await;
        let large = large();
        for (file, message) in [
            (("plan", "plan.exe", b"MZ\x90\x00".as_slice()), FORBIDDEN),
            (("plan", "lourd.pdf", large.as_slice()), LARGE),
        ] {
            let told = agent.send(COUNTER, &entered(), &[file]).await;
            told.is(422).explains("plan", message).says(">Devant le porche.</textarea>");
        }
        let told = agent.send_cut(COUNTER, &entered(), &[("plan", "plan.pdf", PDF)]).await;
        told.is(422).explains("plan", CUT).says(">Devant le porche.</textarea>");
        assert!(told.between("value=\"paper\"", ">").contains("checked"));
    });
}

#[test]
fn the_counter_tells_of_a_virus() {
    journey(Gate::Guarded, async |hall| {
        let agent = agent(hall).await;
        let told = agent.send(COUNTER, &entered(), &[("plan", "virus.pdf", VIRUS)]).await;
        told.is(422).says("virus.pdf");
        let document = told.between("<input type=\"hidden\" name=\"plan\" value=\"", "\"");
        hall.work();
        let again = [entered(), vec![("plan", document.as_str())]].concat();
        agent.send(COUNTER, &again, &[]).await.is(422).explains("plan", INFECTED);
    });
}

#[test]
fn whoever_sends_too_many_files_in_a_minute_loses_nothing_that_was_typed() {
    journey(Gate::Open, async |hall| {
        let citizen = hall.browser();
        let twenty = [("plan", "plan.pdf", PDF); 20];
        for _ in 0..3 {
            citizen.send(PAGE, &[("shown", "plan")], &twenty).await;
        }
        let told = citizen.send(PAGE, &WRITTEN, &twenty).await;
        told.is(422)
            .explains("plan", "plan.pdf\u{a0}: Beaucoup de fichiers viennent d’être envoyés d’ici.")
            .says(">Devant le porche.</textarea>");
        citizen.get(PAGE).await.says(">Devant le porche.</textarea>");
    });
}

#[test]
fn a_request_that_is_full_says_so_beside_the_file_and_keeps_the_rest() {
    const FULL: &str = "de-trop.pdf\u{a0}: Cette demande a déjà 200\u{a0}fichiers";
    journey(Gate::Open, async |hall| {
        let agent = agent(hall).await;
        let twenty = [("plan", "plan.pdf", PDF); 20];
        let mut kept: Vec<String> = Vec::new();
        let all = |kept: &[String], file: &str| -> Vec<(String, String)> {
            let kept = kept.iter().map(|id| ("plan".to_owned(), id.clone()));
            let own = entered().into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
            let wish = (!file.is_empty()).then(|| ("remove_file".to_owned(), format!("plan:{file}")));
            own.chain(kept).chain(wish).collect()
        };
        let send = async |fields: Vec<(String, String)>, files: &[crate::browser::FileOf<'_>]| {
            let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            agent.send(COUNTER, &fields, files).await
        };
        for _ in 0..10 {
            let told = send(all(&kept, ""), &twenty).await;
            let ids = told.body.split("name=\"plan\" value=\"").skip(1);
            kept = ids.map(|rest| rest.split('"').next().unwrap().to_owned()).collect();
        }
        assert_eq!(kept.len(), 200);
        let one_more = [("plan", "de-trop.pdf", PDF)];
        let told = send(all(&kept, ""), &one_more).await;
        told.is(422).explains("plan", FULL).says(">Devant le porche.</textarea>");
        assert_eq!(hall.value::<i64>("SELECT COUNT(*) FROM document", "").await, 200);
        // One that was taken back makes room.
        send(all(&kept, &kept[0]), &[]).await;
        assert_eq!(hall.value::<i64>("SELECT COUNT(*) FROM document", "").await, 199);
        send(all(&kept[1..], ""), &one_more).await.is_silent_about("a déjà 200").says("de-trop.pdf");
    });
}
