//! A table as Markdown has it, with its columns below each other.

/// Draws it: the first row is its head. `right` says which columns are numbers.
pub fn draw(rows: &[Vec<String>], right: impl Fn(usize) -> bool) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let mut drawn = String::new();
    for (at, row) in rows.iter().enumerate() {
        let cells = row.iter().zip(&widths).enumerate();
        drawn += &line(
            cells
                .map(|(column, (cell, width))| match right(column) {
                    true => format!("{cell:>width$}"),
                    false => format!("{cell:<width$}"),
                })
                .collect(),
        );
        if at == 0 {
            drawn += &line(widths.iter().map(|width| "-".repeat(*width)).collect());
        }
    }
    drawn
}

#[cfg(test)]
mod tests {
    use super::draw;

    #[test]
    fn columns_stand_below_each_other() {
        let rows = [["what", "µs"], ["a", "12.5"]].map(|row| row.map(str::to_owned).to_vec());
        let expected = "| what |   µs |\n| ---- | ---- |\n| a    | 12.5 |\n";
        assert_eq!(draw(&rows, |column| column == 1), expected);
    }
}
