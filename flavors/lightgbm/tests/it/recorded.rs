//! All recorded cases.

use crate::case::{check, folder};

#[test]
fn every_recorded_case_is_answered_as_the_library_did() {
    let mut cases = 0;
    for entry in fs_err::read_dir(folder("")).expect("the cases") {
        let path = entry.expect("an entry").path();
        if path.join("expected.json").is_file() {
            check(&path);
            cases += 1;
        }
    }
    assert!(cases >= 62, "{cases} cases");
}
