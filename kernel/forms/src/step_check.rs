//! What is wrong with the steps of a procedure: what they lack, what does not suit, where cases would run in circles.

use std::collections::{BTreeMap, BTreeSet};

use beffroi_core::sms;

use crate::{
    Flaw, Procedure,
    check::{Finding, add, is_slug, labelled, require},
    step::{Carrier, CaseStep, DECISION, Deed, Moment, StepAction, transitions},
    step_flaw::StepFlaw,
};

/// Steps of a procedure at most.
const STEPS_AT_MOST: usize = 30;
/// Fields of a step, and actions, at most.
const PARTS_AT_MOST: usize = 50;
/// Days of any time that a step gives, at most.
const DAYS_AT_MOST: u16 = 730;
/// Parts of a text message that a step writes, at most.
pub const SMS_PARTS_AT_MOST: usize = 4;
/// Letters of a text, at most.
const LETTERS_AT_MOST: usize = 10_000;

impl Procedure {
    pub(crate) fn check_steps(&self, findings: &mut Vec<Finding>) {
        require(findings, self.steps.len() <= STEPS_AT_MOST, "step", StepFlaw::TooMany);
        let ids: BTreeSet<&str> = self.steps.iter().map(|step| step.id.as_str()).collect();
        let mut seen = BTreeSet::new();
        for (rank, step) in self.steps.iter().enumerate() {
            let at = place(rank, step);
            let right = is_slug(&step.id) && step.id != DECISION;
            require(findings, right, &format!("{at}.id"), StepFlaw::Name);
            require(findings, seen.insert(&step.id), &format!("{at}.id"), Flaw::StepsAlike);
            let label = format!("{at}.label");
            require(findings, labelled(&step.label), &label, Flaw::NoLabel);
            check_days(findings, step.days, &format!("{at}.days"));
            for next in &step.next {
                let known = next == DECISION || (ids.contains(next.as_str()) && *next != step.id);
                require(findings, known, &format!("{at}.next"), StepFlaw::Next);
            }
            let few = step.fields.len() <= PARTS_AT_MOST && step.actions.len() <= PARTS_AT_MOST;
            require(findings, few, &at, StepFlaw::TooManyParts);
            for field in &step.fields {
                let at = format!("{at}.field[{}]", field.id);
                require(findings, labelled(&field.label), &format!("{at}.label"), Flaw::NoLabel);
                let alone = !field.beneficiary && field.prefill.is_none();
                require(findings, alone, &at, StepFlaw::FieldPlain);
            }
            self.check_actions(findings, step, &at, &ids);
        }
        self.check_circles(findings);
        self.check_reach(findings);
    }

    fn check_actions(&self, findings: &mut Vec<Finding>, step: &CaseStep, at: &str, ids: &BTreeSet<&str>) {
        let mut seen = BTreeSet::new();
        for action in &step.actions {
            let at = format!("{at}.action[{}]", action.id);
            let id = is_slug(&action.id) && seen.insert(&action.id);
            require(findings, id, &at, StepFlaw::ActionName);
            require(findings, labelled(&action.label), &format!("{at}.label"), Flaw::NoLabel);
            check_time(findings, action, &at);
            check_days(findings, action.within_days, &format!("{at}.within_days"));
            check_members(findings, action, &at);
            let long = action.text.chars().count() <= LETTERS_AT_MOST;
            require(findings, long, &format!("{at}.text"), StepFlaw::TextLong);
            if action.by.contains(&Carrier::Sms) {
                let short = sms::size(&sms::plain(&action.text)).parts <= SMS_PARTS_AT_MOST;
                require(findings, short, &format!("{at}.text"), StepFlaw::SmsLong);
                // A text message lies open on a screen that others may see.
                require(findings, !self.sealed, &format!("{at}.by"), StepFlaw::SmsSealed);
            }
            match action.kind {
                Deed::Move => {
                    let other = ids.contains(action.to.as_str()) && action.to != step.id;
                    require(findings, other, &format!("{at}.to"), StepFlaw::MoveTo);
                }
                Deed::Opinion => {
                    let one = action.department.is_empty() != action.body.is_empty();
                    require(findings, one, &at, StepFlaw::OpinionOfOne);
                    let sent = !action.email.is_empty() || !action.department.is_empty();
                    let sent = sent || action.on == Moment::Button;
                    require(findings, sent, &format!("{at}.email"), StepFlaw::OpinionAddress);
                    let address = action.email.is_empty() || action.email.contains('@');
                    require(findings, address, &format!("{at}.email"), StepFlaw::Address);
                }
                Deed::TransferOut => {
                    let pressed = action.on == Moment::Button;
                    require(findings, pressed, &format!("{at}.on"), StepFlaw::TransferButton);
                }
                Deed::Document => {
                    let right = action.template.is_empty() || is_slug(&action.template);
                    require(findings, right, &format!("{at}.template"), StepFlaw::TemplateName);
                }
                Deed::Count => {
                    let known = self.limits.iter().any(|limit| limit.id == action.limit);
                    require(findings, known, &format!("{at}.limit"), StepFlaw::CountLimit);
                }
                _ => {}
            }
        }
    }

    /// What moves by itself must not run in a circle.
    fn check_circles(&self, findings: &mut Vec<Finding>) {
        let mut ways: BTreeMap<&str, Vec<(&str, String)>> = BTreeMap::new();
        for (rank, step) in self.steps.iter().enumerate() {
            for action in step.actions.iter().filter(|it| it.kind == Deed::Move && it.on != Moment::Button) {
                let at = format!("{}.action[{}].to", place(rank, step), action.id);
                ways.entry(&step.id).or_default().push((&action.to, at));
            }
        }
        for (start, targets) in &ways {
            for (target, at) in targets {
                let mut reached = BTreeSet::from([*target]);
                let mut waiting = vec![*target];
                while let Some(here) = waiting.pop() {
                    for (next, _) in ways.get(here).into_iter().flatten() {
                        if reached.insert(*next) {
                            waiting.push(*next);
                        }
                    }
                }
                if reached.contains(start) {
                    add(findings, at, StepFlaw::Circle);
                }
            }
        }
    }

    /// Every step can be reached from the receipt.
    fn check_reach(&self, findings: &mut Vec<Finding>) {
        let ways = transitions(&self.steps);
        let mut reached: BTreeSet<&str> = BTreeSet::new();
        let mut waiting: Vec<&str> =
            ways.iter().filter(|way| way.from.is_none()).filter_map(|way| way.to.as_deref()).collect();
        while let Some(here) = waiting.pop() {
            if reached.insert(here) {
                let next = ways.iter().filter(|way| way.from.as_deref() == Some(here));
                waiting.extend(next.filter_map(|way| way.to.as_deref()));
            }
        }
        for (rank, step) in self.steps.iter().enumerate() {
            if !reached.contains(step.id.as_str()) {
                add(findings, &place(rank, step), StepFlaw::Unreached);
            }
        }
    }
}

/// Where a step is: by its name, or by its rank where it has none.
pub(crate) fn place(rank: usize, step: &CaseStep) -> String {
    if step.id.is_empty() { format!("step[{rank}]") } else { format!("step[{}]", step.id) }
}

fn check_days(findings: &mut Vec<Finding>, days: Option<u16>, at: &str) {
    let right = days.is_none_or(|days| (1..=DAYS_AT_MOST).contains(&days));
    require(findings, right, at, StepFlaw::Days);
}

fn check_time(findings: &mut Vec<Finding>, action: &StepAction, at: &str) {
    let given = usize::from(action.after_days.is_some()) + usize::from(action.before_deemed_days.is_some());
    let right = if action.on == Moment::Time { given == 1 } else { given == 0 };
    require(findings, right, at, StepFlaw::Time);
    check_days(findings, action.after_days, &format!("{at}.after_days"));
    check_days(findings, action.before_deemed_days, &format!("{at}.before_deemed_days"));
}

/// What the kind needs, and what it has no use for.
fn check_members(findings: &mut Vec<Finding>, action: &StepAction, at: &str) {
    let (needed, allowed) = (action.kind.needs(), action.kind.takes());
    for (member, there) in [
        ("title", !action.title.trim().is_empty()),
        ("template", !action.template.is_empty()),
        ("text", !action.text.trim().is_empty()),
        ("by", !action.by.is_empty()),
        ("department", !action.department.is_empty()),
        ("body", !action.body.trim().is_empty()),
        ("email", !action.email.is_empty()),
        ("share", !action.share.is_empty()),
        ("within_days", action.within_days.is_some()),
        ("to", !action.to.is_empty()),
        ("limit", !action.limit.is_empty()),
        ("name", !action.name.trim().is_empty()),
    ] {
        let at = format!("{at}.{member}");
        let is_needed = needed.contains(&member);
        require(findings, there || !is_needed, &at, StepFlaw::Needed(member));
        let suits = is_needed || allowed.contains(&member);
        require(findings, !there || suits, &at, StepFlaw::Unsuited(member));
    }
}
