//! One setting: what it is called, means, reads from and is shown as.

use super::Config;

/// Before the names of all variables that are ours.
pub(super) const PREFIX: &str = "HULY_VIBE_SYNC_";

/// Makes one text of a table of the file.
pub(super) type Join = fn(&[(&str, &str)]) -> Result<String, String>;

/// One setting.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// `section.field`
    pub name: &'static str,
    /// In a sentence or two.
    pub meaning: &'static str,
    /// A value to show where the default is none.
    pub sample: &'static str,
    /// The variable of the earlier service that means the same.
    pub old: Option<&'static str>,
    /// Whether file and environment may hold it; the others are said anew for each run.
    pub stored: bool,
    /// Whether a change makes the next pass look at everything again.
    pub rereads: bool,
    /// Whether `<key>_file`, and the variables with `_FILE`, may name a file that holds the value.
    pub from_file: bool,
    pub(super) join: Join,
    pub(super) set: fn(&mut Config, &str) -> Result<(), String>,
    pub(super) show: fn(&Config) -> String,
}

impl Key {
    /// Takes a value in the form that all places share; the error says what would do.
    pub(super) fn set(&self, config: &mut Config, text: &str) -> Result<(), String> {
        (self.set)(config, text)
    }

    /// A table of the file, in the form that all places share.
    pub(super) fn join(&self, pairs: &[(&str, &str)]) -> Result<String, String> {
        (self.join)(pairs)
    }

    /// Whether a value can be used; for flags.
    ///
    /// # Errors
    /// Says what would do.
    pub fn check(&self, text: &str) -> Result<(), String> {
        self.set(&mut Config::default(), text)
    }

    /// The value that holds, in the form that the environment takes; empty where there is none.
    #[must_use]
    pub fn show(&self, config: &Config) -> String {
        (self.show)(config)
    }

    /// The name without its section.
    #[must_use]
    pub fn field(&self) -> &'static str {
        self.name.split_once('.').map_or(self.name, |(_, field)| field)
    }

    /// `HULY_VIBE_SYNC_<SECTION>_<KEY>`
    #[must_use]
    pub fn variable(&self) -> String {
        format!("{PREFIX}{}", self.name.replace('.', "_").to_uppercase())
    }

    pub(super) const fn sample(mut self, sample: &'static str) -> Self {
        self.sample = sample;
        self
    }

    pub(super) const fn old(mut self, variable: &'static str) -> Self {
        self.old = Some(variable);
        self
    }

    pub(super) const fn joined(mut self, join: Join) -> Self {
        self.join = join;
        self
    }

    pub(super) const fn or_file(mut self) -> Self {
        self.from_file = true;
        self
    }

    pub(super) const fn for_one_run(mut self) -> Self {
        self.stored = false;
        self
    }

    pub(super) const fn rereads(mut self) -> Self {
        self.rereads = true;
        self
    }
}

/// Makes a [`Key`] of `section.field`, or of another place in [`Config`], with the codec of its value.
macro_rules! key {
    ($section:ident.$field:ident, $codec:expr, $meaning:expr) => {
        key!($section.$field in $section.$field, $codec, $meaning)
    };
    ($section:ident.$field:ident in $($place:ident).+, $codec:expr, $meaning:expr) => {
        Key {
            name: concat!(stringify!($section), ".", stringify!($field)),
            meaning: $meaning,
            sample: "",
            old: None,
            stored: true,
            rereads: false,
            from_file: false,
            join: |pairs| Ok(maps::pairs(pairs.iter().copied())),
            set: |config, text| {
                config.$($place).+ = ($codec.read)(text)?;
                Ok(())
            },
            show: |config| ($codec.show)(&config.$($place).+),
        }
    };
}
pub(super) use key;
