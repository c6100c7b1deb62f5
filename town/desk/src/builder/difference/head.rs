//! What differs in what a procedure says of itself, and in who may ask for it.

use beffroi_core::Assurance;
use beffroi_forms::{Elsewhere, Fee, Procedure};

use super::Differ;
use crate::builder::{parts::Part, words};

impl<'p> Differ<'p> {
    pub(super) fn head(&mut self) {
        let (before, after) = (self.before, self.after);
        self.part(Part::Head);
        self.text("office-builder-head-slug", &before.slug, &after.slug);
        for (key, one, other) in [
            ("office-builder-head-title", &before.title, &after.title),
            ("office-builder-head-summary", &before.summary, &after.summary),
            ("office-builder-head-who", &before.who, &after.who),
            ("office-builder-head-delay", &before.delay, &after.delay),
            ("office-builder-head-outcome", &before.outcome, &after.outcome),
        ] {
            self.words(key, one, other);
        }
        self.each("office-builder-head-prepare", &before.prepare, &after.prepare);
        let sector = |procedure: &Procedure| {
            self.page.t(&format!("office-builder-head-sector-{}", procedure.sector.as_str())).to_owned()
        };
        let (one, other) = (sector(before), sector(after));
        self.text("office-builder-head-sector", &one, &other);
        self.part(Part::Finding);
        self.list("office-builder-finding-keywords", &before.keywords, &after.keywords);
        self.list("office-builder-finding-life_events", &before.life_events, &after.life_events);
        self.part(Part::Ways);
        let ways = |procedure: &Procedure| {
            let mut ways: Vec<String> =
                procedure.ways.iter().map(|way| words::way(self.page, *way)).collect();
            ways.sort();
            ways
        };
        let (one, other) = (ways(before), ways(after));
        self.list("office-builder-ways-ways", &one, &other);
        let day = |day: Option<beffroi_core::Day>| day.map(|day| day.to_string()).unwrap_or_default();
        self.text("office-builder-ways-opens", &day(before.opens), &day(after.opens));
        self.text("office-builder-ways-closes", &day(before.closes), &day(after.closes));
        self.part(Part::Fee);
        self.words("office-builder-fee-cost", &before.cost, &after.cost);
        let amount = |procedure: &Procedure| match &procedure.fee {
            None => self.page.t("office-builder-fee-fee-free").to_owned(),
            Some(Fee { amount: Some(amount), .. }) => amount.to_string(),
            Some(Fee { field: Some(field), .. }) => {
                let known = procedure.amounts().into_iter().find(|(name, _)| name == field);
                known.map_or_else(|| field.clone(), |(_, called)| called)
            }
            Some(_) => self.page.t("office-builder-fee-fee-reckoned").to_owned(),
        };
        let (one, other) = (amount(before), amount(after));
        self.text("office-builder-fee-fee", &one, &other);
        let due = |procedure: &Procedure| {
            let fee = procedure.fee.as_ref().filter(|fee| fee.is_collected());
            let key = fee.map(|fee| format!("office-builder-fee-on-{}", fee.on.as_str()));
            key.map(|key| self.page.t(&key).to_owned()).unwrap_or_default()
        };
        let (one, other) = (due(before), due(after));
        self.text("office-builder-fee-on", &one, &other);
        let fixed = |procedure: &Procedure| {
            procedure.fee.as_ref().map(|fee| fee.deliberation.clone()).unwrap_or_default()
        };
        self.text("office-builder-fee-deliberation", &fixed(before), &fixed(after));
        self.access();
    }

    /// Who may ask online, what is sealed, who answers in the town's place.
    fn access(&mut self) {
        let (before, after) = (self.before, self.after);
        self.part(Part::SignIn);
        let level = |procedure: &Procedure| {
            let word = procedure.level().map_or("none", Assurance::as_str);
            self.page.t(&format!("office-builder-sign-in-level-{word}")).to_owned()
        };
        let (one, other) = (level(before), level(after));
        self.text("office-builder-sign-in-level", &one, &other);
        let why = |procedure: &'p Procedure| procedure.sign_in.as_ref().map(|sign_in| &sign_in.why);
        self.may_say("office-builder-sign-in-why", why(before), why(after));
        self.part(Part::Sealed);
        self.truth("office-builder-sealed-sealed", before.sealed, after.sealed);
        self.part(Part::Elsewhere);
        let there = |procedure: &'p Procedure| procedure.elsewhere.as_ref();
        let (one, other) = (there(before), there(after));
        self.may_say("office-builder-elsewhere-name", one.map(|it| &it.name), other.map(|it| &it.name));
        let url = |it: Option<&Elsewhere>| it.map(|it| it.url.clone()).unwrap_or_default();
        self.text("office-builder-elsewhere-url", &url(one), &url(other));
        self.may_say(
            "office-builder-elsewhere-otherwise",
            one.map(|it| &it.otherwise),
            other.map(|it| &it.otherwise),
        );
    }
}
