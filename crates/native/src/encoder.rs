//! [`Encoder`]: the bytes of vector instructions on numbers of 64 bits.
//!
//! Two forms, both with three operands: VEX with 256 bits (AVX) and EVEX with 512 bits (AVX-512).
//! Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, sections 2.3 and 2.7.

/// How wide a register is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    not(target_arch = "x86_64"),
    expect(dead_code, reason = "other processors have no set with such registers")
)]
pub(crate) enum Width {
    /// Four numbers.
    Four,
    /// Eight numbers.
    Eight,
}

impl Width {
    /// Numbers in a register.
    pub(crate) fn numbers(self) -> usize {
        match self {
            Self::Four => 4,
            Self::Eight => 8,
        }
    }

    /// How many there are: EVEX reaches twice as many as VEX.
    pub(crate) fn registers(self) -> u8 {
        match self {
            Self::Four => 16,
            Self::Eight => 32,
        }
    }

    /// Bytes in a register.
    fn bytes(self) -> i32 {
        match self {
            Self::Four => 32,
            Self::Eight => 64,
        }
    }
}

/// Opcodes of the map 0F with the prefix 66: two operands in, one out.
pub(crate) mod opcode {
    pub(crate) const LOAD: u8 = 0x28;
    pub(crate) const STORE: u8 = 0x29;
    pub(crate) const SQUARE_ROOT: u8 = 0x51;
    pub(crate) const EXCLUSIVE_OR: u8 = 0x57;
    pub(crate) const ADD: u8 = 0x58;
    pub(crate) const MULTIPLY: u8 = 0x59;
    pub(crate) const SUBTRACT: u8 = 0x5c;
    pub(crate) const MINIMUM: u8 = 0x5d;
    pub(crate) const DIVIDE: u8 = 0x5e;
    pub(crate) const MAXIMUM: u8 = 0x5f;
}

/// A register that holds an address: one of those with which a call hands over its arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Base {
    /// rdi, the first argument.
    First,
    /// rsi, the second.
    Second,
    /// rdx, the third.
    Third,
    /// rcx, the fourth.
    Fourth,
}

impl Base {
    /// Its number in an instruction. None of them is rsp or rbp, which are encoded otherwise.
    fn number(self) -> u8 {
        match self {
            Self::First => 7,
            Self::Second => 6,
            Self::Third => 2,
            Self::Fourth => 1,
        }
    }
}

/// The operand of an instruction that may be in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operand {
    /// A vector register, below [`Width::registers`].
    Register(u8),
    /// The place this many bytes behind an address.
    Memory(Base, i32),
}

/// Machine code in the making.
#[derive(Clone, Debug)]
pub(crate) struct Encoder {
    pub(crate) width: Width,
    pub(crate) bytes: Vec<u8>,
}

impl Encoder {
    /// One instruction: `register` is its result (what is stored, for a store), `first` its first
    /// operand (0 if it has one operand only).
    pub(crate) fn instruction(&mut self, opcode: u8, register: u8, first: u8, operand: Operand) {
        // High bits of numbers are stored inverted.
        let inverted = |bit: bool, place: u8| u8::from(!bit) << place;
        let (high, highest) = (|number: u8| number & 8 != 0, |number: u8| number & 16 != 0);
        let of_operand = match operand {
            Operand::Register(number) => number,
            Operand::Memory(..) => 0,
        };
        let extensions = inverted(high(register), 7)
            | inverted(highest(of_operand), 6)
            | inverted(high(of_operand), 5);
        let third = (!first & 15) << 3;
        match self.width {
            Width::Four => {
                const LENGTH_256_PREFIX_66: u8 = 0b101;
                let third = third | LENGTH_256_PREFIX_66;
                self.bytes.extend([0xc4, extensions | 1, third, opcode]);
            }
            Width::Eight => {
                const WIDE_FIXED_PREFIX_66: u8 = 0b1000_0101;
                const LENGTH_512_NO_MASK: u8 = 0b0100_0000;
                let second = extensions | inverted(highest(register), 4) | 1;
                let third = third | WIDE_FIXED_PREFIX_66;
                let fourth = LENGTH_512_NO_MASK | inverted(highest(first), 3);
                self.bytes.extend([0x62, second, third, fourth, opcode]);
            }
        }
        self.operand(register & 7, operand);
    }

    /// The byte that names a register and an operand, and the displacement of the latter.
    fn operand(&mut self, register: u8, operand: Operand) {
        let (base, displacement) = match operand {
            Operand::Register(number) => {
                self.bytes.push(0b1100_0000 | register << 3 | number & 7);
                return;
            }
            Operand::Memory(base, displacement) => (base.number(), displacement),
        };
        // EVEX counts short displacements in registers.
        let unit = match self.width {
            Width::Four => 1,
            Width::Eight => self.width.bytes(),
        };
        match i8::try_from(displacement / unit) {
            Ok(short) if displacement % unit == 0 => {
                self.bytes.push(0b0100_0000 | register << 3 | base);
                self.bytes.extend(short.to_le_bytes());
            }
            _ => {
                self.bytes.push(0b1000_0000 | register << 3 | base);
                self.bytes.extend(displacement.to_le_bytes());
            }
        }
    }

    /// Leaves registers as other code expects them, and returns.
    pub(crate) fn finish(&mut self) {
        const VZEROUPPER: [u8; 3] = [0xc5, 0xf8, 0x77];
        const RETURN: u8 = 0xc3;
        self.bytes.extend(VZEROUPPER);
        self.bytes.push(RETURN);
    }
}

#[cfg(test)]
mod tests {
    use super::{Base, Encoder, Operand, Width, opcode};

    fn bytes(width: Width, opcode: u8, register: u8, first: u8, operand: Operand) -> Vec<u8> {
        let mut encoder = Encoder {
            width,
            bytes: Vec::new(),
        };
        encoder.instruction(opcode, register, first, operand);
        encoder.bytes
    }

    /// Against what the GNU assembler makes of the same instructions.
    #[test]
    fn instructions_are_those_of_other_assemblers() {
        use Width::{Eight, Four};
        // vaddpd 0x20(%rdi), %ymm2, %ymm1 with a prefix of three bytes
        let found = bytes(Four, opcode::ADD, 1, 2, Operand::Memory(Base::First, 0x20));
        assert_eq!(found, [0xc4, 0xe1, 0x6d, 0x58, 0x4f, 0x20]);
        // vdivpd %ymm12, %ymm11, %ymm10
        let found = bytes(Four, opcode::DIVIDE, 10, 11, Operand::Register(12));
        assert_eq!(found, [0xc4, 0x41, 0x25, 0x5e, 0xd4]);
        // vaddpd 0x40(%rdi), %zmm2, %zmm1
        let found = bytes(Eight, opcode::ADD, 1, 2, Operand::Memory(Base::First, 0x40));
        assert_eq!(found, [0x62, 0xf1, 0xed, 0x48, 0x58, 0x4f, 0x01]);
        // vmulpd %zmm12, %zmm11, %zmm10
        let found = bytes(Eight, opcode::MULTIPLY, 10, 11, Operand::Register(12));
        assert_eq!(found, [0x62, 0x51, 0xa5, 0x48, 0x59, 0xd4]);
        // vmovapd %zmm3, 0x2000(%rdx): 128 registers away needs four bytes
        let found = bytes(
            Eight,
            opcode::STORE,
            3,
            0,
            Operand::Memory(Base::Third, 0x2000),
        );
        let expected = [0x62, 0xf1, 0xfd, 0x48, 0x29, 0x9a, 0x00, 0x20, 0x00, 0x00];
        assert_eq!(found, expected);
        // vminpd %ymm3, %ymm2, %ymm1 with a prefix of three bytes
        let found = bytes(Four, opcode::MINIMUM, 1, 2, Operand::Register(3));
        assert_eq!(found, [0xc4, 0xe1, 0x6d, 0x5d, 0xcb]);
        // vaddpd %zmm28, %zmm19, %zmm17
        let found = bytes(Eight, opcode::ADD, 17, 19, Operand::Register(28));
        assert_eq!(found, [0x62, 0x81, 0xe5, 0x40, 0x58, 0xcc]);
        // vmovapd %zmm31, 0x2000(%rdx)
        let place = Operand::Memory(Base::Third, 0x2000);
        let found = bytes(Eight, opcode::STORE, 31, 0, place);
        let expected = [0x62, 0x61, 0xfd, 0x48, 0x29, 0xba, 0x00, 0x20, 0x00, 0x00];
        assert_eq!(found, expected);
        // vmulpd 0x40(%rdi), %zmm22, %zmm9
        let place = Operand::Memory(Base::First, 0x40);
        let found = bytes(Eight, opcode::MULTIPLY, 9, 22, place);
        assert_eq!(found, [0x62, 0x71, 0xcd, 0x40, 0x59, 0x4f, 0x01]);
        // vmaxpd %zmm12, %zmm11, %zmm26
        let found = bytes(Eight, opcode::MAXIMUM, 26, 11, Operand::Register(12));
        assert_eq!(found, [0x62, 0x41, 0xa5, 0x48, 0x5f, 0xd4]);
    }
}
