//! A system that lets no program make code: there is none, and a word about it.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]
#![expect(unsafe_code, reason = "asks the system to refuse executable memory")]

mod steps;

use std::process::Command;

use gutbrain_native::{Assembler, Slot, is_refused};
use steps::{LENGTHS, sets_with_code};

/// Set in the process in which the system refuses.
const CHILD: &str = "GUTBRAIN_TEST_REFUSED";

/// Makes this process one in which no memory becomes executable any more.
fn refuse() -> bool {
    // linux/prctl.h; the program's own mappings stay as they are.
    const PR_SET_MDWE: libc::c_int = 65;
    const PR_MDWE_REFUSE_EXEC_GAIN: libc::c_ulong = 1;
    let none: libc::c_ulong = 0;
    // Safety: it takes numbers and changes what later calls of mmap and mprotect may do.
    unsafe { libc::prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, none, none, none) == 0 }
}

#[test]
fn refused_memory_is_no_code() {
    let assemble = |set| {
        let mut code = Assembler::new::<8>(set, LENGTHS).expect("code for eight lanes");
        code.copy(Slot::Work(0), Slot::Input(0));
        code.finish(|_| true)
    };
    if std::env::var_os(CHILD).is_some() {
        assert!(
            refuse(),
            "this system cannot refuse executable memory (Linux 6.3 can)"
        );
        let sets = sets_with_code(8);
        assert!(sets.iter().all(|set| assemble(*set).is_none()));
        assert_eq!(is_refused(), !sets.is_empty());
        return;
    }
    assert!(sets_with_code(8).iter().all(|set| assemble(*set).is_some()));
    assert!(!is_refused());
    let this = std::env::current_exe().expect("the test's own program");
    let child = Command::new(this)
        .args(["--exact", "refused_memory_is_no_code"])
        .env(CHILD, "1")
        .output()
        .expect("a process");
    let said = String::from_utf8_lossy(&child.stdout);
    assert!(child.status.success(), "{said}");
    assert!(said.contains("1 passed"), "{said}");
}
