//! A figure: what each round said, its median, and what it is held against. Integers throughout: thousandths.

use serde_json::{Value, json};

/// Thousandths of a unit.
pub type Milli = u64;

/// A bound that a figure is held against.
#[derive(Clone, Copy)]
pub enum Bound {
    /// At most.
    Max(Milli),
    /// At least.
    Min(Milli),
}

impl Bound {
    /// Whether a value keeps it.
    pub fn holds(self, value: Milli) -> bool {
        match self {
            Bound::Max(max) => value <= max,
            Bound::Min(min) => value >= min,
        }
    }

    fn text(self) -> String {
        match self {
            Bound::Max(max) => format!("≤ {}", text(max)),
            Bound::Min(min) => format!("≥ {}", text(min)),
        }
    }
}

/// A figure with the values of all rounds.
pub struct Figure {
    name: &'static str,
    unit: &'static str,
    values: Vec<Milli>,
    goal: Option<Bound>,
    gate: Option<Bound>,
}

impl Figure {
    /// A figure that is held against nothing.
    pub fn new(name: &'static str, unit: &'static str, mut values: Vec<Milli>) -> Figure {
        values.sort_unstable();
        Figure {
            name,
            unit,
            values,
            goal: None,
            gate: None,
        }
    }

    /// The same with what is wanted.
    pub fn goal(mut self, goal: Bound) -> Figure {
        self.goal = Some(goal);
        self
    }

    /// The same with what is demanded: a run that misses it fails.
    pub fn gate(mut self, gate: Bound) -> Figure {
        self.gate = Some(gate);
        self
    }

    /// What it is called.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The value in the middle.
    pub fn median(&self) -> Milli {
        self.values
            .get(self.values.len() / 2)
            .copied()
            .unwrap_or_default()
    }

    /// Whether what is demanded is kept.
    pub fn holds(&self) -> bool {
        self.gate.is_none_or(|gate| gate.holds(self.median()))
    }

    /// The cells of its line: name, unit, median, least, most, goal, gate.
    pub fn cells(&self) -> [String; 7] {
        let end = |value: Option<&Milli>| text(value.copied().unwrap_or_default());
        let against = |bound: Option<Bound>| {
            bound.map_or_else(String::new, |bound| {
                let word = if bound.holds(self.median()) {
                    "yes"
                } else {
                    "no"
                };
                format!("{} {word}", bound.text())
            })
        };
        [
            self.name.to_owned(),
            self.unit.to_owned(),
            text(self.median()),
            end(self.values.first()),
            end(self.values.last()),
            against(self.goal),
            against(self.gate),
        ]
    }

    /// For scripts: thousandths as they are.
    pub fn json(&self) -> Value {
        let bound = |bound: Option<Bound>| {
            bound.map(|bound| json!({ "bound": bound.text(), "holds": bound.holds(self.median()) }))
        };
        json!({
            "name": self.name,
            "unit": self.unit,
            "median_thousandths": self.median(),
            "values_thousandths": self.values,
            "goal": bound(self.goal),
            "gate": bound(self.gate),
        })
    }
}

/// Thousandths as a decimal of about three digits.
pub fn text(value: Milli) -> String {
    match value {
        0..=9_999 => format!("{}.{:03}", value / 1_000, value % 1_000),
        10_000..=99_999 => format!("{}.{}", value / 1_000, value % 1_000 / 100),
        _ => (value / 1_000).to_string(),
    }
}

/// A part of a whole in thousandths; of nothing it is nothing.
pub fn ratio(part: u64, whole: u64) -> Milli {
    let parts = u128::from(part) * 1_000 / u128::from(whole.max(1));
    u64::try_from(parts).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_its_median_and_the_gate_holds_against_that() {
        let figure = |bound| Figure::new("a", "b", vec![900, 100, 500]).gate(bound);
        assert_eq!(figure(Bound::Max(0)).median(), 500);
        for (bound, holds) in [
            (Bound::Max(500), true),
            (Bound::Max(499), false),
            (Bound::Min(500), true),
            (Bound::Min(501), false),
        ] {
            assert_eq!(figure(bound).holds(), holds);
        }
        assert!(Figure::new("a", "b", vec![900]).goal(Bound::Max(1)).holds());
    }

    #[test]
    fn thousandths_read_as_decimals() {
        for (value, expected) in [
            (0, "0.000"),
            (25, "0.025"),
            (9_999, "9.999"),
            (12_340, "12.3"),
            (5_000_999, "5000"),
        ] {
            assert_eq!(text(value), expected);
        }
        assert_eq!(ratio(1, 3), 333);
        assert_eq!(ratio(u64::MAX, 1), u64::MAX);
        assert_eq!(ratio(5, 0), 5_000);
    }
}
