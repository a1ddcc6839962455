//! Bytes that are not a model. `Ok` is allowed (a changed name is still a name); a panic is not.

use flowgate_onnx::{Limits, Model, trees, zipmap};

use crate::real_files::{FILES, bytes};

/// Everything a caller may do with a file, so that a panic anywhere shows.
fn look_at_everything(file: Vec<u8>) -> bool {
    let limits = Limits {
        memory: 16 << 20,
        ..Limits::default()
    };
    let model = match Model::read(file.into(), &limits) {
        Ok(model) => model,
        Err(error) => {
            assert!(error.to_string().len() < 2_000, "{error}");
            return false;
        }
    };
    for node in model.all_nodes() {
        let _ = trees::check(node);
        for attribute in node.attributes() {
            let _ = node
                .tensor(attribute.name())
                .map(|t| t.map(|t| t.contents()));
            let _ = node.string(attribute.name());
            let _ = node.strings(attribute.name());
        }
    }
    for tensor in model.graph().initializers() {
        let _ = tensor.contents();
    }
    let _ = zipmap::find(&model);
    if let Ok(proto) = zipmap::without(&model) {
        let _ = Model::from_proto(proto, &limits);
    }
    true
}

#[test]
fn a_file_cut_off_anywhere_does_no_harm() {
    for (name, file) in FILES {
        let mut read = 0;
        for end in 0..file.len() {
            read += usize::from(look_at_everything(file[..end].to_vec()));
        }
        // a cut between two fields of the file itself can leave a whole graph behind
        assert!(
            read < 8,
            "{name}: {read} of {} cuts were accepted",
            file.len()
        );
    }
}

#[test]
fn two_thousand_changed_files_do_no_harm() {
    let mut random = Xorshift(0x9e37_79b9_7f4a_7c15);
    let mut refused = 0;
    for turn in 0..2_000 {
        let (_, original) = FILES[turn % FILES.len()];
        let mut file = original.to_vec();
        for _ in 0..=random.below(4) {
            let at = random.below(file.len());
            match random.below(4) {
                0 => file[at] = random.below(256) as u8,
                1 => file[at] ^= 1 << random.below(8),
                2 => file.insert(at, 0xff),
                _ => {
                    let end = (at + 1 + random.below(16)).min(file.len());
                    file.drain(at..end);
                }
            }
        }
        refused += usize::from(!look_at_everything(file));
    }
    assert!((500..2_000).contains(&refused), "{refused} were refused");
}

#[test]
fn files_of_one_byte_repeated_do_no_harm() {
    for byte in 0..=255 {
        for length in [1, 2, 3, 64, 4_096] {
            look_at_everything(vec![byte; length]);
        }
    }
    assert!(!look_at_everything(Vec::new()));
    assert!(look_at_everything(bytes("cnn").to_vec()));
}

/// Marsaglia's xorshift: the same changes on every run.
struct Xorshift(u64);

impl Xorshift {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound as u64).expect("below a usize")
    }
}
