//! [`InstructionSet`]: which vector instructions of this processor are used.
//!
//! A [`Kernel`] is compiled once for each set and one version is chosen at run time. All give the
//! same bits: the compiler turns loops over lanes into wider instructions and reorders nothing, and
//! it never contracts a product and a sum into one operation by itself.
//!
//! Why the unsafe code is sound: a function compiled for an instruction
//! set must not be called on a processor without it. The calls below happen only with a value
//! `Set::Avx2` or `Set::Avx512`; the field is private, and such a value is made in
//! `InstructionSet::wider` alone, where the processor has just said that it has every one of the
//! features that the function enables (`chosen` chooses among these). Nothing else about these functions is unsafe: they take and
//! return ordinary values by the ordinary calling convention.
#![cfg_attr(
    target_arch = "x86_64",
    expect(
        unsafe_code,
        reason = "calls of functions compiled for an instruction set"
    )
)]

use std::sync::OnceLock;

use crate::encoder::Width;

/// The environment variable that chooses an instruction set.
pub const CHOICE: &str = "GUTBRAIN_NATIVE";

/// A choice that is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownInstructionSet(String);

impl std::fmt::Display for UnknownInstructionSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self(word) = self;
        let possible = InstructionSet::available();
        let words = possible.iter().map(|set| match set.0 {
            Set::Baseline => "`off`".to_owned(),
            #[cfg(target_arch = "x86_64")]
            Set::Avx2 | Set::Avx512 => format!("`{}`", set.name()),
        });
        let words = words.collect::<Vec<_>>().join(", ");
        write!(
            f,
            "{CHOICE} is `{}`: on this processor it may be {words}, or not set",
            word.escape_debug()
        )
    }
}

impl std::error::Error for UnknownInstructionSet {}

/// Work that gains from wide registers. `run` and what it calls are to be `#[inline(always)]`.
pub trait Kernel {
    /// What it gives.
    type Output;
    /// Do it.
    fn run(self) -> Self::Output;
}

/// An instruction set that this processor has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct InstructionSet(Set);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Set {
    Baseline,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn run_on_avx2<K: Kernel>(kernel: K) -> K::Output {
    kernel.run()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq,avx512vl,fma")]
fn run_on_avx512<K: Kernel>(kernel: K) -> K::Output {
    kernel.run()
}

impl InstructionSet {
    /// All that this processor has, the narrowest first.
    #[must_use]
    pub fn available() -> Vec<Self> {
        let baseline = std::iter::once(Self(Set::Baseline));
        baseline.chain(Self::wider()).collect()
    }

    /// Those with wider registers than the baseline, the narrowest first.
    #[cfg(target_arch = "x86_64")]
    fn wider() -> impl Iterator<Item = Self> {
        // All processors with AVX2 have it; powers use it.
        let fused = is_x86_feature_detected!("fma");
        let avx2 = is_x86_feature_detected!("avx2") && fused;
        let avx512 = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vl")
            && fused;
        let avx2 = avx2.then_some(Self(Set::Avx2));
        avx2.into_iter().chain(avx512.then_some(Self(Set::Avx512)))
    }

    /// Code is made for no others.
    #[cfg(not(target_arch = "x86_64"))]
    fn wider() -> impl Iterator<Item = Self> {
        std::iter::empty()
    }

    /// The widest that this processor has.
    #[must_use]
    pub fn widest() -> Self {
        let mut sets = Self::available();
        sets.pop().unwrap_or(Self(Set::Baseline))
    }

    /// The one that lives are simulated with: the widest, or what the environment variable
    /// [`CHOICE`] says: `off` (plain instructions and no code made at run time), `avx2` or `avx512`.
    /// All give the same bits. Read once.
    ///
    /// # Errors
    /// When the variable has another value, or names what this processor does not have.
    pub fn chosen() -> Result<Self, UnknownInstructionSet> {
        static CHOSEN: OnceLock<Result<InstructionSet, UnknownInstructionSet>> = OnceLock::new();
        let read = || match std::env::var_os(CHOICE) {
            None => Ok(Self::widest()),
            Some(word) => Self::named(&word.to_string_lossy()),
        };
        CHOSEN.get_or_init(read).clone()
    }

    /// The one that a word of [`CHOICE`] stands for.
    ///
    /// # Errors
    /// As for [`chosen`](Self::chosen).
    pub fn named(word: &str) -> Result<Self, UnknownInstructionSet> {
        let known = |set: &Self| match set.0 {
            Set::Baseline => word == "off",
            #[cfg(target_arch = "x86_64")]
            Set::Avx2 | Set::Avx512 => word == set.name(),
        };
        let found = Self::available().into_iter().find(known);
        found.ok_or_else(|| UnknownInstructionSet(word.to_owned()))
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self.0 {
            Set::Baseline => "baseline",
            #[cfg(target_arch = "x86_64")]
            Set::Avx2 => "avx2",
            #[cfg(target_arch = "x86_64")]
            Set::Avx512 => "avx512",
        }
    }

    /// The width of the registers that machine code uses; nothing for those of two numbers.
    pub(crate) fn width(self) -> Option<Width> {
        match self.0 {
            Set::Baseline => None,
            #[cfg(target_arch = "x86_64")]
            Set::Avx2 => Some(Width::Four),
            #[cfg(target_arch = "x86_64")]
            Set::Avx512 => Some(Width::Eight),
        }
    }

    /// Run the kernel compiled for this set.
    #[inline]
    pub fn run<K: Kernel>(self, kernel: K) -> K::Output {
        match self.0 {
            Set::Baseline => kernel.run(),
            // Safety: the value exists, so the processor has avx2 and fma; see the module's description.
            #[cfg(target_arch = "x86_64")]
            Set::Avx2 => unsafe { run_on_avx2(kernel) },
            // Safety: likewise avx512f, avx512dq, avx512vl and fma.
            #[cfg(target_arch = "x86_64")]
            Set::Avx512 => unsafe { run_on_avx512(kernel) },
        }
    }
}
