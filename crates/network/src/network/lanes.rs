//! [`PreparedLanes`]: a network over many subjects at once, as machine code where that can be had.

use std::sync::Arc;

use gutbrain_native::InstructionSet;
use gutbrain_numbers::{Lanes, Real};

use super::{Network, Prepared, Program};
use crate::compile::{NativeProgram, Translation};

/// The programs that integrations run, as machine code.
#[derive(Debug)]
pub(crate) struct NativePrograms {
    /// How many registers they run on.
    registers: usize,
    derivative: NativeProgram,
    jacobian: NativeProgram,
    event_values: NativeProgram,
}

/// [`Prepared`] for `N` subjects side by side.
///
/// Made by [`Network::prepare_lanes`] and good for that network only. Lanes have the bits of
/// [`Network::derivative`] and its like, with machine code and without.
#[derive(Clone, Debug)]
pub struct PreparedLanes<const N: usize> {
    prepared: Prepared<Lanes<N>>,
    native: Option<Arc<NativePrograms>>,
}

impl Network {
    /// Lanes without subjects yet. Machine code is made once for each instruction set.
    #[must_use]
    pub fn prepare_lanes<const N: usize>(&self, set: InstructionSet) -> PreparedLanes<N> {
        let zeros = vec![Lanes::from_f64(0.0); self.parameters.len()];
        let native = self.native.get(set, N, || self.make_native::<N>(set));
        let mut prepared = self.prepare(&zeros);
        if let Some(native) = &native {
            prepared
                .registers
                .resize(native.registers, Lanes::from_f64(0.0));
        }
        PreparedLanes { prepared, native }
    }

    fn make_native<const N: usize>(&self, set: InstructionSet) -> Option<NativePrograms> {
        let translate = |program| Translation::new(&self.tape, program, self.species.len());
        let derivative = translate(&self.programs.derivative);
        let jacobian = translate(&self.programs.jacobian);
        let event_values = translate(&self.programs.event_values);
        let needed = [&derivative, &jacobian, &event_values].map(Translation::registers);
        let registers = needed.into_iter().fold(self.tape.registers, usize::max);
        Some(NativePrograms {
            registers,
            derivative: derivative.assemble::<N>(registers, set)?,
            jacobian: jacobian.assemble::<N>(registers, set)?,
            event_values: event_values.assemble::<N>(registers, set)?,
        })
    }

    /// Makes one lane of `wide` the subject of `single`; both are of this network.
    pub fn load_lane<const N: usize>(
        &self,
        wide: &mut PreparedLanes<N>,
        lane: usize,
        single: &Prepared<f64>,
    ) {
        let constant = ..self.tape.state_start;
        let registers = wide.prepared.registers[constant].iter_mut();
        for (wide, single) in registers.zip(&single.registers[constant]) {
            wide.0[lane] = *single;
        }
    }

    /// A program, as machine code if there is some.
    #[inline(always)]
    fn run_lanes<const N: usize>(
        &self,
        (program, native): (&Program, Option<&NativeProgram>),
        prepared: &mut Prepared<Lanes<N>>,
        state: &[Lanes<N>],
        out: &mut [Lanes<N>],
    ) {
        match native {
            Some(native) => native.run(&self.tape, &mut prepared.registers, state, out),
            None => self.run(program, prepared, state, out),
        }
    }

    /// [`Network::derivative`] of every lane.
    ///
    /// # Panics
    /// Like all evaluations: when a slice has not the right length, or `wide` is of another network.
    #[inline(always)]
    pub fn derivative_of_lanes<const N: usize>(
        &self,
        wide: &mut PreparedLanes<N>,
        state: &[Lanes<N>],
        out: &mut [Lanes<N>],
    ) {
        let native = wide.native.as_ref().map(|native| &native.derivative);
        let program = (&self.programs.derivative, native);
        self.run_lanes(program, &mut wide.prepared, state, out);
    }

    /// [`Network::jacobian`] of every lane.
    #[inline(always)]
    pub fn jacobian_of_lanes<const N: usize>(
        &self,
        wide: &mut PreparedLanes<N>,
        state: &[Lanes<N>],
        values: &mut [Lanes<N>],
    ) {
        let native = wide.native.as_ref().map(|native| &native.jacobian);
        let program = (&self.programs.jacobian, native);
        self.run_lanes(program, &mut wide.prepared, state, values);
    }

    /// [`Network::event_values`] of every lane.
    #[inline(always)]
    pub fn event_values_of_lanes<const N: usize>(
        &self,
        wide: &mut PreparedLanes<N>,
        state: &[Lanes<N>],
        out: &mut [Lanes<N>],
    ) {
        let native = wide.native.as_ref().map(|native| &native.event_values);
        let program = (&self.programs.event_values, native);
        self.run_lanes(program, &mut wide.prepared, state, out);
    }
}
