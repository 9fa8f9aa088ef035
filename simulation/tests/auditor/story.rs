//! The story of an order, as a person reads it.

use crate::desk::*;
use quittance_simulation::story::story;

#[test]
fn the_story_of_a_paid_order() {
    let mut desk = Desk::paid();
    desk.order("B-1", 200);
    desk.truth.calm_since = None;
    let told = story(&name("A-1"), &desk.truth, &desk.journal);
    let expected = "\
The story of main/A-1
+00:00:00  shop     made the order of 100 CNY
+00:00:00  journal  2: the order was made
+00:00:00  journal  3: the buyer was sent to the cashier by form
+00:00:03  shop     shop was told payment.recorded (number 1, paid): answered 204, kept
+00:00:03  shop     shop was told order.paid (number 2, paid): answered 204, kept
+00:00:03  gateway  trade T1 paid 100 CNY to us
+00:00:03  journal  4: a notify was answered, verdict \"genuine\", answered \"success\"; confirmed says payment of T1, 100 CNY
+00:00:03  wire     a notify of TRADE_SUCCESS, acked
";
    assert_eq!(told, expected);
}
