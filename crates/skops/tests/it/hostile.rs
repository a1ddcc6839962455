//! Octets that are no such file, or lie. `Ok` is allowed (a changed name is still a name); a panic
//! or a wait is not.

use crate::{DEFLATED, STORED, with_root, zip};
use flowgate_skops::{Error, Limits, Node, read_npy};
use std::time::{Duration, Instant};

/// Everything a caller may do with a file, so that a panic anywhere shows.
fn look_at_everything(octets: &[u8]) -> bool {
    let limits = Limits {
        unpacked: 16 << 20,
        ..Limits::default()
    };
    let looked = with_root(octets, &limits, |root| {
        look(root, 0);
        for key in ["encoder", "dict", "default", "list", "ints", "objects"] {
            if let Ok(Some(node)) = root.get(key) {
                look(node, 0);
            }
        }
        Ok(())
    });
    if let Err(error) = &looked {
        assert!(error.to_string().len() < 1_000, "{error}");
    }
    looked.is_ok()
}

fn look(node: Node<'_>, depth: usize) {
    let _ = (node.class(), node.is_none(), node.text(), node.integer());
    let _ = (node.float(), node.boolean(), node.array());
    for key in ["classes_", "inner", "k"] {
        if let Ok(Some(node)) = node.get(key)
            && depth < 3
        {
            look(node, depth + 1);
        }
    }
    if let Ok(items) = node.items()
        && depth < 3
    {
        items.for_each(|node| look(node, depth + 1));
    }
}

#[test]
fn a_file_cut_off_anywhere_is_refused() {
    for end in (0..DEFLATED.len()).chain((0..STORED.len()).step_by(61)) {
        let file = if end < DEFLATED.len() {
            DEFLATED
        } else {
            STORED
        };
        assert!(!look_at_everything(&file[..end]), "{end} octets");
    }
}

#[test]
fn changed_files_do_no_harm() {
    let mut random = Xorshift(0x9e37_79b9_7f4a_7c15);
    for turn in 0..3_000 {
        let mut file = [STORED, DEFLATED][turn % 2].to_vec();
        for _ in 0..=random.below(4) {
            let at = random.below(file.len());
            match random.below(3) {
                0 => file[at] = random.below(256) as u8,
                1 => file[at] ^= 1 << random.below(8),
                _ => {
                    let end = (at + 1 + random.below(16)).min(file.len());
                    file.drain(at..end);
                }
            }
        }
        look_at_everything(&file);
    }
}

#[test]
fn changed_schemas_do_no_harm() {
    let schema = with_root(STORED, &Limits::default(), |_| Ok(())).map(|()| schema());
    let schema = schema.expect("a schema");
    let mut random = Xorshift(0x2545_f491_4f6c_dd1d);
    for _ in 0..300 {
        let mut changed = schema.clone();
        for _ in 0..=random.below(3) {
            let at = random.below(changed.len());
            let letters = b"{}[]\",:0a\\ ";
            changed[at] = letters[random.below(letters.len())];
        }
        look_at_everything(&zip(&[("schema.json", &changed)]));
    }
}

fn schema() -> Vec<u8> {
    use std::io::Read as _;
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(STORED)).expect("a zip");
    let mut octets = Vec::new();
    let mut entry = archive.by_name("schema.json").expect("a schema");
    entry.read_to_end(&mut octets).expect("read");
    octets
}

#[test]
fn an_entry_that_lies_about_its_size_is_refused() {
    let schema = vec![b' '; 5_000_000];
    let mut deflated = std::io::Cursor::new(Vec::new());
    {
        use std::io::Write as _;
        let mut writer = zip::ZipWriter::new(&mut deflated);
        let options = zip::write::SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Deflated);
        writer.start_file("schema.json", options).expect("started");
        writer.write_all(&schema).expect("written");
        writer.finish().expect("finished");
    }
    let size = 5_000_000_u32.to_le_bytes();
    for lie in [100_u32, 4_999_999, 5_000_001, u32::MAX - 1] {
        let mut file = deflated.get_ref().clone();
        let places: Vec<usize> = (0..file.len() - 4)
            .filter(|at| file[*at..*at + 4] == size)
            .collect();
        assert!(!places.is_empty(), "the size is somewhere");
        for at in places {
            file[at..at + 4].copy_from_slice(&lie.to_le_bytes());
        }
        let read = with_root(&file, &Limits::default(), |_| Ok(()));
        let error = read.expect_err("a lie").to_string();
        assert!(error.starts_with("`schema.json`: "), "{lie}: {error}");
    }
}

#[test]
fn what_unpacks_to_more_than_is_taken_is_refused_before_it_is_unpacked() {
    let limits = Limits {
        unpacked: 10_000,
        ..Limits::default()
    };
    let error = with_root(STORED, &limits, |_| Ok(())).expect_err("too much");
    assert_eq!(
        error.to_string(),
        "`schema.json`: the file unpacks to more than is taken"
    );
    // Reading one array again and again counts again.
    let limits = Limits {
        unpacked: schema().len() as u64 + 1_000,
        ..Limits::default()
    };
    let error = with_root(STORED, &limits, |root| {
        (0..100).try_for_each(|_| root.need("ints")?.array().map(drop))
    });
    assert!(error.is_err(), "a hundred arrays");
}

#[test]
fn values_and_depth_are_bounded() {
    let limits = Limits {
        values: 1_000,
        ..Limits::default()
    };
    let error = with_root(STORED, &limits, |_| Ok(())).expect_err("too many");
    assert_eq!(
        error.to_string(),
        "`schema.json`: it has more than 1000 values"
    );
    let deep = ["[".repeat(10_000), "]".repeat(10_000)].concat();
    let file = zip(&[("schema.json", deep.as_bytes())]);
    for depth in [10, 256, usize::MAX] {
        let limits = Limits {
            depth,
            ..Limits::default()
        };
        let error = with_root(&file, &limits, |_| Ok(())).expect_err("too deep");
        let deepest = depth.min(Limits::MAX_DEPTH);
        let reason = format!("nested deeper than {deepest} levels");
        assert!(error.to_string().contains(&reason), "{error}");
    }
    let limits = Limits {
        entries: 3,
        ..Limits::default()
    };
    assert!(with_root(STORED, &limits, |_| Ok(())).is_err());
}

#[test]
fn what_is_no_file_of_skops_is_refused_with_a_reason() {
    let refused = |octets: &[u8]| -> String {
        let error: Error = with_root(octets, &Limits::default(), |_| Ok(())).expect_err("refused");
        error.to_string()
    };
    assert!(refused(b"").starts_with("it is no zip: "));
    assert!(refused(b"\x80\x04\x95").starts_with("it is no zip: "));
    assert!(refused(&zip(&[("x", b"{}")])).starts_with("`schema.json`: "));
    for (schema, reason) in [
        ("{}", "it does not say which protocol of skops it is of"),
        (r#"{"protocol": true}"#, "it does not say which protocol"),
        (
            r#"{"protocol": 3}"#,
            "it is of protocol 3 of skops, up to 2 is known",
        ),
        (
            r#"{"protocol": 2, "protocol": 2}"#,
            "the key `protocol` is there twice",
        ),
        ("", "it is not JSON: expected a value at line 1, column 1"),
        (
            "{}{}",
            "it is not JSON: expected the end at line 1, column 3",
        ),
        (
            r#"{"protocol": 2, "x": "\ud800"}"#,
            "a text holds half a character",
        ),
    ] {
        let found = refused(&zip(&[("schema.json", schema.as_bytes())]));
        assert!(found.contains(reason), "{schema}: {found}");
    }
}

#[test]
fn a_million_announced_elements_take_neither_time_nor_memory() {
    let start = Instant::now();
    for shape in ["(1000000000,)", "(1000000, 1000000)", "(10000000,)"] {
        let head = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}\n");
        let length = u16::try_from(head.len()).expect("short").to_le_bytes();
        let file = [b"\x93NUMPY\x01\x00", &length[..], head.as_bytes(), &[0; 64]].concat();
        assert!(read_npy(&file).is_err(), "{shape}");
    }
    assert!(start.elapsed() < Duration::from_secs(1));
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
