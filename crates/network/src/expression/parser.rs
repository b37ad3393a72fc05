//! Parses expressions by recursive descent with a bound on depth.
//!
//! ```text
//! sum     = product { ("+" | "-") product }
//! product = signed { ("*" | "/") signed }
//! signed  = "-" signed | power
//! power   = atom [ "^" signed ]
//! atom    = number [ "[" unit "]" ] | name | name "(" sum { "," sum } ")" | "(" sum ")"
//! ```

use std::ops::Range;

use super::function::{FUNCTIONS, Function, More};
use super::lexer::{Mistake, Token, split};
use super::{Expression, Node, NodeKind, Operator};
use crate::fault::{Code, Fault, Place};
use crate::reading::{Written, did_you_mean};
use crate::unit::rational::parse_decimal;
use crate::unit::{UnitError, Units};

/// Deepest nesting of brackets, signs and powers.
pub const DEEPEST_EXPRESSION: usize = 64;

/// Reads an expression.
///
/// # Errors
/// The first mistake of syntax, with its place.
pub fn parse(written: &Written<String>, units: &Units) -> Result<Expression, Box<Fault>> {
    let mut expression = Expression {
        text: written.value.clone(),
        place: written.place.clone(),
        nodes: Vec::new(),
    };
    let result = split(&written.value).and_then(|tokens| {
        let mut parser = Parser {
            tokens,
            at: 0,
            depth: 0,
            units,
            nodes: Vec::new(),
            end: written.value.len(),
        };
        parser.whole()?;
        Ok(parser.nodes)
    });
    match result {
        Ok(nodes) => {
            expression.nodes = nodes;
            Ok(expression)
        }
        Err(mistake) => {
            // A node of its own maps the place of the mistake into the source.
            expression.nodes.push(Node {
                kind: NodeKind::Name(String::new()),
                span: mistake.span,
            });
            let place: Place = expression.place_of(0);
            let fault = Fault::new(Code::BadExpression, mistake.message, &place);
            Err(Box::new(fault.maybe_help(mistake.help)))
        }
    }
}

struct Parser<'a> {
    tokens: Vec<(Token, Range<usize>)>,
    at: usize,
    depth: usize,
    units: &'a Units,
    nodes: Vec<Node>,
    end: usize,
}

impl Parser<'_> {
    fn whole(&mut self) -> Result<(), Mistake> {
        if self.tokens.is_empty() {
            return Err(Mistake::new("the expression is empty", 0..self.end));
        }
        self.sum()?;
        match self.tokens.get(self.at) {
            None => Ok(()),
            Some((Token::Symbol(')'), span)) => {
                Err(Mistake::new("this bracket was never opened", span.clone()))
            }
            Some((Token::Unit(_), span)) => {
                let mut mistake = Mistake::new("a unit may only follow a number", span.clone());
                mistake.help = Some("names carry the unit they were declared with".to_owned());
                Err(mistake)
            }
            Some((_, span)) => Err(Mistake::new(
                "an operator is missing before this",
                span.clone(),
            )),
        }
    }

    fn here(&self) -> Range<usize> {
        self.tokens
            .get(self.at)
            .map_or(self.end..self.end, |(_, span)| span.clone())
    }

    fn take(&mut self, symbol: char) -> bool {
        let found = matches!(self.tokens.get(self.at), Some((Token::Symbol(c), _)) if *c == symbol);
        self.at += usize::from(found);
        found
    }

    fn push(&mut self, kind: NodeKind, span: Range<usize>) -> usize {
        self.nodes.push(Node { kind, span });
        self.nodes.len() - 1
    }

    fn join(&mut self, operator: Operator, left: usize, right: usize) -> usize {
        let span = self.nodes[left].span.start..self.nodes[right].span.end;
        self.push(NodeKind::Binary(operator, left, right), span)
    }

    fn descend(&mut self) -> Result<(), Mistake> {
        self.depth += 1;
        if self.depth > DEEPEST_EXPRESSION {
            let message = format!("the expression is nested deeper than {DEEPEST_EXPRESSION}");
            let mut mistake = Mistake::new(message, self.here());
            mistake.help = Some("move a part of it to an [assignment]".to_owned());
            return Err(mistake);
        }
        Ok(())
    }

    fn sum(&mut self) -> Result<usize, Mistake> {
        let mut left = self.product()?;
        loop {
            let operator = if self.take('+') {
                Operator::Add
            } else if self.take('-') {
                Operator::Subtract
            } else {
                return Ok(left);
            };
            let right = self.product()?;
            left = self.join(operator, left, right);
        }
    }

    fn product(&mut self) -> Result<usize, Mistake> {
        let mut left = self.signed()?;
        loop {
            let operator = if self.take('*') {
                Operator::Multiply
            } else if self.take('/') {
                Operator::Divide
            } else {
                return Ok(left);
            };
            let right = self.signed()?;
            left = self.join(operator, left, right);
        }
    }

    fn signed(&mut self) -> Result<usize, Mistake> {
        let start = self.here().start;
        if !self.take('-') {
            return self.power();
        }
        self.descend()?;
        let operand = self.signed()?;
        self.depth -= 1;
        let span = start..self.nodes[operand].span.end;
        Ok(self.push(NodeKind::Negate(operand), span))
    }

    fn power(&mut self) -> Result<usize, Mistake> {
        let base = self.atom()?;
        if !self.take('^') {
            return Ok(base);
        }
        self.descend()?;
        let exponent = self.signed()?;
        self.depth -= 1;
        Ok(self.join(Operator::Power, base, exponent))
    }

    fn atom(&mut self) -> Result<usize, Mistake> {
        let Some((token, span)) = self.tokens.get(self.at).cloned() else {
            return Err(Mistake::new(
                "the expression ends too early",
                self.end..self.end,
            ));
        };
        self.at += 1;
        match token {
            Token::Number(text) => self.number(&text, span),
            Token::Name(name) => {
                if self.take('(') {
                    self.call(&name, span)
                } else {
                    Ok(self.push(NodeKind::Name(name), span))
                }
            }
            Token::Symbol('(') => {
                self.descend()?;
                let inner = self.sum()?;
                self.depth -= 1;
                let end = self.here().end;
                if !self.take(')') {
                    return Err(Mistake::new(
                        "a closing bracket is missing",
                        span.start..end,
                    ));
                }
                self.nodes[inner].span = span.start..end;
                Ok(inner)
            }
            Token::Symbol('+') => Err(Mistake::new("a `+` must stand between two terms", span)),
            Token::Symbol(_) | Token::Unit(_) => Err(Mistake::new(
                "a number, a name or a bracket is expected here",
                span,
            )),
        }
    }

    fn number(&mut self, text: &str, mut span: Range<usize>) -> Result<usize, Mistake> {
        let value = text.parse::<f64>().ok().filter(|value| value.is_finite());
        let Some(value) = value else {
            return Err(Mistake::new(
                format!("`{text}` is not a finite number"),
                span,
            ));
        };
        let mut unit = None;
        if let Some((Token::Unit(text), unit_span)) = self.tokens.get(self.at).cloned() {
            self.at += 1;
            let inside = unit_span.start + 1..unit_span.end - 1;
            unit = Some(
                self.units
                    .parse(&text)
                    .map_err(|error| unit_mistake(&error, inside))?,
            );
            span.end = unit_span.end;
        }
        let exact = parse_decimal(text);
        Ok(self.push(NodeKind::Number { value, exact, unit }, span))
    }

    fn call(&mut self, name: &str, span: Range<usize>) -> Result<usize, Mistake> {
        let Some(function) = Function::from_name(name) else {
            let mut mistake = Mistake::new(format!("there is no function `{name}`"), span);
            let names = FUNCTIONS.iter().map(|entry| entry.name);
            mistake.help = did_you_mean(name, names.clone()).or_else(|| {
                Some(format!(
                    "functions: {}",
                    names.collect::<Vec<_>>().join(", ")
                ))
            });
            return Err(mistake);
        };
        self.descend()?;
        let mut arguments = Vec::new();
        if !self.take(')') {
            loop {
                arguments.push(self.sum()?);
                if self.take(',') {
                    continue;
                }
                if self.take(')') {
                    break;
                }
                let message = format!("the call of `{name}` has no closing bracket");
                return Err(Mistake::new(message, span.start..self.here().end));
            }
        }
        self.depth -= 1;
        let end = self
            .tokens
            .get(self.at - 1)
            .map_or(self.end, |(_, span)| span.end);
        let whole = span.start..end;
        let entry = function.entry();
        let right_number = arguments.len() == entry.arguments.len()
            || (entry.more == More::AnyNumber && arguments.len() > entry.arguments.len());
        if !right_number {
            let message = format!(
                "`{name}` takes {} argument(s), not {}",
                entry.arguments.len(),
                arguments.len()
            );
            let mut mistake = Mistake::new(message, whole);
            mistake.help = Some(format!(
                "{name}({}): {}",
                entry.arguments.join(", "),
                entry.says
            ));
            return Err(mistake);
        }
        if function == Function::Resting {
            return self.resting(&arguments, whole);
        }
        Ok(self.push(NodeKind::Call(function, arguments), whole))
    }

    /// The argument of `resting` must be a plain name; its node becomes the call.
    fn resting(&mut self, arguments: &[usize], whole: Range<usize>) -> Result<usize, Mistake> {
        if let Some(Node {
            kind: NodeKind::Name(name),
            ..
        }) = self.nodes.last()
            && arguments == [self.nodes.len() - 1]
        {
            let kind = NodeKind::Resting(name.clone());
            self.nodes.pop();
            return Ok(self.push(kind, whole));
        }
        let message = "`resting` takes the name of a species or an assignment";
        Err(Mistake::new(message, whole))
    }
}

fn unit_mistake(error: &UnitError, span: Range<usize>) -> Mistake {
    let mut mistake = Mistake::new(error.to_string(), span);
    if let UnitError::Unknown {
        alike: Some(alike), ..
    } = error
    {
        mistake.help = Some(format!("did you mean `{alike}`?"));
    }
    mistake
}
