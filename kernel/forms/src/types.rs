//! The types of conditions. The `cel` crate runs what it is given and finds a wrong type only when somebody
//! answers; here a procedure is refused before it is published.

use std::collections::HashMap;

use cel::{
    IdedExpr,
    common::ast::{ComprehensionExpr, Expr, LiteralValue, operators},
};

use crate::{Flaw, flaw::Sort, functions::FUNCTIONS};

/// What an answer is to a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    Bool,
    Int,
    Double,
    /// Text; days and times too.
    Text,
    List(Box<Type>),
    /// An answer in parts.
    Parts(Vec<(String, Type)>),
    Null,
    /// The element of an empty list.
    Unknown,
}

impl Type {
    fn fits(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Unknown | Self::Null, _) | (_, Self::Unknown | Self::Null) => true,
            (Self::List(a), Self::List(b)) => a.fits(b),
            _ => self == other,
        }
    }
}

/// What names mean where a condition stands.
pub(crate) type Scope = HashMap<String, Type>;

/// The type of an expression; else, why it has none.
pub(crate) fn infer(expression: &IdedExpr, scope: &Scope) -> Result<Type, Flaw> {
    infer_in(expression, scope, &mut Vec::new())
}

/// The same, where a list that is gone through has given names of its own: the last one counts first.
fn infer_in(expression: &IdedExpr, scope: &Scope, own: &mut Vec<(String, Type)>) -> Result<Type, Flaw> {
    match &expression.expr {
        Expr::Literal(literal) => Ok(match literal {
            LiteralValue::Boolean(_) => Type::Bool,
            LiteralValue::Double(_) => Type::Double,
            LiteralValue::Int(_) => Type::Int,
            LiteralValue::String(_) => Type::Text,
            LiteralValue::Null => Type::Null,
            LiteralValue::Bytes(_) | LiteralValue::UInt(_) => {
                return Err(Flaw::OddLiteral);
            }
        }),
        Expr::Ident(name) => own
            .iter()
            .rev()
            .find(|(known, _)| known == name)
            .map(|(_, kind)| kind)
            .or_else(|| scope.get(name))
            .cloned()
            .ok_or_else(|| Flaw::UnknownName(name.clone())),
        Expr::Select(select) => match infer_in(&select.operand, scope, own)? {
            Type::Parts(parts) => match parts.into_iter().find(|(name, _)| *name == select.field) {
                Some(_) if select.test => Ok(Type::Bool),
                Some((_, part)) => Ok(part),
                None => Err(Flaw::NoPart(select.field.clone())),
            },
            Type::Unknown => Ok(Type::Unknown),
            other => Err(Flaw::PartOf { part: select.field.clone(), of: Sort::of(&other) }),
        },
        Expr::List(list) => {
            let mut item = Type::Unknown;
            for element in &list.elements {
                let found = infer_in(element, scope, own)?;
                if !found.fits(&item) {
                    return Err(Flaw::MixedList(Sort::of(&item), Sort::of(&found)));
                }
                item = found;
            }
            Ok(Type::List(Box::new(item)))
        }
        Expr::Call(call) => {
            let target = call.target.as_deref().map(|target| infer_in(target, scope, own)).transpose()?;
            let arguments: Result<Vec<Type>, Flaw> =
                call.args.iter().map(|each| infer_in(each, scope, own)).collect();
            let types: Vec<Type> = target.into_iter().chain(arguments?).collect();
            call_type(&call.func_name, &types)
        }
        Expr::Comprehension(comprehension) => comprehended(comprehension, scope, own),
        Expr::Map(_) | Expr::Struct(_) | Expr::Unspecified => Err(Flaw::ObjectWritten),
    }
}

fn comprehended(
    comprehension: &ComprehensionExpr,
    scope: &Scope,
    own: &mut Vec<(String, Type)>,
) -> Result<Type, Flaw> {
    let item = match infer_in(&comprehension.iter_range, scope, own)? {
        Type::List(item) => *item,
        Type::Unknown => Type::Unknown,
        other => return Err(Flaw::NotAList(Sort::of(&other))),
    };
    let begun = infer_in(&comprehension.accu_init, scope, own)?;
    let outside = own.len();
    own.push((comprehension.iter_var.clone(), item));
    own.push((comprehension.accu_var.clone(), begun));
    let step = infer_in(&comprehension.loop_step, scope, own)?;
    own.push((comprehension.accu_var.clone(), step));
    infer_in(&comprehension.loop_cond, scope, own)?;
    let result = infer_in(&comprehension.result, scope, own)?;
    own.truncate(outside);
    Ok(result)
}

fn call_type(name: &str, types: &[Type]) -> Result<Type, Flaw> {
    use Type::{Bool, Double, Int, List, Null, Text, Unknown};
    let refused = || Err(Flaw::CannotApply { what: spoken(name), to: types.iter().map(Sort::of).collect() });
    if let Some((_, takes, gives)) = FUNCTIONS.iter().find(|(known, ..)| *known == name) {
        let right =
            takes.len() == types.len() && takes.iter().zip(types).all(|(takes, given)| takes.fits(given));
        return if right { Ok(gives.clone()) } else { refused() };
    }
    match (name, types) {
        (operators::CONDITIONAL, [condition, yes, no]) if condition.fits(&Bool) && yes.fits(no) => {
            Ok(if matches!(yes, Null | Unknown) { no.clone() } else { yes.clone() })
        }
        (operators::LOGICAL_AND | operators::LOGICAL_OR, [a, b]) if a.fits(&Bool) && b.fits(&Bool) => {
            Ok(Bool)
        }
        (operators::LOGICAL_NOT | operators::NOT_STRICTLY_FALSE, [a]) if a.fits(&Bool) => Ok(Bool),
        (operators::EQUALS | operators::NOT_EQUALS, [a, b]) if a.fits(b) => Ok(Bool),
        (
            operators::LESS | operators::LESS_EQUALS | operators::GREATER | operators::GREATER_EQUALS,
            [a @ (Int | Double | Text | Unknown), b],
        ) if a.fits(b) => Ok(Bool),
        (operators::ADD, [a @ (Int | Double | Text | Unknown | List(_)), b]) if a.fits(b) => {
            Ok(if matches!(a, List(_)) { joined(a, b) } else { a.clone() })
        }
        (
            operators::SUBSTRACT | operators::MULTIPLY | operators::DIVIDE,
            [a @ (Int | Double | Unknown), b],
        ) if a.fits(b) => Ok(a.clone()),
        (operators::IN, [a, List(item)]) if a.fits(item) => Ok(Bool),
        (operators::INDEX, [List(item), Int]) => Ok((**item).clone()),
        (operators::MODULO, [Int, Int])
        | (operators::NEGATE, [Int])
        | ("size", [Text | List(_)])
        | ("int", [Int | Double | Text]) => Ok(Int),
        (operators::NEGATE, [Double]) | ("double", [Int | Double | Text]) => Ok(Double),
        ("string", [Int | Double | Text | Bool]) => Ok(Text),
        ("contains" | "startsWith" | "endsWith" | "matches", [Text, Text]) => Ok(Bool),
        _ => refused(),
    }
}

fn joined(a: &Type, b: &Type) -> Type {
    if matches!(a, Type::List(item) if **item == Type::Unknown) { b.clone() } else { a.clone() }
}

/// `_&&_` as it was written.
fn spoken(name: &str) -> String {
    name.replace(['_', '@'], "")
}
