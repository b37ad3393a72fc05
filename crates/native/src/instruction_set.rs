//! [`InstructionSet`]: which vector instructions of this processor are used.
//!
//! A [`Kernel`] is compiled once for each set and one version is chosen at run time. All give the
//! same bits: the compiler turns loops over lanes into wider instructions and reorders nothing, and
//! it never contracts a product and a sum into one operation by itself.
//!
//! Why the unsafe code is sound: a function compiled for an instruction
//! set must not be called on a processor without it. The calls below happen only with a value
//! `Set::Avx2` or `Set::Avx512`; the field is private, and such a value is made in
//! `InstructionSet::available` alone, where the processor has just said that it has every one of the
//! features that the function enables. Nothing else about these functions is unsafe: they take and
//! return ordinary values by the ordinary calling convention.
#![expect(
    unsafe_code,
    reason = "calls of functions compiled for an instruction set"
)]

use crate::encoder::Width;

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
        let mut sets = vec![Self(Set::Baseline)];
        #[cfg(target_arch = "x86_64")]
        {
            // All processors with AVX2 have it; powers use it.
            let fused = is_x86_feature_detected!("fma");
            if is_x86_feature_detected!("avx2") && fused {
                sets.push(Self(Set::Avx2));
            }
            let all = is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512vl");
            if all && fused {
                sets.push(Self(Set::Avx512));
            }
        }
        sets
    }

    /// The widest that this processor has.
    #[must_use]
    pub fn widest() -> Self {
        let mut sets = Self::available();
        sets.pop().unwrap_or(Self(Set::Baseline))
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
