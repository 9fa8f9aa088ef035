//! A gateway that answers questions for twelve hours from the checkout and closes nothing.

use crate::world::{World, at, key, payment};
use proptest::prelude::*;
use quittance_core::entry::{Callback, Direction, Record, What};
use quittance_core::facts::Proof;
use quittance_core::gateway::{Answer, Verdict};
use quittance_core::schedule::{Stage, Step};
use quittance_core::settings::{Policy, Settings};
use quittance_core::status::Status;

const WINDOW: i64 = 12 * 3600;
/// The last question is due so long after the checkout.
const LAST: i64 = WINDOW - 600;

fn settings() -> Settings {
    let mut settings = World::settings(false, &["shop"]);
    for policy in settings.accounts.values_mut() {
        policy.gateway = "dinpay".into();
        policy.require = Proof::Signed;
        policy.gaps_secs = vec![5, 30, 1_800];
        policy.late_secs = vec![3_600, 5 * 3_600, 18 * 3_600];
        policy.query_window_secs = Some(WINDOW);
    }
    settings
}

/// An order of this life, checked out at second 0.
fn world(expires_in_secs: Option<i64>) -> World {
    let mut w = World::new();
    w.put(0, Record::new(Direction::Own, What::Settings(settings())));
    w.create(0, Proof::Signed, expires_in_secs);
    w.checkout(0);
    w
}

fn own(w: &mut World, secs: i64, what: What) {
    w.put(secs, Record::new(Direction::Own, what).about(&key()));
}

/// A callback under our key that cannot be read in one way only.
fn hint(w: &mut World, secs: i64) {
    let mut record = Record::new(Direction::In, What::Notify(Callback::default())).about(&key());
    record.verdict = Some(Verdict::Ambiguous);
    w.put(secs, record);
}

fn due(w: &World) -> Option<i64> {
    let due = w.state().checks.due_at()?;
    Some(due.as_second() - at(0).as_second())
}

/// What a worker records of this step.
fn work(w: &mut World, secs: i64, step: Step, answer: Answer) {
    let nothing = (None, None);
    match step {
        Step::GiveUp => own(w, secs, What::GivenUp {}),
        Step::Rest => {
            let (event, endpoint) = nothing;
            own(w, secs, What::Abandoned { event, endpoint });
        }
        step => w.query(secs, step, answer),
    }
}

/// Does everything that becomes due, at once, and gives the seconds of the questions.
fn play(w: &mut World, answer: Answer) -> Vec<i64> {
    play_from(w, 0, answer)
}

/// The same, where nobody was there before.
fn play_from(w: &mut World, from: i64, answer: Answer) -> Vec<i64> {
    let mut asked = Vec::new();
    for _ in 0..400 {
        let Some(secs) = due(w).map(|secs| secs.max(from)) else {
            return asked;
        };
        let step = w.state().checks.due(at(secs)).unwrap();
        if !matches!(step, Step::GiveUp | Step::Rest) {
            asked.push(secs);
        }
        work(w, secs, step, answer);
    }
    panic!("the schedule has no end: {:?}", w.state().checks);
}

/// Without a limit of its own the order stays unpaid; it is asked about once more before nobody can tell.
#[test]
fn an_order_without_a_limit_stays_unpaid_and_rests() {
    for answer in [Answer::Unpaid, Answer::NotFound] {
        let mut w = world(None);
        assert_eq!(play(&mut w, answer), [5, 35, 1_835, LAST]);
        assert_eq!(w.status(), Status::Unpaid);
        assert_eq!(w.state().checks.stage, Stage::Ended);
        // A late notify pays it all the same.
        w.notify(30 * 3600, Proof::Signed, vec![payment("T1", 100)]);
        assert_eq!((w.status(), due(&w)), (Status::Paid, None));
    }
}

/// Silence is no answer: the question is asked again at the last gap, until it is answered or nobody can tell any more.
#[test]
fn silence_is_asked_again() {
    let mut w = world(None);
    let asked = play(&mut w, Answer::Unknown);
    assert_eq!(asked[..4], [5, 35, 1_835, 3_635]);
    assert!(asked[3..].windows(2).all(|two| two[1] - two[0] <= 1_800));
    assert_eq!(asked.last(), Some(&LAST));
    assert_eq!((w.status(), due(&w)), (Status::Unpaid, None));
    // One answer in between, and the last question is the next.
    let mut w = world(None);
    for secs in [5, 35, 1_835, 3_635] {
        w.query(secs, Step::Check, Answer::Unknown);
    }
    w.query(5_435, Step::Check, Answer::Unpaid);
    assert_eq!(due(&w), Some(LAST));
}

/// The wall clock goes back by an hour: the gateway answers no longer for it.
#[test]
fn a_clock_that_goes_back_moves_the_window() {
    let mut w = world(None);
    let jump = What::ClockJump { secs: -3_600 };
    w.put(-3_600, Record::new(Direction::Own, jump));
    let until = w.state().checks.window.unwrap().ask_until;
    assert_eq!(until, at(LAST - 3_600));
}

/// A limit inside of the window: the last check is the one at the limit, and the late checks end with the window.
#[test]
fn an_order_is_given_up_at_its_limit() {
    let mut w = world(Some(3_600));
    let asked = play(&mut w, Answer::NotFound);
    let late = 3_600 + 3_600;
    assert_eq!(asked, [5, 35, 1_835, 3_600, late, late + 5 * 3_600, LAST]);
    assert_eq!(w.status(), Status::Closed);
    assert_eq!(w.state().closed_at, Some(at(3_600)));
}

/// A limit behind the window: nothing is asked after it, the limit is kept, and the gateway's last word decides.
#[test]
fn a_later_limit_is_kept_without_a_question() {
    let mut w = world(Some(24 * 3600));
    let asked = play(&mut w, Answer::Unpaid);
    assert_eq!((asked.first(), asked.last()), (Some(&5), Some(&LAST)));
    assert!(asked[3..].windows(2).all(|two| two[1] - two[0] <= 1_800));
    assert_eq!(w.status(), Status::Closed);
    assert_eq!(w.state().closed_at, Some(at(24 * 3600)));
    // Late, and told as such.
    w.notify(30 * 3600, Proof::Signed, vec![payment("T1", 100)]);
    assert_eq!(w.status(), Status::Paid);
}

/// Unknown is never unpaid: whoever got no answer at the end gives nothing up and asks no more.
#[test]
fn an_order_that_nobody_could_tell_of_is_not_given_up() {
    for expires_in in [3_600, 24 * 3600] {
        let mut w = world(Some(expires_in));
        let asked = play(&mut w, Answer::Unknown);
        assert_eq!(asked.last(), Some(&LAST));
        assert_eq!((w.status(), due(&w)), (Status::Unpaid, None));
    }
    // The same where the last question was never sent: nobody was there.
    let mut w = world(Some(24 * 3600));
    w.query(5, Step::Check, Answer::Unpaid);
    let late = WINDOW + 3_600;
    assert_eq!(w.state().checks.due(at(late)), Some(Step::Rest));
    work(&mut w, late, Step::Rest, Answer::Unknown);
    assert_eq!((w.status(), due(&w)), (Status::Unpaid, None));
}

/// A question that was due in time may be sent a little later, and no later than that.
#[test]
fn a_question_may_be_a_little_late() {
    let mut w = world(None);
    for secs in [5, 35, 1_835] {
        w.query(secs, Step::Check, Answer::Unpaid);
    }
    assert_eq!(due(&w), Some(LAST));
    assert_eq!(w.state().checks.due(at(LAST + 300)), Some(Step::Check));
    assert_eq!(w.state().checks.due(at(LAST + 301)), Some(Step::Rest));
}

/// What the gateway says to a question that came too late says nothing, whoever asked.
#[test]
fn an_answer_from_outside_of_the_window_is_none() {
    for answer in [Answer::Unpaid, Answer::NotFound] {
        let checks = world(None).state().checks;
        assert_eq!(checks.heard(answer, at(LAST + 300)), answer);
        assert_eq!(checks.heard(answer, at(LAST + 301)), Answer::Unknown);
        assert_eq!(checks.heard(Answer::Paid, at(WINDOW * 2)), Answer::Paid);
    }
}

/// Each checkout begins the window anew.
#[test]
fn the_last_checkout_counts() {
    let mut w = world(None);
    play(&mut w, Answer::Unpaid);
    w.checkout(20 * 3600);
    let asked = play(&mut w, Answer::Unpaid);
    assert_eq!(asked.first(), Some(&(20 * 3600 + 5)));
    assert_eq!(asked.last(), Some(&(20 * 3600 + LAST)));
}

/// A callback that only a question could settle comes when nobody answers any: nothing is asked, and an order that
/// waited to be given up is not, since somebody knows something of it.
#[test]
fn an_unsettled_callback_after_the_window_makes_nothing_spin() {
    let mut w = world(Some(24 * 3600));
    while due(&w).is_some_and(|secs| secs <= LAST) {
        let secs = due(&w).unwrap();
        let step = w.state().checks.due(at(secs)).unwrap();
        work(&mut w, secs, step, Answer::Unpaid);
    }
    assert_eq!(w.state().checks.stage, Stage::GiveUp);
    for again in 0..5 {
        hint(&mut w, WINDOW + again * 600);
        assert_eq!(due(&w), None);
    }
    assert_eq!(w.status(), Status::Unpaid);
}

/// The merchant's own wish: where the gateway can still be asked it is, and where it cannot, its last answer stands.
#[test]
fn a_closing_that_is_asked_for() {
    let close = |w: &mut World, secs| own(w, secs, What::CloseRequested {});
    let mut w = world(None);
    close(&mut w, 60);
    assert_eq!(w.state().checks.due(at(60)), Some(Step::Final));
    w.query(60, Step::Final, Answer::Unpaid);
    work(&mut w, 61, Step::GiveUp, Answer::Unknown);
    assert_eq!(w.status(), Status::Closed);

    let mut w = world(None);
    play(&mut w, Answer::Unpaid);
    close(&mut w, WINDOW);
    assert_eq!((w.status(), due(&w)), (Status::Unpaid, None));

    let mut w = world(Some(24 * 3600));
    w.query(5, Step::Check, Answer::Unpaid);
    w.query(LAST, Step::Check, Answer::Unpaid);
    w.query(LAST, Step::Check, Answer::Unpaid);
    assert_eq!(w.state().checks.stage, Stage::GiveUp);
    close(&mut w, WINDOW);
    assert_eq!(w.state().checks.due(at(WINDOW)), Some(Step::GiveUp));
}

/// An older copy of the journal may lack a checkout: the gateway is asked for as long as it may answer, and believed
/// that nobody has paid only for as long as it is known to.
#[test]
fn an_adoption_asks_for_longer_and_gives_nothing_up_for_it() {
    let mut w = world(Some(48 * 3600));
    w.query(5, Step::Check, Answer::Unpaid);
    let adopted = 20 * 3600;
    let floor = quittance_core::fold::floor(&mut w.rows).unwrap();
    let epoch = quittance_core::epoch::next(floor, at(adopted));
    w.put(
        adopted,
        Record::new(Direction::Own, What::Adopted { epoch }),
    );
    let asked = play_from(&mut w, adopted, Answer::NotFound);
    assert_eq!(
        (asked.first(), asked.last()),
        (Some(&adopted), Some(&(adopted + LAST)))
    );
    assert_eq!((w.status(), due(&w)), (Status::Unpaid, None));
}

/// A start looks at every order that waits, and puts none of them forward.
#[test]
fn a_start_gives_nothing_up_before_its_limit() {
    let mut w = world(Some(24 * 3600));
    for secs in [5, 35] {
        w.query(secs, Step::Check, Answer::Unpaid);
    }
    w.query(LAST, Step::Check, Answer::Unpaid);
    assert_eq!(due(&w), Some(24 * 3600));
    let version = "1".to_owned();
    w.put(
        WINDOW,
        Record::new(Direction::Own, What::Started { version }),
    );
    assert_eq!(due(&w), Some(24 * 3600));
}

/// Settings and orders of journals from before there was a window read as they did, and are written as they were.
#[test]
fn a_journal_without_windows_reads_as_it_did() {
    let settings = World::settings(true, &[]);
    let policy = &settings.accounts["main"];
    let written = serde_json::to_value(policy).unwrap();
    assert!(written.get("query_window_secs").is_none());
    assert_eq!(&serde_json::from_value::<Policy>(written).unwrap(), policy);
    let mut w = World::new();
    w.create(1, Proof::Confirmed, None);
    w.checkout(2);
    let checks = serde_json::to_value(&w.state().checks).unwrap();
    assert!(checks.get("window").is_none());
    let known = serde_json::to_value(policy_of(&world(None))).unwrap();
    assert_eq!(known["query_window_secs"], WINDOW);
}

fn policy_of(w: &World) -> Policy {
    w.rows.settings.accounts["main"].clone()
}

/// Something that happens after so many seconds.
#[derive(Clone, Debug)]
enum Happens {
    Checkout,
    Hint,
    Close,
    Start,
    /// Somebody who waits asks.
    Wait(Answer),
    /// A worker does what is due, or was.
    Work(Answer),
    /// A worker waits for the next step and does it at once.
    Next(Answer),
}

fn any_answer() -> impl Strategy<Value = Answer> {
    prop_oneof![
        Just(Answer::Unpaid),
        Just(Answer::NotFound),
        Just(Answer::Unknown),
    ]
}

fn any_story() -> impl Strategy<Value = Vec<(i64, Happens)>> {
    let happens = prop_oneof![
        1 => Just(Happens::Checkout),
        2 => Just(Happens::Hint),
        1 => Just(Happens::Close),
        1 => Just(Happens::Start),
        1 => any_answer().prop_map(Happens::Wait),
        4 => any_answer().prop_map(Happens::Work),
        8 => any_answer().prop_map(Happens::Next),
    ];
    let wait = prop_oneof![
        8 => 0_i64..10,
        4 => 0_i64..4_000,
        1 => 0_i64..WINDOW * 2,
    ];
    prop::collection::vec((wait, happens), 0..60)
}

/// What a story has come to, and what the gateway was asked and said.
struct Telling {
    w: World,
    now: i64,
    checkout: i64,
    /// Whether the newest question of the schedule was answered with no, inside of the window.
    said: bool,
}

impl Telling {
    fn work(&mut self, answer: Answer) {
        let Some(step) = self.w.state().checks.due(at(self.now)) else {
            return;
        };
        match step {
            Step::GiveUp => assert!(self.said, "given up and nobody said no"),
            Step::Rest => assert!(self.now > self.checkout + LAST),
            Step::Check | Step::Final => {
                self.asks();
                self.said = answer != Answer::Unknown;
            }
            _ => self.asks(),
        }
        work(&mut self.w, self.now, step, answer);
    }

    fn asks(&self) {
        let left = self.checkout + WINDOW - self.now;
        assert!(left >= 300, "a question with {left} s left");
    }

    fn happens(&mut self, happens: Happens) {
        let open = self.w.status() == Status::Unpaid;
        match happens {
            // Nobody is sent who waits for a closing, and nobody closes what is closed.
            Happens::Checkout if open && !self.w.state().checks.close_requested => {
                self.w.checkout(self.now);
                (self.checkout, self.said) = (self.now, false);
            }
            Happens::Close if open => own(&mut self.w, self.now, What::CloseRequested {}),
            Happens::Checkout | Happens::Close => {}
            Happens::Hint => hint(&mut self.w, self.now),
            Happens::Start => {
                let version = "1".to_owned();
                let record = Record::new(Direction::Own, What::Started { version });
                self.w.put(self.now, record);
            }
            Happens::Wait(answer) => self.w.query(self.now, Step::Wait, answer),
            Happens::Work(answer) => self.work(answer),
            Happens::Next(answer) => {
                self.now = due(&self.w).map_or(self.now, |secs| secs.max(self.now));
                self.work(answer);
            }
        }
    }
}

proptest! {
    /// Whatever comes: no question outside of the window, nothing given up unless the gateway's last word inside of it
    /// was no, and an end of everything.
    #[test]
    fn every_story_keeps_to_the_window_and_ends(
        expires_in in prop_oneof![Just(None), (300_i64..WINDOW * 3).prop_map(Some)],
        story in any_story(),
        at_last in any_answer(),
    ) {
        let w = world(expires_in);
        let mut telling = Telling { w, now: 0, checkout: 0, said: false };
        for (wait, happens) in story {
            telling.now += wait;
            telling.happens(happens);
        }
        for _ in 0..400 {
            if due(&telling.w).is_none() {
                return Ok(());
            }
            telling.happens(Happens::Next(at_last));
        }
        prop_assert!(false, "no end: {:?}", telling.w.state().checks);
    }
}

/// The buyer was sent again, hours later, and whether he went is not known: the trade of the first time may be paid, and
/// the gateway answers about it no longer. So that there is no such trade closes nothing then, while its word that nobody
/// has paid does.
#[test]
fn no_such_trade_is_believed_while_the_gateway_answers_about_every_checkout() {
    for (answer, status) in [
        (Answer::NotFound, Status::Unpaid),
        (Answer::Unpaid, Status::Closed),
    ] {
        let mut w = world(Some(24 * 3600));
        w.checkout(11 * 3600);
        let asked = play_from(&mut w, 11 * 3600, answer);
        assert_eq!(asked.last(), Some(&(11 * 3600 + LAST)), "{answer:?}");
        assert_eq!((w.status(), due(&w)), (status, None), "{answer:?}");
    }
    // Inside of the first time it is as good as ever.
    let mut w = world(Some(3_600));
    w.checkout(1_800);
    play_from(&mut w, 1_800, Answer::NotFound);
    assert_eq!(w.status(), Status::Closed);
}
