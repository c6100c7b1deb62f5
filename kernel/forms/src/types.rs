//! The types of conditions. The `cel` crate runs what it is given and finds a wrong type only when somebody
//! answers; here a procedure is refused before it is published.

use std::{collections::HashMap, fmt};

use cel::{
    IdedExpr,
    common::ast::{ComprehensionExpr, Expr, LiteralValue, operators},
};

use crate::functions::FUNCTIONS;

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

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bool => "a truth value",
            Self::Int => "a whole number",
            Self::Double => "a decimal number",
            Self::Text => "a text",
            Self::List(_) => "a list",
            Self::Parts(_) => "an answer in parts",
            Self::Null => "null",
            Self::Unknown => "anything",
        })
    }
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
pub(crate) fn infer(expression: &IdedExpr, scope: &Scope) -> Result<Type, String> {
    match &expression.expr {
        Expr::Literal(literal) => Ok(match literal {
            LiteralValue::Boolean(_) => Type::Bool,
            LiteralValue::Double(_) => Type::Double,
            LiteralValue::Int(_) => Type::Int,
            LiteralValue::String(_) => Type::Text,
            LiteralValue::Null => Type::Null,
            LiteralValue::Bytes(_) | LiteralValue::UInt(_) => {
                return Err("bytes and unsigned numbers are of no use here".to_owned());
            }
        }),
        Expr::Ident(name) => {
            scope.get(name).cloned().ok_or_else(|| format!("there is no answer `{name}` here"))
        }
        Expr::Select(select) => match infer(&select.operand, scope)? {
            Type::Parts(parts) => match parts.into_iter().find(|(name, _)| *name == select.field) {
                Some(_) if select.test => Ok(Type::Bool),
                Some((_, part)) => Ok(part),
                None => Err(format!("the answer has no part `{}`", select.field)),
            },
            Type::Unknown => Ok(Type::Unknown),
            other => Err(format!("`.{}` is asked of {other}", select.field)),
        },
        Expr::List(list) => {
            let mut item = Type::Unknown;
            for element in &list.elements {
                let found = infer(element, scope)?;
                if !found.fits(&item) {
                    return Err(format!("a list holds {item} and {found}"));
                }
                item = found;
            }
            Ok(Type::List(Box::new(item)))
        }
        Expr::Call(call) => {
            let target = call.target.as_deref().map(|target| infer(target, scope)).transpose()?;
            let arguments: Result<Vec<Type>, String> =
                call.args.iter().map(|each| infer(each, scope)).collect();
            let types: Vec<Type> = target.into_iter().chain(arguments?).collect();
            call_type(&call.func_name, &types)
        }
        Expr::Comprehension(comprehension) => comprehended(comprehension, scope),
        Expr::Map(_) | Expr::Struct(_) | Expr::Unspecified => {
            Err("an object cannot be written here".to_owned())
        }
    }
}

fn comprehended(comprehension: &ComprehensionExpr, scope: &Scope) -> Result<Type, String> {
    let item = match infer(&comprehension.iter_range, scope)? {
        Type::List(item) => *item,
        Type::Unknown => Type::Unknown,
        other => return Err(format!("{other} cannot be gone through")),
    };
    let mut inner = scope.clone();
    inner.insert(comprehension.iter_var.clone(), item);
    inner.insert(comprehension.accu_var.clone(), infer(&comprehension.accu_init, scope)?);
    let step = infer(&comprehension.loop_step, &inner)?;
    inner.insert(comprehension.accu_var.clone(), step);
    infer(&comprehension.loop_cond, &inner)?;
    infer(&comprehension.result, &inner)
}

fn call_type(name: &str, types: &[Type]) -> Result<Type, String> {
    use Type::{Bool, Double, Int, List, Null, Text, Unknown};
    let refused = || {
        let given: Vec<String> = types.iter().map(ToString::to_string).collect();
        Err(format!("`{}` cannot be applied to {}", spoken(name), given.join(" and ")))
    };
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
