//! Random histories on both sides, with faults and kills.
//!
//! `MODEL_CASES=2000 MODEL_SEED=7 cargo test --test behaviour model::` runs more of them, and others.
//! A failure prints the shortest history that still fails, and the story of its run.

mod action;
mod book;
mod history;

use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};

use crate::support::BridgeGeneration::{self, First, Second};

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |text| text.parse().unwrap())
}

/// Histories of one bridge generation; the same ones each time, unless a seed is given.
fn run(bridge: BridgeGeneration, cases: u64) {
    let cases = u32::try_from(number("MODEL_CASES", cases)).unwrap();
    let seed = number("MODEL_SEED", 1);
    let config =
        Config { cases, failure_persistence: None, max_shrink_iters: 300, ..Config::default() };
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let ended = runner.run(&history::histories(), |history| {
        history::play(bridge, &history).map_err(proptest::test_runner::TestCaseError::fail)
    });
    match ended {
        Ok(()) => {}
        Err(TestError::Fail(why, history)) => {
            let again = history::play(bridge, &history).err();
            panic!(
                "seed {seed}, {bridge:?}: {why}\n\n{history:#?}\n\nonce more: {}",
                again.as_deref().unwrap_or("it did not fail again: it depends on the time")
            );
        }
        Err(TestError::Abort(why)) => panic!("{why}"),
    }
}

#[test]
fn random_histories_end_equal_and_nothing_is_lost() {
    run(Second, 12);
}

#[test]
fn random_histories_over_an_old_bridge_end_equal_and_nothing_is_lost() {
    run(First, 12);
}
