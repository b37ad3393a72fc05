//! Initial value problems for gutbrain: Rosenbrock and explicit methods, sparse LU, dense output, events, doses.
