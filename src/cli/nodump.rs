//! Keeps the process's memory to itself: it holds tokens and patients' words. In: nothing. Out: no core dump, and nobody
//! else of the same user may look into the process. Not here: the unit's `LimitCORE=0`, which says the same to systemd.

use rustix::process::{Resource, Rlimit, setrlimit};

/// Turns core dumps off, whoever started us and however. What the system refuses here stays as it was: a program that
/// cannot lower its own limit can do its work all the same.
pub(super) fn keep_memory_private() {
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    let _ = setrlimit(Resource::Core, none);
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        // A core pattern that pipes to a program takes no notice of the limit, but of this.
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
}
