//! What differs in the steps of cases: who acts, what may follow, what agents fill in, what is done.

use beffroi_forms::{Carrier, CaseStep, FieldPlace, Hand, Spot, StepAction};

use super::{Differ, number};
use crate::builder::{steps::action, words};

impl<'p> Differ<'p> {
    pub(super) fn steps(&mut self) {
        let (before, after) = (self.before, self.after);
        for step in &after.steps {
            self.at(words::of_step(self.page, step));
            match before.step(&step.id) {
                None => self.say("office-builder-diff-step-new", "", ""),
                Some(old) => self.step(old, step),
            }
        }
        for step in before.steps.iter().filter(|step| after.step(&step.id).is_none()) {
            self.at(words::of_step(self.page, step));
            self.say("office-builder-diff-step-gone", "", "");
        }
        let labels = |steps: &'p [CaseStep]| -> Vec<(&'p str, String)> {
            steps.iter().map(|step| (step.id.as_str(), step.label.fr.clone())).collect()
        };
        self.at(self.page.t("office-builder-steps").to_owned());
        self.order("office-builder-diff-steps-order", &labels(&before.steps), &labels(&after.steps));
    }

    fn step(&mut self, old: &'p CaseStep, new: &'p CaseStep) {
        self.words("office-builder-step-label", &old.label, &new.label);
        let department = |step: &CaseStep| {
            let none = self.page.t("office-builder-step-department-none");
            step.department.clone().unwrap_or_else(|| none.to_owned())
        };
        let (one, other) = (department(old), department(new));
        self.text("office-builder-step-department", &one, &other);
        let role = |step: &CaseStep| {
            let word = match step.role {
                None => "any",
                Some(Hand::Agent) => "agent",
                Some(Hand::Head) => "head",
            };
            self.page.t(&format!("office-builder-step-role-{word}")).to_owned()
        };
        let (one, other) = (role(old), role(new));
        self.text("office-builder-step-role", &one, &other);
        self.text("office-builder-step-days", &number(old.days), &number(new.days));
        self.list("office-builder-step-next", &old.next, &new.next);
        let spot = Spot::StepWhen(new.id.clone());
        let sources = (old.when.as_deref(), new.when.as_deref());
        self.condition("office-builder-step-offered", (&spot, &spot), sources);
        for action in &new.actions {
            self.at(self.of_action(new, action));
            match old.actions.iter().find(|known| known.id == action.id) {
                None => self.say("office-builder-diff-action-new", "", ""),
                Some(known) => self.action(new, known, action),
            }
        }
        for action in old.actions.iter().filter(|it| !new.actions.iter().any(|kept| kept.id == it.id)) {
            self.at(self.of_action(old, action));
            self.say("office-builder-diff-action-gone", "", "");
        }
        let labels = |actions: &'p [StepAction]| -> Vec<(&'p str, String)> {
            actions.iter().map(|action| (action.id.as_str(), action.label.fr.clone())).collect()
        };
        self.at(words::of_step(self.page, new));
        self.order("office-builder-diff-actions-order", &labels(&old.actions), &labels(&new.actions));
        let (was, is): (Vec<FieldPlace<'p>>, Vec<FieldPlace<'p>>) =
            (old.places().collect(), new.places().collect());
        self.questions(&was, &is);
    }

    fn of_action(&self, step: &CaseStep, action: &StepAction) -> String {
        format!("{}, {}", words::of_step(self.page, step), words::of_action(self.page, action))
    }

    fn action(&mut self, step: &CaseStep, old: &StepAction, new: &StepAction) {
        self.words("office-builder-action-label", &old.label, &new.label);
        let kind =
            |it: &StepAction| self.page.t(&format!("office-builder-deed-{}", it.kind.as_str())).to_owned();
        let (one, other) = (kind(old), kind(new));
        self.text("office-builder-action-kind", &one, &other);
        let moment = |it: &StepAction| {
            self.page.t(&format!("office-builder-action-on-{}", action::moment(it))).to_owned()
        };
        let (one, other) = (moment(old), moment(new));
        self.text("office-builder-action-on", &one, &other);
        let days = |it: &StepAction| number(it.after_days.or(it.before_deemed_days));
        self.text("office-builder-action-days", &days(old), &days(new));
        let spot = Spot::ActionWhen { step: step.id.clone(), action: new.id.clone() };
        let sources = (old.when.as_deref(), new.when.as_deref());
        self.condition("office-builder-diff-open", (&spot, &spot), sources);
        for (key, one, other) in [
            ("office-builder-action-title", &old.title, &new.title),
            ("office-builder-action-template", &old.template, &new.template),
            ("office-builder-action-text", &old.text, &new.text),
            ("office-builder-action-department", &old.department, &new.department),
            ("office-builder-action-body", &old.body, &new.body),
            ("office-builder-action-email", &old.email, &new.email),
            ("office-builder-action-to", &old.to, &new.to),
            ("office-builder-action-limit", &old.limit, &new.limit),
            ("office-builder-action-name", &old.name, &new.name),
        ] {
            self.text(key, one, other);
        }
        let by = |it: &StepAction| {
            let word = |carrier: &Carrier| {
                self.page.t(&format!("office-builder-action-by-{}", carrier.as_str())).to_owned()
            };
            it.by.iter().map(word).collect::<Vec<_>>()
        };
        let (one, other) = (by(old), by(new));
        self.list("office-builder-action-by", &one, &other);
        self.list("office-builder-action-share", &old.share, &new.share);
        let within = |it: &StepAction| number(it.within_days);
        self.text("office-builder-action-within_days", &within(old), &within(new));
    }
}
