//! Worlds without one of the product's defences: the auditor must notice.

pub use built::{Chosen, list, prove};

#[cfg(not(feature = "sabotage"))]
mod built {
    use super::super::{Failure, Job};

    /// The defence that is taken away: none, in this build.
    #[derive(Clone, Copy)]
    pub struct Chosen;

    impl Chosen {
        /// Every defence stands.
        pub const NOTHING: Chosen = Chosen;

        /// The defence of this word.
        ///
        /// # Errors
        /// Always, for a word: this build has no switch.
        pub fn of(word: Option<&str>) -> Result<Chosen, Failure> {
            word.map_or(Ok(Chosen), |_| Err(no_switch()))
        }

        /// Takes it away in this thread.
        pub fn choose(self) {}
    }

    /// Lists the defences.
    ///
    /// # Errors
    /// Always: this build has no switch.
    pub fn list() -> Result<(), Failure> {
        Err(no_switch())
    }

    /// Takes the defences away one after the other.
    ///
    /// # Errors
    /// Always: this build has no switch.
    pub fn prove(_: &Job) -> Result<(), Failure> {
        Err(no_switch())
    }

    fn no_switch() -> Failure {
        Failure::CannotRun(
            "No defence can be taken away in this build. Run it with: cargo run --release -p quittance-simulation --features sabotage --"
                .to_owned(),
        )
    }
}

#[cfg(feature = "sabotage")]
mod built {
    use super::super::crew::{Limit, crew};
    use super::super::{Failure, Job};
    use quittance_core::sabotage::{Defence, choose};

    /// Fewer defences than these would show little.
    const DEFENCES_MIN: usize = 20;

    /// The defence that is taken away.
    #[derive(Clone, Copy)]
    pub struct Chosen(Option<Defence>);

    impl Chosen {
        /// Every defence stands.
        pub const NOTHING: Chosen = Chosen(None);

        /// The defence of this word.
        ///
        /// # Errors
        /// When there is no such word.
        pub fn of(word: Option<&str>) -> Result<Chosen, Failure> {
            let Some(word) = word else {
                return Ok(Chosen(None));
            };
            let full = format!("sabotage:{word}");
            match Defence::of(word).or_else(|| Defence::of(&full)) {
                Some(defence) => Ok(Chosen(Some(defence))),
                None => Err(Failure::CannotRun(format!(
                    "There is no defence {word}. See --list-sabotage."
                ))),
            }
        }

        /// Takes it away in this thread.
        pub fn choose(self) {
            choose(self.0);
        }
    }

    /// Lists the defences.
    ///
    /// # Errors
    /// None, in this build.
    pub fn list() -> Result<(), Failure> {
        for defence in Defence::ALL {
            println!("{}", word(*defence));
        }
        Ok(())
    }

    /// Takes the defences away one after the other, each until the first world in which that is noticed.
    ///
    /// # Errors
    /// When one is not missed in any of the worlds.
    pub fn prove(job: &Job) -> Result<(), Failure> {
        let Limit::Seeds(seeds) = job.limit else {
            return Err(Failure::CannotRun(
                "--prove-sabotage takes --seeds: how many worlds each defence is tried in at most."
                    .to_owned(),
            ));
        };
        let mut missed = Vec::new();
        for defence in Defence::ALL {
            let mut caught: Option<(u64, String)> = None;
            let mut played = 0_u64;
            crew(job, Chosen(Some(*defence)), |world, _| {
                played += 1;
                if let Some(what) = world.failed() {
                    caught = Some((world.seed(), what.first().cloned().unwrap_or_default()));
                }
                caught.is_none()
            });
            match caught {
                Some((seed, what)) => println!("{:<28} seed {seed:>5}: {what}", word(*defence)),
                None => {
                    println!("{:<28} not missed in {played} worlds", word(*defence));
                    missed.push(word(*defence));
                }
            }
        }
        let all = Defence::ALL.len();
        println!(
            "{} of {all} defences are missed when they are gone",
            all - missed.len()
        );
        if missed.is_empty() && all >= DEFENCES_MIN {
            return Ok(());
        }
        Err(Failure::Found(format!(
            "Nobody notices in {seeds} worlds when these are gone: {}",
            missed.join(" ")
        )))
    }

    /// The word as it is given on the command line.
    fn word(defence: Defence) -> &'static str {
        defence.word().trim_start_matches("sabotage:")
    }
}
