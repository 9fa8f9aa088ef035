//! temp
fn main() {
    let a: Vec<u64> = std::env::args()
        .skip(1)
        .filter_map(|s| s.parse().ok())
        .collect();
    let mut lasted = 0.0f64;
    for seed in a[0]..a[0] + a[1] {
        let e = quittance_simulation::world::play(seed, Default::default()).unwrap();
        lasted += e.lasted.as_secs_f64();
        if a.len() > 2 {
            for (at, n) in &e.notes {
                let t = (at - 1767225600000000) / 1000;
                println!(
                    "{:>4}:{:02}:{:02}.{:03} {n}",
                    t / 3600000,
                    t / 60000 % 60,
                    t / 1000 % 60,
                    t % 1000
                );
            }
        }
        if let (Some(story), true) = (&e.story, a.len() > 2) {
            println!("{story}");
        }
        for b in &e.broken {
            println!("{seed} BROKEN {b}");
        }
        println!(
            "{seed} orders {} days {:.1} broken {} wrong {:?} struck {} reached {:?} {}",
            e.orders,
            e.lasted.as_secs_f64() / 86400.0,
            e.broken.len(),
            e.wrong,
            e.struck.len(),
            e.reached,
            data_encoding::HEXLOWER.encode(&e.trace[..6])
        );
    }
    println!("years {}", lasted / 86400.0 / 365.0);
}
