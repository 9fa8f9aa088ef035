//! The lines of the matrix.
//!
//! - `faults`: what goes wrong, in the words of docs/sandbox.md; a word in capitals stands for those of [`SHORT`].
//! - `until`: the second at which the faults end, and the order's end is looked at a day later; `-`: it is looked at
//!   after 26 hours, while the faults last.
//! - `within`: so many seconds after the money, at most, the shop is told that the order is paid.
//! - `known by`: how well the trade is proven, and who told us of it, believed or not.
//! - `told`: every event that the shop gets, each once, in their order; `!` goes before a discrepancy's kind.
//!
//! Seconds are counted from the checkout. Checks are due at 5, 35, 95, 275, 575, 1,175 and 2,975, with the closing
//! behind the last one; late checks at 6,575, 24,575 and 89,375. The gateway's attempts to notify go out 0, 120, 720,
//! 1,320, 4,920, 12,120, 33,720 and 87,720 s after the money; the browser is back after 3 s.

/// What the words in capitals stand for.
pub const SHORT: [(&str, &str); 3] = [
    ("LOST", "notify.lose return.lose"),
    (
        "DEAD",
        "notify.lose return.lose verify.kind=down query.kind=down",
    ),
    (
        "ALL",
        "notify.copies=3 notify.reorder notify.delay_secs=60 notify.amount=0.50 notify.tamper notify.forge \
         return.after_notify return.amount=0.50 return.tamper return.forge verify.kind=slow verify.secs=2 \
         query.kind=stale query.amount=0.50",
    ),
];

/// One who pays at 20, and goes where the success page leads.
pub const PAYING: &str = "
faults                                             | until | within | status             | known by                     | told
-                                                  | -     | 0      | paid               | confirmed: return notify     | recorded paid
notify.lose                                        | -     | 3      | paid               | confirmed: return            | recorded paid
return.lose                                        | -     | 0      | paid               | confirmed: notify            | recorded paid
LOST                                               | -     | 15     | paid               | queried: query               | recorded paid
notify.delay_secs=60                               | -     | 3      | paid               | confirmed: return notify     | recorded paid
notify.delay_secs=86400                            | -     | 3      | paid               | confirmed: return notify     | recorded paid
notify.delay_secs=60 return.lose query.kind=down   | -     | 60     | paid               | confirmed: notify            | recorded paid
notify.delay_secs=86400 return.lose query.kind=down | -     | 86400  | paid               | confirmed: notify            | recorded paid
notify.copies=3                                    | -     | 0      | paid               | confirmed: return notify     | recorded paid
notify.copies=3 return.lose                        | -     | 0      | paid               | confirmed: notify            | recorded paid
notify.copies=20 verify.kind=slow verify.secs=2    | -     | 2      | paid               | queried: return notify query | recorded paid
notify.tamper                                      | -     | 3      | paid               | confirmed: return            | recorded paid
notify.forge                                       | -     | 3      | paid               | confirmed: return            | recorded paid
notify.tamper return.lose                          | -     | 15     | paid               | queried: query               | recorded paid
notify.forge return.lose query.kind=down           | -     | -      | unpaid             | -                            | -
notify.tamper return.lose query.kind=down          | -     | -      | unpaid             | -                            | -
return.after_notify                                | -     | 0      | paid               | confirmed: return notify     | recorded paid
notify.delay_secs=60 return.after_notify           | -     | 15     | paid               | queried: return notify query | recorded paid
notify.lose return.after_notify                    | -     | 15     | paid               | queried: query               | recorded paid
return.tamper                                      | -     | 0      | paid               | confirmed: notify            | recorded paid
return.forge                                       | -     | 0      | paid               | confirmed: notify            | recorded paid
notify.lose return.tamper                          | -     | 15     | paid               | queried: query               | recorded paid
notify.lose return.forge query.kind=down           | -     | -      | unpaid             | -                            | -
notify.tamper return.forge                         | -     | 15     | paid               | queried: query               | recorded paid
notify.amount=0.50                                 | -     | 3      | paid               | confirmed: return            | recorded !amount_mismatch !conflicting_evidence paid
notify.amount=0.50 return.lose                     | -     | 15     | paid               | queried: query               | recorded !amount_mismatch !conflicting_evidence paid
notify.amount=0.50 return.lose query.kind=down     | -     | -      | unpaid             | confirmed: notify            | recorded !amount_mismatch
return.amount=0.50                                 | -     | 0      | paid               | confirmed: notify            | recorded paid !amount_mismatch !conflicting_evidence
notify.lose return.amount=0.50                     | -     | 15     | paid               | queried: query               | recorded !amount_mismatch !conflicting_evidence paid
query.amount=0.50                                  | -     | 0      | paid               | confirmed: return notify     | recorded paid
LOST query.amount=0.50                             | -     | -      | unpaid             | queried: query               | recorded !amount_mismatch
notify.amount=0.50 return.amount=0.50 query.amount=0.50 | -     | -      | unpaid             | queried: return notify query | recorded !amount_mismatch
verify.kind=slow verify.secs=2                     | -     | 2      | paid               | queried: return notify query | recorded paid
verify.kind=false                                  | -     | 2      | paid               | queried: return notify query | recorded paid
verify.kind=garbage                                | -     | 2      | paid               | queried: return notify query | recorded paid
verify.kind=down                                   | -     | 2      | paid               | queried: return notify query | recorded paid
notify.lose verify.kind=false                      | -     | 5      | paid               | queried: return query        | recorded paid
return.lose verify.kind=false                      | -     | 2      | paid               | queried: notify query        | recorded paid
verify.kind=false query.kind=down                  | -     | -      | unpaid             | signed: return notify        | -
verify.kind=garbage query.kind=garbage             | -     | -      | unpaid             | signed: return notify        | -
notify.amount=0.50 return.amount=0.50 verify.kind=false query.kind=down | -     | -      | unpaid             | signed: return notify        | -
verify.kind=false query.kind=down                  | 1200  | 1320   | paid               | queried: return notify query | recorded paid
query.kind=stale                                   | -     | 0      | paid               | confirmed: return notify     | recorded paid
query.kind=down                                    | -     | 0      | paid               | confirmed: return notify     | recorded paid
query.kind=garbage                                 | -     | 0      | paid               | confirmed: return notify     | recorded paid
LOST query.kind=stale                              | -     | -      | unpaid             | -                            | -
DEAD                                               | -     | -      | unpaid             | -                            | -
LOST query.kind=garbage                            | -     | -      | unpaid             | -                            | -
LOST query.kind=stale query.secs=600               | -     | 1155   | paid               | queried: query               | recorded paid
LOST query.kind=stale query.secs=86400             | -     | 89355  | paid               | queried: query               | closed recorded !paid_after_close paid
verify.kind=false query.kind=stale                 | -     | -      | unpaid             | signed: return notify        | -
DEAD                                               | 1200  | 1320   | paid               | confirmed: notify            | recorded paid
DEAD                                               | 1500  | 2955   | paid               | queried: notify query        | recorded paid
DEAD                                               | 82800 | 83955  | paid               | queried: notify query        | recorded paid
ALL                                                | -     | -      | unpaid             | -                            | -
ALL                                                | 1200  | 1560   | paid               | confirmed: notify            | recorded paid
";

/// The same, and at 25 he says that he has paid: the gateway is asked.
pub const ASKING: &str = "
faults                                             | until | within | status             | known by                     | told
LOST                                               | -     | 5      | paid               | queried: query               | recorded paid
notify.lose verify.kind=false                      | -     | 5      | paid               | queried: return query        | recorded paid
DEAD                                               | 60    | 75     | paid               | queried: notify query        | recorded paid
ALL                                                | -     | -      | unpaid             | -                            | -
";

/// One who pays at 3,975, after the closing. The faults begin with his money.
pub const LATE: &str = "
faults                                             | until | within | status             | known by                     | told
-                                                  | -     | 0      | paid               | confirmed: return notify     | closed recorded !paid_after_close paid
notify.lose                                        | -     | 3      | paid               | confirmed: return            | closed recorded !paid_after_close paid
return.lose                                        | -     | 0      | paid               | confirmed: notify            | closed recorded !paid_after_close paid
notify.copies=3                                    | -     | 0      | paid               | confirmed: return notify     | closed recorded !paid_after_close paid
LOST                                               | -     | 2600   | paid               | queried: query               | closed recorded !paid_after_close paid
verify.kind=false                                  | -     | 2      | paid               | queried: return notify query | closed recorded !paid_after_close paid
verify.kind=slow verify.secs=2                     | -     | 2      | paid               | queried: return notify query | closed recorded !paid_after_close paid
notify.forge return.lose                           | -     | 2600   | paid               | queried: query               | closed recorded !paid_after_close paid
notify.amount=0.50 return.lose                     | -     | 2600   | paid               | queried: query               | closed recorded !amount_mismatch !paid_after_close !conflicting_evidence paid
DEAD                                               | 5175  | 1320   | paid               | confirmed: notify            | closed recorded !paid_after_close paid
DEAD                                               | 14000 | 12120  | paid               | confirmed: notify            | closed recorded !paid_after_close paid
DEAD                                               | 24500 | 20600  | paid               | queried: notify query        | closed recorded !paid_after_close paid
DEAD                                               | 25000 | 33720  | paid               | queried: notify query        | closed recorded !paid_after_close paid
ALL                                                | 7575  | 5220   | paid               | confirmed: notify            | closed recorded !paid_after_close paid
";

/// One who pays at 20, and gets 0.30 of 1.00 back at 50.
pub const PAID_BACK_IN_PART: &str = "
faults                                             | until | within | status             | known by                     | told
-                                                  | -     | 0      | partially_refunded | queried: return notify query | recorded paid part
notify.copies=3                                    | -     | 0      | partially_refunded | queried: return notify query | recorded paid part
notify.lose                                        | -     | 3      | paid               | confirmed: return            | recorded paid
notify.delay_secs=60 notify.reorder                | -     | 3      | partially_refunded | queried: return notify query | recorded paid part
notify.delay_secs=60 notify.reorder return.lose query.kind=down | -     | 60     | paid               | confirmed: notify            | recorded paid
notify.delay_secs=60 notify.reorder return.lose query.kind=down | 1200  | 60     | partially_refunded | queried: notify query        | recorded paid part
query.kind=stale                                   | 60    | 0      | partially_refunded | queried: return notify query | recorded paid part
verify.kind=false                                  | -     | 2      | partially_refunded | queried: return notify query | recorded paid part
";

/// The same, and he gets all of it back.
pub const PAID_BACK: &str = "
faults                                             | until | within | status             | known by                     | told
-                                                  | -     | 0      | refunded           | confirmed: return notify     | recorded paid refunded
notify.delay_secs=60 notify.reorder                | -     | 3      | refunded           | confirmed: return notify     | recorded paid refunded
notify.delay_secs=60 notify.reorder return.lose query.kind=down | -     | -      | refunded           | confirmed: notify            | recorded refunded
notify.copies=3 notify.delay_secs=60 notify.reorder return.lose verify.kind=false | -     | 15     | refunded           | queried: notify query        | recorded paid refunded
DEAD                                               | 1200  | 1320   | refunded           | confirmed: notify            | recorded paid refunded
";

/// One who looks at the cashier's page, and goes. What comes so late is the closing.
pub const LEAVING: &str = "
faults                                             | until | within | status             | known by                     | told
-                                                  | -     | 2975   | closed             | -                            | closed
query.kind=down                                    | -     | -      | unpaid             | -                            | -
query.kind=garbage                                 | -     | -      | unpaid             | -                            | -
query.kind=stale                                   | -     | 2975   | closed             | -                            | closed
query.kind=stale query.secs=600                    | -     | 4775   | closed             | -                            | closed
query.amount=0.50                                  | -     | 2975   | closed             | -                            | closed
ALL                                                | -     | 2975   | closed             | -                            | closed
DEAD                                               | 1200  | 2975   | closed             | -                            | closed
DEAD                                               | 93600 | 94775  | closed             | -                            | closed
";
