//! The addresses that notifies come from (note 7). A filter against noise, and never a proof.

/// Of the time of the guide (seed 001 5.2 B): the gateway's range, and its senders outside of it, one by one.
pub(super) const SEED: [&str; 9] = [
    "121.0.26.0/24",
    "121.0.27.1",
    "121.0.27.2",
    "110.75.130.1",
    "110.75.130.2",
    "110.75.132.1",
    "110.75.132.2",
    "110.75.136.1",
    "110.75.136.2",
];

/// The gateway's later list (opendocs iot/05eg7r, quoted in note 7).
pub(super) const MODERN: [&str; 11] = [
    "103.47.4.0/22",
    "103.52.196.0/22",
    "110.75.128.0/19",
    "110.75.224.0/19",
    "110.76.0.0/19",
    "110.76.48.0/20",
    "119.42.224.0/19",
    "203.209.224.0/19",
    "43.227.188.0/22",
    "45.113.40.0/22",
    "2400:B200::/32",
];
