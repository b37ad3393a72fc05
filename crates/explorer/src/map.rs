//! The network map as places, with the entries of the model behind every arrow.

use gutbrain::model::Model;
use gutbrain::results::map::graph;
use gutbrain_figures::{MapBox, MapForm, map_layout};
use serde_json::{Value, json};

use crate::answer::Refusal;
use crate::links::Links;
use crate::scenario::Opened;

/// The map of a scenario.
pub(crate) fn map(model: &Model, tree: &Value) -> Result<Value, Refusal> {
    let opened = Opened::tree(model, tree)?;
    let graph = graph(&model.declaration, &opened.scenario);
    let layout = map_layout("network-map", &graph)?;
    let nodes: Vec<&str> = graph.nodes.iter().map(|node| node.id.as_str()).collect();
    let links = Links::new(&model.declaration, &nodes);
    let ways: Vec<Value> = layout
        .ways
        .iter()
        .map(|way| {
            let points: Vec<[f64; 2]> = way
                .points
                .iter()
                .map(|at| [short(at.0), short(at.1)])
                .collect();
            json!({
                "from": way.from,
                "to": way.to,
                "kind": way.kind.word(),
                "active": way.active,
                "points": points,
                "entries": links.behind(&way.from, &way.to),
            })
        })
        .collect();
    let all = |boxes: &[MapBox]| boxes.iter().map(of_box).collect::<Vec<Value>>();
    Ok(json!({
        "width": layout.width,
        "height": layout.height,
        "regions": all(&layout.regions),
        "compartments": all(&layout.compartments),
        "nodes": all(&layout.nodes),
        "ways": ways,
    }))
}

fn of_box(it: &MapBox) -> Value {
    json!({
        "id": it.id,
        "lines": it.lines,
        "region": it.region,
        "derived": it.form == MapForm::Derived,
        "left": short(it.left),
        "top": short(it.top),
        "right": short(it.right),
        "bottom": short(it.bottom),
    })
}

/// Hundredths of a millimetre are enough for a screen.
fn short(length: f64) -> f64 {
    (100.0 * length).round() / 100.0
}
