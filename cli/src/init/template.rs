//! The settings file as a text with places for values. The example beside the workspace's manifest is the English one,
//! so what `init` writes and what the manual says cannot part.

use quittance_core::Lang;

const ENGLISH: &str = include_str!("../../../quittance.example.toml");
const CHINESE: &str = include_str!("quittance.zh.toml");

/// A settings file in the making.
pub struct Template {
    lines: Vec<String>,
}

impl Template {
    /// With comments in this language.
    pub fn new(lang: Lang) -> Template {
        let text = lang.pick(ENGLISH, CHINESE);
        Template {
            lines: text.lines().map(str::to_owned).collect(),
        }
    }

    /// Writes a setting in its place, whether it was shown as a comment or not. `None` where there is no such place.
    #[must_use]
    pub fn set(&mut self, section: &str, name: &str, value: &str) -> Option<()> {
        let place = self.place(section, name)?;
        self.lines[place] = format!("{name} = {value}");
        Some(())
    }

    /// Shows a setting as a comment, with this value.
    #[must_use]
    pub fn show(&mut self, section: &str, name: &str, value: &str) -> Option<()> {
        let place = self.place(section, name)?;
        self.lines[place] = format!("# {name} = {value}");
        Some(())
    }

    /// Takes the comment off a section's heading.
    #[must_use]
    pub fn open(&mut self, section: &str) -> Option<()> {
        let place = self.lines.iter().position(|line| bare(line) == section)?;
        self.lines[place] = section.to_owned();
        Some(())
    }

    /// The text of the file.
    pub fn text(&self) -> String {
        self.lines.join("\n") + "\n"
    }

    /// The line of a setting. `section` is its heading, empty for what stands above all of them.
    fn place(&self, section: &str, name: &str) -> Option<usize> {
        let begin = match section {
            "" => 0,
            section => self.lines.iter().position(|line| bare(line) == section)? + 1,
        };
        let is_setting = |line: &str| {
            let rest = bare(line).strip_prefix(name);
            rest.is_some_and(|rest| rest.starts_with(" = "))
        };
        let mut section = self.lines.iter().enumerate().skip(begin);
        let until_next = section
            .by_ref()
            .take_while(|(_, line)| !is_heading(bare(line)));
        until_next
            .filter(|(_, line)| is_setting(line))
            .map(|(place, _)| place)
            .next()
    }
}

/// A line without the mark of a comment.
fn bare(line: &str) -> &str {
    line.strip_prefix("# ").unwrap_or(line)
}

fn is_heading(line: &str) -> bool {
    line.starts_with('[') && line.ends_with(']')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What both files set or show, with their values, comments left out.
    fn settings(lang: Lang) -> Vec<String> {
        let is_setting = |line: &str| {
            let name = line.split(" = ").next().unwrap_or_default();
            let plain = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
            line.contains(" = ") && name.bytes().all(plain)
        };
        let lines = Template::new(lang).lines;
        let told = lines
            .into_iter()
            .filter(|line| is_setting(bare(line)) || is_heading(bare(line)));
        told.collect()
    }

    #[test]
    fn both_languages_have_the_same_settings() {
        let english = settings(Lang::En);
        assert!(english.len() > 30, "{english:?}");
        assert_eq!(english, settings(Lang::Zh));
    }

    #[test]
    fn a_setting_is_found_in_its_own_section_only() {
        let mut template = Template::new(Lang::En);
        assert!(template.set("", "partner", "1").is_none());
        assert!(template.set("[accounts.main]", "gaps", "1").is_none());
        assert!(template.set("[accounts.other]", "partner", "1").is_none());
        template
            .set("[accounts.main]", "seller_email", "\"x\"")
            .unwrap();
        template.show("[log]", "level", "\"y\"").unwrap();
        let text = template.text();
        assert!(text.contains("\nseller_email = \"x\"\n") && text.contains("\n# level = \"y\"\n"));
        assert_eq!(text.lines().count(), ENGLISH.lines().count());
    }
}
