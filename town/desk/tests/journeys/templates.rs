//! Templates of documents: made from a copy, tried, kept version by version, chosen by a procedure, and told of where
//! they fail.

use beffroi_documents::Gate;
use beffroi_people::Role;
use serde_json::json;

use crate::{
    browser::{Browser, Hall, journey},
    builder::{TOWN, asked, begun, described, filled, published},
};

const TEMPLATES: &str = "/admin/modeles";
const HEAD: &str = "#import \"theme.typ\": *\n#show: theme\n#letterhead()\n= #data.subject\n";

/// A template made of a copy; gives its address.
async fn made(browser: &Browser<'_>, title: &str) -> String {
    let answer = browser.post(&format!("{TEMPLATES}/nouveau"), &[("title", title), ("from", "permit")]).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    answer.location
}

/// Saves this source over what is there.
async fn saved(browser: &Browser<'_>, base: &str, source: &str, sample: &str) {
    let version = browser.get(base).await.between("name=\"version\" value=\"", "\"");
    let fields = [
        ("version", version.as_str()),
        ("title", "Carte de salle"),
        ("source", source),
        ("sample", sample),
        ("do", "save"),
    ];
    browser.post(base, &fields).await.leads_to(&format!("{base}?fait=enregistre"));
}

#[test]
fn a_template_is_made_of_a_copy_tried_and_kept_version_by_version() {
    journey(Gate::Open, async |hall: &Hall<'_>| {
        let (_, agent) = hall.signed_in("agent@lunel.example", Some(("accueil", Role::Agent))).await;
        agent.get(TEMPLATES).await.is(404);
        agent.get(&format!("{TEMPLATES}/permit/apercu.pdf")).await.is(404);
        let (_, manager) = hall.signed_in("direction@lunel.example", TOWN).await;
        manager
            .get(TEMPLATES)
            .await
            .is(200)
            .says("La commune n’a pas encore de modèle à elle.")
            .says("Attestation")
            .says("Permis à afficher");
        for house in ["letter", "certificate", "order", "permit"] {
            let pdf = manager.get(&format!("{TEMPLATES}/{house}/apercu.pdf")).await;
            assert!(pdf.is(200).bytes.starts_with(b"%PDF-"), "{house}");
            // Those of the house are nobody's to change.
            manager.get(&format!("{TEMPLATES}/{house}")).await.is(404);
        }
        manager
            .post(&format!("{TEMPLATES}/nouveau"), &[("title", " "), ("from", "permit")])
            .await
            .is(422)
            .explains("title", "Donnez un nom");
        let base = made(&manager, "Carte de salle").await;
        assert_eq!(base, format!("{TEMPLATES}/carte-de-salle"));
        agent.get(&base).await.is(404);
        // Names that lead elsewhere are not taken.
        assert_eq!(made(&manager, "Nouveau").await, format!("{TEMPLATES}/nouveau-2"));

        // What the compiler says comes back with its line, and what was typed with it.
        let wrong = format!("{HEAD}\n#inconnue");
        let typed = [
            ("version", "1"),
            ("title", "Carte de salle"),
            ("source", wrong.as_str()),
            ("sample", ""),
            ("do", "save"),
        ];
        for wish in ["save", "preview"] {
            let mut typed = typed;
            typed[4] = ("do", wish);
            manager
                .post(&base, &typed)
                .await
                .is(422)
                .explains("source", "Ligne\u{20}6\u{a0}: unknown variable: inconnue")
                .says("#inconnue");
        }
        for hostile in ["#read(\"/etc/passwd\")", "#import \"@preview/cetz:0.3.0\"", "#while true {}"] {
            let source = format!("{HEAD}{hostile}");
            let mut typed = typed;
            typed[2] = ("source", source.as_str());
            manager.post(&base, &typed).await.is(422).says("Ligne\u{20}5").is_silent_about("root:");
        }
        let right = format!("{HEAD}#answer(\"usage\") #data.commune.name");
        let mut preview = typed;
        preview[2] = ("source", right.as_str());
        preview[4] = ("do", "preview");
        assert!(manager.post(&base, &preview).await.is(200).bytes.starts_with(b"%PDF-"));
        manager.get(&base).await.is_silent_about("#answer(&#34;usage&#34;)");

        // Whoever comes second is told, and finds what they typed.
        saved(&manager, &base, &right, "").await;
        let mut late = typed;
        late[2] = ("source", right.as_str());
        late[1] = ("title", "Mon nom");
        manager.post(&base, &late).await.is(409).says("pendant que vous écriviez").says("value=\"Mon nom\"");
        let page = manager.get(&base).await;
        page.says("Actuelle").says("Awa Diop").says(&format!("{base}/versions/1/modele.typ"));
        manager.get(&format!("{base}/versions/2/modele.typ")).await.is(200).says("#answer(\"usage\")");
        manager.get(&format!("{base}/versions/9/modele.typ")).await.is(404);

        // One that nobody uses is retired, and offered again.
        manager
            .post(&format!("{base}/retirer"), &[("do", "retire")])
            .await
            .leads_to(&format!("{TEMPLATES}?fait=retire"));
        manager.get(TEMPLATES).await.says("Retiré le");
        manager
            .post(&format!("{base}/retirer"), &[("do", "resume")])
            .await
            .leads_to(&format!("{base}?fait=remis"));
        let count: i64 =
            hall.value("SELECT COUNT(*) FROM journal WHERE subject_kind = $1", "document_template").await;
        assert_eq!(count, 5, "two begun, one changed, one retired, one resumed");
    });
}

#[test]
fn where_the_commune_wants_it_another_person_publishes_the_change_of_a_template() {
    journey(Gate::Open, async |hall: &Hall<'_>| {
        let (_, writer) = hall.signed_in("direction@lunel.example", TOWN).await;
        let (_, admin) = hall.signed_in("admin@lunel.example", Some(("", Role::Administrator))).await;
        let base = made(&writer, "Carte de salle").await;
        admin.post("/admin/demarches", &[("by_two", "true")]).await.is(303);
        writer.get(&format!("{base}/brouillon")).await.is(404);

        // What is saved waits: the version in use is still the first.
        let source = format!("{HEAD}#data.commune.name");
        let save = async |browser: &Browser<'_>, source: &str, (version, revision): (&str, &str)| {
            let fields = [
                ("version", version),
                ("revision", revision),
                ("title", "Carte de salle"),
                ("source", source),
                ("sample", ""),
                ("do", "save"),
            ];
            browser.post(&base, &fields).await
        };
        save(&writer, &source, ("1", "0")).await.leads_to(&format!("{base}?fait=attend"));
        let in_use = "SELECT version FROM desk_document_template WHERE slug = $1";
        assert_eq!(hall.value::<i64>(in_use, "carte-de-salle").await, 1);
        writer.get(&base).await.says("Awa Diop a changé ce modèle").says("#data.commune.name");
        admin.get(TEMPLATES).await.says("Changement à publier");
        let draft = format!("{base}/brouillon");
        writer
            .get(&draft)
            .await
            .is(200)
            .says("<ins><code>#data.commune.name</code></ins>")
            .says("une autre personne doit le publier")
            .is_silent_about("value=\"publish\"");

        // It is sent back with words, which whoever wrote it reads.
        let back = |words| [("version", "1"), ("revision", "1"), ("do", "send-back"), ("words", words)];
        admin.post(&draft, &back("")).await.is(422).explains("words", "Dites ce qui est à revoir");
        admin.post(&draft, &back("Gardez l’en-tête.")).await.leads_to(&format!("{base}?fait=renvoye"));
        writer.get(&base).await.says("Gardez l’en-tête.");

        // Whoever wrote it cannot publish it, and nobody publishes what they did not read.
        let wish = |wish, revision| [("version", "1"), ("revision", revision), ("do", wish)];
        writer.post(&draft, &wish("publish", "1")).await.is(409).says("une autre personne doit le publier");
        save(&writer, &format!("{source}!"), ("1", "1")).await.is(303);
        admin.post(&draft, &wish("publish", "1")).await.is(409).says("modifié depuis que vous l’avez lu");
        writer.get(&base).await.is_silent_about("Gardez l’en-tête.");
        save(&admin, &source, ("1", "1")).await.is(409).says("pendant que vous écriviez");
        assert_eq!(hall.value::<i64>(in_use, "carte-de-salle").await, 1);
        admin.post(&draft, &wish("publish", "2")).await.leads_to(&format!("{base}?fait=publie"));
        assert_eq!(hall.value::<i64>(in_use, "carte-de-salle").await, 2);
        admin.get(&format!("{base}/versions/2/modele.typ")).await.says("#data.commune.name!");
        let by_two = "SELECT COUNT(*) FROM desk_document_template_version \
                      WHERE slug = $1 AND version = 2 AND made_by <> published_by";
        assert_eq!(hall.value::<i64>(by_two, "carte-de-salle").await, 1);
        // Whoever comes too late is led to where it stands.
        admin.post(&draft, &wish("publish", "2")).await.leads_to(&format!("{base}?fait=devance"));

        // What is given up leaves what is in use, and the setting taken back lets one person publish again.
        save(&writer, &source, ("2", "0")).await.is(303);
        let given_up = [("version", "2"), ("revision", "3"), ("do", "discard")];
        admin.post(&draft, &given_up).await.leads_to(&format!("{base}?fait=abandonne"));
        assert_eq!(hall.value::<i64>(in_use, "carte-de-salle").await, 2);
        admin.post("/admin/demarches", &[("by_two", "")]).await.is(303);
        saved(&writer, &base, &source, "").await;
        assert_eq!(hall.value::<i64>(in_use, "carte-de-salle").await, 3);
        for kind in ["document_template.drafted", "document_template.draft_discarded"] {
            let told: i64 = hall.value("SELECT COUNT(*) FROM journal WHERE kind = $1", kind).await;
            assert!(told > 0, "{kind}");
        }
    });
}

/// What is asked, with an address to which the town writes.
async fn asked_with_address(manager: &Browser<'_>, base: &str) {
    asked(manager, base).await;
    let address = [
        ("label", "Courriel"),
        ("kind", "email"),
        ("required", "always"),
        ("id", "courriel"),
        ("prefill", "email"),
    ];
    filled(manager, &format!("{base}/questions/courriel"), &address).await;
}

/// A procedure whose one step has a document made; gives the draft's address and the action's.
async fn with_document(manager: &Browser<'_>) -> (String, String) {
    let base = begun(manager, "Réserver une salle").await;
    described(manager, &base).await;
    asked_with_address(manager, &base).await;
    manager.post(&format!("{base}/etapes"), &[("step", "Remise")]).await.is(303);
    let step = format!("{base}/etapes/remise");
    let action = format!("{step}/actions/carte");
    manager
        .post(&format!("{step}/actions"), &[("action", "Carte"), ("deed", "document")])
        .await
        .leads_to(&action);
    (base, action)
}

fn document(template: &str) -> [(&str, &str); 7] {
    [
        ("label", "Carte"),
        ("kind", "document"),
        ("on", "button"),
        ("title", "Carte de salle"),
        ("template", template),
        ("text", "Salle\u{a0}: {usage}"),
        ("id", "carte"),
    ]
}

#[test]
fn a_template_that_there_is_not_stands_against_publication() {
    journey(Gate::Open, async |hall: &Hall<'_>| {
        let (_, manager) = hall.signed_in("direction@lunel.example", TOWN).await;
        let (base, action) = with_document(&manager).await;
        // What an action needs is named.
        manager
            .get(&format!("{base}/verification"))
            .await
            .says("remplissez «\u{a0}Titre du document\u{a0}»")
            .says("remplissez «\u{a0}Texte\u{a0}»");
        manager.get(&action).await.says("Permis à afficher").is_silent_about("Carte de salle");
        filled(&manager, &action, &document("carte-de-salle")).await;
        manager
            .get(&format!("{base}/verification"))
            .await
            .says("Aucun modèle de document ne s’appelle «\u{a0}carte-de-salle\u{a0}»")
            .says(&format!("href=\"{action}\""));
        made(&manager, "Carte de salle").await;
        manager.get(&action).await.says("Carte de salle</option>");
        published(&manager, &base).await;
        // The letter is what nothing said means.
        let next = manager.post("/admin/demarches/offertes/reserver-une-salle/brouillon", &[]).await.location;
        let action = format!("{next}/etapes/remise/actions/carte");
        filled(&manager, &action, &document("letter")).await;
        manager.get(&format!("{next}/demarche.toml")).await.is_silent_about("template");
        manager
            .get(&format!("{next}/differences"))
            .await
            .says("Modèle du document")
            .says("<del>carte-de-salle</del>");
    });
}

#[test]
fn a_document_knows_its_template_and_one_that_fails_is_told_and_made_again() {
    journey(Gate::Open, async |hall: &Hall<'_>| {
        let (_, manager) = hall.signed_in("direction@lunel.example", TOWN).await;
        let template = made(&manager, "Carte de salle").await;
        let (base, action) = with_document(&manager).await;
        filled(&manager, &action, &document("carte-de-salle")).await;
        published(&manager, &base).await;

        // It is written for another procedure: here it will fail.
        let elsewhere = format!("{HEAD}#data.answers.lieu.text");
        saved(&manager, &template, &elsewhere, "occupation-domaine-public").await;
        let answers = json!({ "usage": "reunion", "courriel": "awa@example.org" });
        let (reference, code) = hall.deposit_for("reserver-une-salle", &answers).await;
        hall.work();
        let here = Some(("vie-associative", Role::Agent));
        let (_, agent) = hall.signed_in("agent@lunel.example", here).await;
        let case = format!("/agents/dossiers/{}", hall.case(&reference).await);
        let steps = format!("{case}/etapes");
        agent.post(&format!("{case}/prendre"), &[]).await.is(303);
        agent.post(&format!("{steps}/passer"), &[("vue", ""), ("etape", "remise")]).await.is(303);
        let mails = hall.mails().await.len();
        let press = [("vue", "remise"), ("action", "carte")];
        agent.post(&format!("{steps}/action"), &press).await.leads_to(&format!("{steps}?fait=action"));
        hall.work();
        agent
            .get(&case)
            .await
            .says("avec le modèle «\u{a0}carte-de-salle\u{a0}»")
            .says("Ligne\u{20}5\u{a0}:")
            .says("Corrigez le modèle, puis refaites l’action.")
            .is_silent_about("carte-de-salle.pdf");
        assert_eq!(hall.mails().await.len(), mails, "nothing is told of what is not there");

        // Mended, the same button makes it, and the document says by what.
        let right =
            format!("{HEAD}#answer(\"usage\")\n\n#for paragraph in data.paragraphs {{ prose(paragraph) }}");
        saved(&manager, &template, &right, "reserver-une-salle").await;
        agent.post(&format!("{steps}/action"), &press).await.is(303);
        hall.work();
        let page = agent.get(&case).await;
        page.says("modèle carte-de-salle, version 3").is_silent_about("Corrigez le modèle");
        assert_eq!(hall.mails().await.len(), mails + 1);
        hall.browser().follow(&code).await.says("carte-de-salle.pdf");

        // The next version makes the next document; the first keeps its own.
        saved(&manager, &template, &format!("{right}\n"), "reserver-une-salle").await;
        agent.post(&format!("{steps}/action"), &press).await.is(303);
        hall.work();
        agent
            .get(&case)
            .await
            .says("modèle carte-de-salle, version 3")
            .says("modèle carte-de-salle, version 4");

        // It cannot be retired while it serves.
        manager
            .post(&format!("{template}/retirer"), &[("do", "retire")])
            .await
            .is(409)
            .says("Ce modèle sert encore à\u{a0}: Réserver une salle");
        manager.get(TEMPLATES).await.says("Réserver une salle").is_silent_about("Retiré le");
        manager.post("/admin/demarches/offertes/reserver-une-salle/retirer", &[]).await.is(303);
        manager.post(&format!("{template}/retirer"), &[("do", "retire")]).await.is(303);
        // Cases of the procedure's earlier versions keep it.
        agent.post(&format!("{steps}/action"), &press).await.is(303);
        hall.work();
        agent.get(&case).await.is_silent_about("Corrigez le modèle");
    });
}

#[test]
fn what_a_procedure_adds_to_its_acknowledgement_is_said_beside_what_the_law_asks() {
    journey(Gate::Open, async |hall: &Hall<'_>| {
        const CLOSING: &str = "Un agent vous appellera pour la visite de la salle.";
        let (_, manager) = hall.signed_in("direction@lunel.example", TOWN).await;
        let base = begun(&manager, "Réserver une salle").await;
        described(&manager, &base).await;
        let law = [
            ("silence", "refuses"),
            ("term", "2"),
            ("unit", "m"),
            ("basis_of_silence", "Code général de la propriété des personnes publiques, article L2122-1"),
            ("receipt", "due"),
            ("receipt_closing", CLOSING),
            ("days_for_pieces", "30"),
            ("basis-0-text", "Code général des collectivités territoriales, article L2144-3"),
            ("basis-0-url", ""),
        ];
        filled(&manager, &format!("{base}/partie/droit"), &law).await;
        let decision = [("form", "letter"), ("closing", "À bientôt dans la salle {usage}.")];
        filled(&manager, &format!("{base}/partie/decision"), &decision).await;
        asked_with_address(&manager, &base).await;
        published(&manager, &base).await;
        let answers = json!({ "usage": "reunion", "courriel": "awa@example.org" });
        let (_, code) = hall.deposit_for("reserver-une-salle", &answers).await;
        hall.work();
        let mails = hall.mails().await;
        let told = mails.iter().find(|mail| mail.to == "awa@example.org").unwrap();
        assert!(told.text.contains(CLOSING), "{}", told.text);
        assert!(told.text.contains("Sans réponse de notre part"), "{}", told.text);
        hall.browser().follow(&code).await.says(CLOSING);
    });
}
