//! Whether failures that go on are kept quiet.

use std::io::IsTerminal as _;

use crate::config::{Config, Environment, Origin, Repeats};

/// Variables by which those make themselves known who keep what each run prints, or show it to
/// whoever looks at that run: there each has to speak for itself.
const KEEPERS: [&str; 4] = ["CI", "GITHUB_ACTIONS", "JOURNAL_STREAM", "KUBERNETES_SERVICE_HOST"];

/// Whether those that go on are kept quiet.
pub(in crate::commands) fn are_quiet(config: &Config, env: &Environment, command: &str) -> bool {
    let by_flag = matches!(config.origin("watch.quiet_repeats"), Origin::Flag(_));
    let is_heard = command != "sync" || KEEPERS.iter().any(|name| env.get(name).is_some());
    decide(config.watch.quiet_repeats, by_flag, is_heard, std::io::stderr().is_terminal())
}

/// Quiet is for the mails of cron. What a person types, or others keep run by run, is only quiet where
/// that very command line says so.
fn decide(setting: Repeats, by_flag: bool, is_heard: bool, is_terminal: bool) -> bool {
    match setting {
        Repeats::Auto => !is_heard && !is_terminal,
        Repeats::Quiet => by_flag || !is_heard,
        Repeats::Said => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_is_for_the_mails_of_cron() {
        use Repeats::{Auto, Quiet, Said};
        for (setting, by_flag, is_heard, is_terminal, quiet) in [
            (Auto, false, false, false, true),
            (Auto, false, false, true, false),
            (Auto, false, true, false, false),
            (Quiet, false, false, true, true),
            (Quiet, false, true, false, false),
            (Quiet, true, true, false, true),
            (Said, true, false, false, false),
        ] {
            let case = (setting, by_flag, is_heard, is_terminal);
            assert_eq!(decide(setting, by_flag, is_heard, is_terminal), quiet, "{case:?}");
        }
        let of = |command: &str, pairs: &[(&str, &str)]| {
            let mut config = Config::default();
            config.watch.quiet_repeats = Quiet;
            are_quiet(&config, &pairs.iter().copied().collect(), command)
        };
        assert!(of("sync", &[]) && of("sync", &[("CI", "")]));
        assert!(!of("sync-project", &[]) && !of("letta-push", &[]));
        for name in KEEPERS {
            assert!(!of("sync", &[(name, "1")]), "{name}");
        }
    }
}
