//! An independent decoder reads what was encoded: the instructions keep the contract of machine code.

mod steps;

use std::mem::size_of;

use gutbrain_native::MachineCode;
use gutbrain_numbers::Lanes;
use iced_x86::{
    Decoder, DecoderOptions, Instruction, InstructionInfoFactory, Mnemonic, OpAccess, Register,
};
use proptest::prelude::*;
use steps::{LENGTHS, Step, assemble, sets_with_code, step};

/// Arithmetic, loads and stores; two operands in, one out.
const ALLOWED: [Mnemonic; 9] = [
    Mnemonic::Vmovapd,
    Mnemonic::Vaddpd,
    Mnemonic::Vsubpd,
    Mnemonic::Vmulpd,
    Mnemonic::Vdivpd,
    Mnemonic::Vmaxpd,
    Mnemonic::Vminpd,
    Mnemonic::Vsqrtpd,
    Mnemonic::Vxorpd,
];

fn read(code: &MachineCode) -> Vec<Instruction> {
    let mut decoder = Decoder::new(64, code.code(), DecoderOptions::NONE);
    decoder.iter().collect()
}

/// Every instruction is one of those that are meant, on a place of its slice.
fn check<const N: usize>(steps: &[Step], kept: usize) {
    let stride = size_of::<Lanes<N>>();
    for set in sets_with_code(N) {
        let code = assemble::<N>(set, steps, kept).expect("code for these lanes");
        let instructions = read(&code);
        let (last, rest) = instructions.split_last().expect("a return");
        assert_eq!(last.mnemonic(), Mnemonic::Ret);
        let (last, rest) = rest.split_last().expect("an end of vector code");
        assert_eq!(last.mnemonic(), Mnemonic::Vzeroupper);
        let mut information = InstructionInfoFactory::new();
        for instruction in rest {
            assert!(!instruction.is_invalid());
            assert!(ALLOWED.contains(&instruction.mnemonic()), "{instruction:?}");
            let width = if set.name() == "avx512" { 64 } else { 32 };
            let known = information.info(instruction);
            for used in known.used_registers() {
                let register = used.register();
                let address = matches!(
                    register,
                    Register::RDI | Register::RSI | Register::RDX | Register::RCX
                ) && used.access() == OpAccess::Read;
                let vector = register.is_vector_register() || register.is_k();
                assert!(address || vector, "{register:?}");
            }
            for memory in known.used_memory() {
                assert_eq!(memory.index(), Register::None);
                let (places, writable) = match memory.base() {
                    Register::RDI => (LENGTHS.work * stride, true),
                    Register::RSI => (LENGTHS.input * stride, false),
                    Register::RDX => (LENGTHS.output * stride, true),
                    // Every constant fills eight numbers; steps name at most one each.
                    Register::RCX => ((steps.len() + 1) * size_of::<Lanes<8>>(), false),
                    other => panic!("no slice has the address {other:?}"),
                };
                assert_eq!(memory.memory_size().size(), width);
                let end = memory.displacement() + width as u64;
                assert!(end <= places as u64, "{end} bytes of {places}");
                let reads = memory.access() == OpAccess::Read;
                assert!(reads || (writable && memory.access() == OpAccess::Write));
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn instructions_are_those_that_are_meant(
        steps in prop::collection::vec(step(), 0..250),
        kept in 0..=LENGTHS.work,
    ) {
        check::<4>(&steps, kept);
        check::<8>(&steps, kept);
        check::<16>(&steps, kept);
    }
}
