//! The shards of a sweep as finished runs, and the question that they answer together.

use std::path::PathBuf;

use gutbrain::model::Model;
use gutbrain::study::{Counts, Setup, Shard, ShardError, SweepPart};

use super::job::Question;
use super::manifest::Manifest;
use super::{OutputError, SavedRun};

/// Finished shards of a sweep.
#[derive(Debug)]
pub struct Shards(Vec<SavedRun>);

impl Shards {
    /// Opens their folders; nothing where there are none.
    ///
    /// # Errors
    /// [`OutputError::NotARun`] if one is no complete run.
    pub fn open(folders: &[PathBuf]) -> Result<Option<Self>, OutputError> {
        let opened = folders.iter().map(|folder| SavedRun::open(folder));
        let opened: Vec<SavedRun> = opened.collect::<Result<_, OutputError>>()?;
        Ok(Some(Self(opened)).filter(|shards| !shards.0.is_empty()))
    }

    /// The first of them: it has the scenario, and its manifest names the model.
    #[must_use]
    pub fn first(&self) -> &SavedRun {
        &self.0[0]
    }

    /// What each is a part of, as the study that joins them takes it.
    ///
    /// # Errors
    /// [`ShardError`]: a manifest notes no shard.
    pub fn parts(&self) -> Result<Vec<SweepPart<'_>>, ShardError> {
        let mut parts = Vec::with_capacity(self.0.len());
        for saved in &self.0 {
            let manifest = saved.manifest();
            parts.push(SweepPart {
                shard: Shard::from_note(&manifest.shard)?,
                fingerprint: manifest.fingerprint.clone(),
                saved,
            });
        }
        Ok(parts)
    }

    /// The question that they answer together.
    #[must_use]
    pub fn joined<'j>(&'j self, setup: &'j Setup, fingerprint: String) -> Joined<'j> {
        Joined {
            shards: self,
            setup,
            fingerprint,
        }
    }
}

/// The question of a sweep whose shards are joined.
#[derive(Debug)]
pub struct Joined<'j> {
    shards: &'j Shards,
    setup: &'j Setup,
    fingerprint: String,
}

impl Question for Joined<'_> {
    fn stem(&self) -> String {
        self.shards.first().manifest().identity.scenario.clone()
    }

    fn inputs(&self) -> Vec<PathBuf> {
        let folders = self.shards.0.iter().map(SavedRun::folder);
        folders.map(ToOwned::to_owned).collect()
    }

    fn model(&self) -> &Model {
        &self.setup.model
    }

    fn describe(&self, manifest: &mut Manifest, counts: Counts) {
        self.setup.describe(manifest, counts);
        manifest.fingerprint.clone_from(&self.fingerprint);
    }
}
