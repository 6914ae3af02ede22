//! Questions: which documents are meant, in which order, and what of them is shown.

use std::cmp::Ordering;
use std::collections::HashSet;

use serde_json::{Map, Value};

use super::fields::Field;

/// What a field has to be.
enum Test {
    Is(Value),
    Not(Value),
    In(Choice),
    NotIn(Choice),
    Place(Value, fn(Ordering) -> bool),
    Like(String),
    Exists(bool),
}

/// Several values; texts are found at once, for lists of ids can be long.
struct Choice {
    texts: HashSet<String>,
    others: Vec<Value>,
}

impl Choice {
    fn new(values: &Value) -> Result<Choice, String> {
        let Some(values) = values.as_array() else {
            return Err("values.map is not a function".to_owned());
        };
        let (mut texts, mut others) = (HashSet::new(), Vec::new());
        for value in values {
            match value {
                Value::String(text) => drop(texts.insert(text.clone())),
                other => others.push(other.clone()),
            }
        }
        Ok(Choice { texts, others })
    }

    fn has(&self, field: &Field<'_>) -> bool {
        if let Field::Json(Value::Array(own)) = field {
            return own.iter().any(|value| self.has(&Field::Json(value)));
        }
        match field.text() {
            Some(text) => self.texts.contains(text),
            None => self.others.iter().any(|value| field.is(value)),
        }
    }
}

impl Test {
    fn holds(&self, field: &Field<'_>) -> bool {
        match self {
            Test::Is(value) => match field {
                // A list is meant where it contains the value.
                Field::Json(Value::Array(own)) if !value.is_array() => own.contains(value),
                field => field.is(value),
            },
            Test::Not(value) => !field.is(value),
            Test::In(choice) => choice.has(field),
            Test::NotIn(choice) => !choice.has(field),
            Test::Place(value, fits) => field.compare(value).is_some_and(fits),
            Test::Like(pattern) => field.text().is_some_and(|text| is_like(text, pattern)),
            Test::Exists(wanted) => field.is_nothing() != *wanted,
        }
    }
}

/// SQL's LIKE without regard to case.
fn is_like(text: &str, pattern: &str) -> bool {
    let (text, pattern) = (text.to_lowercase(), pattern.to_lowercase());
    let parts: Vec<&str> = pattern.split('%').collect();
    let [first, middle @ .., last] = parts.as_slice() else { return text == pattern };
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    for part in middle {
        let Some(place) = rest.find(part) else { return false };
        rest = &rest[place + part.len()..];
    }
    rest.len() >= last.len() && rest.ends_with(last)
}

/// A question for documents.
pub struct Query {
    tests: Vec<(String, Test)>,
    /// The plain values that were asked for: such fields are left out of the answer.
    plain: Vec<(String, Value)>,
}

impl Query {
    /// Reads a query; the error is the words of the server.
    pub fn new(query: &Value) -> Result<Query, String> {
        let (mut tests, mut plain) = (Vec::new(), Vec::new());
        for (name, wanted) in query.as_object().into_iter().flatten() {
            if name.starts_with('$') {
                return Err(format!("syntax error at or near \"{name}\""));
            }
            let operators = wanted.as_object().filter(|o| o.keys().any(|k| k.starts_with('$')));
            let Some(operators) = operators else {
                check_time(name, wanted)?;
                if !wanted.is_null() && !wanted.is_object() && !wanted.is_array() {
                    plain.push((name.clone(), wanted.clone()));
                }
                tests.push((name.clone(), Test::Is(wanted.clone())));
                continue;
            };
            for (operator, value) in operators {
                if !operator.ends_with("in") {
                    check_time(name, value)?;
                }
                tests.push((name.clone(), test(operator, value)?));
            }
        }
        Ok(Query { tests, plain })
    }

    /// Whether a document with these fields is meant.
    pub fn matches<'a>(&self, field: impl Fn(&str) -> Field<'a>) -> bool {
        self.tests.iter().all(|(name, test)| test.holds(&field(name)))
    }

    /// The same without this field, which was looked at already.
    pub fn matches_beside<'a>(&self, beside: &str, field: impl Fn(&str) -> Field<'a>) -> bool {
        let mut others = self.tests.iter().filter(|(name, _)| name != beside);
        others.all(|(name, test)| test.holds(&field(name)))
    }

    /// Whether this value of a field fits the question.
    pub fn allows(&self, name: &str, value: &str) -> bool {
        let mut of_field = self.tests.iter().filter(|(n, _)| n == name);
        of_field.all(|(_, test)| test.holds(&Field::Text(value)))
    }

    /// The ids that are asked for, if only some are.
    pub fn ids(&self) -> Option<Vec<&str>> {
        self.tests.iter().filter(|(name, _)| name == "_id").find_map(|(_, test)| match test {
            Test::Is(value) => Some(value.as_str().into_iter().collect()),
            Test::In(choice) => Some(choice.texts.iter().map(String::as_str).collect()),
            _ => None,
        })
    }

    /// Whether the answer leaves this field out, since the question says what it is.
    pub fn says(&self, name: &str, field: &Field<'_>) -> bool {
        self.plain.iter().any(|(asked, value)| asked == name && field.is(value))
    }
}

/// Times are a column of numbers, and text is not cast to one.
fn check_time(name: &str, value: &Value) -> Result<(), String> {
    match (name, value) {
        ("modifiedOn" | "createdOn", Value::String(text)) => {
            Err(format!("invalid input syntax for type bigint: \"{text}\""))
        }
        _ => Ok(()),
    }
}

fn test(operator: &str, value: &Value) -> Result<Test, String> {
    let value_owned = value.clone();
    Ok(match operator {
        "$in" => Test::In(Choice::new(value)?),
        "$nin" => Test::NotIn(Choice::new(value)?),
        "$ne" => Test::Not(value_owned),
        "$gt" => Test::Place(value_owned, Ordering::is_gt),
        "$gte" => Test::Place(value_owned, Ordering::is_ge),
        "$lt" => Test::Place(value_owned, Ordering::is_lt),
        "$lte" => Test::Place(value_owned, Ordering::is_le),
        "$like" => Test::Like(value.as_str().unwrap_or_default().to_owned()),
        "$exists" => Test::Exists(value != &Value::Bool(false)),
        _ => return Err(format!("syntax error at or near \"{operator}\"")),
    })
}

/// How the documents that are meant are shown.
#[derive(Default)]
pub struct Options {
    pub limit: Option<usize>,
    sort: Vec<(String, bool)>,
    projection: Option<HashSet<String>>,
    pub lookup: Map<String, Value>,
    pub counts: bool,
    pub shows_archived: bool,
}

impl Options {
    /// Reads the options; `text` is the JSON they came in, for the order of the sort keys counts.
    pub fn new(options: &Value, text: &str) -> Options {
        let sort = options["sort"].as_object().map_or_else(Vec::new, |sort| {
            let mut keys: Vec<(String, bool)> =
                sort.iter().map(|(name, way)| (name.clone(), way.as_i64() == Some(-1))).collect();
            let from = text.find("\"sort\"").unwrap_or(0);
            keys.sort_by_key(|(name, _)| text[from..].find(&format!("\"{name}\"")));
            keys
        });
        let projection = options["projection"].as_object().map(|projection| {
            let wanted = |(name, value): (&String, &Value)| {
                (value != &Value::from(0) && value != &Value::Bool(false)).then(|| name.clone())
            };
            projection.iter().filter_map(wanted).collect()
        });
        Options {
            limit: options["limit"].as_u64().map(|limit| limit as usize).filter(|n| *n > 0),
            sort,
            projection,
            lookup: options["lookup"].as_object().cloned().unwrap_or_default(),
            counts: options["total"] == true,
            shows_archived: options["showArchived"] == true,
        }
    }

    /// Whether a field is shown at all.
    pub fn shows(&self, name: &str) -> bool {
        self.projection.as_ref().is_none_or(|wanted| wanted.contains(name))
    }

    /// Whether an order was asked for.
    pub fn sorts(&self) -> bool {
        !self.sort.is_empty()
    }

    /// What a document is sorted by.
    pub fn keys<'a>(&self, field: impl Fn(&str) -> Field<'a>) -> Vec<Field<'a>> {
        self.sort.iter().map(|(name, _)| field(name)).collect()
    }

    /// The order of two documents, by their keys.
    pub fn order(&self, one: &[Field<'_>], other: &[Field<'_>]) -> Ordering {
        let by_key =
            self.sort.iter().zip(one.iter().zip(other)).map(|((_, descending), (a, b))| {
                let order = a.order(b);
                if *descending { order.reverse() } else { order }
            });
        by_key.into_iter().find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    }
}
