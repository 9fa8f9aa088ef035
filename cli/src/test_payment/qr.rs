//! The pay link as a picture in the terminal, for the telephone that pays.

use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;

/// The link in half blocks, two rows of modules a line. `None` where it is too long for a code.
pub fn picture(link: &str) -> Option<String> {
    let code = QrCode::new(link).ok()?;
    // Terminals write light on dark: what is light in the code is what is written.
    let picture = code
        .render::<Dense1x2>()
        .dark_color(Dense1x2::Light)
        .light_color(Dense1x2::Dark)
        .build();
    Some(picture)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The frame around the code is light, and every line is as wide as the next.
    #[test]
    fn a_link_becomes_a_square_of_half_blocks() {
        let picture = picture("https://pay.example.com/pay/abcdefghijklmnopqrstuvwxyz").unwrap();
        let lines: Vec<&str> = picture.lines().collect();
        let wide = lines[0].chars().count();
        assert!(lines[0].chars().all(|c| c == '█'), "{picture}");
        assert!(lines.iter().all(|line| line.chars().count() == wide));
        assert!(wide > 30 && wide.abs_diff(2 * lines.len()) <= 1);
        assert!(super::picture(&"x".repeat(5_000)).is_none());
    }
}
