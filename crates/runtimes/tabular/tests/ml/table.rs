//! The table of operators in the README.

use std::path::Path;

/// The lines around the table.
const MARKS: (&str, &str) = (
    "<!-- table of operators -->\n",
    "<!-- end of the table -->\n",
);

/// `FLOWGATE_WRITE_TABLE=1 cargo test -p runtime-tabular --test ml table` writes it anew.
#[test]
fn the_table_in_the_readme_is_that_of_the_operators() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let text = fs_err::read_to_string(&path).expect("a README");
    let (before, rest) = text.split_once(MARKS.0).expect("a mark before the table");
    let (found, after) = rest.split_once(MARKS.1).expect("a mark behind the table");
    let table = runtime_tabular::table_of_operators();
    #[expect(clippy::disallowed_methods, reason = "a wish of whoever runs this")]
    let write = std::env::var_os("FLOWGATE_WRITE_TABLE").is_some();
    if write {
        let text = [before, MARKS.0, &table, MARKS.1, after].concat();
        fs_err::write(&path, text).expect("a README that can be written");
        return;
    }
    assert_eq!(found, table);
}
