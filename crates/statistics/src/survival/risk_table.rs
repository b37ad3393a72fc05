//! Who was at risk at each event: the counts behind the log-rank test and the hazard ratio.
//!
//! For each stratum and each time with an event there is one row: for every group how many were at risk
//! just before, and how many had the event. Everything that compares groups is a sum over these rows;
//! sums of counts do not depend on the order in which subjects were given.

use super::{NotEstimable, Observation, check_times, same_time};

/// Counts at every event, for groups that are compared within strata; see the module.
#[derive(Debug, Clone)]
pub struct RiskTable {
    groups: usize,
    /// Per group: how many subjects.
    subjects: Vec<usize>,
    /// Per row: at risk in every group, then events in every group.
    counts: Vec<u32>,
}

/// One subject on its way into the table.
#[derive(Clone, Copy)]
struct Entry {
    stratum: u64,
    time: f64,
    group: u32,
    event: bool,
}

impl RiskTable {
    /// The table of groups that are compared as a whole.
    ///
    /// ```
    /// use gutbrain_statistics::survival::{Confidence, Observation, RiskTable};
    /// let control = [110.0, 121.0, 128.0, 131.0].map(Observation::event);
    /// let treated = [127.0, 139.0, 150.0, 166.0].map(Observation::event);
    /// let table = RiskTable::new(&[&control, &treated])?;
    /// let test = table.log_rank()?;
    /// assert!((test.p - 0.050_970_340_514).abs() < 1e-12);
    /// let hazard = table.hazard_ratio(Confidence::percent_95())?;
    /// assert!(hazard.ratio < 1.0, "treated against control");
    /// # Ok::<(), gutbrain_statistics::survival::NotEstimable>(())
    /// ```
    ///
    /// # Errors
    /// [`NotEstimable::Time`].
    pub fn new(groups: &[&[Observation]]) -> Result<Self, NotEstimable> {
        Self::build(groups, |_, _| 0)
    }

    /// The table of groups whose subjects are compared within their stratum only; `strata` has for each
    /// group one label per subject.
    ///
    /// # Errors
    /// [`NotEstimable::Time`], [`NotEstimable::Shape`].
    pub fn stratified(groups: &[&[Observation]], strata: &[&[u64]]) -> Result<Self, NotEstimable> {
        let subjects = groups.iter().map(|group| group.len()).sum();
        let given = strata.iter().map(|labels| labels.len()).sum();
        let fits = groups.len() == strata.len()
            && groups.iter().zip(strata).all(|(g, s)| g.len() == s.len());
        if !fits {
            return Err(NotEstimable::Shape {
                what: "strata",
                given,
                subjects,
            });
        }
        Self::build(groups, |group, subject| strata[group][subject])
    }

    fn build(
        groups: &[&[Observation]],
        stratum: impl Fn(usize, usize) -> u64,
    ) -> Result<Self, NotEstimable> {
        let size = groups.iter().map(|group| group.len()).sum();
        let mut entries = Vec::with_capacity(size);
        for (number, group) in groups.iter().enumerate() {
            check_times(number, group)?;
            entries.extend(group.iter().enumerate().map(|(subject, o)| Entry {
                stratum: stratum(number, subject),
                time: o.time + 0.0,
                group: number as u32,
                event: o.event,
            }));
        }
        // Last times first: who is at risk is who has been passed.
        entries.sort_unstable_by(|a, b| {
            let by_stratum = a.stratum.cmp(&b.stratum);
            by_stratum.then_with(|| b.time.total_cmp(&a.time))
        });
        let count = groups.len();
        let mut counts = Vec::with_capacity(2 * count * size);
        let mut at_risk = vec![0_u32; count];
        let mut events = vec![0_u32; count];
        let mut next = 0;
        while next < size {
            let Entry { stratum, time, .. } = entries[next];
            if next == 0 || entries[next - 1].stratum != stratum {
                at_risk.fill(0);
            }
            events.fill(0);
            let mut any = false;
            while next < size
                && entries[next].stratum == stratum
                && same_time(entries[next].time, time)
            {
                let Entry { group, event, .. } = entries[next];
                at_risk[group as usize] += 1;
                events[group as usize] += u32::from(event);
                any |= event;
                next += 1;
            }
            if any {
                counts.extend_from_slice(&at_risk);
                counts.extend_from_slice(&events);
            }
        }
        Ok(Self {
            groups: count,
            subjects: groups.iter().map(|group| group.len()).collect(),
            counts,
        })
    }

    /// How many groups there are, empty ones included.
    #[must_use]
    pub fn groups(&self) -> usize {
        self.groups
    }

    /// How many subjects group `group` has.
    #[must_use]
    pub fn subjects(&self, group: usize) -> usize {
        self.subjects.get(group).copied().unwrap_or(0)
    }

    /// Per stratum and event time, latest first: (at risk per group, events per group).
    pub(super) fn rows(&self) -> impl Iterator<Item = (&[u32], &[u32])> {
        let width = 2 * self.groups.max(1);
        self.counts
            .chunks_exact(width)
            .map(|row| row.split_at(self.groups))
    }

    /// Whether the groups can be compared at all.
    pub(super) fn check_comparable(&self) -> Result<(), NotEstimable> {
        if self.subjects.iter().all(|&count| count == 0) {
            return Err(NotEstimable::NoSubjects);
        }
        if self.subjects.iter().filter(|&&count| count > 0).count() < 2 {
            return Err(NotEstimable::OneGroup);
        }
        if self.counts.is_empty() {
            return Err(NotEstimable::NoEvents);
        }
        Ok(())
    }
}
