//! The strategy `scan` (seed 002 4.2, option 2), and a close that is sent though nobody said "unpaid".

use crate::world::{World, at, key, payment};
use proptest::prelude::*;
use quittance_core::entry::{Direction, Record, What};
use quittance_core::facts::Proof;
use quittance_core::gateway::Answer;
use quittance_core::schedule::{Stage, Step};
use quittance_core::settings::Policy;
use quittance_core::status::Status;

/// The guide's: every 30 seconds, ten times, within ten minutes.
const EVERY: i64 = 30;
const WINDOW: i64 = 600;
const CHECKS: usize = 10;

fn scan(policy: &mut Policy) {
    policy.gaps_secs = vec![EVERY; CHECKS];
    policy.scan_secs = Some(WINDOW);
}

/// An order under this policy, checked out at second 0.
fn world(expires_in_secs: Option<i64>, change: impl Fn(&mut Policy)) -> World {
    let mut w = World::new();
    let mut settings = World::settings(true, &["shop"]);
    for policy in settings.accounts.values_mut() {
        policy.require = Proof::Signed;
        change(policy);
    }
    w.put(0, Record::new(Direction::Own, What::Settings(settings)));
    w.create(0, Proof::Signed, expires_in_secs);
    w.checkout(0);
    w
}

/// Does the next step, not before `from`, and gives when and which it was. Queries are answered like this.
fn step(w: &mut World, from: i64, answer: Answer) -> Option<(i64, Step)> {
    let due = w.state().checks.due_at()?;
    let secs = (due.as_second() - at(0).as_second()).max(from);
    let step = w.state().checks.due(at(secs))?;
    match step {
        Step::Close => {
            let close = What::Close { accepted: None };
            w.put(secs, Record::new(Direction::Out, close).about(&key()));
        }
        step => w.query(secs, step, answer),
    }
    Some((secs, step))
}

/// Does everything up to the close, and gives when what was done.
fn play(w: &mut World, from: i64, answer: Answer) -> Vec<(i64, Step)> {
    let mut done = Vec::new();
    for _ in 0..200 {
        let Some(next) = step(w, from, answer) else {
            return done;
        };
        done.push(next);
        if next.1 == Step::Close {
            return done;
        }
    }
    panic!("the schedule has no end: {:?}", w.state().checks);
}

fn checks(secs: impl IntoIterator<Item = i64>) -> Vec<(i64, Step)> {
    secs.into_iter().map(|secs| (secs, Step::Check)).collect()
}

/// Ten checks, thirty seconds apart; the tenth is the final query, and the close follows it. A later limit of the order
/// changes nothing: the count ends it.
#[test]
fn the_count_ends_the_scan() {
    for expires_in in [None, Some(3_600)] {
        let mut w = world(expires_in, scan);
        let mut wanted = checks((1..=10).map(|check| check * EVERY));
        wanted.push((300, Step::Close));
        assert_eq!(play(&mut w, 0, Answer::Unpaid), wanted);
        assert_eq!(w.state().checks.done, 10);
    }
}

/// The window is shorter than the checks: one last question at its end, and the close on its answer.
#[test]
fn the_window_bounds_the_scan() {
    let mut w = world(None, |policy| {
        scan(policy);
        policy.scan_secs = Some(100);
    });
    let mut wanted = checks([30, 60, 90, 100]);
    wanted.push((100, Step::Close));
    assert_eq!(play(&mut w, 0, Answer::NotFound), wanted);
}

/// The server was down until the window was over: one question, and the close on its answer. Never silence.
#[test]
fn a_scan_that_was_missed_is_made_good_by_one_question() {
    let mut w = world(None, scan);
    let wanted = [(5_000, Step::Check), (5_000, Step::Close)];
    assert_eq!(play(&mut w, 5_000, Answer::Unpaid), wanted);
}

/// A callback wins: nothing is asked after it.
#[test]
fn a_callback_ends_the_scan() {
    let mut w = world(None, scan);
    step(&mut w, 0, Answer::Unpaid);
    w.notify(40, Proof::Signed, vec![payment("T1", 100)]);
    assert_eq!(w.status(), Status::Paid);
    assert_eq!(step(&mut w, 0, Answer::Unpaid), None);
}

/// Each checkout begins the scan anew, and its window.
#[test]
fn another_checkout_begins_the_scan_anew() {
    let mut w = world(None, scan);
    for _ in 0..9 {
        step(&mut w, 0, Answer::Unpaid);
    }
    w.checkout(280);
    let done = play(&mut w, 0, Answer::Unpaid);
    assert_eq!(done.len(), CHECKS + 1);
    assert_eq!(done.first(), Some(&(300, Step::Check)));
}

/// At a gateway that closes nothing the scan ends without a word, or at the order's own limit.
#[test]
fn a_scan_without_a_close() {
    let policy = |policy: &mut Policy| {
        scan(policy);
        policy.close = false;
    };
    let mut w = world(None, policy);
    assert_eq!(play(&mut w, 0, Answer::Unpaid).len(), CHECKS);
    assert_eq!(w.state().checks.stage, Stage::Ended);
    let mut w = world(Some(3_600), policy);
    for _ in 0..CHECKS {
        step(&mut w, 0, Answer::Unpaid);
    }
    let checks = w.state().checks;
    assert_eq!(
        (checks.stage, checks.next_at),
        (Stage::GiveUp, Some(at(3_600)))
    );
}

/// Unknown is not unpaid: without the policy nothing is ever closed on it, and the question is asked again at the last
/// gap.
#[test]
fn silence_closes_nothing() {
    let mut w = world(None, |_| {});
    let mut last = 0;
    for _ in 0..100 {
        let (secs, done) = step(&mut w, 0, Answer::Unknown).unwrap();
        assert!(matches!(done, Step::Check | Step::Final), "{done:?}");
        assert!(secs - last <= 60);
        last = secs;
    }
}

/// With it the close is sent after so long, counted from the first final query without an answer; one answer in between
/// begins the count anew, and one that says "unpaid" closes at once.
#[test]
fn a_close_after_long_silence() {
    let policy = |policy: &mut Policy| policy.cancel_unknown_secs = Some(7_200);
    let mut w = world(None, policy);
    let done = play(&mut w, 0, Answer::Unknown);
    // The last check, at 95, is the first final query.
    let (secs, last) = *done.last().unwrap();
    assert_eq!(last, Step::Close);
    assert!((95 + 7_200..95 + 7_200 + 60).contains(&secs), "{secs}");
    // Only the query after it is believed.
    assert_eq!(w.status(), Status::Unpaid);
    assert_eq!(w.state().checks.stage, Stage::Last);

    let mut w = world(None, policy);
    while step(&mut w, 0, Answer::Unknown).unwrap().0 < 3_600 {}
    let (secs, _) = step(&mut w, 0, Answer::Unpaid).unwrap();
    assert_eq!(step(&mut w, 0, Answer::Unknown), Some((secs, Step::Close)));
}

/// A day in which nobody was there to ask, or that the clock leapt over, is no silence of the gateway's: the close needs as
/// many questions in vain.
#[test]
fn a_lost_day_is_no_silence() {
    let mut w = world(None, |policy| policy.cancel_unknown_secs = Some(7_200));
    while w.state().checks.stage != Stage::Final {
        step(&mut w, 0, Answer::Unknown).unwrap();
    }
    let finals = |w: &mut World| {
        let mut asked = 0;
        while step(w, 86_400, Answer::Unknown).unwrap().1 == Step::Final {
            asked += 1;
        }
        asked
    };
    assert_eq!(finals(&mut w), 7_200 / 60);
}

/// The wall clock goes back: the scan lasts no longer for it.
#[test]
fn a_clock_that_goes_back_makes_nothing_longer() {
    let mut w = world(None, scan);
    while w.state().checks.stage != Stage::Final {
        step(&mut w, 0, Answer::Unknown).unwrap();
    }
    let jump = What::ClockJump { secs: -100_000 };
    w.put(-100_000, Record::new(Direction::Own, jump));
    let checks = w.state().checks;
    assert!(checks.scan_until <= Some(at(-100_000 + WINDOW)));
}

proptest! {
    /// Whenever the server is there, and whatever is answered: no more checks than the count, none more than one gap
    /// behind the window, and the order is asked about at least once.
    #[test]
    fn every_scan_is_bounded(
        window in 1i64..2_000,
        count in 1usize..20,
        steps in proptest::collection::vec((0i64..400, any::<bool>()), 1..60),
    ) {
        let mut w = world(None, |policy| {
            policy.gaps_secs = vec![EVERY; count];
            policy.scan_secs = Some(window);
        });
        let (mut clock, mut asked) = (0, Vec::new());
        for (late, known) in steps {
            let answer = if known { Answer::Unpaid } else { Answer::Unknown };
            let Some((secs, done)) = step(&mut w, clock, answer) else { break };
            if done != Step::Check {
                break;
            }
            asked.push(secs);
            clock = secs + late;
        }
        prop_assert!(asked.len() <= count);
        prop_assert!(asked.iter().rev().skip(1).all(|secs| *secs < window));
    }
}
