//! Every input that is kept, through its target: what the fuzzer found once is found no more.

use std::panic::catch_unwind;

use sessio_fuzz::{TARGETS, seeds};

#[test]
fn no_kept_input_makes_its_target_panic() {
    let mut failed = Vec::new();
    for (target, run) in TARGETS {
        let inputs = seeds::of(target);
        assert!(inputs.len() >= 5, "{target} has {} inputs", inputs.len());
        for input in inputs {
            if catch_unwind(|| run(&input)).is_err() {
                failed.push(format!("{target}: {}", seeds::line(&input)));
            }
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// Inputs that no fuzzer would make first: all short ones, and cut and doubled seeds.
#[test]
fn changed_inputs_are_survived() {
    for (target, run) in TARGETS {
        (0..=255).for_each(|byte| run(&[byte]));
        run(&[]);
        for input in seeds::of(target) {
            (0..input.len()).step_by(1 + input.len() / 16).for_each(|end| run(&input[..end]));
            run(&[&input[..], &input].concat());
        }
    }
}

#[test]
fn lines_and_inputs_are_each_others_inverse() {
    let all: Vec<u8> = (0..=255).collect();
    for input in [&all[..], b"", b"#a", b"\\", b"a\"b'", "é".as_bytes()] {
        assert_eq!(seeds::parse(&seeds::line(input)), [input.to_vec()], "{}", seeds::line(input));
    }
}

#[test]
fn every_target_has_a_program_and_a_file_of_seeds() {
    let stems = |folder: &str, ending: &str| {
        let folder = seeds::folder().with_file_name(folder);
        let files = std::fs::read_dir(folder).expect("a folder");
        let names =
            files.map(|file| file.expect("a file").file_name().into_string().expect("text"));
        let mut stems: Vec<String> =
            names.filter_map(|name| name.strip_suffix(ending).map(str::to_owned)).collect();
        stems.sort();
        stems
    };
    let mut names: Vec<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    names.sort();
    assert_eq!(stems("fuzz_targets", ".rs"), names);
    assert_eq!(stems("seeds", ".txt"), names);
}
