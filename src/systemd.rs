//! What systemd is told: ready, reloading, stopping, how it goes, and that the daemon is alive. In: the loops' heartbeats.
//! Out: datagrams to `$NOTIFY_SOCKET`; without one, nothing happens. Not here: a timer, a signal handler, the clock.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sd_notify::NotifyState;

use crate::clock::{SignedDuration, Timestamp};

/// Something that systemd wants to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News<'a> {
    /// Everything is open and the first step may be taken; also the end of a reload. With a line for `systemctl status`.
    Ready(&'a str),
    /// A reload has begun; must be followed by [`News::Ready`].
    Reloading,
    /// The orderly end has begun.
    Stopping,
    /// A line for `systemctl status`: counts and pages' states, never text, names or tokens.
    Status(&'a str),
    /// The daemon is alive. Send it only while [`Heartbeats::healthy`] says so, or the watchdog guards nothing.
    Alive,
}

/// Tells systemd, if it listens. A failure is worth a log line and nothing more.
pub fn tell(news: News<'_>) -> io::Result<()> {
    match news {
        News::Ready(line) => sd_notify::notify(&[NotifyState::Ready, NotifyState::Status(&one_line(line))]),
        // Since version 253 systemd wants the time with it, to tell this reload from an earlier one.
        News::Reloading => sd_notify::notify(&[NotifyState::Reloading, NotifyState::monotonic_usec_now()?]),
        News::Stopping => sd_notify::notify(&[NotifyState::Stopping, NotifyState::Status("stopping")]),
        News::Status(line) => sd_notify::notify(&[NotifyState::Status(&one_line(line))]),
        News::Alive => sd_notify::notify(&[NotifyState::Watchdog]),
    }
}

/// How often to send [`News::Alive`]: half of what the unit's `WatchdogSec=` allows; `None` where nobody watches.
pub fn watchdog_every() -> Option<Duration> {
    sd_notify::watchdog_enabled().map(half)
}

/// When each loop of the daemon was last seen to step, and by when it must be seen again.
#[derive(Debug)]
pub struct Heartbeats {
    grace: SignedDuration,
    pulse: Mutex<Pulse>,
}

#[derive(Debug, Default)]
struct Pulse {
    due: BTreeMap<String, Timestamp>,
    asked: Option<Timestamp>,
}

impl Heartbeats {
    /// Heartbeats that may be late by `grace`: longer than the slowest honest step, calls and time-outs included.
    pub fn new(grace: Duration) -> Self {
        Self { grace: signed(grace), pulse: Mutex::default() }
    }

    /// The loop of this name has stepped, and will again after resting for `rest`. The first beat registers it.
    pub fn beat(&self, name: &str, now: Timestamp, rest: Duration) {
        let due = now.saturating_add(signed(rest)).unwrap_or(Timestamp::MAX);
        self.pulse().due.insert(name.to_owned(), due);
    }

    /// The loop of this name has ended as it should, and will not be missed.
    pub fn retire(&self, name: &str) {
        self.pulse().due.remove(name);
    }

    /// Whether every loop has stepped in time; otherwise the names of those that have not.
    pub fn healthy(&self, now: Timestamp) -> Result<(), Vec<String>> {
        let mut pulse = self.pulse();
        let jumped =
            pulse.asked.replace(now).is_some_and(|before| now < before || self.grace < now.duration_since(before));
        if jumped {
            // The clock was set, or the machine slept: nobody could beat meanwhile, so everybody gets a fresh start.
            pulse.due.values_mut().for_each(|due| *due = now);
        }
        let late: Vec<String> = pulse
            .due
            .iter()
            .filter(|(_, due)| self.grace < now.duration_since(**due))
            .map(|(name, _)| name.clone())
            .collect();
        if late.is_empty() { Ok(()) } else { Err(late) }
    }

    /// A loop that panicked while it beat has left nothing half done: each change is a single insertion.
    fn pulse(&self) -> MutexGuard<'_, Pulse> {
        self.pulse.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn half(allowed: Duration) -> Duration {
    (allowed / 2).max(Duration::from_millis(1))
}

fn signed(duration: Duration) -> SignedDuration {
    SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX)
}

/// A line break would begin another message to systemd.
fn one_line(line: &str) -> String {
    line.replace(char::is_control, " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + second).expect("a time")
    }

    fn late(heartbeats: &Heartbeats, second: i64) -> Vec<String> {
        heartbeats.healthy(at(second)).err().unwrap_or_default()
    }

    #[test]
    fn a_loop_that_rests_as_long_as_it_said_is_well() {
        let heartbeats = Heartbeats::new(20 * SECOND);
        heartbeats.beat("poller", at(0), 60 * SECOND);
        for second in (0..=80).step_by(10) {
            assert_eq!(late(&heartbeats, second), [""; 0], "after {second} s");
        }
        assert_eq!(late(&heartbeats, 90), ["poller"]);
        heartbeats.beat("poller", at(91), SECOND);
        assert_eq!(late(&heartbeats, 92), [""; 0]);
    }

    #[test]
    fn one_loop_that_hangs_is_enough_and_one_that_ended_is_not_missed() {
        let heartbeats = Heartbeats::new(5 * SECOND);
        heartbeats.beat("executor", at(0), SECOND);
        heartbeats.beat("store", at(0), SECOND);
        for second in [5, 10] {
            heartbeats.beat("store", at(second), SECOND);
            let _ = heartbeats.healthy(at(second));
        }
        assert_eq!(late(&heartbeats, 10), ["executor"]);
        heartbeats.retire("executor");
        assert_eq!(late(&heartbeats, 10), [""; 0]);
    }

    #[test]
    fn a_machine_that_slept_is_not_taken_for_one_that_hangs() {
        let heartbeats = Heartbeats::new(5 * SECOND);
        heartbeats.beat("poller", at(0), SECOND);
        assert_eq!(late(&heartbeats, 3), [""; 0]);
        assert_eq!(late(&heartbeats, 3600), [""; 0], "the clock jumped");
        assert_eq!(late(&heartbeats, 3604), [""; 0]);
        assert_eq!(late(&heartbeats, 3606), ["poller"], "and then nobody stepped");
        assert_eq!(late(&heartbeats, 100), [""; 0], "the clock was set back");
    }

    #[test]
    fn a_status_is_one_line_whatever_stands_in_it() {
        assert_eq!(one_line("3 pages\nREADY=1"), "3 pages READY=1");
    }

    #[test]
    fn half_of_nothing_is_still_something() {
        assert_eq!(half(30 * SECOND), 15 * SECOND);
        assert_eq!(half(Duration::ZERO), Duration::from_millis(1));
    }
}
