//! Which states there are.

/// Every state that a long run must have reached, and what it is.
pub const REQUIRED: &[(&str, &str)] = &[
    (
        "ambiguous_string",
        "a signed string that can be cut in two ways came in",
    ),
    (
        "notify_id_burnt_by_us",
        "we died after asking about a notify, and its one answer was gone",
    ),
    (
        "notify_id_burnt_by_other",
        "somebody else had asked about a notify before us",
    ),
    (
        "verify_timeout",
        "the gateway's word about a notify came too late",
    ),
    (
        "verify_timeout_then_query_paid",
        "no word about a notify, and the query after it found the money",
    ),
    ("return_before_notify", "the browser was first"),
    ("notify_before_return", "the gateway's server was first"),
    ("poll_first", "our own query was first"),
    (
        "notice_before_order",
        "money was told before the shop made its order",
    ),
    ("trade_reuse", "one trade was told for two orders"),
    ("second_payment", "an order was paid twice"),
    ("paid_after_close", "money came for a closed order"),
    (
        "closed_means_unpaid",
        "TRADE_CLOSED of a trade that was never paid",
    ),
    (
        "finished_after_success",
        "a trade that had been told as paid was told as final",
    ),
    (
        "finished_at_once",
        "TRADE_FINISHED of the basic product was the first word of the money",
    ),
    (
        "paid_after_pending",
        "money that was held for a frozen seller became his",
    ),
    (
        "closed_means_refund",
        "TRADE_CLOSED of a trade whose money went back",
    ),
    (
        "partial_refund_then_full",
        "money went back in parts until nothing was left",
    ),
    (
        "refund_before_pay",
        "the refund was told no later than the payment",
    ),
    (
        "refund_untold",
        "money went back, and every message about it was lost",
    ),
    ("amount_mismatch", "another amount was paid"),
    (
        "payee_mismatch",
        "money under our key went to somebody else",
    ),
    (
        "stale_query",
        "the gateway answered with how things had been",
    ),
    (
        "commit_unknown",
        "nobody knew whether a commit had happened",
    ),
    ("replay_crash", "the node died while it started"),
    (
        "lease_lost",
        "a step was taken again after the one who had it died",
    ),
    (
        "work_taken_over",
        "a node took work that another one had, who was dead, paused or cut off",
    ),
    (
        "fenced_write",
        "a node that had been paused or cut off was refused: another had taken its work",
    ),
    (
        "notify_at_two_nodes",
        "one notify was answered by two nodes at once",
    ),
    (
        "failed_without_the_database",
        "a node that did not reach the database answered a notify with fail",
    ),
    (
        "settings_of_before",
        "a node began anew with the settings of before, while others had the new ones",
    ),
    (
        "outbox_resend_same_id",
        "an event came again, with the same id",
    ),
    ("shop_2xx_lost", "a shop said 2xx and lost what it got"),
    (
        "dead_letter",
        "an event that no try could deliver was sent again by hand",
    ),
    (
        "key_overlap_used",
        "a notify was signed with the key before the current one",
    ),
    (
        "refund_beyond_refused",
        "more was wanted back than was left, and did not leave",
    ),
    (
        "refund_unknown",
        "a refund went out, and nobody knew whether it had arrived",
    ),
    (
        "refund_sent_again",
        "the gateway knew nothing of a refund, and it went out again",
    ),
    (
        "refund_renumbered",
        "a refund's number was of another day, and it got a new one",
    ),
    (
        "refund_found_by_query",
        "a refund was done, and the question about it was the first to tell",
    ),
    (
        "signed_with_a_pair",
        "a notify with an RSA signature was acked",
    ),
    ("signed_with_a_pair_and_md5", "the same with RSA-S"),
    ("signed_json", "the same with RSA2 over JSON"),
    ("terminal_paid", "an order was paid at a terminal"),
    ("terminal_canceled", "somebody pressed cancel at a terminal"),
    ("hosted_paid", "an order was paid on a hosted page"),
    (
        "cancel_refunded",
        "money came just before a Cancel, which took it back",
    ),
    (
        "scan_gave_up",
        "an order was asked about ten times, and then undone",
    ),
    (
        "currency_mismatch",
        "the same amount was paid in another currency",
    ),
    (
        "windowed_paid_by_notify",
        "where the gateway answers for a time only, a notify was the first to tell of money",
    ),
    ("windowed_paid_by_return", "the same of a return"),
    (
        "windowed_found_after_the_resends",
        "nobody told of money until the gateway had given up sending, and a question found it",
    ),
    (
        "windowed_given_up",
        "an order whose buyer was sent was given up without a close",
    ),
    (
        "windowed_unpaid",
        "an order stayed unpaid when nothing was to be asked any more",
    ),
    (
        "windowed_late_callback",
        "a callback told of money for an order that had been given up",
    ),
    (
        "paid_by_statement",
        "no callback and no answer told of money, and a statement did",
    ),
    (
        "statement_asks",
        "a statement that proves nothing made an order be asked about",
    ),
    (
        "statement_refund",
        "a statement told of money that went back",
    ),
    (
        "statement_unread",
        "a statement could not be read, or not be believed",
    ),
    ("clock_back", "the wall clock went back"),
    (
        "server_down_longer_than_the_schedule",
        "the node was down for longer than an order's schedule",
    ),
    (
        "notify_after_the_schedule",
        "a notify came when nothing was left to be asked about its order",
    ),
    (
        "notify_at_the_old_route",
        "a notify came to an address that the node no longer names",
    ),
    (
        "waited_while_both_were_lost",
        "no callback came, and the asking for somebody who waits found the money",
    ),
];

/// States that these worlds do not reach, and who does.
pub const LEFT_OUT: &[(&str, &str)] = &[
    ("fsync_error_exit", "a real process: see the crash harness"),
    ("disk_full_nack", "a real process: see the crash harness"),
    ("torn_journal_tail", "a real process: see the crash harness"),
    ("breaker_open", "not built yet"),
];
