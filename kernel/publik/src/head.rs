//! What a form says of itself, and the steps of its cases: all but its questions.

use std::collections::HashSet;

use beffroi_forms::Procedure;
use serde_json::json;

use crate::{
    convert::{Converter, made},
    fields::slug,
    text::plain,
    xml::{FormFile, WorkflowFile},
};

impl Converter<'_> {
    pub(crate) fn head(&mut self, form: &FormFile) -> Option<Procedure> {
        let setting = |name: &str| form.settings.get(name).map_or("", String::as_str);
        let title = self.words(&form.name, "title");
        let mut summary = self.words(setting("description"), "summary");
        if summary.is_empty() {
            summary.clone_from(&title);
            self.remark("summary", "Publik has no summary of this form: its title stands for it");
        }
        let mut name = slug(&form.slug, '-', 60);
        if name.is_empty() {
            name = slug(&title.fr, '-', 60);
        }
        if name.is_empty() {
            "demarche".clone_into(&mut name);
        }
        self.remark("sector", "Publik knows no sectors: choose the one whose persons this concerns");
        let keywords = setting("keywords").split(',').map(str::trim).filter(|word| !word.is_empty());
        let mut keywords: Vec<String> = keywords.map(str::to_owned).collect();
        if !setting("category").is_empty() {
            keywords.push(setting("category").to_lowercase());
        }
        for (name, path, text) in [
            ("drafts_lifespan", "form", "drafts were kept for so many days"),
            ("digest_template", "title", "a request was named after its answers"),
            ("publication_date", "ways", "it was offered from this date on"),
            ("expiration_date", "ways", "it was offered until this date"),
            ("required_authentication_contexts", "ways", "it asked for this way to sign in"),
            ("appearance_keywords", "form", "it had an appearance of its own"),
        ] {
            if !setting(name).is_empty() {
                self.remark(path, format!("{text}: `{}`", setting(name)));
            }
        }
        if setting("only_allow_one").eq_ignore_ascii_case("true") {
            self.remark(
                "limit",
                "each person could ask only once at a time: write a [[limit]] if that is meant",
            );
        }
        if setting("disabled").eq_ignore_ascii_case("true") {
            self.remark("slug", "the form was not offered in Publik when it was saved");
        }
        if !form.roles.is_empty() {
            let roles = form.roles.join(", ");
            self.remark("ways", format!("only these roles could ask: {roles}"));
        }
        // As a file says it: what the house adds to procedures later is left out likewise.
        let nothing = "";
        made(json!({
            "slug": name, "version": 1, "title": title, "summary": summary, "sector": "general", "keywords": keywords,
            "who": nothing, "delay": nothing, "cost": nothing, "outcome": nothing,
        }))
    }

    /// The statuses between the receipt and the end, as steps.
    pub(crate) fn steps(&mut self, workflow: &WorkflowFile) -> Vec<(String, String)> {
        let mut steps = Vec::new();
        let mut ids = HashSet::new();
        for (rank, status) in workflow.statuses.iter().enumerate() {
            let actions = status.actions.len();
            let begins = rank == 0 || status.id == "just_submitted" || status.id == "new";
            let ends = status.ends
                || status.actions.is_empty()
                || matches!(status.id.as_str(), "rejected" | "accepted" | "finished");
            if begins || ends {
                self.remark(
                    "step",
                    format!(
                        "the status « {} » is {}: its {actions} actions are what a case does by itself here",
                        status.name,
                        if begins { "where a case begins" } else { "an end" }
                    ),
                );
                continue;
            }
            let mut id = slug(&status.name, '-', 40);
            if id.is_empty() || !ids.insert(id.clone()) {
                id = format!("etape-{}", rank + 1);
                ids.insert(id.clone());
            }
            let mut kinds: Vec<&str> = status.actions.iter().map(String::as_str).collect();
            kinds.sort_unstable();
            kinds.dedup();
            if !kinds.is_empty() {
                self.remark(
                    &format!("step[{id}]"),
                    format!("what the status did is to be set up: {}", kinds.join(", ")),
                );
            }
            steps.push((id, plain(&status.name, self.options).text));
        }
        for condition in &workflow.conditions {
            let text = format!("a condition of the workflow is not taken over: `{}`", condition.source);
            self.remark("step", text);
        }
        steps
    }
}
