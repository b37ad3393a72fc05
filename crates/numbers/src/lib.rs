//! Scalars of gutbrain: real numbers, lanes and duals behind one trait, with bit-reproducible exp, ln and pow.
