//! One condition or computation, compiled and checked.

use cel::{Context, IdedExpr, Program, Value, common::ast::Expr};

use crate::{
    Flaw,
    types::{Scope, Type, infer},
};

/// Letters of one expression, at most.
pub(crate) const LETTERS_AT_MOST: usize = 1_000;
/// How deep it may nest: the parser and the interpreter recurse.
pub(crate) const DEPTH_AT_MOST: usize = 24;

/// A compiled expression.
#[derive(Debug)]
pub(crate) struct Expression {
    program: Program,
    variables: Vec<String>,
    kind: Type,
}

/// Where an expression stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Evaluated once.
    Form,
    /// Evaluated for each row: going through a list there would cost the square of the answers.
    Row,
}

impl Expression {
    /// Compiles an expression; else says what is wrong with it.
    pub(crate) fn compile(source: &str, scope: &Scope, place: Place) -> Result<Self, Flaw> {
        if source.len() > LETTERS_AT_MOST {
            return Err(Flaw::TooLong(LETTERS_AT_MOST));
        }
        if bracket_depth(source) > DEPTH_AT_MOST {
            return Err(Flaw::TooDeep(DEPTH_AT_MOST));
        }
        let program = Program::compile(source).map_err(|errors| {
            let text = errors.to_string();
            Flaw::Unreadable(text.lines().next().unwrap_or("cannot be read").to_owned())
        })?;
        let loops = loops(program.expression());
        if loops > 1 {
            return Err(Flaw::LoopInLoop);
        }
        if loops > 0 && place == Place::Row {
            return Err(Flaw::LoopInRow);
        }
        let kind = infer(program.expression(), scope)?;
        let variables = program
            .references()
            .variables()
            .into_iter()
            .filter(|name| scope.contains_key(*name))
            .map(str::to_owned)
            .collect();
        Ok(Self { program, variables, kind })
    }

    /// What it gives.
    pub(crate) const fn kind(&self) -> &Type {
        &self.kind
    }

    /// Whether it is true. What cannot be computed, mostly because something is unanswered, is not.
    pub(crate) fn holds(&self, context: &Context<'_, '_>) -> bool {
        matches!(self.program.execute(context), Ok(Value::Bool(true)))
    }

    /// Whether it is true, where what looks at something unanswered is not judged yet: `None`.
    pub(crate) fn judges(
        &self,
        context: &Context<'_, '_>,
        unanswered: impl Fn(&str) -> bool,
    ) -> Option<bool> {
        match self.program.execute(context) {
            Ok(Value::Bool(truth)) => Some(truth),
            _ if self.variables.iter().any(|name| unanswered(name)) => None,
            _ => Some(false),
        }
    }

    /// What it gives, if it can be computed.
    pub(crate) fn value(&self, context: &Context<'_, '_>) -> Option<Value> {
        self.program.execute(context).ok()
    }
}

/// Brackets that are open at once, at most.
pub(crate) fn bracket_depth(source: &str) -> usize {
    let mut depth = 0_usize;
    source.chars().fold(0, |deepest, letter| {
        match letter {
            // A choice nests in its own last part, and never closes.
            '(' | '[' | '{' | '?' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest.max(depth)
    })
}

/// How deep lists are gone through inside one another.
fn loops(expression: &IdedExpr) -> usize {
    match &expression.expr {
        Expr::Comprehension(inner) => {
            let deepest =
                [&inner.iter_range, &inner.accu_init, &inner.loop_cond, &inner.loop_step, &inner.result]
                    .into_iter()
                    .map(loops)
                    .max();
            1 + deepest.unwrap_or(0)
        }
        Expr::Call(call) => {
            call.target.as_deref().into_iter().chain(&call.args).map(loops).max().unwrap_or(0)
        }
        Expr::List(list) => list.elements.iter().map(loops).max().unwrap_or(0),
        Expr::Select(select) => loops(&select.operand),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compiled(source: &str, place: Place) -> Result<Type, Flaw> {
        let mut scope = Scope::new();
        scope.insert("age".to_owned(), Type::Int);
        scope.insert("name".to_owned(), Type::Text);
        scope.insert("days".to_owned(), Type::List(Box::new(Type::Text)));
        let child = Type::Parts(vec![("age".to_owned(), Type::Int)]);
        scope.insert("children".to_owned(), Type::List(Box::new(child)));
        Expression::compile(source, &scope, place).map(|expression| expression.kind().clone())
    }

    #[test]
    fn right_conditions_have_a_type() {
        for (source, kind) in [
            ("age >= 18 && name != ''", Type::Bool),
            ("'lundi' in days", Type::Bool),
            ("children.all(c, c.age < 18)", Type::Bool),
            ("children.map(c, c.age + 1)", Type::List(Box::new(Type::Int))),
            ("age > 3 ? 'a' : 'b'", Type::Text),
            ("days_between(name, name) + 1", Type::Int),
            ("size(children.filter(c, c.age > 3))", Type::Int),
            ("age == null", Type::Bool),
        ] {
            assert_eq!(compiled(source, Place::Form), Ok(kind), "{source}");
        }
    }

    #[test]
    fn wrong_conditions_are_refused_with_their_reason() {
        for (source, said) in [
            ("age >= 'x'", "`>=` cannot be applied to a whole number and a text"),
            ("adge > 1", "there is no answer `adge` here"),
            ("children.all(c, c.agee < 18)", "no part `agee`"),
            ("children.all(c, children.all(d, d.age < c.age))", "square"),
            ("nothing(age)", "`nothing` cannot be applied"),
            ("age >", "ERROR"),
            ("age && true", "cannot be applied"),
        ] {
            let error = compiled(source, Place::Form).unwrap_err().to_string();
            assert!(error.contains(said), "{source}: {error}");
        }
        assert!(
            compiled("days.exists(d, d == name)", Place::Row)
                .unwrap_err()
                .to_string()
                .contains("repeated group")
        );
        assert!(compiled(&"(".repeat(5_000), Place::Form).is_err());
        assert!(compiled(&format!("{}1", "true ? 1 : ".repeat(60)), Place::Form).is_err());
    }
}
