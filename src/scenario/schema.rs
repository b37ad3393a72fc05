//! The JSON Schema of a scenario file, read from the registry of keys.

use gutbrain_network::declaration::Family;
use serde_json::{Map, Value, json};

use super::keys::{self, Default, Key, Kind};

/// JSON Schema (draft 2020-12) of a scenario, for editors and other programs.
///
/// It knows shapes, and words with a model of this `family`; names and units are checked against a model by `gutbrain check`.
#[must_use]
pub fn json_schema(family: &Family) -> Value {
    let mut schema = table("", family);
    schema.insert(
        "$schema".into(),
        json!("https://json-schema.org/draft/2020-12/schema"),
    );
    schema.insert("title".into(), json!("gutbrain scenario"));
    schema.insert(
        "description".into(),
        json!("An experiment on the gut-brain axis: a subject, a span of life, and arms."),
    );
    // A file that extends another may leave out what the other one says.
    let required = schema.remove("required").unwrap_or_else(|| json!([]));
    schema.insert(
        "anyOf".into(),
        json!([{ "required": ["extends"] }, { "required": required }]),
    );
    Value::Object(schema)
}

fn table(path: &str, family: &Family) -> Map<String, Value> {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for key in keys::keys_of(path) {
        properties.insert(key.name().to_owned(), property(key, family));
        // A table that is merged over another one may be given in part.
        if key.default == Default::Required && !matches!(path, "subject" | "simulation" | "sweep") {
            required.push(json!(key.name()));
        }
    }
    let mut schema = Map::new();
    schema.insert("type".into(), json!("object"));
    schema.insert("properties".into(), Value::Object(properties));
    if !required.is_empty() {
        schema.insert("required".into(), Value::Array(required));
    }
    schema.insert("additionalProperties".into(), json!(false));
    schema
}

fn property(key: &Key, family: &Family) -> Value {
    let mut schema = match key.kind {
        Kind::Text => object(json!({ "type": "string" })),
        Kind::Whole => object(json!({ "type": "integer", "minimum": 0 })),
        Kind::Number => object(json!({ "type": "number" })),
        Kind::Age => object(json!({ "type": "string", "examples": ["38 d", "birth"] })),
        Kind::Moment => {
            object(json!({ "type": "string", "examples": ["38 d", "birth", "onset + 7 d"] }))
        }
        Kind::Moments => {
            object(json!({ "type": "array", "items": { "type": "string" }, "minItems": 1 }))
        }
        Kind::Stop => {
            object(json!({ "type": "string", "examples": ["90 d", "end", "onset + 7 d"] }))
        }
        Kind::Duration => object(json!({ "type": "string", "examples": ["1 d", "12 h"] })),
        Kind::Ages => object(json!({ "type": "array", "items": { "type": "string" } })),
        Kind::Truth => object(json!({ "type": "boolean" })),
        Kind::Wholes => {
            object(json!({ "type": "array", "items": { "type": "integer", "minimum": 0 } }))
        }
        Kind::Names => {
            object(json!({ "type": "array", "items": { "type": "string" }, "uniqueItems": true }))
        }
        Kind::Values => object(
            json!({ "type": "array", "items": { "type": ["string", "number", "boolean"] }, "minItems": 1 }),
        ),
        Kind::Quantity => object(json!({ "type": ["string", "number"] })),
        Kind::Words(_) | Kind::Method | Kind::Figure | Kind::Survival => {
            object(json!({ "enum": keys::words(key.kind, family) }))
        }
        Kind::Parameters => object(
            json!({ "type": "object", "additionalProperties": { "type": ["string", "number"] } }),
        ),
        Kind::Colours => object(json!({
            "type": "object",
            "additionalProperties": { "type": "string", "pattern": "^#[0-9A-Fa-f]{6}$" },
        })),
        Kind::Paths => object(json!({
            "type": ["string", "array"], "items": { "type": "string" }, "minItems": 1,
        })),
        Kind::Table => table(key.path, family),
        Kind::Tables => {
            object(json!({ "type": "array", "items": Value::Object(table(key.path, family)) }))
        }
    };
    let description = match key.default {
        Default::Required => key.says.to_owned(),
        Default::RequiredUnless(other) => {
            format!("{} Must be given where `{other}` is not.", key.says)
        }
        Default::Words(words) => format!("{} Default: {words}.", key.says),
    };
    schema.insert("description".into(), json!(description));
    Value::Object(schema)
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
