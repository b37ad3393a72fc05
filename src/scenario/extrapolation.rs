//! Doses beyond what has been studied: said in a sentence, never refused.

use std::collections::BTreeSet;

use gutbrain_network::Declaration;

use super::plan::Scenario;

impl Scenario {
    /// One sentence for every intervention and arm whose dose lies outside the range that the model declares
    /// as studied, in the order of the arms.
    #[must_use]
    pub fn extrapolations(&self, declaration: &Declaration) -> Vec<String> {
        let mut said = BTreeSet::new();
        let mut sentences = Vec::new();
        for arm in &self.arms {
            for shading in &arm.shading {
                let Some(declared) = declaration.interventions.get(&shading.kind) else {
                    continue;
                };
                let (Some(dose), Some(studied)) = (shading.dose, &declared.dose.studied) else {
                    continue;
                };
                if studied.holds(dose) || !said.insert((&arm.name, &shading.kind, dose.to_bits())) {
                    continue;
                }
                let show = |dose: f64| declared.dose.show(dose);
                let range = if studied.from.to_bits() == studied.to.to_bits() {
                    show(studied.to)
                } else {
                    format!("{} to {}", studied.from, show(studied.to))
                };
                sentences.push(format!(
                    "arm `{}`: `{}` has been studied at {range}; what {} does is extrapolated",
                    arm.name.escape_debug(),
                    shading.kind,
                    show(dose),
                ));
            }
        }
        sentences
    }
}
