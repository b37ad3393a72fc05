//! Network language of gutbrain: units, expressions, processes, diagnostics, derivatives, programs.
