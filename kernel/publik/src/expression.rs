//! The languages in which Publik's conditions are written: those of Django's `{% if %}`, and Python in older forms.
//! One reader for both; what it reads is a small tree.

/// In which language a condition is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// As within `{% if … %}`, with filters and without brackets.
    Django,
    /// A Python expression.
    Python,
}

/// Letters of one condition, at most.
const LETTERS_AT_MOST: usize = 4_000;
/// How deep it may nest: reading and translating recurse.
const DEPTH_AT_MOST: u32 = 24;

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    Equal,
    NotEqual,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

/// A condition, or a part of one.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    Text(String),
    Whole(i64),
    Decimal(f64),
    Truth(bool),
    Nothing,
    Name(String),
    List(Vec<Self>),
    Not(Box<Self>),
    Both(Box<Self>, Box<Self>),
    Either(Box<Self>, Box<Self>),
    Compared(Op, Box<Self>, Box<Self>),
    /// `a in b`.
    Within(Box<Self>, Box<Self>),
    /// `a|name:b`, or in Python `name(a, b)` and `a.name(b)`.
    Filtered(Box<Self>, String, Vec<Self>),
    /// `a + b`, and likewise.
    Computed(char, Box<Self>, Box<Self>),
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Text(String),
    Number(String),
    Word(String),
    Sign(&'static str),
}

const SIGNS: [&str; 21] = [
    "==", "!=", "<>", "<=", ">=", "<", ">", "|", ":", "(", ")", "[", "]", ",", "+", "-", "*", "/", "%", "=",
    "!",
];

fn tokens(source: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = source.trim_start();
    while let Some(first) = rest.chars().next() {
        if first == '"' || first == '\'' {
            let (text, after) = quoted(rest, first)?;
            tokens.push(Token::Text(text));
            rest = after;
        } else if first.is_ascii_digit() {
            let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
            let (number, after) = rest.split_at(end);
            tokens.push(Token::Number(number.to_owned()));
            rest = after;
        } else if first.is_alphabetic() || first == '_' {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '.').unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            tokens.push(Token::Word(word.to_owned()));
            rest = after;
        } else if let Some(sign) = SIGNS.into_iter().find(|sign| rest.starts_with(sign)) {
            tokens.push(Token::Sign(sign));
            rest = rest.get(sign.len()..).unwrap_or_default();
        } else {
            return Err(format!("`{first}` is not understood"));
        }
        rest = rest.trim_start();
    }
    Ok(tokens)
}

fn quoted(source: &str, quote: char) -> Result<(String, &str), String> {
    let mut text = String::new();
    let mut letters = source.char_indices().skip(1);
    while let Some((at, letter)) = letters.next() {
        if letter == quote {
            return Ok((text, source.get(at + letter.len_utf8()..).unwrap_or_default()));
        }
        if letter == '\\' {
            match letters.next() {
                Some((_, 'n')) => text.push('\n'),
                Some((_, 't')) => text.push('\t'),
                Some((_, escaped)) => text.push(escaped),
                None => break,
            }
        } else {
            text.push(letter);
        }
    }
    Err("a text does not end".to_owned())
}

struct Reader {
    tokens: std::iter::Peekable<std::vec::IntoIter<Token>>,
    language: Language,
    depth: u32,
}

/// Reads a condition.
///
/// # Errors
/// Why it cannot be read.
pub fn parse(source: &str, language: Language) -> Result<Expr, String> {
    if source.len() > LETTERS_AT_MOST {
        return Err(format!("it is longer than {LETTERS_AT_MOST} letters"));
    }
    let source = match language {
        Language::Django => source.trim().trim_start_matches("{{").trim_end_matches("}}"),
        Language::Python => source.trim().strip_prefix('=').unwrap_or_else(|| source.trim()),
    };
    let tokens = tokens(source)?.into_iter().peekable();
    let mut reader = Reader { tokens, language, depth: 0 };
    let read = reader.either()?;
    match reader.tokens.next() {
        None => Ok(read),
        Some(left) => Err(format!("{} is not understood there", spoken(&left))),
    }
}

fn spoken(token: &Token) -> String {
    match token {
        Token::Text(_) => "a text".to_owned(),
        Token::Number(text) | Token::Word(text) => format!("`{text}`"),
        Token::Sign(sign) => format!("`{sign}`"),
    }
}

impl Reader {
    fn takes(&mut self, word: &str) -> bool {
        self.tokens.next_if(|token| matches!(token, Token::Word(found) if found == word)).is_some()
    }

    fn takes_sign(&mut self, sign: &str) -> bool {
        self.tokens.next_if(|token| matches!(token, Token::Sign(found) if *found == sign)).is_some()
    }

    fn expects(&mut self, sign: &str) -> Result<(), String> {
        if self.takes_sign(sign) { Ok(()) } else { Err(format!("`{sign}` is missing")) }
    }

    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, String>) -> Result<T, String> {
        if self.depth >= DEPTH_AT_MOST {
            return Err(format!("it nests deeper than {DEPTH_AT_MOST}"));
        }
        self.depth += 1;
        let done = read(self);
        self.depth -= 1;
        done
    }

    fn either(&mut self) -> Result<Expr, String> {
        self.deeper(|reader| {
            let mut read = reader.both()?;
            let mut more = 0;
            while reader.takes("or") {
                more += 1;
                if more > DEPTH_AT_MOST * 2 {
                    return Err("it has too many parts".to_owned());
                }
                read = Expr::Either(Box::new(read), Box::new(reader.both()?));
            }
            Ok(read)
        })
    }

    fn both(&mut self) -> Result<Expr, String> {
        let mut read = self.not()?;
        let mut more = 0;
        while self.takes("and") {
            more += 1;
            if more > DEPTH_AT_MOST * 2 {
                return Err("it has too many parts".to_owned());
            }
            read = Expr::Both(Box::new(read), Box::new(self.not()?));
        }
        Ok(read)
    }

    fn not(&mut self) -> Result<Expr, String> {
        if self.takes("not") {
            return self.deeper(|reader| Ok(Expr::Not(Box::new(reader.not()?))));
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Result<Expr, String> {
        let mut left = self.sum()?;
        let mut read: Option<Expr> = None;
        let mut more = 0;
        loop {
            let Some(compared) = self.compared(&left)? else { return Ok(read.unwrap_or(left)) };
            more += 1;
            if more > DEPTH_AT_MOST {
                return Err("it has too many parts".to_owned());
            }
            let (found, right) = compared;
            // `a < b < c` says both, in Python.
            read = Some(match read {
                Some(before) => Expr::Both(Box::new(before), Box::new(found)),
                None => found,
            });
            left = right;
        }
    }

    fn compared(&mut self, left: &Expr) -> Result<Option<(Expr, Expr)>, String> {
        let with = |op, right: Expr| {
            let found = Expr::Compared(op, Box::new(left.clone()), Box::new(right.clone()));
            Some((found, right))
        };
        let within = |right: Expr| Expr::Within(Box::new(left.clone()), Box::new(right));
        for (sign, op) in [
            ("==", Op::Equal),
            ("=", Op::Equal),
            ("!=", Op::NotEqual),
            ("<>", Op::NotEqual),
            ("<=", Op::AtMost),
            (">=", Op::AtLeast),
            ("<", Op::Less),
            (">", Op::Greater),
        ] {
            if self.takes_sign(sign) {
                return Ok(with(op, self.sum()?));
            }
        }
        if self.takes("in") {
            let right = self.sum()?;
            return Ok(Some((within(right.clone()), right)));
        }
        if self.takes("is") {
            let op = if self.takes("not") { Op::NotEqual } else { Op::Equal };
            return Ok(with(op, self.sum()?));
        }
        if self.takes("not") {
            if !self.takes("in") {
                return Err("`not` is not understood there".to_owned());
            }
            let right = self.sum()?;
            return Ok(Some((Expr::Not(Box::new(within(right.clone()))), right)));
        }
        Ok(None)
    }

    fn sum(&mut self) -> Result<Expr, String> {
        let mut read = self.primary()?;
        let mut more = 0;
        while self.language == Language::Python {
            let Some(sign) = ["+", "-", "*", "/"].into_iter().find(|sign| self.takes_sign(sign)) else {
                break;
            };
            more += 1;
            // Products before sums would need a level more; nobody was seen who writes both.
            if more > 1 {
                return Err("more than one computation at once is not understood".to_owned());
            }
            let letter = sign.chars().next().unwrap_or('+');
            read = Expr::Computed(letter, Box::new(read), Box::new(self.primary()?));
        }
        Ok(read)
    }

    fn primary(&mut self) -> Result<Expr, String> {
        let mut read = self.atom()?;
        let mut more = 0;
        while self.takes_sign("|") {
            more += 1;
            if more > DEPTH_AT_MOST {
                return Err("it has too many filters".to_owned());
            }
            let Some(Token::Word(name)) = self.tokens.next() else {
                return Err("a filter has no name".to_owned());
            };
            let arguments = if self.takes_sign(":") { vec![self.atom()?] } else { Vec::new() };
            read = Expr::Filtered(Box::new(read), name, arguments);
        }
        Ok(read)
    }

    fn atom(&mut self) -> Result<Expr, String> {
        match self.tokens.next() {
            None => Err("it ends too early".to_owned()),
            Some(Token::Text(text)) => Ok(Expr::Text(text)),
            Some(Token::Number(digits)) => number(&digits),
            Some(Token::Sign("-")) => match self.tokens.next() {
                Some(Token::Number(digits)) => Ok(match number(&digits)? {
                    Expr::Whole(whole) => Expr::Whole(-whole),
                    Expr::Decimal(decimal) => Expr::Decimal(-decimal),
                    other => other,
                }),
                _ => Err("`-` is not understood there".to_owned()),
            },
            Some(Token::Sign("(")) if self.language == Language::Python => {
                let first = self.either()?;
                if self.takes_sign(",") {
                    let mut items = vec![first];
                    items.extend(self.items(")")?);
                    return Ok(Expr::List(items));
                }
                self.expects(")")?;
                Ok(first)
            }
            Some(Token::Sign("[")) if self.language == Language::Python => Ok(Expr::List(self.items("]")?)),
            Some(Token::Word(word)) => self.word(word),
            Some(other) => Err(format!("{} is not understood there", spoken(&other))),
        }
    }

    fn word(&mut self, word: String) -> Result<Expr, String> {
        match word.as_str() {
            "True" => return Ok(Expr::Truth(true)),
            // Django knows no `false`: it is a name that nobody gave, and so untrue.
            "False" | "false" => return Ok(Expr::Truth(false)),
            "None" | "null" => return Ok(Expr::Nothing),
            "and" | "or" | "not" | "in" | "is" | "if" | "else" | "lambda" | "for" => {
                return Err(format!("`{word}` is not understood there"));
            }
            _ => {}
        }
        if self.language == Language::Python && self.takes_sign("(") {
            let mut arguments = self.items(")")?;
            return match word.rsplit_once('.') {
                Some((of, name)) => {
                    Ok(Expr::Filtered(Box::new(Expr::Name(of.to_owned())), name.to_owned(), arguments))
                }
                None if arguments.is_empty() => Err(format!("`{word}()` is not understood")),
                None => {
                    let of = arguments.remove(0);
                    Ok(Expr::Filtered(Box::new(of), word, arguments))
                }
            };
        }
        Ok(Expr::Name(word))
    }

    fn items(&mut self, end: &str) -> Result<Vec<Expr>, String> {
        let mut items = Vec::new();
        loop {
            if self.takes_sign(end) {
                return Ok(items);
            }
            if items.len() > 200 {
                return Err("a list is too long".to_owned());
            }
            items.push(self.either()?);
            if !self.takes_sign(",") {
                self.expects(end)?;
                return Ok(items);
            }
        }
    }
}

fn number(digits: &str) -> Result<Expr, String> {
    if let Ok(whole) = digits.parse() {
        return Ok(Expr::Whole(whole));
    }
    digits
        .parse::<f64>()
        .ok()
        .filter(|number| number.is_finite())
        .map(Expr::Decimal)
        .ok_or_else(|| format!("`{digits}` is no number"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn name(name: &str) -> Expr {
        Expr::Name(name.to_owned())
    }

    fn text(text: &str) -> Expr {
        Expr::Text(text.to_owned())
    }

    #[test]
    fn conditions_of_both_languages_are_read() {
        let equal = Expr::Compared(Op::Equal, Box::new(name("form_var_a")), Box::new(text("Oui")));
        assert_eq!(parse("form_var_a == \"Oui\"", Language::Django), Ok(equal.clone()));
        assert_eq!(parse("form_var_a=='Oui'", Language::Python), Ok(equal.clone()));
        assert_eq!(
            parse("not form_var_b and form_var_a == 'Oui'", Language::Django),
            Ok(Expr::Both(Box::new(Expr::Not(Box::new(name("form_var_b")))), Box::new(equal))),
        );
        let days = Expr::Filtered(Box::new(name("a")), "add_days".to_owned(), vec![Expr::Whole(-3)]);
        assert_eq!(
            parse("a|add_days:-3|date", Language::Django),
            Ok(Expr::Filtered(Box::new(days), "date".to_owned(), Vec::new())),
        );
        assert_eq!(
            parse("1 < x <= 3", Language::Python),
            Ok(Expr::Both(
                Box::new(Expr::Compared(Op::Less, Box::new(Expr::Whole(1)), Box::new(name("x")))),
                Box::new(Expr::Compared(Op::AtMost, Box::new(name("x")), Box::new(Expr::Whole(3)))),
            )),
        );
        assert_eq!(
            parse("x not in ('a', 'b')", Language::Python),
            Ok(Expr::Not(Box::new(Expr::Within(
                Box::new(name("x")),
                Box::new(Expr::List(vec![Expr::Text("a".to_owned()), Expr::Text("b".to_owned())])),
            )))),
        );
        assert_eq!(
            parse("x is not None", Language::Python),
            Ok(Expr::Compared(Op::NotEqual, Box::new(name("x")), Box::new(Expr::Nothing)))
        );
    }

    #[test]
    fn what_is_no_condition_is_refused_with_its_reason() {
        for (source, language) in [
            ("", Language::Django),
            ("a ==", Language::Django),
            ("(a)", Language::Django),
            ("a b", Language::Django),
            ("'a", Language::Django),
            ("a | ", Language::Django),
            ("lambda x: x", Language::Python),
            ("a if b else c", Language::Python),
            ("a; b", Language::Python),
        ] {
            assert!(parse(source, language).is_err(), "{source}");
        }
        assert!(parse(&"(".repeat(3_000), Language::Python).unwrap_err().contains("nests"));
        assert!(parse(&"not ".repeat(900), Language::Django).unwrap_err().contains("nests"));
        assert!(parse(&format!("a{}", " or a".repeat(500)), Language::Django).unwrap_err().contains("parts"));
    }

    proptest! {
        #[test]
        fn nothing_that_is_written_makes_it_panic(source in ".{0,200}", python in any::<bool>()) {
            let language = if python { Language::Python } else { Language::Django };
            let _ = parse(&source, language);
        }

        #[test]
        fn nor_does_anything_made_of_its_own_words(
            words in prop::collection::vec(
                prop::sample::select(vec![
                    "and", "or", "not", "in", "is", "(", ")", "[", "]", ",", "==", "<", "|", ":", "'a'", "\"b", "3", "1.2.3", "x", "len", "-", "+", "None",
                ]),
                0..60,
            ),
            python in any::<bool>(),
        ) {
            let language = if python { Language::Python } else { Language::Django };
            let _ = parse(&words.join(" "), language);
        }
    }
}
