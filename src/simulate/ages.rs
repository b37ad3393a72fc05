//! [`Ages`]: when the endpoints of a family were reached in one life.

use std::sync::Arc;

use gutbrain_network::declaration::{Endpoint, EndpointRole, EndpointSet};
use serde::{Serialize, Serializer};

/// Ages at the endpoints of a family in days, in their order; nothing where one was not reached.
#[derive(Debug, Clone, PartialEq)]
pub struct Ages {
    set: Arc<EndpointSet>,
    reached: Vec<Option<f64>>,
}

impl Ages {
    /// The age that `age` gives for every endpoint.
    pub fn new(set: &Arc<EndpointSet>, age: impl Fn(&Endpoint) -> Option<f64>) -> Self {
        Self {
            set: Arc::clone(set),
            reached: set.iter().map(age).collect(),
        }
    }

    /// The endpoints.
    #[must_use]
    pub fn set(&self) -> &Arc<EndpointSet> {
        &self.set
    }

    /// The age at an endpoint.
    #[must_use]
    pub fn at(&self, endpoint: &Endpoint) -> Option<f64> {
        self.reached.get(endpoint.place()).copied().flatten()
    }

    /// The age at the endpoint of this word; nothing, too, if the family has none.
    #[must_use]
    pub fn of(&self, word: &str) -> Option<f64> {
        self.at(self.set.find(word)?)
    }

    /// The age at the endpoint with this role; nothing, too, if the family has none.
    #[must_use]
    pub fn with_role(&self, role: EndpointRole) -> Option<f64> {
        self.at(self.set.with_role(role)?)
    }

    /// Every endpoint with its age.
    pub fn iter(&self) -> impl Iterator<Item = (&Endpoint, Option<f64>)> {
        self.set.iter().zip(self.reached.iter().copied())
    }

    /// Replaces every age by what `change` makes of it.
    pub(crate) fn change(&mut self, change: impl Fn(&Endpoint, Option<f64>) -> Option<f64>) {
        for (endpoint, age) in self.set.iter().zip(&mut self.reached) {
            *age = change(endpoint, *age);
        }
    }
}

/// A map from the columns of the endpoints to their ages: `{"onset_d": 93.1, …}`.
impl Serialize for Ages {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter().map(|(endpoint, age)| (endpoint.column(), age)))
    }
}
