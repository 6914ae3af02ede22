//! What a plan may do to a project before a person has to say that it is meant.

use crate::config;

/// What a plan would do to one project.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Pairs that the project has, those adopted in this pass included.
    pub links: u64,
    /// Items deleted, or cancelled because their other half was.
    pub deletions: u64,
    /// Values overwritten against a change of their own, and texts that become blank.
    pub overwrites: u64,
    /// New issues.
    pub creates_huly: u64,
    /// New tasks.
    pub creates_vibe: u64,
    /// The project was never synced to its end.
    pub first_pass: bool,
}

/// Which kinds are withheld; the rest of the plan goes on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Deletions and cancellations.
    pub deletions: bool,
    /// Overwritten values.
    pub overwrites: bool,
    /// New issues.
    pub creates_huly: bool,
    /// New tasks.
    pub creates_vibe: bool,
}

impl Verdict {
    /// Whether anything is withheld.
    #[must_use]
    pub fn refuses(self) -> bool {
        self.deletions || self.overwrites || self.creates_huly || self.creates_vibe
    }
}

/// Judges the whole plan of one project, before its first write.
#[must_use]
pub fn judge(rules: &config::Guard, counts: Counts) -> Verdict {
    let over_share = |count: u64| count * 100 > counts.links * u64::from(rules.share);
    let destroys = |count: u64| count > rules.count && over_share(count);
    let floods = |count: u64| count > rules.create && over_share(count);
    Verdict {
        deletions: !rules.allow_delete && destroys(counts.deletions),
        overwrites: !rules.allow_overwrite && destroys(counts.overwrites),
        creates_huly: !rules.allow_create
            && if counts.first_pass {
                counts.creates_huly > rules.create
            } else {
                floods(counts.creates_huly)
            },
        // Filling an empty board is what a first pass is for.
        creates_vibe: !rules.allow_create && !counts.first_pass && floods(counts.creates_vibe),
    }
}

/// Whether making this many Vibe projects at once needs a person's word.
#[must_use]
pub fn too_many_projects(rules: &config::Guard, new: u64, pairs: u64) -> bool {
    !rules.allow_create && pairs > 0 && new > rules.projects
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: config::Guard = config::Guard {
        share: 25,
        count: 5,
        create: 50,
        projects: 20,
        allow_delete: false,
        allow_overwrite: false,
        allow_create: false,
    };

    #[test]
    fn a_few_deletions_pass_however_small_the_project() {
        assert!(!judge(&RULES, Counts { links: 5, deletions: 5, ..Counts::default() }).deletions);
    }

    #[test]
    fn a_quarter_passes_and_more_does_not() {
        let counts = |deletions| Counts { links: 40, deletions, ..Counts::default() };
        assert!(!judge(&RULES, counts(10)).deletions);
        assert!(judge(&RULES, counts(11)).deletions);
    }

    #[test]
    fn each_kind_is_judged_and_allowed_alone() {
        let counts = Counts { links: 10, deletions: 9, overwrites: 9, ..Counts::default() };
        let verdict = judge(&config::Guard { allow_delete: true, ..RULES }, counts);
        assert!(!verdict.deletions && verdict.overwrites);
    }

    #[test]
    fn a_first_pass_fills_vibe_but_does_not_flood_huly() {
        let counts =
            Counts { creates_huly: 51, creates_vibe: 2000, first_pass: true, ..Counts::default() };
        let verdict = judge(&RULES, counts);
        assert!(verdict.creates_huly && !verdict.creates_vibe);
    }

    #[test]
    fn later_creations_are_measured_against_the_project() {
        let counts = |creates_huly| Counts { links: 1000, creates_huly, ..Counts::default() };
        assert!(!judge(&RULES, counts(250)).creates_huly);
        assert!(judge(&RULES, counts(251)).creates_huly);
    }

    #[test]
    fn many_new_projects_beside_existing_pairs_need_a_word() {
        assert!(!too_many_projects(&RULES, 400, 0));
        assert!(too_many_projects(&RULES, 21, 1));
        assert!(!too_many_projects(&RULES, 20, 1));
    }
}
